//! What may be done: look whether a wish can be had, and hold it.

use beffroi_calendar::{
    availability::{Available, availability},
    booking::{self, Booking, NewBooking, Secret},
    claims::{ClaimError, HowMuch},
    resource::{self, Kept},
    spans::Span,
    town,
};
use beffroi_core::{Id, Instant, calendar::civil_day};
use beffroi_people::Town;
use beffroi_store::{StoreError, Tx};
use chrono::TimeDelta;

use super::rules::{Refusal, Typed, Wish, judge};
use crate::room::{self, Room};

/// Free times that are proposed to whoever cannot have theirs.
const PROPOSED: usize = 5;
/// Days around a wish in which they are looked for.
const LOOKED_AROUND: i64 = 45;

/// What was held.
#[derive(Clone, Debug)]
pub struct Found {
    /// Which booking.
    pub id: Id<Booking>,
    /// What opens it to whoever picked it.
    pub secret: Secret,
    /// Until when it is held.
    pub until: Instant,
    /// From when to when.
    pub span: Span,
    /// The procedure by which it is asked for.
    pub procedure: String,
}

/// Why nothing was held.
#[derive(Debug, thiserror::Error)]
pub enum NotHeld {
    /// There is no such room, or it is not booked here.
    #[error("no such room")]
    Unknown,
    /// The wish cannot be had, for all these reasons.
    #[error("{} things speak against it", .0.len())]
    Refused(Vec<Refusal>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A room that can be booked here, with what is kept in it and in the places that it lies in.
pub fn bookable(tx: &mut Tx<'_>, slug: &str) -> Result<(Room, Vec<Kept>), NotHeld> {
    let room = room::by_slug(tx, slug)?.filter(|room| !room.sheet.procedure.is_empty());
    let room = room.ok_or(NotHeld::Unknown)?;
    let extras = resource::kept_in_place(tx, room.resource.id)?;
    Ok((room, extras))
}

/// Looks whether a wish can be had, without taking it.
///
/// # Errors
/// [`NotHeld`], with all that speaks against it.
pub fn look(
    tx: &mut Tx<'_>,
    room: &Room,
    extras: &[Kept],
    typed: &Typed,
    town: &Town,
) -> Result<Wish, NotHeld> {
    let zone = town.zone();
    let terms = &room.resource.details.terms;
    let wish = typed.read(terms, extras, zone).map_err(NotHeld::Refused)?;
    let available = around(tx, room, wish.span, town)?.ok_or(NotHeld::Unknown)?;
    let mut refused = judge(&wish, terms, &available.open, tx.now(), zone);
    for refusal in &mut refused {
        let day = civil_day(wish.span.start(), zone);
        if let (Refusal::Unfit(resource::Unfit::Closed), Some(why)) = (&*refusal, available.why(day)) {
            *refusal = Refusal::Closed(why.to_owned());
        }
    }
    if refused.is_empty() && available.taken.meets(terms.buffers().around(wish.span)) {
        refused.push(Refusal::Taken);
    }
    if refused.is_empty() { Ok(wish) } else { Err(NotHeld::Refused(refused)) }
}

/// Holds what somebody wishes for a quarter of an hour. What they held before is given back, unless it is asked for or
/// belongs to a request already.
///
/// # Errors
/// [`NotHeld`], with all that speaks against it.
pub fn hold(tx: &mut Tx<'_>, slug: &str, typed: &Typed, before: Option<&str>) -> Result<Found, NotHeld> {
    let (room, extras) = bookable(tx, slug)?;
    let town = Town::load(tx)?;
    let given_back = match before {
        Some(secret) => booking::by_secret(tx, secret)?.filter(|held| held.owner.is_none()),
        None => None,
    };
    if let Some(held) = given_back {
        booking::let_go(tx, held.id)?;
    }
    let wish = look(tx, &room, &extras, typed, &town)?;
    let new = NewBooking { resource: room.resource.id, span: wish.span, details: wish.details };
    match booking::hold(tx, &new) {
        Ok((id, secret, until)) => {
            Ok(Found { id, secret, until, span: wish.span, procedure: room.sheet.procedure })
        }
        Err(ClaimError::Store(error)) => Err(error.into()),
        Err(ClaimError::Taken(taken)) => {
            let slug = |id| extras.iter().find(|kept| kept.id == id).map(|kept| kept.details.slug.clone());
            let refused = taken.iter().map(|wish| match slug(wish.resource) {
                Some(slug) => Refusal::ExtraTaken(slug),
                None => Refusal::Taken,
            });
            Err(NotHeld::Refused(refused.collect()))
        }
        Err(ClaimError::Unknown(_) | ClaimError::TooMany) => Err(NotHeld::Unknown),
    }
}

/// The free times of that length that are nearest to a wish, in order.
///
/// # Errors
/// Those of the store.
pub fn nearest(tx: &mut Tx<'_>, room: &Room, wish: Span, town: &Town) -> Result<Vec<Span>, StoreError> {
    let reach = TimeDelta::days(LOOKED_AROUND);
    // Whoever asked for a day long past is offered the next ones.
    let now = tx.now();
    let middle = Span::new(wish.start().max(now), wish.end().max(now + wish.length())).unwrap_or(wish);
    let found = around(tx, room, middle.widened(reach, reach), town)?;
    Ok(found.map(|found| found.nearest(middle, PROPOSED, now, town.zone())).unwrap_or_default())
}

fn around(tx: &mut Tx<'_>, room: &Room, within: Span, town: &Town) -> Result<Option<Available>, StoreError> {
    let school = town::school(town);
    let id = room.resource.id;
    let mut found = availability(tx, &[(id, HowMuch::Whole)], within, &town::year(town, &school))?;
    Ok(found.remove(&id))
}
