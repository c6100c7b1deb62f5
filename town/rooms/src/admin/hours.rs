//! The hours of a week, as they are written: `9:00-12:00, 14:00-22:00`. Pure.

use beffroi_calendar::{
    local::Moment,
    openings::{Hours, OnHolidays, Openings, Rule, Season, Weeks},
};
use chrono::Weekday;

/// Days of a week.
pub const WEEK: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

/// A week that comes again all the year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Week {
    /// The hours of each day, from Monday on.
    pub days: [Vec<Hours>; 7],
    /// On public holidays.
    pub public_holidays: OnHolidays,
    /// In the holidays of the schools.
    pub school_holidays: OnHolidays,
}

impl Week {
    /// The week of these openings; nothing where they say more than one week can: seasons, some weeks of a month, or
    /// holidays on some days alone.
    pub fn of(openings: &Openings) -> Option<Self> {
        let (public_holidays, school_holidays) = match openings.rules.first() {
            Some(rule) => (rule.public_holidays, rule.school_holidays),
            None => (OnHolidays::Same, OnHolidays::Same),
        };
        let plain = |rule: &Rule| {
            rule.weeks == Weeks::Every
                && rule.season == Season::AllYear
                && (rule.public_holidays, rule.school_holidays) == (public_holidays, school_holidays)
        };
        if !openings.rules.iter().all(plain) {
            return None;
        }
        let of_day = |day: Weekday| {
            let rules = openings.rules.iter().filter(|rule| rule.weekdays.contains(&day));
            let mut hours: Vec<Hours> = rules.flat_map(|rule| rule.hours.iter().copied()).collect();
            hours.sort_by_key(|it| it.from());
            hours
        };
        Some(Self { days: WEEK.map(of_day), public_holidays, school_holidays })
    }

    /// The rules that say the same: a rule for all days of the same hours.
    pub fn rules(&self) -> Vec<Rule> {
        let mut rules: Vec<Rule> = Vec::new();
        for (day, hours) in WEEK.into_iter().zip(&self.days).filter(|(_, hours)| !hours.is_empty()) {
            match rules.iter_mut().find(|rule| rule.hours == *hours) {
                Some(rule) => rule.weekdays.push(day),
                None => rules.push(Rule {
                    weekdays: vec![day],
                    weeks: Weeks::Every,
                    hours: hours.clone(),
                    season: Season::AllYear,
                    public_holidays: self.public_holidays,
                    school_holidays: self.school_holidays,
                }),
            }
        }
        rules
    }
}

/// Hours as they are written.
pub fn written(hours: &[Hours]) -> String {
    let one = |hours: &Hours| format!("{}-{}", hours.from(), hours.until());
    hours.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Hours as they are read; nothing where they are no hours, or overlap.
pub fn read(typed: &str) -> Option<Vec<Hours>> {
    let parts = typed.split([',', ';']).map(str::trim).filter(|part| !part.is_empty());
    let mut all = Vec::new();
    for part in parts {
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
    let plain = plain.to_lowercase().replace('h', ":");
    let (hours, minutes) = plain.split_once(':').unwrap_or((&plain, ""));
    Moment::parse(&format!("{hours:0>2}:{minutes:0>2}"))
}

/// A length as it is written: `17 h`, `1 h 30`, `45 min`.
pub fn length_written(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, rest) => format!("{rest}\u{a0}min"),
        (hours, 0) => format!("{hours}\u{a0}h"),
        (hours, rest) => format!("{hours}\u{a0}h\u{a0}{rest:02}"),
    }
}

/// The minutes of a length as people write it: `17 h`, `1h30`, `2 heures`, `45 min`; a number alone is one of minutes.
pub fn length(typed: &str) -> Option<u32> {
    let plain: String = typed.chars().filter(|letter| !letter.is_whitespace()).collect();
    let mut plain = plain.to_lowercase();
    for (word, short) in [("heures", "h"), ("heure", "h"), ("minutes", ""), ("minute", ""), ("min", "")] {
        plain = plain.replace(word, short);
    }
    match plain.split_once('h') {
        Some((hours, rest)) => {
            let rest = if rest.is_empty() { Some(0) } else { rest.parse::<u32>().ok() };
            hours.parse::<u32>().ok()?.checked_mul(60)?.checked_add(rest.filter(|it| *it < 60)?)
        }
        None => plain.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_as_people_write_them() {
        let shown = |typed: &str| read(typed).map(|hours| written(&hours));
        assert_eq!(shown("9h-12h, 14:00 – 22:00"), Some("09:00-12:00, 14:00-22:00".to_owned()));
        assert_eq!(shown("9\u{a0}h – 12\u{a0}h, 14 h – 22 h"), Some("09:00-12:00, 14:00-22:00".to_owned()));
        assert_eq!(shown("14-18; 8h30 à 12"), Some("08:30-12:00, 14:00-18:00".to_owned()));
        assert_eq!(shown("20:00-26:00"), Some("20:00-26:00".to_owned()));
        assert_eq!(shown(""), Some(String::new()));
        for wrong in ["9", "12-9", "9-12, 11-14", "neuf-midi", "9:70-12:00"] {
            assert_eq!(shown(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn lengths_are_read_as_people_write_them() {
        for (typed, minutes) in [
            ("17 h", 1_020),
            ("1h30", 90),
            ("2 heures", 120),
            ("1 heure 15 minutes", 75),
            ("45 min", 45),
            ("90", 90),
        ] {
            assert_eq!(length(typed), Some(minutes), "{typed}");
            assert_eq!(length(&length_written(minutes)), Some(minutes), "{typed}");
        }
        assert_eq!(length_written(1_020), "17\u{a0}h");
        for wrong in ["", "beaucoup", "1 h 75", "h", "-5"] {
            assert_eq!(length(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_week_is_written_as_few_rules_and_read_back() {
        let day = || read("9-12, 14-22").unwrap();
        let days = [day(), day(), day(), day(), day(), read("9-24").unwrap(), Vec::new()];
        let week = Week { days, public_holidays: OnHolidays::Not, school_holidays: OnHolidays::Same };
        let openings = Openings { rules: week.rules(), ..Openings::default() };
        assert_eq!(openings.rules.len(), 2);
        assert_eq!(Week::of(&openings), Some(week));
        let mut first = openings.clone();
        first.rules[0].weeks = Weeks::Nth(1);
        assert_eq!(Week::of(&first), None, "what one week cannot say is not overwritten");
    }
}
