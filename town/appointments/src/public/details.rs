//! Whom a time that is held is for: the form, and the booking.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_core::Channel;
use beffroi_store::By;
use beffroi_web::{
    App, Choice, CommuneOf, FormPost, Page, Problem, Purpose, Result, Visitor, WebError, Wrong,
    page::render_as, render,
};

use super::{
    choose::refused,
    mine::{Row, Seen},
};
use crate::{
    appointment::{self, BookError, Booking, Contact, State as Stands},
    clock,
    coordination::{Coordinator, Line, Looked, numbers},
    slots::{Slot, Whom},
    times::{self, Shown},
};

/// Numbers of pre-requests that are read, at most: more than persons come together.
const NUMBERS_READ: usize = 20;

/// Why a form comes back: what is wrong, other times where the one that was held is gone, and what the State's service
/// knows of the numbers.
#[derive(Default)]
pub(crate) struct Why {
    pub(crate) wrong: Vec<Wrong>,
    pub(crate) instead: Vec<Slot>,
    pub(crate) looked: Looked,
}

impl Why {
    /// As a status.
    pub(crate) fn status(&self) -> StatusCode {
        if self.wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
    }
}

#[derive(Template)]
#[template(path = "appointments_details.html")]
struct Details {
    page: Page,
    link: String,
    back: String,
    rows: Vec<Row>,
    kept_until: String,
    typed: Contact,
    numbers: String,
    asks_numbers: bool,
    /// Appointments at other town halls, for the same numbers.
    elsewhere: Vec<Line>,
    /// Other times, where the one that was held is gone.
    instead: Vec<Choice>,
    problems: Vec<Problem>,
}

impl Details {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// The form that asks whom it is for.
pub(super) fn details(page: Page, link: String, seen: &Seen, typed: Contact, why: &Why) -> Result {
    let (lang, zone) = (page.language(), seen.now.zone);
    let kept_until = match seen.it.expires_at.filter(|at| *at > seen.now.at) {
        _ if !why.instead.is_empty() => String::new(),
        Some(at) => page.tr("appointments-kept-until", &[("time", clock::time(at, zone, lang).into())]),
        None => page.t("appointments-kept-no-more").to_owned(),
    };
    let sites = [seen.site.clone()];
    let shown = Shown { page: &page, now: seen.now, sites: &sites };
    let choice = |slot: &Slot| {
        let button = shown.whole(slot, false);
        Choice::new(&button.value, &button.label, false)
    };
    let view = Details {
        back: format!("/rendez-vous/{}?personnes={}", seen.motive.details.slug, seen.it.persons),
        rows: seen.rows(&page),
        kept_until,
        numbers: typed.numbers.join(" "),
        typed,
        asks_numbers: seen.asks_numbers(),
        elsewhere: why.looked.lines(&page, zone),
        instead: why.instead.iter().map(choice).collect(),
        problems: Problem::keyed(&page, &why.wrong),
        link,
        page,
    };
    let status = why.status();
    if status == StatusCode::OK { render(&view) } else { render_as(status, &view) }
}

/// What was typed of whom an appointment is for.
pub(crate) fn typed(fields: &FormPost) -> Contact {
    let numbers = fields.text("predemandes").split(|c: char| c.is_whitespace() || c == ',' || c == ';');
    Contact {
        name: fields.text("nom").to_owned(),
        email: fields.text("courriel").to_owned(),
        phone: fields.text("telephone").to_owned(),
        note: fields.text("precisions").to_owned(),
        numbers: numbers.filter(|it| !it.is_empty()).take(NUMBERS_READ).map(str::to_owned).collect(),
    }
}

/// The key of what is told where a time could not be booked, and the times that are proposed in its place.
pub(crate) fn told(error: BookError) -> Result<(Wrong, Vec<Slot>)> {
    match error {
        BookError::Gone(slots) => Ok((("creneau", "appointments-wrong-gone"), slots)),
        BookError::TooMany => Ok((("nom", "appointments-wrong-too-many"), Vec::new())),
        BookError::Numbered => Ok((("predemandes", "appointments-wrong-numbered"), Vec::new())),
        error => Err(refused(error)),
    }
}

/// What was just done, for the page that comes next; told plainly where nobody could say whether there is another.
pub(crate) const fn just(looked: &Looked) -> &'static str {
    if looked.unanswered { "reserve-sans-controle" } else { "reserve" }
}

/// Books what is held.
pub(super) async fn book(
    State(app): State<App>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Extension(coordinator): Extension<Arc<Coordinator>>,
    Path(link): Path<String>,
    fields: FormPost,
) -> Result {
    visitor.limit(&app, Purpose::SUBMIT)?;
    let typed = typed(&fields);
    let despite = fields.get("malgre").is_some();
    let instead = times::read(fields.text("creneau"));
    let known = link.clone();
    let seen = commune.read(By::VISITOR, move |tx| Seen::by_link(tx, &known)).await?;
    // Of what is not held, or not asked for numbers, nothing is looked up.
    let asked = seen.it.state == Stands::Held && seen.asks_numbers();
    let looked = match typed.clone().judged(true, seen.it.persons) {
        Ok(contact) if asked => coordinator.look(&commune, &numbers(&contact)).await?,
        _ => Looked::default(),
    };
    let (known, contact, in_the_way) = (link.clone(), typed.clone(), looked.judged(despite));
    let account = visitor.member().map(|(who, _)| who.account);
    let told_of = looked.clone();
    let outcome = commune
        .write(visitor.by, move |tx| {
            let seen = Seen::by_link(tx, &known)?;
            let contact = match contact.judged(true, seen.it.persons) {
                Ok(contact) => contact,
                Err(wrong) => return Ok(Err((seen, wrong, Vec::new()))),
            };
            if let Some(wrong) = in_the_way.filter(|_| seen.it.state == Stands::Held) {
                return Ok(Err((seen, vec![wrong], Vec::new())));
            }
            let (whom, channel) = (Whom::Public, Channel::Online);
            let booking = Booking { contact, instead, whom, channel, account };
            match appointment::book(tx, seen.it.id, booking) {
                Ok(booked) => {
                    told_of.keep(tx, &booked)?;
                    Ok::<_, WebError>(Ok(()))
                }
                Err(error) => {
                    let (wrong, slots) = told(error)?;
                    Ok(Err((seen, vec![wrong], slots)))
                }
            }
        })
        .await?;
    match outcome {
        Ok(()) => {
            let just = just(&looked);
            Ok(Redirect::to(&format!("/rendez-vous/mien/{link}?fait={just}")).into_response())
        }
        Err((seen, wrong, instead)) => details(page, link, &seen, typed, &Why { wrong, instead, looked }),
    }
}
