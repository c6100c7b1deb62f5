//! A program books, and the State's search asks.

use axum::extract::Request;
use beffroi_people::Role;
use serde_json::json;

use crate::support::{Answer, Town, at, in_a_town, time};

async fn sends(town: &Town<'_>, body: &serde_json::Value, key: &str) -> Answer {
    let request = Request::post("/api/v1/appointment-motives/titres/bookings")
        .header("content-type", "application/json")
        .header("idempotency-key", key);
    town.browser().ask(request, body.to_string()).await
}

#[test]
fn a_program_reads_what_is_free_and_books_it_once() {
    in_a_town(async |town| {
        let browser = town.browser();
        let motives = browser.get("/api/v1/appointment-motives").await.json();
        assert_eq!(motives[0]["slug"], "titres");
        assert_eq!(motives[0]["minutes"], json!([20, 40, 60]));
        assert_eq!(motives[0]["sites"].as_array().unwrap().len(), 2);
        let base = "/api/v1/appointment-motives/titres";
        let times =
            browser.get(&format!("{base}/times?site=hotel-de-ville&from=2026-06-04&to=2026-06-04")).await;
        let times = times.json();
        assert_eq!(times.as_array().unwrap().len(), 6);
        assert_eq!(
            times[0],
            json!({ "start": "2026-06-04T07:00:00Z", "end": "2026-06-04T07:20:00Z", "site": "hotel-de-ville" })
        );
        for wrong in
            ["persons=9", "site=nulle-part", "from=hier", "from=2026-06-04&to=2026-06-01", "to=2027-06-01"]
        {
            assert_eq!(browser.get(&format!("{base}/times?{wrong}")).await.status, 422, "{wrong}");
        }
        assert_eq!(browser.get("/api/v1/appointment-motives/inconnu/times").await.status, 404);
        let body = json!({
            "start": "2026-06-04T07:00:00Z", "site": "hotel-de-ville", "name": "Jeanne Roux",
            "email": "jeanne@example.org",
        });
        let made = sends(town, &body, "un").await;
        assert_eq!(made.status, 201, "{}", made.body);
        assert_eq!(sends(town, &body, "un").await.json(), made.json());
        assert_eq!(town.count("SELECT COUNT(*) FROM calendar_claim").await, 1);
        assert_eq!(browser.get(made.json()["page"].as_str().unwrap()).await.status, 200);
        let late = sends(town, &body, "deux").await;
        assert_eq!(late.status, 409, "{}", late.body);
        assert_eq!(late.json()["alternatives"][0]["start"], "2026-06-03T09:40:00Z");
        assert_eq!(town.count("SELECT COUNT(*) FROM calendar_claim").await, 1);
        let wrong =
            json!({ "start": "2026-06-04T07:20:00Z", "site": "hotel-de-ville", "name": "", "phone": "12" });
        let refused = sends(town, &wrong, "trois").await;
        assert_eq!(refused.status, 422);
        refused.says("#/name").says("#/phone");
        for body in [
            json!({}),
            json!([]),
            json!({ "start": "demain", "site": "x", "name": "y", "email": "a@example.org" }),
        ] {
            assert_eq!(sends(town, &body, "quatre").await.status, 422, "{body}");
        }
    });
}

#[test]
fn the_states_search_is_answered_with_its_token_alone() {
    in_a_town(async |town| {
        let asks = async |path: &str, token: &str| {
            let request = Request::get(format!("/api/ants/{path}")).header("x-hub-rdv-auth-token", token);
            town.browser().ask(request, String::new()).await
        };
        assert_eq!(asks("getManagedMeetingPoints", "").await.status, 404, "as long as there is no token");
        let chief = town.agent("leonie@lunel.example", "etat-civil", Role::HeadOfDepartment).await;
        assert_eq!(chief.get("/agents/rendez-vous/ants").await.status, 404);
        let manager = town.agent("helene@lunel.example", "", Role::Manager).await;
        manager.get("/agents/rendez-vous/ants").await.says("aucun jeton");
        let page = manager.post("/agents/rendez-vous/ants", &[]).await;
        let token = page.body.split("ants-token\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
        manager.get("/agents/rendez-vous/ants").await.is_silent_about(&token);
        assert_eq!(asks("getManagedMeetingPoints", "faux").await.status, 401);
        let points = asks("getManagedMeetingPoints", &token).await.json();
        assert_eq!(points.as_array().unwrap().len(), 2);
        assert_eq!(points[0]["name"], "Hôtel de ville");
        assert_eq!(points[0]["zip_code"], "34400");
        assert_eq!(points[0]["longitude"], 4.135);
        let (hall, annex) = (town.things.hall, town.things.annex);
        let slots = format!(
            "availableTimeSlots?start_date=2026-06-04&end_date=2026-06-05&reason=CNI-PASSPORT&documents_number=2\
             &meeting_point_ids={hall}&meeting_point_ids={annex}&meeting_point_ids=inconnu"
        );
        let found = asks(&slots, &token).await;
        assert_eq!(found.status, 200, "{}", found.body);
        let found = found.json();
        // Two persons: forty minutes; three times a morning at the hall, and the annex is closed on Friday.
        assert_eq!(found[hall.to_string()].as_array().unwrap().len(), 6);
        assert_eq!(found[annex.to_string()].as_array().unwrap().len(), 4);
        assert_eq!(found["inconnu"], json!([]));
        let first = &found[hall.to_string()][0];
        assert_eq!(first["datetime"], "2026-06-04T07:00:00Z");
        let callback = first["callback_url"].as_str().unwrap();
        assert!(callback.starts_with("https://lunel.example/rendez-vous/titres?personnes=2"), "{callback}");
        let path = callback.trim_start_matches("https://lunel.example").split('#').next().unwrap();
        assert!(town.browser().get(path).await.sent("creneau").contains(&time(hall, at(4, 9, 0))));
        for wrong in [
            "availableTimeSlots?start_date=x&end_date=y&reason=CNI",
            "availableTimeSlots?start_date=2026-06-04&end_date=2026-06-05&reason=PERMIS",
            "availableTimeSlots?start_date=2026-06-04&end_date=2027-06-05&reason=CNI",
        ] {
            assert_eq!(asks(wrong, &token).await.status, 400, "{wrong}");
        }
        let contact =
            [("nom", "Jeanne Roux"), ("courriel", "jeanne@example.org"), ("predemandes", "abcde12345")];
        let mine = town.books(&time(hall, at(4, 9, 0)), &contact).await;
        let held =
            asks("searchApplicationIds?application_ids=ABCDE12345&application_ids=2222222222", &token).await;
        let held = held.json();
        assert_eq!(held["2222222222"], json!([]));
        let known = &held["ABCDE12345"][0];
        assert_eq!(known["meeting_point"], "Hôtel de ville");
        assert_eq!(known["management_url"], format!("https://lunel.example{mine}"));
        // One number, one appointment.
        let second = time(hall, at(4, 9, 20));
        let again = town
            .browser()
            .post("/rendez-vous/titres/reserver", &[("creneau", &second), ("personnes", "1")])
            .await;
        let other = [("nom", "Paul Roux"), ("courriel", "paul@example.org"), ("predemandes", "ABCDE12345")];
        town.browser().post(&again.location, &other).await.says("existe déjà pour l’une de ces pré-demandes");
        town.browser().post(&format!("{mine}/annuler"), &[]).await;
        let held = asks("searchApplicationIds?application_ids=ABCDE12345", &token).await;
        assert_eq!(held.json()["ABCDE12345"], json!([]));
        manager.post("/agents/rendez-vous/ants/fermer", &[]).await;
        assert_eq!(asks("getManagedMeetingPoints", &token).await.status, 404);
    });
}
