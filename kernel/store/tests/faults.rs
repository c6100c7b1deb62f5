//! What the house survives: code that panics, a database server that goes away and comes back, many at once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Barrier},
};

use beffroi_core::Clock;
use beffroi_store::{
    By, Commune, Database, Engine, Entry, Migration, NewCommune, Platform, PlatformConfig, Randomness,
    Result, Tx,
    testing::{TestCommune, on_both_engines},
};
use uuid::Uuid;

const MIGRATIONS: &[Migration] = &[Migration {
    service: "test",
    number: 1,
    sql: "CREATE TABLE note (id {int} NOT NULL PRIMARY KEY) {strict};",
}];

fn count(tx: &mut Tx<'_>) -> Result<i64> {
    tx.query_one("SELECT COUNT(*) FROM note", &[], |row| row.get(0))
}

fn add(tx: &mut Tx<'_>) -> Result<()> {
    tx.execute("INSERT INTO note (id) SELECT COALESCE(MAX(id), 0) + 1 FROM note", &[])?;
    tx.journal(&Entry {
        kind: "note.written",
        subject_kind: "note",
        subject_id: Uuid::nil(),
        payload: serde_json::json!({}),
    })
    .map(drop)
}

/// The same communes, opened by another process.
fn other_process(fixture: &TestCommune) -> Arc<Platform> {
    Platform::open(PlatformConfig {
        folder: fixture.folder().to_owned(),
        database: fixture.database_url().map_or(Database::Sqlite, Database::Postgres),
        open_at_most: 4,
        migrations: MIGRATIONS.to_vec(),
        clock: Arc::clone(&fixture.clock) as Arc<dyn Clock>,
        randomness: Randomness::seeded(2),
    })
    .unwrap()
}

/// As many reads at the same moment as the pool has connections.
fn use_every_connection(commune: &Arc<Commune>) {
    let barrier = Barrier::new(16);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                commune.read_blocking(By::SYSTEM, |tx| {
                    barrier.wait();
                    count(tx)
                })
            });
        }
    });
}

#[test]
fn a_read_that_panics_spoils_no_connection() {
    on_both_engines(MIGRATIONS, |fixture| {
        let commune = &fixture.commune;
        commune.write_blocking(By::SYSTEM, add).unwrap();
        for _ in 0..20 {
            let panicked = catch_unwind(AssertUnwindSafe(|| {
                commune.read_blocking(By::VISITOR, |tx| -> Result<()> {
                    count(tx)?;
                    panic!("a bug");
                })
            }));
            assert!(panicked.is_err());
        }
        commune.write_blocking(By::SYSTEM, add).unwrap();
        for _ in 0..40 {
            assert_eq!(commune.read_blocking(By::VISITOR, count).unwrap(), 2, "a fresh snapshot each time");
        }
    })
    .unwrap();
}

#[test]
fn a_read_whose_statement_fails_spoils_no_connection() {
    on_both_engines(MIGRATIONS, |fixture| {
        for _ in 0..20 {
            let failed = fixture.commune.read_blocking(By::VISITOR, |tx| {
                tx.query("SELECT nothing FROM nowhere", &[], |row| row.get::<i64>(0))
            });
            assert!(failed.is_err());
            assert_eq!(fixture.commune.read_blocking(By::VISITOR, count).unwrap(), 0);
        }
    })
    .unwrap();
}

#[test]
fn a_database_server_that_was_restarted_costs_no_request() {
    on_both_engines(MIGRATIONS, |fixture| {
        let commune = &fixture.commune;
        let elsewhere = other_process(fixture);
        commune.write_blocking(By::SYSTEM, add).unwrap();
        use_every_connection(commune);
        let cut_off = || {
            if commune.engine() == Engine::Postgres {
                let cut = elsewhere.commune("lunel").unwrap().read_blocking(By::SYSTEM, |tx| {
                    tx.query(
                        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity \
                         WHERE datname = current_database() AND pid <> pg_backend_pid() LIMIT 100",
                        &[],
                        |row| row.get::<bool>(0),
                    )
                });
                assert!(cut.unwrap().len() >= 16, "every connection is cut");
            }
        };
        cut_off();
        commune.write_blocking(By::SYSTEM, add).unwrap();
        assert_eq!(commune.read_blocking(By::VISITOR, count).unwrap(), 2);
        use_every_connection(commune);
        cut_off();
        for _ in 0..40 {
            assert_eq!(commune.read_blocking(By::VISITOR, count).unwrap(), 2);
        }
        let new = NewCommune { slug: "late".parse().unwrap(), name: "Late".to_owned(), hosts: vec![] };
        use_every_connection(commune);
        cut_off();
        fixture.platform.create(&new).unwrap();
        assert_eq!(fixture.platform.hosts("lunel").unwrap(), ["localhost"]);
    })
    .unwrap();
}

#[test]
fn many_communes_that_leave_work_at_the_same_moment_do_not_wait_for_one_another() {
    on_both_engines(MIGRATIONS, |fixture| {
        let communes: Vec<_> = (0..16)
            .map(|n| {
                let slug = format!("town-{n}").parse().unwrap();
                let new = NewCommune { slug, name: n.to_string(), hosts: vec![] };
                fixture.platform.create(&new).unwrap()
            })
            .collect();
        // Each holds a connection of the pool when it tells the registry that work waits.
        let barrier = Arc::new(Barrier::new(communes.len()));
        std::thread::scope(|scope| {
            for commune in &communes {
                let barrier = Arc::clone(&barrier);
                scope.spawn(move || {
                    let written = commune.write_blocking(By::SYSTEM, move |tx| {
                        barrier.wait();
                        add(tx)
                    });
                    written.unwrap();
                });
            }
        });
    })
    .unwrap();
}

#[test]
fn the_way_to_a_database_is_as_safe_as_its_address_asks() {
    let Some(fixture) = TestCommune::on(Engine::Postgres, MIGRATIONS).unwrap() else {
        eprintln!("skipped: BEFFROI_TEST_POSTGRES is not set");
        return;
    };
    let authority = std::env::var("BEFFROI_TEST_POSTGRES_AUTHORITY").unwrap();
    let url = fixture.database_url().unwrap();
    let connect = |url: &str| {
        let platform = Platform::open(PlatformConfig {
            folder: fixture.folder().to_owned(),
            database: Database::Postgres(url.to_owned()),
            open_at_most: 4,
            migrations: MIGRATIONS.to_vec(),
            clock: Arc::clone(&fixture.clock) as Arc<dyn Clock>,
            randomness: Randomness::seeded(2),
        })?;
        platform.commune("lunel")?.read_blocking(By::SYSTEM, |tx| {
            tx.query_one("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", &[], |row| row.get(0))
        })
    };
    let tls = |query: &str| -> Result<bool> { connect(&format!("{url}{query}")) };
    assert!(!tls("?sslmode=disable").unwrap());
    assert!(tls("").unwrap(), "what the server offers is taken");
    assert!(tls("?sslmode=prefer").unwrap());
    assert!(tls("?sslmode=require").unwrap());
    assert!(tls(&format!("?sslmode=verify-full&sslrootcert={authority}")).unwrap());
    assert!(tls(&format!("?sslrootcert={authority}")).unwrap());
    assert!(tls("?sslmode=verify-full").is_err(), "nobody known vouches for this server");
    let other_name = url.replace("127.0.0.1", "localhost");
    let misled = format!("{other_name}?sslmode=verify-full&sslrootcert={authority}");
    assert!(connect(&misled).is_err(), "the certificate is for another name");
    assert!(connect(&format!("{other_name}?sslmode=require")).unwrap());
}
