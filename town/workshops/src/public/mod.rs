//! What the public sees: the programme, one series with its sessions, the form that registers, and one's own registration
//! behind its code.

mod feed;
mod give_up;
mod list;
mod mine;
mod one;
mod register;

pub(crate) use give_up::{Foretold, Meant, meant};
pub(crate) use mine::{Line, Seen, look};
pub(crate) use one::{Seen as Published, lines};
pub(crate) use register::Refused;

use axum::{
    Router,
    routing::{get, post},
};
use beffroi_web::{App, Purpose};

/// A registration that is sent.
pub(crate) const REGISTER: Purpose = Purpose { name: "workshop-registration", burst: 20, per_minute: 6 };

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/ateliers", get(list::list))
        .route("/ateliers/agenda.ics", get(feed::all))
        .route("/ateliers/inscription", get(mine::ask).post(mine::open))
        .route("/ateliers/inscription/{code}", get(mine::shown))
        .route("/ateliers/inscription/{code}/accepter", post(mine::accept))
        .route("/ateliers/inscription/{code}/annuler", get(give_up::ask).post(give_up::cancel))
        .route("/ateliers/inscription/{code}/seances.ics", get(feed::mine))
        .route("/ateliers/{slug}", get(one::show))
        .route("/ateliers/{slug}/seances.ics", get(feed::series))
        .route("/ateliers/{slug}/inscription", get(register::blank).post(register::send))
        .route("/ateliers/{slug}/recue", get(register::received))
}
