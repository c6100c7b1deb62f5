//! What waits for the archives, and the slips: made, downloaded, signed by the archivist, given up.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use beffroi_core::{
    Day, Id, Lang,
    calendar::{civil_day, long_date},
};
use beffroi_people::{Town, permission::permit};
use beffroi_store::{Entry, Tx};
use beffroi_web::{FormPost, Page, Result, WebError, download, page::render_as, render};
use serde::Deserialize;

use super::{hidden, table};
use crate::{
    Parts,
    control::Choosable,
    permission::ManageArchives,
    problem::Problem,
    retention::{self, Group, Made, NewSlip, Purpose, Signed, Slip},
    visit::Visit,
};

/// Slips that the page lists.
pub(crate) const LISTED: u32 = 50;
/// Characters of the archivist's name.
pub(crate) const NAME_AT_MOST: usize = 200;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Just {
    fait: String,
}

struct Waiting {
    procedure: String,
    title: String,
    cases: i64,
    /// How many are still open; `""` where none is.
    open: String,
    span: String,
}

struct SlipRow {
    id: String,
    number: String,
    purpose: String,
    title: String,
    cases: i64,
    made: String,
    visa: String,
}

#[derive(Template)]
#[template(path = "office/archives.html")]
struct List {
    page: Page,
    waiting: Vec<Waiting>,
    slips: Vec<SlipRow>,
    purposes: Vec<Choosable>,
    problems: Vec<Problem>,
    done: String,
}

struct Row {
    reference: String,
    department: String,
    received: String,
    outcome: String,
    number: String,
}

#[derive(Template)]
#[template(path = "office/slip.html")]
struct One {
    page: Page,
    slip: SlipRow,
    signed: bool,
    /// For what the archives take over: `no`, `soon`, `ready`.
    transfer: &'static str,
    rows: Vec<Row>,
    name: String,
    on_day: String,
    on_month: String,
    on_year: String,
    problems: Vec<Problem>,
    done: String,
}

impl One {
    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// What the procedures are called, by their short names.
fn names(tx: &mut Tx<'_>, desk: &Parts) -> Result<HashMap<String, String>> {
    let offered = desk.shelf.offered(tx)?;
    let name = |form: &std::sync::Arc<beffroi_forms::CompiledForm>| {
        (form.procedure().slug.clone(), form.procedure().title.fr.clone())
    };
    Ok(offered.iter().map(name).collect())
}

fn purposes(page: &Page) -> Vec<Choosable> {
    Purpose::ALL
        .iter()
        .map(|purpose| Choosable {
            value: purpose.as_str().to_owned(),
            label: page.t(&format!("office-slip-{}", purpose.as_str())).to_owned(),
            hint: String::new(),
            chosen: false,
        })
        .collect()
}

fn made(page: &Page, slip: &Slip, names: &HashMap<String, String>, zone: chrono_tz::Tz) -> SlipRow {
    let visa = match slip.visa_on {
        Some(day) => page.tr(
            "office-slip-signed",
            &[("name", slip.visa_name.as_str().into()), ("date", long_date(day, Lang::Fr).into())],
        ),
        None => page.t("office-slip-awaited").to_owned(),
    };
    SlipRow {
        id: slip.id.to_string(),
        number: slip.number.clone(),
        purpose: page.t(&format!("office-slip-{}", slip.purpose.as_str())).to_owned(),
        title: names.get(&slip.procedure).unwrap_or(&slip.procedure).clone(),
        cases: slip.cases,
        made: long_date(civil_day(slip.made_at, zone), Lang::Fr),
        visa,
    }
}

pub(super) async fn list(visit: Visit, Query(just): Query<Just>) -> Result {
    let done = match just.fait.as_str() {
        "abandon" => visit.page.t("office-slip-dropped").to_owned(),
        _ => String::new(),
    };
    shown(visit, done, "").await
}

/// The page; `refused`: the procedure of which no slip was made, because what waits of it is still open.
async fn shown(Visit { desk, commune, visitor, page, .. }: Visit, done: String, refused: &str) -> Result {
    let who = visitor.require()?.clone();
    let (groups, slips, names, zone): (Vec<Group>, Vec<Slip>, _, _) = commune
        .read(visitor.by, move |tx| {
            permit::<ManageArchives>(tx, &who, None).map_err(hidden)?;
            let zone = Town::load(tx)?.zone();
            Ok::<_, WebError>((
                retention::groups(tx)?,
                retention::slips(tx, LISTED)?,
                names(tx, &desk)?,
                zone,
            ))
        })
        .await?;
    let span = |group: &Group| {
        page.tr(
            "office-archives-span",
            &[
                ("first", long_date(group.first, Lang::Fr).into()),
                ("last", long_date(group.last, Lang::Fr).into()),
            ],
        )
    };
    let waiting = groups
        .iter()
        .map(|group| Waiting {
            procedure: group.procedure.clone(),
            title: names.get(&group.procedure).unwrap_or(&group.procedure).clone(),
            cases: group.cases,
            open: match group.open {
                0 => String::new(),
                open => page.tr("office-archives-open", &[("n", open.into())]),
            },
            span: span(group),
        })
        .collect();
    let slips = slips.iter().map(|slip| made(&page, slip, &names, zone)).collect();
    let (status, problems) = if refused.is_empty() {
        (StatusCode::OK, Vec::new())
    } else {
        (StatusCode::CONFLICT, Problem::alone(refused, page.t("office-archives-still-open")))
    };
    render_as(status, &List { waiting, slips, purposes: purposes(&page), problems, done, page })
}

pub(super) async fn make(visit: Visit, form: FormPost) -> Result {
    let who = visit.visitor.require()?.clone();
    let purpose = Purpose::from_word(form.text("objet"));
    let procedure = form.text("demarche").to_owned();
    let made = visit
        .commune
        .write(visit.visitor.by, move |tx| {
            let permit = permit::<ManageArchives>(tx, &who, None).map_err(hidden)?;
            let purpose = purpose.ok_or_else(WebError::bad_request)?;
            let new = NewSlip { procedure, purpose };
            Ok::<_, WebError>(retention::make(tx, &permit, who.account.uuid(), &new)?)
        })
        .await?;
    match made {
        Made::Slip(slip) => Ok(Redirect::to(&format!("/agents/archives/{slip}")).into_response()),
        Made::Nothing => Ok(Redirect::to("/agents/archives").into_response()),
        Made::StillOpen => shown(visit, String::new(), form.text("demarche")).await,
    }
}

fn id_of(text: &str) -> Result<Id<Slip>> {
    text.parse().map_err(|_| WebError::not_found())
}

/// A slip with its lines.
struct Found {
    slip: Slip,
    lines: Vec<retention::Line>,
    names: HashMap<String, String>,
    zone: chrono_tz::Tz,
    today: Day,
    /// Whether the file that the archives take over is made.
    ready: bool,
}

async fn found(visit: &Visit, id: Id<Slip>) -> Result<Found> {
    let who = visit.visitor.require()?.clone();
    let desk = std::sync::Arc::clone(&visit.desk);
    let file = retention::file_of(&visit.commune, id);
    visit
        .commune
        .read(visit.visitor.by, move |tx| {
            permit::<ManageArchives>(tx, &who, None).map_err(hidden)?;
            let slip = retention::slip(tx, id)?.ok_or_else(WebError::not_found)?;
            let zone = Town::load(tx)?.zone();
            let today = civil_day(tx.now(), zone);
            Ok::<_, WebError>(Found {
                lines: retention::lines_of(tx, id)?,
                names: names(tx, &desk)?,
                slip,
                zone,
                today,
                ready: file.exists(),
            })
        })
        .await
}

fn outcome(page: &Page, line: &retention::Line) -> String {
    match line.outcome {
        Some(outcome) => page.t(&format!("office-slip-outcome-{}", outcome.as_str())).to_owned(),
        None => page.t("office-slip-outcome-none").to_owned(),
    }
}

fn one(page: Page, found: &Found, typed: (String, [String; 3]), problems: Vec<Problem>, done: &str) -> One {
    let rows = found
        .lines
        .iter()
        .map(|line| Row {
            reference: line.reference.clone(),
            department: line.department.clone(),
            received: long_date(line.received_on, Lang::Fr),
            outcome: outcome(&page, line),
            number: line.number.clone().unwrap_or_default(),
        })
        .collect();
    let (name, [on_day, on_month, on_year]) = typed;
    One {
        slip: made(&page, &found.slip, &found.names, found.zone),
        signed: found.slip.signed_at.is_some(),
        transfer: match (found.slip.purpose, found.ready) {
            (Purpose::Elimination, _) => "no",
            (Purpose::Transfer, false) => "soon",
            (Purpose::Transfer, true) => "ready",
        },
        rows,
        name,
        on_day,
        on_month,
        on_year,
        problems,
        done: done.to_owned(),
        page,
    }
}

pub(super) async fn show(visit: Visit, Path(slip): Path<String>, Query(just): Query<Just>) -> Result {
    visit.visitor.require()?;
    let found = found(&visit, id_of(&slip)?).await?;
    let done = if just.fait == "visa" { visit.page.t("office-slip-done").to_owned() } else { String::new() };
    render(&one(visit.page, &found, Default::default(), Vec::new(), &done))
}

pub(super) async fn csv(visit: Visit, Path(slip): Path<String>) -> Result<Response> {
    visit.visitor.require()?;
    let found = found(&visit, id_of(&slip)?).await?;
    let page = &visit.page;
    let title = found.names.get(&found.slip.procedure).unwrap_or(&found.slip.procedure);
    let purpose = page.t(&format!("office-slip-{}", found.slip.purpose.as_str())).to_owned();
    let heads = [
        "Bordereau",
        "Objet",
        "Rang",
        "Référence",
        "Démarche",
        "Service",
        "Reçu le",
        "Issue",
        "Numéro",
        "Fin de la durée d’utilité administrative",
    ];
    let rows = found.lines.iter().enumerate().map(|(rank, line)| {
        vec![
            found.slip.number.clone(),
            purpose.clone(),
            (rank + 1).to_string(),
            line.reference.clone(),
            title.clone(),
            line.department.clone(),
            line.received_on.to_string(),
            outcome(page, line),
            line.number.clone().unwrap_or_default(),
            line.due_on.to_string(),
        ]
    });
    table(&format!("bordereau-{}", found.slip.number), &heads, rows)
}

/// The cases of a slip with their documents, for the archives that take them over. That they went out is written down.
pub(super) async fn cases(visit: Visit, Path(slip): Path<String>) -> Result {
    let who = visit.visitor.require()?.clone();
    let id = id_of(&slip)?;
    let number = visit
        .commune
        .write(visit.visitor.by, move |tx| {
            permit::<ManageArchives>(tx, &who, None).map_err(hidden)?;
            let slip = retention::slip(tx, id)?.ok_or_else(WebError::not_found)?;
            tx.journal(&Entry {
                kind: "slip.taken",
                subject_kind: "slip",
                subject_id: id.uuid(),
                payload: serde_json::json!({}),
            })?;
            Ok::<_, WebError>(slip.number)
        })
        .await?;
    let file = retention::file_of(&visit.commune, id);
    download(&file, &format!("dossiers-{number}.zip"), "application/zip").await
}

/// Whether a visa can be of that day: from the one on which the slip was made to today.
pub(crate) fn visa_fits(slip: &Slip, on: Day, today: Day, zone: chrono_tz::Tz) -> bool {
    on <= today && on >= civil_day(slip.made_at, zone)
}

pub(super) async fn sign(visit: Visit, Path(slip): Path<String>, form: FormPost) -> Result {
    visit.visitor.require()?;
    let id = id_of(&slip)?;
    let found = found(&visit, id).await?;
    let name = form.text("nom").to_owned();
    let day = ["visa-day", "visa-month", "visa-year"].map(|part| form.text(part).to_owned());
    let mut problems = Vec::new();
    if name.is_empty() || name.chars().count() > NAME_AT_MOST {
        problems.extend(Problem::alone("nom", visit.page.t("office-visa-name-missing")));
    }
    let [d, m, y] = &day;
    let on = match (y.parse(), m.parse(), d.parse()) {
        (Ok(y), Ok(m), Ok(d)) => Day::from_ymd_opt(y, m, d),
        _ => None,
    };
    let on = on.filter(|on| visa_fits(&found.slip, *on, found.today, found.zone));
    if on.is_none() {
        problems.extend(Problem::alone("visa", visit.page.t("office-visa-day-wrong")));
    }
    let Some(on) = on.filter(|_| problems.is_empty()) else {
        let template = one(visit.page, &found, (name, day), problems, "");
        return render_as(StatusCode::UNPROCESSABLE_ENTITY, &template);
    };
    let who = visit.visitor.require()?.clone();
    let signed = visit
        .commune
        .write(visit.visitor.by, move |tx| {
            let permit = permit::<ManageArchives>(tx, &who, None).map_err(hidden)?;
            Ok::<_, WebError>((retention::sign(tx, &permit, who.account.uuid(), id, (&name, on))?, name))
        })
        .await?;
    match signed {
        (Signed::Done, _) => Ok(Redirect::to(&format!("/agents/archives/{id}?fait=visa")).into_response()),
        (Signed::Already, _) => Err(WebError::conflict()),
        (Signed::StillOpen, name) => {
            let problems = Problem::alone("nom", visit.page.t("office-slip-still-open"));
            render_as(StatusCode::CONFLICT, &one(visit.page, &found, (name, day), problems, ""))
        }
    }
}

pub(super) async fn drop_slip(Visit { commune, visitor, .. }: Visit, Path(slip): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let id = id_of(&slip)?;
    let dropped = commune
        .write(visitor.by, move |tx| {
            let permit = permit::<ManageArchives>(tx, &who, None).map_err(hidden)?;
            if retention::slip(tx, id)?.is_none() {
                return Err(WebError::not_found());
            }
            Ok(retention::drop_slip(tx, &permit, id)?)
        })
        .await?;
    if !dropped {
        return Err(WebError::conflict());
    }
    Ok(Redirect::to("/agents/archives?fait=abandon").into_response())
}
