//! The list of a day, and the button that says that something is done.

use std::collections::HashSet;

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::{
    booking::{self, Booking, PLANNING, State},
    clock::{self, capital},
    spans::Span,
};
use beffroi_core::{
    Day, Id,
    calendar::{civil_day, long_date_with_weekday},
};
use beffroi_people::{SignedIn, Town, permission::permit_somewhere};
use beffroi_store::{Entry, Tx};
use beffroi_web::{CommuneOf, FormPost, Page, Result, Visitor, WebError, render};
use chrono::TimeDelta;
use chrono_tz::Tz;
use serde::Deserialize;
use serde_json::json;

use super::{
    rules::{Kind, Task, tasks},
    store::{self, Done},
};
use crate::{SeePlanning, listed::Listed, permission::hidden};

/// What may be asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    jour: String,
}

/// A line of the list.
struct Line {
    id: String,
    /// By when, or from when.
    when: String,
    what: String,
    room: String,
    about: Vec<String>,
    done: bool,
    /// Which date of its booking it is for.
    start: String,
    action: String,
}

#[derive(Template)]
#[template(path = "tasks.html")]
struct Tasks {
    page: Page,
    title: String,
    period: String,
    day: String,
    previous: String,
    next: String,
    /// Where today is; `""` on its own page.
    today: String,
    /// Where the next task is, where the day has none, and what it is.
    ahead: Option<(String, String)>,
    lines: Vec<Line>,
}

/// What is known of a day.
struct Known {
    day: Day,
    today: Day,
    zone: Tz,
    bookings: Vec<Booking>,
    tasks: Vec<Task>,
    done: HashSet<Done>,
    /// The next task after the day, where it has none, and in which room.
    ahead: Option<(Task, String)>,
}

fn known(tx: &mut Tx<'_>, who: &SignedIn, asked: &str) -> Result<Known> {
    hidden(permit_somewhere::<SeePlanning>(tx, who))?;
    let listed = Listed::of(tx, asked)?;
    let (tasks, bookings) = due(tx, listed.within)?;
    let ahead = match listed.ahead().filter(|_| tasks.is_empty()) {
        Some(weeks) => {
            let (later, bookings) = due(tx, weeks)?;
            later.into_iter().next().and_then(|task| {
                let room = bookings.iter().find(|it| it.id == task.booking)?;
                Some((task, room.resource.details.name.fr.clone()))
            })
        }
        None => None,
    };
    let ids: Vec<_> = tasks.iter().map(|task| task.booking).collect();
    let done = store::done(tx, &ids)?;
    let Listed { day, today, zone, .. } = listed;
    Ok(Known { day, today, zone, bookings, tasks, done, ahead })
}

/// The tasks that are due within a stretch of time, and the bookings that they are for.
fn due(tx: &mut Tx<'_>, within: Span) -> Result<(Vec<Task>, Vec<Booking>)> {
    // Setting up and cleaning take a day at most.
    let bookings = booking::listed(tx, within.widened(TimeDelta::days(1), TimeDelta::days(1)))?;
    Ok((tasks(&bookings, within), bookings))
}

pub(super) async fn show(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let known = commune.read(visitor.by, move |tx| known(tx, &who, &asked.jour)).await?;
    let at = |day: Option<Day>| day.map(|day| format!("{PLANNING}/taches?jour={day}")).unwrap_or_default();
    let lines = known.tasks.iter().filter_map(|task| line(&page, &known, task)).collect();
    let ahead = known.ahead.as_ref().map(|(task, room)| {
        let when = clock::when(task.due, known.zone, page.language());
        let what = page.t(&format!("planning-tasks-{}", task.kind.as_str())).to_owned();
        let variables = [("what", what.into()), ("room", room.clone().into()), ("when", when.into())];
        let day = civil_day(task.due.start(), known.zone);
        (at(Some(day)), page.tr("planning-tasks-next", &variables))
    });
    render(&Tasks {
        title: page.t("planning-tasks-title").to_owned(),
        period: capital(&long_date_with_weekday(known.day, page.language())),
        day: known.day.to_string(),
        previous: at(known.day.pred_opt()),
        next: at(known.day.succ_opt()),
        today: at(Some(known.today).filter(|today| *today != known.day)),
        ahead,
        lines,
        page,
    })
}

fn line(page: &Page, known: &Known, task: &Task) -> Option<Line> {
    let booking =
        known.bookings.iter().find(|it| it.id == task.booking && it.span.start() == task.starts_at)?;
    let (lang, zone, details) = (page.language(), known.zone, &booking.details);
    let time = |at| clock::time(at, zone, lang);
    let mut about = vec![clock::when(booking.span, zone, lang)];
    let when = match task.kind {
        Kind::SetUp => {
            about.extend(details.people.map(|n| page.tr("rooms-people", &[("n", n.into())])));
            about.extend(Some(details.layout.fr.clone()).filter(|layout| !layout.is_empty()));
            about.extend(details.extras.iter().map(|it| format!("{} × {}", it.count, it.name.fr)));
            page.tr("planning-tasks-by", &[("time", time(task.due.end()).into())])
        }
        Kind::Cleaning => page.tr(
            "planning-tasks-from",
            &[("from", time(task.due.start()).into()), ("until", time(task.due.end()).into())],
        ),
    };
    let kind = task.kind.as_str();
    Some(Line {
        id: format!("tache-{}-{kind}", task.booking),
        when,
        what: page.t(&format!("planning-tasks-{kind}")).to_owned(),
        room: booking.resource.details.name.fr.clone(),
        about,
        done: known.done.contains(&(task.booking, task.kind, task.starts_at)),
        start: task.starts_at.timestamp().to_string(),
        action: format!("{PLANNING}/taches/{}/{kind}", task.booking),
    })
}

pub(super) async fn mark(
    commune: CommuneOf,
    visitor: Visitor,
    Path((id, kind)): Path<(String, String)>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let id: Id<Booking> = id.parse().map_err(|_| WebError::not_found())?;
    let kind = Kind::from_word(&kind).ok_or_else(WebError::not_found)?;
    let done = form.text("fait") == "oui";
    let day = crate::booking::day(form.text("jour"));
    let start = form.text("debut").to_owned();
    let day = commune
        .write(visitor.by, move |tx| {
            hidden(permit_somewhere::<SeePlanning>(tx, &who))?;
            let booking = booking::find(tx, id)?;
            let booking = booking.filter(|it| matches!(it.state, State::Firm | State::Blocked));
            let booking = booking.ok_or_else(WebError::not_found)?;
            let starts: Vec<_> = booking.dates().iter().map(|date| date.start()).collect();
            let start = starts.iter().find(|at| at.timestamp().to_string() == start);
            let start = *start.ok_or_else(WebError::not_found)?;
            store::set(tx, (id, kind, start), done)?;
            tx.journal(&Entry {
                kind: if done { "room.task_done" } else { "room.task_undone" },
                subject_kind: "booking",
                subject_id: id.uuid(),
                payload: json!({ "task": kind.as_str() }),
            })?;
            let zone = Town::load(tx)?.zone();
            Ok::<_, WebError>(day.unwrap_or_else(|| civil_day(start, zone)))
        })
        .await?;
    let target = format!("{PLANNING}/taches?jour={day}#tache-{id}-{}", kind.as_str());
    Ok(Redirect::to(&target).into_response())
}
