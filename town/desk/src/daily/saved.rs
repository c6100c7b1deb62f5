//! Views that agents keep under a name: of the inbox or of the search, for themselves or for their department.

use beffroi_core::Id;
use beffroi_store::{Result, Row, ToValue, Tx, marks};
use uuid::Uuid;

/// The longest name, in characters.
pub(crate) const LONGEST_NAME: usize = 60;
/// Views that one agent may keep.
pub(crate) const AT_MOST: i64 = 50;
/// Longer addresses are no views.
const LONGEST_QUERY: usize = 1_000;
/// The pages that have views.
pub(crate) const PATHS: [&str; 2] = ["/agents", "/agents/recherche"];

/// A view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) id: Id<Self>,
    pub(crate) owner: Uuid,
    /// The department with which it is shared; `""` where it is the owner's alone.
    pub(crate) department: String,
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) query: String,
}

impl View {
    /// Where it leads.
    pub(crate) fn href(&self) -> String {
        format!("{}?{}", self.path, self.query)
    }
}

fn read(row: &mut Row) -> Result<View> {
    Ok(View {
        id: row.get(0)?,
        owner: row.get(1)?,
        department: row.get(2)?,
        name: row.get(3)?,
        path: row.get(4)?,
        query: row.get(5)?,
    })
}

/// The views of an agent, and those that these departments share.
pub(crate) fn of(tx: &mut Tx<'_>, agent: Uuid, departments: &[&str]) -> Result<Vec<View>> {
    let mut params: Vec<&dyn ToValue> = vec![&agent];
    params.extend(departments.iter().map(|slug| slug as &dyn ToValue));
    let shared = if departments.is_empty() {
        String::new()
    } else {
        format!(" OR department IN ({})", marks(2, departments.len()))
    };
    let sql = format!(
        "SELECT id, owner, department, name, path, query FROM desk_saved_filter WHERE owner = $1{shared} \
         ORDER BY name, id LIMIT 200"
    );
    tx.query(&sql, &params, read)
}

/// Keeps a view; `None` where its name is empty, its address is none of ours, or there are too many.
pub(crate) fn keep(
    tx: &mut Tx<'_>,
    owner: Uuid,
    department: &str,
    name: &str,
    (path, query): (&str, &str),
) -> Result<Option<Id<View>>> {
    let many: i64 =
        tx.query_one("SELECT COUNT(*) FROM desk_saved_filter WHERE owner = $1", &[&owner], |row| row.get(0))?;
    let name: String = name.trim().chars().take(LONGEST_NAME).collect();
    let known = PATHS.contains(&path) && query.len() <= LONGEST_QUERY && !query.contains(['\r', '\n', '#']);
    if many >= AT_MOST || name.is_empty() || !known {
        return Ok(None);
    }
    let id: Id<View> = tx.new_id();
    tx.execute(
        "INSERT INTO desk_saved_filter (id, owner, department, name, path, query) VALUES ($1, $2, $3, $4, $5, $6)",
        &[&id, &owner, &department, &name, &path, &query],
    )?;
    Ok(Some(id))
}

/// Forgets a view of one's own; `false` where there is none.
pub(crate) fn forget(tx: &mut Tx<'_>, owner: Uuid, id: Id<View>) -> Result<bool> {
    Ok(tx.execute("DELETE FROM desk_saved_filter WHERE id = $1 AND owner = $2", &[&id, &owner])? > 0)
}
