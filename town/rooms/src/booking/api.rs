//! Picking a time, for programs: the same hold, by the same rules.

pub(super) mod given_back;
mod series;

use std::sync::Arc;

use axum::{
    Extension, Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use beffroi_calendar::{booking as bookings, resource::Kept, spans::Span};
use beffroi_core::{Instant, calendar::civil_day};
use beffroi_people::Town;
use beffroi_store::{By, Tx};
use beffroi_web::{App, CommuneOf, FieldError, Page, Purpose, Result, Visitor, WebError, once::Key};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    commands::{self, Found, Holder, NotHeld, bookable},
    form::words,
    rules::{EXTRAS_AT_MOST, Refusal, Typed, Wish},
    rush::{Rush, Turns},
};
use crate::room::Room;

/// Bytes of a body, at most.
const BODY_AT_MOST: usize = 64 * 1024;
/// Times that somebody lets others who want the very same go first, at most.
const WAITS_AT_MOST: u32 = 8;

/// What was looked up for those who ask the same at the same moment.
#[derive(Default)]
pub(crate) struct Rushes {
    looked: Rush<Looked>,
    nearest: Rush<Vec<Span>>,
    turns: Turns,
}

/// What a look at the calendar finds.
struct Looked {
    room: Room,
    extras: Vec<Kept>,
    typed: Typed,
    found: std::result::Result<Wish, Vec<Refusal>>,
}

/// What is to be held.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "start": "2026-09-08T16:00:00Z",
    "end": "2026-09-08T18:00:00Z",
    "people": 25,
    "recurrence": { "every": "week", "until": "2026-12-15" }
}))]
pub(crate) struct NewHold {
    /// From when: an instant (RFC 3339).
    #[schema(value_type = String, format = DateTime)]
    start: Instant,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    end: Instant,
    /// How many people come.
    people: u32,
    /// The place of the layout among those of the resource, from 0.
    #[serde(default)]
    layout: Option<usize>,
    /// What is booked along.
    #[serde(default)]
    extras: Vec<Along>,
    /// How it comes again: for whoever is signed in, and their programs.
    #[serde(default)]
    recurrence: Option<series::Again>,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Along {
    /// Its name in addresses.
    slug: String,
    count: u32,
}

/// What is held.
#[derive(Clone, Deserialize, Serialize, utoipa::ToSchema)]
pub(crate) struct Hold {
    /// Which booking.
    id: String,
    /// Told once: the request names it as `booking`.
    token: String,
    #[schema(value_type = String, format = DateTime)]
    start: Instant,
    #[schema(value_type = String, format = DateTime)]
    end: Instant,
    /// Until when it is held. The request must have come by then.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Instant,
    /// Where it is asked for: `POST`, with the procedure’s answers and `booking`.
    request_url: String,
    /// Every date that is held, where it comes again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    dates: Vec<Free>,
    /// The dates that could not be had, where it comes again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    refused: Vec<series::Lost>,
}

/// A free time.
#[derive(Clone, Deserialize, Serialize, utoipa::ToSchema)]
pub(crate) struct Free {
    #[schema(value_type = String, format = DateTime)]
    start: Instant,
    #[schema(value_type = String, format = DateTime)]
    end: Instant,
}

/// That somebody has it then: a problem document (RFC 9457) with the nearest free times.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Taken {
    r#type: &'static str,
    title: String,
    status: u16,
    detail: String,
    /// The free times of that length that are nearest; not told where the key was used for another call.
    #[schema(required = false)]
    alternatives: Vec<Free>,
    /// The dates that cannot be had, where it comes again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refused: Vec<series::Lost>,
}

impl Free {
    fn of(span: Span) -> Self {
        Self { start: span.start(), end: span.end() }
    }
}

impl NewHold {
    fn typed(&self, zone: Tz) -> Typed {
        let clock = |at: Instant| at.with_timezone(&zone).format("%H:%M").to_string();
        Typed {
            day: civil_day(self.start, zone).to_string(),
            from: clock(self.start),
            until: clock(self.end),
            last_day: civil_day(self.end, zone).to_string(),
            people: self.people.to_string(),
            layout: self.layout.map(|layout| layout.to_string()).unwrap_or_default(),
            extras: self.extras.iter().map(|it| (it.slug.clone(), it.count.to_string())).collect(),
            repeats: self.recurrence.as_ref().map(|again| again.every.word().to_owned()).unwrap_or_default(),
            repeats_until: self.recurrence.as_ref().map(|again| again.until.to_string()).unwrap_or_default(),
            agreed: self.recurrence.as_ref().is_some_and(|again| !again.whole),
        }
    }
}

/// Holds a time for a quarter of an hour. The same key again gives the same answer.
///
/// What is held is then asked for with `POST /api/v1/procedures/{slug}/cases`, which names its token as `booking`.
///
/// With `recurrence`, all of its dates are looked at together: those that are free are held as one booking, the others are
/// told in `refused`. It comes again 60 times within 400 days at most.
#[utoipa::path(
    post, path = "/api/v1/resources/{slug}/bookings",
    params(("slug" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewHold,
    responses(
        (status = 201, body = Hold),
        (status = 401, description = "What comes again is held for whoever is signed in"),
        (status = 404, description = "No such resource, or none that is booked here"),
        (status = 409, body = Taken, content_type = "application/problem+json"),
        (status = 422, description = "RFC 9457 problem document: `errors` names each field"),
        (status = 429, description = "Too many holds"),
    )
)]
pub(crate) async fn book(
    (State(app), Extension(rushes)): (State<App>, Extension<Arc<Rushes>>),
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result {
    visitor.limit(&app, Purpose::HOLD)?;
    let key = Key::of(&headers, &visitor, "rooms.hold", &slug, &bytes)?;
    let asked: NewHold = body(&bytes)?;
    let span = Span::new(asked.start, asked.end);
    let span = span.ok_or_else(|| wrong("end", "order", "it ends before it begins"))?;
    if asked.recurrence.is_some() {
        if let Some(before) = answered(&commune, &key).await? {
            return Ok(created(&before));
        }
        return series::book(&page, &commune, &visitor, (slug, asked, span), key).await;
    }
    let question = hex::encode(Sha256::digest([slug.as_bytes(), b"\n", &bytes[..]].concat()));
    let asked = Arc::new((slug, asked));
    let mut waited = 0_u32;
    let (seen, position, refused) = loop {
        // What most rivals learn is that somebody was faster: that needs no writer.
        let (position, asked) = (commune.journal_position().await?, Arc::clone(&asked));
        let look = commune.read(By::VISITOR, move |tx| looked(tx, &asked.0, &asked.1));
        let seen = rushes.looked.ask((&commune, position), &question, look).await.map_err(failed)?;
        let wish = match &seen.found {
            Ok(wish) => wish.clone(),
            Err(refused) => {
                // It may be the caller who was faster, and lost the answer.
                if let Some(before) = answered(&commune, &key).await? {
                    return Ok(created(&before));
                }
                let refused = refused.clone();
                break (seen, position, refused);
            }
        };
        let turn = rushes.turns.take(&question).await;
        // What stays free however many take of it keeps nobody waiting for long.
        if turn.is_none() && waited < WAITS_AT_MOST {
            waited += 1;
            continue;
        }
        let (found, holder, key) = (Arc::clone(&seen), Holder::of(&visitor), key.clone());
        let held = commune.write(visitor.by, move |tx| key.attempt(tx, |tx| hold(tx, &found, wish, &holder)));
        match held.await {
            Ok(Some(made)) => return Ok(created(&made)),
            Ok(None) => return Err(WebError::conflict()),
            Err(NotHeld::Refused(refused)) => break (seen, commune.journal_position().await?, refused),
            Err(other) => return Err(failed(other)),
        }
    };
    let Some(taken) = refused.iter().find(|it| matches!(it, Refusal::Taken | Refusal::ExtraTaken(_))) else {
        return Err(unfit(&page, &seen.extras, &refused));
    };
    let around = Arc::clone(&seen);
    let nearest = commune.read(By::VISITOR, move |tx| nearest(tx, &around, span));
    let nearest = rushes.nearest.ask((&commune, position), &question, nearest).await.map_err(failed)?;
    Ok(problem(&page, words(&page, &seen.extras, taken), &nearest, Vec::new()))
}

/// What was answered to this call before, where it bears a key.
async fn answered(commune: &CommuneOf, key: &Key) -> Result<Option<Hold>> {
    if key.word().is_none() {
        return Ok(None);
    }
    let key = key.clone();
    commune.read(By::VISITOR, move |tx| key.answered(tx)).await
}

fn failed(error: NotHeld) -> WebError {
    match error {
        NotHeld::Store(error) => error.into(),
        NotHeld::Unknown | NotHeld::Refused(_) | NotHeld::Partly(_) => WebError::not_found(),
    }
}

fn looked(tx: &mut Tx<'_>, slug: &str, asked: &NewHold) -> std::result::Result<Looked, NotHeld> {
    let town = Town::load(tx)?;
    let (room, extras) = bookable(tx, slug)?;
    let typed = asked.typed(town.zone());
    let found = match asked.not_whole() {
        Some(refusal) => Err(NotHeld::Refused(vec![refusal])),
        None => commands::look(tx, (&room, &extras), &typed, None, &town),
    };
    let found = match found {
        Ok(wish) => Ok(wish),
        Err(NotHeld::Refused(refused)) => Err(refused),
        Err(other) => return Err(other),
    };
    Ok(Looked { room, extras, typed, found })
}

fn hold(tx: &mut Tx<'_>, seen: &Looked, wish: Wish, holder: &Holder) -> std::result::Result<Hold, NotHeld> {
    let Found { id, secret, until, span, procedure } =
        commands::hold_found(tx, (&seen.room, &seen.extras), wish, holder)?;
    Ok(Hold {
        id: id.to_string(),
        token: secret.reveal().to_owned(),
        start: span.start(),
        end: span.end(),
        expires_at: until,
        request_url: format!("/api/v1/procedures/{procedure}/cases"),
        dates: Vec::new(),
        refused: Vec::new(),
    })
}

/// The free times that are nearest.
fn nearest(tx: &mut Tx<'_>, seen: &Looked, span: Span) -> std::result::Result<Vec<Span>, NotHeld> {
    let town = Town::load(tx)?;
    let along = seen.typed.read(&seen.room.resource.details.terms, &seen.extras, town.zone());
    let along = along.map(|wish| wish.details.extras).unwrap_or_default();
    Ok(bookings::nearest(tx, &seen.room.resource, &along, span, None, &town)?)
}

impl NewHold {
    /// What is no whole minute: a booking is told as the clocks of the town show it.
    fn not_whole(&self) -> Option<Refusal> {
        let whole = |at: Instant| at.timestamp_subsec_nanos() == 0 && at.timestamp() % 60 == 0;
        match (whole(self.start), whole(self.end)) {
            (false, _) => Some(Refusal::From),
            (true, false) => Some(Refusal::Until),
            (true, true) => None,
        }
    }
}

fn created(hold: &Hold) -> Response {
    let mut response = (StatusCode::CREATED, Json(hold)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// What does not suit the terms: each field is named.
fn unfit(page: &Page, extras: &[Kept], refused: &[Refusal]) -> WebError {
    let fields = refused.iter().map(|refusal| FieldError {
        pointer: format!("#/{}", member(&refusal.field())),
        code: refusal.code().to_owned(),
        detail: words(page, extras, refusal),
    });
    WebError::unprocessable(fields.collect())
}

/// The member of the body that a control of the page stands for.
fn member(field: &str) -> &str {
    match field {
        "a" | "fin" => "end",
        "personnes" => "people",
        "disposition" => "layout",
        "jusquau" => "recurrence/until",
        other if other.starts_with("materiel-") => "extras",
        _ => "start",
    }
}

/// 409 with the nearest free times: somebody was faster.
fn problem(page: &Page, detail: String, nearest: &[Span], refused: Vec<series::Lost>) -> Response {
    let status = StatusCode::CONFLICT;
    let document = Taken {
        r#type: "about:blank",
        title: page.t("rooms-refused-taken-title").to_owned(),
        status: status.as_u16(),
        detail,
        alternatives: nearest.iter().copied().map(Free::of).collect(),
        refused,
    };
    let kind = [(header::CONTENT_TYPE, "application/problem+json"), (header::CACHE_CONTROL, "no-store")];
    (status, kind, json!(document).to_string()).into_response()
}

fn body(bytes: &[u8]) -> Result<NewHold> {
    if bytes.len() > BODY_AT_MOST {
        return Err(WebError::too_large());
    }
    let asked: NewHold =
        serde_json::from_slice(bytes).map_err(|error| wrong("", "shape", &error.to_string()))?;
    if asked.extras.len() > EXTRAS_AT_MOST {
        return Err(wrong("extras", "many", "at most 100 kinds of things are booked along"));
    }
    Ok(asked)
}

fn wrong(member: &str, code: &str, text: &str) -> WebError {
    WebError::unprocessable(vec![FieldError {
        pointer: format!("#/{member}").trim_end_matches('/').to_owned(),
        code: code.to_owned(),
        detail: text.to_owned(),
    }])
}
