//! What a booking is. Pure.

use beffroi_core::{Id, Instant, calendar::civil_day, money::Cents};
use beffroi_store::{StoreError, Tx, words};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    claims::{ClaimError, HowMuch, Wish},
    resource::{Kept, Name, Resource, Unfit},
    spans::Span,
    tariff::Price,
};

words! {
    /// How far a booking has come.
    State {
        /// Somebody has picked it, and says what for. Nothing is taken any more once the hold has expired.
        Held = "held",
        /// It is asked for, and waits for an answer.
        Asked = "asked",
        /// It is granted.
        Firm = "firm",
        /// It was refused, withdrawn or overtaken by silence: nothing is taken.
        Released = "released",
        /// The town keeps that time for itself: repairs, an event of its own.
        Blocked = "blocked",
        /// It was granted, and given back by whoever had it, or by the town: nothing is taken.
        Cancelled = "cancelled",
        /// A letter asks for it that came after somebody else had the time: nothing is taken.
        Overtaken = "overtaken",
    }
}

words! {
    /// Who gave back what was granted.
    Canceller {
        /// Whoever had it.
        Requester = "requester",
        /// The town.
        Town = "town",
    }
}

impl State {
    /// Whether something is taken, or was until it was over.
    pub const fn takes(self) -> bool {
        matches!(self, Self::Asked | Self::Firm | Self::Blocked)
    }
}

/// For which request a booking is: the kind of thing and its id.
pub type Owner<'o> = (&'o str, Uuid);

/// Something that is booked along: chairs, a screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extra {
    /// Which.
    pub resource: Id<Resource>,
    /// What it was called when it was picked.
    pub name: Name,
    /// How many pieces.
    pub count: u32,
}

/// What was picked with the time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    /// How many people come; `None` where nobody was asked.
    pub people: Option<u32>,
    /// How it is set up; empty where nothing is said.
    pub layout: Name,
    /// What is booked along.
    pub extras: Vec<Extra>,
    /// Why the town keeps that time for itself.
    pub note: String,
    /// Every date of what comes again, in order; nothing where it is had once.
    pub dates: Vec<Span>,
    /// The dates that were wished for and could not be had.
    pub skipped: Vec<Skipped>,
    /// The dates that were given back after they were granted, while others were kept.
    pub returned: Vec<Returned>,
}

/// A date of what comes again that was given back, and nothing else with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// From when to when.
    pub span: Span,
    /// When it was given back.
    pub at: Instant,
    /// By whom.
    pub by: Canceller,
    /// Why, in their words; `""` once that is forgotten.
    pub why: String,
    /// What is kept of its price.
    pub kept: Cents,
}

/// A date of what comes again that could not be had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// From when to when.
    pub span: Span,
    /// The word of why.
    pub why: String,
}

/// Something to be picked.
#[derive(Clone, Debug)]
pub struct NewBooking {
    /// What.
    pub resource: Id<Resource>,
    /// From when to when, without what is set up and cleaned around it.
    pub span: Span,
    /// With what.
    pub details: Details,
}

/// By whom something is held, and what for.
#[derive(Clone, Copy, Debug)]
pub struct Holding<'h> {
    /// The procedure by which it is asked for: nothing else can be asked for with it.
    pub purpose: &'h str,
    /// Who holds it: an account, a token, an address. Only a hash of it is kept, as long as it is held.
    pub holder: &'h str,
}

/// That what was granted was given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancelled {
    /// When.
    pub at: Instant,
    /// By whom.
    pub by: Canceller,
    /// Why, in their words.
    pub why: String,
}

/// Why what was held cannot be asked for any more.
#[derive(Debug, thiserror::Error)]
pub enum NotHad {
    /// Somebody else has it since, or it has begun.
    #[error("somebody else has it")]
    Taken,
    /// The hold has expired, and it is no longer what may be booked.
    #[error("it has expired and {} terms speak against it now", .0.len())]
    Unfit(Vec<Unfit>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ClaimError> for NotHad {
    fn from(error: ClaimError) -> Self {
        match error {
            ClaimError::Store(error) => Self::Store(error),
            ClaimError::Taken(_) | ClaimError::Unknown(_) | ClaimError::TooMany => Self::Taken,
        }
    }
}

/// What came of asking for more time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lengthened {
    /// It is held until then.
    Until(Instant),
    /// That was asked for often enough.
    Enough,
    /// Somebody has it since, it may no longer be booked, or it is no hold.
    Lost,
}

/// What somebody has picked.
#[derive(Clone, Debug)]
pub struct Booking {
    /// Which one; its claims are under this id.
    pub id: Id<Booking>,
    /// How far it has come.
    pub state: State,
    /// What.
    pub resource: Kept,
    /// From when to when, without what is set up and cleaned around it; for the first time, where it comes again.
    pub span: Span,
    /// With what.
    pub details: Details,
    /// Until when it is held.
    pub held_until: Option<Instant>,
    /// For which request.
    pub owner: Option<(String, Uuid)>,
    /// When it was picked.
    pub made_at: Instant,
    /// The procedure by which it is asked for.
    pub purpose: String,
    /// How often whoever holds it has asked for more time.
    pub lengthened: u32,
    /// That it was given back after it was granted.
    pub cancelled: Option<Cancelled>,
    /// What it costs, as it was reckoned when it was asked for.
    pub price: Option<Price>,
}

impl Booking {
    /// Whether something is taken by it.
    pub fn runs(&self, now: Instant) -> bool {
        self.state.takes() || (self.state == State::Held && self.held_until.is_some_and(|until| until > now))
    }

    /// Whether this is the thing that it is for, or nothing is yet.
    pub fn is_free_for(&self, owner: Option<Owner<'_>>) -> bool {
        match (&self.owner, owner) {
            (None, _) => true,
            (Some((kind, id)), Some(owner)) => (kind.as_str(), *id) == owner,
            (Some(_), None) => false,
        }
    }

    /// Whether it was picked for that procedure.
    pub fn is_for(&self, procedure: &str) -> bool {
        self.purpose == procedure
    }

    /// Whether it can be given back: it was granted, and has not begun; of what comes again, its last date has not.
    pub fn can_be_cancelled(&self, now: Instant) -> bool {
        self.state == State::Firm && self.dates().last().is_some_and(|last| last.start() > now)
    }

    /// What is kept of its price if whoever has it gives it back now: what was had of what comes again, a part of what is
    /// to come, and what was kept of the dates that were given back before.
    pub fn kept_if_cancelled(&self, now: Instant, zone: Tz) -> Option<Cents> {
        let price = self.price.as_ref()?;
        let dates = self.dates();
        let next = dates.iter().find(|date| date.start() > now)?;
        let count = |dates: usize| i64::try_from(dates).unwrap_or(i64::MAX);
        let had = count(dates.iter().filter(|date| date.start() <= now).count());
        let spent = Cents(price.due.0.saturating_mul(had).div_euclid(count(dates.len()).max(1)));
        let rest = Price { due: Cents(price.due.0 - spent.0), ..price.clone() };
        let kept = rest.kept_on(civil_day(now, zone), civil_day(next.start(), zone));
        Some(spent + kept + self.kept_of_returned())
    }

    /// Every date of it, in order.
    pub fn dates(&self) -> &[Span] {
        dates(&self.span, &self.details)
    }

    /// From its first date to its last.
    pub fn whole(&self) -> Span {
        self.dates().iter().copied().reduce(Span::hull).unwrap_or(self.span)
    }

    /// What it takes: all of the resource, and so many pieces of what is booked along, while it is set up and cleaned too.
    pub fn wishes(&self) -> Vec<Wish> {
        wishes(&self.resource, self.span, &self.details)
    }
}

/// What a booking takes.
pub(super) fn wishes(resource: &Kept, span: Span, details: &Details) -> Vec<Wish> {
    dates(&span, details).iter().flat_map(|date| wishes_of(resource, *date, details)).collect()
}

/// What one date of a booking takes.
pub(super) fn wishes_of(resource: &Kept, date: Span, details: &Details) -> Vec<Wish> {
    let span = resource.details.terms.buffers().around(date);
    let whole = Wish { resource: resource.id, much: HowMuch::Whole, span };
    let along = details.extras.iter().map(|extra| Wish {
        resource: extra.resource,
        much: HowMuch::Pieces(extra.count),
        span,
    });
    std::iter::once(whole).chain(along).collect()
}

/// Every date of a booking: the one that there is, where it does not come again.
fn dates<'d>(span: &'d Span, details: &'d Details) -> &'d [Span] {
    if details.dates.is_empty() { std::slice::from_ref(span) } else { &details.dates }
}

/// What opens a booking to whoever picked it: 256 random bits as 64 hexadecimal digits. Told once, kept as a hash.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new one.
    pub(super) fn draw(tx: &Tx<'_>) -> Self {
        Self(hex::encode(tx.random::<32>()))
    }

    /// The text to hand out.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept instead. A fast hash is enough: nobody guesses 256 bits.
    pub(super) fn hash(presented: &str) -> [u8; 32] {
        Sha256::digest(presented).into()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}
