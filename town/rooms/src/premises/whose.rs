//! For whom a booking was granted: for whoever asked by a case, or for an association that has the room for a season.

use std::collections::{BTreeSet, HashMap};

use beffroi_calendar::booking::Booking;
use beffroi_cases::case::{self, Case};
use beffroi_core::{Id, Lang};
use beffroi_people::{
    Account, SignedIn, department,
    permission::{Action, Scope, scope},
};
use beffroi_store::{Result, Tx};
use uuid::Uuid;

use super::known::stored;
use crate::season::{self, Request, Round};

/// For whom a booking was granted.
pub(crate) enum Whose {
    /// For whoever asked by a case.
    Case(Box<Case>),
    /// For an association, which has it for a season.
    Season { round: Box<Round>, request: Box<Request> },
}

impl Whose {
    /// The owner of a booking; `None` where there is none of that kind, or no more.
    pub(super) fn find(tx: &mut Tx<'_>, kind: &str, id: Uuid) -> Result<Option<Self>> {
        match kind {
            "case" => Ok(case::find(tx, Id::from_uuid(id)).map_err(stored)?.map(Self::of_case)),
            season::SUBJECT => Ok(season::of_requests(tx, &[id])?.pop().map(Self::of_season)),
            _ => Ok(None),
        }
    }

    fn of_case(case: Case) -> Self {
        Self::Case(Box::new(case))
    }

    fn of_season((round, request): (Round, Request)) -> Self {
        Self::Season { round: Box::new(round), request: Box::new(request) }
    }

    /// What owns its bookings and its papers.
    pub(crate) fn owner(&self) -> (&'static str, Uuid) {
        match self {
            Self::Case(case) => ("case", case.id.uuid()),
            Self::Season { request, .. } => (season::SUBJECT, request.id.uuid()),
        }
    }

    /// Whose account is told of who looks at it; a request by a case is told of by the case itself.
    pub(crate) fn account(&self) -> Option<Id<Account>> {
        match self {
            Self::Case(_) => None,
            Self::Season { request, .. } => request.account.map(Id::from_uuid),
        }
    }

    /// The slug of the department that sees to it; `""` where the whole town does.
    pub(crate) fn department(&self) -> &str {
        match self {
            Self::Case(case) => &case.department,
            Self::Season { round, .. } => &round.sheet.department,
        }
    }

    /// What it is called aloud.
    pub(crate) fn reference(&self) -> &str {
        match self {
            Self::Case(case) => &case.reference,
            Self::Season { request, .. } => &request.reference,
        }
    }

    /// Who has the room, in a word: the association or the company, else the person who asked.
    pub(crate) fn holder(&self) -> &str {
        match self {
            Self::Case(case) if case.beneficiary_name.is_empty() => &case.requester_name,
            Self::Case(case) => &case.beneficiary_name,
            Self::Season { request, .. } => &request.body.name,
        }
    }

    /// The person who asked; the association, where nobody is reached for it any more.
    pub(crate) fn person(&self) -> &str {
        match self {
            Self::Case(case) => &case.requester_name,
            Self::Season { request, .. } if request.contact.name.is_empty() => &request.body.name,
            Self::Season { request, .. } => &request.contact.name,
        }
    }

    /// Whether the person who asked did so for somebody else.
    pub(crate) fn is_represented(&self) -> bool {
        match self {
            Self::Case(case) => !case.beneficiary_name.is_empty(),
            Self::Season { request, .. } => !request.contact.name.is_empty(),
        }
    }

    /// The page of the request, for agents.
    pub(crate) fn page(&self) -> String {
        match self {
            Self::Case(case) => format!("/agents/dossiers/{}", case.id),
            Self::Season { round, request } => {
                format!("/agents/planning/saisons/{}/demandes/{}", round.slug, request.id)
            }
        }
    }

    /// The name of the season; `""` where there is none.
    pub(crate) fn season(&self, lang: Lang) -> String {
        match self {
            Self::Case(_) => String::new(),
            Self::Season { round, .. } => round.sheet.name.read_in(lang).to_owned(),
        }
    }
}

/// For whom these bookings were granted, by the owner: those whose departments are within the reach of `A`.
pub(crate) fn within_reach<A: Action>(
    tx: &mut Tx<'_>,
    who: &SignedIn,
    bookings: &[Booking],
) -> Result<HashMap<Uuid, Whose>> {
    let owners: BTreeSet<(String, Uuid)> = bookings.iter().filter_map(|it| it.owner.clone()).collect();
    those_within_reach::<A>(tx, who, &owners)
}

/// The same, of owners by their kind and id.
pub(crate) fn those_within_reach<A: Action>(
    tx: &mut Tx<'_>,
    who: &SignedIn,
    owners: &BTreeSet<(String, Uuid)>,
) -> Result<HashMap<Uuid, Whose>> {
    let of = |wanted: &str| -> Vec<Uuid> {
        owners.iter().filter(|(kind, _)| kind == wanted).map(|(_, id)| *id).collect()
    };
    let (cases, requests) = (of("case"), of(season::SUBJECT));
    let cases = case::several(tx, &cases)?;
    let seasons = season::of_requests(tx, &requests)?;
    let within: Scope = scope::<A>(tx, who)?;
    let departments = department::list(tx)?;
    let place = |slug: &str| departments.iter().find(|it| it.details.slug == slug).map(|it| it.id);
    let all = cases.into_iter().map(Whose::of_case).chain(seasons.into_iter().map(Whose::of_season));
    let seen = all.filter(|whose| within.contains(place(whose.department())));
    Ok(seen.map(|whose| (whose.owner().1, whose)).collect())
}
