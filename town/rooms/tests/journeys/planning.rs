//! Agents see when rooms are taken, hold a time for somebody, and keep a room for the town.

use axum::http::StatusCode;
use beffroi_calendar::booking::{self, Details, NewBooking};
use beffroi_people::Role;
use beffroi_store::By;
use uuid::Uuid;

use crate::support::{hours_of, in_a_town};

const KEYS: [&str; 2] = ["0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"];

#[test]
fn an_agent_sees_the_planning_and_holds_a_time_for_the_counter() {
    in_a_town(async |town| {
        let day = town.open_day(3);
        let agent = town.agent(Role::Agent).await;
        town.takes(hours_of(day, 9, 11)).await;
        let page = town.get_as(&agent, &format!("/agents/planning?jour={day}")).await;
        page.says("Salle Brassens").says("de 9\u{a0}h à 11\u{a0}h").says("de 14\u{a0}h à 22\u{a0}h");
        page.says("/agents/planning/salle-brassens/reserver?jour=").says("/bloquer");
        let week = town.get_as(&agent, &format!("/agents/planning?vue=semaine&jour={day}")).await;
        week.says("<table class=\"planning-week\">").says("Salle Brassens").says("de 14\u{a0}h à 22\u{a0}h");
        week.says("Semaine suivante").says("/agents/planning/salle-brassens/reserver?jour=");
        // One room alone.
        let only = town.get_as(&agent, &format!("/agents/planning?jour={day}&salle=salle-brassens")).await;
        only.says("<option value=\"salle-brassens\" selected").says("&#38;salle=salle-brassens");
        assert_eq!(town.get_as(&agent, "/agents/planning?salle=inconnue").await.status, 404);
        town.get_as(&agent, &format!("/agents/planning/salle-brassens?jour={day}"))
            .await
            .says("de 14\u{a0}h");
        assert_eq!(town.get_as(&agent, "/agents/planning/inconnue").await.status, 404);
        let named = day.to_string();
        let fields = [
            ("idempotency_key", KEYS[0]),
            ("jour", named.as_str()),
            ("de", "14:00"),
            ("a", "16:00"),
            ("personnes", "12"),
        ];
        let cookie = format!("beffroi={agent}");
        let held = town.post("/agents/planning/salle-brassens/reserver", &cookie, &fields).await;
        assert!(held.location.starts_with("/agents/guichet/reservation-de-salle?creneau="), "{}", held.body);
        let page = town.get_as(&agent, &format!("/agents/planning?jour={day}")).await;
        page.says("Gardée").says("12\u{20}personnes");
        // An auditor has no business there, and a stranger is asked who they are.
        let auditor = town.agent(Role::JournalReader).await;
        assert_eq!(town.get_as(&auditor, "/agents/planning").await.status, 404);
        assert_eq!(town.get("/agents/planning").await.status, StatusCode::SEE_OTHER);
    });
}

#[test]
fn a_time_is_looked_for_on_behalf_of_a_request_that_came_without() {
    in_a_town(async |town| {
        let day = town.open_day(3);
        let agent = town.agent(Role::Agent).await;
        let case = Uuid::from_u128(7);
        let named = day.to_string();
        let page = town.get_as(&agent, &format!("/agents/planning?dossier={case}&jour={day}")).await;
        page.says("pour une demande arrivée sans").says(&format!("href=\"/agents/dossiers/{case}\""));
        page.says(&format!("name=\"dossier\" value=\"{case}\"")).says(&format!("&#38;dossier={case}"));
        let room = town.get_as(&agent, &format!("/agents/planning/salle-brassens?dossier={case}")).await;
        room.says(&format!("&#38;dossier={case}"));
        let pick = "/agents/planning/salle-brassens/reserver";
        let page = town.get_as(&agent, &format!("{pick}?jour={day}&de=14:00&a=16:00&dossier={case}")).await;
        page.says(&format!("name=\"dossier\" value=\"{case}\"")).says("Vous reviendrez ensuite à la demande");
        let carried = case.to_string();
        let fields = |key, from, until| {
            vec![
                ("idempotency_key", key),
                ("dossier", carried.as_str()),
                ("jour", named.as_str()),
                ("de", from),
                ("a", until),
                ("personnes", "12"),
            ]
        };
        let cookie = format!("beffroi={agent}");
        let held = town.post(pick, &cookie, &fields(KEYS[0], "14:00", "16:00")).await;
        let back = format!("/agents/dossiers/{case}?creneau=");
        assert!(held.location.starts_with(&back) && held.location.ends_with("#creneau"), "{}", held.body);
        // What cannot be had keeps the way back.
        let refused = town.post(pick, &cookie, &fields(KEYS[1], "15:00", "17:00")).await;
        refused.says(&format!("name=\"dossier\" value=\"{case}\""));
        // What names no case leads to none.
        let odd = town.get_as(&agent, "/agents/planning?dossier=%22%3E").await;
        odd.is_silent_about("pour une demande arrivée sans");
    });
}

#[test]
fn what_another_service_keeps_is_not_given_back_from_the_planning() {
    in_a_town(async |town| {
        let (day, hall) = (town.open_day(3), town.hall);
        let kept = town.fixture.commune.write(By::SYSTEM, move |tx| {
            let details = Details { note: "Atelier tablette".to_owned(), ..Details::default() };
            let new = NewBooking { resource: hall, span: hours_of(day, 9, 11), details };
            booking::block_for(tx, &new, ("workshop-session", Uuid::from_u128(7)))
        });
        let id = kept.await.unwrap();
        let head = town.agent(Role::Manager).await;
        let page = town.get_as(&head, &format!("/agents/planning?jour={day}")).await;
        page.says("Atelier tablette").is_silent_about("Lever le blocage");
        let lift = format!("/agents/planning/blocages/{id}/lever");
        assert_eq!(town.post(&lift, &format!("beffroi={head}"), &[]).await.status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn the_town_keeps_a_room_for_itself_and_gives_it_back() {
    in_a_town(async |town| {
        let day = town.open_day(3);
        let head = town.agent(Role::Manager).await;
        let cookie = format!("beffroi={head}");
        let address = "/agents/planning/salle-brassens/bloquer";
        town.get_as(&head, &format!("{address}?jour={day}&de=09:00&a=12:00")).await.says("value=\"09:00\"");
        let named = day.to_string();
        let fields = |key, from, until| {
            [
                ("idempotency_key", key),
                ("jour", named.as_str()),
                ("de", from),
                ("a", until),
                ("pourquoi", "Bureau de vote"),
            ]
        };
        // Not even the openings hold the town back.
        let kept = town.post(address, &cookie, &fields(KEYS[0], "06:00", "13:00")).await;
        assert_eq!(kept.location, format!("/agents/planning?jour={day}&fait=bloque"), "{}", kept.body);
        let page = town.get_as(&head, &kept.location).await;
        page.says("Bureau de vote").says("Bloquée").says("Lever le blocage");
        let taken = town.post(address, &cookie, &fields(KEYS[1], "12:00", "15:00")).await;
        assert_eq!(taken.status, StatusCode::CONFLICT);
        taken.says("déjà réservée").says("value=\"12:00\"");
        // By what, for whoever may see it.
        taken.says("Bureau de vote").says(&format!("/agents/planning/salle-brassens?jour={day}"));
        let lift = page.body.split("action=\"/agents/planning/blocages/").nth(1).unwrap();
        let lift = format!("/agents/planning/blocages/{}", lift.split('"').next().unwrap());
        let auditor = town.agent(Role::JournalReader).await;
        assert_eq!(town.post(&lift, &format!("beffroi={auditor}"), &[]).await.status, 404);
        assert_eq!(town.post(&lift, &cookie, &[]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(town.post(&lift, &cookie, &[]).await.status, 404);
        let free = town.get_as(&head, &format!("/agents/planning?jour={day}")).await;
        free.says("de 9\u{a0}h à 12\u{a0}h").is_silent_about("Bureau de vote");
    });
}
