//! Durable jobs: work that goes to the outside (mail, PDF, virus check) after its command is durable,
//! at least once, with retries and due times.

use beffroi_core::{Id, Instant};
use chrono::TimeDelta;

use crate::{Result, Tx};

/// How long a job that was taken is left alone before another node may take it again.
const LEASE: TimeDelta = TimeDelta::minutes(5);
/// The longest pause between two attempts.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(6);

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
}

/// Why a job was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobError {
    /// Something that will pass (a server is down): try again later.
    Retry(String),
    /// Something that will not: keep it, failed, for the administrator.
    Fail(String),
}

impl From<crate::StoreError> for JobError {
    fn from(error: crate::StoreError) -> Self {
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
    let id: Id<Job> = tx.new_id();
    tx.execute(
        "INSERT INTO job (id, kind, payload, due_at, attempts, failed, last_error, dedup) \
         VALUES ($1, $2, $3, $4, 0, FALSE, NULL, $5) ON CONFLICT (dedup) DO NOTHING",
        &[&id, &kind, payload, &due_at, &dedup],
    )?;
    tx.effects.job_due = Some(tx.effects.job_due.map_or(due_at, |due| due.min(due_at)));
    Ok(())
}

/// Takes up to `limit` due jobs; each is left alone by others until its lease ends.
pub(crate) fn take(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<Job>> {
    let lease = tx.now() + LEASE;
    tx.query(
        "UPDATE job SET due_at = $1, attempts = attempts + 1 WHERE id IN \
         (SELECT id FROM job WHERE failed = FALSE AND due_at <= $2 ORDER BY due_at, id LIMIT $3) \
         RETURNING id, kind, payload, attempts",
        &[&lease, &tx.now(), &limit],
        |row| {
            let attempts: u32 = row.get(3)?;
            Ok(Job {
                id: row.get(0)?,
                kind: row.get(1)?,
                payload: row.get(2)?,
                attempts: attempts.saturating_sub(1),
            })
        },
    )
}

/// Writes down what came of a job.
pub(crate) fn settle(tx: &mut Tx<'_>, job: &Job, outcome: &std::result::Result<(), JobError>) -> Result<()> {
    match outcome {
        Ok(()) => tx.execute("DELETE FROM job WHERE id = $1", &[&job.id])?,
        Err(JobError::Retry(reason)) => {
            let due_at = tx.now() + pause_after(job.attempts);
            tx.execute(
                "UPDATE job SET due_at = $1, last_error = $2 WHERE id = $3",
                &[&due_at, reason, &job.id],
            )?
        }
        Err(JobError::Fail(reason)) => {
            tx.execute("UPDATE job SET failed = TRUE, last_error = $1 WHERE id = $2", &[reason, &job.id])?
        }
    };
    Ok(())
}

/// When the next waiting job is due.
pub(crate) fn next_due(tx: &mut Tx<'_>) -> Result<Option<Instant>> {
    tx.query_opt("SELECT due_at FROM job WHERE failed = FALSE ORDER BY due_at, id LIMIT 1", &[], |row| {
        row.get(0)
    })
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

/// Forgets the jobs that were given up and whose particulars name this thing: they hold what it said.
pub fn forget_failed_of(tx: &mut Tx<'_>, subject: uuid::Uuid) -> Result<u64> {
    tx.execute("DELETE FROM job WHERE failed = TRUE AND payload LIKE $1", &[&format!("%{subject}%")])
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
