//! The desk for programs, through HTTP, on both engines: deposit, follow-up, the agents' side, refusals.

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

struct Hall<'f> {
    fixture: &'f TestCommune,
    site: Site,
}

#[expect(clippy::needless_pass_by_value, reason = "a closure written where it is called")]
fn journey(test: impl AsyncFn(&Hall<'_>)) {
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

struct Answer {
    status: u16,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

impl Hall<'_> {
    async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", "localhost");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let request = request.header("content-type", "application/json").body(body).unwrap();
        let (parts, body) = self.site.respond(request, "192.0.2.7".parse().unwrap()).await.into_parts();
        Answer { status: parts.status.as_u16(), body: to_bytes(body, 16 << 20).await.unwrap().to_vec() }
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask("GET", path, headers, &Value::Null).await
    }

    async fn deposit(&self, answers: &Value, key: Option<&str>) -> Answer {
        let headers: Vec<(&str, &str)> = key.map(|key| ("idempotency-key", key)).into_iter().collect();
        let path = "/api/v1/procedures/occupation-domaine-public/cases";
        self.ask("POST", path, &headers, &json!({ "answers": answers })).await
    }

    /// An agent's token: role in a department, and scopes.
    async fn token(&self, place: &str, scopes: &[&str]) -> String {
        let (place, scopes) =
            (place.to_owned(), scopes.iter().map(|scope| (*scope).to_owned()).collect::<Vec<_>>());
        let made = self.fixture.commune.write(By::SYSTEM, move |tx| -> Result<String, StoreError> {
            let permit = permit_system(tx).unwrap();
            let new = NewAccount {
                email: format!("{place}.{}@lunel.example", scopes.len()),
                display_name: "Awa Diop".to_owned(),
                kind: AccountKind::Agent,
                password: None,
            };
            let account = account::create(tx, &permit, &new).unwrap();
            let department = department::by_slug(tx, &place)?.map(|found| found.id);
            permission::grant(tx, &permit, account, Grant { role: Role::Agent, department }).unwrap();
            let permit = permit_system(tx).unwrap();
            let (_, secret) =
                token::create(tx, &permit, account, "essai", &scopes, TimeDelta::days(30)).unwrap();
            Ok(secret.reveal().to_owned())
        });
        format!("Bearer {}", made.await.unwrap())
    }
}

fn removal() -> Value {
    json!({
        "objet": "demenagement", "circulation": false, "lieu": "3 rue Haute, 34400 Lunel", "surface": 20,
        "debut": "2026-06-20", "fin": "2026-06-20", "heure_debut": "08:00", "heure_fin": "12:00",
        "statut": "particulier", "demandeur": { "family_name": "Peyron", "given_names": "Gaspard" },
        "adresse": "3 rue Haute, 34400 Lunel", "courriel": "gaspard@example.org", "telephone": "0465711234",
        "engagement": true,
    })
}

#[test]
fn a_program_finds_a_procedure_and_deposits_a_request() {
    journey(async |hall| {
        let list = hall.get("/api/v1/procedures", &[]).await.json();
        assert_eq!(list.as_array().unwrap().len(), 3);
        let detail = hall.get("/api/v1/procedures/occupation-domaine-public", &[]).await.json();
        assert_eq!((detail["silence"].as_str(), detail["term"].as_str()), (Some("refuses"), Some("2m")));
        assert_eq!(detail["schema"]["properties"]["surface"]["type"], "number");
        let sent = hall.deposit(&removal(), None).await;
        assert_eq!(sent.status, 201);
        let sent = sent.json();
        let code = sent["tracking_code"].as_str().unwrap();
        let path = format!("/api/v1/cases/{}", sent["reference"].as_str().unwrap());
        let followed = hall.get(&path, &[("tracking-code", code)]).await.json();
        // Received on 3 June, two months: deemed refused on 4 August.
        assert_eq!(
            (followed["state"].as_str(), followed["deemed_on"].as_str()),
            (Some("received"), Some("2026-08-04"))
        );
        let url = sent["acknowledgement_url"].as_str().unwrap();
        let paper = hall.get(url, &[("tracking-code", code)]).await;
        assert!(paper.body.starts_with(b"%PDF-"));
    });
}

#[test]
fn what_is_wrong_is_named_by_pointer_and_nothing_is_made() {
    journey(async |hall| {
        let mut wrong = removal();
        wrong["surface"] = json!(0);
        wrong["telephone"] = json!("12");
        let refused = hall.deposit(&wrong, None).await;
        assert_eq!(refused.status, 422);
        let pointers: Vec<String> = refused.json()["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| error["pointer"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(pointers, ["#/answers/surface", "#/answers/telephone"]);
        let odd = hall.deposit(&json!({ "inconnu": 1 }), None).await;
        assert_eq!(
            (odd.status, odd.json()["errors"][0]["pointer"].as_str()),
            (422, Some("#/answers/inconnu"))
        );
        let broken =
            hall.ask("POST", "/api/v1/procedures/occupation-domaine-public/cases", &[], &json!([])).await;
        assert_eq!(broken.status, 422);
        assert_eq!(hall.get("/api/v1/procedures/rien", &[]).await.status, 404);
        let count = hall.fixture.commune.read(By::SYSTEM, |tx| -> Result<i64, StoreError> {
            tx.query_one("SELECT COUNT(*) FROM cases", &[], |row| row.get(0))
        });
        assert_eq!(count.await.unwrap(), 0);
    });
}

#[test]
fn the_same_key_makes_one_case() {
    journey(async |hall| {
        let first = hall.deposit(&removal(), Some("a-1")).await.json();
        let again = hall.deposit(&removal(), Some("a-1")).await.json();
        assert_eq!(first, again);
        let mut other = removal();
        other["surface"] = json!(21);
        assert_eq!(hall.deposit(&other, Some("a-1")).await.status, 409);
    });
}

#[test]
fn a_case_opens_to_its_own_code_alone_and_guesses_are_slowed() {
    journey(async |hall| {
        let (one, two) =
            (hall.deposit(&removal(), None).await.json(), hall.deposit(&removal(), None).await.json());
        let path = format!("/api/v1/cases/{}", one["reference"].as_str().unwrap());
        assert_eq!(hall.get(&path, &[]).await.status, 404);
        let other = two["tracking_code"].as_str().unwrap();
        assert_eq!(hall.get(&path, &[("tracking-code", other)]).await.status, 404);
        let mut statuses = Vec::new();
        for _ in 0..30 {
            statuses.push(hall.get(&path, &[("tracking-code", "BX7K-29QM-4TRW")]).await.status);
        }
        assert_eq!((statuses.first(), statuses.last()), (Some(&404), Some(&429)));
    });
}

#[test]
fn an_agents_program_handles_the_cases_of_its_department_within_its_scopes() {
    journey(async |hall| {
        let sent = hall.deposit(&removal(), None).await.json();
        let all = ["case.read", "case.handle", "case.decide"];
        let agent = hall.token("domaine-public", &all).await;
        let list = "/api/v1/agent/cases?department=domaine-public";
        let found = hall.get(list, &[("authorization", &agent)]).await.json();
        let id = found["cases"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(found["cases"][0]["reference"], sent["reference"]);
        // Another department, a token that may only read, no token: each is refused in its way.
        let elsewhere = hall.token("etat-civil", &all).await;
        assert_eq!(hall.get(list, &[("authorization", &elsewhere)]).await.status, 404);
        let case = format!("/api/v1/agent/cases/{id}");
        assert_eq!(hall.get(&case, &[("authorization", &elsewhere)]).await.status, 404);
        assert_eq!(hall.get(&case, &[]).await.status, 401);
        assert_eq!(hall.get(&case, &[("authorization", "Bearer nobody")]).await.status, 401);
        let reader = hall.token("domaine-public", &["case.read"]).await;
        assert_eq!(hall.get(&case, &[("authorization", &reader)]).await.status, 200);
        let words = json!({ "text": "Bonjour" });
        let message = format!("{case}/messages");
        assert_eq!(hall.ask("POST", &message, &[("authorization", &reader)], &words).await.status, 403);
        assert_eq!(hall.ask("POST", &message, &[("authorization", &agent)], &words).await.status, 204);

        // The clock stops while documents are awaited (CRPA, art. L114-5).
        hall.fixture.clock.advance(TimeDelta::days(7));
        let asked = json!({ "pieces": "Plan", "deadline": "2026-06-30" });
        let path = format!("{case}/document-requests");
        assert_eq!(hall.ask("POST", &path, &[("authorization", &agent)], &asked).await.status, 204);
        let followed = hall.get(&case, &[("authorization", &agent)]).await.json();
        assert_eq!(followed["state"], "waiting");
        assert_eq!(followed["document_requests"][0]["deadline"], "2026-06-30");
        assert_eq!(followed["deemed_on"], "2026-08-25", "suspended until the time given has ended");

        let decision = json!({
            "outcome": "granted", "reasons": "Le passage reste libre.",
            "signatory_name": "Camille Bastide", "signatory_quality": "La maire",
        });
        let path = format!("{case}/decision");
        assert_eq!(hall.ask("POST", &path, &[("authorization", &agent)], &decision).await.status, 204);
        assert_eq!(hall.ask("POST", &path, &[("authorization", &agent)], &decision).await.status, 409);
        let decided = hall.get(&case, &[("authorization", &agent)]).await.json();
        assert_eq!(decided["decision"]["number"], "2026-ARR-0001");
    });
}

#[test]
fn the_description_names_every_route() {
    journey(async |hall| {
        let api = hall.get("/api/v1/openapi.json", &[]).await.json();
        assert!(api["openapi"].as_str().unwrap().starts_with("3.1"));
        let source = include_str!("../../src/api/mod.rs");
        let routes = source.lines().filter_map(|line| line.split_once(".route(\"")?.1.split('"').next());
        for route in routes.filter(|route| *route != "/api/v1/openapi.json") {
            assert!(api["paths"].get(route).is_some(), "{route}");
        }
    });
}

#[test]
fn another_communes_host_opens_nothing_here() {
    journey(async |hall| {
        let request =
            Request::builder().uri("/demarches").header("host", "ailleurs.example").body(Body::empty());
        let answer = hall.site.respond(request.unwrap(), "192.0.2.7".parse().unwrap()).await;
        assert_eq!(answer.status().as_u16(), 404);
    });
}
