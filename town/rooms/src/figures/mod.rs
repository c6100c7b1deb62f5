//! The figures of rooms: how much of their open hours they were taken, by what, month by month; on a page and as a
//! spreadsheet.

mod rules;
mod views;

use axum::{Router, routing::get};
use beffroi_web::App;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/agents/planning/chiffres", get(views::show))
        .route("/agents/planning/chiffres/{file}", get(views::download))
}
