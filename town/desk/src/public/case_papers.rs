//! The papers of a request, for whoever holds it: acknowledgement, decision, documents.

use std::sync::Arc;

use axum::{
    extract::Path,
    http::{HeaderValue, header},
    response::IntoResponse,
};
use beffroi_cases::{case::Case, decision, reversal as taken_back, tracking::TrackingCode};
use beffroi_core::Id;
use beffroi_documents::{self as documents, Document};
use beffroi_store::{By, Tx};
use beffroi_web::{App, CommuneOf, Purpose, Result, Visitor, WebError};
use serde::Deserialize;

use super::{
    holder::{Holder, opened},
    portal::pdf_answer,
};
use crate::{
    Parts,
    enclosure::{self, To},
    papers::{self, AsReceived, purpose},
    submission,
    visit::{Visit, case_error},
};

pub(super) async fn acknowledgement(
    Visit { app, desk, commune, visitor, .. }: Visit,
    holder: Holder,
) -> Result {
    let asked = holder.clone();
    let case = commune.read(By::VISITOR, move |tx| opened(tx, &asked)).await?;
    acknowledgement_of(desk, &commune, (&app, &visitor), case, holder.code().cloned()).await
}

/// The acknowledgement as it was kept; laid out now, with the code, for who is faster than the background, and where
/// the background could not.
pub(crate) async fn acknowledgement_of(
    desk: Arc<Parts>,
    commune: &CommuneOf,
    who: (&App, &Visitor),
    case: Case,
    code: Option<TrackingCode>,
) -> Result {
    let id = case.id;
    match commune.read(By::VISITOR, move |tx| of_purpose(tx, id, purpose::ACKNOWLEDGEMENT)).await? {
        Some(document) => stream(commune, document).await,
        None => acknowledgement_anew(desk, commune, who, case, code).await,
    }
}

/// The acknowledgement, laid out now: with the code, if it is known.
pub(crate) async fn acknowledgement_anew(
    desk: Arc<Parts>,
    commune: &CommuneOf,
    (app, visitor): (&App, &Visitor),
    case: Case,
    code: Option<TrackingCode>,
) -> Result {
    visitor.limit(app, Purpose::PAPER)?;
    let link = format!("{}/suivi", desk.site(commune).await?);
    let name = format!("accuse-de-reception-{}.pdf", case.reference);
    let parts = Arc::clone(&desk);
    let received = commune
        .read(By::VISITOR, move |tx| AsReceived::load(tx, &parts, &case).map_err(case_error))
        .await?
        .ok_or_else(WebError::not_found)?;
    let pdf = tokio::task::spawn_blocking(move || {
        let code = code.map(|code| code.to_string());
        let tracking = code.as_deref().map(|code| (code, link.as_str()));
        papers::acknowledgement_pdf(&desk, &received.facts(), tracking)
    })
    .await
    .map_err(WebError::internal)?
    .map_err(|error| WebError::unavailable().log(error))?;
    Ok(pdf_answer(pdf, &name, false))
}

/// The decision. Opening it is proof that its requester was told.
pub(super) async fn decision(Visit { commune, visitor, .. }: Visit, holder: Holder) -> Result {
    let document = commune
        .write(visitor.by, move |tx| {
            let case = opened(tx, &holder)?;
            let document = of_purpose(tx, case.id, purpose::DECISION)?.ok_or_else(WebError::not_found)?;
            if awaits_signed(tx, case.id)? {
                return Err(WebError::not_found());
            }
            decision::open(tx, &holder).map_err(case_error)?;
            Ok::<_, WebError>(document)
        })
        .await?;
    stream(&commune, document).await
}

/// The act that takes the last decision back. Opening it is proof that its requester was told.
pub(super) async fn reversal(Visit { commune, visitor, .. }: Visit, holder: Holder) -> Result {
    let document = commune
        .write(visitor.by, move |tx| {
            let case = opened(tx, &holder)?;
            let document = of_purpose(tx, case.id, purpose::REVERSAL)?.ok_or_else(WebError::not_found)?;
            if awaits_signed_act(tx, case.id)? {
                return Err(WebError::not_found());
            }
            taken_back::open(tx, &holder).map_err(case_error)?;
            Ok::<_, WebError>(document)
        })
        .await?;
    stream(&commune, document).await
}

#[derive(Deserialize)]
pub(super) struct Which {
    document: String,
}

/// Whether somebody still waits for the signed letter that tells the decision of their case.
pub(crate) fn awaits_signed(tx: &mut Tx<'_>, case: Id<Case>) -> Result<bool> {
    let Some(taken) = decision::of_case(tx, case).map_err(case_error)? else { return Ok(false) };
    let reach = submission::reach(tx, case)?.ok_or_else(WebError::not_found)?;
    Ok(papers::is_unsigned(&taken, &reach))
}

/// The same of the act that takes the last decision back.
fn awaits_signed_act(tx: &mut Tx<'_>, case: Id<Case>) -> Result<bool> {
    let Some(act) = taken_back::of_case(tx, case)?.pop() else { return Ok(false) };
    let reach = submission::reach(tx, case)?.ok_or_else(WebError::not_found)?;
    Ok(papers::is_unsigned_act(&act, &reach))
}

/// A document of a case, as its requester may have it: of a decision whose signed letter has not left, neither the paper
/// nor what is joined to it alone; of what was taken back since, no paper that still waits for its letter.
pub(crate) fn given(tx: &mut Tx<'_>, case: Id<Case>, id: Id<Document>) -> Result<Document> {
    let found = documents::find(tx, id)?;
    let found = found.filter(|found| found.owner_kind == "case" && found.owner_id == case.uuid());
    let document = found.ok_or_else(WebError::not_found)?;
    let waits = match document.purpose.as_str() {
        purpose::DECISION => awaits_signed(tx, case)?,
        purpose::REVERSAL => awaits_signed_act(tx, case)?,
        purpose::ENCLOSURE => {
            awaits_signed(tx, case)? && !enclosure::is_elsewhere(tx, id, To::Decision(case).id())?
        }
        purpose::PAST | purpose::PAST_ACT => {
            !papers::unposted(tx, case, std::slice::from_ref(&document))?.is_empty()
        }
        _ => false,
    };
    if waits { Err(WebError::not_found()) } else { Ok(document) }
}

/// A document of the requester's own, or one that the town wrote.
pub(super) async fn document(
    Visit { commune, .. }: Visit,
    holder: Holder,
    Path(which): Path<Which>,
) -> Result {
    let id: Id<Document> = which.document.parse().map_err(|_| WebError::not_found())?;
    let document = commune
        .read(By::VISITOR, move |tx| {
            let case = opened(tx, &holder)?;
            given(tx, case.id, id)
        })
        .await?;
    stream(&commune, document).await
}

/// The last document of a case with this purpose.
fn of_purpose(tx: &mut Tx<'_>, case: Id<Case>, purpose: &str) -> Result<Option<Document>> {
    Ok(documents::last_of(tx, "case", case.uuid(), purpose)?)
}

/// Sends a document, once the virus scanner has let it pass.
pub(crate) async fn stream(commune: &CommuneOf, document: Document) -> Result {
    let id = document.id;
    let cleared = commune.read(By::VISITOR, move |tx| documents::cleared(tx, id)).await?;
    let cleared = cleared.ok_or_else(WebError::not_found)?;
    let content = cleared.content(commune).await?;
    let mut response = axum::body::Body::from_stream(content).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(document.media_type.mime()));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(document.bytes));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let shown = if document.media_type.mime() == "application/pdf" { "inline" } else { "attachment" };
    let safe: String = document
        .name
        .chars()
        .filter(|letter| letter.is_ascii_graphic() && !"\"\\;".contains(*letter))
        .collect();
    if let Ok(disposition) = HeaderValue::from_str(&format!("{shown}; filename=\"{safe}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    Ok(response)
}
