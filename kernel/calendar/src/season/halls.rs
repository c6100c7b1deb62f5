//! The rooms of a season while it is given out: when they are open, what is taken already, and what was given since.

use std::collections::{BTreeMap, BTreeSet};

use beffroi_core::{Day, Id, Instant, calendar::start_of_day};
use beffroi_store::{Result, Tx};
use chrono::TimeDelta;

use super::rules::{DATES_AT_LEAST, Season, Slot};
use crate::{
    availability::{AROUND_A_DAY, availability},
    claims::{self, Atom, HowMuch},
    openings::Year,
    resource::{Resource, Terms},
    spans::{Span, Spans},
};

/// A room of a season.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hall {
    /// Which.
    pub room: Id<Resource>,
    /// On which terms it is booked. How far ahead does not count here.
    pub terms: Terms,
    /// When it is open.
    pub open: Spans,
    /// When somebody has it already, set-up and cleaning included.
    pub booked: Spans,
    /// What is taken with it: rooms that share an atom are never given at once.
    pub atoms: BTreeSet<Atom>,
}

/// What was given of a room and of those that are taken with it: from when, until when, and to whom.
type Given = BTreeMap<Instant, Vec<(Instant, usize)>>;

/// All rooms of a season.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Halls {
    rooms: Vec<Hall>,
    /// For each of them, those that are taken with it, itself among them.
    beside: Vec<Vec<usize>>,
    /// For each of them, what was given since that is in its way, with what is needed around it.
    given: Vec<Given>,
    /// How long the longest of that is.
    longest: TimeDelta,
}

/// How the dates of a time of the week stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Those that can be had.
    pub free: Vec<Span>,
    /// Those on which the room is closed.
    pub closed: Vec<Span>,
    /// Those on which somebody has it already.
    pub booked: Vec<Span>,
    /// Those that were given to others.
    pub given: Vec<Span>,
    /// To whom, and how many of them.
    pub rivals: BTreeMap<usize, usize>,
}

impl Look {
    fn all(&self) -> usize {
        self.free.len() + self.closed.len() + self.booked.len() + self.given.len()
    }

    /// Whether enough of the dates can be had.
    pub fn can_be_had(&self) -> bool {
        !self.free.is_empty() && self.free.len() * 100 >= self.all() * DATES_AT_LEAST
    }

    /// Whether the room is open on enough of them.
    pub fn is_open(&self) -> bool {
        let open = self.all() - self.closed.len();
        open > 0 && open * 100 >= self.all() * DATES_AT_LEAST
    }
}

impl Halls {
    /// These rooms, of which nothing is given yet.
    pub fn new(halls: Vec<Hall>) -> Self {
        let with = |hall: &Hall| {
            let all = halls.iter().enumerate();
            all.filter(|(_, other)| !other.atoms.is_disjoint(&hall.atoms)).map(|(rank, _)| rank).collect()
        };
        let beside: Vec<Vec<usize>> = halls.iter().map(with).collect();
        let given = halls.iter().map(|_| Given::new()).collect();
        Self { rooms: halls, beside, given, longest: TimeDelta::zero() }
    }

    /// Reads what is known of these rooms for a season. Those that do not exist or are booked no more are left out.
    pub fn load(tx: &mut Tx<'_>, rooms: &[Id<Resource>], season: &Season<'_>) -> Result<Self> {
        let zone = season.year.zone;
        let after = season.last.succ_opt().unwrap_or(season.last);
        let within = Span::new(start_of_day(season.first, zone), start_of_day(after, zone));
        let Some(within) = within else { return Ok(Self::default()) };
        let within = within.widened(AROUND_A_DAY, AROUND_A_DAY);
        let asked: Vec<_> = rooms.iter().map(|room| (*room, HowMuch::Whole)).collect();
        let mut found = availability(tx, &asked, within, &season.year)?;
        let mut parts = claims::parts(tx, rooms)?;
        let halls = rooms.iter().filter_map(|room| {
            let known = found.remove(room).filter(|known| known.resource.details.active)?;
            let atoms = parts.remove(room)?.all.into_iter().collect();
            let (open, booked) = (known.open, known.taken);
            Some(Hall { room: *room, terms: known.resource.details.terms, open, booked, atoms })
        });
        Ok(Self::new(halls.collect()))
    }

    /// A room of them.
    pub fn find(&self, room: Id<Resource>) -> Option<&Hall> {
        self.rooms.iter().find(|hall| hall.room == room)
    }

    /// How a time of the week stands on these days; nothing where there is no such room, or it does not end that day or
    /// in its night.
    pub fn look(&self, slot: &Slot, days: &[Day], year: &Year<'_>) -> Look {
        let dates: Vec<Span> = days.iter().filter_map(|day| slot.on(*day, year)).collect();
        self.look_at(slot.room, &dates)
    }

    /// How these dates of a room stand.
    pub(super) fn look_at(&self, room: Id<Resource>, dates: &[Span]) -> Look {
        let mut look = Look::default();
        let Some(rank) = self.rooms.iter().position(|hall| hall.room == room) else { return look };
        let Some(hall) = self.rooms.get(rank) else { return look };
        let buffers = hall.terms.buffers();
        for date in dates {
            let around = buffers.around(*date);
            if !hall.open.covers(*date) {
                look.closed.push(*date);
            } else if hall.booked.meets(around) {
                look.booked.push(*date);
            } else {
                let mut rivals = self.rivals(rank, around).peekable();
                if rivals.peek().is_none() {
                    look.free.push(*date);
                } else {
                    look.given.push(*date);
                    for rival in rivals {
                        *look.rivals.entry(rival).or_default() += 1;
                    }
                }
            }
        }
        look
    }

    /// Who was given something that is in the way of a stretch of time. Nothing that begins longer before it than the
    /// longest lasts reaches into it.
    fn rivals(&self, rank: usize, around: Span) -> impl Iterator<Item = usize> + '_ {
        let reach = around.start() - self.longest..around.end();
        let near = self.given.get(rank).into_iter().flat_map(move |given| given.range(reach.clone()));
        near.flat_map(|(_, all)| all.iter()).filter(move |(end, _)| *end > around.start()).map(|(_, to)| *to)
    }

    /// Gives these dates of a room to somebody.
    pub fn give(&mut self, room: Id<Resource>, dates: &[Span], to: usize) {
        let Self { rooms: halls, beside, given, longest } = self;
        let Some(rank) = halls.iter().position(|hall| hall.room == room) else { return };
        let (Some(hall), Some(beside)) = (halls.get(rank), beside.get(rank)) else { return };
        let buffers = hall.terms.buffers();
        for date in dates {
            let around = buffers.around(*date);
            *longest = (*longest).max(around.length());
            for other in beside {
                if let Some(given) = given.get_mut(*other) {
                    given.entry(around.start()).or_default().push((around.end(), to));
                }
            }
        }
    }
}
