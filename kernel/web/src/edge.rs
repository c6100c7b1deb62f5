//! The edge of the house: one function between the socket and the services. It finds the commune,
//! answers from the cache, refuses what may not come in, and dresses what goes out.

use std::{
    net::IpAddr,
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, HttpBody, to_bytes},
    extract::{DefaultBodyLimit, MatchedPath, Request},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use beffroi_store::Seq;
use futures_util::FutureExt;
use tower::ServiceExt;
use tower_http::timeout::TimeoutBody;
use tracing::Instrument;

use crate::{
    App, CommuneOf, Purpose, WebError, api, assets,
    cache::{self, Kept, PublicPage},
    compress, failure, host,
    lent::Lent,
    ops, pages, security, tiles,
    visitor::Arrival,
};

/// What a body may weigh where a handler says nothing else. Files come through `FormReader`.
const BODY_AT_MOST: usize = 512 * 1024;
/// The largest page that is kept or compressed.
const PAGE_AT_MOST: usize = 4 << 20;
/// How long a handler may take that receives a body over a slow line.
const UPLOAD_TIMEOUT: Duration = Duration::from_mins(15);

/// The whole site, of all communes.
pub struct Site {
    app: App,
    router: Router,
}

impl Site {
    /// Joins the routes of the house and of its services.
    ///
    /// # Panics
    /// If two of them claim one route: the house does not start.
    pub fn new(app: App) -> Self {
        let mut router = Router::new()
            .merge(pages::routes())
            .merge(ops::routes())
            .merge(api::routes())
            .merge(tiles::routes())
            .route("/assets/{version}/{*name}", get(assets::serve));
        for service in &app.services {
            router = router.merge(service.routes());
        }
        let router = router
            .route_layer(middleware::from_fn(tell_route))
            .fallback(|| async { WebError::not_found() })
            .layer(DefaultBodyLimit::max(BODY_AT_MOST))
            .with_state(App::clone(&app));
        Self { app, router }
    }

    /// The house.
    pub const fn app(&self) -> &App {
        &self.app
    }

    /// Answers one request that came from `peer`.
    pub async fn respond(&self, request: Request, peer: IpAddr) -> Response {
        let arrival =
            Arrival::read(&self.app.config, peer, request.method(), request.uri(), request.headers());
        let mut response = self.answer(request, &arrival).await;
        security::dress_for(&arrival, response.headers_mut());
        self.app.meters.count(response.status());
        response
    }

    async fn answer(&self, request: Request, arrival: &Arrival) -> Response {
        let started = Instant::now();
        let method = request.method().clone();
        let gzip = compress::accepted(request.headers());
        let had = request.headers().get(header::IF_NONE_MATCH).cloned();
        let (response, commune) = self.find_or_make(request, arrival, started).await;
        let mut answer = match response {
            Answer::Kept(kept) => {
                self.app.meters.hit();
                return kept.answer(gzip, had.as_ref());
            }
            Answer::Made(response) => response,
        };
        let route = answer.extensions().get::<MatchedPath>().cloned();
        if failure::is_bare(&answer) {
            answer = failure::write(&self.app, arrival, commune.as_ref(), answer).await;
        }
        security::dress(answer.headers_mut());
        if let Some(framing) = answer.extensions().get::<security::Framing>().copied() {
            security::frame(framing, answer.headers_mut());
        }
        if let Some(leads) = answer.extensions().get::<security::LeadsTo>().cloned() {
            security::let_lead(&leads, answer.headers_mut());
        }
        let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.app.meters.took(started.elapsed());
        tracing::info!(
            id = arrival.request_id,
            commune = commune.as_ref().map_or("", |commune| commune.slug()),
            %method,
            route = route.as_ref().map_or("", MatchedPath::as_str),
            status = answer.status().as_u16(),
            millis,
            "answered"
        );
        shrink(answer, gzip).await
    }

    /// The kept page, or the one that the services make.
    async fn find_or_make(
        &self,
        request: Request,
        arrival: &Arrival,
        started: Instant,
    ) -> (Answer, Option<CommuneOf>) {
        let path = request.uri().path();
        if path.starts_with("/assets/") || ops::is_ours(path) {
            return (Answer::Made(self.make(request, arrival, started).await), None);
        }
        let host = host::named(request.headers(), request.uri(), arrival.by_proxy);
        let found = match host.clone() {
            Some(host) => self.app.hosts.find(&self.app.platform, host).await,
            None => Ok(None),
        };
        let commune = match found {
            Ok(Some(commune)) => commune,
            Ok(None) => return (Answer::Made(WebError::not_found().into_response()), None),
            Err(error) => return (Answer::Made(error.into_response()), None),
        };
        let answer = self.for_commune(request, arrival, started, &host.unwrap_or_default(), &commune).await;
        (answer.unwrap_or_else(|error| Answer::Made(error.into_response())), Some(commune))
    }

    async fn for_commune(
        &self,
        mut request: Request,
        arrival: &Arrival,
        started: Instant,
        host: &str,
        commune: &CommuneOf,
    ) -> Result<Answer, WebError> {
        let may_be_kept = request.method() == Method::GET && arrival.is_anonymous();
        let mut place = None;
        if may_be_kept {
            let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
            let key = cache::key(commune.slug(), arrival.lang, target);
            let position = commune.journal_position().await?;
            if let Some(kept) = self.app.cache.find(&key, position) {
                return Ok(Answer::Kept(kept));
            }
            place = Some((key, position, request.uri().query().map(str::to_owned)));
        }
        if !security::comes_from_here(request.method(), host, arrival, request.headers()) {
            return Err(WebError::forbidden().log("a write that another site asked for"));
        }
        if !arrival.from_here {
            self.app.limits.take(Purpose::PAGE, arrival.source)?;
        }
        request.extensions_mut().insert(commune.clone());
        // What WebDAV asks with changes nothing either.
        let asks = ["PROPFIND", "REPORT"].contains(&request.method().as_str());
        let writes = !request.method().is_safe() && !asks;
        let response = self.make(request, arrival, started).await;
        if writes {
            self.app.live.stir(commune.slug());
        }
        let public = response.extensions().get::<PublicPage>().copied();
        match (place, public) {
            (Some((key, position, query)), Some(page))
                if response.status() == StatusCode::OK
                    && !response.headers().contains_key(header::SET_COOKIE)
                    && !arrival.lang_chosen
                    && page.covers(query.as_deref()) =>
            {
                self.keep(key, position, response).await.map(Answer::Kept)
            }
            _ => Ok(Answer::Made(response)),
        }
    }

    /// Lets the router answer, within a time.
    async fn make(&self, mut request: Request, arrival: &Arrival, started: Instant) -> Response {
        request.extensions_mut().insert(arrival.clone());
        let (mut limit, mut lent) = (self.app.config.page_timeout, None);
        if !request.method().is_safe() {
            let silence = self.app.config.silence;
            let (back, passed) = Lent::of(request.map(|body| Body::new(TimeoutBody::new(silence, body))));
            (limit, request) = (UPLOAD_TIMEOUT, passed);
            lent = Some(back).filter(|_| !arrival.wants_json);
        }
        let span = tracing::info_span!("request", id = arrival.request_id);
        let work = self.router.clone().oneshot(request).instrument(span);
        let work = AssertUnwindSafe(work).catch_unwind();
        let mut response = match tokio::time::timeout(limit.saturating_sub(started.elapsed()), work).await {
            Ok(Ok(Ok(response))) => response,
            Ok(Ok(Err(never))) => match never {},
            Ok(Err(_)) => WebError::internal("a handler panicked").into_response(),
            Err(_) => WebError::unavailable().log("took too long").into_response(),
        };
        if let Some(lent) = lent.filter(|_| response.status() == StatusCode::UNAUTHORIZED) {
            let rest = limit.saturating_sub(started.elapsed());
            if let Ok(Some(kept)) = tokio::time::timeout(rest, lent.take_back()).await {
                response.extensions_mut().insert(kept);
            }
        }
        response
    }

    async fn keep(&self, key: String, position: Seq, response: Response) -> Result<Arc<Kept>, WebError> {
        let (mut parts, body) = response.into_parts();
        security::dress(&mut parts.headers);
        let body = to_bytes(body, PAGE_AT_MOST).await.map_err(WebError::internal)?;
        let kept = Arc::new(Kept::new(position, parts.headers, body));
        self.app.cache.keep(key, Arc::clone(&kept));
        Ok(kept)
    }
}

enum Answer {
    Kept(Arc<Kept>),
    Made(Response),
}

/// Tells the log which route answered: the path itself may name a case.
async fn tell_route(route: MatchedPath, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.extensions_mut().insert(route);
    response
}

/// Says that nobody keeps what was made for one reader, and compresses what is in memory.
async fn shrink(mut response: Response, gzip: bool) -> Response {
    let headers = response.headers_mut();
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    let text = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).is_some_and(|kind| {
        ["text/html", "text/css", "application/json", "application/problem+json", "application/xml"]
            .iter()
            .any(|text| kind.starts_with(text))
    });
    let size = response.body().size_hint().exact().and_then(|size| usize::try_from(size).ok());
    let worth_it = size.is_some_and(|size| (compress::WORTH_IT..PAGE_AT_MOST).contains(&size));
    if !gzip || !text || !worth_it || response.headers().contains_key(header::CONTENT_ENCODING) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    match to_bytes(body, PAGE_AT_MOST).await {
        Ok(bytes) => {
            parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            parts.headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
            parts.headers.remove(header::CONTENT_LENGTH);
            Response::from_parts(parts, Body::from(compress::quick(&bytes)))
        }
        Err(error) => WebError::internal(error).into_response(),
    }
}
