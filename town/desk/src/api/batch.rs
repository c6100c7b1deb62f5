//! One thing done to many cases, for programs: what the page does to the cases that are ticked, with an answer for each.

use axum::{Json, body::Bytes};
use beffroi_cases::{LONGEST_TEXT, Right};
use beffroi_core::Id;
use beffroi_forms::USUAL_DAYS_FOR_PIECES;
use beffroi_people::department;
use beffroi_web::{Result, WebError, once::Key};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    body::{body, text, wrong},
    deposit::private,
};
use crate::{
    office::{
        batch::{self, AT_MOST, DAYS_FOR_PIECES, Deed, Lot},
        entitled,
    },
    visit::Visit,
};

/// One thing to be done to these cases.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "cases": ["01900000-0000-7000-8000-000000000000"], "action": "take-up" }))]
pub(super) struct NewBatch {
    /// Up to 200.
    cases: Vec<uuid::Uuid>,
    /// `take-up`, `assign`, `label`, `route`, `message`, `ask-documents`, `documents-arrived` or `archive`.
    action: String,
    /// With `assign`: the agent’s account; nobody, if none is given.
    #[serde(default)]
    agent: Option<uuid::Uuid>,
    /// With `label`: which one.
    #[serde(default)]
    label: Option<uuid::Uuid>,
    /// With `route`: the department’s short name.
    #[serde(default)]
    department: Option<String>,
    /// With `message`: what is written; `{prénom}` and the like stand for what each case says. With `ask-documents`: the
    /// documents, one a line.
    #[serde(default)]
    text: Option<String>,
    /// With `ask-documents`: within how many days they are to come, 365 at most; 30 where none are given.
    #[serde(default)]
    days: Option<u16>,
}

/// What came of one case.
#[derive(Serialize, ToSchema)]
pub(super) struct BatchAnswer {
    case: String,
    /// None where you may not know of it.
    reference: Option<String>,
    done: bool,
    /// Why it was left as it was: `unknown` (no such case, or not yours), `forbidden`, `state` (as it stands, this cannot
    /// be done), `agent` or `label` (of another department), `sealed` (it keeps no documents), `other`.
    why: Option<&'static str>,
}

/// What came of each.
#[derive(Serialize, ToSchema)]
pub(super) struct BatchAnswers {
    /// How many of them it was done to.
    done: usize,
    cases: Vec<BatchAnswer>,
}

impl NewBatch {
    fn deed(&self) -> Result<Deed> {
        Ok(match self.action.as_str() {
            "take-up" => Deed::TakeUp,
            "assign" => Deed::Assign(self.agent),
            "label" => {
                let label =
                    self.label.ok_or_else(|| wrong("#/label", "missing", "tell which label to stick"))?;
                Deed::Stick(Id::from_uuid(label))
            }
            "route" => {
                Deed::Route(text("#/department", self.department.as_deref().unwrap_or_default(), 100)?)
            }
            "message" => Deed::Write(
                text("#/text", self.text.as_deref().unwrap_or_default(), LONGEST_TEXT)?.replace("\r\n", "\n"),
            ),
            "ask-documents" => {
                let days = self.days.unwrap_or(USUAL_DAYS_FOR_PIECES);
                if !DAYS_FOR_PIECES.contains(&days) {
                    return Err(wrong("#/days", "value", "1 to 365 days are expected"));
                }
                let pieces = text("#/text", self.text.as_deref().unwrap_or_default(), LONGEST_TEXT)?;
                Deed::Ask(pieces.replace("\r\n", "\n"), days)
            }
            "documents-arrived" => Deed::Arrived,
            "archive" => Deed::Archive,
            _ => {
                let known =
                    "take-up, assign, label, route, message, ask-documents, documents-arrived or archive";
                return Err(wrong("#/action", "value", known));
            }
        })
    }
}

/// The page’s reason, for programs.
fn why(key: &str) -> &'static str {
    match key {
        "office-batch-state" => "state",
        "office-batch-forbidden" => "forbidden",
        "office-agent-elsewhere" => "agent",
        "office-batch-label-elsewhere" => "label",
        "office-sealed-keeps-no-file" => "sealed",
        _ => "other",
    }
}

/// Does one thing to many cases, each on its own: what cannot be done to one is done to the others all the same.
#[utoipa::path(
    post, path = "/api/v1/agent/case-batches", params(("Idempotency-Key" = Option<String>, Header)),
    request_body = NewBatch, security(("token" = ["case.handle"])),
    responses((status = 200, body = BatchAnswers), (status = 404, description = "You handle no cases"), (status = 422))
)]
pub(super) async fn act(visit: Visit, bytes: Bytes) -> Result {
    let Visit { desk, commune, visitor, headers, .. } = visit;
    let who = visitor.require()?.clone();
    let asks = who.clone();
    commune
        .read(visitor.by, move |tx| {
            let (access, places) = entitled(tx, &asks)?;
            let handles = places.iter().any(|place| access.allows(Right::Handle, &place.slug));
            if handles { Ok(()) } else { Err(WebError::forbidden()) }
        })
        .await?;
    let new: NewBatch = body(&bytes)?;
    let deed = new.deed()?;
    let mut ids: Vec<Id<_>> = new.cases.iter().copied().map(Id::from_uuid).collect();
    ids.sort_unstable_by_key(|id: &Id<_>| id.uuid());
    ids.dedup();
    if ids.is_empty() || ids.len() > AT_MOST {
        return Err(wrong("#/cases", "value", &format!("1 to {AT_MOST} cases are expected")));
    }
    // The key stands for the whole call first, so that it serves no other; then for each case.
    let key = Key::of(&headers, &visitor, "case-batches", "", &bytes)?;
    let word = key.word().map(|word| format!("api {word} "));
    let towards = if let Deed::Route(slug) = &deed { Some(slug.clone()) } else { None };
    commune
        .write(visitor.by, move |tx| {
            if let Some(slug) = towards
                && department::by_slug(tx, &slug)?.is_none()
            {
                return Err(wrong("#/department", "value", "no such department"));
            }
            key.once(tx, |_| Ok::<_, WebError>(true))
        })
        .await?;
    let origin = desk.site(&commune).await?;
    let lot = Lot { ids: &ids, deed: &deed, key: word.as_deref() };
    let came = batch::each(&commune, visitor.by, (&desk, &origin), &who, &lot).await?;
    let cases: Vec<BatchAnswer> = came
        .into_iter()
        .map(|(id, came)| {
            let (reference, outcome) = came.map_or((None, Err("unknown")), |(case, outcome)| {
                (Some(case.reference), outcome.map_err(why))
            });
            BatchAnswer { case: id.to_string(), reference, done: outcome.is_ok(), why: outcome.err() }
        })
        .collect();
    Ok(private(Json(BatchAnswers { done: cases.iter().filter(|case| case.done).count(), cases })))
}
