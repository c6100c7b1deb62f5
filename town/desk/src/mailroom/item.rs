//! One item of the mail room: what it says, what it may belong to, what may be done with it.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
};
use beffroi_cases::case::{self, Case};
use beffroi_core::{Id, calendar::long_date};
use beffroi_documents::{self as documents, Document, State as Scanned};
use beffroi_mailroom::{Item, Nature, Source, item};
use beffroi_people::{
    SignedIn, department,
    finding::{self, Sought},
};
use beffroi_store::{Entry, Tx, journal::done_since};
use beffroi_web::{Framing, Page, Result, WebError, page::render_as};
use serde::Deserialize;
use serde_json::json;

use super::{
    list::{sender, subject},
    slugs, trays,
};
use crate::{
    Parts,
    control::size,
    finding::Question,
    mandates::{Titles, titles},
    office::{
        entitled,
        reception::{self, forms::Choice},
    },
    permission::Place,
    problem::Problem,
    public::stream,
    submission,
    visit::{Visit, case_error},
};

/// Persons that a sender's address may be.
const LIKE: u32 = 10;
/// Cases that are proposed.
const PROPOSED: usize = 10;

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    fait: String,
}

/// What is said on the page.
#[derive(Default)]
pub(super) struct Said {
    pub(super) done: String,
    pub(super) problems: Vec<Problem>,
    pub(super) reference: String,
    /// The name or reference that is looked for among the cases that may be joined; `""` for none.
    pub(super) sought: String,
    /// Whether all that was awaited was said to have come.
    pub(super) complete: bool,
    pub(super) reason: String,
}

/// An item of one's own trays; others are not there.
pub(crate) fn own(tx: &mut Tx<'_>, who: &SignedIn, id: Id<Item>) -> Result<(Item, Vec<Place>)> {
    let places = trays(tx, who)?;
    let found = item::find(tx, &slugs(&places), id)?.ok_or_else(WebError::not_found)?;
    Ok((found, places))
}

pub(crate) fn id_of(text: &str) -> Result<Id<Item>> {
    text.parse().map_err(|_| WebError::not_found())
}

/// The cases that an item may belong to: those whose reference stands in it, then the open ones of its sender.
pub(crate) fn proposed(tx: &mut Tx<'_>, who: &SignedIn, item: &Item) -> Result<Vec<Case>> {
    let (access, _) = entitled(tx, who)?;
    let mut cases: Vec<Case> = Vec::new();
    let text = format!("{} {}", item.details.subject, item.details.body);
    for reference in beffroi_mailroom::message::references(&text) {
        if let Some(case) = beffroi_cases::tracking::by_reference(tx, &reference)?
            && access.allows(beffroi_cases::Right::Handle, &case.department)
        {
            cases.push(case);
        }
    }
    if !item.details.sender_email.is_empty() {
        let sectors = reception::sectors(tx, who)?;
        let sought = Sought { email: item.details.sender_email.clone(), ..Sought::default() };
        for person in finding::find_like(tx, &sectors, &sought, None, LIKE)?.persons {
            let of_person =
                beffroi_cases::person::cases_of(tx, &access, person.id.uuid()).map_err(case_error)?;
            cases.extend(of_person.into_iter().filter(|case| {
                case.state.is_open() && access.allows(beffroi_cases::Right::Handle, &case.department)
            }));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    cases.retain(|case| seen.insert(case.id.uuid()));
    cases.truncate(PROPOSED);
    Ok(cases)
}

/// The cases that a name or a reference means, among those that the agent handles.
fn found(tx: &mut Tx<'_>, who: &SignedIn, sought: &str) -> Result<Vec<Case>> {
    if sought.trim().is_empty() {
        return Ok(Vec::new());
    }
    let (access, places) = entitled(tx, who)?;
    let all: Vec<String> = places.into_iter().map(|place| place.slug).collect();
    let question = Question { text: sought.to_owned(), ..Question::default() };
    let mut cases = crate::finding::ask(tx, &access, &all, &question, PROPOSED)?.cases;
    cases.retain(|case| access.allows(beffroi_cases::Right::Handle, &case.department));
    Ok(cases)
}

struct Paper {
    href: String,
    name: String,
    detail: String,
    /// How it is shown beside the forms: in a frame, as a picture, or not.
    shown: &'static str,
}

/// How a file can be seen beside a form.
pub(crate) fn shown_as(mime: &str) -> &'static str {
    match mime {
        "application/pdf" => "frame",
        "image/jpeg" | "image/png" | "image/webp" => "picture",
        _ => "",
    }
}

/// What a file of the mail room is.
pub(crate) fn named(page: &Page, source: Source, name: &str) -> String {
    match source {
        Source::Scan => page.tr("office-post-file-scan", &[("name", name.to_owned().into())]),
        Source::Email => page.tr("office-post-file-email", &[("name", name.to_owned().into())]),
    }
}

#[derive(Template)]
#[template(path = "mailroom/item.html")]
struct ItemPage {
    page: Page,
    id: String,
    said: Said,
    subject: String,
    lines: Vec<(String, String)>,
    notice: String,
    body: String,
    papers: Vec<Paper>,
    waiting: bool,
    settled: String,
    case: String,
    procedures: Vec<Choice>,
    cases: Vec<Choice>,
    /// Those that were looked for.
    found: Vec<Choice>,
    departments: Vec<Choice>,
}

impl ItemPage {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.said.problems, field)
    }
}

struct Loaded {
    item: Item,
    papers: Vec<Document>,
    cases: Vec<Case>,
    found: Vec<Case>,
    joined: Option<Case>,
    titles: Titles,
    places: Vec<Place>,
    all: Vec<Place>,
}

/// Looking at an item is written down, once an hour for one agent.
pub(crate) fn consulted(tx: &mut Tx<'_>, id: Id<Item>, who: &SignedIn) -> Result<()> {
    const KIND: &str = "mail_item.consulted";
    let since = tx.now() - chrono::TimeDelta::hours(1);
    let before = done_since(tx, ("mail_item", &[id.uuid()]), KIND, who.account.uuid(), since)?;
    if before.is_empty() {
        let payload = json!({});
        tx.journal(&Entry { kind: KIND, subject_kind: "mail_item", subject_id: id.uuid(), payload })?;
    }
    Ok(())
}

/// A document of an item of one's own trays.
pub(crate) fn paper(
    tx: &mut Tx<'_>,
    who: &SignedIn,
    id: Id<Item>,
    document: Id<Document>,
) -> Result<Document> {
    own(tx, who, id)?;
    let found = documents::find(tx, document)?;
    let found = found.filter(|found| found.owner_kind == "mail_item" && found.owner_id == id.uuid());
    found.ok_or_else(WebError::not_found)
}

fn load(
    tx: &mut Tx<'_>,
    desk: &Parts,
    who: &SignedIn,
    id: Id<Item>,
    (lang, sought): (beffroi_core::Lang, &str),
) -> Result<Loaded> {
    let (item, places) = own(tx, who, id)?;
    let waiting = item.state == item::State::Waiting;
    let cases = if waiting { proposed(tx, who, &item)? } else { Vec::new() };
    let (access, _) = entitled(tx, who)?;
    let joined = match item.case {
        Some(case) => case::find(tx, Id::from_uuid(case)).map_err(case_error)?,
        None => None,
    };
    let all = department::list(tx)?
        .into_iter()
        .map(|found| Place { slug: found.details.slug, name: found.details.name });
    let all = all.collect();
    consulted(tx, id, who)?;
    Ok(Loaded {
        papers: documents::of_owner(tx, "mail_item", id.uuid(), 200)?,
        joined: joined.filter(|case| access.allows(beffroi_cases::Right::Read, &case.department)),
        titles: titles(tx, desk, lang)?,
        found: if waiting { found(tx, who, sought)? } else { Vec::new() },
        item,
        cases,
        places,
        all,
    })
}

pub(super) async fn page_of(
    Visit { desk, commune, visitor, page, .. }: Visit,
    id: Id<Item>,
    status: StatusCode,
    mut said: Said,
) -> Result {
    let who = visitor.require()?.clone();
    let lang = page.language();
    let sought = said.sought.clone();
    let found = commune.write(visitor.by, move |tx| load(tx, &desk, &who, id, (lang, &sought))).await?;
    let Loaded { item, papers, cases, found, joined, titles, places, all } = found;
    let details = &item.details;
    let place = places.iter().find(|place| place.slug == details.department);
    let lines = [
        ("office-post-sender", sender(&item)),
        ("desk-email", details.sender_email.clone()),
        ("office-post-arrived", long_date(details.arrived_on, lang)),
        ("office-department", place.map(|place| place.name.clone()).unwrap_or_default()),
    ];
    let papers = papers.into_iter().map(|paper| {
        let state = match paper.state {
            Scanned::Clean => String::new(),
            Scanned::Received => format!(", {}", page.t("office-file-unchecked")),
            Scanned::Infected => format!(", {}", page.t("office-file-infected")),
        };
        let bytes = u64::try_from(paper.bytes).unwrap_or_default();
        Paper {
            href: if paper.state == Scanned::Clean {
                format!("/agents/courrier-arrivee/{id}/documents/{}", paper.id)
            } else {
                String::new()
            },
            detail: format!("{}, {}{state}", paper.media_type.label(), size(bytes, lang)),
            shown: if paper.state == Scanned::Clean { shown_as(paper.media_type.mime()) } else { "" },
            name: named(&page, details.source, &paper.name),
        }
    });
    let notice = match details.nature {
        Nature::Ordinary => "",
        Nature::Automatic => page.t("office-post-automatic-text"),
        Nature::Bounce => page.t("office-post-bounce-text"),
        Nature::TooLarge => page.t("office-post-too-large-text"),
    };
    let mut procedures: Vec<Choice> =
        titles.iter().map(|(slug, title)| Choice::new(slug, title, false)).collect();
    procedures.sort_by(|one, other| one.label.cmp(&other.label));
    let choice = |case: &Case, chosen: bool| {
        let title = titles.get(&case.procedure).cloned().unwrap_or_default();
        // Lists tell no name of what is sealed.
        let name = if case.sealed { submission::CONFIDENTIAL } else { &case.requester_name };
        let label = format!("{} – {title} – {name}", case.reference);
        Choice::new(&case.reference, &label, chosen)
    };
    let looked_for = !said.sought.is_empty();
    let first = |rank| rank == 0 && !item.reference.is_empty() && !looked_for;
    let cases: Vec<Choice> = cases.iter().enumerate().map(|(rank, case)| choice(case, first(rank))).collect();
    let found: Vec<Choice> = found.iter().map(|case| choice(case, false)).collect();
    if !found.is_empty() {
        // The name has done its work: what is chosen below counts now.
        said.reference.clear();
        for problem in said.problems.iter_mut().filter(|problem| problem.field == "autre") {
            "trouve".clone_into(&mut problem.field);
            page.t("office-post-choose-found").clone_into(&mut problem.message);
        }
    } else if looked_for && said.problems.is_empty() {
        said.problems = Problem::alone("autre", page.t("office-post-case-unknown"));
        said.reference.clone_from(&said.sought);
    }
    let settled = match item.state {
        item::State::Waiting => String::new(),
        item::State::Became => page.t("office-post-became").to_owned(),
        item::State::Joined => page.t("office-post-joined").to_owned(),
        item::State::Dropped => format!("{}\u{a0}: {}", page.t("office-post-dropped"), item.reason),
    };
    let departments = all.iter().filter(|place| place.slug != details.department);
    let shown = ItemPage {
        id: id.to_string(),
        subject: subject(&page, &item),
        lines: lines
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(key, value)| (page.t(key).to_owned(), value))
            .collect(),
        notice: notice.to_owned(),
        body: details.body.clone(),
        papers: papers.collect(),
        waiting: item.state == item::State::Waiting,
        settled,
        case: joined.map(|case| case.id.to_string()).unwrap_or_default(),
        procedures,
        cases,
        found,
        departments: departments.map(|place| Choice::new(&place.slug, &place.name, false)).collect(),
        said,
        page,
    };
    let frames = shown.papers.iter().any(|paper| paper.shown == "frame");
    let wrong = !shown.said.problems.is_empty();
    let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { status };
    let mut response = render_as(status, &shown)?;
    if frames {
        response.extensions_mut().insert(Framing::Around);
    }
    Ok(response)
}

pub(super) async fn show(visit: Visit, Path(id): Path<String>, Query(asked): Query<Asked>) -> Result {
    let id = id_of(&id)?;
    page_of(visit, id, StatusCode::OK, Said { done: asked.fait, ..Said::default() }).await
}

pub(super) async fn document(
    Visit { commune, visitor, .. }: Visit,
    Path((id, document)): Path<(String, String)>,
) -> Result {
    let id = id_of(&id)?;
    let who = visitor.require()?.clone();
    let document: Id<Document> = document.parse().map_err(|_| WebError::not_found())?;
    let found = commune.read(visitor.by, move |tx| paper(tx, &who, id, document)).await?;
    let mut response = stream(&commune, found).await?;
    // It is read in a frame beside what is typed from it.
    response.extensions_mut().insert(Framing::Within);
    Ok(response)
}
