//! The builder: procedures made, tried, compared and published by people who write no programs. A draft is kept as the
//! catalogue's own file; each page changes one thing of it.

mod arrange;
mod blocks;
mod commands;
mod condition;
mod condition_view;
mod difference;
mod fetching;
mod fill;
mod list;
mod overview;
mod pages;
mod part_page;
mod parts;
mod played;
mod preview;
mod publication;
mod question;
mod question_page;
mod questions;
mod rehearsal;
mod report;
mod rules;
mod screen;
mod shipped;
mod start;
mod steps;
mod store;
mod text;
mod translations;
mod trial_pages;
mod trials;
mod versions;
mod words;
pub mod workshop;

pub(crate) use difference::lines::{Hunk, differing};
pub(crate) use part_page::colleague;
pub(crate) use words::spoken;

use axum::{
    Router,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use beffroi_core::Id;
use beffroi_forms::Procedure;
use beffroi_people::{
    Permit, Refused, SignedIn,
    permission::{Action, permit},
};
use beffroi_store::Tx;
use beffroi_web::{App, Result, WebError};

use self::{
    commands::DraftError,
    steps::{action_page, step_page},
    store::{Kept, Workshop},
};
use crate::permission::EditProcedures;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/admin/demarches", get(list::show).post(list::settle))
        .route("/admin/demarches/nouvelle", get(start::show).post(start::begin))
        .route("/admin/demarches/offertes/{slug}", get(versions::list))
        .route("/admin/demarches/offertes/{slug}/brouillon", post(start::from_version))
        .route("/admin/demarches/offertes/{slug}/versions/{version}/demarche.toml", get(versions::export))
        .route("/admin/demarches/offertes/{slug}/differences", get(versions::differences))
        .route("/admin/demarches/offertes/{slug}/retirer", get(versions::ask_retire).post(versions::retire))
        .route("/admin/demarches/blocs", get(blocks::list).post(blocks::create))
        .route("/admin/demarches/blocs/{block}", get(blocks::show).post(blocks::change))
        .route("/admin/demarches/brouillons/{draft}", get(overview::show))
        .route("/admin/demarches/brouillons/{draft}/actions", post(arrange::act))
        .route(
            "/admin/demarches/brouillons/{draft}/abandon",
            get(overview::ask_discard).post(overview::discard),
        )
        .route(
            "/admin/demarches/brouillons/{draft}/partie/{part}",
            get(part_page::show).post(part_page::save),
        )
        .route("/admin/demarches/brouillons/{draft}/pages", post(pages::add))
        .route("/admin/demarches/brouillons/{draft}/pages/{page}", get(pages::show).post(pages::add_question))
        .route(
            "/admin/demarches/brouillons/{draft}/pages/{page}/modifier",
            get(pages::edit).post(pages::save),
        )
        .route(
            "/admin/demarches/brouillons/{draft}/supprimer",
            get(arrange::ask_remove).post(arrange::remove),
        )
        .route(
            "/admin/demarches/brouillons/{draft}/questions/{field}",
            get(question_page::show).post(question_page::save),
        )
        .route("/admin/demarches/brouillons/{draft}/questions/{field}/apercu", post(screen::live))
        .route("/admin/demarches/brouillons/{draft}/etapes", post(step_page::add))
        .route(
            "/admin/demarches/brouillons/{draft}/etapes/{step}",
            get(step_page::show).post(step_page::save),
        )
        .route("/admin/demarches/brouillons/{draft}/etapes/{step}/questions", post(step_page::add_question))
        .route("/admin/demarches/brouillons/{draft}/etapes/{step}/actions", post(step_page::add_action))
        .route(
            "/admin/demarches/brouillons/{draft}/etapes/{step}/actions/{action}",
            get(action_page::show).post(action_page::save),
        )
        .route("/admin/demarches/brouillons/{draft}/condition", get(condition::show).post(condition::save))
        .route("/admin/demarches/brouillons/{draft}/limites/{rank}", get(rules::show).post(rules::save))
        .route(
            "/admin/demarches/brouillons/{draft}/traductions",
            get(translations::show).post(translations::save),
        )
        .route("/admin/demarches/brouillons/{draft}/texte", get(text::show).post(text::save))
        .route("/admin/demarches/brouillons/{draft}/demarche.toml", get(text::export))
        .route("/admin/demarches/brouillons/{draft}/blocs", post(blocks::use_block))
        .route("/admin/demarches/brouillons/{draft}/apercu", get(preview::show))
        .route("/admin/demarches/brouillons/{draft}/apercu/fiche", get(preview::sheet))
        .route("/admin/demarches/brouillons/{draft}/apercu/ecran", get(screen::show).post(screen::answer))
        .route("/admin/demarches/brouillons/{draft}/apercu/formulaire.pdf", get(preview::paper))
        .route("/admin/demarches/brouillons/{draft}/essais", get(trial_pages::list).post(trial_pages::act))
        .route(
            "/admin/demarches/brouillons/{draft}/essais/{trial}/etapes",
            get(rehearsal::show).post(rehearsal::act),
        )
        .route("/admin/demarches/brouillons/{draft}/differences", get(versions::of_draft))
        .route("/admin/demarches/brouillons/{draft}/verification", get(publication::show))
        .route("/admin/demarches/brouillons/{draft}/publication", post(publication::act))
}

/// Where all of it begins.
const ROOT: &str = "/admin/demarches";

/// The address of a draft.
fn base(id: Id<Workshop>) -> String {
    format!("{ROOT}/brouillons/{id}")
}

/// Whether somebody may do `A` for the whole town. Whoever may not is not told that there is something to do.
fn entitled<A: Action>(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Permit<A>> {
    permit::<A>(tx, who, None).map_err(|refused| match refused {
        Refused::NotPermitted(_) => WebError::not_found(),
        other => other.into(),
    })
}

/// A draft that is open before somebody who may change it.
struct Open {
    permit: Permit<EditProcedures>,
    kept: Kept,
    procedure: Procedure,
}

/// Opens a draft.
fn open(tx: &mut Tx<'_>, who: &SignedIn, id: &str) -> Result<Open> {
    let permit = entitled::<EditProcedures>(tx, who)?;
    let id: Id<Workshop> = id.parse().map_err(|_| WebError::not_found())?;
    let kept = store::find(tx, id)?.ok_or_else(WebError::not_found)?;
    let procedure = commands::read(&kept)?;
    Ok(Open { permit, kept, procedure })
}

fn to(target: &str) -> Response {
    Redirect::to(target).into_response()
}

impl From<DraftError> for WebError {
    fn from(error: DraftError) -> Self {
        match error {
            DraftError::Gone => Self::not_found(),
            DraftError::Taken(_) | DraftError::Overtaken | DraftError::NameFixed => {
                Self::conflict().log(error)
            }
            DraftError::TooMany => Self::conflict().log(error),
            DraftError::TooLarge => Self::too_large(),
            DraftError::Store(error) => error.into(),
        }
    }
}
