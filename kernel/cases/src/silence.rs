//! What the town's silence has decided: recorded on the day that the legal clock gave, once. Silence that grants ends
//! the case. Silence that refuses does not: the town still owes an answer, and its reasons to whoever asks for them.

use beffroi_core::{Day, Id, Instant, calendar::civil_day, legal_clock::Silence};
use beffroi_store::{Result as Stored, Row, ToValue, Tx, marks};
use chrono::{Days, Months};
use chrono_tz::Tz;
use serde_json::json;
use uuid::Uuid;

use crate::{
    Access, CaseError, Right,
    case::{self, Case, Event},
    decision::Outcome,
    error::checked_text,
    exchange,
    figures::readable,
    taken,
    tracking::{self, Key},
};

/// Months to ask for the reasons of an implied refusal: those of the appeal to the court (CRPA, art. L232-4; Code de
/// justice administrative, art. R421-1).
const ASKED_WITHIN: Months = Months::new(2);
/// Months to give them (CRPA, art. L232-4).
const GIVEN_WITHIN: Months = Months::new(1);
/// Requests for reasons that a list shows.
const LISTED_AT_MOST: u32 = 50;

/// What silence has decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImpliedDecision {
    /// Granted or refused.
    pub outcome: Outcome,
    /// Since when the request is deemed decided.
    pub deemed_on: Day,
    /// When that was written down.
    pub recorded_at: Instant,
    /// The reasons of a refusal, if its requester has asked for them.
    pub reasons: Option<Reasons>,
}

/// The reasons of an implied refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reasons {
    /// When the requester asked for them.
    pub asked_on: Day,
    /// The last day to give them: without them the refusal is unlawful from then on.
    pub due_on: Day,
    /// When they were given.
    pub given_on: Option<Day>,
}

impl ImpliedDecision {
    /// The last day on which the requester may ask for reasons; `None` beyond the calendar.
    pub fn reasons_until(&self) -> Option<Day> {
        self.deemed_on.checked_add_months(ASKED_WITHIN)
    }

    /// Whether reasons can be asked for on `today`.
    pub fn reasons_can_be_asked(&self, today: Day) -> bool {
        self.outcome == Outcome::Refused
            && self.reasons.is_none()
            && self.reasons_until().is_some_and(|until| today <= until)
    }
}

/// The open cases that silence has overtaken by `today` and of which that is not written down yet, of these
/// departments, the longest overdue first.
pub fn overtaken(tx: &mut Tx<'_>, departments: &[String], today: Day, limit: u32) -> Stored<Vec<Id<Case>>> {
    if departments.is_empty() {
        return Ok(Vec::new());
    }
    let mut values: Vec<&dyn ToValue> = vec![&today, &limit];
    values.extend(departments.iter().map(|department| department as &dyn ToValue));
    let sql = format!(
        "SELECT id FROM cases WHERE is_open = TRUE AND clock_on <= $1 AND department IN ({}) \
         AND NOT EXISTS (SELECT 1 FROM implied_decision WHERE case_id = cases.id) \
         ORDER BY clock_on, id LIMIT $2",
        marks(3, departments.len())
    );
    tx.query(&sql, &values, |row| row.get(0))
}

/// Writes down that silence has decided a case; `false` where it has not, or where that is written down already.
pub fn record(tx: &mut Tx<'_>, id: Id<Case>, zone: Tz) -> Result<bool, CaseError> {
    let Some(case) = case::find(tx, id)? else { return Ok(false) };
    let today = civil_day(tx.now(), zone);
    let Some((outcome, deemed_on)) = decided(&case, today) else { return Ok(false) };
    let recorded = tx.execute(
        "INSERT INTO implied_decision (case_id, outcome, deemed_on, recorded_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (case_id) DO NOTHING",
        &[&id, &outcome.as_str(), &deemed_on, &tx.now()],
    )?;
    if recorded == 0 {
        return Ok(false);
    }
    let booked = ("case", id.uuid());
    if outcome == Outcome::Granted {
        case::move_state(tx, &case, Event::Decide)?;
        // Silence has granted it, whatever became of what was booked: then that is given back, and its day stays known.
        match taken::firm(tx, booked) {
            Err(CaseError::Taken) => taken::release(tx, booked)?,
            made => made?,
        }
    } else {
        taken::release(tx, booked)?;
    }
    case::enter(tx, id, "case.deemed", json!({ "outcome": outcome.as_str(), "on": deemed_on }))?;
    Ok(true)
}

/// Since when silence has decided an open case, and how, as of `today`: from that day on, whether the hourly round has
/// written it down yet or not.
pub fn decided(case: &Case, today: Day) -> Option<(Outcome, Day)> {
    decided_by(case, today).filter(|_| case.state.is_open())
}

/// The same of a case that was open until that day, however it stands now.
pub fn decided_by(case: &Case, day: Day) -> Option<(Outcome, Day)> {
    let on = case.deemed_on.filter(|on| *on <= day)?;
    match case.regime.silence {
        Silence::Grants => Some((Outcome::Granted, on)),
        Silence::Refuses => Some((Outcome::Refused, on)),
        Silence::None => None,
    }
}

/// Since when silence has granted what an open case asks; `None` where it has not.
pub fn granted(case: &Case, today: Day) -> Option<Day> {
    decided(case, today).filter(|(outcome, _)| *outcome == Outcome::Granted).map(|(_, on)| on)
}

/// What silence has decided in a case, if it has.
pub fn of_case(tx: &mut Tx<'_>, id: Id<Case>) -> Result<Option<ImpliedDecision>, CaseError> {
    Ok(tx.query_opt(
        "SELECT outcome, deemed_on, recorded_at, reasons_asked_on, reasons_due_on, reasons_given_on \
         FROM implied_decision WHERE case_id = $1",
        &[&id],
        read,
    )?)
}

fn read(row: &mut Row) -> Stored<ImpliedDecision> {
    let (asked_on, due_on): (Option<Day>, Option<Day>) = (row.get(3)?, row.get(4)?);
    let given_on = row.get(5)?;
    let reasons = asked_on.zip(due_on).map(|(asked_on, due_on)| Reasons { asked_on, due_on, given_on });
    Ok(ImpliedDecision { outcome: row.get(0)?, deemed_on: row.get(1)?, recorded_at: row.get(2)?, reasons })
}

/// The requester, who holds the key, is given the certificate of what silence has granted (CRPA, art. L232-3). The
/// first time is kept.
///
/// Errors: [`CaseError::NotFound`] where silence has granted nothing.
pub fn certify(tx: &mut Tx<'_>, key: &impl Key, zone: Tz) -> Result<(Case, ImpliedDecision), CaseError> {
    let case = tracking::open(tx, key)?.ok_or(CaseError::NotFound)?;
    certified(tx, case, zone)
}

/// The same for whoever asks for it by letter, by telephone or at the counter: an agent hands it out.
///
/// Errors: [`CaseError::NotFound`] where silence has granted nothing.
pub fn certify_for(
    tx: &mut Tx<'_>,
    access: &Access,
    id: Id<Case>,
    zone: Tz,
) -> Result<(Case, ImpliedDecision), CaseError> {
    let (case, _) = case::load_for(tx, access, Right::Handle, id)?;
    certified(tx, case, zone)
}

fn certified(tx: &mut Tx<'_>, case: Case, zone: Tz) -> Result<(Case, ImpliedDecision), CaseError> {
    let implied = of_case(tx, case.id)?.filter(|implied| implied.outcome == Outcome::Granted);
    let implied = implied.ok_or(CaseError::NotFound)?;
    let first = tx.execute(
        "UPDATE implied_decision SET certified_on = $1 WHERE case_id = $2 AND certified_on IS NULL",
        &[&civil_day(tx.now(), zone), &case.id],
    )?;
    if first == 1 {
        case::enter(tx, case.id, "case.certificate_given", json!({}))?;
    }
    Ok((case, implied))
}

/// The requester, who holds the key, asks why silence refused (CRPA, art. L232-4). Asked twice, it is asked once.
///
/// Errors: [`CaseError::WrongState`] where silence refused nothing, where the time to ask is over, or where the town has
/// answered, or need not any more.
pub fn ask_reasons(tx: &mut Tx<'_>, key: &impl Key, zone: Tz) -> Result<Reasons, CaseError> {
    let case = tracking::open(tx, key)?.ok_or(CaseError::NotFound)?;
    let today = civil_day(tx.now(), zone);
    reasons_asked(tx, &case, today)
}

/// An agent writes down that the requester has asked why silence refused: by letter, by telephone or at the counter, on
/// the day on which that came in. The month to answer runs from then.
///
/// Errors: as for [`ask_reasons`]; and [`CaseError::WrongState`] where that day is still to come, or silence had not
/// decided by then.
pub fn record_asked(
    tx: &mut Tx<'_>,
    access: &Access,
    id: Id<Case>,
    on: Day,
    zone: Tz,
) -> Result<Reasons, CaseError> {
    let (case, _) = case::load_for(tx, access, Right::Handle, id)?;
    let implied = of_case(tx, id)?.ok_or(CaseError::WrongState(case.state))?;
    if on < implied.deemed_on || on > civil_day(tx.now(), zone) {
        return Err(CaseError::WrongState(case.state));
    }
    reasons_asked(tx, &case, on)
}

fn reasons_asked(tx: &mut Tx<'_>, case: &Case, today: Day) -> Result<Reasons, CaseError> {
    let implied = of_case(tx, case.id)?.ok_or(CaseError::WrongState(case.state))?;
    if let Some(asked) = implied.reasons {
        return Ok(asked);
    }
    let due_on = today.checked_add_months(GIVEN_WITHIN);
    let due_on = due_on.filter(|_| case.state.is_open() && implied.reasons_can_be_asked(today));
    let due_on = due_on.ok_or(CaseError::WrongState(case.state))?;
    tx.execute(
        "UPDATE implied_decision SET reasons_asked_on = $1, reasons_due_on = $2 WHERE case_id = $3",
        &[&today, &due_on, &case.id],
    )?;
    case::enter(tx, case.id, "case.reasons_asked", json!({ "asked_on": today, "due_on": due_on }))?;
    Ok(Reasons { asked_on: today, due_on, given_on: None })
}

/// An agent tells the requester why silence refused.
///
/// Errors: [`CaseError::WrongState`] where nobody waits for reasons.
pub fn give_reasons(
    tx: &mut Tx<'_>,
    access: &Access,
    id: Id<Case>,
    agent: Uuid,
    reasons: &str,
    zone: Tz,
) -> Result<(), CaseError> {
    let (case, _) = case::load_for(tx, access, Right::Decide, id)?;
    let reasons = checked_text(reasons)?.to_owned();
    if !settle_reasons(tx, id, &reasons, civil_day(tx.now(), zone))? {
        return Err(CaseError::WrongState(case.state));
    }
    exchange::write(tx, access, id, agent, &reasons)?;
    case::enter(tx, id, "case.reasons_given", json!({}))
}

/// Keeps the reasons, if somebody waits for them: given by themselves, or with a decision.
pub(crate) fn settle_reasons(tx: &mut Tx<'_>, id: Id<Case>, reasons: &str, today: Day) -> Stored<bool> {
    let given = tx.execute(
        "UPDATE implied_decision SET reasons = $1, reasons_given_on = $2 \
         WHERE case_id = $3 AND reasons_asked_on IS NOT NULL AND reasons_given_on IS NULL",
        &[&reasons, &today, &id],
    )?;
    Ok(given == 1)
}

/// A request for reasons that nobody has answered yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Awaited {
    /// The case.
    pub id: Id<Case>,
    /// What it is called aloud.
    pub reference: String,
    /// The last day to answer.
    pub due_on: Day,
}

/// The requests for reasons of these departments that nobody has answered, those that press first.
pub fn awaited(tx: &mut Tx<'_>, access: &Access, departments: &[String]) -> Stored<Vec<Awaited>> {
    let Some((values, marks)) = readable(access, departments, vec![&LISTED_AT_MOST]) else {
        return Ok(Vec::new());
    };
    // `CROSS JOIN` has SQLite begin with the few that are awaited, and not with all open cases of a department.
    let sql = format!(
        "SELECT c.id, c.reference, i.reasons_due_on FROM implied_decision i CROSS JOIN cases c \
         WHERE c.id = i.case_id AND i.reasons_asked_on IS NOT NULL AND i.reasons_given_on IS NULL AND c.is_open = TRUE \
         AND c.department IN ({marks}) ORDER BY i.reasons_due_on, i.case_id LIMIT $1"
    );
    tx.query(&sql, &values, |row| {
        Ok(Awaited { id: row.get(0)?, reference: row.get(1)?, due_on: row.get(2)? })
    })
}

/// An open case that silence is about to decide, or of which the reasons of an implied refusal are due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pressing {
    /// The case.
    pub id: Id<Case>,
    /// What it is called aloud.
    pub reference: String,
    /// The procedure's short name.
    pub procedure: String,
    /// The department in charge.
    pub department: String,
    /// The one that acts in its place, if another does.
    pub acting: Option<String>,
    /// The agent who follows it.
    pub assignee: Option<Uuid>,
    /// The day on which silence decides; of reasons, the last day to give them.
    pub deemed_on: Day,
    /// Granted or refused.
    pub outcome: Outcome,
}

/// The open cases of these departments that silence decides within so many days of `today`, and of which nobody was
/// warned at that distance or nearer; those that press first.
pub fn pressing(
    tx: &mut Tx<'_>,
    departments: &[String],
    today: Day,
    days: u32,
    limit: u32,
) -> Stored<Vec<Pressing>> {
    let until = today.checked_add_days(Days::new(u64::from(days)));
    let Some(until) = until.filter(|_| !departments.is_empty()) else { return Ok(Vec::new()) };
    let mut values: Vec<&dyn ToValue> = vec![&today, &until, &days, &limit];
    values.extend(departments.iter().map(|department| department as &dyn ToValue));
    let sql = format!(
        "SELECT id, reference, procedure, department, assignee, clock_on, silence, acting FROM cases \
         WHERE is_open = TRUE AND clock_on > $1 AND clock_on <= $2 AND department IN ({}) \
         AND NOT EXISTS (SELECT 1 FROM silence_warning w WHERE w.case_id = cases.id \
         AND w.deemed_on = cases.clock_on AND w.days <= $3) ORDER BY clock_on, id LIMIT $4",
        marks(5, departments.len())
    );
    tx.query(&sql, &values, |row| {
        let silence: String = row.get(6)?;
        let grants = silence == Silence::Grants.as_str();
        Ok(Pressing {
            id: row.get(0)?,
            reference: row.get(1)?,
            procedure: row.get(2)?,
            department: row.get(3)?,
            acting: row.get(7)?,
            assignee: row.get(4)?,
            deemed_on: row.get(5)?,
            outcome: if grants { Outcome::Granted } else { Outcome::Refused },
        })
    })
}

/// Writes down that those who follow a case were warned, so many days before.
pub fn warned(tx: &mut Tx<'_>, case: &Pressing, days: u32) -> Stored<()> {
    tx.execute(
        "INSERT INTO silence_warning (case_id, deemed_on, days, warned_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (case_id, deemed_on, days) DO NOTHING",
        &[&case.id, &case.deemed_on, &days, &tx.now()],
    )
    .map(drop)
}

/// The open cases of these departments of which the reasons of an implied refusal are due within so many days of
/// `today`, and of which nobody was warned at that distance or nearer; those that press first.
pub fn reasons_pressing(
    tx: &mut Tx<'_>,
    departments: &[String],
    today: Day,
    days: u32,
    limit: u32,
) -> Stored<Vec<Pressing>> {
    let until = today.checked_add_days(Days::new(u64::from(days)));
    let Some(until) = until.filter(|_| !departments.is_empty()) else { return Ok(Vec::new()) };
    let mut values: Vec<&dyn ToValue> = vec![&today, &until, &days, &limit];
    values.extend(departments.iter().map(|department| department as &dyn ToValue));
    let sql = format!(
        "SELECT c.id, c.reference, c.procedure, c.department, c.acting, c.assignee, i.reasons_due_on \
         FROM implied_decision i CROSS JOIN cases c \
         WHERE c.id = i.case_id AND i.reasons_asked_on IS NOT NULL AND i.reasons_given_on IS NULL AND i.reasons_due_on >= $1 \
         AND i.reasons_due_on <= $2 AND (i.reasons_warned IS NULL OR i.reasons_warned > $3) \
         AND c.is_open = TRUE AND c.department IN ({}) ORDER BY i.reasons_due_on, i.case_id LIMIT $4",
        marks(5, departments.len())
    );
    tx.query(&sql, &values, |row| {
        Ok(Pressing {
            id: row.get(0)?,
            reference: row.get(1)?,
            procedure: row.get(2)?,
            department: row.get(3)?,
            acting: row.get(4)?,
            assignee: row.get(5)?,
            deemed_on: row.get(6)?,
            outcome: Outcome::Refused,
        })
    })
}

/// Writes down that those who can give the reasons of a case were warned, so many days before.
pub fn reasons_warned(tx: &mut Tx<'_>, case: &Pressing, days: u32) -> Stored<()> {
    let sql = "UPDATE implied_decision SET reasons_warned = $1 WHERE case_id = $2";
    tx.execute(sql, &[&days, &case.id]).map(drop)
}
