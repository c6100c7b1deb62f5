//! The inbox: the cases of the departments an agent may see, those that press first. The cost of a page
//! does not grow with the number of cases.

use std::collections::BTreeMap;

use beffroi_calendar::booking;
use beffroi_core::{Day, Id, Instant, calendar::start_of_day};
use beffroi_store::{ToValue, Tx, marks};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Access, CaseError, Right,
    case::{self, Case, State},
};

/// The most rows of one page.
const LONGEST_PAGE: u32 = 100;
/// Late cases are counted to this, and then said to be more.
pub const COUNTED_AT_MOST: u32 = 100;

/// What an agent wants to see of one department. With nothing set: all that is open.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only in this state.
    pub state: Option<State>,
    /// Only of this procedure.
    pub procedure: Option<String>,
    /// Only followed by one of these agents; whoever follows them, where none is named.
    pub assignees: Vec<Uuid>,
    /// Only open cases that are late on this day, as [`late`] counts them.
    pub late_by: Option<LateOn>,
}

/// The day on which cases are late or not: those that silence has overtaken, and those that ask for something which has
/// begun or begins that day, with no answer.
#[derive(Clone, Copy, Debug)]
pub struct LateOn {
    day: Day,
    ends_at: Instant,
}

impl LateOn {
    /// A day in the commune's zone.
    pub fn of(day: Day, zone: Tz) -> Self {
        Self { day, ends_at: start_of_day(day.succ_opt().unwrap_or(day), zone) }
    }
}

/// The statement that finds the cases that wait for an answer about what has begun by the instant of this parameter.
fn asked_for(instant: usize) -> String {
    format!("({}) AS asked CROSS JOIN cases", booking::unanswered_before("case", instant))
}

/// Where a page begins: after this case, in the order of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// The day that the case is sorted by.
    pub clock_on: Day,
    /// The case.
    pub id: Id<Case>,
}

/// One page of an inbox.
#[derive(Clone, Debug)]
pub struct Page {
    /// The cases, those that press first.
    pub cases: Vec<Case>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<Key>,
}

/// How many cases of a procedure are in a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// The procedure's short name.
    pub procedure: String,
    /// The state's word.
    pub state: String,
    /// How many.
    pub cases: i64,
}

/// A page of a department's inbox.
///
/// Errors: [`CaseError::NotFound`] where the agent may not read that department's cases.
pub fn page(
    tx: &mut Tx<'_>,
    access: &Access,
    department: &str,
    filter: &Filter,
    after: Option<Key>,
    limit: u32,
) -> Result<Page, CaseError> {
    page_of(tx, access, &[department], filter, after, limit)
}

/// A page of the inboxes of several departments together: each gives a page of its own, so that the cost grows
/// with the departments, and not with their cases.
///
/// Errors: [`CaseError::NotFound`] where the agent may not read the cases of one of them.
pub fn page_of(
    tx: &mut Tx<'_>,
    access: &Access,
    departments: &[&str],
    filter: &Filter,
    after: Option<Key>,
    limit: u32,
) -> Result<Page, CaseError> {
    for department in departments {
        may_read(access, department)?;
    }
    if departments.is_empty() {
        return Ok(Page { cases: Vec::new(), next: None });
    }
    let limit = limit.clamp(1, LONGEST_PAGE);
    let fetched = limit + 1;
    let state = filter.state.map(State::as_str);
    let (from_day, from_id) = match after {
        Some(key) => (key.clock_on.to_value(), key.id.to_string()),
        None => (beffroi_store::Value::Text(String::new()), String::new()),
    };
    let mut wanted: Vec<(&str, &dyn ToValue)> = Vec::new();
    if let Some(state) = &state {
        wanted.push(("state =", state));
    }
    if state.is_none() || filter.late_by.is_some() {
        wanted.push(("is_open =", &true));
    }
    if let Some(procedure) = &filter.procedure {
        wanted.push(("procedure =", procedure));
    }
    let mut params: Vec<&dyn ToValue> = vec![&from_day, &from_id, &fetched];
    if let Some(late) = &filter.late_by {
        params.extend([&late.day as &dyn ToValue, &late.ends_at]);
    }
    let first = params.len() + 1;
    let mut conditions: Vec<_> =
        wanted.iter().zip(first..).map(|((test, _), rank)| format!(" AND {test} ${rank}")).collect();
    params.extend(wanted.iter().map(|(_, value)| *value));
    if !filter.assignees.is_empty() {
        conditions.push(format!(" AND assignee IN ({})", marks(params.len() + 1, filter.assignees.len())));
        params.extend(filter.assignees.iter().map(|agent| agent as &dyn ToValue));
    }
    let first = params.len() + 1;
    params.extend(departments.iter().map(|department| department as &dyn ToValue));
    let (columns, conditions) = (case::COLUMNS, conditions.concat());
    let some = |from: &str, test: &str, name: String| {
        format!(
            "SELECT {columns}, clock_on FROM (SELECT {columns}, clock_on FROM {from} \
             WHERE {test} AND (clock_on, id) > ($1, $2){conditions} ORDER BY clock_on, id LIMIT $3) AS {name}"
        )
    };
    let of_one = |(rank, _): (usize, _)| {
        let inside = format!("department = ${rank}");
        if filter.late_by.is_none() {
            return vec![some("cases", &inside, format!("d{rank}"))];
        }
        // What silence has overtaken, and what begins before silence would decide: each is found by its own index.
        let begun = format!("id = asked.owner AND {inside} AND clock_on > $4");
        vec![
            some("cases", &format!("{inside} AND clock_on <= $4"), format!("d{rank}")),
            some(&asked_for(5), &begun, format!("e{rank}")),
        ]
    };
    let each: Vec<String> = (first..).zip(departments).flat_map(of_one).collect();
    let sql = format!("{} ORDER BY clock_on, id LIMIT $3", each.join(" UNION ALL "));
    let mut found = tx.query(&sql, &params, |row| {
        let clock_on: Day = row.get(case::WIDTH)?;
        Ok((case::read_case(row)?, clock_on))
    })?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|(case, clock_on)| Key { clock_on: *clock_on, id: case.id });
    Ok(Page { cases: found.into_iter().map(|(case, _)| case).collect(), next })
}

/// How many cases these departments have together, by procedure and state.
///
/// Errors: [`CaseError::NotFound`] where the agent may not read the cases of one of them.
pub fn counts(tx: &mut Tx<'_>, access: &Access, departments: &[&str]) -> Result<Vec<Count>, CaseError> {
    for department in departments {
        may_read(access, department)?;
    }
    if departments.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT procedure, state, CAST(SUM(cases) AS BIGINT) FROM case_count WHERE department IN ({}) AND cases > 0 \
         GROUP BY procedure, state ORDER BY procedure, state LIMIT 10000",
        marks(1, departments.len())
    );
    let params: Vec<&dyn ToValue> = departments.iter().map(|slug| slug as &dyn ToValue).collect();
    Ok(tx.query(&sql, &params, |row| {
        Ok(Count { procedure: row.get(0)?, state: row.get(1)?, cases: row.get(2)? })
    })?)
}

/// How many open cases of these departments are late: silence has overtaken them, or what they ask for begins with no
/// answer. Counted no further than [`COUNTED_AT_MOST`].
///
/// Errors: [`CaseError::NotFound`] where the agent may not read the cases of one of them.
pub fn late(tx: &mut Tx<'_>, access: &Access, departments: &[&str], on: LateOn) -> Result<i64, CaseError> {
    for department in departments {
        may_read(access, department)?;
    }
    if departments.is_empty() {
        return Ok(0);
    }
    let inside = format!("department IN ({}) AND is_open = TRUE", marks(4, departments.len()));
    let sql = format!(
        "SELECT COUNT(*) FROM (SELECT id FROM (SELECT id FROM cases WHERE {inside} AND clock_on <= $1 LIMIT $2) AS overtaken \
         UNION ALL SELECT id FROM (SELECT id FROM {} WHERE id = asked.owner AND {inside} AND clock_on > $1 LIMIT $2) \
         AS begun LIMIT $2) AS late",
        asked_for(3)
    );
    let mut params: Vec<&dyn ToValue> = vec![&on.day, &COUNTED_AT_MOST, &on.ends_at];
    params.extend(departments.iter().map(|slug| slug as &dyn ToValue));
    Ok(tx.query_one(&sql, &params, |row| row.get(0))?)
}

/// How many open cases of these departments each of these agents follows; of whoever follows none, nothing is said.
///
/// Errors: [`CaseError::NotFound`] where the agent may not read the cases of one of the departments.
pub fn followed(
    tx: &mut Tx<'_>,
    access: &Access,
    departments: &[&str],
    agents: &[Uuid],
) -> Result<BTreeMap<Uuid, i64>, CaseError> {
    for department in departments {
        may_read(access, department)?;
    }
    if departments.is_empty() || agents.is_empty() {
        return Ok(BTreeMap::new());
    }
    let sql = format!(
        "SELECT assignee, COUNT(*) FROM cases WHERE department IN ({}) AND assignee IN ({}) AND is_open = TRUE \
         GROUP BY assignee",
        marks(1, departments.len()),
        marks(departments.len() + 1, agents.len())
    );
    let mut params: Vec<&dyn ToValue> = departments.iter().map(|slug| slug as &dyn ToValue).collect();
    params.extend(agents.iter().map(|agent| agent as &dyn ToValue));
    let found = tx.query(&sql, &params, |row| Ok((row.get::<Uuid>(0)?, row.get::<i64>(1)?)))?;
    Ok(found.into_iter().collect())
}

fn may_read(access: &Access, department: &str) -> Result<(), CaseError> {
    if access.allows(Right::Read, department) { Ok(()) } else { Err(CaseError::NotFound) }
}
