//! Labels: words that a department sticks on its cases. A case that goes to another department leaves those of the
//! first behind, and finds them again if it comes back.

use std::collections::HashMap;

use beffroi_core::Id;
use beffroi_store::{Entry, Row, ToValue, Tx, marks, words};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Access, CaseError, Right,
    case::{self, Case},
};

/// The longest name of a label, in characters.
pub const LONGEST_NAME: usize = 30;
/// Labels that one department may have.
pub const AT_MOST: i64 = 50;

words! {
    /// The colour of a label; its name always stands beside it.
    Colour {
        /// Grey.
        Grey = "grey",
        /// Blue.
        Blue = "blue",
        /// Green.
        Green = "green",
        /// Yellow.
        Yellow = "yellow",
        /// Red.
        Red = "red",
        /// Purple.
        Purple = "purple",
    }
}

/// A label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Which one.
    pub id: Id<Self>,
    /// The department that uses it.
    pub department: String,
    /// Its word.
    pub name: String,
    /// Its colour.
    pub colour: Colour,
}

/// Makes a label, for a department whose cases the agent handles. `None` where it has one of that name, or too many.
///
/// # Errors
/// [`CaseError::NotFound`] where the agent does not handle the cases of that department.
pub fn create(
    tx: &mut Tx<'_>,
    access: &Access,
    department: &str,
    name: &str,
    colour: Colour,
) -> Result<Option<Label>, CaseError> {
    if !access.allows(Right::Handle, department) {
        return Err(CaseError::NotFound);
    }
    let many: i64 =
        tx.query_one("SELECT COUNT(*) FROM label WHERE department = $1", &[&department], |row| row.get(0))?;
    let name: String = name.trim().chars().take(LONGEST_NAME).collect();
    if many >= AT_MOST || name.is_empty() {
        return Ok(None);
    }
    let label = Label { id: tx.new_id(), department: department.to_owned(), name, colour };
    let made = tx.execute(
        "INSERT INTO label (id, department, name, colour) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (department, name) DO NOTHING",
        &[&label.id, &label.department, &label.name, &label.colour],
    )?;
    if made == 0 {
        return Ok(None);
    }
    enter(tx, &label, "label.created")?;
    Ok(Some(label))
}

/// A label, for an agent who handles the cases of its department.
///
/// # Errors
/// [`CaseError::NotFound`] where there is none, or it is another's.
pub fn find(tx: &mut Tx<'_>, access: &Access, id: Id<Label>) -> Result<Label, CaseError> {
    handled(tx, access, id)
}

/// Changes the word and the colour of a label; the cases that bear it keep it. `false` where its department has another
/// of that name.
///
/// # Errors
/// [`CaseError::NotFound`] where there is none, or the agent does not handle the cases of its department.
pub fn change(
    tx: &mut Tx<'_>,
    access: &Access,
    id: Id<Label>,
    name: &str,
    colour: Colour,
) -> Result<bool, CaseError> {
    let mut label = handled(tx, access, id)?;
    let name: String = name.trim().chars().take(LONGEST_NAME).collect();
    let taken = tx.query_opt(
        "SELECT id FROM label WHERE department = $1 AND name = $2 AND id <> $3",
        &[&label.department, &name, &id],
        |row| row.get::<Uuid>(0),
    )?;
    if taken.is_some() || name.is_empty() {
        return Ok(false);
    }
    if (label.name.as_str(), label.colour) == (name.as_str(), colour) {
        return Ok(true);
    }
    tx.execute("UPDATE label SET name = $1, colour = $2 WHERE id = $3", &[&name, &colour, &id])?;
    (label.name, label.colour) = (name, colour);
    enter(tx, &label, "label.changed")?;
    Ok(true)
}

/// Takes a label off every case and forgets it.
///
/// # Errors
/// [`CaseError::NotFound`] where there is none, or the agent does not handle the cases of its department.
pub fn remove(tx: &mut Tx<'_>, access: &Access, id: Id<Label>) -> Result<(), CaseError> {
    let label = handled(tx, access, id)?;
    tx.execute("DELETE FROM case_label WHERE label_id = $1", &[&id])?;
    tx.execute("DELETE FROM label WHERE id = $1", &[&id])?;
    enter(tx, &label, "label.removed")
}

/// Sticks a label of its department on a case. Done twice, it changes nothing more.
///
/// # Errors
/// [`CaseError::NotFound`] where the label is another department's.
pub fn stick(tx: &mut Tx<'_>, access: &Access, case: Id<Case>, id: Id<Label>) -> Result<(), CaseError> {
    let (found, _) = case::load_for(tx, access, Right::Handle, case)?;
    let label = handled(tx, access, id)?;
    if label.department != found.department {
        return Err(CaseError::NotFound);
    }
    let stuck = tx.execute(
        "INSERT INTO case_label (case_id, label_id) VALUES ($1, $2) ON CONFLICT (case_id, label_id) DO NOTHING",
        &[&case, &id],
    )?;
    if stuck == 0 {
        return Ok(());
    }
    case::enter(tx, case, "case.labelled", json!({ "label": id, "name": label.name }))
}

/// Takes a label off a case.
///
/// # Errors
/// Those of a case that the agent may not handle.
pub fn peel(tx: &mut Tx<'_>, access: &Access, case: Id<Case>, id: Id<Label>) -> Result<(), CaseError> {
    case::load_for(tx, access, Right::Handle, case)?;
    let label = handled(tx, access, id)?;
    let peeled = tx.execute("DELETE FROM case_label WHERE case_id = $1 AND label_id = $2", &[&case, &id])?;
    if peeled == 0 {
        return Ok(());
    }
    case::enter(tx, case, "case.unlabelled", json!({ "label": id, "name": label.name }))
}

/// The labels of these departments, by name.
///
/// # Errors
/// Those of the store.
pub fn of_departments(tx: &mut Tx<'_>, departments: &[&str]) -> beffroi_store::Result<Vec<Label>> {
    if departments.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT id, department, name, colour FROM label WHERE department IN ({}) ORDER BY name, department LIMIT 2000",
        marks(1, departments.len())
    );
    let params: Vec<&dyn ToValue> = departments.iter().map(|slug| slug as &dyn ToValue).collect();
    tx.query(&sql, &params, |row| read(row, 0))
}

/// The labels on these cases, by case; those of the department in which each case is now.
///
/// # Errors
/// Those of the store.
pub fn of_cases(tx: &mut Tx<'_>, cases: &[Uuid]) -> beffroi_store::Result<HashMap<Uuid, Vec<Label>>> {
    let mut found: HashMap<Uuid, Vec<Label>> = HashMap::new();
    if cases.is_empty() {
        return Ok(found);
    }
    let sql = format!(
        "SELECT s.case_id, l.id, l.department, l.name, l.colour FROM case_label s JOIN label l ON l.id = s.label_id \
         JOIN cases c ON c.id = s.case_id AND c.department = l.department WHERE s.case_id IN ({}) ORDER BY l.name",
        marks(1, cases.len())
    );
    let params: Vec<&dyn ToValue> = cases.iter().map(|id| id as &dyn ToValue).collect();
    tx.query(&sql, &params, |row| {
        let case = row.get(0)?;
        found.entry(case).or_default().push(read(row, 1)?);
        Ok(())
    })?;
    Ok(found)
}

fn handled(tx: &mut Tx<'_>, access: &Access, id: Id<Label>) -> Result<Label, CaseError> {
    let found =
        tx.query_opt("SELECT id, department, name, colour FROM label WHERE id = $1", &[&id], |row| {
            read(row, 0)
        })?;
    found.filter(|label| access.allows(Right::Handle, &label.department)).ok_or(CaseError::NotFound)
}

fn read(row: &mut Row, first: usize) -> beffroi_store::Result<Label> {
    Ok(Label {
        id: row.get(first)?,
        department: row.get(first + 1)?,
        name: row.get(first + 2)?,
        colour: row.get(first + 3)?,
    })
}

fn enter(tx: &mut Tx<'_>, label: &Label, kind: &str) -> Result<(), CaseError> {
    let payload = json!({ "department": label.department, "name": label.name });
    tx.journal(&Entry { kind, subject_kind: "label", subject_id: label.id.uuid(), payload })?;
    Ok(())
}
