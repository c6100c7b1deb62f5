//! Somebody books, moves and gives back an appointment, without an account.

use beffroi_people::Role;
use chrono::TimeDelta;

use crate::support::{at, in_a_town, time};

const JEANNE: &[(&str, &str)] = &[("nom", "Jeanne Roux"), ("courriel", "jeanne@example.org")];

#[test]
fn times_follow_one_another_and_leave_out_what_is_kept_for_the_same_day() {
    in_a_town(async |town| {
        let browser = town.browser();
        browser
            .get("/rendez-vous")
            .await
            .says("Carte d’identité ou passeport")
            .says("04\u{a0}65\u{a0}71\u{a0}00\u{a0}00");
        let page = browser.get("/rendez-vous/titres?personnes=1&lieu=hotel-de-ville").await;
        page.says("Une photo d’identité").says("Entrée de plain-pied").says("20\u{20}minutes");
        let times = page.sent("creneau");
        let here = |day, hour, minute| time(town.things.hall, at(day, hour, minute));
        // It is ten; an hour ahead, what is kept for today begins.
        assert_eq!(times[0], here(3, 11, 0));
        let of = |day: u32| -> Vec<&String> {
            let all = (9..12).flat_map(|hour| (0..60).step_by(5).map(move |minute| here(day, hour, minute)));
            let all: Vec<String> = all.collect();
            times[1..].iter().filter(|time| all.contains(time)).collect()
        };
        assert_eq!(of(3), [&here(3, 11, 0), &here(3, 11, 20), &here(3, 11, 40)]);
        // Tomorrow, from nine to eleven.
        assert_eq!(of(4).len(), 6);
        assert_eq!(of(4)[5], &here(4, 10, 40));
        // Two persons take twice as long.
        let two = browser.get("/rendez-vous/titres?personnes=2&lieu=hotel-de-ville").await;
        assert!(two.sent("creneau").contains(&here(4, 9, 40)));
        assert!(!two.sent("creneau").contains(&here(4, 9, 20)));
        two.says("40\u{20}minutes");
        // The annex is closed on Friday; next week it is open.
        let annex = browser.get("/rendez-vous/titres?lieu=mairie-annexe").await;
        let friday = time(town.things.annex, at(5, 9, 0));
        assert!(!annex.sent("creneau").contains(&friday));
        let next = browser.get("/rendez-vous/titres?lieu=mairie-annexe&semaine=2026-06-10").await;
        assert!(next.sent("creneau").contains(&time(town.things.annex, at(12, 9, 0))));
        // Nothing odd in the address is an error.
        for odd in
            ["personnes=99", "personnes=x&lieu=y&semaine=z", "semaine=9999-12-31", "semaine=0001-01-01"]
        {
            assert_eq!(browser.get(&format!("/rendez-vous/titres?{odd}")).await.status, 200, "{odd}");
        }
        assert_eq!(browser.get("/rendez-vous/inconnu").await.status, 404);
    });
}

#[test]
fn somebody_books_then_moves_then_gives_back() {
    in_a_town(async |town| {
        let browser = town.browser();
        let first = time(town.things.hall, at(4, 9, 0));
        let held =
            browser.post("/rendez-vous/titres/reserver", &[("creneau", &first), ("personnes", "1")]).await;
        assert_eq!(held.status, 303, "{}", held.body);
        let mine = held.location;
        browser
            .get(&mine)
            .await
            .says("Vos coordonnées")
            .says("jusqu’à 10\u{a0}h\u{a0}15")
            .says("pré-demande");
        // What is wrong is told, and what was typed is kept.
        let wrong = browser.post(&mine, &[("nom", "Jeanne Roux"), ("telephone", "12")]).await;
        assert_eq!(wrong.status, 422);
        wrong
            .says("Jeanne Roux")
            .says("Ce numéro de téléphone n’est pas complet")
            .is_silent_about("l’un des deux pour");
        let unreachable = browser.post(&mine, &[("nom", "Jeanne Roux")]).await;
        unreachable.says("pour recevoir la confirmation");
        let booked = browser.post(&mine, JEANNE).await;
        assert_eq!(booked.location, format!("{mine}?fait=reserve"));
        browser.get(&booked.location).await.says("Votre rendez-vous est pris").says("jeanne@example.org");
        // A second click books nothing more.
        assert_eq!(browser.post(&mine, JEANNE).await.status, 303);
        assert_eq!(town.count("SELECT COUNT(*) FROM calendar_claim").await, 1);
        let mails = town.mails().await;
        assert_eq!(mails.len(), 1);
        assert_eq!(mails[0].subject, "Votre rendez-vous\u{a0}: jeudi 4 juin 2026 à 9\u{a0}h");
        // Nobody else is offered that time.
        let page = browser.get("/rendez-vous/titres?lieu=hotel-de-ville").await;
        assert!(!page.sent("creneau").contains(&first));
        // A file for a calendar.
        let file = browser.get(&format!("{mine}/rendez-vous.ics")).await;
        file.says("BEGIN:VEVENT").says("DTSTART:20260604T070000Z").says("SUMMARY:Carte d’identité");
        // To another place.
        let moving = browser.get(&format!("{mine}/deplacer")).await;
        let other = time(town.things.annex, at(4, 11, 40));
        assert!(moving.sent("creneau").contains(&other));
        let moved = browser.post(&format!("{mine}/deplacer"), &[("creneau", &other)]).await;
        assert_eq!(moved.location, format!("{mine}?fait=deplace"));
        browser.get(&moved.location).await.says("Votre rendez-vous est déplacé").says("Mairie annexe");
        assert_eq!(town.mails().await.len(), 2);
        assert!(
            browser.get("/rendez-vous/titres?lieu=hotel-de-ville").await.sent("creneau").contains(&first)
        );
        // Looking changes nothing; giving back is asked for twice.
        browser.get(&mine).await.says("Oui, annuler le rendez-vous").says("<details");
        assert_eq!(browser.get(&format!("{mine}/annuler")).await.status, 405);
        let given = browser.post(&format!("{mine}/annuler"), &[]).await;
        browser
            .get(&given.location)
            .await
            .says("Votre rendez-vous est annulé")
            .says("Prendre un autre rendez-vous");
        assert_eq!(town.count("SELECT COUNT(*) FROM calendar_claim").await, 0);
        let subjects: Vec<String> = town.mails().await.into_iter().map(|mail| mail.subject).collect();
        assert_eq!(subjects.len(), 3, "{subjects:?}");
        assert!(
            ["annulé", "déplacé"].iter().all(|word| subjects.iter().any(|it| it.contains(word))),
            "{subjects:?}"
        );
        assert_eq!(browser.get("/rendez-vous/mien/0123456789abcdef01234567").await.status, 404);
    });
}

#[test]
fn nobody_is_reminded_of_what_was_moved_and_everybody_of_tomorrow() {
    in_a_town(async |town| {
        let there = |day, hour| time(town.things.annex, at(day, hour, 0));
        let mine = town.books(&there(9, 10), JEANNE).await;
        town.mails().await;
        let moved = town.browser().post(&format!("{mine}/deplacer"), &[("creneau", &there(11, 10))]).await;
        assert_eq!(moved.status, 303);
        assert_eq!(town.mails().await.len(), 2);
        town.fixture.clock.set(at(8, 12, 0));
        assert_eq!(town.mails().await.len(), 2, "what was moved is not told of");
        town.fixture.clock.set(at(10, 10, 0));
        let mails = town.mails().await;
        assert_eq!(mails.len(), 3);
        assert!(
            mails[0].subject.starts_with("Rappel\u{a0}: votre rendez-vous, jeudi 11 juin 2026"),
            "{}",
            mails[0].subject
        );
    });
}

#[test]
fn a_time_that_was_held_too_long_is_taken_anew_where_it_is_free_and_others_are_offered_where_it_is_not() {
    in_a_town(async |town| {
        let wish = time(town.things.hall, at(4, 9, 0));
        let hold = async || {
            let fields = [("creneau", wish.as_str()), ("personnes", "1")];
            town.browser().post("/rendez-vous/titres/reserver", &fields).await
        };
        let slow = hold().await.location;
        // While it is held, nobody else has it.
        let refused = hold().await;
        assert_eq!(refused.status, 422);
        refused.says("Cet horaire vient d’être pris");
        town.fixture.clock.advance(TimeDelta::minutes(16));
        let quick = hold().await.location;
        assert_eq!(
            town.browser().post(&quick, &[("nom", "Paul"), ("courriel", "paul@example.org")]).await.status,
            303
        );
        let gone = town.browser().post(&slow, JEANNE).await;
        assert_eq!(gone.status, 422);
        gone.says("Un autre horaire").says("Jeanne Roux").says("Jeudi 4 juin 2026");
        let instead = time(town.things.hall, at(4, 9, 20));
        gone.says(&instead);
        let again = [JEANNE, &[("creneau", instead.as_str())]].concat();
        assert_eq!(town.browser().post(&slow, &again).await.status, 303);
        assert_eq!(town.count("SELECT COUNT(*) FROM calendar_claim").await, 2);
        // Alone, a slow reader still has what they chose.
        let wish = time(town.things.hall, at(9, 9, 0));
        let fields = [("creneau", wish.as_str()), ("personnes", "1")];
        let alone = town.browser().post("/rendez-vous/titres/reserver", &fields).await.location;
        town.fixture.clock.advance(TimeDelta::hours(2));
        town.hour().await;
        let contact = [("nom", "Lina"), ("telephone", "06 12 34 56 78")];
        assert_eq!(town.browser().post(&alone, &contact).await.status, 303);
    });
}

#[test]
fn a_double_click_holds_one_time() {
    in_a_town(async |town| {
        let wish = time(town.things.hall, at(4, 9, 0));
        let key = "0123456789abcdef0123456789abcdef";
        let fields = [("creneau", wish.as_str()), ("personnes", "1"), ("idempotency_key", key)];
        let browser = town.browser();
        let first = browser.post("/rendez-vous/titres/reserver", &fields).await;
        let second = browser.post("/rendez-vous/titres/reserver", &fields).await;
        assert_eq!((first.status, second.status), (303, 303));
        assert_eq!(first.location, second.location);
        assert_eq!(town.count("SELECT COUNT(*) FROM calendar_claim").await, 1);
    });
}

#[test]
fn times_that_are_not_offered_are_not_held() {
    in_a_town(async |town| {
        let browser = town.browser();
        let hold = async |time: &str, persons: &str| {
            browser
                .post("/rendez-vous/titres/reserver", &[("creneau", time), ("personnes", persons)])
                .await
                .status
        };
        let hall = town.things.hall;
        // Between two times, on a Sunday, in the past, too far ahead, kept for the same day; too many persons; nothing.
        for moment in [at(4, 9, 5), at(7, 9, 0), at(2, 9, 0), at(4, 11, 0)] {
            assert_eq!(hold(&time(hall, moment), "1").await, 422, "{moment}");
        }
        assert_eq!(hold(&time(hall, at(4, 9, 0) + TimeDelta::days(100)), "1").await, 422);
        assert_eq!(hold(&time(hall, at(4, 9, 0)), "4").await, 422);
        assert_eq!(hold(&time(hall, at(4, 9, 0)), "beaucoup").await, 422);
        let many = [("creneau", time(hall, at(4, 9, 0))), ("personnes", "4".to_owned())];
        let many = many.each_ref().map(|(name, value)| (*name, value.as_str()));
        browser.post("/rendez-vous/titres/reserver", &many).await.says("pour 3\u{20}personnes au plus");
        assert_eq!(hold("demain", "1").await, 400);
        assert_eq!(town.count("SELECT COUNT(*) FROM calendar_claim").await, 0);
    });
}

#[test]
fn nobody_piles_up_appointments() {
    in_a_town(async |town| {
        for minute in [0, 20] {
            town.books(&time(town.things.hall, at(4, 9, minute)), JEANNE).await;
        }
        let browser = town.browser();
        let third = time(town.things.hall, at(4, 9, 40));
        let held =
            browser.post("/rendez-vous/titres/reserver", &[("creneau", &third), ("personnes", "1")]).await;
        let refused = browser.post(&held.location, JEANNE).await;
        assert_eq!(refused.status, 422);
        refused.says("Vous avez déjà deux rendez-vous");
        // Times that are held and left cost more and more.
        let mut last = 303;
        for rank in 0..40 {
            let wish = time(town.things.annex, at(8 + rank / 9, 9 + (rank % 9) / 3, (rank % 3) * 20));
            let fields = [("creneau", wish.as_str()), ("personnes", "1")];
            last = browser.post("/rendez-vous/titres/reserver", &fields).await.status;
        }
        assert_eq!(last, 429);
    });
}

#[test]
fn whom_it_was_for_is_forgotten_two_months_after() {
    in_a_town(async |town| {
        let mine = town.books(&time(town.things.hall, at(4, 9, 0)), JEANNE).await;
        town.mails().await;
        town.fixture.clock.set(at(4, 9, 0) + TimeDelta::days(61));
        town.hour().await;
        let known = "SELECT COUNT(*) FROM appointments_appointment WHERE name <> '' OR email <> '' OR link_sealed <> ''";
        assert_eq!(town.count(known).await, 0);
        assert_eq!(town.count("SELECT COUNT(*) FROM mail").await, 0);
        assert_eq!(
            town.count("SELECT COUNT(*) FROM appointments_appointment").await,
            1,
            "what is counted stays"
        );
        assert_eq!(town.browser().get(&mine).await.status, 404);
    });
}

#[test]
fn what_is_held_and_left_leaves_nothing() {
    in_a_town(async |town| {
        let browser = town.browser();
        let slot = time(town.things.hall, at(4, 9, 0));
        let key = "0123456789abcdef0123456789abcdef";
        let fields = [("creneau", slot.as_str()), ("personnes", "1"), ("idempotency_key", key)];
        let held = browser.post("/rendez-vous/titres/reserver", &fields).await.location;
        let left = browser.post(&format!("{held}/annuler"), &[]).await;
        assert_eq!(left.location, "/rendez-vous/titres");
        let all = "SELECT COUNT(*) FROM appointments_appointment";
        assert_eq!(town.count(all).await, 0);
        assert_eq!(town.count("SELECT COUNT(*) FROM calendar_claim").await, 0);
        // Whoever comes back to the page and chooses the same time again has it.
        let again = browser.post("/rendez-vous/titres/reserver", &fields).await;
        assert_eq!(browser.get(&again.location).await.status, 200);
        // One that expires is in no list, and is forgotten within a day.
        town.fixture.clock.advance(TimeDelta::minutes(16));
        browser.get(&again.location).await.says("ne vous est plus gardé");
        let agent = town.agent("samira@lunel.example", "etat-civil", Role::Agent).await;
        let day = agent.get("/agents/rendez-vous?lieu=hotel-de-ville&jour=2026-06-04").await;
        day.says("Aucun rendez-vous ce jour");
        town.fixture.clock.advance(TimeDelta::hours(25));
        town.hour().await;
        assert_eq!(town.count(all).await, 0);
        let agent = town.agent("awa@lunel.example", "etat-civil", Role::Agent).await;
        agent.get("/agents/rendez-vous/chiffres").await.says("Aucun rendez-vous sur cette période");
    });
}

#[test]
fn a_reminder_is_promised_where_one_will_come() {
    in_a_town(async |town| {
        let there = |day, hour| time(town.things.annex, at(day, hour, 0));
        let promise = "Nous vous écrirons aussi la veille";
        let mine = town.books(&there(9, 10), JEANNE).await;
        town.browser().get(&format!("{mine}?fait=reserve")).await.says(promise);
        // It is ten on the third: the reminder of the fourth would leave now, or have left.
        let mine = town.books(&there(4, 10), JEANNE).await;
        let page = town.browser().get(&format!("{mine}?fait=reserve")).await;
        page.says("Elle tient lieu de rappel").is_silent_about(promise);
    });
}

#[test]
fn one_number_of_a_prerequest_a_person() {
    in_a_town(async |town| {
        let fields = [("creneau", time(town.things.hall, at(4, 9, 0))), ("personnes", "1".to_owned())];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        let held = town.browser().post("/rendez-vous/titres/reserver", &fields).await.location;
        let numbers = [JEANNE, &[("predemandes", "1111111111 2222222222")]].concat();
        let wrong = town.browser().post(&held, &numbers).await;
        assert_eq!(wrong.status, 422);
        wrong.says("plus de numéros de pré-demande que de personnes").says("1111111111 2222222222");
    });
}

#[test]
fn moves_are_counted_as_bookings_are() {
    in_a_town(async |town| {
        let mine = town.books(&time(town.things.annex, at(8, 9, 0)), JEANNE).await;
        let mut last = 303;
        for rank in 0..40 {
            let slot = time(town.things.annex, at(8 + rank / 9, 9 + (rank % 9) / 3, (rank % 3) * 20));
            last = town.browser().post(&format!("{mine}/deplacer"), &[("creneau", &slot)]).await.status;
        }
        assert_eq!(last, 429);
    });
}

#[test]
fn what_waits_to_be_written_is_forgotten_with_the_appointment() {
    in_a_town(async |town| {
        use beffroi_notify::{About, messenger};
        use beffroi_store::{By, StoreError};
        let contact =
            [("nom", "Jeanne Roux"), ("courriel", "jeanne@example.org"), ("telephone", "0612345678")];
        town.books(&time(town.things.hall, at(4, 9, 0)), &contact).await;
        town.work().await;
        let written = town.fixture.commune.write(By::SYSTEM, |tx| -> Result<(), StoreError> {
            let id = tx.query_one("SELECT id FROM appointments_appointment", &[], |row| row.get(0))?;
            let about = About { kind: "appointment", id };
            let new =
                messenger::NewShortMessage { way: "sms", to: "+33612345678", text: "…", about, once: None };
            messenger::queue(tx, &new)?;
            Ok(())
        });
        written.await.unwrap();
        town.fixture.clock.set(at(4, 9, 0) + TimeDelta::days(61));
        town.hour().await;
        assert_eq!(town.count("SELECT COUNT(*) FROM mail").await, 0);
        assert_eq!(town.count("SELECT COUNT(*) FROM short_message").await, 0);
    });
}

#[test]
fn whoever_is_signed_in_is_not_asked_again_for_their_name_and_address() {
    in_a_town(async |town| {
        let awa = town.agent("awa@lunel.example", "etat-civil", Role::Agent).await;
        let first = time(town.things.hall, at(4, 9, 0));
        let fields = [("creneau", first.as_str()), ("personnes", "1")];
        let held = awa.post("/rendez-vous/titres/reserver", &fields).await;
        awa.get(&held.location).await.says("value=\"awa@lunel.example\"");
        town.browser().get(&held.location).await.is_silent_about("awa@lunel.example");
    });
}
