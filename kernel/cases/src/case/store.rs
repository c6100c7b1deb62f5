//! The case's row, and the counts that follow it.

use std::collections::HashMap;

use beffroi_core::{Channel, Day, Id, Instant, legal_clock::Regime};
use beffroi_store::{Result, Row, StoreError, ToValue, Tx, marks};
use uuid::Uuid;

use super::{State, sealed};

/// A case as it stands.
#[derive(Clone, Debug)]
pub struct Case {
    /// Which one.
    pub id: Id<Case>,
    /// What it is called aloud: `2026-7QK4MRT`.
    pub reference: String,
    /// The procedure's short name.
    pub procedure: String,
    /// The version of the procedure that the case keeps.
    pub procedure_version: u32,
    /// The department in charge.
    pub department: String,
    /// What silence means, and after how long.
    pub regime: Regime,
    /// How far it has come.
    pub state: State,
    /// The agent who follows it.
    pub assignee: Option<Uuid>,
    /// The door through which it came.
    pub channel: Channel,
    /// The agent who typed it for the requester.
    pub typed_by: Option<Uuid>,
    /// The requester, as lists show the name.
    pub requester_name: String,
    /// When it was received.
    pub received_at: Instant,
    /// The legal day of receipt, in the commune's zone.
    pub received_on: Day,
    /// The day from which its clock runs: that of the receipt, or the one on which its refusal was withdrawn.
    pub clock_from: Day,
    /// Last day to register it.
    pub register_by: Day,
    /// Last day to acknowledge it.
    pub acknowledge_by: Day,
    /// The day on which it is deemed decided; `None` where silence means nothing, and while documents are awaited
    /// without which no day is certain.
    pub deemed_on: Option<Day>,
    /// The answers, normalised by the form engine.
    pub answers: serde_json::Value,
    /// The step of its procedure that it has reached, if the procedure has any.
    pub step: Option<String>,
    /// The department that acts in that step, where it is not the one in charge.
    pub acting: Option<String>,
    /// The person or organisation for whom is asked, as lists show the name; `""` for the requester.
    pub beneficiary_name: String,
    /// Whether it is so sensitive that what it says is sealed at rest.
    pub sealed: bool,
}

/// The columns of [`read_case`], for every statement that reads cases.
pub(crate) const COLUMNS: &str = "id, reference, procedure, procedure_version, department, silence, term, state, \
     assignee, channel, typed_by, requester_name, received_at, received_on, register_by, acknowledge_by, \
     deemed_on, answers, step, beneficiary_name, acting, clock_from";

/// How many columns [`read_case`] reads: another one that is asked for comes after them.
pub(crate) const WIDTH: usize = 22;

/// Sorts after every real day: where silence means nothing, nothing presses.
const NEVER: Day = match Day::from_ymd_opt(9999, 12, 31) {
    Some(day) => day,
    None => Day::MAX,
};

pub(crate) fn read_case(row: &mut Row) -> Result<Case> {
    let silence: String = row.get(5)?;
    let term: Option<String> = row.get(6)?;
    let channel: String = row.get(9)?;
    let answers: serde_json::Value = row.get(17)?;
    let received_on: Day = row.get(13)?;
    let clock_from: Option<Day> = row.get(21)?;
    Ok(Case {
        id: row.get(0)?,
        reference: row.get(1)?,
        procedure: row.get(2)?,
        procedure_version: row.get(3)?,
        department: row.get(4)?,
        regime: Regime {
            silence: silence.parse().map_err(|_| unknown("silence", &silence))?,
            term: term.map(|term| term.parse().map_err(|_| unknown("term", &term))).transpose()?,
        },
        state: row.get(7)?,
        assignee: row.get(8)?,
        channel: Channel::from_word(&channel).ok_or_else(|| unknown("channel", &channel))?,
        typed_by: row.get(10)?,
        requester_name: row.get(11)?,
        received_at: row.get(12)?,
        received_on,
        clock_from: clock_from.unwrap_or(received_on),
        register_by: row.get(14)?,
        acknowledge_by: row.get(15)?,
        deemed_on: row.get(16)?,
        // Answers are an object; what is sealed is a text.
        sealed: answers.is_string(),
        answers,
        step: row.get(18)?,
        beneficiary_name: row.get(19)?,
        acting: row.get(20)?,
    })
}

fn unknown(what: &str, word: &str) -> StoreError {
    StoreError::Corrupt(format!("no {what} is called {word}"))
}

pub(super) fn by_id(tx: &mut Tx<'_>, id: Id<Case>) -> Result<Option<Case>> {
    let found = tx.query_opt(&format!("SELECT {COLUMNS} FROM cases WHERE id = $1"), &[&id], read_case)?;
    found.map(|case| sealed::open(tx, case)).transpose()
}

/// The case whose tracking code has this hash.
pub(crate) fn by_tracking_hash(tx: &mut Tx<'_>, hash: &[u8; 32]) -> Result<Option<Case>> {
    let found =
        tx.query_opt(&format!("SELECT {COLUMNS} FROM cases WHERE tracking_hash = $1"), &[hash], read_case)?;
    found.map(|case| sealed::open(tx, case)).transpose()
}

/// The case that is called by this reference.
pub(crate) fn by_reference(tx: &mut Tx<'_>, reference: &str) -> Result<Option<Case>> {
    let found =
        tx.query_opt(&format!("SELECT {COLUMNS} FROM cases WHERE reference = $1"), &[&reference], read_case)?;
    found.map(|case| sealed::open(tx, case)).transpose()
}

/// What these cases are called, for a list that names many of them.
///
/// # Errors
///
/// Those of the store.
pub fn references(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!("SELECT id, reference FROM cases WHERE id IN ({})", marks(1, ids.len()));
    let params: Vec<&dyn ToValue> = ids.iter().map(|id| id as &dyn ToValue).collect();
    Ok(tx.query(&sql, &params, |row| Ok((row.get(0)?, row.get(1)?)))?.into_iter().collect())
}

/// These cases, in no order: for the program's own work, and for lists whose rights were asked for.
///
/// # Errors
///
/// Those of the store.
pub fn several(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<Vec<Case>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("SELECT {COLUMNS} FROM cases WHERE id IN ({})", marks(1, ids.len()));
    let params: Vec<&dyn ToValue> = ids.iter().map(|id| id as &dyn ToValue).collect();
    tx.query(&sql, &params, read_case)
}

/// The ids of the cases after one, in the order of their receipt, as many as `limit`.
///
/// # Errors
///
/// Those of the store.
pub fn ids_after(tx: &mut Tx<'_>, after: Option<Uuid>, limit: u32) -> Result<Vec<Uuid>> {
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    tx.query("SELECT id FROM cases WHERE id > $1 ORDER BY id LIMIT $2", &[&after, &limit], |row| row.get(0))
}

/// The case that is called so, for a search by those who may know that it exists.
///
/// # Errors
///
/// Those of the store.
pub fn called(tx: &mut Tx<'_>, reference: &str) -> Result<Option<Uuid>> {
    tx.query_opt("SELECT id FROM cases WHERE reference = $1", &[&reference], |row| row.get(0))
}

/// What [`insert`] needs beside the case.
pub(super) struct Hidden<'a> {
    pub(super) tracking_hash: &'a [u8; 32],
    pub(super) sector: &'a str,
    pub(super) requester: Option<Uuid>,
    pub(super) beneficiary: Option<Uuid>,
}

/// Keeps a new case; `false` where another one is called by the same reference.
pub(super) fn insert(tx: &mut Tx<'_>, case: &Case, hidden: &Hidden<'_>) -> Result<bool> {
    let inserted = tx.execute(
        "INSERT INTO cases (id, reference, tracking_hash, procedure, procedure_version, department, sector, \
         silence, term, state, is_open, assignee, channel, typed_by, requester, beneficiary, requester_name, \
         received_at, received_on, register_by, acknowledge_by, deemed_on, clock_on, answers, \
         beneficiary_name) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, \
         $21, $22, $23, $24, $25) ON CONFLICT (reference) DO NOTHING",
        &[
            &case.id,
            &case.reference,
            hidden.tracking_hash,
            &case.procedure,
            &case.procedure_version,
            &case.department,
            &hidden.sector,
            &case.regime.silence.as_str(),
            &case.regime.term.map(|term| term.to_string()),
            &case.state.as_str(),
            &case.state.is_open(),
            &case.assignee,
            &case.channel.as_str(),
            &case.typed_by,
            &hidden.requester,
            &hidden.beneficiary,
            &case.requester_name,
            &case.received_at,
            &case.received_on,
            &case.register_by,
            &case.acknowledge_by,
            &case.deemed_on,
            &case.deemed_on.unwrap_or(NEVER),
            &case.answers,
            &case.beneficiary_name,
        ],
    )?;
    if inserted == 1 {
        count(tx, &case.department, &case.procedure, case.state, 1)?;
    }
    Ok(inserted == 1)
}

/// Moves a case from the state in which it was read; `false` where somebody moved it meanwhile.
pub(super) fn set_state(tx: &mut Tx<'_>, case: &Case, state: State) -> Result<bool> {
    let moved = tx.execute(
        "UPDATE cases SET state = $1, is_open = $2 WHERE id = $3 AND state = $4",
        &[&state.as_str(), &state.is_open(), &case.id, &case.state.as_str()],
    )?;
    if moved == 1 {
        count(tx, &case.department, &case.procedure, case.state, -1)?;
        count(tx, &case.department, &case.procedure, state, 1)?;
    }
    Ok(moved == 1)
}

pub(super) fn set_assignee(tx: &mut Tx<'_>, id: Id<Case>, assignee: Option<Uuid>) -> Result<()> {
    tx.execute("UPDATE cases SET assignee = $1 WHERE id = $2", &[&assignee, &id]).map(drop)
}

pub(super) fn set_answers(tx: &mut Tx<'_>, id: Id<Case>, answers: &serde_json::Value) -> Result<()> {
    tx.execute("UPDATE cases SET answers = $1 WHERE id = $2", &[answers, &id]).map(drop)
}

pub(super) fn set_department(tx: &mut Tx<'_>, case: &Case, department: &str) -> Result<()> {
    tx.execute("UPDATE cases SET department = $1, assignee = NULL WHERE id = $2", &[&department, &case.id])?;
    count(tx, &case.department, &case.procedure, case.state, -1)?;
    count(tx, department, &case.procedure, case.state, 1)
}

/// Keeps what the legal clock says after documents were asked for or came.
pub(crate) fn move_clock(tx: &mut Tx<'_>, id: Id<Case>, deemed_on: Option<Day>) -> Result<()> {
    tx.execute(
        "UPDATE cases SET deemed_on = $1, clock_on = $2 WHERE id = $3",
        &[&deemed_on, &deemed_on.unwrap_or(NEVER), &id],
    )
    .map(drop)
}

/// Keeps from which day the clock runs anew, and under which regime; `None` where it does not run any more.
pub(crate) fn set_clock(tx: &mut Tx<'_>, id: Id<Case>, regime: Regime, from: Option<Day>) -> Result<()> {
    tx.execute(
        "UPDATE cases SET silence = $1, term = $2, clock_from = COALESCE($3, clock_from) WHERE id = $4",
        &[&regime.silence.as_str(), &regime.term.map(|term| term.to_string()), &from, &id],
    )
    .map(drop)
}

fn count(tx: &mut Tx<'_>, department: &str, procedure: &str, state: State, by: i64) -> Result<()> {
    tx.execute(
        "INSERT INTO case_count (department, procedure, state, cases) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (department, procedure, state) DO UPDATE SET cases = case_count.cases + excluded.cases",
        &[&department, &procedure, &state.as_str(), &by],
    )
    .map(drop)
}
