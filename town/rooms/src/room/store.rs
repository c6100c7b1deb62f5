//! Where rooms are kept.

use std::collections::BTreeMap;

use beffroi_calendar::resource::{self, Kept, Resource};
use beffroi_core::{Id, text::fold};
use beffroi_store::{Result, StoreError, Tx};

use super::rules::Sheet;

/// Sheets of a commune that are read, at most.
const LISTED: u32 = 500;

/// A room as the public knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// What is booked.
    pub resource: Kept,
    /// What is said of it.
    pub sheet: Sheet,
}

fn read(text: &str) -> Result<Sheet> {
    serde_json::from_str(text)
        .map_err(|_| StoreError::Corrupt("the sheet of a room cannot be read".to_owned()))
}

/// The rooms that the public sees, by their French names.
pub fn published(tx: &mut Tx<'_>) -> Result<Vec<Room>> {
    let sql = "SELECT resource, sheet FROM rooms_sheet WHERE published = TRUE ORDER BY resource LIMIT $1";
    let sheets: Vec<(Id<Resource>, String)> =
        tx.query(sql, &[&LISTED], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let ids: Vec<Id<Resource>> = sheets.iter().map(|(id, _)| *id).collect();
    let mut resources: BTreeMap<Id<Resource>, Kept> = resource::with_those_above(tx, &ids)?;
    let mut rooms = Vec::with_capacity(sheets.len());
    for (id, sheet) in sheets {
        if let Some(resource) = resources.remove(&id).filter(|it| it.details.active) {
            rooms.push(Room { resource, sheet: read(&sheet)? });
        }
    }
    rooms.sort_by_cached_key(|room| fold(&room.resource.details.name.fr));
    Ok(rooms)
}

/// A room that the public sees, by its short name.
pub fn by_slug(tx: &mut Tx<'_>, slug: &str) -> Result<Option<Room>> {
    let Some(resource) = resource::by_slug(tx, slug)?.filter(|it| it.details.active) else { return Ok(None) };
    let sql = "SELECT sheet FROM rooms_sheet WHERE resource = $1 AND published = TRUE";
    let sheet: Option<String> = tx.query_opt(sql, &[&resource.id], |row| row.get(0))?;
    sheet.map(|sheet| Ok(Room { resource, sheet: read(&sheet)? })).transpose()
}

/// What is said of a room, whether the public sees it or not, and whether it does.
pub fn sheet_of(tx: &mut Tx<'_>, id: Id<Resource>) -> Result<Option<(Sheet, bool)>> {
    let sql = "SELECT sheet, published FROM rooms_sheet WHERE resource = $1";
    let found: Option<(String, bool)> = tx.query_opt(sql, &[&id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    found.map(|(sheet, published)| Ok((read(&sheet)?, published))).transpose()
}

/// Keeps a sheet; `true` where it was not so before.
pub fn keep(tx: &mut Tx<'_>, id: Id<Resource>, sheet: &Sheet, published: bool) -> Result<bool> {
    let text = serde_json::to_string(sheet)
        .map_err(|error| StoreError::Invalid(format!("a sheet that cannot be written: {error}")))?;
    let sql = "SELECT sheet, published FROM rooms_sheet WHERE resource = $1";
    let before: Option<(String, bool)> = tx.query_opt(sql, &[&id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if let Some((known, shown)) = &before
        && read(known)? == *sheet
        && *shown == published
    {
        return Ok(false);
    }
    tx.execute(
        "INSERT INTO rooms_sheet (resource, published, sheet) VALUES ($1, $2, $3) \
         ON CONFLICT (resource) DO UPDATE SET published = excluded.published, sheet = excluded.sheet",
        &[&id, &published, &beffroi_store::Value::Text(text)],
    )?;
    Ok(true)
}
