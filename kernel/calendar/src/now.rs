//! Now, where the town's clocks are; and the hours at which the town disturbs nobody.

use beffroi_core::{Day, Instant, calendar::civil_day};
use beffroi_people::Town;
use beffroi_store::Tx;
use chrono::{NaiveTime, Timelike};
use chrono_tz::Tz;

use crate::local;

/// From when and until when somebody is written to who does not wait for it, in hours.
const AWAKE: (u32, u32) = (8, 21);

/// Now, where the town's clocks are.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// The instant.
    pub at: Instant,
    /// The clocks.
    pub zone: Tz,
    /// The day that they show.
    pub today: Day,
}

impl Now {
    /// Of this transaction, in the town that it is in.
    ///
    /// # Errors
    /// Those of the store.
    pub fn read(tx: &mut Tx<'_>) -> beffroi_store::Result<Self> {
        let town = Town::load(tx)?;
        Ok(Self::of(tx, &town))
    }

    /// Of this transaction.
    pub fn of(tx: &Tx<'_>, town: &Town) -> Self {
        let (at, zone) = (tx.now(), town.zone());
        Self { at, zone, today: civil_day(at, zone) }
    }
}

/// The moment from then on at which somebody may be written to unasked: not between nine in the evening and eight in the
/// morning, as the town's clocks show it.
pub fn awake(at: Instant, zone: Tz) -> Instant {
    let (morning, evening) = AWAKE;
    let shown = at.with_timezone(&zone);
    let day = match shown.hour() {
        hour if hour < morning => Some(shown.date_naive()),
        hour if hour >= evening => shown.date_naive().succ_opt(),
        _ => return at,
    };
    day.and_then(|day| at_hour(day, morning, zone)).unwrap_or(at)
}

/// An hour of a day, as the town's clocks show it; `None` where a day has no such hour.
pub fn at_hour(day: Day, hour: u32, zone: Tz) -> Option<Instant> {
    NaiveTime::from_hms_opt(hour, 0, 0).map(|time| local::earliest(day.and_time(time), zone))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use chrono_tz::Europe::Paris;

    use super::*;

    #[test]
    fn nobody_is_written_to_at_night() {
        let at = |text| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
        let told = |text| awake(at(text), Paris);
        assert_eq!(told("2026-06-03T20:59:00+02:00"), at("2026-06-03T20:59:00+02:00"));
        assert_eq!(told("2026-06-03T21:00:00+02:00"), at("2026-06-04T08:00:00+02:00"));
        assert_eq!(told("2026-06-04T02:30:00+02:00"), at("2026-06-04T08:00:00+02:00"));
        assert_eq!(told("2026-06-04T08:00:00+02:00"), at("2026-06-04T08:00:00+02:00"));
    }
}
