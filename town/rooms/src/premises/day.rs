//! The handovers of a day: for which bookings somebody comes for the keys, and what is still to be done of each.

use std::collections::{BTreeSet, HashMap, HashSet};

use askama::Template;
use axum::extract::Query;
use beffroi_calendar::{
    booking::{self, Booking, State},
    clock::{self, capital},
    spans::Span,
};
use beffroi_core::{
    Day, Id, Instant,
    calendar::{civil_day, long_date_with_weekday},
};
use beffroi_people::{SignedIn, permission::permit_somewhere};
use beffroi_store::Tx;
use beffroi_web::{CommuneOf, Page, Result, Visitor, render};
use chrono_tz::Tz;
use serde::Deserialize;
use uuid::Uuid;

use super::{Whose, href, within_reach};
use crate::{
    InspectRooms,
    deposit::{self, Deposit},
    inspection::{self, Inspection, Kind, State as Seen},
    key::{self, Loan},
    listed::Listed,
    permission::hidden,
    season,
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
    /// For whom each is, by its owner.
    whose: HashMap<Uuid, Whose>,
    inspections: Vec<Inspection>,
    loans: Vec<Loan>,
    /// The deposit that answers for a booking.
    deposits: Vec<(Id<Booking>, Deposit)>,
}

fn known(tx: &mut Tx<'_>, who: &SignedIn, asked: &str) -> Result<Known> {
    hidden(permit_somewhere::<InspectRooms>(tx, who))?;
    let listed = Listed::of(tx, asked)?;
    let (bookings, whose) = seen_to(tx, who, listed.within)?;
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
        whose,
    })
}

/// The bookings that were granted within a stretch of time to those whom the agent may see to, and who they are. Of what an
/// association has every week for a season, the first and the last date stand there: the keys go out once, and come back
/// once.
fn seen_to(tx: &mut Tx<'_>, who: &SignedIn, within: Span) -> Result<(Vec<Booking>, HashMap<Uuid, Whose>)> {
    let mut bookings = booking::listed(tx, within)?;
    bookings.retain(|it| it.state == State::Firm);
    let whose = within_reach::<InspectRooms>(tx, who, &bookings)?;
    let ends = ends_of_seasons(tx, &bookings)?;
    bookings.retain(|it| {
        let known = it.owner.as_ref().is_some_and(|(_, id)| whose.contains_key(id));
        known && (!is_of_season(it) || ends.contains(&(it.id, it.span.start())))
    });
    Ok((bookings, whose))
}

fn is_of_season(it: &Booking) -> bool {
    it.owner.as_ref().is_some_and(|(kind, _)| kind == season::SUBJECT)
}

/// When what is had for a season begins, for the first time and for the last.
fn ends_of_seasons(tx: &mut Tx<'_>, bookings: &[Booking]) -> Result<HashSet<(Id<Booking>, Instant)>> {
    let ids: BTreeSet<Id<Booking>> = bookings.iter().filter(|it| is_of_season(it)).map(|it| it.id).collect();
    let whole = booking::several(tx, &ids.into_iter().collect::<Vec<_>>())?;
    let ends = whole.iter().flat_map(|it| {
        let dates = [it.dates().first(), it.dates().last()];
        dates.into_iter().flatten().map(move |date| (it.id, date.start()))
    });
    Ok(ends.collect())
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
    let whose = known.whose.get(&it.owner.as_ref()?.1)?;
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
    if let Some((_, deposit)) = known.deposits.iter().find(|(booking, _)| *booking == it.id) {
        let state = page.t(&format!("premises-deposit-state-{}", deposit.state.as_str())).to_owned();
        let words = page.tr("premises-day-deposit", &[("state", state.into())]);
        tags.push((words, deposit::look(deposit.state)));
    }
    Some(Line {
        href: href(it.id),
        room: it.resource.details.name.fr.clone(),
        when: clock::when(it.span, known.zone, page.language()),
        requester: format!("{}, {}", whose.holder(), whose.reference()),
        tags,
    })
}
