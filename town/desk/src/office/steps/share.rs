//! What whoever is asked for an opinion sees of a case: the questions and documents that were ticked, and nothing else.

use std::collections::BTreeSet;

use beffroi_cases::{
    advice::{Opinion, Shared},
    case::Case,
    step,
};
use beffroi_core::{Id, Lang};
use beffroi_documents::{self as documents, Document, State as Scan};
use beffroi_forms::{CompiledForm, Kind, Known};
use beffroi_store::Tx;
use beffroi_web::{Result, WebError};
use serde_json::Value;
use uuid::Uuid;

use crate::{Parts, control::size, procedure::Lists};

/// Documents of a case that may be shared, at most.
const DOCUMENTS_AT_MOST: u32 = 200;

/// A question with its answer, as whoever is asked reads them.
pub(crate) struct Line {
    pub(crate) label: String,
    pub(crate) value: String,
    pub(crate) href: String,
}

/// A document that is shared.
pub(crate) struct Paper {
    pub(crate) href: String,
    pub(crate) title: String,
    pub(crate) detail: String,
}

/// What is shared, as a page shows it.
pub(crate) struct View {
    pub(crate) title: String,
    pub(crate) reference: String,
    pub(crate) lines: Vec<Line>,
    pub(crate) papers: Vec<Paper>,
}

/// Something that may be ticked.
pub(crate) struct Tickable {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) hint: String,
    pub(crate) chosen: bool,
}

/// What a procedure shares by itself: questions, and the documents of those that are files.
pub(crate) fn of(form: &CompiledForm, known: Known<'_>, names: &[String]) -> Shared {
    let mut shared = Shared::default();
    for name in names {
        let files = match name.split_once('.') {
            None => form.field(name).is_some_and(|field| matches!(field.kind, Kind::File { .. })),
            Some(_) => false,
        };
        if files {
            let answer = known.answers.get(name).and_then(Value::as_array);
            let given = answer.into_iter().flatten().filter_map(|file| file.get("document")?.as_str());
            shared.documents.extend(given.filter_map(|id| id.parse::<Uuid>().ok()));
        } else {
            shared.fields.push(name.clone());
        }
    }
    shared
}

/// What may be ticked: the questions that are answered, and what agents filled in.
pub(crate) fn tickable(
    form: &CompiledForm,
    known: Known<'_>,
    chosen: &[String],
    lang: Lang,
) -> Vec<Tickable> {
    let own = form.fields().filter(|(_, field)| field.kind.is_question()).map(|(_, field)| field);
    let own = own.filter(|field| !matches!(field.kind, Kind::File { .. } | Kind::Group { .. } | Kind::Sworn));
    let mut names: Vec<String> = own.map(|field| field.id.clone()).collect();
    for step in &form.procedure().steps {
        let fields = step.fields.iter().filter(|field| field.kind.is_question());
        let fields = fields.filter(|field| !matches!(field.kind, Kind::File { .. } | Kind::Group { .. }));
        names.extend(fields.map(|field| format!("{}.{}", step.id, field.id)));
    }
    names
        .into_iter()
        .filter_map(|name| {
            let value = form.told(&name, known, lang, &Lists).filter(|value| !value.is_empty())?;
            let label = form.called(&name, lang)?;
            let chosen = chosen.contains(&name);
            Some(Tickable { value: name, label, hint: value, chosen })
        })
        .collect()
}

/// The documents of a case that may be ticked.
pub(crate) fn tickable_documents(documents: &[Document], chosen: &[String]) -> Vec<Tickable> {
    documents
        .iter()
        .filter(|document| document.state == Scan::Clean)
        .map(|document| Tickable {
            value: document.id.to_string(),
            label: document.name.clone(),
            hint: String::new(),
            chosen: chosen.contains(&document.id.to_string()),
        })
        .collect()
}

/// What an opinion shows. `base`: the address under which its documents lie.
pub(crate) fn view(
    tx: &mut Tx<'_>,
    desk: &Parts,
    opinion: &Opinion,
    case: &Case,
    base: &str,
    lang: Lang,
) -> Result<View> {
    let form = desk.shelf.version(tx, &case.procedure, case.procedure_version)?;
    let form = form.ok_or_else(WebError::not_found)?;
    let filled = step::filled(tx, case.id)?;
    let empty = serde_json::Map::new();
    let known = Known { answers: case.answers.as_object().unwrap_or(&empty), steps: &filled };
    let lines = opinion.shared.fields.iter().filter_map(|name| {
        let value = form.told(name, known, lang, &Lists).filter(|value| !value.is_empty())?;
        Some(Line { label: form.called(name, lang)?, value, href: String::new() })
    });
    let papers = shared_documents(tx, opinion, case)?
        .into_iter()
        .map(|document| Paper {
            href: format!("{base}/documents/{}", document.id),
            detail: format!(
                "{}, {}",
                document.media_type.label(),
                size(u64::try_from(document.bytes).unwrap_or_default(), lang)
            ),
            title: document.name,
        })
        .collect();
    Ok(View {
        title: form.procedure().title.text(lang).to_owned(),
        reference: case.reference.clone(),
        lines: lines.collect(),
        papers,
    })
}

/// The documents that an opinion shows, checked by the virus gate.
fn shared_documents(tx: &mut Tx<'_>, opinion: &Opinion, case: &Case) -> Result<Vec<Document>> {
    if opinion.shared.documents.is_empty() {
        return Ok(Vec::new());
    }
    let wanted: BTreeSet<Uuid> = opinion.shared.documents.iter().copied().collect();
    let all = documents::of_owner(tx, "case", case.id.uuid(), DOCUMENTS_AT_MOST)?;
    let shared = all.into_iter().filter(|it| it.state == Scan::Clean && wanted.contains(&it.id.uuid()));
    Ok(shared.collect())
}

/// One document that an opinion shows, or that its answer brought; 404 for every other.
pub(crate) fn document(
    tx: &mut Tx<'_>,
    opinion: &Opinion,
    case: &Case,
    id: Id<Document>,
) -> Result<Document> {
    let found = documents::find(tx, id)?.ok_or_else(WebError::not_found)?;
    let shared = found.owner_kind == "case"
        && found.owner_id == case.id.uuid()
        && opinion.shared.documents.contains(&id.uuid());
    if shared { Ok(found) } else { Err(WebError::not_found()) }
}
