//! One's own appointment for programs, behind the secret of its page: looked at, moved, given back; and one's place on
//! the waiting list.

use std::time::Duration;

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use beffroi_core::{Channel, Instant};
use beffroi_store::Tx;
use beffroi_web::{App, CommuneOf, FieldError, Result, Visitor, WebError, Wrong, once::Key};
use chrono::DateTime;
use serde::de::DeserializeOwned;

use super::{
    model::{MadeWish, NewTime, NewWaiting, NotFree, OwnAppointment, OwnWish},
    not_free, told, wrong,
};
use crate::{
    appointment::{self, BookError, Contact},
    motive,
    public::{Found, HOLD, LOOK, Seen, TypedWish, count, found, holding, judged_wish, refused},
    site,
    slots::{Slot, Whom},
    wish::{self, NewWish},
};

pub(super) fn body<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|error| wrong("#", "form", &error.to_string()))
}

/// An answer that nobody keeps on the way.
pub(super) fn private(answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    response
}

impl OwnAppointment {
    pub(super) fn of(seen: &Seen) -> Self {
        Self {
            reference: seen.it.reference.clone(),
            motive: seen.motive.details.slug.clone(),
            site: seen.site.resource.details.slug.clone(),
            start: seen.it.span.start(),
            end: seen.it.span.end(),
            persons: seen.it.persons,
            state: seen.it.state.as_str(),
        }
    }
}

/// An appointment, for whoever holds its secret: the last part of the address of its page.
#[utoipa::path(
    get, path = "/api/v1/appointments/{link}", params(("link" = String, Path)),
    responses((status = 200, body = OwnAppointment), (status = 404), (status = 429))
)]
pub(crate) async fn one(
    State(app): State<App>,
    visitor: Visitor,
    commune: CommuneOf,
    Path(link): Path<String>,
) -> Result {
    visitor.limit(&app, LOOK)?;
    let seen = commune.read(visitor.by, move |tx| Seen::by_link(tx, &link)).await?;
    Ok(private(Json(OwnAppointment::of(&seen))))
}

/// What came of moving an appointment.
pub(super) enum Moved {
    To(OwnAppointment),
    NotFree(Vec<Slot>, Vec<site::Site>),
}

/// Moves an appointment to a time that is asked for; the same for its owner and for agents.
pub(super) fn moved(tx: &mut Tx<'_>, seen: &Seen, new: &NewTime, whom: Whom) -> Result<Moved> {
    let at = DateTime::parse_from_rfc3339(&new.start).map(|at| at.to_utc());
    let at = at.map_err(|_| wrong("#/start", "instant", "an instant as RFC 3339 writes it"))?;
    let sites = site::sites(tx)?;
    let site = sites.iter().find(|site| site.resource.details.slug == new.site);
    let site = site.ok_or_else(|| wrong("#/site", "unknown", "no such site"))?.resource.id;
    match appointment::move_to(tx, seen.it.id, (at, site), whom) {
        Ok(it) => {
            let seen = Seen::of(tx, it)?.ok_or_else(WebError::not_found)?;
            Ok(Moved::To(OwnAppointment::of(&seen)))
        }
        Err(BookError::Gone(slots)) => Ok(Moved::NotFree(slots, sites)),
        Err(error) => Err(refused(error)),
    }
}

pub(super) fn answered(moved: Moved) -> Response {
    match moved {
        Moved::To(it) => private(Json(it)),
        Moved::NotFree(slots, sites) => not_free(told(&slots, &sites)),
    }
}

/// Moves an appointment to another free time of its motive; where that is not free, it stays where it was.
#[utoipa::path(
    post, path = "/api/v1/appointments/{link}/move", params(("link" = String, Path)), request_body = NewTime,
    responses(
        (status = 200, body = OwnAppointment), (status = 404), (status = 422), (status = 429),
        (status = 409, body = NotFree, content_type = "application/problem+json", description = "That time is not free; or, without `alternatives`, it is over or given back")
    )
)]
pub(crate) async fn move_it(
    State(app): State<App>,
    visitor: Visitor,
    commune: CommuneOf,
    Path(link): Path<String>,
    bytes: axum::body::Bytes,
) -> Result {
    visitor.limit(&app, HOLD)?;
    let source = holding(&visitor);
    let came = commune
        .write(visitor.by, move |tx| {
            let seen = Seen::by_link(tx, &link)?;
            let new: NewTime = body(&bytes)?;
            // Each move takes a time, and has two people told: it counts as a booking does.
            count(tx, &source).map_err(hoards)?;
            moved(tx, &seen, &new, Whom::Public)
        })
        .await?;
    Ok(answered(came))
}

fn hoards(error: BookError) -> WebError {
    match error {
        BookError::Store(error) => error.into(),
        _ => WebError::too_many(Duration::from_mins(5)),
    }
}

/// Gives an appointment back. Done twice, it changes nothing more.
#[utoipa::path(
    post, path = "/api/v1/appointments/{link}/cancellation", params(("link" = String, Path)),
    responses((status = 204), (status = 404), (status = 409, description = "It has begun"), (status = 429))
)]
pub(crate) async fn cancel(
    State(app): State<App>,
    visitor: Visitor,
    commune: CommuneOf,
    Path(link): Path<String>,
) -> Result {
    visitor.limit(&app, LOOK)?;
    commune
        .write(visitor.by, move |tx| {
            let seen = Seen::by_link(tx, &link)?;
            appointment::cancel(tx, seen.it.id, None).map(drop).map_err(refused)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What somebody waits for, judged as on the page: the same for who asks and for agents.
pub(super) fn judged(
    found: &Found,
    new: &NewWaiting,
    channel: Channel,
    lang: beffroi_core::Lang,
) -> Result<NewWish> {
    let most = found.motive.details.sheet.persons();
    if usize::from(new.persons) != found.persons {
        return Err(wrong("#/persons", "range", &format!("from 1 to {most} persons come together")));
    }
    if !new.site.is_empty() && found.site.is_none() {
        return Err(wrong("#/site", "unknown", "no such site, or not received there"));
    }
    let contact = Contact {
        name: new.name.trim().to_owned(),
        email: new.email.trim().to_owned(),
        phone: new.phone.trim().to_owned(),
        ..Contact::default()
    };
    let typed = TypedWish { first: new.first.clone(), last: new.last.clone(), contact };
    judged_wish(found, &typed, (channel, lang))
        .map_err(|all| WebError::unprocessable(all.iter().map(fault).collect()))
}

fn fault((field, _): &Wrong) -> FieldError {
    let (name, detail) = match *field {
        "premier" => ("first", "a day on which this is booked"),
        "dernier" => ("last", "a day from `first` on, on which this is booked"),
        "nom" => ("name", "a name of at most 100 letters"),
        "telephone" => ("phone", "a telephone number"),
        _ => ("email", "an address of e-mail; it or a telephone number is needed"),
    };
    FieldError { pointer: format!("#/{name}"), code: name.to_owned(), detail: detail.to_owned() }
}

/// The motive with what is asked of it, where people wait for it.
pub(super) fn waited_for(tx: &mut Tx<'_>, slug: &str, new: &NewWaiting) -> Result<Found> {
    let (persons, site) = (new.persons.to_string(), new.site.as_str());
    let found = found(tx, slug, (&persons, site), Whom::Public)?;
    found.filter(|found| found.motive.has_waiting()).ok_or_else(WebError::not_found)
}

/// That somebody waits in so many places already.
pub(super) fn waits_enough() -> WebError {
    wrong("#/email", "too-many", "three wishes of this person wait already")
}

/// Puts somebody who finds no time on the waiting list of a motive: what is given back within their days is offered to
/// them by mail or telephone, in the order of wishes.
#[utoipa::path(
    post, path = "/api/v1/appointment-motives/{slug}/wishes", request_body = NewWaiting,
    params(("slug" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 201, body = MadeWish), (status = 404, description = "No such motive, or none for which one waits"),
        (status = 422), (status = 429),
    )
)]
pub(crate) async fn wait(
    State(app): State<App>,
    visitor: Visitor,
    commune: CommuneOf,
    Path(slug): Path<String>,
    headers: HeaderMap,
    bytes: axum::body::Bytes,
) -> Result {
    visitor.limit(&app, HOLD)?;
    let key = Key::of(&headers, &visitor, "appointments.wish", &slug, &bytes)?;
    let lang = visitor.lang;
    let made = commune
        .write(visitor.by, move |tx| {
            let new: NewWaiting = body(&bytes)?;
            if !new.channel.is_empty() {
                return Err(wrong("#/channel", "value", "for agents alone"));
            }
            let found = waited_for(tx, &slug, &new)?;
            let new = judged(&found, &new, Channel::Api, lang)?;
            key.once(tx, |tx| {
                let link = wish::make(tx, &new)?.ok_or_else(waits_enough)?;
                Ok::<_, WebError>(MadeWish { page: format!("/rendez-vous/attente/{link}"), link })
            })
        })
        .await?;
    Ok(private((StatusCode::CREATED, Json(made))))
}

/// How a wish stands, for whoever holds its secret.
#[utoipa::path(
    get, path = "/api/v1/appointment-wishes/{link}", params(("link" = String, Path)),
    responses((status = 200, body = OwnWish), (status = 404), (status = 429))
)]
pub(crate) async fn waits(
    State(app): State<App>,
    visitor: Visitor,
    commune: CommuneOf,
    Path(link): Path<String>,
) -> Result {
    visitor.limit(&app, LOOK)?;
    let told = commune
        .read(visitor.by, move |tx| {
            let it = wish::by_link(tx, &link)?.ok_or_else(WebError::not_found)?;
            let motive = motive::find(tx, it.wish.motive)?.ok_or_else(WebError::not_found)?;
            let offered: Option<Instant> = it.offered.filter(|_| it.state == wish::WishState::Offered);
            Ok::<_, WebError>(OwnWish {
                motive: motive.details.slug,
                state: it.state.as_str(),
                first: it.wish.days.0,
                last: it.wish.days.1,
                offered,
            })
        })
        .await?;
    Ok(private(Json(told)))
}

/// Takes a wish back: nothing more is offered. Done twice, it changes nothing more.
#[utoipa::path(
    delete, path = "/api/v1/appointment-wishes/{link}", params(("link" = String, Path)),
    responses((status = 204), (status = 404), (status = 429))
)]
pub(crate) async fn wait_no_more(
    State(app): State<App>,
    visitor: Visitor,
    commune: CommuneOf,
    Path(link): Path<String>,
) -> Result {
    visitor.limit(&app, LOOK)?;
    commune
        .write(visitor.by, move |tx| {
            let it = wish::by_link(tx, &link)?.ok_or_else(WebError::not_found)?;
            wish::withdraw(tx, it.id)?;
            Ok::<_, WebError>(())
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
