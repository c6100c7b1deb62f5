//! The waiting list: somebody who finds no time leaves their days; what others give back is offered to them.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_core::{Channel, Day, Lang, calendar::long_date};
use beffroi_store::{
    By,
    idempotency::{self, Once},
};
use beffroi_web::{
    App, CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError, Wrong, new_idempotency_key,
    page::render_as, render,
};
use chrono::Days;
use serde::Deserialize;

use super::{
    HOLD, LOOK,
    choose::{Filter, Found, found, owner},
    mine::known,
};
use crate::{
    appointment::Contact,
    motive,
    slots::{self, Whom},
    wish::{self, NewWish, WishState},
};

/// Days that are proposed.
const PROPOSED_DAYS: u64 = 30;

/// What was asked for before.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    personnes: String,
    lieu: String,
}

/// What was typed of a wish.
#[derive(Clone, Default)]
pub(crate) struct Typed {
    pub(crate) first: String,
    pub(crate) last: String,
    pub(crate) contact: Contact,
}

impl Typed {
    /// From a form.
    pub(crate) fn read(fields: &FormPost) -> Self {
        let text = |name: &str| fields.text(name).to_owned();
        let (name, email, phone) = (text("nom"), text("courriel"), text("telephone"));
        let contact = Contact { name, email, phone, ..Contact::default() };
        Self { first: text("premier"), last: text("dernier"), contact }
    }

    /// The days that are proposed for a motive: the next month, as far as it is booked ahead.
    pub(crate) fn proposed(found: &Found) -> Self {
        let (first, end) = slots::window(&found.motive.details.sheet, Whom::Public, &found.now);
        let last = first.checked_add_days(Days::new(PROPOSED_DAYS)).unwrap_or(end).min(end);
        Self { first: first.to_string(), last: last.to_string(), contact: Contact::default() }
    }
}

/// What was typed, judged: the same for who asks online, on the telephone and at the counter.
pub(crate) fn judged(
    found: &Found,
    typed: &Typed,
    (channel, lang): (Channel, Lang),
) -> std::result::Result<NewWish, Vec<Wrong>> {
    let contact = typed.contact.clone().judged(true, 0);
    let (first, last) = (typed.first.parse::<Day>().ok(), typed.last.parse::<Day>().ok());
    let (from, until) = slots::window(&found.motive.details.sheet, Whom::Public, &found.now);
    let mut wrong = Vec::new();
    let first = first.filter(|day| (from..=until).contains(day));
    let last = last.filter(|day| first.is_none_or(|first| first <= *day) && *day <= until);
    if first.is_none() {
        wrong.push(("premier", "appointments-wrong-first"));
    }
    if last.is_none() {
        wrong.push(("dernier", "appointments-wrong-last"));
    }
    let contact = contact.map_err(|all| wrong.extend(all)).ok();
    let (Some(first), Some(last), Some(contact), true) = (first, last, contact, wrong.is_empty()) else {
        return Err(wrong);
    };
    Ok(NewWish {
        motive: found.motive.id,
        site: found.site,
        persons: u32::try_from(found.persons).unwrap_or(1),
        days: (first, last),
        contact,
        lang,
        channel,
    })
}

#[derive(Template)]
#[template(path = "appointments_waiting.html")]
struct Waiting {
    page: Page,
    slug: String,
    title: String,
    filters: Vec<Filter>,
    typed: Typed,
    key: String,
    problems: Vec<Problem>,
}

impl Waiting {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

fn form(page: Page, found: &Found, typed: Typed, wrong: &[Wrong]) -> Result {
    let view = Waiting {
        slug: found.motive.details.slug.clone(),
        title: found.motive.details.sheet.name.read_in(page.language()).to_owned(),
        filters: found.filters(&page),
        typed,
        key: new_idempotency_key(),
        problems: Problem::keyed(&page, wrong),
        page,
    };
    if wrong.is_empty() { render(&view) } else { render_as(StatusCode::UNPROCESSABLE_ENTITY, &view) }
}

/// A motive for which the public may wait.
fn bookable(found: Option<Found>) -> Result<Found> {
    found.filter(|found| found.motive.has_waiting()).ok_or_else(WebError::not_found)
}

pub(super) async fn blank(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(slug): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let found = commune
        .read(By::VISITOR, move |tx| found(tx, &slug, (&asked.personnes, &asked.lieu), Whom::Public))
        .await?;
    let found = bookable(found)?;
    let mut typed = Typed::proposed(&found);
    typed.contact = known(typed.contact, &visitor);
    form(page, &found, typed, &[])
}

/// Keeps the wish.
pub(super) async fn make(
    State(app): State<App>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(slug): Path<String>,
    fields: FormPost,
) -> Result {
    visitor.limit(&app, HOLD)?;
    let typed = Typed::read(&fields);
    let text = |name: &str| fields.text(name).to_owned();
    let (asked, persons, place) = (typed.clone(), text("personnes"), text("lieu"));
    let key = fields.idempotency_key().map_or_else(new_idempotency_key, str::to_owned);
    let scope = format!("appointments.wish.{slug}.{}", owner(&visitor));
    let lang = visitor.lang;
    let outcome = commune
        .write(visitor.by, move |tx| {
            let found = bookable(found(tx, &slug, (&persons, &place), Whom::Public)?)?;
            if persons.parse::<usize>().is_ok_and(|persons| persons != found.persons) {
                return Err(WebError::bad_request());
            }
            let new = match judged(&found, &asked, (Channel::Online, lang)) {
                Ok(new) => new,
                Err(wrong) => return Ok(Err((found, wrong))),
            };
            let (first, last) = new.days;
            let request = format!("{first} {last} {} {}", new.contact.email, new.contact.phone);
            let made = idempotency::once(tx, &scope, &key, request.as_bytes(), |tx| wish::make(tx, &new))?;
            match made {
                Once::Done(Some(link)) | Once::Again(Some(link)) => Ok::<_, WebError>(Ok(link)),
                Once::Done(None) | Once::Again(None) => {
                    Ok(Err((found, vec![("nom", "appointments-wrong-wishes")])))
                }
                Once::Reused => Err(WebError::conflict()),
            }
        })
        .await?;
    match outcome {
        Ok(link) => Ok(Redirect::to(&format!("/rendez-vous/attente/{link}")).into_response()),
        Err((found, wrong)) => form(page, &found, typed, &wrong),
    }
}

#[derive(Template)]
#[template(path = "appointments_wish.html")]
struct Mine {
    page: Page,
    link: String,
    word: String,
    facts: String,
    open: bool,
    again: String,
}

/// How a wish stands.
pub(super) async fn shown(
    State(app): State<App>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(link): Path<String>,
) -> Result {
    visitor.limit(&app, LOOK)?;
    let known = link.clone();
    let (it, motive) = commune
        .read(By::VISITOR, move |tx| {
            let it = wish::by_link(tx, &known)?.ok_or_else(WebError::not_found)?;
            let motive = motive::find(tx, it.wish.motive)?.ok_or_else(WebError::not_found)?;
            Ok::<_, WebError>((it, motive))
        })
        .await?;
    let lang = page.language();
    let (first, last) = it.wish.days;
    let facts = [
        ("motive", motive.details.sheet.name.read_in(lang).to_owned().into()),
        ("first", long_date(first, lang).into()),
        ("last", long_date(last, lang).into()),
    ];
    render(&Mine {
        word: page.t(&format!("appointments-wish-{}", it.state.as_str())).to_owned(),
        facts: page.tr("appointments-wish-facts", &facts),
        open: matches!(it.state, WishState::Waiting | WishState::Offered),
        again: format!("/rendez-vous/{}", motive.details.slug),
        link,
        page,
    })
}

/// Takes the wish back.
pub(super) async fn withdraw(
    State(app): State<App>,
    visitor: Visitor,
    commune: CommuneOf,
    Path(link): Path<String>,
) -> Result {
    visitor.limit(&app, LOOK)?;
    let known = link.clone();
    commune
        .write(visitor.by, move |tx| {
            let it = wish::by_link(tx, &known)?.ok_or_else(WebError::not_found)?;
            wish::withdraw(tx, it.id)?;
            Ok::<_, WebError>(())
        })
        .await?;
    Ok(Redirect::to(&format!("/rendez-vous/attente/{link}")).into_response())
}
