//! What the pages propose can be had; what somebody holds is not in their own way; nights and last days are whole.

use axum::http::StatusCode;
use beffroi_calendar::{
    booking::{self, Booking},
    openings::Hours,
};
use beffroi_core::{Day, Id};
use beffroi_people::Role;
use beffroi_store::{By, StoreError};
use chrono::{Days, TimeDelta};
use uuid::Uuid;

use crate::support::{Answer, Town, day_of, hours_of, in_a_town, moment};

const PICK: &str = "/salles/salle-brassens/reserver";
const KEYS: [&str; 3] = [
    "0123456789abcdef0123456789abcdef",
    "fedcba9876543210fedcba9876543210",
    "00112233445566778899aabbccddeeff",
];

fn fields<'f>(key: &'f str, day: &'f str, from: &'f str, until: &'f str) -> Vec<(&'f str, &'f str)> {
    vec![("idempotency_key", key), ("jour", day), ("de", from), ("a", until), ("personnes", "40")]
}

async fn held(town: &Town<'_>, answer: &Answer) -> Booking {
    let cookie = Town::carried(answer);
    let secret = cookie.strip_prefix("creneau=").unwrap().to_owned();
    let found = town.fixture.commune.read(By::SYSTEM, move |tx| booking::by_secret(tx, &secret));
    let found: Result<Option<Booking>, StoreError> = found.await;
    found.unwrap().unwrap()
}

#[test]
fn somebody_moves_what_they_hold_by_an_hour() {
    in_a_town(async |town| {
        let day = town.open_day(3).to_string();
        let first = town.post(PICK, "", &fields(KEYS[0], &day, "14:00", "17:00")).await;
        let cookie = Town::carried(&first);
        // The form has begun: what is held belongs to a draft by now.
        let id = held(town, &first).await.id;
        let taken_over = town
            .fixture
            .commune
            .write(By::SYSTEM, move |tx| booking::take_over(tx, id, ("draft", Uuid::from_u128(7))));
        taken_over.await.unwrap();
        // Their own hold shows as free to them, and as taken to others.
        let page = town.get_with(&cookie, &format!("{PICK}?jour={day}")).await;
        page.says("de 14\u{a0}h à 22\u{a0}h").says("Vous gardez déjà un créneau");
        town.get(&format!("{PICK}?jour={day}")).await.says("de 17\u{a0}h à 22\u{a0}h");
        let moved = town.post(PICK, &cookie, &fields(KEYS[1], &day, "15:00", "18:00")).await;
        assert_eq!(moved.status, StatusCode::SEE_OTHER, "{}", moved.body);
        let gone = town.fixture.commune.read(By::SYSTEM, move |tx| booking::find(tx, id)).await;
        assert!(gone.unwrap().is_none(), "the first is given back");
        // Where the new one cannot be had, the old one is kept.
        town.takes(hours_of(day.parse().unwrap(), 19, 20)).await;
        let cookie = Town::carried(&moved);
        let refused = town.post(PICK, &cookie, &fields(KEYS[2], &day, "17:00", "20:00")).await;
        assert_eq!(refused.status, StatusCode::CONFLICT);
        refused.says("Les créneaux libres les plus proches");
        assert!(held(town, &moved).await.runs(town.now()));
    });
}

#[test]
fn an_agent_moves_what_they_hold_for_somebody() {
    in_a_town(async |town| {
        let day = town.open_day(3).to_string();
        let agent = town.agent(Role::Agent).await;
        let cookie = format!("beffroi={agent}");
        let address = "/agents/planning/salle-brassens/reserver";
        let first = town.post(address, &cookie, &fields(KEYS[0], &day, "14:00", "17:00")).await;
        let id = first.location.rsplit('=').next().unwrap().to_owned();
        let planning = format!("/agents/planning/salle-brassens?jour={day}&avant={id}");
        town.get_as(&agent, &planning).await.says(&format!("&#38;avant={id}"));
        let wish = [fields(KEYS[1], &day, "15:00", "18:00"), vec![("avant", id.as_str())]].concat();
        let moved = town.post(address, &cookie, &wish).await;
        assert_eq!(moved.status, StatusCode::SEE_OTHER, "{}", moved.body);
        let id: Id<Booking> = id.parse().unwrap();
        let gone = town.fixture.commune.read(By::SYSTEM, move |tx| booking::find(tx, id)).await;
        assert!(gone.unwrap().is_none());
    });
}

/// Every time that a page proposes for this room, as what a form sends.
fn proposed(page: &Answer) -> Vec<Vec<(String, String)>> {
    let links = page.body.split("/reserver?").skip(1).filter_map(|rest| rest.split('"').next());
    let pairs = |link: &str| -> Vec<(String, String)> {
        let link = link.replace("&#38;", "&").replace("&amp;", "&");
        let pairs = link.split('&').filter_map(|pair| pair.split_once('='));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    };
    links.map(pairs).filter(|pairs| pairs.iter().any(|(name, _)| name == "de")).collect()
}

#[test]
fn what_a_page_proposes_can_be_had() {
    in_a_town(async |town| {
        town.terms(|terms| {
            terms.ahead_minutes = 2 * 24 * 60 + 7;
            (terms.before_minutes, terms.after_minutes) = (10, 20);
        })
        .await;
        let agent = town.agent(Role::Agent).await;
        let day = town.open_day(2);
        let other =
            day.iter_days().skip(1).find(|day| chrono::Datelike::weekday(day).number_from_monday() < 7);
        let other = other.unwrap();
        // Somebody has an hour in the middle of what is open.
        town.takes(hours_of(other, 16, 17)).await;
        let month = |day: Day| day.format("%Y-%m").to_string();
        let mut found = 0;
        for day in [day, other] {
            for address in [
                format!("/salles/salle-brassens?mois={}&jour={day}", month(day)),
                format!("/salles/salle-brassens?mois={}&jour={day}&duree=90", month(day)),
                format!("{PICK}?jour={day}"),
                format!("/agents/planning/salle-brassens?jour={day}"),
                format!("/agents/planning?jour={day}"),
            ] {
                let page = town.get_as(&agent, &address).await;
                for mut wish in proposed(&page) {
                    found += 1;
                    let key = format!("{found:032x}");
                    wish.retain(|(name, _)| name != "personnes");
                    wish.extend([
                        ("idempotency_key".to_owned(), key),
                        ("personnes".to_owned(), "2".to_owned()),
                    ]);
                    let wish: Vec<(&str, &str)> =
                        wish.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                    let had = town.post(PICK, "", &wish).await;
                    assert_eq!(had.status, StatusCode::SEE_OTHER, "{address} {wish:?} {}", had.body);
                    let id = held(town, &had).await.id;
                    town.fixture.commune.write(By::SYSTEM, move |tx| booking::let_go(tx, id)).await.unwrap();
                }
            }
        }
        assert!(found > 12, "{found}");
    });
}

#[test]
fn an_evening_goes_on_into_its_night() {
    in_a_town(async |town| {
        town.terms(|terms| {
            let openings = terms.openings.as_mut().unwrap();
            openings.rules[0].hours = vec![Hours::new(moment("14:00"), moment("26:00")).unwrap()];
            terms.longest_minutes = 720;
        })
        .await;
        let day = town.open_day(3);
        let next = day.succ_opt().unwrap();
        let month = day.format("%Y-%m");
        let page = town.get(&format!("/salles/salle-brassens?mois={month}&jour={day}")).await;
        page.says("de 14\u{a0}h à 2\u{a0}h").is_silent_about("à minuit");
        town.get(&format!("{PICK}?jour={day}")).await.says("de 14\u{a0}h à 2\u{a0}h");
        let named = day.to_string();
        let had = town.post(PICK, "", &fields(KEYS[0], &named, "20:00", "2:00")).await;
        assert_eq!(had.status, StatusCode::SEE_OTHER, "{}", had.body);
        let agent = town.agent(Role::Agent).await;
        let evening = town.get_as(&agent, &format!("/agents/planning?jour={day}")).await;
        evening.says("de 20\u{a0}h à 2\u{a0}h").says("de 14\u{a0}h à 20\u{a0}h");
        let morning = town.get_as(&agent, &format!("/agents/planning?jour={next}")).await;
        morning.is_silent_about("Gardée").is_silent_about("de minuit");
        // What lasts for days is told on each of them.
        let manager = town.agent(Role::Manager).await;
        let after = day.checked_add_days(Days::new(9)).unwrap();
        let last = after.checked_add_days(Days::new(2)).unwrap().to_string();
        let first = after.to_string();
        let block = [
            ("idempotency_key", KEYS[1]),
            ("jour", first.as_str()),
            ("de", "18:00"),
            ("a", "20:00"),
            ("fin", last.as_str()),
            ("pourquoi", "Salon"),
        ];
        let kept =
            town.post("/agents/planning/salle-brassens/bloquer", &format!("beffroi={manager}"), &block).await;
        assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.body);
        let told = async |day: Day| town.get_as(&agent, &format!("/agents/planning?jour={day}")).await;
        told(after).await.says("à partir de 18\u{a0}h");
        told(after.succ_opt().unwrap()).await.says("toute la journée");
        told(last.parse().unwrap()).await.says("jusqu’à 20\u{a0}h");
    });
}

#[test]
fn the_last_day_that_may_be_booked_is_one_of_them() {
    in_a_town(async |town| {
        let ahead = (20..27).find(|ahead| {
            let day = day_of(town.now(), *ahead);
            chrono::Datelike::weekday(&day) == chrono::Weekday::Sat
        });
        let last = day_of(town.now(), ahead.unwrap());
        let days = u32::try_from(ahead.unwrap()).unwrap();
        town.terms(move |terms| terms.ahead_days = days).await;
        let month = last.format("%Y-%m");
        let page = town.get(&format!("/salles/salle-brassens?mois={month}&jour={last}")).await;
        page.says("de 9\u{a0}h à 12\u{a0}h");
        town.get(&format!("/salles?date={last}")).await.says("Salle Brassens");
        let named = last.to_string();
        let had = town.post(PICK, "", &fields(KEYS[0], &named, "21:00", "22:00")).await;
        assert_eq!(had.status, StatusCode::SEE_OTHER, "{}", had.body);
        // A hall that is let for two whole days at least, too.
        town.terms(|terms| {
            let rule = &mut terms.openings.as_mut().unwrap().rules[0];
            rule.hours = vec![Hours::new(moment("00:00"), moment("24:00")).unwrap()];
            rule.weekdays.push(chrono::Weekday::Sun);
            (terms.shortest_minutes, terms.longest_minutes) = (48 * 60, 72 * 60);
        })
        .await;
        let next = last.succ_opt().unwrap().to_string();
        let shown = town.get(&format!("/salles/salle-brassens?mois={month}&jour={last}")).await;
        shown.says("/reserver?").says(&format!("jour={last}"));
        town.get(&format!("/salles?date={last}")).await.says("Salle Brassens");
        let beyond = town.get(&format!("{PICK}?jour={next}")).await;
        beyond.says("Rien n’est libre");
        town.get(&format!("{PICK}?jour={last}")).await.says("Libre le");
    });
}

#[test]
fn nobody_holds_everything() {
    in_a_town(async |town| {
        let first = town.open_day(3);
        let closed = town.day_in(10);
        let days = first
            .iter_days()
            .filter(|day| chrono::Datelike::weekday(day) != chrono::Weekday::Sun && *day != closed);
        for (count, day) in days.take(11).enumerate() {
            let (key, day) = (format!("{count:032x}"), day.to_string());
            let held = town.post_from("203.0.113.9", PICK, &fields(&key, &day, "14:00", "16:00")).await;
            if count < 10 {
                assert_eq!(held.status, StatusCode::SEE_OTHER, "{count} {}", held.body);
            } else {
                assert_eq!(held.status, StatusCode::UNPROCESSABLE_ENTITY);
                held.says("Vous gardez déjà 10 créneaux").says("value=\"14:00\"");
            }
        }
        // Others hold what they like, and time gives back.
        let day = town.open_day(4).to_string();
        let other = town.post_from("203.0.113.10", PICK, &fields(KEYS[1], &day, "18:00", "20:00")).await;
        assert_eq!(other.status, StatusCode::SEE_OTHER);
        town.fixture.clock.advance(TimeDelta::minutes(16));
        let again = town.post_from("203.0.113.9", PICK, &fields(KEYS[2], &day, "10:00", "12:00")).await;
        assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.body);
    });
}

#[test]
fn a_room_is_kept_for_a_year_at_most() {
    in_a_town(async |town| {
        let manager = town.agent(Role::Manager).await;
        let address = "/agents/planning/salle-brassens/bloquer";
        let day = town.open_day(3);
        let page = town.get_as(&manager, &format!("{address}?jour={day}")).await;
        page.says("si le blocage se termine un autre jour").is_silent_about("si la réservation se termine");
        let (first, last) = (day.to_string(), "2199-01-01");
        let fields = [
            ("idempotency_key", KEYS[0]),
            ("jour", first.as_str()),
            ("de", "8:00"),
            ("a", "9:00"),
            ("fin", last),
            ("pourquoi", "Travaux"),
        ];
        let refused = town.post(address, &format!("beffroi={manager}"), &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        refused.says("366 jours au plus").says("value=\"Travaux\"");
    });
}

#[test]
fn a_length_does_not_read_as_an_hour_of_the_day() {
    in_a_town(async |town| {
        town.get(PICK).await.says("Une réservation dure au moins 1\u{a0}heure et au plus 8\u{a0}heures.");
        town.get(&format!("{PICK}?lang=en")).await.says("lasts at least 1 hour and at most 8 hours");
    });
}
