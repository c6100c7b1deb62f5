//! To whom new cases of a department go: to nobody, until somebody takes them up; or to the agent there who follows the
//! fewest open cases.

use std::collections::HashMap;

use beffroi_cases::{
    Access, CaseError, Right,
    case::{self, Case},
};
use beffroi_core::{Id, calendar::civil_day};
use beffroi_people::Town;
use beffroi_store::{
    Entry, JournalEntry, Result, StoreError, ToValue, Tx, background::Subscriber, marks, words,
};
use serde_json::json;
use uuid::Uuid;

use super::absence;
use crate::permission;

words! {
    /// The rule of a department.
    Rule {
        /// Somebody takes them up.
        Nobody = "nobody",
        /// The agent who is there and follows the fewest open cases.
        Fewest = "fewest",
    }
}

/// The rules of all departments that have one.
pub(crate) fn rules(tx: &mut Tx<'_>) -> Result<HashMap<String, Rule>> {
    let rows = tx.query(
        "SELECT department, rule FROM desk_assignment ORDER BY department LIMIT 10000",
        &[],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(rows.into_iter().collect())
}

/// Sets the rule of a department. Whoever asks was found to answer for its cases.
pub(crate) fn set_rule(tx: &mut Tx<'_>, department: (&str, Uuid), rule: Rule) -> Result<()> {
    tx.execute(
        "INSERT INTO desk_assignment (department, rule) VALUES ($1, $2) \
         ON CONFLICT (department) DO UPDATE SET rule = excluded.rule",
        &[&department.0, &rule],
    )?;
    let payload = json!({ "rule": rule.as_str() });
    let kind = "department.assignment_changed";
    tx.journal(&Entry { kind, subject_kind: "department", subject_id: department.1, payload })?;
    Ok(())
}

/// Gives new cases to somebody, where their department wants it.
pub(crate) struct Assigner;

impl Subscriber for Assigner {
    fn name(&self) -> &'static str {
        "desk.assignment"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["case.received", "case.routed"]
    }

    fn handle(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<()> {
        // Most departments have no rule; then no case is read.
        if tx
            .query("SELECT department FROM desk_assignment WHERE rule <> 'nobody' LIMIT 1", &[], |_| Ok(()))?
            .is_empty()
        {
            return Ok(());
        }
        let id = Id::<Case>::from_uuid(entry.subject_id);
        let Some(case) = case::find(tx, id).map_err(stored)? else { return Ok(()) };
        if case.assignee.is_some() || !case.state.is_open() || !gives_by_itself(tx, &case.department)? {
            return Ok(());
        }
        let today = civil_day(tx.now(), Town::load(tx)?.zone());
        let away = absence::away(tx, today)?;
        let handlers: Vec<Uuid> =
            permission::handlers(tx, &case.department)?.into_iter().map(Id::uuid).collect();
        let there: Vec<Uuid> = handlers.iter().copied().filter(|agent| !away.is(*agent)).collect();
        let follows = open_by_agent(tx, &case.department, &there)?;
        let Some(agent) = freest(&there, &follows) else { return Ok(()) };
        let access = Access::default().with(Some(&case.department), Right::Handle);
        case::assign(tx, &access, id, Some(agent), &handlers).map_err(stored)
    }
}

fn gives_by_itself(tx: &mut Tx<'_>, department: &str) -> Result<bool> {
    let rule: Option<Rule> =
        tx.query_opt("SELECT rule FROM desk_assignment WHERE department = $1", &[&department], |row| {
            row.get(0)
        })?;
    Ok(rule == Some(Rule::Fewest))
}

/// The one who follows the fewest cases; of several, the first.
fn freest(agents: &[Uuid], follows: &HashMap<Uuid, i64>) -> Option<Uuid> {
    agents.iter().copied().min_by_key(|agent| (follows.get(agent).copied().unwrap_or_default(), *agent))
}

fn open_by_agent(tx: &mut Tx<'_>, department: &str, agents: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
    if agents.is_empty() {
        return Ok(HashMap::new());
    }
    let mut params: Vec<&dyn ToValue> = vec![&department];
    params.extend(agents.iter().map(|agent| agent as &dyn ToValue));
    let sql = format!(
        "SELECT assignee, COUNT(*) FROM cases WHERE department = $1 AND is_open = TRUE AND assignee IN ({}) \
         GROUP BY assignee",
        marks(2, agents.len())
    );
    Ok(tx.query(&sql, &params, |row| Ok((row.get(0)?, row.get(1)?)))?.into_iter().collect())
}

fn stored(error: CaseError) -> StoreError {
    match error {
        CaseError::Store(error) => error,
        other => StoreError::Corrupt(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_with_the_fewest_cases_gets_the_next() {
        let [a, b, c] = [1, 2, 3].map(Uuid::from_u128);
        let follows = HashMap::from([(a, 3), (b, 1), (c, 1)]);
        assert_eq!(freest(&[a, b, c], &follows), Some(b));
        assert_eq!(freest(&[a], &follows), Some(a));
        assert_eq!(
            freest(&[a, Uuid::from_u128(9)], &follows),
            Some(Uuid::from_u128(9)),
            "who follows none yet"
        );
        assert_eq!(freest(&[], &follows), None);
    }
}
