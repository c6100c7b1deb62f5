//! What a service tells other programs: its events by their public names, and what is said of each; and all services of
//! a house together.

use std::sync::Arc;

use beffroi_store::{JournalEntry, Result, Tx};

use crate::Endpoint;

/// One event, as the body of its message says it.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its public name: `case.decided`.
    pub name: &'static str,
    /// What is told of it. No personal data: whoever wants more asks the API, with a token.
    pub data: serde_json::Value,
}

/// Whoever knows the events of a service.
pub trait Source: Send + Sync {
    /// The kinds of journal entries that may be events.
    fn kinds(&self) -> &[&'static str];
    /// The public names of all events.
    fn names(&self) -> &[&'static str];
    /// The event that an entry is; `None` where nobody outside is told of it.
    ///
    /// # Errors
    /// Those of the store.
    fn event(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<Option<Event>>;
    /// Tells the administrators that an endpoint is sent nothing more: by the one who keeps the pages of endpoints.
    ///
    /// # Errors
    /// Those of the store.
    fn disabled(&self, _tx: &mut Tx<'_>, _endpoint: &Endpoint) -> Result<()> {
        Ok(())
    }
}

/// The events of several services as those of one: a house has one follower of the journal, so that whatever its services
/// tell goes by the same endpoints, in the order in which it happened.
pub struct Sources {
    all: Vec<Arc<dyn Source>>,
    kinds: Vec<&'static str>,
    names: Vec<&'static str>,
}

impl Sources {
    /// Those of these services.
    pub fn new(all: Vec<Arc<dyn Source>>) -> Self {
        let mut kinds: Vec<&'static str> = all.iter().flat_map(|it| it.kinds().to_vec()).collect();
        let mut names: Vec<&'static str> = all.iter().flat_map(|it| it.names().to_vec()).collect();
        for told in [&mut kinds, &mut names] {
            told.sort_unstable();
            told.dedup();
        }
        Self { all, kinds, names }
    }

    /// The same, and those of these services.
    #[must_use]
    pub fn and(&self, more: Vec<Arc<dyn Source>>) -> Self {
        Self::new([self.all.clone(), more].concat())
    }
}

impl Source for Sources {
    fn kinds(&self) -> &[&'static str] {
        &self.kinds
    }

    fn names(&self) -> &[&'static str] {
        &self.names
    }

    /// An entry is one event at most: that of the first service that tells of it.
    fn event(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<Option<Event>> {
        for source in self.all.iter().filter(|it| it.kinds().contains(&entry.kind.as_str())) {
            if let Some(event) = source.event(tx, entry)? {
                return Ok(Some(event));
            }
        }
        Ok(None)
    }

    fn disabled(&self, tx: &mut Tx<'_>, endpoint: &Endpoint) -> Result<()> {
        self.all.iter().try_for_each(|it| it.disabled(tx, endpoint))
    }
}

/// The body of a message.
pub(crate) fn body(name: &str, at: beffroi_core::Instant, data: &serde_json::Value) -> String {
    let at = at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    serde_json::json!({ "type": name, "timestamp": at, "data": data }).to_string()
}
