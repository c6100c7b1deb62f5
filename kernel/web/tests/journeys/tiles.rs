//! Map tiles, with a server on this machine standing for the one that makes the map.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use axum::{
    Router,
    body::Body,
    extract::{Path, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use beffroi_people::Town;
use beffroi_store::{By, StoreError};
use beffroi_web::WebConfig;
use futures_util::future::{join, join_all};
use parking_lot::Mutex;
use tokio::sync::{Notify, Semaphore};

use crate::support::{Hall, journey};

#[derive(Default)]
struct Maker {
    asked: AtomicU64,
    headers: Mutex<Vec<String>>,
    entered: Notify,
    busy: AtomicU64,
    busiest: AtomicU64,
    gate: Gate,
}

struct Gate(Semaphore);

impl Default for Gate {
    fn default() -> Self {
        Self(Semaphore::new(0))
    }
}

async fn tile(
    State(maker): State<Arc<Maker>>,
    Path((z, x, y)): Path<(String, String, String)>,
    request: Request,
) -> Response {
    maker.asked.fetch_add(1, Ordering::Relaxed);
    maker.headers.lock().extend(request.headers().keys().map(|name| name.as_str().to_owned()));
    let of_kind =
        |kind: &'static str| ([(header::CONTENT_TYPE, kind)], format!("tile {z}/{x}/{y}")).into_response();
    match z.as_str() {
        "3" => of_kind("image/png"),
        "4" => of_kind("image/webp"),
        "5" => of_kind("text/html"),
        "6" => ([(header::CONTENT_TYPE, "image/png")], Body::from(vec![0; 256 * 1024 + 1])).into_response(),
        "7" => Redirect::to("/3/0/0").into_response(),
        "10" => {
            let busy = maker.busy.fetch_add(1, Ordering::Relaxed) + 1;
            maker.busiest.fetch_max(busy, Ordering::Relaxed);
            maker.entered.notify_one();
            drop(maker.gate.0.acquire().await);
            maker.busy.fetch_sub(1, Ordering::Relaxed);
            of_kind("image/jpeg")
        }
        "8" => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Starts the maker of the map, and makes it the town's.
async fn with_map(hall: &Hall<'_>) -> Arc<Maker> {
    let maker = Arc::<Maker>::default();
    let router = Router::new().route("/{z}/{x}/{y}", get(tile)).with_state(Arc::clone(&maker));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    // Settings accept https alone, for which this machine has no certificate.
    let town = Town { map_tiles: Some(format!("http://{address}/{{z}}/{{x}}/{{y}}")), ..Town::default() };
    let kept = hall.commune().write(By::SYSTEM, move |tx| -> Result<u64, StoreError> {
        let value = serde_json::to_value(&town)?;
        tx.execute("INSERT INTO setting (name, value) VALUES ('town', $1)", &[&value])
    });
    kept.await.unwrap();
    maker
}

#[test]
fn the_town_fetches_tiles_and_tells_nobody_who_looks_at_them() {
    journey(&WebConfig::default(), async |hall| {
        assert_eq!(hall.get("/tuiles/3/1/2.png", &[]).await.status, StatusCode::NOT_FOUND, "no map yet");
        let maker = with_map(hall).await;
        let visitor = [
            ("cookie", "lang=en"),
            ("referer", "http://localhost/plainte"),
            ("x-forwarded-for", "192.0.2.9"),
        ];
        let tile = hall.get("/tuiles/3/1/2.png", &visitor).await;
        assert_eq!((tile.status, tile.body.as_str()), (StatusCode::OK, "tile 3/1/2"));
        assert_eq!(
            (tile.header("content-type"), tile.header("cache-control")),
            ("image/png", "public, max-age=86400")
        );
        assert_eq!(tile.header("x-content-type-options"), "nosniff");
        let mut told = maker.headers.lock().clone();
        told.sort();
        assert_eq!(told, ["accept", "host", "user-agent"]);
        assert_eq!(hall.get("/tuiles/3/1/2.png", &[]).await.body, "tile 3/1/2");
        assert_eq!(maker.asked.load(Ordering::Relaxed), 1, "the second time from memory");
        assert_eq!(hall.get("/tuiles/4/1/2.png", &[]).await.header("content-type"), "image/webp");
    });
}

#[test]
fn what_is_no_tile_is_not_passed_on() {
    journey(&WebConfig::default(), async |hall| {
        let maker = with_map(hall).await;
        for path in [
            "/tuiles/21/0/0.png",
            "/tuiles/3/8/0.png",
            "/tuiles/3/0/0",
            "/tuiles/3/a/0.png",
            "/tuiles/3/..%2F1/0.png",
        ] {
            assert_eq!(hall.get(path, &[]).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(maker.asked.load(Ordering::Relaxed), 0, "nothing was asked for");
        for (path, status) in [
            ("/tuiles/5/0/0.png", StatusCode::SERVICE_UNAVAILABLE),
            ("/tuiles/6/0/0.png", StatusCode::SERVICE_UNAVAILABLE),
            ("/tuiles/7/0/0.png", StatusCode::SERVICE_UNAVAILABLE),
            ("/tuiles/8/0/0.png", StatusCode::SERVICE_UNAVAILABLE),
            ("/tuiles/9/0/0.png", StatusCode::NOT_FOUND),
        ] {
            assert_eq!(hall.get(path, &[]).await.status, status, "{path}");
        }
        assert_eq!(maker.asked.load(Ordering::Relaxed), 5, "a redirection is not followed");
    });
}

#[test]
fn whoever_gives_the_tiles_is_not_overrun() {
    journey(&WebConfig::default(), async |hall| {
        let maker = with_map(hall).await;
        let paths: Vec<String> = (0..20).map(|x| format!("/tuiles/10/{x}/0.png")).collect();
        let all = join_all(paths.iter().map(|path| hall.get(path, &[])));
        let open = async {
            while maker.asked.load(Ordering::Relaxed) < 8 {
                maker.entered.notified().await;
            }
            maker.gate.0.add_permits(1);
        };
        let (tiles, ()) = join(all, open).await;
        assert!(tiles.iter().all(|tile| tile.header("content-type") == "image/jpeg"), "each had its turn");
        assert_eq!(maker.busiest.load(Ordering::Relaxed), 8);
    });
}
