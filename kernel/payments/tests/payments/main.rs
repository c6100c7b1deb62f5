//! What people pay the town, on both engines, against a PayFiP of this machine.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod counter;
mod model;
mod online;
mod page;
mod races;
mod reach;
mod reconciliation;
mod rights;
mod support;
mod trouble;
mod weather;
