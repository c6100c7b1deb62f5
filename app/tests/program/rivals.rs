//! Rivals book the same hours of a hall and the same times of a counter over HTTP, the process is killed in the middle
//! and started again: no time is taken twice, none is taken by nobody, and whoever was told that they have one has it.

use std::{
    collections::BTreeSet,
    process::Child,
    sync::atomic::{AtomicUsize, Ordering},
};

use beffroi_appointments::{
    ManageAppointments,
    motive::{self, MotiveDetails, MotiveSheet},
    site::{self, DeskDetails, SiteDetails, SiteSheet},
};
use beffroi_calendar::{
    free::Starts,
    local::{self, Moment},
    openings::{Hours, OnHolidays, Openings, Rule, Season, Weeks},
    resource::{Kind, Name, ResourceDetails, Terms},
};
use beffroi_core::Instant;
use beffroi_people::{Town, permission::permit_system};
use beffroi_rooms::{
    ManageRooms,
    room::{self, Sheet},
};
use beffroi_store::{By, Engine, StoreError, Tx};
use chrono::{Days, TimeDelta, Weekday};
use serde_json::{Value, json};

use super::{kill_nine::ask, support::House};

/// Half of them want the hall, half the counter.
const RIVALS: usize = 12;
/// Times that were given to somebody before the process is killed.
const KILLED_AFTER: usize = 120;
/// Days on which there are times.
const DAYS: u64 = 30;

const HALL: &str = "/api/v1/resources/salle-brassens/bookings";
const COUNTER: &str = "/api/v1/appointment-motives/projet/bookings";

fn name(fr: &str) -> Name {
    Name { fr: fr.to_owned(), en: String::new() }
}

/// Every day of the year, from nine to noon.
fn mornings() -> Openings {
    let moment = |text| Moment::parse(text).unwrap();
    let week =
        [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
    let rule = Rule {
        weekdays: week.to_vec(),
        weeks: Weeks::Every,
        hours: vec![Hours::new(moment("09:00"), moment("12:00")).unwrap()],
        season: Season::AllYear,
        public_holidays: OnHolidays::Same,
        school_holidays: OnHolidays::Same,
    };
    Openings { rules: vec![rule], ..Openings::default() }
}

/// A hall and a counter; when each morning begins from the day after tomorrow on.
fn settle(tx: &mut Tx<'_>) -> Result<Vec<Instant>, StoreError> {
    let permit = permit_system::<ManageRooms>(tx).unwrap();
    let hall = ResourceDetails {
        slug: "salle-brassens".to_owned(),
        kind: Kind::Room,
        parent: None,
        name: name("Salle Brassens"),
        stock: 1,
        active: true,
        terms: Terms {
            openings: Some(mornings()),
            starts: Starts::Every(60.try_into().unwrap()),
            shortest_minutes: 60,
            longest_minutes: 180,
            ahead_days: 180,
            ..Terms::default()
        },
    };
    let sheet = Sheet {
        summary: name("Une grande salle."),
        procedure: "reservation-de-salle".to_owned(),
        ..Sheet::default()
    };
    room::keep(tx, &permit, None, &hall, &sheet, true).unwrap();
    let permit = permit_system::<ManageAppointments>(tx).unwrap();
    let sheet =
        MotiveSheet { name: name("Parler d’un projet"), minutes: vec![20], ..MotiveSheet::default() };
    let motive = MotiveDetails { slug: "projet".to_owned(), rank: 1, active: true, department: None, sheet };
    let motive = motive::keep(tx, &permit, None, &motive).unwrap();
    let place = SiteDetails {
        slug: "hotel-de-ville".to_owned(),
        name: name("Hôtel de ville"),
        active: true,
        sheet: SiteSheet::default(),
        closures: Openings::default(),
    };
    let place = site::keep_site(tx, &permit, None, &place).unwrap();
    let desk = DeskDetails {
        slug: "guichet".to_owned(),
        name: name("Guichet"),
        is_person: false,
        site: place,
        department: None,
        rank: 1,
        active: true,
        presence: mornings(),
        reserve: Vec::new(),
        motives: [motive].into(),
    };
    site::keep_desk(tx, &permit, None, &desk).unwrap();
    let zone = Town::load(tx)?.zone();
    let today = beffroi_core::calendar::civil_day(tx.now(), zone);
    let days = (2..2 + DAYS).map(|ahead| today.checked_add_days(Days::new(ahead)).unwrap());
    Ok(days.map(|day| local::earliest(day.and_hms_opt(9, 0, 0).unwrap(), zone)).collect())
}

/// A time that somebody was given.
struct Given {
    /// What was asked for, and under which key.
    head: String,
    body: String,
    start: Instant,
    answer: Value,
}

/// Wants one time after the other, as all rivals do, until the connection breaks.
fn wants(address: &str, rival: usize, mornings: &[Instant], count: &AtomicUsize) -> Vec<Given> {
    let hall = rival.is_multiple_of(2);
    let (minutes, path) = if hall { (60, HALL) } else { (20, COUNTER) };
    let times = mornings.iter().flat_map(|morning| {
        (0..180 / minutes).map(move |rank| *morning + TimeDelta::minutes(rank * minutes))
    });
    let mut given = Vec::new();
    for (number, start) in times.enumerate() {
        let body = if hall {
            json!({ "start": start, "end": start + TimeDelta::minutes(60), "people": 10 })
        } else {
            json!({
                "start": start.to_rfc3339(), "site": "hotel-de-ville", "name": format!("Rival {rival}"),
                "email": format!("rival{rival}.{number}@example.org"),
            })
        };
        // Each from an address of its own, so that nobody is taken for somebody who hoards.
        let from = format!("10.{rival}.{}.{}", number / 250, number % 250 + 1);
        let head =
            format!("POST {path} HTTP/1.1\r\nIdempotency-Key: {rival}.{number}\r\nX-Forwarded-For: {from}");
        let body = body.to_string();
        match ask(address, &head, &body) {
            Some((201, text)) => {
                // An answer that was cut off tells nobody anything.
                let Ok(answer) = serde_json::from_str(&text) else { return given };
                given.push(Given { head, body, start, answer });
                count.fetch_add(1, Ordering::SeqCst);
            }
            Some((409, _)) => {}
            Some((status, text)) => {
                assert!(text.is_empty(), "{status}: {text}");
                return given;
            }
            None => return given,
        }
    }
    given
}

/// Lets them want, and kills the process (SIGKILL) in the middle.
fn rush(mut child: Child, address: &str, mornings: &[Instant]) -> Vec<Vec<Given>> {
    let count = AtomicUsize::new(0);
    let given = std::thread::scope(|scope| {
        let rivals: Vec<_> = (0..RIVALS)
            .map(|rival| {
                let count = &count;
                scope.spawn(move || wants(address, rival, mornings, count))
            })
            .collect();
        while count.load(Ordering::SeqCst) < KILLED_AFTER && rivals.iter().any(|it| !it.is_finished()) {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        rivals.into_iter().map(|rival| rival.join().unwrap()).collect()
    });
    child.wait().unwrap();
    given
}

fn nobody_loses(engine: Engine) {
    let Some(house) = House::on(engine) else { return };
    house.run(&["commune", "create", "lunel", "--name", "Lunel", "--host", "localhost"]);
    let mornings = {
        let platform = house.platform();
        let commune = platform.commune("lunel").unwrap();
        commune.write_blocking(By::SYSTEM, settle).unwrap()
    };
    let (child, address) = house.start();
    let given = rush(child, &address, &mornings);
    let (halls, counters): (Vec<_>, Vec<_>) =
        given.into_iter().enumerate().partition(|(rival, _)| rival.is_multiple_of(2));
    let all = |some: Vec<(usize, Vec<Given>)>| -> Vec<Given> {
        some.into_iter().flat_map(|(_, given)| given).collect()
    };
    let (halls, counters) = (all(halls), all(counters));
    assert!(halls.len() + counters.len() >= KILLED_AFTER);
    for (what, some) in [("hall", &halls), ("counter", &counters)] {
        let starts: BTreeSet<Instant> = some.iter().map(|it| it.start).collect();
        assert_eq!(starts.len(), some.len(), "a time of the {what} was given twice");
        assert!(!some.is_empty(), "nobody had the {what}");
    }

    let (mut child, address) = house.start();
    // Whoever was told that they have a time has it: the same key again tells the same, and the page is there.
    for it in &halls {
        let (status, text) = ask(&address, &it.head, &it.body).unwrap();
        assert_eq!(status, 201, "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), it.answer);
    }
    for (number, it) in counters.iter().enumerate() {
        let page = it.answer.get("page").and_then(Value::as_str).unwrap();
        let from = format!("10.99.{}.{}", number / 250, number % 250 + 1);
        let head = format!("GET {page} HTTP/1.1\r\nX-Forwarded-For: {from}");
        let (status, text) = ask(&address, &head, "").unwrap();
        assert_eq!(status, 200, "{text}");
        let reference = it.answer.get("reference").and_then(Value::as_str).unwrap();
        assert!(text.contains(reference), "{reference} is not in its page");
    }

    let platform = house.platform();
    let commune = platform.commune("lunel").unwrap();
    let tell = |sql: &'static str| -> i64 {
        commune.read_blocking(By::SYSTEM, move |tx| tx.query_one(sql, &[], |row| row.get(0))).unwrap()
    };
    let none = |what: &str, sql: &'static str| assert_eq!(tell(sql), 0, "{what}");
    none(
        "two claims overlap",
        "SELECT COUNT(*) FROM calendar_claim a JOIN calendar_claim b ON a.id < b.id AND a.low < b.high AND b.low < a.high",
    );
    none(
        "a time is taken by nobody",
        "SELECT COUNT(*) FROM calendar_claim c WHERE NOT EXISTS (SELECT 1 FROM calendar_booking b WHERE b.id = c.booking) \
         AND NOT EXISTS (SELECT 1 FROM appointments_appointment a WHERE a.id = c.booking AND a.state = 'booked')",
    );
    none(
        "somebody has a booking and no time",
        "SELECT COUNT(*) FROM calendar_booking b WHERE b.state IN ('held', 'asked', 'firm') \
         AND NOT EXISTS (SELECT 1 FROM calendar_claim c WHERE c.booking = b.id)",
    );
    none(
        "somebody has an appointment and no time",
        "SELECT COUNT(*) FROM appointments_appointment a WHERE a.state = 'booked' \
         AND NOT EXISTS (SELECT 1 FROM calendar_claim c WHERE c.booking = a.id)",
    );
    let appointments = tell("SELECT COUNT(*) FROM appointments_appointment WHERE state = 'booked'");
    assert!(usize::try_from(appointments).unwrap() >= counters.len());
    assert_eq!(tell("SELECT COUNT(*) FROM journal WHERE kind = 'appointment.booked'"), appointments);
    child.kill().unwrap();
    child.wait().unwrap();
    drop((commune, platform));
    house.run(&["journal", "verify", "--commune", "lunel"]);
}

#[test]
fn no_time_is_lost_nor_given_twice_on_sqlite() {
    nobody_loses(Engine::Sqlite);
}

#[test]
fn no_time_is_lost_nor_given_twice_on_postgresql() {
    nobody_loses(Engine::Postgres);
}
