//! What may be taken back, on what ground, until when, and who must be heard before (CRPA, art. L240-1 to L243-4, L121-1
//! and L121-2). Pure.

use beffroi_core::Day;
use beffroi_store::words;
use chrono::Months;

use crate::decision::Outcome;

/// Months in which an unlawful decision may be taken back. They run from its signing and are no clear ones (CRPA,
/// art. L242-1 and L243-3; Conseil d’État, 14 October 2002, n° 246583): the last day bears the number of the first.
const WITHIN: Months = Months::new(4);

words! {
    /// What becomes of a decision (CRPA, art. L240-1).
    Effect {
        /// It disappears for the past too (retrait).
        Withdrawn = "withdrawn",
        /// It disappears for what is to come (abrogation).
        Repealed = "repealed",
    }
}

words! {
    /// On what ground a decision is taken back.
    Ground {
        /// It is unlawful.
        Unlawful = "unlawful",
        /// Its beneficiary asks for it, to have a more favourable one, and nobody else is harmed.
        Beneficiary = "beneficiary",
        /// It was obtained by fraud.
        Fraud = "fraud",
        /// It depends on a condition that is no longer fulfilled.
        Condition = "condition",
        /// It grants a subsidy whose terms were not kept.
        Subsidy = "subsidy",
        /// It creates no rights: any reason is good enough to repeal it.
        Any = "any",
    }
}

words! {
    /// How whoever would lose a right was heard, or why they need not be.
    Hearing {
        /// They gave observations, in writing or by mouth.
        Observed = "observed",
        /// They were asked for observations, and the time given for them is over.
        Invited = "invited",
        /// They asked for it themselves: then the town answers a request (CRPA, art. L121-1).
        Asked = "asked",
        /// Urgency or exceptional circumstances (CRPA, art. L121-2, 1°).
        Urgency = "urgency",
        /// Hearing them would endanger public order (CRPA, art. L121-2, 2°).
        PublicOrder = "public-order",
        /// A statute has a procedure of its own (CRPA, art. L121-2, 3°).
        OwnProcedure = "own-procedure",
        /// The decision gave them no right: there is nothing to lose.
        NotDue = "not-due",
    }
}

/// The decision that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What it decides.
    pub outcome: Outcome,
    /// The day of its signing; of what silence granted, the day on which it did.
    pub taken_on: Day,
    /// Whether silence took it.
    pub of_silence: bool,
}

impl Standing {
    /// Whether it creates rights: what grants does, what refuses or closes does not.
    pub fn creates_rights(self) -> bool {
        self.outcome == Outcome::Granted
    }

    /// Whether the person must be heard before it is taken back: taking a right away is due reasons (CRPA, art. L211-2,
    /// 4°), and what is due reasons is due a hearing (art. L121-1).
    pub fn hearing_due(self) -> bool {
        self.creates_rights()
    }

    /// Whether its withdrawal makes the request pend again, so that its clock runs anew: a refusal’s does.
    pub fn pends_again(self, effect: Effect) -> bool {
        self.outcome == Outcome::Refused && effect == Effect::Withdrawn
    }
}

/// A way in which the law lets a decision be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What becomes of it.
    pub effect: Effect,
    /// On what ground.
    pub ground: Ground,
    /// The article of the CRPA.
    pub article: &'static str,
    /// The last day for it; `None` where there is none.
    pub until: Option<Day>,
}

/// Why the law does not let a decision be taken back so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barred {
    /// Nothing lets such a decision be taken back so.
    Ground,
    /// The last day for it is past.
    Late(Day),
    /// Whoever loses by it has not been heard.
    Unheard,
    /// The time given for observations runs until that day.
    TooSoon(Day),
    /// The day on which they were heard cannot be.
    Day,
}

/// All the ways in which the law lets this decision be taken back, whether the time for them is over or not.
pub fn possible(standing: Standing) -> Vec<Rule> {
    use Effect::{Repealed, Withdrawn};
    let last = standing.taken_on.checked_add_months(WITHIN);
    let rule = |effect, ground, article, until| Rule { effect, ground, article, until };
    if standing.creates_rights() {
        return vec![
            rule(Withdrawn, Ground::Unlawful, "L242-1", last),
            rule(Repealed, Ground::Unlawful, "L242-1", last),
            rule(Withdrawn, Ground::Beneficiary, "L242-4", None),
            rule(Repealed, Ground::Beneficiary, "L242-4", None),
            rule(Withdrawn, Ground::Fraud, "L241-2", None),
            rule(Repealed, Ground::Fraud, "L241-2", None),
            rule(Repealed, Ground::Condition, "L242-2, 1°", None),
            rule(Withdrawn, Ground::Subsidy, "L242-2, 2°", None),
        ];
    }
    vec![
        rule(Withdrawn, Ground::Unlawful, "L243-3", last),
        rule(Withdrawn, Ground::Fraud, "L241-2", None),
        rule(Repealed, Ground::Fraud, "L241-2", None),
        rule(Repealed, Ground::Any, "L243-1", None),
    ]
}

/// The rule that lets a decision be taken back so on `today`.
///
/// # Errors
/// [`Barred::Ground`] and [`Barred::Late`].
pub fn check(standing: Standing, effect: Effect, ground: Ground, today: Day) -> Result<Rule, Barred> {
    let rules = possible(standing);
    let found = rules.into_iter().find(|rule| rule.effect == effect && rule.ground == ground);
    let rule = found.ok_or(Barred::Ground)?;
    match rule.until {
        Some(last) if last < today => Err(Barred::Late(last)),
        _ => Ok(rule),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(outcome: Outcome) -> Standing {
        Standing { outcome, taken_on: "2026-06-15".parse().unwrap(), of_silence: false }
    }

    fn on(day: &str) -> Day {
        day.parse().unwrap()
    }

    #[test]
    fn what_gives_a_right_is_taken_back_for_four_months_where_it_is_unlawful() {
        for effect in Effect::ALL.iter().copied() {
            let granted = taken(Outcome::Granted);
            let on_day = |day| check(granted, effect, Ground::Unlawful, on(day));
            assert_eq!(on_day("2026-10-15").map(|rule| rule.article), Ok("L242-1"));
            assert_eq!(on_day("2026-10-16"), Err(Barred::Late(on("2026-10-15"))));
            assert_eq!(check(granted, effect, Ground::Any, on("2026-06-16")), Err(Barred::Ground));
        }
    }

    #[test]
    fn fraud_and_the_wish_of_who_has_the_right_know_no_time() {
        let late = on("2031-01-01");
        for effect in Effect::ALL.iter().copied() {
            for (ground, article) in [(Ground::Fraud, "L241-2"), (Ground::Beneficiary, "L242-4")] {
                let found = check(taken(Outcome::Granted), effect, ground, late);
                assert_eq!(found.map(|rule| rule.article), Ok(article));
            }
        }
    }

    #[test]
    fn a_condition_that_is_no_longer_fulfilled_repeals_and_does_not_withdraw() {
        let found = |effect, ground| check(taken(Outcome::Granted), effect, ground, on("2030-01-01"));
        assert_eq!(found(Effect::Repealed, Ground::Condition).map(|rule| rule.article), Ok("L242-2, 1°"));
        assert_eq!(found(Effect::Withdrawn, Ground::Condition), Err(Barred::Ground));
        assert_eq!(found(Effect::Withdrawn, Ground::Subsidy).map(|rule| rule.article), Ok("L242-2, 2°"));
        assert_eq!(found(Effect::Repealed, Ground::Subsidy), Err(Barred::Ground));
    }

    #[test]
    fn a_refusal_is_repealed_at_any_time_and_withdrawn_within_four_months() {
        let refused = taken(Outcome::Refused);
        let found = |effect, ground, day| check(refused, effect, ground, on(day)).map(|rule| rule.article);
        assert_eq!(found(Effect::Repealed, Ground::Any, "2031-01-01"), Ok("L243-1"));
        assert_eq!(found(Effect::Withdrawn, Ground::Unlawful, "2026-10-15"), Ok("L243-3"));
        assert_eq!(
            found(Effect::Withdrawn, Ground::Unlawful, "2026-10-16"),
            Err(Barred::Late(on("2026-10-15")))
        );
        assert_eq!(found(Effect::Withdrawn, Ground::Any, "2026-06-16"), Err(Barred::Ground));
        assert!(!refused.hearing_due() && taken(Outcome::Granted).hearing_due());
    }

    #[test]
    fn only_the_withdrawal_of_a_refusal_makes_the_request_pend_again() {
        assert!(taken(Outcome::Refused).pends_again(Effect::Withdrawn));
        assert!(!taken(Outcome::Refused).pends_again(Effect::Repealed));
        assert!(!taken(Outcome::Granted).pends_again(Effect::Withdrawn));
        assert!(!taken(Outcome::Closed).pends_again(Effect::Withdrawn));
    }
}
