//! A case on the agent's desk: its page, its documents, and what the forms of the page do.

use axum::{
    extract::{FromRequest, Path, Query, Request},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_cases::{
    Access, LONGEST_TEXT, Right,
    case::{self, Case},
    silence,
};
use beffroi_core::{
    Cents, Day, Id,
    calendar::{civil_day, long_date},
};
use beffroi_documents::{self as documents, Document};
use beffroi_people::Town;
use beffroi_web::{FormPost, Page, Result, WebError};
use serde::Deserialize;

use super::{
    Office,
    action::{self, Action, DAYS_FOR_DOCUMENTS, Wrong},
    consulted,
    dossier_read::Dossier,
    dossier_view::{self, Said},
    enclosing::{self, MESSAGE, Sent},
    entitled, timing,
};
use crate::{
    daily::signatory,
    enclosure,
    problem::Problem,
    public::{certified, stream},
    returned,
    visit::{Visit, case_error},
};

#[derive(Deserialize)]
pub(super) struct Just {
    /// Something was just done.
    #[serde(default)]
    fait: String,
    /// What the agent holds for it, by its name.
    #[serde(default)]
    creneau: String,
}

pub(super) fn id_of(text: &str) -> Result<Id<Case>> {
    text.parse().map_err(|_| WebError::not_found())
}

/// Opens a case.
pub(super) async fn show(visit: Visit, Path(id): Path<String>, Query(just): Query<Just>) -> Result {
    let me = visit.visitor.require()?.account;
    let (page, found) = looked_at(visit, id_of(&id)?, just.creneau).await?;
    let said = Said { done: just.fait, me: found.takes(me), ..Said::default() };
    dossier_view::show(page, StatusCode::OK, &found, said)
}

/// The case, for an agent who looks at it.
async fn looked_at(
    Visit { app, desk, commune, visitor, page, .. }: Visit,
    id: Id<Case>,
    held: String,
) -> Result<(Page, Dossier)> {
    let who = visitor.require()?.clone();
    let lang = visitor.lang;
    let found = commune
        .write(visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            let case = case::read(tx, &access, id).map_err(case_error)?;
            consulted(tx, id, &who)?;
            let found = Dossier::load(tx, &desk, (&who, &access), case)?.with_time(tx, &held)?;
            found.with_panels(tx, &app, (&who, lang))
        })
        .await?;
    Ok((page, found))
}

/// The message with a reply template after what was typed, which stays. Nothing is sent.
async fn insert_reply(visit: Visit, id: Id<Case>, sent: Sent) -> Result {
    let me = visit.visitor.require()?.account;
    let gate = visit.desk.gate;
    // Files that were chosen with the words wait for the message, as they do.
    let kept = visit.commune.write(visit.visitor.by, move |tx| enclosing::keep(tx, gate, id, sent, &MESSAGE));
    let (form, wrong) = kept.await?;
    let (page, found) = looked_at(visit, id, String::new()).await?;
    let typed = form.text("message").trim_end();
    let message = match found.reply(form.text("modele")) {
        Some(reply) if typed.is_empty() => reply,
        Some(reply) => format!("{typed}\n\n{reply}"),
        None => typed.to_owned(),
    };
    // What else the form holds stays as it is.
    let others = form.pairs().iter().filter(|(name, _)| !["message", "modele"].contains(&name.as_str()));
    let typed = others.fold(FormPost::default(), |typed, (name, value)| typed.with(name, value.clone()));
    let typed = typed.with("message", message);
    let (problems, status) = if wrong.is_empty() {
        (Vec::new(), StatusCode::OK)
    } else {
        let refused = Refused::Wrong(wrong);
        (refused.problems(&page), refused.status())
    };
    let said = Said { problems, form: "message".to_owned(), typed, me: found.takes(me), ..Said::default() };
    dossier_view::show(page, status, &found, said)
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
    /// Nothing is wrong, but what is kept of a price is told before it is done.
    Untold(Cents),
}

/// What came of a form.
enum Came {
    /// It was done; and whether the agent still reads the case, which may have gone to another department.
    Done(bool),
    /// It was not done: why, the case as it stands, and what was typed and chosen.
    Not(Refused, Box<Dossier>, FormPost),
}

/// What a form asks for, where no file of it is wrong either: all that is wrong is told at once.
pub(super) fn with(
    mut files: Vec<Wrong>,
    read: std::result::Result<Option<Action>, Vec<Wrong>>,
) -> std::result::Result<Option<Action>, Vec<Wrong>> {
    match read {
        Err(wrong) => {
            files.extend(wrong);
            Err(files)
        }
        Ok(Some(_)) if !files.is_empty() => Err(files),
        Ok(action) => Ok(action),
    }
}

impl Refused {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Wrong(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Overtaken => StatusCode::CONFLICT,
            Self::Untold(_) => StatusCode::OK,
        }
    }

    pub(super) fn problems(&self, page: &Page) -> Vec<Problem> {
        match self {
            Self::Wrong(wrong) => wrong
                .iter()
                .map(|wrong| Problem { field: wrong.field.to_owned(), message: worded(page, wrong) })
                .collect(),
            Self::Overtaken => Problem::alone("etat", page.t("office-overtaken")),
            Self::Untold(_) => Vec::new(),
        }
    }
}

/// What is wrong, in words.
fn worded(page: &Page, wrong: &Wrong) -> String {
    if wrong.key.is_empty() {
        return wrong.told.clone();
    }
    let told = [
        ("limit", LONGEST_TEXT.into()),
        ("most", enclosure::AT_MOST.into()),
        ("names", wrong.told.clone().into()),
    ];
    page.tr(wrong.key, &told)
}

/// Does what a form of the page asks for. What cannot be done is explained on the page, with all that was typed and chosen.
pub(super) async fn act(visit: Visit, Path((id, word)): Path<(String, String)>, request: Request) -> Result {
    let id = id_of(&id)?;
    if word == "modele" {
        let sent = enclosing::sent(&visit, id, Right::Handle, request).await?;
        return insert_reply(visit, id, sent).await;
    }
    let sent = if word == "message" {
        enclosing::sent(&visit, id, Right::Handle, request).await?
    } else {
        Sent::of(FormPost::from_request(request, &visit.app).await?)
    };
    let Visit { app, desk, commune, visitor, page, .. } = visit;
    let who = visitor.require()?.clone();
    let (me, lang) = (who.account, visitor.lang);
    let origin = desk.site(&commune).await?;
    let asked = word.clone();
    let came = commune
        .write(visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            let case = case::read(tx, &access, id).map_err(case_error)?;
            let town = Town::load(tx)?;
            let today = civil_day(tx.now(), town.zone());
            let signatories = signatory::who_sign(tx, &case.department, &town)?;
            let (posted, wrong) = match enclosing::names(&asked) {
                Some(names) => enclosing::keep(tx, desk.gate, id, sent, names)?,
                None => (sent.fields, Vec::new()),
            };
            let refused = match with(wrong, action::read(&asked, &posted, today, &signatories)) {
                Ok(Some(action)) if action.is_possible(case.state) => {
                    let office = Office { desk, access, agent: who.account.uuid(), origin };
                    match office.act(tx, &case, action, &town)? {
                        None => {
                            let case = case::find(tx, id).map_err(case_error)?;
                            let reads = case.is_some_and(|case| may(&office.access, Right::Read, &case));
                            return Ok(Came::Done(reads));
                        }
                        Some(wrong) => {
                            let refused = match wrong.untold {
                                Some(kept) => Refused::Untold(kept),
                                None => Refused::Wrong(vec![wrong]),
                            };
                            let found = Dossier::load(tx, &office.desk, (&who, &office.access), case)?;
                            let found = found.with_time(tx, posted.text(timing::HELD))?;
                            let found = found.with_panels(tx, &app, (&who, lang))?;
                            return Ok(Came::Not(refused, Box::new(found), posted));
                        }
                    }
                }
                Ok(Some(_)) => Refused::Overtaken,
                Ok(None) => return Err(WebError::not_found()),
                Err(wrong) => Refused::Wrong(wrong),
            };
            let found = Dossier::load(tx, &desk, (&who, &access), case)?;
            let found = found.with_panels(tx, &app, (&who, lang))?;
            Ok(Came::Not(refused, Box::new(found), posted))
        })
        .await?;
    let (refused, found, form) = match came {
        Came::Not(Refused::Untold(kept), found, mut posted) => {
            posted.forget_last(returned::TOLD);
            let posted = posted.with(returned::TOLD, kept.0.to_string());
            (Refused::Untold(kept), found, posted)
        }
        Came::Not(refused, found, posted) => (refused, found, posted),
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
