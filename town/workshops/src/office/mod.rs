//! The agents' side: the programme and its sessions, who comes, whom to call, what is lent, and figures.

mod call;
mod equipment;
mod figures;
mod followed;
mod followup;
mod home;
mod loans;
mod one;
mod place;
mod progress;
mod register;
mod series;
mod series_form;
mod session;
mod sheet;

pub(crate) use followup::panels as followup_panels;
use followup::{OfMeeting, OfRecord, OfRegistration};

use axum::{
    Router,
    routing::{get, post},
};
use beffroi_core::Id;
use beffroi_people::{SignedIn, permission::Scope};
use beffroi_store::Tx;
use beffroi_web::{App, Result, WebError};

use crate::{
    permission,
    public::Seen,
    registration,
    series::{self as programme, Kept},
    session::{self as sessions, Session},
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/agents/ateliers", get(home::show))
        .route("/agents/ateliers/appels/{id}", post(call::done))
        .route("/agents/ateliers/series", get(series::list))
        .route("/agents/ateliers/series/nouvelle", get(series::blank).post(series::create))
        .route("/agents/ateliers/series/{slug}", get(series::show))
        .route("/agents/ateliers/series/{slug}/modifier", get(series::edit).post(series::change))
        .route("/agents/ateliers/series/{slug}/seances", get(session::blank).post(session::plan))
        .route("/agents/ateliers/seances/{id}", get(sheet::show).post(sheet::mark))
        .route("/agents/ateliers/seances/{id}/feuille", get(sheet::paper))
        .route("/agents/ateliers/seances/{id}/modifier", get(session::edit).post(session::change))
        .route("/agents/ateliers/seances/{id}/annuler", get(session::ask).post(session::cancel))
        .route("/agents/ateliers/seances/{id}/inscrire", get(register::blank).post(register::send))
        .route("/agents/ateliers/inscriptions/{id}", get(one::show))
        .route("/agents/ateliers/inscriptions/{id}/annuler", get(one::ask).post(one::cancel))
        .route("/agents/ateliers/inscriptions/{id}/accepter", post(one::accept))
        .route("/agents/ateliers/inscriptions/{id}/attestation.pdf", get(one::paper))
        .route(
            "/agents/ateliers/inscriptions/{id}/suivi",
            get(followup::show::<OfRegistration>).post(followup::assess::<OfRegistration>),
        )
        .route("/agents/ateliers/inscriptions/{id}/suivi/notes", post(followup::note::<OfRegistration>))
        .route("/agents/ateliers/inscriptions/{id}/suivi/effacer", post(followup::erase::<OfRegistration>))
        .route(
            "/agents/ateliers/rendez-vous/{id}/suivi",
            get(followup::show::<OfMeeting>).post(followup::assess::<OfMeeting>),
        )
        .route("/agents/ateliers/rendez-vous/{id}/suivi/notes", post(followup::note::<OfMeeting>))
        .route("/agents/ateliers/rendez-vous/{id}/suivi/effacer", post(followup::erase::<OfMeeting>))
        .route("/agents/ateliers/suivis", get(followed::list))
        .route(
            "/agents/ateliers/suivis/{id}/suivi",
            get(followup::show::<OfRecord>).post(followup::assess::<OfRecord>),
        )
        .route("/agents/ateliers/suivis/{id}/suivi/notes", post(followup::note::<OfRecord>))
        .route("/agents/ateliers/suivis/{id}/suivi/effacer", post(followup::erase::<OfRecord>))
        .route("/agents/ateliers/lieux", get(place::list).post(place::create))
        .route("/agents/ateliers/lieux/{slug}", get(place::edit).post(place::change))
        .route("/agents/ateliers/prets", get(loans::show).post(loans::lend))
        .route("/agents/ateliers/prets/materiel", post(loans::add))
        .route("/agents/ateliers/prets/materiel/{slug}", get(equipment::show).post(equipment::change))
        .route("/agents/ateliers/prets/{id}/retour", post(loans::give_back))
        .route("/agents/ateliers/chiffres", get(figures::show))
        .route("/agents/ateliers/chiffres/{file}", get(figures::table))
}

/// A series of the departments where the agent holds workshops; others do not exist for them.
fn series_of(tx: &mut Tx<'_>, who: &SignedIn, slug: &str) -> Result<Kept> {
    let scope = permission::advised(tx, who)?;
    let found = programme::by_slug(tx, slug)?.filter(|it| scope.contains(Some(it.department)));
    found.ok_or_else(WebError::not_found)
}

/// A session of these departments, with its series.
fn session_of(tx: &mut Tx<'_>, who: &SignedIn, id: &str) -> Result<(Session, Kept)> {
    let scope = permission::advised(tx, who)?;
    let id: Id<sessions::Mark> = id.parse().map_err(|_| WebError::not_found())?;
    let it = sessions::find(tx, id)?.ok_or_else(WebError::not_found)?;
    let series = programme::find(tx, it.series)?.ok_or_else(WebError::not_found)?;
    if scope.contains(Some(series.department)) { Ok((it, series)) } else { Err(WebError::not_found()) }
}

/// A registration for a series of these departments, as long as it names somebody.
fn registration_of(tx: &mut Tx<'_>, who: &SignedIn, id: &str) -> Result<Seen> {
    let scope: Scope = permission::advised(tx, who)?;
    let id: Id<registration::Mark> = id.parse().map_err(|_| WebError::not_found())?;
    let it = registration::find(tx, id)?.filter(|it| !it.erased).ok_or_else(WebError::not_found)?;
    let seen = Seen::of(tx, it)?;
    if scope.contains(Some(seen.series.department)) { Ok(seen) } else { Err(WebError::not_found()) }
}
