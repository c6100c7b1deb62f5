//! An agent's day, through the API: labels, steps, opinions, tasks, a transfer, templates, figures, and what came in by
//! letter. As on the pages: what one may not know of is 404.

use beffroi_cases::{
    Access, CaseError, Right,
    label::{self, Colour},
};
use beffroi_desk::daily::reply::{self, Template};
use beffroi_notify::mail;
use beffroi_store::By;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    api::parcel,
    hall::{Answer, Hall, journey, removal},
    support::workers,
};

const ALL: [&str; 3] = ["case.read", "case.handle", "case.decide"];

/// A program that holds a token.
pub struct Program<'h> {
    pub hall: &'h Hall<'h>,
    pub token: String,
}

impl Program<'_> {
    pub async fn get(&self, path: &str) -> Answer {
        self.hall.get(path, &[("authorization", &self.token)]).await
    }

    pub async fn ask(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.hall.ask(method, path, &[("authorization", &self.token)], body).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask("POST", path, &body).await
    }

    /// Where the one fault of a refusal lies.
    pub async fn refused(&self, path: &str, body: Value) -> String {
        let answer = self.post(path, body).await;
        assert_eq!(answer.status, 422, "{path}: {}", answer.text());
        answer.json().pointer("/errors/0/pointer").and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

/// A case of the department, its agent's program, and the one of another department.
pub async fn at_work<'h>(hall: &'h Hall<'h>) -> (String, Program<'h>, Program<'h>) {
    assert_eq!(hall.deposit(&removal(), None).await.status, 201);
    let agent = Program { hall, token: hall.token("domaine-public", &ALL).await };
    let other = Program { hall, token: hall.token("etat-civil", &ALL).await };
    let found = agent.get("/api/v1/agent/cases").await.json();
    let id = found.pointer("/cases/0/id").and_then(Value::as_str).unwrap();
    (format!("/api/v1/agent/cases/{id}"), agent, other)
}

async fn mails(hall: &Hall<'_>) -> Vec<mail::Mail> {
    hall.fixture.commune.read(By::SYSTEM, |tx| mail::recent(tx, None, 50)).await.unwrap()
}

#[test]
fn labels_are_listed_stuck_and_taken_off() {
    journey(async |hall| {
        let (case, agent, other) = at_work(hall).await;
        let made = hall.fixture.commune.write(By::SYSTEM, |tx| -> Result<_, CaseError> {
            let access = Access::default().with(None, Right::Handle);
            let here = label::create(tx, &access, "domaine-public", "À voir", Colour::Red)?.unwrap();
            let there = label::create(tx, &access, "etat-civil", "Urgent", Colour::Blue)?.unwrap();
            Ok((here.id.to_string(), there.id.to_string()))
        });
        let (here, there) = made.await.unwrap();
        let listed = agent.get("/api/v1/agent/labels").await.json();
        let expected =
            json!([{ "id": here, "department": "domaine-public", "name": "À voir", "colour": "red" }]);
        assert_eq!(listed, expected);
        assert_eq!(agent.get("/api/v1/agent/labels?department=etat-civil").await.status, 404);
        let label = format!("{case}/labels/{here}");
        for _ in 0..2 {
            assert_eq!(agent.ask("PUT", &label, &Value::Null).await.status, 204);
        }
        assert_eq!(agent.get(&case).await.json()["labels"], expected);
        assert_eq!(agent.ask("PUT", &format!("{case}/labels/{there}"), &Value::Null).await.status, 404);
        assert_eq!(agent.ask("PUT", &format!("{case}/labels/rien"), &Value::Null).await.status, 404);
        assert_eq!(other.ask("DELETE", &label, &Value::Null).await.status, 404);
        let reader = Program { hall, token: hall.token("domaine-public", &["case.read"]).await };
        assert_eq!(reader.ask("DELETE", &label, &Value::Null).await.status, 403);
        for _ in 0..2 {
            assert_eq!(agent.ask("DELETE", &label, &Value::Null).await.status, 204);
        }
        assert_eq!(agent.get(&case).await.json()["labels"], json!([]));
    });
}

#[test]
fn a_step_is_filled_in_and_its_actions_are_done() {
    journey(async |hall| {
        let (case, agent, other) = at_work(hall).await;
        let fill = format!("{case}/steps/avis");
        let filled = json!({ "answers": { "route_departementale": true }, "revision": 0 });
        assert_eq!(agent.post(&fill, filled.clone()).await.status, 409, "nobody has taken it up");
        assert_eq!(agent.post(&format!("{case}/take-up"), Value::Null).await.status, 204);
        assert_eq!(agent.post(&format!("{case}/step"), json!({ "step": "avis" })).await.status, 204);
        let press = format!("{case}/actions/departement");
        let asked = json!({ "step": "avis", "expert": "Département", "email": "routes@herault.example" });
        assert_eq!(agent.post(&press, asked.clone()).await.status, 404, "its condition is not met");
        let wrong = json!({ "answers": { "route_departementale": "peut-être" }, "revision": 0 });
        assert_eq!(agent.refused(&fill, wrong).await, "#/answers/route_departementale");
        assert_eq!(agent.post(&format!("{case}/steps/rien"), filled.clone()).await.status, 404);
        assert_eq!(other.post(&fill, filled.clone()).await.status, 404);
        assert_eq!(agent.post(&fill, filled.clone()).await.status, 204);
        assert_eq!(agent.post(&fill, filled).await.status, 409, "somebody filled it in since");

        let steps = agent.get(&format!("{case}/steps")).await.json();
        assert_eq!(steps["steps"][0]["answers"]["route_departementale"], true);
        assert_eq!(steps["steps"][0]["revision"], 1);
        assert_eq!(steps["steps"][0]["schema"]["properties"]["visite_utile"]["type"], "boolean");
        let open: Vec<&str> =
            steps["actions"].as_array().unwrap().iter().map(|it| it["action"].as_str().unwrap()).collect();
        assert_eq!(open, ["services-techniques", "departement"]);
        assert_eq!(steps["offered"], json!(["arrete"]));
        assert_eq!(agent.refused(&press, json!({ "step": "avis" })).await, "#/email");
        assert_eq!(agent.post(&press, json!({ "step": "visite" })).await.status, 409);
        assert_eq!(other.post(&press, asked.clone()).await.status, 404);
        assert_eq!(agent.post(&press, asked).await.status, 204);
        assert!(mails(hall).await.iter().any(|mail| mail.to == "routes@herault.example"));

        // The photos of a visit come as an upload, and are kept with the step.
        let visit =
            json!({ "answers": { "route_departementale": true, "visite_utile": true }, "revision": 1 });
        assert_eq!(agent.post(&fill, visit).await.status, 204);
        assert_eq!(agent.post(&format!("{case}/step"), json!({ "step": "visite" })).await.status, 204);
        let (kind, paper) = parcel("photo");
        let request = axum::extract::Request::post("/api/v1/uploads").header("host", "localhost");
        let request = request.header("content-type", kind).body(axum::body::Body::from(paper)).unwrap();
        let upload = hall.send(request, "192.0.2.7").await.json();
        let photo = upload["documents"][0]["document"].clone();
        let seen = json!({
            "answers": { "date": "2026-06-03", "passage": 1.5, "constat": "Trottoir large.", "photos": [photo] },
            "revision": 0, "upload": upload["upload"],
        });
        assert_eq!(agent.post(&format!("{case}/steps/visite"), seen).await.status, 204);
        let path = format!("{case}/documents/{}", photo.as_str().unwrap());
        assert_eq!(agent.get(&path).await.status, 200);
        assert_eq!(other.get(&path).await.status, 404);
    });
}

#[test]
fn an_opinion_is_asked_for_reminded_of_and_taken_back() {
    journey(async |hall| {
        let (case, agent, other) = at_work(hall).await;
        let path = format!("{case}/opinions");
        let new = json!({
            "expert": "Sapeurs-pompiers", "email": "sdis@herault.example",
            "question": "La rue est-elle libre ?", "fields": ["lieu", "debut"],
        });
        assert_eq!(agent.post(&path, new.clone()).await.status, 409, "nobody has taken it up");
        agent.post(&format!("{case}/take-up"), Value::Null).await;
        assert_eq!(other.post(&path, new.clone()).await.status, 404);
        let with = |name: &str, value: Value| {
            let mut changed = new.clone();
            changed[name] = value;
            changed
        };
        for (name, value, at) in [
            ("department", json!("etat-civil"), "#/department"),
            ("email", json!("nulle part"), "#/email"),
            ("question", json!(" "), "#/question"),
            ("due_on", json!("2026-06-03"), "#/due_on"),
            ("fields", json!(["rien"]), "#/fields/0"),
            ("fields", json!([]), "#/fields"),
            ("documents", json!(["01900000-0000-7000-8000-000000000000"]), "#/documents/0"),
        ] {
            assert_eq!(agent.refused(&path, with(name, value)).await, at);
        }
        let nowhere = json!({ "department": "rien", "question": "?", "fields": ["lieu"] });
        assert_eq!(agent.refused(&path, nowhere).await, "#/department");
        assert_eq!(agent.post(&path, new).await.status, 204);
        let steps = agent.get(&format!("{case}/steps")).await.json();
        let opinion = &steps["opinions"][0];
        assert_eq!(
            (opinion["due_on"].as_str(), opinion["state"].as_str()),
            (Some("2026-06-24"), Some("awaited"))
        );
        let opinion = format!("{path}/{}", opinion["id"].as_str().unwrap());
        let to_expert =
            async || mails(hall).await.iter().filter(|it| it.to == "sdis@herault.example").count();
        assert_eq!(to_expert().await, 1);
        hall.fixture.clock.advance(TimeDelta::days(1));
        for _ in 0..2 {
            assert_eq!(agent.post(&format!("{opinion}/reminder"), Value::Null).await.status, 204);
        }
        assert_eq!(to_expert().await, 2, "once a day");
        assert_eq!(other.post(&format!("{opinion}/cancellation"), Value::Null).await.status, 404);
        let unknown = format!("{path}/01900000-0000-7000-8000-000000000000/cancellation");
        assert_eq!(agent.post(&unknown, Value::Null).await.status, 404);
        assert_eq!(agent.post(&format!("{opinion}/cancellation"), Value::Null).await.status, 204);
        assert_eq!(agent.post(&format!("{opinion}/cancellation"), Value::Null).await.status, 409);

        // Inside the town, the department that is asked answers.
        let inside =
            json!({ "department": "etat-civil", "question": "Un mariage ce jour-là ?", "fields": ["debut"] });
        assert_eq!(agent.post(&path, inside).await.status, 204);
        let steps = agent.get(&format!("{case}/steps")).await.json();
        let asked = steps["opinions"].as_array().unwrap().iter().find(|it| it["state"] == "awaited").unwrap();
        let answer = format!("/api/v1/agent/opinions/{}", asked["id"].as_str().unwrap());
        assert_eq!(agent.post(&answer, json!({ "view": "favourable" })).await.status, 404);
        assert_eq!(other.post(&answer, json!({ "view": "favourable" })).await.status, 204);
    });
}

#[test]
fn a_task_is_given_done_and_a_case_handed_over() {
    journey(async |hall| {
        let (case, agent, other) = at_work(hall).await;
        let tasks = format!("{case}/tasks");
        assert_eq!(agent.refused(&tasks, json!({ "text": "" })).await, "#/text");
        assert_eq!(
            agent.refused(&tasks, json!({ "text": "Panneaux", "department": "rien" })).await,
            "#/department"
        );
        let stranger = json!({ "text": "Panneaux", "agent": "01900000-0000-7000-8000-000000000000" });
        assert_eq!(agent.refused(&tasks, stranger).await, "#/agent");
        assert_eq!(other.post(&tasks, json!({ "text": "Panneaux" })).await.status, 404);
        assert_eq!(agent.post(&tasks, json!({ "text": "Préparer les panneaux" })).await.status, 204);
        let given = agent.get(&format!("{case}/steps")).await.json()["tasks"][0].clone();
        assert_eq!(
            (given["department"].as_str(), given["due_on"].as_str()),
            (Some("domaine-public"), Some("2026-06-10"))
        );
        let done = format!("/api/v1/agent/tasks/{}/done", given["id"].as_str().unwrap());
        assert_eq!(other.post(&done, Value::Null).await.status, 404);
        assert_eq!(agent.post(&done, Value::Null).await.status, 204);

        let out = format!("{case}/transfer-out");
        let receipt = format!("{case}/transfer-receipt");
        assert_eq!(agent.post(&receipt, json!({ "received_on": "2026-06-03" })).await.status, 409);
        let new = json!({ "body": "Département de l’Hérault", "reasons": "La route est départementale." });
        assert_eq!(agent.refused(&out, json!({ "body": "", "reasons": "x" })).await, "#/body");
        assert_eq!(other.post(&out, new.clone()).await.status, 404);
        let handler = Program { hall, token: hall.token("domaine-public", &ALL[..2]).await };
        assert_eq!(handler.post(&out, new.clone()).await.status, 403);
        assert_eq!(agent.post(&out, new.clone()).await.status, 204);
        assert_eq!(agent.get(&case).await.json()["state"], "transferred");
        assert_eq!(agent.post(&out, new).await.status, 409);
        assert_eq!(agent.refused(&receipt, json!({ "received_on": "2026-06-01" })).await, "#/received_on");
        assert_eq!(agent.post(&receipt, json!({ "received_on": "2026-06-03" })).await.status, 204);
    });
}

#[test]
fn a_letter_is_entered_with_the_day_on_which_it_came() {
    journey(async |hall| {
        let path = "/api/v1/procedures/occupation-domaine-public/cases";
        let mut answers = removal();
        answers["objet"] = json!("benne");
        for gone in ["heure_debut", "heure_fin", "courriel"] {
            answers.as_object_mut().unwrap().remove(gone);
        }
        let with = |more: Value| {
            let mut body = json!({ "answers": answers });
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            body
        };
        let paper = json!({ "channel": "paper", "arrived_on": "2026-05-28" });
        let anonymous = hall.ask("POST", path, &[], &with(paper.clone())).await;
        assert_eq!(anonymous.status, 401);
        let reader = Program { hall, token: hall.token("domaine-public", &["case.read"]).await };
        assert_eq!(reader.post(path, with(paper.clone())).await.status, 404);
        let agent = Program { hall, token: hall.token("domaine-public", &ALL).await };
        for (more, at) in [
            (json!({ "channel": "pigeon" }), "#/channel"),
            (json!({ "channel": "api" }), "#/channel"),
            (json!({ "arrived_on": "2026-05-28" }), "#/arrived_on"),
            (json!({ "by_letter": true }), "#/by_letter"),
            (json!({ "channel": "paper" }), "#/arrived_on"),
            (json!({ "channel": "paper", "arrived_on": "2026-06-04" }), "#/arrived_on"),
            (json!({ "channel": "email", "arrived_on": "2026-03-01" }), "#/arrived_on"),
            (json!({ "channel": "counter", "arrived_on": "2026-06-02" }), "#/arrived_on"),
        ] {
            assert_eq!(agent.refused(path, with(more.clone())).await, at, "{more}");
        }
        // By letter nothing need be there at once: the plan is asked for in the acknowledgement.
        let sent = agent.post(path, with(paper)).await;
        assert_eq!(sent.status, 201, "{}", sent.text());
        let found = agent.get("/api/v1/agent/cases").await.json();
        let row = &found["cases"][0];
        assert_eq!(
            (row["channel"].as_str(), row["received_on"].as_str()),
            (Some("paper"), Some("2026-05-28"))
        );
        let case = format!("/api/v1/agent/cases/{}", row["id"].as_str().unwrap());
        let pieces = agent.get(&case).await.json()["document_requests"][0]["pieces"].clone();
        assert!(pieces.as_str().unwrap().contains("Plan"), "{pieces}");
        // What the agent has seen is not asked for.
        let seen = json!({ "channel": "counter", "seen": ["plan"], "by_letter": true });
        let sent = agent.post(path, with(seen)).await.json();
        let code = [("tracking-code", sent["tracking_code"].as_str().unwrap())];
        let path = format!("/api/v1/cases/{}", sent["reference"].as_str().unwrap());
        assert_eq!(hall.get(&path, &code).await.json()["document_requests"], json!([]));
    });
}

#[test]
fn templates_and_figures_are_those_of_ones_departments() {
    journey(async |hall| {
        let (_, agent, other) = at_work(hall).await;
        let kept = hall.fixture.commune.write(By::SYSTEM, |tx| {
            let template = Template {
                id: tx.new_id(),
                department: "domaine-public".to_owned(),
                procedure: String::new(),
                name: "Bonjour".to_owned(),
                body: "Bonjour {prénom}".to_owned(),
            };
            reply::keep(tx, &template)
        });
        kept.await.unwrap();
        let listed = agent.get("/api/v1/agent/reply-templates").await.json();
        assert_eq!(listed[0]["body"], "Bonjour {prénom}");
        assert_eq!(listed[0]["procedure"], Value::Null);
        assert_eq!(other.get("/api/v1/agent/reply-templates").await.json(), json!([]));
        assert_eq!(other.get("/api/v1/agent/reply-templates?department=domaine-public").await.status, 404);
        let reader = Program { hall, token: hall.token("domaine-public", &["case.read"]).await };
        assert_eq!(reader.get("/api/v1/agent/reply-templates").await.status, 403);

        tokio::task::block_in_place(|| hall.fixture.settle(&workers())).unwrap();
        let figures = agent.get("/api/v1/agent/figures").await.json();
        assert_eq!((figures["from"].as_str(), figures["until"].as_str()), (Some("2025-07"), Some("2026-06")));
        assert_eq!(figures["whole"]["received"], 1);
        assert_eq!(figures["months"][0]["month"], "2026-06");
        assert_eq!(figures["months"][0]["by_channel"], json!({ "api": 1 }));
        assert_eq!(figures["procedures"][0]["procedure"], "occupation-domaine-public");
        assert_eq!(figures["procedures"][0]["open_now"], 1);
        assert_eq!(figures["procedures"][0]["late_now"], 0);
        let before = agent.get("/api/v1/agent/figures?from=2026-01&until=2026-03").await.json();
        assert_eq!((before["whole"]["received"].as_i64(), &before["months"]), (Some(0), &json!([])));
        assert_eq!(other.get("/api/v1/agent/figures").await.json()["procedures"], json!([]));
        assert_eq!(other.get("/api/v1/agent/figures?department=domaine-public").await.status, 404);
        for wrong in ["from=hier", "until=2026-13", "from=2026-07&until=2026-06", "from=1990-01"] {
            assert_eq!(agent.get(&format!("/api/v1/agent/figures?{wrong}")).await.status, 422, "{wrong}");
        }
        assert_eq!(hall.get("/api/v1/agent/figures", &[]).await.status, 401);
    });
}

#[test]
fn a_message_and_a_decision_bring_documents() {
    journey(async |hall| {
        let sent = hall.deposit(&removal(), None).await.json();
        let agent = Program { hall, token: hall.token("domaine-public", &ALL).await };
        let other = Program { hall, token: hall.token("etat-civil", &ALL).await };
        let found = agent.get("/api/v1/agent/cases").await.json();
        let case = format!("/api/v1/agent/cases/{}", found["cases"][0]["id"].as_str().unwrap());
        let upload = async || {
            let (kind, plan) = parcel("plan");
            let request = axum::extract::Request::post("/api/v1/uploads").header("host", "localhost");
            let request = request.header("content-type", kind).body(axum::body::Body::from(plan)).unwrap();
            hall.send(request, "192.0.2.7").await.json()["upload"].clone()
        };
        let path = format!("{case}/messages");
        let message = json!({ "text": "Voici le plan.", "upload": upload().await });
        assert_eq!(other.post(&path, message.clone()).await.status, 404);
        assert_eq!(agent.post(&path, message.clone()).await.status, 204);
        assert_eq!(agent.refused(&path, message).await, "#/upload", "it is used up");
        let nothing = json!({ "text": "Voici.", "documents": ["01900000-0000-7000-8000-000000000000"] });
        assert_eq!(agent.refused(&path, nothing).await, "#/documents");
        assert_eq!(agent.post(&format!("{case}/notes"), json!({ "text": "Vu." })).await.status, 204);
        let read = agent.get(&case).await.json();
        let messages = read["messages"].as_array().unwrap();
        let message = messages.iter().find(|message| message["from"] == "town").unwrap();
        let plan = message["documents"][0].clone();
        assert_eq!(
            (&plan["name"], &plan["purpose"], &plan["state"]),
            (&json!("plan.png"), &json!("enclosure"), &json!("clear"))
        );
        // Its requester fetches it with the code, and nobody without.
        let own = format!("/api/v1/cases/{}", sent["reference"].as_str().unwrap());
        let code = [("tracking-code", sent["tracking_code"].as_str().unwrap())];
        let followed = hall.get(&own, &code).await.json();
        assert_eq!(followed["messages"][0]["documents"][0], plan);
        let paper = format!("{own}/documents/{}", plan["id"].as_str().unwrap());
        assert_eq!(hall.get(&paper, &code).await.status, 200);
        assert_eq!(hall.get(&paper, &[]).await.status, 404);
        assert_eq!(hall.get(&format!("{own}/documents/rien"), &code).await.status, 404);
        let new = json!({
            "outcome": "granted", "reasons": "Le lieu convient.", "signatory_name": "Camille Bastide",
            "signatory_quality": "La maire", "upload": upload().await, "documents": [plan["id"]],
        });
        assert_eq!(agent.post(&format!("{case}/decision"), new).await.status, 204);
        let read = agent.get(&case).await.json();
        assert_eq!(read["decision"]["documents"].as_array().unwrap().len(), 2);
    });
}
