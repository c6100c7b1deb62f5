//! What a program may do in the workshop without a page: begin a draft, keep a block, record a trial.

use std::collections::BTreeMap;

use beffroi_core::{Channel, Day, Id};
use beffroi_forms::{Answers, CompiledForm, Procedure};
use beffroi_people::Permit;
use beffroi_store::{Result, StoreError, Tx};

use super::{
    blocks, commands, store,
    store::Workshop,
    trials::{Expected, Trial},
};
use crate::permission::EditProcedures;

/// Begins a draft of a procedure.
///
/// # Errors
/// Another draft bears its name, there are too many, or the store fails.
pub fn begin(
    tx: &mut Tx<'_>,
    permit: &Permit<EditProcedures>,
    procedure: &Procedure,
) -> Result<Id<Workshop>> {
    commands::begin(tx, permit, procedure).map_err(|error| match error {
        commands::DraftError::Store(error) => error,
        other => StoreError::Corrupt(other.to_string()),
    })
}

/// Keeps the questions of a procedure's page as a block, under this title. Gives its name.
///
/// # Errors
/// The procedure has no such page, or the store fails.
pub fn keep_block(
    tx: &mut Tx<'_>,
    _: &Permit<EditProcedures>,
    procedure: &Procedure,
    (page, title): (&str, &str),
) -> Result<String> {
    let found = procedure.form.pages.iter().find(|found| found.id == page);
    let found = found.ok_or_else(|| StoreError::Corrupt(format!("there is no page {page}")))?;
    blocks::keep(tx, title, &found.fields)
}

/// Records what comes of these answers, typed at this door on this day, as a trial of a draft.
///
/// # Errors
/// The draft is not there or cannot be answered, or the store fails.
pub fn record(
    tx: &mut Tx<'_>,
    permit: &Permit<EditProcedures>,
    draft: Id<Workshop>,
    (name, day, channel): (&str, Day, Channel),
    typed: Answers,
) -> Result<()> {
    let kept =
        store::find(tx, draft)?.ok_or_else(|| StoreError::Corrupt("there is no such draft".to_owned()))?;
    let form = CompiledForm::compile(commands::read(&kept)?)
        .map_err(|problems| StoreError::Corrupt(format!("{problems:?}")))?;
    let (files, steps) = (BTreeMap::new(), Vec::new());
    let mut trial = Trial { day, channel, typed, files, expected: Expected::default(), steps };
    trial.expected = Expected::of(&form, &trial.run(&form));
    let content = serde_json::to_value(&trial)?;
    commands::record_trial(tx, permit, &kept, name, &content)
}
