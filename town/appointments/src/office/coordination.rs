//! Where the State's coordination service is, and the town's token for it: set, tried and taken away by those who answer
//! for the whole town.

use std::sync::Arc;

use axum::{
    Extension,
    response::{IntoResponse, Redirect},
};
use beffroi_store::{By, StoreError};
use beffroi_web::{CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError};

use super::{
    ants::{Said, shown},
    whole_town,
};
use crate::coordination::{self, Access, Coordinator, why};

const PAGE: &str = "/agents/rendez-vous/ants";

/// Keeps the address and the token. A token that is left empty stays, where the address does.
pub(super) async fn save(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Extension(coordinator): Extension<Arc<Coordinator>>,
    fields: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let text = |name: &str| fields.get(name).unwrap_or_default().to_owned();
    let typed = Access { address: text("adresse"), token: text("jeton") };
    let address = typed.address.clone();
    let wrong = commune
        .write(visitor.by, move |tx| {
            let permit = whole_town(tx, &who)?;
            let kept_at = coordination::kept(tx)?.map(|kept| kept.address);
            match coordination::to_keep(&typed, kept_at.as_deref()) {
                Ok(access) => coordination::save(tx, &permit, &access)?,
                Err(wrong) => return Ok(wrong),
            }
            Ok::<_, WebError>(Vec::new())
        })
        .await?;
    if wrong.is_empty() {
        return Ok(Redirect::to(&format!("{PAGE}?fait=service")).into_response());
    }
    let said = Said { problems: Problem::keyed(&page, &wrong), address: Some(address), ..Said::default() };
    shown(page, visitor, commune, &coordinator, said).await
}

/// Asks about a number that is nobody's, and tells what came of it.
pub(super) async fn attempt(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Extension(coordinator): Extension<Arc<Coordinator>>,
) -> Result {
    let who = visitor.require()?.clone();
    let this = Arc::clone(&coordinator);
    let access = commune
        .read(visitor.by, move |tx| {
            whole_town(tx, &who)?;
            Ok::<_, WebError>(this.access(tx)?)
        })
        .await?
        .ok_or_else(WebError::not_found)?;
    let outcome = coordinator.check(&access).await;
    commune.write::<_, StoreError>(By::SYSTEM, move |tx| coordination::fared(tx, outcome.err())).await?;
    match outcome {
        Ok(()) => Ok(Redirect::to(&format!("{PAGE}?fait=essai")).into_response()),
        Err(trouble) => {
            let problems = Problem::keyed(&page, &[("adresse", why(trouble))]);
            shown(page, visitor, commune, &coordinator, Said { problems, ..Said::default() }).await
        }
    }
}

/// Asks and tells the service no longer.
pub(super) async fn remove(visitor: Visitor, commune: CommuneOf) -> Result {
    let who = visitor.require()?.clone();
    commune
        .write(visitor.by, move |tx| {
            let permit = whole_town(tx, &who)?;
            Ok::<_, WebError>(coordination::clear(tx, &permit)?)
        })
        .await?;
    Ok(Redirect::to(&format!("{PAGE}?fait=retrait")).into_response())
}
