//! Webhooks as an administrator keeps them, to a receiver of the test, on both engines.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use beffroi_desk::procedure;
use beffroi_documents::Gate;
use beffroi_forms::Procedure;
use beffroi_people::Role;
use beffroi_store::By;
use chrono::TimeDelta;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::browser::{Answer, Browser, Hall, journey};

/// What came: its head, in lower case, and its body.
type Messages = Arc<Mutex<Vec<(String, String)>>>;

/// A receiver that takes everything.
fn receiver() -> (String, Messages) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hooks", listener.local_addr().unwrap());
    let messages = Messages::default();
    let kept = Arc::clone(&messages);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut head, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                let line = line.trim_end();
                if line.is_empty() {
                    break;
                }
                if let Some(value) = line.to_lowercase().strip_prefix("content-length: ") {
                    length = value.parse().unwrap();
                }
                head.push_str(line);
                head.push('\n');
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            kept.lock().unwrap().push((head, String::from_utf8(body).unwrap()));
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
        }
    });
    (url, messages)
}

fn header(head: &str, name: &str) -> String {
    let line = head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
    line.unwrap_or_else(|| panic!("{name} is not in {head}")).to_owned()
}

/// Whether one of the signatures holds, as the specification's text has it.
fn is_signed(head: &str, body: &str, secret: &str) -> bool {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let signed = format!("{}.{}.{body}", header(head, "webhook-id"), header(head, "webhook-timestamp"));
    header(head, "webhook-signature").split(' ').any(|signature| {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&key).unwrap();
        mac.update(signed.as_bytes());
        let given = STANDARD.decode(signature.strip_prefix("v1,").unwrap()).unwrap();
        mac.verify_slice(&given).is_ok()
    })
}

async fn administrator<'h>(hall: &'h Hall<'h>) -> Browser<'h> {
    hall.signed_in("admin@lunel.example", Some(("", Role::Administrator))).await.1
}

fn secret(page: &Answer) -> String {
    page.between("id=\"secret\" type=\"text\" value=\"", "\"")
        .replace("&#43;", "+")
        .replace("&#61;", "=")
        .replace("&#x2b;", "+")
}

#[test]
fn a_program_is_told_of_a_case_from_its_receipt_to_its_decision_without_a_name() {
    journey(Gate::Open, async |hall| {
        let (url, messages) = receiver();
        let admin = administrator(hall).await;
        admin.get("/admin/webhooks").await.is(200).says("Aucun programme n’est prévenu");
        let new = "/admin/webhooks/nouveau";
        let wrong = admin.post(new, &[("description", ""), ("url", "http://logiciel.example.org/")]).await;
        wrong.is(422).explains("url", "L’adresse doit commencer par https://.");
        let wrong = admin.post(new, &[("description", ""), ("url", &url)]).await;
        wrong.is(422).explains("description", "Dites en 200");
        let made = admin.post(new, &[("description", "Logiciel métier"), ("url", &url)]).await;
        let key = secret(made.is(200).says("Le webhook est ajouté."));
        let page = admin.get("/admin/webhooks").await;
        let address = page.between("scope=\"row\"><a class=\"govuk-link\" href=\"", "\"");
        admin.get(&address).await.is(200).is_silent_about(&key);

        let (reference, _) = hall.deposit("gaspard@example.org").await;
        hall.work();
        hall.work();
        let told = std::mem::take(&mut *messages.lock().unwrap());
        let names: Vec<String> = told
            .iter()
            .map(|(_, body)| {
                serde_json::from_str::<Value>(body).unwrap()["type"].as_str().unwrap().to_owned()
            })
            .collect();
        assert_eq!(names.iter().filter(|name| *name == "case.received").count(), 1, "{names:?}");
        assert_eq!(names.iter().filter(|name| *name == "case.acknowledged").count(), 1, "{names:?}");
        for (head, body) in &told {
            assert!(is_signed(head, body, &key), "{head}");
            assert!(
                !body.contains("Gaspard") && !body.contains("Peyron") && !body.contains("rue Haute"),
                "{body}"
            );
            let message: Value = serde_json::from_str(body).unwrap();
            assert_eq!(message["data"]["reference"], reference.as_str());
            assert_eq!(message["data"]["procedure"], "occupation-domaine-public");
        }
        // What was sent, and what came of it.
        let page = admin.get(&address).await;
        page.says("case.received").says("Reçu");
        let delivery = format!("{address}/envois/{}", page.between(&format!("{address}/envois/"), "\""));
        admin.get(&delivery).await.is(200).says("204");
        admin.post(&delivery, &[]).await.leads_to(&format!("{address}?fait=renvoi"));
        hall.work();
        assert_eq!(std::mem::take(&mut *messages.lock().unwrap()).len(), 1);
        // Again from the day before: the receiver knows each by its id.
        let since = [("since-day", "2"), ("since-month", "6"), ("since-year", "2026")];
        let replay = format!("{address}/action/renvoi");
        admin.post(&replay, &[]).await.is(422).explains("since", "Écrivez une date qui existe.");
        admin.post(&replay, &since).await.leads_to(&format!("{address}?fait=renvoi"));
        hall.work();
        let again = std::mem::take(&mut *messages.lock().unwrap());
        let ids = |messages: &[(String, String)]| {
            let mut ids: Vec<String> = messages.iter().map(|(head, _)| header(head, "webhook-id")).collect();
            ids.sort();
            ids
        };
        let (again, told) = (ids(&again), ids(&told));
        assert!(
            told.iter().all(|id| again.iter().filter(|known| *known == id).count() == 1),
            "{again:?} {told:?}"
        );
        // The secret changes, and both serve for a day.
        let changed = admin.post(&format!("{address}/action/secret"), &[]).await;
        let fresh = secret(changed.is(200).says("la signature de l’ancien secret"));
        admin.post(&format!("{address}/action/essai"), &[]).await.leads_to(&format!("{address}?fait=essai"));
        hall.work();
        let (head, body) = messages.lock().unwrap().pop().unwrap();
        assert!(is_signed(&head, &body, &key) && is_signed(&head, &body, &fresh) && key != fresh);
        // Stopped, resumed, removed.
        admin.post(&format!("{address}/action/arret"), &[]).await.leads_to(&format!("{address}?fait=arret"));
        admin.get(&address).await.says("Arrêté");
        admin
            .post(&format!("{address}/action/reprise"), &[])
            .await
            .leads_to(&format!("{address}?fait=reprise"));
        admin.get(&format!("{address}/suppression")).await.is(200).says("Logiciel métier");
        let gone = "/admin/webhooks?fait=suppression";
        admin.post(&format!("{address}/suppression"), &[]).await.leads_to(gone);
        admin.get(gone).await.says("Le webhook est supprimé.");
        admin.get(&address).await.is(404);
    });
}

/// A button of a step that tells other programs, before the one that asks for an opinion.
const BUTTON: &str = r#"[[step.action]]
id = "voirie"
label = "Prévenir le logiciel de la voirie"
kind = "webhook"
name = "voirie.occupation-annoncee"

[[step.action]]
id = "services-techniques"
"#;

/// The occupation of the public space, with that button.
async fn with_button(hall: &Hall<'_>) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalogue/procedures");
    let file = std::fs::read_to_string(format!("{folder}/occupation-domaine-public.toml")).unwrap();
    let told = file.replacen("[[step.action]]\nid = \"services-techniques\"\n", BUTTON, 1);
    assert_ne!(told, file);
    let mut procedure = Procedure::from_toml(&told).unwrap();
    procedure.version += 1;
    let published = hall.fixture.commune.write(By::SYSTEM, move |tx| procedure::publish(tx, &procedure));
    published.await.unwrap();
}

#[test]
fn an_agents_button_tells_the_program_that_wants_it_which_action_of_which_case() {
    journey(Gate::Open, async |hall| {
        with_button(hall).await;
        let (url, messages) = receiver();
        let admin = administrator(hall).await;
        let new = "/admin/webhooks/nouveau";
        admin.get(new).await.says("Action d’une étape qui prévient d’autres logiciels");
        let wanted = [("description", "Voirie"), ("url", url.as_str()), ("events", "case.step-action")];
        let made = admin.post(new, &wanted).await;
        let key = secret(made.is(200));
        let page = admin.get("/admin/webhooks").await;
        let address = page.between("scope=\"row\"><a class=\"govuk-link\" href=\"", "\"");

        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        let base = format!("/agents/dossiers/{}", hall.case(&reference).await);
        agent.post(&format!("{base}/prendre"), &[]).await.is(303);
        let steps = format!("{base}/etapes");
        agent.post(&format!("{steps}/passer"), &[("vue", ""), ("etape", "avis")]).await.is(303);
        agent.get(&steps).await.says("Prévenir le logiciel de la voirie");
        let press = [("vue", "avis"), ("action", "voirie")];
        agent.post(&format!("{steps}/action"), &press).await.leads_to(&format!("{steps}?fait=action"));
        // What other actions do is told by events of their own: the next step gives somebody a task.
        agent.post(&format!("{steps}/passer"), &[("vue", "avis"), ("etape", "arrete")]).await.is(303);
        hall.work();

        let told = std::mem::take(&mut *messages.lock().unwrap());
        let [(head, body)] = told.as_slice() else { panic!("{told:?}") };
        assert!(is_signed(head, body, &key), "{head}");
        let message: Value = serde_json::from_str(body).unwrap();
        assert_eq!(message["type"], "case.step-action");
        assert_eq!(message["data"]["reference"], reference.as_str());
        assert_eq!(message["data"]["step"], "avis");
        assert_eq!(message["data"]["action"], "voirie");
        assert_eq!(message["data"]["name"], "voirie.occupation-annoncee");
        for word in ["Gaspard", "Peyron", "rue Haute", "agent@", "Prévenir"] {
            assert!(!body.contains(word), "{word}: {body}");
        }
        // Told again from the journal, it is the same message.
        let since = [("since-day", "2"), ("since-month", "6"), ("since-year", "2026")];
        admin.post(&format!("{address}/action/renvoi"), &since).await.is(303);
        hall.work();
        let again = std::mem::take(&mut *messages.lock().unwrap());
        let [(same, _)] = again.as_slice() else { panic!("{again:?}") };
        assert_eq!(header(same, "webhook-id"), header(head, "webhook-id"));
    });
}

#[test]
fn who_is_no_administrator_is_not_told_that_there_are_webhooks() {
    journey(Gate::Open, async |hall| {
        let (_, manager) = hall.signed_in("dgs@lunel.example", Some(("", Role::Manager))).await;
        manager.get("/admin/webhooks").await.is(404);
        let fields = [("description", "x"), ("url", "https://logiciel.example.org/")];
        manager.post("/admin/webhooks/nouveau", &fields).await.is(404);
        hall.browser().get("/admin/webhooks").await.is(303);
    });
}

#[test]
fn the_administrators_are_told_when_a_program_takes_nothing_for_days() {
    journey(Gate::Open, async |hall| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        drop(listener);
        let admin = administrator(hall).await;
        admin.post("/admin/webhooks/nouveau", &[("description", "Archives"), ("url", &url)]).await.is(200);
        for _ in 0..13 {
            hall.deposit("gaspard@example.org").await;
            hall.work();
            hall.fixture.clock.advance(TimeDelta::hours(10));
            hall.work();
        }
        let mails = hall.mails().await;
        let told: Vec<_> = mails.iter().filter(|mail| mail.to == "admin@lunel.example").collect();
        assert_eq!(told.len(), 1, "once");
        assert!(told[0].subject.contains("Archives"), "{}", told[0].subject);
        let admin = hall.signed_in("autre@lunel.example", Some(("", Role::Administrator))).await.1;
        admin.get("/admin/webhooks").await.says("Suspendu");
    });
}
