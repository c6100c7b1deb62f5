//! Times of day and lengths, in the reader's words; and what the town knows of its year.

use beffroi_calendar::local;
pub use beffroi_calendar::town::{school, year};
use beffroi_core::{Day, Instant, Lang, calendar::civil_day};
use beffroi_people::Town;
use beffroi_store::Tx;
use chrono::Timelike;
use chrono_tz::Tz;

/// A time of day: `9 h`, `9 h 30`; `09:30`.
pub fn time(at: Instant, zone: Tz, lang: Lang) -> String {
    let local = at.with_timezone(&zone);
    match (lang, local.minute()) {
        (Lang::Fr, 0) => local.format("%-H\u{a0}h").to_string(),
        (Lang::Fr, _) => local.format("%-H\u{a0}h\u{a0}%M").to_string(),
        (Lang::En, _) => local.format("%H:%M").to_string(),
    }
}

/// A day and a time: `mardi 1er décembre 2026 à 9 h 30`; `Tuesday 1 December 2026 at 09:30`.
pub fn moment(at: Instant, zone: Tz, lang: Lang) -> String {
    let day = beffroi_core::calendar::long_date_with_weekday(civil_day(at, zone), lang);
    let between = if lang == Lang::Fr { "à" } else { "at" };
    format!("{day} {between} {}", time(at, zone, lang))
}

/// The text with a capital at its beginning.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

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

    #[test]
    fn moments_are_written_as_the_reader_writes_them() {
        let at = DateTime::parse_from_rfc3339("2026-12-01T08:30:00Z").unwrap().to_utc();
        assert_eq!(moment(at, Paris, Lang::Fr), "mardi 1er décembre 2026 à 9\u{a0}h\u{a0}30");
        assert_eq!(moment(at, Paris, Lang::En), "Tuesday 1 December 2026 at 09:30");
    }
}
