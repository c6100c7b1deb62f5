//! Whose turn it is to hash. A password takes tens of milliseconds of a core and 19 MiB: however many people come at
//! once, no more are examined side by side than there are cores, and the others wait.

use std::{num::NonZero, sync::LazyLock, thread, time::Duration};

use beffroi_web::{Result, WebError};
use tokio::{sync::Semaphore, task, time};

/// How long somebody waits for their turn; then they are asked to come back. Some hundred sign-ins fit in before.
const PATIENCE: Duration = Duration::from_secs(5);

/// One for the process: all communes share its cores and its memory.
static TURNS: LazyLock<Turns> =
    LazyLock::new(|| Turns::new(thread::available_parallelism().map_or(1, NonZero::get), PATIENCE));

struct Turns {
    free: Semaphore,
    patience: Duration,
}

/// Does work that hashes a password on a blocking thread, when its turn has come.
///
/// Errors: too many were before it (503, with the time to come back).
pub async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    TURNS.take(work).await
}

impl Turns {
    const fn new(at_once: usize, patience: Duration) -> Self {
        Self { free: Semaphore::const_new(at_once), patience }
    }

    async fn take<T: Send + 'static>(&'static self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let turn = time::timeout(self.patience, self.free.acquire())
            .await
            .map_err(|_| WebError::busy(self.patience).log("too many passwords wait to be hashed"))?
            .map_err(WebError::internal)?;
        // The turn ends with the work, not with the request: a visitor who leaves does not stop the hashing.
        let done = task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.map_err(WebError::internal)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use axum::{http::StatusCode, response::IntoResponse};

    use super::*;

    #[tokio::test]
    async fn no_more_work_than_turns_and_whoever_waits_too_long_is_told() {
        let turns: &'static Turns = Box::leak(Box::new(Turns::new(2, Duration::ZERO)));
        let (begun, has_begun) = mpsc::channel();
        let mut ends = Vec::new();
        let mut working = Vec::new();
        for _ in 0..2 {
            let (end, ended) = mpsc::channel::<()>();
            let begun = begun.clone();
            ends.push(end);
            working.push(tokio::spawn(turns.take(move || {
                begun.send(()).unwrap();
                ended.recv().unwrap_err();
            })));
        }
        let has_begun = task::spawn_blocking(move || {
            has_begun.recv().unwrap();
            has_begun.recv().unwrap();
        });
        has_begun.await.unwrap();
        let third = turns.take(|| ()).await.unwrap_err();
        assert_eq!(third.into_response().status(), StatusCode::SERVICE_UNAVAILABLE);
        drop(ends);
        for work in working {
            work.await.unwrap().unwrap();
        }
        assert_eq!(turns.take(|| 3).await.unwrap(), 3, "the turns are free again");
    }
}
