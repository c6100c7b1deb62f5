//! Guessing costs time: after some failures each try must wait, twice as long as the one before. One
//! count per account (or would-be account: the answer is the same) and one per source.

use beffroi_core::Instant;
use beffroi_store::{Result, Tx};
use chrono::TimeDelta;

use crate::secret;

/// Failures are forgotten after a day without one.
const FORGOTTEN_AFTER: TimeDelta = TimeDelta::hours(24);

/// What is counted. Kept as a hash: an address or a source is personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    text: String,
    limits: Limits,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Limits {
    /// Failures that cost nothing.
    free: u32,
    /// The first pause.
    first: TimeDelta,
    /// The longest pause.
    longest: TimeDelta,
}

impl Key {
    /// Sign-ins to one account. CNIL 2022-100 asks, with a 50-bit password, for a pause of more than a
    /// minute after five failures and for at most 25 tries in 24 hours: these figures keep to both.
    pub fn account(email: &str) -> Self {
        let limits = Limits { free: 4, first: TimeDelta::seconds(61), longest: TimeDelta::hours(2) };
        Self::new("account", email, limits)
    }

    /// Codes of the second factor of one account.
    pub(crate) fn second_factor(account: &str) -> Self {
        let limits = Limits { free: 4, first: TimeDelta::seconds(61), longest: TimeDelta::hours(2) };
        Self::new("second-factor", account, limits)
    }

    /// Everything guessed from one source (an IP address). Mild, since a school or a library shares one.
    pub fn source(source: &str) -> Self {
        let limits = Limits { free: 30, first: TimeDelta::seconds(2), longest: TimeDelta::minutes(15) };
        Self::new("source", source, limits)
    }

    /// Tracking codes guessed from one source: few people mistype theirs ten times.
    pub fn tracking_code(source: &str) -> Self {
        let limits = Limits { free: 10, first: TimeDelta::seconds(10), longest: TimeDelta::hours(1) };
        Self::new("tracking-code", source, limits)
    }

    /// Times that one source holds for an appointment: a family takes one or two, a library helps a dozen people.
    pub fn holding(source: &str) -> Self {
        let limits = Limits { free: 30, first: TimeDelta::minutes(5), longest: TimeDelta::hours(2) };
        Self::new("holding", source, limits)
    }

    /// Questions about persons that one account has the State asked: a family asks a few times a year. After
    /// eight, the next waits for a day.
    pub fn asked_of_the_state(account: &str) -> Self {
        let limits = Limits { free: 7, first: FORGOTTEN_AFTER, longest: FORGOTTEN_AFTER };
        Self::new("asked-of-the-state", account, limits)
    }

    /// Messages asked for one address (links by mail): nobody's mailbox is flooded from here.
    pub(crate) fn mail(email: &str) -> Self {
        let limits = Limits { free: 2, first: TimeDelta::minutes(5), longest: TimeDelta::hours(6) };
        Self::new("mail", email, limits)
    }

    fn new(kind: &str, what: &str, limits: Limits) -> Self {
        Self { text: format!("{kind}:{}", hex::encode(secret::hash(what))), limits }
    }
}

/// Until when a key must wait, if it must. May be asked in a read.
pub fn waits_until(tx: &mut Tx<'_>, key: &Key) -> Result<Option<Instant>> {
    let now = tx.now();
    let until = failures(tx, key)?.and_then(|(count, at)| until(key.limits, count, at));
    Ok(until.filter(|until| *until > now))
}

/// Counts a failure.
pub fn failed(tx: &mut Tx<'_>, key: &Key) -> Result<()> {
    let count = failures(tx, key)?.map_or(0, |(count, _)| count);
    tx.execute(
        "INSERT INTO throttle (key, failures, failed_at) VALUES ($1, $2, $3) \
         ON CONFLICT (key) DO UPDATE SET failures = excluded.failures, failed_at = excluded.failed_at",
        &[&key.text, &count.saturating_add(1), &tx.now()],
    )?;
    Ok(())
}

/// Forgets the failures of a key: the right password was given, or the account was recovered.
pub fn clear(tx: &mut Tx<'_>, key: &Key) -> Result<()> {
    tx.execute("DELETE FROM throttle WHERE key = $1", &[&key.text])?;
    Ok(())
}

pub(crate) fn forget_old(tx: &mut Tx<'_>) -> Result<u64> {
    tx.execute("DELETE FROM throttle WHERE failed_at <= $1", &[&(tx.now() - FORGOTTEN_AFTER)])
}

fn failures(tx: &mut Tx<'_>, key: &Key) -> Result<Option<(u32, Instant)>> {
    tx.query_opt(
        "SELECT failures, failed_at FROM throttle WHERE key = $1 AND failed_at > $2",
        &[&key.text, &(tx.now() - FORGOTTEN_AFTER)],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

fn until(limits: Limits, failures: u32, failed_at: Instant) -> Option<Instant> {
    let beyond = failures.checked_sub(limits.free)?.checked_sub(1)?;
    let factor = 1_i32 << beyond.min(20);
    let pause = limits.first.checked_mul(factor).unwrap_or(limits.longest).min(limits.longest);
    Some(failed_at + pause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fifth_failure_costs_more_than_a_minute_and_each_next_twice_as_much() {
        let limits = Key::account("a@example.org").limits;
        let at = Instant::UNIX_EPOCH;
        assert_eq!(until(limits, 4, at), None);
        assert_eq!(until(limits, 5, at), Some(at + TimeDelta::seconds(61)));
        assert_eq!(until(limits, 6, at), Some(at + TimeDelta::seconds(122)));
        assert_eq!(until(limits, u32::MAX, at), Some(at + TimeDelta::hours(2)));
    }

    #[test]
    fn somebody_who_never_stops_guessing_has_at_most_25_tries_a_day() {
        let limits = Key::account("a@example.org").limits;
        let end = Instant::UNIX_EPOCH + TimeDelta::hours(24);
        let (mut now, mut tries) = (Instant::UNIX_EPOCH, 0);
        while now < end {
            tries += 1;
            now = until(limits, tries, now).unwrap_or(now);
        }
        assert!(tries <= 25, "{tries} tries");
    }
}
