//! Resources, claims and what is free of them, on both engines.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod available;
mod claims;
mod held;
mod model;
mod moving;
mod races;
mod resources;
mod series;
mod support;
