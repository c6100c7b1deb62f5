//! One question that many ask at the same moment, asked once for all who came before it was sent.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Mutex;

/// An answer shared by those who wait for it. Nobody is given one that was asked for before he came: what was done by
/// then, he sees.
pub(crate) struct Shared<T> {
    /// How often it was asked.
    asked: AtomicU64,
    /// The last answer, and its rank among the times it was asked.
    last: Mutex<(u64, Option<T>)>,
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self { asked: AtomicU64::new(0), last: Mutex::new((0, None)) }
    }
}

impl<T: Copy> Shared<T> {
    /// What `ask` answers, now or to somebody who waited as well.
    ///
    /// # Errors
    /// Those of `ask`, which are told to whoever asked; the next one asks again.
    pub(crate) async fn ask<E>(&self, ask: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let before = self.asked.load(Ordering::Acquire);
        let mut last = self.last.lock().await;
        if let (rank, Some(answer)) = *last
            && rank > before
        {
            return Ok(answer);
        }
        let rank = self.asked.fetch_add(1, Ordering::AcqRel) + 1;
        let answer = ask.await?;
        *last = (rank, Some(answer));
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    /// Asks a place that is changed by each question.
    async fn ask(shared: &Shared<u64>, place: &AtomicU64) -> u64 {
        let answer = shared.ask(async {
            tokio::task::yield_now().await;
            Ok::<_, Infallible>(place.fetch_add(1, Ordering::SeqCst))
        });
        answer.await.unwrap()
    }

    #[tokio::test]
    async fn those_who_come_while_it_is_asked_share_the_next_answer() {
        let (shared, place) = (Shared::default(), AtomicU64::new(0));
        let (first, second, third) =
            tokio::join!(ask(&shared, &place), ask(&shared, &place), ask(&shared, &place));
        // The first was on its way when the others came: it may be older than what they have seen.
        assert_eq!((first, second, third), (0, 1, 1));
        assert_eq!(ask(&shared, &place).await, 2, "nobody is given what was asked before he came");
    }

    #[tokio::test]
    async fn a_question_that_failed_is_asked_again() {
        let (shared, place) = (Shared::default(), AtomicU64::new(7));
        assert_eq!(shared.ask(async { Err("away") }).await, Err("away"));
        assert_eq!(ask(&shared, &place).await, 7);
    }
}
