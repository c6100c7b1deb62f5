//! When a counter receives, and for what: its hours in words, days that are otherwise, absences.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::openings::Openings;
use beffroi_core::Day;
use beffroi_people::{
    Permit, SignedIn,
    permission::{Scope, permit},
};
use beffroi_store::Tx;
use beffroi_web::{
    Choice, CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError, Wrong, openings, page::render_as,
    render,
};

use super::{
    absence::{Removable, Typed, closure_key, closure_words, exception_words},
    outside,
    presences::{Just, done, not_kept, places},
};
use crate::{
    clock::Now,
    motive,
    permission::{self, ManageAppointments},
    site::{self, Desk, DeskDetails, Site},
};

/// Appointments outside of the presences that the page of a counter tells one by one.
const TOLD: usize = 5;

#[derive(Template)]
#[template(path = "appointments_presence.html")]
struct Presence {
    page: Page,
    done: String,
    slug: String,
    title: String,
    place: String,
    /// Its hours that come again, in words.
    told: Vec<String>,
    exceptions: Vec<Removable>,
    closures: Vec<Removable>,
    motives: Vec<Choice>,
    active: bool,
    /// Appointments that lie where nobody receives any more.
    /// The first appointments that lie where nobody receives, and how all of them are called.
    outside: Vec<outside::Line>,
    outside_all: String,
    /// Whether the form of a day stands in the place of that of an absence: their fields have the same names.
    asks_day: bool,
    /// Which form was sent, where something is wrong with it.
    sent: String,
    typed: Typed,
    problems: Vec<Problem>,
}

impl Presence {
    fn error(&self, form: &str, field: &str) -> String {
        if self.sent == form { Problem::beside(&self.problems, field) } else { String::new() }
    }

    fn value<'a>(&'a self, form: &str, value: &'a str) -> &'a str {
        if self.sent == form { value } else { "" }
    }
}

/// A counter that the agent looks after; others do not exist for them.
pub(super) fn desk(tx: &mut Tx<'_>, who: &SignedIn, slug: &str) -> Result<(Desk, Site, Now)> {
    let (sites, desks, now) = places(tx, who)?;
    let desk = desks.into_iter().find(|desk| desk.resource.details.slug == slug);
    let desk = desk.ok_or_else(WebError::not_found)?;
    let site =
        sites.into_iter().find(|site| site.resource.id == desk.site).ok_or_else(WebError::not_found)?;
    Ok((desk, site, now))
}

pub(super) async fn show(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(slug): Path<String>,
    Query(just): Query<Just>,
) -> Result {
    let done = done(&page, &just.fait);
    let form = if just.jour.is_empty() { String::new() } else { "jour".to_owned() };
    shown(page, visitor, commune, slug, done, Sent { form, ..Sent::default() }).await
}

/// A form that comes back with its faults.
#[derive(Default)]
struct Sent {
    form: String,
    typed: Typed,
    wrong: Vec<Wrong>,
}

async fn shown(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    slug: String,
    done: String,
    sent: Sent,
) -> Result {
    let who = visitor.require()?.clone();
    let (desk, site, now, motives, (left, left_in_all)) = commune
        .read(visitor.by, move |tx| {
            let (desk, site, now) = desk(tx, &who, &slug)?;
            let scope = permission::managed(tx, &who)?;
            let motives = motive::list(tx)?;
            let motives: Vec<motive::Kept> =
                motives.into_iter().filter(|it| scope.contains(it.details.department)).collect();
            let left = outside::of_desks(tx, std::slice::from_ref(&desk))?;
            let receives = permission::received(tx, &who)?;
            let left = (outside::told(tx, &left, &receives)?, left.len());
            Ok::<_, WebError>((desk, site, now, motives, left))
        })
        .await?;
    let lang = page.language();
    let details = desk.details();
    let rules = Openings { rules: details.presence.rules.clone(), ..Openings::default() };
    let view = Presence {
        done,
        slug: details.slug.clone(),
        title: details.name.read_in(lang).to_owned(),
        place: site.resource.details.name.read_in(lang).to_owned(),
        told: openings::told(&rules, lang),
        exceptions: details
            .presence
            .exceptions
            .iter()
            .filter(|it| it.day >= now.today)
            .map(exception_words)
            .collect(),
        closures: details
            .presence
            .closures
            .iter()
            .filter(|it| it.last >= now.today)
            .map(closure_words)
            .collect(),
        motives: motives
            .iter()
            .map(|it| {
                let name = it.details.sheet.name.read_in(lang);
                Choice::new(&it.details.slug, name, desk.motives.contains(&it.id))
            })
            .collect(),
        active: details.active,
        outside: left.iter().take(TOLD).map(|it| it.line(&page, &now)).collect(),
        outside_all: page.tr("appointments-office-outside-see-all", &[("n", left_in_all.into())]),
        problems: Problem::keyed(&page, &sent.wrong),
        asks_day: sent.form == "jour",
        sent: if sent.wrong.is_empty() { String::new() } else { sent.form },
        typed: sent.typed,
        page,
    };
    if view.problems.is_empty() { render(&view) } else { render_as(StatusCode::UNPROCESSABLE_ENTITY, &view) }
}

/// Changes what one of the page's forms is about.
pub(super) async fn change(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path((slug, form)): Path<(String, String)>,
    fields: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let typed = Typed::read(&fields);
    let (known, sent, asked) = (slug.clone(), form.clone(), typed.clone());
    let wrong = commune
        .write(visitor.by, move |tx| {
            let (desk, _, now) = desk(tx, &who, &known)?;
            let permit = permit::<ManageAppointments>(tx, &who, desk.department)?;
            let mut details = desk.details();
            let scope = permission::managed(tx, &who)?;
            let wrong = changed(tx, &mut details, (&sent, &fields, &asked), (&now, &scope))?;
            if wrong.is_empty() {
                keep(tx, &permit, &desk, &details, &now)?;
            }
            Ok::<_, WebError>(wrong)
        })
        .await?;
    if wrong.is_empty() {
        let to = format!("/agents/rendez-vous/presences/{slug}?fait=enregistre");
        return Ok(Redirect::to(&to).into_response());
    }
    shown(page, visitor, commune, slug, String::new(), Sent { form, typed, wrong }).await
}

/// Keeps a counter, without what is over and done.
pub(super) fn keep(
    tx: &mut Tx<'_>,
    permit: &Permit<ManageAppointments>,
    desk: &Desk,
    details: &DeskDetails,
    now: &Now,
) -> Result<()> {
    let mut details = details.clone();
    details.presence = to_come(details.presence, now.today);
    site::keep_desk(tx, permit, Some(desk.resource.id), &details).map_err(not_kept)?;
    Ok(())
}

/// Openings without what is over and done.
pub(super) fn to_come(mut openings: Openings, today: Day) -> Openings {
    openings.closures.retain(|closure| closure.last >= today);
    openings.exceptions.retain(|exception| exception.day >= today);
    openings
}

fn changed(
    tx: &mut Tx<'_>,
    details: &mut DeskDetails,
    (form, fields, typed): (&str, &FormPost, &Typed),
    (now, scope): (&Now, &Scope),
) -> Result<Vec<Wrong>> {
    match form {
        "absence" => match typed.closure(now.today) {
            Ok(closure) => details.presence.closures.push(closure),
            Err(wrong) => return Ok(wrong),
        },
        "jour" => match typed.exception(now.today) {
            Ok(exception) => {
                details.presence.exceptions.retain(|it| it.day != exception.day);
                details.presence.exceptions.push(exception);
            }
            Err(wrong) => return Ok(wrong),
        },
        "absence-retirer" => {
            let key = fields.text("retirer");
            details.presence.closures.retain(|closure| closure_key(closure) != key);
        }
        "jour-retirer" => {
            let key = fields.text("retirer");
            details.presence.exceptions.retain(|exception| exception.day.to_string() != key);
        }
        "motifs" => {
            let chosen: BTreeSet<&str> = fields.all("motifs").collect();
            // Those of other departments are not on the page, and stay as they are.
            for it in motive::list(tx)?.iter().filter(|it| scope.contains(it.details.department)) {
                if chosen.contains(it.details.slug.as_str()) {
                    details.motives.insert(it.id);
                } else {
                    details.motives.remove(&it.id);
                }
            }
            details.active = fields.get("actif").is_some();
        }
        _ => return Err(WebError::not_found()),
    }
    Ok(Vec::new())
}
