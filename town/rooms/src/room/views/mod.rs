//! What the public sees: all rooms with their first free time, and one room with its month, its week or its list.

mod list;
mod one;

use std::ops::RangeInclusive;

use beffroi_calendar::{clock, spans::Span};
use beffroi_core::{
    Day, Instant,
    calendar::{civil_day, start_of_day},
};
use beffroi_people::Town;
use beffroi_store::Tx;
use beffroi_web::{Choice, Page};
use chrono::TimeDelta;
use chrono_tz::Tz;

pub(super) use list::list;
pub(super) use one::one;
pub(crate) use one::weekdays;

/// Lengths that are proposed, in minutes.
const LENGTHS: [u32; 9] = [30, 60, 90, 120, 180, 240, 360, 480, 720];

/// What is read of the town for these pages.
struct Moment {
    now: Instant,
    zone: Tz,
    today: Day,
}

impl Moment {
    fn of(tx: &Tx<'_>, town: &Town) -> Self {
        let (now, zone) = (tx.now(), town.zone());
        Self { now, zone, today: civil_day(now, zone) }
    }

    /// From the beginning of a day to the end of another.
    fn span(&self, first: Day, last: Day) -> Option<Span> {
        let after = last.succ_opt()?;
        Span::new(start_of_day(first, self.zone), start_of_day(after, self.zone))
    }
}

/// Lengths that are proposed, the chosen one among them.
fn lengths(page: &Page, chosen: Option<u32>, allowed: RangeInclusive<u32>) -> Vec<Choice> {
    let mut all: Vec<u32> = LENGTHS.into_iter().filter(|it| allowed.contains(it)).collect();
    all.extend(chosen);
    all.sort_unstable();
    all.dedup();
    let choice = |minutes: u32| {
        let label = clock::length(TimeDelta::minutes(i64::from(minutes)), page.language());
        Choice::new(&minutes.to_string(), &label, chosen == Some(minutes))
    };
    all.into_iter().map(choice).collect()
}
