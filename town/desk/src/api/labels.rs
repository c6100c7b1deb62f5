//! What departments have made for their work, for programs: the labels that they stick on cases, and the replies that
//! they often write.

#![expect(unused_qualifications, reason = "the description of a path names its parameters in full")]

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query},
    response::IntoResponse,
};
use beffroi_cases::{
    Right,
    label::{self, Label},
};
use beffroi_core::Id;
use beffroi_web::{Result, WebError};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{agents::act_on, deposit::private, model::Nothing};
use crate::{
    daily::reply,
    office::entitled,
    visit::{Visit, case_error},
};

/// A label.
#[derive(Serialize, ToSchema)]
pub(super) struct LabelShown {
    id: String,
    /// The department whose cases bear it.
    department: String,
    name: String,
    /// `grey`, `blue`, `green`, `yellow`, `red` or `purple`.
    colour: &'static str,
}

pub(super) fn shown(label: Label) -> LabelShown {
    LabelShown {
        id: label.id.to_string(),
        department: label.department,
        name: label.name,
        colour: label.colour.as_str(),
    }
}

/// A reply that a department often writes.
#[derive(Serialize, ToSchema)]
pub(super) struct ReplyTemplate {
    id: String,
    department: String,
    /// The procedure that it is for; all of them, if none is told.
    procedure: Option<String>,
    name: String,
    /// What is written; `{prénom}` and the like stand for what the case says.
    body: String,
}

/// Whose are wanted.
#[derive(Deserialize, IntoParams)]
pub(super) struct Of {
    /// The department’s short name; all those that you may know of, if none is given.
    department: Option<String>,
}

/// The departments that are asked about; 404 where the one that is named is none of those that one may know of.
fn wanted(known: Vec<String>, of: Of) -> Result<Vec<String>> {
    match of.department {
        None => Ok(known),
        Some(named) if known.contains(&named) => Ok(vec![named]),
        Some(_) => Err(WebError::not_found()),
    }
}

/// The labels of the departments whose cases you may read.
#[utoipa::path(
    get, path = "/api/v1/agent/labels", params(Of), security(("token" = ["case.read"])),
    responses((status = 200, body = Vec<LabelShown>), (status = 404, description = "No such department, or not yours"))
)]
pub(super) async fn list(Visit { commune, visitor, .. }: Visit, Query(of): Query<Of>) -> Result {
    let who = visitor.require()?.clone();
    let labels = commune
        .read(visitor.by, move |tx| {
            let (_, places) = entitled(tx, &who)?;
            let slugs = wanted(places.into_iter().map(|place| place.slug).collect(), of)?;
            let slugs: Vec<&str> = slugs.iter().map(String::as_str).collect();
            Ok::<_, WebError>(label::of_departments(tx, &slugs)?)
        })
        .await?;
    let labels: Vec<LabelShown> = labels.into_iter().map(shown).collect();
    Ok(private(Json(labels)))
}

fn id_of(text: &str) -> Result<Id<Label>> {
    text.parse().map_err(|_| WebError::not_found())
}

/// Sticks a label of its department on a case. Done twice, it changes nothing more.
#[utoipa::path(
    put, path = "/api/v1/agent/cases/{id}/labels/{label}",
    params(("id" = String, Path), ("label" = String, Path)), security(("token" = ["case.handle"])),
    responses((status = 204), (status = 404, description = "No such case or label, not yours, or of another department"))
)]
pub(super) async fn stick(visit: Visit, Path((id, label)): Path<(String, String)>) -> Result {
    let part = label.clone();
    act_on(visit, (&id, &part), "label", Bytes::new(), move |office, tx, case, _, _: Nothing| {
        label::stick(tx, &office.access, case.id, id_of(&label)?).map_err(case_error)
    })
    .await
}

/// Takes a label off a case. Done twice, it changes nothing more.
#[utoipa::path(
    delete, path = "/api/v1/agent/cases/{id}/labels/{label}",
    params(("id" = String, Path), ("label" = String, Path)), security(("token" = ["case.handle"])),
    responses((status = 204), (status = 404, description = "No such case or label, or not yours"))
)]
pub(super) async fn peel(visit: Visit, Path((id, label)): Path<(String, String)>) -> Result {
    let part = label.clone();
    act_on(visit, (&id, &part), "unlabel", Bytes::new(), move |office, tx, case, _, _: Nothing| {
        label::peel(tx, &office.access, case.id, id_of(&label)?).map_err(case_error)
    })
    .await
}

/// The reply templates of the departments whose cases you handle.
#[utoipa::path(
    get, path = "/api/v1/agent/reply-templates", params(Of), security(("token" = ["case.handle"])),
    responses((status = 200, body = Vec<ReplyTemplate>), (status = 404, description = "No such department, or not yours"))
)]
pub(super) async fn replies(Visit { commune, visitor, .. }: Visit, Query(of): Query<Of>) -> Result {
    let who = visitor.require()?.clone();
    let templates = commune
        .read(visitor.by, move |tx| {
            let (access, places) = entitled(tx, &who)?;
            let handled = places.into_iter().map(|place| place.slug);
            let handled: Vec<String> = handled.filter(|slug| access.allows(Right::Handle, slug)).collect();
            if handled.is_empty() {
                return Err(WebError::forbidden());
            }
            let slugs = wanted(handled, of)?;
            let slugs: Vec<&str> = slugs.iter().map(String::as_str).collect();
            Ok(reply::of_departments(tx, &slugs)?)
        })
        .await?;
    let templates: Vec<ReplyTemplate> = templates
        .into_iter()
        .map(|template| ReplyTemplate {
            id: template.id.to_string(),
            department: template.department,
            procedure: Some(template.procedure).filter(|slug| !slug.is_empty()),
            name: template.name,
            body: template.body,
        })
        .collect();
    Ok(private(Json(templates)).into_response())
}
