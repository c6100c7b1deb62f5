//! Opinions for programs that hold an agent’s token: asked for, taken back, reminded of, given. The same commands as the
//! page.

use std::collections::BTreeSet;

use axum::{body::Bytes, extract::Path, http::StatusCode, response::IntoResponse};
use beffroi_cases::{
    LONGEST_TEXT, Right,
    advice::{self, Asked, Opinion, Shared, View},
    case::Case,
};
use beffroi_core::{Day, Id, Lang, calendar::civil_day};
use beffroi_documents as documents;
use beffroi_people::account::normalise_email;
use beffroi_store::Tx;
use beffroi_web::{Result, WebError, once::Key};
use chrono::Days;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    agents::{act, act_on},
    body::{body, later, text, wrong},
    model::Nothing,
};
use crate::{
    office::{
        Office, entitled,
        steps::{Course, Hindrance},
    },
    visit::{Visit, case_error},
};

/// Letters of a name or an address.
const LONGEST_NAME: usize = 200;
/// The time to answer where none is given.
const USUAL_DAYS: Days = Days::new(21);
/// Documents of a case that may be shared, at most.
const DOCUMENTS_AT_MOST: u32 = 200;

/// An opinion to ask for: of a department of the town, or of an expert outside, who is mailed a personal link.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "department": "domaine-public", "question": "La rue est-elle libre ?", "fields": ["lieu"],
}))]
pub(super) struct NewQuestion {
    /// The department’s short name; or else `expert` and `email`.
    #[serde(default)]
    department: Option<String>,
    /// Who is asked outside.
    #[serde(default)]
    expert: Option<String>,
    /// Where the link goes.
    #[serde(default)]
    email: Option<String>,
    question: String,
    /// The last day to answer, after today; three weeks where none is given.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    due_on: Option<Day>,
    /// The questions of the form, or `step.field`, that they see. They see nothing else.
    #[serde(default)]
    fields: Vec<String>,
    /// The documents of the case that they see.
    #[serde(default)]
    documents: Vec<Uuid>,
}

/// The answer to a question.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "view": "favourable" }))]
pub(super) struct NewAnswer {
    /// `favourable`, `with-reserves` or `unfavourable`.
    view: String,
    /// The remarks, conditions or reasons; needed unless it is favourable.
    #[serde(default)]
    text: String,
}

fn asked(new: &NewQuestion) -> Result<Asked> {
    match (&new.department, &new.expert) {
        (Some(department), None) => Ok(Asked::Department(text("#/department", department, LONGEST_NAME)?)),
        (None, Some(expert)) => {
            let email = new.email.as_deref().unwrap_or_default();
            let name = text("#/expert", expert, LONGEST_NAME)?;
            let email = text("#/email", email, LONGEST_NAME)?;
            if normalise_email(&email).is_none() {
                return Err(wrong("#/email", "value", "an e-mail address is expected"));
            }
            Ok(Asked::Expert { name, email })
        }
        _ => Err(wrong("#/department", "value", "a department or an expert, one of them")),
    }
}

/// What is shared, if the case has it.
fn shared(office: &Office, tx: &mut Tx<'_>, case: &Case, new: NewQuestion, today: Day) -> Result<Shared> {
    let course = Course::load(tx, &office.desk, case, today)?;
    if let Some(rank) = new.fields.iter().position(|name| course.form.called(name, Lang::Fr).is_none()) {
        return Err(wrong(&format!("#/fields/{rank}"), "value", "no such question"));
    }
    if !new.documents.is_empty() {
        let known = documents::of_owner(tx, "case", case.id.uuid(), DOCUMENTS_AT_MOST)?;
        let known: BTreeSet<Uuid> = known.into_iter().map(|document| document.id.uuid()).collect();
        if let Some(rank) = new.documents.iter().position(|id| !known.contains(id)) {
            return Err(wrong(&format!("#/documents/{rank}"), "value", "no such document of this case"));
        }
    }
    if new.fields.is_empty() && new.documents.is_empty() {
        return Err(wrong("#/fields", "missing", "who is asked must see something of the case"));
    }
    Ok(Shared { fields: new.fields, documents: new.documents })
}

/// Asks for an opinion; who is asked is told by mail.
#[utoipa::path(
    post, path = "/api/v1/agent/cases/{id}/opinions", request_body = NewQuestion,
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    security(("token" = ["case.handle"])),
    responses((status = 204), (status = 404), (status = 409, description = "The case is not under instruction"), (status = 422))
)]
pub(super) async fn ask(visit: Visit, Path(id): Path<String>, bytes: Bytes) -> Result {
    act(visit, &id, "ask-opinion", bytes, |office, tx, case, town, new: NewQuestion| {
        office.access.permit(Right::Handle, case).map_err(case_error)?;
        let today = civil_day(tx.now(), town.zone());
        let whom = asked(&new)?;
        let question = text("#/question", &new.question, LONGEST_TEXT)?;
        let due = later("#/due_on", new.due_on, today, USUAL_DAYS)?;
        let shared = shared(office, tx, case, new, today)?;
        match office.ask_opinion(tx, case, (whom, &question, shared, due), town)? {
            Ok(()) => Ok(()),
            Err(Hindrance::NoDepartment) => Err(wrong("#/department", "value", "no such department")),
            Err(_) => Err(WebError::conflict()),
        }
    })
    .await
}

fn id_of(text: &str) -> Result<Id<Opinion>> {
    text.parse().map_err(|_| WebError::not_found())
}

/// Takes a question back: the link of who was asked serves no more.
#[utoipa::path(
    post, path = "/api/v1/agent/cases/{id}/opinions/{opinion}/cancellation",
    request_body(content = Option<Nothing>),
    params(("id" = String, Path), ("opinion" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    security(("token" = ["case.handle"])),
    responses((status = 204), (status = 404), (status = 409, description = "It was given, or taken back"))
)]
pub(super) async fn cancel(
    visit: Visit,
    Path((id, opinion)): Path<(String, String)>,
    bytes: Bytes,
) -> Result {
    let part = opinion.clone();
    act_on(visit, (&id, &part), "cancel-opinion", bytes, move |office, tx, case, _, _: Nothing| {
        advice::cancel(tx, &office.access, case.id, id_of(&opinion)?).map_err(case_error)
    })
    .await
}

/// Reminds whoever is asked; once a day at most, and a second time does nothing.
#[utoipa::path(
    post, path = "/api/v1/agent/cases/{id}/opinions/{opinion}/reminder",
    request_body(content = Option<Nothing>),
    params(("id" = String, Path), ("opinion" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    security(("token" = ["case.handle"])),
    responses((status = 204), (status = 404))
)]
pub(super) async fn remind(
    visit: Visit,
    Path((id, opinion)): Path<(String, String)>,
    bytes: Bytes,
) -> Result {
    let part = opinion.clone();
    act_on(visit, (&id, &part), "remind-opinion", bytes, move |office, tx, case, town, _: Nothing| {
        let today = civil_day(tx.now(), town.zone());
        office.remind_of(tx, case, id_of(&opinion)?, today)
    })
    .await
}

/// Gives the opinion that a department was asked for.
#[utoipa::path(
    post, path = "/api/v1/agent/opinions/{id}", request_body = NewAnswer,
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    security(("token" = ["case.handle"])),
    responses((status = 204), (status = 404), (status = 409, description = "It was given, or the case is over"), (status = 422))
)]
pub(super) async fn answer(visit: Visit, Path(id): Path<String>, bytes: Bytes) -> Result {
    let Visit { commune, visitor, headers, .. } = visit;
    let who = visitor.require()?.clone();
    let key = Key::of(&headers, &visitor, "opinions", &id, &bytes)?;
    commune
        .write(visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            let id: Id<Opinion> = id.parse().map_err(|_| WebError::not_found())?;
            let known = advice::find(tx, id)?.and_then(|opinion| opinion.department);
            let reads = known.is_some_and(|place| access.allows(Right::Read, &place));
            if !reads {
                return Err(WebError::not_found());
            }
            let new: NewAnswer = body(&bytes)?;
            let view = View::from_word(&new.view)
                .ok_or_else(|| wrong("#/view", "value", "favourable, with-reserves or unfavourable"))?;
            key.once(tx, |tx| {
                advice::answer_inside(tx, &access, id, who.account.uuid(), view, &new.text)
                    .map(|_| true)
                    .map_err(case_error)
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
