//! The webhooks of the town for an administrator's program: what was sent to whom, and what came of it; sent again, one
//! message or all since a day.

#![expect(unused_qualifications, reason = "the description of a path names its parameters in full")]

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query},
    http::StatusCode,
    response::IntoResponse,
};
use beffroi_core::{
    Day, Id, Instant,
    calendar::{civil_day, start_of_day},
};
use beffroi_people::Town;
use beffroi_web::{Result, WebError, once::Key};
use beffroi_webhooks::{self as webhooks, Delivery, DeliveryState, Endpoint};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    body::{body, wrong},
    deposit::private,
};
use crate::{
    hooks::{administrator, host_of},
    visit::Visit,
};

/// Messages on one page.
const PAGE: u32 = 100;

/// Where messages go.
#[derive(Serialize, ToSchema)]
pub(super) struct EndpointShown {
    id: String,
    description: String,
    /// The name of the host alone: what follows it in an address may be a key.
    host: String,
    /// The events that it wants; all of them, if none is named.
    events: Vec<String>,
    /// `active`, `stopped` or `disabled`.
    state: &'static str,
    /// Since when it has taken nothing.
    #[schema(value_type = Option<String>, format = DateTime)]
    failing_since: Option<Instant>,
}

/// A message for an endpoint.
#[derive(Serialize, ToSchema)]
pub(super) struct DeliveryShown {
    id: String,
    /// The `webhook-id`: the same each time that the event is told.
    message: String,
    event: String,
    /// `waiting`, `delivered` or `given_up`.
    state: &'static str,
    attempts: u32,
    #[schema(value_type = String, format = DateTime)]
    queued_at: Instant,
    /// When it is tried next, while it waits.
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<Instant>,
}

/// A page of messages.
#[derive(Serialize, ToSchema)]
pub(super) struct DeliveryPage {
    deliveries: Vec<DeliveryShown>,
    /// To be given as `after` for the next page.
    next: Option<String>,
}

/// Where the page begins.
#[derive(Deserialize, IntoParams)]
pub(super) struct After {
    /// `next` of the page before.
    after: Option<String>,
}

/// From when all is told again.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "since": "2026-06-01" }))]
pub(super) struct NewReplay {
    /// The first day.
    #[schema(value_type = String, format = Date)]
    since: Day,
}

/// The endpoints.
#[utoipa::path(
    get, path = "/api/v1/agent/webhooks", security(("token" = ["webhook.manage"])),
    responses((status = 200, body = Vec<EndpointShown>), (status = 404, description = "You are no administrator of webhooks"))
)]
pub(super) async fn list(Visit { commune, visitor, .. }: Visit) -> Result {
    let who = visitor.require()?.clone();
    let endpoints = commune
        .read(visitor.by, move |tx| {
            administrator(tx, &who)?;
            Ok::<_, WebError>(webhooks::list(tx)?)
        })
        .await?;
    let shown = |endpoint: Endpoint| EndpointShown {
        id: endpoint.id.to_string(),
        host: host_of(&endpoint.url),
        description: endpoint.description,
        events: endpoint.events,
        state: endpoint.state.as_str(),
        failing_since: endpoint.failing_since,
    };
    let endpoints: Vec<EndpointShown> = endpoints.into_iter().map(shown).collect();
    Ok(private(Json(endpoints)))
}

fn id_of<T>(text: &str) -> Result<Id<T>> {
    text.parse().map_err(|_| WebError::not_found())
}

/// The messages of an endpoint, the latest first.
#[utoipa::path(
    get, path = "/api/v1/agent/webhooks/{id}/deliveries", params(("id" = String, Path), After),
    security(("token" = ["webhook.manage"])),
    responses((status = 200, body = DeliveryPage), (status = 404, description = "No such endpoint"), (status = 422, description = "`after` is none"))
)]
pub(super) async fn deliveries(
    Visit { commune, visitor, .. }: Visit,
    Path(id): Path<String>,
    Query(asked): Query<After>,
) -> Result {
    let who = visitor.require()?.clone();
    let id: Id<Endpoint> = id_of(&id)?;
    let page = commune
        .read(visitor.by, move |tx| {
            administrator(tx, &who)?;
            webhooks::get(tx, id)?.ok_or_else(WebError::not_found)?;
            let before = match &asked.after {
                Some(text) => {
                    Some(text.parse().map_err(|_| wrong("#/after", "value", "not the `next` of a page"))?)
                }
                None => None,
            };
            let mut found = webhooks::deliveries(tx, id, before, PAGE + 1)?;
            let more = found.len() > PAGE as usize;
            found.truncate(PAGE as usize);
            let next = found.last().filter(|_| more).map(|last| last.id.to_string());
            let shown = |delivery: Delivery| DeliveryShown {
                id: delivery.id.to_string(),
                message: delivery.message,
                event: delivery.event,
                state: delivery.state.as_str(),
                attempts: delivery.attempts,
                queued_at: delivery.queued_at,
                due_at: Some(delivery.due_at).filter(|_| delivery.state == DeliveryState::Waiting),
            };
            Ok::<_, WebError>(DeliveryPage { deliveries: found.into_iter().map(shown).collect(), next })
        })
        .await?;
    Ok(private(Json(page)))
}

/// Sends one message once more.
#[utoipa::path(
    post, path = "/api/v1/agent/webhooks/{id}/deliveries/{delivery}/again",
    params(("id" = String, Path), ("delivery" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    security(("token" = ["webhook.manage"])),
    responses((status = 204), (status = 404, description = "No such endpoint or message"))
)]
pub(super) async fn again(
    Visit { commune, visitor, headers, .. }: Visit,
    Path((id, delivery)): Path<(String, String)>,
) -> Result {
    let who = visitor.require()?.clone();
    let key = Key::of(&headers, &visitor, "webhook-again", &format!("{id}/{delivery}"), &[])?;
    let (to, delivery): (Id<Endpoint>, Id<Delivery>) = (id_of(&id)?, id_of(&delivery)?);
    commune
        .write(visitor.by, move |tx| {
            let permit = administrator(tx, &who)?;
            let found = webhooks::find(tx, delivery)?.filter(|found| found.endpoint == to);
            found.ok_or_else(WebError::not_found)?;
            key.once(tx, |tx| webhooks::again(tx, &permit, delivery).map(|()| true))
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Tells an endpoint again all that happened since a day, from the journal. Receivers know each message again by its id.
#[utoipa::path(
    post, path = "/api/v1/agent/webhooks/{id}/replays",
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)), request_body = NewReplay,
    security(("token" = ["webhook.manage"])),
    responses((status = 204), (status = 404, description = "No such endpoint"), (status = 422))
)]
pub(super) async fn replay(
    Visit { commune, visitor, headers, .. }: Visit,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Result {
    let who = visitor.require()?.clone();
    let key = Key::of(&headers, &visitor, "webhook-replays", &id, &bytes)?;
    let id: Id<Endpoint> = id_of(&id)?;
    commune
        .write(visitor.by, move |tx| {
            let permit = administrator(tx, &who)?;
            webhooks::get(tx, id)?.ok_or_else(WebError::not_found)?;
            let new: NewReplay = body(&bytes)?;
            let zone = Town::load(tx)?.zone();
            if new.since > civil_day(tx.now(), zone) {
                return Err(wrong("#/since", "value", "a day that is past, or today, is expected"));
            }
            key.once(tx, |tx| {
                webhooks::replay_since(tx, &permit, id, start_of_day(new.since, zone)).map(|()| true)
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
