//! Jobs that are slow, go to somebody who is away, or are never done.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::{Arc, mpsc};

use beffroi_core::ManualClock;
use beffroi_store::{
    By, Commune, Entry, StoreError, Tx,
    background::{Background, JobHandler, Workers, run_due},
    jobs::{self, Job, JobError},
    testing::{TestCommune, on_both_engines},
};
use chrono::TimeDelta;
use parking_lot::Mutex;
use serde_json::{Value, json};

type Run = dyn Fn(&Arc<Commune>, &Job) -> Result<(), JobError> + Send + Sync;

/// Does jobs of one kind by a function.
struct Does {
    kind: &'static str,
    run: Box<Run>,
}

impl JobHandler for Does {
    fn kind(&self) -> &'static str {
        self.kind
    }
    fn secrets(&self) -> &'static [&'static str] {
        &["code"]
    }
    fn run(&self, commune: &Arc<Commune>, job: &Job) -> Result<(), JobError> {
        (self.run)(commune, job)
    }
    fn given_up(&self, tx: &mut Tx<'_>, job: &Job) -> beffroi_store::Result<()> {
        assert!(job.payload.get("hopeless").is_none(), "a bug");
        tx.journal(&Entry {
            kind: "test.given_up",
            subject_kind: "job",
            subject_id: job.id.uuid(),
            payload: json!({}),
        })?;
        Ok(())
    }
}

fn does(
    kind: &'static str,
    run: impl Fn(&Arc<Commune>, &Job) -> Result<(), JobError> + Send + Sync + 'static,
) -> Arc<dyn JobHandler> {
    Arc::new(Does { kind, run: Box::new(run) })
}

fn workers(handlers: Vec<Arc<dyn JobHandler>>) -> Arc<Workers> {
    Arc::new(Workers { subscribers: vec![], handlers })
}

fn ask(fixture: &TestCommune, kind: &'static str, count: u32) {
    let asked = fixture.commune.write_blocking(By::SYSTEM, move |tx| {
        let now = tx.now();
        for n in 0..count {
            jobs::enqueue(tx, kind, &json!({ "n": n, "code": "secret" }), now, None)?;
        }
        Ok::<_, StoreError>(())
    });
    asked.unwrap();
}

fn rows(fixture: &TestCommune) -> Vec<(String, u32, bool, Value)> {
    let read = fixture.commune.read_blocking(By::SYSTEM, |tx| {
        tx.query("SELECT kind, attempts, failed, payload FROM job ORDER BY id LIMIT 1000", &[], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
    });
    read.unwrap()
}

#[test]
fn who_is_away_is_asked_once_and_all_that_waits_for_it_rests() {
    on_both_engines(&[], |fixture| {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let away = Arc::new(Mutex::new(true));
        let (seen, state) = (Arc::clone(&asked), Arc::clone(&away));
        let workers = workers(vec![does("mail", move |_, job| {
            seen.lock().push(job.id);
            if *state.lock() { Err(JobError::Away("connection refused".to_owned())) } else { Ok(()) }
        })]);
        ask(fixture, "mail", 50);
        fixture.settle(&workers).unwrap();
        assert_eq!(asked.lock().len(), 1, "one attempt shows it");
        let tried: u32 = rows(fixture).iter().map(|(_, attempts, ..)| attempts).sum();
        assert_eq!(tried, 1, "those that were not tried have not failed");
        fixture.clock.advance(TimeDelta::seconds(5));
        fixture.settle(&workers).unwrap();
        assert_eq!(asked.lock().len(), 1);
        *away.lock() = false;
        fixture.clock.advance(TimeDelta::seconds(5));
        fixture.settle(&workers).unwrap();
        assert_eq!((asked.lock().len(), rows(fixture).len()), (51, 0), "all of them leave at once");
    })
    .unwrap();
}

#[test]
fn a_job_that_can_wait_holds_up_no_other_of_its_kind() {
    on_both_engines(&[], |fixture| {
        let workers = workers(vec![does("mail", |_, job| match job.payload["n"].as_u64() {
            Some(0) => Err(JobError::Retry("come back later".to_owned())),
            Some(1) => panic!("a bug"),
            _ => Ok(()),
        })]);
        ask(fixture, "mail", 30);
        fixture.settle(&workers).unwrap();
        let left: Vec<_> = rows(fixture).into_iter().map(|(.., payload)| payload["n"].clone()).collect();
        assert_eq!(left, [json!(0), json!(1)]);
    })
    .unwrap();
}

#[test]
fn a_kind_that_takes_its_time_does_not_hold_up_the_others() {
    on_both_engines(&[], |fixture| {
        let (release, wait) = mpsc::channel::<()>();
        let (done, seen) = mpsc::channel::<()>();
        let (wait, done) = (Mutex::new(wait), Mutex::new(done));
        let workers = workers(vec![
            does("mail", move |_, _| wait.lock().recv().map_err(|error| JobError::Fail(error.to_string()))),
            does("receipt", move |_, _| {
                done.lock().send(()).map_err(|error| JobError::Fail(error.to_string()))
            }),
        ]);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let background =
            runtime.block_on(async { Background::start(Arc::clone(&fixture.platform), workers) });
        ask(fixture, "mail", 1);
        for _ in 0..3 {
            ask(fixture, "receipt", 1);
            seen.recv().unwrap();
        }
        release.send(()).unwrap();
        runtime.block_on(background.stop());
        assert!(!rows(fixture).iter().any(|(kind, ..)| kind == "mail"));
    })
    .unwrap();
}

#[test]
fn a_slow_batch_is_not_done_twice_by_another_node() {
    on_both_engines(&[], |fixture| {
        let done = Arc::new(Mutex::new(Vec::new()));
        let slow = |clock: Option<Arc<ManualClock>>, workers_of_the_other: Option<Arc<Workers>>| {
            let done = Arc::clone(&done);
            workers(vec![does("mail", move |commune, job| {
                if let (Some(clock), Some(other)) = (&clock, &workers_of_the_other) {
                    // Each takes four minutes, and the other node looks after each.
                    clock.advance(TimeDelta::minutes(4));
                    run_due(commune, other)?;
                }
                done.lock().push(job.id);
                Ok(())
            })])
        };
        let other = slow(None, None);
        let here = slow(Some(Arc::clone(&fixture.clock)), Some(other));
        ask(fixture, "mail", 40);
        fixture.settle(&here).unwrap();
        let mut ids = done.lock().clone();
        ids.sort();
        ids.dedup();
        assert_eq!((done.lock().len(), ids.len()), (40, 40), "each once");
    })
    .unwrap();
}

#[test]
fn who_finishes_after_its_lease_does_not_settle_the_attempt_of_another() {
    on_both_engines(&[], |fixture| {
        let (clock, tries) = (Arc::clone(&fixture.clock), Arc::new(Mutex::new(0)));
        let again = workers(vec![does("mail", |_, _| Err(JobError::Retry("not yet".to_owned())))]);
        let counted = Arc::clone(&tries);
        let late = workers(vec![does("mail", move |commune, _| {
            *counted.lock() += 1;
            clock.advance(TimeDelta::hours(1));
            run_due(commune, &again)?;
            Ok(())
        })]);
        ask(fixture, "mail", 1);
        fixture.settle(&late).unwrap();
        assert_eq!(*tries.lock(), 1);
        let left = rows(fixture);
        assert_eq!((left.len(), left[0].1), (1, 2), "the job of the other is still there");
    })
    .unwrap();
}

#[test]
fn what_is_tried_in_vain_for_days_is_given_up_and_forgets_its_secret() {
    on_both_engines(&[], |fixture| {
        let last = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&last);
        let workers = workers(vec![does("mail", move |_, job| {
            seen.lock().push(job.last);
            Err(JobError::Away("connection refused".to_owned()))
        })]);
        let keyed = |fixture: &TestCommune| {
            let asked = fixture.commune.write_blocking(By::SYSTEM, |tx| {
                let now = tx.now();
                jobs::enqueue(tx, "mail", &json!({ "to": "case", "code": "secret" }), now, Some("key"))
            });
            asked.unwrap();
        };
        keyed(fixture);
        for _ in 0..18 {
            fixture.settle(&workers).unwrap();
            fixture.clock.advance(TimeDelta::hours(6));
        }
        let (first, rest) = last.lock().split_last().map(|(last, rest)| (*last, rest.to_vec())).unwrap();
        assert!(first && !rest.contains(&true), "once only it is told that it is the last time");
        assert_eq!(rows(fixture)[0].3, json!({ "to": "case" }));
        let failed = fixture.commune.read_blocking(By::SYSTEM, |tx| jobs::failed(tx, 10)).unwrap();
        assert_eq!((failed.len(), failed[0].reason.as_str()), (1, "connection refused"));
        keyed(fixture);
        assert_eq!(rows(fixture).len(), 2, "what was given up stands in nobody's way");
    })
    .unwrap();
}

#[test]
fn what_tells_of_a_person_lies_sealed_until_it_is_taken() {
    on_both_engines(&[], |fixture| {
        let read = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&read);
        let workers = workers(vec![does("letter", move |_, job| {
            seen.lock().push(job.payload.clone());
            Err(JobError::Fail("no paper left".to_owned()))
        })]);
        let words = json!({ "case": 7, "code": ["Votre père", "est décédé"] });
        let asked = words.clone();
        let asked = fixture.commune.write_blocking(By::SYSTEM, move |tx| {
            let now = tx.now();
            jobs::enqueue_sealed(tx, "letter", &asked, &["code"], now)
        });
        asked.unwrap();
        let kept = rows(fixture)[0].3.clone();
        assert!(kept["case"] == 7 && !kept.to_string().contains("père"), "{kept}");
        fixture.settle(&workers).unwrap();
        assert_eq!(*read.lock(), [words]);
        assert_eq!(rows(fixture)[0].3, json!({ "case": 7 }), "given up, it is forgotten");
    })
    .unwrap();
}

#[test]
fn what_can_be_unsealed_no_more_holds_up_no_other_of_its_kind() {
    on_both_engines(&[], |fixture| {
        let read = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&read);
        let workers = workers(vec![does("letter", move |_, job| {
            seen.lock().push(job.payload.clone());
            Ok(())
        })]);
        let asked = fixture.commune.write_blocking(By::SYSTEM, |tx| {
            let now = tx.now();
            // As a row that somebody changed.
            jobs::enqueue(tx, "letter", &json!({ "code": { "$sealed": "bm90aGluZw==" } }), now, None)?;
            jobs::enqueue_sealed(tx, "letter", &json!({ "code": "K7" }), &["code"], now)
        });
        asked.unwrap();
        fixture.settle(&workers).unwrap();
        assert_eq!(*read.lock(), [json!({ "code": "K7" })]);
        let left = rows(fixture);
        assert!(left.len() == 1 && left[0].2, "one is given up, for the administrator: {left:?}");
    })
    .unwrap();
}

#[test]
fn what_a_missing_key_sealed_is_kept_for_when_it_is_put_back() {
    on_both_engines(&[], |fixture| {
        let workers = workers(vec![does("letter", |_, _| panic!("nothing was opened"))]);
        // The form, a mark that no key of this installation bears, and what would follow.
        let sealed = format!("01{}{}", "ab".repeat(4), "00".repeat(64));
        let asked = fixture.commune.write_blocking(By::SYSTEM, move |tx| {
            jobs::enqueue(tx, "letter", &json!({ "code": { "$sealed": sealed } }), tx.now(), None)
        });
        asked.unwrap();
        fixture.settle(&workers).unwrap();
        let left = rows(fixture);
        assert!(left.len() == 1 && !left[0].2, "it is tried again: {left:?}");
        assert!(left[0].3["code"]["$sealed"].is_string(), "nothing of it is lost: {left:?}");
    })
    .unwrap();
}

#[test]
fn the_first_attempt_after_a_long_stop_is_not_the_last() {
    on_both_engines(&[], |fixture| {
        let last = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&last);
        let workers = workers(vec![does("mail", move |_, job| {
            seen.lock().push(job.last);
            Err(JobError::Retry("not yet".to_owned()))
        })]);
        ask(fixture, "mail", 1);
        fixture.clock.advance(TimeDelta::days(10));
        for _ in 0..18 {
            fixture.settle(&workers).unwrap();
            fixture.clock.advance(TimeDelta::hours(6));
        }
        let (last, rest) = last.lock().split_last().map(|(last, rest)| (*last, rest.to_vec())).unwrap();
        assert!(last && rest.len() > 10 && !rest.contains(&true), "three days from the first attempt on");
    })
    .unwrap();
}

fn given_up(fixture: &TestCommune) -> i64 {
    let counted = fixture.commune.read_blocking(By::SYSTEM, |tx| {
        tx.query_one("SELECT COUNT(*) FROM journal WHERE kind = 'test.given_up'", &[], |row| row.get(0))
    });
    counted.unwrap()
}

#[test]
fn whatever_gives_a_job_up_its_handler_writes_it_down_once() {
    on_both_engines(&[], |fixture| {
        let workers = workers(vec![does("mail", |_, job| match job.payload["n"].as_u64() {
            Some(0) => Err(JobError::Fail("refused".to_owned())),
            Some(1) => Err(JobError::Retry("not yet".to_owned())),
            Some(2) => panic!("a bug"),
            _ => Ok(()),
        })]);
        ask(fixture, "mail", 4);
        fixture.settle(&workers).unwrap();
        assert_eq!(given_up(fixture), 1, "the others may still be done");
        for _ in 0..20 {
            fixture.clock.advance(TimeDelta::hours(6));
            fixture.settle(&workers).unwrap();
        }
        assert_eq!((given_up(fixture), rows(fixture).len()), (3, 3));
    })
    .unwrap();
}

#[test]
fn a_handler_that_cannot_write_it_down_holds_up_no_other() {
    on_both_engines(&[], |fixture| {
        let workers = workers(vec![does("mail", |_, job| match job.payload["hopeless"].as_bool() {
            Some(_) => Err(JobError::Fail("refused".to_owned())),
            None => Ok(()),
        })]);
        let asked = fixture.commune.write_blocking(By::SYSTEM, |tx| {
            let now = tx.now();
            jobs::enqueue(tx, "mail", &json!({ "hopeless": true }), now, None)
        });
        asked.unwrap();
        ask(fixture, "mail", 1);
        fixture.settle(&workers).unwrap();
        assert_eq!((given_up(fixture), rows(fixture).len()), (0, 1));
        assert!(rows(fixture)[0].2, "it is shown to the administrator all the same");
    })
    .unwrap();
}
