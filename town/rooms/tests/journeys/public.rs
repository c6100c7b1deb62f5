//! Somebody looks for a room; a program asks when it is free.

use beffroi_people::permission::permit_system;
use beffroi_rooms::{ManageRooms, room};
use beffroi_store::By;
use chrono::{Datelike, Timelike};

use crate::support::{day_of, details, hours_of, in_a_town, sheet};

#[test]
fn somebody_finds_a_room_by_its_size_and_day() {
    in_a_town(async |town| {
        let all = town.get("/salles").await;
        all.says("Salle Brassens").says("Une grande salle avec une scène").says("300\u{20}personnes");
        all.says("Premier créneau libre");
        town.get("/salles?personnes=301").await.says("Aucune salle ne convient");
        let day = town.open_day(3);
        let found = town.get(&format!("/salles?date={day}&duree=120&personnes=40")).await;
        // What was looked for is kept on the way to the room, and to its form.
        found
            .says(&format!("href=\"/salles/salle-brassens?jour={day}"))
            .says("duree=120")
            .says("personnes=40");
        let room = town.get(&format!("/salles/salle-brassens?jour={day}&duree=120&personnes=40")).await;
        room.says(&format!("/salles/salle-brassens/reserver?jour={day}")).says("personnes=40");
        room.says("name=\"personnes\" value=\"40\"");
        town.takes(hours_of(day, 9, 12)).await;
        town.takes(hours_of(day, 14, 21)).await;
        // One hour is left in the evening.
        town.get(&format!("/salles?date={day}&duree=60")).await.says("Salle Brassens").says("21\u{a0}h");
        town.get(&format!("/salles?date={day}&duree=120")).await.says("Aucune salle ne convient");
        // What is typed wrong narrows nothing, and is shown again.
        town.get("/salles?date=demain&duree=x&personnes=beaucoup")
            .await
            .says("Salle Brassens")
            .says("beaucoup");
    });
}

#[test]
fn a_room_shows_its_month_its_week_and_its_list_without_scripts() {
    in_a_town(async |town| {
        let day = town.open_day(5);
        let month = format!("{:04}-{:02}", day.year(), day.month());
        town.takes(hours_of(day, 9, 12)).await;
        let page = town.get(&format!("/salles/salle-brassens?mois={month}&jour={day}")).await;
        assert_eq!(page.status, 200);
        page.says("12 rue Sadi-Carnot")
            .says("Boucle magnétique")
            .says("Assis en rangées")
            .says("200 chaises");
        page.says("Libre en partie").says("de 9\u{a0}h à 12\u{a0}h").says("de 14\u{a0}h à 22\u{a0}h");
        let closed = day_of(town.now(), 10);
        let closing =
            format!("/salles/salle-brassens?mois={:04}-{:02}&jour={closed}", closed.year(), closed.month());
        if closed.weekday() != chrono::Weekday::Sun {
            town.get(&closing).await.says("Travaux de peinture");
        }
        let week = town.get(&format!("/salles/salle-brassens?vue=semaine&jour={day}")).await;
        week.says("de 14\u{a0}h à 22\u{a0}h").says("Fermée");
        let list = town.get("/salles/salle-brassens?vue=liste&duree=480").await;
        // Only afternoons are long enough.
        list.says("de 14\u{a0}h à 22\u{a0}h").is_silent_about(">de 9\u{a0}h");
        let english = town.get("/salles/salle-brassens?vue=liste&lang=en").await;
        assert_eq!(english.status, 200);
        // Times that no calendar has are not an error.
        for odd in [
            "mois=9999-99",
            "mois=0001-01",
            "vue=semaine&jour=9999-12-31",
            "vue=x&duree=-1",
            "jour=2026-02-30",
        ] {
            assert_eq!(town.get(&format!("/salles/salle-brassens?{odd}")).await.status, 200, "{odd}");
        }
        assert_eq!(town.get("/salles/inconnue").await.status, 404);
    });
}

#[test]
fn a_day_within_the_notice_is_not_told_as_past() {
    in_a_town(async |town| {
        let hall = town.hall;
        let changed = town.fixture.commune.write(By::SYSTEM, move |tx| {
            let permit = permit_system::<ManageRooms>(tx).unwrap();
            let mut details = details("salle-brassens", day_of(tx.now(), 10));
            details.terms.ahead_minutes = 5 * 24 * 60;
            room::keep(tx, &permit, Some(hall), &details, &sheet(), true)
        });
        changed.await.unwrap();
        let day = town.open_day(2);
        let page = town.get(&format!("/salles/salle-brassens?jour={day}")).await;
        page.says("Trop tard pour réserver");
        town.get(&format!("/salles/salle-brassens?jour={day}&lang=en")).await.says("Too late to book");
    });
}

#[test]
fn a_program_asks_what_is_free() {
    in_a_town(async |town| {
        let list = town.get("/api/v1/resources").await.json();
        assert_eq!(list[0]["slug"], "salle-brassens");
        assert_eq!(list[0]["capacity"][1]["people"], 300);
        let day = town.open_day(4);
        town.takes(hours_of(day, 15, 16)).await;
        let (from, to) = (hours_of(day, 0, 23).start(), hours_of(day, 0, 23).end());
        let instant = |at: beffroi_core::Instant| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let base = "/api/v1/resources/salle-brassens/availability";
        let (from, to) = (instant(from), instant(to));
        let free = town.get(&format!("{base}?from={from}&to={to}&duration=180")).await;
        assert_eq!(free.status, 200, "{}", free.body);
        let free = free.json();
        assert_eq!(free["taken"].as_array().unwrap().len(), 1);
        let begins: Vec<u32> = free["times"]
            .as_array()
            .unwrap()
            .iter()
            .map(|time| {
                let at: beffroi_core::Instant = time["start"].as_str().unwrap().parse().unwrap();
                at.with_timezone(&chrono_tz::Europe::Paris).hour()
            })
            .collect();
        assert_eq!(begins, [9, 16, 16, 17, 17, 18, 18, 19]);
        for wrong in [
            format!("{base}?from={to}&to={from}"),
            format!("{base}?from=hier&to={to}"),
            format!("{base}?from={from}&to=2099-01-01T00:00:00Z"),
            format!("{base}?from={from}&to={to}&duration=1000000"),
            base.to_owned(),
        ] {
            let refused = town.get(&wrong).await;
            assert_eq!(refused.status, 422, "{wrong} {}", refused.body);
        }
        let nowhere = town.get(&format!("/api/v1/resources/inconnue/availability?from={from}&to={to}")).await;
        assert_eq!(nowhere.status, 404);
    });
}

#[test]
fn a_calendar_is_subscribed_to_that_tells_when_a_room_is_taken_and_not_by_whom() {
    in_a_town(async |town| {
        let day = town.open_day(4);
        town.takes(hours_of(day, 15, 17)).await;
        let calendar = town.get("/api/v1/resources/salle-brassens.ics").await;
        assert_eq!(calendar.status, 200);
        calendar.says("BEGIN:VCALENDAR").says("SUMMARY:Occupée").says("Salle Brassens");
        let start = hours_of(day, 15, 17).start().format("DTSTART:%Y%m%dT%H%M%SZ").to_string();
        calendar.says(&start);
        assert_eq!(calendar.body.matches("BEGIN:VEVENT").count(), 1);
        assert_eq!(town.get("/api/v1/resources/inconnue.ics").await.status, 404);
        assert_eq!(town.get("/api/v1/resources/salle-brassens").await.json()["slug"], "salle-brassens");
    });
}

#[test]
fn what_is_never_open_for_so_long_is_not_said_to_be_taken() {
    in_a_town(async |town| {
        let day = town.open_day(5);
        let month = format!("{:04}-{:02}", day.year(), day.month());
        let page = |minutes: u32| format!("/salles/salle-brassens?mois={month}&jour={day}&duree={minutes}");
        // Eight hours are found in the afternoon, and the morning is not told as free for them.
        let long = town.get(&page(480)).await;
        long.says("de 14\u{a0}h à 22\u{a0}h").is_silent_about(">de 9\u{a0}h");
        town.takes(hours_of(day, 16, 17)).await;
        town.get(&page(480)).await.says("Occupée</strong> de 16\u{a0}h à 17\u{a0}h");
        let other = day.succ_opt().unwrap();
        let week = town.get(&format!("/salles/salle-brassens?vue=semaine&jour={other}&duree=480")).await;
        week.says("de 14\u{a0}h à 22\u{a0}h");
    });
}

#[test]
fn a_search_without_a_length_leaves_out_no_room_and_a_day_that_is_over_finds_none() {
    in_a_town(async |town| {
        let day = town.open_day(3);
        let page = town.get(&format!("/salles?date={day}&duree=&personnes=")).await;
        page.says("Salle Brassens").says("Peu importe");
        town.get("/salles?duree=30").await.says("Aucune salle ne convient");
        town.get("/salles?date=2020-01-15").await.says("Aucune salle ne convient");
        let closed = day_of(town.now(), 10);
        if closed.weekday() != chrono::Weekday::Sun {
            let month = format!("/salles/salle-brassens?mois={:04}-{:02}", closed.year(), closed.month());
            // Why it is closed is one click away.
            town.get(&month).await.says(&format!("jour={closed}#jour"));
        }
    });
}
