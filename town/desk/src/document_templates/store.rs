//! The commune's own templates of documents, as the database keeps them.

use beffroi_cases::case::Case;
use beffroi_core::{Id, Instant};
use beffroi_documents::Document;
use beffroi_people::Account;
use beffroi_store::{Result, Row, Tx};

/// Templates of a commune, at most.
pub const TEMPLATES_AT_MOST: u32 = 100;
/// Versions that a page tells.
const VERSIONS_SHOWN: u32 = 100;

/// A template as it stands, without its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its name in procedures and addresses.
    pub slug: String,
    /// What people call it.
    pub title: String,
    /// Counts up with each change.
    pub version: u32,
    /// The procedure whose fields it is tried with; `""` where it is an example.
    pub sample: String,
    /// Since when it is offered no longer.
    pub retired_at: Option<Instant>,
}

/// One version of a template, without its source.
#[derive(Clone, Debug)]
pub struct Version {
    pub number: u32,
    pub made_by: Option<Id<Account>>,
    pub made_at: Instant,
    /// Who published it, where the commune wanted a second person.
    pub published_by: Option<Id<Account>>,
}

/// What a template is to say once a second person has published it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Counts up with each change.
    pub revision: u32,
    pub source: String,
    /// Who changed it last.
    pub written_by: Option<Id<Account>>,
    pub written_at: Instant,
    /// What is to be looked at again, where it was sent back.
    pub sent_back: String,
}

fn read(row: &mut Row) -> Result<Kept> {
    Ok(Kept {
        slug: row.get(0)?,
        title: row.get(1)?,
        version: row.get(2)?,
        sample: row.get(3)?,
        retired_at: row.get(4)?,
    })
}

const LIST: &str = "SELECT slug, title, version, sample, retired_at FROM desk_document_template \
                    ORDER BY title, slug LIMIT $1";
const FIND: &str =
    "SELECT slug, title, version, sample, retired_at FROM desk_document_template WHERE slug = $1";
const INSERT: &str =
    "INSERT INTO desk_document_template (slug, title, version, sample) VALUES ($1, $2, 1, '')";
const UPDATE: &str = "UPDATE desk_document_template SET title = $1, sample = $2, version = $3 \
                      WHERE slug = $4 AND version = $5";
const RETIRE: &str = "UPDATE desk_document_template SET retired_at = $1 WHERE slug = $2";
const VERSIONS: &str = "SELECT version, made_by, made_at, published_by FROM desk_document_template_version \
                        WHERE slug = $1 ORDER BY version DESC LIMIT $2";
const SOURCE: &str = "SELECT source FROM desk_document_template_version WHERE slug = $1 AND version = $2";
const SOURCES: &str = "SELECT t.slug, v.source FROM desk_document_template t \
                       JOIN desk_document_template_version v ON v.slug = t.slug AND v.version = t.version \
                       WHERE t.retired_at IS NULL ORDER BY t.slug LIMIT $1";
const VERSION_INSERT: &str = "INSERT INTO desk_document_template_version \
                              (slug, version, source, made_by, made_at, published_by) \
                              VALUES ($1, $2, $3, $4, $5, $6)";
const DRAFT: &str = "SELECT revision, source, written_by, written_at, sent_back FROM desk_document_template_draft \
                     WHERE slug = $1 AND is_open = $2";
const DRAFTED: &str =
    "SELECT slug FROM desk_document_template_draft WHERE is_open = $1 ORDER BY slug LIMIT $2";
const DRAFT_WRITE: &str = "INSERT INTO desk_document_template_draft \
                           (slug, revision, source, written_by, written_at, is_open, sent_back) \
                           VALUES ($1, 1, $2, $3, $4, $5, '') ON CONFLICT (slug) DO UPDATE \
                           SET revision = desk_document_template_draft.revision + 1, source = excluded.source, \
                           written_by = excluded.written_by, written_at = excluded.written_at, \
                           is_open = excluded.is_open, sent_back = ''";
const DRAFT_SEND_BACK: &str = "UPDATE desk_document_template_draft SET sent_back = $1 WHERE slug = $2";
const DRAFT_CLOSE: &str =
    "UPDATE desk_document_template_draft SET source = '', sent_back = '', is_open = $1 WHERE slug = $2";

/// All of them, by title; those that are offered no longer too.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Kept>> {
    tx.query(LIST, &[&TEMPLATES_AT_MOST], read)
}

pub fn find(tx: &mut Tx<'_>, slug: &str) -> Result<Option<Kept>> {
    tx.query_opt(FIND, &[&slug], read)
}

pub fn insert(tx: &mut Tx<'_>, slug: &str, title: &str) -> Result<()> {
    tx.execute(INSERT, &[&slug, &title]).map(drop)
}

/// Changes a template, if nobody else did since this version.
pub fn update(
    tx: &mut Tx<'_>,
    seen: (&str, u32),
    (title, sample): (&str, &str),
    version: u32,
) -> Result<bool> {
    let (slug, before) = seen;
    Ok(tx.execute(UPDATE, &[&title, &sample, &version, &slug, &before])? > 0)
}

pub fn retire(tx: &mut Tx<'_>, slug: &str, at: Option<Instant>) -> Result<()> {
    tx.execute(RETIRE, &[&at, &slug]).map(drop)
}

pub fn insert_version(
    tx: &mut Tx<'_>,
    (slug, version): (&str, u32),
    source: &str,
    (by, published_by): (Option<Id<Account>>, Option<Id<Account>>),
) -> Result<()> {
    tx.execute(VERSION_INSERT, &[&slug, &version, &source, &by, &tx.now(), &published_by]).map(drop)
}

/// What waits for a second person.
pub fn draft(tx: &mut Tx<'_>, slug: &str) -> Result<Option<Draft>> {
    tx.query_opt(DRAFT, &[&slug, &true], |row| {
        Ok(Draft {
            revision: row.get(0)?,
            source: row.get(1)?,
            written_by: row.get(2)?,
            written_at: row.get(3)?,
            sent_back: row.get(4)?,
        })
    })
}

/// Says what is to be looked at again in what waits.
pub fn send_back(tx: &mut Tx<'_>, slug: &str, words: &str) -> Result<()> {
    tx.execute(DRAFT_SEND_BACK, &[&words, &slug]).map(drop)
}

/// The templates of which something waits for a second person.
pub fn drafted(tx: &mut Tx<'_>) -> Result<Vec<String>> {
    tx.query(DRAFTED, &[&true, &TEMPLATES_AT_MOST], |row| row.get(0))
}

/// Keeps a source until a second person publishes it.
pub fn write_draft(tx: &mut Tx<'_>, slug: &str, source: &str, by: Option<Id<Account>>) -> Result<()> {
    tx.execute(DRAFT_WRITE, &[&slug, &source, &by, &tx.now(), &true]).map(drop)
}

/// Nothing waits any longer.
pub fn close_draft(tx: &mut Tx<'_>, slug: &str) -> Result<()> {
    tx.execute(DRAFT_CLOSE, &[&false, &slug]).map(drop)
}

/// The versions of a template, the latest first.
pub fn versions(tx: &mut Tx<'_>, slug: &str) -> Result<Vec<Version>> {
    tx.query(VERSIONS, &[&slug, &VERSIONS_SHOWN], |row| {
        Ok(Version {
            number: row.get(0)?,
            made_by: row.get(1)?,
            made_at: row.get(2)?,
            published_by: row.get(3)?,
        })
    })
}

/// What a version says.
pub fn source(tx: &mut Tx<'_>, slug: &str, version: u32) -> Result<Option<String>> {
    tx.query_opt(SOURCE, &[&slug, &version], |row| row.get(0))
}

/// The templates that are offered, each with its source as it stands.
pub fn sources(tx: &mut Tx<'_>) -> Result<Vec<(String, String)>> {
    tx.query(SOURCES, &[&TEMPLATES_AT_MOST], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Which template made a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The document.
    pub document: Id<Document>,
    /// The template's name.
    pub template: String,
    /// Its version; 0 for one of the house's own.
    pub version: u32,
    /// When.
    pub at: Instant,
}

/// Documents of a case that are told of, at most.
const MADE_AT_MOST: u32 = 500;
const MADE_INSERT: &str = "INSERT INTO desk_made_document (document, case_id, template, version, made_at) \
                           VALUES ($1, $2, $3, $4, $5)";
const MADE: &str = "SELECT document, template, version, made_at FROM desk_made_document WHERE case_id = $1 \
                    ORDER BY made_at DESC, document LIMIT $2";
const MADE_FORGET: &str = "DELETE FROM desk_made_document WHERE case_id = $1";

/// Keeps which template made a document of a case.
pub fn record(
    tx: &mut Tx<'_>,
    case: Id<Case>,
    document: Id<Document>,
    (template, version): (&str, u32),
) -> Result<()> {
    tx.execute(MADE_INSERT, &[&document, &case, &template, &version, &tx.now()]).map(drop)
}

/// The documents of a case that templates made, the latest first.
pub fn made(tx: &mut Tx<'_>, case: Id<Case>) -> Result<Vec<Made>> {
    tx.query(MADE, &[&case, &MADE_AT_MOST], |row| {
        Ok(Made { document: row.get(0)?, template: row.get(1)?, version: row.get(2)?, at: row.get(3)? })
    })
}

/// Forgets it with the case.
pub fn forget(tx: &mut Tx<'_>, case: Id<Case>) -> Result<()> {
    tx.execute(MADE_FORGET, &[&case]).map(drop)
}
