//! Messages on their way: queued with the event, kept with what came of each attempt.

use std::collections::HashMap;

use beffroi_core::{Id, Instant};
use beffroi_people::permission::{ManageWebhooks, Permit};
use beffroi_store::{Result, Row, Tx, jobs, words};
use serde_json::json;

use crate::{Endpoint, EndpointSecret, endpoint, event};

/// The job that sends a message.
pub(crate) const DELIVER: &str = "webhook.deliver";
/// The event that a test is. Nobody subscribes to it.
const TEST: &str = "webhook.test";
/// How long messages that were taken to be sent are left alone.
const LEASE: chrono::TimeDelta = chrono::TimeDelta::minutes(10);

words! {
    /// Where a message stands.
    DeliveryState {
        /// It waits for its next attempt.
        Waiting = "waiting",
        /// The receiver took it.
        Delivered = "delivered",
        /// It was tried often enough.
        GivenUp = "given_up",
    }
}

/// A message for one endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Which one.
    pub id: Id<Delivery>,
    /// To which endpoint.
    pub endpoint: Id<Endpoint>,
    /// What receivers know it by: the same each time that the same event is told.
    pub message: String,
    /// The event.
    pub event: String,
    /// What it says.
    pub body: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next, while it waits.
    pub due_at: Instant,
    /// When it was queued.
    pub queued_at: Instant,
}

/// What came of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// When.
    pub at: Instant,
    /// The status of the answer; `None` where there was none.
    pub status: Option<u32>,
    /// How long it took.
    pub took_millis: i64,
    /// The beginning of the answer; where there was none, the word of why: `name`, `private`, `slow`…
    pub answer: String,
}

const COLUMNS: &str = "id, endpoint, message, event, body, state, attempts, due_at, queued_at";

fn read(row: &mut Row) -> Result<Delivery> {
    Ok(Delivery {
        id: row.get(0)?,
        endpoint: row.get(1)?,
        message: row.get(2)?,
        event: row.get(3)?,
        body: row.get(4)?,
        state: row.get(5)?,
        attempts: row.get(6)?,
        due_at: row.get(7)?,
        queued_at: row.get(8)?,
    })
}

/// Queues a message; it is sent once the transaction is durable.
pub(crate) fn queue(
    tx: &mut Tx<'_>,
    to: Id<Endpoint>,
    message: &str,
    event: &str,
    body: &str,
) -> Result<Id<Delivery>> {
    let (id, now) = (tx.new_id(), tx.now());
    tx.execute(
        "INSERT INTO webhook_delivery (id, endpoint, message, event, body, state, attempts, due_at, queued_at) \
         VALUES ($1, $2, $3, $4, $5, 'waiting', 0, $6, $6)",
        &[&id, &to, &message, &event, &body, &now],
    )?;
    remind(tx, id, now)?;
    Ok(id)
}

fn remind(tx: &mut Tx<'_>, id: Id<Delivery>, due_at: Instant) -> Result<()> {
    jobs::enqueue(tx, DELIVER, &json!({ "delivery": id }), due_at, None)
}

/// The messages of an endpoint, the latest first, before `before` where it is given.
///
/// # Errors
/// Those of the store.
pub fn deliveries(
    tx: &mut Tx<'_>,
    endpoint: Id<Endpoint>,
    before: Option<Id<Delivery>>,
    limit: u32,
) -> Result<Vec<Delivery>> {
    let before = before.map_or_else(|| "~".to_owned(), |id| id.to_string());
    tx.query(
        &format!(
            "SELECT {COLUMNS} FROM webhook_delivery WHERE endpoint = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
        ),
        &[&endpoint, &before, &limit],
        read,
    )
}

/// One message.
///
/// # Errors
/// Those of the store.
pub fn find(tx: &mut Tx<'_>, id: Id<Delivery>) -> Result<Option<Delivery>> {
    tx.query_opt(&format!("SELECT {COLUMNS} FROM webhook_delivery WHERE id = $1"), &[&id], read)
}

/// What came of the attempts at a message, the latest first.
///
/// # Errors
/// Those of the store.
pub fn attempts(tx: &mut Tx<'_>, delivery: Id<Delivery>) -> Result<Vec<Attempt>> {
    tx.query(
        "SELECT at, status, took_millis, answer FROM webhook_attempt WHERE delivery = $1 ORDER BY id DESC LIMIT 100",
        &[&delivery],
        |row| {
            Ok(Attempt { at: row.get(0)?, status: row.get(1)?, took_millis: row.get(2)?, answer: row.get(3)? })
        },
    )
}

/// Sends a message once more, whatever became of it; receivers know it again by its id.
///
/// # Errors
/// Those of the store.
pub fn again(tx: &mut Tx<'_>, _: &Permit<ManageWebhooks>, id: Id<Delivery>) -> Result<()> {
    let now = tx.now();
    let to: Option<Id<Endpoint>> = tx.query_opt(
        "UPDATE webhook_delivery SET state = 'waiting', attempts = 0, due_at = $1, settled_at = NULL WHERE id = $2 \
         RETURNING endpoint",
        &[&now, &id],
        |row| row.get(0),
    )?;
    let Some(to) = to else { return Ok(()) };
    remind(tx, id, now)?;
    endpoint::journal(tx, "webhook.replayed", to, json!({ "delivery": id })).map(drop)
}

/// Sends a test, so that whoever sets up a receiver sees it work.
///
/// # Errors
/// Those of the store.
pub fn test(tx: &mut Tx<'_>, _: &Permit<ManageWebhooks>, to: Id<Endpoint>) -> Result<Id<Delivery>> {
    let body = event::body(TEST, tx.now(), &json!({ "endpoint": to }));
    let message = format!("test_{}", tx.new_id::<()>());
    let id = queue(tx, to, &message, TEST, &body)?;
    endpoint::journal(tx, "webhook.tested", to, json!({}))?;
    Ok(id)
}

/// Tries at once what waits for an endpoint.
pub(crate) fn hurry(tx: &mut Tx<'_>, to: Id<Endpoint>) -> Result<()> {
    let now = tx.now();
    let waiting: Vec<Id<Delivery>> = tx.query(
        "UPDATE webhook_delivery SET due_at = $1 WHERE endpoint = $2 AND state = 'waiting' RETURNING id",
        &[&now, &to],
        |row| row.get(0),
    )?;
    // One reminder sends all that is due.
    waiting.first().map_or(Ok(()), |first| remind(tx, *first, now))
}

/// A message that is about to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Due {
    pub(crate) delivery: Delivery,
    pub(crate) url: String,
    /// The secrets that sign it: the present one, and the one before while their times overlap.
    pub(crate) secrets: Vec<EndpointSecret>,
}

/// Takes messages that are due, so that nobody else sends them meanwhile.
pub(crate) fn take(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<Due>> {
    let now = tx.now();
    let mut taken = tx.query(
        &format!(
            "UPDATE webhook_delivery SET due_at = $1 WHERE id IN (SELECT d.id FROM webhook_delivery d \
             JOIN webhook_endpoint e ON e.id = d.endpoint WHERE d.state = 'waiting' AND d.due_at <= $2 \
             AND e.state = 'active' ORDER BY d.due_at, d.id LIMIT $3) RETURNING {COLUMNS}"
        ),
        &[&(now + LEASE), &now, &limit],
        read,
    )?;
    if taken.is_empty() {
        return Ok(Vec::new());
    }
    taken.sort_by_key(|delivery| delivery.id.uuid());
    let rows = tx.query(
        "SELECT id, url, secret, old_secret, old_secret_until FROM webhook_endpoint WHERE state = 'active' \
         ORDER BY id LIMIT 1000",
        &[],
        |row| {
            let old: Option<Vec<u8>> = row.get(3)?;
            let until: Option<Instant> = row.get(4)?;
            let sealed: Vec<Vec<u8>> =
                [Some(row.get(2)?), old.filter(|_| until.is_some_and(|until| now < until))]
                    .into_iter()
                    .flatten()
                    .collect();
            Ok((row.get::<Id<Endpoint>>(0)?, row.get::<String>(1)?, sealed))
        },
    )?;
    let mut known: HashMap<Id<Endpoint>, (String, Vec<EndpointSecret>)> = HashMap::new();
    for (id, url, sealed) in rows {
        let secrets =
            sealed.iter().map(|sealed| EndpointSecret::unseal(tx, id, sealed)).collect::<Result<_>>()?;
        known.insert(id, (url, secrets));
    }
    let due = |delivery: Delivery| {
        let (url, secrets) = known.get(&delivery.endpoint)?.clone();
        Some(Due { delivery, url, secrets })
    };
    Ok(taken.into_iter().filter_map(due).collect())
}

/// Writes down an attempt.
pub(crate) fn tried(tx: &mut Tx<'_>, delivery: Id<Delivery>, attempt: &Attempt) -> Result<()> {
    let id = tx.new_id::<Attempt>();
    tx.execute(
        "INSERT INTO webhook_attempt (id, delivery, at, status, took_millis, answer) VALUES ($1, $2, $3, $4, $5, $6)",
        &[&id, &delivery, &attempt.at, &attempt.status, &attempt.took_millis, &attempt.answer],
    )
    .map(drop)
}

/// Writes down where a message stands after an attempt; one that waits is tried again when it is due.
pub(crate) fn settle(
    tx: &mut Tx<'_>,
    delivery: &Delivery,
    state: DeliveryState,
    next: Option<Instant>,
) -> Result<()> {
    let now = tx.now();
    let settled = next.is_none().then_some(now);
    tx.execute(
        "UPDATE webhook_delivery SET state = $1, attempts = $2, due_at = $3, settled_at = $4 WHERE id = $5",
        &[&state, &(delivery.attempts + 1), &next.unwrap_or(now), &settled, &delivery.id],
    )?;
    next.map_or(Ok(()), |due_at| remind(tx, delivery.id, due_at))
}
