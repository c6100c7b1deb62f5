//! Whether the State's search of appointments is answered, and the token by which it asks; beside it, the State's service
//! that this town asks in turn.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension,
    extract::Query,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_core::calendar::{civil_day, long_date};
use beffroi_web::{CommuneOf, Page, Problem, Result, Visitor, WebError, page::render_as, render};
use chrono_tz::Tz;

use super::whole_town;
use crate::{
    ants,
    clock::{self, Now},
    coordination::{self, Coordinator, Kept, USUAL_ADDRESS, why},
    just::Just,
};

#[derive(Template)]
#[template(path = "appointments_ants.html")]
struct Search {
    page: Page,
    since: String,
    /// The token, where it was just made.
    token: String,
    done: String,
    /// How the service that is asked fares; `""` where there is none.
    state: String,
    /// Whether a stand-in takes its place.
    stands_in: bool,
    address: String,
    problems: Vec<Problem>,
}

impl Search {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// What the page says beside what is kept.
#[derive(Default)]
pub(super) struct Said {
    /// The token, where it was just made.
    pub(super) token: String,
    pub(super) done: String,
    /// The address that was typed.
    pub(super) address: Option<String>,
    pub(super) problems: Vec<Problem>,
}

pub(super) async fn shown(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    coordinator: &Coordinator,
    said: Said,
) -> Result {
    let who = visitor.require()?.clone();
    let (since, kept, zone) = commune
        .read(visitor.by, move |tx| {
            // The whole town's: whoever answers for a department alone does not know of it.
            whole_town(tx, &who)?;
            let zone = Now::read(tx)?.zone;
            let since = ants::since(tx)?.map(|at| civil_day(at, zone));
            Ok::<_, WebError>((since, coordination::kept(tx)?, zone))
        })
        .await?;
    let since = match since {
        Some(day) => {
            let day = long_date(day, page.language());
            page.tr("appointments-office-ants-since", &[("day", day.into())])
        }
        None => String::new(),
    };
    let kept_address = kept.as_ref().map(|kept| kept.address.clone()).filter(|it| it != USUAL_ADDRESS);
    let status = if said.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = Search {
        since,
        token: said.token,
        done: said.done,
        state: kept.as_ref().map(|kept| state(&page, kept, zone)).unwrap_or_default(),
        stands_in: coordinator.coordination.instead().is_some(),
        address: said.address.or(kept_address).unwrap_or_default(),
        problems: said.problems,
        page,
    };
    if status == StatusCode::OK { render(&view) } else { render_as(status, &view) }
}

/// How the service that is asked fares.
fn state(page: &Page, kept: &Kept, zone: Tz) -> String {
    let lang = page.language();
    match (kept.trouble, kept.troubled_since, kept.answered_at) {
        (Some(trouble), since, _) => {
            let when = clock::moment(since.unwrap_or(kept.changed_at), zone, lang);
            let why = page.t(why(trouble)).to_owned();
            page.tr(
                "appointments-office-coordination-troubled",
                &[("when", when.into()), ("why", why.into())],
            )
        }
        (None, _, Some(at)) => {
            let when = clock::moment(at, zone, lang);
            page.tr("appointments-office-coordination-answered", &[("when", when.into())])
        }
        (None, _, None) => page.t("appointments-office-coordination-untried").to_owned(),
    }
}

pub(super) async fn show(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Extension(coordinator): Extension<Arc<Coordinator>>,
    Query(just): Query<Just>,
) -> Result {
    let done = match just.fait.as_str() {
        "service" => page.t("appointments-office-kept"),
        "essai" => page.t("appointments-office-coordination-tried"),
        "retrait" => page.t("appointments-office-coordination-removed"),
        _ => "",
    };
    let said = Said { done: done.to_owned(), ..Said::default() };
    shown(page, visitor, commune, &coordinator, said).await
}

/// Makes a token, and shows it this once.
pub(super) async fn open(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Extension(coordinator): Extension<Arc<Coordinator>>,
) -> Result {
    let who = visitor.require()?.clone();
    let token = commune
        .write(visitor.by, move |tx| {
            let permit = whole_town(tx, &who)?;
            Ok::<_, WebError>(ants::open(tx, &permit)?)
        })
        .await?;
    shown(page, visitor, commune, &coordinator, Said { token, ..Said::default() }).await
}

/// Answers no longer.
pub(super) async fn close(visitor: Visitor, commune: CommuneOf) -> Result {
    let who = visitor.require()?.clone();
    commune
        .write(visitor.by, move |tx| {
            let permit = whole_town(tx, &who)?;
            Ok::<_, WebError>(ants::close(tx, &permit)?)
        })
        .await?;
    Ok(Redirect::to("/agents/rendez-vous/ants").into_response())
}
