//! The space of whoever is signed in: what waits for them, their documents and household, what the town knows of them
//! and who looked at it.

mod across;
mod acting;
mod contribution;
mod documents;
mod home;
mod household;
mod known;
mod looked;
mod messages;
mod offer;
mod sectors;
mod store;
mod sweep;

use axum::{
    Router,
    routing::{get, post},
};
use beffroi_core::Id;
use beffroi_people::Account;
use beffroi_web::{App, Result, Visitor};

pub(crate) use across::{forget_permits, may_ask};
pub(crate) use beffroi_people::look::function;
pub(crate) use contribution::{account_closes, erase_account, personal_data};
pub(crate) use offer::{Own, fill, keep_sent, offer, take_own};
pub(crate) use sweep::{daily, hourly};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/mon-compte", get(home::show))
        .route("/mon-compte/documents", get(documents::list).post(documents::add))
        .route("/mon-compte/documents/{document}", get(documents::show).post(documents::describe))
        .route("/mon-compte/documents/{document}/fichier", get(documents::content))
        .route("/mon-compte/documents/{document}/retrait", post(documents::remove))
        .route("/mon-compte/foyer", get(household::list))
        .route("/mon-compte/foyer/ajout", get(household::blank).post(household::add))
        .route("/mon-compte/foyer/{member}", get(household::show).post(household::change))
        .route("/mon-compte/foyer/{member}/retrait", post(household::remove))
        .route("/mon-compte/donnees", get(known::show))
        .route("/mon-compte/donnees/correction", post(known::correct))
        .route("/mon-compte/messages", get(messages::show))
        .route("/mon-compte/consultations", get(looked::show))
        .merge(across::routes())
}

/// Where the space begins.
pub(crate) const HOME: &str = "/mon-compte";

/// The account of whoever is signed in entirely, in a browser; else leads to the door, and back here after.
fn owner(visitor: &Visitor) -> Result<Id<Account>> {
    visitor.owner().map(|who| who.account)
}
