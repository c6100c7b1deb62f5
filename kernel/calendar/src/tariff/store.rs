//! Where tariffs and free uses are kept.

use std::collections::BTreeMap;

use beffroi_core::{Day, Id, money::Cents};
use beffroi_store::{Result, StoreError, ToValue, Tx, marks};

use super::rules::{Tariff, TariffFault};
use crate::{booking::Booking, resource::Resource};

/// Tariffs of a resource that are read, at most.
const LISTED: u32 = 200;
/// Values of one statement that names things.
const ROWS: usize = 100;
/// Associations of a year that are listed, at most.
const BODIES: u32 = 1_000;

/// A tariff, and from which day to which it is in force.
pub type InForce = (Id<Tariff>, Day, Option<Day>, Tariff);

/// The tariffs of a resource, the latest first.
pub fn of_resource(tx: &mut Tx<'_>, resource: Id<Resource>) -> Result<Vec<InForce>> {
    let found = tx.query(
        "SELECT id, first_day, last_day, tariff FROM calendar_tariff WHERE resource = $1 \
         ORDER BY first_day DESC LIMIT $2",
        &[&resource, &LISTED],
        |row| {
            let tariff: serde_json::Value = row.get(3)?;
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, tariff))
        },
    )?;
    let read = |(id, first, last, tariff)| {
        let tariff = serde_json::from_value(tariff).map_err(StoreError::from)?;
        Ok((id, first, last, tariff))
    };
    found.into_iter().map(read).collect()
}

/// The tariffs of each of these resources, the latest first, by one question.
pub fn of_each(tx: &mut Tx<'_>, resources: &[Id<Resource>]) -> Result<BTreeMap<Id<Resource>, Vec<InForce>>> {
    let mut all: BTreeMap<Id<Resource>, Vec<InForce>> = BTreeMap::new();
    for part in resources.chunks(ROWS) {
        let sql = format!(
            "SELECT resource, id, first_day, last_day, tariff FROM calendar_tariff WHERE resource IN ({}) \
             ORDER BY resource, first_day DESC LIMIT 10000",
            marks(1, part.len())
        );
        let params: Vec<&dyn ToValue> = part.iter().map(|id| id as &dyn ToValue).collect();
        let found = tx.query(&sql, &params, |row| {
            let tariff: serde_json::Value = row.get(4)?;
            let tariff: Tariff = serde_json::from_value(tariff)?;
            let whose: Id<Resource> = row.get(0)?;
            Ok((whose, (row.get(1)?, row.get(2)?, row.get(3)?, tariff)))
        })?;
        for (whose, tariff) in found {
            all.entry(whose).or_default().push(tariff);
        }
    }
    Ok(all)
}

/// The tariff of a resource that is in force on a day.
pub fn of_day(tx: &mut Tx<'_>, resource: Id<Resource>, day: Day) -> Result<Option<(Id<Tariff>, Tariff)>> {
    let found: Option<(Id<Tariff>, serde_json::Value)> = tx.query_opt(
        "SELECT id, tariff FROM calendar_tariff WHERE resource = $1 AND first_day <= $2 \
         AND (last_day IS NULL OR last_day >= $2) ORDER BY first_day DESC LIMIT 1",
        &[&resource, &day],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let read = |(id, tariff)| Ok((id, serde_json::from_value(tariff).map_err(StoreError::from)?));
    found.map(read).transpose()
}

/// Keeps a tariff that is in force from one day to another. One that had no end ends the day before.
pub fn keep(
    tx: &mut Tx<'_>,
    resource: Id<Resource>,
    (first, last): (Day, Option<Day>),
    tariff: &Tariff,
) -> Result<std::result::Result<Id<Tariff>, TariffFault>> {
    if let Err(fault) = tariff.check() {
        return Ok(Err(fault));
    }
    if last.is_some_and(|last| last < first) {
        return Ok(Err(TariffFault::Order));
    }
    for (id, begins, ends, _) in of_resource(tx, resource)? {
        let before = first.pred_opt().filter(|before| ends.is_none() && begins <= *before);
        if let Some(before) = before {
            tx.execute("UPDATE calendar_tariff SET last_day = $2 WHERE id = $1", &[&id, &before])?;
        } else if ends.is_none_or(|ends| ends >= first) && last.is_none_or(|last| begins <= last) {
            return Ok(Err(TariffFault::Overlap));
        }
    }
    let id = tx.new_id();
    let text = serde_json::to_value(tariff).map_err(StoreError::from)?;
    tx.execute(
        "INSERT INTO calendar_tariff (id, resource, first_day, last_day, tariff, made_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[&id, &resource, &first, &last, &text, &tx.now()],
    )?;
    Ok(Ok(id))
}

/// Takes away a tariff that is not in force yet on a day; `false` where it is, or there is none.
pub fn remove(tx: &mut Tx<'_>, resource: Id<Resource>, id: Id<Tariff>, today: Day) -> Result<bool> {
    let sql = "DELETE FROM calendar_tariff WHERE id = $1 AND resource = $2 AND first_day > $3";
    Ok(tx.execute(sql, &[&id, &resource, &today])? > 0)
}

/// How often an association has had something for nothing in a year, or will have.
pub fn used(tx: &mut Tx<'_>, body: &str, year: i32) -> Result<u32> {
    let count: i64 = tx.query_one(
        "SELECT COUNT(*) FROM calendar_free_use AS free JOIN calendar_booking AS booking \
         ON booking.id = free.booking WHERE free.body = $1 AND free.year = $2 \
         AND booking.state IN ('asked', 'firm')",
        &[&body, &i64::from(year)],
        |row| row.get(0),
    )?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// How often each of these associations has had something for nothing in each year, or will have.
pub fn used_each(tx: &mut Tx<'_>, bodies: &[String]) -> Result<BTreeMap<(String, i32), u32>> {
    let mut all = BTreeMap::new();
    for part in bodies.chunks(ROWS) {
        let sql = format!(
            "SELECT free.body, free.year, COUNT(*) FROM calendar_free_use AS free JOIN calendar_booking AS booking \
             ON booking.id = free.booking WHERE free.body IN ({}) AND booking.state IN ('asked', 'firm') \
             GROUP BY free.body, free.year ORDER BY free.body, free.year LIMIT 20000",
            marks(1, part.len())
        );
        let params: Vec<&dyn ToValue> = part.iter().map(|body| body as &dyn ToValue).collect();
        let found = tx.query(&sql, &params, |row| {
            Ok((row.get::<String>(0)?, row.get::<i64>(1)?, row.get::<i64>(2)?))
        })?;
        for (body, year, count) in found {
            let year = i32::try_from(year).unwrap_or(i32::MAX);
            all.insert((body, year), u32::try_from(count).unwrap_or(u32::MAX));
        }
    }
    Ok(all)
}

/// Something that an association has for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreeUsed {
    /// What it has.
    pub booking: Id<Booking>,
    /// Its number, or else its name.
    pub body: String,
    /// Its name.
    pub name: String,
    /// In which year.
    pub year: i32,
    /// What that is worth.
    pub value: Cents,
}

/// Writes down that associations have these things for nothing.
pub fn note_free_uses(tx: &mut Tx<'_>, all: &[FreeUsed]) -> Result<()> {
    for part in all.chunks(ROWS) {
        let values: Vec<String> = (0..part.len()).map(|row| format!("({})", marks(row * 5 + 1, 5))).collect();
        let sql = format!(
            "INSERT INTO calendar_free_use (booking, body, name, year, value) VALUES {}",
            values.join(", ")
        );
        let years: Vec<i64> = part.iter().map(|it| i64::from(it.year)).collect();
        let params: Vec<&dyn ToValue> = part
            .iter()
            .zip(&years)
            .flat_map(|(it, year)| [&it.booking as &dyn ToValue, &it.body, &it.name, year, &it.value])
            .collect();
        tx.execute(&sql, &params)?;
    }
    Ok(())
}

/// Writes down that an association has something for nothing.
pub fn note_free_use(
    tx: &mut Tx<'_>,
    booking: Id<Booking>,
    (body, name): (&str, &str),
    year: i32,
    value: Cents,
) -> Result<()> {
    tx.execute(
        "INSERT INTO calendar_free_use (booking, body, name, year, value) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (booking) DO UPDATE SET value = excluded.value",
        &[&booking, &body, &name, &i64::from(year), &value.0],
    )
    .map(drop)
}

/// Says anew what is worth what an association has for nothing: some of it was given back.
pub fn set_free_value(tx: &mut Tx<'_>, booking: Id<Booking>, value: Cents) -> Result<()> {
    let sql = "UPDATE calendar_free_use SET value = $2 WHERE booking = $1";
    tx.execute(sql, &[&booking, &value]).map(drop)
}

/// What an association had for nothing in a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreeUses {
    /// Its number, or else its name.
    pub body: String,
    /// Its name.
    pub name: String,
    /// How often.
    pub count: i64,
    /// What that was worth.
    pub value: Cents,
}

/// What each association had for nothing in a year, by its name: what the town's accounts tell as help in kind.
pub fn free_uses(tx: &mut Tx<'_>, year: i32) -> Result<Vec<FreeUses>> {
    tx.query(
        "SELECT free.body, MAX(free.name), COUNT(*), CAST(SUM(free.value) AS BIGINT) \
         FROM calendar_free_use AS free JOIN calendar_booking AS booking ON booking.id = free.booking \
         WHERE free.year = $1 AND booking.state IN ('asked', 'firm') GROUP BY free.body ORDER BY 2, 1 LIMIT $2",
        &[&i64::from(year), &BODIES],
        |row| {
            let value: i64 = row.get(3)?;
            Ok(FreeUses { body: row.get(0)?, name: row.get(1)?, count: row.get(2)?, value: Cents(value) })
        },
    )
}
