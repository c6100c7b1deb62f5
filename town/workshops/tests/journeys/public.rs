//! Somebody reads the programme and registers, or is registered by a relative, without an account.

use crate::support::{at, in_a_town};
use beffroi_core::Lang;
use beffroi_store::{By, StoreError};
use chrono::TimeDelta;

#[test]
fn somebody_finds_a_workshop_registers_and_gives_their_seat_back() {
    in_a_town(async |town| {
        let browser = town.browser();
        browser.get("/ateliers").await.says("Premiers pas").says("2 places libres").says("Le cycle");
        browser.get("/ateliers?jour=4").await.says("Le cycle").is_silent_about("Premiers pas");
        browser.get("/ateliers?lieu=foyer-des-retraites").await.is_silent_about("Premiers pas");
        browser.get("/ateliers?niveau=confident").await.says("Aucun atelier ne correspond");
        let page = browser.get("/ateliers/premiers-pas").await;
        page.says("Mercredi 10 juin 2026, de 14\u{a0}h à 16\u{a0}h")
            .says("La souris.")
            .says("Gratuit")
            .says("Ascenseur");
        page.says("04\u{a0}65\u{a0}71\u{a0}00\u{a0}22");
        // The programme names the same number: whoever registers for all workshops.
        browser.get("/ateliers").await.says("04\u{a0}65\u{a0}71\u{a0}00\u{a0}22");
        let answer = town.registers("Jeanne Roux", "jeanne@example.org").await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        browser
            .get(&answer.location)
            .await
            .says("C’est noté")
            .says("Un courriel part")
            .is_silent_about("Jeanne");
        let mail = town.mails_to("jeanne@example.org").await.remove(0);
        assert_eq!(mail.subject, "Inscription\u{a0}: Premiers pas");
        assert!(
            mail.text
                .contains("mercredi 10 juin 2026, de 14\u{a0}h à 16\u{a0}h, Maison Jean-Jacques-Rousseau")
        );
        assert!(mail.text.contains("- Des lunettes"), "{}", mail.text);
        browser.get("/ateliers/premiers-pas").await.says("1 place libre");
        let mine = town.page_of("jeanne@example.org").await;
        let page = browser.get(&mine).await;
        page.says("Jeanne Roux").says("Inscrit").says("Rue Jean-Jacques-Rousseau");
        browser
            .get(&format!("{mine}/seances.ics"))
            .await
            .says("BEGIN:VEVENT")
            .says("DTSTART:20260610T120000Z");
        // The code is enough, however it is typed.
        let code = mine.rsplit('/').next().unwrap().to_lowercase().replace('-', " ");
        assert_eq!(browser.post("/ateliers/inscription", &[("code", &code)]).await.location, mine);
        let wrong = browser.post("/ateliers/inscription", &[("code", "7K2M-9QTA-BCDE-FGHJ")]).await;
        assert_eq!(wrong.status, 422);
        wrong.says("7K2M-9QTA-BCDE-FGHJ").says("Aucune inscription ne porte ce code");
        // What will be given back is told first; that changes nothing yet.
        let ask = page.between("/annuler?place=", "\"");
        let asked = browser.get(&format!("{mine}/annuler?place={ask}")).await;
        asked.says("Annuler l’inscription\u{a0}?").says("Mercredi 10 juin 2026").says("Jeanne Roux");
        asked.says("Confirmer l’annulation").is_silent_about("€");
        let seat = asked.sent("place").remove(0);
        assert_eq!(seat, ask);
        browser.get("/ateliers/premiers-pas").await.says("1 place libre");
        let given = browser.post(&format!("{mine}/annuler"), &[("place", &seat)]).await;
        browser.get(&given.location).await.says("C’est annulé");
        browser.get("/ateliers/premiers-pas").await.says("2 places libres");
        assert_eq!(town.mails_to("jeanne@example.org").await.len(), 2);
        // Where nothing is left to give back, its page says so.
        assert_eq!(browser.get(&format!("{mine}/annuler")).await.location, mine);
        assert_eq!(browser.get(&format!("{mine}/annuler?place=x")).await.status, 400);
        let nobody = "/ateliers/inscription/7K2M-9QTA-BCDE-FGHJ/annuler";
        assert_eq!(browser.get(nobody).await.status, 404);
    });
}

#[test]
fn a_relative_registers_and_is_who_the_town_writes_to() {
    in_a_town(async |town| {
        let session = town.things.session.to_string();
        let fields = [
            ("seance", session.as_str()),
            ("pour", "proche"),
            ("nom", "Augustine Galtier"),
            ("declarant", "Paul Galtier"),
            ("moyen", "letter"),
            ("adresse", "3 rue Haute"),
            ("codepostal", "34400"),
            ("ville", "Lunel"),
            ("age", "75"),
        ];
        let answer = town.browser().post("/ateliers/premiers-pas/inscription", &fields).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        town.browser().get(&answer.location).await.says("Une lettre part");
        town.work().await;
        assert_eq!(
            town.count("SELECT COUNT(*) FROM letter WHERE tray = 'numerique' AND recipient = 'Paul Galtier'")
                .await,
            1
        );
        assert_eq!(town.count("SELECT COUNT(*) FROM document WHERE owner_kind = 'registration'").await, 1);
        assert_eq!(town.count("SELECT COUNT(*) FROM mail").await, 0);
        assert_eq!(
            town.count(
                "SELECT COUNT(*) FROM workshops_registration WHERE name = 'Augustine Galtier' AND registrant = 'Paul Galtier'"
            )
            .await,
            1
        );
    });
}

#[test]
fn a_form_that_lacks_something_comes_back_with_all_that_was_typed() {
    in_a_town(async |town| {
        let browser = town.browser();
        let fields = [
            ("pour", "proche"),
            ("nom", "Augustine Galtier"),
            ("moyen", "letter"),
            ("courriel", "augustine"),
            ("precisions", "Fauteuil roulant"),
        ];
        let refused = browser.post("/ateliers/premiers-pas/inscription", &fields).await;
        assert_eq!(refused.status, 422);
        refused.says("Augustine Galtier").says("Fauteuil roulant").says("value=\"augustine\"");
        refused.says("Indiquez votre nom et votre prénom").says("Indiquez une adresse électronique complète");
        refused.says("Indiquez la rue, le code postal et la ville");
        // Text messages are no way where the town sends none; only an agent notes that nobody is told.
        for way in ["sms", "nothing", "pigeon", ""] {
            let session = town.things.session.to_string();
            let fields = [
                ("seance", session.as_str()),
                ("nom", "Jeanne"),
                ("moyen", way),
                ("telephone", "0612345678"),
            ];
            let refused = browser.post("/ateliers/premiers-pas/inscription", &fields).await;
            assert_eq!(refused.status, 422, "{way}");
            refused.says("Choisissez comment être prévenu");
        }
        assert_eq!(town.count("SELECT COUNT(*) FROM workshops_registration").await, 0);
        assert_eq!(browser.get("/ateliers/inconnu").await.status, 404);
        assert_eq!(browser.post("/ateliers/inconnu/inscription", &[]).await.status, 404);
    });
}

#[test]
fn whoever_has_a_telephone_alone_registers_online_and_is_called() {
    in_a_town(async |town| {
        let session = town.things.session.to_string();
        let fields = [
            ("seance", session.as_str()),
            ("pour", "moi"),
            ("nom", "Augustine Galtier"),
            ("moyen", "call"),
            ("telephone", "04 67 71 12 34"),
        ];
        let answer = town.browser().post("/ateliers/premiers-pas/inscription", &fields).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        town.browser().get(&answer.location).await.says("Un agent appelle au numéro indiqué");
        town.work().await;
        let home = town.adviser().await.get("/agents/ateliers").await;
        home.says("À appeler").says("Augustine Galtier").says("Confirmer l’inscription");
        assert_eq!(town.count("SELECT COUNT(*) FROM mail").await, 0);
    });
}

#[test]
fn a_session_that_has_neither_a_seat_nor_a_turn_left_cannot_be_chosen() {
    in_a_town(async |town| {
        let path = "/ateliers/premiers-pas/inscription";
        town.browser().get(path).await.is_silent_about("name=\"attente\"").is_silent_about(" disabled aria");
        for rank in 0..4 {
            assert_eq!(
                town.registers(&format!("Personne {rank}"), &format!("p{rank}@example.org")).await.status,
                303
            );
        }
        let full = town.browser().get(path).await;
        full.says("Complet").says(" disabled aria").is_silent_about("name=\"attente\"");
        let gone = town.page_of("p3@example.org").await;
        town.browser().post(&format!("{gone}/annuler"), &[("place", "toutes")]).await;
        town.browser().get(path).await.says("name=\"attente\"").is_silent_about(" disabled aria");
    });
}

#[test]
fn whoever_is_signed_in_is_not_asked_again_for_their_name_and_address() {
    in_a_town(async |town| {
        let marie = town.account("marie@example.org", None).await;
        let form = marie.get("/ateliers/premiers-pas/inscription").await;
        form.says("value=\"Awa Diop\"").says("value=\"marie@example.org\"");
        town.browser().get("/ateliers/premiers-pas/inscription").await.is_silent_about("marie@example.org");
    });
}

#[test]
fn nobody_learns_who_is_registered() {
    in_a_town(async |town| {
        let first = town.registers("Jeanne Roux", "jeanne@example.org").await;
        let second = town.registers("roux JEANNE", "jeanne@example.org").await;
        assert_eq!((first.status, &first.location), (second.status, &second.location));
        assert_eq!(town.count("SELECT COUNT(*) FROM workshops_registration").await, 1);
        assert_eq!(town.count("SELECT taken FROM workshops_session ORDER BY starts_at LIMIT 1").await, 1);
        let mails = town.mails_to("jeanne@example.org").await;
        assert_eq!(mails.len(), 2);
        assert_eq!(mails[0].subject, "Déjà inscrit\u{a0}: Premiers pas");
        // Whoever asks again and again floods nobody.
        town.registers("Jeanne Roux", "jeanne@example.org").await;
        assert_eq!(town.mails_to("jeanne@example.org").await.len(), 2);
        town.fixture.clock.advance(TimeDelta::hours(25));
        town.registers("Jeanne Roux", "jeanne@example.org").await;
        assert_eq!(town.mails_to("jeanne@example.org").await.len(), 3);
        // A namesake with another address is somebody else.
        town.registers("Jeanne Roux", "autre@example.org").await;
        assert_eq!(town.count("SELECT COUNT(*) FROM workshops_registration").await, 2);
        // Where it is full, a stranger is told so, whoever has a seat.
        let session = town.things.session.to_string();
        let fields = [
            ("seance", session.as_str()),
            ("nom", "Jeanne Roux"),
            ("moyen", "mail"),
            ("courriel", "jeanne@example.org"),
        ];
        let known = town.browser().post("/ateliers/premiers-pas/inscription", &fields).await;
        assert_eq!(known.status, 422);
        known.says("Il n’y a plus de place");
    });
}

#[test]
fn a_double_click_registers_once_and_many_wait() {
    in_a_town(async |town| {
        let session = town.things.session.to_string();
        let fields = [
            ("seance", session.as_str()),
            ("nom", "Jeanne Roux"),
            ("moyen", "mail"),
            ("courriel", "jeanne@example.org"),
            ("idempotency_key", "0123456789abcdef0123456789abcdef"),
        ];
        for _ in 0..2 {
            let answer = town.browser().post("/ateliers/premiers-pas/inscription", &fields).await;
            assert_eq!(answer.status, 303);
        }
        assert_eq!(town.mails().await.len(), 1);
        let mut last = 303;
        for rank in 0..30 {
            last = town.registers(&format!("Personne {rank}"), &format!("p{rank}@example.org")).await.status;
        }
        assert_eq!(last, 429);
    });
}

#[test]
fn one_registers_for_a_whole_series_where_it_is_one() {
    in_a_town(async |town| {
        let browser = town.browser();
        browser.get("/ateliers/le-cycle").await.says("S’inscrire à toutes les séances");
        let fields = |session: &'static str| {
            [("seance", session), ("nom", "Lina Puech"), ("moyen", "mail"), ("courriel", "lina@example.org")]
        };
        let one = town.count("SELECT COUNT(*) FROM workshops_session").await;
        assert_eq!(one, 4);
        let wrong = browser.post("/ateliers/premiers-pas/inscription", &fields("toutes")).await;
        assert_eq!(wrong.status, 422, "this one is registered for session by session");
        let answer = browser.post("/ateliers/le-cycle/inscription", &fields("toutes")).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        assert_eq!(town.count("SELECT COUNT(*) FROM workshops_seat WHERE state = 'seated'").await, 3);
        let mail = town.mails_to("lina@example.org").await.remove(0);
        for day in ["11", "18", "25"] {
            assert!(mail.text.contains(&format!("jeudi {day} juin 2026")), "{}", mail.text);
        }
        let mine = town.page_of("lina@example.org").await;
        let given = browser.post(&format!("{mine}/annuler"), &[("place", "toutes")]).await;
        assert_eq!(given.status, 303);
        assert_eq!(town.count("SELECT CAST(SUM(taken) AS BIGINT) FROM workshops_session").await, 0);
    });
}

#[test]
fn whom_it_was_for_is_forgotten_three_months_after_and_figures_stay() {
    in_a_town(async |town| {
        town.registers("Jeanne Roux", "jeanne@example.org").await;
        let mine = town.page_of("jeanne@example.org").await;
        town.fixture.clock.set(at(10, 16, 0) + TimeDelta::days(91));
        town.hour().await;
        let known = "SELECT COUNT(*) FROM workshops_registration WHERE name <> '' OR name_key <> '' OR email <> '' \
             OR link_sealed <> ''";
        assert_eq!(town.count(known).await, 0);
        assert_eq!(town.count("SELECT COUNT(*) FROM mail").await, 0);
        assert_eq!(town.count("SELECT COUNT(*) FROM workshops_registration WHERE erased").await, 1);
        assert_eq!(town.browser().get(&mine).await.status, 404);
    });
}

#[test]
fn what_is_to_come_stands_in_the_space_of_whoever_registered() {
    in_a_town(async |town| {
        let marie = town.account("marie@example.org", None).await;
        let session = town.things.session.to_string();
        let fields = [
            ("seance", session.as_str()),
            ("nom", "Marie Durand"),
            ("moyen", "mail"),
            ("courriel", "marie@example.org"),
        ];
        assert_eq!(marie.post("/ateliers/premiers-pas/inscription", &fields).await.status, 303);
        let house = beffroi_web::House::new(
            std::sync::Arc::clone(&town.fixture.platform),
            town.services.clone(),
            beffroi_web::WebConfig::default(),
        )
        .unwrap();
        let house = std::sync::Arc::new(house);
        let ahead = async || {
            let house = std::sync::Arc::clone(&house);
            let read = town.fixture.commune.read(By::SYSTEM, move |tx| -> Result<_, StoreError> {
                let account = beffroi_people::account::by_email(tx, "marie@example.org")?.unwrap().id.uuid();
                house.ahead(tx, account, Lang::Fr)
            });
            read.await.unwrap()
        };
        let next = ahead().await.remove(0);
        assert_eq!(next.title, "Premiers pas");
        assert!(next.when.starts_with("Mercredi 10 juin 2026"), "{}", next.when);
        assert!(next.href.starts_with("/ateliers/inscription/"));
        town.fixture.clock.set(at(10, 16, 0));
        assert!(ahead().await.is_empty());
    });
}

#[test]
fn an_accounts_registrations_are_its_own_to_take_along_and_no_longer_its_own_once_it_ends() {
    in_a_town(async |town| {
        let marie = town.account("marie@example.org", None).await;
        let session = town.things.session.to_string();
        let fields = [
            ("seance", session.as_str()),
            ("nom", "Marie Durand"),
            ("moyen", "mail"),
            ("courriel", "marie@example.org"),
        ];
        assert_eq!(marie.post("/ateliers/premiers-pas/inscription", &fields).await.status, 303);
        let house = beffroi_web::House::new(
            std::sync::Arc::clone(&town.fixture.platform),
            town.services.clone(),
            beffroi_web::WebConfig::default(),
        )
        .unwrap();
        let service = std::sync::Arc::clone(&town.services[0]);
        let told = town.fixture.commune.write(By::SYSTEM, move |tx| -> Result<_, StoreError> {
            let account = beffroi_people::account::by_email(tx, "marie@example.org")?.unwrap().id.uuid();
            let data = house.personal_data(tx, account, Lang::Fr)?;
            service.erase_account(tx, account)?;
            Ok((
                data,
                service.personal_data(tx, account, beffroi_web::personal::Teller::new(&house, Lang::Fr))?,
            ))
        });
        let (before, after) = told.await.unwrap();
        assert_eq!(before.entries.len(), 1);
        assert_eq!(before.entries[0].data["name"], "Marie Durand");
        assert!(before.entries[0].href.starts_with("/ateliers/inscription/"));
        assert!(after.entries.is_empty());
        assert_eq!(town.count("SELECT COUNT(*) FROM workshops_seat WHERE state = 'seated'").await, 1);
    });
}
