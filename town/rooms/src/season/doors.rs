//! The doors at which requests of a round come in: an association's own pages, and those of an agent at the counter.

use axum::{
    extract::{Path, Query, State},
    http::HeaderMap,
};
use beffroi_web::{App, CommuneOf, FormPost, Page, Purpose, Result, Visitor};

use super::asking::{Door, Told, blank, give_back, one, origin, send, withdraw};

/// Letters of why a time is given back, at most.
const WHY_AT_MOST: usize = 500;

pub(super) async fn blank_public(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
) -> Result {
    blank(Door::Public, page, commune, visitor, slug).await
}

pub(super) async fn blank_counter(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
) -> Result {
    blank(Door::Counter, page, commune, visitor, slug).await
}

pub(super) async fn one_public(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(place): Path<(String, String)>,
    Query(told): Query<Told>,
) -> Result {
    one(Door::Public, page, commune, visitor, place, told).await
}

pub(super) async fn one_counter(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(place): Path<(String, String)>,
    Query(told): Query<Told>,
) -> Result {
    one(Door::Counter, page, commune, visitor, place, told).await
}

pub(super) async fn send_public(
    State(app): State<App>,
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
    headers: HeaderMap,
    fields: FormPost,
) -> Result {
    visitor.limit(&app, Purpose::SUBMIT)?;
    let origin = origin(&visitor, &headers);
    send(Door::Public, page, commune, visitor, (slug, None), (origin, fields)).await
}

pub(super) async fn send_counter(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
    headers: HeaderMap,
    fields: FormPost,
) -> Result {
    let origin = origin(&visitor, &headers);
    send(Door::Counter, page, commune, visitor, (slug, None), (origin, fields)).await
}

pub(super) async fn change_public(
    State(app): State<App>,
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path((slug, id)): Path<(String, String)>,
    headers: HeaderMap,
    fields: FormPost,
) -> Result {
    visitor.limit(&app, Purpose::SUBMIT)?;
    let origin = origin(&visitor, &headers);
    send(Door::Public, page, commune, visitor, (slug, Some(id)), (origin, fields)).await
}

pub(super) async fn change_counter(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path((slug, id)): Path<(String, String)>,
    headers: HeaderMap,
    fields: FormPost,
) -> Result {
    let origin = origin(&visitor, &headers);
    send(Door::Counter, page, commune, visitor, (slug, Some(id)), (origin, fields)).await
}

pub(super) async fn withdraw_public(
    commune: CommuneOf,
    visitor: Visitor,
    Path(place): Path<(String, String)>,
) -> Result {
    withdraw(Door::Public, commune, visitor, place).await
}

pub(super) async fn withdraw_counter(
    commune: CommuneOf,
    visitor: Visitor,
    Path(place): Path<(String, String)>,
) -> Result {
    withdraw(Door::Counter, commune, visitor, place).await
}

pub(super) async fn give_back_public(
    commune: CommuneOf,
    visitor: Visitor,
    Path(place): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result {
    let origin = origin(&visitor, &headers);
    give_back(Door::Public, commune, visitor, place, (origin, String::new())).await
}

pub(super) async fn give_back_counter(
    commune: CommuneOf,
    visitor: Visitor,
    Path(place): Path<(String, String, String)>,
    headers: HeaderMap,
    fields: FormPost,
) -> Result {
    let origin = origin(&visitor, &headers);
    let why = fields.text("pourquoi").chars().take(WHY_AT_MOST).collect();
    give_back(Door::Counter, commune, visitor, place, (origin, why)).await
}
