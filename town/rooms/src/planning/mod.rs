//! The planning: when all rooms are taken, for which case, and when they are free. Agents hold a time there for somebody at
//! the counter, and keep a time for the town itself.

mod block;
mod days;
mod import;
mod views;
mod week;

use axum::{
    Router,
    routing::{get, post},
};
use beffroi_web::App;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/agents/planning", get(views::all))
        .route("/agents/planning/{slug}", get(views::one))
        .route("/agents/planning/{slug}/bloquer", get(block::show).post(block::keep))
        .route("/agents/planning/blocages/{id}/lever", post(block::lift))
        .merge(import::routes())
}
