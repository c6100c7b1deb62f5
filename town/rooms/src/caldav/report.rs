//! Questions about what is in the calendar of a room (RFC 4791, 7; RFC 6578).

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use beffroi_calendar::{
    booking::{self, Booking, State},
    ics,
    resource::Kept,
    spans::{Span, Spans},
};
use beffroi_core::{Id, Instant};
use beffroi_dav::{Filter, Multistatus, Range, Report, Wanted};
use beffroi_people::SignedIn;
use beffroi_store::{
    Tx,
    journal::{self, Seq},
};

use super::{
    calendar::{Asked, EVENT, Member, SUBJECTS},
    place::Place,
    props::{Telling, Thing},
    refusal::{Refusal, xml},
    store,
};

/// Changes that are told at once, at most: whoever missed more begins anew.
const CHANGES_AT_MOST: u32 = 2_000;
/// What the mark of how far somebody has read begins with.
const MARK: &str = "urn:beffroi:caldav:";

/// How far a program has read.
pub fn mark(seq: Seq) -> String {
    format!("{MARK}{}", seq.0)
}

/// Answers a question about the calendar of a room.
pub fn answer(
    tx: &mut Tx<'_>,
    (asked, who): (&Asked, &SignedIn),
    room: &Kept,
    report: Report,
    minimal: bool,
) -> Result<Response, Refusal> {
    match report {
        Report::Query { wanted, expand, filter } => {
            let mut members = asked.members(tx, room)?;
            members.retain(|member| fits(member, &filter));
            Ok(told(asked, who, room, (&wanted, span(expand)?), minimal, &members, &[], None))
        }
        Report::Multiget { wanted, expand, addresses } => {
            let (members, missing) = named(tx, asked, room, &addresses)?;
            Ok(told(asked, who, room, (&wanted, span(expand)?), minimal, &members, &missing, None))
        }
        Report::Sync { wanted, since, limit } => {
            let (members, gone) = changed(tx, asked, room, since.as_deref())?;
            if limit.is_some_and(|limit| members.len() + gone.len() > limit) {
                return Err(Refusal::TooMany);
            }
            let mark = mark(asked.mark);
            Ok(told(asked, who, room, (&wanted, None), minimal, &members, &gone, Some(&mark)))
        }
        Report::FreeBusy(range) => {
            let within = span(Some(range))?.ok_or(Refusal::NotFound)?;
            let members = asked.members(tx, room)?;
            let taken: Spans = members.iter().flat_map(Member::spans).collect();
            let taken = taken.and(&within.into());
            let text = ics::busy(within, taken.as_slice(), asked.now);
            Ok(([(header::CONTENT_TYPE, "text/calendar; charset=utf-8")], text).into_response())
        }
        Report::Other(_) => Err(Refusal::UnknownQuestion),
    }
}

#[expect(clippy::too_many_arguments, reason = "what three questions have in common")]
fn told(
    asked: &Asked,
    who: &SignedIn,
    room: &Kept,
    (wanted, expand): (&Wanted, Option<Span>),
    minimal: bool,
    members: &[Member],
    missing: &[String],
    mark: Option<&str>,
) -> Response {
    let mut status = Multistatus::new(minimal);
    let telling = Telling { asked, who, wanted, expand };
    for member in members {
        telling.tell(&mut status, &Thing::Event(room, member));
    }
    for address in missing {
        status.tell_status(address, StatusCode::NOT_FOUND);
    }
    xml(StatusCode::MULTI_STATUS, status.finish(mark))
}

/// A stretch that ends somewhere, for what is computed of it.
fn span(range: Option<Range>) -> Result<Option<Span>, Refusal> {
    let Some(Range { start, end }) = range else { return Ok(None) };
    let bounded =
        |at: Instant| at.clamp(Instant::UNIX_EPOCH, Instant::from_timestamp(7_258_118_400, 0).unwrap_or(at));
    Span::new(bounded(start), bounded(end))
        .map(Some)
        .ok_or(Refusal::Question(beffroi_dav::Unreadable::Filter))
}

fn fits(member: &Member, filter: &Filter) -> bool {
    match filter {
        Filter::Everything => true,
        Filter::Nothing => false,
        Filter::Events { within, properties } => {
            let meets = |within: &Range| {
                member.spans().iter().any(|span| span.start() < within.end && span.end() > within.start)
            };
            within.as_ref().is_none_or(meets)
                && properties.iter().all(|property| property.test.passes(member.says(&property.name)))
        }
    }
}

/// The events at these addresses, and the addresses at which there are none of this calendar.
fn named(
    tx: &mut Tx<'_>,
    asked: &Asked,
    room: &Kept,
    addresses: &[String],
) -> Result<(Vec<Member>, Vec<String>), Refusal> {
    let mut wanted = BTreeSet::new();
    let mut missing = Vec::new();
    let mut there: BTreeMap<String, Member> =
        asked.members(tx, room)?.into_iter().map(|member| (member.name.clone(), member)).collect();
    for address in addresses {
        match Place::of(address) {
            Some(Place::Event(slug, name)) if slug == room.details.slug && there.contains_key(&name) => {
                wanted.insert(name);
            }
            _ => missing.push(address.clone()),
        }
    }
    there.retain(|name, _| wanted.contains(name));
    Ok((there.into_values().collect(), missing))
}

/// What has changed since a mark, and the addresses of what is there no more.
fn changed(
    tx: &mut Tx<'_>,
    asked: &Asked,
    room: &Kept,
    since: Option<&str>,
) -> Result<(Vec<Member>, Vec<String>), Refusal> {
    let members = asked.members(tx, room)?;
    let Some(since) = since else { return Ok((members, Vec::new())) };
    let since: i64 = since.strip_prefix(MARK).and_then(|seq| seq.parse().ok()).ok_or(Refusal::Mark)?;
    // What is deleted is forgotten in time: whoever was away for long reads all of it anew.
    if !(asked.oldest.0..=journal::position(tx)?.0).contains(&since) {
        return Err(Refusal::Mark);
    }
    let entries = journal::of_subject_kinds(tx, &SUBJECTS, Seq(since), CHANGES_AT_MOST)?;
    if entries.len() >= CHANGES_AT_MOST as usize {
        return Err(Refusal::Mark);
    }
    let (mut bookings, mut events) = (BTreeSet::new(), BTreeSet::new());
    for entry in entries {
        if entry.subject_kind == EVENT {
            events.insert(Id::from_uuid(entry.subject_id));
        } else if entry.kind != "booking.held" {
            bookings.insert(Id::<Booking>::from_uuid(entry.subject_id));
        }
    }
    let bookings: Vec<Id<Booking>> = bookings.into_iter().collect();
    let of = store::events_of(tx, &bookings)?;
    events.extend(of.values().copied());
    let places = asked.places(room.id);
    // What is of another room, or only held, is nothing to this calendar.
    let elsewhere: BTreeSet<Id<Booking>> = booking::several(tx, &bookings)?
        .into_iter()
        .filter(|it| !places.contains(&it.resource.id) || it.state == State::Held)
        .map(|it| it.id)
        .collect();
    let alone = bookings.iter().filter(|id| !of.contains_key(id) && !elsewhere.contains(id));
    let mut names: BTreeSet<String> = alone.map(|id| format!("{id}.ics")).collect();
    // A time that an event has no more may be one of its own by now; a block that became an event has another address.
    names.extend(
        of.keys().map(|id| format!("{id}.ics")).filter(|name| members.iter().any(|it| it.name == *name)),
    );
    let events: Vec<_> = events.into_iter().collect();
    let events = store::of_ids(tx, &events)?;
    names.extend(events.into_iter().filter(|event| event.resource == room.id).map(|event| event.name));
    let (changed, _): (Vec<Member>, Vec<Member>) =
        members.into_iter().partition(|member| names.remove(&member.name));
    let slug = &room.details.slug;
    let gone = names.into_iter().map(|name| Place::Event(slug.clone(), name).address());
    Ok((changed, gone.collect()))
}
