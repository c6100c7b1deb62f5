//! The calendar of a room as a program sees it: what is asked for, granted or kept of it and of the places that share it,
//! from a year ago on.

use std::collections::{BTreeSet, HashMap, HashSet};

use beffroi_calendar::{
    booking::{self, Booking, State},
    ics::{About, Object},
    resource::{self, Kept, Kind, Resource},
    spans::Span,
};
use beffroi_cases::case;
use beffroi_core::{Id, Instant, Lang, text::fold};
use beffroi_people::{SignedIn, Town, permission::permit_somewhere};
use beffroi_store::{
    Result, Tx,
    journal::{self, Seq},
};
use beffroi_web::App;
use chrono::TimeDelta;
use chrono_tz::Tz;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    refusal::Refusal,
    store::{self, Event},
};
use crate::{BlockRooms, SeePlanning};

/// Rooms whose calendars are shown, at most.
const ROOMS_AT_MOST: usize = 200;
/// Times of a room that are told, at most.
const TIMES_AT_MOST: u32 = 5_000;
/// How far back a calendar goes.
pub const BACK: TimeDelta = TimeDelta::days(366);
/// How far ahead a room may be kept.
pub const AHEAD: TimeDelta = TimeDelta::days(5 * 366);
/// Entries of the journal among which changes are looked for, at most: whoever was away longer begins anew.
const LOOKED_THROUGH: i64 = 50_000;
/// What changes calendars, in the journal.
pub const SUBJECTS: [&str; 2] = ["booking", EVENT];
/// What the journal calls an event that a program wrote.
pub const EVENT: &str = "room-event";

/// What is known of whoever asks, and of the town.
pub struct Asked {
    pub app: App,
    pub zone: Tz,
    pub now: Instant,
    /// Whether they may keep rooms for the town.
    pub may_block: bool,
    /// How far the journal has come with calendars.
    pub mark: Seq,
    /// The oldest mark from which all changes are known.
    pub oldest: Seq,
    /// Every place with the one that it lies in.
    parents: HashMap<Id<Resource>, Option<Id<Resource>>>,
    /// The rooms, by their names.
    pub rooms: Vec<Kept>,
}

impl Asked {
    /// For whoever may see the planning; for others there is no calendar.
    pub fn by(tx: &mut Tx<'_>, app: &App, who: &SignedIn) -> Result<Self, Refusal> {
        permit_somewhere::<SeePlanning>(tx, who).map_err(Refusal::hidden)?;
        let may_block = permit_somewhere::<BlockRooms>(tx, who).is_ok();
        let zone = Town::load(tx)?.zone();
        let all = resource::list(tx)?;
        let parents = all.iter().map(|kept| (kept.id, kept.details.parent)).collect();
        let is_shown = |kept: &Kept| kept.details.kind == Kind::Room && kept.details.active;
        let mut rooms: Vec<Kept> = all.into_iter().filter(is_shown).collect();
        rooms.sort_by_cached_key(|room| fold(&room.details.name.fr));
        rooms.truncate(ROOMS_AT_MOST);
        let far = journal::position(tx)?.0 - LOOKED_THROUGH;
        let long_ago = journal::first_since(tx, tx.now() - store::TOLD_GONE)?.0 - 1;
        let oldest = Seq(far.max(long_ago).max(0));
        let mark = journal::last_of_subject_kinds(tx, &SUBJECTS, oldest)?;
        Ok(Self { app: App::clone(app), zone, now: tx.now(), may_block, mark, oldest, parents, rooms })
    }

    /// The room with a short name.
    pub fn room(&self, slug: &str) -> Result<&Kept, Refusal> {
        self.rooms.iter().find(|room| room.details.slug == slug).ok_or(Refusal::NotFound)
    }

    /// What of the past and of what comes is told.
    fn within(&self) -> Result<Span, Refusal> {
        let far = AHEAD + TimeDelta::days(400);
        Span::new(self.now - BACK, self.now + far).ok_or(Refusal::NotFound)
    }

    /// The room, the places that it lies in, and those that lie in it.
    pub fn places(&self, room: Id<Resource>) -> Vec<Id<Resource>> {
        shared(&self.parents, room)
    }

    /// All that is in the calendar of a room.
    pub fn members(&self, tx: &mut Tx<'_>, room: &Kept) -> Result<Vec<Member>, Refusal> {
        let bookings = booking::of_places(tx, &self.places(room.id), self.within()?, TIMES_AT_MOST)?;
        let events = store::of_room(tx, room.id, TIMES_AT_MOST)?;
        if bookings.len() > TIMES_AT_MOST as usize || events.len() > TIMES_AT_MOST as usize {
            return Err(Refusal::TooMany);
        }
        let ids: Vec<Id<Booking>> = bookings.iter().map(|booking| booking.id).collect();
        let of = store::events_of(tx, &ids)?;
        let references = references(tx, &bookings)?;
        let mut times: HashMap<Id<Event>, Vec<Booking>> = HashMap::new();
        let mut members = Vec::new();
        let known: HashSet<Id<Event>> = events.iter().map(|event| event.id).collect();
        for booking in bookings {
            match of.get(&booking.id).filter(|event| known.contains(event)) {
                Some(event) => times.entry(*event).or_default().push(booking),
                None => members.push(self.of_booking(room, booking, &references)),
            }
        }
        let written = events.into_iter().filter_map(|event| Some((times.remove(&event.id)?, event)));
        members.extend(written.map(|(times, event)| Self::of_event(room, event, times)));
        members.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(members)
    }

    /// What is at an address in the calendar of a room.
    pub fn member(&self, tx: &mut Tx<'_>, room: &Kept, name: &str) -> Result<Option<Member>, Refusal> {
        let within = self.within()?;
        if let Some(event) = store::by_name(tx, room.id, name)?.filter(|event| !event.is_gone) {
            return Self::alive(tx, room, event, within);
        }
        let id = name.strip_suffix(".ics").and_then(|id| id.parse::<Id<Booking>>().ok());
        let Some(booking) = id.map(|id| booking::find(tx, id)).transpose()?.flatten() else {
            return Ok(None);
        };
        let here = self.places(room.id).contains(&booking.resource.id) && booking.whole().meets(within);
        if !here || !booking.state.takes() || !store::events_of(tx, &[booking.id])?.is_empty() {
            return Ok(None);
        }
        let booking = [booking];
        let references = references(tx, &booking)?;
        Ok(booking.into_iter().next().map(|booking| self.of_booking(room, booking, &references)))
    }

    /// An event, where any of its times is still kept.
    pub fn alive(
        tx: &mut Tx<'_>,
        room: &Kept,
        event: Event,
        within: Span,
    ) -> Result<Option<Member>, Refusal> {
        let ids = store::times(tx, event.id)?;
        let mut times = booking::several(tx, &ids)?;
        times.retain(|booking| booking.state == State::Blocked && booking.span.meets(within));
        times.sort_by_key(|booking| booking.span);
        Ok((!times.is_empty()).then(|| Self::of_event(room, event, times)))
    }

    /// The event with that word that takes the room.
    pub fn with_uid(&self, tx: &mut Tx<'_>, room: &Kept, uid: &str) -> Result<Option<Member>, Refusal> {
        let within = self.within()?;
        for event in store::by_uid(tx, room.id, uid)? {
            if let Some(member) = Self::alive(tx, room, event, within)? {
                return Ok(Some(member));
            }
        }
        Ok(None)
    }

    fn of_event(room: &Kept, event: Event, times: Vec<Booking>) -> Member {
        let about = Telling {
            changed_at: event.changed_at,
            changes: event.changes,
            place: room.details.name.fr.clone(),
            is_tentative: false,
        };
        Member::new(event.name.clone(), event.object.clone(), about, times, Origin::Event(Box::new(event)))
    }

    fn of_booking(&self, room: &Kept, booking: Booking, references: &HashMap<Uuid, String>) -> Member {
        let word = |key: &str| self.app.l10n.get(Lang::Fr, key).to_owned();
        let reference = booking.owner.as_ref().and_then(|(_, id)| references.get(id));
        let state = word(match booking.state {
            State::Blocked => "planning-blocked",
            State::Asked => "planning-asked",
            _ => "planning-firm",
        });
        let mut title = match booking.state {
            State::Blocked if !booking.details.note.is_empty() => booking.details.note.clone(),
            _ => state,
        };
        if let Some(reference) = reference {
            title = format!("{title} · {reference}");
        }
        if booking.resource.id != room.id {
            title = format!("{title} · {}", booking.resource.details.name.fr);
        }
        let mut lines: Vec<String> = Vec::new();
        if let Some(people) = booking.details.people {
            lines.push(self.app.l10n.format(Lang::Fr, "rooms-people", &[("n", people.into())]));
        }
        if !booking.details.layout.fr.is_empty() {
            lines.push(booking.details.layout.fr.clone());
        }
        lines.extend(booking.details.extras.iter().map(|it| format!("{} × {}", it.count, it.name.fr)));
        let uid = format!("{}@beffroi", booking.id);
        let object = Object::once(uid, booking.span, &title, &lines.join("\n"), self.zone);
        let object = object.and_on(booking.dates());
        let about = Telling {
            changed_at: booking.made_at,
            changes: 0,
            place: booking.resource.details.name.fr.clone(),
            is_tentative: booking.state == State::Asked,
        };
        let own = booking.owner.is_none() && booking.resource.id == room.id;
        let origin = if booking.state == State::Blocked && own { Origin::Block } else { Origin::Others };
        Member::new(format!("{}.ics", booking.id), object, about, vec![booking], origin)
    }
}

/// A room, the places that it lies in, and those that lie in it; `parents`: every place with the one that it lies in.
pub fn shared(
    parents: &HashMap<Id<Resource>, Option<Id<Resource>>>,
    room: Id<Resource>,
) -> Vec<Id<Resource>> {
    let within = |inner: Id<Resource>, outer: Id<Resource>| {
        std::iter::successors(Some(inner), |place| parents.get(place).copied().flatten())
            .take(16)
            .any(|place| place == outer)
    };
    let mut shared: Vec<_> = parents.keys().copied().collect();
    shared.retain(|place| within(*place, room) || within(room, *place));
    shared.sort_unstable();
    shared
}

fn references(tx: &mut Tx<'_>, bookings: &[Booking]) -> Result<HashMap<Uuid, String>> {
    let owners = bookings.iter().filter_map(|booking| booking.owner.as_ref());
    let mut cases: Vec<Uuid> = owners.filter(|(kind, _)| kind == "case").map(|(_, id)| *id).collect();
    cases.sort_unstable();
    cases.dedup();
    case::references(tx, &cases)
}

/// Whose an event is.
pub enum Origin {
    /// A program wrote it.
    Event(Box<Event>),
    /// The town keeps the room; it was said on the planning.
    Block,
    /// A booking, or what takes the room with another place: here it is only read.
    Others,
}

/// What is told beside the event itself.
struct Telling {
    changed_at: Instant,
    changes: u32,
    place: String,
    is_tentative: bool,
}

/// Something in a calendar.
pub struct Member {
    /// The last part of its address.
    pub name: String,
    /// As it is now: another state has another tag.
    pub tag: String,
    /// As a file.
    pub text: String,
    /// What it says.
    pub object: Object,
    /// When it takes the room.
    pub times: Vec<Booking>,
    pub origin: Origin,
    told: Telling,
}

impl Member {
    fn new(name: String, object: Object, told: Telling, times: Vec<Booking>, origin: Origin) -> Self {
        let mut member = Self { name, tag: String::new(), text: String::new(), object, times, origin, told };
        member.text = member.object.write(&member.about(), &member.spans());
        member.tag = format!("\"{}\"", hex::encode(Sha256::digest(&member.text)));
        member
    }

    fn about(&self) -> About<'_> {
        About {
            changed_at: self.told.changed_at,
            changes: self.told.changes,
            place: &self.told.place,
            is_tentative: self.told.is_tentative,
        }
    }

    /// When it was changed last.
    pub const fn changed_at(&self) -> Instant {
        self.told.changed_at
    }

    /// When it takes the room.
    pub fn spans(&self) -> BTreeSet<Span> {
        self.times.iter().flat_map(|booking| booking.dates().iter().copied()).collect()
    }

    /// Each of its times within a stretch, as an event of its own.
    pub fn each(&self, within: Span) -> String {
        self.object.write_each(&self.about(), &self.spans(), within)
    }

    /// Whether whoever may keep the room for the town may change it.
    pub const fn is_own(&self) -> bool {
        matches!(self.origin, Origin::Event(_) | Origin::Block)
    }

    /// What one of its properties says, as far as programs look for it.
    pub fn says(&self, property: &str) -> Option<&str> {
        let text = match property {
            "UID" => &self.object.uid,
            "SUMMARY" => self.object.summary(),
            "DESCRIPTION" => self.object.description(),
            "LOCATION" => self.told.place.as_str(),
            "STATUS" if self.told.is_tentative => "TENTATIVE",
            "STATUS" => "CONFIRMED",
            "DTSTART" | "DTEND" | "DTSTAMP" => " ",
            _ => "",
        };
        (!text.is_empty()).then_some(text)
    }
}
