//! Access tokens: a program acts with an agent's rights. Everybody creates their own; whoever manages accounts sees
//! and revokes any agent's.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect},
    routing::{get, post},
};
use beffroi_core::Id;
use beffroi_people::{
    Account, AccountKind, Grant, Permission, Town, account,
    permission::{self, Action, ManageAccounts, ManageTokens, permit},
    token::{self, ApiToken, TokenError},
};
use beffroi_store::StoreError;
use beffroi_web::{App, CommuneOf, FormPost, Page, Result, Visitor, WebError, page::render_as, render};
use chrono::TimeDelta;
use chrono_tz::Tz;

use super::{Failed, Never, Office, agents::named, holds, settle};
use crate::{
    back::Asked,
    fill::{Choice, Filled},
    registration::LONGEST_NAME,
    words,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/comptes/{id}/jetons", get(show).post(create))
        .route("/admin/comptes/{id}/jetons/retrait", post(revoke))
}

/// Where the tokens of an account are.
pub fn address(account: &str) -> String {
    format!("/admin/comptes/{account}/jetons")
}

#[derive(Template)]
#[template(path = "tokens.html")]
struct TokensPage {
    page: Page,
    account: Account,
    action: String,
    rows: Vec<Row>,
    heads: Vec<String>,
    filled: Filled,
    scopes: Vec<Choice>,
    /// Whether they are the reader's own: nobody creates another's.
    own: bool,
    /// A new token, shown this once.
    secret: String,
    done: bool,
}

struct Row {
    id: String,
    name: String,
    scopes: String,
    expires: String,
    used: String,
}

/// What is known of an account and its tokens.
struct Kept {
    account: Account,
    grants: Vec<Grant>,
    tokens: Vec<ApiToken>,
    zone: Tz,
    /// Whether the reader is its owner.
    own: bool,
}

/// The account, if its tokens are this reader's to see.
fn reachable(office: &Office<ManageTokens>, id: &str) -> Result<Id<Account>> {
    let id = named(id)?;
    let own = id == office.who.account;
    if own || holds(&office.who, ManageAccounts::PERMISSION) { Ok(id) } else { Err(WebError::not_found()) }
}

async fn kept(visitor: &Visitor, commune: &CommuneOf, id: Id<Account>) -> Result<Kept> {
    let own = visitor.signed_in.as_ref().is_some_and(|who| who.account == id);
    let read = commune.read(visitor.by, move |tx| -> Result<_, StoreError> {
        let Some(account) = account::find(tx, id)? else { return Ok(None) };
        let (grants, tokens) = (permission::grants_of(tx, id)?, token::list(tx, id)?);
        Ok(Some(Kept { account, grants, tokens, zone: Town::load(tx)?.zone(), own }))
    });
    read.await?.filter(|kept| kept.account.kind == AccountKind::Agent).ok_or_else(WebError::not_found)
}

async fn show(
    office: Office<ManageTokens>,
    State(app): State<App>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let kept = kept(&visitor, &commune, reachable(&office, &id)?).await?;
    let filled = Filled::with([("days", "90")]);
    let shown = TokensPage::new(&app, page, kept, filled);
    render(&TokensPage { done: !asked.fait.is_empty(), ..shown })
}

async fn create(
    office: Office<ManageTokens>,
    State(app): State<App>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    form: FormPost,
) -> Result {
    let id = reachable(&office, &id)?;
    let before = kept(&visitor, &commune, id).await?;
    let offered = may(&app, &before.grants);
    let name: String = form.text("name").chars().take(LONGEST_NAME).collect();
    let scopes: Vec<String> = form
        .all("scopes")
        .filter(|scope| offered.iter().any(|permission| permission.name == *scope))
        .map(str::to_owned)
        .collect();
    // A number of days too large for a duration is as wrong as none.
    let days = form.text("days").parse().ok().and_then(TimeDelta::try_days).unwrap_or_default();
    let mut filled = Filled::of(&form);
    filled.require(&page, "name", "accounts-token-name-missing");
    if filled.is_right() {
        let made = commune.write(visitor.by, move |tx| -> Result<_, Failed<TokenError>> {
            let permit = permit::<ManageTokens>(tx, &office.who, None)?;
            Ok(token::create(tx, &permit, id, &name, &scopes, days)?)
        });
        match settle(made.await)? {
            Ok((_, secret)) => {
                let now = kept(&visitor, &commune, id).await?;
                let shown = TokensPage::new(&app, page, now, Filled::with([("days", "90")]));
                return render(&TokensPage { secret: secret.reveal().to_owned(), ..shown });
            }
            Err(TokenError::BadLife) => filled.wrong("days", page.t("accounts-token-days-wrong")),
            Err(TokenError::NoScope) => filled.wrong("scopes", page.t("accounts-token-scopes-missing")),
            Err(TokenError::NotOwn) => return Err(WebError::forbidden()),
            Err(TokenError::NotAnAgent) => return Err(WebError::not_found()),
            Err(TokenError::Store(error)) => return Err(error.into()),
        }
    }
    render_as(StatusCode::UNPROCESSABLE_ENTITY, &TokensPage::new(&app, page, before, filled))
}

async fn revoke(
    office: Office<ManageTokens>,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    form: FormPost,
) -> Result {
    let id = reachable(&office, &id)?;
    let token = form.text("token").parse().map_err(|_| WebError::bad_request())?;
    let done = commune.write(visitor.by, move |tx| -> Result<(), Failed<Never>> {
        permit::<ManageTokens>(tx, &office.who, None)?;
        Ok(token::revoke(tx, id, token)?)
    });
    let Ok(()) = settle(done.await)?;
    Ok(Redirect::to(&format!("{}?fait=retrait", address(&id.to_string()))).into_response())
}

/// What a token of this account could be allowed: what its roles allow, in all services.
fn may(app: &App, grants: &[Grant]) -> Vec<Permission> {
    app.services
        .iter()
        .flat_map(|service| service.permissions())
        .copied()
        .filter(|permission| grants.iter().any(|grant| permission.is_held_by(grant.role)))
        .collect()
}

/// What a permission allows, in words. Each service says it of its own.
fn permission_words(page: &Page, name: &str) -> String {
    page.t(&format!("permission-{}", name.replace('.', "-"))).to_owned()
}

impl TokensPage {
    fn new(app: &App, page: Page, kept: Kept, filled: Filled) -> Self {
        let Kept { account, grants, tokens, zone, own } = kept;
        let row = |token: ApiToken| Row {
            id: token.id.to_string(),
            name: token.name,
            scopes: token
                .scopes
                .iter()
                .map(|scope| permission_words(&page, scope))
                .collect::<Vec<_>>()
                .join(", "),
            expires: words::day(&page, zone, token.expires_at),
            used: match token.last_used_at {
                Some(at) => words::moment(&page, zone, at),
                None => page.t("accounts-token-unused").to_owned(),
            },
        };
        let rows = tokens.into_iter().map(row).collect();
        let heads = ["name", "scopes", "expires", "used", "revoke"]
            .map(|head| page.t(&format!("accounts-token-{head}")).to_owned())
            .into();
        let scopes = may(app, &grants)
            .into_iter()
            .map(|permission| {
                Choice::new(&filled, "scopes", permission.name, permission_words(&page, permission.name))
            })
            .collect();
        let action = address(&account.id.to_string());
        Self { page, account, action, rows, heads, filled, scopes, own, secret: String::new(), done: false }
    }
}
