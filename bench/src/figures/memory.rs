//! What the town's server must have: memory, after the journey and a hundred papers.

use anyhow::{Context, Result, ensure};
use hyper::StatusCode;
use serde_json::Value;

use crate::{
    Bench,
    load::Client,
    report::{Figure, Target},
    requests,
    town::Engine,
};

const PAPERS: u64 = 100;
const MOST_MB: f64 = 150.0;
const JOURNEY: [&str; 6] = [
    "/",
    "/demarches",
    "/demarches/acte-de-naissance",
    "/demarches/acte-de-naissance/demande",
    "/suivi",
    "/api/v1/openapi.json",
];

/// Resident memory of the program and of those that lay out its papers.
pub fn measure(bench: &Bench) -> Result<Vec<Figure>> {
    let town = bench.program.town(Engine::Sqlite)?.context("no SQLite")?;
    let server = town.serve_demonstration()?;
    bench.runtime.block_on(async {
        let mut client = Client::connect(server.address).await?;
        for path in JOURNEY {
            let answer = client.ask(requests::page(path, 0)?).await?;
            ensure!(
                answer.status.is_success() || answer.status.is_redirection(),
                "{path}: {}",
                answer.status
            );
        }
        for number in 1..=PAPERS {
            let made = client.ask(requests::birth(number)?).await?.with_status(StatusCode::CREATED)?;
            let made: Value = serde_json::from_slice(&made.body)?;
            let text = |name: &str| made.get(name).and_then(Value::as_str).map(str::to_owned);
            let (reference, code) = (text("reference"), text("tracking_code"));
            let path = format!("/api/v1/cases/{}/acknowledgement.pdf", reference.context("no reference")?);
            let paper = requests::head(hyper::Method::GET, &path, number)
                .header("tracking-code", code.context("no code")?)
                .body(http_body_util::Full::default())?;
            let paper = client.ask(paper).await?.with_status(StatusCode::OK)?;
            ensure!(paper.body.starts_with(b"%PDF"), "{path} is no PDF");
        }
        anyhow::Ok(())
    })?;
    let bytes = server.resident_bytes()?;
    #[expect(clippy::cast_precision_loss, reason = "memory is far below 2^52 bytes")]
    let megabytes = bytes as f64 / 1e6;
    let yardstick = "the limit, after the journey and 100 PDFs";
    Ok(vec![Figure::new("resident memory", megabytes, "MB", Target::AtMost(MOST_MB), yardstick)])
}
