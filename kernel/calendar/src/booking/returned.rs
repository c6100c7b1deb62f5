//! One date, or several, of what comes again is given back, and the rest stays: free at once, with what is kept of their
//! part of the price. Rules first, then the command.

use beffroi_core::{Instant, calendar::civil_day, money::Cents};
use beffroi_store::{StoreError, Tx};
use chrono_tz::Tz;

use super::{
    commands::note,
    rules::{Booking, Canceller, Owner, Returned, State},
    store,
};
use crate::{
    claims,
    spans::Span,
    tariff::{self, Price},
};

/// The dates that somebody gives back, by their beginnings, and what they were told.
#[derive(Clone, Copy, Debug)]
pub struct GivenBack<'g> {
    /// When each begins, in seconds since 1970.
    pub starts: &'g [i64],
    /// By whom.
    pub by: Canceller,
    /// Why, in their words.
    pub why: &'g str,
    /// What they were told is kept of the price; `None` before they were told.
    pub told: Option<Cents>,
}

/// Why no date is given back.
#[derive(Debug, thiserror::Error)]
pub enum NotReturned {
    /// There is nothing of which a single date could be given back.
    #[error("there are no such dates")]
    NotThere,
    /// No date was chosen.
    #[error("no date was chosen")]
    Nothing,
    /// One of them is past, was given back before, or was never had.
    #[error("one of the dates is past or given back")]
    Gone,
    /// No date would be left: the booking as a whole is given back instead.
    #[error("no date would be left")]
    All,
    /// They were not told yet that so much is kept.
    #[error("they were not told that {0} is kept")]
    Untold(Cents),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Booking {
    /// The dates that can be given back one by one: those to come of what was granted and comes again.
    pub fn returnable(&self, now: Instant) -> &[Span] {
        let dates = self.dates();
        if self.state != State::Firm || dates.len() < 2 {
            return &[];
        }
        dates.get(dates.partition_point(|date| date.start() <= now)..).unwrap_or_default()
    }

    /// What is kept of the price of these dates if whoever has them gives them back now: of each by its own day, as the
    /// tariff says.
    pub fn kept_of_dates(&self, dates: &[Span], now: Instant, zone: Tz) -> Cents {
        let Some(price) = &self.price else { return Cents(0) };
        let today = civil_day(now, zone);
        let kept = |(rank, date): (usize, &Span)| {
            let part = Price { due: self.share(price, rank).1, ..price.clone() };
            part.kept_on(today, civil_day(date.start(), zone))
        };
        self.dates().iter().enumerate().filter(|(_, date)| dates.contains(date)).map(kept).sum()
    }

    /// What was kept of the dates that were given back before.
    pub fn kept_of_returned(&self) -> Cents {
        self.details.returned.iter().map(|returned| returned.kept).sum()
    }

    /// What is to be paid in all: what is left, and what was kept of what was given back.
    pub fn owed(&self) -> Cents {
        self.price.as_ref().map_or(Cents(0), |price| price.due) + self.kept_of_returned()
    }

    /// What one date is worth, and what is to be paid of it. Where the price does not say it, all dates cost the same.
    fn share(&self, price: &Price, rank: usize) -> (Cents, Cents) {
        let count = self.dates().len();
        let value = if let Some(value) = price.each.get(rank).filter(|_| price.each.len() == count) {
            *value
        } else {
            let part = |dates: usize| {
                let (dates, count) = (i64::try_from(dates).unwrap_or(0), i64::try_from(count).unwrap_or(1));
                price.value.0.saturating_mul(dates).div_euclid(count.max(1))
            };
            Cents(part(rank + 1) - part(rank))
        };
        (value, if price.due == Cents(0) { Cents(0) } else { value })
    }

    /// The price of what is left without these dates.
    fn price_without(&self, price: &Price, dates: &[Span]) -> Price {
        let mut left = price.clone();
        left.each.clear();
        for (rank, date) in self.dates().iter().enumerate() {
            let (value, due) = self.share(price, rank);
            if dates.contains(date) {
                left.value = Cents(left.value.0 - value.0);
                left.due = Cents(left.due.0 - due.0);
            } else {
                left.each.push(value);
            }
        }
        // So many units at one rate stay so many at that rate.
        let amount = price.rate.amount.0;
        if amount > 0 && amount.saturating_mul(i64::from(price.count)) == price.value.0 {
            left.count = u32::try_from(left.value.0.div_euclid(amount)).unwrap_or(price.count);
        }
        left
    }

    /// The dates that begin at these instants, or why they are not given back.
    fn chosen(&self, starts: &[i64], now: Instant) -> Result<Vec<Span>, NotReturned> {
        let may = self.returnable(now);
        if starts.is_empty() {
            return Err(if may.is_empty() { NotReturned::NotThere } else { NotReturned::Nothing });
        }
        let known = |start: &i64| may.iter().any(|date| date.start().timestamp() == *start);
        if !starts.iter().all(known) {
            return Err(NotReturned::Gone);
        }
        let chosen: Vec<Span> =
            may.iter().copied().filter(|date| starts.contains(&date.start().timestamp())).collect();
        if chosen.len() == self.dates().len() { Err(NotReturned::All) } else { Ok(chosen) }
    }
}

/// Gives back some dates of what was granted: they are free at once. What is kept of the price is what they were told,
/// or nothing is done; the town keeps nothing of what it takes back itself. Those dates.
///
/// # Errors
/// [`NotReturned`], with nothing changed.
pub fn give_back_dates(
    tx: &mut Tx<'_>,
    owner: Owner<'_>,
    given: &GivenBack<'_>,
    zone: Tz,
) -> Result<Vec<Span>, NotReturned> {
    let booking = store::of_owner(tx, owner)?.ok_or(NotReturned::NotThere)?;
    let now = tx.now();
    let dates = booking.chosen(given.starts, now)?;
    let kept = |dates: &[Span]| match given.by {
        Canceller::Requester => booking.kept_of_dates(dates, now, zone),
        Canceller::Town => Cents(0),
    };
    let all = kept(&dates);
    if given.told != Some(all) {
        return Err(NotReturned::Untold(all));
    }
    claims::release_within(tx, booking.id, &dates)?;
    let mut details = booking.details.clone();
    details.dates = booking.dates().iter().copied().filter(|date| !dates.contains(date)).collect();
    details.returned.extend(dates.iter().map(|date| Returned {
        span: *date,
        at: now,
        by: given.by,
        why: given.why.to_owned(),
        kept: kept(std::slice::from_ref(date)),
    }));
    details.returned.sort_by_key(|returned| returned.span);
    let whole = details.dates.iter().copied().reduce(Span::hull).unwrap_or(booking.span);
    store::set_dates(tx, booking.id, whole, &details)?;
    if let Some(price) = &booking.price {
        let left = booking.price_without(price, &dates);
        if left.free.is_some() {
            tariff::set_free_value(tx, booking.id, left.value)?;
        }
        store::set_price(tx, booking.id, &left)?;
    }
    let hull = dates.iter().copied().reduce(Span::hull).unwrap_or(booking.span);
    note(tx, "booking.date_returned", booking.id, hull)?;
    Ok(dates)
}
