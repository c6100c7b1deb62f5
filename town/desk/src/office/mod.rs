//! The agents' side: inbox, case, counter, letters to print, figures, journal.

mod action;
pub(crate) mod arrived;
pub(crate) mod batch;
pub(crate) mod counter;
mod decision;
mod dossier;
mod dossier_parts;
mod dossier_read;
mod dossier_reversed;
mod dossier_view;
mod enclosing;
mod giving;
mod inbox;
mod journal;
pub(crate) mod keeping;
pub(crate) mod letters;
mod letters_batch;
mod list;
mod pieces;
mod receipt;
pub(crate) mod received;
pub(crate) mod reception;
pub(crate) mod reversal;
mod search;
mod stand_in;
pub(crate) mod steps;
mod timing;
pub(crate) mod tools;
mod typed;
mod work;
pub(crate) mod written;

use std::collections::BTreeSet;

use axum::{
    Router,
    routing::{get, post},
};
use beffroi_cases::{Access, case::Case};
use beffroi_core::{Id, calendar::long_date};
use beffroi_people::SignedIn;
use beffroi_store::{Entry, Tx, journal::done_since};
use beffroi_web::{App, Page, Result, WebError};
use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;

pub use work::Office;

use crate::{
    daily::absence::Absence,
    permission::{self, Place},
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/agents", get(inbox::show))
        .route("/agents/recherche", get(search::show))
        .route("/agents/lot", get(batch::nothing).post(batch::act))
        .merge(tools::routes())
        .route("/agents/flux", get(inbox::changes))
        .route("/agents/dossiers/{id}", get(dossier::show))
        .route("/agents/dossiers/{id}/documents/{document}", get(dossier::document))
        .route("/agents/dossiers/{id}/attestation.pdf", get(dossier::certificate))
        .route("/agents/dossiers/{id}/decision/projet", get(decision::back).post(decision::show))
        .route("/agents/dossiers/{id}/decision/projet.pdf", get(decision::back).post(decision::pdf))
        .route("/agents/dossiers/{id}/decision/reprendre", get(decision::back).post(decision::change))
        .merge(reversal::routes())
        .route("/agents/dossiers/{id}/{action}", get(dossier::back).post(dossier::act))
        .merge(reception::routes())
        .route("/agents/guichet/recu/{id}", get(receipt::show))
        .route("/agents/guichet/recu/{id}/accuse-de-reception.pdf", get(receipt::pdf))
        .route("/agents/guichet/{slug}", get(counter::blank).post(counter::enter))
        .route("/agents/courrier", get(letters::list).post(letters::printed))
        .route("/agents/courrier/lot.pdf", get(letters_batch::show))
        .route("/agents/courrier/{id}", get(letters::paper))
        .route("/agents/courrier/{id}/remettre", post(letters::put_back))
        .route("/agents/journal", get(journal::show))
        .merge(keeping::routes())
        .merge(steps::routes())
}

/// Looking at a citizen’s file, its page or one of its papers, is an act, and is written down: once an hour for one
/// agent, however often the page is reloaded.
pub(crate) fn consulted(tx: &mut Tx<'_>, case: Id<Case>, who: &SignedIn) -> Result<()> {
    all_consulted(tx, &BTreeSet::from([case.uuid()]), who)
}

/// [`consulted`], for papers of several cases that are looked at together.
fn all_consulted(tx: &mut Tx<'_>, cases: &BTreeSet<Uuid>, who: &SignedIn) -> Result<()> {
    const KIND: &str = "case.consulted";
    let since = tx.now() - TimeDelta::hours(1);
    let all: Vec<Uuid> = cases.iter().copied().collect();
    let before = done_since(tx, ("case", &all), KIND, who.account.uuid(), since)?;
    let (role, department) = crate::space::function(who);
    for subject_id in all.into_iter().filter(|case| !before.contains(case)) {
        // In which function, for the requester, who is told of it.
        let payload = json!({ "role": role, "department": department });
        tx.journal(&Entry { kind: KIND, subject_kind: "case", subject_id, payload })?;
    }
    Ok(())
}

/// Until when somebody is away, and who stands in.
fn away_words(page: &Page, absence: &Absence, name: impl Fn(Uuid) -> String) -> String {
    let until = long_date(absence.until_on, page.language());
    match absence.delegate {
        Some(delegate) => {
            let words = [("until", until.into()), ("delegate", name(delegate).into())];
            page.tr("office-away-delegate", &words)
        }
        None => page.tr("office-away", &[("until", until.into())]),
    }
}

/// What the agent may do. Whoever may do nothing here is not told that there is something.
pub(crate) fn entitled(tx: &mut Tx<'_>, who: &SignedIn) -> Result<(Access, Vec<Place>)> {
    let (access, places) = permission::access(tx, who)?;
    if places.is_empty() {
        return Err(if who.second_factor.is_lacking() {
            WebError::sign_in_required()
        } else {
            WebError::not_found()
        });
    }
    Ok((access, places))
}
