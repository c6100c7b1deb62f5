//! The deposits that agents have something to do about, by what that is.

use std::collections::{BTreeSet, HashMap};

use askama::Template;
use beffroi_calendar::{
    booking::{self, Booking, State as BookingState},
    clock,
};
use beffroi_core::{Id, Instant, calendar::long_date};
use beffroi_people::{SignedIn, Town, permission::permit_somewhere};
use beffroi_store::Tx;
use beffroi_web::{CommuneOf, Page, Result, Visitor, render};
use chrono_tz::Tz;
use uuid::Uuid;

use super::{
    page::means,
    rules::{Deposit, State},
    store,
};
use crate::{
    ManageDeposits,
    inspection::{self, Inspection, Kind},
    permission::hidden,
    premises::{self, Whose, those_within_reach},
};

struct Line {
    href: String,
    reference: String,
    requester: String,
    about: String,
    amount: String,
    /// What is to be kept of it; `""` where nothing is.
    withheld: String,
    detail: String,
}

struct Group {
    id: &'static str,
    title: String,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "deposits.html")]
struct Deposits {
    page: Page,
    groups: Vec<Group>,
}

/// What the list is made of.
struct Listed {
    deposits: Vec<Deposit>,
    /// By what each is asked for.
    whose: HashMap<Uuid, Whose>,
    /// The bookings that each answers for, by the one that it is kept under.
    bookings: HashMap<Id<Booking>, Vec<Booking>>,
    inspections: Vec<Inspection>,
    now: Instant,
    zone: Tz,
}

fn listed(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Listed> {
    hidden(permit_somewhere::<ManageDeposits>(tx, who))?;
    let mut deposits = store::open(tx)?;
    let owners: BTreeSet<(String, Uuid)> =
        deposits.iter().map(|it| (it.origin.kind().to_owned(), it.origin.uuid())).collect();
    let whose = those_within_reach::<ManageDeposits>(tx, who, &owners)?;
    deposits.retain(|it| whose.contains_key(&it.origin.uuid()));
    let kept_under: Vec<Id<Booking>> = deposits.iter().map(|it| it.booking).collect();
    let answered_for = store::answered_for(tx, &kept_under)?;
    let ids: Vec<Id<Booking>> = answered_for.iter().map(|(_, booking)| *booking).collect();
    let inspections = inspection::of_bookings(tx, &ids)?;
    let known: HashMap<Id<Booking>, Booking> =
        booking::several(tx, &ids)?.into_iter().map(|it| (it.id, it)).collect();
    let mut bookings: HashMap<Id<Booking>, Vec<Booking>> = HashMap::new();
    for (under, id) in answered_for {
        if let Some(it) = known.get(&id) {
            bookings.entry(under).or_default().push(it.clone());
        }
    }
    Ok(Listed { deposits, whose, bookings, inspections, now: tx.now(), zone: Town::load(tx)?.zone() })
}

/// What is to be done about a deposit that answers for these bookings: the group that it stands in.
fn group_of(it: &Deposit, own: &[Booking], inspections: &[Inspection], now: Instant) -> &'static str {
    let firm = own.iter().filter(|booking| booking.state == BookingState::Firm);
    let dates = firm.flat_map(|booking| booking.dates().iter().map(move |date| (*date, booking.id)));
    let last = dates.max_by_key(|(date, _)| date.end());
    // Nothing is left of what it answers for; or the room was looked at after the last time.
    let is_over = last.is_none_or(|(date, booking)| {
        let seen_out = inspections.iter().any(|seen| {
            seen.booking == booking
                && seen.kind == Kind::Out
                && seen.starts_at == date.start()
                && seen.closed_at.is_some()
        });
        seen_out || date.end() <= now
    });
    match it.state {
        State::Withheld => "contested",
        State::Promised => "to-ask",
        _ if is_over => "to-give-back",
        _ => "held",
    }
}

pub(super) async fn list(page: Page, commune: CommuneOf, visitor: Visitor) -> Result {
    let who = visitor.require()?.clone();
    let listed = commune.read(visitor.by, move |tx| listed(tx, &who)).await?;
    let lang = page.language();
    let groups = ["to-give-back", "contested", "to-ask", "held"].map(|id| {
        let own = listed.deposits.iter().filter_map(|it| {
            let (whose, own) = (listed.whose.get(&it.origin.uuid())?, listed.bookings.get(&it.booking)?);
            if group_of(it, own, &listed.inspections, listed.now) != id {
                return None;
            }
            let booking = own.first()?;
            let detail = match (it.state, it.answer_by) {
                (State::Withheld, _) if !it.answer.is_empty() => {
                    page.t("premises-deposits-answered").to_owned()
                }
                (State::Withheld, Some(until)) => {
                    page.tr("premises-deposit-answer-by", &[("day", long_date(until, lang).into())])
                }
                _ => means(&page, it),
            };
            let when = match whose {
                Whose::Case(_) => clock::when(booking.span, listed.zone, lang),
                Whose::Season { .. } => whose.season(lang),
            };
            Some(Line {
                href: format!("{}/caution", premises::href(it.booking)),
                reference: whose.reference().to_owned(),
                requester: whose.holder().to_owned(),
                about: format!("{}, {when}", booking.resource.details.name.fr),
                amount: it.amount.to_string(),
                withheld: it.withheld.map_or_else(String::new, |withheld| {
                    page.tr("premises-deposits-withheld", &[("amount", withheld.to_string().into())])
                }),
                detail,
            })
        });
        Group { id, title: page.t(&format!("premises-deposits-{id}")).to_owned(), lines: own.collect() }
    });
    let groups = groups.into_iter().filter(|group| !group.lines.is_empty()).collect();
    render(&Deposits { page, groups })
}
