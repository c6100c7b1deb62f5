//! Tells an endpoint again what happened since an instant, from the journal: for a receiver that was away, or that has
//! lost what it knew.

use std::sync::Arc;

use beffroi_core::{Id, Instant};
use beffroi_people::permission::{ManageWebhooks, Permit};
use beffroi_store::{
    By, Commune, Result, Seq, StoreError, Tx,
    background::JobHandler,
    jobs::{self, Job, JobError},
    journal,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{Endpoint, Source, endpoint, follow};

/// The job that queues what is told again.
const REPLAY: &str = "webhook.replay";
/// Entries read in one transaction.
const PAGE: u32 = 200;

/// How far a replay has come.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
struct Order {
    endpoint: Id<Endpoint>,
    /// The entry after which it goes on.
    after: i64,
    /// The last entry that it tells.
    until: i64,
}

/// Tells an endpoint again all that happened since an instant. Receivers know each message again by its id.
///
/// # Errors
/// Those of the store.
pub fn replay_since(
    tx: &mut Tx<'_>,
    _: &Permit<ManageWebhooks>,
    endpoint: Id<Endpoint>,
    since: Instant,
) -> Result<()> {
    if endpoint::get(tx, endpoint)?.is_none() {
        return Ok(());
    }
    let until = journal::position(tx)?.0;
    let after = journal::first_since(tx, since)?.0 - 1;
    endpoint::journal(tx, "webhook.replayed", endpoint, json!({ "since": since }))?;
    order(tx, Order { endpoint, after, until })
}

fn order(tx: &mut Tx<'_>, order: Order) -> Result<()> {
    let now = tx.now();
    // A page that is ordered twice, because nobody knew of the first time, is told once.
    let key = format!("{REPLAY}:{}:{}:{}", order.endpoint, order.after, order.until);
    jobs::enqueue(tx, REPLAY, &serde_json::to_value(order)?, now, Some(&key))
}

/// Queues what is told again.
pub struct ReplayHandler(pub Arc<dyn Source>);

impl JobHandler for ReplayHandler {
    fn kind(&self) -> &'static str {
        REPLAY
    }

    /// A page a job, each of which orders the next in the transaction that queues its messages.
    fn run(&self, commune: &Arc<Commune>, job: &Job) -> std::result::Result<(), JobError> {
        let this: Order =
            serde_json::from_value(job.payload.clone()).map_err(|error| JobError::Fail(error.to_string()))?;
        let source = Arc::clone(&self.0);
        commune.write_blocking(By::SYSTEM, move |tx| {
            let Some(endpoint) = endpoint::get(tx, this.endpoint)? else { return Ok(()) };
            let entries = journal::of_kinds(tx, source.kinds(), Seq(this.after), PAGE)?;
            for entry in entries.iter().filter(|entry| entry.seq.0 <= this.until) {
                follow::tell(tx, source.as_ref(), &[&endpoint], entry)?;
            }
            match entries.last().filter(|last| entries.len() >= PAGE as usize && last.seq.0 < this.until) {
                Some(last) => order(tx, Order { after: last.seq.0, ..this }),
                None => Ok::<_, StoreError>(()),
            }
        })?;
        Ok(())
    }
}
