//! Letters about mandates: laid out and put into the day's batch of a department.

use std::sync::Arc;

use beffroi_people::mandate;
use beffroi_stationery::{Posted, Stationery};
use beffroi_store::{
    By, Commune, StoreError,
    background::JobHandler,
    idempotency,
    jobs::{Job, JobError},
};

use super::letters::{LETTER, LetterOrder, SECRETS, text};
use crate::Parts;

/// Writes to a helped person by letter.
pub struct LetterHandler(pub Arc<Parts>);

impl JobHandler for LetterHandler {
    fn kind(&self) -> &'static str {
        LETTER
    }

    fn steps_back(&self) -> bool {
        true
    }

    fn secrets(&self) -> &'static [&'static str] {
        SECRETS
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> Result<(), JobError> {
        let order: LetterOrder =
            serde_json::from_value(job.payload.clone()).map_err(|error| JobError::Fail(error.to_string()))?;
        let key = format!("{}/{}", order.mandate, order.key);
        let found = commune.read_blocking(By::SYSTEM, |tx| {
            let printed = idempotency::before::<()>(tx, LETTER, &key, &[])?.is_some();
            let mandate = mandate::find(tx, order.mandate)?;
            Ok::<_, StoreError>((mandate.filter(|_| !printed), Stationery::load(tx, &order.tray)?))
        })?;
        let (Some(mandate), stationery) = found else { return Ok(()) };
        let lang = mandate.details.lang;
        let usual = (
            text(lang, "desk-mandate-letter-opening", &[])?,
            text(lang, "desk-mandate-letter-closing", &[])?,
        );
        let subject = match order.subject.as_str() {
            "" => {
                let helper = mandate.details.helper_name.clone();
                text(lang, "desk-mandate-asks-you", &[("helper", helper.into())])?
            }
            subject => subject.to_owned(),
        };
        let lines = mandate.details.helped.letter_lines();
        let letter = stationery.letter_in(lang, usual, (lines, subject), order.paragraphs);
        let about = ("mandate", mandate.id.uuid());
        let posted = Posted { letter, behind: Vec::new(), tray: order.tray, about, file_name: "mandat.pdf" };
        stationery.post(commune, &self.0.pool, (job, &key), posted)
    }
}
