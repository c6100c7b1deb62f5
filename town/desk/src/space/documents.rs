//! « Mes documents »: what is sent once and used again, with its kind and the day on which it ends.

use askama::Template;
use axum::{
    extract::{Path, Query, Request},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_core::{
    Day, Id,
    calendar::{civil_day, long_date},
};
use beffroi_documents::{
    Document, State,
    kept::{self, KeepError, KeptDocument, Kind},
};
use beffroi_people::Town;
use beffroi_web::{FormPost, Page, Purpose, Result, WebError, page::render_as, render};
use serde::Deserialize;

use super::{owner, sweep::UNUSED_MONTHS};
use crate::{
    control::{self, Choosable, Kept},
    problem::Problem,
    public::{receive, stream},
    visit::Visit,
};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Just {
    fait: String,
}

struct Row {
    id: String,
    name: String,
    kind: String,
    size: String,
    state: String,
    readable: bool,
    good_until: String,
    ended: bool,
    used: String,
}

/// What was typed of a document: its kind, and the day on which it ends.
#[derive(Default)]
struct Typed {
    kind: String,
    day: String,
    month: String,
    year: String,
}

#[derive(Template)]
#[template(path = "space/documents.html")]
struct List {
    page: Page,
    rows: Vec<Row>,
    room: bool,
    kept_for: String,
    kinds: Vec<Choosable>,
    kept: Vec<Kept>,
    typed: Typed,
    problems: Vec<Problem>,
    done: String,
}

#[derive(Template)]
#[template(path = "space/document.html")]
struct One {
    page: Page,
    row: Row,
    kinds: Vec<Choosable>,
    typed: Typed,
    problems: Vec<Problem>,
}

impl List {
    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

impl One {
    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

fn kinds(page: &Page, chosen: &str) -> Vec<Choosable> {
    Kind::ALL
        .iter()
        .map(|kind| Choosable {
            value: kind.as_str().to_owned(),
            label: page.t(&format!("desk-document-kind-{}", kind.as_str())).to_owned(),
            hint: String::new(),
            chosen: kind.as_str() == chosen,
        })
        .collect()
}

impl Row {
    fn new(page: &Page, kept: &KeptDocument, today: Day, zone: chrono_tz::Tz) -> Self {
        let lang = page.language();
        let state = match kept.document.state {
            State::Clean => "",
            State::Received => page.t("desk-document-checked-soon"),
            State::Infected => page.t("desk-document-virus"),
        };
        Self {
            id: kept.document.id.to_string(),
            name: kept.document.name.clone(),
            kind: page.t(&format!("desk-document-kind-{}", kept.kind.as_str())).to_owned(),
            size: control::size(u64::try_from(kept.document.bytes).unwrap_or_default(), lang),
            state: state.to_owned(),
            readable: kept.document.state == State::Clean,
            good_until: kept.good_until.map(|day| long_date(day, lang)).unwrap_or_default(),
            ended: kept.good_until.is_some_and(|day| day < today),
            used: long_date(civil_day(kept.used_at, zone), lang),
        }
    }
}

impl Typed {
    fn read(form: &FormPost) -> Self {
        let text = |name: &str| form.text(name).to_owned();
        Self {
            kind: text("kind"),
            day: text("until-day"),
            month: text("until-month"),
            year: text("until-year"),
        }
    }

    /// The kind, and the day on which it ends if there is one; else what is wrong.
    fn judge(&self, page: &Page, today: Day) -> Result<(Kind, Option<Day>), Vec<Problem>> {
        let mut problems = Vec::new();
        let kind = Kind::from_word(&self.kind);
        if kind.is_none() {
            problems.extend(Problem::alone("kind", page.t("desk-document-kind-missing")));
        }
        let empty = [&self.day, &self.month, &self.year].iter().all(|part| part.is_empty());
        let day = match (self.year.parse(), self.month.parse(), self.day.parse()) {
            (Ok(year), Ok(month), Ok(day)) => Day::from_ymd_opt(year, month, day),
            _ => None,
        };
        let day = day.filter(|day| (0..=20_000).contains(&(*day - today).num_days()));
        if !empty && day.is_none() {
            problems.extend(Problem::alone("until", page.t("desk-document-until-wrong")));
        }
        match kind {
            Some(kind) if problems.is_empty() => Ok((kind, day)),
            _ => Err(problems),
        }
    }
}

/// What the list is shown with, beside what is kept.
#[derive(Default)]
struct Shown {
    typed: Typed,
    problems: Vec<Problem>,
    done: String,
}

async fn listed(visit: Visit, status: StatusCode, shown: Shown) -> Result {
    let Visit { commune, visitor, page, .. } = visit;
    let account = owner(&visitor)?;
    let (found, zone, today) = commune
        .read(visitor.by, move |tx| {
            let zone = Town::load(tx)?.zone();
            let found = kept::of_account(tx, account.uuid())?;
            Ok::<_, WebError>((found, zone, civil_day(tx.now(), zone)))
        })
        .await?;
    let rows: Vec<Row> = found.iter().map(|kept| Row::new(&page, kept, today, zone)).collect();
    let template = List {
        room: rows.len() < kept::AT_MOST,
        kept_for: page.tr("desk-documents-kept", &[("months", UNUSED_MONTHS.into())]),
        kinds: kinds(&page, &shown.typed.kind),
        kept: Vec::new(),
        typed: shown.typed,
        problems: shown.problems,
        done: shown.done,
        rows,
        page,
    };
    render_as(status, &template)
}

pub(super) async fn list(visit: Visit, Query(just): Query<Just>) -> Result {
    let done = match just.fait.as_str() {
        "ajout" => visit.page.t("desk-document-added").to_owned(),
        "retrait" => visit.page.t("desk-document-removed").to_owned(),
        "modification" => visit.page.t("desk-document-changed").to_owned(),
        _ => String::new(),
    };
    listed(visit, StatusCode::OK, Shown { done, ..Shown::default() }).await
}

pub(super) async fn add(visit: Visit, request: Request) -> Result {
    let account = owner(&visit.visitor)?;
    visit.visitor.limit(&visit.app, Purpose::UPLOAD)?;
    let posted = receive(request, &visit.commune, visit.visitor.lang).await?;
    let typed = Typed::read(&posted.fields);
    let mut problems = Problem::all(&posted.refused, "file");
    if posted.files.is_empty() && problems.is_empty() {
        problems = Problem::alone("file", visit.page.t("desk-document-file-missing"));
    }
    let today = visit
        .commune
        .read(visit.visitor.by, |tx| {
            let zone = Town::load(tx)?.zone();
            Ok::<_, WebError>(civil_day(tx.now(), zone))
        })
        .await?;
    let judged = typed.judge(&visit.page, today);
    let (kind, day) = match judged {
        Ok(judged) if problems.is_empty() => judged,
        judged => {
            problems.extend(judged.err().unwrap_or_default());
            let shown = Shown { typed, problems, ..Shown::default() };
            return listed(visit, StatusCode::UNPROCESSABLE_ENTITY, shown).await;
        }
    };
    let gate = visit.desk.gate;
    let kept = visit.commune.write(visit.visitor.by, move |tx| {
        for (_, file) in posted.files.iter().take(1) {
            kept::keep(tx, gate, account.uuid(), file, kind, day)?;
        }
        Ok::<_, KeepError>(())
    });
    let key = match kept.await {
        Ok(()) => return Ok(Redirect::to("/mon-compte/documents?fait=ajout").into_response()),
        Err(KeepError::TooMany) => "desk-document-too-many",
        Err(KeepError::TooHeavy) => "desk-document-too-heavy",
        Err(KeepError::Store(error)) => return Err(error.into()),
    };
    let problems = Problem::alone("file", visit.page.t(key));
    listed(visit, StatusCode::UNPROCESSABLE_ENTITY, Shown { typed, problems, ..Shown::default() }).await
}

fn id_of(text: &str) -> Result<Id<Document>> {
    text.parse().map_err(|_| WebError::not_found())
}

/// One document, with the day on which it is asked for.
async fn found(visit: &Visit, id: Id<Document>) -> Result<(KeptDocument, Day, chrono_tz::Tz)> {
    let account = owner(&visit.visitor)?;
    visit
        .commune
        .read(visit.visitor.by, move |tx| {
            let zone = Town::load(tx)?.zone();
            let kept = kept::find(tx, account.uuid(), id)?.ok_or_else(WebError::not_found)?;
            Ok::<_, WebError>((kept, civil_day(tx.now(), zone), zone))
        })
        .await
}

pub(super) async fn show(visit: Visit, Path(document): Path<String>) -> Result {
    owner(&visit.visitor)?;
    let (kept, today, zone) = found(&visit, id_of(&document)?).await?;
    let mut typed = Typed { kind: kept.kind.as_str().to_owned(), ..Typed::default() };
    if let Some(day) = kept.good_until {
        typed.day = day.format("%-d").to_string();
        typed.month = day.format("%-m").to_string();
        typed.year = day.format("%Y").to_string();
    }
    let page = visit.page;
    render(&One {
        row: Row::new(&page, &kept, today, zone),
        kinds: kinds(&page, &typed.kind),
        typed,
        problems: Vec::new(),
        page,
    })
}

pub(super) async fn describe(visit: Visit, Path(document): Path<String>, form: FormPost) -> Result {
    let account = owner(&visit.visitor)?;
    let id = id_of(&document)?;
    let (kept, today, zone) = found(&visit, id).await?;
    let typed = Typed::read(&form);
    match typed.judge(&visit.page, today) {
        Ok((kind, day)) => {
            visit
                .commune
                .write(visit.visitor.by, move |tx| kept::describe(tx, account.uuid(), id, kind, day))
                .await?;
            Ok(Redirect::to("/mon-compte/documents?fait=modification").into_response())
        }
        Err(problems) => {
            let page = visit.page;
            let template = One {
                row: Row::new(&page, &kept, today, zone),
                kinds: kinds(&page, &typed.kind),
                typed,
                problems,
                page,
            };
            render_as(StatusCode::UNPROCESSABLE_ENTITY, &template)
        }
    }
}

pub(super) async fn content(visit: Visit, Path(document): Path<String>) -> Result {
    owner(&visit.visitor)?;
    let (kept, ..) = found(&visit, id_of(&document)?).await?;
    stream(&visit.commune, kept.document).await
}

pub(super) async fn remove(visit: Visit, Path(document): Path<String>) -> Result {
    let account = owner(&visit.visitor)?;
    let id = id_of(&document)?;
    let gone = visit.commune.write(visit.visitor.by, move |tx| kept::forget(tx, account.uuid(), id)).await?;
    if !gone {
        return Err(WebError::not_found());
    }
    Ok(Redirect::to("/mon-compte/documents?fait=retrait").into_response())
}
