//! The cases whose time comes within two months, for those who handle them; one may be kept longer, once, with a reason.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_cases::{
    Access, Right,
    case::{self, Case},
};
use beffroi_core::{
    Day, Id,
    calendar::{civil_day, long_date},
};
use beffroi_people::Town;
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as, render};
use chrono::Days;
use serde::Deserialize;

use crate::{
    control::Choosable,
    office::entitled,
    permission::Place,
    problem::Problem,
    public::titles,
    retention::{self, KeepError, LONGER_MONTHS, Soon},
    visit::{Visit, case_error},
};

/// Cases of one page.
pub(crate) const ROWS: u32 = 50;
/// How far ahead the list looks.
pub(crate) const AHEAD: Days = Days::new(60);

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// After which case the page begins: its day and its id.
    apres: String,
    fait: String,
}

struct Row {
    id: String,
    reference: String,
    title: String,
    requester: String,
    department: String,
    due: String,
    what: String,
    longer: String,
}

#[derive(Template)]
#[template(path = "office/keeping.html")]
struct List {
    page: Page,
    rows: Vec<Row>,
    next: String,
    done: String,
}

#[derive(Template)]
#[template(path = "office/keep_longer.html")]
struct One {
    page: Page,
    row: Row,
    months: Vec<Choosable>,
    why: String,
    problems: Vec<Problem>,
}

impl One {
    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// The departments whose cases somebody handles.
pub(crate) fn handled(access: &Access, places: &[Place]) -> Vec<String> {
    let handles = |place: &&Place| access.allows(Right::Handle, &place.slug);
    places.iter().filter(handles).map(|place| place.slug.clone()).collect()
}

fn row(page: &Page, due: &Soon, title: String, places: &[Place]) -> Row {
    let lang = page.language();
    let place = places.iter().find(|place| place.slug == due.department);
    Row {
        id: due.id.to_string(),
        reference: due.reference.clone(),
        title,
        requester: due.requester.clone(),
        department: place.map(|place| place.name.clone()).unwrap_or_default(),
        due: long_date(due.due_on, lang),
        what: page.t(&format!("office-disposal-{}", due.disposal)).to_owned(),
        longer: due.longer.clone().unwrap_or_default(),
    }
}

/// Where a page begins, as the one before told it.
pub(crate) fn after(text: &str) -> Option<(Day, Id<Case>)> {
    let (day, id) = text.split_once('_')?;
    Some((day.parse().ok()?, id.parse().ok()?))
}

pub(super) async fn list(
    Visit { desk, commune, visitor, page, .. }: Visit,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let (lang, after) = (page.language(), after(&asked.apres));
    let (mut found, titles, places) = commune
        .read(visitor.by, move |tx| {
            let (access, places) = entitled(tx, &who)?;
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            let by = today.checked_add_days(AHEAD).unwrap_or(today);
            let found = retention::due_in(tx, &handled(&access, &places), (today, by), after, ROWS + 1)?;
            let titles = titles(tx, &desk, found.iter().map(|due| due.procedure.clone()), lang)?;
            Ok::<_, WebError>((found, titles, places))
        })
        .await?;
    let more = found.len() > ROWS as usize;
    found.truncate(ROWS as usize);
    let next = found.last().filter(|_| more);
    let next = next.map(|last| format!("/agents/conservation?apres={}_{}", last.due_on, last.id));
    let rows = found
        .iter()
        .map(|due| row(&page, due, titles.get(&due.procedure).cloned().unwrap_or_default(), &places))
        .collect();
    let done = if asked.fait.is_empty() { "" } else { page.t("office-kept-longer") };
    render(&List { rows, next: next.unwrap_or_default(), done: done.to_owned(), page })
}

/// A case whose time comes, for whoever handles it.
async fn found(visit: &Visit, id: Id<Case>) -> Result<(Soon, String, Vec<Place>)> {
    let who = visit.visitor.require()?.clone();
    let (desk, lang) = (std::sync::Arc::clone(&visit.desk), visit.page.language());
    visit
        .commune
        .read(visit.visitor.by, move |tx| {
            let (access, places) = entitled(tx, &who)?;
            let case = case::read(tx, &access, id).map_err(case_error)?;
            access.permit(Right::Handle, &case).map_err(case_error)?;
            let due = retention::due_of(tx, id)?.ok_or_else(WebError::not_found)?;
            let titles = titles(tx, &desk, std::iter::once(due.procedure.clone()), lang)?;
            let title = titles.into_values().next().unwrap_or_default();
            Ok::<_, WebError>((due, title, places))
        })
        .await
}

fn months(page: &Page, chosen: &str) -> Vec<Choosable> {
    LONGER_MONTHS
        .iter()
        .map(|months| Choosable {
            value: months.to_string(),
            label: page.tr("office-months", &[("months", (*months).into())]),
            hint: String::new(),
            chosen: months.to_string() == chosen,
        })
        .collect()
}

fn id_of(text: &str) -> Result<Id<Case>> {
    text.parse().map_err(|_| WebError::not_found())
}

pub(super) async fn show(visit: Visit, Path(id): Path<String>) -> Result {
    visit.visitor.require()?;
    let (due, title, places) = found(&visit, id_of(&id)?).await?;
    let page = visit.page;
    let row = row(&page, &due, title, &places);
    render(&One { row, months: months(&page, "12"), why: String::new(), problems: Vec::new(), page })
}

pub(super) async fn keep(visit: Visit, Path(id): Path<String>, form: FormPost) -> Result {
    let who = visit.visitor.require()?.clone();
    let id = id_of(&id)?;
    let (count, why) = (form.text("mois").to_owned(), form.text("motif").to_owned());
    let (asked, said) = (count.parse().unwrap_or_default(), why.clone());
    let kept = visit
        .commune
        .write(visit.visitor.by, move |tx| {
            let (access, _) = match entitled(tx, &who) {
                Ok(entitled) => entitled,
                Err(error) => return Ok(Err(error)),
            };
            match retention::keep_longer(tx, &access, id, who.account.uuid(), asked, &said) {
                Ok(_) => Ok(Ok(())),
                Err(KeepError::Case(error)) => Ok(Err(case_error(error))),
                Err(error) => Err(error),
            }
        })
        .await;
    let (field, key) = match kept {
        Ok(Ok(())) => return Ok(Redirect::to("/agents/conservation?fait=garde").into_response()),
        Ok(Err(error)) => return Err(error),
        Err(KeepError::Case(error)) => return Err(case_error(error)),
        Err(KeepError::Store(error)) => return Err(error.into()),
        Err(KeepError::Reason) => ("motif", "office-longer-reason-missing"),
        Err(KeepError::Months) => ("mois", "office-longer-months-missing"),
        Err(KeepError::NotAgain) => return Err(WebError::conflict()),
    };
    let (due, title, places) = found(&visit, id).await?;
    let page = visit.page;
    let template = One {
        row: row(&page, &due, title, &places),
        months: months(&page, &count),
        why,
        problems: Problem::alone(field, page.t(key)),
        page,
    };
    render_as(StatusCode::UNPROCESSABLE_ENTITY, &template)
}
