//! Upgrading in place: what a newer program does with the database of an older one, and the other way round.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;

use beffroi_core::Clock;
use beffroi_store::{
    By, Database, Migration, Platform, PlatformConfig, Randomness, Result, StoreError,
    testing::{TestCommune, on_both_engines},
};

const fn step(number: u32, sql: &'static str) -> Migration {
    Migration { service: "test", number, sql }
}

/// The program as it was.
const FIRST: Migration =
    step(1, "CREATE TABLE street (id {int} NOT NULL PRIMARY KEY, name {text} NOT NULL) {strict};");
const OLD: &[Migration] = &[FIRST];
/// The program after an upgrade: a column with a value for what is there, and a table.
const NEW: &[Migration] = &[
    FIRST,
    step(
        2,
        "ALTER TABLE street ADD COLUMN length {int} NOT NULL DEFAULT 0;
         UPDATE street SET length = 100 WHERE name LIKE 'Rue%';
         CREATE TABLE square (id {int} NOT NULL PRIMARY KEY, paved {bool} NOT NULL) {strict};",
    ),
];

/// The same folder or database, opened by the program that knows these migrations.
fn opened_by(fixture: &TestCommune, migrations: &[Migration]) -> Arc<Platform> {
    Platform::open(PlatformConfig {
        folder: fixture.folder().to_owned(),
        database: fixture.database_url().map_or(Database::Sqlite, Database::Postgres),
        open_at_most: 4,
        migrations: migrations.to_vec(),
        clock: Arc::clone(&fixture.clock) as Arc<dyn Clock>,
        randomness: Randomness::seeded(2),
    })
    .unwrap()
}

fn settle(fixture: &TestCommune) {
    let inserted = fixture.commune.write_blocking(By::SYSTEM, |tx| {
        tx.execute("INSERT INTO street (id, name) VALUES (1, 'Rue des Caladons')", &[])?;
        tx.execute("INSERT INTO street (id, name) VALUES (2, 'Place des Platanes')", &[])
    });
    inserted.unwrap();
}

fn lengths(platform: &Platform) -> Result<Vec<(String, i64)>> {
    platform.commune("lunel")?.read_blocking(By::SYSTEM, |tx| {
        tx.query("SELECT name, length FROM street ORDER BY id LIMIT 10", &[], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
    })
}

fn refusal(platform: &Platform) -> (String, u32, String) {
    match platform.commune("lunel").map(drop).unwrap_err() {
        StoreError::Migration { service, number, reason } => (service, number, reason),
        other => (other.to_string(), 0, String::new()),
    }
}

#[test]
fn a_newer_program_brings_the_tables_up_to_date_and_keeps_what_they_hold() {
    on_both_engines(OLD, |fixture| {
        settle(fixture);
        let kept = [("Rue des Caladons".to_owned(), 100), ("Place des Platanes".to_owned(), 0)];
        let newer = opened_by(fixture, NEW);
        assert_eq!(lengths(&newer).unwrap(), kept);
        let written = newer.commune("lunel").unwrap().write_blocking(By::SYSTEM, |tx| {
            tx.execute("INSERT INTO square (id, paved) VALUES (1, TRUE)", &[])?;
            tx.execute("UPDATE street SET length = 70 WHERE id = 2", &[])
        });
        written.unwrap();
        drop(newer);
        // Once is enough: what was written since is not overwritten.
        let again = lengths(&opened_by(fixture, NEW)).unwrap();
        assert_eq!(again[1], ("Place des Platanes".to_owned(), 70));
    })
    .unwrap();
}

#[test]
fn an_older_program_leaves_the_tables_of_a_newer_one_alone() {
    on_both_engines(OLD, |fixture| {
        settle(fixture);
        lengths(&opened_by(fixture, NEW)).unwrap();
        let (service, number, reason) = refusal(&opened_by(fixture, OLD));
        assert_eq!((service.as_str(), number), ("test", 2));
        assert!(reason.contains("newer program"), "{reason}");
        assert_eq!(lengths(&opened_by(fixture, NEW)).unwrap().len(), 2, "nothing was harmed");
    })
    .unwrap();
}

#[test]
fn a_migration_that_was_changed_after_it_ran_is_refused() {
    on_both_engines(OLD, |fixture| {
        let altered = step(1, "CREATE TABLE street (id {int} NOT NULL PRIMARY KEY) {strict};");
        let (service, number, reason) = refusal(&opened_by(fixture, &[altered]));
        assert_eq!((service.as_str(), number), ("test", 1));
        assert!(reason.contains("changed after it ran"), "{reason}");
    })
    .unwrap();
}

#[test]
fn an_upgrade_that_fails_half_way_changes_nothing() {
    on_both_engines(OLD, |fixture| {
        settle(fixture);
        let broken = step(
            2,
            "ALTER TABLE street ADD COLUMN length {int} NOT NULL DEFAULT 7; INSERT INTO nowhere (id) VALUES (1);",
        );
        let failed = opened_by(fixture, &[FIRST, broken]);
        assert!(matches!(
            failed.commune("lunel").map(drop),
            Err(StoreError::Sqlite(_) | StoreError::Postgres(_))
        ));
        drop(failed);
        opened_by(fixture, OLD).commune("lunel").unwrap();
        assert_eq!(lengths(&opened_by(fixture, NEW)).unwrap().len(), 2, "and the next one succeeds");
    })
    .unwrap();
}
