//! What the pages of a decision to take back are asked for, and what is done.

use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_cases::{
    CaseError, Right,
    case::{self, Case},
    missing::LocalCalendar,
    reversal::{self, Effect, NewReversal, Reversal, Standing},
};
use beffroi_core::{
    Day, Id, Lang,
    calendar::{civil_day, long_date},
};
use beffroi_documents as documents;
use beffroi_people::{SignedIn, Town};
use beffroi_store::{Tx, jobs};
use beffroi_web::{FormPost, Result, WebError};
use serde_json::json;

use super::{
    super::{Office, consulted, dossier::id_of, dossier_read::Dossier, entitled},
    form::{self, Flaw},
    page,
};
use crate::{
    Parts,
    enclosure::{self, To},
    papers::{self, Paper, TELL_REVERSAL, purpose},
    public::pdf_answer,
    retention,
    visit::{Visit, case_error},
};

/// Why a decision is not taken back while its case stands on a slip: signed, the slip would erase an open case.
const ON_SLIP: &str = "Ce dossier figure sur un bordereau des archives\u{a0}: sa décision ne peut pas être retirée ni abrogée tant qu’il y est.";
/// Why that of an erased case is not: nobody could be told, and nothing is left to decide anew.
const ERASED: &str =
    "Les données de ce dossier ont été effacées\u{a0}: sa décision ne peut plus être retirée ni abrogée.";

/// The case, with the decision that stands in it, for an agent who may decide. Where none stands, somebody
/// was faster; of what goes to the archives, or is erased, none is taken back.
fn opened(tx: &mut Tx<'_>, desk: &Parts, who: &SignedIn, id: Id<Case>) -> Result<(Dossier, Standing)> {
    let (access, _) = entitled(tx, who)?;
    let case = case::read(tx, &access, id).map_err(case_error)?;
    access.permit(Right::Decide, &case).map_err(case_error)?;
    let standing = reversal::standing(tx, &case).map_err(case_error)?.ok_or_else(WebError::conflict)?;
    if retention::is_on_slip(tx, id)? {
        return Err(WebError::conflict().say(ON_SLIP));
    }
    if retention::is_erased(tx, id)? {
        return Err(WebError::conflict().say(ERASED));
    }
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

/// The series of the act: of what is told by an order, that of orders.
fn series(found: &Found) -> Option<String> {
    let Dossier { form, decision, .. } = &found.dossier;
    let told_by_order = decision.as_ref().is_none_or(|taken| taken.number.is_some());
    (form.procedure().decision.formal && told_by_order).then(|| "ARR".to_owned())
}

/// What came of reading a form: what it asks for, or what is wrong with it.
type Read<T> = std::result::Result<T, Vec<Flaw>>;

/// What was posted, as the act that it would be today.
fn drafted(tx: &mut Tx<'_>, found: &Found, posted: &FormPost) -> Result<Read<(NewReversal, Reversal)>> {
    let Dossier { case, signatories, stationery, .. } = &found.dossier;
    let new = match form::read(posted, found.standing, signatories, series(found)) {
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
            take_back(tx, &found, &new)?;
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

/// Writes the act, sets aside what told the decision, and has the requester told.
fn take_back(tx: &mut Tx<'_>, found: &Found, new: &NewReversal) -> Result<()> {
    let Dossier { case, access, form, stationery, .. } = &found.dossier;
    let calendar = LocalCalendar { zone: stationery.town.zone(), holidays: stationery.town.holidays() };
    let act = reversal::act(tx, access, case.id, new, calendar).map_err(case_error)?;
    let owner = ("case", case.id.uuid());
    for told in [purpose::DECISION, purpose::REVERSAL] {
        documents::repurpose(tx, owner, told, purpose::PAST)?;
    }
    papers::set_notices_aside(tx, case.id)?;
    enclosure::move_to(tx, To::Decision(case.id), To::Past(act.id))?;
    retention::reopened(tx, case.id, form.procedure().retention.as_ref(), &case.answers)?;
    jobs::enqueue(tx, TELL_REVERSAL, &json!({ "case": case.id }), tx.now(), None)?;
    Ok(())
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
            reversal::invite(tx, access, id, until, town.zone()).map_err(case_error)?;
            let office = Office { desk, access: access.clone(), agent: who.account.uuid(), origin };
            office.write(tx, case, &invitation(&found, &why, until), &[])?;
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

/// The letter that asks for observations (CRPA, art. L122-1). What the town writes to one person it writes in French.
fn invitation(found: &Found, why: &str, until: Day) -> String {
    let day = |day| long_date(day, Lang::Fr);
    format!(
        "Nous envisageons de revenir sur la décision du {} qui accepte votre demande {}, pour les raisons suivantes\u{a0}:\n\n{why}\n\nVous pouvez nous présenter vos observations par écrit jusqu’au {}, et demander à être reçu pour les présenter de vive voix. Vous pouvez vous faire assister par un conseil ou représenter par un mandataire de votre choix (article L. 122-1 du code des relations entre le public et l’administration).\n\nAucune décision ne sera prise avant cette date.",
        day(found.standing.taken_on),
        found.dossier.case.reference,
        day(until),
    )
}
