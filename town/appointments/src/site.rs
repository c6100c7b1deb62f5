//! Where people are received, and by whom: sites, and their counters or agents. What is open and what is taken lies in
//! the calendar; a site that is closed closes all that is in it.

use std::collections::{BTreeMap, BTreeSet};

use beffroi_calendar::{
    openings::{Openings, Rule},
    resource::{self, Kept as KeptResource, Kind, Name, Resource, ResourceDetails, ResourceError, Terms},
};
use beffroi_core::Id;
use beffroi_people::{Department, Permit};
use beffroi_store::{Entry, Result, StoreError, ToValue, Tx, Value, marks};
use serde::{Deserialize, Serialize};

use crate::{motive::Motive, opened, permission::ManageAppointments};

/// Sites of a commune, at most.
const SITES: u32 = 100;
/// Counters and agents of a commune, at most.
const DESKS: u32 = 500;
/// Days ahead that a counter may be booked; the motive says less.
const AHEAD_DAYS: u32 = 1_000;
/// Rules of a reserve, at most.
pub(crate) const RESERVE_AT_MOST: usize = 100;

/// What the public reads of a site.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SiteSheet {
    /// Street and number.
    pub address: String,
    /// Postcode.
    pub postcode: String,
    /// Town.
    pub city: String,
    /// How one gets in: the door, the lift, where to park.
    pub access: Name,
    /// Whom to call; the town's own number where it is empty.
    pub phone: String,
    /// Longitude and latitude in degrees (WGS 84), as the State's search shows them.
    pub place: Option<(f64, f64)>,
    /// Whether tickets are given out for those who come without an appointment.
    pub tickets: bool,
}

impl SiteSheet {
    /// In one line.
    pub fn line(&self) -> String {
        let town = format!("{} {}", self.postcode, self.city);
        let parts = [self.address.trim(), town.trim()];
        parts.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

/// A site as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// What the calendar knows of it.
    pub resource: KeptResource,
    /// What is said of it.
    pub sheet: SiteSheet,
}

/// A counter, or an agent who receives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desk {
    /// What the calendar knows of it; its openings are the presences.
    pub resource: KeptResource,
    /// Where.
    pub site: Id<Resource>,
    /// Of which department.
    pub department: Option<Id<Department>>,
    /// Its place in lists: small first.
    pub rank: u32,
    /// Whether anybody is received there: it is in use, and so is its site.
    pub is_open: bool,
    /// Hours that the public books on the day itself alone.
    pub reserve: Vec<Rule>,
    /// For what it receives.
    pub motives: BTreeSet<Id<Motive>>,
}

/// A site to be kept.
#[derive(Clone, Debug, PartialEq)]
pub struct SiteDetails {
    /// Its short name.
    pub slug: String,
    /// Its name.
    pub name: Name,
    /// Whether anybody is received there.
    pub active: bool,
    /// What the public reads of it.
    pub sheet: SiteSheet,
    /// When all of it is closed. Nobody is received by the hours of a site: its closures alone are kept.
    pub closures: Openings,
}

impl Site {
    /// As it would be kept again.
    pub fn details(&self) -> SiteDetails {
        let details = &self.resource.details;
        SiteDetails {
            slug: details.slug.clone(),
            name: details.name.clone(),
            active: details.active,
            sheet: self.sheet.clone(),
            closures: details.terms.openings.clone().unwrap_or_default(),
        }
    }
}

/// A counter to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskDetails {
    /// Its short name.
    pub slug: String,
    /// Its name.
    pub name: Name,
    /// Whether it is an agent or the mayor rather than a counter. Never changes.
    pub is_person: bool,
    /// Where. Never changes.
    pub site: Id<Resource>,
    /// Of which department.
    pub department: Option<Id<Department>>,
    /// Its place in lists: small first.
    pub rank: u32,
    /// Whether anybody is received there.
    pub active: bool,
    /// When it receives.
    pub presence: Openings,
    /// Hours that the public books on the day itself alone.
    pub reserve: Vec<Rule>,
    /// For what it receives.
    pub motives: BTreeSet<Id<Motive>>,
}

impl Desk {
    /// As it would be kept again.
    pub fn details(&self) -> DeskDetails {
        let details = &self.resource.details;
        DeskDetails {
            slug: details.slug.clone(),
            name: details.name.clone(),
            is_person: details.kind == Kind::Person,
            site: self.site,
            department: self.department,
            rank: self.rank,
            active: details.active,
            presence: details.terms.openings.clone().unwrap_or_default(),
            reserve: self.reserve.clone(),
            motives: self.motives.clone(),
        }
    }
}

/// Why a site or a counter is not kept.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// What is bookable of it.
    #[error(transparent)]
    Resource(#[from] ResourceError),
    /// A text is too long, or a place is nowhere on earth.
    #[error("a text is longer than 300 letters, or the place is nowhere on earth")]
    Sheet,
    /// There is no such site, counter or motive.
    #[error("no such site, counter or motive")]
    Unknown,
    /// More hours than anybody reads.
    #[error("more than {RESERVE_AT_MOST} rules")]
    Reserve,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Keeps a site: a new one, or what is said of one that there is.
///
/// # Errors
/// [`SiteError`].
pub fn keep_site(
    tx: &mut Tx<'_>,
    _: &Permit<ManageAppointments>,
    id: Option<Id<Resource>>,
    new: &SiteDetails,
) -> Result<Id<Resource>, SiteError> {
    let sheet = &new.sheet;
    let texts =
        [&sheet.address, &sheet.postcode, &sheet.city, &sheet.phone, &sheet.access.fr, &sheet.access.en];
    let there = sheet.place.is_none_or(|(longitude, latitude)| {
        (-180.0..=180.0).contains(&longitude) && (-90.0..=90.0).contains(&latitude)
    });
    if texts.iter().any(|text| text.chars().count() > 300) || !there {
        return Err(SiteError::Sheet);
    }
    let closures = Openings { closures: new.closures.closures.clone(), ..Openings::default() };
    let details = ResourceDetails {
        slug: new.slug.clone(),
        kind: Kind::Building,
        parent: None,
        name: new.name.clone(),
        stock: 1,
        active: new.active,
        terms: Terms { openings: Some(closures), ..Terms::default() },
    };
    let id = match id {
        None => resource::create(tx, &details)?,
        Some(id) => {
            opened::before(tx, |desk| desk.site == id)?;
            resource::change(tx, id, &details)?;
            id
        }
    };
    let text = serde_json::to_value(sheet).map_err(StoreError::from)?;
    tx.execute(
        "INSERT INTO appointments_site (resource, sheet) VALUES ($1, $2) \
         ON CONFLICT (resource) DO UPDATE SET sheet = excluded.sheet",
        &[&id, &text],
    )?;
    journal(tx, "site.described", "site", id, &new.slug)?;
    Ok(id)
}

/// Keeps a counter: a new one, or what is said of one that there is.
///
/// # Errors
/// [`SiteError`].
pub fn keep_desk(
    tx: &mut Tx<'_>,
    _: &Permit<ManageAppointments>,
    id: Option<Id<Resource>>,
    new: &DeskDetails,
) -> Result<Id<Resource>, SiteError> {
    if new.reserve.len() > RESERVE_AT_MOST {
        return Err(SiteError::Reserve);
    }
    if site(tx, new.site)?.is_none() {
        return Err(SiteError::Unknown);
    }
    let details = ResourceDetails {
        slug: new.slug.clone(),
        kind: if new.is_person { Kind::Person } else { Kind::Desk },
        parent: Some(new.site),
        name: new.name.clone(),
        stock: 1,
        active: new.active,
        terms: Terms {
            openings: Some(new.presence.clone()),
            shortest_minutes: 1,
            ahead_days: AHEAD_DAYS,
            ..Terms::default()
        },
    };
    let id = match id {
        None => {
            let id = resource::create(tx, &details)?;
            opened::new(tx, id)?;
            id
        }
        Some(id) => {
            opened::before(tx, |desk| desk.resource.id == id)?;
            resource::change(tx, id, &details)?;
            id
        }
    };
    let reserve = serde_json::to_value(&new.reserve).map_err(StoreError::from)?;
    tx.execute(
        "INSERT INTO appointments_desk (resource, site, department, rank, reserve) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (resource) DO UPDATE SET department = excluded.department, rank = excluded.rank, \
         reserve = excluded.reserve",
        &[&id, &new.site, &new.department, &new.rank, &reserve],
    )?;
    tx.execute("DELETE FROM appointments_receives WHERE desk = $1", &[&id])?;
    if !new.motives.is_empty() {
        let mut values: Vec<Value> = vec![id.to_value()];
        values.extend(new.motives.iter().map(ToValue::to_value));
        let rows: Vec<String> = (2..=values.len()).map(|rank| format!("($1, ${rank})")).collect();
        let params: Vec<&dyn ToValue> = values.iter().map(|value| value as &dyn ToValue).collect();
        let sql = format!("INSERT INTO appointments_receives (desk, motive) VALUES {}", rows.join(", "));
        tx.execute(&sql, &params)?;
    }
    journal(tx, "desk.described", "desk", id, &new.slug)?;
    Ok(id)
}

/// Says which of these counters receive for a motive; the others stay as they are.
///
/// # Errors
/// Those of the store.
pub fn receive(
    tx: &mut Tx<'_>,
    _: &Permit<ManageAppointments>,
    motive: Id<Motive>,
    desks: &[(Id<Resource>, bool)],
) -> Result<()> {
    if desks.is_empty() {
        return Ok(());
    }
    opened::before(tx, |kept| desks.iter().any(|(desk, on)| *on && *desk == kept.resource.id))?;
    let mut params: Vec<&dyn ToValue> = vec![&motive];
    params.extend(desks.iter().map(|(desk, _)| desk as &dyn ToValue));
    let sql = format!(
        "DELETE FROM appointments_receives WHERE motive = $1 AND desk IN ({})",
        marks(2, desks.len())
    );
    tx.execute(&sql, &params)?;
    let on: Vec<Id<Resource>> = desks.iter().filter(|(_, on)| *on).map(|(desk, _)| *desk).collect();
    if on.is_empty() {
        return Ok(());
    }
    let rows: Vec<String> = (2..=on.len() + 1).map(|rank| format!("($1, ${rank})")).collect();
    let mut params: Vec<&dyn ToValue> = vec![&motive];
    params.extend(on.iter().map(|desk| desk as &dyn ToValue));
    let sql = format!("INSERT INTO appointments_receives (motive, desk) VALUES {}", rows.join(", "));
    tx.execute(&sql, &params).map(drop)
}

fn journal(tx: &mut Tx<'_>, kind: &str, subject: &str, id: Id<Resource>, slug: &str) -> Result<()> {
    tx.journal(&Entry {
        kind,
        subject_kind: subject,
        subject_id: id.uuid(),
        payload: serde_json::json!({ "slug": slug }),
    })?;
    Ok(())
}

fn unreadable(what: &str) -> StoreError {
    StoreError::Corrupt(format!("{what} cannot be read"))
}

/// All sites, by their French names.
pub fn sites(tx: &mut Tx<'_>) -> Result<Vec<Site>> {
    let sql = "SELECT resource, sheet FROM appointments_site ORDER BY resource LIMIT $1";
    let sheets: Vec<(Id<Resource>, serde_json::Value)> =
        tx.query(sql, &[&SITES], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let ids: Vec<Id<Resource>> = sheets.iter().map(|(id, _)| *id).collect();
    let mut resources = resource::with_those_above(tx, &ids)?;
    let mut sites = Vec::with_capacity(sheets.len());
    for (id, sheet) in sheets {
        if let Some(resource) = resources.remove(&id) {
            let sheet = serde_json::from_value(sheet).map_err(|_| unreadable("the sheet of a site"))?;
            sites.push(Site { resource, sheet });
        }
    }
    sites.sort_by_cached_key(|site| beffroi_core::text::fold(&site.resource.details.name.fr));
    Ok(sites)
}

/// A site.
pub fn site(tx: &mut Tx<'_>, id: Id<Resource>) -> Result<Option<Site>> {
    let sql = "SELECT sheet FROM appointments_site WHERE resource = $1";
    let sheet: Option<serde_json::Value> = tx.query_opt(sql, &[&id], |row| row.get(0))?;
    let (Some(sheet), Some(resource)) = (sheet, resource::find(tx, id)?) else { return Ok(None) };
    let sheet = serde_json::from_value(sheet).map_err(|_| unreadable("the sheet of a site"))?;
    Ok(Some(Site { resource, sheet }))
}

/// All counters and agents, in the order of lists; those where nobody is received now too.
pub fn desks(tx: &mut Tx<'_>) -> Result<Vec<Desk>> {
    let sql =
        "SELECT resource, site, department, rank, reserve FROM appointments_desk ORDER BY resource LIMIT $1";
    let rows = tx.query(sql, &[&DESKS], |row| {
        Ok((
            row.get::<Id<Resource>>(0)?,
            row.get::<Id<Resource>>(1)?,
            row.get::<Option<Id<Department>>>(2)?,
            row.get::<u32>(3)?,
            row.get::<serde_json::Value>(4)?,
        ))
    })?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Id<Resource>> = rows.iter().map(|(id, ..)| *id).collect();
    let mut resources = resource::with_those_above(tx, &ids)?;
    let mut motives: BTreeMap<Id<Resource>, BTreeSet<Id<Motive>>> = BTreeMap::new();
    let sql = format!(
        "SELECT desk, motive FROM appointments_receives WHERE desk IN ({}) ORDER BY desk, motive",
        marks(1, ids.len())
    );
    let params: Vec<&dyn ToValue> = ids.iter().map(|id| id as &dyn ToValue).collect();
    for (desk, motive) in tx.query(&sql, &params, |row| Ok((row.get(0)?, row.get(1)?)))? {
        motives.entry(desk).or_default().insert(motive);
    }
    let mut desks = Vec::with_capacity(rows.len());
    for (id, site, department, rank, reserve) in rows {
        let site_is_open = resources.get(&site).is_some_and(|site| site.details.active);
        if let Some(resource) = resources.remove(&id) {
            let reserve = serde_json::from_value(reserve).map_err(|_| unreadable("the reserve of a desk"))?;
            let motives = motives.remove(&id).unwrap_or_default();
            let is_open = site_is_open && resource.details.active;
            desks.push(Desk { resource, site, department, rank, is_open, reserve, motives });
        }
    }
    let order = |desk: &Desk| (desk.rank, desk.resource.details.slug.clone());
    desks.sort_by_cached_key(order);
    Ok(desks)
}
