//! The administrator sets a provider, verifies it, and never sees its secret again.

use axum::http::StatusCode;
use beffroi_people::identity::ProviderKind;

use crate::{support::journey, vouching::vouched};

const AT: &str = "/admin/connexion/franceconnect";

#[test]
fn a_provider_is_set_and_its_secret_is_kept_and_not_shown() {
    journey(async |hall| {
        let (_, browser) = hall.administrator().await;
        browser.get("/admin").await.says("/admin/connexion");
        browser.get("/admin/connexion").await.says("À régler");
        let page = browser.get(AT).await;
        page.says("https://lunel.example/connexion/franceconnect/retour");
        page.says("https://lunel.example/connexion/franceconnect/deconnecte");
        let typed =
            [("issuer", "http://auth.example.fr"), ("client-id", "lunel"), ("secret", "sesame-ouvre-toi")];
        let wrong = browser.post(AT, &typed).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        wrong.says("commence par https://");
        wrong.says("value=\"lunel\"");
        assert!(!wrong.body.contains("sesame-ouvre-toi"));
        let missing =
            browser.post(AT, &[("issuer", "https://auth.example.fr"), ("client-id", "lunel")]).await;
        missing.says("Indiquez le secret");
        let right = [
            ("issuer", "https://auth.example.fr/api/v2/"),
            ("client-id", "lunel"),
            ("secret", "sesame-ouvre-toi"),
            ("enabled", "true"),
        ];
        browser.post(AT, &right).await.leads_to("/admin/connexion/franceconnect?fait=oui");
        let page = browser.get(&format!("{AT}?fait=oui")).await;
        page.says("Les réglages sont enregistrés");
        page.says("value=\"https://auth.example.fr/api/v2\"");
        page.says("Un secret est déjà enregistré");
        assert!(!page.body.contains("sesame-ouvre-toi"));
        browser.get("/connexion").await.status.is_redirection();
        // No secret typed again: the one that is kept stays.
        browser
            .post(AT, &[("issuer", "https://auth.example.fr"), ("client-id", "lunel")])
            .await
            .leads_to("/admin/connexion/franceconnect?fait=oui");
        browser.get("/admin/connexion").await.says("Bouton masqué");
        let everything = hall.fixture.commune.read(beffroi_store::By::SYSTEM, |tx| {
            tx.query_one("SELECT client_secret FROM identity_provider", &[], |row| row.get::<Vec<u8>>(0))
        });
        let sealed = String::from_utf8_lossy(&everything.await.unwrap()).into_owned();
        assert!(!sealed.contains("sesame"));
    });
}

#[test]
fn verifying_says_what_is_right_and_what_is_wrong() {
    vouched(async |hall, providers| {
        let (_, browser) = hall.administrator().await;
        let fill = |issuer: &str| {
            [
                ("issuer".to_owned(), issuer.to_owned()),
                ("client-id".to_owned(), "lunel".to_owned()),
                ("secret".to_owned(), "sesame-ouvre-toi".to_owned()),
            ]
        };
        let verify = async |issuer: &str| {
            let typed = fill(issuer);
            let typed: Vec<(&str, &str)> =
                typed.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            browser.post(AT, &typed).await.leads_to("/admin/connexion/franceconnect?fait=oui");
            browser.post(&format!("{AT}/verification"), &[]).await
        };
        let right = verify(providers.issuer(ProviderKind::FranceConnect)).await;
        right.says("Le service répond et se présente sous l’adresse indiquée");
        right.says("Il signe avec 1 clé");
        right.says("Il sait fermer la session");
        let nobody = verify("http://127.0.0.1:9").await;
        nobody.says("Le service ne répond pas comme il le doit");
        let page = browser.get("/admin/connexion").await;
        page.says("Dernier échec");
        let other = format!("{}/autre", providers.issuer(ProviderKind::FranceConnect));
        verify(&other).await.says("ne répond pas comme il le doit");
        let alias = providers.issuer(ProviderKind::FranceConnect).replace("127.0.0.1", "localhost");
        verify(&alias).await.says("ne se présente pas sous l’adresse indiquée");
    });
}
