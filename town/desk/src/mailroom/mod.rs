//! The mail room: scanned letters and fetched e-mails become cases or join one, go to another department, or are
//! dropped with a reason. And the mailboxes that the administrator sets.

mod admin;
mod item;
mod list;
mod sorting;

use axum::{
    Router,
    routing::{get, post},
};
use beffroi_cases::case::Case;
use beffroi_core::Id;
use beffroi_mailroom::Item;
use beffroi_people::{SignedIn, department, permission::Scope};
use beffroi_store::{By, Commune, Tx};
use beffroi_web::{App, Result, WebError};

pub(crate) use item::{consulted, id_of, named, own, paper, proposed, shown_as};
pub(crate) use sorting::{Against, LONGEST_REASON, carried, dropped, joined, routed, words_of};

use crate::permission::{self, Place, SortMail};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/agents/courrier-arrivee", get(list::show).post(list::scan))
        .route("/agents/courrier-arrivee/{id}", get(item::show))
        .route("/agents/courrier-arrivee/{id}/documents/{document}", get(item::document))
        .route("/agents/courrier-arrivee/{id}/demarche", post(sorting::begin))
        .route("/agents/courrier-arrivee/{id}/dossier", post(sorting::join))
        .route("/agents/courrier-arrivee/{id}/service", post(sorting::route))
        .route("/agents/courrier-arrivee/{id}/classement", post(sorting::drop_it))
        .route("/admin/boites", get(admin::list).post(admin::add))
        .route("/admin/boites/{id}", get(admin::show).post(admin::change))
        .route("/admin/boites/{id}/verifier", post(admin::verify))
        .route("/admin/boites/{id}/relever", post(admin::fetch))
        .route("/admin/boites/{id}/retirer", post(admin::remove))
}

/// The departments whose mail an agent sorts. Whoever sorts none is not told that there is a mail room.
pub(crate) fn trays(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Vec<Place>> {
    let inside = permission::scope_of::<SortMail>(tx, who)?;
    let all = department::list(tx)?;
    let places: Vec<Place> = all
        .into_iter()
        .filter(|found| match &inside {
            Scope::All => true,
            Scope::Departments(ids) => ids.contains(&found.id),
        })
        .map(|found| Place { slug: found.details.slug, name: found.details.name })
        .collect();
    if places.is_empty() {
        return Err(if who.second_factor.is_lacking() {
            WebError::sign_in_required()
        } else {
            WebError::not_found()
        });
    }
    Ok(places)
}

/// Their short names.
pub(crate) fn slugs(places: &[Place]) -> Vec<String> {
    places.iter().map(|place| place.slug.clone()).collect()
}

/// Asks for the reading of mailboxes whose rounds have stopped; a commune without any is not written to.
pub(crate) fn hourly(commune: &Commune) -> beffroi_store::Result<u64> {
    let mailboxes = commune.read_blocking(By::SYSTEM, beffroi_mailroom::mailbox::list)?;
    if mailboxes.iter().all(|mailbox| !mailbox.details.is_active) {
        return Ok(0);
    }
    commune.write_blocking(By::SYSTEM, beffroi_mailroom::ask_for_all)
}

/// A settled item belongs to a case that is sealed: its words are there, and nothing of it stays here.
pub(crate) fn seal(tx: &mut Tx<'_>, id: Id<Item>) -> beffroi_store::Result<()> {
    beffroi_mailroom::item::blank(tx, id)?;
    beffroi_documents::forget_of(tx, "mail_item", &[id.uuid()]).map(drop)
}

/// Forgets the mail that became a case or was joined to it, when the case is erased.
pub(crate) fn forget(tx: &mut Tx<'_>, case: Id<Case>) -> beffroi_store::Result<()> {
    let gone = beffroi_mailroom::item::forget_case(tx, case.uuid())?;
    beffroi_documents::forget_of(tx, "mail_item", &gone).map(drop)
}

/// Forgets what was settled long ago, with its files. Run it daily.
pub(crate) fn sweep(tx: &mut Tx<'_>) -> beffroi_store::Result<u64> {
    let gone = beffroi_mailroom::item::sweep(tx)?;
    beffroi_documents::forget_of(tx, "mail_item", &gone)?;
    Ok(u64::try_from(gone.len()).unwrap_or_default())
}
