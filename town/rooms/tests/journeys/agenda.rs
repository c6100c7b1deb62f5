//! A calendar file keeps a room for the town: previewed, then all of it or nothing; hostile files do no harm.

use axum::http::StatusCode;
use beffroi_core::Day;
use beffroi_people::Role;
use beffroi_store::{By, StoreError};

use crate::support::{Answer, Town, hours_of, in_a_town};

const KEYS: [&str; 2] = ["0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"];
const AGENDA: &str = "/agents/planning/salle-brassens/agenda";

/// An event of a file, on a day of Paris; `more`: further lines.
fn event(uid: &str, title: &str, (day, from, until): (Day, u32, u32), more: &str) -> String {
    let day = day.format("%Y%m%d");
    format!(
        "BEGIN:VEVENT\r\nUID:{uid}@ecole.example\r\nSUMMARY:{title}\r\n\
         DTSTART;TZID=Europe/Paris:{day}T{from:02}0000\r\nDTEND;TZID=Europe/Paris:{day}T{until:02}0000\r\n\
         {more}END:VEVENT\r\n"
    )
}

fn file(events: &[String]) -> Vec<u8> {
    let head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//ecole//FR\r\n";
    format!("{head}{}END:VCALENDAR\r\n", events.concat()).into_bytes()
}

async fn sends(town: &Town<'_>, cookie: &str, content: Vec<u8>) -> Answer {
    town.send_files(AGENDA, cookie, &[], &[("fichier", "ecole.ics", content)]).await
}

/// Confirms what a preview tells.
async fn confirms(town: &Town<'_>, cookie: &str, key: &str, preview: &Answer) -> Answer {
    let values = preview.body.split("name=\"bloc\" value=\"").skip(1);
    let blocks: Vec<String> = values.map(|part| part.split('"').next().unwrap().to_owned()).collect();
    let mut fields = vec![("idempotency_key", key)];
    fields.extend(blocks.iter().map(|block| ("bloc", block.as_str())));
    town.post(&format!("{AGENDA}/bloquer"), cookie, &fields).await
}

async fn kept(town: &Town<'_>) -> i64 {
    let sql = "SELECT COUNT(*) FROM calendar_booking WHERE state = 'blocked'";
    let counted = town
        .fixture
        .commune
        .read(By::SYSTEM, move |tx| -> Result<i64, StoreError> { tx.query_one(sql, &[], |row| row.get(0)) });
    counted.await.unwrap()
}

#[test]
fn a_calendar_is_previewed_and_kept_whole() {
    in_a_town(async |town| {
        let (day, later) = (town.open_day(3), town.open_day(12));
        town.takes(hours_of(later, 14, 16)).await;
        let head = town.agent(Role::Manager).await;
        let cookie = format!("beffroi={head}");
        town.get_as(&head, "/agents/planning/salle-brassens").await.says(AGENDA);
        town.get_as(&head, AGENDA).await.says("Fichier d’agenda");
        let content = file(&[
            event("1", "Chorale de l’école", (day, 10, 12), "RRULE:FREQ=DAILY;COUNT=3\r\n"),
            event("2", "Kermesse", (later, 15, 18), ""),
            event("3", "Permanence", (day, 18, 19), "TRANSP:TRANSPARENT\r\n"),
            event("4", "Trop souvent", (day, 20, 21), "RRULE:FREQ=SECONDLY\r\n"),
        ]);
        let preview = sends(town, &cookie, content.clone()).await;
        assert_eq!(preview.status, StatusCode::OK, "{}", preview.body);
        preview.says("3 périodes à bloquer").says("Chorale de l’école").says("3 événements laissés de côté");
        preview.says("Kermesse").says("La salle est déjà prise");
        preview.says("marqué comme disponible").says("règle de répétition");
        // Nothing is kept before it is confirmed.
        assert_eq!(kept(town).await, 0);
        let done = confirms(town, &cookie, KEYS[0], &preview).await;
        assert_eq!(
            done.location,
            format!("/agents/planning/salle-brassens?jour={day}&fait=importe"),
            "{}",
            done.body
        );
        assert_eq!(kept(town).await, 3);
        let page = town.get_as(&head, &done.location).await;
        page.says("bloquée aux dates de l’agenda").says("Chorale de l’école").says("Lever le blocage");
        // A second click keeps nothing more, and the file a second time finds the room taken by itself.
        assert_eq!(confirms(town, &cookie, KEYS[0], &preview).await.location, done.location);
        assert_eq!(kept(town).await, 3);
        let again = sends(town, &cookie, content).await;
        again.says("Rien à bloquer").says("déjà bloquée\u{a0}: Chorale de l’école");
        let late = confirms(town, &cookie, KEYS[1], &preview).await;
        assert_eq!(late.status, StatusCode::CONFLICT);
        late.says("rien n’a été bloqué");
        assert_eq!(kept(town).await, 3);
    });
}

#[test]
fn where_somebody_was_faster_nothing_is_kept() {
    in_a_town(async |town| {
        let (day, later) = (town.open_day(3), town.open_day(6));
        let head = town.agent(Role::Manager).await;
        let cookie = format!("beffroi={head}");
        let content =
            file(&[event("1", "Danse", (day, 10, 12), ""), event("2", "Loto", (later, 14, 18), "")]);
        let preview = sends(town, &cookie, content).await;
        preview.says("2 périodes à bloquer");
        town.takes(hours_of(later, 17, 19)).await;
        let late = confirms(town, &cookie, KEYS[0], &preview).await;
        assert_eq!(late.status, StatusCode::CONFLICT);
        late.says("rien n’a été bloqué").says("1 période à bloquer").says("Loto");
        assert_eq!(kept(town).await, 0);
        // What is left is confirmed from there.
        let done = confirms(town, &cookie, KEYS[1], &late).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
        assert_eq!(kept(town).await, 1);
    });
}

#[test]
fn a_hostile_file_is_refused_in_words() {
    in_a_town(async |town| {
        let day = town.open_day(3);
        let head = town.agent(Role::Manager).await;
        let cookie = format!("beffroi={head}");
        let one = |rank: usize| event(&rank.to_string(), "A", (day, 10, 11), "");
        let long = vec![b'A'; (2 << 20) + 1];
        let swarm = file(&(0..5_001).map(one).collect::<Vec<_>>());
        let endless = file(&[event("1", "A", (day, 10, 11), "RRULE:FREQ=DAILY\r\n")]);
        let old = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20200101T100000Z\r\nDTEND:20200101T110000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        for (content, told) in [
            (Vec::new(), "n’est pas un agenda"),
            (b"\x89PNG\r\n\x1a\n\xff\xfe".to_vec(), "n’est pas un agenda"),
            (b"<html>BEGIN:VCALENDAR</html>".to_vec(), "n’est pas un agenda"),
            (long, "trop grand"),
            (swarm, "trop de dates"),
            (endless, "trop de dates"),
            (old.to_vec(), "aucune date à venir"),
        ] {
            let refused = sends(town, &cookie, content).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{told}: {}", refused.body);
            refused.says(told);
        }
        let none = town.post(AGENDA, &cookie, &[]).await;
        assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
        none.says("Choisissez un fichier");
        // What a title says is words, and nothing else.
        let title = "<script>alert(1)</script>\u{202e}";
        let preview = sends(town, &cookie, file(&[event("1", title, (day, 10, 11), "")])).await;
        preview.is_silent_about("<script>alert").is_silent_about("\u{202e}").says("alert(1)");
        // What the form carries is taken from nobody on trust.
        for block in ["", "1 2 3", "a b c", "0 99999999999 x"] {
            let fields = [("idempotency_key", KEYS[0]), ("bloc", block)];
            let refused = town.post(&format!("{AGENDA}/bloquer"), &cookie, &fields).await;
            assert!([400, 409].contains(&refused.status.as_u16()), "{block}: {}", refused.status);
        }
        let auditor = format!("beffroi={}", town.agent(Role::JournalReader).await);
        assert_eq!(sends(town, &auditor, file(&[])).await.status, 404);
        assert_eq!(confirms(town, &auditor, KEYS[1], &preview).await.status, 404);
        assert_eq!(kept(town).await, 0);
    });
}
