//! What is kept for everybody, what is made for one reader, and in which language.

use axum::http::StatusCode;
use beffroi_web::WebConfig;

use crate::support::journey;

#[test]
fn a_public_page_is_made_once_until_the_journal_moves() {
    journey(&WebConfig::default(), async |hall| {
        let first = hall.get("/essai", &[]).await;
        let again = hall.get("/essai", &[]).await;
        assert_eq!((first.made(), again.made()), (1, 1));
        let tag = first.header("etag").to_owned();
        let known = hall.get("/essai", &[("if-none-match", &tag)]).await;
        assert_eq!((known.status, known.body.as_str()), (StatusCode::NOT_MODIFIED, ""));
        hall.happens().await;
        let new = hall.get("/essai", &[("if-none-match", &tag)]).await;
        assert_eq!((new.status, new.made()), (StatusCode::OK, 2));
        assert_ne!(new.header("etag"), tag);
        assert_eq!(new.header("cache-control"), "private, no-cache");
        let zipped = hall.get("/essai", &[("accept-encoding", "gzip, br")]).await;
        assert_eq!(zipped.header("content-encoding"), "gzip");
        assert_eq!(hall.get("/essai", &[]).await.made(), 2);
    });
}

#[test]
fn only_what_a_page_depends_on_is_kept() {
    journey(&WebConfig::default(), async |hall| {
        assert_eq!(hall.get("/essai?q=a", &[]).await.made(), 1);
        assert_eq!(hall.get("/essai?q=b", &[]).await.made(), 2);
        assert_eq!(hall.get("/essai?q=a", &[]).await.made(), 1);
        assert_eq!(hall.get("/essai?utm=1", &[]).await.made(), 3);
        assert_eq!(hall.get("/essai?utm=1", &[]).await.made(), 4);
        let own = hall.get("/essai/cookie", &[]).await;
        assert_eq!((own.made(), own.header("set-cookie")), (5, "own=1"));
        assert_eq!(hall.get("/essai/cookie", &[]).await.made(), 6, "a cookie is for one reader");
        let head = hall.ask(crate::support::request("HEAD", "/essai", &[], "")).await;
        assert_eq!((head.status, head.body.as_str()), (StatusCode::OK, ""));
    });
}

#[test]
fn somebody_signed_in_neither_gets_nor_fills_what_is_kept() {
    journey(&WebConfig::default(), async |hall| {
        let cookie = hall.sign_in().await;
        let own = hall.get("/essai", &[("cookie", &cookie)]).await;
        assert!(own.body.contains("name=Awa Diop;"));
        assert_eq!((own.made(), own.header("cache-control"), own.header("etag")), (1, "no-store", ""));
        let stranger = hall.get("/essai", &[]).await;
        assert!(stranger.body.contains("name=nobody;") && !stranger.body.contains("Awa"));
        assert_eq!((stranger.made(), hall.get("/essai", &[]).await.made()), (2, 2));
        let own = hall.get("/essai", &[("cookie", &cookie)]).await;
        assert!(own.body.contains("name=Awa Diop;"), "not what is kept for strangers");
        assert_eq!(own.made(), 3);
        let tagged =
            hall.get("/essai", &[("cookie", &cookie), ("if-none-match", stranger.header("etag"))]).await;
        assert_eq!(tagged.status, StatusCode::OK);
        let ended = hall.get("/essai", &[("cookie", "beffroi=an-old-session")]).await;
        assert!(ended.body.contains("name=nobody;"));
        assert_eq!(hall.get("/essai/moi", &[]).await.header("cache-control"), "no-store");
    });
}

#[test]
fn the_language_is_asked_for_then_remembered_then_guessed() {
    journey(&WebConfig::default(), async |hall| {
        let lang = |body: &str| body.split("<html lang=\"").nth(1).unwrap()[..2].to_owned();
        assert_eq!(lang(&hall.get("/essai", &[]).await.body), "fr");
        let guessed = [("accept-language", "en-US,en;q=0.9,fr;q=0.1")];
        assert_eq!(lang(&hall.get("/essai", &guessed).await.body), "en");
        assert_eq!(lang(&hall.get("/essai", &[("accept-language", "de-DE")]).await.body), "fr");
        let asked = hall.get("/essai?lang=en", &[]).await;
        assert_eq!(lang(&asked.body), "en");
        let cookie = asked.header("set-cookie");
        assert!(cookie.starts_with("lang=en; Path=/; Max-Age="), "{cookie}");
        assert_eq!(lang(&hall.get("/essai", &[("cookie", "lang=en")]).await.body), "en");
        let over = [("cookie", "lang=fr"), ("accept-language", "en")];
        let french = hall.get("/essai", &over).await;
        assert_eq!((lang(&french.body).as_str(), french.header("set-cookie")), ("fr", ""));
        assert!(french.header("vary").contains("accept-language"));
    });
}
