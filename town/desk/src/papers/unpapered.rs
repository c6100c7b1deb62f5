//! Papers of a case that could not be made: somebody must write by other means.

use std::collections::BTreeMap;

use beffroi_cases::case::Case;
use beffroi_core::{Id, Instant};
use beffroi_store::{Entry, Result, Tx, journal};
use serde_json::{Value, json};

use super::purpose;

/// The kind of the entry that tells of one.
const KIND: &str = "case.paper_failed";
/// Entries that are looked through.
const AT_MOST: u32 = 100;

/// Tells in the history of a case that a paper could not be made.
pub(super) fn record(tx: &mut Tx<'_>, case: Id<Case>, purpose: &str) -> Result<()> {
    let payload = json!({ "purpose": purpose });
    tx.journal(&Entry { kind: KIND, subject_kind: "case", subject_id: case.uuid(), payload })?;
    Ok(())
}

/// What the papers were for that could not be made, and were not made since, each with the last time that it was
/// given up.
pub fn missing(tx: &mut Tx<'_>, case: Id<Case>) -> Result<BTreeMap<String, Instant>> {
    let mut found = BTreeMap::new();
    for entry in journal::of_kind(tx, "case", case.uuid(), KIND, AT_MOST)? {
        let purpose =
            entry.payload.as_ref().and_then(|payload| payload.get("purpose")).and_then(Value::as_str);
        if let Some(purpose) = purpose {
            found.insert(purpose.to_owned(), entry.at);
        }
    }
    // Of these a case has one; letters are many, and one that is there stands for no other.
    for once in [purpose::ACKNOWLEDGEMENT, purpose::DECISION] {
        if found.contains_key(once) && beffroi_documents::last_of(tx, "case", case.uuid(), once)?.is_some() {
            found.remove(once);
        }
    }
    Ok(found)
}
