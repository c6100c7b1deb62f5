//! Who asks: the builder sees to it that a request has a name and that what is written in answer reaches somebody.

use beffroi_documents::Gate;
use beffroi_people::Role;
use serde_json::json;

use crate::{
    browser::{Hall, journey, removal},
    builder::{TOWN, begun, described, filled, published},
};

#[test]
fn the_first_questions_of_their_kind_tell_who_asks_and_publication_needs_them() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (_, manager) = hall.signed_in("direction@lunel.example", TOWN).await;
        let base = begun(&manager, "Réserver une salle").await;
        described(&manager, &base).await;
        manager.post(&format!("{base}/pages"), &[("title", "Vous")]).await.is(303);
        let page = format!("{base}/pages/vous");
        let check = format!("{base}/verification");
        let add = async |label: &str, kind: &str| {
            manager.post(&page, &[("label", label), ("kind", kind)]).await.is(303);
        };
        add("Combien serez-vous ?", "number").await;
        // What the law asks comes first, and leads to where it is said.
        let told = manager.get(&check).await;
        told.says("Aucune question ne donne le nom du demandeur").says("CRPA, article L112-3");
        told.says("ne donne le courriel ou l’adresse du demandeur").says(&format!("href=\"{page}\""));
        add("Votre identité", "identity").await;
        add("Votre enfant", "identity").await;
        add("Votre courriel", "email").await;
        add("Votre téléphone", "phone").await;
        add("Vos enfants", "group").await;
        let nested = [("label", "Son adresse"), ("kind", "address"), ("group", "vos_enfants")];
        manager.post(&page, &nested).await.is(303);
        let file = manager.get(&format!("{base}/demarche.toml")).await;
        for word in ["name", "email", "phone"] {
            let bound = format!("prefill = \"{word}\"");
            assert_eq!(file.body.matches(&bound).count(), 1, "{word}: {}", file.body);
        }
        file.is_silent_about("prefill = \"address\"");
        manager
            .get(&format!("{base}/questions/votre_identite"))
            .await
            .says("Ce que la réponse dit du demandeur")
            .says("C’est le nom du demandeur")
            .is_silent_about("C’est le courriel du demandeur");
        manager.get(&check).await.is_silent_about("le nom du demandeur").is_silent_about("parviendraient");

        // Whoever takes that away is told before anybody asks in vain.
        let nobody = [
            ("label", "Votre identité"),
            ("kind", "identity"),
            ("required", "always"),
            ("prefill", ""),
            ("id", "votre_identite"),
        ];
        filled(&manager, &format!("{base}/questions/votre_identite"), &nobody).await;
        manager
            .get(&check)
            .await
            .says("Aucune question ne donne le nom du demandeur")
            .says(&format!("href=\"{base}/questions/votre_identite#prefill\""));
        // A question that becomes one of an address tells the requester's, where none does yet.
        add("Où habitez-vous ?", "text").await;
        let address =
            [("label", "Où habitez-vous ?"), ("kind", "address"), ("required", "always"), ("id", "ou")];
        filled(&manager, &format!("{base}/questions/ou_habitez_vous"), &address).await;
        manager.get(&format!("{base}/demarche.toml")).await.says("prefill = \"address\"");
        manager.get(&check).await.is_silent_about("value=\"publish\"");
    });
}

#[test]
fn a_request_made_of_such_questions_has_a_name_and_is_answered() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (_, manager) = hall.signed_in("direction@lunel.example", TOWN).await;
        let base = begun(&manager, "Réserver une salle").await;
        described(&manager, &base).await;
        manager.post(&format!("{base}/pages"), &[("title", "Vous")]).await.is(303);
        let page = format!("{base}/pages/vous");
        for (label, kind) in [("Votre identité", "identity"), ("Votre courriel", "email")] {
            manager.post(&page, &[("label", label), ("kind", kind)]).await.is(303);
        }
        published(&manager, &base).await;
        let answers = json!({
            "votre_identite": { "family_name": "Galtier", "given_names": "Augustine" },
            "votre_courriel": "augustine@example.org",
        });
        let (reference, _) = hall.deposit_for("reserver-une-salle", &answers).await;
        hall.work();
        let mails = hall.mails().await;
        assert!(mails.iter().any(|mail| mail.to == "augustine@example.org"), "{mails:?}");
        let (_, agent) = hall.signed_in("vie@lunel.example", Some(("vie-associative", Role::Agent))).await;
        let case = hall.case(&reference).await;
        agent.get(&format!("/agents/dossiers/{case}")).await.says("Galtier");
    });
}

#[test]
fn an_agent_is_told_before_writing_to_somebody_whom_nothing_reaches() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (reference, _) =
            hall.deposit_for("occupation-domaine-public", &removal("gaspard@example.org")).await;
        let case = format!("/agents/dossiers/{}", hall.case(&reference).await);
        let (_, agent) = hall.signed_in("lea@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let warning = "votre message ne lui sera pas envoyé";
        agent.get(&case).await.is(200).is_silent_about(warning);
        hall.execute("UPDATE desk_reach SET email = '', letter_lines = $1", &json!([])).await;
        agent.get(&case).await.says(warning).says("Appelez-le au");
    });
}
