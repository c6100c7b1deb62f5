//! The deposits that agents have something to do about, by what that is.

use std::collections::HashMap;

use askama::Template;
use beffroi_calendar::{
    booking::{self, Booking, State as BookingState},
    clock,
};
use beffroi_cases::case::{self, Case};
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
    premises::{self, holder, in_scope},
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
    cases: HashMap<Uuid, Case>,
    bookings: HashMap<Id<Booking>, Booking>,
    inspections: Vec<Inspection>,
    now: Instant,
    zone: Tz,
}

fn listed(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Listed> {
    hidden(permit_somewhere::<ManageDeposits>(tx, who))?;
    let deposits = store::open(tx)?;
    let ids: Vec<Uuid> = deposits.iter().map(|it| it.case.uuid()).collect();
    let cases = case::several(tx, &ids)?;
    let cases: HashMap<Uuid, Case> =
        in_scope::<ManageDeposits>(tx, who, cases)?.into_iter().map(|case| (case.id.uuid(), case)).collect();
    let deposits: Vec<Deposit> =
        deposits.into_iter().filter(|it| cases.contains_key(&it.case.uuid())).collect();
    let ids: Vec<Id<Booking>> = deposits.iter().map(|it| it.booking).collect();
    let inspections = inspection::of_bookings(tx, &ids)?;
    let bookings = booking::several(tx, &ids)?.into_iter().map(|it| (it.id, it)).collect();
    Ok(Listed { deposits, cases, bookings, inspections, now: tx.now(), zone: Town::load(tx)?.zone() })
}

/// What is to be done about a deposit: the group that it stands in.
fn group_of(it: &Deposit, booking: &Booking, inspections: &[Inspection], now: Instant) -> &'static str {
    let last = booking.dates().last().copied().unwrap_or(booking.span);
    let seen_out = inspections.iter().any(|seen| {
        seen.booking == it.booking
            && seen.kind == Kind::Out
            && seen.starts_at == last.start()
            && seen.closed_at.is_some()
    });
    match it.state {
        State::Withheld => "contested",
        State::Promised => "to-ask",
        _ if seen_out || last.end() <= now || booking.state != BookingState::Firm => "to-give-back",
        _ => "held",
    }
}

pub(super) async fn list(page: Page, commune: CommuneOf, visitor: Visitor) -> Result {
    let who = visitor.require()?.clone();
    let listed = commune.read(visitor.by, move |tx| listed(tx, &who)).await?;
    let lang = page.language();
    let groups = ["to-give-back", "contested", "to-ask", "held"].map(|id| {
        let own = listed.deposits.iter().filter_map(|it| {
            let (case, booking) = (listed.cases.get(&it.case.uuid())?, listed.bookings.get(&it.booking)?);
            if group_of(it, booking, &listed.inspections, listed.now) != id {
                return None;
            }
            let detail = match (it.state, it.answer_by) {
                (State::Withheld, Some(until)) => {
                    page.tr("premises-deposit-answer-by", &[("day", long_date(until, lang).into())])
                }
                _ => means(&page, it),
            };
            let when = clock::when(booking.span, listed.zone, lang);
            Some(Line {
                href: format!("{}/caution", premises::href(it.booking)),
                reference: case.reference.clone(),
                requester: holder(case).to_owned(),
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
