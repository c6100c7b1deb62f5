//! The day that a list of agents shows: the one that they ask for, else today.

use beffroi_calendar::spans::Span;
use beffroi_core::{
    Day,
    calendar::{civil_day, start_of_day},
};
use beffroi_people::Town;
use beffroi_store::Tx;
use beffroi_web::{Result, WebError};
use chrono::{Datelike, TimeDelta};
use chrono_tz::Tz;

/// Years from now to a day that is listed, at most.
const YEARS: i32 = 10;

/// Days after a day within which the next thing is looked for.
const DAYS_AHEAD: i64 = 60;

/// Whether a day is one that is listed: of the others no calendar knows what the year brings.
pub(crate) fn is_near(day: Day, today: Day) -> bool {
    (today.year() - YEARS..=today.year() + YEARS).contains(&day.year())
}

/// The day that was typed; today where it is none, or far from now.
pub(crate) fn day_near(typed: &str, today: Day) -> Day {
    crate::booking::day(typed).filter(|day| is_near(*day, today)).unwrap_or(today)
}

/// A day, where the clocks are.
pub(crate) struct Listed {
    pub(crate) day: Day,
    pub(crate) today: Day,
    pub(crate) zone: Tz,
    /// From its beginning to its end.
    pub(crate) within: Span,
}

impl Listed {
    /// The day that was typed; today where it is none, or far from now.
    pub(crate) fn of(tx: &mut Tx<'_>, typed: &str) -> Result<Self> {
        let zone = Town::load(tx)?.zone();
        let today = civil_day(tx.now(), zone);
        let day = day_near(typed, today);
        let next = day.succ_opt().unwrap_or(day);
        let within = Span::new(start_of_day(day, zone), start_of_day(next, zone));
        Ok(Self { day, today, zone, within: within.ok_or_else(WebError::not_found)? })
    }

    /// The weeks after it, in which the next thing is looked for where the day has none.
    pub(crate) fn ahead(&self) -> Option<Span> {
        Span::new(self.within.end(), self.within.end() + TimeDelta::days(DAYS_AHEAD))
    }
}
