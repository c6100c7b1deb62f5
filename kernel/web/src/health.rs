//! What the town's work depends on (mail server, virus scanner, disk, …), looked at when an administrator asks, and
//! no more often than every half minute: what was seen is kept, and since when it is so.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, OnceLock},
    time::Duration,
};

use beffroi_core::Instant;
use beffroi_store::{Commune, background::Workers};
use chrono::TimeDelta;
use parking_lot::Mutex;

use crate::House;

/// How long what was seen is believed.
const BELIEVED: TimeDelta = TimeDelta::seconds(30);
/// How long a page waits for those who look; who is slower is told of the next time.
const PATIENCE: Duration = Duration::from_secs(4);
/// Reports kept, at most: communes that nobody looks at make room.
const KEPT_AT_MOST: usize = 10_000;

/// How something fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// As it should be.
    Good,
    /// It works, but somebody should know.
    Weak,
    /// It does not work.
    Wrong,
}

/// What was seen of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How it fares.
    pub severity: Severity,
    /// The key of the sentence that says so.
    pub said: &'static str,
    /// The figures in that sentence.
    pub figures: Vec<(&'static str, i64)>,
    /// What the other side said, for whoever mends it. No personal data.
    pub detail: String,
    /// Since when, where that is known otherwise than by looking.
    pub since: Option<Instant>,
    /// What people notice and what to do in this very case, where that is not what the check says in general.
    pub own: Option<OwnWords>,
}

/// The keys of what is said of one cause among those of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnWords {
    /// What people notice in the meantime.
    pub meanwhile: &'static str,
    /// What to do about it.
    pub remedy: &'static str,
}

impl Report {
    const fn new(severity: Severity, said: &'static str) -> Self {
        Self { severity, said, figures: Vec::new(), detail: String::new(), since: None, own: None }
    }

    /// All is well.
    pub const fn good(said: &'static str) -> Self {
        Self::new(Severity::Good, said)
    }

    /// It works, but somebody should know.
    pub const fn weak(said: &'static str) -> Self {
        Self::new(Severity::Weak, said)
    }

    /// It does not work.
    pub const fn wrong(said: &'static str) -> Self {
        Self::new(Severity::Wrong, said)
    }

    /// With a figure of the sentence.
    #[must_use]
    pub fn with(mut self, name: &'static str, figure: i64) -> Self {
        self.figures.push((name, figure));
        self
    }

    /// With words of its own on what follows and what to do.
    #[must_use]
    pub const fn in_own_words(mut self, meanwhile: &'static str, remedy: &'static str) -> Self {
        self.own = Some(OwnWords { meanwhile, remedy });
        self
    }

    /// With what the other side said.
    #[must_use]
    pub fn detail(mut self, text: impl Into<String>) -> Self {
        self.detail = text.into();
        self
    }

    /// Known to be so since then.
    #[must_use]
    pub const fn since(mut self, since: Option<Instant>) -> Self {
        self.since = since;
        self
    }
}

/// The keys of what is said of a thing that is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckWords {
    /// What it is called: « Serveur de messagerie ».
    pub title: &'static str,
    /// What people notice while it does not work: « Les messages attendent… ».
    pub meanwhile: &'static str,
    /// What to do about it.
    pub remedy: &'static str,
}

/// Something on which the town's work depends.
pub trait Check: Send + Sync {
    /// Its short name, which no other has: `mail`, `desk-imap`.
    fn name(&self) -> &'static str;

    /// What is said of it.
    fn words(&self) -> CheckWords;

    /// Whether each commune has its own; otherwise one look serves all of them.
    fn of_commune(&self) -> bool {
        false
    }

    /// Looks at it. Blocks, for some seconds at most. `None` where there is nothing to look at: nobody has set it up.
    fn look(&self, commune: &Arc<Commune>) -> Option<Report>;
}

/// What is known of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its short name.
    pub name: &'static str,
    /// What is said of it.
    pub words: CheckWords,
    /// What was seen; `None`: it is still being looked at.
    pub report: Option<Report>,
    /// When it was looked at.
    pub at: Instant,
    /// Since when it is so, as far as anybody has looked.
    pub since: Instant,
    /// Whether it was so when somebody looked first: it may be so for longer.
    pub at_least: bool,
}

type Key = (String, &'static str);

struct Kept {
    report: Option<Report>,
    at: Instant,
    since: Instant,
    at_least: bool,
}

/// What was seen lately, and who works in the background.
#[derive(Default)]
pub struct Health {
    kept: Mutex<HashMap<Key, Kept>>,
    looking: Mutex<HashSet<Key>>,
    workers: OnceLock<Arc<Workers>>,
}

impl Health {
    /// Tells who works in the background: only they know which work can be tried again.
    pub fn attended_by(&self, workers: &Arc<Workers>) {
        let _ = self.workers.set(Arc::clone(workers));
    }

    /// Who works in the background, once they do.
    pub fn workers(&self) -> Option<&Arc<Workers>> {
        self.workers.get()
    }

    fn key(check: &dyn Check, commune: &Commune) -> Key {
        let commune = if check.of_commune() { commune.slug().to_owned() } else { String::new() };
        (commune, check.name())
    }

    fn is_fresh(&self, key: &Key, now: Instant) -> bool {
        self.kept.lock().get(key).is_some_and(|kept| kept.at <= now && now < kept.at + BELIEVED)
    }

    fn keep(&self, key: Key, report: Option<Report>, now: Instant) {
        let mut kept = self.kept.lock();
        if kept.len() >= KEPT_AT_MOST {
            kept.retain(|_, old| now < old.at + BELIEVED);
        }
        let severity = |report: &Option<Report>| report.as_ref().map(|report| report.severity);
        let before =
            kept.get(&key).map(|old| (severity(&old.report) == severity(&report), old.since, old.at_least));
        let (since, at_least) = match before {
            Some((true, since, at_least)) => (since, at_least),
            Some((false, ..)) => (now, false),
            None => (now, true),
        };
        kept.insert(key, Kept { report, at: now, since, at_least });
    }
}

impl House {
    /// Everything on which the work of a commune depends, what does not work first. What was not seen lately is
    /// looked at again, all at once.
    pub async fn examine(self: &Arc<Self>, commune: &Arc<Commune>) -> Vec<Seen> {
        let now = commune.now();
        let checks: Vec<Arc<dyn Check>> = self.services.iter().flat_map(|service| service.checks()).collect();
        let mut looking = tokio::task::JoinSet::new();
        for check in &checks {
            let key = Health::key(check.as_ref(), commune);
            // One look at a time, however many ask: a server that does not answer holds one thread, not all of them.
            if self.health.is_fresh(&key, now) || !self.health.looking.lock().insert(key.clone()) {
                continue;
            }
            let (house, check, commune) = (Arc::clone(self), Arc::clone(check), Arc::clone(commune));
            looking.spawn_blocking(move || {
                let look = std::panic::AssertUnwindSafe(|| check.look(&commune));
                let report = std::panic::catch_unwind(look).unwrap_or_else(|_| {
                    tracing::error!(check = check.name(), "a look at the house panicked");
                    Some(Report::wrong("health-not-looked-at"))
                });
                house.health.keep(key.clone(), report, commune.now());
                house.health.looking.lock().remove(&key);
            });
        }
        let all = async { while looking.join_next().await.is_some() {} };
        if tokio::time::timeout(PATIENCE, all).await.is_err() {
            looking.detach_all();
        }
        let kept = self.health.kept.lock();
        let mut seen: Vec<Seen> = checks
            .iter()
            .filter_map(|check| {
                let (name, words) = (check.name(), check.words());
                let Some(found) = kept.get(&Health::key(check.as_ref(), commune)) else {
                    return Some(Seen { name, words, report: None, at: now, since: now, at_least: true });
                };
                let report = found.report.clone()?;
                let (since, at_least) = match report.since {
                    Some(since) => (since, false),
                    None => (found.since, found.at_least),
                };
                Some(Seen { name, words, at: found.at, since, at_least, report: Some(report) })
            })
            .collect();
        // What nobody knows yet stands after what is wrong, and before what is well.
        seen.sort_by_key(|seen| {
            std::cmp::Reverse(seen.report.as_ref().map_or(Severity::Weak, |report| report.severity))
        });
        seen
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use axum::Router;
    use beffroi_store::{Engine, testing::TestCommune};

    use super::*;
    use crate::{App, Service, WebConfig};

    /// Looks well at first, then badly.
    struct Fickle(AtomicU32);

    impl Check for Fickle {
        fn name(&self) -> &'static str {
            "fickle"
        }
        fn words(&self) -> CheckWords {
            CheckWords { title: "t", meanwhile: "m", remedy: "r" }
        }
        fn look(&self, _: &Arc<Commune>) -> Option<Report> {
            match self.0.fetch_add(1, Ordering::SeqCst) {
                0 => Some(Report::good("well")),
                1 | 2 => Some(Report::wrong("badly").with("n", 3).detail("refused")),
                _ => panic!("nobody knows"),
            }
        }
    }

    struct Absent;

    impl Check for Absent {
        fn name(&self) -> &'static str {
            "absent"
        }
        fn words(&self) -> CheckWords {
            CheckWords { title: "t", meanwhile: "m", remedy: "r" }
        }
        fn of_commune(&self) -> bool {
            true
        }
        fn look(&self, _: &Arc<Commune>) -> Option<Report> {
            None
        }
    }

    struct Watched(Arc<Fickle>);

    impl Service for Watched {
        fn name(&self) -> &'static str {
            "watched"
        }
        fn routes(&self) -> Router<App> {
            Router::new()
        }
        fn checks(&self) -> Vec<Arc<dyn Check>> {
            vec![Arc::new(Absent), Arc::<Fickle>::clone(&self.0)]
        }
    }

    #[test]
    fn nobody_is_asked_twice_within_half_a_minute_and_a_change_has_its_instant() {
        let fixture = TestCommune::on(Engine::Sqlite, &[]).unwrap().unwrap();
        let check = Arc::new(Fickle(AtomicU32::new(0)));
        let services: Vec<Arc<dyn Service>> = vec![Arc::new(Watched(Arc::clone(&check)))];
        let house = House::new(Arc::clone(&fixture.platform), services, WebConfig::default()).unwrap();
        let commune = Arc::clone(&fixture.commune);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let examine = || {
            let mut seen = runtime.block_on(house.examine(&commune));
            assert_eq!(seen.len(), 1, "what nobody set up is not told of");
            seen.remove(0)
        };
        let severity = |seen: &Seen| seen.report.as_ref().map(|report| report.severity);
        let first = examine();
        assert_eq!((severity(&first), first.at_least), (Some(Severity::Good), true));
        fixture.clock.advance(TimeDelta::seconds(29));
        assert_eq!(examine(), first, "what was seen is believed");
        assert_eq!(check.0.load(Ordering::SeqCst), 1);
        fixture.clock.advance(TimeDelta::seconds(2));
        let changed = examine();
        assert_eq!(severity(&changed), Some(Severity::Wrong));
        assert_eq!((changed.since, changed.at_least), (commune.now(), false));
        fixture.clock.advance(TimeDelta::minutes(5));
        let still = examine();
        assert_eq!((still.since, still.at > changed.at), (changed.since, true), "it is so since then");
        fixture.clock.advance(TimeDelta::minutes(5));
        assert_eq!(examine().report.unwrap().said, "health-not-looked-at", "a look that fails harms nobody");
    }
}
