//! A town hall in which a test goes about: the desk behind a real site, on both engines.

use std::sync::Arc;

use axum::{
    body::{Body, to_bytes},
    extract::Request,
};
use beffroi_desk::{DeskConfig, DeskService};
use beffroi_documents::Gate;
use beffroi_people::{
    AccountKind, Grant, Role, account,
    account::NewAccount,
    department,
    permission::{self, permit_system},
    token,
};
use beffroi_store::{
    By, StoreError,
    testing::{TestCommune, on_both_engines},
};
use beffroi_typeset::Pool;
use beffroi_web::{House, Service, Site, WebConfig};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{migrations, settle};

/// The site, and what it stands on.
pub struct Hall<'f> {
    pub fixture: &'f TestCommune,
    pub site: Site,
}

/// Runs a test on each engine.
#[expect(clippy::needless_pass_by_value, reason = "a closure written where it is called")]
pub fn journey(test: impl AsyncFn(&Hall<'_>)) {
    on_both_engines(&migrations(), |fixture| {
        let platform = Arc::clone(&fixture.platform);
        let desk = DeskService::new(DeskConfig {
            pool: Arc::new(Pool::in_process()),
            gate: Gate::Open,
            // As in the house: the registry is asked, which blocks.
            origin: Box::new(move |slug| format!("https://{}", platform.hosts(slug).unwrap().remove(0))),
            demo: false,
        });
        let services: Vec<Arc<dyn Service>> = vec![Arc::new(desk)];
        let house = House::new(Arc::clone(&fixture.platform), services, WebConfig::default()).unwrap();
        let hall = Hall { fixture, site: Site::new(house) };
        settle(fixture);
        tokio::runtime::Runtime::new().unwrap().block_on(test(&hall));
    })
    .unwrap();
}

/// What came back.
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Hall<'_> {
    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", "localhost");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let request = request.header("content-type", "application/json").body(body).unwrap();
        self.send(request, "192.0.2.7").await
    }

    pub async fn send(&self, request: Request, from: &str) -> Answer {
        let (parts, body) = self.site.respond(request, from.parse().unwrap()).await.into_parts();
        Answer { status: parts.status.as_u16(), body: to_bytes(body, 16 << 20).await.unwrap().to_vec() }
    }

    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask("GET", path, headers, &Value::Null).await
    }

    pub async fn deposit(&self, answers: &Value, key: Option<&str>) -> Answer {
        let headers: Vec<(&str, &str)> = key.map(|key| ("idempotency-key", key)).into_iter().collect();
        let path = "/api/v1/procedures/occupation-domaine-public/cases";
        self.ask("POST", path, &headers, &json!({ "answers": answers })).await
    }

    /// An agent's token: role in a department, and scopes.
    pub async fn token(&self, place: &str, scopes: &[&str]) -> String {
        self.token_of(Role::Agent, place, scopes).await
    }

    /// The token of somebody with this role; in the whole town where the department is none.
    pub async fn token_of(&self, role: Role, place: &str, scopes: &[&str]) -> String {
        let (place, scopes) =
            (place.to_owned(), scopes.iter().map(|scope| (*scope).to_owned()).collect::<Vec<_>>());
        let made = self.fixture.commune.write(By::SYSTEM, move |tx| -> Result<String, StoreError> {
            let permit = permit_system(tx).unwrap();
            let new = NewAccount {
                email: format!("{}{}{place}@lunel.example", role.as_str(), scopes.len()),
                display_name: "Awa Diop".to_owned(),
                kind: AccountKind::Agent,
                password: None,
            };
            let account = account::create(tx, &permit, &new).unwrap();
            let department = department::by_slug(tx, &place)?.map(|found| found.id);
            permission::grant(tx, &permit, account, Grant { role, department }).unwrap();
            let permit = permit_system(tx).unwrap();
            let (_, secret) =
                token::create(tx, &permit, account, "essai", &scopes, TimeDelta::days(30)).unwrap();
            Ok(secret.reveal().to_owned())
        });
        format!("Bearer {}", made.await.unwrap())
    }
}

/// A removal van in the street, seventeen days ahead.
pub fn removal() -> Value {
    json!({
        "objet": "demenagement", "circulation": false, "lieu": "3 rue Haute, 34400 Lunel", "surface": 20,
        "debut": "2026-06-20", "fin": "2026-06-20", "heure_debut": "08:00", "heure_fin": "12:00",
        "statut": "particulier", "demandeur": { "family_name": "Peyron", "given_names": "Gaspard" },
        "adresse": "3 rue Haute, 34400 Lunel", "courriel": "gaspard@example.org", "telephone": "0465711234",
        "engagement": true,
    })
}
