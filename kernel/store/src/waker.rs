//! How the background learns which communes have work: at once by a signal, and durably by a row of the registry.

use std::{collections::HashSet, sync::Arc};

use beffroi_core::Instant;
use parking_lot::Mutex;

use crate::{
    Result, Value,
    pressure::Pressure,
    registry::{Registry, text},
};

/// Tells the background which communes have work: at once by a signal, and durably by the registry.
pub(crate) struct Waker {
    registry: Arc<Registry>,
    signalled: Mutex<HashSet<String>>,
    pub(crate) bell: tokio::sync::Notify,
    /// How much visitors ask meanwhile.
    pub(crate) pressure: Pressure,
}

impl Waker {
    /// A waker that remembers in this registry.
    pub(crate) fn new(registry: Arc<Registry>) -> Self {
        Self {
            registry,
            signalled: Mutex::default(),
            bell: tokio::sync::Notify::new(),
            pressure: Pressure::default(),
        }
    }

    /// Has a commune looked at as soon as may be, by this process.
    pub(crate) fn signal(&self, slug: &str) {
        let mut signalled = self.signalled.lock();
        if !signalled.contains(slug) {
            signalled.insert(slug.to_owned());
        }
        drop(signalled);
        self.bell.notify_one();
    }

    /// The communes signalled since the last time.
    pub(crate) fn take_signalled(&self) -> HashSet<String> {
        std::mem::take(&mut *self.signalled.lock())
    }

    /// Has a commune looked at, at that instant or before: an earlier wake-up stays.
    pub(crate) fn wake_at(&self, slug: &str, at: Instant) -> Result<()> {
        self.registry.write(|connection| {
            connection.execute(
                "INSERT INTO wakeup (commune, due_at) VALUES ($1, $2) \
                 ON CONFLICT (commune) DO UPDATE SET due_at = excluded.due_at \
                 WHERE excluded.due_at < wakeup.due_at",
                &[text(slug), Value::Int(at.timestamp_millis())],
            )?;
            Ok(())
        })
    }

    /// Has a commune looked at now. An earlier wake-up gives way: whoever is about to forget it, here or in another
    /// process, has not seen what this one is for.
    pub(crate) fn wake(&self, slug: &str, now: Instant) -> Result<()> {
        self.registry.write(|connection| {
            connection.execute(
                "INSERT INTO wakeup (commune, due_at) VALUES ($1, $2) \
                 ON CONFLICT (commune) DO UPDATE SET due_at = excluded.due_at",
                &[text(slug), Value::Int(now.timestamp_millis())],
            )?;
            Ok(())
        })
    }

    /// Forgets the wake-ups of a commune that were asked for before `instant`.
    pub(crate) fn forget_before(&self, slug: &str, instant: Instant) -> Result<()> {
        self.registry.write(|connection| {
            connection.execute(
                "DELETE FROM wakeup WHERE commune = $1 AND due_at < $2",
                &[text(slug), Value::Int(instant.timestamp_millis())],
            )?;
            Ok(())
        })
    }

    /// The communes whose wake-up is due, at most `limit`.
    pub(crate) fn due(&self, now: Instant, limit: u32) -> Result<Vec<String>> {
        self.registry.read(|connection| {
            let mut slugs = Vec::new();
            connection.query(
                "SELECT commune FROM wakeup WHERE due_at <= $1 ORDER BY due_at, commune LIMIT $2",
                &[Value::Int(now.timestamp_millis()), Value::Int(i64::from(limit))],
                &mut |mut row| {
                    slugs.push(row.get(0)?);
                    Ok(())
                },
            )?;
            Ok(slugs)
        })
    }
}

#[cfg(test)]
#[cfg(feature = "testing")]
mod tests {
    use chrono::TimeDelta;

    #[test]
    fn an_earlier_wake_up_stays_and_a_later_one_gives_way() {
        crate::testing::on_both_engines(&[], |fixture| {
            let (waker, now) = (fixture.platform.waker(), fixture.commune.now());
            let later = now + TimeDelta::hours(1);
            waker.wake_at("lunel", now).unwrap();
            waker.wake_at("lunel", later).unwrap();
            assert_eq!(waker.due(now, 10).unwrap(), ["lunel"]);
            waker.forget_before("lunel", later).unwrap();
            waker.wake_at("lunel", later).unwrap();
            assert!(waker.due(now, 10).unwrap().is_empty());
            waker.wake_at("lunel", now).unwrap();
            assert_eq!(waker.due(now, 10).unwrap(), ["lunel"]);
        })
        .unwrap();
    }
}
