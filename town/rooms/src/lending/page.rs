//! The page of a loan: how many pieces of what are lent, for which days, and what others leave of them. An agent lends
//! other pieces than were asked for, and notes that all came back.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::{
    claims::ClaimError,
    lending::{self, State},
    resource::Resource,
};
use beffroi_core::Id;
use beffroi_web::{CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError, page::render_as};
use serde::Deserialize;

use super::{
    LOANS, href,
    known::{self, Known, period},
    typed::{self, Wrong},
};

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    fait: String,
}

/// Something that is lent, or may be.
struct Line {
    id: String,
    label: String,
    hint: String,
    value: String,
    error: String,
}

#[derive(Template)]
#[template(path = "loan.html")]
struct LoanPage {
    page: Page,
    title: String,
    back: String,
    action: String,
    case: String,
    reference: String,
    period: String,
    state: String,
    /// What an agent must see to; `""` for nothing.
    warning: String,
    done: String,
    lines: Vec<Line>,
    /// Whether pieces and days may be changed.
    may_change: bool,
    /// Whether pieces are taken, and may come back.
    may_return: bool,
    form: FormPost,
    problems: Vec<Problem>,
}

impl LoanPage {
    fn text(&self, name: &str) -> &str {
        self.form.text(name)
    }

    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

pub(super) async fn show(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let (_, known) = commune.read(visitor.by, move |tx| Known::load(tx, &who, &id)).await?;
    let form = typed::fields(&known);
    shown(page, StatusCode::OK, &known, form, Vec::new(), &asked.fait)
}

/// What came of it.
enum Outcome {
    Kept(Box<Known>),
    Wrong(Box<Known>, Vec<Wrong>),
    /// These are not left for those days, of which so many are.
    Short(Box<Known>, Vec<(Id<Resource>, u32)>),
}

pub(super) async fn change(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(id): Path<String>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let typed = form.clone();
    let came = commune
        .write(visitor.by, move |tx| {
            let (_, mut known) = Known::load(tx, &who, &id)?;
            let (span, things) = match typed::read(&typed, &known.items, known.zone) {
                Ok(read) => read,
                Err(wrong) => return Ok::<_, WebError>(Outcome::Wrong(Box::new(known), wrong)),
            };
            match lending::change(tx, &known.loan, span, &things) {
                Ok(true) => Ok(Outcome::Kept(Box::new(known))),
                Ok(false) => Err(WebError::conflict()),
                Err(ClaimError::Store(error)) => Err(error.into()),
                Err(ClaimError::Taken(wishes)) => {
                    // What is left for the days that were typed, not for those of before.
                    known.left = known::left(tx, &known.items, span, &known.loan)?;
                    let left: BTreeMap<Id<Resource>, u32> = known.left.clone();
                    let short = wishes
                        .iter()
                        .map(|wish| (wish.resource, left.get(&wish.resource).copied().unwrap_or_default()));
                    Ok(Outcome::Short(Box::new(known), short.collect()))
                }
                Err(ClaimError::Unknown(_) | ClaimError::TooMany) => {
                    let wrong = vec![("du".to_owned(), "planning-lending-wrong-too-many")];
                    Ok(Outcome::Wrong(Box::new(known), wrong))
                }
            }
        })
        .await?;
    match came {
        Outcome::Kept(known) => {
            Ok(Redirect::to(&format!("{}?fait=garde", href(known.loan.id))).into_response())
        }
        Outcome::Wrong(known, wrong) => {
            let problems = wrong
                .into_iter()
                .map(|(field, key)| Problem { field, message: page.t(key).to_owned() })
                .collect();
            shown(page, StatusCode::UNPROCESSABLE_ENTITY, &known, form, problems, "")
        }
        Outcome::Short(known, short) => {
            let problem = |(id, left): (Id<Resource>, u32)| {
                let item = known.items.iter().find(|item| item.resource.id == id)?;
                let name = item.resource.details.name.fr.clone();
                let variables = [("name", name.into()), ("n", left.into())];
                let message = page.tr("planning-lending-short", &variables);
                Some(Problem { field: typed::field(item), message })
            };
            let problems = short.into_iter().filter_map(problem).collect();
            shown(page, StatusCode::CONFLICT, &known, form, problems, "")
        }
    }
}

/// All of it came back, or is needed no more.
pub(super) async fn give_back(commune: CommuneOf, visitor: Visitor, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let loan = commune
        .write(visitor.by, move |tx| {
            let (_, known) = Known::load(tx, &who, &id)?;
            if lending::give_back(tx, &known.loan)? {
                Ok::<_, WebError>(known.loan.id)
            } else {
                Err(WebError::conflict())
            }
        })
        .await?;
    Ok(Redirect::to(&format!("{}?fait=rendu", href(loan))).into_response())
}

fn shown(
    page: Page,
    status: StatusCode,
    known: &Known,
    form: FormPost,
    problems: Vec<Problem>,
    done: &str,
) -> Result {
    let loan = &known.loan;
    let line = |item: &lending::Item| {
        let id = typed::field(item);
        let left = known.left.get(&item.resource.id).copied().unwrap_or_default();
        Line {
            label: item.resource.details.name.fr.clone(),
            hint: page.tr("planning-lending-left", &[("n", left.into())]),
            value: form.text(&id).to_owned(),
            error: Problem::beside(&problems, &id),
            id,
        }
    };
    let lines = known.items.iter().map(line).collect();
    let is_late = loan.state == State::Firm && loan.span.end() <= known.now;
    let warning = match loan.state {
        State::Overtaken => page.t("planning-lending-overtaken").to_owned(),
        _ if is_late => page.t("planning-lending-late-about").to_owned(),
        _ => String::new(),
    };
    let done = match done {
        "garde" | "rendu" => page.t(&format!("planning-lending-done-{done}")).to_owned(),
        _ => String::new(),
    };
    let template = LoanPage {
        title: page.tr("planning-lending-of", &[("name", known.holder().into())]),
        back: LOANS.to_owned(),
        action: href(loan.id),
        case: format!("/agents/dossiers/{}", known.case.id),
        reference: page.tr("planning-case", &[("reference", known.case.reference.clone().into())]),
        period: period(loan.span, known.zone, page.language()),
        state: page.t(&format!("planning-lending-state-{}", loan.state.as_str())).to_owned(),
        warning,
        done,
        lines,
        may_change: loan.state.takes() || loan.state == State::Overtaken,
        may_return: loan.state == State::Firm,
        form,
        problems,
        page,
    };
    render_as(status, &template)
}
