//! A commune for a test, on each engine: a fresh database, a clock that stands still, seeded ids.
//!
//! PostgreSQL is used where `BEFFROI_TEST_POSTGRES` gives an address (`postgres://user@host:port/database`
//! or `host=… port=… user=…`); the project's test command starts one and sets it.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use beffroi_core::{Instant, ManualClock};

use crate::{
    Commune, Database, Engine, Migration, NewCommune, Platform, PlatformConfig, Randomness, Result,
    StoreError,
    background::{Workers, run_due},
    engine::{Connection, postgres},
};

/// The instant at which every test begins: Wednesday 3 June 2026, 10:00 in Paris.
const BEGINNING_MILLIS: i64 = 1_780_473_600_000;

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
        Some(match server.rsplit_once('/') {
            Some((address, _)) => format!("{address}/{name}"),
            None => format!("{server} dbname={name}"),
        })
    }

    /// A fresh commune on one engine, or `None` where that engine is not at hand.
    pub fn on(engine: Engine, migrations: &[Migration]) -> Result<Option<Self>> {
        let made = format!("{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let (database, postgres) = match engine {
            Engine::Sqlite => (Database::Sqlite, None),
            Engine::Postgres => {
                let Ok(server) = std::env::var("BEFFROI_TEST_POSTGRES") else { return Ok(None) };
                let name = format!("beffroi_test_{}", made.replace('-', "_"));
                Connection::Postgres(Box::new(postgres::Pool::new(&server, 1)?.connection()?))
                    .batch(&format!("CREATE DATABASE {name}"))?;
                let url = match server.rsplit_once('/') {
                    Some((address, _)) => format!("{address}/{name}"),
                    None => format!("{server} dbname={name}"),
                };
                (Database::Postgres(url), Some((server, name)))
            }
        };
        let folder = tempfile::tempdir().map_err(StoreError::io("make a folder for a test"))?;
        let start = Instant::from_timestamp_millis(BEGINNING_MILLIS).unwrap_or_default();
        let clock = Arc::new(ManualClock::new(start));
        let platform = Platform::open(PlatformConfig {
            folder: folder.path().to_owned(),
            database,
            open_at_most: 16,
            migrations: migrations.to_vec(),
            clock: Arc::clone(&clock) as Arc<dyn beffroi_core::Clock>,
            randomness: Randomness::seeded(1),
        })?;
        let commune = platform.create(&NewCommune {
            slug: "lunel".parse()?,
            name: "Lunel".to_owned(),
            hosts: vec!["localhost".to_owned()],
        })?;
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
                let dropped = postgres::Pool::new(&server, 1).and_then(|pool| {
                    Connection::Postgres(Box::new(pool.connection()?))
                        .batch(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
                });
                drop(dropped);
            })
            .join()
            .ok();
        }
    }
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
