//! What somebody can do with a registration: make it, give it back; and what advisers write down of who came.

use beffroi_core::{Cents, Channel, Id, Lang};
use beffroi_store::{Entry, StoreError, Tx};
use uuid::Uuid;

use super::{
    rules::{Person, Presence, SeatState},
    store::{self, Mark, Registration, Seat},
    waiting,
};
use crate::{
    bill, meeting, series,
    session::{self, Mark as SessionMark, Session, SessionState},
    tell,
};

/// Who registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom {
    /// Somebody by themselves: until the session begins.
    Public,
    /// An agent: until the session ends.
    Agent,
}

/// For what somebody registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// One session.
    One(Id<SessionMark>),
    /// All that are to come.
    All,
}

/// Somebody to be registered.
#[derive(Clone, Debug)]
pub struct NewRegistration<'a> {
    /// For what.
    pub series: &'a series::Kept,
    /// For which of its sessions.
    pub wish: Wish,
    /// Whether they wait where no seat is left.
    pub waits: bool,
    /// Whether they have the reduced price, where there is one.
    pub reduced: bool,
    /// Who it is.
    pub person: Person,
    /// Who registers.
    pub whom: Whom,
    /// Through which door.
    pub channel: Channel,
    /// In which language they are told.
    pub lang: Lang,
    /// From which account.
    pub account: Option<Uuid>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// They are registered.
    Made {
        /// Which registration it is.
        id: Id<Mark>,
        /// What they have of which session.
        seats: Vec<(Id<SessionMark>, SeatState)>,
    },
    /// They were registered before. Whoever asks online is told the same as if they had not been; whoever is registered
    /// is told by the way that they chose.
    Already {
        /// Which registration it is.
        id: Id<Mark>,
        /// What anybody else would have been given.
        seats: Vec<(Id<SessionMark>, SeatState)>,
    },
}

impl Outcome {
    /// Which registration it is.
    pub const fn id(&self) -> Id<Mark> {
        match self {
            Self::Made { id, .. } | Self::Already { id, .. } => *id,
        }
    }

    /// What they have of which session, as strangers are told.
    pub fn seats(&self) -> &[(Id<SessionMark>, SeatState)] {
        match self {
            Self::Made { seats, .. } | Self::Already { seats, .. } => seats,
        }
    }
}

/// Why nobody was registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// No seat is left; how many may still wait for one, and the sessions where there is one.
    #[error("no seat is left")]
    Full {
        /// Places in the waiting list.
        waiting_places: u32,
        /// Other sessions of the series.
        alternatives: Vec<Session>,
    },
    /// There is no such session, or one registers otherwise for it.
    #[error("no such session")]
    Unknown,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What somebody may get of a session as it stands.
fn foreseen(it: &Session, waits: bool, has_begun: bool) -> Option<SeatState> {
    if it.free() > 0 {
        Some(SeatState::Seated)
    } else {
        (waits && it.may_wait() > 0 && !has_begun).then_some(SeatState::Waiting)
    }
}

/// Registers somebody. Where this fails nothing may be kept of it: let the transaction end with the error.
///
/// # Errors
/// [`RegisterError`].
pub fn register(tx: &mut Tx<'_>, new: &NewRegistration<'_>) -> Result<Outcome, RegisterError> {
    let now = tx.now();
    let open = session::to_come(tx, new.series.id, now)?;
    let open: Vec<Session> =
        open.into_iter().filter(|it| new.whom == Whom::Agent || it.span.start() > now).collect();
    let wished: Vec<&Session> = match new.wish {
        Wish::All => open.iter().filter(|it| it.span.start() > now).collect(),
        Wish::One(id) => open.iter().filter(|it| it.id == id).collect(),
    };
    if wished.is_empty() {
        return Err(RegisterError::Unknown);
    }
    let full = || RegisterError::Full {
        waiting_places: wished.iter().map(|it| it.may_wait()).min().unwrap_or_default(),
        alternatives: open
            .iter()
            .filter(|it| it.free() > 0 && it.span.start() > now && !wished.contains(it))
            .cloned()
            .collect(),
    };
    let would: Vec<(Id<SessionMark>, SeatState)> = wished
        .iter()
        .filter_map(|it| Some((it.id, foreseen(it, new.waits, it.span.start() <= now)?)))
        .collect();
    let twins = store::alike(tx, new.series.department, &new.person)?;
    let of_twins: Vec<Id<Mark>> = twins.iter().map(|(id, _)| *id).collect();
    let had: Vec<Seat> = store::seats_of(tx, &of_twins)?
        .into_iter()
        .filter(|seat| seat.state.is_live() && wished.iter().any(|it| it.id == seat.session))
        .collect();
    let rest: Vec<Id<SessionMark>> =
        wished.iter().map(|it| it.id).filter(|id| had.iter().all(|seat| seat.session != *id)).collect();
    let suffices = if new.waits { !would.is_empty() } else { would.len() == wished.len() };
    if let (Some(seat), true) = (had.first(), rest.is_empty()) {
        // A stranger who asks for what is full is told so, whoever has a seat there.
        if new.whom == Whom::Public && !suffices {
            return Err(full());
        }
        if store::told_twice(tx, seat.registration)? {
            tell::again(tx, seat.registration)?;
        }
        return Ok(Outcome::Already { id: seat.registration, seats: would });
    }
    if !suffices {
        return Err(full());
    }
    let taken = session::take(tx, &rest, now)?;
    let missed: Vec<Id<SessionMark>> =
        rest.into_iter().filter(|id| taken.iter().all(|(other, _)| other != id)).collect();
    let waiting = match (missed.is_empty(), new.waits) {
        (true, _) => Vec::new(),
        (false, true) => session::wait(tx, &missed, now)?,
        (false, false) => return Err(full()),
    };
    if taken.is_empty() && waiting.is_empty() {
        return Err(full());
    }
    // Somebody whom an adviser has met before is the same.
    let participant = match twins.first() {
        Some((_, participant)) => Some(*participant),
        None => meeting::alike(tx, new.series.department, &new.person)?,
    };
    let registration = Registration {
        id: tx.new_id(),
        reference: store::reference(tx),
        series: new.series.id,
        participant: participant.unwrap_or_else(|| tx.new_id()),
        person: new.person.clone(),
        channel: new.channel,
        lang: new.lang,
        account: new.account,
        made_at: now,
        erased: false,
        price: new.series.sheet.asked(new.reduced),
    };
    store::insert(tx, &registration)?;
    let with = |state: SeatState| move |(id, turn): &(Id<SessionMark>, u32)| (*id, state, *turn);
    let seats: Vec<(Id<SessionMark>, SeatState, u32)> = taken
        .iter()
        .map(with(SeatState::Seated))
        .chain(waiting.iter().map(with(SeatState::Waiting)))
        .collect();
    let cents = registration.price.as_ref().map_or(Cents(0), |price| price.cents);
    store::insert_seats(tx, registration.id, &seats, cents)?;
    bill::ask(tx, &registration, &taken.iter().map(|(id, _)| *id).collect::<Vec<_>>())?;
    journal(tx, "registration.made", &registration, seats.len())?;
    tell::registered(tx, &registration)?;
    let seats = seats.into_iter().map(|(id, state, _)| (id, state)).collect();
    Ok(Outcome::Made { id: registration.id, seats })
}

/// What somebody gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenUp {
    /// One seat.
    One(Id<Seat>),
    /// All that is to come.
    All,
}

/// Gives back what a registration has of one session or of all; what is freed is offered to those who wait. How many. What
/// it cost is no longer asked for, or is to be refunded, until the first of its sessions has begun.
pub fn cancel(tx: &mut Tx<'_>, id: Id<Mark>, what: GivenUp, whom: Whom) -> beffroi_store::Result<usize> {
    let Some(registration) = store::find(tx, id)? else { return Ok(0) };
    let now = tx.now();
    let all = store::seats_of(tx, &[id])?;
    let sessions = session::some(tx, &all.iter().map(|seat| seat.session).collect::<Vec<_>>())?;
    let in_time = bill::begins_at(&all, &sessions).is_some_and(|begins| begins > now);
    let may = |it: &Session| match whom {
        Whom::Public => it.span.start() > now,
        Whom::Agent => it.span.end() > now,
    };
    let given: Vec<Seat> = all
        .into_iter()
        .filter(|seat| seat.state.is_live())
        .filter(|seat| what == GivenUp::All || what == GivenUp::One(seat.id))
        .filter(|seat| sessions.iter().any(|it| it.id == seat.session && may(it)))
        .collect();
    if given.is_empty() {
        return Ok(0);
    }
    let seats: Vec<Id<Seat>> = given.iter().map(|seat| seat.id).collect();
    store::set_state(tx, &seats, SeatState::GivenUp, None)?;
    if in_time {
        store::set_cents(tx, &seats, Cents(0))?;
        bill::release(tx, &[id])?;
    }
    let of = |waits: bool| -> Vec<Id<SessionMark>> {
        let own = given.iter().filter(|seat| (seat.state == SeatState::Waiting) == waits);
        own.map(|seat| seat.session).collect()
    };
    session::give_back(tx, &of(false), &of(true))?;
    journal(tx, "registration.given_up", &registration, given.len())?;
    tell::given_up(tx, &registration)?;
    waiting::promote(tx, &of(false))?;
    Ok(given.len())
}

/// Writes down whether somebody came; or takes that back. False where they have no seat, or nobody can have come yet.
pub fn mark(tx: &mut Tx<'_>, seat: Id<Seat>, presence: Presence) -> beffroi_store::Result<bool> {
    let Some(found) = store::find_seat(tx, seat)? else { return Ok(false) };
    if found.presence == presence {
        return Ok(true);
    }
    let Some(it) = session::find(tx, found.session)? else { return Ok(false) };
    // The first come before it begins.
    let opens = it.span.start() - chrono::TimeDelta::hours(2);
    if found.state != SeatState::Seated || it.state != SessionState::Planned || tx.now() < opens {
        return Ok(false);
    }
    store::set_presence(tx, seat, presence)?;
    tx.journal(&Entry {
        kind: "registration.marked",
        subject_kind: "registration",
        subject_id: found.registration.uuid(),
        payload: serde_json::json!({ "session": found.session, "presence": presence }),
    })?;
    Ok(true)
}

/// What and how much; nothing of whom.
fn journal(tx: &mut Tx<'_>, kind: &str, it: &Registration, sessions: usize) -> beffroi_store::Result<()> {
    tx.journal(&Entry {
        kind,
        subject_kind: "registration",
        subject_id: it.id.uuid(),
        payload: serde_json::json!({
            "reference": it.reference,
            "series": it.series,
            "sessions": sessions,
            "channel": it.channel,
        }),
    })
    .map(drop)
}
