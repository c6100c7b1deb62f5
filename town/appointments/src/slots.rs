//! The times that are free for a motive: presences without what is taken, cut so that appointments follow one another
//! without leaving holes, and without what is kept for the same day.

use std::collections::{BTreeMap, BTreeSet};

use beffroi_calendar::{
    availability::{Available, availability},
    claims::HowMuch,
    openings::{Openings, Rule},
    resource::Resource,
    spans::{Span, Spans},
};
use beffroi_core::{
    Day, Id, Instant,
    calendar::{civil_day, start_of_day},
};
use beffroi_people::Town;
use beffroi_store::{Result, Tx};
use chrono::{Days, TimeDelta};

use crate::{
    clock::{self, Now},
    motive::{self, Motive, MotiveSheet},
    site::{self, Desk},
};

/// A free time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// When.
    pub span: Span,
    /// Where.
    pub site: Id<Resource>,
    /// By whom.
    pub desk: Id<Resource>,
}

/// For whom free times are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom {
    /// Somebody online: within the motive's window, and without what is kept for the same day.
    Public,
    /// Somebody at the counter or on the telephone: an agent passes over both.
    Agent,
}

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// For what.
    pub motive: &'a motive::Kept,
    /// How many persons come.
    pub persons: usize,
    /// Where; anywhere where nothing is said.
    pub site: Option<Id<Resource>>,
    /// For whom.
    pub whom: Whom,
}

/// The days on which a motive may be booked now.
pub fn window(sheet: &MotiveSheet, whom: Whom, now: &Now) -> (Day, Day) {
    let days = match whom {
        Whom::Public => sheet.ahead_days,
        Whom::Agent => motive::AHEAD_AT_MOST,
    };
    (now.today, now.today.checked_add_days(Days::new(u64::from(days))).unwrap_or(now.today))
}

/// The free times of these days, both included, in their order; at one time and place by one counter alone: where it
/// leaves the least hole. None where so many persons do not come together.
pub fn find(tx: &mut Tx<'_>, wanted: Wanted<'_>, (first, last): (Day, Day)) -> Result<Vec<Slot>> {
    let sheet = &wanted.motive.details.sheet;
    if sheet.length(wanted.persons).is_none() || !wanted.motive.details.active {
        return Ok(Vec::new());
    }
    let town = Town::load(tx)?;
    let (from, until) = window(sheet, wanted.whom, &Now::of(tx, &town));
    let desks = site::desks(tx)?.into_iter();
    let desks = desks.filter(|desk| receives(desk, wanted.motive.id, wanted.site)).collect();
    Ok(Known::read(tx, town, desks, (first.max(from), last.min(until)))?.times(wanted))
}

/// What is known of counters within some days: enough to say what is free there for any motive, without asking again.
pub(crate) struct Known {
    town: Town,
    now: Now,
    desks: Vec<Desk>,
    days: (Day, Day),
    found: BTreeMap<Id<Resource>, Available>,
}

impl Known {
    /// Asks for all that there is to know.
    pub(crate) fn read(tx: &mut Tx<'_>, town: Town, desks: Vec<Desk>, days: (Day, Day)) -> Result<Self> {
        let now = Now::of(tx, &town);
        let asked: Vec<_> = desks.iter().map(|desk| (desk.resource.id, HowMuch::Whole)).collect();
        let school = clock::school(&town);
        let found = match whole(days, &now) {
            Some(within) => availability(tx, &asked, within, &clock::year(&town, &school))?,
            None => BTreeMap::new(),
        };
        Ok(Self { town, now, desks, days, found })
    }

    /// Whether a counter receives through all of this time.
    pub(crate) fn is_open(&self, desk: Id<Resource>, span: Span) -> bool {
        let kept = self.desks.iter().find(|kept| kept.resource.id == desk);
        kept.is_some_and(|kept| kept.is_open) && self.found.get(&desk).is_some_and(|it| it.open.covers(span))
    }

    /// When the public may be received by a counter: without what is kept for the same day. Nothing where nobody is.
    pub(crate) fn received(&self, desk: &Desk) -> Spans {
        let open = self.found.get(&desk.resource.id).filter(|_| desk.is_open);
        open.map(|it| it.open.minus(&self.reserved(&desk.reserve))).unwrap_or_default()
    }

    /// The hours from tomorrow on that are kept for the day itself.
    pub(crate) fn reserved(&self, reserve: &[Rule]) -> Spans {
        let tomorrow = self.now.today.succ_opt().unwrap_or(self.now.today).max(self.days.0);
        self.hours(&Openings { rules: reserve.to_vec(), ..Openings::default() }, &[], (tomorrow, self.days.1))
    }

    /// When these openings are, under closures of a place above.
    pub(crate) fn hours(&self, openings: &Openings, above: &[&Openings], (first, last): (Day, Day)) -> Spans {
        let school = clock::school(&self.town);
        openings.between_under(above, first, last, &clock::year(&self.town, &school))
    }

    /// The counters of which something is known.
    pub(crate) fn desks(&self) -> &[Desk] {
        &self.desks
    }

    /// The days within which something is known.
    pub(crate) const fn days(&self) -> (Day, Day) {
        self.days
    }

    /// The day of an instant, as the town counts.
    pub(crate) fn day(&self, at: Instant) -> Day {
        civil_day(at, self.now.zone)
    }

    /// A time is taken of a counter.
    pub(crate) fn take(&mut self, slot: &Slot) {
        if let Some(it) = self.found.get_mut(&slot.desk) {
            it.free = it.free.minus(&slot.span.into());
        }
    }

    /// The free times, in their order.
    pub(crate) fn times(&self, wanted: Wanted<'_>) -> Vec<Slot> {
        let sheet = &wanted.motive.details.sheet;
        let (from, until) = window(sheet, wanted.whom, &self.now);
        let (first, last) = (self.days.0.max(from), self.days.1.min(until));
        let length = sheet.length(wanted.persons).filter(|_| wanted.motive.details.active);
        let Some((length, within)) = length.zip(whole((first, last), &self.now)) else { return Vec::new() };
        let ahead = if wanted.whom == Whom::Public { i64::from(sheet.ahead_minutes) } else { 0 };
        let soonest = self.now.at + TimeDelta::minutes(ahead);
        let mut slots: BTreeMap<(Instant, Id<Resource>), (TimeDelta, Slot)> = BTreeMap::new();
        for desk in self.desks.iter().filter(|desk| receives(desk, wanted.motive.id, wanted.site)) {
            let Some(available) = self.found.get(&desk.resource.id) else { continue };
            let reserved = match wanted.whom {
                // From tomorrow on, it is not there for the public.
                Whom::Public if !desk.reserve.is_empty() => self.reserved(&desk.reserve),
                _ => Spans::default(),
            };
            let gaps = available.free.and(&within.into()).minus(&reserved);
            for gap in gaps.as_slice() {
                for span in packed(*gap, length).filter(|span| span.start() >= soonest) {
                    let slot = Slot { span, site: desk.site, desk: desk.resource.id };
                    let known = slots.entry((span.start(), desk.site)).or_insert((gap.length(), slot));
                    if gap.length() < known.0 {
                        *known = (gap.length(), slot);
                    }
                }
            }
        }
        slots.into_values().map(|(_, slot)| slot).collect()
    }
}

/// Whether a counter receives through all of this time, whatever was said since somebody took it.
pub(crate) fn is_open(tx: &mut Tx<'_>, desk: Id<Resource>, span: Span) -> Result<bool> {
    let town = Town::load(tx)?;
    let day = civil_day(span.start(), town.zone());
    let desks = site::desks(tx)?.into_iter().filter(|kept| kept.resource.id == desk).collect();
    // What is taken until midnight ends with its day.
    Ok(Known::read(tx, town, desks, (day, day.succ_opt().unwrap_or(day)))?.is_open(desk, span))
}

/// These days, from the first moment to the last; nothing where the last comes first.
fn whole((first, last): (Day, Day), now: &Now) -> Option<Span> {
    let after = last.succ_opt().unwrap_or(last);
    Span::new(start_of_day(first, now.zone), start_of_day(after, now.zone))
}

/// Where a motive is received.
pub fn places(desks: &[Desk], motive: Id<Motive>) -> BTreeSet<Id<Resource>> {
    desks.iter().filter(|desk| receives(desk, motive, None)).map(|desk| desk.site).collect()
}

fn receives(desk: &Desk, motive: Id<Motive>, site: Option<Id<Resource>>) -> bool {
    desk.is_open && desk.motives.contains(&motive) && site.is_none_or(|site| site == desk.site)
}

/// Times of a length that follow one another from the beginning of a gap.
fn packed(gap: Span, length: TimeDelta) -> impl Iterator<Item = Span> {
    let starts = std::iter::successors(Some(gap.start()), move |at| at.checked_add_signed(length));
    starts
        .map_while(move |start| Span::new(start, start.checked_add_signed(length)?))
        .take_while(move |span| span.end() <= gap.end())
}

/// The free times that are nearest to one that is not, in order.
pub fn nearest(slots: &[Slot], wished: Instant, count: usize) -> Vec<Slot> {
    let mut near = slots.to_vec();
    near.sort_by_key(|slot| ((slot.span.start() - wished).abs(), slot.span.start()));
    near.truncate(count);
    near.sort_by_key(|slot| (slot.span.start(), slot.site));
    near
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;

    fn at(minute: i64) -> Instant {
        DateTime::from_timestamp(minute * 60, 0).unwrap()
    }

    proptest! {
        #[test]
        fn times_fill_a_gap_and_leave_less_than_one_more(start in 0..600_i64, long in 1..400_i64, length in 1..90_i64) {
            let gap = Span::new(at(start), at(start + long)).unwrap();
            let length = TimeDelta::minutes(length);
            let times: Vec<Span> = packed(gap, length).collect();
            prop_assert!(times.iter().all(|time| gap.covers(*time) && time.length() == length));
            prop_assert!(times.windows(2).all(|pair| pair[0].end() == pair[1].start()));
            let filled = times.iter().map(|time| time.length()).sum::<TimeDelta>();
            prop_assert!(gap.length() - filled < length);
        }
    }
}
