//! A case on the agent's desk: its page, its documents, and what the forms of the page do.

use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_cases::{
    Access, LONGEST_TEXT, Right,
    case::{self, Case},
    silence,
};
use beffroi_core::{
    Day, Id,
    calendar::{civil_day, long_date},
};
use beffroi_documents::{self as documents, Document};
use beffroi_people::Town;
use beffroi_web::{FormPost, Page, Result, WebError};
use serde::Deserialize;

use super::{
    Office,
    action::{self, DAYS_FOR_DOCUMENTS, Wrong},
    consulted,
    dossier_view::{self, Dossier, Said},
    entitled,
};
use crate::{
    daily::signatory,
    problem::Problem,
    public::{certified, stream},
    visit::{Visit, case_error},
};

#[derive(Deserialize)]
pub(super) struct Just {
    /// Something was just done.
    #[serde(default)]
    fait: String,
    /// The reply template that the message begins with.
    #[serde(default)]
    modele: String,
}

pub(super) fn id_of(text: &str) -> Result<Id<Case>> {
    text.parse().map_err(|_| WebError::not_found())
}

/// Opens a case.
pub(super) async fn show(
    Visit { desk, commune, visitor, page, .. }: Visit,
    Path(id): Path<String>,
    Query(just): Query<Just>,
) -> Result {
    let who = visitor.require()?.clone();
    let me = who.account;
    let id = id_of(&id)?;
    let found = commune
        .write(visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            let case = case::read(tx, &access, id).map_err(case_error)?;
            consulted(tx, id, &who)?;
            Dossier::load(tx, &desk, &access, case)
        })
        .await?;
    let typed = match found.reply(&just.modele) {
        Some(message) => FormPost::default().with("message", message),
        None => FormPost::default(),
    };
    dossier_view::show(
        page,
        StatusCode::OK,
        &found,
        Said { done: just.fait, typed, me: found.takes(me), ..Said::default() },
    )
}

pub(super) async fn document(
    Visit { commune, visitor, .. }: Visit,
    Path((id, document)): Path<(String, String)>,
) -> Result {
    let who = visitor.require()?.clone();
    let id = id_of(&id)?;
    let document: Id<Document> = document.parse().map_err(|_| WebError::not_found())?;
    let found = commune
        .write(visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            case::read(tx, &access, id).map_err(case_error)?;
            let found = documents::find(tx, document)?
                .filter(|found| found.owner_kind == "case" && found.owner_id == id.uuid());
            let found = found.ok_or_else(WebError::not_found)?;
            consulted(tx, id, &who)?;
            Ok::<_, WebError>(found)
        })
        .await?;
    stream(&commune, found).await
}

/// The certificate of what silence has granted, for whoever asks the town for it (CRPA, art. L232-3).
pub(super) async fn certificate(
    Visit { desk, commune, visitor, .. }: Visit,
    Path(id): Path<String>,
) -> Result {
    let who = visitor.require()?.clone();
    let id = id_of(&id)?;
    let access = commune.read(visitor.by, move |tx| entitled(tx, &who).map(|(access, _)| access)).await?;
    certified(desk, &commune, visitor.by, move |tx, zone| silence::certify_for(tx, &access, id, zone)).await
}

/// Why something was not done.
pub(super) enum Refused {
    /// What was posted lacks something.
    Wrong(Vec<Wrong>),
    /// Somebody else was faster.
    Overtaken,
}

/// What came of a form.
enum Came {
    /// It was done; and whether the agent still reads the case, which may have gone to another department.
    Done(bool),
    /// It was not done: why, and the case as it stands.
    Not(Refused, Box<Dossier>),
}

impl Refused {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Wrong(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Overtaken => StatusCode::CONFLICT,
        }
    }

    pub(super) fn problems(&self, page: &Page) -> Vec<Problem> {
        match self {
            Self::Wrong(wrong) => wrong
                .iter()
                .map(|wrong| Problem {
                    field: wrong.field.to_owned(),
                    message: page.tr(wrong.key, &[("limit", LONGEST_TEXT.into())]),
                })
                .collect(),
            Self::Overtaken => Problem::alone("etat", page.t("office-overtaken")),
        }
    }
}

/// Does what a form of the page asks for. What cannot be done is explained on the page, with all that was typed.
pub(super) async fn act(
    Visit { desk, commune, visitor, page, .. }: Visit,
    Path((id, word)): Path<(String, String)>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let me = who.account;
    let id = id_of(&id)?;
    let origin = desk.site(&commune).await?;
    let (asked, posted) = (word.clone(), form.clone());
    let came = commune
        .write(visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            let case = case::read(tx, &access, id).map_err(case_error)?;
            let town = Town::load(tx)?;
            let today = civil_day(tx.now(), town.zone());
            let signatories = signatory::who_sign(tx, &case.department, &town)?;
            let refused = match action::read(&asked, &posted, today, &signatories) {
                Ok(Some(action)) if action.is_possible(case.state) => {
                    let office = Office { desk, access, agent: who.account.uuid(), origin };
                    match office.act(tx, &case, action, &town)? {
                        None => {
                            let case = case::find(tx, id).map_err(case_error)?;
                            let reads = case.is_some_and(|case| may(&office.access, Right::Read, &case));
                            return Ok(Came::Done(reads));
                        }
                        Some(wrong) => {
                            let refused = Refused::Wrong(vec![wrong]);
                            let found = Dossier::load(tx, &office.desk, &office.access, case)?;
                            return Ok(Came::Not(refused, Box::new(found)));
                        }
                    }
                }
                Ok(Some(_)) => Refused::Overtaken,
                Ok(None) => return Err(WebError::not_found()),
                Err(wrong) => Refused::Wrong(wrong),
            };
            Ok(Came::Not(refused, Box::new(Dossier::load(tx, &desk, &access, case)?)))
        })
        .await?;
    let (refused, found) = match came {
        Came::Not(refused, found) => (refused, found),
        Came::Done(reads) => {
            let target = match word.as_str() {
                "archiver" => "/agents".to_owned(),
                _ if !reads => format!("/agents?fait={word}"),
                _ => format!("/agents/dossiers/{id}?fait={word}"),
            };
            return Ok(Redirect::to(&target).into_response());
        }
    };
    let said = Said {
        problems: refused.problems(&page),
        form: word,
        typed: form,
        me: found.takes(me),
        ..Said::default()
    };
    dossier_view::show(page, refused.status(), &found, said)
}

/// What was posted is not asked for again: the address of a form leads back to the case.
pub(super) async fn back(Path((id, _)): Path<(String, String)>) -> Result {
    Ok(Redirect::to(&format!("/agents/dossiers/{}", id_of(&id)?)).into_response())
}

/// Whether the agent may do this to the case: what the page shows asks the same function as what is done.
pub(super) fn may(access: &Access, right: Right, case: &Case) -> bool {
    access.permit(right, case).is_ok()
}

/// The last day that is proposed for missing documents.
pub(super) fn proposed_deadline(today: Day, lang: beffroi_core::Lang) -> String {
    today.checked_add_days(DAYS_FOR_DOCUMENTS).map(|day| long_date(day, lang)).unwrap_or_default()
}
