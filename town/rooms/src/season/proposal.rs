//! What is proposed for a round: made by the published rule, changed by agents, and why what is not given is not.

use std::collections::{BTreeMap, BTreeSet};

use beffroi_calendar::{
    resource::Resource,
    season::{self, Asker, Halls, Look, Share, Slot, Why},
};
use beffroi_core::{Day, Id, calendar::civil_day};
use beffroi_people::{Permit, Town};
use beffroi_store::{Result, Seq, StoreError, Tx, journal, words};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    allotment::{self, ALLOTMENTS_AT_MOST, Allotment, Laid},
    request::{self, Request},
    round::{self, Round, State},
};
use crate::ManageSeasons;

/// Associations that are named as having a room, at most.
const NAMED: usize = 3;

words! {
    /// Why a room cannot serve a wish.
    Obstacle {
        /// It is not offered any more.
        Unknown = "unknown",
        /// It is too small.
        Small = "small",
        /// It is not booked for so long, or for so short.
        Length = "length",
        /// Nothing begins in these hours so that it ends in time.
        NoStart = "no-start",
        /// It is closed then.
        Closed = "closed",
        /// Others have it then.
        Taken = "taken",
        /// It is free on a day that serves this wish already.
        SameDay = "same-day",
    }
}

/// Why a room cannot serve a wish, with what is needed to say it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Which room.
    pub room: Id<Resource>,
    /// Why.
    pub why: Obstacle,
    /// How many people it holds, where it is too small; or its shortest and its longest booking, in minutes.
    pub figures: Vec<u32>,
    /// The associations that have it.
    pub by: Vec<Id<Request>>,
    /// Whether something has it that is no part of the season.
    pub booked: bool,
}

/// What is said of a wish that was not granted, or not as often as it was wished.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advice {
    /// Which wish.
    pub wish: usize,
    /// How many times a week were missing.
    pub missing: u32,
    /// Why, room by room.
    pub why: Vec<Reason>,
}

/// Why what is not given is not, for each request.
pub type AllAdvice = Vec<(Id<Request>, Vec<Advice>)>;

/// What is said of the wishes of a round.
pub fn advice(tx: &mut Tx<'_>, round: Id<Round>) -> Result<AllAdvice> {
    let sql = "SELECT advice FROM rooms_round WHERE id = $1";
    let found: Option<serde_json::Value> = tx.query_opt(sql, &[&round], |row| row.get(0))?;
    found.map_or(Ok(Vec::new()), |found| serde_json::from_value(found).map_err(StoreError::from))
}

/// What a proposal is made of, as it all stood at one moment.
pub struct Basis {
    round: Round,
    /// By their references.
    requests: Vec<Request>,
    /// The associations that had a time in the season before.
    before: BTreeSet<String>,
    /// What stands on the board, which goes.
    given: Vec<Allotment>,
    halls: Halls,
    /// Where the journal stood.
    position: Seq,
}

impl Basis {
    /// Reads it; `None` where it is no time for a proposal.
    ///
    /// # Errors
    /// Those of the store.
    pub fn load(tx: &mut Tx<'_>, town: &Town, slug: &str) -> Result<Option<Self>> {
        let Some(round) = round::by_slug(tx, slug)? else { return Ok(None) };
        if !matches!(round.state, State::Closed | State::Proposed) {
            return Ok(None);
        }
        let position = journal::position(tx)?;
        let requests = in_order(request::of_round(tx, round.id)?);
        let before: BTreeSet<String> = match round::before(tx, round.days.first)? {
            Some(before) => request::served(tx, before.id)?.into_iter().collect(),
            None => BTreeSet::new(),
        };
        let given = allotment::of_round(tx, round.id)?;
        let halls = round.season(town, |days| Halls::load(tx, &round.sheet.rooms, days))?;
        Ok(Some(Self { round, requests, before, given, halls, position }))
    }

    /// Gives out the season by the published rule. It asks nothing, and takes its time: keep it out of any transaction.
    pub fn give_out(self, town: &Town) -> Proposed {
        let askers: Vec<Asker> = self.requests.iter().map(|request| asker(request, &self.before)).collect();
        let mut halls = self.halls.clone();
        let (criteria, seed) = (&self.round.sheet.criteria, &self.round.seed);
        let proposal =
            self.round.season(town, |days| season::propose(&askers, &mut halls, days, criteria, seed));
        Proposed { basis: self, proposal }
    }

    /// Whether all of it is as it was when it was read.
    fn stands(&self, tx: &mut Tx<'_>, town: &Town) -> Result<bool> {
        if journal::position(tx)? == self.position {
            return Ok(true);
        }
        let now = Self::load(tx, town, &self.round.slug)?;
        Ok(now.is_some_and(|now| {
            (&now.round, &now.requests, &now.before, &now.given, &now.halls)
                == (&self.round, &self.requests, &self.before, &self.given, &self.halls)
        }))
    }
}

/// A proposal that is not kept yet.
pub struct Proposed {
    basis: Basis,
    proposal: season::Proposal,
}

/// What came of keeping a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is on the board.
    Yes,
    /// The requests, the rooms, the board or the round changed while it was made: it is made anew.
    Overtaken,
}

/// Closes a round whose window is over and that nobody has closed yet; it as it is then.
///
/// # Errors
/// Those of the store.
pub fn close_if_over(tx: &mut Tx<'_>, town: &Town, round: &mut Round) -> Result<()> {
    if round.is_to_be_closed(civil_day(tx.now(), town.zone())) {
        round::close(tx, round)?;
    }
    Ok(())
}

/// Makes the proposal of a round at once, for whoever alone writes. Where the window is over and nobody has closed it, it is
/// closed first. `false` where it is no time for that.
///
/// # Errors
/// Those of the store.
pub fn propose(
    tx: &mut Tx<'_>,
    permit: &Permit<ManageSeasons>,
    town: &Town,
    round: &mut Round,
) -> Result<bool> {
    close_if_over(tx, town, round)?;
    let Some(basis) = Basis::load(tx, town, &round.slug)? else { return Ok(false) };
    let kept = keep(tx, permit, town, &basis.give_out(town))? == Kept::Yes;
    if kept {
        round.state = State::Proposed;
    }
    Ok(kept)
}

/// Keeps a proposal, where all that it was made of stands: what agents have changed by hand goes.
///
/// # Errors
/// Those of the store.
pub fn keep(tx: &mut Tx<'_>, _: &Permit<ManageSeasons>, town: &Town, proposed: &Proposed) -> Result<Kept> {
    let Proposed { basis, proposal } = proposed;
    if !basis.stands(tx, town)? {
        return Ok(Kept::Overtaken);
    }
    let (round, requests) = (&basis.round, &basis.requests);
    let mut given = Vec::with_capacity(proposal.given.len());
    let most = usize::try_from(ALLOTMENTS_AT_MOST).unwrap_or(usize::MAX);
    for (rank, it) in proposal.given.iter().take(most).enumerate() {
        let Some(request) = requests.get(it.asker) else { continue };
        let wish = request.wishes.get(it.wish).map(|wished| &wished.wish);
        given.push(Allotment {
            id: tx.new_id(),
            request: request.id,
            wish: u32::try_from(it.wish).unwrap_or(u32::MAX),
            turn: it.turn,
            rank: u32::try_from(rank + 1).unwrap_or(u32::MAX),
            slot: it.slot,
            first: wish.and_then(|wish| wish.first),
            last: wish.and_then(|wish| wish.last),
            booking: None,
        });
    }
    allotment::replace(tx, round.id, &given)?;
    let mut of: BTreeMap<usize, Vec<Advice>> = BTreeMap::new();
    for refused in &proposal.refused {
        of.entry(refused.asker).or_default().push(told(refused, requests));
    }
    let advice: AllAdvice = requests
        .iter()
        .enumerate()
        .filter_map(|(rank, request)| Some((request.id, of.remove(&rank)?)))
        .collect();
    let sql = "UPDATE rooms_round SET advice = $2 WHERE id = $1";
    tx.execute(sql, &[&round.id, &serde_json::to_value(&advice)?])?;
    let figures = json!({ "given": given.len(), "refused": proposal.refused.len() });
    let moved = round::proposed(tx, round, figures)?;
    Ok(if moved { Kept::Yes } else { Kept::Overtaken })
}

/// By their references, so that the proposal does not hang on who was written down first.
fn in_order(mut requests: Vec<Request>) -> Vec<Request> {
    requests.sort_by(|one, other| one.reference.cmp(&other.reference));
    requests
}

fn asker(request: &Request, before: &BTreeSet<String>) -> Asker {
    let body = &request.body;
    let share = |part| Share { part, whole: body.members };
    Asker {
        reference: request.reference.clone(),
        kept: before.contains(&body.key()),
        residents: share(body.residents),
        young: share(body.young),
        wishes: request.wishes.iter().map(|wished| wished.wish.clone()).collect(),
    }
}

fn told(refused: &season::Refused, requests: &[Request]) -> Advice {
    let why = refused.why.iter().map(|it| reason(it.room, &it.why, requests));
    Advice { wish: refused.wish, missing: refused.missing, why: why.collect() }
}

fn reason(room: Id<Resource>, why: &Why, requests: &[Request]) -> Reason {
    let nobody: &[usize] = &[];
    let (why, figures, by, booked) = match why {
        Why::Unknown => (Obstacle::Unknown, Vec::new(), nobody, false),
        Why::Small(people) => (Obstacle::Small, vec![*people], nobody, false),
        Why::Length(shortest, longest) => (Obstacle::Length, vec![*shortest, *longest], nobody, false),
        Why::NoStart => (Obstacle::NoStart, Vec::new(), nobody, false),
        Why::Closed => (Obstacle::Closed, Vec::new(), nobody, false),
        Why::Taken(by, booked) => (Obstacle::Taken, Vec::new(), by.as_slice(), *booked),
        Why::SameDay => (Obstacle::SameDay, Vec::new(), nobody, false),
    };
    let by = by.iter().take(NAMED).filter_map(|rank| requests.get(*rank)).map(|request| request.id).collect();
    Reason { room, why, figures, by, booked }
}

/// A time that an agent gives by hand.
#[derive(Clone, Copy, Debug)]
pub struct ByHand {
    /// To which request.
    pub request: Id<Request>,
    /// For which of its wishes.
    pub wish: u32,
    /// Where and when.
    pub slot: Slot,
    /// From which day on.
    pub first: Option<Day>,
    /// Until which day.
    pub last: Option<Day>,
}

/// What came of giving something by hand.
pub enum Placed {
    /// It is given; how its dates stand.
    Yes(Look),
    /// It cannot be: too many of its dates are closed, or others have them. Who, of the requests that were asked with.
    No(Look),
    /// It is no time of the week, no room of the round, or too short or too long for any.
    Wrong,
}

/// Gives a time by hand, or moves one that is given; by the same rule: enough of its dates can be had. `requests`: all of
/// the round, by whose ranks the answer names who is in the way.
pub fn place(
    tx: &mut Tx<'_>,
    _: &Permit<ManageSeasons>,
    (town, round): (&Town, &Round),
    requests: &[Request],
    (moved, new): (Option<Id<Allotment>>, ByHand),
) -> Result<Placed> {
    let mut all = allotment::of_round(tx, round.id)?;
    let known = requests.iter().find(|request| request.id == new.request);
    let known =
        known.is_some_and(|request| usize::try_from(new.wish).is_ok_and(|it| it < request.wishes.len()));
    let full = moved.is_none() && u32::try_from(all.len()).is_ok_and(|count| count >= ALLOTMENTS_AT_MOST);
    let wrong = !known || full || !round.sheet.rooms.contains(&new.slot.room) || new.slot.until().is_none();
    if wrong {
        return Ok(Placed::Wrong);
    }
    let before = moved.and_then(|id| all.iter().position(|it| it.id == id)).map(|rank| all.remove(rank));
    if moved.is_some() && before.is_none() {
        return Ok(Placed::Wrong);
    }
    let rank = all.iter().map(|it| it.rank).max().unwrap_or_default().saturating_add(1);
    let it = Allotment {
        id: before.map_or_else(|| tx.new_id(), |before| before.id),
        request: new.request,
        wish: new.wish,
        turn: 0,
        rank,
        slot: new.slot,
        first: new.first,
        last: new.last,
        booking: None,
    };
    let laid = Laid::out(tx, (town, round), requests, &all)?;
    let look = round.season(town, |season| laid.halls.look(&it.slot, &it.days(season), &season.year));
    if !look.can_be_had() {
        return Ok(Placed::No(look));
    }
    let id = it.id;
    all.push(it);
    allotment::replace(tx, round.id, &all)?;
    let kind = if moved.is_some() { "season.moved" } else { "season.given" };
    round::note(tx, kind, round.id, json!({ "request": new.request, "allotment": id, "slot": new.slot }))?;
    Ok(Placed::Yes(look))
}

/// Takes a time back from the proposal; `false` where there is no such time.
pub fn take_back(
    tx: &mut Tx<'_>,
    _: &Permit<ManageSeasons>,
    round: &Round,
    id: Id<Allotment>,
) -> Result<bool> {
    let sql = "DELETE FROM rooms_allotment WHERE id = $1 AND round = $2 AND booking IS NULL";
    if tx.execute(sql, &[&id, &round.id])? == 0 {
        return Ok(false);
    }
    round::note(tx, "season.taken_back", round.id, json!({ "allotment": id }))?;
    Ok(true)
}
