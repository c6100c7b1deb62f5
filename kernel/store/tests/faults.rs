//! What the house survives: code that panics, a database server that goes away and comes back, many at once.

use std::panic::{AssertUnwindSafe, catch_unwind};

use beffroi_store::{By, Entry, Migration, Result, Tx, testing::on_both_engines};
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
