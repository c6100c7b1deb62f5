//! What comes again, compared with a program that is none of ours: `scripts/recurrence-oracle.py` makes up rules, and
//! dateutil says when they come.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::process::Command;

use beffroi_calendar::recurrence::Recurrence;
use chrono::NaiveDateTime;
use chrono_tz::Europe::Paris;
use serde::Deserialize;

/// A rule, and when it comes.
#[derive(Debug, Deserialize)]
struct Told {
    #[serde(flatten)]
    recurrence: Recurrence,
    until: NaiveDateTime,
    /// Seconds since 1970.
    times: Vec<i64>,
    skipped: Vec<NaiveDateTime>,
}

fn told(seed: u32, rules: usize) -> Vec<Told> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/recurrence-oracle.py");
    let output = Command::new("python3")
        .args([script, "--seed", &seed.to_string(), "--rules", &rules.to_string()])
        .output()
        .expect("python3 (scripts/install-test-tools)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let told: Vec<Told> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(told.len(), rules);
    told
}

#[test]
fn rules_come_when_another_program_says_they_do() {
    let (mut compared, mut left_out, mut wrong) = (0, 0, Vec::new());
    for told in told(20_260_329, 3_000) {
        compared += told.times.len();
        left_out += told.skipped.len();
        let found = told.recurrence.times(told.until, 5_000, Paris);
        let found = found.map(|found| {
            let times: Vec<i64> = found.at.into_iter().map(|(_, at)| at.timestamp()).collect();
            (times, found.skipped)
        });
        let expected = Ok((told.times.clone(), told.skipped.clone()));
        if found != expected {
            wrong.push(format!("{told:?}\n    found {found:?}"));
        }
    }
    // Even where nothing of it is wrong, it must have been about something.
    assert!(compared > 100_000 && left_out > 50, "{compared} times, {left_out} left out by the clocks");
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}
