//! Orders for programs: what is to be paid, by the order's secret link.

use axum::{
    Json,
    extract::Path,
    http::{HeaderValue, header},
    response::IntoResponse,
};
use beffroi_core::Instant;
use beffroi_payments::{order, reach};
use beffroi_store::By;
use beffroi_web::{CommuneOf, Result, WebError};
use serde::Serialize;

/// What programs may ask of the till.
#[derive(utoipa::OpenApi)]
#[openapi(paths(order))]
pub(crate) struct Description;

#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct PaymentOrderLine {
    /// What it is.
    #[schema(example = "Salle Georges-Brassens, 12 décembre 2026")]
    label: String,
    /// What it costs, in cents of a euro; below zero for a reduction.
    #[schema(example = 6_000)]
    cents: i64,
}

#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct PaymentOrder {
    /// What it is called aloud.
    #[schema(example = "2026-000042")]
    number: String,
    /// `due`, `paid`, `partly-refunded`, `refunded` or `cancelled`.
    #[schema(example = "due")]
    state: String,
    /// What it comes to, in cents of a euro.
    #[schema(example = 5_000)]
    total_cents: i64,
    /// What is still to be paid, in cents of a euro.
    #[schema(example = 5_000)]
    remaining_cents: i64,
    /// What was given back, in cents of a euro.
    #[schema(example = 0)]
    refunded_cents: i64,
    /// Until when it is to be paid.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-12-01T23:00:00Z")]
    due_at: Option<Instant>,
    /// Since when it is paid.
    #[schema(value_type = Option<String>, format = DateTime)]
    paid_at: Option<Instant>,
    lines: Vec<PaymentOrderLine>,
    /// The page on which people pay it.
    #[schema(example = "/paiements/0123456789abcdef0123456789abcdef")]
    page: String,
}

/// An order, by its secret link. Who pays it is not told.
#[utoipa::path(
    get, path = "/api/v1/orders/{code}",
    params(("code" = String, Path, description = "The last part of the address of the order's page",
        example = "0123456789abcdef0123456789abcdef")),
    responses((status = 200, body = PaymentOrder), (status = 404))
)]
pub(crate) async fn order(commune: CommuneOf, Path(code): Path<String>) -> Result {
    let told = commune
        .read(By::VISITOR, move |tx| {
            let found = reach::by_link(tx, &code)?.ok_or_else(WebError::not_found)?;
            let lines = order::lines(tx, found.id)?;
            Ok::<_, WebError>(PaymentOrder {
                state: found.state.as_str().to_owned(),
                total_cents: found.total.0,
                remaining_cents: found.remaining().0,
                refunded_cents: found.refunded.0,
                due_at: found.due_at,
                paid_at: found.paid_at,
                lines: lines
                    .into_iter()
                    .map(|line| PaymentOrderLine { label: line.label, cents: line.cents.0 })
                    .collect(),
                page: format!("{}/{code}", reach::PAGES),
                number: found.number,
            })
        })
        .await?;
    let mut response = Json(told).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
