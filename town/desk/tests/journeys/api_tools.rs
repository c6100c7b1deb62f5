//! The agents' own tools through the API: many cases at once, kept views, absences, the workload, exports, webhooks.

use beffroi_core::Id;
use beffroi_people::{Role, permission::permit_system};
use beffroi_store::{By, StoreError};
use beffroi_webhooks::Endpoint;
use serde_json::{Value, json};

use crate::{
    api_work::Program,
    hall::{Hall, journey, removal},
};

const NOBODYS: &str = "01900000-0000-7000-8000-000000000000";

async fn program<'h>(hall: &'h Hall<'h>, place: &str, scopes: &[&str]) -> Program<'h> {
    Program { hall, token: hall.token(place, scopes).await }
}

/// The ids of the cases that a program sees.
async fn cases(of: &Program<'_>) -> Vec<String> {
    let page = of.get("/api/v1/agent/cases").await.json();
    let cases = page.get("cases").and_then(Value::as_array).unwrap();
    let id = |case: &Value| case.get("id").and_then(Value::as_str).unwrap().to_owned();
    cases.iter().map(id).collect()
}

#[test]
fn one_thing_is_done_to_many_cases_and_each_is_answered() {
    journey(async |hall| {
        for _ in 0..2 {
            assert_eq!(hall.deposit(&removal(), None).await.status, 201);
        }
        let agent = program(hall, "domaine-public", &["case.read", "case.handle"]).await;
        let other = program(hall, "etat-civil", &["case.read", "case.handle", "case.decide"]).await;
        let reader = program(hall, "domaine-public", &["case.read"]).await;
        let path = "/api/v1/agent/case-batches";
        let ids = cases(&agent).await;
        let all = json!({ "cases": [ids[0], ids[1], NOBODYS], "action": "take-up" });
        assert_eq!(reader.post(path, all.clone()).await.status, 403);
        let told = other.post(path, all.clone()).await.json();
        assert_eq!(told["done"], 0);
        assert!(told["cases"].as_array().unwrap().iter().all(|case| case["why"] == "unknown"), "{told}");
        let headers = [("authorization", agent.token.as_str()), ("idempotency-key", "lot-1")];
        for _ in 0..2 {
            let told = hall.ask("POST", path, &headers, &all).await.json();
            assert_eq!(told["done"], 2, "{told}");
            let of_nobody = told["cases"].as_array().unwrap().iter().find(|case| case["case"] == NOBODYS);
            assert_eq!(of_nobody.unwrap()["why"], "unknown");
        }
        let other_body = json!({ "cases": ids, "action": "archive" });
        assert_eq!(hall.ask("POST", path, &headers, &other_body).await.status, 409, "another request");
        let told = agent.post(path, other_body).await.json();
        assert_eq!((told["done"].clone(), told["cases"][0]["why"].clone()), (json!(0), json!("state")));
        // Documents are asked for, and the cases go on once they have come: each of the two only where it stands so.
        let asked = json!({ "cases": ids, "action": "ask-documents", "text": "Un plan coté", "days": 10 });
        assert_eq!(agent.post(path, asked).await.json()["done"], 2);
        for done in [2, 0] {
            let arrived = json!({ "cases": ids, "action": "documents-arrived" });
            assert_eq!(agent.post(path, arrived).await.json()["done"], done);
        }
        let handed = json!({ "cases": [ids[0]], "action": "route", "department": "etat-civil" });
        assert_eq!(agent.post(path, handed).await.json()["done"], 1);
        assert_eq!(cases(&agent).await, [ids[1].clone()]);
        for (body, at) in [
            (json!({ "cases": [], "action": "take-up" }), "#/cases"),
            (json!({ "cases": vec![NOBODYS; 1], "action": "dance" }), "#/action"),
            (json!({ "cases": ids, "action": "label" }), "#/label"),
            (json!({ "cases": ids, "action": "message", "text": " " }), "#/text"),
            (json!({ "cases": ids, "action": "route", "department": "rien" }), "#/department"),
            (json!({ "cases": ids, "action": "ask-documents" }), "#/text"),
            (json!({ "cases": ids, "action": "ask-documents", "text": "Un plan", "days": 0 }), "#/days"),
        ] {
            assert_eq!(agent.refused(path, body).await, at);
        }
    });
}

#[test]
fn views_are_kept_shared_and_forgotten() {
    journey(async |hall| {
        let agent = program(hall, "domaine-public", &["case.read", "case.handle"]).await;
        let colleague = program(hall, "domaine-public", &["case.read"]).await;
        let other = program(hall, "etat-civil", &["case.read"]).await;
        let path = "/api/v1/agent/views";
        let own = json!({ "name": "En retard", "page": "/agents", "query": "retard=1" });
        let kept = agent.post(path, own).await;
        assert_eq!(kept.status, 201, "{}", kept.text());
        let shared = json!({
            "name": "Démarrages", "page": "/agents/recherche", "query": "etat=received", "department": "domaine-public",
        });
        assert_eq!(agent.post(path, shared).await.status, 201);
        let elsewhere = json!({ "name": "X", "page": "/agents", "query": "", "department": "etat-civil" });
        assert_eq!(agent.post(path, elsewhere).await.status, 404);
        assert_eq!(
            agent.refused(path, json!({ "name": "X", "page": "/ailleurs", "query": "" })).await,
            "#/page"
        );
        assert_eq!(agent.get(path).await.json().as_array().unwrap().len(), 2);
        let seen = colleague.get(path).await.json();
        assert_eq!(
            (seen[0]["name"].clone(), seen[0]["own"].clone(), seen.as_array().unwrap().len()),
            (json!("Démarrages"), json!(false), 1)
        );
        assert_eq!(other.get(path).await.json(), json!([]));
        let one = format!("{path}/{}", kept.json()["id"].as_str().unwrap());
        assert_eq!(colleague.ask("DELETE", &one, &Value::Null).await.status, 404);
        assert_eq!(agent.ask("DELETE", &one, &Value::Null).await.status, 204);
        assert_eq!(agent.ask("DELETE", &one, &Value::Null).await.status, 404);
    });
}

#[test]
fn who_is_away_and_what_each_follows_is_told_to_whom_it_concerns() {
    journey(async |hall| {
        assert_eq!(hall.deposit(&removal(), None).await.status, 201);
        let agent = program(hall, "domaine-public", &["case.read", "case.handle"]).await;
        let head = hall.token_of(
            Role::HeadOfDepartment,
            "domaine-public",
            &["case.read", "case.handle", "case.answer-for", "workload.read"],
        );
        let head = Program { hall, token: head.await };
        let reader = program(hall, "domaine-public", &["case.read"]).await;
        let path = "/api/v1/agent/absences";
        assert_eq!(reader.get(path).await.status, 404);
        let load = head.get("/api/v1/agent/workload").await;
        assert_eq!(load.status, 200, "{}", load.text());
        let load = load.json();
        assert_eq!(
            (load[0]["department"].clone(), load[0]["rule"].clone()),
            (json!("domaine-public"), json!("nobody"))
        );
        let agents = load[0]["agents"].as_array().unwrap();
        let nobodys = agents.iter().find(|load| load["agent"].is_null()).unwrap();
        assert_eq!(nobodys["open"], 1, "nobody follows it yet");
        assert_eq!(agent.get("/api/v1/agent/workload").await.status, 404);
        let stands_in = agents.iter().find(|load| load["agent"].is_string()).unwrap()["agent"].clone();

        for (body, at) in [
            (json!({ "from": "2026-08-14", "until": "2026-08-03" }), "#/until"),
            (json!({ "from": "2026-08-03", "until": "2028-08-03" }), "#/until"),
            (json!({ "from": "2026-08-03", "until": "2026-08-14", "delegate": NOBODYS }), "#/delegate"),
        ] {
            assert_eq!(agent.refused(path, body).await, at);
        }
        let away = json!({ "from": "2026-06-01", "until": "2026-06-14" });
        let declared = agent.post(path, away).await;
        assert_eq!(declared.status, 201, "{}", declared.text());
        let listed = head.get(path).await.json();
        assert_eq!(
            (listed[0]["until"].clone(), listed[0]["own"].clone()),
            (json!("2026-06-14"), json!(false))
        );
        let load = head.get("/api/v1/agent/workload").await.json();
        let away = load[0]["agents"].as_array().unwrap().iter().filter(|load| load["away"] == true).count();
        assert_eq!(away, 1);
        assert!(stands_in.is_string());
        let one = format!("{path}/{}", declared.json()["id"].as_str().unwrap());
        assert_eq!(head.ask("DELETE", &one, &Value::Null).await.status, 404, "nobody does it for another");
        assert_eq!(agent.ask("DELETE", &one, &Value::Null).await.status, 204);
        assert_eq!(head.get(path).await.json(), json!([]));

        let rule = "/api/v1/agent/workload/domaine-public/rule";
        assert_eq!(agent.ask("PUT", rule, &json!({ "rule": "fewest" })).await.status, 404);
        assert_eq!(head.ask("PUT", rule, &json!({ "rule": "chance" })).await.status, 422);
        assert_eq!(head.ask("PUT", rule, &json!({ "rule": "fewest" })).await.status, 204);
        assert_eq!(head.get("/api/v1/agent/workload").await.json()[0]["rule"], "fewest");
        let elsewhere = "/api/v1/agent/workload/etat-civil/rule";
        assert_eq!(head.ask("PUT", elsewhere, &json!({ "rule": "fewest" })).await.status, 404);
    });
}

#[test]
fn what_a_colleague_who_is_away_has_open_is_found_by_whoever_stands_in() {
    journey(async |hall| {
        assert_eq!(hall.deposit(&removal(), None).await.status, 201);
        let agent = program(hall, "domaine-public", &["case.read", "case.handle"]).await;
        let head =
            hall.token_of(Role::HeadOfDepartment, "domaine-public", &["case.read", "case.handle"]).await;
        let head = Program { hall, token: head };
        let path = "/api/v1/agent/absences";
        let own = head.post(path, json!({ "from": "2026-06-01", "until": "2026-06-14" })).await.json();
        let delegate = head.get(path).await.json()[0]["agent"].clone();
        let own = format!("{path}/{}", own["id"].as_str().unwrap());
        assert_eq!(head.ask("DELETE", &own, &Value::Null).await.status, 204);
        let case = cases(&agent).await.remove(0);
        let one = format!("/api/v1/agent/cases/{case}");
        assert_eq!(agent.post(&format!("{one}/take-up"), Value::Null).await.status, 204);
        let list = "/api/v1/agent/cases?standing_in=true";
        assert_eq!(head.get(list).await.json()["cases"], json!([]));
        let away = json!({ "from": "2026-06-01", "until": "2026-06-14", "delegate": delegate });
        let away = agent.post(path, away).await;
        assert_eq!(away.status, 201, "{}", away.text());
        assert_eq!(head.get(list).await.json()["cases"][0]["id"], json!(case));
        assert_eq!(agent.get(list).await.json()["cases"], json!([]));
        for with in ["q=peyron".to_owned(), format!("assignee={NOBODYS}")] {
            assert_eq!(head.get(&format!("{list}&{with}")).await.status, 422, "{with}");
        }
        // What the one who stands in does is told as such.
        let note = json!({ "text": "Vu avec la police municipale." });
        assert_eq!(head.post(&format!("{one}/notes"), note).await.status, 204);
        let told = hall.fixture.commune.read(By::SYSTEM, |tx| -> Result<i64, StoreError> {
            tx.query_one("SELECT COUNT(*) FROM journal WHERE kind = 'case.stood_in'", &[], |row| row.get(0))
        });
        assert_eq!(told.await.unwrap(), 1);
        let back = format!("{path}/{}", away.json()["id"].as_str().unwrap());
        assert_eq!(agent.ask("DELETE", &back, &Value::Null).await.status, 204);
        assert_eq!(head.get(list).await.json()["cases"], json!([]));
    });
}

#[test]
fn cases_are_taken_out_as_spreadsheets_by_whoever_ordered_them() {
    journey(async |hall| {
        assert_eq!(hall.deposit(&removal(), None).await.status, 201);
        let scopes = ["case.read", "case.export"];
        let manager = Program { hall, token: hall.token_of(Role::Manager, "", &scopes).await };
        let head =
            Program { hall, token: hall.token_of(Role::HeadOfDepartment, "domaine-public", &scopes).await };
        let agent = program(hall, "domaine-public", &["case.read", "case.handle"]).await;
        let path = "/api/v1/agent/exports";
        assert_eq!(agent.get(path).await.status, 404);
        assert_eq!(agent.post(path, json!({ "kind": "ods" })).await.status, 404);
        assert_eq!(manager.refused(path, json!({ "kind": "pdf" })).await, "#/kind");
        let wrong = json!({ "kind": "ods", "from": "2026-06-02", "until": "2026-06-01" });
        assert_eq!(manager.refused(path, wrong).await, "#/until");
        let elsewhere = json!({ "kind": "ods", "department": "etat-civil" });
        assert_eq!(head.post(path, elsewhere).await.status, 404);
        let order = json!({ "kind": "csv", "procedure": "occupation-domaine-public" });
        let headers = [("authorization", manager.token.as_str()), ("idempotency-key", "export-1")];
        let mut ids = Vec::new();
        for _ in 0..2 {
            let made = hall.ask("POST", path, &headers, &order).await;
            assert_eq!(made.status, 201, "{}", made.text());
            assert_eq!(made.json()["ready"], true);
            ids.push(made.json()["id"].clone());
        }
        assert_eq!(ids[0], ids[1], "once under one key");
        let listed = manager.get(path).await.json();
        assert_eq!(listed.as_array().unwrap().len(), 1);
        assert_eq!((listed[0]["state"].clone(), listed[0]["cases"].clone()), (json!("ready"), json!(1)));
        assert_eq!(listed[0]["files"][0]["file"], "demandes.csv");
        let file = format!("{path}/{}/demandes.csv", ids[0].as_str().unwrap());
        let csv = manager.get(&file).await;
        assert_eq!(csv.status, 200);
        assert!(csv.text().contains("Peyron"), "{}", csv.text());
        assert_eq!(head.get(&file).await.status, 404, "it is another's");
        assert_eq!(manager.get(&format!("{path}/{}/autre.csv", ids[0].as_str().unwrap())).await.status, 404);
    });
}

#[test]
fn an_administrator_reads_what_was_told_and_tells_it_again() {
    journey(async |hall| {
        let sent = hall.fixture.commune.write(By::SYSTEM, |tx| -> Result<_, StoreError> {
            let endpoint: Id<Endpoint> = tx.new_id();
            let url = "https://programme.example/entree?cle=secret";
            tx.execute(
                "INSERT INTO webhook_endpoint (id, url, description, events, secret, state, from_seq, created_at) \
                 VALUES ($1, $2, 'Un programme', '[]', $3, 'active', 0, $4)",
                &[&endpoint, &url, &vec![0_u8], &tx.now()],
            )?;
            let permit = permit_system(tx).unwrap();
            Ok((endpoint, beffroi_webhooks::test(tx, &permit, endpoint)?))
        });
        let (endpoint, delivery) = sent.await.unwrap();
        let scopes = ["webhook.manage"];
        let admin = Program { hall, token: hall.token_of(Role::Administrator, "", &scopes).await };
        let agent = program(hall, "domaine-public", &["case.read"]).await;
        let path = "/api/v1/agent/webhooks";
        assert_eq!(agent.get(path).await.status, 404);
        let listed = admin.get(path).await;
        assert!(!listed.text().contains("secret"), "{}", listed.text());
        assert_eq!(listed.json()[0]["host"], "programme.example");
        let one = format!("{path}/{endpoint}");
        let page = admin.get(&format!("{one}/deliveries")).await.json();
        assert_eq!(
            (page["deliveries"][0]["event"].clone(), page["next"].clone()),
            (json!("webhook.test"), Value::Null)
        );
        assert_eq!(admin.get(&format!("{path}/{NOBODYS}/deliveries")).await.status, 404);
        assert_eq!(admin.get(&format!("{one}/deliveries?after=x")).await.status, 422);
        let again = format!("{one}/deliveries/{delivery}/again");
        assert_eq!(agent.post(&again, Value::Null).await.status, 404);
        assert_eq!(admin.post(&again, Value::Null).await.status, 204);
        assert_eq!(admin.post(&format!("{one}/replays"), json!({ "since": "2026-06-01" })).await.status, 204);
        assert_eq!(admin.post(&format!("{one}/replays"), json!({ "since": "hier" })).await.status, 422);
        assert_eq!(
            admin.post(&format!("{path}/{NOBODYS}/replays"), json!({ "since": "2026-06-01" })).await.status,
            404
        );
    });
}
