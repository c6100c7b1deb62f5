//! The counter begins with the person: found or new, their cases and papers, and a visit that keeps who they are from
//! one request to the next. An agent sees the persons of the sectors of the departments where they handle cases.

pub(crate) mod find;
pub(crate) mod forms;
mod merge;
pub(crate) mod person;
mod person_view;
pub(crate) mod stay;
pub(crate) mod store;

use axum::{
    Router,
    routing::{get, post},
};
use beffroi_cases::Access;
use beffroi_core::Sector;
use beffroi_people::{SignedIn, department, permission::Scope};
use beffroi_store::Tx;
use beffroi_web::{App, Page, Result, WebError};

use super::entitled;
use crate::permission;

pub(crate) use store::sweep;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/agents/guichet", get(find::start))
        .route("/agents/guichet/recherche", get(find::back).post(find::search))
        .route("/agents/guichet/personne/nouvelle", get(find::blank).post(find::enter))
        .route("/agents/guichet/personne/{id}", get(person::show))
        .route("/agents/guichet/personne/{id}/papiers", post(person::papers))
        .route("/agents/guichet/personne/{id}/fusion", post(merge::merge))
        .route("/agents/guichet/personne/{id}/separation", post(merge::undo))
        .route("/agents/guichet/visite", get(stay::current).post(stay::open))
        .route("/agents/guichet/visite/fin", post(stay::end))
        .route("/agents/guichet/visite/{id}", get(stay::summary))
        .route("/agents/guichet/visite/{id}/recu.pdf", get(stay::pdf))
}

/// The sectors whose persons an agent may see: those of the departments where they handle cases.
pub(crate) fn sectors(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Vec<Sector>> {
    let inside = permission::handled(tx, who)?;
    let mut sectors = Vec::new();
    for found in department::list(tx)? {
        let handled = match &inside {
            Scope::All => true,
            Scope::Departments(ids) => ids.contains(&found.id),
        };
        if handled && !sectors.contains(&found.details.sector) {
            sectors.push(found.details.sector);
        }
    }
    Ok(sectors)
}

/// An agent at the counter, and the sectors whose persons they may see. Who handles no case is not told that there is
/// a counter.
pub(crate) fn receptionist(tx: &mut Tx<'_>, who: &SignedIn) -> Result<(Access, Vec<Sector>)> {
    let (access, _) = entitled(tx, who)?;
    let sectors = sectors(tx, who)?;
    if sectors.is_empty() { Err(WebError::not_found()) } else { Ok((access, sectors)) }
}

/// What a sector is called.
pub(crate) fn sector_name(page: &Page, sector: Sector) -> String {
    page.t(&format!("office-sector-{}", sector.as_str())).to_owned()
}
