//! What the town lends, as agents see to it: what a request borrows with what is left for its days, and all loans that are
//! out or to come. Who borrows, and whether it is granted, the case knows.

mod known;
mod list;
mod page;
mod panel;
mod typed;

use axum::{
    Router,
    routing::{get, post},
};
use beffroi_calendar::lending::Loan;
use beffroi_core::Id;
use beffroi_web::App;

pub(crate) use panel::panel;

/// Where the loans are seen to.
const LOANS: &str = "/agents/prets-de-materiel";

/// Where a loan is seen to.
fn href(loan: Id<Loan>) -> String {
    format!("{LOANS}/{loan}")
}

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/agents/prets-de-materiel", get(list::show))
        .route("/agents/prets-de-materiel/{loan}", get(page::show).post(page::change))
        .route("/agents/prets-de-materiel/{loan}/retour", post(page::give_back))
}
