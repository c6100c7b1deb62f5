//! Where bookings are kept.

use std::collections::{BTreeMap, BTreeSet};

use beffroi_core::{Id, Instant};
use beffroi_store::{Result, Row, StoreError, ToValue, Tx, marks};
use chrono::TimeDelta;
use uuid::Uuid;

use super::rules::{Booking, Cancelled, Canceller, Details, Holding, NewBooking, Owner, Secret, State};
use crate::{
    resource::{self, Kept, Resource},
    spans::Span,
    tariff::Price,
};

/// How long what nobody has asked for stays known once its hold has expired.
const UNASKED_FOR: TimeDelta = TimeDelta::hours(24);
/// Bookings that a list shows, at most.
const LISTED_AT_MOST: u32 = 2_000;

pub(super) const COLUMNS: &str = "id, state, resource, starts_at, ends_at, details, held_until, owner_kind, owner, made_at, \
     purpose, lengthened, cancelled_at, cancelled_by, cancelled_why, price";

/// A row: the booking, once its resource is read.
pub(super) fn read(row: &mut Row) -> Result<(Id<Resource>, impl FnOnce(Kept) -> Booking + use<>)> {
    let id = row.get(0)?;
    let state: State = row.get(1)?;
    let resource = row.get(2)?;
    let span = Span::new(row.get(3)?, row.get(4)?)
        .ok_or_else(|| StoreError::Corrupt("a booking ends before it begins".to_owned()))?;
    let details: Details = serde_json::from_value(row.get(5)?).map_err(StoreError::from)?;
    // The row tells the whole of what comes again.
    let span = details.dates.first().copied().unwrap_or(span);
    let held_until = row.get(6)?;
    let (kind, owner): (Option<String>, Option<Uuid>) = (row.get(7)?, row.get(8)?);
    let owner = kind.zip(owner);
    let made_at = row.get(9)?;
    let purpose = row.get(10)?;
    let lengthened = u32::try_from(row.get::<i64>(11)?).unwrap_or(u32::MAX);
    let (at, by): (Option<Instant>, Option<Canceller>) = (row.get(12)?, row.get(13)?);
    let why = row.get::<Option<String>>(14)?.unwrap_or_default();
    let price: Option<serde_json::Value> = row.get(15)?;
    let price: Option<Price> = price.map(serde_json::from_value).transpose().map_err(StoreError::from)?;
    let cancelled = at.zip(by).map(|(at, by)| Cancelled { at, by, why });
    let whole = move |resource| Booking {
        id,
        state,
        resource,
        span,
        details,
        held_until,
        owner,
        made_at,
        purpose,
        lengthened,
        cancelled,
        price,
    };
    Ok((resource, whole))
}

fn whole(
    tx: &mut Tx<'_>,
    found: Option<(Id<Resource>, impl FnOnce(Kept) -> Booking)>,
) -> Result<Option<Booking>> {
    let Some((resource, whole)) = found else { return Ok(None) };
    let resource = resource::find(tx, resource)?;
    let resource = resource.ok_or_else(|| StoreError::Corrupt("a booking of nothing".to_owned()))?;
    Ok(Some(whole(resource)))
}

/// A booking.
pub fn find(tx: &mut Tx<'_>, id: Id<Booking>) -> Result<Option<Booking>> {
    let sql = format!("SELECT {COLUMNS} FROM calendar_booking WHERE id = $1");
    let found = tx.query_opt(&sql, &[&id], read)?;
    whole(tx, found)
}

/// What a secret opens.
pub fn by_secret(tx: &mut Tx<'_>, presented: &str) -> Result<Option<Booking>> {
    let sql = format!("SELECT {COLUMNS} FROM calendar_booking WHERE secret_hash = $1");
    let found = tx.query_opt(&sql, &[&Secret::hash(presented)], read)?;
    whole(tx, found)
}

/// The booking that is for a request.
pub fn of_owner(tx: &mut Tx<'_>, (kind, id): Owner<'_>) -> Result<Option<Booking>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM calendar_booking WHERE owner_kind = $1 AND owner = $2 ORDER BY id DESC LIMIT 1"
    );
    let found = tx.query_opt(&sql, &[&kind, &id], read)?;
    whole(tx, found)
}

/// The statement that finds who waits for an answer about what begins before the instant of this parameter: the `owner`s
/// of that kind, for statements that look for what is late.
pub fn unanswered_before(kind: &'static str, instant: usize) -> String {
    format!(
        "SELECT DISTINCT owner FROM calendar_booking WHERE state = 'asked' AND owner_kind = '{kind}' \
         AND starts_at < ${instant}"
    )
}

/// When what these owners have asked for begins, by owner, as long as nobody has answered.
pub fn unanswered(tx: &mut Tx<'_>, kind: &str, owners: &[Uuid]) -> Result<BTreeMap<Uuid, Instant>> {
    if owners.is_empty() {
        return Ok(BTreeMap::new());
    }
    let sql = format!(
        "SELECT owner, starts_at FROM calendar_booking WHERE owner_kind = $1 AND state = 'asked' \
         AND owner IN ({}) ORDER BY id LIMIT {LISTED_AT_MOST}",
        marks(2, owners.len())
    );
    let mut params: Vec<&dyn ToValue> = vec![&kind];
    params.extend(owners.iter().map(|id| id as &dyn ToValue));
    let found = tx.query(&sql, &params, |row| Ok((row.get::<Uuid>(0)?, row.get::<Instant>(1)?)))?;
    Ok(found.into_iter().collect())
}

/// Those of these owners who gave back what they were granted.
pub fn cancelled(tx: &mut Tx<'_>, kind: &str, owners: &[Uuid]) -> Result<BTreeSet<Uuid>> {
    if owners.is_empty() {
        return Ok(BTreeSet::new());
    }
    let sql = format!(
        "SELECT owner FROM calendar_booking WHERE owner_kind = $1 AND state = 'cancelled' AND owner IN ({}) \
         LIMIT {LISTED_AT_MOST}",
        marks(2, owners.len())
    );
    let mut params: Vec<&dyn ToValue> = vec![&kind];
    params.extend(owners.iter().map(|id| id as &dyn ToValue));
    Ok(tx.query(&sql, &params, |row| row.get::<Uuid>(0))?.into_iter().collect())
}

/// What is taken or held at some time within a stretch, by its beginning; what was released is not. What comes again is
/// listed for each of its dates. At most 2 000.
pub fn listed(tx: &mut Tx<'_>, within: Span) -> Result<Vec<Booking>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM calendar_booking WHERE ends_at > $1 AND starts_at < $2 \
         AND (state IN ('asked', 'firm', 'blocked') OR (state = 'held' AND held_until > $3)) \
         ORDER BY starts_at, id LIMIT $4"
    );
    let found = tx.query(&sql, &[&within.start(), &within.end(), &tx.now(), &LISTED_AT_MOST], read)?;
    let whole = with_resources(tx, found)?;
    let mut listed: Vec<Booking> = whole.iter().flat_map(|booking| each_date(booking, within)).collect();
    listed.sort_by_key(|booking| (booking.span, booking.id));
    Ok(listed)
}

/// The bookings that are for these requests, by their beginning, each as a whole. At most 2 000.
pub fn of_owners(tx: &mut Tx<'_>, kind: &str, ids: &[Uuid]) -> Result<Vec<Booking>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut params: Vec<&dyn ToValue> = vec![&kind, &LISTED_AT_MOST];
    params.extend(ids.iter().map(|id| id as &dyn ToValue));
    let sql = format!(
        "SELECT {COLUMNS} FROM calendar_booking WHERE owner_kind = $1 AND owner IN ({}) \
         ORDER BY starts_at, id LIMIT $2",
        marks(3, ids.len())
    );
    let found = tx.query(&sql, &params, read)?;
    with_resources(tx, found)
}

fn with_resources(
    tx: &mut Tx<'_>,
    found: Vec<(Id<Resource>, impl FnOnce(Kept) -> Booking)>,
) -> Result<Vec<Booking>> {
    let mut ids: Vec<Id<Resource>> = found.iter().map(|(resource, _)| *resource).collect();
    ids.sort_unstable();
    ids.dedup();
    let resources: BTreeMap<Id<Resource>, Kept> = resource::with_those_above(tx, &ids)?;
    let whole = found.into_iter().filter_map(|(id, whole)| Some(whole(resources.get(&id)?.clone())));
    Ok(whole.collect())
}

/// A booking on each of its dates within a stretch of time.
fn each_date(booking: &Booking, within: Span) -> Vec<Booking> {
    let dates = booking.dates().iter().filter(|date| date.meets(within));
    dates
        .map(|date| {
            let details = Details {
                dates: Vec::new(),
                skipped: Vec::new(),
                returned: Vec::new(),
                ..booking.details.clone()
            };
            Booking { span: *date, details, ..booking.clone() }
        })
        .collect()
}

/// How much somebody holds at this moment.
pub fn held_by(tx: &mut Tx<'_>, holder: &str) -> Result<u32> {
    let sql =
        "SELECT COUNT(*) FROM calendar_booking WHERE holder = $1 AND state = 'held' AND held_until > $2";
    let count: i64 = tx.query_one(sql, &[&Secret::hash(holder), &tx.now()], |row| row.get(0))?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Forgets holds that nobody can ask for any more, and who held what has expired. Run it hourly.
pub fn sweep(tx: &mut Tx<'_>) -> Result<u64> {
    let sql = "UPDATE calendar_booking SET holder = NULL WHERE holder IS NOT NULL AND held_until <= $1";
    tx.execute(sql, &[&tx.now()])?;
    tx.execute(
        "DELETE FROM calendar_booking WHERE state = 'held' AND held_until <= $1 \
         AND (starts_at <= $1 OR (owner IS NULL AND held_until <= $2))",
        &[&tx.now(), &(tx.now() - UNASKED_FOR)],
    )
}

pub(super) fn insert(
    tx: &mut Tx<'_>,
    id: Id<Booking>,
    new: &NewBooking,
    state: State,
    held_until: Option<Instant>,
    held: Option<(&Secret, Holding<'_>)>,
) -> Result<()> {
    let whole = new.details.dates.iter().copied().fold(new.span, Span::hull);
    let details = serde_json::to_value(&new.details).map_err(StoreError::from)?;
    let hash: Option<[u8; 32]> = held.map(|(secret, _)| Secret::hash(secret.reveal()));
    let holder: Option<[u8; 32]> = held.map(|(_, holding)| Secret::hash(holding.holder));
    let purpose = held.map_or("", |(_, holding)| holding.purpose);
    tx.execute(
        "INSERT INTO calendar_booking (id, state, resource, starts_at, ends_at, details, held_until, \
         owner_kind, owner, secret_hash, made_at, purpose, holder, lengthened) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, NULL, $8, $9, $10, $11, 0)",
        &[
            &id,
            &state,
            &new.resource,
            &whole.start(),
            &whole.end(),
            &details,
            &held_until,
            &hash,
            &tx.now(),
            &purpose,
            &holder,
        ],
    )
    .map(drop)
}

pub(super) fn set_state(tx: &mut Tx<'_>, id: Id<Booking>, state: State) -> Result<()> {
    tx.execute(
        "UPDATE calendar_booking SET state = $2, held_until = NULL, secret_hash = NULL, holder = NULL \
         WHERE id = $1",
        &[&id, &state],
    )
    .map(drop)
}

pub(super) fn set_cancelled(tx: &mut Tx<'_>, id: Id<Booking>, cancelled: &Cancelled) -> Result<()> {
    tx.execute(
        "UPDATE calendar_booking SET state = $2, cancelled_at = $3, cancelled_by = $4, cancelled_why = $5 \
         WHERE id = $1",
        &[&id, &State::Cancelled, &cancelled.at, &cancelled.by, &cancelled.why],
    )
    .map(drop)
}

pub(super) fn lengthen(tx: &mut Tx<'_>, id: Id<Booking>, until: Instant) -> Result<()> {
    let sql = "UPDATE calendar_booking SET held_until = $2, lengthened = lengthened + 1 WHERE id = $1";
    tx.execute(sql, &[&id, &until]).map(drop)
}

pub(super) fn set_owner(tx: &mut Tx<'_>, id: Id<Booking>, (kind, owner): Owner<'_>) -> Result<()> {
    tx.execute("UPDATE calendar_booking SET owner_kind = $2, owner = $3 WHERE id = $1", &[&id, &kind, &owner])
        .map(drop)
}

pub(super) fn clear_owner(tx: &mut Tx<'_>, id: Id<Booking>) -> Result<()> {
    tx.execute("UPDATE calendar_booking SET owner_kind = NULL, owner = NULL WHERE id = $1", &[&id]).map(drop)
}

pub(super) fn set_dates(tx: &mut Tx<'_>, id: Id<Booking>, whole: Span, details: &Details) -> Result<()> {
    let details = serde_json::to_value(details).map_err(StoreError::from)?;
    let sql = "UPDATE calendar_booking SET starts_at = $2, ends_at = $3, details = $4 WHERE id = $1";
    tx.execute(sql, &[&id, &whole.start(), &whole.end(), &details]).map(drop)
}

pub(super) fn set_price(tx: &mut Tx<'_>, id: Id<Booking>, price: &Price) -> Result<()> {
    let price = serde_json::to_value(price).map_err(StoreError::from)?;
    tx.execute("UPDATE calendar_booking SET price = $2 WHERE id = $1", &[&id, &price]).map(drop)
}

pub(super) fn delete(tx: &mut Tx<'_>, id: Id<Booking>) -> Result<()> {
    tx.execute("DELETE FROM calendar_free_use WHERE booking = $1", &[&id])?;
    tx.execute("DELETE FROM calendar_booking WHERE id = $1", &[&id]).map(drop)
}

/// Bookings in the state of a hold that are for a request, other than one.
pub(super) fn other_holds(
    tx: &mut Tx<'_>,
    (kind, owner): Owner<'_>,
    but: Id<Booking>,
) -> Result<Vec<Id<Booking>>> {
    tx.query(
        "SELECT id FROM calendar_booking WHERE owner_kind = $1 AND owner = $2 AND id <> $3 AND state = 'held' \
         LIMIT 100",
        &[&kind, &owner, &but],
        |row| row.get(0),
    )
}
