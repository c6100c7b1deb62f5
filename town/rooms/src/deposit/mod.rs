//! A deposit against damage (caution): promised when a room is granted, held once it was given, then given back, or kept in
//! part with a quote, after whoever gave it could answer (CRPA, art. L121-1, L122-1). An association gives one for each room
//! that it has for a season. No number of a card is ever kept.

mod commands;
mod events;
mod list;
mod page;
mod quote;
mod rounds;
mod rules;
mod store;

use axum::{
    Router,
    routing::{get, post},
};
use beffroi_web::App;

pub(crate) use commands::answer_of_season;
pub use commands::{hold, promise, release, settle, withhold};
pub use events::DepositEvents;
pub(crate) use page::look;
pub(crate) use rounds::{Promises, hourly, is_to_come_back};
pub use rules::{Deposit, DepositFault, Means, NewWithheld, Origin, State};
pub(crate) use store::of_requests;
pub use store::{find, of_bookings};

/// Days that whoever deposited it has to answer, unless an agent gives more.
pub const DAYS_TO_ANSWER: u16 = 15;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/agents/cautions", get(list::list))
        .route("/agents/reservations/{booking}/caution", get(page::show).post(page::act))
        .route("/agents/reservations/{booking}/caution/devis", get(quote::show))
        .route("/agents/reservations/{booking}/caution/retenue", post(quote::withhold))
}
