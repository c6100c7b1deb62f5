//! A pool keeps its bounds whatever its workers do.
#![allow(clippy::unwrap_used, reason = "a test that cannot build its sample has failed")]

mod samples;

use std::ffi::OsString;
use std::time::Duration;

use beffroi_typeset::{Job, Pool, PoolConfig, TypesetError};

const WORKER: &str = env!("CARGO_BIN_EXE_typeset-worker");

fn config(command: &[&str]) -> PoolConfig {
    PoolConfig {
        deadline: Duration::from_mins(2),
        written_deadline: Duration::from_mins(2),
        wait: Duration::from_mins(4),
        ..PoolConfig::new(command.iter().map(OsString::from).collect())
    }
}

fn job() -> Job {
    Job::new(&samples::letter(), samples::meta("Une lettre")).unwrap()
}

#[test]
fn sixteen_letters_pass_through_two_workers() {
    let pool = Pool::new(PoolConfig { max_jobs_per_worker: 3, ..config(&[WORKER]) });
    let job = job();
    std::thread::scope(|scope| {
        let letters: Vec<_> = (0..16).map(|_| scope.spawn(|| pool.render(&job))).collect();
        for letter in letters {
            assert!(letter.join().unwrap().unwrap().starts_with(b"%PDF-"));
        }
    });
}

#[test]
fn a_worker_that_never_answers_is_ended() {
    let pool = Pool::new(PoolConfig {
        deadline: Duration::from_millis(50),
        workers: 1,
        ..config(&["sleep", "600"])
    });
    assert!(matches!(pool.render(&job()), Err(TypesetError::Deadline)));
    // Its seat is free again: the second caller meets the deadline too, not a full house.
    assert!(matches!(pool.render(&job()), Err(TypesetError::Deadline)));
}

#[test]
fn a_caller_does_not_wait_for_ever() {
    let pool = Pool::new(PoolConfig {
        deadline: Duration::from_secs(2),
        wait: Duration::ZERO,
        workers: 1,
        ..config(&["sleep", "600"])
    });
    let job = job();
    std::thread::scope(|scope| {
        let both = [scope.spawn(|| pool.render(&job)), scope.spawn(|| pool.render(&job))];
        let errors = both.map(|one| one.join().unwrap().unwrap_err());
        assert_eq!(errors.iter().filter(|e| matches!(e, TypesetError::Busy)).count(), 1);
        assert_eq!(errors.iter().filter(|e| matches!(e, TypesetError::Deadline)).count(), 1);
    });
}

#[test]
fn a_crashed_worker_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let marker = folder.path().join("crashed");
    let script =
        format!("if [ -e '{0}' ]; then exec '{WORKER}'; else touch '{0}'; exit 3; fi", marker.display());
    let pool = Pool::new(PoolConfig { workers: 1, ..config(&["sh", "-c", &script]) });
    assert!(matches!(pool.render(&job()), Err(TypesetError::Crashed)));
    assert!(pool.render(&job()).unwrap().starts_with(b"%PDF-"));
}

#[test]
fn memory_is_bounded() {
    let pool = Pool::new(PoolConfig { memory: 24 * 1024 * 1024, ..config(&[WORKER]) });
    assert!(matches!(pool.render(&job()), Err(TypesetError::Crashed)));
}

#[test]
fn a_refused_document_leaves_its_worker_in_service() {
    let mut meta = samples::meta("Une lettre");
    meta.date = samples::day(-40, 1, 1);
    let refused = Job::new(&samples::letter(), meta).unwrap();
    let pool = Pool::new(config(&[WORKER]));
    assert!(matches!(pool.render(&refused), Err(TypesetError::Layout(_))));
    assert!(pool.render(&job()).is_ok());
}

#[test]
fn a_command_that_does_not_exist_is_an_error() {
    let pool = Pool::new(config(&["/nonexistent/worker"]));
    assert!(matches!(pool.render(&job()), Err(TypesetError::Io(_))));
}

fn written(source: &str) -> Job {
    let source = format!("#import \"theme.typ\": *\n#show: theme\n{source}");
    Job::written(source, &samples::sheet(), samples::meta("Un essai")).unwrap()
}

#[test]
fn a_template_that_does_not_end_is_ended() {
    let pool =
        Pool::new(PoolConfig { written_deadline: Duration::from_secs(1), workers: 1, ..config(&[WORKER]) });
    let endless = "#let n = 0\n#for a in range(100000) { for b in range(100000) { n += 1 } }";
    assert!(matches!(pool.render(&written(endless)), Err(TypesetError::Deadline)));
    // The letters of the house keep their time, and the seat is free.
    assert!(pool.render(&job()).is_ok());
}

#[test]
fn a_template_that_wants_all_memory_ends_its_worker_alone() {
    let pool = Pool::new(PoolConfig { workers: 1, ..config(&[WORKER]) });
    let hungry = "#let text = \"a\" * 100000000\n#let all = range(1000).map(n => text + str(n))\n#all.len()";
    let refused = pool.render(&written(hungry));
    assert!(matches!(refused, Err(TypesetError::Crashed | TypesetError::Layout(_))), "{refused:?}");
    assert!(pool.render(&job()).is_ok());
    assert!(pool.render(&written("= Un essai")).unwrap().starts_with(b"%PDF-"));
}
