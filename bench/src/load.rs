//! Clients that ask over kept connections, each as fast as it is answered.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{HeaderMap, Request, StatusCode, client::conn::http1::SendRequest};
use hyper_util::rt::TokioIo;

/// What the server answered.
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, whole.
    pub body: Bytes,
}

impl Answer {
    /// The answer itself, if its status is the one expected.
    pub fn with_status(self, status: StatusCode) -> Result<Self> {
        let text: String = String::from_utf8_lossy(&self.body).chars().take(400).collect();
        ensure!(self.status == status, "{} instead of {status}: {text}", self.status);
        Ok(self)
    }
}

/// One kept connection.
pub struct Client(SendRequest<Full<Bytes>>);

impl Client {
    /// Connects.
    pub async fn connect(address: SocketAddr) -> Result<Self> {
        let stream = tokio::net::TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self(sender))
    }

    /// Asks, and reads the answer to its end.
    pub async fn ask(&mut self, request: Request<Full<Bytes>>) -> Result<Answer> {
        self.0.ready().await?;
        let (head, body) = self.0.send_request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Answer { status: head.status, headers: head.headers, body })
    }
}

/// What is asked, and how often.
pub struct Load {
    /// Who is asked.
    pub address: SocketAddr,
    /// How many ask at once.
    pub clients: usize,
    /// For how long.
    pub during: Duration,
    /// The status of a good answer; any other ends the measure.
    pub expected: StatusCode,
}

impl Load {
    /// Answers a second. `make` gives the request of that number; numbers count over all clients.
    pub async fn run<F>(&self, make: F) -> Result<f64>
    where
        F: Fn(u64) -> Result<Request<Full<Bytes>>> + Send + Sync + 'static,
    {
        let (make, number) = (Arc::new(make), Arc::new(AtomicU64::new(0)));
        let mut clients = tokio::task::JoinSet::new();
        let begun = Instant::now();
        for _ in 0..self.clients {
            let (make, number) = (Arc::clone(&make), Arc::clone(&number));
            let (address, until, expected) = (self.address, begun + self.during, self.expected);
            clients.spawn(async move {
                let mut client = Client::connect(address).await?;
                let mut answered = 0_u32;
                while Instant::now() < until {
                    let request = make(number.fetch_add(1, Ordering::Relaxed))?;
                    client.ask(request).await?.with_status(expected)?;
                    answered += 1;
                }
                anyhow::Ok(answered)
            });
        }
        let mut answered = 0.0;
        while let Some(client) = clients.join_next().await {
            answered += f64::from(client.context("a client")??);
        }
        Ok(answered / begun.elapsed().as_secs_f64())
    }
}
