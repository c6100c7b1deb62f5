//! What is found in a room, written once by the town: each inspection of the room begins with it.

mod admin;
mod store;

use axum::{Router, routing::get};
use beffroi_web::App;

pub use store::{Thing, keep, of_room};

/// Things of a room, at most.
pub const THINGS_AT_MOST: usize = 100;
/// Letters of a name or a place, at most.
pub const NAME_AT_MOST: usize = 80;
/// Pieces of one thing, at most.
pub const PIECES_AT_MOST: u32 = 100_000;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/admin/salles/{slug}/inventaire", get(admin::show).post(admin::keep))
}
