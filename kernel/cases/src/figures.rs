//! Figures for who answers for departments: how many cases, how many late, how long decisions took, through
//! which doors. One statement each, whatever the number of departments; only those that may be read.

use std::collections::HashMap;

use beffroi_core::Day;
use beffroi_store::{Result, ToValue, Tx, marks};

use crate::{Access, Right, inbox::Count};

/// How long the decisions of one procedure took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace {
    /// The department's slug.
    pub department: String,
    /// The procedure's short name.
    pub procedure: String,
    /// How many were taken.
    pub decided: i64,
    /// Their days from receipt to decision, in all.
    pub days: i64,
    /// How many were taken before silence decided.
    pub in_time: i64,
}

/// How many cases each department has, by procedure and state.
pub fn counts(
    tx: &mut Tx<'_>,
    access: &Access,
    departments: &[String],
) -> Result<HashMap<String, Vec<Count>>> {
    let mut found: HashMap<String, Vec<Count>> = HashMap::new();
    let Some((values, marks)) = readable(access, departments, Vec::new()) else { return Ok(found) };
    let sql = format!(
        "SELECT department, procedure, state, cases FROM case_count WHERE department IN ({marks}) AND cases > 0 \
         ORDER BY department, procedure, state LIMIT 100000"
    );
    tx.query(&sql, &values, |row| {
        let count = Count { procedure: row.get(1)?, state: row.get(2)?, cases: row.get(3)? };
        found.entry(row.get(0)?).or_default().push(count);
        Ok(())
    })?;
    Ok(found)
}

/// How many open cases of each department silence has overtaken by `today`.
pub fn late(
    tx: &mut Tx<'_>,
    access: &Access,
    departments: &[String],
    today: Day,
) -> Result<HashMap<String, i64>> {
    let Some((values, marks)) = readable(access, departments, vec![&today]) else {
        return Ok(HashMap::new());
    };
    let sql = format!(
        "SELECT department, COUNT(*) FROM cases WHERE is_open = TRUE AND clock_on <= $1 \
         AND department IN ({marks}) GROUP BY department"
    );
    Ok(tx.query(&sql, &values, |row| Ok((row.get(0)?, row.get(1)?)))?.into_iter().collect())
}

/// The pace of the decisions taken since a day.
pub fn paces(tx: &mut Tx<'_>, access: &Access, departments: &[String], since: Day) -> Result<Vec<Pace>> {
    let mut paces: Vec<Pace> = Vec::new();
    let Some((values, marks)) = readable(access, departments, vec![&since]) else { return Ok(paces) };
    // The engines count days differently, so decisions of the same two days come together.
    let sql = format!(
        "SELECT c.department, c.procedure, c.received_on, d.decided_on, COUNT(*), \
         SUM(CASE WHEN c.deemed_on IS NULL OR d.decided_on < c.deemed_on THEN 1 ELSE 0 END) \
         FROM decision d JOIN cases c ON c.id = d.case_id \
         WHERE d.decided_on >= $1 AND c.department IN ({marks}) \
         GROUP BY c.department, c.procedure, c.received_on, d.decided_on ORDER BY c.department, c.procedure"
    );
    tx.query(&sql, &values, |row| {
        let (department, procedure): (String, String) = (row.get(0)?, row.get(1)?);
        let (received, decided): (Day, Day) = (row.get(2)?, row.get(3)?);
        let (cases, in_time): (i64, i64) = (row.get(4)?, row.get(5)?);
        let days = (decided - received).num_days() * cases;
        match paces.last_mut() {
            Some(pace) if pace.department == department && pace.procedure == procedure => {
                pace.decided += cases;
                pace.days += days;
                pace.in_time += in_time;
            }
            _ => paces.push(Pace { department, procedure, decided: cases, days, in_time }),
        }
        Ok(())
    })?;
    Ok(paces)
}

/// How many cases came in through each door since a day, by the channel's word.
pub fn channels(
    tx: &mut Tx<'_>,
    access: &Access,
    departments: &[String],
    since: Day,
) -> Result<Vec<(String, i64)>> {
    let Some((values, marks)) = readable(access, departments, vec![&since]) else { return Ok(Vec::new()) };
    let sql = format!(
        "SELECT channel, COUNT(*) FROM cases WHERE received_on >= $1 AND department IN ({marks}) \
         GROUP BY channel ORDER BY channel"
    );
    tx.query(&sql, &values, |row| Ok((row.get(0)?, row.get(1)?)))
}

/// The values of a statement, the departments that may be read last, and the marks of these; `None` where there
/// are none.
pub(crate) fn readable<'a>(
    access: &Access,
    departments: &'a [String],
    mut values: Vec<&'a dyn ToValue>,
) -> Option<(Vec<&'a dyn ToValue>, String)> {
    let first = values.len() + 1;
    let may = departments.iter().filter(|department| access.allows(Right::Read, department));
    values.extend(may.map(|department| department as &dyn ToValue));
    let count = values.len() + 1 - first;
    (count > 0).then(|| (values, marks(first, count)))
}
