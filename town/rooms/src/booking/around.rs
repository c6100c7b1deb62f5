//! What the page on which a time is picked knows of its room.

use beffroi_calendar::{
    availability::{AROUND_A_DAY, availability_but},
    booking::{self as bookings, Booking},
    claims::HowMuch,
    resource::Kept,
    spans::Span,
    tariff::{self, Tariff},
    town,
};
use beffroi_core::{Day, Id, calendar::civil_day};
use beffroi_people::Town;
use beffroi_store::Tx;
use beffroi_web::{Result, WebError};
use chrono::TimeDelta;
use chrono_tz::Tz;

use super::{
    commands::{Before, NotHeld, bookable},
    rules::Typed,
};
use crate::room::{Room, one_day, whole_day};

/// What the page knows of the room.
pub(super) struct Around {
    pub(super) room: Room,
    pub(super) extras: Vec<Kept>,
    pub(super) zone: Tz,
    /// The day that was chosen, what is free then, and why it is closed where it is.
    pub(super) day: Option<(Day, Vec<Span>, String)>,
    pub(super) nearest: Vec<Span>,
    /// What its reader holds already, which another time would take the place of.
    pub(super) own: Option<Booking>,
    /// What it costs on the day that was chosen, else today.
    pub(super) tariff: Option<Tariff>,
}

impl Around {
    /// `elsewhen`: what somebody wished and cannot have, where another time would do.
    pub(super) fn load(
        tx: &mut Tx<'_>,
        slug: &str,
        day: Option<Day>,
        elsewhen: Option<&Typed>,
        before: Before<'_>,
    ) -> Result<Self> {
        let (room, extras) = bookable(tx, slug).map_err(|error| match error {
            NotHeld::Store(error) => error.into(),
            NotHeld::Unknown | NotHeld::Refused(_) | NotHeld::Partly(_) => WebError::not_found(),
        })?;
        let town = Town::load(tx)?;
        let zone = town.zone();
        let terms = &room.resource.details.terms;
        let own = before.find(tx, &room.sheet.procedure)?;
        let its = own.as_ref().map(|held| held.id);
        let priced_on = day.unwrap_or_else(|| civil_day(tx.now(), zone));
        let tariff = tariff::of_day(tx, room.resource.id, priced_on)?.map(|(_, tariff)| tariff);
        let day = match day {
            Some(day) => free_on(tx, &room, day, its, &town)?.map(|(free, why)| (day, free, why)),
            None => None,
        };
        let wish = elsewhen.and_then(|typed| typed.read(terms, &extras, zone).ok());
        let nearest = match wish {
            Some(wish) => bookings::nearest(tx, &room.resource, &wish.details.extras, wish.span, its, &town)?,
            None => Vec::new(),
        };
        Ok(Self { room, extras, zone, day, nearest, own, tariff })
    }
}

/// Where the shortest booking may lie on a day, and why it is closed where it is.
fn free_on(
    tx: &mut Tx<'_>,
    room: &Room,
    day: Day,
    own: Option<Id<Booking>>,
    town: &Town,
) -> Result<Option<(Vec<Span>, String)>> {
    let (zone, now) = (town.zone(), tx.now());
    let id = room.resource.id;
    let Some(whole) = whole_day(day, zone) else { return Ok(None) };
    let shortest = TimeDelta::minutes(i64::from(room.resource.details.terms.shortest_minutes));
    let within = whole.widened(AROUND_A_DAY, AROUND_A_DAY + shortest);
    let school = town::school(town);
    let asked = [(id, HowMuch::Whole)];
    let mut found = availability_but(tx, &asked, within, &town::year(town, &school), own)?;
    let Some(found) = found.remove(&id) else { return Ok(None) };
    let told = one_day(&found, day, shortest, now, zone);
    Ok(told.map(|told| (told.free, found.why(day).unwrap_or_default().to_owned())))
}
