//! What appointments are given for, where and at which counters: described by those who answer for the town, or for a
//! department as far as it is theirs. What is no longer in use is retired, never deleted: appointments name it.

mod desk;
mod fields;
mod list;
mod motive;
mod site;

use axum::{Router, extract::Path, routing::get};
use beffroi_core::Id;
use beffroi_people::{
    Permit, SignedIn,
    department::{self, Department},
    permission::{Scope, permit},
};
use beffroi_store::Tx;
use beffroi_web::{App, Result, WebError};

use crate::{
    office::entitled,
    permission::{self, ManageAppointments},
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/admin/rendez-vous", get(list::show))
        .route("/admin/rendez-vous/motifs/nouveau", get(motive::show).post(motive::keep))
        .route("/admin/rendez-vous/motifs/{slug}", get(motive::show).post(motive::keep))
        .route("/admin/rendez-vous/lieux/nouveau", get(site::show).post(site::keep))
        .route("/admin/rendez-vous/lieux/{slug}", get(site::show).post(site::keep))
        .route("/admin/rendez-vous/lieux/{slug}/guichets", get(desk::blank).post(desk::create))
        .route("/admin/rendez-vous/guichets/{slug}", get(desk::one).post(desk::change))
}

/// The short name in an address; none where something new is described.
fn named(slug: Option<&Path<String>>) -> Option<&str> {
    slug.map(|Path(slug)| slug.as_str())
}

/// What the agent describes: of which departments. Whoever describes nothing is not told that there is something.
fn scope(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Scope> {
    entitled(permission::managed(tx, who)?, who)
}

/// The permit to describe what is of a department (`None`: of the whole town); for others it is not there.
fn allowed(
    tx: &mut Tx<'_>,
    who: &SignedIn,
    department: Option<Id<Department>>,
) -> Result<Permit<ManageAppointments>> {
    if !scope(tx, who)?.contains(department) {
        return Err(WebError::not_found());
    }
    Ok(permit::<ManageAppointments>(tx, who, department)?)
}

/// The departments of the agent.
fn departments(tx: &mut Tx<'_>, scope: &Scope) -> beffroi_store::Result<Vec<Department>> {
    Ok(department::list(tx)?.into_iter().filter(|it| scope.contains(Some(it.id))).collect())
}
