//! An appointment: a time that is held while somebody says who they are, then theirs until it has passed, and that they
//! move or give back by a secret link, without an account.

mod commands;
mod held;
mod rules;
mod store;
pub mod tell;
mod twice;

pub use commands::{
    BookError, Booking, HOLD_MINUTES, Held, NewHold, alternatives, book, cancel, hold, mark, move_to,
};
pub(crate) use held::{Offered, forget_messages, lapse, offered, take_back};
pub(crate) use rules::predemand;
pub use rules::{Come, Contact, State, TELEPHONE_HINT, agreed_phone, shown_phone};
pub use store::{
    Appointment, COUNTED_AT_MOST, Counted, Mark, by_link, counts, find, for_account, of_day, of_numbers,
    some, to_come,
};
pub(crate) use store::{erase_of_account, forget, links_of, of_desks, offered_without_mail};

/// Days after an appointment at which whom it was for is forgotten; what is counted stays.
pub const KEPT_DAYS: i64 = 60;
