//! One motive: what to bring, and the free times. Choosing one holds it.

use std::time::Duration;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::resource::Resource;
use beffroi_core::{Channel, Id};
use beffroi_people::throttle;
use beffroi_store::{
    By, Tx,
    idempotency::{self, Once},
};
use beffroi_web::{
    App, Choice, CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError, new_idempotency_key,
    page::render_as, render,
};
use serde::Deserialize;

use super::{HOLD, LOOK};
use crate::{
    appointment::{self, BookError, NewHold, shown_phone},
    clock::Now,
    link, motive, proposal,
    site::{self, Site},
    slots::{self, Slot, Wanted, Whom},
    times::{self, Shown, Week},
};

/// What the public may ask of a motive.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    personnes: String,
    lieu: String,
    semaine: String,
    /// The link of what was proposed to the requester of a case.
    propose: String,
}

/// A list to choose from.
pub(crate) struct Filter {
    pub(crate) name: &'static str,
    pub(crate) label: String,
    pub(crate) choices: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "appointments_choose.html")]
struct Choose {
    page: Page,
    slug: String,
    title: String,
    summary: String,
    online: bool,
    bring: Vec<String>,
    facts: Vec<(String, String)>,
    filters: Vec<Filter>,
    persons: usize,
    week: Week,
    /// Where somebody leaves a wish who finds no time; `""` where none is kept.
    waiting: String,
    /// The link of what was proposed to the requester of a case; `""` for whoever comes of themselves.
    propose: String,
    key: String,
    problems: Vec<Problem>,
}

/// All that is read for a page of free times.
pub(crate) struct Found {
    pub(crate) motive: motive::Kept,
    /// The sites where it is received.
    pub(crate) sites: Vec<Site>,
    /// The one that was asked for.
    pub(crate) site: Option<Id<Resource>>,
    pub(crate) persons: usize,
    pub(crate) slots: Vec<Slot>,
    pub(crate) now: Now,
}

/// Reads a motive and its free times.
pub(crate) fn found(
    tx: &mut Tx<'_>,
    slug: &str,
    (persons, place): (&str, &str),
    whom: Whom,
) -> beffroi_store::Result<Option<Found>> {
    let Some(motive) = motive::by_slug(tx, slug)?.filter(|it| it.details.active) else { return Ok(None) };
    let now = Now::read(tx)?;
    let places = slots::places(&site::desks(tx)?, motive.id);
    let sites: Vec<Site> =
        site::sites(tx)?.into_iter().filter(|site| places.contains(&site.resource.id)).collect();
    let most = motive.details.sheet.persons();
    let persons = persons.parse().ok().filter(|persons| (1..=most).contains(persons)).unwrap_or(1);
    let site = sites.iter().find(|site| site.resource.details.slug == place).map(|site| site.resource.id);
    let days = slots::window(&motive.details.sheet, whom, &now);
    let shown = whom == Whom::Agent || motive.details.sheet.online;
    let slots = if shown {
        slots::find(tx, Wanted { motive: &motive, persons, site, whom }, days)?
    } else {
        Vec::new()
    };
    Ok(Some(Found { motive, sites, site, persons, slots, now }))
}

impl Found {
    /// What narrows the times down: how many come, and where; each where there is something to choose.
    pub(crate) fn filters(&self, page: &Page) -> Vec<Filter> {
        let mut filters = Vec::new();
        let most = self.motive.details.sheet.persons();
        if most > 1 {
            let choice = |persons: usize| {
                let label = page.tr("appointments-persons", &[("n", persons.into())]);
                Choice::new(&persons.to_string(), &label, persons == self.persons)
            };
            let choices = (1..=most).map(choice).collect();
            filters.push(Filter {
                name: "personnes",
                label: page.t("appointments-how-many").to_owned(),
                choices,
            });
        }
        if self.sites.len() > 1 {
            let any = Choice::new("", page.t("appointments-anywhere"), self.site.is_none());
            let each = self.sites.iter().map(|site| {
                let details = &site.resource.details;
                let chosen = self.site == Some(site.resource.id);
                Choice::new(&details.slug, details.name.read_in(page.language()), chosen)
            });
            let choices = std::iter::once(any).chain(each).collect();
            filters.push(Filter { name: "lieu", label: page.t("appointments-where").to_owned(), choices });
        }
        filters
    }

    /// The pairs of an address that shows the same times in another week.
    pub(crate) fn query(&self) -> String {
        let site = self.sites.iter().find(|site| Some(site.resource.id) == self.site);
        let site = site.map_or("", |site| site.resource.details.slug.as_str());
        format!("personnes={}&lieu={site}&", self.persons)
    }
}

pub(super) async fn choose(
    page: Page,
    commune: CommuneOf,
    Path(slug): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    shown(page, commune, slug, asked, Vec::new()).await
}

async fn shown(page: Page, commune: CommuneOf, slug: String, asked: Asked, problems: Vec<Problem>) -> Result {
    let (persons, place) = (asked.personnes, asked.lieu);
    let found = commune
        .read(By::VISITOR, move |tx| found(tx, &slug, (&persons, &place), Whom::Public))
        .await?
        .ok_or_else(WebError::not_found)?;
    let lang = page.language();
    let sheet = &found.motive.details.sheet;
    let slug = found.motive.details.slug.clone();
    // It stands in an address: nothing but what a link is made of.
    let propose = if link::is_one(&asked.propose) { asked.propose } else { String::new() };
    let base = match propose.as_str() {
        "" => format!("/rendez-vous/{slug}?{}", found.query()),
        propose => format!("/rendez-vous/{slug}?propose={propose}&{}", found.query()),
    };
    let shown = Shown { page: &page, now: found.now, sites: &found.sites };
    let view = Choose {
        title: sheet.name.read_in(lang).to_owned(),
        summary: sheet.summary.read_in(lang).to_owned(),
        online: sheet.online,
        bring: sheet.bring.iter().map(|thing| thing.read_in(lang).to_owned()).collect(),
        facts: facts(&page, &found),
        filters: found.filters(&page),
        persons: found.persons,
        week: shown.week(&found.slots, asked.semaine.parse().ok(), &base),
        waiting: if found.motive.has_waiting() {
            format!("/rendez-vous/{slug}/attente?{}", found.query().trim_end_matches('&'))
        } else {
            String::new()
        },
        propose,
        key: new_idempotency_key(),
        slug,
        problems,
        page,
    };
    if view.problems.is_empty() { render(&view) } else { render_as(StatusCode::UNPROCESSABLE_ENTITY, &view) }
}

fn facts(page: &Page, found: &Found) -> Vec<(String, String)> {
    let lang = page.language();
    let sheet = &found.motive.details.sheet;
    let mut facts = Vec::new();
    if let Some(length) = sheet.length(found.persons) {
        let minutes = page.tr("appointments-minutes", &[("n", length.num_minutes().into())]);
        facts.push((page.t("appointments-length").to_owned(), minutes));
    }
    for site in &found.sites {
        let lines =
            [site.sheet.line(), site.sheet.access.read_in(lang).to_owned(), shown_phone(&site.sheet.phone)];
        let lines: Vec<String> = lines.into_iter().filter(|line| !line.is_empty()).collect();
        facts.push((site.resource.details.name.read_in(lang).to_owned(), lines.join("\n")));
    }
    facts
}

/// Holds the time that was chosen, and leads to the page that asks for whom.
pub(super) async fn hold(
    State(app): State<App>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(slug): Path<String>,
    fields: FormPost,
) -> Result {
    visitor.limit(&app, HOLD)?;
    let typed = fields.text("personnes").to_owned();
    let propose = fields.text("propose").to_owned();
    let Some((at, site)) = times::read(fields.text("creneau")) else {
        return Err(WebError::bad_request());
    };
    // What is no number is more persons than come together.
    let persons: usize = if typed.is_empty() { 1 } else { typed.parse().unwrap_or(usize::MAX) };
    let source = holding(&visitor);
    let key = fields.idempotency_key().map_or_else(new_idempotency_key, str::to_owned);
    // All times of a page share its key.
    let scope = format!("appointments.hold.{slug}.{site}@{}.{}", at.timestamp(), owner(&visitor));
    let request = persons.to_string();
    let (lang, name, proposed) = (visitor.lang, slug.clone(), propose.clone());
    let held = commune
        .write(visitor.by, move |tx| {
            let new = |tx: &mut Tx<'_>| {
                count(tx, &source)?;
                let motive = motive::by_slug(tx, &name)?;
                let motive = motive.filter(|it| it.details.active && it.details.sheet.online);
                let motive = motive.ok_or(BookError::Unknown)?;
                let (whom, channel) = (Whom::Public, Channel::Online);
                let proposal = match proposal::by_link(tx, &proposed)? {
                    Some(it) if proposal::is_open(tx, &it, motive.id)? => Some(it.id),
                    _ => None,
                };
                let new = NewHold { motive: &motive, persons, at, site, whom, channel, lang, proposal };
                Ok::<_, BookError>(appointment::hold(tx, &new)?.link)
            };
            match idempotency::once(tx, &scope, &key, request.as_bytes(), new)? {
                // What was left meanwhile is taken anew by whoever comes back to the page.
                Once::Again(link) if appointment::by_link(tx, &link)?.is_none() => new(tx),
                Once::Done(link) | Once::Again(link) => Ok(link),
                Once::Reused => new(tx),
            }
        })
        .await;
    let asked = Asked { personnes: typed, propose, ..Asked::default() };
    match held {
        Ok(link) => Ok(Redirect::to(&format!("/rendez-vous/mien/{link}")).into_response()),
        Err(BookError::Gone(_)) => {
            let problems = Problem::keyed(&page, &[("creneau", "appointments-wrong-gone")]);
            shown(page, commune, slug, asked, problems).await
        }
        Err(BookError::Persons(most)) => {
            let problems = vec![too_many(&page, most)];
            shown(page, commune, slug, asked, problems).await
        }
        Err(BookError::TooMany) => Err(hoarding(&page)),
        Err(error) => Err(refused(error)),
    }
}

/// Leads whoever was proposed an appointment to the free times, or to the appointment that they have chosen.
pub(super) async fn proposed(
    State(app): State<App>,
    visitor: Visitor,
    commune: CommuneOf,
    Path(known): Path<String>,
) -> Result {
    visitor.limit(&app, LOOK)?;
    let to = commune
        .read(By::VISITOR, move |tx| {
            let it = proposal::by_link(tx, &known)?.ok_or_else(WebError::not_found)?;
            let motive = motive::find(tx, it.motive)?.ok_or_else(WebError::not_found)?;
            let Some(agreed) = it.standing(tx)? else {
                return Ok(format!("/rendez-vous/{}?propose={known}", motive.details.slug));
            };
            let links = appointment::links_of(tx, &[agreed.id])?;
            let own = links.get(&agreed.id).ok_or_else(WebError::not_found)?;
            Ok::<_, WebError>(format!("/rendez-vous/mien/{own}"))
        })
        .await?;
    Ok(Redirect::to(&to).into_response())
}

/// Counts one more time that is taken from this source, or refuses: before anything is looked for.
pub(crate) fn count(tx: &mut Tx<'_>, source: &throttle::Key) -> Result<(), BookError> {
    if throttle::waits_until(tx, source)?.is_some() {
        return Err(BookError::TooMany);
    }
    Ok(throttle::failed(tx, source)?)
}

/// The key under which the times are counted that somebody takes.
pub(crate) fn holding(visitor: &Visitor) -> throttle::Key {
    throttle::Key::holding(&format!("{:?}", visitor.source))
}

/// Whose a key of idempotency is: an account's, or whoever asks from there. An address is kept as a hash.
pub(crate) fn owner(visitor: &Visitor) -> String {
    match &visitor.signed_in {
        Some(who) => who.account.to_string(),
        None => hex::encode(link::hash(&format!("{:?}", visitor.source))),
    }
}

/// What is told to whoever takes time after time.
pub(super) fn hoarding(page: &Page) -> WebError {
    WebError::too_many(Duration::from_mins(5)).say(page.t("appointments-wrong-hoarding").to_owned())
}

/// That fewer persons come together.
pub(crate) fn too_many(page: &Page, most: usize) -> Problem {
    let message = page.tr("appointments-wrong-persons", &[("n", most.into())]);
    Problem { field: "personnes".to_owned(), message }
}

/// A refusal that no page of this service words.
pub(crate) fn refused(error: BookError) -> WebError {
    match error {
        BookError::Store(error) => error.into(),
        BookError::Unknown => WebError::not_found(),
        BookError::Gone(_)
        | BookError::Over
        | BookError::TooMany
        | BookError::Numbered
        | BookError::Persons(_) => WebError::conflict(),
    }
}
