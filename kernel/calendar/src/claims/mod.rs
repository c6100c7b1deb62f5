//! The one table that says what is taken. That two claims overlap is impossible: PostgreSQL excludes it by a
//! constraint, SQLite by a trigger, and on both a claim that is not free is not made, whole and without an error.

mod atom;
mod rows;
mod stock;

use std::collections::{BTreeMap, BTreeSet};

use beffroi_core::{Id, Instant};
use beffroi_store::{Result, StoreError, Tx};
use chrono::TimeDelta;
use uuid::Uuid;

pub use atom::Atom;

use crate::{
    resource::Resource,
    spans::{Span, Spans},
};
pub(crate) use rows::Parts;
use rows::Row;
use stock::{Held, Shelf};

/// Claims of one booking, at most: a hall of ten parts every week for ten years.
pub const CLAIMS_AT_MOST: u32 = 6_000;
/// Claims that a new part takes over from the place that it lies in, at most; and those of that place that are read.
const SPREAD_AT_MOST: u32 = 50_000;
/// How far around a wish for a piece of a stock others are looked at who could use another piece of it.
const AROUND: TimeDelta = TimeDelta::days(120);
/// How many of them, at most.
const REARRANGED_AT_MOST: u32 = 2_000;

/// A mark for claims in [`Id`].
#[derive(Clone, Copy, Debug)]
pub struct Claim;

/// How much of a resource somebody wishes to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HowMuch {
    /// All of it, and of the places below it.
    Whole,
    /// So many pieces of its stock, whichever.
    Pieces(u32),
}

/// What somebody wishes to take: a resource, for a stretch of time with all that is set up and cleaned around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Wish {
    /// Which.
    pub resource: Id<Resource>,
    /// How much of it.
    pub much: HowMuch,
    /// When, buffers included ([`crate::free::Buffers::around`]).
    pub span: Span,
}

/// Why nothing was taken.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// Some of it is taken already; nothing else was taken either.
    #[error("{} of the wishes are taken", .0.len())]
    Taken(Vec<Wish>),
    /// There is no such resource.
    #[error("no such resource: {0}")]
    Unknown(Id<Resource>),
    /// More than [`CLAIMS_AT_MOST`].
    #[error("more than {CLAIMS_AT_MOST} claims")]
    TooMany,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Takes all that is wished for, or nothing: then it is told what of it is taken already. A claim that expires is a
/// hold; the holds of one booking expire together.
///
/// Pieces of a stock are alike: as long as no more of them are asked for at any moment than there are, a wish is granted,
/// and what has not begun yet changes hands for it.
///
/// # Errors
/// [`ClaimError`].
pub fn claim<B>(
    tx: &mut Tx<'_>,
    booking: Id<B>,
    wishes: &[Wish],
    expires_at: Option<Instant>,
) -> Result<(), ClaimError> {
    forget_expired(tx)?;
    take(tx, booking.uuid(), wishes, expires_at)?;
    if expires_at.is_some() {
        let sql = "UPDATE calendar_claim SET expires_at = $2 WHERE booking = $1 AND expires_at IS NOT NULL";
        tx.execute(sql, &[&booking, &expires_at]).map_err(ClaimError::from)?;
    }
    Ok(())
}

/// Takes for each of these bookings all of what it wishes for, or nothing for any of them: then it is told what is taken
/// already, of all of it.
///
/// # Errors
/// [`ClaimError`].
pub fn claim_each<B>(tx: &mut Tx<'_>, wishes: &[(Id<B>, Wish)]) -> Result<(), ClaimError> {
    forget_expired(tx)?;
    let resources: BTreeSet<Id<Resource>> = wishes.iter().map(|(_, wish)| wish.resource).collect();
    let resources: Vec<Id<Resource>> = resources.into_iter().collect();
    let parts = rows::parts(tx, &resources)?;
    let mut taking = Taking {
        booking: Uuid::nil(),
        expires_at: None,
        wholes: Vec::new(),
        pieces: Vec::new(),
        moved: Vec::new(),
        refused: Vec::new(),
    };
    for (booking, wish) in wishes {
        let parts = parts.get(&wish.resource).ok_or(ClaimError::Unknown(wish.resource))?;
        if taking.wholes.len() + parts.all.len() > CLAIMS_AT_MOST as usize {
            return Err(ClaimError::TooMany);
        }
        for atom in &parts.all {
            let row = Row { booking: booking.uuid(), ..taking.row(tx, wish, *atom) };
            taking.wholes.push((*wish, row));
        }
    }
    taking.settle(tx)
}

/// Gives back what these bookings have.
pub fn release_each<B>(tx: &mut Tx<'_>, bookings: &[Id<B>]) -> Result<()> {
    let bookings: Vec<Uuid> = bookings.iter().map(|booking| booking.uuid()).collect();
    rows::delete_of(tx, &bookings)
}

/// Gives back what a booking has and takes something else for it, or leaves all as it was where that is not free: moves,
/// prolongs and shortens alike. What was a hold is one still. Whether the booking had anything: an expired hold is gone,
/// and nothing is taken in its place.
///
/// # Errors
/// [`ClaimError`].
pub fn change<B>(tx: &mut Tx<'_>, booking: Id<B>, wishes: &[Wish]) -> Result<bool, ClaimError> {
    forget_expired(tx)?;
    let before = rows::of_booking(tx, booking.uuid(), CLAIMS_AT_MOST)?;
    let Some(first) = before.first() else { return Ok(false) };
    let expires_at = first.expires_at;
    rows::delete(tx, &before.iter().map(|row| row.id).collect::<Vec<_>>())?;
    match take(tx, booking.uuid(), wishes, expires_at) {
        Ok(()) => Ok(true),
        Err(refusal) => {
            restore(tx, before)?;
            Err(refusal)
        }
    }
}

/// Makes what a booking holds its own for good; false where it has expired, or was never held.
pub fn confirm<B>(tx: &mut Tx<'_>, booking: Id<B>) -> Result<bool> {
    forget_expired(tx)?;
    let sql = "UPDATE calendar_claim SET expires_at = NULL WHERE booking = $1";
    Ok(tx.execute(sql, &[&booking])? > 0)
}

/// Lets a booking hold until another instant what it holds; false where it holds nothing.
pub fn hold_until<B>(tx: &mut Tx<'_>, booking: Id<B>, expires_at: Instant) -> Result<bool> {
    forget_expired(tx)?;
    let sql = "UPDATE calendar_claim SET expires_at = $2 WHERE booking = $1 AND expires_at IS NOT NULL";
    Ok(tx.execute(sql, &[&booking, &expires_at])? > 0)
}

/// Gives back what a booking has.
pub fn release<B>(tx: &mut Tx<'_>, booking: Id<B>) -> Result<()> {
    tx.execute("DELETE FROM calendar_claim WHERE booking = $1", &[&booking]).map(drop)
}

/// Gives back what a booking has at any moment of these stretches of time, and leaves it the rest.
pub fn release_within<B>(tx: &mut Tx<'_>, booking: Id<B>, spans: &[Span]) -> Result<()> {
    let mut freed = Vec::new();
    for row in rows::of_booking(tx, booking.uuid(), CLAIMS_AT_MOST)? {
        let span = row.place.read()?.1;
        if spans.iter().any(|it| it.meets(span)) {
            freed.push(row.id);
        }
    }
    rows::delete(tx, &freed)
}

/// What a booking has: the stretches of time of its claims, by the resource that it asked for.
pub fn of_booking<B>(tx: &mut Tx<'_>, booking: Id<B>) -> Result<BTreeMap<Id<Resource>, Spans>> {
    let mut found: BTreeMap<Id<Resource>, BTreeSet<Span>> = BTreeMap::new();
    let now = tx.now();
    for row in rows::of_booking(tx, booking.uuid(), CLAIMS_AT_MOST)? {
        if row.expires_at.is_none_or(|at| at > now) {
            found.entry(row.resource).or_default().insert(row.place.read()?.1);
        }
    }
    Ok(found.into_iter().map(|(resource, spans)| (resource, spans.into_iter().collect())).collect())
}

/// Frees what was held and not confirmed in time. Whoever claims does it first, and a round does it where nobody claims;
/// how many claims that were.
pub fn forget_expired(tx: &mut Tx<'_>) -> Result<u64> {
    let sql = "DELETE FROM calendar_claim WHERE expires_at IS NOT NULL AND expires_at <= $1";
    tx.execute(sql, &[&tx.now()])
}

/// What is taken of these atoms within a stretch of time, holds included that have not expired; by one question, however
/// many they are.
pub fn taken(tx: &mut Tx<'_>, atoms: &[Atom], within: Span) -> Result<BTreeMap<Atom, Spans>> {
    rows::taken(tx, atoms, within, None)
}

/// [`taken`], without what one booking has.
pub(crate) fn taken_but(
    tx: &mut Tx<'_>,
    atoms: &[Atom],
    within: Span,
    but: Option<Uuid>,
) -> Result<BTreeMap<Atom, Spans>> {
    rows::taken(tx, atoms, within, but)
}

/// What is taken when each of these resources is booked; by one question.
pub(crate) fn parts(tx: &mut Tx<'_>, resources: &[Id<Resource>]) -> Result<BTreeMap<Id<Resource>, Parts>> {
    rows::parts(tx, resources)
}

/// Takes for atoms that are new to these resources what is taken of the resources as a whole and has not ended. `false`
/// where that is too much to be done at once: nothing is taken then.
pub(crate) fn spread(tx: &mut Tx<'_>, wholes: &[Id<Resource>], atoms: &[Atom]) -> Result<bool> {
    let now = tx.now();
    let Some(ahead) = Span::new(now, Instant::MAX_UTC) else { return Ok(true) };
    let lines: BTreeSet<Atom> = rows::parts(tx, wholes)?.into_values().flat_map(|parts| parts.all).collect();
    let lines: Vec<Atom> = lines.into_iter().collect();
    let found = rows::within(tx, &lines, ahead, SPREAD_AT_MOST)?;
    if found.len() > SPREAD_AT_MOST as usize {
        return Ok(false);
    }
    let ids: Vec<Id<Claim>> = found.into_iter().map(|found| found.id).collect();
    let mut of_booking: BTreeMap<Uuid, usize> = BTreeMap::new();
    let mut whole = BTreeMap::new();
    for row in rows::of_ids(tx, &ids)?.into_iter().filter(|row| wholes.contains(&row.resource)) {
        *of_booking.entry(row.booking).or_default() += 1;
        whole.insert((row.booking, row.place.read()?.1), row);
    }
    for (booking, _) in whole.keys() {
        *of_booking.entry(*booking).or_default() += atoms.len();
    }
    let most = of_booking.into_values().max().unwrap_or_default();
    if most > CLAIMS_AT_MOST as usize || whole.len() * atoms.len() > SPREAD_AT_MOST as usize {
        return Ok(false);
    }
    let mut new = Vec::with_capacity(whole.len() * atoms.len());
    for ((_, span), row) in whole {
        new.extend(atoms.iter().map(|atom| Row { id: tx.new_id(), place: atom.place(span), ..row.clone() }));
    }
    if rows::insert(tx, new)?.is_empty() {
        Ok(true)
    } else {
        Err(StoreError::Corrupt("something new is taken already".to_owned()))
    }
}

/// [`claim`], what has expired being gone.
fn take(
    tx: &mut Tx<'_>,
    booking: Uuid,
    wishes: &[Wish],
    expires_at: Option<Instant>,
) -> Result<(), ClaimError> {
    let resources: BTreeSet<Id<Resource>> = wishes.iter().map(|wish| wish.resource).collect();
    let resources: Vec<Id<Resource>> = resources.into_iter().collect();
    let parts = rows::parts(tx, &resources)?;
    if let Some(unknown) = resources.iter().find(|resource| !parts.contains_key(resource)) {
        return Err(ClaimError::Unknown(*unknown));
    }
    let most = wishes.iter().map(|wish| claims_of(wish, &parts)).fold(0, usize::saturating_add);
    let has = rows::count_of_booking(tx, booking)?;
    if most > usize::try_from(CLAIMS_AT_MOST.saturating_sub(has)).unwrap_or(usize::MAX) {
        return Err(ClaimError::TooMany);
    }
    let mut taking = Taking {
        booking,
        expires_at,
        wholes: Vec::new(),
        pieces: Vec::new(),
        moved: Vec::new(),
        refused: Vec::new(),
    };
    for (resource, parts) in &parts {
        let here = wishes.iter().filter(|wish| wish.resource == *resource).copied();
        let (whole, pieces): (Vec<Wish>, Vec<Wish>) = here.partition(|wish| wish.is_whole(parts));
        for wish in whole {
            let rows = parts.all.iter().map(|atom| (wish, taking.row(tx, &wish, *atom))).collect::<Vec<_>>();
            taking.wholes.extend(rows);
        }
        if !pieces.is_empty() {
            from_stock(tx, parts, &pieces, &mut taking)?;
        }
    }
    taking.settle(tx)
}

fn claims_of(wish: &Wish, parts: &BTreeMap<Id<Resource>, Parts>) -> usize {
    match (wish.much, parts.get(&wish.resource)) {
        (HowMuch::Pieces(count), Some(parts)) if !wish.is_whole(parts) => {
            usize::try_from(count).unwrap_or(usize::MAX)
        }
        (_, parts) => parts.map_or(0, |parts| parts.all.len()),
    }
}

impl Wish {
    /// What has places below it is taken whole: it has no stock.
    fn is_whole(&self, parts: &Parts) -> bool {
        self.much == HowMuch::Whole || parts.has_places_below()
    }
}

/// What is about to be written.
struct Taking {
    booking: Uuid,
    expires_at: Option<Instant>,
    /// Of what is taken whole, free or not.
    wholes: Vec<(Wish, Row)>,
    /// Of stocks, where there is enough.
    pieces: Vec<(Wish, Row)>,
    /// Claims of others that change hands: what they have, and where it will lie.
    moved: Vec<(Id<Claim>, Atom)>,
    refused: Vec<Wish>,
}

/// Chooses pieces for wishes for one stock.
fn from_stock(tx: &mut Tx<'_>, parts: &Parts, wishes: &[Wish], taking: &mut Taking) -> Result<()> {
    let hull = wishes.iter().map(|wish| wish.span).reduce(Span::hull);
    let Some(hull) = hull else { return Ok(()) };
    let known = hull.widened(AROUND, AROUND);
    let lines: Vec<Atom> = parts.pieces.iter().chain(&parts.set_aside).copied().collect();
    let found = rows::within(tx, &lines, known, REARRANGED_AT_MOST)?;
    let few = u32::try_from(found.len()).is_ok_and(|count| count <= REARRANGED_AT_MOST);
    // So many that they are not rearranged: what lies around is of no interest then.
    let found = if few { found } else { rows::within(tx, &lines, hull, u32::MAX - 1)? };
    let mut held = Vec::with_capacity(found.len());
    for it in found {
        let (atom, span) = it.place.read()?;
        held.push(Held { claim: Some(it.id), atom, span });
    }
    let before: BTreeMap<Id<Claim>, Atom> = held.iter().filter_map(|it| Some((it.claim?, it.atom))).collect();
    let mut shelf = Shelf { pieces: parts.pieces.clone(), held, known, now: tx.now() };
    let mut granted = Vec::with_capacity(wishes.len());
    for wish in wishes {
        let HowMuch::Pieces(count) = wish.much else { continue };
        let count = usize::try_from(count).unwrap_or(usize::MAX).min(lines.len() + 1);
        if shelf.take(wish.span, count).is_some() || (few && shelf.rearrange(wish.span, count)) {
            granted.push(*wish);
        } else {
            taking.refused.push(*wish);
        }
    }
    for held in &shelf.held {
        match held.claim {
            Some(claim) if before.get(&claim) != Some(&held.atom) => taking.moved.push((claim, held.atom)),
            Some(_) => {}
            None => {
                if let Some(wish) = granted.iter().find(|wish| wish.span == held.span) {
                    let row = taking.row(tx, wish, held.atom);
                    taking.pieces.push((*wish, row));
                }
            }
        }
    }
    Ok(())
}

impl Taking {
    fn row(&self, tx: &Tx<'_>, wish: &Wish, atom: Atom) -> Row {
        Row {
            id: tx.new_id(),
            booking: self.booking,
            resource: wish.resource,
            place: atom.place(wish.span),
            expires_at: self.expires_at,
        }
    }

    /// Writes all of it, or nothing.
    fn settle(mut self, tx: &mut Tx<'_>) -> Result<(), ClaimError> {
        if self.refused.is_empty() {
            let before = self.change_hands(tx)?;
            let new = || self.wholes.iter().chain(&self.pieces);
            let refused = rows::insert(tx, new().map(|(_, row)| row.clone()).collect())?;
            if refused.is_empty() {
                return Ok(());
            }
            let refused: BTreeSet<Id<Claim>> = refused.into_iter().map(|row| row.id).collect();
            let made: Vec<Id<Claim>> =
                new().map(|(_, row)| row.id).filter(|id| !refused.contains(id)).collect();
            let taken: Vec<Wish> =
                new().filter(|(_, row)| refused.contains(&row.id)).map(|(wish, _)| *wish).collect();
            rows::delete(tx, &made)?;
            rows::delete(tx, &before.iter().map(|row| row.id).collect::<Vec<_>>())?;
            restore(tx, before)?;
            self.refused = taken;
        } else {
            // What else is taken is told as well, so that all refused dates of a series are known at once.
            let lines: BTreeSet<Atom> =
                self.wholes.iter().map(|(_, row)| row.place.read().map(|it| it.0)).collect::<Result<_>>()?;
            let hull = self.wholes.iter().map(|(wish, _)| wish.span).reduce(Span::hull);
            if let Some(hull) = hull {
                let taken = rows::taken(tx, &lines.into_iter().collect::<Vec<_>>(), hull, None)?;
                for (wish, row) in &self.wholes {
                    let (atom, span) = row.place.read()?;
                    if taken.get(&atom).is_some_and(|spans| spans.meets(span)) {
                        self.refused.push(*wish);
                    }
                }
            }
        }
        let mut told = BTreeSet::new();
        self.refused.retain(|wish| told.insert((wish.span, wish.resource)));
        self.refused.sort_by_key(|wish| (wish.span, wish.resource));
        Err(ClaimError::Taken(self.refused))
    }

    /// Lays what changes hands onto its other pieces; how it lay before.
    fn change_hands(&self, tx: &mut Tx<'_>) -> Result<Vec<Row>> {
        if self.moved.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<Id<Claim>> = self.moved.iter().map(|(id, _)| *id).collect();
        let before = rows::of_ids(tx, &ids)?;
        rows::delete(tx, &ids)?;
        let to: BTreeMap<Id<Claim>, Atom> = self.moved.iter().copied().collect();
        let mut after = Vec::with_capacity(before.len());
        for row in &before {
            let (atom, span) = row.place.read()?;
            let atom = to.get(&row.id).copied().unwrap_or(atom);
            after.push(Row { place: atom.place(span), ..row.clone() });
        }
        restore(tx, after)?;
        Ok(before)
    }
}

/// Makes claims again where they are free without doubt.
fn restore(tx: &mut Tx<'_>, rows: Vec<Row>) -> Result<()> {
    if rows::insert(tx, rows)?.is_empty() {
        Ok(())
    } else {
        Err(StoreError::Corrupt("what was just given back is taken".to_owned()))
    }
}
