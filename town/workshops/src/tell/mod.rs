//! What is told of a registration, by the way that was chosen: e-mail, text message, letter, or a call that an agent makes.
//! By jobs, once what is told is durable; what the town tells by itself waits for the morning.

mod call;
mod letter;
mod message;
mod money;

use std::sync::Arc;

use beffroi_calendar::now;
use beffroi_core::{Id, Instant, calendar::civil_day};
use beffroi_people::Town;
use beffroi_store::{
    By, Commune, Result, Tx,
    background::JobHandler,
    jobs::{self, Job, JobError},
    words,
};
use chrono::Days;
use serde::{Deserialize, Serialize};

pub use call::{Call, done as call_done, waiting as calls_waiting};
pub(crate) use letter::{LetterHandler, forget as forget_letters, letterhead};
pub(crate) use message::{Stationery, text};

use crate::{
    Origin,
    registration::{self, Mark, Registration, Seat, SeatState, Way},
    session::{self, Mark as SessionMark, Session, SessionState},
};

/// The job that tells one thing.
const TELL: &str = "workshops.tell";
/// At what hour somebody is reminded.
const REMINDED_AT: u32 = 10;
/// How many days before a session letters remind of it.
const LETTERS_AHEAD: u64 = 6;

words! {
    /// What is told.
    Word {
        /// A registration was made.
        Registered = "registered",
        /// A seat that was offered is taken.
        Seated = "seated",
        /// A seat was given back, and is offered.
        Offered = "offered",
        /// It is tomorrow; by letter, within days.
        Reminder = "reminder",
        /// Day, hours or place are others.
        Moved = "moved",
        /// The session is called off.
        Cancelled = "cancelled",
        /// Something was given back.
        GivenUp = "given-up",
        /// Somebody asked to be registered who is.
        Again = "again",
    }
}

/// What a job is to tell: to one registration, or to all of a session.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Order {
    word: Word,
    registration: Option<Id<Mark>>,
    session: Option<Id<SessionMark>>,
    /// For which time: what has been moved meanwhile is not told of.
    starts_at: Option<Instant>,
    /// Why a session is called off.
    #[serde(default)]
    why: String,
    /// Whether those are told who chose letters, and nobody else: they are told earlier.
    #[serde(default)]
    by_letter: bool,
}

fn order(tx: &mut Tx<'_>, order: &Order, due_at: Instant, once: Option<&str>) -> Result<()> {
    jobs::enqueue(tx, TELL, &serde_json::to_value(order)?, due_at, once)
}

fn about(word: Word, registration: Option<Id<Mark>>, it: Option<&Session>) -> Order {
    Order {
        word,
        registration,
        session: it.map(|it| it.id),
        starts_at: it.map(|it| it.span.start()),
        why: String::new(),
        by_letter: false,
    }
}

/// Tells somebody what they have just done: by mail at once, else by day.
fn answer(tx: &mut Tx<'_>, to: &Registration, word: Word, it: Option<&Session>) -> Result<()> {
    let due_at = match to.person.way {
        Some(Way::Mail) => tx.now(),
        _ => now::awake(tx.now(), Town::load(tx)?.zone()),
    };
    order(tx, &about(word, Some(to.id), it), due_at, None)
}

/// A registration was made.
pub(crate) fn registered(tx: &mut Tx<'_>, it: &Registration) -> Result<()> {
    answer(tx, it, Word::Registered, None)
}

/// Something was given back.
pub(crate) fn given_up(tx: &mut Tx<'_>, it: &Registration) -> Result<()> {
    answer(tx, it, Word::GivenUp, None)
}

/// Somebody asked to be registered who is.
pub(crate) fn again(tx: &mut Tx<'_>, id: Id<Mark>) -> Result<()> {
    let due_at = now::awake(tx.now(), Town::load(tx)?.zone());
    order(tx, &about(Word::Again, Some(id), None), due_at, None)
}

/// A seat is offered, or was taken.
pub(crate) fn one(tx: &mut Tx<'_>, to: &Registration, it: &Session, word: Word) -> Result<()> {
    if word == Word::Seated {
        return answer(tx, to, word, Some(it));
    }
    let due_at = now::awake(tx.now(), Town::load(tx)?.zone());
    order(tx, &about(word, Some(to.id), Some(it)), due_at, None)
}

/// Everybody who has something of a session is told.
pub(crate) fn all(tx: &mut Tx<'_>, it: &Session, word: Word, why: &str) -> Result<()> {
    let due_at = now::awake(tx.now(), Town::load(tx)?.zone());
    for by_letter in [false, true] {
        let new = Order { why: why.to_owned(), by_letter, ..about(word, None, Some(it)) };
        order(tx, &new, due_at, None)?;
    }
    Ok(())
}

/// Has those who will have a seat reminded at ten in the morning of the day before; by letter, some days before.
pub(crate) fn remind(tx: &mut Tx<'_>, it: &Session) -> Result<()> {
    let zone = Town::load(tx)?.zone();
    let day = civil_day(it.span.start(), zone);
    for (by_letter, ahead) in [(false, 1), (true, LETTERS_AHEAD)] {
        let due_at =
            day.checked_sub_days(Days::new(ahead)).and_then(|eve| now::at_hour(eve, REMINDED_AT, zone));
        let Some(due_at) = due_at.filter(|due| *due > tx.now()) else { continue };
        let once = format!("workshops.reminder.{}.{}.{ahead}", it.id, it.span.start().timestamp());
        let new = Order { by_letter, ..about(Word::Reminder, None, Some(it)) };
        order(tx, &new, due_at, Some(&once))?;
    }
    Ok(())
}

/// Does the job: mails, text messages, letters and calls are queued, and leave by jobs of their own.
pub(crate) struct Teller(pub(crate) Arc<Origin>);

impl JobHandler for Teller {
    fn kind(&self) -> &'static str {
        TELL
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> std::result::Result<(), JobError> {
        let order: Order = serde_json::from_value(job.payload.clone())
            .map_err(|_| JobError::Fail("the job tells of no workshop".to_owned()))?;
        let origin = (self.0)(commune.slug())?
            .ok_or_else(|| JobError::Fail("the commune has no host name".to_owned()))?;
        let job = job.id;
        Ok(commune.write_blocking(By::SYSTEM, move |tx| told(tx, &order, &origin, job))?)
    }
}

/// Whether a seat is one of those that a word is for.
const fn concerns(word: Word, state: SeatState) -> bool {
    match word {
        Word::Cancelled => matches!(state, SeatState::CalledOff),
        Word::Offered => matches!(state, SeatState::Offered),
        Word::Seated | Word::Reminder => matches!(state, SeatState::Seated),
        _ => state.is_live(),
    }
}

/// A registration and what it has, ready to be told.
struct Told {
    registration: Registration,
    /// With its session, where there is one to be told of.
    seats: Vec<(Seat, Session)>,
}

fn told(tx: &mut Tx<'_>, order: &Order, origin: &str, job: Id<Job>) -> Result<()> {
    let found = match (order.registration, order.session) {
        (Some(id), session) => of_registration(tx, order.word, id, session)?,
        (None, Some(id)) => of_session(tx, order, id)?,
        (None, None) => Vec::new(),
    };
    // What has been moved or has begun meanwhile is not told of.
    let now = tx.now();
    let stands = |it: &Session| {
        order.starts_at.is_none_or(|at| at == it.span.start())
            && (order.session.is_none() || it.span.end() > now)
            && (order.word == Word::Cancelled) == (it.state == SessionState::Cancelled)
    };
    let mut stationery = None;
    for mut it in found {
        // What was given back before it was confirmed needs no confirmation.
        if order.word == Word::Registered && it.seats.is_empty() {
            continue;
        }
        if order.session.is_some() {
            it.seats.retain(|(_, session)| stands(session));
            if it.seats.is_empty() {
                continue;
            }
        }
        if stationery.is_none() {
            stationery = Stationery::load(tx, it.registration.series, origin)?;
        }
        let Some(stationery) = &stationery else { return Ok(()) };
        deliver(tx, stationery, &it, order, job)?;
    }
    Ok(())
}

fn of_registration(
    tx: &mut Tx<'_>,
    word: Word,
    id: Id<Mark>,
    only: Option<Id<SessionMark>>,
) -> Result<Vec<Told>> {
    let Some(registration) = registration::find(tx, id)?.filter(|it| !it.erased) else {
        return Ok(Vec::new());
    };
    let seats = registration::seats_of(tx, &[id])?.into_iter().filter(|seat| concerns(word, seat.state));
    let seats: Vec<Seat> = seats.filter(|seat| only.is_none_or(|only| only == seat.session)).collect();
    let sessions = session::some(tx, &seats.iter().map(|seat| seat.session).collect::<Vec<_>>())?;
    let mut seats: Vec<(Seat, Session)> = seats
        .into_iter()
        .filter_map(|seat| {
            let it = sessions.iter().find(|it| it.id == seat.session)?.clone();
            Some((seat, it))
        })
        .collect();
    seats.sort_by_key(|(_, it)| it.span.start());
    Ok(vec![Told { registration, seats }])
}

fn of_session(tx: &mut Tx<'_>, order: &Order, id: Id<SessionMark>) -> Result<Vec<Told>> {
    let Some(it) = session::find(tx, id)? else { return Ok(Vec::new()) };
    let all = registration::of_session(tx, id)?.into_iter();
    let told = all
        .filter(|(seat, owner)| concerns(order.word, seat.state) && !owner.erased)
        .filter(|(_, owner)| (owner.person.way == Some(Way::Letter)) == order.by_letter)
        .map(|(seat, registration)| Told { registration, seats: vec![(seat, it.clone())] });
    Ok(told.collect())
}

fn deliver(tx: &mut Tx<'_>, stationery: &Stationery, it: &Told, order: &Order, job: Id<Job>) -> Result<()> {
    match it.registration.person.way {
        Some(Way::Mail) => message::mail(tx, stationery, it, order),
        Some(Way::Sms) => {
            if message::sms(tx, stationery, it, order, job)? {
                Ok(())
            } else {
                call::note(tx, it, order.word)
            }
        }
        Some(Way::Letter) => letter::order(tx, it, order),
        Some(Way::Call) => call::note(tx, it, order.word),
        Some(Way::Nothing) | None => Ok(()),
    }
}
