//! How long cases are kept: as their procedure says, from the decision or the withdrawal on. Those that are then
//! erased are erased by the daily sweep, a command each; those that go to the archives are left to the archivist
//! (Code du patrimoine, art. L212-2 and L212-3).

use std::sync::Arc;

use beffroi_cases::{
    CaseError,
    case::{self, Case},
    erasure,
};
use beffroi_core::{Day, Id, calendar::civil_day};
use beffroi_documents as documents;
use beffroi_forms::{Disposal, Retention};
use beffroi_notify::{self as notify, About};
use beffroi_people::{Town, person};
use beffroi_store::{By, Commune, JournalEntry, Result, StoreError, Tx, background::Subscriber, jobs};
use chrono::Months;
use serde_json::Value;

use crate::{Parts, papers, submission};

/// What stands in agents' lists where the requester's name did.
const NOBODY: &str = "Données effacées";
/// Cases read at once.
const PAGE: u32 = 100;
/// Cases erased in one sweep of one commune; the next day takes the rest.
const A_DAY: u64 = 10_000;

/// Notes, when a case is over, until when it is kept.
pub struct Retentions(pub Arc<Parts>);

impl Subscriber for Retentions {
    fn name(&self) -> &'static str {
        "desk.retention"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["case.decided", "case.withdrawn", "case.deemed"]
    }

    fn handle(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<()> {
        let id = Id::<Case>::from_uuid(entry.subject_id);
        let case = case::find(tx, id).map_err(stored)?;
        // What silence has refused is not over.
        let Some(case) = case.filter(|case| !case.state.is_open()) else { return Ok(()) };
        let form = self.0.shelf.version(tx, &case.procedure, case.procedure_version)?;
        let retention = form.as_ref().and_then(|form| form.procedure().retention.as_ref());
        let Some(retention) = retention.filter(|retention| retention.then == Disposal::Erase) else {
            return Ok(());
        };
        let over_on = match told_day(retention, &case.answers) {
            Some(told) => told,
            None => civil_day(entry.at, Town::load(tx)?.zone()),
        };
        note(tx, id, retention, over_on)
    }
}

/// The day that was answered, where a procedure counts from it and not from the end of the case.
fn told_day(retention: &Retention, answers: &Value) -> Option<Day> {
    answers.get(retention.after.as_ref()?)?.as_str()?.parse().ok()
}

/// Notes of a case just received until when it is kept, where that is known already: then it goes on its day, whether
/// somebody has decided by then or not.
pub(crate) fn note_received(
    tx: &mut Tx<'_>,
    id: Id<Case>,
    retention: Option<&Retention>,
    answers: &Value,
) -> Result<()> {
    let Some(retention) = retention.filter(|retention| retention.then == Disposal::Erase) else {
        return Ok(());
    };
    told_day(retention, answers).map_or(Ok(()), |told| note(tx, id, retention, told))
}

fn note(tx: &mut Tx<'_>, id: Id<Case>, retention: &Retention, over_on: Day) -> Result<()> {
    let due_on = over_on
        .checked_add_months(Months::new(u32::from(retention.months)))
        .ok_or_else(|| StoreError::Invalid("a case is kept beyond the calendar".to_owned()))?;
    tx.execute(
        "INSERT INTO desk_retention (case_id, due_on) VALUES ($1, $2) \
         ON CONFLICT (case_id) DO UPDATE SET due_on = excluded.due_on",
        &[&id, &due_on],
    )
    .map(drop)
}

/// Erases the cases of a commune whose retention is over, and tells how many. Blocks; run it daily.
///
/// # Errors
/// Those of the store; what was erased until then stays erased.
pub fn sweep(commune: &Commune) -> Result<u64> {
    let mut erased = 0;
    while erased < A_DAY {
        let due = commune.read_blocking(By::SYSTEM, due)?;
        if due.is_empty() {
            break;
        }
        for id in due {
            erased += u64::from(commune.write_blocking(By::SYSTEM, move |tx| erase(tx, id))?);
        }
    }
    Ok(erased)
}

/// The cases that were kept long enough, the longest overdue first.
fn due(tx: &mut Tx<'_>) -> Result<Vec<Id<Case>>> {
    let today: Day = civil_day(tx.now(), Town::load(tx)?.zone());
    tx.query(
        "SELECT case_id FROM desk_retention WHERE due_on < $1 ORDER BY due_on, case_id LIMIT $2",
        &[&today, &PAGE],
        |row| row.get(0),
    )
}

/// Erases one case wherever it left a trace. Done twice, it changes nothing more.
fn erase(tx: &mut Tx<'_>, id: Id<Case>) -> Result<bool> {
    tx.execute("DELETE FROM desk_retention WHERE case_id = $1", &[&id])?;
    let open = case::find(tx, id).map_err(stored)?.is_some_and(|case| case.state.is_open());
    if open && case::lapse(tx, id).is_err() {
        // The town owes an answer: it is not due after all.
        return Ok(false);
    }
    let persons = match erasure::erase(tx, id, NOBODY) {
        Ok(persons) => persons,
        // It is not there, or not over after all: then it is not due either.
        Err(CaseError::NotFound | CaseError::WrongState(_)) => return Ok(false),
        Err(error) => return Err(stored(error)),
    };
    for person in persons {
        person::forget(tx, Id::from_uuid(person))?;
    }
    let about = About { kind: "case", id: id.uuid() };
    submission::forget(tx, id)?;
    papers::forget_notices(tx, id)?;
    tx.execute("DELETE FROM desk_recovery WHERE case_id = $1", &[&id])?;
    documents::forget_of(tx, "case", &[id.uuid()])?;
    notify::mail::forget_about(tx, about)?;
    notify::letter::forget_about(tx, about)?;
    jobs::forget_failed_of(tx, id.uuid())?;
    Ok(true)
}

fn stored(error: CaseError) -> StoreError {
    match error {
        CaseError::Store(error) => error,
        other => StoreError::Corrupt(other.to_string()),
    }
}
