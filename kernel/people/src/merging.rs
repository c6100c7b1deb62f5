//! Records of one sector that are of one person become one. For a month it can be undone; then the record that is
//! gone is erased. Records of two sectors are never brought together.

use beffroi_core::{Id, Instant, Sector};
use beffroi_store::{Entry, Result, StoreError, Tx};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::{Person, person};

/// How long a merge can be undone.
pub const UNDONE_FOR: TimeDelta = TimeDelta::days(30);
/// Merges that one sweep makes final.
const FINAL_AT_ONCE: u32 = 500;

/// What named the record that is gone: given back if the merge is undone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// Cases that it was the requester of.
    pub requested: Vec<Uuid>,
    /// Cases that were asked for it.
    pub benefited: Vec<Uuid>,
}

/// A merge that can still be undone.
#[derive(Clone, Debug)]
pub struct Merge {
    /// Which one.
    pub id: Id<Merge>,
    /// The sector.
    pub sector: Sector,
    /// The record that stays.
    pub kept: Id<Person>,
    /// The record that is gone.
    pub gone: Id<Person>,
    /// What was moved.
    pub moved: Moved,
    /// When.
    pub merged_at: Instant,
    /// Until when it can be undone.
    pub final_after: Instant,
}

/// Why two records were not merged.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// One of them is not in this sector, or there no more.
    #[error("no such record in the sector")]
    NotFound,
    /// A record is not merged with itself.
    #[error("the same record twice")]
    Same,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Lets `kept` take the place of `gone`, both of `sector`. The caller has asked for the permission, and has moved
/// what names the record. What only the other record knew is kept.
pub fn merge(
    tx: &mut Tx<'_>,
    sector: Sector,
    (kept, gone): (Id<Person>, Id<Person>),
    moved: &Moved,
    by: Uuid,
) -> Result<Id<Merge>, MergeError> {
    if kept == gone {
        return Err(MergeError::Same);
    }
    let stays = person::find(tx, sector, kept)?.ok_or(MergeError::NotFound)?;
    let other = person::find(tx, sector, gone)?.ok_or(MergeError::NotFound)?;
    let marked = tx.execute(
        "UPDATE person SET merged_into = $1 WHERE id = $2 AND sector = $3 AND merged_into IS NULL \
         AND EXISTS (SELECT 1 FROM person WHERE id = $1 AND merged_into IS NULL)",
        &[&kept, &gone, &sector.as_str()],
    )?;
    if marked == 0 {
        return Err(MergeError::NotFound);
    }
    let id: Id<Merge> = tx.new_id();
    let final_after = tx.now() + UNDONE_FOR;
    tx.execute(
        "INSERT INTO person_merge (id, sector, kept, gone, moved, merged_by, merged_at, final_after) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            &id,
            &sector.as_str(),
            &kept,
            &gone,
            &serde_json::to_value(moved).map_err(StoreError::from)?,
            &by,
            &tx.now(),
            &final_after,
        ],
    )?;
    if stays.details.birth_date.is_none() {
        tx.execute("UPDATE person SET birth_date = $1 WHERE id = $2", &[&other.details.birth_date, &kept])?;
    }
    for (column, own, others) in [
        ("email", &stays.details.email, &other.details.email),
        ("phone", &stays.details.phone, &other.details.phone),
    ] {
        if own.is_empty() && !others.is_empty() {
            tx.execute(&format!("UPDATE person SET {column} = $1 WHERE id = $2"), &[others, &kept])?;
        }
    }
    let payload = json!({ "gone": gone, "cases": moved.requested.len() + moved.benefited.len() });
    tx.journal(&Entry { kind: "person.merged", subject_kind: "person", subject_id: kept.uuid(), payload })?;
    Ok(id)
}

/// Undoes a merge into this record, of these sectors, while its time runs, and gives what is to be moved back. `None`
/// where it is too late, was undone, or is another record's.
pub fn undo(tx: &mut Tx<'_>, sectors: &[Sector], kept: Id<Person>, id: Id<Merge>) -> Result<Option<Merge>> {
    let found = tx.query_opt(
        &format!("SELECT {COLUMNS} FROM person_merge WHERE id = $1 AND final_after > $2"),
        &[&id, &tx.now()],
        read,
    )?;
    let ours = |merge: &Merge| merge.kept == kept && sectors.contains(&merge.sector);
    let Some(merge) = found.filter(ours) else { return Ok(None) };
    tx.execute("UPDATE person SET merged_into = NULL WHERE id = $1", &[&merge.gone])?;
    tx.execute("DELETE FROM person_merge WHERE id = $1", &[&id])?;
    let payload = json!({ "gone": merge.gone });
    tx.journal(&Entry {
        kind: "person.merge_undone",
        subject_kind: "person",
        subject_id: merge.kept.uuid(),
        payload,
    })?;
    Ok(Some(merge))
}

/// The merges of a record that can still be undone, the latest first.
pub fn of_person(tx: &mut Tx<'_>, kept: Id<Person>) -> Result<Vec<Merge>> {
    tx.query(
        &format!(
            "SELECT {COLUMNS} FROM person_merge WHERE kept = $1 AND final_after > $2 ORDER BY id DESC LIMIT 20"
        ),
        &[&kept, &tx.now()],
        read,
    )
}

/// Erases the records whose merge can be undone no more. Run it daily.
pub(crate) fn finish(tx: &mut Tx<'_>) -> Result<u64> {
    let over: Vec<(Id<Merge>, Id<Person>)> = tx.query(
        "SELECT id, gone FROM person_merge WHERE final_after <= $1 ORDER BY final_after, id LIMIT $2",
        &[&tx.now(), &FINAL_AT_ONCE],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let count = u64::try_from(over.len()).unwrap_or_default();
    for (id, gone) in over {
        tx.execute("DELETE FROM person_merge WHERE id = $1", &[&id])?;
        person::forget(tx, gone)?;
    }
    Ok(count)
}

const COLUMNS: &str = "id, sector, kept, gone, moved, merged_at, final_after";

fn read(row: &mut beffroi_store::Row) -> Result<Merge> {
    Ok(Merge {
        id: row.get(0)?,
        sector: crate::words::sector(&row.get::<String>(1)?)?,
        kept: row.get(2)?,
        gone: row.get(3)?,
        moved: serde_json::from_value(row.get(4)?)?,
        merged_at: row.get(5)?,
        final_after: row.get(6)?,
    })
}
