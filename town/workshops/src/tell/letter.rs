//! Letters about a registration: laid out and put into the day's batch of the department that holds the workshop.

use std::sync::Arc;

use beffroi_core::{Id, Lang, calendar::civil_day};
use beffroi_documents::{self as documents, Document, Gate, NewDocument};
use beffroi_notify::{About, letter};
use beffroi_store::{
    By, Commune, Result, StoreError, Tx,
    background::JobHandler,
    idempotency,
    jobs::{self, Job, JobError},
};
use beffroi_typeset::{self as typeset, Letter, Letterhead, Meta, Pool, Recipient};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Order, Stationery, Told, Word, money, of_registration, text};
use crate::{Origin, registration};

/// The job that lays out a letter.
const LETTER: &str = "workshops.letter";
/// To what these documents belong.
const OWNER: &str = "registration";

/// Which letter.
#[derive(Deserialize, Serialize)]
struct LetterOrder {
    /// What it tells.
    order: Order,
    /// Done twice, it is printed once.
    key: Uuid,
}

/// Has a letter laid out. That somebody gave something up is told to whoever did so already.
pub(super) fn order(tx: &mut Tx<'_>, it: &Told, order: &Order) -> Result<()> {
    if order.word == Word::GivenUp {
        return Ok(());
    }
    let session = order.session.and(it.seats.first()).map(|(_, session)| session.id);
    let order = Order { registration: Some(it.registration.id), session, ..order.clone() };
    let new = LetterOrder { order, key: tx.new_id::<LetterOrder>().uuid() };
    jobs::enqueue(tx, LETTER, &serde_json::to_value(&new)?, tx.now(), None)
}

/// Forgets the letters about a registration.
pub(crate) fn forget(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
    letter::forget_about(tx, About { kind: OWNER, id })?;
    documents::forget_of(tx, OWNER, &[id]).map(drop)
}

/// The head of a letter of the department.
pub(crate) fn letterhead(stationery: &Stationery) -> Letterhead {
    let details = stationery.department.as_ref().map(|it| &it.details);
    let own = |text: Option<&String>, town: &str| match text.map_or("", String::as_str) {
        "" => town.to_owned(),
        text => text.to_owned(),
    };
    let town = &stationery.town;
    let address = own(details.map(|it| &it.postal_address), &town.postal_address);
    let mut address: Vec<String> = address.lines().map(str::to_owned).collect();
    let has_town = address.last().is_some_and(|last| last.contains(&town.postcode));
    if !town.postcode.is_empty() && !has_town {
        address.push(format!("{} {}", town.postcode, town.name));
    }
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    Letterhead {
        commune: format!("Ville de {}", town.name),
        place: town.name.clone(),
        department: details.map(|it| it.name.clone()),
        address,
        phone: some(stationery.phone()),
        email: some(own(details.map(|it| &it.email), &town.email)),
    }
}

/// Lays letters out.
pub(crate) struct LetterHandler {
    pub(crate) origin: Arc<Origin>,
    pub(crate) pool: Arc<Pool>,
}

impl JobHandler for LetterHandler {
    fn kind(&self) -> &'static str {
        LETTER
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> std::result::Result<(), JobError> {
        let LetterOrder { order, key } =
            serde_json::from_value(job.payload.clone()).map_err(|error| JobError::Fail(error.to_string()))?;
        let origin = (self.origin)(commune.slug())?
            .ok_or_else(|| JobError::Fail("the commune has no host name".to_owned()))?;
        let key = key.to_string();
        let found = commune.read_blocking(By::SYSTEM, |tx| written(tx, &order, &key, &origin))?;
        let Some(Written { letter, tray, id }) = found else { return Ok(()) };
        let meta = Meta { title: letter.subject.clone(), date: letter_day(commune)? };
        let layout = typeset::Job::new(&letter, meta);
        let pdf = layout.and_then(|layout| self.pool.render(&layout)).map_err(|error| {
            if job.last { JobError::Fail(error.to_string()) } else { JobError::Retry(error.to_string()) }
        })?;
        let file = documents::store_generated(commune, "atelier.pdf", &pdf)?;
        let lines = letter.recipient.lines;
        commune.write_blocking(By::SYSTEM, move |tx| {
            idempotency::once(tx, LETTER, &key, &[], |tx| {
                let new = NewDocument { file: &file, owner_kind: OWNER, owner_id: id, purpose: "letter" };
                let document = Document::create(tx, Gate::Open, &new)?;
                let Some((recipient, rest)) = lines.split_first() else { return Ok(()) };
                let content = letter::Content::Document { id: document.id.uuid() };
                let about = About { kind: OWNER, id };
                let new = letter::NewLetter { tray: &tray, recipient, lines: rest, content: &content, about };
                letter::queue(tx, &new).map(drop)
            })
            .map(drop)
        })?;
        Ok(())
    }
}

fn letter_day(commune: &Commune) -> Result<beffroi_core::Day> {
    let zone = commune
        .read_blocking(By::SYSTEM, |tx| Ok::<_, StoreError>(beffroi_people::Town::load(tx)?.zone()))?;
    Ok(civil_day(commune.now(), zone))
}

/// A letter that is ready to be laid out.
struct Written {
    letter: Letter,
    tray: String,
    id: Uuid,
}

fn written(tx: &mut Tx<'_>, order: &Order, key: &str, origin: &str) -> Result<Option<Written>> {
    let Some(id) = order.registration else { return Ok(None) };
    if idempotency::before::<()>(tx, LETTER, key, &[])?.is_some() {
        return Ok(None);
    }
    let Some(it) = of_registration(tx, order.word, id, order.session)?.pop() else { return Ok(None) };
    let (Some(code), Some(stationery)) =
        (registration::code_of(tx, id)?, Stationery::load(tx, it.registration.series, origin)?)
    else {
        return Ok(None);
    };
    let Some(tray) = stationery.department.as_ref().map(|it| it.details.slug.clone()) else {
        return Ok(None);
    };
    let lang = it.registration.lang;
    let paid = money::said(tx, &it.registration, order.word, origin)?;
    let (subject, paragraphs) = stationery.words(&it, order, (&code, paid))?;
    let voice = &stationery.town.voice;
    let (opening, closing) =
        (text(lang, "workshops-letter-opening", &[])?, text(lang, "workshops-letter-closing", &[])?);
    let person = &it.registration.person;
    // A relative who registers somebody is whom the town writes to.
    let name = if person.registrant.is_empty() { &person.name } else { &person.registrant };
    let lines = std::iter::once(name).chain(&person.address).cloned().collect();
    let letter = Letter {
        letterhead: letterhead(&stationery),
        recipient: Recipient { lines },
        reference: Some(it.registration.reference.clone()),
        subject,
        // The town has its own words in French.
        opening: if lang == Lang::Fr { voice.opening() } else { opening },
        paragraphs,
        pieces: Vec::new(),
        until: None,
        department: None,
        closing: Some(if lang == Lang::Fr { voice.closing(&closing) } else { closing }),
        signatory: None,
        enclosures: Vec::new(),
        appeals: None,
    };
    Ok(Some(Written { letter, tray, id: Id::uuid(id) }))
}
