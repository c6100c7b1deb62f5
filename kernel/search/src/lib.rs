//! The search of a commune: whatever a service lets be found, by words, references and filters. The same tokens and
//! the same sets on both engines, so that both find the same; the cost of a page does not grow with what there is.

mod bits;
mod find;
mod index;
mod mark;
mod postings;
mod sql;
mod tokens;
mod vocabulary;

pub use find::{Correction, Found, Key, Order, Reading, Wanted, find};
pub use index::{Document, Facet, clear, done, due, put, remove, waiting};
pub use mark::{Piece, excerpt, marked};
pub use tokens::{fold_word, stem};

use beffroi_store::Migration;

/// What the search adds to a commune's database.
pub const MIGRATIONS: &[Migration] =
    &[Migration { service: "search", number: 1, sql: include_str!("../migrations/0001_search.sql") }];
