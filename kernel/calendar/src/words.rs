//! Openings in the reader's words: rules, closures, and days that are otherwise. Pure.

use beffroi_core::{
    Lang,
    calendar::{long_date, long_date_with_weekday, month_name, weekday_name},
};
use chrono::Weekday;

use crate::{
    clock::capital,
    local::Moment,
    openings::{Closure, Exception, Hours, MonthDay, OnHolidays, Rule, Season, Weeks},
};

/// The days of a week.
pub const WEEK: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

/// What a rule says: `Le 1er samedi du mois, de 9 h à 12 h, de septembre à juin`.
pub fn rule(rule: &Rule, lang: Lang) -> String {
    let parts = [
        days(rule, lang),
        hours(&rule.hours, lang),
        season(rule.season, lang),
        public(rule.public_holidays, lang).to_owned(),
        school(rule.school_holidays, lang).to_owned(),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    capital(&parts.join(", "))
}

/// What a closure says: `Fermé du 24 décembre 2026 au 31 décembre 2026 (Fêtes)`.
pub fn closure(closure: &Closure, lang: Lang) -> String {
    let days = match (closure.first == closure.last, lang) {
        (true, Lang::Fr) => format!("Fermé le {}", long_date_with_weekday(closure.first, lang)),
        (true, Lang::En) => format!("Closed on {}", long_date_with_weekday(closure.first, lang)),
        (false, Lang::Fr) => {
            format!("Fermé du {} au {}", long_date(closure.first, lang), long_date(closure.last, lang))
        }
        (false, Lang::En) => {
            format!("Closed from {} to {}", long_date(closure.first, lang), long_date(closure.last, lang))
        }
    };
    let hours = closure.hours.map(|it| format!(", {}", hours(&[it], lang))).unwrap_or_default();
    format!("{days}{hours}{}", because(&closure.why))
}

/// What is said of a day that is otherwise: `Vendredi 12 juin 2026 : ouvert de 10 h à 11 h (Fête de la musique)`.
pub fn exception(exception: &Exception, lang: Lang) -> String {
    let day = capital(&long_date_with_weekday(exception.day, lang));
    let said = match (exception.hours.is_empty(), lang) {
        (true, Lang::Fr) => "\u{a0}: fermé".to_owned(),
        (true, Lang::En) => ": closed".to_owned(),
        (false, Lang::Fr) => format!("\u{a0}: ouvert {}", hours(&exception.hours, lang)),
        (false, Lang::En) => format!(": open {}", hours(&exception.hours, lang)),
    };
    format!("{day}{said}{}", because(&exception.why))
}

/// Hours of a day: `de 9 h à 12 h et de 14 h à 22 h`; `09:00 to 12:00 and 14:00 to 22:00`.
pub fn hours(hours: &[Hours], lang: Lang) -> String {
    let one = |it: &Hours| match lang {
        Lang::Fr if *it == Hours::ALL_DAY => "toute la journée".to_owned(),
        Lang::En if *it == Hours::ALL_DAY => "all day".to_owned(),
        Lang::Fr => format!("de {} à {}", moment(it.from(), lang), moment(it.until(), lang)),
        Lang::En => format!("{} to {}", moment(it.from(), lang), moment(it.until(), lang)),
    };
    listed(&hours.iter().map(one).collect::<Vec<_>>(), lang)
}

/// A day of any year: `1er septembre`; `1 September`.
pub fn month_day(day: MonthDay, lang: Lang) -> String {
    let ordinal = if lang == Lang::Fr && day.day == 1 { "er" } else { "" };
    format!("{}{ordinal} {}", day.day, month_name(u32::from(day.month), lang))
}

/// The months of a part of the year that is made of whole ones; 29 February ends its month.
pub fn whole_months(first: MonthDay, last: MonthDay) -> Option<(u8, u8)> {
    (first.day == 1 && last.day == days_of(last.month)).then_some((first.month, last.month))
}

/// How many days a month may have.
pub const fn days_of(month: u8) -> u8 {
    match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days(rule: &Rule, lang: Lang) -> String {
    let on: Vec<Weekday> = WEEK.into_iter().filter(|day| rule.weekdays.contains(day)).collect();
    let each = |before: &str| {
        let named = on.iter().map(|day| format!("{before}{}", weekday_name(*day, lang)));
        listed(&named.collect::<Vec<_>>(), lang)
    };
    let rank = match (rule.weeks, lang) {
        (Weeks::Nth(rank), _) => ordinal(rank, lang),
        (Weeks::Last, Lang::Fr) => "dernier".to_owned(),
        (Weeks::Last, Lang::En) => "last".to_owned(),
        (Weeks::Every | Weeks::Even | Weeks::Odd, _) => String::new(),
    };
    if !rank.is_empty() {
        return match lang {
            Lang::Fr => format!("{} du mois", each(&format!("le {rank} "))),
            Lang::En => format!("{} of the month", each(&format!("the {rank} "))),
        };
    }
    let row = on.len() > 2 && WEEK.windows(on.len()).any(|days| days == on.as_slice());
    let base = match (on.as_slice(), lang) {
        (all, Lang::Fr) if all.len() == WEEK.len() => "tous les jours".to_owned(),
        (all, Lang::En) if all.len() == WEEK.len() => "every day".to_owned(),
        ([first, .., last], Lang::Fr) if row => {
            format!("du {} au {}", weekday_name(*first, lang), weekday_name(*last, lang))
        }
        ([first, .., last], Lang::En) if row => {
            format!("{} to {}", weekday_name(*first, lang), weekday_name(*last, lang))
        }
        (_, Lang::Fr) => each("le "),
        (_, Lang::En) => each(""),
    };
    let weeks = match (rule.weeks, lang) {
        (Weeks::Even, Lang::Fr) => ", les semaines paires",
        (Weeks::Odd, Lang::Fr) => ", les semaines impaires",
        (Weeks::Even, Lang::En) => ", in even weeks",
        (Weeks::Odd, Lang::En) => ", in odd weeks",
        _ => "",
    };
    format!("{base}{weeks}")
}

fn ordinal(rank: u8, lang: Lang) -> String {
    match (rank, lang) {
        (1, Lang::Fr) => "1er".to_owned(),
        (_, Lang::Fr) => format!("{rank}e"),
        (1, Lang::En) => "first".to_owned(),
        (2, Lang::En) => "second".to_owned(),
        (3, Lang::En) => "third".to_owned(),
        (_, Lang::En) => format!("{rank}th"),
    }
}

fn moment(at: Moment, lang: Lang) -> String {
    let minutes = at.minutes();
    let (hour, minute) = (minutes / 60 % 24, minutes % 60);
    let told = match (lang, hour, minute) {
        (Lang::Fr, 0, 0) => "minuit".to_owned(),
        (Lang::En, 0, 0) => "midnight".to_owned(),
        (Lang::Fr, _, 0) => format!("{hour}\u{a0}h"),
        (Lang::Fr, ..) => format!("{hour}\u{a0}h\u{a0}{minute:02}"),
        (Lang::En, ..) => format!("{hour:02}:{minute:02}"),
    };
    match lang {
        _ if at <= Moment::END => told,
        Lang::Fr => format!("{told} le lendemain"),
        Lang::En => format!("{told} the next day"),
    }
}

fn season(season: Season, lang: Lang) -> String {
    match season {
        Season::AllYear => String::new(),
        Season::Yearly(first, last) => match (whole_months(first, last), lang) {
            (Some((one, other)), _) if one == other => {
                let within = if lang == Lang::Fr { "en" } else { "in" };
                format!("{within} {}", month_name(u32::from(one), lang))
            }
            (Some((from, until)), Lang::Fr) => {
                let from = month_name(u32::from(from), lang);
                let of = if from.starts_with(['a', 'o']) { "d’" } else { "de " };
                format!("{of}{from} à {}", month_name(u32::from(until), lang))
            }
            (Some((from, until)), Lang::En) => {
                format!("{} to {}", month_name(u32::from(from), lang), month_name(u32::from(until), lang))
            }
            (None, Lang::Fr) => format!("du {} au {}", month_day(first, lang), month_day(last, lang)),
            (None, Lang::En) => format!("{} to {}", month_day(first, lang), month_day(last, lang)),
        },
        Season::Between(first, last) => match (first == last, lang) {
            (true, Lang::Fr) => format!("le {}", long_date(first, lang)),
            (true, Lang::En) => format!("on {}", long_date(first, lang)),
            (false, Lang::Fr) => format!("du {} au {}", long_date(first, lang), long_date(last, lang)),
            (false, Lang::En) => format!("{} to {}", long_date(first, lang), long_date(last, lang)),
        },
    }
}

const fn public(on: OnHolidays, lang: Lang) -> &'static str {
    match (on, lang) {
        (OnHolidays::Same, _) => "",
        (OnHolidays::Not, Lang::Fr) => "sauf les jours fériés",
        (OnHolidays::Only, Lang::Fr) => "les jours fériés seulement",
        (OnHolidays::Not, Lang::En) => "except on public holidays",
        (OnHolidays::Only, Lang::En) => "on public holidays only",
    }
}

const fn school(on: OnHolidays, lang: Lang) -> &'static str {
    match (on, lang) {
        (OnHolidays::Same, _) => "",
        (OnHolidays::Not, Lang::Fr) => "hors vacances scolaires",
        (OnHolidays::Only, Lang::Fr) => "pendant les vacances scolaires",
        (OnHolidays::Not, Lang::En) => "outside school holidays",
        (OnHolidays::Only, Lang::En) => "in school holidays",
    }
}

fn because(why: &str) -> String {
    if why.is_empty() { String::new() } else { format!(" ({why})") }
}

/// `un, deux et trois`.
fn listed(parts: &[String], lang: Lang) -> String {
    let and = if lang == Lang::Fr { " et " } else { " and " };
    match parts.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{}{and}{last}", before.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours_of(from: &str, until: &str) -> Hours {
        Hours::new(Moment::parse(from).unwrap(), Moment::parse(until).unwrap()).unwrap()
    }

    fn plain(weekdays: &[Weekday], hours: Vec<Hours>) -> Rule {
        Rule {
            weekdays: weekdays.to_vec(),
            weeks: Weeks::Every,
            hours,
            season: Season::AllYear,
            public_holidays: OnHolidays::Same,
            school_holidays: OnHolidays::Same,
        }
    }

    const fn at(month: u8, day: u8) -> MonthDay {
        MonthDay { month, day }
    }

    #[test]
    fn a_rule_is_told_as_a_neighbour_would() {
        let mut market = plain(&[Weekday::Sat], vec![hours_of("09:00", "12:00")]);
        market.weeks = Weeks::Nth(1);
        market.season = Season::Yearly(at(9, 1), at(6, 30));
        assert_eq!(
            rule(&market, Lang::Fr),
            "Le 1er samedi du mois, de 9\u{a0}h à 12\u{a0}h, de septembre à juin"
        );
        assert_eq!(
            rule(&market, Lang::En),
            "The first Saturday of the month, 09:00 to 12:00, September to June"
        );
        let mut office = plain(&WEEK[..5], vec![hours_of("08:30", "12:00"), hours_of("13:30", "17:00")]);
        office.public_holidays = OnHolidays::Not;
        office.school_holidays = OnHolidays::Not;
        assert_eq!(
            rule(&office, Lang::Fr),
            "Du lundi au vendredi, de 8\u{a0}h\u{a0}30 à 12\u{a0}h et de 13\u{a0}h\u{a0}30 à 17\u{a0}h, \
             sauf les jours fériés, hors vacances scolaires"
        );
        let mut party = plain(&[Weekday::Fri, Weekday::Sat], vec![hours_of("20:00", "26:00")]);
        party.weeks = Weeks::Even;
        party.season = Season::Yearly(at(4, 15), at(10, 1));
        assert_eq!(
            rule(&party, Lang::Fr),
            "Le vendredi et le samedi, les semaines paires, de 20\u{a0}h à 2\u{a0}h le lendemain, \
             du 15 avril au 1er octobre"
        );
        let mut summer = plain(&WEEK, vec![Hours::ALL_DAY]);
        summer.season = Season::Yearly(at(8, 1), at(8, 31));
        summer.school_holidays = OnHolidays::Only;
        assert_eq!(
            rule(&summer, Lang::Fr),
            "Tous les jours, toute la journée, en août, pendant les vacances scolaires"
        );
        let mut winter = plain(&[Weekday::Mon, Weekday::Wed, Weekday::Fri], vec![hours_of("18:00", "24:00")]);
        winter.weeks = Weeks::Last;
        winter.season = Season::Yearly(at(10, 1), at(2, 29));
        assert_eq!(
            rule(&winter, Lang::Fr),
            "Le dernier lundi, le dernier mercredi et le dernier vendredi du mois, de 18\u{a0}h à minuit, \
             d’octobre à février"
        );
    }

    #[test]
    fn closures_and_days_that_are_otherwise_say_why() {
        let (first, last) = ("2026-12-24".parse().unwrap(), "2026-12-31".parse().unwrap());
        let mut closed = Closure { first, last, hours: None, why: "Fêtes".to_owned() };
        assert_eq!(closure(&closed, Lang::Fr), "Fermé du 24 décembre 2026 au 31 décembre 2026 (Fêtes)");
        closed.last = first;
        closed.hours = Some(hours_of("12:00", "14:00"));
        closed.why = String::new();
        assert_eq!(closure(&closed, Lang::Fr), "Fermé le jeudi 24 décembre 2026, de 12\u{a0}h à 14\u{a0}h");
        let mut day =
            Exception { day: first, hours: vec![hours_of("10:00", "11:00")], why: "Bal".to_owned() };
        assert_eq!(
            exception(&day, Lang::Fr),
            "Jeudi 24 décembre 2026\u{a0}: ouvert de 10\u{a0}h à 11\u{a0}h (Bal)"
        );
        day.hours = Vec::new();
        assert_eq!(exception(&day, Lang::Fr), "Jeudi 24 décembre 2026\u{a0}: fermé (Bal)");
        assert_eq!(exception(&day, Lang::En), "Thursday 24 December 2026: closed (Bal)");
    }
}
