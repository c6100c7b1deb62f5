//! What a person can do with a case: one function each, permission, change and journal entry together.

use beffroi_core::{
    Day, Id, Instant, Sector,
    calendar::{Holidays, civil_day},
    legal_clock::{self, Regime, Silence},
};
use beffroi_store::{Entry, Tx};
use chrono::{Datelike, Utc};
use chrono_tz::Tz;
use serde_json::json;
use uuid::Uuid;

use super::{
    Case, Event, State, sealed,
    store::{self, Hidden},
};
use crate::{
    Access, CaseError, Permit, Right, advice, taken, tracking,
    tracking::{Key, TrackingCode},
};

/// What a person asks of the town, its answers already checked by the form engine.
#[derive(Clone, Debug)]
pub struct NewCase {
    /// The procedure's short name.
    pub procedure: String,
    /// Its version.
    pub procedure_version: u32,
    /// The department in charge.
    pub department: String,
    /// The sector that the requester's record belongs to.
    pub sector: Sector,
    /// What silence means, and after how long.
    pub regime: Regime,
    /// The legal day on which it was received, where it is not today: a letter, or a message, lay there before it
    /// was typed.
    pub received_on: Option<Day>,
    /// The commune's zone, which makes the instant of receipt a legal day.
    pub zone: Tz,
    /// The holidays that the commune keeps.
    pub holidays: Holidays,
    /// The requester's record, where there is one.
    pub requester: Option<Uuid>,
    /// The record of the person or organisation for whom it is asked, and the name that lists show; `None` where the
    /// requester asks for themselves.
    pub beneficiary: Option<(Uuid, String)>,
    /// The requester, as lists show the name.
    pub requester_name: String,
    /// The agent who types for the requester, at the counter or on the phone.
    pub typed_by: Option<Uuid>,
    /// The code that the requester already holds, from a draft; a new one is drawn if there is none.
    pub code: Option<TrackingCode>,
    /// The answers.
    pub answers: serde_json::Value,
    /// Where the answers and the names are so sensitive that they are sealed at rest: what lists show in the names’
    /// place.
    pub sealed_as: Option<&'static str>,
}

/// A case just received. The code is told once; only its hash is kept.
#[derive(Clone, Debug)]
pub struct Received {
    /// The case.
    pub case: Case,
    /// What opens it without an account.
    pub code: TrackingCode,
}

/// Receives a request. Its dates are those of the legal day of receipt: the one given, or else the one on which the
/// transaction began. Nothing is received tomorrow.
pub fn receive(tx: &mut Tx<'_>, new: NewCase) -> Result<Received, CaseError> {
    let today = civil_day(tx.now(), new.zone);
    let (received_on, received_at) = match new.received_on.filter(|day| *day < today) {
        Some(day) => (day, noon(day, new.zone).unwrap_or_else(|| tx.now())),
        None => (today, tx.now()),
    };
    let dates = legal_clock::compute(new.regime, received_on, &[], today, new.holidays)?;
    let mut case = Case {
        id: tx.new_id(),
        reference: tracking::new_reference(tx, received_on.year()),
        procedure: new.procedure,
        procedure_version: new.procedure_version,
        department: new.department,
        regime: new.regime,
        state: State::Received,
        assignee: None,
        channel: tx.by().channel,
        typed_by: new.typed_by,
        requester_name: new.requester_name,
        received_at,
        received_on,
        clock_from: received_on,
        register_by: dates.register_by,
        acknowledge_by: dates.acknowledge_by,
        deemed_on: dates.deemed_on,
        answers: new.answers,
        step: None,
        sealed: new.sealed_as.is_some(),
        acting: None,
        beneficiary_name: new.beneficiary.as_ref().map(|(_, name)| name.clone()).unwrap_or_default(),
    };
    let code = new.code.unwrap_or_else(|| TrackingCode::draw(tx));
    let row = Hidden {
        tracking_hash: &code.hash(),
        sector: new.sector.as_str(),
        requester: new.requester,
        beneficiary: new.beneficiary.map(|(record, _)| record),
    };
    // Among thousands of millions, two may be drawn alike all the same: then it is drawn again.
    loop {
        let inserted = match new.sealed_as {
            Some(shown) => {
                let closed = sealed::close(tx, &case, shown)?;
                store::insert(tx, &closed, &row)?
            }
            None => store::insert(tx, &case, &row)?,
        };
        if inserted {
            break;
        }
        case.reference = tracking::new_reference(tx, received_on.year());
    }
    enter(
        tx,
        case.id,
        "case.received",
        json!({
            "procedure": case.procedure,
            "version": case.procedure_version,
            "department": case.department,
            "requester": row.requester,
            "beneficiary": row.beneficiary,
        }),
    )?;
    Ok(Received { case, code })
}

/// The middle of a day, where only the day is known.
fn noon(day: Day, zone: Tz) -> Option<Instant> {
    let noon = day.and_hms_opt(12, 0, 0)?.and_local_timezone(zone).earliest()?;
    Some(noon.with_timezone(&Utc))
}

/// The case, whoever asks: for the program's own work, and for whoever has shown the case's code.
pub fn find(tx: &mut Tx<'_>, id: Id<Case>) -> Result<Option<Case>, CaseError> {
    Ok(store::by_id(tx, id)?)
}

/// The case, for an agent who holds the right to read it.
pub fn read(tx: &mut Tx<'_>, access: &Access, id: Id<Case>) -> Result<Case, CaseError> {
    load_for(tx, access, Right::Read, id).map(|(case, _)| case)
}

/// An agent takes a case up, and follows it from then on.
pub fn take_up(tx: &mut Tx<'_>, access: &Access, id: Id<Case>, agent: Uuid) -> Result<(), CaseError> {
    let (case, permit) = load_for(tx, access, Right::Handle, id)?;
    step(tx, &case, permit, Event::TakeUp)?;
    store::set_assignee(tx, id, Some(agent))?;
    enter(tx, id, "case.taken_up", json!({ "assignee": agent }))
}

/// Gives a case to an agent, or to nobody in particular. `handlers`: those who handle the cases of its department.
///
/// Errors: [`CaseError::Forbidden`] also where the agent is none of those.
pub fn assign(
    tx: &mut Tx<'_>,
    access: &Access,
    id: Id<Case>,
    agent: Option<Uuid>,
    handlers: &[Uuid],
) -> Result<(), CaseError> {
    let (case, _) = load_for(tx, access, Right::Handle, id)?;
    must_be_open(&case)?;
    if agent.is_some_and(|agent| !handlers.contains(&agent)) {
        return Err(CaseError::Forbidden);
    }
    store::set_assignee(tx, id, agent)?;
    enter(tx, id, "case.assigned", json!({ "assignee": agent }))
}

/// Hands a case over to another department of the same town: its clock runs on.
pub fn route(tx: &mut Tx<'_>, access: &Access, id: Id<Case>, department: &str) -> Result<(), CaseError> {
    let (case, _) = load_for(tx, access, Right::Handle, id)?;
    must_be_open(&case)?;
    if case.department == department {
        return Ok(());
    }
    store::set_department(tx, &case, department)?;
    enter(tx, id, "case.routed", json!({ "from": case.department, "to": department }))
}

/// An agent has found a time for a request that was received without one: its answers say from then on what was found;
/// what they said before, `asked`, stays in the entry.
///
/// Errors: [`CaseError::WrongState`] where the case is over, or is sealed: nothing is booked by such a request.
pub fn give_time(
    tx: &mut Tx<'_>,
    access: &Access,
    id: Id<Case>,
    answers: &serde_json::Value,
    asked: &serde_json::Value,
) -> Result<(), CaseError> {
    let (case, _) = load_for(tx, access, Right::Handle, id)?;
    must_be_open(&case)?;
    if case.sealed {
        return Err(CaseError::WrongState(case.state));
    }
    store::set_answers(tx, id, answers)?;
    enter(tx, id, "case.time_given", json!({ "asked": asked }))
}

/// The requester, who holds the key, takes the request back.
pub fn withdraw(tx: &mut Tx<'_>, key: &impl Key) -> Result<(), CaseError> {
    let case = tracking::open(tx, key)?.ok_or(CaseError::NotFound)?;
    move_state(tx, &case, Event::Withdraw)?;
    enter(tx, case.id, "case.withdrawn", json!({}))
}

/// Ends a case whose subject is past, as a holiday is, without anybody having decided: for the program’s own work.
///
/// Errors: [`CaseError::WrongState`] where it is over, or where the town owes a decision, since silence means one.
pub fn lapse(tx: &mut Tx<'_>, id: Id<Case>) -> Result<(), CaseError> {
    let case = store::by_id(tx, id)?.ok_or(CaseError::NotFound)?;
    if case.regime.silence != Silence::None {
        return Err(CaseError::WrongState(case.state));
    }
    move_state(tx, &case, Event::Withdraw)?;
    enter(tx, id, "case.withdrawn", json!({ "lapsed": true }))
}

/// Takes a finished case out of daily work.
pub fn archive(tx: &mut Tx<'_>, access: &Access, id: Id<Case>) -> Result<(), CaseError> {
    let (case, permit) = load_for(tx, access, Right::Handle, id)?;
    step(tx, &case, permit, Event::Archive)?;
    enter(tx, id, "case.archived", json!({}))
}

/// Loads a case together with the proof that this may be done to it.
pub(crate) fn load_for(
    tx: &mut Tx<'_>,
    access: &Access,
    right: Right,
    id: Id<Case>,
) -> Result<(Case, Permit), CaseError> {
    let case = store::by_id(tx, id)?.ok_or(CaseError::NotFound)?;
    let permit = access.permit(right, &case)?;
    Ok((case, permit))
}

/// Moves a case on behalf of an agent. A right to read does not suffice, whoever asks.
pub(crate) fn step(tx: &mut Tx<'_>, case: &Case, permit: Permit, event: Event) -> Result<State, CaseError> {
    if permit.right() < Right::Handle {
        return Err(CaseError::Forbidden);
    }
    move_state(tx, case, event)
}

pub(crate) fn move_state(tx: &mut Tx<'_>, case: &Case, event: Event) -> Result<State, CaseError> {
    let state = case.state.after(event)?;
    if !store::set_state(tx, case, state)? {
        return Err(CaseError::WrongState(case.state));
    }
    if case.state.is_open() && !state.is_open() {
        advice::settle(tx, case.id)?;
        // What was booked for it is given back with it; a decision says itself what becomes of that.
        if event != Event::Decide {
            taken::release(tx, ("case", case.id.uuid()))?;
        }
    }
    Ok(state)
}

fn must_be_open(case: &Case) -> Result<(), CaseError> {
    if case.state.is_open() { Ok(()) } else { Err(CaseError::WrongState(case.state)) }
}

/// Appends to the journal what was done to a case.
pub(crate) fn enter(
    tx: &mut Tx<'_>,
    id: Id<Case>,
    kind: &str,
    payload: serde_json::Value,
) -> Result<(), CaseError> {
    tx.journal(&Entry { kind, subject_kind: "case", subject_id: id.uuid(), payload })?;
    Ok(())
}
