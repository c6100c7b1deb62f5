//! What is read from repeated measures: the middle one, and the slow end.

use std::time::Duration;

/// The middle of the values; 0 where there is none.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// The time, in seconds, that 95 % of the measures do not exceed.
pub fn p95_seconds(mut times: Vec<Duration>) -> f64 {
    times.sort();
    let rank = times.len() * 95 / 100;
    times.get(rank.min(times.len().saturating_sub(1))).copied().unwrap_or_default().as_secs_f64()
}
