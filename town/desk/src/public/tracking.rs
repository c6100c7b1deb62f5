//! Following a request, with its code or from the account that it was sent with: where it stands, what was
//! written, what is asked, what was decided. The code is never in an address.

use axum::{
    extract::{FromRequest, Query, Request},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_cases::{
    CaseError,
    case::{self, State},
    exchange,
    missing::{self, LocalCalendar},
    tracking::{self, TrackingCode},
};
use beffroi_documents::{self as documents, Gate, StoredFile};
use beffroi_people::{Town, throttle};
use beffroi_store::Tx;
use beffroi_web::{CommuneOf, FormPost, Page, Purpose, Result, Visitor, WebError};
use serde::Deserialize;

use super::{
    DRAFT_COOKIE, TRACKING_COOKIE, TRACKING_PATH, code_in, draft_path,
    holder::{Holder, opened},
    tracking_view,
    upload::{self, Posted},
    with_cookie,
};
use crate::{
    control::Kept,
    draft,
    papers::purpose,
    problem::Problem,
    submission::asked,
    visit::{Visit, case_error},
};

/// Files of a case that are read to tell which documents have come.
const READ_AT_MOST: u32 = 500;

#[derive(Deserialize)]
pub(super) struct Just {
    /// The request was just sent.
    envoyee: Option<String>,
    /// Something was just done: a message, documents.
    #[serde(default)]
    fait: String,
}

pub(super) async fn show(
    Visit { app, desk, commune, visitor, page, headers }: Visit,
    Query(just): Query<Just>,
) -> Result {
    let Some(code) = code_in(&headers, TRACKING_COOKIE) else {
        return tracking_view::ask(page, StatusCode::OK, "", "");
    };
    let (asked, lang) = (code.clone(), visitor.lang);
    let found = commune
        .glance(visitor.by, move |tx| {
            if let Some(case) = tracking::open(tx, &asked)? {
                let found = tracking_view::Followed::load(tx, &desk, case, Holder::Code(asked))?;
                return found.with_panels(tx, &app, lang).map(Some);
            }
            let Some(draft) = draft::find(tx, &asked)? else { return Ok(None) };
            let form =
                desk.shelf.version(tx, &draft.procedure, draft.version)?.ok_or_else(WebError::not_found)?;
            Ok(Some(tracking_view::Followed::draft(draft, form)))
        })
        .await?;
    let Some(found) = found else {
        let response = tracking_view::ask(page, StatusCode::OK, "", "")?;
        return Ok(with_cookie(response, visitor.own_cookie(TRACKING_COOKIE, "", TRACKING_PATH)?));
    };
    told(&commune, &visitor, &found).await?;
    let said = tracking_view::Said { sent: just.envoyee.is_some(), done: just.fait, ..Default::default() };
    tracking_view::show(page, StatusCode::OK, found, said)
}

/// The page of a request sent with an account, for its owner.
pub(super) async fn own(visit: Visit, holder: Holder, Query(just): Query<Just>) -> Result {
    let asked = holder.clone();
    let helps = visit.commune.read(visit.visitor.by, move |tx| asked.helps(tx)).await?;
    if helps {
        let holder = holder.clone();
        visit.commune.write(visit.visitor.by, move |tx| holder.note_use(tx, "read")).await?;
    }
    again(visit, holder, StatusCode::OK, tracking_view::Said { done: just.fait, ..Default::default() }).await
}

/// The page as it stands, with what is to be said: after something that could not be done, why, and what was typed.
pub(super) async fn again(
    visit: Visit,
    holder: Holder,
    status: StatusCode,
    said: tracking_view::Said,
) -> Result {
    let Visit { app, desk, commune, visitor, page, .. } = visit;
    let lang = visitor.lang;
    let found = commune
        .read(visitor.by, move |tx| {
            let case = opened(tx, &holder)?;
            tracking_view::Followed::load(tx, &desk, case, holder)?.with_panels(tx, &app, lang)
        })
        .await?;
    told(&commune, &visitor, &found).await?;
    tracking_view::show(page, status, found, said)
}

/// Writes down that the messages of the page have been read; a page without news writes nothing.
async fn told(commune: &CommuneOf, visitor: &Visitor, found: &tracking_view::Followed) -> Result<()> {
    let Some(holder) = found.told() else { return Ok(()) };
    commune.write(visitor.by, move |tx| exchange::read_by_requester(tx, &holder).map_err(case_error)).await
}

/// What a refusal means to whoever asked: its status, and the problem beside the field. Only failures of ours,
/// and what nobody may know of, become a page of their own.
pub(super) fn problem(
    page: &Page,
    error: CaseError,
    field: &str,
    typed: &str,
) -> Result<(StatusCode, Problem)> {
    let (status, field, message) = match error {
        CaseError::Text(_) if typed.is_empty() => {
            (StatusCode::UNPROCESSABLE_ENTITY, field, page.t("desk-message-empty").to_owned())
        }
        CaseError::Text(limit) => {
            let message = page.tr("desk-message-long", &[("limit", limit.into())]);
            (StatusCode::UNPROCESSABLE_ENTITY, field, message)
        }
        // Somebody at the town hall was faster: the page shows where the request stands now.
        CaseError::WrongState(_) => (StatusCode::CONFLICT, "etat", page.t("desk-overtaken").to_owned()),
        error => return Err(case_error(error)),
    };
    Ok((status, Problem { field: field.to_owned(), message }))
}

/// Opens a case or a draft with its code. Who guesses waits longer and longer.
pub(super) async fn open(Visit { app, commune, visitor, page, .. }: Visit, form: FormPost) -> Result {
    visitor.limit(&app, Purpose::TRACKING)?;
    let typed = form.text("code").to_owned();
    let key = throttle::Key::tracking_code(&source(&visitor));
    let waits = commune
        .read(visitor.by, {
            let key = key.clone();
            move |tx| throttle::waits_until(tx, &key)
        })
        .await?;
    if waits.is_some() {
        let text = page.t("desk-code-wait").to_owned();
        return tracking_view::ask(page, StatusCode::TOO_MANY_REQUESTS, &typed, &text);
    }
    let code = TrackingCode::parse(&typed);
    let known = match code.clone() {
        Some(code) => {
            commune
                .read(visitor.by, move |tx| {
                    Ok::<_, WebError>(
                        tracking::open(tx, &code)?.is_some() || draft::find(tx, &code)?.is_some(),
                    )
                })
                .await?
        }
        None => false,
    };
    let Some(code) = code.filter(|_| known) else {
        commune.write(visitor.by, move |tx| throttle::failed(tx, &key)).await?;
        let text = page.t("desk-code-unknown").to_owned();
        return tracking_view::ask(page, StatusCode::UNPROCESSABLE_ENTITY, &typed, &text);
    };
    commune.write(visitor.by, move |tx| throttle::clear(tx, &key)).await?;
    let cookie = visitor.own_cookie(TRACKING_COOKIE, &code.to_string(), TRACKING_PATH)?;
    Ok(with_cookie(Redirect::to("/suivi").into_response(), cookie))
}

/// Where a request comes from, as the throttle counts it.
fn source(visitor: &Visitor) -> String {
    format!("{:?}", visitor.source)
}

/// What the requester writes and the documents that they send with it, in one form: neither goes without the other,
/// and nothing is lost. Where something is refused the files that are good are kept, and the words wait in their box.
/// Each document that is asked for has its own field: the answer is complete once each has come, and until then its
/// requester reads what is still missing.
pub(super) async fn message(visit: Visit, holder: Holder, request: Request) -> Result {
    visit.visitor.limit(&visit.app, Purpose::SUBMIT)?;
    let key = holder.clone();
    let case = visit.commune.read(visit.visitor.by, move |tx| opened(tx, &key)).await?;
    let Posted { fields, files, refused, .. } = if case.sealed {
        // What is sealed keeps no file, which would lie open beside it: none is received.
        let fields = FormPost::from_request(request, &visit.app).await?;
        Posted { fields, files: Vec::new(), refused: Vec::new(), cut: false }
    } else {
        let may = || visit.visitor.limit(&visit.app, Purpose::UPLOAD).is_ok();
        upload::receive_counted(request, &visit.commune, visit.visitor.lang, may).await?
    };
    let words = fields.text("message").to_owned();
    let other = |field: &str| !field.starts_with("piece-");
    let kept = files.iter().filter(|(field, _)| other(field));
    let mut said = tracking_view::Said {
        kept: kept.map(|(_, file)| Kept::of(file, visit.visitor.lang)).collect(),
        // What did not come for a document stands beside it; all else beside the one field of other files.
        problems: refused
            .iter()
            .flat_map(|one| {
                Problem::all(std::slice::from_ref(one), if other(&one.0) { "file" } else { &one.0 })
            })
            .collect(),
        message: words.clone(),
        ..Default::default()
    };
    let whole = refused.is_empty();
    if whole && (!words.is_empty() || files.is_empty()) {
        let checked = exchange::checked(&words).map(|_| ());
        if let Err(error) = checked {
            let mut problem = problem(&visit.page, error, "message", &words)?.1;
            // Words alone may be missing because no file was chosen either.
            if words.is_empty() && case.state.is_open() && !case.sealed {
                visit.page.t("desk-nothing-sent").clone_into(&mut problem.message);
            }
            said.problems = vec![problem];
        }
    }
    let says = said.problems.is_empty() && !words.is_empty();
    if files.is_empty() && !says {
        return again(visit, holder, StatusCode::UNPROCESSABLE_ENTITY, said).await;
    }
    let done = match (says, files.is_empty()) {
        (true, true) => "message",
        (true, false) => "envoi",
        (false, _) => "documents",
    };
    let (key, gate) = (holder.clone(), visit.desk.gate);
    let partly: Vec<String> = refused.into_iter().map(|(field, _)| field).collect();
    let sent = visit.commune.write(visit.visitor.by, move |tx| {
        if !files.is_empty() && !take_documents(tx, &key, gate, (&files, &partly))? {
            return Ok(false);
        }
        if says {
            exchange::reply(tx, &key, &words)?;
            key.note_use(tx, "message")?;
        }
        Ok(true)
    });
    match sent.await {
        Ok(false) => {
            said.problems = Problem::alone("file", visit.page.t("desk-too-many-files"));
            said.kept.clear();
            again(visit, holder, StatusCode::UNPROCESSABLE_ENTITY, said).await
        }
        Ok(true) if said.problems.is_empty() => Ok(holder.done(done)),
        Ok(true) => again(visit, holder, StatusCode::UNPROCESSABLE_ENTITY, said).await,
        Err(error) => {
            let (status, problem) = problem(&visit.page, error, "message", &said.message)?;
            said.problems = vec![problem];
            said.kept.clear();
            again(visit, holder, status, said).await
        }
    }
}

/// Joins documents that were asked for, or that the requester adds; whether there was room for them. `partly`: the fields
/// of which a file was refused; what they are for has not come as a whole.
fn take_documents(
    tx: &mut Tx<'_>,
    key: &Holder,
    gate: Gate,
    (files, partly): (&[(String, StoredFile)], &[String]),
) -> Result<bool, CaseError> {
    let case = tracking::open(tx, key)?.ok_or(CaseError::NotFound)?;
    if !case.state.is_open() {
        return Err(CaseError::WrongState(case.state));
    }
    let owner = ("case", case.id.uuid());
    if !upload::has_room(tx, owner, files.len())? {
        return Ok(false);
    }
    let requests = missing::of_case(tx, case.id)?;
    let (had, sent) = (documents::of_owner(tx, owner.0, owner.1, READ_AT_MOST)?, asked::sent(tx, case.id)?);
    let mut pieces = asked::open(&requests, &sent, &had);
    for (field, document) in upload::attach(tx, gate, files, owner, purpose::ANSWER)? {
        let whole = |piece: &&mut asked::Piece| piece.control() == field && !partly.contains(&field);
        let Some(piece) = pieces.iter_mut().find(whole) else { continue };
        let document = document.parse().map_err(|_| CaseError::NotFound)?;
        asked::note(tx, case.id, document, piece)?;
        piece.come = true;
    }
    missing::receive(tx, key, files.len())?;
    key.note_use(tx, "documents")?;
    let all = !pieces.is_empty() && pieces.iter().all(|piece| piece.come);
    if all && case.state == State::Waiting {
        let town = Town::load(tx)?;
        let calendar = LocalCalendar { zone: town.zone(), holidays: town.holidays() };
        missing::arrive(tx, key, calendar)?;
    }
    Ok(true)
}

pub(super) async fn withdraw(visit: Visit, holder: Holder, form: FormPost) -> Result {
    if form.get("sur").is_none() {
        let problems = Problem::alone("sur", visit.page.t("desk-withdraw-tick"));
        let said = tracking_view::Said { problems, ..Default::default() };
        return again(visit, holder, StatusCode::UNPROCESSABLE_ENTITY, said).await;
    }
    let key = holder.clone();
    let done = visit.commune.write(visit.visitor.by, move |tx| {
        case::withdraw(tx, &key)?;
        Ok(key.note_use(tx, "withdrawn")?)
    });
    let done = done.await;
    let Err(error) = done else { return Ok(holder.done("retrait")) };
    let (status, problem) = problem(&visit.page, error, "sur", "")?;
    let said = tracking_view::Said { problems: vec![problem], ..Default::default() };
    again(visit, holder, status, said).await
}

/// What was posted is not asked for again: the address of a form leads back to the page.
pub(super) async fn back(holder: Holder) -> Redirect {
    Redirect::to(&holder.base())
}

/// Forgets the code on this machine: it may be one that others use.
pub(super) async fn leave(Visit { visitor, .. }: Visit) -> Result {
    let cookie = visitor.own_cookie(TRACKING_COOKIE, "", TRACKING_PATH)?;
    Ok(with_cookie(Redirect::to("/?quittee").into_response(), cookie))
}

/// Goes on with a draft that its code has opened.
pub(super) async fn resume(Visit { commune, visitor, headers, .. }: Visit) -> Result {
    let Some(code) = code_in(&headers, TRACKING_COOKIE) else {
        return Ok(Redirect::to("/suivi").into_response());
    };
    let asked = code.clone();
    let found = commune.read(visitor.by, move |tx| draft::find(tx, &asked)).await?;
    let Some(draft) = found else { return Ok(Redirect::to("/suivi").into_response()) };
    let path = draft_path(&draft.procedure);
    let cookie = visitor.own_cookie(DRAFT_COOKIE, &code.to_string(), &path)?;
    Ok(with_cookie(Redirect::to(&path).into_response(), cookie))
}
