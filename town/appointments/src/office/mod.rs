//! The agents' side: the day of a site, and appointments that are booked, moved and given back for somebody.

mod absence;
mod agenda;
mod ants;
mod book;
mod coordination;
mod figures;
mod hours;
mod one;
mod outside;
mod presence;
mod presences;
mod queue;
mod waiting;

pub(crate) use one::WHY_AT_MOST;

use axum::{
    Router,
    routing::{get, post},
};
use beffroi_core::Id;
use beffroi_people::{
    Permit, SignedIn,
    permission::{Scope, permit},
};
use beffroi_store::Tx;
use beffroi_web::{App, Result, WebError, meeting::Meeting};
use uuid::Uuid;

use crate::{
    appointment::{self, Mark},
    permission::{self, ManageAppointments},
    public::Seen,
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/agents/rendez-vous", get(agenda::show))
        .route("/agents/rendez-vous/nouveau", get(book::choose).post(book::hold))
        .route("/agents/rendez-vous/presences", get(presences::list))
        .route("/agents/rendez-vous/fermetures", post(presences::close_site))
        .route("/agents/rendez-vous/hors-presence", get(outside::show).post(outside::cancel))
        .route("/agents/rendez-vous/presences/{slug}", get(presence::show))
        .route("/agents/rendez-vous/presences/{slug}/horaires", get(hours::show).post(hours::change))
        .route("/agents/rendez-vous/presences/{slug}/{form}", post(presence::change))
        .route("/agents/rendez-vous/ants", get(ants::show).post(ants::open))
        .route("/agents/rendez-vous/ants/fermer", post(ants::close))
        .route("/agents/rendez-vous/ants/coordination", post(coordination::save))
        .route("/agents/rendez-vous/ants/coordination/essai", post(coordination::attempt))
        .route("/agents/rendez-vous/ants/coordination/retirer", post(coordination::remove))
        .route("/agents/rendez-vous/attente", get(waiting::list))
        .route("/agents/rendez-vous/attente/nouveau", get(waiting::blank).post(waiting::make))
        .route("/agents/rendez-vous/attente/{id}/retirer", post(waiting::withdraw))
        .route("/agents/rendez-vous/chiffres", get(figures::show))
        .route("/agents/rendez-vous/chiffres/{file}", get(figures::download))
        .route("/agents/rendez-vous/file", get(queue::show).post(queue::take))
        .route("/agents/rendez-vous/file/appel", post(queue::call))
        .route("/agents/rendez-vous/file/arrivee", post(queue::arrive))
        .route("/agents/rendez-vous/file/{id}", get(queue::paper).post(queue::change))
        .route("/agents/rendez-vous/{id}", get(one::show).post(book::book))
        .route("/agents/rendez-vous/{id}/etat", post(one::mark))
        .route("/agents/rendez-vous/{id}/annuler", post(one::cancel))
        .route("/agents/rendez-vous/{id}/deplacer", get(one::times).post(one::move_it))
        .route("/agents/rendez-vous/{id}/fiche", get(one::slip))
}

/// Where the agent receives. Whoever receives nowhere is not told that there is something.
pub(crate) fn receives(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Scope> {
    entitled(permission::received(tx, who)?, who)
}

pub(crate) fn entitled(scope: Scope, who: &SignedIn) -> Result<Scope> {
    if !matches!(&scope, Scope::Departments(inside) if inside.is_empty()) {
        return Ok(scope);
    }
    Err(if who.second_factor.is_lacking() { WebError::sign_in_required() } else { WebError::not_found() })
}

/// The permit of whoever answers for the whole town: for others, what it is for is not there.
fn whole_town(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Permit<ManageAppointments>> {
    if entitled(permission::managed(tx, who)?, who)? != Scope::All {
        return Err(WebError::not_found());
    }
    Ok(permit::<ManageAppointments>(tx, who, None)?)
}

/// The kind of an appointment, as in the journal.
const KIND: &str = "appointment";

/// An appointment that advisers follow up, for an agent who receives in its department.
pub(crate) fn meeting(
    tx: &mut Tx<'_>,
    (kind, id): (&str, Uuid),
    who: &SignedIn,
) -> beffroi_store::Result<Option<Meeting>> {
    if kind != KIND {
        return Ok(None);
    }
    let scope = permission::received(tx, who)?;
    let Some(it) = appointment::find(tx, Id::from_uuid(id))? else { return Ok(None) };
    let seen = Seen::of(tx, it)?.filter(|seen| scope.contains(seen.motive.details.department));
    Ok(seen.as_ref().and_then(Seen::followed_up))
}

/// An appointment of the departments where the agent receives; others do not exist for them.
pub(crate) fn seen(tx: &mut Tx<'_>, who: &SignedIn, id: &str) -> Result<Seen> {
    let scope = receives(tx, who)?;
    let id: Id<Mark> = id.parse().map_err(|_| WebError::not_found())?;
    let it = appointment::find(tx, id)?.ok_or_else(WebError::not_found)?;
    let seen = Seen::of(tx, it)?.ok_or_else(WebError::not_found)?;
    if scope.contains(seen.motive.details.department) { Ok(seen) } else { Err(WebError::not_found()) }
}
