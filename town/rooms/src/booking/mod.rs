//! A booking of a room: somebody picks a free time, which is held for a quarter of an hour, and then asks for it by the
//! procedure of the room, as for anything else (docs/decisions/bookings-are-cases.md). Who asks, and whether it is
//! granted, the case knows.

mod api;
mod around;
mod commands;
mod form;
mod rules;
mod rush;
mod views;

use std::sync::Arc;

use axum::{
    Extension, Router,
    routing::{delete, get, post},
};
use beffroi_web::App;

pub(crate) use api::Rushes;
pub use commands::{Before, Found, Holder, NotHeld, hold, look};
pub(crate) use form::words;
pub use rules::{Refusal, Typed, Wish};
pub(crate) use rules::{clock, day};
pub(crate) use views::{CASE, carried};

/// What programs may book.
#[derive(utoipa::OpenApi)]
#[openapi(paths(api::book, api::given_back::give_back))]
pub(crate) struct Description;

pub(crate) fn routes(rushes: &Arc<Rushes>) -> Router<App> {
    Router::new()
        .route("/salles/{slug}/reserver", get(views::show).post(views::pick))
        .route("/agents/planning/{slug}/reserver", get(views::show_to_agent).post(views::pick_as_agent))
        .route("/api/v1/resources/{slug}/bookings/{id}", delete(api::given_back::give_back))
        .route("/api/v1/resources/{slug}/bookings", post(api::book).layer(Extension(Arc::clone(rushes))))
}
