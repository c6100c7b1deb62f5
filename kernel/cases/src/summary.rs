//! What the counts of a period say: how many, through which doors, how fast, how late, how well.

use std::collections::BTreeMap;

use crate::{
    decision::Outcome,
    opinion::Satisfaction,
    tally::{Measure, Month, Tally},
};

/// Whoever is one of fewer could be recognised: their figures are not told.
pub const FEWEST: i64 = 5;

/// How long decisions took: how many took how many days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delays(BTreeMap<i64, i64>);

impl Delays {
    fn add(&mut self, days: i64, cases: i64) {
        *self.0.entry(days).or_default() += cases;
    }

    /// How many decisions.
    pub fn count(&self) -> i64 {
        self.0.values().sum()
    }

    /// The days within which this share of the decisions was taken, by the nearest rank; `None` where there is none.
    /// `percent`: 50 for the median.
    pub fn within(&self, percent: i64) -> Option<i64> {
        let wanted = (self.count() * percent).div_euclid(100) + i64::from(self.count() * percent % 100 > 0);
        let mut seen = 0;
        self.0.iter().find_map(|(days, cases)| {
            seen += cases;
            (*cases > 0 && seen >= wanted.max(1)).then_some(*days)
        })
    }
}

/// What was counted over a period, for whatever was asked: a department, a procedure, a month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Requests received.
    pub received: i64,
    /// The same by the door's word.
    pub by_channel: BTreeMap<String, i64>,
    /// How long decisions took.
    pub delays: Delays,
    /// Decisions taken after silence had decided.
    pub late: i64,
    /// What silence granted.
    pub silence_granted: i64,
    /// What silence refused.
    pub silence_refused: i64,
    /// Cases that ended.
    pub ended: i64,
    /// How often documents were asked for in these, in all.
    pub rounds: i64,
    /// How many of these had documents asked for.
    pub asked: i64,
    /// Decisions taken back.
    pub reversed: i64,
    /// Opinions, the best first.
    pub opinions: [i64; 3],
}

impl Summary {
    /// What these counts say together.
    pub fn of<'t>(tallies: impl IntoIterator<Item = &'t Tally>) -> Self {
        let mut summary = Self::default();
        tallies.into_iter().for_each(|tally| summary.add(tally));
        summary
    }

    /// The same for each of several things, by what tells them apart.
    pub fn by<'t, K: Ord>(
        tallies: impl IntoIterator<Item = &'t Tally>,
        key: impl Fn(&Tally) -> K,
    ) -> BTreeMap<K, Self> {
        let mut found: BTreeMap<K, Self> = BTreeMap::new();
        tallies.into_iter().for_each(|tally| found.entry(key(tally)).or_default().add(tally));
        found
    }

    /// The same for each month.
    pub fn by_month<'t>(tallies: impl IntoIterator<Item = &'t Tally>) -> BTreeMap<Month, Self> {
        Self::by(tallies, |tally| tally.month)
    }

    fn add(&mut self, tally: &Tally) {
        let number = tally.value.parse::<i64>().unwrap_or_default();
        let cases = tally.cases;
        match tally.measure {
            Measure::Received => {
                self.received += cases;
                *self.by_channel.entry(tally.value.clone()).or_default() += cases;
            }
            Measure::InTime => self.delays.add(number, cases),
            Measure::Late => {
                self.delays.add(number, cases);
                self.late += cases;
            }
            Measure::Silence if tally.value == Outcome::Granted.as_str() => self.silence_granted += cases,
            Measure::Silence => self.silence_refused += cases,
            Measure::Rounds => {
                self.ended += cases;
                self.rounds += number * cases;
                self.asked += if number > 0 { cases } else { 0 };
            }
            Measure::Reversed => self.reversed += cases,
            Measure::Opinion => {
                let rank = Satisfaction::ALL.iter().position(|it| it.as_str() == tally.value);
                if let Some(count) = rank.and_then(|rank| self.opinions.get_mut(rank)) {
                    *count += cases;
                }
            }
        }
    }

    /// Decisions that somebody took.
    pub fn decided(&self) -> i64 {
        self.delays.count()
    }

    /// How many gave an opinion.
    pub fn opinions_given(&self) -> i64 {
        self.opinions.iter().sum()
    }

    /// The share of those who are satisfied, in percent; `None` where too few said.
    pub fn satisfied_percent(&self) -> Option<i64> {
        let given = self.opinions_given();
        let [good, ..] = self.opinions;
        (given >= FEWEST).then(|| percent(good, given)).flatten()
    }

    /// How many requests had no answer in time: silence decided them, or somebody did when it was late. A refusal by
    /// silence that somebody decided after all is one of them once.
    pub fn missed(&self) -> i64 {
        self.silence_granted + self.silence_refused.max(self.late)
    }

    /// Their share, in percent; `None` where nothing was decided.
    pub fn missed_percent(&self) -> Option<i64> {
        let in_time = self.decided() - self.late;
        percent(self.missed(), in_time + self.missed())
    }

    /// The share of the cases in which documents were asked for, in percent; `None` where none ended.
    pub fn asked_percent(&self) -> Option<i64> {
        percent(self.asked, self.ended)
    }
}

/// A share, rounded to the nearest; `None` of nothing.
pub fn percent(part: i64, whole: i64) -> Option<i64> {
    (whole > 0).then(|| (part * 200 + whole) / (whole * 2))
}

/// A number that everybody may see: hidden where it tells of somebody who could be recognised. None is a number like
/// another.
pub fn published(number: i64) -> Option<i64> {
    (number <= 0 || number >= FEWEST).then_some(number.max(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(measure: Measure, value: &str, cases: i64) -> Tally {
        Tally {
            month: "2026-06".parse().unwrap(),
            procedure: "acte-de-naissance".to_owned(),
            measure,
            value: value.to_owned(),
            cases,
        }
    }

    #[test]
    fn the_median_and_the_ninth_tenth_are_days_that_somebody_waited() {
        let delays = |tallies: &[Tally]| Summary::of(tallies).delays;
        let ten: Vec<Tally> = (1..=10).map(|days| tally(Measure::InTime, &days.to_string(), 1)).collect();
        assert_eq!((delays(&ten).within(50), delays(&ten).within(90)), (Some(5), Some(9)));
        let one = [tally(Measure::Late, "70", 1)];
        assert_eq!((delays(&one).within(50), delays(&one).within(90)), (Some(70), Some(70)));
        assert_eq!(delays(&[]).within(50), None);
        let skewed = [tally(Measure::InTime, "1", 99), tally(Measure::Late, "400", 1)];
        assert_eq!((delays(&skewed).within(50), delays(&skewed).within(100)), (Some(1), Some(400)));
    }

    #[test]
    fn what_is_counted_adds_up() {
        let summary = Summary::of(&[
            tally(Measure::Received, "online", 7),
            tally(Measure::Received, "counter", 3),
            tally(Measure::InTime, "4", 6),
            tally(Measure::Late, "80", 2),
            tally(Measure::Silence, "granted", 1),
            tally(Measure::Silence, "refused", 2),
            tally(Measure::Rounds, "0", 6),
            tally(Measure::Rounds, "2", 3),
            tally(Measure::Opinion, "good", 4),
            tally(Measure::Opinion, "poor", 1),
        ]);
        assert_eq!((summary.received, summary.decided(), summary.late), (10, 8, 2));
        assert_eq!(
            (summary.missed(), summary.missed_percent(), summary.asked_percent()),
            (3, Some(33), Some(33))
        );
        // Silence alone is no answer in time either.
        let silent = Summary::of(&[tally(Measure::InTime, "4", 6), tally(Measure::Silence, "refused", 6)]);
        assert_eq!((silent.late, silent.missed_percent()), (0, Some(50)));
        assert_eq!((summary.silence_granted, summary.silence_refused, summary.rounds), (1, 2, 6));
        assert_eq!((summary.opinions, summary.satisfied_percent()), ([4, 0, 1], Some(80)));
    }

    #[test]
    fn nobody_is_recognised_by_a_figure() {
        let few = Summary::of(&[tally(Measure::Opinion, "good", 4)]);
        assert_eq!(few.satisfied_percent(), None);
        assert_eq!([0, 1, 4, 5, 60].map(published), [Some(0), None, None, Some(5), Some(60)]);
        assert_eq!(percent(1, 3), Some(33));
        assert_eq!(percent(2, 3), Some(67));
        assert_eq!(percent(0, 0), None);
    }
}
