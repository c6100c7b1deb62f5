//! What the commune tells people, and how: mail, paper letters, short messages, and the words.

pub mod keeping;
pub mod letter;
pub mod mail;
pub mod messages;
pub mod messenger;
pub mod opinions;
mod transport;

pub use transport::{Cause, Security, SmtpConfig, Transport, TransportError};

use beffroi_store::Migration;
use uuid::Uuid;

/// The tables of mail and letters.
pub const MIGRATIONS: &[Migration] = &[
    Migration { service: "notify", number: 1, sql: include_str!("../migrations/0001_notify.sql") },
    Migration { service: "notify", number: 2, sql: include_str!("../migrations/0002_trays.sql") },
    Migration {
        service: "notify",
        number: 3,
        sql: include_str!("../migrations/0003_letters_by_subject.sql"),
    },
    Migration { service: "notify", number: 4, sql: include_str!("../migrations/0004_short_messages.sql") },
];

/// What a message is about: its sending is told in that thing's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About<'a> {
    /// The kind of thing: `case`, `account`.
    pub kind: &'a str,
    /// Which one.
    pub id: Uuid,
}
