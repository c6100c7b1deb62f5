//! What is written and sent after a case has moved: laid out, kept, queued. Each job may run twice and does its
//! thing once.

use std::sync::Arc;

use beffroi_cases::{
    case::{self, Case},
    decision as taken,
    missing::{self, DocumentRequest},
};
use beffroi_core::{Day, Id, calendar::civil_day};
use beffroi_documents::{Document, NewDocument, StoredFile};
use beffroi_forms::CompiledForm;
use beffroi_notify::{
    About, letter, mail,
    messages::{self, CaseRef, Message, Sender},
};
use beffroi_store::{
    By, Commune, StoreError, Tx,
    background::JobHandler,
    jobs::{Job, JobError},
};
use beffroi_typeset::{self as typeset, Letter, Meta, Piece, Recipient, TypesetError};
use serde::{Deserialize, Serialize};

use super::{Facts, Stationery, decision, purpose};
use crate::{
    Parts,
    submission::{self, Reach},
};

/// The job that acknowledges a case.
pub const ACKNOWLEDGE: &str = "desk.acknowledge";
/// The job that tells a decision.
pub const TELL_DECISION: &str = "desk.tell_decision";
/// The job that writes a letter to who wants paper.
pub const LETTER: &str = "desk.letter";

/// A case with all that writing about it needs.
pub(super) struct Dossier {
    pub(super) case: Case,
    pub(super) form: Arc<CompiledForm>,
    pub(super) reach: Reach,
    pub(super) stationery: Stationery,
    pub(super) requests: Vec<DocumentRequest>,
}

impl Dossier {
    pub(super) fn load(tx: &mut Tx<'_>, parts: &Parts, id: Id<Case>) -> Result<Self, JobError> {
        let case = case::find(tx, id).map_err(gone)?.ok_or_else(|| gone("the case"))?;
        let form = parts
            .shelf
            .version(tx, &case.procedure, case.procedure_version)?
            .ok_or_else(|| gone("the form"))?;
        let reach = submission::reach(tx, id)?.ok_or_else(|| gone("the address"))?;
        let stationery = Stationery::load(tx, &case.department)?;
        let requests = missing::of_case(tx, id).map_err(gone)?;
        Ok(Self { case, form, reach, stationery, requests })
    }

    pub(super) fn mail(&self, tx: &mut Tx<'_>, message: &Message, secret: bool) -> Result<(), JobError> {
        if self.reach.email.is_empty() {
            return Ok(());
        }
        let about = About { kind: "case", id: self.case.id.uuid() };
        let new = mail::NewMail {
            to: &self.reach.email,
            subject: &message.subject,
            text: &message.text,
            html: None,
            secret,
            about,
        };
        mail::queue(tx, &new).map(drop).map_err(|error| JobError::Fail(error.to_string()))
    }

    /// Keeps a paper, and puts it in the day's letters for who wants paper.
    fn keep(&self, tx: &mut Tx<'_>, file: &StoredFile, purpose: &str) -> Result<(), JobError> {
        let new = NewDocument { file, owner_kind: "case", owner_id: self.case.id.uuid(), purpose };
        let document = Document::create(tx, beffroi_documents::Gate::Open, &new)?;
        if self.reach.by_letter && self.reach.letter_lines.len() > 1 {
            let (recipient, lines) =
                self.reach.letter_lines.split_first().ok_or_else(|| gone("the address"))?;
            let content = letter::Content::Document { id: document.id.uuid() };
            let about = About { kind: "case", id: self.case.id.uuid() };
            let tray = &self.case.department;
            letter::queue(tx, &letter::NewLetter { tray, recipient, lines, content: &content, about })?;
        }
        Ok(())
    }

    fn has(&self, tx: &mut Tx<'_>, purpose: &str) -> Result<bool, JobError> {
        let documents = beffroi_documents::of_owner(tx, "case", self.case.id.uuid(), 500)?;
        Ok(documents.iter().any(|document| document.purpose == purpose))
    }
}

/// Words to the requester of a case, with the link to its page.
pub struct Told<'t> {
    /// Who writes.
    pub stationery: &'t Stationery,
    /// What was asked for.
    pub title: &'t str,
    /// The case's reference.
    pub reference: &'t str,
    /// The address of the commune's site.
    pub origin: &'t str,
}

impl Told<'_> {
    /// Writes a message with what is known of the case.
    pub fn write(&self, write: impl FnOnce(Sender<'_>, CaseRef<'_>) -> Message) -> Message {
        let contact = self.stationery.reach();
        let link = format!("{}/suivi", self.origin);
        write(
            Sender { commune: &self.stationery.town.name, contact: &contact },
            CaseRef { title: self.title, reference: self.reference, link: &link },
        )
    }
}

#[derive(Deserialize)]
struct AcknowledgeOrder {
    case: Id<Case>,
    code: String,
}

/// Acknowledges a case: the paper, the mail, or the letter.
pub struct AcknowledgeHandler(pub Arc<Parts>);

impl JobHandler for AcknowledgeHandler {
    fn kind(&self) -> &'static str {
        ACKNOWLEDGE
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> Result<(), JobError> {
        let order: AcknowledgeOrder = read(job)?;
        let parts = &self.0;
        let dossier = commune.read_blocking(By::SYSTEM, |tx| {
            let dossier = Dossier::load(tx, parts, order.case)?;
            Ok::<_, JobError>(if dossier.has(tx, purpose::ACKNOWLEDGEMENT)? { None } else { Some(dossier) })
        })?;
        let Some(dossier) = dossier else { return Ok(()) };
        let Dossier { case, form, reach, stationery, requests } = &dossier;
        let facts = Facts { stationery, form, case, reach, requests };
        let origin = (parts.origin)(commune.slug());
        let paper = facts.document(Some((&order.code, &format!("{origin}/suivi"))));
        let title = format!("Accusé de réception {}", case.reference);
        let file = lay_out(parts, commune, &paper, title, case.received_on)?;
        let title = form.procedure().title.text(reach.lang);
        let told = Told { stationery, title, reference: &case.reference, origin: &origin };
        let details = facts.paragraphs(reach.lang);
        let message = told.write(|sender, about| {
            messages::acknowledgement(sender, reach.lang, about, case.received_on, &order.code, &details)
        });
        commune.write_blocking(By::SYSTEM, move |tx| {
            if dossier.has(tx, purpose::ACKNOWLEDGEMENT)? {
                return Ok(());
            }
            dossier.keep(tx, &file, purpose::ACKNOWLEDGEMENT)?;
            dossier.mail(tx, &message, true)
        })
    }
}

#[derive(Deserialize)]
struct CaseOrder {
    case: Id<Case>,
}

/// Tells a decision: the order or the letter, and word that it is there.
pub struct TellHandler(pub Arc<Parts>);

impl JobHandler for TellHandler {
    fn kind(&self) -> &'static str {
        TELL_DECISION
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> Result<(), JobError> {
        let order: CaseOrder = read(job)?;
        let parts = &self.0;
        let (dossier, taken) = commune.read_blocking(By::SYSTEM, |tx| {
            let taken = taken::of_case(tx, order.case).map_err(gone)?.ok_or_else(|| gone("the decision"))?;
            Ok::<_, JobError>((Dossier::load(tx, parts, order.case)?, taken))
        })?;
        if taken.sent_at.is_some() {
            return Ok(());
        }
        let Dossier { case, form, reach, stationery, .. } = &dossier;
        let layout = decision(stationery, form, case, reach, &taken).map_err(undone)?;
        let pdf = parts.pool.render(&layout).map_err(undone)?;
        let name = format!("decision-{}.pdf", case.reference);
        let file = beffroi_documents::store_generated(commune, &name, &pdf)?;
        let title = form.procedure().title.text(reach.lang);
        let origin = (parts.origin)(commune.slug());
        let told = Told { stationery, title, reference: &case.reference, origin: &origin };
        let message = told.write(|sender, about| messages::decision(sender, reach.lang, about));
        commune.write_blocking(By::SYSTEM, move |tx| {
            if dossier.has(tx, purpose::DECISION)? {
                return Ok(());
            }
            dossier.keep(tx, &file, purpose::DECISION)?;
            taken::sent(tx, dossier.case.id).map_err(gone)?;
            dossier.mail(tx, &message, false)
        })
    }
}

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
}

/// Writes a letter and puts it in the day's batch.
pub struct LetterHandler(pub Arc<Parts>);

impl JobHandler for LetterHandler {
    fn kind(&self) -> &'static str {
        LETTER
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> Result<(), JobError> {
        let order: LetterOrder = read(job)?;
        let parts = &self.0;
        let dossier = commune.read_blocking(By::SYSTEM, |tx| Dossier::load(tx, parts, order.case))?;
        let letter = Letter {
            letterhead: dossier.stationery.letterhead(),
            recipient: Recipient { lines: dossier.reach.letter_lines.clone() },
            reference: Some(dossier.case.reference.clone()),
            subject: order.subject.clone(),
            opening: "Madame, Monsieur,".to_owned(),
            paragraphs: order.paragraphs,
            pieces: order.pieces.into_iter().map(|name| Piece { name, reason: None }).collect(),
            until: order.until,
            department: Some(dossier.stationery.contact()),
            closing: Some(
                "Nous vous prions d’agréer, Madame, Monsieur, nos salutations distinguées.".to_owned(),
            ),
            signatory: None,
            appeals: None,
        };
        let today = civil_day(commune.now(), dossier.stationery.town.zone());
        let file = lay_out(parts, commune, &letter, order.subject, today)?;
        commune.write_blocking(By::SYSTEM, move |tx| dossier.keep(tx, &file, purpose::LETTER))
    }
}

fn lay_out(
    parts: &Parts,
    commune: &Commune,
    document: &impl typeset::Document,
    title: String,
    date: Day,
) -> Result<StoredFile, JobError> {
    let name = format!("{}.pdf", title.to_lowercase().replace(' ', "-"));
    let layout = typeset::Job::new(document, Meta { title, date }).map_err(undone)?;
    let pdf = parts.pool.render(&layout).map_err(undone)?;
    Ok(beffroi_documents::store_generated(commune, &name, &pdf)?)
}

pub(super) fn read<T: for<'de> Deserialize<'de>>(job: &Job) -> Result<T, JobError> {
    serde_json::from_value(job.payload.clone()).map_err(|error| JobError::Fail(error.to_string()))
}

pub(super) fn gone(what: impl std::fmt::Display) -> JobError {
    JobError::Fail(format!("{what} is gone"))
}

/// A worker that is busy or was stopped will do it later; a document that cannot be laid out never will.
#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
fn undone(error: TypesetError) -> JobError {
    JobError::Retry(error.to_string())
}

/// The acknowledgement laid out now, for whoever does not wait for the job: with the tracking code and the address
/// where it serves, if they are known.
pub fn acknowledgement_pdf(
    parts: &Parts,
    facts: &Facts<'_>,
    tracking: Option<(&str, &str)>,
) -> Result<Vec<u8>, StoreError> {
    let paper = facts.document(tracking);
    let meta = Meta {
        title: format!("Accusé de réception {}", facts.case.reference),
        date: facts.case.received_on,
    };
    let failed = |error: TypesetError| StoreError::Corrupt(error.to_string());
    let layout = typeset::Job::new(&paper, meta).map_err(failed)?;
    parts.pool.render(&layout).map_err(failed)
}
