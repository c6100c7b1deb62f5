//! An incomplete file: documents asked for, and awaited.

use std::str::FromStr;

use super::{ClockError, Effect, Silence, Step, StepKind};
use crate::Day;

/// One request for missing documents (CRPA, art. L114-5), written `ASKED..ARRIVED[/DEADLINE]` with days as
/// `2026-06-01`; `ARRIVED` is left empty while they are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Incomplete {
    /// The day on which the commune asked.
    pub asked: Day,
    /// The day on which the last of the documents arrived; `None` while some are missing.
    pub arrived: Option<Day>,
    /// The last day of the time given to send them.
    pub deadline: Option<Day>,
}

impl Incomplete {
    /// Refuses days that contradict each other.
    pub(super) fn check(&self, received: Day, today: Day) -> Result<(), ClockError> {
        let asked = self.asked;
        match (self.arrived, self.deadline) {
            _ if asked < received => Err(ClockError::AskedBeforeReceived { asked, received }),
            (Some(arrived), _) if arrived < asked => Err(ClockError::ArrivedBeforeAsked { asked, arrived }),
            (_, Some(deadline)) if deadline < asked => {
                Err(ClockError::DeadlineBeforeAsked { asked, deadline })
            }
            (None, _) if today < asked => Err(ClockError::AskedAfterToday { asked, today }),
            _ => Ok(()),
        }
    }

    /// The last day of the wait. Where silence refuses, the time given ends it if the documents do not;
    /// elsewhere only they do.
    pub(super) fn over(&self, silence: Silence, today: Day) -> Day {
        let arrived = self.arrived.unwrap_or(today);
        match self.deadline {
            Some(deadline) if silence == Silence::Refuses => arrived.min(deadline),
            _ => arrived,
        }
    }

    /// Whether the time given, and not the documents, ended the wait.
    pub(super) fn ends_by_deadline(&self, silence: Silence, today: Day) -> bool {
        self.deadline == Some(self.over(silence, today)) && silence == Silence::Refuses
    }

    pub(super) fn asked_step(&self, effect: Effect) -> Step {
        Step { day: self.asked, kind: StepKind::Asked { effect } }
    }

    pub(super) fn arrived_step(&self) -> Option<Step> {
        Some(Step { day: self.arrived?, kind: StepKind::Arrived { asked: self.asked } })
    }
}

/// Why a text is not a request for documents.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseIncompleteError {
    /// The two dots between the days are missing.
    #[error(
        "an incomplete file is written ASKED..ARRIVED[/DEADLINE], ARRIVED being empty while documents are missing"
    )]
    Form,
    /// One of the three is not a day of the calendar.
    #[error("{0:?} is not a day such as 2026-06-01")]
    Day(String),
}

impl FromStr for Incomplete {
    type Err = ParseIncompleteError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (asked, rest) = text.split_once("..").ok_or(ParseIncompleteError::Form)?;
        let (arrived, deadline) =
            rest.split_once('/').map_or((rest, None), |(arrived, day)| (arrived, Some(day)));
        Ok(Self {
            asked: parse_day(asked)?,
            arrived: if arrived.is_empty() { None } else { Some(parse_day(arrived)?) },
            deadline: deadline.map(parse_day).transpose()?,
        })
    }
}

/// A day in the one form `YYYY-MM-DD`: chrono alone would also take spaces, signs and missing zeros.
fn parse_day(text: &str) -> Result<Day, ParseIncompleteError> {
    text.parse::<Day>()
        .ok()
        .filter(|day| day.to_string() == text)
        .ok_or_else(|| ParseIncompleteError::Day(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn the_three_days_are_read() {
        let read = |text: &str| {
            let incomplete: Incomplete = text.parse().unwrap();
            (incomplete.asked, incomplete.arrived, incomplete.deadline)
        };
        let (asked, arrived, deadline) = (day("2026-06-01"), day("2026-06-10"), day("2026-06-15"));
        assert_eq!(read("2026-06-01..2026-06-10"), (asked, Some(arrived), None));
        assert_eq!(read("2026-06-01..2026-06-10/2026-06-15"), (asked, Some(arrived), Some(deadline)));
        assert_eq!(read("2026-06-01.."), (asked, None, None));
        assert_eq!(read("2026-06-01../2026-06-15"), (asked, None, Some(deadline)));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let error = |text: &str| text.parse::<Incomplete>().unwrap_err();
        assert_eq!(error("2026-06-01"), ParseIncompleteError::Form);
        assert_eq!(error(""), ParseIncompleteError::Form);
        for (text, day) in [
            ("..2026-06-10", ""),
            ("2026-06-31..", "2026-06-31"),
            ("2026-6-1..", "2026-6-1"),
            ("2026-06-01.. 2026-06-02", " 2026-06-02"),
            ("2026-06-01...2026-06-02", ".2026-06-02"),
            ("2026-06-01../", ""),
            ("2026-06-01..2026-06-02/demain", "demain"),
        ] {
            assert_eq!(error(text), ParseIncompleteError::Day(day.to_owned()), "{text:?}");
        }
    }
}
