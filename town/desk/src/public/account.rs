//! The requests of whoever is signed in: those begun, those under way and those that are over, a page at a time.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::Query,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::booking;
use beffroi_cases::case::Case;
use beffroi_core::{Id, calendar::long_date};
use beffroi_store::Tx;
use beffroi_web::{FormPost, Page, Result, WebError, render};
use serde::Deserialize;

use super::{DRAFT_COOKIE, draft_path, with_cookie};
use crate::{
    Parts,
    draft::{self, Draft},
    submission::{self, Mine},
    visit::Visit,
    words,
};

struct Sent {
    id: String,
    title: String,
    reference: String,
    received: String,
    look: &'static str,
    state: String,
    /// « faite par Emma Roux en votre nom »; `""` where the reader sent it.
    helper: String,
}

struct Begun {
    id: String,
    title: String,
    until: String,
}

#[derive(Template)]
#[template(path = "public/my_requests.html")]
struct MyRequests {
    page: Page,
    cases: Vec<Sent>,
    drafts: Vec<Begun>,
    /// Whether those that are over are shown.
    over: bool,
    /// Whether this is the first page.
    first: bool,
    next: String,
}

/// Cases on one page.
const ROWS: u32 = 25;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// `finies`: those that are over.
    liste: String,
    /// After which case the page begins.
    apres: String,
}

/// The titles of these procedures, each looked up once.
pub(crate) fn titles(
    tx: &mut Tx<'_>,
    desk: &Parts,
    wanted: impl Iterator<Item = (String, u32)>,
    lang: beffroi_core::Lang,
) -> Result<HashMap<(String, u32), String>> {
    let mut titles = HashMap::new();
    for (slug, version) in wanted {
        if !titles.contains_key(&(slug.clone(), version)) {
            let form = desk.shelf.version(tx, &slug, version)?;
            let title = form.map(|form| form.procedure().title.text(lang).to_owned()).unwrap_or_default();
            titles.insert((slug, version), title);
        }
    }
    Ok(titles)
}

pub(super) async fn list(
    Visit { desk, commune, visitor, page, .. }: Visit,
    Query(asked): Query<Asked>,
) -> Result {
    let account = visitor.owner()?.account;
    let lang = page.language();
    let over = asked.liste == "finies";
    let after: Option<Id<Case>> = asked.apres.parse().ok();
    let (mut cases, drafts, titles, cancelled): (Vec<Mine>, Vec<Draft>, _, _) = commune
        .read(visitor.by, move |tx| {
            let cases = submission::cases_of_account(tx, account, !over, after, ROWS + 1)?;
            let wanted = !over && after.is_none();
            let drafts = if wanted { draft::of_account(tx, account)? } else { Vec::new() };
            let sent = cases.iter().map(|mine| mine.procedure.clone());
            let begun = drafts.iter().map(|draft| (draft.procedure.clone(), draft.version));
            let titles = titles(tx, &desk, sent.chain(begun), lang)?;
            let ids: Vec<_> = cases.iter().map(|mine| mine.id.uuid()).collect();
            let cancelled = booking::cancelled(tx, "case", &ids)?;
            Ok::<_, WebError>((cases, drafts, titles, cancelled))
        })
        .await?;
    let more = cases.len() > ROWS as usize;
    cases.truncate(ROWS as usize);
    let list = if over { "liste=finies&" } else { "" };
    let next = cases.last().filter(|_| more);
    let next = next.map(|last| format!("/compte/demarches?{list}apres={}", last.id)).unwrap_or_default();
    let title = |of: &(String, u32)| titles.get(of).cloned().unwrap_or_default();
    let cases = cases
        .into_iter()
        .map(|mine| {
            let given_back = cancelled.contains(&mine.id.uuid());
            let (look, state) = words::state_booked(&page, mine.state, mine.outcome, given_back);
            Sent {
                id: mine.id.to_string(),
                title: title(&mine.procedure),
                received: long_date(mine.received_on, lang),
                helper: words::sent_by(&page, &mine.sent_by),
                reference: mine.reference,
                look,
                state,
            }
        })
        .collect();
    let drafts = drafts
        .into_iter()
        .map(|draft| Begun {
            id: draft.id.to_string(),
            until: long_date(draft.kept_until, lang),
            title: title(&(draft.procedure, draft.version)),
        })
        .collect();
    render(&MyRequests { page, cases, drafts, over, first: after.is_none(), next })
}

/// Goes on with a draft of one's own: the account proves it, and gives this browser a code of its own. The code that
/// was written down or mailed still serves.
pub(super) async fn resume(Visit { commune, visitor, .. }: Visit, form: FormPost) -> Result {
    let account = visitor.owner()?.account;
    let id: Id<Draft> = form.text("draft").parse().map_err(|_| WebError::not_found())?;
    let (code, path) = commune
        .write(visitor.by, move |tx| {
            let own = draft::of_account(tx, account)?.into_iter().find(|draft| draft.id == id);
            let draft = own.ok_or_else(WebError::not_found)?;
            Ok::<_, WebError>((draft::another_code(tx, id)?, draft_path(&draft.procedure)))
        })
        .await?;
    let cookie = visitor.own_cookie(DRAFT_COOKIE, &code.to_string(), &path)?;
    Ok(with_cookie(Redirect::to(&path).into_response(), cookie))
}
