//! The copy of everything as one file: a page to read, the same for a program, and the documents.

use std::path::PathBuf;

use askama::Template;
use beffroi_core::{Id, Lang};
use beffroi_documents::{Bundle, Packed};
use beffroi_people::leaving::Export;
use beffroi_store::{Commune, StoreError};
use beffroi_web::personal::{PersonalData, Teller};
use serde_json::json;

/// Bytes of documents in one copy; what does not fit in is named on its page.
const BYTES_AT_MOST: i64 = 2_000_000_000;

/// Where a copy lies.
pub fn file_of(commune: &Commune, export: Id<Export>) -> PathBuf {
    folder(commune).join(format!("{export}.zip"))
}

/// Where copies lie.
pub fn folder(commune: &Commune) -> PathBuf {
    commune.folder().join("exports")
}

struct Fact<'a> {
    label: &'a str,
    value: &'a str,
}

struct Thing<'a> {
    title: &'a str,
    facts: Vec<Fact<'a>>,
}

#[derive(Template)]
#[template(path = "export_index.html")]
struct Index<'a> {
    lang: &'static str,
    title: String,
    made: String,
    about: String,
    files_title: String,
    omitted_title: String,
    things: Vec<Thing<'a>>,
    files: &'a [String],
    omitted: &'a [String],
}

/// What the copy says of itself.
pub struct Head {
    /// The commune's name.
    pub commune: String,
    /// When it was made, for people.
    pub made: String,
    /// When it was made, for programs.
    pub made_at: beffroi_core::Instant,
}

/// Writes the copy, and tells how many bytes it has.
///
/// # Errors
/// Those of the disk and of the store.
pub fn write(
    commune: &Commune,
    export: Id<Export>,
    head: &Head,
    data: &PersonalData,
    teller: Teller<'_>,
) -> Result<i64, StoreError> {
    let mut bundle = Bundle::create(&file_of(commune, export))?;
    let files: Vec<_> = data.files.iter().map(|file| (file.path.clone(), file.document)).collect();
    let Packed { taken, omitted } = bundle.documents(commune, &files, BYTES_AT_MOST)?;
    let entries: Vec<_> = data
        .entries
        .iter()
        .map(|entry| json!({ "sector": entry.sector, "title": entry.title, "data": entry.data }))
        .collect();
    let whole = json!({
        "commune": head.commune,
        "made_at": head.made_at,
        "entries": entries,
        "files": taken,
        "files_left_out": omitted,
    });
    bundle.text("donnees.json", &serde_json::to_vec_pretty(&whole)?)?;
    bundle.text("index.html", index(head, data, teller, &taken, &omitted)?.as_bytes())?;
    bundle.finish()
}

/// The page, for people.
fn index(
    head: &Head,
    data: &PersonalData,
    teller: Teller<'_>,
    files: &[String],
    omitted: &[String],
) -> Result<String, StoreError> {
    let things = data
        .entries
        .iter()
        .map(|entry| Thing {
            title: &entry.title,
            facts: entry.facts.iter().map(|(label, value)| Fact { label, value }).collect(),
        })
        .collect();
    let index = Index {
        lang: match teller.lang() {
            Lang::Fr => "fr",
            Lang::En => "en",
        },
        title: teller.tr("accounts-copy-title", &[("commune", head.commune.as_str().into())]),
        made: teller.tr("accounts-copy-made", &[("date", head.made.as_str().into())]),
        about: teller.t("accounts-copy-about"),
        files_title: teller.t("accounts-copy-files"),
        omitted_title: teller.t("accounts-copy-omitted"),
        things,
        files,
        omitted,
    };
    index.render().map_err(|error| StoreError::Invalid(error.to_string()))
}
