//! A program reads the programme and registers somebody.

use axum::extract::Request;
use beffroi_workshops::series::Signup;
use serde_json::json;

use crate::{
    paid::sells,
    support::{Answer, Town, in_a_town},
};

async fn sends(town: &Town<'_>, slug: &str, body: &serde_json::Value, key: &str) -> Answer {
    let request = Request::post(format!("/api/v1/workshops/{slug}/registrations"))
        .header("content-type", "application/json")
        .header("idempotency-key", key);
    town.browser().ask(request, body.to_string()).await
}

#[test]
fn a_program_registers_somebody_once_and_is_told_what_is_left_where_it_is_full() {
    in_a_town(async |town| {
        let browser = town.browser();
        let all = browser.get("/api/v1/workshops").await.json();
        let steps = all.as_array().unwrap().iter().find(|it| it["slug"] == "premiers-pas").unwrap();
        assert_eq!(steps["next_session"], "2026-06-10T12:00:00Z");
        assert_eq!((&steps["price"], &steps["registers_for"]), (&json!(0), &json!("each")));
        let sessions = browser.get("/api/v1/workshops/premiers-pas/sessions").await.json();
        assert_eq!((&sessions[0]["free"], &sessions[0]["waiting_places"]), (&json!(2), &json!(2)));
        assert_eq!(browser.get("/api/v1/workshops/inconnu/sessions").await.status, 404);
        let session = sessions[0]["id"].as_str().unwrap();
        let body = |name: &str, wait: bool| {
            json!({
                "session": session, "wait": wait, "name": name, "way": "mail",
                "email": format!("{name}@example.org"),
            })
        };
        let made = sends(town, "premiers-pas", &body("un", false), "a").await;
        assert_eq!(made.status, 201, "{}", made.body);
        assert_eq!(
            made.json(),
            json!({ "sessions": [{ "session": session, "state": "seated" }], "told_by": "mail" })
        );
        assert_eq!(sends(town, "premiers-pas", &body("un", false), "a").await.json(), made.json());
        // Whoever is registered is told so; the program is not.
        assert_eq!(sends(town, "premiers-pas", &body("un", false), "b").await.json(), made.json());
        assert_eq!(town.count("SELECT COUNT(*) FROM workshops_registration").await, 1);
        sends(town, "premiers-pas", &body("deux", false), "c").await;
        let full = sends(town, "premiers-pas", &body("trois", false), "d").await;
        assert_eq!((full.status, full.kind.as_str()), (409, "application/problem+json"));
        assert_eq!(full.json()["waiting_places"], 2);
        assert_eq!(full.json()["alternatives"], json!([]));
        let waits = sends(town, "premiers-pas", &body("trois", true), "e").await;
        assert_eq!(waits.json()["sessions"][0]["state"], "waiting");
        let whole = json!({ "session": "all", "name": "Lina", "way": "mail", "email": "lina@example.org" });
        assert_eq!(
            sends(town, "le-cycle", &whole, "f").await.json()["sessions"].as_array().unwrap().len(),
            3
        );
        assert_eq!(sends(town, "premiers-pas", &whole, "g").await.status, 422);
        let wrong = json!({ "session": session, "name": "", "way": "pigeon", "email": "x" });
        let refused = sends(town, "premiers-pas", &wrong, "h").await;
        assert_eq!(refused.status, 422);
        refused.says("#/name").says("#/way").says("#/email");
        for body in
            [json!({}), json!([]), json!({ "session": "x", "name": "y", "way": "mail", "email": "z" })]
        {
            assert_eq!(sends(town, "premiers-pas", &body, "i").await.status, 422, "{body}");
        }
    });
}

#[test]
fn a_program_is_told_what_a_seat_costs_and_learns_nothing_of_who_is_registered() {
    in_a_town(async |town| {
        let session = sells(town, Signup::Each, &[12], 4).await.remove(0).to_string();
        let all = town.browser().get("/api/v1/workshops").await.json();
        let sold = all.as_array().unwrap().iter().find(|it| it["slug"] == "atelier-et-tirage").unwrap();
        assert_eq!((&sold["price"], &sold["reduced_price"]), (&json!(800), &json!(400)));
        assert_eq!(sold["reduced_for"], "Pour les moins de 26 ans.");
        assert!(sold["price_fixed_by"].as_str().unwrap().contains("2026-031"));
        let body = json!({
            "session": session, "reduced": true, "name": "Lina", "way": "mail", "email": "lina@example.org",
        });
        let made = sends(town, "atelier-et-tirage", &body, "a").await;
        assert_eq!((made.status, &made.json()["to_pay"]), (201, &json!(400)), "{}", made.body);
        // Asked again, the answer is the same: it has no link, which a stranger would have of somebody else's order.
        assert_eq!(sends(town, "atelier-et-tirage", &body, "b").await.json(), made.json());
        assert_eq!(town.count("SELECT COUNT(*) FROM payment_order WHERE total_cents = 400").await, 1);
    });
}
