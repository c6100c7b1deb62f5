//! The handovers of a day: for which bookings somebody comes for the keys, and what is still to be done of each.

use std::collections::HashMap;

use askama::Template;
use axum::extract::Query;
use beffroi_calendar::{
    booking::{self, Booking, State},
    clock::{self, capital},
};
use beffroi_cases::case::{self, Case};
use beffroi_core::{Day, Id, calendar::long_date_with_weekday};
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
    lines: Vec<Line>,
}

/// What is known of a day.
struct Known {
    day: Day,
    zone: Tz,
    bookings: Vec<Booking>,
    cases: HashMap<Uuid, Case>,
    inspections: Vec<Inspection>,
    loans: Vec<Loan>,
    deposits: Vec<Deposit>,
}

fn known(tx: &mut Tx<'_>, who: &SignedIn, asked: &str) -> Result<Known> {
    hidden(permit_somewhere::<InspectRooms>(tx, who))?;
    let Listed { day, zone, within } = Listed::of(tx, asked)?;
    let listed = booking::listed(tx, within)?.into_iter().filter(|it| it.state == State::Firm);
    let owned = |it: &Booking| it.owner.as_ref().filter(|(kind, _)| kind == "case").map(|(_, id)| *id);
    let bookings: Vec<(Uuid, Booking)> = listed.filter_map(|it| Some((owned(&it)?, it))).collect();
    let ids: Vec<Uuid> = bookings.iter().map(|(case, _)| *case).collect();
    let cases = case::several(tx, &ids)?;
    let cases: HashMap<Uuid, Case> =
        in_scope::<InspectRooms>(tx, who, cases)?.into_iter().map(|case| (case.id.uuid(), case)).collect();
    let bookings: Vec<Booking> =
        bookings.into_iter().filter(|(case, _)| cases.contains_key(case)).map(|(_, it)| it).collect();
    let ids: Vec<Id<Booking>> = bookings.iter().map(|it| it.id).collect();
    Ok(Known {
        day,
        zone,
        inspections: inspection::of_bookings(tx, &ids)?,
        loans: key::loans_of_bookings(tx, &ids)?,
        deposits: deposit::of_bookings(tx, &ids)?,
        bookings,
        cases,
    })
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
    render(&Handovers {
        period: capital(&long_date_with_weekday(known.day, page.language())),
        day: known.day.to_string(),
        previous: at(known.day.pred_opt()),
        next: at(known.day.succ_opt()),
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
