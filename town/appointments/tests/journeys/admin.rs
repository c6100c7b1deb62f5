//! Those who answer for the town describe motives, sites and counters; heads of departments what is theirs.

use beffroi_people::Role;

use crate::support::{Answer, at, in_a_town, time};

const MARRIAGE: &[(&str, &str)] = &[
    ("nom", "Mariage"),
    ("nom_en", "Marriage"),
    ("adresse_web", "mariage"),
    ("resume", "Déposer un dossier."),
    ("service", "etat-civil"),
    ("durees", "30, 30"),
    ("apporter", "Une pièce d’identité\nLe dossier"),
    ("apporter_en", "An identity document"),
    ("horizon", "30"),
    ("delai", "24"),
    ("en_ligne", "true"),
    ("attente", "true"),
    ("guichets", "guichet-2"),
    ("rang", "1"),
    ("actif", "true"),
];

/// The same fields, with some that are otherwise.
fn with<'a>(fields: &[(&'a str, &'a str)], other: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = fields.iter().filter(|(name, _)| !other.iter().any(|(it, _)| it == name));
    kept.chain(other).copied().collect()
}

fn refused<'a>(answer: &'a Answer, why: &str) -> &'a Answer {
    assert_eq!(answer.status, 422, "{}", answer.body);
    answer.says(why)
}

#[test]
fn a_motive_is_described_changed_and_retired() {
    in_a_town(async |town| {
        let manager = town.agent("helene@lunel.example", "", Role::Manager).await;
        manager
            .get("/admin/rendez-vous")
            .await
            .says("Carte d’identité ou passeport")
            .says("de 20 à 60\u{20}minutes");
        let new = "/admin/rendez-vous/motifs/nouveau";
        manager.get(new).await.says("Ajouter un motif").says("guichet-2, Mairie annexe");
        for (other, why) in [
            (("nom", ""), "Indiquez un nom"),
            (("durees", "30, 20"), "Indiquez de une à dix durées"),
            (("durees", "vite"), "Indiquez de une à dix durées"),
            (("horizon", "0"), "Indiquez un nombre entier de jours, de 1 à 366"),
            (("horizon", "1000"), "Indiquez un nombre entier"),
            (("delai", "720"), "personne ne pourrait prendre rendez-vous"),
            (("adresse_web", "titres"), "Ce nom court est déjà pris"),
            (("service", "inconnu"), "Choisissez un de vos services"),
        ] {
            let wrong = manager.post(new, &with(MARRIAGE, &[other])).await;
            refused(&wrong, why).says("An identity document");
        }
        let made = manager.post(new, MARRIAGE).await;
        assert_eq!(made.location, "/admin/rendez-vous?fait=enregistre", "{}", made.body);
        let page = town.browser().get("/rendez-vous/mariage").await;
        page.says("Une pièce d’identité").says("30\u{20}minutes");
        assert!(page.sent("creneau").contains(&time(town.things.annex, at(4, 11, 0))));
        assert!(!page.sent("creneau").contains(&time(town.things.annex, at(3, 11, 0))), "24 hours before");
        // What is shown is what is kept: sent back as it is, nothing changes.
        let one = "/admin/rendez-vous/motifs/mariage";
        manager.get(one).await.says("value=\"30, 30\"").says("Une pièce d’identité\nLe dossier");
        // Agents alone book it; then nobody does, and who asks for it finds nothing.
        let by_agents = with(MARRIAGE, &[("en_ligne", "")]);
        let by_agents: Vec<_> = by_agents.into_iter().filter(|(name, _)| *name != "en_ligne").collect();
        assert_eq!(manager.post(one, &by_agents).await.status, 303);
        town.browser().get("/rendez-vous/mariage").await.says("par téléphone ou au guichet");
        let retired: Vec<_> = by_agents.into_iter().filter(|(name, _)| *name != "actif").collect();
        assert_eq!(manager.post(one, &retired).await.status, 303);
        assert_eq!(town.browser().get("/rendez-vous/mariage").await.status, 404);
        manager.get("/admin/rendez-vous").await.says("(retiré)");
    });
}

#[test]
fn a_site_and_its_counters_are_described_and_retired() {
    in_a_town(async |town| {
        let manager = town.agent("helene@lunel.example", "", Role::Manager).await;
        let new = "/admin/rendez-vous/lieux/nouveau";
        let fields = [
            ("nom", "Maison des services"),
            ("adresse_web", "maison-services"),
            ("adresse", "3 rue Haute"),
            ("code_postal", "34400"),
            ("ville", "Lunel"),
            ("acces", "Deux marches, sonnette à gauche"),
            ("place-lat", "43,67"),
            ("place-lon", "4.13"),
            ("actif", "true"),
        ];
        for (other, why) in [
            (("nom", ""), "Indiquez un nom"),
            (("adresse_web", "nouveau"), "Ce nom court est déjà pris"),
            (("adresse_web", "mairie-annexe"), "Ce nom court est déjà pris"),
            (("place-lat", "nord"), "deux nombres de degrés"),
            (("place-lat", "143"), "nulle part sur la Terre"),
        ] {
            refused(&manager.post(new, &with(&fields, &[other])).await, why).says("sonnette à gauche");
        }
        assert_eq!(manager.post(new, &fields).await.status, 303);
        manager.get("/admin/rendez-vous/lieux/maison-services").await.says("43.67").says("sonnette à gauche");
        let desks = "/admin/rendez-vous/lieux/maison-services/guichets";
        let desk = [
            ("nom", "Accueil"),
            ("adresse_web", "accueil"),
            ("genre", "guichet"),
            ("service", "etat-civil"),
            ("rang", "1"),
            ("actif", "true"),
            ("regle", "0"),
            ("jours-0", "4"),
            ("horaires-0", "9h-9h30"),
        ];
        refused(&manager.post(desks, &with(&desk, &[("nom", "")])).await, "Indiquez un nom");
        let made = manager.post(desks, &desk).await;
        let presence = "/agents/rendez-vous/presences/accueil";
        assert_eq!(made.location, format!("{presence}?fait=enregistre"));
        // It receives on Thursdays from nine to ten; the first half hour is kept for the day itself.
        let hours = [("regle", "0"), ("jours-0", "4"), ("horaires-0", "9h-10h")];
        manager.post(&format!("{presence}/horaires"), &hours).await;
        manager.post(&format!("{presence}/motifs"), &[("motifs", "titres"), ("actif", "true")]).await;
        let page = async || town.browser().get("/rendez-vous/titres?lieu=maison-services").await;
        let times = page().await.sent("creneau");
        let starts: Vec<&str> = times.iter().map(|time| time.split('@').nth(1).unwrap()).collect();
        assert_eq!(starts[0], at(4, 9, 30).timestamp().to_string());
        page().await.says("sonnette à gauche");
        // Retired, it is offered no more, and nothing of it is gone.
        let retired: Vec<_> = fields.into_iter().filter(|(name, _)| *name != "actif").collect();
        assert_eq!(manager.post("/admin/rendez-vous/lieux/maison-services", &retired).await.status, 303);
        page().await.is_silent_about("sonnette à gauche");
        manager.get("/admin/rendez-vous").await.says("Maison des services").says("(retiré)");
    });
}

#[test]
fn who_answers_for_a_department_describes_what_is_its_own() {
    in_a_town(async |town| {
        let agent = town.agent("samira@lunel.example", "etat-civil", Role::Agent).await;
        let head = town.agent("leonie@lunel.example", "etat-civil", Role::HeadOfDepartment).await;
        for path in [
            "/admin/rendez-vous",
            "/admin/rendez-vous/motifs/nouveau",
            "/admin/rendez-vous/motifs/titres",
            "/admin/rendez-vous/guichets/guichet-1",
        ] {
            assert_eq!(agent.get(path).await.status, 404, "{path}");
            assert_eq!(head.get(path).await.status, 200, "{path}");
            assert_eq!(town.browser().get(path).await.status, 303, "{path}");
        }
        head.get("/admin/rendez-vous")
            .await
            .is_silent_about(">urbanisme<")
            .is_silent_about("Ajouter un lieu");
        for path in [
            "/admin/rendez-vous/motifs/urbanisme",
            "/admin/rendez-vous/guichets/urbanisme",
            "/admin/rendez-vous/lieux/nouveau",
            "/admin/rendez-vous/lieux/hotel-de-ville",
        ] {
            assert_eq!(head.get(path).await.status, 404, "{path}");
        }
        // Nothing of theirs becomes another's, nor the whole town's.
        for department in ["", "urbanisme"] {
            let fields = with(MARRIAGE, &[("service", department)]);
            let wrong = head.post("/admin/rendez-vous/motifs/nouveau", &fields).await;
            refused(&wrong, "Choisissez un de vos services");
        }
        // Another department's counters are not theirs to give.
        let fields = with(MARRIAGE, &[("guichets", "urbanisme")]);
        assert_eq!(head.post("/admin/rendez-vous/motifs/nouveau", &fields).await.status, 303);
        assert!(town.browser().get("/rendez-vous/mariage").await.sent("creneau").is_empty());
    });
}
