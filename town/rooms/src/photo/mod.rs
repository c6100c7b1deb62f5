//! Photographs of a room, with words for those who do not see them, and its plan. The public sees those of the rooms that
//! it sees, once the virus gate has let them pass.

mod admin;
mod commands;
mod public;
mod store;

use axum::{
    Router,
    routing::{get, post},
};
use beffroi_web::App;

pub use commands::add;
pub(crate) use public::Shown;
pub(crate) use store::{plan_of, shown};

/// Photographs of a room, at most.
const AT_MOST: usize = 12;
/// Letters of what one shows, at most.
const ALT_AT_MOST: usize = 200;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/salles/{slug}/photos/{id}", get(public::large))
        .route("/salles/{slug}/photos/{id}/petite", get(public::small))
        .route("/salles/{slug}/plan", get(public::plan))
        .route("/admin/salles/{slug}/photos", get(admin::show).post(admin::send))
        .route("/admin/salles/{slug}/photos/{id}", post(admin::change))
        .route("/admin/salles/{slug}/plan", post(admin::plan))
}
