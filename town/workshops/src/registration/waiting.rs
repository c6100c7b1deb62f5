//! The waiting list: a seat that is given back is offered to whoever has waited longest, kept for them for a day, and goes
//! on to the next where they do not take it. Nobody is told of it at night.

use beffroi_calendar::now;
use beffroi_core::{Cents, Id, Instant};
use beffroi_store::{Entry, Result, ToValue, Tx, marks};
use chrono::TimeDelta;
use chrono_tz::Tz;

use super::{
    rules::{SeatState, Way},
    store::{self, Mark, Seat},
};
use crate::{
    bill,
    session::{self, Mark as SessionMark, Session},
    tell,
};

/// How long a seat is kept for whoever reads of it at once.
const OFFERED_FOR: TimeDelta = TimeDelta::hours(24);
/// How long it is kept for whoever an agent must reach.
const OFFERED_TO_CALL: TimeDelta = TimeDelta::hours(48);
/// How long before it begins a seat may still be taken by whoever it is offered to.
const NOT_LATER: TimeDelta = TimeDelta::hours(2);
/// The shortest time in which somebody can answer.
const AT_LEAST: TimeDelta = TimeDelta::hours(1);
/// Offers that are looked at in one round, at most.
const OFFERS_AT_ONCE: u32 = 200;

/// Until when a seat is offered that is free now; `None` where nobody could answer any more: it is for whoever comes.
fn offered_until(now: Instant, starts_at: Instant, way: Option<Way>, zone: Tz) -> Option<Instant> {
    let told_at = now::awake(now, zone);
    let for_long = if matches!(way, Some(Way::Mail | Way::Sms)) { OFFERED_FOR } else { OFFERED_TO_CALL };
    let until = (told_at + for_long).min(starts_at - NOT_LATER);
    (until >= told_at + AT_LEAST).then_some(until)
}

/// Offers what is free of these sessions to those who have waited longest.
pub(crate) fn promote(tx: &mut Tx<'_>, sessions: &[Id<SessionMark>]) -> Result<()> {
    let found = session::some(tx, sessions)?;
    let now = tx.now();
    for it in found.iter().filter(|it| it.is_to_come(now) && it.free() > 0 && it.waiting > 0) {
        offer(tx, it)?;
    }
    Ok(())
}

fn offer(tx: &mut Tx<'_>, it: &Session) -> Result<()> {
    let zone = beffroi_people::Town::load(tx)?.zone();
    let first = store::first_waiting(tx, it.id, it.free())?;
    let known = store::some(tx, &first.iter().map(|seat| seat.registration).collect::<Vec<_>>())?;
    let now = tx.now();
    for seat in first {
        let Some(registration) = known.get(&seat.registration) else { continue };
        let until = offered_until(now, it.span.start(), registration.person.way, zone);
        let Some(until) = until else { return Ok(()) };
        // The bound is part of the statement: whoever is faster has the seat.
        let sql = "UPDATE workshops_session SET taken = taken + 1, waiting = waiting - 1 \
             WHERE id = $1 AND taken < seats AND waiting > 0";
        if tx.execute(sql, &[&it.id])? == 0 {
            return Ok(());
        }
        store::set_state(tx, &[seat.id], SeatState::Offered, Some(until))?;
        tx.journal(&Entry {
            kind: "registration.offered",
            subject_kind: "registration",
            subject_id: registration.id.uuid(),
            payload: serde_json::json!({ "session": it.id, "until": until }),
        })?;
        tell::one(tx, registration, it, tell::Word::Offered)?;
    }
    Ok(())
}

/// Takes the seat that is offered. Also after its time, as long as nobody else was offered it; false where it is gone.
pub fn accept(tx: &mut Tx<'_>, registration: Id<Mark>, seat: Id<Seat>) -> Result<bool> {
    let Some(found) = store::find_seat(tx, seat)?.filter(|it| it.registration == registration) else {
        return Ok(false);
    };
    if found.state == SeatState::Seated {
        return Ok(true);
    }
    let (Some(it), Some(owner)) = (session::find(tx, found.session)?, store::find(tx, registration)?) else {
        return Ok(false);
    };
    if found.state != SeatState::Offered || !it.is_to_come(tx.now()) {
        return Ok(false);
    }
    store::set_state(tx, &[seat], SeatState::Seated, None)?;
    if let Some(price) = &owner.price {
        store::set_cents(tx, &[seat], price.cents)?;
        bill::ask(tx, &owner, &[it.id])?;
    }
    tx.journal(&Entry {
        kind: "registration.accepted",
        subject_kind: "registration",
        subject_id: registration.uuid(),
        payload: serde_json::json!({ "session": it.id }),
    })?;
    tell::one(tx, &owner, &it, tell::Word::Seated)?;
    Ok(true)
}

/// Takes back what was offered and not taken in time, and offers it to the next; how many offers that were.
pub fn lapse(tx: &mut Tx<'_>) -> Result<u64> {
    let over = store::unanswered(tx, OFFERS_AT_ONCE)?;
    if over.is_empty() {
        return Ok(0);
    }
    let ids: Vec<Id<Seat>> = over.iter().map(|seat| seat.id).collect();
    let params: Vec<&dyn ToValue> = ids.iter().map(|id| id as &dyn ToValue).collect();
    let list = marks(1, ids.len());
    let sql = format!(
        "UPDATE workshops_session SET taken = taken - (SELECT COUNT(*) FROM workshops_seat s \
         WHERE s.session = workshops_session.id AND s.id IN ({list})) \
         WHERE id IN (SELECT session FROM workshops_seat WHERE id IN ({list}))"
    );
    tx.execute(&sql, &params)?;
    store::set_state(tx, &ids, SeatState::GivenUp, None)?;
    for seat in &over {
        tx.journal(&Entry {
            kind: "registration.lapsed",
            subject_kind: "registration",
            subject_id: seat.registration.uuid(),
            payload: serde_json::json!({ "session": seat.session }),
        })?;
    }
    let mut sessions: Vec<Id<SessionMark>> = over.iter().map(|seat| seat.session).collect();
    sessions.sort_unstable();
    sessions.dedup();
    promote(tx, &sessions)?;
    Ok(u64::try_from(over.len()).unwrap_or(u64::MAX))
}

/// A session is called off: nobody has anything of it any more, and nobody is to pay for it.
pub(crate) fn call_off(tx: &mut Tx<'_>, session: Id<SessionMark>) -> Result<()> {
    let asked: Vec<Id<Mark>> = store::seats_in(tx, session)?
        .into_iter()
        .filter(|seat| seat.cents > Cents(0))
        .map(|seat| seat.registration)
        .collect();
    tx.execute("UPDATE workshops_seat SET cents = 0 WHERE session = $1 AND cents > 0", &[&session])?;
    bill::release(tx, &asked)?;
    let live: Vec<SeatState> = SeatState::ALL.iter().copied().filter(|state| state.is_live()).collect();
    let (state, now) = (SeatState::CalledOff, tx.now());
    let mut params: Vec<&dyn ToValue> = vec![&state, &now, &session];
    params.extend(live.iter().map(|state| state as &dyn ToValue));
    let sql = format!(
        "UPDATE workshops_seat SET state = $1, expires_at = NULL, changed_at = $2 WHERE session = $3 \
         AND state IN ({})",
        marks(4, live.len())
    );
    tx.execute(&sql, &params).map(drop)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use chrono_tz::Europe::Paris;

    use super::*;

    fn at(text: &str) -> Instant {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    #[test]
    fn an_offer_leaves_a_day_to_answer_and_begins_in_the_morning() {
        let until = |now: &str, starts: &str, way| offered_until(at(now), at(starts), Some(way), Paris);
        let far = "2026-12-20T09:00:00Z";
        let mail = Way::Mail;
        assert_eq!(until("2026-12-01T10:00:00Z", far, mail), Some(at("2026-12-02T10:00:00Z")));
        assert_eq!(until("2026-12-01T22:00:00Z", far, mail), Some(at("2026-12-03T07:00:00Z")));
        assert_eq!(until("2026-12-01T10:00:00Z", far, Way::Call), Some(at("2026-12-03T10:00:00Z")));
        // Never later than two hours before it begins; and where that leaves no hour, it is for whoever comes.
        assert_eq!(
            until("2026-12-01T10:00:00Z", "2026-12-01T16:00:00Z", mail),
            Some(at("2026-12-01T14:00:00Z"))
        );
        assert_eq!(until("2026-12-01T10:00:00Z", "2026-12-01T12:30:00Z", mail), None);
        assert_eq!(until("2026-12-01T22:00:00Z", "2026-12-02T08:00:00Z", mail), None);
    }
}
