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
    /// The day is over.
    Past,
    /// It is to come, and too late to book.
    Late,
    /// Nobody books so far ahead yet.
    Beyond,
    /// It is not open.
    Closed,
    /// No time long enough is free, because somebody has it.
    Taken,
    /// It is never open for so long.
    Short,
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
            Self::Late => "late",
            Self::Beyond => "beyond",
            Self::Closed => "closed",
            Self::Taken => "taken",
            Self::Short => "short",
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

/// How a room stands on a day, for who wants it for a time. What is free is told from the first moment at which such a
/// booking may begin that day, to the end of the day as the room lives it: an evening goes on into its night.
pub fn one_day(room: &Available, day: Day, length: TimeDelta, now: Instant, zone: Tz) -> Option<OneDay> {
    let whole = room.day(day, zone)?;
    let open = room.open.and(&whole.into());
    let taken = open.and(&room.taken);
    let window = room.resource.details.terms.window(now, zone);
    let mut free = Vec::new();
    // All of the gaps in which something may begin, before the first moment at which it does too.
    let mut gaps = Vec::new();
    for gap in room.free.as_slice().iter().filter(|gap| gap.meets(whole)) {
        let Some(bookable) = room.bookable(*gap, length, whole, now, zone) else { continue };
        let until = bookable.end().min(whole.end().max(bookable.start() + length));
        free.extend(Span::new(bookable.start(), until));
        gaps.extend(window.and_then(|window| Span::new(gap.start().max(window.start()), gap.end())));
    }
    let gaps: Spans = gaps.into_iter().collect();
    // What is open still is not over.
    let over = |last: &Span| if last.end() > now { State::Late } else { State::Past };
    let state = match (open.as_slice().first(), open.as_slice().last(), window) {
        (Some(_), Some(_), _) if !free.is_empty() && open.minus(&gaps).is_empty() => State::Free,
        (Some(_), Some(_), _) if !free.is_empty() => State::Partly,
        (Some(first), _, Some(window)) if first.start() >= window.end() => State::Beyond,
        (Some(_), Some(last), Some(window)) if last.end() <= window.start() => over(last),
        (Some(_), Some(_), Some(_)) if !taken.is_empty() => State::Taken,
        (Some(first), Some(last), Some(window)) if first.start() < window.start() => over(last),
        (Some(_), Some(_), Some(_)) => State::Short,
        (Some(_), Some(last), None) => over(last),
        _ => State::Closed,
    };
    Some(OneDay { state, free, taken: taken.as_slice().to_vec() })
}
