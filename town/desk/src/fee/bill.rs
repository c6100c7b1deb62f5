//! What a case costs, as an order at the till: made when it is due, given up or given back where the decision is withdrawn or
//! the request is given up.

use std::sync::Arc;

use beffroi_cases::{
    CaseError,
    case::{self, Case, State},
    decision::{self, Outcome},
    exchange,
    person::persons_of,
    reversal::{self, Effect},
    silence,
};
use beffroi_core::{Cents, Day, Id, Lang};
use beffroi_forms::{CompiledForm, FeeDue};
use beffroi_payments::{
    About, Order, OrderLine, OrderState, Payer, Regie,
    bill::{Bill, collects_for},
    order,
    refund::{self, Refund},
};
use beffroi_people::{Account, department, person};
use beffroi_store::{JournalEntry, Result, StoreError, Tx, background::Subscriber};
use chrono::TimeDelta;

use super::{Owed, collected, owed, told};
use crate::{Parts, submission, words};

/// What the orders are about.
pub(crate) const KIND: &str = "case";
/// How long somebody has to pay.
const TIME_TO_PAY: TimeDelta = TimeDelta::days(30);
/// Orders of one case that are read, at most: one each time that it is granted anew.
const READ_AT_MOST: u32 = 50;
/// Letters of an address that an order takes, at most.
const MAIL_AT_MOST: usize = 200;
/// That money was paid back.
const REFUNDED: &str = "refund.done";

/// Follows the cases that are decided, given up or taken back, and what is paid back of their orders.
pub(crate) struct Fees(pub(crate) Arc<Parts>);

impl Subscriber for Fees {
    fn name(&self) -> &'static str {
        "desk.fees"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[
            "case.decided",
            "case.deemed",
            "case.decision_withdrawn",
            "case.withdrawn",
            "case.transferred",
            REFUNDED,
        ]
    }

    fn handle(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<()> {
        let refund = if entry.kind == REFUNDED { refund_of(tx, entry)? } else { None };
        let case = match (&refund, entry.kind == REFUNDED) {
            (Some((_, case)), _) => *case,
            (None, true) => return Ok(()),
            (None, false) => Id::from_uuid(entry.subject_id),
        };
        let Some(found) = Found::load(tx, &self.0, case)? else { return Ok(()) };
        if let Some((refund, _)) = &refund {
            let reference = &found.case.reference;
            tell(tx, &found, |lang| Some(told::refunded(refund, reference, lang)))?;
        }
        let standing = Standing::of(tx, &found)?;
        if !standing.owed {
            // What was paid in part, and is given back, is cancelled without another word.
            let (unasked, back) = give_back(tx, &found)?;
            return match refund {
                Some(_) => Ok(()),
                None => tell(tx, &found, |lang| told::given_back(unasked, back, lang)),
            };
        }
        if standing.granted && found.on == FeeDue::Grant && refund.is_none() {
            ask(tx, &found)?;
        }
        Ok(())
    }
}

/// The refund that an entry tells of, and the case for which was paid; `None` where it was for something else.
fn refund_of(tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<Option<(Refund, Id<Case>)>> {
    let named: Option<Id<Order>> =
        entry.payload.as_ref().and_then(|payload| payload.get("order")?.as_str()?.parse().ok());
    let Some(named) = named else { return Ok(None) };
    let Some(order) = order::find(tx, named)?.filter(|it| it.about.kind == KIND) else { return Ok(None) };
    let refund = refund::find(tx, Id::from_uuid(entry.subject_id))?;
    Ok(refund.map(|refund| (refund, Id::from_uuid(order.about.id))))
}

/// A case for which something is collected.
pub(super) struct Found {
    pub(super) case: Case,
    /// What was asked for.
    title: String,
    /// When its fee is due.
    pub(super) on: FeeDue,
    /// Whether an agent fills the amount in.
    pub(super) filled_in: bool,
    /// What is to be paid; `None` where it is free, or not yet known.
    pub(super) owed: Option<Owed>,
}

impl Found {
    fn of(tx: &mut Tx<'_>, form: &CompiledForm, case: Case) -> Result<Option<Self>> {
        let Some(fee) = collected(form.procedure()) else { return Ok(None) };
        let owed = owed(tx, form, &case)?;
        let title = form.procedure().title.fr.clone();
        Ok(Some(Self { case, title, on: fee.on, filled_in: fee.is_filled_in(), owed }))
    }

    /// The case of that id; `None` where nothing is collected for it.
    pub(super) fn load(tx: &mut Tx<'_>, parts: &Parts, id: Id<Case>) -> Result<Option<Self>> {
        let Some(case) = case::find(tx, id).map_err(stored)? else { return Ok(None) };
        match parts.shelf.version(tx, &case.procedure, case.procedure_version)? {
            Some(form) => Self::of(tx, &form, case),
            None => Ok(None),
        }
    }
}

/// Where a case stands, for what it costs.
pub(super) struct Standing {
    /// Whether what is asked for it is owed.
    pub(super) owed: bool,
    /// Whether it is granted, by the town or by its silence.
    pub(super) granted: bool,
    /// Since which day; `None` where it is not.
    pub(super) granted_on: Option<Day>,
    /// Whether what granted it was repealed: for what has passed, it stays due.
    pub(super) repealed: bool,
}

impl Standing {
    pub(super) fn of(tx: &mut Tx<'_>, found: &Found) -> Result<Self> {
        let id = found.case.id;
        let taken = decision::of_case(tx, id).map_err(stored)?;
        let implied = silence::of_case(tx, id).map_err(stored)?;
        let outcome = words::outcome(taken.as_ref(), implied.as_ref());
        let granted = outcome == Some(Outcome::Granted);
        let since = taken.map(|taken| taken.decided_on).or_else(|| implied.map(|implied| implied.deemed_on));
        // What became of refusals since then changes nothing of that.
        let acts = if granted { Vec::new() } else { reversal::of_case(tx, id)? };
        let ended = acts.iter().rev().find(|act| act.past.outcome == Outcome::Granted);
        let repealed = ended.is_some_and(|act| act.effect == Effect::Repealed);
        let over = matches!(found.case.state, State::Withdrawn | State::Transferred);
        let owed = match found.on {
            FeeDue::Grant => granted || repealed,
            FeeDue::Filing => !over && outcome != Some(Outcome::Closed),
        };
        Ok(Self { owed, granted, granted_on: since.filter(|_| granted), repealed })
    }
}

/// The orders of a case that somebody is to pay or has paid, the newest first.
pub(crate) fn orders(tx: &mut Tx<'_>, case: Id<Case>) -> Result<Vec<Order>> {
    let about = About { kind: KIND.to_owned(), id: case.uuid() };
    let mut all = order::of_subject(tx, &about, READ_AT_MOST)?;
    all.retain(|it| it.state != OrderState::Cancelled);
    all.reverse();
    Ok(all)
}

/// Who collects for the department of a case. `None` where nobody does.
pub(super) fn collects(tx: &mut Tx<'_>, case: &Case) -> Result<Option<Id<Regie>>> {
    let own = department::by_slug(tx, &case.department)?;
    collects_for(tx, own.map(|department| department.id))
}

/// Asks for what is due as soon as a request is received: within the command that receives it, so that whoever stands at the
/// counter can pay at once.
pub(crate) fn file(tx: &mut Tx<'_>, form: &CompiledForm, case: &Case) -> Result<()> {
    if collected(form.procedure()).is_none_or(|fee| fee.on != FeeDue::Filing) {
        return Ok(());
    }
    match Found::of(tx, form, case.clone())? {
        Some(found) => ask(tx, &found),
        None => Ok(()),
    }
}

/// Asks for what a case costs, once. What was paid and given back before, when a decision was withdrawn, does not count.
fn ask(tx: &mut Tx<'_>, found: &Found) -> Result<()> {
    let Some(owed) = &found.owed else { return Ok(()) };
    let before = orders(tx, found.case.id)?;
    let back = refund::asked_of(tx, &before.iter().map(|it| it.id).collect::<Vec<_>>())?;
    let is_over = |it: &Order| {
        let back = back.get(&it.id).copied().unwrap_or_default();
        it.remaining() == Cents(0) && it.paid == it.refunded + back
    };
    if !before.iter().all(is_over) {
        return Ok(());
    }
    let Some(regie) = collects(tx, &found.case)? else { return Ok(()) };
    let label = format!("{} ({})", found.title, found.case.reference);
    let label = label.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = OrderLine { label, cents: owed.cents };
    // Where none can be made, the page of the case tells agents that nothing is asked for.
    bill(tx, found, regie, &owed.deliberation)?.ask(tx, vec![line]).map(drop)
}

/// Asks for nothing any more: what nobody has paid is withdrawn, what was paid is asked to be given back. Tells how much of
/// each.
fn give_back(tx: &mut Tx<'_>, found: &Found) -> Result<(Cents, Cents)> {
    let all = orders(tx, found.case.id)?;
    let ids: Vec<Id<Order>> = all.iter().map(|it| it.id).collect();
    let before: Cents = refund::asked_of(tx, &ids)?.into_values().sum();
    let why = told::why(&found.case.reference);
    for open in &all {
        // A command each: every order is withdrawn by itself.
        bill(tx, found, open.regie, &open.deliberation)?.bring_to(tx, open, Vec::new(), &why)?;
    }
    let after: Cents = refund::asked_of(tx, &ids)?.into_values().sum();
    let unpaid = all.iter().filter(|it| it.state == OrderState::Due && it.paid == Cents(0));
    Ok((unpaid.map(|it| it.total).sum(), Cents(after.0 - before.0)))
}

/// The bill of a case.
fn bill(tx: &mut Tx<'_>, found: &Found, regie: Id<Regie>, deliberation: &str) -> Result<Bill> {
    let case = &found.case;
    let name = match case.requester_name.trim() {
        "" => case.reference.clone(),
        name => name.to_owned(),
    };
    let reach = submission::reach(tx, case.id)?;
    let mail = reach.as_ref().map(|reach| reach.email.clone()).unwrap_or_default();
    let own = reach.and_then(|reach| reach.account);
    let account = match own {
        Some(own) => Some(own),
        None => account(tx, case.id)?,
    };
    Ok(Bill {
        about: About { kind: KIND.to_owned(), id: case.id.uuid() },
        regie,
        payer: Payer { name, mail: Some(mail).filter(|it| it.len() <= MAIL_AT_MOST).unwrap_or_default() },
        account,
        deliberation: deliberation.to_owned(),
        due_at: tx.now() + TIME_TO_PAY,
    })
}

/// Among whose payments an order is that no account sent: the requester's; where a helper asked, those of whom they asked for.
fn account(tx: &mut Tx<'_>, case: Id<Case>) -> Result<Option<Id<Account>>> {
    let (requester, beneficiary) = persons_of(tx, case).map_err(stored)?;
    let Some(first) = requester.or(beneficiary) else { return Ok(None) };
    let second = beneficiary.unwrap_or(first);
    person::account_of(tx, Id::from_uuid(first), Id::from_uuid(second))
}

/// Writes to the requester, in their language and by their way; nothing where there is nothing to say, or the case is erased.
fn tell(tx: &mut Tx<'_>, found: &Found, write: impl Fn(Lang) -> Option<String>) -> Result<()> {
    let (Some(french), Some(english)) = (write(Lang::Fr), write(Lang::En)) else { return Ok(()) };
    let id = found.case.id;
    if submission::reach(tx, id)?.is_none() {
        return Ok(());
    }
    exchange::have_written(tx, id, None, (&french, &english), &[]).map_err(stored)
}

fn stored(error: CaseError) -> StoreError {
    match error {
        CaseError::Store(error) => error,
        other => StoreError::Corrupt(other.to_string()),
    }
}
