//! Where what is done is kept.

use std::collections::HashSet;

use beffroi_calendar::booking::Booking;
use beffroi_core::{Id, Instant};
use beffroi_store::{Result, ToValue, Tx, marks};
use chrono::TimeDelta;

use super::rules::Kind;

/// How long it stays known that something was done.
const KNOWN: TimeDelta = TimeDelta::days(90);

/// Something that is done: for which booking, what, and for its date that begins then.
pub type Done = (Id<Booking>, Kind, Instant);

/// What is done for these bookings.
pub fn done(tx: &mut Tx<'_>, bookings: &[Id<Booking>]) -> Result<HashSet<Done>> {
    if bookings.is_empty() {
        return Ok(HashSet::new());
    }
    let values: Vec<&dyn ToValue> = bookings.iter().map(|id| id as &dyn ToValue).collect();
    let sql = format!(
        "SELECT booking, kind, starts_at FROM rooms_task WHERE booking IN ({})",
        marks(1, bookings.len())
    );
    let found = tx.query(&sql, &values, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(found.into_iter().collect())
}

/// Writes down that something is done, or that it is not.
pub fn set(tx: &mut Tx<'_>, (booking, kind, starts_at): Done, done: bool) -> Result<()> {
    let sql = if done {
        "INSERT INTO rooms_task (booking, kind, starts_at, done_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (booking, kind, starts_at) DO NOTHING"
    } else {
        let sql = "DELETE FROM rooms_task WHERE booking = $1 AND kind = $2 AND starts_at = $3";
        return tx.execute(sql, &[&booking, &kind, &starts_at]).map(drop);
    };
    tx.execute(sql, &[&booking, &kind, &starts_at, &tx.now()]).map(drop)
}

/// Forgets what was done long ago. Run it hourly.
pub fn forget(tx: &mut Tx<'_>) -> Result<u64> {
    tx.execute("DELETE FROM rooms_task WHERE done_at < $1", &[&(tx.now() - KNOWN)])
}
