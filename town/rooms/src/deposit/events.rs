//! What other programs are told of deposits: for which booking of which room, how much, and how far it has come; nothing of
//! whoever gave it, nor why a part is kept. See `docs/api.md`.

use beffroi_calendar::booking;
use beffroi_core::Id;
use beffroi_store::{JournalEntry, Result, Tx};
use beffroi_webhooks::{Event, Source};
use serde_json::json;

use super::store;

/// The events of deposits: the kinds of their journal entries are their public names too.
#[derive(Clone, Copy, Debug)]
pub struct DepositEvents;

const NAMES: &[&str] = &[
    "deposit.promised",
    "deposit.held",
    "deposit.withheld",
    "deposit.answered",
    "deposit.released",
    "deposit.settled",
];

impl Source for DepositEvents {
    fn kinds(&self) -> &[&'static str] {
        NAMES
    }

    fn names(&self) -> &[&'static str] {
        NAMES
    }

    fn event(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<Option<Event>> {
        let Some(name) = NAMES.iter().copied().find(|name| *name == entry.kind) else { return Ok(None) };
        let booking = Id::from_uuid(entry.subject_id);
        let Some(it) = store::find(tx, booking)? else { return Ok(None) };
        let room = booking::find(tx, booking)?.map(|found| found.resource.details.slug);
        let data = json!({
            "booking": it.booking,
            "room": room,
            "state": it.state.as_str(),
            "amount_cents": it.amount,
            "held_on": it.held_on,
            "withheld_cents": it.withheld,
            "answer_by": it.answer_by,
            "kept_cents": it.kept,
        });
        Ok(Some(Event { name, data }))
    }
}
