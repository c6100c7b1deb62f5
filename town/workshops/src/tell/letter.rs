//! Letters about a registration: laid out and put into the day's batch of the department that holds the workshop.

use std::sync::Arc;

use beffroi_core::Id;
use beffroi_documents as documents;
use beffroi_notify::{About, letter};
use beffroi_stationery::{Posted, Stationery as Paper};
use beffroi_store::{
    By, Commune, Result, Tx,
    background::JobHandler,
    idempotency,
    jobs::{self, Job, JobError},
};
use beffroi_typeset::{Letter, Letterhead, Pool};
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

/// The head of a paper of the department: with the telephone of the workshop, where it has its own.
pub(crate) fn letterhead(stationery: &Stationery) -> Letterhead {
    let head = beffroi_stationery::letterhead(&stationery.town, stationery.department.as_ref());
    Letterhead { phone: Some(stationery.phone()).filter(|phone| !phone.is_empty()), ..head }
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
        let Some((posted, paper)) = found else { return Ok(()) };
        paper.post(commune, &self.pool, (job, &key), posted)
    }
}

/// The letter as it is laid out, and on what; `None` where it was before, or whom to reach is forgotten.
fn written(tx: &mut Tx<'_>, order: &Order, key: &str, origin: &str) -> Result<Option<(Posted, Paper)>> {
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
    let usual = (text(lang, "workshops-letter-opening", &[])?, text(lang, "workshops-letter-closing", &[])?);
    let person = &it.registration.person;
    // A relative who registers somebody is whom the town writes to.
    let name = if person.registrant.is_empty() { &person.name } else { &person.registrant };
    let lines = std::iter::once(name).chain(&person.address).cloned().collect();
    let letterhead = letterhead(&stationery);
    let paper = Paper { town: stationery.town, department: stationery.department };
    let letter = Letter {
        letterhead,
        reference: Some(it.registration.reference.clone()),
        ..paper.letter_in(lang, usual, (lines, subject), paragraphs)
    };
    Ok(Some((
        Posted { letter, behind: Vec::new(), tray, about: (OWNER, Id::uuid(id)), file_name: "atelier.pdf" },
        paper,
    )))
}
