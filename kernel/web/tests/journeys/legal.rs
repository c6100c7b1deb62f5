//! The pages that the law asks for, and the town's colours, from its settings.

use axum::http::StatusCode;
use beffroi_people::{
    Town,
    town::{Contact, Signatory},
};
use beffroi_web::{WebConfig, app::Hosting};

use crate::support::journey;

fn lunel() -> Town {
    Town {
        name: "Lunel".to_owned(),
        siren: "213401458".to_owned(),
        postal_address: "240 avenue Victor-Hugo\nBP 30403".to_owned(),
        postcode: "34400".to_owned(),
        phone: "04 67 87 83 00".to_owned(),
        email: "mairie@lunel.example".to_owned(),
        opening_hours: "Du lundi au vendredi, de 8 h 30 à 17 h".to_owned(),
        brand: "#7a1f3d".to_owned(),
        signatory: Signatory {
            given_name: "Claire".to_owned(),
            family_name: "Vidal".to_owned(),
            quality: "Maire".to_owned(),
        },
        dpo: Contact { email: "dpo@lunel.example".to_owned(), ..Contact::default() },
        accessibility: Contact { email: "acces@lunel.example".to_owned(), ..Contact::default() },
        mediator: Some(Contact { name: "Jean Roux".to_owned(), ..Contact::default() }),
        ..Town::default()
    }
}

#[test]
fn the_legal_pages_say_what_the_town_said_in_both_languages() {
    let hosting = Hosting {
        name: "Hébergeur du Midi".to_owned(),
        address: "1 rue des Serveurs, 34000 Montpellier".to_owned(),
        phone: "04 00 00 00 00".to_owned(),
    };
    journey(&WebConfig { hosting: Some(hosting), ..WebConfig::default() }, async |hall| {
        hall.settle(lunel()).await;
        for (path, told) in [
            ("/contact", vec!["240 avenue Victor-Hugo", "34400 Lunel", "tel:0467878300", "de 8 h 30 à 17 h"]),
            (
                "/mentions-legales",
                vec!["213401458", "Claire Vidal", "Hébergeur du Midi", "04 00 00 00 00", "Jean Roux"],
            ),
            ("/donnees-personnelles", vec!["dpo@lunel.example", "Lunel"]),
            ("/accessibilite", vec!["acces@lunel.example", "Lunel"]),
        ] {
            for lang in ["fr", "en"] {
                let page = hall.get(path, &[("accept-language", lang)]).await;
                assert_eq!(page.status, StatusCode::OK, "{path}");
                assert!(page.body.contains(&format!("<html lang=\"{lang}\"")), "{path}");
                for text in &told {
                    assert!(page.body.contains(text), "{path} in {lang} lacks {text}: {}", page.body);
                }
                assert_eq!(page.body.matches("<h1").count(), 1, "{path}");
                assert!(!page.header("etag").is_empty(), "{path} is kept");
            }
        }
        hall.settle(Town { phone: "04 67 00 00 01".to_owned(), ..lunel() }).await;
        assert!(hall.get("/contact", &[]).await.body.contains("04 67 00 00 01"), "a change shows at once");
    });
}

#[test]
fn a_town_that_said_nothing_yet_still_has_its_pages() {
    journey(&WebConfig::default(), async |hall| {
        for path in ["/contact", "/mentions-legales", "/donnees-personnelles", "/accessibilite"] {
            assert_eq!(hall.get(path, &[]).await.status, StatusCode::OK, "{path}");
        }
        assert!(hall.get("/contact", &[]).await.body.contains("pas encore publié ses coordonnées"));
    });
}

#[test]
fn pages_wear_the_towns_colour() {
    journey(&WebConfig::default(), async |hall| {
        let usual = hall.get("/theme.css", &[]).await;
        assert_eq!(usual.header("content-type"), "text/css; charset=utf-8");
        assert!(usual.body.contains("--brand:#1b4f9c"));
        hall.settle(lunel()).await;
        assert!(hall.get("/theme.css", &[]).await.body.contains("--brand:#7a1f3d"));
    });
}
