//! On which terms something is booked: when, for how long, how far ahead, and what is needed around it. Pure.

use std::num::NonZeroU16;

use beffroi_core::{Instant, Lang, calendar::civil_day};
use chrono::{Days, TimeDelta};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::{
    free::{Buffers, Starts, Wanted},
    local,
    openings::Openings,
    spans::{Span, Spans},
};

/// Minutes of the longest booking: 31 days.
const LONGEST_MINUTES: u32 = 31 * 24 * 60;
/// Minutes that are set up or cleaned, at most.
const BUFFER_MINUTES: u32 = 24 * 60;
/// Days that a booking may be made ahead, at most.
const AHEAD_DAYS: u32 = 1_000;
/// Rules, closures, exceptions or layouts that are read, at most of each.
const LISTED: usize = 500;

/// What is read in both languages; English may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// French.
    pub fr: String,
    /// English; the French one serves where it is empty.
    #[serde(default)]
    pub en: String,
}

impl Name {
    /// As it is read in a language.
    pub fn read_in(&self, lang: Lang) -> &str {
        if lang == Lang::En && !self.en.is_empty() { &self.en } else { &self.fr }
    }
}

/// How a room may be set up, and how many people it then holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// `Assis en rangées`, `Debout`.
    pub name: Name,
    /// People, at most.
    pub people: u32,
}

/// On which terms something is booked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Terms {
    /// How it may be set up, the usual way first.
    pub layouts: Vec<Layout>,
    /// What is needed before a booking to set up, in minutes.
    pub before_minutes: u32,
    /// What is needed after it to clean, in minutes.
    pub after_minutes: u32,
    /// When it is open; as the place that it is in where nothing is said.
    pub openings: Option<Openings>,
    /// At which moments of the day a booking may begin.
    pub starts: Starts,
    /// The shortest booking, in minutes.
    pub shortest_minutes: u32,
    /// The longest, in minutes.
    pub longest_minutes: u32,
    /// How long before it begins it must be booked, in minutes.
    pub ahead_minutes: u32,
    /// How many days ahead it may be booked: until the end of that day.
    pub ahead_days: u32,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            layouts: Vec::new(),
            before_minutes: 0,
            after_minutes: 0,
            openings: None,
            starts: Starts::default(),
            shortest_minutes: 15,
            longest_minutes: 24 * 60,
            ahead_minutes: 0,
            ahead_days: 366,
        }
    }
}

/// What is wrong with terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TermsFault {
    /// Setting up or cleaning takes more than a day.
    #[error("setting up or cleaning takes more than {BUFFER_MINUTES} minutes")]
    Buffers,
    /// The shortest booking lasts no minute, or longer than the longest, or that one longer than a month.
    #[error(
        "the shortest booking lasts no minute, or the longest is shorter or over {LONGEST_MINUTES} minutes"
    )]
    Lengths,
    /// It is booked more than three years ahead.
    #[error("it is booked more than {AHEAD_DAYS} days ahead")]
    Ahead,
    /// More is listed than anybody reads.
    #[error("more than {LISTED} rules, closures, exceptions or layouts")]
    TooMuch,
    /// A name is missing or too long.
    #[error("a name is missing, or longer than 200 letters")]
    Name,
}

/// Why a wish does not fit the terms. An agent may book all the same; that it is taken, nobody may pass over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It is shorter than so many minutes.
    TooShort(u32),
    /// It is longer than so many minutes.
    TooLong(u32),
    /// A booking does not begin at such a moment of the day.
    NotAStart,
    /// It is closed, for some of that time at least.
    Closed,
    /// It must be booked so many minutes before it begins.
    TooSoon(u32),
    /// It is booked so many days ahead at most.
    TooFarAhead(u32),
}

impl Terms {
    /// What is needed around a booking.
    pub fn buffers(&self) -> Buffers {
        Buffers {
            before: TimeDelta::minutes(i64::from(self.before_minutes)),
            after: TimeDelta::minutes(i64::from(self.after_minutes)),
        }
    }

    /// How many people it holds, in the layout that holds most; `None` where nothing is said.
    pub fn people(&self) -> Option<u32> {
        self.layouts.iter().map(|layout| layout.people).max()
    }

    /// What is looked for where something is booked on these terms.
    pub const fn wanted(&self, length: TimeDelta, zone: Tz) -> Wanted<'_> {
        Wanted { length, starts: &self.starts, zone }
    }

    /// When a booking may lie that is made now: it begins within the window. `None` where it is empty.
    pub fn window(&self, now: Instant, zone: Tz) -> Option<Span> {
        let from = now.checked_add_signed(TimeDelta::minutes(i64::from(self.ahead_minutes)))?;
        let after = civil_day(now, zone).checked_add_days(Days::new(u64::from(self.ahead_days) + 1))?;
        Span::new(from, local::earliest(after.and_time(chrono::NaiveTime::MIN), zone))
    }

    /// All that speaks against a wish, whether it is free or not.
    pub fn unfit(&self, wish: Span, open: &Spans, now: Instant, zone: Tz) -> Vec<Unfit> {
        let mut unfit = Vec::new();
        if wish.length() < TimeDelta::minutes(i64::from(self.shortest_minutes)) {
            unfit.push(Unfit::TooShort(self.shortest_minutes));
        }
        if wish.length() > TimeDelta::minutes(i64::from(self.longest_minutes)) {
            unfit.push(Unfit::TooLong(self.longest_minutes));
        }
        if !self.wanted(wish.length(), zone).may_begin(wish.start()) {
            unfit.push(Unfit::NotAStart);
        }
        if !open.covers(wish) {
            unfit.push(Unfit::Closed);
        }
        if wish.start() < now + TimeDelta::minutes(i64::from(self.ahead_minutes)) {
            unfit.push(Unfit::TooSoon(self.ahead_minutes));
        }
        if self.window(now, zone).is_none_or(|window| wish.start() >= window.end()) {
            unfit.push(Unfit::TooFarAhead(self.ahead_days));
        }
        unfit
    }

    /// Whether they can be kept.
    ///
    /// # Errors
    /// The first fault.
    pub fn check(&self) -> Result<(), TermsFault> {
        if self.before_minutes.max(self.after_minutes) > BUFFER_MINUTES {
            return Err(TermsFault::Buffers);
        }
        if self.shortest_minutes == 0
            || self.shortest_minutes > self.longest_minutes
            || self.longest_minutes > LONGEST_MINUTES
        {
            return Err(TermsFault::Lengths);
        }
        if self.ahead_days > AHEAD_DAYS || self.ahead_minutes > AHEAD_DAYS * 24 * 60 {
            return Err(TermsFault::Ahead);
        }
        let openings = self.openings.as_ref().map_or(0, Openings::listed);
        if openings.max(self.layouts.len()) > LISTED {
            return Err(TermsFault::TooMuch);
        }
        if self.layouts.iter().all(|layout| layout.name.is_fit()) { Ok(()) } else { Err(TermsFault::Name) }
    }
}

impl Name {
    /// Whether there is a French name, and neither is too long.
    pub fn is_fit(&self) -> bool {
        let fits = |name: &str| name.chars().count() <= 200;
        !self.fr.trim().is_empty() && fits(&self.fr) && fits(&self.en)
    }
}

impl Default for Starts {
    /// Every quarter of an hour.
    fn default() -> Self {
        Self::Every(NonZeroU16::MIN.saturating_add(14))
    }
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveDateTime, NaiveTime};
    use chrono_tz::Europe::Paris;

    use super::*;

    fn at(text: &str) -> Instant {
        local::earliest(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap(), Paris)
    }

    fn span(from: &str, until: &str) -> Span {
        Span::new(at(from), at(until)).unwrap()
    }

    fn terms() -> Terms {
        Terms {
            starts: Starts::Every(NonZeroU16::new(30).unwrap()),
            shortest_minutes: 60,
            longest_minutes: 240,
            ahead_minutes: 48 * 60,
            ahead_days: 90,
            ..Terms::default()
        }
    }

    #[test]
    fn all_that_speaks_against_a_wish_is_told_at_once() {
        let open = Spans::from(span("2026-06-10 08:00", "2026-06-10 22:00"));
        let now = at("2026-06-03 10:00");
        let unfit = |wish| terms().unfit(wish, &open, now, Paris);
        assert_eq!(unfit(span("2026-06-10 09:30", "2026-06-10 11:00")), []);
        assert_eq!(
            unfit(span("2026-06-10 07:45", "2026-06-10 08:15")),
            [Unfit::TooShort(60), Unfit::NotAStart, Unfit::Closed]
        );
        assert_eq!(
            unfit(span("2026-06-05 09:30", "2026-06-05 15:30")),
            [Unfit::TooLong(240), Unfit::Closed, Unfit::TooSoon(48 * 60)]
        );
    }

    #[test]
    fn one_may_book_until_the_end_of_the_last_day() {
        let open = Spans::from(span("2026-09-01 00:00", "2026-09-04 00:00"));
        let unfit = |wish| terms().unfit(wish, &open, at("2026-06-03 10:00"), Paris);
        assert_eq!(unfit(span("2026-09-01 22:00", "2026-09-02 01:00")), []);
        assert_eq!(unfit(span("2026-09-02 00:00", "2026-09-02 02:00")), [Unfit::TooFarAhead(90)]);
        // Ninety days from the evening of a day that UTC still counts as the day before.
        let window = terms().window(at("2026-06-03 00:30"), Paris).unwrap();
        assert_eq!(window.end().with_timezone(&Paris).time(), NaiveTime::MIN);
        assert_eq!(window.end(), at("2026-09-02 00:00"));
    }

    #[test]
    fn terms_that_mean_nothing_are_refused() {
        let fault = |change: fn(&mut Terms)| {
            let mut terms = terms();
            change(&mut terms);
            terms.check()
        };
        assert_eq!(fault(|_| ()), Ok(()));
        assert_eq!(fault(|it| it.before_minutes = 1_441), Err(TermsFault::Buffers));
        assert_eq!(fault(|it| it.shortest_minutes = 0), Err(TermsFault::Lengths));
        assert_eq!(fault(|it| it.shortest_minutes = 241), Err(TermsFault::Lengths));
        assert_eq!(fault(|it| it.ahead_days = 1_001), Err(TermsFault::Ahead));
        let unnamed = Layout { name: Name::default(), people: 3 };
        let mut terms = terms();
        terms.layouts.push(unnamed);
        assert_eq!(terms.check(), Err(TermsFault::Name));
    }

    #[test]
    fn terms_are_kept_as_they_are_read() {
        let text = serde_json::to_string(&terms()).unwrap();
        assert_eq!(serde_json::from_str::<Terms>(&text).unwrap(), terms());
        // What was not known when they were kept is as usual.
        assert_eq!(serde_json::from_str::<Terms>("{}").unwrap(), Terms::default());
    }
}
