//! Map tiles. The server fetches them for its visitors, so that no browser leaves the commune's site and
//! the maker of the map learns nothing of who looks at which street.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Extension, Router,
    body::{Body, to_bytes},
    extract::{Path as Captured, State},
    http::{HeaderValue, Request, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};
use beffroi_people::Town;
use beffroi_store::By;
use bytes::Bytes;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use crate::{App, CommuneOf, Purpose, Result, WebError, visitor::Arrival};

/// The closest view: a house fills the screen.
const ZOOM_AT_MOST: u8 = 20;
/// A tile of 256 pixels weighs about a tenth of this.
const TILE_AT_MOST: usize = 256 * 1024;
/// How long the tile server may take, waiting for a turn included.
const WITHIN: Duration = Duration::from_secs(5);
/// Tiles fetched at once: more would make us a nuisance to whoever gives them.
const AT_ONCE: usize = 8;
/// Bytes of tiles kept: the streets of some hundred towns at the scales that are looked at.
const ROOM: usize = 16 << 20;
/// Streets do not move within a day.
const KEPT: Duration = Duration::from_hours(24);
/// What a browser is told: as long as we keep it ourselves.
const BROWSER_KEEPS: &str = "public, max-age=86400";
const KINDS: [&str; 3] = ["image/png", "image/jpeg", "image/webp"];

/// A screen of map is about twenty tiles, and people move the map.
const TILE: Purpose = Purpose { name: "tile", burst: 300, per_minute: 600 };

#[derive(Clone)]
struct Tile {
    kind: &'static str,
    bytes: Bytes,
    until: Instant,
}

#[derive(Default)]
struct Shelves {
    fresh: HashMap<Arc<str>, Tile>,
    fresh_bytes: usize,
    old: HashMap<Arc<str>, Tile>,
}

impl Shelves {
    fn find(&mut self, address: &Arc<str>, now: Instant) -> Option<Tile> {
        if let Some(tile) = self.fresh.get(address) {
            return (tile.until > now).then(|| tile.clone());
        }
        let tile = self.old.remove(address).filter(|tile| tile.until > now)?;
        self.keep(address, tile.clone());
        Some(tile)
    }

    /// When half the room is taken, what was not asked for since the last time goes.
    fn keep(&mut self, address: &Arc<str>, tile: Tile) {
        let weight = weight(address, &tile);
        if self.fresh_bytes + weight > ROOM / 2 {
            self.old = std::mem::take(&mut self.fresh);
            self.fresh_bytes = 0;
        }
        self.fresh_bytes += weight;
        if let Some(before) = self.fresh.insert(Arc::clone(address), tile) {
            self.fresh_bytes = self.fresh_bytes.saturating_sub(self::weight(address, &before));
        }
    }
}

fn weight(address: &str, tile: &Tile) -> usize {
    address.len() + tile.bytes.len() + 128
}

/// Whoever fetches tiles, and what was fetched lately. Addresses tell communes with another map apart.
pub(crate) struct Tiles {
    client: Client<HttpsConnector<HttpConnector>, Body>,
    turns: Semaphore,
    shelves: Mutex<Shelves>,
}

impl Tiles {
    pub(crate) fn new() -> Self {
        // The town's settings accept https alone.
        let connector =
            HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().build();
        Self {
            client: Client::builder(TokioExecutor::new())
                .pool_idle_timeout(Duration::from_secs(30))
                .pool_max_idle_per_host(AT_ONCE)
                .build(connector),
            turns: Semaphore::new(AT_ONCE),
            shelves: Mutex::default(),
        }
    }

    async fn tile(&self, address: Arc<str>) -> Result<Tile> {
        if let Some(tile) = self.shelves.lock().find(&address, Instant::now()) {
            return Ok(tile);
        }
        let fetched = tokio::time::timeout(WITHIN, async {
            let _turn = self.turns.acquire().await.map_err(WebError::internal)?;
            // Somebody else may have fetched it while this one waited.
            let kept = self.shelves.lock().find(&address, Instant::now());
            match kept {
                Some(tile) => Ok(tile),
                None => self.fetch(&address).await,
            }
        });
        let tile = fetched.await.map_err(|_| WebError::unavailable().log("the tile server is slow"))??;
        self.shelves.lock().keep(&address, tile.clone());
        Ok(tile)
    }

    /// Asks the tile server. Nothing of the visitor's request goes there, and redirections are not followed.
    async fn fetch(&self, address: &str) -> Result<Tile> {
        let faulty = |reason: String| WebError::unavailable().log(reason);
        let uri: Uri = address.parse().map_err(|error| faulty(format!("tile address: {error}")))?;
        let request = Request::get(uri)
            .header(header::USER_AGENT, concat!("Beffroi/", env!("CARGO_PKG_VERSION")))
            .header(header::ACCEPT, "image/webp, image/png, image/jpeg")
            .body(Body::empty())
            .map_err(WebError::internal)?;
        let answer =
            self.client.request(request).await.map_err(|error| faulty(format!("tile server: {error}")))?;
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND | StatusCode::NO_CONTENT => return Err(WebError::not_found()),
            status => return Err(faulty(format!("tile server: {status}"))),
        }
        let named = answer.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let named = named.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
        let kind = KINDS
            .into_iter()
            .find(|kind| kind.eq_ignore_ascii_case(named))
            .ok_or_else(|| faulty(format!("a tile of kind {named:?}")))?;
        let bytes = to_bytes(Body::new(answer.into_body()), TILE_AT_MOST)
            .await
            .map_err(|error| faulty(format!("a tile that is cut or too large: {error}")))?;
        Ok(Tile { kind, bytes, until: Instant::now() + KEPT })
    }
}

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/tuiles/{z}/{x}/{y}", get(serve))
}

/// `GET /tuiles/{z}/{x}/{y}.png`, whatever the format of the image: browsers go by its type.
async fn serve(
    State(app): State<App>,
    commune: CommuneOf,
    Extension(arrival): Extension<Arrival>,
    Captured((z, x, y)): Captured<(String, String, String)>,
) -> Result<Response> {
    let (z, x, y) = coordinates(&z, &x, &y).ok_or_else(WebError::not_found)?;
    let town = commune.read(By::VISITOR, Town::load).await.map_err(WebError::from)?;
    let template = town.map_tiles.ok_or_else(WebError::not_found)?;
    app.limits.take(TILE, arrival.source)?;
    let address =
        template.replace("{z}", &z.to_string()).replace("{x}", &x.to_string()).replace("{y}", &y.to_string());
    let tile = app.tiles.tile(address.into()).await?;
    let mut response = tile.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(tile.kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(BROWSER_KEEPS));
    Ok(response)
}

/// The place of a tile that exists: at zoom `z` the world is a square of 2^z tiles a side.
fn coordinates(z: &str, x: &str, y: &str) -> Option<(u8, u32, u32)> {
    let number = |text: &str| {
        let digits = (1..=7).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_digit());
        digits.then(|| text.parse::<u32>().ok()).flatten()
    };
    let z = u8::try_from(number(z)?).ok().filter(|z| *z <= ZOOM_AT_MOST)?;
    let (x, y) = (number(x)?, number(y.strip_suffix(".png")?)?);
    let side = 1_u32 << z;
    (x < side && y < side).then_some((z, x, y))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tiles_of_this_world_are_asked_for() {
        assert_eq!(coordinates("0", "0", "0.png"), Some((0, 0, 0)));
        assert_eq!(coordinates("20", "1048575", "1048575.png"), Some((20, 1_048_575, 1_048_575)));
        for (z, x, y) in [
            ("21", "0", "0.png"),
            ("0", "1", "0.png"),
            ("20", "1048576", "0.png"),
            ("3", "0", "8.png"),
            ("3", "-1", "0.png"),
            ("3", "+1", "0.png"),
            ("3", "1", "1"),
            ("3", "1", "1.jpg"),
            ("", "1", "1.png"),
            ("3", "{y}", "1.png"),
            ("4294967296", "1", "1.png"),
        ] {
            assert_eq!(coordinates(z, x, y), None, "{z}/{x}/{y}");
        }
    }

    #[test]
    fn the_room_is_bounded_and_a_tile_is_kept_for_a_day() {
        let mut shelves = Shelves::default();
        let tile = || Tile {
            kind: KINDS[0],
            bytes: Bytes::from(vec![0; TILE_AT_MOST]),
            until: Instant::now() + KEPT,
        };
        let home: Arc<str> = "home".into();
        shelves.keep(&home, tile());
        for number in 0..500 {
            shelves.keep(&number.to_string().into(), tile());
            assert!(shelves.find(&home, Instant::now()).is_some());
        }
        let held: usize =
            shelves.fresh.iter().chain(&shelves.old).map(|(address, tile)| weight(address, tile)).sum();
        assert!(held <= ROOM, "{held}");
        assert!(shelves.find(&home, Instant::now() + KEPT).is_none());
    }
}
