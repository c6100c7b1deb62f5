//! The paper that the town writes on: its head, its words, who signs; and how a letter comes into the day's batch.

mod post;
mod stationery;

pub use post::Posted;
pub use stationery::{Stationery, letterhead};
