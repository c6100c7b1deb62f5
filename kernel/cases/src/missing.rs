//! Missing documents: asked for by an agent, given by the requester; the legal clock follows (CRPA, art. L114-5).

use std::collections::HashMap;

use beffroi_core::{
    Day, Id,
    calendar::{Holidays, civil_day},
    legal_clock::{self, Incomplete, LegalDates, Silence},
};
use beffroi_store::{Result as Stored, Row, ToValue, Tx, journal, marks};
use chrono_tz::Tz;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    Access, CaseError, Right,
    case::{self, Case, Event, State},
    error::checked_text,
    tracking::{self, Key},
};

/// Requests for documents that one case may have: more is no longer a dialogue.
const AT_MOST: u32 = 50;

/// What was asked for, and whether it came.
#[derive(Clone, Debug)]
pub struct DocumentRequest {
    /// Which one.
    pub id: Id<DocumentRequest>,
    /// The documents, as the agent named them.
    pub pieces: String,
    /// The day on which they were asked for.
    pub asked_on: Day,
    /// The last day given to send them.
    pub deadline: Option<Day>,
    /// The day on which they arrived.
    pub arrived_on: Option<Day>,
}

/// The commune's way of telling days.
#[derive(Clone, Copy, Debug)]
pub struct LocalCalendar {
    /// Its zone.
    pub zone: Tz,
    /// The holidays that it keeps.
    pub holidays: Holidays,
}

/// An agent asks for documents, and gives a time for them. The clock reacts as the law says.
pub fn ask(
    tx: &mut Tx<'_>,
    access: &Access,
    id: Id<Case>,
    pieces: &str,
    deadline: Option<Day>,
    calendar: LocalCalendar,
) -> Result<LegalDates, CaseError> {
    let (case, permit) = case::load_for(tx, access, Right::Handle, id)?;
    case::step(tx, &case, permit, Event::AskForDocuments)?;
    request(tx, &case, pieces, deadline, calendar, false)
}

/// The town finds at the receipt itself that documents are missing, and says so in the acknowledgement (CRPA,
/// art. L114-5): part of the command that receives the case, whoever gives it.
pub fn ask_at_receipt(
    tx: &mut Tx<'_>,
    case: &Case,
    pieces: &str,
    deadline: Option<Day>,
    calendar: LocalCalendar,
) -> Result<LegalDates, CaseError> {
    case::move_state(tx, case, Event::AskForDocuments)?;
    request(tx, case, pieces, deadline, calendar, true)
}

fn request(
    tx: &mut Tx<'_>,
    case: &Case,
    pieces: &str,
    deadline: Option<Day>,
    calendar: LocalCalendar,
    at_receipt: bool,
) -> Result<LegalDates, CaseError> {
    let pieces = checked_text(pieces)?;
    let today = civil_day(tx.now(), calendar.zone);
    let request: Id<DocumentRequest> = tx.new_id();
    tx.execute(
        "INSERT INTO document_request (id, case_id, pieces, asked_on, deadline, arrived_on) \
         VALUES ($1, $2, $3, $4, $5, NULL)",
        &[&request, &case.id, &pieces, &today, &deadline],
    )?;
    let dates = move_clock(tx, case, today, calendar.holidays)?;
    let payload = json!({ "request": request, "deadline": deadline, "at_receipt": at_receipt });
    case::enter(tx, case.id, "case.documents_requested", payload)?;
    Ok(dates)
}

/// The requester, who holds the key, has sent documents: whether these are all that was asked for or not.
pub fn receive(tx: &mut Tx<'_>, key: &impl Key, files: usize) -> Result<(), CaseError> {
    let case = tracking::open(tx, key)?.ok_or(CaseError::NotFound)?;
    case::enter(tx, case.id, "document.received", json!({ "files": files }))
}

/// An agent joins documents that came by another door: brought to the counter, by post, by e-mail.
pub fn record_documents(
    tx: &mut Tx<'_>,
    access: &Access,
    id: Id<Case>,
    files: usize,
) -> Result<Case, CaseError> {
    let (case, _) = case::load_for(tx, access, Right::Handle, id)?;
    if !case.state.is_open() {
        return Err(CaseError::WrongState(case.state));
    }
    case::enter(tx, id, "document.received", json!({ "files": files, "by_agent": true }))?;
    Ok(case)
}

/// An agent joins documents that came once the case was decided: what was missing and comes late, an appeal. Nothing
/// moves: neither the case nor its clock.
pub fn record_late_documents(
    tx: &mut Tx<'_>,
    access: &Access,
    id: Id<Case>,
    files: usize,
) -> Result<Case, CaseError> {
    let (case, _) = case::load_for(tx, access, Right::Handle, id)?;
    if case.state != State::Decided {
        return Err(CaseError::WrongState(case.state));
    }
    case::enter(tx, id, "document.received", json!({ "files": files, "by_agent": true }))?;
    Ok(case)
}

/// The requester, who holds the key, has sent all that was asked for.
pub fn arrive(tx: &mut Tx<'_>, key: &impl Key, calendar: LocalCalendar) -> Result<LegalDates, CaseError> {
    let case = tracking::open(tx, key)?.ok_or(CaseError::NotFound)?;
    complete(tx, &case, None, calendar)
}

/// An agent records that all that was asked for has come: at the counter, by post.
pub fn record_arrival(
    tx: &mut Tx<'_>,
    access: &Access,
    id: Id<Case>,
    calendar: LocalCalendar,
) -> Result<LegalDates, CaseError> {
    let (case, _) = case::load_for(tx, access, Right::Handle, id)?;
    complete(tx, &case, None, calendar)
}

/// An agent records that all that was asked for came on a day that is past: a letter that waited in the mail room. The
/// clock starts again on the day on which the town received it (CRPA, art. L114-5), never before it was asked for.
pub fn record_arrival_on(
    tx: &mut Tx<'_>,
    access: &Access,
    id: Id<Case>,
    on: Day,
    calendar: LocalCalendar,
) -> Result<LegalDates, CaseError> {
    let (case, _) = case::load_for(tx, access, Right::Handle, id)?;
    complete(tx, &case, Some(on), calendar)
}

fn complete(
    tx: &mut Tx<'_>,
    case: &Case,
    on: Option<Day>,
    calendar: LocalCalendar,
) -> Result<LegalDates, CaseError> {
    case::move_state(tx, case, Event::LastDocumentArrived)?;
    let today = civil_day(tx.now(), calendar.zone);
    let on = on.map_or(today, |on| on.min(today));
    tx.execute(
        "UPDATE document_request SET arrived_on = CASE WHEN asked_on > $1 THEN asked_on ELSE $1 END \
         WHERE case_id = $2 AND arrived_on IS NULL",
        &[&on, &case.id],
    )?;
    let dates = move_clock(tx, case, today, calendar.holidays)?;
    case::enter(tx, case.id, "case.documents_received", json!({}))?;
    Ok(dates)
}

/// What was asked for in a case, oldest first.
pub fn of_case(tx: &mut Tx<'_>, id: Id<Case>) -> Result<Vec<DocumentRequest>, CaseError> {
    Ok(tx.query(
        "SELECT id, pieces, asked_on, deadline, arrived_on FROM document_request WHERE case_id = $1 \
         ORDER BY asked_on, id LIMIT $2",
        &[&id, &AT_MOST],
        read,
    )?)
}

/// What was asked for in each of these cases, oldest first: one reading for a whole list.
fn of_cases(tx: &mut Tx<'_>, cases: &[Uuid]) -> Result<HashMap<Uuid, Vec<DocumentRequest>>, CaseError> {
    if cases.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "SELECT id, pieces, asked_on, deadline, arrived_on, case_id FROM document_request WHERE case_id IN ({}) \
         ORDER BY asked_on, id",
        marks(1, cases.len())
    );
    let params: Vec<&dyn ToValue> = cases.iter().map(|id| id as &dyn ToValue).collect();
    let rows = tx.query(&sql, &params, |row| Ok((row.get::<Uuid>(5)?, read(row)?)))?;
    let mut found: HashMap<Uuid, Vec<DocumentRequest>> = HashMap::new();
    for (case, request) in rows {
        found.entry(case).or_default().push(request);
    }
    Ok(found)
}

fn read(row: &mut Row) -> Stored<DocumentRequest> {
    Ok(DocumentRequest {
        id: row.get(0)?,
        pieces: row.get(1)?,
        asked_on: row.get(2)?,
        deadline: row.get(3)?,
        arrived_on: row.get(4)?,
    })
}

/// The last day that was given for what a waiting case still lacks, once it is past: the case may be decided on what it
/// holds. `None` while there is time left, and where none was set.
pub fn over_since(case: &Case, requests: &[DocumentRequest], today: Day) -> Option<Day> {
    let mut awaited = requests.iter().filter(|it| it.arrived_on.is_none());
    let last = awaited.try_fold(None, |last: Option<Day>, it| it.deadline.map(|day| last.max(Some(day))))?;
    last.filter(|day| *day < today && case.state == State::Waiting)
}

/// What a case that waits for documents comes to, as it stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// When silence decides if all that is awaited arrives on that day.
    pub deemed_on: Option<Day>,
    /// [`over_since`].
    pub over_since: Option<Day>,
}

/// The same of all those among these cases that wait: two readings at most, however many they are.
pub fn waiting(
    tx: &mut Tx<'_>,
    cases: &[Case],
    today: Day,
    holidays: Holidays,
) -> Result<HashMap<Uuid, Waiting>, CaseError> {
    let waits: Vec<&Case> = cases.iter().filter(|case| case.state == State::Waiting).collect();
    let ids: Vec<Uuid> = waits.iter().map(|case| case.id.uuid()).collect();
    let requests = of_cases(tx, &ids)?;
    let mut found = HashMap::new();
    for case in waits {
        let requests = requests.get(&case.id.uuid()).map(Vec::as_slice).unwrap_or_default();
        let deemed_on = dates_if_complete(case, requests, today, holidays)?.deemed_on;
        let over_since = over_since(case, requests, today);
        found.insert(case.id.uuid(), Waiting { deemed_on, over_since });
    }
    Ok(found)
}

/// A case as it was received, and what was then found to be missing: what its acknowledgement tells, whenever that
/// is laid out.
pub fn as_received(
    tx: &mut Tx<'_>,
    case: &Case,
    holidays: Holidays,
) -> Result<(Case, Vec<DocumentRequest>), CaseError> {
    let mut first = |kind| journal::first_of(tx, "case", case.id.uuid(), kind);
    let asked = first("case.documents_requested")?.and_then(|entry| entry.payload).unwrap_or_default();
    let routed = first("case.routed")?.and_then(|entry| entry.payload).unwrap_or_default();
    let at_receipt = asked.get("at_receipt").and_then(Value::as_bool).unwrap_or_default();
    let at_receipt = asked.get("request").filter(|_| at_receipt).and_then(Value::as_str);
    let mut requests = of_case(tx, case.id)?;
    requests.retain(|request| Some(request.id.to_string().as_str()) == at_receipt);
    for request in &mut requests {
        request.arrived_on = None;
    }
    let mut received = case.clone();
    received.state = if requests.is_empty() { State::Received } else { State::Waiting };
    let missing = incompletes(&requests);
    received.deemed_on = legal_clock::certain_deemed_on(case.regime, case.received_on, &missing, holidays)?;
    if let Some(department) = routed.get("from").and_then(Value::as_str) {
        department.clone_into(&mut received.department);
    }
    Ok((received, requests))
}

/// The legal dates of a case as they stand on `today`, with the reasons for each. Where silence refuses, documents
/// that are awaited count as if they did not come in the time given: the suspension ends with it at the latest.
pub fn dates(tx: &mut Tx<'_>, case: &Case, today: Day, holidays: Holidays) -> Result<LegalDates, CaseError> {
    let incompletes = since(case, &of_case(tx, case.id)?);
    let given = incompletes.iter().filter(|it| it.arrived.is_none()).filter_map(|it| it.deadline).max();
    let until = given.filter(|_| case.regime.silence == Silence::Refuses).unwrap_or(today);
    let dates = legal_clock::compute(case.regime, case.clock_from, &incompletes, until.max(today), holidays)?;
    Ok(told(case, dates))
}

/// The legal dates of a case if all that is awaited arrives on a day.
pub fn dates_if_complete(
    case: &Case,
    requests: &[DocumentRequest],
    on: Day,
    holidays: Holidays,
) -> Result<LegalDates, CaseError> {
    let dates = legal_clock::compute(case.regime, case.clock_from, &since(case, requests), on, holidays)?;
    Ok(told(case, dates))
}

/// Of a case whose refusal was withdrawn, the dates that run since.
fn told(case: &Case, dates: LegalDates) -> LegalDates {
    if case.clock_from == case.received_on { dates } else { dates.pending_again() }
}

/// Writes down the day on which silence decides, where one is certain: it stays right as days go by.
fn move_clock(tx: &mut Tx<'_>, case: &Case, today: Day, holidays: Holidays) -> Result<LegalDates, CaseError> {
    let incompletes = since(case, &of_case(tx, case.id)?);
    let certain = legal_clock::certain_deemed_on(case.regime, case.clock_from, &incompletes, holidays)?;
    case::move_clock(tx, case.id, certain)?;
    dates(tx, case, today, holidays)
}

/// What was asked for since the clock runs.
fn since(case: &Case, requests: &[DocumentRequest]) -> Vec<Incomplete> {
    let mut all = incompletes(requests);
    all.retain(|it| it.asked >= case.clock_from);
    all
}

fn incompletes(requests: &[DocumentRequest]) -> Vec<Incomplete> {
    requests
        .iter()
        .map(|request| Incomplete {
            asked: request.asked_on,
            arrived: request.arrived_on,
            deadline: request.deadline,
        })
        .collect()
}
