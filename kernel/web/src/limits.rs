//! Who asks too often. A bucket of tokens a source and purpose, in bounded memory.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    net::{IpAddr, Ipv6Addr},
    time::{Duration, Instant},
};

use parking_lot::Mutex;

use crate::WebError;

const SHARDS: usize = 16;
/// Buckets a shard holds at most: about 16 × 4 096 sources at a time.
const BUCKETS: usize = 4_096;

/// What is asked for, and how often one source may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Purpose {
    /// Its name: two purposes do not share a bucket.
    pub name: &'static str,
    /// How many at once.
    pub burst: u16,
    /// How many a minute, over time.
    pub per_minute: u16,
}

impl Purpose {
    /// Any page that is not in the cache. A school or an office of many people has one address.
    pub const PAGE: Self = Self { name: "page", burst: 300, per_minute: 1_200 };
    /// A password, a code, a link: what somebody may try to guess.
    pub const SIGN_IN: Self = Self { name: "sign-in", burst: 20, per_minute: 20 };
    /// A tracking code: likewise.
    pub const TRACKING: Self = Self { name: "tracking", burst: 20, per_minute: 10 };
    /// A request that is sent.
    pub const SUBMIT: Self = Self { name: "submit", burst: 30, per_minute: 30 };
    /// A time that is held while its form is filled in: whoever holds many keeps them from others.
    pub const HOLD: Self = Self { name: "hold", burst: 20, per_minute: 4 };
    /// A mail to an address that the visitor names.
    pub const MAIL: Self = Self { name: "mail", burst: 5, per_minute: 2 };
    /// A file that is sent.
    pub const UPLOAD: Self = Self { name: "upload", burst: 60, per_minute: 60 };
    /// A paper that is laid out for whoever asks.
    pub const PAPER: Self = Self { name: "paper", burst: 20, per_minute: 20 };
    /// A stream of changes that is opened.
    pub const LIVE: Self = Self { name: "live", burst: 60, per_minute: 60 };

    /// Whether the machine itself may ask without a limit: what only costs work, and guards no secret.
    pub(crate) fn spares_the_machine(self) -> bool {
        [Self::PAGE, Self::SUBMIT, Self::HOLD, Self::UPLOAD].contains(&self)
    }
}

/// Where a request came from, no more precisely than limits need: an IPv4 address, or the /64 network
/// that one IPv6 subscriber has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Source(IpAddr);

impl Source {
    /// The source that an address belongs to.
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(v6) => {
                let network = u128::from(v6) & !u128::from(u64::MAX);
                IpAddr::V6(Ipv6Addr::from(network))
            }
            v4 @ IpAddr::V4(_) => v4,
        })
    }
}

struct Bucket {
    tokens: f32,
    filled_at: Instant,
}

/// The buckets.
pub struct RateLimiter {
    hasher: RandomState,
    shards: [Mutex<HashMap<u64, Bucket>>; SHARDS],
}

impl Default for RateLimiter {
    fn default() -> Self {
        Self { hasher: RandomState::new(), shards: std::array::from_fn(|_| Mutex::default()) }
    }
}

impl RateLimiter {
    /// Takes one token, or refuses with 429 and the time to wait.
    pub fn take(&self, purpose: Purpose, source: Source) -> Result<(), WebError> {
        self.take_at(purpose, source, Instant::now()).map_err(WebError::too_many)
    }

    fn take_at(&self, purpose: Purpose, source: Source, now: Instant) -> Result<(), Duration> {
        let key = self.hasher.hash_one((purpose.name, source));
        let rate = f32::from(purpose.per_minute) / 60.0;
        let full = f32::from(purpose.burst);
        let shard = usize::try_from(key % 16).unwrap_or(0);
        let Some(shard) = self.shards.get(shard) else { return Ok(()) };
        let mut buckets = shard.lock();
        if buckets.len() >= BUCKETS && !buckets.contains_key(&key) {
            make_room(&mut buckets, now);
        }
        let bucket = buckets.entry(key).or_insert(Bucket { tokens: full, filled_at: now });
        let gained = now.saturating_duration_since(bucket.filled_at).as_secs_f32() * rate;
        bucket.tokens = (bucket.tokens + gained).min(full);
        bucket.filled_at = now;
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return Ok(());
        }
        Err(Duration::from_secs_f32(((1.0 - bucket.tokens) / rate.max(0.001)).min(3_600.0)))
    }
}

/// Forgets those who have been quiet for long; if too many are left, the quieter half. So a crowd of
/// sources pays for the search once in thousands of requests, not each time.
fn make_room(buckets: &mut HashMap<u64, Bucket>, now: Instant) {
    buckets.retain(|_, bucket| now.saturating_duration_since(bucket.filled_at) < Duration::from_mins(10));
    if buckets.len() <= BUCKETS / 2 {
        return;
    }
    let mut by_quiet: Vec<(Instant, u64)> =
        buckets.iter().map(|(key, bucket)| (bucket.filled_at, *key)).collect();
    by_quiet.select_nth_unstable(BUCKETS / 2);
    for (_, key) in by_quiet.iter().take(BUCKETS / 2) {
        buckets.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEST: Purpose = Purpose { name: "test", burst: 3, per_minute: 60 };

    fn source(address: &str) -> Source {
        Source::of(address.parse().unwrap())
    }

    #[test]
    fn after_a_burst_one_waits_and_others_do_not() {
        let (limiter, now) = (RateLimiter::default(), Instant::now());
        let (one, other) = (source("192.0.2.1"), source("192.0.2.2"));
        for _ in 0..3 {
            assert_eq!(limiter.take_at(TEST, one, now), Ok(()));
        }
        assert!(limiter.take_at(TEST, one, now).unwrap_err() <= Duration::from_secs(1));
        assert_eq!(limiter.take_at(TEST, other, now), Ok(()));
        assert_eq!(limiter.take_at(Purpose::SIGN_IN, one, now), Ok(()));
        assert_eq!(limiter.take_at(TEST, one, now + Duration::from_secs(1)), Ok(()));
    }

    #[test]
    fn one_subscriber_of_ipv6_is_one_source() {
        assert_eq!(source("2001:db8:1:2::1"), source("2001:db8:1:2:ffff::9"));
        assert_ne!(source("2001:db8:1:2::1"), source("2001:db8:1:3::1"));
        assert_eq!(source("::ffff:192.0.2.1"), source("192.0.2.1"));
    }

    #[test]
    fn a_crowd_of_sources_does_not_fill_the_memory() {
        let (limiter, now) = (RateLimiter::default(), Instant::now());
        for number in 0..200_000_u32 {
            let _ = limiter.take_at(TEST, Source::of(IpAddr::V4(number.into())), now);
        }
        assert!(limiter.shards.iter().all(|shard| shard.lock().len() <= BUCKETS));
    }
}
