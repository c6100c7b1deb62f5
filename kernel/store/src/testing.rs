//! A commune for a test, on each engine: a fresh database, a clock that stands still, seeded ids. It is copied from a
//! template, which the first test with the same migrations makes.
//!
//! PostgreSQL is used where `BEFFROI_TEST_POSTGRES` gives an address (`postgres://user@host:port/database`
//! or `host=… port=… user=…`); the project's test command starts one and sets it.

mod template;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use beffroi_core::{Instant, ManualClock};

use crate::{
    Commune, Database, Engine, Migration, Platform, PlatformConfig, Randomness, Result, StoreError,
    background::{Workers, run_due},
    engine::{Connection, postgres},
};

/// The instant at which every test begins: Wednesday 3 June 2026, 10:00 in Paris.
const BEGINNING_MILLIS: i64 = 1_780_473_600_000;

/// The commune of every test.
const SLUG: &str = "lunel";

static MADE: AtomicU32 = AtomicU32::new(0);

/// A commune made for one test, removed with it.
pub struct TestCommune {
    /// The commune.
    pub commune: Arc<Commune>,
    /// Its platform.
    pub platform: Arc<Platform>,
    /// The clock of its transactions.
    pub clock: Arc<ManualClock>,
    folder: tempfile::TempDir,
    postgres: Option<(String, String)>,
}

impl TestCommune {
    /// The address of its own PostgreSQL database, for a program that the test starts; `None` on SQLite.
    pub fn database_url(&self) -> Option<String> {
        let (server, name) = self.postgres.as_ref()?;
        Some(address(server, name))
    }

    /// A fresh commune on one engine, or `None` where that engine is not at hand.
    pub fn on(engine: Engine, migrations: &[Migration]) -> Result<Option<Self>> {
        let folder = tempfile::tempdir().map_err(StoreError::io("make a folder for a test"))?;
        let (database, postgres) = match engine {
            Engine::Sqlite => {
                template::copy_folder(folder.path(), migrations)?;
                (Database::Sqlite, None)
            }
            Engine::Postgres => {
                let Ok(server) = std::env::var("BEFFROI_TEST_POSTGRES") else { return Ok(None) };
                let rank = MADE.fetch_add(1, Ordering::Relaxed);
                let name = format!("beffroi_test_{}_{rank}", std::process::id());
                template::copy_database(&server, &name, migrations)?;
                (Database::Postgres(address(&server, &name)), Some((server, name)))
            }
        };
        let (platform, clock) = open(folder.path(), database, migrations)?;
        let commune = platform.commune(SLUG)?;
        Ok(Some(Self { commune, platform, clock, folder, postgres }))
    }

    /// The platform's folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Does all the background work that is due.
    pub fn settle(&self, workers: &Arc<Workers>) -> Result<()> {
        run_due(&self.commune, workers).map(drop)
    }
}

impl Drop for TestCommune {
    fn drop(&mut self) {
        if let Some((server, name)) = self.postgres.take() {
            // The database may still be in use by a pool that is closing; FORCE ends its connections.
            std::thread::spawn(move || {
                drop(run_on(&server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")));
            })
            .join()
            .ok();
        }
    }
}

/// The address of another database of a server.
fn address(server: &str, name: &str) -> String {
    match server.rsplit_once('/') {
        Some((address, _)) => format!("{address}/{name}"),
        None => format!("{server} dbname={name}"),
    }
}

/// Has a server do one thing, on a connection for that alone.
fn run_on(server: &str, sql: &str) -> Result<()> {
    let pool = postgres::Pool::new(server, 1)?;
    let mut connection = Connection::Postgres(Box::new(pool.connection()?));
    connection.batch(sql)
}

/// A test's platform, and its clock.
fn open(
    folder: &Path,
    database: Database,
    migrations: &[Migration],
) -> Result<(Arc<Platform>, Arc<ManualClock>)> {
    let start = Instant::from_timestamp_millis(BEGINNING_MILLIS).unwrap_or_default();
    let clock = Arc::new(ManualClock::new(start));
    let platform = Platform::open(PlatformConfig {
        folder: folder.to_owned(),
        database,
        open_at_most: 16,
        migrations: migrations.to_vec(),
        clock: Arc::clone(&clock) as Arc<dyn beffroi_core::Clock>,
        randomness: Randomness::seeded(1),
    })?;
    Ok((platform, clock))
}

/// Runs a test once on each engine that is at hand.
///
/// Errors: a commune could not be made.
pub fn on_both_engines(migrations: &[Migration], test: impl Fn(&TestCommune)) -> Result<()> {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        match TestCommune::on(engine, migrations)? {
            Some(fixture) => test(&fixture),
            None => eprintln!("skipped on PostgreSQL: BEFFROI_TEST_POSTGRES is not set"),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{By, NewCommune};

    const STREETS: &[Migration] = &[Migration {
        service: "test",
        number: 1,
        sql: "CREATE TABLE street (id {int} NOT NULL PRIMARY KEY) {strict};",
    }];
    const SQUARES: &[Migration] = &[Migration {
        service: "test",
        number: 1,
        sql: "CREATE TABLE square (id {id} NOT NULL PRIMARY KEY) {strict};",
    }];

    /// Which migrations ran when, and where the journal stands.
    type Kept = (Vec<(String, i64, i64)>, (i64, Vec<u8>));

    fn kept(commune: &Commune) -> Kept {
        let kept = commune.read_blocking(By::SYSTEM, |tx| {
            let ran = tx.query(
                "SELECT service, number, at FROM migration ORDER BY service, number LIMIT 100",
                &[],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )?;
            let head = tx
                .query_one("SELECT seq, hash FROM journal_head", &[], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok::<Kept, StoreError>((ran, head))
        });
        kept.unwrap()
    }

    #[test]
    fn a_copied_commune_is_what_would_have_been_made() {
        on_both_engines(STREETS, |fixture| {
            let new = NewCommune { slug: "fresh".parse().unwrap(), name: "Fresh".to_owned(), hosts: vec![] };
            let made = fixture.platform.create(&new).unwrap();
            assert_eq!(kept(&fixture.commune), kept(&made));
            assert_eq!(fixture.commune.name(), "Lunel");
            assert_eq!(fixture.commune.now().timestamp_millis(), BEGINNING_MILLIS);
            assert!(fixture.commune.folder().starts_with(fixture.folder()));
            assert_eq!(fixture.platform.hosts(SLUG).unwrap(), ["localhost"]);
            assert_eq!(fixture.platform.slugs("", 10).unwrap(), ["fresh", SLUG]);
        })
        .unwrap();
    }

    #[test]
    fn communes_copied_at_once_share_nothing_and_draw_the_same_ids() {
        for engine in [Engine::Sqlite, Engine::Postgres] {
            let draw = || {
                let fixture = TestCommune::on(engine, SQUARES).unwrap()?;
                let drawn = fixture.commune.write_blocking(By::SYSTEM, |tx| {
                    let id = tx.new_id::<()>().uuid();
                    tx.execute("INSERT INTO square (id) VALUES ($1)", &[&id])?;
                    Ok::<_, StoreError>(id)
                });
                Some(drawn.unwrap())
            };
            let drawn: Vec<_> = std::thread::scope(|scope| {
                let rivals: Vec<_> = (0..4).map(|_| scope.spawn(draw)).collect();
                rivals.into_iter().map(|rival| rival.join().unwrap()).collect()
            });
            assert!(drawn.iter().all(|id| *id == drawn[0]));
        }
    }

    #[test]
    fn another_set_of_migrations_is_another_template() {
        on_both_engines(STREETS, |fixture| {
            let counted = fixture.commune.read_blocking(By::SYSTEM, |tx| {
                tx.query_one("SELECT COUNT(*) FROM square", &[], |row| row.get::<i64>(0))
            });
            assert!(counted.is_err(), "that is a table of others");
        })
        .unwrap();
    }
}
