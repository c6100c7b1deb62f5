//! What the pages of a decision to take back are asked for, and what is done.

use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_cases::{
    CaseError,
    case::{self, Case},
    reversal::{self, Effect, NewReversal, Reversal, Standing},
};
use beffroi_core::{Id, calendar::civil_day};
use beffroi_people::{SignedIn, Town};
use beffroi_store::Tx;
use beffroi_web::{FormPost, Result, WebError};

use super::{
    super::{Office, consulted, dossier::id_of, dossier_read::Dossier, entitled},
    command,
    form::{self, Flaw},
    page,
};
use crate::{
    Parts,
    papers::{self, Paper},
    public::pdf_answer,
    visit::{Visit, case_error},
};

/// The case, with the decision that stands in it, for an agent who may decide.
fn opened(tx: &mut Tx<'_>, desk: &Parts, who: &SignedIn, id: Id<Case>) -> Result<(Dossier, Standing)> {
    let (access, _) = entitled(tx, who)?;
    let case = case::read(tx, &access, id).map_err(case_error)?;
    let standing = command::standing(tx, &access, &case)?;
    consulted(tx, id, who)?;
    Ok((Dossier::load(tx, desk, (who, &access), case)?, standing))
}

/// What the page needs beside the case.
pub(super) struct Found {
    pub(super) dossier: Dossier,
    pub(super) standing: Standing,
    pub(super) invited: Option<reversal::Invitation>,
}

fn found(tx: &mut Tx<'_>, desk: &Parts, who: &SignedIn, id: Id<Case>) -> Result<Found> {
    let (dossier, standing) = opened(tx, desk, who, id)?;
    Ok(Found { invited: reversal::invitation(tx, id)?, dossier, standing })
}

/// What came of reading a form: what it asks for, or what is wrong with it.
type Read<T> = std::result::Result<T, Vec<Flaw>>;

/// What was posted, as the act that it would be today.
fn drafted(tx: &mut Tx<'_>, found: &Found, posted: &FormPost) -> Result<Read<(NewReversal, Reversal)>> {
    let Dossier { case, signatories, stationery, form, decision, .. } = &found.dossier;
    let series = command::series(form, decision.as_ref());
    let new = match form::read(posted, found.standing, signatories, series) {
        Ok(new) => new,
        Err(flaws) => return Ok(Err(flaws)),
    };
    match reversal::draft(tx, case, &new, stationery.town.zone()) {
        Ok(act) => Ok(Ok((new, act))),
        Err(CaseError::Barred(barred)) => Ok(Err(vec![Flaw::Law(barred)])),
        Err(error) => Err(case_error(error)),
    }
}

/// Shows what can be done with the decision.
pub(super) async fn show(visit: Visit, Path(id): Path<String>) -> Result {
    again(visit, &id, FormPost::default(), StatusCode::OK).await
}

/// The page with what was typed.
async fn again(visit: Visit, id: &str, posted: FormPost, status: StatusCode) -> Result {
    let Visit { desk, commune, visitor, page, .. } = visit;
    let who = visitor.require()?.clone();
    let id = id_of(id)?;
    let found = commune.write(visitor.by, move |tx| found(tx, &desk, &who, id)).await?;
    page::show(page, status, &found, &posted, &[])
}

/// Back to the page, with what was typed.
pub(super) async fn change(visit: Visit, Path(id): Path<String>, posted: FormPost) -> Result {
    again(visit, &id, posted, StatusCode::OK).await
}

/// What was posted is not asked for again: the address leads back to the page.
pub(super) async fn back(Visit { commune, visitor, .. }: Visit, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let case = id_of(&id)?;
    commune
        .read(visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            case::read(tx, &access, case).map(drop).map_err(case_error)
        })
        .await?;
    Ok(Redirect::to(&format!("/agents/dossiers/{}/retrait", id_of(&id)?)).into_response())
}

/// The act as it would leave; or the page, with what is wrong.
async fn read_before(
    visit: &Visit,
    id: &str,
    posted: FormPost,
) -> Result<(Found, FormPost, Read<(Reversal, Paper)>)> {
    let who = visit.visitor.require()?.clone();
    let id = id_of(id)?;
    let desk = visit.desk.clone();
    let unnumbered = visit.page.t("office-proof-number").to_owned();
    visit
        .commune
        .write(visit.visitor.by, move |tx| {
            let found = found(tx, &desk, &who, id)?;
            let read = drafted(tx, &found, &posted)?.map(|(new, mut act)| {
                act.number = new.series.map(|_| unnumbered);
                let Dossier { stationery, form, case, reach, .. } = &found.dossier;
                let paper = papers::act_paper(stationery, form, case, reach, &act);
                (act, paper)
            });
            Ok::<_, WebError>((found, posted, read))
        })
        .await
}

/// Shows the act as it will leave.
pub(super) async fn proof(visit: Visit, Path(id): Path<String>, posted: FormPost) -> Result {
    let (found, posted, read) = read_before(&visit, &id, posted).await?;
    match read {
        Ok((act, paper)) => page::proof(visit.page, &found, &posted, (&act, &paper)),
        Err(flaws) => page::show(visit.page, StatusCode::UNPROCESSABLE_ENTITY, &found, &posted, &flaws),
    }
}

/// The same as the PDF that will be kept and sent.
pub(super) async fn pdf(visit: Visit, Path(id): Path<String>, posted: FormPost) -> Result {
    let (found, posted, read) = read_before(&visit, &id, posted).await?;
    let (act, paper) = match read {
        Ok(read) => read,
        Err(flaws) => {
            return page::show(visit.page, StatusCode::UNPROCESSABLE_ENTITY, &found, &posted, &flaws);
        }
    };
    let reference = &found.dossier.case.reference;
    let name = format!("projet-{reference}.pdf");
    let job = papers::act_job(&paper, &act, reference).map_err(WebError::internal)?;
    let pdf = visit.desk.lay_out(job).await?;
    Ok(pdf_answer(pdf, &name, false))
}

/// Takes the decision back.
pub(super) async fn act(visit: Visit, Path(id): Path<String>, posted: FormPost) -> Result {
    let Visit { desk, commune, visitor, page, .. } = visit;
    let who = visitor.require()?.clone();
    let id = id_of(&id)?;
    let came = commune
        .write(visitor.by, move |tx| {
            let found = found(tx, &desk, &who, id)?;
            let new = match drafted(tx, &found, &posted)? {
                Ok((new, _)) => new,
                Err(flaws) => return Ok(Err((found, posted, flaws))),
            };
            let Dossier { case, access, form, stationery, .. } = &found.dossier;
            command::take_back(tx, access, (case, form), &new, &stationery.town)?;
            Ok::<_, WebError>(Ok(new.effect))
        })
        .await?;
    match came {
        Ok(effect) => {
            let word = match effect {
                Effect::Withdrawn => "retrait",
                Effect::Repealed => "abrogation",
            };
            Ok(Redirect::to(&format!("/agents/dossiers/{id}?fait={word}")).into_response())
        }
        Err((found, posted, flaws)) => {
            page::show(page, StatusCode::UNPROCESSABLE_ENTITY, &found, &posted, &flaws)
        }
    }
}

/// Sends the letter that asks for observations, and writes down until when they are awaited.
pub(super) async fn invite(visit: Visit, Path(id): Path<String>, posted: FormPost) -> Result {
    let Visit { desk, commune, visitor, page, .. } = visit;
    let who = visitor.require()?.clone();
    let id = id_of(&id)?;
    let origin = desk.site(&commune).await?;
    let came = commune
        .write(visitor.by, move |tx| {
            let found = found(tx, &desk, &who, id)?;
            let town = Town::load(tx)?;
            let today = civil_day(tx.now(), town.zone());
            let (why, until) = match form::read_invitation(&posted, today) {
                Ok(read) => read,
                Err(flaws) => return Ok(Some((found, posted, flaws))),
            };
            let Dossier { case, access, .. } = &found.dossier;
            let office = Office { desk, access: access.clone(), agent: who.account.uuid(), origin };
            command::ask_for_observations(tx, &office, (case, found.standing), (&why, until), &town)?;
            Ok::<_, WebError>(None)
        })
        .await?;
    match came {
        None => Ok(Redirect::to(&format!("/agents/dossiers/{id}?fait=observations")).into_response()),
        Some((found, posted, flaws)) => {
            page::show(page, StatusCode::UNPROCESSABLE_ENTITY, &found, &posted, &flaws)
        }
    }
}
