//! What follows by itself: a deposit is asked for when a room is granted, needed no more when the booking is given or taken
//! back before it was given, and agents are reminded of those that are to be given back.

use std::{collections::BTreeMap, sync::Arc};

use beffroi_calendar::booking::State as BookingState;
use beffroi_cases::case::Case;
use beffroi_core::{Id, Lang, money::Cents};
use beffroi_notify::{
    About,
    mail::{self, MailError, NewMail},
    messages::{self, Sender, Voice},
};
use beffroi_people::{Town, account};
use beffroi_store::{By, Commune, Entry, JournalEntry, Result, StoreError, Tx, background::Subscriber};
use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;

use super::{
    commands,
    rules::{Deposit, State},
    store,
};
use crate::{
    Origin, contract,
    premises::{Granted, words},
};

/// How long after a booking its deposit is to be given back.
const GRACE: TimeDelta = TimeDelta::days(3);
/// How often agents are reminded.
const AGAIN: TimeDelta = TimeDelta::days(7);

/// What may grant a room.
const GRANTS: [&str; 2] = ["case.decided", "case.deemed"];

/// Follows the cases that end, and what is taken back of them.
pub(crate) struct Promises;

impl Subscriber for Promises {
    fn name(&self) -> &'static str {
        "rooms.promises"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[
            "case.decided",
            "case.deemed",
            "case.booking_cancelled",
            "case.decision_withdrawn",
            "case.decision_repealed",
        ]
    }

    fn handle(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<()> {
        let case: Id<Case> = Id::from_uuid(entry.subject_id);
        let Some(found) = Granted::once_of_case(tx, case)? else { return Ok(()) };
        if found.booking.state == BookingState::Firm {
            // What is repealed once it has begun stays: nothing new is asked for.
            if !GRANTS.contains(&entry.kind.as_str()) {
                return Ok(());
            }
            commands::promise(tx, &found)?;
            return contract::order(tx, case);
        }
        match store::find(tx, found.booking.id)? {
            Some(it) if it.state == State::Promised => {
                store::end(tx, it.booking, State::Released, Cents(0))?;
                tx.journal(&Entry {
                    kind: "deposit.released",
                    subject_kind: "booking",
                    subject_id: it.booking.uuid(),
                    payload: json!({ "needed": false }),
                })
                .map(drop)
            }
            _ => Ok(()),
        }
    }
}

/// Reminds agents of what is to be given back, and forgets what ended long ago; tells how many things were done. Blocks.
pub(crate) fn hourly(commune: &Commune, origin: &Arc<Origin>) -> Result<u64> {
    let due = commune.read_blocking(By::SYSTEM, |tx| {
        let now = tx.now();
        store::to_remind(tx, now - GRACE, now - AGAIN)
    })?;
    let forgotten = commune.write_blocking(By::SYSTEM, store::forget)?;
    // Without an address of the site there is nowhere to lead to.
    let Some(origin) = origin(commune.slug())?.filter(|_| !due.is_empty()) else { return Ok(forgotten) };
    let reminded = commune.write_blocking(By::SYSTEM, move |tx| remind(tx, &due, &origin))?;
    Ok(forgotten + reminded)
}

/// One mail for each agent who took some, with how many and how much.
fn remind(tx: &mut Tx<'_>, due: &[Deposit], origin: &str) -> Result<u64> {
    let mut of_agents: BTreeMap<Uuid, Vec<&Deposit>> = BTreeMap::new();
    for it in due {
        of_agents.entry(it.held_by.unwrap_or_default()).or_default().push(it);
    }
    let (agents, town) = (account::agents(tx)?, Town::load(tx)?);
    for (agent, own) in of_agents {
        let Some(agent) = agents.iter().find(|it| it.id.uuid() == agent) else { continue };
        let sum: Cents = own.iter().map(|it| it.amount).sum();
        let variables = [
            ("n", own.len().into()),
            ("sum", sum.to_string().into()),
            ("link", format!("{origin}/agents/cautions").into()),
        ];
        let subject = words(Lang::Fr, "premises-reminder-subject", &variables)?;
        let paragraphs = [words(Lang::Fr, "premises-reminder", &variables)?];
        let voice = Voice {
            greeting: &town.voice.mail_greeting,
            closing: &town.voice.mail_closing,
            signature: &town.voice.mail_signature,
        };
        let sender = Sender { commune: &town.name, contact: origin, voice };
        let message = messages::plain(sender, Lang::Fr, &subject, &paragraphs);
        let new = NewMail {
            to: &agent.email,
            subject: &message.subject,
            text: &message.text,
            html: None,
            secret: false,
            about: About { kind: "account", id: agent.id.uuid() },
        };
        match mail::queue(tx, &new) {
            // An address that no server takes is the administrators' matter.
            Ok(_) | Err(MailError::Address) => {}
            Err(MailError::Store(error)) => return Err(error),
        }
    }
    let bookings: Vec<_> = due.iter().map(|it| it.booking).collect();
    store::set_reminded(tx, &bookings)?;
    u64::try_from(bookings.len()).map_err(|error| StoreError::Invalid(error.to_string()))
}
