//! SQLite: one file a commune, WAL, durable commits (`synchronous=FULL`).

use std::path::Path;

use rusqlite::{OpenFlags, config::DbConfig, types::ValueRef};

use crate::{Result, Row, StoreError, Value};

const STATEMENTS_KEPT: usize = 128;
/// Pages of the log after which it is folded into the file (16 MiB): a commit pays for it, so not too often.
const CHECKPOINT_PAGES: u32 = 4_096;

/// What a connection that reads may keep in memory, as SQLite wants it: KiB below zero.
const READER_CACHE_KIB: i32 = -4_096;
/// Likewise for the one that writes. It touches the leaves of indexes in no order (references, hashes of codes),
/// and each leaf that it no longer has is read again from the log; but wherever a leaf divides, the commit looks through
/// all pages that are kept.
const WRITER_CACHE_KIB: i32 = -8_192;

/// What SQLite allocates in the whole process before its caches stop growing. A commune that is busy keeps up to 36 MiB
/// of pages (a writer, six readers, the watcher), and hundreds may be open: from here on, each connection reuses the
/// pages that it has. What statements and schemas take is not refused; it only leaves less for the caches.
const SOFT_HEAP_LIMIT: i64 = 1 << 30;

/// A connection to a commune's file.
pub(crate) struct Connection(pub(crate) rusqlite::Connection);

impl Connection {
    /// Opens `file` for writing, and makes it where it is missing.
    pub(crate) fn open_writer(file: &Path) -> Result<Self> {
        let inner = rusqlite::Connection::open(file)?;
        inner.pragma_update(None, "cache_size", WRITER_CACHE_KIB)?;
        inner.pragma_update(None, "journal_mode", "wal")?;
        inner.pragma_update(None, "synchronous", "full")?;
        inner.pragma_update(None, "foreign_keys", true)?;
        inner.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        Self::prepared(inner)
    }

    /// Opens `file` for reading only.
    pub(crate) fn open_reader(file: &Path) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let inner = rusqlite::Connection::open_with_flags(file, flags)?;
        inner.pragma_update(None, "cache_size", READER_CACHE_KIB)?;
        Self::prepared(inner)
    }

    fn prepared(inner: rusqlite::Connection) -> Result<Self> {
        // Another process (the command line) may hold the write lock for a moment.
        inner.busy_timeout(std::time::Duration::from_secs(10))?;
        inner.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        inner.pragma_update(None, "soft_heap_limit", SOFT_HEAP_LIMIT)?;
        // Else each new value of a parameter has its statement planned again (sqlite3_step, SQLITE_ENABLE_STAT4).
        inner.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        inner.pragma_update(None, "temp_store", "memory")?;
        inner.pragma_update(None, "trusted_schema", false)?;
        Ok(Self(inner))
    }

    pub(crate) fn query(
        &mut self,
        sql: &str,
        params: &[Value],
        each: &mut dyn FnMut(Row) -> Result<()>,
    ) -> Result<()> {
        let mut statement = self.0.prepare_cached(&numbered(sql))?;
        let columns = statement.column_count();
        let mut rows = statement.query(rusqlite::params_from_iter(params))?;
        while let Some(row) = rows.next()? {
            let mut values = Vec::with_capacity(columns);
            for column in 0..columns {
                values.push(match row.get_ref(column)? {
                    ValueRef::Null => Value::Null,
                    ValueRef::Integer(n) => Value::Int(n),
                    ValueRef::Text(text) => Value::Text(
                        String::from_utf8(text.to_vec())
                            .map_err(|_| StoreError::Corrupt("a text is not UTF-8".to_owned()))?,
                    ),
                    ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
                    ValueRef::Real(_) => {
                        return Err(StoreError::Corrupt("a column holds a real number".to_owned()));
                    }
                });
            }
            each(Row::new(values))?;
        }
        Ok(())
    }

    pub(crate) fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64> {
        let mut statement = self.0.prepare_cached(&numbered(sql))?;
        Ok(statement.execute(rusqlite::params_from_iter(params))? as u64)
    }

    pub(crate) fn batch(&mut self, sql: &str) -> Result<()> {
        Ok(self.0.execute_batch(sql)?)
    }

    pub(crate) fn control(&mut self, sql: &str) -> Result<()> {
        self.0.prepare_cached(sql)?.execute([])?;
        Ok(())
    }

    /// Whether SQLite itself rolled the transaction back (disk full, input/output error).
    pub(crate) fn transaction_lost(&self) -> bool {
        self.0.is_autocommit()
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::ToSqlOutput::Borrowed;
        Ok(match self {
            Self::Null => Borrowed(ValueRef::Null),
            Self::Bool(truth) => Borrowed(ValueRef::Integer(i64::from(*truth))),
            Self::Int(n) => Borrowed(ValueRef::Integer(*n)),
            Self::Text(text) => Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Blob(bytes) => Borrowed(ValueRef::Blob(bytes)),
        })
    }
}

/// `$n` as `?n`: SQLite would number `$n` by first appearance.
fn numbered(sql: &str) -> String {
    let mut parts = sql.split('$');
    let mut out = String::with_capacity(sql.len());
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        out.push(if part.starts_with(|letter: char| letter.is_ascii_digit()) { '?' } else { '$' });
        out.push_str(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_all_communes_keep_in_memory_together_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = Connection::open_writer(&folder.path().join("commune.db")).unwrap();
        let mut limit = None;
        let read = connection.query("PRAGMA soft_heap_limit", &[], &mut |mut row| {
            limit = Some(row.get::<i64>(0)?);
            Ok(())
        });
        read.unwrap();
        assert_eq!(limit, Some(SOFT_HEAP_LIMIT));
    }

    #[test]
    fn parameters_keep_their_numbers() {
        assert_eq!(numbered("a = $2 AND b = $1 AND c = '$x'"), "a = ?2 AND b = ?1 AND c = '$x'");
    }
}
