//! Ids in the order in which they are given, within one millisecond too.

use beffroi_core::Instant;
use parking_lot::Mutex;
use uuid::Uuid;

use crate::platform::Randomness;

/// Ids of one millisecond; whoever asks for more is given those of the next.
const A_MILLISECOND: u16 = 1 << 12;
/// How far the clock may step back before ids follow it: less is a correction, more is another time.
const STEP_BACK_MILLIS: u64 = 10_000;

/// Gives the ids of a commune: UUIDs of version 7 whose 12 bits after the millisecond count
/// (RFC 9562 section 6.2, method 1), so that lists in the order of ids are lists in the order of what happened.
#[derive(Default)]
pub(crate) struct Ids(Mutex<(u64, u16)>);

impl Ids {
    /// An id that sorts after those given before.
    pub(crate) fn give(&self, now: Instant, randomness: &Randomness) -> Uuid {
        let (millis, rank) = self.next(u64::try_from(now.timestamp_millis()).unwrap_or(0));
        let mut bytes = [0; 10];
        randomness.fill(&mut bytes);
        let [high, low] = rank.to_be_bytes();
        let [first, second, ..] = &mut bytes;
        (*first, *second) = (high, low);
        uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
    }

    /// The millisecond of an id, and its rank there.
    fn next(&self, now: u64) -> (u64, u16) {
        let mut last = self.0.lock();
        let (millis, rank) = *last;
        *last = if now > millis || now + STEP_BACK_MILLIS < millis {
            (now, 0)
        } else if rank + 1 < A_MILLISECOND {
            (millis, rank + 1)
        } else {
            (millis + 1, 0)
        };
        *last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_instant_sort_as_they_were_given() {
        let (ids, randomness, now) = (Ids::default(), Randomness::seeded(1), Instant::UNIX_EPOCH);
        let given: Vec<_> = (0..10_000).map(|_| ids.give(now, &randomness)).collect();
        assert!(given.is_sorted_by(|one, next| one < next));
        assert!(given.iter().all(|id| id.get_version_num() == 7));
    }

    #[test]
    fn a_clock_that_is_corrected_changes_no_order_and_one_that_is_set_is_followed() {
        let ids = Ids::default();
        assert_eq!(ids.next(100_000), (100_000, 0));
        assert_eq!(ids.next(99_000), (100_000, 1));
        assert_eq!(ids.next(100_001), (100_001, 0));
        assert_eq!(ids.next(50_000), (50_000, 0));
    }
}
