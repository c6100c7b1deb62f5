//! The mail room for programs that hold an agent's token: what has arrived and waits, and what becomes of it. A new case is
//! made by a deposit that names the item.

#![expect(unused_qualifications, reason = "the description of a path names its parameters in full")]

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query},
    http::StatusCode,
    response::IntoResponse,
};
use beffroi_core::{Day, Id};
use beffroi_documents::{self as documents, Document};
use beffroi_mailroom::{Item, item};
use beffroi_people::SignedIn;
use beffroi_store::Tx;
use beffroi_web::{Result, WebError, once::Key};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    agents::row,
    body::{body, text, wrong},
    deposit::private,
    handling::listed,
    model::{CaseDocument, CaseRow, NewDepartment},
};
use crate::{
    mailroom::{self, Against, LONGEST_REASON, id_of, own, slugs, trays},
    public::stream,
    visit::Visit,
};

/// Items on one page.
const PAGE: u32 = 50;
/// Letters of a reference, at most.
const LONGEST_REFERENCE: usize = 40;

/// Something that arrived.
#[derive(Serialize, ToSchema)]
pub(super) struct MailItem {
    id: String,
    /// `scan` (a letter) or `email`.
    source: &'static str,
    /// The department in whose tray it is.
    department: String,
    sender_name: String,
    sender_email: String,
    subject: String,
    /// `ordinary`, `automatic`, `bounce` or `too_large`.
    nature: &'static str,
    /// The day on which the town received it: the legal term of a request in it runs from then.
    #[schema(value_type = String, format = Date)]
    arrived_on: Day,
    /// The reference of a case that stands in it.
    reference: Option<String>,
    /// `waiting`, `became` (a new case), `joined` or `dropped`.
    state: &'static str,
    /// The case that it became or was joined to.
    case: Option<Uuid>,
}

impl MailItem {
    fn of(item: &Item) -> Self {
        let details = &item.details;
        Self {
            id: item.id.to_string(),
            source: details.source.as_str(),
            department: details.department.clone(),
            sender_name: details.sender_name.clone(),
            sender_email: details.sender_email.clone(),
            subject: details.subject.clone(),
            nature: details.nature.as_str(),
            arrived_on: details.arrived_on,
            reference: Some(item.reference.clone()).filter(|reference| !reference.is_empty()),
            state: item.state.as_str(),
            case: item.case,
        }
    }
}

/// A page of what waits.
#[derive(Serialize, ToSchema)]
pub(super) struct MailPage {
    items: Vec<MailItem>,
    /// To be given as `after` for the next page.
    next: Option<String>,
}

/// An item with its text and its files.
#[derive(Serialize, ToSchema)]
pub(super) struct MailFound {
    #[serde(flatten)]
    item: MailItem,
    body: String,
    documents: Vec<CaseDocument>,
    /// The cases that it may belong to: the one that it names, then the open ones of its sender.
    proposed: Vec<CaseRow>,
}

/// Where the page begins.
#[derive(Deserialize, IntoParams)]
pub(super) struct After {
    /// `next` of the page before.
    after: Option<String>,
}

/// What waits in the trays of your departments, the oldest first.
#[utoipa::path(
    get, path = "/api/v1/agent/mail", params(After), security(("token" = ["mail.sort"])),
    responses((status = 200, body = MailPage), (status = 404, description = "You sort no mail"), (status = 422, description = "`after` is none"))
)]
pub(super) async fn list(Visit { commune, visitor, .. }: Visit, Query(asked): Query<After>) -> Result {
    let who = visitor.require()?.clone();
    let page = commune
        .read(visitor.by, move |tx| {
            let own = slugs(&trays(tx, &who)?);
            let after = match &asked.after {
                Some(text) => {
                    Some(text.parse().map_err(|_| wrong("#/after", "value", "not the `next` of a page"))?)
                }
                None => None,
            };
            let mut found = item::waiting(tx, &own, after, PAGE + 1)?;
            let more = found.len() > PAGE as usize;
            found.truncate(PAGE as usize);
            let next = found.last().filter(|_| more).map(|last| last.id.to_string());
            Ok::<_, WebError>(MailPage { items: found.iter().map(MailItem::of).collect(), next })
        })
        .await?;
    Ok(private(Json(page)))
}

/// An item of your trays. That you looked is written down.
#[utoipa::path(
    get, path = "/api/v1/agent/mail/{id}", params(("id" = String, Path)),
    security(("token" = ["mail.sort", "case.read", "case.handle"])),
    responses((status = 200, body = MailFound), (status = 404, description = "No such item, or of another department’s tray"))
)]
pub(super) async fn one(Visit { commune, visitor, .. }: Visit, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let id = id_of(&id)?;
    let found = commune
        .write(visitor.by, move |tx| {
            let (item, _) = own(tx, &who, id)?;
            let waits = item.state == item::State::Waiting;
            let proposed = if waits { mailroom::proposed(tx, &who, &item)? } else { Vec::new() };
            mailroom::consulted(tx, id, &who)?;
            let documents = documents::of_owner(tx, "mail_item", id.uuid(), 200)?;
            Ok::<_, WebError>(MailFound {
                body: item.details.body.clone(),
                item: MailItem::of(&item),
                documents: documents.into_iter().map(listed).collect(),
                proposed: proposed.iter().map(row).collect(),
            })
        })
        .await?;
    Ok(private(Json(found)))
}

/// A file of an item, once it is checked.
#[utoipa::path(
    get, path = "/api/v1/agent/mail/{id}/documents/{document}",
    params(("id" = String, Path), ("document" = String, Path)), security(("token" = ["mail.sort"])),
    responses(
        (status = 200, content_type = "*/*", body = Vec<u8>, description = "The document, in its own type"),
        (status = 404, description = "No such item or document, not yours, or not checked yet"),
    )
)]
pub(super) async fn document(
    Visit { commune, visitor, .. }: Visit,
    Path((id, document)): Path<(String, String)>,
) -> Result {
    let who = visitor.require()?.clone();
    let id = id_of(&id)?;
    let document: Id<Document> = document.parse().map_err(|_| WebError::not_found())?;
    let found = commune.read(visitor.by, move |tx| mailroom::paper(tx, &who, id, document)).await?;
    Ok(stream(&commune, found).await?.into_response())
}

/// Does one thing to an item of one's own trays, once under one key. The body is read last.
async fn act<T, F>(visit: Visit, id: &str, what: &str, bytes: Bytes, work: F) -> Result
where
    T: DeserializeOwned,
    F: FnOnce(&mut Tx<'_>, &SignedIn, Id<Item>, T) -> Result<()> + Send + 'static,
{
    let Visit { commune, visitor, headers, .. } = visit;
    let who = visitor.require()?.clone();
    let key = Key::of(&headers, &visitor, what, id, &bytes)?;
    let id = id_of(id)?;
    commune
        .write(visitor.by, move |tx| {
            // What was handed to another department is not in one's trays any more.
            if key.answered::<bool>(tx)?.is_some() {
                return Ok(true);
            }
            own(tx, &who, id)?;
            let new = body(&bytes)?;
            key.once(tx, |tx| work(tx, &who, id, new).map(|()| true))
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The case that an item belongs to.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reference": "2026-7QK4MRT", "complete": true }))]
pub(super) struct NewJoin {
    reference: String,
    /// Whether all that was awaited has come with it: the clock runs again.
    #[serde(default)]
    complete: bool,
}

/// Joins an item to a case of yours: its files, its words, and what was awaited, if all of it has come.
#[utoipa::path(
    post, path = "/api/v1/agent/mail/{id}/case",
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)), request_body = NewJoin,
    security(("token" = ["mail.sort", "case.read", "case.handle"])),
    responses(
        (status = 204), (status = 404, description = "No such item, or of another department’s tray"),
        (status = 409, description = "Somebody has seen to it, or the case is over"),
        (status = 422, description = "No case of yours has this reference"),
    )
)]
pub(super) async fn join(visit: Visit, Path(id): Path<String>, bytes: Bytes) -> Result {
    act(visit, &id, "mail-case", bytes, |tx, who, id, new: NewJoin| {
        let reference = text("#/reference", &new.reference, LONGEST_REFERENCE)?.to_uppercase();
        match mailroom::joined(tx, who, id, &reference, new.complete)? {
            Ok(_) => Ok(()),
            Err(Against::Unknown) => Err(wrong("#/reference", "value", "no case of yours has it")),
            Err(Against::Over | Against::Settled) => Err(WebError::conflict()),
        }
    })
    .await
}

/// Hands an item to another department, in whose tray it waits.
#[utoipa::path(
    post, path = "/api/v1/agent/mail/{id}/department",
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)), request_body = NewDepartment,
    security(("token" = ["mail.sort"])),
    responses((status = 204), (status = 404), (status = 409, description = "Somebody has seen to it"), (status = 422, description = "No such department"))
)]
pub(super) async fn route(visit: Visit, Path(id): Path<String>, bytes: Bytes) -> Result {
    act(visit, &id, "mail-department", bytes, |tx, who, id, new: NewDepartment| {
        if mailroom::routed(tx, who, id, &new.department)? {
            Ok(())
        } else {
            Err(wrong("#/department", "value", "no such department"))
        }
    })
    .await
}

/// Why nothing is to be done.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "Publicité" }))]
pub(super) struct NewDrop {
    reason: String,
}

/// Sets an item aside: nothing is to be done with it, and why is kept.
#[utoipa::path(
    post, path = "/api/v1/agent/mail/{id}/setting-aside",
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)), request_body = NewDrop,
    security(("token" = ["mail.sort"])),
    responses((status = 204), (status = 404), (status = 409, description = "Somebody has seen to it"), (status = 422))
)]
pub(super) async fn set_aside(visit: Visit, Path(id): Path<String>, bytes: Bytes) -> Result {
    act(visit, &id, "mail-aside", bytes, |tx, who, id, new: NewDrop| {
        let reason = text("#/reason", &new.reason, LONGEST_REASON)?;
        mailroom::dropped(tx, who, id, &reason)
    })
    .await
}
