//! Asking what came of an attempt: when PayFiP says that there is something to ask for, when the payer comes back, and
//! again and again where nobody says anything. The answer is always PayFiP's own, never the notification's or the
//! browser's.

use std::sync::Arc;

use beffroi_core::{Id, Instant};
use beffroi_store::{
    By, Commune, Result, StoreError, Tx,
    background::JobHandler,
    jobs::{Job, JobError},
};
use chrono::TimeDelta;
use serde::Deserialize;

use crate::{
    adapter::{Adapter, Fault},
    begin,
    lapse::lapse,
    order::UNDER_WAY,
    payment::{self, Payment, PaymentState},
    told::{self, ASK},
};

/// How long what was told is good enough for who reloads a page.
const LOOKED_AGAIN_AFTER: TimeDelta = TimeDelta::seconds(5);
/// Attempts that one round looks after, at most.
const LOOKED_AFTER: u32 = 200;

/// Asks what came of an attempt, and writes it down; for the page on which the payer comes back. Who reloads it does not
/// have PayFiP asked each time.
///
/// # Errors
/// Those of the store. That the adapter did not tell is no error: the job goes on asking.
pub async fn look(
    commune: &Arc<Commune>,
    adapter: &dyn Adapter,
    payment: Payment,
) -> Result<Result<Payment, Fault>, StoreError> {
    if payment.asked_at.is_some_and(|at| at + LOOKED_AGAIN_AFTER > commune.now()) {
        return Ok(Ok(payment));
    }
    ask_at_once(commune, adapter, payment).await
}

/// [`look`], however short ago it was asked.
pub(crate) async fn ask_at_once(
    commune: &Arc<Commune>,
    adapter: &dyn Adapter,
    payment: Payment,
) -> Result<Result<Payment, Fault>, StoreError> {
    if payment.token.is_none() || payment.state == PaymentState::Paid {
        return Ok(Ok(payment));
    }
    match adapter.ask(&payment).await {
        Ok(outcome) => {
            commune.write(By::SYSTEM, move |tx| told::tell(tx, payment.id, &outcome)).await.map(Ok)
        }
        Err(fault) => {
            commune.write(By::SYSTEM, move |tx| told::not_told(tx, payment.id, fault)).await?;
            Ok(Err(fault))
        }
    }
}

/// An adapter says that there is something to ask for: a job asks. What else the notification says is not read. Said
/// twice, or of an attempt that nobody knows, it does nothing; of such a one nothing is even written. Tells whether the
/// attempt is known.
pub async fn hear(commune: &Arc<Commune>, token: &str) -> Result<bool> {
    let token = token.to_owned();
    let found = commune.read::<_, StoreError>(By::SYSTEM, move |tx| payment::of_token(tx, &token)).await?;
    let Some(payment) = found else { return Ok(false) };
    if payment.state == PaymentState::Paid && payment.notified_at.is_some() {
        return Ok(true);
    }
    commune.write(By::SYSTEM, move |tx| heard(tx, payment.id)).await.map(|()| true)
}

fn heard(tx: &mut Tx<'_>, id: Id<Payment>) -> Result<()> {
    let payment = payment::get(tx, id)?;
    if payment.notified_at.is_none() {
        tx.execute("UPDATE payment SET notified_at = $1 WHERE id = $2", &[&tx.now(), &id])?;
    }
    if payment.state == PaymentState::Paid {
        return Ok(());
    }
    told::ask_now(tx, id)
}

/// The hourly round: cancels orders that lapsed, ends attempts of which no page was opened, and has asked what nobody
/// told.
pub fn round(tx: &mut Tx<'_>) -> Result<()> {
    lapse(tx)?;
    let now = tx.now();
    let sql = format!(
        "SELECT {} FROM payment p WHERE p.state = 'started' AND p.token IS NULL AND p.started_at < $1 \
         ORDER BY p.id LIMIT $2",
        payment::COLUMNS
    );
    let stranded = tx.query(&sql, &[&(now - UNDER_WAY), &LOOKED_AFTER], payment::read)?;
    for payment in stranded {
        begin::not_opened(tx, payment)?;
    }
    let sql = format!(
        "SELECT {} FROM payment p WHERE p.ask_at <= $1 ORDER BY p.ask_at, p.id LIMIT $2",
        payment::COLUMNS
    );
    let overdue = tx.query(&sql, &[&now, &LOOKED_AFTER], payment::read)?;
    // A job that still waits is enough.
    overdue.iter().try_for_each(|payment| told::ask_later(tx, payment))
}

/// How many attempts could not be asked about the last time, and since when the oldest of them waits: for whoever looks
/// whether PayFiP answers.
pub fn unanswered(tx: &mut Tx<'_>) -> Result<(i64, Option<Instant>)> {
    tx.query_one(
        "SELECT COUNT(*), MIN(started_at) FROM payment WHERE ask_at IS NOT NULL AND fault IS NOT NULL",
        &[],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

#[derive(Deserialize)]
struct AskOrder {
    payment: Id<Payment>,
    now: bool,
}

/// Asks what came of attempts.
pub struct AskHandler {
    adapters: Vec<Arc<dyn Adapter>>,
}

impl AskHandler {
    /// By these adapters.
    pub const fn new(adapters: Vec<Arc<dyn Adapter>>) -> Self {
        Self { adapters }
    }
}

impl JobHandler for AskHandler {
    fn kind(&self) -> &'static str {
        ASK
    }

    /// While PayFiP is away, nobody learns what came of anything.
    fn outwaits(&self) -> bool {
        true
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> Result<(), JobError> {
        let asked: AskOrder =
            serde_json::from_value(job.payload.clone()).map_err(|error| JobError::Fail(error.to_string()))?;
        let found =
            commune.read_blocking::<_, StoreError>(By::SYSTEM, |tx| payment::find(tx, asked.payment))?;
        let Some(payment) = found else { return Ok(()) };
        // It was asked meanwhile, and will be again by another job, or is known.
        let due = payment.ask_at.is_some_and(|at| at <= commune.now());
        if !due && !asked.now {
            return Ok(());
        }
        let adapter = self.adapters.iter().find(|adapter| adapter.kind() == payment.adapter);
        let Some(adapter) = adapter else {
            return Err(JobError::Fail(format!("nobody asks {}", payment.adapter.as_str())));
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| JobError::Retry(error.to_string()))?;
        match runtime.block_on(adapter.ask(&payment)) {
            Ok(outcome) => {
                commune
                    .write_blocking(By::SYSTEM, move |tx| told::tell(tx, payment.id, &outcome))
                    .map(drop)?;
                Ok(())
            }
            Err(fault) => {
                let id = payment.id;
                let after = commune.write_blocking(By::SYSTEM, move |tx| told::not_told(tx, id, fault))?;
                match fault {
                    Fault::Away | Fault::Insecure | Fault::Slow if after.ask_at.is_some() => {
                        Err(JobError::Away(fault.to_string()))
                    }
                    // It is asked again when it is time; after a week, by somebody.
                    _ => Ok(()),
                }
            }
        }
    }
}
