//! The desk for programs, through HTTP, on both engines: deposit, follow-up, the agents' side, refusals.

use axum::{body::Body, extract::Request};
use beffroi_store::{By, StoreError};
use chrono::TimeDelta;
use serde_json::json;

use crate::{
    catalogue,
    hall::{journey, removal},
};

#[test]
fn a_program_finds_a_procedure_and_deposits_a_request() {
    journey(async |hall| {
        let list = hall.get("/api/v1/procedures", &[]).await.json();
        assert_eq!(list.as_array().unwrap().len(), catalogue::slugs().len());
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
        let mut hidden = removal();
        hidden["telephone"] = json!("06\u{0}12");
        let hidden = hall.deposit(&hidden, None).await;
        assert_eq!(
            (hidden.status, hidden.json()["errors"][0]["pointer"].as_str()),
            (422, Some("#/answers/telephone"))
        );
        let broken = Request::post("/api/v1/procedures/occupation-domaine-public/cases")
            .header("host", "localhost")
            .body(Body::from("{ \"answers\": {},\n  \"upload\": \"rien\" }"));
        let broken = hall.send(broken.unwrap(), "192.0.2.7").await;
        assert_eq!((broken.status, broken.json()["errors"][0]["pointer"].as_str()), (422, Some("#/upload")));
        assert!(
            broken.json()["errors"][0]["detail"].as_str().unwrap().contains("line 2"),
            "{}",
            broken.json()
        );
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
fn through_the_api_a_person_is_as_alone_as_online() {
    journey(async |hall| {
        let mut skip = removal();
        skip["objet"] = json!("benne");
        skip["debut"] = json!("2026-06-10");
        for gone in ["heure_debut", "heure_fin", "courriel"] {
            skip.as_object_mut().unwrap().remove(gone);
        }
        let refused = hall.deposit(&skip, None).await.json();
        let errors = refused["errors"].as_array().unwrap();
        let at: Vec<&str> = errors.iter().map(|error| error["pointer"].as_str().unwrap()).collect();
        assert_eq!(at, ["#/answers/debut", "#/answers/courriel", "#/answers/plan"]);
    });
}

/// One file, as a client writes it with a line of its own between the parts.
pub fn parcel(line: &str) -> (String, Vec<u8>) {
    let head =
        format!("--{line}\r\nContent-Disposition: form-data; name=\"plan\"; filename=\"plan.png\"\r\n\r\n");
    let png = include_bytes!("../../../../e2e/tests/fixtures/plan.png");
    let body = [head.as_bytes(), png.as_slice(), format!("\r\n--{line}--\r\n").as_bytes()].concat();
    (format!("multipart/form-data; boundary={line}"), body)
}

#[test]
fn documents_sent_twice_under_one_key_are_one_upload_and_serve_one_case() {
    journey(async |hall| {
        let upload = async |line: &str, key: &str| {
            let (kind, body) = parcel(line);
            let request = Request::post("/api/v1/uploads").header("host", "localhost");
            let request = request.header("content-type", kind).header("idempotency-key", key);
            hall.send(request.body(Body::from(body)).unwrap(), "192.0.2.7").await
        };
        let first = upload("un", "k").await;
        assert_eq!(first.status, 201, "{}", String::from_utf8_lossy(&first.body));
        let first = first.json();
        assert_eq!(upload("deux", "k").await.json(), first);
        assert_ne!(upload("un", "l").await.json()["upload"], first["upload"]);
        let mut skip = removal();
        skip["objet"] = json!("benne");
        skip["plan"] = json!([first["documents"][0]["document"]]);
        for gone in ["heure_debut", "heure_fin"] {
            skip.as_object_mut().unwrap().remove(gone);
        }
        let deposit = json!({ "answers": skip, "upload": first["upload"] });
        let path = "/api/v1/procedures/occupation-domaine-public/cases";
        let sent = hall.ask("POST", path, &[("idempotency-key", "d")], &deposit).await;
        assert_eq!(sent.status, 201, "{}", sent.json());
        // The documents belong to the case now, and the same call is answered all the same.
        let again = hall.ask("POST", path, &[("idempotency-key", "d")], &deposit).await;
        assert_eq!((again.status, again.json()), (201, sent.json()));
    });
}

#[test]
fn the_machine_itself_sends_without_a_limit_and_guesses_within_it() {
    journey(async |hall| {
        let post = |number: u32| {
            let mut answers = removal();
            answers["surface"] = json!(number % 100 + 1);
            let request = Request::post("/api/v1/procedures/occupation-domaine-public/cases");
            let body = json!({ "answers": answers }).to_string();
            request.header("host", "localhost").body(Body::from(body)).unwrap()
        };
        let (mut here, mut away) = (Vec::new(), Vec::new());
        for number in 0..40 {
            here.push(hall.send(post(number), "127.0.0.1").await.status);
            away.push(hall.send(post(number), "192.0.2.9").await.status);
        }
        assert_eq!(here, [201; 40]);
        assert_eq!((away.first(), away.last()), (Some(&201), Some(&429)));
        let guess = |code: &str| {
            let request = Request::get("/api/v1/cases/2026-AAAA").header("host", "localhost");
            request.header("tracking-code", code).body(Body::empty()).unwrap()
        };
        let mut statuses = Vec::new();
        for _ in 0..30 {
            statuses.push(hall.send(guess("BX7K-29QM-4TRW"), "127.0.0.1").await.status);
        }
        assert_eq!(statuses.last(), Some(&429));
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
        // Without a department: all those that the agent may read.
        let all_mine = hall.get("/api/v1/agent/cases", &[("authorization", &agent)]).await.json();
        assert_eq!(all_mine, found);
        let not_mine = hall.get("/api/v1/agent/cases", &[("authorization", &elsewhere)]).await.json();
        assert_eq!(not_mine, json!({ "cases": [], "next": null }));
        // Found by its reference, within what the agent may read; and what cannot be read is told.
        let reference = sent["reference"].as_str().unwrap();
        let search = format!("/api/v1/agent/cases?q={reference}");
        let sought = hall.get(&search, &[("authorization", &agent)]).await.json();
        assert_eq!(sought["cases"], found["cases"]);
        let not_mine = hall.get(&search, &[("authorization", &elsewhere)]).await.json();
        assert_eq!(not_mine, json!({ "cases": [], "next": null }));
        for wrong in ["channel=pigeon", "from=hier", "label=x", "assignee=x", "sort=luck", "q=x&after=y"] {
            let told = hall.get(&format!("/api/v1/agent/cases?{wrong}"), &[("authorization", &agent)]).await;
            assert_eq!(told.status, 422, "{wrong}");
        }
        // The same key writes once; for other words it is refused.
        let keyed = [("authorization", agent.as_str()), ("idempotency-key", "m-1")];
        for _ in 0..2 {
            assert_eq!(hall.ask("POST", &message, &keyed, &json!({ "text": "Une fois" })).await.status, 204);
        }
        assert_eq!(hall.ask("POST", &message, &keyed, &json!({ "text": "Autre" })).await.status, 409);
        let written = hall.get(&case, &[("authorization", &agent)]).await.json();
        let mut texts: Vec<&str> = written["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|found| found["text"].as_str().unwrap())
            .collect();
        texts.sort_unstable();
        assert_eq!(texts, ["Bonjour", "Une fois"]);

        // The clock stops while documents are awaited (CRPA, art. L114-5).
        hall.fixture.clock.advance(TimeDelta::days(7));
        let asked = json!({ "pieces": "Plan", "deadline": "2026-06-30" });
        let path = format!("{case}/document-requests");
        let late = json!({ "pieces": "Plan", "deadline": "2026-06-09" });
        let refused = hall.ask("POST", &path, &[("authorization", &agent)], &late).await;
        assert_eq!(
            (refused.status, refused.json()["errors"][0]["pointer"].as_str()),
            (422, Some("#/deadline"))
        );
        let keyed = [("authorization", agent.as_str()), ("idempotency-key", "d-1")];
        for _ in 0..2 {
            assert_eq!(hall.ask("POST", &path, &keyed, &asked).await.status, 204);
        }
        let followed = hall.get(&case, &[("authorization", &agent)]).await.json();
        assert_eq!(followed["state"], "waiting");
        assert_eq!(followed["document_requests"][0]["deadline"], "2026-06-30");
        assert_eq!(followed["deemed_on"], "2026-08-25", "suspended until the time given has ended");

        let decision = json!({
            "outcome": "granted", "reasons": "Le passage reste libre.",
            "signatory_name": "Camille Bastide", "signatory_quality": "La maire",
        });
        let path = format!("{case}/decision");
        for _ in 0..2 {
            assert_eq!(hall.ask("POST", &path, &keyed, &decision).await.status, 204, "once, told twice");
        }
        assert_eq!(hall.ask("POST", &path, &[("authorization", &agent)], &decision).await.status, 409);
        let decided = hall.get(&case, &[("authorization", &agent)]).await.json();
        assert_eq!(decided["decision"]["number"], "2026-ARR-0001");
    });
}

#[test]
fn documents_asked_for_without_a_deadline_are_awaited_for_thirty_days() {
    journey(async |hall| {
        hall.deposit(&removal(), None).await;
        let agent = hall.token("domaine-public", &["case.read", "case.handle"]).await;
        let found = hall.get("/api/v1/agent/cases", &[("authorization", &agent)]).await.json();
        let case = format!("/api/v1/agent/cases/{}", found["cases"][0]["id"].as_str().unwrap());
        let asked = json!({ "pieces": "Plan" });
        let path = format!("{case}/document-requests");
        assert_eq!(hall.ask("POST", &path, &[("authorization", &agent)], &asked).await.status, 204);
        let followed = hall.get(&case, &[("authorization", &agent)]).await.json();
        assert_eq!(followed["document_requests"][0]["deadline"], "2026-07-03");
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
