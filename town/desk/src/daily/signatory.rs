//! Who signs for a department: names and qualities with their delegation. Where a department has such a list, its
//! decisions are signed by one of them; where it has none, by the town's own signatory. Nobody types another name.

use beffroi_core::Id;
use beffroi_people::Town;
use beffroi_store::{Entry, Result, Row, ToValue, Tx, marks};
use serde_json::json;
use uuid::Uuid;

/// The longest name, quality or delegation, in characters.
pub(crate) const LONGEST: usize = 200;
/// Signatories that one department may have.
pub(crate) const AT_MOST: i64 = 50;

/// Who may sign the decisions of a department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signatory {
    /// Which one.
    pub id: Id<Self>,
    /// The department whose decisions they sign.
    pub department: String,
    /// First name and name.
    pub name: String,
    /// In which quality: « L’adjointe à l’urbanisme ».
    pub quality: String,
    /// By which delegation; `""` for who signs by right.
    pub delegation: String,
}

impl Signatory {
    /// Whether it is the town's own signatory, who signs where no other is appointed.
    pub(crate) fn is_of_town(&self) -> bool {
        self.id.uuid().is_nil()
    }
}

/// Those who sign the decisions of a department: the ones appointed for it, one of whom is chosen; where none is, the
/// town's own signatory, as its settings name them. Nobody where these name none.
pub fn who_sign(tx: &mut Tx<'_>, department: &str, town: &Town) -> Result<Vec<Signatory>> {
    let appointed = of_departments(tx, &[department])?;
    if !appointed.is_empty() {
        return Ok(appointed);
    }
    Ok(of_town(department, town).into_iter().collect())
}

/// The town's own signatory, who signs by right; `None` where the settings name none.
pub(crate) fn of_town(department: &str, town: &Town) -> Option<Signatory> {
    let own = &town.signatory;
    let name = format!("{} {}", own.given_name, own.family_name).trim().to_owned();
    (!name.is_empty() && !own.quality.is_empty()).then(|| Signatory {
        id: Id::from_uuid(Uuid::nil()),
        department: department.to_owned(),
        name,
        quality: own.quality.clone(),
        delegation: String::new(),
    })
}

fn read(row: &mut Row) -> Result<Signatory> {
    Ok(Signatory {
        id: row.get(0)?,
        department: row.get(1)?,
        name: row.get(2)?,
        quality: row.get(3)?,
        delegation: row.get(4)?,
    })
}

/// The signatories of these departments, by department and name.
pub(crate) fn of_departments(tx: &mut Tx<'_>, departments: &[&str]) -> Result<Vec<Signatory>> {
    if departments.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT id, department, name, quality, delegation FROM desk_signatory WHERE department IN ({}) \
         ORDER BY department, name, quality LIMIT 2000",
        marks(1, departments.len())
    );
    let params: Vec<&dyn ToValue> = departments.iter().map(|slug| slug as &dyn ToValue).collect();
    tx.query(&sql, &params, read)
}

/// One of them.
pub(crate) fn find(tx: &mut Tx<'_>, id: Id<Signatory>) -> Result<Option<Signatory>> {
    let sql = "SELECT id, department, name, quality, delegation FROM desk_signatory WHERE id = $1";
    tx.query_opt(sql, &[&id], read)
}

/// Adds a signatory; `false` where the department has the same already, or too many. Whoever asks was found to answer
/// for the department.
pub fn add(tx: &mut Tx<'_>, new: &Signatory) -> Result<bool> {
    let Signatory { id, department, name, quality, delegation } = new;
    let many: i64 =
        tx.query_one("SELECT COUNT(*) FROM desk_signatory WHERE department = $1", &[department], |row| {
            row.get(0)
        })?;
    if many >= AT_MOST {
        return Ok(false);
    }
    let made = tx.execute(
        "INSERT INTO desk_signatory (id, department, name, quality, delegation) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (department, name, quality) DO NOTHING",
        &[id, department, name, quality, delegation],
    )?;
    if made == 1 {
        enter(tx, new, "signatory.added")?;
    }
    Ok(made == 1)
}

/// Takes a signatory off the list. What they signed stays as it was signed.
pub(crate) fn remove(tx: &mut Tx<'_>, signatory: &Signatory) -> Result<()> {
    tx.execute("DELETE FROM desk_signatory WHERE id = $1", &[&signatory.id])?;
    enter(tx, signatory, "signatory.removed")
}

/// Signatures bind the town: the journal keeps who could sign, in which quality and by which delegation.
fn enter(tx: &mut Tx<'_>, signatory: &Signatory, kind: &str) -> Result<()> {
    let Signatory { department, name, quality, delegation, .. } = signatory;
    let payload =
        json!({ "department": department, "name": name, "quality": quality, "delegation": delegation });
    tx.journal(&Entry { kind, subject_kind: "signatory", subject_id: signatory.id.uuid(), payload })?;
    Ok(())
}
