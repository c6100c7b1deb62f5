//! Appointments for programs that hold an agent's token: the day of a site; what becomes of an appointment, another
//! time, given back with a word; the waiting list.

use axum::{
    Json,
    extract::{Path, Query},
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};
use beffroi_calendar::spans::Span;
use beffroi_core::{Channel, Day, Id, Lang, calendar::start_of_day};
use beffroi_web::{CommuneOf, Result, Visitor, WebError, once::Key};

use super::{
    model::{
        AgentAppointment, AgentWish, AskedDay, NewCancellation, NewState, NewTime, NewWaiting, NotFree,
        OwnAppointment,
    },
    own::{answered, body, judged, moved, private, waited_for, waits_enough},
    wrong,
};
use crate::{
    appointment::{self, Appointment, State},
    clock::Now,
    motive,
    office::{WHY_AT_MOST, receives, seen},
    public::refused,
    site,
    slots::Whom,
    wish::{self, Wish},
};

impl AgentAppointment {
    fn of(it: Appointment, motive: &str, site: &str) -> Self {
        Self {
            id: it.id.uuid(),
            reference: it.reference,
            motive: motive.to_owned(),
            site: site.to_owned(),
            start: it.span.start(),
            end: it.span.end(),
            persons: it.persons,
            state: it.state.as_str(),
            name: it.contact.name,
            email: it.contact.email,
            phone: it.contact.phone,
            note: it.contact.note,
        }
    }
}

/// The appointments of one day at one site, for the motives of the departments where you receive, in their order.
#[utoipa::path(
    get, path = "/api/v1/agent/appointments", params(AskedDay),
    security(("token" = ["appointment.receive"])),
    responses(
        (status = 200, body = Vec<AgentAppointment>), (status = 404, description = "You receive nowhere, or there is no such site"),
        (status = 422),
    )
)]
pub(crate) async fn day(visitor: Visitor, commune: CommuneOf, Query(asked): Query<AskedDay>) -> Result {
    let who = visitor.require()?.clone();
    let all = commune
        .read(visitor.by, move |tx| {
            let scope = receives(tx, &who)?;
            let now = Now::read(tx)?;
            let day: Day = match asked.day.as_str() {
                "" => now.today,
                text => text.parse().map_err(|_| wrong("?day", "day", "a day, as 2026-12-01"))?,
            };
            let site = site::sites(tx)?.into_iter().find(|it| it.resource.details.slug == asked.site);
            let site = site.ok_or_else(WebError::not_found)?;
            let after = day.succ_opt().unwrap_or(day);
            let within = Span::new(start_of_day(day, now.zone), start_of_day(after, now.zone));
            let all = match within {
                Some(within) => appointment::of_day(tx, site.resource.id, within)?,
                None => Vec::new(),
            };
            let motives = motive::list(tx)?;
            let told = all.into_iter().filter_map(|it| {
                let of = motives.iter().find(|kept| kept.id == it.motive)?;
                // What was held and forgotten tells nothing.
                let expired = it.state == State::Held && it.expires_at.is_none_or(|at| at <= now.at);
                let told = scope.contains(of.details.department) && !expired;
                told.then(|| AgentAppointment::of(it, &of.details.slug, &site.resource.details.slug))
            });
            Ok::<_, WebError>(told.collect::<Vec<_>>())
        })
        .await?;
    Ok(private(Json(all)))
}

/// Moves an appointment of your departments; its owner is told. Where that time is not free, it stays where it was.
#[utoipa::path(
    post, path = "/api/v1/agent/appointments/{id}/move", params(("id" = String, Path)), request_body = NewTime,
    security(("token" = ["appointment.receive"])),
    responses(
        (status = 200, body = OwnAppointment), (status = 404), (status = 422),
        (status = 409, body = NotFree, content_type = "application/problem+json", description = "That time is not free; or, without `alternatives`, it is over or given back")
    )
)]
pub(crate) async fn move_it(
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    bytes: axum::body::Bytes,
) -> Result {
    let who = visitor.require()?.clone();
    let came = commune
        .write(visitor.by, move |tx| {
            let seen = seen(tx, &who, &id)?;
            let new: NewTime = body(&bytes)?;
            moved(tx, &seen, &new, Whom::Agent)
        })
        .await?;
    Ok(answered(came))
}

/// Gives an appointment of your departments back, and tells its owner why. Done twice, it changes nothing more.
#[utoipa::path(
    post, path = "/api/v1/agent/appointments/{id}/cancellation", params(("id" = String, Path)),
    request_body = NewCancellation, security(("token" = ["appointment.receive"])),
    responses((status = 204), (status = 404), (status = 409, description = "It stands otherwise"), (status = 422))
)]
pub(crate) async fn cancel(
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    bytes: axum::body::Bytes,
) -> Result {
    let who = visitor.require()?.clone();
    commune
        .write(visitor.by, move |tx| {
            let seen = seen(tx, &who, &id)?;
            let new: NewCancellation = body(if bytes.is_empty() { b"{}" } else { &bytes })?;
            let why = new.why.trim();
            if why.chars().count() > WHY_AT_MOST {
                return Err(wrong("#/why", "text", &format!("at most {WHY_AT_MOST} letters")));
            }
            appointment::cancel(tx, seen.it.id, Some(why)).map(drop).map_err(refused)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Writes down that somebody arrived, was received, did not come; or takes that back.
#[utoipa::path(
    post, path = "/api/v1/agent/appointments/{id}/state", params(("id" = String, Path)), request_body = NewState,
    security(("token" = ["appointment.receive"])),
    responses((status = 204), (status = 404), (status = 409, description = "It cannot become that now"), (status = 422))
)]
pub(crate) async fn mark(
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    bytes: axum::body::Bytes,
) -> Result {
    let who = visitor.require()?.clone();
    commune
        .write(visitor.by, move |tx| {
            let seen = seen(tx, &who, &id)?;
            let new: NewState = body(&bytes)?;
            let next = State::from_word(&new.state).filter(|next| next.is_expected());
            let next =
                next.ok_or_else(|| wrong("#/state", "value", "booked, arrived, received or missed"))?;
            appointment::mark(tx, seen.it.id, next).map(drop).map_err(refused)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Those who wait for a time, for the motives of the departments where you receive, the longest first.
#[utoipa::path(
    get, path = "/api/v1/agent/appointment-wishes", security(("token" = ["appointment.receive"])),
    responses((status = 200, body = Vec<AgentWish>), (status = 404, description = "You receive nowhere"))
)]
pub(crate) async fn waiting(visitor: Visitor, commune: CommuneOf) -> Result {
    let who = visitor.require()?.clone();
    let all = commune
        .read(visitor.by, move |tx| {
            let scope = receives(tx, &who)?;
            let (motives, sites) = (motive::list(tx)?, site::sites(tx)?);
            let told = wish::waiting(tx)?.into_iter().filter_map(|it| {
                let of = motives.iter().find(|kept| kept.id == it.wish.motive)?;
                let at = sites.iter().find(|site| Some(site.resource.id) == it.wish.site);
                scope.contains(of.details.department).then(|| AgentWish {
                    id: it.id.uuid(),
                    motive: of.details.slug.clone(),
                    site: at.map(|site| site.resource.details.slug.clone()),
                    persons: it.wish.persons,
                    first: it.wish.days.0,
                    last: it.wish.days.1,
                    name: it.wish.contact.name,
                    email: it.wish.contact.email,
                    phone: it.wish.contact.phone,
                    made_at: it.made_at,
                })
            });
            Ok::<_, WebError>(told.collect::<Vec<_>>())
        })
        .await?;
    Ok(private(Json(all)))
}

/// Puts somebody who asks at the counter or on the telephone on the waiting list.
#[utoipa::path(
    post, path = "/api/v1/agent/appointment-motives/{slug}/wishes", request_body = NewWaiting,
    params(("slug" = String, Path), ("Idempotency-Key" = Option<String>, Header)), security(("token" = ["appointment.receive"])),
    responses(
        (status = 204), (status = 404, description = "No such motive, or none for which one waits, or not yours"),
        (status = 422),
    )
)]
pub(crate) async fn wait(
    visitor: Visitor,
    commune: CommuneOf,
    Path(slug): Path<String>,
    headers: HeaderMap,
    bytes: axum::body::Bytes,
) -> Result {
    let who = visitor.require()?.clone();
    let key = Key::of(&headers, &visitor, "appointments.agent-wish", &slug, &bytes)?;
    commune
        .write(visitor.by, move |tx| {
            let scope = receives(tx, &who)?;
            let new: NewWaiting = body(&bytes)?;
            let channel = match new.channel.as_str() {
                "" | "phone" => Channel::Phone,
                "counter" => Channel::Counter,
                _ => return Err(wrong("#/channel", "value", "phone or counter")),
            };
            let found = waited_for(tx, &slug, &new)?;
            if !scope.contains(found.motive.details.department) {
                return Err(WebError::not_found());
            }
            let new = judged(&found, &new, channel, Lang::Fr)?;
            key.once(tx, |tx| {
                wish::make(tx, &new)?.ok_or_else(waits_enough)?;
                Ok::<_, WebError>(true)
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Takes somebody off the waiting list. Done twice, it changes nothing more.
#[utoipa::path(
    delete, path = "/api/v1/agent/appointment-wishes/{id}", params(("id" = String, Path)),
    security(("token" = ["appointment.receive"])),
    responses((status = 204), (status = 404, description = "No such wish, or not of your departments"))
)]
pub(crate) async fn wait_no_more(visitor: Visitor, commune: CommuneOf, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    commune
        .write(visitor.by, move |tx| {
            let scope = receives(tx, &who)?;
            let id: Id<Wish> = id.parse().map_err(|_| WebError::not_found())?;
            let it = wish::find(tx, id)?.ok_or_else(WebError::not_found)?;
            let motive = motive::find(tx, it.wish.motive)?.ok_or_else(WebError::not_found)?;
            if !scope.contains(motive.details.department) {
                return Err(WebError::not_found());
            }
            wish::withdraw(tx, id)?;
            Ok::<_, WebError>(())
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
