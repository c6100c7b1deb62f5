//! What opens a room: its keys and badges, each handed over and returned, and the code of its door, which lies sealed and is
//! shown to whoever has the room from a day before until the end.

mod admin;
mod code;
mod office;
mod store;

use axum::{
    Router,
    routing::{get, post},
};
use beffroi_web::App;

pub(crate) use admin::named;
pub use code::{DoorCode, set as set_code};
pub(crate) use code::{codes_of, forget as forget_codes, shown_to_holder};
pub use store::{Key, Loan, add, hand_over, loans_of, of_room, take_back};
pub(crate) use store::{forget, free, loans_of_bookings};

/// Letters of a label or a number, at most.
pub const LABEL_AT_MOST: usize = 80;
/// Letters of a code, at most.
pub const CODE_AT_MOST: usize = 40;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/admin/salles/{slug}/cles", get(admin::show).post(admin::add))
        .route("/admin/salles/{slug}/cles/{id}", post(admin::retire))
        .route("/admin/salles/{slug}/codes", post(admin::set_code))
        .route("/admin/salles/{slug}/codes/{id}", post(admin::forget_code))
        .route("/agents/cles", get(office::list))
        .route("/agents/reservations/{booking}/cles", post(office::hand_over))
        .route("/agents/cles/{id}/retour", post(office::take_back))
}
