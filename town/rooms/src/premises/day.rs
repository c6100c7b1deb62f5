//! The handovers of a day: for which bookings somebody comes for the keys, and what is still to be done of each.

use std::collections::HashMap;

use askama::Template;
use axum::extract::Query;
use beffroi_calendar::{
    booking::{self, Booking, State},
    clock::{self, capital},
    spans::Span,
};
use beffroi_cases::case::{self, Case};
use beffroi_core::{
    Day, Id,
    calendar::{civil_day, long_date_with_weekday},
};
use beffroi_people::{SignedIn, permission::permit_somewhere};
use beffroi_store::Tx;
use beffroi_web::{CommuneOf, Page, Result, Visitor, render};
use chrono_tz::Tz;
use serde::Deserialize;
use uuid::Uuid;

use super::{holder, href, in_scope};
use crate::{
    InspectRooms,
    deposit::{self, Deposit},
    inspection::{self, Inspection, Kind, State as Seen},
    key::{self, Loan},
    listed::Listed,
    permission::hidden,
};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    jour: String,
}

struct Line {
    href: String,
    room: String,
    when: String,
    requester: String,
    /// What stands of it, each with the colour of its label.
    tags: Vec<(String, &'static str)>,
}

#[derive(Template)]
#[template(path = "handovers.html")]
struct Handovers {
    page: Page,
    period: String,
    day: String,
    previous: String,
    next: String,
    /// Where today is; `""` on its own page.
    today: String,
    /// Where the next handover is, where the day has none, and what it is.
    ahead: Option<(String, String)>,
    lines: Vec<Line>,
}

/// What is known of a day.
struct Known {
    day: Day,
    today: Day,
    zone: Tz,
    /// The next booking after the day, where it has none.
    ahead: Option<Booking>,
    bookings: Vec<Booking>,
    cases: HashMap<Uuid, Case>,
    inspections: Vec<Inspection>,
    loans: Vec<Loan>,
    deposits: Vec<Deposit>,
}

fn known(tx: &mut Tx<'_>, who: &SignedIn, asked: &str) -> Result<Known> {
    hidden(permit_somewhere::<InspectRooms>(tx, who))?;
    let listed = Listed::of(tx, asked)?;
    let (bookings, cases) = seen_to(tx, who, listed.within)?;
    let ahead = match listed.ahead().filter(|_| bookings.is_empty()) {
        Some(weeks) => {
            let (later, _) = seen_to(tx, who, weeks)?;
            later.into_iter().find(|it| it.span.start() >= weeks.start())
        }
        None => None,
    };
    let ids: Vec<Id<Booking>> = bookings.iter().map(|it| it.id).collect();
    let Listed { day, today, zone, .. } = listed;
    Ok(Known {
        day,
        today,
        zone,
        ahead,
        inspections: inspection::of_bookings(tx, &ids)?,
        loans: key::loans_of_bookings(tx, &ids)?,
        deposits: deposit::of_bookings(tx, &ids)?,
        bookings,
        cases,
    })
}

/// The bookings that were granted within a stretch of time to those whose cases the agent may see to, and these cases.
fn seen_to(tx: &mut Tx<'_>, who: &SignedIn, within: Span) -> Result<(Vec<Booking>, HashMap<Uuid, Case>)> {
    let listed = booking::listed(tx, within)?.into_iter().filter(|it| it.state == State::Firm);
    let owned = |it: &Booking| it.owner.as_ref().filter(|(kind, _)| kind == "case").map(|(_, id)| *id);
    let bookings: Vec<(Uuid, Booking)> = listed.filter_map(|it| Some((owned(&it)?, it))).collect();
    let ids: Vec<Uuid> = bookings.iter().map(|(case, _)| *case).collect();
    let cases = case::several(tx, &ids)?;
    let cases: HashMap<Uuid, Case> =
        in_scope::<InspectRooms>(tx, who, cases)?.into_iter().map(|case| (case.id.uuid(), case)).collect();
    let bookings: Vec<Booking> =
        bookings.into_iter().filter(|(case, _)| cases.contains_key(case)).map(|(_, it)| it).collect();
    Ok((bookings, cases))
}

pub(super) async fn show(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let known = commune.read(visitor.by, move |tx| known(tx, &who, &asked.jour)).await?;
    let at = |day: Option<Day>| day.map(|day| format!("/agents/remises?jour={day}")).unwrap_or_default();
    let lines = known.bookings.iter().filter_map(|it| line(&page, &known, it)).collect();
    let ahead = known.ahead.as_ref().map(|it| {
        let when = clock::when(it.span, known.zone, page.language());
        let room = it.resource.details.name.fr.clone();
        let words = page.tr("premises-day-next", &[("room", room.into()), ("when", when.into())]);
        (at(Some(civil_day(it.span.start(), known.zone))), words)
    });
    render(&Handovers {
        period: capital(&long_date_with_weekday(known.day, page.language())),
        day: known.day.to_string(),
        previous: at(known.day.pred_opt()),
        next: at(known.day.succ_opt()),
        today: at(Some(known.today).filter(|today| *today != known.day)),
        ahead,
        lines,
        page,
    })
}

fn line(page: &Page, known: &Known, it: &Booking) -> Option<Line> {
    let case = known.cases.get(&it.owner.as_ref()?.1)?;
    let mut tags = Vec::new();
    for kind in [Kind::In, Kind::Out] {
        let seen = known
            .inspections
            .iter()
            .find(|seen| seen.booking == it.id && seen.starts_at == it.span.start() && seen.kind == kind);
        let (word, look) = match seen.map(|seen| seen.state) {
            None => ("to-do", "grey"),
            Some(Seen::Draft) => ("draft", "yellow"),
            Some(Seen::Closed) => ("done", "green"),
        };
        tags.push((page.t(&format!("premises-day-{}-{word}", kind.as_str())).to_owned(), look));
    }
    let out = known.loans.iter().filter(|loan| loan.booking == it.id && loan.returned_on.is_none()).count();
    if out > 0 {
        tags.push((page.tr("premises-day-keys", &[("n", out.into())]), "blue"));
    }
    if let Some(deposit) = known.deposits.iter().find(|deposit| deposit.booking == it.id) {
        let state = page.t(&format!("premises-deposit-state-{}", deposit.state.as_str())).to_owned();
        let words = page.tr("premises-day-deposit", &[("state", state.into())]);
        tags.push((words, deposit::look(deposit.state)));
    }
    Some(Line {
        href: href(it.id),
        room: it.resource.details.name.fr.clone(),
        when: clock::when(it.span, known.zone, page.language()),
        requester: format!("{}, {}", holder(case), case.reference),
        tags,
    })
}
