//! What is kept and what goes, for programs that hold an agent's token: the cases whose time comes, one kept longer, the
//! archivist's visa on a slip.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query},
    http::StatusCode,
    response::IntoResponse,
};
use beffroi_core::{Day, Id, Instant, calendar::civil_day};
use beffroi_people::{Town, permission::permit};
use beffroi_web::{Result, WebError, once::Key};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    agents::act,
    body::{body, text, wrong},
    deposit::private,
};
use crate::{
    office::{
        entitled,
        keeping::{
            archives::{LISTED, NAME_AT_MOST, visa_fits},
            hidden,
            longer::{AHEAD, ROWS, after, handled},
        },
    },
    permission::ManageArchives,
    retention::{self, KeepError, Signed, Slip, Soon},
    visit::{Visit, case_error},
};

/// A case whose time comes.
#[derive(Serialize, ToSchema)]
pub(super) struct CaseDue {
    id: String,
    reference: String,
    procedure: String,
    department: String,
    /// The last day on which it is kept.
    #[schema(value_type = String, format = Date)]
    due_on: Day,
    /// What then becomes of it: `erase`, `anonymise` or `archive`.
    disposal: String,
    /// Why it is kept longer; none where it was not prolonged, which is done once.
    prolonged: Option<String>,
}

impl From<Soon> for CaseDue {
    fn from(due: Soon) -> Self {
        Self {
            id: due.id.to_string(),
            reference: due.reference,
            procedure: due.procedure.0,
            department: due.department,
            due_on: due.due_on,
            disposal: due.disposal,
            prolonged: due.longer,
        }
    }
}

/// A page of the cases whose time comes.
#[derive(Serialize, ToSchema)]
pub(super) struct DuePage {
    cases: Vec<CaseDue>,
    /// To be given as `after` for the next page.
    next: Option<String>,
}

/// Where the page begins.
#[derive(Deserialize, utoipa::IntoParams)]
pub(super) struct Begins {
    /// `next` of the page before.
    after: Option<String>,
}

/// The cases of your departments whose time comes within two months, the next first.
#[utoipa::path(
    get, path = "/api/v1/agent/retentions", params(Begins), security(("token" = ["case.handle"])),
    responses((status = 200, body = DuePage), (status = 404, description = "You read no cases"), (status = 422, description = "`after` is none"))
)]
pub(super) async fn due(Visit { commune, visitor, .. }: Visit, Query(asked): Query<Begins>) -> Result {
    let who = visitor.require()?.clone();
    let page = commune
        .read(visitor.by, move |tx| {
            let (access, places) = entitled(tx, &who)?;
            let begins = match &asked.after {
                Some(text) => {
                    Some(after(text).ok_or_else(|| wrong("#/after", "value", "not the `next` of a page"))?)
                }
                None => None,
            };
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            let by = today.checked_add_days(AHEAD).unwrap_or(today);
            let mut found = retention::due_in(tx, &handled(&access, &places), (today, by), begins, ROWS + 1)?;
            let more = found.len() > ROWS as usize;
            found.truncate(ROWS as usize);
            let next = found.last().filter(|_| more).map(|last| format!("{}_{}", last.due_on, last.id));
            Ok::<_, WebError>(DuePage { cases: found.into_iter().map(CaseDue::from).collect(), next })
        })
        .await?;
    Ok(private(Json(page)))
}

/// For how long, and why, a case is kept longer.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "months": 12, "reason": "Recours en cours devant le tribunal." }))]
pub(super) struct NewRetention {
    /// 6, 12 or 24, from the day on which it would go.
    months: u32,
    /// 10 to 500 characters; the journal keeps them with the case.
    reason: String,
}

/// Has a case kept longer, once.
#[utoipa::path(
    post, path = "/api/v1/agent/cases/{id}/retention", request_body = NewRetention,
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    security(("token" = ["case.handle"])),
    responses(
        (status = 204), (status = 404),
        (status = 409, description = "It was kept longer already, its time is not noted, or it is on a slip"),
        (status = 422),
    )
)]
pub(super) async fn keep(visit: Visit, Path(id): Path<String>, bytes: Bytes) -> Result {
    act(visit, &id, "retention", bytes, |office, tx, case, _, new: NewRetention| {
        let (access, reason) = (&office.access, new.reason.trim());
        match retention::keep_longer(tx, access, case.id, office.agent, new.months, reason) {
            Ok(_) => Ok(()),
            Err(KeepError::Reason) => {
                Err(wrong("#/reason", "text", "a text of 10 to 500 characters is expected"))
            }
            Err(KeepError::Months) => Err(wrong("#/months", "value", "6, 12 or 24 is expected")),
            Err(KeepError::NotAgain) => Err(WebError::conflict()),
            Err(KeepError::Case(error)) => Err(case_error(error)),
            Err(KeepError::Store(error)) => Err(error.into()),
        }
    })
    .await
}

/// A slip of cases for the archives.
#[derive(Serialize, ToSchema)]
pub(super) struct ArchiveSlip {
    id: String,
    /// What it is called.
    number: String,
    /// `transfer` (the archives take the cases over) or `elimination`.
    purpose: &'static str,
    procedure: String,
    /// How many cases are on it.
    cases: i64,
    #[schema(value_type = String, format = DateTime)]
    made_at: Instant,
    /// Who gave the visa; none while it is awaited.
    visa_name: Option<String>,
    #[schema(value_type = Option<String>, format = Date)]
    visa_on: Option<Day>,
}

/// The slips for the archives, the latest first: fifty at most.
#[utoipa::path(
    get, path = "/api/v1/agent/archive-slips", security(("token" = ["archive.manage"])),
    responses((status = 200, body = Vec<ArchiveSlip>), (status = 404, description = "You do not look after the archives"))
)]
pub(super) async fn slips(Visit { commune, visitor, .. }: Visit) -> Result {
    let who = visitor.require()?.clone();
    let slips = commune
        .read(visitor.by, move |tx| {
            permit::<ManageArchives>(tx, &who, None).map_err(hidden)?;
            Ok::<_, WebError>(retention::slips(tx, LISTED)?)
        })
        .await?;
    let shown = |slip: Slip| ArchiveSlip {
        id: slip.id.to_string(),
        number: slip.number,
        purpose: slip.purpose.as_str(),
        procedure: slip.procedure,
        cases: slip.cases,
        made_at: slip.made_at,
        visa_name: Some(slip.visa_name).filter(|name| !name.is_empty()),
        visa_on: slip.visa_on,
    };
    let slips: Vec<ArchiveSlip> = slips.into_iter().map(shown).collect();
    Ok(private(Json(slips)))
}

/// The archivist's visa.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Archives départementales de l’Hérault", "on": "2026-06-03" }))]
pub(super) struct NewVisa {
    /// Who gave it.
    name: String,
    /// On which day: from the one on which the slip was made to today.
    #[schema(value_type = String, format = Date)]
    on: Day,
}

/// Writes the archivist's visa down: the cases of the slip go with the next daily sweep.
#[utoipa::path(
    post, path = "/api/v1/agent/archive-slips/{id}/visa", request_body = NewVisa,
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    security(("token" = ["archive.manage"])),
    responses(
        (status = 204), (status = 404, description = "No such slip, or you do not look after the archives"),
        (status = 409, description = "It bears a visa already, or a case on it is still open"), (status = 422),
    )
)]
pub(super) async fn visa(
    Visit { commune, visitor, headers, .. }: Visit,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Result {
    let who = visitor.require()?.clone();
    let key = Key::of(&headers, &visitor, "visa", &id, &bytes)?;
    commune
        .write(visitor.by, move |tx| {
            let permit = permit::<ManageArchives>(tx, &who, None).map_err(hidden)?;
            let id: Id<Slip> = id.parse().map_err(|_| WebError::not_found())?;
            let slip = retention::slip(tx, id)?.ok_or_else(WebError::not_found)?;
            let new: NewVisa = body(&bytes)?;
            let name = text("#/name", &new.name, NAME_AT_MOST)?;
            let zone = Town::load(tx)?.zone();
            if !visa_fits(&slip, new.on, civil_day(tx.now(), zone), zone) {
                return Err(wrong("#/on", "value", "a day from the making of the slip to today is expected"));
            }
            key.once(tx, |tx| match retention::sign(tx, &permit, who.account.uuid(), id, (&name, new.on))? {
                Signed::Done => Ok(true),
                Signed::Already | Signed::StillOpen => Err(WebError::conflict()),
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
