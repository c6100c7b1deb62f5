//! What places cost, as orders at the till: made when a place is confirmed; withdrawn, or asked to be refunded, where it is
//! given back in time or the town calls its session off (docs/payments.md).

use std::collections::BTreeMap;

use beffroi_calendar::clock;
use beffroi_core::{Cents, Id, Instant, Lang};
use beffroi_payments::{
    About, NewOrder, Order, OrderLine, OrderState, Payer, Regie, lower,
    order::{self, CancelError, CancelReason, OrderError},
    permission::{TakeMoney, permit_for},
    reach,
    refund::{self, RefundError},
};
use beffroi_people::{SignedIn, Town};
use beffroi_store::{JournalEntry, Result, Tx, background::Subscriber};
use chrono::TimeDelta;
use uuid::Uuid;

use crate::{
    registration::{self, Mark, Registration, Seat},
    series,
    session::{self, Mark as SessionMark, Session},
    tell::text,
};

/// What is paid, as in the journal.
pub(crate) const KIND: &str = "registration";
/// How long somebody has to pay at least, where they come at once.
const AT_LEAST: TimeDelta = TimeDelta::days(1);
/// Sessions that have a line each, at most; more have one together.
const LINES_AT_MOST: usize = 60;
/// Characters of a line or a name, at most.
const LABEL_AT_MOST: usize = 180;

/// How it stands with what a registration costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It costs nothing.
    Free,
    /// Something is to be paid, and no order asks for it: nobody collects it.
    Unasked,
    /// Something is to be paid.
    Due,
    /// All is paid.
    Paid,
    /// Something that was paid is to be given back.
    Back,
    /// All that was paid was given back.
    Refunded,
}

impl Standing {
    /// Its word in the names of texts.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Unasked => "unasked",
            Self::Due => "due",
            Self::Paid => "paid",
            Self::Back => "back",
            Self::Refunded => "refunded",
        }
    }

    /// How it looks as a tag.
    pub(crate) const fn look(self) -> &'static str {
        match self {
            Self::Paid => "granted",
            Self::Due | Self::Unasked => "waiting",
            Self::Back => "new",
            Self::Free | Self::Refunded => "closed",
        }
    }
}

/// How it stands with what a registration costs, how much that is, and the order that tells more.
#[derive(Clone, Debug)]
pub(crate) struct Bill {
    pub(crate) standing: Standing,
    pub(crate) cents: Cents,
    pub(crate) order: Option<Id<Order>>,
    /// Who collects.
    regie: Option<Id<Regie>>,
}

impl Bill {
    /// The secret page of its order.
    pub(crate) fn page(&self, tx: &mut Tx<'_>) -> Result<Option<String>> {
        self.order.map_or(Ok(None), |order| reach::page(tx, order))
    }

    /// Where an agent takes the money, if they may.
    pub(crate) fn counter(&self, tx: &mut Tx<'_>, who: &SignedIn) -> Option<String> {
        let (order, regie) = (self.order?, self.regie?);
        permit_for::<TakeMoney>(tx, who, regie).ok().map(|_| format!("/agents/caisse/commandes/{order}"))
    }
}

/// What becomes of the money where seats are given back in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Foreseen {
    /// What is asked to be given back.
    pub(crate) back: Cents,
    /// What was to be paid until now.
    pub(crate) unpaid: Cents,
    /// What is to be paid then.
    pub(crate) due: Cents,
}

/// An order that was not withdrawn, and what is asked to be given back of it.
struct Booked {
    order: Order,
    back: Cents,
}

impl Booked {
    /// What was paid and is not given back, nor asked to be.
    fn left(&self) -> i64 {
        self.order.paid.0 - self.order.refunded.0 - self.back.0
    }

    /// What it comes to in the end.
    fn net(&self) -> i64 {
        match self.order.state {
            OrderState::Due => self.order.total.0 - self.order.refunded.0 - self.back.0,
            _ => self.left(),
        }
    }

    /// Whether somebody is to pay it: of an order of which money is given back nothing is to be paid meanwhile.
    fn is_due(&self) -> bool {
        self.order.remaining() > Cents(0) && self.back == Cents(0)
    }

    /// Whether nothing was paid of it yet: it can be withdrawn.
    fn is_untouched(&self) -> bool {
        self.order.state == OrderState::Due && self.order.paid == Cents(0)
    }

    /// What is given back of it where so much is asked too much. What is paid in part is given back whole: once that is done
    /// the order is withdrawn, and the rest ordered anew.
    fn part(&self, over: i64) -> i64 {
        if self.order.state == OrderState::Due { self.left() } else { self.left().min(over) }
    }
}

/// The orders of registrations that somebody is to pay or has paid, the oldest first.
fn booked(tx: &mut Tx<'_>, ids: &[Id<Mark>]) -> Result<BTreeMap<Uuid, Vec<Booked>>> {
    let subjects: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let mut orders = order::of_subjects(tx, KIND, &subjects)?;
    orders.retain(|it| it.state != OrderState::Cancelled);
    let back = refund::asked_of(tx, &orders.iter().map(|it| it.id).collect::<Vec<_>>())?;
    let mut all: BTreeMap<Uuid, Vec<Booked>> = BTreeMap::new();
    for order in orders {
        let back = back.get(&order.id).copied().unwrap_or_default();
        all.entry(order.about.id).or_default().push(Booked { order, back });
    }
    Ok(all)
}

/// When the first of the sessions begins for which somebody is to pay: what is given back before costs nothing.
pub(crate) fn begins_at(seats: &[Seat], sessions: &[Session]) -> Option<Instant> {
    let asked = seats.iter().filter(|seat| seat.cents > Cents(0));
    asked.filter_map(|seat| sessions.iter().find(|it| it.id == seat.session)).map(|it| it.span.start()).min()
}

/// Asks for what seats cost that somebody has just got. Nothing is asked for what is free.
pub(crate) fn ask(tx: &mut Tx<'_>, it: &Registration, seats: &[Id<SessionMark>]) -> Result<()> {
    let Some(price) = it.price.as_ref().filter(|price| price.cents > Cents(0)) else { return Ok(()) };
    let sessions = session::some(tx, seats)?;
    let (Some(first), Some(series)) = (sessions.first(), series::find(tx, it.series)?) else {
        return Ok(());
    };
    let (title, zone) = (series.sheet.title.fr, Town::load(tx)?.zone());
    let lower = if price.reduced {
        format!(" ({})", text(Lang::Fr, "workshops-bill-reduced", &[])?)
    } else {
        String::new()
    };
    let lines = if sessions.len() > LINES_AT_MOST {
        let cents = Cents(price.cents.0.saturating_mul(i64::try_from(sessions.len()).unwrap_or(i64::MAX)));
        vec![OrderLine { label: label(&format!("{title}{lower}")), cents }]
    } else {
        let line = |session: &Session| {
            let when = clock::capital(&clock::when(session.span, zone, Lang::Fr));
            OrderLine { label: label(&format!("{when}{lower}, {title}")), cents: price.cents }
        };
        sessions.iter().map(line).collect()
    };
    create(tx, it, lines, first.span.start())
}

/// One line of an order: what people wrote, without what a line cannot have.
fn label(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LABEL_AT_MOST).collect()
}

fn create(tx: &mut Tx<'_>, it: &Registration, lines: Vec<OrderLine>, due_at: Instant) -> Result<()> {
    let Some(price) = &it.price else { return Ok(()) };
    let person = &it.person;
    let name = match (person.registrant.as_str(), person.name.as_str()) {
        ("", "") => &it.reference,
        ("", _) => &person.name,
        _ => &person.registrant,
    };
    let new = NewOrder {
        regie: price.regie,
        payer: Payer { name: label(name), mail: person.email.clone() },
        account: it.account.map(Id::from_uuid),
        about: About { kind: KIND.to_owned(), id: it.id.uuid() },
        lines,
        deliberation: price.deliberation.cited(Lang::Fr),
        due_at: Some(due_at.max(tx.now() + AT_LEAST)),
        lapses: false,
    };
    // Where the régie is closed meanwhile, the page of the registration tells agents that nothing is asked for.
    if let Err(OrderError::Store(error)) = order::create(tx, &new) {
        return Err(error);
    }
    Ok(())
}

/// Asks of these registrations no more than what their seats still cost: what is not paid is withdrawn, what was paid beyond
/// is asked to be given back.
pub(crate) fn release(tx: &mut Tx<'_>, ids: &[Id<Mark>]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let known = registration::some(tx, ids)?;
    let (asked, mut all) = (registration::asked_of(tx, ids)?, booked(tx, ids)?);
    for id in ids {
        // A command each: every order is withdrawn by itself.
        if let (Some(it), Some(own)) = (known.get(id), all.remove(&id.uuid())) {
            reduce(tx, it, asked.get(id).copied().unwrap_or_default(), &own)?;
        }
    }
    Ok(())
}

/// Brings what was ordered for a registration down to what it is to cost.
fn reduce(tx: &mut Tx<'_>, it: &Registration, cost: Cents, all: &[Booked]) -> Result<()> {
    let mut over = all.iter().map(Booked::net).sum::<i64>() - cost.0;
    // What is asked for anew may be paid as long as it could before.
    let mut due_at = None;
    for own in all.iter().rev().filter(|own| own.is_untouched()) {
        if over <= 0 {
            break;
        }
        match order::cancel(tx, own.order.id, CancelReason::GivenUp) {
            Ok(()) => {
                over -= own.order.total.0;
                due_at = own.order.due_at;
            }
            Err(CancelError::Store(error)) => return Err(error),
            Err(CancelError::NotThere | CancelError::Paid) => {}
        }
    }
    for own in all.iter().rev().filter(|own| own.left() > 0) {
        if over <= 0 {
            break;
        }
        let part = own.part(over);
        let why = text(Lang::Fr, "workshops-bill-why", &[])?;
        match refund::claim(tx, own.order.id, Cents(part), &why) {
            Ok(_) => over = (over - part).max(0),
            Err(RefundError::Store(error)) => return Err(error),
            // The accountant sees the order and its money all the same.
            Err(_) => {}
        }
    }
    if over < 0 {
        let title = series::find(tx, it.series)?.map(|series| series.sheet.title.fr).unwrap_or_default();
        let rest = text(Lang::Fr, "workshops-bill-rest", &[("title", title.into())])?;
        let due_at = due_at.unwrap_or_else(|| tx.now());
        create(tx, it, vec![OrderLine { label: label(&rest), cents: Cents(-over) }], due_at)?;
    }
    Ok(())
}

/// What becomes of the money of a registration where seats are given back in time that cost so much.
pub(crate) fn foresee(tx: &mut Tx<'_>, it: &Registration, freed: Cents) -> Result<Foreseen> {
    let asked = registration::asked_of(tx, &[it.id])?.remove(&it.id).unwrap_or_default();
    let own = booked(tx, &[it.id])?.remove(&it.id.uuid()).unwrap_or_default();
    Ok(foreseen(asked.0 - freed.0, &own))
}

/// As [`reduce`] will bring it down to so much.
fn foreseen(cost: i64, all: &[Booked]) -> Foreseen {
    let withdrawn: i64 = all.iter().filter(|own| own.is_untouched()).map(|own| own.order.total.0).sum();
    let mut over = all.iter().map(Booked::net).sum::<i64>() - cost - withdrawn;
    let mut back = 0;
    for own in all.iter().rev().filter(|own| own.left() > 0) {
        if over <= 0 {
            break;
        }
        back += own.part(over);
        over = (over - own.part(over)).max(0);
    }
    let kept = all.iter().map(Booked::left).sum::<i64>() - back;
    let unpaid: Cents = all.iter().filter(|own| own.is_due()).map(|own| own.order.remaining()).sum();
    Foreseen { back: Cents(back), unpaid, due: Cents((cost - kept).max(0)) }
}

/// That money was given back.
const REFUNDED: &str = "refund.done";
/// That it is not, though it was asked for.
const NOT_REFUNDED: &str = "refund.withdrawn";

/// Follows what is given back, or is not after all: an order that was paid in part can be withdrawn then, or comes to no
/// more than is owed.
pub(crate) struct Bills;

impl Subscriber for Bills {
    fn name(&self) -> &'static str {
        "workshops.bills"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[REFUNDED, NOT_REFUNDED]
    }

    fn handle(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<()> {
        let order: Option<Id<Order>> =
            entry.payload.as_ref().and_then(|payload| payload.get("order")?.as_str()?.parse().ok());
        let Some(order) = order else { return Ok(()) };
        match order::find(tx, order)?.filter(|it| it.about.kind == KIND && it.state == OrderState::Due) {
            Some(found) if entry.kind == NOT_REFUNDED => stays_paid(tx, &found),
            Some(found) => release(tx, &[Id::from_uuid(found.about.id)]),
            None => Ok(()),
        }
    }
}

/// A refund is withdrawn: what was paid stays, and no more is to be paid than the seats still cost.
fn stays_paid(tx: &mut Tx<'_>, order: &Order) -> Result<()> {
    let id: Id<Mark> = Id::from_uuid(order.about.id);
    let cost = registration::asked_of(tx, &[id])?.remove(&id).unwrap_or_default();
    let all = booked(tx, &[id])?.remove(&id.uuid()).unwrap_or_default();
    let others: i64 = all.iter().filter(|own| own.order.id != order.id).map(Booked::net).sum();
    lower(tx, order.id, Cents(cost.0 - others), &text(Lang::Fr, "workshops-bill-why", &[])?).map(drop)
}

/// How it stands with each of these registrations; nothing of one of which nothing is asked (yet).
pub(crate) fn of_each<'r>(
    tx: &mut Tx<'_>,
    all: impl Iterator<Item = &'r Registration>,
) -> Result<BTreeMap<Id<Mark>, Bill>> {
    let all: Vec<&Registration> = all.collect();
    let ids: Vec<Id<Mark>> = all.iter().filter(|it| it.price.is_some()).map(|it| it.id).collect();
    let (asked, mut orders) = (registration::asked_of(tx, &ids)?, booked(tx, &ids)?);
    let one = |it: &Registration| {
        let own = orders.remove(&it.id.uuid()).unwrap_or_default();
        let asked = asked.get(&it.id).copied().unwrap_or_default();
        Some((it.id, judged(it, asked, &own)?))
    };
    Ok(all.into_iter().filter_map(one).collect())
}

/// How it stands with a registration.
pub(crate) fn of(tx: &mut Tx<'_>, it: &Registration) -> Result<Option<Bill>> {
    Ok(of_each(tx, std::iter::once(it))?.remove(&it.id))
}

fn judged(it: &Registration, asked: Cents, all: &[Booked]) -> Option<Bill> {
    let bill = |standing: Standing, cents: i64, own: Option<&Booked>| {
        let (order, regie) = (own.map(|own| own.order.id), own.map(|own| own.order.regie));
        Some(Bill { standing, cents: Cents(cents), order, regie })
    };
    if it.price.as_ref().is_none_or(|price| price.cents == Cents(0)) {
        return bill(Standing::Free, 0, None);
    }
    let rest: Cents = all.iter().filter(|own| own.is_due()).map(|own| own.order.remaining()).sum();
    let back: Cents = all.iter().map(|own| own.back).sum();
    let paid: Cents = all.iter().map(|own| own.order.paid).sum();
    let kept: i64 = all.iter().map(Booked::left).sum();
    let last = |which: fn(&Booked) -> bool| all.iter().rev().find(|own| which(own));
    if rest > Cents(0) {
        bill(Standing::Due, rest.0, last(Booked::is_due))
    } else if back > Cents(0) {
        bill(Standing::Back, back.0, last(|own| own.back > Cents(0)))
    } else if kept > 0 {
        bill(Standing::Paid, kept, last(|own| own.left() > 0))
    } else if paid > Cents(0) {
        bill(Standing::Refunded, paid.0, last(|own| own.order.paid > Cents(0)))
    } else if asked > Cents(0) {
        bill(Standing::Unasked, asked.0, None)
    } else {
        None
    }
}
