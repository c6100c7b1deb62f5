//! What the town lends: equipment of its own store, which a request asks for and has from one day to another. Nobody is
//! promised what others have meanwhile.

mod commands;
mod store;

use beffroi_core::{Id, Instant};
use beffroi_store::words;

pub use commands::{ask, change, firm, forget, give_back, note_overtaken, release, take};
pub use store::{Items, find, item, items, keep, of_owner, out};

use crate::{
    booking::Extra,
    claims::{HowMuch, Wish},
    resource::Kept,
    spans::Span,
};

/// Kinds of equipment that the town lends, at most.
pub const ITEMS_AT_MOST: u32 = 300;

words! {
    /// How far a loan has come.
    State {
        /// It is asked for, and waits for an answer; the pieces are kept meanwhile.
        Asked = "asked",
        /// It is granted.
        Firm = "firm",
        /// It was refused, withdrawn, taken back or overtaken by silence: nothing is taken.
        Released = "released",
        /// A letter asks for it that came after others had the pieces: nothing is taken.
        Overtaken = "overtaken",
        /// All of it came back, or is needed no more: nothing is taken.
        Returned = "returned",
    }
}

impl State {
    /// Whether pieces are taken by it.
    pub const fn takes(self) -> bool {
        matches!(self, Self::Asked | Self::Firm)
    }
}

/// Something of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What the calendar knows of it; its stock is how many there are.
    pub resource: Kept,
    /// The choice of the form that asks for it; `""` where agents alone lend it.
    pub answer: String,
}

/// What a request borrows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loan {
    /// Which; its claims are under this id.
    pub id: Id<Loan>,
    /// The kind of thing that it is for, and its id.
    pub owner: (String, uuid::Uuid),
    /// How far it has come.
    pub state: State,
    /// From the beginning of the first day to the end of the last.
    pub span: Span,
    /// How many of what.
    pub things: Vec<Extra>,
    /// When it was asked for.
    pub made_at: Instant,
}

/// What is taken of the stocks.
fn wishes(span: Span, things: &[Extra]) -> Vec<Wish> {
    let pieces = things.iter().filter(|thing| thing.count > 0);
    pieces.map(|thing| Wish { resource: thing.resource, much: HowMuch::Pieces(thing.count), span }).collect()
}
