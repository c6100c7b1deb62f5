//! Appointments that lie where nobody receives any more, after a closure or an absence: each is moved, or some are given
//! back together with a word to those they are for. None is left without somebody deciding it.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    extract::Query,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::resource::Resource;
use beffroi_core::{
    Id,
    calendar::{civil_day, long_date_with_weekday},
};
use beffroi_people::{SignedIn, Town, permission::Scope};
use beffroi_store::Tx;
use beffroi_web::{CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError, page::render_as, render};
use serde::Deserialize;

use super::{entitled, one::WHY_AT_MOST};
use crate::{
    appointment::{self, Appointment, BookError, Mark},
    clock::{self, Now, capital},
    just::Just,
    motive, permission,
    public::refused,
    site::{self, Desk},
    slots::Known,
};

/// Appointments that are told and given back at once, at most.
const AT_ONCE: usize = 200;

/// An appointment that lies outside, and what the agent may know of it.
pub(super) struct Left {
    it: Appointment,
    /// For what; `None` where it is another department's.
    motive: Option<motive::Kept>,
}

/// One as a page tells it.
pub(super) struct Line {
    /// Its page; `""` where the agent may not know of it.
    pub(super) href: String,
    pub(super) words: String,
}

impl Left {
    /// With its day, for a page that tells of few.
    pub(super) fn line(&self, page: &Page, now: &Now) -> Line {
        let when = clock::moment(self.it.span.start(), now.zone, page.language());
        let href = self.motive.as_ref().map(|_| format!("/agents/rendez-vous/{}", self.it.id));
        Line { href: href.unwrap_or_default(), words: format!("{}, {}", capital(&when), self.who(page)) }
    }

    /// Who comes, and for what; that it is another department's, where the agent may not know.
    fn who(&self, page: &Page) -> String {
        match &self.motive {
            Some(motive) => {
                format!("{}, {}", self.it.contact.name, motive.details.sheet.name.read_in(page.language()))
            }
            None => page.t("appointments-office-outside-other").to_owned(),
        }
    }
}

/// One that is moved, or ticked to be given back.
struct Row {
    id: String,
    words: String,
    /// Whether the agent may know of it.
    own: bool,
    ticked: bool,
}

/// Those of one day.
struct DayRows {
    title: String,
    rows: Vec<Row>,
}

/// The agreed appointments to come at these counters that lie where nobody receives any more.
pub(super) fn of_desks(tx: &mut Tx<'_>, desks: &[Desk]) -> beffroi_store::Result<Vec<Id<Mark>>> {
    let ids: BTreeSet<Id<Resource>> = desks.iter().map(|desk| desk.resource.id).collect();
    let mut all = appointment::to_come(tx)?;
    all.retain(|(_, desk, _)| ids.contains(desk));
    let Some(last) = all.iter().map(|(_, _, span)| span.end()).max() else { return Ok(Vec::new()) };
    let town = Town::load(tx)?;
    let (today, last) = (civil_day(tx.now(), town.zone()), civil_day(last, town.zone()));
    let known = Known::read(tx, town, desks.to_vec(), (today, last))?;
    all.retain(|(_, desk, span)| !known.is_open(*desk, *span));
    Ok(all.into_iter().map(|(id, ..)| id).collect())
}

/// The first of these, as an agent of these departments sees them: what is received elsewhere has neither name nor motive.
pub(super) fn told(tx: &mut Tx<'_>, ids: &[Id<Mark>], receives: &Scope) -> beffroi_store::Result<Vec<Left>> {
    let all = appointment::some(tx, ids.get(..AT_ONCE).unwrap_or(ids))?;
    let motives = if all.is_empty() { Vec::new() } else { motive::list(tx)? };
    let left = |it: Appointment| {
        let motive = motives.iter().find(|motive| motive.id == it.motive);
        let motive = motive.filter(|motive| receives.contains(motive.details.department));
        Left { motive: motive.cloned(), it }
    };
    Ok(all.into_iter().map(left).collect())
}

/// Those at the counters that the agent looks after.
fn of_agent(tx: &mut Tx<'_>, who: &SignedIn) -> Result<(Vec<Left>, Now)> {
    let scope = entitled(permission::managed(tx, who)?, who)?;
    let desks: Vec<Desk> =
        site::desks(tx)?.into_iter().filter(|desk| scope.contains(desk.department)).collect();
    let left = of_desks(tx, &desks)?;
    let receives = permission::received(tx, who)?;
    Ok((told(tx, &left, &receives)?, Now::read(tx)?))
}

#[derive(Template)]
#[template(path = "appointments_outside.html")]
struct Outside {
    page: Page,
    done: String,
    days: Vec<DayRows>,
    /// Whether one of them is the agent's to move or to give back.
    has_own: bool,
    why: String,
    problems: Vec<Problem>,
}

impl Outside {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// Which are ticked when the page opens.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    cocher: String,
}

pub(super) async fn show(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Query(just): Query<Just>,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let read = commune.read(visitor.by, move |tx| of_agent(tx, &who)).await?;
    let done = match just.fait.as_str() {
        "ferme" => page.t("appointments-office-kept").to_owned(),
        "annule" => page.t("appointments-office-outside-done").to_owned(),
        _ => String::new(),
    };
    let ticked = (asked.cocher != "tout").then_some(&[][..]);
    shown(page, read, done, (ticked, ""), Vec::new())
}

/// `ticked`: those that are; `None` for all.
fn shown(
    page: Page,
    (left, now): (Vec<Left>, Now),
    done: String,
    (ticked, why): (Option<&[String]>, &str),
    problems: Vec<Problem>,
) -> Result {
    let lang = page.language();
    let mut days: Vec<DayRows> = Vec::new();
    for left in &left {
        let begin = left.it.span.start();
        let id = left.it.id.to_string();
        let row = Row {
            words: format!("{}, {}", clock::time(begin, now.zone, lang), left.who(&page)),
            own: left.motive.is_some(),
            ticked: ticked.is_none_or(|ticked| ticked.contains(&id)),
            id,
        };
        let title = capital(&long_date_with_weekday(civil_day(begin, now.zone), lang));
        match days.last_mut().filter(|day| day.title == title) {
            Some(day) => day.rows.push(row),
            None => days.push(DayRows { title, rows: vec![row] }),
        }
    }
    let view = Outside {
        done,
        has_own: left.iter().any(|it| it.motive.is_some()),
        days,
        why: why.to_owned(),
        problems,
        page,
    };
    if view.problems.is_empty() { render(&view) } else { render_as(StatusCode::UNPROCESSABLE_ENTITY, &view) }
}

/// Gives those back that were ticked, and tells whoever they were for why.
pub(super) async fn cancel(page: Page, visitor: Visitor, commune: CommuneOf, fields: FormPost) -> Result {
    let who = visitor.require()?.clone();
    let ticked: Vec<String> = fields.all("rendez_vous").take(AT_ONCE).map(str::to_owned).collect();
    let why = fields.text("pourquoi").to_owned();
    let (asked, word) = (ticked.clone(), why.clone());
    let outcome = commune
        .write(visitor.by, move |tx| {
            let (left, now) = of_agent(tx, &who)?;
            let wrong = match (asked.is_empty(), word.chars().count() > WHY_AT_MOST) {
                (true, _) => Some(("rendez_vous", "appointments-office-wrong-none")),
                (false, true) => Some(("pourquoi", "appointments-office-wrong-why")),
                (false, false) => None,
            };
            if let Some(wrong) = wrong {
                return Ok::<_, WebError>(Some(((left, now), wrong)));
            }
            let own = left.iter().filter(|it| it.motive.is_some());
            let own: BTreeSet<Id<Mark>> = own.map(|it| it.it.id).collect();
            for id in asked {
                let id: Id<Mark> = id.parse().map_err(|_| WebError::not_found())?;
                if !own.contains(&id) {
                    // What is moved or given back already is no longer on the list.
                    continue;
                }
                match appointment::cancel(tx, id, Some(&word)) {
                    Ok(_) | Err(BookError::Over) => {}
                    Err(error) => return Err(refused(error)),
                }
            }
            Ok(None)
        })
        .await?;
    match outcome {
        None => Ok(Redirect::to("/agents/rendez-vous/hors-presence?fait=annule").into_response()),
        Some((read, wrong)) => {
            let problems = Problem::keyed(&page, &[wrong]);
            shown(page, read, String::new(), (Some(&ticked), &why), problems)
        }
    }
}
