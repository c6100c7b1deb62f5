//! Times of day and lengths, in the reader's words.

use beffroi_calendar::spans::Span;
pub use beffroi_calendar::town::{school, year};
use beffroi_core::{Instant, Lang};
use chrono::{TimeDelta, Timelike};
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

/// From when to when, on one day: `de 9 h à 12 h`; `09:00 to 12:00`. What ends with the day ends at midnight.
pub fn hours(span: Span, zone: Tz, lang: Lang) -> String {
    let (from, until) = (time(span.start(), zone, lang), span.end().with_timezone(&zone));
    let midnight = until.hour() == 0 && until.minute() == 0;
    match (lang, midnight) {
        (Lang::Fr, true) => format!("de {from} à minuit"),
        (Lang::Fr, false) => format!("de {from} à {}", time(span.end(), zone, lang)),
        (Lang::En, true) => format!("{from} to midnight"),
        (Lang::En, false) => format!("{from} to {}", time(span.end(), zone, lang)),
    }
}

/// How long: `45 minutes`, `1 h`, `3 h 30`; the same in English with its own letters.
pub fn length(length: TimeDelta, lang: Lang) -> String {
    let (hours, minutes) = (length.num_hours(), length.num_minutes() % 60);
    let space = if lang == Lang::Fr { "\u{a0}" } else { " " };
    match (hours, minutes) {
        (0, minutes) => format!("{minutes}{space}minutes"),
        (hours, 0) => format!("{hours}{space}h"),
        (hours, minutes) => format!("{hours}{space}h{space}{minutes:02}"),
    }
}

#[cfg(test)]
mod tests {
    use beffroi_calendar::local;
    use chrono::NaiveDateTime;
    use chrono_tz::Europe::Paris;

    use super::*;

    fn span(from: &str, until: &str) -> Span {
        let at = |text| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
        Span::new(local::earliest(at(from), Paris), local::earliest(at(until), Paris)).unwrap()
    }

    #[test]
    fn times_are_written_as_the_reader_writes_them() {
        let morning = span("2026-12-04 09:00", "2026-12-04 12:30");
        assert_eq!(hours(morning, Paris, Lang::Fr), "de 9\u{a0}h à 12\u{a0}h\u{a0}30");
        assert_eq!(hours(morning, Paris, Lang::En), "09:00 to 12:30");
        let night = span("2026-12-04 20:00", "2026-12-05 00:00");
        assert_eq!(hours(night, Paris, Lang::Fr), "de 20\u{a0}h à minuit");
        assert_eq!(length(morning.length(), Lang::Fr), "3\u{a0}h\u{a0}30");
        assert_eq!(length(TimeDelta::minutes(45), Lang::En), "45 minutes");
    }
}
