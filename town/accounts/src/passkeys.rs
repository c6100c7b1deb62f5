//! Signing in with a passkey, and looking after one's passkeys. They need a script by their nature: without one, the
//! pages say so and the password remains.

use std::sync::Arc;

use askama::Template;
use axum::{
    Json, Router,
    extract::Query,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use beffroi_passkeys::{PasskeyError as Faulty, Site};
use beffroi_people::{
    Account, Town, attempt,
    passkey::{self, LONGEST_NAME, Passkey, PasskeyError},
    secret::Secret,
};
use beffroi_store::{By, StoreError};
use beffroi_web::{App, FormPost, Page, Purpose, Result, WebError, page::render_as, visitor::cookie};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    back::Asked,
    device,
    door::next,
    identity::Threshold,
    own::member,
    proof::{self, Proof},
    words,
};

/// The cookie that holds a ceremony until the browser answers.
const COOKIE: &str = "beffroi-cle";
/// The kinds of attempt under which ceremonies are kept.
const MAKING: &str = "passkey-making";
const SIGNING_IN: &str = "passkey-sign-in";
/// An authenticator's answer is a few kilobytes.
const ANSWER_AT_MOST: usize = 32 * 1024;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/connexion/cle", get(to_door).post(enter))
        .route("/connexion/cle/defi", post(challenge))
        .route("/compte/cles", get(show).post(add))
        .route("/compte/cles/defi", post(begin))
        .route("/compte/cles/retrait", post(remove))
}

#[derive(Template)]
#[template(path = "passkeys.html")]
struct PasskeysPage {
    page: Page,
    keys: Vec<Row>,
    /// What is asked for first.
    proof: proof::Asked,
    /// What the name of a new one is filled in with.
    suggested: String,
    error: String,
    done: String,
}

struct Row {
    id: String,
    name: String,
    since: String,
    used: String,
}

/// What is kept of a passkey that is being made.
#[derive(Serialize, Deserialize)]
struct Making {
    account: beffroi_core::Id<Account>,
    state: Value,
}

impl Threshold {
    /// The site at the host name that the visitor is at, which must be one of the commune's: browsers make passkeys for
    /// no other.
    async fn passkey_site(&self) -> Result<Site> {
        let main = self.doors.site(&self.commune).await?;
        let asked =
            ["x-forwarded-host", "host"].iter().find_map(|name| self.headers.get(*name)?.to_str().ok());
        let asked = asked.unwrap_or_default().to_ascii_lowercase();
        let host = asked.rsplit_once(':').map_or(asked.as_str(), |(host, _)| host).to_owned();
        let (platform, commune) = (Arc::clone(&self.app.platform), Arc::clone(&self.commune));
        let hosts = tokio::task::spawn_blocking(move || platform.hosts(commune.slug())).await;
        let known = hosts.map_err(WebError::internal)??.contains(&host);
        let origin = match main.split_once("://") {
            Some((scheme, _)) if known => format!("{scheme}://{asked}"),
            _ => main,
        };
        Site::new(&origin, self.commune.name()).map_err(faulty)
    }

    /// Keeps a ceremony, and gives the browser its options and the cookie.
    async fn begun<T: Serialize + Send + 'static>(
        &self,
        what: &'static str,
        kept: T,
        options: Value,
    ) -> Result {
        let secret: Result<Secret, StoreError> = self
            .commune
            .write(self.visitor.by, move |tx| {
                let secret = attempt::secret(tx);
                attempt::keep(tx, what, secret.reveal(), &kept)?;
                Ok(secret)
            })
            .await;
        let cookie = self.visitor.own_cookie(COOKIE, secret?.reveal(), "/")?;
        Ok(with(Json(json!({ "options": options })).into_response(), cookie))
    }

    fn ceremony(&self) -> Option<String> {
        cookie(&self.headers, COOKIE).map(str::to_owned)
    }
}

fn with(mut response: Response, cookie: HeaderValue) -> Response {
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}

fn faulty(error: Faulty) -> WebError {
    match error {
        Faulty::NoHost => WebError::not_found().log(error),
        Faulty::Unreadable | Faulty::Wrong(_) => WebError::bad_request().log(error),
    }
}

/// Whoever follows the address of a form.
async fn to_door() -> Redirect {
    Redirect::to("/connexion")
}

async fn challenge(threshold: Threshold) -> Result {
    threshold.visitor.limit(&threshold.app, Purpose::SIGN_IN)?;
    let begun = threshold.passkey_site().await?.begin_sign_in().map_err(faulty)?;
    threshold.begun(SIGNING_IN, begun.state, begun.options).await
}

async fn enter(threshold: Threshold, form: FormPost) -> Result {
    threshold.visitor.limit(&threshold.app, Purpose::SIGN_IN)?;
    let answer = form.get("answer").unwrap_or_default().to_owned();
    let Some(secret) = threshold.ceremony().filter(|_| answer.len() <= ANSWER_AT_MOST) else {
        return unknown(threshold.page);
    };
    let site = threshold.passkey_site().await?;
    let device = threshold.device();
    let opened: Result<Option<Secret>, StoreError> = threshold
        .commune
        .write(By::VISITOR, move |tx| {
            let Some(state) = attempt::take::<Value>(tx, SIGNING_IN, &secret)? else { return Ok(None) };
            let Ok((account, id)) = site.named(&answer) else { return Ok(None) };
            let Some((owner, credential)) = passkey::by_credential(tx, &id)? else { return Ok(None) };
            if owner.uuid() != account {
                return Ok(None);
            }
            match site.shown(&state, &answer, &credential) {
                Ok(shown) => passkey::enter(tx, &id, &shown.credential, &device),
                Err(error) => {
                    tracing::info!(%error, "a passkey was refused");
                    Ok(None)
                }
            }
        })
        .await;
    let Some(token) = opened? else { return unknown(threshold.page) };
    let who = threshold.holder(&token).await?;
    let response = threshold.signed_in(&token, &next(&threshold.page, &who, form.text("retour")))?;
    Ok(with(response, threshold.visitor.own_cookie(COOKIE, "", "/")?))
}

fn unknown(page: Page) -> Result {
    render_as(StatusCode::UNPROCESSABLE_ENTITY, &words::Said::new(page, "passkey-unknown", "/connexion"))
}

/// The page, with a fault in the reader's words.
async fn page_of(threshold: Threshold, asked: &Asked, error: &str, name: &str) -> Result {
    let (who, _) = member(&threshold.visitor)?;
    let id = who.account;
    let proof = proof::asked(&threshold, who).await?;
    let read = threshold.commune.read(threshold.visitor.by, move |tx| {
        Ok::<_, StoreError>((passkey::list(tx, id)?, Town::load(tx)?.zone()))
    });
    let (keys, zone) = read.await.map_err(WebError::from)?;
    let device = device::named(&threshold.device());
    let page = threshold.page;
    let row = |key: Passkey| Row {
        id: key.id.to_string(),
        name: key.name,
        since: words::moment(&page, zone, key.created_at),
        used: key
            .last_used_at
            .map_or_else(|| page.t("accounts-passkey-never").to_owned(), |at| words::moment(&page, zone, at)),
    };
    let done = match asked.fait.as_str() {
        "ajoutee" => page.t("accounts-passkey-added"),
        "retiree" => page.t("accounts-passkey-removed"),
        _ => "",
    };
    let shown = PasskeysPage {
        keys: keys.into_iter().map(row).collect(),
        proof,
        suggested: if name.is_empty() { device.unwrap_or_default() } else { name.to_owned() },
        error: error.to_owned(),
        done: done.to_owned(),
        page,
    };
    let status = if error.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    render_as(status, &shown)
}

/// The page, with the fault of this key.
async fn page_with(threshold: Threshold, key: &str, name: &str) -> Result {
    let error = threshold.page.t(key).to_owned();
    page_of(threshold, &Asked::default(), &error, name).await
}

async fn show(threshold: Threshold, Query(asked): Query<Asked>) -> Result {
    page_of(threshold, &asked, "", "").await
}

/// What a script is told that cannot go on.
fn told(page: &Page, text: &str) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "error": page.t(text) }))).into_response()
}

async fn begin(threshold: Threshold, form: FormPost) -> Result {
    threshold.visitor.limit(&threshold.app, Purpose::SIGN_IN)?;
    let (who, _) = member(&threshold.visitor)?;
    let who = who.clone();
    if form.text("name").is_empty() {
        return Ok(told(&threshold.page, "accounts-passkey-name-missing"));
    }
    let id = who.account;
    let proof = proof::given(&threshold, &who, form.get("present").unwrap_or_default()).await?;
    if let Some(text) = proof.refusal(&threshold.page, threshold.commune.now()) {
        let status = match proof {
            Proof::Wait(_) => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        return Ok((status, Json(json!({ "error": text }))).into_response());
    }
    let read = threshold.commune.read(threshold.visitor.by, move |tx| passkey::credentials(tx, id));
    let known = read.await.map_err(|error: StoreError| WebError::from(error))?;
    if known.len() >= passkey::AT_MOST {
        return Ok(told(&threshold.page, "accounts-passkey-too-many"));
    }
    let site = threshold.passkey_site().await?;
    let begun =
        site.begin_making(id.uuid(), &who.email, &who.display_name, &known).map_err(WebError::internal)?;
    threshold.begun(MAKING, Making { account: id, state: begun.state }, begun.options).await
}

async fn add(threshold: Threshold, form: FormPost) -> Result {
    let (who, _) = member(&threshold.visitor)?;
    let who = who.clone();
    let answer = form.get("answer").unwrap_or_default().to_owned();
    let name: String = form.text("name").chars().take(LONGEST_NAME).collect();
    let Some(secret) = threshold.ceremony().filter(|_| (1..=ANSWER_AT_MOST).contains(&answer.len())) else {
        return page_with(threshold, "accounts-passkey-not-made", &name).await;
    };
    let site = threshold.passkey_site().await?;
    let called = name.clone();
    let back = crate::back::local(form.text("retour")).map(str::to_owned);
    let added: Result<bool, PasskeyError> = threshold
        .commune
        .write(threshold.visitor.by, move |tx| {
            let making = attempt::take::<Making>(tx, MAKING, &secret)?;
            let Some(making) = making.filter(|making| making.account == who.account) else {
                return Ok(false);
            };
            match site.made(&making.state, &answer) {
                Ok(shown) => passkey::add(tx, &who, &shown.id, &shown.credential, &called).map(|()| true),
                Err(error) => {
                    tracing::info!(%error, "a passkey was not taken");
                    Ok(false)
                }
            }
        })
        .await;
    match added {
        Ok(true) => {
            let to = back.unwrap_or_else(|| "/compte/cles?fait=ajoutee".to_owned());
            let gone = threshold.visitor.own_cookie(COOKIE, "", "/")?;
            Ok(with(Redirect::to(&to).into_response(), gone))
        }
        Ok(false) => page_with(threshold, "accounts-passkey-not-made", &name).await,
        Err(PasskeyError::TooMany) => page_with(threshold, "accounts-passkey-too-many", &name).await,
        Err(PasskeyError::Store(error)) => Err(error.into()),
        Err(PasskeyError::NotNow | PasskeyError::LastWay) => Err(WebError::conflict()),
    }
}

async fn remove(threshold: Threshold, form: FormPost) -> Result {
    let (who, _) = member(&threshold.visitor)?;
    let who = who.clone();
    let id = form.text("key").parse().map_err(|_| WebError::not_found())?;
    threshold.visitor.limit(&threshold.app, Purpose::SIGN_IN)?;
    let proof = proof::given(&threshold, &who, form.get("present").unwrap_or_default()).await?;
    if let Some(text) = proof.refusal(&threshold.page, threshold.commune.now()) {
        return page_of(threshold, &Asked::default(), &text, "").await;
    }
    match threshold.commune.write(threshold.visitor.by, move |tx| passkey::remove(tx, &who, id)).await {
        Ok(()) => Ok(Redirect::to("/compte/cles?fait=retiree").into_response()),
        Err(PasskeyError::LastWay) => page_with(threshold, "accounts-unlink-last-way", "").await,
        Err(PasskeyError::Store(error)) => Err(error.into()),
        Err(PasskeyError::NotNow | PasskeyError::TooMany) => Err(WebError::conflict()),
    }
}
