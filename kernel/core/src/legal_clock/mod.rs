//! The legal clock: by when a request is registered and acknowledged, and what the commune's silence
//! comes to mean (CRPA, art. L112-11, L114-5, L231-1 and L231-4). Pure; see `docs/legal-clock.md`.

mod incomplete;
mod step;
mod term;
mod transfer;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::str::FromStr;

use chrono::Days;
use serde::{Deserialize, Serialize};

use crate::{Day, calendar::Holidays};

pub use incomplete::{Incomplete, ParseIncompleteError};
pub use step::{Effect, Step, StepKind};
pub use term::{ParseTermError, Term};
pub use transfer::{AfterTransfer, after_transfer};

/// How the days are counted. The texts leave it open to the day; this is the reading that public
/// software shares, held in one place so that a jurist may move it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convention {
    /// Days between the receipt (or the day on which the file is complete) and the first day of the term.
    ///
    /// One: the day of the event itself does not count, as in art. 641 of the Code de procédure civile.
    pub term_starts_after: u64,
    /// Days between the last day of the term and the day on which the request is deemed decided.
    ///
    /// One: the commune may answer until the last evening, so silence decides on the morrow. Received on
    /// 15 May with two months: 16 May to 15 July, deemed decided on 16 July.
    pub deemed_after: u64,
    /// Working days to register a request (accusé d’enregistrement électronique).
    pub register_within: u16,
    /// Working days to acknowledge it (accusé de réception électronique).
    pub acknowledge_within: u16,
}

/// The convention in force. Beside its four figures, the code keeps these rules:
///
/// - months run from quantième to quantième and are clamped to the end of a shorter month;
/// - suspended days, counted once however many requests cover them, are added after that clamping;
/// - a suspension holds from the day of the request for documents to the day on which they arrive or the
///   time given for them ends, both days included, and the term resumes on the day after;
/// - what is asked after the last day of the term comes too late to move it.
pub const CONVENTION: Convention =
    Convention { term_starts_after: 1, deemed_after: 1, register_within: 1, acknowledge_within: 10 };

/// What the commune's silence means once the term has run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Silence {
    /// The request is deemed granted (CRPA, art. L231-1).
    Grants,
    /// The request is deemed refused (CRPA, art. L231-4 and the decrees made under it).
    Refuses,
    /// Nothing: what is asked is no decision (a copy of a certificate, a report).
    None,
}

impl Silence {
    /// The word used in procedure files, the database and the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Grants => "grants",
            Self::Refuses => "refuses",
            Self::None => "none",
        }
    }
}

/// The word is none of `grants`, `refuses`, `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("silence is one of grants, refuses, none")]
pub struct ParseSilenceError;

impl FromStr for Silence {
    type Err = ParseSilenceError;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        [Self::Grants, Self::Refuses, Self::None]
            .into_iter()
            .find(|silence| silence.as_str() == word)
            .ok_or(ParseSilenceError)
    }
}

/// A procedure's regime: what silence means, and after how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Regime {
    /// What silence means.
    pub silence: Silence,
    /// The term; needed where silence means something, without effect where it means nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<Term>,
}

impl Regime {
    /// The term that runs under this regime: `None` where silence means nothing.
    ///
    /// # Errors
    /// [`ClockError::TermMissing`] and [`ClockError::TermOutOfRange`].
    pub fn running_term(self) -> Result<Option<Term>, ClockError> {
        match (self.silence, self.term) {
            (Silence::None, _) => Ok(None),
            (_, None) => Err(ClockError::TermMissing),
            (_, Some(term)) if term.is_in_range() => Ok(Some(term)),
            (_, Some(term)) => Err(ClockError::TermOutOfRange(term)),
        }
    }
}

/// Why no dates can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// Silence means something, but nothing says after how long.
    #[error("a term is needed where silence grants or refuses")]
    TermMissing,
    /// The term is zero, or longer than ten years.
    #[error("the term {0} is not between one day and ten years")]
    TermOutOfRange(Term),
    /// Documents were asked for before the request was received.
    #[error("documents asked for on {asked}, before the receipt on {received}")]
    AskedBeforeReceived {
        /// The day of the request for documents.
        asked: Day,
        /// The day of receipt.
        received: Day,
    },
    /// Documents arrived before they were asked for.
    #[error("documents arrived on {arrived}, before they were asked for on {asked}")]
    ArrivedBeforeAsked {
        /// The day of the request for documents.
        asked: Day,
        /// The day of their arrival.
        arrived: Day,
    },
    /// The time given for documents ends before they were asked for.
    #[error("the time given for documents ends on {deadline}, before they were asked for on {asked}")]
    DeadlineBeforeAsked {
        /// The day of the request for documents.
        asked: Day,
        /// The last day of the time given.
        deadline: Day,
    },
    /// Documents that are still missing are to be asked for in the future only.
    #[error("documents asked for on {asked} cannot be missing already on {today}")]
    AskedAfterToday {
        /// The day of the request for documents.
        asked: Day,
        /// The present day.
        today: Day,
    },
    /// A date falls beyond the calendar.
    #[error("a date falls beyond the end of the calendar")]
    OutOfCalendar,
}

/// What the law makes of a request, with the reasons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LegalDates {
    /// Last day to register the request.
    pub register_by: Day,
    /// Last day to acknowledge it.
    pub acknowledge_by: Day,
    /// The day on which it is deemed decided if nobody answers; `None` where silence means nothing.
    pub deemed_on: Option<Day>,
    /// How it came to that, in the order of days.
    pub steps: Vec<Step>,
}

impl LegalDates {
    /// The same of a request that pends again from that day, since its refusal was withdrawn: it was registered and
    /// acknowledged when it came.
    #[must_use]
    pub fn pending_again(mut self) -> Self {
        self.steps.retain(|step| !matches!(step.kind, StepKind::RegisterBy | StepKind::AcknowledgeBy { .. }));
        for step in &mut self.steps {
            if let StepKind::Received { regime, starts } = step.kind {
                step.kind = StepKind::PendingAgain { regime, starts };
            }
        }
        self
    }
}

/// Computes the dates of a request received on the civil day `received`.
///
/// Documents that are still missing count as if they arrived `today`. The order of `incompletes` does not
/// matter, nor do repetitions.
///
/// # Errors
/// A regime without its term, days that contradict each other, dates beyond the calendar.
pub fn compute(
    regime: Regime,
    received: Day,
    incompletes: &[Incomplete],
    today: Day,
    holidays: Holidays,
) -> Result<LegalDates, ClockError> {
    let mut incompletes = incompletes.to_vec();
    incompletes.sort_unstable();
    incompletes.dedup();
    incompletes.iter().try_for_each(|incomplete| incomplete.check(received, today))?;

    let within = |count| holidays.add_working_days(received, count).ok_or(ClockError::OutOfCalendar);
    let register_by = within(CONVENTION.register_within)?;
    let acknowledge_by = within(CONVENTION.acknowledge_within)?;
    let skipped = step::skipped(received, acknowledge_by, holidays);
    let mut steps = vec![
        Step { day: register_by, kind: StepKind::RegisterBy },
        Step { day: acknowledge_by, kind: StepKind::AcknowledgeBy { skipped } },
    ];

    let deemed_on = if let Some(term) = regime.running_term()? {
        let run = Run::new(regime.silence, term, received, &incompletes, today)?;
        steps
            .insert(0, Step { day: received, kind: StepKind::Received { regime, starts: Some(run.starts) } });
        steps.extend(incompletes.iter().flat_map(|incomplete| run.told(incomplete, today)));
        let deemed = plus(run.last, CONVENTION.deemed_after)?;
        steps.extend(run.changes);
        steps.push(Step { day: deemed, kind: StepKind::Deemed { silence: regime.silence } });
        Some(deemed)
    } else {
        steps.insert(0, Step { day: received, kind: StepKind::Received { regime, starts: None } });
        for incomplete in &incompletes {
            steps.push(incomplete.asked_step(Effect::NoTerm));
            steps.extend(incomplete.arrived_step());
        }
        None
    };
    steps.sort_by_key(|step| step.day);
    Ok(LegalDates { register_by, acknowledge_by, deemed_on, steps })
}

/// The day on which silence decides whenever missing documents arrive, or never: what may be written down and
/// stay true. `None` where silence means nothing, and while no day is certain: the term starts afresh once the
/// file is complete, or is suspended without a time given.
///
/// # Errors
/// Those of [`compute`].
pub fn certain_deemed_on(
    regime: Regime,
    received: Day,
    incompletes: &[Incomplete],
    holidays: Holidays,
) -> Result<Option<Day>, ClockError> {
    // Two months clamped to the same end may hide a difference of three days at most.
    const LATER: u64 = 31;
    let ends = incompletes.iter().flat_map(|it| [Some(it.asked), it.arrived, it.deadline]).flatten();
    let soon = plus(ends.max().unwrap_or(received), 1)?;
    let deemed_if = |today| Ok(compute(regime, received, incompletes, today, holidays)?.deemed_on);
    let (soon, later) = (deemed_if(soon)?, deemed_if(plus(soon, LATER)?)?);
    Ok(soon.filter(|_| soon == later))
}

/// A term that ran its course.
struct Run {
    silence: Silence,
    /// The first day of the term as it stood at the receipt.
    starts: Day,
    /// The last day of the term, after all that moved it.
    last: Day,
    /// Each time that the term resumed or started afresh.
    changes: Vec<Step>,
}

impl Run {
    fn new(
        silence: Silence,
        term: Term,
        received: Day,
        incompletes: &[Incomplete],
        today: Day,
    ) -> Result<Self, ClockError> {
        let starts = plus(received, CONVENTION.term_starts_after)?;
        let mut run = Self { silence, starts, last: last_day(term, starts)?, changes: Vec::new() };
        for (asked, over) in waits(silence, incompletes, today) {
            if asked > run.last {
                break;
            }
            if silence == Silence::Grants {
                let day = plus(over, CONVENTION.term_starts_after)?;
                run.last = last_day(term, day)?;
                run.changes.push(Step { day, kind: StepKind::StartsAfresh { term } });
            } else if over >= starts {
                // The day of receipt is no day of the term: there is nothing to suspend on it.
                let suspended = (over - asked.max(starts)).num_days().unsigned_abs().saturating_add(1);
                run.last = plus(run.last, suspended)?;
                run.changes.push(Step { day: plus(over, 1)?, kind: StepKind::Resumes { suspended } });
            }
        }
        Ok(run)
    }

    /// What one request for documents did to the term, and how it ended.
    fn told(&self, incomplete: &Incomplete, today: Day) -> Vec<Step> {
        let over = incomplete.over(self.silence, today);
        let effect = match self.silence {
            _ if incomplete.asked > self.last => Effect::TooLate,
            Silence::Grants => Effect::Restarts,
            _ if over < self.starts => Effect::SettledAtOnce,
            _ => Effect::Suspends,
        };
        let mut told = vec![incomplete.asked_step(effect)];
        told.extend(incomplete.arrived_step());
        if effect != Effect::TooLate {
            let asked = incomplete.asked;
            if incomplete.arrived != Some(over) && incomplete.ends_by_deadline(self.silence, today) {
                told.push(Step { day: over, kind: StepKind::TimeGivenEnds { asked } });
            } else if incomplete.arrived.is_none() {
                told.push(Step { day: over, kind: StepKind::StillMissing { asked } });
            }
        }
        told
    }
}

/// The spans of days, both ends included, during which documents were awaited: overlapping or touching ones
/// joined, in the order of days. `incompletes` is sorted.
fn waits(silence: Silence, incompletes: &[Incomplete], today: Day) -> Vec<(Day, Day)> {
    let mut spans: Vec<(Day, Day)> = Vec::with_capacity(incompletes.len());
    for incomplete in incompletes {
        let over = incomplete.over(silence, today);
        match spans.last_mut() {
            Some((_, end)) if end.succ_opt().is_none_or(|next| incomplete.asked <= next) => {
                *end = over.max(*end);
            }
            _ => spans.push((incomplete.asked, over)),
        }
    }
    spans
}

fn last_day(term: Term, starts: Day) -> Result<Day, ClockError> {
    term.after(starts).and_then(|day| day.pred_opt()).ok_or(ClockError::OutOfCalendar)
}

fn plus(day: Day, days: u64) -> Result<Day, ClockError> {
    day.checked_add_days(Days::new(days)).ok_or(ClockError::OutOfCalendar)
}
