//! The page of payment of a demonstration, in PayFiP's place: one chooses what comes of it, and no money is taken.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Router,
    extract::Query,
    response::{IntoResponse, Redirect},
    routing::get,
};
use beffroi_core::Cents;
use beffroi_payments::testing::{Attempt, StandIn};
use beffroi_web::{App, Fact, FormPost, Page, Result, WebError, render};
use serde::Deserialize;

use crate::Parts;

/// Where it is.
pub(crate) const PAGE: &str = "/_demo/paiement";

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/_demo/paiement", get(show).post(choose))
}

#[derive(Template)]
#[template(path = "till_demo.html")]
struct Stage {
    page: Page,
    idop: String,
    rows: Vec<Fact>,
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    idop: String,
}

fn known(parts: &Parts, idop: &str) -> Result<(Arc<StandIn>, Attempt)> {
    let stand_in = parts.config.stand_in.clone().ok_or_else(WebError::not_found)?;
    let found = stand_in.attempts().into_iter().find(|attempt| attempt.idop == idop);
    found.map(|attempt| (stand_in, attempt)).ok_or_else(WebError::not_found)
}

async fn show(page: Page, Extension(parts): Extension<Arc<Parts>>, Query(asked): Query<Asked>) -> Result {
    let (_, attempt) = known(&parts, &asked.idop)?;
    let cents = Cents(attempt.montant.parse().unwrap_or_default());
    let rows = vec![
        ("till-demo-subject", attempt.objet),
        ("till-demo-reference", attempt.refdet),
        ("till-fact-total", cents.read_in(page.language())),
    ];
    render(&Stage { rows: Fact::all(&page, rows), idop: attempt.idop, page })
}

async fn choose(Extension(parts): Extension<Arc<Parts>>, fields: FormPost) -> Result {
    let (stand_in, attempt) = known(&parts, fields.text("idop"))?;
    let idop = attempt.idop.clone();
    let chosen = fields.text("resultat").to_owned();
    // A page of payment is used once, unless the bank refused.
    if attempt.resultrans.is_none_or(|before| "RZA".contains(before)) {
        match chosen.as_str() {
            "paye" => stand_in.pays(&idop),
            "preleve" => stand_in.debits(&idop),
            "refuse" => stand_in.refuses(&idop),
            "abandonne" => stand_in.cancels(&idop),
            _ => return Err(WebError::bad_request()),
        }
    }
    // The notification goes to ourselves: nobody waits for it.
    tokio::task::spawn_blocking(move || stand_in.notifies(&idop));
    Ok(Redirect::to(path_of(&attempt.urlredirect)).into_response())
}

/// Where on this site an address of ours leads, under whatever name the visitor knows the site.
fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::path_of;

    #[test]
    fn whoever_comes_back_stays_under_the_name_that_they_came_by() {
        assert_eq!(path_of("http://127.0.0.1:8080/paiements/a/retour/b"), "/paiements/a/retour/b");
        assert_eq!(path_of("https://lunel.fr"), "/");
    }
}
