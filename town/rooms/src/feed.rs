//! Rooms in calendar programs: the season of one's association, and the rooms that an agent has added. No name of anybody:
//! the calendar lies with whoever keeps it.

use std::collections::{BTreeSet, HashMap};

use beffroi_calendar::{
    booking::{self, Booking, State},
    ics::Event,
    resource::{self, Kind, Resource},
};
use beffroi_cases::case;
use beffroi_core::{Id, text::fold};
use beffroi_people::{SignedIn, permission::Action as _};
use beffroi_store::{Result, Tx};
use beffroi_web::{
    feed::{Offered, Whose},
    personal::Teller,
};
use uuid::Uuid;

use crate::{SeePlanning, caldav, season};

/// What stands before the id of a room in the word of what is added.
const ROOM: &str = "room:";
/// Rooms that are offered, at most.
const ROOMS_AT_MOST: usize = 200;
/// Bookings of rooms that are told, at most.
const OF_ROOMS: u32 = 3_000;

/// The rooms, for whoever sees the planning.
pub(crate) fn offered(tx: &mut Tx<'_>, who: &SignedIn, teller: Teller<'_>) -> Result<Vec<Offered>> {
    if !who.may_somewhere(SeePlanning::PERMISSION) {
        return Ok(Vec::new());
    }
    let mut rooms = resource::list(tx)?;
    rooms.retain(|kept| kept.details.kind == Kind::Room && kept.details.active);
    rooms.sort_by_cached_key(|room| fold(&room.details.name.fr));
    rooms.truncate(ROOMS_AT_MOST);
    let told = rooms.into_iter().map(|room| Offered {
        key: format!("{ROOM}{}", room.id),
        label: room.details.name.read_in(teller.lang()).to_owned(),
    });
    Ok(told.collect())
}

/// The season of one's associations, then what takes the rooms that were added.
pub(crate) fn dated(tx: &mut Tx<'_>, whose: &Whose<'_>, teller: Teller<'_>) -> Result<Vec<Event>> {
    let lang = teller.lang();
    let requests = season::requests_of_account(tx, whose.who.account.uuid())?;
    let mut booked = booking::of_owners(tx, season::SUBJECT, &requests)?;
    booked.retain(|it| it.whole().meets(whose.within));
    let mut events: Vec<Event> = booked
        .iter()
        .flat_map(|it| booking::events(it, it.resource.details.name.read_in(lang), &it.details.note, lang))
        .collect();
    let added: BTreeSet<Id<Resource>> =
        whose.chosen.iter().filter_map(|key| key.strip_prefix(ROOM)?.parse().ok()).collect();
    if added.is_empty() || !whose.who.may_somewhere(SeePlanning::PERMISSION) {
        return Ok(events);
    }
    let parents: HashMap<Id<Resource>, Option<Id<Resource>>> =
        resource::list(tx)?.iter().map(|kept| (kept.id, kept.details.parent)).collect();
    let places: BTreeSet<Id<Resource>> =
        added.iter().flat_map(|room| caldav::shared(&parents, *room)).collect();
    let places: Vec<Id<Resource>> = places.into_iter().collect();
    let taken = booking::of_places_and_cancelled(tx, &places, whose.within, OF_ROOMS)?;
    let owners = taken.iter().filter_map(|it| it.owner.as_ref());
    let mut cases: Vec<Uuid> = owners.filter(|(kind, _)| kind == "case").map(|(_, id)| *id).collect();
    cases.sort_unstable();
    cases.dedup();
    let references = case::references(tx, &cases)?;
    events.extend(taken.iter().flat_map(|it| {
        let reference = it.owner.as_ref().and_then(|(_, id)| references.get(id));
        let reference = reference.map_or("", String::as_str);
        booking::events(it, &title(it, teller), reference, lang)
    }));
    Ok(events)
}

/// The room, and how it is taken.
fn title(it: &Booking, teller: Teller<'_>) -> String {
    let room = it.resource.details.name.read_in(teller.lang());
    let how = match it.state {
        // Why the town keeps it, or which association has it.
        _ if !it.details.note.is_empty() => it.details.note.clone(),
        State::Blocked => teller.t("planning-blocked"),
        State::Asked => teller.t("planning-asked"),
        _ => teller.t("planning-firm"),
    };
    format!("{room} – {how}")
}
