//! The contracts of an association that has rooms for a season: one for each time of the week that it was given, laid out
//! once the results are published, and kept with its request.

use std::{io::Read as _, sync::Arc};

use beffroi_calendar::{
    booking::{self, Booking, State},
    clock,
};
use beffroi_core::{Day, Id, Lang};
use beffroi_documents::{self as documents, Cleared, Document, Gate, NewDocument};
use beffroi_people::Town;
use beffroi_store::{
    By, Commune, Result, StoreError, Tx,
    background::JobHandler,
    jobs::{self, Job, JobError},
};
use beffroi_typeset::{Contract, Pool};
use serde::Deserialize;
use serde_json::json;

use super::{
    kept::PAPERS_AT_MOST,
    request::{Request, SUBJECT},
};
use crate::{
    contract::{PAST, laid_out, render},
    premises::{Granted, words},
};

/// The job that lays the contracts of a request out.
const CONTRACTS: &str = "rooms.season_contract";
/// What a contract is there for, before the id of its booking.
const OF: &str = "contract-";

/// What the contract of a booking is there for.
fn purpose(booking: Id<Booking>) -> String {
    format!("{OF}{booking}")
}

/// The booking whose contract is there for this; `None` of any other paper.
pub(super) fn booking_of(purpose: &str) -> Option<Id<Booking>> {
    purpose.strip_prefix(OF)?.parse().ok()
}

/// Has the contracts of a request laid out and kept.
pub(super) fn order(tx: &mut Tx<'_>, request: Id<Request>) -> Result<()> {
    let key = format!("{CONTRACTS}/{request}");
    jobs::enqueue(tx, CONTRACTS, &json!({ "request": request }), tx.now(), Some(&key))
}

/// Files the contract of a time that was given back as one that holds no more.
pub(super) fn file_away(tx: &mut Tx<'_>, request: Id<Request>, booking: Id<Booking>) -> Result<()> {
    documents::repurpose(tx, (SUBJECT, request.uuid()), &purpose(booking), PAST).map(drop)
}

#[derive(Deserialize)]
struct ContractsOrder {
    request: Id<Request>,
}

/// Lays the contracts of requests out.
pub(crate) struct ContractsHandler(pub(crate) Arc<Pool>);

impl JobHandler for ContractsHandler {
    fn kind(&self) -> &'static str {
        CONTRACTS
    }

    fn steps_back(&self) -> bool {
        true
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> std::result::Result<(), JobError> {
        let ContractsOrder { request } =
            serde_json::from_value(job.payload.clone()).map_err(|error| JobError::Fail(error.to_string()))?;
        keep(commune, &self.0, job, request)
    }
}

/// A contract that is to be laid out.
struct Wanted {
    booking: Id<Booking>,
    contract: Contract,
    day: Day,
    name: String,
}

/// Lays out and keeps those contracts of a request that are not kept yet. Done twice, each is kept once. Blocks.
fn keep(
    commune: &Arc<Commune>,
    pool: &Pool,
    job: &Job,
    request: Id<Request>,
) -> std::result::Result<(), JobError> {
    for it in commune.read_blocking(By::SYSTEM, |tx| wanted(tx, request))? {
        let Wanted { booking, contract, day, name } = it;
        let pdf = render(pool, &contract, day).map_err(|error| {
            if job.last { JobError::Fail(error.to_string()) } else { JobError::Retry(error.to_string()) }
        })?;
        let file = documents::store_generated(commune, &name, &pdf)?;
        commune.write_blocking(By::SYSTEM, move |tx| {
            // It may have been given back, or kept by another job, while it was laid out.
            if !lacking(tx, request)?.contains(&booking) {
                return Ok::<_, StoreError>(());
            }
            let purpose = purpose(booking);
            let new =
                NewDocument { file: &file, owner_kind: SUBJECT, owner_id: request.uuid(), purpose: &purpose };
            Document::create(tx, Gate::Open, &new).map(drop)
        })?;
    }
    Ok(())
}

/// The contracts of a request that hold, each with what it is called in a language, and its PDF; those that are missing are
/// laid out and kept first. Blocks.
///
/// # Errors
/// One cannot be laid out: to be tried again, unless it was the last time. Those of the store.
pub(super) fn papers(
    commune: &Arc<Commune>,
    pool: &Pool,
    job: &Job,
    (request, lang): (Id<Request>, Lang),
) -> std::result::Result<Vec<(String, Vec<u8>)>, JobError> {
    keep(commune, pool, job, request)?;
    let all = commune.read_blocking(By::SYSTEM, |tx| standing(tx, request, lang))?;
    let mut papers = Vec::with_capacity(all.len());
    for (name, contract) in all {
        let mut pdf = Vec::new();
        contract.open(commune)?.read_to_end(&mut pdf).map_err(|error| JobError::Retry(error.to_string()))?;
        papers.push((name, pdf));
    }
    Ok(papers)
}

/// The times of a request that it still has, by their beginning.
fn firm(tx: &mut Tx<'_>, request: Id<Request>) -> Result<Vec<Booking>> {
    let mut all = booking::of_owners(tx, SUBJECT, &[request.uuid()])?;
    all.retain(|it| it.state == State::Firm);
    Ok(all)
}

/// Those of them that have no contract yet.
fn lacking(tx: &mut Tx<'_>, request: Id<Request>) -> Result<Vec<Id<Booking>>> {
    let mut lacking: Vec<Id<Booking>> = firm(tx, request)?.into_iter().map(|it| it.id).collect();
    let kept = documents::of_owner(tx, SUBJECT, request.uuid(), PAPERS_AT_MOST)?;
    lacking.retain(|it| !kept.iter().any(|paper| booking_of(&paper.purpose) == Some(*it)));
    Ok(lacking)
}

fn wanted(tx: &mut Tx<'_>, request: Id<Request>) -> Result<Vec<Wanted>> {
    let mut wanted = Vec::new();
    // Each is a paper of its own, and an association has a few.
    for (rank, booking) in lacking(tx, request)?.into_iter().enumerate() {
        let Some(found) = Granted::of_booking(tx, booking)? else { continue };
        let (contract, day) = laid_out(tx, &found)?;
        let name = format!("convention-{}-{}.pdf", found.whose.reference(), rank + 1);
        wanted.push(Wanted { booking, contract, day, name });
    }
    Ok(wanted)
}

/// The contracts that hold, in the order of their times, each with its room and its first date.
fn standing(tx: &mut Tx<'_>, request: Id<Request>, lang: Lang) -> Result<Vec<(String, Cleared)>> {
    let (firm, zone) = (firm(tx, request)?, Town::load(tx)?.zone());
    let kept = documents::of_owner(tx, SUBJECT, request.uuid(), PAPERS_AT_MOST)?;
    let ids: Vec<Id<Document>> = kept.iter().map(|paper| paper.id).collect();
    let cleared = documents::cleared_of(tx, &ids)?;
    let mut standing = Vec::with_capacity(firm.len());
    for it in &firm {
        let found = cleared.iter().find(|paper| booking_of(&paper.document().purpose) == Some(it.id));
        let Some((paper, first)) = found.zip(it.dates().first().copied()) else { continue };
        let variables = [
            ("room", it.resource.details.name.read_in(lang).to_owned().into()),
            ("when", clock::when(first, zone, lang).into()),
        ];
        standing.push((words(lang, "rooms-season-letter-contract", &variables)?, paper.clone()));
    }
    Ok(standing)
}
