//! What is booked by requests, on other pages: what is to come for an account, and where a booking, or a request that is paid,
//! is shown that another page names: on the page of the request.

use std::collections::BTreeMap;

use beffroi_calendar::{
    booking::{self, State},
    clock::{self, capital},
    ics::Event,
    now::Now,
};
use beffroi_cases::{
    CaseError,
    case::{self, Case},
};
use beffroi_core::Id;
use beffroi_people::SignedIn;
use beffroi_store::{Result, Tx};
use beffroi_web::{Area, ahead::Ahead, feed::Whose, personal::Teller};
use uuid::Uuid;

use crate::{fee, permission, submission};

/// Requests of an account, open ones and others, of whose bookings it is told.
const LOOKED_AT: u32 = 100;

/// What an account has asked for and not had yet: what is granted, and what waits for an answer.
pub(crate) fn ahead(tx: &mut Tx<'_>, account: Uuid, teller: Teller<'_>) -> Result<Vec<Ahead>> {
    let account = Id::from_uuid(account);
    let mut cases = submission::cases_of_account(tx, account, true, None, LOOKED_AT)?;
    cases.extend(submission::cases_of_account(tx, account, false, None, LOOKED_AT)?);
    let ids: Vec<Uuid> = cases.iter().map(|mine| mine.id.uuid()).collect();
    let (booked, now, lang) = (booking::of_owners(tx, "case", &ids)?, Now::read(tx)?, teller.lang());
    let told = booked.iter().filter_map(|it| {
        let (_, case) = it.owner.as_ref().filter(|_| matches!(it.state, State::Asked | State::Firm))?;
        let next = it.dates().iter().find(|date| date.end() > now.at)?;
        Some(Ahead {
            at: next.start(),
            href: format!("/compte/demarches/{case}"),
            title: it.resource.details.name.read_in(lang).to_owned(),
            when: capital(&clock::when(*next, now.zone, lang)),
            text: if it.state == State::Asked { teller.t("desk-space-ahead-asked") } else { String::new() },
        })
    });
    Ok(told.collect())
}

/// The rooms that an account has asked for, as calendar programs show them.
pub(crate) fn dated(tx: &mut Tx<'_>, whose: &Whose<'_>, teller: Teller<'_>) -> Result<Vec<Event>> {
    let account = whose.who.account;
    let mut cases = submission::cases_of_account(tx, account, true, None, LOOKED_AT)?;
    cases.extend(submission::cases_of_account(tx, account, false, None, LOOKED_AT)?);
    let references: BTreeMap<Uuid, &str> =
        cases.iter().map(|mine| (mine.id.uuid(), mine.reference.as_str())).collect();
    let ids: Vec<Uuid> = references.keys().copied().collect();
    let mut booked = booking::of_owners(tx, "case", &ids)?;
    booked.retain(|it| it.whole().meets(whose.within));
    let told = booked.iter().flat_map(|it| {
        let reference = it.owner.as_ref().and_then(|(_, case)| references.get(case)).copied();
        let name = it.resource.details.name.read_in(teller.lang());
        booking::events(it, name, reference.unwrap_or_default(), teller.lang())
    });
    Ok(told.collect())
}

/// The page of its request: for whoever is signed in to the account that it was sent with, and for agents who may see it.
pub(crate) fn page(
    tx: &mut Tx<'_>,
    (kind, id): (&str, Uuid),
    reader: &SignedIn,
    area: Area,
) -> Result<Option<String>> {
    let case: Id<Case> = match kind {
        // What a request costs is ordered for itself.
        fee::KIND => Id::from_uuid(id),
        "booking" => {
            let owner = booking::find(tx, Id::from_uuid(id))?.and_then(|it| it.owner);
            let Some((_, owner)) = owner.filter(|(kind, _)| kind == "case") else { return Ok(None) };
            Id::from_uuid(owner)
        }
        _ => return Ok(None),
    };
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
