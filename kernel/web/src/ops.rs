//! What operators ask: is it alive, can it work, how much does it do.

use std::{sync::OnceLock, time::Duration};

use axum::{
    Extension, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use metrics::{Counter, Histogram, counter, gauge, histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use sha2::{Digest, Sha256};

use crate::{App, Result, WebError, failure::Verbatim, visitor::Arrival};

/// Edges of the histogram, in seconds.
const EDGES: [f64; 8] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// One for the process: counters are global, whatever the number of houses (tests have several).
static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// The figures of the edge.
pub(crate) struct Meters {
    by_class: [Counter; 5],
    hits: Counter,
    seconds: Histogram,
}

impl Meters {
    pub(crate) fn new() -> Self {
        RECORDER.get_or_init(|| {
            let builder = PrometheusBuilder::new().set_buckets(&EDGES).ok()?;
            builder.install_recorder().ok()
        });
        let class = |class: &'static str| counter!("beffroi_answers_total", "status" => class);
        Self {
            by_class: [class("1xx"), class("2xx"), class("3xx"), class("4xx"), class("5xx")],
            hits: counter!("beffroi_public_cache_hits_total"),
            seconds: histogram!("beffroi_made_seconds"),
        }
    }

    pub(crate) fn count(&self, status: StatusCode) {
        let class = usize::from(status.as_u16() / 100).saturating_sub(1);
        if let Some(counter) = self.by_class.get(class) {
            counter.increment(1);
        }
    }

    pub(crate) fn hit(&self) {
        self.hits.increment(1);
    }

    pub(crate) fn took(&self, time: Duration) {
        self.seconds.record(time.as_secs_f64());
    }

    /// Folds what was measured; without it the measures would pile up where nobody reads them.
    pub(crate) fn tidy() {
        if let Some(handle) = RECORDER.get().and_then(Option::as_ref) {
            handle.run_upkeep();
        }
    }
}

const PATHS: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// Whether a path belongs to operators, on every host.
pub(crate) fn is_ours(path: &str) -> bool {
    PATHS.contains(&path)
}

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(figures))
}

/// Ready: the registry answers, and each service can work. Who may not read the log learns no reason.
async fn ready(State(app): State<App>, Extension(arrival): Extension<Arrival>) -> Result {
    let asked = tokio::task::spawn_blocking(move || {
        let mut faults = Vec::new();
        if let Err(error) = app.platform.slugs("", 1) {
            faults.push(format!("registry: {error}"));
        }
        for service in &app.services {
            if let Err(reason) = service.health() {
                faults.push(format!("{}: {reason}", service.name()));
            }
        }
        faults
    });
    let faults = asked.await.map_err(WebError::internal)?;
    if faults.is_empty() {
        return Ok("ready\n".into_response());
    }
    tracing::warn!(?faults, "not ready");
    let text = if arrival.from_here { format!("{}\n", faults.join("\n")) } else { "not ready\n".to_owned() };
    Ok((StatusCode::SERVICE_UNAVAILABLE, Extension(Verbatim), text).into_response())
}

/// The figures, for Prometheus: on this machine, or with the token.
async fn figures(State(app): State<App>, Extension(arrival): Extension<Arrival>) -> Result<Response> {
    let known = match (&app.config.metrics_token, arrival.bearer()) {
        // Hashes are compared, so that the time it takes tells nothing.
        (Some(token), Some(shown)) => Sha256::digest(token) == Sha256::digest(shown),
        _ => false,
    };
    if !known && !arrival.from_here {
        return Err(WebError::not_found());
    }
    let handle = RECORDER.get().and_then(Option::as_ref).ok_or_else(WebError::unavailable)?;
    gauge!("beffroi_communes_open").set(u32::try_from(app.platform.open_count()).unwrap_or(u32::MAX));
    counter!("beffroi_commits_total").absolute(app.platform.commits());
    gauge!("beffroi_live_readers").set(u32::try_from(app.live.readers()).unwrap_or(u32::MAX));
    handle.run_upkeep();
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    Ok((kind, handle.render()).into_response())
}
