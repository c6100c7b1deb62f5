//! The code of a door: it lies sealed (docs/decisions/sealed-at-rest.md), and is told to whoever has the room from a day
//! before until the end.

use beffroi_calendar::{booking::Booking, resource::Resource, spans::Span};
use beffroi_core::{Day, Id, Instant, calendar::civil_day};
use beffroi_people::Permit;
use beffroi_store::{Entry, Result, Row, Tx};
use chrono::{Days, TimeDelta};
use chrono_tz::Tz;
use serde_json::json;

use crate::ManageRooms;

/// How long before it begins whoever has a room is told the code.
const AHEAD: TimeDelta = TimeDelta::days(1);
/// Days that a code stays known once it has changed.
const KEPT: Days = Days::new(7);

/// The code of a door, as it lies there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoorCode {
    /// Which one.
    pub id: Id<DoorCode>,
    /// From which day.
    pub first: Day,
    /// Until which day.
    pub last: Day,
    sealed: String,
}

fn context(id: Id<DoorCode>) -> String {
    format!("rooms.door_code:{id}")
}

fn read(row: &mut Row) -> Result<DoorCode> {
    Ok(DoorCode { id: row.get(0)?, first: row.get(1)?, last: row.get(2)?, sealed: row.get(3)? })
}

impl DoorCode {
    /// The code.
    fn open(&self, tx: &Tx<'_>) -> Result<String> {
        tx.unseal_text(&context(self.id), &self.sealed)
    }
}

/// The codes of a room, from the first day on; at most 100.
pub(crate) fn codes_of(tx: &mut Tx<'_>, room: Id<Resource>) -> Result<Vec<DoorCode>> {
    let sql = "SELECT id, first_day, last_day, code FROM rooms_door_code WHERE resource = $1 ORDER BY first_day, id LIMIT 100";
    tx.query(sql, &[&room], read)
}

/// Keeps the code of a room's door for some days; `false` where another one is kept for some of them.
///
/// # Errors
/// Those of the store, and of sealing.
pub fn set(
    tx: &mut Tx<'_>,
    _: &Permit<ManageRooms>,
    room: Id<Resource>,
    (first, last): (Day, Day),
    code: &str,
) -> Result<bool> {
    if codes_of(tx, room)?.iter().any(|other| other.first <= last && other.last >= first) {
        return Ok(false);
    }
    let id: Id<DoorCode> = tx.new_id();
    let sealed = tx.seal_text(&context(id), code)?;
    tx.execute(
        "INSERT INTO rooms_door_code (id, resource, first_day, last_day, code) VALUES ($1, $2, $3, $4, $5)",
        &[&id, &room, &first, &last, &sealed],
    )?;
    note(tx, room, "door_code.set", first, last)?;
    Ok(true)
}

/// Forgets a code of a room; `false` where it has none of that id.
pub(super) fn remove(
    tx: &mut Tx<'_>,
    _: &Permit<ManageRooms>,
    room: Id<Resource>,
    id: Id<DoorCode>,
) -> Result<bool> {
    let Some(code) = codes_of(tx, room)?.into_iter().find(|code| code.id == id) else { return Ok(false) };
    tx.execute("DELETE FROM rooms_door_code WHERE id = $1", &[&id])?;
    note(tx, room, "door_code.removed", code.first, code.last)?;
    Ok(true)
}

fn note(tx: &mut Tx<'_>, room: Id<Resource>, kind: &str, first: Day, last: Day) -> Result<()> {
    tx.journal(&Entry {
        kind,
        subject_kind: "resource",
        subject_id: room.uuid(),
        payload: json!({ "first": first, "last": last }),
    })
    .map(drop)
}

/// The date of a booking whose code may be told now: from a day before it begins until it ends.
fn told_now(dates: &[Span], now: Instant) -> Option<Span> {
    dates.iter().copied().find(|date| date.start() - AHEAD <= now && now < date.end())
}

/// The code that whoever has this booking may see now; `None` where there is none, it is too early or too late.
pub(crate) fn shown_to_holder(
    tx: &mut Tx<'_>,
    booking: &Booking,
    now: Instant,
    zone: Tz,
) -> Result<Option<String>> {
    let Some(date) = told_now(booking.dates(), now) else { return Ok(None) };
    let day = civil_day(date.start(), zone);
    let codes = codes_of(tx, booking.resource.id)?;
    let code = codes.iter().find(|code| code.first <= day && day <= code.last);
    code.map(|code| code.open(tx)).transpose()
}

/// Forgets codes whose days are over. Run it hourly.
pub(crate) fn forget(tx: &mut Tx<'_>, today: Day) -> Result<u64> {
    let before = today.checked_sub_days(KEPT).unwrap_or(today);
    tx.execute("DELETE FROM rooms_door_code WHERE last_day < $1", &[&before])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_told_from_a_day_before_until_the_end() {
        let at = |hours: i64| Instant::from_timestamp(hours * 3_600, 0).unwrap();
        let dates = [Span::new(at(100), at(104)).unwrap(), Span::new(at(300), at(304)).unwrap()];
        for (hours, told) in [(75, false), (76, true), (103, true), (104, false), (200, false), (276, true)] {
            assert_eq!(told_now(&dates, at(hours)).is_some(), told, "{hours}");
        }
    }
}
