//! An agent at work on a case: what each thing does, and what the requester is told of it. The case's page and
//! the API do the same.

use std::sync::Arc;

use beffroi_calendar::{booking, claims::ClaimError, clock};
use beffroi_cases::{
    Access, CaseError, Right, cancellation,
    case::{self, Case},
    decision::{self, NewDecision, Outcome},
    exchange, label, missing,
    missing::LocalCalendar,
    silence, tracking,
};
use beffroi_core::{Day, Id, Instant, Lang, calendar::civil_day};
use beffroi_documents::Document;
use beffroi_forms::{Carrier, CompiledForm};
use beffroi_notify::{
    About, mail,
    messages::{self, Booked},
};
use beffroi_people::Town;
use beffroi_store::{Tx, jobs};
use beffroi_web::{Result, WebError};
use serde_json::json;
use uuid::Uuid;

use super::{
    action::{Action, DAYS_FOR_DOCUMENTS, Wrong},
    enclosing, giving, timing,
};
use crate::{
    Parts,
    daily::absence,
    enclosure::{self, To},
    papers::{LetterOrder, Stationery, TELL_DECISION, Told},
    permission, priced,
    submission::{self, Reach},
    texting,
    visit::case_error,
};

/// What is said of a decision that would withdraw what silence has granted.
pub(super) const GRANTED_ALREADY: Wrong =
    Wrong { field: "outcome", key: "office-silence-granted-already", told: String::new(), untold: None };

/// Whether a decision would withdraw what silence has granted (CRPA, art. L242-1), whether that is written down yet or
/// not.
pub(super) fn refuses_the_granted(case: &Case, new: &NewDecision, now: Instant, town: &Town) -> bool {
    new.outcome != Outcome::Granted && silence::granted(case, civil_day(now, town.zone())).is_some()
}

/// One agent at work.
pub struct Office {
    pub(crate) desk: Arc<Parts>,
    pub(crate) access: Access,
    pub(crate) agent: Uuid,
    pub(crate) origin: String,
}

impl Office {
    /// Does what a form of the case's page asks for; or says what stands against it.
    pub(super) fn act(
        &self,
        tx: &mut Tx<'_>,
        case: &Case,
        action: Action,
        town: &Town,
    ) -> Result<Option<Wrong>> {
        let wrong = self.carry_out(tx, case, action, town)?;
        if wrong.is_none() {
            self.stood_in(tx, case, town)?;
        }
        Ok(wrong)
    }

    /// Writes down that the agent acted on a case that somebody follows for whom they stand in.
    pub(crate) fn stood_in(&self, tx: &mut Tx<'_>, case: &Case, town: &Town) -> Result<()> {
        let today = civil_day(tx.now(), town.zone());
        absence::acted_in_place(tx, (case.id.uuid(), case.assignee), self.agent, today)?;
        Ok(())
    }

    fn carry_out(&self, tx: &mut Tx<'_>, case: &Case, action: Action, town: &Town) -> Result<Option<Wrong>> {
        let (access, id) = (&self.access, case.id);
        let done = match action {
            Action::TakeUp => case::take_up(tx, access, id, self.agent).map_err(case_error),
            Action::Assign(agent) => {
                let given = self.assign(tx, case, agent, town)?;
                return Ok((!given).then_some(Wrong::of("agent", "office-agent-elsewhere")));
            }
            Action::Route(department) => {
                let known = beffroi_people::department::by_slug(tx, &department)?;
                known.ok_or_else(WebError::not_found)?;
                case::route(tx, access, id, &department).map_err(case_error)
            }
            Action::Write(words, ids) => match enclosure::chosen(tx, id, &ids)? {
                Ok(joined) => self.write(tx, case, &words, &joined),
                Err(fault) => return Ok(Some(enclosing::why(&enclosing::MESSAGE, fault))),
            },
            Action::Note(words) => exchange::note(tx, access, id, self.agent, &words).map_err(case_error),
            Action::Ask(..) if case.sealed => {
                return Ok(Some(Wrong::of("pieces", "office-sealed-keeps-no-file")));
            }
            Action::Ask(pieces, until) => self.ask(tx, case, &pieces, until, town),
            Action::Arrived => {
                let calendar = LocalCalendar { zone: town.zone(), holidays: town.holidays() };
                missing::record_arrival(tx, access, id, calendar).map(drop).map_err(case_error)
            }
            Action::Step(step) => {
                let moved = self.move_to(tx, case, &step, None, town)?;
                return Ok(moved.err().map(|it| Wrong::of("etape", it.key())));
            }
            Action::Decide(new, _) if refuses_the_granted(case, &new, tx.now(), town) => {
                return Ok(Some(GRANTED_ALREADY));
            }
            Action::Decide(new, ids) => match enclosure::chosen(tx, id, &ids)? {
                Ok(joined) => self.decide(tx, case, new, &joined, town),
                Err(fault) => return Ok(Some(enclosing::why(&enclosing::DECISION, fault))),
            },
            Action::Explain(reasons) => {
                let given = self.explain(tx, case, &reasons, town)?;
                return Ok((!given).then_some(Wrong::of("motifs", "office-reasons-unasked")));
            }
            Action::ReasonsAsked(on) => match silence::record_asked(tx, access, id, on, town.zone()) {
                Ok(_) => Ok(()),
                Err(CaseError::WrongState(_)) => {
                    return Ok(Some(Wrong::of("demandes", "office-reasons-cannot")));
                }
                Err(error) => Err(case_error(error)),
            },
            Action::Cancel(why) => {
                let done = self.cancel(tx, case, &why, town)?;
                return Ok((!done).then_some(Wrong::of("motif-annulation", "desk-booked-cancel-late")));
            }
            Action::GiveBack(chosen, by) => {
                return giving::back(self, tx, case, &chosen, by, town);
            }
            Action::AddDate(start) => {
                let done = self.add_date(tx, case, start, town)?;
                return Ok((!done).then_some(Wrong::of("debut", "office-booked-still-taken")));
            }
            Action::BookTime(held) => return timing::book(self, tx, case, &held, town),
            Action::Archive => case::archive(tx, access, id).map_err(case_error),
            Action::Stick(label) => label::stick(tx, access, id, label).map_err(case_error),
            Action::Peel(label) => label::peel(tx, access, id, label).map_err(case_error),
            Action::Propose(motive, words) => {
                let done = self.propose(tx, case, &motive, &words)?;
                return Ok((!done).then_some(Wrong::of("rendez-vous-motif", "office-appointment-gone")));
            }
            Action::TakeBack(proposal) => {
                let done = self.take_back(tx, case, proposal)?;
                return Ok((!done).then_some(Wrong::of("rendez-vous", "office-appointment-answered")));
            }
            Action::RenewCode => {
                let sent = self.renew_code(tx, case)?;
                return Ok((!sent).then_some(Wrong::of("code", "office-code-nowhere")));
            }
        };
        done.map(|()| None)
    }

    /// Gives a case to an agent, or to nobody. `false` where the agent handles it nowhere.
    pub fn assign(&self, tx: &mut Tx<'_>, case: &Case, agent: Option<Uuid>, town: &Town) -> Result<bool> {
        let mut handlers = permission::handlers(tx, &case.department)?;
        if let Some(acting) = &case.acting {
            handlers.extend(permission::handlers(tx, acting)?);
        }
        let handlers: Vec<Uuid> = handlers.into_iter().map(Id::uuid).collect();
        if agent.is_some_and(|agent| !handlers.contains(&agent)) {
            return Ok(false);
        }
        // What is given to somebody who is away goes to who stands in.
        let away = absence::away(tx, civil_day(tx.now(), town.zone()))?;
        let agent = agent.map(|agent| {
            Some(away.acting_for(agent)).filter(|acting| handlers.contains(acting)).unwrap_or(agent)
        });
        case::assign(tx, &self.access, case.id, agent, &handlers).map_err(case_error)?;
        Ok(true)
    }

    /// Writes to the requester: on the page, with word by mail, or by letter. The documents that are joined are of
    /// the case, or wait for it, and no virus was found in them.
    pub fn write(&self, tx: &mut Tx<'_>, case: &Case, words: &str, joined: &[Document]) -> Result<()> {
        let message = exchange::write(tx, &self.access, case.id, self.who(), words).map_err(case_error)?;
        let to = To::Message(message);
        enclosure::join(tx, case.id, to, joined)?;
        self.word_of(tx, case, words, (Some(to), joined.len()))
    }

    /// The same of what the town tells by itself: where something was booked, the mail says it whole, with what and when; any
    /// other stays behind the link.
    pub(crate) fn tell_whole(
        &self,
        tx: &mut Tx<'_>,
        case: &Case,
        words: &str,
        joined: &[Document],
    ) -> Result<()> {
        let booking = if case.sealed { None } else { booking::of_owner(tx, ("case", case.id.uuid()))? };
        let Some(it) = booking else { return self.write(tx, case, words, joined) };
        let message = exchange::write(tx, &self.access, case.id, self.who(), words).map_err(case_error)?;
        let to = To::Message(message);
        enclosure::join(tx, case.id, to, joined)?;
        let zone = Town::load(tx)?.zone();
        self.tell(tx, case, false, |sender, lang, about| {
            let when = clock::when_all(it.dates(), zone, lang);
            let what = Booked { name: it.resource.details.name.read_in(lang), when: &when };
            messages::booking_word(sender, lang, about, what, words, joined.len())
        })?;
        Self::letter_of(tx, case, words, Some(to))
    }

    /// Writes to the requester by these ways. Where none of them reaches them, the usual ones do: nobody is left without
    /// word because they have no telephone.
    pub(crate) fn write_by(&self, tx: &mut Tx<'_>, case: &Case, words: &str, by: &[Carrier]) -> Result<()> {
        exchange::write(tx, &self.access, case.id, self.who(), words).map_err(case_error)?;
        let Some(reach) = submission::reach(tx, case.id)?.filter(|_| !by.is_empty()) else {
            return self.word_of(tx, case, words, (None, 0));
        };
        let texted = by.contains(&Carrier::Sms) && texting::write(tx, case, &reach, words)?;
        let mailed = by.contains(&Carrier::Mail) && !reach.email.is_empty();
        let printed = by.contains(&Carrier::Letter) && reach.is_posted();
        if !(texted || mailed || printed) {
            return self.word_of(tx, case, words, (None, 0));
        }
        if mailed {
            crate::mandates::copy(tx, case, &self.origin)?;
            self.mail(tx, case, &reach, false, |sender, lang, about| {
                messages::answer_received(sender, lang, about, 0)
            })?;
        }
        if printed { Self::letter_of(tx, case, words, None) } else { Ok(()) }
    }

    /// Word that there is a message, with so many documents, by mail; or the message itself by letter.
    fn word_of(
        &self,
        tx: &mut Tx<'_>,
        case: &Case,
        words: &str,
        (to, joined): (Option<To>, usize),
    ) -> Result<()> {
        self.tell(tx, case, false, |sender, lang, about| {
            messages::answer_received(sender, lang, about, joined)
        })?;
        Self::letter_of(tx, case, words, to)
    }

    fn letter_of(tx: &mut Tx<'_>, case: &Case, words: &str, to: Option<To>) -> Result<()> {
        let order = LetterOrder {
            case: case.id,
            subject: format!("Votre demande {}", case.reference),
            paragraphs: words.split("\n\n").map(str::to_owned).collect(),
            pieces: Vec::new(),
            until: None,
            joined_to: to.map(To::id),
            asks: false,
        };
        Self::by_letter(tx, &order)
    }

    /// Tells a requester who asked why silence refused, as [`Office::write`] does. `false` where nobody waits for
    /// reasons, or not any more.
    pub fn explain(&self, tx: &mut Tx<'_>, case: &Case, reasons: &str, town: &Town) -> Result<bool> {
        let given = silence::give_reasons(tx, &self.access, case.id, self.agent, reasons, town.zone());
        match given {
            Ok(()) => self.word_of(tx, case, reasons, (None, 0)).map(|()| true),
            Err(CaseError::WrongState(_)) => Ok(false),
            Err(error) => Err(case_error(error)),
        }
    }

    /// Sends a new tracking code to whoever lost theirs, by the ways that the case knows already: nobody can have it
    /// sent elsewhere, and only the letter, which somebody must print, tells it to agents. `false` where there is no such way; the old code then stays.
    pub fn renew_code(&self, tx: &mut Tx<'_>, case: &Case) -> Result<bool> {
        self.access.permit(Right::Handle, case).map_err(case_error)?;
        let reach = submission::reach(tx, case.id)?.ok_or_else(WebError::not_found)?;
        if reach.email.is_empty() && reach.letter_lines.len() < 2 {
            return Ok(false);
        }
        let code = tracking::renew(tx, case.id).map_err(case_error)?.to_string();
        self.tell(tx, case, true, |sender, lang, about| {
            messages::tracking_code_renewed(sender, lang, about, &code)
        })?;
        let order = LetterOrder {
            case: case.id,
            subject: format!("Votre demande {}\u{a0}: nouveau code de suivi", case.reference),
            paragraphs: vec![
                format!("Voici un nouveau code pour suivre votre demande {}\u{a0}: {code}", case.reference),
                format!(
                    "L’ancien code ne fonctionne plus. Vous pouvez entrer le nouveau sur {}/suivi, ou nous appeler\u{a0}: nous vous dirons où en est votre demande.",
                    self.origin
                ),
            ],
            pieces: Vec::new(),
            until: None,
            joined_to: None,
            asks: false,
        };
        Self::by_letter(tx, &order)?;
        Ok(true)
    }

    /// Asks for documents; the clock reacts as the law says.
    pub fn ask(
        &self,
        tx: &mut Tx<'_>,
        case: &Case,
        pieces: &str,
        until: Option<Day>,
        town: &Town,
    ) -> Result<()> {
        let calendar = LocalCalendar { zone: town.zone(), holidays: town.holidays() };
        let today = civil_day(tx.now(), town.zone());
        let until = until.or_else(|| today.checked_add_days(DAYS_FOR_DOCUMENTS));
        missing::ask(tx, &self.access, case.id, pieces, until, calendar).map_err(case_error)?;
        let list: Vec<&str> = pieces.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let by = until.unwrap_or(today);
        self.tell(tx, case, false, |sender, lang, about| {
            messages::document_request(sender, lang, about, &list, by)
        })?;
        let order = LetterOrder {
            case: case.id,
            subject: format!("Votre demande {}\u{a0}: pièces à nous envoyer", case.reference),
            paragraphs: vec![format!(
                "Pour traiter votre demande {}, il nous manque les pièces ci-dessous. Vous pouvez nous les envoyer par courrier, les déposer au guichet ou les joindre sur la page de suivi.",
                case.reference
            )],
            pieces: list.into_iter().map(str::to_owned).collect(),
            until,
            joined_to: None,
            asks: false,
        };
        Self::by_letter(tx, &order)
    }

    /// Takes back what was granted and booked, and tells the requester why. `false` where nothing is booked, or it has
    /// begun.
    pub fn cancel(&self, tx: &mut Tx<'_>, case: &Case, why: &str, town: &Town) -> Result<bool> {
        match cancellation::by_town(tx, &self.access, case.id, why, town.zone()) {
            Ok(()) => {}
            Err(CaseError::WrongState(_)) => return Ok(false),
            Err(error) => return Err(case_error(error)),
        }
        let lang = submission::reach(tx, case.id)?.map(|reach| reach.lang).unwrap_or_default();
        let Some(it) = booking::of_owner(tx, ("case", case.id.uuid()))? else { return Ok(true) };
        let (name, when) = (it.resource.details.name.read_in(lang), clock::when(it.span, town.zone(), lang));
        let words = match lang {
            Lang::Fr => {
                format!("La mairie a annulé votre réservation\u{a0}: {name}, {when}.\n\nMotif\u{a0}: {why}")
            }
            Lang::En => {
                format!("The town hall has cancelled your booking: {name}, {when}.\n\nReason: {why}")
            }
        };
        self.tell_whole(tx, case, &words, &[])?;
        Ok(true)
    }

    /// Adds a date that could not be had when what comes again was asked for; its price is reckoned anew, and the requester
    /// is told. `false` where somebody has it still.
    pub fn add_date(&self, tx: &mut Tx<'_>, case: &Case, start: i64, town: &Town) -> Result<bool> {
        self.access.permit(Right::Handle, case).map_err(case_error)?;
        let owner = ("case", case.id.uuid());
        let Some(it) = booking::of_owner(tx, owner)? else { return Ok(false) };
        let skipped = it.details.skipped.iter().find(|skipped| skipped.span.start().timestamp() == start);
        let Some(date) = skipped.map(|skipped| skipped.span) else { return Ok(false) };
        match booking::add_date(tx, &it, date) {
            Ok(true) => {}
            Err(ClaimError::Store(error)) => return Err(error.into()),
            Ok(false) | Err(_) => return Ok(false),
        }
        let (form, answers) = (self.form(tx, case)?, case.answers.as_object().cloned().unwrap_or_default());
        let Some(it) = booking::of_owner(tx, owner)? else { return Ok(true) };
        if it.price.as_ref().is_some_and(|price| price.free.is_none())
            && let Some(found) = priced::reckon(tx, &form, &answers, &it, town)?
        {
            booking::set_price(tx, &it, &found.price, None, town)?;
        }
        let lang = submission::reach(tx, case.id)?.map(|reach| reach.lang).unwrap_or_default();
        let (name, when) = (it.resource.details.name.read_in(lang), clock::when(date, town.zone(), lang));
        let words = match lang {
            Lang::Fr => format!("Une date est ajoutée à votre réservation\u{a0}: {name}, {when}."),
            Lang::En => format!("A date is added to your booking: {name}, {when}."),
        };
        self.write(tx, case, &words, &[])?;
        Ok(true)
    }

    /// Says which step of the procedure the case has reached; what the steps do is done.
    pub fn reach_step(&self, tx: &mut Tx<'_>, case: &Case, step: &str) -> Result<()> {
        let town = Town::load(tx)?;
        self.move_to(tx, case, step, None, &town)?.map_err(|_| WebError::conflict())
    }

    /// Decides, with reasons; the paper and word of it follow in the background. The documents that are joined are
    /// notified with it: of the case, or waiting for it, and without a virus.
    pub fn decide(
        &self,
        tx: &mut Tx<'_>,
        case: &Case,
        mut new: NewDecision,
        joined: &[Document],
        town: &Town,
    ) -> Result<()> {
        let form = self.form(tx, case)?;
        if form.procedure().decision.formal && new.outcome != Outcome::Closed {
            new.series = Some("ARR".to_owned());
        }
        decision::decide(tx, &self.access, case.id, &new, town.zone()).map_err(case_error)?;
        enclosure::join(tx, case.id, To::Decision(case.id), joined)?;
        jobs::enqueue(tx, TELL_DECISION, &json!({ "case": case.id }), tx.now(), None)?;
        Ok(())
    }

    pub(crate) fn form(&self, tx: &mut Tx<'_>, case: &Case) -> Result<Arc<CompiledForm>> {
        let form = self.desk.shelf.version(tx, &case.procedure, case.procedure_version)?;
        form.ok_or_else(WebError::not_found)
    }

    /// Word to the requester: by mail, by text message to who has no e-mail address or wishes both.
    pub(crate) fn tell(
        &self,
        tx: &mut Tx<'_>,
        case: &Case,
        secret: bool,
        write: impl FnOnce(messages::Sender<'_>, Lang, messages::CaseRef<'_>) -> messages::Message,
    ) -> Result<()> {
        crate::mandates::copy(tx, case, &self.origin)?;
        let Some(reach) = submission::reach(tx, case.id)? else { return Ok(()) };
        texting::tell(tx, case, &reach, &self.origin, texting::Told::News)?;
        self.mail(tx, case, &reach, secret, write)
    }

    fn mail(
        &self,
        tx: &mut Tx<'_>,
        case: &Case,
        reach: &Reach,
        secret: bool,
        write: impl FnOnce(messages::Sender<'_>, Lang, messages::CaseRef<'_>) -> messages::Message,
    ) -> Result<()> {
        if reach.email.is_empty() {
            return Ok(());
        }
        let form = self.form(tx, case)?;
        let stationery = Stationery::load(tx, &case.department)?;
        let title = form.procedure().title.text(reach.lang);
        let told = Told { stationery: &stationery, title, reference: &case.reference, origin: &self.origin };
        let message = told.write(|sender, about| write(sender, reach.lang, about));
        let new = mail::NewMail {
            to: &reach.email,
            subject: &message.subject,
            text: &message.text,
            html: None,
            secret: secret || form.procedure().sealed,
            about: About { kind: "case", id: case.id.uuid() },
        };
        mail::queue(tx, &new).map(drop).map_err(WebError::internal)
    }

    pub(crate) fn by_letter(tx: &mut Tx<'_>, order: &LetterOrder) -> Result<()> {
        let wants = submission::reach(tx, order.case)?.is_some_and(|reach| reach.by_letter);
        if wants {
            order.queue(tx)?;
        }
        Ok(())
    }
}
