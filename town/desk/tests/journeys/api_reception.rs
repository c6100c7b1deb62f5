//! The counter and the mail room through the API: persons found in one's own sectors alone and with a reason, visits,
//! mandates, and what arrives by mail.

use beffroi_mailroom::{Nature, NewItem, Source, item};
use beffroi_store::{By, StoreError, Tx};
use serde_json::{Value, json};

use crate::{
    api_work::Program,
    hall::{Hall, journey, removal},
};

const COUNTER: [&str; 2] = ["case.read", "case.handle"];
const MANDATES: [&str; 3] = ["case.read", "case.handle", "mandate.manage"];
const MAIL: [&str; 4] = ["case.read", "case.handle", "mail.sort", "case.decide"];
const NOBODYS: &str = "01900000-0000-7000-8000-000000000000";

async fn program<'h>(hall: &'h Hall<'h>, place: &str, scopes: &[&str]) -> Program<'h> {
    Program { hall, token: hall.token(place, scopes).await }
}

async fn written<T: Send + 'static>(
    hall: &Hall<'_>,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
) -> T {
    hall.fixture.commune.write(By::SYSTEM, work).await.unwrap()
}

/// The public space is a matter of town planning, as its procedure is.
async fn sectors(hall: &Hall<'_>) {
    written(hall, |tx| {
        tx.execute("UPDATE department SET sector = 'town-planning' WHERE slug = 'domaine-public'", &[])
    })
    .await;
}

/// How often something was written down.
async fn entries(hall: &Hall<'_>, kind: &'static str) -> i64 {
    written(hall, move |tx| {
        tx.query_one("SELECT COUNT(*) FROM journal WHERE kind = $1", &[&kind], |row| row.get(0))
    })
    .await
}

#[test]
fn a_person_is_looked_for_with_a_reason_and_found_in_ones_own_sectors() {
    journey(async |hall| {
        sectors(hall).await;
        assert_eq!(hall.deposit(&removal(), None).await.status, 201);
        let own = program(hall, "domaine-public", &COUNTER).await;
        let other = program(hall, "etat-civil", &COUNTER).await;
        let reader = program(hall, "domaine-public", &["case.read"]).await;
        let path = "/api/v1/agent/person-searches";
        let asked = json!({ "why": "phone", "name": "peyr gas" });
        assert_eq!(reader.post(path, asked.clone()).await.status, 404);
        assert_eq!(own.refused(path, json!({ "why": "curiosity", "name": "peyron" })).await, "#/why");
        assert_eq!(own.refused(path, json!({ "why": "phone", "name": "p" })).await, "#/name");
        assert_eq!(other.post(path, asked.clone()).await.json()["persons"], json!([]));
        let found = own.post(path, asked).await.json();
        assert_eq!(found["persons"][0]["details"]["family_name"], "Peyron");
        assert_eq!(entries(hall, "person.searched").await, 2, "whoever found nobody looked, too");
        let one = format!("/api/v1/agent/persons/{}", found["persons"][0]["id"].as_str().unwrap());
        assert_eq!(own.get(&one).await.status, 422, "no reason");
        assert_eq!(other.get(&format!("{one}?why=phone")).await.status, 404);
        let shown = own.get(&format!("{one}?why=phone")).await.json();
        assert_eq!(shown["cases"][0]["procedure"], "occupation-domaine-public");
        assert_eq!(entries(hall, "person.consulted").await, 1);
    });
}

#[test]
fn a_visit_gathers_what_is_entered_for_one_person() {
    journey(async |hall| {
        sectors(hall).await;
        assert_eq!(hall.deposit(&removal(), None).await.status, 201);
        let own = program(hall, "domaine-public", &COUNTER).await;
        let other = program(hall, "etat-civil", &COUNTER).await;
        let path = "/api/v1/agent/visits";
        let details =
            json!({ "family_name": "Peyron", "given_names": "Gaspard", "email": "gaspard@example.org" });
        let alike = own.post(path, json!({ "details": details })).await;
        assert_eq!(alike.status, 200, "{}", alike.text());
        assert!(alike.json()["visit"].is_null());
        let person = alike.json()["alike"][0].clone();
        assert_eq!(other.post(path, json!({ "person": person })).await.status, 404);
        assert_eq!(own.refused(path, json!({})).await, "#/details");
        let nameless = json!({ "details": { "given_names": "Gaspard" } });
        assert_eq!(own.refused(path, nameless).await, "#/details/family_name");
        let new = own.post(path, json!({ "details": details, "sure": true })).await;
        assert_eq!(new.status, 201);
        let opened = own.post(path, json!({ "person": person })).await.json();
        let visit = opened["visit"].as_str().unwrap().to_owned();

        let deposit = "/api/v1/procedures/occupation-domaine-public/cases";
        let mut request = json!({ "answers": removal(), "visit": visit });
        assert_eq!(own.refused(deposit, request.clone()).await, "#/visit", "only with a channel");
        request["channel"] = json!("counter");
        let answer = other.post(deposit, request.clone()).await;
        assert_eq!(answer.status, 422, "another’s visit: {}", answer.text());
        let made = own.post(deposit, request.clone()).await;
        assert_eq!(made.status, 201, "{}", made.text());
        let (basket, persons) = written(hall, |tx| {
            let count = |tx: &mut Tx<'_>, sql: &str| tx.query_one(sql, &[], |row| row.get::<i64>(0));
            Ok((
                count(tx, "SELECT COUNT(*) FROM desk_visit_case")?,
                count(tx, "SELECT COUNT(*) FROM person")?,
            ))
        })
        .await;
        assert_eq!((basket, persons), (1, 1), "the record that was found is used");
        let one = format!("{path}/{visit}");
        assert_eq!(other.ask("DELETE", &one, &Value::Null).await.status, 404);
        for _ in 0..2 {
            assert_eq!(own.ask("DELETE", &one, &Value::Null).await.status, 204);
        }
        assert_eq!(own.refused(deposit, request).await, "#/visit", "it is over");
    });
}

#[test]
fn a_mandate_is_recorded_listed_and_ended() {
    journey(async |hall| {
        sectors(hall).await;
        let own = program(hall, "domaine-public", &MANDATES).await;
        let other = program(hall, "etat-civil", &MANDATES).await;
        let unable = program(hall, "domaine-public", &COUNTER).await;
        let path = "/api/v1/agent/mandates";
        let new = json!({
            "helped": { "family_name": "Galtier", "given_names": "Augustine", "email": "augustine@example.org" },
            "procedures": ["occupation-domaine-public"], "days": 31, "proof": "code",
        });
        assert_eq!(unable.post(path, new.clone()).await.status, 404);
        let with = |name: &str, value: Value| {
            let mut changed = new.clone();
            changed[name] = value;
            changed
        };
        for (name, value, at) in [
            ("days", json!(2), "#/days"),
            ("proof", json!("parole"), "#/proof"),
            ("proof", json!("paper"), "#/upload"),
            ("procedures", json!(["rien"]), "#/procedures"),
            ("helped", json!({ "given_names": "Augustine" }), "#/helped/family_name"),
            ("helped", json!({ "family_name": "Galtier", "given_names": "Augustine" }), "#/helped/email"),
        ] {
            assert_eq!(own.refused(path, with(name, value)).await, at, "{name}");
        }
        assert_eq!(own.post(path, with("person", json!(NOBODYS))).await.status, 404);
        let headers = [("authorization", own.token.as_str()), ("idempotency-key", "mandat-1")];
        let mut ids = Vec::new();
        for _ in 0..2 {
            let made = hall.ask("POST", path, &headers, &new).await;
            assert_eq!(made.status, 201, "{}", made.text());
            ids.push(made.json()["id"].as_str().unwrap().to_owned());
        }
        assert_eq!(ids[0], ids[1]);
        let one = format!("{path}/{}", ids[0]);
        assert_eq!(other.get(&one).await.status, 404);
        let shown = own.get(&one).await.json();
        assert_eq!(shown["helped_person"]["email"], "augustine@example.org");
        assert_eq!(entries(hall, "mandate.consulted").await, 1);
        let answers = format!("{one}/answers");
        assert_eq!(own.refused(&answers, json!({ "answer": "code", "code": "000" })).await, "#/code");
        assert_eq!(own.refused(&answers, json!({ "answer": "peut-être" })).await, "#/answer");
        // Those that wait for their signed paper to be seen are listed.
        assert_eq!(own.get(path).await.json(), json!({ "mandates": [], "next": null }));
        written(hall, |tx| tx.execute("UPDATE mandate SET proof = 'paper'", &[])).await;
        let listed = own.get(path).await.json();
        assert_eq!(
            (listed["mandates"][0]["status"].clone(), listed["next"].clone()),
            (json!("asked"), Value::Null)
        );
        assert_eq!(other.get(path).await.json()["mandates"], json!([]), "of a procedure of another sector");
        assert_eq!(own.post(&answers, json!({ "answer": "approve" })).await.status, 403, "one’s own paper");
        // By the name alone, anybody who records mandates ends one for whoever asks.
        assert_eq!(other.post(&answers, json!({ "answer": "refuse" })).await.status, 404);
        let named = other.post("/api/v1/agent/mandate-searches", json!({ "name": "Galtier" })).await.json();
        assert_eq!((named[0]["id"].clone(), named[0]["open_to_you"].clone()), (json!(ids[0]), json!(false)));
        assert_eq!(other.post(&answers, json!({ "answer": "end" })).await.status, 204);
        assert_eq!(own.get(&one).await.json()["status"], "ended");
    });
}

/// An e-mail that was fetched for the public space.
async fn mail(hall: &Hall<'_>, subject: &str, body: &str) -> String {
    let new = NewItem {
        source: Source::Email,
        department: "domaine-public".to_owned(),
        mailbox: None,
        sender_name: "Gaspard Peyron".to_owned(),
        sender_email: "gaspard@example.org".to_owned(),
        subject: subject.to_owned(),
        body: body.to_owned(),
        nature: Nature::Ordinary,
        arrived_on: "2026-05-20".parse().unwrap(),
        entered_by: None,
    };
    written(hall, move |tx| item::keep(tx, &new)).await.to_string()
}

#[test]
fn what_arrived_becomes_a_case_joins_one_or_is_set_aside() {
    journey(async |hall| {
        let own = program(hall, "domaine-public", &MAIL).await;
        let other = program(hall, "etat-civil", &MAIL).await;
        let unable = program(hall, "domaine-public", &COUNTER).await;
        let path = "/api/v1/agent/mail";
        let request = mail(hall, "Déménagement", "Je voudrais la rue.").await;
        assert_eq!(unable.get(path).await.status, 404);
        let listed = own.get(path).await.json();
        assert_eq!(
            (listed["items"][0]["id"].clone(), listed["items"][0]["arrived_on"].clone()),
            (json!(request), json!("2026-05-20"))
        );
        assert_eq!(other.get(path).await.json()["items"], json!([]));
        let one = format!("{path}/{request}");
        assert_eq!(other.get(&one).await.status, 404);
        assert_eq!(own.get(&one).await.json()["body"], "Je voudrais la rue.");
        assert_eq!(entries(hall, "mail_item.consulted").await, 1);
        assert_eq!(own.get(&format!("{one}/documents/{NOBODYS}")).await.status, 404);

        // It becomes a case of the day on which it came, once.
        let deposit = "/api/v1/procedures/occupation-domaine-public/cases";
        let entered = json!({ "answers": removal(), "channel": "email", "mail": request });
        assert_eq!(other.post(deposit, entered.clone()).await.status, 404, "of another tray");
        let headers = [("authorization", own.token.as_str()), ("idempotency-key", "courrier-1")];
        let mut references = Vec::new();
        for _ in 0..2 {
            let made = hall.ask("POST", deposit, &headers, &entered).await;
            assert_eq!(made.status, 201, "{}", made.text());
            references.push(made.json()["reference"].as_str().unwrap().to_owned());
        }
        assert_eq!(references[0], references[1]);
        let case = &own.get("/api/v1/agent/cases").await.json()["cases"][0];
        assert_eq!(case["received_on"], "2026-05-20");
        assert_eq!(own.get(&one).await.json()["state"], "became");
        assert_eq!(own.post(deposit, entered).await.status, 409, "somebody has seen to it");

        // Another joins it; a third goes to another department; a fourth is nothing.
        let more = format!("{path}/{}", mail(hall, "Précision", "À huit heures.").await);
        let join = format!("{more}/case");
        assert_eq!(own.refused(&join, json!({ "reference": "2026-2222222" })).await, "#/reference");
        assert_eq!(other.post(&join, json!({ "reference": references[0] })).await.status, 404);
        assert_eq!(own.post(&join, json!({ "reference": references[0] })).await.status, 204);
        assert_eq!(own.post(&join, json!({ "reference": references[0] })).await.status, 409);
        let case = format!("/api/v1/agent/cases/{}", case["id"].as_str().unwrap());
        assert!(own.get(&case).await.text().contains("À huit heures."));
        let stray = format!("{path}/{}", mail(hall, "Acte", "Un acte, svp.").await);
        let hand = format!("{stray}/department");
        assert_eq!(own.refused(&hand, json!({ "department": "rien" })).await, "#/department");
        let headers = [("authorization", own.token.as_str()), ("idempotency-key", "courrier-2")];
        for _ in 0..2 {
            let handed = hall.ask("POST", &hand, &headers, &json!({ "department": "etat-civil" })).await;
            assert_eq!(handed.status, 204);
        }
        assert_eq!(own.get(&stray).await.status, 404);
        let aside = format!("{stray}/setting-aside");
        assert_eq!(other.refused(&aside, json!({ "reason": " " })).await, "#/reason");
        assert_eq!(other.post(&aside, json!({ "reason": "Publicité" })).await.status, 204);
        assert_eq!(other.get(&stray).await.json()["state"], "dropped");
    });
}
