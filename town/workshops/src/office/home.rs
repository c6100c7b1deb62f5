//! What is to come: sessions with those who are registered, and whom to call.

use askama::Template;
use axum::extract::Query;
use beffroi_calendar::{now::Now, spans::Span};
use beffroi_core::calendar::start_of_day;
use beffroi_store::Tx;
use beffroi_web::{CommuneOf, Page, Result, Visitor, WebError, render};
use chrono::Days;
use serde::Deserialize;

use crate::{
    permission, place,
    registration::{self, shown_phone},
    series,
    session::{self, Session},
    shown::Shown,
    tell::{self, Call},
};

/// Days that are shown.
const AHEAD_DAYS: u64 = 60;

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    fait: String,
}

struct Line {
    href: String,
    title: String,
    when: String,
    place: String,
    taken: String,
    waiting: u32,
    left: String,
    look: &'static str,
}

struct ToCall {
    id: String,
    href: String,
    name: String,
    phone: String,
    why: String,
}

#[derive(Template)]
#[template(path = "workshops_office_home.html")]
struct Home {
    page: Page,
    done: String,
    heads: Vec<String>,
    lines: Vec<Line>,
    calls: Vec<ToCall>,
    /// Whether the agent follows people up.
    follows: bool,
}

pub(super) async fn show(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let follows = who.may_somewhere(permission::FOLLOW);
    let (lines, calls) = commune
        .read(visitor.by, {
            let page = page.clone();
            move |tx| {
                let scope = permission::advised(tx, &who)?;
                let now = Now::read(tx)?;
                let last = now.today.checked_add_days(Days::new(AHEAD_DAYS)).unwrap_or(now.today);
                let within = Span::new(start_of_day(now.today, now.zone), start_of_day(last, now.zone));
                let sessions = within.map(|within| session::between(tx, within)).transpose()?;
                let all = series::list(tx)?;
                let mine: Vec<series::Kept> =
                    all.into_iter().filter(|it| scope.contains(Some(it.department))).collect();
                let places = place::list(tx)?;
                let shown = Shown { page: &page, now, places: &places };
                let lines: Vec<Line> = sessions
                    .unwrap_or_default()
                    .iter()
                    .filter_map(|it| Some(line(&shown, mine.iter().find(|kept| kept.id == it.series)?, it)))
                    .collect();
                Ok::<_, WebError>((lines, to_call(tx, &shown, &mine)?))
            }
        })
        .await?;
    let heads = ["when", "workshop", "where", "taken", "waiting"];
    let done =
        if asked.fait == "appele" { page.t("workshops-office-called").to_owned() } else { String::new() };
    render(&Home {
        done,
        heads: heads.map(|head| page.t(&format!("workshops-office-head-{head}")).to_owned()).into(),
        lines,
        calls,
        follows,
        page,
    })
}

fn line(shown: &Shown<'_>, series: &series::Kept, it: &Session) -> Line {
    Line {
        href: format!("/agents/ateliers/seances/{}", it.id),
        title: series.sheet.title.fr.clone(),
        when: shown.when(it),
        place: shown.place(it),
        taken: format!("{} / {}", it.taken, it.seats),
        waiting: it.waiting,
        left: shown.left(it),
        look: shown.look(it),
    }
}

fn to_call(tx: &mut Tx<'_>, shown: &Shown<'_>, mine: &[series::Kept]) -> Result<Vec<ToCall>> {
    let calls = tell::calls_waiting(tx)?;
    let ids: Vec<_> = calls.iter().map(|call| call.registration).collect();
    let known = registration::some(tx, &ids)?;
    let sessions = session::some(tx, &calls.iter().map(|call| call.session).collect::<Vec<_>>())?;
    let one = |call: &Call| {
        let it = known.get(&call.registration)?;
        let series = mine.iter().find(|series| series.id == it.series)?;
        let session = sessions.iter().find(|session| session.id == call.session)?;
        let facts = [("title", series.sheet.title.fr.clone().into()), ("when", shown.when(session).into())];
        Some(ToCall {
            id: call.id.to_string(),
            href: format!("/agents/ateliers/inscriptions/{}", it.id),
            name: it.person.name.clone(),
            phone: shown_phone(&it.person.phone),
            why: shown.page.tr(&format!("workshops-office-call-{}", call.word.as_str()), &facts),
        })
    };
    Ok(calls.iter().filter_map(one).collect())
}
