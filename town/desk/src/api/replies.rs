//! What departments make for their work, for programs that hold an agent's token: labels and reply templates are made,
//! changed, and given up.

use axum::{body::Bytes, extract::Path, http::StatusCode, response::IntoResponse};
use beffroi_cases::{
    LONGEST_TEXT,
    label::{self, Colour, LONGEST_NAME as LABEL_AT_MOST, Label},
};
use beffroi_core::Id;
use beffroi_web::{Result, WebError, once::Key};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    body::{body, text, wrong},
    daily::{Made, made},
};
use crate::{
    daily::reply::{self, LONGEST_NAME, Template},
    office::tools::{
        handled,
        replies::{self, NewTemplate},
    },
    visit::{Visit, case_error},
};

/// A label to be made.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "department": "domaine-public", "name": "À voir en commission", "colour": "blue" }))]
pub(super) struct NewLabel {
    /// The department’s short name; yours, if you work in one alone.
    #[serde(default)]
    department: Option<String>,
    /// 30 characters at most.
    name: String,
    /// `grey`, `blue`, `green`, `yellow`, `red` or `purple`.
    #[serde(default)]
    colour: Option<String>,
}

/// A label as it is to be.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "À voir en commission", "colour": "red" }))]
pub(super) struct ChangedLabel {
    /// 30 characters at most.
    name: String,
    /// `grey`, `blue`, `green`, `yellow`, `red` or `purple`.
    colour: String,
}

fn colour(word: &str) -> Result<Colour> {
    let words = Colour::ALL.iter().map(|colour| colour.as_str()).collect::<Vec<_>>().join(", ");
    Colour::from_word(word).ok_or_else(|| wrong("#/colour", "value", &words))
}

fn taken() -> WebError {
    wrong("#/name", "taken", "the department has one of that name, or as many as it may")
}

/// Makes a label, for a department whose cases you handle.
#[utoipa::path(
    post, path = "/api/v1/agent/labels", request_body = NewLabel,
    params(("Idempotency-Key" = Option<String>, Header)), security(("token" = ["case.read", "case.handle"])),
    responses((status = 201, body = Made), (status = 404, description = "No such department, or not yours"), (status = 422))
)]
pub(super) async fn make_label(Visit { commune, visitor, headers, .. }: Visit, bytes: Bytes) -> Result {
    let who = visitor.require()?.clone();
    let key = Key::of(&headers, &visitor, "labels", "", &bytes)?;
    let label = commune
        .write(visitor.by, move |tx| {
            let (access, places) = handled(tx, &who)?;
            let new: NewLabel = body(&bytes)?;
            let only = places.first().filter(|_| places.len() == 1).map(|place| place.slug.clone());
            let department = new.department.or(only);
            let department = department.ok_or_else(|| wrong("#/department", "value", "one of yours"))?;
            let name = text("#/name", &new.name, LABEL_AT_MOST)?;
            let colour = colour(new.colour.as_deref().unwrap_or(Colour::Grey.as_str()))?;
            key.once(tx, |tx| {
                let label = label::create(tx, &access, &department, &name, colour).map_err(case_error)?;
                let label = label.ok_or_else(taken)?;
                Ok::<_, WebError>(Made { id: label.id.uuid() })
            })
        })
        .await?;
    Ok(made(label))
}

fn label_of(id: &str) -> Result<Id<Label>> {
    id.parse().map_err(|_| WebError::not_found())
}

/// Changes the word and the colour of a label: cases keep it.
#[utoipa::path(
    put, path = "/api/v1/agent/labels/{id}", request_body = ChangedLabel, params(("id" = String, Path)),
    security(("token" = ["case.read", "case.handle"])),
    responses((status = 204), (status = 404, description = "No such label, or not yours"), (status = 422))
)]
pub(super) async fn change_label(
    Visit { commune, visitor, .. }: Visit,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Result {
    let who = visitor.require()?.clone();
    commune
        .write(visitor.by, move |tx| {
            let (access, _) = handled(tx, &who)?;
            let id = label_of(&id)?;
            let known = label::find(tx, &access, id).map_err(case_error)?;
            let new: ChangedLabel = body(&bytes)?;
            let name = text("#/name", &new.name, LABEL_AT_MOST)?;
            let colour = colour(&new.colour)?;
            let changed = label::change(tx, &access, known.id, &name, colour).map_err(case_error)?;
            if changed { Ok(()) } else { Err(taken()) }
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Takes a label off every case and forgets it.
#[utoipa::path(
    delete, path = "/api/v1/agent/labels/{id}", params(("id" = String, Path)),
    security(("token" = ["case.read", "case.handle"])),
    responses((status = 204), (status = 404, description = "No such label, or not yours"))
)]
pub(super) async fn remove_label(Visit { commune, visitor, .. }: Visit, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    commune
        .write(visitor.by, move |tx| {
            let (access, _) = handled(tx, &who)?;
            label::remove(tx, &access, label_of(&id)?).map_err(case_error)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A reply template to be made, or as it is to be.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Bien reçu", "body": "Bonjour {prénom}, votre demande {référence} avance." }))]
pub(super) struct NewReply {
    /// The department’s short name; yours, if you work in one alone. It does not change.
    #[serde(default)]
    department: Option<String>,
    /// The procedure that it is for; all of them, if none is given.
    #[serde(default)]
    procedure: Option<String>,
    /// 80 characters at most.
    name: String,
    /// What is written; `{prénom}` and the like stand for what the case says.
    body: String,
}

async fn kept(visit: Visit, id: Option<Id<Template>>, bytes: Bytes) -> Result<Made> {
    let Visit { desk, commune, visitor, headers, .. } = visit;
    let who = visitor.require()?.clone();
    let path = id.map(|id| id.to_string()).unwrap_or_default();
    let key = Key::of(&headers, &visitor, "reply-templates", &path, &bytes)?;
    commune
        .write(visitor.by, move |tx| {
            let (_, places) = handled(tx, &who)?;
            if let Some(id) = id {
                replies::own(tx, &places, id)?;
            }
            let new: NewReply = body(&bytes)?;
            let name = text("#/name", &new.name, LONGEST_NAME)?;
            let words = text("#/body", &new.body, LONGEST_TEXT)?;
            if let Some(unknown) = reply::unknown_places(&words).first() {
                return Err(wrong("#/body", "place", &format!("nothing is known as {{{unknown}}}")));
            }
            let procedure = new.procedure.unwrap_or_default();
            if !procedure.is_empty() && desk.shelf.current(tx, &procedure)?.is_none() {
                return Err(wrong("#/procedure", "unknown", "no such procedure"));
            }
            let department = new.department.unwrap_or_default();
            let new = NewTemplate { department, procedure, name, body: words };
            key.once(tx, |tx| {
                let kept = replies::keep(tx, &places, id, new)?;
                Ok::<_, WebError>(Made { id: kept.ok_or_else(taken)?.uuid() })
            })
        })
        .await
}

/// Makes a reply template, for a department whose cases you handle.
#[utoipa::path(
    post, path = "/api/v1/agent/reply-templates", request_body = NewReply,
    params(("Idempotency-Key" = Option<String>, Header)), security(("token" = ["case.read", "case.handle"])),
    responses((status = 201, body = Made), (status = 404, description = "No such department, or not yours"), (status = 422))
)]
pub(super) async fn make_reply(visit: Visit, bytes: Bytes) -> Result {
    Ok(made(kept(visit, None, bytes).await?))
}

fn template_of(id: &str) -> Result<Id<Template>> {
    id.parse().map_err(|_| WebError::not_found())
}

/// Changes a reply template.
#[utoipa::path(
    put, path = "/api/v1/agent/reply-templates/{id}", request_body = NewReply,
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    security(("token" = ["case.read", "case.handle"])),
    responses((status = 204), (status = 404, description = "No such template, or not yours"), (status = 422))
)]
pub(super) async fn change_reply(visit: Visit, Path(id): Path<String>, bytes: Bytes) -> Result {
    visit.visitor.require()?;
    kept(visit, Some(template_of(&id)?), bytes).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Forgets a reply template.
#[utoipa::path(
    delete, path = "/api/v1/agent/reply-templates/{id}", params(("id" = String, Path)),
    security(("token" = ["case.read", "case.handle"])),
    responses((status = 204), (status = 404, description = "No such template, or not yours"))
)]
pub(super) async fn remove_reply(Visit { commune, visitor, .. }: Visit, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    commune
        .write(visitor.by, move |tx| {
            let (_, places) = handled(tx, &who)?;
            let known = replies::own(tx, &places, template_of(&id)?)?;
            Ok::<_, WebError>(reply::forget(tx, &known)?)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
