//! An agent books for somebody on the telephone, and receives people through the day.

use beffroi_people::Role;

use crate::support::{at, in_a_town, time};

#[test]
fn an_agent_books_for_somebody_who_has_neither_mail_nor_telephone() {
    in_a_town(async |town| {
        let agent = town.agent("samira@lunel.example", "etat-civil", Role::Agent).await;
        agent.get("/agents/rendez-vous").await.says("Rendez-vous du jour").says("Aucun rendez-vous ce jour");
        let page = agent
            .get("/agents/rendez-vous/nouveau?motif=titres&personnes=1&lieu=hotel-de-ville&canal=counter")
            .await;
        // An agent passes over what is kept for the same day, and books at once.
        let reserved = time(town.things.hall, at(4, 11, 0));
        assert!(page.times().contains(&reserved));
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
        slip.says("Augustine Galtier").says("RDV-").says("L’ancien titre").says("04 65 71 00 00");
        agent.get("/agents/rendez-vous?lieu=hotel-de-ville&jour=2026-06-04").await.says("Augustine Galtier");
        assert!(town.mails().await.is_empty());
        // Cancelled with a word, although nobody can be told.
        let cancelled = agent.post(&format!("{}/annuler", held.location), &[("pourquoi", "Panne")]).await;
        agent.get(&cancelled.location).await.says("Le rendez-vous est annulé");
        assert_eq!(town.count("SELECT COUNT(*) FROM calendar_claim").await, 0);
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
        page.says("Jeanne Roux").says("Arrivé").is_silent_about(">Non venu<");
        let id = page.body.split("/agents/rendez-vous/").find(|it| it.contains("Jeanne")).unwrap();
        let id = id.split('"').next().unwrap().to_owned();
        let mark = async |state: &str| {
            agent.post(&format!("/agents/rendez-vous/{id}/etat"), &[("etat", state)]).await
        };
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
        let mails = town.mails().await;
        assert!(mails[0].subject.contains("déplacé"), "{}", mails[0].subject);
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
            page.times()[1..],
            [at(4, 14, 0), at(4, 14, 20), at(4, 14, 40)].map(|at| time(town.things.hall, at))
        );
        // A day with hours of its own, then an absence; both are taken back.
        let wrong = head.post(&format!("{base}/jour"), &[("premier", "2026-06-12"), ("de", "10:00")]).await;
        assert_eq!(wrong.status, 422);
        wrong.says("Indiquez deux heures dans l’ordre").says("2026-06-12");
        let day = [("premier", "2026-06-12"), ("de", "10:00"), ("a", "11:00"), ("raison", "Permanence")];
        assert_eq!(head.post(&format!("{base}/jour"), &day).await.status, 303);
        let week = "/rendez-vous/titres?lieu=hotel-de-ville&semaine=2026-06-08";
        assert!(town.browser().get(week).await.times().contains(&time(town.things.hall, at(12, 10, 40))));
        head.get(base).await.says("Vendredi 12 juin 2026, 10:00–11:00, Permanence");
        head.post(&format!("{base}/jour-retirer"), &[("retirer", "2026-06-12")]).await;
        assert!(!town.browser().get(week).await.times().contains(&time(town.things.hall, at(12, 10, 40))));
        let wrong = head
            .post(&format!("{base}/absence"), &[("premier", "2026-06-12"), ("dernier", "2026-06-01")])
            .await;
        wrong.says("Le dernier jour vient avant le premier");
        let away = [("premier", "2026-06-11"), ("dernier", "2026-06-12"), ("raison", "Congé")];
        assert_eq!(head.post(&format!("{base}/absence"), &away).await.status, 303);
        assert!(!town.browser().get(week).await.times().contains(&time(town.things.hall, at(11, 14, 0))));
        head.get(base).await.says("Du 11 juin 2026 au 12 juin 2026, Congé");
        // Whole sites are closed by those who answer for the whole town.
        let closing = [("lieu", "hotel-de-ville"), ("premier", "2026-06-18")];
        assert_eq!(head.post("/agents/rendez-vous/fermetures", &closing).await.status, 403);
        let manager = town.agent("helene@lunel.example", "", Role::Manager).await;
        assert_eq!(manager.post("/agents/rendez-vous/fermetures", &closing).await.status, 303);
        manager.get("/agents/rendez-vous/presences").await.says("Jeudi 18 juin 2026").says("Fermer un lieu");
        let week = "/rendez-vous/titres?lieu=hotel-de-ville&semaine=2026-06-15";
        assert!(!town.browser().get(week).await.times().contains(&time(town.things.hall, at(18, 14, 0))));
        // Nothing is received there any more.
        assert_eq!(head.post(&format!("{base}/motifs"), &[]).await.status, 303);
        let page = town.browser().get("/rendez-vous/titres").await;
        assert!(!page.times().iter().any(|time| time.starts_with(&town.things.hall.to_string())));
        assert_eq!(head.post(&format!("{base}/autre"), &[]).await.status, 404);
        assert_eq!(head.get("/agents/rendez-vous/presences/urbanisme").await.status, 404);
    });
}

#[test]
fn numbers_are_called_in_their_order_and_name_nobody() {
    in_a_town(async |town| {
        let agent = town.agent("samira@lunel.example", "etat-civil", Role::Agent).await;
        agent.get("/agents/rendez-vous/file").await.says("Aucun lieu ne donne de tickets");
        assert_eq!(town.browser().get("/rendez-vous/salle/hotel-de-ville").await.status, 404);
        town.gives_tickets().await;
        agent.get("/agents/rendez-vous/file").await.says("Personne n’attend");
        let fields = [("lieu", "hotel-de-ville"), ("motif", "titres")];
        let taken = agent.post("/agents/rendez-vous/file", &fields).await;
        assert_eq!(taken.status, 303, "{}", taken.body);
        agent.get(&taken.location).await.says(">A1<");
        agent.post("/agents/rendez-vous/file", &fields).await;
        // Somebody with an appointment arrives; their time has not come yet.
        let contact = [("nom", "Jeanne Roux"), ("courriel", "jeanne@example.org")];
        town.books(&time(town.things.hall, at(3, 11, 0)), &contact).await;
        let day = agent.get("/agents/rendez-vous?lieu=hotel-de-ville").await;
        let id = day.body.split("/agents/rendez-vous/").find(|it| it.contains("Jeanne")).unwrap();
        let id = id.split('"').next().unwrap().to_owned();
        agent.post(&format!("/agents/rendez-vous/{id}/etat"), &[("etat", "arrived")]).await;
        agent.get("/agents/rendez-vous?lieu=hotel-de-ville").await.says("Arrivé, R1");
        let call = async || {
            agent
                .post(
                    "/agents/rendez-vous/file/appel",
                    &[("lieu", "hotel-de-ville"), ("guichet", "guichet-1")],
                )
                .await
        };
        call().await;
        let screen = town.browser().get("/rendez-vous/salle/hotel-de-ville").await;
        screen.says(">A1<").says("guichet-1").says("2\u{20}personnes attendent").is_silent_about("Jeanne");
        // At eleven the appointment goes first.
        town.fixture.clock.set(at(3, 11, 0));
        let agent = town.agent("awa@lunel.example", "etat-civil", Role::Agent).await;
        let fields = [("lieu", "hotel-de-ville"), ("guichet", "guichet-1")];
        let call = async || agent.post("/agents/rendez-vous/file/appel", &fields).await;
        let called = call().await;
        let page = agent.get(&called.location).await;
        page.says(">R1<");
        town.browser().get("/rendez-vous/salle/hotel-de-ville").await.says(">R1<").says("Appelés avant");
        let ticket = page.body.split("/agents/rendez-vous/file/").find(|it| it.contains("rappeler")).unwrap();
        let ticket = ticket.split('"').next().unwrap().to_owned();
        let change = async |what: &str| {
            let fields = [("quoi", what), ("lieu", "hotel-de-ville"), ("guichet", "guichet-1")];
            agent.post(&format!("/agents/rendez-vous/file/{ticket}"), &fields).await.status
        };
        assert_eq!((change("rappeler").await, change("recu").await, change("autre").await), (303, 303, 400));
        agent.get("/agents/rendez-vous?lieu=hotel-de-ville").await.says("Corriger");
        call().await;
        let nobody = call().await;
        agent.get(&nobody.location).await.says("Personne n’attend pour ce guichet");
        let stranger = town.agent("paul@lunel.example", "urbanisme", Role::Agent).await;
        assert_eq!(stranger.get(&format!("/agents/rendez-vous/file/{ticket}")).await.status, 404);
    });
}
