//! A case that was handed over to the competent administration: what its silence will mean, for whoever is told.

use beffroi_cases::{case::Case, missing::DocumentRequest, transfer::TransferOut};
use beffroi_core::{
    Day,
    legal_clock::{AfterTransfer, Incomplete, after_transfer},
};
use beffroi_people::Town;
use beffroi_web::{Result, WebError};

/// The clock of a case that was handed over (CRPA, art. L114-3).
pub(crate) fn clock(
    case: &Case,
    requests: &[DocumentRequest],
    out: &TransferOut,
    today: Day,
    town: &Town,
) -> Result<AfterTransfer> {
    let incompletes: Vec<Incomplete> = requests
        .iter()
        .map(|request| Incomplete {
            asked: request.asked_on,
            arrived: request.arrived_on.or(Some(out.transferred_on.max(request.asked_on))),
            deadline: request.deadline,
        })
        .collect();
    after_transfer(case.regime, case.received_on, &incompletes, out.received_on, today, town.holidays())
        .map_err(WebError::internal)
}
