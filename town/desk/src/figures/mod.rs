//! Figures: what was asked, how fast and how well it was answered; for who answers for departments, for everybody as
//! open data, and as spreadsheets.

mod chart;
pub(crate) mod export;
mod numbers;
pub(crate) mod open_data;
mod opinion;
mod opinion_code;
mod period;
mod words;

use std::collections::HashMap;

use axum::{Router, middleware::map_response, routing::get};
use beffroi_core::Lang;
use beffroi_store::{Result, Tx};
use beffroi_web::App;

pub use export::{ExportHandler, sweep as sweep_exports};
pub(crate) use opinion::{ask as ask_opinion, ask_in as ask_opinion_in};

use crate::{Parts, visit::private};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/agents/chiffres", get(numbers::show))
        .route("/agents/chiffres/{file}", get(numbers::download))
        .route("/agents/exports", get(export::pages::list).post(export::pages::order))
        .route("/agents/exports/{id}/{file}", get(export::pages::download))
        .route("/suivi/avis", get(opinion::by_holder).post(opinion::give_by_holder))
        .route("/compte/demarches/{case}/avis", get(opinion::by_holder).post(opinion::give_by_holder))
        .route("/donnees-ouvertes", get(open_data::show))
        .route("/api/v1/open-data/volumes.json", get(open_data::volumes_json))
        .route("/api/v1/open-data/volumes.csv", get(open_data::volumes_csv))
        .route("/api/v1/open-data/procedures.json", get(open_data::procedures))
        .merge(by_link())
}

/// What opens by its address, or a code, alone.
fn by_link() -> Router<App> {
    Router::new()
        .route("/avis", get(opinion_code::ask).post(opinion_code::open))
        .route("/avis/{token}", get(opinion::by_link).post(opinion::give_by_link))
        .layer(map_response(async |response| private(response)))
}

/// What the procedures that are offered are called, by their short names.
fn titles(tx: &mut Tx<'_>, desk: &Parts, lang: Lang) -> Result<HashMap<String, String>> {
    let offered = desk.shelf.offered(tx)?;
    let title = |form: &std::sync::Arc<beffroi_forms::CompiledForm>| {
        (form.procedure().slug.clone(), form.procedure().title.text(lang).to_owned())
    };
    Ok(offered.iter().map(title).collect())
}
