//! The appointments that other town halls give for the numbers of one of this town's: kept for whoever reads of it later,
//! so that each is told once.

use std::collections::BTreeSet;

use beffroi_calendar::local;
use beffroi_core::{Id, Instant};
use beffroi_store::{Result, Row, StoreError, ToValue, Tx, Value, marks};
use beffroi_web::Page;
use chrono::NaiveDateTime;
use chrono_tz::Tz;
use uuid::Uuid;

use super::Known;
use crate::{
    appointment::Mark,
    clock::{self, Now},
};

/// Those of one appointment, at most.
const OF_ONE: u32 = 200;

/// An appointment that another town hall gives for a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Other {
    number: String,
    /// Where.
    pub(crate) place: String,
    at: NaiveDateTime,
    /// Where it is moved or given back; `""` where that is not known.
    pub(crate) manage: String,
}

/// A line of what another town hall gives.
pub(crate) struct Line {
    pub(crate) text: String,
    /// Where it is moved or given back; `""` where that is not known.
    pub(crate) href: String,
}

impl Other {
    /// Those to come that the service knows of. `own`: how the addresses of this town's appointments begin; what it has
    /// itself is looked up at home.
    pub(super) fn among(known: &[Known], own: &str, now: NaiveDateTime) -> Vec<Self> {
        let elsewhere = |known: &Known| {
            let number = known.number.clone();
            let all = known.appointments.clone().into_iter();
            all.filter(move |it| it.at > now && (own.is_empty() || !it.manage.starts_with(own)))
                .map(move |it| Self { number: number.clone(), place: it.place, at: it.at, manage: it.manage })
        };
        known.iter().flat_map(elsewhere).collect()
    }

    /// When, in this town's zone.
    pub(crate) fn at(&self, zone: Tz) -> Instant {
        local::earliest(self.at, zone)
    }

    fn key(&self) -> (NaiveDateTime, &str, &str) {
        (self.at, &self.place, &self.manage)
    }
}

/// Each once, in their order: one appointment for two numbers is one.
pub(crate) fn distinct(mut others: Vec<Other>) -> Vec<Other> {
    others.sort_by(|a, b| a.key().cmp(&b.key()));
    others.dedup_by(|a, b| a.key() == b.key());
    others
}

/// The same as a page shows them.
pub(crate) fn lines(page: &Page, others: &[Other], zone: Tz) -> Vec<Line> {
    let line = |other: Other| {
        let when = clock::moment(other.at(zone), zone, page.language());
        let words = [("place", other.place.into()), ("when", when.into())];
        Line { text: page.tr("appointments-elsewhere-one", &words), href: other.manage }
    };
    distinct(others.to_vec()).into_iter().map(line).collect()
}

/// A moment as it is kept: what comes later is greater.
fn kept(at: NaiveDateTime) -> String {
    at.format("%Y-%m-%dT%H:%M:%S").to_string()
}

/// Now, as the clocks of the town show it.
pub(super) fn shown(now: &Now) -> NaiveDateTime {
    now.at.with_timezone(&now.zone).naive_local()
}

fn read(row: &mut Row) -> Result<Other> {
    let broken = |_| StoreError::Corrupt("an appointment elsewhere cannot be read".to_owned());
    let at: String = row.get(2)?;
    Ok(Other {
        number: row.get(0)?,
        place: row.get(1)?,
        at: NaiveDateTime::parse_from_str(&at, "%Y-%m-%dT%H:%M:%S").map_err(broken)?,
        manage: row.get(3)?,
    })
}

/// What other town halls give for the numbers of an appointment and is still to come, each once.
pub(crate) fn of_one(tx: &mut Tx<'_>, id: Id<Mark>) -> Result<Vec<Other>> {
    let now = kept(shown(&Now::read(tx)?));
    let sql = "SELECT number, place, at, manage FROM appointments_elsewhere \
         WHERE appointment = $1 AND at > $2 ORDER BY at, number, rank LIMIT $3";
    Ok(distinct(tx.query(sql, &[&id, &now, &OF_ONE], read)?))
}

/// Those of these appointments for whose numbers another town hall gives one that is still to come.
pub(crate) fn some(tx: &mut Tx<'_>, ids: &[Id<Mark>]) -> Result<BTreeSet<Id<Mark>>> {
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    let now = kept(shown(&Now::read(tx)?));
    let mut params: Vec<&dyn ToValue> = vec![&now];
    params.extend(ids.iter().map(|id| id as &dyn ToValue));
    let list = marks(2, ids.len());
    let sql = format!(
        "SELECT DISTINCT appointment FROM appointments_elsewhere WHERE at > $1 AND appointment IN ({list}) \
         ORDER BY appointment"
    );
    let found: Vec<Id<Mark>> = tx.query(&sql, &params, |row| row.get(0))?;
    Ok(found.into_iter().collect())
}

/// Keeps what the service tells of these numbers in the place of what it told before; how many it had not told.
pub(super) fn keep(tx: &mut Tx<'_>, id: Id<Mark>, numbers: &[String], others: &[Other]) -> Result<usize> {
    if numbers.is_empty() {
        return Ok(0);
    }
    let before = of_one(tx, id)?;
    let mut params: Vec<&dyn ToValue> = vec![&id];
    params.extend(numbers.iter().map(|number| number as &dyn ToValue));
    let list = marks(2, numbers.len());
    let sql = format!("DELETE FROM appointments_elsewhere WHERE appointment = $1 AND number IN ({list})");
    tx.execute(&sql, &params)?;
    if others.is_empty() {
        return Ok(0);
    }
    let mut values: Vec<Value> = vec![id.to_value()];
    let mut rows = Vec::with_capacity(others.len());
    for (rank, it) in (0_u32..).zip(others) {
        rows.push(format!("($1, {})", marks(values.len() + 1, 5)));
        values.extend([
            it.number.to_value(),
            rank.to_value(),
            it.place.to_value(),
            kept(it.at).to_value(),
            it.manage.to_value(),
        ]);
    }
    let params: Vec<&dyn ToValue> = values.iter().map(|value| value as &dyn ToValue).collect();
    let sql = format!(
        "INSERT INTO appointments_elsewhere (appointment, number, rank, place, at, manage) VALUES {}",
        rows.join(", ")
    );
    tx.execute(&sql, &params)?;
    let new = distinct(others.to_vec());
    Ok(new.iter().filter(|it| before.iter().all(|old| old.key() != it.key())).count())
}

/// Forgets what other town halls gave for appointments whose owners are forgotten.
pub(super) fn forget(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let params: Vec<&dyn ToValue> = ids.iter().map(|id| id as &dyn ToValue).collect();
    let sql = format!("DELETE FROM appointments_elsewhere WHERE appointment IN ({})", marks(1, ids.len()));
    tx.execute(&sql, &params).map(drop)
}
