//! Rooms for programs: which there are, and when they are free.

use axum::{
    Json,
    extract::{Path, Query},
    http::header,
    response::IntoResponse,
};
use beffroi_calendar::{
    availability::availability as available,
    claims::HowMuch,
    ics::{self, Event, Status, When},
    spans::{Span, Spans},
    town,
};
use beffroi_core::Instant;
use beffroi_people::Town;
use beffroi_store::By;
use beffroi_web::{CommuneOf, FieldError, Result, WebError};
use chrono::{DateTime, TimeDelta};
use serde::{Deserialize, Serialize};

use super::store::{self, Room};

/// Days that one question is answered for, at most.
const DAYS_AT_MOST: i64 = 100;
/// Free times of an answer, at most.
const TIMES_AT_MOST: usize = 2_000;

#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Capacity {
    /// How it is set up.
    layout: String,
    /// People, at most.
    people: u32,
}

#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ResourceSummary {
    /// Its name in addresses.
    slug: String,
    name: String,
    /// `room`, `desk`, `equipment`…
    kind: &'static str,
    summary: String,
    capacity: Vec<Capacity>,
    /// The page that people read.
    page: String,
}

impl ResourceSummary {
    fn of(room: &Room) -> Self {
        let details = &room.resource.details;
        let layouts = details.terms.layouts.iter();
        Self {
            slug: details.slug.clone(),
            name: details.name.fr.clone(),
            kind: details.kind.as_str(),
            summary: room.sheet.summary.fr.clone(),
            capacity: layouts
                .map(|layout| Capacity { layout: layout.name.fr.clone(), people: layout.people })
                .collect(),
            page: format!("/salles/{}", details.slug),
        }
    }
}

/// What can be booked.
#[utoipa::path(get, path = "/api/v1/resources", responses((status = 200, body = Vec<ResourceSummary>)))]
pub(crate) async fn list(commune: CommuneOf) -> Result {
    let rooms = commune.read(By::VISITOR, store::published).await?;
    Ok(Json(rooms.iter().map(ResourceSummary::of).collect::<Vec<_>>()).into_response())
}

/// One thing that can be booked.
#[utoipa::path(
    get, path = "/api/v1/resources/{slug}", params(("slug" = String, Path)),
    responses((status = 200, body = ResourceSummary), (status = 404))
)]
pub(crate) async fn one(commune: CommuneOf, Path(slug): Path<String>) -> Result {
    if let Some(slug) = slug.strip_suffix(".ics") {
        return calendar(commune, Path(slug.to_owned())).await;
    }
    let room = commune.read(By::VISITOR, move |tx| store::by_slug(tx, &slug)).await?;
    let room = room.ok_or_else(WebError::not_found)?;
    Ok(Json(ResourceSummary::of(&room)).into_response())
}

/// When something is taken, as a calendar to subscribe to (RFC 5545): from a month ago to a year ahead. It says nothing of
/// who has it.
#[utoipa::path(
    get, path = "/api/v1/resources/{slug}.ics", params(("slug" = String, Path)),
    responses((status = 200, body = String, content_type = "text/calendar"), (status = 404))
)]
pub(crate) async fn calendar(commune: CommuneOf, Path(slug): Path<String>) -> Result {
    let (room, taken, now, zone) = commune
        .read(By::VISITOR, move |tx| {
            let room = store::by_slug(tx, &slug)?.ok_or_else(WebError::not_found)?;
            let town = Town::load(tx)?;
            let now = tx.now();
            let within = Span::new(now - TimeDelta::days(31), now + TimeDelta::days(366));
            let within = within.ok_or_else(WebError::not_found)?;
            let school = town::school(&town);
            let year = town::year(&town, &school);
            let mut found = available(tx, &[(room.resource.id, HowMuch::Whole)], within, &year)?;
            let found = found.remove(&room.resource.id).ok_or_else(WebError::not_found)?;
            Ok::<_, WebError>((room, found.taken, now, town.zone()))
        })
        .await?;
    let id = room.resource.id;
    let events: Vec<Event> = taken
        .as_slice()
        .iter()
        .map(|span| Event {
            uid: format!("{id}-{}@beffroi", span.start().timestamp()),
            changed_at: now,
            changes: 0,
            when: When::Time(*span),
            summary: "Occupée".to_owned(),
            description: String::new(),
            place: room.sheet.address.clone(),
            url: None,
            status: Status::Confirmed,
            is_private: false,
            is_busy: true,
        })
        .collect();
    let name = &room.resource.details.name.fr;
    let text = ics::write(&ics::Calendar { name, zone, events: &events });
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    Ok((headers, text).into_response())
}

#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
pub(crate) struct Window {
    /// From when: an instant (RFC 3339).
    from: String,
    /// Until when; at most 100 days later.
    to: String,
    /// How long a booking lasts, in minutes; the shortest that is allowed where nothing is said.
    duration: String,
}

#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Stretch {
    #[schema(value_type = String, format = DateTime)]
    start: Instant,
    #[schema(value_type = String, format = DateTime)]
    end: Instant,
}

impl From<Span> for Stretch {
    fn from(span: Span) -> Self {
        Self { start: span.start(), end: span.end() }
    }
}

#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Availability {
    slug: String,
    /// How long a booking lasts that these times are for, in minutes.
    duration_minutes: u32,
    /// When it is open.
    open: Vec<Stretch>,
    /// When it is taken, within its openings.
    taken: Vec<Stretch>,
    /// The times at which such a booking may begin now, with their ends: at most 2 000.
    times: Vec<Stretch>,
}

/// When something is free.
#[utoipa::path(
    get, path = "/api/v1/resources/{slug}/availability", params(("slug" = String, Path), Window),
    responses((status = 200, body = Availability), (status = 404), (status = 422))
)]
pub(crate) async fn availability(
    commune: CommuneOf,
    Path(slug): Path<String>,
    Query(asked): Query<Window>,
) -> Result {
    let within = asked.within()?;
    let answer = commune
        .read(By::VISITOR, move |tx| {
            let room = store::by_slug(tx, &slug)?.ok_or_else(WebError::not_found)?;
            let terms = &room.resource.details.terms;
            let minutes = asked.minutes(terms.shortest_minutes, terms.longest_minutes)?;
            let town = Town::load(tx)?;
            let school = town::school(&town);
            let year = town::year(&town, &school);
            let mut found = available(tx, &[(room.resource.id, HowMuch::Whole)], within, &year)?;
            let found = found.remove(&room.resource.id).ok_or_else(WebError::not_found)?;
            let length = TimeDelta::minutes(i64::from(minutes));
            let times = found.times(length, tx.now(), town.zone()).take(TIMES_AT_MOST);
            let stretches = |spans: &Spans| spans.as_slice().iter().copied().map(Stretch::from).collect();
            Ok::<_, WebError>(Availability {
                slug,
                duration_minutes: minutes,
                times: times.map(Stretch::from).collect(),
                taken: stretches(&found.open.and(&found.taken)),
                open: stretches(&found.open),
            })
        })
        .await?;
    Ok(Json(answer).into_response())
}

fn wrong(parameter: &str, code: &str, text: &str) -> WebError {
    WebError::unprocessable(vec![FieldError {
        pointer: format!("?{parameter}"),
        code: code.to_owned(),
        detail: text.to_owned(),
    }])
}

impl Window {
    fn within(&self) -> Result<Span> {
        let instant = |name: &str, text: &str| {
            let read = DateTime::parse_from_rfc3339(text).map(|at| at.to_utc());
            read.map_err(|_| wrong(name, "instant", "an instant as RFC 3339 writes it"))
        };
        let (from, to) = (instant("from", &self.from)?, instant("to", &self.to)?);
        let span = Span::new(from, to).ok_or_else(|| wrong("to", "order", "it ends before it begins"))?;
        if span.length() > TimeDelta::days(DAYS_AT_MOST) {
            return Err(wrong("to", "range", "at most 100 days after `from`"));
        }
        Ok(span)
    }

    fn minutes(&self, shortest: u32, longest: u32) -> Result<u32> {
        if self.duration.is_empty() {
            return Ok(shortest);
        }
        let minutes = self.duration.parse().ok().filter(|it| (shortest..=longest).contains(it));
        minutes.ok_or_else(|| {
            wrong("duration", "range", &format!("a number of minutes from {shortest} to {longest}"))
        })
    }
}
