//! A week of presences as half hours that are clicked on and off. Pure.

use std::collections::{BTreeMap, BTreeSet};

use beffroi_calendar::{
    local::Moment,
    openings::{Hours, OnHolidays, Rule, Season, Weeks},
};
use beffroi_core::{Day, Lang, calendar::long_date_with_weekday};
use chrono::Weekday;

use crate::clock::capital;

/// Days of the week on which somebody may be received.
pub const DAYS: [Weekday; 6] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat];
/// The half hours that are shown: from seven in the morning to eight in the evening, in minutes since midnight.
pub const FIRST: u16 = 7 * 60;
/// The end of the last.
pub const END: u16 = 20 * 60;
/// Minutes of one.
pub const STEP: u16 = 30;

/// Half hours of the days of a week: the rank of the day, and the minute at which the half hour begins.
pub type Halves = BTreeSet<(u8, u16)>;

/// Whether a rule can be shown and changed as half hours of every week.
fn is_plain(rule: &Rule) -> bool {
    rule.weeks == Weeks::Every
        && rule.season == Season::AllYear
        && rule.public_holidays == OnHolidays::Not
        && rule.school_holidays == OnHolidays::Same
        && rule.weekdays.iter().all(|day| DAYS.contains(day))
        && rule.hours.iter().all(|hours| {
            let (from, until) = (hours.from().minutes(), hours.until().minutes());
            from >= FIRST && until <= END && from.is_multiple_of(STEP) && until.is_multiple_of(STEP)
        })
}

/// The half hours of those rules that can be shown as such; the others.
pub fn shown(rules: &[Rule]) -> (Halves, Vec<Rule>) {
    let (plain, other): (Vec<&Rule>, Vec<&Rule>) = rules.iter().partition(|rule| is_plain(rule));
    let mut halves = Halves::new();
    for rule in plain {
        for (rank, day) in (0_u8..).zip(DAYS) {
            if rule.weekdays.contains(&day) {
                for hours in &rule.hours {
                    let minutes =
                        (hours.from().minutes()..hours.until().minutes()).step_by(usize::from(STEP));
                    halves.extend(minutes.map(|minute| (rank, minute)));
                }
            }
        }
    }
    (halves, other.into_iter().cloned().collect())
}

/// The rules that say these half hours: one for all days that have the same.
pub fn rules(halves: &Halves) -> Vec<Rule> {
    let mut of_days: BTreeMap<Vec<(u16, u16)>, Vec<Weekday>> = BTreeMap::new();
    for (rank, day) in (0_u8..).zip(DAYS) {
        let mut stretches: Vec<(u16, u16)> = Vec::new();
        for (_, minute) in halves.range((rank, 0)..(rank + 1, 0)) {
            match stretches.last_mut() {
                Some((_, until)) if *until == *minute => *until += STEP,
                _ => stretches.push((*minute, *minute + STEP)),
            }
        }
        if !stretches.is_empty() {
            of_days.entry(stretches).or_default().push(day);
        }
    }
    let hours =
        |(from, until): &(u16, u16)| Hours::new(Moment::new(*from).ok()?, Moment::new(*until).ok()?).ok();
    of_days
        .into_iter()
        .map(|(stretches, weekdays)| Rule {
            weekdays,
            weeks: Weeks::Every,
            hours: stretches.iter().filter_map(hours).collect(),
            season: Season::AllYear,
            public_holidays: OnHolidays::Not,
            school_holidays: OnHolidays::Same,
        })
        .collect()
}

/// A half hour that is clicked on or off.
pub struct Half {
    /// What it sends.
    pub value: String,
    /// When it begins.
    pub label: String,
    /// Whether it is on.
    pub chosen: bool,
}

/// The half hours of a day of the week.
pub struct DayHalves {
    /// The day.
    pub title: String,
    /// Its half hours.
    pub halves: Vec<Half>,
}

/// A week of half hours, in the reader's words.
pub fn days(chosen: &Halves, lang: Lang) -> Vec<DayHalves> {
    // Any Monday: its week names the days.
    let monday = Day::from_ymd_opt(2026, 6, 1).unwrap_or_default();
    let day = |(rank, day): (u8, Day)| {
        let name = long_date_with_weekday(day, lang);
        let halves = (FIRST..END).step_by(usize::from(STEP)).map(|minute| Half {
            value: format!("{rank}-{minute}"),
            label: format!("{}:{:02}", minute / 60, minute % 60),
            chosen: chosen.contains(&(rank, minute)),
        });
        DayHalves { title: capital(name.split(' ').next().unwrap_or_default()), halves: halves.collect() }
    };
    (0_u8..).zip(monday.iter_days().take(DAYS.len())).map(day).collect()
}

/// A half hour as a form sends it: `0-510`.
pub fn read(value: &str) -> Option<(u8, u16)> {
    let (rank, minute) = value.split_once('-')?;
    let (rank, minute): (u8, u16) = (rank.parse().ok()?, minute.parse().ok()?);
    let fits =
        usize::from(rank) < DAYS.len() && (FIRST..END).contains(&minute) && minute.is_multiple_of(STEP);
    fits.then_some((rank, minute))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_clicked_is_shown_again(clicked in prop::collection::btree_set((0_u8..6, 0_u16..26), 0..60)) {
            let halves: Halves =
                clicked.into_iter().map(|(rank, half)| (rank, FIRST + half * STEP)).collect();
            let rules = rules(&halves);
            prop_assert_eq!(shown(&rules), (halves, Vec::new()));
            prop_assert!(rules.len() <= DAYS.len());
        }
    }

    #[test]
    fn what_is_no_half_hour_of_every_week_is_left_alone() {
        let mut halves = Halves::new();
        halves.insert((0, 540));
        let mut odd = rules(&halves).remove(0);
        odd.weeks = Weeks::Nth(1);
        let (shown, other) = shown(std::slice::from_ref(&odd));
        assert!(shown.is_empty());
        assert_eq!(other, [odd]);
        for value in ["", "6-540", "0-545", "0-1200", "0-390", "x-y"] {
            assert_eq!(read(value), None, "{value}");
        }
        assert_eq!(read("5-1170"), Some((5, 1170)));
    }
}
