//! The pages of a form and the questions on them: added, named, moved, copied, removed.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
};
use beffroi_forms::{
    Choice, Field, Kind, Page as FormPage, Procedure, Requirement, Step, Text, is_field_name, new_name,
};
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as, render};
use serde::Deserialize;

use super::{
    base, commands,
    fill::{Desk, Filled},
    open,
    part_page::{PartPage, gaps_at},
    parts::put,
    store, to, words,
};
use crate::{control::Choosable, visit::Visit};

/// The kinds of questions, the commonest first.
pub(super) const KINDS: [&str; 23] = [
    "text",
    "long-text",
    "yes-no",
    "one-of",
    "many-of",
    "list",
    "number",
    "money",
    "date",
    "time",
    "email",
    "phone",
    "identity",
    "address",
    "file",
    "sworn",
    "group",
    "point",
    "siret",
    "rna",
    "iban",
    "heading",
    "note",
];

/// A question in a list.
pub(super) struct QuestionRow {
    pub id: String,
    pub href: String,
    pub label: String,
    /// Its kind, whether it must be answered, when it is asked.
    pub detail: String,
    pub gaps: usize,
}

/// The questions of a list as rows.
pub(super) fn rows(page: &Page, base: &str, procedure: &Procedure, fields: &[Field]) -> Vec<QuestionRow> {
    let findings = procedure.check();
    let row = |field: &Field| {
        let mut detail = vec![words::kind(page, field.kind.word())];
        if field.compute.is_some() {
            detail.push(page.t("office-builder-computed").to_owned());
        } else if field.kind.is_question() {
            match &field.required {
                Requirement::Fixed(true) => {}
                Requirement::Fixed(false) => detail.push(page.t("office-builder-diff-optional").to_owned()),
                Requirement::When(source) => detail.push(page.tr(
                    "office-builder-required-if",
                    &[("condition", words::condition(page, procedure, source).into())],
                )),
            }
        }
        if let Some(source) = &field.show {
            let condition = words::condition(page, procedure, source);
            detail.push(page.tr("office-builder-asked-if", &[("condition", condition.into())]));
        }
        let named = format!("field[{}]", field.id);
        QuestionRow {
            href: format!("{base}/questions/{}", field.id),
            label: if field.label.is_empty() { field.id.clone() } else { field.label.fr.clone() },
            detail: detail.join(", "),
            gaps: findings.iter().filter(|finding| finding.at.contains(&named)).count(),
            id: field.id.clone(),
        }
    };
    fields.iter().map(row).collect()
}

/// The kinds, to choose from.
pub(super) fn kinds(page: &Page, chosen: &str, in_group: bool) -> Vec<Choosable> {
    KINDS
        .iter()
        .filter(|kind| !in_group || **kind != "group")
        .map(|kind| Choosable {
            value: (*kind).to_owned(),
            label: words::kind(page, kind),
            hint: String::new(),
            chosen: *kind == chosen,
        })
        .collect()
}

#[derive(Template)]
#[template(path = "builder/page.html")]
struct PageView {
    page: Page,
    base: String,
    procedure: String,
    id: String,
    title: String,
    intro: String,
    shown: String,
    rows: Vec<QuestionRow>,
    kinds: Vec<Choosable>,
    typed: String,
    typed_error: String,
    blocks: Vec<Choosable>,
    problems: Vec<crate::problem::Problem>,
}

fn view(
    page: Page,
    base: String,
    procedure: &Procedure,
    form_page: &FormPage,
    (blocks, filled): (Vec<store::Block>, &Filled),
) -> PageView {
    let shown = match &form_page.show {
        Some(source) => words::condition(&page, procedure, source),
        None => page.t("office-builder-diff-always").to_owned(),
    };
    PageView {
        rows: rows(&page, &base, procedure, &form_page.fields),
        kinds: kinds(&page, filled.text("kind"), false),
        typed: filled.value("label").to_owned(),
        typed_error: filled.error("label"),
        problems: filled.problems.clone(),
        blocks: blocks
            .into_iter()
            .map(|block| Choosable {
                value: block.name,
                label: block.title,
                hint: String::new(),
                chosen: false,
            })
            .collect(),
        procedure: procedure.title.fr.clone(),
        id: form_page.id.clone(),
        title: if form_page.title.is_empty() { form_page.id.clone() } else { form_page.title.fr.clone() },
        intro: form_page.intro.fr.clone(),
        shown,
        base,
        page,
    }
}

fn page_of<'p>(procedure: &'p Procedure, id: &str) -> Result<&'p FormPage> {
    procedure.form.pages.iter().find(|page| page.id == id).ok_or_else(WebError::not_found)
}

pub(super) async fn show(
    Visit { commune, visitor, page, .. }: Visit,
    Path((draft, id)): Path<(String, String)>,
) -> Result {
    let who = visitor.require()?.clone();
    let (open, blocks) = commune
        .read(visitor.by, move |tx| Ok::<_, WebError>((open(tx, &who, &draft)?, store::blocks(tx)?)))
        .await?;
    let form_page = page_of(&open.procedure, &id)?;
    let base = base(open.kept.id);
    render(&view(page, base, &open.procedure, form_page, (blocks, &Filled::default())))
}

/// A page is added after the others.
pub(super) async fn add(
    Visit { commune, visitor, .. }: Visit,
    Path(draft): Path<String>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let title = form.text("title").to_owned();
    let (base, id) = commune
        .write(visitor.by, move |tx| {
            let open = open(tx, &who, &draft)?;
            let base = base(open.kept.id);
            let pages = &open.procedure.form.pages;
            if title.is_empty() {
                return Ok((base, None));
            }
            let id = new_name(&title, '-', |name| pages.iter().any(|page| page.id == name));
            let mut next = open.procedure.clone();
            next.form.pages.push(FormPage {
                id: id.clone(),
                title: Text::from(title.as_str()),
                intro: Text::default(),
                show: None,
                fields: Vec::new(),
            });
            commands::change(tx, &open.permit, &open.kept, &next)?;
            Ok::<_, WebError>((base, Some(id)))
        })
        .await?;
    match id {
        Some(id) => Ok(to(&format!("{base}/pages/{id}"))),
        None => Ok(to(&format!("{base}#formulaire"))),
    }
}

/// A new question of this kind.
pub(super) fn new_question(procedure: &Procedure, kind: &str, label: &str) -> Option<Field> {
    let kind = new_kind(kind)?;
    let taken = |name: &str| procedure.form.places().any(|place| place.field.id == name);
    Some(Field {
        id: new_name(label, '_', taken),
        label: Text::from(label),
        hint: Text::default(),
        kind,
        required: Requirement::Fixed(true),
        show: None,
        checks: Vec::new(),
        compute: None,
        prefill: None,
        beneficiary: false,
        block: None,
        fetch: None,
    })
}

/// A kind with what it usually holds.
pub(super) fn new_kind(word: &str) -> Option<Kind> {
    let none = Vec::<Choice>::new;
    Some(match word {
        "text" => Kind::Text { max_chars: 200 },
        "long-text" => Kind::LongText { max_chars: 2_000 },
        "email" => Kind::Email,
        "phone" => Kind::Phone,
        "number" => Kind::Number { decimals: 0, min: None, max: None, unit: Text::default() },
        "money" => Kind::Money { min: None, max: None },
        "date" => Kind::Date { birth: false },
        "time" => Kind::Time,
        "yes-no" => Kind::YesNo,
        "one-of" => Kind::OneOf { choices: none() },
        "many-of" => Kind::ManyOf { choices: none(), max: None },
        "list" => Kind::List { choices: none(), from: None },
        "address" => Kind::Address,
        "identity" => Kind::Identity { birth: false },
        "siret" => Kind::Siret,
        "rna" => Kind::Rna,
        "iban" => Kind::Iban,
        "file" => Kind::File { max_files: 1 },
        "sworn" => Kind::Sworn,
        "group" => Kind::Group { fields: Vec::new(), min_rows: 1, max_rows: 10, row: Text::default() },
        "point" => Kind::Point,
        "heading" => Kind::Heading,
        "note" => Kind::Note,
        _ => return None,
    })
}

/// A question is added at the end of a page, or of a group.
pub(super) async fn add_question(
    Visit { commune, visitor, page, .. }: Visit,
    Path((draft, id)): Path<(String, String)>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let mut filled = Filled::of(&form);
    if filled.text("label").is_empty() {
        filled.wrong("label", page.t("office-builder-wrong-label"));
    }
    let (label, kind) = (filled.text("label").to_owned(), filled.text("kind").to_owned());
    let group = filled.text("group").to_owned();
    let right = filled.is_right();
    let page_id = id.clone();
    let (open, blocks, made) = commune
        .write(visitor.by, move |tx| {
            let open = open(tx, &who, &draft)?;
            if !right {
                return Ok((open, store::blocks(tx)?, None));
            }
            let field = new_question(&open.procedure, &kind, &label).ok_or_else(WebError::bad_request)?;
            let made = field.id.clone();
            let mut next = open.procedure.clone();
            if group.is_empty() {
                next.form.page_mut(&page_id).ok_or_else(WebError::not_found)?.fields.push(field);
            } else {
                match next.form.field_mut(&group).map(|group| &mut group.kind) {
                    Some(Kind::Group { fields, .. }) if !matches!(field.kind, Kind::Group { .. }) => {
                        fields.push(field);
                    }
                    _ => return Err(WebError::not_found()),
                }
            }
            commands::change(tx, &open.permit, &open.kept, &next)?;
            Ok::<_, WebError>((open, Vec::new(), Some(made)))
        })
        .await?;
    let base = base(open.kept.id);
    if let Some(made) = made {
        return Ok(to(&format!("{base}/questions/{made}?nouvelle=oui")));
    }
    let form_page = page_of(&open.procedure, &id)?;
    let view = view(page, base, &open.procedure, form_page, (blocks, &filled));
    render_as(StatusCode::UNPROCESSABLE_ENTITY, &view)
}

fn fill(form_page: &FormPage) -> Filled {
    let mut filled = Filled::default();
    filled.set("title", &form_page.title.fr);
    filled.set("intro", &form_page.intro.fr);
    filled.set("id", &form_page.id);
    filled
}

fn edit_page(
    page: Page,
    base: &str,
    procedure: &Procedure,
    id: &str,
    filled: &Filled,
    seen: String,
) -> PartPage {
    let controls = {
        let desk = Desk { page: &page, filled, part: "page" };
        vec![desk.line("title"), desk.area("intro", 3).optional(), desk.line("id")]
    };
    PartPage {
        controls,
        title: page.t("office-builder-page-edit").to_owned(),
        text: String::new(),
        procedure: procedure.title.fr.clone(),
        back: format!("{base}/pages/{id}"),
        gaps: gaps_at(procedure, &format!("form.page[{id}].title")),
        problems: filled.problems.clone(),
        seen,
        overtaken: String::new(),
        marks: Vec::new(),
        links: vec![(
            format!("{base}/condition?lieu=page.{id}.show"),
            page.t("office-builder-page-condition").to_owned(),
        )],
        page,
    }
}

pub(super) async fn edit(
    Visit { commune, visitor, page, .. }: Visit,
    Path((draft, id)): Path<(String, String)>,
) -> Result {
    let who = visitor.require()?.clone();
    let open = commune.read(visitor.by, move |tx| open(tx, &who, &draft)).await?;
    let filled = fill(page_of(&open.procedure, &id)?);
    let seen = filled.fingerprint();
    render(&edit_page(page, &base(open.kept.id), &open.procedure, &id, &filled, seen))
}

pub(super) async fn save(
    Visit { commune, visitor, page, .. }: Visit,
    Path((draft, id)): Path<(String, String)>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let mut filled = Filled::of(&form);
    let name = filled.text("id").to_owned();
    let page_id = id.clone();
    let seen = form.text("seen").to_owned();
    let (open, filled, done, overtaken) = commune
        .write(visitor.by, move |tx| {
            let open = open(tx, &who, &draft)?;
            let before = fill(page_of(&open.procedure, &page_id)?);
            if before.fingerprint() != seen {
                return Ok((open, filled, false, true));
            }
            let slug = !name.is_empty()
                && name
                    .bytes()
                    .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-');
            if !slug {
                filled.wrong("id", "office-builder-wrong-slug");
            } else if name != page_id && open.procedure.form.pages.iter().any(|page| page.id == name) {
                filled.wrong("id", "office-builder-wrong-page-taken");
            }
            if filled.text("title").is_empty() {
                filled.wrong("title", "office-builder-wrong-title");
            }
            if !filled.is_right() {
                return Ok((open, filled, false, false));
            }
            let mut next = open.procedure.clone();
            let form_page = next.form.page_mut(&page_id).ok_or_else(WebError::not_found)?;
            put(&mut form_page.title, filled.text("title"));
            put(&mut form_page.intro, filled.text("intro"));
            form_page.id = name;
            commands::change(tx, &open.permit, &open.kept, &next)?;
            Ok::<_, WebError>((open, filled, true, false))
        })
        .await?;
    let base = base(open.kept.id);
    if done {
        return Ok(to(&format!("{base}/pages/{}", form.text("id"))));
    }
    let mut filled = filled;
    filled.tell(&page);
    let now = fill(page_of(&open.procedure, &id)?).fingerprint();
    let told = page.t("office-builder-overtaken-here").to_owned();
    let seen = if overtaken { now } else { form.text("seen").to_owned() };
    let mut view = edit_page(page, &base, &open.procedure, &id, &filled, seen);
    if overtaken {
        view.overtaken = told;
    }
    render_as(if overtaken { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY }, &view)
}

/// Where a thing is listed: the page of a question (or its group's), the overview of a page.
fn listed(base: &str, procedure: &Procedure, what: &str, id: &str) -> String {
    match procedure.form.place(id).filter(|_| what == "question") {
        Some(place) => match place.group {
            Some(group) => format!("{base}/questions/{}#contenu", group.id),
            None => format!("{base}/pages/{}", place.page.id),
        },
        None => format!("{base}#formulaire"),
    }
}

/// Moves or copies a page or a question. What is gone in the meantime stays gone.
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
                ("question", "up") => next.form.move_field(id, Step::Up),
                ("question", "down") => next.form.move_field(id, Step::Down),
                ("question", "copy") => {
                    if let Some(copy) = next.form.copy_field(id) {
                        target = format!("{base}/questions/{copy}");
                    }
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
            let found = page_of(procedure, &asked.nom)?;
            let mut names = Vec::new();
            for place in procedure.form.places().filter(|place| place.page.id == found.id) {
                names.push(place.field.id.clone());
            }
            Ok((words::of_page(page, found), names))
        }
        "question" => {
            let place = procedure.form.place(&asked.nom).ok_or_else(WebError::not_found)?;
            let mut names = vec![place.field.id.clone()];
            if let Kind::Group { fields, .. } = &place.field.kind {
                names.extend(fields.iter().map(|field| field.id.clone()));
            }
            Ok((words::of_field(page, place.field), names))
        }
        "limite" => {
            let rank: usize = asked.nom.parse().map_err(|_| WebError::not_found())?;
            let limit = procedure.limits.get(rank).ok_or_else(WebError::not_found)?;
            Ok((format!("«\u{a0}{}\u{a0}»", limit.id), Vec::new()))
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
    let gone: Vec<String> =
        names.iter().filter_map(|name| open.procedure.form.place(name)).map(|place| place.at()).collect();
    let mut mentions: Vec<(String, String)> = Vec::new();
    for at in names.iter().flat_map(|name| open.procedure.mentions(name)) {
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
        title: page.tr("office-builder-remove-title", &[("what", what.into())]),
        text: page.t("office-builder-remove-text").to_owned(),
        back: match asked.quoi.as_str() {
            "question" => format!("{base}/questions/{}", asked.nom),
            "page" => format!("{base}/pages/{}", asked.nom),
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
                "question" => drop(next.form.remove_field(name)),
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

/// Whether a question may take this name.
pub(super) fn name_fault(procedure: &Procedure, from: &str, name: &str) -> Option<&'static str> {
    if name == from {
        None
    } else if !is_field_name(name) {
        Some("office-builder-wrong-name")
    } else if procedure.form.places().any(|place| place.field.id == name) {
        Some("office-builder-wrong-name-taken")
    } else {
        None
    }
}
