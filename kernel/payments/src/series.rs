//! Numbers without gaps: a series is counted up in the transaction that uses the number, and is rolled back with it.
//! Writers of one commune come one after another, so that no number is given twice.

use beffroi_core::calendar::civil_day;
use beffroi_people::Town;
use beffroi_store::{Result, Tx};
use chrono::Datelike;

/// The year in which the town is now.
pub fn year(tx: &mut Tx<'_>) -> Result<u32> {
    let zone = Town::load(tx)?.zone();
    Ok(u32::try_from(civil_day(tx.now(), zone).year()).unwrap_or_default())
}

/// The next number of a series in a year, from 1.
pub fn next(tx: &mut Tx<'_>, name: &str, year: u32) -> Result<u32> {
    tx.query_one(
        "INSERT INTO payment_series (name, year, last) VALUES ($1, $2, 1) \
         ON CONFLICT (name, year) DO UPDATE SET last = payment_series.last + 1 RETURNING last",
        &[&name, &year],
        |row| row.get(0),
    )
}
