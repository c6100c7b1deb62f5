//! What a deposit is, and which way it can go. Pure.

use beffroi_calendar::booking::Booking;
use beffroi_cases::case::Case;
use beffroi_core::{Day, Id, Instant, money::Cents};
use beffroi_documents::Document;
use beffroi_store::words;
use uuid::Uuid;

use crate::{
    inspection::{Condition, Inspection, Item},
    inventory::Thing,
    season::{self, Request},
};

/// What stands between two answers.
const BETWEEN: &str = "\n\n";
/// Letters of a reference, at most.
pub const REFERENCE_AT_MOST: usize = 60;
/// Letters of a reason or an answer, at most.
pub const REASON_AT_MOST: usize = 2_000;
/// Digits in a row that a reference may have: the number of a card has more.
const DIGITS_AT_MOST: usize = 11;

words! {
    /// How far a deposit has come.
    State {
        /// It was asked for when the room was granted.
        Promised = "promised",
        /// The town has it.
        Held = "held",
        /// A part is to be kept; whoever gave it may answer.
        Withheld = "withheld",
        /// It was given back whole, or never needed.
        Released = "released",
        /// A part was kept, and the rest given back.
        Settled = "settled",
    }
}

words! {
    /// How a deposit was given.
    Means {
        /// A cheque that is not cashed.
        Cheque = "cheque",
        /// An imprint of a card, kept by the terminal.
        Card = "card",
        /// Cash, against a receipt.
        Cash = "cash",
    }
}

/// By what a deposit is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// By a case, for what was granted by it.
    Case(Id<Case>),
    /// By a request of a season, for one of the rooms that the association has.
    Season(Id<Request>),
}

impl Origin {
    /// The origin of that kind and id.
    pub(super) fn of(kind: &str, id: Uuid) -> Option<Self> {
        match kind {
            "case" => Some(Self::Case(Id::from_uuid(id))),
            season::SUBJECT => Some(Self::Season(Id::from_uuid(id))),
            _ => None,
        }
    }

    /// Its kind, as the owners of bookings are told apart.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Case(_) => "case",
            Self::Season(_) => season::SUBJECT,
        }
    }

    /// Its id.
    pub const fn uuid(self) -> Uuid {
        match self {
            Self::Case(id) => id.uuid(),
            Self::Season(id) => id.uuid(),
        }
    }
}

/// A deposit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deposit {
    /// For which booking; the first of those that it answers for, which it is kept under.
    pub booking: Id<Booking>,
    /// By what it is asked for.
    pub origin: Origin,
    /// How much, as the tariff told it when the room was granted.
    pub amount: Cents,
    /// How far it has come.
    pub state: State,
    /// When it was asked for.
    pub promised_at: Instant,
    /// How it was given.
    pub means: Option<Means>,
    /// Under which reference: the number of a cheque, of a terminal's slip.
    pub reference: String,
    /// On which day.
    pub held_on: Option<Day>,
    /// To whose account.
    pub held_by: Option<Uuid>,
    /// What is to be kept of it.
    pub withheld: Option<Cents>,
    /// Why.
    pub reason: String,
    /// By which quote.
    pub quote: Option<Id<Document>>,
    /// After which inspection.
    pub inspection: Option<Id<Inspection>>,
    /// When whoever gave it was told.
    pub told_at: Option<Instant>,
    /// Until when they may answer.
    pub answer_by: Option<Day>,
    /// What they answered: on their page, or as an agent wrote it down.
    pub answer: String,
    /// What was kept in the end.
    pub kept: Option<Cents>,
    /// When it ended.
    pub ended_at: Option<Instant>,
}

/// What is to be kept of a deposit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWithheld {
    /// How much.
    pub amount: Cents,
    /// Why, in the words that whoever gave it reads.
    pub reason: String,
    /// Until when they may answer.
    pub answer_by: Day,
    /// After which inspection of the way out; nothing where there was none.
    pub after: Option<Id<Inspection>>,
}

/// Why something is not done with a deposit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DepositFault {
    /// It has come too far, or not far enough.
    #[error("the deposit is {}", .0.as_str())]
    State(State),
    /// The reference is missing, too long, or looks like the number of a card.
    #[error("the reference is missing, too long, or looks like the number of a card")]
    Reference,
    /// The day is to come.
    #[error("the day is to come")]
    Day,
    /// The amount is nothing, or more than what there is.
    #[error("the amount is nothing, or more than what there is")]
    Amount,
    /// The reason is missing or too long.
    #[error("the reason is missing or too long")]
    Reason,
    /// The time to answer is too short.
    #[error("the time to answer is shorter than it may be")]
    Term,
    /// There is no quote.
    #[error("there is no quote")]
    Quote,
    /// Whoever gave it may still answer.
    #[error("whoever gave it may answer until {0}")]
    TooEarly(Day),
}

impl Deposit {
    /// Whether it is as far as that.
    ///
    /// # Errors
    /// [`DepositFault::State`].
    pub fn must_be(&self, states: &[State]) -> Result<(), DepositFault> {
        if states.contains(&self.state) { Ok(()) } else { Err(DepositFault::State(self.state)) }
    }

    /// What of it may be given back now.
    pub fn rest(&self) -> Cents {
        let kept = self.kept.or(self.withheld).unwrap_or(Cents(0));
        Cents(self.amount.0.saturating_sub(kept.0).max(0))
    }

    /// Whether it may be settled on a day: once whoever gave it has answered, or had the time to.
    ///
    /// # Errors
    /// [`DepositFault::TooEarly`].
    pub fn may_settle(&self, today: Day) -> Result<(), DepositFault> {
        match self.answer_by {
            Some(until) if self.answer.is_empty() && today <= until => Err(DepositFault::TooEarly(until)),
            _ => Ok(()),
        }
    }
}

/// What somebody has answered, with what they answered before; what is sent twice is kept once.
pub(super) fn answers(before: &str, new: &str) -> String {
    match before.strip_suffix(new) {
        _ if before.is_empty() => new.to_owned(),
        Some(rest) if rest.is_empty() || rest.ends_with(BETWEEN) => before.to_owned(),
        _ => format!("{before}{BETWEEN}{new}"),
    }
}

/// A reference as it may be kept.
///
/// # Errors
/// [`DepositFault::Reference`]: also where it has as many digits as the number of a card.
pub fn reference(typed: &str) -> Result<&str, DepositFault> {
    let typed = typed.trim();
    let digits = typed.chars().filter(char::is_ascii_digit).count();
    let fits = !typed.is_empty() && typed.chars().count() <= REFERENCE_AT_MOST && digits <= DIGITS_AT_MOST;
    if fits { Ok(typed) } else { Err(DepositFault::Reference) }
}

/// A reason as it may be kept.
///
/// # Errors
/// [`DepositFault::Reason`].
pub fn reason(typed: &str) -> Result<&str, DepositFault> {
    let typed = typed.trim();
    let fits = !typed.is_empty() && typed.chars().count() <= REASON_AT_MOST;
    if fits { Ok(typed) } else { Err(DepositFault::Reason) }
}

/// What is kept, as it may be: something, and no more than there is.
///
/// # Errors
/// [`DepositFault::Amount`].
pub fn part(kept: Cents, of: Cents) -> Result<Cents, DepositFault> {
    if kept.0 > 0 && kept <= of { Ok(kept) } else { Err(DepositFault::Amount) }
}

/// What is proposed to be kept: the worth of every piece that is missing, and of one where something is broken, as the
/// inventory tells it; no more than there is. `None` where the inventory tells no worth of what differs.
pub fn proposed(damaged: &[Item], things: &[Thing], of: Cents) -> Option<Cents> {
    let lost = |item: &Item| {
        let (before, condition) = item.before?;
        let fewer = before.saturating_sub(item.found?);
        let is_broken = item.condition.is_some_and(|now| now > condition && now >= Condition::Damaged);
        let known = things.iter().find(|thing| thing.place == item.place && thing.name == item.name)?;
        let pieces = i64::from(fewer.max(u32::from(is_broken)));
        Some(Cents(known.value?.0.saturating_mul(pieces)))
    };
    let sum: Cents = damaged.iter().filter_map(lost).sum();
    (sum.0 > 0).then_some(sum.min(of))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn deposit(withheld: Option<i64>, answer: &str) -> Deposit {
        Deposit {
            booking: Id::from_uuid(Uuid::from_u128(1)),
            origin: Origin::Case(Id::from_uuid(Uuid::from_u128(2))),
            amount: Cents(40_000),
            state: State::Withheld,
            promised_at: Instant::from_timestamp(0, 0).unwrap(),
            means: Some(Means::Cheque),
            reference: "1234567".to_owned(),
            held_on: None,
            held_by: None,
            withheld: withheld.map(Cents),
            reason: String::new(),
            quote: None,
            inspection: None,
            told_at: None,
            answer_by: Some(day("2026-12-15")),
            answer: answer.to_owned(),
            kept: None,
            ended_at: None,
        }
    }

    #[test]
    fn nothing_is_kept_before_whoever_gave_it_could_answer() {
        let waits = deposit(Some(10_000), "");
        assert_eq!(waits.may_settle(day("2026-12-15")), Err(DepositFault::TooEarly(day("2026-12-15"))));
        assert_eq!(waits.may_settle(day("2026-12-16")), Ok(()));
        assert_eq!(deposit(Some(10_000), "D’accord.").may_settle(day("2026-12-01")), Ok(()));
    }

    #[test]
    fn what_was_answered_before_stays_and_is_kept_once() {
        assert_eq!(answers("", "Non."), "Non.");
        assert_eq!(answers("Non.", "Non."), "Non.");
        let both = answers("Je conteste.", "Vu au guichet le 3.");
        assert_eq!(both, "Je conteste.\n\nVu au guichet le 3.");
        assert_eq!(answers(&both, "Vu au guichet le 3."), both);
        assert_eq!(answers("Je dis non.", "non."), "Je dis non.\n\nnon.", "an end of words is no answer");
    }

    #[test]
    fn what_is_lost_is_proposed_by_its_worth_and_never_beyond_the_deposit() {
        let item = |found, condition| Item {
            id: Id::from_uuid(Uuid::from_u128(1)),
            place: "Cuisine".to_owned(),
            name: "Verres".to_owned(),
            expected: 40,
            found: Some(found),
            condition: Some(condition),
            remark: String::new(),
            before: Some((40, Condition::Good)),
        };
        let thing =
            |value| Thing { place: "Cuisine".to_owned(), name: "Verres".to_owned(), expected: 40, value };
        let of =
            |found, condition, value| proposed(&[item(found, condition)], &[thing(value)], Cents(10_000));
        assert_eq!(of(38, Condition::Good, Some(Cents(250))), Some(Cents(500)));
        assert_eq!(of(40, Condition::Damaged, Some(Cents(250))), Some(Cents(250)));
        assert_eq!(of(40, Condition::Worn, Some(Cents(250))), None, "what has served is worth what it was");
        assert_eq!(of(0, Condition::Missing, Some(Cents(5_000))), Some(Cents(10_000)));
        assert_eq!(of(38, Condition::Good, None), None);
    }

    #[test]
    fn the_number_of_a_card_is_no_reference() {
        assert_eq!(reference(" 1234567 "), Ok("1234567"));
        assert_eq!(reference("Banque postale, n° 8001234"), Ok("Banque postale, n° 8001234"));
        assert_eq!(reference("4970 1012 3456 7890"), Err(DepositFault::Reference));
        assert_eq!(reference(""), Err(DepositFault::Reference));
    }

    proptest! {
        #[test]
        fn what_is_kept_and_what_is_given_back_are_what_was_given(kept in -5_i64..50_000) {
            let whole = Cents(40_000);
            match part(Cents(kept), whole) {
                Ok(kept) => {
                    let rest = deposit(Some(kept.0), "").rest();
                    prop_assert_eq!(kept + rest, whole);
                }
                Err(_) => prop_assert!(kept <= 0 || kept > whole.0),
            }
        }
    }
}
