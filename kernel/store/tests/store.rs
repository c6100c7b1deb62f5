//! What a command may count on, on both engines.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{io::Cursor, sync::Arc};

use beffroi_core::Channel;
use beffroi_store::{
    By, Entry, JournalEntry, Migration, NewCommune, Result, Seq, StoreError, Tx,
    background::{Background, JobHandler, Subscriber, Workers},
    idempotency::{self, Once, once},
    jobs::{self, Job, JobError},
    journal::{self, Wanted},
    testing::{TestCommune, on_both_engines},
};
use chrono::TimeDelta;
use uuid::Uuid;

const MIGRATIONS: &[Migration] = &[Migration {
    service: "test",
    number: 1,
    sql: "CREATE TABLE note (id {id} NOT NULL PRIMARY KEY, words {text} NOT NULL, kept {bool} NOT NULL, \
          day {day}, bytes {blob}) {strict};",
}];

fn note(tx: &mut Tx<'_>, words: &str) -> Result<Uuid> {
    let id = tx.new_id::<()>().uuid();
    tx.execute(
        "INSERT INTO note (id, words, kept, day, bytes) VALUES ($1, $2, $3, $4, $5)",
        &[&id, &words, &true, &None::<beffroi_core::Day>, &[0_u8, 255]],
    )?;
    tx.journal(&Entry {
        kind: "note.written",
        subject_kind: "note",
        subject_id: id,
        payload: serde_json::json!({ "length": words.len() }),
    })?;
    Ok(id)
}

fn words(fixture: &TestCommune) -> Vec<String> {
    fixture
        .commune
        .read_blocking(By::SYSTEM, |tx| {
            tx.query("SELECT words FROM note ORDER BY words LIMIT 100", &[], |row| row.get::<String>(0))
        })
        .unwrap()
}

#[test]
fn a_command_that_fails_leaves_nothing_behind() {
    on_both_engines(MIGRATIONS, |fixture| {
        let refused = fixture.commune.write_blocking(By::VISITOR, |tx| {
            note(tx, "lost")?;
            Err::<(), _>(StoreError::Invalid("refused".to_owned()))
        });
        assert!(matches!(refused, Err(StoreError::Invalid(_))));
        fixture.commune.write_blocking(By::VISITOR, |tx| note(tx, "kept")).unwrap();
        assert_eq!(words(fixture), ["kept"]);
        let verified = fixture.commune.read_blocking(By::SYSTEM, journal::verify).unwrap();
        assert_eq!((verified.entries, verified.broken), (1, None));
    })
    .unwrap();
}

#[test]
fn a_command_that_panics_harms_no_other() {
    on_both_engines(MIGRATIONS, |fixture| {
        let commune = &fixture.commune;
        let panicked = commune.write_blocking(By::VISITOR, |tx| -> Result<()> {
            note(tx, "half-written")?;
            panic!("a bug");
        });
        assert!(matches!(panicked, Err(StoreError::Panicked)));
        commune.write_blocking(By::VISITOR, |tx| note(tx, "after")).unwrap();
        assert_eq!(words(fixture), ["after"]);
    })
    .unwrap();
}

#[test]
fn a_read_may_not_write() {
    on_both_engines(MIGRATIONS, |fixture| {
        let refused = fixture.commune.read_blocking(By::VISITOR, |tx| note(tx, "no"));
        assert!(matches!(refused, Err(StoreError::ReadOnly)));
    })
    .unwrap();
}

#[test]
fn parameters_are_numbered_not_ordered_and_values_come_back_as_they_went() {
    on_both_engines(MIGRATIONS, |fixture| {
        let found = fixture
            .commune
            .write_blocking(By::SYSTEM, |tx| {
                note(tx, "l’été")?;
                tx.query_one(
                    "SELECT words, kept, day, bytes FROM note WHERE kept = $2 AND words = $1 AND kept = $2",
                    &[&"l’été", &true],
                    |row| {
                        Ok((
                            row.get::<String>(0)?,
                            row.get::<bool>(1)?,
                            row.get::<Option<beffroi_core::Day>>(2)?,
                            row.get::<Vec<u8>>(3)?,
                        ))
                    },
                )
            })
            .unwrap();
        assert_eq!(found, ("l’été".to_owned(), true, None, vec![0, 255]));
    })
    .unwrap();
}

#[test]
fn no_text_holds_the_character_that_one_engine_refuses() {
    on_both_engines(MIGRATIONS, |fixture| {
        let commune = &fixture.commune;
        let written = commune.write_blocking(By::VISITOR, |tx| note(tx, "a\0b"));
        assert!(matches!(written, Err(StoreError::Nul)));
        let sought = commune.read_blocking(By::VISITOR, |tx| {
            tx.query("SELECT id FROM note WHERE words = $1", &[&"\0"], |row| row.get::<String>(0))
        });
        assert!(matches!(sought, Err(StoreError::Nul)));
        commune.write_blocking(By::VISITOR, |tx| note(tx, "after")).unwrap();
        assert_eq!(words(fixture), ["after"]);
    })
    .unwrap();
}

#[test]
fn commands_sent_together_share_commits_and_are_all_kept() {
    on_both_engines(MIGRATIONS, |fixture| {
        let commune = &fixture.commune;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        let before = fixture.platform.commits();
        runtime.block_on(async {
            let mut all = tokio::task::JoinSet::new();
            for n in 0..64 {
                let commune = Arc::clone(commune);
                all.spawn(
                    async move { commune.write(By::VISITOR, move |tx| note(tx, &format!("{n:02}"))).await },
                );
            }
            while let Some(done) = all.join_next().await {
                done.unwrap().unwrap();
            }
        });
        assert_eq!(words(fixture).len(), 64);
        assert!(fixture.platform.commits() - before < 64, "no two commands shared a commit");
        let verified = commune.read_blocking(By::SYSTEM, journal::verify).unwrap();
        assert_eq!((verified.entries, verified.broken), (64, None));
    })
    .unwrap();
}

#[test]
fn the_journal_shows_any_tampering_and_survives_erasure() {
    on_both_engines(MIGRATIONS, |fixture| {
        let commune = &fixture.commune;
        let id = commune.write_blocking(By::VISITOR, |tx| note(tx, "one")).unwrap();
        commune.write_blocking(By::VISITOR, |tx| note(tx, "two")).unwrap();
        commune.write_blocking(By::SYSTEM, move |tx| journal::erase_payloads(tx, "note", id)).unwrap();
        let verified = commune.read_blocking(By::SYSTEM, journal::verify).unwrap();
        assert_eq!((verified.entries, verified.erased, verified.broken), (2, 1, None));

        for tampering in [
            "UPDATE journal SET payload = '{}' WHERE seq = 2",
            "UPDATE journal SET channel = 'paper' WHERE seq = 1",
            "DELETE FROM journal WHERE seq = 2",
        ] {
            let broken = commune.write_blocking(By::SYSTEM, move |tx| {
                tx.execute(tampering, &[])?;
                let seen = journal::verify(tx)?.broken;
                Err::<(), _>(StoreError::Invalid(format!("{}", seen.is_some())))
            });
            assert!(matches!(broken, Err(StoreError::Invalid(seen)) if seen == "true"), "{tampering}");
        }
    })
    .unwrap();
}

#[test]
fn instants_follow_ranks_when_the_clock_steps_back_and_not_when_it_was_days_ahead() {
    on_both_engines(MIGRATIONS, |fixture| {
        let (commune, beginning) = (&fixture.commune, fixture.commune.now());
        let minutes = |minutes: i64| beginning + TimeDelta::minutes(minutes);
        for at in [minutes(0), minutes(-5), minutes(-4), minutes(1), minutes(3 * 24 * 60), minutes(2)] {
            fixture.clock.set(at);
            commune.write_blocking(By::VISITOR, |tx| note(tx, "one")).unwrap();
        }
        let wanted = |from, until| Wanted { from, until, ..Wanted::default() };
        let read = |wanted: &Wanted| {
            let page = commune.read_blocking(By::SYSTEM, |tx| journal::page(tx, wanted, None, 10)).unwrap();
            page.entries.into_iter().rev().map(|entry| entry.at).collect::<Vec<_>>()
        };
        let kept = [0, 0, 0, 1, 3 * 24 * 60, 2].map(minutes);
        assert_eq!(read(&Wanted::default()), kept);
        assert_eq!(read(&wanted(Some(minutes(0)), Some(minutes(1)))), kept[..3]);
        assert_eq!(commune.read_blocking(By::SYSTEM, journal::verify).unwrap().broken, None);
    })
    .unwrap();
}

#[test]
fn the_journal_position_moves_with_every_commit() {
    on_both_engines(MIGRATIONS, |fixture| {
        let commune = &fixture.commune;
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let position = || runtime.block_on(commune.journal_position()).unwrap();
        assert_eq!(position(), Seq(0));
        commune.write_blocking(By::VISITOR, |tx| note(tx, "one")).unwrap();
        assert_eq!(position(), Seq(1));
    })
    .unwrap();
}

#[test]
fn a_request_sent_twice_is_done_once() {
    on_both_engines(MIGRATIONS, |fixture| {
        let ask = |request: &'static [u8]| {
            fixture
                .commune
                .write_blocking(By::VISITOR, move |tx| {
                    once(tx, "note", "key-1", request, |tx| note(tx, "once"))
                })
                .unwrap()
        };
        let Once::Done(id) = ask(b"same") else { panic!("not done") };
        assert_eq!(ask(b"same"), Once::Again(id));
        assert_eq!(ask(b"other"), Once::Reused);
        assert_eq!(words(fixture), ["once"]);
    })
    .unwrap();
}

#[test]
fn an_answer_that_is_kept_opens_only_to_who_shows_the_key() {
    on_both_engines(MIGRATIONS, |fixture| {
        let told = fixture.commune.write_blocking(By::VISITOR, |tx| {
            once(tx, "code", "key-of-the-page", b"same", |_| Ok::<_, StoreError>("ABCD-2345".to_owned()))
        });
        assert_eq!(told.unwrap(), Once::Done("ABCD-2345".to_owned()));
        let kept = fixture.commune.read_blocking(By::SYSTEM, |tx| {
            tx.query("SELECT key, answer FROM idempotency LIMIT 10", &[], |row| {
                Ok((row.get::<String>(0)?, row.get::<serde_json::Value>(1)?.to_string()))
            })
        });
        let kept = kept.unwrap();
        assert_eq!(kept.len(), 1);
        let (name, answer) = &kept[0];
        assert!(!name.contains("key-of-the-page") && !answer.contains("ABCD"), "{name} {answer}");
        let again = fixture.commune.read_blocking(By::VISITOR, |tx| {
            idempotency::before::<String>(tx, "code", "key-of-the-page", b"same")
        });
        assert_eq!(again.unwrap(), Some(Once::Again("ABCD-2345".to_owned())));
    })
    .unwrap();
}

/// Copies each note written into a job.
struct Follower;

impl Subscriber for Follower {
    fn name(&self) -> &'static str {
        "follower"
    }
    fn kinds(&self) -> &'static [&'static str] {
        &["note.written"]
    }
    fn handle(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<()> {
        if entry.kind == "note.written" {
            let now = tx.now();
            jobs::enqueue(tx, "note.copy", &serde_json::json!({ "of": entry.subject_id }), now, None)?;
        }
        Ok(())
    }
}

/// Fails the first time, as a mail server that is down does.
struct Copier;

impl JobHandler for Copier {
    fn kind(&self) -> &'static str {
        "note.copy"
    }
    fn run(&self, commune: &Arc<beffroi_store::Commune>, job: &Job) -> Result<(), JobError> {
        if job.attempts == 0 {
            return Err(JobError::Retry("the outside is down".to_owned()));
        }
        commune.write_blocking(By::SYSTEM, |tx| {
            tx.execute("INSERT INTO note (id, words, kept) VALUES ($1, 'copy', FALSE)", &[&tx.new_id::<()>()])
        })?;
        Ok(())
    }
}

#[test]
fn work_left_to_the_background_is_done_and_tried_again_later() {
    let workers =
        Arc::new(Workers { subscribers: vec![Arc::new(Follower)], handlers: vec![Arc::new(Copier)] });
    on_both_engines(MIGRATIONS, |fixture| {
        fixture.commune.write_blocking(By::VISITOR, |tx| note(tx, "original")).unwrap();
        fixture.settle(&workers).unwrap();
        assert_eq!(words(fixture), ["original"], "the first attempt failed");
        fixture.clock.advance(TimeDelta::minutes(1));
        fixture.settle(&workers).unwrap();
        assert_eq!(words(fixture), ["copy", "original"]);
        fixture.clock.advance(TimeDelta::days(1));
        fixture.settle(&workers).unwrap();
        assert_eq!(words(fixture).len(), 2, "a job that is done is not done again");
    })
    .unwrap();
}

#[test]
fn a_job_that_nobody_does_is_shown_to_the_administrator() {
    on_both_engines(MIGRATIONS, |fixture| {
        fixture
            .commune
            .write_blocking(By::SYSTEM, |tx| {
                let now = tx.now();
                jobs::enqueue(tx, "unknown", &serde_json::json!({}), now, Some("one"))?;
                jobs::enqueue(tx, "unknown", &serde_json::json!({}), now, Some("one"))
            })
            .unwrap();
        fixture.settle(&Arc::default()).unwrap();
        let failed = fixture.commune.read_blocking(By::SYSTEM, |tx| jobs::failed(tx, 10)).unwrap();
        assert_eq!(failed.len(), 1);
        assert_eq!(failed[0].kind, "unknown");
    })
    .unwrap();
}

#[test]
fn a_backup_comes_back_as_it_was() {
    on_both_engines(MIGRATIONS, |fixture| {
        let commune = &fixture.commune;
        for n in 0..30 {
            commune.write_blocking(By::VISITOR, move |tx| note(tx, &format!("note \"{n}\"\n"))).unwrap();
        }
        let folder = commune.folder().join("documents/kept/ab");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("abcd"), b"a document").unwrap();
        std::fs::write(folder.join("abce#1"), b"being written").unwrap();
        std::fs::create_dir_all(commune.folder().join("documents/incoming")).unwrap();
        std::fs::write(commune.folder().join("documents/incoming/1"), b"arriving").unwrap();
        let mut archive = Vec::new();
        let made = beffroi_store::backup::back_up(&fixture.platform, "lunel", &mut archive).unwrap();
        assert_eq!(made.tables["note"].size, 30);
        assert_eq!(made.documents.keys().collect::<Vec<_>>(), ["kept/ab/abcd"]);
        assert_eq!(made.hosts, ["localhost"], "so that a restored commune answers where it did");

        let manifest = |archive: &[u8]| beffroi_store::backup::manifest(Cursor::new(archive)).unwrap();
        let restore = |slug: &str, archive: &[u8]| {
            let new = NewCommune { slug: slug.parse().unwrap(), name: "Lunel".to_owned(), hosts: vec![] };
            let target = fixture.platform.create(&new).unwrap();
            beffroi_store::backup::restore(&target, archive).map(|_| target)
        };
        let target = restore("copy", &archive).unwrap();
        let read = target.read_blocking(By::SYSTEM, journal::verify).unwrap();
        assert_eq!((read.entries, read.broken), (30, None));
        assert_eq!(std::fs::read(target.folder().join("documents/kept/ab/abcd")).unwrap(), b"a document");
        target.write_blocking(By::VISITOR, |tx| note(tx, "life goes on")).unwrap();
        assert_eq!(target.read_blocking(By::SYSTEM, journal::verify).unwrap().broken, None);

        assert!(restore("cut", &archive[..archive.len() / 2]).is_err(), "an archive cut off is refused");
        let cut = "cut".parse().unwrap();
        fixture.platform.discard(&cut).unwrap();
        assert!(matches!(fixture.platform.commune("cut"), Err(StoreError::NoSuchCommune(_))));
        assert_eq!(manifest(&archive), made);
        let mut damaged = archive.clone();
        let place = damaged.windows(10).position(|bytes| bytes == b"a document").unwrap();
        damaged[place] = b'A';
        assert!(restore("damaged", &damaged).is_err(), "a damaged archive is refused");
        assert!(
            beffroi_store::backup::restore(&target, archive.as_slice()).is_err(),
            "never over a living commune"
        );
    })
    .unwrap();
}

#[test]
fn a_backup_moves_between_engines() {
    let Some(there) = TestCommune::on(beffroi_store::Engine::Postgres, MIGRATIONS).unwrap() else {
        eprintln!("skipped: BEFFROI_TEST_POSTGRES is not set");
        return;
    };
    let here = TestCommune::on(beffroi_store::Engine::Sqlite, MIGRATIONS).unwrap().unwrap();
    here.commune.write_blocking(By::VISITOR, |tx| note(tx, "moved")).unwrap();
    let mut archive = Vec::new();
    let first = beffroi_store::backup::back_up(&here.platform, "lunel", &mut archive).unwrap();
    beffroi_store::backup::restore(&there.commune, archive.as_slice()).unwrap();
    assert_eq!(words(&there), ["moved"]);
    let second = beffroi_store::backup::back_up(&there.platform, "lunel", std::io::sink()).unwrap();
    assert_eq!(first.tables, second.tables);
}

#[test]
fn a_host_leads_to_its_commune_and_to_no_other() {
    on_both_engines(MIGRATIONS, |fixture| {
        let other = NewCommune {
            slug: "marsillargues".parse().unwrap(),
            name: "Marsillargues".to_owned(),
            hosts: vec!["Marsillargues.example".to_owned()],
        };
        fixture.platform.create(&other).unwrap();
        fixture.commune.write_blocking(By::VISITOR, |tx| note(tx, "Lunel’s")).unwrap();
        let found = |host: &str| {
            fixture.platform.commune_for_host(host).unwrap().map(|commune| commune.slug().to_owned())
        };
        assert_eq!(found("localhost").as_deref(), Some("lunel"));
        assert_eq!(found("marsillargues.example").as_deref(), Some("marsillargues"));
        assert_eq!(found("elsewhere.example"), None);
        let marsillargues = "marsillargues".parse().unwrap();
        let lead = |slug, host: &str| fixture.platform.add_hosts(slug, &[host.to_owned()]);
        lead(&marsillargues, "Mairie.example").unwrap();
        lead(&marsillargues, "mairie.example").unwrap();
        assert!(matches!(
            lead(&marsillargues, "localhost"),
            Err(StoreError::HostTaken { commune, .. }) if commune == "lunel"
        ));
        assert!(matches!(
            lead(&"nowhere".parse().unwrap(), "nowhere.example"),
            Err(StoreError::NoSuchCommune(_))
        ));
        let hosts = fixture.platform.hosts("marsillargues").unwrap();
        assert_eq!(hosts, ["mairie.example", "marsillargues.example"]);
        let theirs = fixture.platform.commune("marsillargues").unwrap();
        let notes = theirs.read_blocking(By::SYSTEM, |tx| {
            tx.query_one("SELECT COUNT(*) FROM note", &[], |row| row.get::<i64>(0))
        });
        assert_eq!(notes.unwrap(), 0);
        assert!(matches!(fixture.platform.create(&other), Err(StoreError::AlreadyExists(_))));
        let thief = NewCommune { slug: "thief".parse().unwrap(), ..other };
        assert!(matches!(fixture.platform.create(&thief), Err(StoreError::HostTaken { .. })));
        assert!(matches!(fixture.platform.commune("thief"), Err(StoreError::NoSuchCommune(_))));
    })
    .unwrap();
}

#[test]
fn communes_that_nobody_uses_are_closed_and_open_again() {
    on_both_engines(MIGRATIONS, |fixture| {
        let platform = &fixture.platform;
        let new = NewCommune { slug: "idle".parse().unwrap(), name: "Idle".to_owned(), hosts: vec![] };
        drop(platform.create(&new).unwrap());
        fixture.clock.advance(TimeDelta::minutes(10));
        platform.close_idle();
        assert_eq!(platform.open_count(), 2, "used ten minutes ago");
        fixture.clock.advance(TimeDelta::seconds(1));
        platform.close_idle();
        assert_eq!(platform.open_count(), 1, "the one that somebody holds stays");
        assert_eq!(platform.commune("idle").unwrap().slug(), "idle");
        platform.close_idle();
        assert_eq!(platform.open_count(), 2);
    })
    .unwrap();
}

#[test]
fn a_commune_opened_in_passing_is_closed_at_the_next_round() {
    on_both_engines(MIGRATIONS, |fixture| {
        let platform = &fixture.platform;
        let new = NewCommune { slug: "idle".parse().unwrap(), name: "Idle".to_owned(), hosts: vec![] };
        drop(platform.create(&new).unwrap());
        fixture.clock.advance(TimeDelta::minutes(9));
        drop(platform.commune_in_passing("idle").unwrap());
        fixture.clock.advance(TimeDelta::minutes(2));
        platform.close_idle();
        assert_eq!(platform.open_count(), 1, "the sweep was no use of it");
        let swept = platform.commune_in_passing("idle").unwrap();
        platform.close_idle();
        assert_eq!(platform.open_count(), 2, "not while the sweep works for it");
        drop(swept);
        platform.close_idle();
        assert_eq!(platform.open_count(), 1);
    })
    .unwrap();
}

#[test]
fn the_background_closes_what_nobody_uses() {
    on_both_engines(MIGRATIONS, |fixture| {
        let new = NewCommune { slug: "idle".parse().unwrap(), name: "Idle".to_owned(), hosts: vec![] };
        drop(fixture.platform.create(&new).unwrap());
        fixture.clock.advance(TimeDelta::minutes(11));
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let background = Background::start(Arc::clone(&fixture.platform), Arc::default());
            while fixture.platform.open_count() > 1 {
                tokio::task::yield_now().await;
            }
            background.stop().await;
        });
    })
    .unwrap();
}

#[test]
fn channels_are_kept_with_what_was_done() {
    on_both_engines(MIGRATIONS, |fixture| {
        let account = Uuid::from_u128(7);
        let id = fixture
            .commune
            .write_blocking(By::account(account, Channel::Counter), |tx| note(tx, "at the counter"))
            .unwrap();
        let history = fixture
            .commune
            .read_blocking(By::SYSTEM, move |tx| journal::of_subject(tx, "note", id, 10))
            .unwrap();
        assert_eq!(history.len(), 1);
        assert_eq!(history[0].channel, Channel::Counter);
        assert_eq!(history[0].actor_id, Some(account));
        assert_eq!(history[0].payload, Some(serde_json::json!({ "length": 14 })));
    })
    .unwrap();
}
