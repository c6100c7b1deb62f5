//! What the technical department sets up before each booking that was granted, and cleans after it: a list by day, and
//! what is done. The tasks follow from the bookings; only that one is done is written down.

mod rules;
mod store;
mod views;

use axum::{
    Router,
    routing::{get, post},
};
use beffroi_web::App;

pub(crate) use store::forget;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/agents/planning/taches", get(views::show))
        .route("/agents/planning/taches/{booking}/{kind}", post(views::mark))
}
