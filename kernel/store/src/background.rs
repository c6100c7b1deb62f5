//! What happens after a command: subscribers that follow the journal, jobs that go to the outside.
//! Both are durable, at least once, and found again after a crash.

use std::{
    collections::{HashMap, HashSet},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use beffroi_core::{Id, Instant};
use chrono::TimeDelta;
use tokio::{
    sync::{Semaphore, watch},
    task::{JoinHandle, JoinSet},
};

use crate::{
    By, Commune, JournalEntry, Platform, Result, Seq, StoreError, Tx,
    jobs::{self, Job, JobError, Settled, Taken},
    journal,
    waker::Waker,
};

/// Journal entries handled in one transaction.
const ENTRIES_AT_ONCE: u32 = 100;
/// How far a subscriber may lie behind while nothing that happened is of its kinds: looking again is cheaper than
/// a commit after each command.
const PASSED_OVER_AT_ONCE: i64 = 500;
/// Jobs of one kind taken at once.
const JOBS_AT_ONCE: u32 = 20;
/// Communes worked for at the same time; and those among them, of each kind of jobs.
const COMMUNES_AT_ONCE: usize = 4;
/// How often the registry is asked for wake-ups that nobody signalled (jobs due later, other nodes), and the
/// communes that nobody uses are closed.
const REGISTRY_ASKED_EVERY: Duration = Duration::from_secs(5);
/// How long a commune is left alone after it was looked at, however much happens there: what happens meanwhile is
/// seen together.
const LOOKED_AT_AGAIN_AFTER: Duration = Duration::from_millis(50);
/// The same while visitors wait for one another.
const LOOKED_AT_AGAIN_IN_A_RUSH: Duration = Duration::from_millis(250);
/// How often every commune is looked at, whatever the registry says.
const SWEEP_EVERY: TimeDelta = TimeDelta::hours(1);

/// Follows the journal: sees every entry of its kinds, in order, at least once.
pub trait Subscriber: Send + Sync {
    /// The name under which its progress is kept. Never changes.
    fn name(&self) -> &'static str;
    /// The kinds of entries that it follows.
    fn kinds(&self) -> &[&'static str];
    /// Does what the entry asks for, in the transaction that also moves the cursor. No input or output. The entry was read
    /// a moment before: its payload may be erased since, so that whoever tells somebody of it looks again first.
    fn handle(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<()>;
    /// Does what entries that follow one another ask for; one after the other, where many cost as much as each.
    fn handle_all(&self, tx: &mut Tx<'_>, entries: &[JournalEntry]) -> Result<()> {
        entries.iter().try_for_each(|entry| self.handle(tx, entry))
    }
}

/// Does one kind of job.
pub trait JobHandler: Send + Sync {
    /// The kind of job: `mail.send`.
    fn kind(&self) -> &'static str;
    /// The fields of its payload that give access to something (a code, a link): they are forgotten when the job is
    /// given up, as they are with the job when it is done.
    fn secrets(&self) -> &'static [&'static str] {
        &[]
    }
    /// Whether it is never given up while those it goes to are away: without it, nobody would learn what it was for.
    fn outwaits(&self) -> bool {
        false
    }
    /// Whether it waits a little while visitors wait for one another: work whose result nobody expects within seconds,
    /// as papers are, and never a mail or a code.
    fn steps_back(&self) -> bool {
        false
    }
    /// Makes a job that was given up ready to be tried again, in the transaction that asks for it; false where it cannot
    /// be: what it needs is forgotten.
    fn revived(&self, _tx: &mut Tx<'_>, _job: &Job) -> Result<bool> {
        Ok(self.secrets().is_empty())
    }
    /// Does the job. It may have been done before without anybody knowing: do it idempotently.
    fn run(&self, commune: &Arc<Commune>, job: &Job) -> std::result::Result<(), JobError>;
    /// Writes down that the job is given up, whatever the last attempt came to, in the transaction that gives it up.
    fn given_up(&self, _tx: &mut Tx<'_>, _job: &Job) -> Result<()> {
        Ok(())
    }
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
pub fn run_due(commune: &Arc<Commune>, workers: &Workers) -> Result<Option<Instant>> {
    loop {
        let (kinds, next) = look(commune, workers)?;
        if kinds.is_empty() {
            return Ok(next);
        }
        for kind in &kinds {
            work_off(commune, workers, kind)?;
        }
    }
}

/// Lets the subscribers see what happened; says of which kinds jobs are due, and when the next one is.
fn look(commune: &Arc<Commune>, workers: &Workers) -> Result<(Vec<String>, Option<Instant>)> {
    for subscriber in &workers.subscribers {
        while follow(commune, subscriber)? {}
    }
    let (now, waiting) =
        commune.read_blocking(By::SYSTEM, |tx| Ok::<_, StoreError>((tx.now(), jobs::waiting(tx)?)))?;
    let next = waiting.iter().map(|(_, due)| *due).min();
    let due = waiting.into_iter().filter(|(_, due)| *due <= now);
    Ok((due.map(|(kind, _)| kind).collect(), next))
}

/// Does the due jobs of one kind, until there are none or those they go to are away.
fn work_off(commune: &Arc<Commune>, workers: &Workers, kind: &str) -> Result<()> {
    let handler = workers.handlers.iter().find(|handler| handler.kind() == kind);
    loop {
        let kind = kind.to_owned();
        let taken = commune.write_blocking(By::SYSTEM, move |tx| jobs::take(tx, &kind, JOBS_AT_ONCE))?;
        if taken.jobs.is_empty() || !attempt(commune, handler, &taken)? {
            return Ok(());
        }
    }
}

/// Tries jobs that were taken, one after another; `false` where those they go to are away.
fn attempt(commune: &Arc<Commune>, handler: Option<&Arc<dyn JobHandler>>, taken: &Taken) -> Result<bool> {
    let lease = taken.lease;
    let mut waiting = taken.jobs.iter();
    while let Some(job) = waiting.next() {
        let untried = |rest: &[Job]| rest.iter().map(|job| job.id).collect::<Vec<_>>();
        if !taken.has_time(commune.now()) {
            let mut untried = untried(waiting.as_slice());
            untried.push(job.id);
            commune.write_blocking(By::SYSTEM, move |tx| jobs::give_back(tx, &untried, lease))?;
            return Ok(true);
        }
        if handler.is_some_and(|handler| handler.steps_back()) {
            commune.core.waker.pressure.step_back();
        }
        let outcome = match (handler, &job.unread) {
            (Some(_), Some(unread)) => Err(unread.clone()),
            (Some(handler), None) => catch_unwind(AssertUnwindSafe(|| handler.run(commune, job)))
                .unwrap_or_else(|_| Err(JobError::Retry("the job panicked".to_owned()))),
            (None, _) => Err(JobError::Fail(format!("nobody does {}", job.kind))),
        };
        if let Err(error) = &outcome {
            let reason = error.reason();
            tracing::warn!(commune = commune.slug(), job = job.kind, reason, "job not done");
        }
        let away = matches!(outcome, Err(JobError::Away(_)));
        let untried = if away { untried(waiting.as_slice()) } else { Vec::new() };
        let attempted = Attempted { job: job.clone(), outcome, untried, lease, handler: handler.cloned() };
        if attempted.settle(commune)? == Settled::Taken {
            tracing::warn!(commune = commune.slug(), "a job outlived its lease, and was taken again");
        }
        if away {
            return Ok(false);
        }
    }
    Ok(true)
}

/// An attempt at a job, to be written down.
#[derive(Clone)]
struct Attempted {
    job: Job,
    outcome: std::result::Result<(), JobError>,
    /// Those of the same kind that were taken with it, where nobody can do them now.
    untried: Vec<Id<Job>>,
    lease: Instant,
    handler: Option<Arc<dyn JobHandler>>,
}

/// Why it was not written down.
enum Unwritten {
    /// The handler could not write down that it is given up.
    ByItsHandler(StoreError),
    Store(StoreError),
}

impl From<StoreError> for Unwritten {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Attempted {
    fn settle(self, commune: &Arc<Commune>) -> Result<Settled> {
        let again = self.clone();
        match commune.write_blocking(By::SYSTEM, move |tx| self.write_down(tx, true)) {
            Ok(settled) => Ok(settled),
            // Left as it was, it would be taken again and again, and hold up all others of its kind.
            Err(Unwritten::ByItsHandler(error) | Unwritten::Store(error @ StoreError::Panicked)) => {
                let job = again.job.kind.as_str();
                tracing::error!(commune = commune.slug(), job, %error, "nobody is told that a job is given up");
                let written = commune.write_blocking(By::SYSTEM, move |tx| again.write_down(tx, false));
                written.map_err(|(Unwritten::ByItsHandler(error) | Unwritten::Store(error))| error)
            }
            Err(Unwritten::Store(error)) => Err(error),
        }
    }

    fn write_down(&self, tx: &mut Tx<'_>, telling: bool) -> std::result::Result<Settled, Unwritten> {
        let handler = self.handler.as_deref();
        let secrets = handler.map_or(&[][..], JobHandler::secrets);
        let outwaits = handler.is_some_and(JobHandler::outwaits);
        let settled = jobs::settle(tx, &self.job, &self.outcome, secrets, outwaits)?;
        if let Some(handler) = handler.filter(|_| telling && settled == Settled::GivenUp) {
            handler.given_up(tx, &self.job).map_err(Unwritten::ByItsHandler)?;
        }
        if matches!(self.outcome, Err(JobError::Away(_))) {
            jobs::give_back(tx, &self.untried, self.lease)?;
            jobs::rest(tx, &self.job)?;
        }
        Ok(settled)
    }
}

/// Lets one subscriber handle a page of entries; `false` when there are none left.
fn follow(commune: &Arc<Commune>, subscriber: &Arc<dyn Subscriber>) -> Result<bool> {
    let (name, kinds) = (subscriber.name(), subscriber.kinds());
    // Read away from the writer, whom visitors wait for; most of the time there is nothing to write.
    let (after, head, entries) = commune.read_blocking(By::SYSTEM, |tx| {
        let (after, head) = (cursor(tx, name)?, journal::position(tx)?);
        let entries =
            if after < head { journal::of_kinds(tx, kinds, after, ENTRIES_AT_ONCE)? } else { Vec::new() };
        Ok::<_, StoreError>((after, head, entries))
    })?;
    if entries.is_empty() && head.0 - after.0 < PASSED_OVER_AT_ONCE {
        return Ok(false);
    }
    let full = entries.len() >= usize::try_from(ENTRIES_AT_ONCE).unwrap_or(usize::MAX);
    let seen_now = entries.last().filter(|_| full).map_or(head, |last| last.seq);
    let subscriber = Arc::clone(subscriber);
    commune.write_blocking(By::SYSTEM, move |tx| {
        // Where another node handled them meanwhile, they are read again.
        if cursor(tx, name)? != after {
            return Ok(true);
        }
        subscriber.handle_all(tx, &entries)?;
        seen(tx, name, seen_now)?;
        Ok(full)
    })
}

/// Says that a subscriber has seen all that happened until now: for whoever has just made its work anew from the tables.
pub fn caught_up(tx: &mut Tx<'_>, name: &str) -> Result<()> {
    let head = journal::position(tx)?;
    seen(tx, name, head)
}

fn seen(tx: &mut Tx<'_>, name: &str, seq: Seq) -> Result<()> {
    tx.execute(
        "INSERT INTO subscriber (name, seq) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq",
        &[&name, &seq.0],
    )
    .map(drop)
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

/// What one task works on: a commune as a whole (`None`: its subscribers, and what is due), or its jobs of one kind.
/// Each is worked on by one task at a time, and a slow kind holds up no other.
type Lane = (String, Option<String>);

/// What came of it: the lanes that have work now.
type Done = (Lane, Vec<Lane>);

async fn attend(platform: Arc<Platform>, workers: Arc<Workers>, mut stopped: watch::Receiver<bool>) {
    let mut rooms: HashMap<Option<String>, Arc<Semaphore>> = HashMap::new();
    let mut next_sweep = platform.clock().now() + SWEEP_EVERY;
    let mut running: JoinSet<Done> = JoinSet::new();
    let mut busy: HashSet<Lane> = HashSet::new();
    let mut asked: HashSet<Lane> = HashSet::new();
    let whole = |slug: String| (slug, None);
    let mut registry = tokio::time::interval(REGISTRY_ASKED_EVERY);
    loop {
        asked.extend(platform.waker().take_signalled().into_iter().map(whole));
        let now = platform.clock().now();
        if now >= next_sweep {
            next_sweep = now + SWEEP_EVERY;
            asked.extend(everyone(&platform).await.into_iter().map(whole));
        }
        for lane in std::mem::take(&mut asked) {
            if busy.contains(&lane) {
                asked.insert(lane);
                continue;
            }
            busy.insert(lane.clone());
            let room = rooms.entry(lane.1.clone());
            let room = Arc::clone(room.or_insert_with(|| Arc::new(Semaphore::new(COMMUNES_AT_ONCE))));
            running.spawn(work(Arc::clone(&platform), Arc::clone(&workers), room, lane));
        }
        tokio::select! {
            Some(done) = running.join_next() => {
                if let Ok((lane, next)) = done {
                    busy.remove(&lane);
                    asked.extend(next);
                }
            }
            () = platform.waker().bell.notified() => {}
            _ = registry.tick() => asked.extend(due(&platform).await.into_iter().map(whole)),
            _ = stopped.changed() => break,
        }
    }
    while running.join_next().await.is_some() {}
}

async fn work(platform: Arc<Platform>, workers: Arc<Workers>, room: Arc<Semaphore>, lane: Lane) -> Done {
    let place = room.acquire_owned().await;
    let (slug, kind) = lane.clone();
    let at = Arc::clone(&platform);
    let done = tokio::task::spawn_blocking(move || work_for(&at, &workers, &slug, kind.as_deref())).await;
    drop(place);
    if lane.1.is_none() {
        let rush = platform.waker().pressure.is_high();
        tokio::time::sleep(if rush { LOOKED_AT_AGAIN_IN_A_RUSH } else { LOOKED_AT_AGAIN_AFTER }).await;
    }
    let (commune, kind) = (lane.0.as_str(), lane.1.as_deref().unwrap_or_default());
    let next = match done {
        Ok(Ok(next)) => next,
        // It is found again by the registry: at once, it would only fail again.
        Ok(Err(error)) => {
            tracing::error!(commune, kind, %error, "background work failed");
            Vec::new()
        }
        Err(_) => {
            tracing::error!(commune, kind, "background work panicked");
            Vec::new()
        }
    };
    (lane, next)
}

fn work_for(platform: &Platform, workers: &Workers, slug: &str, kind: Option<&str>) -> Result<Vec<Lane>> {
    let commune = platform.commune_in_passing(slug)?;
    if let Some(kind) = kind {
        work_off(&commune, workers, kind)?;
        return Ok(vec![(slug.to_owned(), None)]);
    }
    let mut kinds = look(&commune, workers)?.0;
    // While there is work, the wake-up stays: should the program stop now, another one finds it. Once there seems to
    // be none, whoever leaves some behind has to wake again, and only what is found from then on counts.
    if kinds.is_empty() {
        let started = commune.now();
        commune.core.awake.store(false, Ordering::Release);
        let next;
        (kinds, next) = look(&commune, workers)?;
        if kinds.is_empty() {
            leave(platform.waker(), &commune, started, next)?;
        }
    }
    Ok(kinds.into_iter().map(|kind| (slug.to_owned(), Some(kind))).collect())
}

/// Leaves a commune in which nothing was to be done when it was looked at last, until something is due.
fn leave(waker: &Waker, commune: &Commune, started: Instant, next: Option<Instant>) -> Result<()> {
    let slug = commune.slug();
    waker.forget_before(slug, started)?;
    // Whoever left work behind since then may have told the registry before it forgot.
    if commune.core.awake.load(Ordering::Acquire) {
        waker.wake_at(slug, started)?;
    }
    next.map_or(Ok(()), |due| waker.wake_at(slug, due))
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

#[cfg(test)]
#[cfg(feature = "testing")]
mod tests {
    use super::*;
    use crate::{
        Database, Entry, PlatformConfig, Randomness,
        testing::{TestCommune, on_both_engines},
    };

    fn leave_work(commune: &Commune) {
        let written = commune.write_blocking(By::SYSTEM, |tx| {
            tx.journal(&Entry {
                kind: "note.written",
                subject_kind: "note",
                subject_id: uuid::Uuid::nil(),
                payload: serde_json::json!({}),
            })
        });
        written.unwrap();
    }

    /// A wake-up of some time ago; somebody leaves work behind after nothing was found to do, and before the commune
    /// is left. Says whether the registry knows it then.
    fn is_known(fixture: &TestCommune, meanwhile: impl FnOnce()) -> bool {
        let (commune, waker) = (&fixture.commune, fixture.platform.waker());
        waker.wake_at("lunel", commune.now()).unwrap();
        fixture.clock.advance(TimeDelta::minutes(1));
        let started = commune.now();
        commune.core.awake.store(false, Ordering::Release);
        meanwhile();
        leave(waker, commune, started, None).unwrap();
        waker.due(started, 10).unwrap() == ["lunel"]
    }

    #[test]
    fn work_left_behind_while_a_commune_is_left_is_found_after_a_crash() {
        on_both_engines(&[], |fixture| {
            assert!(!is_known(fixture, || {}), "nothing was left behind");
            assert!(is_known(fixture, || leave_work(&fixture.commune)));
            let back = || fixture.clock.advance(TimeDelta::seconds(-5));
            let stepped = is_known(fixture, || {
                back();
                leave_work(&fixture.commune);
            });
            assert!(stepped, "whatever the clock did meanwhile");
        })
        .unwrap();
    }

    #[test]
    fn work_that_another_process_leaves_behind_meanwhile_is_found() {
        on_both_engines(&[], |fixture| {
            let other = Platform::open(PlatformConfig {
                folder: fixture.folder().to_owned(),
                database: fixture.database_url().map_or(Database::Sqlite, Database::Postgres),
                open_at_most: 4,
                migrations: Vec::new(),
                clock: Arc::clone(&fixture.clock) as Arc<dyn beffroi_core::Clock>,
                randomness: Randomness::seeded(2),
            });
            let there = other.unwrap().commune("lunel").unwrap();
            assert!(is_known(fixture, || leave_work(&there)));
        })
        .unwrap();
    }
}
