//! Taking a decision back, from the page of its case: what the law allows is chosen, who loses by it is heard, the act is
//! read as it will leave, then confirmed (CRPA, art. L240-1 to L243-4).

mod command;
mod form;
mod page;
mod posts;

use axum::{Router, routing::get};
use beffroi_web::App;

pub(crate) use command::{ask_for_observations, series, standing, take_back};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/agents/dossiers/{id}/retrait", get(posts::show).post(posts::act))
        .route("/agents/dossiers/{id}/retrait/projet", get(posts::back).post(posts::proof))
        .route("/agents/dossiers/{id}/retrait/projet.pdf", get(posts::back).post(posts::pdf))
        .route("/agents/dossiers/{id}/retrait/reprendre", get(posts::back).post(posts::change))
        .route("/agents/dossiers/{id}/retrait/observations", get(posts::back).post(posts::invite))
}
