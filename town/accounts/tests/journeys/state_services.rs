//! The State's services: settled by an administrator, tried, sealed, shown as they fare, and nobody else's concern.

use axum::{
    Router,
    http::{HeaderMap, StatusCode},
    routing::get,
};
use beffroi_people::{AccountKind, Role};
use beffroi_store::{By, StoreError};

use crate::support::{AGENT_PASSWORD, journey};

const KEY: &str = "jeton-remis-par-l-etat";

/// A stand-in for the State: it takes one key, and refuses whoever shows another.
async fn state() -> (String, tokio::task::JoinHandle<()>) {
    let judge = |headers: HeaderMap| async move {
        let shown = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
        if shown == format!("Bearer {KEY}") {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::UNAUTHORIZED
        }
    };
    let router = Router::new().route("/v3/dss/quotient_familial/identite", get(judge));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let served = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (address, served)
}

fn settings<'s>(address: &'s str, token: &'s str) -> [(&'static str, &'s str); 4] {
    [
        ("api-particulier-address", address),
        ("api-particulier-token", token),
        ("api-particulier-recipient", "130 025 265 00013"),
        ("api-particulier-purpose", "Tarification de la cantine"),
    ]
}

#[test]
fn a_key_is_kept_sealed_tried_and_taken_back() {
    journey(async |hall| {
        let (address, served) = state().await;
        let (_, admin) = hall.administrator().await;
        admin.get("/admin").await.says("href=\"/admin/etat\"");
        admin.get("/admin/etat").await.says("https://particulier.api.gouv.fr");
        assert_eq!(admin.post("/admin/etat/api-particulier/essai", &[]).await.status, StatusCode::NOT_FOUND);
        let wrong =
            admin.post("/admin/etat/api-particulier", &settings("http://particulier.api.gouv.fr", "")).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        wrong.says("Écrivez une adresse qui commence par https://.");
        wrong.says("Collez le jeton");
        wrong.says("value=\"Tarification de la cantine\"");
        let save = async |token: &str| {
            admin
                .post("/admin/etat/api-particulier", &settings(&address, token))
                .await
                .leads_to("/admin/etat?fait=oui");
        };
        save("un-autre").await;
        let refused = admin.post("/admin/etat/api-particulier/essai", &[]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        refused.says("Le service refuse ce jeton");
        admin.get("/admin/sante").await.says("Les dernières questions sont restées sans réponse.");
        save(KEY).await;
        admin
            .post("/admin/etat/api-particulier/essai", &[])
            .await
            .says("Le service répond et accepte le jeton.");
        // An empty key leaves the one that is kept, which nothing shows.
        save("").await;
        // Whoever changes the address does not have the key sent there.
        let elsewhere =
            admin.post("/admin/etat/api-particulier", &settings("https://ailleurs.example", "")).await;
        assert_eq!(elsewhere.status, StatusCode::UNPROCESSABLE_ENTITY);
        elsewhere.says("Collez le jeton");
        let shown = admin.post("/admin/etat/api-particulier/essai", &[]).await;
        shown.says("accepte le jeton");
        assert!(!shown.body.contains(KEY));
        let kept = hall.fixture.commune.read(By::SYSTEM, |tx| -> Result<_, StoreError> {
            tx.query_one("SELECT token FROM once_only_service", &[], |row| row.get::<Vec<u8>>(0))
        });
        let kept = kept.await.unwrap();
        assert!(!kept.windows(KEY.len()).any(|part| part == KEY.as_bytes()), "it is sealed at rest");
        served.abort();
        assert!(served.await.unwrap_err().is_cancelled());
        let away = admin.post("/admin/etat/api-particulier/essai", &[]).await;
        assert_eq!(away.status, StatusCode::UNPROCESSABLE_ENTITY);
        away.says("Le service ne répond pas comme il faut");
        admin.post("/admin/etat/api-particulier/retrait", &[]).await.leads_to("/admin/etat?fait=retrait");
        assert_eq!(admin.post("/admin/etat/api-particulier/essai", &[]).await.status, StatusCode::NOT_FOUND);
        assert_eq!(
            admin.post("/admin/etat/api-autre", &settings(&address, KEY)).await.status,
            StatusCode::NOT_FOUND
        );
    });
}

#[test]
fn nobody_else_touches_the_keys() {
    journey(async |hall| {
        let id = hall.account("dgs@example.org", "Inès", AccountKind::Agent).await;
        hall.grant(id, Role::Manager).await;
        let manager = hall.browser();
        manager.enter("dgs@example.org", AGENT_PASSWORD).await;
        manager.enrol(hall).await;
        for path in [
            "/admin/etat/api-particulier",
            "/admin/etat/api-particulier/essai",
            "/admin/etat/api-particulier/retrait",
        ] {
            assert_eq!(
                manager.post(path, &settings("https://a.example", KEY)).await.status,
                StatusCode::NOT_FOUND,
                "{path}"
            );
        }
        assert_eq!(manager.get("/admin/etat").await.status, StatusCode::NOT_FOUND);
    });
}
