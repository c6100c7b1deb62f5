//! The endpoints, as an administrator keeps them: one page with all, one for each.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_core::{Day, Id, calendar::start_of_day};
use beffroi_people::Town;
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as, render};
use beffroi_webhooks::{
    self as webhooks, Delivery, DeliveryState, Endpoint, EndpointError, EndpointState, NewEndpoint, Source,
    UrlFault,
};
use chrono_tz::Tz;
use serde::Deserialize;

use super::{administrator, host_of, sorted};
use crate::{Parts, problem::Problem, public::when, visit::Visit};

/// Messages of one page.
const ROWS: u32 = 50;

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    /// What was just done.
    #[serde(default)]
    fait: String,
    /// The message before which the page begins.
    #[serde(default)]
    avant: String,
}

struct Line {
    href: String,
    description: String,
    host: String,
    events: String,
    look: &'static str,
    state: String,
}

#[derive(Template)]
#[template(path = "hooks/list.html")]
struct ListPage {
    page: Page,
    done: String,
    lines: Vec<Line>,
}

pub(super) async fn list(Visit { commune, visitor, page, .. }: Visit, Query(asked): Query<Asked>) -> Result {
    let who = visitor.require()?.clone();
    let endpoints = commune
        .read(visitor.by, move |tx| {
            administrator(tx, &who)?;
            Ok::<_, WebError>(webhooks::list(tx)?)
        })
        .await?;
    let line = |endpoint: &Endpoint| {
        let (look, state) = state_of(&page, endpoint);
        Line {
            href: format!("/admin/webhooks/{}", endpoint.id),
            description: endpoint.description.clone(),
            host: host_of(&endpoint.url),
            events: match endpoint.events.len() {
                0 => page.t("office-hook-every-event").to_owned(),
                count => page.tr("office-hook-events-count", &[("n", count.into())]),
            },
            look,
            state,
        }
    };
    let lines = endpoints.iter().map(line).collect();
    let done = if asked.fait == "suppression" {
        page.t("office-hook-done-suppression").to_owned()
    } else {
        String::new()
    };
    render(&ListPage { page, done, lines })
}

/// How an endpoint looks and what is said of it.
fn state_of(page: &Page, endpoint: &Endpoint) -> (&'static str, String) {
    let (look, key) = match endpoint.state {
        EndpointState::Active if endpoint.failing_since.is_some() => ("waiting", "office-hook-state-failing"),
        EndpointState::Active => ("granted", "office-hook-state-active"),
        EndpointState::Stopped => ("closed", "office-hook-state-stopped"),
        EndpointState::Disabled => ("late", "office-hook-state-disabled"),
    };
    (look, page.t(key).to_owned())
}

struct Choice {
    value: String,
    label: String,
    hint: String,
    chosen: bool,
}

/// What can be wanted, with what is wanted.
fn choices(page: &Page, names: &[&'static str], wanted: &[String]) -> Vec<Choice> {
    let choice = |name: &'static str| Choice {
        value: name.to_owned(),
        label: page.t(&format!("office-hook-event-{}", name.replace('.', "-"))).to_owned(),
        hint: name.to_owned(),
        chosen: wanted.iter().any(|event| event == name),
    };
    sorted(names).into_iter().map(choice).collect()
}

struct DeliveryLine {
    href: String,
    event: String,
    when: String,
    look: &'static str,
    state: String,
    attempts: u32,
}

#[derive(Template)]
#[template(path = "hooks/endpoint.html")]
struct EndpointPage {
    page: Page,
    /// Its address; `""` for one that is not kept yet.
    base: String,
    done: String,
    problems: Vec<Problem>,
    url: String,
    description: String,
    events: Vec<Choice>,
    look: &'static str,
    state: String,
    is_active: bool,
    /// A new secret, shown this once.
    secret: String,
    overlap: String,
    failing: String,
    lines: Vec<DeliveryLine>,
    next: String,
    since: [String; 3],
}

impl EndpointPage {
    /// Whether no event is ticked: then every one is sent.
    fn sends_all(&self) -> bool {
        !self.events.iter().any(|event| event.chosen)
    }

    fn blank(page: Page, names: &[&'static str], new: &NewEndpoint, problems: Vec<Problem>) -> Self {
        Self {
            events: choices(&page, names, &new.events),
            page,
            base: String::new(),
            done: String::new(),
            problems,
            url: new.url.clone(),
            description: new.description.clone(),
            look: "new",
            state: String::new(),
            is_active: true,
            secret: String::new(),
            overlap: String::new(),
            failing: String::new(),
            lines: Vec::new(),
            next: String::new(),
            since: Default::default(),
        }
    }

    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

pub(super) async fn blank(Visit { desk, commune, visitor, page, .. }: Visit) -> Result {
    let who = visitor.require()?.clone();
    commune.read(visitor.by, move |tx| administrator(tx, &who).map(drop)).await?;
    render(&EndpointPage::blank(page, desk.events.names(), &NewEndpoint::default(), Vec::new()))
}

fn posted(form: &FormPost) -> NewEndpoint {
    NewEndpoint {
        url: form.text("url").trim().to_owned(),
        description: form.text("description").trim().to_owned(),
        events: form.all("events").map(str::to_owned).collect(),
    }
}

/// What is wrong with an endpoint, beside its control.
fn fault(page: &Page, error: EndpointError) -> Result<Problem> {
    let (field, key) = match error {
        EndpointError::Url(UrlFault::NotHttps) => ("url", "office-hook-url-https"),
        EndpointError::Url(UrlFault::Private) => ("url", "office-hook-url-private"),
        EndpointError::Url(UrlFault::Credentials) => ("url", "office-hook-url-credentials"),
        EndpointError::Url(UrlFault::NotAnAddress) => ("url", "office-hook-url-wrong"),
        EndpointError::Description => ("description", "office-hook-description-wrong"),
        EndpointError::TooMany => ("url", "office-hook-too-many"),
        EndpointError::UnknownEvent(_) => return Err(WebError::bad_request()),
        EndpointError::Store(error) => return Err(error.into()),
    };
    Ok(Problem { field: field.to_owned(), message: page.t(key).to_owned() })
}

pub(super) async fn create(Visit { desk, commune, visitor, page, .. }: Visit, form: FormPost) -> Result {
    let who = visitor.require()?.clone();
    let new = posted(&form);
    let (kept, targets, events) = (new.clone(), desk.targets, Arc::clone(&desk.events));
    let made = commune.write(visitor.by, move |tx| -> Result<_, Tried> {
        let permit = administrator(tx, &who)?;
        Ok(webhooks::create(tx, &permit, &kept, targets, events.as_ref())?)
    });
    match made.await {
        Ok((id, secret)) => {
            let visit = Shown { done: "creation".to_owned(), secret: secret.reveal(), ..Shown::default() };
            view((&desk, &commune), &visitor, page, id, visit).await
        }
        Err(Tried::Web(error)) => Err(error),
        Err(Tried::Rule(error)) => {
            let problems = vec![fault(&page, error)?];
            let page = EndpointPage::blank(page, desk.events.names(), &new, problems);
            render_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

/// Why a command was not carried out: a rule, which the form explains, or anything else.
enum Tried {
    Rule(EndpointError),
    Web(WebError),
}

impl From<EndpointError> for Tried {
    fn from(error: EndpointError) -> Self {
        Self::Rule(error)
    }
}

impl From<WebError> for Tried {
    fn from(error: WebError) -> Self {
        Self::Web(error)
    }
}

impl From<beffroi_store::StoreError> for Tried {
    fn from(error: beffroi_store::StoreError) -> Self {
        Self::Web(error.into())
    }
}

/// What the page of an endpoint shows beside it.
#[derive(Default)]
struct Shown {
    done: String,
    secret: String,
    before: Option<Id<Delivery>>,
    problems: Vec<Problem>,
    /// What was typed and refused.
    typed: Option<NewEndpoint>,
    day: [String; 3],
}

fn id_of<T>(text: &str) -> Result<Id<T>> {
    text.parse().map_err(|_| WebError::not_found())
}

pub(super) async fn show(
    Visit { desk, commune, visitor, page, .. }: Visit,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let before = asked.avant.parse().ok();
    let shown = Shown { done: asked.fait, before, ..Shown::default() };
    view((&desk, &commune), &visitor, page, id_of(&id)?, shown).await
}

async fn view(
    (desk, commune): (&Arc<Parts>, &beffroi_web::CommuneOf),
    visitor: &beffroi_web::Visitor,
    page: Page,
    id: Id<Endpoint>,
    shown: Shown,
) -> Result {
    let who = visitor.require()?.clone();
    let before = shown.before;
    let (endpoint, deliveries, zone) = commune
        .read(visitor.by, move |tx| {
            administrator(tx, &who)?;
            let endpoint = webhooks::get(tx, id)?.ok_or_else(WebError::not_found)?;
            let deliveries = webhooks::deliveries(tx, id, before, ROWS + 1)?;
            Ok::<_, WebError>((endpoint, deliveries, Town::load(tx)?.zone()))
        })
        .await?;
    let status = if shown.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    render_as(status, &endpoint_page((page, desk.events.names()), endpoint, &deliveries, zone, shown))
}

fn endpoint_page(
    (page, names): (Page, &[&'static str]),
    endpoint: Endpoint,
    deliveries: &[Delivery],
    zone: Tz,
    shown: Shown,
) -> EndpointPage {
    let base = format!("/admin/webhooks/{}", endpoint.id);
    let lang = page.language();
    let rows = ROWS as usize;
    let next = deliveries
        .get(rows)
        .and_then(|_| deliveries.get(rows - 1))
        .map(|last| format!("{base}?avant={}", last.id));
    let lines = deliveries
        .iter()
        .take(rows)
        .map(|delivery| {
            let (look, state) = delivery_state(&page, delivery, zone);
            DeliveryLine {
                href: format!("{base}/envois/{}", delivery.id),
                event: delivery.event.clone(),
                when: when(delivery.queued_at, zone, lang),
                look,
                state,
                attempts: delivery.attempts,
            }
        })
        .collect();
    let done = match shown.done.as_str() {
        word @ ("creation" | "changement" | "secret" | "arret" | "reprise" | "essai" | "renvoi") => {
            page.t(&format!("office-hook-done-{word}")).to_owned()
        }
        _ => String::new(),
    };
    let (look, state) = state_of(&page, &endpoint);
    let said = |key: &str, at: Option<beffroi_core::Instant>| {
        at.map(|at| page.tr(key, &[("when", when(at, zone, lang).into())])).unwrap_or_default()
    };
    let (overlap, failing) = (
        said("office-hook-overlap", endpoint.overlap_until),
        said("office-hook-failing", endpoint.failing_since),
    );
    let is_active = endpoint.state == EndpointState::Active;
    let new = shown.typed.unwrap_or(NewEndpoint {
        url: endpoint.url,
        description: endpoint.description,
        events: endpoint.events,
    });
    EndpointPage {
        base,
        done,
        look,
        state,
        is_active,
        secret: shown.secret,
        overlap,
        failing,
        lines,
        next: next.unwrap_or_default(),
        since: shown.day,
        ..EndpointPage::blank(page, names, &new, shown.problems)
    }
}

/// How a message looks and what is said of it.
pub(super) fn delivery_state(page: &Page, delivery: &Delivery, zone: Tz) -> (&'static str, String) {
    match delivery.state {
        DeliveryState::Delivered => ("granted", page.t("office-hook-delivered").to_owned()),
        DeliveryState::GivenUp => ("refused", page.t("office-hook-given-up").to_owned()),
        DeliveryState::Waiting if delivery.attempts == 0 => ("new", page.t("office-hook-queued").to_owned()),
        DeliveryState::Waiting => {
            let at = when(delivery.due_at, zone, page.language());
            ("waiting", page.tr("office-hook-again-at", &[("when", at.into())]))
        }
    }
}

pub(super) async fn change(
    Visit { desk, commune, visitor, page, .. }: Visit,
    Path(id): Path<String>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let id = id_of(&id)?;
    let new = posted(&form);
    let (kept, targets, events) = (new.clone(), desk.targets, Arc::clone(&desk.events));
    let changed = commune.write(visitor.by, move |tx| -> Result<_, Tried> {
        let permit = administrator(tx, &who)?;
        if webhooks::get(tx, id)?.is_none() {
            return Err(WebError::not_found().into());
        }
        Ok(webhooks::change(tx, &permit, id, &kept, targets, events.as_ref())?)
    });
    match changed.await {
        Ok(()) => Ok(Redirect::to(&format!("/admin/webhooks/{id}?fait=changement")).into_response()),
        Err(Tried::Web(error)) => Err(error),
        Err(Tried::Rule(error)) => {
            let problems = vec![fault(&page, error)?];
            let shown = Shown { problems, typed: Some(new), ..Shown::default() };
            view((&desk, &commune), &visitor, page, id, shown).await
        }
    }
}

pub(super) async fn act(
    Visit { desk, commune, visitor, page, .. }: Visit,
    Path((id, action)): Path<(String, String)>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let id: Id<Endpoint> = id_of(&id)?;
    let typed = ["since-day", "since-month", "since-year"].map(|name| form.text(name).trim().to_owned());
    let [day, month, year] = typed.clone().map(|part| part.parse::<u32>().ok());
    let since = year
        .zip(month.zip(day))
        .and_then(|(year, (month, day))| Day::from_ymd_opt(i32::try_from(year).ok()?, month, day));
    if action == "renvoi" && since.is_none() {
        let problems = Problem::alone("since", page.t("office-hook-since-wrong"));
        let shown = Shown { problems, day: typed, ..Shown::default() };
        return view((&desk, &commune), &visitor, page, id, shown).await;
    }
    let word = action.clone();
    let secret = commune
        .write(visitor.by, move |tx| {
            let permit = administrator(tx, &who)?;
            if webhooks::get(tx, id)?.is_none() {
                return Err(WebError::not_found());
            }
            match (word.as_str(), since) {
                ("secret", _) => return Ok(webhooks::rotate(tx, &permit, id)?),
                ("arret", _) => webhooks::stop(tx, &permit, id)?,
                ("reprise", _) => webhooks::resume(tx, &permit, id)?,
                ("essai", _) => webhooks::test(tx, &permit, id).map(drop)?,
                ("renvoi", Some(day)) => {
                    let zone = Town::load(tx)?.zone();
                    webhooks::replay_since(tx, &permit, id, start_of_day(day, zone))?;
                }
                _ => return Err(WebError::not_found()),
            }
            Ok::<_, WebError>(None)
        })
        .await?;
    match secret {
        Some(secret) => {
            let shown = Shown { done: action, secret: secret.reveal(), ..Shown::default() };
            view((&desk, &commune), &visitor, page, id, shown).await
        }
        None => Ok(Redirect::to(&format!("/admin/webhooks/{id}?fait={action}")).into_response()),
    }
}

#[derive(Template)]
#[template(path = "hooks/sure.html")]
struct SurePage {
    page: Page,
    base: String,
    description: String,
}

pub(super) async fn sure(Visit { commune, visitor, page, .. }: Visit, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let id: Id<Endpoint> = id_of(&id)?;
    let endpoint = commune
        .read(visitor.by, move |tx| {
            administrator(tx, &who)?;
            webhooks::get(tx, id)?.ok_or_else(WebError::not_found)
        })
        .await?;
    render(&SurePage { page, base: format!("/admin/webhooks/{id}"), description: endpoint.description })
}

pub(super) async fn remove(Visit { commune, visitor, .. }: Visit, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let id: Id<Endpoint> = id_of(&id)?;
    commune
        .write(visitor.by, move |tx| {
            let permit = administrator(tx, &who)?;
            Ok::<_, WebError>(webhooks::remove(tx, &permit, id)?)
        })
        .await?;
    Ok(Redirect::to("/admin/webhooks?fait=suppression").into_response())
}
