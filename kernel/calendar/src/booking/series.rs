//! What comes again and is granted without a case: the times of a season. Who grants writes the one journal entry of what
//! was done.

use std::collections::BTreeMap;

use beffroi_core::{Id, Instant, calendar::civil_day};
use beffroi_store::{Result, StoreError, ToValue, Tx, marks};
use chrono::Datelike;
use chrono_tz::Tz;
use uuid::Uuid;

use super::rules::{Booking, NewBooking, State, wishes};
use crate::{
    claims::{self, ClaimError, Wish},
    resource::{self, Kept, Resource},
    spans::Span,
    tariff::{self, FreeUsed, Price},
};

/// Dates that are claimed by one statement at least; a series is never cut in two.
const DATES: usize = 500;
/// Rows of one statement.
const ROWS: usize = 100;

/// What comes again, as it is granted.
#[derive(Clone, Debug)]
pub struct Series {
    /// What, and when.
    pub new: NewBooking,
    /// For which thing.
    pub owner: Uuid,
    /// What it costs; `None` where nothing is asked for it.
    pub price: Option<Price>,
    /// The association that has it, by which its free uses are counted, and its name.
    pub body: Option<(String, String)>,
}

/// Grants all of these for things of a kind. Each is had with all its dates; nothing is booked along. What an association
/// has for nothing is counted in the year in which it begins.
///
/// # Errors
/// [`ClaimError`], with what somebody has. What was granted before that is for the caller to undo, with its transaction.
pub fn grant_each(
    tx: &mut Tx<'_>,
    kind: &str,
    all: &[Series],
    zone: Tz,
) -> Result<Vec<Id<Booking>>, ClaimError> {
    let mut resources: Vec<Id<Resource>> = all.iter().map(|it| it.new.resource).collect();
    resources.sort_unstable();
    resources.dedup();
    let resources: BTreeMap<Id<Resource>, Kept> = resource::with_those_above(tx, &resources)?;
    let ids: Vec<Id<Booking>> = all.iter().map(|_| tx.new_id()).collect();
    let mut taken: Vec<(Id<Booking>, Wish)> = Vec::new();
    for (id, Series { new, .. }) in ids.iter().zip(all) {
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
    let free: Vec<FreeUsed> = ids.iter().zip(all).filter_map(|(id, it)| free_use(*id, it, zone)).collect();
    tariff::note_free_uses(tx, &free)?;
    Ok(ids)
}

fn free_use(booking: Id<Booking>, it: &Series, zone: Tz) -> Option<FreeUsed> {
    let price = it.price.as_ref().filter(|price| price.free.is_some())?;
    let (body, name) = it.body.clone()?;
    let year = civil_day(it.new.span.start(), zone).year();
    Some(FreeUsed { booking, body, name, year, value: price.value })
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

/// A row: which booking, of what, from when to when, with what, for which thing, and what it costs.
type Row = (Id<Booking>, Id<Resource>, Instant, Instant, serde_json::Value, Uuid, Option<serde_json::Value>);

fn insert(tx: &mut Tx<'_>, kind: &str, ids: &[Id<Booking>], all: &[Series]) -> Result<()> {
    let (now, state) = (tx.now(), State::Firm);
    let row = |(id, it): (&Id<Booking>, &Series)| -> Result<Row> {
        let new = &it.new;
        let whole = new.details.dates.iter().copied().fold(new.span, Span::hull);
        let details = serde_json::to_value(&new.details).map_err(StoreError::from)?;
        let price = it.price.as_ref().map(serde_json::to_value).transpose().map_err(StoreError::from)?;
        Ok((*id, new.resource, whole.start(), whole.end(), details, it.owner, price))
    };
    let rows: Vec<Row> = ids.iter().zip(all).map(row).collect::<Result<_>>()?;
    for part in rows.chunks(ROWS) {
        let values: Vec<String> =
            (0..part.len()).map(|row| format!("({})", marks(row * 10 + 1, 10))).collect();
        let sql = format!(
            "INSERT INTO calendar_booking (id, state, resource, starts_at, ends_at, details, made_at, owner_kind, \
             owner, price) VALUES {}",
            values.join(", ")
        );
        let params: Vec<&dyn ToValue> = part
            .iter()
            .flat_map(|(id, resource, start, end, details, owner, price)| {
                [id as &dyn ToValue, &state, resource, start, end, details, &now, &kind, owner, price]
            })
            .collect();
        tx.execute(&sql, &params)?;
    }
    Ok(())
}
