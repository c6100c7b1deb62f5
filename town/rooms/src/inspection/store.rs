//! Where inspections are kept.

use beffroi_calendar::booking::Booking;
use beffroi_core::{Id, Instant};
use beffroi_documents::{self as documents, Document};
use beffroi_store::{Entry, Result, Row, StoreError, ToValue, Tx, Value, journal, marks};
use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;

use super::rules::{Condition, Item, Kind, Meters, Signatures, State};
use crate::inventory::Thing;

/// To what the documents of an inspection belong.
pub(super) const OWNER: &str = "inspection";
/// Photographs of an inspection, at most.
pub(super) const PHOTOS_AT_MOST: usize = 60;
/// How long an inspection stays known once it is closed: as long as damage may be argued about.
const KEPT: TimeDelta = TimeDelta::days(365);
/// Columns of an item.
const WIDTH: usize = 11;
/// Inspections that one round forgets, at most.
const A_ROUND: u32 = 200;

/// An inspection without its items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// Which one.
    pub id: Id<Inspection>,
    /// Of which booking.
    pub booking: Id<Booking>,
    /// For its date that begins then.
    pub starts_at: Instant,
    /// On which way.
    pub kind: Kind,
    /// How far it has come.
    pub state: State,
    /// When it was begun.
    pub made_at: Instant,
    /// By whose account.
    pub made_by: Uuid,
    /// What was noted of the whole.
    pub remarks: String,
    /// What the meters show.
    pub meters: Meters,
    /// Both signatures.
    pub signatures: Option<Signatures>,
    /// When it was closed.
    pub closed_at: Option<Instant>,
    /// What tells its content from any other.
    pub hash: String,
    /// Its report, once it is laid out.
    pub report: Option<Id<Document>>,
}

/// A photograph of an inspection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Photo {
    pub(super) large: Id<Document>,
    pub(super) small: Id<Document>,
    /// Of which item; of the whole where there is none.
    pub(super) item: Option<Id<Item>>,
    /// Points of the small one.
    pub(super) size: (u32, u32),
}

const COLUMNS: &str = "id, booking, starts_at, kind, state, made_at, made_by, remarks, meters, signatures, \
     closed_at, hash, report FROM rooms_inspection";

fn read(row: &mut Row) -> Result<Inspection> {
    let meters: serde_json::Value = row.get(8)?;
    let signatures: Option<serde_json::Value> = row.get(9)?;
    Ok(Inspection {
        id: row.get(0)?,
        booking: row.get(1)?,
        starts_at: row.get(2)?,
        kind: row.get(3)?,
        state: row.get(4)?,
        made_at: row.get(5)?,
        made_by: row.get(6)?,
        remarks: row.get(7)?,
        meters: serde_json::from_value(meters).map_err(StoreError::from)?,
        signatures: signatures.map(serde_json::from_value).transpose().map_err(StoreError::from)?,
        closed_at: row.get(10)?,
        hash: row.get::<Option<String>>(11)?.unwrap_or_default(),
        report: row.get(12)?,
    })
}

/// An inspection.
pub fn find(tx: &mut Tx<'_>, id: Id<Inspection>) -> Result<Option<Inspection>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE id = $1"), &[&id], read)
}

/// The inspections of a booking, by the dates that they are for, the way in first.
pub fn of_booking(tx: &mut Tx<'_>, booking: Id<Booking>) -> Result<Vec<Inspection>> {
    let sql = format!("SELECT {COLUMNS} WHERE booking = $1 ORDER BY starts_at, kind LIMIT 500");
    tx.query(&sql, &[&booking], read)
}

/// The inspections of these bookings.
pub fn of_bookings(tx: &mut Tx<'_>, bookings: &[Id<Booking>]) -> Result<Vec<Inspection>> {
    if bookings.is_empty() {
        return Ok(Vec::new());
    }
    let params: Vec<&dyn ToValue> = bookings.iter().map(|id| id as &dyn ToValue).collect();
    let sql =
        format!("SELECT {COLUMNS} WHERE booking IN ({}) ORDER BY id LIMIT 5000", marks(1, bookings.len()));
    tx.query(&sql, &params, read)
}

/// What an inspection looks at, in order.
pub fn items_of(tx: &mut Tx<'_>, id: Id<Inspection>) -> Result<Vec<Item>> {
    tx.query(
        "SELECT id, place, name, expected, found, condition, remark, before_found, before_condition \
         FROM rooms_inspection_item WHERE inspection = $1 ORDER BY rank LIMIT 200",
        &[&id],
        |row| {
            let (found, condition): (Option<u32>, Option<Condition>) = (row.get(7)?, row.get(8)?);
            Ok(Item {
                id: row.get(0)?,
                place: row.get(1)?,
                name: row.get(2)?,
                expected: row.get(3)?,
                found: row.get(4)?,
                condition: row.get(5)?,
                remark: row.get(6)?,
                before: found.zip(condition),
            })
        },
    )
}

pub(super) fn insert(tx: &mut Tx<'_>, new: &Inspection) -> Result<()> {
    let meters = serde_json::to_value(&new.meters).map_err(StoreError::from)?;
    tx.execute(
        "INSERT INTO rooms_inspection (id, booking, starts_at, kind, state, made_at, made_by, remarks, meters, \
         signatures, town_drawn, holder_drawn, closed_at, hash, report) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, NULL, NULL, NULL, NULL, NULL)",
        &[
            &new.id,
            &new.booking,
            &new.starts_at,
            &new.kind,
            &new.state,
            &new.made_at,
            &new.made_by,
            &new.remarks,
            &meters,
        ],
    )
    .map(drop)
}

/// The items of a new inspection: what the town has written down of the room.
pub(super) fn of_things(tx: &Tx<'_>, things: Vec<Thing>) -> Vec<Item> {
    let item = |thing: Thing| Item {
        id: tx.new_id(),
        place: thing.place,
        name: thing.name,
        expected: thing.expected,
        found: None,
        condition: None,
        remark: String::new(),
        before: None,
    };
    things.into_iter().map(item).collect()
}

/// Keeps items, those that are there and those that are not yet, in this order.
pub(super) fn keep_items(tx: &mut Tx<'_>, id: Id<Inspection>, items: &[Item]) -> Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let mut values: Vec<Value> = Vec::with_capacity(items.len() * WIDTH);
    let mut rows: Vec<String> = Vec::with_capacity(items.len());
    for (rank, item) in (1_i64..).zip(items) {
        rows.push(format!("({})", marks(values.len() + 1, WIDTH)));
        values.extend([
            item.id.to_value(),
            id.to_value(),
            rank.to_value(),
            item.place.to_value(),
            item.name.to_value(),
            item.expected.to_value(),
            item.found.to_value(),
            item.condition.to_value(),
            item.remark.to_value(),
            item.before.map(|(found, _)| found).to_value(),
            item.before.map(|(_, condition)| condition).to_value(),
        ]);
    }
    let sql = format!(
        "INSERT INTO rooms_inspection_item (id, inspection, rank, place, name, expected, found, condition, \
         remark, before_found, before_condition) VALUES {} \
         ON CONFLICT (id) DO UPDATE SET found = excluded.found, condition = excluded.condition, \
         remark = excluded.remark",
        rows.join(", ")
    );
    let params: Vec<&dyn ToValue> = values.iter().map(|value| value as &dyn ToValue).collect();
    tx.execute(&sql, &params).map(drop)
}

pub(super) fn set_whole(tx: &mut Tx<'_>, id: Id<Inspection>, remarks: &str, meters: &Meters) -> Result<()> {
    let meters = serde_json::to_value(meters).map_err(StoreError::from)?;
    let sql = "UPDATE rooms_inspection SET remarks = $2, meters = $3 WHERE id = $1";
    tx.execute(sql, &[&id, &remarks, &meters]).map(drop)
}

pub(super) fn set_closed(
    tx: &mut Tx<'_>,
    id: Id<Inspection>,
    signatures: &Signatures,
    drawn: [Option<&[u8]>; 2],
    hash: &str,
) -> Result<()> {
    let signatures = serde_json::to_value(signatures).map_err(StoreError::from)?;
    let [town, holder] = drawn.map(|drawn| drawn.map(<[u8]>::to_vec));
    tx.execute(
        "UPDATE rooms_inspection SET state = $2, signatures = $3, town_drawn = $4, holder_drawn = $5, \
         closed_at = $6, hash = $7 WHERE id = $1",
        &[&id, &State::Closed, &signatures, &town, &holder, &tx.now(), &hash],
    )
    .map(drop)
}

pub(super) fn set_report(tx: &mut Tx<'_>, id: Id<Inspection>, report: Id<Document>) -> Result<()> {
    tx.execute("UPDATE rooms_inspection SET report = $2 WHERE id = $1", &[&id, &report]).map(drop)
}

/// What was drawn: the agent's signature, and the holder's.
pub(super) fn drawn(tx: &mut Tx<'_>, id: Id<Inspection>) -> Result<[Vec<u8>; 2]> {
    let sql = "SELECT town_drawn, holder_drawn FROM rooms_inspection WHERE id = $1";
    let found = tx.query_opt(sql, &[&id], |row| {
        let (town, holder): (Option<Vec<u8>>, Option<Vec<u8>>) = (row.get(0)?, row.get(1)?);
        Ok([town.unwrap_or_default(), holder.unwrap_or_default()])
    })?;
    Ok(found.unwrap_or_default())
}

pub(super) fn photos(tx: &mut Tx<'_>, id: Id<Inspection>) -> Result<Vec<Photo>> {
    tx.query(
        "SELECT large, small, item, width, height FROM rooms_inspection_photo WHERE inspection = $1 \
         ORDER BY large LIMIT 200",
        &[&id],
        |row| {
            Ok(Photo {
                large: row.get(0)?,
                small: row.get(1)?,
                item: row.get(2)?,
                size: (row.get(3)?, row.get(4)?),
            })
        },
    )
}

pub(super) fn insert_photo(tx: &mut Tx<'_>, id: Id<Inspection>, photo: &Photo) -> Result<()> {
    tx.execute(
        "INSERT INTO rooms_inspection_photo (large, small, inspection, item, width, height) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[&photo.large, &photo.small, &id, &photo.item, &photo.size.0, &photo.size.1],
    )
    .map(drop)
}

/// Takes a photograph away, and forgets it.
pub(super) fn delete_photo(tx: &mut Tx<'_>, id: Id<Inspection>, large: Id<Document>) -> Result<bool> {
    let sql = "DELETE FROM rooms_inspection_photo WHERE inspection = $1 AND large = $2";
    if tx.execute(sql, &[&id, &large])? == 0 {
        return Ok(false);
    }
    let kept: Vec<Id<Document>> = photos(tx, id)?.iter().flat_map(|it| [it.large, it.small]).collect();
    documents::keep_only(tx, (OWNER, id.uuid()), &kept)?;
    Ok(true)
}

/// Forgets inspections that were closed a year ago, those whose booking leads to nobody any more, and those that were begun
/// two years ago and never closed, with their photographs and signatures. Run it hourly.
pub(crate) fn forget(tx: &mut Tx<'_>) -> Result<u64> {
    let over = tx.now() - KEPT;
    let gone: Vec<Id<Inspection>> = tx.query(
        "SELECT i.id FROM rooms_inspection i LEFT JOIN calendar_booking b ON b.id = i.booking \
         WHERE i.closed_at < $1 OR i.made_at < $2 OR b.owner IS NULL ORDER BY i.id LIMIT $3",
        &[&over, &(over - KEPT), &A_ROUND],
        |row| row.get(0),
    )?;
    if gone.is_empty() {
        return Ok(0);
    }
    let owners: Vec<Uuid> = gone.iter().map(|id| id.uuid()).collect();
    documents::forget_of(tx, OWNER, &owners)?;
    let params: Vec<&dyn ToValue> = gone.iter().map(|id| id as &dyn ToValue).collect();
    let list = marks(1, gone.len());
    for table in ["rooms_inspection_photo", "rooms_inspection_item"] {
        tx.execute(&format!("DELETE FROM {table} WHERE inspection IN ({list})"), &params)?;
    }
    let count = tx.execute(&format!("DELETE FROM rooms_inspection WHERE id IN ({list})"), &params)?;
    for id in &owners {
        journal::erase_payloads(tx, OWNER, *id)?;
    }
    if let Some(first) = owners.first() {
        tx.journal(&Entry {
            kind: "inspection.forgotten",
            subject_kind: OWNER,
            subject_id: *first,
            payload: json!({ "count": count }),
        })?;
    }
    Ok(count)
}
