//! A session: when and where a workshop is held, how many seats there are, and how many may wait for one.

mod commands;
mod store;

pub use commands::{SessionDetails, SessionError, cancel, change, plan};
pub use store::{Mark, Session, SessionState, between, find, future, of_series, some, to_come};
pub(crate) use store::{give_back, take, wait};
