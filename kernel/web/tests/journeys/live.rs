//! Pages that follow the journal.

use axum::{body::Body, http::StatusCode};
use beffroi_web::WebConfig;
use futures_util::StreamExt;

use crate::support::{Hall, STRANGER, journey, request};

async fn open(hall: &Hall<'_>) -> Body {
    let asked = request("GET", "/essai/direct", &[("accept-encoding", "gzip")], "");
    let response = hall.site.respond(asked, STRANGER.parse().unwrap()).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert!(!response.headers().contains_key("content-encoding"), "news does not wait in a compressor");
    response.into_body()
}

#[test]
fn a_reader_hears_when_somebody_writes() {
    journey(&WebConfig::default(), async |hall| {
        let before = hall.happens().await;
        let mut stream = open(hall).await.into_data_stream();
        let done = hall.post("/essai/ecrire", &[("sec-fetch-site", "same-origin")], "what=x").await;
        assert_eq!(done.status, StatusCode::SEE_OTHER);
        let news = stream.next().await.unwrap().unwrap();
        assert_eq!(String::from_utf8_lossy(&news), format!("data: {}\n\n", before.0 + 1));
        hall.happens().await;
        let news = stream.next().await.unwrap().unwrap();
        assert_eq!(
            String::from_utf8_lossy(&news),
            format!("data: {}\n\n", before.0 + 2),
            "without a request"
        );
    });
}
