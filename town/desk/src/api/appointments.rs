//! Appointments of a case for programs that hold an agent’s token: what it has, proposing one to its requester, taking a
//! proposal back. The same commands as the page.

use axum::{Json, body::Bytes, extract::Path};
use beffroi_cases::{Right, case};
use beffroi_core::Instant;
use beffroi_web::{Result, WebError, diary::Appointed, panel::Reader};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    agents::{act, act_on, id_of},
    body::{text, wrong},
    deposit::private,
    model::Nothing,
};
use crate::{
    appointed::{self, WORDS_AT_MOST},
    office::entitled,
    visit::{Visit, case_error},
};

/// Letters of a motive’s short name, at most.
const LONGEST_SLUG: usize = 200;

/// An appointment of a case, or the proposal of one.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01973e2a-7c00-7000-8000-0000000000a1", "motive": "projet", "name": "Parler d’un projet",
    "state": "booked", "starts_at": "2026-06-04T07:00:00Z", "site": "hotel-de-ville",
    "page": "/agents/rendez-vous/01973e2a-7c00-7000-8000-0000000000b2",
}))]
pub(super) struct CaseAppointment {
    /// Under which id it belongs to the case.
    id: Uuid,
    /// The short name of what it is for.
    motive: String,
    name: String,
    /// `proposed`, `withdrawn`, `booked`, `arrived`, `received`, `missed` or `cancelled`.
    state: &'static str,
    /// When it begins, once that is agreed.
    #[schema(value_type = Option<String>, format = DateTime)]
    starts_at: Option<Instant>,
    /// The short name of its site, once that is agreed.
    site: Option<String>,
    /// The agents' page where it is seen, or a time is chosen for the requester; nothing where you receive nobody for it.
    page: Option<String>,
}

fn shown(it: Appointed) -> CaseAppointment {
    let said = |text: String| Some(text).filter(|text| !text.is_empty());
    CaseAppointment {
        id: it.id,
        motive: it.name.slug,
        name: it.name.fr,
        state: it.standing.as_str(),
        starts_at: it.starts_at,
        site: said(it.place.slug),
        page: said(it.href),
    }
}

/// An appointment to propose.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "motive": "projet", "text": "Apportez un plan." }))]
pub(super) struct NewAppointmentProposal {
    /// The short name of a motive that is booked online: `GET /api/v1/appointment-motives` tells them.
    motive: String,
    /// What is written to the requester above it, in at most 2 000 characters.
    #[serde(default)]
    text: String,
}

/// What a case has of appointments, the latest first. Reading it is written down.
#[utoipa::path(
    get, path = "/api/v1/agent/cases/{id}/appointments", params(("id" = String, Path)),
    security(("token" = ["case.read"])),
    responses((status = 200, body = Vec<CaseAppointment>), (status = 404, description = "No such case, or not yours"))
)]
pub(super) async fn list(Visit { desk, commune, visitor, .. }: Visit, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let id = id_of(&id)?;
    let found = commune
        .write(visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            case::read(tx, &access, id).map_err(case_error)?;
            crate::office::consulted(tx, id, &who)?;
            Ok::<_, WebError>(appointed::of_case(tx, &desk, id, Reader::Agent(&who))?)
        })
        .await?;
    let listed: Vec<CaseAppointment> = found.into_iter().map(shown).collect();
    Ok(private(Json(listed)))
}

/// Proposes an appointment to the requester, who is written to and chooses the time.
#[utoipa::path(
    post, path = "/api/v1/agent/cases/{id}/appointment-proposals", request_body = NewAppointmentProposal,
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    security(("token" = ["case.handle"])),
    responses(
        (status = 204), (status = 404), (status = 409, description = "The key was used for another request"),
        (status = 422, description = "No such motive, or not booked online"),
    )
)]
pub(super) async fn propose(visit: Visit, Path(id): Path<String>, bytes: Bytes) -> Result {
    act(visit, &id, "appointment-proposals", bytes, |office, tx, case, _, new: NewAppointmentProposal| {
        // Whoever may not do it does not learn what could be proposed.
        office.access.permit(Right::Handle, case).map_err(case_error)?;
        let motive = text("#/motive", &new.motive, LONGEST_SLUG)?;
        let words = new.text.trim();
        if words.chars().count() > WORDS_AT_MOST {
            return Err(wrong(
                "#/text",
                "text",
                &format!("a text of at most {WORDS_AT_MOST} characters is expected"),
            ));
        }
        if office.propose(tx, case, &motive, words)? {
            return Ok(());
        }
        Err(wrong("#/motive", "value", "no motive that is booked online"))
    })
    .await
}

/// Takes a proposal back that the requester has not answered.
#[utoipa::path(
    post, path = "/api/v1/agent/cases/{id}/appointment-proposals/{proposal}/withdrawal",
    request_body(content = Option<Nothing>),
    params(("id" = String, Path), ("proposal" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    security(("token" = ["case.handle"])),
    responses(
        (status = 204),
        (status = 404, description = "No such case, not yours, or no proposal of it that waits for an answer"),
    )
)]
pub(super) async fn withdraw(
    visit: Visit,
    Path((id, proposal)): Path<(String, String)>,
    bytes: Bytes,
) -> Result {
    let part = proposal.clone();
    act_on(visit, (&id, &part), "withdraw-appointment", bytes, move |office, tx, case, _, _: Nothing| {
        let proposal: Uuid = proposal.parse().map_err(|_| WebError::not_found())?;
        if office.take_back(tx, case, proposal)? { Ok(()) } else { Err(WebError::not_found()) }
    })
    .await
}
