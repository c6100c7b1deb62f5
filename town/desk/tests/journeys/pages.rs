//! Pages as a browser asks for them: the map of a form, the blank form on paper, the page that follows its case.

use axum::{body::Body, extract::Request};
use beffroi_store::{By, StoreError};
use chrono::TimeDelta;
use futures_util::StreamExt;
use serde_json::json;

use crate::{
    hall::{Hall, journey, removal},
    support::workers,
};

/// What a town sets that has a map.
async fn with_map(hall: &Hall<'_>, addresses: &'static str) {
    let set = hall.fixture.commune.write(By::SYSTEM, move |tx| -> Result<(), StoreError> {
        let town = json!({ "name": "Lunel", "map_tiles": "https://tuiles.example/{z}/{x}/{y}.png" });
        tx.execute("UPDATE setting SET value = $1 WHERE name = 'town'", &[&town])?;
        if !addresses.is_empty() {
            beffroi_places::import(tx, addresses.as_bytes()).unwrap();
        }
        Ok(())
    });
    set.await.unwrap();
}

const PLACE: &str = "/demarches/occupation-domaine-public/demande/lieu";

#[test]
fn a_map_opens_on_the_commune_and_tells_whose_it_is() {
    journey(async |hall| {
        assert!(!hall.get(PLACE, &[]).await.text().contains("data-map"), "without tiles there is no map");
        with_map(
            hall,
            "cle_interop;commune_insee;voie_nom;numero;suffixe;commune_nom;position;long;lat\n\
             x;34145;Rue Haute;1;;Lunel;entrée;4.135;43.676\nx;34145;Rue Haute;3;;Lunel;entrée;4.137;43.678\n",
        )
        .await;
        let page = hall.get(PLACE, &[]).await.text();
        assert!(page.contains("data-centre=\"43.677000,4.136000\""), "{page}");
        // Without a script the place is told by two numbers, and the credit is a link of the page itself.
        assert!(page.contains("name=\"emplacement-lat\"") && page.contains("name=\"emplacement-lon\""));
        assert!(page.contains("href=\"https://www.openstreetmap.org/copyright\""));
        assert!(page.contains("© les contributeurs d’OpenStreetMap"));
    });
}

#[test]
fn a_town_without_addresses_has_a_map_all_the_same() {
    journey(async |hall| {
        with_map(hall, "").await;
        assert!(hall.get(PLACE, &[]).await.text().contains("data-centre=\"\""));
    });
}

#[test]
fn a_place_is_told_by_two_numbers() {
    journey(async |hall| {
        let mut answers = removal();
        answers["emplacement"] = json!({ "lat": 43.676, "lon": 0.000_001 });
        assert_eq!(hall.deposit(&answers, None).await.status, 201);
        answers["emplacement"] = json!({ "lat": 91, "lon": 4 });
        let refused = hall.deposit(&answers, None).await.json();
        assert_eq!(refused["errors"][0]["pointer"], "#/answers/emplacement");
    });
}

#[test]
fn a_blank_form_is_laid_out_once() {
    journey(async |hall| {
        let paper = "/demarches/acte-de-naissance/formulaire.pdf";
        let first = hall.get(paper, &[]).await;
        assert!(first.body.starts_with(b"%PDF-"));
        // Many more than may be laid out for one visitor, and while the journal moves.
        for _ in 0..30 {
            assert_eq!(hall.get(paper, &[]).await.body, first.body);
        }
        assert_eq!(hall.deposit(&removal(), None).await.status, 201);
        assert_eq!(hall.get(paper, &[]).await.body, first.body);
        assert_eq!(hall.get("/demarches/rien/formulaire.pdf", &[]).await.status, 404);
    });
}

async fn follow(hall: &Hall<'_>, code: &str) -> axum::response::Response {
    let request =
        Request::get("/suivi/flux").header("host", "localhost").header("cookie", format!("suivi={code}"));
    hall.site.respond(request.body(Body::empty()).unwrap(), "192.0.2.7".parse().unwrap()).await
}

#[test]
fn who_follows_a_case_hears_of_it_and_of_no_other() {
    journey(async |hall| {
        assert_eq!(follow(hall, "BX7K-29QM-4TRW").await.status(), 404);
        let (mine, other) =
            (hall.deposit(&removal(), None).await.json(), hall.deposit(&removal(), None).await.json());
        let agent = hall.token("domaine-public", &["case.read", "case.handle"]).await;
        let listed = hall.get("/api/v1/agent/cases", &[("authorization", &agent)]).await.json();
        let case = |sent: &serde_json::Value| {
            let cases = listed["cases"].as_array().unwrap();
            let found = cases.iter().find(|case| case["reference"] == sent["reference"]).unwrap();
            format!("/api/v1/agent/cases/{}/messages", found["id"].as_str().unwrap())
        };
        let answer = follow(hall, mine["tracking_code"].as_str().unwrap()).await;
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        let mut news = answer.into_body().into_data_stream();
        let mut next = async || String::from_utf8(news.next().await.unwrap().unwrap().to_vec()).unwrap();
        let stands = next().await;
        assert!(stands.starts_with("id: ") && !stands.contains("data"), "{stands}");
        let words = json!({ "text": "Bonjour" });
        for about in [&other, &mine] {
            let headers = [("authorization", agent.as_str())];
            assert_eq!(hall.ask("POST", &case(about), &headers, &words).await.status, 204);
        }
        let news = next().await;
        let last = hall.fixture.commune.read(By::SYSTEM, |tx| -> Result<i64, StoreError> {
            tx.query_one("SELECT MAX(seq) FROM journal WHERE kind = 'case.message_sent'", &[], |row| {
                row.get(0)
            })
        });
        assert_eq!(news, format!("id: {0}\ndata: {0}\n\n", last.await.unwrap()));
    });
}

#[test]
fn the_home_page_begins_with_what_happens_in_life_then_with_what_is_asked_for_most() {
    journey(async |hall| {
        /// The procedures that the home page shows, in their order.
        fn shown(page: &str) -> Vec<&str> {
            let links = page.split("card__link\" href=\"/demarches/").skip(1);
            links.filter_map(|link| link.split('"').next()).collect()
        }
        let home = hall.get("/", &[("accept-language", "fr")]).await.text();
        let (life, most) = (home.find("Selon ce qui vous arrive"), home.find("Quelques démarches"));
        assert!(life.unwrap() < most.unwrap());
        assert!(home.contains("Copies et extraits d’acte de naissance"), "each event has its line");
        // Nobody has asked for anything yet: by title, under a title that says no more than that.
        assert!(!home.contains("les plus demandées"));
        let first = shown(&home);
        assert_eq!(first.len(), 6);
        assert!(!first.contains(&"occupation-domaine-public"), "{first:?}");
        assert_eq!(hall.deposit(&removal(), None).await.status, 201);
        tokio::task::block_in_place(|| hall.fixture.settle(&workers())).unwrap();
        let home = hall.get("/", &[("accept-language", "fr")]).await.text();
        let now = shown(&home);
        assert_eq!(now.first(), Some(&"occupation-domaine-public"));
        assert_eq!(now[1..], first[..5]);
        // What was asked for long ago counts no more.
        hall.fixture.clock.advance(TimeDelta::days(150));
        let letter = json!({ "answers": {
            "genre": "question", "objet": "Horaires de la déchèterie",
            "message": "La déchèterie ouvre-t-elle le samedi après-midi en été ?",
            "demandeur": { "family_name": "Teissier", "given_names": "Anaïs" }, "courriel": "anais@example.org",
        } });
        let sent = hall.ask("POST", "/api/v1/procedures/ecrire-a-la-mairie/cases", &[], &letter).await;
        assert_eq!(sent.status, 201, "{}", sent.text());
        tokio::task::block_in_place(|| hall.fixture.settle(&workers())).unwrap();
        let home = hall.get("/", &[("accept-language", "fr")]).await.text();
        let later = shown(&home);
        assert_eq!(later.first(), Some(&"ecrire-a-la-mairie"));
        assert_eq!(later[1..], first[..5]);
        assert!(later.len() == 6 && !home.contains("les plus demandées"), "one is no ranking");
    });
}
