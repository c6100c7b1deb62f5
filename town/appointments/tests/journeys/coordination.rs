//! The State's coordination service: what this town declares there, and what whoever books is told of other town halls.

use beffroi_appointments::coordination::testing::{BadDay, Declared, StandIn};
use beffroi_people::Role;
use chrono::TimeDelta;

use crate::support::{Answer, Browser, Town, at, in_a_town, time};

const NUMBER: &str = "ABCDE12345";
const OTHER: &str = "FGHIJ67890";
const PAGE: &str = "/agents/rendez-vous/ants";

/// Sets the service up, as whoever answers for the town does.
async fn set_up(town: &Town<'_>, token: &str) -> StandIn {
    let stand_in = StandIn::start();
    let manager = town.agent("helene@lunel.example", "", Role::Manager).await;
    keep(&manager, &stand_in.address, token).await;
    stand_in
}

async fn keep(manager: &Browser<'_>, address: &str, token: &str) {
    let fields = [("adresse", address), ("jeton", token)];
    let kept = manager.post(&format!("{PAGE}/coordination"), &fields).await;
    assert_eq!(kept.location, format!("{PAGE}?fait=service"), "{}", kept.body);
}

fn contact<'a>(numbers: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let own = [("nom", "Jeanne Roux"), ("courriel", "jeanne@example.org"), ("predemandes", numbers)];
    [&own[..], more].concat()
}

/// Takes a time, and sends the form; where its page is, and what came back.
async fn tries(town: &Town<'_>, time: &str, contact: &[(&str, &str)]) -> (String, Answer) {
    let browser = town.browser();
    let fields = [("creneau", time), ("personnes", "1")];
    let held = browser.post("/rendez-vous/titres/reserver", &fields).await;
    assert_eq!(held.status, 303, "{}", held.body);
    let answer = browser.post(&held.location, contact).await;
    (held.location, answer)
}

/// Works off what is due, and what was put off for some minutes.
async fn later(town: &Town<'_>) {
    town.fixture.clock.advance(TimeDelta::minutes(20));
    town.work().await;
}

#[test]
fn an_appointment_is_declared_moved_and_withdrawn() {
    in_a_town(async |town| {
        let stand_in = set_up(town, StandIn::TOKEN).await;
        let (hall, annex) = (town.things.hall, town.things.annex);
        let mine = town.books(&time(hall, at(4, 9, 0)), &contact(NUMBER, &[])).await;
        assert!(stand_in.declared(NUMBER).is_empty(), "not while somebody waits");
        town.work().await;
        let declared = Declared {
            number: NUMBER.to_owned(),
            place: "Hôtel de ville".to_owned(),
            point: hall.to_string(),
            at: "2026-06-04T09:00:00".to_owned(),
            manage: format!("https://lunel.example{mine}"),
        };
        assert_eq!(stand_in.declared(NUMBER), std::slice::from_ref(&declared));
        let to = time(annex, at(8, 9, 0));
        town.browser().post(&format!("{mine}/deplacer"), &[("creneau", &to)]).await;
        town.work().await;
        let moved = Declared {
            place: "Mairie annexe".to_owned(),
            point: annex.to_string(),
            at: "2026-06-08T09:00:00".to_owned(),
            ..declared
        };
        assert_eq!(stand_in.declared(NUMBER), [moved]);
        // The journal tells that it was done, and of no number.
        let kinds = town
            .texts("SELECT kind FROM journal WHERE kind LIKE 'appointment.%d' ORDER BY seq LIMIT 20")
            .await;
        assert!(kinds.contains(&"appointment.declared".to_owned()), "{kinds:?}");
        let told =
            town.texts("SELECT CAST(payload AS TEXT) FROM journal WHERE payload IS NOT NULL LIMIT 200").await;
        assert!(!told.iter().any(|payload| payload.contains(NUMBER)));
        town.browser().post(&format!("{mine}/annuler"), &[]).await;
        town.work().await;
        assert!(stand_in.declared(NUMBER).is_empty());
        assert_eq!(town.count("SELECT COUNT(*) FROM appointments_declared").await, 0);
    });
}

#[test]
fn who_did_not_come_is_not_awaited_any_more() {
    in_a_town(async |town| {
        let stand_in = set_up(town, StandIn::TOKEN).await;
        town.books(&time(town.things.hall, at(3, 11, 0)), &contact(NUMBER, &[])).await;
        town.work().await;
        assert_eq!(stand_in.declared(NUMBER).len(), 1);
        town.fixture.clock.set(at(3, 11, 10));
        let agent = town.agent("samira@lunel.example", "etat-civil", Role::Agent).await;
        let page = agent.get("/agents/rendez-vous?lieu=hotel-de-ville&jour=2026-06-03").await;
        let id = page.body.split("/agents/rendez-vous/").find(|it| it.contains("Jeanne")).unwrap();
        let id = id.split('"').next().unwrap();
        agent.post(&format!("/agents/rendez-vous/{id}/etat"), &[("etat", "missed")]).await;
        town.work().await;
        assert!(stand_in.declared(NUMBER).is_empty());
        // A slip of the hand: it has begun, and is not declared again.
        agent.post(&format!("/agents/rendez-vous/{id}/etat"), &[("etat", "booked")]).await;
        town.work().await;
        assert!(stand_in.declared(NUMBER).is_empty());
    });
}

#[test]
fn a_service_that_is_away_keeps_nobody_from_booking_and_is_told_later() {
    in_a_town(async |town| {
        let stand_in = set_up(town, StandIn::TOKEN).await;
        stand_in.is_away(true);
        let slot = time(town.things.hall, at(4, 9, 0));
        let (mine, booked) = tries(town, &slot, &contact(NUMBER, &[])).await;
        assert_eq!(booked.location, format!("{mine}?fait=reserve-sans-controle"));
        town.browser().get(&booked.location).await.says("n’a pas répondu").says("Votre rendez-vous est pris");
        town.work().await;
        assert!(stand_in.declared(NUMBER).is_empty());
        let manager = town.agent("root@lunel.example", "", Role::Manager).await;
        manager.get(PAGE).await.says("Le service est en panne");
        // Meanwhile another town hall declared one too: it is told once that is known.
        stand_in.elsewhere(NUMBER, "Mairie de Sommières", "2026-06-10T08:45:00");
        stand_in.is_away(false);
        later(town).await;
        assert_eq!(stand_in.declared(NUMBER).len(), 2);
        town.browser().get(&mine).await.says("connaît un autre rendez-vous pour cette pré-demande");
        let manager = town.agent("dgs@lunel.example", "", Role::Manager).await;
        manager.get(PAGE).await.says("Dernière réponse").is_silent_about("Le service est en panne");
    });
}

/// How many mails tell of two appointments.
async fn told_of_two(town: &Town<'_>) -> usize {
    let mails = town.mails().await;
    mails.iter().filter(|mail| mail.subject == "Deux rendez-vous pour la même pré-demande").count()
}

#[test]
fn an_appointment_elsewhere_that_is_found_out_later_is_told_once_and_never_at_night() {
    in_a_town(async |town| {
        let stand_in = set_up(town, StandIn::TOKEN).await;
        stand_in.is_away(true);
        let slot = time(town.things.hall, at(4, 9, 0));
        let (mine, booked) = tries(town, &slot, &contact(NUMBER, &[])).await;
        assert_eq!(booked.status, 303, "{}", booked.body);
        town.work().await;
        stand_in.elsewhere(NUMBER, "Mairie de Sommières", "2026-06-10T08:45:00");
        stand_in.is_away(false);
        town.fixture.clock.set(at(3, 22, 0));
        later(town).await;
        assert_eq!(stand_in.declared(NUMBER).len(), 2);
        assert_eq!(told_of_two(town).await, 0, "nobody is woken up for it");
        // Whoever looks sees it at once: where, when, and the way to give it back.
        let shown = town.browser().get(&mine).await;
        shown.says("Mairie de Sommières").says("10 juin 2026").says("https://rendez-vous.example/gerer");
        let agent = town.agent("samira@lunel.example", "etat-civil", Role::Agent).await;
        let day = agent.get("/agents/rendez-vous?lieu=hotel-de-ville&jour=2026-06-04").await;
        day.says("Autre rendez-vous ailleurs");
        let id = day.body.split("/agents/rendez-vous/").find(|it| it.contains("Jeanne")).unwrap();
        let one = agent.get(&format!("/agents/rendez-vous/{}", id.split('"').next().unwrap())).await;
        one.says("connaît un autre rendez-vous").says("Mairie de Sommières").says("10 juin 2026");
        town.fixture.clock.set(at(4, 8, 0));
        assert_eq!(told_of_two(town).await, 1);
        // Declared anew for another time, with nothing new to tell.
        let to = time(town.things.annex, at(8, 9, 0));
        town.browser().post(&format!("{mine}/deplacer"), &[("creneau", &to)]).await;
        town.work().await;
        town.hour().await;
        assert_eq!(told_of_two(town).await, 1);
        let kinds = town
            .texts("SELECT kind FROM journal WHERE kind = 'appointment.elsewhere' ORDER BY seq LIMIT 9")
            .await;
        assert_eq!(kinds.len(), 1, "{kinds:?}");
        let told =
            town.texts("SELECT CAST(payload AS TEXT) FROM journal WHERE payload IS NOT NULL LIMIT 200").await;
        assert!(!told.iter().any(|payload| payload.contains(NUMBER) || payload.contains("Sommières")));
        // What has passed is no second appointment, and two months later nothing is known of it.
        town.fixture.clock.advance(TimeDelta::days(70));
        town.hour().await;
        assert_eq!(town.count("SELECT COUNT(*) FROM appointments_elsewhere").await, 0);
    });
}

#[test]
fn who_waits_is_not_kept_waiting_for_ever() {
    in_a_town(async |town| {
        let stand_in = set_up(town, StandIn::TOKEN).await;
        for (day, minute) in [(BadDay::Silent, 0), (BadDay::Garbled, 20), (BadDay::Failing, 40)] {
            stand_in.has(day);
            let slot = time(town.things.hall, at(4, 9, minute));
            let number = format!("ABCDE1234{}", minute / 20);
            let email = format!("jeanne{minute}@example.org");
            let own = [("nom", "Jeanne"), ("courriel", email.as_str()), ("predemandes", number.as_str())];
            let (mine, booked) = tries(town, &slot, &own).await;
            assert_eq!(booked.location, format!("{mine}?fait=reserve-sans-controle"), "{day:?}");
        }
    });
}

#[test]
fn a_token_that_is_refused_is_told_and_nothing_is_lost() {
    in_a_town(async |town| {
        let stand_in = set_up(town, "faux").await;
        let manager = town.agent("root@lunel.example", "", Role::Manager).await;
        let tried = manager.post(&format!("{PAGE}/coordination/essai"), &[]).await;
        assert_eq!(tried.status, 422);
        tried.says("Le service refuse le jeton de la mairie").is_silent_about("faux");
        town.books(&time(town.things.hall, at(4, 9, 0)), &contact(NUMBER, &[])).await;
        town.work().await;
        assert!(stand_in.declared(NUMBER).is_empty());
        keep(&manager, &stand_in.address, StandIn::TOKEN).await;
        let tried = manager.post(&format!("{PAGE}/coordination/essai"), &[]).await;
        assert_eq!(tried.location, format!("{PAGE}?fait=essai"));
        later(town).await;
        assert_eq!(stand_in.declared(NUMBER).len(), 1);
        let manager = town.agent("dgs@lunel.example", "", Role::Manager).await;
        // A token goes to the address that it was given for.
        let elsewhere = [("adresse", "https://ailleurs.example/api"), ("jeton", "")];
        let refused = manager.post(&format!("{PAGE}/coordination"), &elsewhere).await;
        assert_eq!(refused.status, 422);
        refused.says("https://ailleurs.example/api").says("Indiquez le jeton");
        // Agents and heads of a department do not know of it.
        let head = town.agent("leonie@lunel.example", "etat-civil", Role::HeadOfDepartment).await;
        for path in ["coordination", "coordination/essai", "coordination/retirer"] {
            assert_eq!(head.post(&format!("{PAGE}/{path}"), &[]).await.status, 404, "{path}");
        }
        let gone = manager.post(&format!("{PAGE}/coordination/retirer"), &[]).await;
        assert_eq!(gone.location, format!("{PAGE}?fait=retrait"));
        assert_eq!(town.count("SELECT COUNT(*) FROM appointments_coordination").await, 0);
    });
}

#[test]
fn an_appointment_elsewhere_is_a_warning_with_the_way_to_it() {
    in_a_town(async |town| {
        let stand_in = set_up(town, StandIn::TOKEN).await;
        stand_in.elsewhere(NUMBER, "Mairie de Sommières", "2026-06-10T08:45:00");
        let (mine, warned) = tries(town, &time(town.things.hall, at(4, 9, 0)), &contact(NUMBER, &[])).await;
        assert_eq!(warned.status, 422);
        warned
            .says("Un rendez-vous existe déjà ailleurs")
            .says("Mairie de Sommières")
            .says("10 juin 2026")
            .says("https://rendez-vous.example/gerer")
            .says("Jeanne Roux")
            .says(NUMBER);
        assert_eq!(
            town.count("SELECT COUNT(*) FROM appointments_appointment WHERE state = 'booked'").await,
            0
        );
        let booked = town.browser().post(&mine, &contact(NUMBER, &[("malgre", "true")])).await;
        assert_eq!(booked.location, format!("{mine}?fait=reserve"));
        town.work().await;
        assert_eq!(stand_in.declared(NUMBER).len(), 2);
        // Who was told when they booked is not told again, and finds the way to it.
        assert_eq!(told_of_two(town).await, 0);
        town.browser().get(&mine).await.says("Mairie de Sommières").says("https://rendez-vous.example/gerer");
        // The same at the counter.
        let agent = town.agent("samira@lunel.example", "etat-civil", Role::Agent).await;
        stand_in.elsewhere(OTHER, "Mairie de Vergèze", "2026-06-11T14:00:00");
        let slot = time(town.things.hall, at(4, 9, 20));
        let fields =
            [("motif", "titres"), ("personnes", "1"), ("canal", "phone"), ("creneau", slot.as_str())];
        let held = agent.post("/agents/rendez-vous/nouveau", &fields).await.location;
        let warned = agent.post(&held, &[("nom", "Paul"), ("predemandes", OTHER)]).await;
        assert_eq!(warned.status, 422);
        warned.says("Mairie de Vergèze").says("Prendre aussi ce rendez-vous");
        let fields = [("nom", "Paul"), ("predemandes", OTHER), ("malgre", "true")];
        assert_eq!(agent.post(&held, &fields).await.status, 303);
    });
}

#[test]
fn a_number_that_has_served_is_told_and_one_books_without_it() {
    in_a_town(async |town| {
        let stand_in = set_up(town, StandIn::TOKEN).await;
        stand_in.knows(NUMBER, "consumed");
        stand_in.knows(OTHER, "unknown");
        let slot = time(town.things.hall, at(4, 9, 0));
        let (mine, refused) = tries(town, &slot, &contact(NUMBER, &[("malgre", "true")])).await;
        assert_eq!(refused.status, 422);
        refused.says("a déjà servi").says("jeanne@example.org");
        let unknown = town.browser().post(&mine, &contact(OTHER, &[])).await;
        unknown.says("n’est pas connu de France Titres");
        let without = town.browser().post(&mine, &contact("", &[])).await;
        assert_eq!(without.location, format!("{mine}?fait=reserve"));
        let asked = stand_in.questions();
        town.work().await;
        assert_eq!(stand_in.questions(), asked, "nothing is said of who gave no number");
        // A program is told the same.
        let body = serde_json::json!({
            "start": "2026-06-04T07:20:00Z", "site": "hotel-de-ville", "name": "Paul",
            "email": "paul@example.org", "numbers": [NUMBER],
        });
        let request = axum::extract::Request::post("/api/v1/appointment-motives/titres/bookings")
            .header("content-type", "application/json");
        let refused = town.browser().ask(request, body.to_string()).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        refused.says("consumed");
    });
}

#[test]
fn what_was_agreed_before_the_service_was_set_up_is_declared_then() {
    in_a_town(async |town| {
        town.books(&time(town.things.hall, at(4, 9, 0)), &contact(NUMBER, &[])).await;
        town.work().await;
        let stand_in = set_up(town, StandIn::TOKEN).await;
        town.hour().await;
        town.work().await;
        assert_eq!(stand_in.declared(NUMBER).len(), 1);
        // Two months later nothing is known of it any more.
        town.fixture.clock.advance(TimeDelta::days(70));
        town.hour().await;
        assert_eq!(town.count("SELECT COUNT(*) FROM appointments_declared").await, 0);
        assert_eq!(town.count("SELECT COUNT(*) FROM appointments_predemand").await, 0);
    });
}
