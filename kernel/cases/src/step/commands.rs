//! What is done with steps: a case enters one, agents fill in what it asks, what was to be done by itself is taken up.

use beffroi_core::{Day, Id, calendar::civil_day};
use beffroi_store::Tx;
use chrono::Days;
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::{
    DueTimer,
    store::{self},
};
use crate::{
    Access, CaseError, Right,
    case::{self, Case},
};

/// A step that a case arrives at.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// Its name in the procedure.
    pub step: &'a str,
    /// The department that acts there, where it is not the one in charge.
    pub acting: Option<&'a str>,
    /// What is done there by itself.
    pub timers: &'a [Timer],
}

/// Something that is done by itself once its time has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timer {
    /// The action’s name in its step.
    pub action: String,
    /// When.
    pub due: Due,
}

/// When something is done by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// On a day.
    On(Day),
    /// So many days before silence decides.
    DaysBeforeDeemed(u16),
}

impl Due {
    /// So many days after `today`.
    pub fn after(today: Day, days: u16) -> Self {
        Self::On(today.checked_add_days(Days::new(u64::from(days))).unwrap_or(today))
    }
}

impl Timer {
    pub(super) fn columns(&self) -> (Option<Day>, Option<u32>) {
        match self.due {
            Due::On(day) => (Some(day), None),
            Due::DaysBeforeDeemed(days) => (None, Some(u32::from(days))),
        }
    }
}

/// Says how far the town has come between receipt and decision: one of the steps that the case’s procedure names.
/// `seen` is the step in which the case stood when whoever acts looked at it. `false` where it stands there already.
///
/// Errors: [`CaseError::WrongState`] where nobody has taken the case up, or where it is over; [`CaseError::Overtaken`]
/// where somebody has moved it since.
pub fn enter(
    tx: &mut Tx<'_>,
    access: &Access,
    id: Id<Case>,
    seen: Option<&str>,
    new: Arrival<'_>,
    zone: Tz,
) -> Result<bool, CaseError> {
    let (case, _) = case::load_for(tx, access, Right::Handle, id)?;
    if !case.state.is_under_instruction() {
        return Err(CaseError::WrongState(case.state));
    }
    let stands = case.step.as_deref().unwrap_or_default();
    if stands == new.step {
        return Ok(false);
    }
    if seen.is_some_and(|seen| seen != stands) {
        return Err(CaseError::Overtaken);
    }
    store::leave(tx, id)?;
    let acting = new.acting.filter(|acting| *acting != case.department);
    if !store::set(tx, &case, new.step, acting)? {
        return Err(CaseError::Overtaken);
    }
    store::arrive(tx, id, new.step, civil_day(tx.now(), zone))?;
    for timer in new.timers {
        store::set_timer(tx, id, new.step, timer)?;
    }
    case::enter(tx, id, "case.step_reached", json!({ "step": new.step }))?;
    Ok(true)
}

/// Keeps what an agent filled in in a step that the case has been in. `seen`: how often something had been filled in
/// when they looked.
///
/// Errors: [`CaseError::Overtaken`] where somebody else filled something in since; [`CaseError::WrongState`] where
/// the case is over or was never there.
pub fn fill(
    tx: &mut Tx<'_>,
    access: &Access,
    id: Id<Case>,
    step: &str,
    seen: u32,
    answers: &Value,
) -> Result<(), CaseError> {
    let (case, _) = case::load_for(tx, access, Right::Handle, id)?;
    if !case.state.is_under_instruction() {
        return Err(CaseError::WrongState(case.state));
    }
    if !store::of_case(tx, id)?.iter().any(|known| known.step == step) {
        return Err(CaseError::WrongState(case.state));
    }
    if !store::fill(tx, id, step, seen, answers)? {
        return Err(CaseError::Overtaken);
    }
    case::enter(tx, id, "case.step_filled", json!({ "step": step }))
}

/// Takes up what was to be done by itself: once, whoever asks. `None` where it was taken up already, or where the
/// case has left the step or is over.
pub fn take(tx: &mut Tx<'_>, timer: &DueTimer) -> Result<Option<Case>, CaseError> {
    if !store::take(tx, timer)? {
        return Ok(None);
    }
    let case = case::find(tx, timer.case)?;
    Ok(case.filter(|case| case.state.is_open() && case.step.as_deref() == Some(timer.step.as_str())))
}

/// A case that is over stands in no step any more, as far as work goes.
///
/// # Errors
/// Those of the store.
pub fn leave_all(tx: &mut Tx<'_>, id: Id<Case>) -> Result<(), CaseError> {
    Ok(store::leave(tx, id)?)
}
