//! Times of day and lengths, in the reader's words, as every service writes them.

use beffroi_core::{
    Day, Instant, Lang,
    calendar::{civil_day, long_date_with_weekday},
};
use chrono::{Datelike, TimeDelta, Timelike};
use chrono_tz::Tz;

use crate::spans::Span;

/// A time of day: `9 h`, `9 h 30`, `minuit`; `09:30`, `midnight`.
pub fn time(at: Instant, zone: Tz, lang: Lang) -> String {
    let local = at.with_timezone(&zone);
    match (lang, local.hour(), local.minute()) {
        (Lang::Fr, 0, 0) => "minuit".to_owned(),
        (Lang::En, 0, 0) => "midnight".to_owned(),
        (Lang::Fr, _, 0) => local.format("%-H\u{a0}h").to_string(),
        (Lang::Fr, ..) => local.format("%-H\u{a0}h\u{a0}%M").to_string(),
        (Lang::En, ..) => local.format("%H:%M").to_string(),
    }
}

/// From when to when, the day being known: `de 9 h à 12 h`; `09:00 to 12:00`. An end in the night is told as it is.
pub fn hours(span: Span, zone: Tz, lang: Lang) -> String {
    let (from, until) = (time(span.start(), zone, lang), time(span.end(), zone, lang));
    match lang {
        Lang::Fr => format!("de {from} à {until}"),
        Lang::En => format!("{from} to {until}"),
    }
}

/// A day and a time: `mardi 1er décembre 2026 à 9 h 30`; `Tuesday 1 December 2026 at 09:30`.
pub fn moment(at: Instant, zone: Tz, lang: Lang) -> String {
    let day = long_date_with_weekday(civil_day(at, zone), lang);
    let between = if lang == Lang::Fr { "à" } else { "at" };
    format!("{day} {between} {}", time(at, zone, lang))
}

/// A day and from when to when: `samedi 12 décembre 2026, de 9 h à 12 h`; the day of its end too, where it is more than the
/// night that follows.
pub fn when(span: Span, zone: Tz, lang: Lang) -> String {
    let named = long_date_with_weekday(civil_day(span.start(), zone), lang);
    let last = last_day(span, zone);
    if last.is_none() {
        return format!("{named}, {}", hours(span, zone, lang));
    }
    let (from, until) = (moment(span.start(), zone, lang), moment(span.end(), zone, lang));
    match lang {
        Lang::Fr => format!("du {from} au {until}"),
        Lang::En => format!("{from} to {until}"),
    }
}

/// When something is that comes on some dates: on one, when it is; on several, how many there are and when the first is.
pub fn when_all(dates: &[Span], zone: Tz, lang: Lang) -> String {
    let first = dates.first().map(|first| when(*first, zone, lang)).unwrap_or_default();
    match (dates.len(), lang) {
        (0 | 1, _) => first,
        (n, Lang::Fr) => format!("{n}\u{a0}dates, la première {first}"),
        (n, Lang::En) => format!("{n} dates, the first {first}"),
    }
}

/// The day of the end, where it is another than that of the beginning and no night that follows it: before noon, and
/// within a day.
pub fn last_day(span: Span, zone: Tz) -> Option<Day> {
    let (first, end) = (civil_day(span.start(), zone), span.end().with_timezone(&zone));
    let last = civil_day(span.end(), zone);
    let night = first.succ_opt() == Some(last)
        && end.hour() * 60 + end.minute() <= 12 * 60
        && span.length() < TimeDelta::days(1);
    (last != first && !night).then_some(last)
}

/// How long: `0 h`, `45 minutes`, `1 h`, `3 h 30`; the same in English with its own letters.
pub fn length(length: TimeDelta, lang: Lang) -> String {
    let (hours, minutes) = (length.num_hours(), length.num_minutes() % 60);
    let space = if lang == Lang::Fr { "\u{a0}" } else { " " };
    match (hours, minutes) {
        (hours, 0) => format!("{hours}{space}h"),
        (0, minutes) => format!("{minutes}{space}minutes"),
        (hours, minutes) => format!("{hours}{space}h{space}{minutes:02}"),
    }
}

/// How long, where a time of day could be read: `1 heure`, `17 heures`, `1 heure 30`, `2 jours`; `17 hours`.
pub fn long_length(length: TimeDelta, lang: Lang) -> String {
    let (days, hours, minutes) = (length.num_days(), length.num_hours(), length.num_minutes() % 60);
    let space = if lang == Lang::Fr { "\u{a0}" } else { " " };
    let told = |count: i64, one: &str, many: &str| {
        format!("{count}{space}{}", if count.abs() < 2 { one } else { many })
    };
    let (minute, hour, day) = match lang {
        Lang::Fr => (("minute", "minutes"), ("heure", "heures"), ("jour", "jours")),
        Lang::En => (("minute", "minutes"), ("hour", "hours"), ("day", "days")),
    };
    match (hours, minutes) {
        (0, minutes) => told(minutes, minute.0, minute.1),
        (hours, 0) if hours % 24 == 0 && days > 1 => told(days, day.0, day.1),
        (hours, 0) => told(hours, hour.0, hour.1),
        (hours, minutes) => format!("{}{space}{minutes:02}", told(hours, hour.0, hour.1)),
    }
}

/// The text with a capital at its beginning.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Two days in a row of days, without the year where both have it: `lundi 30 novembre`, `dimanche 6 décembre 2026`.
pub fn from_to(first: Day, last: Day, lang: Lang) -> (String, String) {
    let (from, until) = (long_date_with_weekday(first, lang), long_date_with_weekday(last, lang));
    let year = format!(" {}", last.year());
    let short = from.strip_suffix(&year).map(str::to_owned);
    (short.unwrap_or(from), until)
}

/// A time as the address of a form proposes it: `jour=2026-12-04&de=20:00&a=02:00`, with the day of its end where it is no
/// night that follows.
pub fn query(span: Span, zone: Tz) -> String {
    let shown = |at: Instant| at.with_timezone(&zone).format("%H:%M").to_string();
    let first = civil_day(span.start(), zone);
    let later = last_day(span, zone).map(|last| format!("&fin={last}")).unwrap_or_default();
    format!("jour={first}&de={}&a={}{later}", shown(span.start()), shown(span.end()))
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDateTime;
    use chrono_tz::Europe::Paris;

    use super::*;
    use crate::local;

    fn span(from: &str, until: &str) -> Span {
        let at = |text| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
        Span::new(local::earliest(at(from), Paris), local::earliest(at(until), Paris)).unwrap()
    }

    #[test]
    fn times_are_written_as_the_reader_writes_them() {
        let morning = span("2026-12-04 09:00", "2026-12-04 12:30");
        assert_eq!(hours(morning, Paris, Lang::Fr), "de 9\u{a0}h à 12\u{a0}h\u{a0}30");
        assert_eq!(hours(morning, Paris, Lang::En), "09:00 to 12:30");
        assert_eq!(moment(morning.start(), Paris, Lang::Fr), "vendredi 4 décembre 2026 à 9\u{a0}h");
        assert_eq!(moment(morning.start(), Paris, Lang::En), "Friday 4 December 2026 at 09:00");
        let evening = span("2026-12-04 20:00", "2026-12-05 00:00");
        assert_eq!(hours(evening, Paris, Lang::Fr), "de 20\u{a0}h à minuit");
        assert_eq!(hours(evening, Paris, Lang::En), "20:00 to midnight");
    }

    #[test]
    fn a_night_belongs_to_its_evening_and_several_days_are_told_with_their_last() {
        let night = span("2026-12-04 20:00", "2026-12-05 02:00");
        assert_eq!(when(night, Paris, Lang::Fr), "vendredi 4 décembre 2026, de 20\u{a0}h à 2\u{a0}h");
        assert_eq!(query(night, Paris), "jour=2026-12-04&de=20:00&a=02:00");
        let weekend = span("2026-12-04 18:00", "2026-12-06 20:00");
        assert_eq!(
            when(weekend, Paris, Lang::Fr),
            "du vendredi 4 décembre 2026 à 18\u{a0}h au dimanche 6 décembre 2026 à 20\u{a0}h"
        );
        assert_eq!(query(weekend, Paris), "jour=2026-12-04&de=18:00&a=20:00&fin=2026-12-06");
        let day = span("2026-12-04 08:00", "2026-12-05 10:00");
        assert_eq!(last_day(day, Paris), Day::from_ymd_opt(2026, 12, 5), "more than a day is no night");
    }

    #[test]
    fn what_comes_again_is_told_by_how_often_and_its_first_date() {
        let first = span("2026-12-04 09:00", "2026-12-04 12:30");
        let dates = [first, span("2026-12-11 09:00", "2026-12-11 12:30")];
        assert_eq!(when_all(&[first], Paris, Lang::Fr), when(first, Paris, Lang::Fr));
        assert_eq!(
            when_all(&dates, Paris, Lang::Fr),
            "2\u{a0}dates, la première vendredi 4 décembre 2026, de 9\u{a0}h à 12\u{a0}h\u{a0}30"
        );
        assert_eq!(
            when_all(&dates, Paris, Lang::En),
            "2 dates, the first Friday 4 December 2026, 09:00 to 12:30"
        );
    }

    #[test]
    fn a_week_tells_its_year_once() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        let told = |first, last| from_to(day(first), day(last), Lang::Fr);
        let (from, until) = told("2026-11-30", "2026-12-06");
        assert_eq!((from.as_str(), until.as_str()), ("lundi 30 novembre", "dimanche 6 décembre 2026"));
        assert_eq!(told("2026-12-28", "2027-01-03").0, "lundi 28 décembre 2026");
    }

    #[test]
    fn a_length_is_no_time_of_day() {
        let told = |minutes, lang| long_length(TimeDelta::minutes(minutes), lang);
        assert_eq!(told(45, Lang::Fr), "45\u{a0}minutes");
        assert_eq!(told(60, Lang::Fr), "1\u{a0}heure");
        assert_eq!(told(90, Lang::Fr), "1\u{a0}heure\u{a0}30");
        assert_eq!(told(17 * 60, Lang::Fr), "17\u{a0}heures");
        assert_eq!(told(24 * 60, Lang::Fr), "24\u{a0}heures");
        assert_eq!(told(48 * 60, Lang::Fr), "2\u{a0}jours");
        assert_eq!(told(17 * 60, Lang::En), "17 hours");
        assert_eq!(length(TimeDelta::minutes(210), Lang::Fr), "3\u{a0}h\u{a0}30");
        assert_eq!(length(TimeDelta::minutes(45), Lang::En), "45 minutes");
        assert_eq!(length(TimeDelta::zero(), Lang::Fr), "0\u{a0}h");
    }
}
