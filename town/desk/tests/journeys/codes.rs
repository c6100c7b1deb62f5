//! A tracking code that was lost: found again by the address of the request alone, or sent anew by an agent to
//! whoever has no e-mail.

use beffroi_documents::Gate;
use beffroi_notify::letter;
use beffroi_people::Role;
use beffroi_store::By;
use chrono::TimeDelta;

use crate::browser::{Hall, journey};

const ASK: &str = "/suivi/code-perdu";

/// The secret of the link that was mailed last.
async fn mailed(hall: &Hall<'_>) -> String {
    hall.work();
    let mails = hall.mails().await;
    let mail = mails.iter().find(|mail| mail.subject == "Retrouver votre demande").unwrap();
    assert_eq!(mail.to, "gaspard@example.org");
    let (_, rest) = mail.text.split_once("https://lunel.example/suivi/retrouver?lien=").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

async fn links(hall: &Hall<'_>) -> i64 {
    hall.value("SELECT COUNT(*) FROM desk_recovery", "").await
}

#[test]
fn a_lost_code_is_replaced_by_whoever_reads_the_mails_of_the_request() {
    journey(Gate::Open, async |hall| {
        let (reference, lost) = hall.deposit("gaspard@example.org").await;
        let citizen = hall.browser();
        citizen
            .post(ASK, &[("reference", &reference), ("email", "")])
            .await
            .is(422)
            .says("Remplissez les deux cases.");
        // What does not belong together gets the same answer, and no link.
        let guesses = [(reference.as_str(), "autre@example.org"), ("2026-2222222", "gaspard@example.org")];
        let mut told = Vec::new();
        for (reference, email) in guesses {
            told.push(
                citizen.post(ASK, &[("reference", reference), ("email", email)]).await.is(200).body.clone(),
            );
        }
        assert_eq!(links(hall).await, 0);
        let right = [("reference", reference.to_lowercase()), ("email", "Gaspard@Example.org".to_owned())];
        let right: Vec<(&str, &str)> = right.iter().map(|(name, value)| (*name, value.as_str())).collect();
        told.push(citizen.post(ASK, &right).await.is(200).body.clone());
        assert!(told.windows(2).all(|two| two[0] == two[1]), "nobody learns whether there is such a request");

        // Looking at the link uses nothing up: programs that read mails do that.
        let link = mailed(hall).await;
        citizen.get(&format!("/suivi/retrouver?lien={link}")).await.is(200).says("Obtenir un nouveau code");
        hall.browser().follow(&lost).await.is(200);
        citizen.post("/suivi/retrouver", &[("lien", &link)]).await.leads_to("/suivi?fait=code");
        let page = citizen.get("/suivi?fait=code").await;
        let code = page.says("Voici votre nouveau code de suivi.").between("<p class=\"code\">", "</p>");
        assert_ne!(code, lost);
        hall.browser().follow(&code).await.is(200).says(&reference);
        hall.browser()
            .post("/suivi", &[("code", &lost)])
            .await
            .is(422)
            .says("Ce code ne correspond à aucune demande.");
        // Once only.
        let again = hall.browser();
        again.post("/suivi/retrouver", &[("lien", &link)]).await.is(422).says("Ce lien n’est plus valable.");
        again.post("/suivi/retrouver", &[("lien", "0123")]).await.is(422);
    });
}

#[test]
fn a_link_serves_half_an_hour_and_the_last_one_alone() {
    journey(Gate::Open, async |hall| {
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        let citizen = hall.browser();
        let right = [("reference", reference.as_str()), ("email", "gaspard@example.org")];
        citizen.post(ASK, &right).await.is(200);
        let first = mailed(hall).await;
        citizen.post(ASK, &right).await.is(200);
        let second = mailed(hall).await;
        citizen.post("/suivi/retrouver", &[("lien", &first)]).await.is(422);
        hall.fixture.clock.advance(TimeDelta::minutes(31));
        citizen
            .post("/suivi/retrouver", &[("lien", &second)])
            .await
            .is(422)
            .says("Ce lien n’est plus valable.");
    });
}

#[test]
fn an_agent_sends_a_new_code_without_seeing_it() {
    journey(Gate::Open, async |hall| {
        let (by_mail, lost) = hall.deposit("gaspard@example.org").await;
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let base = format!("/agents/dossiers/{}", hall.case(&by_mail).await);
        agent.get(&base).await.says("Envoyer un nouveau code");
        let told = agent.post(&format!("{base}/code"), &[]).await;
        told.leads_to(&format!("{base}?fait=code"));
        hall.work();
        let mails = hall.mails().await;
        let mail = mails.iter().find(|mail| mail.subject.contains("nouveau code de suivi")).unwrap();
        let code = mail.text.split(&format!("({by_mail})\u{a0}: ")).nth(1).unwrap().lines().next().unwrap();
        hall.browser().follow(code).await.is(200).says(&by_mail);
        hall.browser().post("/suivi", &[("code", &lost)]).await.is(422);
        let page = agent.get(&base).await;
        page.says("Nouveau code de suivi").is_silent_about(code);
        let by: String =
            hall.value("SELECT actor_kind FROM journal WHERE kind = $1", "case.code_renewed").await;
        assert_eq!(by, "account");

        // Another department, and a colleague who may only read.
        let (_, other) = hall.signed_in("etat@lunel.example", Some(("etat-civil", Role::Agent))).await;
        other.post(&format!("{base}/code"), &[]).await.is(404);
        let (_, manager) =
            hall.signed_in("chef@lunel.example", Some(("domaine-public", Role::Manager))).await;
        manager.post(&format!("{base}/code"), &[]).await.is(403);
        manager.get(&base).await.is(200).is_silent_about("Envoyer un nouveau code");
    });
}

#[test]
fn who_has_no_mail_gets_the_new_code_by_letter_and_who_has_no_address_keeps_the_old_one() {
    journey(Gate::Open, async |hall| {
        let (reference, lost) = hall.deposit("gaspard@example.org").await;
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let base = format!("/agents/dossiers/{}", hall.case(&reference).await);
        hall.execute("UPDATE desk_reach SET email = '', by_letter = $1", &true).await;
        agent.post(&format!("{base}/code"), &[]).await.leads_to(&format!("{base}?fait=code"));
        hall.work();
        let letters = hall
            .fixture
            .commune
            .read(By::SYSTEM, |tx| letter::waiting(tx, &["domaine-public".to_owned()], 10))
            .await
            .unwrap();
        assert!(letters.iter().any(|letter| letter.recipient == "Gaspard Peyron"));
        hall.browser().post("/suivi", &[("code", &lost)]).await.is(422);

        let nowhere = serde_json::json!(["Gaspard Peyron"]);
        hall.execute("UPDATE desk_reach SET letter_lines = $1", &nowhere).await;
        let before: i64 =
            hall.value("SELECT COUNT(*) FROM journal WHERE kind = $1", "case.code_renewed").await;
        let told = agent.post(&format!("{base}/code"), &[]).await;
        told.is(422).explains("code", "Ce dossier n’a ni adresse électronique ni adresse postale");
        let after: i64 =
            hall.value("SELECT COUNT(*) FROM journal WHERE kind = $1", "case.code_renewed").await;
        assert_eq!(before, after, "the old code stays");
    });
}
