//! What is said of rooms, when they are open and on which terms, for whoever manages them.

mod fill;
mod hours;
mod lengths;
mod outside;
mod views;

use axum::{Router, routing::get};
use beffroi_web::App;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/admin/salles", get(views::list))
        .route("/admin/salles/nouvelle", get(views::new).post(views::keep))
        .route("/admin/salles/{slug}", get(views::one).post(views::keep))
        .route("/admin/salles/{slug}/horaires", get(hours::show).post(hours::keep))
}
