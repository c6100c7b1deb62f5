//! Appointments for programs: for what, when, and booking one.

mod agents;
mod model;
mod own;

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Json, Router,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use beffroi_core::{Channel, Day};
use beffroi_store::idempotency::{self, Once};
use beffroi_web::{App, CommuneOf, FieldError, Result, Visitor, WebError, Wrong};
use chrono::{DateTime, Days};

use self::model::{
    AppointmentMotive, AppointmentSite, AppointmentTime, AskedTimes, MadeAppointment, NewAppointment, NotFree,
};
use crate::{
    appointment::{self, BookError, Booking, NewHold},
    clock::Now,
    coordination::{Coordinator, numbers},
    motive,
    public::{HOLD, count, holding, owner},
    site::{self, Site},
    slots::{self, Slot, Wanted, Whom},
};

/// Days that one question is answered for, at most.
const DAYS_AT_MOST: u64 = 100;
/// Free times of an answer, at most.
const TIMES_AT_MOST: usize = 5_000;

/// What programs may ask of appointments.
#[derive(utoipa::OpenApi)]
#[openapi(paths(
    motives,
    times,
    book,
    own::one,
    own::move_it,
    own::cancel,
    own::wait,
    own::waits,
    own::wait_no_more,
    agents::day,
    agents::move_it,
    agents::cancel,
    agents::mark,
    agents::waiting,
    agents::wait,
    agents::wait_no_more,
))]
pub(crate) struct Description;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/appointment-motives", get(motives))
        .route("/api/v1/appointment-motives/{slug}/times", get(times))
        .route("/api/v1/appointment-motives/{slug}/bookings", post(book))
        .route("/api/v1/appointment-motives/{slug}/wishes", post(own::wait))
        .route("/api/v1/appointments/{link}", get(own::one))
        .route("/api/v1/appointments/{link}/move", post(own::move_it))
        .route("/api/v1/appointments/{link}/cancellation", post(own::cancel))
        .route("/api/v1/appointment-wishes/{link}", get(own::waits).delete(own::wait_no_more))
        .route("/api/v1/agent/appointments", get(agents::day))
        .route("/api/v1/agent/appointments/{id}/move", post(agents::move_it))
        .route("/api/v1/agent/appointments/{id}/cancellation", post(agents::cancel))
        .route("/api/v1/agent/appointments/{id}/state", post(agents::mark))
        .route("/api/v1/agent/appointment-wishes", get(agents::waiting))
        .route("/api/v1/agent/appointment-wishes/{id}", delete(agents::wait_no_more))
        .route("/api/v1/agent/appointment-motives/{slug}/wishes", post(agents::wait))
}

/// For what appointments are given.
#[utoipa::path(
    get, path = "/api/v1/appointment-motives", responses((status = 200, body = Vec<AppointmentMotive>))
)]
pub(crate) async fn motives(visitor: Visitor, commune: CommuneOf) -> Result {
    let (motives, sites, desks) = commune
        .read(visitor.by, |tx| Ok::<_, WebError>((motive::list(tx)?, site::sites(tx)?, site::desks(tx)?)))
        .await?;
    let told = motives.into_iter().filter(|motive| motive.details.active).map(|motive| {
        let places = slots::places(&desks, motive.id);
        let sheet = motive.details.sheet;
        let here = sites.iter().filter(|site| places.contains(&site.resource.id));
        AppointmentMotive {
            slug: motive.details.slug,
            name: sheet.name.fr,
            summary: sheet.summary.fr,
            bring: sheet.bring.into_iter().map(|thing| thing.fr).collect(),
            minutes: sheet.minutes,
            online: sheet.online,
            sites: here
                .map(|site| AppointmentSite {
                    slug: site.resource.details.slug.clone(),
                    name: site.resource.details.name.fr.clone(),
                    address: site.sheet.line(),
                })
                .collect(),
        }
    });
    Ok(Json(told.collect::<Vec<_>>()).into_response())
}

fn told(slots: &[Slot], sites: &[Site]) -> Vec<AppointmentTime> {
    let name = |slot: &Slot| {
        let site = sites.iter().find(|site| site.resource.id == slot.site);
        site.map(|site| site.resource.details.slug.clone()).unwrap_or_default()
    };
    let time =
        |slot: &Slot| AppointmentTime { start: slot.span.start(), end: slot.span.end(), site: name(slot) };
    slots.iter().map(time).collect()
}

fn wrong(pointer: &str, code: &str, detail: &str) -> WebError {
    let [pointer, code, detail] = [pointer, code, detail].map(str::to_owned);
    WebError::unprocessable(vec![FieldError { pointer, code, detail }])
}

/// The free times of a motive, in their order: at most 5 000.
#[utoipa::path(
    get, path = "/api/v1/appointment-motives/{slug}/times", params(("slug" = String, Path), AskedTimes),
    responses((status = 200, body = Vec<AppointmentTime>), (status = 404), (status = 422))
)]
pub(crate) async fn times(
    visitor: Visitor,
    commune: CommuneOf,
    Path(slug): Path<String>,
    Query(asked): Query<AskedTimes>,
) -> Result {
    let answer = commune
        .read(visitor.by, move |tx| {
            let motive = bookable(tx, &slug)?;
            let today = Now::read(tx)?.today;
            let day = |name: &str, text: &str, other: Day| match text {
                "" => Ok(other),
                text => text.parse().map_err(|_| wrong(name, "day", "a day, as 2026-12-01")),
            };
            let first: Day = day("?from", &asked.from, today)?;
            let most = first.checked_add_days(Days::new(DAYS_AT_MOST)).unwrap_or(first);
            let last = day("?to", &asked.to, most)?;
            if last < first || last > most {
                return Err(wrong("?to", "range", "a day from `from` to 100 days after it"));
            }
            let persons = match asked.persons.as_str() {
                "" => Some(1),
                text => text.parse().ok(),
            };
            let persons = persons.filter(|count| motive.details.sheet.length(*count).is_some());
            let persons =
                persons.ok_or_else(|| wrong("?persons", "range", "so many do not come together"))?;
            let sites = site::sites(tx)?;
            let site = match asked.site.as_str() {
                "" => None,
                slug => {
                    let found = sites.iter().find(|site| site.resource.details.slug == slug);
                    let found = found.ok_or_else(|| wrong("?site", "unknown", "no such site"))?;
                    Some(found.resource.id)
                }
            };
            let wanted = Wanted { motive: &motive, persons, site, whom: Whom::Public };
            let mut slots = slots::find(tx, wanted, (first, last))?;
            slots.truncate(TIMES_AT_MOST);
            Ok::<_, WebError>(told(&slots, &sites))
        })
        .await?;
    Ok(Json(answer).into_response())
}

/// A motive that the public books.
fn bookable(tx: &mut beffroi_store::Tx<'_>, slug: &str) -> Result<motive::Kept> {
    let found = motive::by_slug(tx, slug)?.filter(|it| it.details.active && it.details.sheet.online);
    found.ok_or_else(WebError::not_found)
}

/// What stands in the way of the numbers, for a program.
fn numbers_fault((field, key): Wrong) -> WebError {
    let (code, detail) = match (field, key) {
        ("malgre", _) => (
            "elsewhere",
            "another town hall has an appointment for one of these; `despite_others` books all the same",
        ),
        (_, "appointments-wrong-number-consumed") => ("consumed", "one of these has served already"),
        (_, "appointments-wrong-number-expired") => ("expired", "one of these is too old"),
        _ => ("unknown", "one of these is not known"),
    };
    wrong("#/numbers", code, detail)
}

/// What came of a booking.
enum Came {
    Made(MadeAppointment),
    NotFree(Vec<AppointmentTime>),
}

/// Books a free time. With the same `Idempotency-Key`, it is booked once.
#[utoipa::path(
    post, path = "/api/v1/appointment-motives/{slug}/bookings",
    params(("slug" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewAppointment,
    responses(
        (status = 201, body = MadeAppointment), (status = 404), (status = 422), (status = 429),
        (status = 409, body = NotFree, content_type = "application/problem+json")
    )
)]
pub(crate) async fn book(
    State(app): State<App>,
    visitor: Visitor,
    commune: CommuneOf,
    Extension(coordinator): Extension<Arc<Coordinator>>,
    Path(slug): Path<String>,
    headers: HeaderMap,
    body: axum::body::Bytes,
) -> Result {
    visitor.limit(&app, HOLD)?;
    let new: NewAppointment = serde_json::from_slice(&body)
        .map_err(|error| wrong("#", "form", &format!("not such a booking: {error}")))?;
    let contact = new.contact()?;
    let at = DateTime::parse_from_rfc3339(&new.start).map(|at| at.to_utc());
    let at = at.map_err(|_| wrong("#/start", "instant", "an instant as RFC 3339 writes it"))?;
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).map(str::to_owned);
    let (source, owner) = (holding(&visitor), owner(&visitor));
    let lang = visitor.lang;
    let looked = coordinator.look(&commune, &numbers(&contact)).await?;
    let (in_the_way, numbers_unchecked) = (looked.judged(new.despite_others), looked.unanswered);
    let came = commune
        .write(visitor.by, move |tx| {
            let request = serde_json::to_vec(&new).map_err(WebError::internal)?;
            let scope = format!("appointments.api.{slug}.{owner}");
            if let Some(key) = &key {
                match idempotency::before(tx, &scope, key, &request)? {
                    Some(Once::Done(made) | Once::Again(made)) => return Ok(Came::Made(made)),
                    Some(Once::Reused) => return Err(WebError::conflict()),
                    None => {}
                }
            }
            count(tx, &source).map_err(|error| match error {
                BookError::Store(error) => error.into(),
                _ => WebError::too_many(Duration::from_mins(5)),
            })?;
            let motive = bookable(tx, &slug)?;
            if let Some(wrong) = in_the_way {
                return Err(numbers_fault(wrong));
            }
            let sites = site::sites(tx)?;
            let site = sites.iter().find(|site| site.resource.details.slug == new.site);
            let site = site.ok_or_else(|| wrong("#/site", "unknown", "no such site"))?.resource.id;
            let persons = usize::from(new.persons);
            let (whom, channel) = (Whom::Public, Channel::Api);
            let wanted = NewHold { motive: &motive, persons, at, site, whom, channel, lang, proposal: None };
            let work = |tx: &mut beffroi_store::Tx<'_>| {
                let held = appointment::hold(tx, &wanted)?;
                let booking = Booking { contact, instead: None, whom, channel, account: None };
                let made = appointment::book(tx, held.id, booking)?;
                looked.keep(tx, &made)?;
                Ok::<_, BookError>(MadeAppointment {
                    reference: made.reference,
                    start: made.span.start(),
                    end: made.span.end(),
                    page: format!("/rendez-vous/mien/{}", held.link),
                    numbers_unchecked,
                })
            };
            let made = match key {
                Some(key) => match idempotency::once(tx, &scope, &key, &request, work) {
                    Ok(Once::Done(made) | Once::Again(made)) => Ok(made),
                    Ok(Once::Reused) => return Err(WebError::conflict()),
                    Err(error) => Err(error),
                },
                None => work(tx),
            };
            match made {
                Ok(made) => Ok(Came::Made(made)),
                // Nothing was written but the hold, which a booking that failed leaves to expire.
                Err(BookError::Gone(slots)) => Ok(Came::NotFree(told(&slots, &sites))),
                Err(BookError::Unknown) => Err(WebError::not_found()),
                Err(BookError::Persons(most)) => {
                    Err(wrong("#/persons", "range", &format!("from 1 to {most} persons come together")))
                }
                Err(BookError::TooMany) => {
                    Err(wrong("#/email", "too-many", "there are two appointments for this already"))
                }
                Err(BookError::Numbered) => {
                    Err(wrong("#/numbers", "numbered", "there is an appointment for one of these already"))
                }
                Err(BookError::Over) => Err(WebError::conflict()),
                Err(BookError::Store(error)) => Err(error.into()),
            }
        })
        .await?;
    answered(came)
}

fn answered(came: Came) -> Result {
    match came {
        Came::Made(made) => {
            let location = HeaderValue::from_str(&made.page).map_err(WebError::internal)?;
            let mut response = (StatusCode::CREATED, Json(made)).into_response();
            response.headers_mut().insert(header::LOCATION, location);
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            Ok(response)
        }
        Came::NotFree(alternatives) => Ok(not_free(alternatives)),
    }
}

/// 409: that time is not free, and these are the nearest.
fn not_free(alternatives: Vec<AppointmentTime>) -> Response {
    let status = StatusCode::CONFLICT;
    let title = "That time is not free".to_owned();
    let body = Json(NotFree { title, status: status.as_u16(), alternatives });
    let mut response = (status, body).into_response();
    let kind = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
