//! What a booking is. Pure.

use beffroi_core::{Id, Instant};
use beffroi_store::{Tx, words};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    claims::{HowMuch, Wish},
    resource::{Kept, Name, Resource},
    spans::Span,
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

/// What somebody has picked.
#[derive(Clone, Debug)]
pub struct Booking {
    /// Which one; its claims are under this id.
    pub id: Id<Booking>,
    /// How far it has come.
    pub state: State,
    /// What.
    pub resource: Kept,
    /// From when to when, without what is set up and cleaned around it.
    pub span: Span,
    /// With what.
    pub details: Details,
    /// Until when it is held.
    pub held_until: Option<Instant>,
    /// For which request.
    pub owner: Option<(String, Uuid)>,
    /// When it was picked.
    pub made_at: Instant,
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

    /// What it takes: all of the resource, and so many pieces of what is booked along, while it is set up and cleaned too.
    pub fn wishes(&self) -> Vec<Wish> {
        wishes(&self.resource, self.span, &self.details)
    }
}

/// What a booking takes.
pub(super) fn wishes(resource: &Kept, span: Span, details: &Details) -> Vec<Wish> {
    let span = resource.details.terms.buffers().around(span);
    let whole = Wish { resource: resource.id, much: HowMuch::Whole, span };
    let along = details.extras.iter().map(|extra| Wish {
        resource: extra.resource,
        much: HowMuch::Pieces(extra.count),
        span,
    });
    std::iter::once(whole).chain(along).collect()
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
