//! The procedures that a commune offers: published as files, compiled once, kept in every version.

mod references;
mod shelf;
mod store;

pub use references::{Lists, suggestions};
pub use shelf::Shelf;
pub(crate) use shelf::current_for;
pub use store::{PublishError, current, publish, retire, unknown_departments};
