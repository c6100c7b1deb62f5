//! The programme as agents keep it: series with what the public reads of them, and their sessions.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::now::Now;
use beffroi_core::Id;
use beffroi_payments::{Regie, regie};
use beffroi_people::{Department, SignedIn, department, permission::Scope};
use beffroi_store::{
    Tx,
    idempotency::{self, Once},
};
use beffroi_web::{CommuneOf, FormPost, Page, Result, Visitor, WebError, new_idempotency_key, render};
use serde::Deserialize;

use super::{
    series_form::{Offered, Typed, form},
    series_of,
};
use crate::{
    permission, place, price,
    public::Refused,
    series::{self, Kept},
    session::{self, Session},
    shown::Shown,
};

struct Card {
    href: String,
    title: String,
    department: String,
    state: String,
    look: &'static str,
}

#[derive(Template)]
#[template(path = "workshops_office_programme.html")]
struct Programme {
    page: Page,
    heads: Vec<String>,
    cards: Vec<Card>,
}

/// Departments where the agent holds workshops.
pub(super) fn departments(tx: &mut Tx<'_>, scope: &Scope) -> beffroi_store::Result<Vec<Department>> {
    Ok(department::list(tx)?.into_iter().filter(|it| scope.contains(Some(it.id))).collect())
}

pub(super) async fn list(page: Page, visitor: Visitor, commune: CommuneOf) -> Result {
    let who = visitor.require()?.clone();
    let (all, departments) = commune
        .read(visitor.by, move |tx| {
            let scope = permission::advised(tx, &who)?;
            let mut all = series::list(tx)?;
            all.retain(|it| scope.contains(Some(it.department)));
            Ok::<_, WebError>((all, departments(tx, &scope)?))
        })
        .await?;
    let card = |it: &Kept| {
        let word = if it.published { "published" } else { "hidden" };
        let department = departments.iter().find(|department| department.id == it.department);
        Card {
            href: format!("/agents/ateliers/series/{}", it.slug),
            title: it.sheet.title.fr.clone(),
            department: department.map(|it| it.details.name.clone()).unwrap_or_default(),
            state: page.t(&format!("workshops-office-{word}")).to_owned(),
            look: if it.published { "granted" } else { "closed" },
        }
    };
    let heads = ["workshop", "department", "state"];
    render(&Programme {
        heads: heads.map(|head| page.t(&format!("workshops-office-head-{head}")).to_owned()).into(),
        cards: all.iter().map(card).collect(),
        page,
    })
}

pub(super) async fn blank(page: Page, visitor: Visitor, commune: CommuneOf) -> Result {
    let who = visitor.require()?.clone();
    let offered = commune.read(visitor.by, move |tx| allowed(tx, &who)).await?;
    form(page, None, &offered, Typed::default(), &[])
}

/// What is chosen among for a new series.
fn allowed(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Offered> {
    let scope = permission::advised(tx, who)?;
    let departments = departments(tx, &scope)?;
    let own: Vec<Id<Department>> = departments.iter().map(|it| it.id).collect();
    Ok(Offered { regies: regies(tx, &own)?, departments })
}

/// The same to change one, whose department stays.
fn of_series(tx: &mut Tx<'_>, who: &SignedIn, slug: &str) -> Result<(Kept, Offered)> {
    let kept = series_of(tx, who, slug)?;
    let offered = Offered { regies: regies(tx, &[kept.department])?, departments: Vec::new() };
    Ok((kept, offered))
}

/// Who may collect for these departments: their own régies, and those of the whole town.
fn regies(tx: &mut Tx<'_>, own: &[Id<Department>]) -> beffroi_store::Result<Vec<Regie>> {
    let mut all = regie::list(tx)?;
    all.retain(|it| !it.closed && it.department.is_none_or(|department| own.contains(&department)));
    Ok(all)
}

pub(super) async fn create(page: Page, visitor: Visitor, commune: CommuneOf, fields: FormPost) -> Result {
    let who = visitor.require()?.clone();
    let typed = Typed::read(&fields);
    let key = fields.idempotency_key().map_or_else(new_idempotency_key, str::to_owned);
    let request = serde_json::json!(fields.pairs()).to_string();
    let (new, reader) = (typed.clone(), who.clone());
    let made = commune
        .write(visitor.by, move |tx| {
            let departments = allowed(tx, &who)?.departments;
            let place = departments.iter().find(|place| place.details.slug == new.department);
            let Some(place) = place else {
                return Err(Refused::Wrong(vec![("service", "workshops-office-wrong-department")]));
            };
            let permit = permission::advises(tx, &who, place.id)?;
            let sheet = new.judged(&regies(tx, &[place.id])?).map_err(Refused::Wrong)?;
            let once = idempotency::once(tx, "workshops.series", &key, request.as_bytes(), |tx| {
                let id = series::keep(tx, &permit, None, place.id, (new.published, &sheet))?;
                let kept = series::find(tx, id)?;
                Ok::<_, Refused>(kept.map(|kept| kept.slug).unwrap_or_default())
            })?;
            match once {
                Once::Done(slug) | Once::Again(slug) => Ok(slug),
                Once::Reused => Err(Refused::Web(WebError::conflict())),
            }
        })
        .await;
    match made {
        Ok(slug) => Ok(Redirect::to(&format!("/agents/ateliers/series/{slug}")).into_response()),
        Err(Refused::Web(error)) => Err(error),
        Err(Refused::Wrong(wrong)) => {
            let offered = commune.read(visitor.by, move |tx| allowed(tx, &reader)).await?;
            form(page, None, &offered, typed, &wrong)
        }
    }
}

struct Line {
    href: String,
    when: String,
    place: String,
    taken: String,
    left: String,
    look: &'static str,
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    fait: String,
}

#[derive(Template)]
#[template(path = "workshops_office_series.html")]
struct One {
    page: Page,
    done: String,
    slug: String,
    title: String,
    summary: String,
    /// What it costs, line by line; nothing where it is free.
    price: Vec<String>,
    state: String,
    look: &'static str,
    heads: Vec<String>,
    lines: Vec<Line>,
    over: Vec<Line>,
}

pub(super) async fn show(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(slug): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let (kept, all, places, now) = commune
        .read(visitor.by, move |tx| {
            let kept = series_of(tx, &who, &slug)?;
            let all = session::of_series(tx, kept.id)?;
            Ok::<_, WebError>((kept, all, place::list(tx)?, Now::read(tx)?))
        })
        .await?;
    let shown = Shown { page: &page, now, places: &places };
    let line = |it: &Session| Line {
        href: format!("/agents/ateliers/seances/{}", it.id),
        when: shown.when(it),
        place: shown.place(it),
        taken: format!("{} / {}", it.taken, it.seats),
        left: shown.left(it),
        look: shown.look(it),
    };
    let (over, ahead): (Vec<&Session>, Vec<&Session>) = all.iter().partition(|it| it.span.end() <= now.at);
    let word = if kept.published { "published" } else { "hidden" };
    let heads = ["when", "where", "taken", "state"];
    let done = match asked.fait.as_str() {
        "planifie" => page.t("workshops-office-done-planned").to_owned(),
        "modifie" => page.t("workshops-office-done-changed").to_owned(),
        _ => String::new(),
    };
    render(&One {
        done,
        title: kept.sheet.title.fr.clone(),
        summary: kept.sheet.summary.fr.clone(),
        price: price::lines(&page, &kept.sheet),
        state: page.t(&format!("workshops-office-{word}")).to_owned(),
        look: if kept.published { "granted" } else { "closed" },
        heads: heads.map(|head| page.t(&format!("workshops-office-head-{head}")).to_owned()).into(),
        lines: ahead.into_iter().map(line).collect(),
        over: over.into_iter().rev().map(line).collect(),
        slug: kept.slug,
        page,
    })
}

pub(super) async fn edit(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(slug): Path<String>,
) -> Result {
    let who = visitor.require()?.clone();
    let (kept, offered) = commune.read(visitor.by, move |tx| of_series(tx, &who, &slug)).await?;
    let typed = Typed::of(&kept, "");
    form(page, Some(&kept), &offered, typed, &[])
}

pub(super) async fn change(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(slug): Path<String>,
    fields: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let typed = Typed::read(&fields);
    let (new, reader, known) = (typed.clone(), who.clone(), slug.clone());
    let done = commune
        .write(visitor.by, move |tx| {
            let kept = series_of(tx, &who, &known)?;
            let permit = permission::advises(tx, &who, kept.department)?;
            let sheet = new.judged(&regies(tx, &[kept.department])?).map_err(Refused::Wrong)?;
            series::keep(tx, &permit, Some(kept.id), kept.department, (new.published, &sheet))?;
            Ok::<_, Refused>(())
        })
        .await;
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/agents/ateliers/series/{slug}?fait=modifie")).into_response()),
        Err(Refused::Web(error)) => Err(error),
        Err(Refused::Wrong(wrong)) => {
            let (kept, offered) = commune.read(visitor.by, move |tx| of_series(tx, &reader, &slug)).await?;
            form(page, Some(&kept), &offered, typed, &wrong)
        }
    }
}
