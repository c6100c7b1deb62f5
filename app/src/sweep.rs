//! In every commune: each service does its round every hour; once a day, what no longer serves is forgotten, and what
//! fell by the wayside is asked for again.

use std::{sync::Arc, time::Duration};

use beffroi_store::{By, Platform, StoreError, idempotency, jobs};
use beffroi_web::Service;
use chrono::TimeDelta;
use tokio::{sync::watch, task::JoinHandle};

use crate::cli::every_slug;

/// The first sweep waits until the house is warm, and comes even where it is restarted every day.
const FIRST_AFTER: Duration = Duration::from_mins(10);
const EVERY: Duration = Duration::from_hours(1);
/// Rounds of a day.
const A_DAY: u32 = 24;
/// A form that was sent is not sent again after a week.
const KEYS_KEPT: TimeDelta = TimeDelta::days(7);
/// How long a job that was given up is shown to the administrator.
const FAILED_KEPT: TimeDelta = TimeDelta::days(90);
/// No upload lasts a day: what still lies half-received then was cut off by a crash.
const UPLOADS_KEPT: TimeDelta = TimeDelta::days(1);
/// How long a file with a virus is kept out of reach, for whoever looks into the attack.
const QUARANTINE_KEPT: TimeDelta = TimeDelta::days(30);

/// The sweep of one process. Stop it before the process ends.
pub struct Sweeper {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Sweeper {
    /// Starts sweeping all communes, one after another.
    pub fn start(platform: Arc<Platform>, services: Vec<Arc<dyn Service>>) -> Self {
        let (stop, stopped) = watch::channel(false);
        Self { stop, task: tokio::spawn(attend(platform, services, stopped)) }
    }

    /// Finishes the commune under way, and stops.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        if self.task.await.is_err() {
            tracing::error!("the daily sweep ended badly");
        }
    }
}

async fn attend(
    platform: Arc<Platform>,
    services: Vec<Arc<dyn Service>>,
    mut stopped: watch::Receiver<bool>,
) {
    let mut wait = FIRST_AFTER;
    for round in (0..A_DAY).cycle() {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = stopped.changed() => return,
        }
        wait = EVERY;
        let (platform, services, stopped) = (Arc::clone(&platform), services.clone(), stopped.clone());
        let round = move || sweep_all(&platform, &services, round == 0, &stopped);
        if tokio::task::spawn_blocking(round).await.is_err() {
            tracing::error!("a sweep panicked");
        }
    }
}

fn sweep_all(
    platform: &Platform,
    services: &[Arc<dyn Service>],
    daily: bool,
    stopped: &watch::Receiver<bool>,
) {
    let slugs = match every_slug(platform) {
        Ok(slugs) => slugs,
        Err(error) => {
            tracing::error!(%error, "the registry did not answer");
            return;
        }
    };
    for slug in slugs {
        if *stopped.borrow() {
            return;
        }
        match hourly(platform, services, &slug) {
            Ok(0) => {}
            Ok(done) => tracing::info!(commune = slug, done, "hourly round"),
            Err(error) => tracing::error!(commune = slug, %error, "no hourly round"),
        }
        if daily {
            match sweep(platform, &slug) {
                Ok(forgotten) => tracing::info!(commune = slug, forgotten, "swept"),
                Err(error) => tracing::error!(commune = slug, %error, "not swept"),
            }
        }
    }
}

/// Lets each service do its round in one commune, and says how many things were done.
fn hourly(platform: &Platform, services: &[Arc<dyn Service>], slug: &str) -> Result<u64, StoreError> {
    let commune = platform.commune_in_passing(slug)?;
    services.iter().map(|service| service.hourly(&commune)).sum()
}

/// Sweeps one commune, and says how many things were forgotten.
fn sweep(platform: &Platform, slug: &str) -> Result<u64, StoreError> {
    let commune = platform.commune_in_passing(slug)?;
    let rows = commune.write_blocking(By::SYSTEM, |tx| {
        let now = tx.now();
        Ok::<_, StoreError>(
            beffroi_people::sweep(tx)?
                + beffroi_desk::sweep(tx)?
                + idempotency::forget_before(tx, now - KEYS_KEPT)?
                + jobs::forget_failed_before(tx, now - FAILED_KEPT)?,
        )
    })?;
    let cases = beffroi_desk::retention::sweep(&commune)? + beffroi_desk::sweep_spaces(&commune)?;
    let before = commune.now() - UPLOADS_KEPT;
    let files = beffroi_documents::sweep_incoming(&commune, before)?
        + beffroi_documents::sweep_contents(&commune, before)?
        + beffroi_documents::sweep_strays(&commune, before)?
        + beffroi_documents::sweep_quarantine(&commune, commune.now() - QUARANTINE_KEPT)?;
    beffroi_documents::sweep_unchecked(&commune)?;
    Ok(rows + cases + files)
}

#[cfg(test)]
mod tests {
    use beffroi_store::{background::Workers, idempotency::Once, testing::on_both_engines};

    use super::*;

    #[test]
    fn a_job_that_was_given_up_is_shown_for_ninety_days() {
        on_both_engines(&beffroi_desk::migrations(), |fixture| {
            let asked = fixture.commune.write_blocking(By::SYSTEM, |tx| {
                let now = tx.now();
                jobs::enqueue(tx, "unknown", &serde_json::json!({}), now, None)
            });
            asked.unwrap();
            fixture.settle(&Arc::new(Workers::default())).unwrap();
            let shown =
                || fixture.commune.read_blocking(By::SYSTEM, |tx| jobs::failed(tx, 10)).unwrap().len();
            for days in [0, 89] {
                fixture.clock.advance(TimeDelta::days(days));
                sweep(&fixture.platform, "lunel").unwrap();
                assert_eq!(shown(), 1);
            }
            fixture.clock.advance(TimeDelta::days(2));
            sweep(&fixture.platform, "lunel").unwrap();
            assert_eq!(shown(), 0);
        })
        .unwrap();
    }

    #[test]
    fn a_key_is_forgotten_after_a_week_and_not_before() {
        on_both_engines(&beffroi_desk::migrations(), |fixture| {
            let send = || {
                let once = |tx: &mut beffroi_store::Tx<'_>| {
                    idempotency::once(tx, "form", "k", b"same", |_| Ok::<_, StoreError>(1))
                };
                fixture.commune.write_blocking(By::VISITOR, once).unwrap()
            };
            assert_eq!(send(), Once::Done(1));
            fixture.clock.advance(TimeDelta::days(6));
            sweep(&fixture.platform, "lunel").unwrap();
            assert_eq!(send(), Once::Again(1));
            fixture.clock.advance(TimeDelta::days(2));
            assert_eq!(sweep(&fixture.platform, "lunel").unwrap(), 1);
            assert_eq!(send(), Once::Done(1));
        })
        .unwrap();
    }
}
