//! The French civil calendar: public holidays, working days, the civil day of an instant, and dates
//! as a reader expects them.

use chrono::{Datelike, Days, NaiveTime, Offset, TimeDelta, TimeZone, Timelike, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::{Day, Instant, Lang};

/// The zone of a commune that has not said otherwise. Overseas communes have their own.
pub const DEFAULT_ZONE: Tz = chrono_tz::Europe::Paris;

/// The civil day that `instant` belongs to on the clocks of `zone`.
///
/// A request sent on 31 December at 23:30 UTC is received on 1 January in Paris, and still on
/// 31 December in Martinique.
pub fn civil_day(instant: Instant, zone: Tz) -> Day {
    let utc = instant.naive_utc();
    let offset = zone.offset_from_utc_datetime(&utc).fix();
    // Only at the very ends of chrono's calendar does the offset leave it; the UTC day then serves.
    utc.checked_add_offset(offset).unwrap_or(utc).date()
}

/// The instant at which `day` begins on the clocks of `zone`: the first that they show of it, where they are put
/// forward at midnight.
pub fn start_of_day(day: Day, zone: Tz) -> Instant {
    let midnight = day.and_time(NaiveTime::MIN);
    let hours = |hours| midnight.checked_add_signed(TimeDelta::hours(hours)).unwrap_or(midnight);
    let shown = (0..3).find_map(|later| zone.from_local_datetime(&hours(later)).earliest());
    shown.map_or_else(|| midnight.and_utc(), |shown| shown.to_utc())
}

/// A public holiday of Code du travail, art. L3133-1, one of the two more that art. L3134-13 adds in Alsace
/// and Moselle, or the one that art. L3422-2 adds overseas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holiday {
    /// 1 January.
    NewYear,
    /// The Friday before Easter; Alsace and Moselle only.
    GoodFriday,
    /// The day after Easter.
    EasterMonday,
    /// 1 May.
    LabourDay,
    /// 8 May, 1945.
    VictoryDay,
    /// The Thursday 39 days after Easter.
    Ascension,
    /// The Monday 50 days after Easter.
    WhitMonday,
    /// 14 July.
    NationalDay,
    /// 15 August.
    Assumption,
    /// 1 November.
    AllSaints,
    /// 11 November, 1918.
    Armistice,
    /// 25 December.
    Christmas,
    /// 26 December; Alsace and Moselle only.
    SecondChristmasDay,
    /// The commemoration of the abolition of slavery; overseas only, on a day of its own in each place.
    AbolitionOfSlavery,
}

impl Holiday {
    /// The holiday's name, as it stands in a list.
    pub const fn name(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::NewYear, Lang::Fr) => "jour de l’An",
            (Self::NewYear, Lang::En) => "New Year’s Day",
            (Self::GoodFriday, Lang::Fr) => "Vendredi saint",
            (Self::GoodFriday, Lang::En) => "Good Friday",
            (Self::EasterMonday, Lang::Fr) => "lundi de Pâques",
            (Self::EasterMonday, Lang::En) => "Easter Monday",
            (Self::LabourDay, Lang::Fr) => "fête du Travail",
            (Self::LabourDay, Lang::En) => "Labour Day",
            (Self::VictoryDay, Lang::Fr) => "8 mai",
            (Self::VictoryDay, Lang::En) => "Victory Day",
            (Self::Ascension, Lang::Fr) => "Ascension",
            (Self::Ascension, Lang::En) => "Ascension Day",
            (Self::WhitMonday, Lang::Fr) => "lundi de Pentecôte",
            (Self::WhitMonday, Lang::En) => "Whit Monday",
            (Self::NationalDay, Lang::Fr) => "fête nationale",
            (Self::NationalDay, Lang::En) => "National Day",
            (Self::Assumption, Lang::Fr) => "Assomption",
            (Self::Assumption, Lang::En) => "Assumption Day",
            (Self::AllSaints, Lang::Fr) => "Toussaint",
            (Self::AllSaints, Lang::En) => "All Saints’ Day",
            (Self::Armistice, Lang::Fr) => "11 novembre",
            (Self::Armistice, Lang::En) => "Armistice Day",
            (Self::Christmas, Lang::Fr) => "Noël",
            (Self::Christmas, Lang::En) => "Christmas Day",
            (Self::SecondChristmasDay, Lang::Fr) => "lendemain de Noël",
            (Self::SecondChristmasDay, Lang::En) => "Boxing Day",
            (Self::AbolitionOfSlavery, Lang::Fr) => "abolition de l’esclavage",
            (Self::AbolitionOfSlavery, Lang::En) => "Abolition of Slavery Day",
        }
    }
}

/// Which public holidays a commune keeps: the national ones, and those of its place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holidays {
    /// The eleven national ones.
    #[default]
    Metropole,
    /// The national ones, Good Friday and 26 December.
    AlsaceMoselle,
    /// The national ones and 27 May.
    Guadeloupe,
    /// The national ones and 22 May.
    Martinique,
    /// The national ones and 10 June.
    Guyane,
    /// The national ones and 20 December.
    Reunion,
    /// The national ones and 27 April.
    Mayotte,
    /// The national ones and 9 October.
    SaintBarthelemy,
    /// The national ones and 28 May.
    SaintMartin,
}

impl Holidays {
    /// Every list, the national one first.
    pub const ALL: [Self; 9] = [
        Self::Metropole,
        Self::AlsaceMoselle,
        Self::Guadeloupe,
        Self::Martinique,
        Self::Guyane,
        Self::Reunion,
        Self::Mayotte,
        Self::SaintBarthelemy,
        Self::SaintMartin,
    ];

    /// The word that names the list, as a file or a flag spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Metropole => "metropole",
            Self::AlsaceMoselle => "alsace-moselle",
            Self::Guadeloupe => "guadeloupe",
            Self::Martinique => "martinique",
            Self::Guyane => "guyane",
            Self::Reunion => "reunion",
            Self::Mayotte => "mayotte",
            Self::SaintBarthelemy => "saint-barthelemy",
            Self::SaintMartin => "saint-martin",
        }
    }

    /// The list that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }

    /// The list that a commune keeps, by its INSEE code. An unknown code keeps the national one.
    pub fn of_commune(insee: &str) -> Self {
        match (insee.get(..2), insee.get(..3)) {
            (Some("57" | "67" | "68"), _) => Self::AlsaceMoselle,
            (_, Some("971")) => Self::Guadeloupe,
            (_, Some("972")) => Self::Martinique,
            (_, Some("973")) => Self::Guyane,
            (_, Some("974")) => Self::Reunion,
            (_, Some("976")) => Self::Mayotte,
            (_, Some("977")) => Self::SaintBarthelemy,
            (_, Some("978")) => Self::SaintMartin,
            _ => Self::Metropole,
        }
    }

    /// Month and day on which the abolition of slavery is commemorated (Code du travail, art. L3422-2).
    ///
    /// Saint-Martin keeps 28 May since 2018, by the deliberation of its council of 5 November 2015 and the
    /// yearly circular of the State, although a clerical error left 27 May in the article.
    const fn abolition(self) -> Option<(u32, u32)> {
        match self {
            Self::Metropole | Self::AlsaceMoselle => None,
            Self::Guadeloupe => Some((5, 27)),
            Self::Martinique => Some((5, 22)),
            Self::Guyane => Some((6, 10)),
            Self::Reunion => Some((12, 20)),
            Self::Mayotte => Some((4, 27)),
            Self::SaintBarthelemy => Some((10, 9)),
            Self::SaintMartin => Some((5, 28)),
        }
    }

    /// The holiday that falls on `day`, by the list in force since 1982.
    ///
    /// Where two fall together (Ascension on 1 May 2008), the one with a fixed date is told.
    pub fn holiday(self, day: Day) -> Option<Holiday> {
        let local = self == Self::AlsaceMoselle;
        let fixed = match (day.month(), day.day()) {
            date if Some(date) == self.abolition() => Some(Holiday::AbolitionOfSlavery),
            (1, 1) => Some(Holiday::NewYear),
            (5, 1) => Some(Holiday::LabourDay),
            (5, 8) => Some(Holiday::VictoryDay),
            (7, 14) => Some(Holiday::NationalDay),
            (8, 15) => Some(Holiday::Assumption),
            (11, 1) => Some(Holiday::AllSaints),
            (11, 11) => Some(Holiday::Armistice),
            (12, 25) => Some(Holiday::Christmas),
            (12, 26) if local => Some(Holiday::SecondChristmasDay),
            _ => None,
        };
        fixed.or_else(|| match (day - easter(day.year())?).num_days() {
            -2 if local => Some(Holiday::GoodFriday),
            1 => Some(Holiday::EasterMonday),
            39 => Some(Holiday::Ascension),
            50 => Some(Holiday::WhitMonday),
            _ => None,
        })
    }

    /// Whether the town hall's offices work on `day`: Monday to Friday, public holidays excepted.
    pub fn is_working_day(self, day: Day) -> bool {
        !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && self.holiday(day).is_none()
    }

    /// The `count`-th working day after `day`, which is itself never counted.
    ///
    /// `None` past the end of the calendar.
    pub fn add_working_days(self, day: Day, count: u16) -> Option<Day> {
        let mut reached = day;
        for _ in 0..count {
            reached = reached.succ_opt()?;
            while !self.is_working_day(reached) {
                reached = reached.succ_opt()?;
            }
        }
        Some(reached)
    }
}

/// Easter Sunday of `year` in the Gregorian calendar (the anonymous computus of 1876, without tables).
///
/// `None` outside the calendar.
fn easter(year: i32) -> Option<Day> {
    let golden = year.rem_euclid(19);
    let (century, of_century) = (year.div_euclid(100), year.rem_euclid(100));
    let correction =
        century - century.div_euclid(4) - (century - (century + 8).div_euclid(25) + 1).div_euclid(3);
    let epact = (19 * golden + correction + 15).rem_euclid(30);
    let sunday =
        (32 + 2 * century.rem_euclid(4) + 2 * of_century.div_euclid(4) - epact - of_century.rem_euclid(4))
            .rem_euclid(7);
    let shift = (golden + 11 * epact + 22 * sunday).div_euclid(451);
    let after_21_march = u64::try_from(epact + sunday - 7 * shift + 1).ok()?;
    Day::from_ymd_opt(year, 3, 21)?.checked_add_days(Days::new(after_21_march))
}

/// A date in full: `15 mai 2026`, `1er mai 2026`; `15 May 2026`.
pub fn long_date(day: Day, lang: Lang) -> String {
    let month = month_name(day.month(), lang);
    let ordinal = if lang == Lang::Fr && day.day() == 1 { "er" } else { "" };
    format!("{}{ordinal} {month} {}", day.day(), day.year())
}

/// An instant where the town is: `15 mai 2026 à 9 h 05`, `15 mai 2026 à 9 h`; `15 May 2026 at 09:05`.
pub fn long_moment(at: Instant, zone: Tz, lang: Lang) -> String {
    let (day, local) = (long_date(civil_day(at, zone), lang), at.with_timezone(&zone));
    match lang {
        Lang::Fr if local.minute() == 0 => format!("{day} à {}", local.format("%-H\u{a0}h")),
        Lang::Fr => format!("{day} à {}", local.format("%-H\u{a0}h\u{a0}%M")),
        Lang::En => format!("{day} at {}", local.format("%H:%M")),
    }
}

/// A date in full with its day of the week: `vendredi 15 mai 2026`; `Friday 15 May 2026`.
pub fn long_date_with_weekday(day: Day, lang: Lang) -> String {
    format!("{} {}", weekday_name(day.weekday(), lang), long_date(day, lang))
}

/// The name of a day of the week: `vendredi`; `Friday`.
pub const fn weekday_name(weekday: Weekday, lang: Lang) -> &'static str {
    match (weekday, lang) {
        (Weekday::Mon, Lang::Fr) => "lundi",
        (Weekday::Tue, Lang::Fr) => "mardi",
        (Weekday::Wed, Lang::Fr) => "mercredi",
        (Weekday::Thu, Lang::Fr) => "jeudi",
        (Weekday::Fri, Lang::Fr) => "vendredi",
        (Weekday::Sat, Lang::Fr) => "samedi",
        (Weekday::Sun, Lang::Fr) => "dimanche",
        (Weekday::Mon, Lang::En) => "Monday",
        (Weekday::Tue, Lang::En) => "Tuesday",
        (Weekday::Wed, Lang::En) => "Wednesday",
        (Weekday::Thu, Lang::En) => "Thursday",
        (Weekday::Fri, Lang::En) => "Friday",
        (Weekday::Sat, Lang::En) => "Saturday",
        (Weekday::Sun, Lang::En) => "Sunday",
    }
}

/// The name of a month, from 1 to 12: `mai`; `May`.
pub const fn month_name(month: u32, lang: Lang) -> &'static str {
    match lang {
        Lang::Fr => french_month(month),
        Lang::En => english_month(month),
    }
}

const fn french_month(month: u32) -> &'static str {
    match month {
        1 => "janvier",
        2 => "février",
        3 => "mars",
        4 => "avril",
        5 => "mai",
        6 => "juin",
        7 => "juillet",
        8 => "août",
        9 => "septembre",
        10 => "octobre",
        11 => "novembre",
        _ => "décembre",
    }
}

const fn english_month(month: u32) -> &'static str {
    match month {
        1 => "January",
        2 => "February",
        3 => "March",
        4 => "April",
        5 => "May",
        6 => "June",
        7 => "July",
        8 => "August",
        9 => "September",
        10 => "October",
        11 => "November",
        _ => "December",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn a_full_hour_is_told_without_minutes_in_french() {
        let told = |at: &str, lang| long_moment(at.parse().unwrap(), DEFAULT_ZONE, lang);
        assert_eq!(told("2026-05-15T12:00:00Z", Lang::Fr), "15 mai 2026 à 14\u{a0}h");
        assert_eq!(told("2026-05-15T07:05:00Z", Lang::Fr), "15 mai 2026 à 9\u{a0}h\u{a0}05");
        assert_eq!(told("2026-05-15T12:00:00Z", Lang::En), "15 May 2026 at 14:00");
    }

    #[test]
    fn a_day_begins_when_the_clocks_first_show_it() {
        let starts = |day: &str, zone| start_of_day(day.parse().unwrap(), zone).to_rfc3339();
        assert_eq!(starts("2026-06-03", DEFAULT_ZONE), "2026-06-02T22:00:00+00:00");
        assert_eq!(starts("2026-03-29", DEFAULT_ZONE), "2026-03-28T23:00:00+00:00");
        // Clocks went from midnight to one that day.
        assert_eq!(starts("2018-11-04", chrono_tz::America::Sao_Paulo), "2018-11-04T03:00:00+00:00");
        assert_eq!(
            civil_day(start_of_day("2026-06-03".parse().unwrap(), DEFAULT_ZONE), DEFAULT_ZONE).to_string(),
            "2026-06-03"
        );
    }

    #[test]
    fn a_day_is_the_one_on_the_wall_of_the_town_hall() {
        let instant = |text: &str| text.parse::<Instant>().unwrap();
        assert_eq!(civil_day(instant("2026-12-31T23:30:00Z"), DEFAULT_ZONE), day("2027-01-01"));
        assert_eq!(
            civil_day(instant("2026-12-31T23:30:00Z"), chrono_tz::America::Martinique),
            day("2026-12-31")
        );
        // Summer time: two hours ahead of UTC from the last Sunday of March.
        assert_eq!(civil_day(instant("2026-06-30T22:00:00Z"), DEFAULT_ZONE), day("2026-07-01"));
        assert_eq!(civil_day(instant("2026-01-30T22:59:59Z"), DEFAULT_ZONE), day("2026-01-30"));
    }

    #[test]
    fn the_ends_of_time_have_a_day_too() {
        assert_eq!(
            civil_day(Instant::MAX_UTC, chrono_tz::Pacific::Noumea),
            Instant::MAX_UTC.naive_utc().date()
        );
        assert_eq!(
            civil_day(Instant::MIN_UTC, chrono_tz::Pacific::Tahiti),
            Instant::MIN_UTC.naive_utc().date()
        );
    }

    #[test]
    fn easter_falls_where_the_almanac_says() {
        for sunday in [
            "1818-03-22",
            "1943-04-25",
            "2000-04-23",
            "2024-03-31",
            "2025-04-20",
            "2026-04-05",
            "2038-04-25",
            "2285-03-22",
        ] {
            assert_eq!(easter(day(sunday).year()), Some(day(sunday)));
        }
    }

    #[test]
    fn the_holidays_of_2026_are_the_eleven_of_the_labour_code() {
        let kept: Vec<_> = day("2026-01-01")
            .iter_days()
            .take(365)
            .filter_map(|day| Some((day.to_string(), Holidays::Metropole.holiday(day)?)))
            .collect();
        let expected = [
            ("2026-01-01", Holiday::NewYear),
            ("2026-04-06", Holiday::EasterMonday),
            ("2026-05-01", Holiday::LabourDay),
            ("2026-05-08", Holiday::VictoryDay),
            ("2026-05-14", Holiday::Ascension),
            ("2026-05-25", Holiday::WhitMonday),
            ("2026-07-14", Holiday::NationalDay),
            ("2026-08-15", Holiday::Assumption),
            ("2026-11-01", Holiday::AllSaints),
            ("2026-11-11", Holiday::Armistice),
            ("2026-12-25", Holiday::Christmas),
        ];
        assert_eq!(kept, expected.map(|(day, holiday)| (day.to_owned(), holiday)));
    }

    #[test]
    fn alsace_and_moselle_keep_two_more() {
        for (date, holiday) in
            [("2026-04-03", Holiday::GoodFriday), ("2026-12-26", Holiday::SecondChristmasDay)]
        {
            assert_eq!(Holidays::AlsaceMoselle.holiday(day(date)), Some(holiday));
            assert_eq!(Holidays::Metropole.holiday(day(date)), None);
        }
    }

    #[test]
    fn overseas_communes_commemorate_the_abolition_of_slavery() {
        for (insee, date) in [
            ("97105", "2026-05-27"),
            ("97209", "2026-05-22"),
            ("97302", "2026-06-10"),
            ("97411", "2026-12-20"),
            ("97608", "2026-04-27"),
            ("97701", "2026-10-09"),
            ("97801", "2026-05-28"),
        ] {
            let holidays = Holidays::of_commune(insee);
            assert_eq!(holidays.holiday(day(date)), Some(Holiday::AbolitionOfSlavery), "{insee}");
            assert!(!holidays.is_working_day(day(date)), "{insee}");
            assert_eq!(Holidays::Metropole.holiday(day(date)), None);
            let kept = day("2026-01-01").iter_days().take(365).filter(|day| holidays.holiday(*day).is_some());
            assert_eq!(kept.count(), 12, "{insee}: one more than in metropolitan France");
        }
    }

    #[test]
    fn a_commune_keeps_the_holidays_of_its_place() {
        for (insee, holidays) in [
            ("34145", Holidays::Metropole),
            ("2A004", Holidays::Metropole),
            ("67482", Holidays::AlsaceMoselle),
            // Saint-Pierre-et-Miquelon and the Pacific keep the national ones.
            ("97502", Holidays::Metropole),
            ("98818", Holidays::Metropole),
            ("", Holidays::Metropole),
        ] {
            assert_eq!(Holidays::of_commune(insee), holidays, "{insee}");
        }
        for holidays in Holidays::ALL {
            assert_eq!(Holidays::from_word(holidays.as_str()), Some(holidays));
            let spelt = serde_json::to_value(holidays).unwrap();
            assert_eq!(spelt, holidays.as_str(), "kept under the same word");
        }
    }

    #[test]
    fn week_ends_and_holidays_are_not_worked() {
        let holidays = Holidays::Metropole;
        assert!(holidays.is_working_day(day("2026-05-13")));
        assert!(!holidays.is_working_day(day("2026-05-14")), "Ascension");
        assert!(holidays.is_working_day(day("2026-05-15")), "the bridge is worked");
        assert!(!holidays.is_working_day(day("2026-05-16")), "Saturday");
        assert!(!holidays.is_working_day(day("2026-05-17")), "Sunday");
    }

    #[test]
    fn working_days_are_counted_from_the_day_after() {
        let add =
            |from: &str, count| Holidays::Metropole.add_working_days(day(from), count).unwrap().to_string();
        assert_eq!(add("2026-05-12", 1), "2026-05-13");
        assert_eq!(add("2026-05-13", 1), "2026-05-15", "over Ascension");
        assert_eq!(add("2026-05-15", 1), "2026-05-18", "over the week-end");
        assert_eq!(add("2026-05-16", 1), "2026-05-18", "from a Saturday");
        assert_eq!(add("2026-05-15", 10), "2026-06-01", "over Whit Monday");
        assert_eq!(add("2026-12-31", 1), "2027-01-04");
        assert_eq!(add("2026-05-16", 0), "2026-05-16");
        assert_eq!(Holidays::Metropole.add_working_days(Day::MAX, 1), None);
    }

    #[test]
    fn dates_are_written_as_they_are_read() {
        assert_eq!(long_date(day("2026-05-15"), Lang::Fr), "15 mai 2026");
        assert_eq!(long_date(day("2026-05-01"), Lang::Fr), "1er mai 2026");
        assert_eq!(long_date(day("2026-08-21"), Lang::Fr), "21 août 2026");
        assert_eq!(long_date(day("2026-05-01"), Lang::En), "1 May 2026");
        assert_eq!(long_date_with_weekday(day("2026-05-15"), Lang::Fr), "vendredi 15 mai 2026");
        assert_eq!(long_date_with_weekday(day("2026-02-01"), Lang::Fr), "dimanche 1er février 2026");
        assert_eq!(long_date_with_weekday(day("2026-12-25"), Lang::En), "Friday 25 December 2026");
    }

    proptest! {
        #[test]
        fn easter_is_a_sunday_between_22_march_and_25_april(year in 1583..10_000_i32) {
            let sunday = easter(year).unwrap();
            prop_assert_eq!(sunday.weekday(), Weekday::Sun);
            prop_assert!(((3, 22)..=(4, 25)).contains(&(sunday.month(), sunday.day())));
        }

        #[test]
        fn any_day_can_be_asked(days in i32::MIN..i32::MAX, count in 0..40_u16) {
            let day = Day::from_num_days_from_ce_opt(days).unwrap_or(Day::MIN);
            for holidays in Holidays::ALL {
                if let Some(reached) = holidays.add_working_days(day, count) {
                    prop_assert!(count == 0 || holidays.is_working_day(reached));
                    prop_assert!(reached >= day);
                }
            }
        }
    }
}
