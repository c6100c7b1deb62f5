//! What an association wishes for a season, and what puts one before another. Pure.

use std::cmp::Ordering;

use beffroi_core::{Day, Id};
use beffroi_store::words;
use chrono::{Datelike, Weekday};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    local::{self, Moment},
    openings::Year,
    resource::Resource,
    spans::Span,
};

/// A time of the week can be given where so many of its dates can be had, in hundredths. The others are left out and told.
pub const DATES_AT_LEAST: usize = 75;

words! {
    /// What puts an association before another within a turn. Each round says which count, and in which order.
    Criterion {
        /// Who has the fewest hours a week so far.
        Fewest = "fewest",
        /// Who had a time in the season before.
        Kept = "kept",
        /// Who has the larger share of people that live in the commune.
        Residents = "residents",
        /// Who has the larger share of people under 18.
        Young = "young",
    }
}

/// The days of a season.
#[derive(Clone, Copy, Debug)]
pub struct Season<'y> {
    /// Its first day.
    pub first: Day,
    /// Its last day.
    pub last: Day,
    /// Whether the holidays of the schools are kept out.
    pub without_school_holidays: bool,
    /// What the commune knows of its year.
    pub year: Year<'y>,
}

impl Season<'_> {
    /// Such days of the week between two days and within the season, without those that are kept out.
    pub fn days(&self, weekday: Weekday, first: Option<Day>, last: Option<Day>) -> Vec<Day> {
        let first = first.map_or(self.first, |first| first.max(self.first));
        let last = last.map_or(self.last, |last| last.min(self.last));
        let days = first.iter_days().take_while(|day| *day <= last);
        let out = |day: &Day| self.without_school_holidays && self.year.school.holiday(*day).is_some();
        days.filter(|day| day.weekday() == weekday).filter(|day| !out(day)).collect()
    }
}

/// Where in a week a wish may lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// On which day.
    pub weekday: Weekday,
    /// Not before.
    pub from: Moment,
    /// Over by then.
    pub until: Moment,
}

/// What an association wishes for every week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// How often a week, on as many days.
    pub times: u32,
    /// How long, in minutes.
    pub minutes: u32,
    /// When, the best first.
    pub ranges: Vec<Range>,
    /// Where, the best first.
    pub rooms: Vec<Id<Resource>>,
    /// How many people come: no smaller room will do.
    pub people: u32,
    /// From which day on; the first of the season where nothing is said.
    pub first: Option<Day>,
    /// Until which day; the last of the season where nothing is said.
    pub last: Option<Day>,
}

/// A time of the week in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// Which room.
    pub room: Id<Resource>,
    /// On which day.
    pub weekday: Weekday,
    /// From when.
    pub from: Moment,
    /// How long, in minutes.
    pub minutes: u32,
}

impl Slot {
    /// When it is over; `None` where that is beyond the night that follows.
    pub fn until(&self) -> Option<Moment> {
        let end = u32::from(self.from.minutes()).checked_add(self.minutes)?;
        Moment::new(u16::try_from(end).ok()?).ok()
    }

    /// It on a day, as the clocks show it.
    pub fn on(&self, day: Day, year: &Year<'_>) -> Option<Span> {
        local::span(day, self.from, self.until()?, year.zone)
    }
}

/// A part of a whole, which compares as a fraction does. None of nothing is the least.
#[derive(Clone, Copy, Debug, Default)]
pub struct Share {
    /// The part.
    pub part: u32,
    /// The whole.
    pub whole: u32,
}

impl Share {
    fn compare(self, other: Self) -> Ordering {
        let of = |it: Self| (u64::from(it.part.min(it.whole)), u64::from(it.whole.max(1)));
        let ((part, whole), (other_part, other_whole)) = (of(self), of(other));
        (part * other_whole).cmp(&(other_part * whole))
    }
}

/// An association with its wishes, the most important first.
#[derive(Clone, Debug)]
pub struct Asker {
    /// What its lot is drawn by, as it is published.
    pub reference: String,
    /// Whether it had a time in the season before.
    pub kept: bool,
    /// Its people who live in the commune.
    pub residents: Share,
    /// Its people under 18.
    pub young: Share,
    /// What it wishes.
    pub wishes: Vec<Wish>,
}

/// The lot of an association: the smaller comes first. SHA-256 of the seed, a colon and the reference, so that anybody can
/// draw it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket([u8; 32]);

impl Ticket {
    /// Drawn.
    pub fn draw(seed: &str, reference: &str) -> Self {
        Self(Sha256::digest(format!("{seed}:{reference}")).into())
    }
}

impl Criterion {
    /// Which of two comes first by this alone; each with the minutes a week that it has so far.
    pub fn compare(self, one: (&Asker, u32), other: (&Asker, u32)) -> Ordering {
        match self {
            Self::Fewest => one.1.cmp(&other.1),
            Self::Kept => other.0.kept.cmp(&one.0.kept),
            Self::Residents => other.0.residents.compare(one.0.residents),
            Self::Young => other.0.young.compare(one.0.young),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Paris;

    use super::*;
    use crate::school::{SchoolHolidays, Zone};

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn a_season_has_its_weekdays_without_the_school_holidays() {
        let school = SchoolHolidays::of(Zone::C);
        let holidays = beffroi_core::calendar::Holidays::Metropole;
        let year = Year { zone: Paris, holidays, school: &school };
        let season = |without_school_holidays| Season {
            first: day("2026-02-09"),
            last: day("2026-03-22"),
            without_school_holidays,
            year,
        };
        // Zone C, winter of 2026: from 21 February to 8 March.
        let tuesdays = |out| season(out).days(Weekday::Tue, None, None);
        assert_eq!(tuesdays(false).len(), 6);
        let named: Vec<String> = tuesdays(true).iter().map(Day::to_string).collect();
        assert_eq!(named, ["2026-02-10", "2026-02-17", "2026-03-10", "2026-03-17"]);
        let some = season(false).days(Weekday::Tue, Some(day("2026-03-01")), Some(day("2027-01-01")));
        assert_eq!(some.len(), 3, "a wish that goes beyond the season ends with it");
    }

    #[test]
    fn shares_compare_as_fractions() {
        let share = |part, whole| Share { part, whole };
        assert_eq!(share(1, 3).compare(share(2, 6)), Ordering::Equal);
        assert_eq!(share(0, 0).compare(share(1, 100)), Ordering::Less);
        assert_eq!(share(9, 3).compare(share(3, 3)), Ordering::Equal, "more than all is all");
    }

    #[test]
    fn a_lot_is_drawn_again_alike() {
        assert_eq!(Ticket::draw("5eed", "SA-7K2M"), Ticket::draw("5eed", "SA-7K2M"));
        assert_ne!(Ticket::draw("5eed", "SA-7K2M"), Ticket::draw("5eee", "SA-7K2M"));
    }
}
