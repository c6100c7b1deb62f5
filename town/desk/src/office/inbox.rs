//! The inbox: the cases of a department, or of all those that an agent sees, those that press first.

mod found;

use askama::Template;
use axum::{extract::Query, http::StatusCode};
use beffroi_cases::{
    case::{Case, State},
    inbox::{self, COUNTED_AT_MOST, Key},
    missing::Waiting,
    silence::Awaited,
};
use beffroi_core::{Day, calendar::long_date, legal_clock::Silence};
use beffroi_web::{Page, Result, page::render_as};
use serde::Deserialize;

use self::found::Found;
use super::{
    away_words, entitled,
    list::{Kept, Options, Returned, Tag, heads},
    stand_in,
};
use crate::{visit::Visit, words};

/// Days within which a date presses.
pub(super) const SOON_DAYS: i64 = 15;

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    service: String,
    #[serde(default)]
    etat: String,
    #[serde(default)]
    demarche: String,
    #[serde(default)]
    miens: String,
    /// The agent for whom one stands in and whose cases are asked for; [`stand_in::ALL`] for all of them.
    #[serde(default)]
    remplace: String,
    /// `1`: only what is late.
    #[serde(default)]
    retard: String,
    #[serde(default)]
    apres: String,
    /// `tout`: every case of the page is ticked, for whoever has no scripts.
    #[serde(default)]
    cocher: String,
    /// Something was just done with a case that is no longer here.
    #[serde(default)]
    fait: String,
}

pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) chosen: bool,
}

impl Choice {
    pub(super) fn of(value: &str, label: &str, chosen: bool) -> Self {
        Self { value: value.to_owned(), label: label.to_owned(), chosen }
    }
}

impl Asked {
    /// The address of this list in a department, without the page; what is not narrowed is not named.
    fn query(&self, place: &str) -> String {
        let late = if self.is_late() { "&retard=1" } else { "" };
        let instead =
            if self.remplace.is_empty() { String::new() } else { format!("&remplace={}", self.remplace) };
        let Self { etat, demarche, miens, .. } = self;
        format!("service={place}&etat={etat}&demarche={demarche}&miens={miens}{instead}{late}")
    }

    fn is_late(&self) -> bool {
        self.retard == "1"
    }
}

struct Count {
    href: String,
    number: String,
    label: String,
    current: bool,
}

/// The legal clock in a line.
pub(crate) struct Clock {
    pub(crate) look: &'static str,
    pub(crate) label: String,
    pub(crate) date: String,
    pub(crate) consequence: String,
}

struct Row {
    id: String,
    ticked: bool,
    tags: Vec<Tag>,
    href: String,
    reference: String,
    name: String,
    procedure: String,
    received: String,
    look: &'static str,
    state: String,
    clock: Clock,
    assignee: String,
    /// Until when that one is away, and who stands in; `""` where they are there.
    away: String,
    late: bool,
    /// The department, where the list shows several.
    department: String,
}

#[derive(Template)]
#[template(path = "office/inbox.html")]
#[expect(clippy::struct_excessive_bools, reason = "each shows a part of the page")]
struct Inbox {
    page: Page,
    done: String,
    place: String,
    /// Whether the agent sees several departments; and which of them is shown.
    several: bool,
    places: Vec<Choice>,
    states: Vec<Choice>,
    procedures: Vec<Choice>,
    mine: bool,
    /// Those for whom the agent stands in, as the list can be narrowed to their cases; and what waits of each.
    instead: Vec<Choice>,
    stood: Vec<(String, String)>,
    /// Whether only what is late is shown.
    late: bool,
    counts: Vec<Count>,
    /// Requests for the reasons of an implied refusal: where each leads, and what it says.
    awaited: Vec<(String, String)>,
    rows: Vec<Row>,
    /// Whether the list follows what happens: not where it is shown again with what was ticked.
    live: bool,
    next: String,
    views: Vec<Kept>,
    /// This view, to be kept.
    query: String,
    back: String,
    batch: Options,
    heads: Vec<String>,
}

/// How a case of a list stands: of one that waits for documents after the time given for them, that this is so.
pub(super) fn state(page: &Page, case: &Case, waiting: Option<&Waiting>) -> (&'static str, String) {
    match waiting.and_then(|it| it.over_since) {
        Some(_) => ("late", page.t("office-documents-over").to_owned()),
        None => words::state(page, case.state, None),
    }
}

/// How near the date is, in words. While documents are awaited it is the one that holds if they arrive today, as the
/// requester reads it.
pub(crate) fn clock(page: &Page, case: &Case, today: Day, waiting: Option<&Waiting>) -> Clock {
    let refuses = case.regime.silence == Silence::Refuses;
    let deemed_on = waiting.filter(|_| refuses).map_or(case.deemed_on, |waiting| waiting.deemed_on);
    let (label, look, date) = match deemed_on {
        _ if !case.state.is_open() => (page.t("office-clock-over").to_owned(), "calm", String::new()),
        None if case.regime.silence == Silence::None => {
            (page.t("office-clock-none").to_owned(), "calm", String::new())
        }
        None => (page.t("office-clock-stopped").to_owned(), "stopped", String::new()),
        Some(on) => {
            let days = (on - today).num_days();
            let (key, look) = match days {
                ..=0 => ("office-clock-late", "late"),
                1..=SOON_DAYS => ("office-clock-days", "soon"),
                _ => ("office-clock-days", "calm"),
            };
            let day = long_date(on, page.language());
            (page.tr(key, &[("days", days.into()), ("day", day.into())]), look, on.to_string())
        }
    };
    let consequence = match (case.regime.silence, deemed_on.is_some() && case.state.is_open()) {
        (Silence::Grants, true) => page.t("office-silence-grants"),
        (Silence::Refuses, true) => page.t("office-silence-refuses"),
        _ => "",
    };
    Clock { look, label, date, consequence: consequence.to_owned() }
}

/// The same where something is asked for that day: where it comes before the legal date, it presses first, and the legal
/// date is told after it. What this and [`clock`] call late is what [`LateOn`] counts.
pub(super) fn before_event(page: &Page, clock: Clock, case: &Case, today: Day, event: Option<Day>) -> Clock {
    let Some(event) = event.filter(|_| case.state.is_open()) else { return clock };
    if case.deemed_on.is_some_and(|on| on <= event) {
        return clock;
    }
    let days = (event - today).num_days();
    let (key, look) = match days {
        ..=0 => ("office-clock-event-over", "late"),
        1..=SOON_DAYS => ("office-clock-event", "soon"),
        _ => ("office-clock-event", "calm"),
    };
    let day = long_date(event, page.language());
    let rest = [clock.label, clock.consequence];
    Clock {
        look,
        label: page.tr(key, &[("days", days.into()), ("day", day.into())]),
        date: event.to_string(),
        consequence: rest.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(", "),
    }
}

/// Who asks, and for whom.
pub(super) fn name_of(page: &Page, case: &Case) -> String {
    if case.beneficiary_name.is_empty() {
        return case.requester_name.clone();
    }
    let [requester, beneficiary] = [&case.requester_name, &case.beneficiary_name].map(String::as_str);
    page.tr("office-for", &[("requester", requester.into()), ("beneficiary", beneficiary.into())])
}

fn key_of(text: &str) -> Option<Key> {
    let (day, id) = text.split_once('_')?;
    Some(Key { clock_on: day.parse().ok()?, id: id.parse().ok()? })
}

pub(super) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Result {
    again(visit, asked, StatusCode::OK, Returned::default()).await
}

/// The list, with what was ticked in it where something is wrong with what was to be done.
pub(super) async fn again(
    Visit { desk, commune, visitor, page, .. }: Visit,
    asked: Asked,
    code: StatusCode,
    returned: Returned,
) -> Result {
    let who = visitor.require()?.clone();
    let lang = page.language();
    let found = commune.read(visitor.by, move |tx| Found::read(tx, &desk, &who, lang, asked)).await?;
    let Found { asked, place, places, views, counts, late, titles, absents, .. } = &found;
    let name = |id: uuid::Uuid| found.name(id);
    let rows = found
        .cases
        .cases
        .iter()
        .map(|case| {
            let id = case.id.uuid();
            let tags = Tag::all(found.stuck.get(&id));
            let assignee = case.assignee.and_then(name).unwrap_or_default();
            let absent = case.assignee.and_then(|agent| found.away.of(agent));
            let absent = absent.map(|absence| away_words(&page, absence, |id| name(id).unwrap_or_default()));
            let of = places.iter().find(|known| place.is_none() && known.slug == case.department);
            let stands = (found.today, found.waiting.get(&id), found.events.get(&id).copied());
            Row {
                ticked: asked.cocher == "tout" || returned.ticked(&case.id.to_string()),
                away: absent.unwrap_or_default(),
                department: of.map(|known| known.name.clone()).unwrap_or_default(),
                ..row(&page, case, stands, found.title(&case.procedure), (tags, assignee))
            }
        })
        .collect();
    let slug = place.as_ref().map(|place| place.slug.clone()).unwrap_or_default();
    let tabs = tabs(&page, &slug, asked, counts, *late);
    let next = found
        .cases
        .next
        .as_ref()
        .map(|key| format!("/agents?{}&apres={}_{}", asked.query(&slug), key.clock_on, key.id));
    let (states, procedures) = choices(&page, asked, titles);
    let done = if asked.fait == "transmettre" { page.t("office-done-transmettre") } else { "" }.to_owned();
    let query = asked.query(&slug);
    let inbox = Inbox {
        views: Kept::all(views),
        heads: heads(&page, found.handles),
        batch: Options::new(&page, found.handles, &found.takers, &found.labels, &found.elsewhere, &returned),
        back: format!("/agents?{query}"),
        query,
        done,
        places: std::iter::once(Choice::of("", page.t("office-all-departments"), slug.is_empty()))
            .chain(places.iter().map(|known| Choice::of(&known.slug, &known.name, known.slug == slug)))
            .collect(),
        several: places.len() > 1,
        place: place
            .as_ref()
            .map_or_else(|| page.t("office-all-departments"), |place| &place.name)
            .to_owned(),
        states,
        procedures,
        mine: asked.miens == "1",
        instead: stand_in::choices(&page, absents, &asked.remplace, name),
        stood: stand_in::waiting(&page, absents, &slug, name),
        late: asked.is_late(),
        counts: tabs,
        awaited: found.awaited.iter().map(|it| reasons_awaited(&page, it)).collect(),
        rows,
        live: returned.problem.is_none(),
        next: next.unwrap_or_default(),
        page,
    };
    render_as(code, &inbox)
}

/// A row of the list.
fn row(
    page: &Page,
    case: &Case,
    (today, waiting, event): (Day, Option<&Waiting>, Option<Day>),
    procedure: String,
    (tags, assignee): (Vec<Tag>, String),
) -> Row {
    let (look, state) = state(page, case, waiting);
    let clock = before_event(page, clock(page, case, today, waiting), case, today, event);
    Row {
        id: case.id.to_string(),
        ticked: false,
        href: format!("/agents/dossiers/{}", case.id),
        reference: case.reference.clone(),
        name: name_of(page, case),
        received: long_date(case.received_on, page.language()),
        late: clock.look == "late",
        tags,
        procedure,
        look,
        state,
        clock,
        assignee,
        away: String::new(),
        department: String::new(),
    }
}

/// A requester who waits for reasons: where that is answered, and by when.
fn reasons_awaited(page: &Page, awaited: &Awaited) -> (String, String) {
    let due = long_date(awaited.due_on, page.language());
    let words = [("reference", awaited.reference.as_str().into()), ("due", due.into())];
    (format!("/agents/dossiers/{}#explain", awaited.id), page.tr("office-reasons-awaited", &words))
}

/// The counts at the head of the page, each of which leads to its cases.
fn tabs(page: &Page, place: &str, asked: &Asked, counts: &[inbox::Count], late: i64) -> Vec<Count> {
    let address = |state: &str| format!("/agents?service={place}&etat={state}");
    let of = |wanted: &str| {
        counts.iter().filter(|count| count.state == wanted).map(|count| count.cases).sum::<i64>()
    };
    let mut tabs = vec![Count {
        href: address(""),
        number: [State::Received, State::Instruction, State::Waiting]
            .iter()
            .map(|state| of(state.as_str()))
            .sum::<i64>()
            .to_string(),
        label: page.t("office-all-open").to_owned(),
        current: asked.etat.is_empty() && asked.remplace.is_empty() && !asked.is_late(),
    }];
    tabs.extend(State::ALL.iter().map(|state| Count {
        href: address(state.as_str()),
        number: of(state.as_str()).to_string(),
        label: page.t(&format!("office-count-{}", state.as_str())).to_owned(),
        current: asked.etat == state.as_str() && !asked.is_late(),
    }));
    let many = i64::from(COUNTED_AT_MOST);
    tabs.push(Count {
        href: format!("/agents?service={place}&retard=1"),
        number: if late >= many { format!("{many}+") } else { late.to_string() },
        label: page.t("office-count-late").to_owned(),
        current: asked.is_late(),
    });
    tabs
}

/// What the page can be narrowed to.
fn choices(page: &Page, asked: &Asked, titles: &[(String, String)]) -> (Vec<Choice>, Vec<Choice>) {
    let mut states = vec![Choice::of("", page.t("office-all-open"), asked.etat.is_empty())];
    states.extend(State::ALL.iter().map(|state| {
        let key = format!("office-count-{}", state.as_str());
        Choice::of(state.as_str(), page.t(&key), asked.etat == state.as_str())
    }));
    let mut procedures = vec![Choice::of("", page.t("office-all-procedures"), asked.demarche.is_empty())];
    procedures.extend(titles.iter().map(|(slug, title)| Choice::of(slug, title, asked.demarche == *slug)));
    (states, procedures)
}

/// Tells an open inbox when something has changed.
pub(super) async fn changes(Visit { app, commune, visitor, .. }: Visit) -> Result {
    let who = visitor.require()?.clone();
    commune.read(visitor.by, move |tx| entitled(tx, &who).map(drop)).await?;
    beffroi_web::live::events(&app, &commune, &visitor).await
}
