//! An agent connects a phone to the planning, and takes its password away again.

use axum::http::StatusCode;
use beffroi_people::Role;

use crate::{caldav::Phone, support::in_a_town};

#[test]
fn a_device_has_a_password_of_its_own_until_its_owner_takes_it_away() {
    in_a_town(async |town| {
        let head = town.agent(Role::Manager).await;
        let cookie = format!("beffroi={head}");
        town.get_as(&head, "/agents/planning").await.says("/agents/appareils");
        town.get_as(&head, "/agents/appareils").await.says("Mes appareils").says("Bloquer les salles");
        let nameless = town.post("/agents/appareils", &cookie, &[("nom", " "), ("droits", "ecrire")]).await;
        assert_eq!(nameless.status, StatusCode::UNPROCESSABLE_ENTITY);
        nameless.says("Donnez un nom à cet appareil.").says("checked");
        let made =
            town.post("/agents/appareils", &cookie, &[("nom", "Téléphone"), ("droits", "ecrire")]).await;
        made.says("http://localhost/caldav/")
            .says("manager@lunel.example")
            .says("Voir le planning et bloquer");
        let password = made.body.split("id=\"mot-de-passe\">").nth(1).unwrap().split('<').next().unwrap();
        assert_eq!(password.len(), 29, "{password}");
        // It is shown once.
        let page = town.get_as(&head, "/agents/appareils").await;
        page.says("Téléphone").says("Jamais").is_silent_about(password);
        let phone = Phone::named(town, "manager@lunel.example", password);
        assert_eq!(phone.ask("PROPFIND", "/caldav/", &[], "").await.status, 207);
        // Capitals, spaces and no dashes: it is typed on a phone.
        let typed = Phone { password: password.to_uppercase().replace('-', " "), ..phone.clone() };
        assert_eq!(typed.ask("PROPFIND", "/caldav/", &[], "").await.status, 207);
        town.get_as(&head, "/agents/appareils").await.is_silent_about("Jamais");
        // Neither somebody else's name nor another password opens anything, nor does this one open the rest of the house.
        for (email, password) in [
            ("agent@lunel.example", password),
            ("manager@lunel.example", "0000"),
            ("", password),
            ("a\0b", "x"),
        ] {
            let stranger = Phone::named(town, email, password);
            let refused = stranger.ask("PROPFIND", "/caldav/", &[], "").await;
            assert_eq!(refused.status, 401, "{email}");
            assert!(refused.header("www-authenticate").starts_with("Basic realm="));
        }
        let plain = password.replace('-', "");
        let bearer = axum::extract::Request::get("/agents/planning")
            .header("host", "localhost")
            .header("authorization", format!("Bearer {plain}"))
            .body(axum::body::Body::empty())
            .unwrap();
        assert_ne!(town.respond(bearer).await.status(), StatusCode::OK);
        let id = page.body.split("name=\"appareil\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        // Another agent takes nothing away from them.
        let agent = town.agent(Role::Agent).await;
        town.post("/agents/appareils/retrait", &format!("beffroi={agent}"), &[("appareil", id)]).await;
        assert_eq!(phone.ask("PROPFIND", "/caldav/", &[], "").await.status, 207);
        let gone = town.post("/agents/appareils/retrait", &cookie, &[("appareil", id)]).await;
        assert_eq!(gone.location, "/agents/appareils?fait=retrait");
        assert_eq!(phone.ask("PROPFIND", "/caldav/", &[], "").await.status, 401);
    });
}

#[test]
fn whoever_guesses_waits() {
    in_a_town(async |town| {
        let phone = Phone::named(town, "manager@lunel.example", "guess");
        let mut statuses = Vec::new();
        for _ in 0..25 {
            statuses.push(phone.ask("PROPFIND", "/caldav/", &[], "").await.status);
        }
        assert_eq!((statuses.first(), statuses.last()), (Some(&401), Some(&429)));
        // Whoever shows nothing is only told how to.
        let stranger = Phone { password: String::new(), email: String::new(), ..phone };
        assert_eq!(stranger.ask("PROPFIND", "/caldav/", &[], "").await.status, 401);
    });
}

#[test]
fn whoever_has_no_part_in_the_planning_has_no_devices() {
    in_a_town(async |town| {
        let auditor = town.agent(Role::JournalReader).await;
        assert_eq!(town.get_as(&auditor, "/agents/appareils").await.status, 404);
        let cookie = format!("beffroi={auditor}");
        assert_eq!(town.post("/agents/appareils", &cookie, &[("nom", "x")]).await.status, 404);
        assert_eq!(town.get("/agents/appareils").await.status, StatusCode::SEE_OTHER);
        // A caretaker's device only reads, unless they choose otherwise.
        let agent = town.agent(Role::Agent).await;
        town.get_as(&agent, "/agents/appareils").await.says("Bloquer les salles");
        let made = town.post("/agents/appareils", &format!("beffroi={agent}"), &[("nom", "Tablette")]).await;
        made.says("Voir le planning").is_silent_about("Voir le planning et bloquer");
    });
}
