//! The page of a case, for agents.

use std::sync::Arc;

use askama::Template;
use axum::http::StatusCode;
use beffroi_calendar::booking::Booking;
use beffroi_cases::{
    Access, Right,
    advice::{self, Opinion, State as Stands},
    case::{Case, State},
    decision::{self, Decision, Outcome},
    exchange::{self, Exchange},
    label::{self, Label},
    missing::{self, DocumentRequest, Waiting},
    silence::{self, ImpliedDecision},
    task,
};
use beffroi_core::{
    Day, Id,
    calendar::{civil_day, long_date},
    legal_clock::{LegalDates, Step, StepKind},
};
use beffroi_documents::{self as documents, Document};
use beffroi_forms::CompiledForm;
use beffroi_notify::{
    About,
    mail::{self, Mail},
};
use beffroi_people::{Account, account, department};
use beffroi_store::{JournalEntry, Tx, journal};
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as};
use uuid::Uuid;

use super::{
    away_words,
    dossier::{may, proposed_deadline},
    dossier_parts::{
        Event, OpinionLine, Paper, Part, Told, answers, asked, contact, enclosed, event, implied,
        opinion_line, paper, proof, reasons_due, told, unreachable, untold,
    },
    enclosing::{self, Controls},
    inbox::{Clock, clock},
};
use crate::{
    Parts,
    booked::{self, OfCase},
    daily::{
        absence::{self, Away},
        reply,
        signatory::{self, Signatory},
    },
    document_templates::{self, Made},
    enclosure::{self, Joined, To},
    fetched,
    papers::{self, Missing, Stationery, missing_papers, purpose},
    permission::{self, Place},
    problem::Problem,
    submission::{self, Reach, asked as pieces},
    visit::case_error,
    words,
};

/// Messages, documents and entries that the page shows.
const SHOWN_AT_MOST: u32 = 300;

/// Mails that did not arrive, told at the head of the page.
const UNDELIVERED_AT_MOST: u32 = 3;

/// All that the page shows.
pub(super) struct Dossier {
    pub(super) case: Case,
    pub(super) access: Access,
    pub(super) form: Arc<CompiledForm>,
    pub(super) stationery: Stationery,
    pub(super) reach: Reach,
    pub(super) today: Day,
    pub(super) dates: LegalDates,
    pub(super) requests: Vec<DocumentRequest>,
    /// Which documents were sent for what was asked for.
    pub(super) sent: Vec<pieces::Sent>,
    pub(super) exchange: Vec<Exchange>,
    pub(super) decision: Option<Decision>,
    pub(super) implied: Option<ImpliedDecision>,
    pub(super) documents: Vec<Document>,
    /// What is joined to messages and to the decision, and the files that wait to be.
    pub(super) joined: Joined,
    pub(super) waiting: Vec<Document>,
    pub(super) history: Vec<JournalEntry>,
    pub(super) undelivered: Vec<Mail>,
    /// Papers that could not be made.
    pub(super) unpapered: Missing,
    /// Which templates made documents.
    pub(super) made: Vec<Made>,
    pub(super) agents: Vec<Account>,
    /// Those to whom the case may be given.
    pub(super) handlers: Vec<Id<Account>>,
    pub(super) places: Vec<Place>,
    /// The answers that the State has given.
    pub(super) fetched: Vec<fetched::Mark>,
    /// Whether other cases of the person may be asked for.
    pub(super) across: bool,
    /// The opinions that were asked for.
    pub(super) opinions: Vec<Opinion>,
    /// How many tasks are open.
    pub(super) tasks: i64,
    /// The labels on the case, and all those of its department.
    pub(super) labels: (Vec<Label>, Vec<Label>),
    pub(super) replies: Vec<reply::Template>,
    pub(super) away: Away,
    /// Those who sign for the department.
    pub(super) signatories: Vec<Signatory>,
    /// What was booked for it.
    pub(super) booking: Option<Booking>,
}

impl Dossier {
    /// The agent, where the case can be given to them.
    pub(super) fn takes(&self, me: Id<Account>) -> Option<Uuid> {
        self.handlers.contains(&me).then(|| me.uuid())
    }

    /// The message that a reply template begins, filled from the case.
    pub(super) fn reply(&self, id: &str) -> Option<String> {
        let template = self.replies.iter().find(|template| template.id.to_string() == id)?;
        let service = self.places.iter().find(|place| place.slug == self.case.department);
        let service = service.map(|place| place.name.as_str()).unwrap_or_default();
        Some(reply::fill(&template.body, &self.case, &self.form.procedure().title.fr, service))
    }

    pub(super) fn load(tx: &mut Tx<'_>, desk: &Parts, access: &Access, case: Case) -> Result<Self> {
        let form = desk
            .shelf
            .version(tx, &case.procedure, case.procedure_version)?
            .ok_or_else(WebError::not_found)?;
        let id = case.id;
        let asks = form.fields().any(|(_, field)| field.fetch.is_some());
        let fetched = if asks { fetched::of_case(tx, id)? } else { Vec::new() };
        let stationery = Stationery::load(tx, &case.department)?;
        let today = civil_day(tx.now(), stationery.town.zone());
        let places = department::list(tx)?
            .into_iter()
            .map(|department| Place { slug: department.details.slug, name: department.details.name })
            .collect();
        let reach = submission::reach(tx, id)?.ok_or_else(WebError::not_found)?;
        let requests = missing::of_case(tx, id).map_err(case_error)?;
        let documents = documents::of_owner(tx, "case", id.uuid(), SHOWN_AT_MOST)?;
        Ok(Self {
            opinions: advice::of_case(tx, id)?,
            tasks: task::open_count(tx, id)?,
            across: crate::space::may_ask(tx, access, &case, reach.account)?,
            reach,
            dates: missing::dates_if_complete(&case, &requests, today, stationery.town.holidays())
                .map_err(case_error)?,
            requests,
            sent: pieces::sent(tx, id)?,
            exchange: exchange::everything(tx, access, id, SHOWN_AT_MOST).map_err(case_error)?,
            decision: decision::of_case(tx, id).map_err(case_error)?,
            implied: silence::of_case(tx, id).map_err(case_error)?,
            joined: enclosure::of_case(tx, id, &documents)?,
            documents,
            waiting: enclosure::waiting(tx, id)?,
            history: journal::of_subject(tx, "case", id.uuid(), SHOWN_AT_MOST)?,
            undelivered: mail::undelivered(tx, About { kind: "case", id: id.uuid() }, UNDELIVERED_AT_MOST)?,
            unpapered: missing_papers(tx, id)?,
            made: document_templates::made(tx, id)?,
            agents: account::agents(tx)?,
            handlers: permission::handlers(tx, &case.department)?,
            labels: (
                label::of_cases(tx, &[id.uuid()])?.remove(&id.uuid()).unwrap_or_default(),
                label::of_departments(tx, &[&case.department])?,
            ),
            replies: reply::of_departments(tx, &[&case.department])?
                .into_iter()
                .filter(|template| [case.procedure.as_str(), ""].contains(&template.procedure.as_str()))
                .collect(),
            away: absence::away(tx, today)?,
            signatories: signatory::who_sign(tx, &case.department, &stationery.town)?,
            booking: booked::of_case(tx, &form, id)?,
            access: access.clone(),
            places,
            today,
            fetched,
            stationery,
            form,
            case,
        })
    }

    /// What was joined to something, as lists of documents show it.
    pub(super) fn joined_to(&self, page: &Page, to: To, base: &str) -> Vec<Paper> {
        let joined = self.joined.get(&to.id()).into_iter().flatten();
        joined.map(|document| enclosed(page, document, base)).collect()
    }

    /// The agents to whom the case may be given, and the one who follows it, even where they no longer could.
    fn eligible(&self) -> impl Iterator<Item = &Account> {
        let follows = |agent: &Account| Some(agent.id.uuid()) == self.case.assignee;
        self.agents.iter().filter(move |agent| self.handlers.contains(&agent.id) || follows(agent))
    }

    /// The name of an agent; `""` where nobody has this id.
    pub(super) fn agent(&self, id: Option<Uuid>) -> String {
        let found = self.agents.iter().find(|agent| Some(agent.id.uuid()) == id);
        found.map(|agent| agent.display_name.clone()).unwrap_or_default()
    }
}

pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) hint: String,
    pub(super) chosen: bool,
}

/// A day of the legal clock.
struct ClockStep {
    day: String,
    text: String,
    /// What was done of it, and when; `""` where nothing was.
    done: String,
}

#[derive(Template)]
#[template(path = "office/case.html")]
#[expect(clippy::struct_excessive_bools, reason = "each shows a part of the page")]
struct CasePage {
    page: Page,
    booked: Option<OfCase>,
    done: String,
    /// What did not reach the requester, and must be told otherwise.
    untold: Vec<String>,
    /// What silence has decided; `""` where it has decided nothing.
    implied: String,
    /// Until when reasons are awaited; `""` where nobody waits.
    reasons_due: String,
    /// Whether an agent may write down that the reasons of an implied refusal are asked for.
    reasons_open: bool,
    /// Whether silence has granted the request: its certificate may be asked for.
    certified: bool,
    problems: Vec<Problem>,
    /// The word of the form that is shown again.
    again: String,
    typed: FormPost,
    /// What was typed in a form that the case has left behind.
    unsent: Vec<(String, String)>,
    base: String,
    across: bool,
    title: String,
    reference: String,
    requester: String,
    beneficiary: String,
    contact: Vec<(String, String)>,
    look: &'static str,
    state: String,
    clock: Clock,
    steps: Vec<ClockStep>,
    channel: String,
    typed_by: String,
    assignee: String,
    parts: Vec<Part>,
    /// What was asked for, each piece with whether it has come; and when it was asked for.
    missing: Vec<(Vec<pieces::Piece>, String)>,
    messages: Vec<Told>,
    papers: Vec<Paper>,
    events: Vec<Event>,
    decision: String,
    decision_reasons: String,
    /// What was joined to it.
    decision_joined: Vec<Paper>,
    decision_proof: String,
    /// Who signed, in which quality and by which delegation.
    decision_signed: String,
    handle: bool,
    decide: bool,
    /// What the case has reached between receipt and decision.
    step: String,
    /// What it can reach.
    to_reach: Vec<Choice>,
    open: bool,
    fresh: bool,
    waiting: bool,
    decided: bool,
    /// Opinions and tasks that are open, in words.
    pending: Vec<String>,
    /// The opinions that were asked for.
    opinions: Vec<OpinionLine>,
    /// That the time given for what is missing is over; `""` while it is not.
    over: String,
    formal: bool,
    agents: Vec<Choice>,
    places: Vec<Choice>,
    /// The labels on the case: id, colour and word.
    labels: Vec<(String, &'static str, String)>,
    /// Those that can be added.
    other_labels: Vec<Choice>,
    /// Reply templates: id, name, and what each writes here.
    replies: Vec<(String, String, String)>,
    /// That no message can be sent to the requester; `""` where it can.
    unreachable: String,
    /// The agent who looks, where the case can be given to them.
    to_me: String,
    outcomes: Vec<Choice>,
    /// Those who were appointed to sign, of whom one is chosen.
    signatories: Vec<Choice>,
    /// Who signs where nobody was appointed; `""` where nobody does.
    signs: String,
    deadline: String,
    /// What can be joined to a message, and to the decision.
    to_message: Controls,
    to_decision: Controls,
}

impl CasePage {
    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }

    /// What was typed in a control, where the page is shown again.
    fn typed(&self, field: &str) -> &str {
        self.typed.get(field).unwrap_or_default()
    }
}

/// What the page says beside the case itself: what was just done, or what is wrong and what was typed.
#[derive(Default)]
pub(super) struct Said {
    /// The word of what was just done.
    pub(super) done: String,
    /// What is wrong, each beside its field.
    pub(super) problems: Vec<Problem>,
    /// The word of the form that is shown again.
    pub(super) form: String,
    /// What was typed in it.
    pub(super) typed: FormPost,
    /// Who looks, where the case can be given to them.
    pub(super) me: Option<Uuid>,
}

/// What has been written at length, in which form, and what it is called: it is shown even where the form is gone.
const WRITTEN: [(&str, &str, &str); 3] = [
    ("pieces", "pieces", "office-pieces"),
    ("decision", "reasons", "office-reasons"),
    ("motifs", "motifs", "office-explain"),
];

const DONE: [&str; 14] = [
    "prendre",
    "attribuer",
    "transmettre",
    "message",
    "note",
    "pieces",
    "recues",
    "etape",
    "decision",
    "motifs",
    "motifs-demandes",
    "code",
    "etiqueter",
    "decoller",
];

/// The steps of the procedure, where the case can reach one; none is chosen beforehand.
fn steps_to_reach(page: &Page, found: &Dossier) -> Vec<Choice> {
    let steps = &found.form.procedure().steps;
    if steps.is_empty() || !found.case.state.is_under_instruction() {
        return Vec::new();
    }
    let choice = |value: &str, label: &str| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        hint: String::new(),
        chosen: found.case.step.as_deref().unwrap_or_default() == value,
    };
    std::iter::once(choice("", page.t("office-no-step")))
        .chain(steps.iter().map(|step| choice(&step.id, step.label.text(page.language()))))
        .collect()
}

/// Since when what the law asks by that day is done; `""` where it is not.
fn done_on(page: &Page, found: &Dossier, kind: &StepKind) -> String {
    let zone = found.stationery.town.zone();
    let (key, at) = match kind {
        StepKind::RegisterBy => {
            let received = found.history.iter().find(|entry| entry.kind == "case.received");
            ("office-clock-registered", received.map(|entry| entry.at))
        }
        StepKind::AcknowledgeBy { .. } => {
            let papers = found.documents.iter();
            let receipt = papers.filter(|paper| paper.purpose == purpose::ACKNOWLEDGEMENT);
            ("office-clock-acknowledged", receipt.map(|paper| paper.created).min())
        }
        _ => return String::new(),
    };
    at.map(|at| page.tr(key, &[("day", long_date(civil_day(at, zone), page.language()).into())]))
        .unwrap_or_default()
}

/// What is awaited of others, in words.
fn pending(page: &Page, found: &Dossier) -> Vec<String> {
    let awaited = found.opinions.iter().filter(|it| it.state == Stands::Awaited);
    let late = count(awaited.clone().filter(|it| it.is_late(found.today)));
    let awaited = count(awaited);
    let mut said = Vec::new();
    if awaited > 0 {
        said.push(page.tr("office-box-opinions", &[("awaited", awaited.into()), ("late", late.into())]));
    }
    said.extend(tasks(page, found));
    said
}

fn count(some: impl Iterator) -> i64 {
    i64::try_from(some.count()).unwrap_or(i64::MAX)
}

/// Which tasks are open, in words; `None` where none is.
pub(super) fn tasks(page: &Page, found: &Dossier) -> Option<String> {
    let open = found.tasks;
    (open > 0).then(|| page.tr("office-box-tasks", &[("open", open.into())]))
}

/// That the time given for what is missing is over; `None` while it is not.
pub(super) fn over(page: &Page, found: &Dossier) -> Option<String> {
    let since = missing::over_since(&found.case, &found.requests, found.today)?;
    Some(page.tr("office-documents-over-since", &[("day", long_date(since, page.language()).into())]))
}

/// What the case comes to while it waits for documents.
fn waiting(found: &Dossier) -> Option<Waiting> {
    let over_since = missing::over_since(&found.case, &found.requests, found.today);
    let waits = found.case.state == State::Waiting;
    waits.then_some(Waiting { deemed_on: found.dates.deemed_on, over_since })
}

/// How the legal dates came about; of a case that the town has decided, no more what silence would have.
fn clock_steps(page: &Page, found: &Dossier) -> Vec<ClockStep> {
    let lang = page.language();
    let told = |step: &Step| ClockStep {
        day: long_date(step.day, lang),
        text: step.sentence(lang),
        done: done_on(page, found, &step.kind),
    };
    let taken = found.decision.as_ref();
    if found.case.state.is_open() || (found.implied.is_some() && taken.is_none()) {
        return papers::told_steps(&found.form, &found.dates).map(told).collect();
    }
    let ended_on = taken.map(|taken| taken.decided_on);
    papers::told_steps_of_ended(&found.form, &found.dates, ended_on).map(told).collect()
}

/// Whether reasons of what silence decided may still be asked for, on some day that is past: a letter may have waited.
fn may_be_explained(implied: &ImpliedDecision) -> bool {
    implied.reasons_can_be_asked(implied.deemed_on)
}

#[expect(clippy::too_many_lines, reason = "one line for each thing that the page shows")]
pub(super) fn show(page: Page, status: StatusCode, found: &Dossier, said: Said) -> Result {
    let lang = page.language();
    let case = &found.case;
    let base = format!("/agents/dossiers/{}", case.id);
    let taken = found.decision.as_ref();
    let (look, state) = words::state(&page, case.state, words::outcome(taken, found.implied.as_ref()));
    let done = if DONE.contains(&said.done.as_str()) {
        page.t(&format!("office-done-{}", said.done)).to_owned()
    } else {
        String::new()
    };
    let typed = said.typed;
    let open = case.state.is_open();
    let awaited = reasons_due(&page, found);
    let gone = |form: &str| if form == "motifs" { awaited.is_empty() } else { !open };
    let unsent = WRITTEN
        .iter()
        .filter(|(form, field, _)| gone(form) && *form == said.form && !typed.text(field).is_empty())
        .map(|(_, field, key)| (page.t(key).to_owned(), typed.text(field).to_owned()))
        .collect();
    let choice =
        |value: String, label: String, chosen: bool| Choice { value, label, hint: String::new(), chosen };
    let outcome = |outcome: Outcome, key: &str| {
        let word = outcome.as_str();
        choice(word.to_owned(), page.t(key).to_owned(), typed.text("outcome") == word)
    };
    let template = CasePage {
        booked: found.booking.as_ref().map(|it| OfCase::of(&page, it, found.stationery.town.zone())),
        across: found.across,
        title: found.form.procedure().title.text(lang).to_owned(),
        reference: case.reference.clone(),
        requester: case.requester_name.clone(),
        beneficiary: case.beneficiary_name.clone(),
        contact: contact(&page, &found.reach),
        untold: untold(&page, found),
        implied: implied(&page, found),
        reasons_due: awaited,
        reasons_open: open && found.implied.as_ref().is_some_and(may_be_explained),
        certified: found.implied.as_ref().is_some_and(|implied| implied.outcome == Outcome::Granted),
        clock: clock(&page, case, found.today, waiting(found).as_ref()),
        steps: clock_steps(&page, found),
        channel: page.t(&format!("office-channel-{}", case.channel.as_str())).to_owned(),
        typed_by: found.agent(case.typed_by),
        assignee: found.agent(case.assignee),
        parts: answers(&page, found, &base),
        missing: found
            .requests
            .iter()
            .map(|request| {
                let each = pieces::of_request(request, &found.sent, &found.documents);
                (each, asked(&page, request))
            })
            .collect(),
        messages: found.exchange.iter().map(|message| told(&page, found, message, &base)).collect(),
        papers: found.documents.iter().map(|document| paper(&page, document, &base, &found.made)).collect(),
        events: found.history.iter().rev().filter_map(|entry| event(&page, found, entry)).collect(),
        decision: taken
            .map(|taken| {
                let number = taken.number.clone().unwrap_or_default();
                format!("{state} – {} {number}", long_date(taken.decided_on, lang))
            })
            .unwrap_or_default(),
        decision_reasons: taken.map(|taken| taken.reasons.clone()).unwrap_or_default(),
        decision_joined: found.joined_to(&page, To::Decision(case.id), &base),
        decision_signed: taken
            .map(|taken| {
                words::signs(&taken.signatory_name, &taken.signatory_quality, &taken.signatory_delegation)
            })
            .unwrap_or_default(),
        decision_proof: taken.map(|taken| proof(&page, taken, found)).unwrap_or_default(),
        handle: may(&found.access, Right::Handle, case),
        decide: may(&found.access, Right::Decide, case),
        step: words::step(&found.form, case.step.as_deref(), lang),
        to_reach: steps_to_reach(&page, found),
        open,
        fresh: case.state == State::Received,
        waiting: case.state == State::Waiting,
        decided: matches!(case.state, State::Decided | State::Withdrawn | State::Transferred),
        pending: pending(&page, found),
        opinions: found.opinions.iter().map(|it| opinion_line(&page, found, it)).collect(),
        over: over(&page, found).unwrap_or_default(),
        formal: found.form.procedure().decision.formal,
        agents: std::iter::once(choice(
            String::new(),
            page.t("office-nobody").to_owned(),
            case.assignee.is_none(),
        ))
        .chain(found.eligible().map(|agent| {
            let away = found.away.of(agent.id.uuid());
            let away = away.map(|absence| away_words(&page, absence, |id| found.agent(Some(id))));
            let name = match away {
                Some(away) => format!("{} ({away})", agent.display_name),
                None => agent.display_name.clone(),
            };
            choice(agent.id.to_string(), name, Some(agent.id.uuid()) == case.assignee)
        }))
        .collect(),
        labels: found
            .labels
            .0
            .iter()
            .map(|label| (label.id.to_string(), label.colour.as_str(), label.name.clone()))
            .collect(),
        other_labels: found
            .labels
            .1
            .iter()
            .filter(|label| !found.labels.0.contains(label))
            .map(|label| choice(label.id.to_string(), label.name.clone(), false))
            .collect(),
        replies: found
            .replies
            .iter()
            .map(|template| {
                let id = template.id.to_string();
                let text = found.reply(&id).unwrap_or_default();
                (id, template.name.clone(), text)
            })
            .collect(),
        unreachable: unreachable(&page, found),
        to_me: said.me.filter(|me| Some(*me) != case.assignee).map(|me| me.to_string()).unwrap_or_default(),
        places: found
            .places
            .iter()
            .filter(|place| place.slug != case.department)
            .map(|place| choice(place.slug.clone(), place.name.clone(), typed.text("service") == place.slug))
            .collect(),
        outcomes: vec![
            outcome(Outcome::Granted, "office-outcome-granted"),
            outcome(Outcome::Refused, "office-outcome-refused"),
            outcome(Outcome::Closed, "office-outcome-closed"),
        ],
        signatories: found
            .signatories
            .iter()
            .filter(|it| !it.is_of_town())
            .map(|it| {
                let id = it.id.to_string();
                let chosen = typed.text("signatory") == id || found.signatories.len() == 1;
                Choice {
                    label: words::signs(&it.name, &it.quality, ""),
                    hint: it.delegation.clone(),
                    value: id,
                    chosen,
                }
            })
            .collect(),
        signs: found
            .signatories
            .iter()
            .find(|it| it.is_of_town())
            .map(|it| words::signs(&it.name, &it.quality, ""))
            .unwrap_or_default(),
        deadline: proposed_deadline(found.today, lang),
        to_message: Controls::new(&page, &enclosing::MESSAGE, found, &typed, &said.problems),
        to_decision: Controls::new(&page, &enclosing::DECISION, found, &typed, &said.problems),
        look,
        state,
        done,
        problems: said.problems,
        again: said.form,
        unsent,
        typed,
        base,
        page,
    };
    render_as(status, &template)
}
