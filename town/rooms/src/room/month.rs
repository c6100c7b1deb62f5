//! A month as a calendar shows it: weeks from Monday to Sunday. Pure.

use std::fmt;

use beffroi_core::{Day, Lang};
use chrono::{Datelike, Days, Months};

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
