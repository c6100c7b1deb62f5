//! Where a booking is shown that another page names: on the page of the request that it is for.

use beffroi_calendar::booking;
use beffroi_cases::{
    CaseError,
    case::{self, Case},
};
use beffroi_core::Id;
use beffroi_people::SignedIn;
use beffroi_store::{Result, Tx};
use beffroi_web::Area;
use uuid::Uuid;

use crate::{permission, submission};

/// The page of its request: for whoever is signed in to the account that it was sent with, and for agents who may see it.
pub(crate) fn page(
    tx: &mut Tx<'_>,
    (kind, id): (&str, Uuid),
    reader: &SignedIn,
    area: Area,
) -> Result<Option<String>> {
    if kind != "booking" {
        return Ok(None);
    }
    let owner = booking::find(tx, Id::from_uuid(id))?.and_then(|it| it.owner);
    let Some((_, owner)) = owner.filter(|(kind, _)| kind == "case") else { return Ok(None) };
    let case: Id<Case> = Id::from_uuid(owner);
    match area {
        Area::Own => {
            let own = submission::reach(tx, case)?.is_some_and(|it| it.account == Some(reader.account));
            Ok(own.then(|| format!("/compte/demarches/{case}")))
        }
        Area::Office => {
            let (access, _) = permission::access(tx, reader)?;
            match case::read(tx, &access, case) {
                Ok(_) => Ok(Some(format!("/agents/dossiers/{case}"))),
                Err(CaseError::Store(error)) => Err(error),
                Err(_) => Ok(None),
            }
        }
        Area::Public => Ok(None),
    }
}
