//! A case that is another administration’s: it is handed over, and its requester is told (CRPA, art. L114-2). The
//! clock then follows art. L114-3: see [`beffroi_core::legal_clock::after_transfer`].

use beffroi_core::{Day, Id, calendar::civil_day};
use beffroi_store::Tx;
use chrono_tz::Tz;
use serde_json::json;

use crate::{
    Access, CaseError, Right,
    case::{self, Case, Event, State},
    error::checked_text,
    step,
};

/// A case that was handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferOut {
    /// The competent administration.
    pub body: String,
    /// How it is reached; `""` where that is not known.
    pub contact: String,
    /// Why it is theirs.
    pub reasons: String,
    /// When it was handed over.
    pub transferred_on: Day,
    /// When they received it, once that is known.
    pub received_on: Option<Day>,
}

/// Hands a case over to the competent administration: here it is over.
///
/// Errors: [`CaseError::WrongState`] where it is over already.
pub fn out(
    tx: &mut Tx<'_>,
    access: &Access,
    id: Id<Case>,
    (body, contact, reasons): (&str, &str, &str),
    zone: Tz,
) -> Result<TransferOut, CaseError> {
    let (case, permit) = case::load_for(tx, access, Right::Decide, id)?;
    let body = checked_text(body)?.to_owned();
    let reasons = checked_text(reasons)?.to_owned();
    let contact = contact.trim().to_owned();
    case::step(tx, &case, permit, Event::TransferOut)?;
    step::leave_all(tx, id)?;
    let transferred_on = civil_day(tx.now(), zone);
    tx.execute(
        "INSERT INTO transfer_out (case_id, body, contact, reasons, transferred_on, received_on) \
         VALUES ($1, $2, $3, $4, $5, NULL)",
        &[&id, &body, &contact, &reasons, &transferred_on],
    )?;
    case::enter(tx, id, "case.transferred", json!({ "body": body }))?;
    Ok(TransferOut { body, contact, reasons, transferred_on, received_on: None })
}

/// Writes down when the competent administration received the case: the time that silence needs to grant runs from it.
///
/// Errors: [`CaseError::WrongState`] where the case was not handed over; [`CaseError::Day`] where the day lies before
/// that, or in the future.
pub fn received(tx: &mut Tx<'_>, access: &Access, id: Id<Case>, on: Day, zone: Tz) -> Result<(), CaseError> {
    let (case, _) = case::load_for(tx, access, Right::Handle, id)?;
    let known = of_case(tx, id)?.ok_or(CaseError::WrongState(case.state))?;
    if on < known.transferred_on || on > civil_day(tx.now(), zone) {
        return Err(CaseError::Day);
    }
    tx.execute("UPDATE transfer_out SET received_on = $1 WHERE case_id = $2", &[&on, &id])?;
    case::enter(tx, id, "case.transfer_received", json!({ "on": on }))
}

/// To whom a case was handed over, if it was.
///
/// # Errors
/// Those of the store.
pub fn of_case(tx: &mut Tx<'_>, id: Id<Case>) -> Result<Option<TransferOut>, CaseError> {
    Ok(tx.query_opt(
        "SELECT body, contact, reasons, transferred_on, received_on FROM transfer_out WHERE case_id = $1",
        &[&id],
        |row| {
            Ok(TransferOut {
                body: row.get(0)?,
                contact: row.get(1)?,
                reasons: row.get(2)?,
                transferred_on: row.get(3)?,
                received_on: row.get(4)?,
            })
        },
    )?)
}

/// [`of_case`], for a case that is read already: most were not handed over, and cost no statement.
///
/// # Errors
/// Those of the store.
pub fn of(tx: &mut Tx<'_>, case: &Case) -> Result<Option<TransferOut>, CaseError> {
    if matches!(case.state, State::Transferred | State::Archived) { of_case(tx, case.id) } else { Ok(None) }
}
