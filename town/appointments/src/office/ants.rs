//! Whether the State's search of appointments is answered, and the token by which it asks.

use askama::Template;
use axum::response::{IntoResponse, Redirect};
use beffroi_core::calendar::{civil_day, long_date};
use beffroi_web::{CommuneOf, Page, Result, Visitor, WebError, render};

use super::whole_town;
use crate::{ants, clock::Now};

#[derive(Template)]
#[template(path = "appointments_ants.html")]
struct Search {
    page: Page,
    since: String,
    /// The token, where it was just made.
    token: String,
}

async fn shown(page: Page, visitor: Visitor, commune: CommuneOf, token: String) -> Result {
    let who = visitor.require()?.clone();
    let since = commune
        .read(visitor.by, move |tx| {
            // The whole town's: whoever answers for a department alone does not know of it.
            whole_town(tx, &who)?;
            let zone = Now::read(tx)?.zone;
            Ok::<_, WebError>(ants::since(tx)?.map(|at| civil_day(at, zone)))
        })
        .await?;
    let since = match since {
        Some(day) => {
            let day = long_date(day, page.language());
            page.tr("appointments-office-ants-since", &[("day", day.into())])
        }
        None => String::new(),
    };
    render(&Search { page, since, token })
}

pub(super) async fn show(page: Page, visitor: Visitor, commune: CommuneOf) -> Result {
    shown(page, visitor, commune, String::new()).await
}

/// Makes a token, and shows it this once.
pub(super) async fn open(page: Page, visitor: Visitor, commune: CommuneOf) -> Result {
    let who = visitor.require()?.clone();
    let token = commune
        .write(visitor.by, move |tx| {
            let permit = whole_town(tx, &who)?;
            Ok::<_, WebError>(ants::open(tx, &permit)?)
        })
        .await?;
    shown(page, visitor, commune, token).await
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
