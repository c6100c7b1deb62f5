//! What is written and sent after a case has moved: laid out, kept, queued. Each job may run twice and does its
//! thing once.

use std::sync::Arc;

use beffroi_calendar::booking::Booking;
use beffroi_cases::{
    case::{self, Case},
    decision::{self as taken, Outcome},
    reversal, step,
};
use beffroi_core::{Day, Id, calendar::civil_day};
use beffroi_documents::{Document, NewDocument, State, StoredFile};
use beffroi_forms::CompiledForm;
use beffroi_notify::{
    About, letter, mail,
    messages::{self, CaseRef, Message, Sender},
};
use beffroi_store::{
    By, Commune, StoreError, Tx,
    background::JobHandler,
    jobs::{self, Job, JobError},
};
use beffroi_typeset::{self as typeset, Asking, Letter, Meta, Piece, Recipient, TypesetError};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    AsReceived, Facts, Grounds, Stationery, about_booking, asking, decision, due,
    notice::{self, Tells},
    purpose, taken_back, unpapered,
};
use crate::{
    Parts, booked,
    enclosure::{self, To},
    fee::{self, Owed},
    figures::ask_opinion,
    submission::{self, Reach},
    texting,
};

/// Workers that one document may end before it is given up: with the jobs' pauses, some minutes.
const WORKERS_AT_MOST: u32 = 5;

/// The job that acknowledges a case.
pub const ACKNOWLEDGE: &str = "desk.acknowledge";
/// The job that tells a decision.
pub const TELL_DECISION: &str = "desk.tell_decision";
/// The job that tells a decision once its letter has left, signed.
pub(super) const TELL_SIGNED: &str = "desk.tell_signed";
/// The job that writes a letter to who wants paper.
const LETTER: &str = "desk.letter";

/// A case with all that writing about it needs.
pub(super) struct Dossier {
    pub(super) case: Case,
    pub(super) form: Arc<CompiledForm>,
    pub(super) reach: Reach,
    pub(super) stationery: Stationery,
    /// The address of the commune's site.
    pub(super) origin: String,
    /// What was booked for it, where it may be told: of what is sealed mails say nothing.
    pub(super) booking: Option<Booking>,
    /// What is to be paid for it, now or once it is granted.
    pub(super) owed: Option<Owed>,
    /// Whether somebody helps the requester by a mandate.
    helped: bool,
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
        let helped = submission::mandate_of(tx, id)?.is_some();
        let origin = (parts.origin)(tx.commune());
        let booking = if case.sealed { None } else { booked::of_case(tx, &form, id)? };
        let owed = fee::owed(tx, &form, &case)?;
        Ok(Self { case, form, reach, stationery, origin, booking, owed, helped })
    }

    /// Queues a mail to the requester, if they have an address; word of it goes to who helps them by a mandate.
    pub(super) fn mail(
        &self,
        tx: &mut Tx<'_>,
        message: &Message,
        secret: bool,
    ) -> Result<Option<Uuid>, JobError> {
        if self.helped {
            crate::mandates::copy(tx, &self.case, &self.origin)?;
        }
        if self.reach.email.is_empty() {
            return Ok(None);
        }
        let about = About { kind: "case", id: self.case.id.uuid() };
        let new = mail::NewMail {
            to: &self.reach.email,
            subject: &message.subject,
            text: &message.text,
            html: None,
            // Of what is sealed no words stay once they have left.
            secret: secret || self.form.procedure().sealed,
            about,
        };
        let queued = mail::queue(tx, &new).map_err(|error| JobError::Fail(error.to_string()))?;
        Ok(Some(queued.uuid()))
    }

    /// Word by text message to who has no e-mail address, beside their letter, or who wishes it beside the mail.
    pub(super) fn text(&self, tx: &mut Tx<'_>, told: texting::Told<'_>) -> Result<(), JobError> {
        Ok(texting::tell(tx, &self.case, &self.reach, &self.origin, told)?)
    }

    /// The same of a decision, or of what takes it back: once for each of them.
    pub(super) fn text_once(&self, tx: &mut Tx<'_>, purpose: &str) -> Result<(), JobError> {
        let before = reversal::of_case(tx, self.case.id)?.len();
        let word = if before == 0 { purpose.to_owned() } else { format!("{purpose}-{before}") };
        self.text(tx, texting::Told::NewsOnce(&word))
    }

    /// Mails what is told once, and keeps its paper; a paper that does not come does not hold the mail up.
    fn tell(
        &self,
        tx: &mut Tx<'_>,
        told: (Tells, &'static str),
        message: (&Message, bool),
        paper: &Result<StoredFile, JobError>,
    ) -> Result<(), JobError> {
        let ((tells, purpose), (message, secret)) = (told, message);
        let case = self.case.id;
        if self.has(tx, purpose)? {
            return Ok(());
        }
        // Of a decision that is signed on paper nobody is told before its letter has left.
        let held = self.awaits_signature(tells) && paper.is_ok();
        let told = held || notice::is_recorded(tx, case, tells)?;
        let mailed = if told { None } else { self.mail(tx, message, secret)? };
        if !held {
            match tells {
                Tells::Acknowledgement => self.text(tx, texting::Told::Received)?,
                Tells::Decision | Tells::Silence | Tells::Reversal => self.text_once(tx, purpose)?,
            }
        }
        let letter = match paper {
            Ok(file) => {
                let (document, letter) = self.keep(tx, file, purpose)?;
                if tells == Tells::Decision {
                    enclosure::accompany(tx, To::Decision(case).id(), document)?;
                }
                letter
            }
            Err(_) => None,
        };
        // Of an acknowledgement with its paper, the paper itself shows that it was told.
        if matches!(tells, Tells::Decision | Tells::Reversal) || paper.is_err() {
            for message in [mailed, letter].into_iter().flatten() {
                notice::record(tx, case, message, tells)?;
            }
        }
        Ok(())
    }

    /// Whether what is told waits for a signature by hand, on the letter that bears it.
    pub(super) fn awaits_signature(&self, tells: Tells) -> bool {
        matches!(tells, Tells::Decision | Tells::Reversal) && self.reach.is_posted()
    }

    /// Keeps a paper, and puts it in the day's letters for who wants paper: the paper, and that letter.
    pub(super) fn keep(
        &self,
        tx: &mut Tx<'_>,
        file: &StoredFile,
        purpose: &str,
    ) -> Result<(Id<Document>, Option<Uuid>), JobError> {
        let new = NewDocument { file, owner_kind: "case", owner_id: self.case.id.uuid(), purpose };
        let document = Document::create(tx, beffroi_documents::Gate::Open, &new)?;
        if self.reach.is_posted() {
            let (recipient, lines) =
                self.reach.letter_lines.split_first().ok_or_else(|| gone("the address"))?;
            let content = letter::Content::Document { id: document.id.uuid() };
            let about = About { kind: "case", id: self.case.id.uuid() };
            let tray = &self.case.department;
            let new = letter::NewLetter { tray, recipient, lines, content: &content, about };
            return Ok((document.id, Some(letter::queue(tx, &new)?.uuid())));
        }
        Ok((document.id, None))
    }

    pub(super) fn has(&self, tx: &mut Tx<'_>, purpose: &str) -> Result<bool, JobError> {
        Ok(beffroi_documents::last_of(tx, "case", self.case.id.uuid(), purpose)?.is_some())
    }
}

/// Tells in the history of a case that a paper is given up: somebody must write by other means.
pub(super) fn unpaper(tx: &mut Tx<'_>, job: &Job, purpose: &str) -> Result<(), StoreError> {
    let Ok(CaseOrder { case }) = read(job) else { return Ok(()) };
    // Of a case that was erased meanwhile nobody waits for a paper.
    if submission::reach(tx, case)?.is_none() {
        return Ok(());
    }
    unpapered::record(tx, case, purpose)
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
            Stationery::sender(&self.stationery.town, &contact),
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

    fn steps_back(&self) -> bool {
        true
    }

    fn secrets(&self) -> &'static [&'static str] {
        &["code"]
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> Result<(), JobError> {
        let order: AcknowledgeOrder = read(job)?;
        let parts = &self.0;
        let found = commune.read_blocking(By::SYSTEM, |tx| {
            let dossier = Dossier::load(tx, parts, order.case)?;
            if dossier.has(tx, purpose::ACKNOWLEDGEMENT)? {
                return Ok(None);
            }
            let received = AsReceived::load(tx, parts, &dossier.case).map_err(gone)?;
            Ok::<_, JobError>(Some((dossier, received.ok_or_else(|| gone("the request"))?)))
        })?;
        let Some((dossier, received)) = found else { return Ok(()) };
        let facts = received.facts();
        let Facts { stationery, form, case, reach, .. } = facts;
        let origin = (parts.origin)(commune.slug());
        // Agents read what is kept: it bears the code only where it goes by letter, as they must print it.
        let link = format!("{origin}/suivi");
        let paper = facts.document(reach.by_letter.then_some((order.code.as_str(), link.as_str())));
        let paper_title =
            if due(form).is_ok() { "Accusé de réception" } else { "Confirmation de réception" };
        let title = format!("{paper_title} {}", case.reference);
        let meta = Meta { title, date: case.received_on };
        let laid_out = typeset::Job::new(&paper, meta);
        let name = format!("accuse-de-reception-{}.pdf", case.reference);
        let paper = lay_out(parts, commune, job, &name, laid_out, form.procedure().sealed);
        let title = form.procedure().title.text(reach.lang);
        let told = Told { stationery, title, reference: &case.reference, origin: &origin };
        let details = facts.paragraphs(reach.lang);
        let message = told.write(|sender, about| {
            let received = (case.received_on, due(form).is_ok());
            messages::acknowledgement(sender, reach.lang, about, received, &order.code, &details)
        });
        let what = (Tells::Acknowledgement, purpose::ACKNOWLEDGEMENT);
        settle(commune, dossier, what, (message, true), paper)
    }

    fn given_up(&self, tx: &mut Tx<'_>, job: &Job) -> Result<(), StoreError> {
        unpaper(tx, job, purpose::ACKNOWLEDGEMENT)
    }
}

/// Writes down what a job has done, and what it could not do.
pub(super) fn settle(
    commune: &Arc<Commune>,
    dossier: Dossier,
    told: (Tells, &'static str),
    (message, secret): (Message, bool),
    paper: Result<StoredFile, JobError>,
) -> Result<(), JobError> {
    let (outcome, (tells, _)) = (paper.as_ref().map(drop).map_err(Clone::clone), told);
    if matches!(outcome, Err(JobError::Retry(_))) {
        // The paper is tried again and again; the mail is queued once.
        let case = dossier.case.id;
        let unmailed = dossier.reach.email.is_empty() || dossier.awaits_signature(tells);
        if unmailed || commune.read_blocking(By::SYSTEM, |tx| notice::is_recorded(tx, case, tells))? {
            return outcome;
        }
    }
    commune.write_blocking(By::SYSTEM, move |tx| dossier.tell(tx, told, (&message, secret), &paper))?;
    outcome
}

/// What is to be told about a case.
#[derive(Deserialize)]
pub(super) struct CaseOrder {
    pub(super) case: Id<Case>,
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
        let found = commune.read_blocking(By::SYSTEM, |tx| {
            let taken = taken::of_case(tx, order.case).map_err(gone)?.ok_or_else(|| gone("the decision"))?;
            let dossier = Dossier::load(tx, parts, order.case)?;
            let filled = step::filled(tx, order.case)?;
            if dossier.has(tx, purpose::DECISION)? {
                return Ok(None);
            }
            let zone = dossier.stationery.town.zone();
            let grounds = Grounds::load(tx, &dossier.case, taken.decided_on, zone)?;
            let to = To::Decision(order.case).id();
            let found = enclosure::of(tx, to)?;
            let count = found.iter().filter(|document| document.state != State::Infected).count();
            let joined = joined(tx, job, to);
            Ok::<_, JobError>(Some((dossier, taken, filled, grounds, (count, joined))))
        })?;
        let Some((dossier, taken, filled, grounds, (count, joined))) = found else { return Ok(()) };
        let Dossier { case, form, reach, stationery, .. } = &dossier;
        // Word of a decision waits for no scanner: only the paper does, which names what is joined.
        let paper = joined.and_then(|joined| {
            let asked = asking::on_paper(commune, &dossier, taken.outcome)?;
            let told = (&taken, &grounds, joined);
            let laid_out = decision(stationery, form, (case, &filled), reach, told, asked);
            let name = format!("decision-{}.pdf", case.reference);
            lay_out(parts, commune, job, &name, laid_out, form.procedure().sealed)
        });
        // Whoever is told by their signed letter first is asked for an opinion by the mail that follows it.
        let asks = !dossier.awaits_signature(Tells::Decision);
        let message = decision_message(parts, commune, &dossier, taken.outcome, (count, asks))?;
        settle(commune, dossier, (Tells::Decision, purpose::DECISION), (message, false), paper)
    }

    fn given_up(&self, tx: &mut Tx<'_>, job: &Job) -> Result<(), StoreError> {
        unpaper(tx, job, purpose::DECISION)
    }
}

/// What left, signed.
#[derive(Deserialize)]
struct SignedOrder {
    case: Id<Case>,
    /// Whether it takes a decision back.
    #[serde(default)]
    reversal: bool,
}

/// Tells of a decision whose letter has left, signed: by mail or text message, to who has these too.
pub struct SignedHandler(pub Arc<Parts>);

impl JobHandler for SignedHandler {
    fn kind(&self) -> &'static str {
        TELL_SIGNED
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> Result<(), JobError> {
        let order: SignedOrder = read(job)?;
        if order.reversal {
            return taken_back::tell_signed(&self.0, commune, order.case);
        }
        let parts = &self.0;
        let found = commune.read_blocking(By::SYSTEM, |tx| {
            let taken = taken::of_case(tx, order.case).map_err(gone)?.ok_or_else(|| gone("the decision"))?;
            if taken.sent_at.is_none() {
                // The letter was put back meanwhile: it has not left.
                return Ok(None);
            }
            let told = notice::count(tx, order.case, Tells::Decision)?;
            let joined = joined(tx, job, To::Decision(order.case).id())?;
            let dossier = Dossier::load(tx, parts, order.case)?;
            Ok::<_, JobError>(Some((dossier, taken.outcome, told, joined.len())))
        })?;
        let Some((dossier, outcome, told, joined)) = found else { return Ok(()) };
        let message = decision_message(parts, commune, &dossier, outcome, (joined, true))?;
        commune.write_blocking(By::SYSTEM, move |tx| {
            dossier.text_once(tx, purpose::DECISION)?;
            // The letter is one message that tells it; the mail is the other.
            if told < 2
                && let Some(mailed) = dossier.mail(tx, &message, false)?
            {
                notice::record(tx, dossier.case.id, mailed, Tells::Decision)?;
            }
            Ok(())
        })
    }
}

/// The mail that tells that there is a decision, how many documents are joined to it, and asks for an opinion: once, so
/// that a mail which is not sent must not. How it went is asked once what was granted is over.
fn decision_message(
    parts: &Parts,
    commune: &Arc<Commune>,
    dossier: &Dossier,
    outcome: Outcome,
    (joined, asks): (usize, bool),
) -> Result<Message, JobError> {
    let Dossier { case, form, reach, stationery, .. } = dossier;
    let title = form.procedure().title.text(reach.lang);
    let origin = (parts.origin)(commune.slug());
    let told = Told { stationery, title, reference: &case.reference, origin: &origin };
    let money = fee::told_with(dossier.owed.as_ref(), outcome, reach.lang);
    let message = told.write(|sender, about| match about_booking::decided(dossier, outcome) {
        Some(decided) => decided.write(sender, about, joined),
        None => messages::decision(sender, reach.lang, about, joined, &money),
    });
    if reach.email.is_empty() || !asks {
        return Ok(message);
    }
    if let Some(over) = about_booking::over_at(dossier, outcome, commune.now()) {
        let case = case.id;
        commune.write_blocking(By::SYSTEM, move |tx| about_booking::ask_when_over(tx, case, over))?;
        return Ok(message);
    }
    let asked = ask_opinion(commune, case.id, reach.lang, &origin)?;
    Ok(message.with_end(&asked))
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
        let letter = Letter {
            letterhead: dossier.stationery.letterhead(),
            recipient: Recipient { lines: dossier.reach.letter_lines.clone() },
            reference: Some(dossier.case.reference.clone()),
            subject: order.subject.clone(),
            opening: dossier.stationery.town.voice.opening(),
            paragraphs: order.paragraphs,
            pieces: order.pieces.into_iter().map(|name| Piece { name, reason: None }).collect(),
            until: order.until,
            department: Some(dossier.stationery.contact()),
            closing: Some(
                dossier
                    .stationery
                    .town
                    .voice
                    .closing("Nous vous prions d’agréer, Madame, Monsieur, nos salutations distinguées."),
            ),
            signatory: None,
            enclosures,
            appeals: None,
        };
        let opinion = if order.asks { asking::on_paper(commune, &dossier, Outcome::Granted)? } else { None };
        let today = civil_day(commune.now(), dossier.stationery.town.zone());
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

/// The names of what is joined to a message or to a decision, and may be read: a paper names nothing that does not go with
/// it. It waits while the virus gate has not spoken; where the gate never does, it leaves without.
fn joined(tx: &mut Tx<'_>, job: &Job, to: Uuid) -> Result<Vec<String>, JobError> {
    let documents = enclosure::of(tx, to)?;
    if !job.last && documents.iter().any(|document| document.state == State::Received) {
        return Err(JobError::Retry("a document that is joined is not checked yet".to_owned()));
    }
    let clean = documents.into_iter().filter(|document| document.state == State::Clean);
    Ok(clean.map(|document| document.name).collect())
}

/// Lays a paper out and keeps its file.
pub(super) fn lay_out(
    parts: &Parts,
    commune: &Commune,
    job: &Job,
    name: &str,
    laid_out: Result<typeset::Job, TypesetError>,
    sealed: bool,
) -> Result<StoredFile, JobError> {
    let pdf = laid_out.and_then(|layout| parts.pool.render(&layout)).map_err(|error| undone(&error, job))?;
    let store = if sealed { beffroi_documents::store_sealed } else { beffroi_documents::store_generated };
    Ok(store(commune, name, &pdf)?)
}

pub(super) fn read<T: for<'de> Deserialize<'de>>(job: &Job) -> Result<T, JobError> {
    serde_json::from_value(job.payload.clone()).map_err(|error| JobError::Fail(error.to_string()))
}

pub(super) fn gone(what: impl std::fmt::Display) -> JobError {
    JobError::Fail(format!("{what} is gone"))
}

/// A worker that is busy or cannot be started will do it later; a document that cannot be laid out never will,
/// and one that has ended its worker time after time, or has waited for days, is one of those.
pub(super) fn undone(error: &TypesetError, job: &Job) -> JobError {
    let passing = !job.last
        && match error {
            TypesetError::Busy | TypesetError::Io(_) => true,
            TypesetError::Crashed | TypesetError::Deadline => job.attempts + 1 < WORKERS_AT_MOST,
            TypesetError::Data(_) | TypesetError::Layout(_) | TypesetError::TooLarge => false,
        };
    if passing { JobError::Retry(error.to_string()) } else { JobError::Fail(error.to_string()) }
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
