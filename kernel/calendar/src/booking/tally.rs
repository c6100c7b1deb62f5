//! What was had of places in a stretch of time, for figures: by one question, with what was given back and what was free.

use std::collections::BTreeMap;

use beffroi_core::{Id, Instant, money::Cents};
use beffroi_store::{Result, StoreError, Tx};

use super::rules::{Details, State};
use crate::{
    resource::Resource,
    spans::Span,
    tariff::{Applicant, Price},
};

/// Bookings that are counted at once, at most.
const COUNTED_AT_MOST: u32 = 20_000;

/// A booking, as far as it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Of what.
    pub resource: Id<Resource>,
    /// How far it came: granted, kept by the town, or given back.
    pub state: State,
    /// The kind of thing that it is for; nothing where that is forgotten, or the town keeps it.
    pub owner: Option<String>,
    /// Every date of it.
    pub dates: Vec<Span>,
    /// What it was worth, where an association had it for nothing.
    pub free: Option<Cents>,
    /// What it was worth, where the town itself asked for it and pays nothing.
    pub own: Option<Cents>,
}

/// What the town has for nothing by a price: who of it, and what that is worth.
fn own(price: Option<serde_json::Value>) -> Result<Option<(Applicant, Cents)>> {
    let price: Option<Price> = price.map(serde_json::from_value).transpose().map_err(StoreError::from)?;
    let own = price.filter(|it| it.applicant.is_of_town() && it.due == Cents(0));
    Ok(own.map(|it| (it.applicant, it.value)))
}

/// What the town itself had for nothing, or will have, of places at times that begin within a stretch: by whom of it, how
/// often, and what that is worth. Of at most 20 000 bookings that have a price.
pub fn own_uses(tx: &mut Tx<'_>, within: Span) -> Result<Vec<(Applicant, u32, Cents)>> {
    let found = tx.query(
        "SELECT price FROM calendar_booking WHERE ends_at > $1 AND starts_at >= $1 AND starts_at < $2 \
         AND state IN ('asked', 'firm') AND price IS NOT NULL ORDER BY starts_at, id LIMIT $3",
        &[&within.start(), &within.end(), &COUNTED_AT_MOST],
        |row| own(row.get(0)?),
    )?;
    let mut uses: BTreeMap<Applicant, (u32, Cents)> = BTreeMap::new();
    for (applicant, worth) in found.into_iter().flatten() {
        let (count, value) = uses.entry(applicant).or_default();
        *count = count.saturating_add(1);
        *value = *value + worth;
    }
    Ok(uses.into_iter().map(|(applicant, (count, value))| (applicant, count, value)).collect())
}

/// What was granted, kept by the town or given back after it was granted, of all places at some time within a stretch. At
/// most 20 000; whether there are more.
pub fn counted(tx: &mut Tx<'_>, within: Span) -> Result<(Vec<Counted>, bool)> {
    let limit = COUNTED_AT_MOST + 1;
    let mut found = tx.query(
        "SELECT b.resource, b.state, b.owner_kind, b.starts_at, b.ends_at, b.details, f.value, b.price \
         FROM calendar_booking b LEFT JOIN calendar_free_use f ON f.booking = b.id \
         WHERE b.ends_at > $1 AND b.starts_at < $2 AND b.state IN ('firm', 'blocked', 'cancelled') \
         ORDER BY b.starts_at, b.id LIMIT $3",
        &[&within.start(), &within.end(), &limit],
        |row| {
            let (resource, state, owner) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let (start, end): (Instant, Instant) = (row.get(3)?, row.get(4)?);
            let details: Details = serde_json::from_value(row.get(5)?).map_err(StoreError::from)?;
            let dates = if details.dates.is_empty() {
                Span::new(start, end).into_iter().collect()
            } else {
                details.dates
            };
            let own = own(row.get(7)?)?.map(|(_, worth)| worth);
            Ok(Counted { resource, state, owner, dates, free: row.get(6)?, own })
        },
    )?;
    let more = found.len() > usize::try_from(COUNTED_AT_MOST).unwrap_or(usize::MAX);
    if more {
        found.pop();
    }
    Ok((found, more))
}
