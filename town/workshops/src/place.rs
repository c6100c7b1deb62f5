//! Where workshops are held: how one gets there and in, and the room of the calendar that a session takes.

use beffroi_calendar::resource::{self, Kind, Name, Resource};
use beffroi_core::Id;
use beffroi_people::Permit;
use beffroi_store::{Entry, Result, Row, StoreError, Tx};
use serde::{Deserialize, Serialize};

use crate::{permission::AdviseWorkshops, slug};

/// Places of a commune, at most.
const LISTED: u32 = 200;
/// Letters of a text, at most.
const LETTERS: usize = 300;

/// What the public reads of a place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PlaceSheet {
    /// Its name.
    pub name: Name,
    /// Street and number.
    pub address: String,
    /// Postcode.
    pub postcode: String,
    /// Town.
    pub city: String,
    /// How one gets in: the step, the lift, a loop for hearing aids.
    pub access: Name,
}

impl PlaceSheet {
    /// Its address in one line.
    pub fn line(&self) -> String {
        let town = format!("{} {}", self.postcode, self.city);
        let parts = [self.address.trim(), town.trim()];
        parts.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

/// A place as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which.
    pub id: Id<Self>,
    /// Its short name.
    pub slug: String,
    /// The room that is taken with it.
    pub resource: Option<Id<Resource>>,
    /// What is said of it.
    pub sheet: PlaceSheet,
}

/// Why a place is not kept.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// It has no name, or one of more than 200 letters.
    #[error("a name is missing, or longer than 200 letters")]
    Name,
    /// A text is longer than [`LETTERS`].
    #[error("a text is longer than {LETTERS} letters")]
    Text,
    /// There is no such place, or no such room.
    #[error("no such place, or no such room")]
    Unknown,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Keeps a place: a new one, or what is said of one that there is.
///
/// # Errors
/// [`PlaceError`].
pub fn keep(
    tx: &mut Tx<'_>,
    _: &Permit<AdviseWorkshops>,
    id: Option<Id<Place>>,
    room: Option<Id<Resource>>,
    sheet: &PlaceSheet,
) -> Result<Id<Place>, PlaceError> {
    if !sheet.name.is_fit() {
        return Err(PlaceError::Name);
    }
    let texts = [&sheet.address, &sheet.postcode, &sheet.city, &sheet.access.fr, &sheet.access.en];
    if texts.iter().any(|text| text.chars().count() > LETTERS) {
        return Err(PlaceError::Text);
    }
    if let Some(room) = room {
        let known = resource::find(tx, room)?;
        known.filter(|it| it.details.kind.is_part_of_place()).ok_or(PlaceError::Unknown)?;
    }
    let text = serde_json::to_value(sheet).map_err(StoreError::from)?;
    let kept = if let Some(id) = id {
        let sql = "UPDATE workshops_place SET resource = $2, sheet = $3 WHERE id = $1";
        if tx.execute(sql, &[&id, &room, &text])? == 0 {
            return Err(PlaceError::Unknown);
        }
        id
    } else {
        let id: Id<Place> = tx.new_id();
        let slug = slug::free(tx, slug::Of::Place, &sheet.name.fr)?;
        tx.execute(
            "INSERT INTO workshops_place (id, slug, resource, sheet) VALUES ($1, $2, $3, $4)",
            &[&id, &slug, &room, &text],
        )?;
        id
    };
    tx.journal(&Entry {
        kind: "place.described",
        subject_kind: "place",
        subject_id: kept.uuid(),
        payload: serde_json::json!({ "name": sheet.name.fr }),
    })?;
    Ok(kept)
}

const COLUMNS: &str = "id, slug, resource, sheet FROM workshops_place";

fn read(row: &mut Row) -> Result<Place> {
    Ok(Place {
        id: row.get(0)?,
        slug: row.get(1)?,
        resource: row.get(2)?,
        sheet: serde_json::from_value(row.get(3)?)
            .map_err(|_| StoreError::Corrupt("the sheet of a place cannot be read".to_owned()))?,
    })
}

/// All places, by their short names.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Place>> {
    tx.query(&format!("SELECT {COLUMNS} ORDER BY slug LIMIT $1"), &[&LISTED], read)
}

/// A place.
pub fn find(tx: &mut Tx<'_>, id: Id<Place>) -> Result<Option<Place>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE id = $1"), &[&id], read)
}

/// The rooms of the calendar that a place may stand for.
pub fn rooms(tx: &mut Tx<'_>) -> Result<Vec<resource::Kept>> {
    let all = resource::list(tx)?;
    Ok(all.into_iter().filter(|it| it.details.kind == Kind::Room && it.details.active).collect())
}
