//! The journal as the data protection officer reads it, on both engines: by case, by kind, by day, page by page.

use beffroi_people::Role;
use beffroi_store::{By, Entry, StoreError};
use chrono::TimeDelta;

use crate::hall::{journey, removal};

fn ranks(page: &str) -> Vec<i64> {
    let cells = page.split("scope=\"row\">").skip(1);
    cells.map(|cell| cell.split('<').next().unwrap().parse().unwrap()).collect()
}

fn next(page: &str) -> Option<String> {
    let (_, rest) =
        page.split_once("govuk-pagination__next\"><a class=\"govuk-link govuk-pagination__link\" href=\"")?;
    Some(rest.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&"))
}

#[test]
fn the_journal_is_read_by_case_by_kind_and_by_day() {
    journey(async |hall| {
        let officer = hall.token_of(Role::Dpo, "", &["journal.read"]).await;
        let read = async |query: &str| {
            let page = hall.get(&format!("/agents/journal{query}"), &[("authorization", &officer)]).await;
            assert_eq!(page.status, 200, "{query}: {}", page.text());
            page.text()
        };
        let sent = hall.deposit(&removal(), None).await.json();
        hall.deposit(&removal(), None).await;
        hall.fixture.clock.advance(TimeDelta::days(2));
        let agent = hall.token("domaine-public", &["case.read"]).await;
        let listed = hall.get("/api/v1/agent/cases", &[("authorization", &agent)]).await.json();
        for case in listed["cases"].as_array().unwrap() {
            let path = format!("/api/v1/agent/cases/{}", case["id"].as_str().unwrap());
            assert_eq!(hall.get(&path, &[("authorization", &agent)]).await.status, 200);
        }
        let reference = sent["reference"].as_str().unwrap();
        let of_case = read(&format!("?dossier={}", reference.to_lowercase())).await;
        assert_eq!(ranks(&of_case).len(), 2, "received, and looked at");
        assert!(of_case.contains("Dossier consulté") && of_case.contains("Awa Diop"), "{of_case}");
        assert_eq!(ranks(&read("?genre=case.consulted").await).len(), 2);
        assert_eq!(ranks(&read(&format!("?genre=case.consulted&dossier={reference}")).await).len(), 1);
        // The fixture's first day is 3 June 2026.
        let first = "du-day=3&du-month=6&du-year=2026&au-day=3&au-month=6&au-year=2026";
        let later = "du-day=5&du-month=6&du-year=2026";
        assert_eq!(ranks(&read(&format!("?genre=case.received&{first}")).await).len(), 2);
        assert_eq!(ranks(&read(&format!("?genre=case.received&{later}")).await), [0; 0]);
        assert_eq!(ranks(&read(&format!("?genre=case.consulted&{later}")).await).len(), 2);
        assert_eq!(ranks(&read(&format!("?genre=case.consulted&{first}")).await), [0; 0]);
        // What makes no sense is told beside its field.
        assert!(read("?dossier=2026-ZZZZ").await.contains("Aucune demande ne porte cette référence."));
        assert!(read("?du-day=31&du-month=2&du-year=2026").await.contains("Écrivez une date qui existe"));
        assert_eq!(hall.get("/agents/journal", &[("authorization", &agent)]).await.status, 404);
    });
}

#[test]
fn pages_of_the_journal_follow_one_another_with_the_same_wishes() {
    journey(async |hall| {
        let officer = hall.token_of(Role::Dpo, "", &["journal.read"]).await;
        let written = hall.fixture.commune.write(By::SYSTEM, |tx| -> Result<(), StoreError> {
            for number in 0..250 {
                let kind = if number % 2 == 0 { "letter.printed" } else { "mail.sent" };
                let subject_id = tx.new_id::<()>().uuid();
                let payload = serde_json::json!({});
                tx.journal(&Entry { kind, subject_kind: "letter", subject_id, payload })?;
            }
            Ok(())
        });
        written.await.unwrap();
        let mut address = Some("/agents/journal?genre=letter.printed".to_owned());
        let mut seen = Vec::new();
        while let Some(asked) = address {
            let page = hall.get(&asked, &[("authorization", &officer)]).await.text();
            seen.extend(ranks(&page));
            address = next(&page);
        }
        assert_eq!(seen.len(), 125);
        assert!(seen.is_sorted_by(|one, other| one > other));
    });
}
