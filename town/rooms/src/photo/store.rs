//! Where photographs and plans are kept.

use std::collections::{BTreeMap, HashSet};

use beffroi_calendar::resource::{Name, Resource};
use beffroi_core::Id;
use beffroi_documents::{self as documents, Document};
use beffroi_store::{Result, Row, ToValue, Tx, marks};

/// Photographs that one question reads, at most: those of all rooms of a list.
const READ_AT_MOST: u32 = 6_000;

/// A photograph of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Photo {
    /// Which one.
    pub id: Id<Photo>,
    /// Of which room.
    pub resource: Id<Resource>,
    /// To look at, and for lists.
    pub large: Id<Document>,
    /// For lists.
    pub small: Id<Document>,
    /// Points of the large one, from left to right and from top to bottom.
    pub size: (u32, u32),
    /// Points of the small one.
    pub small_size: (u32, u32),
    /// What it shows, in both languages.
    pub alt: Name,
}

const COLUMNS: &str =
    "id, resource, large, small, width, height, small_width, small_height, alt_fr, alt_en FROM rooms_photo";

fn read(row: &mut Row) -> Result<Photo> {
    Ok(Photo {
        id: row.get(0)?,
        resource: row.get(1)?,
        large: row.get(2)?,
        small: row.get(3)?,
        size: (row.get(4)?, row.get(5)?),
        small_size: (row.get(6)?, row.get(7)?),
        alt: Name { fr: row.get(8)?, en: row.get(9)? },
    })
}

/// The photographs of a room, in order.
pub fn of_room(tx: &mut Tx<'_>, room: Id<Resource>) -> Result<Vec<Photo>> {
    tx.query(&format!("SELECT {COLUMNS} WHERE resource = $1 ORDER BY rank, id LIMIT 100"), &[&room], read)
}

/// The photographs of these rooms that may be shown, in order.
pub fn shown(tx: &mut Tx<'_>, rooms: &[Id<Resource>]) -> Result<BTreeMap<Id<Resource>, Vec<Photo>>> {
    let mut of_rooms: BTreeMap<Id<Resource>, Vec<Photo>> = BTreeMap::new();
    if rooms.is_empty() {
        return Ok(of_rooms);
    }
    let mut values: Vec<&dyn ToValue> = rooms.iter().map(|id| id as &dyn ToValue).collect();
    values.push(&READ_AT_MOST);
    let sql = format!(
        "SELECT {COLUMNS} WHERE resource IN ({}) ORDER BY rank, id LIMIT ${}",
        marks(1, rooms.len()),
        rooms.len() + 1
    );
    let found = tx.query(&sql, &values, read)?;
    let files: Vec<Id<Document>> = found.iter().flat_map(|it| [it.large, it.small]).collect();
    let clean: HashSet<Id<Document>> =
        documents::cleared_of(tx, &files)?.iter().map(|it| it.document().id).collect();
    for photo in found.into_iter().filter(|it| clean.contains(&it.large) && clean.contains(&it.small)) {
        of_rooms.entry(photo.resource).or_default().push(photo);
    }
    Ok(of_rooms)
}

pub(super) fn insert(tx: &mut Tx<'_>, photo: &Photo) -> Result<()> {
    let sql = "SELECT COALESCE(MAX(rank), 0) + 1 FROM rooms_photo WHERE resource = $1";
    let rank: i64 = tx.query_one(sql, &[&photo.resource], |row| row.get(0))?;
    tx.execute(
        "INSERT INTO rooms_photo (id, resource, rank, large, small, width, height, small_width, small_height, \
         alt_fr, alt_en) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &[
            &photo.id,
            &photo.resource,
            &rank,
            &photo.large,
            &photo.small,
            &photo.size.0,
            &photo.size.1,
            &photo.small_size.0,
            &photo.small_size.1,
            &photo.alt.fr,
            &photo.alt.en,
        ],
    )
    .map(drop)
}

pub(super) fn describe(tx: &mut Tx<'_>, id: Id<Photo>, alt: &Name) -> Result<()> {
    let sql = "UPDATE rooms_photo SET alt_fr = $2, alt_en = $3 WHERE id = $1";
    tx.execute(sql, &[&id, &alt.fr, &alt.en]).map(drop)
}

/// Puts photographs in this order; there are few.
pub(super) fn order(tx: &mut Tx<'_>, ids: &[Id<Photo>]) -> Result<()> {
    let mut values: Vec<&dyn ToValue> = Vec::with_capacity(ids.len() * 2);
    let ranks: Vec<i64> = (1_i64..).take(ids.len()).collect();
    let mut cases = Vec::with_capacity(ids.len());
    for (at, (id, rank)) in ids.iter().zip(&ranks).enumerate() {
        cases.push(format!(" WHEN id = ${} THEN CAST(${} AS BIGINT)", at * 2 + 1, at * 2 + 2));
        values.push(id);
        values.push(rank);
    }
    if values.is_empty() {
        return Ok(());
    }
    let room = "(SELECT resource FROM rooms_photo WHERE id = $1)";
    let sql =
        format!("UPDATE rooms_photo SET rank = CASE{} ELSE rank END WHERE resource = {room}", cases.concat());
    tx.execute(&sql, &values).map(drop)
}

pub(super) fn delete(tx: &mut Tx<'_>, id: Id<Photo>) -> Result<()> {
    tx.execute("DELETE FROM rooms_photo WHERE id = $1", &[&id]).map(drop)
}

/// The plan of a room.
pub fn plan_of(tx: &mut Tx<'_>, room: Id<Resource>) -> Result<Option<Document>> {
    let sql = "SELECT document FROM rooms_plan WHERE resource = $1";
    let found: Option<Id<Document>> = tx.query_opt(sql, &[&room], |row| row.get(0))?;
    found.map(|id| documents::find(tx, id)).transpose().map(Option::flatten)
}

pub(super) fn set_plan(tx: &mut Tx<'_>, room: Id<Resource>, document: Option<Id<Document>>) -> Result<()> {
    tx.execute("DELETE FROM rooms_plan WHERE resource = $1", &[&room])?;
    let Some(document) = document else { return Ok(()) };
    tx.execute("INSERT INTO rooms_plan (resource, document) VALUES ($1, $2)", &[&room, &document]).map(drop)
}
