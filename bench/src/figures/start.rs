//! What a restart costs: from the start of the process to its first answer.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use hyper::StatusCode;

use crate::{
    Bench,
    load::Client,
    report::{Figure, Target},
    requests,
    sample::median,
    town::{Engine, Town},
};

const COMMUNES: usize = 5_000;
const ROUNDS: usize = 15;

/// Start to first answer with 5 000 communes, against one.
pub fn measure(bench: &Bench) -> Result<Vec<Figure>> {
    let one = bench.program.town(Engine::Sqlite)?.context("no SQLite")?;
    let many = bench.program.town(Engine::Sqlite)?.context("no SQLite")?;
    one.settle()?;
    many.settle()?;
    crowd(&many)?;
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let alone = first_answer(bench, &one)?.as_secs_f64();
        ratios.push(first_answer(bench, &many)?.as_secs_f64() / alone);
    }
    let yardstick = "one commune registered, where there are 5 000";
    Ok(vec![Figure::new("start to first answer", median(ratios), "ratio", Target::AtMost(1.2), yardstick)])
}

/// Registers the others. Each is a real commune: its folder and its database are there.
fn crowd(town: &Town<'_>) -> Result<()> {
    town.run(&["commune", "create", "model", "--name", "Modèle", "--host", "model.example"])?;
    let communes = town.folder().join("communes");
    let model = std::fs::read(communes.join("model").join("commune.db"))?;
    let mut registry = rusqlite::Connection::open(town.folder().join("platform.db"))?;
    let registered = registry.transaction()?;
    for rank in 2..COMMUNES {
        let slug = format!("commune-{rank}");
        std::fs::create_dir_all(communes.join(&slug))?;
        std::fs::write(communes.join(&slug).join("commune.db"), &model)?;
        registered.execute(
            "INSERT INTO commune (slug, name, database, created_at) \
             SELECT ?1, name, database, created_at FROM commune WHERE slug = 'model'",
            [&slug],
        )?;
        registered.execute(
            "INSERT INTO host (name, commune) VALUES (?1, ?2)",
            [&format!("{slug}.example"), &slug],
        )?;
    }
    Ok(registered.commit()?)
}

fn first_answer(bench: &Bench, town: &Town<'_>) -> Result<Duration> {
    let begun = Instant::now();
    let server = town.serve()?;
    bench.runtime.block_on(async {
        let mut client = Client::connect(server.address).await?;
        client.ask(requests::page("/", 0)?).await?.with_status(StatusCode::OK)?;
        Ok(begun.elapsed())
    })
}
