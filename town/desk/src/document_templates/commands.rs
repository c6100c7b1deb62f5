//! What is done to a template of documents: begun, changed, published by a second person, retired, offered again. One
//! transaction and one journal entry each.

use beffroi_core::{Actor, Id};
use beffroi_forms::{CompiledForm, Deed, Procedure, name_of_label};
use beffroi_people::{Account, Permit, Town, permission::permit_system};
use beffroi_store::{Entry, StoreError, Tx};
use beffroi_typeset::HouseTemplate;
use serde_json::json;
use uuid::Uuid;

use super::store::{self, Draft, Kept};
use crate::permission::{EditProcedures, PublishProcedures};

/// What a source may weigh, in bytes.
pub const SOURCE_AT_MOST: usize = 128 << 10;
/// Letters of a title.
pub const TITLE_AT_MOST: usize = 100;

/// Why nothing was done to a template.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// There is none of this name.
    #[error("there is no such template")]
    Gone,
    /// Somebody else changed it in the meantime.
    #[error("somebody else changed the template")]
    Overtaken,
    /// The commune wants a second person, and this is the first.
    #[error("another person must publish what this one wrote")]
    SecondPerson,
    /// There are too many already.
    #[error("there are too many templates")]
    TooMany,
    /// It has no title, or too long a one.
    #[error("a template has a title of 100 letters at most")]
    Title,
    /// It cannot bear this name: it is no short name, or that of a template of the house.
    #[error("a template's name is made of small letters, digits and hyphens, and is none of the house's own")]
    Name,
    /// It is for people to do, on the page that makes it.
    #[error("only the command line takes a template without a page")]
    Forbidden,
    /// It is too large to be kept.
    #[error("the template is too large")]
    TooLarge,
    /// Procedures that are offered use it: their titles.
    #[error("procedures use this template: {}", .0.join(", "))]
    InUse(Vec<String>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn actor(tx: &Tx<'_>) -> Option<Id<Account>> {
    match tx.by().actor {
        Actor::Account(account) => Some(Id::from_uuid(account)),
        _ => None,
    }
}

fn told(tx: &mut Tx<'_>, kind: &str, slug: &str, version: u32) -> Result<(), StoreError> {
    let payload = json!({ "template": slug, "version": version });
    // Templates are told apart by their names, as procedures are.
    tx.journal(&Entry { kind, subject_kind: "document_template", subject_id: Uuid::nil(), payload })?;
    Ok(())
}

fn checked<'t>(title: &'t str, source: &str) -> Result<&'t str, TemplateError> {
    let title = title.trim();
    if title.is_empty() || title.chars().count() > TITLE_AT_MOST {
        return Err(TemplateError::Title);
    }
    if source.len() > SOURCE_AT_MOST { Err(TemplateError::TooLarge) } else { Ok(title) }
}

/// Whether the commune's own templates may not bear this name: an address or a template of the house does.
fn is_reserved(name: &str) -> bool {
    name == "nouveau" || HouseTemplate::from_slug(name).is_some()
}

/// Begins a template with this source. Gives its name, made of the title.
pub fn begin(
    tx: &mut Tx<'_>,
    permit: &Permit<EditProcedures>,
    title: &str,
    source: &str,
) -> Result<String, TemplateError> {
    let title = checked(title, source)?;
    let stem = match name_of_label(title, '-') {
        name if name.is_empty() => "modele".to_owned(),
        name => name,
    };
    let known = store::list(tx)?;
    let taken = |name: &str| is_reserved(name) || known.iter().any(|template| template.slug == name);
    let names = (1..).map(|number| if number == 1 { stem.clone() } else { format!("{stem}-{number}") });
    let mut free = names.filter(|name| !taken(name));
    let name = free.next().unwrap_or_default();
    named(tx, permit, &name, title, source)?;
    Ok(name)
}

/// Begins a template under a name that is free.
fn named(
    tx: &mut Tx<'_>,
    _: &Permit<EditProcedures>,
    name: &str,
    title: &str,
    source: &str,
) -> Result<(), TemplateError> {
    if store::list(tx)?.len() >= store::TEMPLATES_AT_MOST as usize {
        return Err(TemplateError::TooMany);
    }
    let by = actor(tx);
    store::insert(tx, name, title)?;
    store::insert_version(tx, (name, 1), source, (by, None))?;
    Ok(told(tx, "document_template.created", name, 1)?)
}

/// What somebody read of a template before they acted: the version in use, and the change that waits (0: none).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    pub version: u32,
    pub revision: u32,
}

/// The template and what waits, if nobody changed either since they were read.
fn unchanged(tx: &mut Tx<'_>, slug: &str, seen: Seen) -> Result<(Kept, Option<Draft>), TemplateError> {
    let kept = store::find(tx, slug)?.ok_or(TemplateError::Gone)?;
    let draft = store::draft(tx, slug)?;
    let revision = draft.as_ref().map_or(0, |draft| draft.revision);
    if (Seen { version: kept.version, revision }) != seen {
        return Err(TemplateError::Overtaken);
    }
    Ok((kept, draft))
}

/// Writes what a template says: as a new version, or where the commune wants a second person, as a change that waits
/// for them. Says whether something waits.
pub fn change(
    tx: &mut Tx<'_>,
    _: &Permit<EditProcedures>,
    (slug, seen): (&str, Seen),
    (title, sample): (&str, &str),
    source: &str,
) -> Result<bool, TemplateError> {
    let title = checked(title, source)?;
    let (kept, draft) = unchanged(tx, slug, seen)?;
    if !Town::load(tx)?.procedures_by_two {
        replace(tx, &kept, (title, sample), source)?;
        if draft.is_some() {
            store::close_draft(tx, slug)?;
        }
        return Ok(false);
    }
    // What colleagues call it, and what it is tried with, change no document.
    if (kept.title != title || kept.sample != sample)
        && store::update(tx, (slug, kept.version), (title, sample), kept.version)?
    {
        told(tx, "document_template.changed", slug, kept.version)?;
    }
    if store::source(tx, slug, kept.version)?.as_deref() == Some(source) {
        if draft.is_some() {
            give_up(tx, &kept)?;
        }
        return Ok(false);
    }
    if draft.is_none_or(|draft| draft.source != source) {
        let by = actor(tx);
        store::write_draft(tx, slug, source, by)?;
        told(tx, "document_template.drafted", slug, kept.version)?;
    }
    Ok(true)
}

/// Writes what a template says now, as a new version where that is another text. Gives the version.
fn replace(
    tx: &mut Tx<'_>,
    kept: &Kept,
    (title, sample): (&str, &str),
    source: &str,
) -> Result<u32, TemplateError> {
    let (slug, seen) = (kept.slug.as_str(), kept.version);
    let same = store::source(tx, slug, seen)?.as_deref() == Some(source);
    let version = if same { seen } else { seen + 1 };
    if same && kept.title == title && kept.sample == sample {
        return Ok(seen);
    }
    if !store::update(tx, (slug, seen), (title, sample), version)? {
        return Err(TemplateError::Overtaken);
    }
    if !same {
        let by = actor(tx);
        store::insert_version(tx, (slug, version), source, (by, None))?;
    }
    told(tx, "document_template.changed", slug, version)?;
    Ok(version)
}

fn give_up(tx: &mut Tx<'_>, kept: &Kept) -> Result<(), StoreError> {
    store::close_draft(tx, &kept.slug)?;
    told(tx, "document_template.draft_discarded", &kept.slug, kept.version)
}

/// Puts what waits in the place of what is in use. Gives the version.
pub fn publish_draft(
    tx: &mut Tx<'_>,
    _: &Permit<PublishProcedures>,
    (slug, seen): (&str, Seen),
) -> Result<u32, TemplateError> {
    let (kept, draft) = unchanged(tx, slug, seen)?;
    let draft = draft.ok_or(TemplateError::Overtaken)?;
    let by = actor(tx);
    if Town::load(tx)?.procedures_by_two && draft.written_by == by {
        return Err(TemplateError::SecondPerson);
    }
    let version = kept.version + 1;
    if !store::update(tx, (slug, kept.version), (&kept.title, &kept.sample), version)? {
        return Err(TemplateError::Overtaken);
    }
    store::insert_version(tx, (slug, version), &draft.source, (draft.written_by, by))?;
    store::close_draft(tx, slug)?;
    told(tx, "document_template.changed", slug, version)?;
    Ok(version)
}

/// Gives what waits back to whoever wrote it, with words.
pub fn send_back(
    tx: &mut Tx<'_>,
    _: &Permit<PublishProcedures>,
    (slug, seen): (&str, Seen),
    words: &str,
) -> Result<(), TemplateError> {
    let (kept, draft) = unchanged(tx, slug, seen)?;
    draft.ok_or(TemplateError::Overtaken)?;
    store::send_back(tx, slug, words)?;
    Ok(told(tx, "document_template.sent_back", slug, kept.version)?)
}

/// Gives up what waits. What is in use stays as it is.
pub fn discard_draft(
    tx: &mut Tx<'_>,
    _: &Permit<EditProcedures>,
    (slug, seen): (&str, Seen),
) -> Result<(), TemplateError> {
    let (kept, draft) = unchanged(tx, slug, seen)?;
    draft.ok_or(TemplateError::Overtaken)?;
    Ok(give_up(tx, &kept)?)
}

/// Whether a procedure has documents laid out by a template.
fn uses(procedure: &Procedure, slug: &str) -> bool {
    let mut actions = procedure.steps.iter().flat_map(|step| &step.actions);
    actions.any(|action| action.kind == Deed::Document && action.template == slug)
}

/// The procedures among these that use a template: their short names and titles.
pub fn users<'f>(forms: impl IntoIterator<Item = &'f CompiledForm>, slug: &str) -> Vec<(String, String)> {
    let procedures = forms.into_iter().map(CompiledForm::procedure);
    let using = procedures.filter(|procedure| uses(procedure, slug));
    using.map(|procedure| (procedure.slug.clone(), procedure.title.fr.clone())).collect()
}

/// Offers a template no longer, where no procedure that is offered uses it. Cases of earlier versions keep it.
pub fn retire(
    tx: &mut Tx<'_>,
    _: &Permit<EditProcedures>,
    slug: &str,
    users: Vec<(String, String)>,
) -> Result<(), TemplateError> {
    let kept = store::find(tx, slug)?.ok_or(TemplateError::Gone)?;
    if !users.is_empty() {
        return Err(TemplateError::InUse(users.into_iter().map(|(_, title)| title).collect()));
    }
    if kept.retired_at.is_none() {
        let now = tx.now();
        store::retire(tx, slug, Some(now))?;
        told(tx, "document_template.retired", slug, kept.version)?;
    }
    Ok(())
}

/// Offers a template again.
pub fn resume(tx: &mut Tx<'_>, _: &Permit<EditProcedures>, slug: &str) -> Result<(), TemplateError> {
    let kept = store::find(tx, slug)?.ok_or(TemplateError::Gone)?;
    if kept.retired_at.is_some() {
        store::retire(tx, slug, None)?;
        told(tx, "document_template.resumed", slug, kept.version)?;
    }
    Ok(())
}

/// Takes a file that carries a template's name: it is a new template, or the next version of the one that there is.
///
/// # Errors
/// Somebody else than the house itself asks; it cannot bear this name; it is too large; there are too many.
pub fn publish(tx: &mut Tx<'_>, slug: &str, source: &str) -> Result<u32, TemplateError> {
    let permit = &permit_system::<EditProcedures>(tx).map_err(|_| TemplateError::Forbidden)?;
    if let Some(kept) = store::find(tx, slug)? {
        checked(&kept.title, source)?;
        return replace(tx, &kept, (&kept.title, &kept.sample), source);
    }
    checked(slug, source)?;
    if is_reserved(slug) || slug != name_of_label(slug, '-') {
        return Err(TemplateError::Name);
    }
    named(tx, permit, slug, slug, source).map(|()| 1)
}
