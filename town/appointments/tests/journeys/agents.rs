//! An agent books for somebody on the telephone, and receives people through the day.

use beffroi_people::Role;

use crate::support::{at, in_a_town, time};

#[test]
fn an_agent_books_for_somebody_who_has_neither_mail_nor_telephone() {
    in_a_town(async |town| {
        let agent = town.agent("samira@lunel.example", "etat-civil", Role::Agent).await;
        agent.get("/agents/rendez-vous").await.says("Rendez-vous du jour").says("Aucun rendez-vous ce jour");
        // The times of the first motive are there before anything is asked for, and those of the department alone.
        let first = agent.get("/agents/rendez-vous/nouveau").await;
        first.says(">Motif<").is_silent_about("Pour quoi venez-vous");
        assert!(!first.sent("creneau").is_empty());
        let page = agent
            .get("/agents/rendez-vous/nouveau?motif=titres&personnes=1&lieu=hotel-de-ville&canal=counter")
            .await;
        // An agent passes over what is kept for the same day, and books at once.
        let reserved = time(town.things.hall, at(4, 11, 0));
        assert!(page.sent("creneau").contains(&reserved));
        page.says("Une photo d’identité").is_silent_about("Urbanisme</option>");
        let fields =
            [("motif", "titres"), ("personnes", "1"), ("canal", "counter"), ("creneau", reserved.as_str())];
        let held = agent.post("/agents/rendez-vous/nouveau", &fields).await;
        assert_eq!(held.status, 303, "{}", held.body);
        agent.get(&held.location).await.says("Pour qui est ce rendez-vous");
        agent.post(&held.location, &[]).await.says("Indiquez votre nom");
        let booked = agent.post(&held.location, &[("nom", "Augustine Galtier")]).await;
        assert_eq!(booked.location, format!("{}?fait=reserve", held.location));
        agent.get(&booked.location).await.says("Au guichet").says("personne ne la préviendra");
        let slip = agent.get(&format!("{}/fiche", held.location)).await;
        slip.says("Augustine Galtier")
            .says("RDV-")
            .says("L’ancien titre")
            .says("04\u{a0}65\u{a0}71\u{a0}00\u{a0}00");
        agent.get("/agents/rendez-vous?lieu=hotel-de-ville&jour=2026-06-04").await.says("Augustine Galtier");
        assert!(town.mails().await.is_empty());
        // Cancelled with a word, although nobody can be told.
        let cancelled = agent.post(&format!("{}/annuler", held.location), &[("pourquoi", "Panne")]).await;
        agent.get(&cancelled.location).await.says("Le rendez-vous est annulé");
        assert_eq!(town.count("SELECT COUNT(*) FROM calendar_claim").await, 0);
    });
}

#[test]
fn advisers_follow_up_whom_they_meet_and_nobody_else_is_shown_it() {
    in_a_town(async |town| {
        let agent = town.agent("leo@lunel.example", "urbanisme", Role::Agent).await;
        let slot = time(town.things.hall, at(4, 9, 0));
        let fields =
            [("motif", "urbanisme"), ("personnes", "1"), ("canal", "counter"), ("creneau", slot.as_str())];
        let held = agent.post("/agents/rendez-vous/nouveau", &fields).await;
        assert_eq!(held.status, 303, "{}", held.body);
        agent.get(&held.location).await.is_silent_about("Suivi de");
        agent.post(&held.location, &[("nom", "Augustine Galtier")]).await;
        agent.get(&held.location).await.says("Suivi de Augustine Galtier");
        // It is no meeting any more once it is given back, nor where the motive says nothing of it.
        agent.post(&format!("{}/annuler", held.location), &[("pourquoi", "Panne")]).await;
        agent.get(&held.location).await.is_silent_about("Suivi de");
        let colleague = town.agent("samira@lunel.example", "etat-civil", Role::Agent).await;
        let contact = [("nom", "Jeanne Roux"), ("courriel", "jeanne@example.org")];
        town.books(&time(town.things.hall, at(4, 9, 0)), &contact).await;
        let day = colleague.get("/agents/rendez-vous?lieu=hotel-de-ville&jour=2026-06-04").await;
        let one = day.body.split("/agents/rendez-vous/").find(|it| it.contains("Jeanne")).unwrap();
        let one = format!("/agents/rendez-vous/{}", one.split('"').next().unwrap());
        colleague.get(&one).await.says("Jeanne Roux").is_silent_about("Suivi de");
    });
}

#[test]
fn the_day_tells_who_came() {
    in_a_town(async |town| {
        let agent = town.agent("samira@lunel.example", "etat-civil", Role::Agent).await;
        let contact = [("nom", "Jeanne Roux"), ("courriel", "jeanne@example.org")];
        town.books(&time(town.things.hall, at(3, 11, 0)), &contact).await;
        let day = "/agents/rendez-vous?lieu=hotel-de-ville&jour=2026-06-03";
        let page = agent.get(day).await;
        page.says("Jeanne Roux").says("Arrivé").is_silent_about(">Ne s’est pas présenté(e)<");
        let id = page.body.split("/agents/rendez-vous/").find(|it| it.contains("Jeanne")).unwrap();
        let id = id.split('"').next().unwrap().to_owned();
        let mark = async |state: &str| {
            agent.post(&format!("/agents/rendez-vous/{id}/etat"), &[("etat", state)]).await
        };
        // Nobody comes on the day before.
        town.books(
            &time(town.things.hall, at(4, 9, 0)),
            &[("nom", "Paul Blanc"), ("courriel", "paul@example.org")],
        )
        .await;
        let tomorrow = agent.get("/agents/rendez-vous?lieu=hotel-de-ville&jour=2026-06-04").await;
        tomorrow.says("Paul Blanc").is_silent_about(">Arrivé<").is_silent_about(">Reçu<");
        // Nobody has missed what has not begun.
        mark("missed").await;
        agent.get(day).await.says("Attendu");
        town.fixture.clock.set(at(3, 11, 10));
        // A session that nobody used for an hour is over.
        let agent = town.agent("awa@lunel.example", "etat-civil", Role::Agent).await;
        let mark = async |state: &str| {
            agent.post(&format!("/agents/rendez-vous/{id}/etat"), &[("etat", state)]).await
        };
        mark("arrived").await;
        agent.get(day).await.says("Reçu");
        mark("received").await;
        agent.get(day).await.says("Corriger");
        assert_eq!(mark("held").await.status, 400);
        // The town moves it, and tells.
        mark("booked").await;
        let other = time(town.things.annex, at(8, 9, 0));
        let moved = agent.post(&format!("/agents/rendez-vous/{id}/deplacer"), &[("creneau", &other)]).await;
        assert_eq!(moved.location, format!("/agents/rendez-vous/{id}?fait=deplace"));
        assert!(town.mails().await.iter().any(|mail| mail.subject.contains("déplacé")));
    });
}

#[test]
fn other_departments_appointments_do_not_exist() {
    in_a_town(async |town| {
        let contact = [("nom", "Jeanne Roux"), ("courriel", "jeanne@example.org")];
        town.books(&time(town.things.hall, at(4, 9, 0)), &contact).await;
        let stranger = town.agent("paul@lunel.example", "urbanisme", Role::Agent).await;
        let day = stranger.get("/agents/rendez-vous?lieu=hotel-de-ville&jour=2026-06-04").await;
        day.is_silent_about("Jeanne Roux");
        let agent = town.agent("samira@lunel.example", "etat-civil", Role::Agent).await;
        let page = agent.get("/agents/rendez-vous?lieu=hotel-de-ville&jour=2026-06-04").await;
        let id = page.body.split("/agents/rendez-vous/").find(|it| it.contains("Jeanne")).unwrap();
        let id = id.split('"').next().unwrap().to_owned();
        for path in [format!("/agents/rendez-vous/{id}"), format!("/agents/rendez-vous/{id}/fiche")] {
            assert_eq!(stranger.get(&path).await.status, 404, "{path}");
        }
        for path in ["etat", "annuler", "deplacer"] {
            let fields = [("etat", "arrived"), ("creneau", &time(town.things.annex, at(8, 9, 0)))];
            let answer = stranger.post(&format!("/agents/rendez-vous/{id}/{path}"), &fields).await;
            assert_eq!(answer.status, 404, "{path}");
        }
        assert_eq!(town.browser().get("/agents/rendez-vous").await.status, 303);
    });
}

#[test]
fn presences_are_clicked_and_what_falls_outside_is_told() {
    in_a_town(async |town| {
        let agent = town.agent("samira@lunel.example", "etat-civil", Role::Agent).await;
        assert_eq!(agent.get("/agents/rendez-vous/presences").await.status, 404);
        let head = town.agent("leonie@lunel.example", "etat-civil", Role::HeadOfDepartment).await;
        let list = head.get("/agents/rendez-vous/presences").await;
        list.says("guichet-1").is_silent_about(">urbanisme<").is_silent_about("Fermer un lieu");
        let contact = [("nom", "Jeanne Roux"), ("courriel", "jeanne@example.org")];
        town.books(&time(town.things.hall, at(4, 9, 0)), &contact).await;
        let base = "/agents/rendez-vous/presences/guichet-1";
        // Thursdays from two to three in the place of all mornings.
        let kept = head
            .post(&format!("{base}/semaine"), &[("plage", "3-840"), ("plage", "3-870"), ("plage", "9-1")])
            .await;
        assert_eq!(kept.location, format!("{base}?fait=enregistre"));
        head.get(&kept.location).await.says("Ces rendez-vous tombent hors des présences").says("Jeanne Roux");
        let page = town.browser().get("/rendez-vous/titres?lieu=hotel-de-ville").await;
        assert_eq!(
            page.sent("creneau")[1..],
            [at(4, 14, 0), at(4, 14, 20), at(4, 14, 40)].map(|at| time(town.things.hall, at))
        );
        // A day with hours of its own, then an absence; both are taken back.
        let wrong = head.post(&format!("{base}/jour"), &[("premier", "2026-06-12"), ("de", "10:00")]).await;
        assert_eq!(wrong.status, 422);
        wrong.says("Indiquez deux heures dans l’ordre").says("2026-06-12");
        let day = [("premier", "2026-06-12"), ("de", "10:00"), ("a", "11:00"), ("raison", "Permanence")];
        assert_eq!(head.post(&format!("{base}/jour"), &day).await.status, 303);
        let week = "/rendez-vous/titres?lieu=hotel-de-ville&semaine=2026-06-08";
        assert!(
            town.browser().get(week).await.sent("creneau").contains(&time(town.things.hall, at(12, 10, 40)))
        );
        head.get(base).await.says("Vendredi 12 juin 2026, 10:00–11:00, Permanence");
        head.post(&format!("{base}/jour-retirer"), &[("retirer", "2026-06-12")]).await;
        assert!(
            !town.browser().get(week).await.sent("creneau").contains(&time(town.things.hall, at(12, 10, 40)))
        );
        let wrong = head
            .post(&format!("{base}/absence"), &[("premier", "2026-06-12"), ("dernier", "2026-06-01")])
            .await;
        wrong.says("Le dernier jour vient avant le premier");
        let away = [("premier", "2026-06-11"), ("dernier", "2026-06-12"), ("raison", "Congé")];
        assert_eq!(head.post(&format!("{base}/absence"), &away).await.status, 303);
        assert!(
            !town.browser().get(week).await.sent("creneau").contains(&time(town.things.hall, at(11, 14, 0)))
        );
        head.get(base).await.says("Du 11 juin 2026 au 12 juin 2026, Congé");
        // Whole sites are closed by those who answer for the whole town.
        let closing = [("lieu", "hotel-de-ville"), ("premier", "2026-06-18")];
        assert_eq!(head.post("/agents/rendez-vous/fermetures", &closing).await.status, 403);
        let manager = town.agent("helene@lunel.example", "", Role::Manager).await;
        let closed = manager.post("/agents/rendez-vous/fermetures", &closing).await;
        assert_eq!(
            closed.location, "/agents/rendez-vous/hors-presence?fait=ferme",
            "Jeanne is still outside"
        );
        manager.get("/agents/rendez-vous/presences").await.says("Jeudi 18 juin 2026").says("Fermer un lieu");
        let week = "/rendez-vous/titres?lieu=hotel-de-ville&semaine=2026-06-15";
        assert!(
            !town.browser().get(week).await.sent("creneau").contains(&time(town.things.hall, at(18, 14, 0)))
        );
        // Nothing is received there any more.
        assert_eq!(head.post(&format!("{base}/motifs"), &[]).await.status, 303);
        let page = town.browser().get("/rendez-vous/titres").await;
        assert!(!page.sent("creneau").iter().any(|time| time.starts_with(&town.things.hall.to_string())));
        assert_eq!(head.post(&format!("{base}/autre"), &[]).await.status, 404);
        assert_eq!(head.get("/agents/rendez-vous/presences/urbanisme").await.status, 404);
    });
}

#[test]
fn a_closure_leaves_nobody_without_a_word() {
    in_a_town(async |town| {
        let hall = town.things.hall;
        for (who, minute) in [("Jeanne", 0), ("Paul", 20), ("Lina", 40)] {
            let email = format!("{who}@example.org");
            town.books(&time(hall, at(10, 9, minute)), &[("nom", who), ("courriel", &email)]).await;
        }
        town.work().await;
        let manager = town.agent("helene@lunel.example", "", Role::Manager).await;
        let base = "/agents/rendez-vous/hors-presence";
        manager.get(base).await.says("Aucun rendez-vous ne tombe hors des présences");
        let closing = [("lieu", "hotel-de-ville"), ("premier", "2026-06-10"), ("raison", "Travaux")];
        let closed = manager.post("/agents/rendez-vous/fermetures", &closing).await;
        assert_eq!(closed.location, format!("{base}?fait=ferme"));
        let page = manager.get(&closed.location).await;
        page.says("Jeanne").says("Paul").says("Lina").says("/deplacer");
        manager
            .get("/agents/rendez-vous/presences")
            .await
            .says("3\u{20}rendez-vous tombent hors des présences");
        assert_eq!(manager.post(base, &[("pourquoi", "Travaux")]).await.status, 422);
        let ids = page.body.split("name=\"rendez_vous\" type=\"checkbox\" value=\"").skip(1);
        let ids: Vec<&str> = ids.map(|it| it.split('"').next().unwrap()).collect();
        let fields =
            [("rendez_vous", ids[0]), ("rendez_vous", ids[1]), ("pourquoi", "Le bâtiment est en travaux.")];
        let done = manager.post(base, &fields).await;
        let page = manager.get(&done.location).await;
        page.says("Ces rendez-vous sont annulés")
            .says("Lina")
            .is_silent_about("Jeanne")
            .is_silent_about("Paul");
        let mails = town.mails().await;
        let cancelled: Vec<_> = mails.iter().filter(|mail| mail.subject.contains("annulé")).collect();
        assert_eq!(cancelled.len(), 2);
        // Who has no part in it sees neither names nor what it is for; who looks after nothing sees no page.
        let planner = town.agent("paule@lunel.example", "urbanisme", Role::HeadOfDepartment).await;
        planner.get(base).await.says("Aucun rendez-vous ne tombe hors").is_silent_about("Lina");
        let admin = town.agent("root@lunel.example", "", Role::Administrator).await;
        admin.get(base).await.says("rendez-vous d’un autre service").is_silent_about("Lina");
        let agent = town.agent("samira@lunel.example", "etat-civil", Role::Agent).await;
        assert_eq!(agent.get(base).await.status, 404);
    });
}
