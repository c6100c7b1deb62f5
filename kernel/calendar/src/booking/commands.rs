//! What is done with bookings. Each takes or gives back its claims in the transaction of whoever asks for it.

use beffroi_core::{Id, Instant, calendar::civil_day};
use beffroi_people::Town;
use beffroi_store::{Entry, Result, Tx};
use chrono::{Datelike, TimeDelta};
use chrono_tz::Tz;
use serde_json::json;

use super::{
    HELD_MINUTES, LENGTHENED_AT_MOST,
    rules::{
        Booking, Cancelled, Canceller, Holding, Lengthened, NewBooking, NotHad, Owner, Secret, State, wishes,
        wishes_of,
    },
    store,
};
use crate::{
    availability::availability,
    claims::{self, ClaimError, HowMuch},
    resource::{self, Kept, Unfit},
    spans::Span,
    tariff::{self, Price},
    town,
};

/// Picks a time: it is taken for a quarter of an hour. Until when, and what opens it to whoever picked it.
///
/// # Errors
/// [`ClaimError`], where it is taken or does not exist.
pub fn hold(
    tx: &mut Tx<'_>,
    new: &NewBooking,
    holding: Holding<'_>,
) -> Result<(Id<Booking>, Secret, Instant), ClaimError> {
    let resource = resource::find(tx, new.resource)?.ok_or(ClaimError::Unknown(new.resource))?;
    hold_of(tx, &resource, new, holding)
}

/// [`hold`], of a resource that was read before.
///
/// # Errors
/// [`ClaimError`], where it is taken.
pub fn hold_of(
    tx: &mut Tx<'_>,
    resource: &Kept,
    new: &NewBooking,
    holding: Holding<'_>,
) -> Result<(Id<Booking>, Secret, Instant), ClaimError> {
    let until = tx.now() + TimeDelta::minutes(HELD_MINUTES);
    let id = tx.new_id();
    claims::claim(tx, id, &wishes(resource, new.span, &new.details), Some(until))?;
    let secret = Secret::draw(tx);
    store::insert(tx, id, new, State::Held, Some(until), Some((&secret, holding)))?;
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

/// The same for something of the town's that another service keeps, which alone moves it and gives it back: a session of a
/// workshop.
///
/// # Errors
/// As [`block`].
pub fn block_for(tx: &mut Tx<'_>, new: &NewBooking, owner: Owner<'_>) -> Result<Id<Booking>, ClaimError> {
    let id = block(tx, new)?;
    store::set_owner(tx, id, owner)?;
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

/// Holds it for another quarter of an hour from now, or again where nobody has taken it since and it may still be booked.
pub fn lengthen(tx: &mut Tx<'_>, id: Id<Booking>, town: &Town) -> Result<Lengthened> {
    let Some(booking) = store::find(tx, id)?.filter(|booking| booking.state == State::Held) else {
        return Ok(Lengthened::Lost);
    };
    if booking.lengthened >= LENGTHENED_AT_MOST {
        return Ok(Lengthened::Enough);
    }
    let until = tx.now() + TimeDelta::minutes(HELD_MINUTES);
    if !claims::hold_until(tx, id, until)? {
        match take_again(tx, &booking, Some(until), town) {
            Ok(()) => note(tx, "booking.held", id, booking.span)?,
            Err(NotHad::Store(error)) => return Err(error),
            Err(NotHad::Taken | NotHad::Unfit(_)) => return Ok(Lengthened::Lost),
        }
    }
    store::lengthen(tx, id, until)?;
    Ok(Lengthened::Until(until))
}

/// Gives back what is held and not asked for.
pub fn let_go(tx: &mut Tx<'_>, id: Id<Booking>) -> Result<()> {
    match store::find(tx, id)?.filter(|booking| booking.state == State::Held) {
        Some(booking) => give_up(tx, &booking),
        None => Ok(()),
    }
}

/// Asks for what is held: it is taken without an end from now on, and waits for an answer. Where the hold has expired and
/// nobody has taken the time since, it is taken again as long as it may still be booked.
///
/// # Errors
/// [`NotHad`], with nothing changed.
pub fn confirm(tx: &mut Tx<'_>, booking: &Booking, town: &Town) -> Result<(), NotHad> {
    if !claims::confirm(tx, booking.id)? {
        take_again(tx, booking, None, town)?;
    }
    store::set_state(tx, booking.id, State::Asked)?;
    note(tx, "booking.asked", booking.id, booking.span)?;
    Ok(())
}

/// Keeps what a letter asks for although somebody else has the time: it is for an agent to see and to answer.
pub fn overtake(tx: &mut Tx<'_>, id: Id<Booking>) -> Result<()> {
    claims::release(tx, id)?;
    store::set_state(tx, id, State::Overtaken)
}

/// Keeps what it costs, as it is reckoned once, when it is asked for; and that an association has it for nothing.
pub fn set_price(
    tx: &mut Tx<'_>,
    booking: &Booking,
    price: &Price,
    body: Option<(&str, &str)>,
    town: &Town,
) -> Result<()> {
    store::set_price(tx, booking.id, price)?;
    if let (Some(_), Some(body)) = (price.free, body) {
        let year = civil_day(booking.span.start(), town.zone()).year();
        tariff::note_free_use(tx, booking.id, body, year, price.value)?;
    }
    Ok(())
}

/// Says for which request it is from now on: the draft has become a case.
pub fn hand_over(tx: &mut Tx<'_>, id: Id<Booking>, owner: Owner<'_>) -> Result<()> {
    store::set_owner(tx, id, owner)
}

/// The same for a request that was received without a time: what it had asked for too late gives way.
pub fn take_place(tx: &mut Tx<'_>, id: Id<Booking>, owner: Owner<'_>) -> Result<()> {
    if let Some(before) = store::of_owner(tx, owner)?
        && before.id != id
        && before.state == State::Overtaken
    {
        give_up(tx, &before)?;
    }
    store::set_owner(tx, id, owner)
}

/// Makes what a request asks for its own: it was granted. What silence had released, and what a letter asked for too
/// late, is taken where nobody has it by now: an agent may pass over the terms.
///
/// # Errors
/// [`ClaimError::Taken`] where somebody has it since.
pub fn firm(tx: &mut Tx<'_>, owner: Owner<'_>) -> Result<(), ClaimError> {
    let Some(booking) = store::of_owner(tx, owner)? else { return Ok(()) };
    if booking.state == State::Cancelled {
        return Ok(());
    }
    if matches!(booking.state, State::Released | State::Overtaken) {
        let wishes = booking.wishes();
        if booking.span.start() <= tx.now() {
            return Err(ClaimError::Taken(wishes));
        }
        claims::claim(tx, booking.id, &wishes, None)?;
    }
    store::set_state(tx, booking.id, State::Firm)?;
    note(tx, "booking.firm", booking.id, booking.span)?;
    Ok(())
}

/// Adds a date again that could not be had when what comes again was asked for. `false` where it is none of those that
/// were left out, or nothing is taken any more.
///
/// # Errors
/// [`ClaimError::Taken`] where somebody has it still.
pub fn add_date(tx: &mut Tx<'_>, booking: &Booking, date: Span) -> Result<bool, ClaimError> {
    let Some(rank) = booking.details.skipped.iter().position(|skipped| skipped.span == date) else {
        return Ok(false);
    };
    if !matches!(booking.state, State::Asked | State::Firm) || date.start() <= tx.now() {
        return Ok(false);
    }
    claims::claim(tx, booking.id, &wishes_of(&booking.resource, date, &booking.details), None)?;
    let mut details = booking.details.clone();
    details.skipped.remove(rank);
    details.dates.push(date);
    details.dates.sort_unstable();
    store::set_dates(tx, booking.id, booking.whole().hull(date), &details)?;
    note(tx, "booking.date_added", booking.id, date)?;
    Ok(true)
}

/// Gives back what a request asked for or had: it was refused, withdrawn, or overtaken by silence. That it asked stays
/// known.
pub fn release(tx: &mut Tx<'_>, owner: Owner<'_>) -> Result<()> {
    let Some(booking) = store::of_owner(tx, owner)? else { return Ok(()) };
    if matches!(booking.state, State::Released | State::Cancelled) {
        return Ok(());
    }
    claims::release(tx, booking.id)?;
    store::set_state(tx, booking.id, State::Released)?;
    note(tx, "booking.released", booking.id, booking.span)
}

/// Gives back what was granted and has not begun: it is free at once. What is kept of its price is reckoned; where the
/// town takes it back, nothing but what was kept of single dates before. `false` where there is no such booking.
pub fn cancel(tx: &mut Tx<'_>, owner: Owner<'_>, by: Canceller, why: &str, zone: Tz) -> Result<bool> {
    match store::of_owner(tx, owner)? {
        Some(booking) => cancel_booking(tx, &booking, by, why, zone),
        None => Ok(false),
    }
}

/// [`cancel`], of a booking that is one of several of its owner.
pub fn cancel_one(tx: &mut Tx<'_>, id: Id<Booking>, by: Canceller, why: &str, zone: Tz) -> Result<bool> {
    match store::find(tx, id)? {
        Some(booking) => cancel_booking(tx, &booking, by, why, zone),
        None => Ok(false),
    }
}

fn cancel_booking(tx: &mut Tx<'_>, booking: &Booking, by: Canceller, why: &str, zone: Tz) -> Result<bool> {
    let now = tx.now();
    if !booking.can_be_cancelled(now) {
        return Ok(false);
    }
    claims::release(tx, booking.id)?;
    store::set_cancelled(tx, booking.id, &Cancelled { at: now, by, why: why.to_owned() })?;
    let kept = match by {
        Canceller::Requester => booking.kept_if_cancelled(now, zone),
        Canceller::Town => Some(booking.kept_of_returned()),
    };
    if let Some(price) = &booking.price {
        store::set_price(tx, booking.id, &Price { kept, ..price.clone() })?;
    }
    note(tx, "booking.cancelled", booking.id, booking.span)?;
    Ok(true)
}

/// Forgets for whom something was booked. What is still to come is given back; what is over stays taken, by nobody.
pub fn forget(tx: &mut Tx<'_>, owner: Owner<'_>) -> Result<()> {
    let Some(booking) = store::of_owner(tx, owner)? else { return Ok(()) };
    if booking.whole().end() > tx.now() || !booking.state.takes() {
        return give_up(tx, &booking);
    }
    if !booking.details.returned.is_empty() {
        let mut details = booking.details.clone();
        for returned in &mut details.returned {
            returned.why.clear();
        }
        store::set_dates(tx, booking.id, booking.whole(), &details)?;
    }
    store::clear_owner(tx, booking.id)
}

fn take(tx: &mut Tx<'_>, new: &NewBooking, until: Option<Instant>) -> Result<Id<Booking>, ClaimError> {
    let resource = resource::find(tx, new.resource)?.ok_or(ClaimError::Unknown(new.resource))?;
    let id = tx.new_id();
    claims::claim(tx, id, &wishes(&resource, new.span, &new.details), until)?;
    Ok(id)
}

/// Takes again what has expired, by the rules as they are now: nobody gains by letting a hold run out.
fn take_again(tx: &mut Tx<'_>, booking: &Booking, until: Option<Instant>, town: &Town) -> Result<(), NotHad> {
    if booking.span.start() <= tx.now() {
        return Err(NotHad::Taken);
    }
    let (school, resource) = (town::school(town), &booking.resource);
    let asked = [(resource.id, HowMuch::Whole)];
    let found = availability(tx, &asked, booking.whole(), &town::year(town, &school))?;
    let open = found.into_values().next().map(|found| found.open).unwrap_or_default();
    let mut unfit = Vec::new();
    for date in booking.dates() {
        for why in resource.details.terms.unfit(*date, &open, tx.now(), town.zone()) {
            if !unfit.contains(&why) {
                unfit.push(why);
            }
        }
    }
    if !resource.details.active && !unfit.contains(&Unfit::Closed) {
        unfit.push(Unfit::Closed);
    }
    if !unfit.is_empty() {
        return Err(NotHad::Unfit(unfit));
    }
    Ok(claims::claim(tx, booking.id, &booking.wishes(), until)?)
}

fn give_up(tx: &mut Tx<'_>, booking: &Booking) -> Result<()> {
    claims::release(tx, booking.id)?;
    store::delete(tx, booking.id)?;
    note(tx, "booking.released", booking.id, booking.span)
}

/// Pages that show what is free are kept until the journal moves on.
pub(super) fn note(tx: &mut Tx<'_>, kind: &str, id: Id<Booking>, span: Span) -> Result<()> {
    tx.journal(&Entry {
        kind,
        subject_kind: "booking",
        subject_id: id.uuid(),
        payload: json!({ "from": span.start(), "until": span.end() }),
    })
    .map(drop)
}
