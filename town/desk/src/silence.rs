//! Silence decides on its day, whether anybody looks or not: every hour, what it has decided is written down, and the
//! requester is told.

use beffroi_cases::{CaseError, silence};
use beffroi_core::calendar::civil_day;
use beffroi_people::{Town, department};
use beffroi_store::{By, Commune, Result, StoreError, Tx, jobs};
use serde_json::json;

use crate::papers::TELL_SILENCE;

/// Cases looked at in one transaction.
const PAGE: u32 = 100;
/// Cases of one commune in one round; the next hour takes the rest.
const A_ROUND: u64 = 10_000;

/// Writes down what silence has decided in a commune, and tells in how many cases. Blocks; run it every hour.
///
/// # Errors
/// Those of the store; what was written down until then stays so.
pub fn sweep(commune: &Commune) -> Result<u64> {
    let mut recorded = 0;
    while recorded < A_ROUND {
        // Most rounds find nothing, and looking is a read.
        let found = commune.read_blocking(By::SYSTEM, |tx| overtaken(tx, 1))?;
        if !found {
            break;
        }
        let more = commune.write_blocking(By::SYSTEM, page)?;
        if more == 0 {
            break;
        }
        recorded += more;
    }
    Ok(recorded)
}

fn overtaken(tx: &mut Tx<'_>, limit: u32) -> Result<bool> {
    Ok(!ids(tx, limit)?.is_empty())
}

fn ids(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<beffroi_core::Id<beffroi_cases::case::Case>>> {
    let today = civil_day(tx.now(), Town::load(tx)?.zone());
    let departments: Vec<String> =
        department::list(tx)?.into_iter().map(|department| department.details.slug).collect();
    silence::overtaken(tx, &departments, today, limit)
}

fn page(tx: &mut Tx<'_>) -> Result<u64> {
    let zone = Town::load(tx)?.zone();
    let mut recorded = 0;
    for id in ids(tx, PAGE)? {
        if silence::record(tx, id, zone).map_err(stored)? {
            jobs::enqueue(tx, TELL_SILENCE, &json!({ "case": id }), tx.now(), None)?;
            recorded += 1;
        }
    }
    Ok(recorded)
}

fn stored(error: CaseError) -> StoreError {
    match error {
        CaseError::Store(error) => error,
        other => StoreError::Corrupt(other.to_string()),
    }
}
