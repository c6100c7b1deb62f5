//! A forgotten password, a changed one, and the devices.

use axum::http::StatusCode;
use beffroi_people::{AccountKind, LinkPurpose};
use chrono::TimeDelta;

use crate::support::{AGENT_PASSWORD, CITIZEN_PASSWORD, journey};

const NEW_PASSWORD: &str = "Mistral-9-lavandes!";

#[test]
fn a_forgotten_password_is_replaced_through_the_mailbox() {
    journey(async |hall| {
        hall.account("lea@example.org", "Léa", AccountKind::Citizen).await;
        let open = hall.browser();
        open.enter("lea@example.org", CITIZEN_PASSWORD).await;
        let browser = hall.browser();
        let wrong = browser.post("/mot-de-passe", &[("email", "lea@")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        browser
            .post("/mot-de-passe", &[("email", "lea@example.org")])
            .await
            .says("Consultez votre messagerie");
        let letter = hall.mailed().await;
        assert_eq!(letter.purpose, LinkPurpose::Reset);
        let link = letter.secret.unwrap();
        let shown = browser.get(&format!("/mot-de-passe/nouveau?lien={link}")).await;
        shown.says("lea@example.org");
        shown.says("Au moins 8 caractères");
        let weak = browser.post("/mot-de-passe/nouveau", &[("lien", &link), ("password", "lea")]).await;
        assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
        weak.says("trop court");
        let set = [("lien", link.as_str()), ("password", NEW_PASSWORD)];
        browser.post("/mot-de-passe/nouveau", &set).await.says("Votre mot de passe est enregistré");
        assert_eq!(browser.post("/mot-de-passe/nouveau", &set).await.status, StatusCode::NOT_FOUND);
        let used = browser.get(&format!("/mot-de-passe/nouveau?lien={link}")).await;
        assert_eq!(used.status, StatusCode::NOT_FOUND);
        used.says("Ce lien ne sert plus");
        open.get("/compte").await.leads_to("/connexion?retour=%2Fcompte");
        browser.enter("lea@example.org", NEW_PASSWORD).await.leads_to("/mon-compte");
    });
}

#[test]
fn a_password_is_changed_by_whoever_knows_the_present_one() {
    journey(async |hall| {
        hall.account("lea@example.org", "Léa", AccountKind::Citizen).await;
        let (browser, other) = (hall.browser(), hall.browser());
        browser.enter("lea@example.org", CITIZEN_PASSWORD).await;
        other.enter("lea@example.org", CITIZEN_PASSWORD).await;
        let change = async |present: &str, new: &str| {
            browser.post("/compte/mot-de-passe", &[("present", present), ("password", new)]).await
        };
        change("", NEW_PASSWORD).await.says("Indiquez votre mot de passe actuel.");
        change(CITIZEN_PASSWORD, "Lea1!").await.says("id=\"password-error\"");
        for _ in 0..5 {
            change("wrong", NEW_PASSWORD).await.says("Ce n’est pas votre mot de passe actuel.");
        }
        let waits = change(CITIZEN_PASSWORD, NEW_PASSWORD).await;
        assert_eq!(waits.status, StatusCode::TOO_MANY_REQUESTS);
        hall.fixture.clock.advance(TimeDelta::seconds(61));
        change(CITIZEN_PASSWORD, NEW_PASSWORD).await.leads_to("/compte?fait=mot-de-passe");
        browser.get("/compte?fait=mot-de-passe").await.says("Votre mot de passe est changé.");
        other.get("/compte").await.leads_to("/connexion?retour=%2Fcompte");
        let agent = hall.browser();
        hall.account("agent@example.org", "Noé", AccountKind::Agent).await;
        agent.enter("agent@example.org", AGENT_PASSWORD).await;
        agent.get("/compte/mot-de-passe").await.says("Au moins 12 caractères");
    });
}

#[test]
fn a_lost_device_is_signed_out_from_another() {
    journey(async |hall| {
        hall.account("lea@example.org", "Léa", AccountKind::Citizen).await;
        hall.account("max@example.org", "Max", AccountKind::Citizen).await;
        let (here, lost, third, stranger) = (hall.browser(), hall.browser(), hall.browser(), hall.browser());
        for browser in [&lost, &third, &here] {
            browser.enter("lea@example.org", CITIZEN_PASSWORD).await;
            hall.fixture.clock.advance(TimeDelta::seconds(1));
        }
        stranger.enter("max@example.org", CITIZEN_PASSWORD).await;
        let shown = here.get("/compte/sessions").await;
        shown.says("Firefox – Linux (cet appareil)");
        shown.says("3 juin 2026 à 10\u{a0}h");
        assert_eq!(shown.body.matches("name=\"session\"").count(), 2, "one does not sign oneself out here");
        let session = shown.between("name=\"session\" value=\"", "\"");
        stranger.post("/compte/sessions", &[("session", &session)]).await;
        third.get("/compte").await.says("Léa");
        let closed = here.post("/compte/sessions", &[("session", &session)]).await;
        closed.leads_to("/compte/sessions?fait=fermee");
        let (one, two) = (lost.get("/compte").await.status, third.get("/compte").await.status);
        assert_eq!([one, two].iter().filter(|status| **status == StatusCode::SEE_OTHER).count(), 1);
        here.post("/compte/sessions", &[]).await.leads_to("/compte/sessions?fait=fermee");
        lost.get("/compte").await.leads_to("/connexion?retour=%2Fcompte");
        third.get("/compte").await.leads_to("/connexion?retour=%2Fcompte");
        here.get("/compte").await.says("Léa");
        stranger.get("/compte").await.says("Max");
    });
}
