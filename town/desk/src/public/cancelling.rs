//! Giving back what was granted, from the page of the request: at once, with a reason, and the town is told.

use axum::http::StatusCode;
use beffroi_calendar::{booking, clock};
use beffroi_cases::{CaseError, LONGEST_TEXT, cancellation};
use beffroi_core::Lang;
use beffroi_notify::messages;
use beffroi_people::Town;
use beffroi_web::{FormPost, Result};

use super::{
    holder::Holder,
    tracking::{again, problem},
    tracking_view::Said,
};
use crate::{problem::Problem, visit::Visit, warnings};

/// The control of the reason.
pub(super) const WHY: &str = "motif-annulation";

pub(super) async fn cancel(visit: Visit, holder: Holder, form: FormPost) -> Result {
    let why = form.text(WHY).to_owned();
    let origin = visit.desk.site(&visit.commune).await?;
    let (key, words) = (holder.clone(), why.clone());
    let done = visit
        .commune
        .write(visit.visitor.by, move |tx| {
            let zone = Town::load(tx)?.zone();
            let case = cancellation::by_requester(tx, &key, &words, zone)?;
            let link = format!("{origin}/agents/dossiers/{}", case.id);
            if let Some(it) = booking::of_owner(tx, ("case", case.id.uuid()))? {
                let name = &it.resource.details.name.fr;
                let what = format!("{name}, {}", clock::when(it.span, zone, Lang::Fr));
                warnings::tell(tx, &case, |sender| {
                    messages::booking_cancelled(sender, &case.reference, &what, &link)
                })?;
            }
            Ok::<_, CaseError>(key.note_use(tx, "cancelled")?)
        })
        .await;
    let Err(error) = done else { return Ok(holder.done("annulation")) };
    let (status, problem) = match error {
        CaseError::Text(_) => {
            let key = if why.chars().count() > LONGEST_TEXT { "long" } else { "missing" };
            let message = visit.page.t(&format!("desk-booked-cancel-{key}")).to_owned();
            (StatusCode::UNPROCESSABLE_ENTITY, Problem { field: WHY.to_owned(), message })
        }
        CaseError::WrongState(_) => {
            let message = visit.page.t("desk-booked-cancel-late").to_owned();
            (StatusCode::CONFLICT, Problem { field: "reservation".to_owned(), message })
        }
        other => problem(&visit.page, other, WHY, &why)?,
    };
    again(visit, holder, status, Said { problems: vec![problem], why, ..Said::default() }).await
}
