//! The listening socket: accepts, serves, and at the order to stop finishes what was accepted.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::body::Body;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};

use crate::{
    Site,
    limits::Source,
    ops::Meters,
    socket::{Crowd, Impatient},
};

/// Connections open at once, at most.
const CONNECTIONS: usize = 4_096;
/// Those of one source, at most: a school or an office of many people has one address.
const CONNECTIONS_OF_ONE: usize = 512;
/// How long a client may let what is sent to it wait.
const READS_WITHIN: Duration = Duration::from_secs(30);
/// How long a client may take to send its request line and headers.
const HEADERS_WITHIN: Duration = Duration::from_secs(10);
/// Headers of a request, at most: those of a browser are under a hundred.
const HEADERS_AT_MOST: usize = 100;
/// How long to wait when the system has no more descriptors to give.
const OUT_OF_BREATH: Duration = Duration::from_millis(50);
const TIDIED_EVERY: Duration = Duration::from_secs(10);

/// Serves the site until `stop` is ready; then accepts nobody, ends the live streams, and gives accepted
/// requests the configured time to end. Says whether all of them did.
pub async fn serve(site: Arc<Site>, listener: TcpListener, stop: impl Future<Output = ()>) -> bool {
    let mut stop = std::pin::pin!(stop);
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let crowd = Crowd::new(CONNECTIONS_OF_ONE);
    let mut tidy = tokio::time::interval(TIDIED_EVERY);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            _ = tidy.tick() => {
                Meters::tidy();
                continue;
            }
            accepted = accept(&listener, &room) => accepted,
        };
        let Some((stream, peer, place)) = accepted else { continue };
        // A proxy brings everybody.
        let of_one = if site.app().config.trusted_proxies.contains(&peer.to_canonical()) {
            None
        } else if let Some(of_one) = crowd.enter(Source::of(peer)) {
            Some(of_one)
        } else {
            tracing::debug!("a source has too many connections");
            continue;
        };
        let stream = Impatient::new(stream, READS_WITHIN);
        let site = Arc::clone(&site);
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let site = Arc::clone(&site);
            async move { Ok::<_, Infallible>(site.respond(request.map(Body::new), peer).await) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS_WITHIN)
            .max_headers(HEADERS_AT_MOST)
            .serve_connection(TokioIo::new(stream), service);
        let watched = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = watched.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop((place, of_one));
        });
    }
    drop(listener);
    let house = site.app();
    house.live.close();
    let ended = tokio::time::timeout(house.config.shutdown_deadline, graceful.shutdown()).await.is_ok();
    if !ended {
        tracing::warn!("some requests were not finished in time");
    }
    ended
}

type Accepted = (TcpStream, std::net::IpAddr, tokio::sync::OwnedSemaphorePermit);

async fn accept(listener: &TcpListener, room: &Arc<Semaphore>) -> Option<Accepted> {
    let place = Arc::clone(room).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            // Small answers go out at once.
            let _ = stream.set_nodelay(true);
            Some((stream, peer.ip(), place))
        }
        Err(error) => {
            tracing::warn!(%error, "a connection was not accepted");
            tokio::time::sleep(OUT_OF_BREATH).await;
            None
        }
    }
}
