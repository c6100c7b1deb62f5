//! One connection to either engine. Everything above speaks to [`Connection`] alone.

mod address;
pub(crate) mod postgres;
pub(crate) mod sqlite;

use crate::{Result, Row, Value};

/// Which database keeps a commune.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// One file, embedded.
    Sqlite,
    /// One schema of a PostgreSQL database.
    Postgres,
}

/// An open connection, lent to one transaction at a time.
pub(crate) enum Connection {
    Sqlite(sqlite::Connection),
    Postgres(Box<postgres::Pooled>),
}

impl Connection {
    pub(crate) const fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }

    pub(crate) fn query(
        &mut self,
        sql: &str,
        params: &[Value],
        each: &mut dyn FnMut(Row) -> Result<()>,
    ) -> Result<()> {
        match self {
            Self::Sqlite(connection) => connection.query(sql, params, each),
            Self::Postgres(connection) => connection.query(sql, params, each),
        }
    }

    pub(crate) fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64> {
        match self {
            Self::Sqlite(connection) => connection.execute(sql, params),
            Self::Postgres(connection) => connection.execute(sql, params),
        }
    }

    /// Runs several statements without parameters.
    pub(crate) fn batch(&mut self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(connection) => connection.batch(sql),
            Self::Postgres(connection) => connection.batch(sql),
        }
    }

    /// Begins a transaction by `sql`. A connection that is dropped before [`Connection::end`] succeeded is closed,
    /// not lent again: whatever went wrong, nobody else finds himself in this transaction.
    pub(crate) fn begin(&mut self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(connection) => connection.control(sql),
            Self::Postgres(connection) => connection.begin(sql),
        }
    }

    /// Ends the transaction, by `COMMIT` or `ROLLBACK`.
    pub(crate) fn end(&mut self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(connection) => connection.control(sql),
            Self::Postgres(connection) => connection.end(sql),
        }
    }

    /// Marks a place within a transaction: one statement, asked for time and again.
    pub(crate) fn control(&mut self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(connection) => connection.control(sql),
            Self::Postgres(connection) => connection.batch(sql),
        }
    }
}
