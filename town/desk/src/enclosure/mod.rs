//! What agents join to a message or to a decision: files that they choose, and documents that the case has already. Until
//! the message leaves, a file lies aside, where the requester does not see it.

mod commands;
mod store;

use beffroi_cases::{case::Case, exchange::Exchange, reversal::Reversal};
use beffroi_core::Id;
use uuid::Uuid;

pub(crate) use commands::{chosen, is_joinable, join, keep, take_upload};
pub(crate) use store::{
    Joined, accompany, forget, is_elsewhere, move_to, of, of_account, of_case, of_papers, of_slip, sweep,
    waiting,
};

/// Documents that one message or one decision may have.
pub(crate) const AT_MOST: usize = 20;

/// What documents are joined to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum To {
    /// A message to the requester.
    Message(Id<Exchange>),
    /// The decision of a case.
    Decision(Id<Case>),
    /// A decision that was taken back: by the act that did.
    Past(Id<Reversal>),
}

impl To {
    /// What tells it from all others.
    pub(crate) const fn id(self) -> Uuid {
        match self {
            Self::Message(message) => message.uuid(),
            Self::Decision(case) => case.uuid(),
            Self::Past(reversal) => reversal.uuid(),
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Message(_) => "message",
            Self::Decision(_) => "decision",
            Self::Past(_) => "past-decision",
        }
    }
}

/// Why documents cannot be joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A virus was found in these, by name.
    Infected(Vec<String>),
    /// One of them is not there, or belongs to something else.
    Gone,
    /// More than [`AT_MOST`], or than the case has room for.
    TooMany,
}
