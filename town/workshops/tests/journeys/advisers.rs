//! What advisers know of those whom they follow, what they lend, and the figures that name nobody.

use std::sync::Arc;

use beffroi_core::Lang;
use beffroi_people::Role;
use beffroi_store::{By, StoreError};
use beffroi_web::House;
use chrono::TimeDelta;
use serde_json::Value;

use crate::support::{Browser, MET, Town, at, in_a_town};

/// The page of the first registration of « Premiers pas ».
async fn first(town: &Town<'_>, adviser: &Browser<'_>) -> String {
    let page = adviser.get(&format!("/agents/ateliers/seances/{}", town.things.session)).await;
    let one = page.body.split("/agents/ateliers/inscriptions/").nth(1).unwrap();
    format!("/agents/ateliers/inscriptions/{}", one.split('"').next().unwrap())
}

#[test]
fn needs_and_notes_are_for_the_advisers_of_the_department_and_purged_in_time() {
    in_a_town(async |town| {
        town.registers("Jeanne Roux", "jeanne@example.org").await;
        let adviser = town.adviser().await;
        let one = first(town, &adviser).await;
        let follow = format!("{one}/suivi");
        adviser.get(&follow).await.says("Besoins à la première rencontre");
        let levels = [("theme-mail", "helped"), ("theme-device", "alone"), ("theme-web", "wizard")];
        assert_eq!(adviser.post(&follow, &levels).await.status, 303);
        let empty = adviser.post(&format!("{follow}/notes"), &[("note", "")]).await;
        assert_eq!(empty.status, 422);
        let note = [("note", "A créé son adresse.\nRevoir les pièces jointes.")];
        assert_eq!(adviser.post(&format!("{follow}/notes"), &note).await.status, 303);
        adviser.get(&follow).await.says("A créé son adresse.").says("Awa Diop");
        // The direction reads the programme, not what is known of people.
        let direction = town.account("helene@lunel.example", Some(("", Role::Manager))).await;
        direction.get(&one).await.says("Jeanne Roux").is_silent_about("/suivi");
        assert_eq!(direction.get(&follow).await.status, 404);
        // Who opens what is known of somebody is written down, once an hour for each.
        let looks = "SELECT COUNT(*) FROM journal WHERE kind = 'followup.consulted'";
        assert_eq!(town.count(looks).await, 1);
        let looks = "SELECT COUNT(*) FROM journal WHERE kind = 'registration.consulted'";
        assert_eq!(town.count(looks).await, 1);
        assert_eq!(direction.post(&format!("{follow}/notes"), &note).await.status, 404);
        let elsewhere = town.account("leo@lunel.example", Some(("urbanisme", Role::Agent))).await;
        assert_eq!(elsewhere.get(&follow).await.status, 404);
        let said = "SELECT COUNT(*) FROM journal WHERE payload LIKE '%adresse%'";
        assert_eq!(town.count(said).await, 0, "the journal tells nothing of it");
        town.fixture.clock.advance(TimeDelta::days(300));
        town.hour().await;
        assert_eq!(town.count("SELECT COUNT(*) FROM workshops_note").await, 1);
        town.fixture.clock.advance(TimeDelta::days(70));
        town.hour().await;
        assert_eq!(town.count("SELECT COUNT(*) FROM workshops_note").await, 0);
        assert_eq!(town.count("SELECT COUNT(*) FROM workshops_followup").await, 0);
    });
}

/// What the copy of an account tells of what advisers know, as a program reads it.
async fn copied(town: &Town<'_>, email: &'static str) -> Vec<Value> {
    let house = House::new(
        Arc::clone(&town.fixture.platform),
        town.services.clone(),
        beffroi_web::WebConfig::default(),
    )
    .unwrap();
    let read = town.fixture.commune.read(By::SYSTEM, move |tx| -> Result<_, StoreError> {
        let account = beffroi_people::account::by_email(tx, email)?.unwrap().id.uuid();
        house.personal_data(tx, account, Lang::Fr)
    });
    let entries = read.await.unwrap().entries.into_iter();
    entries.filter(|entry| entry.title.contains("conseillers")).map(|entry| entry.data).collect()
}

/// Registers from an account, by its own address.
async fn registers_own(town: &Town<'_>, browser: &Browser<'_>, name: &str, email: &str) {
    let session = town.things.session.to_string();
    let fields = [
        ("seance", session.as_str()),
        ("attente", "oui"),
        ("pour", "moi"),
        ("nom", name),
        ("moyen", "mail"),
        ("courriel", email),
        ("telephone", "06 12 34 56 78"),
    ];
    let answer = browser.post("/ateliers/premiers-pas/inscription", &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
}

#[test]
fn whoever_is_followed_takes_needs_and_notes_along_and_nobody_takes_anothers() {
    in_a_town(async |town| {
        // Every account of this town is called Awa Diop.
        let awa = town.account("awa@example.org", None).await;
        town.account("rival@example.org", None).await;
        let unproven = town.fixture.commune.write(By::SYSTEM, |tx| -> Result<_, StoreError> {
            tx.execute("UPDATE account SET email_verified_at = NULL WHERE email = 'awa@example.org'", &[])
        });
        unproven.await.unwrap();
        registers_own(town, &awa, "Diop Awa", "awa@example.org").await;
        let adviser = town.adviser().await;
        let follow = format!("{}/suivi", first(town, &adviser).await);
        adviser.post(&follow, &[("theme-mail", "helped")]).await;
        adviser.post(&format!("{follow}/notes"), &[("note", "A créé son adresse.")]).await;
        // Nobody has seen her come, and her address is not proven.
        assert!(copied(town, "awa@example.org").await.is_empty());
        town.fixture.clock.set(at(10, 13, 30));
        let adviser = town.colleague().await;
        let session = format!("/agents/ateliers/seances/{}", town.things.session);
        let seat = adviser.get(&session).await.sent("place").remove(0);
        assert_eq!(adviser.post(&session, &[("place", &seat), ("etat", "present")]).await.status, 303);
        assert!(copied(town, "awa@example.org").await.is_empty());
        let proven = town.fixture.commune.write(By::SYSTEM, |tx| -> Result<_, StoreError> {
            let now = tx.now();
            tx.execute("UPDATE account SET email_verified_at = $1", &[&now])
        });
        proven.await.unwrap();
        let told = copied(town, "awa@example.org").await;
        assert_eq!(told.len(), 1);
        assert_eq!(told[0]["needs"]["mail"], "helped");
        assert_eq!(told[0]["notes"][0]["text"], "A créé son adresse.");
        assert!(copied(town, "rival@example.org").await.is_empty());
        // A registration of the same person by another address speaks against its being hers alone.
        let moved = town.fixture.commune.write(By::SYSTEM, |tx| -> Result<_, StoreError> {
            tx.execute("UPDATE workshops_registration SET email = 'rival@example.org'", &[])
        });
        moved.await.unwrap();
        assert!(copied(town, "awa@example.org").await.is_empty());
        assert!(copied(town, "rival@example.org").await.is_empty());
    });
}

#[test]
fn somebody_who_comes_to_an_adviser_by_appointment_is_followed_up_and_known_again() {
    in_a_town(async |town| {
        let [first, second, third] = MET.map(|(id, ..)| format!("/agents/ateliers/rendez-vous/{id}/suivi"));
        let adviser = town.adviser().await;
        adviser.get(&first).await.says("Jeanne Roux").says("Besoins à la première rencontre");
        assert_eq!(
            town.count("SELECT COUNT(*) FROM workshops_meeting").await,
            0,
            "nothing is written by looking"
        );
        assert_eq!(adviser.post(&first, &[("theme-mail", "none")]).await.status, 303);
        let note = [("note", "Revient jeudi.")];
        assert_eq!(adviser.post(&format!("{first}/notes"), &note).await.status, 303);
        // At the next appointment, and at a workshop, she is the same person; another is not.
        adviser.get(&second).await.says("Revient jeudi.");
        adviser.get(&third).await.is_silent_about("Revient jeudi.");
        town.registers("Jeanne Roux", "jeanne@example.org").await;
        let one = self::first(town, &adviser).await;
        adviser.get(&format!("{one}/suivi")).await.says("Revient jeudi.");
        assert_eq!(adviser.post(&second, &[("theme-mail", "helped")]).await.status, 303);
        assert_eq!(town.count("SELECT COUNT(*) FROM workshops_followup").await, 1);
        // Whoever is no adviser of the department, and what is no appointment, find nothing.
        let elsewhere = town.account("leo@lunel.example", Some(("urbanisme", Role::Agent))).await;
        let direction = town.account("helene@lunel.example", Some(("", Role::Manager))).await;
        for stranger in [&elsewhere, &direction] {
            assert_eq!(stranger.get(&first).await.status, 404);
            assert_eq!(stranger.post(&first, &[("theme-mail", "alone")]).await.status, 404);
        }
        let nobody = "/agents/ateliers/rendez-vous/01900000-0000-7000-8000-000000000000/suivi";
        assert_eq!(adviser.get(nobody).await.status, 404);
        assert_eq!(adviser.get("/agents/ateliers/rendez-vous/rien/suivi").await.status, 404);
        // Whom no appointment names any more is found by name, by advisers of the department alone.
        let list = adviser.get("/agents/ateliers/suivis").await;
        let record = list.between("/agents/ateliers/suivis/", "\"");
        let record = format!("/agents/ateliers/suivis/{record}");
        adviser.get(&record).await.says("Revient jeudi.");
        assert_eq!(direction.get("/agents/ateliers/suivis").await.status, 404);
        assert_eq!(elsewhere.get(&record).await.status, 404);
        elsewhere.get("/agents/ateliers/suivis").await.is_silent_about("Jeanne");
        adviser.get("/agents/ateliers").await.says("/agents/ateliers/suivis");
        direction.get("/agents/ateliers").await.is_silent_about("/agents/ateliers/suivis");
        // At her wish, all of it goes.
        let gone = adviser.post(&format!("{record}/effacer"), &[]).await;
        adviser.get(&gone.location).await.says("Le suivi est effacé").is_silent_about("Jeanne");
        for sql in [
            "SELECT COUNT(*) FROM workshops_followup",
            "SELECT COUNT(*) FROM workshops_note",
            "SELECT COUNT(*) FROM workshops_level",
            "SELECT COUNT(*) FROM workshops_met",
            "SELECT COUNT(*) FROM workshops_meeting",
        ] {
            assert_eq!(town.count(sql).await, 0, "{sql}");
        }
    });
}

#[test]
fn figures_tell_what_follow_ups_have_brought_and_hide_what_concerns_few() {
    in_a_town(async |town| {
        let follow = MET.map(|(id, ..)| format!("/agents/ateliers/rendez-vous/{id}/suivi"));
        let adviser = town.adviser().await;
        adviser.post(&follow[0], &[("theme-mail", "none")]).await;
        let page = "/agents/ateliers/chiffres?de=2026-06&a=2026-06";
        adviser.get(page).await.says("Personnes suivies").says("moins de 5").says("non communiqué");
        // Nine more, whose first and last meetings are a week apart: five learnt to write by themselves.
        town.met(9, 5).await;
        let told = adviser.get(page).await;
        told.says("Première rencontre\u{a0}: Pas encore");
        let csv = adviser.get("/agents/ateliers/chiffres/chiffres.csv?de=2026-06&a=2026-06").await;
        csv.says("Personnes suivies;10").says("Entretiens de suivi;19");
        // Ten could not at first; five of them can now, and five cannot.
        csv.says("Le courriel;10;0;0;5;0;5");
        // Who was met before that time counts not at all in it.
        let before = adviser.get("/agents/ateliers/chiffres?de=2026-05&a=2026-05").await;
        before.is_silent_about("Personnes suivies");
        let elsewhere = town.account("leo@lunel.example", Some(("urbanisme", Role::Agent))).await;
        elsewhere.get(page).await.is_silent_about("Personnes suivies");
    });
}

#[test]
fn what_is_known_of_somebody_is_erased_at_their_wish() {
    in_a_town(async |town| {
        town.registers("Jeanne Roux", "jeanne@example.org").await;
        let adviser = town.adviser().await;
        let follow = format!("{}/suivi", first(town, &adviser).await);
        adviser.post(&format!("{follow}/notes"), &[("note", "Vient avec son fils.")]).await;
        adviser.post(&format!("{follow}/effacer"), &[]).await;
        adviser.get(&follow).await.is_silent_about("Vient avec son fils.");
        assert_eq!(town.count("SELECT COUNT(*) FROM workshops_note").await, 0);
    });
}

#[test]
fn tablets_are_lent_as_long_as_there_are_any_and_what_is_late_is_told() {
    in_a_town(async |town| {
        let adviser = town.adviser().await;
        let loans = "/agents/ateliers/prets";
        adviser.get(loans).await.says("Rien n’est prêté");
        let stock = [("designation", "Tablette"), ("nombre", "2"), ("service", "numerique")];
        assert_eq!(adviser.post(&format!("{loans}/materiel"), &stock).await.status, 303);
        let page = adviser.get(loans).await;
        page.says("2 sur 2 disponibles");
        let tablet =
            page.body.split("<option value=\"").skip(1).find(|part| part.contains("Tablette")).unwrap();
        let tablet = tablet.split('"').next().unwrap().to_owned();
        let lend = async |adviser: &Browser<'_>, name: &str, due: &str| {
            let fields =
                [("materiel", tablet.as_str()), ("nom", name), ("telephone", "0465710000"), ("retour", due)];
            adviser.post(loans, &fields).await
        };
        for (name, due) in [("Jeanne Roux", "2026-06-10"), ("Paul Roux", "2026-06-12")] {
            let answer = lend(&adviser, name, due).await;
            assert_eq!(answer.status, 303, "{}", answer.body);
        }
        let none = lend(&adviser, "Lina Puech", "2026-06-12").await;
        assert_eq!(none.status, 422);
        none.says("Il n’en reste pas").says("Lina Puech");
        for due in ["2026-06-01", "2027-06-01", "demain"] {
            assert_eq!(lend(&adviser, "Lina Puech", due).await.status, 422, "{due}");
        }
        assert_eq!(lend(&adviser, "", "2026-06-12").await.status, 422);
        // What is overdue is still out, and promised to nobody.
        town.fixture.clock.set(at(11, 10, 0));
        town.hour().await;
        let adviser = town.colleague().await;
        let page = adviser.get(loans).await;
        page.says("Un prêt est en retard").says("En retard");
        assert_eq!(lend(&adviser, "Lina Puech", "2026-06-11").await.status, 422);
        let returned = |part: &&str| part.split('"').next().is_some_and(|it| it.ends_with("/retour"));
        let id = page.body.split("/agents/ateliers/prets/").skip(1).find(returned).unwrap();
        let id = id.split('/').next().unwrap();
        adviser.post(&format!("{loans}/{id}/retour"), &[]).await;
        adviser.get(loans).await.is_silent_about("Jeanne Roux").says("1 sur 2 disponibles");
        assert_eq!(lend(&adviser, "Lina Puech", "2026-06-12").await.status, 303);
        let elsewhere = town.account("leo@lunel.example", Some(("urbanisme", Role::Agent))).await;
        elsewhere.get(loans).await.is_silent_about("Paul Roux");
        assert_eq!(elsewhere.post(&format!("{loans}/{id}/retour"), &[]).await.status, 404);
        town.fixture.clock.set(at(11, 10, 0) + TimeDelta::days(61));
        town.hour().await;
        assert_eq!(town.count("SELECT COUNT(*) FROM workshops_loan WHERE name = 'Jeanne Roux'").await, 0);
        assert_eq!(
            town.count("SELECT COUNT(*) FROM workshops_loan WHERE name = 'Paul Roux'").await,
            1,
            "it is still out"
        );
    });
}

#[test]
fn a_tablet_is_kept_for_a_day_to_come_and_a_stock_is_changed_and_withdrawn() {
    in_a_town(async |town| {
        let adviser = town.adviser().await;
        let loans = "/agents/ateliers/prets";
        let stock = [("designation", "Tablette"), ("nombre", "1"), ("service", "numerique")];
        assert_eq!(adviser.post(&format!("{loans}/materiel"), &stock).await.status, 303);
        let page = adviser.get(loans).await;
        let one = "/agents/ateliers/prets/materiel/tablette";
        page.says(one);
        let tablet =
            page.body.split("<option value=\"").skip(1).find(|part| part.contains("Tablette")).unwrap();
        let tablet = tablet.split('"').next().unwrap().to_owned();
        let lend = async |name: &str, from: &str, due: &str| {
            let fields = [("materiel", tablet.as_str()), ("nom", name), ("depart", from), ("retour", due)];
            adviser.post(loans, &fields).await
        };
        assert_eq!(lend("Jeanne Roux", "2026-06-15", "2026-06-20").await.status, 303);
        adviser.get(loans).await.says("1 sur 1 disponibles").says("Réservé à partir du 15 juin 2026");
        // Until then it can be lent, and not beyond.
        assert_eq!(lend("Paul Roux", "", "2026-06-16").await.status, 422);
        assert_eq!(lend("Paul Roux", "", "2026-06-14").await.status, 303);
        for from in ["2026-01-01", "2028-01-01", "bientôt"] {
            let refused = lend("Lina Puech", from, "2026-06-20").await;
            assert_eq!(refused.status, 422, "{from}");
            refused.says("Lina Puech");
        }
        adviser.get(one).await.says("Au plus 1 prêté ou réservé à la fois").says("value=\"Tablette\"");
        let wrong = adviser.post(one, &[("designation", "Tablette"), ("nombre", "aucune")]).await;
        assert_eq!(wrong.status, 422);
        wrong.says("value=\"aucune\"");
        let more = [("designation", "Tablette 10 pouces"), ("nombre", "3"), ("en_service", "true")];
        assert_eq!(adviser.post(one, &more).await.status, 303);
        adviser.get(loans).await.says("Tablette 10 pouces").says("2 sur 3 disponibles");
        // Withdrawn, it is lent to nobody; what is lent stays so.
        assert_eq!(adviser.post(one, &more[..2]).await.status, 303);
        adviser.get(loans).await.says("retiré").says("Paul Roux").is_silent_about("name=\"materiel\"");
        assert_eq!(lend("Lina Puech", "", "2026-06-12").await.status, 422);
        let elsewhere = town.account("leo@lunel.example", Some(("urbanisme", Role::Agent))).await;
        assert_eq!(elsewhere.get(one).await.status, 404);
        assert_eq!(elsewhere.post(one, &more).await.status, 404);
    });
}

#[test]
fn figures_name_nobody_and_hide_what_concerns_few() {
    in_a_town(async |town| {
        for rank in 0..2 {
            town.registers(&format!("Personne {rank}"), &format!("p{rank}@example.org")).await;
        }
        town.fixture.clock.set(at(10, 14, 30));
        let adviser = town.colleague().await;
        let session = format!("/agents/ateliers/seances/{}", town.things.session);
        for seat in adviser.get(&session).await.sent("place") {
            adviser.post(&session, &[("place", &seat), ("etat", "present")]).await;
        }
        adviser.get("/agents/ateliers/chiffres").await.says("Aucune séance ne s’est tenue");
        town.fixture.clock.set(at(12, 10, 0));
        let adviser = town.adviser().await;
        let page = adviser.get("/agents/ateliers/chiffres?de=2026-06&a=2026-06").await;
        page.says("Maison Jean-Jacques-Rousseau").says("moins de 5").is_silent_about("100\u{a0}%");
        let base = "/agents/ateliers/chiffres/chiffres";
        let table = adviser.get(&format!("{base}.csv?de=2026-06&a=2026-06")).await;
        assert!(table.kind.starts_with("text/csv; charset=utf-8"), "{}", table.kind);
        table.says("Maison Jean-Jacques-Rousseau;1;0;2;moins de 5");
        table.is_silent_about("Personne 0");
        for kind in ["ods", "xlsx"] {
            assert_eq!(
                adviser.get(&format!("{base}.{kind}?de=2026-06&a=2026-06")).await.status,
                200,
                "{kind}"
            );
        }
        assert_eq!(adviser.get(&format!("{base}.pdf")).await.status, 404);
        assert_eq!(adviser.get("/agents/ateliers/chiffres?de=x&a=y").await.status, 200);
        let elsewhere = town.account("leo@lunel.example", Some(("urbanisme", Role::Agent))).await;
        elsewhere.get("/agents/ateliers/chiffres?de=2026-06&a=2026-06").await.says("Aucune séance");
    });
}
