//! What whoever pays sees: the page of an order behind its secret link, the way to PayFiP and back, and PayFiP's door.

pub(crate) mod api;
pub(crate) mod demo;
mod notify;
mod order;
mod own;

pub(crate) use order::{Known, Line, facts, lines};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};
use beffroi_web::{App, Purpose};

/// Somebody goes to the page of payment, or comes back: each is a question to PayFiP.
pub(crate) const PAY: Purpose = Purpose { name: "pay", burst: 30, per_minute: 20 };

/// Bytes of a notification, at most: it bears one name.
const NOTIFICATION_AT_MOST: usize = 4_096;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/paiements/{code}", get(order::shown))
        .route("/paiements/{code}/payer", post(order::pay))
        .route("/paiements/{code}/retour/{payment}", get(order::back))
        .route("/paiements/{code}/justificatif.pdf", get(order::paper))
        .route("/mon-compte/paiements", get(own::list))
        .route("/api/v1/orders/{code}", get(api::order))
        .merge(
            Router::new()
                .route(notify::PATH, post(notify::hear))
                .layer(DefaultBodyLimit::max(NOTIFICATION_AT_MOST)),
        )
}
