//! Word of what other services have written to the requester of a case: they know their own work, and the desk knows how
//! the requester is reached.

use std::sync::Arc;

use beffroi_cases::{
    case::{self, Case},
    exchange::Exchange,
};
use beffroi_core::Id;
use beffroi_documents::Document;
use beffroi_store::{
    By, Commune, JournalEntry, Result, Tx,
    background::{JobHandler, Subscriber},
    idempotency,
    jobs::{self, Job, JobError},
};
use beffroi_web::WebError;
use serde::{Deserialize, Serialize};

use super::Office;
use crate::{Parts, visit::case_error};

/// The job that tells it.
const TELL_WRITTEN: &str = "desk.tell_written";

#[derive(Deserialize, Serialize)]
struct WrittenOrder {
    case: Id<Case>,
    message: Id<Exchange>,
    documents: Vec<Id<Document>>,
}

/// What a message's journal entry says where another service wrote it.
#[derive(Deserialize)]
struct Said {
    message: Id<Exchange>,
    #[serde(default)]
    to_tell: bool,
    #[serde(default)]
    documents: Vec<Id<Document>>,
}

/// Orders word of each.
pub(crate) struct WrittenElsewhere;

impl Subscriber for WrittenElsewhere {
    fn name(&self) -> &'static str {
        "desk.written_elsewhere"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["case.message_sent"]
    }

    fn handle(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<()> {
        let said = entry.payload.clone().and_then(|payload| serde_json::from_value::<Said>(payload).ok());
        let Some(Said { message, documents, .. }) = said.filter(|said| said.to_tell) else { return Ok(()) };
        let order = WrittenOrder { case: Id::from_uuid(entry.subject_id), message, documents };
        jobs::enqueue(tx, TELL_WRITTEN, &serde_json::to_value(&order)?, tx.now(), None)
    }
}

/// Tells it: by mail, by text message, by letter, as the requester chose.
pub(crate) struct WrittenHandler(pub(crate) Arc<Parts>);

impl JobHandler for WrittenHandler {
    fn kind(&self) -> &'static str {
        TELL_WRITTEN
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> std::result::Result<(), JobError> {
        let order: WrittenOrder =
            serde_json::from_value(job.payload.clone()).map_err(|error| JobError::Fail(error.to_string()))?;
        let office = Office::itself(&self.0, (self.0.origin)(commune.slug()));
        let key = order.message.to_string();
        let told = commune.write_blocking(By::SYSTEM, move |tx| {
            idempotency::once(tx, TELL_WRITTEN, &key, &[], |tx| {
                let Some(case) = case::find(tx, order.case).map_err(case_error)? else { return Ok(()) };
                office.tell_written(tx, &case, order.message, &order.documents)
            })
            .map(drop)
        });
        told.map_err(|error: WebError| {
            let told = format!("{error:?}");
            if job.last { JobError::Fail(told) } else { JobError::Retry(told) }
        })
    }
}
