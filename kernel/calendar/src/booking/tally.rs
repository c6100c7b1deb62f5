//! What was had of places in a stretch of time, for figures: by one question, with what was given back and what was free.

use beffroi_core::{Id, Instant, money::Cents};
use beffroi_store::{Result, StoreError, Tx};

use super::rules::{Details, State};
use crate::{resource::Resource, spans::Span};

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
}

/// What was granted, kept by the town or given back after it was granted, of all places at some time within a stretch. At
/// most 20 000; whether there are more.
pub fn counted(tx: &mut Tx<'_>, within: Span) -> Result<(Vec<Counted>, bool)> {
    let limit = COUNTED_AT_MOST + 1;
    let mut found = tx.query(
        "SELECT b.resource, b.state, b.owner_kind, b.starts_at, b.ends_at, b.details, f.value \
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
            Ok(Counted { resource, state, owner, dates, free: row.get(6)? })
        },
    )?;
    let more = found.len() > usize::try_from(COUNTED_AT_MOST).unwrap_or(usize::MAX);
    if more {
        found.pop();
    }
    Ok((found, more))
}
