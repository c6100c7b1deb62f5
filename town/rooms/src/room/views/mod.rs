//! What the public sees: all rooms with their first free time, and one room with its month, its week or its list.

mod list;
mod one;

use beffroi_calendar::spans::Span;
use beffroi_core::{
    Day, Instant,
    calendar::{civil_day, start_of_day},
};
use beffroi_people::Town;
use beffroi_store::Tx;
use beffroi_web::Page;
use chrono::TimeDelta;
use chrono_tz::Tz;

pub(super) use list::list;
pub(super) use one::one;

use crate::clock;

/// Lengths that are proposed, in minutes; those that the room allows.
const LENGTHS: [u32; 9] = [30, 60, 90, 120, 180, 240, 360, 480, 720];

struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

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

/// How long somebody wants a room that is booked on terms: what they say, or the shortest of what is usual.
fn wished(typed: &str, shortest: u32, longest: u32) -> u32 {
    let usual = 60_u32.clamp(shortest, longest.max(shortest));
    typed.parse().ok().filter(|minutes| (shortest..=longest).contains(minutes)).unwrap_or(usual)
}

fn lengths(page: &Page, chosen: u32, shortest: u32, longest: u32) -> Vec<Choice> {
    let mut all: Vec<u32> = LENGTHS.into_iter().filter(|it| (shortest..=longest).contains(it)).collect();
    all.push(chosen);
    all.sort_unstable();
    all.dedup();
    let choice = |minutes: u32| Choice {
        value: minutes.to_string(),
        label: clock::length(TimeDelta::minutes(i64::from(minutes)), page.language()),
        chosen: minutes == chosen,
    };
    all.into_iter().map(choice).collect()
}
