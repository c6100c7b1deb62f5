//! Which answers of a case were fetched, as it is kept.

use beffroi_cases::case::Case;
use beffroi_core::{Id, Instant};
use beffroi_forms::{Answers, FetchSource, Outcome};
use beffroi_store::{Result, Tx};

/// An answer that was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Which one.
    pub(crate) field: String,
    /// Where from; `None` where a later version knows the source no more.
    pub(crate) source: Option<FetchSource>,
    /// When.
    pub(crate) at: Instant,
    /// Whether it stayed as it was given.
    pub(crate) kept: bool,
}

/// Keeps which answers of a request were fetched, of those that it still gives.
pub(crate) fn keep(tx: &mut Tx<'_>, case: Id<Case>, answers: &Answers, outcome: &Outcome) -> Result<()> {
    for (field, fetched) in answers.fetched() {
        let Ok(at) = fetched.at.parse::<Instant>() else { continue };
        if !outcome.answers.contains_key(field) {
            continue;
        }
        tx.execute(
            "INSERT INTO desk_fetched (case_id, field, source, fetched_at, kept) VALUES ($1, $2, $3, $4, $5)",
            &[&case, &field.as_str(), &fetched.source.as_str(), &at, &answers.is_as_fetched(field)],
        )?;
    }
    Ok(())
}

/// The answers of a case that were fetched.
pub(crate) fn of_case(tx: &mut Tx<'_>, case: Id<Case>) -> Result<Vec<Mark>> {
    tx.query(
        "SELECT field, source, fetched_at, kept FROM desk_fetched WHERE case_id = $1 ORDER BY field",
        &[&case],
        |row| {
            let source: String = row.get(1)?;
            let source = FetchSource::from_word(&source);
            Ok(Mark { field: row.get(0)?, source, at: row.get(2)?, kept: row.get(3)? })
        },
    )
}

/// Forgets it with the case.
pub(crate) fn forget(tx: &mut Tx<'_>, case: Id<Case>) -> Result<()> {
    tx.execute("DELETE FROM desk_fetched WHERE case_id = $1", &[&case]).map(drop)
}
