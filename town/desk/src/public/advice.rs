//! An opinion that the town asks of somebody outside: they come by a personal link, see what was shared with them and
//! nothing else, and answer once, without an account.

use askama::Template;
use axum::{
    extract::{Path, Query, Request},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_cases::{
    CaseError, LONGEST_TEXT,
    advice::{self, State, View as Said},
};
use beffroi_core::{
    Id,
    calendar::{civil_day, long_date},
};
use beffroi_documents::{Document, Gate};
use beffroi_people::Town;
use beffroi_web::{FormPost, Page, Purpose, Result, WebError, page::render_as};
use serde::Deserialize;

use super::{stream, upload};
use crate::{
    control::Kept,
    office::steps::{
        asked,
        share::{self, View},
    },
    papers::Stationery,
    problem::Problem,
    visit::{Visit, case_error},
};

/// Files that come with one opinion, at most.
const FILES_AT_MOST: i64 = 10;

#[derive(Deserialize)]
pub(super) struct Just {
    #[serde(default)]
    fait: String,
}

struct Choice {
    value: &'static str,
    label: String,
    hint: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "public/advice.html")]
struct OpinionPage {
    page: Page,
    action: String,
    problems: Vec<Problem>,
    /// It was just sent.
    sent: bool,
    expert: String,
    town: String,
    contact: String,
    question: String,
    due: String,
    late: bool,
    given: bool,
    shared: View,
    views: Vec<Choice>,
    words: String,
    kept: Vec<Kept>,
    /// What files may be, and that they are checked, where they are.
    files_hint: String,
}

impl OpinionPage {
    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

pub(super) async fn show(visit: Visit, Path(secret): Path<String>, Query(just): Query<Just>) -> Result {
    visit.visitor.limit(&visit.app, Purpose::TRACKING)?;
    let opened = secret.clone();
    // The first opening is written down; what opens nothing is not found.
    visit.commune.write(visit.visitor.by, move |tx| advice::opened(tx, &opened).map_err(case_error)).await?;
    let sent = just.fait == "avis";
    page_of(visit, secret, StatusCode::OK, Told { sent, ..Told::default() }).await
}

/// What the page says beside the question.
#[derive(Default)]
struct Told {
    sent: bool,
    problems: Vec<Problem>,
    typed: FormPost,
}

async fn page_of(visit: Visit, secret: String, status: StatusCode, told: Told) -> Result {
    let Visit { desk, commune, visitor, page, .. } = visit;
    let lang = page.language();
    let action = format!("/consultation/{secret}");
    let mut files_hint = page.t("desk-advice-files-hint").to_owned();
    if desk.gate == Gate::Guarded {
        files_hint = format!("{files_hint} {}", page.t("desk-advice-files-checked"));
    }
    let base = action.clone();
    let (opinion, mut shared, stationery, today) = commune
        .read(visitor.by, move |tx| {
            let (opinion, case) =
                advice::open(tx, &secret).map_err(case_error)?.ok_or_else(WebError::not_found)?;
            let shared = share::view(tx, &desk, &opinion, &case, &base, lang)?;
            let stationery = Stationery::load(tx, &case.department)?;
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            Ok::<_, WebError>((opinion, shared, stationery, today))
        })
        .await?;
    let given = opinion.state != State::Awaited;
    if given {
        // Whoever has answered needs the case no more.
        (shared.lines, shared.papers) = (Vec::new(), Vec::new());
    }
    let view = |view: Said, key: &str| Choice {
        value: view.as_str(),
        label: page.t(key).to_owned(),
        hint: String::new(),
        chosen: told.typed.text("sens") == view.as_str(),
    };
    let template = OpinionPage {
        views: vec![
            view(Said::Favourable, "desk-advice-favourable"),
            view(Said::WithReserves, "desk-advice-with-reserves"),
            view(Said::Unfavourable, "desk-advice-unfavourable"),
        ],
        words: told.typed.text("mots").to_owned(),
        due: long_date(opinion.due_on, lang),
        late: opinion.is_late(today),
        town: stationery.town.name.clone(),
        contact: [stationery.contact().name, stationery.reach()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(", "),
        expert: opinion.expert,
        question: opinion.question,
        sent: told.sent && given,
        problems: told.problems,
        kept: Vec::new(),
        files_hint,
        given,
        shared,
        action,
        page,
    };
    render_as(status, &template)
}

/// The expert answers, perhaps with files.
pub(super) async fn answer(visit: Visit, Path(secret): Path<String>, request: Request) -> Result {
    visit.visitor.limit(&visit.app, Purpose::SUBMIT)?;
    let asked_for = secret.clone();
    // Whoever has no link sends no files.
    let known = visit
        .commune
        .read(visit.visitor.by, move |tx| advice::open(tx, &asked_for).map_err(case_error))
        .await?;
    known.ok_or_else(WebError::not_found)?;
    let posted = upload::receive(request, &visit.commune, visit.visitor.lang).await?;
    let read = asked::read(&posted.fields);
    let limit = [("limit", LONGEST_TEXT.into())];
    let mut problems = Problem::all(&posted.refused, "fichiers");
    if i64::try_from(posted.files.len()).unwrap_or(i64::MAX) > FILES_AT_MOST {
        problems.extend(Problem::alone("fichiers", visit.page.t("desk-advice-too-many-files")));
    }
    if let Err(wrong) = &read {
        problems.extend(
            wrong.iter().map(|(field, key)| Problem {
                field: (*field).to_owned(),
                message: visit.page.tr(key, &limit),
            }),
        );
    }
    let (said, words) = match read {
        Ok(read) if problems.is_empty() => read,
        _ => {
            if !posted.files.is_empty() {
                problems.extend(Problem::alone("fichiers", visit.page.t("desk-advice-files-again")));
            }
            let told = Told { problems, typed: posted.fields, ..Told::default() };
            return page_of(visit, secret, StatusCode::UNPROCESSABLE_ENTITY, told).await;
        }
    };
    let (gate, key, files) = (visit.desk.gate, secret.clone(), posted.files);
    let tried = visit
        .commune
        .write(visit.visitor.by, move |tx| {
            let (opinion, case) = advice::answer_by_link(tx, &key, said, &words)?;
            // Beside the case's own documents: the requester reads those.
            upload::attach(tx, gate, &files, ("opinion", case.id.uuid()), &opinion.id.to_string())?;
            Ok::<_, CaseError>(())
        })
        .await;
    match tried {
        Ok(()) => Ok(Redirect::to(&format!("/consultation/{secret}?fait=avis")).into_response()),
        Err(CaseError::WrongState(_)) => {
            let problems = Problem::alone("etat", visit.page.t("desk-advice-overtaken"));
            let told = Told { problems, typed: posted.fields, ..Told::default() };
            page_of(visit, secret, StatusCode::CONFLICT, told).await
        }
        Err(error) => Err(case_error(error)),
    }
}

/// One of the documents that are shared.
pub(super) async fn document(
    Visit { app, commune, visitor, .. }: Visit,
    Path((secret, document)): Path<(String, String)>,
) -> Result {
    visitor.limit(&app, Purpose::PAPER)?;
    let found = commune
        .read(visitor.by, move |tx| {
            let document: Id<Document> = document.parse().map_err(|_| WebError::not_found())?;
            let (opinion, case) =
                advice::open(tx, &secret).map_err(case_error)?.ok_or_else(WebError::not_found)?;
            if opinion.state != State::Awaited {
                return Err(WebError::not_found());
            }
            share::document(tx, &opinion, &case, document)
        })
        .await?;
    stream(&commune, found).await
}
