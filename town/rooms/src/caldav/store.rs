//! Where the events are kept that programs wrote.

use std::collections::HashMap;

use beffroi_calendar::{booking::Booking, ics::Object, resource::Resource};
use beffroi_core::{Id, Instant};
use beffroi_store::{Result, Row, StoreError, ToValue, Tx, marks};
use chrono::TimeDelta;

/// Rows of one statement.
const ROWS: usize = 200;
/// How long programs are told that an event is gone.
pub const TOLD_GONE: TimeDelta = TimeDelta::days(90);
/// How long after its last time what a program wrote of an event is kept.
const KEPT_AFTER: TimeDelta = TimeDelta::days(366);

/// An event that a program wrote.
#[derive(Clone, Debug)]
pub struct Event {
    pub id: Id<Event>,
    pub resource: Id<Resource>,
    pub name: String,
    pub object: Object,
    pub changes: u32,
    pub changed_at: Instant,
    pub is_gone: bool,
}

const COLUMNS: &str = "id, resource, name, object, changes, changed_at, gone_at";

fn read(row: &mut Row) -> Result<Event> {
    let gone: Option<Instant> = row.get(6)?;
    Ok(Event {
        id: row.get(0)?,
        resource: row.get(1)?,
        name: row.get(2)?,
        object: serde_json::from_value(row.get(3)?).map_err(StoreError::from)?,
        changes: row.get(4)?,
        changed_at: row.get(5)?,
        is_gone: gone.is_some(),
    })
}

/// The events of a room that are not deleted; at most `limit` and one more.
pub fn of_room(tx: &mut Tx<'_>, room: Id<Resource>, limit: u32) -> Result<Vec<Event>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM rooms_event WHERE resource = $1 AND gone_at IS NULL ORDER BY name LIMIT $2"
    );
    tx.query(&sql, &[&room, &limit.saturating_add(1)], read)
}

/// The event at an address, deleted or not.
pub fn by_name(tx: &mut Tx<'_>, room: Id<Resource>, name: &str) -> Result<Option<Event>> {
    let sql = format!("SELECT {COLUMNS} FROM rooms_event WHERE resource = $1 AND name = $2");
    tx.query_opt(&sql, &[&room, &name], read)
}

/// The events of a room that a word tells from others, one of which at most takes the room.
pub fn by_uid(tx: &mut Tx<'_>, room: Id<Resource>, uid: &str) -> Result<Vec<Event>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM rooms_event WHERE resource = $1 AND uid = $2 AND gone_at IS NULL LIMIT 20"
    );
    tx.query(&sql, &[&room, &uid], read)
}

/// These events, deleted or not.
pub fn of_ids(tx: &mut Tx<'_>, ids: &[Id<Event>]) -> Result<Vec<Event>> {
    let mut found = Vec::new();
    for part in ids.chunks(ROWS) {
        let sql =
            format!("SELECT {COLUMNS} FROM rooms_event WHERE id IN ({}) LIMIT {ROWS}", marks(1, part.len()));
        let params: Vec<&dyn ToValue> = part.iter().map(|id| id as &dyn ToValue).collect();
        found.extend(tx.query(&sql, &params, read)?);
    }
    Ok(found)
}

/// The bookings of an event.
pub fn times(tx: &mut Tx<'_>, event: Id<Event>) -> Result<Vec<Id<Booking>>> {
    let sql = "SELECT booking FROM rooms_event_time WHERE event = $1 LIMIT 10000";
    tx.query(sql, &[&event], |row| row.get(0))
}

/// Of which events these bookings are times.
pub fn events_of(tx: &mut Tx<'_>, bookings: &[Id<Booking>]) -> Result<HashMap<Id<Booking>, Id<Event>>> {
    let mut found = HashMap::new();
    for part in bookings.chunks(ROWS) {
        let sql = format!(
            "SELECT booking, event FROM rooms_event_time WHERE booking IN ({}) LIMIT {ROWS}",
            marks(1, part.len())
        );
        let params: Vec<&dyn ToValue> = part.iter().map(|id| id as &dyn ToValue).collect();
        let pairs: Vec<(Id<Booking>, Id<Event>)> =
            tx.query(&sql, &params, |row| Ok((row.get(0)?, row.get(1)?)))?;
        found.extend(pairs);
    }
    Ok(found)
}

/// Keeps an event as it was written now.
pub fn keep(tx: &mut Tx<'_>, event: &Event) -> Result<()> {
    let object = serde_json::to_value(&event.object).map_err(StoreError::from)?;
    tx.execute(
        "INSERT INTO rooms_event (id, resource, name, uid, object, changes, changed_at, gone_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, NULL) \
         ON CONFLICT (id) DO UPDATE SET uid = excluded.uid, object = excluded.object, \
         changes = excluded.changes, changed_at = excluded.changed_at, gone_at = NULL",
        &[
            &event.id,
            &event.resource,
            &event.name,
            &event.object.uid,
            &object,
            &event.changes,
            &event.changed_at,
        ],
    )
    .map(drop)
}

/// Says that an event is deleted.
pub fn bury(tx: &mut Tx<'_>, event: Id<Event>) -> Result<()> {
    tx.execute("UPDATE rooms_event SET gone_at = $2 WHERE id = $1", &[&event, &tx.now()]).map(drop)
}

/// Adds times to an event.
pub fn link(tx: &mut Tx<'_>, event: Id<Event>, bookings: &[Id<Booking>]) -> Result<()> {
    for part in bookings.chunks(ROWS) {
        let values: Vec<String> = (0..part.len()).map(|row| format!("(${}, $1)", row + 2)).collect();
        let sql = format!("INSERT INTO rooms_event_time (booking, event) VALUES {}", values.join(", "));
        let mut params: Vec<&dyn ToValue> = vec![&event];
        params.extend(part.iter().map(|id| id as &dyn ToValue));
        tx.execute(&sql, &params)?;
    }
    Ok(())
}

/// Lets bookings be times of no event any more.
pub fn unlink(tx: &mut Tx<'_>, bookings: &[Id<Booking>]) -> Result<()> {
    for part in bookings.chunks(ROWS) {
        let sql = format!("DELETE FROM rooms_event_time WHERE booking IN ({})", marks(1, part.len()));
        let params: Vec<&dyn ToValue> = part.iter().map(|id| id as &dyn ToValue).collect();
        tx.execute(&sql, &params)?;
    }
    Ok(())
}

/// Forgets what programs wrote of events that are long over or deleted. What the town had kept stays on the planning.
pub fn sweep(tx: &mut Tx<'_>) -> Result<u64> {
    let (gone, over) = (tx.now() - TOLD_GONE, tx.now() - KEPT_AFTER);
    let old = "SELECT event.id FROM rooms_event AS event WHERE event.gone_at <= $1 \
               OR (event.changed_at <= $2 AND NOT EXISTS (SELECT 1 FROM rooms_event_time AS time \
               JOIN calendar_booking AS booking ON booking.id = time.booking \
               WHERE time.event = event.id AND booking.ends_at > $2))";
    let ids: Vec<Id<Event>> = tx.query(&format!("{old} LIMIT 200"), &[&gone, &over], |row| row.get(0))?;
    if ids.is_empty() {
        return Ok(0);
    }
    let params: Vec<&dyn ToValue> = ids.iter().map(|id| id as &dyn ToValue).collect();
    let marks = marks(1, ids.len());
    tx.execute(&format!("DELETE FROM rooms_event_time WHERE event IN ({marks})"), &params)?;
    tx.execute(&format!("DELETE FROM rooms_event WHERE id IN ({marks})"), &params)
}
