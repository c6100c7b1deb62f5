//! How a room stands on a day: closed, free, taken. Pure.

use beffroi_calendar::{
    availability::Available,
    spans::{Span, Spans},
};
use beffroi_core::{Day, Instant, calendar::start_of_day};
use chrono::TimeDelta;
use chrono_tz::Tz;

/// How a room stands on a day, for who wants it for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The day is over, or it is too late to book.
    Past,
    /// Nobody books so far ahead yet.
    Beyond,
    /// It is not open.
    Closed,
    /// No time long enough is free.
    Taken,
    /// Some times are free.
    Partly,
    /// It is free as long as it is open.
    Free,
}

impl State {
    /// The word that names it, in texts and styles.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Past => "past",
            Self::Beyond => "beyond",
            Self::Closed => "closed",
            Self::Taken => "taken",
            Self::Partly => "partly",
            Self::Free => "free",
        }
    }

    /// Whether somebody may find a time there.
    pub const fn is_bookable(self) -> bool {
        matches!(self, Self::Partly | Self::Free)
    }
}

/// A day of a room.
#[derive(Clone, Debug)]
pub struct OneDay {
    /// How it stands.
    pub state: State,
    /// Where a booking of the wished length may lie.
    pub free: Vec<Span>,
    /// When it is open and somebody else has it.
    pub taken: Vec<Span>,
}

/// All of a day, as the town's clocks have it.
pub fn whole(day: Day, zone: Tz) -> Option<Span> {
    Span::new(start_of_day(day, zone), start_of_day(day.succ_opt()?, zone))
}

/// How a room stands on a day, for who wants it for a time.
pub fn one_day(room: &Available, day: Day, length: TimeDelta, now: Instant, zone: Tz) -> Option<OneDay> {
    let day = Spans::from(whole(day, zone)?);
    let open = room.open.and(&day);
    let taken = open.and(&room.taken).as_slice().to_vec();
    let window = room.resource.details.terms.window(now, zone);
    // A booking begins within the window, and may end after it; it may go on into the night after.
    let begins = window.map(|window| room.free.and(&window.widened(TimeDelta::zero(), length).into()));
    let long: Spans = begins.iter().flat_map(|free| free.at_least(length)).collect();
    let free: Vec<Span> = long.and(&day).as_slice().to_vec();
    let state = if open.is_empty() {
        State::Closed
    } else if !free.is_empty() {
        if open.minus(&long).is_empty() { State::Free } else { State::Partly }
    } else {
        let last = open.as_slice().last().map(|span| span.end());
        let first = open.as_slice().first().map(|span| span.start());
        match window {
            Some(window) if first.is_some_and(|first| first >= window.end()) => State::Beyond,
            Some(window) if last.is_some_and(|last| last > window.start()) => State::Taken,
            _ => State::Past,
        }
    };
    Some(OneDay { state, free, taken })
}
