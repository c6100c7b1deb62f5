//! What a room costs, as an order at the till: made when the room is granted, given up or given back when the booking is
//! (docs/payments.md).

mod told;

use beffroi_calendar::{
    booking::{Booking, State},
    clock,
    tariff::Price,
};
use beffroi_cases::{case::Case, person::persons_of};
use beffroi_core::{
    Cents, Id, Lang,
    calendar::{civil_day, long_date},
};
use beffroi_payments::{
    About, Order, OrderLine, OrderState, Payer, Regie, lower, order,
    permission::{TakeMoney, permit_for},
    reach,
    refund::{self, RefundState},
};
use beffroi_people::{Account, SignedIn, person};
use beffroi_store::{JournalEntry, Result, Tx, background::Subscriber};
use beffroi_web::{
    panel::{Panel, PanelLink, Reader},
    personal::Teller,
};
use chrono::TimeDelta;

use crate::{
    contract,
    premises::{Granted, stored, words},
    season,
};

pub(crate) use beffroi_payments::bill::{Bill, collects_for};
pub(crate) use told::to_pay;

/// How long somebody has to pay at least, where the room is had at once.
pub(crate) const AT_LEAST: TimeDelta = TimeDelta::days(1);
/// Orders of one booking that are read, at most: the first, and another each time that dates of it are given back.
pub(crate) const READ_AT_MOST: u32 = 200;
/// That some dates of a booking were given back.
const RETURNED: &str = "case.booking_dates_returned";
/// That a booking was given back.
const CANCELLED: &str = "case.booking_cancelled";
/// That the decision which granted it was taken back, for the past too.
const WITHDRAWN: &str = "case.decision_withdrawn";
/// That it was, for what is to come.
const REPEALED: &str = "case.decision_repealed";
/// That money was paid back.
const REFUNDED: &str = "refund.done";
/// That it is not, though it was asked for.
const NOT_REFUNDED: &str = "refund.withdrawn";
/// Follows the cases that end, the seasons that are published, and what is paid back of orders; whoever has the room is told.
pub(crate) struct Bills;

impl Subscriber for Bills {
    fn name(&self) -> &'static str {
        "rooms.bills"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[
            "case.decided",
            "case.deemed",
            RETURNED,
            CANCELLED,
            WITHDRAWN,
            REPEALED,
            REFUNDED,
            NOT_REFUNDED,
            season::bill::PUBLISHED,
            season::bill::GIVEN_BACK,
        ]
    }

    fn handle(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<()> {
        if entry.kind == REFUNDED {
            return refunded(tx, entry);
        }
        if entry.kind == NOT_REFUNDED {
            return stays_paid(tx, entry);
        }
        if [season::bill::PUBLISHED, season::bill::GIVEN_BACK].contains(&entry.kind.as_str()) {
            return season::bill::follow(tx, entry);
        }
        let case: Id<Case> = Id::from_uuid(entry.subject_id);
        let Some(found) = Granted::once_of_case(tx, case)? else { return Ok(()) };
        let taken_back = [WITHDRAWN, REPEALED].contains(&entry.kind.as_str());
        match found.booking.state {
            State::Firm if entry.kind == RETURNED => {
                lessen(tx, &found)?;
                told::returned(tx, &found)
            }
            // What is repealed once it has begun stays; of the dates that are taken back an entry of their own tells.
            State::Firm if taken_back => Ok(()),
            State::Firm => {
                // The contract tells of what is asked for, where one is still to be made.
                let again = was_asked(tx, found.booking.id)?;
                if ask(tx, &found)? && again && contract::stands(tx, case)? {
                    told::asked_again(tx, &found)
                } else {
                    Ok(())
                }
            }
            state => {
                settle(tx, &found)?;
                let news = entry.kind == CANCELLED || (taken_back && state == State::Released);
                if news { told::cancelled(tx, &found) } else { Ok(()) }
            }
        }
    }
}

/// Follows money that was paid back: it is told, and an order that was paid in part gives way. The entry names the order;
/// the refund does no more, where the order is to be paid again.
fn refunded(tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<()> {
    let Some(order) = named(tx, entry)? else { return Ok(()) };
    let gives_way = order.state == OrderState::Due;
    if order.about.kind == season::SUBJECT {
        return if gives_way { season::bill::refunded(tx, &order) } else { Ok(()) };
    }
    if order.about.kind != KIND {
        return Ok(());
    }
    let Some(found) = Granted::once_of_booking(tx, Id::from_uuid(order.about.id))? else { return Ok(()) };
    if let Some(refund) = refund::find(tx, Id::from_uuid(entry.subject_id))? {
        told::refunded(tx, &found, &refund)?;
    }
    // What was paid in part and is given back can give way to what is owed now.
    match found.booking.state {
        _ if !gives_way => Ok(()),
        State::Firm => lessen(tx, &found),
        _ => settle(tx, &found),
    }
}

/// Follows a refund that the accountant withdraws: what was paid stays, and no more is to be paid than is owed.
fn stays_paid(tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<()> {
    let Some(order) = named(tx, entry)? else { return Ok(()) };
    if order.about.kind == season::SUBJECT {
        return season::bill::stays_paid(tx, &order);
    }
    if order.about.kind != KIND {
        return Ok(());
    }
    let Some(found) = Granted::once_of_booking(tx, Id::from_uuid(order.about.id))? else { return Ok(()) };
    let is_current = current(tx, &found)?.is_some_and(|it| it.id == order.id);
    if !is_current || found.booking.price.is_none() {
        return Ok(());
    }
    let why = if found.booking.state == State::Firm { "rooms-bill-returned" } else { "rooms-bill-cancelled" };
    lower(tx, order.id, owed(&found), &words(Lang::Fr, why, &[])?).map(drop)
}

/// The order that an entry on a refund names.
fn named(tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<Option<Order>> {
    let named: Option<Id<Order>> =
        entry.payload.as_ref().and_then(|payload| payload.get("order")?.as_str()?.parse().ok());
    named.map_or(Ok(None), |named| order::find(tx, named))
}

/// What the orders are about.
pub(crate) const KIND: &str = "booking";

fn about(found: &Granted) -> About {
    About { kind: KIND.to_owned(), id: found.booking.id.uuid() }
}

/// Whether anything was ever asked for a booking.
pub(crate) fn was_asked(tx: &mut Tx<'_>, booking: Id<Booking>) -> Result<bool> {
    let about = About { kind: KIND.to_owned(), id: booking.uuid() };
    Ok(!order::of_subject(tx, &about, 1)?.is_empty())
}

/// The order of a booking that somebody is to pay or has paid.
fn current(tx: &mut Tx<'_>, found: &Granted) -> Result<Option<Order>> {
    Ok(orders(tx, found)?.into_iter().next())
}

/// What is owed for a booking as it stands: what is left, or what is kept where it was given back.
fn owed(found: &Granted) -> Cents {
    match found.booking.state {
        State::Firm => found.booking.owed(),
        _ => found.booking.price.as_ref().and_then(|price| price.kept).unwrap_or_default(),
    }
}

/// What was paid for an order and is still to be paid back.
fn coming_back(tx: &mut Tx<'_>, order: &Order) -> Result<Cents> {
    let all = refund::of_order(tx, order.id)?;
    let asked = all.iter().filter(|it| it.order == Some(order.id) && it.state == RefundState::Asked);
    Ok(asked.map(|it| it.cents).sum())
}

/// The day before which an order is to be paid; `""` where it has none.
fn due_on(order: &Order, found: &Granted, lang: Lang) -> String {
    order.due_at.map(|at| long_date(civil_day(at, found.zone()), lang)).unwrap_or_default()
}

/// The orders of a booking that somebody is to pay or has paid, the newest first.
fn orders(tx: &mut Tx<'_>, found: &Granted) -> Result<Vec<Order>> {
    let mut all = order::of_subject(tx, &about(found), READ_AT_MOST)?;
    all.retain(|it| it.state != OrderState::Cancelled);
    all.reverse();
    Ok(all)
}

/// Who collects for the department of a case. `None` where nobody does.
fn collects(tx: &mut Tx<'_>, found: &Granted) -> Result<Option<Id<Regie>>> {
    collects_for(tx, found.department.as_ref().map(|department| department.id))
}

/// Asks for what a granted room costs, once. `false` where it costs nothing, is asked for already, or nobody collects. What
/// was paid and given back before, when the decision was taken back, does not count.
///
/// # Errors
/// Those of the store.
pub(crate) fn ask(tx: &mut Tx<'_>, found: &Granted) -> Result<bool> {
    let owed = found.booking.owed();
    let Some(price) = found.booking.price.clone().filter(|_| owed > Cents(0)) else {
        return Ok(false);
    };
    let before = orders(tx, found)?;
    let back = refund::asked_of(tx, &before.iter().map(|it| it.id).collect::<Vec<_>>())?;
    let is_over = |it: &Order| {
        let back = back.get(&it.id).copied().unwrap_or_default();
        it.remaining() == Cents(0) && it.paid == it.refunded + back
    };
    if !before.iter().all(is_over) {
        return Ok(false);
    }
    let Some(regie) = collects(tx, found)? else { return Ok(false) };
    bill(tx, found, &price, regie)?.ask(tx, vec![OrderLine { label: label(found), cents: owed }])
}

/// What is paid for: the room and when; of what comes again, how many dates there are and the first.
fn label(found: &Granted) -> String {
    let room = &found.booking.resource.details.name.fr;
    format!("{room}, {}", clock::when_all(found.booking.dates(), found.zone(), Lang::Fr))
}

/// Among whose payments an order is: the requester's; where a helper asked, those of whom they asked for.
fn account(tx: &mut Tx<'_>, found: &Granted) -> Result<Option<Id<Account>>> {
    let Some(case) = found.case() else { return Ok(None) };
    let (requester, beneficiary) = persons_of(tx, case.id).map_err(stored)?;
    let Some(first) = requester.or(beneficiary) else { return Ok(None) };
    let second = beneficiary.unwrap_or(first);
    person::account_of(tx, Id::from_uuid(first), Id::from_uuid(second))
}

/// The bill of a booking.
fn bill(tx: &mut Tx<'_>, found: &Granted, price: &Price, regie: Id<Regie>) -> Result<Bill> {
    let name = match found.person().trim() {
        "" => found.whose.reference().to_owned(),
        name => name.to_owned(),
    };
    Ok(Bill {
        about: about(found),
        regie,
        // The page of the order asks for an address, where PayFiP needs one.
        payer: Payer { name, mail: String::new() },
        account: account(tx, found)?,
        deliberation: price.deliberation.cited(Lang::Fr),
        due_at: found.booking.span.start().max(found.now + AT_LEAST),
    })
}

/// Settles the order of a booking that was given or taken back: what is kept of its price stays to be paid, what was paid
/// beyond it is given back. Of what was granted by a decision that is taken back nothing is kept.
fn settle(tx: &mut Tx<'_>, found: &Granted) -> Result<()> {
    let Some(price) = found.booking.price.clone() else { return Ok(()) };
    let (label, why) =
        (words(Lang::Fr, "rooms-bill-kept", &[])?, words(Lang::Fr, "rooms-bill-cancelled", &[])?);
    bring_to(tx, found, &price, (label, why.as_str()))
}

/// Settles the order of a booking of which some dates were given back: what is left and what is kept of them stays to be
/// paid, what was paid beyond it is given back.
fn lessen(tx: &mut Tx<'_>, found: &Granted) -> Result<()> {
    let Some(price) = found.booking.price.clone() else { return Ok(()) };
    let why = words(Lang::Fr, "rooms-bill-returned", &[])?;
    bring_to(tx, found, &price, (label(found), why.as_str()))
}

/// Brings what is asked for down to what is owed. Where nothing was ever asked for, nothing is.
fn bring_to(tx: &mut Tx<'_>, found: &Granted, price: &Price, (label, why): (String, &str)) -> Result<()> {
    let Some(open) = current(tx, found)? else { return Ok(()) };
    let line = OrderLine { label, cents: owed(found) };
    bill(tx, found, price, open.regie)?.bring_to(tx, &open, vec![line], why)
}

/// What is to be paid for the room of a case, or was, on the page of that case.
pub(crate) fn panels(
    tx: &mut Tx<'_>,
    found: &Granted,
    reader: Reader<'_>,
    teller: Teller<'_>,
) -> Result<Option<Panel>> {
    let owed = found.booking.owed();
    if owed == Cents(0) {
        return Ok(None);
    }
    let lang = teller.lang();
    let mut panel = Panel { id: "paiement", title: teller.t("rooms-bill"), ..Panel::default() };
    let is_agent = matches!(reader, Reader::Agent(_));
    let Some(it) = current(tx, found)? else {
        let missing = is_agent && found.booking.state == State::Firm;
        if missing {
            let amount = [("amount", owed.read_in(lang).into())];
            // The order is made a moment after the decision.
            match collects(tx, found)? {
                Some(_) => panel.lines.push(teller.tr("premises-bill-soon", &amount)),
                None => panel.warnings.push(teller.tr("premises-bill-none", &amount)),
            }
        }
        return Ok(missing.then_some(panel));
    };
    let back = coming_back(tx, &it)?;
    let variables = [
        ("amount", it.total.read_in(lang).into()),
        ("rest", it.remaining().read_in(lang).into()),
        ("refunded", it.refunded.read_in(lang).into()),
        ("back", back.read_in(lang).into()),
        ("day", due_on(&it, found, lang).into()),
    ];
    // Of an order that gives way nothing is to be paid meanwhile.
    let gives_way = it.state == OrderState::Due && back > Cents(0);
    if !gives_way {
        let state =
            if it.state == OrderState::Paid && back > Cents(0) { "was-paid" } else { it.state.as_str() };
        panel.lines.push(teller.tr(&format!("rooms-bill-{state}"), &variables));
    }
    if back > Cents(0) {
        let key = if is_agent { "premises-bill-back" } else { "rooms-bill-back" };
        panel.lines.push(teller.tr(key, &variables));
    }
    if is_agent || !gives_way {
        panel.links.extend(link(tx, &it, reader, teller)?);
    }
    Ok(Some(panel))
}

/// Where it is paid and read of; nothing for an agent who takes no money there.
fn link(tx: &mut Tx<'_>, it: &Order, reader: Reader<'_>, teller: Teller<'_>) -> Result<Option<PanelLink>> {
    let is_due = it.state == OrderState::Due;
    let href = match reader {
        Reader::Requester => reach::page(tx, it.id)?,
        Reader::Agent(who) => takes_money(tx, who, it).then(|| format!("/agents/caisse/commandes/{}", it.id)),
    };
    let label = teller.t(if is_due { "rooms-bill-pay" } else { "rooms-bill-see" });
    Ok(href.map(|href| PanelLink { href, label }))
}

fn takes_money(tx: &mut Tx<'_>, who: &SignedIn, it: &Order) -> bool {
    permit_for::<TakeMoney>(tx, who, it.regie).is_ok()
}
