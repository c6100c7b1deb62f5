//! Contents that no document names any more: they are forgotten, on the disk too.

use std::{io, time::SystemTime};

use beffroi_core::Instant;
use beffroi_store::{By, Commune, StoreError, Tx};

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
