//! The doors at which requests of a round come in: an association's own pages, and those of an agent at the counter. The
//! routes say which door it is.

use axum::{
    Extension,
    extract::{Path, Query, State},
    http::HeaderMap,
};
use beffroi_web::{App, CommuneOf, FormPost, Page, Purpose, Result, Visitor};

use super::asking::{self, Door, Told, origin};

/// Letters of why a time is given back, at most.
const WHY_AT_MOST: usize = 500;

pub(super) async fn blank(
    Extension(door): Extension<Door>,
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
) -> Result {
    asking::blank(door, page, commune, visitor, slug).await
}

pub(super) async fn one(
    Extension(door): Extension<Door>,
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(place): Path<(String, String)>,
    Query(told): Query<Told>,
) -> Result {
    asking::one(door, page, commune, visitor, place, told).await
}

pub(super) async fn send(
    at: (State<App>, Extension<Door>),
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
    headers: HeaderMap,
    fields: FormPost,
) -> Result {
    keep(at, page, commune, visitor, (slug, None), (&headers, fields)).await
}

pub(super) async fn change(
    at: (State<App>, Extension<Door>),
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path((slug, id)): Path<(String, String)>,
    headers: HeaderMap,
    fields: FormPost,
) -> Result {
    keep(at, page, commune, visitor, (slug, Some(id)), (&headers, fields)).await
}

async fn keep(
    (State(app), Extension(door)): (State<App>, Extension<Door>),
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    place: (String, Option<String>),
    (headers, fields): (&HeaderMap, FormPost),
) -> Result {
    if door == Door::Public {
        visitor.limit(&app, Purpose::SUBMIT)?;
    }
    let origin = origin(&visitor, headers);
    asking::send(door, page, commune, visitor, place, (origin, fields)).await
}

pub(super) async fn withdraw(
    Extension(door): Extension<Door>,
    commune: CommuneOf,
    visitor: Visitor,
    Path(place): Path<(String, String)>,
) -> Result {
    asking::withdraw(door, commune, visitor, place).await
}

pub(super) async fn give_back(
    Extension(door): Extension<Door>,
    commune: CommuneOf,
    visitor: Visitor,
    Path(place): Path<(String, String, String)>,
    headers: HeaderMap,
    fields: FormPost,
) -> Result {
    let origin = origin(&visitor, &headers);
    // Whoever has it owes nobody a reason; the town does.
    let why = match door {
        Door::Public => String::new(),
        Door::Counter => fields.text("pourquoi").chars().take(WHY_AT_MOST).collect(),
    };
    asking::give_back(door, commune, visitor, place, (origin, why)).await
}
