//! A case as its page needs it: all that stands there, read at once.

use std::{collections::HashSet, sync::Arc};

use beffroi_calendar::booking::Booking;
use beffroi_cases::{
    Access, Right,
    advice::{self, Opinion},
    case::Case,
    decision::{self, Decision},
    exchange::{self, Exchange},
    label::{self, Label},
    missing::{self, DocumentRequest},
    reversal::{self, Reversal},
    silence::{self, ImpliedDecision},
    task,
};
use beffroi_core::{Day, Id, Instant, Lang, calendar::civil_day, legal_clock::LegalDates};
use beffroi_documents::{self as documents, Document};
use beffroi_forms::CompiledForm;
use beffroi_notify::{
    About,
    mail::{self, Mail},
};
use beffroi_people::{Account, SignedIn, account, department};
use beffroi_store::{JournalEntry, Tx, journal};
use beffroi_web::{
    App, Page, Result, WebError,
    diary::{Appointed, Named},
    panel::{Panel, Reader},
};
use uuid::Uuid;

use super::{
    dossier_parts::{Paper, enclosed},
    timing::{self, Timed},
};
use crate::{
    Parts, appointed, booked,
    daily::{
        absence::{self, Away},
        reply,
        signatory::{self, Signatory},
    },
    document_templates::{self, Made},
    enclosure::{self, Joined, To},
    fetched,
    papers::{self, Missing, Stationery, missing_papers},
    permission::{self, Place},
    retention,
    submission::{self, Reach, asked as pieces},
    visit::case_error,
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
    /// What was taken back, oldest first.
    pub(super) reversals: Vec<Reversal>,
    /// Whether it stands on a slip of the archives, or is erased.
    pub(super) leaving: bool,
    pub(super) documents: Vec<Document>,
    /// Those of what is past whose letter still waits.
    pub(super) unposted: HashSet<Uuid>,
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
    /// What the agent holds for it, where it came without a time.
    pub(super) timed: Option<Timed>,
    /// The appointments that were proposed and agreed for it, and those that may be proposed.
    pub(super) appointed: (Vec<Appointed>, Vec<Named>),
    /// What other services add to the page.
    pub(super) panels: Vec<Panel>,
    pub(super) now: Instant,
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
        Some(reply::fill(&template.body, &self.case, Some(&self.form), service))
    }

    pub(super) fn load(
        tx: &mut Tx<'_>,
        desk: &Parts,
        (who, access): (&SignedIn, &Access),
        case: Case,
    ) -> Result<Self> {
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
            reversals: reversal::of_case(tx, id)?,
            // Of what is open nothing can be taken back: it is not asked.
            leaving: !case.state.is_open()
                && (retention::is_on_slip(tx, id)? || retention::is_erased(tx, id)?),
            joined: enclosure::of_case(tx, id, &documents)?,
            unposted: papers::unposted(tx, id, &documents)?,
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
            appointed: (
                appointed::of_case(tx, desk, id, Reader::Agent(who))?,
                // Only those who may write to the requester propose.
                match access.permit(Right::Handle, &case) {
                    Ok(_) => appointed::motives(tx, desk)?,
                    Err(_) => Vec::new(),
                },
            ),
            panels: Vec::new(),
            timed: None,
            now: tx.now(),
            access: access.clone(),
            places,
            today,
            fetched,
            stationery,
            form,
            case,
        })
    }

    /// The same, with what the agent holds for it under this name, where it waits for a time.
    pub(super) fn with_time(mut self, tx: &mut Tx<'_>, held: &str) -> Result<Self> {
        if !held.is_empty() && timing::is_wanted(&self.form, &self.case, self.booking.as_ref()) {
            self.timed = Timed::load(tx, (&self.form, &self.case), held, &self.stationery.town)?;
        }
        Ok(self)
    }

    /// The same, with what other services add to the page for this agent.
    pub(super) fn with_panels(
        mut self,
        tx: &mut Tx<'_>,
        app: &App,
        (who, lang): (&SignedIn, Lang),
    ) -> Result<Self> {
        self.panels = app.case_panels(tx, self.case.id.uuid(), Reader::Agent(who), lang)?;
        Ok(self)
    }

    /// What was joined to something, as lists of documents show it.
    pub(super) fn joined_to(&self, page: &Page, to: To, base: &str) -> Vec<Paper> {
        let joined = self.joined.get(&to.id()).into_iter().flatten();
        joined.map(|document| enclosed(page, document, base)).collect()
    }

    /// The agents to whom the case may be given, and the one who follows it, even where they no longer could.
    pub(super) fn eligible(&self) -> impl Iterator<Item = &Account> {
        let follows = |agent: &Account| Some(agent.id.uuid()) == self.case.assignee;
        self.agents.iter().filter(move |agent| self.handlers.contains(&agent.id) || follows(agent))
    }

    /// The name of an agent; `""` where nobody has this id.
    pub(super) fn agent(&self, id: Option<Uuid>) -> String {
        let found = self.agents.iter().find(|agent| Some(agent.id.uuid()) == id);
        found.map(|agent| agent.display_name.clone()).unwrap_or_default()
    }
}
