//! What is told to those who are registered: the eve, and when something changes.

use crate::support::{at, in_a_town};

#[test]
fn everybody_is_reminded_the_day_before_and_letters_leave_earlier() {
    in_a_town(async |town| {
        let session = town.things.session.to_string();
        let letter = [
            ("seance", session.as_str()),
            ("nom", "Augustine Galtier"),
            ("moyen", "letter"),
            ("adresse", "3 rue Haute"),
            ("codepostal", "34400"),
            ("ville", "Lunel"),
        ];
        let answer = town.browser().post("/ateliers/premiers-pas/inscription", &letter).await;
        assert_eq!(answer.status, 303);
        town.registers("Jeanne Roux", "jeanne@example.org").await;
        town.registers("Paul Roux", "paul@example.org").await;
        assert_eq!(town.mails().await.len(), 2);
        town.fixture.clock.set(at(4, 10, 0));
        assert_eq!(town.mails().await.len(), 2);
        assert_eq!(town.count("SELECT COUNT(*) FROM letter").await, 2, "the confirmation and the reminder");
        town.fixture.clock.set(at(9, 9, 59));
        assert_eq!(town.mails().await.len(), 2);
        town.fixture.clock.set(at(9, 10, 0));
        let mails = town.mails().await;
        assert_eq!(mails.len(), 3, "whoever waits is not reminded");
        assert_eq!(mails[0].to, "jeanne@example.org");
        assert!(mails[0].subject.starts_with("Rappel\u{a0}: Premiers pas, mercredi 10 juin 2026"));
        assert_eq!(town.count("SELECT COUNT(*) FROM letter").await, 2);
    });
}

#[test]
fn a_session_that_moves_or_is_called_off_is_told_to_all_and_gives_its_room_back() {
    in_a_town(async |town| {
        let adviser = town.adviser().await;
        for (name, email) in
            [("Un", "un@example.org"), ("Deux", "deux@example.org"), ("Trois", "trois@example.org")]
        {
            town.registers(name, email).await;
        }
        assert_eq!(town.mails().await.len(), 3);
        let session = format!("/agents/ateliers/seances/{}", town.things.session);
        adviser
            .get(&format!("{session}/modifier"))
            .await
            .says("value=\"2026-06-10\"")
            .says("value=\"14:00\"");
        let moved = [
            ("jour", "2026-06-12"),
            ("de", "09:00"),
            ("a", "11:00"),
            ("lieu", "maison-jean-jacques-rousseau"),
            ("places", "2"),
            ("attente", "2"),
        ];
        let answer = adviser.post(&format!("{session}/modifier"), &moved).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        let mails = town.mails().await;
        assert_eq!(mails.len(), 6);
        assert!(
            mails[0].text.contains("vendredi 12 juin 2026, de 9\u{a0}h à 11\u{a0}h"),
            "{}",
            mails[0].text
        );
        // What has moved is not reminded of at its old time.
        town.fixture.clock.set(at(9, 10, 0));
        assert_eq!(town.mails().await.len(), 6);
        let adviser = town.colleague().await;
        assert_eq!(adviser.post(&format!("{session}/annuler"), &[]).await.status, 422);
        let off =
            adviser.post(&format!("{session}/annuler"), &[("pourquoi", "Le conseiller est malade.")]).await;
        assert_eq!(off.status, 303);
        let mails = town.mails().await;
        assert_eq!(mails.len(), 9, "also whoever waits");
        assert!(mails[0].text.contains("Le conseiller est malade."));
        assert_eq!(town.count("SELECT COUNT(*) FROM calendar_claim").await, 0);
        town.browser().get("/ateliers/premiers-pas").await.says("Annulé\u{a0}: Le conseiller est malade.");
        town.fixture.clock.set(at(11, 10, 0));
        assert_eq!(town.mails().await.len(), 9, "nobody is reminded of what is not held");
    });
}

#[test]
fn more_seats_are_offered_to_those_who_wait_and_fewer_never_take_one_away() {
    in_a_town(async |town| {
        let adviser = town.adviser().await;
        for rank in 0..4 {
            town.registers(&format!("Personne {rank}"), &format!("p{rank}@example.org")).await;
        }
        let session = format!("/agents/ateliers/seances/{}/modifier", town.things.session);
        let seats = |seats: &'static str| {
            [
                ("jour", "2026-06-10"),
                ("de", "14:00"),
                ("a", "16:00"),
                ("lieu", "maison-jean-jacques-rousseau"),
                ("places", seats),
                ("attente", "2"),
            ]
        };
        let fewer = adviser.post(&session, &seats("1")).await;
        assert_eq!(fewer.status, 422);
        fewer.says("plus d’inscrits que de places");
        assert_eq!(adviser.post(&session, &seats("3")).await.status, 303);
        let mails = town.mails().await;
        assert_eq!(mails.len(), 5);
        assert_eq!(mails[0].to, "p2@example.org");
        assert_eq!(town.count("SELECT COUNT(*) FROM workshops_seat WHERE state = 'offered'").await, 1);
    });
}
