//! Follows the journal: each entry that is an event becomes a message for every endpoint that wants it.

use std::sync::Arc;

use beffroi_store::{JournalEntry, Result, Tx, background::Subscriber};

use crate::{Endpoint, Source, delivery, endpoint, event};

/// Queues messages as events happen.
pub struct Follower(pub Arc<dyn Source>);

impl Subscriber for Follower {
    fn name(&self) -> &'static str {
        "webhooks"
    }

    fn kinds(&self) -> &[&'static str] {
        self.0.kinds()
    }

    fn handle(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<()> {
        self.handle_all(tx, std::slice::from_ref(entry))
    }

    fn handle_all(&self, tx: &mut Tx<'_>, entries: &[JournalEntry]) -> Result<()> {
        let active = endpoint::active(tx)?;
        for entry in entries {
            // What happened before somebody asked is told only to those who ask for it again.
            let asked: Vec<&Endpoint> = active.iter().filter(|endpoint| endpoint.from < entry.seq).collect();
            tell(tx, self.0.as_ref(), &asked, entry)?;
        }
        Ok(())
    }
}

/// Queues what these endpoints want to know of an entry; tells how many messages that makes.
pub(crate) fn tell(
    tx: &mut Tx<'_>,
    source: &dyn Source,
    endpoints: &[&Endpoint],
    entry: &JournalEntry,
) -> Result<u64> {
    if endpoints.is_empty() {
        return Ok(0);
    }
    let Some(event) = source.event(tx, entry)? else { return Ok(0) };
    let body = event::body(event.name, entry.at, &event.data);
    // The same event is the same message, each time that it is told.
    let message = format!("evt_{}_{}", tx.commune(), entry.seq.0);
    let mut told = 0;
    for endpoint in endpoints.iter().filter(|endpoint| endpoint.wants(event.name)) {
        delivery::queue(tx, endpoint.id, &message, event.name, &body)?;
        told += 1;
    }
    Ok(told)
}
