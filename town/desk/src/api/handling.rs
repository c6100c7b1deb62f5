//! What agents do on the page of a case beside answering it, for programs that hold a token: taking it up, handing it on,
//! noting, the arrival of documents, the reasons of silence, filing it away; and its documents.

use axum::{Json, body::Bytes, extract::Path, response::IntoResponse};
use beffroi_cases::{
    Right, case, exchange,
    missing::{self, LocalCalendar},
};
use beffroi_core::Id;
use beffroi_documents::{self as documents, Document, State};
use beffroi_people::department;
use beffroi_web::{Result, WebError};

use super::{
    agents::{act, id_of},
    body::wrong,
    deposit::private,
    model::{CaseDocument, NewAssignee, NewDepartment, NewNote, NewReasons, Nothing},
};
use crate::{
    office::entitled,
    public::stream,
    visit::{Visit, case_error},
};

/// Documents of a case that are listed.
const LISTED_AT_MOST: u32 = 200;

/// Takes a case up: you follow it from then on.
#[utoipa::path(
    post, path = "/api/v1/agent/cases/{id}/take-up", request_body(content = Option<Nothing>),
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    security(("token" = ["case.handle"])),
    responses((status = 204), (status = 404), (status = 409, description = "Somebody has taken it up"))
)]
pub(super) async fn take_up(visit: Visit, Path(id): Path<String>, bytes: Bytes) -> Result {
    act(visit, &id, "take-up", bytes, |office, tx, case, _, _: Nothing| {
        case::take_up(tx, &office.access, case.id, office.agent).map_err(case_error)
    })
    .await
}

/// Gives a case to an agent who handles those of its department, or to nobody.
#[utoipa::path(
    post, path = "/api/v1/agent/cases/{id}/assignee", request_body = NewAssignee,
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    security(("token" = ["case.handle"])),
    responses((status = 204), (status = 404), (status = 409, description = "The case is over"), (status = 422, description = "No agent of this department"))
)]
pub(super) async fn assign(visit: Visit, Path(id): Path<String>, bytes: Bytes) -> Result {
    act(visit, &id, "assignee", bytes, |office, tx, case, town, new: NewAssignee| {
        // Whoever may not do it does not learn who could.
        office.access.permit(Right::Handle, case).map_err(case_error)?;
        if office.assign(tx, case, new.agent, town)? {
            return Ok(());
        }
        Err(wrong("#/agent", "value", "no agent who handles the cases of this department"))
    })
    .await
}

/// Hands a case over to another department; its clock runs on.
#[utoipa::path(
    post, path = "/api/v1/agent/cases/{id}/department", request_body = NewDepartment,
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    security(("token" = ["case.handle"])),
    responses((status = 204), (status = 404), (status = 409, description = "The case is over"), (status = 422, description = "No such department"))
)]
pub(super) async fn route(visit: Visit, Path(id): Path<String>, bytes: Bytes) -> Result {
    act(visit, &id, "department", bytes, |office, tx, case, _, new: NewDepartment| {
        if department::by_slug(tx, &new.department)?.is_none() {
            return Err(wrong("#/department", "value", "no such department"));
        }
        case::route(tx, &office.access, case.id, &new.department).map_err(case_error)
    })
    .await
}

/// Notes something for colleagues.
#[utoipa::path(
    post, path = "/api/v1/agent/cases/{id}/notes", request_body = NewNote,
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    security(("token" = ["case.handle"])),
    responses((status = 204), (status = 404), (status = 422))
)]
pub(super) async fn note(visit: Visit, Path(id): Path<String>, bytes: Bytes) -> Result {
    act(visit, &id, "notes", bytes, |office, tx, case, _, new: NewNote| {
        exchange::note(tx, &office.access, case.id, office.agent, &new.text).map_err(case_error)
    })
    .await
}

/// Records that all documents that were asked for have come; the legal clock reacts.
#[utoipa::path(
    post, path = "/api/v1/agent/cases/{id}/document-arrivals", request_body(content = Option<Nothing>),
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    security(("token" = ["case.handle"])),
    responses((status = 204), (status = 404), (status = 409, description = "Nothing is awaited"))
)]
pub(super) async fn record_arrival(visit: Visit, Path(id): Path<String>, bytes: Bytes) -> Result {
    act(visit, &id, "document-arrivals", bytes, |office, tx, case, town, _: Nothing| {
        let calendar = LocalCalendar { zone: town.zone(), holidays: town.holidays() };
        missing::record_arrival(tx, &office.access, case.id, calendar).map(drop).map_err(case_error)
    })
    .await
}

/// Tells a requester who asked why silence refused (CRPA, art. L232-4).
#[utoipa::path(
    post, path = "/api/v1/agent/cases/{id}/reasons", request_body = NewReasons,
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    security(("token" = ["case.decide"])),
    responses((status = 204), (status = 404), (status = 409, description = "Nobody waits for reasons"), (status = 422))
)]
pub(super) async fn explain(visit: Visit, Path(id): Path<String>, bytes: Bytes) -> Result {
    act(visit, &id, "reasons", bytes, |office, tx, case, town, new: NewReasons| {
        if office.explain(tx, case, &new.reasons, town)? { Ok(()) } else { Err(WebError::conflict()) }
    })
    .await
}

/// Takes a finished case out of daily work.
#[utoipa::path(
    post, path = "/api/v1/agent/cases/{id}/archive", request_body(content = Option<Nothing>),
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    security(("token" = ["case.handle"])),
    responses((status = 204), (status = 404), (status = 409, description = "It is not finished, or archived already"))
)]
pub(super) async fn archive(visit: Visit, Path(id): Path<String>, bytes: Bytes) -> Result {
    act(visit, &id, "archive", bytes, |office, tx, case, _, _: Nothing| {
        case::archive(tx, &office.access, case.id).map_err(case_error)
    })
    .await
}

/// The documents of a case: those of the requester and those that the town wrote. Reading them is written down.
#[utoipa::path(
    get, path = "/api/v1/agent/cases/{id}/documents", params(("id" = String, Path)),
    security(("token" = ["case.read"])),
    responses((status = 200, body = Vec<CaseDocument>), (status = 404, description = "No such case, or not yours"))
)]
pub(super) async fn list_documents(Visit { commune, visitor, .. }: Visit, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let id = id_of(&id)?;
    let found = commune
        .write(visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            case::read(tx, &access, id).map_err(case_error)?;
            crate::office::consulted(tx, id, &who)?;
            Ok::<_, WebError>(documents::of_owner(tx, "case", id.uuid(), LISTED_AT_MOST)?)
        })
        .await?;
    let listed: Vec<CaseDocument> = found.into_iter().map(listed).collect();
    Ok(private(Json(listed)))
}

/// A document as lists show it.
pub(super) fn listed(document: Document) -> CaseDocument {
    CaseDocument {
        id: document.id.to_string(),
        purpose: document.purpose,
        name: document.name,
        media_type: document.media_type.mime(),
        bytes: document.bytes,
        state: match document.state {
            State::Received => "unchecked",
            State::Clean => "clear",
            State::Infected => "infected",
        },
    }
}

/// One document of a case, once the virus scanner has let it pass. Reading it is written down.
#[utoipa::path(
    get, path = "/api/v1/agent/cases/{id}/documents/{document}",
    params(("id" = String, Path), ("document" = String, Path)), security(("token" = ["case.read"])),
    responses(
        (status = 200, content_type = "*/*", body = Vec<u8>, description = "The document, in its own type"),
        (status = 404, description = "No such case or document, not yours, or not checked yet"),
    )
)]
pub(super) async fn document(
    Visit { commune, visitor, .. }: Visit,
    Path((id, document)): Path<(String, String)>,
) -> Result {
    let who = visitor.require()?.clone();
    let id = id_of(&id)?;
    let document: Id<Document> = document.parse().map_err(|_| WebError::not_found())?;
    let found = commune
        .write(visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            case::read(tx, &access, id).map_err(case_error)?;
            let found = documents::find(tx, document)?.filter(|found| found.owner_id == id.uuid());
            let found = found.ok_or_else(WebError::not_found)?;
            crate::office::consulted(tx, id, &who)?;
            Ok::<_, WebError>(found)
        })
        .await?;
    Ok(stream(&commune, found).await?.into_response())
}
