//! What many ask at the same moment is looked up once: when the booking of a Saturday opens, everybody wants that Saturday.
//! An answer serves as long as the journal stands still, so that it never shows what somebody has taken since; who gets a
//! time is decided where it is taken, and of those who want the very same, one at a time goes there.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use beffroi_core::Instant;
use beffroi_store::{Commune, Seq, StoreError};
use chrono::TimeDelta;
use parking_lot::Mutex;
use tokio::sync::OnceCell;

/// How long an answer serves: holds expire, and notice runs out, although the journal stands still.
const SERVES: TimeDelta = TimeDelta::milliseconds(500);
/// Answers that are kept, at most.
const KEPT_AT_MOST: usize = 256;

struct Answer<T> {
    position: Seq,
    until: Instant,
    found: Arc<OnceCell<Arc<T>>>,
}

/// Answers, by what was asked.
pub(crate) struct Rush<T>(Mutex<HashMap<String, Answer<T>>>);

impl<T> Default for Rush<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Rush<T> {
    /// What `look` finds, or what it found for somebody else who asked the same since the journal stands at `position`;
    /// whoever asks while it looks waits for it.
    ///
    /// # Errors
    /// Those of `look`, which are not kept.
    pub(crate) async fn ask<E: From<StoreError>>(
        &self,
        (commune, position): (&Arc<Commune>, Seq),
        question: &str,
        look: impl Future<Output = Result<T, E>> + Send,
    ) -> Result<Arc<T>, E> {
        let found = self.answer(format!("{} {question}", commune.slug()), position, commune.now());
        found.get_or_try_init(|| async { look.await.map(Arc::new) }).await.cloned()
    }

    /// Where the answer is, or is to be.
    fn answer(&self, question: String, position: Seq, now: Instant) -> Arc<OnceCell<Arc<T>>> {
        let mut answers = self.0.lock();
        if let Some(known) = answers.get(&question)
            && known.position == position
            && known.until > now
        {
            return Arc::clone(&known.found);
        }
        if answers.len() >= KEPT_AT_MOST {
            answers.retain(|_, answer| answer.until > now);
        }
        let found = Arc::new(OnceCell::new());
        if answers.len() < KEPT_AT_MOST {
            let answer = Answer { position, until: now + SERVES, found: Arc::clone(&found) };
            answers.insert(question, answer);
        }
        found
    }
}

/// Turns that are kept: two questions that share one only wait a little longer.
const TURNS: usize = 64;

/// Whose turn it is to ask the writer, by question: of sixteen who want the same hour, fifteen need not be refused there.
pub(crate) struct Turns {
    turns: Vec<tokio::sync::Mutex<()>>,
    hasher: RandomState,
}

impl Default for Turns {
    fn default() -> Self {
        let turns = std::iter::repeat_with(tokio::sync::Mutex::default).take(TURNS).collect();
        Self { turns, hasher: RandomState::new() }
    }
}

impl Turns {
    /// The turn, if nobody has it; else `None`, once it was given back: what came of it can then be looked up.
    pub(crate) async fn take(&self, question: &str) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        let rank = usize::try_from(self.hasher.hash_one(question) % TURNS as u64).unwrap_or(0);
        let turn = self.turns.get(rank)?;
        let taken = turn.try_lock().ok();
        if taken.is_none() {
            drop(turn.lock().await);
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_serves_those_who_ask_the_same_while_nothing_happens() {
        let (rush, now) = (Rush::<u8>::default(), Instant::UNIX_EPOCH);
        let ask = |question: &str, position, at| rush.answer(question.to_owned(), Seq(position), at);
        let first = ask("a", 7, now);
        assert!(Arc::ptr_eq(&first, &ask("a", 7, now + SERVES / 2)));
        assert!(!Arc::ptr_eq(&first, &ask("b", 7, now)));
        assert!(!Arc::ptr_eq(&first, &ask("a", 7, now + SERVES)), "not for long");
        assert!(!Arc::ptr_eq(&ask("a", 7, now), &ask("a", 8, now)));
    }

    #[tokio::test]
    async fn of_those_who_want_the_same_one_goes_and_the_others_wait_until_it_is_back() {
        let turns = Turns::default();
        let mine = turns.take("a").await;
        assert!(mine.is_some());
        let (other, ()) = tokio::join!(turns.take("a"), async { drop(mine) });
        assert!(other.is_none(), "what came of it is looked up first");
        assert!(turns.take("a").await.is_some());
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let rush = Rush::<u8>::default();
        for number in 0..1_000 {
            rush.answer(number.to_string(), Seq(1), Instant::UNIX_EPOCH);
        }
        assert_eq!(rush.0.lock().len(), KEPT_AT_MOST);
    }
}
