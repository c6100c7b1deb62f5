//! The page of one question.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
};
use beffroi_forms::{FieldPlace, Home, Kind, Procedure, Requirement, Spot};
use beffroi_store::Tx;
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as, render};
use serde::Deserialize;

use super::{
    base, commands,
    fill::{Control, Filled, Shape},
    open,
    part_page::{Verdict, colleague, gaps_at},
    parts::Gap,
    preview,
    question::{self, Around},
    questions::{self, QuestionRow},
    report, to, words,
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
    /// Where a question of the group is added, and under which name it says its label.
    add_to: String,
    add_name: &'static str,
    gaps: Vec<Gap>,
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
    /// The page of the question as it will be seen; `""` where it cannot be yet.
    beside: String,
}

/// Where a question is listed: on its page, in its step, or in its group.
pub(super) fn list_of(base: &str, place: &FieldPlace<'_>) -> String {
    match (place.home, place.group) {
        (Home::Page(_), Some(group)) => format!("{base}/questions/{}#contenu", group.id),
        (Home::Page(page), None) => format!("{base}/pages/{}", page.id),
        (Home::Step(step), Some(group)) => format!("{base}/questions/{}.{}#contenu", step.id, group.id),
        (Home::Step(step), None) => format!("{base}/etapes/{}#questions", step.id),
    }
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    nouvelle: String,
}

fn rules(page: &Page, base: &str, procedure: &Procedure, place: &FieldPlace<'_>) -> Vec<Rule> {
    let field = place.field;
    let name = place.name();
    let spot = |which: &str| format!("{base}/condition?lieu=question.{name}.{which}");
    let told = |spot: Spot, source: &str| words::condition_at(page, procedure, &spot, source);
    let mut rules = vec![Rule {
        label: page.t("office-builder-rule-show").to_owned(),
        text: match &field.show {
            Some(source) => told(Spot::Show(name.clone()), source),
            None => page.t("office-builder-diff-always").to_owned(),
        },
        href: spot("show"),
    }];
    if let Requirement::When(source) = &field.required {
        let text = if source == "false" {
            page.t("office-builder-rule-unsaid").to_owned()
        } else {
            told(Spot::Required(name.clone()), source)
        };
        let label = page.t("office-builder-rule-required").to_owned();
        rules.push(Rule { label, text, href: spot("required") });
    }
    for (rank, check) in field.checks.iter().enumerate() {
        rules.push(Rule {
            label: page.t("office-builder-rule-check").to_owned(),
            text: format!(
                "{}\u{a0}; sinon\u{a0}: «\u{a0}{}\u{a0}»",
                told(Spot::Check { field: name.clone(), rank }, &check.when),
                check.message.fr
            ),
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
        let place = procedure.place(id).ok_or_else(WebError::not_found)?;
        let inner = questions::of_group(procedure, &place);
        let asked = place.field.kind.is_question();
        Ok(Self {
            back: list_of(&base, &place),
            controls: question::controls(&page, filled, &Around::of(procedure, id)),
            rows: questions::rows(&page, &base, procedure, &inner),
            beside: match place.home {
                Home::Page(form_page) => {
                    let at = place.group.map_or(id, |group| group.id.as_str());
                    preview::beside(&base, procedure, &form_page.id, Some(at))
                }
                Home::Step(_) => String::new(),
            },
            add_to: match place.home {
                Home::Page(form_page) => format!("{base}/pages/{}", form_page.id),
                Home::Step(step) => format!("{base}/etapes/{}/questions", step.id),
            },
            add_name: if matches!(place.home, Home::Page(_)) { "label" } else { "question" },
            gaps: gaps_at(&page, procedure, &place.at()),
            problems: filled.problems.clone(),
            title: words::of_field(&page, place.field),
            id: id.to_owned(),
            procedure: procedure.title.fr.clone(),
            rules: if asked { rules(&page, &base, procedure, &place) } else { Vec::new() },
            next_check: if asked {
                format!("{base}/condition?lieu=question.{id}.check.{}", place.field.checks.len())
            } else {
                String::new()
            },
            is_group: matches!(place.field.kind, Kind::Group { .. }),
            kinds: questions::kinds(&page, "text", true),
            confirm: filled.holds("confirm", "shown"),
            overtaken: String::new(),
            fresh: false,
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
    let place = open.procedure.place(&id).ok_or_else(WebError::not_found)?;
    let filled = question::fill(place.field);
    let seen = filled.fingerprint();
    let mut view = QuestionView::new(page, base(open.kept.id), &open.procedure, &id, &filled, seen)?;
    view.fresh = !asked.nouvelle.is_empty();
    if view.fresh {
        // What a new question lacks is about to be filled in.
        view.gaps.clear();
    }
    preview::around(render(&view))
}

struct Saved {
    open: super::Open,
    filled: Filled,
    verdict: Verdict,
    /// Its name in the procedure from now on.
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
    let place = open.procedure.place(id).ok_or_else(WebError::not_found)?;
    let name = filled.text("id").to_owned();
    if question::fill(place.field).fingerprint() != seen {
        let who = colleague(tx, page, open.kept.changed_by)?;
        let verdict = Verdict::Overtaken(open.kept.changed_by);
        return Ok(Saved { filled, verdict, name, id: id.to_owned(), who, open });
    }
    let own = place.field.id.clone();
    // The name that it will have in the procedure.
    let whole = match id.split_once('.') {
        Some((step, _)) => format!("{step}.{name}"),
        None => name.clone(),
    };
    let mut next = open.procedure.clone();
    let new_kind = filled.text("kind") != place.field.kind.word();
    if let Some(field) = next.field_mut(id) {
        question::read(&mut filled, field);
        // The form could not say yet what an answer of the new kind tells of the requester.
        if new_kind && field.prefill.is_none() && Around::of(&open.procedure, id).of_requester() {
            field.prefill = open.procedure.prefill_for(field).map(str::to_owned);
        }
    }
    if let Some(fault) = questions::name_fault(&open.procedure, id, &name) {
        filled.wrong("id", fault);
    } else if name != own {
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
        let flaws = next.place(&whole).map(|place| place.at()).unwrap_or_default();
        let compute = report::flaws_at(&next, &format!("{flaws}.compute"));
        for text in compute {
            filled.wrong("compute", text);
        }
        if filled.is_right() {
            commands::change(tx, &open.permit, &open.kept, &next)?;
            verdict = Verdict::Kept;
        }
    }
    Ok(Saved { filled, verdict, name: whole, id: id.to_owned(), who: String::new(), open })
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
    let source = form.text("fetch").to_owned();
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
    let field = open.procedure.place(&id).ok_or_else(WebError::not_found)?.field;
    match verdict {
        Verdict::Kept => {
            // What the new kind needs, and the condition that is still to be said, come next.
            let when = form.text("required") == "when" && !matches!(field.required, Requirement::When(_));
            let place = open.procedure.place(&id).ok_or_else(WebError::not_found)?;
            let asked = field.fetch.as_ref().map_or("", |fetch| fetch.source.as_str());
            let more = kind != field.kind.word() || (source != asked && !source.is_empty());
            let target = if when {
                format!("{base}/condition?lieu=question.{name}.required")
            } else if more {
                format!("{base}/questions/{name}")
            } else if place.group.is_none() && matches!(field.kind, Kind::Group { .. }) {
                format!("{base}/questions/{name}#contenu")
            } else {
                list_of(&base, &place)
            };
            Ok(to(&target))
        }
        Verdict::Wrong => {
            let mut view =
                QuestionView::new(page, base, &open.procedure, &id, &filled, form.text("seen").to_owned())?;
            view.gaps.clear();
            let status = if arranged { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
            preview::around(render_as(status, &view))
        }
        Verdict::Overtaken(_) => {
            let now = question::fill(field).fingerprint();
            let overtaken = page.tr("office-builder-overtaken", &[("name", who.into())]);
            let mut view = QuestionView::new(page, base, &open.procedure, &id, &filled, now)?;
            view.overtaken = overtaken;
            preview::around(render_as(StatusCode::CONFLICT, &view))
        }
    }
}
