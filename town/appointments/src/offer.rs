//! What becomes free is offered to whoever has wished for such a time longest, of all who could book it now, until nothing
//! fits any more: a time is held for whoever it is offered to, and goes on to the next where they do not answer.

use std::collections::{BTreeMap, BTreeSet};

use beffroi_calendar::{
    claims::{self, ClaimError, HowMuch, Wish as Claim},
    resource::Resource,
    spans::Span,
};
use beffroi_core::{Id, Instant, calendar::civil_day};
use beffroi_people::Town;
use beffroi_store::{Result, Tx};

use crate::{
    appointment::{self, Mark},
    motive::{self, Motive},
    reach::{Term, Ways},
    site,
    slots::{Known, Slot, Wanted, Whom},
    wish::{self, NewWish, Wish},
};

/// Times that are offered in one transaction, at most.
pub(crate) const OFFERED_AT_ONCE: usize = 50;

/// What has become free.
pub(crate) struct Freed<'a> {
    /// What is known of the counters.
    pub known: Known,
    /// Where alone; elsewhere too, where nothing is said.
    pub site: Option<Id<Resource>>,
    /// Next to which moment a time is best; the earliest is, where nothing is said.
    pub near: Option<Instant>,
    /// Which of the free times have become so for a motive.
    pub fits: &'a dyn Fn(Id<Motive>, &Slot) -> bool,
}

/// Free times by motive, persons and place.
type Times = BTreeMap<(Id<Motive>, u32, Option<Id<Resource>>), Vec<Slot>>;

/// Offers a time that was given back at a counter; a long one to several, one after another.
pub(crate) fn given_back(
    tx: &mut Tx<'_>,
    (site, desk): (Id<Resource>, Id<Resource>),
    span: Span,
) -> Result<()> {
    let town = Town::load(tx)?;
    let day = civil_day(span.start(), town.zone());
    let mut wishes = wish::in_turn(tx, (day, day))?;
    wishes.retain(|it| it.wish.site.is_none_or(|wished| wished == site));
    if wishes.is_empty() {
        return Ok(());
    }
    let desks: Vec<_> = site::desks(tx)?.into_iter().filter(|kept| kept.site == site).collect();
    let received: BTreeSet<Id<Motive>> = desks
        .iter()
        .filter(|kept| kept.resource.id == desk)
        .flat_map(|kept| kept.motives.iter().copied())
        .collect();
    wishes.retain(|it| received.contains(&it.wish.motive));
    let known = Known::read(tx, town, desks, (day, day))?;
    let fits = |_: Id<Motive>, slot: &Slot| slot.span.meets(span);
    give(tx, wishes, Freed { known, site: Some(site), near: Some(span.start()), fits: &fits }).map(drop)
}

/// Offers what has become free to these, in their order, again and again until nothing fits any more, or so many times
/// are offered as one transaction may ([`OFFERED_AT_ONCE`]). How many are.
pub(crate) fn give(tx: &mut Tx<'_>, mut wishes: Vec<Wish>, mut freed: Freed<'_>) -> Result<usize> {
    if wishes.is_empty() {
        return Ok(0);
    }
    let town = Town::load(tx)?;
    let written = Term::written(tx.now(), town.zone());
    let called = Term::called(tx.now(), town.zone(), town.holidays());
    let (motives, ways) = (motive::list(tx)?, Ways::load(tx)?);
    let (mut times, mut given) = (Times::new(), Vec::<NewWish>::new());
    loop {
        let (before, mut left) = (given.len(), Vec::with_capacity(wishes.len()));
        for it in wishes {
            if given.len() >= OFFERED_AT_ONCE {
                return Ok(given.len());
            }
            let motive = motives.iter().find(|kept| kept.id == it.wish.motive && kept.has_waiting());
            let Some(motive) = motive.filter(|_| !given.iter().any(|other| same(other, &it.wish))) else {
                continue;
            };
            let term = if ways.reach(&it.wish.contact) { written } else { called };
            let mut is_held = false;
            while !is_held {
                let Some((slot, until)) = freed.best(&mut times, &it, motive, term) else { break };
                is_held = hold(tx, &it, slot, (term.told_at(), until))?;
                // Somebody may have come first: then it is not free either.
                freed.known.take(&slot);
                times.clear();
            }
            if is_held {
                given.push(it.wish);
            } else {
                left.push(it);
            }
        }
        // What is left of a gap begins elsewhere than before: it may fit somebody whom it did not.
        if given.len() == before || left.is_empty() {
            return Ok(given.len());
        }
        wishes = left;
    }
}

/// Whether two wishes are of one person for one motive.
fn same(one: &NewWish, other: &NewWish) -> bool {
    let is = |a: &str, b: &str| !a.is_empty() && a == b;
    let (a, b) = (&one.contact, &other.contact);
    one.motive == other.motive && (is(&a.email, &b.email) || is(&a.phone, &b.phone))
}

impl Freed<'_> {
    /// The best time for a wish, and until when it would be held.
    fn best(
        &self,
        times: &mut Times,
        it: &Wish,
        motive: &motive::Kept,
        term: Term,
    ) -> Option<(Slot, Instant)> {
        let (wish, site) = (&it.wish, self.site.or(it.wish.site));
        let slots = times.entry((motive.id, wish.persons, site)).or_insert_with(|| {
            let persons = usize::try_from(wish.persons).unwrap_or(usize::MAX);
            self.known.times(Wanted { motive, persons, site, whom: Whom::Public })
        });
        let fit = slots.iter().filter_map(|slot| {
            let start = slot.span.start();
            let day = self.known.day(start);
            let fits = wish.days.0 <= day && day <= wish.days.1 && it.offered != Some(start);
            term.until(slot).filter(|_| fits && (self.fits)(motive.id, slot)).map(|until| (*slot, until))
        });
        fit.min_by_key(|(slot, _)| {
            let start = slot.span.start();
            (self.near.map(|near| (start - near).abs()), start)
        })
    }
}

/// Holds a time for whoever it is offered to; whether it was free.
fn hold(tx: &mut Tx<'_>, it: &Wish, slot: Slot, (told_at, until): (Instant, Instant)) -> Result<bool> {
    let id: Id<Mark> = tx.new_id();
    let claim = Claim { resource: slot.desk, much: HowMuch::Whole, span: slot.span };
    match claims::claim(tx, id, &[claim], Some(until)) {
        Ok(()) => {}
        Err(ClaimError::Store(error)) => return Err(error),
        Err(_) => return Ok(false),
    }
    let offered = appointment::Offered {
        id,
        motive: it.wish.motive,
        place: (slot.site, slot.desk),
        span: slot.span,
        persons: it.wish.persons,
        lang: it.wish.lang,
        contact: it.wish.contact.clone(),
        channel: it.wish.channel,
        wish: it.id,
        told_at,
        until,
    };
    appointment::offered(tx, offered)?;
    wish::mark_offered(tx, it.id, slot.span.start())?;
    Ok(true)
}
