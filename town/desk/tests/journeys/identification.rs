//! Procedures that ask how sure the town is of who asks, and what an identity provider says of whoever does.

use beffroi_core::{Assurance, Lang};
use beffroi_desk::procedure;
use beffroi_documents::Gate;
use beffroi_forms::SignIn;
use beffroi_people::{
    identity::{self, Attempt, Claims, Entered, Presented, Provider, ProviderKind},
    permission::permit_system,
};
use beffroi_store::{By, StoreError};

use crate::{
    account::{FORM, answer, begin, send},
    browser::{Browser, Hall, journey},
    support::catalogued,
};

const SLUG: &str = "occupation-domaine-public";
const IDENTIFY: &str = "/demarches/occupation-domaine-public/identification";

/// The same procedure, for those who are identified at this level.
async fn ask_for(hall: &Hall<'_>, level: Assurance) {
    let mut procedure = catalogued(SLUG);
    procedure.version += 1;
    procedure.sign_in = Some(SignIn { level, why: "La permission engage son titulaire.".into() });
    let published = hall.fixture.commune.write(By::SYSTEM, move |tx| -> Result<(), StoreError> {
        procedure::publish(tx, &procedure).unwrap();
        for kind in [ProviderKind::FranceConnect, ProviderKind::FranceConnectPlus] {
            let provider = Provider {
                enabled: true,
                issuer: "https://oidc.example.fr".to_owned(),
                client_id: "lunel".to_owned(),
                ..Provider::unset(kind)
            };
            let permit = permit_system(tx).unwrap();
            identity::save(tx, &permit, &provider, "secret").unwrap();
        }
        Ok(())
    });
    published.await.unwrap();
}

/// Signs a browser in as somebody whom FranceConnect vouches for.
async fn vouch(hall: &Hall<'_>, browser: &Browser<'_>, level: Assurance) {
    let claims = Claims {
        given_names: "Angela Claire".to_owned(),
        family_name: "DUBOIS".to_owned(),
        birth_date: "1962-08-24".to_owned(),
        email: "angela@example.org".to_owned(),
        ..Claims::default()
    };
    vouch_for(hall, browser, level, claims).await;
}

/// The same, with what is said of the person.
pub async fn vouch_for(hall: &Hall<'_>, browser: &Browser<'_>, level: Assurance, claims: Claims) {
    let kind = ProviderKind::FranceConnectPlus;
    let presented = Presented {
        provider: kind,
        issuer: "https://oidc.example.fr".to_owned(),
        subject: claims.family_name.clone(),
        assurance: level,
        two_factors: level >= Assurance::Eidas2,
        claims,
        id_token: "a.b.c".to_owned(),
    };
    let attempt = Attempt {
        provider: kind,
        back: String::new(),
        account: None,
        level: Assurance::Account,
        lang: Lang::Fr,
    };
    let entered = hall.fixture.commune.write(By::VISITOR, move |tx| {
        identity::enter(tx, &presented, &attempt, &Provider::unset(kind), None, "test")
    });
    let entered: Result<Entered, StoreError> = entered.await;
    let Ok(Entered::Open { token, .. }) = entered else { panic!("{entered:?}") };
    browser.hold(token.reveal());
}

#[test]
fn who_must_be_identified_is_led_to_it_and_keeps_what_was_typed() {
    journey(Gate::Open, async |hall| {
        ask_for(hall, Assurance::Eidas2).await;
        let browser = hall.browser();
        browser
            .get("/demarches/occupation-domaine-public")
            .await
            .is(200)
            .says("identifiez-vous avec FranceConnect+, au niveau de garantie substantiel")
            .says("/connexion/franceconnect-plus?retour=")
            .says("S’identifier avec FranceConnect+")
            .says("Qu’est-ce que FranceConnect+")
            .is_silent_about("/connexion/franceconnect?retour=")
            .says("Au guichet");
        browser.get(FORM).await.leads_to(IDENTIFY);
        browser
            .get(IDENTIFY)
            .await
            .is(200)
            .says("La permission engage son titulaire.")
            .says("/connexion/franceconnect-plus?retour=")
            .is_silent_about("/connexion/franceconnect?retour=")
            .says("Sans vous identifier en ligne");

        // Somebody who began before they were asked.
        begin(&browser).await;
        answer(&browser, "pieces", &[("engagement", "true")]).await;
        browser.post(&format!("{FORM}/recapitulatif"), &[]).await.leads_to(IDENTIFY);
        assert_eq!(hall.value::<i64>("SELECT COUNT(*) FROM cases", "").await, 0);

        vouch(hall, &browser, Assurance::Eidas1).await;
        browser.post(&format!("{FORM}/recapitulatif"), &[]).await.leads_to(IDENTIFY);
        browser.get(IDENTIFY).await.is(200).says("mais pas avec une identité assez sûre");
        vouch(hall, &browser, Assurance::Eidas2).await;
        browser.get(IDENTIFY).await.leads_to(FORM);
        browser.get(&format!("{FORM}/lieu")).await.says("3 rue Haute");
        send(&browser).await;
    });
}

#[test]
fn a_sheet_proposes_the_ways_to_begin_that_the_town_has() {
    journey(Gate::Open, async |hall| {
        let sheet = "/demarches/occupation-domaine-public";
        let browser = hall.browser();
        // Without a provider, an account saves typing.
        browser
            .get(sheet)
            .await
            .is(200)
            .says("/connexion?retour=%2Fdemarches")
            .says("Se connecter d’abord")
            .is_silent_about("FranceConnect");
        let saved = hall.fixture.commune.write(By::SYSTEM, |tx| -> Result<(), StoreError> {
            let provider = Provider {
                enabled: true,
                issuer: "https://oidc.example.fr".to_owned(),
                client_id: "lunel".to_owned(),
                ..Provider::unset(ProviderKind::FranceConnect)
            };
            let permit = permit_system(tx).unwrap();
            identity::save(tx, &permit, &provider, "secret").unwrap();
            Ok(())
        });
        saved.await.unwrap();
        browser
            .get(sheet)
            .await
            .is(200)
            .says("S’identifier avec FranceConnect")
            .says("https://franceconnect.gouv.fr/")
            .says("Commencer")
            .is_silent_about("Se connecter d’abord");
        // A provider answers nothing where nobody is named; and whoever is signed in has no need of it.
        let (_, signed_in) = hall.signed_in("lea@example.org", None).await;
        signed_in.get(sheet).await.is(200).is_silent_about("S’identifier avec");
    });
}

#[test]
fn an_account_suffices_where_no_more_is_asked() {
    journey(Gate::Open, async |hall| {
        ask_for(hall, Assurance::Account).await;
        let browser = hall.browser();
        browser.get(FORM).await.leads_to(IDENTIFY);
        browser.get(IDENTIFY).await.is(200).says("connectez-vous à votre compte");
        let (_, owner) = hall.signed_in("gaspard@example.org", None).await;
        begin(&owner).await;
        send(&owner).await;
    });
}

#[test]
fn what_franceconnect_says_is_shown_and_not_typed() {
    journey(Gate::Open, async |hall| {
        let browser = hall.browser();
        vouch(hall, &browser, Assurance::Eidas1).await;
        begin(&browser).await;
        browser
            .get(&format!("{FORM}/vous"))
            .await
            .is(200)
            .says("Transmis par FranceConnect")
            .says("DUBOIS")
            .is_silent_about("Peyron")
            .is_silent_about("name=\"demandeur-family_name\"");
        send(&browser).await;
        let name: String = hall.value("SELECT family_name FROM person", "").await;
        assert_eq!(name, "DUBOIS");
    });
}

#[test]
fn a_session_without_an_identity_types_as_before() {
    journey(Gate::Open, async |hall| {
        let (_, owner) = hall.signed_in("gaspard@example.org", None).await;
        begin(&owner).await;
        owner
            .get(&format!("{FORM}/vous"))
            .await
            .says("name=\"demandeur-family_name\"")
            .is_silent_about("Transmis par FranceConnect");
    });
}

#[test]
fn an_agent_without_the_second_factor_that_the_town_asks_for_sees_no_case() {
    journey(Gate::Open, async |hall| {
        let (_, agent) =
            hall.signed_in("awa@example.org", Some(("domaine-public", beffroi_people::Role::Agent))).await;
        agent.get("/agents").await.is(200);
        // As a session stands that was opened while the town asks for a second factor.
        hall.execute("UPDATE session SET second_factor = $1", &"due".to_owned()).await;
        for path in ["/agents", "/agents/guichet", "/agents/courrier", "/agents/chiffres", "/agents/flux"] {
            let led = agent.get(path).await;
            assert!(
                led.location.starts_with("/connexion?retour="),
                "{path}: {} {}",
                led.status,
                led.location
            );
        }
    });
}
