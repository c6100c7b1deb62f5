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
        // Who opens an appointment reads whose it is: that is written down once an hour, the list of the day is not.
        let looks = "SELECT COUNT(*) FROM journal WHERE kind = 'appointment.consulted'";
        assert_eq!(town.count(looks).await, 1);
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
fn presences_are_said_and_what_falls_outside_is_told() {
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
        let hours = [("regle", "0"), ("jours-0", "4"), ("horaires-0", "14 h - 15 h"), ("feries-0", "not")];
        let kept = head.post(&format!("{base}/horaires"), &hours).await;
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
fn a_counter_receives_in_some_weeks_of_a_season_and_not_on_a_day_that_is_said() {
    in_a_town(async |town| {
        let head = town.agent("leonie@lunel.example", "etat-civil", Role::HeadOfDepartment).await;
        let page = "/agents/rendez-vous/presences/guichet-1/horaires";
        head.get(page).await.says("Du lundi au vendredi, de 9\u{a0}h à 12\u{a0}h, sauf les jours fériés");
        let typed = [
            ("regle", "0"),
            ("jours-0", "4"),
            ("semaines-0", "2"),
            ("horaires-0", "10 h - 11 h"),
            ("du-0", "juin"),
            ("au-0", "juillet"),
            ("feries-0", "not"),
        ];
        let with = |more: &[(&'static str, &'static str)]| [typed.as_slice(), more].concat();
        let more = head.post(page, &with(&[("ajouter", "regle")])).await;
        assert_eq!(more.status, 200);
        more.says("value=\"10 h - 11 h\"").says("name=\"regle\" value=\"1\"");
        let seen = head.post(page, &with(&[("apercu", "oui")])).await;
        seen.says("Le 2e jeudi du mois, de 10\u{a0}h à 11\u{a0}h, de juin à juillet, sauf les jours fériés");
        let day = |day| with(&[("jour", "0"), ("jour_date-0", day), ("jour_raison-0", "Déménagement")]);
        let over = head.post(page, &day("2026-05-07")).await;
        assert_eq!(over.status, 422);
        over.says("Ce jour est passé");
        // The second Thursday of June is the eleventh.
        assert_eq!(head.post(page, &typed).await.status, 303);
        let hall = town.things.hall;
        let offered = async || {
            let week = "/rendez-vous/titres?lieu=hotel-de-ville&semaine=2026-06-08";
            let times = town.browser().get(week).await.sent("creneau");
            times.into_iter().filter(|it| it.starts_with(&hall.to_string())).collect::<Vec<_>>()
        };
        assert!(offered().await.contains(&time(hall, at(11, 10, 0))));
        assert!(!offered().await.contains(&time(hall, at(10, 9, 0))));
        assert_eq!(head.post(page, &day("2026-06-11")).await.status, 303);
        assert!(!offered().await.contains(&time(hall, at(11, 10, 0))));
        head.get("/agents/rendez-vous/presences/guichet-1")
            .await
            .says("Le 2e jeudi du mois")
            .says("Jeudi 11 juin 2026, fermé, Déménagement");
        // The absences and days of the page of presences stand among the others.
        head.get(page).await.says("Jeudi 11 juin 2026\u{a0}: fermé (Déménagement)");
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

#[test]
fn who_did_not_come_is_counted_by_month_motive_site_and_door() {
    in_a_town(async |town| {
        let hall = town.things.hall;
        for (who, minute) in [("Jeanne", 0), ("Paul", 20)] {
            let email = format!("{who}@example.org");
            town.books(&time(hall, at(4, 9, minute)), &[("nom", who), ("courriel", &email)]).await;
        }
        town.fixture.clock.set(at(4, 11, 0));
        let agent = town.agent("samira@lunel.example", "etat-civil", Role::Agent).await;
        let day = agent.get("/agents/rendez-vous?lieu=hotel-de-ville&jour=2026-06-04").await;
        let id = day.body.split("/agents/rendez-vous/").find(|it| it.contains("Jeanne")).unwrap();
        let id = id.split('"').next().unwrap();
        agent.post(&format!("/agents/rendez-vous/{id}/etat"), &[("etat", "missed")]).await;
        let base = "/agents/rendez-vous/chiffres";
        let page = agent.get(base).await;
        page.says("Par mois").says("juin 2026").says("Par lieu").says("Par voie").says("En ligne");
        page.says("100\u{a0}%").says("value=\"2026-01\"").says("value=\"2026-06\"");
        let file = agent.get(&format!("{base}/chiffres.csv?de=2026-06&a=2026-06")).await;
        assert_eq!(file.status, 200);
        file.says("2026-06;").says("En ligne;2;0;1;0;100");
        // Of other months, and to other departments, there is nothing.
        agent.get(&format!("{base}?de=2026-04&a=2026-05")).await.says("Aucun rendez-vous sur cette période");
        let other = town.agent("oscar@lunel.example", "urbanisme", Role::Agent).await;
        other.get(base).await.says("Aucun rendez-vous sur cette période");
        assert_eq!(other.get(&format!("{base}/chiffres.doc")).await.status, 404);
    });
}

#[test]
fn the_calendar_of_an_agent_tells_of_their_counters_and_names_nobody() {
    in_a_town(async |town| {
        town.agent("samira@lunel.example", "etat-civil", Role::Agent).await;
        town.agent("paul@lunel.example", "urbanisme", Role::Agent).await;
        let contact = [("nom", "Jeanne Roux"), ("courriel", "jeanne@example.org")];
        let mine = town.books(&time(town.things.hall, at(9, 9, 0)), &contact).await;
        let text = town.calendar("samira@lunel.example").await;
        // Lines are folded wherever they are long.
        let plain = text.replace("\r\n ", "");
        for word in
            ["DTSTART:20260609T070000Z", "STATUS:CONFIRMED", "CLASS:PRIVATE", "DESCRIPTION:RDV-", "guichet-1"]
        {
            assert!(plain.contains(word), "{word}: {plain}");
        }
        assert!(!plain.contains("Jeanne") && !plain.contains("/mien/"), "{plain}");
        let uid = |text: &str| text.lines().find(|line| line.starts_with("UID:")).unwrap().to_owned();
        // Others have other counters.
        assert!(!town.calendar("paul@lunel.example").await.contains("BEGIN:VEVENT"));
        // What is moved keeps its word, and what is given back stays, as such.
        let later = time(town.things.hall, at(9, 9, 20));
        town.browser().post(&format!("{mine}/deplacer"), &[("creneau", later.as_str())]).await;
        let moved = town.calendar("samira@lunel.example").await;
        assert_eq!(uid(&moved), uid(&text));
        assert!(moved.contains("DTSTART:20260609T072000Z") && moved.contains("SEQUENCE:1"), "{moved}");
        town.browser().post(&format!("{mine}/annuler"), &[]).await;
        let cancelled = town.calendar("samira@lunel.example").await;
        assert_eq!(uid(&cancelled), uid(&text));
        assert!(
            cancelled.contains("STATUS:CANCELLED") && cancelled.contains("TRANSP:TRANSPARENT"),
            "{cancelled}"
        );
    });
}
