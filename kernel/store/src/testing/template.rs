//! Communes that were made once and are copied for each test: a set of migrations runs once, and not in every test.
//! A template is named after all that it was made of, so that whatever is changed makes another one.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{SLUG, address, open, run_on};
use crate::{
    Database, Migration, NewCommune, Result, StoreError,
    engine::{Connection, postgres},
    migrations,
};

/// The code that makes a template.
const MAKERS: [&str; 7] = [
    include_str!("../commune.rs"),
    include_str!("../engine/sqlite.rs"),
    include_str!("../migrations.rs"),
    include_str!("../platform.rs"),
    include_str!("../registry.rs"),
    include_str!("../testing.rs"),
    include_str!("template.rs"),
];

/// Fills an empty folder with the platform of a test on SQLite.
pub(super) fn copy_folder(folder: &Path, migrations: &[Migration]) -> Result<()> {
    let shelf = shelf()?;
    let template = shelf.join(format!("beffroi-template-{}", mark(migrations)));
    if !template.exists() {
        let failed = |error| StoreError::io(format!("make {}", template.display()))(error);
        std::fs::create_dir_all(&shelf).map_err(failed)?;
        let draft = tempfile::tempdir_in(&shelf).map_err(failed)?;
        let made = draft.path().join("platform");
        make(&made, Database::Sqlite, migrations)?;
        // It appears whole. Of several tests that made it at once, one wins, and the others copy what that one made.
        if let Err(error) = std::fs::rename(&made, &template)
            && !template.exists()
        {
            return Err(failed(error));
        }
    }
    copy_all(&template, folder).map_err(StoreError::io(format!("copy {}", template.display())))
}

/// Makes the database of a test on a PostgreSQL server.
pub(super) fn copy_database(server: &str, name: &str, migrations: &[Migration]) -> Result<()> {
    let template = format!("beffroi_template_{}", mark(migrations));
    // Half as much work as through the log, for a server that does not wait for the disk.
    let copy = format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY");
    match run_on(server, &copy) {
        Err(error) if is_missing(&error) => {
            make_database(server, &template, migrations)?;
            run_on(server, &copy)
        }
        copied => copied,
    }
}

/// Whether a template is not there (class 3D).
fn is_missing(error: &StoreError) -> bool {
    let StoreError::Postgres(error) = error else { return false };
    error.as_db_error().is_some_and(|said| said.code().code() == "3D000")
}

/// Makes a template in a server, unless another process has made it meanwhile.
fn make_database(server: &str, template: &str, migrations: &[Migration]) -> Result<()> {
    let pool = postgres::Pool::new(server, 1)?;
    let mut connection = Connection::Postgres(Box::new(pool.connection()?));
    // Others that want the same one wait here. The lock is the connection's: a process that fails or dies gives it back.
    let lock = format!("hashtextextended('{template}', 0)");
    connection.batch(&format!("SELECT pg_advisory_lock({lock})"))?;
    let mut found = false;
    let question = format!("SELECT 1 FROM pg_database WHERE datname = '{template}'");
    connection.query(&question, &[], &mut |_| {
        found = true;
        Ok(())
    })?;
    if !found {
        let draft = format!("{template}_draft");
        // One may be left by a process that was cut off.
        connection.batch(&format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)"))?;
        connection.batch(&format!("CREATE DATABASE {draft}"))?;
        let folder = tempfile::tempdir().map_err(StoreError::io("make a folder for a template"))?;
        make(folder.path(), Database::Postgres(address(server, &draft)), migrations)?;
        // Nobody may be connected to what is renamed or copied, and the platform's pools close on threads of their own.
        connection.batch(&format!(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{draft}'"
        ))?;
        // It appears whole.
        connection.batch(&format!("ALTER DATABASE {draft} RENAME TO {template}"))?;
    }
    connection.batch(&format!("SELECT pg_advisory_unlock({lock})"))
}

/// Makes what is to be copied, and closes it.
fn make(folder: &Path, database: Database, migrations: &[Migration]) -> Result<()> {
    let (platform, _) = open(folder, database, migrations)?;
    let new =
        NewCommune { slug: SLUG.parse()?, name: "Lunel".to_owned(), hosts: vec!["localhost".to_owned()] };
    platform.create(&new).map(drop)
}

/// What tells one template from another.
fn mark(migrations: &[Migration]) -> String {
    let mut hash = Sha256::new();
    for maker in MAKERS {
        hash.update(maker);
    }
    hash.update(rusqlite::version());
    for migration in migrations::REGISTRY.iter().chain(migrations::STORE).chain(migrations) {
        hash.update(format!("\0{}/{}\0{}", migration.service, migration.number, migration.sql));
    }
    let mut mark = hex::encode(hash.finalize());
    mark.truncate(24);
    mark
}

/// Where templates on SQLite are kept from one run to the next: `target/tmp`, that Cargo leaves to tests. The programs
/// of tests lie in `target/debug/deps`.
fn shelf() -> Result<PathBuf> {
    let program = std::env::current_exe().map_err(StoreError::io("find the program of this test"))?;
    Ok(program.ancestors().nth(3).unwrap_or(&program).join("tmp"))
}

fn copy_all(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let there = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_all(&entry.path(), &there)?;
        } else {
            std::fs::copy(entry.path(), there)?;
        }
    }
    Ok(())
}
