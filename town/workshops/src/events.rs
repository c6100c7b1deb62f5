//! What other programs are told of workshops and of registrations: which one, when, and how it stands; nothing of whoever
//! takes part. See `docs/api.md`.

use beffroi_core::Id;
use beffroi_store::{JournalEntry, Result, Tx};
use beffroi_webhooks::{Event, Source};
use serde_json::{Value, json};

use crate::{
    registration::{self, Mark as RegistrationMark, Presence},
    series,
    session::{self, Mark as SessionMark},
};

/// The events of workshops.
#[derive(Clone, Copy, Debug)]
pub struct WorkshopEvents;

/// Kinds of journal entries, and what programs outside call them.
const NAMED: &[(&str, &str)] = &[
    ("registration.made", "registration.made"),
    ("registration.offered", "registration.offered"),
    ("registration.accepted", "registration.accepted"),
    ("registration.lapsed", "registration.lapsed"),
    ("registration.given_up", "registration.given-up"),
    ("workshop.planned", "workshop.planned"),
    ("workshop.moved", "workshop.moved"),
    ("workshop.changed", "workshop.changed"),
    ("workshop.cancelled", "workshop.cancelled"),
];
/// That somebody came or not, as it was written down; its name is told by what was.
const MARKED: &str = "registration.marked";

impl Source for WorkshopEvents {
    fn kinds(&self) -> &[&'static str] {
        &[
            "registration.made",
            "registration.offered",
            "registration.accepted",
            "registration.lapsed",
            "registration.given_up",
            MARKED,
            "workshop.planned",
            "workshop.moved",
            "workshop.changed",
            "workshop.cancelled",
        ]
    }

    fn names(&self) -> &[&'static str] {
        &[
            "registration.made",
            "registration.offered",
            "registration.accepted",
            "registration.lapsed",
            "registration.given-up",
            "registration.attended",
            "registration.missed",
            "registration.expected",
            "workshop.planned",
            "workshop.moved",
            "workshop.changed",
            "workshop.cancelled",
        ]
    }

    fn event(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<Option<Event>> {
        let named = NAMED.iter().find(|(kind, _)| *kind == entry.kind).map(|(_, name)| *name);
        let Some(name) = named.or_else(|| marked(entry)) else { return Ok(None) };
        let data = match entry.subject_kind.as_str() {
            "registration" => of_registration(tx, Id::from_uuid(entry.subject_id), entry)?,
            _ => of_session(tx, Id::from_uuid(entry.subject_id))?,
        };
        Ok(data.map(|data| Event { name, data }))
    }
}

fn marked(entry: &JournalEntry) -> Option<&'static str> {
    let presence = entry.payload.as_ref().filter(|_| entry.kind == MARKED)?.get("presence")?.as_str()?;
    match Presence::from_word(presence)? {
        Presence::Present => Some("registration.attended"),
        Presence::Absent | Presence::Excused => Some("registration.missed"),
        Presence::Unknown => Some("registration.expected"),
    }
}

/// Which registration, and how each of its seats stands when it is told; `session`: the one that the event is about, where
/// it is about one.
fn of_registration(tx: &mut Tx<'_>, id: Id<RegistrationMark>, entry: &JournalEntry) -> Result<Option<Value>> {
    let Some(it) = registration::find(tx, id)? else { return Ok(None) };
    let seats = registration::seats_of(tx, &[id])?;
    let sessions = session::some(tx, &seats.iter().map(|seat| seat.session).collect::<Vec<_>>())?;
    let workshop = series::find(tx, it.series)?.map(|kept| kept.slug);
    let seats = seats.iter().map(|seat| {
        let at = sessions.iter().find(|session| session.id == seat.session);
        json!({
            "session": seat.session,
            "starts_at": at.map(|session| session.span.start()),
            "state": seat.state.as_str(),
            "presence": seat.presence.as_str(),
        })
    });
    let session = entry.payload.as_ref().and_then(|payload| payload.get("session"));
    Ok(Some(json!({
        "id": it.id,
        "reference": it.reference,
        "workshop": workshop,
        "channel": it.channel.as_str(),
        "session": session,
        "seats": seats.collect::<Vec<_>>(),
    })))
}

/// Which session, and how it stands when it is told.
fn of_session(tx: &mut Tx<'_>, id: Id<SessionMark>) -> Result<Option<Value>> {
    let Some(it) = session::find(tx, id)? else { return Ok(None) };
    let workshop = series::find(tx, it.series)?.map(|kept| kept.slug);
    Ok(Some(json!({
        "id": it.id,
        "workshop": workshop,
        "starts_at": it.span.start(),
        "ends_at": it.span.end(),
        "state": it.state.as_str(),
        "seats": it.seats,
        "taken": it.taken,
        "waiting": it.waiting,
    })))
}
