//! Where things are: the commune's addresses, found as somebody types, and the reference lists of
//! communes and countries.

mod address;
mod bal;
mod import;
pub mod reference;
mod search;
mod text;

pub use address::{Address, Point, find};
pub use bal::LineError;
pub use import::{ImportError, Imported, centre, import};
pub use search::search;

use beffroi_store::Migration;

/// The tables of streets and addresses.
pub const MIGRATIONS: &[Migration] =
    &[Migration { service: "places", number: 1, sql: include_str!("../migrations/0001_addresses.sql") }];
