//! Where what is done is kept.

use std::collections::HashSet;

use beffroi_calendar::booking::Booking;
use beffroi_core::Id;
use beffroi_store::{Result, ToValue, Tx, marks};
use chrono::TimeDelta;

use super::rules::Kind;

/// How long it stays known that something was done.
const KNOWN: TimeDelta = TimeDelta::days(90);

/// What is done for these bookings.
pub fn done(tx: &mut Tx<'_>, bookings: &[Id<Booking>]) -> Result<HashSet<(Id<Booking>, Kind)>> {
    if bookings.is_empty() {
        return Ok(HashSet::new());
    }
    let values: Vec<&dyn ToValue> = bookings.iter().map(|id| id as &dyn ToValue).collect();
    let sql = format!("SELECT booking, kind FROM rooms_task WHERE booking IN ({})", marks(1, bookings.len()));
    let found = tx.query(&sql, &values, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.into_iter().collect())
}

/// Writes down that something is done, or that it is not.
pub fn set(tx: &mut Tx<'_>, booking: Id<Booking>, kind: Kind, done: bool) -> Result<()> {
    if done {
        let sql = "INSERT INTO rooms_task (booking, kind, done_at) VALUES ($1, $2, $3) \
                   ON CONFLICT (booking, kind) DO NOTHING";
        return tx.execute(sql, &[&booking, &kind, &tx.now()]).map(drop);
    }
    tx.execute("DELETE FROM rooms_task WHERE booking = $1 AND kind = $2", &[&booking, &kind]).map(drop)
}

/// Forgets what was done long ago. Run it hourly.
pub fn forget(tx: &mut Tx<'_>) -> Result<u64> {
    tx.execute("DELETE FROM rooms_task WHERE done_at < $1", &[&(tx.now() - KNOWN)])
}
