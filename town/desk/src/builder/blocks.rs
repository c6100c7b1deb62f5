//! Blocks: questions that several procedures ask alike, kept once, copied where they serve. A copy remembers its block,
//! so that a block that changes is offered again to the drafts that use it.

use std::collections::BTreeMap;

use askama::Template;
use axum::{extract::Path, http::StatusCode};
use beffroi_forms::{
    BlockOrigin, CompiledForm, Field, Form, Page as FormPage, Procedure, Text, name_of_label,
};
use beffroi_store::{Entry, StoreError, Tx};
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as, render};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{
    ROOT, base, commands, entitled, open,
    store::{self, Block},
    to,
};
use crate::{permission::EditProcedures, problem::Problem, visit::Visit};

/// A block as its file says it.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Questions {
    #[serde(default, rename = "field")]
    fields: Vec<Field>,
}

/// Questions of a block, at most.
const FIELDS_AT_MOST: usize = 60;
/// What a block may weigh, in bytes.
const BLOCK_AT_MOST: usize = 64 << 10;

fn fields_of(block: &Block) -> Result<Vec<Field>, StoreError> {
    let read: Questions = Form::part_from_toml(&block.definition)
        .map_err(|error| StoreError::Corrupt(format!("block {}: {error}", block.name)))?;
    Ok(read.fields)
}

/// The same fields, as a block keeps them: of no block, and with nothing of the procedure that they come from.
fn as_block(fields: &[Field]) -> Vec<Field> {
    fields.iter().cloned().map(|field| Field { block: None, ..field }).collect()
}

/// A procedure that asks nothing but these questions, so that their names can be changed together.
fn alone(procedure: &Procedure, fields: Vec<Field>) -> Procedure {
    let mut alone = procedure.clone();
    alone.limits.clear();
    alone.retention = None;
    alone.steps.clear();
    alone.decision = beffroi_forms::Decision::default();
    alone.form = Form {
        pages: vec![FormPage {
            id: "bloc".to_owned(),
            title: Text::from("Bloc"),
            intro: Text::default(),
            show: None,
            fields,
        }],
        checks: Vec::new(),
    };
    alone
}

/// The fields of a block as they are copied: each knows where it comes from, under a name that is free here.
fn copied(procedure: &Procedure, block: &Block, fields: Vec<Field>) -> Vec<Field> {
    let mut alone = alone(procedure, fields);
    let names: Vec<String> = alone.form.places().map(|place| place.field.id.clone()).collect();
    for name in &names {
        let mut probe = match alone.form.place(name) {
            Some(place) => place.field.clone(),
            None => continue,
        };
        let origin = BlockOrigin { name: block.name.clone(), revision: block.revision, field: name.clone() };
        if procedure.form.place(name).is_some() {
            probe.kind = beffroi_forms::Kind::Heading;
            procedure.form.name_anew(&mut probe);
            alone.rename_field(name, &probe.id);
        }
        if let Some(field) = alone.form.field_mut(&probe.id) {
            field.block = Some(origin);
        }
    }
    alone.form.pages.into_iter().flat_map(|page| page.fields).collect()
}

/// The blocks of which a procedure has an older copy.
pub(super) fn outdated<'b>(blocks: &'b [Block], procedure: &Procedure) -> Vec<&'b Block> {
    let mut used: BTreeMap<&str, u32> = BTreeMap::new();
    for place in procedure.form.places() {
        if let Some(origin) = &place.field.block {
            let revision = used.entry(&origin.name).or_insert(origin.revision);
            *revision = origin.revision.min(*revision);
        }
    }
    let older = |block: &&Block| used.get(block.name.as_str()).is_some_and(|copied| *copied < block.revision);
    blocks.iter().filter(older).collect()
}

/// Brings the copy of a block up to date: what is still asked keeps its name here, its place and its condition; what
/// is new follows; what is gone goes.
fn refreshed(procedure: &Procedure, block: &Block, fields: Vec<Field>) -> Procedure {
    let mut next = procedure.clone();
    let here: BTreeMap<String, String> = procedure
        .form
        .places()
        .filter_map(|place| {
            let origin = place.field.block.as_ref().filter(|origin| origin.name == block.name)?;
            Some((origin.field.clone(), place.field.id.clone()))
        })
        .collect();
    // The block in the names that its copy has here.
    let mut renamed = alone(procedure, fields);
    for (original, name) in &here {
        if original != name {
            renamed.rename_field(original, name);
        }
    }
    let wanted: Vec<Field> = renamed.form.pages.into_iter().flat_map(|page| page.fields).collect();
    let originals: BTreeMap<&str, &str> =
        here.iter().map(|(original, name)| (name.as_str(), original.as_str())).collect();
    let origin = |field: &str| BlockOrigin {
        name: block.name.clone(),
        revision: block.revision,
        field: originals.get(field).map_or(field, |original| *original).to_owned(),
    };
    let mut last: Option<String> = None;
    for field in wanted {
        let id = field.id.clone();
        let ours = |kept: &&mut Field| kept.block.as_ref().is_some_and(|it| it.name == block.name);
        if let Some(kept) = next.form.field_mut(&id).filter(ours) {
            let show = kept.show.clone().filter(|_| field.show.is_none());
            *kept = Field { block: Some(origin(&id)), show: show.or_else(|| field.show.clone()), ..field };
        } else {
            let mut fresh = Field { block: Some(origin(&id)), ..field };
            if next.form.place(&id).is_some() {
                next.form.name_anew(&mut fresh);
            }
            insert_after(&mut next, last.as_deref(), fresh);
        }
        last = Some(id);
    }
    let gone: Vec<String> = next
        .form
        .places()
        .filter(|place| {
            place.field.block.as_ref().is_some_and(|it| it.name == block.name && it.revision < block.revision)
        })
        .filter(|place| place.group.is_none())
        .map(|place| place.field.id.clone())
        .collect();
    for id in gone {
        next.form.remove_field(&id);
    }
    next
}

fn insert_after(procedure: &mut Procedure, after: Option<&str>, field: Field) {
    for page in &mut procedure.form.pages {
        if let Some(rank) = page.fields.iter().position(|found| Some(found.id.as_str()) == after) {
            page.fields.insert(rank + 1, field);
            return;
        }
    }
    let first = procedure.form.pages.iter_mut().find(|page| page.fields.iter().any(|it| it.block.is_some()));
    if let Some(page) = first {
        page.fields.insert(0, field);
    }
}

struct Row {
    href: String,
    title: String,
    detail: String,
}

#[derive(Template)]
#[template(path = "builder/blocks.html")]
struct Blocks {
    page: Page,
    rows: Vec<Row>,
}

pub(super) async fn list(Visit { commune, visitor, page, .. }: Visit) -> Result {
    let who = visitor.require()?.clone();
    let blocks = commune
        .read(visitor.by, move |tx| {
            entitled::<EditProcedures>(tx, &who)?;
            Ok::<_, WebError>(store::blocks(tx)?)
        })
        .await?;
    let mut rows = Vec::new();
    for block in &blocks {
        let labels: Vec<String> = fields_of(block)?.into_iter().map(|field| field.label.fr).collect();
        rows.push(Row {
            href: format!("{ROOT}/blocs/{}", block.name),
            title: block.title.clone(),
            detail: labels.join(", "),
        });
    }
    render(&Blocks { page, rows })
}

fn told(tx: &mut Tx<'_>, kind: &str, name: &str) -> Result<(), StoreError> {
    let payload = json!({ "block": name });
    tx.journal(&Entry { kind, subject_kind: "procedure", subject_id: Uuid::nil(), payload })?;
    Ok(())
}

/// Keeps questions as a block under this title. Gives its name.
pub(super) fn keep(tx: &mut Tx<'_>, title: &str, fields: &[Field]) -> Result<String, StoreError> {
    let known = store::blocks(tx)?;
    let stem = name_of_label(title, '-');
    let names = (1..).map(|number| if number == 1 { stem.clone() } else { format!("{stem}-{number}") });
    let mut free = names.filter(|name| !known.iter().any(|block| block.name == *name));
    let name = free.next().unwrap_or_default();
    let questions = Questions { fields: as_block(fields) };
    let definition =
        Form::part_to_toml(&questions).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    store::insert_block(tx, &name, title, &definition)?;
    told(tx, "procedure.block_kept", &name)?;
    Ok(name)
}

/// Keeps the questions of a draft's page as a block.
pub(super) async fn create(Visit { commune, visitor, .. }: Visit, form: FormPost) -> Result {
    let who = visitor.require()?.clone();
    let name = commune
        .write(visitor.by, move |tx| {
            let open = open(tx, &who, form.text("draft"))?;
            let page = open.procedure.form.pages.iter().find(|page| page.id == form.text("page"));
            let page = page.ok_or_else(WebError::not_found)?;
            let title = page.title.fr.clone();
            if page.fields.len() > FIELDS_AT_MOST {
                return Err(WebError::too_large());
            }
            if store::blocks(tx)?.len() >= store::BLOCKS_AT_MOST as usize {
                return Err(WebError::conflict());
            }
            let name = keep(tx, &title, &page.fields)?;
            Ok::<_, WebError>(name)
        })
        .await?;
    Ok(to(&format!("{ROOT}/blocs/{name}")))
}

#[derive(Template)]
#[template(path = "builder/block.html")]
struct BlockView {
    page: Page,
    name: String,
    title: String,
    questions: Vec<(String, String)>,
    text: String,
    error: String,
    problems: Vec<Problem>,
    revision: u32,
    overtaken: String,
}

fn view(page: Page, block: &Block, revision: u32) -> Result<BlockView> {
    let questions = fields_of(block)?
        .into_iter()
        .map(|field| (field.label.fr.clone(), super::words::kind(&page, field.kind.word())))
        .collect();
    Ok(BlockView {
        name: block.name.clone(),
        title: block.title.clone(),
        text: block.definition.clone(),
        error: String::new(),
        problems: Vec::new(),
        overtaken: String::new(),
        questions,
        revision,
        page,
    })
}

fn named(tx: &mut Tx<'_>, name: &str) -> Result<Block> {
    store::blocks(tx)?.into_iter().find(|block| block.name == name).ok_or_else(WebError::not_found)
}

pub(super) async fn show(Visit { commune, visitor, page, .. }: Visit, Path(name): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let block = commune
        .read(visitor.by, move |tx| {
            entitled::<EditProcedures>(tx, &who)?;
            named(tx, &name)
        })
        .await?;
    let revision = block.revision;
    render(&view(page, &block, revision)?)
}

pub(super) async fn change(
    Visit { commune, visitor, page, .. }: Visit,
    Path(name): Path<String>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let remove = form.get("remove").is_some();
    let (title, text) = (form.text("title").to_owned(), form.get("text").unwrap_or_default().to_owned());
    let revision: u32 = form.text("revision").parse().unwrap_or_default();
    let error = if title.is_empty() { page.t("office-builder-wrong-title").to_owned() } else { wrong(&text) };
    let right = error.is_empty();
    let (typed_title, typed) = (title.clone(), text.clone());
    let (block, done) = commune
        .write(visitor.by, move |tx| {
            entitled::<EditProcedures>(tx, &who)?;
            let block = named(tx, &name)?;
            if remove {
                store::delete_block(tx, &name)?;
                told(tx, "procedure.block_removed", &name)?;
                return Ok((block, true));
            }
            if !right {
                return Ok((block, true));
            }
            let done = store::update_block(tx, (&name, revision), &title, &text)?;
            if done {
                told(tx, "procedure.block_kept", &name)?;
            }
            Ok::<_, WebError>((block, done))
        })
        .await?;
    if done && (right || remove) {
        return Ok(to(&format!("{ROOT}/blocs")));
    }
    let seen = if done { revision } else { block.revision };
    let mut view = view(page, &block, seen)?;
    (view.title, view.text) = (typed_title, typed);
    if done {
        view.problems = Problem::alone("text", &error);
        view.error = error;
        return render_as(StatusCode::UNPROCESSABLE_ENTITY, &view);
    }
    view.page.t("office-builder-overtaken-here").clone_into(&mut view.overtaken);
    render_as(StatusCode::CONFLICT, &view)
}

/// What is wrong with a block's questions, in French; `""` where nothing is.
fn wrong(text: &str) -> String {
    if text.len() > BLOCK_AT_MOST {
        return "Ce bloc est trop long.".to_owned();
    }
    match Form::part_from_toml::<Questions>(text) {
        Err(error) => error.to_string(),
        Ok(questions) => {
            let Ok(empty) = super::start::blank() else { return String::new() };
            match CompiledForm::compile(alone(&empty, questions.fields)) {
                Ok(_) => String::new(),
                Err(problems) => problems
                    .into_iter()
                    .map(|problem| {
                        format!("{}\u{a0}: {}", problem.at, problem.flaw.text(beffroi_core::Lang::Fr))
                    })
                    .collect::<Vec<_>>()
                    .join(" "),
            }
        }
    }
}

/// Copies a block into a page of a draft, or brings its copy up to date.
pub(super) async fn use_block(
    Visit { commune, visitor, .. }: Visit,
    Path(draft): Path<String>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let target = commune
        .write(visitor.by, move |tx| {
            let open = open(tx, &who, &draft)?;
            let base = base(open.kept.id);
            if let Some(name) = form.get("update") {
                let block = named(tx, name)?;
                let fields = fields_of(&block)?;
                let next = refreshed(&open.procedure, &block, fields);
                commands::change(tx, &open.permit, &open.kept, &next)?;
                return Ok(base);
            }
            let block = named(tx, form.text("block"))?;
            let fields = copied(&open.procedure, &block, fields_of(&block)?);
            let mut next = open.procedure.clone();
            let page = form.text("page").to_owned();
            next.form.page_mut(&page).ok_or_else(WebError::not_found)?.fields.extend(fields);
            commands::change(tx, &open.permit, &open.kept, &next)?;
            Ok::<_, WebError>(format!("{base}/pages/{page}"))
        })
        .await?;
    Ok(to(&target))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn procedure() -> Procedure {
        let text = std::fs::read_to_string(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../catalogue/procedures/occupation-domaine-public.toml"
        ));
        Procedure::from_toml(&text.unwrap()).unwrap()
    }

    const CONTACT: &str = "
[[field]]
id = \"telephone\"
kind = \"phone\"
label = \"Téléphone\"
required = false

[[field]]
id = \"rappel\"
kind = \"yes-no\"
label = \"Faut-il vous rappeler ?\"
show = \"telephone != null\"
";

    fn block(revision: u32, definition: &str) -> Block {
        Block {
            name: "joindre".to_owned(),
            title: "Vous joindre".to_owned(),
            revision,
            definition: definition.to_owned(),
        }
    }

    #[test]
    fn a_copied_block_takes_free_names_and_its_conditions_follow() {
        let mut procedure = procedure();
        assert!(procedure.form.place("telephone").is_some());
        let block = block(1, CONTACT);
        let copies = copied(&procedure, &block, fields_of(&block).unwrap());
        let ids: Vec<_> = copies.iter().map(|field| field.id.as_str()).collect();
        assert_eq!(ids, ["telephone_2", "rappel"]);
        assert_eq!(copies[1].show.as_deref(), Some("telephone_2 != null"));
        procedure.form.pages.last_mut().unwrap().fields.extend(copies);
        assert_eq!(procedure.check(), []);
        assert!(outdated(&[block], &procedure).is_empty());
    }

    #[test]
    fn a_changed_block_is_offered_and_keeps_the_names_of_its_copy() {
        let mut procedure = procedure();
        let first = block(1, CONTACT);
        let copies = copied(&procedure, &first, fields_of(&first).unwrap());
        procedure.form.pages.last_mut().unwrap().fields.extend(copies);
        let changed = CONTACT.replace("\"Téléphone\"", "\"Votre téléphone\"").replace("[[field]]\nid = \"rappel\"", "[[field]]\nid = \"horaire\"\nkind = \"text\"\nlabel = \"Quand ?\"\nrequired = false\n\n[[field]]\nid = \"rappel\"");
        let second = block(2, &changed);
        assert_eq!(outdated(std::slice::from_ref(&second), &procedure).len(), 1);
        let next = refreshed(&procedure, &second, fields_of(&second).unwrap());
        assert_eq!(next.form.place("telephone_2").unwrap().field.label.fr, "Votre téléphone");
        let last: Vec<_> =
            next.form.pages.last().unwrap().fields.iter().rev().take(3).map(|it| it.id.clone()).collect();
        assert_eq!(last, ["rappel", "horaire", "telephone_2"]);
        assert_eq!(next.check(), []);
        assert!(outdated(std::slice::from_ref(&second), &next).is_empty());
        let third = block(3, CONTACT.split("\n[[field]]\nid = \"rappel\"").next().unwrap());
        let less = refreshed(&next, &third, fields_of(&third).unwrap());
        assert!(less.form.place("rappel").is_none() && less.form.place("horaire").is_none());
        assert!(less.form.place("telephone_2").is_some());
    }
}
