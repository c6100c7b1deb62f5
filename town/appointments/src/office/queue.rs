//! Those who wait at a site: tickets given out at the counter, called by whoever is free.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::spans::Span;
use beffroi_core::{Id, calendar::start_of_day};
use beffroi_people::{SignedIn, permission::Scope};
use beffroi_store::{
    Tx,
    idempotency::{self, Once},
};
use beffroi_web::{
    Choice, CommuneOf, FormPost, Page, Result, Visitor, WebError, new_idempotency_key, render,
};
use serde::Deserialize;

use super::{receives, seen};
use crate::{
    appointment::{self, Appointment, BookError, State},
    clock::{self, Now},
    motive,
    public::refused,
    site::{self, Desk, Site},
    ticket::{self, Called, Stands, Ticket},
};

/// What an agent looks at.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    lieu: String,
    guichet: String,
    vide: String,
}

struct Line {
    label: String,
    motive: String,
    since: String,
}

#[derive(Template)]
#[template(path = "appointments_queue.html")]
struct Queue {
    page: Page,
    has_sites: bool,
    sites: Vec<Choice>,
    site: String,
    desks: Vec<Choice>,
    desk: String,
    desk_name: String,
    /// Whom this counter has called.
    called: Option<Line>,
    called_id: String,
    waiting: Vec<Line>,
    heads: Vec<String>,
    count: String,
    motives: Vec<Choice>,
    /// Those who have an appointment today, and those who took a number without one.
    expected: Vec<Choice>,
    without: Vec<Choice>,
    nobody: bool,
    key: String,
}

/// The sites that give out tickets, and the counters of the agent's departments.
fn places(tx: &mut Tx<'_>, who: &SignedIn) -> Result<(Scope, Vec<Site>, Vec<Desk>)> {
    let scope = receives(tx, who)?;
    let sites = site::sites(tx)?
        .into_iter()
        .filter(|site| site.sheet.tickets && site.resource.details.active)
        .collect();
    let mut desks = site::desks(tx)?;
    desks.retain(|desk| desk.is_open && scope.contains(desk.department));
    Ok((scope, sites, desks))
}

/// All that is read of a queue.
struct Read {
    sites: Vec<Site>,
    desks: Vec<Desk>,
    /// Those of the agent's departments.
    motives: Vec<motive::Kept>,
    site: Option<Site>,
    tickets: Vec<Ticket>,
    /// Whose appointments are today.
    expected: Vec<Appointment>,
    now: Now,
}

impl Read {
    fn of(tx: &mut Tx<'_>, who: &SignedIn, slug: &str) -> Result<Self> {
        let (scope, sites, desks) = places(tx, who)?;
        let now = Now::read(tx)?;
        let site = sites.iter().find(|it| it.resource.details.slug == slug).or(sites.first()).cloned();
        let motives = own_motives(tx, &scope)?;
        let after = now.today.succ_opt().unwrap_or(now.today);
        let today = Span::new(start_of_day(now.today, now.zone), start_of_day(after, now.zone));
        let (tickets, mut expected) = match site.as_ref().zip(today) {
            Some((site, today)) => {
                let id = site.resource.id;
                (ticket::of_day(tx, id, now.today)?, appointment::of_day(tx, id, today)?)
            }
            None => (Vec::new(), Vec::new()),
        };
        expected.retain(|it| {
            matches!(it.state, State::Booked | State::Arrived)
                && motives.iter().any(|own| own.id == it.motive)
        });
        Ok(Self { sites, desks, motives, site, tickets, expected, now })
    }
}

/// The motives of the agent's departments.
fn own_motives(tx: &mut Tx<'_>, scope: &Scope) -> beffroi_store::Result<Vec<motive::Kept>> {
    let mut motives = motive::list(tx)?;
    motives.retain(|it| scope.contains(it.details.department));
    Ok(motives)
}

pub(super) async fn show(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let slug = asked.lieu.clone();
    let read = commune.read(visitor.by, move |tx| Read::of(tx, &who, &slug)).await?;
    let Read { sites, desks, motives, site, tickets, expected, now } = read;
    let lang = page.language();
    let name = |id| {
        let found = motives.iter().find(|it| it.id == id);
        found.map_or("", |it| it.details.sheet.name.read_in(lang)).to_owned()
    };
    let line = |it: &Ticket| Line {
        label: it.label(),
        motive: name(it.motive),
        since: clock::time(it.taken_at, now.zone, lang),
    };
    let id = site.as_ref().map(|site| site.resource.id);
    let here: Vec<&Desk> = desks.iter().filter(|desk| Some(desk.site) == id).collect();
    let desk = here.iter().find(|desk| desk.resource.details.slug == asked.guichet).copied();
    let mut waiting: Vec<&Ticket> = tickets
        .iter()
        .filter(|it| it.stands == Stands::Waiting && motives.iter().any(|own| own.id == it.motive))
        .filter(|it| desk.is_none_or(|desk| desk.motives.contains(&it.motive)))
        .collect();
    waiting.sort_by_key(|it| it.turn(now.at));
    let called = desk.and_then(|desk| {
        tickets.iter().find(|it| it.stands == Stands::Called && it.desk == Some(desk.resource.id))
    });
    let without = waiting.iter().filter(|it| it.appointment.is_none());
    let without = without.map(|it| Choice::new(&it.id.to_string(), &it.label(), false)).collect();
    let arriving = |it: &Appointment| {
        let at = clock::time(it.span.start(), now.zone, lang);
        Choice::new(&it.id.to_string(), &format!("{at}, {}, {}", it.contact.name, name(it.motive)), false)
    };
    let received = |id| here.iter().any(|desk| desk.motives.contains(&id));
    let view = Queue {
        has_sites: !sites.is_empty(),
        sites: sites
            .iter()
            .map(|it| {
                let details = &it.resource.details;
                Choice::new(&details.slug, details.name.read_in(lang), Some(it.resource.id) == id)
            })
            .collect(),
        site: site.map(|site| site.resource.details.slug).unwrap_or_default(),
        desks: here
            .iter()
            .map(|it| {
                let details = &it.resource.details;
                Choice::new(&details.slug, details.name.read_in(lang), details.slug == asked.guichet)
            })
            .collect(),
        desk: desk.map(|desk| desk.resource.details.slug.clone()).unwrap_or_default(),
        desk_name: desk.map(|desk| desk.resource.details.name.read_in(lang).to_owned()).unwrap_or_default(),
        called_id: called.map(|it| it.id.to_string()).unwrap_or_default(),
        called: called.map(line),
        count: page.tr("appointments-office-queue-count", &[("n", waiting.len().into())]),
        waiting: waiting.into_iter().map(line).collect(),
        heads: ["ticket", "motive", "since"]
            .map(|head| page.t(&format!("appointments-office-head-{head}")).to_owned())
            .into(),
        motives: motives
            .iter()
            .filter(|it| it.details.active && received(it.id))
            .map(|it| Choice::new(&it.details.slug, it.details.sheet.name.read_in(lang), false))
            .collect(),
        expected: expected.iter().map(arriving).collect(),
        without,
        nobody: !asked.vide.is_empty(),
        key: new_idempotency_key(),
        page,
    };
    render(&view)
}

/// The address of the queue; of what was sent, short names alone come back in it.
fn back(site: &str, desk: &str) -> String {
    let short = |text: &str| {
        text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(60).collect::<String>()
    };
    format!("/agents/rendez-vous/file?lieu={}&guichet={}", short(site), short(desk))
}

/// Gives a ticket out to somebody without an appointment, and shows it.
pub(super) async fn take(visitor: Visitor, commune: CommuneOf, fields: FormPost) -> Result {
    let who = visitor.require()?.clone();
    let (slug, motive) = (fields.text("lieu").to_owned(), fields.text("motif").to_owned());
    let key = fields.idempotency_key().map_or_else(new_idempotency_key, str::to_owned);
    let id = commune
        .write(visitor.by, move |tx| {
            let (scope, sites, _) = places(tx, &who)?;
            let site = sites.into_iter().find(|it| it.resource.details.slug == slug);
            let site = site.ok_or_else(WebError::not_found)?.resource.id;
            let motive = motive::by_slug(tx, &motive)?.filter(|it| scope.contains(it.details.department));
            let motive = motive.ok_or_else(WebError::not_found)?;
            let request = format!("{slug} {}", motive.id);
            let taken = idempotency::once(tx, "appointments.ticket", &key, request.as_bytes(), |tx| {
                Ok::<_, WebError>(ticket::take(tx, site, motive.id, None)?.uuid())
            })?;
            match taken {
                Once::Done(id) | Once::Again(id) => Ok(id),
                Once::Reused => Err(WebError::conflict()),
            }
        })
        .await?;
    Ok(Redirect::to(&format!("/agents/rendez-vous/file/{id}")).into_response())
}

/// Calls whoever's turn it is. The page says whom it showed as called: a second click on it calls nobody else.
pub(super) async fn call(visitor: Visitor, commune: CommuneOf, fields: FormPost) -> Result {
    let who = visitor.require()?.clone();
    let (slug, desk) = (fields.text("lieu").to_owned(), fields.text("guichet").to_owned());
    let shown = fields.text("appele").to_owned();
    let to = back(&slug, &desk);
    let called = commune
        .write(visitor.by, move |tx| {
            let (scope, _, desks) = places(tx, &who)?;
            let desk = desks.into_iter().find(|it| it.resource.details.slug == desk);
            let desk = desk.ok_or_else(WebError::not_found)?;
            let shown = match shown.as_str() {
                "" => None,
                id => Some(id.parse().map_err(|_| WebError::bad_request())?),
            };
            let motives = own_motives(tx, &scope)?.into_iter().map(|it| it.id).collect();
            Ok::<_, WebError>(ticket::call_next(tx, &desk, &motives, shown)?)
        })
        .await?;
    let nobody = if called == Called::Nobody { "&vide=oui" } else { "" };
    Ok(Redirect::to(&format!("{to}{nobody}")).into_response())
}

/// Somebody with an appointment is there. Where they took a number before, they go on waiting by that one alone.
pub(super) async fn arrive(visitor: Visitor, commune: CommuneOf, fields: FormPost) -> Result {
    let who = visitor.require()?.clone();
    let (id, ticket) = (fields.text("rendez_vous").to_owned(), fields.text("ticket").to_owned());
    let to = back(fields.text("lieu"), fields.text("guichet"));
    commune
        .write(visitor.by, move |tx| {
            let it = seen(tx, &who, &id)?.it;
            if !ticket.is_empty() {
                let ticket = own(tx, &who, &ticket)?;
                let is_free = ticket.appointment.is_none_or(|other| other == it.id);
                if ticket.site != it.site || ticket.stands != Stands::Waiting || !is_free {
                    return Err(WebError::conflict());
                }
                ticket::join(tx, &ticket, &it)?;
            }
            match appointment::mark(tx, it.id, State::Arrived) {
                // Somebody else was faster: the queue tells.
                Ok(_) | Err(BookError::Over) => Ok(()),
                Err(error) => Err(refused(error)),
            }
        })
        .await?;
    Ok(Redirect::to(&to).into_response())
}

/// A ticket of the departments where the agent receives.
fn own(tx: &mut Tx<'_>, who: &SignedIn, id: &str) -> Result<Ticket> {
    let (scope, ..) = places(tx, who)?;
    let id: Id<Ticket> = id.parse().map_err(|_| WebError::not_found())?;
    let ticket = ticket::find(tx, id)?.ok_or_else(WebError::not_found)?;
    let motive = motive::find(tx, ticket.motive)?.ok_or_else(WebError::not_found)?;
    if scope.contains(motive.details.department) { Ok(ticket) } else { Err(WebError::not_found()) }
}

/// Calls again, or writes down what became of whoever was called.
pub(super) async fn change(
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    fields: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let what = fields.text("quoi").to_owned();
    let to = back(fields.text("lieu"), fields.text("guichet"));
    commune
        .write(visitor.by, move |tx| {
            let ticket = own(tx, &who, &id)?;
            match what.as_str() {
                "rappeler" => ticket::call_again(tx, &ticket)?,
                "recu" => ticket::end(tx, &ticket, Stands::Served)?,
                "absent" => ticket::end(tx, &ticket, Stands::Left)?,
                _ => return Err(WebError::bad_request()),
            }
            Ok(())
        })
        .await?;
    Ok(Redirect::to(&to).into_response())
}

#[derive(Template)]
#[template(path = "appointments_ticket.html")]
struct Paper {
    page: Page,
    label: String,
    motive: String,
    time: String,
    back: String,
}

/// A ticket to print or to read out.
pub(super) async fn paper(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
) -> Result {
    let who = visitor.require()?.clone();
    let (ticket, motive, site, now) = commune
        .read(visitor.by, move |tx| {
            let ticket = own(tx, &who, &id)?;
            let motive = motive::find(tx, ticket.motive)?.ok_or_else(WebError::not_found)?;
            let site = site::site(tx, ticket.site)?.ok_or_else(WebError::not_found)?;
            Ok::<_, WebError>((ticket, motive, site, Now::read(tx)?))
        })
        .await?;
    let lang = page.language();
    render(&Paper {
        label: ticket.label(),
        motive: motive.details.sheet.name.read_in(lang).to_owned(),
        time: clock::time(ticket.taken_at, now.zone, lang),
        back: format!("/agents/rendez-vous/file?lieu={}", site.resource.details.slug),
        page,
    })
}
