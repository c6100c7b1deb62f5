//! What a room costs, as an order at the till: made when the room is granted, given up or given back when the booking is
//! (docs/payments.md).

use beffroi_calendar::{booking::State, clock, tariff::Price};
use beffroi_cases::case::Case;
use beffroi_core::{
    Cents, Id, Lang,
    calendar::{civil_day, long_date},
};
use beffroi_payments::{
    About, NewOrder, Order, OrderLine, OrderState, Payer, Regie,
    order::{self, CancelError, CancelReason, OrderError},
    permission::{TakeMoney, permit_for},
    reach,
    refund::{self, RefundError},
    regie,
};
use beffroi_people::SignedIn;
use beffroi_store::{JournalEntry, Result, Tx, background::Subscriber};
use beffroi_web::{
    panel::{Panel, PanelLink, Reader},
    personal::Teller,
};
use chrono::TimeDelta;

use crate::premises::{Granted, words};

/// How long somebody has to pay at least, where the room is had at once.
const AT_LEAST: TimeDelta = TimeDelta::days(1);
/// Orders of one booking that are read, at most: the first, and what is kept of it.
const READ_AT_MOST: u32 = 20;
/// Characters of a line, at most.
const LABEL_AT_MOST: usize = 180;

/// Follows the cases that end.
pub(crate) struct Bills;

impl Subscriber for Bills {
    fn name(&self) -> &'static str {
        "rooms.bills"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[
            "case.decided",
            "case.deemed",
            "case.booking_cancelled",
            "case.decision_withdrawn",
            "case.decision_repealed",
        ]
    }

    fn handle(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<()> {
        let case: Id<Case> = Id::from_uuid(entry.subject_id);
        let Some(found) = Granted::of_case(tx, case)? else { return Ok(()) };
        match found.booking.state {
            State::Firm => ask(tx, &found).map(drop),
            _ => settle(tx, &found),
        }
    }
}

fn about(found: &Granted) -> About {
    About { kind: "booking".to_owned(), id: found.booking.id.uuid() }
}

/// The orders of a booking that somebody is to pay or has paid, the newest first.
fn orders(tx: &mut Tx<'_>, found: &Granted) -> Result<Vec<Order>> {
    let mut all = order::of_subject(tx, &about(found), READ_AT_MOST)?;
    all.retain(|it| it.state != OrderState::Cancelled);
    Ok(all)
}

/// Who collects for the department of a case: its own régie, else one of the whole town. `None` where none is open.
fn collects(tx: &mut Tx<'_>, found: &Granted) -> Result<Option<Id<Regie>>> {
    let open: Vec<Regie> = regie::list(tx)?.into_iter().filter(|it| !it.closed).collect();
    let own = found.department.as_ref().map(|department| department.id);
    let of = |department| open.iter().find(|it| it.department == department).map(|it| it.id);
    Ok(own.and_then(|own| of(Some(own))).or_else(|| of(None)))
}

/// Asks for what a granted room costs, once. `false` where it costs nothing, is asked for already, or nobody collects.
///
/// # Errors
/// Those of the store.
pub(crate) fn ask(tx: &mut Tx<'_>, found: &Granted) -> Result<bool> {
    let Some(price) = found.booking.price.clone().filter(|price| price.due > Cents(0)) else {
        return Ok(false);
    };
    if !orders(tx, found)?.is_empty() {
        return Ok(false);
    }
    let (room, zone) = (&found.booking.resource.details.name.fr, found.zone());
    let label = format!("{room}, {}", clock::when(found.booking.span, zone, Lang::Fr));
    create(tx, found, &price, price.due, &label)
}

fn create(tx: &mut Tx<'_>, found: &Granted, price: &Price, cents: Cents, label: &str) -> Result<bool> {
    let Some(regie) = collects(tx, found)? else { return Ok(false) };
    let name = match found.case.requester_name.trim() {
        "" => found.case.reference.clone(),
        name => name.to_owned(),
    };
    let new = NewOrder {
        regie,
        // The page of the order asks for an address, where PayFiP needs one.
        payer: Payer { name, mail: String::new() },
        account: None,
        about: about(found),
        lines: vec![OrderLine { label: label.chars().take(LABEL_AT_MOST).collect(), cents }],
        deliberation: price.deliberation.cited(Lang::Fr),
        due_at: Some(found.booking.span.start().max(found.now + AT_LEAST)),
        lapses: false,
    };
    match order::create(tx, &new) {
        Ok(_) => Ok(true),
        Err(OrderError::Store(error)) => Err(error),
        // The page of the case tells agents that nothing is asked for.
        Err(_) => Ok(false),
    }
}

/// Settles the order of a booking that was given back: what is kept of its price stays to be paid, what was paid beyond it
/// is given back.
fn settle(tx: &mut Tx<'_>, found: &Granted) -> Result<()> {
    let Some(price) = found.booking.price.clone() else { return Ok(()) };
    let kept = price.kept.unwrap_or_default();
    let Some(open) = orders(tx, found)?.into_iter().next() else { return Ok(()) };
    if open.paid == Cents(0) {
        match order::cancel(tx, open.id, CancelReason::GivenUp) {
            Ok(()) => {}
            Err(CancelError::Store(error)) => return Err(error),
            Err(CancelError::NotThere | CancelError::Paid) => return Ok(()),
        }
        if kept > Cents(0) {
            let label = words(Lang::Fr, "rooms-bill-kept", &[])?;
            create(tx, found, &price, kept, &label)?;
        }
        return Ok(());
    }
    let beyond = Cents(open.paid.0 - open.refunded.0 - kept.0);
    if beyond > Cents(0) {
        let why = words(Lang::Fr, "rooms-bill-cancelled", &[])?;
        // What is asked for already is not asked for twice.
        if let Err(RefundError::Store(error)) = refund::claim(tx, open.id, beyond, &why) {
            return Err(error);
        }
    }
    Ok(())
}

/// What is to be paid for the room of a case, or was, on the page of that case.
pub(crate) fn panels(
    tx: &mut Tx<'_>,
    found: &Granted,
    reader: Reader<'_>,
    teller: Teller<'_>,
) -> Result<Option<Panel>> {
    let Some(price) = found.booking.price.as_ref().filter(|price| price.due > Cents(0)) else {
        return Ok(None);
    };
    let mut panel = Panel { id: "paiement", title: teller.t("rooms-bill"), ..Panel::default() };
    let Some(it) = orders(tx, found)?.into_iter().next() else {
        let missing = matches!(reader, Reader::Agent(_)) && found.booking.state == State::Firm;
        if missing {
            let amount = [("amount", price.due.to_string().into())];
            panel.warnings.push(teller.tr("premises-bill-none", &amount));
        }
        return Ok(missing.then_some(panel));
    };
    let due = it.due_at.map(|at| long_date(civil_day(at, found.zone()), teller.lang())).unwrap_or_default();
    let variables = [
        ("amount", it.total.to_string().into()),
        ("rest", it.remaining().to_string().into()),
        ("refunded", it.refunded.to_string().into()),
        ("day", due.into()),
    ];
    panel.lines.push(teller.tr(&format!("rooms-bill-{}", it.state.as_str()), &variables));
    panel.links.extend(link(tx, &it, reader, teller)?);
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
