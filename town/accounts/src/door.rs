//! Signing in, with a password and then the code of the second factor.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::Query,
    http::{HeaderMap, header},
    response::{IntoResponse, Redirect},
    routing::get,
};
use beffroi_people::{
    SignedIn,
    second_factor::{self, Code, SecondFactorError},
    secret::Secret,
    session::{self, SecondFactor},
    sign_on::{self, Credentials, Directory, LocalPasswords, SignIn},
};
use beffroi_store::By;
use beffroi_web::{App, CommuneOf, Page, Result, Visitor, WebError, render};

use crate::{
    attempt::{Attempt, Form, forms},
    back::{Asked, local, with_back},
    fill::Filled,
    hashing::in_turn,
    identity::{Way, ways},
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/connexion", get(show).post(enter))
        .route("/connexion/code", get(show_code).post(give_code))
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    page: Page,
    filled: Filled,
    back: String,
    /// Whether a session ended while somebody was at work.
    ended: bool,
    /// The identity providers of inhabitants.
    citizens: Vec<Way>,
    /// Those of agents.
    agents: Vec<Way>,
}

impl SignInPage {
    /// With the ways that the commune offers beside its passwords.
    async fn new(page: Page, commune: &CommuneOf, filled: Filled, back: String) -> Result<Self> {
        let (agents, citizens) = ways(commune, &back).await?.into_iter().partition(|way| way.agents);
        Ok(Self { page, filled, back, ended: false, citizens, agents })
    }
}

#[derive(Template)]
#[template(path = "code.html")]
struct CodePage {
    page: Page,
    filled: Filled,
    back: String,
}

forms!(SignInPage, CodePage);

/// Where somebody goes next: to what the session still lacks, to the page they came for, or home.
pub fn next(page: &Page, who: &SignedIn, back: &str) -> String {
    match who.second_factor {
        SecondFactor::Pending => with_back("/connexion/code", back),
        SecondFactor::Due => with_back("/compte/second-facteur", back),
        SecondFactor::NotSet | SecondFactor::Done => {
            local(back).unwrap_or_else(|| page.home_of(who)).to_owned()
        }
    }
}

/// The address that a request came from, as the counts of failures know it.
pub fn source(visitor: &Visitor) -> String {
    format!("{:?}", visitor.source)
}

async fn show(page: Page, visitor: Visitor, commune: CommuneOf, Query(asked): Query<Asked>) -> Result {
    if let Some(who) = &visitor.signed_in {
        return Ok(Redirect::to(&next(&page, who, &asked.retour)).into_response());
    }
    let back = local(&asked.retour).unwrap_or_default().to_owned();
    let ended = visitor.session_ended() && !back.is_empty();
    let shown = SignInPage::new(page, &commune, Filled::default(), back).await?;
    render(&SignInPage { ended, ..shown })
}

async fn enter(headers: HeaderMap, Attempt { page, visitor, commune, form }: Attempt) -> Result {
    let back = form.text("retour").to_owned();
    let mut shown = SignInPage::new(page, &commune, Filled::of(&form), back).await?;
    shown.filled.require(&shown.page, "email", "accounts-email-missing");
    shown.filled.require(&shown.page, "password", "accounts-password-missing");
    if !shown.filled.is_right() {
        return shown.mend();
    }
    let credentials = Credentials {
        email: form.text("email").to_owned(),
        password: form.get("password").unwrap_or_default().to_owned(),
        source: source(&visitor),
    };
    match try_credentials(&commune, credentials, &headers).await? {
        SignIn::Open { token, .. } => opened(&commune, &visitor, &token, &shown).await,
        SignIn::Refused => shown.wrong("email", "accounts-sign-in-wrong"),
        SignIn::Wait(until) => shown.wait("email", commune.now(), until),
    }
}

async fn try_credentials(
    commune: &CommuneOf,
    credentials: Credentials,
    headers: &HeaderMap,
) -> Result<SignIn> {
    let device = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let device = device.unwrap_or_default().to_owned();
    let examined = Arc::clone(commune);
    let proof = in_turn(move || LocalPasswords.authenticate(&examined, &credentials)).await??;
    Ok(commune.write(By::VISITOR, move |tx| sign_on::conclude(tx, &proof, &device)).await?)
}

async fn opened(commune: &CommuneOf, visitor: &Visitor, token: &Secret, shown: &SignInPage) -> Result {
    let presented = token.reveal().to_owned();
    let who = commune.read(By::VISITOR, move |tx| session::find(tx, &presented)).await?;
    let who = who.ok_or_else(WebError::unavailable)?;
    let mut response = Redirect::to(&next(&shown.page, &who, &shown.back)).into_response();
    response.headers_mut().append(header::SET_COOKIE, visitor.session_cookie(token)?);
    Ok(response)
}

async fn show_code(page: Page, visitor: Visitor, Query(asked): Query<Asked>) -> Result {
    match &visitor.signed_in {
        None => Ok(Redirect::to(&with_back("/connexion", &asked.retour)).into_response()),
        Some(who) if who.second_factor != SecondFactor::Pending => {
            Ok(Redirect::to(&next(&page, who, &asked.retour)).into_response())
        }
        Some(_) => {
            let back = local(&asked.retour).unwrap_or_default().to_owned();
            render(&CodePage { page, filled: Filled::default(), back })
        }
    }
}

async fn give_code(Attempt { page, visitor, commune, form }: Attempt) -> Result {
    let who = visitor.require()?.clone();
    let shown = CodePage { page, filled: Filled::default(), back: form.text("retour").to_owned() };
    let home = local(&shown.back).unwrap_or_else(|| shown.page.home_of(&who)).to_owned();
    let code = form.text("code").to_owned();
    let given = commune.write(visitor.by, move |tx| second_factor::give(tx, &who, &code)).await;
    match given {
        Ok(Code::Right) => Ok(Redirect::to(&home).into_response()),
        Ok(Code::Wrong) => shown.wrong("code", "accounts-code-wrong"),
        Ok(Code::Wait(until)) => shown.wait("code", commune.now(), until),
        Err(SecondFactorError::NotNow) => {
            Ok(Redirect::to(&with_back("/connexion", &shown.back)).into_response())
        }
        Err(SecondFactorError::Store(error)) => Err(error.into()),
    }
}
