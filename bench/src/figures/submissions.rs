//! What the town can receive: requests that are validated, journaled, and durable when they are answered.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context, Result};
use hyper::StatusCode;

use crate::{
    Bench, bare,
    load::{Client, Load},
    report::{Figure, Target},
    requests,
    sample::median,
    town::Engine,
};

const ROUNDS: usize = 5;
const CLIENTS: usize = 16;
const DURING: Duration = Duration::from_secs(3);

/// Submissions a second, and durable commits a submission.
pub fn measure(bench: &Bench) -> Result<Vec<Figure>> {
    let (mut ratios, mut shares) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        // A town of its own for each round, so that none begins with the papers of the one before. Nothing else
        // runs while the yardstick does.
        let town = bench.program.town(Engine::Sqlite)?.context("no SQLite")?;
        town.settle()?;
        let bare = bare::commits_per_second(town.folder(), DURING)?;
        let server = town.serve()?;
        let (submissions, commits) = bench.runtime.block_on(submit(server.address))?;
        eprintln!("  {submissions:.0} submissions/s, {bare:.0} bare commits/s");
        ratios.push(submissions / bare);
        shares.push(commits / submissions);
    }
    Ok(vec![
        Figure::new(
            "submissions/s, 16 clients",
            median(ratios),
            "ratio",
            Target::AtLeast(0.7),
            "bare durable one-row SQLite commits by one writer",
        ),
        Figure::new(
            "durable commits per submission",
            median(shares),
            "ratio",
            Target::AtMost(0.25),
            "the submissions of that run",
        ),
    ])
}

/// Submissions a second, and durable commits a second meanwhile.
async fn submit(address: SocketAddr) -> Result<(f64, f64)> {
    let load = Load { address, clients: CLIENTS, during: DURING, expected: StatusCode::CREATED };
    // What is opened at the first request is not what is measured.
    Client::connect(address).await?.ask(requests::birth(0)?).await?.with_status(StatusCode::CREATED)?;
    let (before, begun) = (commits(address).await?, std::time::Instant::now());
    let submissions = load.run(|number| requests::birth(number + 1)).await?;
    let made = commits(address).await? - before;
    Ok((submissions, made / begun.elapsed().as_secs_f64()))
}

/// The count that the program itself publishes for its operators.
async fn commits(address: SocketAddr) -> Result<f64> {
    let mut client = Client::connect(address).await?;
    let request = hyper::Request::get("/metrics").header("host", "localhost");
    let figures =
        client.ask(request.body(http_body_util::Full::default())?).await?.with_status(StatusCode::OK)?;
    let figures = String::from_utf8(figures.body.to_vec())?;
    let line = figures.lines().find_map(|line| line.strip_prefix("beffroi_commits_total "));
    line.context("no count of commits")?.parse().context("the count of commits")
}
