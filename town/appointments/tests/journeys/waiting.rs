//! What is given back is offered in the order of wishes, and goes on where nobody answers.

use chrono::TimeDelta;

use crate::support::{Town, at, in_a_town, time};

async fn wishes(town: &Town<'_>, who: &str, days: (&str, &str)) -> String {
    let email = format!("{who}@example.org");
    let fields = [
        ("nom", who),
        ("courriel", email.as_str()),
        ("premier", days.0),
        ("dernier", days.1),
        ("personnes", "1"),
        ("lieu", ""),
    ];
    let made = town.browser().post("/rendez-vous/titres/attente", &fields).await;
    assert_eq!(made.status, 303, "{}", made.body);
    town.fixture.clock.advance(TimeDelta::seconds(1));
    made.location
}

const JUNE: (&str, &str) = ("2026-06-03", "2026-06-30");

/// To whom times were offered, in the order of their names.
async fn offered(town: &Town<'_>) -> Vec<String> {
    let mails = town.mails().await;
    let offers = mails.into_iter().filter(|mail| mail.subject.contains("Un horaire se libère"));
    let mut names: Vec<String> = offers.map(|mail| mail.to.split('@').next().unwrap().to_owned()).collect();
    names.sort();
    names
}

/// The address that the offer which waits leads to; its mail is gone, and its link is told to nobody else.
async fn offer(town: &Town<'_>, who: &'static str) -> String {
    use beffroi_appointments::appointment;
    use beffroi_store::{By, StoreError};
    let link = town.fixture.commune.read(By::SYSTEM, move |tx| -> Result<_, StoreError> {
        let sql = "SELECT id, link_sealed FROM appointments_appointment WHERE state = 'held' AND name = $1";
        let (id, sealed): (beffroi_core::Id<appointment::Mark>, String) =
            tx.query_one(sql, &[&who], |row| Ok((row.get(0)?, row.get(1)?)))?;
        tx.unseal_text(&format!("appointments.link.{id}"), &sealed)
    });
    format!("/rendez-vous/mien/{}", link.await.unwrap())
}

#[test]
fn what_is_given_back_is_offered_to_the_first_who_wished_for_it_then_to_the_next() {
    in_a_town(async |town| {
        let contact = [("nom", "Jeanne Roux"), ("courriel", "jeanne@example.org")];
        let slot = time(town.things.hall, at(9, 9, 0));
        let mine = town.books(&slot, &contact).await;
        town.browser().get("/rendez-vous/titres").await.says("liste d’attente");
        town.browser().get("/rendez-vous/titres/attente").await.says("S’inscrire sur la liste");
        let wrong = town
            .browser()
            .post("/rendez-vous/titres/attente", &[("premier", "2026-06-10"), ("dernier", "2026-06-01")])
            .await;
        assert_eq!(wrong.status, 422);
        wrong.says("2026-06-10").says("Indiquez votre nom").says("Indiquez un dernier jour");
        let early = wishes(town, "anne", JUNE).await;
        let other = wishes(town, "bruno", ("2026-06-20", "2026-06-30")).await;
        wishes(town, "chloe", JUNE).await;
        town.browser().get(&early).await.says("Vous êtes sur la liste d’attente");
        town.browser().post(&format!("{mine}/annuler"), &[]).await;
        assert_eq!(offered(town).await, ["anne"], "the first whose days it falls in");
        // Nobody else has it meanwhile.
        assert!(!town.browser().get("/rendez-vous/titres?semaine=2026-06-09").await.times().contains(&slot));
        town.browser().get(&early).await.says("Un horaire vous est proposé");
        town.browser()
            .get(&offer(town, "anne").await)
            .await
            .says("anne@example.org")
            .says("Cet horaire vous est gardé");
        // No answer: the next.
        town.fixture.clock.advance(TimeDelta::hours(4) + TimeDelta::minutes(1));
        town.hour().await;
        assert_eq!(offered(town).await, ["anne", "chloe"]);
        town.browser().get(&early).await.says("Vous êtes sur la liste d’attente");
        let taken = town
            .browser()
            .post(&offer(town, "chloe").await, &[("nom", "Chloé"), ("courriel", "chloe@example.org")])
            .await;
        assert_eq!(taken.status, 303);
        assert_eq!(town.count("SELECT COUNT(*) FROM appointments_wish WHERE state = 'served'").await, 1);
        town.browser().get(&other).await.says("Vous êtes sur la liste d’attente");
        town.browser().post(&format!("{other}/retirer"), &[]).await;
        town.browser().get(&other).await.says("Votre inscription est close");
    });
}

#[test]
fn who_gives_an_offer_up_lets_the_next_have_it_and_nobody_waits_for_ever() {
    in_a_town(async |town| {
        let contact = [("nom", "Jeanne Roux"), ("courriel", "jeanne@example.org")];
        let first = town.books(&time(town.things.hall, at(9, 9, 0)), &contact).await;
        let second = town.books(&time(town.things.hall, at(9, 9, 20)), &contact).await;
        let anne = wishes(town, "anne", JUNE).await;
        wishes(town, "bruno", JUNE).await;
        town.browser().post(&format!("{first}/annuler"), &[]).await;
        assert_eq!(offered(town).await, ["anne"]);
        town.browser().post(&format!("{}/annuler", offer(town, "anne").await), &[]).await;
        assert_eq!(offered(town).await, ["anne", "bruno"]);
        // A second offer that is not taken ends the wish.
        town.browser().post(&format!("{second}/annuler"), &[]).await;
        assert_eq!(offered(town).await, ["anne", "anne", "bruno"]);
        town.browser().post(&format!("{}/annuler", offer(town, "anne").await), &[]).await;
        town.browser().get(&anne).await.says("Votre inscription est close");
        // What begins too soon is offered to nobody.
        let soon = town
            .books(
                &time(town.things.hall, at(3, 11, 20)),
                &[("nom", "Paul"), ("courriel", "paul@example.org")],
            )
            .await;
        wishes(town, "chloe", JUNE).await;
        town.browser().post(&format!("{soon}/annuler"), &[]).await;
        assert_eq!(town.count("SELECT COUNT(*) FROM appointments_appointment WHERE state = 'held' AND wish IS NOT NULL AND starts_at < 1780500000000").await, 0);
        for _ in 0..3 {
            wishes(town, "david", JUNE).await;
        }
        let fields = [
            ("nom", "david"),
            ("courriel", "david@example.org"),
            ("premier", "2026-06-03"),
            ("dernier", "2026-06-30"),
        ];
        town.browser().post("/rendez-vous/titres/attente", &fields).await.says("déjà inscrit trois fois");
        town.fixture.clock.advance(TimeDelta::days(60));
        town.hour().await;
        assert_eq!(town.count("SELECT COUNT(*) FROM appointments_wish").await, 0);
    });
}
