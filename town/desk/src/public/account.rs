//! The requests of whoever is signed in: those begun and those sent.

use std::collections::HashMap;

use askama::Template;
use axum::response::{IntoResponse, Redirect};
use beffroi_core::{Id, calendar::long_date};
use beffroi_store::Tx;
use beffroi_web::{FormPost, Page, Result, WebError, render};

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
}

/// The titles of these procedures, each looked up once.
fn titles(
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

pub(super) async fn list(Visit { desk, commune, visitor, page, .. }: Visit) -> Result {
    let account = visitor.require()?.account;
    let lang = page.language();
    let (cases, drafts, titles): (Vec<Mine>, Vec<Draft>, _) = commune
        .read(visitor.by, move |tx| {
            let cases = submission::cases_of_account(tx, account)?;
            let drafts = draft::of_account(tx, account)?;
            let sent = cases.iter().map(|mine| mine.procedure.clone());
            let begun = drafts.iter().map(|draft| (draft.procedure.clone(), draft.version));
            let titles = titles(tx, &desk, sent.chain(begun), lang)?;
            Ok::<_, WebError>((cases, drafts, titles))
        })
        .await?;
    let title = |of: &(String, u32)| titles.get(of).cloned().unwrap_or_default();
    let cases = cases
        .into_iter()
        .map(|mine| {
            let (look, state) = words::state(&page, mine.state, mine.outcome);
            Sent {
                id: mine.id.to_string(),
                title: title(&mine.procedure),
                received: long_date(mine.received_on, lang),
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
    render(&MyRequests { page, cases, drafts })
}

/// Goes on with a draft of one's own: the account proves it, and gives this browser a code of its own. The code that
/// was written down or mailed still serves.
pub(super) async fn resume(Visit { commune, visitor, .. }: Visit, form: FormPost) -> Result {
    let account = visitor.require()?.account;
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
