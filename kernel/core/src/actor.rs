//! Who does a thing, and through which door.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Who acts. The requester and the beneficiary of a case are not actors: the actor is whoever typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Actor {
    /// Somebody who did not sign in: a visitor, or the holder of a tracking code.
    Visitor,
    /// An account, of a citizen or of an agent (its UUID).
    Account(Uuid),
    /// A program with an API token (the token's UUID).
    Token(Uuid),
    /// The program itself: a job, a subscriber, the command line.
    System,
}

impl Actor {
    /// The word kept in the journal.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Visitor => "visitor",
            Self::Account(_) => "account",
            Self::Token(_) => "token",
            Self::System => "system",
        }
    }

    /// The account or token behind the actor, where there is one.
    pub const fn uuid(self) -> Option<Uuid> {
        match self {
            Self::Account(id) | Self::Token(id) => Some(id),
            Self::Visitor | Self::System => None,
        }
    }
}

/// The door through which a request came in. The rules are the same behind each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The website or the app.
    Online,
    /// The counter, in person.
    Counter,
    /// The telephone.
    Phone,
    /// A letter or a paper form.
    Paper,
    /// An e-mail.
    Email,
    /// A program.
    Api,
    /// The program itself.
    System,
}

impl Channel {
    /// Every channel, in the order in which screens list them.
    pub const ALL: [Self; 7] =
        [Self::Online, Self::Counter, Self::Phone, Self::Paper, Self::Email, Self::Api, Self::System];

    /// The word kept in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Counter => "counter",
            Self::Phone => "phone",
            Self::Paper => "paper",
            Self::Email => "email",
            Self::Api => "api",
            Self::System => "system",
        }
    }

    /// The channel that a stored word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == word)
    }
}
