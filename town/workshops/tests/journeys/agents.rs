//! Advisers register somebody on the telephone, keep the programme, and write down who came.

use beffroi_people::Role;

use crate::support::{at, in_a_town};

#[test]
fn an_adviser_registers_somebody_who_has_neither_mail_nor_mobile() {
    in_a_town(async |town| {
        let adviser = town.adviser().await;
        let session = format!("/agents/ateliers/seances/{}", town.things.session);
        adviser.get("/agents/ateliers").await.says("Premiers pas").says("0 / 2");
        // The form speaks to the agent, about the session that they come from.
        let form = adviser.get(&format!("{session}/inscrire")).await;
        form.says("La personne qui participe").says(&format!("value=\"{}\" checked", town.things.session));
        form.is_silent_about("Vous-même").is_silent_about("m’inscrire");
        adviser.get(&session).await.says("Personne n’est inscrit");
        let seance = town.things.session.to_string();
        let person = |name: &'static str| {
            [
                ("canal", "phone"),
                ("seance", seance.as_str()),
                ("attente", "oui"),
                ("pour", "moi"),
                ("nom", name),
                ("moyen", "call"),
                ("telephone", "04 67 71 12 34"),
                ("age", "75"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
        };
        let send = async |name: &'static str| {
            let fields = person(name);
            let fields: Vec<(&str, &str)> =
                fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            adviser.post(&format!("{session}/inscrire"), &fields).await
        };
        let made = send("Augustine Galtier").await;
        assert_eq!(made.status, 303, "{}", made.body);
        adviser.get(&made.location).await.says("L’inscription est enregistrée").says("Augustine Galtier");
        adviser.get(&send("Augustine Galtier").await.location).await.says("déjà inscrite");
        send("Bernard Puech").await;
        adviser.get(&send("Colette Vidal").await.location).await.says("sur la liste d’attente");
        assert_eq!(send("Denise Roux").await.status, 303);
        assert_eq!(send("Étienne Roux").await.status, 422, "the same rules");
        // What others are told by mail, an adviser tells them.
        let page = adviser.get(&session).await;
        let one = page.body.split("/agents/ateliers/inscriptions/").nth(1).unwrap();
        let one = format!("/agents/ateliers/inscriptions/{}", one.split('"').next().unwrap());
        adviser.get(&one).await.says("Augustine Galtier").says("Par téléphone");
        // What will be given back is told first.
        let asked = adviser.get(&format!("{one}/annuler")).await;
        asked.says("Augustine Galtier").says("Mercredi 10 juin 2026").says("Confirmer l’annulation");
        adviser.post(&format!("{one}/annuler"), &[("place", "toutes")]).await;
        town.work().await;
        let home = adviser.get("/agents/ateliers").await;
        home.says("À appeler").says("Colette Vidal").says("Une place est proposée");
        let call = home.body.split("/agents/ateliers/appels/").nth(1).unwrap().split('"').next().unwrap();
        adviser.post(&format!("/agents/ateliers/appels/{call}"), &[]).await;
        adviser.get("/agents/ateliers").await.is_silent_about("À appeler");
        assert_eq!(town.count("SELECT COUNT(*) FROM mail").await, 0);
    });
}

#[test]
fn who_came_is_touched_on_a_tablet_and_taken_back_and_certified() {
    in_a_town(async |town| {
        let adviser = town.adviser().await;
        town.registers("Jeanne Roux", "jeanne@example.org").await;
        let mine = town.page_of("jeanne@example.org").await;
        let session = format!("/agents/ateliers/seances/{}", town.things.session);
        let early = adviser.get(&session).await;
        early.says("à partir de deux heures avant").is_silent_about("attendance__mark ");
        town.fixture.clock.set(at(10, 13, 30));
        let adviser = town.colleague().await;
        let page = adviser.get(&session).await;
        page.says("0 présent sur 1");
        let seat = page.sent("place").remove(0);
        let marked = adviser.post(&session, &[("place", &seat), ("etat", "present")]).await;
        assert_eq!(marked.status, 303);
        adviser.get(&session).await.says("1 présent sur 1").says("aria-pressed=\"true\"");
        adviser.post(&session, &[("place", &seat), ("etat", "unknown")]).await;
        adviser.get(&session).await.says("0 présent sur 1");
        let one = page.body.split("/agents/ateliers/inscriptions/").nth(1).unwrap();
        let one = format!("/agents/ateliers/inscriptions/{}", one.split('"').next().unwrap());
        assert_eq!(
            adviser.get(&format!("{one}/attestation.pdf")).await.status,
            404,
            "nobody is certified who did not come"
        );
        adviser.post(&session, &[("place", &seat), ("etat", "present")]).await;
        adviser.get(&one).await.says("Attestation de participation");
        town.browser().get(&mine).await.says("Présent").is_silent_about(">Inscrit<");
        let paper = adviser.get(&format!("{one}/attestation.pdf")).await;
        assert_eq!((paper.status, paper.kind.as_str()), (200, "application/pdf"));
        assert!(paper.bytes.starts_with(b"%PDF"));
        adviser.get(&format!("{session}/feuille")).await.says("Feuille d’émargement").says("Jeanne Roux");
    });
}

#[test]
fn an_adviser_makes_a_series_and_plans_its_sessions_where_the_room_is_free() {
    in_a_town(async |town| {
        let adviser = town.adviser().await;
        let empty = adviser
            .post("/agents/ateliers/series/nouvelle", &[("service", "numerique"), ("prix", "beaucoup")])
            .await;
        assert_eq!(empty.status, 422);
        empty.says("Indiquez un prix en euros").says("value=\"beaucoup\"");
        let fields = [
            ("service", "numerique"),
            ("titre", "Mes démarches en ligne"),
            ("resume", "Impôts, santé, mairie."),
            ("niveau", "improving"),
            ("apporter", "Un téléphone\nDes lunettes"),
            ("prix", ""),
            ("inscription", "each"),
            ("publie", "true"),
        ];
        let made = adviser.post("/agents/ateliers/series/nouvelle", &fields).await;
        assert_eq!(made.location, "/agents/ateliers/series/mes-demarches-en-ligne", "{}", made.body);
        let plan = format!("{}/seances", made.location);
        let week = |day: &'static str, times: &'static str| {
            [
                ("jour", day),
                ("de", "14:00"),
                ("a", "16:00"),
                ("lieu", "maison-jean-jacques-rousseau"),
                ("places", "8"),
                ("attente", "4"),
                ("fois", times),
            ]
        };
        // The room has « Premiers pas » on Wednesday 10: none of the two is planned.
        let taken = adviser.post(&plan, &week("2026-06-10", "2")).await;
        assert_eq!(taken.status, 422);
        taken.says("La salle est déjà prise");
        assert_eq!(town.count("SELECT COUNT(*) FROM workshops_session").await, 4);
        assert_eq!(town.count("SELECT COUNT(*) FROM calendar_booking").await, 1);
        let planned = adviser.post(&plan, &week("2026-06-17", "3")).await;
        assert_eq!(planned.status, 303, "{}", planned.body);
        adviser.get(&planned.location).await.says("Mercredi 1er juillet 2026");
        assert_eq!(town.count("SELECT COUNT(*) FROM calendar_booking").await, 4);
        let page = town.browser().get("/ateliers/mes-demarches-en-ligne").await;
        page.says("Gratuit").says("Des lunettes").is_silent_about("€");
        for (day, from, until) in
            [("2026-06-01", "09:00", "10:00"), ("2026-06-17", "11:00", "10:00"), ("demain", "x", "")]
        {
            let wrong =
                [("jour", day), ("de", from), ("a", until), ("lieu", "foyer-des-retraites"), ("places", "8")];
            assert_eq!(adviser.post(&plan, &wrong).await.status, 422, "{day}");
        }
        // What is no longer published is nobody's business.
        let hidden: Vec<(&str, &str)> =
            fields.iter().copied().filter(|(name, _)| *name != "publie").collect();
        let kept = adviser.post(&format!("{}/modifier", made.location), &hidden).await;
        assert_eq!(kept.status, 303);
        assert_eq!(town.browser().get("/ateliers/mes-demarches-en-ligne").await.status, 404);
    });
}

#[test]
fn workshops_of_another_department_do_not_exist() {
    in_a_town(async |town| {
        town.registers("Jeanne Roux", "jeanne@example.org").await;
        let adviser = town.adviser().await;
        let elsewhere = town.account("leo@lunel.example", Some(("urbanisme", Role::Agent))).await;
        let session = format!("/agents/ateliers/seances/{}", town.things.session);
        let page = adviser.get(&session).await;
        let one = page.body.split("/agents/ateliers/inscriptions/").nth(1).unwrap();
        let one = format!("/agents/ateliers/inscriptions/{}", one.split('"').next().unwrap());
        elsewhere.get("/agents/ateliers").await.is_silent_about("Premiers pas");
        for path in [
            session.clone(),
            format!("{session}/inscrire"),
            format!("{session}/modifier"),
            one.clone(),
            format!("{one}/annuler"),
            "/agents/ateliers/series/premiers-pas".to_owned(),
        ] {
            assert_eq!(elsewhere.get(&path).await.status, 404, "{path}");
        }
        for path in [
            session.clone(),
            format!("{session}/annuler"),
            format!("{session}/inscrire"),
            format!("{one}/annuler"),
        ] {
            assert_eq!(elsewhere.post(&path, &[("place", "toutes")]).await.status, 404, "{path}");
        }
        let citizen = town.account("marie@example.org", None).await;
        assert_eq!(citizen.get("/agents/ateliers").await.status, 404);
        assert_eq!(town.browser().get("/agents/ateliers").await.status, 303);
    });
}

#[test]
fn the_menu_leads_to_workshops_only_those_who_may_do_something_there() {
    in_a_town(async |town| {
        let entry = "site-nav__link\" href=\"/agents/ateliers\"";
        town.adviser().await.get("/agents/ateliers").await.says(entry);
        for (email, role) in [("ines@lunel.example", Role::Administrator), ("dpo@lunel.example", Role::Dpo)] {
            let other = town.account(email, Some(("", role))).await;
            other.get("/agents/ateliers").await.is_silent_about(entry);
        }
        let citizen = town.account("marie@example.org", None).await;
        citizen.get("/agents/ateliers").await.is_silent_about(entry);
    });
}
