//! One's own account, and where it is open.

use askama::Template;
use axum::{
    Router,
    extract::Query,
    response::{IntoResponse, Redirect},
    routing::get,
};
use beffroi_core::Id;
use beffroi_people::{
    Account, AccountKind, SignedIn, Town, account, identity,
    session::{self, Session},
};
use beffroi_store::{StoreError, Tx};
use beffroi_web::{App, CommuneOf, FormPost, Page, Result, Visitor, WebError, render};

use crate::{back::Asked, device, words};

pub fn routes() -> Router<App> {
    Router::new().route("/compte", get(show)).route("/compte/sessions", get(show_sessions).post(close))
}

/// Whoever is signed in entirely, in a browser; else leads to the door, and back here after.
pub fn member(visitor: &Visitor) -> Result<(&SignedIn, Id<Session>)> {
    visitor.owner()?;
    visitor.member().ok_or_else(WebError::sign_in_required)
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    page: Page,
    account: Account,
    since: String,
    agent: bool,
    /// Whether there are identities from outside to look after, or to link.
    identities: bool,
    done: String,
}

#[derive(Template)]
#[template(path = "sessions.html")]
struct SessionsPage {
    page: Page,
    sessions: Vec<Row>,
    others: bool,
    done: String,
}

struct Row {
    id: String,
    device: String,
    opened: String,
    seen: String,
    means: String,
    here: bool,
}

async fn show(page: Page, visitor: Visitor, commune: CommuneOf, Query(asked): Query<Asked>) -> Result {
    let (who, _) = member(&visitor)?;
    let id = who.account;
    let read = commune.read(visitor.by, move |tx| {
        let offered = identity::list(tx)?.iter().any(|provider| provider.enabled);
        let identities = offered || !identity::of_account(tx, id)?.is_empty();
        Ok((account::find(tx, id)?, Town::load(tx)?.zone(), identities))
    });
    let (account, zone, identities) = read.await.map_err(|error: StoreError| WebError::from(error))?;
    let account = account.ok_or_else(WebError::not_found)?;
    let done = match asked.fait.as_str() {
        "nom" => page.t("accounts-done-name").to_owned(),
        "adresse" => page.t("accounts-done-move-asked").to_owned(),
        "mot-de-passe" => page.t("accounts-done-password").to_owned(),
        _ => String::new(),
    };
    let since = words::day(&page, zone, account.created_at);
    let agent = account.kind == AccountKind::Agent;
    render(&AccountPage { page, account, since, agent, identities, done })
}

async fn show_sessions(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Query(asked): Query<Asked>,
) -> Result {
    let (who, here) = member(&visitor)?;
    let id = who.account;
    let read = commune.read(visitor.by, move |tx| Ok((session::list(tx, id)?, Town::load(tx)?.zone())));
    let (open, zone) = read.await.map_err(|error: StoreError| WebError::from(error))?;
    let row = |listed: session::Listed| Row {
        id: listed.id.to_string(),
        device: device::named(&listed.device).unwrap_or_else(|| page.t("accounts-device-unknown").to_owned()),
        opened: words::moment(&page, zone, listed.opened_at),
        seen: words::moment(&page, zone, listed.last_seen_at),
        means: page.t(&format!("accounts-means-{}", listed.means.as_str())).to_owned(),
        here: listed.id == here,
    };
    let sessions: Vec<Row> = open.into_iter().map(row).collect();
    let others = sessions.iter().any(|session| !session.here);
    let done = if asked.fait.is_empty() { "" } else { page.t("accounts-done-session") }.to_owned();
    render(&SessionsPage { page, sessions, others, done })
}

async fn close(visitor: Visitor, commune: CommuneOf, form: FormPost) -> Result {
    let (who, here) = member(&visitor)?;
    let account = who.account;
    let one = form.text("session").parse::<Id<Session>>().ok();
    let closed = commune.write(visitor.by, move |tx: &mut Tx<'_>| match one {
        Some(session) => session::close(tx, account, session),
        None => session::close_all(tx, account, Some(here)).map(drop),
    });
    closed.await?;
    Ok(Redirect::to("/compte/sessions?fait=fermee").into_response())
}
