//! What was granted and booked is given back before it begins: by whoever has it, or by the town. The decision stands; the
//! booking says when, by whom and why it was given back. Of what comes again, single dates are given back too.

use beffroi_calendar::{
    booking::{self, Canceller, GivenBack, NotReturned},
    spans::Span,
};
use beffroi_core::{Cents, Id};
use beffroi_store::Tx;
use chrono_tz::Tz;
use serde_json::json;

use crate::{
    Access, CaseError, Right,
    case::{self, Case},
    error::checked_text,
    tracking::{self, Key},
};

/// The requester, who holds the key, gives back what was granted: the case that it was for.
///
/// # Errors
/// [`CaseError::WrongState`] where nothing is booked, or it has begun.
pub fn by_requester(tx: &mut Tx<'_>, key: &impl Key, why: &str, zone: Tz) -> Result<Case, CaseError> {
    let case = tracking::open(tx, key)?.ok_or(CaseError::NotFound)?;
    cancel(tx, &case, Canceller::Requester, why, zone)?;
    Ok(case)
}

/// The town takes back what it has granted, and says why (CRPA, art. L211-2).
///
/// # Errors
/// As [`by_requester`].
pub fn by_town(tx: &mut Tx<'_>, access: &Access, id: Id<Case>, why: &str, zone: Tz) -> Result<(), CaseError> {
    let (case, _) = case::load_for(tx, access, Right::Handle, id)?;
    cancel(tx, &case, Canceller::Town, why, zone)
}

fn cancel(tx: &mut Tx<'_>, case: &Case, by: Canceller, why: &str, zone: Tz) -> Result<(), CaseError> {
    let why = checked_text(why)?;
    if !booking::cancel(tx, ("case", case.id.uuid()), by, why, zone)? {
        return Err(CaseError::WrongState(case.state));
    }
    case::enter(tx, case.id, "case.booking_cancelled", json!({ "by": by.as_str(), "why": why }))
}

/// Some dates of what comes again, which somebody gives back.
#[derive(Clone, Copy, Debug)]
pub struct Dates<'d> {
    /// When each begins, in seconds since 1970.
    pub starts: &'d [i64],
    /// Why.
    pub why: &'d str,
    /// What they were told is kept of the price; `None` before they were told.
    pub told: Option<Cents>,
}

/// What came of giving dates back: the case and those dates, or why they are not given back; then nothing was done.
pub type Came = Result<(Case, Vec<Span>), NotReturned>;

/// The requester, who holds the key, gives back some dates of what was granted.
///
/// # Errors
/// [`CaseError::NotFound`] where the key opens nothing; [`CaseError::Text`] where the reason is missing or too long.
pub fn dates_by_requester(
    tx: &mut Tx<'_>,
    key: &impl Key,
    dates: Dates<'_>,
    zone: Tz,
) -> Result<Came, CaseError> {
    let case = tracking::open(tx, key)?.ok_or(CaseError::NotFound)?;
    give_back(tx, case, dates, Canceller::Requester, zone)
}

/// An agent gives back some dates of what was granted: for whoever has them, by the same rules, or for the town, which says
/// why and keeps nothing of their price.
///
/// # Errors
/// As [`dates_by_requester`], and those of whoever may not handle the case.
pub fn dates_by_agent(
    tx: &mut Tx<'_>,
    access: &Access,
    id: Id<Case>,
    dates: Dates<'_>,
    by: Canceller,
    zone: Tz,
) -> Result<Came, CaseError> {
    let (case, _) = case::load_for(tx, access, Right::Handle, id)?;
    give_back(tx, case, dates, by, zone)
}

/// Gives back some dates of what was granted for a case.
pub(crate) fn give_back(
    tx: &mut Tx<'_>,
    case: Case,
    dates: Dates<'_>,
    by: Canceller,
    zone: Tz,
) -> Result<Came, CaseError> {
    let why = checked_text(dates.why)?;
    let given = GivenBack { starts: dates.starts, by, why, told: dates.told };
    let returned = match booking::give_back_dates(tx, ("case", case.id.uuid()), &given, zone) {
        Ok(returned) => returned,
        Err(NotReturned::Store(error)) => return Err(error.into()),
        Err(refused) => return Ok(Err(refused)),
    };
    let starts: Vec<_> = returned.iter().map(|date| date.start()).collect();
    let payload = json!({ "by": by.as_str(), "why": why, "dates": starts });
    case::enter(tx, case.id, "case.booking_dates_returned", payload)?;
    Ok(Ok((case, returned)))
}
