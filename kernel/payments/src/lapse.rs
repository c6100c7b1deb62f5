//! Orders that are not paid in time are cancelled, so that the room is somebody else's: at their instant by a job, and by
//! the hourly round where a job was lost. Whoever is on the page of payment right then is waited for. A service lets go
//! of what it holds when it is told of `order.cancelled`, and not before.

use std::sync::Arc;

use beffroi_core::{Id, Instant};
use beffroi_store::{
    By, Commune, Result, ToValue, Tx,
    background::JobHandler,
    jobs::{self, Job, JobError},
    marks,
};
use chrono::TimeDelta;
use serde_json::json;

use crate::order::{self, CancelReason, Order, UNDER_WAY};

const LAPSE: &str = "payments.lapse";
/// Orders that lapse at once, at most.
const AT_ONCE: u32 = 200;
/// When those that somebody may be paying are looked at again.
const AGAIN_AFTER: TimeDelta = TimeDelta::minutes(5);
/// What is overdue and of which nothing was paid.
const OVERDUE: &str = "o.state = 'due' AND o.lapses = TRUE AND o.due_at <= $1 \
    AND NOT EXISTS (SELECT 1 FROM payment p WHERE p.counts_for = o.id AND p.counts_cents > 0)";

/// Orders the job that cancels an order at its instant.
pub(crate) fn order(tx: &mut Tx<'_>, id: Id<Order>, due_at: Instant) -> Result<()> {
    jobs::enqueue(tx, LAPSE, &json!({}), due_at, Some(&format!("{LAPSE}:{id}")))
}

/// Cancels the orders that lapse and were not paid in time, but for those that somebody may be paying right now. Tells
/// how many.
pub fn lapse(tx: &mut Tx<'_>) -> Result<u32> {
    let now = tx.now();
    let sql = format!(
        "SELECT {} WHERE {OVERDUE} AND NOT EXISTS (SELECT 1 FROM payment p WHERE p.payment_order = o.id \
         AND p.state = 'started' AND p.started_at > $2) ORDER BY o.due_at, o.id LIMIT $3",
        order::COLUMNS
    );
    let overdue = tx.query(&sql, &[&now, &(now - UNDER_WAY), &AT_ONCE], order::read)?;
    if !overdue.is_empty() {
        let sql = format!(
            "UPDATE payment_order SET state = 'cancelled', cancelled_at = $1, cancelled_why = 'lapsed' \
             WHERE id IN ({})",
            marks(2, overdue.len())
        );
        let mut params: Vec<&dyn ToValue> = vec![&now];
        params.extend(overdue.iter().map(|(order, _)| &order.id as &dyn ToValue));
        tx.execute(&sql, &params)?;
        for (order, _) in &overdue {
            order::journal(tx, order, "order.cancelled", json!({ "why": CancelReason::Lapsed }))?;
        }
    }
    let sql = format!("SELECT COUNT(*) FROM payment_order o WHERE {OVERDUE}");
    let left: i64 = tx.query_one(&sql, &[&now], |row| row.get(0))?;
    if left > 0 {
        let again = now + AGAIN_AFTER;
        // One for each minute: the job that runs now has a key of its own.
        let key = format!("{LAPSE}:{}", again.timestamp() / 60);
        jobs::enqueue(tx, LAPSE, &json!({}), again, Some(&key))?;
    }
    Ok(u32::try_from(overdue.len()).unwrap_or(u32::MAX))
}

/// Cancels orders that lapse.
pub struct LapseHandler;

impl JobHandler for LapseHandler {
    fn kind(&self) -> &'static str {
        LAPSE
    }

    fn run(&self, commune: &Arc<Commune>, _: &Job) -> Result<(), JobError> {
        commune.write_blocking(By::SYSTEM, lapse).map(drop).map_err(JobError::from)
    }
}
