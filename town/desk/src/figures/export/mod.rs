//! Cases as spreadsheets: ordered by who may take them out, written by a job where they are many, kept for a week for
//! whoever ordered them, and told in the journal.

pub(crate) mod pages;
mod sheets;
mod store;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use beffroi_cases::listing::Listed;
use beffroi_core::{Day, Id};
use beffroi_people::{
    Account, SignedIn, department,
    permission::{Scope, scope},
};
use beffroi_sheets::Kind;
use beffroi_store::{
    By, Commune, Entry, StoreError, Tx,
    background::JobHandler,
    jobs::{self, Job, JobError},
};
use beffroi_web::{Result, WebError};
use chrono::TimeDelta;
use serde_json::json;
use tempfile::NamedTempFile;
use uuid::Uuid;

pub use store::{Export, Part, State};

use crate::{
    Parts,
    permission::{ExportCases, Place},
};

/// The job that writes a large one.
const WRITE: &str = "desk.export";
/// How long the file is kept.
const KEPT: TimeDelta = TimeDelta::days(7);
/// Up to so many cases are written while one waits.
const AT_ONCE: i64 = 1_000;
/// Exports of one agent that are kept at once.
pub const OWN_AT_MOST: usize = 20;

/// What is ordered.
#[derive(Clone, Debug)]
pub struct Order {
    /// The procedure whose answers stand in columns; `""` for a list without answers.
    pub procedure: String,
    /// The department; `""` for all those that the agent may take from.
    pub department: String,
    /// Received on this day or after.
    pub from: Option<Day>,
    /// Received on this day or before.
    pub until: Option<Day>,
    /// The kind of file.
    pub kind: Kind,
}

/// The departments whose cases an agent may take out of the house. Whoever may take none is not told that there is a
/// page.
pub fn places(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Vec<Place>> {
    let scope = scope::<ExportCases>(tx, who)?;
    let places: Vec<Place> = department::list(tx)?
        .into_iter()
        .filter(|department| scope.contains(Some(department.id)))
        .map(|department| Place { slug: department.details.slug, name: department.details.name })
        .collect();
    let everywhere = scope == Scope::All;
    if places.is_empty() && !everywhere {
        return Err(if who.second_factor.is_lacking() {
            WebError::sign_in_required()
        } else {
            WebError::not_found()
        });
    }
    Ok(places)
}

/// Orders an export; tells whether it is small enough to be written at once. `None` where the agent keeps as many as may
/// be: each lists persons, and lies on the disk.
///
/// # Errors
/// 404 for a department or a procedure that the agent may not take out.
pub fn order(
    tx: &mut Tx<'_>,
    desk: &Parts,
    who: &SignedIn,
    order: &Order,
) -> Result<Option<(Id<Export>, bool)>> {
    let places = places(tx, who)?;
    if own(tx, who.account)?.len() >= OWN_AT_MOST {
        return Ok(None);
    }
    let departments: Vec<String> = match order.department.as_str() {
        "" => places.into_iter().map(|place| place.slug).collect(),
        wanted => {
            let known = places.into_iter().find(|place| place.slug == wanted);
            vec![known.ok_or_else(WebError::not_found)?.slug]
        }
    };
    if !order.procedure.is_empty() {
        // What is so sensitive that it is sealed at rest never leaves the house.
        let versions = sheets::versions(tx, desk, &order.procedure)?;
        if versions.is_empty() || versions.iter().any(|form| form.procedure().sealed) {
            return Err(WebError::not_found());
        }
    }
    let id = tx.new_id();
    let now = tx.now();
    let export = Export {
        id,
        account: who.account,
        listed: Listed {
            departments: departments.clone(),
            procedure: Some(order.procedure.clone()).filter(|slug| !slug.is_empty()),
            from: order.from,
            until: order.until,
        },
        kind: order.kind,
        state: State::Waiting,
        cases: 0,
        bytes: 0,
        asked_at: now,
        expires_at: now + KEPT,
        parts: Vec::new(),
    };
    let at_most = beffroi_cases::listing::at_most(tx, &export.listed)?;
    store::insert(tx, &export)?;
    tx.journal(&Entry {
        kind: "export.made",
        subject_kind: "export",
        subject_id: id.uuid(),
        payload: json!({
            "procedure": order.procedure, "departments": departments, "kind": order.kind.extension(),
            "from": order.from, "until": order.until,
        }),
    })?;
    let small = at_most <= AT_ONCE;
    if !small {
        jobs::enqueue(tx, WRITE, &json!({ "export": id }), now, None)?;
    }
    Ok(Some((id, small)))
}

/// Where the file of an export lies; or that of a group beside it.
fn file_of(commune: &Commune, export: &Export, part: Option<&Part>) -> PathBuf {
    let part = part.map(|part| format!("-{}", part.name)).unwrap_or_default();
    folder(commune).join(format!("{}{part}.{}", export.id, export.kind.extension()))
}

fn folder(commune: &Commune) -> PathBuf {
    commune.folder().join("exports")
}

/// Writes the file of an export that waits. Blocks.
///
/// # Errors
/// Those of the store and of the disk.
pub fn write(commune: &Arc<Commune>, desk: &Parts, id: Id<Export>) -> std::result::Result<(), StoreError> {
    let folder = folder(commune);
    private_folder(&folder)?;
    let found = commune.read_blocking(By::SYSTEM, |tx| {
        let Some(export) = store::find(tx, id)?.filter(|export| export.state == State::Waiting) else {
            return Ok(None);
        };
        let written = sheets::write(tx, desk, &export, &folder)?;
        Ok::<_, StoreError>(Some((export, written)))
    })?;
    let Some((export, written)) = found else { return Ok(()) };
    let bytes = keep(written.book, &file_of(commune, &export, None))?;
    let mut parts = Vec::with_capacity(written.beside.len());
    for (name, title, book) in written.beside {
        let mut part = Part { name, title, bytes: 0 };
        part.bytes = keep(book, &file_of(commune, &export, Some(&part)))?;
        parts.push(part);
    }
    let cases = written.cases;
    commune.write_blocking(By::SYSTEM, move |tx| store::ready(tx, id, cases, bytes, &parts))
}

/// Keeps a file that was written; tells how large it is.
fn keep(book: NamedTempFile, file: &Path) -> std::result::Result<i64, StoreError> {
    let kept = book.persist(file).map_err(|error| StoreError::io("keep an export")(error.error))?;
    let bytes = kept.metadata().map_err(StoreError::io("keep an export"))?.len();
    Ok(i64::try_from(bytes).unwrap_or(i64::MAX))
}

/// Only the program itself reads what lies there.
fn private_folder(folder: &Path) -> std::result::Result<(), StoreError> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(StoreError::io("make a folder for exports"))
}

/// Writes large exports.
pub struct ExportHandler(pub Arc<Parts>);

impl ExportHandler {
    fn export(job: &Job) -> Option<Id<Export>> {
        job.payload.get("export")?.as_str()?.parse().ok()
    }
}

impl JobHandler for ExportHandler {
    fn kind(&self) -> &'static str {
        WRITE
    }

    fn steps_back(&self) -> bool {
        true
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> std::result::Result<(), JobError> {
        let id = Self::export(job)
            .ok_or_else(|| JobError::Fail("the job does not say which export".to_owned()))?;
        Ok(write(commune, &self.0, id)?)
    }

    fn given_up(&self, tx: &mut Tx<'_>, job: &Job) -> std::result::Result<(), StoreError> {
        Self::export(job).map_or(Ok(()), |id| store::failed(tx, id))
    }
}

/// Removes exports whose time is over, with their files, and files that belong to none. Blocks; tells how many.
///
/// # Errors
/// Those of the store and of the disk.
pub fn sweep(commune: &Arc<Commune>) -> std::result::Result<u64, StoreError> {
    if !commune.read_blocking(By::SYSTEM, store::any_expired)? {
        return Ok(0);
    }
    let gone = commune.write_blocking(By::SYSTEM, store::forget_expired)?;
    for export in &gone {
        let files = std::iter::once(None).chain(export.parts.iter().map(Some));
        for file in files.map(|part| file_of(commune, export, part)) {
            match std::fs::remove_file(file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(StoreError::io("remove an export")(error));
                }
                _ => {}
            }
        }
    }
    Ok(gone.len() as u64)
}

/// The exports of an agent, the latest first.
pub fn own(tx: &mut Tx<'_>, account: Id<Account>) -> beffroi_store::Result<Vec<Export>> {
    store::of_account(tx, account, OWN_AT_MOST)
}

/// An export whose file an agent takes, which is written down; with the file of a group, where it is asked for. For
/// whoever ordered it alone, and as long as they may take out what is in it.
pub fn take(tx: &mut Tx<'_>, who: &SignedIn, id: Id<Export>, file: &str) -> Result<(Export, Option<Part>)> {
    // A right that was withdrawn since it was ordered no longer counts.
    let held: Vec<String> = places(tx, who)?.into_iter().map(|place| place.slug).collect();
    let found = store::find(tx, id)?.filter(|export| {
        export.account == who.account
            && export.state == State::Ready
            && export.expires_at > tx.now()
            && export.listed.departments.iter().all(|place| held.contains(place))
    });
    let found = found.ok_or_else(WebError::not_found)?;
    let part = found.parts.iter().find(|part| found.file_name(Some(*part)) == file).cloned();
    if part.is_none() && file != found.file_name(None) {
        return Err(WebError::not_found());
    }
    taken(tx, id.uuid())?;
    Ok((found, part))
}

impl Export {
    /// What its file is called where it is downloaded; or that of a group.
    pub fn file_name(&self, part: Option<&Part>) -> String {
        let part = part.map(|part| format!("-{}", part.name)).unwrap_or_default();
        format!("demandes{part}.{}", self.kind.extension())
    }
}

/// Writes down that a file was taken.
fn taken(tx: &mut Tx<'_>, export: Uuid) -> beffroi_store::Result<()> {
    let payload = json!({});
    tx.journal(&Entry { kind: "export.taken", subject_kind: "export", subject_id: export, payload }).map(drop)
}
