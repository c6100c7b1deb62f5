//! Letters to associations that have no e-mail: laid out and put into the day's batch of the department of the round.

use std::sync::Arc;

use beffroi_core::{Id, Lang};
use beffroi_stationery::{Posted, Stationery};
use beffroi_store::{
    By, Commune, Result, Tx,
    background::JobHandler,
    idempotency,
    jobs::{self, Job, JobError},
};
use beffroi_typeset::{Letter, Pool};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    contract,
    request::{self, Request, SUBJECT},
    round::Round,
};
use crate::premises::words;

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
    /// Whether the contracts of what is given go in the same envelope.
    #[serde(default)]
    contracts: bool,
    /// Done twice, it is printed once.
    key: Uuid,
}

/// Whether letters of a round reach whoever asked: they have a postal address and no e-mail, and the round has somebody
/// who posts.
pub(super) fn reaches(round: &Round, request: &Request) -> bool {
    let contact = &request.contact;
    contact.email.is_empty() && !contact.address.is_empty() && !round.sheet.department.is_empty()
}

/// Has a letter laid out for whom letters reach; with the contracts of what is given, where it is so said.
pub(super) fn order(
    tx: &mut Tx<'_>,
    round: &Round,
    request: &Request,
    (subject, paragraphs): (&str, &[String]),
    contracts: bool,
) -> Result<()> {
    if !reaches(round, request) {
        return Ok(());
    }
    let new = LetterOrder {
        round: round.id,
        request: request.id,
        tray: round.sheet.department.clone(),
        subject: subject.to_owned(),
        paragraphs: paragraphs.to_vec(),
        contracts,
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
        let Some((mut letter, lang, stationery)) =
            commune.read_blocking(By::SYSTEM, |tx| written(tx, &order))?
        else {
            return Ok(());
        };
        let contracts = if order.contracts {
            contract::papers(commune, &self.0, job, (order.request, lang))?
        } else {
            Vec::new()
        };
        let (names, behind) = contracts.into_iter().unzip();
        letter.enclosures = names;
        let about = (SUBJECT, order.request.uuid());
        let posted = Posted { letter, behind, tray: order.tray, about, file_name: "saison.pdf" };
        stationery.post(commune, &self.0, (job, &order.key.to_string()), posted)
    }
}

/// The letter as it is laid out; `None` where it was before, or whom to reach is forgotten.
fn written(tx: &mut Tx<'_>, order: &LetterOrder) -> Result<Option<(Letter, Lang, Stationery)>> {
    if idempotency::before::<()>(tx, LETTER, &order.key.to_string(), &[])?.is_some() {
        return Ok(None);
    }
    let found = request::find(tx, order.round, order.request)?;
    let Some(request) = found.filter(|request| !request.contact.address.is_empty()) else {
        return Ok(None);
    };
    let stationery = Stationery::load(tx, &order.tray)?;
    let lang = request.lang;
    let usual =
        (words(lang, "rooms-season-letter-opening", &[])?, words(lang, "rooms-season-letter-closing", &[])?);
    let names = [&request.body.name, &request.contact.name];
    let names = names.into_iter().filter(|name| !name.is_empty()).cloned();
    let lines = names.chain(request.contact.address.lines().map(str::to_owned)).collect();
    let letter = Letter {
        reference: Some(request.reference.clone()),
        ..stationery.letter_in(lang, usual, (lines, order.subject.clone()), order.paragraphs.clone())
    };
    Ok(Some((letter, lang, stationery)))
}
