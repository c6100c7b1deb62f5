//! What an agent answers to a mandate: the paper is right, or not; the code that the helped person gave; the end, for
//! whoever asks; a new link for the helped person.

use std::sync::Arc;

use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_core::calendar::civil_day;
use beffroi_people::{
    SignedIn, Town,
    mandate::{self, By, ConsentError, Mandate},
};
use beffroi_store::Tx;
use beffroi_web::{FormPost, Result, WebError};

use super::{
    letters,
    office::{Allowed, allowed, id_of, page_of},
};
use crate::{problem::Problem, visit::Visit};

/// What stands against an answer.
pub(crate) enum Against {
    Consent(ConsentError),
    /// The helped person has neither an e-mail address nor a postal one.
    Unreachable,
}

/// Takes an agent's answer.
pub(super) async fn answer(visit: Visit, Path(id): Path<String>, fields: FormPost) -> Result {
    let id = id_of(&id)?;
    let who = visit.visitor.require()?.clone();
    let (what, typed) = (fields.text("reponse").to_owned(), fields.text("code").to_owned());
    let origin = visit.desk.site(&visit.commune).await?;
    let (asked, desk) = (what.clone(), Arc::clone(&visit.desk));
    let (came, seen) = visit
        .commune
        .write(visit.visitor.by, move |tx| {
            let allowed = allowed(tx, &desk, &who)?;
            let mandate = mandate::find(tx, id)?.ok_or_else(WebError::not_found)?;
            let seen = allowed.sight.sees(&mandate);
            // Whoever asks to end one by its names alone need not be in the right department.
            if !seen && asked != "fin" {
                return Err(WebError::not_found());
            }
            let came = answered(tx, &allowed, &who, &mandate, (&asked, &typed, &origin))?;
            Ok((came, seen))
        })
        .await?;
    let (field, key) = match came {
        Ok(()) => {
            let word = if ["papier", "code"].contains(&what.as_str()) { "accord" } else { what.as_str() };
            let page = if seen { format!("/{id}") } else { String::new() };
            return Ok(Redirect::to(&format!("/agents/mandats{page}?fait={word}")).into_response());
        }
        Err(Against::Consent(ConsentError::WrongCode)) => ("code", "desk-mandate-code-wrong"),
        Err(Against::Consent(ConsentError::UsedUp)) => ("code", "desk-mandate-code-used-up"),
        Err(Against::Consent(ConsentError::NotWaiting)) => ("code", "desk-mandate-not-waiting"),
        Err(Against::Consent(ConsentError::Store(error))) => return Err(error.into()),
        Err(Against::Unreachable) => ("lien", "office-mandate-no-way"),
    };
    let problems = Problem::alone(field, visit.page.t(key));
    page_of(visit, id, StatusCode::UNPROCESSABLE_ENTITY, String::new(), problems).await
}

/// Does what an agent answers: `papier`, `code`, `refus`, `fin`, `lien`.
pub(crate) fn answered(
    tx: &mut Tx<'_>,
    Allowed { permit, tray, .. }: &Allowed,
    who: &SignedIn,
    mandate: &Mandate,
    (asked, typed, origin): (&str, &str, &str),
) -> Result<std::result::Result<(), Against>> {
    let (id, tray) = (mandate.id, tray.as_deref());
    let today = civil_day(tx.now(), Town::load(tx)?.zone());
    let came = match asked {
        // Nobody sees to their own paper: another agent looks at it.
        "papier" if mandate.details.account == who.account => return Err(WebError::forbidden()),
        "papier" => mandate::approve(tx, permit, id, today),
        "code" => mandate::consent_by_code(tx, id, typed, today)?,
        "refus" => {
            if !mandate::refuse(tx, id, By::Town)? {
                return Ok(Err(Against::Consent(ConsentError::NotWaiting)));
            }
            letters::over(tx, mandate, By::Town, tray)?;
            return Ok(Ok(()));
        }
        "fin" => {
            if mandate::end(tx, id, By::Town)? {
                letters::over(tx, mandate, By::Town, tray)?;
            }
            return Ok(Ok(()));
        }
        // The old link opens nothing any more: there must be a way to send the new one.
        "lien" if !mandate.details.helped.is_reachable() => return Ok(Err(Against::Unreachable)),
        "lien" => {
            if mandate.is_over(today) {
                return Err(WebError::conflict());
            }
            let link = mandate::relink(tx, id)?;
            letters::new_link(tx, mandate, &link, origin, tray)?;
            return Ok(Ok(()));
        }
        _ => return Err(WebError::bad_request()),
    };
    if came.is_ok() {
        letters::begun(tx, id, tray)?;
    }
    Ok(came.map_err(Against::Consent))
}
