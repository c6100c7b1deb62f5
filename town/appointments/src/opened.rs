//! What opens anew is offered to those who wait, by a job: a counter that receives more or again, a closure that is lifted,
//! an absence that is taken back, another motive. What was free already is not: they saw it, and wished for another.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use beffroi_calendar::{
    openings::{Openings, Rule},
    resource::Resource,
    spans::Spans,
};
use beffroi_core::{Day, Id};
use beffroi_people::Town;
use beffroi_store::{
    By, Commune, Result, StoreError, Tx,
    background::JobHandler,
    jobs::{self, Job, JobError},
};
use serde::{Deserialize, Serialize};

use crate::{
    clock::Now,
    motive::{AHEAD_AT_MOST, Motive},
    offer::{self, Freed, OFFERED_AT_ONCE},
    site::{self, Desk},
    slots::{Known, Slot},
    wish,
};

/// The job that offers what has opened.
const OPENED: &str = "appointments.opened";

/// How a counter received before something was said of it.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Before {
    desk: Id<Resource>,
    /// For what; nothing where nobody was received.
    motives: BTreeSet<Id<Motive>>,
    presence: Openings,
    /// When its site was closed.
    closures: Openings,
    /// What was kept for the same day.
    reserve: Vec<Rule>,
}

/// Something is about to be said of these counters: what opens by it is offered, once it is durable. Where nobody waits,
/// nothing is done.
///
/// # Errors
/// Those of the store.
pub(crate) fn before(tx: &mut Tx<'_>, of: impl Fn(&Desk) -> bool) -> Result<()> {
    if !wish::any(tx)? {
        return Ok(());
    }
    let closures: BTreeMap<Id<Resource>, Openings> = site::sites(tx)?
        .into_iter()
        .filter_map(|site| Some((site.resource.id, site.resource.details.terms.openings?)))
        .collect();
    let before = site::desks(tx)?.into_iter().filter(of).map(|desk| Before {
        desk: desk.resource.id,
        closures: closures.get(&desk.site).cloned().unwrap_or_default(),
        motives: if desk.is_open { desk.motives } else { BTreeSet::new() },
        presence: desk.resource.details.terms.openings.unwrap_or_default(),
        reserve: desk.reserve,
    });
    let before: Vec<Before> = before.collect();
    order(tx, &before)
}

/// There is a new counter.
///
/// # Errors
/// Those of the store.
pub(crate) fn new(tx: &mut Tx<'_>, desk: Id<Resource>) -> Result<()> {
    if !wish::any(tx)? {
        return Ok(());
    }
    let (presence, closures) = (Openings::default(), Openings::default());
    order(tx, &[Before { desk, motives: BTreeSet::new(), presence, closures, reserve: Vec::new() }])
}

fn order(tx: &mut Tx<'_>, before: &[Before]) -> Result<()> {
    if before.is_empty() {
        return Ok(());
    }
    jobs::enqueue(tx, OPENED, &serde_json::json!({ "before": before }), tx.now(), None)
}

/// What the job is given.
#[derive(Debug, Deserialize)]
struct Order {
    before: Vec<Before>,
}

/// Offers what has opened.
pub(crate) struct Opener;

impl JobHandler for Opener {
    fn kind(&self) -> &'static str {
        OPENED
    }

    /// Done twice, it offers nothing twice: whoever is offered a time waits no longer.
    fn run(&self, commune: &Arc<Commune>, job: &Job) -> std::result::Result<(), JobError> {
        let order: Order = serde_json::from_value(job.payload.clone())
            .map_err(|_| JobError::Fail("the job tells of no counter".to_owned()))?;
        let before = Arc::new(order.before);
        loop {
            let before = Arc::clone(&before);
            let given =
                commune.write_blocking::<_, StoreError>(By::SYSTEM, move |tx| offer_opened(tx, &before))?;
            if given < OFFERED_AT_ONCE {
                return Ok(());
            }
        }
    }
}

/// Offers what is open now of these counters and was not before; how many times.
fn offer_opened(tx: &mut Tx<'_>, before: &[Before]) -> Result<usize> {
    let town = Town::load(tx)?;
    let today = Now::of(tx, &town).today;
    let last = today.checked_add_days(chrono::Days::new(u64::from(AHEAD_AT_MOST))).unwrap_or(today);
    let wishes = wish::in_turn(tx, (today, last))?;
    let first = wishes.iter().map(|it| it.wish.days.0).min().unwrap_or(today).max(today);
    let last = wishes.iter().map(|it| it.wish.days.1).max().unwrap_or(today).min(last);
    if wishes.is_empty() {
        return Ok(0);
    }
    let by_desk: BTreeMap<Id<Resource>, &Before> = before.iter().map(|it| (it.desk, it)).collect();
    let mut desks = site::desks(tx)?;
    desks.retain(|desk| by_desk.contains_key(&desk.resource.id));
    let known = Known::read(tx, town, desks, (first, last))?;
    let opened: BTreeMap<Id<Resource>, Opened> = known
        .desks()
        .iter()
        .filter_map(|desk| {
            Some((desk.resource.id, Opened::of(&known, desk, by_desk.get(&desk.resource.id)?)))
        })
        .collect();
    let fits = |motive: Id<Motive>, slot: &Slot| {
        opened.get(&slot.desk).is_some_and(|opened| opened.of_motive(motive).meets(slot.span))
    };
    offer::give(tx, wishes, Freed { known, site: None, near: None, fits: &fits })
}

/// What has opened of a counter.
struct Opened {
    /// For what was received before.
    motives: BTreeSet<Id<Motive>>,
    more: Spans,
    /// For what was not.
    all: Spans,
}

impl Opened {
    fn of(known: &Known, desk: &Desk, before: &Before) -> Self {
        let all = known.received(desk);
        let (first, last): (Day, Day) = known.days();
        // What was opened the evening before may go on.
        let eve = first.pred_opt().unwrap_or(first);
        let was = known.hours(&before.presence, &[&before.closures], (eve, last));
        let more = all.minus(&was.minus(&known.reserved(&before.reserve)));
        Self { motives: before.motives.clone(), more, all }
    }

    fn of_motive(&self, motive: Id<Motive>) -> &Spans {
        if self.motives.contains(&motive) { &self.more } else { &self.all }
    }
}
