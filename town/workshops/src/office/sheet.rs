//! Who comes: a list that is touched on a tablet, or printed and signed.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::now::Now;
use beffroi_core::Id;
use beffroi_store::Tx;
use beffroi_web::{CommuneOf, FormPost, Page, Result, Visitor, WebError, render};
use chrono::TimeDelta;
use serde::Deserialize;

use super::session_of;
use crate::{
    bill::{self, Bill, Standing},
    permission,
    place::{self, Place},
    registration::{self, Presence, Registration, Seat, SeatState, shown_phone},
    series::Kept,
    session::{Session, SessionState},
    shown::Shown,
};

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    fait: String,
}

struct Line {
    seat: String,
    href: String,
    name: String,
    /// Who registered them, how to reach them, what the adviser should know.
    detail: String,
    /// How it stands with what it costs, and its look; `""` where nothing is asked.
    paid: String,
    paid_look: &'static str,
    presence: Presence,
    /// The words of the buttons, with what each sends.
    marks: Vec<(&'static str, String, bool)>,
}

/// Somebody who has no seat.
struct Waiter {
    href: String,
    name: String,
    phone: String,
    state: String,
    look: &'static str,
}

#[derive(Template)]
#[template(path = "workshops_office_sheet.html")]
struct Sheet {
    page: Page,
    id: String,
    done: String,
    title: String,
    when: String,
    place: String,
    left: String,
    look: &'static str,
    /// Whether somebody may be marked, registered; whether it may be changed.
    opens: bool,
    registers: bool,
    changes: bool,
    lines: Vec<Line>,
    waiters: Vec<Waiter>,
    series_href: String,
    count: String,
}

/// All that is read of a session.
struct Read {
    it: Session,
    series: Kept,
    places: Vec<Place>,
    now: Now,
    all: Vec<(Seat, Registration)>,
    /// How it stands with what each costs; nothing where nobody pays anything.
    bills: BTreeMap<Id<registration::Mark>, Bill>,
}

fn read(tx: &mut Tx<'_>, who: &beffroi_people::SignedIn, id: &str) -> Result<Read> {
    let (it, series) = session_of(tx, who, id)?;
    let (now, all) = (Now::read(tx)?, registration::of_session(tx, it.id)?);
    let mut all: Vec<(Seat, Registration)> = all.into_iter().filter(|(_, owner)| !owner.erased).collect();
    // Those who have a seat by name, as one looks for them; those who wait in the order in which a seat is offered.
    all.sort_by_cached_key(|(seat, owner)| {
        let seated = seat.state == SeatState::Seated;
        (!seated, if seated { beffroi_core::text::fold(&owner.person.name) } else { String::new() })
    });
    let priced = series.sheet.asked(false).is_some() || all.iter().any(|(_, owner)| owner.price.is_some());
    let owners = all.iter().map(|(_, owner)| owner).filter(|_| priced);
    let bills = bill::of_each(tx, owners)?;
    Ok(Read { it, series, places: place::list(tx)?, now, all, bills })
}

pub(super) async fn show(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let Read { it, series, places, now, all, bills } =
        commune.read(visitor.by, move |tx| read(tx, &who, &id)).await?;
    let shown = Shown { page: &page, now, places: &places };
    let word =
        |presence: Presence| page.t(&format!("workshops-office-mark-{}", presence.as_str())).to_owned();
    let line = |(seat, owner): &(Seat, Registration)| {
        let person = &owner.person;
        let by = match person.registrant.as_str() {
            "" => String::new(),
            name => page.tr("workshops-office-registered-by", &[("name", name.to_owned().into())]),
        };
        let standing = bills.get(&owner.id).map(|bill| bill.standing);
        let detail = [by, shown_phone(&person.phone), person.note.clone()];
        Line {
            seat: seat.id.to_string(),
            href: format!("/agents/ateliers/inscriptions/{}", owner.id),
            name: person.name.clone(),
            detail: detail.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" – "),
            paid: standing.map_or(String::new(), |it| {
                page.t(&format!("workshops-office-bill-{}", it.as_str())).to_owned()
            }),
            paid_look: standing.map_or("", Standing::look),
            presence: seat.presence,
            marks: [Presence::Present, Presence::Absent, Presence::Excused]
                .map(|presence| (presence.as_str(), word(presence), seat.presence == presence))
                .into(),
        }
    };
    let waiter = |(seat, owner): &(Seat, Registration)| Waiter {
        href: format!("/agents/ateliers/inscriptions/{}", owner.id),
        name: owner.person.name.clone(),
        phone: shown_phone(&owner.person.phone),
        // That they wait is what the list says already.
        state: if seat.state == SeatState::Waiting {
            String::new()
        } else {
            page.t(&format!("workshops-seat-{}", seat.state.as_str())).to_owned()
        },
        look: crate::public::look(seat.state),
    };
    let lines: Vec<Line> = all.iter().filter(|(seat, _)| seat.state == SeatState::Seated).map(line).collect();
    let waiting = |state: SeatState| matches!(state, SeatState::Waiting | SeatState::Offered);
    let present = lines.iter().filter(|line| line.presence == Presence::Present).count();
    let planned = it.state == SessionState::Planned;
    let done = match asked.fait.as_str() {
        "inscrit" => "workshops-office-done-registered",
        "attend" => "workshops-office-done-waiting",
        "modifie" => "workshops-office-done-changed",
        "annule" => "workshops-office-done-cancelled",
        "deja" => "workshops-office-done-already",
        _ => "",
    };
    render(&Sheet {
        id: it.id.to_string(),
        done: if done.is_empty() { String::new() } else { page.t(done).to_owned() },
        title: series.sheet.title.fr.clone(),
        when: shown.when(&it),
        place: shown.place(&it),
        left: shown.left(&it),
        look: shown.look(&it),
        opens: planned && now.at >= it.span.start() - TimeDelta::hours(2),
        registers: planned && it.span.end() > now.at,
        changes: planned && it.span.start() > now.at,
        count: page.tr("workshops-office-present", &[("n", present.into()), ("all", lines.len().into())]),
        lines,
        waiters: all.iter().filter(|(seat, _)| waiting(seat.state)).map(waiter).collect(),
        series_href: format!("/agents/ateliers/series/{}", series.slug),
        page,
    })
}

/// Writes down whether somebody came. The same button again takes it back.
pub(super) async fn mark(
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    fields: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let to = format!("/agents/ateliers/seances/{id}");
    let seat = fields.text("place").to_owned();
    let presence = Presence::from_word(fields.text("etat"));
    let marked = seat.clone();
    commune
        .write(visitor.by, move |tx| {
            let (it, series) = session_of(tx, &who, &id)?;
            permission::advises(tx, &who, series.department)?;
            let seat: Id<Seat> = seat.parse().map_err(|_| WebError::bad_request())?;
            let presence = presence.ok_or_else(WebError::bad_request)?;
            // A seat of another session is none of this sheet.
            if registration::seats_in(tx, it.id)?.iter().all(|own| own.id != seat) {
                return Err(WebError::not_found());
            }
            registration::mark(tx, seat, presence)?;
            Ok::<_, WebError>(())
        })
        .await?;
    Ok(Redirect::to(&format!("{to}#p{marked}")).into_response())
}

#[derive(Template)]
#[template(path = "workshops_office_paper.html")]
struct Paper {
    page: Page,
    back: String,
    title: String,
    when: String,
    place: String,
    heads: Vec<String>,
    names: Vec<String>,
    blank: usize,
}

/// The same, to be printed and signed.
pub(super) async fn paper(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
) -> Result {
    let who = visitor.require()?.clone();
    let Read { it, series, places, now, all, .. } =
        commune.read(visitor.by, move |tx| read(tx, &who, &id)).await?;
    let shown = Shown { page: &page, now, places: &places };
    let names: Vec<String> = all
        .iter()
        .filter(|(seat, _)| seat.state == SeatState::Seated)
        .map(|(_, owner)| owner.person.name.clone())
        .collect();
    let heads = ["name", "signature"];
    render(&Paper {
        back: format!("/agents/ateliers/seances/{}", it.id),
        title: series.sheet.title.fr.clone(),
        when: shown.when(&it),
        place: shown.place(&it),
        heads: heads.map(|head| page.t(&format!("workshops-office-head-{head}")).to_owned()).into(),
        blank: usize::try_from(it.seats).unwrap_or_default().saturating_sub(names.len()).min(10),
        names,
        page,
    })
}
