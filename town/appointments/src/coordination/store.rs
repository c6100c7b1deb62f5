//! What is kept of what was declared: in the very words, so that it is withdrawn by them.

use beffroi_core::{Id, Instant};
use beffroi_store::{Result, ToValue, Tx, Value, marks, words};
use uuid::Uuid;

use super::{Known, Standing, other};
use crate::appointment::Mark;

words! {
    /// What the service knew of a number when it was declared, as far as somebody should be told.
    Found {
        /// Nothing that stands in the way.
        Nothing = "nothing",
        /// An appointment that another town hall gives.
        Elsewhere = "elsewhere",
        /// The file was handed in already.
        Consumed = "consumed",
        /// It is too old.
        Expired = "expired",
        /// There is no such number.
        Unknown = "unknown",
    }
}

impl Found {
    /// What is to be told of a number. `own`: how the addresses of this town's appointments begin.
    pub(super) fn of(known: Option<&Known>, own: &str) -> Self {
        match known.map(|known| (known, known.standing)) {
            None | Some((_, Standing::Unknown)) => Self::Unknown,
            Some((_, Standing::Consumed)) => Self::Consumed,
            Some((_, Standing::Expired)) => Self::Expired,
            Some((known, _)) if known.appointments.iter().any(|it| !it.manage.starts_with(own)) => {
                Self::Elsewhere
            }
            Some(_) => Self::Nothing,
        }
    }

    /// Whether nothing is declared for such a number.
    pub(super) const fn is_over(self) -> bool {
        matches!(self, Self::Consumed | Self::Expired)
    }
}

/// What was declared for a number, or was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Declared {
    pub(super) number: String,
    /// The site, as it was named.
    pub(super) point: String,
    /// Its name then.
    pub(super) place: String,
    /// When, as it was said.
    pub(super) at: String,
    /// Whether the service has taken it.
    pub(super) taken: bool,
    /// What it knew of the number.
    pub(crate) found: Found,
}

/// What was declared for the numbers of an appointment.
pub(crate) fn of_appointment(tx: &mut Tx<'_>, id: Id<Mark>) -> Result<Vec<Declared>> {
    tx.query(
        "SELECT number, point, place, at, taken, found FROM appointments_declared WHERE appointment = $1 \
         ORDER BY number LIMIT 40",
        &[&id],
        |row| {
            Ok(Declared {
                number: row.get(0)?,
                point: row.get(1)?,
                place: row.get(2)?,
                at: row.get(3)?,
                taken: row.get(4)?,
                found: row.get(5)?,
            })
        },
    )
}

/// Whether the service has to do with an appointment: it has numbers, or had some.
pub(super) fn concerns(tx: &mut Tx<'_>, id: Id<Mark>) -> Result<bool> {
    let sql = "SELECT 1 FROM appointments_predemand WHERE appointment = $1 \
         UNION ALL SELECT 1 FROM appointments_declared WHERE appointment = $1 LIMIT 1";
    Ok(tx.query_opt(sql, &[&id], |row| row.get::<i64>(0))?.is_some())
}

/// Appointments to come with a number of which nothing was declared yet; so many at most.
pub(super) fn undeclared(tx: &mut Tx<'_>, now: Instant, at_most: u32) -> Result<Vec<Id<Mark>>> {
    tx.query(
        "SELECT a.id FROM appointments_appointment a WHERE a.state = 'booked' AND a.starts_at > $1 AND EXISTS (\
         SELECT 1 FROM appointments_predemand p WHERE p.appointment = a.id AND NOT EXISTS (\
         SELECT 1 FROM appointments_declared d WHERE d.appointment = p.appointment AND d.number = p.number)) \
         ORDER BY a.starts_at, a.id LIMIT $2",
        &[&now, &at_most],
        |row| row.get(0),
    )
}

/// Forgets what was declared for these numbers, then keeps what is declared now.
pub(super) fn write(tx: &mut Tx<'_>, id: Id<Mark>, gone: &[String], new: &[Declared]) -> Result<()> {
    if !gone.is_empty() {
        let mut params: Vec<&dyn ToValue> = vec![&id];
        params.extend(gone.iter().map(|number| number as &dyn ToValue));
        let list = marks(2, gone.len());
        let sql = format!("DELETE FROM appointments_declared WHERE appointment = $1 AND number IN ({list})");
        tx.execute(&sql, &params)?;
    }
    if new.is_empty() {
        return Ok(());
    }
    let mut values: Vec<Value> = vec![id.to_value()];
    let mut rows = Vec::with_capacity(new.len());
    for it in new {
        let first = values.len() + 1;
        rows.push(format!("($1, {})", marks(first, 6)));
        values.extend([
            it.number.to_value(),
            it.point.to_value(),
            it.place.to_value(),
            it.at.to_value(),
            it.taken.to_value(),
            it.found.to_value(),
        ]);
    }
    let params: Vec<&dyn ToValue> = values.iter().map(|value| value as &dyn ToValue).collect();
    let sql = format!(
        "INSERT INTO appointments_declared (appointment, number, point, place, at, taken, found) VALUES {} \
         ON CONFLICT (appointment, number) DO UPDATE SET point = excluded.point, place = excluded.place, \
         at = excluded.at, taken = excluded.taken, found = excluded.found",
        rows.join(", ")
    );
    tx.execute(&sql, &params).map(drop)
}

/// Forgets what was declared, and what is known, of appointments whose owners are forgotten.
pub(crate) fn forget(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let params: Vec<&dyn ToValue> = ids.iter().map(|id| id as &dyn ToValue).collect();
    let sql = format!("DELETE FROM appointments_declared WHERE appointment IN ({})", marks(1, ids.len()));
    tx.execute(&sql, &params)?;
    other::forget(tx, ids)
}
