//! A month as a calendar shows it: weeks from Monday to Sunday. Pure.

use std::fmt;

use beffroi_core::{Day, Lang, calendar::start_of_day};
use chrono::{Datelike, Days, Months};
use chrono_tz::Tz;

use crate::spans::Span;

/// One month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(Day);

impl Month {
    /// The one in which a day lies.
    pub fn of(day: Day) -> Self {
        Self(day.with_day(1).unwrap_or(day))
    }

    /// The one that addresses name: `2026-12`.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
        if year.len() != 4 || month.len() != 2 || !digits(year) || !digits(month) {
            return None;
        }
        Day::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, 1).map(Self)
    }

    /// Its first day.
    pub const fn first(self) -> Day {
        self.0
    }

    /// Its last day.
    pub fn last(self) -> Day {
        self.next().and_then(|next| next.0.pred_opt()).unwrap_or(self.0)
    }

    /// The one after it.
    pub fn next(self) -> Option<Self> {
        self.0.checked_add_months(Months::new(1)).map(Self)
    }

    /// The one before it.
    pub fn previous(self) -> Option<Self> {
        self.0.checked_sub_months(Months::new(1)).map(Self)
    }

    /// Its weeks; `None` where a day of a week lies in another month.
    pub fn weeks(self) -> Vec<[Option<Day>; 7]> {
        let before = u64::from(self.0.weekday().num_days_from_monday());
        let monday = self.0.checked_sub_days(Days::new(before)).unwrap_or(self.0);
        let within = |day: Day| Some(day).filter(|day| Self::of(*day) == self);
        let mut weeks = Vec::with_capacity(6);
        for start in monday.iter_weeks().take_while(|start| *start <= self.last()) {
            let mut week = [None; 7];
            for (cell, day) in week.iter_mut().zip(start.iter_days()) {
                *cell = within(day);
            }
            weeks.push(week);
        }
        weeks
    }

    /// Its name with its year: `décembre 2026`.
    pub fn name(self, lang: Lang) -> String {
        let first = beffroi_core::calendar::long_date(self.0, lang);
        // « 1er décembre 2026 », “1 December 2026”: without its first word.
        first.split_once(' ').map_or_else(|| self.to_string(), |(_, name)| name.to_owned())
    }
}

/// The months from one to another, as addresses name them, the last `at_most` of them; the `usual` ones until `this` where
/// nothing sensible is asked for.
pub fn months(from: &str, until: &str, this: Month, usual: usize, at_most: usize) -> Vec<Month> {
    let last = Month::parse(until).unwrap_or(this);
    let before = |month: Month, count: usize| {
        std::iter::successors(Some(month), |month| month.previous()).nth(count).unwrap_or(month)
    };
    let first = Month::parse(from).filter(|first| *first <= last);
    let first = first.unwrap_or_else(|| before(last, usual.saturating_sub(1)));
    let first = first.max(before(last, at_most.saturating_sub(1)));
    let all = std::iter::successors(Some(first), |month| month.next());
    all.take_while(|month| *month <= last).take(at_most).collect()
}

/// When months begin and end where the town is; one that has no end is left out.
pub fn spans(months: &[Month], zone: Tz) -> Vec<Span> {
    let span = |month: &Month| {
        Span::new(start_of_day(month.first(), zone), start_of_day(month.last().succ_opt()?, zone))
    };
    months.iter().filter_map(span).collect()
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_read_from_its_address_and_written_alike() {
        let month = Month::parse("2026-12").unwrap();
        assert_eq!(month.to_string(), "2026-12");
        assert_eq!(month.name(Lang::Fr), "décembre 2026");
        assert_eq!(month.name(Lang::En), "December 2026");
        for wrong in ["", "2026", "2026-13", "2026-1", "-026-01", "99999-01", "2026-12-01"] {
            assert_eq!(Month::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn months_that_make_no_sense_are_the_usual_ones() {
        let this = Month::parse("2026-06").unwrap();
        let told = |from, until| {
            let all = months(from, until, this, 3, 4);
            all.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(told("", ""), "2026-04 2026-05 2026-06");
        assert_eq!(told("2025-12", "2026-01"), "2025-12 2026-01");
        assert_eq!(told("2026-03", "2026-01"), "2025-11 2025-12 2026-01");
        assert_eq!(told("2020-01", "2026-02"), "2025-11 2025-12 2026-01 2026-02");
        let spans = spans(&months("2026-03", "2026-04", this, 3, 4), chrono_tz::Europe::Paris);
        assert_eq!(spans[0].end(), spans[1].start());
        assert_eq!(
            spans[0].length(),
            chrono::TimeDelta::hours(31 * 24 - 1),
            "the clocks go forward in March"
        );
    }

    #[test]
    fn weeks_run_from_monday_to_sunday() {
        let weeks = Month::parse("2026-02").unwrap().weeks();
        // February 2026 begins on a Sunday.
        assert_eq!(weeks.len(), 5);
        assert_eq!(weeks[0].iter().flatten().count(), 1);
        assert_eq!(weeks[0][6].map(|day| day.day()), Some(1));
        assert_eq!(weeks.iter().flatten().flatten().count(), 28);
        assert_eq!(Month::parse("2027-02").unwrap().weeks().len(), 4, "a February of four whole weeks");
    }
}
