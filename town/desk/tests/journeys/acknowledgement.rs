//! The acknowledgement (CRPA L114-5, R112-5, R112-11-1): the same content on screen, by mail and on paper, through
//! every door, for each procedure of the catalogue.

use std::{
    collections::HashMap,
    io::Write,
    process::{Command, Stdio},
    sync::Arc,
};

use axum::{
    body::{Body, to_bytes},
    extract::Request,
};
use beffroi_cases::{case, tracking::TrackingCode};
use beffroi_core::{Channel, Lang, calendar::civil_day};
use beffroi_desk::submission::{self, Submission};
use beffroi_documents::{self as documents, Gate};
use beffroi_forms::{Answers, CompiledForm, FileInfo};
use beffroi_notify::{About, mail};
use beffroi_people::{Role, Town, permission::permit_system, town::Court};
use beffroi_store::{
    By, StoreError,
    testing::{TestCommune, on_both_engines},
};
use beffroi_web::{House, Service, Site, WebConfig};
use futures_util::TryStreamExt;
use serde_json::{Value, json};

use crate::{
    browser::journey,
    counter::{COUNTER, KEY, TODAY, entered},
    support::{desk, migrations, offered, settle, workers},
};

const DOORS: [Channel; 6] =
    [Channel::Online, Channel::Counter, Channel::Phone, Channel::Paper, Channel::Email, Channel::Api];

/// A procedure, the answers of a request, and the file that is missing where it does not come online.
struct Asked {
    slug: &'static str,
    answers: Value,
    file: &'static str,
    /// What is said whether or not something is missing.
    always: &'static [&'static str],
    /// What is said of a complete file.
    complete: &'static [&'static str],
    /// What is said where the file is missing.
    missing: &'static [&'static str],
    never: &'static [&'static str],
}

const APPEAL: [&str; 4] =
    ["recours gracieux", "tribunal administratif de Nîmes", "16 avenue Feuchères", "www.telerecours.fr"];

fn requests() -> [Asked; 3] {
    [
        Asked {
            slug: "acte-de-naissance",
            answers: json!({
                "lieu": "ici", "document": "copie", "copies": 1, "remise": "poste", "lien": "elle-meme", "attestation": true,
                "personne": { "family_name": "Teissier", "given_names": "Anaïs", "birth_date": "1990-02-04", "birth_place": "Lunel" },
                "parent_1": { "family_name": "Teissier", "given_names": "Rosa" },
                "demandeur": { "family_name": "Teissier", "given_names": "Anaïs" },
            }),
            file: "identite",
            always: &["Service etat-civil", "La loi ne prévoit pas d’accusé de réception"],
            complete: &[],
            missing: &["Votre pièce d’identité", "3 juillet 2026"],
            never: &["Sans réponse de notre part", "recours"],
        },
        Asked {
            slug: "occupation-domaine-public",
            answers: json!({
                "objet": "benne", "circulation": false, "lieu": "3 rue Haute, 34400 Lunel", "surface": 20,
                "debut": "2026-07-20", "fin": "2026-07-20", "statut": "particulier", "engagement": true,
                "demandeur": { "family_name": "Peyron", "given_names": "Gaspard" },
            }),
            file: "plan",
            always: &["Service domaine-public", "devra être considérée comme refusée", "L232-4"],
            complete: &["4 août 2026", "si votre dossier est complet"],
            missing: &[
                "Plan ou croquis de l’emplacement",
                "4 août 2026",
                "si ce qui manque nous parvient le 3 juin 2026",
                "suspendu",
                "au plus tard jusqu’au 3 juillet 2026",
                "L114-5",
            ],
            never: &["La loi ne prévoit pas d’accusé", "L232-3"],
        },
        Asked {
            slug: "debit-de-boissons-temporaire",
            answers: json!({
                "association": "Boule des Platanes", "rna": "W341002345", "cadre": "sport",
                "manifestation": "Loto", "lieu": "1 place des Platanes, 34400 Lunel", "debut": "2026-07-20",
                "heure_debut": "17:00", "fin": "2026-07-20", "heure_fin": "23:30", "boissons": ["1"],
                "public": 120, "fonction": "président", "engagement": true,
                "demandeur": { "family_name": "Galtier", "given_names": "Karim" },
            }),
            file: "agrement",
            always: &["Service vie-associative", "votre demande sera acceptée", "attestation", "L232-3"],
            complete: &["4 août 2026", "si votre dossier est complet"],
            missing: &[
                "Arrêté d’agrément du club",
                "3 juillet 2026",
                "4 août 2026",
                "si ce qui manque nous parvient le 3 juin 2026",
                "ne court qu’à compter de cette réception",
                "L114-5",
            ],
            never: &["La loi ne prévoit pas d’accusé", "recours", "L232-4"],
        },
    ]
}

/// Whether nobody at the town hall looks at the papers: they come with the request.
fn is_alone(door: Channel) -> bool {
    matches!(door, Channel::Online | Channel::Api)
}

/// Sends a request through a door. Online, its file is with it.
fn send(fixture: &TestCommune, form: &Arc<CompiledForm>, asked: &Asked, door: Channel) -> TrackingCode {
    let mut answers = asked.answers.clone();
    let members = answers.as_object_mut().unwrap();
    members.insert("adresse".to_owned(), json!("3 rue Haute, 34400 Lunel"));
    members.insert("courriel".to_owned(), json!("demande@example.org"));
    members.insert("telephone".to_owned(), json!("0465711234"));
    let mut files = HashMap::new();
    if is_alone(door) {
        members.insert(asked.file.to_owned(), json!(["d1"]));
        files.insert("d1".to_owned(), FileInfo { name: "piece.pdf".to_owned(), bytes: 1_000 });
    }
    let typed = Answers::from_json(&form.procedure().form, &answers).unwrap();
    let form = Arc::clone(form);
    let by = By { channel: door, ..By::VISITOR };
    let sent = fixture.commune.write_blocking(by, move |tx| {
        let town = Town::load(tx)?;
        let today = civil_day(tx.now(), town.zone());
        let judged = submission::judge(&form, &typed, door, today, &files);
        let submission = Submission {
            form: &form,
            judged: &judged,
            town: &town,
            account: None,
            typed_by: None,
            received_on: None,
            lang: Lang::Fr,
            by_letter: false,
            files: None,
            draft: None,
            booking: None,
            whom: submission::Whom::default(),
        };
        submission::submit(tx, &submission)
    });
    sent.unwrap().code
}

/// What the page of the request says.
async fn screen(site: &Site, code: &TrackingCode) -> String {
    let request = Request::builder()
        .uri("/suivi")
        .header("host", "localhost")
        .header("accept-language", "fr")
        .header("cookie", format!("suivi={code}"));
    let request = request.body(Body::empty()).unwrap();
    let answer = site.respond(request, "192.0.2.7".parse().unwrap()).await;
    let body = to_bytes(answer.into_body(), 16 << 20).await.unwrap();
    let page = String::from_utf8(body.to_vec()).unwrap();
    let (_, receipt) = page.split_once("id=\"receipt-title\"").unwrap();
    let receipt = receipt.split("</section>").next().unwrap();
    // The code stands at the head of the page as it is shown once sent, and in its cookie from then on.
    receipt.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect()
}

/// The paper, for who shows the code.
async fn handed(site: &Site, code: &TrackingCode) -> String {
    let request = Request::builder()
        .uri("/suivi/accuse-de-reception.pdf")
        .header("host", "localhost")
        .header("cookie", format!("suivi={code}"));
    let answer = site.respond(request.body(Body::empty()).unwrap(), "192.0.2.9".parse().unwrap()).await;
    text_of(&to_bytes(answer.into_body(), 16 << 20).await.unwrap())
}

/// The mail and the paper that is kept of the request.
async fn sent(fixture: &TestCommune, code: &TrackingCode) -> (String, String) {
    let code = code.clone();
    let found = fixture.commune.read(By::SYSTEM, move |tx| -> Result<_, StoreError> {
        let case = beffroi_cases::tracking::open(tx, &code)?.unwrap().id;
        let about = About { kind: "case", id: case.uuid() };
        let mails = mail::of_subject(tx, about, 10)?;
        let papers = documents::of_owner(tx, "case", case.uuid(), 10)?;
        let paper = papers.iter().find(|paper| paper.purpose == "acknowledgement").unwrap().id;
        Ok((mails, documents::cleared(tx, paper)?.unwrap()))
    });
    let (mails, paper) = found.await.unwrap();
    assert_eq!(mails.len(), 1, "one mail tells everything");
    let content: Vec<_> = paper.content(&fixture.commune).await.unwrap().try_collect().await.unwrap();
    (mails.first().unwrap().text.clone(), text_of(&content.concat()))
}

/// What a screen reader finds in a PDF. `scripts/install-test-tools` installs the reader.
pub fn text_of(pdf: &[u8]) -> String {
    let mut reader = Command::new("pdftotext")
        .args(["-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    reader.stdin.take().unwrap().write_all(pdf).unwrap();
    String::from_utf8(reader.wait_with_output().unwrap().stdout).unwrap()
}

/// Lines are broken and hyphened differently on each medium; « L. 232-3 » is « L232-3 ».
fn bare(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).collect()
}

fn settle_town(fixture: &TestCommune) {
    settle(fixture);
    fixture
        .commune
        .write_blocking(By::SYSTEM, |tx| {
            let town = Town {
                name: "Lunel".to_owned(),
                postcode: "34400".to_owned(),
                court: Court {
                    name: "tribunal administratif de Nîmes".to_owned(),
                    postal_address: "16 avenue Feuchères\n30000 Nîmes".to_owned(),
                },
                ..Town::default()
            };
            town.save(tx, &permit_system(tx).unwrap())
        })
        .unwrap();
}

#[test]
fn it_says_the_same_on_every_medium_and_through_every_door() {
    on_both_engines(&migrations(), |fixture| {
        settle_town(fixture);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let services: Vec<Arc<dyn Service>> = vec![Arc::new(desk())];
        let house = House::new(Arc::clone(&fixture.platform), services, WebConfig::default()).unwrap();
        let site = Site::new(house);
        let mut known = Vec::new();
        for asked in requests() {
            let form = offered(fixture, asked.slug);
            for door in DOORS {
                known.push((send(fixture, &form, &asked, door), door, asked.slug));
            }
        }
        fixture.settle(&workers()).unwrap();
        for (code, door, slug) in known {
            let asked = requests().into_iter().find(|asked| asked.slug == slug).unwrap();
            let (mail, kept) = runtime.block_on(sent(fixture, &code));
            let paper = runtime.block_on(handed(&site, &code));
            let screen = runtime.block_on(screen(&site, &code));
            let mut said = vec![
                "3 juin 2026",
                "1 place des Platanes, 34400 Lunel",
                "04 65 71 00 20",
                "service@lunel.example",
            ];
            let mut unsaid: Vec<&str> = asked.never.to_vec();
            said.extend(asked.always);
            if is_alone(door) {
                said.extend(asked.complete);
                unsaid.extend(["manque", "L114-5"]);
            } else {
                said.extend(asked.missing);
                unsaid.push("si votre dossier est complet");
            }
            if asked.always.iter().any(|text| text.contains("refusée")) {
                said.extend(APPEAL);
            }
            let code = code.to_string();
            assert!(!bare(&kept).contains(&bare(&code)), "agents read what is kept");
            assert_eq!(paper, kept, "who has the code gets the paper that is kept");
            for (medium, text) in [("screen", &screen), ("mail", &mail), ("paper", &paper)] {
                let told = bare(text);
                for needle in said.iter().copied().chain((medium == "mail").then_some(code.as_str())) {
                    assert!(told.contains(&bare(needle)), "{slug}, {door:?}, {medium}: {needle}\n{text}");
                }
                for needle in &unsaid {
                    assert!(!told.contains(&bare(needle)), "{slug}, {door:?}, {medium}: {needle}\n{text}");
                }
            }
        }
    })
    .unwrap();
}

#[test]
fn what_is_missing_is_awaited_from_the_first_moment_and_the_clock_waits_with_it() {
    on_both_engines(&migrations(), |fixture| {
        settle_town(fixture);
        let [_, skip, _] = requests();
        let form = offered(fixture, skip.slug);
        for (door, state, later) in [
            (Channel::Online, case::State::Received, "2026-08-04"),
            // Whenever the plan comes, silence does not refuse later: the time given ends on 3 July.
            (Channel::Phone, case::State::Waiting, "2026-09-03"),
        ] {
            let code = send(fixture, &form, &skip, door);
            let found = fixture.commune.read_blocking(By::SYSTEM, move |tx| -> Result<_, StoreError> {
                let case = beffroi_cases::tracking::open(tx, &code)?.unwrap();
                let requests = beffroi_cases::missing::of_case(tx, case.id).unwrap();
                Ok((case, requests))
            });
            let (case, requests) = found.unwrap();
            assert_eq!((case.state, case.deemed_on), (state, Some(later.parse().unwrap())), "{door:?}");
            let told: Vec<_> = requests
                .iter()
                .map(|request| (request.pieces.as_str(), request.deadline, request.arrived_on))
                .collect();
            let until = Some("2026-07-03".parse().unwrap());
            let awaited = [("Plan ou croquis de l’emplacement", until, None)];
            assert_eq!(told, if door == Channel::Online { &[][..] } else { &awaited[..] });
        }
    })
    .unwrap();
}

#[test]
fn whenever_it_is_laid_out_it_tells_how_the_request_was_received() {
    journey(Gate::Open, async |hall| {
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let base = format!("/agents/dossiers/{}", hall.case(&reference).await);
        agent.post(&format!("{base}/prendre"), &[]).await.is(303);
        agent.post(&format!("{base}/pieces"), &[("pieces", "Contrat du déménageur")]).await.is(303);
        agent.post(&format!("{base}/transmettre"), &[("service", "etat-civil")]).await.is(303);
        let citizen = hall.browser();
        citizen.follow(&code).await.says("Contrat du déménageur");
        // Before the background has made it, and after.
        let at_once = text_of(&citizen.get("/suivi/accuse-de-reception.pdf").await.is(200).bytes);
        hall.work();
        let kept = text_of(&citizen.get("/suivi/accuse-de-reception.pdf").await.is(200).bytes);
        let mail = hall.mails().await.into_iter().find(|mail| mail.text.contains(&code)).unwrap().text;
        for told in [at_once.as_str(), &kept, &mail] {
            assert!(told.contains("4 août 2026"), "{told}");
            assert!(told.contains("Service domaine-public"), "{told}");
            assert!(!told.contains("déménageur") && !bare(told).contains("L1145"), "{told}");
        }
        assert!(at_once.contains(&code) && !kept.contains(&code));
    });
}

#[test]
fn what_was_missing_at_the_receipt_stays_on_it_although_it_came_since() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let mut skip = entered(KEY, "paper", TODAY);
        for (_, value) in skip.iter_mut().filter(|(name, _)| *name == "objet") {
            *value = "benne";
        }
        let sent = agent.send(COUNTER, &skip, &[]).await;
        let receipt = agent.get(&sent.is(303).location).await;
        let code = receipt.between("<p class=\"code\">", "</p>");
        let id = sent.location.rsplit('/').next().unwrap();
        agent.post(&format!("/agents/dossiers/{id}/recues"), &[]).await.is(303);
        let citizen = hall.browser();
        citizen.follow(&code).await.is_silent_about("Il manque à votre dossier");
        let paper = text_of(&citizen.get("/suivi/accuse-de-reception.pdf").await.is(200).bytes);
        for told in
            ["Plan ou croquis de l’emplacement", "ce qui manque nous parvient le 3 juin 2026", "L114-5"]
        {
            assert!(bare(&paper).contains(&bare(told)), "{told} {paper}");
        }
    });
}
