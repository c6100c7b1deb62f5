//! Calendars as other programs read and write them (iCalendar, RFC 5545), by `calcard`.

mod object;
mod read;
mod write;

pub use object::{About, NoObject, OBJECT_AT_MOST, Object, Time, busy, clocks};
pub use read::{
    CHARACTERS_AT_MOST, EVENTS_AT_MOST, EventFault, LeftOut, NoCalendar, OCCURRENCES_AT_MOST, Occurrence,
    RECURRING_AT_MOST, Read, read,
};
pub use write::{Calendar, Event, Status, When, write};
