//! What silence has decided, for whoever holds the request: the certificate of what it granted (CRPA, art. L232-3), and
//! the reasons of what it refused (art. L232-4).

use std::sync::Arc;

use axum::http::StatusCode;
use beffroi_cases::{
    CaseError,
    case::Case,
    silence::{self, ImpliedDecision},
};
use beffroi_core::calendar::civil_day;
use beffroi_people::Town;
use beffroi_store::{By, Commune, Tx};
use beffroi_web::{Purpose, Result, WebError};
use chrono_tz::Tz;

use super::{
    holder::Holder,
    portal::pdf_answer,
    tracking::{again, problem},
    tracking_view,
};
use crate::{
    Parts,
    papers::{self, Facts, Stationery},
    submission,
    visit::{Visit, case_error},
};

/// The certificate, made for whoever asks for it.
pub(super) async fn certificate(Visit { app, desk, commune, visitor, .. }: Visit, holder: Holder) -> Result {
    visitor.limit(&app, Purpose::PAPER)?;
    certified(desk, &commune, visitor.by, move |tx, zone| silence::certify(tx, &holder, zone)).await
}

/// The certificate on paper, once `certify` has written down that it is given.
pub(crate) async fn certified(
    desk: Arc<Parts>,
    commune: &Arc<Commune>,
    by: By,
    certify: impl FnOnce(&mut Tx<'_>, Tz) -> std::result::Result<(Case, ImpliedDecision), CaseError>
    + Send
    + 'static,
) -> Result {
    let parts = Arc::clone(&desk);
    let (case, implied, form, reach, stationery, today) = commune
        .write(by, move |tx| {
            let zone = Town::load(tx)?.zone();
            let (case, implied) = certify(tx, zone).map_err(case_error)?;
            let form = parts
                .shelf
                .version(tx, &case.procedure, case.procedure_version)?
                .ok_or_else(WebError::not_found)?;
            let reach = submission::reach(tx, case.id)?.ok_or_else(WebError::not_found)?;
            let stationery = Stationery::load(tx, &case.department)?;
            let today = civil_day(tx.now(), zone);
            Ok::<_, WebError>((case, implied, form, reach, stationery, today))
        })
        .await?;
    let name = format!("attestation-{}.pdf", case.reference);
    let pdf = tokio::task::spawn_blocking(move || {
        let facts = Facts {
            stationery: &stationery,
            form: &form,
            case: &case,
            reach: &reach,
            requests: &[],
            today: None,
            event: None,
        };
        papers::certificate_pdf(&desk, &facts, &implied, today)
    })
    .await
    .map_err(WebError::internal)?
    .map_err(|error| WebError::unavailable().log(error))?;
    Ok(pdf_answer(pdf, &name, false))
}

/// The requester asks why silence refused.
pub(super) async fn ask_reasons(visit: Visit, holder: Holder) -> Result {
    let key = holder.clone();
    let asked = visit.commune.write(visit.visitor.by, move |tx| {
        let zone = Town::load(tx)?.zone();
        silence::ask_reasons(tx, &key, zone).map(drop)
    });
    let error = match asked.await {
        Ok(()) => return Ok(holder.done("motifs")),
        Err(error) => error,
    };
    let (status, problem) = match error {
        CaseError::WrongState(_) => {
            let message = visit.page.t("desk-reasons-too-late").to_owned();
            (StatusCode::CONFLICT, crate::problem::Problem { field: "silence".to_owned(), message })
        }
        error => problem(&visit.page, error, "silence", "")?,
    };
    let said = tracking_view::Said { problems: vec![problem], ..Default::default() };
    again(visit, holder, status, said).await
}
