//! Every procedure of the catalogue, as a program uses it: right answers make a case whose silence means what the law
//! says, and a mistake is caught by the procedure's own check.
//!
//! The answers stand in `catalogue/trials/<slug>.json`, which the builder replays too: those that are `right`, changes that are right `also`, and
//! changes that are `wrong`, each with the `field` that is refused and a piece of what is said. `null` takes an answer
//! away, and `{paper}` stands for a document.

use std::{collections::BTreeSet, path::Path};

use axum::{body::Body, extract::Request};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    api::parcel,
    booked::picked,
    hall::{Answer, Hall, journey},
    support::catalogued,
};

/// On which day silence decides of a request received on 3 June 2026; never, where it decides nothing.
const DEEMED: &[(&str, Option<&str>)] = &[
    ("acces-documents-administratifs", Some("2026-07-04")),
    ("acte-de-deces", None),
    ("acte-de-mariage", None),
    ("acte-de-naissance", None),
    ("attestation-d-accueil", Some("2026-07-04")),
    ("changement-d-adresse", None),
    ("debit-de-boissons-temporaire", Some("2026-08-04")),
    ("droits-donnees-personnelles", None),
    ("ecrire-a-la-mairie", Some("2026-08-04")),
    ("inscription-scolaire", Some("2026-08-04")),
    ("manifestation-voie-publique", None),
    ("occupation-domaine-public", Some("2026-08-04")),
    ("pret-de-materiel", Some("2026-08-04")),
    ("recensement-citoyen", None),
    ("reservation-de-salle", Some("2026-08-04")),
    ("restauration-et-periscolaire", Some("2026-08-04")),
    ("signalement-danger", None),
    ("surveillance-pendant-absence", None),
    ("vente-au-deballage", None),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recorded {
    right: Map<String, Value>,
    #[serde(default)]
    also: Vec<Map<String, Value>>,
    wrong: Vec<Wrong>,
}

impl Recorded {
    /// The answers of a procedure.
    fn of(slug: &str) -> Self {
        let file =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalogue/trials").join(format!("{slug}.json"));
        serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
    }

    fn with(&self, changes: &Map<String, Value>) -> Map<String, Value> {
        let mut answers = self.right.clone();
        answers.extend(changes.clone());
        answers.retain(|_, answer| !answer.is_null());
        answers
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrong {
    answers: Map<String, Value>,
    field: String,
    says: String,
}

/// The names of the files of a folder, without their ending.
fn names(folder: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

/// The procedures of the catalogue.
pub fn slugs() -> BTreeSet<String> {
    names("../../catalogue/procedures")
}

/// The procedures that lead to another service, with the beginning of its address, and collect nothing.
const ELSEWHERE: [(&str, &str); 10] = [
    ("aides-sociales", "https://www.mesdroitssociaux.gouv.fr/"),
    ("autorisation-d-urbanisme", "https://www.service-public.gouv.fr/"),
    ("carte-d-identite-et-passeport", "https://ants.gouv.fr/"),
    ("certificat-de-vie", "https://www.info-retraite.fr/"),
    ("creche", "https://monenfant.fr/"),
    ("dechets-et-encombrants", "https://quefairedemesdechets.ademe.fr/"),
    ("liste-electorale", "https://www.service-public.gouv.fr/"),
    ("livret-de-famille", "https://www.service-public.gouv.fr/"),
    ("meuble-de-tourisme", "https://www.service-public.gouv.fr/"),
    ("pacs", "https://www.service-public.gouv.fr/"),
];

/// The procedures that the town handles.
pub fn handled() -> BTreeSet<String> {
    slugs().into_iter().filter(|slug| ELSEWHERE.iter().all(|(led, _)| led != slug)).collect()
}

/// From the machine itself, where nobody counts the requests.
async fn post(hall: &Hall<'_>, path: &str, kind: &str, body: Vec<u8>) -> Answer {
    let request = Request::post(path)
        .header("host", "localhost")
        .header("content-type", kind)
        .header("accept-language", "fr");
    hall.send(request.body(Body::from(body)).unwrap(), "127.0.0.1").await
}

/// Documents that were sent.
#[derive(Deserialize)]
struct Upload {
    upload: String,
    documents: Vec<Map<String, Value>>,
}

/// Sends answers with a document of their own.
async fn deposit(hall: &Hall<'_>, slug: &str, answers: &Map<String, Value>) -> Answer {
    let (kind, paper) = parcel("piece");
    let sent = post(hall, "/api/v1/uploads", &kind, paper).await;
    let Upload { upload, documents } = serde_json::from_slice(&sent.body).unwrap();
    let document = documents.first().unwrap().get("document").unwrap().as_str().unwrap();
    let answers = serde_json::to_string(answers).unwrap().replace("{paper}", document);
    // What must be picked first is; each time another room, since what is refused stays held.
    let picks = slugs().contains(slug) && catalogued(slug).booking.is_some();
    let booking = if picks {
        let held = picked(&hall.fixture.commune, &format!("salle-{upload}"), "2026-07-04").await;
        format!(", \"booking\": \"{}\"", held.unwrap().1)
    } else {
        String::new()
    };
    let body = format!("{{ \"answers\": {answers}, \"upload\": \"{upload}\"{booking} }}");
    post(hall, &format!("/api/v1/procedures/{slug}/cases"), "application/json", body.into()).await
}

#[test]
fn each_procedure_has_its_answers_and_its_day() {
    let told: BTreeSet<String> = DEEMED.iter().map(|(slug, _)| (*slug).to_owned()).collect();
    assert_eq!(
        names("../../catalogue/trials"),
        handled(),
        "answers are recorded for every procedure, and for no other"
    );
    assert_eq!(told, handled(), "what silence means is told for every procedure, and for no other");
}

#[test]
fn right_answers_are_received_and_silence_means_what_the_law_says() {
    journey(async |hall| {
        for (slug, deemed) in DEEMED.iter().copied() {
            let recorded = Recorded::of(slug);
            for changes in [Map::new()].iter().chain(&recorded.also) {
                let sent = deposit(hall, slug, &recorded.with(changes)).await;
                assert_eq!(sent.status, 201, "{slug}, {changes:?}: {}", sent.text());
                let sent = sent.json();
                let path = format!("/api/v1/cases/{}", sent["reference"].as_str().unwrap());
                let code = sent["tracking_code"].as_str().unwrap();
                let followed = hall.get(&path, &[("tracking-code", code)]).await.json();
                assert_eq!(followed["procedure"], slug);
                assert_eq!(followed["state"], "received", "{slug}: nothing is missing");
                assert_eq!(followed["deemed_on"].as_str(), deemed, "{slug}");
            }
        }
    });
}

#[test]
fn a_mistake_is_caught_by_the_check_of_the_procedure() {
    journey(async |hall| {
        for slug in handled() {
            let recorded = Recorded::of(&slug);
            assert!(!recorded.wrong.is_empty(), "{slug}");
            for Wrong { answers, field, says } in &recorded.wrong {
                let refused = deposit(hall, &slug, &recorded.with(answers)).await;
                assert_eq!(refused.status, 422, "{slug}, {answers:?}: {}", refused.text());
                let told = refused.json();
                let errors = told["errors"].as_array().unwrap().iter();
                let pointers: Vec<&str> = errors.map(|error| error["pointer"].as_str().unwrap()).collect();
                assert_eq!(pointers, [format!("#/answers/{field}")], "{slug}: {told}");
                assert_eq!(told["errors"][0]["code"], "said", "{slug}: by its own check");
                let detail = told["errors"][0]["detail"].as_str().unwrap();
                assert!(detail.replace('\u{a0}', " ").contains(says), "{slug}: {detail}");
            }
        }
    });
}

#[test]
fn each_procedure_has_its_sheet_and_its_form_on_paper() {
    journey(async |hall| {
        let get = async |path: String| {
            let request = Request::get(path).header("host", "localhost").body(Body::empty());
            hall.send(request.unwrap(), "127.0.0.1").await
        };
        for slug in handled() {
            for language in ["fr", "en"] {
                let sheet = get(format!("/demarches/{slug}?lang={language}")).await;
                assert_eq!(sheet.status, 200, "{slug}");
            }
            let paper = get(format!("/demarches/{slug}/formulaire.pdf")).await;
            assert!(paper.body.starts_with(b"%PDF-"), "{slug}: {}", paper.text());
        }
    });
}

#[test]
fn what_the_state_handles_is_explained_and_nothing_is_collected() {
    journey(async |hall| {
        let get = async |path: String| {
            let request = Request::get(path).header("host", "localhost").body(Body::empty());
            hall.send(request.unwrap(), "127.0.0.1").await
        };
        for (slug, address) in ELSEWHERE {
            let sheet = get(format!("/demarches/{slug}?lang=fr")).await;
            assert_eq!(sheet.status, 200, "{slug}");
            assert!(sheet.text().contains(&format!("href=\"{address}")), "{slug}");
            assert!(!sheet.text().contains("/demande\""), "{slug}: nothing begins here");
            for closed in ["/demande", "/demande/resume", "/formulaire.pdf"] {
                assert_eq!(get(format!("/demarches/{slug}{closed}")).await.status, 404, "{slug}{closed}");
            }
            let sent = deposit(hall, slug, &Map::new()).await;
            assert_eq!(sent.status, 404, "{slug}");
        }
        let listed = get("/api/v1/procedures".to_owned()).await.json();
        let listed = listed.as_array().unwrap().iter();
        let led: BTreeSet<&str> = listed
            .filter(|procedure| !procedure["elsewhere"].is_null())
            .map(|procedure| procedure["slug"].as_str().unwrap())
            .collect();
        assert_eq!(led, ELSEWHERE.iter().map(|(slug, _)| *slug).collect());
    });
}

#[test]
fn what_residents_type_finds_where_to_go() {
    journey(async |hall| {
        let find = async |words: &str| {
            let query = utf8_percent_encode(words, NON_ALPHANUMERIC);
            hall.get(&format!("/demarches?q={query}"), &[("accept-language", "fr")]).await.text()
        };
        for (words, slug) in [
            ("passeport", "carte-d-identite-et-passeport"),
            ("carte d’identité", "carte-d-identite-et-passeport"),
            ("PACS", "pacs"),
            ("livret de famille", "livret-de-famille"),
            ("certificat de vie", "certificat-de-vie"),
            ("poubelles", "dechets-et-encombrants"),
            ("crèche", "creche"),
            ("bruit voisins", "ecrire-a-la-mairie"),
            ("aide", "aides-sociales"),
            ("extrait naissence", "acte-de-naissance"),
        ] {
            let page = find(words).await;
            assert!(page.contains(&format!("href=\"/demarches/{slug}\"")), "{words}: {page}");
        }
        // Who finds nothing is led to somebody.
        let nothing = find("zyxtwvu").await;
        assert!(
            nothing.contains("Aucune démarche ne correspond.") && nothing.contains("Un agent vous répond")
        );
        assert!(nothing.contains("href=\"/demarches/ecrire-a-la-mairie\""), "{nothing}");
    });
}
