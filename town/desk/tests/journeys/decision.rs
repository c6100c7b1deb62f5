//! A decision is read before it is taken, signed by who may sign, and bears the signature that its way out asks for.

use beffroi_documents::Gate;
use beffroi_people::Role;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    acknowledgement::text_of,
    browser::{Browser, Hall, PDF, journey},
};

const TELESERVICE: &str = "voie électronique";

/// What anybody may write to the town: answered by a letter, not by an order.
fn letter() -> Value {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalogue/trials/ecrire-a-la-mairie.json");
    let recorded: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    recorded.get("right").unwrap().clone()
}

/// A case that the agent follows; its address.
async fn followed(hall: &Hall<'_>, agent: &Browser<'_>, reference: &str) -> String {
    let base = format!("/agents/dossiers/{}", hall.case(reference).await);
    agent.post(&format!("{base}/prendre"), &[]).await.leads_to(&format!("{base}?fait=prendre"));
    base
}

/// The words of the decision's paper.
async fn paper(hall: &Hall<'_>, agent: &Browser<'_>, base: &str) -> String {
    hall.work();
    let id: Uuid = hall.value("SELECT id FROM document WHERE purpose = $1", "decision").await;
    let answer = agent.get(&format!("{base}/documents/{id}")).await;
    text_of(&answer.is(200).bytes).replace('\n', " ")
}

/// Its requester wants letters, and has an address for them.
async fn posted(hall: &Hall<'_>) {
    let lines = serde_json::json!(["Gaspard Peyron", "3 rue Haute", "34400 Lunel"]);
    hall.execute("UPDATE desk_reach SET letter_lines = $1", &lines).await;
    hall.execute("UPDATE desk_reach SET by_letter = $1", &true).await;
}

const GRANTED: [(&str, &str); 2] = [("outcome", "granted"), ("reasons", "Le passage reste libre.")];

#[test]
fn a_letter_says_that_it_needs_no_signature_only_where_it_is_notified_online() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("accueil@lunel.example", Some(("accueil", Role::Agent))).await;
        let (reference, _) = hall.deposit_for("ecrire-a-la-mairie", &letter()).await;
        hall.execute("UPDATE desk_reach SET by_letter = $1", &false).await;
        let base = followed(hall, &agent, &reference).await;
        agent.post(&format!("{base}/decision"), &GRANTED).await.is(303);
        let words = paper(hall, &agent, &base).await;
        assert!(words.contains(TELESERVICE) && words.contains("Camille Bastide"), "{words}");
    });
}

#[test]
fn a_letter_that_leaves_on_paper_leaves_room_for_a_pen() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("accueil@lunel.example", Some(("accueil", Role::Agent))).await;
        let (reference, _) = hall.deposit_for("ecrire-a-la-mairie", &letter()).await;
        posted(hall).await;
        let base = followed(hall, &agent, &reference).await;
        let proof = agent.post(&format!("{base}/decision/projet"), &GRANTED).await;
        proof.is(200).says("se signe à la main avant de partir").is_silent_about("dispensée de signature");
        agent.post(&format!("{base}/decision"), &GRANTED).await.is(303);
        let words = paper(hall, &agent, &base).await;
        assert!(words.contains("La maire") && words.contains("Camille Bastide"), "{words}");
        assert!(!words.contains(TELESERVICE) && !words.contains("212-2"), "{words}");
        assert!(!words.contains("Votre avis"), "who has an address for mail is asked there: {words}");
    });
}

#[test]
fn nobody_is_told_of_a_decision_that_is_signed_on_paper_before_its_letter_has_left() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        hall.work();
        posted(hall).await;
        let base = followed(hall, &agent, &reference).await;
        let files = [("decision-files", "plan.pdf", PDF)];
        let proof = agent.send(&format!("{base}/decision/projet"), &GRANTED, &files).await;
        proof.is(200).says("se signe à la main avant de partir").says("notée comme imprimée, pas avant");
        let plan = proof.between("name=\"decision-kept\" value=\"", "\"");
        let decided = [&GRANTED[..], &[("decision-kept", plan.as_str())]].concat();
        agent.post(&format!("{base}/decision"), &decided).await.is(303);
        let words = paper(hall, &agent, &base).await;
        assert!(!words.contains(TELESERVICE) && !words.contains("212-2"), "{words}");
        let told = async || {
            let mails = hall.mails().await.into_iter();
            mails.filter(|mail| mail.subject.contains("décision")).count()
        };
        assert_eq!(told().await, 0, "the letter is not signed yet");
        let citizen = hall.browser();
        citizen.follow(&code).await.says("signé à la main").is_silent_about("decision.pdf");
        citizen.get("/suivi/decision.pdf").await.is(404);
        // Neither the paper under its own address, nor what goes with it, nor to a program that shows the code.
        citizen.get("/suivi").await.is_silent_about("plan.pdf");
        let mut hidden = Vec::new();
        for sql in ["SELECT id FROM document WHERE purpose = $1", "SELECT id FROM document WHERE name = $1"] {
            let word = if sql.contains("purpose") { "decision" } else { "plan.pdf" };
            let id: Uuid = hall.value(sql, word).await;
            hidden.push(format!("/suivi/documents/{id}"));
        }
        for document in &hidden {
            citizen.get(document).await.is(404);
        }
        // Nor the copy of all that the town keeps of an account.
        let (account, _) = hall.signed_in("gaspard@example.org", None).await;
        hall.execute("UPDATE desk_reach SET account = $1", &account.uuid()).await;
        let copied = async |name: &str| {
            let told = hall.told(account).await;
            told.files.iter().any(|file| file.path.contains(name))
                || format!("{:?}", told.entries).contains(name)
        };
        assert!(!copied("plan.pdf").await && !copied("/decision-").await);
        let queue = agent.get("/agents/courrier").await;
        queue.says("Décision, à signer avant l’envoi");
        let letter = queue.between("name=\"letter\" value=\"", "\"");
        agent.post("/agents/courrier", &[("letter", &letter)]).await.leads_to("/agents/courrier");
        hall.work();
        assert_eq!(told().await, 1);
        agent.get("/agents/courrier").await.says(">Décision</td>");
        citizen.follow(&code).await.says("/suivi/decision.pdf");
        citizen.get("/suivi/decision.pdf").await.is(200);
        citizen.get("/suivi").await.says("plan.pdf");
        for document in &hidden {
            citizen.get(document).await.is(200);
        }
        assert!(copied("plan.pdf").await && copied("/decision-").await);
        // Printed once more, it is told once.
        agent.post(&format!("/agents/courrier/{letter}/remettre"), &[]).await.leads_to("/agents/courrier");
        agent.post("/agents/courrier", &[("letter", &letter)]).await.leads_to("/agents/courrier");
        hall.work();
        assert_eq!(told().await, 1);
    });
}

#[test]
fn an_order_needs_no_signature_where_it_is_notified_online() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        let base = followed(hall, &agent, &reference).await;
        agent.post(&format!("{base}/decision"), &GRANTED).await.is(303);
        let words = paper(hall, &agent, &base).await;
        assert!(words.contains("2026-ARR-0001") && words.contains("Camille Bastide"), "{words}");
        // First name, name, quality and department stand on it (CRPA, art. L212-2, 1°).
        assert!(words.contains("La maire") && words.contains("Service domaine-public"), "{words}");
        assert!(words.contains(TELESERVICE) && words.contains("212-2"), "{words}");
    });
}

#[test]
fn a_decision_is_read_before_it_is_taken_and_can_be_taken_back_until_then() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        let base = followed(hall, &agent, &reference).await;
        let proof = format!("{base}/decision/projet");
        // The form of the case leads to the page that shows the decision, and to nothing else.
        let case = agent.get(&base).await;
        case.says(&format!("action=\"{proof}\"")).is_silent_about(&format!("action=\"{base}/decision\""));
        let shown = agent.post(&proof, &GRANTED).await;
        shown
            .is(200)
            .says("Considérant que le passage reste libre")
            .says("Camille Bastide, la maire")
            .says("dispensée de signature")
            .says("Confirmer la décision")
            .says("n’est pas atteinte");
        shown.says("name=\"reasons\" value=\"Le passage reste libre.\"");
        assert_eq!(hall.state(&reference).await, "instruction");
        let numbers: i64 = hall.value("SELECT COUNT(*) FROM number_series", "").await;
        assert_eq!(numbers, 0, "a draft takes no number");
        // The same on paper.
        let draft = agent.post(&format!("{proof}.pdf"), &GRANTED).await;
        assert!(text_of(&draft.is(200).bytes).contains("donné à la confirmation"));
        // Back to the case, with all that was typed.
        let back = agent.post(&format!("{base}/decision/reprendre"), &GRANTED).await;
        back.is(200).says(">Le passage reste libre.</textarea>").says("Camille Bastide, la maire");
        assert!(back.between("value=\"granted\"", ">").contains("checked"));
        // What is wrong is told on the case, as ever; these addresses lead back to it.
        agent
            .post(&proof, &[("outcome", "refused")])
            .await
            .is(422)
            .explains("reasons", "Donnez les motifs de la décision.");
        agent.get(&proof).await.leads_to(&base);
        // Documents that are awaited are told, and do not stand in the way.
        agent.post(&format!("{base}/pieces"), &[("pieces", "Plan")]).await.is(303);
        agent.post(&proof, &GRANTED).await.is(200).says("ne sont pas encore arrivés");
        agent.post(&format!("{base}/decision"), &GRANTED).await.leads_to(&format!("{base}?fait=decision"));
        agent.post(&proof, &GRANTED).await.is(409).says("Ce dossier a changé entre-temps");
        // Who may not see the case is told of nothing.
        let (_, other) = hall.signed_in("etat@lunel.example", Some(("etat-civil", Role::Agent))).await;
        for address in ["projet", "projet.pdf", "reprendre"] {
            other.post(&format!("{base}/decision/{address}"), &GRANTED).await.is(404);
        }
    });
}

#[test]
fn what_grants_needs_no_reasons_and_what_refuses_does() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        let base = followed(hall, &agent, &reference).await;
        let decision = |outcome: &'static str| [("outcome", outcome), ("reasons", " ")];
        for outcome in ["refused", "closed"] {
            let told = agent.post(&format!("{base}/decision"), &decision(outcome)).await;
            told.is(422).explains("reasons", "Donnez les motifs de la décision.");
        }
        agent.post(&format!("{base}/decision"), &decision("granted")).await.is(303);
        let words = paper(hall, &agent, &base).await;
        assert!(!words.contains("Considérant"), "{words}");
        agent.get(&base).await.says("Camille Bastide, la maire");
        hall.browser().follow(&code).await.is(200).says("Votre demande a été acceptée");
    });
}

#[test]
fn where_a_department_says_who_signs_nobody_else_does() {
    journey(Gate::Open, async |hall| {
        let place = Some(("domaine-public", Role::HeadOfDepartment));
        let (_, head) = hall.signed_in("chef@lunel.example", place).await;
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let (_, other) =
            hall.signed_in("etat@lunel.example", Some(("etat-civil", Role::HeadOfDepartment))).await;
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        let base = followed(hall, &agent, &reference).await;
        // Who answers for no department is not told that there is a list.
        agent.get("/agents/signataires").await.is(404);
        agent.post("/agents/signataires", &[("nom", "Moi"), ("qualite", "Le maire")]).await.is(404);
        head.get("/agents/outils").await.says("/agents/signataires");
        head.post("/agents/signataires", &[("nom", "Inès Vidal")])
            .await
            .is(422)
            .explains("qualite", "Donnez la qualité du signataire.");
        let deputy = [
            ("nom", "Inès Vidal"),
            ("qualite", "L’adjointe à l’espace public"),
            ("delegation", "par délégation de la maire, arrêté n° 12 du 3 avril 2026"),
        ];
        head.post("/agents/signataires", &deputy).await.leads_to("/agents/signataires");
        head.post("/agents/signataires", &deputy).await.is(422).says("signe déjà");
        head.get("/agents/signataires").await.says("Inès Vidal").says("arrêté n° 12");
        other.get("/agents/signataires").await.is(200).is_silent_about("Inès Vidal");
        let id: Uuid = hall.value("SELECT id FROM desk_signatory", "").await;
        other.post(&format!("/agents/signataires/{id}/retirer"), &[]).await.is(404);

        // Another quality cannot be typed any more.
        agent.get(&base).await.says("Inès Vidal").is_silent_about("signatory_quality");
        let told = agent.post(&format!("{base}/decision"), &GRANTED).await;
        told.is(422).explains("signatory", "Choisissez qui signe.");
        let id = id.to_string();
        let signed = [GRANTED[0], GRANTED[1], ("signatory", id.as_str())];
        agent.post(&format!("{base}/decision/projet"), &signed).await.says("arrêté n° 12 du 3 avril 2026");
        agent.post(&format!("{base}/decision"), &signed).await.is(303);
        let words = paper(hall, &agent, &base).await;
        assert!(words.contains("L’adjointe à l’espace public") && words.contains("arrêté n° 12"), "{words}");
        agent.get(&base).await.says("par délégation de la maire");
        // What was signed stays so when the signatory leaves the list.
        head.post(&format!("/agents/signataires/{id}/retirer"), &[]).await.leads_to("/agents/signataires");
        agent.get(&base).await.says("Inès Vidal");
    });
}
