//! The state of a room when it is handed over and when it comes back (état des lieux): what is found there, in which state,
//! photographs, meters, both signatures; and what differs between the two, which the deposit may answer for. What is noted
//! is kept as it is noted; once it is closed nothing of it changes, and the journal has what tells its content from any
//! other.

mod commands;
mod fill;
mod form;
mod report;
mod rules;
mod shown;
mod sign;
mod store;

use axum::{Router, routing::get};
use beffroi_web::App;

pub use commands::{Noted, begin, close, save};
pub(crate) use form::{Shot, photos, shots_of};
pub(crate) use report::{ReportHandler, differences_in_words};
pub use rules::{
    BeginFault, Change, CloseFault, Condition, Difference, Holder, Item, Kind, Meters, Signatures, Signed,
    State, WHY_AT_MOST, differences, opens_at,
};
pub use store::{Inspection, find, items_of, of_booking, of_bookings};
pub(crate) use store::{Photo, forget};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/agents/etats-des-lieux/{id}", get(form::show).post(form::save))
        .route("/agents/etats-des-lieux/{id}/signer", get(sign::show).post(sign::close))
        .route("/agents/etats-des-lieux/{id}/photos/{document}", get(shown::photo))
        .route("/agents/etats-des-lieux/{id}/rapport.pdf", get(shown::report))
}
