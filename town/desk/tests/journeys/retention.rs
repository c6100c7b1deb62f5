//! The end of retention: nothing of a person is left, the figures and the chain of the journal are whole.

use beffroi_core::Instant;
use beffroi_documents::{self as documents, Gate};
use beffroi_people::Role;
use beffroi_store::{By, StoreError, journal};
use chrono::TimeDelta;
use serde_json::json;

use crate::browser::{Hall, journey};

/// Whatever the real date is on which the test runs.
fn in_the_end() -> Instant {
    Instant::from_timestamp_millis(9_000_000_000_000).unwrap()
}

async fn swept(hall: &Hall<'_>) -> (u64, u64) {
    let commune = std::sync::Arc::clone(&hall.fixture.commune);
    let swept = tokio::task::spawn_blocking(move || {
        let cases = beffroi_desk::retention::sweep(&commune).unwrap();
        (cases, documents::sweep_contents(&commune, in_the_end()).unwrap())
    });
    swept.await.unwrap()
}

/// Every text of the database that holds this, by table.
async fn traces(hall: &Hall<'_>, text: &str) -> Vec<(&'static str, i64)> {
    let pattern = format!("%{text}%");
    let found = hall.fixture.commune.read(By::SYSTEM, move |tx| -> Result<_, StoreError> {
        let places = [
            ("cases", "answers || requester_name || beneficiary_name"),
            ("exchange", "words"),
            ("document_request", "pieces"),
            ("decision", "reasons"),
            ("desk_reach", "email || letter_lines"),
            ("person", "family_name || email || address"),
            ("mail", "recipient || body"),
            ("letter", "recipient || lines"),
            ("document", "name"),
            ("journal", "payload"),
            ("job", "payload"),
        ];
        let mut traces = Vec::new();
        for (table, columns) in places {
            let sql = format!("SELECT COUNT(*) FROM {table} WHERE {columns} LIKE $1");
            traces.push((table, tx.query_one(&sql, &[&pattern], |row| row.get::<i64>(0))?));
        }
        Ok(traces)
    });
    found.await.unwrap().into_iter().filter(|(_, count)| *count > 0).collect()
}

fn answers(name: &str) -> serde_json::Value {
    json!({
        "lieu": "ici", "document": "sans-filiation", "copies": 1, "remise": "poste", "lien": "autre", "attestation": true,
        "personne": { "family_name": name, "given_names": "Anaïs", "birth_date": "1990-02-04", "birth_place": "Lunel" },
        "demandeur": { "family_name": name, "given_names": "Anaïs" },
        "adresse": "4 rue du Jasmin, 34400 Lunel", "courriel": format!("{name}@example.org"),
    })
}

#[test]
fn a_case_is_erased_once_its_retention_is_over_and_not_before() {
    journey(Gate::Open, async |hall| {
        let (reference, code) = hall.deposit_for("acte-de-naissance", &answers("Zyxt")).await;
        let (other, _) = hall.deposit_for("acte-de-naissance", &answers("Qwvk")).await;
        let (_, agent) =
            hall.signed_in("agent@lunel.example", Some(("etat-civil", Role::HeadOfDepartment))).await;
        let base = format!("/agents/dossiers/{}", hall.case(&reference).await);
        agent.post(&format!("{base}/prendre"), &[]).await;
        let requester = hall.browser();
        requester.follow(&code).await.is(200);
        requester.post("/suivi/message", &[("message", "Zyxt, c’est moi.")]).await;
        agent.post(&format!("{base}/note"), &[("note", "Zyxt a téléphoné.")]).await;
        let decision = [("outcome", "granted"), ("reasons", "L’acte de Zyxt est trouvé.")];
        agent.post(&format!("{base}/decision"), &decision).await.leads_to(&format!("{base}?fait=decision"));
        hall.work();
        assert!(traces(hall, "Zyxt").await.len() >= 6);
        let papers = hall.value::<i64>("SELECT COUNT(*) FROM content", "").await;

        // Twelve months from 3 June 2026: that day is still kept.
        hall.fixture.clock.advance(TimeDelta::days(365));
        assert_eq!(swept(hall).await, (0, 0));
        hall.fixture.clock.advance(TimeDelta::days(1));
        assert_eq!(swept(hall).await, (1, 2), "the acknowledgement and the letter");
        assert_eq!(traces(hall, "Zyxt").await, []);
        assert_eq!(hall.value::<i64>("SELECT COUNT(*) FROM content", "").await, papers - 2);
        assert_eq!(swept(hall).await, (0, 0), "once is enough");

        // The other case waits for its decision, and is whole.
        assert_eq!(hall.state(&other).await, "received");
        assert!(!traces(hall, "Qwvk").await.is_empty());
        // How it ended still counts; that it was erased is proven, and the chain holds.
        assert_eq!(hall.state(&reference).await, "decided");
        assert_eq!(hall.value::<i64>("SELECT COUNT(*) FROM decision WHERE outcome = 'granted'", "").await, 1);
        assert_eq!(hall.value::<i64>("SELECT COUNT(*) FROM journal WHERE kind = 'case.erased'", "").await, 1);
        let verified = hall.fixture.commune.read(By::SYSTEM, journal::verify).await.unwrap();
        assert_eq!(verified.broken, None);
        assert!(verified.erased > 0);
        requester.get("/suivi").await.is_silent_about(&reference);
    });
}

#[test]
fn what_goes_to_the_archives_is_not_erased() {
    journey(Gate::Open, async |hall| {
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        let requester = hall.browser();
        requester.follow(&code).await.is(200);
        requester.post("/suivi/retrait", &[("sur", "true")]).await.leads_to("/suivi?fait=retrait");
        hall.work();
        hall.fixture.clock.advance(TimeDelta::days(20 * 365));
        assert_eq!(swept(hall).await.0, 0);
        assert_eq!(hall.state(&reference).await, "withdrawn");
        assert!(!traces(hall, "Peyron").await.is_empty());
    });
}
