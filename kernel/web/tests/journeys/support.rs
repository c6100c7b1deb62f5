//! A house with one service of its own, and a visitor who asks it things.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use askama::Template;
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect},
    routing::{get, post},
};
use beffroi_people::{
    Town,
    account::{self, AccountError, AccountKind, NewAccount},
    password::{Strength, hash_password},
    permission::{ManageAccounts, ManageTown, permit_system},
    sign_on::{self, Credentials, Directory, LocalPasswords, SignIn},
    town::TownError,
};
use beffroi_store::{
    By, Commune, Entry, Seq, StoreError,
    testing::{TestCommune, on_both_engines},
};
use beffroi_web::{
    App, CommuneOf, FormPost, House, Page, Purpose, Result, Service, Site, Visitor, WebConfig, WebError,
    live, render, render_public,
};
use bytes::Bytes;
use tokio::sync::Notify;

/// A visitor from the Internet, to whom all limits apply.
pub const STRANGER: &str = "192.0.2.7";
/// Somebody at the machine itself.
pub const OPERATOR: &str = "127.0.0.1";

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% extends "layout.html" %}{% block title %}Essai{% endblock %}
{% block main %}<h1>Essai</h1><p>made={{ made }};name={{ name }};</p><p>{{ long }}</p>{% endblock %}"#
)]
struct Sample {
    page: Page,
    made: u64,
    name: String,
    long: String,
}

/// What tests and handlers tell each other.
#[derive(Default)]
pub struct Bench {
    pub made: AtomicU64,
    pub ill: AtomicBool,
    pub entered: Notify,
    pub go: Notify,
}

impl Bench {
    fn sample(&self, page: Page) -> Sample {
        let made = self.made.fetch_add(1, Ordering::Relaxed) + 1;
        let name = page.account.as_ref().map_or("nobody", |account| account.name.as_str()).to_owned();
        Sample { page, made, name, long: "texte ".repeat(400) }
    }
}

struct Testing(Arc<Bench>);

impl Service for Testing {
    fn name(&self) -> &'static str {
        "testing"
    }

    fn health(&self) -> Result<(), String> {
        if self.0.ill.load(Ordering::Relaxed) { Err("the disk is full".to_owned()) } else { Ok(()) }
    }

    fn routes(&self) -> Router<App> {
        let (public, own, cookie, slow) = (self.0.clone(), self.0.clone(), self.0.clone(), self.0.clone());
        Router::new()
            .route("/essai", get(async move |page: Page| render_public(&public.sample(page), &["q"])))
            .route("/essai/moi", get(async move |page: Page| render(&own.sample(page))))
            .route(
                "/essai/cookie",
                get(async move |page: Page| -> Result {
                    let mut response = render_public(&cookie.sample(page), &[])?;
                    response.headers_mut().insert(header::SET_COOKIE, HeaderValue::from_static("own=1"));
                    Ok(response)
                }),
            )
            .route(
                "/essai/prive",
                get(async |visitor: Visitor| -> Result {
                    Ok(visitor.require()?.display_name.clone().into_response())
                }),
            )
            .route("/essai/casse", get(broken))
            .route("/essai/jamais", get(async || std::future::pending::<()>().await))
            .route(
                "/essai/lent",
                get(async move || {
                    slow.entered.notify_one();
                    slow.go.notified().await;
                    "the whole answer"
                }),
            )
            .route("/essai/direct", get(follow))
            .route("/essai/ecrire", post(write))
            .route("/essai/corps", post(async |body: Bytes| body.len().to_string()))
            .route("/essai/souvent", get(often))
    }
}

async fn broken() -> &'static str {
    panic!("as the test wants it")
}

async fn follow(State(app): State<App>, commune: CommuneOf, visitor: Visitor) -> Result {
    live::events(&app, &commune, &visitor).await
}

async fn write(commune: CommuneOf, visitor: Visitor, form: FormPost) -> Result {
    if form.text("what").is_empty() {
        return Err(WebError::bad_request().say("rien à écrire"));
    }
    commune.write(visitor.by, journal).await?;
    Ok(Redirect::to("/essai").into_response())
}

async fn often(State(app): State<App>, visitor: Visitor) -> Result<&'static str> {
    visitor.limit(&app, Purpose { name: "often", burst: 2, per_minute: 1 })?;
    Ok("yes")
}

fn journal(tx: &mut beffroi_store::Tx<'_>) -> Result<Seq, StoreError> {
    tx.journal(&Entry {
        kind: "case.received",
        subject_kind: "case",
        subject_id: tx.new_id::<()>().uuid(),
        payload: serde_json::json!({}),
    })
}

/// The house, its commune `Lunel` at `localhost`, and what the service tells.
pub struct Hall<'a> {
    pub fixture: &'a TestCommune,
    pub site: Arc<Site>,
    pub bench: Arc<Bench>,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// How often pages had been made when this one was.
    pub fn made(&self) -> u64 {
        let (_, rest) = self.body.split_once("made=").unwrap_or_else(|| panic!("{}", self.body));
        rest.split(';').next().unwrap().parse().unwrap()
    }
}

/// Runs a journey on each engine.
#[expect(clippy::needless_pass_by_value, reason = "a closure written where it is called")]
pub fn journey(config: &WebConfig, test: impl AsyncFn(&Hall<'_>)) {
    on_both_engines(beffroi_people::MIGRATIONS, |fixture| {
        let bench = Arc::<Bench>::default();
        let services: Vec<Arc<dyn Service>> = vec![Arc::new(Testing(Arc::clone(&bench)))];
        let house = House::new(Arc::clone(&fixture.platform), services, config.clone()).unwrap();
        let town = Hall { fixture, site: Arc::new(Site::new(house)), bench };
        tokio::runtime::Runtime::new().unwrap().block_on(test(&town));
    })
    .unwrap();
}

impl Hall<'_> {
    pub fn commune(&self) -> &Arc<Commune> {
        &self.fixture.commune
    }

    /// Asks as a stranger would.
    pub async fn ask(&self, request: Request) -> Answer {
        self.ask_from(STRANGER, request).await
    }

    pub async fn ask_from(&self, peer: &str, request: Request) -> Answer {
        let peer: IpAddr = peer.parse().unwrap();
        let (parts, body) = self.site.respond(request, peer).await.into_parts();
        let body = to_bytes(body, 16 << 20).await.unwrap();
        let body = String::from_utf8_lossy(&body).into_owned();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Asks for a page of `localhost`, with these headers besides.
    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask(request("GET", path, headers, "")).await
    }

    /// Sends a form.
    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let form = ("content-type", "application/x-www-form-urlencoded");
        let headers: Vec<_> = headers.iter().copied().chain([form]).collect();
        self.ask(request("POST", path, &headers, body)).await
    }

    /// Something happens in the commune without a request.
    pub async fn happens(&self) -> Seq {
        self.commune().write(By::SYSTEM, journal).await.unwrap()
    }

    /// Keeps settings, as an administrator would.
    pub async fn settle(&self, town: Town) {
        let saved = self.commune().write(By::SYSTEM, move |tx| -> Result<(), TownError> {
            let permit = permit_system::<ManageTown>(tx).unwrap();
            town.save(tx, &permit)
        });
        saved.await.unwrap();
    }

    /// Signs a citizen in, and gives the cookie.
    pub async fn sign_in(&self) -> String {
        let commune = Arc::clone(self.commune());
        let signed_in = tokio::task::spawn_blocking(move || {
            let plain = "un chat gris dort sur le toit";
            let password = hash_password(plain, Strength::Citizen, &[]).unwrap();
            let new = NewAccount {
                email: "awa@example.org".to_owned(),
                display_name: "Awa Diop".to_owned(),
                kind: AccountKind::Citizen,
                password: Some(password),
            };
            let made = commune.write_blocking(By::SYSTEM, move |tx| -> Result<_, AccountError> {
                let permit = permit_system::<ManageAccounts>(tx).unwrap();
                account::create(tx, &permit, &new)
            });
            made.unwrap();
            let credentials = Credentials {
                email: "awa@example.org".to_owned(),
                password: plain.to_owned(),
                source: STRANGER.to_owned(),
            };
            let proof = LocalPasswords.authenticate(&commune, &credentials).unwrap();
            commune.write_blocking(By::VISITOR, move |tx| sign_on::conclude(tx, &proof, "a test")).unwrap()
        });
        match signed_in.await.unwrap() {
            SignIn::Open { token, .. } => format!("beffroi={}", token.reveal()),
            other => panic!("{other:?}"),
        }
    }
}

/// A request to `localhost`, unless the headers name another host.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Request {
    let mut request = Request::builder().method(method).uri(path);
    if !headers.iter().any(|(name, _)| *name == "host") {
        request = request.header("host", "localhost");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::from(body.to_owned())).unwrap()
}
