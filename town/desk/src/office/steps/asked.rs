//! An opinion that a department of the town is asked for: what is shared with it, and its answer.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_cases::{
    Access, CaseError, LONGEST_TEXT, Right,
    advice::{self, Opinion, State, View as Said},
    case::{self, Case},
};
use beffroi_core::{
    Id,
    calendar::{civil_day, long_date},
};
use beffroi_documents::Document;
use beffroi_people::Town;
use beffroi_store::Tx;
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as};

use super::share::{self, View};
use crate::{
    office::{consulted, entitled},
    problem::Problem,
    public::stream,
    visit::{Visit, case_error},
};

struct Choice {
    value: &'static str,
    label: String,
    hint: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "office/opinion.html")]
struct AskedPage {
    page: Page,
    action: String,
    problems: Vec<Problem>,
    shared: View,
    question: String,
    due: String,
    late: bool,
    awaited: bool,
    views: Vec<Choice>,
    words: String,
    given: String,
}

impl AskedPage {
    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// The opinion and its case, for who handles the cases of the department that is asked.
fn held(tx: &mut Tx<'_>, access: &Access, id: &str) -> Result<(Opinion, Case)> {
    let id: Id<Opinion> = id.parse().map_err(|_| WebError::not_found())?;
    let opinion = advice::find(tx, id)?.ok_or_else(WebError::not_found)?;
    let place = opinion.department.as_deref().ok_or_else(WebError::not_found)?;
    if !access.allows(Right::Read, place) {
        return Err(WebError::not_found());
    }
    let case = case::find(tx, opinion.case).map_err(case_error)?.ok_or_else(WebError::not_found)?;
    if !case.state.is_open() && opinion.state != State::Given {
        return Err(WebError::not_found());
    }
    Ok((opinion, case))
}

pub(super) async fn show(visit: Visit, Path(id): Path<String>) -> Result {
    page_of(visit, id, StatusCode::OK, Vec::new(), FormPost::default()).await
}

async fn page_of(
    visit: Visit,
    id: String,
    status: StatusCode,
    problems: Vec<Problem>,
    typed: FormPost,
) -> Result {
    let Visit { desk, commune, visitor, page, .. } = visit;
    let who = visitor.require()?.clone();
    let lang = page.language();
    let base = format!("/agents/avis/{id}");
    let action = base.clone();
    let (opinion, open, shared, today) = commune
        .write(visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            let (opinion, case) = held(tx, &access, &id)?;
            consulted(tx, case.id, &who)?;
            let shared = share::view(tx, &desk, &opinion, &case, &base, lang)?;
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            Ok::<_, WebError>((opinion, case.state.is_open(), shared, today))
        })
        .await?;
    let view = |view: Said, key: &str| Choice {
        value: view.as_str(),
        label: page.t(key).to_owned(),
        hint: String::new(),
        chosen: typed.text("sens") == view.as_str(),
    };
    let given = match opinion.view {
        Some(said) => page.t(&format!("office-advice-{}", said.as_str())).to_owned(),
        None => String::new(),
    };
    let template = AskedPage {
        views: vec![
            view(Said::Favourable, "office-advice-favourable"),
            view(Said::WithReserves, "office-advice-with-reserves"),
            view(Said::Unfavourable, "office-advice-unfavourable"),
        ],
        due: long_date(opinion.due_on, lang),
        late: opinion.is_late(today),
        awaited: open && opinion.state == State::Awaited,
        words: if given.is_empty() { typed.text("mots").to_owned() } else { opinion.words },
        question: opinion.question,
        given,
        action,
        problems,
        shared,
        page,
    };
    render_as(status, &template)
}

/// What is wrong with an answer: the control, and the key of what is said.
pub(crate) fn read(
    form: &FormPost,
) -> std::result::Result<(Said, String), Vec<(&'static str, &'static str)>> {
    let mut wrong = Vec::new();
    let said = Said::from_word(form.text("sens"));
    let words = form.text("mots").to_owned();
    if said.is_none() {
        wrong.push(("sens", "desk-advice-missing-view"));
    }
    if words.is_empty() && said.is_some_and(|said| said != Said::Favourable) {
        wrong.push(("mots", "desk-advice-missing-words"));
    }
    if words.chars().count() > LONGEST_TEXT {
        wrong.push(("mots", "desk-message-long"));
    }
    match said.filter(|_| wrong.is_empty()) {
        Some(said) => Ok((said, words)),
        None => Err(wrong),
    }
}

/// The department answers.
pub(super) async fn answer(visit: Visit, Path(id): Path<String>, form: FormPost) -> Result {
    let who = visit.visitor.require()?.clone();
    let (read, asked) = (read(&form), id.clone());
    let tried = visit
        .commune
        .write(visit.visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            let (opinion, _) = held(tx, &access, &asked)?;
            let (said, words) = match read {
                Ok(read) => read,
                Err(wrong) => return Ok(Err((StatusCode::UNPROCESSABLE_ENTITY, wrong))),
            };
            match advice::answer_inside(tx, &access, opinion.id, who.account.uuid(), said, &words) {
                Ok(_) => Ok(Ok(())),
                Err(CaseError::WrongState(_)) => {
                    Ok(Err((StatusCode::CONFLICT, vec![("etat", "desk-advice-overtaken")])))
                }
                Err(error) => Err(case_error(error)),
            }
        })
        .await?;
    let (status, wrong) = match tried {
        Ok(()) => return Ok(Redirect::to("/agents/taches?fait=avis-rendu").into_response()),
        Err(wrong) => wrong,
    };
    let limit = [("limit", LONGEST_TEXT.into())];
    let problems = wrong.into_iter();
    let problems = problems
        .map(|(field, key)| Problem { field: field.to_owned(), message: visit.page.tr(key, &limit) })
        .collect();
    page_of(visit, id, status, problems, form).await
}

pub(super) async fn document(
    Visit { commune, visitor, .. }: Visit,
    Path((id, document)): Path<(String, String)>,
) -> Result {
    let who = visitor.require()?.clone();
    let found = commune
        .write(visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            let document: Id<Document> = document.parse().map_err(|_| WebError::not_found())?;
            let (opinion, case) = held(tx, &access, &id)?;
            let found = share::document(tx, &opinion, &case, document)?;
            consulted(tx, case.id, &who)?;
            Ok::<_, WebError>(found)
        })
        .await?;
    stream(&commune, found).await
}
