//! The trials that come with the catalogue: the answers that are known to be right for each of its procedures, and the
//! mistakes that its checks catch. Whoever takes up a procedure of the catalogue has them as trials from the first
//! hour, and is told at publication what a change has broken.

use std::collections::BTreeMap;

use beffroi_core::{Channel, Day, Lang};
use beffroi_forms::{Answers, CompiledForm, Fault, Outcome, Procedure};
use beffroi_store::{StoreError, Tx};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    commands::actor,
    store,
    trials::{Expected, Joined, Trial},
};

/// What is recorded for each procedure, one file each.
#[derive(rust_embed::RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../catalogue/trials"]
struct Shipped;

/// The day for which the answers are written: conditions that look at today count from it.
const WRITTEN_FOR: Option<Day> = Day::from_ymd_opt(2026, 6, 3);
/// Stands in the answers for a document.
const PAPER: &str = "{paper}";
/// The document that it stands for: a file that nobody has, of which conditions know name and size.
const DOCUMENT: &str = "00000000-0000-7000-8000-000000000001";

/// A file of the catalogue.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recorded {
    /// Answers that are received.
    right: Map<String, Value>,
    /// Changes that are received too; `null` takes an answer away.
    #[serde(default)]
    also: Vec<Map<String, Value>>,
    /// Changes that are refused.
    wrong: Vec<Wrong>,
}

/// A mistake.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrong {
    answers: Map<String, Value>,
    /// The field that is refused.
    field: String,
    /// A piece of what is said.
    says: String,
}

impl Wrong {
    /// Whether this is the mistake that was caught. The file names the field as the pointers of the API do.
    fn is_told_by(&self, fault: &Fault) -> bool {
        let told = fault.reason.text(Lang::Fr).replace('\u{a0}', " ");
        fault.pointer() == format!("/{}", self.field) && told.contains(&self.says)
    }
}

impl Recorded {
    fn of(slug: &str) -> Result<Option<Self>, StoreError> {
        let Some(file) = Shipped::get(&format!("{slug}.json")) else { return Ok(None) };
        let read = serde_json::from_slice(&file.data);
        read.map(Some).map_err(|error| StoreError::Corrupt(format!("trials of {slug}: {error}")))
    }

    fn with(&self, changes: &Map<String, Value>) -> Value {
        let mut answers = self.right.clone();
        answers.extend(changes.clone());
        answers.retain(|_, answer| !answer.is_null());
        let mut answers = Value::Object(answers);
        name_documents(&mut answers);
        answers
    }

    /// The trials, each with its name, as this procedure takes them. Those that it takes otherwise than the catalogue
    /// says are left out: the town has changed what they try.
    fn trials(&self, form: &CompiledForm) -> Vec<(String, Trial)> {
        let no_change = Map::new();
        let received = std::iter::once(&no_change).chain(&self.also).enumerate().map(|(rank, changes)| {
            let name = match rank {
                0 => "Catalogue\u{a0}: un formulaire valable".to_owned(),
                rank => format!("Catalogue\u{a0}: un formulaire valable, autre cas ({rank})"),
            };
            (name, changes, None)
        });
        let refused = self.wrong.iter().enumerate().map(|(rank, wrong)| {
            let root = wrong.field.split('/').next().unwrap_or_default();
            let label = form.field(root).map_or("", |field| field.label.fr.as_str());
            let name = format!("Catalogue\u{a0}: une erreur arrêtée ({}), {label}", rank + 1);
            (name, &wrong.answers, Some(wrong))
        });
        received
            .chain(refused)
            .filter_map(|(name, changes, wrong)| {
                let (trial, outcome) = tried(form, &self.with(changes))?;
                let as_said = match wrong {
                    None => outcome.faults.is_empty(),
                    Some(wrong) => outcome.faults.iter().any(|fault| wrong.is_told_by(fault)),
                };
                as_said.then_some((name, trial))
            })
            .collect()
    }
}

/// A document has an id wherever the answers name one.
fn name_documents(answers: &mut Value) {
    match answers {
        Value::String(text) if text == PAPER => DOCUMENT.clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(name_documents),
        Value::Object(members) => members.values_mut().for_each(name_documents),
        _ => {}
    }
}

/// What comes of answers now; `None` where the form does not have these questions.
fn tried(form: &CompiledForm, answers: &Value) -> Option<(Trial, Outcome)> {
    let typed = Answers::from_json(&form.procedure().form, answers).ok()?;
    let joined = Joined { name: "document.pdf".to_owned(), bytes: 200_000 };
    let mut trial = Trial {
        day: WRITTEN_FOR?,
        channel: Channel::Online,
        typed,
        files: BTreeMap::from([(DOCUMENT.to_owned(), joined)]),
        expected: Expected::default(),
        steps: Vec::new(),
    };
    let outcome = trial.run(form);
    trial.expected = Expected::of(form, &outcome);
    Some((trial, outcome))
}

/// Gives a draft that was taken from a procedure of the catalogue its trials, unless it has some already.
pub fn take(tx: &mut Tx<'_>, slug: &str, draft: &Procedure) -> Result<(), StoreError> {
    let Some(recorded) = Recorded::of(slug)? else { return Ok(()) };
    // What does not compile yet is told on the draft's own page.
    let Ok(form) = CompiledForm::compile(draft.clone()) else { return Ok(()) };
    if !store::trials(tx, &draft.slug)?.is_empty() {
        return Ok(());
    }
    let by = actor(tx);
    for (name, trial) in recorded.trials(&form) {
        let content = serde_json::to_value(&trial).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        store::insert_trial(tx, &draft.slug, (&name, &content), by)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_recorded_answer_becomes_a_trial_of_its_procedure() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalogue/procedures");
        for file in Shipped::iter() {
            let slug = file.strip_suffix(".json").unwrap();
            let text = std::fs::read_to_string(format!("{folder}/{slug}.toml")).unwrap();
            let form = CompiledForm::compile(Procedure::from_toml(&text).unwrap()).unwrap();
            let recorded = Recorded::of(slug).unwrap().unwrap();
            let trials = recorded.trials(&form);
            assert_eq!(trials.len(), 1 + recorded.also.len() + recorded.wrong.len(), "{slug}");
            assert!(trials.iter().all(|(_, trial)| trial.differences(&form).is_empty()), "{slug}");
        }
    }
}
