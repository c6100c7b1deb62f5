//! What is done with opinions: asked, opened by who holds the link, answered, taken back.

use std::fmt::Write as _;

use beffroi_core::{Day, Id, calendar::civil_day};
use beffroi_store::Tx;
use chrono::{Days, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::store::{self, AT_MOST, Opinion, Shared, State, View};
use crate::{
    Access, CaseError, Right,
    case::{self, Case},
    error::checked_text,
};

/// How long after its last day a link still serves: a late opinion is better than none.
const GRACE: Days = Days::new(30);

/// What opens an opinion without an account: told once, kept as a hash.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text of the link.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Who is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Another department, by its short name.
    Department(String),
    /// Somebody outside.
    Expert {
        /// Who.
        name: String,
        /// Where the link goes.
        email: String,
    },
}

/// An opinion to ask for.
#[derive(Clone, Debug)]
pub struct NewOpinion {
    /// Who is asked.
    pub asked: Asked,
    /// What is asked.
    pub question: String,
    /// What they see.
    pub shared: Shared,
    /// The last day to answer.
    pub due_on: Day,
}

/// Asks for an opinion. Somebody outside is given a link, whose secret is told here once.
///
/// Errors: [`CaseError::WrongState`] where the case is over, or where too many were asked; [`CaseError::Sealed`] where
/// the question and the answer would lie in clear beside it.
pub fn ask(
    tx: &mut Tx<'_>,
    access: &Access,
    id: Id<Case>,
    agent: Option<Uuid>,
    new: NewOpinion,
    zone: Tz,
) -> Result<(Opinion, Option<Secret>), CaseError> {
    let (case, _) = case::load_for(tx, access, Right::Handle, id)?;
    if case.sealed {
        return Err(CaseError::Sealed);
    }
    if !case.state.is_under_instruction() || store::count_of(tx, id)? >= i64::from(AT_MOST) {
        return Err(CaseError::WrongState(case.state));
    }
    let (department, expert, email) = match new.asked {
        Asked::Department(department) => (Some(department), String::new(), String::new()),
        Asked::Expert { name, email } => (None, checked_text(&name)?.to_owned(), email.trim().to_owned()),
    };
    let opinion = Opinion {
        id: tx.new_id(),
        case: id,
        step: case.step,
        department,
        expert,
        email,
        question: checked_text(&new.question)?.to_owned(),
        shared: new.shared,
        state: State::Awaited,
        asked_by: agent,
        asked_on: civil_day(tx.now(), zone),
        due_on: new.due_on,
        reminded_on: None,
        opened_at: None,
        view: None,
        words: String::new(),
        answered_by: None,
        answered_at: None,
    };
    store::insert(tx, &opinion)?;
    let payload = json!({
        "opinion": opinion.id,
        "outside": opinion.department.is_none(),
        "due_on": opinion.due_on,
        "shared": opinion.shared,
    });
    case::enter(tx, id, "case.advice_asked", payload)?;
    let secret = if opinion.department.is_none() { Some(link(tx, &opinion)?) } else { None };
    Ok((opinion, secret))
}

/// Another link to the same opinion.
fn link(tx: &mut Tx<'_>, opinion: &Opinion) -> Result<Secret, CaseError> {
    let secret = tx.random::<32>().iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    let last = opinion.due_on.checked_add_days(GRACE).unwrap_or(opinion.due_on);
    let expires_at = last.and_time(NaiveTime::MIN).and_local_timezone(Utc).earliest();
    let expires_at = expires_at.unwrap_or_else(|| tx.now() + TimeDelta::days(30));
    store::insert_link(tx, opinion.id, &hash(&secret), expires_at.max(tx.now() + TimeDelta::days(7)))?;
    Ok(Secret(secret))
}

fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// The opinion that a link opens, and its case; `None` where the link never was, is over, or where the case is over
/// and nobody waits any more.
///
/// # Errors
/// Those of the store.
pub fn open(tx: &mut Tx<'_>, secret: &str) -> Result<Option<(Opinion, Case)>, CaseError> {
    let Some(opinion) = store::by_link(tx, &hash(secret))? else { return Ok(None) };
    let case = case::find(tx, opinion.case)?;
    let served = |case: &Case| case.state.is_open() || opinion.state == State::Given;
    Ok(case.filter(served).map(|case| (opinion, case)))
}

/// Whoever holds the link has the question before their eyes. The first time is kept.
///
/// # Errors
/// Those of the store.
pub fn opened(tx: &mut Tx<'_>, secret: &str) -> Result<(), CaseError> {
    let Some((opinion, case)) = open(tx, secret)? else { return Err(CaseError::NotFound) };
    if store::set_opened(tx, opinion.id)? {
        case::enter(tx, case.id, "case.advice_opened", json!({ "opinion": opinion.id }))?;
    }
    Ok(())
}

/// Whoever holds the link answers; once.
///
/// Errors: [`CaseError::NotFound`] where the link opens nothing, [`CaseError::WrongState`] where it was answered.
pub fn answer_by_link(
    tx: &mut Tx<'_>,
    secret: &str,
    view: View,
    words: &str,
) -> Result<(Opinion, Case), CaseError> {
    let (opinion, case) = open(tx, secret)?.ok_or(CaseError::NotFound)?;
    answer(tx, &opinion, &case, view, words, None)?;
    Ok((opinion, case))
}

/// An agent of the department that is asked answers.
///
/// Errors: [`CaseError::NotFound`] where they may not know of it.
pub fn answer_inside(
    tx: &mut Tx<'_>,
    access: &Access,
    id: Id<Opinion>,
    agent: Uuid,
    view: View,
    words: &str,
) -> Result<(Opinion, Case), CaseError> {
    let opinion = store::find(tx, id)?.ok_or(CaseError::NotFound)?;
    let department = opinion.department.as_deref().ok_or(CaseError::NotFound)?;
    if !access.allows(Right::Handle, department) {
        let known = access.allows(Right::Read, department);
        return Err(if known { CaseError::Forbidden } else { CaseError::NotFound });
    }
    let case = case::find(tx, opinion.case)?.ok_or(CaseError::NotFound)?;
    answer(tx, &opinion, &case, view, words, Some(agent))?;
    Ok((opinion, case))
}

fn answer(
    tx: &mut Tx<'_>,
    opinion: &Opinion,
    case: &Case,
    view: View,
    words: &str,
    by: Option<Uuid>,
) -> Result<(), CaseError> {
    if case.sealed {
        return Err(CaseError::Sealed);
    }
    if !case.state.is_open() {
        return Err(CaseError::WrongState(case.state));
    }
    // A favourable opinion needs no words; what stands against it, or its conditions, must be said.
    let words = match (view, words.trim()) {
        (View::Favourable, "") => "",
        (_, words) => checked_text(words)?,
    };
    if !store::answer(tx, opinion.id, view, words, by)? {
        return Err(CaseError::WrongState(case.state));
    }
    let payload = json!({ "opinion": opinion.id, "view": view });
    case::enter(tx, case.id, "case.advice_given", payload)
}

/// An agent takes a question back: its links serve no more.
///
/// Errors: [`CaseError::WrongState`] where the answer has come already.
pub fn cancel(tx: &mut Tx<'_>, access: &Access, id: Id<Case>, opinion: Id<Opinion>) -> Result<(), CaseError> {
    let (case, _) = case::load_for(tx, access, Right::Handle, id)?;
    store::find(tx, opinion)?.filter(|found| found.case == id).ok_or(CaseError::NotFound)?;
    if !store::cancel(tx, opinion)? {
        return Err(CaseError::WrongState(case.state));
    }
    case::enter(tx, id, "case.advice_cancelled", json!({ "opinion": opinion }))
}

/// Closes the opinions that a case awaits no more because it has ended: there is nothing left to give one on.
pub(crate) fn settle(tx: &mut Tx<'_>, case: Id<Case>) -> Result<(), CaseError> {
    let settled = store::settle(tx, case)?;
    if settled.is_empty() {
        return Ok(());
    }
    case::enter(tx, case, "case.advice_settled", json!({ "opinions": settled }))
}

/// Whoever is asked is reminded, once a day at most. Somebody outside is given another link: the first one stays
/// good, but its secret is known to nobody here. `None` where there is nothing to remind of.
///
/// # Errors
/// Those of the store.
pub fn remind(
    tx: &mut Tx<'_>,
    opinion: Id<Opinion>,
    today: Day,
) -> Result<Option<(Opinion, Option<Secret>)>, CaseError> {
    let Some(found) = store::find(tx, opinion)? else { return Ok(None) };
    if !store::set_reminded(tx, opinion, today)? {
        return Ok(None);
    }
    let secret = if found.department.is_none() { Some(link(tx, &found)?) } else { None };
    case::enter(tx, found.case, "case.advice_reminded", json!({ "opinion": opinion }))?;
    Ok(Some((found, secret)))
}
