//! How much visitors ask of this process. While they wait for one another, work that nobody waits for steps back: a paper
//! takes memory and disk from them even where it takes no processor.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// Commands of visitors in one commit from which they wait for one another.
const MANY: usize = 4;
/// How long such a commit counts.
const COUNTS_FOR: Duration = Duration::from_millis(50);
/// How long a job steps back at most: in the longest rush, papers and mails still leave, one after the other.
const STEPS_BACK_AT_MOST: Duration = Duration::from_millis(500);
/// How often it looks whether the rush is over.
const LOOKS_EVERY: Duration = Duration::from_millis(20);

/// The gauge, shared by all communes of the process.
pub(crate) struct Pressure {
    begun: Instant,
    /// Until when it is high, in milliseconds since it was begun.
    high_until: AtomicU64,
}

impl Default for Pressure {
    fn default() -> Self {
        Self { begun: Instant::now(), high_until: AtomicU64::new(0) }
    }
}

impl Pressure {
    /// Notes how many commands of visitors shared a commit.
    pub(crate) fn note(&self, commands: usize) {
        if commands >= MANY {
            self.high_until.store(self.millis(COUNTS_FOR), Ordering::Relaxed);
        }
    }

    /// Whether visitors wait for one another.
    pub(crate) fn is_high(&self) -> bool {
        self.millis(Duration::ZERO) < self.high_until.load(Ordering::Relaxed)
    }

    /// Waits until they do no more, or long enough. Blocks.
    pub(crate) fn step_back(&self) {
        let until = Instant::now() + STEPS_BACK_AT_MOST;
        while self.is_high() && Instant::now() < until {
            std::thread::sleep(LOOKS_EVERY);
        }
    }

    /// The milliseconds of this instant, and as many more.
    fn millis(&self, more: Duration) -> u64 {
        u64::try_from((self.begun.elapsed() + more).as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_alone_is_no_rush_and_a_rush_ends_by_itself() {
        let pressure = Pressure::default();
        pressure.note(1);
        assert!(!pressure.is_high());
        pressure.note(MANY);
        assert!(pressure.is_high());
        let begun = Instant::now();
        pressure.step_back();
        assert!(!pressure.is_high() && begun.elapsed() < STEPS_BACK_AT_MOST);
    }
}
