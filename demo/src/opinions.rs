//! What some requesters thought of how they were served.

use beffroi_cases::{
    case,
    listing::{self, Listed},
    opinion::{self, Satisfaction},
};
use beffroi_people::department;
use beffroi_store::{By, Commune, StoreError};

use crate::{DemoError, failed};

/// Out of seven whose request was decided, five say what they think.
const THINK: [Option<Satisfaction>; 7] = [
    Some(Satisfaction::Good),
    Some(Satisfaction::Good),
    None,
    Some(Satisfaction::Fair),
    Some(Satisfaction::Good),
    None,
    Some(Satisfaction::Poor),
];

/// What they add, now and then.
const WORDS: [&str; 5] = [
    "Réponse rapide, merci.",
    "",
    "J’ai dû renvoyer deux fois la même pièce.",
    "",
    "Le formulaire est clair, même sur mon téléphone.",
];

/// Lets them say it.
pub(crate) fn give(commune: &Commune) -> Result<(), DemoError> {
    commune.write_blocking(By::VISITOR, |tx| {
        let departments = department::list(tx)?.into_iter().map(|it| it.details.slug).collect();
        let mut decided = Vec::new();
        listing::visit(tx, &Listed { departments, ..Listed::default() }, |row| {
            if row.ended.is_some() {
                decided.push(row.case.id);
            }
            Ok::<_, StoreError>(())
        })?;
        decided.sort_by_key(|id| id.uuid());
        let think = THINK.iter().cycle().zip(WORDS.iter().cycle());
        for (id, (satisfaction, words)) in decided.into_iter().zip(think) {
            let Some(case) = case::find(tx, id).map_err(failed)? else { continue };
            if let Some(satisfaction) = satisfaction {
                opinion::give(tx, &case, *satisfaction, words).map_err(failed)?;
            }
        }
        Ok(())
    })
}
