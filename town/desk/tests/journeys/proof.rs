//! The proof that a requester was told: a decision is sent when its mail or letter has left, a message is read when
//! its page shows it, and what did not arrive is told to the agent.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    thread,
};

use beffroi_documents::Gate;
use beffroi_notify::{Security, SmtpConfig, Transport};
use beffroi_people::Role;
use beffroi_store::{By, Entry, StoreError};
use serde_json::json;

use crate::{
    browser::{Browser, Hall, journey},
    counter::{COUNTER, KEY, TODAY, entered},
    support::{desk, workers_of},
};

/// Decides a case; its page.
async fn decided(hall: &Hall<'_>, agent: &Browser<'_>, reference: &str) -> String {
    let base = format!("/agents/dossiers/{}", hall.case(reference).await);
    agent.post(&format!("{base}/prendre"), &[]).await.leads_to(&format!("{base}?fait=prendre"));
    let decision = [("outcome", "granted"), ("reasons", "Le passage reste libre.")];
    let done = agent.post(&format!("{base}/decision"), &decision).await;
    done.leads_to(&format!("{base}?fait=decision"));
    hall.work();
    base
}

#[test]
fn a_decision_is_sent_when_its_mail_has_left_and_not_before() {
    journey(Gate::Open, async |hall| {
        let place = Some(("domaine-public", Role::HeadOfDepartment));
        let (_, agent) = hall.signed_in("agent@lunel.example", place).await;
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        let base = decided(hall, &agent, &reference).await;
        // The mail is queued and kept: this town has no mail server.
        agent.get(&base).await.says("Pas encore partie.").is_silent_about("Décision envoyée");
        let mail = hall.mails().await.into_iter().find(|mail| mail.subject.contains("décision")).unwrap();
        let taken = hall.fixture.commune.write(By::SYSTEM, move |tx| -> Result<_, StoreError> {
            tx.journal(&Entry {
                kind: "mail.sent",
                subject_kind: "case",
                subject_id: mail.about_id,
                payload: json!({ "mail": mail.id }),
            })
        });
        taken.await.unwrap();
        hall.work();
        agent.get(&base).await.says("Envoyée le 3 juin 2026").says("Décision envoyée");
    });
}

#[test]
fn on_paper_a_decision_is_sent_when_its_letter_is_printed() {
    journey(Gate::Open, async |hall| {
        let place = Some(("domaine-public", Role::HeadOfDepartment));
        let (_, agent) = hall.signed_in("agent@lunel.example", place).await;
        // Who has no address for mail came to the counter.
        agent.send(COUNTER, &entered(KEY, "counter", TODAY), &[]).await.is(303);
        let reference: String = hall.value("SELECT reference FROM cases WHERE channel = $1", "counter").await;
        let base = decided(hall, &agent, &reference).await;
        agent.get(&base).await.says("Pas encore partie.");
        let list = agent.get("/agents/courrier").await;
        let letters: Vec<&str> = list.body.split("name=\"letter\" value=\"").skip(1).collect();
        let ids: Vec<_> =
            letters.iter().map(|letter| ("letter", letter.split('"').next().unwrap())).collect();
        assert_eq!(ids.len(), 2, "the acknowledgement and the decision");
        agent.post("/agents/courrier", &ids).await.leads_to("/agents/courrier");
        hall.work();
        agent.get(&base).await.says("Envoyée le 3 juin 2026").says("Lettre imprimée");
    });
}

#[test]
fn a_letter_that_was_ticked_by_mistake_is_put_back_and_its_decision_is_not_sent() {
    journey(Gate::Open, async |hall| {
        let place = Some(("domaine-public", Role::HeadOfDepartment));
        let (_, agent) = hall.signed_in("agent@lunel.example", place).await;
        agent.send(COUNTER, &entered(KEY, "counter", TODAY), &[]).await.is(303);
        let reference: String = hall.value("SELECT reference FROM cases WHERE channel = $1", "counter").await;
        let base = decided(hall, &agent, &reference).await;
        let list = agent.get("/agents/courrier").await;
        list.says(
            "<td class=\"govuk-table__cell\" data-label=\"Type de lettre\">Décision, à signer avant l’envoi</td>",
        )
        .says(&reference);
        let ids = |page: &str| -> Vec<String> {
            let letters = page.split("name=\"letter\" value=\"").skip(1);
            letters.map(|letter| letter.split('"').next().unwrap().to_owned()).collect()
        };
        let waiting = ids(&list.body);
        assert_eq!(waiting.len(), 2);
        list.says("2 lettres pour cette adresse\u{a0}: une seule enveloppe suffit.");
        let decisions = agent.get("/agents/courrier?nature=decision").await;
        assert_eq!(ids(&decisions.body).len(), 1);
        decisions.is_silent_about("une seule enveloppe");
        assert_eq!(ids(&agent.get("/agents/courrier?nom=galtier").await.body).len(), 2);
        agent.get("/agents/courrier?nom=personne").await.is(200).says("Aucune lettre ne correspond");
        // Nothing is ticked until somebody says so, and nothing is printed that nobody has ticked.
        let box_of = |page: &str| page.matches("\" checked><label").count();
        assert_eq!(box_of(&list.body), 0);
        assert_eq!(box_of(&agent.get("/agents/courrier?tout=1").await.body), 2);
        agent.post("/agents/courrier", &[]).await.is(422).says("Cochez les lettres qui sont imprimées.");
        // Page by page, by key; and by department.
        let first = waiting.first().unwrap();
        let rest = agent.get(&format!("/agents/courrier?apres={first}")).await;
        assert_eq!(ids(&rest.body), waiting.get(1..).unwrap());
        assert!(ids(&agent.get("/agents/courrier?service=etat-civil").await.body).is_empty());

        for letter in &waiting {
            agent.post("/agents/courrier", &[("letter", letter)]).await.leads_to("/agents/courrier");
        }
        hall.work();
        agent.get(&base).await.says("Envoyée le 3 juin 2026");
        let (_, other) = hall.signed_in("etat@lunel.example", Some(("etat-civil", Role::Agent))).await;
        for letter in &waiting {
            let back = format!("/agents/courrier/{letter}/remettre");
            other.post(&back, &[]).await.is(404);
            agent.post(&back, &[]).await.leads_to("/agents/courrier");
            agent.post(&back, &[]).await.is(404);
        }
        hall.work();
        agent.get(&base).await.says("Pas encore partie.").says("Lettre remise à imprimer");
        assert_eq!(ids(&agent.get("/agents/courrier").await.body).len(), 2);
    });
}

#[test]
fn a_message_is_read_when_the_requesters_page_shows_it() {
    journey(Gate::Open, async |hall| {
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        let place = Some(("domaine-public", Role::Agent));
        let (_, agent) = hall.signed_in("agent@lunel.example", place).await;
        let base = format!("/agents/dossiers/{}", hall.case(&reference).await);
        agent.post(&format!("{base}/message"), &[("message", "À quelle heure venez-vous ?")]).await;
        agent.get(&base).await.is_silent_about("lu le 3 juin").is_silent_about("Message lu");
        let entries = async || -> i64 { hall.value("SELECT COUNT(*) FROM journal", "").await };
        let before = entries().await;
        let requester = hall.browser();
        requester.follow(&code).await.says("À quelle heure");
        agent.get(&base).await.says("lu le 3 juin 2026").says("Message lu par le demandeur");
        // Reading once is enough: the page writes nothing more.
        requester.get("/suivi").await.says("À quelle heure");
        assert_eq!(entries().await, before + 1);
    });
}

#[test]
fn an_agent_who_opens_a_paper_has_consulted_the_case() {
    journey(Gate::Open, async |hall| {
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        hall.work();
        let place = Some(("domaine-public", Role::Agent));
        let (_, agent) = hall.signed_in("agent@lunel.example", place).await;
        let (_, other) =
            hall.signed_in("autre@lunel.example", Some(("etat-civil", Role::HeadOfDepartment))).await;
        let paper: uuid::Uuid = hall.value("SELECT id FROM document", "").await;
        let paper = format!("/agents/dossiers/{}/documents/{paper}", hall.case(&reference).await);
        let consulted = async || -> i64 {
            hall.value("SELECT COUNT(*) FROM journal WHERE kind = 'case.consulted'", "").await
        };
        other.get(&paper).await.is(404);
        assert_eq!(consulted().await, 0);
        agent.get(&paper).await.is(200);
        agent.get(&paper).await.is(200);
        assert_eq!(consulted().await, 1, "once an hour");
    });
}

#[test]
fn an_agent_who_prints_the_letters_has_consulted_each_case_that_they_are_about() {
    journey(Gate::Open, async |hall| {
        let place = Some(("domaine-public", Role::Agent));
        let (_, agent) = hall.signed_in("agent@lunel.example", place).await;
        for key in [KEY, "fedcba9876543210fedcba9876543210"] {
            agent.send(COUNTER, &entered(key, "paper", TODAY), &[]).await.is(303);
        }
        let reference: String = hall.value("SELECT MIN(reference) FROM cases", "").await;
        decided(hall, &agent, &reference).await;
        hall.execute("DELETE FROM journal WHERE kind = $1", &"case.consulted".to_owned()).await;
        agent.get("/agents/courrier/lot.pdf").await.is(200);
        agent.get("/agents/courrier/lot.pdf").await.is(200);
        let count = async |what: &'static str| -> i64 { hall.value(what, "").await };
        assert_eq!(count("SELECT COUNT(*) FROM letter").await, 3);
        assert_eq!(count("SELECT COUNT(*) FROM journal WHERE kind = 'case.consulted'").await, 2);
        let cases = "SELECT COUNT(DISTINCT subject_id) FROM journal WHERE kind = 'case.consulted'";
        assert_eq!(count(cases).await, 2);
    });
}

/// A mail server that knows nobody.
fn nobody_here() -> Transport {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap());
            let mut line = "HELLO".to_owned();
            loop {
                let answer = match line.get(..4).unwrap_or_default() {
                    "HELL" => "220 test",
                    "RCPT" => "550 No such person here",
                    _ => "250 ok",
                };
                line.clear();
                let said = stream.write_all(format!("{answer}\r\n").as_bytes());
                if said.is_err() || lines.read_line(&mut line).unwrap_or(0) == 0 {
                    break;
                }
            }
        }
    });
    let config = SmtpConfig {
        host: "127.0.0.1".to_owned(),
        port,
        security: Security::Plain,
        credentials: None,
        authority: None,
        from: "ne-pas-repondre@lunel.example".to_owned(),
    };
    Transport::smtp(&config).unwrap()
}

#[test]
fn a_mail_that_does_not_arrive_is_told_to_the_agent() {
    journey(Gate::Open, async |hall| {
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        let workers = workers_of(&desk(), nobody_here());
        tokio::task::block_in_place(|| hall.fixture.settle(&workers)).unwrap();
        let place = Some(("domaine-public", Role::Agent));
        let (_, agent) = hall.signed_in("agent@lunel.example", place).await;
        let page = agent.get(&format!("/agents/dossiers/{}", hall.case(&reference).await)).await;
        page.says("n’a pas pu être remis").says("Nous avons bien reçu votre demande");
        page.says("Message électronique non remis");
    });
}
