//! Resources, claims and what is free of them, on both engines.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod available;
mod claims;
mod held;
mod lending;
mod model;
mod moving;
mod races;
mod resources;
mod series;
mod support;
