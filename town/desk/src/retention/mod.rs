//! How long cases are kept: as their procedure says, from the decision or the withdrawal on. Those that are then
//! erased or made anonymous are so by the daily sweep, a command each; those that go to the archives wait for the
//! archivist's visa (Code du patrimoine, art. L212-2 and L212-3). Agents are told before, and may have a case kept
//! longer, once.

mod keep;
mod slips;
mod transfer;
mod warn;

pub(crate) use keep::{KeepError, LONGER_MONTHS, Soon, due_in, due_of, keep_longer};
pub(crate) use slips::{
    Group, Line, Made, NewSlip, Purpose, Signed, Slip, drop_slip, groups, lines_of, make, sign, slip, slips,
};
pub(crate) use transfer::{TransferHandler, file_of};
pub(crate) use warn::warn;

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
use beffroi_store::{
    By, Commune, JournalEntry, Result, StoreError, Tx, background::Subscriber, jobs, journal,
};
use chrono::Months;
use serde_json::Value;

use crate::{Parts, fetched, papers, submission};

/// What stands in agents' lists where the requester's name did.
pub(crate) const NOBODY: &str = "Données effacées";
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
        &["case.decided", "case.withdrawn", "case.deemed", "case.transferred"]
    }

    fn handle(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<()> {
        let id = Id::<Case>::from_uuid(entry.subject_id);
        let case = case::find(tx, id).map_err(stored)?;
        // What silence has refused is not over.
        let Some(case) = case.filter(|case| !case.state.is_open()) else { return Ok(()) };
        let form = self.0.shelf.version(tx, &case.procedure, case.procedure_version)?;
        let retention = form.as_ref().and_then(|form| form.procedure().retention.as_ref());
        let Some(retention) = retention else { return Ok(()) };
        // What is gone is not noted again.
        if is_erased(tx, id)? {
            return Ok(());
        }
        // From the day that the requester told, where the procedure counts from it; else from the end of the case.
        let over_on = match told_day(retention, &case.answers) {
            Some(told) => told,
            None => civil_day(entry.at, Town::load(tx)?.zone()),
        };
        note(tx, id, retention, over_on)
    }
}

/// Whether what a case said is gone.
pub(crate) fn is_erased(tx: &mut Tx<'_>, id: Id<Case>) -> Result<bool> {
    for gone in ["case.erased", "case.anonymised"] {
        if journal::first_of(tx, "case", id.uuid(), gone)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a case stands on a slip of the archives: what the archivist reads there stays as it is.
pub(crate) fn is_on_slip(tx: &mut Tx<'_>, id: Id<Case>) -> Result<bool> {
    let found = tx.query_opt(
        "SELECT case_id FROM desk_retention WHERE case_id = $1 AND slip IS NOT NULL",
        &[&id],
        |row| row.get::<Id<Case>>(0),
    )?;
    Ok(found.is_some())
}

/// The day from which a procedure counts, where that is not the end of the case.
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
    let Some(retention) = retention else { return Ok(()) };
    told_day(retention, answers).map_or(Ok(()), |told| note(tx, id, retention, told))
}

/// Of a case whose decision is taken back nothing ends any more: it is kept as one that was just received.
pub(crate) fn reopened(
    tx: &mut Tx<'_>,
    id: Id<Case>,
    retention: Option<&Retention>,
    answers: &Value,
) -> Result<()> {
    tx.execute("DELETE FROM desk_retention WHERE case_id = $1 AND slip IS NULL", &[&id])?;
    note_received(tx, id, retention, answers)
}

fn note(tx: &mut Tx<'_>, id: Id<Case>, retention: &Retention, over_on: Day) -> Result<()> {
    let due_on = over_on
        .checked_add_months(Months::new(u32::from(retention.months)))
        .ok_or_else(|| StoreError::Invalid("a case is kept beyond the calendar".to_owned()))?;
    tx.execute(
        "INSERT INTO desk_retention (case_id, due_on, disposal) VALUES ($1, $2, $3) \
         ON CONFLICT (case_id) DO UPDATE SET due_on = excluded.due_on, disposal = excluded.disposal \
         WHERE desk_retention.prolonged_at IS NULL AND desk_retention.slip IS NULL",
        &[&id, &due_on, &word(retention.then)],
    )
    .map(drop)
}

/// The stored word of what becomes of a case.
const fn word(disposal: Disposal) -> &'static str {
    match disposal {
        Disposal::Erase => ERASE,
        Disposal::Anonymise => ANONYMISE,
        Disposal::Archive => ARCHIVE,
    }
}

const ERASE: &str = "erase";
const ANONYMISE: &str = "anonymise";
const ARCHIVE: &str = "archive";

/// Each room of the desk that keeps something of a case forgets it here, in the transaction that erases the case.
type Forget = fn(&mut Tx<'_>, Id<Case>) -> Result<()>;

/// Those rooms. One that is new adds itself; done twice, each changes nothing more.
const ROOMS: &[Forget] = &[
    submission::forget,
    |tx, id| papers::forget_notices(tx, id).map(drop),
    crate::space::forget_permits,
    fetched::forget,
    crate::document_templates::forget,
    crate::enclosure::forget,
    crate::mailroom::forget,
    |tx, id| tx.execute("DELETE FROM desk_recovery WHERE case_id = $1", &[&id]).map(drop),
];

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
        for (id, disposal) in due {
            erased += u64::from(commune.write_blocking(By::SYSTEM, move |tx| erase(tx, id, &disposal))?);
        }
    }
    Ok(erased)
}

/// The cases that were kept long enough, the longest overdue first.
fn due(tx: &mut Tx<'_>) -> Result<Vec<(Id<Case>, String)>> {
    let today: Day = civil_day(tx.now(), Town::load(tx)?.zone());
    let mut all = Vec::new();
    for disposal in [ERASE, ANONYMISE] {
        all.extend(tx.query(
            "SELECT case_id, disposal FROM desk_retention WHERE disposal = $1 AND due_on < $2 \
             ORDER BY due_on, case_id LIMIT $3",
            &[&disposal, &today, &PAGE],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?);
    }
    Ok(all)
}

/// Erases one case wherever it left a trace. Done twice, it changes nothing more.
fn erase(tx: &mut Tx<'_>, id: Id<Case>, disposal: &str) -> Result<bool> {
    tx.execute("DELETE FROM desk_retention WHERE case_id = $1", &[&id])?;
    let open = case::find(tx, id).map_err(stored)?.is_some_and(|case| case.state.is_open());
    if open && case::lapse(tx, id).is_err() {
        // The town owes an answer: it is not due after all.
        return Ok(false);
    }
    let emptied = if disposal == ANONYMISE {
        erasure::anonymise(tx, id, NOBODY)
    } else {
        erasure::erase(tx, id, NOBODY)
    };
    let persons = match emptied {
        Ok(persons) => persons,
        // It is not there, or not over after all: then it is not due either.
        Err(CaseError::NotFound | CaseError::WrongState(_)) => return Ok(false),
        Err(error) => return Err(stored(error)),
    };
    for person in persons {
        // A record that the counter used again stays with the cases that still need it.
        if !beffroi_cases::person::is_named(tx, person).map_err(stored)? {
            person::forget(tx, Id::from_uuid(person))?;
        }
    }
    let about = About { kind: "case", id: id.uuid() };
    ROOMS.iter().try_for_each(|forget| forget(tx, id))?;
    beffroi_search::remove(tx, &[id.uuid()])?;
    documents::forget_of(tx, "case", &[id.uuid()])?;
    documents::forget_of(tx, "case-step", &[id.uuid()])?;
    documents::forget_of(tx, "opinion", &[id.uuid()])?;
    notify::mail::forget_about(tx, about)?;
    notify::letter::forget_about(tx, about)?;
    notify::messenger::forget_about(tx, about)?;
    jobs::forget_failed_of(tx, id.uuid())?;
    Ok(true)
}

fn stored(error: CaseError) -> StoreError {
    match error {
        CaseError::Store(error) => error,
        other => StoreError::Corrupt(other.to_string()),
    }
}
