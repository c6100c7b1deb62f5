//! What a program holds and does not need any more is given back, so that nobody waits for it to expire.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};
use beffroi_calendar::booking::{self as bookings, Booking};
use beffroi_core::Id;
use beffroi_web::{App, CommuneOf, Purpose, Result, Visitor, WebError};

/// Gives back what is held and not asked for yet.
///
/// `Booking-Token` is the token that was told when it was held. Of what was asked for, the case is withdrawn instead.
#[utoipa::path(
    delete, path = "/api/v1/resources/{slug}/bookings/{id}",
    params(("slug" = String, Path), ("id" = String, Path), ("Booking-Token" = String, Header)),
    responses(
        (status = 204), (status = 404, description = "No such hold, or not by this token"),
        (status = 409, description = "It was asked for already"), (status = 429),
    )
)]
pub(crate) async fn give_back(
    State(app): State<App>,
    visitor: Visitor,
    commune: CommuneOf,
    Path((slug, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result {
    visitor.limit(&app, Purpose::HOLD)?;
    let id: Id<Booking> = id.parse().map_err(|_| WebError::not_found())?;
    let token = headers.get("booking-token").and_then(|token| token.to_str().ok()).map(str::to_owned);
    let token = token.ok_or_else(WebError::not_found)?;
    commune
        .write(visitor.by, move |tx| {
            let held = bookings::by_secret(tx, &token)?;
            let held = held.filter(|held| held.id == id && held.resource.details.slug == slug);
            let held = held.ok_or_else(WebError::not_found)?;
            if held.state != bookings::State::Held || held.owner.is_some() {
                return Err(WebError::conflict());
            }
            Ok(bookings::let_go(tx, held.id)?)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
