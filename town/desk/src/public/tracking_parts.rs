//! What the page of a request tells of it in the reader's words: how far it is, what silence has decided, what was written,
//! and what has happened.

use beffroi_cases::{
    case::State,
    decision::{Decision, Outcome},
    exchange::{Exchange, Kind},
};
use beffroi_core::{Id, Lang, calendar::long_date, legal_clock::Step};
use beffroi_forms::CompiledForm;
use beffroi_people::Account;
use beffroi_store::JournalEntry;
use beffroi_typeset::AppealRoutes;
use beffroi_web::Page;
use chrono_tz::Tz;

use super::{
    tracking_view::{Dossier, Paper},
    when,
};
use crate::{
    papers::{self, Facts, Stationery, purpose},
    words::{self, Event},
};

/// One of the stages that a request goes through.
pub(super) struct Stage {
    pub(super) label: String,
    pub(super) look: &'static str,
}

/// What silence has decided.
pub(super) struct Silence {
    pub(super) paragraphs: Vec<String>,
    pub(super) granted: bool,
    /// Whether reasons can be asked for.
    pub(super) can_ask: bool,
    /// What is said of the reasons that were asked for; `""` where none were.
    pub(super) reasons: String,
}

/// A message, with what goes with it.
pub(super) struct Told {
    pub(super) side: &'static str,
    pub(super) who: String,
    pub(super) date: String,
    pub(super) when: String,
    pub(super) text: String,
    pub(super) files: Vec<Paper>,
}

impl Dossier {
    /// Until which day what was asked for may come; `""` where nothing is awaited.
    pub(super) fn missing_until(&self, lang: Lang) -> String {
        let open = self.case.state == State::Waiting;
        let awaited = self.requests.iter().filter(|request| open && request.arrived_on.is_none());
        let last = awaited.filter_map(|request| request.deadline).max();
        last.map(|day| long_date(day, lang)).unwrap_or_default()
    }

    /// What silence has decided, until the town decides itself.
    pub(super) fn silence(&self, page: &Page, facts: &Facts<'_>) -> Option<Silence> {
        let implied = self.implied.as_ref().filter(|_| self.decision.is_none())?;
        let lang = page.language();
        let reasons = implied.reasons.as_ref().map(|reasons| {
            let day = |day| long_date(day, lang).into();
            match reasons.given_on {
                Some(on) => page.tr("desk-reasons-given", &[("day", day(on))]),
                None => page.tr(
                    "desk-reasons-asked",
                    &[("asked", day(reasons.asked_on)), ("due", day(reasons.due_on))],
                ),
            }
        });
        Some(Silence {
            paragraphs: facts.silence(implied, self.today, lang),
            granted: implied.outcome == Outcome::Granted,
            can_ask: self.case.state.is_open() && implied.reasons_can_be_asked(self.today),
            reasons: reasons.unwrap_or_default(),
        })
    }

    /// To whom the request was handed over, why, and what the silence of that administration will mean.
    pub(super) fn transferred(&self, page: &Page) -> Vec<String> {
        let Some(out) = &self.out else { return Vec::new() };
        let lang = page.language();
        let whom =
            if out.contact.is_empty() { out.body.clone() } else { format!("{} ({})", out.body, out.contact) };
        let day = long_date(out.transferred_on, lang);
        let mut said = vec![page.tr("desk-transferred-text", &[("day", day.into()), ("body", whom.into())])];
        said.extend(Some(out.reasons.clone()).filter(|reasons| !reasons.is_empty()));
        let town = &self.stationery.town;
        // Dates beyond the calendar are told by nobody.
        if let Ok(clock) =
            crate::office::steps::transferred::clock(&self.case, &self.requests, out, self.today, town)
        {
            said.push(clock.sentence(lang));
        }
        said
    }

    /// How the legal dates came about; of a case that the town has decided, no more what silence would have.
    pub(super) fn steps(&self, lang: Lang) -> Vec<(String, String)> {
        let said = |step: &Step| (long_date(step.day, lang), step.sentence(lang));
        let taken = self.decision.as_ref();
        if self.case.state.is_open() || (self.implied.is_some() && taken.is_none()) {
            return papers::told_steps(&self.form, &self.dates).map(said).collect();
        }
        let ended_on = taken.map(|taken| taken.decided_on);
        papers::told_steps_of_ended(&self.form, &self.dates, ended_on).map(said).collect()
    }

    /// What has happened, what is under way and, while the case is open, what may follow. A step that never took place is
    /// not told as done.
    pub(super) fn stages(&self, page: &Page) -> Vec<Stage> {
        let open = self.case.state.is_open();
        let steps = &self.form.procedure().steps;
        let here = steps.iter().position(|step| Some(&step.id) == self.case.step.as_ref());
        let happened = |kind: &str| self.history.iter().any(|entry| entry.kind == kind);
        let reached = |id: &str| {
            let mut moves = self.history.iter().filter(|entry| entry.kind == "case.step_reached");
            moves.any(|entry| {
                let step = entry.payload.as_ref().and_then(|payload| payload.get("step"));
                step.and_then(serde_json::Value::as_str) == Some(id)
            })
        };
        let stage = |label: &str, look: &'static str| Stage { label: label.to_owned(), look };
        let instructed = match self.case.state {
            State::Received => "next",
            State::Instruction | State::Waiting if here.is_none() => "current",
            _ => "done",
        };
        let first = if self.case.state == State::Received { "current" } else { "done" };
        let mut stages = vec![stage(page.t("desk-stage-received"), first)];
        if open || here.is_some() || happened("case.taken_up") || self.decision.is_some() {
            stages.push(stage(page.t("desk-stage-instruction"), instructed));
        }
        for (rank, step) in steps.iter().enumerate() {
            let look = match here {
                Some(here) if open && here == rank => "current",
                Some(here) if open && here < rank => "next",
                None if open => "next",
                _ if reached(&step.id) || here == Some(rank) => "done",
                _ => continue,
            };
            stages.push(stage(step.label.text(page.language()), look));
        }
        let last = if self.out.is_some() {
            "desk-stage-transferred"
        } else if happened("case.withdrawn") {
            "desk-state-withdrawn"
        } else {
            "desk-stage-decided"
        };
        stages.push(stage(page.t(last), if open { "next" } else { "done" }));
        stages
    }
}

pub(super) fn outcome(page: &Page, taken: &Decision) -> String {
    let key = match taken.outcome {
        Outcome::Granted => "desk-decision-granted",
        Outcome::Refused => "desk-decision-refused",
        Outcome::Closed => "desk-decision-closed",
    };
    page.tr(key, &[("day", long_date(taken.decided_on, page.language()).into())])
}

/// How a decision is contested, as its paper says it.
pub(super) fn appeals(page: &Page, routes: AppealRoutes) -> Vec<String> {
    let AppealRoutes { authority, court, court_address, .. } = routes;
    let court = if court_address.is_empty() { court } else { format!("{court} ({court_address})") };
    vec![
        page.tr("desk-appeal-plain", &[("authority", authority.into())]),
        page.tr("desk-appeal-court", &[("court", court.into())]),
    ]
}

/// Whom to ask about the decision.
pub(super) fn questions(page: &Page, stationery: &Stationery) -> String {
    let (department, reach) = (stationery.contact().name, stationery.reach());
    let who = if reach.is_empty() { department } else { format!("{department}, {reach}") };
    page.tr("desk-decision-questions", &[("who", who.into())])
}

pub(super) fn told(page: &Page, message: &Exchange, zone: Tz, files: Vec<Paper>) -> Told {
    let (side, who) = match message.kind {
        Kind::FromRequester => ("requester", page.t("desk-you")),
        Kind::ToRequester | Kind::Note => ("town", page.t("desk-town-hall")),
    };
    Told {
        side,
        who: who.to_owned(),
        date: message.at.to_rfc3339(),
        when: when(message.at, zone, page.language()),
        text: message.words.clone(),
        files,
    }
}

/// An entry of the history, as the citizen reads it: who did what, the names of agents left out.
pub(super) fn event(
    page: &Page,
    form: &CompiledForm,
    entry: &JournalEntry,
    owner: Option<Id<Account>>,
    zone: Tz,
) -> Option<Event> {
    let told = |name: &str| entry.payload.as_ref().and_then(|payload| payload.get(name)?.as_str());
    // A virus in what the town joined is the town's affair.
    if entry.kind == "document.infected" && told("purpose") == Some(purpose::ENCLOSURE) {
        return None;
    }
    let title = words::event(page, &entry.kind)?;
    Some(Event {
        date: entry.at.to_rfc3339(),
        when: when(entry.at, zone, page.language()),
        title,
        text: words::detail(form, entry, page.language()),
        // Whoever reads it is the requester, or helps them.
        who: match words::side(page, entry, owner) {
            who if who == page.t("desk-by-requester") => page.t("desk-you").to_owned(),
            who => who.to_owned(),
        },
    })
}
