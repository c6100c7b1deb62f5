//! Equipment with a stock: what is booked along with a room, and what the town lends from its own store. No more of it is
//! promised at any moment than there are.

mod admin;
mod commands;
mod shown;
mod typed;

use axum::{Router, routing::get};
use beffroi_web::App;

pub use commands::{NotKept, keep};
pub use typed::Typed;

/// Kinds of equipment that are kept in one place, at most.
pub const KINDS_AT_MOST: usize = 40;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/admin/materiel", get(admin::of_store).post(admin::add_to_store))
        .route("/admin/materiel/{item}", get(admin::one_of_store).post(admin::change_of_store))
        .route("/admin/salles/{slug}/materiel", get(admin::of_room).post(admin::add_to_room))
        .route("/admin/salles/{slug}/materiel/{item}", get(admin::one_of_room).post(admin::change_of_room))
}
