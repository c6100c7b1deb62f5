//! A procedure in the making at a glance: its parts, its pages, its steps, its rules, and what stands against publication.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, Query};
use beffroi_forms::{CaseStep, Procedure, Spot};
use beffroi_web::{Page, Result, WebError, render};
use serde::Deserialize;

use super::{ROOT, base, blocks, commands, open, parts::Part, report, store, to, words};
use crate::{
    office::steps::diagram::{Diagram, Here, diagram},
    visit::Visit,
};

/// A part, as the list shows it.
struct PartRow {
    href: String,
    label: String,
    /// In a few words, what it says.
    value: String,
    gaps: usize,
}

struct PageRow {
    id: String,
    href: String,
    title: String,
    detail: String,
    gaps: usize,
}

struct RuleRow {
    href: String,
    label: String,
    detail: String,
}

#[derive(Template)]
#[template(path = "builder/overview.html")]
struct Overview {
    page: Page,
    base: String,
    title: String,
    slug: String,
    /// « Nouvelle démarche », or « Version 3 de la démarche ».
    version: String,
    sent_back: String,
    proposed: bool,
    said: String,
    parts: Vec<PartRow>,
    pages: Vec<PageRow>,
    steps: Vec<PageRow>,
    /// The way of a case, where it has steps.
    diagram: Option<Diagram>,
    checks: Vec<RuleRow>,
    limits: Vec<RuleRow>,
    next_check: usize,
    next_limit: usize,
    trials: String,
    verdict: String,
    history: String,
    /// Blocks whose copy here is older: name and title.
    updates: Vec<(String, String)>,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    fait: String,
}

/// What a part says, in a few words.
fn told(page: &Page, part: Part, procedure: &Procedure, names: &HashMap<String, String>) -> String {
    match part {
        Part::Head => procedure.summary.fr.clone(),
        Part::Finding => procedure.keywords.join(", "),
        Part::Ways => procedure.ways.iter().map(|way| words::way(page, *way)).collect::<Vec<_>>().join(", "),
        Part::Fee => procedure.cost.fr.clone(),
        Part::Law => procedure.regime.as_ref().map_or_else(String::new, |regime| {
            let silence =
                page.t(&format!("office-builder-law-silence-{}", regime.silence.as_str())).to_owned();
            match regime.term {
                Some(term) => format!("{silence} ({})", term.text(beffroi_core::Lang::Fr)),
                None => silence,
            }
        }),
        Part::Retention => procedure.retention.as_ref().map_or_else(String::new, |retention| {
            page.tr("office-builder-months", &[("n", i64::from(retention.months).into())])
        }),
        Part::Contact => {
            let slug =
                procedure.contact.as_ref().map(|contact| contact.department.as_str()).unwrap_or_default();
            names.get(slug).map_or(slug, String::as_str).to_owned()
        }
        Part::Decision => {
            let form = if procedure.decision.formal { "order" } else { "letter" };
            page.t(&format!("office-builder-decision-form-{form}")).to_owned()
        }
        Part::SignIn => {
            let level = procedure.level().map_or("none", beffroi_core::Assurance::as_str);
            page.t(&format!("office-builder-sign-in-level-{level}")).to_owned()
        }
        Part::Sealed => {
            let key = if procedure.sealed { "office-builder-is-sealed" } else { "office-builder-is-plain" };
            page.t(key).to_owned()
        }
        Part::Booking => {
            words::booked_at(page, procedure.booking.as_ref().map(|booking| booking.at.as_str()))
        }
        Part::Loan => words::lends(page, procedure.loan.is_some()),
        Part::Elsewhere => match &procedure.elsewhere {
            Some(elsewhere) => elsewhere.name.fr.clone(),
            None => page.t("office-builder-is-here").to_owned(),
        },
    }
}

/// The steps, as the list shows them.
fn steps(
    page: &Page,
    base: &str,
    procedure: &Procedure,
    names: &HashMap<String, String>,
    gaps: &dyn Fn(&str) -> usize,
) -> Vec<PageRow> {
    let row = |step: &CaseStep| {
        let count = |key: &str, n: usize| page.tr(key, &[("n", i64::try_from(n).unwrap_or_default().into())]);
        let mut detail: Vec<String> = Vec::new();
        detail.extend(step.department.as_ref().map(|slug| names.get(slug).unwrap_or(slug).clone()));
        if !step.fields.is_empty() {
            detail.push(count("office-builder-questions", step.fields.len()));
        }
        detail.push(count("office-builder-actions-count", step.actions.len()));
        if let Some(source) = &step.when {
            let spot = Spot::StepWhen(step.id.clone());
            let condition = words::condition_at(page, procedure, &spot, source);
            detail.push(page.tr("office-builder-offered-if", &[("condition", condition.into())]));
        }
        PageRow {
            href: format!("{base}/etapes/{}", step.id),
            title: if step.label.is_empty() { step.id.clone() } else { step.label.fr.clone() },
            gaps: gaps(&format!("step[{}]", step.id)),
            id: step.id.clone(),
            detail: detail.join(", "),
        }
    };
    procedure.steps.iter().map(row).collect()
}

pub(super) async fn show(
    Visit { commune, visitor, page, .. }: Visit,
    Path(draft): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let (kept, procedure, next, obstacles, trials, blocks, names) = commune
        .read(visitor.by, move |tx| {
            let open = open(tx, &who, &draft)?;
            let next = commands::next_version(tx, &open.kept.slug)?;
            let obstacles = commands::obstacles(tx, &open.procedure)?;
            let trials = store::trials(tx, &open.procedure.slug)?.len();
            let blocks = store::blocks(tx)?;
            let names: HashMap<String, String> = commands::departments(tx)?.into_iter().collect();
            Ok::<_, WebError>((open.kept, open.procedure, next, obstacles, trials, blocks, names))
        })
        .await?;
    let base = base(kept.id);
    let count = |matches: &dyn Fn(&str) -> bool| obstacles.iter().filter(|found| matches(&found.at)).count();
    let parts = Part::ALL.map(|part| PartRow {
        href: format!("{base}/partie/{}", part.word()),
        label: words::part(&page, part),
        value: told(&page, part, &procedure, &names),
        gaps: count(&|at| Part::of_place(at) == Some(part)),
    });
    let pages = procedure.form.pages.iter().map(|form_page| {
        let questions = i64::try_from(form_page.fields.len()).unwrap_or_default();
        let mut detail = page.tr("office-builder-questions", &[("n", questions.into())]);
        if let Some(show) = &form_page.show {
            let condition = words::condition(&page, &procedure, show);
            detail = format!(
                "{detail}. {}",
                page.tr("office-builder-shown-if", &[("condition", condition.into())])
            );
        }
        PageRow {
            href: format!("{base}/pages/{}", form_page.id),
            title: if form_page.title.is_empty() { form_page.id.clone() } else { form_page.title.fr.clone() },
            gaps: count(&|at| report::page_at(at) == Some(form_page.id.as_str())),
            id: form_page.id.clone(),
            detail,
        }
    });
    let pages = pages.collect();
    let steps = steps(&page, &base, &procedure, &names, &|begin| count(&|at| at.starts_with(begin)));
    let diagram = (!procedure.steps.is_empty()).then(|| diagram(&page, &procedure, &Here::Nowhere, &names));
    let checks = procedure.form.checks.iter().enumerate().map(|(rank, check)| RuleRow {
        href: format!("{base}/condition?lieu=form.check.{rank}"),
        label: check.message.fr.clone(),
        detail: words::condition(&page, &procedure, &check.when),
    });
    let limits = procedure.limits.iter().enumerate().map(|(rank, limit)| RuleRow {
        href: format!("{base}/limites/{rank}"),
        label: limit.id.clone(),
        detail: limit.message.fr.clone(),
    });
    let (checks, limits) = (checks.collect(), limits.collect());
    let against = obstacles.len();
    let n = i64::try_from(against).unwrap_or_default();
    let said = match asked.fait.as_str() {
        "proposee" => page.t("office-builder-done-proposed").to_owned(),
        "renvoyee" => page.t("office-builder-done-sent-back").to_owned(),
        "essai" => page.t("office-builder-done-recorded").to_owned(),
        _ => String::new(),
    };
    render(&Overview {
        version: if next > 1 {
            page.tr("office-builder-next-version", &[("n", i64::from(next).into())])
        } else {
            page.t("office-builder-new").to_owned()
        },
        verdict: page.tr("office-builder-against", &[("n", n.into())]),
        trials: page
            .tr("office-builder-trials-count", &[("n", i64::try_from(trials).unwrap_or_default().into())]),
        title: if procedure.title.is_empty() { kept.slug.clone() } else { procedure.title.fr.clone() },
        history: if next > 1 { format!("{ROOT}/offertes/{}", kept.slug) } else { String::new() },
        next_check: procedure.form.checks.len(),
        next_limit: procedure.limits.len(),
        updates: blocks::outdated(&blocks, &procedure)
            .into_iter()
            .map(|block| (block.name.clone(), block.title.clone()))
            .collect(),
        proposed: kept.proposed_at.is_some(),
        sent_back: kept.sent_back,
        slug: kept.slug,
        parts: parts.into(),
        pages,
        steps,
        diagram,
        checks,
        limits,
        said,
        base,
        page,
    })
}

#[derive(Template)]
#[template(path = "builder/discard.html")]
struct Discard {
    page: Page,
    title: String,
    text: String,
    back: String,
    action: String,
    button: String,
}

pub(super) async fn ask_discard(
    Visit { commune, visitor, page, .. }: Visit,
    Path(draft): Path<String>,
) -> Result {
    let who = visitor.require()?.clone();
    let open = commune.read(visitor.by, move |tx| open(tx, &who, &draft)).await?;
    let base = base(open.kept.id);
    render(&Discard {
        title: page.tr("office-builder-discard-title", &[("name", open.kept.title.into())]),
        text: page.t("office-builder-discard-text").to_owned(),
        button: page.t("office-builder-discard").to_owned(),
        action: format!("{base}/abandon"),
        back: base,
        page,
    })
}

pub(super) async fn discard(Visit { commune, visitor, .. }: Visit, Path(draft): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    commune
        .write(visitor.by, move |tx| {
            let open = open(tx, &who, &draft)?;
            Ok::<_, WebError>(commands::discard(tx, &open.permit, &open.kept)?)
        })
        .await?;
    Ok(to(&format!("{ROOT}?fait=abandon")))
}
