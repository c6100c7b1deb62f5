//! What comes again, compared with a program that is none of ours: `scripts/recurrence-oracle.py` makes up rules, and
//! dateutil says when they come.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::{
    io::Write,
    process::{Command, Stdio},
};

use beffroi_calendar::{
    ics::{Calendar, Event, Status, When, write},
    recurrence::Recurrence,
};
use chrono::{NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::{Europe::Paris, Indian::Reunion, Tz};
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

/// Debian's own, for which its package of dateutil is made; another one that comes first may lack it.
const PYTHON: &str = "/usr/bin/python3";
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/recurrence-oracle.py");

fn told(seed: u32, rules: usize) -> Vec<Told> {
    let output = Command::new(PYTHON)
        .args([SCRIPT, "--seed", &seed.to_string(), "--rules", &rules.to_string()])
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

/// A calendar with something that comes again without end.
fn written(zone: Tz) -> String {
    let first: NaiveDateTime = "2026-01-05T18:00:00".parse().unwrap();
    let choir = Event {
        uid: "1@lunel.example".to_owned(),
        changed_at: first.and_utc(),
        changes: 0,
        when: When::Again(
            Recurrence { rule: Some("FREQ=WEEKLY".to_owned()), ..Recurrence::once(first) },
            TimeDelta::hours(2),
        ),
        summary: "Chorale".to_owned(),
        description: String::new(),
        place: String::new(),
        url: None,
        status: Status::Confirmed,
        is_private: false,
        is_busy: true,
    };
    write(&Calendar { name: "Chorale", zone, events: &[choir] })
}

#[test]
fn other_programs_read_the_clocks_of_the_town_as_they_are() {
    for zone in [Paris, Reunion] {
        let mut reader = Command::new(PYTHON)
            .args([SCRIPT, "--clocks"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 (scripts/install-test-tools)");
        reader.stdin.take().unwrap().write_all(written(zone).as_bytes()).unwrap();
        let output = reader.wait_with_output().unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.lines().count() > 17_000);
        for line in text.lines() {
            let (shown, seconds) = line.split_once(' ').unwrap();
            let shown: NaiveDateTime = shown.parse().unwrap();
            let expected = zone.offset_from_local_datetime(&shown).unwrap().fix().local_minus_utc();
            assert_eq!(seconds.parse::<i32>().unwrap(), expected, "{zone}, {shown}");
        }
    }
}
