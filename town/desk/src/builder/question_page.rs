//! The page of one question.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
};
use beffroi_forms::{FieldPlace, Kind, Procedure, Requirement};
use beffroi_store::Tx;
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as, render};
use serde::Deserialize;

use super::{
    base, commands,
    fill::{Control, Filled, Shape},
    open,
    pages::{self, QuestionRow},
    part_page::{Verdict, colleague, gaps_at},
    question, report, to, words,
};
use crate::{control::Choosable, problem::Problem, visit::Visit};

/// A condition of the question, and where it is changed.
struct Rule {
    label: String,
    text: String,
    href: String,
}

#[derive(Template)]
#[template(path = "builder/question.html")]
struct QuestionView {
    page: Page,
    base: String,
    back: String,
    procedure: String,
    title: String,
    id: String,
    form_page: String,
    gaps: Vec<String>,
    controls: Vec<Control>,
    problems: Vec<Problem>,
    seen: String,
    overtaken: String,
    confirm: bool,
    rules: Vec<Rule>,
    next_check: String,
    is_group: bool,
    rows: Vec<QuestionRow>,
    kinds: Vec<Choosable>,
    fresh: bool,
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    nouvelle: String,
}

fn rules(page: &Page, base: &str, procedure: &Procedure, place: &FieldPlace<'_>) -> Vec<Rule> {
    let field = place.field;
    let spot = |which: &str| format!("{base}/condition?lieu=question.{}.{which}", field.id);
    let told = |source: &str| words::condition(page, procedure, source);
    let mut rules = vec![Rule {
        label: page.t("office-builder-rule-show").to_owned(),
        text: match &field.show {
            Some(source) => told(source),
            None => page.t("office-builder-diff-always").to_owned(),
        },
        href: spot("show"),
    }];
    if let Requirement::When(source) = &field.required {
        let text =
            if source == "false" { page.t("office-builder-rule-unsaid").to_owned() } else { told(source) };
        let label = page.t("office-builder-rule-required").to_owned();
        rules.push(Rule { label, text, href: spot("required") });
    }
    for (rank, check) in field.checks.iter().enumerate() {
        rules.push(Rule {
            label: page.t("office-builder-rule-check").to_owned(),
            text: format!("{}\u{a0}; sinon\u{a0}: «\u{a0}{}\u{a0}»", told(&check.when), check.message.fr),
            href: spot(&format!("check.{rank}")),
        });
    }
    rules
}

impl QuestionView {
    fn new(
        page: Page,
        base: String,
        procedure: &Procedure,
        id: &str,
        filled: &Filled,
        seen: String,
    ) -> Result<Self> {
        let place = procedure.form.place(id).ok_or_else(WebError::not_found)?;
        let rows = match &place.field.kind {
            Kind::Group { fields, .. } => pages::rows(&page, &base, procedure, fields),
            _ => Vec::new(),
        };
        let asked = place.field.kind.is_question();
        Ok(Self {
            back: match place.group {
                Some(group) => format!("{base}/questions/{}#contenu", group.id),
                None => format!("{base}/pages/{}", place.page.id),
            },
            controls: question::controls(&page, filled, place.group.is_some()),
            gaps: gaps_at(procedure, &place.at()),
            problems: filled.problems.clone(),
            title: words::of_field(&page, place.field),
            id: id.to_owned(),
            form_page: place.page.id.clone(),
            procedure: procedure.title.fr.clone(),
            rules: if asked { rules(&page, &base, procedure, &place) } else { Vec::new() },
            next_check: if asked {
                format!("{base}/condition?lieu=question.{id}.check.{}", place.field.checks.len())
            } else {
                String::new()
            },
            is_group: matches!(place.field.kind, Kind::Group { .. }),
            kinds: pages::kinds(&page, "text", true),
            confirm: filled.holds("confirm", "shown"),
            overtaken: String::new(),
            fresh: false,
            rows,
            seen,
            base,
            page,
        })
    }
}

pub(super) async fn show(
    Visit { commune, visitor, page, .. }: Visit,
    Path((draft, id)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let open = commune.read(visitor.by, move |tx| open(tx, &who, &draft)).await?;
    let place = open.procedure.form.place(&id).ok_or_else(WebError::not_found)?;
    let filled = question::fill(place.field);
    let seen = filled.fingerprint();
    let mut view = QuestionView::new(page, base(open.kept.id), &open.procedure, &id, &filled, seen)?;
    view.fresh = !asked.nouvelle.is_empty();
    if view.fresh {
        // What a new question lacks is about to be filled in.
        view.gaps.clear();
    }
    render(&view)
}

struct Saved {
    open: super::Open,
    filled: Filled,
    verdict: Verdict,
    name: String,
    id: String,
    who: String,
}

/// Writes a question, under its new name wherever it is spoken of.
fn write(
    tx: &mut Tx<'_>,
    page: &Page,
    open: super::Open,
    id: &str,
    seen: &str,
    mut filled: Filled,
) -> Result<Saved> {
    let place = open.procedure.form.place(id).ok_or_else(WebError::not_found)?;
    let name = filled.text("id").to_owned();
    if question::fill(place.field).fingerprint() != seen {
        let who = colleague(tx, page, open.kept.changed_by)?;
        let verdict = Verdict::Overtaken(open.kept.changed_by);
        return Ok(Saved { filled, verdict, name, id: id.to_owned(), who, open });
    }
    let mut next = open.procedure.clone();
    if let Some(field) = next.form.field_mut(id) {
        question::read(&mut filled, field);
    }
    if let Some(fault) = pages::name_fault(&open.procedure, id, &name) {
        filled.wrong("id", fault);
    } else if name != id {
        let places: Vec<String> =
            open.procedure.mentions(id).iter().map(|at| words::place(page, &open.procedure, at)).collect();
        if !places.is_empty() && !filled.holds("rename", "true") {
            let count = i64::try_from(places.len()).unwrap_or_default();
            let told = page.tr(
                "office-builder-wrong-name-used",
                &[("n", count.into()), ("places", places.join(", ").into())],
            );
            filled.wrong("id", told);
            filled.set("confirm", "shown");
        } else {
            next.rename_field(id, &name);
        }
    }
    let mut verdict = Verdict::Wrong;
    if filled.is_right() {
        let flaws = next.form.place(&name).map(|place| place.at()).unwrap_or_default();
        let compute = report::flaws_at(&next, &format!("{flaws}.compute"));
        for text in compute {
            filled.wrong("compute", text);
        }
        if filled.is_right() {
            commands::change(tx, &open.permit, &open.kept, &next)?;
            verdict = Verdict::Kept;
        }
    }
    Ok(Saved { filled, verdict, name, id: id.to_owned(), who: String::new(), open })
}

pub(super) async fn save(
    Visit { commune, visitor, page, .. }: Visit,
    Path((draft, id)): Path<(String, String)>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let mut filled = Filled::of(&form);
    let arranged = filled.arrange(&question::CHOICE) || form.get("refresh").is_some();
    let (seen, kind) = (form.text("seen").to_owned(), form.text("kind").to_owned());
    let told_page = page.clone();
    let saved = commune
        .write(visitor.by, move |tx| {
            let open = open(tx, &who, &draft)?;
            if arranged {
                let (name, verdict) = (String::new(), Verdict::Wrong);
                return Ok(Saved { open, filled, verdict, name, id, who: String::new() });
            }
            write(tx, &told_page, open, &id, &seen, filled)
        })
        .await?;
    let Saved { open, mut filled, verdict, name, id, who } = saved;
    let base = base(open.kept.id);
    filled.tell(&page);
    let field = open.procedure.form.place(&id).ok_or_else(WebError::not_found)?.field;
    match verdict {
        Verdict::Kept => {
            // What the new kind needs, and the condition that is still to be said, come next.
            let when = form.text("required") == "when" && !matches!(field.required, Requirement::When(_));
            let place = open.procedure.form.place(&id).ok_or_else(WebError::not_found)?;
            let target = if when {
                format!("{base}/condition?lieu=question.{name}.required")
            } else if kind != field.kind.word() {
                format!("{base}/questions/{name}")
            } else {
                match place.group {
                    Some(group) => format!("{base}/questions/{}#contenu", group.id),
                    None if matches!(field.kind, Kind::Group { .. }) => {
                        format!("{base}/questions/{name}#contenu")
                    }
                    None => format!("{base}/pages/{}", place.page.id),
                }
            };
            Ok(to(&target))
        }
        Verdict::Wrong => {
            let mut view =
                QuestionView::new(page, base, &open.procedure, &id, &filled, form.text("seen").to_owned())?;
            view.gaps.clear();
            render_as(if arranged { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }, &view)
        }
        Verdict::Overtaken(_) => {
            let now = question::fill(field).fingerprint();
            let overtaken = page.tr("office-builder-overtaken", &[("name", who.into())]);
            let mut view = QuestionView::new(page, base, &open.procedure, &id, &filled, now)?;
            view.overtaken = overtaken;
            render_as(StatusCode::CONFLICT, &view)
        }
    }
}
