//! Two records of one person become one, within their sector; and apart again while that can be done.

use axum::{
    extract::Path,
    response::{IntoResponse, Redirect},
};
use beffroi_core::Id;
use beffroi_people::{
    Person,
    merging::{self, Merge, MergeError, Moved},
};
use beffroi_web::{FormPost, Result, WebError};

use super::{
    person::{again, id_of, of_sectors},
    person_view, receptionist,
};
use crate::{
    permission::{self, MergePersons},
    problem::Problem,
    visit::{Visit, case_error},
};

pub(super) async fn merge(visit: Visit, Path(id): Path<String>, form: FormPost) -> Result {
    let who = visit.visitor.require()?.clone();
    let kept = id_of(&id)?;
    let gone: Id<Person> = form.text("autre").parse().map_err(|_| WebError::not_found())?;
    if form.get("sur").is_none() {
        let problems = Problem::alone("fusion", visit.page.t("office-merge-tick"));
        let said = person_view::Said { problems, ..person_view::Said::default() };
        return again(visit, kept, "presence", axum::http::StatusCode::UNPROCESSABLE_ENTITY, said).await;
    }
    visit
        .commune
        .write(visit.visitor.by, move |tx| {
            let (_, sectors) = receptionist(tx, &who)?;
            let person = of_sectors(tx, &sectors, kept)?;
            of_sectors(tx, &[person.sector], gone)?;
            if !permission::holds_somewhere::<MergePersons>(tx, &who)? {
                return Err(WebError::forbidden());
            }
            let (requested, benefited) =
                beffroi_cases::person::take_place(tx, gone.uuid(), kept.uuid()).map_err(case_error)?;
            let moved = Moved { requested, benefited };
            match merging::merge(tx, person.sector, (kept, gone), &moved, who.account.uuid()) {
                Ok(_) => Ok(()),
                Err(MergeError::Store(error)) => Err(error.into()),
                Err(MergeError::Same) => Err(WebError::bad_request()),
                Err(MergeError::NotFound) => Err(WebError::conflict()),
            }
        })
        .await?;
    Ok(Redirect::to(&format!("/agents/guichet/personne/{kept}?fait=fusion")).into_response())
}

pub(super) async fn undo(visit: Visit, Path(id): Path<String>, form: FormPost) -> Result {
    let who = visit.visitor.require()?.clone();
    let kept = id_of(&id)?;
    let merge: Id<Merge> = form.text("fusion").parse().map_err(|_| WebError::not_found())?;
    visit
        .commune
        .write(visit.visitor.by, move |tx| {
            let (_, sectors) = receptionist(tx, &who)?;
            of_sectors(tx, &sectors, kept)?;
            if !permission::holds_somewhere::<MergePersons>(tx, &who)? {
                return Err(WebError::forbidden());
            }
            let undone = merging::undo(tx, &sectors, kept, merge)?.ok_or_else(WebError::not_found)?;
            let Moved { requested, benefited } = &undone.moved;
            beffroi_cases::person::give_back(tx, (requested, benefited), undone.gone.uuid())
                .map_err(case_error)
        })
        .await?;
    Ok(Redirect::to(&format!("/agents/guichet/personne/{kept}?fait=separation")).into_response())
}
