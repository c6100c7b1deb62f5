//! What a season costs an association, as one order at the till: asked for once its times are published, brought down where
//! some are given back.

use std::collections::{BTreeMap, BTreeSet};

use beffroi_calendar::booking::{self, Booking, State};
use beffroi_core::{
    Cents, Id, Instant, Lang,
    calendar::{civil_day, long_date},
};
use beffroi_payments::{About, Order, OrderLine, OrderState, Payer, Regie, lower, order, reach, refund};
use beffroi_people::{Town, department};
use beffroi_store::{JournalEntry, Result, Tx};
use chrono_tz::Tz;
use uuid::Uuid;

use super::{
    allotment::{self, Allotment},
    request::{self, Request, SUBJECT},
    round::{self, Round},
};
use crate::{
    bill::{AT_LEAST, Bill, READ_AT_MOST, collects_for},
    premises::words,
};

/// That a round was published: the entry is about the round.
pub(crate) const PUBLISHED: &str = "season.published";
/// That a time was given back: the entry is about the round, and names the request.
pub(crate) const GIVEN_BACK: &str = "season.given_back";

/// Does what an entry of a round asks for.
pub(crate) fn follow(tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<()> {
    let id: Id<Round> = Id::from_uuid(entry.subject_id);
    if entry.kind == PUBLISHED {
        return ask_all(tx, id);
    }
    let named = entry.payload.as_ref().and_then(|payload| payload.get("request")?.as_str()?.parse().ok());
    let Some(named) = named else { return Ok(()) };
    match request::find(tx, id, named)? {
        Some(request) => lessen(tx, &request),
        None => Ok(()),
    }
}

/// Money was paid back: an order that was paid in part gives way to what is owed.
pub(crate) fn refunded(tx: &mut Tx<'_>, order: &Order) -> Result<()> {
    match request::by_id(tx, Id::from_uuid(order.about.id))? {
        Some(request) => lessen(tx, &request),
        None => Ok(()),
    }
}

/// A refund is withdrawn: what was paid stays, and no more is to be paid than is owed.
pub(crate) fn stays_paid(tx: &mut Tx<'_>, order: &Order) -> Result<()> {
    let Some(request) = request::by_id(tx, Id::from_uuid(order.about.id))? else { return Ok(()) };
    if order_of(tx, &request)?.is_none_or(|it| it.id != order.id) {
        return Ok(());
    }
    let owed: Cents = bookings_of(tx, &request)?.iter().map(owed).sum();
    lower(tx, order.id, owed, &words(Lang::Fr, "rooms-bill-cancelled", &[])?).map(drop)
}

/// What an order of a season is about.
pub(super) fn about(request: &Request) -> About {
    About { kind: SUBJECT.to_owned(), id: request.id.uuid() }
}

/// The last order of a request that somebody is to pay or has paid.
pub(super) fn order_of(tx: &mut Tx<'_>, request: &Request) -> Result<Option<Order>> {
    let all = order::of_subject(tx, &about(request), READ_AT_MOST)?;
    Ok(all.into_iter().rev().find(|it| it.state != OrderState::Cancelled))
}

/// Who collects for a round: for the department that sees to it, else for the whole town. `None` where nobody does.
fn collects(tx: &mut Tx<'_>, round: &Round) -> Result<Option<Id<Regie>>> {
    let own = department::by_slug(tx, &round.sheet.department)?;
    collects_for(tx, own.map(|department| department.id))
}

/// What the times of a published round cost in all, where nothing is asked for because nobody collects.
pub(super) fn unasked(tx: &mut Tx<'_>, round: &Round, given: &[Allotment]) -> Result<Cents> {
    if !round.has_results() || collects(tx, round)?.is_some() {
        return Ok(Cents(0));
    }
    let requests: Vec<Uuid> =
        given.iter().map(|it| it.request.uuid()).collect::<BTreeSet<_>>().into_iter().collect();
    if !order::of_subjects(tx, SUBJECT, &requests)?.is_empty() {
        return Ok(Cents(0));
    }
    let ids: Vec<Id<Booking>> = given.iter().filter_map(|it| it.booking).collect();
    Ok(booking::several(tx, &ids)?.iter().map(owed).sum())
}

/// Asks each association for what its times cost; whoever has all of it for nothing is asked for nothing.
fn ask_all(tx: &mut Tx<'_>, id: Id<Round>) -> Result<()> {
    let Some(round) = round::find(tx, id)? else { return Ok(()) };
    let requests = request::of_round(tx, id)?;
    let given = allotment::of_round(tx, id)?;
    let ids: Vec<Id<Booking>> = given.iter().filter_map(|it| it.booking).collect();
    let bookings = booking::several(tx, &ids)?;
    let mut of: BTreeMap<_, Vec<&Booking>> = BTreeMap::new();
    for it in &bookings {
        if let Some((_, owner)) = it.owner.as_ref().filter(|(kind, _)| kind == SUBJECT) {
            of.entry(*owner).or_default().push(it);
        }
    }
    let Some(regie) = collects(tx, &round)? else { return Ok(()) };
    let zone = Town::load(tx)?.zone();
    for request in &requests {
        let own = of.remove(&request.id.uuid()).unwrap_or_default();
        let lines = lines(&own, zone)?;
        if !lines.is_empty() {
            bill(regie, request, &own, tx.now()).ask(tx, lines)?;
        }
    }
    Ok(())
}

/// Brings the order of a request down to what is still owed.
fn lessen(tx: &mut Tx<'_>, request: &Request) -> Result<()> {
    let Some(open) = order_of(tx, request)? else { return Ok(()) };
    let bookings = bookings_of(tx, request)?;
    let own: Vec<&Booking> = bookings.iter().collect();
    let lines = lines(&own, Town::load(tx)?.zone())?;
    let why = words(Lang::Fr, "rooms-bill-cancelled", &[])?;
    bill(open.regie, request, &own, tx.now()).bring_to(tx, &open, lines, &why)
}

/// The bookings of the times that a request was given.
fn bookings_of(tx: &mut Tx<'_>, request: &Request) -> Result<Vec<Booking>> {
    let given = allotment::of_requests(tx, &[request.id])?;
    let ids: Vec<Id<Booking>> = given.iter().filter_map(|it| it.booking).collect();
    booking::several(tx, &ids)
}

/// What is owed of a series: its price, or what is kept of it where it was given back.
fn owed(booking: &Booking) -> Cents {
    match (booking.state, &booking.price) {
        (State::Cancelled, Some(price)) => price.kept.unwrap_or_default(),
        (State::Firm, Some(_)) => booking.owed(),
        _ => Cents(0),
    }
}

/// A line for each series that costs something.
fn lines(bookings: &[&Booking], zone: Tz) -> Result<Vec<OrderLine>> {
    let mut lines = Vec::new();
    let mut bookings = bookings.to_vec();
    bookings.sort_by_key(|it| (it.span, it.id));
    for it in bookings {
        let cents = owed(it);
        if cents == Cents(0) {
            continue;
        }
        let day = |at| long_date(civil_day(at, zone), Lang::Fr);
        let whole = it.whole();
        let variables = [
            ("room", it.resource.details.name.fr.clone().into()),
            ("n", it.dates().len().into()),
            ("first", day(whole.start()).into()),
            ("last", day(whole.end()).into()),
        ];
        let label = words(Lang::Fr, "rooms-bill-season", &variables)?;
        lines.push(OrderLine { label, cents });
    }
    Ok(lines)
}

/// Who pays, by which deliberation and until when.
fn bill(regie: Id<Regie>, request: &Request, bookings: &[&Booking], now: Instant) -> Bill {
    let cited = bookings.iter().find_map(|it| it.price.as_ref()).map(|it| it.deliberation.cited(Lang::Fr));
    let first = bookings.iter().map(|it| it.span.start()).min();
    let soonest = now + AT_LEAST;
    Bill {
        about: about(request),
        regie,
        payer: Payer { name: request.body.name.clone(), mail: request.contact.email.clone() },
        account: request.account.map(Id::from_uuid),
        deliberation: cited.unwrap_or_default(),
        due_at: first.map_or(soonest, |first| first.max(soonest)),
    }
}

/// The order of a season as its association reads it, with where it is paid, and what of it is still to be paid back.
pub(super) fn shown(tx: &mut Tx<'_>, request: &Request) -> Result<Option<(Order, String, Cents)>> {
    let Some(order) = order_of(tx, request)? else { return Ok(None) };
    let page = reach::page(tx, order.id)?.unwrap_or_default();
    let back = refund::asked_of(tx, &[order.id])?.remove(&order.id).unwrap_or_default();
    Ok(Some((order, page, back)))
}
