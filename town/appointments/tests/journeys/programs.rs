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

/// A program that holds a token, or none.
async fn asks(town: &Town<'_>, method: &str, path: &str, token: &str, body: &serde_json::Value) -> Answer {
    let mut request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    if !token.is_empty() {
        request = request.header("authorization", token);
    }
    let body = if body.is_null() { String::new() } else { body.to_string() };
    town.browser().ask(request, body).await
}

#[test]
fn a_program_moves_and_gives_back_what_it_has_booked() {
    in_a_town(async |town| {
        let nothing = serde_json::Value::Null;
        let body = json!({
            "start": "2026-06-04T07:00:00Z", "site": "hotel-de-ville", "name": "Jeanne Roux",
            "email": "jeanne@example.org",
        });
        let page = sends(town, &body, "un").await.json()["page"].as_str().unwrap().to_owned();
        let own = format!("/api/v1/appointments/{}", page.rsplit('/').next().unwrap());
        let seen = asks(town, "GET", &own, "", &nothing).await.json();
        assert_eq!((seen["state"].clone(), seen["motive"].clone()), (json!("booked"), json!("titres")));
        assert_eq!(asks(town, "GET", "/api/v1/appointments/inconnu", "", &nothing).await.status, 404);
        let to_move = format!("{own}/move");
        let later = json!({ "start": "2026-06-04T07:20:00Z", "site": "hotel-de-ville" });
        let moved = asks(town, "POST", &to_move, "", &later).await;
        assert_eq!((moved.status, moved.json()["start"].clone()), (200, json!("2026-06-04T07:20:00Z")));
        let closed = json!({ "start": "2026-06-04T20:00:00Z", "site": "hotel-de-ville" });
        let refused = asks(town, "POST", &to_move, "", &closed).await;
        assert_eq!(refused.status, 409, "{}", refused.body);
        assert!(!refused.json()["alternatives"].as_array().unwrap().is_empty());
        for (wrong, at) in [
            (json!({ "start": "demain", "site": "hotel-de-ville" }), "#/start"),
            (json!({ "start": "2026-06-04T07:40:00Z", "site": "nulle-part" }), "#/site"),
            (json!({}), "#"),
        ] {
            let refused = asks(town, "POST", &to_move, "", &wrong).await;
            assert_eq!(refused.status, 422, "{wrong}");
            refused.says(at);
        }
        let cancel = format!("{own}/cancellation");
        for _ in 0..2 {
            assert_eq!(asks(town, "POST", &cancel, "", &nothing).await.status, 204);
        }
        assert_eq!(asks(town, "GET", &own, "", &nothing).await.json()["state"], "cancelled");
        assert_eq!(asks(town, "POST", &to_move, "", &later).await.status, 409, "it is given back");
    });
}

#[test]
fn a_program_waits_for_a_time_and_waits_no_more() {
    in_a_town(async |town| {
        let nothing = serde_json::Value::Null;
        let path = "/api/v1/appointment-motives/titres/wishes";
        let wish = json!({
            "first": "2026-06-08", "last": "2026-06-30", "name": "Jeanne Roux", "email": "jeanne@example.org",
        });
        let made = asks(town, "POST", path, "", &wish).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let made = made.json();
        assert_eq!(town.browser().get(made["page"].as_str().unwrap()).await.status, 200);
        let own = format!("/api/v1/appointment-wishes/{}", made["link"].as_str().unwrap());
        let seen = asks(town, "GET", &own, "", &nothing).await.json();
        assert_eq!((seen["state"].clone(), seen["last"].clone()), (json!("waiting"), json!("2026-06-30")));
        for (wrong, at) in [
            (json!({ "first": "hier", "last": "2026-06-30", "name": "A", "phone": "0612345678" }), "#/first"),
            (
                json!({ "first": "2026-06-08", "last": "2026-06-01", "name": "A", "phone": "0612345678" }),
                "#/last",
            ),
            (json!({ "first": "2026-06-08", "last": "2026-06-30", "name": "A" }), "#/email"),
            (
                json!({ "first": "2026-06-08", "last": "2026-06-30", "name": "A", "phone": "0612345678", "site": "x" }),
                "#/site",
            ),
            (
                json!({ "first": "2026-06-08", "last": "2026-06-30", "name": "A", "phone": "0612345678", "persons": 9 }),
                "#/persons",
            ),
            (
                json!({ "first": "2026-06-08", "last": "2026-06-30", "name": "A", "phone": "0612345678", "channel": "phone" }),
                "#/channel",
            ),
        ] {
            let refused = asks(town, "POST", path, "", &wrong).await;
            assert_eq!(refused.status, 422, "{wrong}");
            refused.says(at);
        }
        assert_eq!(
            asks(town, "POST", "/api/v1/appointment-motives/rien/wishes", "", &wish).await.status,
            404
        );
        for _ in 0..2 {
            assert_eq!(asks(town, "DELETE", &own, "", &nothing).await.status, 204);
        }
        assert_eq!(asks(town, "GET", &own, "", &nothing).await.json()["state"], "ended");
        assert_eq!(asks(town, "DELETE", "/api/v1/appointment-wishes/rien", "", &nothing).await.status, 404);
    });
}

#[test]
fn an_agents_program_does_what_the_agent_does() {
    in_a_town(async |town| {
        let nothing = serde_json::Value::Null;
        let agent = town.token("etat-civil", Role::Agent).await;
        let other = town.token("urbanisme", Role::Agent).await;
        let contact = [("nom", "Jeanne Roux"), ("courriel", "jeanne@example.org")];
        town.books(&time(town.things.hall, at(4, 9, 0)), &contact).await;
        let day = "/api/v1/agent/appointments?site=hotel-de-ville&day=2026-06-04";
        let all = asks(town, "GET", day, &agent, &nothing).await.json();
        assert_eq!(all.as_array().unwrap().len(), 1);
        assert_eq!(
            (all[0]["name"].clone(), all[0]["state"].clone()),
            (json!("Jeanne Roux"), json!("booked"))
        );
        assert_eq!(asks(town, "GET", day, &other, &nothing).await.json(), json!([]));
        for (path, status) in [
            ("/api/v1/agent/appointments?site=rien", 404),
            ("/api/v1/agent/appointments?site=hotel-de-ville&day=hier", 422),
        ] {
            assert_eq!(asks(town, "GET", path, &agent, &nothing).await.status, status, "{path}");
        }
        let one = format!("/api/v1/agent/appointments/{}", all[0]["id"].as_str().unwrap());
        let later = json!({ "start": "2026-06-04T07:20:00Z", "site": "hotel-de-ville" });
        let moves = format!("{one}/move");
        assert_eq!(asks(town, "POST", &moves, &other, &later).await.status, 404);
        assert_eq!(asks(town, "POST", &moves, &agent, &later).await.status, 200);
        let state = format!("{one}/state");
        assert_eq!(asks(town, "POST", &state, &agent, &json!({ "state": "gone" })).await.status, 422);
        assert_eq!(asks(town, "POST", &state, &other, &json!({ "state": "arrived" })).await.status, 404);
        assert_eq!(asks(town, "POST", &state, &agent, &json!({ "state": "received" })).await.status, 409);
        let cancel = format!("{one}/cancellation");
        let why = json!({ "why": "Le guichet ferme ce jour-là." });
        let long = json!({ "why": "a".repeat(501) });
        assert_eq!(asks(town, "POST", &cancel, &agent, &long).await.status, 422);
        assert_eq!(asks(town, "POST", &cancel, &other, &why).await.status, 404);
        assert_eq!(asks(town, "POST", &cancel, &agent, &why).await.status, 204);

        let path = "/api/v1/agent/appointment-motives/titres/wishes";
        let wish = json!({
            "first": "2026-06-08", "last": "2026-06-30", "name": "Paul", "phone": "0612345678", "channel": "counter",
        });
        assert_eq!(asks(town, "POST", path, &other, &wish).await.status, 404);
        assert_eq!(asks(town, "POST", path, &agent, &wish).await.status, 204);
        let list = "/api/v1/agent/appointment-wishes";
        assert_eq!(asks(town, "GET", list, &other, &nothing).await.json(), json!([]));
        let waiting = asks(town, "GET", list, &agent, &nothing).await.json();
        assert_eq!(
            (waiting[0]["name"].clone(), waiting[0]["site"].clone()),
            (json!("Paul"), nothing.clone())
        );
        let one = format!("{list}/{}", waiting[0]["id"].as_str().unwrap());
        assert_eq!(asks(town, "DELETE", &one, &other, &nothing).await.status, 404);
        assert_eq!(asks(town, "DELETE", &one, &agent, &nothing).await.status, 204);
        assert_eq!(asks(town, "GET", list, &agent, &nothing).await.json(), json!([]));
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
