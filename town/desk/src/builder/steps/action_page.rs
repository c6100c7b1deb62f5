//! The page of one action.

use axum::{extract::Path, http::StatusCode};
use beffroi_forms::Procedure;
use beffroi_store::Tx;
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as, render};

use super::action::{self, Around};
use crate::{
    builder::{
        base, commands,
        fill::Filled,
        open,
        part_page::{PartPage, Verdict, colleague, gaps_at},
        to, words,
    },
    document_templates,
    visit::Visit,
};

/// What the commune has to choose from.
struct Choices {
    departments: Vec<(String, String)>,
    templates: Vec<(String, String)>,
}

impl Choices {
    fn load(tx: &mut Tx<'_>, page: &Page) -> beffroi_store::Result<Self> {
        let departments = commands::departments(tx)?;
        Ok(Self { departments, templates: document_templates::choices(tx, page)? })
    }
}

/// The step and the name of an action, as the address tells them.
type Named<'n> = (&'n str, &'n str);

fn view(
    page: Page,
    base: &str,
    (procedure, choices): (&Procedure, &Choices),
    (step, id): Named<'_>,
    filled: &Filled,
    seen: String,
) -> Result<PartPage> {
    let of = procedure.step(step).ok_or_else(WebError::not_found)?;
    let found = procedure.action(step, id).ok_or_else(WebError::not_found)?;
    let around =
        Around { procedure, step: of, departments: &choices.departments, templates: &choices.templates };
    let link = |address: String, key: &str| (address, page.t(key).to_owned());
    let links = vec![
        link(
            format!("{base}/condition?lieu=step.{step}.action.{id}.when"),
            if found.when.is_some() {
                "office-builder-action-condition-change"
            } else {
                "office-builder-action-condition"
            },
        ),
        link(format!("{base}/supprimer?quoi=action&nom={step}.{id}"), "office-builder-action-remove"),
    ];
    Ok(PartPage {
        controls: action::controls(&page, filled, &around),
        title: words::of_action(&page, found),
        text: page.tr("office-builder-action-of", &[("step", of.label.fr.clone().into())]),
        procedure: procedure.title.fr.clone(),
        back: format!("{base}/etapes/{step}#actions"),
        gaps: gaps_at(&page, procedure, &format!("step[{step}].action[{id}]")),
        problems: filled.problems.clone(),
        marks: if action::is_written(found.kind) { around.marks() } else { Vec::new() },
        overtaken: String::new(),
        links,
        seen,
        page,
    })
}

pub(in crate::builder) async fn show(
    Visit { commune, visitor, page, .. }: Visit,
    Path((draft, step, id)): Path<(String, String, String)>,
) -> Result {
    let who = visitor.require()?.clone();
    let frame = page.clone();
    let (open, choices) = commune
        .read(visitor.by, move |tx| {
            let open = open(tx, &who, &draft)?;
            Ok::<_, WebError>((open, Choices::load(tx, &frame)?))
        })
        .await?;
    let filled = action::fill(open.procedure.action(&step, &id).ok_or_else(WebError::not_found)?);
    let seen = filled.fingerprint();
    let around = (&open.procedure, &choices);
    render(&view(page, &base(open.kept.id), around, (&step, &id), &filled, seen)?)
}

pub(in crate::builder) async fn save(
    Visit { commune, visitor, page, .. }: Visit,
    Path((draft, step, id)): Path<(String, String, String)>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let mut filled = Filled::of(&form);
    let (of, named, seen, told_page) = (step.clone(), id.clone(), form.text("seen").to_owned(), page.clone());
    let (open, choices, mut filled, verdict, name) = commune
        .write(visitor.by, move |tx| {
            let open = open(tx, &who, &draft)?;
            let choices = Choices::load(tx, &told_page)?;
            let found = open.procedure.action(&of, &named).ok_or_else(WebError::not_found)?;
            if action::fill(found).fingerprint() != seen {
                let name = colleague(tx, &told_page, open.kept.changed_by)?;
                return Ok((open, choices, filled, Verdict::Overtaken(None), name));
            }
            let mut next = open.procedure.clone();
            let name = filled.text("id").to_owned();
            let fault = open.procedure.step(&of).and_then(|it| action::name_fault(it, &named, &name));
            if let Some(fault) = fault {
                filled.wrong("id", fault);
            }
            if let Some(action) = next.action_mut(&of, &named) {
                action::read(&mut filled, action);
                action.id = name;
            }
            let mut verdict = Verdict::Wrong;
            if filled.is_right() {
                commands::change(tx, &open.permit, &open.kept, &next)?;
                verdict = Verdict::Kept;
            }
            Ok::<_, WebError>((open, choices, filled, verdict, String::new()))
        })
        .await?;
    let base = base(open.kept.id);
    filled.tell(&page);
    let before = open.procedure.action(&step, &id).ok_or_else(WebError::not_found)?;
    let (status, seen) = match verdict {
        // What the new kind needs comes next.
        Verdict::Kept if form.text("kind") != before.kind.as_str() => {
            return Ok(to(&format!("{base}/etapes/{step}/actions/{}", form.text("id"))));
        }
        Verdict::Kept => return Ok(to(&format!("{base}/etapes/{step}#actions"))),
        Verdict::Wrong => (StatusCode::UNPROCESSABLE_ENTITY, form.text("seen").to_owned()),
        Verdict::Overtaken(_) => (StatusCode::CONFLICT, action::fill(before).fingerprint()),
    };
    let around = (&open.procedure, &choices);
    let mut view = view(page, &base, around, (&step, &id), &filled, seen)?;
    view.gaps.clear();
    if !name.is_empty() {
        view.overtaken = view.page.tr("office-builder-overtaken", &[("name", name.into())]);
    }
    render_as(status, &view)
}
