//! A deposit against damage (caution): promised when a room is granted, held once it was given, then given back, or kept in
//! part with a quote, after whoever gave it could answer (CRPA, art. L121-1, L122-1). No number of a card is ever kept.

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

pub use commands::{hold, promise, release, settle, withhold};
pub use events::DepositEvents;
pub(crate) use page::look;
pub(crate) use rounds::{Promises, hourly};
pub use rules::{Deposit, DepositFault, Means, NewWithheld, State};
pub use store::{find, of_bookings};

/// Days that whoever deposited it has to answer, unless an agent gives more.
pub const DAYS_TO_ANSWER: u16 = 15;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/agents/cautions", get(list::list))
        .route("/agents/reservations/{booking}/caution", get(page::show).post(page::act))
        .route("/agents/reservations/{booking}/caution/retenue", post(quote::withhold))
}
