//! What stands open now, for who answers for departments: how many cases, how many late. One statement each, whatever the
//! number of departments; only those that may be read. What happened over months is in [`crate::tally`].

use std::collections::HashMap;

use beffroi_core::Day;
use beffroi_store::{Result, ToValue, Tx, marks};

use crate::{Access, Right, inbox::Count};

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

/// Late cases that are counted: more than a town has.
const LATE_AT_MOST: u32 = 10_000_000;

/// How many open cases of each department and procedure silence has overtaken by `today`.
pub fn late(
    tx: &mut Tx<'_>,
    access: &Access,
    departments: &[String],
    today: Day,
) -> Result<HashMap<(String, String), i64>> {
    let Some((values, marks)) = readable(access, departments, vec![&today, &LATE_AT_MOST]) else {
        return Ok(HashMap::new());
    };
    // With the limit SQLite looks for those that are late, and not through all cases in the order of the groups.
    let sql = format!(
        "SELECT department, procedure, COUNT(*) FROM (SELECT department, procedure FROM cases \
         WHERE is_open = TRUE AND clock_on <= $1 AND department IN ({marks}) LIMIT $2) AS overtaken \
         GROUP BY department, procedure"
    );
    let found = tx.query(&sql, &values, |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?;
    Ok(found.into_iter().collect())
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
