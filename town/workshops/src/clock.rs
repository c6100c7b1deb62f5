//! Times of day in the reader's words, and the hours at which the town disturbs nobody.

use beffroi_calendar::{local, spans::Span};
use beffroi_core::{
    Instant, Lang,
    calendar::{civil_day, long_date_with_weekday},
};
use beffroi_people::Town;
use beffroi_store::Tx;
use chrono::{NaiveDate, NaiveTime, Timelike};
use chrono_tz::Tz;

/// From which hour on the town tells people something by itself.
const FROM_HOUR: u32 = 8;
/// Until which hour.
const UNTIL_HOUR: u32 = 21;

/// A time of day: `9 h`, `9 h 30`; `09:30`.
pub fn time(at: Instant, zone: Tz, lang: Lang) -> String {
    let local = at.with_timezone(&zone);
    match (lang, local.minute()) {
        (Lang::Fr, 0) => local.format("%-H\u{a0}h").to_string(),
        (Lang::Fr, _) => local.format("%-H\u{a0}h\u{a0}%M").to_string(),
        (Lang::En, _) => local.format("%H:%M").to_string(),
    }
}

/// From when to when: `mardi 1er décembre 2026, de 9 h à 11 h`.
pub fn stretch(span: Span, zone: Tz, lang: Lang) -> String {
    let day = long_date_with_weekday(civil_day(span.start(), zone), lang);
    let (from, until) = (time(span.start(), zone, lang), time(span.end(), zone, lang));
    match lang {
        Lang::Fr => format!("{day}, de {from} à {until}"),
        Lang::En => format!("{day}, {from} to {until}"),
    }
}

/// A day and a time: `mardi 1er décembre 2026 à 9 h 30`; `Tuesday 1 December 2026 at 09:30`.
pub fn moment(at: Instant, zone: Tz, lang: Lang) -> String {
    let day = long_date_with_weekday(civil_day(at, zone), lang);
    let between = if lang == Lang::Fr { "à" } else { "at" };
    format!("{day} {between} {}", time(at, zone, lang))
}

/// The text with a capital at its beginning.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The instant itself, or eight in the morning after it where it lies between nine in the evening and then.
pub fn by_day(at: Instant, zone: Tz) -> Instant {
    let shown = at.with_timezone(&zone);
    let today = shown.date_naive();
    let day = match shown.hour() {
        hour if hour < FROM_HOUR => today,
        hour if hour >= UNTIL_HOUR => today.succ_opt().unwrap_or(today),
        _ => return at,
    };
    at_hour(day, FROM_HOUR, zone).unwrap_or(at)
}

/// An hour of a day, as the town's clocks show it.
pub fn at_hour(day: NaiveDate, hour: u32, zone: Tz) -> Option<Instant> {
    NaiveTime::from_hms_opt(hour, 0, 0).map(|time| local::earliest(day.and_time(time), zone))
}

/// Now, where the town's clocks are.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// The instant.
    pub at: Instant,
    /// The clocks.
    pub zone: Tz,
    /// The day that they show.
    pub today: NaiveDate,
}

impl Now {
    /// Of this transaction, in the town that it is in.
    pub fn read(tx: &mut Tx<'_>) -> beffroi_store::Result<Self> {
        let zone = Town::load(tx)?.zone();
        let at = tx.now();
        Ok(Self { at, zone, today: civil_day(at, zone) })
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use chrono_tz::Europe::Paris;

    use super::*;

    fn instant(text: &str) -> Instant {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    #[test]
    fn stretches_are_written_as_the_reader_writes_them() {
        let span = Span::new(instant("2026-12-01T08:30:00Z"), instant("2026-12-01T10:00:00Z")).unwrap();
        assert_eq!(
            stretch(span, Paris, Lang::Fr),
            "mardi 1er décembre 2026, de 9\u{a0}h\u{a0}30 à 11\u{a0}h"
        );
        assert_eq!(stretch(span, Paris, Lang::En), "Tuesday 1 December 2026, 09:30 to 11:00");
    }

    #[test]
    fn nobody_is_disturbed_at_night() {
        let morning = instant("2026-12-02T07:00:00Z");
        for night in ["2026-12-01T20:00:00Z", "2026-12-01T23:30:00Z", "2026-12-02T06:59:00Z"] {
            assert_eq!(by_day(instant(night), Paris), morning, "{night}");
        }
        for day in ["2026-12-02T07:00:00Z", "2026-12-02T19:59:00Z"] {
            assert_eq!(by_day(instant(day), Paris), instant(day), "{day}");
        }
    }
}
