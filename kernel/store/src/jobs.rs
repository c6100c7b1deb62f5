//! Durable jobs: work that goes to the outside (mail, PDF, virus check) after its command is durable,
//! at least once, with retries and due times.

use beffroi_core::{Id, Instant};
use chrono::TimeDelta;

use crate::{Result, StoreError, ToValue, Tx, marks};

/// How long jobs that were taken are left alone before another node may take them again.
const LEASE: TimeDelta = TimeDelta::minutes(10);
/// How long one job takes at most, a slow mail server's every step included: none is begun whose lease might end
/// before it does.
const LONGEST: TimeDelta = TimeDelta::minutes(5);
/// The longest pause between two attempts.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(6);
/// The longest pause of a kind of jobs while those they go to are away.
const LONGEST_REST: TimeDelta = TimeDelta::minutes(5);
/// After how long a job that is tried in vain is given up, from the first attempt on.
const GIVEN_UP_AFTER: TimeDelta = TimeDelta::days(3);

/// A piece of work, kept until it is done.
#[derive(Clone, Debug)]
pub struct Job {
    /// Which one.
    pub id: Id<Job>,
    /// Which handler does it: `mail.send`.
    pub kind: String,
    /// The particulars.
    pub payload: serde_json::Value,
    /// How often it was tried before this time.
    pub attempts: u32,
    /// Whether this is the last time: what is not done now is given up, unless its handler outwaits those who are away.
    pub last: bool,
    /// Why its particulars cannot be read: then it is not done now, and the others of its kind go on.
    pub(crate) unread: Option<JobError>,
}

/// Jobs of one kind that were taken together.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) jobs: Vec<Job>,
    /// Until when nobody else takes them.
    pub(crate) lease: Instant,
}

impl Taken {
    /// Whether another one may still be begun.
    pub(crate) fn has_time(&self, now: Instant) -> bool {
        now + LONGEST <= self.lease
    }
}

/// Why a job was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobError {
    /// Something that will pass, and concerns this job alone: try again later.
    Retry(String),
    /// Those it goes to are away (a server is down): no job of this kind can be done now.
    Away(String),
    /// Something that will not: keep it, failed, for the administrator.
    Fail(String),
}

impl JobError {
    /// Why, for the administrator.
    pub fn reason(&self) -> &str {
        match self {
            Self::Retry(reason) | Self::Away(reason) | Self::Fail(reason) => reason,
        }
    }
}

impl From<StoreError> for JobError {
    fn from(error: StoreError) -> Self {
        Self::Retry(error.to_string())
    }
}

/// Asks for a job at `due_at`. With a `dedup` key, a job of the same key that still waits is enough.
pub fn enqueue(
    tx: &mut Tx<'_>,
    kind: &str,
    payload: &serde_json::Value,
    due_at: Instant,
    dedup: Option<&str>,
) -> Result<()> {
    let id = tx.new_id();
    insert(tx, id, kind, payload, (due_at, dedup))
}

/// [`enqueue`] for what tells of a person: these members of the payload lie sealed at rest until the job is taken. A job
/// that is given up forgets them, where its handler names them among its secrets: name the same.
///
/// # Errors
/// Those of sealing, and of the store.
pub fn enqueue_sealed(
    tx: &mut Tx<'_>,
    kind: &str,
    payload: &serde_json::Value,
    members: &[&str],
    due_at: Instant,
) -> Result<()> {
    let id = tx.new_id();
    let mut payload = payload.clone();
    for (name, value) in payload.as_object_mut().into_iter().flatten() {
        if members.contains(&name.as_str()) {
            let sealed = tx.seal_text(&member(id, name), &value.to_string())?;
            *value = serde_json::json!({ SEALED: sealed });
        }
    }
    insert(tx, id, kind, &payload, (due_at, None))
}

/// In the place of a member that is sealed stands an object with this one name.
const SEALED: &str = "$sealed";

/// What the seal of a member is bound to.
fn member(id: Id<Job>, name: &str) -> String {
    format!("job.{id}.{name}")
}

/// Opens what [`enqueue_sealed`] sealed.
fn opened(tx: &Tx<'_>, mut job: Job) -> Job {
    let mut unread = None;
    for (name, value) in job.payload.as_object_mut().into_iter().flatten() {
        let Some(sealed) = value.get(SEALED).and_then(serde_json::Value::as_str) else { continue };
        let plain = tx.unseal_text(&member(job.id, name), sealed);
        match plain.and_then(|plain| Ok(serde_json::from_str(&plain)?)) {
            Ok(plain) => *value = plain,
            // What was changed stays unreadable. A key that is missing may be put back: what waits for it is kept.
            Err(error @ StoreError::Corrupt(_)) => unread = Some(JobError::Fail(error.to_string())),
            Err(error) => unread = Some(error.into()),
        }
    }
    Job { unread, ..job }
}

fn insert(
    tx: &mut Tx<'_>,
    id: Id<Job>,
    kind: &str,
    payload: &serde_json::Value,
    (due_at, dedup): (Instant, Option<&str>),
) -> Result<()> {
    tx.execute(
        "INSERT INTO job (id, kind, payload, due_at, attempts, failed, last_error, dedup, since) \
         VALUES ($1, $2, $3, $4, 0, FALSE, NULL, $5, $4) ON CONFLICT (dedup) WHERE dedup IS NOT NULL DO NOTHING",
        &[&id, &kind, payload, &due_at, &dedup],
    )?;
    tx.effects.job_due = Some(tx.effects.job_due.map_or(due_at, |due| due.min(due_at)));
    Ok(())
}

/// Asks once more for a job that was given up or was lost, and forgets that it was given up. One of the same key that
/// still waits is enough.
pub fn ask_again(
    tx: &mut Tx<'_>,
    kind: &str,
    payload: &serde_json::Value,
    due_at: Instant,
    dedup: &str,
) -> Result<()> {
    tx.execute("DELETE FROM job WHERE failed = TRUE AND kind = $1 AND payload = $2", &[&kind, payload])?;
    enqueue(tx, kind, payload, due_at, Some(dedup))
}

/// The kinds of which jobs wait, and when the first of each is due. It leaps from one kind to the next in the
/// index: thousands of jobs that wait cost no more than one.
pub(crate) fn waiting(tx: &mut Tx<'_>) -> Result<Vec<(String, Instant)>> {
    tx.query(
        "WITH RECURSIVE known (kind) AS (\
         SELECT MIN(kind) FROM job WHERE failed = FALSE \
         UNION ALL \
         SELECT (SELECT MIN(job.kind) FROM job WHERE job.failed = FALSE AND job.kind > known.kind) \
         FROM known WHERE known.kind IS NOT NULL) \
         SELECT kind, (SELECT MIN(job.due_at) FROM job WHERE job.failed = FALSE AND job.kind = known.kind) \
         FROM known WHERE kind IS NOT NULL ORDER BY kind",
        &[],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Takes up to `limit` due jobs of one kind; they are left alone by others until their lease ends. The days after which
/// a job is given up are counted from its first attempt: while the program was stopped, nobody tried.
pub(crate) fn take(tx: &mut Tx<'_>, kind: &str, limit: u32) -> Result<Taken> {
    let now = tx.now();
    let lease = now + LEASE;
    let jobs: Vec<Job> = tx.query(
        "UPDATE job SET due_at = $1, attempts = attempts + 1, \
         since = CASE WHEN attempts = 0 THEN $3 ELSE since END WHERE id IN \
         (SELECT id FROM job WHERE failed = FALSE AND kind = $2 AND due_at <= $3 ORDER BY due_at, id LIMIT $4) \
         RETURNING id, kind, payload, attempts, since",
        &[&lease, &kind, &now, &limit],
        |row| {
            let attempts: u32 = row.get(3)?;
            Ok(Job {
                id: row.get(0)?,
                kind: row.get(1)?,
                payload: row.get(2)?,
                attempts: attempts.saturating_sub(1),
                last: row.get::<Instant>(4)? + GIVEN_UP_AFTER <= now,
                unread: None,
            })
        },
    )?;
    let jobs = jobs.into_iter().map(|job| opened(tx, job)).collect();
    Ok(Taken { jobs, lease })
}

/// Gives back jobs that were taken and not tried.
pub(crate) fn give_back(tx: &mut Tx<'_>, untried: &[Id<Job>], lease: Instant) -> Result<()> {
    if untried.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "UPDATE job SET due_at = $1, attempts = attempts - 1 WHERE failed = FALSE AND due_at = $2 AND id IN ({})",
        marks(3, untried.len())
    );
    let now = tx.now();
    let mut params: Vec<&dyn ToValue> = vec![&now, &lease];
    params.extend(untried.iter().map(|id| id as &dyn ToValue));
    tx.execute(&sql, &params).map(drop)
}

/// Lets the due jobs of one kind rest: those they go to are away, as the last attempt of `job` has shown.
pub(crate) fn rest(tx: &mut Tx<'_>, job: &Job) -> Result<()> {
    let now = tx.now();
    let until = now + pause_after(job.attempts).min(LONGEST_REST);
    tx.execute(
        "UPDATE job SET due_at = $1 WHERE failed = FALSE AND kind = $2 AND due_at <= $3",
        &[&until, &job.kind, &now],
    )
    .map(drop)
}

/// What became of a job after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// It is done, or waits for the next attempt.
    WellOrLater,
    /// It is given up.
    GivenUp,
    /// Its lease ended meanwhile, and somebody else has taken it.
    Taken,
}

/// Writes down what came of a job, unless its lease ended meanwhile and somebody else has taken it. Of a job that is given up, the `secrets` of its payload are forgotten. With `outwaits`, the days on which those it
/// goes to are away do not count among those after which it is given up.
pub(crate) fn settle(
    tx: &mut Tx<'_>,
    job: &Job,
    outcome: &std::result::Result<(), JobError>,
    secrets: &[&str],
    outwaits: bool,
) -> Result<Settled> {
    let attempt = job.attempts.saturating_add(1);
    let outwaited = outwaits && matches!(outcome, Err(JobError::Away(_)));
    let mut settled = Settled::WellOrLater;
    let found = match outcome {
        Ok(()) => tx.execute("DELETE FROM job WHERE id = $1 AND attempts = $2", &[&job.id, &attempt])?,
        Err(JobError::Retry(reason) | JobError::Away(reason)) if outwaited || !job.last => {
            let now = tx.now();
            let (due_at, since) = (now + pause_after(job.attempts), outwaited.then_some(now));
            tx.execute(
                "UPDATE job SET due_at = $1, last_error = $2, since = COALESCE($3, since) \
                 WHERE id = $4 AND attempts = $5",
                &[&due_at, reason, &since, &job.id, &attempt],
            )?
        }
        Err(error) => {
            settled = Settled::GivenUp;
            let mut payload = job.payload.clone();
            if let Some(fields) = payload.as_object_mut() {
                fields.retain(|name, _| !secrets.contains(&name.as_str()));
            }
            // Nobody waits for it any more, so another one of the same key may be asked for.
            tx.execute(
                "UPDATE job SET failed = TRUE, due_at = $1, last_error = $2, payload = $3, dedup = NULL \
                 WHERE id = $4 AND attempts = $5",
                &[&tx.now(), &error.reason(), &payload, &job.id, &attempt],
            )?
        }
    };
    Ok(if found > 0 { settled } else { Settled::Taken })
}

/// A job that was given up, as the administrator sees it.
#[derive(Clone, Debug)]
pub struct FailedJob {
    /// Which one.
    pub id: Id<Job>,
    /// What it was for.
    pub kind: String,
    /// Why it was given up.
    pub reason: String,
}

/// The jobs that were given up, at most `limit`.
pub fn failed(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<FailedJob>> {
    tx.query(
        "SELECT id, kind, last_error FROM job WHERE failed = TRUE ORDER BY due_at, id LIMIT $1",
        &[&limit],
        |row| {
            Ok(FailedJob {
                id: row.get(0)?,
                kind: row.get(1)?,
                reason: row.get::<Option<String>>(2)?.unwrap_or_default(),
            })
        },
    )
}

/// The jobs of one kind, as the administrator sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// What they are for: `mail.send`.
    pub kind: String,
    /// How many wait to be done, now or later.
    pub waiting: i64,
    /// How many of those were tried in vain.
    pub tried: i64,
    /// Since when the first of those that were tried in vain waits.
    pub since: Option<Instant>,
    /// Why the last of those was not done.
    pub reason: String,
    /// How many were given up.
    pub given_up: i64,
}

/// Every kind of which jobs wait or were given up.
pub fn queues(tx: &mut Tx<'_>) -> Result<Vec<Queue>> {
    tx.query(
        "SELECT kind, CAST(SUM(CASE WHEN failed THEN 0 ELSE 1 END) AS BIGINT), \
         CAST(SUM(CASE WHEN NOT failed AND last_error IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT), \
         MIN(CASE WHEN NOT failed AND last_error IS NOT NULL THEN since END), \
         MAX(CASE WHEN NOT failed THEN last_error END), \
         CAST(SUM(CASE WHEN failed THEN 1 ELSE 0 END) AS BIGINT) FROM job GROUP BY kind ORDER BY kind",
        &[],
        |row| {
            Ok(Queue {
                kind: row.get(0)?,
                waiting: row.get(1)?,
                tried: row.get(2)?,
                since: row.get(3)?,
                reason: row.get::<Option<String>>(4)?.unwrap_or_default(),
                given_up: row.get(5)?,
            })
        },
    )
}

/// A job that was given up, with its particulars.
pub fn given_up(tx: &mut Tx<'_>, id: Id<Job>) -> Result<Option<Job>> {
    tx.query_opt(
        "SELECT id, kind, payload, attempts FROM job WHERE failed = TRUE AND id = $1",
        &[&id],
        |row| {
            Ok(Job {
                id: row.get(0)?,
                kind: row.get(1)?,
                payload: row.get(2)?,
                attempts: row.get(3)?,
                last: false,
                unread: None,
            })
        },
    )
}

/// Lets a job that was given up be tried again from now on, as if it were new; false where there is none such.
pub fn try_again(tx: &mut Tx<'_>, id: Id<Job>) -> Result<bool> {
    let now = tx.now();
    let found = tx.execute(
        "UPDATE job SET failed = FALSE, attempts = 0, due_at = $1, since = $1, last_error = NULL \
         WHERE failed = TRUE AND id = $2",
        &[&now, &id],
    )?;
    if found > 0 {
        tx.effects.job_due = Some(tx.effects.job_due.map_or(now, |due| due.min(now)));
    }
    Ok(found > 0)
}

/// Forgets the jobs that were given up and whose particulars name this thing: they hold what it said.
pub fn forget_failed_of(tx: &mut Tx<'_>, subject: uuid::Uuid) -> Result<u64> {
    tx.execute("DELETE FROM job WHERE failed = TRUE AND payload LIKE $1", &[&format!("%{subject}%")])
}

/// Forgets the jobs that were given up before an instant: the administrator has had time to see them.
pub fn forget_failed_before(tx: &mut Tx<'_>, instant: Instant) -> Result<u64> {
    tx.execute("DELETE FROM job WHERE failed = TRUE AND due_at < $1", &[&instant])
}

/// Doubles from ten seconds: a server that restarts is found again soon, one that is gone is not pestered.
fn pause_after(attempts: u32) -> TimeDelta {
    let factor = 1_i32.checked_shl(attempts.min(20)).unwrap_or(i32::MAX);
    TimeDelta::seconds(10).checked_mul(factor).map_or(LONGEST_PAUSE, |pause| pause.min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_within_a_quarter_of_a_day() {
        assert_eq!(pause_after(0), TimeDelta::seconds(10));
        assert_eq!(pause_after(3), TimeDelta::seconds(80));
        assert_eq!(pause_after(400), LONGEST_PAUSE);
    }
}
