//! What somebody can do with an appointment: hold a time, book it, move it, give it back; and what agents write down.

use beffroi_calendar::{
    claims::{self, ClaimError, HowMuch, Wish},
    resource::Resource,
};
use beffroi_core::{Channel, Day, Id, Instant, Lang, calendar::civil_day};
use beffroi_people::{Account, Town};
use beffroi_store::{Entry, StoreError, Tx};
use chrono::{Days, TimeDelta};

use super::{
    held,
    rules::{Come, Contact, State},
    store::{self, Appointment, Mark},
    tell,
};
use crate::{
    clock::Now,
    link, motive, offer,
    proposal::{self, Proposal},
    site,
    slots::{self, Slot, Wanted, Whom},
    ticket, wish,
};

/// How long a time is held while somebody says who they are.
pub const HOLD_MINUTES: i64 = 15;
/// Agreed appointments to come for one motive that somebody books for themselves online, at most.
const AGREED_AT_MOST: u32 = 2;
/// Other times that are proposed to whoever comes too late.
const PROPOSED: usize = 6;
/// Days around a wish in which they are looked for.
const AROUND_DAYS: u64 = 21;

/// Why nothing was booked.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// That time is not free, or no longer: those that are nearest.
    #[error("that time is not free")]
    Gone(Vec<Slot>),
    /// There is no such motive, or no such appointment.
    #[error("no such motive, or no such appointment")]
    Unknown,
    /// So many persons do not come together: at most this many.
    #[error("at most {0} persons come together")]
    Persons(usize),
    /// Somebody has as many appointments for this as one books online.
    #[error("somebody has {AGREED_AT_MOST} appointments for this already")]
    TooMany,
    /// One of the pre-requests has an appointment to come already.
    #[error("a pre-request has an appointment already")]
    Numbered,
    /// It stands otherwise than this asks for: given back, over.
    #[error("it can no longer be changed")]
    Over,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A time to be held.
#[derive(Clone, Debug)]
pub struct NewHold<'a> {
    /// For what.
    pub motive: &'a motive::Kept,
    /// How many persons come.
    pub persons: usize,
    /// From when.
    pub at: Instant,
    /// Where.
    pub site: Id<Resource>,
    /// For whom.
    pub whom: Whom,
    /// Through which door.
    pub channel: Channel,
    /// In which language.
    pub lang: Lang,
    /// For which proposal, where the town proposed it to the requester of a case.
    pub proposal: Option<Id<Proposal>>,
}

/// What is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Which.
    pub id: Id<Mark>,
    /// What opens it, told once.
    pub link: String,
}

/// Holds a time for a quarter of an hour. The same rules for all: what is not among the free times is not held.
///
/// # Errors
/// [`BookError`].
pub fn hold(tx: &mut Tx<'_>, new: &NewHold<'_>) -> Result<Held, BookError> {
    let wanted = Wanted { motive: new.motive, persons: new.persons, site: Some(new.site), whom: new.whom };
    if new.motive.details.sheet.length(new.persons).is_none() {
        return Err(BookError::Persons(new.motive.details.sheet.persons()));
    }
    let slot = free(tx, wanted, new.at)?;
    let id: Id<Mark> = tx.new_id();
    let now = tx.now();
    let expires_at = now + TimeDelta::minutes(HOLD_MINUTES);
    claim(tx, id, slot, Some(expires_at), wanted)?;
    let link = link::new(tx);
    let appointment = Appointment {
        id,
        reference: reference(tx),
        motive: new.motive.id,
        site: slot.site,
        desk: slot.desk,
        span: slot.span,
        persons: u32::try_from(new.persons).unwrap_or(u32::MAX),
        state: State::Held,
        channel: new.channel,
        lang: new.lang,
        contact: Contact::default(),
        account: None,
        wish: None,
        proposal: new.proposal,
        made_at: now,
        expires_at: Some(expires_at),
        changed_at: now,
        changes: 0,
        arrived_at: None,
        settled_at: None,
    };
    // That a time is held is no event: it tells of nobody, and most are booked or forgotten within minutes.
    store::insert(tx, &appointment, &link)?;
    Ok(Held { id, link })
}

/// Letters that are not taken for one another when they are read aloud.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// `RDV-7K2M-9QTA`: what an appointment is called on the telephone.
pub(super) fn reference(tx: &Tx<'_>) -> String {
    let letter = |byte: u8| LETTERS.get(usize::from(byte % 32)).copied().map_or('2', char::from);
    let text: String = tx.random::<8>().into_iter().map(letter).collect();
    let (first, second) = text.split_at(4);
    format!("RDV-{first}-{second}")
}

/// The free time that begins then; else those that are nearest.
fn free(tx: &mut Tx<'_>, wanted: Wanted<'_>, at: Instant) -> Result<Slot, BookError> {
    let day = civil_day(at, Town::load(tx)?.zone());
    let slots = slots::find(tx, wanted, (day, day))?;
    match slots.into_iter().find(|slot| slot.span.start() == at) {
        Some(slot) => Ok(slot),
        None => Err(BookError::Gone(alternatives(tx, wanted, at)?)),
    }
}

/// The free times that are nearest to one that is not.
///
/// # Errors
/// Those of the store.
pub fn alternatives(tx: &mut Tx<'_>, wanted: Wanted<'_>, at: Instant) -> beffroi_store::Result<Vec<Slot>> {
    let day = civil_day(at, Town::load(tx)?.zone());
    let around = |day: Day| {
        let first = day.checked_sub_days(Days::new(AROUND_DAYS)).unwrap_or(day);
        (first, day.checked_add_days(Days::new(AROUND_DAYS)).unwrap_or(day))
    };
    let found = slots::find(tx, wanted, around(day))?;
    Ok(slots::nearest(&found, at, PROPOSED))
}

fn claim(
    tx: &mut Tx<'_>,
    id: Id<Mark>,
    slot: Slot,
    expires_at: Option<Instant>,
    wanted: Wanted<'_>,
) -> Result<(), BookError> {
    let wish = Wish { resource: slot.desk, much: HowMuch::Whole, span: slot.span };
    match claims::claim(tx, id, &[wish], expires_at) {
        Ok(()) => Ok(()),
        Err(ClaimError::Taken(_)) => Err(BookError::Gone(alternatives(tx, wanted, slot.span.start())?)),
        Err(ClaimError::Store(error)) => Err(error.into()),
        Err(error) => Err(StoreError::Invalid(error.to_string()).into()),
    }
}

/// Who books what is held.
#[derive(Clone, Debug)]
pub struct Booking {
    /// Whom it is for.
    pub contact: Contact,
    /// Another time than the one that was held, where that one is gone.
    pub instead: Option<(Instant, Id<Resource>)>,
    /// For whom times are looked for.
    pub whom: Whom,
    /// Through which door.
    pub channel: Channel,
    /// From which account.
    pub account: Option<Id<Account>>,
}

/// Makes a held time an appointment, and has its owner told. Where the hold has expired, or nobody receives then any more,
/// the time is taken anew if it is still free. Asked twice, it is booked once.
///
/// # Errors
/// [`BookError`]; what is told of a time that is gone are those nearest to it.
pub fn book(tx: &mut Tx<'_>, id: Id<Mark>, booking: Booking) -> Result<Appointment, BookError> {
    let mut it = store::find(tx, id)?.ok_or(BookError::Unknown)?;
    match it.state {
        State::Held => {}
        State::Booked => return Ok(it),
        _ => return Err(BookError::Over),
    }
    let kept = motive::find(tx, it.motive)?.ok_or(BookError::Unknown)?;
    if booking.whom == Whom::Public && store::agreed(tx, it.motive, &booking.contact, id)? >= AGREED_AT_MOST {
        return Err(BookError::TooMany);
    }
    if booking.whom == Whom::Public
        && store::of_numbers(tx, &booking.contact.numbers)?.iter().any(|(_, other)| other.id != id)
    {
        return Err(BookError::Numbered);
    }
    let persons = usize::try_from(it.persons).unwrap_or(usize::MAX);
    let held = (it.span.start(), it.site);
    let (at, site) = booking.instead.unwrap_or(held);
    let wanted = Wanted { motive: &kept, persons, site: Some(site), whom: booking.whom };
    // A closure may have been said since the time was held.
    let still = (at, site) == held && kept.details.active && slots::is_open(tx, it.desk, it.span)?;
    let before = ((it.site, it.desk), it.span);
    if !(still && claims::confirm(tx, id)?) {
        claims::release(tx, id)?;
        let slot = free(tx, wanted, at)?;
        claim(tx, id, slot, None, wanted)?;
        (it.site, it.desk, it.span) = (slot.site, slot.desk, slot.span);
    }
    store::number(tx, id, &booking.contact.numbers)?;
    it.contact = booking.contact;
    it.account = booking.account;
    it.state = State::Booked;
    it.channel = booking.channel;
    it.expires_at = None;
    it.changed_at = tx.now();
    store::update(tx, &it)?;
    journal(tx, "appointment.booked", &it, &kept.details.slug)?;
    proposal::booked(tx, &it)?;
    wish::served(tx, it.motive, &it.contact, it.wish)?;
    if it.wish.is_some() && before.1 != it.span {
        offer::given_back(tx, before.0, before.1)?;
    }
    tell::order(tx, &it, tell::Word::Booked, "")?;
    tell::remind(tx, &it)?;
    Ok(it)
}

/// Moves an appointment to another time or place; where that is not free, it stays where it was.
///
/// # Errors
/// [`BookError`].
pub fn move_to(
    tx: &mut Tx<'_>,
    id: Id<Mark>,
    (at, site): (Instant, Id<Resource>),
    whom: Whom,
) -> Result<Appointment, BookError> {
    let mut it = store::find(tx, id)?.ok_or(BookError::Unknown)?;
    if it.state != State::Booked || (whom == Whom::Public && it.span.start() <= tx.now()) {
        return Err(BookError::Over);
    }
    if (it.span.start(), it.site) == (at, site) {
        return Ok(it);
    }
    let kept = motive::find(tx, it.motive)?.ok_or(BookError::Unknown)?;
    let persons = usize::try_from(it.persons).unwrap_or(usize::MAX);
    let wanted = Wanted { motive: &kept, persons, site: Some(site), whom };
    let slot = free(tx, wanted, at)?;
    let wish = Wish { resource: slot.desk, much: HowMuch::Whole, span: slot.span };
    match claims::change(tx, id, &[wish]) {
        Ok(true) => {}
        Ok(false) => return Err(BookError::Over),
        Err(ClaimError::Taken(_)) => return Err(BookError::Gone(alternatives(tx, wanted, at)?)),
        Err(ClaimError::Store(error)) => return Err(error.into()),
        Err(error) => return Err(StoreError::Invalid(error.to_string()).into()),
    }
    let given_back = ((it.site, it.desk), it.span);
    (it.site, it.desk, it.span) = (slot.site, slot.desk, slot.span);
    it.changes += 1;
    it.changed_at = tx.now();
    store::update(tx, &it)?;
    journal(tx, "appointment.moved", &it, &kept.details.slug)?;
    proposal::tell(tx, &it, "case.appointment_moved")?;
    tell::order(tx, &it, tell::Word::Moved, "")?;
    tell::remind(tx, &it)?;
    offer::given_back(tx, given_back.0, given_back.1)?;
    Ok(it)
}

/// Gives an appointment back; of a time that is only held, nothing is left. `why`: what its owner is told, where the town
/// gives it back; `None` where they do themselves.
///
/// # Errors
/// [`BookError::Over`] where it has begun; [`BookError::Unknown`] where there is none.
pub fn cancel(tx: &mut Tx<'_>, id: Id<Mark>, why: Option<&str>) -> Result<Appointment, BookError> {
    let mut it = store::find(tx, id)?.ok_or(BookError::Unknown)?;
    match it.state {
        State::Cancelled => return Ok(it),
        State::Held => {
            held::leave(tx, &it)?;
            if let Some(wished) = it.wish {
                wish::passed(tx, wished)?;
                offer::given_back(tx, (it.site, it.desk), it.span)?;
            }
            return Ok(it);
        }
        State::Booked if why.is_some() || it.span.start() > tx.now() => {}
        _ => return Err(BookError::Over),
    }
    claims::release(tx, id)?;
    it.state = State::Cancelled;
    it.expires_at = None;
    it.changes += 1;
    it.changed_at = tx.now();
    it.settled_at = Some(tx.now());
    store::update(tx, &it)?;
    let slug = motive::find(tx, it.motive)?.map(|kept| kept.details.slug).unwrap_or_default();
    journal(tx, "appointment.cancelled", &it, &slug)?;
    proposal::tell(tx, &it, "case.appointment_cancelled")?;
    tell::order(tx, &it, tell::Word::Cancelled, why.unwrap_or_default())?;
    offer::given_back(tx, (it.site, it.desk), it.span)?;
    Ok(it)
}

/// Writes down that somebody arrived, was received or did not come; or takes that back.
///
/// # Errors
/// [`BookError::Over`] where it cannot become that.
pub fn mark(tx: &mut Tx<'_>, id: Id<Mark>, next: State) -> Result<Appointment, BookError> {
    let mut it = store::find(tx, id)?.ok_or(BookError::Unknown)?;
    if it.state == next {
        return Ok(it);
    }
    let now = Now::read(tx)?;
    if !it.state.may_become(next, Come::of(it.span.start(), &now)) {
        return Err(BookError::Over);
    }
    let now = now.at;
    it.state = next;
    it.changed_at = now;
    match next {
        State::Arrived => (it.arrived_at, it.settled_at) = (Some(now), None),
        State::Received | State::Missed => it.settled_at = Some(now),
        _ => (it.arrived_at, it.settled_at) = (None, None),
    }
    store::update(tx, &it)?;
    // Whoever has arrived waits with the others, where numbers are called; whoever was received waits no longer.
    if next != State::Arrived {
        ticket::follow(tx, id, next)?;
    } else if site::site(tx, it.site)?.is_some_and(|site| site.sheet.tickets) {
        ticket::take(tx, it.site, it.motive, Some(id))?;
    }
    let slug = motive::find(tx, it.motive)?.map(|kept| kept.details.slug).unwrap_or_default();
    let kind = match next {
        State::Arrived => "appointment.arrived",
        State::Received => "appointment.received",
        State::Missed => "appointment.missed",
        _ => "appointment.expected",
    };
    journal(tx, kind, &it, &slug)?;
    match next {
        State::Received => proposal::tell(tx, &it, "case.appointment_received")?,
        State::Missed => proposal::tell(tx, &it, "case.appointment_missed")?,
        _ => {}
    }
    Ok(it)
}

/// When, where and for what; nothing of whom.
fn journal(tx: &mut Tx<'_>, kind: &str, it: &Appointment, motive: &str) -> beffroi_store::Result<()> {
    tx.journal(&Entry {
        kind,
        subject_kind: "appointment",
        subject_id: it.id.uuid(),
        payload: serde_json::json!({
            "reference": it.reference,
            "motive": motive,
            "starts_at": it.span.start(),
            "channel": it.channel,
        }),
    })?;
    Ok(())
}
