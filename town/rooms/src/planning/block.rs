//! The town keeps a room for itself: repairs, an election, an event of its own. Neither openings nor lengths hold it back;
//! what somebody has, nobody takes.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::{
    booking::{self, Booking, Details, NewBooking, PLANNING},
    claims::ClaimError,
    clock,
    resource::{self, Kept, Kind, Terms},
    spans::Span,
};
use beffroi_cases::case;
use beffroi_core::{Id, calendar::civil_day};
use beffroi_people::{SignedIn, Town, permission::permit_somewhere};
use beffroi_store::{
    Tx,
    idempotency::{self, Once},
};
use beffroi_web::{
    CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError, form::new_idempotency_key, page::render_as,
};
use chrono::TimeDelta;
use chrono_tz::Tz;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use crate::{
    BlockRooms, SeePlanning,
    booking::{Refusal, Typed, words},
    permission::hidden,
};

/// The keys of this page.
const SCOPE: &str = "rooms.block";
/// Days that a room is kept at once, at most.
const DAYS_AT_MOST: i64 = 366;
/// Letters of why a room is kept, at most.
const WHY_AT_MOST: usize = 200;
/// Bookings that are told to whoever cannot have the room, at most.
const RIVALS_AT_MOST: u32 = 10;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Proposed {
    jour: String,
    de: String,
    a: String,
    fin: String,
}

#[derive(Template)]
#[template(path = "block.html")]
struct BlockPage {
    page: Page,
    title: String,
    back: String,
    action: String,
    key: String,
    typed: Typed,
    why: String,
    problems: Vec<Problem>,
    /// What has the room then.
    rivals: Vec<Shown>,
    /// Where all of that day is seen; `""` where nothing has it.
    planning: String,
}

/// Something that has the room: when, what, and where it is seen to.
struct Shown {
    when: String,
    about: String,
    href: String,
}

/// The same as it is found: its case with the reference, or what is noted of it.
struct Rival {
    span: Span,
    case: Option<(Uuid, String)>,
    note: String,
}

/// What has a room then, for whoever may see the planning.
fn rivals(tx: &mut Tx<'_>, who: &SignedIn, room: &Kept, span: Span) -> Result<Vec<Rival>> {
    if permit_somewhere::<SeePlanning>(tx, who).is_err() {
        return Ok(Vec::new());
    }
    let around = room.details.terms.buffers().around(span);
    let found = booking::of_places(tx, &[room.id], around, RIVALS_AT_MOST)?;
    let case = |it: &Booking| it.owner.as_ref().filter(|(kind, _)| kind == "case").map(|(_, id)| *id);
    let cases: Vec<Uuid> = found.iter().filter_map(case).collect();
    let references = case::references(tx, &cases)?;
    let rival = |it: &Booking| {
        let span = it.dates().iter().find(|date| date.meets(around)).copied()?;
        let case = case(it).and_then(|id| Some((id, references.get(&id)?.clone())));
        Some(Rival { span, case, note: it.details.note.clone() })
    };
    Ok(found.iter().filter_map(rival).collect())
}

impl BlockPage {
    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// The room, for whoever may keep it for the town.
fn room(tx: &mut Tx<'_>, who: &SignedIn, slug: &str) -> Result<Kept> {
    hidden(permit_somewhere::<BlockRooms>(tx, who))?;
    let room = resource::by_slug(tx, slug)?.filter(|room| room.details.kind == Kind::Room);
    room.ok_or_else(WebError::not_found)
}

pub(super) async fn show(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
    Query(proposed): Query<Proposed>,
) -> Result {
    let who = visitor.require()?.clone();
    let room = commune.read(visitor.by, move |tx| room(tx, &who, &slug)).await?;
    let Proposed { jour, de, a, fin } = proposed;
    let typed = Typed { day: jour, from: de, until: a, last_day: fin, ..Typed::default() };
    render(page, StatusCode::OK, &room, typed, String::new(), Vec::new())
}

/// What came of it.
enum Outcome {
    Day(String),
    Refused(Box<Kept>, Vec<Refusal>),
    Taken(Box<Kept>, Vec<Rival>, Tz),
    TooLong(Box<Kept>),
}

pub(super) async fn keep(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
    fields: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let key = fields.idempotency_key().map(str::to_owned);
    let text = |name: &str| fields.text(name).to_owned();
    let typed = Typed {
        day: text("jour"),
        from: text("de"),
        until: text("a"),
        last_day: text("fin"),
        // The town does not say how many come.
        people: "1".to_owned(),
        ..Typed::default()
    };
    let why: String = fields.text("pourquoi").chars().take(WHY_AT_MOST).collect();
    let request = json!([slug, fields.pairs()]).to_string().into_bytes();
    let (wish, note) = (typed.clone(), why.clone());
    let kept = commune
        .write(visitor.by, move |tx| {
            // Whoever may not know of the page is not told what its form lacks.
            let room = room(tx, &who, &slug)?;
            let key = key.ok_or_else(WebError::bad_request)?;
            if let Some(before) = idempotency::before::<String>(tx, SCOPE, &key, &request)? {
                return match before {
                    Once::Done(day) | Once::Again(day) => Ok(Outcome::Day(day)),
                    Once::Reused => Err(WebError::conflict()),
                };
            }
            let zone = Town::load(tx)?.zone();
            let read = match wish.read(&Terms::default(), &[], zone) {
                Ok(read) => read,
                Err(refused) => return Ok(Outcome::Refused(Box::new(room), refused)),
            };
            if read.span.end() <= tx.now() {
                return Ok(Outcome::Refused(Box::new(room), vec![Refusal::Past]));
            }
            if read.span.length() > TimeDelta::days(DAYS_AT_MOST) {
                return Ok(Outcome::TooLong(Box::new(room)));
            }
            let details = Details { note, ..Details::default() };
            let new = NewBooking { resource: room.id, span: read.span, details };
            let day = civil_day(read.span.start(), zone).to_string();
            let done = idempotency::once(tx, SCOPE, &key, &request, |tx| {
                booking::block(tx, &new)?;
                Ok::<_, ClaimError>(day.clone())
            });
            match done {
                Ok(_) => Ok(Outcome::Day(day)),
                Err(ClaimError::Store(error)) => Err(error.into()),
                Err(_) => {
                    let rivals = rivals(tx, &who, &room, read.span)?;
                    Ok(Outcome::Taken(Box::new(room), rivals, zone))
                }
            }
        })
        .await?;
    match kept {
        Outcome::Day(day) => Ok(Redirect::to(&format!("{PLANNING}?jour={day}&fait=bloque")).into_response()),
        Outcome::TooLong(room) => {
            let problems = Problem::keyed(&page, &[("fin", "planning-block-long")]);
            render(page, StatusCode::UNPROCESSABLE_ENTITY, &room, typed, why, problems)
        }
        Outcome::Refused(room, refused) => {
            let problems = refused
                .iter()
                .map(|refusal| Problem { field: refusal.field(), message: words(&page, &[], refusal) });
            let problems = problems.collect();
            render(page, StatusCode::UNPROCESSABLE_ENTITY, &room, typed, why, problems)
        }
        Outcome::Taken(room, rivals, zone) => {
            let refusal = Refusal::Taken;
            let problem = Problem { field: refusal.field(), message: words(&page, &[], &refusal) };
            let mut template = filled(page, &room, typed, why, vec![problem]);
            let day = rivals.first().map(|it| civil_day(it.span.start(), zone));
            template.planning = day.map(|day| format!("{}?jour={day}", template.back)).unwrap_or_default();
            template.rivals = rivals.into_iter().map(|it| shown(&template.page, it, zone)).collect();
            render_as(StatusCode::CONFLICT, &template)
        }
    }
}

/// Gives back what the town kept.
pub(super) async fn lift(commune: CommuneOf, visitor: Visitor, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let id: Id<Booking> = id.parse().map_err(|_| WebError::not_found())?;
    let day = commune
        .write(visitor.by, move |tx| {
            hidden(permit_somewhere::<BlockRooms>(tx, &who))?;
            let zone = Town::load(tx)?.zone();
            let found = booking::find(tx, id)?.filter(|it| it.owner.is_none());
            let found = found.ok_or_else(WebError::not_found)?;
            if !booking::unblock(tx, id)? {
                return Err(WebError::not_found());
            }
            Ok::<_, WebError>(civil_day(found.span.start(), zone))
        })
        .await?;
    Ok(Redirect::to(&format!("{PLANNING}?jour={day}&fait=leve")).into_response())
}

fn shown(page: &Page, it: Rival, zone: Tz) -> Shown {
    let when = clock::when(it.span, zone, page.language());
    match it.case {
        Some((id, reference)) => Shown {
            when,
            about: page.tr("planning-case", &[("reference", reference.into())]),
            href: format!("/agents/dossiers/{id}"),
        },
        None => Shown { when, about: it.note, href: String::new() },
    }
}

fn render(
    page: Page,
    status: StatusCode,
    room: &Kept,
    typed: Typed,
    why: String,
    problems: Vec<Problem>,
) -> Result {
    render_as(status, &filled(page, room, typed, why, problems))
}

fn filled(page: Page, room: &Kept, typed: Typed, why: String, problems: Vec<Problem>) -> BlockPage {
    let slug = &room.details.slug;
    let name = room.details.name.fr.clone();
    BlockPage {
        title: page.tr("planning-block-title", &[("name", name.into())]),
        back: format!("{PLANNING}/{slug}"),
        action: format!("{PLANNING}/{slug}/bloquer"),
        key: new_idempotency_key(),
        typed,
        why,
        problems,
        rivals: Vec::new(),
        planning: String::new(),
        page,
    }
}
