//! Where deposits are kept.

use beffroi_calendar::booking::Booking;
use beffroi_core::{Day, Id, Instant, money::Cents};
use beffroi_documents::Document;
use beffroi_store::{Result, Row, StoreError, ToValue, Tx, marks};
use uuid::Uuid;

use super::rules::{Deposit, Means, NewWithheld, Origin, State};

/// Deposits that a list shows, at most.
pub(super) const LISTED: u32 = 500;
/// Bookings that some deposits answer for, at most.
const BOOKINGS_AT_MOST: u32 = 5_000;

const COLUMNS: &str = "d.booking, d.origin_kind, d.origin, d.amount, d.state, d.promised_at, d.means, d.reference, \
     d.held_on, d.held_by, d.withheld, d.reason, d.quote, d.inspection, d.told_at, d.answer_by, d.answer, d.kept, \
     d.ended_at";
/// How many they are.
const WIDTH: usize = 19;

fn read(row: &mut Row) -> Result<Deposit> {
    let kind: String = row.get(1)?;
    let origin = Origin::of(&kind, row.get(2)?)
        .ok_or_else(|| StoreError::Corrupt(format!("no deposit is asked for by a {kind}")))?;
    Ok(Deposit {
        booking: row.get(0)?,
        origin,
        amount: row.get(3)?,
        state: row.get(4)?,
        promised_at: row.get(5)?,
        means: row.get(6)?,
        reference: row.get(7)?,
        held_on: row.get(8)?,
        held_by: row.get(9)?,
        withheld: row.get(10)?,
        reason: row.get(11)?,
        quote: row.get(12)?,
        inspection: row.get(13)?,
        told_at: row.get(14)?,
        answer_by: row.get(15)?,
        answer: row.get(16)?,
        kept: row.get(17)?,
        ended_at: row.get(18)?,
    })
}

/// The deposit that answers for a booking.
pub fn find(tx: &mut Tx<'_>, booking: Id<Booking>) -> Result<Option<Deposit>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM rooms_deposit d JOIN rooms_deposit_booking l ON l.deposit = d.booking \
         WHERE l.booking = $1"
    );
    tx.query_opt(&sql, &[&booking], read)
}

/// The deposits that answer for these bookings, each with the booking.
pub fn of_bookings(tx: &mut Tx<'_>, bookings: &[Id<Booking>]) -> Result<Vec<(Id<Booking>, Deposit)>> {
    if bookings.is_empty() {
        return Ok(Vec::new());
    }
    let params: Vec<&dyn ToValue> = bookings.iter().map(|id| id as &dyn ToValue).collect();
    let sql = format!(
        "SELECT {COLUMNS}, l.booking FROM rooms_deposit d JOIN rooms_deposit_booking l ON l.deposit = d.booking \
         WHERE l.booking IN ({}) ORDER BY l.booking LIMIT 2000",
        marks(1, bookings.len())
    );
    tx.query(&sql, &params, |row| Ok((row.get(WIDTH)?, read(row)?)))
}

/// The deposits of an association for the rooms of a season, by the bookings that they are kept under.
pub(crate) fn of_requests(tx: &mut Tx<'_>, requests: &[Uuid]) -> Result<Vec<Deposit>> {
    if requests.is_empty() {
        return Ok(Vec::new());
    }
    let params: Vec<&dyn ToValue> = requests.iter().map(|id| id as &dyn ToValue).collect();
    let sql = format!(
        "SELECT {COLUMNS} FROM rooms_deposit d WHERE d.origin_kind = 'season-request' AND d.origin IN ({}) \
         ORDER BY d.booking LIMIT 2000",
        marks(1, requests.len())
    );
    tx.query(&sql, &params, read)
}

/// The deposits that an agent has something to do about, by their bookings; at most 500.
pub(super) fn open(tx: &mut Tx<'_>) -> Result<Vec<Deposit>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM rooms_deposit d WHERE d.state IN ('promised', 'held', 'withheld') \
         ORDER BY d.state, d.booking LIMIT $1"
    );
    tx.query(&sql, &[&LISTED], read)
}

/// For which bookings these deposits answer, each after the one that its deposit is kept under.
pub(super) fn answered_for(
    tx: &mut Tx<'_>,
    deposits: &[Id<Booking>],
) -> Result<Vec<(Id<Booking>, Id<Booking>)>> {
    if deposits.is_empty() {
        return Ok(Vec::new());
    }
    let params: Vec<&dyn ToValue> = deposits.iter().map(|id| id as &dyn ToValue).collect();
    let sql = format!(
        "SELECT deposit, booking FROM rooms_deposit_booking WHERE deposit IN ({}) ORDER BY deposit, booking \
         LIMIT {BOOKINGS_AT_MOST}",
        marks(1, deposits.len())
    );
    tx.query(&sql, &params, |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Keeps that one was promised, which answers for these bookings; `false` where there is one. One that was given back, or
/// not needed any more, is promised anew: the room is granted again.
pub(super) fn insert(tx: &mut Tx<'_>, new: &Deposit, bookings: &[Id<Booking>]) -> Result<bool> {
    let made = tx.execute(
        "INSERT INTO rooms_deposit (booking, origin_kind, origin, amount, state, promised_at, means, reference, \
         held_on, held_by, withheld, reason, quote, inspection, told_at, answer_by, answer, kept, ended_at, \
         reminded_at) VALUES ($1, $2, $3, $4, $5, $6, NULL, '', NULL, NULL, NULL, '', NULL, NULL, NULL, NULL, '', \
         NULL, NULL, NULL) \
         ON CONFLICT (booking) DO UPDATE SET amount = excluded.amount, state = excluded.state, \
         promised_at = excluded.promised_at, means = NULL, reference = '', held_on = NULL, held_by = NULL, \
         withheld = NULL, reason = '', quote = NULL, inspection = NULL, told_at = NULL, answer_by = NULL, \
         answer = '', kept = NULL, ended_at = NULL, reminded_at = NULL WHERE rooms_deposit.state = 'released'",
        &[&new.booking, &new.origin.kind(), &new.origin.uuid(), &new.amount, &new.state, &new.promised_at],
    )?;
    if made == 0 {
        return Ok(false);
    }
    let params: Vec<&dyn ToValue> =
        std::iter::once(&new.booking).chain(bookings.iter()).map(|id| id as &dyn ToValue).collect();
    // The first is the one that it is kept under.
    let rows: Vec<String> = (0..bookings.len()).map(|rank| format!("(${}, $1)", rank + 2)).collect();
    let sql = format!(
        "INSERT INTO rooms_deposit_booking (booking, deposit) VALUES {} ON CONFLICT (booking) DO NOTHING",
        rows.join(", ")
    );
    tx.execute(&sql, &params)?;
    Ok(true)
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
         answer_by = $7, inspection = $8, answer = '' WHERE booking = $1",
        &[
            &booking,
            &State::Withheld,
            &new.amount,
            &new.reason,
            &quote,
            &tx.now(),
            &new.answer_by,
            &new.after,
        ],
    )
    .map(drop)
}

pub(super) fn set_answer(tx: &mut Tx<'_>, booking: Id<Booking>, answer: &str) -> Result<()> {
    tx.execute("UPDATE rooms_deposit SET answer = $2 WHERE booking = $1", &[&booking, &answer]).map(drop)
}

pub(super) fn end(tx: &mut Tx<'_>, booking: Id<Booking>, state: State, kept: Cents) -> Result<()> {
    let sql = "UPDATE rooms_deposit SET state = $2, kept = $3, ended_at = $4 WHERE booking = $1";
    tx.execute(sql, &[&booking, &state, &kept, &tx.now()]).map(drop)
}

/// Those that are held, of which every booking that they answer for was over before an instant or given back, and of which
/// nobody was reminded since another: with the account that took each.
pub(super) fn to_remind(tx: &mut Tx<'_>, over: Instant, since: Instant) -> Result<Vec<Deposit>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM rooms_deposit d WHERE d.state = 'held' \
         AND (d.reminded_at IS NULL OR d.reminded_at < $2) \
         AND NOT EXISTS (SELECT 1 FROM rooms_deposit_booking l JOIN calendar_booking b ON b.id = l.booking \
         WHERE l.deposit = d.booking AND b.ends_at >= $1 AND b.state NOT IN ('cancelled', 'released')) \
         ORDER BY d.booking LIMIT 200"
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

/// Forgets deposits that ended, or were never given, once their case leads to nobody, or nobody is reached any more for the
/// season: what was kept is in the town's accounts. Run it hourly.
pub(super) fn forget(tx: &mut Tx<'_>) -> Result<u64> {
    tx.execute(
        "DELETE FROM rooms_deposit WHERE state IN ('promised', 'released', 'settled') AND ( \
         (origin_kind = 'case' AND NOT EXISTS (SELECT 1 FROM calendar_booking b \
         WHERE b.id = rooms_deposit.booking AND b.owner IS NOT NULL)) \
         OR (origin_kind = 'season-request' AND NOT EXISTS (SELECT 1 FROM rooms_round_request r \
         WHERE r.id = rooms_deposit.origin AND r.erased = FALSE)))",
        &[],
    )
}
