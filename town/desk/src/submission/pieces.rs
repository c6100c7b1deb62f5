//! What is missing at the receipt: files that somebody online would have had to give. The acknowledgement lists
//! them with the time given, and the legal clock waits (CRPA, art. L114-5).

use beffroi_cases::{
    case::Case,
    missing::{self, LocalCalendar},
};
use beffroi_core::{Lang, calendar::civil_day};
use beffroi_forms::CompiledForm;
use beffroi_store::Tx;
use chrono::Days;

use super::{Submission, SubmitError};

/// What a file is called, for who has to give it: in a repeated group, with its row.
pub fn name(form: &CompiledForm, path: &str, lang: Lang) -> String {
    let label = form.field(path).map_or(path, |field| field.label.text(lang));
    let mut parts = path.split('.');
    let row = match (parts.next(), parts.next().and_then(|number| number.parse::<u32>().ok())) {
        (Some(group), Some(number)) => form.field(group).zip(Some(number + 1)),
        _ => None,
    };
    match row {
        Some((group, number)) => format!("{label} ({} {number})", crate::row_name(group)),
        None => label.to_owned(),
    }
}

/// Asks for what is missing, in the transaction that receives the case.
pub(super) fn ask(tx: &mut Tx<'_>, submission: &Submission<'_>, case: &Case) -> Result<(), SubmitError> {
    let expected = &submission.judged.outcome.expected_files;
    let Some(regime) = submission.form.procedure().regime.as_ref().filter(|_| !expected.is_empty()) else {
        return Ok(());
    };
    let names: Vec<String> =
        expected.iter().map(|path| name(submission.form, path, submission.lang)).collect();
    let calendar = LocalCalendar { zone: submission.town.zone(), holidays: submission.town.holidays() };
    let today = civil_day(tx.now(), calendar.zone);
    let until = today.checked_add_days(Days::new(u64::from(regime.days_for_pieces)));
    missing::ask_at_receipt(tx, case, &names.join("\n"), until, calendar)?;
    Ok(())
}
