//! Contents that no document names any more: they are forgotten, on the disk too.

use std::{
    io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use beffroi_core::Instant;
use beffroi_store::{By, Commune, StoreError, ToValue, Tx, marks};

use crate::{
    blobs::{Blobs, Parted},
    document::state_of,
};

/// Contents that are looked at in one go.
const PAGE: u32 = 200;

/// Forgets the contents that no document names and that came before an instant: a younger one may belong to an
/// upload whose document is about to be made. Tells how many went. Blocks; run it daily.
///
/// # Errors
/// Those of the disk and of the database; what could not be forgotten is found again the next day.
pub fn sweep_contents(commune: &Commune, before: Instant) -> Result<u64, StoreError> {
    let (before, blobs) = (SystemTime::from(before), Blobs::of(commune)?);
    recover(commune, &blobs)?;
    let mut gone = 0;
    let mut after = String::new();
    loop {
        let page = commune.read_blocking(By::SYSTEM, |tx| unnamed(tx, &after))?;
        let Some(last) = page.last() else { return Ok(gone) };
        after.clone_from(last);
        for sha256 in page {
            // Out of the way first: whoever brings the same content meanwhile puts a new file in its place.
            let Some(parted) = blobs.part_with(&sha256, before)? else { continue };
            let named = sha256.clone();
            let forgotten = commune.write_blocking(By::SYSTEM, move |tx| forget(tx, &named))?;
            gone += u64::from(forgotten);
            settle(&parted, forgotten)?;
        }
    }
}

/// Removes the files that came before an instant and that no content is known for: those of requests that were
/// refused or undone, whose identity papers would stay for ever. Tells how many went. Blocks; run it daily.
///
/// # Errors
/// Those of the disk and of the database; what could not be removed is found again the next day.
pub fn sweep_strays(commune: &Commune, before: Instant) -> Result<u64, StoreError> {
    let (before, blobs) = (SystemTime::from(before), Blobs::of(commune)?);
    let (mut old, mut gone) = (Vec::new(), 0);
    for first in entries(&commune.folder().join("documents/kept"))? {
        for second in entries(&first)? {
            for file in entries(&second)? {
                if !is_older(&file, before)? {
                    continue;
                }
                let Some(name) = file.file_name().and_then(|name| name.to_str()) else { continue };
                // So is named what was being written when the program was stopped.
                if name.contains('#') {
                    gone += remove(&file)?;
                    continue;
                }
                old.push(name.to_owned());
                if old.len() >= PAGE as usize {
                    gone += remove_unknown(commune, &blobs, std::mem::take(&mut old), before)?;
                }
            }
        }
    }
    Ok(gone + remove_unknown(commune, &blobs, old, before)?)
}

/// Removes those of these files that no content is known for. Whoever is about to make one known has just brought
/// its file, which is then younger, and goes back.
fn remove_unknown(
    commune: &Commune,
    blobs: &Blobs,
    mut files: Vec<String>,
    before: SystemTime,
) -> Result<u64, StoreError> {
    if files.is_empty() {
        return Ok(0);
    }
    let sql = format!("SELECT sha256 FROM content WHERE sha256 IN ({})", marks(1, files.len()));
    let known: Vec<String> = commune.read_blocking(By::SYSTEM, |tx| {
        let names: Vec<_> = files.iter().map(|name| name as &dyn ToValue).collect();
        tx.query(&sql, &names, |row| row.get(0))
    })?;
    files.retain(|name| !known.contains(name));
    let mut gone = 0;
    for name in files {
        if let Some(parted) = blobs.part_with(&name, before)? {
            settle(&parted, true)?;
            gone += 1;
        }
    }
    Ok(gone)
}

/// Removes what has lain in quarantine since before an instant, whoever names it: nobody could read it. Tells how
/// many files went. Blocks; run it daily.
///
/// # Errors
/// Those of the disk.
pub fn sweep_quarantine(commune: &Commune, before: Instant) -> Result<u64, StoreError> {
    let before = SystemTime::from(before);
    let mut gone = 0;
    for file in entries(&commune.folder().join("documents/quarantine"))? {
        if is_older(&file, before)? {
            gone += remove(&file)?;
        }
    }
    Ok(gone)
}

/// What lies in a folder, if there is one.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let listed = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect()),
    };
    listed.map_err(StoreError::io("list the contents"))
}

fn is_older(file: &Path, before: SystemTime) -> Result<bool, StoreError> {
    match file.metadata().and_then(|metadata| metadata.modified()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        at => Ok(at.map_err(StoreError::io("look at a content"))? < before),
    }
}

fn remove(file: &Path) -> Result<u64, StoreError> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        removed => removed.map(|()| 1).map_err(StoreError::io("remove a content")),
    }
}

/// Ends what a crash has cut off: a content that is still known goes back to its place.
fn recover(commune: &Commune, blobs: &Blobs) -> Result<(), StoreError> {
    for (sha256, parted) in blobs.parted()? {
        let known = commune.read_blocking(By::SYSTEM, |tx| state_of(tx, &sha256))?.is_some();
        settle(&parted, !known)?;
    }
    Ok(())
}

fn settle(parted: &Parted, forgotten: bool) -> Result<(), StoreError> {
    let settled = if forgotten { parted.remove() } else { parted.put_back() };
    match settled {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(StoreError::io("forget a content")(error))
        }
        _ => Ok(()),
    }
}

/// The contents after one that no document names, in the order of their hashes.
fn unnamed(tx: &mut Tx<'_>, after: &str) -> Result<Vec<String>, StoreError> {
    tx.query(
        "SELECT c.sha256 FROM content c WHERE c.sha256 > $1 \
         AND NOT EXISTS (SELECT 1 FROM document d WHERE d.sha256 = c.sha256) ORDER BY c.sha256 LIMIT $2",
        &[&after, &PAGE],
        |row| row.get(0),
    )
}

/// Forgets a content, unless a document names it by now.
fn forget(tx: &mut Tx<'_>, sha256: &str) -> Result<bool, StoreError> {
    let gone = tx.execute(
        "DELETE FROM content WHERE sha256 = $1 \
         AND NOT EXISTS (SELECT 1 FROM document d WHERE d.sha256 = content.sha256)",
        &[&sha256],
    )?;
    Ok(gone > 0)
}
