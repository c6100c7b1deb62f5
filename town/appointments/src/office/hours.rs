//! When a counter receives: hours that come again, closures, days that are otherwise, on the page that rooms have too.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::openings::{OnHolidays, Openings};
use beffroi_people::permission::permit;
use beffroi_web::{
    CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError,
    openings::{self, Asked, Fault, Shown},
    page::render_as,
};

use super::presence::{desk, keep, to_come};
use crate::{
    permission::ManageAppointments,
    site::{Desk, DeskDetails},
};

#[derive(Template)]
#[template(path = "appointments_hours.html")]
struct Hours {
    page: Page,
    title: String,
    back: String,
    action: String,
    it: Shown,
    problems: Vec<Problem>,
}

pub(super) async fn show(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(slug): Path<String>,
) -> Result {
    let who = visitor.require()?.clone();
    let (desk, _, now) = commune.read(visitor.by, move |tx| desk(tx, &who, &slug)).await?;
    let known = to_come(desk.details().presence, now.today);
    let form = openings::fields(&known, FormPost::default(), OnHolidays::Not, page.language());
    shown(page, &desk, &form, &[])
}

/// Keeps the hours, or shows them again with a row more or less, or in words.
pub(super) async fn change(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(slug): Path<String>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let (form, keeps, checks) = match openings::asked(&form, OnHolidays::Not) {
        Asked::Keep => (form, true, true),
        Asked::Preview => (form, false, true),
        Asked::Rows(form) => (form, false, false),
    };
    if keeps {
        let (who, known, typed) = (who.clone(), slug.clone(), form.clone());
        let kept = commune
            .write(visitor.by, move |tx| {
                let (desk, _, now) = desk(tx, &who, &known)?;
                let permit = permit::<ManageAppointments>(tx, &who, desk.department)?;
                let Ok(presence) = openings::read(&typed, Some(now.today)) else { return Ok(false) };
                keep(tx, &permit, &desk, &DeskDetails { presence, ..desk.details() }, &now)?;
                Ok::<_, WebError>(true)
            })
            .await?;
        if kept {
            let to = format!("/agents/rendez-vous/presences/{slug}?fait=enregistre");
            return Ok(Redirect::to(&to).into_response());
        }
    }
    let (desk, _, now) = commune.read(visitor.by, move |tx| desk(tx, &who, &slug)).await?;
    let read = if checks { openings::read(&form, Some(now.today)) } else { Ok(Openings::default()) };
    shown(page, &desk, &form, &read.err().unwrap_or_default())
}

fn shown(page: Page, desk: &Desk, form: &FormPost, faults: &[Fault]) -> Result {
    let details = &desk.resource.details;
    let problems = openings::problems(&page, faults);
    let back = format!("/agents/rendez-vous/presences/{}", details.slug);
    let name = details.name.read_in(page.language());
    let view = Hours {
        title: page.tr("appointments-office-hours-title", &[("name", name.into())]),
        action: format!("{back}/horaires"),
        back,
        it: openings::shown(&page, form, &problems),
        problems,
        page,
    };
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    render_as(status, &view)
}
