//! Another name, and another address: shown to be one's own before it is the account's.

use axum::http::StatusCode;
use beffroi_people::{AccountKind, LinkPurpose};

use crate::support::{AGENT_PASSWORD, CITIZEN_PASSWORD, journey};

const MOVE: &str = "/compte/adresse/nouvelle";

#[test]
fn an_inhabitant_is_called_otherwise() {
    journey(async |hall| {
        hall.account("lea@example.org", "Léa", AccountKind::Citizen).await;
        hall.account("agent@example.org", "Noé", AccountKind::Agent).await;
        let lea = hall.browser();
        lea.enter("lea@example.org", CITIZEN_PASSWORD).await;
        lea.get("/compte").await.says("href=\"/compte/nom\"");
        lea.get("/compte/nom").await.says("value=\"Léa\"");
        assert_eq!(lea.post("/compte/nom", &[("name", " ")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let long = "a".repeat(101);
        lea.post("/compte/nom", &[("name", &long)]).await.says("100 caractères au plus");
        lea.post("/compte/nom", &[("name", "Léa Durand")]).await.leads_to("/compte?fait=nom");
        lea.get("/compte").await.says("Léa Durand");
        // An agent's name is the town's.
        let agent = hall.browser();
        agent.enter("agent@example.org", AGENT_PASSWORD).await;
        agent.enrol(hall).await;
        assert_eq!(agent.get("/compte/nom").await.status, StatusCode::NOT_FOUND);
        assert_eq!(agent.get(MOVE).await.status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn an_address_is_changed_by_whoever_proves_both() {
    journey(async |hall| {
        hall.account("lea@example.org", "Léa", AccountKind::Citizen).await;
        let (lea, other) = (hall.browser(), hall.browser());
        lea.enter("lea@example.org", CITIZEN_PASSWORD).await;
        other.enter("lea@example.org", CITIZEN_PASSWORD).await;
        lea.get(MOVE).await.says("Mot de passe actuel");
        let ask = async |email: &str, present: &str| {
            lea.post(MOVE, &[("email", email), ("present", present)]).await
        };
        ask("lea@", CITIZEN_PASSWORD).await.says("adresse électronique complète");
        ask("LEA@example.org", CITIZEN_PASSWORD).await.says("C’est déjà l’adresse de votre compte.");
        ask("nouvelle@example.org", "wrong").await.says("Ce n’est pas votre mot de passe actuel.");
        // A link to a password, mailed to the old address, and not followed.
        lea.post("/mot-de-passe", &[("email", "lea@example.org")]).await;
        let reset = hall.mailed().await.secret.unwrap();
        hall.work().await;
        ask("nouvelle@example.org", CITIZEN_PASSWORD).await.leads_to("/compte?fait=adresse");
        let asked = hall.mailed().await;
        assert_eq!((asked.purpose, asked.email.as_str()), (LinkPurpose::Confirm, "nouvelle@example.org"));
        lea.get("/compte").await.says("lea@example.org");
        let secret = asked.secret.unwrap();
        hall.work().await;
        hall.browser().get(&format!("/compte/adresse?lien={secret}")).await.says("nouvelle@example.org");
        hall.browser()
            .post("/compte/adresse", &[("lien", &secret)])
            .await
            .says("Votre adresse est confirmée");
        let word = hall.mailed().await;
        assert_eq!((word.purpose, word.email.as_str()), (LinkPurpose::Moved, "lea@example.org"));
        assert!(word.secret.is_none());
        let (subject, text) = hall.letter().await;
        assert_eq!(subject, "L’adresse de votre compte a changé");
        assert!(!text.contains("nouvelle@example.org"), "{text}");
        // Sessions stay; what was mailed before opens nothing; the new address signs in, the old one does not.
        lea.get("/compte").await.says("nouvelle@example.org");
        other.get("/compte").await.says("nouvelle@example.org");
        let gone = hall.browser().get(&format!("/mot-de-passe/nouveau?lien={reset}")).await;
        assert_eq!(gone.status, StatusCode::NOT_FOUND);
        let old = hall.browser().enter("lea@example.org", CITIZEN_PASSWORD).await;
        assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
        hall.browser().enter("nouvelle@example.org", CITIZEN_PASSWORD).await.leads_to("/mon-compte");
        let again = hall.browser().post("/compte/adresse", &[("lien", &secret)]).await;
        assert_eq!(again.status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn nobody_learns_that_an_address_has_an_account() {
    journey(async |hall| {
        hall.account("lea@example.org", "Léa", AccountKind::Citizen).await;
        hall.account("max@example.org", "Max", AccountKind::Citizen).await;
        let lea = hall.browser();
        lea.enter("lea@example.org", CITIZEN_PASSWORD).await;
        let taken = [("email", "max@example.org"), ("present", CITIZEN_PASSWORD)];
        lea.post(MOVE, &taken).await.leads_to("/compte?fait=adresse");
        assert_eq!(hall.mailed().await.purpose, LinkPurpose::AlreadyRegistered);
        lea.get("/compte").await.says("lea@example.org");
    });
}
