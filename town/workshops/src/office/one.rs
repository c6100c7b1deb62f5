//! One registration as agents see it: what they have of which session, given back or taken for them, and the certificate.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension,
    extract::{Path, Query},
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect},
};
use beffroi_core::Id;
use beffroi_people::look;
use beffroi_typeset::{Job, Pool};
use beffroi_web::{CommuneOf, Fact, FormPost, Page, Result, Visitor, WebError, render};
use serde::Deserialize;

use super::registration_of;
use crate::{
    attestation,
    bill::Standing,
    permission,
    public::{Foretold, Line, Meant, meant},
    registration::{self, Presence, Seat, Whom},
};

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    fait: String,
}

#[derive(Template)]
#[template(path = "workshops_office_one.html")]
struct One {
    page: Page,
    id: String,
    done: String,
    back: String,
    title: String,
    rows: Vec<Fact>,
    lines: Vec<Line>,
    came: bool,
    follows: bool,
    /// What is to be paid, or was; nothing where it is free.
    money: Vec<String>,
    /// Where the agent takes it; `""` where they do not.
    counter: String,
}

pub(super) async fn show(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let (seen, follows, counter) = commune
        .write(visitor.by, move |tx| {
            let seen = registration_of(tx, &who, &id)?;
            let (thing, account) = (("registration", seen.it.id.uuid()), seen.it.account.map(Id::from_uuid));
            look::note(tx, &who, "registration.consulted", thing, account)?;
            let follows = permission::follows(tx, &who, seen.series.department).is_ok();
            let counter = seen.bill.as_ref().and_then(|bill| bill.counter(tx, &who));
            Ok::<_, WebError>((seen, follows, counter))
        })
        .await?;
    let done = match asked.fait.as_str() {
        "annule" => page.t("workshops-office-given-up").to_owned(),
        "accepte" => page.t("workshops-accepted").to_owned(),
        _ => String::new(),
    };
    let mut rows = seen.rows(&page);
    let channel = page.t(&format!("workshops-office-channel-{}", seen.it.channel.as_str())).to_owned();
    rows.extend(Fact::all(&page, [("workshops-office-fact-channel", channel)]));
    let lines = seen.lines(&page, Whom::Agent);
    let mut money = seen.money(&page, Whom::Agent, lines.iter().any(|line| line.live));
    if seen.bill.as_ref().is_some_and(|bill| bill.standing == Standing::Unasked) {
        money.push(page.t("workshops-office-bill-closed").to_owned());
    }
    render(&One {
        money,
        counter: counter.unwrap_or_default(),
        id: seen.it.id.to_string(),
        done,
        back: seen
            .seats
            .first()
            .map_or("/agents/ateliers".to_owned(), |(_, it)| format!("/agents/ateliers/seances/{}", it.id)),
        title: seen.it.person.name.clone(),
        rows,
        lines,
        came: seen.seats.iter().any(|(seat, _)| seat.presence == Presence::Present),
        follows,
        page,
    })
}

#[derive(Template)]
#[template(path = "workshops_office_give_up.html")]
struct Ask {
    page: Page,
    id: String,
    title: String,
    name: String,
    /// What will be given back.
    lines: Vec<Line>,
    /// What becomes of the price; nothing where nothing does.
    money: Vec<String>,
    /// What is sent to do it.
    place: String,
}

/// Tells what will be given back, so that the agent can tell the person. Nothing is done yet.
pub(super) async fn ask(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    Query(Meant { place }): Query<Meant>,
) -> Result {
    let who = visitor.require()?.clone();
    let (known, named) = (id.clone(), place.clone());
    let told = commune
        .read(visitor.by, move |tx| {
            let seen = registration_of(tx, &who, &known)?;
            Foretold::of(tx, seen, &named, Whom::Agent)
        })
        .await?;
    let lines = told.lines(&page);
    if lines.is_empty() {
        return Ok(Redirect::to(&format!("/agents/ateliers/inscriptions/{id}")).into_response());
    }
    render(&Ask {
        title: told.seen.series.sheet.title.read_in(page.language()).to_owned(),
        name: told.seen.it.person.name.clone(),
        money: told.money(&page),
        lines,
        place,
        id,
        page,
    })
}

pub(super) async fn cancel(
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    fields: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let (seat, known) = (fields.text("place").to_owned(), id.clone());
    commune
        .write(visitor.by, move |tx| {
            let seen = registration_of(tx, &who, &known)?;
            permission::advises(tx, &who, seen.series.department)?;
            Ok::<_, WebError>(registration::cancel(tx, seen.it.id, meant(&seat)?, Whom::Agent)?)
        })
        .await?;
    Ok(Redirect::to(&format!("/agents/ateliers/inscriptions/{id}?fait=annule")).into_response())
}

pub(super) async fn accept(
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    fields: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let (seat, known) = (fields.text("place").to_owned(), id.clone());
    let taken = commune
        .write(visitor.by, move |tx| {
            let seen = registration_of(tx, &who, &known)?;
            permission::advises(tx, &who, seen.series.department)?;
            let seat: Id<Seat> = seat.parse().map_err(|_| WebError::bad_request())?;
            Ok::<_, WebError>(registration::accept(tx, seen.it.id, seat)?)
        })
        .await?;
    let just = if taken { "?fait=accepte" } else { "" };
    Ok(Redirect::to(&format!("/agents/ateliers/inscriptions/{id}{just}")).into_response())
}

/// The certificate that they took part.
pub(super) async fn paper(
    Extension(pool): Extension<Arc<Pool>>,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
) -> Result {
    let who = visitor.require()?.clone();
    let paper = commune
        .read(visitor.by, move |tx| {
            let seen = registration_of(tx, &who, &id)?;
            attestation::of(tx, &seen.it)?.ok_or_else(WebError::not_found)
        })
        .await?;
    let laid_out = tokio::task::spawn_blocking(move || {
        let (letter, meta) = paper;
        pool.render(&Job::new(&letter, meta)?)
    });
    let pdf = laid_out.await.map_err(WebError::internal)?.map_err(WebError::internal)?;
    let mut response = pdf.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    let name = HeaderValue::from_static("inline; filename=\"attestation.pdf\"");
    headers.insert(header::CONTENT_DISPOSITION, name);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
