//! From answers to a case: judged outside the transaction, received within it.

use std::collections::HashMap;

use beffroi_cases::{CaseError, case, tracking::TrackingCode};
use beffroi_core::{Channel, Day, Id, Lang};
use beffroi_forms::{Answers, CompiledForm, Environment, Fault, FileInfo, Outcome, Reason};
use beffroi_people::{Account, Town, person};
use beffroi_store::{StoreError, Tx, jobs};
use serde_json::json;
use uuid::Uuid;

use super::{
    Beneficiary, Requester, pieces,
    store::{self, Reach},
};
use crate::{draft::Draft, papers::ACKNOWLEDGE, procedure::Lists, retention};

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
    within_limits(tx, form, &judged.outcome)?;
    let requester = &judged.requester;
    let by_letter = submission.by_letter || requester.email.is_empty();
    let mut record = requester.person(submission.lang, by_letter);
    record.account = submission.account;
    // What is sealed leaves no record of a person beside it.
    let (person, beneficiary) = if procedure.sealed {
        (None, None)
    } else {
        let person = person::create(tx, procedure.sector, &record)?;
        (Some(person.uuid()), judged.beneficiary.record(tx, procedure.sector)?)
    };
    let received = case::receive(tx, new_case(submission, person, beneficiary)?)?;
    let id = received.case.id;
    retention::note_received(tx, id, procedure.retention.as_ref(), &received.case.answers)?;
    pieces::ask(tx, submission, &received.case)?;
    for limit in &judged.outcome.limits {
        store::insert_tally(tx, &procedure.slug, limit, id)?;
    }
    let reach = Reach {
        account: submission.account,
        lang: submission.lang,
        email: requester.email.clone(),
        phone: requester.phone.clone(),
        letter_lines: requester.letter_lines(),
        by_letter,
    };
    store::insert_reach(tx, id, &reach, procedure.sealed)?;
    if let Some(owner) = submission.files {
        take_files(tx, form, &judged.outcome, owner, id)?;
    }
    if let Some((draft, _)) = &submission.draft {
        crate::draft::discard(tx, draft.id)?;
    }
    // The code goes with the order, which is forgotten once the acknowledgement is on its way.
    let order = json!({ "case": id, "code": received.code.to_string() });
    jobs::enqueue(tx, ACKNOWLEDGE, &order, tx.now(), None)?;
    Ok(Sent { case: id, reference: received.case.reference, code: received.code })
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
    requester: Option<Uuid>,
    beneficiary: Option<(Uuid, String)>,
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
        requester_name: submission.judged.requester.list_name(),
        typed_by: submission.typed_by,
        code: submission.draft.as_ref().map(|(_, code)| code.clone()),
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
