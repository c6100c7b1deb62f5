//! The mail room: letters that were scanned and e-mails that were fetched (IMAP), each kept until an agent says what
//! becomes of it. Reading mailboxes and mails, the heavy part, lives here and nowhere else.

mod bounded;
mod fetch;
mod imap;
pub mod item;
pub mod mailbox;
pub mod message;

pub use fetch::{FETCH, FetchHandler, ask_for, ask_for_all};
pub use imap::{ImapError, TroubleKind, check};
pub use item::{Item, Nature, NewItem, Source};
pub use mailbox::{Mailbox, MailboxDetails, Security};

use beffroi_store::Migration;

/// What the mail room adds to a commune's database.
pub const MIGRATIONS: &[Migration] = &[
    Migration { service: "mailroom", number: 1, sql: include_str!("../migrations/0001_mailroom.sql") },
    Migration { service: "mailroom", number: 2, sql: include_str!("../migrations/0002_unread_mails.sql") },
    Migration { service: "mailroom", number: 3, sql: include_str!("../migrations/0003_troubled_since.sql") },
];
