//! What becomes of a free hour that sixteen people want at once, over HTTP, on both engines; and how fast the month of a
//! room is read.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use beffroi_core::{Clock, SystemClock};
use chrono::{DateTime, TimeDelta, Utc};
use hyper::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Barrier;

use super::pages::{HANDLER, against_bare};
use crate::{
    Bench, bare,
    load::Client,
    report::{Figure, Target},
    requests,
    town::{Engine, Town},
};

const ROOM: &str = "salle-brassens";
const MONTH: &str = "/salles/salle-brassens";
const SLOTS: usize = 200;
const RIVALS: usize = 16;
/// How long the yardstick writes.
const DURING: Duration = Duration::from_secs(3);
/// What is cleaned after each booking of that room.
const CLEANED: TimeDelta = TimeDelta::minutes(30);

/// The race on each engine, then the page.
pub fn measure(bench: &Bench) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(town) = bench.program.town(engine)? else { continue };
        let bare = bare_commits(&town)?;
        let server = town.serve_demonstration()?;
        let raced = bench.runtime.block_on(race(server.address))?;
        let on = engine.name();
        eprintln!("  {on}: {:.0} answers/s, {bare:.0} bare commits/s", raced.answers_per_second);
        let count = |what: &str, value: u32| {
            let name = format!("{SLOTS} slots × {RIVALS} rivals on {on}: {what}");
            Figure::new(&name, f64::from(value), "", Target::AtMost(0.0), "what nobody may find")
        };
        figures.push(count("given twice", raced.double));
        figures.push(count("given to nobody", raced.lost));
        figures.push(count("answers that are no answer", raced.errors));
        figures.push(Figure::new(
            &format!("answers/s in that race on {on}"),
            raced.answers_per_second / bare,
            "ratio",
            Target::AtLeast(0.4),
            "bare durable one-row commits by one writer",
        ));
        if engine == Engine::Sqlite {
            let page = bench.runtime.block_on(against_bare(&town, server.address, MONTH, ""))?;
            let name = "month page of a room, requests/s";
            figures.push(Figure::new(name, page, "ratio", Target::AtLeast(0.4), HANDLER));
        }
    }
    Ok(figures)
}

/// How many rows a second one writer commits, each durable before the next, on the engine of this town.
fn bare_commits(town: &Town<'_>) -> Result<f64> {
    let Some(url) = town.database_url() else { return bare::commits_per_second(town.folder(), DURING) };
    let mut tables = postgres::Client::connect(url, postgres::NoTls)?;
    tables.batch_execute("CREATE TABLE bare_row (id bigserial PRIMARY KEY, words text NOT NULL)")?;
    let insert = tables.prepare("INSERT INTO bare_row (words) VALUES ($1)")?;
    let (begun, mut commits) = (Instant::now(), 0_u32);
    while begun.elapsed() < DURING {
        tables.execute(&insert, &[&"a request as short as can be"])?;
        commits += 1;
    }
    Ok(f64::from(commits) / begun.elapsed().as_secs_f64())
}

/// What came of the race.
struct Raced {
    double: u32,
    lost: u32,
    errors: u32,
    answers_per_second: f64,
}

/// A free time, as the API tells it.
#[derive(Clone, Deserialize)]
struct Slot {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
}

async fn race(address: SocketAddr) -> Result<Raced> {
    let slots = Arc::new(free(address).await?);
    let barrier = Arc::new(Barrier::new(RIVALS));
    let mut rivals = tokio::task::JoinSet::new();
    let begun = Instant::now();
    for rival in 0..RIVALS {
        let (slots, barrier) = (Arc::clone(&slots), Arc::clone(&barrier));
        rivals.spawn(async move {
            let mut client = Client::connect(address).await?;
            let (mut won, mut errors) = (Vec::with_capacity(slots.len()), 0_u32);
            for (rank, slot) in slots.iter().enumerate() {
                let body = json!({ "start": slot.start, "end": slot.end, "people": 12 });
                let number = u64::try_from(rank * RIVALS + rival)? + 1;
                let request =
                    requests::post(&format!("/api/v1/resources/{ROOM}/bookings"), None, &body, number)?;
                // All of them ask for the same hour at the same moment.
                barrier.wait().await;
                let answer = client.ask(request).await?;
                won.push(answer.status == StatusCode::CREATED);
                errors += u32::from(![StatusCode::CREATED, StatusCode::CONFLICT].contains(&answer.status));
            }
            anyhow::Ok((won, errors))
        });
    }
    let (mut winners, mut errors) = (vec![0_u32; SLOTS], 0);
    while let Some(rival) = rivals.join_next().await {
        let (won, failed) = rival.context("a rival")??;
        errors += failed;
        for (count, won) in winners.iter_mut().zip(won) {
            *count += u32::from(won);
        }
    }
    let answers = f64::from(u32::try_from(SLOTS * RIVALS)?);
    let answers_per_second = answers / begun.elapsed().as_secs_f64();
    let count = |wanted: fn(u32) -> bool| -> Result<u32> {
        Ok(u32::try_from(winners.iter().filter(|winners| wanted(**winners)).count())?)
    };
    Ok(Raced { double: count(|it| it > 1)?, lost: count(|it| it == 0)?, errors, answers_per_second })
}

/// Hours that are free and leave one another alone.
async fn free(address: SocketAddr) -> Result<Vec<Slot>> {
    let mut client = Client::connect(address).await?;
    let from = SystemClock.now() + TimeDelta::days(3);
    let to = from + TimeDelta::days(99);
    let instant = |at: DateTime<Utc>| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let (from, to) = (instant(from), instant(to));
    let path = format!("/api/v1/resources/{ROOM}/availability?from={from}&to={to}&duration=60");
    let answer = client.ask(requests::page_unpacked(&path, "")?).await?.with_status(StatusCode::OK)?;
    let mut body: Value = serde_json::from_slice(&answer.body)?;
    let times: Vec<Slot> = serde_json::from_value(body.get_mut("times").context("no times")?.take())?;
    let mut slots: Vec<Slot> = Vec::with_capacity(SLOTS);
    for time in times {
        if slots.last().is_none_or(|last| last.end + CLEANED <= time.start) {
            slots.push(time);
        }
    }
    slots.truncate(SLOTS);
    ensure!(slots.len() == SLOTS, "{} free hours", slots.len());
    Ok(slots)
}
