//! What follows by itself: a deposit is asked for when a room is granted or a season is published, needed no more when what
//! it is for is given or taken back before it was given, and agents are reminded of those that are to be given back.

use std::{collections::BTreeMap, sync::Arc};

use beffroi_calendar::{
    booking::{self, Booking, State as BookingState},
    resource::Resource,
};
use beffroi_cases::{case::Case, decision::Outcome};
use beffroi_core::{Id, Lang, money::Cents};
use beffroi_notify::{
    About,
    mail::{self, MailError, NewMail},
    messages::{self, Sender, Voice},
};
use beffroi_people::{Town, account};
use beffroi_store::{By, Commune, JournalEntry, Result, StoreError, Tx, background::Subscriber};
use chrono::TimeDelta;
use uuid::Uuid;

use super::{
    commands,
    rules::{Deposit, Origin, State},
    store,
};
use crate::{
    Origin as Site, contract,
    premises::{Granted, words},
    season::{self, Round},
};

/// How long after a booking its deposit is to be given back.
const GRACE: TimeDelta = TimeDelta::days(3);
/// How often agents are reminded.
const AGAIN: TimeDelta = TimeDelta::days(7);

/// What may grant a room.
const GRANTS: [&str; 2] = ["case.decided", "case.deemed"];
/// That the decision which granted it was taken back, for the past too.
const WITHDRAWN: &str = "case.decision_withdrawn";
/// That it was, for what is to come.
const REPEALED: &str = "case.decision_repealed";

/// Follows the cases that end, what is taken back of them, and the seasons that are published.
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
            WITHDRAWN,
            REPEALED,
            season::bill::PUBLISHED,
            season::bill::GIVEN_BACK,
        ]
    }

    fn handle(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<()> {
        match entry.kind.as_str() {
            season::bill::PUBLISHED => return promise_season(tx, Id::from_uuid(entry.subject_id)),
            season::bill::GIVEN_BACK => return let_go_of_season(tx, entry),
            _ => {}
        }
        let case: Id<Case> = Id::from_uuid(entry.subject_id);
        // Also where the room is granted again by now: the entry of that comes after this one.
        if is_taken_back(tx, case, entry)? {
            contract::file_away(tx, case)?;
        }
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
            Some(it) if it.state == State::Promised => commands::let_go(tx, &it),
            _ => Ok(()),
        }
    }
}

/// Whether an entry took back all of what was granted by a case: what is repealed holds for the past, so that what had begun
/// stays as it was.
fn is_taken_back(tx: &mut Tx<'_>, case: Id<Case>, entry: &JournalEntry) -> Result<bool> {
    let outcome = entry.payload.as_ref().and_then(|payload| payload.get("outcome")?.as_str());
    if outcome != Some(Outcome::Granted.as_str()) {
        return Ok(false);
    }
    match entry.kind.as_str() {
        WITHDRAWN => Ok(true),
        REPEALED => {
            let booked = booking::of_owner(tx, ("case", case.uuid()))?;
            Ok(booked.is_some_and(|booked| booked.span.start() > entry.at))
        }
        _ => Ok(false),
    }
}

/// Asks the associations of a round for what the tariffs of their rooms have: one deposit for each room.
fn promise_season(tx: &mut Tx<'_>, round: Id<Round>) -> Result<()> {
    for (request, bookings) in season::given(tx, round)? {
        let mut rooms: BTreeMap<Id<Resource>, Vec<&Booking>> = BTreeMap::new();
        for it in bookings.iter().filter(|it| it.state == BookingState::Firm) {
            rooms.entry(it.resource.id).or_default().push(it);
        }
        for own in rooms.values() {
            commands::ask(tx, Origin::Season(request), own)?;
        }
    }
    Ok(())
}

/// A time of a season was given back: where nothing is left of a room, its deposit is needed no more.
fn let_go_of_season(tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<()> {
    let named: Option<Uuid> =
        entry.payload.as_ref().and_then(|payload| payload.get("request")?.as_str()?.parse().ok());
    let Some(named) = named else { return Ok(()) };
    let mut promised = store::of_requests(tx, &[named])?;
    promised.retain(|it| it.state == State::Promised);
    let left = left_of(tx, &promised)?;
    for it in promised.iter().filter(|it| !left.contains(&it.booking)) {
        commands::let_go(tx, it)?;
    }
    Ok(())
}

/// Those of these deposits that answer for something that is still granted, by the bookings that they are kept under.
fn left_of(tx: &mut Tx<'_>, deposits: &[Deposit]) -> Result<Vec<Id<Booking>>> {
    let kept_under: Vec<Id<Booking>> = deposits.iter().map(|it| it.booking).collect();
    let answered_for = store::answered_for(tx, &kept_under)?;
    let ids: Vec<Id<Booking>> = answered_for.iter().map(|(_, booking)| *booking).collect();
    let mut bookings = booking::several(tx, &ids)?;
    bookings.retain(|it| it.state == BookingState::Firm);
    let is_left = |booking: Id<Booking>| bookings.iter().any(|it| it.id == booking);
    Ok(answered_for.into_iter().filter(|(_, booking)| is_left(*booking)).map(|(under, _)| under).collect())
}

/// Whether the town has a deposit that answered for a booking, and for nothing any more.
///
/// # Errors
/// Those of the store.
pub(crate) fn is_to_come_back(tx: &mut Tx<'_>, booking: Id<Booking>) -> Result<bool> {
    let Some(it) = store::find(tx, booking)?.filter(|it| matches!(it.state, State::Held | State::Withheld))
    else {
        return Ok(false);
    };
    Ok(left_of(tx, &[it])?.is_empty())
}

/// Reminds agents of what is to be given back, and forgets what ended long ago; tells how many things were done. Blocks.
pub(crate) fn hourly(commune: &Commune, origin: &Arc<Site>) -> Result<u64> {
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
