//! Where keys are kept, and who has them.

use beffroi_calendar::{booking::Booking, resource::Resource};
use beffroi_core::{Day, Id};
use beffroi_people::Permit;
use beffroi_store::{Entry, Result, Row, ToValue, Tx, marks};
use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;

use crate::{ManageKeys, ManageRooms};

/// How long it stays known who had a key, once it is returned.
const KEPT: TimeDelta = TimeDelta::days(365);

/// A key or a badge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Which one.
    pub id: Id<Key>,
    /// Of which room.
    pub resource: Id<Resource>,
    /// What it is called: « Porte d’entrée ».
    pub label: String,
    /// What is written on it.
    pub number: String,
    /// Whether it is still handed over.
    pub active: bool,
}

/// That a key was handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loan {
    /// Which time.
    pub id: Id<Loan>,
    /// Which key.
    pub key: Key,
    /// For which booking.
    pub booking: Id<Booking>,
    /// On which day.
    pub handed_on: Day,
    /// By which day it is to come back.
    pub due_on: Day,
    /// On which day it came back.
    pub returned_on: Option<Day>,
}

fn read_key(row: &mut Row, from: usize) -> Result<Key> {
    Ok(Key {
        id: row.get(from)?,
        resource: row.get(from + 1)?,
        label: row.get(from + 2)?,
        number: row.get(from + 3)?,
        active: row.get(from + 4)?,
    })
}

const LOAN: &str = "SELECT l.id, l.booking, l.handed_on, l.due_on, l.returned_on, k.id, k.resource, k.label, k.number, \
     k.active FROM rooms_key_loan l JOIN rooms_key k ON k.id = l.key_id";

fn read_loan(row: &mut Row) -> Result<Loan> {
    Ok(Loan {
        id: row.get(0)?,
        booking: row.get(1)?,
        handed_on: row.get(2)?,
        due_on: row.get(3)?,
        returned_on: row.get(4)?,
        key: read_key(row, 5)?,
    })
}

/// The keys of a room, those that are still handed over first; at most 200.
pub fn of_room(tx: &mut Tx<'_>, room: Id<Resource>) -> Result<Vec<Key>> {
    tx.query(
        "SELECT id, resource, label, number, active FROM rooms_key WHERE resource = $1 \
         ORDER BY active DESC, id LIMIT 200",
        &[&room],
        |row| read_key(row, 0),
    )
}

/// The keys of a room that can be handed over now: nobody has them.
pub(crate) fn free(tx: &mut Tx<'_>, room: Id<Resource>) -> Result<Vec<Key>> {
    tx.query(
        "SELECT id, resource, label, number, active FROM rooms_key k WHERE resource = $1 AND active = TRUE \
         AND NOT EXISTS (SELECT 1 FROM rooms_key_loan l WHERE l.key_id = k.id AND l.returned_on IS NULL) \
         ORDER BY id LIMIT 200",
        &[&room],
        |row| read_key(row, 0),
    )
}

/// Writes down a key of a room.
///
/// # Errors
/// Those of the store.
pub fn add(
    tx: &mut Tx<'_>,
    _: &Permit<ManageRooms>,
    room: Id<Resource>,
    (label, number): (&str, &str),
) -> Result<Id<Key>> {
    let id: Id<Key> = tx.new_id();
    tx.execute(
        "INSERT INTO rooms_key (id, resource, label, number, active) VALUES ($1, $2, $3, $4, TRUE)",
        &[&id, &room, &label, &number],
    )?;
    note(tx, room.uuid(), "resource", "key.added", json!({ "key": id }))?;
    Ok(id)
}

/// Says that a key is handed over no more, or again; `false` where it is none of the room's.
pub(super) fn set_active(
    tx: &mut Tx<'_>,
    _: &Permit<ManageRooms>,
    room: Id<Resource>,
    key: Id<Key>,
    active: bool,
) -> Result<bool> {
    let sql = "UPDATE rooms_key SET active = $3 WHERE id = $1 AND resource = $2";
    if tx.execute(sql, &[&key, &room, &active])? == 0 {
        return Ok(false);
    }
    let kind = if active { "key.restored" } else { "key.retired" };
    note(tx, room.uuid(), "resource", kind, json!({ "key": key }))?;
    Ok(true)
}

/// The keys of a booking, those that are out and those that came back.
pub fn loans_of(tx: &mut Tx<'_>, booking: Id<Booking>) -> Result<Vec<Loan>> {
    tx.query(&format!("{LOAN} WHERE l.booking = $1 ORDER BY l.id LIMIT 200"), &[&booking], read_loan)
}

/// The keys of these bookings.
pub(crate) fn loans_of_bookings(tx: &mut Tx<'_>, bookings: &[Id<Booking>]) -> Result<Vec<Loan>> {
    if bookings.is_empty() {
        return Ok(Vec::new());
    }
    let params: Vec<&dyn ToValue> = bookings.iter().map(|id| id as &dyn ToValue).collect();
    let sql = format!("{LOAN} WHERE l.booking IN ({}) ORDER BY l.id LIMIT 2000", marks(1, bookings.len()));
    tx.query(&sql, &params, read_loan)
}

/// The keys that are out, the longest due first; at most 500.
pub(super) fn out(tx: &mut Tx<'_>) -> Result<Vec<Loan>> {
    tx.query(&format!("{LOAN} WHERE l.returned_on IS NULL ORDER BY l.due_on, l.id LIMIT 500"), &[], read_loan)
}

/// Hands a key over for a booking, until a day; `None` where somebody has it, or it is none of the room's.
///
/// # Errors
/// Those of the store.
pub fn hand_over(
    tx: &mut Tx<'_>,
    _: &Permit<ManageKeys>,
    (booking, room): (Id<Booking>, Id<Resource>),
    key: Id<Key>,
    (handed_on, due_on): (Day, Day),
    agent: Uuid,
) -> Result<Option<Id<Loan>>> {
    if !free(tx, room)?.iter().any(|free| free.id == key) {
        return Ok(None);
    }
    let id: Id<Loan> = tx.new_id();
    tx.execute(
        "INSERT INTO rooms_key_loan (id, key_id, booking, handed_on, handed_by, due_on, returned_on, returned_by) \
         VALUES ($1, $2, $3, $4, $5, $6, NULL, NULL)",
        &[&id, &key, &booking, &handed_on, &agent, &due_on],
    )?;
    note(tx, booking.uuid(), "booking", "key.handed_over", json!({ "key": key, "on": handed_on }))?;
    Ok(Some(id))
}

/// That a key was handed over.
pub(super) fn loan(tx: &mut Tx<'_>, id: Id<Loan>) -> Result<Option<Loan>> {
    tx.query_opt(&format!("{LOAN} WHERE l.id = $1"), &[&id], read_loan)
}

/// Writes down that a key came back; `false` where it had.
///
/// # Errors
/// Those of the store.
pub fn take_back(tx: &mut Tx<'_>, _: &Permit<ManageKeys>, loan: &Loan, on: Day, agent: Uuid) -> Result<bool> {
    let sql =
        "UPDATE rooms_key_loan SET returned_on = $2, returned_by = $3 WHERE id = $1 AND returned_on IS NULL";
    if tx.execute(sql, &[&loan.id, &on, &agent])? == 0 {
        return Ok(false);
    }
    note(tx, loan.booking.uuid(), "booking", "key.returned", json!({ "key": loan.key.id, "on": on }))?;
    Ok(true)
}

/// Forgets for which booking a key was out that came back a year ago, and until when the certificates of bookings were good
/// that lead to nobody any more, or to an association for which nobody is reached. Run it hourly.
pub(crate) fn forget(tx: &mut Tx<'_>, today: Day) -> Result<u64> {
    let before = today - KEPT;
    let loans = tx.execute("DELETE FROM rooms_key_loan WHERE returned_on < $1", &[&before])?;
    let certificates = tx.execute(
        "DELETE FROM rooms_insurance WHERE NOT EXISTS \
         (SELECT 1 FROM calendar_booking b WHERE b.id = rooms_insurance.booking AND b.owner IS NOT NULL \
         AND NOT EXISTS (SELECT 1 FROM rooms_round_request r WHERE r.id = b.owner AND r.erased = TRUE))",
        &[],
    )?;
    Ok(loans + certificates)
}

fn note(
    tx: &mut Tx<'_>,
    subject_id: Uuid,
    subject_kind: &str,
    kind: &str,
    payload: serde_json::Value,
) -> Result<()> {
    tx.journal(&Entry { kind, subject_kind, subject_id, payload }).map(drop)
}
