//! The job that sends messages: all that are due go out together, so that a slow receiver does not hold up the others.

use std::{sync::Arc, time::Duration};

use beffroi_core::Instant;
use beffroi_store::{
    By, Commune, StoreError, Tx,
    background::JobHandler,
    jobs::{Job, JobError},
};
use chrono::TimeDelta;
use futures_util::{StreamExt, stream};

use crate::{
    Attempt, DeliveryState, Source, Targets,
    delivery::{self, DELIVER, Due},
    endpoint, schedule,
    send::{self, Answer, NoAnswer},
};

/// Messages taken at once.
const TAKEN: u32 = 40;
/// Messages under way at once.
const UNDER_WAY: usize = 8;
/// Rounds of one job: what is still due then is for the next.
const ROUNDS: u32 = 3;
/// The receiver is there no more (RFC 9110, 15.5.11): the specification wants it to be sent nothing again.
const GONE: u16 = 410;

/// Sends messages.
pub struct DeliverHandler {
    targets: Targets,
    source: Arc<dyn Source>,
}

impl DeliverHandler {
    /// Of that source, to where the operator allows.
    pub const fn new(source: Arc<dyn Source>, targets: Targets) -> Self {
        Self { targets, source }
    }
}

impl JobHandler for DeliverHandler {
    fn kind(&self) -> &'static str {
        DELIVER
    }

    fn run(&self, commune: &Arc<Commune>, _: &Job) -> Result<(), JobError> {
        for _ in 0..ROUNDS {
            let due = commune.write_blocking(By::SYSTEM, |tx| delivery::take(tx, TAKEN))?;
            if due.is_empty() {
                return Ok(());
            }
            let now = commune.now();
            let sent = send_all(due, self.targets, now)?;
            let source = Arc::clone(&self.source);
            commune.write_blocking(By::SYSTEM, move |tx| {
                sent.iter()
                    .try_for_each(|(due, answer, took)| settle(tx, due, answer, *took, source.as_ref()))
            })?;
        }
        Err(JobError::Retry("more messages are due".to_owned()))
    }
}

type Sent = (Due, Result<Answer, NoAnswer>, Duration);

fn send_all(due: Vec<Due>, targets: Targets, now: Instant) -> Result<Vec<Sent>, JobError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| JobError::Retry(error.to_string()))?;
    let one = |due: Due| async move {
        let begun = tokio::time::Instant::now();
        let answer = attempt(&due, targets, now).await;
        (due, answer, begun.elapsed())
    };
    Ok(runtime.block_on(stream::iter(due).map(one).buffer_unordered(UNDER_WAY).collect()))
}

async fn attempt(due: &Due, targets: Targets, now: Instant) -> Result<Answer, NoAnswer> {
    let timestamp = now.timestamp();
    let sign = |secret: &crate::EndpointSecret| {
        secret.sign(&due.delivery.message, timestamp, &due.delivery.body).map_err(|_| NoAnswer::Protocol)
    };
    let signatures = due.secrets.iter().map(sign).collect::<Result<Vec<_>, _>>()?.join(" ");
    // What was right when it was kept may be refused since: the operator has changed their mind.
    let url = crate::address::accepted(targets, &due.url).map_err(|_| NoAnswer::Address)?;
    let headers = [
        ("webhook-id", due.delivery.message.clone()),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", signatures),
    ];
    send::post(targets, &url, &headers, due.delivery.body.clone()).await
}

/// Writes down what came of an attempt, and what follows from it.
fn settle(
    tx: &mut Tx<'_>,
    due: &Due,
    answer: &Result<Answer, NoAnswer>,
    took: Duration,
    source: &dyn Source,
) -> Result<(), StoreError> {
    let (status, text) = match answer {
        Ok(answer) => (Some(u32::from(answer.status)), answer.text.clone()),
        Err(reason) => (None, reason.as_str().to_owned()),
    };
    let now = tx.now();
    let took_millis = i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
    // It may have been removed meanwhile, with its endpoint.
    if delivery::find(tx, due.delivery.id)?.is_none() {
        return Ok(());
    }
    delivery::tried(tx, due.delivery.id, &Attempt { at: now, status, took_millis, answer: text })?;
    let to = due.delivery.endpoint;
    if status.is_some_and(|status| (200..300).contains(&status)) {
        tx.execute(
            "UPDATE webhook_endpoint SET failing_since = NULL WHERE id = $1 AND failing_since IS NOT NULL",
            &[&to],
        )?;
        return delivery::settle(tx, &due.delivery, DeliveryState::Delivered, None);
    }
    let asked = answer.as_ref().ok().and_then(|answer| answer.retry_after).and_then(TimeDelta::try_seconds);
    let [chance] = tx.random::<1>();
    let gone = status == Some(u32::from(GONE));
    let pause = schedule::pause(due.delivery.attempts + 1, asked, chance).filter(|_| !gone);
    let (state, next) = match pause {
        Some(pause) => (DeliveryState::Waiting, Some(now + pause)),
        None => (DeliveryState::GivenUp, None),
    };
    delivery::settle(tx, &due.delivery, state, next)?;
    let since: Instant = tx.query_one(
        "UPDATE webhook_endpoint SET failing_since = COALESCE(failing_since, $1) WHERE id = $2 RETURNING failing_since",
        &[&now, &to],
        |row| row.get(0),
    )?;
    if gone {
        endpoint::disable(tx, to, "gone", source)
    } else if now - since >= schedule::DISABLED_AFTER {
        endpoint::disable(tx, to, "failing", source)
    } else {
        Ok(())
    }
}
