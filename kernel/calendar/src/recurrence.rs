//! What comes again (RFC 5545, 3.3.10): by a rule, with dates added and left out, in the commune's own time. A meeting
//! at six in the evening stays at six when the clocks change.

use std::{collections::BTreeSet, ops::Range};

use beffroi_core::Instant;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use chrono_tz::Tz;
use rrule::{Frequency, RRule, Unvalidated};
use serde::{Deserialize, Serialize};

use crate::local;

/// Characters of a rule, at most.
const RULE_AT_MOST: usize = 500;
/// Dates added or left out, at most.
const DATES_AT_MOST: usize = 1_000;

/// Something that comes again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurrence {
    /// What the clocks show when it begins for the first time.
    pub first: NaiveDateTime,
    /// The rule: `FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20270630`. Without one there are the first time and those added.
    pub rule: Option<String>,
    /// Times added (`RDATE`).
    #[serde(default)]
    pub added: BTreeSet<NaiveDateTime>,
    /// Times left out (`EXDATE`).
    #[serde(default)]
    pub left_out: BTreeSet<NaiveDateTime>,
}

/// The times of something that comes again, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// What the clocks show, and when that is; of an hour that comes twice, its first turn.
    pub at: Vec<(NaiveDateTime, Instant)>,
    /// Times that do not exist, for the clocks are put forward then: RFC 5545 leaves them out, and people are told.
    pub skipped: Vec<NaiveDateTime>,
}

/// Why a recurrence is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRecurrence {
    /// It is no rule of RFC 5545.
    #[error("it is no recurrence rule: {0}")]
    Rule(String),
    /// It comes again within a day, which nothing that is booked does.
    #[error("it comes again within a day")]
    WithinADay,
    /// It gives more times than asked for, or more dates are listed than anybody reads.
    #[error("it comes again more than {0} times")]
    TooMany(usize),
}

impl Recurrence {
    /// Something that happens once.
    pub const fn once(first: NaiveDateTime) -> Self {
        Self { first, rule: None, added: BTreeSet::new(), left_out: BTreeSet::new() }
    }

    /// Its times that begin before `until`, as the clocks of `zone` show them.
    ///
    /// # Errors
    /// Where the rule is none, or where there would be more than `at_most` times: nothing is cut off in silence.
    pub fn times(&self, until: NaiveDateTime, at_most: usize, zone: Tz) -> Result<Times, NoRecurrence> {
        self.between(NaiveDateTime::MIN..until, at_most, zone)
    }

    /// Its times that begin within a stretch of time, as the clocks of `zone` show them. What comes again since long ago
    /// is counted from its first time on, and only what lies within is kept.
    ///
    /// # Errors
    /// As [`Recurrence::times`].
    pub fn between(
        &self,
        within: Range<NaiveDateTime>,
        at_most: usize,
        zone: Tz,
    ) -> Result<Times, NoRecurrence> {
        if self.added.len().max(self.left_out.len()) > DATES_AT_MOST {
            return Err(NoRecurrence::TooMany(DATES_AT_MOST));
        }
        let mut shown: BTreeSet<NaiveDateTime> = match &self.rule {
            Some(rule) => expanded(rule, self.first, (&within, at_most), zone)?.into_iter().collect(),
            None => BTreeSet::from([self.first]),
        };
        shown.extend(&self.added);
        let mut times = Times::default();
        for shown in shown.into_iter().filter(|it| within.contains(it) && !self.left_out.contains(it)) {
            match local::exactly(shown, zone) {
                Ok(at) => times.at.push((shown, at)),
                Err(local::NoInstant::Twice(_)) => times.at.push((shown, local::earliest(shown, zone))),
                Err(local::NoInstant::LeftOut(_)) => times.skipped.push(shown),
            }
        }
        if times.at.len() + times.skipped.len() > at_most {
            return Err(NoRecurrence::TooMany(at_most));
        }
        Ok(times)
    }
}

/// The times of a rule as the clocks show them. The rule is followed on clocks that never change, so that no change of
/// clocks can move a time; what exists of them is decided afterwards.
fn expanded(
    rule: &str,
    first: NaiveDateTime,
    (within, at_most): (&Range<NaiveDateTime>, usize),
    zone: Tz,
) -> Result<Vec<NaiveDateTime>, NoRecurrence> {
    let refused = |error: rrule::RRuleError| NoRecurrence::Rule(error.to_string());
    if rule.len() > RULE_AT_MOST || !rule.is_ascii() {
        return Err(NoRecurrence::Rule("it is too long, or not in ASCII".to_owned()));
    }
    let (rule, last) = without_until(rule, zone)?;
    let rule: RRule<Unvalidated> = rule.parse().map_err(refused)?;
    let within_a_day =
        matches!(rule.get_freq(), Frequency::Hourly | Frequency::Minutely | Frequency::Secondly)
            || rule.get_by_hour().len().max(rule.get_by_minute().len()).max(rule.get_by_second().len()) > 1;
    if within_a_day {
        return Err(NoRecurrence::WithinADay);
    }
    let unchanging = |shown: NaiveDateTime| shown.and_utc().with_timezone(&rrule::Tz::UTC);
    let end = last.map_or(within.end, |last| within.end.min(last + TimeDelta::seconds(1)));
    let set = rule.build(unchanging(first)).map_err(refused)?.limit();
    let from = within.start.max(first);
    if end <= from {
        return Ok(Vec::new());
    }
    let set = set.after(unchanging(from)).before(unchanging(end));
    // One more than asked for tells that there are too many; the crate counts in 16 bits.
    let limit = u16::try_from(at_most + 1).unwrap_or(u16::MAX);
    let found = set.all(limit);
    if found.dates.len() > at_most {
        return Err(NoRecurrence::TooMany(at_most));
    }
    if found.limited && found.dates.is_empty() {
        return Err(NoRecurrence::Rule("it never comes".to_owned()));
    }
    Ok(found.dates.into_iter().map(|date| date.naive_utc()).filter(|shown| *shown < end).collect())
}

/// A rule without its end, and the last time that it allows, as the clocks show it. The end may be said as a day, as a
/// time of the commune or as an instant (RFC 5545, 3.3.10: UNTIL).
fn without_until(rule: &str, zone: Tz) -> Result<(String, Option<NaiveDateTime>), NoRecurrence> {
    let wrong = || NoRecurrence::Rule("UNTIL is no date".to_owned());
    let (mut parts, mut last) = (Vec::new(), None);
    for part in rule.trim().split(';') {
        let Some((name, value)) = part.split_once('=') else {
            parts.push(part);
            continue;
        };
        if !name.eq_ignore_ascii_case("UNTIL") {
            parts.push(part);
            continue;
        }
        let found = if let Ok(day) = NaiveDate::parse_from_str(value, "%Y%m%d") {
            let end = NaiveTime::from_hms_opt(23, 59, 59).ok_or_else(wrong)?;
            day.and_time(end)
        } else if let Some(instant) = value.strip_suffix('Z') {
            let instant = NaiveDateTime::parse_from_str(instant, "%Y%m%dT%H%M%S").map_err(|_| wrong())?;
            instant.and_utc().with_timezone(&zone).naive_local()
        } else {
            NaiveDateTime::parse_from_str(value, "%Y%m%dT%H%M%S").map_err(|_| wrong())?
        };
        last = Some(found);
    }
    Ok((parts.join(";"), last))
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Paris;

    use super::*;

    fn shown(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
    }

    fn every(first: &str, rule: &str) -> Recurrence {
        Recurrence { rule: Some(rule.to_owned()), ..Recurrence::once(shown(first)) }
    }

    fn instants(of: &Recurrence, until: &str) -> Vec<String> {
        let times = of.times(shown(until), 100, Paris).unwrap();
        times.at.iter().map(|(_, at)| at.format("%m-%dT%H:%MZ").to_string()).collect()
    }

    #[test]
    fn six_in_the_evening_stays_six_when_the_clocks_change() {
        let choir = every("2026-03-24 18:00", "FREQ=WEEKLY;COUNT=2");
        assert_eq!(instants(&choir, "2026-12-31 00:00"), ["03-24T17:00Z", "03-31T16:00Z"]);
        let autumn = every("2026-10-20 18:00", "FREQ=WEEKLY;UNTIL=20261027");
        assert_eq!(instants(&autumn, "2026-12-31 00:00"), ["10-20T16:00Z", "10-27T17:00Z"]);
    }

    #[test]
    fn an_hour_that_does_not_exist_is_told_and_one_that_comes_twice_is_its_first() {
        let watch = every("2026-03-22 02:30", "FREQ=WEEKLY;COUNT=3");
        let times = watch.times(shown("2026-12-31 00:00"), 10, Paris).unwrap();
        assert_eq!(times.skipped, [shown("2026-03-29 02:30")]);
        assert_eq!(times.at.len(), 2);
        let autumn = every("2026-10-25 02:30", "FREQ=DAILY;COUNT=1");
        assert_eq!(instants(&autumn, "2026-12-31 00:00"), ["10-25T00:30Z"]);
    }

    #[test]
    fn dates_are_added_and_left_out() {
        let mut market = every("2026-05-03 06:00", "FREQ=MONTHLY;BYDAY=1SU;COUNT=3");
        market.left_out.insert(shown("2026-06-07 06:00"));
        market.added.insert(shown("2026-06-14 06:00"));
        assert_eq!(instants(&market, "2026-12-31 00:00"), ["05-03T04:00Z", "06-14T04:00Z", "07-05T04:00Z"]);
    }

    #[test]
    fn the_end_is_said_as_a_day_a_time_or_an_instant() {
        for until in ["20260512", "20260512T180000", "20260512T160000Z"] {
            let rule = format!("FREQ=WEEKLY;UNTIL={until}");
            assert_eq!(instants(&every("2026-05-05 18:00", &rule), "2027-01-01 00:00").len(), 2, "{until}");
        }
        assert_eq!(
            instants(&every("2026-05-05 18:00", "FREQ=DAILY;UNTIL=20260501"), "2027-01-01 00:00").len(),
            0
        );
    }

    #[test]
    fn what_comes_since_long_ago_is_asked_for_a_week_alone() {
        let bells = every("1998-01-01 12:00", "FREQ=DAILY;BYHOUR=12");
        let week = shown("2026-06-01 00:00")..shown("2026-06-08 00:00");
        assert_eq!(bells.between(week.clone(), 7, Paris).unwrap().at.len(), 7);
        assert_eq!(bells.between(week, 6, Paris), Err(NoRecurrence::TooMany(6)));
        let counted = every("2026-05-30 12:00", "FREQ=DAILY;COUNT=3");
        let june = shown("2026-06-01 00:00")..shown("2026-07-01 00:00");
        assert_eq!(counted.between(june, 9, Paris).unwrap().at.len(), 1);
    }

    #[test]
    fn too_many_times_are_refused_whole() {
        let daily = every("2026-01-01 09:00", "FREQ=DAILY");
        let far = shown("2100-01-01 00:00");
        assert_eq!(daily.times(far, 366, Paris), Err(NoRecurrence::TooMany(366)));
        assert_eq!(
            every("2026-01-01 09:00", "FREQ=DAILY;COUNT=10000").times(far, 366, Paris),
            Err(NoRecurrence::TooMany(366))
        );
    }

    #[test]
    fn what_is_no_rule_or_comes_within_a_day_is_refused() {
        let far = shown("2030-01-01 00:00");
        let refused = |rule: &str| every("2026-01-01 09:00", rule).times(far, 100, Paris).unwrap_err();
        for within in
            ["FREQ=HOURLY", "FREQ=SECONDLY;COUNT=3", "FREQ=DAILY;BYHOUR=9,10", "FREQ=DAILY;BYMINUTE=0,30"]
        {
            assert_eq!(refused(within), NoRecurrence::WithinADay, "{within}");
        }
        for none in [
            "",
            "WEEKLY",
            "FREQ=FORTNIGHTLY",
            "FREQ=DAILY;UNTIL=tomorrow",
            "FREQ=WEEKLY;BYDAY=XX",
            "FREQ=DAILY;INTERVAL=0x",
            "FREQ=WEEKLY;BYDAY=é",
        ] {
            assert!(matches!(refused(none), NoRecurrence::Rule(_)), "{none}");
        }
        assert!(matches!(refused(&format!("FREQ=DAILY;{}", "X".repeat(600))), NoRecurrence::Rule(_)));
        // The last but four of a month, which the crate does not know: refused, and not taken for another.
        assert!(matches!(refused("FREQ=MONTHLY;BYDAY=-5MO"), NoRecurrence::Rule(_)));
        // 30 February never comes; looking for it ends.
        let never = every("2026-01-01 09:00", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30").times(far, 100, Paris);
        assert!(
            never.map_or_else(|error| matches!(error, NoRecurrence::Rule(_)), |times| times.at.is_empty())
        );
    }
}
