//! What steps do: a case leaves one and enters another, and the actions of both are done. An agent's page, the API and
//! the hourly round do the same.

use std::{collections::HashMap, sync::Arc};

use beffroi_cases::{
    Access, CaseError, Right,
    advice::{Asked, Shared},
    case::{self, Case},
    decision::{NewDecision, Outcome},
    exchange, missing, silence,
    step::{self, Arrival, Due, Timer},
    task::{self, NewTask},
};
use beffroi_core::{Day, Id, calendar::civil_day};
use beffroi_forms::{CaseStep, CompiledForm, Deed, Environment, Hand, Known, Moment, StepAction};
use beffroi_notify::{About, mail, opinions};
use beffroi_people::{Account, Town, account, department, permission::holders};
use beffroi_store::{Entry, Tx};
use beffroi_web::{Result, WebError};
use chrono::Days;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::share;
use crate::{
    Parts,
    daily::signatory,
    office::Office,
    papers::{DocumentOrder, LetterOrder, Stationery},
    permission::{self, AnswerForCases},
    procedure::Lists,
    submission,
    visit::case_error,
};

/// Moves that one move may bring with it: the check of procedures leaves no circle.
const MOVES_AT_MOST: usize = 30;

/// Why a step did not do what was asked, in a way that whoever asked can mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hindrance {
    /// Somebody else was faster.
    Overtaken,
    /// The step is not offered: its condition is not met.
    NotOffered,
    /// Somebody else acts in this step.
    NotYours,
    /// Whoever is asked cannot be reached.
    NoAddress,
    /// There is no such department any more.
    NoDepartment,
    /// What the case says is sealed, and would lie in clear beside it.
    Sealed,
    /// Nobody may sign the decision.
    NobodySigns,
    /// Silence has granted already what would be closed.
    Granted,
}

/// Done, or what stands against it.
pub(crate) type Done = Result<std::result::Result<(), Hindrance>>;

/// What the agent says beside the button.
#[derive(Clone, Debug, Default)]
pub(crate) struct Beside {
    /// The expert’s name.
    pub(crate) expert: String,
    /// The expert’s address.
    pub(crate) email: String,
}

/// A case with its steps, for conditions and texts.
pub(crate) struct Course {
    pub(crate) form: Arc<CompiledForm>,
    pub(crate) answers: Map<String, Value>,
    pub(crate) filled: Map<String, Value>,
    pub(crate) today: Day,
}

impl Course {
    pub(crate) fn load(tx: &mut Tx<'_>, desk: &Parts, case: &Case, today: Day) -> Result<Self> {
        let form = desk.shelf.version(tx, &case.procedure, case.procedure_version)?;
        Ok(Self {
            form: form.ok_or_else(WebError::not_found)?,
            answers: case.answers.as_object().cloned().unwrap_or_default(),
            filled: step::filled(tx, case.id)?,
            today,
        })
    }

    pub(crate) const fn known(&self) -> Known<'_> {
        Known { answers: &self.answers, steps: &self.filled }
    }

    pub(crate) fn fill(&self, text: &str) -> String {
        self.form.fill_with(text, self.known(), &Lists)
    }

    pub(crate) fn step(&self, id: &str) -> Option<&CaseStep> {
        self.form.procedure().steps.iter().find(|step| step.id == id)
    }

    /// The steps that are offered, in the order of the file.
    pub(crate) fn offered(&self, case: &Case) -> Vec<bool> {
        let files = HashMap::new();
        self.form.steps_offered(self.known(), &self.environment(case, &files))
    }

    /// The actions of a step that are open.
    pub(crate) fn open(&self, case: &Case, step: &CaseStep) -> Vec<StepAction> {
        let files = HashMap::new();
        let open = self.form.actions_open(&step.id, self.known(), &self.environment(case, &files));
        step.actions.iter().zip(open).filter(|(_, open)| *open).map(|(action, _)| action.clone()).collect()
    }

    pub(crate) const fn environment<'e>(&self, case: &Case, files: &'e submission::Files) -> Environment<'e> {
        Environment { today: self.today, channel: case.channel, references: &Lists, files }
    }
}

impl Office {
    /// The program at work by itself, in a commune.
    pub(crate) fn itself(desk: &Arc<Parts>, origin: String) -> Self {
        let access = Access::default().with(None, Right::Decide);
        Self { desk: Arc::clone(desk), access, agent: Uuid::nil(), origin }
    }

    /// The agent; `None` where the program acts by itself.
    pub(crate) fn who(&self) -> Option<Uuid> {
        Some(self.agent).filter(|agent| !agent.is_nil())
    }

    /// Whether the agent is one of those who act in a step.
    pub(crate) fn acts_in(&self, tx: &mut Tx<'_>, case: &Case, step: &CaseStep) -> Result<bool> {
        let Some(agent) = self.who() else { return Ok(true) };
        if step.role != Some(Hand::Head) {
            return Ok(true);
        }
        let place = step.department.as_deref().unwrap_or(&case.department);
        let Some(place) = department::by_slug(tx, place)? else { return Ok(true) };
        let heads = holders::<AnswerForCases>(tx, place.id)?;
        // A department without a head is led by those who handle its cases.
        Ok(heads.is_empty() || heads.iter().any(|head| head.uuid() == agent))
    }

    /// Moves a case to a step: the actions of the one that it leaves are done, then those of the one that it enters.
    /// `seen`: where the case stood when the agent looked.
    pub(crate) fn move_to(
        &self,
        tx: &mut Tx<'_>,
        case: &Case,
        to: &str,
        seen: Option<&str>,
        town: &Town,
    ) -> Done {
        self.moved(tx, case, to, seen, town, 0)
    }

    fn moved(
        &self,
        tx: &mut Tx<'_>,
        case: &Case,
        to: &str,
        seen: Option<&str>,
        town: &Town,
        depth: usize,
    ) -> Done {
        self.access.permit(Right::Handle, case).map_err(case_error)?;
        let stands = case.step.as_deref().unwrap_or_default();
        if seen.is_some_and(|seen| seen != stands) {
            return Ok(Err(Hindrance::Overtaken));
        }
        let course = Course::load(tx, &self.desk, case, civil_day(tx.now(), town.zone()))?;
        let target = course.step(to).cloned().ok_or_else(WebError::not_found)?;
        if stands == to {
            return Ok(Ok(()));
        }
        if !case.state.is_under_instruction() {
            return Err(WebError::conflict());
        }
        let rank = course.form.procedure().steps.iter().position(|step| step.id == to).unwrap_or_default();
        if !course.offered(case).get(rank).copied().unwrap_or_default() {
            return Ok(Err(Hindrance::NotOffered));
        }
        if let Some(left) = course.step(stands).cloned() {
            if !self.acts_in(tx, case, &left)? {
                return Ok(Err(Hindrance::NotYours));
            }
            self.on(tx, case, &left, Moment::Leave, town, depth)?;
        }
        // What was done on leaving may have ended the case.
        let Some(now) = case::find(tx, case.id).map_err(case_error)? else { return Ok(Ok(())) };
        if !now.state.is_under_instruction() || now.step != case.step {
            return Ok(Ok(()));
        }
        let timers: Vec<Timer> = target
            .actions
            .iter()
            .filter_map(|action| {
                let after = action.after_days.map(|days| Due::after(course.today, days));
                let due = after.or_else(|| action.before_deemed_days.map(Due::DaysBeforeDeemed))?;
                Some(Timer { action: action.id.clone(), due })
            })
            .collect();
        let acting = match &target.department {
            Some(acting) => department::by_slug(tx, acting)?.map(|found| found.details.slug),
            None => None,
        };
        let arrival = Arrival { step: to, acting: acting.as_deref(), timers: &timers };
        match step::enter(tx, &self.access, case.id, None, arrival, town.zone()) {
            Ok(_) => {}
            Err(CaseError::Overtaken) => return Ok(Err(Hindrance::Overtaken)),
            Err(error) => return Err(case_error(error)),
        }
        let Some(now) = case::find(tx, case.id).map_err(case_error)? else { return Ok(Ok(())) };
        self.on(tx, &now, &target, Moment::Enter, town, depth)?;
        Ok(Ok(()))
    }

    /// Does what is to be done at a moment of a step, as long as the case stays there.
    fn on(
        &self,
        tx: &mut Tx<'_>,
        case: &Case,
        step: &CaseStep,
        moment: Moment,
        town: &Town,
        depth: usize,
    ) -> Result<()> {
        let mut now = case.clone();
        for action in step.actions.iter().filter(|action| action.on == moment) {
            let course = Course::load(tx, &self.desk, &now, civil_day(tx.now(), town.zone()))?;
            if course.open(&now, step).iter().any(|open| open.id == action.id) {
                // What cannot be done by itself does not hold the case up: it is told in its history.
                let done = self.done(tx, &now, &course, step, action, &Beside::default(), town, depth)?;
                if done.is_err() {
                    told(tx, &now, step, action, false)?;
                }
            }
            match case::find(tx, case.id).map_err(case_error)? {
                Some(found) if found.state.is_under_instruction() && found.step == case.step => now = found,
                _ => break,
            }
        }
        Ok(())
    }

    /// Does one action of the step in which a case stands, as its button asks.
    pub(crate) fn press(
        &self,
        tx: &mut Tx<'_>,
        case: &Case,
        action: &str,
        seen: &str,
        beside: &Beside,
        town: &Town,
    ) -> Done {
        if case.step.as_deref() != Some(seen) {
            return Ok(Err(Hindrance::Overtaken));
        }
        if !case.state.is_under_instruction() {
            return Err(WebError::conflict());
        }
        let course = Course::load(tx, &self.desk, case, civil_day(tx.now(), town.zone()))?;
        let step = course.step(seen).cloned().ok_or_else(WebError::not_found)?;
        if !self.acts_in(tx, case, &step)? {
            return Ok(Err(Hindrance::NotYours));
        }
        let open = course.open(case, &step);
        let action = open.iter().find(|open| open.id == action && open.on == Moment::Button);
        let action = action.ok_or_else(WebError::not_found)?;
        self.done(tx, case, &course, &step, action, beside, town, 0)
    }

    /// Does what was to be done by itself in the step in which a case stands.
    pub(super) fn due(&self, tx: &mut Tx<'_>, case: &Case, step: &str, action: &str, town: &Town) -> Done {
        let course = Course::load(tx, &self.desk, case, civil_day(tx.now(), town.zone()))?;
        let Some(step) = course.step(step).cloned() else { return Ok(Ok(())) };
        let open = course.open(case, &step);
        let Some(action) = open.iter().find(|open| open.id == action) else { return Ok(Ok(())) };
        self.done(tx, case, &course, &step, action, &Beside::default(), town, 0)
    }

    #[expect(clippy::too_many_arguments, reason = "what an action may need of its case and its step")]
    fn done(
        &self,
        tx: &mut Tx<'_>,
        case: &Case,
        course: &Course,
        step: &CaseStep,
        action: &StepAction,
        beside: &Beside,
        town: &Town,
        depth: usize,
    ) -> Done {
        self.access.permit(Right::Handle, case).map_err(case_error)?;
        let text = course.fill(&action.text);
        let within = |days: Option<u16>| {
            let days = Days::new(u64::from(days.unwrap_or(beffroi_forms::USUAL_DAYS_FOR_PIECES)));
            course.today.checked_add_days(days)
        };
        match action.kind {
            Deed::Message => self.write_by(tx, case, &text, &action.by)?,
            Deed::Document => {
                let order = DocumentOrder {
                    case: case.id,
                    title: course.fill(&action.title),
                    paragraphs: text.split("\n\n").map(str::to_owned).collect(),
                    template: action.template.clone(),
                };
                order.queue(tx)?;
            }
            Deed::AskDocuments => self.ask(tx, case, &text, within(action.within_days), town)?,
            Deed::Opinion => {
                let asked = if action.department.is_empty() {
                    let name = if beside.expert.is_empty() {
                        course.fill(&action.body)
                    } else {
                        beside.expert.clone()
                    };
                    let email = if beside.email.is_empty() { &action.email } else { &beside.email };
                    if !email.contains('@') {
                        return Ok(Err(Hindrance::NoAddress));
                    }
                    Asked::Expert { name, email: email.clone() }
                } else {
                    Asked::Department(action.department.clone())
                };
                let shared = share::of(&course.form, course.known(), &action.share);
                let due = within(action.within_days).unwrap_or(course.today);
                let asked = self.ask_opinion(tx, case, (asked, &text, shared, due), town)?;
                if asked.is_err() {
                    return Ok(asked);
                }
            }
            Deed::Transfer => {
                if department::by_slug(tx, &action.department)?.is_none() {
                    return Ok(Err(Hindrance::NoDepartment));
                }
                case::route(tx, &self.access, case.id, &action.department).map_err(case_error)?;
            }
            Deed::TransferOut => {
                let reasons = if text.trim().is_empty() { action.label.fr.clone() } else { text };
                self.transfer_out(tx, case, (&course.fill(&action.body), &action.email, &reasons), town)?;
            }
            Deed::Task => {
                // A town that has no such department does the work in the one that is in charge.
                let named = department::by_slug(tx, &action.department)?.map(|found| found.details.slug);
                let place = named.unwrap_or_else(|| case.department.clone());
                let new = NewTask {
                    words: text,
                    department: place,
                    assignee: None,
                    due_on: within(action.within_days).unwrap_or(course.today),
                };
                task::add(tx, &self.access, case.id, self.who(), new, &[]).map_err(case_error)?;
            }
            Deed::Remind => self.remind(tx, case, &text)?,
            Deed::Move => {
                if depth >= MOVES_AT_MOST {
                    return Ok(Err(Hindrance::NotOffered));
                }
                // The action is told before what it brings about.
                told(tx, case, step, action, true)?;
                return self.moved(tx, case, &action.to, None, town, depth + 1);
            }
            Deed::Count => {
                let words = Self::counted(tx, case, course, &action.limit, town)?;
                exchange::note(tx, &self.access, case.id, self.who(), &words).map_err(case_error)?;
            }
            // The entry below is all there is to it: webhooks follow the journal.
            Deed::Webhook => {}
            Deed::Close => {
                // Nobody is asked who signs what a step closes: the town's signatory does, who signs by right.
                let Some(signs) = signatory::of_town(&case.department, town) else {
                    return Ok(Err(Hindrance::NobodySigns));
                };
                if silence::granted(case, course.today).is_some() {
                    return Ok(Err(Hindrance::Granted));
                }
                let new = NewDecision {
                    outcome: Outcome::Closed,
                    reasons: text,
                    signatory_name: signs.name,
                    signatory_quality: signs.quality,
                    signatory_delegation: signs.delegation,
                    series: None,
                };
                self.decide(tx, case, new, &[], town)?;
            }
        }
        told(tx, case, step, action, true)?;
        Ok(Ok(()))
    }

    /// Reminds the agent who follows a case; where there is none, those who answer for its department.
    fn remind(&self, tx: &mut Tx<'_>, case: &Case, words: &str) -> Result<()> {
        let place = case.acting.as_deref().unwrap_or(&case.department);
        let readers: Vec<Id<Account>> = match case.assignee {
            Some(agent) => vec![Id::from_uuid(agent)],
            None => match department::by_slug(tx, place)? {
                Some(place) => holders::<AnswerForCases>(tx, place.id)?,
                None => Vec::new(),
            },
        };
        for reader in readers {
            let Some(reader) = account::find(tx, reader)? else { continue };
            self.mail_inside(
                tx,
                case,
                &reader.email,
                &format!("/agents/dossiers/{}/etapes", case.id),
                |sender, about| opinions::step_reminder(sender, about, words),
            )?;
        }
        Ok(())
    }

    /// Mails somebody of the town, or an expert, about a case; an address that is none is skipped.
    pub(super) fn mail_inside(
        &self,
        tx: &mut Tx<'_>,
        case: &Case,
        to: &str,
        path: &str,
        write: impl FnOnce(
            beffroi_notify::messages::Sender<'_>,
            beffroi_notify::messages::CaseRef<'_>,
        ) -> beffroi_notify::messages::Message,
    ) -> Result<()> {
        let form = self.form(tx, case)?;
        let stationery = Stationery::load(tx, &case.department)?;
        let contact = stationery.reach();
        let link = format!("{}{path}", self.origin);
        let about = beffroi_notify::messages::CaseRef {
            title: &form.procedure().title.fr,
            reference: &case.reference,
            link: &link,
        };
        let message = write(Stationery::sender(&stationery.town, &contact), about);
        let new = mail::NewMail {
            to,
            subject: &message.subject,
            text: &message.text,
            html: None,
            // What leads to an expert’s page is forgotten once it has left.
            secret: path.starts_with("/consultation/"),
            about: About { kind: "case", id: case.id.uuid() },
        };
        match mail::queue(tx, &new) {
            Ok(_) | Err(mail::MailError::Address) => Ok(()),
            Err(error) => Err(WebError::internal(error)),
        }
    }

    /// How far a limit of the procedure is used, in words.
    fn counted(tx: &mut Tx<'_>, case: &Case, course: &Course, limit: &str, town: &Town) -> Result<String> {
        let typed = beffroi_forms::Answers::from_json(&course.form.procedure().form, &case.answers);
        let typed = typed.unwrap_or_default();
        let files = HashMap::new();
        let day = case.received_on.min(civil_day(tx.now(), town.zone()));
        let environment = Environment { today: day, ..course.environment(case, &files) };
        let limits = course.form.evaluate(&typed, &environment).limits;
        Ok(match limits.into_iter().find(|it| it.id == limit) {
            Some(counted) => {
                let used = submission::used(tx, &case.procedure, &counted)?;
                format!(
                    "Limite «\u{a0}{limit}\u{a0}» de {}\u{a0}: {used} sur {} pour {}, cette demande comprise.",
                    counted.per.told(counted.on),
                    counted.at_most,
                    counted.who
                )
            }
            None => format!("Limite «\u{a0}{limit}\u{a0}»\u{a0}: elle ne compte pas pour cette demande."),
        })
    }

    /// Hands a case over to the competent administration, and tells its requester (CRPA, art. L114-2).
    pub(crate) fn transfer_out(
        &self,
        tx: &mut Tx<'_>,
        case: &Case,
        (body, contact, reasons): (&str, &str, &str),
        town: &Town,
    ) -> Result<()> {
        let zone = town.zone();
        let out = beffroi_cases::transfer::out(tx, &self.access, case.id, (body, contact, reasons), zone)
            .map_err(case_error)?;
        let requests = missing::of_case(tx, case.id).map_err(case_error)?;
        let clock = super::transferred::clock(case, &requests, &out, civil_day(tx.now(), zone), town)?;
        let Some(reach) = submission::reach(tx, case.id)? else { return Ok(()) };
        let sentence = clock.sentence(reach.lang);
        self.tell(tx, case, false, |sender, lang, about| {
            opinions::transferred(sender, lang, about, (&out.body, &out.contact), &sentence)
        })?;
        let whom =
            if out.contact.is_empty() { out.body.clone() } else { format!("{} ({})", out.body, out.contact) };
        let order = LetterOrder {
            case: case.id,
            subject: format!(
                "Votre demande {}\u{a0}: transmission à l’administration compétente",
                case.reference
            ),
            paragraphs: vec![
                format!(
                    "Votre demande {} ne relève pas de la mairie. Nous l’avons transmise à l’administration compétente\u{a0}: {whom}. Vous n’avez rien à refaire\u{a0}: c’est elle qui vous répondra.",
                    case.reference
                ),
                out.reasons.clone(),
                clock.sentence(beffroi_core::Lang::Fr),
            ],
            pieces: Vec::new(),
            until: None,
            joined_to: None,
            asks: false,
        };
        Self::by_letter(tx, &order)
    }

    /// Asks for an opinion: an expert is mailed a personal link, a department word of it.
    pub(crate) fn ask_opinion(
        &self,
        tx: &mut Tx<'_>,
        case: &Case,
        (asked, question, shared, due_on): (Asked, &str, Shared, Day),
        town: &Town,
    ) -> Done {
        if let Asked::Department(place) = &asked
            && department::by_slug(tx, place)?.is_none()
        {
            return Ok(Err(Hindrance::NoDepartment));
        }
        let new = beffroi_cases::advice::NewOpinion { asked, question: question.to_owned(), shared, due_on };
        let (opinion, secret) =
            beffroi_cases::advice::ask(tx, &self.access, case.id, self.who(), new, town.zone())
                .map_err(case_error)?;
        self.mail_asked(tx, case, &opinion, secret.as_ref(), false)?;
        Ok(Ok(()))
    }

    /// Word to whoever is asked: the link, or where the page is.
    pub(super) fn mail_asked(
        &self,
        tx: &mut Tx<'_>,
        case: &Case,
        opinion: &beffroi_cases::advice::Opinion,
        secret: Option<&beffroi_cases::advice::Secret>,
        again: bool,
    ) -> Result<()> {
        let due = opinion.due_on;
        match (secret, &opinion.department) {
            (Some(secret), _) => {
                let path = format!("/consultation/{}", secret.reveal());
                self.mail_inside(tx, case, &opinion.email, &path, |sender, about| {
                    opinions::opinion_asked(sender, about, due, again)
                })
            }
            (None, Some(place)) => {
                let Some(place) = department::by_slug(tx, place)? else { return Ok(()) };
                let path = format!("/agents/avis/{}", opinion.id);
                self.mail_inside(tx, case, &place.details.email, &path, |sender, about| {
                    opinions::opinion_wanted(sender, about, due, again)
                })
            }
            (None, None) => Ok(()),
        }
    }

    /// Those who may be given a task or a case: who handles the cases of a department.
    pub(super) fn handlers(tx: &mut Tx<'_>, place: &str) -> Result<Vec<Uuid>> {
        Ok(permission::handlers(tx, place)?.into_iter().map(Id::uuid).collect())
    }
}

/// Tells in the journal what was done in a step, or that it could not be done. Webhooks tell other programs of the actions
/// that are there for that (`hooks/source.rs`).
pub(super) fn told(
    tx: &mut Tx<'_>,
    case: &Case,
    step: &CaseStep,
    action: &StepAction,
    done: bool,
) -> Result<()> {
    let payload = json!({
        "step": step.id,
        "action": action.id,
        "kind": action.kind.as_str(),
        "name": action.name,
        "done": done,
    });
    tx.journal(&Entry {
        kind: "case.step-action",
        subject_kind: "case",
        subject_id: case.id.uuid(),
        payload,
    })?;
    Ok(())
}
