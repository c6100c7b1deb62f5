//! Where "now" comes from: a value that is handed down, so that a test can hold time in its hand.

use std::sync::Mutex;

use chrono::{DurationRound, TimeDelta};

use crate::Instant;

/// Tells the time. Everything that needs "now" is given one.
pub trait Clock: Send + Sync {
    /// The present instant, to the millisecond (what the store keeps).
    fn now(&self) -> Instant;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the machine's clock is read")]
    fn now(&self) -> Instant {
        to_the_millisecond(chrono::Utc::now())
    }
}

/// A clock that stands still until it is told to move: for tests and demonstration data.
#[derive(Debug)]
pub struct ManualClock(Mutex<Instant>);

impl ManualClock {
    /// A clock that shows `start`.
    pub fn new(start: Instant) -> Self {
        Self(Mutex::new(to_the_millisecond(start)))
    }

    /// Shows `instant` from now on.
    pub fn set(&self, instant: Instant) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = to_the_millisecond(instant);
    }

    /// Moves forward (or back) by `delta`.
    pub fn advance(&self, delta: TimeDelta) {
        let mut shown = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *shown += delta;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn to_the_millisecond(instant: Instant) -> Instant {
    instant.duration_trunc(TimeDelta::milliseconds(1)).unwrap_or(instant)
}
