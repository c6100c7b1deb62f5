//! What is held and not booked: offers to whoever wished for a time, and what becomes of a time that is left. A hold that
//! is left leaves nothing; one that expires names nobody any more, and is forgotten within a day.

use beffroi_calendar::{claims, resource::Resource, spans::Span};
use beffroi_core::{Channel, Id, Instant, Lang};
use beffroi_notify::{About, mail, messenger};
use beffroi_store::{Result, Tx, jobs};
use chrono::TimeDelta;

use super::{
    commands::reference,
    rules::{Contact, State},
    store::{self, Appointment, Mark},
    tell,
};
use crate::{
    link,
    motive::Motive,
    offer,
    wish::{self, Wish},
};

/// Offers that are looked at in one round, at most.
const OFFERS_AT_ONCE: u32 = 100;
/// How long a hold that expired is known, for whoever writes slowly: its time is taken anew where it is free.
const REMEMBERED: TimeDelta = TimeDelta::days(1);

/// A time that was given back, and is offered to whoever wished for one.
#[derive(Clone, Debug)]
pub(crate) struct Offered {
    /// Under which id it is held.
    pub id: Id<Mark>,
    /// For what.
    pub motive: Id<Motive>,
    /// The site and the counter.
    pub place: (Id<Resource>, Id<Resource>),
    /// When.
    pub span: Span,
    /// How many persons come.
    pub persons: u32,
    /// In which language.
    pub lang: Lang,
    /// Whom it is for.
    pub contact: Contact,
    /// Through which door the wish came.
    pub channel: Channel,
    /// The wish.
    pub wish: Id<Wish>,
    /// When it is told.
    pub told_at: Instant,
    /// Until when it is held.
    pub until: Instant,
}

/// Writes an offer down, whose time is held, and has it told; it moves on by itself where nobody answers.
///
/// # Errors
/// Those of the store.
pub(crate) fn offered(tx: &mut Tx<'_>, new: Offered) -> Result<()> {
    let now = tx.now();
    let (site, desk) = new.place;
    let appointment = Appointment {
        id: new.id,
        reference: reference(tx),
        motive: new.motive,
        site,
        desk,
        span: new.span,
        persons: new.persons,
        state: State::Held,
        channel: new.channel,
        lang: new.lang,
        contact: new.contact,
        account: None,
        wish: Some(new.wish),
        proposal: None,
        made_at: now,
        expires_at: Some(new.until),
        changed_at: now,
        changes: 0,
        arrived_at: None,
        settled_at: None,
    };
    let link = link::new(tx);
    store::insert(tx, &appointment, &link)?;
    tell::expire(tx, new.id, new.until)?;
    tell::order_at(tx, &appointment, tell::Word::Offered, new.told_at)
}

/// Gives back what is offered to a wish that asks for nothing more, and offers it to the next.
///
/// # Errors
/// Those of the store.
pub(crate) fn take_back(tx: &mut Tx<'_>, wish: Id<Wish>) -> Result<()> {
    let Some(it) = store::of_wish(tx, wish)? else { return Ok(()) };
    leave(tx, &it)?;
    offer::given_back(tx, (it.site, it.desk), it.span)
}

/// Leaves nothing of a time that is held.
pub(super) fn leave(tx: &mut Tx<'_>, it: &Appointment) -> Result<()> {
    claims::release(tx, it.id)?;
    forget_messages(tx, it.id)?;
    store::delete(tx, it.id)
}

/// Forgets what was written about an appointment, or is about to be.
pub(crate) fn forget_messages(tx: &mut Tx<'_>, id: Id<Mark>) -> Result<()> {
    let about = About { kind: "appointment", id: id.uuid() };
    mail::forget_about(tx, about)?;
    messenger::forget_about(tx, about)?;
    jobs::forget_failed_of(tx, id.uuid()).map(drop)
}

/// An offer whose time is over goes on to the next who wished for it; whom it was for is no longer named. Whether there
/// was one.
///
/// # Errors
/// Those of the store.
pub(super) fn expire(tx: &mut Tx<'_>, id: Id<Mark>) -> Result<bool> {
    let now = tx.now();
    let found = store::find(tx, id)?;
    let over = |it: &Appointment| it.state == State::Held && it.expires_at.is_some_and(|at| at <= now);
    match found.filter(over) {
        Some(it) => pass_on(tx, it),
        None => Ok(false),
    }
}

fn pass_on(tx: &mut Tx<'_>, mut it: Appointment) -> Result<bool> {
    let Some(wished) = it.wish.take() else { return Ok(false) };
    claims::release(tx, it.id)?;
    forget_messages(tx, it.id)?;
    it.contact = Contact::default();
    it.changed_at = tx.now();
    store::update(tx, &it)?;
    wish::passed(tx, wished)?;
    offer::given_back(tx, (it.site, it.desk), it.span)?;
    Ok(true)
}

/// Frees what was held too long; offers that no job has moved on do so. How many there were.
///
/// # Errors
/// Those of the store.
pub(crate) fn lapse(tx: &mut Tx<'_>) -> Result<u64> {
    let mut done = claims::forget_expired(tx)?;
    for it in store::unanswered(tx, OFFERS_AT_ONCE)? {
        done += u64::from(pass_on(tx, it)?);
    }
    Ok(done + store::delete_expired(tx, tx.now() - REMEMBERED)?)
}
