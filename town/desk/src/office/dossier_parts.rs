//! The parts of a case's page, for agents: answers, exchange, documents, history.

use beffroi_cases::{
    advice::{Opinion, State as Stands},
    case::State,
    decision::{Decision, Outcome},
    exchange::{Exchange, Kind},
    missing::DocumentRequest,
};
use beffroi_core::{
    Day, Instant,
    calendar::{civil_day, long_date},
};
use beffroi_documents::{Document, State as Scan};
use beffroi_forms::spaced_phone;
use beffroi_notify::mail::Mail;
use beffroi_store::JournalEntry;
use beffroi_typeset::HouseTemplate;
use beffroi_web::Page;

use super::{dossier_read::Dossier, enclosing};
use crate::{
    document_templates::Made,
    enclosure::To,
    papers::{Unmade, Why, purpose},
    procedure::Lists,
    public::when,
    submission::Reach,
    words::{self, Event},
};

/// A question and its answer.
pub(super) struct Row {
    pub(super) label: String,
    pub(super) value: String,
    pub(super) href: String,
}

/// A page of the form, with its answers.
pub(super) struct Part {
    pub(super) title: String,
    pub(super) rows: Vec<Row>,
    pub(super) files: Vec<(String, String)>,
}

/// A message or a note.
pub(super) struct Told {
    pub(super) side: &'static str,
    pub(super) who: String,
    pub(super) date: String,
    pub(super) when: String,
    pub(super) text: String,
    /// What was joined to it.
    pub(super) files: Vec<Paper>,
}

/// A document; it has an address once it may be read.
pub(super) struct Paper {
    pub(super) href: String,
    pub(super) title: String,
    pub(super) detail: String,
}

pub(super) fn contact(page: &Page, reach: &Reach) -> Vec<(String, String)> {
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

pub(super) fn answers(page: &Page, found: &Dossier, base: &str) -> Vec<Part> {
    let lang = page.language();
    let zone = found.stationery.town.zone();
    let marked = |path: &str, value: String| match found.fetched.iter().find(|mark| mark.field == path) {
        Some(mark) if !value.is_empty() => format!("{value} – {}", mark.words(page, zone)),
        _ => value,
    };
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
                .map(|line| Row {
                    value: marked(&line.path, line.value),
                    label: line.label,
                    href: String::new(),
                })
                .collect(),
        })
        .collect()
}

pub(super) fn asked(page: &Page, request: &DocumentRequest) -> String {
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

pub(super) fn told(page: &Page, found: &Dossier, message: &Exchange, base: &str) -> Told {
    let (side, who) = match message.kind {
        Kind::FromRequester => ("requester", found.case.requester_name.clone()),
        Kind::ToRequester => ("town", found.agent(message.author)),
        Kind::Note => ("note", format!("{} – {}", page.t("office-note"), found.agent(message.author))),
    };
    let told_at = |at| when(at, found.stationery.town.zone(), page.language());
    let at = told_at(message.at);
    let read = message.read_at.filter(|_| message.kind == Kind::ToRequester);
    let read = read.map(|read| page.tr("office-message-read", &[("when", told_at(read).into())]));
    Told {
        side,
        who,
        date: message.at.to_rfc3339(),
        when: read.map_or(at.clone(), |read| format!("{at} – {read}")),
        text: message.words.clone(),
        files: found.joined_to(page, To::Message(message.id), base),
    }
}

/// A document that was joined to something: its kind, its size, and where it stands with the virus gate.
pub(super) fn enclosed(page: &Page, document: &Document, base: &str) -> Paper {
    let state = unread(page, document.state);
    Paper {
        href: if document.state == Scan::Clean {
            format!("{base}/documents/{}", document.id)
        } else {
            String::new()
        },
        title: document.name.clone(),
        detail: format!("{}{state}", enclosing::particulars(page, document)),
    }
}

/// Why a document cannot be read; `""` where it can.
fn unread(page: &Page, state: Scan) -> String {
    match state {
        Scan::Clean => String::new(),
        Scan::Received => format!(", {}", page.t("office-file-unchecked")),
        Scan::Infected => format!(", {}", page.t("office-file-infected")),
    }
}

pub(super) fn paper(page: &Page, document: &Document, base: &str, found: &Dossier) -> Paper {
    let waits = if found.unposted.contains(&document.id.uuid()) { "-unsigned" } else { "" };
    let kind = page.t(&format!("office-purpose-{}{waits}", document.purpose)).to_owned();
    let made =
        found.made.iter().find(|made| made.document == document.id).map(|made| by_template(page, made));
    let made = made.map(|made| format!(", {made}")).unwrap_or_default();
    let shown = enclosed(page, document, base);
    Paper { detail: format!("{kind}{made}, {}", shown.detail), ..shown }
}

/// By which template a document was made, and which version of it: the house's own have none.
fn by_template(page: &Page, made: &Made) -> String {
    match HouseTemplate::from_slug(&made.template) {
        Some(house) => {
            let name = page.t(&format!("office-template-house-{}", house.slug())).to_owned();
            page.tr("office-template-made-by-house", &[("template", name.into())])
        }
        None => page.tr(
            "office-template-made-by",
            &[("template", made.template.clone().into()), ("version", made.version.to_string().into())],
        ),
    }
}

/// Which document a template could not make, why, and what to do.
fn unmade(page: &Page, when: String, unmade: &Unmade) -> String {
    let why = match unmade.why {
        Why::Missing => page.t("office-template-missing").to_owned(),
        Why::Endless => page.t("office-template-endless").to_owned(),
        Why::Hungry => page.t("office-template-hungry").to_owned(),
        Why::Refused => match unmade.line {
            Some(line) => page.tr(
                "office-template-complaint",
                &[("line", line.to_string().into()), ("words", unmade.words.clone().into())],
            ),
            None => unmade.words.clone(),
        },
    };
    let told = [("template", unmade.template.clone().into()), ("when", when.into()), ("why", why.into())];
    page.tr("office-template-unmade", &told)
}

/// Which papers could not be made, which mails did not arrive, and which documents were joined to something and go to
/// nobody. They are told until the case leaves daily work.
pub(super) fn untold(page: &Page, found: &Dossier) -> Vec<String> {
    if found.case.state == State::Archived {
        return Vec::new();
    }
    let at = |instant| when(instant, found.stationery.town.zone(), page.language());
    let unpapered = |(purpose, given_up): (&String, &Instant)| {
        let paper = page.t(&format!("office-purpose-{purpose}")).to_owned();
        page.tr("office-unpapered", &[("when", at(*given_up).into()), ("paper", paper.into())])
    };
    let undelivered = |mail: &Mail| {
        let subject = mail.subject.clone().into();
        page.tr("office-undelivered", &[("when", at(mail.queued_at).into()), ("subject", subject)])
    };
    let papers = found.unpapered.papers.iter().map(unpapered);
    let of_templates = found.unpapered.unmade.iter().map(|(tried, it)| unmade(page, at(*tried), it));
    let condemned =
        |document: &&Document| document.purpose == purpose::ENCLOSURE && document.state == Scan::Infected;
    let withheld = found.documents.iter().filter(condemned).map(|document| {
        let told = [("name", document.name.clone().into()), ("when", at(document.created).into())];
        page.tr("office-enclosure-withheld", &told)
    });
    let mails = found.undelivered.iter().map(undelivered);
    papers.chain(of_templates).chain(withheld).chain(mails).collect()
}

/// An opinion in a few lines: who, when, what it says.
pub(super) struct OpinionLine {
    pub(super) look: &'static str,
    pub(super) state: String,
    /// Who was asked, and the day of the answer, or the one by which it is awaited.
    pub(super) who: String,
    pub(super) words: String,
}

pub(super) fn opinion_line(page: &Page, found: &Dossier, opinion: &Opinion) -> OpinionLine {
    let asked = match &opinion.department {
        Some(slug) => {
            let place = found.places.iter().find(|place| place.slug == *slug);
            place.map_or(slug, |place| &place.name).clone()
        }
        None => opinion.expert.clone(),
    };
    let given = opinion.answered_at.map(|at| civil_day(at, found.stationery.town.zone()));
    let (key, day) = match (opinion.state, given) {
        (Stands::Given, Some(on)) => ("office-box-opinion", Some(on)),
        (Stands::Awaited, _) => ("office-box-opinion-due", Some(opinion.due_on)),
        _ => ("office-box-opinion-closed", None),
    };
    let day = day.map(|day| long_date(day, page.language())).unwrap_or_default();
    let (look, state) = words::opinion(page, opinion, found.today);
    OpinionLine {
        look,
        state: state.to_owned(),
        who: page.tr(key, &[("who", asked.into()), ("day", day.into())]),
        words: opinion.words.clone(),
    }
}

/// What an agent is told before writing to somebody whom no mail and no letter reaches; `""` where one does.
pub(super) fn unreachable(page: &Page, found: &Dossier) -> String {
    match found.reach.phone.as_str() {
        _ if found.reach.is_reachable() => String::new(),
        "" => page.t("office-unreachable").to_owned(),
        phone => page.tr("office-unreachable-phone", &[("phone", spaced_phone(phone).into())]),
    }
}

/// What proves that the requester was told.
pub(super) fn proof(page: &Page, taken: &Decision, found: &Dossier) -> String {
    let at = |instant| when(instant, found.stationery.town.zone(), page.language()).into();
    match (taken.sent_at, taken.read_at) {
        (_, Some(read)) => page.tr("office-decision-read", &[("when", at(read))]),
        (Some(sent), None) => page.tr("office-decision-sent", &[("when", at(sent))]),
        (None, None) if !found.reach.is_reachable() => page.t("office-decision-unreachable").to_owned(),
        (None, None) => page.t("office-decision-unsent").to_owned(),
    }
}

/// An entry of the history, as agents read it: who did what, by name.
pub(super) fn event(page: &Page, found: &Dossier, entry: &JournalEntry) -> Option<Event> {
    let name = if entry.actor_kind == "account" { found.agent(entry.actor_id) } else { String::new() };
    let who = if name.is_empty() { words::side(page, entry, found.reach.account).to_owned() } else { name };
    Some(Event {
        date: entry.at.to_rfc3339(),
        when: when(entry.at, found.stationery.town.zone(), page.language()),
        title: words::inside(page, &entry.kind).or_else(|| internal(page, &entry.kind))?,
        text: if entry.kind == "case.step-action" {
            words::deed(page, &found.form, entry)
        } else {
            particulars(page, found, entry)
        },
        who,
    })
}

/// What only agents read of a case's history.
fn internal(page: &Page, kind: &str) -> Option<String> {
    ["case.labelled", "case.unlabelled"].contains(&kind).then(|| words::recorded(page, kind))
}

/// The particulars of an entry: to whom a case was given, where it went, which label it bears.
fn particulars(page: &Page, found: &Dossier, entry: &JournalEntry) -> String {
    let text = |name: &str| entry.payload.as_ref()?.get(name)?.as_str();
    match entry.kind.as_str() {
        "case.assigned" | "case.taken_up" => match text("assignee").and_then(|id| id.parse().ok()) {
            Some(id) => found.agent(Some(id)),
            None => page.t("office-nobody").to_owned(),
        },
        "case.routed" => {
            let to = text("to").unwrap_or_default();
            found
                .places
                .iter()
                .find(|place| place.slug == to)
                .map(|place| place.name.clone())
                .unwrap_or_default()
        }
        "case.stood_in" => match text("agent").and_then(|id| id.parse().ok()) {
            Some(id) => found.agent(Some(id)),
            None => String::new(),
        },
        "case.labelled" | "case.unlabelled" => text("name").unwrap_or_default().to_owned(),
        _ => words::detail(&found.form, entry, page.language()),
    }
}

/// What silence has decided, until the town decides itself.
pub(super) fn implied(page: &Page, found: &Dossier) -> String {
    let Some(implied) = found.implied.as_ref().filter(|_| found.decision.is_none()) else {
        return String::new();
    };
    let key = match implied.outcome {
        Outcome::Granted => "office-implied-granted",
        Outcome::Refused | Outcome::Closed => "office-implied-refused",
    };
    page.tr(key, &[("day", long_date(implied.deemed_on, page.language()).into())])
}

/// Until when the requester waits for the reasons of what silence refused.
pub(super) fn reasons_due(page: &Page, found: &Dossier) -> String {
    let reasons = found.implied.as_ref().and_then(|implied| implied.reasons.as_ref());
    let Some(reasons) = reasons.filter(|reasons| reasons.given_on.is_none()) else { return String::new() };
    let lang = page.language();
    let (asked, due) = (long_date(reasons.asked_on, lang), long_date(reasons.due_on, lang));
    page.tr("office-reasons-due", &[("asked", asked.into()), ("due", due.into())])
}
