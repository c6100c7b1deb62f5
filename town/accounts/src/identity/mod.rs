//! Coming in through an identity provider (FranceConnect, FranceConnect+, ProConnect), linking what it vouches for to
//! an account, and leaving both.

mod health;
mod journey;
mod leave;
mod link;
mod mine;
mod page;

pub use health::Vouching;

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use beffroi_core::Lang;
use beffroi_identity::{Relying, Site};
use beffroi_people::{
    AccountKind, SignedIn,
    identity::{self, ProviderKind, Saved},
    secret::Secret,
    session,
};
use beffroi_store::{By, StoreError};
use beffroi_web::{App, CommuneOf, Page, Result, Visitor, WebError};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{Origin, back::local, words::named};

/// The cookie that binds a journey to a provider to this browser.
const JOURNEY_COOKIE: &str = "beffroi-depart";
/// The cookie that holds what waits to be linked.
const PENDING_COOKIE: &str = "beffroi-lien";
/// The cookie that recognises the end of a session at a provider.
const LEAVING_COOKIE: &str = "beffroi-sortie";
/// The part of the site in which journeys are made.
const DOOR: &str = "/connexion";

pub fn routes() -> Router<App> {
    Router::new()
        .route("/connexion/{provider}", get(journey::depart))
        .route("/connexion/{provider}/retour", get(journey::arrive))
        .route("/connexion/{provider}/deconnecte", get(leave::left))
        .route("/connexion/{provider}/cles", get(journey::keys))
        .route("/connexion/rattachement", get(link::ask).post(link::apart))
        .route("/deconnexion", post(leave::leave))
        .route("/compte/rattachement", get(link::show).post(link::confirm))
        .route("/compte/connexions", get(mine::show).post(mine::unlink))
        .route("/compte/adresse", get(mine::address).post(mine::confirm_address))
        .route("/compte/adresse/demande", post(mine::ask_address))
}

/// What these pages share: whoever asks providers, and where the communes' sites are.
pub struct Doors {
    /// Asks providers.
    pub oidc: Arc<Relying>,
    /// Where the sites are.
    pub origin: Arc<Origin>,
}

impl Doors {
    /// The address of a commune's site, without a slash at its end.
    pub async fn site(&self, commune: &CommuneOf) -> Result<String> {
        let (origin, commune) = (Arc::clone(&self.origin), Arc::clone(commune));
        let found = tokio::task::spawn_blocking(move || origin(commune.slug())).await;
        let found = found.map_err(WebError::internal)??;
        found.ok_or_else(|| WebError::unavailable().log("the commune has no host name"))
    }

    /// A provider, as the library that asks it wants it.
    fn provider(saved: Saved, site: &str) -> Site {
        let callback = format!("{site}/connexion/{}/retour", saved.provider.kind.as_str());
        Site { provider: saved.provider, secrets: saved.secrets, callback }
    }
}

/// One request on its way through these pages.
pub struct Threshold {
    pub app: App,
    pub doors: Arc<Doors>,
    pub commune: CommuneOf,
    pub visitor: Visitor,
    pub page: Page,
    pub headers: HeaderMap,
}

impl FromRequestParts<App> for Threshold {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, WebError> {
        let doors =
            Extension::<Arc<Doors>>::from_request_parts(parts, app).await.map_err(WebError::internal)?;
        Ok(Self {
            doors: doors.0,
            app: App::clone(app),
            commune: CommuneOf::from_request_parts(parts, app).await?,
            visitor: Visitor::from_request_parts(parts, app).await?,
            page: Page::from_request_parts(parts, app).await?,
            headers: parts.headers.clone(),
        })
    }
}

impl Threshold {
    /// The device, as the browser names itself.
    pub fn device(&self) -> String {
        let agent = self.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        agent.unwrap_or_default().to_owned()
    }

    /// The provider whose button is shown under this word; what is not set does not exist.
    async fn provider(&self, word: &str) -> Result<Saved> {
        let kind = ProviderKind::from_word(word).ok_or_else(WebError::not_found)?;
        let found = self.commune.read(By::VISITOR, move |tx| identity::find(tx, kind));
        found.await?.filter(|saved| saved.provider.enabled).ok_or_else(WebError::not_found)
    }

    /// Opens a session in this browser and goes on to `to`.
    pub fn signed_in(&self, token: &Secret, to: &str) -> Result {
        let mut response = Redirect::to(to).into_response();
        response.headers_mut().append(header::SET_COOKIE, self.visitor.session_cookie(token)?);
        Ok(response)
    }

    /// Whoever holds this token.
    pub async fn holder(&self, token: &Secret) -> Result<SignedIn> {
        let presented = token.reveal().to_owned();
        let who = self.commune.read(By::VISITOR, move |tx| session::find(tx, &presented)).await;
        who.map_err(|error: StoreError| WebError::from(error))?.ok_or_else(WebError::unavailable)
    }
}

/// With a cookie of its own.
fn with_cookie(mut response: Response, cookie: HeaderValue) -> Response {
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}

/// A way to come in that pages offer.
#[derive(Clone, Debug)]
pub struct Way {
    /// Where it begins.
    pub href: String,
    /// « FranceConnect ».
    pub name: &'static str,
    /// Whether it is for agents.
    pub agents: bool,
    /// Where it is told what it is: the provider's own page.
    pub about: &'static str,
}

impl Way {
    /// What a button says.
    pub fn label(&self, page: &Page) -> String {
        named(page, "identify-with", self.name)
    }
}

/// The ways that this commune offers, which lead to `back` afterwards.
pub async fn ways(commune: &CommuneOf, back: &str) -> Result<Vec<Way>> {
    let providers = commune.read(By::VISITOR, identity::list).await?;
    let query = match local(back) {
        Some(back) => format!("?retour={}", utf8_percent_encode(back, NON_ALPHANUMERIC)),
        None => String::new(),
    };
    let enabled = providers.into_iter().filter(|provider| provider.enabled);
    Ok(enabled
        .map(|provider| Way {
            href: format!("{DOOR}/{}{query}", provider.kind.as_str()),
            name: provider.kind.name(),
            agents: provider.kind.opens() == AccountKind::Agent,
            about: provider.kind.about(),
        })
        .collect())
}

/// The language of a page, to write to somebody in it.
fn language(page: &Page) -> Lang {
    page.language()
}
