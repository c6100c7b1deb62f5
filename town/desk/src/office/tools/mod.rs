//! The agents' own tools: kept views, labels, reply templates, absences, the workload of a department,
//! and who signs for it.

pub(crate) mod absences;
mod labels;
pub(crate) mod replies;
mod signatories;
pub(crate) mod views;
pub(crate) mod workload;

use askama::Template;
use axum::{
    Router,
    routing::{get, post},
};
use beffroi_cases::{Access, Right};
use beffroi_people::SignedIn;
use beffroi_store::Tx;
use beffroi_web::{App, Page, Result, WebError, render};

use super::entitled;
use crate::{permission::Place, visit::Visit};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/agents/outils", get(index))
        .route("/agents/etiquettes", get(labels::list).post(labels::create))
        .route("/agents/etiquettes/{id}", post(labels::change))
        .route("/agents/etiquettes/{id}/retirer", post(labels::remove))
        .route("/agents/modeles", get(replies::list).post(replies::create))
        .route("/agents/modeles/{id}", get(replies::edit).post(replies::change))
        .route("/agents/modeles/{id}/retirer", post(replies::remove))
        .route("/agents/absences", get(absences::list).post(absences::declare))
        .route("/agents/absences/{id}/retirer", post(absences::cancel))
        .route("/agents/absences/{id}/remplacant", post(absences::replace))
        .route("/agents/signataires", get(signatories::list).post(signatories::add))
        .route("/agents/signataires/{id}/retirer", post(signatories::remove))
        .route("/agents/vues", get(views::list).post(views::keep))
        .route("/agents/vues/{id}/retirer", post(views::forget))
        .route("/agents/charge", get(workload::show).post(workload::set_rule))
}

/// The departments whose cases the agent handles; whoever handles none is not told that there is a page.
pub(crate) fn handled(tx: &mut Tx<'_>, who: &SignedIn) -> Result<(Access, Vec<Place>)> {
    let (access, places) = entitled(tx, who)?;
    let handled: Vec<Place> =
        places.into_iter().filter(|place| access.allows(Right::Handle, &place.slug)).collect();
    if handled.is_empty() { Err(WebError::not_found()) } else { Ok((access, handled)) }
}

struct Tool {
    href: &'static str,
    title: String,
    text: String,
}

#[derive(Template)]
#[template(path = "office/tools/index.html")]
struct Index {
    page: Page,
    tools: Vec<Tool>,
}

async fn index(Visit { commune, visitor, page, .. }: Visit) -> Result {
    let who = visitor.require()?.clone();
    let (handles, answers, sees) = commune
        .read(visitor.by, move |tx| {
            let (access, places) = entitled(tx, &who)?;
            let handles = places.iter().any(|place| access.allows(Right::Handle, &place.slug));
            let answers = !workload::departments(tx, &who)?.is_empty();
            Ok::<_, WebError>((handles, answers, workload::is_seen_by(tx, &who)?))
        })
        .await?;
    let tools = [
        ("/agents/vues", "views", true),
        ("/agents/etiquettes", "labels", handles),
        ("/agents/modeles", "replies", handles),
        ("/agents/absences", "absences", handles),
        ("/agents/charge", "workload", sees),
        ("/agents/signataires", "signatories", answers),
    ];
    let tools = tools
        .into_iter()
        .filter(|(_, _, shown)| *shown)
        .map(|(href, word, _)| Tool {
            href,
            title: page.t(&format!("office-tool-{word}")).to_owned(),
            text: page.t(&format!("office-tool-text-{word}")).to_owned(),
        })
        .collect();
    render(&Index { page, tools })
}
