//! Letters about mandates: laid out and put into the day's batch of a department.

use std::sync::Arc;

use beffroi_core::{Lang, calendar::civil_day};
use beffroi_documents::{Document, Gate, NewDocument};
use beffroi_notify::{About, letter};
use beffroi_people::mandate;
use beffroi_store::{
    By, Commune, StoreError,
    background::JobHandler,
    idempotency,
    jobs::{Job, JobError},
};
use beffroi_typeset::{self as typeset, Letter, Meta};

use super::letters::{LETTER, LetterOrder, SECRETS, text};
use crate::{
    Parts,
    papers::{Stationery, purpose},
};

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
        let voice = &stationery.town.voice;
        let (opening, closing) = (
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
        // The town has its own words in French.
        let letter = Letter {
            opening: if lang == Lang::Fr { voice.opening() } else { opening },
            closing: Some(if lang == Lang::Fr { voice.closing(&closing) } else { closing }),
            ..stationery.letter(lines.clone(), subject, order.paragraphs)
        };
        let today = civil_day(commune.now(), stationery.town.zone());
        let layout = typeset::Job::new(&letter, Meta { title: letter.subject.clone(), date: today });
        let pdf = layout.and_then(|layout| self.0.pool.render(&layout)).map_err(|error| {
            if job.last { JobError::Fail(error.to_string()) } else { JobError::Retry(error.to_string()) }
        })?;
        let file = beffroi_documents::store_generated(commune, "mandat.pdf", &pdf)?;
        let id = mandate.id.uuid();
        commune.write_blocking(By::SYSTEM, move |tx| {
            idempotency::once(tx, LETTER, &key, &[], |tx| {
                let new = NewDocument {
                    file: &file,
                    owner_kind: "mandate",
                    owner_id: id,
                    purpose: purpose::LETTER,
                };
                let document = Document::create(tx, Gate::Open, &new)?;
                let Some((recipient, rest)) = lines.split_first() else { return Ok(()) };
                let content = letter::Content::Document { id: document.id.uuid() };
                let about = About { kind: "mandate", id };
                let new =
                    letter::NewLetter { tray: &order.tray, recipient, lines: rest, content: &content, about };
                letter::queue(tx, &new).map(drop)
            })
            .map(drop)
        })?;
        Ok(())
    }
}
