//! A registration: somebody takes part in a session or in all of a series, registered by themselves, by a relative or by
//! an agent; it is seen and given back by a secret code, without an account.

mod commands;
mod rules;
mod store;
mod waiting;

pub use commands::{GivenUp, NewRegistration, Outcome, RegisterError, Whom, Wish, cancel, mark, register};
pub use rules::{AgeBand, Person, Presence, SeatState, Way, shown_phone};
pub use store::{
    Mark, Participant, Registration, Seat, by_code, codes_of, find, for_account, normal_code, of_session,
    seats_of, some,
};
pub(crate) use store::{asked_of, code_of, erase_of_account, forget, known, seats_in};
pub use waiting::{accept, lapse};
pub(crate) use waiting::{call_off, promote};

/// Days after the last session at which whom a registration was for is forgotten; what is counted stays.
pub const KEPT_DAYS: i64 = 90;
