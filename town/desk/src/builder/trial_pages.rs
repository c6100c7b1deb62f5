//! The trials of a procedure: what they say of the draft, recorded again or given up.

use askama::Template;
use axum::extract::{Path, Query};
use beffroi_core::{Channel, Id};
use beffroi_forms::CompiledForm;
use beffroi_people::Town;
use beffroi_web::{FormPost, Page, Result, WebError, render};
use serde::Deserialize;

use super::{
    base, commands, open, store, to,
    trials::{self, Expected},
};
use crate::{public::when, visit::Visit};

struct Row {
    id: String,
    name: String,
    /// Accepted, or refused with how many faults.
    outcome: String,
    recorded: String,
    differences: Vec<String>,
    /// Where it is filled in further; `""` where it has all its answers.
    complete: String,
    /// Where the steps of its case are gone through, and the words of that; `""` where it has none.
    steps: (String, String),
    /// How many things were done with its case.
    played: String,
    /// Whether what comes of it now can be taken for right.
    acceptable: bool,
}

#[derive(Template)]
#[template(path = "builder/trials.html")]
struct Trials {
    page: Page,
    base: String,
    procedure: String,
    rows: Vec<Row>,
    ready: bool,
    said: String,
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    fait: String,
}

pub(super) async fn list(
    Visit { commune, visitor, page, .. }: Visit,
    Path(draft): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let (open, kept, agents, zone) = commune
        .read(visitor.by, move |tx| {
            let open = open(tx, &who, &draft)?;
            let kept = store::trials(tx, &open.kept.slug)?;
            let agents = beffroi_people::account::agents(tx)?;
            Ok::<_, WebError>((open, kept, agents, Town::load(tx)?.zone()))
        })
        .await?;
    let form = CompiledForm::compile(open.procedure.clone()).ok();
    let base = base(open.kept.id);
    let rows = kept.iter().map(|kept| {
        let trial = trials::read(kept);
        let refused = trial.as_ref().map(|trial| trial.expected.refused.len()).unwrap_or_default();
        let n = i64::try_from(refused).unwrap_or_default();
        let at = when(kept.recorded_at, zone, page.language());
        let name = agents.iter().find(|agent| Some(agent.id) == kept.recorded_by);
        Row {
            id: kept.id.to_string(),
            name: kept.name.clone(),
            outcome: page.tr("office-builder-trial-outcome", &[("n", n.into())]),
            recorded: match name {
                Some(agent) => page.tr(
                    "office-builder-changed-by",
                    &[("at", at.into()), ("name", agent.display_name.clone().into())],
                ),
                None => at,
            },
            complete: match (&form, &trial) {
                (Some(form), Some(trial)) if trial.lacks_answers(form) => {
                    let door = if trial.channel == Channel::Counter { "&porte=counter" } else { "" };
                    format!("{base}/apercu/ecran?essai=oui{door}&reprendre={}", kept.id)
                }
                _ => String::new(),
            },
            steps: match (&form, &trial) {
                (Some(_), Some(trial)) if trial.expected.refused.is_empty() => {
                    let key = if trial.steps.is_empty() { "begin" } else { "again" };
                    let label = page.t(&format!("office-builder-trial-steps-{key}")).to_owned();
                    (format!("{base}/essais/{}/etapes", kept.id), label)
                }
                _ => (String::new(), String::new()),
            },
            played: match trial.as_ref().map(|trial| i64::try_from(trial.steps.len()).unwrap_or_default()) {
                None | Some(0) => String::new(),
                Some(n) => page.tr("office-builder-trial-steps-count", &[("n", n.into())]),
            },
            acceptable: match (&form, &trial) {
                (Some(form), Some(trial)) => !trial.lacks_answers(form) && !trial.is_stopped(form),
                _ => false,
            },
            differences: match (&form, trial) {
                (Some(form), Some(trial)) => trial.differences(form),
                (_, None) => vec![page.t("office-builder-trial-unread").to_owned()],
                (None, _) => Vec::new(),
            },
        }
    });
    let rows: Vec<Row> = rows.collect();
    let said = match asked.fait.as_str() {
        "enregistre" => page.t("office-builder-done-recorded").to_owned(),
        "accepte" => page.t("office-builder-done-accepted").to_owned(),
        "etapes" => page.t("office-builder-done-rehearsed").to_owned(),
        "retire" => page.t("office-builder-done-trial-removed").to_owned(),
        _ => String::new(),
    };
    render(&Trials {
        ready: form.is_some() && !open.procedure.form.pages.is_empty(),
        procedure: open.procedure.title.fr.clone(),
        base,
        rows,
        said,
        page,
    })
}

pub(super) async fn act(
    Visit { commune, visitor, .. }: Visit,
    Path(draft): Path<String>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let (base, done) = commune
        .write(visitor.by, move |tx| {
            let open = open(tx, &who, &draft)?;
            let (wish, id) = form.text("do").split_once(':').ok_or_else(WebError::bad_request)?;
            let id: Id<store::Trial> = id.parse().map_err(|_| WebError::not_found())?;
            let done = match wish {
                "remove" => {
                    commands::forget_trial(tx, &open.permit, &open.kept, id)?;
                    "retire"
                }
                "accept" => {
                    let kept = store::trials(tx, &open.kept.slug)?;
                    let kept = kept.into_iter().find(|kept| kept.id == id).ok_or_else(WebError::not_found)?;
                    let mut trial = trials::read(&kept).ok_or_else(WebError::conflict)?;
                    let form =
                        CompiledForm::compile(open.procedure.clone()).map_err(|_| WebError::conflict())?;
                    // What lacks answers is filled in further: a missing answer is no result to expect.
                    if trial.lacks_answers(&form) || trial.is_stopped(&form) {
                        return Err(WebError::conflict());
                    }
                    trial.expected = Expected::of(&form, &trial.run(&form));
                    trial.steps = trial.replayed(&form);
                    let content = serde_json::to_value(&trial).map_err(WebError::internal)?;
                    commands::accept_trial(tx, &open.permit, &open.kept, (id, &content))?;
                    "accepte"
                }
                _ => return Err(WebError::bad_request()),
            };
            Ok::<_, WebError>((base(open.kept.id), done))
        })
        .await?;
    Ok(to(&format!("{base}/essais?fait={done}")))
}
