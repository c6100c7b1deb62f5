//! Inhabitants who come in with FranceConnect: who they are, which account is theirs, and what is refused.

use axum::http::StatusCode;
use beffroi_people::{AccountKind, LinkPurpose, account, identity, identity::ProviderKind};
use beffroi_store::By;
use chrono::TimeDelta;

use crate::{
    support::{CITIZEN_PASSWORD, Hall},
    vouching::{Providers, vouched},
};

const FC: ProviderKind = ProviderKind::FranceConnect;
const PLUS: ProviderKind = ProviderKind::FranceConnectPlus;

/// The account that an identity of this family name opens.
async fn accounts_of(hall: &Hall<'_>, family: &str) -> i64 {
    let family = format!("%{family}%");
    let count = hall.fixture.commune.read(By::SYSTEM, move |tx| {
        tx.query_one("SELECT COUNT(*) FROM account WHERE display_name LIKE $1", &[&family], |row| {
            row.get::<i64>(0)
        })
    });
    count.await.unwrap()
}

#[test]
fn somebody_new_comes_in_confirms_the_address_and_leaves_both() {
    vouched(async |hall, providers| {
        providers.set(hall, FC).await;
        let browser = hall.browser();
        let door = browser.get("/connexion").await;
        door.says("S’identifier avec FranceConnect");
        door.says("Qu’est-ce que FranceConnect");
        let came = browser.vouch(providers, FC, "angela", "eidas1").await;
        came.leads_to("/compte/connexions?fait=bienvenue&retour=%2Fmon%2Dcompte");
        let page = browser.get("/compte/connexions?fait=bienvenue&retour=%2Fmon%2Dcompte").await;
        page.says("Votre compte est ouvert");
        page.says("Angela Claire Louise");
        page.says("24 août 1962");
        page.says("Faible");
        page.says("angela.dubois@example.org</");
        let own = browser.get("/compte").await;
        own.says("Angela DUBOIS");
        own.says("À confirmer");
        browser.get("/compte/sessions").await.says("<dd>FranceConnect</dd>");

        let letter = hall.mailed().await;
        assert_eq!(
            (letter.purpose, letter.email.as_str()),
            (LinkPurpose::Confirm, "angela.dubois@example.org")
        );
        let link = letter.secret.unwrap();
        let (subject, text) = hall.letter().await;
        assert_eq!(subject, "Confirmez votre adresse électronique");
        assert!(text.contains(&format!("/compte/adresse?lien={link}")), "{text}");
        let elsewhere = hall.browser();
        for _ in 0..2 {
            elsewhere.get(&format!("/compte/adresse?lien={link}")).await.says("angela.dubois@example.org");
        }
        let no_password = elsewhere.get(&format!("/mot-de-passe/nouveau?lien={link}")).await;
        assert_eq!(no_password.status, StatusCode::NOT_FOUND, "it confirms an address and gives no password");
        elsewhere.post("/compte/adresse", &[("lien", &link)]).await.says("Votre adresse est confirmée");
        let again = elsewhere.post("/compte/adresse", &[("lien", &link)]).await;
        assert_eq!(again.status, StatusCode::NOT_FOUND);
        browser.get("/compte").await.says("angela.dubois@example.org");

        let leaving = browser.post("/deconnexion", &[]).await;
        leaving.says("Fermer ma session FranceConnect");
        let address = leaving.between("http-equiv=\"refresh\" content=\"0; url=", "\"").replace("&#38;", "&");
        assert!(address.starts_with(providers.issuer(FC)), "{address}");
        browser.get("/compte").await.leads_to("/connexion?retour=%2Fcompte");
        let back = providers.walk(FC, &address, "", "");
        browser.arrive(&back).await.says("votre session FranceConnect sont fermées");
        browser.arrive(&back).await.leads_to("/");

        browser.vouch(providers, FC, "angela", "eidas1").await.leads_to("/mon-compte");
        assert_eq!(accounts_of(hall, "DUBOIS").await, 1, "the same person opens the same account");
    });
}

#[test]
fn an_account_with_the_same_address_is_proven_before_it_is_linked() {
    vouched(async |hall, providers| {
        providers.set(hall, FC).await;
        hall.account("angela.dubois@example.org", "Angela D.", AccountKind::Citizen).await;
        let browser = hall.browser();
        browser
            .vouch_for(providers, FC, "angela", "eidas1", "?retour=%2Fdemarches%2Facte%2Fdemande")
            .await
            .leads_to("/connexion/rattachement");
        browser.get("/compte").await.leads_to("/connexion?retour=%2Fcompte");
        let asked = browser.get("/connexion/rattachement").await;
        asked.says("Un compte existe déjà avec votre adresse");
        asked.says("angela.dubois@example.org");
        browser.get("/compte/rattachement").await.leads_to("/connexion?retour=%2Fcompte%2Frattachement");
        let entered = [
            ("email", "angela.dubois@example.org"),
            ("password", CITIZEN_PASSWORD),
            ("retour", "/compte/rattachement"),
        ];
        browser.post("/connexion", &entered).await.leads_to("/compte/rattachement");
        let confirm = browser.get("/compte/rattachement").await;
        confirm.says("Rattacher FranceConnect à votre compte");
        confirm.says("Angela DUBOIS");
        let before = browser.cookies.borrow()["beffroi"].clone();
        browser.post("/compte/rattachement", &[]).await.leads_to("/demarches/acte/demande");
        // The session is worth more now: whoever knew its token holds nothing.
        let thief = hall.browser();
        thief.cookies.borrow_mut().insert("beffroi".to_owned(), before);
        thief.get("/compte").await.leads_to("/connexion?retour=%2Fcompte");
        browser.get("/compte/rattachement").await.says("Il n’y a rien à rattacher");
        browser.get("/compte/sessions").await.says("<dd>FranceConnect</dd>");

        let other = hall.browser();
        other.vouch(providers, FC, "angela", "eidas1").await.leads_to("/mon-compte");
        other.get("/compte").await.says("Angela D.");

        let page = other.get("/compte/connexions").await;
        let id = page.between("name=\"identity\" value=\"", "\"");
        // A browser left open takes nothing away.
        let refused = other.post("/compte/connexions", &[("identity", &id), ("present", "autre")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        refused.says("pas votre mot de passe actuel");
        other
            .post("/compte/connexions", &[("identity", &id), ("present", CITIZEN_PASSWORD)])
            .await
            .leads_to("/compte/connexions?fait=retiree");
        browser.get("/compte").await.leads_to("/connexion?retour=%2Fcompte");
        other.get("/compte/sessions").await.says("cet appareil");
        let third = hall.browser();
        third.vouch(providers, FC, "angela", "eidas1").await.leads_to("/connexion/rattachement");
    });
}

#[test]
fn an_account_that_is_somebody_elses_stays_closed() {
    vouched(async |hall, providers| {
        providers.set(hall, FC).await;
        hall.account("angela.dubois@example.org", "Somebody else", AccountKind::Citizen).await;
        let browser = hall.browser();
        browser.vouch(providers, FC, "angela", "eidas1").await.leads_to("/connexion/rattachement");
        browser.post("/connexion/rattachement", &[]).await.leads_to("/mon-compte");
        let own = browser.get("/compte").await;
        own.says("Angela DUBOIS");
        assert!(!own.body.contains("Somebody else"));
        // Whoever brought nothing finds nothing.
        let stranger = hall.browser();
        stranger.post("/connexion/rattachement", &[]).await.says("Il n’y a rien à rattacher");
        let again = hall.browser();
        again.vouch(providers, FC, "angela", "eidas1").await.leads_to("/mon-compte");
        again.get("/compte").await.says("Angela DUBOIS");
    });
}

#[test]
fn the_only_way_in_is_not_taken_away() {
    vouched(async |hall, providers| {
        providers.set(hall, FC).await;
        let browser = hall.browser();
        browser.vouch(providers, FC, "pierre", "eidas1").await;
        let id = browser.get("/compte/connexions").await.between("name=\"identity\" value=\"", "\"");
        let refused = browser.post("/compte/connexions", &[("identity", &id)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        refused.says("plus rien n’ouvrirait votre compte");
        // Another account's identity is left alone, without telling.
        hall.account("lea@example.org", "Léa", AccountKind::Citizen).await;
        let other = hall.browser();
        other.enter("lea@example.org", CITIZEN_PASSWORD).await;
        other
            .post("/compte/connexions", &[("identity", &id), ("present", CITIZEN_PASSWORD)])
            .await
            .leads_to("/compte/connexions?fait=retiree");
        browser.get("/compte/connexions").await.says("MERCIER");
    });
}

#[test]
fn what_comes_back_serves_one_browser_once_and_for_half_an_hour() {
    vouched(async |hall, providers| {
        providers.set(hall, FC).await;
        let browser = hall.browser();
        let lost = |answer: &crate::support::Answer| {
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
            answer.says("Cette connexion n’a pas abouti");
            answer.says("Se connecter autrement");
        };
        // Another browser brings it.
        let there = browser.depart("/connexion/franceconnect").await;
        let back = providers.walk(FC, &there, "angela", "eidas1");
        lost(&hall.browser().arrive(&back).await);
        // The state was changed on the way.
        let state = back.split_once("state=").unwrap().1.split('&').next().unwrap();
        lost(&browser.arrive(&back.replace(state, "0123456789012345678901")).await);
        // Once only.
        let there = browser.depart("/connexion/franceconnect").await;
        let back = providers.walk(FC, &there, "angela", "eidas1");
        assert_eq!(browser.arrive(&back).await.status, StatusCode::SEE_OTHER);
        browser.post("/deconnexion", &[]).await;
        lost(&browser.arrive(&back).await);
        // The code has expired.
        let there = browser.depart("/connexion/franceconnect").await;
        let back = providers.walk(FC, &there, "angela", "eidas1");
        providers.spend(FC, &back);
        lost(&browser.arrive(&back).await);
        // Somebody looked for a telephone for an hour.
        let there = browser.depart("/connexion/franceconnect").await;
        let back = providers.walk(FC, &there, "angela", "eidas1");
        hall.fixture.clock.advance(TimeDelta::minutes(31));
        lost(&browser.arrive(&back).await);
        browser.get("/compte").await.leads_to("/connexion?retour=%2Fcompte");
        // None of this is the provider's fault.
        let health = hall.fixture.commune.read(By::SYSTEM, identity::health).await.unwrap();
        assert!(!health[0].is_failing(), "{health:?}");
    });
}

#[test]
fn a_token_that_is_wrong_in_one_thing_opens_nothing() {
    vouched(async |hall, providers| {
        providers.set(hall, FC).await;
        for fault in ["audience", "issuer", "nonce", "perime", "sub", "signature"] {
            let browser = hall.browser();
            let came = browser.vouch(providers, FC, &format!("angela+{fault}"), "eidas1").await;
            assert_eq!(came.status, StatusCode::BAD_REQUEST, "{fault}: {}", came.location);
            came.says("Cette connexion n’a pas abouti");
            browser.get("/compte").await.leads_to("/connexion?retour=%2Fcompte");
        }
        assert_eq!(accounts_of(hall, "DUBOIS").await, 0);
        let health = hall.fixture.commune.read(By::SYSTEM, identity::health).await.unwrap();
        assert!(health[0].is_failing());
        assert!(!health[0].failure.contains("DUBOIS"), "{}", health[0].failure);
    });
}

#[test]
fn an_identity_that_has_changed_is_shown_and_kept_in_the_same_account() {
    vouched(async |hall, providers| {
        providers.set(hall, FC).await;
        let browser = hall.browser();
        browser.vouch(providers, FC, "berthe", "eidas1").await;
        let later = hall.browser();
        let came = later.vouch_for(providers, FC, "berthe-mariee", "eidas1", "?retour=%2Fsuivi").await;
        came.leads_to("/compte/connexions?fait=identite&retour=%2Fsuivi");
        let page = later.get(&came.location).await;
        page.says("Votre identité a changé");
        page.says("LENOIR");
        page.says("href=\"/suivi\"");
        later.get("/compte").await.says("Berthe LENOIR");
        assert_eq!(accounts_of(hall, "Berthe").await, 1);
        let written = hall.fixture.commune.read(By::SYSTEM, |tx| {
            tx.query_one("SELECT payload FROM journal WHERE kind = 'identity.changed'", &[], |row| {
                row.get::<serde_json::Value>(0)
            })
        });
        let payload = written.await.unwrap();
        assert_eq!(payload["changed"], serde_json::json!(["usual_name"]), "which, never what");
    });
}

#[test]
fn a_provider_may_change_its_keys_at_any_time() {
    vouched(async |hall, providers| {
        providers.set(hall, FC).await;
        providers.age_keys(FC);
        let browser = hall.browser();
        browser.vouch(providers, FC, "pierre", "eidas1").await;
        browser.get("/compte").await.says("Pierre MERCIER");
    });
}

#[test]
fn somebody_turns_back() {
    vouched(async |hall, providers| {
        providers.set(hall, FC).await;
        let browser = hall.browser();
        let there = browser.depart("/connexion/franceconnect?retour=%2Fdemarches%2Facte%2Fdemande").await;
        let back = providers.walk(FC, &there, "", "");
        let turned = browser.arrive(&back).await;
        assert_eq!(turned.status, StatusCode::OK);
        turned.says("Vous avez interrompu la connexion avec FranceConnect");
        turned.says("Ce que vous avez déjà rempli est conservé");
        turned.says("href=\"/demarches/acte/demande\"");
        let health = hall.fixture.commune.read(By::SYSTEM, identity::health).await.unwrap();
        assert!(!health[0].is_failing());
    });
}

#[test]
fn a_level_is_asked_for_and_less_does_not_do() {
    vouched(async |hall, providers| {
        providers.set(hall, FC).await;
        providers.set(hall, PLUS).await;
        let browser = hall.browser();
        let there = browser.depart("/connexion/franceconnect-plus?niveau=eidas3").await;
        assert!(there.contains("acr_values=eidas3"), "{there}");
        let low = browser.arrive(&providers.walk(PLUS, &there, "pierre", "eidas2")).await;
        assert_eq!(low.status, StatusCode::FORBIDDEN);
        low.says("Une identité plus sûre est nécessaire");
        browser.get("/compte").await.leads_to("/connexion?retour=%2Fcompte");
        // Whoever lowers what the address asks for is not let in with less than the provider is set to.
        let there = browser.depart("/connexion/franceconnect-plus").await;
        assert!(there.contains("acr_values=eidas2"), "{there}");
        let lowered = there.replace("acr_values=eidas2", "acr_values=eidas1");
        let low = browser.arrive(&providers.walk(PLUS, &lowered, "pierre", "eidas1")).await;
        assert_eq!(low.status, StatusCode::FORBIDDEN);
        low.says("Une identité plus sûre est nécessaire");
        browser.vouch_for(providers, PLUS, "pierre", "eidas3", "?niveau=eidas3").await;
        browser.get("/compte/connexions").await.says("Élevé");
        // Whoever is identified well enough already is not sent again.
        browser.get("/connexion/franceconnect-plus?retour=%2Fsuivi&niveau=eidas2").await.leads_to("/suivi");
    });
}

#[test]
fn what_franceconnect_plus_encrypts_is_read_and_no_one_else_could() {
    vouched(async |hall, providers| {
        providers.set(hall, PLUS).await;
        let browser = hall.browser();
        let keys = browser.get("/connexion/franceconnect-plus/cles").await;
        keys.says("\"alg\":\"ECDH-ES\"");
        assert!(!keys.body.contains("\"d\":"));
        browser.vouch(providers, PLUS, "angela", "eidas2").await;
        let page = browser.get("/compte/connexions").await;
        page.says("FranceConnect+");
        page.says("Angela Claire Louise");
        page.says("Substantiel");
        browser.get("/compte/sessions").await.says("<dd>FranceConnect+</dd>");
    });
}

#[test]
fn a_session_is_raised_and_never_mixed_with_anothers() {
    vouched(async |hall, providers| {
        providers.set(hall, FC).await;
        let other = hall.browser();
        other.vouch(providers, FC, "angela", "eidas1").await;
        hall.account("lea@example.org", "Léa", AccountKind::Citizen).await;
        let browser = hall.browser();
        browser.enter("lea@example.org", CITIZEN_PASSWORD).await;
        let came = browser.vouch(providers, FC, "angela", "eidas1").await;
        assert_eq!(came.status, StatusCode::FORBIDDEN);
        came.says("Cette identité ouvre un autre compte");
        browser.get("/compte").await.says("Léa");
        // An identity that opens nothing yet is offered to the account that is open.
        browser
            .vouch_for(providers, FC, "pierre", "eidas1", "?retour=%2Fdemarches%2Facte%2Fdemande")
            .await
            .leads_to("/compte/rattachement");
        browser.post("/compte/rattachement", &[]).await.leads_to("/demarches/acte/demande");
        assert_eq!(accounts_of(hall, "MERCIER").await, 0);
    });
}

#[test]
fn a_locked_account_stays_locked() {
    vouched(async |hall, providers| {
        providers.set(hall, FC).await;
        let browser = hall.browser();
        browser.vouch(providers, FC, "angela", "eidas1").await;
        let locked = hall.fixture.commune.write(By::SYSTEM, |tx| -> Result<(), beffroi_store::StoreError> {
            let id = tx.query_one("SELECT account FROM identity", &[], |row| row.get(0))?;
            let permit = beffroi_people::permission::permit_system(tx).unwrap();
            account::set_state(tx, &permit, id, beffroi_people::AccountState::Locked)
        });
        locked.await.unwrap();
        let came = hall.browser().vouch(providers, FC, "angela", "eidas1").await;
        assert_eq!(came.status, StatusCode::FORBIDDEN);
        came.says("Ce compte ne peut pas être ouvert");
    });
}

#[test]
fn where_nothing_is_set_there_is_no_button_and_no_door() {
    crate::support::journey(async |hall| {
        let browser = hall.browser();
        assert!(!browser.get("/connexion").await.body.contains("FranceConnect"));
        for path in [
            "/connexion/franceconnect",
            "/connexion/franceconnect/retour",
            "/connexion/proconnect",
            "/connexion/x",
        ] {
            assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
    });
}

/// A provider that nobody answers for.
async fn unreachable(hall: &Hall<'_>, providers: &Providers) {
    providers.set(hall, FC).await;
    let gone = hall.fixture.commune.write(By::SYSTEM, |tx| -> Result<(), beffroi_store::StoreError> {
        let settings: serde_json::Value =
            tx.query_one("SELECT settings FROM identity_provider", &[], |row| row.get(0))?;
        let mut settings = settings;
        settings["issuer"] = serde_json::json!("http://127.0.0.1:9");
        tx.execute("UPDATE identity_provider SET settings = $1", &[&settings])?;
        Ok(())
    });
    gone.await.unwrap();
}

#[test]
fn a_provider_that_is_down_is_said_to_be_and_the_other_ways_are_shown() {
    vouched(async |hall, providers| {
        unreachable(hall, providers).await;
        let browser = hall.browser();
        let down = browser.get("/connexion/franceconnect?retour=%2Fdemarches%2Facte%2Fdemande").await;
        assert_eq!(down.status, StatusCode::SERVICE_UNAVAILABLE);
        down.says("FranceConnect ne répond pas");
        down.says("Ce que vous avez déjà rempli est conservé");
        down.says("/connexion?retour=%2Fdemarches%2Facte%2Fdemande");
        let (_, administrator) = hall.administrator().await;
        let settings = administrator.get("/admin/connexion").await;
        settings.says("En panne");
        settings.says("Dernier échec");
    });
}
