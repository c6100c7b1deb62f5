//! An appointment for somebody at the counter or on the telephone: the same times, the same rules.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension,
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_core::{Channel, Id};
use beffroi_people::SignedIn;
use beffroi_store::{
    Tx,
    idempotency::{self, Once},
};
use beffroi_web::{
    Choice, CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError, new_idempotency_key,
    page::render_as, render,
};
use serde::Deserialize;

use super::{receives, seen};
use crate::{
    Cases,
    appointment::{self, BookError, Booking, Contact, NewHold, State},
    coordination::{Coordinator, Line, Looked, numbers},
    motive,
    proposal::{self, Proposal},
    public::{Filter, Found, Row, Seen, Why, found, just, refused, told, too_many, typed},
    slots::{Slot, Whom},
    times::{self, Shown, Week},
};

/// What an agent looks for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    motif: String,
    personnes: String,
    lieu: String,
    semaine: String,
    canal: String,
    /// What was proposed to the requester of a case.
    propose: String,
}

#[derive(Template)]
#[template(path = "appointments_office_choose.html")]
struct Choose {
    page: Page,
    motives: Vec<Choice>,
    filters: Vec<Filter>,
    channels: Vec<Choice>,
    channel: String,
    motive: String,
    persons: usize,
    bring: Vec<String>,
    week: Option<Week>,
    /// What was proposed to the requester of a case, and that case; `""` for none.
    propose: String,
    case: String,
    /// Where somebody is put on the waiting list; `""` where none is kept.
    waiting: String,
    key: String,
    problems: Vec<Problem>,
}

/// The proposal of that number to the requester of a case that the agent reads, and the reference of the case.
fn proposed(
    tx: &mut Tx<'_>,
    who: &SignedIn,
    cases: &Cases,
    (number, motive): (&str, &motive::Kept),
) -> Result<Option<(Id<Proposal>, String)>> {
    let (Some(cases), Ok(id)) = (&cases.0, number.parse()) else { return Ok(None) };
    let Some(it) = proposal::find(tx, id)? else { return Ok(None) };
    if !proposal::is_open(tx, &it, motive.id)? {
        return Ok(None);
    }
    Ok(cases.reference(tx, who, it.case)?.map(|reference| (it.id, reference)))
}

/// The doors through which somebody asks an agent.
pub(super) fn channels(page: &Page, chosen: &str) -> Vec<Choice> {
    [Channel::Phone, Channel::Counter]
        .into_iter()
        .map(|channel| {
            let word = channel.as_str();
            let is_chosen = chosen == word || (chosen != "counter" && channel == Channel::Phone);
            Choice::new(word, page.t(&format!("appointments-office-channel-{word}")), is_chosen)
        })
        .collect()
}

pub(super) fn channel(word: &str) -> Channel {
    if word == "counter" { Channel::Counter } else { Channel::Phone }
}

pub(super) async fn choose(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Extension(cases): Extension<Cases>,
    Query(asked): Query<Asked>,
) -> Result {
    shown(page, visitor, (commune, cases), asked, Vec::new()).await
}

async fn shown(
    page: Page,
    visitor: Visitor,
    (commune, cases): (CommuneOf, Cases),
    asked: Asked,
    problems: Vec<Problem>,
) -> Result {
    let who = visitor.require()?.clone();
    let wanted = asked.clone();
    let (motives, found, proposal) = commune
        .read(visitor.by, move |tx| {
            let scope = receives(tx, &who)?;
            let motives = motive::list(tx)?;
            let mine =
                motives.into_iter().filter(|it| it.details.active && scope.contains(it.details.department));
            let mine: Vec<motive::Kept> = mine.collect();
            // Before anything is asked for, the times of the first motive are there.
            let chosen = mine.iter().find(|motive| motive.details.slug == wanted.motif).or(mine.first());
            let found = match chosen {
                Some(chosen) if wanted.motif.is_empty() || chosen.details.slug == wanted.motif => {
                    found(tx, &chosen.details.slug, (&wanted.personnes, &wanted.lieu), Whom::Agent)?
                }
                _ => None,
            };
            let proposal = match &found {
                Some(found) => proposed(tx, &who, &cases, (&wanted.propose, &found.motive))?,
                None => None,
            };
            Ok::<_, WebError>((mine, found, proposal))
        })
        .await?;
    let lang = page.language();
    let chosen = found.as_ref().map(|found| found.motive.details.slug.clone()).unwrap_or_default();
    let (propose, case) = proposal.map(|(id, case)| (id.to_string(), case)).unwrap_or_default();
    let of = |found: &Found| {
        let slug = &found.motive.details.slug;
        let canal = channel(&asked.canal).as_str();
        let base = format!(
            "/agents/rendez-vous/nouveau?motif={slug}&canal={canal}&propose={propose}&{}",
            found.query()
        );
        let shown = Shown { page: &page, now: found.now, sites: &found.sites };
        shown.week(&found.slots, asked.semaine.parse().ok(), &base)
    };
    let view = Choose {
        motives: motives
            .iter()
            .map(|motive| {
                let name = motive.details.sheet.name.read_in(lang);
                Choice::new(&motive.details.slug, name, motive.details.slug == chosen)
            })
            .collect(),
        filters: found.as_ref().map(|found| found.filters(&page)).unwrap_or_default(),
        channels: channels(&page, &asked.canal),
        channel: channel(&asked.canal).as_str().to_owned(),
        motive: found.as_ref().map(|found| found.motive.details.slug.clone()).unwrap_or_default(),
        persons: found.as_ref().map_or(1, |found| found.persons),
        bring: found
            .iter()
            .flat_map(|found| &found.motive.details.sheet.bring)
            .map(|thing| thing.read_in(lang).to_owned())
            .collect(),
        week: found.as_ref().map(of),
        propose,
        case,
        waiting: found
            .as_ref()
            .filter(|found| found.motive.has_waiting())
            .map(|found| {
                let (slug, canal) = (&found.motive.details.slug, channel(&asked.canal).as_str());
                let query = found.query();
                let query = query.trim_end_matches('&');
                format!("/agents/rendez-vous/attente/nouveau?motif={slug}&canal={canal}&{query}")
            })
            .unwrap_or_default(),
        key: new_idempotency_key(),
        problems,
        page,
    };
    if view.problems.is_empty() { render(&view) } else { render_as(StatusCode::UNPROCESSABLE_ENTITY, &view) }
}

/// Holds the time that was agreed on.
pub(super) async fn hold(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Extension(cases): Extension<Cases>,
    fields: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let persons: usize = fields.text("personnes").parse().unwrap_or(usize::MAX);
    let (slug, wanted) = (fields.text("motif").to_owned(), fields.text("creneau").to_owned());
    let door = channel(fields.text("canal"));
    let key = fields.idempotency_key().map_or_else(new_idempotency_key, str::to_owned);
    let lang = beffroi_core::Lang::Fr;
    let asked = Asked {
        motif: slug.clone(),
        personnes: fields.text("personnes").to_owned(),
        canal: door.as_str().to_owned(),
        propose: fields.text("propose").to_owned(),
        ..Asked::default()
    };
    let (known, number) = (cases.clone(), asked.propose.clone());
    let held = commune
        .write(visitor.by, move |tx| {
            let scope = receives(tx, &who)?;
            let motive = motive::by_slug(tx, &slug)?.filter(|it| scope.contains(it.details.department));
            let motive = motive.ok_or_else(WebError::not_found)?;
            let (at, site) = times::read(&wanted).ok_or_else(WebError::bad_request)?;
            let proposal = proposed(tx, &who, &known, (&number, &motive))?.map(|(id, _)| id);
            let scope = format!("appointments.hold.{slug}.{site}@{}.{}", at.timestamp(), who.account);
            let new = |tx: &mut Tx<'_>| {
                let (whom, channel) = (Whom::Agent, door);
                let new = NewHold { motive: &motive, persons, at, site, whom, channel, lang, proposal };
                Ok::<_, BookError>(appointment::hold(tx, &new)?.id)
            };
            let held = match idempotency::once(tx, &scope, &key, persons.to_string().as_bytes(), new) {
                // What was left meanwhile is taken anew.
                Ok(Once::Again(id)) if appointment::find(tx, id)?.is_none() => new(tx),
                Ok(Once::Done(id) | Once::Again(id)) => Ok(id),
                Ok(Once::Reused) => new(tx),
                Err(error) => Err(error),
            };
            match held {
                Ok(id) => Ok(Ok(id)),
                Err(BookError::Gone(_)) => Ok(Err(None)),
                Err(BookError::Persons(most)) => Ok(Err(Some(most))),
                Err(error) => Err(refused(error)),
            }
        })
        .await?;
    let problems = match held {
        Ok(id) => return Ok(Redirect::to(&format!("/agents/rendez-vous/{id}")).into_response()),
        Err(None) => Problem::keyed(&page, &[("creneau", "appointments-wrong-gone")]),
        Err(Some(most)) => vec![too_many(&page, most)],
    };
    shown(page, visitor, (commune, cases), asked, problems).await
}

#[derive(Template)]
#[template(path = "appointments_office_details.html")]
struct Details {
    page: Page,
    id: String,
    back: String,
    rows: Vec<Row>,
    typed: Contact,
    numbers: String,
    asks_numbers: bool,
    /// Appointments at other town halls, for the same numbers.
    elsewhere: Vec<Line>,
    instead: Vec<Choice>,
    problems: Vec<Problem>,
}

impl Details {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// The form that asks whom it is for.
pub(super) fn details(page: Page, seen: &Seen, typed: Contact, why: &Why) -> Result {
    let sites = [seen.site.clone()];
    let shown = Shown { page: &page, now: seen.now, sites: &sites };
    let choice = |slot: &Slot| {
        let button = shown.whole(slot, false);
        Choice::new(&button.value, &button.label, false)
    };
    let slug = &seen.motive.details.slug;
    let canal = seen.it.channel.as_str();
    let view = Details {
        id: seen.it.id.to_string(),
        back: format!("/agents/rendez-vous/nouveau?motif={slug}&personnes={}&canal={canal}", seen.it.persons),
        rows: seen.rows(&page),
        numbers: typed.numbers.join(" "),
        typed,
        asks_numbers: seen.asks_numbers(),
        elsewhere: why.looked.lines(&page, seen.now.zone),
        instead: why.instead.iter().map(choice).collect(),
        problems: Problem::keyed(&page, &why.wrong),
        page,
    };
    let status = why.status();
    if status == StatusCode::OK { render(&view) } else { render_as(status, &view) }
}

/// Books what is held, for somebody who need have neither e-mail nor telephone.
pub(super) async fn book(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Extension(coordinator): Extension<Arc<Coordinator>>,
    Path(id): Path<String>,
    fields: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let typed = typed(&fields);
    let instead = times::read(fields.text("creneau"));
    let (asking, known) = (who.clone(), id.clone());
    let held = commune.read(visitor.by, move |tx| seen(tx, &asking, &known)).await?;
    let asked = held.it.state == State::Held && held.asks_numbers();
    let looked = match typed.clone().judged(false, held.it.persons) {
        Ok(contact) if asked => coordinator.look(&commune, &numbers(&contact)).await?,
        _ => Looked::default(),
    };
    let in_the_way = looked.judged(fields.get("malgre").is_some());
    let (known, contact, told_of) = (id.clone(), typed.clone(), looked.clone());
    let outcome = commune
        .write(visitor.by, move |tx| {
            let seen = seen(tx, &who, &known)?;
            let contact = match contact.judged(false, seen.it.persons) {
                Ok(contact) => contact,
                Err(wrong) => return Ok(Err((seen, wrong, Vec::new()))),
            };
            if let Some(wrong) = in_the_way.filter(|_| seen.it.state == State::Held) {
                return Ok(Err((seen, vec![wrong], Vec::new())));
            }
            let (whom, channel) = (Whom::Agent, seen.it.channel);
            let booking = Booking { contact, instead, whom, channel, account: None };
            match appointment::book(tx, seen.it.id, booking) {
                Ok(booked) => {
                    told_of.keep(tx, &booked)?;
                    Ok::<_, WebError>(Ok(()))
                }
                Err(error) => {
                    let (wrong, slots) = told(error)?;
                    Ok(Err((seen, vec![wrong], slots)))
                }
            }
        })
        .await?;
    match outcome {
        Ok(()) => {
            let just = just(&looked);
            Ok(Redirect::to(&format!("/agents/rendez-vous/{id}?fait={just}")).into_response())
        }
        Err((seen, wrong, instead)) => details(page, &seen, typed, &Why { wrong, instead, looked }),
    }
}
