//! What a case takes of the calendar: what was booked for it, and what it borrows.

use beffroi_calendar::{
    booking::{self, Owner},
    lending,
};
use beffroi_store::{Result, Tx};

use crate::CaseError;

/// Makes it the case's own: it was granted.
///
/// # Errors
/// [`CaseError::Taken`] where others have it since.
pub(crate) fn firm(tx: &mut Tx<'_>, owner: Owner<'_>) -> Result<(), CaseError> {
    booking::firm(tx, owner).map_err(CaseError::taken)?;
    lending::firm(tx, owner).map_err(CaseError::taken)
}

/// Gives it back.
pub(crate) fn release(tx: &mut Tx<'_>, owner: Owner<'_>) -> Result<()> {
    booking::release(tx, owner)?;
    lending::release(tx, owner)
}

/// Forgets for what it was.
pub(crate) fn forget(tx: &mut Tx<'_>, owner: Owner<'_>) -> Result<()> {
    booking::forget(tx, owner)?;
    lending::forget(tx, owner)
}
