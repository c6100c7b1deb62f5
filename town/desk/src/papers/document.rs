//! A document that a step of a procedure makes: laid out by the template that the procedure names, kept on the case, and
//! told to the requester once it is there. Nothing is told of one that its template cannot make.

use std::sync::Arc;

use beffroi_cases::{case::Case, step};
use beffroi_core::{Id, calendar::civil_day};
use beffroi_forms::Known;
use beffroi_notify::messages;
use beffroi_store::{
    By, Commune, StoreError, Tx,
    background::JobHandler,
    jobs::{self, Job, JobError},
};
use beffroi_typeset::{self as typeset, HouseTemplate, Meta, TypesetError};
use serde::{Deserialize, Serialize};
use serde_json::Map;

use super::{
    Told,
    jobs::{Dossier, read, undone, unpaper},
    purpose,
    unpapered::Unmade,
};
use crate::{
    Parts,
    document_templates::{self, About, Words},
};

/// The job that makes one.
const DOCUMENT: &str = "desk.document";

/// Workers that a template may end before it is given up.
const WORKERS_AT_MOST: u32 = 2;

/// A document to be made.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct DocumentOrder {
    /// The case.
    pub case: Id<Case>,
    /// Its title.
    pub title: String,
    /// What it says.
    pub paragraphs: Vec<String>,
    /// The template; the letter where nothing is said.
    #[serde(default)]
    pub template: String,
}

impl DocumentOrder {
    /// What of it tells of a person: sealed until it is done, forgotten if it never is.
    const SECRETS: &'static [&'static str] = &["title", "paragraphs"];

    /// Asks for it.
    pub fn queue(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        jobs::enqueue_sealed(tx, DOCUMENT, &serde_json::to_value(self)?, Self::SECRETS, tx.now())
    }

    fn is_letter(&self) -> bool {
        self.template.is_empty() || self.template == HouseTemplate::Letter.slug()
    }

    /// The document, ready to be laid out by this source.
    fn layout(&self, tx: &mut Tx<'_>, dossier: &Dossier, source: String) -> Result<typeset::Job, JobError> {
        let Dossier { case, form, reach, stationery, .. } = dossier;
        let filled = step::filled(tx, case.id)?;
        let empty = Map::new();
        let answers = case.answers.as_object().unwrap_or(&empty);
        let about =
            About { reference: &case.reference, received_on: case.received_on, lines: &reach.letter_lines };
        let words = Words { title: self.title.clone(), paragraphs: self.paragraphs.clone() };
        let known = Known { answers, steps: &filled };
        let mut sheet = document_templates::of_case(stationery, form, known, &about, words);
        let date = civil_day(tx.now(), stationery.town.zone());
        let meta = Meta { title: self.title.clone(), date };
        let layout = if self.is_letter() {
            // It decides nothing, and nobody signs it.
            sheet.letter.signatory = None;
            typeset::Job::new(&sheet.letter, meta)
        } else {
            typeset::Job::written(source, &sheet, meta)
        };
        layout.map_err(|error| JobError::Fail(error.to_string()))
    }
}

/// Makes it, keeps it, and tells the requester.
pub struct DocumentHandler(pub Arc<Parts>);

/// What becomes of a layout that did not succeed.
enum Failed {
    /// The machine is to blame: as for any paper.
    Job(JobError),
    /// The template is.
    Template(Unmade),
}

/// Who is to blame: a template that does not end, wants too much or says what cannot be laid out is told to agents.
fn blame(order: &DocumentOrder, error: &TypesetError, job: &Job, sealed: bool) -> Failed {
    let passing = match error {
        TypesetError::Busy | TypesetError::Io(_) => true,
        TypesetError::Crashed => !job.last && job.attempts + 1 < WORKERS_AT_MOST,
        _ => false,
    };
    if passing || order.is_letter() {
        return Failed::Job(undone(error, job));
    }
    Failed::Template(Unmade::of(&order.template, error, sealed))
}

impl JobHandler for DocumentHandler {
    fn kind(&self) -> &'static str {
        DOCUMENT
    }

    fn secrets(&self) -> &'static [&'static str] {
        DocumentOrder::SECRETS
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> Result<(), JobError> {
        let order: DocumentOrder = read(job)?;
        let parts = &self.0;
        let (dossier, layout) = commune.read_blocking(By::SYSTEM, |tx| {
            let dossier = Dossier::load(tx, parts, order.case)?;
            let layout = match document_templates::source_of(tx, &order.template)? {
                Some((source, version)) => Some((order.layout(tx, &dossier, source)?, version)),
                None => None,
            };
            Ok::<_, JobError>((dossier, layout))
        })?;
        let sealed = dossier.form.procedure().sealed;
        let Some((layout, version)) = layout else {
            let unmade = Unmade::without(&order.template);
            return Ok(commune.write_blocking(By::SYSTEM, move |tx| unmade.record(tx, order.case))?);
        };
        let pdf = match parts.pool.render(&layout) {
            Ok(pdf) => pdf,
            Err(error) => {
                return match blame(&order, &error, job, sealed) {
                    Failed::Job(error) => Err(error),
                    Failed::Template(unmade) => {
                        Ok(commune.write_blocking(By::SYSTEM, move |tx| unmade.record(tx, order.case))?)
                    }
                };
            }
        };
        let name = format!("{}.pdf", order.title.to_lowercase().replace(' ', "-"));
        let store = if sealed { beffroi_documents::store_sealed } else { beffroi_documents::store_generated };
        let file = store(commune, &name, &pdf)?;
        let origin = (parts.origin)(commune.slug());
        commune.write_blocking(By::SYSTEM, move |tx| {
            let (document, _) = dossier.keep(tx, &file, purpose::LETTER)?;
            let template =
                if order.is_letter() { HouseTemplate::Letter.slug() } else { order.template.as_str() };
            document_templates::record(tx, order.case, document, (template, version))?;
            let Dossier { case, form, reach, stationery, .. } = &dossier;
            let title = form.procedure().title.text(reach.lang);
            let told = Told { stationery, title, reference: &case.reference, origin: &origin };
            let message = told.write(|sender, about| messages::answer_received(sender, reach.lang, about, 0));
            dossier.mail(tx, &message, false).map(drop)
        })
    }

    fn given_up(&self, tx: &mut Tx<'_>, job: &Job) -> Result<(), StoreError> {
        unpaper(tx, job, purpose::LETTER)
    }
}
