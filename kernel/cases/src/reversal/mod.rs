//! A decision that is taken back: withdrawn, so that it never was, or repealed, for what is to come (CRPA, art. L240-1).
//! The case may then be decided anew.

mod commands;
mod law;
mod store;

pub use commands::{NewReversal, act, draft, invite, open, put_back, sent, standing};
pub use law::{Barred, Effect, Ground, Hearing, Rule, Standing, check, possible};
pub use store::{Invitation, Past, Reversal, invitation, of_case, of_cases};
pub(crate) use store::{Kept, REPEALED, WITHDRAWN, taken_back};
