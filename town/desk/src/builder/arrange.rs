//! Things of a procedure moved, copied and removed: pages, questions, steps, actions, limits.

use askama::Template;
use axum::extract::{Path, Query};
use beffroi_forms::{FieldPlace, Home, Procedure, Step};
use beffroi_web::{FormPost, Page, Result, WebError, render};
use serde::Deserialize;

use super::{base, commands, open, pages, question_page, questions, to, words};
use crate::visit::Visit;

/// Where a thing is listed: the page or the step of a question (or its group), the step of an action, the overview of
/// a page or a step.
fn listed(base: &str, procedure: &Procedure, what: &str, id: &str) -> String {
    match what {
        "question" => match procedure.place(id) {
            Some(place) => question_page::list_of(base, &place),
            None => format!("{base}#formulaire"),
        },
        "action" => match id.split_once('.') {
            Some((step, _)) => format!("{base}/etapes/{step}#actions"),
            None => format!("{base}#etapes"),
        },
        "etape" => format!("{base}#etapes"),
        _ => format!("{base}#formulaire"),
    }
}

/// Moves or copies a page, a question, a step or an action. What is gone in the meantime stays gone.
pub(super) async fn act(
    Visit { commune, visitor, .. }: Visit,
    Path(draft): Path<String>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let target = commune
        .write(visitor.by, move |tx| {
            let open = open(tx, &who, &draft)?;
            let base = base(open.kept.id);
            let mut next = open.procedure.clone();
            let mut parts = form.text("do").splitn(3, ':');
            let (what, step, id) = (
                parts.next().unwrap_or_default(),
                parts.next().unwrap_or_default(),
                parts.next().unwrap_or_default(),
            );
            let mut target = listed(&base, &open.procedure, what, id);
            match (what, step) {
                ("page", "up") => next.form.move_page(id, Step::Up),
                ("page", "down") => next.form.move_page(id, Step::Down),
                ("page", "copy") => {
                    if let Some(copy) = next.form.copy_page(id) {
                        target = format!("{base}/pages/{copy}");
                    }
                }
                ("question", "up") => next.move_field(id, Step::Up),
                ("question", "down") => next.move_field(id, Step::Down),
                ("question", "copy") => {
                    if let Some(copy) = next.copy_field(id) {
                        target = format!("{base}/questions/{copy}");
                    }
                }
                ("etape", "up") => next.move_step(id, Step::Up),
                ("etape", "down") => next.move_step(id, Step::Down),
                ("action", "up" | "down") => {
                    let way = if step == "up" { Step::Up } else { Step::Down };
                    let (of, action) = id.split_once('.').ok_or_else(WebError::bad_request)?;
                    next.move_action(of, action, way);
                }
                _ => return Err(WebError::bad_request()),
            }
            commands::change(tx, &open.permit, &open.kept, &next)?;
            // A question that went over to the next page is shown where it is now.
            Ok::<_, WebError>(if step == "copy" { target } else { listed(&base, &next, what, id) })
        })
        .await?;
    Ok(to(&target))
}

#[derive(Deserialize)]
pub(super) struct Removed {
    #[serde(default)]
    quoi: String,
    #[serde(default)]
    nom: String,
}

#[derive(Template)]
#[template(path = "builder/remove.html")]
struct Remove {
    page: Page,
    title: String,
    text: String,
    /// Where it is spoken of: address and place.
    mentions: Vec<(String, String)>,
    back: String,
    action: String,
    what: String,
    name: String,
}

/// What would be removed, in words, with the names that go with it.
fn removed(page: &Page, procedure: &Procedure, asked: &Removed) -> Result<(String, Vec<String>)> {
    match asked.quoi.as_str() {
        "page" => {
            let found = pages::page_of(procedure, &asked.nom)?;
            let mut names = Vec::new();
            for place in procedure.form.places() {
                if matches!(place.home, Home::Page(page) if page.id == found.id) {
                    names.push(place.name());
                }
            }
            Ok((words::of_page(page, found), names))
        }
        "question" => {
            let place = procedure.place(&asked.nom).ok_or_else(WebError::not_found)?;
            let mut names = vec![place.name()];
            names.extend(questions::of_group(procedure, &place).iter().map(FieldPlace::name));
            Ok((words::of_field(page, place.field), names))
        }
        "limite" => {
            let rank: usize = asked.nom.parse().map_err(|_| WebError::not_found())?;
            let limit = procedure.limits.get(rank).ok_or_else(WebError::not_found)?;
            Ok((format!("«\u{a0}{}\u{a0}»", limit.id), Vec::new()))
        }
        "etape" => {
            let step = procedure.step(&asked.nom).ok_or_else(WebError::not_found)?;
            Ok((words::of_step(page, step), step.places().map(|place| place.name()).collect()))
        }
        "action" => {
            let found = asked.nom.split_once('.').and_then(|(step, action)| procedure.action(step, action));
            Ok((words::of_action(page, found.ok_or_else(WebError::not_found)?), Vec::new()))
        }
        _ => Err(WebError::not_found()),
    }
}

pub(super) async fn ask_remove(
    Visit { commune, visitor, page, .. }: Visit,
    Path(draft): Path<String>,
    Query(asked): Query<Removed>,
) -> Result {
    let who = visitor.require()?.clone();
    let open = commune.read(visitor.by, move |tx| open(tx, &who, &draft)).await?;
    let base = base(open.kept.id);
    let (what, names) = removed(&page, &open.procedure, &asked)?;
    let mut gone: Vec<String> =
        names.iter().filter_map(|name| open.procedure.place(name)).map(|place| place.at()).collect();
    let mut spoken: Vec<String> = names.iter().flat_map(|name| open.procedure.mentions(name)).collect();
    if asked.quoi == "etape" {
        gone.push(format!("step[{}]", asked.nom));
        spoken.extend(open.procedure.mentions_of_step(&asked.nom));
    }
    let mut mentions: Vec<(String, String)> = Vec::new();
    for at in spoken {
        // What goes with it is not missed.
        if gone.iter().any(|gone| at.starts_with(gone.as_str())) {
            continue;
        }
        let mention =
            (super::report::address(&base, &open.procedure, &at), words::place(&page, &open.procedure, &at));
        if !mentions.contains(&mention) {
            mentions.push(mention);
        }
    }
    render(&Remove {
        title: page.tr(
            "office-builder-remove-title",
            &[("kind", asked.quoi.clone().into()), ("what", words::within(&what).into())],
        ),
        text: page.t("office-builder-remove-text").to_owned(),
        back: match asked.quoi.as_str() {
            "question" => format!("{base}/questions/{}", asked.nom),
            "page" => format!("{base}/pages/{}", asked.nom),
            "etape" => format!("{base}/etapes/{}", asked.nom),
            "action" => listed(&base, &open.procedure, "action", &asked.nom),
            _ => base.clone(),
        },
        action: format!("{base}/supprimer"),
        what: asked.quoi,
        name: asked.nom,
        mentions,
        page,
    })
}

pub(super) async fn remove(
    Visit { commune, visitor, .. }: Visit,
    Path(draft): Path<String>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let target = commune
        .write(visitor.by, move |tx| {
            let open = open(tx, &who, &draft)?;
            let base = base(open.kept.id);
            let (what, name) = (form.text("quoi"), form.text("nom"));
            let target = listed(&base, &open.procedure, what, name);
            let mut next = open.procedure.clone();
            match what {
                "page" => next.form.pages.retain(|page| page.id != name),
                "question" => drop(next.remove_field(name)),
                "etape" => next.steps.retain(|step| step.id != name),
                "action" => {
                    let (step, action) = name.split_once('.').ok_or_else(WebError::bad_request)?;
                    if let Some(step) = next.step_mut(step) {
                        step.actions.retain(|it| it.id != action);
                    }
                }
                "limite" => {
                    let rank: usize = name.parse().map_err(|_| WebError::not_found())?;
                    if rank < next.limits.len() {
                        next.limits.remove(rank);
                    }
                }
                _ => return Err(WebError::bad_request()),
            }
            commands::change(tx, &open.permit, &open.kept, &next)?;
            Ok::<_, WebError>(target)
        })
        .await?;
    Ok(to(&target))
}
