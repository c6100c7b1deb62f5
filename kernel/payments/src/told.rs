//! The one door through which everything passes that is told of an attempt, by PayFiP or by the agent at the counter.
//! Told twice, it changes nothing; money that came is never forgotten by what is told later.

use beffroi_core::{Id, Instant};
use beffroi_store::{Result, Tx, jobs};
use chrono::TimeDelta;
use serde_json::json;

use crate::{
    adapter::{Fault, Money, Outcome},
    order::{self, Order, UNDER_WAY},
    payment::{self, ClosedWhy, Payment, PaymentState, PaymentTrouble, Settlement},
    verdict,
};

/// The job that asks what came of an attempt.
pub(crate) const ASK: &str = "payments.ask";
/// When it is asked for the first time, if nobody says before that there is something to ask for.
pub(crate) const FIRST_ASKED_AFTER: TimeDelta = TimeDelta::minutes(5);
/// The longest pause between two askings.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(6);
/// PayFiP forgets, the night after, attempts of which nobody came to the page of payment. Before a day is over, an
/// attempt that it does not know may be one that it does not know yet.
const FORGOTTEN_AFTER: TimeDelta = TimeDelta::hours(24);
/// After how long somebody is to look what came of an attempt.
const UNANSWERED_AFTER: TimeDelta = TimeDelta::days(7);
/// Whoever gave up, or was refused, may still pay on the page that is open before them: so long after an attempt's
/// beginning it is asked for once more, and the day after for the last time.
const LAST_LOOKS: [TimeDelta; 2] = [UNDER_WAY, TimeDelta::hours(24)];
/// How far from an attempt's beginning the instant may lie that is told of its transaction: a clock that is wrong shall
/// not hide money in another year.
const TOLD_WITHIN: TimeDelta = TimeDelta::days(2);

/// Writes down what an adapter told of an attempt, and what follows from it.
pub(crate) fn tell(tx: &mut Tx<'_>, id: Id<Payment>, outcome: &Outcome) -> Result<Payment> {
    let before = payment::get(tx, id)?;
    let now = tx.now();
    let mut after = Payment {
        fault: None,
        asked_at: Some(now),
        asked_times: before.asked_times.saturating_add(1),
        ..before.clone()
    };
    let age = now - before.started_at;
    match (before.state, outcome) {
        (PaymentState::Paid, Outcome::Paid(money)) if Some(money.cents) == before.told => {}
        (PaymentState::Paid, Outcome::Paid(_) | Outcome::Refused | Outcome::Cancelled(_)) => {
            contradict(&mut after, now);
        }
        (_, Outcome::Paid(money)) => {
            let order = order::get(tx, before.order)?;
            pay(&mut after, &order, money, now);
        }
        (PaymentState::Started | PaymentState::Unknown, Outcome::Refused) => {
            close(&mut after, PaymentState::Refused, None, now);
        }
        (PaymentState::Started | PaymentState::Unknown, Outcome::Cancelled(why)) => {
            close(&mut after, PaymentState::Cancelled, Some(*why), now);
        }
        (PaymentState::Started | PaymentState::Unknown, Outcome::NotKnown) if age >= FORGOTTEN_AFTER => {
            close(&mut after, PaymentState::Cancelled, Some(ClosedWhy::Abandoned), now);
        }
        (PaymentState::Started, Outcome::Pending | Outcome::NotKnown) if age >= UNANSWERED_AFTER => {
            lose(&mut after, now);
        }
        _ => {}
    }
    after.ask_at = next_asking(&after, now);
    keep(tx, &before, &after)?;
    Ok(after)
}

/// Writes down that it could not be asked what came of an attempt.
pub(crate) fn not_told(tx: &mut Tx<'_>, id: Id<Payment>, fault: Fault) -> Result<Payment> {
    let before = payment::get(tx, id)?;
    let now = tx.now();
    let mut after = Payment { fault: Some(fault), asked_at: Some(now), ..before.clone() };
    if before.state == PaymentState::Started && now - before.started_at >= UNANSWERED_AFTER {
        lose(&mut after, now);
    }
    // A last look that nobody answered was none.
    let overdue = after.ask_at.filter(|at| *at <= now && now - after.started_at < UNANSWERED_AFTER);
    after.ask_at = next_asking(&after, now).or(overdue.map(|_| later(&after, now)));
    keep(tx, &before, &after)?;
    Ok(after)
}

/// Money came.
pub(crate) fn pay(payment: &mut Payment, order: &Order, money: &Money, now: Instant) {
    payment.state = PaymentState::Paid;
    payment.closed_why = None;
    payment.told = Some(money.cents);
    payment.means = Some(money.means);
    payment.authorisation.clone_from(&money.authorisation);
    payment.told_at = Some(now);
    let near =
        |at: &Instant| (*at - payment.started_at).abs() <= TOLD_WITHIN || (*at - now).abs() <= TOLD_WITHIN;
    payment.booked_at = money.at.filter(near).unwrap_or(now);
    // An attempt of which nobody knew was a trouble of its own, which is over.
    if payment.is_open_trouble() {
        payment.settled_at = Some(now);
        payment.settled_how = Some(Settlement::Told);
    }
    match verdict::trouble(order, payment.asked, money) {
        None => {
            payment.counts_for = Some(order.id);
            payment.counts = money.cents;
        }
        Some(trouble) => raise(payment, trouble, now),
    }
}

fn close(payment: &mut Payment, state: PaymentState, why: Option<ClosedWhy>, now: Instant) {
    payment.state = state;
    payment.closed_why = why;
    payment.told_at = Some(now);
    if payment.is_open_trouble() {
        payment.settled_at = Some(now);
        payment.settled_how = Some(Settlement::Told);
    }
}

fn lose(payment: &mut Payment, now: Instant) {
    payment.state = PaymentState::Unknown;
    raise(payment, PaymentTrouble::Unanswered, now);
}

/// What was told once stays: whether the bank has taken the money back, somebody has to find out.
fn contradict(payment: &mut Payment, now: Instant) {
    if payment.trouble != Some(PaymentTrouble::Contradiction) {
        raise(payment, PaymentTrouble::Contradiction, now);
    }
}

fn raise(payment: &mut Payment, trouble: PaymentTrouble, now: Instant) {
    payment.trouble = Some(trouble);
    payment.troubled_since = Some(now);
    payment.settled_at = None;
    payment.settled_how = None;
}

/// When it is asked again, if at all.
fn next_asking(payment: &Payment, now: Instant) -> Option<Instant> {
    match payment.state {
        PaymentState::Paid | PaymentState::Unknown => None,
        PaymentState::Refused | PaymentState::Cancelled => {
            let looks = LAST_LOOKS.map(|after| payment.started_at + after);
            looks.into_iter().find(|at| payment.token.is_some() && now < *at)
        }
        PaymentState::Started => match payment.ask_at {
            Some(at) if at > now => Some(at),
            _ => Some(later(payment, now)),
        },
    }
}

/// The pauses grow with an attempt's age.
fn later(payment: &Payment, now: Instant) -> Instant {
    now + (now - payment.started_at).clamp(FIRST_ASKED_AFTER, LONGEST_PAUSE)
}

/// Keeps where an attempt stands now; tells of it, and asks for what is to be done, where that changed.
fn keep(tx: &mut Tx<'_>, before: &Payment, after: &Payment) -> Result<()> {
    payment::update(tx, after)?;
    if after.ask_at != before.ask_at {
        ask_later(tx, after)?;
    }
    if after.state != before.state {
        let kind = match after.state {
            PaymentState::Started => "payment.started",
            PaymentState::Paid => "payment.paid",
            PaymentState::Refused => "payment.refused",
            PaymentState::Cancelled => "payment.cancelled",
            PaymentState::Unknown => "payment.unknown",
        };
        payment::journal(tx, after, kind)?;
    } else if after.trouble != before.trouble {
        payment::journal(tx, after, "payment.contradicted")?;
    }
    if after.counts_for != before.counts_for
        && let Some(order) = after.counts_for
    {
        order::refresh(tx, order)?;
    }
    Ok(())
}

/// Orders the job that asks what came of an attempt, when it is time.
pub(crate) fn ask_later(tx: &mut Tx<'_>, payment: &Payment) -> Result<()> {
    let Some(at) = payment.ask_at else { return Ok(()) };
    let key = format!("{ASK}:{}:{}", payment.id, at.timestamp_millis());
    jobs::enqueue(tx, ASK, &json!({ "payment": payment.id, "now": false }), at, Some(&key))
}

/// Orders the job that asks at once.
pub(crate) fn ask_now(tx: &mut Tx<'_>, id: Id<Payment>) -> Result<()> {
    let key = format!("{ASK}:{id}:now");
    jobs::enqueue(tx, ASK, &json!({ "payment": id, "now": true }), tx.now(), Some(&key))
}
