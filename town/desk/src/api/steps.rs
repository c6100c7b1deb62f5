//! The steps of a case, its opinions and tasks, for programs that hold an agent’s token: the same rights, the same
//! commands as the page.

use axum::{Json, body::Bytes, extract::Path, http::StatusCode, response::IntoResponse};
use beffroi_cases::{
    CaseError, LONGEST_TEXT, Right,
    advice::{self, Opinion, View},
    case::{self, Case},
    step,
    task::{self, NewTask, Task},
    transfer,
};
use beffroi_core::{Day, Id, Instant, calendar::civil_day};
use beffroi_documents as documents;
use beffroi_forms::{Answers, Moment};
use beffroi_people::{Town, department};
use beffroi_web::{Result, WebError};
use chrono::Days;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    agents::{act, act_on},
    body::{later, text, wrong},
    deposit::{fault, private, shape},
};
use crate::{
    office::{
        consulted, entitled,
        steps::{Beside, Course, Hindrance, STEP_FILES, finished},
    },
    permission,
    public::known_files,
    visit::{Visit, case_error},
};

/// Letters of a name or an address.
const LONGEST_NAME: usize = 200;

/// Where a case stands, what agents filled in, and what it waits for.
#[derive(Serialize, ToSchema)]
pub(super) struct CaseSteps {
    /// The step that it has reached; none between receipt and the first one.
    step: Option<String>,
    /// The department that acts in that step, where it is not the one in charge.
    acting: Option<String>,
    /// The steps that it has been in.
    steps: Vec<StepFilled>,
    /// The steps that it may be moved to.
    offered: Vec<String>,
    /// What can be done in the step in which it stands.
    actions: Vec<ActionOpen>,
    opinions: Vec<OpinionAsked>,
    tasks: Vec<TaskGiven>,
}

/// A step that a case has been in.
#[derive(Serialize, ToSchema)]
pub(super) struct StepFilled {
    step: String,
    #[schema(value_type = String, format = Date)]
    entered_on: Day,
    /// What agents filled in, by field.
    #[schema(value_type = Object)]
    answers: serde_json::Value,
    /// How often something was filled in: to be named by who fills in more.
    revision: u32,
    /// The JSON Schema (2020-12) of `answers`; none where the step asks nothing.
    #[schema(value_type = Option<Object>)]
    schema: Option<serde_json::Value>,
}

/// Something that can be done in a step.
#[derive(Serialize, ToSchema)]
pub(super) struct ActionOpen {
    action: String,
    title: String,
    /// What it does: `message`, `opinion`, `transfer`…
    kind: &'static str,
}

/// What an agent fills in in a step.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "answers": { "route_departementale": true }, "revision": 0 }))]
pub(super) struct NewFilling {
    /// By field, in the shapes of the step’s schema.
    #[schema(value_type = Object)]
    answers: serde_json::Value,
    /// How often something had been filled in when you looked.
    revision: u32,
    /// The upload whose documents the answers name.
    #[serde(default)]
    upload: Option<uuid::Uuid>,
}

/// An action to be done.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "step": "avis" }))]
pub(super) struct NewAction {
    /// The step in which the case stood when you looked.
    step: String,
    /// Who is asked for an opinion, where the procedure does not say it.
    #[serde(default)]
    expert: String,
    /// Where that question goes.
    #[serde(default)]
    email: String,
}

/// A task to give.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "text": "Rappeler le demandeur" }))]
pub(super) struct NewTaskGiven {
    text: String,
    /// The department’s short name; the one in charge, if none is given.
    #[serde(default)]
    department: Option<String>,
    /// The account of an agent who handles the cases of that department; anybody’s, if none is given.
    #[serde(default)]
    agent: Option<uuid::Uuid>,
    /// The day by which it is to be done, after today; a week where none is given.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    due_on: Option<Day>,
}

/// The competent administration (CRPA, art. L114-2).
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "body": "Préfecture de l’Hérault", "reasons": "Elle seule en décide." }))]
pub(super) struct NewTransfer {
    /// Its name.
    body: String,
    /// How it is reached.
    #[serde(default)]
    contact: String,
    /// Why it is theirs; the requester reads it.
    reasons: String,
}

/// When the competent administration received a case.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "received_on": "2026-06-03" }))]
pub(super) struct TransferReceipt {
    #[schema(value_type = String, format = Date)]
    received_on: Day,
}

/// An opinion that was asked for.
#[derive(Serialize, ToSchema)]
pub(super) struct OpinionAsked {
    id: String,
    /// The department that is asked, or else the expert outside.
    department: Option<String>,
    expert: Option<String>,
    question: String,
    /// `awaited`, `given`, `cancelled`, or `moot` where the case ended before it came.
    state: &'static str,
    #[schema(value_type = String, format = Date)]
    due_on: Day,
    /// `favourable`, `with-reserves` or `unfavourable`.
    view: Option<&'static str>,
    text: String,
}

/// Something to do.
#[derive(Serialize, ToSchema)]
pub(super) struct TaskGiven {
    id: String,
    text: String,
    department: String,
    #[schema(value_type = String, format = Date)]
    due_on: Day,
    #[schema(value_type = Option<String>, format = DateTime)]
    done_at: Option<Instant>,
}

fn asked(opinion: Opinion) -> OpinionAsked {
    OpinionAsked {
        id: opinion.id.to_string(),
        department: opinion.department,
        expert: Some(opinion.expert).filter(|expert| !expert.is_empty()),
        question: opinion.question,
        state: opinion.state.as_str(),
        due_on: opinion.due_on,
        view: opinion.view.map(View::as_str),
        text: opinion.words,
    }
}

fn given(task: Task) -> TaskGiven {
    TaskGiven {
        id: task.id.to_string(),
        text: task.words,
        department: task.department,
        due_on: task.due_on,
        done_at: task.done_at,
    }
}

/// The steps of a case, what agents filled in, its opinions and tasks. Reading them is written down.
#[utoipa::path(
    get, path = "/api/v1/agent/cases/{id}/steps", params(("id" = String, Path)), security(("token" = ["case.read"])),
    responses((status = 200, body = CaseSteps), (status = 401), (status = 404, description = "No such case, or not yours"))
)]
pub(super) async fn read(Visit { desk, commune, visitor, .. }: Visit, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let lang = visitor.lang;
    let id: Id<Case> = id.parse().map_err(|_| WebError::not_found())?;
    let found = commune
        .write(visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            let case = case::read(tx, &access, id).map_err(case_error)?;
            consulted(tx, id, &who)?;
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            let course = Course::load(tx, &desk, &case, today)?;
            let steps = step::of_case(tx, id)?.into_iter().map(|it| StepFilled {
                schema: course.form.step_form(&it.step).map(|form| form.json_schema(lang)),
                step: it.step,
                entered_on: it.entered_on,
                answers: it.answers,
                revision: it.revision,
            });
            let stands = case.step.as_deref().and_then(|step| course.step(step));
            let works = case.state.is_under_instruction();
            let actions = stands.filter(|_| works).map(|step| course.open(&case, step)).unwrap_or_default();
            let actions = actions.into_iter().filter(|action| action.on == Moment::Button);
            let all = &course.form.procedure().steps;
            let offered = all.iter().zip(course.offered(&case)).filter(|(_, offered)| works && *offered);
            let offered = offered.map(|(step, _)| &step.id).filter(|step| case.step.as_ref() != Some(step));
            Ok::<_, WebError>(CaseSteps {
                offered: offered.cloned().collect(),
                actions: actions
                    .map(|action| ActionOpen {
                        title: action.label.text(lang).to_owned(),
                        kind: action.kind.as_str(),
                        action: action.id,
                    })
                    .collect(),
                steps: steps.collect(),
                acting: case.acting,
                step: case.step,
                opinions: advice::of_case(tx, id)?.into_iter().map(asked).collect(),
                tasks: task::of_case(tx, id)?.into_iter().map(given).collect(),
            })
        })
        .await?;
    Ok(private(Json(found)))
}

/// What stands in the way, for a program.
fn hindered(hindrance: Hindrance) -> WebError {
    match hindrance {
        Hindrance::NoAddress => wrong("#/email", "missing", "an e-mail address is expected"),
        Hindrance::NotYours => WebError::forbidden(),
        Hindrance::Overtaken
        | Hindrance::NotOffered
        | Hindrance::NoDepartment
        | Hindrance::Sealed
        | Hindrance::NobodySigns
        | Hindrance::Granted => WebError::conflict(),
    }
}

/// Fills in the fields of a step that the case has been in.
#[utoipa::path(
    post, path = "/api/v1/agent/cases/{id}/steps/{step}", request_body = NewFilling,
    params(("id" = String, Path), ("step" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    security(("token" = ["case.handle"])),
    responses(
        (status = 204), (status = 404, description = "No such case, or a step that asks nothing"),
        (status = 409, description = "Somebody filled something in since, or the case is not under instruction"),
        (status = 422, description = "`errors` names each field"),
    )
)]
pub(super) async fn fill(visit: Visit, Path((id, step)): Path<(String, String)>, bytes: Bytes) -> Result {
    let (part, lang) = (step.clone(), visit.visitor.lang);
    act_on(visit, (&id, &part), "fill", bytes, move |office, tx, case, town, new: NewFilling| {
        let course = office.to_fill(tx, case, &step, town)?.map_err(hindered)?;
        let form = course.form.step_form(&step).ok_or_else(WebError::not_found)?;
        let typed = Answers::from_json(&form.procedure().form, &new.answers)
            .map_err(|faults| WebError::unprocessable(faults.into_iter().map(shape).collect()))?;
        let owner = (STEP_FILES, case.id.uuid());
        if let Some(upload) = new.upload {
            documents::hand_over(tx, ("upload", upload), owner)?;
        }
        let known = known_files(tx, owner)?;
        let environment = course.environment(case, &known.files);
        let outcome = course.form.judge_step(&step, &typed, course.known(), &environment);
        let outcome = outcome.ok_or_else(WebError::not_found)?;
        if !outcome.faults.is_empty() {
            let faults = outcome.faults.iter().map(|found| fault(found, lang)).collect();
            return Err(WebError::unprocessable(faults));
        }
        let filled = (typed, outcome.answers);
        office.keep_filled(tx, case, &course, (&step, new.revision), filled, &known)?.map_err(hindered)
    })
    .await
}

/// Does an action of the step in which a case stands, as its button does.
#[utoipa::path(
    post, path = "/api/v1/agent/cases/{id}/actions/{action}", request_body = NewAction,
    params(("id" = String, Path), ("action" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    security(("token" = ["case.handle"])),
    responses(
        (status = 204), (status = 404, description = "No such case, or no action that is open"),
        (status = 409, description = "The case stands elsewhere by now"), (status = 422),
    )
)]
pub(super) async fn press(visit: Visit, Path((id, action)): Path<(String, String)>, bytes: Bytes) -> Result {
    let part = action.clone();
    act_on(visit, (&id, &part), "press", bytes, move |office, tx, case, town, new: NewAction| {
        office.access.permit(Right::Handle, case).map_err(case_error)?;
        let beside = Beside { expert: new.expert.trim().to_owned(), email: new.email.trim().to_owned() };
        office.press(tx, case, &action, &new.step, &beside, town)?.map_err(hindered)
    })
    .await
}

/// Gives a task.
#[utoipa::path(
    post, path = "/api/v1/agent/cases/{id}/tasks", request_body = NewTaskGiven,
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    security(("token" = ["case.handle"])),
    responses((status = 204), (status = 404), (status = 409, description = "The case is over"), (status = 422))
)]
pub(super) async fn give(visit: Visit, Path(id): Path<String>, bytes: Bytes) -> Result {
    act(visit, &id, "tasks", bytes, |office, tx, case, town, new: NewTaskGiven| {
        office.access.permit(Right::Handle, case).map_err(case_error)?;
        let words = text("#/text", &new.text, LONGEST_TEXT)?;
        let due_on = later("#/due_on", new.due_on, civil_day(tx.now(), town.zone()), Days::new(7))?;
        let department = new.department.unwrap_or_else(|| case.department.clone());
        if department::by_slug(tx, &department)?.is_none() {
            return Err(wrong("#/department", "value", "no such department"));
        }
        let handlers: Vec<_> = permission::handlers(tx, &department)?.into_iter().map(Id::uuid).collect();
        if new.agent.is_some_and(|agent| !handlers.contains(&agent)) {
            return Err(wrong("#/agent", "value", "no agent who handles the cases of this department"));
        }
        let new = NewTask { words, department, assignee: new.agent, due_on };
        task::add(tx, &office.access, case.id, office.who(), new, &handlers).map(drop).map_err(case_error)
    })
    .await
}

/// Hands a case over to the competent administration, and tells its requester (CRPA, art. L114-2).
#[utoipa::path(
    post, path = "/api/v1/agent/cases/{id}/transfer-out", request_body = NewTransfer,
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    security(("token" = ["case.decide"])),
    responses((status = 204), (status = 404), (status = 409, description = "The case is over"), (status = 422))
)]
pub(super) async fn transfer_out(visit: Visit, Path(id): Path<String>, bytes: Bytes) -> Result {
    act(visit, &id, "transfer-out", bytes, |office, tx, case, town, new: NewTransfer| {
        office.access.permit(Right::Decide, case).map_err(case_error)?;
        let body = text("#/body", &new.body, LONGEST_NAME)?;
        let reasons = text("#/reasons", &new.reasons, LONGEST_TEXT)?;
        if new.contact.chars().count() > LONGEST_NAME {
            return Err(wrong("#/contact", "text", &format!("at most {LONGEST_NAME} characters")));
        }
        office.transfer_out(tx, case, (&body, &new.contact, &reasons), town)
    })
    .await
}

/// Writes down when the competent administration received a case that was handed over to it.
#[utoipa::path(
    post, path = "/api/v1/agent/cases/{id}/transfer-receipt", request_body = TransferReceipt,
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    security(("token" = ["case.handle"])),
    responses((status = 204), (status = 404), (status = 409, description = "It was not handed over"), (status = 422))
)]
pub(super) async fn transfer_receipt(visit: Visit, Path(id): Path<String>, bytes: Bytes) -> Result {
    act(visit, &id, "transfer-receipt", bytes, |office, tx, case, town, new: TransferReceipt| {
        match transfer::received(tx, &office.access, case.id, new.received_on, town.zone()) {
            Err(CaseError::Day) => {
                Err(wrong("#/received_on", "value", "a day from the transfer to today is expected"))
            }
            other => other.map_err(case_error),
        }
    })
    .await
}

/// Tells that a task is done. Told twice, it is done once.
#[utoipa::path(
    post, path = "/api/v1/agent/tasks/{id}/done", params(("id" = String, Path)),
    security(("token" = ["case.handle"])),
    responses((status = 204), (status = 404))
)]
pub(super) async fn done(Visit { commune, visitor, .. }: Visit, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    commune
        .write(visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            let id: Id<Task> = id.parse().map_err(|_| WebError::not_found())?;
            finished(tx, &access, id, who.account.uuid())
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
