//! Mail by a real mail server, letters and short messages, on both engines.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod letters;
mod mail;
mod messages;
mod smtp;
mod support;
