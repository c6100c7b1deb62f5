//! A letter of the exchange, for who wants paper: laid out, kept, and put into the day's batch.

use std::sync::Arc;

use beffroi_cases::{case::Case, decision::Outcome};
use beffroi_core::{Day, Id, calendar::civil_day};
use beffroi_store::{
    By, Commune, StoreError, Tx,
    background::JobHandler,
    jobs::{self, Job, JobError},
};
use beffroi_typeset::{self as typeset, Asking, Letter, Meta, Piece};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    asking,
    jobs::{Dossier, joined, lay_out, read, unpaper},
    purpose,
};
use crate::{Parts, enclosure};

/// The job that writes a letter to who wants paper.
const LETTER: &str = "desk.letter";

/// A letter of the exchange, for who wants paper.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct LetterOrder {
    /// The case.
    pub case: Id<Case>,
    /// Its subject.
    pub subject: String,
    /// What it says.
    pub paragraphs: Vec<String>,
    /// Papers asked for.
    pub pieces: Vec<String>,
    /// The last day to send them.
    pub until: Option<Day>,
    /// The message that it tells, where documents may be joined to it.
    #[serde(default)]
    pub joined_to: Option<Uuid>,
    /// Whether it tells that what was asked is granted, so that a reader who has no e-mail address is asked at its end how
    /// they were served.
    #[serde(default)]
    pub asks: bool,
}

impl LetterOrder {
    /// What of it tells of a person, or a new code: sealed until it is done, forgotten if it never is.
    const SECRETS: &'static [&'static str] = &["subject", "paragraphs", "pieces"];

    /// Asks for it.
    pub fn queue(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        jobs::enqueue_sealed(tx, LETTER, &serde_json::to_value(self)?, Self::SECRETS, tx.now())
    }
}

/// Writes a letter and puts it in the day's batch.
pub struct LetterHandler(pub Arc<Parts>);

impl JobHandler for LetterHandler {
    fn kind(&self) -> &'static str {
        LETTER
    }

    fn steps_back(&self) -> bool {
        true
    }

    fn secrets(&self) -> &'static [&'static str] {
        LetterOrder::SECRETS
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> Result<(), JobError> {
        let order: LetterOrder = read(job)?;
        let parts = &self.0;
        let (dossier, enclosures) = commune.read_blocking(By::SYSTEM, |tx| {
            let enclosures = match order.joined_to {
                Some(message) => joined(tx, job, message)?,
                None => Vec::new(),
            };
            Ok::<_, JobError>((Dossier::load(tx, parts, order.case)?, enclosures))
        })?;
        let Dossier { case, reach, stationery, .. } = &dossier;
        let closing = "Nous vous prions d’agréer, Madame, Monsieur, nos salutations distinguées.";
        let letter = Letter {
            reference: Some(case.reference.clone()),
            pieces: order.pieces.into_iter().map(|name| Piece { name, reason: None }).collect(),
            until: order.until,
            closing: Some(stationery.town.voice.closing(closing)),
            enclosures,
            ..stationery.letter(reach.letter_lines.clone(), order.subject.clone(), order.paragraphs)
        };
        let opinion = if order.asks { asking::on_paper(commune, &dossier, Outcome::Granted)? } else { None };
        let today = civil_day(commune.now(), stationery.town.zone());
        let name = format!("{}.pdf", order.subject.to_lowercase().replace(' ', "-"));
        let meta = Meta { title: order.subject, date: today };
        let laid_out = typeset::Job::new(&Asking { document: &letter, opinion }, meta);
        let file = lay_out(parts, commune, job, &name, laid_out, dossier.form.procedure().sealed)?;
        commune.write_blocking(By::SYSTEM, move |tx| {
            let (document, _) = dossier.keep(tx, &file, purpose::LETTER)?;
            match order.joined_to {
                Some(message) => Ok(enclosure::accompany(tx, message, document)?),
                None => Ok(()),
            }
        })
    }

    fn given_up(&self, tx: &mut Tx<'_>, job: &Job) -> Result<(), StoreError> {
        unpaper(tx, job, purpose::LETTER)
    }
}
