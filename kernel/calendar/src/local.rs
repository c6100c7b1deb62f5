//! What the clocks of the commune show, and the instants that this means: right through the hour that is left out in
//! spring and the one that comes twice in autumn.

use beffroi_core::{Day, Instant, calendar::start_of_day};
use chrono::{LocalResult, NaiveDateTime, TimeDelta, TimeZone};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::spans::Span;

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// A moment of a day, in minutes since it began; beyond 1440 it lies in the night that follows, until the next noon at
/// most: a party that ends at two ends at 26:00 of its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Moment(u16);

/// A moment that no day has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no day has a minute {0}")]
pub struct NoSuchMoment(u16);

impl Moment {
    /// When the day begins.
    pub const MIDNIGHT: Self = Self(0);
    /// When the next one does.
    pub const END: Self = Self(DAY);
    /// The last that is told of a day: noon of the next.
    pub const LAST: Self = Self(DAY + DAY / 2);

    /// So many minutes after the day began.
    pub fn new(minutes: u16) -> Result<Self, NoSuchMoment> {
        if minutes <= Self::LAST.0 { Ok(Self(minutes)) } else { Err(NoSuchMoment(minutes)) }
    }

    /// `18:30`, `26:00`.
    pub fn parse(text: &str) -> Option<Self> {
        let (hours, minutes) = text.split_once(':')?;
        let two = |digits: &str| {
            let plain = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit());
            plain.then(|| digits.parse::<u16>().ok()).flatten()
        };
        let (hours, minutes) = (two(hours)?, two(minutes)?);
        (minutes < 60).then(|| Self::new(hours * 60 + minutes).ok()).flatten()
    }

    /// Minutes since the day began.
    pub const fn minutes(self) -> u16 {
        self.0
    }

    /// What the clocks show then.
    fn on(self, day: Day) -> Option<NaiveDateTime> {
        day.and_hms_opt(0, 0, 0)?.checked_add_signed(TimeDelta::minutes(i64::from(self.0)))
    }
}

impl TryFrom<u16> for Moment {
    type Error = NoSuchMoment;

    fn try_from(minutes: u16) -> Result<Self, NoSuchMoment> {
        Self::new(minutes)
    }
}

impl From<Moment> for u16 {
    fn from(moment: Moment) -> Self {
        moment.0
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// Why what somebody wrote is no instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoInstant {
    /// The clocks are put forward then: they never show it.
    #[error("the clocks never show {0}")]
    LeftOut(NaiveDateTime),
    /// The clocks are put back then: they show it twice.
    #[error("the clocks show {0} twice")]
    Twice(NaiveDateTime),
}

/// The instant at which the clocks of `zone` show `shown`, told exactly: whoever books must say an hour that exists once.
///
/// # Errors
/// [`NoInstant`] in the two nights when the clocks change.
pub fn exactly(shown: NaiveDateTime, zone: Tz) -> Result<Instant, NoInstant> {
    match zone.from_local_datetime(&shown) {
        LocalResult::Single(found) => Ok(found.to_utc()),
        LocalResult::Ambiguous(..) => Err(NoInstant::Twice(shown)),
        LocalResult::None => Err(NoInstant::LeftOut(shown)),
    }
}

/// The first instant at which the clocks show `shown`, or the first after it where they leave it out.
pub fn earliest(shown: NaiveDateTime, zone: Tz) -> Instant {
    resolved(shown, zone, |first, _| first)
}

/// The last instant at which the clocks show `shown`, or the first after it where they leave it out.
pub fn latest(shown: NaiveDateTime, zone: Tz) -> Instant {
    resolved(shown, zone, |_, second| second)
}

fn resolved(shown: NaiveDateTime, zone: Tz, choose: impl Fn(Instant, Instant) -> Instant) -> Instant {
    match zone.from_local_datetime(&shown) {
        LocalResult::Single(found) => found.to_utc(),
        LocalResult::Ambiguous(first, second) => choose(first.to_utc(), second.to_utc()),
        // Clocks are put forward by half an hour, an hour or (Antarctica) more: what follows is found by quarters.
        LocalResult::None => (1..=96)
            .filter_map(|quarters| shown.checked_add_signed(TimeDelta::minutes(15 * quarters)))
            .find_map(|later| zone.from_local_datetime(&later).earliest())
            .map_or_else(|| start_of_day(shown.date(), zone), |found| first_shown(found.to_utc(), zone)),
    }
}

/// The first instant after the change of clocks that lies within the quarter of an hour before `after`.
fn first_shown(after: Instant, zone: Tz) -> Instant {
    let offset = |instant: Instant| zone.offset_from_utc_datetime(&instant.naive_utc());
    let same = |minutes: i64| {
        let before = after - TimeDelta::minutes(minutes);
        (offset(before) == offset(after)).then_some(before)
    };
    (0..=15).rev().find_map(same).unwrap_or(after)
}

/// From one moment of a day to another, on the clocks of `zone`: all that they show between, the hour that comes twice
/// with both its turns. Nothing where that is no time.
pub fn span(day: Day, from: Moment, until: Moment, zone: Tz) -> Option<Span> {
    Span::new(earliest(from.on(day)?, zone), latest(until.on(day)?, zone))
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use chrono_tz::Europe::Paris;

    use super::*;

    fn shown(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
    }

    fn day(text: &str) -> Day {
        text.parse::<NaiveDate>().unwrap()
    }

    fn moment(text: &str) -> Moment {
        Moment::parse(text).unwrap()
    }

    #[test]
    fn a_booking_must_say_an_hour_that_exists_once() {
        assert_eq!(
            exactly(shown("2026-03-29 02:30"), Paris),
            Err(NoInstant::LeftOut(shown("2026-03-29 02:30")))
        );
        assert_eq!(
            exactly(shown("2026-10-25 02:30"), Paris),
            Err(NoInstant::Twice(shown("2026-10-25 02:30")))
        );
        assert_eq!(
            exactly(shown("2026-10-25 03:00"), Paris).unwrap().to_rfc3339(),
            "2026-10-25T02:00:00+00:00"
        );
    }

    #[test]
    fn an_opening_lasts_through_both_changes_of_the_clocks() {
        let night = |of: &str| span(day(of), moment("22:00"), moment("28:00"), Paris).unwrap().length();
        assert_eq!(night("2026-03-21"), TimeDelta::hours(6));
        assert_eq!(night("2026-03-28"), TimeDelta::hours(5));
        assert_eq!(night("2026-10-24"), TimeDelta::hours(7));
        // What would begin or end in the hour that is left out does so when the clocks have gone forward.
        let spring = span(day("2026-03-29"), moment("02:20"), moment("04:00"), Paris).unwrap();
        assert_eq!(spring.start().to_rfc3339(), "2026-03-29T01:00:00+00:00");
        assert_eq!(span(day("2026-03-29"), moment("02:00"), moment("02:45"), Paris), None);
        // The hour that comes twice is open in both its turns.
        let autumn = span(day("2026-10-25"), moment("02:00"), moment("03:00"), Paris).unwrap();
        assert_eq!(autumn.length(), TimeDelta::hours(2));
    }

    #[test]
    fn a_moment_may_lie_in_the_night_that_follows() {
        assert_eq!(Moment::parse("26:00").map(Moment::minutes), Some(1_560));
        assert_eq!(moment("09:05").to_string(), "09:05");
        for wrong in ["", "9:00", "09:60", "36:01", "-1:00", "09:00:00", "+9:00", "ab:cd", "0９:00"] {
            assert_eq!(Moment::parse(wrong), None, "{wrong}");
        }
        let party = span(day("2026-07-14"), moment("20:00"), moment("26:00"), Paris).unwrap();
        assert_eq!(party.end().to_rfc3339(), "2026-07-15T00:00:00+00:00");
    }
}
