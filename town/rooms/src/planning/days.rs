//! What is known of some rooms on some days: bookings, those of the places above and of the parts too, and what is free.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use beffroi_calendar::{
    availability::{AROUND_A_DAY, Available, availability},
    booking::{self, Booking},
    claims::HowMuch,
    resource::{self, Kept, Kind, Resource},
    spans::{Span, Spans},
    town,
};
use beffroi_cases::case;
use beffroi_core::{Day, Id, Instant, calendar::start_of_day, text::fold};
use beffroi_people::Town;
use beffroi_store::{Result, Tx};
use chrono::TimeDelta;
use chrono_tz::Tz;
use uuid::Uuid;

/// Rooms of a planning, at most.
const ROOMS_AT_MOST: usize = 200;

/// What the planning is made of.
pub struct Planning {
    /// The rooms, by their names.
    pub rooms: Vec<Kept>,
    /// Every room that there is, by its short name and its name.
    pub every: Vec<(String, String)>,
    /// Every place with the one that it lies in.
    parents: HashMap<Id<Resource>, Option<Id<Resource>>>,
    found: BTreeMap<Id<Resource>, Available>,
    bookings: Vec<Booking>,
    /// What the cases are called that rooms are booked for.
    pub references: HashMap<Uuid, String>,
    /// When it is.
    pub now: Instant,
    /// Where the clocks are.
    pub zone: Tz,
}

/// Something that takes a room.
pub struct Taken<'p> {
    /// When.
    pub span: Span,
    /// By what; nothing where only the calendar knows.
    pub booking: Option<&'p Booking>,
}

impl Planning {
    /// All rooms, or the one with that short name, from one day to another.
    pub fn load(tx: &mut Tx<'_>, slug: Option<&str>, first: Day, last: Day) -> Result<Option<Self>> {
        let town = Town::load(tx)?;
        let zone = town.zone();
        let all = resource::list(tx)?;
        let parents = all.iter().map(|kept| (kept.id, kept.details.parent)).collect();
        let mut rooms: Vec<Kept> =
            all.into_iter().filter(|kept| kept.details.kind == Kind::Room && kept.details.active).collect();
        rooms.sort_by_cached_key(|room| fold(&room.details.name.fr));
        let every =
            rooms.iter().map(|room| (room.details.slug.clone(), room.details.name.fr.clone())).collect();
        rooms.retain(|room| slug.is_none_or(|slug| room.details.slug == slug));
        rooms.truncate(ROOMS_AT_MOST);
        let after = last.succ_opt().unwrap_or(last);
        let within = Span::new(start_of_day(first, zone), start_of_day(after, zone));
        let Some(within) = within.filter(|_| slug.is_none() || !rooms.is_empty()) else { return Ok(None) };
        // An evening goes on into its night.
        let within = within.widened(AROUND_A_DAY, AROUND_A_DAY);
        let asked: Vec<_> = rooms.iter().map(|room| (room.id, HowMuch::Whole)).collect();
        let school = town::school(&town);
        let found = availability(tx, &asked, within, &town::year(&town, &school))?;
        let bookings = booking::listed(tx, within)?;
        let mut cases: Vec<Uuid> = bookings
            .iter()
            .filter_map(|it| it.owner.as_ref())
            .filter(|it| it.0 == "case")
            .map(|it| it.1)
            .collect();
        cases.sort_unstable();
        cases.dedup();
        let references = case::references(tx, &cases)?;
        Ok(Some(Self { rooms, every, parents, found, bookings, references, now: tx.now(), zone }))
    }

    /// For what rooms are booked: each kind and id once.
    pub fn owners(&self) -> BTreeSet<(String, Uuid)> {
        self.bookings.iter().filter_map(|it| it.owner.clone()).collect()
    }

    /// What takes a room on a day, by its beginning.
    pub fn taken(&self, room: &Kept, day: Day) -> Vec<Taken<'_>> {
        let Some(whole) = self.day(room, day) else { return Vec::new() };
        let touches =
            |booking: &&Booking| booking.span.meets(whole) && self.share(booking.resource.id, room.id);
        let mut taken: Vec<Taken<'_>> = self
            .bookings
            .iter()
            .filter(touches)
            .map(|booking| Taken { span: booking.span, booking: Some(booking) })
            .collect();
        // What is taken and no booking: set up and cleaned, or made by another service.
        let known: Spans = taken
            .iter()
            .filter_map(|it| it.booking)
            .map(|it| it.resource.details.terms.buffers().around(it.span))
            .collect();
        if let Some(found) = self.found.get(&room.id) {
            let rest = found.taken.and(&whole.into()).minus(&known);
            taken.extend(rest.as_slice().iter().map(|span| Taken { span: *span, booking: None }));
        }
        taken.sort_by_key(|it| it.span);
        taken
    }

    /// Where a booking of a room may lie on a day, whether it may be made now or not; and what is proposed to whoever books
    /// it now, from the first moment at which a booking may begin to the end of the longest.
    pub fn free(&self, room: &Kept, day: Day) -> Vec<(Span, Option<Span>)> {
        let (Some(whole), Some(found)) = (self.day(room, day), self.found.get(&room.id)) else {
            return Vec::new();
        };
        let terms = &room.details.terms;
        let minutes = |count: u32| TimeDelta::minutes(i64::from(count));
        let proposed = |gap: Span| {
            let shortest = minutes(terms.shortest_minutes);
            let may = found.bookable(gap, shortest, whole, self.now, self.zone)?;
            let longest = may.start() + minutes(terms.longest_minutes);
            Span::new(may.start(), may.end().min(longest).min(whole.end().max(may.start() + shortest)))
        };
        let gaps = found.free.as_slice().iter().copied();
        gaps.filter_map(|gap| Some((gap.and(whole)?, proposed(gap)))).collect()
    }

    /// Why a room is closed on a day; `None` where it is open at some time.
    pub fn closed(&self, room: &Kept, day: Day) -> Option<String> {
        let (whole, found) = (self.day(room, day)?, self.found.get(&room.id)?);
        found.open.and(&whole.into()).is_empty().then(|| found.why(day).unwrap_or_default().to_owned())
    }

    /// A day as a room lives it.
    pub fn day(&self, room: &Kept, day: Day) -> Option<Span> {
        self.found.get(&room.id)?.day(day, self.zone)
    }

    /// Whether one of two places lies in the other: then neither is free while the other is taken.
    fn share(&self, one: Id<Resource>, other: Id<Resource>) -> bool {
        let within = |inner: Id<Resource>, outer: Id<Resource>| {
            std::iter::successors(Some(inner), |place| self.parents.get(place).copied().flatten())
                .take(16)
                .any(|place| place == outer)
        };
        within(one, other) || within(other, one)
    }
}
