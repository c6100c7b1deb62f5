//! What happens after a command: subscribers that follow the journal, jobs that go to the outside.
//! Both are durable, at least once, and found again after a crash.

use std::{collections::HashSet, sync::Arc, time::Duration};

use beffroi_core::Instant;
use chrono::TimeDelta;
use tokio::{
    sync::{Semaphore, watch},
    task::{JoinHandle, JoinSet},
};

use crate::{
    By, Commune, JournalEntry, Platform, Result, Seq, StoreError, Tx,
    jobs::{self, Job, JobError},
    journal,
};
use std::sync::atomic::Ordering;

/// Journal entries handled in one transaction.
const ENTRIES_AT_ONCE: u32 = 100;
/// How far a subscriber may lie behind while nothing that happened is of its kinds: looking again is cheaper than
/// a commit after each command.
const PASSED_OVER_AT_ONCE: i64 = 10_000;
/// Jobs taken at once.
const JOBS_AT_ONCE: u32 = 20;
/// Communes worked for at the same time.
const COMMUNES_AT_ONCE: usize = 4;
/// How often the registry is asked for wake-ups that nobody signalled (jobs due later, other nodes), and the
/// communes that nobody uses are closed.
const REGISTRY_ASKED_EVERY: Duration = Duration::from_secs(5);
/// How often every commune is looked at, whatever the registry says.
const SWEEP_EVERY: TimeDelta = TimeDelta::hours(1);

/// Follows the journal: sees every entry of its kinds, in order, at least once.
pub trait Subscriber: Send + Sync {
    /// The name under which its progress is kept. Never changes.
    fn name(&self) -> &'static str;
    /// The kinds of entries that it follows.
    fn kinds(&self) -> &'static [&'static str];
    /// Does what the entry asks for, in the transaction that also moves the cursor. No input or output.
    fn handle(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<()>;
}

/// Does one kind of job.
pub trait JobHandler: Send + Sync {
    /// The kind of job: `mail.send`.
    fn kind(&self) -> &'static str;
    /// Does the job. It may have been done before without anybody knowing: do it idempotently.
    fn run(&self, commune: &Arc<Commune>, job: &Job) -> std::result::Result<(), JobError>;
}

/// Everything that works in the background, for all communes.
#[derive(Default)]
pub struct Workers {
    /// Those who follow the journal.
    pub subscribers: Vec<Arc<dyn Subscriber>>,
    /// Those who do jobs.
    pub handlers: Vec<Arc<dyn JobHandler>>,
}

/// Does all that is due for one commune, and says when the next job is. Blocks.
pub fn run_due(commune: &Arc<Commune>, workers: &Arc<Workers>) -> Result<Option<Instant>> {
    loop {
        let mut worked = false;
        for subscriber in &workers.subscribers {
            while follow(commune, subscriber)? {
                worked = true;
            }
        }
        let taken = commune.write_blocking(By::SYSTEM, |tx| jobs::take(tx, JOBS_AT_ONCE))?;
        for job in taken {
            worked = true;
            let outcome = match workers.handlers.iter().find(|handler| handler.kind() == job.kind) {
                Some(handler) => handler.run(commune, &job),
                None => Err(JobError::Fail(format!("nobody does {}", job.kind))),
            };
            if let Err(JobError::Retry(reason) | JobError::Fail(reason)) = &outcome {
                tracing::warn!(commune = commune.slug(), job = job.kind, reason, "job not done");
            }
            commune.write_blocking(By::SYSTEM, move |tx| jobs::settle(tx, &job, &outcome))?;
        }
        if !worked {
            return commune.read_blocking(By::SYSTEM, jobs::next_due);
        }
    }
}

/// Lets one subscriber handle a page of entries; `false` when there are none left.
fn follow(commune: &Arc<Commune>, subscriber: &Arc<dyn Subscriber>) -> Result<bool> {
    let (name, kinds) = (subscriber.name(), subscriber.kinds());
    // Looking first is a read; most of the time there is nothing to write.
    let (waiting, behind) = commune.read_blocking(By::SYSTEM, |tx| {
        let (after, head) = (cursor(tx, name)?, journal::position(tx)?);
        let waiting = after < head && !journal::of_kinds(tx, kinds, after, 1)?.is_empty();
        Ok::<_, StoreError>((waiting, head.0 - after.0))
    })?;
    if !waiting && behind < PASSED_OVER_AT_ONCE {
        return Ok(false);
    }
    let subscriber = Arc::clone(subscriber);
    commune.write_blocking(By::SYSTEM, move |tx| {
        let after = cursor(tx, name)?;
        // Read before the entries: what comes while they are handled is for the next time.
        let head = journal::position(tx)?;
        let entries = journal::of_kinds(tx, kinds, after, ENTRIES_AT_ONCE)?;
        for entry in &entries {
            subscriber.handle(tx, entry)?;
        }
        let full = entries.len() >= usize::try_from(ENTRIES_AT_ONCE).unwrap_or(usize::MAX);
        let seen = entries.last().filter(|_| full).map_or(head, |last| last.seq);
        tx.execute(
            "INSERT INTO subscriber (name, seq) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET seq = excluded.seq",
            &[&name, &seen.0],
        )?;
        Ok(full)
    })
}

fn cursor(tx: &mut Tx<'_>, name: &str) -> Result<Seq> {
    let seq = tx.query_opt("SELECT seq FROM subscriber WHERE name = $1", &[&name], |row| row.get(0))?;
    Ok(Seq(seq.unwrap_or(0)))
}

/// The background of one process. Stop it before the process ends.
pub struct Background {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Background {
    /// Starts working for all communes.
    pub fn start(platform: Arc<Platform>, workers: Arc<Workers>) -> Self {
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(attend(platform, workers, stopped));
        Self { stop, task }
    }

    /// Finishes what is under way, and stops.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        if self.task.await.is_err() {
            tracing::error!("the background ended badly");
        }
    }
}

async fn attend(platform: Arc<Platform>, workers: Arc<Workers>, mut stopped: watch::Receiver<bool>) {
    let room = Arc::new(Semaphore::new(COMMUNES_AT_ONCE));
    let mut next_sweep = platform.clock().now() + SWEEP_EVERY;
    let mut running: JoinSet<String> = JoinSet::new();
    let mut busy: HashSet<String> = HashSet::new();
    let mut asked: HashSet<String> = HashSet::new();
    let mut registry = tokio::time::interval(REGISTRY_ASKED_EVERY);
    loop {
        asked.extend(platform.waker().take_signalled());
        let now = platform.clock().now();
        if now >= next_sweep {
            next_sweep = now + SWEEP_EVERY;
            asked.extend(everyone(&platform).await);
        }
        for slug in std::mem::take(&mut asked) {
            if busy.contains(&slug) {
                asked.insert(slug);
                continue;
            }
            busy.insert(slug.clone());
            let (platform, workers, room) = (Arc::clone(&platform), Arc::clone(&workers), Arc::clone(&room));
            running.spawn(async move {
                let _place = room.acquire_owned().await;
                let name = slug.clone();
                let done = tokio::task::spawn_blocking(move || work_for(&platform, &workers, &name)).await;
                match done {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => tracing::error!(commune = slug, %error, "background work failed"),
                    Err(_) => tracing::error!(commune = slug, "background work panicked"),
                }
                slug
            });
        }
        tokio::select! {
            Some(done) = running.join_next() => {
                if let Ok(slug) = done {
                    busy.remove(&slug);
                }
            }
            () = platform.waker().bell.notified() => {}
            _ = registry.tick() => asked.extend(due(&platform).await),
            _ = stopped.changed() => break,
        }
    }
    while running.join_next().await.is_some() {}
}

fn work_for(platform: &Platform, workers: &Arc<Workers>, slug: &str) -> Result<()> {
    let commune = platform.commune_in_passing(slug)?;
    let started = commune.now();
    commune.core.awake.store(false, Ordering::Release);
    let next = run_due(&commune, workers)?;
    platform.waker().forget_before(slug, started)?;
    if let Some(due) = next {
        platform.waker().wake_at(slug, due)?;
    }
    Ok(())
}

/// The communes whose work is due. Those that nobody uses are closed on the way.
async fn due(platform: &Arc<Platform>) -> Vec<String> {
    let platform = Arc::clone(platform);
    ask(move || {
        platform.close_idle();
        platform.waker().due(platform.clock().now(), 100)
    })
    .await
}

async fn everyone(platform: &Arc<Platform>) -> Vec<String> {
    let platform = Arc::clone(platform);
    ask(move || {
        let mut all: Vec<String> = Vec::new();
        loop {
            let after = all.last().cloned().unwrap_or_default();
            let page = platform.slugs(&after, 1_000)?;
            if page.is_empty() {
                return Ok(all);
            }
            all.extend(page);
        }
    })
    .await
}

async fn ask(question: impl FnOnce() -> Result<Vec<String>> + Send + 'static) -> Vec<String> {
    match tokio::task::spawn_blocking(question).await {
        Ok(Ok(slugs)) => slugs,
        Ok(Err(error)) => {
            tracing::error!(%error, "the registry did not answer");
            Vec::new()
        }
        Err(_) => Vec::new(),
    }
}
