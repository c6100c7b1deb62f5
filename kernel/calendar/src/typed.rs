//! Hours and parts of the year as people type them, and as they stand in the fields that change them. Pure.

use beffroi_core::{
    Day, Lang,
    calendar::{long_date, month_name},
    text::fold,
};
use chrono::Datelike;

use crate::{
    local::Moment,
    openings::{Hours, MonthDay, Season},
    words::{days_of, month_day, whole_months},
};

/// Hours as they stand in a field: `09:00-12:00, 14:00-22:00`.
pub fn hours_written(hours: &[Hours]) -> String {
    let one = |hours: &Hours| format!("{}-{}", hours.from(), hours.until());
    hours.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Hours as they are typed: `9h-12h, 14:00 – 22:00`, `de 9 h à 12 h et de 14 h à 18 h`; in order. Nothing where they are no
/// hours, or overlap.
pub fn hours(typed: &str) -> Option<Vec<Hours>> {
    let typed = typed.to_lowercase().replace(" et ", ", ");
    let parts = typed.split([',', ';']).map(str::trim).filter(|part| !part.is_empty());
    let mut all = Vec::new();
    for part in parts {
        let part = part.strip_prefix("de ").unwrap_or(part);
        let (from, until) = part.split_once(['-', '–', '—', 'à'])?;
        all.push(Hours::new(moment(from)?, moment(until)?).ok()?);
    }
    all.sort_by_key(|it| it.from());
    let apart = all.windows(2).all(|pair| matches!(pair, [one, next] if one.until() <= next.from()));
    apart.then_some(all)
}

/// `9`, `9h`, `9:00`, `09h30`, `26:00`.
fn moment(typed: &str) -> Option<Moment> {
    let plain: String = typed.chars().filter(|letter| !letter.is_whitespace()).collect();
    let plain = plain.replace('h', ":");
    let (hours, minutes) = plain.split_once(':').unwrap_or((&plain, ""));
    Moment::parse(&format!("{hours:0>2}:{minutes:0>2}"))
}

/// A part of the year as it stands in two fields: `septembre` and `juin`, `15 septembre` and `30 juin`, `1er septembre
/// 2026` and `30 juin 2027`; nothing in either for all of it.
pub fn season_written(season: Season, lang: Lang) -> (String, String) {
    match season {
        Season::AllYear => (String::new(), String::new()),
        Season::Yearly(first, last) => match whole_months(first, last) {
            Some((from, until)) => {
                let name = |month: u8| month_name(u32::from(month), lang).to_owned();
                (name(from), name(until))
            }
            None => (month_day(first, lang), month_day(last, lang)),
        },
        Season::Between(first, last) => (long_date(first, lang), long_date(last, lang)),
    }
}

/// A part of the year as it is typed in two fields: months, days without a year that come again each year, or dates.
/// Nothing where that is none, or one is a date and the other is not.
pub fn season(from: &str, until: &str) -> Option<Season> {
    if from.trim().is_empty() && until.trim().is_empty() {
        return Some(Season::AllYear);
    }
    match (point(from)?, point(until)?) {
        (Point::Date(first), Point::Date(last)) => (first <= last).then_some(Season::Between(first, last)),
        (Point::Date(_), _) | (_, Point::Date(_)) => None,
        (first, last) => Some(Season::Yearly(first.begins()?, last.ends()?)),
    }
}

/// Where a part of the year begins or ends.
#[derive(Clone, Copy)]
enum Point {
    Month(u8),
    Yearly(MonthDay),
    Date(Day),
}

impl Point {
    const fn begins(self) -> Option<MonthDay> {
        match self {
            Self::Month(month) => Some(MonthDay { month, day: 1 }),
            Self::Yearly(day) => Some(day),
            Self::Date(_) => None,
        }
    }

    const fn ends(self) -> Option<MonthDay> {
        match self {
            Self::Month(month) => Some(MonthDay { month, day: days_of(month) }),
            Self::Yearly(day) => Some(day),
            Self::Date(_) => None,
        }
    }
}

/// `septembre`, `1er septembre`, `1/9`, `1er septembre 2026`, `01/09/2026`, `2026-09-01`.
fn point(typed: &str) -> Option<Point> {
    if let Ok(date) = typed.trim().parse::<Day>() {
        return sensible(date).map(Point::Date);
    }
    let plain = fold(typed);
    let words: Vec<&str> = plain.split(' ').collect();
    match words.as_slice() {
        [alone] => named(alone).map(Point::Month),
        [day, month] => yearly(day, month).map(Point::Yearly),
        [day, month, year] => {
            let day = yearly(day, month)?;
            let year: i32 = year.parse().ok()?;
            let date = Day::from_ymd_opt(year, u32::from(day.month), u32::from(day.day))?;
            sensible(date).map(Point::Date)
        }
        _ => None,
    }
}

/// A date that somebody may mean.
fn sensible(date: Day) -> Option<Day> {
    (2_000..2_200).contains(&date.year()).then_some(date)
}

fn yearly(day: &str, month: &str) -> Option<MonthDay> {
    let day: u8 = day.strip_suffix("er").unwrap_or(day).parse().ok()?;
    let month = named(month).or_else(|| month.parse().ok().filter(|month| (1..=12).contains(month)))?;
    (1..=days_of(month)).contains(&day).then_some(MonthDay { month, day })
}

/// The month of a name, in either language.
fn named(name: &str) -> Option<u8> {
    let is = |month: &u8, lang| fold(month_name(u32::from(*month), lang)) == name;
    (1..=12).find(|month| is(month, Lang::Fr) || is(month, Lang::En))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hours_are_read_as_people_write_them() {
        let shown = |typed: &str| hours(typed).map(|hours| hours_written(&hours));
        assert_eq!(shown("9h-12h, 14:00 – 22:00"), Some("09:00-12:00, 14:00-22:00".to_owned()));
        assert_eq!(shown("9\u{a0}h – 12\u{a0}h, 14 h – 22 h"), Some("09:00-12:00, 14:00-22:00".to_owned()));
        assert_eq!(shown("de 9 h à 12 h et de 14 h à 18 H"), Some("09:00-12:00, 14:00-18:00".to_owned()));
        assert_eq!(shown("14-18; 8h30 à 12"), Some("08:30-12:00, 14:00-18:00".to_owned()));
        assert_eq!(shown("20:00-26:00"), Some("20:00-26:00".to_owned()));
        assert_eq!(shown(""), Some(String::new()));
        for wrong in ["9", "12-9", "9-12, 11-14", "neuf-midi", "9:70-12:00", "24:00-25:00"] {
            assert_eq!(shown(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn parts_of_the_year_are_read_as_people_write_them() {
        let at = |month, day| MonthDay { month, day };
        let school = Some(Season::Yearly(at(9, 1), at(6, 30)));
        for (from, until) in [
            ("septembre", "juin"),
            ("Septembre", "30 juin"),
            ("1er septembre", "juin"),
            ("1/9", "30/06"),
            ("September", "30 June"),
        ] {
            assert_eq!(season(from, until), school, "{from} {until}");
        }
        assert_eq!(season("", " "), Some(Season::AllYear));
        assert_eq!(season("février", "fevrier"), Some(Season::Yearly(at(2, 1), at(2, 29))));
        let dates = Season::Between("2026-09-01".parse().unwrap(), "2027-06-30".parse().unwrap());
        for (from, until) in [
            ("1er septembre 2026", "30 juin 2027"),
            ("01/09/2026", "30.6.2027"),
            ("2026-09-01", "2027-06-30"),
        ] {
            assert_eq!(season(from, until), Some(dates), "{from} {until}");
        }
        for (from, until) in [
            ("septembre", ""),
            ("", "juin"),
            ("31 juin", "août"),
            ("1/13", "1/2"),
            ("1/9/2026", "juin"),
            ("30/06/2027", "01/09/2026"),
            ("31/02/2026", "01/09/2026"),
            ("01/09/26", "30/06/27"),
            ("l’été", "l’hiver"),
        ] {
            assert_eq!(season(from, until), None, "{from} {until}");
        }
    }

    fn month_days() -> impl Strategy<Value = MonthDay> {
        (1_u8..=12, 1_u8..=31).prop_map(|(month, day)| MonthDay { month, day: day.min(days_of(month)) })
    }

    proptest! {
        #[test]
        fn what_stands_in_the_fields_is_read_back(
            first in month_days(), last in month_days(), from in 0_i32..40_000, more in 0_i32..2_000
        ) {
            // Days from 2000 on.
            let date = |days: i32| Day::from_num_days_from_ce_opt(730_120 + days).unwrap();
            for told in [Season::AllYear, Season::Yearly(first, last), Season::Between(date(from), date(from + more))] {
                for lang in [Lang::Fr, Lang::En] {
                    let (from, until) = season_written(told, lang);
                    prop_assert_eq!(season(&from, &until), Some(told), "{} {}", from, until);
                }
            }
        }

        #[test]
        fn hours_that_are_written_are_read_back(from in 0_u16..1_440, length in 1_u16..720) {
            let until = Moment::new((from + length).min(2_160)).unwrap();
            let all = vec![Hours::new(Moment::new(from).unwrap(), until).unwrap()];
            prop_assert_eq!(hours(&hours_written(&all)), Some(all));
        }

        #[test]
        fn nothing_that_is_typed_panics(one in ".{0,40}", other in ".{0,40}") {
            let _ = (hours(&one), season(&one, &other));
        }
    }
}
