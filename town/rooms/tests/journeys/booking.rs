//! Somebody picks a time: it is theirs for a quarter of an hour, or they are told what speaks against it.

use axum::http::StatusCode;
use beffroi_core::Day;
use chrono::{Datelike, TimeDelta};
use serde_json::json;

use crate::support::{Town, hours_of, in_a_town};

const PICK: &str = "/salles/salle-brassens/reserver";
const BOOK: &str = "/api/v1/resources/salle-brassens/bookings";
const KEYS: [&str; 2] = ["0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"];

fn fields<'f>(key: &'f str, day: &'f str, from: &'f str, until: &'f str) -> Vec<(&'f str, &'f str)> {
    vec![
        ("idempotency_key", key),
        ("jour", day),
        ("de", from),
        ("a", until),
        ("personnes", "40"),
        ("disposition", "0"),
    ]
}

async fn claims(town: &Town<'_>) -> i64 {
    let sql = "SELECT COUNT(*) FROM calendar_claim";
    let read = town
        .fixture
        .commune
        .read(beffroi_store::By::SYSTEM, move |tx| tx.query_one(sql, &[], |row| row.get(0)));
    let found: Result<i64, beffroi_store::StoreError> = read.await;
    found.unwrap()
}

#[test]
fn a_free_time_is_held_and_leads_to_the_form() {
    in_a_town(async |town| {
        let day = town.open_day(3);
        let named = day.to_string();
        // The page of the room leads to the page of the time.
        let month = format!("{:04}-{:02}", day.year(), day.month());
        let room = town.get(&format!("/salles/salle-brassens?mois={month}&jour={day}")).await;
        room.says(&format!("{PICK}?jour={day}")).says("de=09:00");
        let page = town.get(&format!("{PICK}?jour={day}&de=09:00&a=12:00")).await;
        page.says("Libre le")
            .says("de 9\u{a0}h à 12\u{a0}h")
            .says("Grilles (10 au plus)")
            .says("value=\"09:00\"");
        let mut wish = fields(KEYS[0], &named, "9h30", "12:00");
        wish.push(("materiel-grilles", "4"));
        let held = town.post(PICK, "", &wish).await;
        assert_eq!(held.location, "/demarches/reservation-de-salle/demande", "{}", held.body);
        assert!(held.cookie.starts_with("creneau="), "{}", held.cookie);
        assert_eq!(claims(town).await, 5, "the room and four panels");
        // The same click again holds nothing more, and carries the same.
        let again = town.post(PICK, "", &wish).await;
        assert_eq!((again.status, again.cookie == held.cookie), (StatusCode::SEE_OTHER, true));
        assert_eq!(claims(town).await, 5);
        // Whoever picks another time gives back the first.
        let cookie = held.cookie.split(';').next().unwrap();
        let other = town.post(PICK, cookie, &fields(KEYS[1], &named, "14:00", "16:00")).await;
        assert_eq!(other.status, StatusCode::SEE_OTHER);
        assert_eq!(claims(town).await, 1);
        town.get(&format!("/salles/salle-brassens?mois={month}&jour={day}"))
            .await
            .says("Occupée</strong> de 14\u{a0}h");
        assert_eq!(town.get("/salles/inconnue/reserver").await.status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn what_cannot_be_had_is_refused_clearly_and_what_was_typed_is_kept() {
    in_a_town(async |town| {
        let day = town.open_day(3);
        let named = day.to_string();
        town.takes(hours_of(day, 9, 12)).await;
        let refused = town.post(PICK, "", &fields(KEYS[0], &named, "10:00", "12:00")).await;
        assert_eq!(refused.status, StatusCode::CONFLICT);
        refused
            .says("La salle est déjà réservée à ce moment-là.")
            .says("Les créneaux libres les plus proches");
        refused.says("value=\"10:00\"").says("value=\"40\"").says("href=\"#jour\"");
        let yesterday = day.checked_sub_days(chrono::Days::new(30)).unwrap().to_string();
        let far = day.checked_add_days(chrono::Days::new(300)).unwrap().to_string();
        let sunday = day.iter_days().find(|day| day.weekday() == chrono::Weekday::Sun).unwrap().to_string();
        for (day, from, until, told) in [
            ("2026-02-30", "10:00", "12:00", "Indiquez un jour qui existe"),
            ("", "10:00", "12:00", "Indiquez un jour qui existe"),
            (named.as_str(), "25:00", "12:00", "Indiquez l’heure de début"),
            (named.as_str(), "16:00", "15:00", "La fin est avant le début."),
            (named.as_str(), "14:10", "16:00", "ne commence pas à cette heure-là"),
            (named.as_str(), "14:00", "14:30", "au moins 1\u{a0}h"),
            (named.as_str(), "12:30", "13:30", "La salle est fermée"),
            (sunday.as_str(), "10:00", "12:00", "La salle est fermée"),
            (yesterday.as_str(), "10:00", "12:00", "Ce moment est passé."),
            (far.as_str(), "10:00", "12:00", "au plus 180\u{a0}jours à l’avance"),
        ] {
            let refused = town.post(PICK, "", &fields(KEYS[0], day, from, until)).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{told}");
            let plain = refused.body.replace("&#39;", "’").replace('\u{202f}', "\u{a0}");
            assert!(
                plain.contains(told) || plain.replace('\u{a0}', " ").contains(&told.replace('\u{a0}', " ")),
                "{told}: {plain}"
            );
        }
        let crowd =
            [&fields(KEYS[0], &named, "14:00", "16:00")[..4], &[("personnes", "121"), ("disposition", "0")]]
                .concat();
        town.post(PICK, "", &crowd).await.says("120").says("id=\"personnes-error\"");
        let many = [&fields(KEYS[0], &named, "14:00", "16:00")[..], &[("materiel-grilles", "11")]].concat();
        town.post(PICK, "", &many).await.says("id=\"materiel-grilles-error\"");
        assert_eq!(claims(town).await, 1, "nothing is half booked");
    });
}

#[test]
fn the_nights_when_the_clocks_change_are_told() {
    in_a_town(async |town| {
        for (day, told) in
            [("2027-03-28", "cette heure n’existe pas"), ("2026-10-25", "cette heure existe deux fois")]
        {
            let refused = town.post(PICK, "", &fields(KEYS[0], day, "02:30", "04:00")).await;
            refused.says(told);
        }
    });
}

fn wish(day: Day, from: u32, until: u32) -> serde_json::Value {
    let span = hours_of(day, from, until);
    let instant = |at: beffroi_core::Instant| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    json!({ "start": instant(span.start()), "end": instant(span.end()), "people": 40 })
}

#[test]
fn a_program_holds_a_time_once_and_is_told_the_nearest_where_it_is_taken() {
    in_a_town(async |town| {
        let day = town.open_day(4);
        let held = town.send(BOOK, "clef-1", &wish(day, 9, 11)).await;
        assert_eq!(held.status, StatusCode::CREATED, "{}", held.body);
        let told = held.json();
        assert_eq!(told["request_url"], "/api/v1/procedures/reservation-de-salle/cases");
        assert_eq!(told["token"].as_str().unwrap().len(), 64);
        let again = town.send(BOOK, "clef-1", &wish(day, 9, 11)).await;
        assert_eq!(again.json(), told);
        assert_eq!(town.send(BOOK, "clef-1", &wish(day, 14, 16)).await.status, StatusCode::CONFLICT);
        let taken = town.send(BOOK, "clef-2", &wish(day, 10, 12)).await;
        assert_eq!(taken.status, StatusCode::CONFLICT);
        let problem = taken.json();
        assert_eq!(problem["status"], 409);
        let alternatives = problem["alternatives"].as_array().unwrap();
        assert_eq!(alternatives.len(), 5);
        assert_eq!(claims(town).await, 1);
        for (body, pointer) in [
            (json!({}), "#"),
            (json!({ "start": "hier", "end": "demain", "people": 1 }), "#"),
            (wish(day, 12, 13), "#/start"),
            (wish(day, 14, 23), "#/start"),
            (
                json!({ "start": "2020-01-01T10:00:00Z", "end": "2020-01-01T11:00:00Z", "people": 1 }),
                "#/start",
            ),
            (json!({ "start": "2030-01-01T10:00:00Z", "end": "2030-01-01T09:00:00Z", "people": 1 }), "#/end"),
        ] {
            let refused = town.send(BOOK, "", &body).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
            let told = refused.json();
            assert!(
                told["errors"].as_array().unwrap().iter().any(|it| it["pointer"] == pointer),
                "{body}: {told}"
            );
        }
        assert_eq!(
            town.send("/api/v1/resources/inconnue/bookings", "", &wish(day, 14, 16)).await.status,
            404
        );
        // What is held shows in the calendar, and not by whom.
        town.get("/api/v1/resources/salle-brassens.ics")
            .await
            .says("SUMMARY:Occupée")
            .is_silent_about("clef");
        town.fixture.clock.advance(TimeDelta::minutes(15));
        assert_eq!(town.send(BOOK, "clef-3", &wish(day, 10, 12)).await.status, StatusCode::CREATED);
    });
}

#[test]
fn what_a_program_holds_and_needs_no_more_it_gives_back() {
    in_a_town(async |town| {
        let day = town.open_day(5);
        let held = town.send(BOOK, "clef-1", &wish(day, 9, 11)).await.json();
        let (id, token) = (held["id"].as_str().unwrap(), held["token"].as_str().unwrap());
        let gives = async |path: String, token: &str| {
            let request = axum::extract::Request::delete(path).header("booking-token", token);
            town.ask(request, String::new()).await.status
        };
        let path = format!("{BOOK}/{id}");
        assert_eq!(gives(path.clone(), "faux").await, StatusCode::NOT_FOUND);
        assert_eq!(gives(format!("{BOOK}/rien"), token).await, StatusCode::NOT_FOUND);
        let elsewhere = path.replace("salle-brassens", "inconnue");
        assert_eq!(gives(elsewhere, token).await, StatusCode::NOT_FOUND);
        assert_eq!(claims(town).await, 1);
        assert_eq!(gives(path.clone(), token).await, StatusCode::NO_CONTENT);
        assert_eq!(claims(town).await, 0);
        assert_eq!(town.send(BOOK, "clef-2", &wish(day, 9, 11)).await.status, StatusCode::CREATED);
        assert_eq!(gives(path, token).await, StatusCode::NOT_FOUND, "it is nobody's any more");
    });
}

#[test]
fn of_rivals_for_one_time_one_has_it() {
    in_a_town(async |town| {
        let day = town.open_day(5);
        let body = wish(day, 14, 16);
        let rivals: Vec<_> = (0..8).map(|_| town.send(BOOK, "", &body)).collect();
        let mut won = 0;
        for answer in futures_util::future::join_all(rivals).await {
            assert!([201, 409].contains(&answer.status.as_u16()), "{} {}", answer.status, answer.body);
            won += usize::from(answer.status == StatusCode::CREATED);
        }
        assert_eq!((won, claims(town).await), (1, 1));
    });
}
