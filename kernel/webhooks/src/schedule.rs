//! When a message that was not taken is tried again: the pauses that the specification recommends, and when an endpoint
//! that takes nothing is sent nothing more.

use chrono::TimeDelta;

/// The pauses between attempts: « immediately, 5 seconds, 5 minutes, 30 minutes, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h ».
const PAUSES: [TimeDelta; 9] = [
    TimeDelta::seconds(5),
    TimeDelta::minutes(5),
    TimeDelta::minutes(30),
    TimeDelta::hours(2),
    TimeDelta::hours(5),
    TimeDelta::hours(10),
    TimeDelta::hours(14),
    TimeDelta::hours(20),
    TimeDelta::hours(24),
];
/// The longest that a receiver may ask us to wait.
const LONGEST_ASKED: TimeDelta = TimeDelta::hours(24);
/// How long an endpoint may take nothing at all before it is disabled.
pub const DISABLED_AFTER: TimeDelta = TimeDelta::days(5);

/// How long to wait after so many attempts; `None` where there were enough. `asked`: what the receiver asked for.
/// `chance` (any byte) spreads what failed together over a tenth of the pause.
pub fn pause(attempts: u32, asked: Option<TimeDelta>, chance: u8) -> Option<TimeDelta> {
    let rank = usize::try_from(attempts).unwrap_or(usize::MAX).checked_sub(1)?;
    let pause = PAUSES.get(rank)?;
    let spread = TimeDelta::milliseconds(pause.num_milliseconds() * i64::from(chance) / 2_560);
    Some((*pause + spread).max(asked.unwrap_or_default().min(LONGEST_ASKED)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_tried_ten_times_over_three_days() {
        let mut attempts = 1;
        let mut lasted = TimeDelta::zero();
        while let Some(pause) = pause(attempts, None, 0) {
            lasted += pause;
            attempts += 1;
        }
        assert_eq!((attempts, lasted.num_hours()), (10, 75));
    }

    #[test]
    fn a_receiver_that_asks_for_time_is_given_it_within_reason() {
        let after = |asked: TimeDelta| pause(1, Some(asked), 0);
        assert_eq!(after(TimeDelta::seconds(90)), Some(TimeDelta::seconds(90)));
        assert_eq!(after(TimeDelta::seconds(1)), Some(TimeDelta::seconds(5)));
        assert_eq!(after(TimeDelta::days(900)), Some(TimeDelta::hours(24)));
        assert!(pause(2, None, 255) < Some(TimeDelta::seconds(331)));
    }
}
