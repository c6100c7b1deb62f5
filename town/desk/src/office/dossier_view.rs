//! The page of a case, for agents.

use std::sync::Arc;

use askama::Template;
use beffroi_cases::{
    Access, Right,
    case::{Case, State},
    decision::{self, Decision, Outcome},
    exchange::{self, Exchange, Kind},
    missing::{self, DocumentRequest},
};
use beffroi_core::{
    Day, Lang,
    calendar::{civil_day, long_date},
    legal_clock::LegalDates,
};
use beffroi_documents::{self as documents, Document, State as Scan};
use beffroi_forms::{CompiledForm, spaced_phone};
use beffroi_people::{Account, account, department};
use beffroi_store::{JournalEntry, Tx, journal};
use beffroi_web::{Page, Result, WebError, render};
use uuid::Uuid;

use super::{
    dossier::{Just, may, proposed_deadline},
    inbox::{Clock, clock},
};
use crate::{
    Parts,
    control::{Problem, size},
    papers::Stationery,
    permission::Place,
    procedure::Lists,
    public::when,
    submission::{self, Reach},
    visit::case_error,
    words,
};

/// Messages, documents and entries that the page shows.
const SHOWN_AT_MOST: u32 = 300;

/// All that the page shows.
pub(super) struct Dossier {
    case: Case,
    access: Access,
    form: Arc<CompiledForm>,
    stationery: Stationery,
    reach: Reach,
    today: Day,
    dates: LegalDates,
    requests: Vec<DocumentRequest>,
    exchange: Vec<Exchange>,
    decision: Option<Decision>,
    documents: Vec<Document>,
    history: Vec<JournalEntry>,
    agents: Vec<Account>,
    places: Vec<Place>,
}

impl Dossier {
    pub(super) fn load(tx: &mut Tx<'_>, desk: &Parts, access: &Access, case: Case) -> Result<Self> {
        let form = desk
            .shelf
            .version(tx, &case.procedure, case.procedure_version)?
            .ok_or_else(WebError::not_found)?;
        let id = case.id;
        let stationery = Stationery::load(tx, &case.department)?;
        let today = civil_day(tx.now(), stationery.town.zone());
        let places = department::list(tx)?
            .into_iter()
            .map(|department| Place { slug: department.details.slug, name: department.details.name })
            .collect();
        Ok(Self {
            reach: submission::reach(tx, id)?.ok_or_else(WebError::not_found)?,
            dates: missing::dates(tx, &case, today, stationery.town.holidays()).map_err(case_error)?,
            requests: missing::of_case(tx, id).map_err(case_error)?,
            exchange: exchange::everything(tx, access, id, None, SHOWN_AT_MOST).map_err(case_error)?,
            decision: decision::of_case(tx, id).map_err(case_error)?,
            documents: documents::of_owner(tx, "case", id.uuid(), SHOWN_AT_MOST)?,
            history: journal::of_subject(tx, "case", id.uuid(), SHOWN_AT_MOST)?,
            agents: account::agents(tx)?,
            access: access.clone(),
            places,
            today,
            stationery,
            form,
            case,
        })
    }

    fn agent(&self, id: Option<Uuid>) -> String {
        let found = self.agents.iter().find(|agent| Some(agent.id.uuid()) == id);
        found.map(|agent| agent.display_name.clone()).unwrap_or_default()
    }
}

struct Row {
    label: String,
    value: String,
    href: String,
}

struct Part {
    title: String,
    rows: Vec<Row>,
    files: Vec<(String, String)>,
}

struct Said {
    side: &'static str,
    who: String,
    date: String,
    when: String,
    text: String,
}

struct Event {
    date: String,
    when: String,
    title: String,
    text: String,
    who: String,
}

struct Paper {
    href: String,
    title: String,
    detail: String,
}

struct Choice {
    value: String,
    label: String,
    hint: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "office/case.html")]
#[expect(clippy::struct_excessive_bools, reason = "each shows a part of the page")]
struct CasePage {
    page: Page,
    done: String,
    problems: Vec<Problem>,
    base: String,
    title: String,
    reference: String,
    requester: String,
    contact: Vec<(String, String)>,
    look: &'static str,
    state: String,
    clock: Clock,
    steps: Vec<(String, String)>,
    channel: String,
    typed_by: String,
    assignee: String,
    parts: Vec<Part>,
    missing: Vec<(String, String)>,
    messages: Vec<Said>,
    papers: Vec<Paper>,
    events: Vec<Event>,
    decision: String,
    decision_reasons: String,
    decision_proof: String,
    handle: bool,
    decide: bool,
    open: bool,
    fresh: bool,
    waiting: bool,
    decided: bool,
    formal: bool,
    agents: Vec<Choice>,
    places: Vec<Choice>,
    outcomes: Vec<Choice>,
    signatory_name: String,
    signatory_quality: String,
    deadline: String,
}

impl CasePage {
    fn problem(&self, field: &str) -> &str {
        self.problems
            .iter()
            .find(|problem| problem.field == field)
            .map_or("", |problem| problem.message.as_str())
    }
}

/// What the page says when something is missing in a form: the control, and the key of the text.
const MISSING: [(&str, &str); 9] = [
    ("service", "office-missing-department"),
    ("message", "office-missing-message"),
    ("note", "office-missing-note"),
    ("pieces", "office-missing-pieces"),
    ("deadline", "office-missing-deadline"),
    ("outcome", "office-missing-outcome"),
    ("reasons", "office-missing-reasons"),
    ("signatory_name", "office-missing-signatory"),
    ("signatory_quality", "office-missing-quality"),
];

const DONE: [&str; 8] =
    ["prendre", "attribuer", "transmettre", "message", "note", "pieces", "recues", "decision"];

#[expect(clippy::too_many_lines, reason = "one line for each thing that the page shows")]
pub(super) fn show(page: Page, found: &Dossier, just: &Just) -> Result {
    let lang = page.language();
    let zone = found.stationery.town.zone();
    let case = &found.case;
    let base = format!("/agents/dossiers/{}", case.id);
    let taken = found.decision.as_ref();
    let (look, state) = words::state(&page, case.state, taken.map(|taken| taken.outcome));
    let problems: Vec<Problem> = MISSING
        .iter()
        .filter(|(field, _)| *field == just.erreur)
        .map(|(field, key)| Problem { field: (*field).to_owned(), message: page.t(key).to_owned() })
        .collect();
    let done = if DONE.contains(&just.fait.as_str()) {
        page.t(&format!("office-done-{}", just.fait)).to_owned()
    } else {
        String::new()
    };
    let signatory = found.stationery.signatory();
    let choice =
        |value: String, label: String, chosen: bool| Choice { value, label, hint: String::new(), chosen };
    let outcome =
        |outcome: Outcome, key: &str| choice(outcome.as_str().to_owned(), page.t(key).to_owned(), false);
    let template = CasePage {
        title: found.form.procedure().title.text(lang).to_owned(),
        reference: case.reference.clone(),
        requester: case.requester_name.clone(),
        contact: contact(&page, &found.reach),
        clock: clock(&page, case, found.today),
        steps: found
            .dates
            .steps
            .iter()
            .map(|step| (long_date(step.day, lang), step.sentence(lang)))
            .collect(),
        channel: page.t(&format!("office-channel-{}", case.channel.as_str())).to_owned(),
        typed_by: found.agent(case.typed_by),
        assignee: found.agent(case.assignee),
        parts: answers(found, lang, &base),
        missing: found
            .requests
            .iter()
            .map(|request| (request.pieces.clone(), asked(&page, request)))
            .collect(),
        messages: found.exchange.iter().map(|message| said(&page, found, message)).collect(),
        papers: found.documents.iter().map(|document| paper(&page, document, &base)).collect(),
        events: found
            .history
            .iter()
            .rev()
            .filter_map(|entry| {
                let who = match entry.actor_kind.as_str() {
                    "account" => found.agent(entry.actor_id),
                    _ => words::side(&page, entry).to_owned(),
                };
                Some(Event {
                    date: entry.at.to_rfc3339(),
                    when: when(entry.at, zone, lang),
                    title: words::event(&page, &entry.kind)?,
                    text: String::new(),
                    who,
                })
            })
            .collect(),
        decision: taken
            .map(|taken| {
                let number = taken.number.clone().unwrap_or_default();
                format!("{state} – {} {number}", long_date(taken.decided_on, lang))
            })
            .unwrap_or_default(),
        decision_reasons: taken.map(|taken| taken.reasons.clone()).unwrap_or_default(),
        decision_proof: taken.map(|taken| proof(&page, taken, found)).unwrap_or_default(),
        handle: may(&found.access, Right::Handle, case),
        decide: may(&found.access, Right::Decide, case),
        open: case.state.is_open(),
        fresh: case.state == State::Received,
        waiting: case.state == State::Waiting,
        decided: matches!(case.state, State::Decided | State::Withdrawn),
        formal: found.form.procedure().decision.formal,
        agents: std::iter::once(choice(
            String::new(),
            page.t("office-nobody").to_owned(),
            case.assignee.is_none(),
        ))
        .chain(found.agents.iter().map(|agent| {
            choice(agent.id.to_string(), agent.display_name.clone(), Some(agent.id.uuid()) == case.assignee)
        }))
        .collect(),
        places: found
            .places
            .iter()
            .filter(|place| place.slug != case.department)
            .map(|place| choice(place.slug.clone(), place.name.clone(), false))
            .collect(),
        outcomes: vec![
            outcome(Outcome::Granted, "office-outcome-granted"),
            outcome(Outcome::Refused, "office-outcome-refused"),
            outcome(Outcome::Closed, "office-outcome-closed"),
        ],
        signatory_name: format!("{} {}", signatory.first_name, signatory.name).trim().to_owned(),
        signatory_quality: signatory.quality,
        deadline: proposed_deadline(found.today, lang),
        look,
        state,
        done,
        problems,
        base,
        page,
    };
    render(&template)
}

fn contact(page: &Page, reach: &Reach) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    for (key, value) in [
        ("desk-email", reach.email.clone()),
        ("office-phone", spaced_phone(&reach.phone)),
        ("office-address", reach.letter_lines.get(1..).unwrap_or_default().join(", ")),
    ] {
        if !value.is_empty() {
            lines.push((page.t(key).to_owned(), value));
        }
    }
    if reach.by_letter {
        lines.push((page.t("office-prefers").to_owned(), page.t("office-by-letter").to_owned()));
    }
    lines
}

fn answers(found: &Dossier, lang: Lang, base: &str) -> Vec<Part> {
    let answers = found.case.answers.as_object().cloned().unwrap_or_default();
    let sections = found.form.sections(&answers, None, lang, &Lists);
    sections
        .into_iter()
        .map(|section| Part {
            title: section.title,
            files: section
                .lines
                .iter()
                .flat_map(|line| &line.files)
                .map(|(document, name)| (format!("{base}/documents/{document}"), name.clone()))
                .collect(),
            rows: section
                .lines
                .into_iter()
                .map(|line| Row { label: line.label, value: line.value, href: String::new() })
                .collect(),
        })
        .collect()
}

fn asked(page: &Page, request: &DocumentRequest) -> String {
    let lang = page.language();
    let day = |day: Day| long_date(day, lang).into();
    match (request.arrived_on, request.deadline) {
        (Some(arrived), _) => {
            page.tr("office-pieces-arrived", &[("asked", day(request.asked_on)), ("arrived", day(arrived))])
        }
        (None, Some(until)) => {
            page.tr("office-pieces-awaited", &[("asked", day(request.asked_on)), ("until", day(until))])
        }
        (None, None) => page.tr("office-pieces-asked", &[("asked", day(request.asked_on))]),
    }
}

fn said(page: &Page, found: &Dossier, message: &Exchange) -> Said {
    let (side, who) = match message.kind {
        Kind::FromRequester => ("requester", found.case.requester_name.clone()),
        Kind::ToRequester => ("town", found.agent(message.author)),
        Kind::Note => ("note", format!("{} – {}", page.t("office-note"), found.agent(message.author))),
    };
    Said {
        side,
        who,
        date: message.at.to_rfc3339(),
        when: when(message.at, found.stationery.town.zone(), page.language()),
        text: message.words.clone(),
    }
}

fn paper(page: &Page, document: &Document, base: &str) -> Paper {
    let bytes = u64::try_from(document.bytes).unwrap_or_default();
    let state = match document.state {
        Scan::Clean => "",
        Scan::Received => page.t("office-file-unchecked"),
        Scan::Infected => page.t("office-file-infected"),
    };
    let kind = page.t(&format!("office-purpose-{}", document.purpose)).to_owned();
    let state = if state.is_empty() { String::new() } else { format!(", {state}") };
    Paper {
        href: if document.state == Scan::Clean {
            format!("{base}/documents/{}", document.id)
        } else {
            String::new()
        },
        title: document.name.clone(),
        detail: format!("{kind}, {}, {}{state}", document.media_type.label(), size(bytes, page.language())),
    }
}

/// What proves that the requester was told.
fn proof(page: &Page, taken: &Decision, found: &Dossier) -> String {
    let at = |instant| when(instant, found.stationery.town.zone(), page.language()).into();
    match (taken.sent_at, taken.read_at) {
        (_, Some(read)) => page.tr("office-decision-read", &[("when", at(read))]),
        (Some(sent), None) => page.tr("office-decision-sent", &[("when", at(sent))]),
        (None, None) => page.t("office-decision-unsent").to_owned(),
    }
}
