//! Templates of documents: those of the house and the commune's own, written in Typst. A procedure says by which one a
//! document is laid out; the document knows which version made it.

mod commands;
mod draft;
mod editor;
mod pages;
mod sheet;
mod store;
mod trial;

use std::collections::BTreeSet;

use axum::{
    Router,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use beffroi_forms::{Deed, Procedure};
use beffroi_people::{Permit, Refused, SignedIn, permission::permit};
use beffroi_store::{By, Commune, Result, Tx};
use beffroi_typeset::{HouseTemplate, Pool, TypesetError};
use beffroi_web::{App, Page, WebError};

pub use commands::{TemplateError, publish};
pub(crate) use sheet::{About, Words, of_case};
pub(crate) use store::{Made, forget, made, record};

use crate::{
    permission::{EditProcedures, PublishProcedures},
    procedure::Shelf,
};

/// Where they are.
const ROOT: &str = "/admin/modeles";

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/admin/modeles", get(pages::list))
        .route("/admin/modeles/nouveau", get(pages::ask_new).post(pages::begin))
        .route("/admin/modeles/{slug}", get(editor::show).post(editor::act))
        .route("/admin/modeles/{slug}/apercu.pdf", get(pages::pdf))
        .route("/admin/modeles/{slug}/brouillon", get(draft::show).post(draft::act))
        .route("/admin/modeles/{slug}/retirer", post(editor::retire))
        .route("/admin/modeles/{slug}/versions/{version}/modele.typ", get(editor::version))
}

fn to(target: &str) -> Response {
    Redirect::to(target).into_response()
}

/// Whoever makes procedures makes templates. Whoever may not is not told that there is something to do.
fn entitled(tx: &mut Tx<'_>, who: &SignedIn) -> std::result::Result<Permit<EditProcedures>, WebError> {
    permit::<EditProcedures>(tx, who, None).map_err(hidden)
}

/// Whoever offers procedures publishes what others wrote of a template.
fn publishing(tx: &mut Tx<'_>, who: &SignedIn) -> std::result::Result<Permit<PublishProcedures>, WebError> {
    permit::<PublishProcedures>(tx, who, None).map_err(hidden)
}

fn hidden(refused: Refused) -> WebError {
    match refused {
        Refused::NotPermitted(_) => WebError::not_found(),
        other => other.into(),
    }
}

/// What a template of the house is called.
fn title_of(page: &Page, template: HouseTemplate) -> String {
    page.t(&format!("office-template-house-{}", template.slug())).to_owned()
}

/// The templates that a document may be laid out by: short name and name.
pub(crate) fn choices(tx: &mut Tx<'_>, page: &Page) -> Result<Vec<(String, String)>> {
    let house = HouseTemplate::ALL.map(|template| (template.slug().to_owned(), title_of(page, template)));
    let own = store::list(tx)?.into_iter().filter(|template| template.retired_at.is_none());
    Ok(house.into_iter().chain(own.map(|template| (template.slug, template.title))).collect())
}

/// The source of a template as it stands, and its version: 0 for one of the house's own. One that is offered no longer
/// still serves the cases of earlier versions of procedures.
pub(crate) fn source_of(tx: &mut Tx<'_>, slug: &str) -> Result<Option<(String, u32)>> {
    let house = if slug.is_empty() { Some(HouseTemplate::Letter) } else { HouseTemplate::from_slug(slug) };
    if let Some(house) = house {
        return Ok(Some((house.source().to_owned(), 0)));
    }
    let Some(kept) = store::find(tx, slug)? else { return Ok(None) };
    Ok(store::source(tx, slug, kept.version)?.map(|source| (source, kept.version)))
}

/// The actions of a procedure whose template is not offered here: where, and which.
pub(crate) fn unknown_in(tx: &mut Tx<'_>, procedure: &Procedure) -> Result<Vec<(String, String)>> {
    let actions = procedure.steps.iter().flat_map(|step| step.actions.iter().map(move |it| (step, it)));
    let named = actions.filter(|(_, action)| {
        action.kind == Deed::Document
            && !action.template.is_empty()
            && HouseTemplate::from_slug(&action.template).is_none()
    });
    let named: Vec<_> = named.collect();
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let known: BTreeSet<String> = store::list(tx)?
        .into_iter()
        .filter(|template| template.retired_at.is_none())
        .map(|template| template.slug)
        .collect();
    let unknown = named.into_iter().filter(|(_, action)| !known.contains(&action.template));
    let at = |step: &str, action: &str| format!("step[{step}].action[{action}].template");
    Ok(unknown.map(|(step, action)| (at(&step.id, &action.id), action.template.clone())).collect())
}

/// The commune's own templates that are offered, each with its source as it stands: what the command line writes out.
///
/// # Errors
/// Those of the store.
pub fn current(tx: &mut Tx<'_>) -> Result<Vec<(String, String)>> {
    store::sources(tx)
}

/// Tries a source out on an example, with the questions that its template is tried with where there is one of this
/// name: why it makes no document, if it makes none. Blocks.
///
/// # Errors
/// Those of the store.
pub fn tried(commune: &Commune, pool: &Pool, slug: &str, source: &str) -> Result<Option<TypesetError>> {
    let example = commune.read_blocking(By::SYSTEM, |tx| {
        let sample = store::find(tx, slug)?.map(|template| template.sample).unwrap_or_default();
        trial::Example::load(tx, &Shelf::default(), &sample)
    })?;
    Ok(example.job(source, slug).and_then(|job| pool.render(&job)).err())
}
