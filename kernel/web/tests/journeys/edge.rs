//! Who is let in, and what everybody is told.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use axum::http::StatusCode;
use beffroi_store::NewCommune;
use beffroi_web::WebConfig;

use crate::support::{OPERATOR, STRANGER, journey, request};

#[test]
fn a_host_leads_to_its_commune_and_to_no_other() {
    journey(&WebConfig::default(), async |hall| {
        let platform = Arc::clone(&hall.fixture.platform);
        let other = NewCommune {
            slug: "sommieres".parse().unwrap(),
            name: "Sommières".to_owned(),
            hosts: vec!["sommieres.example".to_owned()],
        };
        tokio::task::spawn_blocking(move || platform.create(&other)).await.unwrap().unwrap();
        assert!(hall.get("/essai", &[]).await.body.contains("Lunel"));
        let there = hall.get("/essai", &[("host", "Sommieres.example:8080")]).await;
        assert!(there.body.contains("Sommières") && !there.body.contains("Lunel"));
        assert_eq!(hall.get("/essai", &[("host", "nowhere.example")]).await.status, StatusCode::NOT_FOUND);
        let cookie = hall.sign_in().await;
        let mine = hall.get("/essai/prive", &[("cookie", &cookie)]).await;
        assert_eq!((mine.status, mine.body.as_str()), (StatusCode::OK, "Awa Diop"));
        let stolen = hall.get("/essai/prive", &[("cookie", &cookie), ("host", "sommieres.example")]).await;
        assert_eq!(stolen.status, StatusCode::SEE_OTHER);
        assert_eq!(stolen.header("location"), "/connexion?retour=%2Fessai%2Fprive");
        let back = hall.get("/essai/prive?page=2", &[]).await;
        assert_eq!(back.header("location"), "/connexion?retour=%2Fessai%2Fprive%3Fpage%3D2");
    });
}

#[test]
fn every_answer_is_protected() {
    journey(&WebConfig::default(), async |hall| {
        for (path, headers) in [
            ("/essai", vec![]),
            ("/essai", vec![]),
            ("/essai/prive", vec![]),
            ("/essai/casse", vec![]),
            ("/nulle-part", vec![]),
            ("/theme.css", vec![]),
            ("/healthz", vec![]),
            ("/assets/0/nothing.js", vec![]),
            ("/api/v1/nothing", vec![]),
            ("/", vec![("host", "nowhere.example")]),
        ] {
            let answer = hall.get(path, &headers).await;
            let policy = answer.header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'; script-src 'self'"), "{path}: {policy}");
            assert!(!policy.contains("unsafe"), "{path}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
            assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
            assert_eq!(answer.header("x-request-id").len(), 16, "{path}");
            assert!(!answer.header("cache-control").is_empty(), "{path}");
            assert!(!answer.headers.contains_key("strict-transport-security"), "{path}");
        }
    });
    journey(&WebConfig { https: true, ..WebConfig::default() }, async |hall| {
        let kept = [hall.get("/essai", &[]).await, hall.get("/essai", &[]).await];
        assert!(kept.iter().all(|answer| answer.header("strict-transport-security").starts_with("max-age=")));
    });
}

#[test]
fn what_another_site_sends_writes_nothing() {
    journey(&WebConfig::default(), async |hall| {
        let before = hall.happens().await;
        for from in [
            [("sec-fetch-site", "cross-site")],
            [("sec-fetch-site", "same-site")],
            [("origin", "https://evil.example")],
            [("origin", "null")],
        ] {
            let refused = hall.post("/essai/ecrire", &from, "what=x").await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{from:?}");
        }
        assert_eq!(hall.happens().await.0, before.0 + 1, "nothing was written between");
        for from in [[("sec-fetch-site", "same-origin")], [("origin", "http://localhost:8080")]] {
            let done = hall.post("/essai/ecrire", &from, "what=x").await;
            assert_eq!((done.status, done.header("location")), (StatusCode::SEE_OTHER, "/essai"), "{from:?}");
        }
    });
}

#[test]
fn a_missing_page_says_so_in_the_readers_language_and_to_programs_in_theirs() {
    journey(&WebConfig::default(), async |hall| {
        let french = hall.get("/nulle-part", &[]).await;
        assert_eq!(
            (french.status, french.header("content-type")),
            (StatusCode::NOT_FOUND, "text/html; charset=utf-8")
        );
        assert!(french.body.contains("<html lang=\"fr\"") && french.body.contains("Cette page n’existe pas"));
        assert!(french.body.contains("Lunel") && french.body.contains("/mentions-legales"));
        assert!(french.body.contains(french.header("x-request-id")));
        let english = hall.get("/nulle-part", &[("accept-language", "en-GB,en")]).await;
        assert!(english.body.contains("<html lang=\"en\"") && !english.body.contains("n’existe pas"));
        for (path, headers) in
            [("/api/v1/nothing", vec![]), ("/nulle-part", vec![("accept", "application/json")])]
        {
            let program = hall.get(path, &headers).await;
            assert_eq!(program.header("content-type"), "application/problem+json", "{path}");
            let problem: serde_json::Value = serde_json::from_str(&program.body).unwrap();
            assert_eq!(problem["status"], 404);
            assert_eq!(problem["title"], "Cette page n’existe pas");
            assert_eq!(problem["request_id"], program.header("x-request-id"));
        }
        let wrong = hall.post("/essai/ecrire", &[], "what=").await;
        assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
        assert!(wrong.body.contains("rien à écrire"));
        let method = hall.get("/essai/ecrire", &[]).await;
        assert_eq!((method.status, method.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "POST"));
    });
}

#[test]
fn a_handler_that_breaks_harms_nobody_else() {
    journey(&WebConfig::default(), async |hall| {
        let broken = hall.get("/essai/casse", &[]).await;
        assert_eq!(broken.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(broken.body.contains(broken.header("x-request-id")), "the number that the log knows");
        assert!(broken.body.contains("Lunel"), "still the page of the town");
        assert!(!broken.body.contains("as the test wants it"), "what broke is for the log alone");
        assert_eq!(hall.get("/essai", &[]).await.status, StatusCode::OK);
    });
}

#[test]
fn what_takes_too_long_is_given_up() {
    let config = WebConfig { page_timeout: Duration::from_millis(20), ..WebConfig::default() };
    journey(&config, async |hall| {
        let late = hall.get("/essai/jamais", &[]).await;
        assert_eq!(late.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(late.body.contains("momentanément indisponible"));
    });
}

#[test]
fn what_is_too_large_is_refused() {
    journey(&WebConfig::default(), async |hall| {
        let fits = hall.post("/essai/corps", &[], &"x".repeat(500_000)).await;
        assert_eq!((fits.status, fits.body.as_str()), (StatusCode::OK, "500000"));
        let large = hall.post("/essai/corps", &[], &"x".repeat(600_000)).await;
        assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert!(large.body.contains("C’est trop volumineux"));
        let form = hall.post("/essai/ecrire", &[], &format!("what={}", "x".repeat(600_000))).await;
        assert_eq!(form.status, StatusCode::PAYLOAD_TOO_LARGE);
    });
}

#[test]
fn who_asks_too_often_is_told_when_to_come_back() {
    journey(&WebConfig::default(), async |hall| {
        for _ in 0..2 {
            assert_eq!(hall.get("/essai/souvent", &[]).await.status, StatusCode::OK);
        }
        let refused = hall.get("/essai/souvent", &[]).await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
        let wait: u64 = refused.header("retry-after").parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
        let other = hall.ask_from("198.51.100.1", request("GET", "/essai/souvent", &[], "")).await;
        assert_eq!(other.status, StatusCode::OK);
        // The bucket fills again meanwhile, so that not each one is refused.
        let mut refused = 0;
        for _ in 0..400 {
            let asked = hall.ask_from("203.0.113.5", request("GET", "/nulle-part", &[], "")).await;
            refused += u32::from(asked.status == StatusCode::TOO_MANY_REQUESTS);
        }
        assert_ne!(refused, 0, "pages as such are limited too");
    });
}

#[test]
fn operators_see_that_it_lives_and_strangers_no_figures() {
    let config = WebConfig { metrics_token: Some("a-long-token".to_owned()), ..WebConfig::default() };
    journey(&config, async |hall| {
        for path in ["/healthz", "/readyz"] {
            let answer = hall.get(path, &[("host", "10.0.0.1")]).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        }
        assert_eq!(hall.get("/metrics", &[]).await.status, StatusCode::NOT_FOUND);
        let wrong = hall.get("/metrics", &[("authorization", "Bearer guess")]).await;
        assert_eq!(wrong.status, StatusCode::NOT_FOUND);
        let forwarded = request("GET", "/metrics", &[("x-forwarded-for", STRANGER)], "");
        assert_eq!(hall.ask_from(OPERATOR, forwarded).await.status, StatusCode::NOT_FOUND);
        let token = hall.get("/metrics", &[("authorization", "Bearer a-long-token")]).await;
        assert!(token.body.contains("beffroi_answers_total{status=\"2xx\"}"), "{}", token.body);
        let here = hall.ask_from(OPERATOR, request("GET", "/metrics", &[], "")).await;
        assert!(here.body.contains("beffroi_communes_open 1"), "{}", here.body);
        assert!(here.body.contains("beffroi_commits_total"), "{}", here.body);
    });
}

#[test]
fn a_service_that_cannot_work_makes_the_house_not_ready() {
    journey(&WebConfig::default(), async |hall| {
        hall.bench.ill.store(true, Ordering::Relaxed);
        let stranger = hall.get("/readyz", &[]).await;
        assert_eq!(
            (stranger.status, stranger.body.as_str()),
            (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
        );
        let operator = hall.ask_from(OPERATOR, request("GET", "/readyz", &[], "")).await;
        assert_eq!(operator.body, "testing: the disk is full\n");
        assert_eq!(hall.get("/healthz", &[]).await.status, StatusCode::OK, "it lives all the same");
    });
}
