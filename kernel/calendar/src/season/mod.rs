//! A season of rooms for associations: what each wishes every week, and who is given what, in turns, by a rule that can be
//! told in five sentences (docs/calendars.md). It proposes; people decide.

mod halls;
mod rules;
mod turns;

pub use halls::{Hall, Halls, Look};
pub use rules::{Asker, Criterion, DATES_AT_LEAST, Range, Season, Share, Slot, Ticket, Wish};
pub use turns::{Given, Proposal, Refused, RoomRefused, Why, propose};
