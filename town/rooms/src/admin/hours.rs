//! The page on which the openings of a room are said: hours that come again, closures, days that are otherwise.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::{
    clock,
    openings::OnHolidays,
    resource::{self, ResourceError},
    spans::Span,
};
use beffroi_web::{
    Choice, CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError,
    openings::{self, Asked, Shown},
    page::render_as,
};
use serde::Deserialize;

use super::{fill::Filled, outside::outside, views::known};

/// Bookings outside of the hours that are told one by one.
const TOLD: usize = 5;

#[derive(Template)]
#[template(path = "admin_hours.html")]
struct HoursPage {
    page: Page,
    title: String,
    back: String,
    action: String,
    done: bool,
    problems: Vec<Problem>,
    /// Whether the room has hours of its own, or those of the place that it lies in.
    own: Vec<Choice>,
    is_own: bool,
    it: Shown,
    /// How many bookings lie outside of the hours that are kept; `""` where none does. The first of them.
    outside: String,
    outside_first: Vec<String>,
    planning: String,
}

/// What was just done.
#[derive(Deserialize)]
pub(super) struct Just {
    #[serde(default)]
    fait: String,
}

pub(super) async fn show(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
    Query(just): Query<Just>,
) -> Result {
    let who = visitor.require()?.clone();
    let (filled, (left, zone)) = commune
        .read(visitor.by, move |tx| {
            let (id, filled) = known(tx, &who, &slug)?;
            Ok::<_, WebError>((filled, outside(tx, id)?))
        })
        .await?;
    let told = |date: &Span| clock::when(*date, zone, page.language());
    let first = left.iter().take(TOLD).map(told).collect();
    let own = &filled.details.terms.openings;
    let word = if own.is_some() { "oui" } else { "non" };
    let form = FormPost::default().with("propres", word.to_owned());
    let known = own.clone().unwrap_or_default();
    let form = openings::fields(&known, form, OnHolidays::Same, page.language());
    let left = (left.len(), first);
    shown(page, StatusCode::OK, (&filled, left), &form, Vec::new(), !just.fait.is_empty())
}

/// Keeps the openings, or shows them again with a row more or less, or in words.
pub(super) async fn keep(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let is_own = form.text("propres") != "non";
    let (form, read, keeps) = match openings::asked(&form, OnHolidays::Same) {
        Asked::Rows(form) => (form, Ok(None), false),
        asked => {
            // Whoever follows the hours of the place leaves their own behind, whatever is in them.
            let read = if is_own { openings::read(&form, None).map(Some) } else { Ok(None) };
            (form, read, asked == Asked::Keep)
        }
    };
    let (openings, faults) = match read {
        Ok(openings) => (openings, Vec::new()),
        Err(faults) => (None, faults),
    };
    if keeps && faults.is_empty() {
        let to = format!("/admin/salles/{slug}/horaires?fait=gardee");
        commune
            .write(visitor.by, move |tx| {
                let (id, mut filled) = known(tx, &who, &slug)?;
                filled.details.terms.openings = openings;
                resource::change(tx, id, &filled.details).map_err(not_kept)?;
                Ok::<_, WebError>(())
            })
            .await?;
        return Ok(Redirect::to(&to).into_response());
    }
    let (_, filled) = commune.read(visitor.by, move |tx| known(tx, &who, &slug)).await?;
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let problems = openings::problems(&page, &faults);
    shown(page, status, (&filled, (0, Vec::new())), &form, problems, false)
}

fn not_kept(error: ResourceError) -> WebError {
    match error {
        ResourceError::Store(error) => error.into(),
        error => WebError::bad_request().log(error),
    }
}

fn shown(
    page: Page,
    status: StatusCode,
    (filled, (left, outside_first)): (&Filled, (usize, Vec<String>)),
    form: &FormPost,
    problems: Vec<Problem>,
    done: bool,
) -> Result {
    let is_own = form.text("propres") != "non";
    let own = ["oui", "non"]
        .map(|word| Choice::new(word, page.t(&format!("rooms-admin-own-{word}")), (word == "oui") == is_own));
    let back = format!("/admin/salles/{}", filled.details.slug);
    let view = HoursPage {
        title: page.tr("rooms-admin-hours-title", &[("name", filled.details.name.fr.as_str().into())]),
        action: format!("{back}/horaires"),
        back,
        done,
        own: own.into(),
        is_own,
        it: openings::shown(&page, form, &problems),
        outside: match left {
            0 => String::new(),
            n => page.tr("rooms-admin-outside", &[("n", n.into())]),
        },
        outside_first,
        planning: format!("/agents/planning/{}", filled.details.slug),
        problems,
        page,
    };
    render_as(status, &view)
}
