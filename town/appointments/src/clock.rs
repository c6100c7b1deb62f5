//! Now, where the clocks of the town are; and the words of times, as every service writes them.

use beffroi_calendar::local;
pub use beffroi_calendar::{
    clock::{capital, moment, time},
    town::{school, year},
};
use beffroi_core::{Day, Instant, calendar::civil_day};
use beffroi_people::Town;
use beffroi_store::Tx;
use chrono::Timelike;
use chrono_tz::Tz;

/// From when and until when somebody is written to who does not wait for it.
const AWAKE: (u32, u32) = (8, 21);

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
    let morning = day.and_then(|day| day.and_hms_opt(morning, 0, 0));
    morning.map_or(at, |morning| local::earliest(morning, zone))
}

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
