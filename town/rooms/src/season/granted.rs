//! What associations were granted for a season, for those parts of the service that see to rooms which are handed over.

use std::collections::{BTreeMap, BTreeSet};

use beffroi_calendar::booking::{self, Booking};
use beffroi_core::Id;
use beffroi_store::{Result, Tx};
use uuid::Uuid;

use super::{
    allotment,
    request::{self, Request, SUBJECT},
    round::{self, Round},
};

/// What a round was published with: the bookings of each request, whatever became of them since.
pub(crate) fn given(tx: &mut Tx<'_>, round: Id<Round>) -> Result<Vec<(Id<Request>, Vec<Booking>)>> {
    let given = allotment::of_round(tx, round)?;
    let ids: Vec<Id<Booking>> = given.iter().filter_map(|it| it.booking).collect();
    let mut of: BTreeMap<Id<Request>, Vec<Booking>> = BTreeMap::new();
    for it in booking::several(tx, &ids)? {
        let owner = it.owner.as_ref().filter(|(kind, _)| kind == SUBJECT).map(|(_, id)| Id::from_uuid(*id));
        if let Some(owner) = owner {
            of.entry(owner).or_default().push(it);
        }
    }
    Ok(of.into_iter().collect())
}

/// These requests, each with its round; those that are there no more are left out.
pub(crate) fn of_requests(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<Vec<(Round, Request)>> {
    let requests = request::several(tx, ids)?;
    let rounds: BTreeSet<Id<Round>> = requests.iter().map(|request| request.round).collect();
    let rounds = round::several(tx, &rounds.into_iter().collect::<Vec<_>>())?;
    let round = |request: &Request| rounds.iter().find(|round| round.id == request.round).cloned();
    Ok(requests.into_iter().filter_map(|request| Some((round(&request)?, request))).collect())
}
