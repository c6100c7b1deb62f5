//! The end of a case's retention: what was said in it is erased. That there was a case, how long it took and how
//! it ended stays, so that figures and numbers of decisions stay right; nothing leads to a person any more.

use beffroi_core::Id;
use beffroi_store::{Tx, journal};
use serde_json::json;
use uuid::Uuid;

use crate::{
    CaseError,
    case::{self, Case},
    taken, tracking,
};

/// Erases what a finished case says, and gives the persons' records that it named. `name` stands in lists where
/// the requester's did.
///
/// # Errors
/// [`CaseError::WrongState`] while the town owes an answer: that case is not over.
pub fn erase(tx: &mut Tx<'_>, id: Id<Case>, name: &str) -> Result<Vec<Uuid>, CaseError> {
    let persons = empty(tx, id, name)?;
    case::enter(tx, id, "case.erased", json!({}))?;
    Ok(persons)
}

/// Makes a finished case anonymous: what it says is erased, and so is all that leads to it, its reference and the agents
/// who followed it. Procedure, door, department, dates and outcome stay for figures.
///
/// # Errors
/// [`CaseError::WrongState`] while the town owes an answer: that case is not over.
pub fn anonymise(tx: &mut Tx<'_>, id: Id<Case>, name: &str) -> Result<Vec<Uuid>, CaseError> {
    let persons = empty(tx, id, name)?;
    let reference = tracking::anonymous_reference(tx);
    tx.execute(
        "UPDATE cases SET reference = $1, assignee = NULL, typed_by = NULL WHERE id = $2",
        &[&reference, &id],
    )?;
    case::enter(tx, id, "case.anonymised", json!({}))?;
    Ok(persons)
}

/// Erases what a case says, wherever this crate keeps it.
fn empty(tx: &mut Tx<'_>, id: Id<Case>, name: &str) -> Result<Vec<Uuid>, CaseError> {
    let case = case::find(tx, id)?.ok_or(CaseError::NotFound)?;
    if case.state.is_open() {
        return Err(CaseError::WrongState(case.state));
    }
    let persons: (Option<Uuid>, Option<Uuid>) =
        tx.query_one("SELECT requester, beneficiary FROM cases WHERE id = $1", &[&id], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    // No code opens it any more: this hash is of none.
    let unopened: [u8; 32] = tx.random();
    tx.execute(
        "UPDATE cases SET answers = $1, requester_name = $2, beneficiary_name = '', requester = NULL, \
         beneficiary = NULL, tracking_hash = $3 WHERE id = $4",
        &[&json!({}), &name, &unopened, &id],
    )?;
    taken::forget(tx, ("case", id.uuid()))?;
    tx.execute("DELETE FROM exchange WHERE case_id = $1", &[&id])?;
    for table in ["case_step", "case_timer", "task"] {
        tx.execute(&format!("DELETE FROM {table} WHERE case_id = $1"), &[&id])?;
    }
    tx.execute(
        "DELETE FROM advice_link WHERE opinion IN (SELECT id FROM advice WHERE case_id = $1)",
        &[&id],
    )?;
    tx.execute("DELETE FROM advice WHERE case_id = $1", &[&id])?;
    tx.execute("UPDATE transfer_out SET reasons = '', contact = '' WHERE case_id = $1", &[&id])?;
    tx.execute("UPDATE document_request SET pieces = '' WHERE case_id = $1", &[&id])?;
    tx.execute("UPDATE decision SET reasons = '' WHERE case_id = $1", &[&id])?;
    tx.execute(
        "UPDATE implied_decision SET reasons = '' WHERE case_id = $1 AND reasons IS NOT NULL",
        &[&id],
    )?;
    tx.execute(
        "UPDATE reversal SET reasons = '', heard_how = '', was_reasons = '' WHERE case_id = $1",
        &[&id],
    )?;
    tx.execute("DELETE FROM reversal_hearing WHERE case_id = $1", &[&id])?;
    tx.execute("UPDATE opinion_invitation SET token_hash = NULL WHERE case_id = $1", &[&id])?;
    journal::erase_payloads(tx, "case", id.uuid())?;
    Ok([persons.0, persons.1].into_iter().flatten().collect())
}
