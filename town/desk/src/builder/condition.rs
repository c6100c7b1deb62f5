//! A condition, clicked together line by line, or written.

use axum::{
    extract::{Path, Query},
    http::StatusCode,
};
use beffroi_forms::{Lines, Procedure, Spot, Subject};
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as, render};
use serde::Deserialize;

use super::{
    base, commands,
    condition_view::{ConditionView, Mode, Typed},
    open,
    part_page::{Verdict, colleague},
    parts::{Gap, put},
    report, to,
};
use crate::visit::Visit;

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    lieu: String,
    #[serde(default)]
    mode: String,
}

/// Whether there is such a spot, or there may be: a check that is still to come.
fn exists(procedure: &Procedure, spot: &Spot) -> bool {
    match spot {
        Spot::FormCheck(rank) => *rank <= procedure.form.checks.len(),
        Spot::LimitWhen(rank) | Spot::LimitMost(rank) => *rank < procedure.limits.len(),
        Spot::PageShow(page) => procedure.form.pages.iter().any(|found| found.id == *page),
        Spot::Check { field, rank } => {
            procedure.place(field).is_some_and(|place| *rank <= place.field.checks.len())
        }
        Spot::Show(field) | Spot::Required(field) => procedure.place(field).is_some(),
        Spot::StepWhen(step) => procedure.step(step).is_some(),
        Spot::ActionWhen { step, action } => procedure.action(step, action).is_some(),
        Spot::Compute(_) => false,
    }
}

/// Where one goes back to.
pub(super) fn back(base: &str, spot: &Spot) -> String {
    match spot {
        Spot::PageShow(page) => format!("{base}/pages/{page}"),
        Spot::LimitWhen(rank) | Spot::LimitMost(rank) => format!("{base}/limites/{rank}"),
        Spot::FormCheck(_) => format!("{base}#regles"),
        Spot::StepWhen(step) => format!("{base}/etapes/{step}"),
        Spot::ActionWhen { step, action } => format!("{base}/etapes/{step}/actions/{action}"),
        _ => format!("{base}/questions/{}", spot.field().unwrap_or_default()),
    }
}

/// The message of a check.
fn message(procedure: &Procedure, spot: &Spot) -> String {
    match spot {
        Spot::FormCheck(rank) => procedure.form.checks.get(*rank).map(|check| check.message.fr.clone()),
        Spot::Check { field, rank } => procedure
            .place(field)
            .and_then(|place| place.field.checks.get(*rank).map(|check| check.message.fr.clone())),
        _ => None,
    }
    .unwrap_or_default()
}

/// The field beside which a check upon several answers speaks.
fn beside(procedure: &Procedure, spot: &Spot) -> String {
    match spot {
        Spot::FormCheck(rank) => procedure.form.checks.get(*rank).and_then(|check| check.field.clone()),
        _ => None,
    }
    .unwrap_or_default()
}

/// What is there, in short.
fn seen(procedure: &Procedure, spot: &Spot) -> String {
    let mut filled = super::fill::Filled::default();
    filled.set("source", procedure.expression(spot).unwrap_or_default());
    filled.set("message", message(procedure, spot));
    filled.set("beside", beside(procedure, spot));
    filled.fingerprint()
}

/// What is kept, as the form shows it.
fn typed(procedure: &Procedure, spot: &Spot, subjects: &[Subject], mode: &str) -> Typed {
    let source = procedure.expression(spot).filter(|source| *source != "false").unwrap_or_default();
    let lines = if source.is_empty() { None } else { Lines::of(source, subjects) };
    let text = mode == "texte" || (!source.is_empty() && lines.is_none());
    let mut typed = Typed::of_lines(lines.as_ref(), subjects);
    typed.mode = if text { Mode::Text } else { Mode::Lines };
    source.clone_into(&mut typed.source);
    typed.message = message(procedure, spot);
    typed.beside = beside(procedure, spot);
    typed
}

pub(super) async fn show(
    Visit { commune, visitor, page, .. }: Visit,
    Path(draft): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let open = commune.read(visitor.by, move |tx| open(tx, &who, &draft)).await?;
    let spot = Spot::from_word(&asked.lieu).filter(|spot| exists(&open.procedure, spot));
    let spot = spot.ok_or_else(WebError::not_found)?;
    let subjects = open.procedure.subjects(&spot);
    let typed = typed(&open.procedure, &spot, &subjects, &asked.mode);
    let seen = seen(&open.procedure, &spot);
    let mut view =
        ConditionView::new(page, &base(open.kept.id), &open.procedure, &spot, (&subjects, &typed), seen);
    if open.procedure.expression(&spot).is_some() {
        let flaws = report::flaws_at(&open.procedure, &open.procedure.place_of(&spot));
        view.flaws = flaws.into_iter().map(Gap::here).collect();
    }
    render(&view)
}

/// What was typed as an expression; else what is wrong with it, and where.
fn source(page: &Page, procedure: &Procedure, spot: &Spot, typed: &mut Typed) -> Option<String> {
    let subjects = procedure.subjects(spot);
    if typed.mode == Mode::Text {
        let source = typed.source.trim().to_owned();
        if source.is_empty() {
            typed.wrong("source", page.t("office-builder-wrong-source"));
            return None;
        }
        return Some(source);
    }
    let lines = typed.lines(&subjects, page)?;
    if lines.lines.is_empty() {
        typed.wrong("line-0-subject", page.t("office-builder-wrong-subject"));
        return None;
    }
    // What was not changed stays as it was written.
    if let Some(kept) = procedure.expression(spot)
        && Lines::of(kept, &subjects).as_ref() == Some(&lines)
    {
        return Some(kept.to_owned());
    }
    match lines.to_cel(&subjects) {
        Ok(source) => Some(source),
        Err(rank) => {
            let row = typed.row_of(rank);
            typed.wrong(&format!("line-{row}-value"), page.t("office-builder-wrong-value"));
            None
        }
    }
}

/// The procedure with this condition at the spot.
fn with(procedure: &Procedure, spot: &Spot, source: Option<String>, typed: &Typed) -> Procedure {
    let mut next = procedure.clone();
    let cleared = source.is_none();
    next.set_expression(spot, source);
    let check = match spot {
        Spot::FormCheck(rank) => next.form.checks.get_mut(*rank),
        Spot::Check { field, rank } => next.field_mut(field).and_then(|field| field.checks.get_mut(*rank)),
        _ => None,
    };
    if let Some(check) = check.filter(|_| !cleared) {
        put(&mut check.message, typed.message.trim());
        if matches!(spot, Spot::FormCheck(_)) {
            check.field = Some(typed.beside.clone()).filter(|name| !name.is_empty());
        }
    }
    next
}

pub(super) async fn save(
    Visit { commune, visitor, page, .. }: Visit,
    Path(draft): Path<String>,
    Query(asked): Query<Asked>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let mut typed = Typed::of_form(&form);
    let arranged = typed.arrange(&form);
    let clear = form.get("clear").is_some();
    let spot = Spot::from_word(&asked.lieu).ok_or_else(WebError::not_found)?;
    let (told_page, at, known) = (page.clone(), spot.clone(), form.text("seen").to_owned());
    let (open, typed, verdict, name) = commune
        .write(visitor.by, move |tx| {
            let open = open(tx, &who, &draft)?;
            if !exists(&open.procedure, &at) {
                return Err(WebError::not_found());
            }
            if arranged {
                return Ok((open, typed, Verdict::Wrong, String::new()));
            }
            if seen(&open.procedure, &at) != known {
                let name = colleague(tx, &told_page, open.kept.changed_by)?;
                return Ok((open, typed, Verdict::Overtaken(None), name));
            }
            let source = if clear {
                None
            } else {
                match source(&told_page, &open.procedure, &at, &mut typed) {
                    Some(source) => Some(source),
                    None => return Ok((open, typed, Verdict::Wrong, String::new())),
                }
            };
            let next = with(&open.procedure, &at, source, &typed);
            let flaws = if clear { Vec::new() } else { report::flaws_at(&next, &next.place_of(&at)) };
            let control = if typed.mode == Mode::Text { "source" } else { "line-0-subject" };
            for flaw in flaws {
                let silent = typed.message.trim().is_empty() && typed.speaks(&at);
                typed.wrong(if silent { "message" } else { control }, flaw);
            }
            if typed.speaks(&at) && matches!(at, Spot::FormCheck(_)) && typed.beside.is_empty() && !clear {
                typed.wrong("beside", told_page.t("office-builder-wrong-beside"));
            }
            if !typed.problems.is_empty() {
                return Ok((open, typed, Verdict::Wrong, String::new()));
            }
            commands::change(tx, &open.permit, &open.kept, &next)?;
            Ok((open, typed, Verdict::Kept, String::new()))
        })
        .await?;
    let base = base(open.kept.id);
    let subjects = open.procedure.subjects(&spot);
    let (status, seen) = match &verdict {
        Verdict::Kept => return Ok(to(&back(&base, &spot))),
        Verdict::Wrong if arranged => (StatusCode::OK, form.text("seen").to_owned()),
        Verdict::Wrong => (StatusCode::UNPROCESSABLE_ENTITY, form.text("seen").to_owned()),
        Verdict::Overtaken(_) => (StatusCode::CONFLICT, seen(&open.procedure, &spot)),
    };
    let mut view = ConditionView::new(page, &base, &open.procedure, &spot, (&subjects, &typed), seen);
    if matches!(verdict, Verdict::Overtaken(_)) {
        view.overtaken = view.page.tr("office-builder-overtaken", &[("name", name.into())]);
    }
    render_as(status, &view)
}
