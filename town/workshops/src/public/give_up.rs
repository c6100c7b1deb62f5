//! Giving back what a registration has of one session or of all: what will be given back, and what becomes of its price, is
//! told first, and done once that is confirmed.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect},
};
use beffroi_core::Cents;
use beffroi_store::{By, Tx};
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
pub(crate) struct Meant {
    /// A seat, or [`ALL`].
    #[serde(default = "all")]
    pub(crate) place: String,
}

fn all() -> String {
    ALL.to_owned()
}

/// What is given back, as a form or an address names it.
pub(crate) fn meant(place: &str) -> Result<GivenUp> {
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

/// What is about to be given back, and what becomes of its price. Nothing is done yet.
pub(crate) struct Foretold {
    pub(crate) seen: Seen,
    what: GivenUp,
    whom: Whom,
    /// Where it is in time.
    money: Option<Foreseen>,
}

impl Foretold {
    /// Of a registration, where somebody means to give this back. `place`: as a form or an address names it.
    pub(crate) fn of(tx: &mut Tx<'_>, seen: Seen, place: &str, whom: Whom) -> Result<Self> {
        let what = meant(place)?;
        let in_time = seen.begins().is_some_and(|begins| begins > seen.now.at);
        let freed: Cents = seen.given(what, whom).map(|seat| seat.cents).sum();
        let money = if in_time { Some(bill::foresee(tx, &seen.it, freed)?) } else { None };
        Ok(Self { seen, what, whom, money })
    }

    /// What will be given back; nothing where nothing can be.
    pub(crate) fn lines(&self, page: &Page) -> Vec<Line> {
        let given: Vec<String> =
            self.seen.given(self.what, self.whom).map(|seat| seat.id.to_string()).collect();
        let mut lines = self.seen.lines(page, self.whom);
        lines.retain(|line| given.contains(&line.id));
        lines
    }

    /// What becomes of the price, in the reader's words; nothing where nothing does.
    pub(crate) fn money(&self, page: &Page) -> Vec<String> {
        let Some(money) = &self.money else {
            // It costs nothing, or it is too late.
            return self
                .seen
                .begins()
                .map(|_| page.t("workshops-bill-after").to_owned())
                .into_iter()
                .collect();
        };
        let unpaid = if money.due > Cents(0) { Cents(0) } else { money.unpaid };
        let [back, none, due] = match self.whom {
            Whom::Public => ["workshops-give-up-back", "workshops-give-up-unpaid", "workshops-give-up-due"],
            Whom::Agent => [
                "workshops-office-give-up-back",
                "workshops-office-give-up-unpaid",
                "workshops-office-give-up-due",
            ],
        };
        [(back, money.back), (none, unpaid), (due, money.due)]
            .into_iter()
            .filter(|(_, cents)| *cents > Cents(0))
            .map(|(key, cents)| page.tr(key, &[("amount", cents.read_in(page.language()).into())]))
            .collect()
    }
}

/// Tells what will be given back. Nothing is done yet.
pub(super) async fn ask(
    page: Page,
    commune: CommuneOf,
    Path(code): Path<String>,
    Query(Meant { place }): Query<Meant>,
) -> Result {
    let (known, named) = (code.clone(), place.clone());
    let told = commune
        .read(By::VISITOR, move |tx| {
            let seen = Seen::by_code(tx, &known)?;
            Foretold::of(tx, seen, &named, Whom::Public)
        })
        .await?;
    let lines = told.lines(&page);
    if lines.is_empty() {
        return Ok(Redirect::to(&format!("/ateliers/inscription/{code}")).into_response());
    }
    render(&Ask {
        title: told.seen.series.sheet.title.read_in(page.language()).to_owned(),
        name: told.seen.it.person.name.clone(),
        money: told.money(&page),
        lines,
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
