//! Adding a passkey and signing in with it, with an authenticator in software; the real browser does the same in
//! `e2e/tests/identity.spec.mjs`.

use axum::http::StatusCode;
use beffroi_people::{AccountKind, Role};
use serde_json::{Value, json};
use webauthn_authenticator_rs::{WebauthnAuthenticator, softpasskey::SoftPasskey};
use webauthn_rs::prelude::Url;

use crate::support::{AGENT_PASSWORD, Answer, Browser, CITIZEN_PASSWORD, journey};

const ORIGIN: &str = "https://localhost";

/// Somebody's telephone, which verifies who holds it.
struct Phone {
    authenticator: SoftPasskey,
    /// What a real one would find by itself.
    credential: Value,
    user: Value,
}

impl Phone {
    fn new() -> Self {
        Self { authenticator: SoftPasskey::new(true), credential: Value::Null, user: Value::Null }
    }

    fn make(&mut self, answer: &Answer) -> String {
        let mut options = options(answer);
        self.user = options["user"]["id"].clone();
        // This one keeps no list of what it holds, and is told which key to use.
        options["authenticatorSelection"]["residentKey"] = json!("discouraged");
        options["authenticatorSelection"]["requireResidentKey"] = json!(false);
        let options = serde_json::from_value(json!({ "publicKey": options })).unwrap();
        let made = self.authenticator.do_registration(Url::parse(ORIGIN).unwrap(), options).unwrap();
        let made = serde_json::to_value(&made).unwrap();
        self.credential = made["rawId"].clone();
        made.to_string()
    }

    fn show(&mut self, answer: &Answer) -> String {
        let mut options = options(answer);
        options["allowCredentials"] = json!([{ "type": "public-key", "id": self.credential }]);
        let options = serde_json::from_value(json!({ "publicKey": options })).unwrap();
        let shown = self.authenticator.do_authentication(Url::parse(ORIGIN).unwrap(), options).unwrap();
        let mut shown = serde_json::to_value(&shown).unwrap();
        shown["response"]["userHandle"] = self.user.clone();
        shown.to_string()
    }
}

fn options(answer: &Answer) -> Value {
    let told: Value = serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("{}", answer.body));
    told["options"].clone()
}

impl Browser<'_> {
    /// Adds a passkey to the account that is open.
    async fn add_passkey(&self, phone: &mut Phone, password: &str) {
        let begun = self.post("/compte/cles/defi", &[("name", "Téléphone"), ("present", password)]).await;
        let made = phone.make(&begun);
        self.post("/compte/cles", &[("name", "Téléphone"), ("answer", &made)])
            .await
            .leads_to("/compte/cles?fait=ajoutee");
    }

    async fn show_passkey(&self, phone: &mut Phone) -> Answer {
        let challenge = self.post("/connexion/cle/defi", &[]).await;
        let shown = phone.show(&challenge);
        self.post("/connexion/cle", &[("answer", &shown)]).await
    }
}

#[test]
fn somebody_adds_a_passkey_signs_in_with_it_and_takes_it_away() {
    journey(async |hall| {
        hall.account("lea@example.org", "Léa Martin", AccountKind::Citizen).await;
        let browser = hall.browser();
        browser.enter("lea@example.org", CITIZEN_PASSWORD).await;
        browser.get("/compte/cles").await.says("Vous n’avez pas encore de clé d’accès");
        let wrong = browser.post("/compte/cles/defi", &[("name", "Téléphone"), ("present", "autre")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        wrong.says("pas votre mot de passe actuel");
        let mut phone = Phone::new();
        browser.add_passkey(&mut phone, CITIZEN_PASSWORD).await;
        let page = browser.get("/compte/cles?fait=ajoutee").await;
        page.says("Téléphone");
        page.says("Jamais");

        let other = hall.browser();
        other.show_passkey(&mut phone).await.leads_to("/mon-compte");
        other.get("/compte").await.says("Léa Martin");
        other.get("/compte/sessions").await.says("<dd>Clé d’accès</dd>");
        let page = other.get("/compte/cles").await;
        assert!(!page.body.contains("Jamais"));
        let key = page.between("name=\"key\" value=\"", "\"");
        let refused = other.post("/compte/cles/retrait", &[("key", &key)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "a browser left open takes none away");
        refused.says("pas votre mot de passe actuel");
        other
            .post("/compte/cles/retrait", &[("key", &key), ("present", CITIZEN_PASSWORD)])
            .await
            .leads_to("/compte/cles?fait=retiree");
        let third = hall.browser();
        let refused = third.show_passkey(&mut phone).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        refused.says("Cette clé n’ouvre aucun compte ici");
    });
}

#[test]
fn who_has_no_password_has_just_signed_in() {
    journey(async |hall| {
        let browser = hall.browser();
        browser.come_in_vouched().await;
        let mut phone = Phone::new();
        browser.add_passkey(&mut phone, "").await;
        let key = browser.get("/compte/cles").await.between("name=\"key\" value=\"", "\"");
        let identity = browser.get("/compte/connexions").await.between("name=\"identity\" value=\"", "\"");

        // A browser that was left open is no way to change how the account opens.
        hall.fixture.clock.advance(chrono::TimeDelta::minutes(16));
        for page in ["/compte/cles", "/compte/connexions"] {
            browser.get(page).await.says("connectez-vous de nouveau pour ajouter ou retirer");
        }
        let refused = browser.post("/compte/cles/defi", &[("name", "Ordinateur")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        refused.says("connectez-vous de nouveau");
        let refused = browser.post("/compte/cles/retrait", &[("key", &key)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let refused = browser.post("/compte/connexions", &[("identity", &identity)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        browser.get("/compte/connexions").await.says("LENOIR");

        let again = hall.browser();
        again.come_in_vouched().await;
        again.post("/compte/cles/retrait", &[("key", &key)]).await.leads_to("/compte/cles?fait=retiree");
    });
}

#[test]
fn a_challenge_serves_one_browser_once() {
    journey(async |hall| {
        hall.account("lea@example.org", "Léa Martin", AccountKind::Citizen).await;
        let browser = hall.browser();
        browser.enter("lea@example.org", CITIZEN_PASSWORD).await;
        let mut phone = Phone::new();
        browser.add_passkey(&mut phone, CITIZEN_PASSWORD).await;

        let one = hall.browser();
        let challenge = one.post("/connexion/cle/defi", &[]).await;
        let shown = phone.show(&challenge);
        let stolen = hall.browser();
        stolen.post("/connexion/cle/defi", &[]).await;
        let refused = stolen.post("/connexion/cle", &[("answer", &shown)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        one.post("/connexion/cle", &[("answer", &shown)]).await.leads_to("/mon-compte");
        let again = hall.browser();
        assert_eq!(
            again.post("/connexion/cle", &[("answer", &shown)]).await.status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
        for hostile in ["", "{}", "[1]", &"x".repeat(40_000)] {
            again.post("/connexion/cle/defi", &[]).await;
            let refused = again.post("/connexion/cle", &[("answer", hostile)]).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{hostile:.10}");
        }
    });
}

#[test]
fn a_passkey_is_the_second_factor_that_an_agent_lacks() {
    journey(async |hall| {
        let id = hall.account("maire@example.org", "Awa Diop", AccountKind::Agent).await;
        hall.grant(id, Role::Administrator).await;
        let browser = hall.browser();
        browser.enter("maire@example.org", AGENT_PASSWORD).await.leads_to("/compte/second-facteur");
        browser.get("/admin/commune").await.leads_to("/compte/second-facteur?retour=%2Fadmin%2Fcommune");
        let mut phone = Phone::new();
        browser.add_passkey(&mut phone, AGENT_PASSWORD).await;
        browser.get("/admin/commune").await.says("La commune");

        let other = hall.browser();
        other.show_passkey(&mut phone).await.leads_to("/admin");
        other.get("/admin/commune").await.says("La commune");
        // The password alone still lacks one.
        let third = hall.browser();
        third.enter("maire@example.org", AGENT_PASSWORD).await.leads_to("/compte/second-facteur");
        third.get("/admin/commune").await.leads_to("/compte/second-facteur?retour=%2Fadmin%2Fcommune");
    });
}
