//! A room: what the public reads of it, and when it is free. What is bookable of it, and what is taken, lies in the
//! calendar.

mod api;
mod commands;
mod days;
mod rules;
mod store;
mod views;

use axum::{Router, routing::get};
pub(crate) use beffroi_calendar::month::Month;
use beffroi_web::App;

pub use commands::{RoomError, keep};
pub(crate) use days::{one_day, whole as whole_day};
pub use rules::{Access, Sheet, SheetFault};
pub(crate) use store::sheet_of;
pub use store::{Room, by_slug, published};
pub(crate) use views::weekdays;

/// What programs may ask of rooms.
#[derive(utoipa::OpenApi)]
#[openapi(paths(api::list, api::one, api::calendar, api::availability))]
pub(crate) struct Description;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/salles", get(views::list))
        .route("/salles/{slug}", get(views::one))
        .route("/api/v1/resources", get(api::list))
        .route("/api/v1/resources/{slug}", get(api::one))
        .route("/api/v1/resources/{slug}/availability", get(api::availability))
}
