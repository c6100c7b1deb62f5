//! What can be booked: places, one in another (a site, a building, a hall, its parts), and what is found in them.
//! Booking a place takes all the places below it; each has its own terms.

mod slug;
mod terms;

use std::collections::BTreeMap;

use beffroi_core::Id;
use beffroi_store::{Entry, Result, Row, StoreError, ToValue, Tx, Value, marks};

pub use slug::free_slug;
pub use terms::{Layout, Name, Terms, TermsFault, Unfit};

use crate::claims::{self, Atom};

/// Places in one another, at most.
const DEEP: usize = 8;
/// Pieces of a stock, at most.
pub const STOCK_AT_MOST: u32 = 1_000;
/// Kinds of things that are booked along with a place, at most.
const KEPT_AT_MOST: u32 = 60;
/// Resources of a commune that are listed, at most.
const LISTED: u32 = 5_000;

/// A mark for resources in [`Id`].
#[derive(Clone, Copy, Debug)]
pub enum Resource {}

/// What a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A site: a stadium, a park.
    Site,
    /// A building.
    Building,
    /// A room, a hall, or a part of one.
    Room,
    /// A desk, a counter: places to sit or stand, several of which may be alike.
    Desk,
    /// Equipment, several pieces of which may be alike.
    Equipment,
    /// A vehicle, several of which may be alike.
    Vehicle,
    /// A person with whom one has an appointment.
    Person,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] =
        [Self::Site, Self::Building, Self::Room, Self::Desk, Self::Equipment, Self::Vehicle, Self::Person];

    /// The word that names it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Building => "building",
            Self::Room => "room",
            Self::Desk => "desk",
            Self::Equipment => "equipment",
            Self::Vehicle => "vehicle",
            Self::Person => "person",
        }
    }

    /// The kind that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }

    /// Whether it is a part of the place that it is in, and taken with it. Equipment, vehicles and persons are only
    /// found there.
    pub const fn is_part_of_place(self) -> bool {
        matches!(self, Self::Site | Self::Building | Self::Room | Self::Desk)
    }

    /// Whether several may be alike.
    pub const fn has_stock(self) -> bool {
        matches!(self, Self::Desk | Self::Equipment | Self::Vehicle)
    }
}

/// What is said of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceDetails {
    /// Its short name, in addresses: lower-case letters, digits and hyphens.
    pub slug: String,
    /// What it is. Never changes.
    pub kind: Kind,
    /// The place that it is in. Never changes: what is booked of that place is booked of it.
    pub parent: Option<Id<Resource>>,
    /// Its name.
    pub name: Name,
    /// How many there are that are alike; 1 where none is.
    pub stock: u32,
    /// Whether it can be booked. What has been booked stays.
    pub active: bool,
    /// On which terms it is booked.
    pub terms: Terms,
}

/// A resource as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its id.
    pub id: Id<Resource>,
    /// What is said of it.
    pub details: ResourceDetails,
}

/// Why a resource is not kept.
#[derive(Debug, thiserror::Error)]
pub enum ResourceError {
    /// There is no such resource, or no such parent.
    #[error("no such resource")]
    Unknown,
    /// The short name is no such name.
    #[error("not a short name: {0:?}")]
    BadSlug(String),
    /// Another resource has that short name.
    #[error("already taken: {0}")]
    SlugTaken(String),
    /// A name is missing or too long.
    #[error("a name is missing, or longer than 200 letters")]
    Name,
    /// A place lies in what is no place, or too deep.
    #[error("it cannot lie there")]
    BadParent,
    /// Kind and parent never change.
    #[error("what it is and where it lies do not change")]
    Fixed,
    /// There is none, there are too many, or several where none is alike.
    #[error("there are from 1 to {STOCK_AT_MOST}, and one of what is alike to nothing")]
    BadStock,
    /// More is booked of the place that it lies in than a new part can take over.
    #[error("too much is booked of the place that it lies in")]
    TooMuchBooked,
    /// The terms cannot be kept.
    #[error(transparent)]
    Terms(#[from] TermsFault),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Keeps a new resource. What is booked of the places that it lies in, and has not ended, is booked of it too.
///
/// # Errors
/// [`ResourceError`].
pub fn create(tx: &mut Tx<'_>, new: &ResourceDetails) -> Result<Id<Resource>, ResourceError> {
    check(tx, None, new)?;
    let above = match new.parent {
        Some(parent) => line_of(tx, parent)?,
        None => Vec::new(),
    };
    let may_hold = |parent: &Kept| parent.details.kind.is_part_of_place();
    if above.len() >= DEEP || !above.iter().all(may_hold) {
        return Err(ResourceError::BadParent);
    }
    let id = tx.new_id();
    tx.execute(
        "INSERT INTO calendar_resource (id, parent, slug, kind, name_fr, name_en, stock, active, terms) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            &id,
            &new.parent,
            &new.slug,
            &new.kind.as_str(),
            &new.name.fr,
            &new.name.en,
            &new.stock,
            &new.active,
            &written(&new.terms)?,
        ],
    )?;
    add_atoms(tx, id, new, &above)?;
    journal(tx, "resource.created", id, new)?;
    Ok(id)
}

/// Changes what is said of a resource. Where its stock shrinks, the last pieces are set aside: what they were claimed for
/// and has not begun is served by others, as far as there are any.
///
/// # Errors
/// [`ResourceError`].
pub fn change(tx: &mut Tx<'_>, id: Id<Resource>, new: &ResourceDetails) -> Result<(), ResourceError> {
    let old = find(tx, id)?.ok_or(ResourceError::Unknown)?.details;
    if old.kind != new.kind || old.parent != new.parent {
        return Err(ResourceError::Fixed);
    }
    check(tx, Some(id), new)?;
    if old == *new {
        return Ok(());
    }
    tx.execute(
        "UPDATE calendar_resource SET slug = $2, name_fr = $3, name_en = $4, stock = $5, active = $6, terms = $7 \
         WHERE id = $1",
        &[&id, &new.slug, &new.name.fr, &new.name.en, &new.stock, &new.active, &written(&new.terms)?],
    )?;
    if new.stock > old.stock {
        let above = line_of(tx, id)?.into_iter().filter(|it| it.id != id).collect::<Vec<_>>();
        add_atoms(tx, id, new, &above)?;
    }
    journal(tx, "resource.changed", id, new)?;
    Ok(())
}

const COLUMNS: &str = "id, slug, kind, parent, name_fr, name_en, stock, active, terms";

/// A resource.
pub fn find(tx: &mut Tx<'_>, id: Id<Resource>) -> Result<Option<Kept>> {
    tx.query_opt(&format!("SELECT {COLUMNS} FROM calendar_resource WHERE id = $1"), &[&id], read)
}

/// The resource with a short name.
pub fn by_slug(tx: &mut Tx<'_>, slug: &str) -> Result<Option<Kept>> {
    tx.query_opt(&format!("SELECT {COLUMNS} FROM calendar_resource WHERE slug = $1"), &[&slug], read)
}

/// All resources, by their short names; inactive ones too.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Kept>> {
    let sql = format!("SELECT {COLUMNS} FROM calendar_resource ORDER BY slug LIMIT $1");
    tx.query(&sql, &[&LISTED], read)
}

/// These resources and the places that they lie in, by one question.
pub fn with_those_above(tx: &mut Tx<'_>, ids: &[Id<Resource>]) -> Result<BTreeMap<Id<Resource>, Kept>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let values: Vec<Value> = ids.iter().map(ToValue::to_value).collect();
    let params: Vec<&dyn ToValue> = values.iter().map(|id| id as &dyn ToValue).collect();
    let sql = format!(
        "WITH RECURSIVE above (id, parent) AS ( \
             SELECT id, parent FROM calendar_resource WHERE id IN ({}) \
             UNION \
             SELECT whose.id, whose.parent FROM calendar_resource AS whose JOIN above ON whose.id = above.parent) \
         SELECT {COLUMNS} FROM calendar_resource WHERE id IN (SELECT id FROM above)",
        marks(1, params.len())
    );
    Ok(tx.query(&sql, &params, read)?.into_iter().map(|kept| (kept.id, kept)).collect())
}

/// The equipment and the vehicles that are kept in a place, or in those that it lies in, by their short names: what may be
/// booked along with it.
pub fn kept_in_place(tx: &mut Tx<'_>, place: Id<Resource>) -> Result<Vec<Kept>> {
    let sql = format!(
        "WITH RECURSIVE above (id, parent) AS ( \
             SELECT id, parent FROM calendar_resource WHERE id = $1 \
             UNION \
             SELECT whose.id, whose.parent FROM calendar_resource AS whose JOIN above ON whose.id = above.parent) \
         SELECT {COLUMNS} FROM calendar_resource WHERE parent IN (SELECT id FROM above) \
         AND kind IN ('equipment', 'vehicle') AND active = TRUE ORDER BY slug LIMIT $2"
    );
    tx.query(&sql, &[&place, &KEPT_AT_MOST], read)
}

/// The equipment and the vehicles that are kept in this very place, by their short names; those that are withdrawn too.
pub fn kept_here(tx: &mut Tx<'_>, place: Id<Resource>) -> Result<Vec<Kept>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM calendar_resource WHERE parent = $1 AND kind IN ('equipment', 'vehicle') \
         ORDER BY slug LIMIT $2"
    );
    tx.query(&sql, &[&place, &LISTED], read)
}

/// A resource and those above it, from itself to the outermost.
fn line_of(tx: &mut Tx<'_>, id: Id<Resource>) -> Result<Vec<Kept>, ResourceError> {
    let mut found = with_those_above(tx, &[id])?;
    let line: Vec<Kept> =
        std::iter::successors(found.remove(&id), |kept| found.remove(&kept.details.parent?)).collect();
    if line.is_empty() { Err(ResourceError::Unknown) } else { Ok(line) }
}

/// Makes the atoms that a resource lacks: parts of itself and, where it is a part of them, of the places above. Atoms are
/// never unmade, for what they were claimed for stays.
fn add_atoms(
    tx: &mut Tx<'_>,
    id: Id<Resource>,
    new: &ResourceDetails,
    above: &[Kept],
) -> Result<(), ResourceError> {
    let count = "SELECT COUNT(*) FROM calendar_atom WHERE resource = $1";
    let had: u32 = tx.query_one(count, &[&id], |row| row.get(0))?;
    let next = "SELECT COALESCE(MAX(line), 0) + 1 FROM calendar_atom";
    let first: i64 = tx.query_one(next, &[], |row| row.get(0))?;
    let atoms: Vec<(Atom, u32)> =
        (first..).zip(had..new.stock).map(|(line, rank)| (Atom::of_line(line), rank)).collect();
    if atoms.is_empty() {
        return Ok(());
    }
    let rows: Vec<Vec<Value>> =
        atoms.iter().map(|(atom, rank)| vec![atom.to_value(), id.to_value(), rank.to_value()]).collect();
    insert(tx, "calendar_atom (line, resource, rank)", &rows)?;
    let wholes: Vec<Id<Resource>> =
        above.iter().map(|kept| kept.id).filter(|_| new.kind.is_part_of_place()).collect();
    let rows: Vec<Vec<Value>> = wholes
        .iter()
        .chain([&id])
        .flat_map(|whole| atoms.iter().map(|(atom, _)| vec![whole.to_value(), atom.to_value()]))
        .collect();
    let atoms: Vec<Atom> = atoms.into_iter().map(|(atom, _)| atom).collect();
    if !claims::spread(tx, &wholes, &atoms)? {
        return Err(ResourceError::TooMuchBooked);
    }
    insert(tx, "calendar_part (resource, line)", &rows)?;
    Ok(())
}

/// Writes rows, many by one statement.
fn insert(tx: &mut Tx<'_>, into: &str, rows: &[Vec<Value>]) -> Result<()> {
    for part in rows.chunks(200) {
        let mut first = 1;
        let mut values = Vec::with_capacity(part.len());
        for row in part {
            values.push(format!("({})", marks(first, row.len())));
            first += row.len();
        }
        let params: Vec<&dyn ToValue> = part.iter().flatten().map(|value| value as &dyn ToValue).collect();
        tx.execute(&format!("INSERT INTO {into} VALUES {}", values.join(", ")), &params)?;
    }
    Ok(())
}

fn check(tx: &mut Tx<'_>, id: Option<Id<Resource>>, new: &ResourceDetails) -> Result<(), ResourceError> {
    let fits = (1..=60).contains(&new.slug.len())
        && new.slug.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !fits {
        return Err(ResourceError::BadSlug(new.slug.clone()));
    }
    if !new.name.is_fit() {
        return Err(ResourceError::Name);
    }
    let most = if new.kind.has_stock() { STOCK_AT_MOST } else { 1 };
    if !(1..=most).contains(&new.stock) {
        return Err(ResourceError::BadStock);
    }
    new.terms.check()?;
    if by_slug(tx, &new.slug)?.is_some_and(|found| Some(found.id) != id) {
        return Err(ResourceError::SlugTaken(new.slug.clone()));
    }
    Ok(())
}

fn written(terms: &Terms) -> Result<Value> {
    let text = serde_json::to_string(terms);
    text.map(Value::Text)
        .map_err(|error| StoreError::Invalid(format!("terms that cannot be written: {error}")))
}

fn read(row: &mut Row) -> Result<Kept> {
    let corrupt = |what: &str| StoreError::Corrupt(format!("{what} of a resource cannot be read"));
    Ok(Kept {
        id: row.get(0)?,
        details: ResourceDetails {
            slug: row.get(1)?,
            kind: Kind::from_word(&row.get::<String>(2)?).ok_or_else(|| corrupt("the kind"))?,
            parent: row.get(3)?,
            name: Name { fr: row.get(4)?, en: row.get(5)? },
            stock: row.get(6)?,
            active: row.get(7)?,
            terms: serde_json::from_str(&row.get::<String>(8)?).map_err(|_| corrupt("the terms"))?,
        },
    })
}

fn journal(tx: &mut Tx<'_>, kind: &str, id: Id<Resource>, new: &ResourceDetails) -> Result<()> {
    tx.journal(&Entry {
        kind,
        subject_kind: "resource",
        subject_id: id.uuid(),
        payload: serde_json::json!({ "slug": new.slug, "stock": new.stock, "active": new.active }),
    })?;
    Ok(())
}
