//! Communes and what they remember: two database engines behind one [`Tx`], migrations, the
//! hash-chained journal with its subscribers, durable jobs, idempotency keys, backup and restore.
//!
//! The domain is synchronous: a request does its work in one closure, `commune.read(by, |tx| …)` or
//! `commune.write(by, |tx| …)`. Reads see one snapshot and never wait; writes are grouped, and
//! answered only once they are durable.

pub mod background;
pub mod backup;
mod commune;
mod engine;
mod enumeration;
mod error;
pub mod idempotency;
mod ids;
pub mod jobs;
pub mod journal;
pub mod migrations;
mod platform;
mod pressure;
mod registry;
mod seal;
mod shared;
pub mod slug;
#[cfg(feature = "testing")]
pub mod testing;
mod tx;
mod value;
mod waker;
mod writer;

pub use commune::{Commune, CommuneSlug};
pub use engine::Engine;
pub use error::StoreError;
pub use journal::{Entry, JournalEntry, Seq};
pub use migrations::Migration;
pub use platform::{Database, NewCommune, Platform, PlatformConfig, Randomness};
pub use seal::KEY_FILE;
pub use tx::{By, Tx};
pub use value::{FromValue, Row, ToValue, Value, marks};

/// What a store operation returns.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
