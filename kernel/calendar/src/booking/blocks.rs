//! Several times that the town keeps for itself at once, and bookings found several at a time. Who asks writes the one
//! journal entry of what was done.

use std::collections::BTreeMap;

use beffroi_core::{Id, Instant};
use beffroi_store::{Result, StoreError, ToValue, Tx, marks};

use super::{
    rules::{Booking, Details, NewBooking, State, wishes},
    store::{COLUMNS, read},
};
use crate::{
    claims::{self, ClaimError, Wish},
    resource::{self, Kept, Resource},
    spans::Span,
};

/// Rows of one statement.
const ROWS: usize = 200;

/// Keeps all of these times for the town itself, or none.
///
/// # Errors
/// [`ClaimError`], with all that somebody has.
pub fn block_each(tx: &mut Tx<'_>, new: &[NewBooking]) -> Result<Vec<Id<Booking>>, ClaimError> {
    let mut resources: Vec<Id<Resource>> = new.iter().map(|new| new.resource).collect();
    resources.sort_unstable();
    resources.dedup();
    let resources: BTreeMap<Id<Resource>, Kept> = resource::with_those_above(tx, &resources)?;
    let mut taken: Vec<(Id<Booking>, Wish)> = Vec::with_capacity(new.len());
    for new in new {
        let resource = resources.get(&new.resource).ok_or(ClaimError::Unknown(new.resource))?;
        let id = tx.new_id();
        taken.extend(wishes(resource, new.span, &new.details).into_iter().map(|wish| (id, wish)));
    }
    claims::claim_each(tx, &taken)?;
    let ids: Vec<Id<Booking>> = taken.into_iter().map(|(id, _)| id).collect();
    insert(tx, &ids, new)?;
    Ok(ids)
}

/// Gives back these times, as far as the town keeps them for itself.
pub fn unblock_each(tx: &mut Tx<'_>, ids: &[Id<Booking>]) -> Result<()> {
    claims::release_each(tx, ids)?;
    for part in ids.chunks(ROWS) {
        let sql = format!(
            "DELETE FROM calendar_booking WHERE state = 'blocked' AND id IN ({})",
            marks(1, part.len())
        );
        let params: Vec<&dyn ToValue> = part.iter().map(|id| id as &dyn ToValue).collect();
        tx.execute(&sql, &params)?;
    }
    Ok(())
}

/// Says anew why the town keeps these times.
pub fn note_each(tx: &mut Tx<'_>, ids: &[Id<Booking>], why: &str) -> Result<()> {
    let details = Details { note: why.to_owned(), ..Details::default() };
    let details = serde_json::to_value(&details).map_err(StoreError::from)?;
    for part in ids.chunks(ROWS) {
        let sql = format!(
            "UPDATE calendar_booking SET details = $1 WHERE state = 'blocked' AND id IN ({})",
            marks(2, part.len())
        );
        let mut params: Vec<&dyn ToValue> = vec![&details];
        params.extend(part.iter().map(|id| id as &dyn ToValue));
        tx.execute(&sql, &params)?;
    }
    Ok(())
}

/// Those of these bookings that are still there, in no order.
pub fn several(tx: &mut Tx<'_>, ids: &[Id<Booking>]) -> Result<Vec<Booking>> {
    let mut found = Vec::new();
    for part in ids.chunks(ROWS) {
        let sql = format!(
            "SELECT {COLUMNS} FROM calendar_booking WHERE id IN ({}) LIMIT {ROWS}",
            marks(1, part.len())
        );
        let params: Vec<&dyn ToValue> = part.iter().map(|id| id as &dyn ToValue).collect();
        found.extend(tx.query(&sql, &params, read)?);
    }
    with_places(tx, found)
}

/// What is asked for, granted or kept of these places at some time within a stretch, by its beginning; at most `limit`
/// and one more. What is only held is left out.
pub fn of_places(tx: &mut Tx<'_>, places: &[Id<Resource>], within: Span, limit: u32) -> Result<Vec<Booking>> {
    in_states(tx, places, within, "'asked', 'firm', 'blocked'", limit)
}

/// [`of_places`], with what was granted and then given back.
pub fn of_places_and_cancelled(
    tx: &mut Tx<'_>,
    places: &[Id<Resource>],
    within: Span,
    limit: u32,
) -> Result<Vec<Booking>> {
    in_states(tx, places, within, "'asked', 'firm', 'blocked', 'cancelled'", limit)
}

fn in_states(
    tx: &mut Tx<'_>,
    places: &[Id<Resource>],
    within: Span,
    states: &'static str,
    limit: u32,
) -> Result<Vec<Booking>> {
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM calendar_booking WHERE ends_at > $1 AND starts_at < $2 \
         AND state IN ({states}) AND resource IN ({}) ORDER BY starts_at, id LIMIT $3",
        marks(4, places.len())
    );
    let (start, end, limit) = (within.start(), within.end(), limit.saturating_add(1));
    let mut params: Vec<&dyn ToValue> = vec![&start, &end, &limit];
    params.extend(places.iter().map(|id| id as &dyn ToValue));
    let found = tx.query(&sql, &params, read)?;
    with_places(tx, found)
}

fn with_places(
    tx: &mut Tx<'_>,
    found: Vec<(Id<Resource>, impl FnOnce(Kept) -> Booking)>,
) -> Result<Vec<Booking>> {
    let mut ids: Vec<Id<Resource>> = found.iter().map(|(resource, _)| *resource).collect();
    ids.sort_unstable();
    ids.dedup();
    let places = resource::with_those_above(tx, &ids)?;
    Ok(found.into_iter().filter_map(|(id, whole)| Some(whole(places.get(&id)?.clone()))).collect())
}

/// Id, place, beginning, end and details of a row.
type Inserted = (Id<Booking>, Id<Resource>, Instant, Instant, serde_json::Value);

fn insert(tx: &mut Tx<'_>, ids: &[Id<Booking>], new: &[NewBooking]) -> Result<()> {
    let now = tx.now();
    let rows: Vec<Inserted> = ids
        .iter()
        .zip(new)
        .map(|(id, new)| {
            let details = serde_json::to_value(&new.details).map_err(StoreError::from)?;
            Ok((*id, new.resource, new.span.start(), new.span.end(), details))
        })
        .collect::<Result<_>>()?;
    let state = State::Blocked;
    for part in rows.chunks(ROWS) {
        let values: Vec<String> = (0..part.len()).map(|row| format!("({})", marks(row * 7 + 1, 7))).collect();
        let sql = format!(
            "INSERT INTO calendar_booking (id, state, resource, starts_at, ends_at, details, made_at) \
             VALUES {}",
            values.join(", ")
        );
        let params: Vec<&dyn ToValue> = part
            .iter()
            .flat_map(|(id, resource, start, end, details)| {
                [id as &dyn ToValue, &state, resource, start, end, details, &now]
            })
            .collect();
        tx.execute(&sql, &params)?;
    }
    Ok(())
}
