//! Taking a decision back: who would lose by it is asked for observations, then the act is written, with what becomes of
//! the case and of its clock.

use beffroi_calendar::{
    booking::{self, Canceller},
    lending,
};
use beffroi_core::{
    Cents, Day, Id,
    calendar::{Holidays, civil_day},
    legal_clock::{self, Regime, Silence},
};
use beffroi_store::{StoreError, Tx};
use chrono::Datelike;
use chrono_tz::Tz;
use serde_json::json;

use super::{
    law::{self, Barred, Effect, Ground, Hearing, Standing},
    store::{self, Past, Reversal},
};
use crate::{
    Access, CaseError, Right,
    cancellation::{self, Dates},
    case::{self, Case, Event, State},
    decision::{self, Decision, Outcome},
    error::checked_text,
    missing::LocalCalendar,
    silence::{self, ImpliedDecision},
    tracking::{self, Key},
};

/// A decision to take back.
#[derive(Clone, Debug)]
pub struct NewReversal {
    /// What becomes of it.
    pub effect: Effect,
    /// On what ground.
    pub ground: Ground,
    /// Why: taking a decision back is due reasons (CRPA, art. L211-2, 4°).
    pub reasons: String,
    /// How whoever loses by it was heard; without effect where that is not due, and where they asked for it.
    pub hearing: Hearing,
    /// On which day they gave observations.
    pub heard_on: Option<Day>,
    /// In which way: by letter, at the counter; or why they need not be heard.
    pub heard_how: String,
    /// The first name and name of who signs.
    pub signatory_name: String,
    /// In which quality.
    pub signatory_quality: String,
    /// By which delegation; `""` for who signs by right.
    pub signatory_delegation: String,
    /// The series in which it is numbered, where the decision was.
    pub series: Option<String>,
}

/// The decision that stands in a case and can be taken back; `None` where there is none. A refusal by silence is not
/// among them: the town still owes an answer, which replaces it.
pub fn standing(tx: &mut Tx<'_>, case: &Case) -> Result<Option<Standing>, CaseError> {
    if !matches!(case.state, State::Decided | State::Archived) {
        return Ok(None);
    }
    if let Some(taken) = decision::of_case(tx, case.id)? {
        let Decision { outcome, decided_on, .. } = taken;
        return Ok(Some(Standing { outcome, taken_on: decided_on, of_silence: false }));
    }
    let implied = silence::of_case(tx, case.id)?.filter(|implied| implied.outcome == Outcome::Granted);
    Ok(implied.map(|implied| Standing {
        outcome: implied.outcome,
        taken_on: implied.deemed_on,
        of_silence: true,
    }))
}

/// Writes down that the requester is asked for observations until a day: the letter that asks them leaves in the same
/// transaction. Asked again, the later time counts.
///
/// # Errors
/// [`CaseError::WrongState`] where no decision stands, or none that gives a right; [`CaseError::Day`] where the time given
/// is over already.
pub fn invite(
    tx: &mut Tx<'_>,
    access: &Access,
    id: Id<Case>,
    until_on: Day,
    zone: Tz,
) -> Result<(), CaseError> {
    let (case, _) = case::load_for(tx, access, Right::Decide, id)?;
    let standing = standing(tx, &case)?.filter(|standing| standing.hearing_due());
    standing.ok_or(CaseError::WrongState(case.state))?;
    let today = civil_day(tx.now(), zone);
    if until_on <= today {
        return Err(CaseError::Day);
    }
    tx.execute(
        "INSERT INTO reversal_hearing (case_id, asked_on, until_on) VALUES ($1, $2, $3) \
         ON CONFLICT (case_id) DO UPDATE SET asked_on = excluded.asked_on, until_on = excluded.until_on",
        &[&id, &today, &until_on],
    )?;
    case::enter(tx, id, "case.observations_asked", json!({ "until": until_on }))
}

/// How the person was heard, if that is enough for this act today: the way, the day and the words that are kept.
fn heard(
    tx: &mut Tx<'_>,
    id: Id<Case>,
    standing: Standing,
    new: &NewReversal,
    today: Day,
) -> Result<(Hearing, Option<Day>, String), CaseError> {
    if !standing.hearing_due() {
        return Ok((Hearing::NotDue, None, String::new()));
    }
    if new.ground == Ground::Beneficiary {
        return Ok((Hearing::Asked, None, String::new()));
    }
    let barred = CaseError::Barred;
    match new.hearing {
        Hearing::NotDue => Err(barred(Barred::Unheard)),
        Hearing::Observed => {
            let on = new.heard_on.filter(|on| (standing.taken_on..=today).contains(on));
            let on = on.ok_or(barred(Barred::Day))?;
            Ok((Hearing::Observed, Some(on), checked_text(&new.heard_how)?.to_owned()))
        }
        Hearing::Invited => {
            let invited = store::invitation(tx, id)?.ok_or(barred(Barred::Unheard))?;
            if invited.until_on >= today {
                return Err(barred(Barred::TooSoon(invited.until_on)));
            }
            Ok((Hearing::Invited, Some(invited.asked_on), String::new()))
        }
        Hearing::Asked => Ok((Hearing::Asked, None, String::new())),
        named @ (Hearing::Urgency | Hearing::PublicOrder | Hearing::OwnProcedure) => {
            Ok((named, None, checked_text(&new.heard_how)?.to_owned()))
        }
    }
}

/// The act as it would be written today, without its number: nothing is written yet.
///
/// # Errors
/// [`CaseError::WrongState`] where no decision stands; [`CaseError::Barred`] where the law does not let it be taken back
/// so, or not yet.
pub fn draft(tx: &mut Tx<'_>, case: &Case, new: &NewReversal, zone: Tz) -> Result<Reversal, CaseError> {
    let standing = standing(tx, case)?.ok_or(CaseError::WrongState(case.state))?;
    let today = civil_day(tx.now(), zone);
    let reasons = checked_text(&new.reasons)?.to_owned();
    let rule = law::check(standing, new.effect, new.ground, today).map_err(CaseError::Barred)?;
    let (hearing, heard_on, heard_how) = heard(tx, case.id, standing, new, today)?;
    let signatory_name = checked_text(&new.signatory_name)?.to_owned();
    let signatory_quality = checked_text(&new.signatory_quality)?.to_owned();
    let taken = decision::of_case(tx, case.id)?;
    Ok(Reversal {
        id: tx.new_id(),
        effect: new.effect,
        ground: new.ground,
        article: rule.article.to_owned(),
        number: None,
        reasons,
        signatory_name,
        signatory_quality,
        signatory_delegation: new.signatory_delegation.trim().to_owned(),
        hearing,
        heard_on,
        heard_how,
        acted_on: today,
        sent_at: None,
        read_at: None,
        pends: standing.pends_again(new.effect),
        past: past(standing, taken.as_ref()),
    })
}

/// Takes the decision of a case back. The case can be decided anew from then on; its clock runs again, from this day,
/// only where a refusal is withdrawn. What was booked for what had been granted is given back; where it has begun and the
/// decision is only repealed, its dates to come are.
///
/// # Errors
/// As [`draft`].
pub fn act(
    tx: &mut Tx<'_>,
    access: &Access,
    id: Id<Case>,
    new: &NewReversal,
    calendar: LocalCalendar,
) -> Result<Reversal, CaseError> {
    let (case, permit) = case::load_for(tx, access, Right::Decide, id)?;
    let mut reversal = draft(tx, &case, new, calendar.zone)?;
    let today = reversal.acted_on;
    if let Some(series) = &new.series {
        reversal.number = Some(decision::next_number(tx, series, today.year())?);
    }
    let (taken, implied) = (decision::of_case(tx, id)?, silence::of_case(tx, id)?);
    case::step(tx, &case, permit, Event::Reverse)?;
    keep(tx, &case, &reversal, (taken.as_ref(), implied.as_ref()))?;
    for table in ["decision", "implied_decision", "reversal_hearing"] {
        tx.execute(&format!("DELETE FROM {table} WHERE case_id = $1"), &[&id])?;
    }
    if reversal.past.outcome == Outcome::Granted {
        give_back(tx, &case, &reversal, calendar.zone)?;
    }
    run_on(tx, &case, reversal.pends, today, calendar.holidays)?;
    let kind = match new.effect {
        Effect::Withdrawn => store::WITHDRAWN,
        Effect::Repealed => store::REPEALED,
    };
    let payload = json!({
        "reversal": reversal.id,
        "ground": new.ground.as_str(),
        "article": reversal.article,
        "number": reversal.number,
        "outcome": reversal.past.outcome.as_str(),
    });
    case::enter(tx, id, kind, payload)?;
    Ok(reversal)
}

/// Gives back what was booked for what had been granted. What is repealed holds for the past: of a booking that has begun
/// only the dates to come are given back, and nothing is kept of their price.
fn give_back(tx: &mut Tx<'_>, case: &Case, new: &Reversal, zone: Tz) -> Result<(), CaseError> {
    let owner = ("case", case.id.uuid());
    let now = tx.now();
    // What is out already is promised to nobody else before it has come back: agents see to it among the loans.
    if lending::of_owner(tx, owner)?.is_some_and(|loan| loan.span.start() > now) {
        lending::release(tx, owner)?;
    }
    let Some(booked) = booking::of_owner(tx, owner)? else { return Ok(()) };
    if new.effect == Effect::Withdrawn || booked.span.start() > now {
        return Ok(booking::release(tx, owner)?);
    }
    let starts: Vec<i64> = booked.returnable(now).iter().map(|date| date.start().timestamp()).collect();
    if starts.is_empty() {
        return Ok(());
    }
    let dates = Dates { starts: &starts, why: &new.reasons, told: Some(Cents(0)) };
    match cancellation::give_back(tx, case.clone(), dates, Canceller::Town, zone)? {
        Ok(_) => Ok(()),
        Err(refused) => Err(StoreError::Invalid(refused.to_string()).into()),
    }
}

fn past(standing: Standing, taken: Option<&Decision>) -> Past {
    let signed = taken.map(|taken| {
        let told = [&taken.signatory_name, &taken.signatory_quality, &taken.signatory_delegation];
        told.into_iter().filter(|told| !told.is_empty()).cloned().collect::<Vec<_>>().join(", ")
    });
    Past {
        of_silence: standing.of_silence,
        outcome: standing.outcome,
        number: taken.and_then(|taken| taken.number.clone()),
        reasons: taken.map(|taken| taken.reasons.clone()).unwrap_or_default(),
        signed: signed.unwrap_or_default(),
        taken_on: standing.taken_on,
    }
}

/// Writes the act down, with the decision and the clock as they were.
fn keep(
    tx: &mut Tx<'_>,
    case: &Case,
    new: &Reversal,
    (taken, implied): (Option<&Decision>, Option<&ImpliedDecision>),
) -> Result<(), StoreError> {
    let (sent_at, read_at) = (taken.and_then(|it| it.sent_at), taken.and_then(|it| it.read_at));
    let term = case.regime.term.map(|term| term.to_string());
    tx.execute(
        "INSERT INTO reversal (id, case_id, effect, ground, article, number, reasons, signatory_name, \
         signatory_quality, signatory_delegation, hearing, heard_on, heard_how, acted_on, acted_at, sent_at, read_at, \
         pends, silence, term, due_on, of_silence, was_outcome, was_number, was_reasons, was_signed, was_on, \
         was_sent_at, was_read_at, implied_outcome, implied_on) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, NULL, NULL, $16, $17, $18, $19, \
         $20, $21, $22, $23, $24, $25, $26, $27, $28, $29)",
        &[
            &new.id,
            &case.id,
            &new.effect,
            &new.ground,
            &new.article,
            &new.number,
            &new.reasons,
            &new.signatory_name,
            &new.signatory_quality,
            &new.signatory_delegation,
            &new.hearing,
            &new.heard_on,
            &new.heard_how,
            &new.acted_on,
            &tx.now(),
            &new.pends,
            &case.regime.silence.as_str(),
            &term,
            &case.deemed_on,
            &new.past.of_silence,
            &new.past.outcome,
            &new.past.number,
            &new.past.reasons,
            &new.past.signed,
            &new.past.taken_on,
            &sent_at,
            &read_at,
            &implied.map(|implied| implied.outcome.as_str()),
            &implied.map(|implied| implied.deemed_on),
        ],
    )
    .map(drop)
}

/// What becomes of the clock: where the request pends again it runs from this day, as it ran from the receipt; else silence
/// decides nothing any more.
fn run_on(
    tx: &mut Tx<'_>,
    case: &Case,
    pends: bool,
    today: Day,
    holidays: Holidays,
) -> Result<(), CaseError> {
    if !pends {
        case::set_clock(tx, case.id, Regime { silence: Silence::None, term: None }, None)?;
        return Ok(case::move_clock(tx, case.id, None)?);
    }
    let regime = first_regime(tx, case)?;
    let deemed_on = legal_clock::certain_deemed_on(regime, today, &[], holidays)?;
    case::set_clock(tx, case.id, regime, Some(today))?;
    Ok(case::move_clock(tx, case.id, deemed_on)?)
}

/// The regime that the case came with: an act before this one may have stopped its clock.
fn first_regime(tx: &mut Tx<'_>, case: &Case) -> Result<Regime, CaseError> {
    let kept: (String, Option<String>) = tx.query_one(
        "SELECT silence, term FROM reversal WHERE case_id = $1 ORDER BY id LIMIT 1",
        &[&case.id],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let unknown = |word: &str| StoreError::Corrupt(format!("no regime is called {word}"));
    let (silence, term) = kept;
    Ok(Regime {
        silence: silence.parse().map_err(|_| unknown(&silence))?,
        term: term.map(|term| term.parse().map_err(|_| unknown(&term))).transpose()?,
    })
}

/// Writes down that the requester was sent word of the last act of a case.
pub fn sent(tx: &mut Tx<'_>, id: Id<Case>) -> Result<(), CaseError> {
    let first = tx.execute(
        "UPDATE reversal SET sent_at = $1 WHERE id = (SELECT id FROM reversal WHERE case_id = $2 \
         ORDER BY id DESC LIMIT 1) AND sent_at IS NULL",
        &[&tx.now(), &id],
    )?;
    if first == 1 {
        case::enter(tx, id, "case.reversal_sent", json!({}))?;
    }
    Ok(())
}

/// Writes down that the letter that told it is put back among those to print. What was opened since has been told.
pub fn put_back(tx: &mut Tx<'_>, id: Id<Case>) -> Result<(), CaseError> {
    let undone = tx.execute(
        "UPDATE reversal SET sent_at = NULL WHERE id = (SELECT id FROM reversal WHERE case_id = $1 \
         ORDER BY id DESC LIMIT 1) AND sent_at IS NOT NULL AND read_at IS NULL",
        &[&id],
    )?;
    if undone == 1 {
        case::enter(tx, id, "case.reversal_put_back", json!({}))?;
    }
    Ok(())
}

/// The requester, who holds the key, opens the act. The first time is kept: from that day the time of appeal runs.
pub fn open(tx: &mut Tx<'_>, key: &impl Key) -> Result<Reversal, CaseError> {
    let case = tracking::open(tx, key)?.ok_or(CaseError::NotFound)?;
    let last = store::of_case(tx, case.id)?.pop().ok_or(CaseError::NotFound)?;
    let first = tx.execute(
        "UPDATE reversal SET read_at = $1 WHERE id = $2 AND read_at IS NULL",
        &[&tx.now(), &last.id],
    )?;
    if first == 1 {
        case::enter(tx, case.id, "case.reversal_read", json!({}))?;
    }
    Ok(last)
}
