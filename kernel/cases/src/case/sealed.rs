//! What is so sensitive that it is sealed at rest: the answers, and the names of those concerned. Lists show another
//! word in the names' place; who opens the case reads it as any other.

use beffroi_core::Id;
use beffroi_store::{Result, Tx};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::store::Case;

/// What is sealed of a case.
#[derive(Deserialize, Serialize)]
struct Inside {
    answers: Value,
    requester_name: String,
    beneficiary_name: String,
}

fn context(id: Id<Case>) -> String {
    format!("case.answers:{id}")
}

/// The case as its row keeps it: sealed, and under `shown` in lists.
pub(super) fn close(tx: &Tx<'_>, case: &Case, shown: &str) -> Result<Case> {
    let inside = Inside {
        answers: case.answers.clone(),
        requester_name: case.requester_name.clone(),
        beneficiary_name: case.beneficiary_name.clone(),
    };
    Ok(Case {
        answers: tx.seal_json(&context(case.id), &inside)?,
        requester_name: shown.to_owned(),
        beneficiary_name: String::new(),
        ..case.clone()
    })
}

/// The case as people read it.
pub(super) fn open(tx: &Tx<'_>, mut case: Case) -> Result<Case> {
    if let Some(inside) = tx.unseal_json::<Inside>(&context(case.id), &case.answers)? {
        case.answers = inside.answers;
        case.requester_name = inside.requester_name;
        case.beneficiary_name = inside.beneficiary_name;
    }
    Ok(case)
}
