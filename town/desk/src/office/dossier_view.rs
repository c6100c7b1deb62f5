//! The page of a case, for agents.

use askama::Template;
use axum::http::StatusCode;
use beffroi_cases::{
    Right,
    advice::State as Stands,
    case::State,
    decision::Outcome,
    missing::{self, Waiting},
    silence::ImpliedDecision,
};
use beffroi_core::{
    calendar::{civil_day, long_date},
    legal_clock::{Step, StepKind},
};
use beffroi_web::{FormPost, Page, Result, page::render_as, panel::Panel};
use uuid::Uuid;

use super::{
    away_words,
    dossier::{may, proposed_deadline},
    dossier_parts::{
        OpinionLine, Paper, Part, Told, answers, asked, contact, event, implied, opinion_line, paper, proof,
        reasons_due, told, unreachable, untold,
    },
    dossier_read::Dossier,
    dossier_reversed::{self, Reversed},
    enclosing::{self, Controls},
    inbox::{Clock, before_event, clock},
    timing::{self, TimeBox},
};
use crate::{
    appointed,
    booked::{self, OfCase},
    enclosure::To,
    papers::{self, purpose},
    problem::Problem,
    returned,
    submission::asked as pieces,
    words::{self, Event},
};

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
    /// Where a time is picked for it, where it waits for one.
    timing: Option<TimeBox>,
    /// How single dates of it are given back, and for whom.
    returning: Option<returned::Form>,
    returning_for: Vec<Choice>,
    /// Its appointments, and those that may be proposed.
    appointed: Vec<appointed::Line>,
    motives: Vec<Choice>,
    panels: Vec<Panel>,
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
    /// Whether the decision can be taken back, and those that were.
    reversible: bool,
    reversals: Vec<Reversed>,
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

const DONE: [&str; 23] = [
    "creneau",
    "retrait",
    "abrogation",
    "observations",
    "prendre",
    "proposer",
    "reprendre",
    "annuler",
    "rendre-dates",
    "ajouter-date",
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
    let ended = words::outcome(taken, found.implied.as_ref());
    let (look, state) =
        words::state_booked(&page, case.state, ended, booked::cancelled(found.booking.as_ref()));
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
        booked: found
            .booking
            .as_ref()
            .map(|it| OfCase::of(&page, it, found.now, found.stationery.town.zone())),
        timing: timing::is_wanted(&found.form, case, found.booking.as_ref())
            .then(|| TimeBox::of(&page, &found.form, case, found.timed.as_ref())),
        returning: found.booking.as_ref().and_then(|it| {
            let chosen = returned::Chosen::of(&typed);
            returned::Form::of(&page, it, &chosen, found.now, found.stationery.town.zone())
        }),
        returning_for: ["requester", "town"]
            .iter()
            .map(|by| {
                let label = page.t(&format!("office-returned-by-{by}")).to_owned();
                choice((*by).to_owned(), label, typed.text("par") == *by)
            })
            .collect(),
        appointed: appointed::lines(&page, &found.appointed.0, found.stationery.town.zone()),
        motives: found
            .appointed
            .1
            .iter()
            .map(|it| {
                let chosen = typed.text("rendez-vous-motif") == it.slug;
                choice(it.slug.clone(), it.read_in(lang).to_owned(), chosen)
            })
            .collect(),
        panels: found.panels.clone(),
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
        clock: before_event(
            &page,
            clock(&page, case, found.today, waiting(found).as_ref()),
            case,
            found.today,
            booked::unanswered(found.booking.as_ref(), found.stationery.town.zone()),
        ),
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
        papers: found.documents.iter().map(|document| paper(&page, document, &base, found)).collect(),
        events: found.history.iter().rev().filter_map(|entry| event(&page, found, entry)).collect(),
        decision: taken
            .map(|taken| {
                let number = taken.number.as_ref().map(|it| format!(", n°\u{a0}{it}")).unwrap_or_default();
                format!("{state} – {}{number}", long_date(taken.decided_on, lang))
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
        reversible: dossier_reversed::is_reversible(found),
        reversals: dossier_reversed::lines(&page, found, &base),
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
