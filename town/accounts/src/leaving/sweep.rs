//! What ends by itself: copies whose days are over, and accounts whose grace is. A transaction for each account.

use std::{path::Path, sync::Arc};

use beffroi_core::Id;
use beffroi_notify::{About, mail};
use beffroi_people::leaving::{self, Export};
use beffroi_store::{By, Commune, Result, StoreError};
use chrono::TimeDelta;

use super::{Housed, archive, standing};

/// Things that end in one round; the next hour takes the rest.
const A_ROUND: u32 = 200;
/// A file that no copy is known for was left by a crash; a younger one is being written.
const STRAY_AFTER: TimeDelta = TimeDelta::days(1);

/// Forgets what is over in a commune, and tells how many things. Blocks.
///
/// # Errors
/// Those of the store and of the disk; what was forgotten until then stays forgotten.
pub fn hourly(commune: &Arc<Commune>, house: &Housed) -> Result<u64> {
    let (expired, due) = commune.read_blocking(By::SYSTEM, |tx| {
        Ok::<_, StoreError>((leaving::has_expired_exports(tx)?, leaving::due(tx, A_ROUND)?))
    })?;
    let mut gone = 0;
    if expired {
        let over = commune.write_blocking(By::SYSTEM, |tx| leaving::forget_exports(tx, A_ROUND))?;
        gone += over.len() as u64;
        remove(commune, &over)?;
    }
    strays(commune)?;
    let Some(house) = standing(house) else { return Ok(gone) };
    for account in due {
        let house = Arc::clone(&house);
        let copies = commune.write_blocking(By::SYSTEM, move |tx| {
            let copies = leaving::erase(tx, account)?;
            if copies.is_some() {
                house.erase_account(tx, account.uuid())?;
                mail::forget_about(tx, About { kind: "account", id: account.uuid() })?;
            }
            Ok::<_, StoreError>(copies)
        })?;
        gone += u64::from(copies.is_some());
        remove(commune, &copies.unwrap_or_default())?;
    }
    Ok(gone)
}

fn remove(commune: &Commune, copies: &[Id<Export>]) -> Result<()> {
    copies.iter().try_for_each(|copy| remove_file(&archive::file_of(commune, *copy)))
}

fn remove_file(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StoreError::io("remove a copy")(error))
        }
        _ => Ok(()),
    }
}

/// Removes what is older than any copy may be: a crash left it behind.
fn strays(commune: &Commune) -> Result<()> {
    let entries = match std::fs::read_dir(archive::folder(commune)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(StoreError::io("list the copies")(error)),
    };
    let before = std::time::SystemTime::from(commune.now() - leaving::EXPORT_KEPT - STRAY_AFTER);
    for entry in entries {
        let path = entry.map_err(StoreError::io("list the copies"))?.path();
        let made = std::fs::metadata(&path).and_then(|it| it.modified());
        if made.is_ok_and(|made| made < before) {
            remove_file(&path)?;
        }
    }
    Ok(())
}
