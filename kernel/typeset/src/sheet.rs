//! What a template of procedures sees: the dictionary that `docs/templates.md` explains.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::Value;

use crate::documents::Letter;

/// A document about a case, with all that a template may print of it.
#[derive(Clone, Debug, Serialize)]
pub struct Sheet {
    /// What every letter says: letterhead, recipient, subject, paragraphs, signatory.
    #[serde(flatten)]
    pub letter: Letter,
    /// Who acts for the town: « La maire de Lunel ».
    pub authority: String,
    /// Who asked.
    pub requester: Requester,
    /// The answers, by the names of their questions; questions without an answer are there too.
    pub answers: BTreeMap<String, Told>,
    /// What agents filled in, by the names of the steps, then of the questions.
    pub step: BTreeMap<String, BTreeMap<String, Told>>,
    /// The town.
    pub commune: CommuneFacts,
    /// The case.
    pub case: CaseFacts,
}

/// Who asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Requester {
    /// Given names and family name, or the body's name.
    pub name: String,
    /// The address, line by line; none where it is not known.
    pub address: Vec<String>,
}

/// An answer.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Told {
    /// The question.
    pub label: String,
    /// The answer in words, as a person reads it; empty where there is none.
    pub text: String,
    /// The answer as it is kept: a day is `2026-03-01`, an amount is in cents.
    pub value: Value,
}

/// The town.
#[derive(Clone, Debug, Serialize)]
pub struct CommuneFacts {
    /// Its name: « Lunel ».
    pub name: String,
    /// Its postcode.
    pub postcode: String,
}

/// The case.
#[derive(Clone, Debug, Serialize)]
pub struct CaseFacts {
    /// Its reference.
    pub reference: String,
    /// What is asked for: the title of the procedure.
    pub procedure: String,
    /// The day on which it was received.
    pub received_on: NaiveDate,
}
