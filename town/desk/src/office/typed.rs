//! What an agent typed in a form of questions, as answers; and what they picked before it.

use beffroi_calendar::booking;
use beffroi_forms::{Answers, CompiledForm};
use beffroi_people::Town;
use beffroi_store::Tx;
use beffroi_web::{FormPost, Result};

use crate::booked::Picking;

/// What the agent typed, as answers; the files of an earlier try are among them.
pub(super) fn answers_of(fields: &FormPost) -> Answers {
    Answers::from_pairs(fields.pairs().iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

/// Does what a button asks of the answers themselves.
pub(super) fn change(answers: &mut Answers, fields: &FormPost) {
    if let Some(group) = fields.get("add_row") {
        answers.add_row(group);
    }
    let row = fields.get("remove_row").and_then(|row| row.split_once('.'));
    if let Some((group, Ok(number))) = row.map(|(group, number)| (group, number.parse())) {
        answers.remove_row(group, number);
    }
    if let Some((field, document)) = fields.get("remove_file").and_then(|file| file.rsplit_once(':')) {
        answers.remove(field, document);
    }
}

/// What the agent has picked, held longer where a button asks for it; it answers the questions about itself.
pub(super) fn picked(
    tx: &mut Tx<'_>,
    form: &CompiledForm,
    fields: &FormPost,
    answers: &mut Answers,
    town: &Town,
) -> Result<Option<Picking>> {
    let named = fields.text("creneau");
    if let (Some(_), Ok(id)) = (fields.get("lengthen"), named.parse()) {
        booking::lengthen(tx, id, town)?;
    }
    let picking = Picking::of_agent(tx, form, named, town.zone())?;
    if let Some(picking) = &picking {
        picking.answer(answers);
    }
    Ok(picking)
}
