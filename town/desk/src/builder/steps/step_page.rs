//! The page of one step: what it says of itself, the questions that agents answer in it, and what is done.

use askama::Template;
use axum::{extract::Path, http::StatusCode};
use beffroi_forms::{CaseStep, Deed, Finding, Procedure, Spot, StepAction, new_name};
use beffroi_store::Tx;
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as, render};

use super::{action, step};
use crate::{
    builder::{
        Open, base, commands,
        fill::{Control, Desk, Filled, Shape},
        open,
        part_page::{Verdict, colleague},
        parts::Gap,
        questions::{self, QuestionRow},
        to, words,
    },
    control::Choosable,
    problem::Problem,
    visit::Visit,
};

/// An action in the list.
struct ActionRow {
    /// Its name with its step’s: `visite.message`.
    id: String,
    href: String,
    label: String,
    /// What it does, and when.
    detail: String,
    gaps: usize,
}

#[derive(Template)]
#[template(path = "builder/step.html")]
struct StepView {
    page: Page,
    base: String,
    procedure: String,
    id: String,
    title: String,
    gaps: Vec<Gap>,
    controls: Vec<Control>,
    problems: Vec<Problem>,
    seen: String,
    overtaken: String,
    /// When the step is offered, in words.
    offered: String,
    rows: Vec<QuestionRow>,
    kinds: Vec<Choosable>,
    question: String,
    question_error: String,
    actions: Vec<ActionRow>,
    deeds: Vec<Choosable>,
    deed: String,
    deed_error: String,
}

fn action_row(
    page: &Page,
    base: &str,
    procedure: &Procedure,
    (step, it): (&CaseStep, &StepAction),
    findings: &[Finding],
) -> ActionRow {
    let at = format!("step[{}].action[{}]", step.id, it.id);
    let deed = page.t(&format!("office-builder-deed-{}", it.kind.as_str())).to_owned();
    let days = it.after_days.or(it.before_deemed_days).unwrap_or_default();
    let moment =
        page.tr(&format!("office-builder-action-moment-{}", action::moment(it)), &[("days", days.into())]);
    let mut detail = vec![deed, moment];
    if let Some(source) = &it.when {
        let spot = Spot::ActionWhen { step: step.id.clone(), action: it.id.clone() };
        let condition = words::condition_at(page, procedure, &spot, source);
        detail.push(page.tr("office-builder-open-if", &[("condition", condition.into())]));
    }
    ActionRow {
        href: format!("{base}/etapes/{}/actions/{}", step.id, it.id),
        label: if it.label.is_empty() { it.id.clone() } else { it.label.fr.clone() },
        detail: detail.join(", "),
        gaps: findings.iter().filter(|found| found.at.starts_with(&at)).count(),
        id: format!("{}.{}", step.id, it.id),
    }
}

impl StepView {
    fn new(
        page: Page,
        (base, departments): (String, &[(String, String)]),
        procedure: &Procedure,
        id: &str,
        filled: &Filled,
        seen: String,
    ) -> Result<Self> {
        let found = procedure.step(id).ok_or_else(WebError::not_found)?;
        let inner: Vec<_> = found.places().filter(|place| place.group.is_none()).collect();
        let at = format!("step[{id}]");
        // What its questions and actions lack is told beside them.
        let own = |at: &str| !at.contains(".field[") && !at.contains(".action[");
        let findings = procedure.check();
        let gaps = findings.iter().filter(|found| found.at.starts_with(&at) && own(&found.at));
        let actions =
            found.actions.iter().map(|it| action_row(&page, &base, procedure, (found, it), &findings));
        let deeds = Desk { page: &page, filled, part: "action" };
        Ok(Self {
            gaps: gaps.map(|found| Gap::of(&page, found)).collect(),
            controls: step::controls(&page, filled, (procedure, id), departments),
            offered: match &found.when {
                Some(source) => words::condition_at(&page, procedure, &Spot::StepWhen(id.to_owned()), source),
                None => page.t("office-builder-diff-always").to_owned(),
            },
            rows: questions::rows(&page, &base, procedure, &inner),
            kinds: questions::kinds(&page, filled.text("kind"), false),
            actions: actions.collect(),
            deeds: deeds.labelled("deed", action::kinds(&page)),
            question: filled.value("question").to_owned(),
            question_error: filled.error("question"),
            deed: filled.value("action").to_owned(),
            deed_error: filled.error("action"),
            title: words::of_step(&page, found),
            procedure: procedure.title.fr.clone(),
            problems: filled.problems.clone(),
            id: id.to_owned(),
            overtaken: String::new(),
            seen,
            base,
            page,
        })
    }
}

/// A draft, and the departments of the town.
type Opened = (Open, Vec<(String, String)>);

fn opened(tx: &mut Tx<'_>, who: &beffroi_people::SignedIn, draft: &str) -> Result<Opened> {
    let open = open(tx, who, draft)?;
    let departments = commands::departments(tx)?;
    Ok((open, departments))
}

pub(in crate::builder) async fn show(
    Visit { commune, visitor, page, .. }: Visit,
    Path((draft, id)): Path<(String, String)>,
) -> Result {
    let who = visitor.require()?.clone();
    let (open, departments) = commune.read(visitor.by, move |tx| opened(tx, &who, &draft)).await?;
    let filled = step::fill(open.procedure.step(&id).ok_or_else(WebError::not_found)?);
    let seen = filled.fingerprint();
    render(&StepView::new(page, (base(open.kept.id), &departments), &open.procedure, &id, &filled, seen)?)
}

pub(in crate::builder) async fn save(
    Visit { commune, visitor, page, .. }: Visit,
    Path((draft, id)): Path<(String, String)>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let mut filled = Filled::of(&form);
    let (of, seen, told_page) = (id.clone(), form.text("seen").to_owned(), page.clone());
    let ((open, departments), mut filled, verdict, name) = commune
        .write(visitor.by, move |tx| {
            let (open, departments) = opened(tx, &who, &draft)?;
            let found = open.procedure.step(&of).ok_or_else(WebError::not_found)?;
            if step::fill(found).fingerprint() != seen {
                let name = colleague(tx, &told_page, open.kept.changed_by)?;
                return Ok(((open, departments), filled, Verdict::Overtaken(None), name));
            }
            let mut next = open.procedure.clone();
            if let Some(step) = next.step_mut(&of) {
                step::read(&mut filled, step);
            }
            let name = filled.text("id").to_owned();
            match step::name_fault(&open.procedure, &of, &name) {
                Some(fault) => filled.wrong("id", fault),
                None if name != of => next.rename_step(&of, &name),
                None => {}
            }
            let mut verdict = Verdict::Wrong;
            if filled.is_right() {
                commands::change(tx, &open.permit, &open.kept, &next)?;
                verdict = Verdict::Kept;
            }
            Ok::<_, WebError>(((open, departments), filled, verdict, String::new()))
        })
        .await?;
    let base = base(open.kept.id);
    filled.tell(&page);
    let (status, seen) = match verdict {
        Verdict::Kept => return Ok(to(&format!("{base}#etapes"))),
        Verdict::Wrong => (StatusCode::UNPROCESSABLE_ENTITY, form.text("seen").to_owned()),
        Verdict::Overtaken(_) => {
            let now = open.procedure.step(&id).map(|step| step::fill(step).fingerprint());
            (StatusCode::CONFLICT, now.unwrap_or_default())
        }
    };
    let mut view = StepView::new(page, (base, &departments), &open.procedure, &id, &filled, seen)?;
    view.gaps.clear();
    if !name.is_empty() {
        view.overtaken = view.page.tr("office-builder-overtaken", &[("name", name.into())]);
    }
    render_as(status, &view)
}

/// A step is added after the others.
pub(in crate::builder) async fn add(
    Visit { commune, visitor, .. }: Visit,
    Path(draft): Path<String>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let label = form.text("step").to_owned();
    let target = commune
        .write(visitor.by, move |tx| {
            let open = open(tx, &who, &draft)?;
            let base = base(open.kept.id);
            if label.is_empty() {
                return Ok(format!("{base}#etapes"));
            }
            let mut next = open.procedure.clone();
            let questions = next.names_taken(None);
            let taken = |name: &str| {
                name == beffroi_forms::DECISION
                    || questions.contains(&name.replace('-', "_"))
                    || open.procedure.step(name).is_some()
            };
            let id = new_name(&label, '-', taken);
            next.steps.push(CaseStep { id: id.clone(), label: label.as_str().into(), ..CaseStep::default() });
            commands::change(tx, &open.permit, &open.kept, &next)?;
            Ok::<_, WebError>(format!("{base}/etapes/{id}"))
        })
        .await?;
    Ok(to(&target))
}

/// What is added to a step: a question of its agents, or an action.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Added {
    Question,
    Action,
}

pub(in crate::builder) async fn add_question(
    visit: Visit,
    path: Path<(String, String)>,
    form: FormPost,
) -> Result {
    add_to(visit, path, form, Added::Question).await
}

pub(in crate::builder) async fn add_action(
    visit: Visit,
    path: Path<(String, String)>,
    form: FormPost,
) -> Result {
    add_to(visit, path, form, Added::Action).await
}

async fn add_to(
    Visit { commune, visitor, page, .. }: Visit,
    Path((draft, id)): Path<(String, String)>,
    form: FormPost,
    added: Added,
) -> Result {
    let who = visitor.require()?.clone();
    let control = if added == Added::Question { "question" } else { "action" };
    let label = form.text(control).to_owned();
    let (kind, deed) = (form.text("kind").to_owned(), form.text("deed").to_owned());
    let (of, group) = (id.clone(), form.text("group").to_owned());
    let ((open, departments), made) = commune
        .write(visitor.by, move |tx| {
            let (open, departments) = opened(tx, &who, &draft)?;
            let mut next = open.procedure.clone();
            let found = next.step_mut(&of).ok_or_else(WebError::not_found)?;
            if label.is_empty() {
                return Ok(((open, departments), None));
            }
            let made = if added == Added::Question {
                let field = questions::new_question(&open.procedure, Some(&of), &kind, &label)
                    .ok_or_else(WebError::bad_request)?;
                let made = format!("questions/{of}.{}?nouvelle=oui", field.id);
                questions::insert(&mut next, |next| Some(&mut next.step_mut(&of)?.fields), &group, field)?;
                made
            } else {
                let kind = Deed::from_word(&deed).ok_or_else(WebError::bad_request)?;
                let taken = |name: &str| found.actions.iter().any(|action| action.id == name);
                let id = new_name(&label, '-', taken);
                let made = format!("etapes/{of}/actions/{id}");
                let label = label.as_str().into();
                found.actions.push(StepAction { id, label, kind, ..StepAction::default() });
                made
            };
            commands::change(tx, &open.permit, &open.kept, &next)?;
            Ok::<_, WebError>(((open, departments), Some(made)))
        })
        .await?;
    let base = base(open.kept.id);
    if let Some(made) = made {
        return Ok(to(&format!("{base}/{made}")));
    }
    let mut filled = step::fill(open.procedure.step(&id).ok_or_else(WebError::not_found)?);
    let seen = filled.fingerprint();
    filled.set("kind", form.text("kind"));
    filled.set("deed", form.text("deed"));
    let key = if added == Added::Question {
        "office-builder-wrong-label"
    } else {
        "office-builder-wrong-action-label"
    };
    filled.wrong(control, page.t(key));
    let view = StepView::new(page, (base, &departments), &open.procedure, &id, &filled, seen)?;
    render_as(StatusCode::UNPROCESSABLE_ENTITY, &view)
}
