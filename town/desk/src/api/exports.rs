//! Cases as spreadsheets, for programs: ordered, waited for, downloaded by whoever ordered them. The same orders and files
//! as on the page.

use std::sync::Arc;

use axum::{Json, body::Bytes, extract::Path, http::StatusCode, response::IntoResponse};
use beffroi_core::{Day, Id, Instant};
use beffroi_sheets::Kind;
use beffroi_web::{Result, WebError, once::Key};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    body::{body, wrong},
    deposit::private,
};
use crate::{
    figures::export::{self, Export, OWN_AT_MOST, Order},
    visit::Visit,
};

/// A file of an export.
#[derive(Serialize, ToSchema)]
pub(super) struct ExportFile {
    /// What it is called, at the end of its address.
    file: String,
    /// The repeated group that is in it; none for the cases themselves.
    group: Option<String>,
    bytes: i64,
}

/// An export that you ordered.
#[derive(Serialize, ToSchema)]
pub(super) struct ExportShown {
    id: String,
    /// The procedure whose answers stand in columns; none for a list without answers.
    procedure: Option<String>,
    /// The departments whose cases are in it.
    departments: Vec<String>,
    /// Received on this day or after.
    #[schema(value_type = Option<String>, format = Date)]
    from: Option<Day>,
    /// Received on this day or before.
    #[schema(value_type = Option<String>, format = Date)]
    until: Option<Day>,
    /// `ods`, `xlsx` or `csv`.
    kind: &'static str,
    /// `waiting`, `ready` or `failed`.
    state: &'static str,
    /// How many cases are in it, once it is ready.
    cases: i64,
    /// With `csv` one of each repeated group beside the cases; else one with a sheet for each.
    files: Vec<ExportFile>,
    #[schema(value_type = String, format = DateTime)]
    asked_at: Instant,
    /// When the files are removed.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Instant,
}

impl ExportShown {
    fn of(found: &Export) -> Self {
        let ready = found.state == export::State::Ready;
        let parts = std::iter::once(None).chain(found.parts.iter().map(Some)).filter(|_| ready);
        Self {
            id: found.id.to_string(),
            procedure: found.listed.procedure.clone(),
            departments: found.listed.departments.clone(),
            from: found.listed.from,
            until: found.listed.until,
            kind: found.kind.extension(),
            state: found.state.as_str(),
            cases: found.cases,
            files: parts
                .map(|part| ExportFile {
                    file: found.file_name(part),
                    group: part.map(|part| part.name.clone()),
                    bytes: part.map_or(found.bytes, |part| part.bytes),
                })
                .collect(),
            asked_at: found.asked_at,
            expires_at: found.expires_at,
        }
    }
}

/// What is ordered.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "kind": "ods", "procedure": "occupation-domaine-public" }))]
pub(super) struct NewExport {
    /// `ods`, `xlsx` or `csv`.
    kind: String,
    /// The procedure whose answers stand in columns; a list without answers, if none is given.
    #[serde(default)]
    procedure: Option<String>,
    /// The department’s short name; all those that you may take from, if none is given.
    #[serde(default)]
    department: Option<String>,
    /// Received on this day or after.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    from: Option<Day>,
    /// Received on this day or before.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    until: Option<Day>,
}

/// An export that was ordered.
#[derive(Deserialize, Serialize, ToSchema)]
pub(super) struct Ordered {
    id: Uuid,
    /// Whether it is ready already: a large one is written in the background.
    ready: bool,
}

/// The exports that you ordered, the latest first: twenty at most, each kept for a week.
#[utoipa::path(
    get, path = "/api/v1/agent/exports", security(("token" = ["case.export"])),
    responses((status = 200, body = Vec<ExportShown>), (status = 404, description = "You take no cases out"))
)]
pub(super) async fn list(Visit { commune, visitor, .. }: Visit) -> Result {
    let who = visitor.require()?.clone();
    let found = commune
        .read(visitor.by, move |tx| {
            export::places(tx, &who)?;
            Ok::<_, WebError>(export::own(tx, who.account)?)
        })
        .await?;
    let shown: Vec<ExportShown> = found.iter().map(ExportShown::of).collect();
    Ok(private(Json(shown)))
}

/// Orders an export, which is written down. Whoever may not read what is in it is refused as on the page; what is sealed
/// never leaves the house.
#[utoipa::path(
    post, path = "/api/v1/agent/exports", params(("Idempotency-Key" = Option<String>, Header)),
    request_body = NewExport, security(("token" = ["case.export"])),
    responses(
        (status = 201, body = Ordered), (status = 404, description = "No such department or procedure, or not yours to take out"),
        (status = 409, description = "You keep twenty already"), (status = 422),
    )
)]
pub(super) async fn order(visit: Visit, bytes: Bytes) -> Result {
    let Visit { desk, commune, visitor, headers, .. } = visit;
    let who = visitor.require()?.clone();
    let key = Key::of(&headers, &visitor, "exports", "", &bytes)?;
    let parts = Arc::clone(&desk);
    let ordered = commune
        .write(visitor.by, move |tx| {
            export::places(tx, &who)?;
            let new: NewExport = body(&bytes)?;
            let kind = Kind::from_extension(&new.kind);
            let kind = kind.ok_or_else(|| wrong("#/kind", "value", "ods, xlsx or csv"))?;
            if new.from.zip(new.until).is_some_and(|(from, until)| until < from) {
                return Err(wrong("#/until", "value", "a day from `from` on is expected"));
            }
            key.once(tx, |tx| {
                let order = Order {
                    procedure: new.procedure.unwrap_or_default(),
                    department: new.department.unwrap_or_default(),
                    from: new.from,
                    until: new.until,
                    kind,
                };
                let came = export::order(tx, &parts, &who, &order)?;
                let (id, small) = came.ok_or_else(|| {
                    WebError::conflict().say(format!("{OWN_AT_MOST} exports are kept already"))
                })?;
                Ok::<_, WebError>(Ordered { id: id.uuid(), ready: small })
            })
        })
        .await?;
    if ordered.ready {
        let (commune, id) = (Arc::clone(&commune), Id::from_uuid(ordered.id));
        // Asked again under its key, it is written already.
        tokio::task::spawn_blocking(move || export::write(&commune, &desk, id))
            .await
            .map_err(WebError::internal)??;
    }
    Ok(private((StatusCode::CREATED, Json(ordered))).into_response())
}

/// A file of an export, for whoever ordered it alone. That it was taken is written down.
#[utoipa::path(
    get, path = "/api/v1/agent/exports/{id}/{file}", params(("id" = String, Path), ("file" = String, Path)),
    security(("token" = ["case.export"])),
    responses(
        (status = 200, content_type = "*/*", body = Vec<u8>, description = "The file, in its own type"),
        (status = 404, description = "No such export or file, not yours, or not ready"),
    )
)]
pub(super) async fn file(
    Visit { commune, visitor, .. }: Visit,
    Path((id, file)): Path<(String, String)>,
) -> Result {
    let who = visitor.require()?.clone();
    let id: Id<Export> = id.parse().map_err(|_| WebError::not_found())?;
    let (found, part) = commune.write(visitor.by, move |tx| export::take(tx, &who, id, &file)).await?;
    export::pages::streamed(&commune, &found, part.as_ref()).await
}
