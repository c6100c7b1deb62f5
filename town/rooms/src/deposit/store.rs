//! Where deposits are kept.

use beffroi_calendar::booking::Booking;
use beffroi_core::{Day, Id, Instant};
use beffroi_documents::Document;
use beffroi_store::{Result, Row, ToValue, Tx, marks};
use uuid::Uuid;

use super::rules::{Deposit, Means, NewWithheld, State};

/// Deposits that a list shows, at most.
pub(super) const LISTED: u32 = 500;

const COLUMNS: &str = "booking, case_id, amount, state, promised_at, means, reference, held_on, held_by, withheld, \
     reason, quote, told_at, answer_by, answer, kept, ended_at FROM rooms_deposit";

fn read(row: &mut Row) -> Result<Deposit> {
    Ok(Deposit {
        booking: row.get(0)?,
        case: row.get(1)?,
        amount: row.get(2)?,
        state: row.get(3)?,
        promised_at: row.get(4)?,
        means: row.get(5)?,
        reference: row.get(6)?,
        held_on: row.get(7)?,
        held_by: row.get(8)?,
        withheld: row.get(9)?,
        reason: row.get(10)?,
        quote: row.get(11)?,
        told_at: row.get(12)?,
        answer_by: row.get(13)?,
        answer: row.get(14)?,
        kept: row.get(15)?,
        ended_at: row.get(16)?,
    })
}

/// The deposit of a booking.
pub fn find(tx: &mut Tx<'_>, booking: Id<Booking>) -> Result<Option<Deposit>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE booking = $1"), &[&booking], read)
}

/// The deposits of these bookings.
pub fn of_bookings(tx: &mut Tx<'_>, bookings: &[Id<Booking>]) -> Result<Vec<Deposit>> {
    if bookings.is_empty() {
        return Ok(Vec::new());
    }
    let params: Vec<&dyn ToValue> = bookings.iter().map(|id| id as &dyn ToValue).collect();
    let sql = format!(
        "SELECT {COLUMNS} WHERE booking IN ({}) ORDER BY booking LIMIT 2000",
        marks(1, bookings.len())
    );
    tx.query(&sql, &params, read)
}

/// The deposits that an agent has something to do about, by their bookings; at most 500.
pub(super) fn open(tx: &mut Tx<'_>) -> Result<Vec<Deposit>> {
    let sql = format!(
        "SELECT {COLUMNS} WHERE state IN ('promised', 'held', 'withheld') ORDER BY state, booking LIMIT $1"
    );
    tx.query(&sql, &[&LISTED], read)
}

/// Keeps that one was promised; `false` where the booking has one. One that was given back, or not needed any more, is
/// promised anew: the room is granted again.
pub(super) fn insert(tx: &mut Tx<'_>, new: &Deposit) -> Result<bool> {
    let made = tx.execute(
        "INSERT INTO rooms_deposit (booking, case_id, amount, state, promised_at, means, reference, held_on, \
         held_by, withheld, reason, quote, told_at, answer_by, answer, kept, ended_at, reminded_at) \
         VALUES ($1, $2, $3, $4, $5, NULL, '', NULL, NULL, NULL, '', NULL, NULL, NULL, '', NULL, NULL, NULL) \
         ON CONFLICT (booking) DO UPDATE SET amount = excluded.amount, state = excluded.state, \
         promised_at = excluded.promised_at, means = NULL, reference = '', held_on = NULL, held_by = NULL, \
         withheld = NULL, reason = '', quote = NULL, told_at = NULL, answer_by = NULL, answer = '', kept = NULL, \
         ended_at = NULL, reminded_at = NULL WHERE rooms_deposit.state = 'released'",
        &[&new.booking, &new.case, &new.amount, &new.state, &new.promised_at],
    )?;
    Ok(made > 0)
}

pub(super) fn set_held(
    tx: &mut Tx<'_>,
    booking: Id<Booking>,
    (means, reference, on): (Means, &str, Day),
    agent: Uuid,
) -> Result<()> {
    tx.execute(
        "UPDATE rooms_deposit SET state = $2, means = $3, reference = $4, held_on = $5, held_by = $6 \
         WHERE booking = $1",
        &[&booking, &State::Held, &means, &reference, &on, &agent],
    )
    .map(drop)
}

pub(super) fn set_withheld(
    tx: &mut Tx<'_>,
    booking: Id<Booking>,
    new: &NewWithheld,
    quote: Id<Document>,
) -> Result<()> {
    tx.execute(
        "UPDATE rooms_deposit SET state = $2, withheld = $3, reason = $4, quote = $5, told_at = $6, \
         answer_by = $7, answer = '' WHERE booking = $1",
        &[&booking, &State::Withheld, &new.amount, &new.reason, &quote, &tx.now(), &new.answer_by],
    )
    .map(drop)
}

pub(super) fn set_answer(tx: &mut Tx<'_>, booking: Id<Booking>, answer: &str) -> Result<()> {
    tx.execute("UPDATE rooms_deposit SET answer = $2 WHERE booking = $1", &[&booking, &answer]).map(drop)
}

pub(super) fn end(
    tx: &mut Tx<'_>,
    booking: Id<Booking>,
    state: State,
    kept: beffroi_core::money::Cents,
) -> Result<()> {
    let sql = "UPDATE rooms_deposit SET state = $2, kept = $3, ended_at = $4 WHERE booking = $1";
    tx.execute(sql, &[&booking, &state, &kept, &tx.now()]).map(drop)
}

/// Those that are held, whose booking was over before an instant or given back, and of which nobody was reminded since
/// another: with the account that took each.
pub(super) fn to_remind(tx: &mut Tx<'_>, over: Instant, since: Instant) -> Result<Vec<Deposit>> {
    let columns = COLUMNS.replace(" FROM rooms_deposit", "");
    let columns: Vec<String> = columns.split(", ").map(|name| format!("d.{}", name.trim())).collect();
    let sql = format!(
        "SELECT {} FROM rooms_deposit d JOIN calendar_booking b ON b.id = d.booking \
         WHERE d.state = 'held' AND (b.ends_at < $1 OR b.state IN ('cancelled', 'released')) \
         AND (d.reminded_at IS NULL OR d.reminded_at < $2) ORDER BY d.booking LIMIT 200",
        columns.join(", ")
    );
    tx.query(&sql, &[&over, &since], read)
}

pub(super) fn set_reminded(tx: &mut Tx<'_>, bookings: &[Id<Booking>]) -> Result<()> {
    if bookings.is_empty() {
        return Ok(());
    }
    let now = tx.now();
    let mut params: Vec<&dyn ToValue> = vec![&now];
    params.extend(bookings.iter().map(|id| id as &dyn ToValue));
    let list = marks(2, bookings.len());
    let sql = format!("UPDATE rooms_deposit SET reminded_at = $1 WHERE booking IN ({list})");
    tx.execute(&sql, &params).map(drop)
}

/// Forgets deposits that ended, or were never given, once their case leads to nobody: what was kept is in the town's
/// accounts. Run it hourly.
pub(super) fn forget(tx: &mut Tx<'_>) -> Result<u64> {
    tx.execute(
        "DELETE FROM rooms_deposit WHERE state IN ('promised', 'released', 'settled') AND NOT EXISTS \
         (SELECT 1 FROM calendar_booking b WHERE b.id = rooms_deposit.booking AND b.owner IS NOT NULL)",
        &[],
    )
}
