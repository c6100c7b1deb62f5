//! A case on its way, on both engines.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod cases;
mod figures;
mod reversal;
mod silence;
mod steps;
mod support;
