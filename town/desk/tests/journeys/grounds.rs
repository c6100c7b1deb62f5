//! What a decision rests on: opinions that are seen, warned of and cited; silence that it replaces, or that it cannot
//! undo; days that are past.

use beffroi_documents::Gate;
use beffroi_people::Role;
use chrono::TimeDelta;
use uuid::Uuid;

use crate::{
    acknowledgement::text_of,
    browser::{Browser, Hall, journey, removal},
    limits::{RNA, bar},
};

const HERE: Option<(&str, Role)> = Some(("domaine-public", Role::Agent));

/// A case that an agent has taken up: its page.
async fn taken_up(hall: &Hall<'_>, agent: &Browser<'_>, reference: &str) -> String {
    let base = format!("/agents/dossiers/{}", hall.case(reference).await);
    agent.post(&format!("{base}/prendre"), &[]).await.leads_to(&format!("{base}?fait=prendre"));
    base
}

/// The words of the decision's paper.
async fn paper(hall: &Hall<'_>, agent: &Browser<'_>, base: &str) -> String {
    hall.work();
    let id: Uuid = hall.value("SELECT id FROM document WHERE purpose = $1", "decision").await;
    let answer = agent.get(&format!("{base}/documents/{id}")).await;
    text_of(&answer.is(200).bytes).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn opinions_are_seen_warned_of_cited_and_closed_with_the_case() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("agent@lunel.example", HERE).await;
        let place = Some(("police-municipale", Role::Agent));
        let (_, police) = hall.signed_in("police@lunel.example", place).await;
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        let base = taken_up(hall, &agent, &reference).await;
        let ask = format!("{base}/etapes/avis");
        let inside = [
            ("a", "service"),
            ("service", "police-municipale"),
            ("question", "La rue est-elle libre ?"),
            ("partage", "lieu"),
        ];
        agent.post(&ask, &inside).await.is(303);
        let outside = [
            ("a", "expert"),
            ("expert", "Sapeurs-pompiers"),
            ("courriel", "sdis@herault.example"),
            ("question", "La rue est-elle libre ?"),
            ("partage", "lieu"),
        ];
        agent.post(&ask, &outside).await.is(303);
        let mails = hall.mails().await;
        let mail = mails.iter().find(|mail| mail.to == "sdis@herault.example").unwrap();
        let at = mail.text.find("/consultation/").unwrap();
        let link = mail.text[at..].split_whitespace().next().unwrap().to_owned();
        let owed = police.get("/agents/taches").await;
        let page = format!("/agents/avis/{}", owed.between("/agents/avis/", "\""));
        let said = [("sens", "unfavourable"), ("mots", "Le marché occupe déjà la rue.")];
        police.post(&page, &said).await.leads_to("/agents/taches?fait=avis-rendu");

        let case = agent.get(&base).await;
        case.says("Service police-municipale, le 3 juin 2026").says("Le marché occupe déjà la rue.");
        case.says("Défavorable").says("Sapeurs-pompiers, attendu pour le");
        let decision = [("outcome", "granted"), ("reasons", "Le marché est déplacé.")];
        let proof = agent.post(&format!("{base}/decision/projet"), &decision).await;
        proof
            .is(200)
            .says("Avis défavorable\u{a0}: Service police-municipale, le 3 juin 2026.")
            .says("Avis encore attendu\u{a0}: Sapeurs-pompiers")
            .says("Vu l’avis défavorable du service police-municipale en date du 3 juin 2026");
        hall.browser().get(&link).await.is(200);
        agent.post(&format!("{base}/decision"), &decision).await.is(303);
        let words = paper(hall, &agent, &base).await;
        assert!(
            words.contains("l’avis défavorable du service police-municipale en date du 3 juin 2026"),
            "{words}"
        );
        hall.browser().get(&link).await.is(404);
        agent.get(&base).await.says("Sans objet").says("Avis encore attendu clos, sans objet");
        agent.get(&format!("{base}/etapes")).await.says("Sans objet");
    });
}

#[test]
fn a_decision_after_an_implied_refusal_says_that_it_replaces_it() {
    journey(Gate::Open, async |hall| {
        let mut answers = removal("gaspard@example.org");
        for day in ["debut", "fin"] {
            answers.as_object_mut().unwrap().insert(day.to_owned(), "2026-09-20".into());
        }
        let (reference, code) = hall.deposit_for("occupation-domaine-public", &answers).await;
        hall.fixture.clock.advance(TimeDelta::days(62));
        tokio::task::block_in_place(|| hall.hour()).unwrap();
        let (_, agent) = hall.signed_in("agent@lunel.example", HERE).await;
        let base = taken_up(hall, &agent, &reference).await;
        let granted = [("outcome", "granted"), ("reasons", "Le lieu convient.")];
        let proof = agent.post(&format!("{base}/decision/projet"), &granted).await;
        proof
            .is(200)
            .says("vaut refus depuis le 4 août 2026\u{a0}; votre décision le remplace")
            .says("remplace la décision implicite de refus née le 4 août 2026")
            .is_silent_about("dates demandées sont passées");
        agent.post(&format!("{base}/decision"), &granted).await.is(303);
        let words = paper(hall, &agent, &base).await;
        assert!(words.contains("remplace la décision implicite de refus née le 4 août 2026"), "{words}");
        // What silence would do is past: the follow-up page tells it no more, and no step that never took place.
        let page = hall.browser().follow(&code).await;
        page.says("Décidée")
            .is_silent_about("Sans réponse de")
            .is_silent_about("Avis des services techniques");
    });
}

#[test]
fn what_silence_has_granted_is_not_refused() {
    journey(Gate::Open, async |hall| {
        let mut answers = bar(RNA, "2026-09-20", "manifestation");
        answers.as_object_mut().unwrap().insert("courriel".to_owned(), "karim@example.org".into());
        let (reference, _) = hall.deposit_for("debit-de-boissons-temporaire", &answers).await;
        // The day has come, and the hourly round has not.
        hall.fixture.clock.advance(TimeDelta::days(62));
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("vie-associative", Role::Agent))).await;
        let base = taken_up(hall, &agent, &reference).await;
        for outcome in ["refused", "closed"] {
            let decision = [("outcome", outcome), ("reasons", "Trop de bruit.")];
            for address in ["decision/projet", "decision"] {
                let told = agent.post(&format!("{base}/{address}"), &decision).await;
                told.is(422).explains("outcome", "Le silence de la mairie a déjà accepté cette demande.");
                told.says("L242-1").says(">Trop de bruit.</textarea>");
            }
        }
        assert_eq!(hall.state(&reference).await, "instruction");
        let granted = [("outcome", "granted"), ("reasons", "")];
        let proof = agent.post(&format!("{base}/decision/projet"), &granted).await;
        proof
            .is(200)
            .says("vaut acceptation depuis le 4 août 2026")
            .says("confirme l’acceptation née le 4 août 2026");
        agent.post(&format!("{base}/decision"), &granted).await.leads_to(&format!("{base}?fait=decision"));
    });
}

#[test]
fn an_authorisation_of_days_that_are_past_is_warned_of() {
    journey(Gate::Open, async |hall| {
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        hall.fixture.clock.advance(TimeDelta::days(48));
        let (_, agent) = hall.signed_in("agent@lunel.example", HERE).await;
        let base = taken_up(hall, &agent, &reference).await;
        let decision = |outcome: &'static str| [("outcome", outcome), ("reasons", "trop étroit ;")];
        let granted = agent.post(&format!("{base}/decision/projet"), &decision("granted")).await;
        granted.is(200).says("Toutes les dates demandées sont passées, la dernière le 20 juillet 2026");
        granted.says("Considérant que trop étroit").says("est accordée à Gaspard P");
        let refused = agent.post(&format!("{base}/decision/projet"), &decision("refused")).await;
        refused.is(200).is_silent_about("Toutes les dates");
        agent.get(&base).await.says("Complétez la phrase\u{a0}: «\u{a0}Considérant que…");
    });
}

#[test]
fn documents_that_do_not_come_in_time_are_told_to_agents_and_both_read_one_date() {
    journey(Gate::Open, async |hall| {
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        let (_, agent) = hall.signed_in("agent@lunel.example", HERE).await;
        let base = taken_up(hall, &agent, &reference).await;
        agent.post(&format!("{base}/pieces"), &[("pieces", "Plan")]).await.is(303);
        // Ten days later: the ten days and this one are suspended, and no day that is past is supposed.
        hall.fixture.clock.advance(TimeDelta::days(10));
        let (_, agent) = hall.signed_in("bastien@lunel.example", HERE).await;
        let citizen = hall.browser();
        citizen
            .follow(&code)
            .await
            .says("refusée le 14 août 2026 si ce qui manque nous parvient le 13 juin 2026")
            .is_silent_about("le 3 juin 2026. Le délai est suspendu");
        agent.get("/agents").await.says("avant le 14 août 2026").is_silent_about("temps donné dépassé");
        agent.get(&base).await.says("avant le 14 août 2026").is_silent_about("Le temps donné");
        // The time given ended on 3 July.
        hall.fixture.clock.advance(TimeDelta::days(21));
        let (_, agent) = hall.signed_in("cecile@lunel.example", HERE).await;
        let told = "Le temps donné pour envoyer les pièces est passé depuis le 3 juillet 2026";
        agent
            .get("/agents")
            .await
            .says("Pièces\u{a0}: temps donné dépassé")
            .says("avant le 3 septembre 2026");
        agent.get(&base).await.says(told);
        let decision = [("outcome", "refused"), ("reasons", "Le plan manque.")];
        agent.post(&format!("{base}/decision/projet"), &decision).await.is(200).says(told);
        hall.browser()
            .follow(&code)
            .await
            .says("a pris fin le 3 juillet 2026, et le délai a repris")
            .says("refusée le 3 septembre 2026");
    });
}
