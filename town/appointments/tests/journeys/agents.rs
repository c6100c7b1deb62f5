//! An agent books for somebody on the telephone, and receives people through the day.

use beffroi_people::Role;

use crate::support::{at, in_a_town, time};

#[test]
fn an_agent_books_for_somebody_who_has_neither_mail_nor_telephone() {
    in_a_town(async |town| {
        let agent = town.agent("samira@lunel.example", "etat-civil", Role::Agent).await;
        agent.get("/agents/rendez-vous").await.says("Rendez-vous du jour").says("Aucun rendez-vous ce jour");
        let page = agent.get("/agents/rendez-vous/nouveau?motif=titres&personnes=1&lieu=hotel-de-ville&canal=counter").await;
        // An agent passes over what is kept for the same day, and books at once.
        let reserved = time(town.things.hall, at(4, 11, 0));
        assert!(page.times().contains(&reserved));
        page.says("Une photo d’identité").is_silent_about("Urbanisme</option>");
        let fields = [("motif", "titres"), ("personnes", "1"), ("canal", "counter"), ("creneau", reserved.as_str())];
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
        town.books(&time(town.things.hall, at(4, 9, 0)), &contact).await;
        let day = "/agents/rendez-vous?lieu=hotel-de-ville&jour=2026-06-04";
        let page = agent.get(day).await;
        page.says("Jeanne Roux").says("Arrivé").is_silent_about(">Non venu<");
        let id = page.body.split("/agents/rendez-vous/").find(|it| it.contains("Jeanne")).unwrap();
        let id = id.split('"').next().unwrap().to_owned();
        let mark = async |state: &str| agent.post(&format!("/agents/rendez-vous/{id}/etat"), &[("etat", state)]).await;
        // Nobody has missed what has not begun.
        mark("missed").await;
        agent.get(day).await.says("Attendu");
        town.fixture.clock.set(at(4, 9, 10));
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
