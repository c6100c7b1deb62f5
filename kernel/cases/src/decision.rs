//! The decision: once, with reasons where it refuses, signed by name and quality (CRPA, art. L211-2, L212-1), and the proof
//! that the requester was told.

use std::collections::HashMap;

use beffroi_core::{Day, Id, Instant, calendar::civil_day};
use beffroi_store::{ToValue, Tx, marks, words};
use chrono::Datelike;
use chrono_tz::Tz;
use serde_json::json;
use uuid::Uuid;

use crate::{
    Access, CaseError, Right,
    case::{self, Case, Event},
    error::checked_text,
    silence, taken,
    tracking::{self, Key},
};

words! {
    /// How a case ended.
    Outcome {
        /// What was asked is granted.
        Granted = "granted",
        /// What was asked is refused; reasons are due.
        Refused = "refused",
        /// There was nothing to decide.
        Closed = "closed",
    }
}

/// A decision to take.
#[derive(Clone, Debug)]
pub struct NewDecision {
    /// How the case ends.
    pub outcome: Outcome,
    /// Why; may be left out of what grants all that was asked.
    pub reasons: String,
    /// The first name and name of who decides.
    pub signatory_name: String,
    /// The quality in which they decide: mayor, deputy mayor, by delegation.
    pub signatory_quality: String,
    /// By which delegation they sign; `""` for who signs by right.
    pub signatory_delegation: String,
    /// The series that a formal decision (arrêté) is numbered in; `None` for a plain answer.
    pub series: Option<String>,
}

/// A decision that was taken.
#[derive(Clone, Debug)]
pub struct Decision {
    /// How the case ended.
    pub outcome: Outcome,
    /// The formal decision's number, `2026-0042`.
    pub number: Option<String>,
    /// Why; `""` where what was asked is granted and nobody said why.
    pub reasons: String,
    /// Who decided.
    pub signatory_name: String,
    /// In which quality.
    pub signatory_quality: String,
    /// By which delegation; `""` for none.
    pub signatory_delegation: String,
    /// The legal day of the decision.
    pub decided_on: Day,
    /// When the requester was sent word.
    pub sent_at: Option<Instant>,
    /// When the requester first opened it: the proof of notification.
    pub read_at: Option<Instant>,
}

/// Decides a case. A second decision is refused, and says that there was a first.
///
/// Errors: [`CaseError::Granted`] where silence has granted what was asked, whether that is written down yet or not, and
/// the decision would not; [`CaseError::Taken`] where silence gave back what was booked for it, and somebody has it since.
pub fn decide(
    tx: &mut Tx<'_>,
    access: &Access,
    id: Id<Case>,
    new: &NewDecision,
    zone: Tz,
) -> Result<Decision, CaseError> {
    let (case, permit) = case::load_for(tx, access, Right::Decide, id)?;
    // What grants is due no reasons; all else is (CRPA, art. L211-2).
    let unsaid = new.outcome == Outcome::Granted && new.reasons.trim().is_empty();
    let reasons = if unsaid { String::new() } else { checked_text(&new.reasons)?.to_owned() };
    let signatory_name = checked_text(&new.signatory_name)?.to_owned();
    let signatory_quality = checked_text(&new.signatory_quality)?.to_owned();
    let signatory_delegation = match new.signatory_delegation.trim() {
        "" => String::new(),
        told => checked_text(told)?.to_owned(),
    };
    let decided_on = civil_day(tx.now(), zone);
    if let Some(on) = silence::granted(&case, decided_on).filter(|_| new.outcome != Outcome::Granted) {
        return Err(CaseError::Granted(on));
    }
    case::step(tx, &case, permit, Event::Decide)?;
    let booked = ("case", id.uuid());
    match new.outcome {
        Outcome::Granted => taken::firm(tx, booked)?,
        Outcome::Refused | Outcome::Closed => taken::release(tx, booked)?,
    }
    let number = match &new.series {
        Some(series) => Some(next_number(tx, series, decided_on.year())?),
        None => None,
    };
    tx.execute(
        "INSERT INTO decision (case_id, outcome, number, reasons, signatory_name, signatory_quality, \
         signatory_delegation, decided_on, decided_at, sent_at, read_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, NULL)",
        &[
            &id,
            &new.outcome.as_str(),
            &number,
            &reasons,
            &signatory_name,
            &signatory_quality,
            &signatory_delegation,
            &decided_on,
            &tx.now(),
        ],
    )?;
    // A decision that says why also answers who asked why silence refused.
    if !reasons.is_empty() {
        silence::settle_reasons(tx, id, &reasons, decided_on)?;
    }
    case::enter(tx, id, "case.decided", json!({ "outcome": new.outcome.as_str(), "number": number }))?;
    let outcome = new.outcome;
    Ok(Decision {
        outcome,
        number,
        reasons,
        signatory_name,
        signatory_quality,
        signatory_delegation,
        decided_on,
        sent_at: None,
        read_at: None,
    })
}

/// The decision of a case, if it was decided.
pub fn of_case(tx: &mut Tx<'_>, id: Id<Case>) -> Result<Option<Decision>, CaseError> {
    Ok(tx.query_opt(
        "SELECT outcome, number, reasons, signatory_name, signatory_quality, signatory_delegation, decided_on, sent_at, \
         read_at FROM decision WHERE case_id = $1",
        &[&id],
        |row| {
            Ok(Decision {
                outcome: row.get(0)?,
                number: row.get(1)?,
                reasons: row.get(2)?,
                signatory_name: row.get(3)?,
                signatory_quality: row.get(4)?,
                signatory_delegation: row.get(5)?,
                decided_on: row.get(6)?,
                sent_at: row.get(7)?,
                read_at: row.get(8)?,
            })
        },
    )?)
}

/// The numbers and the reasons of the decisions of these cases, for the search; the program's own reading.
pub fn texts_of(
    tx: &mut Tx<'_>,
    cases: &[Uuid],
) -> beffroi_store::Result<HashMap<Uuid, (Option<String>, String)>> {
    if cases.is_empty() {
        return Ok(HashMap::new());
    }
    let sql =
        format!("SELECT case_id, number, reasons FROM decision WHERE case_id IN ({})", marks(1, cases.len()));
    let params: Vec<&dyn ToValue> = cases.iter().map(|id| id as &dyn ToValue).collect();
    let rows = tx.query(&sql, &params, |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
    Ok(rows.into_iter().collect())
}

/// Writes down that the requester was sent word: by mail, or by the day's letters.
pub fn sent(tx: &mut Tx<'_>, id: Id<Case>) -> Result<(), CaseError> {
    let first = tx.execute(
        "UPDATE decision SET sent_at = $1 WHERE case_id = $2 AND sent_at IS NULL",
        &[&tx.now(), &id],
    )?;
    if first == 1 {
        case::enter(tx, id, "case.decision_sent", json!({}))?;
    }
    Ok(())
}

/// Writes down that the requester was not sent word after all: the letter that told it is put back among those to
/// print. What was opened since has been told.
pub fn put_back(tx: &mut Tx<'_>, id: Id<Case>) -> Result<(), CaseError> {
    let undone = tx.execute(
        "UPDATE decision SET sent_at = NULL WHERE case_id = $1 AND sent_at IS NOT NULL AND read_at IS NULL",
        &[&id],
    )?;
    if undone == 1 {
        case::enter(tx, id, "case.decision_put_back", json!({}))?;
    }
    Ok(())
}

/// The requester, who holds the key, opens the decision. The first time is kept: from that day the time of
/// appeal runs.
pub fn open(tx: &mut Tx<'_>, key: &impl Key) -> Result<Decision, CaseError> {
    let case = tracking::open(tx, key)?.ok_or(CaseError::NotFound)?;
    let first = tx.execute(
        "UPDATE decision SET read_at = $1 WHERE case_id = $2 AND read_at IS NULL",
        &[&tx.now(), &case.id],
    )?;
    if first == 1 {
        case::enter(tx, case.id, "case.decision_read", json!({}))?;
    }
    of_case(tx, case.id)?.ok_or(CaseError::NotFound)
}

/// Numbers follow one another without gaps: the number is given in the transaction that uses it, and
/// writers of one commune come one after another.
pub(crate) fn next_number(tx: &mut Tx<'_>, series: &str, year: i32) -> Result<String, CaseError> {
    let number: i64 = tx.query_one(
        "INSERT INTO number_series (name, year, last_number) VALUES ($1, $2, 1) ON CONFLICT (name, year) \
         DO UPDATE SET last_number = number_series.last_number + 1 RETURNING last_number",
        &[&series, &i64::from(year)],
        |row| row.get(0),
    )?;
    Ok(format!("{year}-{series}-{number:04}"))
}
