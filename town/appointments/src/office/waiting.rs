//! The waiting list as agents keep it: for whoever asks on the telephone or at the counter, by the same rules as online;
//! and those to call, because a time is offered to them that nobody can write to them about.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_core::{Id, Lang, calendar::long_date};
use beffroi_people::SignedIn;
use beffroi_store::{
    Tx,
    idempotency::{self, Once},
};
use beffroi_web::{
    Choice, CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError, Wrong, new_idempotency_key,
    page::render_as, render,
};
use serde::Deserialize;

use super::{
    book::{channel, channels},
    receives,
};
use crate::{
    appointment::{self, Appointment, shown_phone},
    clock::{self, Now, capital},
    just::Just,
    motive::{self, Motive, MotiveDetails},
    public::{Filter, Found, TypedWish, found, judged_wish},
    reach::Ways,
    slots::Whom,
    wish::{self, Wish},
};

/// People who are called about an offer, at most, in one list.
const CALLED_AT_MOST: u32 = 200;

/// Somebody to call.
struct Call {
    name: String,
    phone: String,
    motive: String,
    when: String,
    until: String,
    href: String,
}

/// Somebody who waits.
struct Waits {
    id: String,
    name: String,
    reach: String,
    motive: String,
    days: String,
    since: String,
}

#[derive(Template)]
#[template(path = "appointments_office_waiting.html")]
struct List {
    page: Page,
    done: String,
    calls: Vec<Call>,
    waits: Vec<Waits>,
    heads: Vec<String>,
}

/// All that is read for the list.
struct Read {
    motives: BTreeMap<Id<Motive>, MotiveDetails>,
    calls: Vec<Appointment>,
    waits: Vec<Wish>,
    now: Now,
}

impl Read {
    /// What is of the departments where the agent receives.
    fn of(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Self> {
        let scope = receives(tx, who)?;
        let own = motive::list(tx)?.into_iter().filter(|it| scope.contains(it.details.department));
        let motives: BTreeMap<_, _> = own.map(|it| (it.id, it.details)).collect();
        let ways = Ways::load(tx)?;
        let mut calls = appointment::offered_without_mail(tx, CALLED_AT_MOST)?;
        calls.retain(|it| motives.contains_key(&it.motive) && !ways.reach(&it.contact));
        let mut waits = wish::waiting(tx)?;
        waits.retain(|it| motives.contains_key(&it.wish.motive));
        Ok(Self { motives, calls, waits, now: Now::read(tx)? })
    }

    fn motive(&self, id: Id<Motive>, lang: Lang) -> String {
        self.motives.get(&id).map_or("", |it| it.sheet.name.read_in(lang)).to_owned()
    }

    fn call(&self, it: &Appointment, lang: Lang) -> Call {
        let moment = |at| clock::moment(at, self.now.zone, lang);
        Call {
            name: it.contact.name.clone(),
            phone: shown_phone(&it.contact.phone),
            motive: self.motive(it.motive, lang),
            when: capital(&moment(it.span.start())),
            until: it.expires_at.map(moment).unwrap_or_default(),
            href: format!("/agents/rendez-vous/{}", it.id),
        }
    }

    fn wait(&self, page: &Page, it: &Wish) -> Waits {
        let lang = page.language();
        let (first, last) = it.wish.days;
        let words = [("first", long_date(first, lang).into()), ("last", long_date(last, lang).into())];
        let contact = &it.wish.contact;
        let reach = [shown_phone(&contact.phone), contact.email.clone()];
        let reach: Vec<String> = reach.into_iter().filter(|it| !it.is_empty()).collect();
        Waits {
            id: it.id.to_string(),
            name: contact.name.clone(),
            reach: reach.join(", "),
            motive: self.motive(it.wish.motive, lang),
            days: page.tr("appointments-office-waiting-days", &words),
            since: capital(&clock::moment(it.made_at, self.now.zone, lang)),
        }
    }
}

pub(super) async fn list(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Query(just): Query<Just>,
) -> Result {
    let who = visitor.require()?.clone();
    let read = commune.read(visitor.by, move |tx| Read::of(tx, &who)).await?;
    let lang = page.language();
    let done = match just.fait.as_str() {
        "inscrit" => page.t("appointments-office-waiting-made"),
        "retire" => page.t("appointments-office-waiting-ended"),
        _ => "",
    };
    let heads = ["who", "motive", "days", "since", "actions"];
    render(&List {
        done: done.to_owned(),
        calls: read.calls.iter().map(|it| read.call(it, lang)).collect(),
        waits: read.waits.iter().map(|it| read.wait(&page, it)).collect(),
        heads: heads.map(|head| page.t(&format!("appointments-office-head-{head}")).to_owned()).into(),
        page,
    })
}

/// For what somebody waits.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    motif: String,
    personnes: String,
    lieu: String,
    canal: String,
}

#[derive(Template)]
#[template(path = "appointments_office_wish.html")]
struct Form {
    page: Page,
    title: String,
    back: String,
    motive: String,
    filters: Vec<Filter>,
    channels: Vec<Choice>,
    typed: TypedWish,
    key: String,
    problems: Vec<Problem>,
}

impl Form {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// A motive of the agent's departments for which people wait.
fn wished(tx: &mut Tx<'_>, who: &SignedIn, asked: &Asked) -> Result<Found> {
    let scope = receives(tx, who)?;
    let found = found(tx, &asked.motif, (&asked.personnes, &asked.lieu), Whom::Public)?;
    let own = |found: &Found| scope.contains(found.motive.details.department) && found.motive.has_waiting();
    found.filter(own).ok_or_else(WebError::not_found)
}

fn form(page: Page, found: &Found, canal: &str, typed: TypedWish, wrong: &[Wrong]) -> Result {
    let slug = &found.motive.details.slug;
    let view = Form {
        title: found.motive.details.sheet.name.read_in(page.language()).to_owned(),
        back: format!("/agents/rendez-vous/nouveau?motif={slug}&canal={}", channel(canal).as_str()),
        motive: slug.clone(),
        filters: found.filters(&page),
        channels: channels(&page, canal),
        typed,
        key: new_idempotency_key(),
        problems: Problem::keyed(&page, wrong),
        page,
    };
    if wrong.is_empty() { render(&view) } else { render_as(StatusCode::UNPROCESSABLE_ENTITY, &view) }
}

pub(super) async fn blank(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let canal = asked.canal.clone();
    let found = commune.read(visitor.by, move |tx| wished(tx, &who, &asked)).await?;
    let typed = TypedWish::proposed(&found);
    form(page, &found, &canal, typed, &[])
}

/// Puts somebody on the list.
pub(super) async fn make(page: Page, visitor: Visitor, commune: CommuneOf, fields: FormPost) -> Result {
    let who = visitor.require()?.clone();
    let text = |name: &str| fields.text(name).to_owned();
    let asked = Asked {
        motif: text("motif"),
        personnes: text("personnes"),
        lieu: text("lieu"),
        canal: text("canal"),
    };
    let typed = TypedWish::read(&fields);
    let (canal, wanted) = (asked.canal.clone(), typed.clone());
    let key = fields.idempotency_key().map_or_else(new_idempotency_key, str::to_owned);
    let outcome = commune
        .write(visitor.by, move |tx| {
            let found = wished(tx, &who, &asked)?;
            if asked.personnes.parse::<usize>().is_ok_and(|persons| persons != found.persons) {
                return Err(WebError::bad_request());
            }
            let new = match judged_wish(&found, &wanted, (channel(&asked.canal), Lang::Fr)) {
                Ok(new) => new,
                Err(wrong) => return Ok(Some((found, wrong))),
            };
            let scope = format!("appointments.wish.{}.{}", asked.motif, who.account);
            let (first, last) = new.days;
            let request = format!("{first} {last} {} {}", new.contact.email, new.contact.phone);
            let made = idempotency::once(tx, &scope, &key, request.as_bytes(), |tx| wish::make(tx, &new))?;
            match made {
                Once::Done(Some(_)) | Once::Again(Some(_)) => Ok::<_, WebError>(None),
                Once::Done(None) | Once::Again(None) => {
                    Ok(Some((found, vec![("nom", "appointments-office-wrong-wishes")])))
                }
                Once::Reused => Err(WebError::conflict()),
            }
        })
        .await?;
    match outcome {
        None => Ok(Redirect::to("/agents/rendez-vous/attente?fait=inscrit").into_response()),
        Some((found, wrong)) => form(page, &found, &canal, typed, &wrong),
    }
}

/// Takes somebody off the list.
pub(super) async fn withdraw(visitor: Visitor, commune: CommuneOf, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    commune
        .write(visitor.by, move |tx| {
            let scope = receives(tx, &who)?;
            let id: Id<Wish> = id.parse().map_err(|_| WebError::not_found())?;
            let it = wish::find(tx, id)?.ok_or_else(WebError::not_found)?;
            let motive = motive::find(tx, it.wish.motive)?.ok_or_else(WebError::not_found)?;
            if !scope.contains(motive.details.department) {
                return Err(WebError::not_found());
            }
            wish::withdraw(tx, id)?;
            Ok::<_, WebError>(())
        })
        .await?;
    Ok(Redirect::to("/agents/rendez-vous/attente?fait=retire").into_response())
}
