//! What is so sensitive that it is sealed at rest: the answers, and the names of those concerned. Lists show another
//! word in the names' place; who opens the case reads it as any other.

use beffroi_core::Id;
use beffroi_store::{Result, StoreError, Tx};
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
    let sealed = tx.seal(&context(case.id), &serde_json::to_vec(&inside).map_err(StoreError::from)?)?;
    Ok(Case {
        answers: Value::String(hex::encode(sealed)),
        requester_name: shown.to_owned(),
        beneficiary_name: String::new(),
        ..case.clone()
    })
}

/// The case as people read it: answers are an object, and only what was sealed is a text.
pub(super) fn open(tx: &Tx<'_>, mut case: Case) -> Result<Case> {
    if let Value::String(sealed) = &case.answers {
        let sealed = hex::decode(sealed)
            .map_err(|_| StoreError::Corrupt("sealed answers are not hexadecimal".to_owned()))?;
        let inside: Inside =
            serde_json::from_slice(&tx.unseal(&context(case.id), &sealed)?).map_err(StoreError::from)?;
        case.answers = inside.answers;
        case.requester_name = inside.requester_name;
        case.beneficiary_name = inside.beneficiary_name;
    }
    Ok(case)
}
