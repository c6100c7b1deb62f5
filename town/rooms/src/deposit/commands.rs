//! What may be done with a deposit. Each step is journaled, without a word of whoever gave it.

use beffroi_calendar::{
    booking::{self, Booking, State as BookingState},
    clock,
};
use beffroi_core::{
    Day, Id, Instant,
    calendar::{civil_day, long_date},
    money::Cents,
};
use beffroi_documents::{Document, Gate, NewDocument, StoredFile};
use beffroi_people::Permit;
use beffroi_store::{Entry, Result, Tx};
use chrono::Days;
use serde_json::json;
use uuid::Uuid;

use super::{
    DAYS_TO_ANSWER,
    rules::{self, Deposit, DepositFault, Means, NewWithheld, Origin, State},
    store,
};
use crate::{
    ManageDeposits, inspection,
    premises::{self, Granted, Whose, words},
    season::{self, Request},
};

/// What came of it.
type Done = Result<std::result::Result<(), DepositFault>>;

/// Writes down that a deposit is asked for: when a room is granted whose tariff has one, or granted again. An association
/// is asked for one for each room that it has for a season, whatever the times are that it has there. `false` where there
/// is none to ask for, or it is asked for already.
///
/// # Errors
/// Those of the store.
pub fn promise(tx: &mut Tx<'_>, found: &Granted) -> Result<bool> {
    match &found.whose {
        Whose::Case(case) => ask(tx, Origin::Case(case.id), &[&found.booking]),
        Whose::Season { request, .. } => {
            let all = booking::of_owners(tx, season::SUBJECT, &[request.id.uuid()])?;
            let room = found.booking.resource.id;
            let own = all.iter().filter(|it| it.resource.id == room && it.state == BookingState::Firm);
            ask(tx, Origin::Season(request.id), &own.collect::<Vec<_>>())
        }
    }
}

/// Asks for one deposit for bookings of a room: what the tariff of the dearest has.
pub(super) fn ask(tx: &mut Tx<'_>, origin: Origin, bookings: &[&Booking]) -> Result<bool> {
    let deposits = bookings.iter().filter_map(|it| it.price.as_ref()).map(|price| price.deposit);
    let amount = deposits.max().unwrap_or_default();
    let mut ids: Vec<Id<Booking>> = bookings.iter().map(|it| it.id).collect();
    ids.sort_unstable();
    let Some(first) = ids.first().copied().filter(|_| amount.0 > 0) else { return Ok(false) };
    let new = Deposit {
        booking: first,
        origin,
        amount,
        state: State::Promised,
        promised_at: tx.now(),
        means: None,
        reference: String::new(),
        held_on: None,
        held_by: None,
        withheld: None,
        reason: String::new(),
        quote: None,
        inspection: None,
        told_at: None,
        answer_by: None,
        answer: String::new(),
        kept: None,
        ended_at: None,
    };
    if !store::insert(tx, &new, &ids)? {
        return Ok(false);
    }
    note(tx, &new, "deposit.promised", json!({ "cents": amount }))?;
    Ok(true)
}

/// Writes down that one that nobody gave is needed no more: nothing is left of what it was to answer for.
pub(super) fn let_go(tx: &mut Tx<'_>, it: &Deposit) -> Result<()> {
    store::end(tx, it.booking, State::Released, Cents(0))?;
    note(tx, it, "deposit.released", json!({ "needed": false }))
}

/// Writes down that it was given: a cheque, the imprint of a card, cash.
///
/// # Errors
/// Those of the store; the fault is told.
pub fn hold(
    tx: &mut Tx<'_>,
    _: &Permit<ManageDeposits>,
    it: &Deposit,
    (means, typed, on): (Means, &str, Day),
    (agent, today): (Uuid, Day),
) -> Done {
    let checked = it.must_be(&[State::Promised]).and_then(|()| rules::reference(typed));
    let reference = match checked {
        Ok(reference) => reference,
        Err(fault) => return Ok(Err(fault)),
    };
    if on > today {
        return Ok(Err(DepositFault::Day));
    }
    store::set_held(tx, it.booking, (means, reference, on), agent)?;
    note(tx, it, "deposit.held", json!({ "means": means, "on": on })).map(Ok)
}

/// Gives it back whole, or writes down that none is needed any more; whoever gave it is told.
///
/// # Errors
/// Those of the store; the fault is told.
pub fn release(
    tx: &mut Tx<'_>,
    _: &Permit<ManageDeposits>,
    (found, it): (&Granted, &Deposit),
    agent: Uuid,
) -> Done {
    if let Err(fault) = it.must_be(&[State::Promised, State::Held, State::Withheld]) {
        return Ok(Err(fault));
    }
    store::end(tx, it.booking, State::Released, Cents(0))?;
    note(tx, it, "deposit.released", json!({}))?;
    if it.state != State::Promised {
        tell(tx, found, it, agent, "released", &[])?;
    }
    Ok(Ok(()))
}

/// What is to be kept, as it may be said now.
///
/// # Errors
/// The first fault.
pub(super) fn checked(
    new: &NewWithheld,
    found: &Granted,
    it: &Deposit,
) -> std::result::Result<NewWithheld, DepositFault> {
    it.must_be(&[State::Held])?;
    let amount = rules::part(new.amount, it.amount)?;
    let reason = rules::reason(&new.reason)?.to_owned();
    let today = civil_day(found.now, found.zone());
    let least = today.checked_add_days(Days::new(u64::from(DAYS_TO_ANSWER))).unwrap_or(today);
    if new.answer_by < least {
        return Err(DepositFault::Term);
    }
    Ok(NewWithheld { amount, reason, answer_by: new.answer_by, after: new.after })
}

/// Says that a part is to be kept, how much, why and by which quote; whoever gave it is told, and how they may answer and
/// appeal. Nothing is kept yet. They have fifteen days at least.
///
/// # Errors
/// Those of the store; the fault is told.
pub fn withhold(
    tx: &mut Tx<'_>,
    _: &Permit<ManageDeposits>,
    (found, it): (&Granted, &Deposit),
    new: &NewWithheld,
    quote: &StoredFile,
    (agent, gate): (Uuid, Gate),
) -> Done {
    let new = match checked(new, found, it) {
        Ok(new) => new,
        Err(fault) => return Ok(Err(fault)),
    };
    let (owner_kind, owner_id) = found.whose.owner();
    let paper = NewDocument { file: quote, owner_kind, owner_id, purpose: "quote" };
    let paper = Document::create(tx, gate, &paper)?.id;
    store::set_withheld(tx, it.booking, &new, paper)?;
    let payload = json!({ "cents": new.amount, "answer_by": new.answer_by });
    note(tx, it, "deposit.withheld", payload)?;
    let it = Deposit {
        withheld: Some(new.amount),
        reason: new.reason.clone(),
        answer_by: Some(new.answer_by),
        inspection: new.after,
        ..it.clone()
    };
    tell(tx, found, &it, agent, "withheld", &[paper])?;
    Ok(Ok(()))
}

/// Writes down what whoever gave it has answered: on the page, by letter, at the counter. What they have answered before
/// stays.
///
/// # Errors
/// Those of the store; the fault is told.
pub(super) fn answer(tx: &mut Tx<'_>, _: &Permit<ManageDeposits>, it: &Deposit, typed: &str) -> Done {
    match it.must_be(&[State::Withheld]).and_then(|()| rules::reason(typed)) {
        Err(fault) => Ok(Err(fault)),
        Ok(answer) => {
            store::set_answer(tx, it.booking, &rules::answers(&it.answer, answer))?;
            note(tx, it, "deposit.answered", json!({})).map(Ok)
        }
    }
}

/// Writes down what an association has answered on the page of its request. Once they have, an agent notes what else they
/// say.
///
/// # Errors
/// Those of the store; the fault is told.
pub(crate) fn answer_of_season(
    tx: &mut Tx<'_>,
    request: Id<Request>,
    it: &Deposit,
    typed: &str,
) -> Result<std::result::Result<(), DepositFault>> {
    let open = it.origin == Origin::Season(request) && it.answer.is_empty();
    let checked = if open { it.must_be(&[State::Withheld]) } else { Err(DepositFault::State(it.state)) };
    match checked.and_then(|()| rules::reason(typed)) {
        Err(fault) => Ok(Err(fault)),
        Ok(answer) => {
            store::set_answer(tx, it.booking, answer)?;
            note(tx, it, "deposit.answered", json!({})).map(Ok)
        }
    }
}

/// Settles what was to be kept, once whoever gave it has answered or could: at most what they were told. They are told what
/// was decided, and how it may be contested.
///
/// # Errors
/// Those of the store; the fault is told.
pub fn settle(
    tx: &mut Tx<'_>,
    _: &Permit<ManageDeposits>,
    (found, it): (&Granted, &Deposit),
    kept: Cents,
    agent: Uuid,
) -> Done {
    let today = civil_day(tx.now(), found.zone());
    let most = it.withheld.unwrap_or(Cents(0));
    let checked = it
        .must_be(&[State::Withheld])
        .and_then(|()| it.may_settle(today))
        .and_then(|()| rules::part(kept, most));
    if let Err(fault) = checked {
        return Ok(Err(fault));
    }
    store::end(tx, it.booking, State::Settled, kept)?;
    note(tx, it, "deposit.settled", json!({ "cents": kept }))?;
    let it = Deposit { kept: Some(kept), ..it.clone() };
    tell(tx, found, &it, agent, "settled", &[])?;
    Ok(Ok(()))
}

/// Tells whoever gave it what became of it. Whoever has the room on many days is told after which inspection a part is to be
/// kept.
fn tell(
    tx: &mut Tx<'_>,
    found: &Granted,
    it: &Deposit,
    agent: Uuid,
    news: &str,
    documents: &[Id<Document>],
) -> Result<()> {
    let seen: Option<Instant> = match it.inspection {
        Some(id) => inspection::find(tx, id)?.map(|seen| seen.starts_at),
        None => None,
    };
    premises::tell(tx, found, Some(agent), documents, |lang| {
        let kept = it.kept.or(it.withheld).unwrap_or(Cents(0));
        let until = it.answer_by.map(|day| long_date(day, lang)).unwrap_or_default();
        let court = &found.town.court;
        let variables = [
            ("name", found.booking.resource.details.name.read_in(lang).to_owned().into()),
            ("amount", it.amount.read_in(lang).into()),
            ("kept", kept.read_in(lang).into()),
            ("rest", it.rest().read_in(lang).into()),
            ("reason", it.reason.clone().into()),
            ("until", until.into()),
            ("court", court.name.clone().into()),
            ("season", found.whose.season(lang).into()),
        ];
        let mut told = match &found.whose {
            Whose::Case(_) => words(lang, &format!("rooms-told-deposit-{news}"), &variables)?,
            Whose::Season { .. } => words(lang, &format!("rooms-told-season-deposit-{news}"), &variables)?,
        };
        // Of a room that is had once it goes without saying.
        let many = it.origin.kind() == season::SUBJECT || found.booking.dates().len() > 1;
        if let (true, Some(at), "withheld") = (many, seen, news) {
            let when = clock::moment(at, found.zone(), lang);
            let seen = words(lang, "rooms-told-deposit-seen", &[("when", when.into())])?;
            told = format!("{told}\n\n{seen}");
        }
        // What keeps money says how it is contested (CJA, art. R421-5).
        if news != "released" {
            let appeal = if court.name.is_empty() { "rooms-told-appeal-plain" } else { "rooms-told-appeal" };
            told = format!("{told}\n\n{}", words(lang, appeal, &variables)?);
        }
        Ok(told)
    })
}

fn note(tx: &mut Tx<'_>, it: &Deposit, kind: &str, payload: serde_json::Value) -> Result<()> {
    tx.journal(&Entry { kind, subject_kind: "booking", subject_id: it.booking.uuid(), payload }).map(drop)
}
