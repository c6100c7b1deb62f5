//! Giving back what a registration has of one session or of all: what will be given back, and what becomes of its price, is
//! told first, and done once that is confirmed.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect},
};
use beffroi_core::Cents;
use beffroi_store::By;
use beffroi_web::{CommuneOf, FormPost, Page, Result, Visitor, WebError, render};
use serde::Deserialize;

use super::mine::{Line, Seen};
use crate::{
    bill::{self, Foreseen},
    registration::{self, GivenUp, Whom},
};

/// What stands in the place of a seat for all sessions to come.
const ALL: &str = "toutes";

/// What somebody means to give back.
#[derive(Deserialize)]
pub(super) struct Meant {
    #[serde(default = "all")]
    place: String,
}

fn all() -> String {
    ALL.to_owned()
}

fn meant(place: &str) -> Result<GivenUp> {
    match place {
        ALL => Ok(GivenUp::All),
        one => one.parse().map(GivenUp::One).map_err(|_| WebError::bad_request()),
    }
}

#[derive(Template)]
#[template(path = "workshops_give_up.html")]
struct Ask {
    page: Page,
    code: String,
    title: String,
    name: String,
    /// What will be given back.
    lines: Vec<Line>,
    /// What becomes of the price; nothing where nothing does.
    money: Vec<String>,
    /// What is sent to do it.
    place: String,
}

/// What becomes of the price, in the reader's words.
fn told(page: &Page, money: &Foreseen) -> Vec<String> {
    let unpaid = if money.due > Cents(0) { Cents(0) } else { money.unpaid };
    [
        ("workshops-give-up-back", money.back),
        ("workshops-give-up-unpaid", unpaid),
        ("workshops-give-up-due", money.due),
    ]
    .into_iter()
    .filter(|(_, cents)| *cents > Cents(0))
    .map(|(key, cents)| page.tr(key, &[("amount", cents.read_in(page.language()).into())]))
    .collect()
}

/// Tells what will be given back. Nothing is done yet.
pub(super) async fn ask(
    page: Page,
    commune: CommuneOf,
    Path(code): Path<String>,
    Query(Meant { place }): Query<Meant>,
) -> Result {
    let (what, known) = (meant(&place)?, code.clone());
    let (seen, money) = commune
        .read(By::VISITOR, move |tx| {
            let seen = Seen::by_code(tx, &known)?;
            let in_time = seen.begins().is_some_and(|begins| begins > seen.now.at);
            let freed: Cents = seen.given(what).map(|seat| seat.cents).sum();
            let money = if in_time { Some(bill::foresee(tx, &seen.it, freed)?) } else { None };
            Ok::<_, WebError>((seen, money))
        })
        .await?;
    let given: Vec<String> = seen.given(what).map(|seat| seat.id.to_string()).collect();
    if given.is_empty() {
        return Ok(Redirect::to(&format!("/ateliers/inscription/{code}")).into_response());
    }
    let mut lines = seen.lines(&page, Whom::Public);
    lines.retain(|line| given.contains(&line.id));
    let money = match &money {
        Some(money) => told(&page, money),
        None if seen.begins().is_some() => vec![page.t("workshops-bill-after").to_owned()],
        None => Vec::new(),
    };
    render(&Ask {
        title: seen.series.sheet.title.read_in(page.language()).to_owned(),
        name: seen.it.person.name.clone(),
        lines,
        money,
        place,
        code,
        page,
    })
}

/// Gives back one seat, or all.
pub(super) async fn cancel(
    visitor: Visitor,
    commune: CommuneOf,
    Path(code): Path<String>,
    fields: FormPost,
) -> Result {
    let (place, known) = (fields.text("place").to_owned(), code.clone());
    let given = commune
        .write(visitor.by, move |tx| {
            let it = registration::by_code(tx, &known)?.ok_or_else(WebError::not_found)?;
            Ok::<_, WebError>(registration::cancel(tx, it.id, meant(&place)?, Whom::Public)?)
        })
        .await?;
    let just = if given > 0 { "?fait=annule" } else { "" };
    Ok(Redirect::to(&format!("/ateliers/inscription/{code}{just}")).into_response())
}
