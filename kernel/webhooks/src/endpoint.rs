//! The endpoints that administrators keep: where messages go, of which events, with which secret.

use beffroi_core::{Id, Instant};
use beffroi_people::permission::{ManageWebhooks, Permit};
use beffroi_store::{Entry, Result, Row, Seq, StoreError, Tx, words};
use chrono::TimeDelta;
use serde_json::json;

use crate::{EndpointSecret, Source, Targets, UrlFault, address, delivery};

/// Endpoints of one commune, at most.
const AT_MOST: u32 = 50;
/// Characters of a description, at most.
const LONGEST_DESCRIPTION: usize = 200;
/// How long messages are signed with the secret before, too.
const OVERLAP: TimeDelta = TimeDelta::hours(24);

words! {
    /// Whether an endpoint is sent messages.
    EndpointState {
        /// It is.
        Active = "active",
        /// An administrator has stopped it.
        Stopped = "stopped",
        /// It took nothing for days, or said that it is gone.
        Disabled = "disabled",
    }
}

/// Where messages go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Which one.
    pub id: Id<Endpoint>,
    /// The address.
    pub url: String,
    /// What it is for, in the administrator's words.
    pub description: String,
    /// The names of the events that it wants; all of them where there is none.
    pub events: Vec<String>,
    /// Whether it is sent messages.
    pub state: EndpointState,
    /// Since when it has taken nothing.
    pub failing_since: Option<Instant>,
    /// Until when messages are signed with the secret before, too.
    pub overlap_until: Option<Instant>,
    /// The entry of the journal after which it is told of what happens.
    pub from: Seq,
    /// Since when it is there.
    pub created_at: Instant,
}

impl Endpoint {
    /// Whether it wants to be told of an event.
    pub fn wants(&self, event: &str) -> bool {
        self.events.is_empty() || self.events.iter().any(|wanted| wanted == event)
    }
}

/// An endpoint as an administrator describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewEndpoint {
    /// The address.
    pub url: String,
    /// What it is for.
    pub description: String,
    /// The names of the events that it wants; all of them where there is none.
    pub events: Vec<String>,
}

/// Why an endpoint is not kept.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// Its address is not accepted.
    #[error(transparent)]
    Url(#[from] UrlFault),
    /// It says nothing of what it is for, or too much.
    #[error("a description of 1 to {LONGEST_DESCRIPTION} characters is needed")]
    Description,
    /// It wants an event that nobody knows.
    #[error("there is no event called {0}")]
    UnknownEvent(String),
    /// There are too many.
    #[error("there are {AT_MOST} endpoints already")]
    TooMany,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

const COLUMNS: &str = "id, url, description, events, state, failing_since, old_secret_until, from_seq, created_at FROM webhook_endpoint";

fn read(row: &mut Row) -> Result<Endpoint> {
    Ok(Endpoint {
        id: row.get(0)?,
        url: row.get(1)?,
        description: row.get(2)?,
        events: serde_json::from_value(row.get(3)?)?,
        state: row.get(4)?,
        failing_since: row.get(5)?,
        overlap_until: row.get(6)?,
        from: Seq(row.get(7)?),
        created_at: row.get(8)?,
    })
}

/// Every endpoint, the oldest first.
///
/// # Errors
/// Those of the store.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Endpoint>> {
    tx.query(&format!("SELECT {COLUMNS} ORDER BY id LIMIT {AT_MOST}"), &[], read)
}

/// One endpoint.
///
/// # Errors
/// Those of the store.
pub fn get(tx: &mut Tx<'_>, id: Id<Endpoint>) -> Result<Option<Endpoint>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE id = $1"), &[&id], read)
}

/// Those that are sent messages.
pub(crate) fn active(tx: &mut Tx<'_>) -> Result<Vec<Endpoint>> {
    tx.query(&format!("SELECT {COLUMNS} WHERE state = 'active' ORDER BY id LIMIT {AT_MOST}"), &[], read)
}

/// Those that are sent nothing any more because they took nothing: for whoever looks after the installation.
///
/// # Errors
/// Those of the store.
pub fn disabled(tx: &mut Tx<'_>) -> Result<Vec<Endpoint>> {
    tx.query(&format!("SELECT {COLUMNS} WHERE state = 'disabled' ORDER BY id LIMIT {AT_MOST}"), &[], read)
}

/// What is right in a description; the address as it is kept.
fn checked(new: &NewEndpoint, targets: Targets, source: &dyn Source) -> Result<NewEndpoint, EndpointError> {
    let url = address::accepted(targets, &new.url)?.to_string();
    let description = new.description.trim().to_owned();
    if description.is_empty() || description.chars().count() > LONGEST_DESCRIPTION {
        return Err(EndpointError::Description);
    }
    if let Some(unknown) = new.events.iter().find(|event| !source.names().contains(&event.as_str())) {
        return Err(EndpointError::UnknownEvent(unknown.clone()));
    }
    Ok(NewEndpoint { url, description, events: new.events.clone() })
}

/// Keeps a new endpoint; its secret is shown this once.
///
/// # Errors
/// Its description is not right, or there are too many.
pub fn create(
    tx: &mut Tx<'_>,
    _: &Permit<ManageWebhooks>,
    new: &NewEndpoint,
    targets: Targets,
    source: &dyn Source,
) -> Result<(Id<Endpoint>, EndpointSecret), EndpointError> {
    let new = checked(new, targets, source)?;
    let count: i64 = tx.query_one("SELECT COUNT(*) FROM webhook_endpoint", &[], |row| row.get(0))?;
    if count >= i64::from(AT_MOST) {
        return Err(EndpointError::TooMany);
    }
    let (id, secret) = (tx.new_id(), EndpointSecret::draw(tx));
    let sealed = secret.seal(tx, id)?;
    let from = journal(tx, "webhook.created", id, told(&new))?;
    tx.execute(
        "INSERT INTO webhook_endpoint (id, url, description, events, secret, state, from_seq, created_at) \
         VALUES ($1, $2, $3, $4, $5, 'active', $6, $7)",
        &[&id, &new.url, &new.description, &json!(new.events), &sealed, &from.0, &tx.now()],
    )?;
    Ok((id, secret))
}

/// Changes what an endpoint is for, where it is and what it wants.
///
/// # Errors
/// Its description is not right.
pub fn change(
    tx: &mut Tx<'_>,
    _: &Permit<ManageWebhooks>,
    id: Id<Endpoint>,
    new: &NewEndpoint,
    targets: Targets,
    source: &dyn Source,
) -> Result<(), EndpointError> {
    let new = checked(new, targets, source)?;
    let changed = tx.execute(
        "UPDATE webhook_endpoint SET url = $1, description = $2, events = $3 WHERE id = $4",
        &[&new.url, &new.description, &json!(new.events), &id],
    )?;
    if changed > 0 {
        journal(tx, "webhook.changed", id, told(&new))?;
    }
    Ok(())
}

/// What the journal tells of an endpoint: an address may bear a key after its path.
fn told(new: &NewEndpoint) -> serde_json::Value {
    let host = url::Url::parse(&new.url).ok().and_then(|url| url.host_str().map(str::to_owned));
    json!({ "host": host, "description": new.description, "events": new.events })
}

/// Gives an endpoint a new secret, shown this once. For a day messages bear both signatures.
///
/// # Errors
/// Those of the store.
pub fn rotate(
    tx: &mut Tx<'_>,
    _: &Permit<ManageWebhooks>,
    id: Id<Endpoint>,
) -> Result<Option<EndpointSecret>> {
    let secret = EndpointSecret::draw(tx);
    let sealed = secret.seal(tx, id)?;
    let changed = tx.execute(
        "UPDATE webhook_endpoint SET old_secret = secret, old_secret_until = $1, secret = $2 WHERE id = $3",
        &[&(tx.now() + OVERLAP), &sealed, &id],
    )?;
    if changed == 0 {
        return Ok(None);
    }
    journal(tx, "webhook.secret_changed", id, json!({}))?;
    Ok(Some(secret))
}

/// Sends an endpoint nothing more until it is resumed. What waits for it goes on waiting.
///
/// # Errors
/// Those of the store.
pub fn stop(tx: &mut Tx<'_>, _: &Permit<ManageWebhooks>, id: Id<Endpoint>) -> Result<()> {
    let sql = "UPDATE webhook_endpoint SET state = 'stopped' WHERE id = $1 AND state = 'active'";
    if tx.execute(sql, &[&id])? > 0 {
        journal(tx, "webhook.stopped", id, json!({}))?;
    }
    Ok(())
}

/// Sends to an endpoint again, beginning with what waited for it.
///
/// # Errors
/// Those of the store.
pub fn resume(tx: &mut Tx<'_>, _: &Permit<ManageWebhooks>, id: Id<Endpoint>) -> Result<()> {
    let sql = "UPDATE webhook_endpoint SET state = 'active', failing_since = NULL WHERE id = $1 AND state <> 'active'";
    if tx.execute(sql, &[&id])? > 0 {
        journal(tx, "webhook.resumed", id, json!({}))?;
        delivery::hurry(tx, id)?;
    }
    Ok(())
}

/// Forgets an endpoint, with all that was sent to it.
///
/// # Errors
/// Those of the store.
pub fn remove(tx: &mut Tx<'_>, _: &Permit<ManageWebhooks>, id: Id<Endpoint>) -> Result<()> {
    if tx.execute("DELETE FROM webhook_endpoint WHERE id = $1", &[&id])? > 0 {
        journal(tx, "webhook.removed", id, json!({}))?;
    }
    Ok(())
}

/// Disables an endpoint that takes nothing, and tells the administrators.
pub(crate) fn disable(tx: &mut Tx<'_>, id: Id<Endpoint>, reason: &str, source: &dyn Source) -> Result<()> {
    let sql = "UPDATE webhook_endpoint SET state = 'disabled' WHERE id = $1 AND state = 'active'";
    if tx.execute(sql, &[&id])? == 0 {
        return Ok(());
    }
    journal(tx, "webhook.disabled", id, json!({ "reason": reason }))?;
    match get(tx, id)? {
        Some(endpoint) => source.disabled(tx, &endpoint),
        None => Ok(()),
    }
}

pub(crate) fn journal(
    tx: &mut Tx<'_>,
    kind: &str,
    id: Id<Endpoint>,
    payload: serde_json::Value,
) -> Result<Seq> {
    tx.journal(&Entry { kind, subject_kind: "webhook", subject_id: id.uuid(), payload })
}
