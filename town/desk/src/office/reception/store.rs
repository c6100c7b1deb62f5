//! Visits: one person's stay at the counter. What is known of the person lies there only while the visit lasts.

use beffroi_cases::case::Case;
use beffroi_core::{Id, Instant, Sector};
use beffroi_people::{NewPerson, Person, mandate::Mandate};
use beffroi_store::{Entry, Result, Row, StoreError, Tx};
use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;

/// Requests of one visit: as many codes as one cookie holds.
pub(crate) const CASES_AT_MOST: usize = 12;
/// A visit that nobody ended is over after that.
const LASTS_AT_MOST: TimeDelta = TimeDelta::hours(12);
/// How long the list of what was entered is kept after it began.
const KEPT_FOR: TimeDelta = TimeDelta::days(2);
const SWEPT_AT_ONCE: u32 = 500;

/// A visit.
#[derive(Clone, Debug)]
pub(crate) struct Stay {
    pub(crate) id: Id<Stay>,
    /// The record that was found for the person, and its sector.
    pub(crate) record: Option<(Id<Person>, Sector)>,
    /// What is known of the person; empty once the visit is over.
    pub(crate) details: NewPerson,
    /// The mandate of the person to this agent, if it is used.
    pub(crate) mandate: Option<Id<Mandate>>,
    pub(crate) opened_at: Instant,
    pub(crate) ended_at: Option<Instant>,
}

impl Stay {
    /// The person's record, in a procedure's sector alone.
    pub(crate) fn record_in(&self, sector: Sector) -> Option<Id<Person>> {
        self.record.filter(|(_, own)| *own == sector).map(|(id, _)| id)
    }
}

const COLUMNS: &str = "id, person, sector, details, mandate, opened_at, ended_at FROM desk_visit";

fn read(row: &mut Row) -> Result<Stay> {
    let sector: Option<String> = row.get(2)?;
    let person: Option<Id<Person>> = row.get(1)?;
    Ok(Stay {
        id: row.get(0)?,
        record: person.zip(sector.as_deref().and_then(Sector::from_word)),
        details: serde_json::from_value(row.get(3)?).map_err(StoreError::from)?,
        mandate: row.get(4)?,
        opened_at: row.get(5)?,
        ended_at: row.get(6)?,
    })
}

/// Opens a visit; the one that the agent had open ends.
pub(crate) fn open(
    tx: &mut Tx<'_>,
    agent: Uuid,
    record: Option<(Id<Person>, Sector)>,
    details: &NewPerson,
    mandate: Option<Id<Mandate>>,
) -> Result<Id<Stay>> {
    if let Some(before) = current(tx, agent)? {
        end(tx, &before)?;
    }
    let id: Id<Stay> = tx.new_id();
    let (person, sector) = record.unzip();
    tx.execute(
        "INSERT INTO desk_visit (id, agent, person, sector, details, mandate, opened_at, ended_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)",
        &[
            &id,
            &agent,
            &person,
            &sector.map(|sector: Sector| sector.as_str()),
            &serde_json::to_value(details).map_err(StoreError::from)?,
            &mandate,
            &tx.now(),
        ],
    )?;
    let payload = json!({ "known": record.is_some() });
    tx.journal(&Entry { kind: "visit.opened", subject_kind: "visit", subject_id: id.uuid(), payload })?;
    Ok(id)
}

/// The visit that an agent has open.
pub(crate) fn current(tx: &mut Tx<'_>, agent: Uuid) -> Result<Option<Stay>> {
    let oldest = tx.now() - LASTS_AT_MOST;
    let found =
        tx.query_opt(&format!("SELECT {COLUMNS} WHERE agent = $1 AND ended_at IS NULL"), &[&agent], read)?;
    Ok(found.filter(|stay| stay.opened_at > oldest))
}

/// A visit of this agent, over or not.
pub(crate) fn of_agent(tx: &mut Tx<'_>, id: Id<Stay>, agent: Uuid) -> Result<Option<Stay>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE id = $1 AND agent = $2"), &[&id, &agent], read)
}

/// Ends a visit, and forgets who it was.
pub(crate) fn end(tx: &mut Tx<'_>, stay: &Stay) -> Result<()> {
    let ended = tx.execute(
        "UPDATE desk_visit SET ended_at = $1, details = '{}' WHERE id = $2 AND ended_at IS NULL",
        &[&tx.now(), &stay.id],
    )?;
    if ended > 0 {
        let payload = json!({});
        tx.journal(&Entry {
            kind: "visit.ended",
            subject_kind: "visit",
            subject_id: stay.id.uuid(),
            payload,
        })?;
    }
    Ok(())
}

/// Puts a request into the visit's basket, and keeps the record that it made where the visit had none.
pub(crate) fn add(tx: &mut Tx<'_>, stay: &Stay, case: Id<Case>) -> Result<()> {
    tx.execute(
        "INSERT INTO desk_visit_case (visit, case_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        &[&stay.id, &case],
    )?;
    // By a mandate the requester is the helper, and not whose visit it is.
    if stay.record.is_none() && stay.mandate.is_none() {
        tx.execute(
            "UPDATE desk_visit SET person = (SELECT requester FROM cases WHERE id = $1), \
             sector = (SELECT sector FROM cases WHERE id = $1) WHERE id = $2 AND person IS NULL",
            &[&case, &stay.id],
        )?;
    }
    Ok(())
}

/// Remembers what a request said of whoever stands there, for the next request of the visit: how to reach them, how
/// they wish to be answered. By a mandate, or of somebody else, nothing is learnt.
pub(crate) fn learn(tx: &mut Tx<'_>, stay: &Stay, said: &NewPerson) -> Result<()> {
    if stay.mandate.is_some() || !stay.details.is_called_like(said) {
        return Ok(());
    }
    let mut details = said.clone();
    details.completed_by(&stay.details);
    details.account = stay.details.account;
    details.deaf = stay.details.deaf;
    tx.execute(
        "UPDATE desk_visit SET details = $1 WHERE id = $2 AND ended_at IS NULL",
        &[&serde_json::to_value(&details).map_err(StoreError::from)?, &stay.id],
    )
    .map(drop)
}

/// What is in the visit's basket, in the order of entry.
pub(crate) fn basket(tx: &mut Tx<'_>, id: Id<Stay>) -> Result<Vec<Id<Case>>> {
    tx.query(
        "SELECT case_id FROM desk_visit_case WHERE visit = $1 ORDER BY case_id LIMIT 100",
        &[&id],
        |row| row.get(0),
    )
}

/// Forgets visits that are over. Run it daily.
pub(crate) fn sweep(tx: &mut Tx<'_>) -> Result<u64> {
    let before = tx.now() - KEPT_FOR;
    tx.execute(
        "DELETE FROM desk_visit_case WHERE visit IN (SELECT id FROM desk_visit WHERE opened_at < $1)",
        &[&before],
    )?;
    tx.execute(
        "DELETE FROM desk_visit WHERE id IN \
         (SELECT id FROM desk_visit WHERE opened_at < $1 ORDER BY opened_at, id LIMIT $2)",
        &[&before, &SWEPT_AT_ONCE],
    )
}
