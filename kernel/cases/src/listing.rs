//! Whole lists of cases, read a page at a time along the inbox's own indexes: for exports.

use std::collections::HashMap;

use beffroi_core::{Day, Id};
use beffroi_store::{Result, ToValue, Tx, marks};
use uuid::Uuid;

use crate::{
    case::{self, Case},
    decision::Outcome,
    reversal::{self, Effect},
};

/// Cases read at once.
const PAGE: u32 = 500;

/// Which cases are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Of these departments. Whoever asks has been permitted to have them.
    pub departments: Vec<String>,
    /// Of this procedure; of all of them where there is none.
    pub procedure: Option<String>,
    /// Received on this day or after.
    pub from: Option<Day>,
    /// Received on this day or before.
    pub until: Option<Day>,
}

/// A case with how it ended.
#[derive(Clone, Debug)]
pub struct Row {
    /// The case.
    pub case: Case,
    /// How it was decided; by silence where nobody did.
    pub ended: Option<End>,
    /// What became of its last decision that was taken back, and when.
    pub reversed: Option<(Effect, Day)>,
}

/// How a case was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// What was decided.
    pub outcome: Outcome,
    /// When.
    pub on: Day,
    /// Whether nobody did: the town’s silence decided.
    pub by_silence: bool,
}

impl Row {
    /// Whether the day of the legal clock has passed without an answer, or had when one came.
    pub fn is_late(&self, today: Day) -> bool {
        let Some(due) = self.case.deemed_on else { return self.ended.is_some_and(|end| end.by_silence) };
        match self.ended {
            Some(end) => end.by_silence || end.on >= due,
            None => self.case.state.is_open() && today >= due,
        }
    }
}

/// What is so sensitive that it is sealed at rest stands in no list. Gives every other case to `each`, a page at a time:
/// those of one department after those of another, the open ones
/// first. A failure of `each` ends it.
///
/// # Errors
/// Those of the store, and of `each`.
pub fn visit<E: From<beffroi_store::StoreError>>(
    tx: &mut Tx<'_>,
    listed: &Listed,
    mut each: impl FnMut(Row) -> std::result::Result<(), E>,
) -> std::result::Result<(), E> {
    for department in &listed.departments {
        for is_open in [true, false] {
            let mut after: (String, String) = (String::new(), String::new());
            loop {
                let page = page(tx, listed, department, is_open, &after)?;
                let Some((last, clock_on)) = page.last() else { break };
                after = (clock_on.to_string(), last.id.to_string());
                let full = page.len() >= PAGE as usize;
                let ends = ends(tx, &page)?;
                let ids: Vec<Uuid> = page.iter().map(|(case, _)| case.id.uuid()).collect();
                let reversed = reversal::of_cases(tx, &ids)?;
                for (case, _) in page.into_iter().filter(|(case, _)| !case.sealed) {
                    let ended = ends.get(&case.id).copied();
                    let reversed = reversed.get(&case.id.uuid()).copied();
                    each(Row { case, ended, reversed })?;
                }
                if !full {
                    break;
                }
            }
        }
    }
    Ok(())
}

/// How many cases a list may have, from the counts that are kept: an upper bound, which looks at no case.
///
/// # Errors
/// Those of the store.
pub fn at_most(tx: &mut Tx<'_>, listed: &Listed) -> Result<i64> {
    if listed.departments.is_empty() {
        return Ok(0);
    }
    let (any, procedure) = (listed.procedure.is_none(), listed.procedure.as_deref().unwrap_or_default());
    let mut values: Vec<&dyn ToValue> = vec![&any, &procedure];
    values.extend(listed.departments.iter().map(|department| department as &dyn ToValue));
    let sql = format!(
        "SELECT COALESCE(CAST(SUM(cases) AS BIGINT), 0) FROM case_count WHERE ($1 = TRUE OR procedure = $2) \
         AND department IN ({})",
        marks(3, listed.departments.len())
    );
    tx.query_one(&sql, &values, |row| row.get(0))
}

fn page(
    tx: &mut Tx<'_>,
    listed: &Listed,
    department: &str,
    is_open: bool,
    (clock_on, id): &(String, String),
) -> Result<Vec<(Case, Day)>> {
    let mut values: Vec<&dyn ToValue> = vec![&department, &is_open, clock_on, id, &PAGE];
    let mut conditions = String::new();
    let wanted: [(&str, Option<&dyn ToValue>); 3] = [
        ("procedure =", listed.procedure.as_ref().map(|it| it as &dyn ToValue)),
        ("received_on >=", listed.from.as_ref().map(|it| it as &dyn ToValue)),
        ("received_on <=", listed.until.as_ref().map(|it| it as &dyn ToValue)),
    ];
    for (condition, value) in wanted {
        if let Some(value) = value {
            values.push(value);
            conditions = format!("{conditions} AND {condition} ${}", values.len());
        }
    }
    let sql = format!(
        "SELECT {}, clock_on FROM cases WHERE department = $1 AND is_open = $2 AND (clock_on, id) > ($3, $4)\
         {conditions} ORDER BY clock_on, id LIMIT $5",
        case::COLUMNS
    );
    tx.query(&sql, &values, |row| {
        let clock_on = row.get(case::WIDTH)?;
        Ok((case::read_case(row)?, clock_on))
    })
}

/// How these cases ended.
fn ends(tx: &mut Tx<'_>, page: &[(Case, Day)]) -> Result<HashMap<Id<Case>, End>> {
    let ids: Vec<&dyn ToValue> = page.iter().map(|(case, _)| &case.id as &dyn ToValue).collect();
    let marks = marks(1, ids.len());
    // What somebody decided counts more than what silence had: it comes last, and stays.
    let sql = format!(
        "SELECT case_id, outcome, ended, rank FROM ( \
         SELECT case_id, outcome, deemed_on AS ended, CAST(0 AS BIGINT) AS rank FROM implied_decision WHERE case_id IN ({marks}) \
         UNION ALL SELECT case_id, outcome, decided_on AS ended, CAST(1 AS BIGINT) AS rank FROM decision WHERE case_id IN ({marks}) \
         ) AS ends ORDER BY rank"
    );
    let ends = tx.query(&sql, &ids, |row| {
        let rank: i64 = row.get(3)?;
        Ok((row.get(0)?, End { outcome: row.get(1)?, on: row.get(2)?, by_silence: rank == 0 }))
    })?;
    Ok(ends.into_iter().collect())
}
