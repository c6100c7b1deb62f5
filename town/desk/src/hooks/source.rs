//! The desk's events by their public names, and what is said of each: which case, how it stands, and nothing of what a
//! person wrote. See `docs/api.md`.

use beffroi_cases::{
    CaseError,
    case::{self, Case},
};
use beffroi_core::{Id, calendar::civil_day};
use beffroi_forms::Deed;
use beffroi_notify::{About, letter, mail, messages};
use beffroi_people::{
    Town, account,
    permission::{ManageWebhooks, holders_everywhere},
};
use beffroi_store::{JournalEntry, Result, StoreError, Tx};
use beffroi_webhooks::{Endpoint, Event, Source};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::host_of;
use crate::papers::Stationery;

/// What is known here: kinds of journal entries, and what programs outside call them.
const NAMES: &[(&str, &str)] = &[
    ("case.received", "case.received"),
    ("case.taken_up", "case.taken-up"),
    ("case.assigned", "case.assigned"),
    ("case.routed", "case.routed"),
    ("case.documents_requested", "case.documents-asked"),
    ("case.documents_received", "case.documents-arrived"),
    ("case.message_sent", "case.message-sent"),
    ("case.message_received", "case.message-received"),
    ("case.step_reached", "case.step-reached"),
    (STEP_ACTION, STEP_ACTION),
    ("case.decided", "case.decided"),
    ("case.decision_sent", "case.decision-sent"),
    ("case.deemed", "case.silence-decided"),
    ("case.decision_withdrawn", "case.decision-withdrawn"),
    ("case.decision_repealed", "case.decision-repealed"),
    ("case.reasons_asked", "case.reasons-asked"),
    ("case.reasons_given", "case.reasons-given"),
    ("case.withdrawn", "case.withdrawn"),
    ("case.booking_cancelled", "case.booking-cancelled"),
    ("case.booking_dates_returned", "case.booking-dates-returned"),
    ("case.archived", "case.archived"),
    ("case.erased", "case.erased"),
    ("procedure.published", "procedure.published"),
    ("procedure.retired", "procedure.retired"),
];
/// An action of a step that is there to tell other programs.
const STEP_ACTION: &str = "case.step-action";
/// The first message about a case is its acknowledgement (CRPA, art. L112-3).
const ACKNOWLEDGED: &str = "case.acknowledged";

/// The desk's events.
#[derive(Clone, Copy, Debug)]
pub struct DeskEvents;

impl Source for DeskEvents {
    fn kinds(&self) -> &'static [&'static str] {
        &[
            "case.received",
            "case.taken_up",
            "case.assigned",
            "case.routed",
            "case.documents_requested",
            "case.documents_received",
            "case.message_sent",
            "case.message_received",
            "case.step_reached",
            STEP_ACTION,
            "case.decided",
            "case.decision_sent",
            "case.deemed",
            "case.decision_withdrawn",
            "case.decision_repealed",
            "case.reasons_asked",
            "case.reasons_given",
            "case.withdrawn",
            "case.booking_cancelled",
            "case.booking_dates_returned",
            "case.archived",
            "case.erased",
            "procedure.published",
            "procedure.retired",
            "mail.sent",
            "mail.kept",
            "letter.printed",
        ]
    }

    fn names(&self) -> &'static [&'static str] {
        &[
            "case.received",
            ACKNOWLEDGED,
            "case.taken-up",
            "case.assigned",
            "case.routed",
            "case.documents-asked",
            "case.documents-arrived",
            "case.message-sent",
            "case.message-received",
            "case.step-reached",
            STEP_ACTION,
            "case.decided",
            "case.decision-sent",
            "case.silence-decided",
            "case.decision-withdrawn",
            "case.decision-repealed",
            "case.reasons-asked",
            "case.reasons-given",
            "case.withdrawn",
            "case.booking-cancelled",
            "case.booking-dates-returned",
            "case.archived",
            "case.erased",
            "procedure.published",
            "procedure.retired",
        ]
    }

    fn event(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<Option<Event>> {
        let name = match NAMES.iter().find(|(kind, _)| *kind == entry.kind) {
            Some((_, name)) => *name,
            None if is_acknowledgement(tx, entry)? => ACKNOWLEDGED,
            None => return Ok(None),
        };
        let data = match entry.subject_kind.as_str() {
            "case" if name == STEP_ACTION => {
                let Some(action) = told_action(entry) else { return Ok(None) };
                of_case(tx, Id::from_uuid(entry.subject_id))?.map(|case| with(case, action))
            }
            "case" => of_case(tx, Id::from_uuid(entry.subject_id))?,
            _ => entry.payload.as_ref().map(
                |payload| json!({ "procedure": payload.get("procedure"), "version": payload.get("version") }),
            ),
        };
        Ok(data.map(|data| Event { name, data }))
    }

    fn disabled(&self, tx: &mut Tx<'_>, endpoint: &Endpoint) -> Result<()> {
        let town = Town::load(tx)?;
        let contact =
            [town.phone.as_str(), &town.email].into_iter().find(|it| !it.is_empty()).unwrap_or_default();
        let since = civil_day(endpoint.failing_since.unwrap_or_else(|| tx.now()), town.zone());
        let host = host_of(&endpoint.url);
        let message = messages::webhook_disabled(
            Stationery::sender(&town, contact),
            &endpoint.description,
            &host,
            since,
        );
        for reader in holders_everywhere::<ManageWebhooks>(tx)? {
            let Some(account) = account::find(tx, reader)? else { continue };
            let new = mail::NewMail {
                to: &account.email,
                subject: &message.subject,
                text: &message.text,
                html: None,
                secret: false,
                about: About { kind: "account", id: reader.uuid() },
            };
            if let Err(error) = mail::queue(tx, &new) {
                tracing::warn!(%error, "a warning could not be queued");
            }
        }
        Ok(())
    }
}

/// Whether an entry tells that the acknowledgement of a case has left: the first mail, or the first letter.
fn is_acknowledgement(tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<bool> {
    if entry.subject_kind != "case" {
        return Ok(false);
    }
    let about = About { kind: "case", id: entry.subject_id };
    let named = |name: &str| -> Option<Uuid> {
        entry.payload.as_ref()?.get(name).and_then(Value::as_str)?.parse().ok()
    };
    let first_mail = mail::of_subject(tx, about, 1)?.pop().map(|mail| mail.id.uuid());
    if let Some(sent) = named("mail") {
        return Ok(first_mail == Some(sent));
    }
    // Whoever has a mailbox was told there first.
    let first_letter = letter::first_about(tx, about)?.map(Id::uuid);
    Ok(first_mail.is_none() && named("letter").is_some_and(|printed| first_letter == Some(printed)))
}

/// What is said of an action of a step, where it was done and is there to tell other programs: the names that its procedure
/// gives it, and nothing of the case.
fn told_action(entry: &JournalEntry) -> Option<Map<String, Value>> {
    let payload = entry.payload.as_ref()?;
    let says = |name: &str| payload.get(name).and_then(Value::as_str);
    let tells = says("kind") == Some(Deed::Webhook.as_str())
        && payload.get("done").and_then(Value::as_bool) == Some(true);
    if !tells {
        return None;
    }
    let names = ["step", "action", "name"].map(|name| Some((name.to_owned(), json!(says(name)?))));
    names.into_iter().collect()
}

/// What is said of a thing, and of what happened to it.
fn with(mut thing: Value, more: Map<String, Value>) -> Value {
    if let Value::Object(thing) = &mut thing {
        thing.extend(more);
    }
    thing
}

/// Which case, and how it stands when it is told: no name, no answer, no word of anybody.
fn of_case(tx: &mut Tx<'_>, id: Id<Case>) -> Result<Option<Value>> {
    let found = case::find(tx, id).map_err(|error| match error {
        CaseError::Store(error) => error,
        other => StoreError::Corrupt(other.to_string()),
    })?;
    Ok(found.map(|case| {
        json!({
            "id": case.id,
            "reference": case.reference,
            "procedure": case.procedure,
            "procedure_version": case.procedure_version,
            "department": case.department,
            "state": case.state.as_str(),
            "channel": case.channel.as_str(),
            "received_on": case.received_on,
            "deemed_on": case.deemed_on,
        })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_one_public_name_and_is_described() {
        let kinds: Vec<&str> = DeskEvents.kinds().to_vec();
        let names: Vec<&str> = DeskEvents.names().to_vec();
        let book = include_str!("../../../../docs/api.md");
        for (kind, name) in NAMES {
            assert!(kinds.contains(kind) && names.contains(name), "{kind} {name}");
        }
        assert_eq!(names.len(), NAMES.len() + 1);
        for name in names {
            assert!(book.contains(&format!("`{name}`")), "{name} is not in docs/api.md");
        }
    }
}
