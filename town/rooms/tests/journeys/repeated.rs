//! What comes again: every date at once, those that cannot be had told with why, and nothing held before the others will do.

use axum::http::StatusCode;
use beffroi_calendar::booking::{self, Booking};
use beffroi_core::{Day, Id};
use beffroi_people::Role;
use beffroi_store::By;
use chrono::{Datelike, Days, Weekday};
use serde_json::{Value, json};

use crate::support::{Town, hours_of, in_a_town};

const PICK: &str = "/agents/planning/salle-brassens/reserver";
const BOOK: &str = "/api/v1/resources/salle-brassens/bookings";
const KEYS: [&str; 3] = [
    "0123456789abcdef0123456789abcdef",
    "fedcba9876543210fedcba9876543210",
    "00112233445566778899aabbccddeeff",
];

fn fields<'f>(key: &'f str, day: &'f str, until: &'f str) -> Vec<(&'f str, &'f str)> {
    vec![
        ("idempotency_key", key),
        ("jour", day),
        ("de", "18:00"),
        ("a", "20:00"),
        ("personnes", "20"),
        ("repete", "semaine"),
        ("jusquau", until),
    ]
}

/// The first Tuesday from a week on.
fn tuesday(town: &Town<'_>) -> Day {
    let first = town.open_day(7);
    first.iter_days().find(|day| day.weekday() == Weekday::Tue).unwrap()
}

#[test]
fn all_dates_are_held_at_once_and_those_that_are_taken_are_told() {
    in_a_town(async |town| {
        let agent = town.agent(Role::Agent).await;
        let cookie = format!("beffroi={agent}");
        let first = tuesday(town);
        let after = |weeks: u64| first.checked_add_days(Days::new(7 * weeks)).unwrap();
        town.takes(hours_of(after(2), 19, 20)).await;
        let (day, until) = (first.to_string(), after(4).to_string());
        let asked = town.post(PICK, &cookie, &fields(KEYS[0], &day, &until)).await;
        assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
        asked.says("Ces dates ne peuvent pas être réservées").says("La salle est déjà réservée");
        asked.says("Celles-ci sont libres").says("name=\"accord\"").says("value=\"18:00\"");
        let nothing = town.get_as(&agent, &format!("/agents/planning?jour={first}")).await;
        nothing.is_silent_about("Gardée");
        let agreed = [fields(KEYS[1], &day, &until), vec![("accord", "true")]].concat();
        let held = town.post(PICK, &cookie, &agreed).await;
        assert_eq!(held.status, StatusCode::SEE_OTHER, "{}", held.body);
        let id: Id<Booking> = held.location.rsplit('=').next().unwrap().parse().unwrap();
        let found = town.fixture.commune.read(By::SYSTEM, move |tx| booking::find(tx, id)).await;
        let found = found.unwrap().unwrap();
        assert_eq!((found.dates().len(), found.details.skipped.len()), (4, 1));
        assert_eq!(found.details.skipped[0].why, "taken");
        for weeks in [0, 1, 3, 4] {
            let page = town.get_as(&agent, &format!("/agents/planning?jour={}", after(weeks))).await;
            page.says("Gardée").says("de 18\u{a0}h à 20\u{a0}h");
        }
        town.get_as(&agent, &format!("/agents/planning?jour={}", after(2))).await.is_silent_about("Gardée");
        // Given back, all of it is free again.
        town.fixture.commune.write(By::SYSTEM, move |tx| booking::let_go(tx, id)).await.unwrap();
        town.get_as(&agent, &format!("/agents/planning?jour={}", after(3))).await.is_silent_about("Gardée");
    });
}

#[test]
fn how_it_comes_again_is_judged_and_no_stranger_holds_a_year() {
    in_a_town(async |town| {
        let agent = town.agent(Role::Agent).await;
        let cookie = format!("beffroi={agent}");
        let day = tuesday(town).to_string();
        for (until, told) in [
            ("", "Indiquez jusqu’à quel jour"),
            ("2020-01-01", "Indiquez jusqu’à quel jour"),
            ("2199-01-01", "Indiquez jusqu’à quel jour"),
        ] {
            let refused = town.post(PICK, &cookie, &fields(KEYS[0], &day, until)).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
            refused.says(told);
        }
        town.get_as(&agent, PICK).await.says("La réservation se répète");
        let public = "/salles/salle-brassens/reserver";
        town.get(public).await.is_silent_about("La réservation se répète");
        let until = tuesday(town).checked_add_days(Days::new(28)).unwrap().to_string();
        let once = town.post(public, "", &fields(KEYS[2], &day, &until)).await;
        assert_eq!(once.status, StatusCode::SEE_OTHER, "{}", once.body);
        let secret = Town::carried(&once).strip_prefix("creneau=").unwrap().to_owned();
        let found = town.fixture.commune.read(By::SYSTEM, move |tx| booking::by_secret(tx, &secret)).await;
        assert_eq!(found.unwrap().unwrap().dates().len(), 1);
    });
}

#[test]
fn a_program_holds_what_comes_again_and_is_told_which_dates_it_has() {
    in_a_town(async |town| {
        let agent = town.agent(Role::Agent).await;
        let first = tuesday(town);
        let after = |weeks: u64| first.checked_add_days(Days::new(7 * weeks)).unwrap();
        town.takes(hours_of(after(2), 19, 20)).await;
        let instant = |at: beffroi_core::Instant| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let evening = |day: Day| {
            let span = hours_of(day, 18, 20);
            (instant(span.start()), instant(span.end()))
        };
        let (start, end) = evening(first);
        let wish =
            |recurrence: Value| json!({ "start": start, "end": end, "people": 20, "recurrence": recurrence });
        let weekly = wish(json!({ "every": "week", "until": after(4).to_string() }));
        // No stranger holds a year of evenings.
        assert_eq!(town.send(BOOK, "clef-0", &weekly).await.status, StatusCode::UNAUTHORIZED);
        // Whoever wishes all or nothing has nothing.
        let whole = wish(json!({ "every": "week", "until": after(4).to_string(), "whole": true }));
        let refused = town.send_as(&agent, BOOK, "clef-1", &whole).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.body);
        let told = refused.json();
        assert_eq!(
            (&told["refused"][0]["start"], &told["refused"][0]["reason"]),
            (&json!(evening(after(2)).0), &json!("taken"))
        );
        assert!(!told["alternatives"].as_array().unwrap().is_empty());
        let held = town.send_as(&agent, BOOK, "clef-2", &weekly).await;
        assert_eq!(held.status, StatusCode::CREATED, "{}", held.body);
        let told = held.json();
        let starts: Vec<&str> =
            told["dates"].as_array().unwrap().iter().map(|date| date["start"].as_str().unwrap()).collect();
        assert_eq!(starts, [0, 1, 3, 4].map(|weeks| evening(after(weeks)).0));
        assert_eq!(told["refused"].as_array().unwrap().len(), 1);
        let again = town.send_as(&agent, BOOK, "clef-2", &weekly).await;
        assert_eq!(again.json(), told, "the same key gives the same answer");
        let id: Id<Booking> = told["id"].as_str().unwrap().parse().unwrap();
        let found = town.fixture.commune.read(By::SYSTEM, move |tx| booking::find(tx, id)).await;
        assert_eq!(found.unwrap().unwrap().dates().len(), 4);
        // None of them is free any more.
        let rival = wish(json!({ "every": "week", "until": after(1).to_string() }));
        let refused = town.send_as(&agent, BOOK, "clef-3", &rival).await;
        assert_eq!(
            (refused.status, refused.json()["refused"].as_array().unwrap().len()),
            (StatusCode::CONFLICT, 2)
        );
        // What has no end in sight is refused, and told where.
        for (recurrence, pointer) in [
            (json!({ "every": "week", "until": "2199-01-01" }), "#/recurrence/until"),
            (json!({ "every": "week", "until": "2020-01-01" }), "#/recurrence/until"),
            (json!({ "every": "day", "until": "2027-01-01" }), "#"),
        ] {
            let refused = town.send_as(&agent, BOOK, "clef-4", &wish(recurrence)).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
            assert_eq!(refused.json()["errors"][0]["pointer"], pointer);
        }
    });
}
