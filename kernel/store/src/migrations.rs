//! Forward-only migrations, written once for both engines with type tokens.
//!
//! | token | SQLite | PostgreSQL |
//! |---|---|---|
//! | `{id}` `{text}` `{day}` `{json}` | `TEXT` | `TEXT COLLATE "C"` |
//! | `{int}` `{instant}` `{money}` | `INTEGER` | `BIGINT` |
//! | `{bool}` | `INTEGER` | `BOOLEAN` |
//! | `{blob}` | `BLOB` | `BYTEA` |
//! | `{strict}` (after the table's last parenthesis) | `STRICT` | |
//!
//! Where the engines guard something by different means, a line `--- sqlite` or `--- postgres` begins what one of them
//! alone reads; `--- both` ends it.

use sha2::{Digest, Sha256};

use crate::{Engine, Result, StoreError, Value, engine::Connection};

/// One step of a service's schema. A step that has run is never changed: a new one follows it.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// The service that owns the tables.
    pub service: &'static str,
    /// Its rank within the service, from 1.
    pub number: u32,
    /// The statements, with type tokens.
    pub sql: &'static str,
}

/// What every commune has.
pub(crate) const STORE: &[Migration] = &[
    Migration { service: "store", number: 1, sql: include_str!("../migrations/0001_store.sql") },
    Migration { service: "store", number: 2, sql: include_str!("../migrations/0002_patience.sql") },
    Migration { service: "store", number: 3, sql: include_str!("../migrations/0003_jobs_by_kind.sql") },
    Migration { service: "store", number: 4, sql: include_str!("../migrations/0004_journal_instants.sql") },
    Migration { service: "store", number: 5, sql: include_str!("../migrations/0005_lighter_jobs.sql") },
];

/// What the platform's registry has.
pub(crate) const REGISTRY: &[Migration] = &[Migration {
    service: "registry",
    number: 1,
    sql: include_str!("../migrations/platform_0001_registry.sql"),
}];

const TOKENS: [(&str, &str, &str); 10] = [
    ("{id}", "TEXT", "TEXT COLLATE \"C\""),
    ("{text}", "TEXT", "TEXT COLLATE \"C\""),
    ("{day}", "TEXT", "TEXT COLLATE \"C\""),
    ("{json}", "TEXT", "TEXT COLLATE \"C\""),
    ("{int}", "INTEGER", "BIGINT"),
    ("{instant}", "INTEGER", "BIGINT"),
    ("{money}", "INTEGER", "BIGINT"),
    ("{bool}", "INTEGER", "BOOLEAN"),
    ("{blob}", "BLOB", "BYTEA"),
    ("{strict}", "STRICT", ""),
];

/// The statements of a migration as one engine reads them.
fn for_engine(sql: &str, engine: Engine) -> String {
    let mut read = true;
    let lines = sql.split_inclusive('\n').filter(|line| {
        let section = match line.trim_end() {
            "--- sqlite" => Some(engine == Engine::Sqlite),
            "--- postgres" => Some(engine == Engine::Postgres),
            "--- both" => Some(true),
            _ => None,
        };
        read = section.unwrap_or(read);
        read && section.is_none()
    });
    let sql: String = lines.collect();
    TOKENS.iter().fold(sql, |sql, (token, sqlite, postgres)| {
        sql.replace(token, if engine == Engine::Sqlite { sqlite } else { postgres })
    })
}

/// Brings a database up to date, within the transaction that is open on `connection`.
///
/// Errors: a migration that ran was changed since, or the database knows one that this program does not.
pub(crate) fn run(connection: &mut Connection, wanted: &[Migration], now_millis: i64) -> Result<()> {
    connection.batch(&for_engine(
        "CREATE TABLE IF NOT EXISTS migration (service {text} NOT NULL, number {int} NOT NULL, \
         checksum {blob} NOT NULL, at {instant} NOT NULL, PRIMARY KEY (service, number)) {strict}",
        connection.engine(),
    ))?;
    let mut done: Vec<(String, u32, Vec<u8>)> = Vec::new();
    connection.query("SELECT service, number, checksum FROM migration", &[], &mut |mut row| {
        done.push((row.get(0)?, row.get(1)?, row.get(2)?));
        Ok(())
    })?;
    for (service, number, checksum) in &done {
        let reason = match wanted.iter().find(|it| it.service == service && it.number == *number) {
            None => "the database was made by a newer program; upgrade this one",
            Some(known) if Sha256::digest(known.sql)[..] != checksum[..] => {
                "the migration was changed after it ran"
            }
            Some(_) => continue,
        };
        return Err(StoreError::Migration {
            service: service.clone(),
            number: *number,
            reason: reason.to_owned(),
        });
    }
    for migration in wanted {
        if done.iter().any(|(service, number, _)| service == migration.service && *number == migration.number)
        {
            continue;
        }
        connection.batch(&for_engine(migration.sql, connection.engine()))?;
        connection.execute(
            "INSERT INTO migration (service, number, checksum, at) VALUES ($1, $2, $3, $4)",
            &[
                Value::Text(migration.service.to_owned()),
                Value::Int(i64::from(migration.number)),
                Value::Blob(Sha256::digest(migration.sql).to_vec()),
                Value::Int(now_millis),
            ],
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_serves_both_engines() {
        let sql = "CREATE TABLE t (id {id}, sum {money}) {strict};";
        assert_eq!(for_engine(sql, Engine::Sqlite), "CREATE TABLE t (id TEXT, sum INTEGER) STRICT;");
        assert_eq!(for_engine(sql, Engine::Postgres), "CREATE TABLE t (id TEXT COLLATE \"C\", sum BIGINT) ;");
    }

    #[test]
    fn each_engine_reads_its_own_sections() {
        let sql = "A {int};\n--- sqlite\nB;\n--- postgres\nC;\n--- both\nD;";
        assert_eq!(for_engine(sql, Engine::Sqlite), "A INTEGER;\nB;\nD;");
        assert_eq!(for_engine(sql, Engine::Postgres), "A BIGINT;\nC;\nD;");
    }
}
