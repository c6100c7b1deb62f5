//! The agents' own tools, for programs: the views that they keep, who is away and who stands in, what each follows and to
//! whom new cases go.

use std::collections::BTreeMap;

use axum::{
    Json,
    body::Bytes,
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use beffroi_core::{Day, Id, calendar::civil_day};
use beffroi_people::{Town, account};
use beffroi_web::{Result, WebError, once::Key};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    body::{body, wrong},
    deposit::private,
};
use crate::{
    daily::{
        absence::{self, Absence},
        assignment::Rule,
        saved::{self, PATHS, View},
    },
    office::{
        entitled,
        tools::{
            absences::{self, LONGEST_DAYS},
            handled, views,
            workload::{self, Shares},
        },
    },
    visit::Visit,
};

/// Something that was made.
#[derive(Deserialize, Serialize, ToSchema)]
pub(super) struct Made {
    pub(super) id: Uuid,
}

/// The answer to what makes something.
pub(super) fn made(made: Made) -> Response {
    private((StatusCode::CREATED, Json(made)))
}

/// A view that is kept under a name.
#[derive(Serialize, ToSchema)]
pub(super) struct SavedView {
    id: String,
    name: String,
    /// Whether it is your own: others of a department are shared by colleagues.
    own: bool,
    /// The department that it is shared with, if any.
    department: Option<String>,
    /// `/agents` (the inbox) or `/agents/recherche` (the search).
    page: String,
    /// The query of that page.
    query: String,
}

/// A view to be kept.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "En retard", "page": "/agents", "query": "retard=1" }))]
pub(super) struct NewView {
    name: String,
    /// `/agents` (the inbox) or `/agents/recherche` (the search).
    page: String,
    /// The query of that page.
    query: String,
    /// The department that it is shared with; for yourself, if none is given.
    #[serde(default)]
    department: Option<String>,
}

/// The views that you keep, and those that your departments share.
#[utoipa::path(
    get, path = "/api/v1/agent/views", security(("token" = ["case.read"])),
    responses((status = 200, body = Vec<SavedView>), (status = 404, description = "You read no cases"))
)]
pub(super) async fn list_views(Visit { commune, visitor, .. }: Visit) -> Result {
    let who = visitor.require()?.clone();
    let me = who.account.uuid();
    let views = commune
        .read(visitor.by, move |tx| {
            let (_, places) = entitled(tx, &who)?;
            let slugs: Vec<&str> = places.iter().map(|place| place.slug.as_str()).collect();
            Ok::<_, WebError>(saved::of(tx, me, &slugs)?)
        })
        .await?;
    let shown = |view: View| SavedView {
        id: view.id.to_string(),
        name: view.name,
        own: view.owner == me,
        department: Some(view.department).filter(|slug| !slug.is_empty()),
        page: view.path,
        query: view.query,
    };
    let views: Vec<SavedView> = views.into_iter().map(shown).collect();
    Ok(private(Json(views)))
}

/// Keeps a view, for yourself or for a department that you see. You keep fifty at most.
#[utoipa::path(
    post, path = "/api/v1/agent/views", params(("Idempotency-Key" = Option<String>, Header)),
    request_body = NewView, security(("token" = ["case.read"])),
    responses((status = 201, body = Made), (status = 404, description = "No such department, or not yours"), (status = 422))
)]
pub(super) async fn keep_view(Visit { commune, visitor, headers, .. }: Visit, bytes: Bytes) -> Result {
    let who = visitor.require()?.clone();
    let key = Key::of(&headers, &visitor, "views", "", &bytes)?;
    let kept = commune
        .write(visitor.by, move |tx| {
            entitled(tx, &who)?;
            let new: NewView = body(&bytes)?;
            key.once(tx, |tx| {
                let department = new.department.as_deref().unwrap_or_default();
                let kept = views::kept_view(tx, &who, department, &new.name, (&new.page, &new.query))?;
                let why = if PATHS.contains(&new.page.as_str()) { "#/name" } else { "#/page" };
                let kept = kept.ok_or_else(|| {
                    wrong(
                        why,
                        "value",
                        "a name, a page with views and its query are expected, fifty views at most",
                    )
                })?;
                Ok::<_, WebError>(Made { id: kept.uuid() })
            })
        })
        .await?;
    Ok(made(kept))
}

/// Forgets a view of your own.
#[utoipa::path(
    delete, path = "/api/v1/agent/views/{id}", params(("id" = String, Path)),
    security(("token" = ["case.read"])),
    responses((status = 204), (status = 404, description = "No such view, or not yours"))
)]
pub(super) async fn forget_view(Visit { commune, visitor, .. }: Visit, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let id: Id<View> = id.parse().map_err(|_| WebError::not_found())?;
    commune
        .write(visitor.by, move |tx| {
            entitled(tx, &who)?;
            let gone = saved::forget(tx, who.account.uuid(), id)?;
            if gone { Ok(()) } else { Err(WebError::not_found()) }
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Somebody who is away, or will be.
#[derive(Serialize, ToSchema)]
pub(super) struct AbsenceShown {
    id: String,
    agent: Uuid,
    name: String,
    /// Whether it is your own: only these can be taken back.
    own: bool,
    /// The first day away.
    #[schema(value_type = String, format = Date)]
    from: Day,
    /// The last day away.
    #[schema(value_type = String, format = Date)]
    until: Day,
    /// Who stands in.
    delegate: Option<Uuid>,
}

/// An absence of your own.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "from": "2026-08-03", "until": "2026-08-14" }))]
pub(super) struct NewAbsence {
    /// The first day away.
    #[schema(value_type = String, format = Date)]
    from: Day,
    /// The last day away, a year later at most.
    #[schema(value_type = String, format = Date)]
    until: Day,
    /// Who stands in: an agent who handles the cases of one of your departments. What would go to you goes to them.
    #[serde(default)]
    delegate: Option<Uuid>,
}

/// Who is away or will be, and who stands in.
#[utoipa::path(
    get, path = "/api/v1/agent/absences", security(("token" = ["case.handle"])),
    responses((status = 200, body = Vec<AbsenceShown>), (status = 404, description = "You handle no cases"))
)]
pub(super) async fn list_absences(Visit { commune, visitor, .. }: Visit) -> Result {
    let who = visitor.require()?.clone();
    let me = who.account.uuid();
    let (absences, names) = commune
        .read(visitor.by, move |tx| {
            handled(tx, &who)?;
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            let agents = account::agents(tx)?.into_iter();
            let names: BTreeMap<Uuid, String> =
                agents.map(|agent| (agent.id.uuid(), agent.display_name)).collect();
            Ok::<_, WebError>((absence::coming(tx, today)?, names))
        })
        .await?;
    let shown = |absence: Absence| AbsenceShown {
        id: absence.id.to_string(),
        agent: absence.agent,
        name: names.get(&absence.agent).cloned().unwrap_or_default(),
        own: absence.agent == me,
        from: absence.from_on,
        until: absence.until_on,
        delegate: absence.delegate,
    };
    let absences: Vec<AbsenceShown> = absences.into_iter().map(shown).collect();
    Ok(private(Json(absences)))
}

/// Says that you will be away, and who stands in; nobody says it for another.
#[utoipa::path(
    post, path = "/api/v1/agent/absences", params(("Idempotency-Key" = Option<String>, Header)),
    request_body = NewAbsence, security(("token" = ["case.handle"])),
    responses((status = 201, body = Made), (status = 404, description = "You handle no cases"), (status = 422))
)]
pub(super) async fn declare_absence(Visit { commune, visitor, headers, .. }: Visit, bytes: Bytes) -> Result {
    let who = visitor.require()?.clone();
    let key = Key::of(&headers, &visitor, "absences", "", &bytes)?;
    let declared = commune
        .write(visitor.by, move |tx| {
            handled(tx, &who)?;
            let new: NewAbsence = body(&bytes)?;
            if !absences::fits(new.from, new.until) {
                let most = format!("a day from `from` to {LONGEST_DAYS} days later is expected");
                return Err(wrong("#/until", "value", &most));
            }
            key.once(tx, |tx| {
                let id = absences::declared(tx, &who, (new.from, new.until), new.delegate)?;
                let id = id.ok_or_else(|| {
                    wrong("#/delegate", "value", "no other agent who handles the cases of your departments")
                })?;
                Ok::<_, WebError>(Made { id: id.uuid() })
            })
        })
        .await?;
    Ok(made(declared))
}

/// Takes back an absence of your own.
#[utoipa::path(
    delete, path = "/api/v1/agent/absences/{id}", params(("id" = String, Path)),
    security(("token" = ["case.handle"])),
    responses((status = 204), (status = 404, description = "No such absence, or not yours"))
)]
pub(super) async fn cancel_absence(Visit { commune, visitor, .. }: Visit, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let id: Id<Absence> = id.parse().map_err(|_| WebError::not_found())?;
    commune.write(visitor.by, move |tx| absences::taken_back(tx, &who, id)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What somebody follows.
#[derive(Serialize, ToSchema)]
pub(super) struct AgentLoad {
    /// None for the cases that nobody follows yet.
    agent: Option<Uuid>,
    name: Option<String>,
    /// Whether they are away today.
    away: bool,
    /// Open cases.
    open: i64,
    /// Those among them that silence has overtaken.
    late: i64,
    /// Those among them that silence will decide within a fortnight.
    soon: i64,
    /// For how many days they have been open, in the mean.
    mean_days: Option<i64>,
}

/// The workload of a department.
#[derive(Serialize, ToSchema)]
pub(super) struct DepartmentLoad {
    /// Its short name.
    department: String,
    /// To whom new cases go: `nobody`, until somebody takes them up; `fewest`, to who is there and follows the fewest.
    rule: &'static str,
    agents: Vec<AgentLoad>,
}

/// To whom the new cases of a department go.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "rule": "nobody" }))]
pub(super) struct NewRule {
    /// `nobody`, until somebody takes them up; `fewest`, to the agent who is there and follows the fewest.
    rule: String,
}

/// What each agent follows, in the departments whose workload you see.
#[utoipa::path(
    get, path = "/api/v1/agent/workload", security(("token" = ["workload.read"])),
    responses((status = 200, body = Vec<DepartmentLoad>), (status = 404, description = "You see that of no department"))
)]
pub(super) async fn workload(Visit { commune, visitor, .. }: Visit) -> Result {
    let who = visitor.require()?.clone();
    let Shares { all, names, away, .. } =
        commune.read(visitor.by, move |tx| workload::shares(tx, &who)).await?;
    let loads = all.into_iter().map(|share| DepartmentLoad {
        department: share.department.details.slug,
        rule: share.rule.as_str(),
        agents: share
            .agents
            .into_iter()
            .map(|(agent, load)| AgentLoad {
                agent,
                name: agent.and_then(|agent| names.get(&agent).cloned()),
                away: agent.is_some_and(|agent| away.is(agent)),
                open: load.open,
                late: load.late,
                soon: load.soon,
                mean_days: load.mean_days(),
            })
            .collect(),
    });
    let loads: Vec<DepartmentLoad> = loads.collect();
    Ok(private(Json(loads)))
}

/// Says to whom the new cases of a department go, for who answers for it. Done twice, it changes nothing more.
#[utoipa::path(
    put, path = "/api/v1/agent/workload/{department}/rule", params(("department" = String, Path)),
    request_body = NewRule, security(("token" = ["case.answer-for"])),
    responses((status = 204), (status = 404, description = "No such department, or you do not answer for it"), (status = 422))
)]
pub(super) async fn set_rule(
    Visit { commune, visitor, .. }: Visit,
    Path(department): Path<String>,
    bytes: Bytes,
) -> Result {
    let who = visitor.require()?.clone();
    commune
        .write(visitor.by, move |tx| {
            let known = workload::departments(tx, &who)?;
            if known.iter().all(|known| known.details.slug != department) {
                return Err(WebError::not_found());
            }
            let new: NewRule = body(&bytes)?;
            let words = Rule::ALL.iter().map(|rule| rule.as_str()).collect::<Vec<_>>().join(", ");
            let rule = Rule::from_word(&new.rule).ok_or_else(|| wrong("#/rule", "value", &words))?;
            workload::ruled(tx, &who, &department, rule)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
