//! Filling a request in, page by page; leaving it and coming back; reading it once more; sending it.

use std::sync::Arc;

use axum::{
    extract::{Path, Query, Request},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use beffroi_cases::tracking::{self, TrackingCode};
use beffroi_core::Id;
use beffroi_forms::{Answers, CompiledForm, Fault, Opening, Outcome};
use beffroi_people::mandate::Mandate;
use beffroi_store::By;
use beffroi_web::{CommuneOf, FormPost, Page, Purpose, Result, Visitor, WebError};
use serde::Deserialize;

use super::{
    DRAFT_COOKIE, TRACKING_COOKIE, TRACKING_PATH,
    begun::{Begun, PLAIN_COOKIE, load},
    code_in, draft_path,
    fetch::fetch,
    request_view, sign_in, upload, with_cookie,
};
use crate::{
    Parts,
    booked::{self, secret_in},
    draft,
    space::{fill, keep_sent, take_own},
    submission::{self, Judged, Submission, SubmitError},
    visit::Visit,
};

fn page_address(slug: &str, page: &str) -> String {
    format!("/demarches/{slug}/demande/{page}")
}

/// To the first page, or to where somebody left. Whoever holds a mandate is first asked for whom the request is; `moi`
/// in the address answers it.
pub(super) async fn begin(
    Visit { desk, commune, visitor, headers, .. }: Visit,
    Path(slug): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let visitor = visitor.or_stranger();
    let mut begun = load(&desk, &commune, &visitor, &headers, &slug).await?;
    // What this browser had begun for somebody else is left for that: their names stand in it.
    let leaves = asked.moi.is_some() && begun.acting.is_some();
    if leaves {
        begun = load(&desk, &commune, &visitor, &HeaderMap::new(), &slug).await?;
    }
    // The sheet explains that it is closed.
    if begun.form.procedure().opening(begun.today) != Opening::Open {
        return Ok(to(&format!("/demarches/{slug}")));
    }
    if !sign_in::suffices(&begun.form, visitor.signed_in.as_ref()) {
        return Ok(to(&sign_in::path(&slug)));
    }
    // What a form is for is picked before it is begun; who has begun it is told on its pages.
    if let (None, Some(picking)) = (&begun.draft, &begun.picking)
        && picking.booking.is_none()
    {
        return Ok(to(picking.at()));
    }
    if let (None, Some(who), true) = (&begun.draft, &visitor.signed_in, asked.moi.is_none()) {
        let (account, form) = (who.account, Arc::clone(&begun.form));
        if commune.read(visitor.by, move |tx| crate::mandates::must_choose(tx, account, &form)).await? {
            return Ok(to(&format!("/demarches/{slug}/pour")));
        }
    }
    let pages = &begun.form.procedure().form.pages;
    let judged = begun.judge();
    let first = match begun.draft {
        Some(_) => request_view::first_wrong(&begun.form, &judged.outcome),
        None => judged.outcome.pages.iter().position(|shown| *shown),
    };
    let target = first.and_then(|rank| pages.get(rank)).map_or("recapitulatif", |page| page.id.as_str());
    let mut response = Redirect::to(&page_address(&slug, target)).into_response();
    if leaves {
        response = with_cookie(response, visitor.own_cookie(DRAFT_COOKIE, "", &draft_path(&slug))?);
    }
    let words = match asked.facile.as_str() {
        "oui" => "oui",
        "non" => "",
        _ => return Ok(response),
    };
    Ok(with_cookie(response, visitor.own_cookie(PLAIN_COOKIE, words, &draft_path(&slug))?))
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    /// Where to go back to: `recapitulatif` while one answer is changed.
    #[serde(default)]
    pub(super) retour: String,
    /// Faults are told.
    #[serde(default)]
    pub(super) voir: String,
    /// Which words are read from now on: `oui` for those that are easy to read, `non` for the usual ones.
    #[serde(default)]
    pub(super) facile: String,
    /// Whoever may act for others asks for themselves.
    #[serde(default)]
    pub(super) moi: Option<String>,
}

pub(super) async fn page(
    Visit { desk, commune, visitor, page, headers, .. }: Visit,
    Path((slug, which)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result {
    let begun = load(&desk, &commune, &visitor, &headers, &slug).await?;
    let judged = begun.judge();
    let rank = begun.rank(&which).ok_or_else(WebError::not_found)?;
    if !judged.outcome.pages.get(rank).copied().unwrap_or_default() {
        return Ok(Redirect::to(&draft_path(&slug)).into_response());
    }
    let tell = asked.voir == "erreurs";
    request_view::page(page, StatusCode::OK, &begun, &judged.outcome, rank, &asked, tell, &[])
}

/// What a page's buttons ask for beside going on.
enum Wish {
    Continue,
    Save,
    Stay(String),
    /// To ask the State for what this field wants.
    Fetch(String),
    /// To have what is held for longer.
    Lengthen,
}

pub(super) async fn answer(
    Visit { app, desk, commune, visitor, page, headers }: Visit,
    Path((slug, which)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    request: Request,
) -> Result {
    let visitor = visitor.or_stranger();
    let may = || visitor.limit(&app, Purpose::UPLOAD).is_ok();
    let posted = upload::receive_counted(request, &commune, visitor.lang, may).await?;
    if posted.fields.get("refresh").is_some() {
        return preview(Visit { app, desk, commune, visitor, page, headers }, &slug, &which, &asked, posted)
            .await;
    }
    let mut refused = posted.refused.clone();
    let cut = posted.cut;
    let lang = visitor.lang;
    let shown: Vec<String> = posted.fields.all("shown").map(str::to_owned).collect();
    let held = (code_in(&headers, DRAFT_COOKIE), secret_in(&headers));
    let (who, by) = (visitor.signed_in.clone(), visitor.by);
    let (name, page_id) = (slug.clone(), which.clone());
    let parts = Arc::clone(&desk);
    let (begun, wish, rank, told) = commune
        .write(by, move |tx| {
            let mut begun = Begun::load(tx, &parts, &name, held, who.as_ref())?;
            let rank = begun.rank(&page_id).ok_or_else(WebError::not_found)?;
            begun.replace_shown(rank, &posted.fields);
            let mut told = begun.known.part_with_infected(&mut begun.answers, &posted.files, lang);
            let owner = begun.owner(tx, who.as_ref())?;
            let (form, files) = (Arc::clone(&begun.form), &posted.files);
            let (answers, known) = (&mut begun.answers, &mut begun.known);
            told.extend(upload::take(tx, (parts.gate, lang), &form, answers, files, owner, known)?);
            take_own(tx, &form, answers, &posted.fields, (&begun.own, owner), known)?;
            let filled = fill(answers, &posted.fields, &begun.own);
            let wish = filled.map_or_else(|| wish(answers, &posted.fields), Wish::Stay);
            begun.known = upload::keep_named(tx, owner, answers, known)?;
            begun.save(tx)?;
            if matches!(wish, Wish::Lengthen) {
                begun.lengthen(tx)?;
            }
            Ok::<_, WebError>((begun, wish, rank, told))
        })
        .await?;
    refused.extend(told);
    let judged = begun.judge();
    let cookie = draft_cookie(&visitor, &slug, &begun)?;
    let here = page_address(&slug, &which);
    if let (Wish::Fetch(field), true) = (&wish, refused.is_empty()) {
        match fetch((&app, &commune, &visitor, &page), &begun, &judged, field).await? {
            Ok(filled) => {
                let anchor = filled.first().unwrap_or(field);
                let response = to(&format!("{here}{}#{anchor}", back_query(&asked)));
                return Ok(match cookie {
                    Some(cookie) => with_cookie(response, cookie),
                    None => response,
                });
            }
            Err(reason) => refused.push((field.clone(), reason)),
        }
    }
    let asks = matches!(wish, Wish::Fetch(_));
    let again = |tell: bool| {
        let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
        request_view::page(page, unprocessable, &begun, &judged.outcome, rank, &asked, tell, &refused)
    };
    let response = match wish {
        // What was refused is told first, whatever button was pressed. Where the end never came, what is not
        // answered yet was not refused: it did not come.
        _ if !refused.is_empty() => again(!cut && !asks)?,
        Wish::Save => to(&format!("/demarches/{slug}/demande/code")),
        Wish::Fetch(_) => to(&here),
        Wish::Lengthen => to(&format!("{here}{}#creneau", back_query(&asked))),
        Wish::Stay(anchor) => to(&format!("{here}{}#{anchor}", back_query(&asked))),
        Wish::Continue => {
            let new = request_view::newly_shown(&begun.form, &judged.outcome, rank, &shown);
            match new.first() {
                _ if request_view::wrong_among(&begun.form, &judged.outcome, rank, &new) => again(true)?,
                Some(first) => to(&format!("{here}{}#{first}", back_query(&asked))),
                None => to(&next(&slug, &begun, &judged, rank, &asked)),
            }
        }
    };
    Ok(match cookie {
        Some(cookie) => with_cookie(response, cookie),
        None => response,
    })
}

/// The page as these answers would make it: which questions are there. Nothing is kept.
async fn preview(
    Visit { desk, commune, visitor, page, headers, .. }: Visit,
    slug: &str,
    which: &str,
    asked: &Asked,
    posted: upload::Posted,
) -> Result {
    let mut begun = load(&desk, &commune, &visitor, &headers, slug).await?;
    let rank = begun.rank(which).ok_or_else(WebError::not_found)?;
    begun.replace_shown(rank, &posted.fields);
    let judged = begun.judge();
    request_view::page(page, StatusCode::OK, &begun, &judged.outcome, rank, asked, false, &[])
}

/// Does what a button asks of the answers themselves.
fn wish(answers: &mut Answers, fields: &FormPost) -> Wish {
    if let Some(group) = fields.get("add_row") {
        answers.add_row(group);
        return Wish::Stay(group.to_owned());
    }
    if let Some((group, number)) = fields.get("remove_row").and_then(|row| row.split_once('.')) {
        if let Ok(number) = number.parse() {
            answers.remove_row(group, number);
        }
        return Wish::Stay(group.to_owned());
    }
    if let Some((field, document)) = fields.get("remove_file").and_then(|file| file.rsplit_once(':')) {
        answers.remove(field, document);
        return Wish::Stay(field.to_owned());
    }
    if let Some(field) = fields.get("fetch") {
        return Wish::Fetch(field.to_owned());
    }
    if fields.get("lengthen").is_some() {
        return Wish::Lengthen;
    }
    if fields.get("save").is_some() { Wish::Save } else { Wish::Continue }
}

fn next(slug: &str, begun: &Begun, judged: &Judged, rank: usize, asked: &Asked) -> String {
    let shown = judged.outcome.pages.iter().enumerate().skip(rank + 1).find(|(_, shown)| **shown);
    let page = shown.and_then(|(rank, _)| begun.form.procedure().form.pages.get(rank));
    match page {
        Some(page) if asked.retour.is_empty() => page_address(slug, &page.id),
        _ => page_address(slug, "recapitulatif"),
    }
}

fn back_query(asked: &Asked) -> &'static str {
    if asked.retour.is_empty() { "" } else { "?retour=recapitulatif" }
}

pub(super) fn to(target: &str) -> Response {
    Redirect::to(target).into_response()
}

fn draft_cookie(visitor: &Visitor, slug: &str, begun: &Begun) -> Result<Option<axum::http::HeaderValue>> {
    let Some((_, code)) = &begun.draft else { return Ok(None) };
    visitor.own_cookie(DRAFT_COOKIE, &code.to_string(), &draft_path(slug)).map(Some)
}

pub(super) async fn abandon(
    Visit { commune, visitor, headers, .. }: Visit,
    Path(slug): Path<String>,
) -> Result {
    if let Some(code) = code_in(&headers, DRAFT_COOKIE) {
        commune
            .write(visitor.by, move |tx| match draft::find(tx, &code)? {
                Some(draft) => draft::discard(tx, draft.id),
                None => Ok(()),
            })
            .await?;
    }
    let gone = visitor.own_cookie(DRAFT_COOKIE, "", &draft_path(&slug))?;
    Ok(with_cookie(to(&format!("/demarches/{slug}")), gone))
}

pub(super) async fn summary(
    Visit { desk, commune, visitor, page, headers, .. }: Visit,
    Path(slug): Path<String>,
) -> Result {
    let begun = load(&desk, &commune, &visitor, &headers, &slug).await?;
    if begun.draft.is_some() && begun.picking.as_ref().is_some_and(|picking| picking.booking.is_none()) {
        return lost(&commune, &visitor, page, &begun, Lost::Taken).await;
    }
    let judged = begun.judge();
    match (&begun.draft, request_view::first_wrong(&begun.form, &judged.outcome)) {
        (Some(_), None) => {
            let lacking = lacking(&commune, &visitor, &begun, &judged.outcome).await?;
            if lacking.is_empty() {
                return request_view::summary(page, &begun, &judged.outcome);
            }
            let mut outcome = judged.outcome;
            outcome.faults = lacking;
            again(page, &begun, &outcome)
        }
        (Some(_), Some(rank)) => Ok(to(&faulty(&slug, &begun, rank))),
        (None, _) => Ok(to(&draft_path(&slug))),
    }
}

/// Holds what was picked for longer, from the page on which nothing is typed any more.
pub(super) async fn lengthen(
    Visit { desk, commune, visitor, headers, .. }: Visit,
    Path(slug): Path<String>,
) -> Result {
    let visitor = visitor.or_stranger();
    let held = (code_in(&headers, DRAFT_COOKIE), secret_in(&headers));
    let (who, name) = (visitor.signed_in.clone(), slug.clone());
    commune
        .write(visitor.by, move |tx| Begun::load(tx, &desk, &name, held, who.as_ref())?.lengthen(tx))
        .await?;
    Ok(to(&format!("{}#creneau", page_address(&slug, "recapitulatif"))))
}

fn faulty(slug: &str, begun: &Begun, rank: usize) -> String {
    let page = begun.form.procedure().form.pages.get(rank).map_or("", |page| page.id.as_str());
    format!("{}?retour=recapitulatif&voir=erreurs", page_address(slug, page))
}

/// For whom it is sent.
fn for_whom(mandate: Option<Id<Mandate>>, visitor: &Visitor) -> Result<submission::Whom> {
    let Some(id) = mandate else { return Ok(submission::Whom::default()) };
    // What was begun for somebody else is sent by whoever holds the mandate, signed in.
    let who = visitor.require()?;
    let helping = submission::Helping {
        account: who.account,
        name: who.display_name.clone(),
        email: who.email.clone(),
    };
    Ok(submission::Whom { mandate: Some((id, helping)), ..submission::Whom::default() })
}

pub(super) async fn send(
    Visit { app, desk, commune, visitor, page, headers, .. }: Visit,
    Path(slug): Path<String>,
    fields: FormPost,
) -> Result {
    let visitor = visitor.or_stranger();
    visitor.limit(&app, Purpose::SUBMIT)?;
    let keep: Vec<String> = fields.all("keep").map(str::to_owned).collect();
    let begun = load(&desk, &commune, &visitor, &headers, &slug).await?;
    let Some((draft, code)) = begun.draft.clone() else {
        return sent_before(&commune, &visitor, &headers, &slug).await;
    };
    if !sign_in::suffices(&begun.form, visitor.signed_in.as_ref()) {
        return Ok(to(&sign_in::path(&slug)));
    }
    if begun.picking.as_ref().is_some_and(|picking| picking.booking.is_none()) {
        return lost(&commune, &visitor, page, &begun, Lost::Taken).await;
    }
    let judged = begun.judge();
    if let Some(rank) = request_view::first_wrong(&begun.form, &judged.outcome) {
        return Ok(to(&faulty(&slug, &begun, rank)));
    }
    let booking = begun.picking.as_ref().and_then(|picking| picking.booking.as_ref());
    let booking = booking.map(|booking| booking.id);
    let usual = usual_form(&desk, &commune, &visitor, &begun).await?;
    let (form, town, lang) = (usual, begun.town.clone(), visitor.lang);
    let account = visitor.signed_in.as_ref().map(|who| who.account);
    let mandate = draft.mandate;
    let whom = for_whom(mandate, &visitor)?;
    let by = By { on_behalf: mandate.map(Id::uuid), ..visitor.by };
    let sent = commune
        .write(by, move |tx| {
            // Somebody may have clicked twice: the draft is then a case already.
            if draft::find(tx, &code)?.is_none() {
                return Ok(Ok(code));
            }
            let submission = Submission {
                form: &form,
                judged: &judged,
                town: &town,
                account,
                typed_by: None,
                lang,
                received_on: None,
                by_letter: false,
                files: Some(("draft", draft.id.uuid())),
                draft: Some((&draft, code)),
                booking,
                whom,
            };
            match submission::submit(tx, &submission) {
                Ok(sent) => {
                    // Of what is sent for somebody else the helper keeps nothing.
                    if let Some(account) = account.filter(|_| mandate.is_none()) {
                        keep_sent(tx, &form, (account, sent.case), &keep)?;
                    }
                    Ok(Ok(sent.code))
                }
                Err(SubmitError::Faults(faults)) => {
                    let mut outcome = judged.outcome.clone();
                    outcome.faults = faults;
                    Ok(Err(Unsent::Wrong(Box::new(outcome))))
                }
                Err(SubmitError::Taken) => Ok(Err(Unsent::Lost(Lost::Taken))),
                Err(SubmitError::Unfit) => Ok(Err(Unsent::Lost(Lost::Unfit))),
                Err(SubmitError::Mandate) => Err(WebError::forbidden().say(match lang {
                    beffroi_core::Lang::Fr => "Votre mandat est terminé, ou il ne couvre pas cette démarche. La demande n’est pas envoyée.",
                    beffroi_core::Lang::En => "Your mandate is over, or does not cover this procedure. The request was not sent.",
                })),
                Err(error) => Err(WebError::from(error)),
            }
        })
        .await?;
    if let (Some(id), true) = (mandate, sent.is_ok()) {
        // The case's code is the helped person's: the helper follows it by the mandate.
        let gone = visitor.own_cookie(DRAFT_COOKIE, "", &draft_path(&slug))?;
        return Ok(with_cookie(to(&format!("/mon-compte/mandats/{id}?fait=envoyee")), gone));
    }
    match sent {
        Ok(code) => to_tracking(&visitor, &slug, &code),
        Err(Unsent::Lost(why)) => lost(&commune, &visitor, page, &begun, why).await,
        Err(Unsent::Wrong(outcome)) => again(page, &begun, &outcome),
    }
}

/// The first page on which something is wrong, with all that is.
fn again(page: Page, begun: &Begun, outcome: &Outcome) -> Result {
    let rank = request_view::first_wrong(&begun.form, outcome).unwrap_or_default();
    let asked = Asked { retour: "recapitulatif".to_owned(), ..Asked::default() };
    request_view::page(page, StatusCode::UNPROCESSABLE_ENTITY, begun, outcome, rank, &asked, true, &[])
}

/// What a request borrows that others have meanwhile: told before it is sent.
async fn lacking(
    commune: &CommuneOf,
    visitor: &Visitor,
    begun: &Begun,
    outcome: &Outcome,
) -> Result<Vec<Fault>> {
    if begun.form.procedure().loan.is_none() {
        return Ok(Vec::new());
    }
    let (form, town, answers) = (Arc::clone(&begun.form), begun.town.clone(), outcome.answers.clone());
    let read = commune.read(visitor.by, move |tx| submission::lacking(tx, &form, &answers, &town));
    Ok(read.await?)
}

/// Why a request was not received.
enum Unsent {
    /// Some answers are wrong.
    Wrong(Box<Outcome>),
    /// What was picked for it is not to be had.
    Lost(Lost),
}

/// Why what was picked is not to be had any more.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lost {
    /// Somebody else has it.
    Taken,
    /// It is too near by now, closed, or not booked so.
    Unfit,
}

/// That what was picked is somebody else's meanwhile, or that nothing was: what was typed stays with the draft, and the
/// nearest free times are proposed.
async fn lost(commune: &CommuneOf, visitor: &Visitor, page: Page, begun: &Begun, why: Lost) -> Result {
    let lang = visitor.lang;
    let Some(picking) = begun.picking.clone() else { return Err(WebError::not_found()) };
    let town = begun.town.clone();
    let proposals = commune.read(visitor.by, move |tx| booked::nearest(tx, &picking, &town, lang)).await?;
    request_view::lost(page, begun, proposals, why)
}

/// The form in its usual words, whatever words its reader chose.
async fn usual_form(
    desk: &Arc<Parts>,
    commune: &CommuneOf,
    visitor: &Visitor,
    begun: &Begun,
) -> Result<Arc<CompiledForm>> {
    let procedure = begun.form.procedure();
    if !begun.plain {
        return Ok(Arc::clone(&begun.form));
    }
    let (desk, slug, version) = (Arc::clone(desk), procedure.slug.clone(), procedure.version);
    commune
        .read(visitor.by, move |tx| desk.shelf.version(tx, &slug, version)?.ok_or_else(WebError::not_found))
        .await
}

/// The same click again: what it sent is shown.
async fn sent_before(commune: &CommuneOf, visitor: &Visitor, headers: &HeaderMap, slug: &str) -> Result {
    let Some(code) = code_in(headers, DRAFT_COOKIE) else { return Ok(to(&draft_path(slug))) };
    let asked = code.clone();
    let case = commune.read(By::VISITOR, move |tx| tracking::open(tx, &asked)).await?;
    match case {
        Some(_) => to_tracking(visitor, slug, &code),
        None => Ok(to(&draft_path(slug))),
    }
}

fn to_tracking(visitor: &Visitor, slug: &str, code: &TrackingCode) -> Result {
    let follow = visitor.own_cookie(TRACKING_COOKIE, &code.to_string(), TRACKING_PATH)?;
    let gone = visitor.own_cookie(DRAFT_COOKIE, "", &draft_path(slug))?;
    Ok(with_cookie(with_cookie(to("/suivi?envoyee"), follow), gone))
}
