//! What agents do with sessions: plan them, move them, call them off. A room of the calendar is taken and given back with
//! them.

use beffroi_calendar::{
    booking::{self, Booking, Details, NewBooking},
    claims::ClaimError,
    spans::Span,
};
use beffroi_core::Id;
use beffroi_people::Permit;
use beffroi_store::{Entry, StoreError, Tx};
use chrono::TimeDelta;

use super::store::{self, Mark, Session, SessionState};
use crate::{
    permission::AdviseWorkshops,
    place::{self, Place},
    registration,
    series::{self, Series},
    tell,
};

/// Seats of a session, at most.
pub const SEATS_AT_MOST: u32 = 500;
/// The longest session.
const LONGEST: TimeDelta = TimeDelta::hours(12);

/// When and where, for how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionDetails {
    /// Where.
    pub place: Id<Place>,
    /// From when to when.
    pub span: Span,
    /// How many may take part.
    pub seats: u32,
    /// How many may wait.
    pub waiting_places: u32,
}

/// Why a session is not kept so.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The room is taken then.
    #[error("the room is taken then")]
    RoomTaken,
    /// It is longer than a day of work.
    #[error("it lasts longer than twelve hours")]
    Long,
    /// It has no seat, or more than a hall has, or fewer than are taken.
    #[error("from 1 to {SEATS_AT_MOST} seats, and no fewer than are taken")]
    Seats,
    /// It was called off, or is over.
    #[error("it was called off, or is over")]
    Over,
    /// There is no such session, series or place.
    #[error("no such session, series or place")]
    Unknown,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Plans a session.
///
/// # Errors
/// [`SessionError`].
pub fn plan(
    tx: &mut Tx<'_>,
    _: &Permit<AdviseWorkshops>,
    series: Id<Series>,
    new: SessionDetails,
) -> Result<Id<Mark>, SessionError> {
    check(new)?;
    let series = series::find(tx, series)?.ok_or(SessionError::Unknown)?;
    let id: Id<Mark> = tx.new_id();
    let booking = book(tx, &series, id, new)?;
    let session = Session {
        id,
        series: series.id,
        place: new.place,
        span: new.span,
        seats: new.seats,
        waiting_places: new.waiting_places,
        taken: 0,
        waiting: 0,
        state: SessionState::Planned,
        why: String::new(),
        booking,
        changes: 0,
        changed_at: tx.now(),
    };
    store::insert(tx, &session)?;
    journal(tx, "workshop.planned", &session)?;
    tell::remind(tx, &session)?;
    Ok(id)
}

/// Moves a session, or gives it more or fewer seats. Whoever is registered is told where it moves; where there are more
/// seats, whoever waits is offered them.
///
/// # Errors
/// [`SessionError`].
pub fn change(
    tx: &mut Tx<'_>,
    _: &Permit<AdviseWorkshops>,
    id: Id<Mark>,
    new: SessionDetails,
) -> Result<(), SessionError> {
    check(new)?;
    let mut it = store::find(tx, id)?.ok_or(SessionError::Unknown)?;
    if it.state != SessionState::Planned || it.span.start() <= tx.now() {
        return Err(SessionError::Over);
    }
    let series = series::find(tx, it.series)?.ok_or(SessionError::Unknown)?;
    let moves = (it.place, it.span) != (new.place, new.span);
    if moves {
        if let Some(booking) = it.booking {
            booking::unblock(tx, booking)?;
        }
        it.booking = book(tx, &series, id, new)?;
    }
    (it.place, it.span) = (new.place, new.span);
    (it.seats, it.waiting_places) = (new.seats, new.waiting_places);
    if !store::update(tx, &it)? {
        return Err(SessionError::Seats);
    }
    journal(tx, if moves { "workshop.moved" } else { "workshop.changed" }, &it)?;
    if moves {
        tell::all(tx, &it, tell::Word::Moved, "")?;
        tell::remind(tx, &it)?;
    }
    registration::promote(tx, &[id])?;
    Ok(())
}

/// Calls a session off; everybody who is registered or waits is told why.
///
/// # Errors
/// [`SessionError`].
pub fn cancel(
    tx: &mut Tx<'_>,
    _: &Permit<AdviseWorkshops>,
    id: Id<Mark>,
    why: &str,
) -> Result<(), SessionError> {
    let mut it = store::find(tx, id)?.ok_or(SessionError::Unknown)?;
    if it.state == SessionState::Cancelled {
        return Ok(());
    }
    if it.span.end() <= tx.now() {
        return Err(SessionError::Over);
    }
    if let Some(booking) = it.booking.take() {
        booking::unblock(tx, booking)?;
    }
    it.state = SessionState::Cancelled;
    why.clone_into(&mut it.why);
    registration::call_off(tx, id)?;
    store::empty(tx, id)?;
    store::update(tx, &it)?;
    journal(tx, "workshop.cancelled", &it)?;
    tell::all(tx, &it, tell::Word::Cancelled, why)?;
    Ok(())
}

fn check(new: SessionDetails) -> Result<(), SessionError> {
    if !(1..=SEATS_AT_MOST).contains(&new.seats) || new.waiting_places > SEATS_AT_MOST {
        return Err(SessionError::Seats);
    }
    if new.span.length() > LONGEST { Err(SessionError::Long) } else { Ok(()) }
}

/// Takes the room of the place, where it has one.
fn book(
    tx: &mut Tx<'_>,
    series: &series::Kept,
    session: Id<Mark>,
    new: SessionDetails,
) -> Result<Option<Id<Booking>>, SessionError> {
    let place = place::find(tx, new.place)?.ok_or(SessionError::Unknown)?;
    let Some(resource) = place.resource else { return Ok(None) };
    let note = series.sheet.title.fr.clone();
    let details = Details { people: Some(new.seats), note, ..Details::default() };
    // Nobody lifts it from the planning of the rooms.
    let owner = ("workshop-session", session.uuid());
    match booking::block_for(tx, &NewBooking { resource, span: new.span, details }, owner) {
        Ok(id) => Ok(Some(id)),
        Err(ClaimError::Store(error)) => Err(error.into()),
        Err(_) => Err(SessionError::RoomTaken),
    }
}

fn journal(tx: &mut Tx<'_>, kind: &str, it: &Session) -> beffroi_store::Result<()> {
    tx.journal(&Entry {
        kind,
        subject_kind: "workshop-session",
        subject_id: it.id.uuid(),
        payload: serde_json::json!({ "series": it.series, "starts_at": it.span.start(), "seats": it.seats }),
    })
    .map(drop)
}
