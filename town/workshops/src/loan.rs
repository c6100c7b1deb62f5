//! Tablets and other equipment that a department lends: pieces of a stock of the calendar, each taken until it is due, and
//! for as long as it is not brought back.

use beffroi_calendar::{
    claims::{self, ClaimError, HowMuch, Wish},
    now::Now,
    resource::{self, Kept, Kind, Name, Resource, ResourceDetails, ResourceError, Terms},
    spans::Span,
};
use beffroi_core::{Day, Id, Instant, calendar::start_of_day};
use beffroi_people::{Department, Permit, permission::Scope};
use beffroi_store::{Entry, Result, Row, StoreError, Tx};
use chrono::TimeDelta;
use chrono_tz::Tz;

use crate::permission::AdviseWorkshops;

/// Days after which whoever brought something back is forgotten.
pub const KEPT_DAYS: i64 = 60;
/// Days that something is lent for, at most.
pub const LENT_DAYS: i64 = 90;
/// Days ahead that something is kept for somebody, at most.
pub const AHEAD_DAYS: i64 = 180;
/// Kinds of equipment of a commune, and loans that are out, at most.
const LISTED: u32 = 500;

/// A mark for loans in [`Id`].
#[derive(Clone, Copy, Debug)]
pub enum Mark {}

/// What a department lends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Equipment {
    /// What the calendar knows of it; its stock is how many there are.
    pub resource: Kept,
    /// Whose.
    pub department: Id<Department>,
}

/// A loan as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loan {
    /// Which.
    pub id: Id<Mark>,
    /// Of what.
    pub resource: Id<Resource>,
    /// To whom.
    pub name: String,
    /// How to reach them.
    pub phone: String,
    /// Which piece, with what.
    pub note: String,
    /// Since when, or from when on.
    pub lent_at: Instant,
    /// The last day.
    pub due: Day,
    /// When it came back.
    pub returned_at: Option<Instant>,
}

/// Something to be lent.
#[derive(Clone, Copy, Debug)]
pub struct NewLoan<'a> {
    /// What.
    pub resource: Id<Resource>,
    /// To whom.
    pub name: &'a str,
    /// How to reach them.
    pub phone: &'a str,
    /// Which piece, with what.
    pub note: &'a str,
    /// The first day; `None` for something that is handed over now.
    pub from: Option<Day>,
    /// The last day.
    pub due: Day,
}

/// Why nothing is lent.
#[derive(Debug, thiserror::Error)]
pub enum LoanError {
    /// No piece is left until then.
    #[error("no piece is left until then")]
    NoneLeft,
    /// The first day is over, or too far away.
    #[error("the first day is not within the next {AHEAD_DAYS} days")]
    From,
    /// The last day is before the first, or too long after it.
    #[error("the last day is not within {LENT_DAYS} days of the first")]
    Due,
    /// There is no such equipment.
    #[error("no such equipment")]
    Unknown,
    /// The equipment cannot be kept.
    #[error(transparent)]
    Resource(#[from] ResourceError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Adds a kind of equipment that a department lends.
///
/// # Errors
/// [`LoanError`].
pub fn add(
    tx: &mut Tx<'_>,
    _: &Permit<AdviseWorkshops>,
    department: Id<Department>,
    (name, stock): (&Name, u32),
) -> Result<Id<Resource>, LoanError> {
    let new = ResourceDetails {
        slug: resource::free_slug(tx, &name.fr)?,
        kind: Kind::Equipment,
        parent: None,
        name: name.clone(),
        stock,
        active: true,
        terms: Terms::default(),
    };
    let id = resource::create(tx, &new)?;
    tx.execute(
        "INSERT INTO workshops_equipment (resource, department) VALUES ($1, $2)",
        &[&id, &department],
    )?;
    Ok(id)
}

/// Says something else of a kind of equipment, or withdraws it (`active`). What is lent of it stays so.
///
/// # Errors
/// [`LoanError`].
pub fn change(
    tx: &mut Tx<'_>,
    _: &Permit<AdviseWorkshops>,
    kept: &Kept,
    (name, stock, active): (&Name, u32, bool),
) -> Result<(), LoanError> {
    let details = ResourceDetails { name: name.clone(), stock, active, ..kept.details.clone() };
    Ok(resource::change(tx, kept.id, &details)?)
}

/// All that is lent by these departments; what is withdrawn too.
pub fn equipment(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<Equipment>> {
    let owners: Vec<(Id<Resource>, Id<Department>)> = tx.query(
        "SELECT resource, department FROM workshops_equipment ORDER BY resource LIMIT $1",
        &[&LISTED],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let ids: Vec<Id<Resource>> = owners.iter().map(|(id, _)| *id).collect();
    let mut known = resource::with_those_above(tx, &ids)?;
    let found = owners.into_iter().filter(|(_, department)| scope.contains(Some(*department)));
    Ok(found
        .filter_map(|(id, department)| Some(Equipment { resource: known.remove(&id)?, department }))
        .collect())
}

/// What is taken: until the end of the last day.
fn stretch(from: Instant, last: Day, zone: Tz) -> Option<Span> {
    Span::new(from, start_of_day(last.succ_opt()?, zone))
}

/// Lends a piece, or keeps one for somebody from a day on.
///
/// # Errors
/// [`LoanError`].
pub fn lend(tx: &mut Tx<'_>, _: &Permit<AdviseWorkshops>, new: &NewLoan<'_>) -> Result<Id<Mark>, LoanError> {
    let now = Now::read(tx)?;
    let first = new.from.unwrap_or(now.today);
    if first < now.today || first > now.today + TimeDelta::days(AHEAD_DAYS) {
        return Err(LoanError::From);
    }
    if new.due < first || new.due > first + TimeDelta::days(LENT_DAYS) {
        return Err(LoanError::Due);
    }
    if !resource::find(tx, new.resource)?.is_some_and(|kept| kept.details.active) {
        return Err(LoanError::Unknown);
    }
    let lent_at = if first > now.today { start_of_day(first, now.zone) } else { now.at };
    let span = stretch(lent_at, new.due, now.zone).ok_or(LoanError::Due)?;
    let id: Id<Mark> = tx.new_id();
    let wish = Wish { resource: new.resource, much: HowMuch::Pieces(1), span };
    match claims::claim(tx, id, &[wish], None) {
        Ok(()) => {}
        Err(ClaimError::Taken(_)) => return Err(LoanError::NoneLeft),
        Err(ClaimError::Store(error)) => return Err(error.into()),
        Err(_) => return Err(LoanError::Unknown),
    }
    tx.execute(
        "INSERT INTO workshops_loan (id, resource, name, phone, note, lent_at, due, returned_at, erased) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, FALSE)",
        &[&id, &new.resource, &new.name, &new.phone, &new.note, &lent_at, &new.due],
    )?;
    journal(tx, "loan.made", id, new.resource)?;
    Ok(id)
}

/// Something was brought back, or is kept for nobody any more.
pub fn give_back(tx: &mut Tx<'_>, _: &Permit<AdviseWorkshops>, it: &Loan) -> Result<()> {
    let sql = "UPDATE workshops_loan SET returned_at = $2 WHERE id = $1 AND returned_at IS NULL";
    if tx.execute(sql, &[&it.id, &tx.now()])? > 0 {
        claims::release(tx, it.id)?;
        journal(tx, "loan.returned", it.id, it.resource)?;
    }
    Ok(())
}

const COLUMNS: &str = "id, resource, name, phone, note, lent_at, due, returned_at FROM workshops_loan";

fn read(row: &mut Row) -> Result<Loan> {
    Ok(Loan {
        id: row.get(0)?,
        resource: row.get(1)?,
        name: row.get(2)?,
        phone: row.get(3)?,
        note: row.get(4)?,
        lent_at: row.get(5)?,
        due: row.get(6)?,
        returned_at: row.get(7)?,
    })
}

/// What is out, first what is due first.
pub fn out(tx: &mut Tx<'_>) -> Result<Vec<Loan>> {
    let sql = format!("SELECT {COLUMNS} WHERE returned_at IS NULL ORDER BY due, id LIMIT $1");
    tx.query(&sql, &[&LISTED], read)
}

/// A loan.
pub fn find(tx: &mut Tx<'_>, id: Id<Mark>) -> Result<Option<Loan>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE id = $1"), &[&id], read)
}

/// What is overdue stays taken until the end of today, so that nobody is promised what is not there; how many. Where
/// somebody else has it from today on, it is left to the advisers, who see both.
pub(crate) fn prolong(tx: &mut Tx<'_>) -> Result<u64> {
    let now = Now::read(tx)?;
    let late: Vec<Loan> = out(tx)?.into_iter().filter(|it| it.due < now.today).collect();
    let mut prolonged = 0;
    for it in late {
        let Some(span) = stretch(it.lent_at, now.today, now.zone) else { continue };
        let wish = Wish { resource: it.resource, much: HowMuch::Pieces(1), span };
        match claims::change(tx, it.id, &[wish]) {
            Ok(_) => prolonged += 1,
            Err(ClaimError::Store(error)) => return Err(error),
            Err(_) => {}
        }
    }
    Ok(prolonged)
}

/// Forgets who brought something back two months ago; how many.
pub(crate) fn forget(tx: &mut Tx<'_>) -> Result<u64> {
    let before = tx.now() - TimeDelta::days(KEPT_DAYS);
    tx.execute(
        "UPDATE workshops_loan SET name = '', phone = '', note = '', erased = TRUE \
         WHERE erased = FALSE AND returned_at IS NOT NULL AND returned_at < $1",
        &[&before],
    )
}

fn journal(tx: &mut Tx<'_>, kind: &str, id: Id<Mark>, resource: Id<Resource>) -> Result<()> {
    let payload = serde_json::json!({ "resource": resource });
    tx.journal(&Entry { kind, subject_kind: "loan", subject_id: id.uuid(), payload }).map(drop)
}
