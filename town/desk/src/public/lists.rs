//! What controls look up as somebody types: addresses, communes, countries.

use axum::{
    Json,
    extract::{Query, State},
};
use beffroi_forms::Source;
use beffroi_store::By;
use beffroi_web::{App, CommuneOf, Purpose, Visitor, WebError};
use serde::{Deserialize, Serialize};

use crate::procedure::suggestions;

/// Suggestions shown at once.
const SHOWN: usize = 8;

#[derive(Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    q: String,
}

/// One suggestion.
#[derive(Serialize)]
pub(crate) struct AddressLine {
    label: String,
    value: String,
}

/// How often somebody may ask while typing.
const TYPING: Purpose = Purpose { name: "typing", burst: 120, per_minute: 240 };

pub(super) async fn addresses(
    State(app): State<App>,
    commune: CommuneOf,
    visitor: Visitor,
    Query(typed): Query<Typed>,
) -> Result<Json<Vec<AddressLine>>, WebError> {
    visitor.limit(&app, TYPING)?;
    let limit = u32::try_from(SHOWN).unwrap_or(u32::MAX);
    let found = commune.read(By::VISITOR, move |tx| beffroi_places::search(tx, &typed.q, limit)).await?;
    let lines = found
        .into_iter()
        .map(|address| AddressLine { label: address.to_string(), value: address.id.to_string() })
        .collect();
    Ok(Json(lines))
}

pub(super) async fn communes(visitor: Visitor, Query(typed): Query<Typed>) -> Json<Vec<AddressLine>> {
    list(Source::Communes, &visitor, &typed.q)
}

pub(super) async fn countries(visitor: Visitor, Query(typed): Query<Typed>) -> Json<Vec<AddressLine>> {
    list(Source::Countries, &visitor, &typed.q)
}

fn list(source: Source, visitor: &Visitor, typed: &str) -> Json<Vec<AddressLine>> {
    let found = suggestions(source, typed, visitor.lang, SHOWN);
    Json(found.into_iter().map(|(label, value)| AddressLine { label, value }).collect())
}
