//! What may be done: look whether a wish can be had, and hold it.

use beffroi_calendar::{
    availability::{Available, availability_but},
    booking::{self, Booking, Holding, NewBooking, Secret, Skipped, State},
    claims::{ClaimError, HowMuch},
    resource::{self, Kept},
    spans::Span,
    town,
};
use beffroi_core::{Id, Instant, calendar::civil_day};
use beffroi_people::{AccountKind, Town};
use beffroi_store::{StoreError, Tx};
use beffroi_web::{Visitor, WebError};

use super::rules::{Refusal, Typed, Wish, judge};
use crate::room::{self, Room};

/// Holds that one address may have at once: a library or an office of many people has one address.
const OF_AN_ADDRESS: u32 = 10;
/// Holds that one account may have at once.
const OF_AN_ACCOUNT: u32 = 5;
/// Holds that one agent, or a program of theirs, may have at once: they hold for others.
const OF_AN_AGENT: u32 = 40;

/// What somebody has picked before.
#[derive(Clone, Copy, Debug)]
pub enum Before<'b> {
    /// Nothing.
    Nothing,
    /// What this secret opens.
    Secret(&'b str),
    /// What an agent has picked for somebody.
    Named(Id<Booking>),
}

impl Before<'_> {
    /// What is held by it, and would be given back for something that is asked for by this procedure: what belongs to the
    /// request for another room is left to it.
    pub(super) fn find(self, tx: &mut Tx<'_>, procedure: &str) -> Result<Option<Booking>, StoreError> {
        let (found, of_others) = match self {
            Self::Nothing => return Ok(None),
            Self::Secret(secret) => (booking::by_secret(tx, secret)?, false),
            Self::Named(id) => (booking::find(tx, id)?, true),
        };
        Ok(found.filter(|held| {
            let movable = held.owner.is_none() || (!of_others && held.is_for(procedure));
            held.state == State::Held && movable
        }))
    }
}

/// Who holds something.
#[derive(Clone, Debug)]
pub struct Holder {
    /// What tells them from others.
    pub name: String,
    /// How much they may hold at once.
    pub most: u32,
}

impl Holder {
    /// Whoever asks: their account, or the address that they come from. The machine itself is no stranger.
    pub fn of(visitor: &Visitor) -> Self {
        if let Some(who) = &visitor.signed_in {
            let most = if who.kind == AccountKind::Citizen { OF_AN_ACCOUNT } else { OF_AN_AGENT };
            return Self { name: format!("account {}", who.account), most };
        }
        let most = if visitor.is_the_machine() { u32::MAX } else { OF_AN_ADDRESS };
        Self { name: format!("{:?}", visitor.source), most }
    }
}

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
    /// It comes again, and some of its dates cannot be had: nothing is held before whoever wishes it has said that the
    /// others will do.
    #[error("{} of its dates cannot be had", .0.refused.len())]
    Partly(Series),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The dates of something that comes again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Series {
    /// Those that can be had.
    pub free: Vec<Span>,
    /// Those that cannot, and why.
    pub refused: Vec<(Span, Refusal)>,
}

impl Series {
    fn refuse(&mut self, date: Span, why: Refusal) {
        self.free.retain(|free| *free != date);
        self.refused.push((date, why));
        self.refused.sort_by_key(|(date, _)| *date);
    }
}

/// Why nothing was held, on its way out of the transaction.
#[derive(Debug)]
pub(super) enum Failed {
    Web(WebError),
    Not(NotHeld),
}

impl From<WebError> for Failed {
    fn from(error: WebError) -> Self {
        Self::Web(error)
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Web(error.into())
    }
}

impl From<NotHeld> for Failed {
    fn from(refused: NotHeld) -> Self {
        Self::Not(refused)
    }
}

/// A room that can be booked here, with what is kept in it and in the places that it lies in.
pub fn bookable(tx: &mut Tx<'_>, slug: &str) -> Result<(Room, Vec<Kept>), NotHeld> {
    let room = room::by_slug(tx, slug)?.filter(|room| !room.sheet.procedure.is_empty());
    let room = room.ok_or(NotHeld::Unknown)?;
    let extras = resource::kept_in_place(tx, room.resource.id)?;
    Ok((room, extras))
}

/// Looks whether a wish can be had, without taking it; what is to be given back for it is in nobody's way.
///
/// # Errors
/// [`NotHeld`], with all that speaks against it.
pub fn look(
    tx: &mut Tx<'_>,
    (room, extras): (&Room, &[Kept]),
    typed: &Typed,
    own: Option<Id<Booking>>,
    town: &Town,
) -> Result<Wish, NotHeld> {
    let zone = town.zone();
    let terms = &room.resource.details.terms;
    let wish = typed.read(terms, extras, zone).map_err(NotHeld::Refused)?;
    let available = around(tx, room, wish.span, own, town)?.ok_or(NotHeld::Unknown)?;
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

/// Looks at each date of something that comes again; `None` where it does not.
fn look_at_all(
    tx: &mut Tx<'_>,
    (room, extras): (&Room, &[Kept]),
    typed: &Typed,
    own: Option<Id<Booking>>,
    town: &Town,
) -> Result<Option<(Wish, Series)>, NotHeld> {
    let (zone, terms) = (town.zone(), &room.resource.details.terms);
    let wish = typed.read(terms, extras, zone).map_err(NotHeld::Refused)?;
    let dates = typed.dates(wish.span, zone).map_err(|refusal| NotHeld::Refused(vec![refusal]))?;
    let Some((dates, left_out)) = dates else { return Ok(None) };
    let mut series = Series { free: Vec::new(), refused: left_out };
    let Some(whole) = dates.iter().copied().reduce(Span::hull) else {
        return Err(NotHeld::Refused(vec![Refusal::RepeatsUntil]));
    };
    let available = around(tx, room, whole, own, town)?.ok_or(NotHeld::Unknown)?;
    for date in dates {
        let wish = Wish { span: date, ..wish.clone() };
        let judged = judge(&wish, terms, &available.open, tx.now(), zone);
        let taken = available.taken.meets(terms.buffers().around(date)).then_some(Refusal::Taken);
        match judged.into_iter().next().or(taken) {
            Some(why) => series.refuse(date, why),
            None => series.free.push(date),
        }
    }
    Ok(Some((wish, series)))
}

/// Holds what somebody wishes for a quarter of an hour. What they held before for the same procedure is given back in the
/// same transaction, so that a time can be moved by an hour; where the new one cannot be had, they keep the old one.
///
/// # Errors
/// [`NotHeld`], with all that speaks against it.
pub fn hold(
    tx: &mut Tx<'_>,
    slug: &str,
    typed: &Typed,
    holder: &Holder,
    before: Before<'_>,
) -> Result<Found, NotHeld> {
    let (room, extras) = bookable(tx, slug)?;
    let town = Town::load(tx)?;
    let before = before.find(tx, &room.sheet.procedure)?;
    let own = before.as_ref().map(|held| held.id);
    let (mut wish, mut series) = match look_at_all(tx, (&room, &extras), typed, own, &town)? {
        Some((wish, series)) => (wish, Some(series)),
        None => (look(tx, (&room, &extras), typed, own, &town)?, None),
    };
    if let Some(series) = &series {
        let Some(first) = series.free.first() else { return Err(NotHeld::Partly(series.clone())) };
        if !series.refused.is_empty() && !typed.agreed {
            return Err(NotHeld::Partly(series.clone()));
        }
        wish.span = *first;
        wish.details.dates.clone_from(&series.free);
        let skipped = |(span, why): &(Span, Refusal)| Skipped { span: *span, why: why.code().to_owned() };
        wish.details.skipped = series.refused.iter().map(skipped).collect();
    }
    if let Some(held) = before {
        booking::let_go(tx, held.id)?;
    }
    match take(tx, &room, wish, holder) {
        Err(Untaken::Claim(ClaimError::Taken(taken))) if series.is_some() => {
            let mut series = series.take().unwrap_or_default();
            let buffers = room.resource.details.terms.buffers();
            for date in series.free.clone() {
                if taken.iter().any(|wish| wish.span == buffers.around(date)) {
                    series.refuse(date, Refusal::Taken);
                }
            }
            Err(NotHeld::Partly(series))
        }
        other => other.map_err(|untaken| untaken.told(&extras)),
    }
}

/// Holds what [`look`] found free a moment ago. The terms are judged there and then; whether it is free still is decided
/// here, by the claims alone.
///
/// # Errors
/// [`NotHeld`], with all that speaks against it.
pub fn hold_found(
    tx: &mut Tx<'_>,
    (room, extras): (&Room, &[Kept]),
    wish: Wish,
    holder: &Holder,
) -> Result<Found, NotHeld> {
    take(tx, room, wish, holder).map_err(|untaken| untaken.told(extras))
}

/// Why a wish that suits the terms was not taken.
enum Untaken {
    /// Whoever asks holds as much as anybody may.
    TooMuch(u32),
    Claim(ClaimError),
}

impl From<StoreError> for Untaken {
    fn from(error: StoreError) -> Self {
        Self::Claim(ClaimError::Store(error))
    }
}

impl Untaken {
    fn told(self, extras: &[Kept]) -> NotHeld {
        match self {
            Self::TooMuch(most) => NotHeld::Refused(vec![Refusal::Held(most)]),
            Self::Claim(ClaimError::Store(error)) => NotHeld::Store(error),
            Self::Claim(ClaimError::Taken(taken)) => {
                let slug =
                    |id| extras.iter().find(|kept| kept.id == id).map(|kept| kept.details.slug.clone());
                let refused = taken.iter().map(|wish| match slug(wish.resource) {
                    Some(slug) => Refusal::ExtraTaken(slug),
                    None => Refusal::Taken,
                });
                NotHeld::Refused(refused.collect())
            }
            Self::Claim(ClaimError::Unknown(_) | ClaimError::TooMany) => NotHeld::Unknown,
        }
    }
}

fn take(tx: &mut Tx<'_>, room: &Room, wish: Wish, holder: &Holder) -> Result<Found, Untaken> {
    let new = NewBooking { resource: room.resource.id, span: wish.span, details: wish.details };
    let holding = Holding { purpose: &room.sheet.procedure, holder: &holder.name };
    let held = booking::hold_of(tx, &room.resource, &new, holding);
    let (id, secret, until) = held.map_err(Untaken::Claim)?;
    // Counted with it, so that whoever comes too late costs no more than the claim.
    if booking::held_by(tx, &holder.name)? > holder.most {
        return Err(Untaken::TooMuch(holder.most));
    }
    Ok(Found { id, secret, until, span: wish.span, procedure: room.sheet.procedure.clone() })
}

fn around(
    tx: &mut Tx<'_>,
    room: &Room,
    within: Span,
    own: Option<Id<Booking>>,
    town: &Town,
) -> Result<Option<Available>, StoreError> {
    let school = town::school(town);
    let id = room.resource.id;
    let asked = [(id, HowMuch::Whole)];
    let mut found = availability_but(tx, &asked, within, &town::year(town, &school), own)?;
    Ok(found.remove(&id))
}
