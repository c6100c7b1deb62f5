//! Bookings to come that lie outside of a room's hours: whoever changes these is told, and nobody is moved.

use beffroi_calendar::{
    availability::availability,
    booking::{self, State},
    claims::HowMuch,
    resource::Resource,
    spans::Span,
    town,
};
use beffroi_core::Id;
use beffroi_people::Town;
use beffroi_store::{Result, Tx};
use chrono::TimeDelta;
use chrono_tz::Tz;

/// Days ahead that are looked at.
const DAYS: i64 = 400;
/// Bookings that are looked at, at most.
const BOOKINGS_AT_MOST: u32 = 500;

/// The dates for which the room was asked for or granted, which have not begun and are not within its hours, in order; and
/// the town's clocks. What the town keeps for itself goes by no hours.
pub(super) fn outside(tx: &mut Tx<'_>, room: Id<Resource>) -> Result<(Vec<Span>, Tz)> {
    let town = Town::load(tx)?;
    let (now, zone) = (tx.now(), town.zone());
    let Some(within) = Span::new(now, now + TimeDelta::days(DAYS)) else { return Ok((Vec::new(), zone)) };
    let booked = booking::of_places(tx, &[room], within, BOOKINGS_AT_MOST)?;
    let school = town::school(&town);
    let found = availability(tx, &[(room, HowMuch::Whole)], within, &town::year(&town, &school))?;
    let Some(known) = found.get(&room) else { return Ok((Vec::new(), zone)) };
    let people = booked.iter().filter(|it| it.state != State::Blocked);
    let dates = people.flat_map(|it| it.dates().iter().copied());
    let mut left: Vec<Span> =
        dates.filter(|date| within.covers(*date) && !known.open.covers(*date)).collect();
    left.sort_by_key(|date| date.start());
    Ok((left, zone))
}
