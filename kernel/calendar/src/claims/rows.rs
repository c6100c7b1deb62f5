//! The statements of claims. The two engines differ in how a list is given to them, and in nothing else.

use std::collections::BTreeMap;

use beffroi_core::{Id, Instant};
use beffroi_store::{Engine, Result, ToValue, Tx, Value, marks};
use uuid::Uuid;

use super::{
    Claim,
    atom::{Atom, LINE, Place, seconds},
};
use crate::{
    resource::Resource,
    spans::{Span, Spans},
};

/// Rows of one statement that writes.
const ROWS: usize = 200;

/// A claim as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub id: Id<Claim>,
    pub booking: Uuid,
    pub resource: Id<Resource>,
    pub place: Place,
    pub expires_at: Option<Instant>,
}

/// A claim, without whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub id: Id<Claim>,
    pub place: Place,
}

/// Makes these claims as far as they are free, in their order on the line, so that two who do so at once never wait for
/// one another; tells those that are not.
pub(super) fn insert(tx: &mut Tx<'_>, mut rows: Vec<Row>) -> Result<Vec<Row>> {
    rows.sort_by_key(|row| row.place);
    let mut refused = Vec::new();
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let part: Vec<Row> = rows.by_ref().take(ROWS).collect();
        let values: Vec<String> = (0..part.len()).map(|row| format!("({})", marks(row * 6 + 1, 6))).collect();
        let sql = format!(
            "INSERT INTO calendar_claim (id, booking, resource, low, high, expires_at) VALUES {} \
             ON CONFLICT DO NOTHING RETURNING low",
            values.join(", ")
        );
        let params: Vec<&dyn ToValue> = part
            .iter()
            .flat_map(|row| {
                let place = &row.place;
                [
                    &row.id as &dyn ToValue,
                    &row.booking,
                    &row.resource,
                    &place.low,
                    &place.high,
                    &row.expires_at,
                ]
            })
            .collect();
        let mut made: Vec<i64> = tx.query(&sql, &params, |row| row.get(0))?;
        made.sort_unstable();
        // Two that begin together on one line are never both made.
        let mut made = made.into_iter().peekable();
        refused.extend(part.into_iter().filter(|row| made.next_if_eq(&row.place.low).is_none()));
    }
    Ok(refused)
}

/// Unmakes claims.
pub(super) fn delete(tx: &mut Tx<'_>, ids: &[Id<Claim>]) -> Result<()> {
    for part in ids.chunks(ROWS) {
        let sql = format!("DELETE FROM calendar_claim WHERE id IN ({})", marks(1, part.len()));
        let params: Vec<&dyn ToValue> = part.iter().map(|id| id as &dyn ToValue).collect();
        tx.execute(&sql, &params)?;
    }
    Ok(())
}

/// Unmakes all claims of these bookings.
pub(super) fn delete_of(tx: &mut Tx<'_>, bookings: &[Uuid]) -> Result<()> {
    for part in bookings.chunks(ROWS) {
        let sql = format!("DELETE FROM calendar_claim WHERE booking IN ({})", marks(1, part.len()));
        let params: Vec<&dyn ToValue> = part.iter().map(|id| id as &dyn ToValue).collect();
        tx.execute(&sql, &params)?;
    }
    Ok(())
}

const COLUMNS: &str = "id, booking, resource, low, high, expires_at";

fn read(row: &mut beffroi_store::Row) -> Result<Row> {
    Ok(Row {
        id: row.get(0)?,
        booking: row.get(1)?,
        resource: row.get(2)?,
        place: Place { low: row.get(3)?, high: row.get(4)? },
        expires_at: row.get(5)?,
    })
}

/// All that a booking has, in the order of the line; `at_most` of it.
pub(super) fn of_booking(tx: &mut Tx<'_>, booking: Uuid, at_most: u32) -> Result<Vec<Row>> {
    let sql = format!("SELECT {COLUMNS} FROM calendar_claim WHERE booking = $1 ORDER BY low LIMIT $2");
    tx.query(&sql, &[&booking, &at_most], read)
}

/// How much a booking has.
pub(super) fn count_of_booking(tx: &mut Tx<'_>, booking: Uuid) -> Result<u32> {
    tx.query_one("SELECT COUNT(*) FROM calendar_claim WHERE booking = $1", &[&booking], |row| row.get(0))
}

/// These claims.
pub(super) fn of_ids(tx: &mut Tx<'_>, ids: &[Id<Claim>]) -> Result<Vec<Row>> {
    let mut rows = Vec::with_capacity(ids.len());
    for part in ids.chunks(ROWS) {
        let sql = format!(
            "SELECT {COLUMNS} FROM calendar_claim WHERE id IN ({}) ORDER BY low LIMIT {ROWS}",
            marks(1, part.len())
        );
        let params: Vec<&dyn ToValue> = part.iter().map(|id| id as &dyn ToValue).collect();
        rows.extend(tx.query(&sql, &params, read)?);
    }
    Ok(rows)
}

/// A list of numbers as a table `wanted (line)`.
fn wanted(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "SELECT value AS line FROM json_each($1)",
        Engine::Postgres => {
            "SELECT CAST(list.value AS BIGINT) AS line \
             FROM json_array_elements_text(CAST(CAST($1 AS TEXT) AS JSON)) AS list (value)"
        }
    }
}

/// What is taken of these atoms within a stretch of time, as `columns` of `claim`: one question, whose cost is that of
/// what lies within, however long ago the first claim was made. What reaches into the stretch from before is, on each
/// line, the last claim that begins by then, for claims never overlap.
fn within_sql(engine: Engine, columns: &str) -> String {
    let alive = "(claim.expires_at IS NULL OR claim.expires_at > $4)";
    format!(
        "WITH wanted AS ({wanted}) \
         SELECT {columns} FROM wanted JOIN calendar_claim AS claim \
             ON claim.low > wanted.line * {LINE} + $2 AND claim.low < wanted.line * {LINE} + $3 WHERE {alive} \
         UNION ALL \
         SELECT {columns} FROM wanted JOIN calendar_claim AS claim \
             ON claim.low = (SELECT MAX(earlier.low) FROM calendar_claim AS earlier \
                 WHERE earlier.low >= wanted.line * {LINE} AND earlier.low <= wanted.line * {LINE} + $2) \
         WHERE claim.high > wanted.line * {LINE} + $2 AND {alive}",
        wanted = wanted(engine),
    )
}

fn list(atoms: &[Atom]) -> String {
    let lines: Vec<String> = atoms.iter().map(|atom| atom.line().to_string()).collect();
    format!("[{}]", lines.join(","))
}

/// What is taken of these atoms within a stretch of time, holds included that have not expired.
/// What one booking has is left out, where one is named.
pub(super) fn taken(
    tx: &mut Tx<'_>,
    atoms: &[Atom],
    within: Span,
    but: Option<Uuid>,
) -> Result<BTreeMap<Atom, Spans>> {
    let mut found: BTreeMap<Atom, Vec<Span>> = atoms.iter().map(|atom| (*atom, Vec::new())).collect();
    if atoms.is_empty() {
        return Ok(BTreeMap::new());
    }
    let sql = within_sql(tx.engine(), "claim.low, claim.high, claim.booking");
    let ((low, high), now) = (seconds(within), tx.now());
    let params: [&dyn ToValue; 4] = [&list(atoms), &low, &high, &now];
    let mut places = tx.query(&sql, &params, |row| {
        let booking: Uuid = row.get(2)?;
        Ok((Place { low: row.get(0)?, high: row.get(1)? }, booking))
    })?;
    places.sort_unstable();
    for (place, _) in places.into_iter().filter(|(_, booking)| but != Some(*booking)) {
        let (atom, span) = place.read()?;
        found.entry(atom).or_default().push(span);
    }
    Ok(found.into_iter().map(|(atom, spans)| (atom, spans.into_iter().collect())).collect())
}

/// The claims on these atoms that meet a stretch of time, `at_most` of them and one more.
pub(super) fn within(tx: &mut Tx<'_>, atoms: &[Atom], within: Span, at_most: u32) -> Result<Vec<Found>> {
    let sql = format!("{} LIMIT $5", within_sql(tx.engine(), "claim.id, claim.low, claim.high"));
    let ((low, high), now) = (seconds(within), tx.now());
    let params: [&dyn ToValue; 5] = [&list(atoms), &low, &high, &now, &(at_most + 1)];
    tx.query(&sql, &params, |row| {
        Ok(Found { id: row.get(0)?, place: Place { low: row.get(1)?, high: row.get(2)? } })
    })
}

/// What is taken when a resource is booked, and which of it is its own stock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    /// All of it, places below included.
    pub all: Vec<Atom>,
    /// Its own pieces that are in use, by their numbers.
    pub pieces: Vec<Atom>,
    /// Those that were once, and may still be lent.
    pub set_aside: Vec<Atom>,
}

impl Parts {
    /// Whether it is more than its own.
    pub(crate) fn has_places_below(&self) -> bool {
        self.all.len() > self.pieces.len() + self.set_aside.len()
    }
}

/// The parts of these resources, by one question.
pub(super) fn parts(tx: &mut Tx<'_>, resources: &[Id<Resource>]) -> Result<BTreeMap<Id<Resource>, Parts>> {
    let mut found: BTreeMap<Id<Resource>, Parts> = BTreeMap::new();
    if resources.is_empty() {
        return Ok(found);
    }
    let values: Vec<Value> = resources.iter().map(ToValue::to_value).collect();
    let params: Vec<&dyn ToValue> = values.iter().map(|id| id as &dyn ToValue).collect();
    let sql = format!(
        "SELECT part.resource, part.line, CASE WHEN atom.resource = part.resource THEN atom.rank END, whose.stock \
         FROM calendar_part AS part JOIN calendar_atom AS atom ON atom.line = part.line \
         JOIN calendar_resource AS whose ON whose.id = part.resource \
         WHERE part.resource IN ({}) ORDER BY part.resource, atom.rank, part.line",
        marks(1, params.len())
    );
    let rows = tx.query(&sql, &params, |row| {
        Ok((row.get::<Id<Resource>>(0)?, row.get::<Atom>(1)?, row.get::<Option<u32>>(2)?, row.get::<u32>(3)?))
    })?;
    for (resource, atom, own, stock) in rows {
        let parts = found.entry(resource).or_default();
        parts.all.push(atom);
        match own {
            Some(rank) if rank < stock => parts.pieces.push(atom),
            Some(_) => parts.set_aside.push(atom),
            None => {}
        }
    }
    Ok(found)
}
