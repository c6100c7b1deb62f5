//! Who is given what: turns, in each of which every association has one time of the week at most. Pure: the same wishes,
//! rooms and seed always give the same.

use std::collections::{BTreeMap, VecDeque};

use beffroi_core::{Day, Id};
use chrono::Weekday;

use super::{
    halls::{Hall, Halls, Look},
    rules::{Asker, Criterion, Range, Season, Slot, Ticket, Wish},
};
use crate::{local::Moment, resource::Resource, spans::Span};

/// A time of the week that is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// To whom, by its rank among those who ask.
    pub asker: usize,
    /// For which of its wishes.
    pub wish: usize,
    /// In which turn, from 1.
    pub turn: u32,
    /// Where and when.
    pub slot: Slot,
    /// How its dates stood when it was given.
    pub look: Look,
}

/// A wish that was not granted, or not as often as it was wished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Whose.
    pub asker: usize,
    /// Which.
    pub wish: usize,
    /// How many times a week are missing.
    pub missing: u32,
    /// In which turn that was found.
    pub turn: u32,
    /// Why, room by room, in the order of the wish.
    pub why: Vec<RoomRefused>,
}

/// Why a room cannot serve a wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomRefused {
    /// Which.
    pub room: Id<Resource>,
    /// Why.
    pub why: Why,
}

/// Why a room cannot serve a wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is not among the rooms of the season any more.
    Unknown,
    /// It holds so many people at most.
    Small(u32),
    /// It is booked for so many minutes at least, and so many at most.
    Length(u32, u32),
    /// No booking begins in these hours so that it ends in time.
    NoStart,
    /// It is closed then.
    Closed,
    /// It is taken then: by whom, the most in the way first, and whether by something that is no part of the season.
    Taken(Vec<usize>, bool),
    /// It is free, on a day that serves this wish already.
    SameDay,
}

/// What is proposed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposal {
    /// What is given, in the order in which it was.
    pub given: Vec<Given>,
    /// What is not.
    pub refused: Vec<Refused>,
}

/// How far an association has come.
struct Standing<'a> {
    rank: usize,
    asker: &'a Asker,
    ticket: Ticket,
    /// Minutes a week that it has.
    minutes: u32,
    /// What is left of its wishes: which, how often, and the days that it has for it already.
    left: VecDeque<(usize, &'a Wish, u32, Vec<Weekday>)>,
}

/// What tells one time of the week from another, whatever the room: day, beginning, length, first day and last.
type Week = (u32, Moment, u32, Option<Day>, Option<Day>);

/// The dates of the times of the week, each worked out once: many wish for the same hours.
struct Dates<'s, 'y> {
    season: &'s Season<'y>,
    known: BTreeMap<Week, Vec<Span>>,
}

impl Dates<'_, '_> {
    fn of(&mut self, slot: &Slot, wish: &Wish) -> &[Span] {
        let season = self.season;
        let day = slot.weekday.num_days_from_monday();
        let dates = || {
            let days = season.days(slot.weekday, wish.first, wish.last);
            days.into_iter().filter_map(|day| slot.on(day, &season.year)).collect()
        };
        let week = (day, slot.from, slot.minutes, wish.first, wish.last);
        self.known.entry(week).or_insert_with(dates)
    }
}

/// Gives out a season. In each turn everybody is served once, in the order of the criteria and then of the lots; who is
/// served has the first time of the first wish for which there is any, in the wish's own order of rooms and times. What has
/// no time left is refused at once, with why, and the next wish takes its place in the same turn.
pub fn propose(
    askers: &[Asker],
    halls: &mut Halls,
    season: &Season<'_>,
    criteria: &[Criterion],
    seed: &str,
) -> Proposal {
    let mut standings: Vec<Standing<'_>> =
        askers.iter().enumerate().map(|it| Standing::new(it, seed)).collect();
    let mut proposal = Proposal::default();
    let mut dates = Dates { season, known: BTreeMap::new() };
    let mut turn = 1;
    while standings.iter().any(|standing| !standing.left.is_empty()) {
        standings.sort_by(|one, other| {
            let by = |criterion: &Criterion| {
                criterion.compare((one.asker, one.minutes), (other.asker, other.minutes))
            };
            let order = criteria.iter().map(by).find(|order| order.is_ne());
            order
                .unwrap_or(std::cmp::Ordering::Equal)
                .then_with(|| one.ticket.cmp(&other.ticket).then(one.rank.cmp(&other.rank)))
        });
        for standing in &mut standings {
            standing.serve(halls, &mut dates, turn, &mut proposal);
        }
        turn += 1;
    }
    proposal
}

impl<'a> Standing<'a> {
    fn new((rank, asker): (usize, &'a Asker), seed: &str) -> Self {
        let wishes = asker.wishes.iter().enumerate().filter(|(_, wish)| wish.times > 0);
        let left = wishes.map(|(rank, wish)| (rank, wish, wish.times, Vec::new())).collect();
        Self { rank, asker, ticket: Ticket::draw(seed, &asker.reference), minutes: 0, left }
    }

    /// Gives it one time, or refuses all that is left of its wishes.
    fn serve(&mut self, halls: &mut Halls, dates: &mut Dates<'_, '_>, turn: u32, proposal: &mut Proposal) {
        while let Some((rank, wish, times, days)) = self.left.front_mut() {
            match first_free(wish, days, halls, dates) {
                Ok((slot, look)) => {
                    halls.give(slot.room, &look.free, self.rank);
                    self.minutes = self.minutes.saturating_add(wish.minutes);
                    proposal.given.push(Given { asker: self.rank, wish: *rank, turn, slot, look });
                    days.push(slot.weekday);
                    *times -= 1;
                    if *times == 0 {
                        self.left.pop_front();
                    }
                    return;
                }
                Err(why) => {
                    let (wish, missing) = (*rank, *times);
                    proposal.refused.push(Refused { asker: self.rank, wish, missing, turn, why });
                    self.left.pop_front();
                }
            }
        }
    }
}

/// The first time of a wish that can be had, or why none can, room by room.
fn first_free(
    wish: &Wish,
    days: &[Weekday],
    halls: &Halls,
    dates: &mut Dates<'_, '_>,
) -> Result<(Slot, Look), Vec<RoomRefused>> {
    let mut refused = Vec::with_capacity(wish.rooms.len());
    for room in &wish.rooms {
        match in_room(wish, (*room, days), halls, dates) {
            Ok(found) => return Ok(found),
            Err(why) => refused.push(RoomRefused { room: *room, why }),
        }
    }
    Err(refused)
}

fn in_room(
    wish: &Wish,
    (room, days): (Id<Resource>, &[Weekday]),
    halls: &Halls,
    dates: &mut Dates<'_, '_>,
) -> Result<(Slot, Look), Why> {
    let hall = halls.find(room).ok_or(Why::Unknown)?;
    fits(wish, hall)?;
    let (mut starts, mut same_day, mut open) = (false, false, false);
    let (mut rivals, mut booked) = (BTreeMap::<usize, usize>::new(), false);
    for range in &wish.ranges {
        if days.contains(&range.weekday) {
            same_day = true;
            continue;
        }
        for from in beginnings(*range, wish.minutes, hall) {
            starts = true;
            let slot = Slot { room, weekday: range.weekday, from, minutes: wish.minutes };
            let look = halls.look_at(room, dates.of(&slot, wish));
            if look.can_be_had() {
                return Ok((slot, look));
            }
            if look.is_open() {
                open = true;
                booked |= !look.booked.is_empty();
                for (rival, count) in look.rivals {
                    *rivals.entry(rival).or_default() += count;
                }
            }
        }
    }
    if open {
        let mut rivals: Vec<(usize, usize)> = rivals.into_iter().collect();
        rivals.sort_by_key(|(rank, count)| (std::cmp::Reverse(*count), *rank));
        return Err(Why::Taken(rivals.into_iter().map(|(rank, _)| rank).collect(), booked));
    }
    Err(match (starts, same_day) {
        (true, _) => Why::Closed,
        (false, true) => Why::SameDay,
        (false, false) => Why::NoStart,
    })
}

/// Whether a room is large enough, and booked for so long.
fn fits(wish: &Wish, hall: &Hall) -> Result<(), Why> {
    let terms = &hall.terms;
    if let Some(people) = terms.people().filter(|people| *people < wish.people) {
        return Err(Why::Small(people));
    }
    if (terms.shortest_minutes..=terms.longest_minutes).contains(&wish.minutes) {
        Ok(())
    } else {
        Err(Why::Length(terms.shortest_minutes, terms.longest_minutes))
    }
}

/// The moments of a range at which something of that length may begin, in order.
fn beginnings(range: Range, minutes: u32, hall: &Hall) -> Vec<Moment> {
    let last = u32::from(range.until.minutes()).checked_sub(minutes);
    let Some(last) = last.and_then(|last| u16::try_from(last).ok()) else { return Vec::new() };
    let from = range.from.minutes();
    let last = last.min(Moment::END.minutes().saturating_sub(1));
    if last < from {
        return Vec::new();
    }
    let starts = hall.terms.starts.minutes(from..last + 1);
    starts.into_iter().filter_map(|minute| Moment::new(minute).ok()).collect()
}

#[cfg(test)]
mod tests;
