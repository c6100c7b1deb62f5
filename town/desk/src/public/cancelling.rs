//! Giving back what was granted, whole or some of its dates, from the page of the request: at once, with a reason, and the
//! town is told.

use axum::http::StatusCode;
use beffroi_calendar::{
    booking::{self, NotReturned},
    clock,
};
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
use crate::{
    problem::Problem,
    returned::{self, Chosen},
    visit::Visit,
    warnings,
};

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

/// Gives back some dates of what comes again: what is kept of their price is told first, and done once that is confirmed.
pub(super) async fn give_back_dates(visit: Visit, holder: Holder, form: FormPost) -> Result {
    let mut chosen = Chosen::of(&form);
    let origin = visit.desk.site(&visit.commune).await?;
    let (key, sent) = (holder.clone(), chosen.clone());
    let done = visit
        .commune
        .write(visit.visitor.by, move |tx| {
            let zone = Town::load(tx)?.zone();
            let (case, dates) = match cancellation::dates_by_requester(tx, &key, sent.dates(), zone)? {
                Ok(done) => done,
                Err(refused) => return Ok(Some(refused)),
            };
            let link = format!("{origin}/agents/dossiers/{}", case.id);
            if let Some(it) = booking::of_owner(tx, ("case", case.id.uuid()))? {
                let name = &it.resource.details.name.fr;
                let what: Vec<String> = dates
                    .iter()
                    .map(|date| format!("{name}, {}", clock::when(*date, zone, Lang::Fr)))
                    .collect();
                warnings::tell(tx, &case, |sender| {
                    messages::booking_dates_returned(sender, &case.reference, &what, &link)
                })?;
            }
            key.note_use(tx, "cancelled")?;
            Ok::<_, CaseError>(None)
        })
        .await;
    let mut problems = Vec::new();
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    match done {
        Ok(None) => return Ok(holder.done("rendre-dates")),
        Ok(Some(NotReturned::Untold(kept))) => {
            // Nothing is wrong: it is told, and asked again.
            status = if chosen.told.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
            chosen.told = Some(kept);
        }
        Ok(Some(refused)) => {
            if matches!(refused, NotReturned::NotThere | NotReturned::Gone) {
                status = StatusCode::CONFLICT;
            }
            problems = Problem::alone(returned::DATES, visit.page.t(returned::key(&refused)));
        }
        Err(CaseError::Text(_)) => {
            let why = if chosen.why.is_empty() { "missing" } else { "long" };
            problems = Problem::alone(returned::WHY, visit.page.t(&format!("desk-returned-{why}")));
            if chosen.starts.is_empty() {
                let nothing = visit.page.t(returned::key(&NotReturned::Nothing));
                problems.splice(0..0, Problem::alone(returned::DATES, nothing));
            }
        }
        Err(error) => {
            let (overtaken, problem) = problem(&visit.page, error, returned::WHY, &chosen.why)?;
            status = overtaken;
            problems.push(problem);
        }
    }
    again(visit, holder, status, Said { problems, chosen, ..Said::default() }).await
}
