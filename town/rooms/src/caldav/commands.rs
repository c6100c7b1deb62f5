//! What a program does with the calendar of a room: it keeps times for the town, moves them and gives them back. The same
//! holds as on the planning: neither openings nor lengths hold the town back; what somebody has, nobody takes.

use std::collections::{BTreeMap, BTreeSet};

use beffroi_calendar::{
    booking::{self, Booking, Details, NewBooking},
    claims::ClaimError,
    ics::{Object, Time},
    resource::Kept,
    spans::Span,
};
use beffroi_core::Id;
use beffroi_dav::Conditions;
use beffroi_people::{SignedIn, permission::permit_somewhere};
use beffroi_store::{Entry, Tx};
use beffroi_web::App;
use serde_json::json;

use super::{
    calendar::{AHEAD, Asked, EVENT, Member, Origin},
    place::Place,
    refusal::Refusal,
    store::{self, Event},
};
use crate::BlockRooms;

/// Times of one event, at most: every day of a year.
pub const TIMES_AT_MOST: usize = 366;

/// What is written where.
pub struct Put {
    pub room: String,
    pub name: String,
    pub object: Object,
    pub conditions: Conditions,
}

/// Keeps an event in the calendar of a room, all of its times or none; whether it is new.
pub fn put(tx: &mut Tx<'_>, app: &App, who: &SignedIn, put: Put) -> Result<bool, Refusal> {
    let (asked, room) = may_change(tx, app, who, &put.room)?;
    let before = asked.member(tx, &room, &put.name)?;
    if !put.conditions.hold(before.as_ref().map(|member| member.tag.as_str())) {
        return Err(Refusal::Changed);
    }
    if before.as_ref().is_some_and(|member| !member.is_own()) {
        return Err(Refusal::ReadOnly);
    }
    let here = Place::Event(put.room.clone(), put.name.clone());
    if before.as_ref().is_some_and(|member| member.object.uid != put.object.uid) {
        return Err(Refusal::Uid(here));
    }
    if let Some(other) = asked.with_uid(tx, &room, &put.object.uid)?.filter(|other| other.name != put.name) {
        return Err(Refusal::Uid(Place::Event(put.room, other.name)));
    }
    let is_new = before.is_none();
    let times = judged(&asked, put.object.times(TIMES_AT_MOST)?, before.as_ref())?;
    let event = kept(tx, &room, put.name, put.object, before.as_ref())?;
    let had = before.map(|member| member.times).unwrap_or_default();
    change(tx, &asked, &room, &event, &times, &had)?;
    note(tx, if is_new { "room.event_kept" } else { "room.event_changed" }, &event, &room, times.len())?;
    Ok(is_new)
}

/// Deletes an event: all of its times are given back.
pub fn delete(
    tx: &mut Tx<'_>,
    app: &App,
    who: &SignedIn,
    (slug, name): (&str, &str),
    conditions: &Conditions,
) -> Result<(), Refusal> {
    let (asked, room) = may_change(tx, app, who, slug)?;
    let member = asked.member(tx, &room, name)?.ok_or(Refusal::NotFound)?;
    if !conditions.hold(Some(&member.tag)) {
        return Err(Refusal::Changed);
    }
    match member.origin {
        Origin::Others => Err(Refusal::ReadOnly),
        Origin::Block => {
            for booking in &member.times {
                booking::unblock(tx, booking.id)?;
            }
            Ok(())
        }
        Origin::Event(event) => {
            let bookings = store::times(tx, event.id)?;
            booking::unblock_each(tx, &bookings)?;
            store::bury(tx, event.id)?;
            note(tx, "room.event_deleted", &event, &room, bookings.len())
        }
    }
}

/// The room, for whoever may keep it for the town.
fn may_change(tx: &mut Tx<'_>, app: &App, who: &SignedIn, slug: &str) -> Result<(Asked, Kept), Refusal> {
    let asked = Asked::by(tx, app, who)?;
    let room = asked.room(slug)?.clone();
    permit_somewhere::<BlockRooms>(tx, who).map_err(|_| Refusal::ReadOnly)?;
    Ok((asked, room))
}

/// The times that may be kept: those that are over stay as they were, and nothing new is kept in the past.
fn judged(asked: &Asked, times: Vec<Time>, before: Option<&Member>) -> Result<Vec<Time>, Refusal> {
    if times.iter().any(|time| time.span.end() > asked.now + AHEAD) {
        return Err(Refusal::Far);
    }
    let known = before.map(Member::spans).unwrap_or_default();
    let over = |time: &Time| time.span.end() <= asked.now && !known.contains(&time.span);
    let (past, kept): (Vec<Time>, Vec<Time>) = times.into_iter().partition(over);
    if past.is_empty() || (before.is_some() && !kept.is_empty()) {
        return Ok(kept);
    }
    Err(Refusal::Past(past.into_iter().map(|time| time.span).collect(), asked.zone))
}

/// Writes the event down, in the place of what was at its address.
fn kept(
    tx: &mut Tx<'_>,
    room: &Kept,
    name: String,
    object: Object,
    before: Option<&Member>,
) -> Result<Event, Refusal> {
    let known = store::by_name(tx, room.id, &name)?;
    if let Some(old) = known.as_ref().filter(|_| before.is_none()) {
        // What was deleted, or given back on the planning, begins anew.
        let times = store::times(tx, old.id)?;
        store::unlink(tx, &times)?;
    }
    let event = Event {
        id: known.as_ref().map_or_else(|| tx.new_id(), |event| event.id),
        resource: room.id,
        name,
        object,
        changes: known.map_or(0, |event| event.changes.saturating_add(1)),
        changed_at: tx.now(),
        is_gone: false,
    };
    store::keep(tx, &event)?;
    if let Some(Member { origin: Origin::Block, times, .. }) = before {
        let blocks: Vec<Id<Booking>> = times.iter().map(|booking| booking.id).collect();
        store::link(tx, event.id, &blocks)?;
    }
    Ok(event)
}

/// Gives back what the event has no more, and takes what it has now.
fn change(
    tx: &mut Tx<'_>,
    asked: &Asked,
    room: &Kept,
    event: &Event,
    times: &[Time],
    before: &[Booking],
) -> Result<(), Refusal> {
    let wanted: BTreeMap<Span, &str> = times.iter().map(|time| (time.span, time.summary.as_str())).collect();
    let had: BTreeSet<Span> = before.iter().map(|booking| booking.span).collect();
    let mut renamed: BTreeMap<&str, Vec<Id<Booking>>> = BTreeMap::new();
    let (mut given_back, mut over) = (Vec::new(), Vec::new());
    for booking in before {
        match wanted.get(&booking.span) {
            Some(summary) if booking.details.note == *summary => {}
            Some(summary) => renamed.entry(summary).or_default().push(booking.id),
            None if booking.span.end() <= asked.now => over.push(booking.id),
            None => given_back.push(booking.id),
        }
    }
    // What is over was kept for the town, whatever the event says by now.
    store::unlink(tx, &over)?;
    store::unlink(tx, &given_back)?;
    booking::unblock_each(tx, &given_back)?;
    for (summary, bookings) in renamed {
        booking::note_each(tx, &bookings, summary)?;
    }
    let new: Vec<NewBooking> = times
        .iter()
        .filter(|time| !had.contains(&time.span))
        .map(|time| NewBooking {
            resource: room.id,
            span: time.span,
            details: Details { note: time.summary.clone(), ..Details::default() },
        })
        .collect();
    let made = booking::block_each(tx, &new).map_err(|fault| match fault {
        ClaimError::Store(error) => error.into(),
        ClaimError::Taken(taken) => {
            let buffers = room.details.terms.buffers();
            let refused: BTreeSet<Span> = taken.iter().map(|wish| wish.span).collect();
            let spans =
                new.iter().map(|new| new.span).filter(|span| refused.contains(&buffers.around(*span)));
            Refusal::Taken(spans.collect(), asked.zone)
        }
        ClaimError::TooMany => Refusal::TooMany,
        ClaimError::Unknown(_) => Refusal::NotFound,
    })?;
    store::link(tx, event.id, &made)?;
    Ok(())
}

fn note(tx: &mut Tx<'_>, kind: &str, event: &Event, room: &Kept, times: usize) -> Result<(), Refusal> {
    tx.journal(&Entry {
        kind,
        subject_kind: EVENT,
        subject_id: event.id.uuid(),
        payload: json!({ "resource": room.id, "times": times }),
    })?;
    Ok(())
}
