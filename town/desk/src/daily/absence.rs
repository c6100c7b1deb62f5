//! Absences: an agent says from when to when, and who stands in. What would go to somebody who is away goes to the one
//! who stands in, as long as that one is there.

use std::collections::HashMap;

use beffroi_core::{Day, Id};
use beffroi_store::{Entry, Result, Row, Tx};
use serde_json::json;
use uuid::Uuid;

/// Those who stand in for one another are followed so far.
const FOLLOWED: usize = 5;
/// Absences told at once.
const LISTED_AT_MOST: u32 = 500;

/// An absence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absence {
    pub(crate) id: Id<Self>,
    pub(crate) agent: Uuid,
    /// The first day away.
    pub(crate) from_on: Day,
    /// The last day away.
    pub(crate) until_on: Day,
    /// Who stands in.
    pub(crate) delegate: Option<Uuid>,
}

/// Those who are away on one day, and who stands in for each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Away(HashMap<Uuid, Absence>);

impl Away {
    /// Whether somebody is away.
    pub(crate) fn is(&self, agent: Uuid) -> bool {
        self.0.contains_key(&agent)
    }

    /// The absence of somebody.
    pub(crate) fn of(&self, agent: Uuid) -> Option<&Absence> {
        self.0.get(&agent)
    }

    /// The absences of those for whom this agent stands in on that day: the first that ends first. Whoever is away
    /// stands in for nobody.
    pub(crate) fn stood_for(&self, agent: Uuid) -> Vec<&Absence> {
        let stands = |absence: &&Absence| absence.agent != agent && self.acting_for(absence.agent) == agent;
        let mut all: Vec<&Absence> = self.0.values().filter(stands).collect();
        all.sort_by_key(|absence| (absence.until_on, absence.agent));
        all
    }

    /// Who acts for an agent on that day: the agent, or the first of those who stand in for one another who is there.
    /// The agent again where nobody is.
    pub(crate) fn acting_for(&self, agent: Uuid) -> Uuid {
        let mut acting = agent;
        for _ in 0..FOLLOWED {
            match self.of(acting) {
                None => return acting,
                Some(Absence { delegate: Some(delegate), .. }) => acting = *delegate,
                Some(_) => return agent,
            }
        }
        agent
    }
}

const COLUMNS: &str = "id, agent, from_on, until_on, delegate";

fn read(row: &mut Row) -> Result<Absence> {
    Ok(Absence {
        id: row.get(0)?,
        agent: row.get(1)?,
        from_on: row.get(2)?,
        until_on: row.get(3)?,
        delegate: row.get(4)?,
    })
}

/// Who is away on this day.
pub(crate) fn away(tx: &mut Tx<'_>, today: Day) -> Result<Away> {
    let sql = format!(
        "SELECT {COLUMNS} FROM desk_absence WHERE until_on >= $1 AND from_on <= $1 ORDER BY until_on, id LIMIT $2"
    );
    let rows = tx.query(&sql, &[&today, &LISTED_AT_MOST], read)?;
    Ok(Away(rows.into_iter().map(|absence| (absence.agent, absence)).collect()))
}

/// The absences that are not over, of these agents, the next first.
pub(crate) fn coming(tx: &mut Tx<'_>, today: Day) -> Result<Vec<Absence>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM desk_absence WHERE until_on >= $1 ORDER BY until_on, agent, id LIMIT $2"
    );
    tx.query(&sql, &[&today, &LISTED_AT_MOST], read)
}

/// An agent says that they will be away; nobody says it for another.
///
/// # Errors
/// Those of the store.
pub fn declare(
    tx: &mut Tx<'_>,
    agent: Uuid,
    (from_on, until_on): (Day, Day),
    delegate: Option<Uuid>,
) -> Result<Id<Absence>> {
    let id: Id<Absence> = tx.new_id();
    tx.execute(
        "INSERT INTO desk_absence (id, agent, from_on, until_on, delegate) VALUES ($1, $2, $3, $4, $5)",
        &[&id, &agent, &from_on, &until_on, &delegate],
    )?;
    let payload = json!({ "from": from_on, "until": until_on, "delegate": delegate });
    tx.journal(&Entry { kind: "absence.declared", subject_kind: "account", subject_id: agent, payload })?;
    Ok(id)
}

/// Whoever answers for the department of an agent who is away says who stands in. `false` where there is no such
/// absence.
pub(crate) fn name_delegate(tx: &mut Tx<'_>, id: Id<Absence>, delegate: Option<Uuid>) -> Result<bool> {
    let agent: Option<Uuid> = tx.query_opt(
        "UPDATE desk_absence SET delegate = $1 WHERE id = $2 RETURNING agent",
        &[&delegate, &id],
        |row| row.get(0),
    )?;
    let Some(agent) = agent else { return Ok(false) };
    let payload = json!({ "absence": id, "delegate": delegate });
    tx.journal(&Entry { kind: "absence.delegated", subject_kind: "account", subject_id: agent, payload })?;
    Ok(true)
}

/// Takes back an absence of one's own; `false` where there is none of that id.
pub(crate) fn cancel(tx: &mut Tx<'_>, agent: Uuid, id: Id<Absence>) -> Result<bool> {
    let gone = tx.execute("DELETE FROM desk_absence WHERE id = $1 AND agent = $2", &[&id, &agent])?;
    if gone == 0 {
        return Ok(false);
    }
    let payload = json!({ "absence": id });
    tx.journal(&Entry { kind: "absence.cancelled", subject_kind: "account", subject_id: agent, payload })?;
    Ok(true)
}

/// The journal tells of an act by whoever stands in for the one who follows the case or the task, and for which
/// absence. Nothing where the agent acts for themself.
pub(crate) fn acted_in_place(
    tx: &mut Tx<'_>,
    (case, follows): (Uuid, Option<Uuid>),
    agent: Uuid,
    today: Day,
) -> Result<()> {
    let Some(follows) = follows.filter(|follows| *follows != agent) else { return Ok(()) };
    let away = away(tx, today)?;
    let Some(absence) = away.of(follows).filter(|_| away.acting_for(follows) == agent) else {
        return Ok(());
    };
    let payload = json!({ "absence": absence.id, "agent": follows });
    tx.journal(&Entry { kind: "case.stood_in", subject_kind: "case", subject_id: case, payload }).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn away(pairs: &[(u128, Option<u128>)]) -> Away {
        let absence = |(agent, delegate): &(u128, Option<u128>)| {
            let day = Day::from_ymd_opt(2026, 8, 1).unwrap();
            let agent = Uuid::from_u128(*agent);
            let delegate = delegate.map(Uuid::from_u128);
            (agent, Absence { id: Id::from_uuid(agent), agent, from_on: day, until_on: day, delegate })
        };
        Away(pairs.iter().map(absence).collect())
    }

    fn acting(pairs: &[(u128, Option<u128>)], agent: u128) -> u128 {
        away(pairs).acting_for(Uuid::from_u128(agent)).as_u128()
    }

    #[test]
    fn whoever_is_there_acts_and_nobody_is_lost() {
        assert_eq!(acting(&[], 1), 1, "nobody is away");
        assert_eq!(acting(&[(1, Some(2))], 1), 2);
        assert_eq!(acting(&[(1, Some(2)), (2, Some(3))], 1), 3, "who stands in may be away, too");
        assert_eq!(acting(&[(1, Some(2)), (2, None)], 1), 1, "nobody stands in: it stays where it was");
        assert_eq!(acting(&[(1, Some(2)), (2, Some(1))], 1), 1, "two who stand in for each other");
    }

    fn stood_for(pairs: &[(u128, Option<u128>)], agent: u128) -> Vec<u128> {
        let away = away(pairs);
        away.stood_for(Uuid::from_u128(agent)).iter().map(|absence| absence.agent.as_u128()).collect()
    }

    #[test]
    fn everything_of_whoever_is_away_is_brought_to_one_who_is_there() {
        assert_eq!(stood_for(&[(1, Some(2))], 2), [1]);
        assert_eq!(
            stood_for(&[(1, Some(2)), (2, Some(3))], 2),
            [0_u128; 0],
            "who is away stands in for nobody"
        );
        assert_eq!(stood_for(&[(1, Some(2)), (2, Some(3))], 3), [1, 2]);
        assert_eq!(stood_for(&[(1, None)], 1), [0_u128; 0], "nobody stands in for oneself");
    }
}
