//! Where sessions are kept, and the statements that count their seats.

use beffroi_calendar::{booking::Booking, spans::Span};
use beffroi_core::{Id, Instant};
use beffroi_store::{Result, Row, StoreError, ToValue, Tx, marks, words};

use crate::{place::Place, series::Series};

/// Sessions of one list, at most.
const LISTED: u32 = 1_000;

/// A mark for sessions in [`Id`].
#[derive(Clone, Copy, Debug)]
pub enum Mark {}

words! {
    /// Whether a session is held.
    SessionState {
        /// It is, or was.
        Planned = "planned",
        /// It is not.
        Cancelled = "cancelled",
    }
}

/// A session as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Which.
    pub id: Id<Mark>,
    /// Of what.
    pub series: Id<Series>,
    /// Where.
    pub place: Id<Place>,
    /// From when to when.
    pub span: Span,
    /// How many may take part.
    pub seats: u32,
    /// How many may wait for a seat.
    pub waiting_places: u32,
    /// Seats that somebody has, or is offered.
    pub taken: u32,
    /// How many wait.
    pub waiting: u32,
    /// Whether it is held.
    pub state: SessionState,
    /// Why it is not held.
    pub why: String,
    /// What is taken of its room.
    pub booking: Option<Id<Booking>>,
    /// How often it was changed.
    pub changes: u32,
    /// When it was changed last.
    pub changed_at: Instant,
}

impl Session {
    /// Seats that anybody may have.
    pub const fn free(&self) -> u32 {
        self.seats.saturating_sub(self.taken)
    }

    /// How many more may wait.
    pub const fn may_wait(&self) -> u32 {
        self.waiting_places.saturating_sub(self.waiting)
    }

    /// Whether it is held, and has not begun.
    pub fn is_to_come(&self, now: Instant) -> bool {
        self.state == SessionState::Planned && self.span.start() > now
    }
}

const COLUMNS: &str = "id, series, place, starts_at, ends_at, seats, waiting_places, taken, waiting, state, why, \
     booking, changes, changed_at FROM workshops_session";

fn read(row: &mut Row) -> Result<Session> {
    let (starts, ends) = (row.get(3)?, row.get(4)?);
    Ok(Session {
        id: row.get(0)?,
        series: row.get(1)?,
        place: row.get(2)?,
        span: Span::new(starts, ends)
            .ok_or_else(|| StoreError::Corrupt("a session ends before it begins".to_owned()))?,
        seats: row.get(5)?,
        waiting_places: row.get(6)?,
        taken: row.get(7)?,
        waiting: row.get(8)?,
        state: row.get(9)?,
        why: row.get(10)?,
        booking: row.get(11)?,
        changes: row.get(12)?,
        changed_at: row.get(13)?,
    })
}

/// A session.
pub fn find(tx: &mut Tx<'_>, id: Id<Mark>) -> Result<Option<Session>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE id = $1"), &[&id], read)
}

/// These sessions, by their beginning.
pub fn some(tx: &mut Tx<'_>, ids: &[Id<Mark>]) -> Result<Vec<Session>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let params: Vec<&dyn ToValue> = ids.iter().map(|id| id as &dyn ToValue).collect();
    let sql =
        format!("SELECT {COLUMNS} WHERE id IN ({}) ORDER BY starts_at, id LIMIT 1000", marks(1, ids.len()));
    tx.query(&sql, &params, read)
}

/// The sessions of a series, by their beginning: those that are over too.
pub fn of_series(tx: &mut Tx<'_>, series: Id<Series>) -> Result<Vec<Session>> {
    let sql = format!("SELECT {COLUMNS} WHERE series = $1 ORDER BY starts_at DESC, id LIMIT $2");
    let mut found = tx.query(&sql, &[&series, &LISTED], read)?;
    found.reverse();
    Ok(found)
}

/// The sessions of a series that are held and end after an instant, by their beginning.
pub fn to_come(tx: &mut Tx<'_>, series: Id<Series>, after: Instant) -> Result<Vec<Session>> {
    let sql = format!(
        "SELECT {COLUMNS} WHERE series = $1 AND state = 'planned' AND ends_at > $2 ORDER BY starts_at, id LIMIT $3"
    );
    tx.query(&sql, &[&series, &after, &LISTED], read)
}

/// All sessions that begin after an instant, by their beginning; those that are not held too.
pub fn future(tx: &mut Tx<'_>, after: Instant) -> Result<Vec<Session>> {
    let sql = format!("SELECT {COLUMNS} WHERE starts_at > $1 ORDER BY starts_at, id LIMIT $2");
    tx.query(&sql, &[&after, &LISTED], read)
}

/// All sessions that begin within a stretch of time, by their beginning; those that are not held too.
pub fn between(tx: &mut Tx<'_>, within: Span) -> Result<Vec<Session>> {
    let sql =
        format!("SELECT {COLUMNS} WHERE starts_at >= $1 AND starts_at < $2 ORDER BY starts_at, id LIMIT $3");
    tx.query(&sql, &[&within.start(), &within.end(), &LISTED], read)
}

/// Writes a new session down.
pub(super) fn insert(tx: &mut Tx<'_>, new: &Session) -> Result<()> {
    tx.execute(
        "INSERT INTO workshops_session (id, series, place, starts_at, ends_at, seats, waiting_places, taken, waiting, \
         turns, state, why, booking, changes, changed_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, $8, $9, $10, 0, $11)",
        &[
            &new.id,
            &new.series,
            &new.place,
            &new.span.start(),
            &new.span.end(),
            &new.seats,
            &new.waiting_places,
            &new.state,
            &new.why,
            &new.booking,
            &new.changed_at,
        ],
    )
    .map(drop)
}

/// Writes down what has changed of a session; false where more seats are taken than it would have.
pub(super) fn update(tx: &mut Tx<'_>, it: &Session) -> Result<bool> {
    let done = tx.execute(
        "UPDATE workshops_session SET place = $2, starts_at = $3, ends_at = $4, seats = $5, waiting_places = $6, \
         state = $7, why = $8, booking = $9, changes = changes + 1, changed_at = $10 \
         WHERE id = $1 AND taken <= $5",
        &[
            &it.id,
            &it.place,
            &it.span.start(),
            &it.span.end(),
            &it.seats,
            &it.waiting_places,
            &it.state,
            &it.why,
            &it.booking,
            &tx.now(),
        ],
    )?;
    Ok(done > 0)
}

/// Nobody has anything of a session any more.
pub(super) fn empty(tx: &mut Tx<'_>, id: Id<Mark>) -> Result<()> {
    tx.execute("UPDATE workshops_session SET taken = 0, waiting = 0 WHERE id = $1", &[&id]).map(drop)
}

fn with_first<'v>(first: &'v dyn ToValue, ids: &'v [Id<Mark>]) -> Vec<&'v dyn ToValue> {
    std::iter::once(first).chain(ids.iter().map(|id| id as &dyn ToValue)).collect()
}

/// Takes a seat of each of these sessions that has one left and ends after an instant: in which, and in which turn. The
/// count and the bound are one statement, so that no seat is given twice and none stays empty.
pub(crate) fn take(tx: &mut Tx<'_>, ids: &[Id<Mark>], after: Instant) -> Result<Vec<(Id<Mark>, u32)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "UPDATE workshops_session SET taken = taken + 1, turns = turns + 1 WHERE state = 'planned' \
         AND ends_at > $1 AND taken < seats AND id IN ({}) RETURNING id, turns",
        marks(2, ids.len())
    );
    tx.query(&sql, &with_first(&after, ids), |row| Ok((row.get(0)?, row.get(1)?)))
}

/// The same for a place in the waiting list.
pub(crate) fn wait(tx: &mut Tx<'_>, ids: &[Id<Mark>], after: Instant) -> Result<Vec<(Id<Mark>, u32)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "UPDATE workshops_session SET waiting = waiting + 1, turns = turns + 1 WHERE state = 'planned' \
         AND starts_at > $1 AND waiting < waiting_places AND id IN ({}) RETURNING id, turns",
        marks(2, ids.len())
    );
    tx.query(&sql, &with_first(&after, ids), |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Gives back one seat of each of these sessions, and one place of the waiting list of each of those.
pub(crate) fn give_back(tx: &mut Tx<'_>, seats: &[Id<Mark>], waiting: &[Id<Mark>]) -> Result<()> {
    for (column, ids) in [("taken", seats), ("waiting", waiting)] {
        if !ids.is_empty() {
            let params: Vec<&dyn ToValue> = ids.iter().map(|id| id as &dyn ToValue).collect();
            let list = marks(1, ids.len());
            let sql = format!("UPDATE workshops_session SET {column} = {column} - 1 WHERE id IN ({list})");
            tx.execute(&sql, &params)?;
        }
    }
    Ok(())
}
