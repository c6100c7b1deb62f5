//! What is done with bookings. Each takes or gives back its claims in the transaction of whoever asks for it.

use beffroi_core::{Id, Instant};
use beffroi_store::{Entry, Result, Tx};
use chrono::TimeDelta;
use serde_json::json;

use super::{
    HELD_MINUTES,
    rules::{Booking, NewBooking, Owner, Secret, State, wishes},
    store,
};
use crate::{
    claims::{self, ClaimError},
    resource,
    spans::Span,
};

/// Picks a time: it is taken for a quarter of an hour. Until when, and what opens it to whoever picked it.
///
/// # Errors
/// [`ClaimError`], where it is taken or does not exist.
pub fn hold(tx: &mut Tx<'_>, new: &NewBooking) -> Result<(Id<Booking>, Secret, Instant), ClaimError> {
    let until = tx.now() + TimeDelta::minutes(HELD_MINUTES);
    let id = take(tx, new, Some(until))?;
    let secret = Secret::draw(tx);
    store::insert(tx, id, new, State::Held, Some(until), Some(&secret))?;
    note(tx, "booking.held", id, new.span)?;
    Ok((id, secret, until))
}

/// Keeps a time for the town itself.
///
/// # Errors
/// [`ClaimError`], where somebody has it.
pub fn block(tx: &mut Tx<'_>, new: &NewBooking) -> Result<Id<Booking>, ClaimError> {
    let id = take(tx, new, None)?;
    store::insert(tx, id, new, State::Blocked, None, None)?;
    note(tx, "booking.blocked", id, new.span)?;
    Ok(id)
}

/// Gives back what the town kept for itself; false where it is no such thing.
pub fn unblock(tx: &mut Tx<'_>, id: Id<Booking>) -> Result<bool> {
    match store::find(tx, id)?.filter(|booking| booking.state == State::Blocked) {
        Some(booking) => give_up(tx, &booking).map(|()| true),
        None => Ok(false),
    }
}

/// Says for which request something is held, before it is asked for. What else was held for it is given back.
pub fn take_over(tx: &mut Tx<'_>, id: Id<Booking>, owner: Owner<'_>) -> Result<()> {
    for other in store::other_holds(tx, owner, id)? {
        if let Some(other) = store::find(tx, other)? {
            give_up(tx, &other)?;
        }
    }
    store::set_owner(tx, id, owner)
}

/// Holds it for another quarter of an hour from now, or again where nobody has taken it since; false where somebody has,
/// or it is no hold.
pub fn lengthen(tx: &mut Tx<'_>, id: Id<Booking>) -> Result<bool> {
    let Some(booking) = store::find(tx, id)?.filter(|booking| booking.state == State::Held) else {
        return Ok(false);
    };
    let until = tx.now() + TimeDelta::minutes(HELD_MINUTES);
    if !claims::hold_until(tx, id, until)? {
        if booking.span.start() <= tx.now() {
            return Ok(false);
        }
        match claims::claim(tx, id, &booking.wishes(), Some(until)) {
            Ok(()) => note(tx, "booking.held", id, booking.span)?,
            Err(ClaimError::Store(error)) => return Err(error),
            Err(_) => return Ok(false),
        }
    }
    store::set_held_until(tx, id, until)?;
    Ok(true)
}

/// Gives back what is held and not asked for.
pub fn let_go(tx: &mut Tx<'_>, id: Id<Booking>) -> Result<()> {
    match store::find(tx, id)?.filter(|booking| booking.state == State::Held) {
        Some(booking) => give_up(tx, &booking),
        None => Ok(()),
    }
}

/// Asks for what is held: it is taken without an end from now on, and waits for an answer. Where the hold has expired and
/// nobody has taken the time since, it is taken again.
///
/// # Errors
/// [`ClaimError::Taken`] where somebody has, or the time has begun.
pub fn confirm(tx: &mut Tx<'_>, booking: &Booking) -> Result<(), ClaimError> {
    take_for_good(tx, booking)?;
    store::set_state(tx, booking.id, State::Asked)?;
    note(tx, "booking.asked", booking.id, booking.span)?;
    Ok(())
}

/// Says for which request it is from now on: the draft has become a case.
pub fn hand_over(tx: &mut Tx<'_>, id: Id<Booking>, owner: Owner<'_>) -> Result<()> {
    store::set_owner(tx, id, owner)
}

/// Makes what a request asks for its own: it was granted. What silence had released is taken again.
///
/// # Errors
/// [`ClaimError::Taken`] where somebody has it since.
pub fn firm(tx: &mut Tx<'_>, owner: Owner<'_>) -> Result<(), ClaimError> {
    let Some(booking) = store::of_owner(tx, owner)? else { return Ok(()) };
    if booking.state == State::Released {
        take_for_good(tx, &booking)?;
    }
    store::set_state(tx, booking.id, State::Firm)?;
    note(tx, "booking.firm", booking.id, booking.span)?;
    Ok(())
}

/// Gives back what a request asked for or had: it was refused, withdrawn, or overtaken by silence. That it asked stays
/// known.
pub fn release(tx: &mut Tx<'_>, owner: Owner<'_>) -> Result<()> {
    let Some(booking) = store::of_owner(tx, owner)? else { return Ok(()) };
    if booking.state == State::Released {
        return Ok(());
    }
    claims::release(tx, booking.id)?;
    store::set_state(tx, booking.id, State::Released)?;
    note(tx, "booking.released", booking.id, booking.span)
}

/// Forgets for whom something was booked. What is still to come is given back; what is over stays taken, by nobody.
pub fn forget(tx: &mut Tx<'_>, owner: Owner<'_>) -> Result<()> {
    let Some(booking) = store::of_owner(tx, owner)? else { return Ok(()) };
    if booking.span.end() > tx.now() || !booking.state.takes() {
        return give_up(tx, &booking);
    }
    store::clear_owner(tx, booking.id)
}

fn take(tx: &mut Tx<'_>, new: &NewBooking, until: Option<Instant>) -> Result<Id<Booking>, ClaimError> {
    let resource = resource::find(tx, new.resource)?.ok_or(ClaimError::Unknown(new.resource))?;
    let id = tx.new_id();
    claims::claim(tx, id, &wishes(&resource, new.span, &new.details), until)?;
    Ok(id)
}

fn take_for_good(tx: &mut Tx<'_>, booking: &Booking) -> Result<(), ClaimError> {
    if claims::confirm(tx, booking.id)? {
        return Ok(());
    }
    let wishes = booking.wishes();
    if booking.span.start() <= tx.now() {
        return Err(ClaimError::Taken(wishes));
    }
    claims::claim(tx, booking.id, &wishes, None)
}

fn give_up(tx: &mut Tx<'_>, booking: &Booking) -> Result<()> {
    claims::release(tx, booking.id)?;
    store::delete(tx, booking.id)?;
    note(tx, "booking.released", booking.id, booking.span)
}

/// Pages that show what is free are kept until the journal moves on.
fn note(tx: &mut Tx<'_>, kind: &str, id: Id<Booking>, span: Span) -> Result<()> {
    tx.journal(&Entry {
        kind,
        subject_kind: "booking",
        subject_id: id.uuid(),
        payload: json!({ "from": span.start(), "until": span.end() }),
    })
    .map(drop)
}
