//! What was granted and booked is given back before it begins: by whoever has it, or by the town. The decision stands; the
//! booking says when, by whom and why it was given back.

use beffroi_calendar::booking::{self, Canceller};
use beffroi_core::Id;
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
