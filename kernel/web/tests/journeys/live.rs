//! Pages that follow the journal.

use axum::http::StatusCode;
use beffroi_web::WebConfig;
use futures_util::StreamExt;

use crate::support::{Hall, STRANGER, journey, request};

type News = axum::body::BodyDataStream;

async fn open(hall: &Hall<'_>, headers: &[(&str, &str)]) -> News {
    let asked = request("GET", "/essai/direct", headers, "");
    let response = hall.site.respond(asked, STRANGER.parse().unwrap()).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert!(!response.headers().contains_key("content-encoding"), "news does not wait in a compressor");
    response.into_body().into_data_stream()
}

async fn next(news: &mut News) -> String {
    String::from_utf8_lossy(&news.next().await.unwrap().unwrap()).into_owned()
}

#[test]
fn a_reader_hears_when_somebody_writes() {
    journey(&WebConfig::default(), async |hall| {
        let at = hall.happens().await.0;
        let mut news = open(hall, &[("accept-encoding", "gzip")]).await;
        assert_eq!(next(&mut news).await, format!("id: {at}\n\n"), "where it stands, which is no news");
        let done = hall.post("/essai/ecrire", &[("sec-fetch-site", "same-origin")], "what=x").await;
        assert_eq!(done.status, StatusCode::SEE_OTHER);
        assert_eq!(next(&mut news).await, format!("id: {0}\ndata: {0}\n\n", at + 1));
        hall.happens().await;
        assert_eq!(next(&mut news).await, format!("id: {0}\ndata: {0}\n\n", at + 2), "without a request");
    });
}

#[test]
fn who_lost_the_connection_hears_what_happened_meanwhile() {
    journey(&WebConfig::default(), async |hall| {
        let heard = hall.happens().await.0.to_string();
        let mut nothing = open(hall, &[("last-event-id", &heard)]).await;
        assert_eq!(next(&mut nothing).await, format!("id: {heard}\n\n"));
        drop(nothing);
        let now = hall.happens().await.0;
        let mut news = open(hall, &[("last-event-id", &heard)]).await;
        let first = next(&mut news).await;
        let first = if first.contains("data") { first } else { next(&mut news).await };
        assert_eq!(first, format!("id: {now}\ndata: {now}\n\n"));
    });
}
