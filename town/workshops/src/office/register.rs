//! A registration for somebody on the telephone or at the counter: the same form, the same rules.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::now::Now;
use beffroi_core::{Channel, Lang};
use beffroi_people::SignedIn;
use beffroi_store::{
    Tx,
    idempotency::{self, Once},
};
use beffroi_web::{
    CommuneOf, FormPost, Page, Result, Visitor, WebError, Wrong, new_idempotency_key, page::render_as, render,
};

use super::session_of;
use crate::{
    form::{Form, Typed, ways},
    permission,
    place::{self, Place},
    public::Refused,
    registration::{self, NewRegistration, Outcome, SeatState, Way, Whom},
    series::Kept,
    session::{self, Session},
    shown::Shown,
};

#[derive(Template)]
#[template(path = "workshops_office_register.html")]
struct Register {
    page: Page,
    title: String,
    heading: String,
    id: String,
    form: Form,
}

/// All that the form needs to know.
struct Read {
    it: Session,
    series: Kept,
    open: Vec<Session>,
    places: Vec<Place>,
    ways: Vec<Way>,
    now: Now,
}

fn read(tx: &mut Tx<'_>, who: &SignedIn, id: &str) -> Result<Read> {
    let (it, series) = session_of(tx, who, id)?;
    let now = Now::read(tx)?;
    let open = session::to_come(tx, series.id, now.at)?;
    Ok(Read { it, series, open, places: place::list(tx)?, ways: ways(tx, true)?, now })
}

fn shown(page: Page, read: &Read, typed: Typed, wrong: &[Wrong]) -> Result {
    let shown = Shown { page: &page, now: read.now, places: &read.places };
    let form = Form::new(&shown, (&read.series, &read.open), (&read.ways, Whom::Agent), typed, wrong);
    let title = [("title", read.series.sheet.title.fr.clone().into())];
    let heading = page.tr("workshops-register-title", &title);
    let view =
        Register { title: form.title(&page, &heading), heading, id: read.it.id.to_string(), form, page };
    if wrong.is_empty() { render(&view) } else { render_as(StatusCode::UNPROCESSABLE_ENTITY, &view) }
}

pub(super) async fn blank(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
) -> Result {
    let who = visitor.require()?.clone();
    let read = commune.read(visitor.by, move |tx| read(tx, &who, &id)).await?;
    let typed = Typed { session: read.it.id.to_string(), ..Typed::default() };
    shown(page, &read, typed, &[])
}

/// Registers somebody who need have neither e-mail nor telephone.
pub(super) async fn send(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    fields: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let typed = Typed::read(&fields);
    let key = fields.idempotency_key().map_or_else(new_idempotency_key, str::to_owned);
    let request = serde_json::json!([id, fields.pairs()]).to_string();
    let (wanted, reader, known) = (typed.clone(), who.clone(), id.clone());
    let outcome = commune
        .write(visitor.by, move |tx| {
            let read = read(tx, &who, &known)?;
            permission::advises(tx, &who, read.series.department)?;
            let wish = wanted.wish(&read.series, &read.open);
            let mut wrong: Vec<Wrong> = Vec::new();
            if wish.is_none() {
                wrong.push(("seance", "workshops-wrong-session"));
            }
            let judged = wanted.person.clone().judged(&read.ways, wanted.relative);
            let person = judged.map_err(|all| wrong.extend(all)).ok();
            let (Some(wish), Some(person)) = (wish, person) else { return Err(Refused::Wrong(wrong)) };
            let channel = if wanted.channel == "counter" { Channel::Counter } else { Channel::Phone };
            let new = NewRegistration {
                series: &read.series,
                wish,
                waits: wanted.waits,
                reduced: wanted.reduced,
                person,
                whom: Whom::Agent,
                channel,
                lang: Lang::Fr,
                account: None,
            };
            let once = idempotency::once(tx, "workshops.office", &key, request.as_bytes(), |tx| {
                let outcome = registration::register(tx, &new)?;
                let seated = outcome.seats().iter().any(|(_, state)| *state == SeatState::Seated);
                Ok::<_, Refused>((matches!(outcome, Outcome::Already { .. }), seated))
            })?;
            match once {
                Once::Done(told) | Once::Again(told) => Ok(told),
                Once::Reused => Err(Refused::Web(WebError::conflict())),
            }
        })
        .await;
    match outcome {
        Ok((already, seated)) => {
            let just = match (already, seated) {
                (true, _) => "deja",
                (false, true) => "inscrit",
                (false, false) => "attend",
            };
            Ok(Redirect::to(&format!("/agents/ateliers/seances/{id}?fait={just}")).into_response())
        }
        Err(Refused::Web(error)) => Err(error),
        Err(Refused::Wrong(wrong)) => {
            let read = commune.read(visitor.by, move |tx| read(tx, &reader, &id)).await?;
            shown(page, &read, typed, &wrong)
        }
    }
}
