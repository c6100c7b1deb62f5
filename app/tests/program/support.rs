//! The program, run in a folder of its own, on either engine.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::Arc,
};

use beffroi_store::{Database, Engine, Platform, PlatformConfig, Randomness, testing::TestCommune};
use serde_json::Value;

/// The program with these arguments, in that folder.
pub fn command(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_beffroi"));
    // What whoever runs the tests has in their environment does not count.
    command.env_clear().env("PATH", "/usr/bin:/bin").env("BEFFROI_DATA", data).args(arguments);
    command
}

/// Runs it to its end.
pub fn beffroi(data: &Path, arguments: &[&str]) -> Output {
    command(data, arguments).output().unwrap()
}

/// What it answered a program.
pub fn json_of(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Why it did not do what it was asked.
pub fn error_of(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A folder, and a database with PostgreSQL, with nothing in them yet. Both are gone with it.
pub struct House {
    folder: tempfile::TempDir,
    database: Option<TestCommune>,
}

impl House {
    /// On one engine, or `None` where that engine is not at hand.
    pub fn on(engine: Engine) -> Option<Self> {
        let database = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => {
                let Some(fixture) = TestCommune::on(engine, &[]).unwrap() else {
                    eprintln!("skipped on PostgreSQL: BEFFROI_TEST_POSTGRES is not set");
                    return None;
                };
                // The database of the fixture, without its commune: the program makes its own.
                fixture.platform.discard(&"lunel".parse().unwrap()).unwrap();
                Some(fixture)
            }
        };
        Some(Self { folder: tempfile::tempdir().unwrap(), database })
    }

    /// Once on each engine that is at hand.
    pub fn on_both(test: impl Fn(Engine, &Self)) {
        for engine in [Engine::Sqlite, Engine::Postgres] {
            if let Some(house) = Self::on(engine) {
                test(engine, &house);
            }
        }
    }

    /// The folder of everything that is kept.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A file beside that folder.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The address of its database, with PostgreSQL.
    pub fn database_url(&self) -> Option<String> {
        self.database.as_ref()?.database_url()
    }

    /// The program with these arguments.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(&self.data(), arguments);
        if let Some(url) = self.database_url() {
            command.args(["--database-url", &url]);
        }
        command
    }

    /// Runs it to its end.
    pub fn output(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs it to its end, and gives what it answers a program.
    pub fn json(&self, arguments: &[&str]) -> Value {
        json_of(&self.output(&[arguments, &["--json"]].concat()))
    }

    /// The same folder or database, looked at from beside the program.
    pub fn platform(&self) -> Arc<Platform> {
        let database = match self.database_url() {
            Some(url) => Database::Postgres(url),
            None => Database::Sqlite,
        };
        Platform::open(PlatformConfig {
            folder: self.data(),
            database,
            open_at_most: 1,
            migrations: [
                beffroi_desk::migrations(),
                beffroi_rooms::MIGRATIONS.to_vec(),
                beffroi_appointments::MIGRATIONS.to_vec(),
                beffroi_workshops::MIGRATIONS.to_vec(),
            ]
            .concat(),
            clock: Arc::new(beffroi_core::SystemClock),
            randomness: Randomness::System,
        })
        .unwrap()
    }
}
