//! When something is open: weekly rules and their seasons, public and school holidays, closures, and days that are
//! opened otherwise. Pure; in the commune's own time.

use beffroi_core::{Day, calendar::Holidays};
use chrono::{Datelike, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::{
    local::{Moment, span},
    school::SchoolHolidays,
    spans::{Span, Spans},
};

/// Days that are computed at once, at most: somewhat more than three years.
pub const DAYS_AT_MOST: usize = 1_200;

/// From one moment of a day to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "(Moment, Moment)", into = "(Moment, Moment)")]
pub struct Hours {
    from: Moment,
    until: Moment,
}

/// Hours that would end before they begin, or begin on the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these are no hours of a day")]
pub struct NoHours;

impl Hours {
    /// The whole day.
    pub const ALL_DAY: Self = Self { from: Moment::MIDNIGHT, until: Moment::END };

    /// Hours that begin on their day.
    ///
    /// # Errors
    /// Where they would end before they begin, or begin on the day after.
    pub fn new(from: Moment, until: Moment) -> Result<Self, NoHours> {
        if from < until && from < Moment::END { Ok(Self { from, until }) } else { Err(NoHours) }
    }

    /// When they begin.
    pub const fn from(self) -> Moment {
        self.from
    }

    /// When they end.
    pub const fn until(self) -> Moment {
        self.until
    }

    fn on(self, day: Day, zone: Tz) -> Option<Span> {
        span(day, self.from, self.until, zone)
    }
}

impl TryFrom<(Moment, Moment)> for Hours {
    type Error = NoHours;

    fn try_from((from, until): (Moment, Moment)) -> Result<Self, NoHours> {
        Self::new(from, until)
    }
}

impl From<Hours> for (Moment, Moment) {
    fn from(hours: Hours) -> Self {
        (hours.from, hours.until)
    }
}

/// Which weeks of a month, or of the year, a rule speaks of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weeks {
    /// All of them.
    #[default]
    Every,
    /// The first, second, … fifth such weekday of the month.
    Nth(u8),
    /// The last such weekday of the month.
    Last,
    /// Weeks with an even number (ISO 8601).
    Even,
    /// Weeks with an odd number.
    Odd,
}

impl Weeks {
    fn hold(self, day: Day) -> bool {
        match self {
            Self::Every => true,
            Self::Nth(rank) => day.day0() / 7 + 1 == u32::from(rank),
            Self::Last => {
                day.checked_add_days(chrono::Days::new(7)).is_none_or(|next| next.month() != day.month())
            }
            Self::Even => day.iso_week().week().is_multiple_of(2),
            Self::Odd => !day.iso_week().week().is_multiple_of(2),
        }
    }
}

/// A day of any year: 29 February counts as 1 March in the years that have none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MonthDay {
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

impl MonthDay {
    fn of(day: Day) -> Self {
        // Months and days of a calendar fit.
        let small = |number: u32| u8::try_from(number).unwrap_or(u8::MAX);
        Self { month: small(day.month()), day: small(day.day()) }
    }
}

/// When in the year a rule holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Season {
    /// Always.
    #[default]
    AllYear,
    /// From one day of the year to another, both included; over the new year where the second comes before the first.
    Yearly(MonthDay, MonthDay),
    /// From one date to another, both included.
    Between(Day, Day),
}

impl Season {
    fn holds(self, day: Day) -> bool {
        match self {
            Self::AllYear => true,
            Self::Yearly(first, last) => {
                let here = MonthDay::of(day);
                if first <= last { first <= here && here <= last } else { here >= first || here <= last }
            }
            Self::Between(first, last) => first <= day && day <= last,
        }
    }
}

/// What a rule makes of holidays, public ones or those of schools.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnHolidays {
    /// It does not look at them.
    #[default]
    Same,
    /// It does not hold then.
    Not,
    /// It holds then alone.
    Only,
}

impl OnHolidays {
    fn holds(self, is_holiday: impl FnOnce() -> bool) -> bool {
        match self {
            Self::Same => true,
            Self::Not => !is_holiday(),
            Self::Only => is_holiday(),
        }
    }
}

/// Hours that come again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// On which days of the week.
    pub weekdays: Vec<Weekday>,
    /// In which weeks.
    #[serde(default)]
    pub weeks: Weeks,
    /// When.
    pub hours: Vec<Hours>,
    /// In which part of the year.
    #[serde(default)]
    pub season: Season,
    /// On public holidays.
    #[serde(default)]
    pub public_holidays: OnHolidays,
    /// In the holidays of the commune's schools.
    #[serde(default)]
    pub school_holidays: OnHolidays,
}

impl Rule {
    fn holds(&self, day: Day, year: &Year<'_>) -> bool {
        self.weekdays.contains(&day.weekday())
            && self.weeks.hold(day)
            && self.season.holds(day)
            && self.public_holidays.holds(|| year.holidays.holiday(day).is_some())
            && self.school_holidays.holds(|| year.school.holiday(day).is_some())
    }
}

/// A time when nothing is open, whatever the rules say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closure {
    /// Its first day.
    pub first: Day,
    /// Its last day.
    pub last: Day,
    /// At which hours of each; all day where nothing is said.
    #[serde(default)]
    pub hours: Option<Hours>,
    /// Why, as the public reads it.
    pub why: String,
}

/// A day that is opened otherwise than the rules say, closures included; no hours close it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// Which day.
    pub day: Day,
    /// Its hours.
    pub hours: Vec<Hours>,
    /// Why, as the public reads it.
    #[serde(default)]
    pub why: String,
}

/// When something is open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Openings {
    /// What comes again; the hours of all that hold on a day count together.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// What is taken away.
    #[serde(default)]
    pub closures: Vec<Closure>,
    /// What stands in the place of both.
    #[serde(default)]
    pub exceptions: Vec<Exception>,
}

/// What a commune knows of its year.
#[derive(Clone, Copy, Debug)]
pub struct Year<'c> {
    /// Its clocks.
    pub zone: Tz,
    /// Its public holidays.
    pub holidays: Holidays,
    /// The holidays of its schools.
    pub school: &'c SchoolHolidays,
}

impl Openings {
    /// What is open from the first day to the last, both included, [`DAYS_AT_MOST`] of them. What was opened the
    /// evening before and goes on into the first day belongs to the day before.
    pub fn between(&self, first: Day, last: Day, year: &Year<'_>) -> Spans {
        self.between_under(&[], first, last, year)
    }

    /// [`Openings::between`], where the places above may be closed: then nothing below is open, not even by exception.
    pub fn between_under(&self, above: &[&Self], first: Day, last: Day, year: &Year<'_>) -> Spans {
        let days = first.iter_days().take_while(|day| *day <= last).take(DAYS_AT_MOST);
        let mut open = Vec::new();
        for day in days {
            let on_day = |hours: &Hours| hours.on(day, year.zone);
            let above = above.iter().flat_map(|above| above.closed_on(day, year.zone));
            // What is closed on a day is closed for what opens on it, not for a night that began the day before.
            if let Some(exception) = self.exceptions.iter().find(|it| it.day == day) {
                let hours: Spans = exception.hours.iter().filter_map(on_day).collect();
                open.extend(hours.minus(&above.collect()).as_slice());
                continue;
            }
            let rules = self.rules.iter().filter(|rule| rule.holds(day, year));
            let hours: Spans = rules.flat_map(|rule| &rule.hours).filter_map(on_day).collect();
            let closed: Spans = self.closed_on(day, year.zone).chain(above).collect();
            open.extend(hours.minus(&closed).as_slice());
        }
        open.into_iter().collect()
    }

    /// How many rules, hours, closures and exceptions there are.
    pub(crate) fn listed(&self) -> usize {
        let hours = self
            .rules
            .iter()
            .map(|rule| rule.hours.len())
            .chain(self.exceptions.iter().map(|it| it.hours.len()));
        self.rules.len() + self.closures.len() + self.exceptions.len() + hours.sum::<usize>()
    }

    fn closed_on(&self, day: Day, zone: Tz) -> impl Iterator<Item = Span> + '_ {
        let of_day = self.closures.iter().filter(move |it| it.first <= day && day <= it.last);
        of_day.filter_map(move |closure| match closure.hours {
            Some(hours) => hours.on(day, zone),
            // A closed day has no night either.
            None => span(day, Moment::MIDNIGHT, Moment::LAST, zone),
        })
    }

    /// Why a day is not as the rules say: the words of its exception, or of its closure.
    pub fn why(&self, day: Day) -> Option<&str> {
        let exception = self.exceptions.iter().find(|it| it.day == day).map(|it| it.why.as_str());
        let closure =
            || self.closures.iter().find(|it| it.first <= day && day <= it.last).map(|it| it.why.as_str());
        exception.or_else(closure).filter(|why| !why.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Paris;

    use super::*;
    use crate::school::Zone;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn hours(from: &str, until: &str) -> Hours {
        Hours::new(Moment::parse(from).unwrap(), Moment::parse(until).unwrap()).unwrap()
    }

    fn rule(weekdays: &[Weekday], from: &str, until: &str) -> Rule {
        Rule {
            weekdays: weekdays.to_vec(),
            weeks: Weeks::Every,
            hours: vec![hours(from, until)],
            season: Season::AllYear,
            public_holidays: OnHolidays::Same,
            school_holidays: OnHolidays::Same,
        }
    }

    fn open(openings: &Openings, first: &str, last: &str) -> Vec<String> {
        let school = SchoolHolidays::of(Zone::C);
        let year = Year { zone: Paris, holidays: Holidays::Metropole, school: &school };
        let shown = |at: beffroi_core::Instant| at.with_timezone(&Paris).format("%d/%m %H:%M").to_string();
        let found = openings.between(day(first), day(last), &year);
        found.as_slice().iter().map(|it| format!("{} – {}", shown(it.start()), shown(it.end()))).collect()
    }

    fn of_rules(rules: Vec<Rule>) -> Openings {
        Openings { rules, ..Openings::default() }
    }

    #[test]
    fn weekly_hours_stop_on_public_holidays_where_the_rule_says_so() {
        let mut office = rule(&[Weekday::Mon, Weekday::Tue], "08:30", "12:00");
        office.hours.push(hours("13:30", "17:00"));
        office.public_holidays = OnHolidays::Not;
        // Monday 13 July is open, Tuesday the fourteenth is not.
        let week = open(&of_rules(vec![office.clone()]), "2026-07-13", "2026-07-19");
        assert_eq!(week, ["13/07 08:30 – 13/07 12:00", "13/07 13:30 – 13/07 17:00"]);
        office.public_holidays = OnHolidays::Only;
        assert_eq!(
            open(&of_rules(vec![office]), "2026-07-13", "2026-07-19").first().unwrap(),
            "14/07 08:30 – 14/07 12:00"
        );
    }

    #[test]
    fn a_rule_may_hold_in_some_weeks_alone() {
        let mut market = rule(&[Weekday::Sun], "06:00", "13:00");
        let sundays = |weeks| {
            market.weeks = weeks;
            let found = open(&of_rules(vec![market.clone()]), "2026-05-01", "2026-05-31");
            found.iter().map(|it| it.chars().take(2).collect::<String>()).collect::<Vec<_>>()
        };
        let mut sundays = sundays;
        assert_eq!(sundays(Weeks::Nth(1)), ["03"]);
        assert_eq!(sundays(Weeks::Nth(5)), ["31"]);
        assert_eq!(sundays(Weeks::Last), ["31"]);
        assert_eq!(sundays(Weeks::Even), ["03", "17", "31"]);
        assert_eq!(sundays(Weeks::Odd), ["10", "24"]);
    }

    #[test]
    fn seasons_may_run_over_the_new_year() {
        let mut rink = rule(&[Weekday::Sat], "14:00", "18:00");
        rink.season = Season::Yearly(MonthDay { month: 12, day: 1 }, MonthDay { month: 1, day: 15 });
        let found = open(&of_rules(vec![rink]), "2026-11-28", "2027-01-23");
        let days: Vec<String> = found.iter().map(|it| it.chars().take(5).collect()).collect();
        assert_eq!(days, ["05/12", "12/12", "19/12", "26/12", "02/01", "09/01"]);
    }

    #[test]
    fn school_holidays_of_the_zone_open_what_is_for_them() {
        let mut centre = rule(&[Weekday::Wed], "09:00", "12:00");
        centre.school_holidays = OnHolidays::Only;
        // Zone C, winter of 2027: from 6 to 21 February.
        let found = open(&of_rules(vec![centre]), "2027-01-25", "2027-02-28");
        assert_eq!(found, ["10/02 09:00 – 10/02 12:00", "17/02 09:00 – 17/02 12:00"]);
    }

    #[test]
    fn closures_take_away_and_exceptions_stand_in_the_place_of_both() {
        let all = [
            Weekday::Mon,
            Weekday::Tue,
            Weekday::Wed,
            Weekday::Thu,
            Weekday::Fri,
            Weekday::Sat,
            Weekday::Sun,
        ];
        let openings = Openings {
            rules: vec![rule(&all, "09:00", "25:00")],
            closures: vec![
                Closure {
                    first: day("2026-08-01"),
                    last: day("2026-08-16"),
                    hours: None,
                    why: "Congés".into(),
                },
                Closure {
                    first: day("2026-08-17"),
                    last: day("2026-08-17"),
                    hours: Some(hours("12:00", "14:00")),
                    why: "Travaux".into(),
                },
            ],
            exceptions: vec![
                Exception { day: day("2026-08-15"), hours: vec![hours("18:00", "26:00")], why: "Bal".into() },
                Exception { day: day("2026-08-18"), hours: Vec::new(), why: String::new() },
            ],
        };
        assert_eq!(
            open(&openings, "2026-07-31", "2026-08-18"),
            [
                "31/07 09:00 – 01/08 01:00",
                "15/08 18:00 – 16/08 02:00",
                "17/08 09:00 – 17/08 12:00",
                "17/08 14:00 – 18/08 01:00",
            ]
        );
        assert_eq!(openings.why(day("2026-08-02")), Some("Congés"));
        assert_eq!(openings.why(day("2026-08-15")), Some("Bal"));
        assert_eq!(openings.why(day("2026-08-18")), None);
    }

    #[test]
    fn nothing_is_open_in_a_place_that_is_closed() {
        let all = [Weekday::Thu, Weekday::Fri, Weekday::Sat];
        let exception =
            Exception { day: day("2026-08-14"), hours: vec![hours("18:00", "26:00")], why: "Bal".into() };
        let hall = Openings { exceptions: vec![exception], ..of_rules(vec![rule(&all, "09:00", "25:00")]) };
        let works =
            Closure { first: day("2026-08-14"), last: day("2026-08-14"), hours: None, why: "Travaux".into() };
        let building = Openings { closures: vec![works], ..Openings::default() };
        let school = SchoolHolidays::default();
        let year = Year { zone: Paris, holidays: Holidays::Metropole, school: &school };
        let open = hall.between_under(&[&building], day("2026-08-13"), day("2026-08-15"), &year);
        let days: Vec<u32> =
            open.as_slice().iter().map(|it| it.start().with_timezone(&Paris).day()).collect();
        // The night of the thirteenth goes on.
        assert_eq!(days, [13, 15]);
        assert_eq!(open.length(), chrono::TimeDelta::hours(32));
    }

    #[test]
    fn hours_begin_on_their_day_and_end_after_they_begin() {
        let moment = |text| Moment::parse(text).unwrap();
        assert!(Hours::new(moment("10:00"), moment("10:00")).is_err());
        assert!(Hours::new(moment("24:00"), moment("25:00")).is_err());
        assert!(serde_json::from_str::<Hours>("[600, 540]").is_err());
        assert_eq!(serde_json::to_string(&hours("09:00", "26:00")).unwrap(), "[540,1560]");
    }
}
