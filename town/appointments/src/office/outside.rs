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
use beffroi_core::{Id, calendar::civil_day};
use beffroi_people::{SignedIn, Town, permission::Scope};
use beffroi_store::Tx;
use beffroi_web::{CommuneOf, FormPost, Page, Result, Visitor, WebError, page::render_as, render};
use serde::Deserialize;

use super::{entitled, one::WHY_AT_MOST};
use crate::{
    appointment::{self, Appointment, BookError, Mark},
    clock::{self, Now, capital},
    motive, permission,
    problem::{Choice, Problem},
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
    /// Where it is moved.
    move_href: String,
    pub(super) words: String,
}

impl Left {
    pub(super) fn line(&self, page: &Page, now: &Now) -> Line {
        let lang = page.language();
        let when = capital(&clock::moment(self.it.span.start(), now.zone, lang));
        match &self.motive {
            Some(motive) => Line {
                href: format!("/agents/rendez-vous/{}", self.it.id),
                move_href: format!("/agents/rendez-vous/{}/deplacer", self.it.id),
                words: format!(
                    "{when}, {}, {}",
                    self.it.contact.name,
                    motive.details.sheet.name.read_in(lang)
                ),
            },
            None => Line {
                href: String::new(),
                move_href: String::new(),
                words: format!("{when}, {}", page.t("appointments-office-outside-other")),
            },
        }
    }
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
    lines: Vec<Line>,
    choices: Vec<Choice>,
    why: String,
    problems: Vec<Problem>,
}

impl Outside {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// What was just done.
#[derive(Default, Deserialize)]
pub(super) struct Just {
    #[serde(default)]
    fait: String,
}

pub(super) async fn show(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Query(just): Query<Just>,
) -> Result {
    let who = visitor.require()?.clone();
    let read = commune.read(visitor.by, move |tx| of_agent(tx, &who)).await?;
    let done = match just.fait.as_str() {
        "ferme" => page.t("appointments-office-kept").to_owned(),
        "annule" => page.t("appointments-office-outside-done").to_owned(),
        _ => String::new(),
    };
    shown(page, read, done, (&[], ""), Vec::new())
}

fn shown(
    page: Page,
    (left, now): (Vec<Left>, Now),
    done: String,
    (ticked, why): (&[String], &str),
    problems: Vec<Problem>,
) -> Result {
    let choices = left.iter().filter(|it| it.motive.is_some()).map(|left| {
        let id = left.it.id.to_string();
        let chosen = ticked.contains(&id);
        Choice::new(&id, &left.line(&page, &now).words, chosen)
    });
    let view = Outside {
        done,
        choices: choices.collect(),
        lines: left.iter().map(|it| it.line(&page, &now)).collect(),
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
            let problems = Problem::all(&page, &[wrong]);
            shown(page, read, String::new(), (&ticked, &why), problems)
        }
    }
}
