//! What a service tells other programs: its events by their public names, and what is said of each.

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

/// Whoever knows the events.
pub trait Source: Send + Sync {
    /// The kinds of journal entries that may be events.
    fn kinds(&self) -> &'static [&'static str];
    /// The public names of all events.
    fn names(&self) -> &'static [&'static str];
    /// The event that an entry is; `None` where nobody outside is told of it.
    ///
    /// # Errors
    /// Those of the store.
    fn event(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<Option<Event>>;
    /// Tells the administrators that an endpoint is sent nothing more.
    ///
    /// # Errors
    /// Those of the store.
    fn disabled(&self, tx: &mut Tx<'_>, endpoint: &Endpoint) -> Result<()>;
}

/// The body of a message.
pub(crate) fn body(name: &str, at: beffroi_core::Instant, data: &serde_json::Value) -> String {
    let at = at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    serde_json::json!({ "type": name, "timestamp": at, "data": data }).to_string()
}
