//! The steps of a case, its opinions and tasks, for programs that hold an agent’s token: the same rights, the same
//! commands as the page.

use axum::{Json, body::Bytes, extract::Path, http::StatusCode, response::IntoResponse};
use beffroi_cases::{
    advice::{self, Opinion, View},
    case::{self, Case},
    step,
    task::{self, Task},
};
use beffroi_core::{Day, Id, Instant};
use beffroi_web::{Result, WebError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    body::{body, wrong},
    deposit::private,
    once,
};
use crate::{
    office::{consulted, entitled},
    visit::{Visit, case_error},
};

/// Where a case stands, what agents filled in, and what it waits for.
#[derive(Serialize, ToSchema)]
pub(super) struct CaseSteps {
    /// The step that it has reached; none between receipt and the first one.
    step: Option<String>,
    /// The department that acts in that step, where it is not the one in charge.
    acting: Option<String>,
    /// The steps that it has been in.
    steps: Vec<StepFilled>,
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
}

/// An opinion that was asked for.
#[derive(Serialize, ToSchema)]
pub(super) struct OpinionAsked {
    id: String,
    /// The department that is asked, or else the expert outside.
    department: Option<String>,
    expert: Option<String>,
    question: String,
    /// `awaited`, `given` or `cancelled`.
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

/// The answer to a question.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAnswer {
    /// `favourable`, `with-reserves` or `unfavourable`.
    view: String,
    /// The remarks, conditions or reasons; needed unless it is favourable.
    #[serde(default)]
    text: String,
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
pub(super) async fn read(Visit { commune, visitor, .. }: Visit, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let id: Id<Case> = id.parse().map_err(|_| WebError::not_found())?;
    let found = commune
        .write(visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            let case = case::read(tx, &access, id).map_err(case_error)?;
            consulted(tx, id, &who)?;
            let steps = step::of_case(tx, id)?.into_iter();
            Ok::<_, WebError>(CaseSteps {
                step: case.step,
                acting: case.acting,
                steps: steps
                    .map(|it| StepFilled { step: it.step, entered_on: it.entered_on, answers: it.answers })
                    .collect(),
                opinions: advice::of_case(tx, id)?.into_iter().map(asked).collect(),
                tasks: task::of_case(tx, id)?.into_iter().map(given).collect(),
            })
        })
        .await?;
    Ok(private(Json(found)))
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
    let key = once::Key::of(&headers, &visitor, "opinions", &id, &bytes)?;
    commune
        .write(visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            let id: Id<Opinion> = id.parse().map_err(|_| WebError::not_found())?;
            let known = advice::find(tx, id)?.and_then(|opinion| opinion.department);
            let reads = known.is_some_and(|place| access.allows(beffroi_cases::Right::Read, &place));
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
            task::finish(tx, &access, id, who.account.uuid()).map(drop).map_err(case_error)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
