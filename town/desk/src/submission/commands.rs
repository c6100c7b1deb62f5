//! From answers to a case: judged outside the transaction, received within it.

use std::collections::HashMap;

use beffroi_calendar::booking::{self, Booking, NotHad};
use beffroi_cases::{CaseError, case, tracking::TrackingCode};
use beffroi_core::{
    Channel, Day, Id, Lang,
    calendar::{civil_day, long_date},
};
use beffroi_forms::{Answers, CompiledForm, Environment, Fault, FileInfo, Opening, Outcome, Reason, Text};
use beffroi_people::{
    Account, NewPerson, Person, Town,
    mandate::{self, Mandate},
    person,
};
use beffroi_store::{StoreError, Tx, jobs};
use serde_json::json;
use uuid::Uuid;

use super::{
    Beneficiary, Requester, lent, pieces,
    store::{self, Reach},
};
use crate::{draft::Draft, fee, fetched, papers::ACKNOWLEDGE, priced, procedure::Lists, retention};

/// What agents’ lists show in the place of the name of who asked for something that is sealed.
pub const CONFIDENTIAL: &str = "Demande confidentielle";

/// The files that belong to answers, by document.
pub type Files = HashMap<String, FileInfo>;

/// Answers, judged by their form.
#[derive(Debug)]
pub struct Judged {
    /// What the engine found.
    pub outcome: Outcome,
    /// Who asks.
    pub requester: Requester,
    /// For whom, if not for themselves.
    pub beneficiary: Beneficiary,
}

/// Judges answers, as they come through this door on this day.
pub fn judge(form: &CompiledForm, answers: &Answers, channel: Channel, today: Day, files: &Files) -> Judged {
    let environment = Environment { today, channel, references: &Lists, files };
    let outcome = form.evaluate(answers, &environment);
    let requester = Requester::of(form, &outcome.answers);
    let beneficiary = Beneficiary::of(form, &outcome.answers);
    Judged { outcome, requester, beneficiary }
}

/// A request to be sent.
#[derive(Debug)]
pub struct Submission<'a> {
    /// The procedure.
    pub form: &'a CompiledForm,
    /// The answers, without a fault.
    pub judged: &'a Judged,
    /// The town's settings, as the answers were judged by.
    pub town: &'a Town,
    /// The account of the requester.
    pub account: Option<Id<Account>>,
    /// The agent who typed, for somebody at the counter or on the telephone.
    pub typed_by: Option<Uuid>,
    /// The language in which the requester is answered.
    pub lang: Lang,
    /// The legal day of receipt, where it is not today: by post, or by e-mail.
    pub received_on: Option<Day>,
    /// Whether the requester wants paper.
    pub by_letter: bool,
    /// Who has the files that the answers name until there is a case: a draft, an entry at the counter, an upload.
    pub files: Option<(&'static str, Uuid)>,
    /// The draft that is sent, with the code that its owner holds.
    pub draft: Option<(&'a Draft, TrackingCode)>,
    /// What is held for it, where the procedure wants something picked first.
    pub booking: Option<Id<Booking>>,
    /// What is known of who stands behind it.
    pub whom: Whom,
}

/// What is known of who stands behind a request, beside its answers; nothing, most often.
#[derive(Clone, Debug, Default)]
pub struct Whom {
    /// The record of the requester, which the counter has found in the procedure's sector.
    pub person: Option<Id<Person>>,
    /// What the counter knows of whoever stands there: kept on their record where the answers do not say it.
    pub known: Option<NewPerson>,
    /// The mandate by which a helper asks for the person whom the answers name, and the helper.
    pub mandate: Option<(Id<Mandate>, Helping)>,
}

/// A helper who asks for somebody else.
#[derive(Clone, Debug)]
pub struct Helping {
    /// The helper's account.
    pub account: Id<Account>,
    /// The name of the helper.
    pub name: String,
    /// The e-mail address of the helper.
    pub email: String,
}

/// A request that was received.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The case.
    pub case: Id<case::Case>,
    /// What it is called aloud.
    pub reference: String,
    /// What opens it.
    pub code: TrackingCode,
}

/// Why a request is not received.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// Some answers are wrong, or a limit is reached.
    #[error("some answers are wrong")]
    Faults(Vec<Fault>),
    /// Nothing is held for it, or what was held has expired and somebody else has it.
    #[error("what was picked for it is taken")]
    Taken,
    /// What was held for it has expired, and may no longer be booked.
    #[error("what was picked for it may no longer be booked")]
    Unfit,
    /// The mandate does not run, or not for this procedure.
    #[error("no mandate covers this request")]
    Mandate,
    /// The case cannot be made.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Receives a request: case, person, limits, and the order to acknowledge it, all or nothing.
pub fn submit(tx: &mut Tx<'_>, submission: &Submission<'_>) -> Result<Sent, SubmitError> {
    let Submission { form, judged, .. } = submission;
    if !judged.outcome.faults.is_empty() {
        return Err(SubmitError::Faults(judged.outcome.faults.clone()));
    }
    let procedure = form.procedure();
    if let Some(fault) = closed(tx, submission) {
        return Err(SubmitError::Faults(vec![fault]));
    }
    within_limits(tx, form, &judged.outcome)?;
    lent::before_booking(tx, submission)?;
    let booked = book(tx, submission)?;
    let lent = lent::asked(tx, submission)?;
    let requester = &judged.requester;
    let by_letter = submission.by_letter || requester.email.is_empty();
    let mut record = requester.person(submission.lang, by_letter);
    record.account = submission.account;
    // The birth alone: where the town writes is what this request says.
    if let Some(known) = submission.whom.known.as_ref().filter(|known| known.is_called_like(&record)) {
        record.birth_date = record.birth_date.or(known.birth_date);
        if record.birth_place.is_empty() {
            record.birth_place.clone_from(&known.birth_place);
        }
    }
    let (names, helped) = persons(tx, submission, &record)?;
    let (email, letter_lines) = match helped.as_ref().and_then(Helped::reach) {
        Some(reach) => reach,
        None => (requester.email.clone(), requester.letter_lines()),
    };
    let received = case::receive(tx, new_case(submission, names)?)?;
    let id = received.case.id;
    if let Some(booked) = booked {
        booking::hand_over(tx, booked, ("case", id.uuid()))?;
    }
    if let Some(lent) = lent {
        lent.keep(tx, id)?;
    }
    retention::note_received(tx, id, procedure.retention.as_ref(), &received.case.answers)?;
    pieces::ask(tx, submission, &received.case)?;
    for limit in &judged.outcome.limits {
        store::insert_tally(tx, &procedure.slug, limit, id)?;
    }
    let reach = Reach {
        // What is sent for somebody else is among their own requests, if they have an account; never the helper's.
        account: match &helped {
            Some(helped) => helped.own,
            None => submission.account,
        },
        lang: submission.lang,
        phone: requester.phone.clone(),
        by_letter: submission.by_letter || email.is_empty(),
        // Known by the mandate itself.
        sent_by: String::new(),
        email,
        letter_lines,
    };
    store::insert_reach(tx, id, &reach, procedure.sealed)?;
    fee::file(tx, form, &received.case)?;
    if let Some(Helped { mandate, account, .. }) = &helped {
        store::insert_case_mandate(tx, id, (*mandate, *account))?;
        mandate::note_use(tx, *mandate, "sent", (id.uuid(), &received.case.reference))?;
    }
    if let Some(owner) = submission.files {
        take_files(tx, form, &judged.outcome, owner, id)?;
    }
    if let Some((draft, _)) = &submission.draft {
        fetched::keep(tx, id, &draft.answers, &judged.outcome)?;
        crate::draft::discard(tx, draft.id)?;
    }
    // The code goes with the order, which is forgotten once the acknowledgement is on its way.
    let order = json!({ "case": id, "code": received.code.to_string() });
    jobs::enqueue(tx, ACKNOWLEDGE, &order, tx.now(), None)?;
    Ok(Sent { case: id, reference: received.case.reference, code: received.code })
}

/// Takes for good what is held for a request: before anything of it is written, so that one that comes too late leaves
/// nothing behind. A letter and an e-mail are received whether something is held or not.
fn book(tx: &mut Tx<'_>, submission: &Submission<'_>) -> Result<Option<Id<Booking>>, SubmitError> {
    if submission.form.procedure().booking.is_none() {
        return Ok(None);
    }
    let written = matches!(tx.by().channel, Channel::Paper | Channel::Email);
    let procedure = &submission.form.procedure().slug;
    let held = match submission.booking {
        Some(id) => booking::find(tx, id)?
            .filter(|booking| booking.state == booking::State::Held && booking.is_for(procedure)),
        None => None,
    };
    let Some(held) = held else { return if written { Ok(None) } else { Err(SubmitError::Taken) } };
    match booking::confirm(tx, &held, submission.town) {
        Ok(()) => {
            let (form, answers) = (submission.form, &submission.judged.outcome.answers);
            if let Some(it) = priced::reckon(tx, form, answers, &held, submission.town)? {
                let body = it.body.as_ref().map(|(body, name)| (body.as_str(), name.as_str()));
                booking::set_price(tx, &held, &it.price, body, submission.town)?;
            }
            Ok(Some(held.id))
        }
        Err(NotHad::Store(error)) => Err(error.into()),
        // What came by post is received: an agent sees that somebody was faster, and answers.
        Err(NotHad::Taken | NotHad::Unfit(_)) if written => {
            booking::overtake(tx, held.id)?;
            Ok(Some(held.id))
        }
        Err(NotHad::Taken) => Err(SubmitError::Taken),
        Err(NotHad::Unfit(_)) => Err(SubmitError::Unfit),
    }
}

/// Outside of its days a procedure takes no request, by whatever door, told at its first question. A letter and an e-mail
/// are always taken: nobody may be kept from writing to the town (CRPA L112-8 adds a way and takes none).
fn closed(tx: &Tx<'_>, submission: &Submission<'_>) -> Option<Fault> {
    let procedure = submission.form.procedure();
    let today = || civil_day(tx.now(), submission.town.zone());
    let reason = Reason::Said(closed_text(procedure.opening(submission.received_on.unwrap_or_else(today)))?);
    let path =
        submission.form.fields().map(|(_, field)| field).find(|field| field.kind.is_question())?.id.clone();
    let written = matches!(tx.by().channel, Channel::Paper | Channel::Email);
    (!written).then_some(Fault { path, reason })
}

/// Why a procedure takes no request; `None` where it does.
pub fn closed_text(opening: Opening) -> Option<Text> {
    let told = |day: Day, fr: &str, en: &str| Text {
        fr: format!("{fr} {}.", long_date(day, Lang::Fr)),
        en: Some(format!("{en} {}.", long_date(day, Lang::En))),
        plain: None,
    };
    match opening {
        Opening::Open => None,
        Opening::From(day) => Some(told(day, "Cette démarche ouvrira le", "This procedure opens on")),
        Opening::Until(day) => Some(told(
            day,
            "Cette démarche est fermée. Elle était ouverte jusqu’au",
            "This procedure is closed. It was open until",
        )),
    }
}

/// Whom a case names: the requester's record and name, and for whom is asked.
struct Names {
    requester: Option<Uuid>,
    requester_name: String,
    beneficiary: Option<(Uuid, String)>,
}

/// The mandate by which a request is sent.
struct Helped {
    mandate: Id<Mandate>,
    /// The account of the helper.
    account: Id<Account>,
    /// The account of the helped person, if they have one.
    own: Option<Id<Account>>,
    /// Who is helped.
    person: mandate::Helped,
}

impl Helped {
    /// Where the town writes: to the helped person, whatever the helper typed; `None` where the mandate knows no way.
    fn reach(&self) -> Option<(String, Vec<String>)> {
        let lines = self.person.letter_lines();
        let known = !self.person.email.is_empty() || lines.len() > 1;
        known.then(|| (self.person.email.clone(), lines))
    }
}

/// Keeps the records of a request. By a mandate the helper asks and the helped person is the beneficiary, unless the
/// answers name another one.
fn persons(
    tx: &mut Tx<'_>,
    submission: &Submission<'_>,
    record: &NewPerson,
) -> Result<(Names, Option<Helped>), SubmitError> {
    let procedure = submission.form.procedure();
    let judged = submission.judged;
    // What is sealed leaves no record of a person beside it.
    let beneficiary =
        if procedure.sealed { None } else { judged.beneficiary.record(tx, procedure.sector)? };
    let Some((id, helping)) = &submission.whom.mandate else {
        let known = match submission.whom.person {
            Some(id) => person::find(tx, procedure.sector, id)?.map(|person| person.id),
            None => None,
        };
        let requester = match known {
            _ if procedure.sealed => None,
            Some(id) => Some(id.uuid()),
            None => Some(person::create(tx, procedure.sector, record)?.uuid()),
        };
        let names = Names { requester, requester_name: judged.requester.list_name(), beneficiary };
        return Ok((names, None));
    };
    let today = civil_day(tx.now(), submission.town.zone());
    let found = mandate::find(tx, *id)?.filter(|mandate| mandate.details.account == helping.account);
    let found = found.filter(|mandate| mandate.covers(&procedure.slug, procedure.sector, today));
    let held = found.ok_or(SubmitError::Mandate)?;
    let (given, family) = helping.name.rsplit_once(' ').unwrap_or(("", &helping.name));
    // Not a record of the account's own requests: their forms are not filled in from it.
    let helper = NewPerson {
        family_name: family.to_owned(),
        given_names: given.to_owned(),
        email: helping.email.clone(),
        ..NewPerson::default()
    };
    if procedure.sealed {
        let names =
            Names { requester: None, requester_name: judged.requester.list_name(), beneficiary: None };
        let by = Helped {
            mandate: *id,
            account: helping.account,
            own: held.helped_account,
            person: held.details.helped,
        };
        return Ok((names, Some(by)));
    }
    let requester = person::create(tx, procedure.sector, &helper)?;
    let beneficiary = if let Some(named) = beneficiary {
        named
    } else {
        // The record that the counter knows the helped person by, where it is of this sector.
        let known = match submission.whom.person.or(held.details.person) {
            Some(id) => person::find(tx, procedure.sector, id)?,
            None => None,
        };
        let asked_for = if let Some(known) = known {
            known.id
        } else {
            let asked_for = NewPerson { account: held.helped_account, ..record.clone() };
            person::create(tx, procedure.sector, &asked_for)?
        };
        (asked_for.uuid(), judged.requester.list_name())
    };
    let names = Names {
        requester: Some(requester.uuid()),
        requester_name: helper.list_name(),
        beneficiary: Some(beneficiary),
    };
    let by = Helped {
        mandate: *id,
        account: helping.account,
        own: held.helped_account,
        person: held.details.helped,
    };
    Ok((names, Some(by)))
}

/// Gives the case the files that its answers name. What was taken back, or belongs to a question that is asked no
/// more, concerns no agent.
fn take_files(
    tx: &mut Tx<'_>,
    form: &CompiledForm,
    outcome: &Outcome,
    owner: (&str, Uuid),
    case: Id<case::Case>,
) -> Result<(), StoreError> {
    let named = form.documents(&outcome.answers);
    let named: Vec<_> = named.into_iter().filter_map(|document| document.parse().ok()).collect();
    beffroi_documents::keep_only(tx, owner, &named)?;
    beffroi_documents::hand_over(tx, owner, ("case", case.uuid())).map(drop)
}

fn new_case(
    submission: &Submission<'_>,
    Names { requester, requester_name, beneficiary }: Names,
) -> Result<case::NewCase, SubmitError> {
    let procedure = submission.form.procedure();
    let (Some(regime), Some(contact)) = (&procedure.regime, &procedure.contact) else {
        return Err(StoreError::Corrupt(format!("procedure {} lacks its regime", procedure.slug)).into());
    };
    Ok(case::NewCase {
        procedure: procedure.slug.clone(),
        procedure_version: procedure.version,
        department: contact.department.clone(),
        sector: procedure.sector,
        regime: regime.clock(),
        received_on: submission.received_on,
        zone: submission.town.zone(),
        holidays: submission.town.holidays(),
        requester,
        beneficiary,
        requester_name,
        typed_by: submission.typed_by,
        // The helper holds the draft's code: the case's own is told to the helped person alone.
        code: submission
            .draft
            .as_ref()
            .filter(|_| submission.whom.mandate.is_none())
            .map(|(_, code)| code.clone()),
        answers: serde_json::Value::Object(submission.judged.outcome.answers.clone()),
        sealed_as: procedure.sealed.then_some(CONFIDENTIAL),
    })
}

/// Counts the cases of this organiser in the year. Writers of one commune come one after another, so that
/// two requests cannot both take the last place.
fn within_limits(tx: &mut Tx<'_>, form: &CompiledForm, outcome: &Outcome) -> Result<(), SubmitError> {
    let mut faults = Vec::new();
    for limit in &outcome.limits {
        let Some(rule) = form.procedure().limits.get(limit.rank) else { continue };
        let used = store::tally(tx, &form.procedure().slug, limit)?;
        if used >= limit.at_most {
            let mut message = rule.message.clone();
            message.fr = filled(&message.fr, used, limit.at_most);
            message.en = message.en.as_deref().map(|text| filled(text, used, limit.at_most));
            faults.push(Fault { path: rule.who.clone(), reason: Reason::Said(message) });
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(SubmitError::Faults(faults)) }
}

fn filled(text: &str, used: i64, at_most: i64) -> String {
    text.replace("{used}", &used.to_string()).replace("{at_most}", &at_most.to_string())
}
