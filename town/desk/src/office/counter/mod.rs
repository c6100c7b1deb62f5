//! The counter and the telephone: an agent enters the same form for somebody, in one page, with the same checks
//! and the same receipt.

mod page;
mod sending;

use std::sync::Arc;

use axum::{
    extract::{Path, Query, Request},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_core::{Channel, Lang, calendar::civil_day};
use beffroi_forms::CompiledForm;
use beffroi_people::{SignedIn, Town};
use beffroi_store::{By, Tx, idempotency};
use beffroi_web::{Result, WebError};
use serde::Deserialize;

use self::{
    page::{Typed, entry},
    sending::{Entered, SCOPE, as_entered, fingerprint, send},
};
use super::{
    arrived, entitled, pieces,
    receipt::{self, RECEIPT_COOKIE, RECEIPT_PATH},
    received::Received,
    reception::store as visits,
    typed::{answers_of, change, picked},
};
use crate::{
    Parts, appointed,
    booked::Picking,
    map::Map,
    permission,
    procedure::current_for,
    public::{Known, keep_named, known_files, receive, take, with_cookie},
    submission,
    visit::Visit,
};

pub(crate) use self::sending::whom;

/// The doors that an agent answers, and what each is called.
pub(crate) const DOORS: [(Channel, &str); 4] = [
    (Channel::Counter, "office-channel-counter"),
    (Channel::Phone, "office-channel-phone"),
    (Channel::Paper, "office-channel-paper"),
    (Channel::Email, "office-channel-email"),
];

/// A procedure to choose.
pub(super) struct Card {
    pub(super) href: String,
    pub(super) title: String,
    pub(super) text: String,
}

/// One desk for all: whoever handles the cases of one department takes in requests for every other.
pub(crate) fn procedures(tx: &mut Tx<'_>, desk: &Parts, who: &SignedIn) -> Result<Vec<Arc<CompiledForm>>> {
    entitled(tx, who)?;
    if !permission::handles_somewhere(tx, who)? {
        return Err(WebError::not_found());
    }
    Ok(desk.shelf.handled(tx)?)
}

/// The procedures that can be entered.
pub(super) fn cards(tx: &mut Tx<'_>, desk: &Parts, who: &SignedIn, lang: Lang) -> Result<Vec<Card>> {
    let forms = procedures(tx, desk, who)?;
    let card = |form: &Arc<CompiledForm>| Card {
        href: format!("/agents/guichet/{}", form.procedure().slug),
        title: form.procedure().title.text(lang).to_owned(),
        text: form.procedure().summary.text(lang).to_owned(),
    };
    Ok(forms.iter().map(card).collect())
}

/// What the address of an empty form may name.
#[derive(Default, Deserialize)]
pub(super) struct From {
    /// The item of the mail room that becomes a request.
    #[serde(default)]
    courrier: String,
    /// What the agent has picked.
    #[serde(default)]
    creneau: String,
    /// The appointment at which it is opened.
    #[serde(default)]
    rendez_vous: String,
}

pub(super) async fn blank(
    Visit { desk, commune, visitor, page, .. }: Visit,
    Path(slug): Path<String>,
    Query(from): Query<From>,
) -> Result {
    let who = visitor.require()?.clone();
    let typed = commune
        .read(visitor.by, move |tx| {
            procedures(tx, &desk, &who)?;
            let form = current_for(tx, &desk.shelf, &slug)?;
            let town = Town::load(tx)?;
            let today = civil_day(tx.now(), town.zone());
            let map = Map::load(tx, &town)?;
            let mail = arrived::carried(tx, &who, &from.courrier)?;
            let appointed = appointed::received(tx, &desk, &who, (&from.rendez_vous, &slug))?;
            // A letter is not the visit of whoever stands at the counter; nor is an appointment.
            let apart = mail.is_some() || appointed.is_some();
            let stay = if apart { None } else { visits::current(tx, who.account.uuid())? };
            let person = appointed.as_ref().map(appointed::person);
            let known = mail.as_ref().map(|mail| &mail.sender).or(person.as_ref());
            let known = known.or(stay.as_ref().map(|stay| &stay.details));
            let mut answers = known.map(|known| submission::prefilled(&form, known)).unwrap_or_default();
            let picking = Picking::of_agent(tx, &form, &from.creneau, town.zone())?;
            if let Some(picking) = &picking {
                picking.answer(&mut answers);
            }
            let received = mail.as_ref().map_or(today, |mail| mail.arrived_on.min(today));
            Ok::<_, WebError>(Typed {
                form,
                answers,
                known: Known::default(),
                door: mail.as_ref().map_or(Channel::Counter, |mail| mail.door),
                received: Received::today(received),
                seen: Vec::new(),
                by_letter: stay.as_ref().is_some_and(|stay| stay.details.prefers_letter),
                key: beffroi_web::form::new_idempotency_key(),
                refused: Vec::new(),
                town,
                map,
                stay,
                mail,
                appointed,
                picking,
                overtaken: None,
                unfit: false,
            })
        })
        .await?;
    let day = typed.received.day.unwrap_or_else(|_| civil_day(commune.now(), typed.town.zone()));
    let judged = submission::judge(&typed.form, &typed.answers, typed.door, day, &typed.known.files);
    entry(page, StatusCode::OK, &typed, &judged.outcome, false)
}

pub(super) async fn enter(
    Visit { desk, commune, visitor, page, headers, .. }: Visit,
    Path(slug): Path<String>,
    request: Request,
) -> Result {
    let who = visitor.require()?.clone();
    // Nothing is received from whoever may enter nothing.
    let (shelf, asks) = (Arc::clone(&desk), who.clone());
    commune.read(visitor.by, move |tx| procedures(tx, &shelf, &asks).map(drop)).await?;
    let posted = receive(request, &commune, visitor.lang).await?;
    let key = posted.fields.idempotency_key().ok_or_else(WebError::bad_request)?.to_owned();
    let door = DOORS.iter().map(|(door, _)| *door).find(|door| door.as_str() == posted.fields.text("door"));
    let door = door.unwrap_or(Channel::Counter);
    let stays = ["add_row", "remove_row", "remove_file", "refresh", "lengthen"]
        .iter()
        .any(|name| posted.fields.get(name).is_some());
    let (cut, lang) = (posted.cut, visitor.lang);
    let what = fingerprint(&slug, &posted);
    let by = By { channel: door, ..visitor.by };
    let entered = commune
        .write(by, move |tx| {
            procedures(tx, &desk, &who)?;
            // Its files were used up: asked first, before they are looked for again.
            if let Some(before) = idempotency::before(tx, SCOPE, &key, &what)? {
                return as_entered(before);
            }
            let form = current_for(tx, &desk.shelf, &slug)?;
            let town = Town::load(tx)?;
            let today = civil_day(tx.now(), town.zone());
            // Until there is a case, its files belong to this entry, known by the page's key.
            let owner = uuid::Uuid::parse_str(&key).map_err(|_| WebError::bad_request())?;
            let has = ("entry", owner);
            let mut answers = answers_of(&posted.fields);
            let mut known = known_files(tx, has)?;
            let picking = picked(tx, &form, &posted.fields, &mut answers, &town)?;
            let full = take(tx, (desk.gate, lang), &form, &mut answers, &posted.files, has, &mut known)?;
            let refused = [posted.refused, full].concat();
            change(&mut answers, &posted.fields);
            let known = keep_named(tx, has, &answers, &known)?;
            let by_letter = posted.fields.get("by_letter").is_some();
            let map = Map::load(tx, &town)?;
            let mail = arrived::carried(tx, &who, posted.fields.text("courrier"))?;
            let arrived_on = mail.as_ref().map(|mail| mail.arrived_on);
            let received = Received::read(&posted.fields, door, today, arrived_on);
            // A letter is judged as it stood on the day on which it came.
            let day = received.day.unwrap_or(today);
            let seen = pieces::seen(&posted.fields);
            let named = posted.fields.text("rendez_vous");
            let appointed = appointed::received(tx, &desk, &who, (named, &slug))?;
            let apart = mail.is_some() || appointed.is_some();
            let stay = if apart { None } else { visits::current(tx, who.account.uuid())? };
            let known_of = stay.as_ref().filter(|stay| stay.mandate.is_none()).map(|stay| &stay.details);
            submission::themselves(&form, &mut answers, known_of);
            let typed = Typed {
                form,
                answers,
                known,
                door,
                received,
                seen,
                by_letter,
                key: key.clone(),
                refused,
                town,
                map,
                stay,
                mail,
                appointed,
                picking,
                overtaken: None,
                unfit: false,
            };
            let mut judged = submission::judge(&typed.form, &typed.answers, door, day, &typed.known.files);
            typed.known.explain(&mut judged.outcome, &typed.answers);
            if stays
                || !typed.refused.is_empty()
                || typed.received.day.is_err()
                || !judged.outcome.faults.is_empty()
            {
                // Where the end never came, what is not answered yet was not refused: it did not come.
                return Ok(Entered::Again(Box::new(typed), Box::new(judged.outcome), !stays && !cut));
            }
            judged.outcome.expected_files.retain(|path| !typed.seen.contains(path));
            send(tx, &desk, (typed, judged), &who, (owner, day), &what)
        })
        .await?;
    match entered {
        Entered::Case(new) => {
            let cookie = visitor.own_cookie(RECEIPT_COOKIE, &new.code, RECEIPT_PATH)?;
            let target = if new.visit {
                "/agents/guichet/visite".to_owned()
            } else {
                format!("{RECEIPT_PATH}/{}", new.case)
            };
            let response = with_cookie(Redirect::to(&target).into_response(), cookie);
            if !new.visit {
                return Ok(response);
            }
            // The visit's receipt tells every code that was given in it; they are kept in this browser alone.
            let codes = receipt::gathered(&headers, &new.code);
            let cookie = visitor.own_cookie(receipt::VISIT_COOKIE, &codes, receipt::VISIT_PATH)?;
            Ok(with_cookie(response, cookie))
        }
        Entered::Again(typed, outcome, tell) => {
            let right = !tell && typed.refused.is_empty();
            let status = if right { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
            entry(page, status, &typed, &outcome, tell)
        }
    }
}
