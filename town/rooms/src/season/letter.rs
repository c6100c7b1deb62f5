//! Letters to associations that have no e-mail: laid out and put into the day's batch of the department of the round.

use std::sync::Arc;

use beffroi_core::{Id, Lang, calendar::civil_day};
use beffroi_documents::{self as documents, Document, Gate, NewDocument};
use beffroi_notify::{About, letter};
use beffroi_people::{Town, department};
use beffroi_store::{
    By, Commune, Result, Tx,
    background::JobHandler,
    idempotency,
    jobs::{self, Job, JobError},
};
use beffroi_typeset::{self as typeset, Letter, Meta, Pool, Recipient};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    request::{self, Request, SUBJECT},
    round::Round,
};
use crate::premises::{letterhead, words};

/// The job that lays out a letter.
const LETTER: &str = "rooms.season_letter";

/// Which letter.
#[derive(Deserialize, Serialize)]
struct LetterOrder {
    round: Id<Round>,
    request: Id<Request>,
    /// The slug of the department that posts it.
    tray: String,
    subject: String,
    paragraphs: Vec<String>,
    /// Done twice, it is printed once.
    key: Uuid,
}

/// Has a letter laid out for whoever has a postal address and no e-mail, where the round has somebody who posts it.
pub(super) fn order(
    tx: &mut Tx<'_>,
    round: &Round,
    request: &Request,
    (subject, paragraphs): (&str, &[String]),
) -> Result<()> {
    let contact = &request.contact;
    if !contact.email.is_empty() || contact.address.is_empty() || round.sheet.department.is_empty() {
        return Ok(());
    }
    let new = LetterOrder {
        round: round.id,
        request: request.id,
        tray: round.sheet.department.clone(),
        subject: subject.to_owned(),
        paragraphs: paragraphs.to_vec(),
        key: tx.new_id::<LetterOrder>().uuid(),
    };
    jobs::enqueue(tx, LETTER, &serde_json::to_value(&new)?, tx.now(), None)
}

/// Lays letters out.
pub(crate) struct LetterHandler(pub(crate) Arc<Pool>);

impl JobHandler for LetterHandler {
    fn kind(&self) -> &'static str {
        LETTER
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> std::result::Result<(), JobError> {
        let order: LetterOrder =
            serde_json::from_value(job.payload.clone()).map_err(|error| JobError::Fail(error.to_string()))?;
        let (key, tray, id) = (order.key.to_string(), order.tray.clone(), order.request.uuid());
        let Some((letter, town)) = commune.read_blocking(By::SYSTEM, |tx| written(tx, &order))? else {
            return Ok(());
        };
        let meta = Meta { title: letter.subject.clone(), date: civil_day(commune.now(), town.zone()) };
        let layout = typeset::Job::new(&letter, meta);
        let pdf = layout.and_then(|layout| self.0.render(&layout)).map_err(|error| {
            if job.last { JobError::Fail(error.to_string()) } else { JobError::Retry(error.to_string()) }
        })?;
        let file = documents::store_generated(commune, "saison.pdf", &pdf)?;
        let lines = letter.recipient.lines;
        commune.write_blocking(By::SYSTEM, move |tx| {
            idempotency::once(tx, LETTER, &key, &[], |tx| {
                let new = NewDocument { file: &file, owner_kind: SUBJECT, owner_id: id, purpose: "letter" };
                let document = Document::create(tx, Gate::Open, &new)?;
                let Some((recipient, rest)) = lines.split_first() else { return Ok(()) };
                let content = letter::Content::Document { id: document.id.uuid() };
                let about = About { kind: SUBJECT, id };
                let new = letter::NewLetter { tray: &tray, recipient, lines: rest, content: &content, about };
                letter::queue(tx, &new).map(drop)
            })
            .map(drop)
        })?;
        Ok(())
    }
}

/// The letter as it is laid out; `None` where it was before, or whom to reach is forgotten.
fn written(tx: &mut Tx<'_>, order: &LetterOrder) -> Result<Option<(Letter, Town)>> {
    if idempotency::before::<()>(tx, LETTER, &order.key.to_string(), &[])?.is_some() {
        return Ok(None);
    }
    let found = request::find(tx, order.round, order.request)?;
    let Some(request) = found.filter(|request| !request.contact.address.is_empty()) else {
        return Ok(None);
    };
    let (town, department) = (Town::load(tx)?, department::by_slug(tx, &order.tray)?);
    let (lang, voice) = (request.lang, &town.voice);
    let opening = words(lang, "rooms-season-letter-opening", &[])?;
    let closing = words(lang, "rooms-season-letter-closing", &[])?;
    let names = [&request.body.name, &request.contact.name];
    let names = names.into_iter().filter(|name| !name.is_empty()).cloned();
    let lines = names.chain(request.contact.address.lines().map(str::to_owned)).collect();
    let letter = Letter {
        letterhead: letterhead(&town, department.as_ref()),
        recipient: Recipient { lines },
        reference: Some(request.reference.clone()),
        subject: order.subject.clone(),
        // The town has its own words in French.
        opening: if lang == Lang::Fr { voice.opening() } else { opening },
        paragraphs: order.paragraphs.clone(),
        pieces: Vec::new(),
        until: None,
        department: None,
        closing: Some(if lang == Lang::Fr { voice.closing(&closing) } else { closing }),
        signatory: None,
        enclosures: Vec::new(),
        appeals: None,
    };
    Ok(Some((letter, town)))
}
