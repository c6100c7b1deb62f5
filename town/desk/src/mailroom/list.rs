//! What has arrived and waits, and letters that are scanned in a batch.

use askama::Template;
use axum::{
    extract::{Query, Request},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_core::{
    Channel, Day, Id,
    calendar::{civil_day, long_date},
};
use beffroi_documents::StoredFile;
use beffroi_mailroom::{
    Item, Nature, NewItem, Source,
    item::{self, COUNTED_AT_MOST, State},
};
use beffroi_people::Town;
use beffroi_store::{By, Tx};
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as, render};
use chrono::Datelike;
use serde::Deserialize;

use super::{slugs, trays};
use crate::{
    office::{received::Received, reception::forms::Choice},
    papers::purpose,
    permission::Place,
    problem::Problem,
    public::{attach, receive, when},
    visit::Visit,
};

/// Items on one page.
const PAGE: u32 = 20;
/// Settled items that the page recalls.
const RECALLED: u32 = 10;

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    apres: String,
    #[serde(default)]
    fait: String,
}

/// An item as the list shows it.
struct Row {
    href: String,
    subject: String,
    sender: String,
    arrived: String,
    source: String,
    department: String,
    tag: String,
    settled: String,
}

impl Row {
    fn new(page: &Page, item: &Item, places: &[Place], zone: chrono_tz::Tz) -> Self {
        let details = &item.details;
        let place = places.iter().find(|place| place.slug == details.department);
        let source = match details.source {
            Source::Scan => page.t("office-post-scan"),
            Source::Email => page.t("office-post-email"),
        };
        let tag = match details.nature {
            Nature::Ordinary if !item.reference.is_empty() => item.reference.clone(),
            Nature::Ordinary => String::new(),
            Nature::Automatic => page.t("office-post-automatic").to_owned(),
            Nature::Bounce => page.t("office-post-bounce").to_owned(),
            Nature::TooLarge => page.t("office-post-too-large").to_owned(),
        };
        let settled = match item.state {
            State::Waiting => "",
            State::Became => page.t("office-post-became"),
            State::Joined => page.t("office-post-joined"),
            State::Dropped => page.t("office-post-dropped"),
        };
        let at = item.settled_at.map(|at| when(at, zone, page.language())).unwrap_or_default();
        Self {
            href: format!("/agents/courrier-arrivee/{}", item.id),
            subject: subject(page, item),
            sender: sender(item),
            arrived: long_date(details.arrived_on, page.language()),
            source: source.to_owned(),
            department: place.map_or_else(|| details.department.clone(), |place| place.name.clone()),
            tag,
            settled: if settled.is_empty() { String::new() } else { format!("{settled}, {at}") },
        }
    }
}

/// What an item is called.
pub(super) fn subject(page: &Page, item: &Item) -> String {
    if item.details.subject.is_empty() {
        page.t("office-post-no-subject").to_owned()
    } else {
        item.details.subject.clone()
    }
}

/// Who sent it, as far as is known.
pub(super) fn sender(item: &Item) -> String {
    let (name, email) = (&item.details.sender_name, &item.details.sender_email);
    if name.is_empty() { email.clone() } else { name.clone() }
}

/// What was typed about a scan.
#[derive(Default)]
struct Scan {
    received: [String; 3],
    sender: String,
    subject: String,
    department: String,
    /// Whether each file is a letter of its own.
    each: bool,
}

#[derive(Template)]
#[template(path = "mailroom/list.html")]
struct List {
    page: Page,
    done: String,
    count: String,
    rows: Vec<Row>,
    next: String,
    settled: Vec<Row>,
    scan: Scan,
    departments: Vec<Choice>,
    how: Vec<Choice>,
    problems: Vec<Problem>,
}

impl List {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

struct Found {
    waiting: Vec<Item>,
    settled: Vec<Item>,
    count: i64,
    places: Vec<Place>,
    zone: chrono_tz::Tz,
    today: Day,
}

async fn found(visit: &Visit, after: Option<Id<Item>>) -> Result<Found> {
    let who = visit.visitor.require()?.clone();
    let load = move |tx: &mut Tx<'_>| {
        let places = trays(tx, &who)?;
        let own = slugs(&places);
        let zone = Town::load(tx)?.zone();
        Ok::<_, WebError>(Found {
            waiting: item::waiting(tx, &own, after, PAGE + 1)?,
            settled: item::settled(tx, &own, RECALLED)?,
            count: item::count_waiting(tx, &own)?,
            today: civil_day(tx.now(), zone),
            places,
            zone,
        })
    };
    visit.commune.read(visit.visitor.by, load).await
}

pub(super) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Result {
    let found = found(&visit, asked.apres.parse().ok()).await?;
    page_of(visit.page, found, None, Vec::new(), asked.fait)
}

fn page_of(page: Page, found: Found, scan: Option<Scan>, problems: Vec<Problem>, done: String) -> Result {
    let Found { waiting, settled, count, places, zone, today } = found;
    let more = waiting.len() > PAGE as usize;
    let shown = waiting.get(..PAGE as usize).unwrap_or(&waiting);
    let next = shown.last().filter(|_| more);
    let next = next.map(|last| format!("/agents/courrier-arrivee?apres={}", last.id));
    let scan = scan.unwrap_or_else(|| Scan {
        received: [today.day().to_string(), today.month().to_string(), today.year().to_string()],
        each: true,
        ..Scan::default()
    });
    let key =
        if count >= i64::from(COUNTED_AT_MOST) { "office-post-count-many" } else { "office-post-count" };
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let list = List {
        count: page.tr(key, &[("n", count.into())]),
        rows: shown.iter().map(|item| Row::new(&page, item, &places, zone)).collect(),
        settled: settled.iter().map(|item| Row::new(&page, item, &places, zone)).collect(),
        next: next.unwrap_or_default(),
        departments: places
            .iter()
            .map(|place| Choice::new(&place.slug, &place.name, place.slug == scan.department))
            .collect(),
        how: vec![
            Choice::new("chacun", page.t("office-post-each"), scan.each),
            Choice::new("ensemble", page.t("office-post-together"), !scan.each),
        ],
        scan,
        problems,
        done,
        page,
    };
    if status == StatusCode::OK { render(&list) } else { render_as(status, &list) }
}

fn read(fields: &FormPost) -> Scan {
    Scan {
        received: ["recue-day", "recue-month", "recue-year"].map(|name| fields.text(name).to_owned()),
        sender: fields.text("expediteur").chars().take(200).collect(),
        subject: fields.text("objet").chars().take(200).collect(),
        department: fields.text("service").to_owned(),
        each: fields.text("lettres") != "ensemble",
    }
}

/// Keeps scanned letters: each file one, or all together one.
pub(super) async fn scan(visit: Visit, request: Request) -> Result {
    let who = visit.visitor.require()?.clone();
    // Nothing is received from whoever sorts nothing.
    let before = found(&visit, None).await?;
    let posted = receive(request, &visit.commune, visit.visitor.lang).await?;
    let scan = read(&posted.fields);
    let mut problems = Problem::all(&posted.refused, "lettre");
    if posted.files.is_empty() && problems.is_empty() {
        problems = Problem::alone("lettre", visit.page.t("office-post-no-file"));
    }
    let received = Received::read(&posted.fields, Channel::Paper, before.today, None);
    if let Err(key) = received.day {
        problems.extend(Problem::alone("recue", visit.page.t(key)));
    }
    let (Ok(arrived_on), true) = (received.day, problems.is_empty()) else {
        return page_of(visit.page, before, Some(scan), problems, String::new());
    };
    let (gate, files) = (visit.desk.gate, posted.files);
    let by = By { channel: Channel::Paper, ..visit.visitor.by };
    visit
        .commune
        .write(by, move |tx| {
            let places = trays(tx, &who)?;
            let chosen = places.iter().find(|place| place.slug == scan.department);
            let place = chosen.or(places.first()).ok_or_else(WebError::not_found)?;
            let letters: Vec<&[(String, StoredFile)]> =
                if scan.each { files.chunks(1).collect() } else { vec![&files] };
            for letter in letters {
                let name = letter.first().map(|(_, file)| file.name().to_owned()).unwrap_or_default();
                let new = NewItem {
                    source: Source::Scan,
                    department: place.slug.clone(),
                    mailbox: None,
                    sender_name: scan.sender.clone(),
                    sender_email: String::new(),
                    subject: if scan.subject.is_empty() { name } else { scan.subject.clone() },
                    body: String::new(),
                    nature: Nature::Ordinary,
                    arrived_on,
                    entered_by: Some(who.account.uuid()),
                };
                let id = item::keep(tx, &new)?;
                attach(tx, gate, letter, ("mail_item", id.uuid()), purpose::ATTACHMENT)?;
            }
            Ok::<_, WebError>(())
        })
        .await?;
    Ok(Redirect::to("/agents/courrier-arrivee?fait=lettre").into_response())
}
