//! What other services have written to the requester of a case: they know their own work, and the desk knows how the
//! requester is reached, and in which language.

use std::sync::Arc;

use beffroi_cases::case::{self, Case};
use beffroi_core::{Id, Lang};
use beffroi_documents::{self as documents, Document};
use beffroi_store::{
    By, Commune, JournalEntry, Result, Tx,
    background::{JobHandler, Subscriber},
    idempotency,
    jobs::{self, Job, JobError},
};
use beffroi_web::WebError;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Office;
use crate::{Parts, submission, visit::case_error};

/// The job that writes it.
const WRITE: &str = "desk.write_for_service";

/// What is to be written, as its journal entry has it.
#[derive(Deserialize)]
struct Words {
    agent: Option<Uuid>,
    fr: String,
    en: String,
    documents: Vec<Id<Document>>,
}

#[derive(Deserialize, Serialize)]
struct WriteOrder {
    case: Id<Case>,
    /// Done twice, it is written once.
    key: String,
    fr: String,
    en: String,
    agent: Option<Uuid>,
    documents: Vec<Id<Document>>,
}

/// What of an order tells of a person.
const SECRETS: &[&str] = &["fr", "en"];

/// Orders each.
pub(crate) struct WordsOrdered;

impl Subscriber for WordsOrdered {
    fn name(&self) -> &'static str {
        "desk.words_ordered"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["case.word_ordered"]
    }

    fn handle(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<()> {
        let words = entry.payload.clone().and_then(|payload| serde_json::from_value::<Words>(payload).ok());
        // What was erased meanwhile is not written any more.
        let Some(Words { agent, fr, en, documents }) = words else { return Ok(()) };
        let case = Id::from_uuid(entry.subject_id);
        let order = WriteOrder { case, key: entry.seq.0.to_string(), fr, en, agent, documents };
        jobs::enqueue_sealed(tx, WRITE, &serde_json::to_value(&order)?, SECRETS, tx.now())
    }
}

/// Writes it, as an agent does: on the page, with word by mail or text message, or by letter.
pub(crate) struct WriteHandler(pub(crate) Arc<Parts>);

impl JobHandler for WriteHandler {
    fn kind(&self) -> &'static str {
        WRITE
    }

    fn secrets(&self) -> &'static [&'static str] {
        SECRETS
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> std::result::Result<(), JobError> {
        let order: WriteOrder =
            serde_json::from_value(job.payload.clone()).map_err(|error| JobError::Fail(error.to_string()))?;
        let mut office = Office::itself(&self.0, (self.0.origin)(commune.slug()));
        office.agent = order.agent.unwrap_or_default();
        let written = commune.write_blocking(By::SYSTEM, move |tx| {
            idempotency::once(tx, WRITE, &order.key, &[], |tx| {
                let Some(case) = case::find(tx, order.case).map_err(case_error)? else { return Ok(()) };
                let lang = submission::reach(tx, case.id)?.map(|reach| reach.lang).unwrap_or_default();
                let words = if lang == Lang::En { &order.en } else { &order.fr };
                let joined: Vec<Document> = documents::some(tx, &order.documents)?
                    .into_iter()
                    .filter(|it| it.owner_kind == "case" && it.owner_id == case.id.uuid())
                    .collect();
                office.tell_whole(tx, &case, words, &joined)
            })
            .map(drop)
        });
        written.map_err(|error: WebError| {
            let told = format!("{error:?}");
            if job.last { JobError::Fail(told) } else { JobError::Retry(told) }
        })
    }
}
