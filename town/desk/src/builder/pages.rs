//! The pages of a form: added, named, shown with their questions.

use askama::Template;
use axum::{extract::Path, http::StatusCode};
use beffroi_forms::{Page as FormPage, Procedure, Text, new_name};
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as, render};

use super::{
    base, commands,
    fill::{Desk, Filled},
    open,
    part_page::{PartPage, gaps_at},
    parts::put,
    preview,
    questions::{self, QuestionRow},
    store, to, words,
};
use crate::{control::Choosable, visit::Visit};

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
    /// The page as it will be seen; `""` where it cannot be yet.
    beside: String,
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
        rows: questions::rows(&page, &base, procedure, &questions::of_page(procedure, &form_page.id)),
        kinds: questions::kinds(&page, filled.text("kind"), false),
        beside: preview::beside(&base, procedure, &form_page.id, None),
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

pub(super) fn page_of<'p>(procedure: &'p Procedure, id: &str) -> Result<&'p FormPage> {
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
    preview::around(render(&view(page, base, &open.procedure, form_page, (blocks, &Filled::default()))))
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
            let mut field = questions::new_question(&open.procedure, None, &kind, &label)
                .ok_or_else(WebError::bad_request)?;
            if group.is_empty() {
                field.prefill = open.procedure.prefill_for(&field).map(str::to_owned);
            }
            let made = field.id.clone();
            let mut next = open.procedure.clone();
            questions::insert(
                &mut next,
                |next| Some(&mut next.form.page_mut(&page_id)?.fields),
                &group,
                field,
            )?;
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
    preview::around(render_as(StatusCode::UNPROCESSABLE_ENTITY, &view))
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
        gaps: gaps_at(&page, procedure, &format!("form.page[{id}].title")),
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
