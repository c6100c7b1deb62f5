//! What somebody has picked: a resource, from when to when, held while they say what for, then asked for, then theirs.
//! What is taken by it are claims under its id; services say who may pick, and for what request.

mod blocks;
mod commands;
mod near;
mod returned;
mod rules;
mod series;
mod store;
mod tally;
mod told;

pub use blocks::{block_each, note_each, of_places, of_places_and_cancelled, several, unblock_each};
pub use commands::{
    add_date, block, block_for, cancel, cancel_one, confirm, firm, forget, hand_over, hold, hold_of,
    lengthen, let_go, overtake, release, set_price, take_over, take_place, unblock,
};
pub use near::nearest;
pub use returned::{GivenBack, NotReturned, give_back_dates};
pub use rules::{
    Booking, Cancelled, Canceller, Details, Extra, Holding, Lengthened, NewBooking, NotHad, Owner, Returned,
    Secret, Skipped, State,
};
pub use series::{Series, given_back, grant_each};
pub use store::{
    by_secret, cancelled, find, held_by, listed, of_owner, of_owners, sweep, unanswered, unanswered_before,
};
pub use tally::{Counted, counted, own_uses};
pub use told::events;

/// The cookie in which a browser carries what it holds from the page where it was picked to the form. It is sent to the
/// form alone.
pub const COOKIE: &str = "creneau";
/// Where whoever asks picks a room and a time, whichever service shows it.
pub const ROOMS: &str = "/salles";
/// Where agents see what is taken, whichever service shows it.
pub const PLANNING: &str = "/agents/planning";
/// How long a time is held while its form is filled in, in minutes.
pub const HELD_MINUTES: i64 = 15;
/// How often whoever holds it may ask for as much time again.
pub const LENGTHENED_AT_MOST: u32 = 10;
