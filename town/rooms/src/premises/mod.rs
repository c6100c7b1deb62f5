//! What surrounds the use of a room that was granted: who comes for the keys on a day, and for each booking its contract,
//! the keys, the insurance certificate, the state of the premises in and out, and the deposit.

mod day;
mod hub;
mod known;
mod panel;
mod told;
mod whose;

use axum::{
    Router,
    routing::{get, post},
};
use beffroi_web::App;

pub use known::Granted;
pub(crate) use known::{granted, signatory, stored};
pub(crate) use panel::panels;
pub(crate) use told::{tell, words};
pub(crate) use whose::{Whose, those_within_reach, within_reach};

/// Where the premises of a booking are seen to.
pub(crate) fn href(booking: impl std::fmt::Display) -> String {
    format!("/agents/reservations/{booking}")
}

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/agents/remises", get(day::show))
        .route("/agents/reservations/{booking}", get(hub::show))
        .route("/agents/reservations/{booking}/etat", post(hub::inspect))
        .route("/agents/reservations/{booking}/assurance", post(hub::insure))
}
