//! How the index follows the journal: a case of which something is told waits to be read again; a job reads what waits,
//! many cases at once, away from every request.

use std::sync::Arc;

use beffroi_cases::case;
use beffroi_search as search;
use beffroi_store::{
    By, Commune, JournalEntry, Result, Tx,
    background::{JobHandler, Subscriber},
    jobs::{self, Job, JobError},
};
use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;

use super::documents;
use crate::{Parts, procedure::Shelf};

const INDEX: &str = "search.index";
/// How long what changed waits: changes that follow one another closely are read together.
const WAIT: TimeDelta = TimeDelta::seconds(3);
/// Cases read in one transaction: no other writer waits long for it.
const AT_ONCE: u32 = 64;
/// The same, where the whole index is made anew.
const AT_ONCE_IN_ALL: u32 = 1_024;

/// Notes which cases must be read again.
pub(crate) struct Follower;

impl Subscriber for Follower {
    fn name(&self) -> &'static str {
        "search.cases"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[
            "case.received",
            "case.taken_up",
            "case.assigned",
            "case.routed",
            "case.documents_requested",
            "case.documents_received",
            "case.message_sent",
            "case.message_received",
            "case.noted",
            "case.labelled",
            "case.unlabelled",
            "case.step_reached",
            "case.decided",
            "case.deemed",
            "case.decision_withdrawn",
            "case.decision_repealed",
            "case.reasons_given",
            "case.withdrawn",
            "case.archived",
            "case.erased",
        ]
    }

    fn handle(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<()> {
        self.handle_all(tx, std::slice::from_ref(entry))
    }

    fn handle_all(&self, tx: &mut Tx<'_>, entries: &[JournalEntry]) -> Result<()> {
        if entries.is_empty() {
            return Ok(());
        }
        for entry in entries {
            search::due(tx, entry.subject_id)?;
        }
        let due_at = tx.now() + WAIT;
        jobs::enqueue(tx, INDEX, &json!({}), due_at, Some(INDEX))
    }
}

/// Reads again what waits.
pub(crate) struct IndexHandler(pub(crate) Arc<Parts>);

impl JobHandler for IndexHandler {
    fn kind(&self) -> &'static str {
        INDEX
    }

    fn steps_back(&self) -> bool {
        true
    }

    fn run(&self, commune: &Arc<Commune>, _: &Job) -> std::result::Result<(), JobError> {
        loop {
            let desk = Arc::clone(&self.0);
            let read = commune.write_blocking(By::SYSTEM, move |tx| {
                let waiting = search::waiting(tx, AT_ONCE)?;
                index(tx, &desk.shelf, &waiting)?;
                search::done(tx, &waiting)?;
                Ok::<_, beffroi_store::StoreError>(waiting.len())
            })?;
            if read < AT_ONCE as usize {
                return Ok(());
            }
        }
    }
}

/// Puts these cases into the index as they are now, and takes out those that nobody is to find.
fn index(tx: &mut Tx<'_>, shelf: &Shelf, ids: &[Uuid]) -> Result<()> {
    let cases = case::several(tx, ids)?;
    let found = documents(tx, shelf, &cases)?;
    let gone: Vec<Uuid> =
        ids.iter().copied().filter(|id| found.iter().all(|document| document.subject != *id)).collect();
    search::remove(tx, &gone)?;
    search::put(tx, &found)
}

/// Makes the index of a commune anew; tells how many cases were read. Blocks.
///
/// # Errors
/// Those of the store; begun again, it begins anew.
pub(crate) fn rebuild(commune: &Arc<Commune>, desk: &Arc<Parts>) -> Result<u64> {
    commune.write_blocking(By::SYSTEM, search::clear)?;
    let (mut read, mut after) = (0, None);
    loop {
        let desk = Arc::clone(desk);
        let ids = commune.write_blocking(By::SYSTEM, move |tx| {
            let ids = case::ids_after(tx, after, AT_ONCE_IN_ALL)?;
            index(tx, &desk.shelf, &ids)?;
            Ok::<_, beffroi_store::StoreError>(ids)
        })?;
        let Some(last) = ids.last() else { return Ok(read) };
        after = Some(*last);
        read += ids.len() as u64;
    }
}
