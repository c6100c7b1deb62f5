//! Sessions as agents plan them: when, where, for how many; moved, or called off with a word to everybody.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::{local, now::Now, spans::Span};
use beffroi_core::{Day, calendar::civil_day};
use beffroi_people::SignedIn;
use beffroi_store::{
    Tx,
    idempotency::{self, Once},
};
use beffroi_web::{
    Choice, CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError, Wrong, new_idempotency_key,
    page::render_as, render,
};
use chrono::{Days, NaiveTime};
use chrono_tz::Tz;

use super::{series_of, session_of};
use crate::{
    permission,
    place::{self, Place},
    public::Refused,
    session::{self, Session, SessionDetails, SessionError},
    shown::Shown,
};

/// Sessions that are planned at once, at most: one a week.
const AT_ONCE: u32 = 30;
/// Letters of why a session is called off, at most.
const WHY_AT_MOST: usize = 500;

/// What was typed of a session.
#[derive(Clone, Debug, Default)]
struct Typed {
    day: String,
    from: String,
    until: String,
    place: String,
    seats: String,
    waiting: String,
    times: String,
}

impl Typed {
    fn read(fields: &FormPost) -> Self {
        let text = |name: &str| fields.text(name).to_owned();
        Self {
            day: text("jour"),
            from: text("de"),
            until: text("a"),
            place: text("lieu"),
            seats: text("places"),
            waiting: text("attente"),
            times: text("fois"),
        }
    }

    fn of(it: &Session, places: &[Place], zone: Tz) -> Self {
        let clock = |at: beffroi_core::Instant| at.with_timezone(&zone).format("%H:%M").to_string();
        let place = places.iter().find(|place| place.id == it.place);
        Self {
            day: civil_day(it.span.start(), zone).to_string(),
            from: clock(it.span.start()),
            until: clock(it.span.end()),
            place: place.map(|place| place.slug.clone()).unwrap_or_default(),
            seats: it.seats.to_string(),
            waiting: it.waiting_places.to_string(),
            times: "1".to_owned(),
        }
    }

    /// What is meant: the sessions, a week apart; or all that is wrong.
    fn judged(&self, places: &[Place], now: Now) -> Result<Vec<SessionDetails>, Vec<Wrong>> {
        let mut wrong: Vec<Wrong> = Vec::new();
        let day: Option<Day> = self.day.parse().ok();
        let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").ok();
        let (from, until) = (time(&self.from), time(&self.until));
        if day.is_none() {
            wrong.push(("jour", "workshops-office-wrong-day"));
        }
        if from.is_none() {
            wrong.push(("de", "workshops-office-wrong-from"));
        }
        if until.is_none() || from.zip(until).is_some_and(|(from, until)| until <= from) {
            wrong.push(("a", "workshops-office-wrong-until"));
        }
        let place = places.iter().find(|place| place.slug == self.place).map(|place| place.id);
        if place.is_none() {
            wrong.push(("lieu", "workshops-office-wrong-place"));
        }
        let count =
            |text: &str, least: u32| text.parse::<u32>().ok().filter(|count| (least..=500).contains(count));
        let seats = count(&self.seats, 1);
        if seats.is_none() {
            wrong.push(("places", "workshops-office-wrong-seats"));
        }
        let waiting = if self.waiting.is_empty() { Some(0) } else { count(&self.waiting, 0) };
        if waiting.is_none() {
            wrong.push(("attente", "workshops-office-wrong-waiting"));
        }
        let times = match self.times.as_str() {
            "" => Some(1),
            text => text.parse::<u32>().ok().filter(|times| (1..=AT_ONCE).contains(times)),
        };
        if times.is_none() {
            wrong.push(("fois", "workshops-office-wrong-times"));
        }
        let (Some(day), Some(from), Some(until), Some(place)) = (day, from, until, place) else {
            return Err(wrong);
        };
        let (Some(seats), Some(waiting_places), Some(times), true) =
            (seats, waiting, times, wrong.is_empty())
        else {
            return Err(wrong);
        };
        let all = (0..times).filter_map(|week| {
            let day = day.checked_add_days(Days::new(u64::from(week) * 7))?;
            let at = |time: NaiveTime| local::earliest(day.and_time(time), now.zone);
            let span = Span::new(at(from), at(until))?;
            Some(SessionDetails { place, span, seats, waiting_places })
        });
        let all: Vec<SessionDetails> = all.collect();
        if all.first().is_none_or(|first| first.span.start() <= now.at) {
            return Err(vec![("jour", "workshops-office-wrong-past")]);
        }
        Ok(all)
    }
}

impl From<SessionError> for Refused {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::RoomTaken => Self::Wrong(vec![("lieu", "workshops-office-wrong-room")]),
            SessionError::Long => Self::Wrong(vec![("a", "workshops-office-wrong-until")]),
            SessionError::Seats => Self::Wrong(vec![("places", "workshops-office-wrong-taken")]),
            SessionError::Over => Self::Web(WebError::conflict()),
            SessionError::Unknown => Self::Web(WebError::not_found()),
            SessionError::Store(error) => Self::Web(error.into()),
        }
    }
}

#[derive(Template)]
#[template(path = "workshops_office_session_form.html")]
struct Form {
    page: Page,
    title: String,
    heading: String,
    back: String,
    action: String,
    key: String,
    typed: Typed,
    places: Vec<Choice>,
    /// Whether several are planned at once.
    several: bool,
    problems: Vec<Problem>,
}

impl Form {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// What the page of the form needs to know: how it is headed, and where it leads.
struct Frame {
    heading: String,
    /// Whether it costs something.
    priced: bool,
    back: String,
    action: String,
    several: bool,
}

fn form(page: Page, frame: Frame, places: &[Place], typed: Typed, wrong: &[Wrong]) -> Result {
    let prefix = if wrong.is_empty() { String::new() } else { format!("{} ", page.t("error-prefix")) };
    let Frame { heading, back, action, several, .. } = frame;
    let choices = places
        .iter()
        .map(|place| Choice::new(&place.slug, &place.sheet.name.fr, place.slug == typed.place))
        .collect();
    let view = Form {
        title: format!("{prefix}{heading}"),
        heading,
        back,
        action,
        key: new_idempotency_key(),
        places: choices,
        several,
        problems: Problem::keyed(&page, wrong),
        typed,
        page,
    };
    if wrong.is_empty() { render(&view) } else { render_as(StatusCode::UNPROCESSABLE_ENTITY, &view) }
}

fn new_frame(page: &Page, slug: &str, title: &str) -> Frame {
    Frame {
        heading: page.tr("workshops-office-plan-title", &[("title", title.to_owned().into())]),
        back: format!("/agents/ateliers/series/{slug}"),
        action: format!("/agents/ateliers/series/{slug}/seances"),
        priced: false,
        several: true,
    }
}

pub(super) async fn blank(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(slug): Path<String>,
) -> Result {
    let who = visitor.require()?.clone();
    let (kept, places) = commune.read(visitor.by, move |tx| of_series(tx, &who, &slug)).await?;
    let frame = new_frame(&page, &kept.slug, &kept.sheet.title.fr);
    let typed =
        Typed { seats: "8".to_owned(), waiting: "4".to_owned(), times: "1".to_owned(), ..Typed::default() };
    form(page, frame, &places, typed, &[])
}

fn of_series(tx: &mut Tx<'_>, who: &SignedIn, slug: &str) -> Result<(crate::series::Kept, Vec<Place>)> {
    let kept = series_of(tx, who, slug)?;
    Ok((kept, place::list(tx)?))
}

pub(super) async fn plan(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(slug): Path<String>,
    fields: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let typed = Typed::read(&fields);
    let key = fields.idempotency_key().map_or_else(new_idempotency_key, str::to_owned);
    let request = serde_json::json!([slug, fields.pairs()]).to_string();
    let (new, reader, known) = (typed.clone(), who.clone(), slug.clone());
    let done = commune
        .write(visitor.by, move |tx| {
            let (kept, places) = of_series(tx, &who, &known)?;
            let permit = permission::advises(tx, &who, kept.department)?;
            let all = new.judged(&places, Now::read(tx)?).map_err(Refused::Wrong)?;
            let once = idempotency::once(tx, "workshops.plan", &key, request.as_bytes(), |tx| {
                // A command each: every session takes its own room and has its own entry.
                for details in &all {
                    session::plan(tx, &permit, kept.id, *details)?;
                }
                Ok::<_, Refused>(())
            })?;
            if matches!(once, Once::Reused) { Err(Refused::Web(WebError::conflict())) } else { Ok(()) }
        })
        .await;
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/agents/ateliers/series/{slug}?fait=planifie")).into_response()),
        Err(Refused::Web(error)) => Err(error),
        Err(Refused::Wrong(wrong)) => {
            let (kept, places) = commune.read(visitor.by, move |tx| of_series(tx, &reader, &slug)).await?;
            let frame = new_frame(&page, &kept.slug, &kept.sheet.title.fr);
            form(page, frame, &places, typed, &wrong)
        }
    }
}

/// What is read to change a session.
fn of_session(tx: &mut Tx<'_>, who: &SignedIn, id: &str) -> Result<(Session, Frame, Vec<Place>, Now)> {
    let (it, kept) = session_of(tx, who, id)?;
    let frame = Frame {
        priced: kept.sheet.asked(false).is_some(),
        heading: kept.sheet.title.fr,
        back: format!("/agents/ateliers/seances/{}", it.id),
        action: format!("/agents/ateliers/seances/{}/modifier", it.id),
        several: false,
    };
    Ok((it, frame, place::list(tx)?, Now::read(tx)?))
}

pub(super) async fn edit(page: Page, visitor: Visitor, commune: CommuneOf, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let (it, frame, places, now) = commune.read(visitor.by, move |tx| of_session(tx, &who, &id)).await?;
    let typed = Typed::of(&it, &places, now.zone);
    form(page, frame, &places, typed, &[])
}

pub(super) async fn change(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    fields: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let typed = Typed { times: "1".to_owned(), ..Typed::read(&fields) };
    let (new, reader, known) = (typed.clone(), who.clone(), id.clone());
    let done = commune
        .write(visitor.by, move |tx| {
            let (it, kept) = session_of(tx, &who, &known)?;
            let permit = permission::advises(tx, &who, kept.department)?;
            let (places, now) = (place::list(tx)?, Now::read(tx)?);
            let all = new.judged(&places, now).map_err(Refused::Wrong)?;
            if let Some(details) = all.first() {
                session::change(tx, &permit, it.id, *details)?;
            }
            Ok::<_, Refused>(())
        })
        .await;
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/agents/ateliers/seances/{id}?fait=modifie")).into_response()),
        Err(Refused::Web(error)) => Err(error),
        Err(Refused::Wrong(wrong)) => {
            let found = commune.read(visitor.by, move |tx| of_session(tx, &reader, &id)).await?;
            let (_, frame, places, _) = found;
            form(page, frame, &places, typed, &wrong)
        }
    }
}

#[derive(Template)]
#[template(path = "workshops_office_cancel.html")]
struct Cancel {
    page: Page,
    id: String,
    title: String,
    when: String,
    told: String,
    /// What becomes of what was paid; `""` where it is free.
    money: String,
    why: String,
    problems: Vec<Problem>,
}

impl Cancel {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

async fn asked(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    id: String,
    (why, wrong): (String, &[Wrong]),
) -> Result {
    let who = visitor.require()?.clone();
    let (it, frame, places, now) = commune.read(visitor.by, move |tx| of_session(tx, &who, &id)).await?;
    let shown = Shown { page: &page, now, places: &places };
    let view = Cancel {
        id: it.id.to_string(),
        title: frame.heading,
        when: format!("{}, {}", shown.when(&it), shown.place(&it)),
        told: page.tr("workshops-office-cancel-told", &[("n", (it.taken + it.waiting).into())]),
        money: if frame.priced { page.t("workshops-office-cancel-money").to_owned() } else { String::new() },
        why,
        problems: Problem::keyed(&page, wrong),
        page,
    };
    if wrong.is_empty() { render(&view) } else { render_as(StatusCode::UNPROCESSABLE_ENTITY, &view) }
}

/// The page that asks why a session is called off.
pub(super) async fn ask(page: Page, visitor: Visitor, commune: CommuneOf, Path(id): Path<String>) -> Result {
    asked(page, visitor, commune, id, (String::new(), &[])).await
}

pub(super) async fn cancel(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    fields: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let why = fields.text("pourquoi").to_owned();
    let (told, known) = (why.clone(), id.clone());
    let done = commune
        .write(visitor.by, move |tx| {
            let (it, kept) = session_of(tx, &who, &known)?;
            let permit = permission::advises(tx, &who, kept.department)?;
            if told.is_empty() || told.chars().count() > WHY_AT_MOST {
                return Err(Refused::Wrong(vec![("pourquoi", "workshops-office-wrong-why")]));
            }
            session::cancel(tx, &permit, it.id, &told)?;
            Ok::<_, Refused>(())
        })
        .await;
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/agents/ateliers/seances/{id}?fait=annule")).into_response()),
        Err(Refused::Web(error)) => Err(error),
        Err(Refused::Wrong(wrong)) => asked(page, visitor, commune, id, (why, &wrong)).await,
    }
}
