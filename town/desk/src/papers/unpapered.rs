//! Papers of a case that could not be made: somebody must write by other means, or mend the template that failed.

use std::collections::BTreeMap;

use beffroi_cases::case::Case;
use beffroi_core::{Id, Instant};
use beffroi_store::{Entry, Result, Tx, journal};
use beffroi_typeset::{Complaint, TypesetError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::purpose;
use crate::document_templates;

/// The kind of the entry that tells of one.
const KIND: &str = "case.paper_failed";
/// Entries that are looked through.
const AT_MOST: u32 = 100;

/// Tells in the history of a case that a paper could not be made.
pub(super) fn record(tx: &mut Tx<'_>, case: Id<Case>, purpose: &str) -> Result<()> {
    told(tx, case, json!({ "purpose": purpose }))
}

fn told(tx: &mut Tx<'_>, case: Id<Case>, payload: Value) -> Result<()> {
    tx.journal(&Entry { kind: KIND, subject_kind: "case", subject_id: case.uuid(), payload })?;
    Ok(())
}

/// Why a template did not make a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// There is no such template.
    Missing,
    /// It says what cannot be laid out.
    Refused,
    /// It does not end.
    Endless,
    /// It wants too much memory, or its document is too large.
    Hungry,
}

/// A document that its template could not make.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Unmade {
    /// The template.
    pub template: String,
    /// Why.
    pub why: Why,
    /// The line of its source, where it is known.
    #[serde(default)]
    pub line: Option<usize>,
    /// What the compiler says, which may quote the case: `""` of what is sealed.
    #[serde(default)]
    pub words: String,
}

impl Unmade {
    /// One whose template there is no more.
    pub(super) fn without(template: &str) -> Self {
        Self { template: template.to_owned(), why: Why::Missing, line: None, words: String::new() }
    }

    /// One whose template failed so.
    pub(super) fn of(template: &str, error: &TypesetError, sealed: bool) -> Self {
        let why = match error {
            TypesetError::Deadline => Why::Endless,
            TypesetError::Crashed | TypesetError::TooLarge => Why::Hungry,
            _ => Why::Refused,
        };
        let first = Complaint::of(error).into_iter().next();
        Self {
            template: template.to_owned(),
            why,
            line: first.as_ref().and_then(|complaint| complaint.line),
            words: first.filter(|_| !sealed).map(|complaint| complaint.words).unwrap_or_default(),
        }
    }

    /// Tells it in the history of a case.
    pub(super) fn record(&self, tx: &mut Tx<'_>, case: Id<Case>) -> Result<()> {
        told(tx, case, json!({ "purpose": purpose::LETTER, "unmade": self }))
    }
}

/// The papers of a case that are missing.
#[derive(Clone, Debug, Default)]
pub struct Missing {
    /// What they were for, each with the last time that it was given up.
    pub papers: BTreeMap<String, Instant>,
    /// Those that a template could not make, and has not made since: one for each template.
    pub unmade: Vec<(Instant, Unmade)>,
}

/// The papers of a case that could not be made, and were not made since.
pub fn missing(tx: &mut Tx<'_>, case: Id<Case>) -> Result<Missing> {
    let mut found = Missing::default();
    for entry in journal::of_kind(tx, "case", case.uuid(), KIND, AT_MOST)? {
        let Some(payload) = entry.payload.as_ref() else { continue };
        if let Some(unmade) = payload.get("unmade") {
            if let Ok(unmade) = serde_json::from_value::<Unmade>(unmade.clone()) {
                found.unmade.retain(|(_, known)| known.template != unmade.template);
                found.unmade.push((entry.at, unmade));
            }
        } else if let Some(purpose) = payload.get("purpose").and_then(Value::as_str) {
            found.papers.insert(purpose.to_owned(), entry.at);
        }
    }
    if !found.unmade.is_empty() {
        let made = document_templates::made(tx, case)?;
        let since =
            |at: Instant, template: &str| made.iter().any(|it| it.template == template && it.at >= at);
        found.unmade.retain(|(at, unmade)| !since(*at, &unmade.template));
    }
    // Of these a case has one; letters are many, and one that is there stands for no other.
    for once in [purpose::ACKNOWLEDGEMENT, purpose::DECISION, purpose::REVERSAL] {
        if found.papers.contains_key(once)
            && beffroi_documents::last_of(tx, "case", case.uuid(), once)?.is_some()
        {
            found.papers.remove(once);
        }
    }
    Ok(found)
}
