//! The page of a request that is followed.

use std::sync::Arc;

use askama::Template;
use axum::http::StatusCode;
use beffroi_calendar::booking::Booking;
use beffroi_cases::{
    case::{Case, State},
    decision::{self, Decision, Outcome},
    exchange::{self, Exchange, Kind},
    missing::{self, DocumentRequest},
    reversal::{self, Reversal},
    silence::{self, ImpliedDecision},
    transfer::{self, TransferOut},
};
use beffroi_core::{
    Day, Instant, Lang,
    calendar::{civil_day, long_date},
    legal_clock::LegalDates,
};
use beffroi_documents::{self as documents, Document, State as Scan};
use beffroi_forms::CompiledForm;
use beffroi_store::{JournalEntry, Tx, journal};
use beffroi_web::{
    App, Page, Result, WebError,
    diary::Appointed,
    page::render_as,
    panel::{Panel, Reader},
    render,
};

use super::{
    holder::Holder,
    tracking_parts::{Silence, Stage, Told, appeals, event, outcome, questions, told},
    tracking_reversed::Reversed,
};
use crate::{
    Parts, appointed,
    booked::{self, OfCase},
    control::{Kept, size},
    draft::Draft,
    enclosure::{self, Joined, To},
    papers::{self, Facts, Stationery, purpose},
    problem::Problem,
    procedure::Lists,
    returned,
    submission::{self, asked},
    words::{self, Event},
};

/// Messages and entries of the history that a page shows.
const SHOWN_AT_MOST: u32 = 200;

/// A request as its owner sees it.
pub(super) enum Followed {
    /// One that was not sent yet.
    Draft(Draft, Arc<CompiledForm>),
    /// One that was sent.
    Case(Box<Dossier>),
}

/// All that the page of a case shows.
pub(super) struct Dossier {
    pub(super) case: Case,
    pub(super) holder: Holder,
    pub(super) form: Arc<CompiledForm>,
    pub(super) stationery: Stationery,
    pub(super) reach: submission::Reach,
    pub(super) requests: Vec<DocumentRequest>,
    pub(super) messages: Vec<Exchange>,
    pub(super) decision: Option<Decision>,
    pub(super) implied: Option<ImpliedDecision>,
    /// What was taken back, oldest first.
    pub(super) reversals: Vec<Reversal>,
    pub(super) today: Day,
    pub(super) dates: LegalDates,
    pub(super) documents: Vec<Document>,
    /// Which of them were sent for what was asked for.
    pub(super) sent: Vec<asked::Sent>,
    /// What the town joined to its messages and to its decision.
    pub(super) joined: Joined,
    /// The competent administration, where the request was handed over.
    pub(super) out: Option<TransferOut>,
    /// Whether the decision's paper could not be made.
    pub(super) unpapered: bool,
    /// Whether the decision is still to be signed by hand, on the letter that brings it.
    pub(super) unsigned: bool,
    pub(super) history: Vec<JournalEntry>,
    /// What was booked for it.
    pub(super) booking: Option<Booking>,
    /// The appointments that were proposed and agreed for it.
    pub(super) appointed: Vec<Appointed>,
    /// What other services add to the page.
    pub(super) panels: Vec<Panel>,
    pub(super) now: Instant,
}

impl Followed {
    pub(super) fn load(tx: &mut Tx<'_>, desk: &Parts, case: Case, holder: Holder) -> Result<Self> {
        let form = desk
            .shelf
            .version(tx, &case.procedure, case.procedure_version)?
            .ok_or_else(WebError::not_found)?;
        let id = case.id;
        let shown = crate::visit::case_error;
        let stationery = Stationery::load(tx, &case.department)?;
        let today = civil_day(tx.now(), stationery.town.zone());
        let requests = missing::of_case(tx, id).map_err(shown)?;
        let reach = submission::reach(tx, id)?.ok_or_else(WebError::not_found)?;
        let messages = exchange::messages(tx, id, SHOWN_AT_MOST).map_err(shown)?;
        let mut documents = documents::of_owner(tx, "case", id.uuid(), SHOWN_AT_MOST)?;
        // What is past and still to be signed by hand is read on the letter that brings it.
        let unposted = papers::unposted(tx, id, &documents)?;
        documents.retain(|document| !unposted.contains(&document.id.uuid()));
        let history = journal::of_subject(tx, "case", id.uuid(), SHOWN_AT_MOST)?;
        // What most cases have nothing of is asked for only where there may be some.
        let whole = history.len() < usize::try_from(SHOWN_AT_MOST).unwrap_or(usize::MAX);
        let may = |kind: &str| !whole || history.iter().any(|entry| entry.kind == kind);
        let decision = if may("case.decided") { decision::of_case(tx, id).map_err(shown)? } else { None };
        let implied = if may("case.deemed") { silence::of_case(tx, id).map_err(shown)? } else { None };
        let reversals = if may("case.decision_withdrawn") || may("case.decision_repealed") {
            reversal::of_case(tx, id)?
        } else {
            Vec::new()
        };
        let appointed = if may("case.appointment_proposed") || may("case.appointment_linked") {
            appointed::of_case(tx, desk, id, Reader::Requester)?
        } else {
            Vec::new()
        };
        let answered = documents.iter().any(|document| document.purpose == purpose::ANSWER);
        let told_by_itself = [purpose::ACKNOWLEDGEMENT, purpose::DECISION];
        let joinable = documents.iter().any(|document| !told_by_itself.contains(&document.purpose.as_str()));
        let papered = documents.iter().any(|document| document.purpose == purpose::DECISION);
        Ok(Self::Case(Box::new(Dossier {
            implied,
            reversals,
            out: transfer::of(tx, &case).map_err(shown)?,
            dates: missing::dates_if_complete(&case, &requests, today, stationery.town.holidays())
                .map_err(shown)?,
            today,
            stationery,
            unsigned: decision.as_ref().is_some_and(|taken| papers::is_unsigned(taken, &reach)),
            reach,
            requests,
            sent: if answered { asked::sent(tx, id)? } else { Vec::new() },
            joined: if joinable { enclosure::of_case(tx, id, &documents)? } else { Joined::new() },
            messages,
            documents,
            unpapered: decision.is_some()
                && !papered
                && papers::missing_papers(tx, id)?.papers.contains_key(purpose::DECISION),
            decision,
            history,
            booking: booked::of_case(tx, &form, id)?,
            appointed,
            panels: Vec::new(),
            now: tx.now(),
            case,
            holder,
            form,
        })))
    }

    /// The same, with what other services add to the page.
    pub(super) fn with_panels(mut self, tx: &mut Tx<'_>, app: &App, lang: Lang) -> Result<Self> {
        if let Self::Case(dossier) = &mut self {
            dossier.panels = app.case_panels(tx, dossier.case.id.uuid(), Reader::Requester, lang)?;
        }
        Ok(self)
    }

    /// Its holder, where the town wrote something that they see now for the first time.
    pub(super) fn told(&self) -> Option<Holder> {
        let Self::Case(dossier) = self else { return None };
        let news = |message: &Exchange| message.kind == Kind::ToRequester && message.read_at.is_none();
        dossier.messages.iter().any(news).then(|| dossier.holder.clone())
    }

    pub(super) const fn draft(draft: Draft, form: Arc<CompiledForm>) -> Self {
        Self::Draft(draft, form)
    }
}

#[derive(Template)]
#[template(path = "public/track.html")]
struct Ask {
    page: Page,
    code: String,
    error: String,
}

/// The page that asks for a code.
pub(super) fn ask(page: Page, status: StatusCode, code: &str, error: &str) -> Result {
    let template = Ask { page, code: code.to_owned(), error: error.to_owned() };
    if status == StatusCode::OK { render(&template) } else { render_as(status, &template) }
}

#[derive(Template)]
#[template(path = "public/draft.html")]
struct DraftPage {
    page: Page,
    title: String,
    until: String,
}

struct Row {
    label: String,
    value: String,
    href: String,
}

/// A document that is asked for.
struct Awaited {
    control: String,
    name: String,
    come: bool,
}

impl Awaited {
    fn of(piece: asked::Piece) -> Self {
        Self { control: piece.control(), name: piece.name, come: piece.come }
    }
}

pub(super) struct Paper {
    href: String,
    title: String,
    detail: String,
}

#[derive(Template)]
#[template(path = "public/case.html")]
#[expect(clippy::struct_excessive_bools, reason = "each shows a part of the page")]
struct CasePage {
    page: Page,
    booked: Option<OfCase>,
    appointed: Vec<appointed::Line>,
    panels: Vec<Panel>,
    /// Why it is given back, as it was typed.
    why: String,
    /// How single dates of it are given back.
    returning: Option<returned::Form>,
    sent: bool,
    /// The code is new to its holder.
    tell_code: bool,
    done: String,
    problems: Vec<Problem>,
    /// A message that could not be sent, as it was typed.
    message: String,
    title: String,
    reference: String,
    base: String,
    /// The tracking code; `""` for whoever opens the request from their account.
    code: String,
    state: String,
    state_look: &'static str,
    stages: Vec<Stage>,
    email: String,
    paragraphs: Vec<String>,
    received: String,
    missing: Vec<Awaited>,
    missing_until: String,
    waiting: bool,
    decision: String,
    decision_text: String,
    has_decision: bool,
    decision_joined: Vec<Paper>,
    silence: Option<Silence>,
    /// What was taken back, the latest first; whether its paper is there, or still to be signed.
    reversed: Vec<Reversed>,
    has_act: bool,
    act_unsigned: bool,
    /// To whom the request was handed over, and what that means, a paragraph each.
    transferred: Vec<String>,
    /// How the legal dates came about, each with its day.
    steps: Vec<(String, String)>,
    unpapered: bool,
    /// Whether the decision is still to be signed by hand.
    unsigned: bool,
    first_step: String,
    appeals: Vec<String>,
    /// Whom to ask about the decision.
    questions: String,
    messages: Vec<Told>,
    papers: Vec<Paper>,
    rows: Vec<Row>,
    events: Vec<Event>,
    open: bool,
    /// Whether files may be added: what is sealed keeps none.
    takes_files: bool,
    receipt_due: bool,
    kept: Vec<Kept>,
    /// What a field for one document shows before its file.
    no_files: [Kept; 0],
}

impl CasePage {
    /// The control where what is missing is sent.
    fn first_missing(&self) -> &str {
        let first = self.missing.iter().find(|piece| !piece.come).map(|piece| piece.control.as_str());
        first.filter(|_| self.takes_files).unwrap_or("message")
    }

    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// What the page says beside the request itself: what was just done, or what is wrong and what was typed.
#[derive(Default)]
pub(super) struct Said {
    /// The request was just sent.
    pub(super) sent: bool,
    /// The word of what was just done.
    pub(super) done: String,
    /// What is wrong, each beside its field.
    pub(super) problems: Vec<Problem>,
    /// The message as it was typed.
    pub(super) message: String,
    /// Files that were kept although others were refused.
    pub(super) kept: Vec<Kept>,
    /// Why a booking is given back, as it was typed.
    pub(super) why: String,
    /// The dates of it that are to be given back, as they were chosen.
    pub(super) chosen: returned::Chosen,
}

/// The page of a request.
pub(super) fn show(page: Page, status: StatusCode, found: Followed, said: Said) -> Result {
    match found {
        Followed::Draft(draft, form) => {
            let lang = page.language();
            render(&DraftPage {
                title: form.procedure().title.text(lang).to_owned(),
                until: long_date(draft.kept_until, lang),
                page,
            })
        }
        Followed::Case(dossier) => render_as(status, &dossier.page(page, said)),
    }
}

impl Dossier {
    /// What was just done, in words.
    fn done(&self, page: &Page, word: &str) -> String {
        match word {
            "message" | "documents" | "envoi" | "retrait" | "code" | "motifs" | "annulation"
            | "rendre-dates" => {
                let done = page.t(&format!("desk-done-{word}")).to_owned();
                let partly = self.case.state == State::Waiting && ["documents", "envoi"].contains(&word);
                if partly { format!("{done} {}", page.t("desk-still-missing")) } else { done }
            }
            _ => String::new(),
        }
    }

    /// What the acknowledgement says, as it stands today.
    fn facts(&self) -> Facts<'_> {
        Facts {
            stationery: &self.stationery,
            form: &self.form,
            case: &self.case,
            reach: &self.reach,
            requests: &self.requests,
            today: Some(self.today),
            event: booked::event(self.booking.as_ref(), self.stationery.town.zone()),
        }
    }

    fn page(&self, page: Page, mut said: Said) -> CasePage {
        let done = self.done(&page, &said.done);
        let lang = page.language();
        let zone = self.stationery.town.zone();
        let case = &self.case;
        let facts = self.facts();
        let waiting = case.state == State::Waiting;
        let takes_files = case.state.is_open() && !case.sealed;
        // What takes a decision back is told, as a refusal, how it is contested.
        let stands = self.decision.as_ref().map(|taken| taken.outcome);
        let stands = stands.or_else(|| self.reversals.last().map(|_| Outcome::Refused));
        let contested =
            stands.and_then(|outcome| papers::appeals(&self.stationery, &self.form, outcome, lang));
        let mut awaited = asked::open(&self.requests, &self.sent, &self.documents);
        awaited.retain(|_| waiting);
        place(&mut said.problems, &awaited, takes_files);
        let answers = case.answers.as_object().cloned().unwrap_or_default();
        let sections = self.form.sections(&answers, None, lang, &Lists);
        let ended = words::outcome(self.decision.as_ref(), self.implied.as_ref());
        let (state_look, state) =
            words::state_booked(&page, case.state, ended, booked::cancelled(self.booking.as_ref()));
        CasePage {
            booked: self.booking.as_ref().map(|it| OfCase::of(&page, it, self.now, zone)),
            appointed: appointed::lines(&page, &self.appointed, zone),
            panels: self.panels.clone(),
            tell_code: said.sent || said.done == "code",
            sent: said.sent,
            done,
            problems: said.problems,
            message: said.message,
            kept: said.kept,
            why: said.why,
            returning: self
                .booking
                .as_ref()
                .and_then(|it| returned::Form::of(&page, it, &said.chosen, self.now, zone)),
            no_files: [],
            title: self.form.procedure().title.text(lang).to_owned(),
            reference: case.reference.clone(),
            base: self.holder.base(),
            code: self.holder.code().map(ToString::to_string).unwrap_or_default(),
            state_look,
            stages: self.stages(&page),
            state,
            email: self.reach.email.clone(),
            paragraphs: facts.paragraphs(lang),
            received: long_date(case.received_on, lang),
            missing: awaited.into_iter().map(Awaited::of).collect(),
            missing_until: self.missing_until(lang),
            waiting,
            decision: self.decision.as_ref().map(|taken| outcome(&page, taken)).unwrap_or_default(),
            decision_text: self
                .decision
                .as_ref()
                .map(|taken| papers::told_reasons(&taken.reasons))
                .unwrap_or_default(),
            unpapered: self.unpapered,
            first_step: contested.as_ref().and_then(|routes| routes.first_step.clone()).unwrap_or_default(),
            appeals: contested.map(|routes| appeals(&page, routes)).unwrap_or_default(),
            questions: questions(&page, &self.stationery),
            has_decision: !self.unsigned
                && self.documents.iter().any(|document| document.purpose == purpose::DECISION),
            unsigned: self.unsigned,
            silence: self.silence(&page, &facts),
            reversed: self.reversed(&page),
            has_act: self.has_act(),
            act_unsigned: self.act_is_unsigned(),
            transferred: self.transferred(&page),
            steps: self.steps(lang),
            messages: self
                .messages
                .iter()
                .map(|message| told(&page, message, zone, self.joined_to(To::Message(message.id), lang)))
                .collect(),
            // With its paper, where that is still to be signed.
            decision_joined: if self.unsigned {
                Vec::new()
            } else {
                self.joined_to(To::Decision(case.id), lang)
            },
            papers: self.papers(lang),
            rows: sections
                .into_iter()
                .flat_map(|section| section.lines)
                .map(|line| Row { label: line.label, value: line.value, href: String::new() })
                .collect(),
            events: self
                .history
                .iter()
                .rev()
                .filter_map(|entry| event(&page, &self.form, entry, self.reach.account, zone))
                .collect(),
            open: case.state.is_open(),
            takes_files,
            receipt_due: papers::due(&self.form).is_ok(),
            page,
        }
    }

    /// Letters of the town and files of the requester. The acknowledgement and the decision have their own places, and
    /// what was joined to a message stands with it.
    fn papers(&self, lang: Lang) -> Vec<Paper> {
        const ELSEWHERE: [&str; 4] =
            [purpose::ACKNOWLEDGEMENT, purpose::DECISION, purpose::REVERSAL, purpose::ENCLOSURE];
        self.documents
            .iter()
            .filter(|document| !ELSEWHERE.contains(&document.purpose.as_str()))
            .map(|document| self.paper(document, lang))
            .collect()
    }

    /// What the town joined to something.
    pub(super) fn joined_to(&self, to: To, lang: Lang) -> Vec<Paper> {
        let joined = self.joined.get(&to.id()).into_iter().flatten();
        joined.map(|document| self.paper(document, lang)).collect()
    }

    fn paper(&self, document: &Document, lang: Lang) -> Paper {
        let bytes = u64::try_from(document.bytes).unwrap_or_default();
        let of_town = document.purpose == purpose::ENCLOSURE;
        let checked = match (document.state, lang, of_town) {
            (Scan::Clean, ..) => "",
            (Scan::Received, Lang::Fr, _) => ", en cours de vérification",
            (Scan::Received, Lang::En, _) => ", being checked",
            (Scan::Infected, Lang::Fr, false) => {
                ", refusé\u{a0}: un virus y a été trouvé, envoyez-nous un autre fichier"
            }
            (Scan::Infected, Lang::En, false) => {
                ", refused: a virus was found in it, please send another file"
            }
            (Scan::Infected, Lang::Fr, true) => {
                ", retiré\u{a0}: un virus y a été trouvé. La mairie le sait et va vous en envoyer un autre"
            }
            (Scan::Infected, Lang::En, true) => {
                ", withdrawn: a virus was found in it. The town hall knows, and will send you another one"
            }
        };
        Paper {
            href: if document.state == Scan::Clean {
                format!("{}/documents/{}", self.holder.base(), document.id)
            } else {
                String::new()
            },
            title: document.name.clone(),
            detail: format!("{}, {}{checked}", document.media_type.label(), size(bytes, lang)),
        }
    }
}

/// Moves what is said of a control that the page no longer has to one that it has.
fn place(problems: &mut [Problem], awaited: &[asked::Piece], takes_files: bool) {
    for problem in problems {
        let known = |piece: &asked::Piece| piece.control() == problem.field && !piece.come;
        if problem.field.starts_with("piece-") && !awaited.iter().any(known) {
            "file".clone_into(&mut problem.field);
        }
        // Where no file can be added any more, what is said of one is said where one can still write.
        if !takes_files && problem.field == "file" {
            "message".clone_into(&mut problem.field);
        }
    }
}
