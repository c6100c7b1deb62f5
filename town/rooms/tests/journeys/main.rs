//! Rooms as the public and its programs see them, on both engines.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod public;
mod support;
