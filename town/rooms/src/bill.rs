//! What a room costs, as an order at the till: made when the room is granted, given up or given back when the booking is
//! (docs/payments.md).

use beffroi_calendar::{booking::State, clock, tariff::Price};
use beffroi_cases::case::Case;
use beffroi_core::{
    Cents, Id, Instant, Lang,
    calendar::{civil_day, long_date},
};
use beffroi_payments::{
    About, NewOrder, Order, OrderLine, OrderState, Payer, Regie,
    order::{self, CancelError, CancelReason, OrderError},
    permission::{TakeMoney, permit_for},
    reach,
    refund::{self, RefundError, RefundState},
    regie,
};
use beffroi_people::{Account, Department, SignedIn};
use beffroi_store::{JournalEntry, Result, Tx, background::Subscriber};
use beffroi_web::{
    panel::{Panel, PanelLink, Reader},
    personal::Teller,
};
use chrono::TimeDelta;

use crate::{
    premises::{Granted, words},
    season,
};

/// How long somebody has to pay at least, where the room is had at once.
pub(crate) const AT_LEAST: TimeDelta = TimeDelta::days(1);
/// Orders of one booking that are read, at most: the first, and another each time that dates of it are given back.
pub(crate) const READ_AT_MOST: u32 = 200;
/// That some dates of a booking were given back.
const RETURNED: &str = "case.booking_dates_returned";
/// Characters of a line, at most.
const LABEL_AT_MOST: usize = 180;

/// Follows the cases that end, and the seasons that are published.
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
            "case.booking_cancelled",
            "case.decision_withdrawn",
            "case.decision_repealed",
            season::bill::PUBLISHED,
            season::bill::GIVEN_BACK,
        ]
    }

    fn handle(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<()> {
        if [season::bill::PUBLISHED, season::bill::GIVEN_BACK].contains(&entry.kind.as_str()) {
            return season::bill::follow(tx, entry);
        }
        let case: Id<Case> = Id::from_uuid(entry.subject_id);
        let Some(found) = Granted::of_case(tx, case)? else { return Ok(()) };
        match found.booking.state {
            State::Firm if entry.kind == RETURNED => lessen(tx, &found),
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

/// Who collects for a department: its own régie, else one of the whole town. `None` where none is open.
pub(crate) fn collects_for(tx: &mut Tx<'_>, own: Option<Id<Department>>) -> Result<Option<Id<Regie>>> {
    let open: Vec<Regie> = regie::list(tx)?.into_iter().filter(|it| !it.closed).collect();
    let of = |department| open.iter().find(|it| it.department == department).map(|it| it.id);
    Ok(own.and_then(|own| of(Some(own))).or_else(|| of(None)))
}

/// What is asked for: of whom, for what and until when.
pub(crate) struct Bill {
    pub(crate) about: About,
    pub(crate) regie: Id<Regie>,
    pub(crate) payer: Payer,
    pub(crate) account: Option<Id<Account>>,
    pub(crate) deliberation: String,
    pub(crate) due_at: Instant,
}

impl Bill {
    /// Makes the order; `false` where it cannot be made: the pages tell agents that nothing is asked for.
    pub(crate) fn ask(self, tx: &mut Tx<'_>, mut lines: Vec<OrderLine>) -> Result<bool> {
        for line in &mut lines {
            line.label = line.label.chars().take(LABEL_AT_MOST).collect();
        }
        let new = NewOrder {
            regie: self.regie,
            payer: self.payer,
            account: self.account,
            about: self.about,
            lines,
            deliberation: self.deliberation,
            due_at: Some(self.due_at),
            lapses: false,
        };
        match order::create(tx, &new) {
            Ok(_) => Ok(true),
            Err(OrderError::Store(error)) => Err(error),
            Err(_) => Ok(false),
        }
    }

    /// Brings what is asked for down to these lines: an order that nobody has paid gives way to another, what was paid
    /// beyond it is given back.
    pub(crate) fn bring_to(
        self,
        tx: &mut Tx<'_>,
        open: &Order,
        lines: Vec<OrderLine>,
        why: &str,
    ) -> Result<()> {
        let owed: Cents = lines.iter().map(|line| line.cents).sum();
        if open.paid == Cents(0) {
            if open.total == owed {
                return Ok(());
            }
            match order::cancel(tx, open.id, CancelReason::GivenUp) {
                Ok(()) => {}
                Err(CancelError::Store(error)) => return Err(error),
                Err(CancelError::NotThere | CancelError::Paid) => return Ok(()),
            }
            if owed > Cents(0) {
                self.ask(tx, lines)?;
            }
            return Ok(());
        }
        // What is asked for already is not asked for twice.
        let back = refund::of_order(tx, open.id)?;
        let back = back.iter().filter(|it| it.order == Some(open.id) && it.state != RefundState::Withdrawn);
        let beyond = Cents(open.paid.0 - back.map(|it| it.cents.0).sum::<i64>() - owed.0);
        if beyond > Cents(0)
            && let Err(RefundError::Store(error)) = refund::claim(tx, open.id, beyond, why)
        {
            return Err(error);
        }
        Ok(())
    }
}

/// The bill of a booking.
fn bill(found: &Granted, price: &Price, regie: Id<Regie>) -> Bill {
    let name = match found.case.requester_name.trim() {
        "" => found.case.reference.clone(),
        name => name.to_owned(),
    };
    Bill {
        about: about(found),
        regie,
        // The page of the order asks for an address, where PayFiP needs one.
        payer: Payer { name, mail: String::new() },
        account: None,
        deliberation: price.deliberation.cited(Lang::Fr),
        due_at: found.booking.span.start().max(found.now + AT_LEAST),
    }
}

/// Asks for what a granted room costs, once. `false` where it costs nothing, is asked for already, or nobody collects.
///
/// # Errors
/// Those of the store.
pub(crate) fn ask(tx: &mut Tx<'_>, found: &Granted) -> Result<bool> {
    let owed = found.booking.owed();
    let Some(price) = found.booking.price.clone().filter(|_| owed > Cents(0)) else {
        return Ok(false);
    };
    if !orders(tx, found)?.is_empty() {
        return Ok(false);
    }
    let own = found.department.as_ref().map(|department| department.id);
    let Some(regie) = collects_for(tx, own)? else { return Ok(false) };
    bill(found, &price, regie).ask(tx, vec![OrderLine { label: label(found), cents: owed }])
}

/// What is paid for: the room and its first time.
fn label(found: &Granted) -> String {
    let room = &found.booking.resource.details.name.fr;
    format!("{room}, {}", clock::when(found.booking.span, found.zone(), Lang::Fr))
}

/// Settles the order of a booking that was given back: what is kept of its price stays to be paid, what was paid beyond it
/// is given back.
fn settle(tx: &mut Tx<'_>, found: &Granted) -> Result<()> {
    let Some(price) = found.booking.price.clone() else { return Ok(()) };
    let (label, why) =
        (words(Lang::Fr, "rooms-bill-kept", &[])?, words(Lang::Fr, "rooms-bill-cancelled", &[])?);
    bring_to(tx, found, &price, price.kept.unwrap_or_default(), (label, why.as_str()))
}

/// Settles the order of a booking of which some dates were given back: what is left and what is kept of them stays to be
/// paid, what was paid beyond it is given back.
fn lessen(tx: &mut Tx<'_>, found: &Granted) -> Result<()> {
    let Some(price) = found.booking.price.clone() else { return Ok(()) };
    let why = words(Lang::Fr, "rooms-bill-returned", &[])?;
    bring_to(tx, found, &price, found.booking.owed(), (label(found), why.as_str()))
}

/// Brings what is asked for down to what is owed. Where nothing was ever asked for, nothing is.
fn bring_to(
    tx: &mut Tx<'_>,
    found: &Granted,
    price: &Price,
    owed: Cents,
    (label, why): (String, &str),
) -> Result<()> {
    let Some(open) = orders(tx, found)?.into_iter().next() else { return Ok(()) };
    let line = OrderLine { label, cents: owed };
    bill(found, price, open.regie).bring_to(tx, &open, vec![line], why)
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
    let mut panel = Panel { id: "paiement", title: teller.t("rooms-bill"), ..Panel::default() };
    let Some(it) = orders(tx, found)?.into_iter().next() else {
        let missing = matches!(reader, Reader::Agent(_)) && found.booking.state == State::Firm;
        if missing {
            let amount = [("amount", owed.to_string().into())];
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
