//! The case itself: received, under instruction, decided, archived; withdrawn by its requester at any time
//! before the decision.

mod commands;
mod rules;
mod sealed;
mod store;

pub use commands::{
    NewCase, Received, archive, assign, find, give_time, lapse, read, receive, route, take_up, withdraw,
};
pub use rules::{Event, State};
pub use store::{Case, called, ids_after, references, several};

pub(crate) use commands::{enter, load_for, move_state, step};
pub(crate) use store::{COLUMNS, WIDTH, by_reference, by_tracking_hash, move_clock, read_case, set_clock};
