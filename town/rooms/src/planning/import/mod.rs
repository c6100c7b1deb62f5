//! A calendar file (`.ics`) of another program, whose times are kept for the town: a school's agenda, that of a theatre. A
//! preview tells what will be kept, what is left out and why; what is confirmed is kept whole or not at all.

mod judged;
mod shown;
mod sorted;

use axum::{
    Router,
    extract::{Path, Request},
    http::StatusCode,
    response::{IntoResponse, Redirect},
    routing::{get, post},
};
use beffroi_calendar::{
    booking::PLANNING,
    claims::ClaimError,
    ics::{self, CHARACTERS_AT_MOST, NoCalendar},
    resource::{self, Kept, Kind},
    spans::Span,
};
use beffroi_core::{Instant, calendar::civil_day};
use beffroi_people::{SignedIn, Town, permission::permit_somewhere};
use beffroi_store::{
    Tx,
    idempotency::{self, Once},
};
use beffroi_web::{
    App, CommuneOf, FormLimits, FormPost, FormReader, Page, ReadError, Result, Visitor, WebError,
};
use chrono_tz::Tz;
use futures_util::StreamExt as _;
use serde_json::json;

use self::{
    judged::Judged,
    shown::Preview,
    sorted::{AHEAD, BLOCKS_AT_MOST, Block, Sorted, sorted},
};
use crate::{BlockRooms, permission::hidden};

/// The keys of this page.
const SCOPE: &str = "rooms.agenda";

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/agents/planning/{slug}/agenda", get(ask).post(look))
        .route("/agents/planning/{slug}/agenda/bloquer", post(keep))
}

/// The room, for whoever may keep it for the town.
fn room(tx: &mut Tx<'_>, who: &SignedIn, slug: &str) -> Result<Kept> {
    hidden(permit_somewhere::<BlockRooms>(tx, who))?;
    let room = resource::by_slug(tx, slug)?.filter(|room| room.details.kind == Kind::Room);
    room.ok_or_else(WebError::not_found)
}

async fn ask(page: Page, commune: CommuneOf, visitor: Visitor, Path(slug): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let room = commune.read(visitor.by, move |tx| room(tx, &who, &slug)).await?;
    shown::form(page, StatusCode::OK, &room, "")
}

/// Reads the file, and tells what would be kept. Nothing is written.
async fn look(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
    request: Request,
) -> Result {
    let who = visitor.require()?.clone();
    let reader = who.clone();
    // Nobody else's files are read.
    let (room, now, zone) = commune
        .read(visitor.by, move |tx| {
            Ok::<_, WebError>((room(tx, &who, &slug)?, tx.now(), Town::load(tx)?.zone()))
        })
        .await?;
    let refused = |page: Page, key: &str| shown::form(page, StatusCode::UNPROCESSABLE_ENTITY, &room, key);
    let text = match received(request).await? {
        Ok(text) => text,
        Err(key) => return refused(page, key),
    };
    let buffers = room.details.terms.buffers();
    let read = tokio::task::spawn_blocking(move || {
        let read = read(&text, now, zone)?;
        Ok::<_, &'static str>(sorted(&read, buffers))
    });
    let Sorted { blocks, left_out } = match read.await.map_err(WebError::internal)? {
        Ok(found) => found,
        Err(key) => return refused(page, key),
    };
    if blocks.len() > BLOCKS_AT_MOST {
        return refused(page, "planning-agenda-wrong-many");
    }
    if blocks.is_empty() && left_out.is_empty() {
        return refused(page, "planning-agenda-wrong-empty");
    }
    let place = room.clone();
    let judged = commune.read(visitor.by, move |tx| judged::judge(tx, &reader, &place, blocks)).await?;
    let preview = Preview { judged, left_out, changed: false, zone };
    shown::preview(page, StatusCode::OK, &room, preview)
}

/// The text of the file that was chosen; or the key of what is wrong with it.
async fn received(request: Request) -> Result<std::result::Result<String, &'static str>> {
    let limits = FormLimits { files: 1, bytes: 2 * CHARACTERS_AT_MOST, ..FormLimits::default() };
    let mut form = FormReader::new(request, limits).await?;
    let mut file = match form.next_file().await {
        Ok(Some(file)) => file,
        Ok(None) => return Ok(Err("planning-agenda-wrong-none")),
        Err(ReadError::CutOff(_)) => return Ok(Err("planning-agenda-wrong-cut")),
        Err(error) => return Err(error.into()),
    };
    let mut bytes: Vec<u8> = Vec::new();
    while let Some(chunk) = file.next().await {
        let Ok(chunk) = chunk else { return Ok(Err("planning-agenda-wrong-cut")) };
        bytes.extend_from_slice(&chunk);
        if bytes.len() > CHARACTERS_AT_MOST {
            return Ok(Err("planning-agenda-wrong-long"));
        }
    }
    // Some programs begin with the mark of the order of bytes.
    let text = String::from_utf8(bytes).map(|text| text.trim_start_matches('\u{feff}').to_owned());
    Ok(text.map_err(|_| "planning-agenda-wrong-nothing"))
}

/// What of the file is not over, within the next two years.
fn read(text: &str, now: Instant, zone: Tz) -> std::result::Result<ics::Read, &'static str> {
    let within = Span::new(now, now + AHEAD).ok_or("planning-agenda-wrong-nothing")?;
    ics::read(text, within, zone).map_err(|fault| match fault {
        NoCalendar::Nothing => "planning-agenda-wrong-nothing",
        NoCalendar::TooLong => "planning-agenda-wrong-long",
        NoCalendar::TooManyEvents | NoCalendar::TooManyTimes => "planning-agenda-wrong-many",
    })
}

/// What came of it.
enum Outcome {
    /// All of it is kept, from this day on.
    Kept(String),
    /// Somebody has the room by now: nothing is kept.
    Changed(Box<Kept>, Judged, Tz),
}

/// Keeps what the preview told, all of it or nothing.
async fn keep(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
    fields: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let key = fields.idempotency_key().map(str::to_owned);
    let blocks: Option<Vec<Block>> = fields.all("bloc").take(BLOCKS_AT_MOST + 1).map(Block::read).collect();
    let request = json!([slug, fields.pairs()]).to_string().into_bytes();
    let name = slug.clone();
    let came = commune
        .write(visitor.by, move |tx| {
            // Whoever may not know of the page is not told what its form lacks.
            let room = room(tx, &who, &name)?;
            let key = key.ok_or_else(WebError::bad_request)?;
            let now = tx.now();
            let fits = |blocks: &Vec<Block>| {
                (1..=BLOCKS_AT_MOST).contains(&blocks.len()) && blocks.iter().all(|block| block.is_near(now))
            };
            let blocks = blocks.filter(fits).ok_or_else(WebError::bad_request)?;
            if let Some(before) = idempotency::before::<String>(tx, SCOPE, &key, &request)? {
                return match before {
                    Once::Done(day) | Once::Again(day) => Ok(Outcome::Kept(day)),
                    Once::Reused => Err(WebError::conflict()),
                };
            }
            let zone = Town::load(tx)?.zone();
            let judged = judged::judge(tx, &who, &room, blocks)?;
            if !judged.taken.is_empty() || !judged.past.is_empty() {
                return Ok(Outcome::Changed(Box::new(room), judged, zone));
            }
            let first = judged.free.iter().map(|block| block.span.start()).min().unwrap_or(tx.now());
            let day = civil_day(first, zone).to_string();
            let done = idempotency::once(tx, SCOPE, &key, &request, |tx| {
                judged::keep(tx, &room, &judged.free)?;
                Ok::<_, ClaimError>(day.clone())
            });
            match done {
                Ok(_) => Ok(Outcome::Kept(day)),
                Err(ClaimError::Store(error)) => Err(error.into()),
                // The times of the form touch one another, or are more than a room is kept for at once.
                Err(_) => Err(WebError::conflict()),
            }
        })
        .await?;
    match came {
        Outcome::Kept(day) => {
            Ok(Redirect::to(&format!("{PLANNING}/{slug}?jour={day}&fait=importe")).into_response())
        }
        Outcome::Changed(room, judged, zone) => {
            let preview = Preview { judged, left_out: Vec::new(), changed: true, zone };
            shown::preview(page, StatusCode::CONFLICT, &room, preview)
        }
    }
}
