//! What is free of resources: when they are open, without what is taken, and with room for what is set up and cleaned
//! around a booking. Three questions to the database, however many resources and however long a history they have.

use std::{cmp::Reverse, collections::BTreeMap};

use beffroi_core::{
    Day, Id, Instant,
    calendar::{civil_day, start_of_day},
};
use beffroi_store::{Result, Tx};
use chrono::{Days, NaiveTime, TimeDelta};
use chrono_tz::Tz;
use uuid::Uuid;

use crate::{
    claims::{self, Atom, HowMuch, Parts},
    local,
    openings::{Openings, Year},
    resource::{self, Kept, Resource},
    spans::{Span, Spans},
};

/// What must be known around a day to tell what belongs to it ([`Available::day`]).
pub const AROUND_A_DAY: TimeDelta = TimeDelta::hours(13);
/// Until when a night lasts, at most.
const NOON: NaiveTime = match NaiveTime::from_hms_opt(12, 0, 0) {
    Some(noon) => noon,
    None => NaiveTime::MIN,
};

/// A resource within a stretch of time.
#[derive(Clone, Debug)]
pub struct Available {
    /// What it is.
    pub resource: Kept,
    /// When it is open.
    pub open: Spans,
    /// When it is taken, or too much of its stock is.
    pub taken: Spans,
    /// Where a booking may lie.
    pub free: Spans,
    /// The openings that it keeps, and those of the places above that may close it.
    kept: Vec<Openings>,
}

impl Available {
    /// Why a day is not as the rules say, in the words of its own openings or of a place above it.
    pub fn why(&self, day: Day) -> Option<&str> {
        self.kept.iter().find_map(|openings| openings.why(day))
    }

    /// A day as this place lives it: a night that goes on after midnight, until noon at most, belongs to the evening
    /// before. What is known must reach as far as [`AROUND_A_DAY`] around it.
    pub fn day(&self, day: Day, zone: Tz) -> Option<Span> {
        Span::new(self.morning(day, zone), self.morning(day.succ_opt()?, zone))
    }

    /// When the night before a day is over.
    fn morning(&self, day: Day, zone: Tz) -> Instant {
        let midnight = start_of_day(day, zone);
        let noon = local::earliest(day.and_time(NOON), zone);
        let night = self.open.as_slice().iter().find(|open| open.start() < midnight && midnight < open.end());
        night.map(|open| open.end()).filter(|end| *end <= noon).unwrap_or(midnight)
    }

    /// The part of a gap in which a booking of that length may be made now, from the first moment at which it may begin
    /// until the end of the gap; `begins`: when it may begin.
    pub fn bookable(
        &self,
        gap: Span,
        length: TimeDelta,
        begins: Span,
        now: Instant,
        zone: Tz,
    ) -> Option<Span> {
        let terms = &self.resource.details.terms;
        let begins = terms.window(now, zone).filter(|_| self.resource.details.active)?.and(begins)?;
        // One that begins at this very moment is in the past by the time that it is read.
        let reach = Span::new(begins.start().max(now + TimeDelta::seconds(1)), gap.end())?.and(gap)?;
        let free = reach.into();
        let first = terms.wanted(length, zone).times(&free).next()?;
        begins.holds(first.start()).then(|| Span::new(first.start(), gap.end())).flatten()
    }

    /// The times at which a booking of that length may begin that is made now, in order. The first is the first free.
    pub fn times(&self, length: TimeDelta, now: Instant, zone: Tz) -> impl Iterator<Item = Span> + '_ {
        let terms = &self.resource.details.terms;
        let window = terms.window(now, zone).filter(|_| self.resource.details.active);
        let times = terms.wanted(length, zone).times(&self.free);
        times
            .skip_while(move |time| window.is_some_and(|window| time.start() < window.start()))
            .take_while(move |time| window.is_some_and(|window| time.start() < window.end()))
    }

    /// The times that are nearest to one that is not free: what is proposed to whoever comes too late.
    pub fn nearest(&self, wish: Span, count: usize, now: Instant, zone: Tz) -> Vec<Span> {
        let terms = &self.resource.details.terms;
        let Some(window) = terms.window(now, zone).filter(|_| self.resource.details.active) else {
            return Vec::new();
        };
        // A booking begins within the window, and may end after it.
        let reach = window.widened(TimeDelta::zero(), wish.length() - TimeDelta::seconds(1));
        terms.wanted(wish.length(), zone).nearest(&self.free.and(&reach.into()), wish.start(), count)
    }
}

/// What is free of these resources, or of so many pieces of them, within a stretch of time. Those that do not exist are
/// left out, and each is asked for once; nothing is said of whether a booking may be made now ([`Available::times`] does).
pub fn availability(
    tx: &mut Tx<'_>,
    asked: &[(Id<Resource>, HowMuch)],
    within: Span,
    year: &Year<'_>,
) -> Result<BTreeMap<Id<Resource>, Available>> {
    Ok(gather(tx, asked, within)?.available(year))
}

/// [`availability`] for whoever has one booking already, which does not stand in their own way.
pub fn availability_but<B>(
    tx: &mut Tx<'_>,
    asked: &[(Id<Resource>, HowMuch)],
    within: Span,
    year: &Year<'_>,
    but: Option<Id<B>>,
) -> Result<BTreeMap<Id<Resource>, Available>> {
    Ok(gathered(tx, asked, within, but.map(Id::uuid))?.available(year))
}

/// All that must be known of resources to say what is free of them within a stretch of time.
#[derive(Clone, Debug)]
pub struct Gathered {
    asked: Vec<(Id<Resource>, HowMuch)>,
    within: Span,
    now: Instant,
    /// Those asked for, and the places that they lie in.
    all: BTreeMap<Id<Resource>, Kept>,
    parts: BTreeMap<Id<Resource>, Parts>,
    taken: BTreeMap<Atom, Spans>,
}

/// Asks for all that [`availability`] needs to know.
pub fn gather(tx: &mut Tx<'_>, asked: &[(Id<Resource>, HowMuch)], within: Span) -> Result<Gathered> {
    gathered(tx, asked, within, None)
}

fn gathered(
    tx: &mut Tx<'_>,
    asked: &[(Id<Resource>, HowMuch)],
    within: Span,
    but: Option<Uuid>,
) -> Result<Gathered> {
    let ids: Vec<Id<Resource>> = asked.iter().map(|(id, _)| *id).collect();
    let all = resource::with_those_above(tx, &ids)?;
    let parts = claims::parts(tx, &ids)?;
    let mut atoms: Vec<Atom> = parts.values().flat_map(|parts| parts.all.iter().copied()).collect();
    atoms.sort_unstable();
    atoms.dedup();
    // Whoever comes just after cleans before it, and the other way round.
    let widest = |of: fn(&Kept) -> u32| {
        let minutes = all.values().map(of).max().unwrap_or_default();
        TimeDelta::minutes(i64::from(minutes))
    };
    let around = within.widened(
        widest(|kept| kept.details.terms.before_minutes),
        widest(|kept| kept.details.terms.after_minutes),
    );
    let taken = claims::taken_but(tx, &atoms, around, but)?;
    Ok(Gathered { asked: asked.to_vec(), within, now: tx.now(), all, parts, taken })
}

impl Gathered {
    /// What is free, by what was known when it was asked.
    pub fn available(&self, year: &Year<'_>) -> BTreeMap<Id<Resource>, Available> {
        let mut opened = Opened { all: &self.all, within: self.within, year, known: BTreeMap::new() };
        let mut found = BTreeMap::new();
        for (id, much) in &self.asked {
            let (Some(kept), Some(parts)) = (self.all.get(id), self.parts.get(id)) else { continue };
            let open = opened.of(kept);
            let taken = parts.taken(*much, &self.taken, self.now);
            let free = kept.details.terms.buffers().free(&open, &taken);
            let kept_to = opened.kept_to(kept).map(|(_, openings)| openings.clone()).collect();
            found.insert(*id, Available { resource: kept.clone(), open, taken, free, kept: kept_to });
        }
        found
    }
}

/// When places are open; those that keep the hours of one place are computed once.
struct Opened<'a, 'y> {
    all: &'a BTreeMap<Id<Resource>, Kept>,
    within: Span,
    year: &'a Year<'y>,
    known: BTreeMap<Id<Resource>, Spans>,
}

impl<'a> Opened<'a, '_> {
    /// The openings of a resource and of the places above it, from itself to the outermost; of those that have some.
    fn kept_to(&self, kept: &'a Kept) -> impl Iterator<Item = (Id<Resource>, &'a Openings)> + use<'a> {
        let all = self.all;
        std::iter::successors(Some(kept), |kept| all.get(&kept.details.parent?))
            .filter_map(|kept| Some((kept.id, kept.details.terms.openings.as_ref()?)))
    }

    /// When a resource is open: by its own openings or those of the nearest place above it that has some, and never when
    /// a place above is closed.
    fn of(&mut self, kept: &'a Kept) -> Spans {
        let mut line = self.kept_to(kept);
        let Some((id, openings)) = line.next() else { return Spans::default() };
        if let Some(known) = self.known.get(&id) {
            return known.clone();
        }
        let above: Vec<&Openings> = line.map(|(_, openings)| openings).collect();
        let first = civil_day(self.within.start(), self.year.zone);
        // What was opened the evening before may go on.
        let first = first.checked_sub_days(Days::new(1)).unwrap_or(first);
        let last = civil_day(self.within.end(), self.year.zone);
        let open = openings.between_under(&above, first, last, self.year).and(&self.within.into());
        self.known.insert(id, open.clone());
        open
    }
}

impl Parts {
    /// When so much of it cannot be had.
    fn taken(&self, much: HowMuch, taken: &BTreeMap<Atom, Spans>, now: Instant) -> Spans {
        let of = |atoms: &[Atom]| -> Vec<Span> {
            atoms.iter().filter_map(|atom| taken.get(atom)).flat_map(Spans::as_slice).copied().collect()
        };
        match much {
            HowMuch::Pieces(count) if !self.has_places_below() => {
                let mut lent = of(&self.pieces);
                // Whoever counts on a piece that was set aside is served by another.
                lent.extend(of(&self.set_aside).into_iter().filter(|span| span.start() > now));
                let count = usize::try_from(count).unwrap_or(usize::MAX);
                match self.pieces.len().checked_sub(count) {
                    Some(others) => busier_than(others, &lent),
                    None => Span::new(Instant::MIN_UTC, Instant::MAX_UTC).into_iter().collect(),
                }
            }
            _ => match self.all.as_slice() {
                [atom] => taken.get(atom).cloned().unwrap_or_default(),
                all => of(all).into_iter().collect(),
            },
        }
    }
}

/// When more than `count` of these go on at once.
fn busier_than(count: usize, spans: &[Span]) -> Spans {
    let mut turns: Vec<(Instant, Reverse<bool>)> =
        spans.iter().flat_map(|span| [(span.start(), Reverse(false)), (span.end(), Reverse(true))]).collect();
    // At one instant ends come first.
    turns.sort_unstable();
    let (mut going, mut since, mut busy) = (0_usize, None, Vec::new());
    for (at, Reverse(ends)) in turns {
        if ends {
            if going == count + 1 {
                busy.extend(since.take().and_then(|since| Span::new(since, at)));
            }
            going = going.saturating_sub(1);
        } else {
            going += 1;
            if going == count + 1 {
                since = Some(at);
            }
        }
    }
    busy.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;

    fn span(from: i64, until: i64) -> Span {
        let at = |second| DateTime::from_timestamp(second, 0).unwrap();
        Span::new(at(from), at(until)).unwrap()
    }

    proptest! {
        #[test]
        fn a_stock_is_taken_while_too_many_have_it(
            lent in prop::collection::vec((0..60_i64, 1..30_i64), 0..12), count in 0..5_usize
        ) {
            let lent: Vec<Span> = lent.into_iter().map(|(start, length)| span(start, start + length)).collect();
            let busy = busier_than(count, &lent);
            for second in 0..100 {
                let at = span(second, second + 1);
                let many = lent.iter().filter(|it| it.meets(at)).count() > count;
                prop_assert_eq!(busy.meets(at), many, "{}", second);
            }
        }
    }
}
