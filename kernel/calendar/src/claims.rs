//! The one table that says what is taken. That two claims overlap is impossible: PostgreSQL excludes it by a
//! constraint, SQLite by a trigger, and on both a claim that is not free is not made, whole and without an error.

use std::collections::BTreeMap;

use beffroi_core::{Id, Instant};
use beffroi_store::{FromValue, Result, StoreError, ToValue, Tx, Value, marks};
use chrono::DateTime;
use uuid::Uuid;

use crate::spans::{Span, Spans};

/// Numbers of a line: seconds until the year 2514.
const LINE: i64 = 1 << 34;
/// Rows of one statement.
const ROWS: usize = 64;

/// What can be claimed whole, by its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Atom(i64);

impl Atom {
    /// The atom of a line.
    pub const fn of_line(line: i64) -> Self {
        Self(line)
    }

    /// Its line.
    pub const fn line(self) -> i64 {
        self.0
    }

    /// Where a stretch of time lies on its line; what is before 1970 or after 2514 is cut off.
    fn place(self, span: Span) -> (i64, i64) {
        let second = |at: Instant| self.0 * LINE + at.timestamp().clamp(0, LINE - 1);
        let low = second(span.start());
        // What ends within a second holds all of it.
        let end = span.end().timestamp() + i64::from(span.end().timestamp_subsec_nanos() > 0);
        let high = self.0 * LINE + end.clamp(0, LINE - 1);
        (low, high.max(low + 1))
    }

    fn at(place: i64) -> Option<(Self, Instant)> {
        Some((Self(place.div_euclid(LINE)), DateTime::from_timestamp(place.rem_euclid(LINE), 0)?))
    }
}

impl FromValue for Atom {
    const EXPECTED: &'static str = "the line of an atom";

    fn from_value(value: Value) -> Result<Self, Value> {
        i64::from_value(value).map(Self)
    }
}

impl ToValue for Atom {
    fn to_value(&self) -> Value {
        Value::Int(self.0)
    }
}

/// What somebody wishes to take: an atom, for a stretch of time with all that is cleaned and set up around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// What.
    pub atom: Atom,
    /// When.
    pub span: Span,
}

/// A mark for claims in [`Id`].
#[derive(Clone, Copy, Debug)]
pub struct Claim;

/// Makes the atoms of a resource, as many as it has of its kind: one for a room, ten for ten tablets. Done twice, it
/// makes what is missing; atoms are never unmade, for what they were claimed for stays.
pub fn atoms(tx: &mut Tx<'_>, resource: Uuid, count: u32) -> Result<Vec<Atom>> {
    let sql = "SELECT line FROM calendar_atom WHERE resource = $1 ORDER BY rank LIMIT $2";
    let mut found: Vec<Atom> = tx.query(sql, &[&resource, &count], |row| row.get(0))?;
    let next = "SELECT COALESCE(MAX(line), 0) + 1 FROM calendar_atom";
    for rank in u32::try_from(found.len()).unwrap_or(count)..count {
        let line: i64 = tx.query_one(next, &[], |row| row.get(0))?;
        let sql = "INSERT INTO calendar_atom (line, resource, rank) VALUES ($1, $2, $3)";
        tx.execute(sql, &[&line, &resource, &rank])?;
        found.push(Atom(line));
    }
    Ok(found)
}

/// Takes all that is wished for, or nothing: then it is told what of it is taken already. A claim that expires is a
/// hold. Wishes must not overlap one another.
pub fn claim(
    tx: &mut Tx<'_>,
    booking: Uuid,
    wishes: &[Wish],
    expires_at: Option<Instant>,
) -> Result<Vec<Wish>> {
    forget_expired(tx)?;
    let mut made = Vec::with_capacity(wishes.len());
    let mut refused = Vec::new();
    for part in wishes.chunks(ROWS) {
        let rows: Vec<(Id<Claim>, i64, i64)> = part
            .iter()
            .map(|wish| {
                let (low, high) = wish.atom.place(wish.span);
                (tx.new_id::<Claim>(), low, high)
            })
            .collect();
        let values: Vec<String> = (0..rows.len()).map(|row| format!("({})", marks(row * 5 + 1, 5))).collect();
        let sql = format!(
            "INSERT INTO calendar_claim (id, booking, low, high, expires_at) VALUES {} ON CONFLICT DO NOTHING \
             RETURNING low",
            values.join(", ")
        );
        let params: Vec<&dyn ToValue> = rows
            .iter()
            .flat_map(|(id, low, high)| [id as &dyn ToValue, &booking, low, high, &expires_at])
            .collect();
        let taken: Vec<i64> = tx.query(&sql, &params, |row| row.get(0))?;
        refused.extend(
            part.iter().zip(&rows).filter(|(_, (_, low, _))| !taken.contains(low)).map(|(wish, _)| *wish),
        );
        made.extend(rows.into_iter().filter(|(_, low, _)| taken.contains(low)).map(|(id, ..)| id));
    }
    if !refused.is_empty() {
        for part in made.chunks(ROWS) {
            let sql = format!("DELETE FROM calendar_claim WHERE id IN ({})", marks(1, part.len()));
            let params: Vec<&dyn ToValue> = part.iter().map(|id| id as &dyn ToValue).collect();
            tx.execute(&sql, &params)?;
        }
    }
    Ok(refused)
}

/// Makes what a booking holds its own for good; false where some of it has expired meanwhile, or was never held.
pub fn confirm(tx: &mut Tx<'_>, booking: Uuid) -> Result<bool> {
    forget_expired(tx)?;
    let sql = "UPDATE calendar_claim SET expires_at = NULL WHERE booking = $1";
    Ok(tx.execute(sql, &[&booking])? > 0)
}

/// Gives back what a booking had.
pub fn release(tx: &mut Tx<'_>, booking: Uuid) -> Result<()> {
    tx.execute("DELETE FROM calendar_claim WHERE booking = $1", &[&booking]).map(drop)
}

/// Holds that have expired are nobody's.
fn forget_expired(tx: &mut Tx<'_>) -> Result<()> {
    let sql = "DELETE FROM calendar_claim WHERE expires_at IS NOT NULL AND expires_at <= $1";
    tx.execute(sql, &[&tx.now()]).map(drop)
}

/// What is taken of these atoms within a stretch of time, holds included that have not expired. Its cost is that of
/// what lies within, however long ago the first claim was made.
pub fn taken(tx: &mut Tx<'_>, atoms: &[Atom], within: Span) -> Result<BTreeMap<Atom, Spans>> {
    let mut found: BTreeMap<Atom, Vec<Span>> = atoms.iter().map(|atom| (*atom, Vec::new())).collect();
    for part in atoms.chunks(ROWS) {
        // The claim that reaches into the stretch from before, if there is one, is the last that begins before it.
        let one = |rank: usize| {
            let (low, high) = (rank * 2 + 2, rank * 2 + 3);
            format!(
                "SELECT low, high FROM calendar_claim WHERE low < ${high} AND high > ${low} \
                 AND low >= COALESCE((SELECT MAX(low) FROM calendar_claim WHERE low <= ${low}), ${low}) \
                 AND (expires_at IS NULL OR expires_at > $1)"
            )
        };
        let sql = (0..part.len()).map(one).collect::<Vec<_>>().join(" UNION ALL ");
        let places: Vec<(i64, i64)> = part.iter().map(|atom| atom.place(within)).collect();
        let now = tx.now();
        let mut params: Vec<&dyn ToValue> = vec![&now];
        params.extend(places.iter().flat_map(|(low, high)| [low as &dyn ToValue, high]));
        let rows: Vec<(i64, i64)> = tx.query(&sql, &params, |row| Ok((row.get(0)?, row.get(1)?)))?;
        for (low, high) in rows {
            let corrupt = || StoreError::Corrupt("a claim lies on no line".to_owned());
            let (atom, start) = Atom::at(low).ok_or_else(corrupt)?;
            let (_, end) = Atom::at(high).ok_or_else(corrupt)?;
            let span = Span::new(start, end).ok_or_else(corrupt)?;
            found.entry(atom).or_default().push(span);
        }
    }
    Ok(found.into_iter().map(|(atom, spans)| (atom, spans.into_iter().collect())).collect())
}
