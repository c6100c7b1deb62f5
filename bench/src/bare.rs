//! The yardsticks: an axum handler that answers given bytes, and a writer that commits one row at a time.

use std::{
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use axum::{Router, body::Body, extract::State, http::HeaderMap, response::Response};
use bytes::Bytes;
use hyper::header::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

use crate::{load::Answer, town};

/// An answer, as it is handed to the bare server.
#[derive(Deserialize, Serialize)]
struct Written {
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

/// A bare server, ended when dropped.
pub struct Bare {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Bare {
    /// Starts, in a process of its own, a server that gives this answer to whatever is asked.
    pub fn answering(answer: &Answer, folder: &Path) -> Result<Self> {
        let headers = answer
            .headers
            .iter()
            .filter(|(name, _)| !["date", "content-length", "connection"].contains(&name.as_str()))
            .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
            .collect();
        let file = folder.join("answer.json");
        std::fs::write(&file, serde_json::to_vec(&Written { headers, body: answer.body.to_vec() })?)?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("bare").arg(&file).stdout(Stdio::piped());
        let (child, address) = town::listening(command)?;
        Ok(Self { child, address })
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Serves the answer in a file until it is killed; prints its address first.
pub async fn serve(file: &Path) -> Result<()> {
    let written: Written = serde_json::from_slice(&std::fs::read(file)?)?;
    let mut headers = HeaderMap::new();
    for (name, value) in &written.headers {
        headers.append(HeaderName::from_bytes(name.as_bytes())?, HeaderValue::from_bytes(value)?);
    }
    let answer = (headers, Bytes::from(written.body));
    let router = Router::new().fallback(given).with_state(answer);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, router).await.context("the bare server")
}

async fn given(State((headers, body)): State<(HeaderMap, Bytes)>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.headers_mut() = headers;
    response
}

/// How many rows a second one writer commits, each durable before the next, in a SQLite file of this folder.
pub fn commits_per_second(folder: &Path, during: Duration) -> Result<f64> {
    let file = folder.join("bare.db");
    let connection = rusqlite::Connection::open(&file)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection
        .execute_batch("CREATE TABLE IF NOT EXISTS row (id INTEGER PRIMARY KEY, words TEXT NOT NULL)")?;
    let mut insert = connection.prepare("INSERT INTO row (words) VALUES (?1)")?;
    let (begun, mut commits) = (Instant::now(), 0_u32);
    while begun.elapsed() < during {
        insert.execute(["a request as short as can be"])?;
        commits += 1;
    }
    Ok(f64::from(commits) / begun.elapsed().as_secs_f64())
}
