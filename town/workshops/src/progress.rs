//! What comes of it, for those who pay: how many people were followed up and how often, what they could do when they were
//! first and last met, what was lent. No names; what is told of small counts, [`crate::withheld`] says.

use std::collections::BTreeMap;

use beffroi_calendar::spans::Span;
use beffroi_core::Day;
use beffroi_people::permission::Scope;
use beffroi_store::{Result, ToValue, Tx, marks};

use crate::followup::{Autonomy, Theme};

/// How many could do something not yet, with help, and alone: in the order of [`Autonomy::ALL`].
pub type Levels = [u32; 3];

/// All that is counted of a stretch of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Different people who were met for their follow-up.
    pub people: u32,
    /// Days on which each of them was met, together.
    pub meetings: u32,
    /// What these people could do when they were first met, whenever that was.
    pub first: BTreeMap<Theme, Levels>,
    /// What they could do when they were last met, until the end of that time.
    pub last: BTreeMap<Theme, Levels>,
    /// Loans that were made.
    pub lent: u32,
    /// Loans that came back.
    pub returned: u32,
}

/// The departments as a condition on a column; what it needs stands after what there is.
fn inside<'s>(scope: &'s Scope, column: &str, params: &mut Vec<&'s dyn ToValue>) -> String {
    let Scope::Departments(inside) = scope else { return String::new() };
    let list = marks(params.len() + 1, inside.len());
    params.extend(inside.iter().map(|id| id as &dyn ToValue));
    format!(" AND {column} IN ({list})")
}

/// What the people who were met from one day to another, both included, could do: the earliest of what is known of each and
/// of each theme, or the latest.
fn levels(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (first, last): (Day, Day),
    other: &str,
) -> Result<BTreeMap<Theme, Levels>> {
    let mut params: Vec<&dyn ToValue> = vec![&first, &last];
    let of = inside(scope, "l.department", &mut params);
    let sql = format!(
        "SELECT l.theme, l.level, COUNT(*) FROM workshops_level l WHERE l.day <= $2{of} AND l.followup IN \
         (SELECT m.followup FROM workshops_met m WHERE m.day >= $1 AND m.day <= $2) AND NOT EXISTS \
         (SELECT 1 FROM workshops_level o WHERE o.followup = l.followup AND o.theme = l.theme AND {other}) \
         GROUP BY l.theme, l.level ORDER BY l.theme, l.level LIMIT 100"
    );
    let rows: Vec<(String, String, u32)> =
        tx.query(&sql, &params, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let mut found: BTreeMap<Theme, Levels> = BTreeMap::new();
    for (theme, level, count) in rows {
        let (Some(theme), Some(level)) = (Theme::from_word(&theme), Autonomy::from_word(&level)) else {
            continue;
        };
        let levels = found.entry(theme).or_default();
        for (known, counted) in Autonomy::ALL.iter().zip(levels.iter_mut()) {
            if *known == level {
                *counted += count;
            }
        }
    }
    Ok(found)
}

/// Counts what was done from one day to another, both included (`within`: the same as a stretch of time), by these
/// departments.
pub fn read(tx: &mut Tx<'_>, scope: &Scope, days: (Day, Day), within: Span) -> Result<Progress> {
    let (first, last) = days;
    let mut params: Vec<&dyn ToValue> = vec![&first, &last];
    let of = inside(scope, "department", &mut params);
    let sql = format!(
        "SELECT COUNT(DISTINCT followup), COUNT(*) FROM workshops_met WHERE day >= $1 AND day <= $2{of}"
    );
    let (people, meetings) = tx.query_one(&sql, &params, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (from, until) = (within.start(), within.end());
    let mut lent = [0, 0];
    for (count, column) in lent.iter_mut().zip(["lent_at", "returned_at"]) {
        let mut params: Vec<&dyn ToValue> = vec![&from, &until];
        let of = inside(scope, "e.department", &mut params);
        let sql = format!(
            "SELECT COUNT(*) FROM workshops_loan l JOIN workshops_equipment e ON e.resource = l.resource \
             WHERE l.{column} >= $1 AND l.{column} < $2{of}"
        );
        *count = tx.query_one(&sql, &params, |row| row.get(0))?;
    }
    let [lent, returned] = lent;
    Ok(Progress {
        people,
        meetings,
        first: levels(tx, scope, days, "o.day < l.day")?,
        last: levels(tx, scope, days, "o.day > l.day AND o.day <= $2")?,
        lent,
        returned,
    })
}
