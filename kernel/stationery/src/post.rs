//! A letter on its way to the printer: laid out, kept, and put into the day's batch of a department, once.

use beffroi_core::calendar::civil_day;
use beffroi_documents::{Document, Gate, NewDocument, store_generated};
use beffroi_notify::{About, letter};
use beffroi_store::{
    By, Commune, idempotency,
    jobs::{Job, JobError},
};
use beffroi_typeset::{self as typeset, Letter, Meta, Pool, Sides};
use uuid::Uuid;

use crate::Stationery;

/// A letter that is ready to be laid out.
pub struct Posted {
    /// What it says. The lines of its recipient are those of the envelope.
    pub letter: Letter,
    /// What goes in the same envelope, each a PDF: it stands behind the letter in its file, on sheets of its own.
    pub behind: Vec<Vec<u8>>,
    /// The slug of the department that posts it.
    pub tray: String,
    /// What it is about, and what its document belongs to: its kind and its id.
    pub about: (&'static str, Uuid),
    /// What its file is called.
    pub file_name: &'static str,
}

impl Stationery {
    /// Lays a letter out for a job, keeps it as a document and queues it. The same key again for a job of this kind does
    /// nothing. Blocks.
    ///
    /// # Errors
    /// It cannot be laid out: to be tried again, unless it was the last time. Those of the store.
    pub fn post(
        &self,
        commune: &Commune,
        pool: &Pool,
        (job, key): (&Job, &str),
        posted: Posted,
    ) -> Result<(), JobError> {
        let Posted { letter, behind, tray, about: (kind, id), file_name } = posted;
        let date = civil_day(commune.now(), self.town.zone());
        let layout = typeset::Job::new(&letter, Meta { title: letter.subject.clone(), date });
        let laid_out = layout.and_then(|layout| pool.render(&layout)).and_then(|pdf| {
            if behind.is_empty() {
                return Ok(pdf);
            }
            let papers: Vec<Vec<u8>> = std::iter::once(pdf).chain(behind).collect();
            typeset::stack(&papers, Sides::Both)
        });
        let pdf = laid_out.map_err(|error| {
            if job.last { JobError::Fail(error.to_string()) } else { JobError::Retry(error.to_string()) }
        })?;
        let file = store_generated(commune, file_name, &pdf)?;
        let (scope, key, lines) = (job.kind.clone(), key.to_owned(), letter.recipient.lines);
        commune.write_blocking(By::SYSTEM, move |tx| {
            idempotency::once(tx, &scope, &key, &[], |tx| {
                let new = NewDocument { file: &file, owner_kind: kind, owner_id: id, purpose: "letter" };
                let document = Document::create(tx, Gate::Open, &new)?;
                let Some((recipient, rest)) = lines.split_first() else { return Ok(()) };
                let content = letter::Content::Document { id: document.id.uuid() };
                let about = About { kind, id };
                let new = letter::NewLetter { tray: &tray, recipient, lines: rest, content: &content, about };
                letter::queue(tx, &new).map(drop)
            })
            .map(drop)
        })?;
        Ok(())
    }
}
