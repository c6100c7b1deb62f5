//! What comes again and is granted without a case: the times of a season. Who grants writes the one journal entry of what
//! was done.

use std::collections::BTreeMap;

use beffroi_core::{Id, Instant};
use beffroi_store::{Result, StoreError, ToValue, Tx, marks};
use uuid::Uuid;

use super::rules::{Booking, NewBooking, State, wishes};
use crate::{
    claims::{self, ClaimError, Wish},
    resource::{self, Kept, Resource},
    spans::Span,
};

/// Dates that are claimed by one statement at least; a series is never cut in two.
const DATES: usize = 500;
/// Rows of one statement.
const ROWS: usize = 100;

/// Grants all of these for things of a kind, each for the one that it is given with. Each is had with all its dates;
/// nothing is booked along.
///
/// # Errors
/// [`ClaimError`], with what somebody has. What was granted before that is for the caller to undo, with its transaction.
pub fn grant_each(
    tx: &mut Tx<'_>,
    kind: &str,
    all: &[(NewBooking, Uuid)],
) -> Result<Vec<Id<Booking>>, ClaimError> {
    let mut resources: Vec<Id<Resource>> = all.iter().map(|(new, _)| new.resource).collect();
    resources.sort_unstable();
    resources.dedup();
    let resources: BTreeMap<Id<Resource>, Kept> = resource::with_those_above(tx, &resources)?;
    let ids: Vec<Id<Booking>> = all.iter().map(|_| tx.new_id()).collect();
    let mut taken: Vec<(Id<Booking>, Wish)> = Vec::new();
    for (id, (new, _)) in ids.iter().zip(all) {
        let resource = resources.get(&new.resource).ok_or(ClaimError::Unknown(new.resource))?;
        taken.extend(wishes(resource, new.span, &new.details).into_iter().map(|wish| (*id, wish)));
        if taken.len() >= DATES {
            claims::claim_each(tx, &taken)?;
            taken.clear();
        }
    }
    if !taken.is_empty() {
        claims::claim_each(tx, &taken)?;
    }
    insert(tx, kind, &ids, all)?;
    Ok(ids)
}

/// Those of these bookings that were given back since.
pub fn given_back(tx: &mut Tx<'_>, ids: &[Id<Booking>]) -> Result<Vec<Id<Booking>>> {
    let mut found = Vec::new();
    for part in ids.chunks(ROWS) {
        let sql = format!(
            "SELECT id FROM calendar_booking WHERE state = 'cancelled' AND id IN ({}) ORDER BY id LIMIT {ROWS}",
            marks(1, part.len())
        );
        let params: Vec<&dyn ToValue> = part.iter().map(|id| id as &dyn ToValue).collect();
        found.extend(tx.query(&sql, &params, |row| row.get::<Id<Booking>>(0))?);
    }
    Ok(found)
}

/// A row: which booking, of what, from when to when, with what, and for which thing.
type Row = (Id<Booking>, Id<Resource>, Instant, Instant, serde_json::Value, Uuid);

fn insert(tx: &mut Tx<'_>, kind: &str, ids: &[Id<Booking>], all: &[(NewBooking, Uuid)]) -> Result<()> {
    let (now, state) = (tx.now(), State::Firm);
    let row = |(id, (new, owner)): (&Id<Booking>, &(NewBooking, Uuid))| -> Result<Row> {
        let whole = new.details.dates.iter().copied().fold(new.span, Span::hull);
        let details = serde_json::to_value(&new.details).map_err(StoreError::from)?;
        Ok((*id, new.resource, whole.start(), whole.end(), details, *owner))
    };
    let rows: Vec<Row> = ids.iter().zip(all).map(row).collect::<Result<_>>()?;
    for part in rows.chunks(ROWS) {
        let values: Vec<String> = (0..part.len()).map(|row| format!("({})", marks(row * 9 + 1, 9))).collect();
        let sql = format!(
            "INSERT INTO calendar_booking (id, state, resource, starts_at, ends_at, details, made_at, owner_kind, \
             owner) VALUES {}",
            values.join(", ")
        );
        let params: Vec<&dyn ToValue> = part
            .iter()
            .flat_map(|(id, resource, start, end, details, owner)| {
                [id as &dyn ToValue, &state, resource, start, end, details, &now, &kind, owner]
            })
            .collect();
        tx.execute(&sql, &params)?;
    }
    Ok(())
}
