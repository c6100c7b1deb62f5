//! What is done to a decision that is taken back, by the pages and by other programs alike.

use beffroi_cases::{
    Access, Right,
    case::Case,
    decision::Decision,
    missing::LocalCalendar,
    reversal::{self, NewReversal, Standing},
};
use beffroi_core::{Day, Lang, calendar::long_date};
use beffroi_documents as documents;
use beffroi_forms::CompiledForm;
use beffroi_people::Town;
use beffroi_store::{Tx, jobs};
use beffroi_web::{Result, WebError};
use serde_json::json;

use super::super::Office;
use crate::{
    enclosure::{self, To},
    papers::{self, TELL_REVERSAL, purpose},
    retention,
    visit::case_error,
};

/// Why a decision is not taken back while its case stands on a slip: signed, the slip would erase an open case.
const ON_SLIP: &str = "Ce dossier figure sur un bordereau des archives\u{a0}: sa décision ne peut pas être retirée ni abrogée tant qu’il y est.";
/// Why that of an erased case is not: nobody could be told, and nothing is left to decide anew.
const ERASED: &str =
    "Les données de ce dossier ont été effacées\u{a0}: sa décision ne peut plus être retirée ni abrogée.";

/// The decision that stands in a case, for an agent who may decide. Where none stands, somebody was faster; of what goes
/// to the archives, or is erased, none is taken back.
pub(crate) fn standing(tx: &mut Tx<'_>, access: &Access, case: &Case) -> Result<Standing> {
    access.permit(Right::Decide, case).map_err(case_error)?;
    let standing = reversal::standing(tx, case).map_err(case_error)?.ok_or_else(WebError::conflict)?;
    if retention::is_on_slip(tx, case.id)? {
        return Err(WebError::conflict().say(ON_SLIP));
    }
    if retention::is_erased(tx, case.id)? {
        return Err(WebError::conflict().say(ERASED));
    }
    Ok(standing)
}

/// The series of the act: of what is told by an order, that of orders.
pub(crate) fn series(form: &CompiledForm, taken: Option<&Decision>) -> Option<String> {
    let told_by_order = taken.is_none_or(|taken| taken.number.is_some());
    (form.procedure().decision.formal && told_by_order).then(|| "ARR".to_owned())
}

/// Writes the act, sets aside what told the decision, and has the requester told.
pub(crate) fn take_back(
    tx: &mut Tx<'_>,
    access: &Access,
    (case, form): (&Case, &CompiledForm),
    new: &NewReversal,
    town: &Town,
) -> Result<()> {
    let calendar = LocalCalendar { zone: town.zone(), holidays: town.holidays() };
    let act = reversal::act(tx, access, case.id, new, calendar).map_err(case_error)?;
    let owner = ("case", case.id.uuid());
    for (told, past) in [(purpose::DECISION, purpose::PAST), (purpose::REVERSAL, purpose::PAST_ACT)] {
        documents::repurpose(tx, owner, told, past)?;
    }
    papers::set_notices_aside(tx, case.id)?;
    enclosure::move_to(tx, To::Decision(case.id), To::Past(act.id))?;
    retention::reopened(tx, case.id, form.procedure().retention.as_ref(), &case.answers)?;
    jobs::enqueue(tx, TELL_REVERSAL, &json!({ "case": case.id }), tx.now(), None)?;
    Ok(())
}

/// Sends the letter that asks for observations, and writes down until when they are awaited.
pub(crate) fn ask_for_observations(
    tx: &mut Tx<'_>,
    office: &Office,
    (case, standing): (&Case, Standing),
    (why, until): (&str, Day),
    town: &Town,
) -> Result<()> {
    reversal::invite(tx, &office.access, case.id, until, town.zone()).map_err(case_error)?;
    office.write(tx, case, &invitation(case, standing, why, until), &[])
}

/// The letter that asks for observations (CRPA, art. L122-1). What the town writes to one person it writes in French.
fn invitation(case: &Case, standing: Standing, why: &str, until: Day) -> String {
    let day = |day| long_date(day, Lang::Fr);
    format!(
        "Nous envisageons de revenir sur la décision du {} qui accepte votre demande {}, pour les raisons suivantes\u{a0}:\n\n{why}\n\nVous pouvez nous présenter vos observations par écrit jusqu’au {}, et demander à être reçu pour les présenter de vive voix. Vous pouvez vous faire assister par un conseil ou représenter par un mandataire de votre choix (article L122-1 du code des relations entre le public et l’administration).\n\nAucune décision ne sera prise avant cette date.",
        day(standing.taken_on),
        case.reference,
        day(until),
    )
}
