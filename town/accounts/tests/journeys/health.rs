//! The health of the house: what waits is seen, what was given up is tried again, and nobody else looks.

use std::sync::Arc;

use axum::http::StatusCode;
use beffroi_notify::{
    About, Security, SmtpConfig, Transport,
    mail::{self, NewMail, SendHandler},
};
use beffroi_people::{
    AccountKind, Role,
    identity::{self, Provider, ProviderError, ProviderKind},
    permission::permit_system,
};
use beffroi_store::{
    By, StoreError,
    background::{Workers, run_due},
};
use chrono::TimeDelta;
use uuid::Uuid;

use crate::support::{AGENT_PASSWORD, Hall, journey};

/// A mail server at whose address nobody listens.
fn away() -> Arc<Workers> {
    let bound = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = bound.local_addr().unwrap().port();
    drop(bound);
    let transport = Transport::smtp(&SmtpConfig {
        host: "127.0.0.1".to_owned(),
        port,
        security: Security::Plain,
        authority: None,
        credentials: None,
        from: "Ville <ville@lunel.example>".to_owned(),
    });
    let mut workers = Workers::default();
    workers.handlers.push(Arc::new(SendHandler::new(transport.unwrap())));
    Arc::new(workers)
}

async fn queue(hall: &Hall<'_>, subject: &'static str, secret: bool) {
    let queued = hall.fixture.commune.write(By::SYSTEM, move |tx| -> Result<(), StoreError> {
        let about = About { kind: "case", id: Uuid::nil() };
        let new = NewMail { to: "lea@example.org", subject, text: "Bonjour", html: None, secret, about };
        mail::queue(tx, &new).map(drop).map_err(|error| StoreError::Corrupt(error.to_string()))
    });
    queued.await.unwrap();
}

async fn try_it(hall: &Hall<'_>, workers: &Arc<Workers>) {
    let (commune, workers) = (Arc::clone(&hall.fixture.commune), Arc::clone(workers));
    tokio::task::spawn_blocking(move || run_due(&commune, &workers)).await.unwrap().unwrap();
}

#[test]
fn a_mail_that_waits_is_seen_and_one_that_was_given_up_is_sent_at_last() {
    journey(async |hall| {
        let (_, admin) = hall.administrator().await;
        let well = admin.get("/admin/sante").await;
        well.says("Tout fonctionne.");
        well.says("Aucun travail n’attend.");
        admin.get("/admin").await.says("href=\"/admin/sante\"");
        queue(hall, "Votre demande", false).await;
        queue(hall, "Votre lien", true).await;
        let workers = away();
        try_it(hall, &workers).await;
        // What was seen is believed for half a minute; the queue itself is told as it is.
        // Whoever goes on working stays signed in.
        for _ in 0..4 {
            hall.fixture.clock.advance(TimeDelta::minutes(10));
            assert_eq!(admin.get("/admin").await.status, StatusCode::OK);
        }
        let waits = admin.get("/admin/sante").await;
        waits.says("Envoi d’un message électronique");
        // Where the server is away, the second mail is not even tried.
        waits.says("Un travail attend depuis plus d’une demi-heure après un essai sans succès");
        waits.says("Pendant ce temps");
        assert!(!waits.body.contains("lea@example.org"), "no address is shown");
        // The first is given up, then the second has its turn.
        for _ in 0..4 {
            hall.fixture.clock.advance(TimeDelta::days(4));
            try_it(hall, &workers).await;
        }
        // The first session is long over.
        let id = hall.account("adjointe@example.org", "Inès", AccountKind::Agent).await;
        hall.grant(id, Role::Administrator).await;
        let admin = hall.browser();
        admin.enter("adjointe@example.org", AGENT_PASSWORD).await;
        admin.enrol(hall).await;
        let given_up = admin.get("/admin/sante").await;
        given_up.says("2 travaux ont été abandonnés");
        admin.post("/admin/sante/reprise", &[]).await.leads_to("/admin/sante?fait=reprise");
        hall.letter().await;
        let sent = hall.fixture.commune.read(By::SYSTEM, |tx| mail::recent(tx, None, 10)).await.unwrap();
        let state = |subject: &str| sent.iter().find(|it| it.subject == subject).unwrap().state;
        assert_eq!(state("Votre demande"), mail::State::Kept, "it went as mail goes here");
        assert_eq!(state("Votre lien"), mail::State::Failed, "its words are forgotten");
        admin.post("/admin/sante/reprise", &[]).await.leads_to("/admin/sante?fait=rien");
        assert_eq!(
            admin.post("/admin/sante/reprise", &[("job", "rien")]).await.status,
            StatusCode::BAD_REQUEST
        );
    });
}

#[test]
fn an_identity_provider_that_fails_is_seen() {
    journey(async |hall| {
        let (_, admin) = hall.administrator().await;
        assert!(!admin.get("/admin/sante").await.body.contains("FranceConnect"), "nobody has set it");
        let seen = async |failure: &'static str| {
            let kept = hall.fixture.commune.write(By::SYSTEM, move |tx| -> Result<(), ProviderError> {
                let provider = Provider {
                    enabled: true,
                    issuer: "https://oidc.example.fr".to_owned(),
                    client_id: "lunel".to_owned(),
                    ..Provider::unset(ProviderKind::FranceConnect)
                };
                let permit = permit_system(tx).unwrap();
                identity::save(tx, &permit, &provider, "secret")?;
                match failure {
                    "" => identity::worked(tx, ProviderKind::FranceConnect)?,
                    failure => identity::failed(tx, ProviderKind::FranceConnect, failure)?,
                }
                Ok(())
            });
            kept.await.unwrap();
            hall.fixture.clock.advance(TimeDelta::minutes(1));
            admin.get("/admin/sante").await
        };
        seen("").await.says("La dernière connexion a abouti.");
        let failing = seen("the provider does not answer").await;
        failing.says("La dernière connexion n’a pas abouti.");
        failing.says("the provider does not answer");
    });
}

#[test]
fn nobody_else_looks_at_the_health_of_the_house() {
    journey(async |hall| {
        assert_eq!(hall.browser().get("/admin/sante").await.location, "/connexion?retour=%2Fadmin%2Fsante");
        let id = hall.account("dgs@example.org", "Inès", AccountKind::Agent).await;
        hall.grant(id, Role::Manager).await;
        let manager = hall.browser();
        manager.enter("dgs@example.org", AGENT_PASSWORD).await;
        manager.enrol(hall).await;
        assert_eq!(manager.get("/admin/sante").await.status, StatusCode::NOT_FOUND);
        assert_eq!(manager.post("/admin/sante/reprise", &[]).await.status, StatusCode::NOT_FOUND);
    });
}
