//! The counter begins with the person: found in one's own sectors alone, a visit with two requests and one receipt,
//! papers joined to a case, records of one person brought together.

use beffroi_core::Sector;
use beffroi_documents::Gate;
use beffroi_people::Role;

use crate::{
    browser::{Browser, Hall, PDF, journey},
    counter::{TODAY, entered},
};

const OTHER_KEY: &str = "fedcba9876543210fedcba9876543210";
const THIRD_KEY: &str = "00112233445566778899aabbccddeeff";
const KEY: &str = "0123456789abcdef0123456789abcdef";
const COUNTER: &str = "/agents/guichet/occupation-domaine-public";

/// Departments work with the sector of their procedures.
pub async fn sectors(hall: &Hall<'_>) {
    for (slug, sector) in [
        ("etat-civil", Sector::CivilStatus),
        ("domaine-public", Sector::TownPlanning),
        ("vie-associative", Sector::CommunityLife),
        ("accueil", Sector::General),
        ("education", Sector::SchoolFamily),
    ] {
        let sql = match slug {
            "etat-civil" => "UPDATE department SET sector = $1 WHERE slug = 'etat-civil'",
            "domaine-public" => "UPDATE department SET sector = $1 WHERE slug = 'domaine-public'",
            "vie-associative" => "UPDATE department SET sector = $1 WHERE slug = 'vie-associative'",
            "accueil" => "UPDATE department SET sector = $1 WHERE slug = 'accueil'",
            _ => "UPDATE department SET sector = $1 WHERE slug = 'education'",
        };
        hall.execute(sql, &sector.as_str().to_owned()).await;
    }
}

async fn agent<'h>(hall: &'h Hall<'h>, email: &str, department: &str) -> Browser<'h> {
    hall.signed_in(email, Some((department, Role::Agent))).await.1
}

const SEARCH: &str = "/agents/guichet/recherche";
/// Why one looks.
const HERE: (&str, &str) = ("motif", "presence");

#[test]
fn a_person_is_found_by_the_agents_of_their_sector_alone() {
    journey(Gate::Open, async |hall| {
        sectors(hall).await;
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        let own = agent(hall, "tom@lunel.example", "domaine-public").await;
        let elsewhere = agent(hall, "samira@lunel.example", "etat-civil").await;
        for name in ["peyron", "GASPARD Peyron", "peyr gas"] {
            let found = own.post(SEARCH, &[("nom", name), ("motif", "phone")]).await;
            found.is(200).says(">Peyron Gaspard</a>");
        }
        own.post(SEARCH, &[("courriel", "Gaspard@example.org"), HERE]).await.says("Peyron Gaspard");
        own.post(SEARCH, &[("telephone", "04 65 71 12 34"), HERE]).await.says("Peyron Gaspard");
        let none = elsewhere.post(SEARCH, &[("nom", "peyron"), HERE]).await;
        none.is(200).is_silent_about("Peyron Gaspard").says("Vérifiez l’orthographe");
        own.post(SEARCH, &[("nom", "p"), HERE])
            .await
            .is(422)
            .explains("nom", "Donnez au moins deux lettres du nom");

        // Whoever looks says why: nothing is preselected, and nobody is shown before.
        let start = own.get("/agents/guichet").await;
        assert!(!start.between("name=\"motif\"", "</fieldset>").contains("checked"));
        let told = own.post(SEARCH, &[("nom", "peyron")]).await;
        told.is(422).explains("motif", "Dites pourquoi").is_silent_about("Peyron Gaspard");
        told.says("value=\"peyron\"");

        let found = own.post(SEARCH, &[("nom", "peyron"), ("motif", "phone")]).await;
        let page = format!("/agents/guichet/personne/0{}", found.between("/agents/guichet/personne/0", "\""));
        assert!(!page.to_lowercase().contains("peyron"), "no name is in an address");
        own.get(&page).await.is(200).says("Peyron").says(&reference);
        elsewhere.get(&page).await.is(404);
        let citizen = hall.signed_in("citoyen@example.org", None).await.1;
        citizen.get("/agents/guichet").await.is(404);
        // Who looked, and why.
        let why: String = hall
            .value(
                "SELECT payload FROM journal WHERE kind = $1 ORDER BY seq DESC LIMIT 1",
                "person.consulted",
            )
            .await;
        assert!(why.starts_with(r#"{"why":"phone","role":"agent","department":"#), "{why}");
        let searched: i64 =
            hall.value("SELECT COUNT(*) FROM journal WHERE kind = $1", "person.searched").await;
        assert_eq!(searched, 7);
        let told: i64 = hall
            .value(
                "SELECT COUNT(*) FROM journal WHERE kind = 'person.searched' AND LOWER(payload) LIKE $1",
                "%peyron%",
            )
            .await;
        assert_eq!(told, 0, "what was typed is not kept");
    });
}

#[test]
fn one_visit_takes_several_requests_and_gives_one_receipt() {
    journey(Gate::Open, async |hall| {
        sectors(hall).await;
        let typist = agent(hall, "samira@lunel.example", "domaine-public").await;
        let new = "/agents/guichet/personne/nouvelle";
        typist.post(new, &[("nom", "Galtier")]).await.is(422).explains("prenoms", "Donnez le prénom.");
        // What was looked for is not typed twice.
        let begun = [("commencer", "1"), ("nom", "Galtier Augustine"), ("telephone", "0465711234")];
        typist
            .post(new, &begun)
            .await
            .is(200)
            .says("value=\"Galtier\"")
            .says("value=\"Augustine\"")
            .says("value=\"0465711234\"");
        let person = [
            ("nom", "Galtier"),
            ("prenoms", "Augustine"),
            ("adresse", "7 impasse des Cigales, 34400 Lunel"),
            ("telephone", "0465711234"),
            ("naissance-day", "12"),
            ("naissance-month", "4"),
            ("naissance-year", "1938"),
        ];
        typist.post(new, &person).await.leads_to("/agents/guichet/visite");
        let none: i64 = hall.value("SELECT COUNT(*) FROM person", "").await;
        assert_eq!(none, 0, "no record before a request needs one");
        let visit = typist.get("/agents/guichet/visite").await;
        visit.is(200).says("Visite\u{a0}: Augustine Galtier");
        // The form knows who is there.
        let blank = typist.get(COUNTER).await;
        blank.is(200).says("value=\"Galtier\"").says("value=\"Augustine\"").says("Cigales");
        let first = [entered(KEY, "counter", TODAY), vec![("by_letter", "true")]].concat();
        typist.send(COUNTER, &first, &[]).await.leads_to("/agents/guichet/visite");
        // What was typed of her is on the record that the request made, and tells her from others.
        let born: String = hall.value("SELECT CAST(birth_date AS TEXT) FROM person", "").await;
        assert_eq!(born, "1938-04-12");
        typist.post(SEARCH, &[("nom", "galtier"), HERE]).await.says("12 avril 1938");
        // « C’est moi » fills in the names and the birth that are known.
        let birth = "/agents/guichet/acte-de-naissance";
        let own =
            [("idempotency_key", THIRD_KEY), ("door", "counter"), ("refresh", "1"), ("lien", "elle-meme")];
        typist
            .send(birth, &own, &[])
            .await
            .says("name=\"personne-family_name\" type=\"text\" value=\"Galtier\"")
            .says("name=\"personne-birth-year\" type=\"text\" inputmode=\"numeric\" value=\"1938\"");
        // The next request of the visit knows what the first one said.
        let next = typist.get(COUNTER).await;
        next.says("value=\"Galtier\"");
        assert!(next.between("name=\"by_letter\"", ">").contains("checked"), "answered on paper, still");
        let visit = typist.get("/agents/guichet/visite").await;
        let receipt = format!("/agents/guichet/recu/{}", visit.between("/agents/guichet/recu/", "\""));
        typist.get(&receipt).await.is(200).says("Retour à la visite").is_silent_about("Personne suivante");
        typist.send(COUNTER, &first, &[]).await.leads_to("/agents/guichet/visite");
        typist
            .send(COUNTER, &entered(OTHER_KEY, "counter", TODAY), &[])
            .await
            .leads_to("/agents/guichet/visite");
        let persons: i64 = hall.value("SELECT COUNT(*) FROM person", "").await;
        let cases: i64 = hall.value("SELECT COUNT(*) FROM cases", "").await;
        assert_eq!((persons, cases), (1, 2), "the record of the first request serves the second");

        let ended = typist.post("/agents/guichet/visite/fin", &[]).await;
        assert_eq!(ended.status, 303);
        let summary = typist.get(&ended.location).await;
        summary.is(200).says("Visite terminée").says("https://lunel.example/suivi");
        let codes: Vec<&str> = summary
            .body
            .split("<strong>")
            .skip(1)
            .filter_map(|rest| rest.split('<').next())
            .filter(|text| text.len() == 14)
            .collect();
        assert_eq!(codes.len(), 2, "{}", summary.body);
        for code in codes {
            hall.browser().follow(code).await.is(200).says("Galtier");
        }
        assert!(
            typist.get(&format!("{}/recu.pdf", ended.location)).await.is(200).bytes.starts_with(b"%PDF-")
        );
        let kept: String = hall.value("SELECT details FROM desk_visit WHERE id <> $1", "").await;
        assert_eq!(kept, "{}", "who it was is forgotten with the visit");
        typist.get("/agents/guichet/visite").await.leads_to("/agents/guichet");
        // Nobody else sees the visit.
        let colleague = agent(hall, "tom@lunel.example", "domaine-public").await;
        colleague.get(&ended.location).await.is(404);
        let yesterday = hall.fixture.commune.now() - chrono::TimeDelta::days(1);
        hall.execute("UPDATE desk_visit SET ended_at = $1", &yesterday).await;
        typist.get(&ended.location).await.is(404);
    });
}

#[test]
fn whoever_is_known_already_is_proposed() {
    journey(Gate::Open, async |hall| {
        sectors(hall).await;
        hall.deposit("gaspard@example.org").await;
        let own = agent(hall, "tom@lunel.example", "domaine-public").await;
        let elsewhere = agent(hall, "samira@lunel.example", "etat-civil").await;
        let new = "/agents/guichet/personne/nouvelle";
        let typed = [("nom", "PEYRON"), ("prenoms", "gaspard"), ("telephone", "04 65 71 12 34")];
        let told = own.post(new, &typed).await;
        told.is(200).says("Nous connaissons peut-être déjà cette personne").says("même téléphone");
        told.says("value=\"PEYRON\"");
        let sure = [&typed[..], &[("nouvelle", "1")]].concat();
        own.post(new, &sure).await.leads_to("/agents/guichet/visite");
        elsewhere.post(new, &typed).await.leads_to("/agents/guichet/visite");
    });
}

#[test]
fn papers_brought_to_the_counter_join_the_case_at_once() {
    journey(Gate::Open, async |hall| {
        sectors(hall).await;
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        let own = agent(hall, "tom@lunel.example", "domaine-public").await;
        let case = hall.case(&reference).await;
        let asked = [
            ("pieces", "Plan de la rue"),
            ("deadline-day", ""),
            ("deadline-month", ""),
            ("deadline-year", ""),
        ];
        own.post(&format!("/agents/dossiers/{case}/pieces"), &asked).await;
        let found = own.post(SEARCH, &[("nom", "peyron"), HERE]).await;
        let id = format!("0{}", found.between("/agents/guichet/personne/0", "?"));
        let page = format!("/agents/guichet/personne/{id}");
        own.get(&page).await.says("Plan de la rue").says("capture=\"environment\"");
        let papers = format!("{page}/papiers");
        let nothing = own.send(&papers, &[("dossier", &case)], &[]).await;
        nothing.is(422).explains("papiers", "Choisissez un fichier");
        let files =
            [("papiers", "plan.pdf", PDF), ("papiers", "photo.pdf", b"%PDF-1.7\nx\n%%EOF\n" as &[u8])];
        let sent = own.send(&papers, &[("dossier", &case), ("complet", "true")], &files).await;
        sent.leads_to(&format!("{page}?fait=papiers"));
        assert_eq!(hall.state(&reference).await, "instruction");
        hall.browser().follow(&code).await.says("plan.pdf");
        // Another department's agent joins nothing, nor is a paper joined to somebody else's case.
        let elsewhere = agent(hall, "samira@lunel.example", "etat-civil").await;
        elsewhere.send(&papers, &[("dossier", &case)], &files).await.is(404);
        let (other, _) = hall
            .deposit_for("occupation-domaine-public", &{
                let mut other = crate::browser::removal("lea@example.org");
                *other.get_mut("demandeur").unwrap() =
                    serde_json::json!({ "family_name": "Durand", "given_names": "Léa" });
                other
            })
            .await;
        let other = hall.case(&other).await;
        own.send(&papers, &[("dossier", &other)], &files).await.is(404);
    });
}

#[test]
fn records_of_one_person_are_brought_together_and_apart_again() {
    journey(Gate::Open, async |hall| {
        sectors(hall).await;
        let (first, _) = hall.deposit("gaspard@example.org").await;
        let (second, _) = hall.deposit("gaspard@example.org").await;
        let own = agent(hall, "tom@lunel.example", "domaine-public").await;
        let found = own.post(SEARCH, &[("nom", "peyron"), HERE]).await;
        let id = format!("0{}", found.between("/agents/guichet/personne/0", "?"));
        let page = format!("/agents/guichet/personne/{id}");
        let shown = own.get(&page).await;
        let other = shown.between("name=\"autre\" value=\"", "\"");
        let merge = format!("{page}/fusion");
        own.post(&merge, &[("autre", &other)]).await.is(422).explains("fusion", "Cochez la case");
        own.post(&merge, &[("autre", &other), ("sur", "1")]).await.leads_to(&format!("{page}?fait=fusion"));
        let shown = own.get(&page).await;
        shown.says(&first).says(&second).says("Séparer de nouveau");
        let undo = shown.between("name=\"fusion\" value=\"", "\"");
        own.post(&format!("{page}/separation"), &[("fusion", &undo)])
            .await
            .leads_to(&format!("{page}?fait=separation"));
        let shown = own.get(&page).await;
        assert!(shown.body.contains(&first) != shown.body.contains(&second), "{}", shown.body);
    });
}
