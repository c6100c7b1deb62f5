//! What other programs are told of appointments: which one, for what, where and when, and how it stands; nothing of whom it
//! is for. See `docs/api.md`.

use beffroi_core::Id;
use beffroi_store::{JournalEntry, Result, Tx};
use beffroi_webhooks::{Event, Source};
use serde_json::json;

use crate::{appointment, motive, site};

/// The events of appointments: the kinds of their journal entries are their public names too.
#[derive(Clone, Copy, Debug)]
pub struct AppointmentEvents;

const NAMES: &[&str] = &[
    "appointment.booked",
    "appointment.moved",
    "appointment.cancelled",
    "appointment.arrived",
    "appointment.received",
    "appointment.missed",
    "appointment.expected",
];

impl Source for AppointmentEvents {
    fn kinds(&self) -> &[&'static str] {
        NAMES
    }

    fn names(&self) -> &[&'static str] {
        NAMES
    }

    fn event(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<Option<Event>> {
        let Some(name) = NAMES.iter().copied().find(|name| *name == entry.kind) else { return Ok(None) };
        let Some(it) = appointment::find(tx, Id::from_uuid(entry.subject_id))? else { return Ok(None) };
        let motive = motive::find(tx, it.motive)?.map(|kept| kept.details.slug);
        let site = site::site(tx, it.site)?.map(|site| site.resource.details.slug);
        let data = json!({
            "id": it.id,
            "reference": it.reference,
            "motive": motive,
            "site": site,
            "starts_at": it.span.start(),
            "ends_at": it.span.end(),
            "persons": it.persons,
            "state": it.state.as_str(),
            "channel": it.channel.as_str(),
        });
        Ok(Some(Event { name, data }))
    }
}
