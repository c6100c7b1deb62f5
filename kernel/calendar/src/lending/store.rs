//! Where the store of what is lent and the loans are kept.

use std::collections::BTreeMap;

use beffroi_core::{Id, Instant};
use beffroi_store::{Result, Row, StoreError, Tx};

use super::{ITEMS_AT_MOST, Item, Loan, State};
use crate::{
    booking::{Extra, Owner},
    resource::{self, Kept, Resource},
    spans::Span,
};

/// What the town lends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Items(pub Vec<Item>);

impl Items {
    /// What a choice of the form asks for, as long as it is lent.
    pub fn asked_by(&self, answer: &str) -> Option<&Item> {
        self.0.iter().find(|it| it.answer == answer && it.resource.details.active)
    }
}

/// All that the town lends, by name; what is withdrawn too.
pub fn items(tx: &mut Tx<'_>) -> Result<Items> {
    let sql = "SELECT resource, answer FROM calendar_lent ORDER BY resource LIMIT $1";
    let found: Vec<(Id<Resource>, String)> =
        tx.query(sql, &[&ITEMS_AT_MOST], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let ids: Vec<Id<Resource>> = found.iter().map(|(id, _)| *id).collect();
    let mut known: BTreeMap<Id<Resource>, Kept> = resource::with_those_above(tx, &ids)?;
    let mut items: Vec<Item> = found
        .into_iter()
        .filter_map(|(id, answer)| Some(Item { resource: known.remove(&id)?, answer }))
        .collect();
    items.sort_by(|one, other| one.resource.details.name.fr.cmp(&other.resource.details.name.fr));
    Ok(Items(items))
}

/// What the town lends under that short name.
pub fn item(tx: &mut Tx<'_>, slug: &str) -> Result<Option<Item>> {
    let Some(resource) = resource::by_slug(tx, slug)? else { return Ok(None) };
    let sql = "SELECT answer FROM calendar_lent WHERE resource = $1";
    let answer: Option<String> = tx.query_opt(sql, &[&resource.id], |row| row.get(0))?;
    Ok(answer.map(|answer| Item { resource, answer }))
}

/// Says which choice of the form asks for something that the town lends. `false` where another thing is asked for by it.
pub fn keep(tx: &mut Tx<'_>, id: Id<Resource>, answer: &str) -> Result<bool> {
    let other = "SELECT resource FROM calendar_lent WHERE answer = $1 AND answer <> '' AND resource <> $2";
    let other: Option<Id<Resource>> = tx.query_opt(other, &[&answer, &id], |row| row.get(0))?;
    if other.is_some() {
        return Ok(false);
    }
    tx.execute(
        "INSERT INTO calendar_lent (resource, answer) VALUES ($1, $2) \
         ON CONFLICT (resource) DO UPDATE SET answer = excluded.answer",
        &[&id, &answer],
    )?;
    Ok(true)
}

const COLUMNS: &str = "id, owner_kind, owner, state, starts_at, ends_at, things, made_at FROM calendar_loan";

fn read(row: &mut Row) -> Result<Loan> {
    let span = Span::new(row.get(4)?, row.get(5)?);
    Ok(Loan {
        id: row.get(0)?,
        owner: (row.get(1)?, row.get(2)?),
        state: row.get(3)?,
        span: span.ok_or_else(|| StoreError::Corrupt("a loan ends before it begins".to_owned()))?,
        things: serde_json::from_value(row.get(6)?).map_err(StoreError::from)?,
        made_at: row.get(7)?,
    })
}

/// A loan.
pub fn find(tx: &mut Tx<'_>, id: Id<Loan>) -> Result<Option<Loan>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE id = $1"), &[&id], read)
}

/// What a request borrows.
pub fn of_owner(tx: &mut Tx<'_>, (kind, owner): Owner<'_>) -> Result<Option<Loan>> {
    let sql = format!("SELECT {COLUMNS} WHERE owner_kind = $1 AND owner = $2");
    tx.query_opt(&sql, &[&kind, &owner], read)
}

/// What is asked for or lent and ends after an instant, by its end; at most `limit`.
pub fn out(tx: &mut Tx<'_>, since: Instant, limit: u32) -> Result<Vec<Loan>> {
    let sql = format!(
        "SELECT {COLUMNS} WHERE ends_at > $1 AND state IN ('asked', 'firm', 'overtaken') \
         ORDER BY ends_at, id LIMIT $2"
    );
    tx.query(&sql, &[&since, &limit], read)
}

pub(super) fn insert(
    tx: &mut Tx<'_>,
    id: Id<Loan>,
    (kind, owner): Owner<'_>,
    state: State,
    (span, things): (Span, &[Extra]),
) -> Result<()> {
    let things = serde_json::to_value(things).map_err(StoreError::from)?;
    tx.execute(
        "INSERT INTO calendar_loan (id, owner_kind, owner, state, starts_at, ends_at, things, made_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[&id, &kind, &owner, &state, &span.start(), &span.end(), &things, &tx.now()],
    )
    .map(drop)
}

pub(super) fn set_state(tx: &mut Tx<'_>, id: Id<Loan>, state: State) -> Result<()> {
    tx.execute("UPDATE calendar_loan SET state = $2 WHERE id = $1", &[&id, &state]).map(drop)
}

pub(super) fn set_things(tx: &mut Tx<'_>, id: Id<Loan>, (span, things): (Span, &[Extra])) -> Result<()> {
    let things = serde_json::to_value(things).map_err(StoreError::from)?;
    let sql = "UPDATE calendar_loan SET starts_at = $2, ends_at = $3, things = $4 WHERE id = $1";
    tx.execute(sql, &[&id, &span.start(), &span.end(), &things]).map(drop)
}

pub(super) fn delete(tx: &mut Tx<'_>, id: Id<Loan>) -> Result<()> {
    tx.execute("DELETE FROM calendar_loan WHERE id = $1", &[&id]).map(drop)
}
