//! What can go wrong between a command and its database.

use std::sync::Arc;

/// A failure of the store. Its text is for the log, never for a visitor.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite refused.
    #[error("sqlite: {0}")]
    Sqlite(Arc<rusqlite::Error>),
    /// PostgreSQL refused.
    #[error("postgresql: {}", postgres_says(.0))]
    Postgres(Arc<postgres::Error>),
    /// No connection could be had.
    #[error("no connection: {0}")]
    NoConnection(Arc<r2d2::Error>),
    /// A file or folder could not be read or written.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: String,
        /// Why it failed.
        source: Arc<std::io::Error>,
    },
    /// A stored value is not of the expected kind.
    #[error("column {column}: expected {expected}, found {found}")]
    Column {
        /// The column's rank, from 0.
        column: usize,
        /// What the reader asked for.
        expected: &'static str,
        /// What was there.
        found: String,
    },
    /// A read tried to write.
    #[error("a read may not write")]
    ReadOnly,
    /// The command's own code panicked; its changes were undone, and those of no other.
    #[error("the command panicked")]
    Panicked,
    /// The group's transaction ended before this command could be made durable.
    #[error("the transaction was lost: {0}")]
    TransactionLost(String),
    /// Stored data contradicts itself.
    #[error("corrupt: {0}")]
    Corrupt(String),
    /// The database was made by a newer program, or a migration was changed after it ran.
    #[error("migration {service}/{number}: {reason}")]
    Migration {
        /// The service that owns the migration.
        service: String,
        /// Its number.
        number: u32,
        /// What is wrong.
        reason: String,
    },
    /// No commune, or no host, of that name.
    #[error("no such commune: {0}")]
    NoSuchCommune(String),
    /// A commune of that name exists already.
    #[error("already exists: {0}")]
    AlreadyExists(String),
    /// A host name leads to another commune.
    #[error("{host} already leads to the commune {commune}")]
    HostTaken {
        /// The host name.
        host: String,
        /// The commune that it leads to.
        commune: String,
    },
    /// A text holds U+0000, which no text of a person does and PostgreSQL cannot keep.
    #[error("a text holds the character U+0000")]
    Nul,
    /// What was given cannot be used; the text says why.
    #[error("{0}")]
    Invalid(String),
}

impl StoreError {
    /// Wraps an input/output error with what was being done.
    pub fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { what: what.into(), source: Arc::new(source) }
    }
}

/// The driver itself says only `db error`. What may quote a value stays out: the server's detail and hint, and all
/// that it says of data exceptions (class 22).
fn postgres_says(error: &postgres::Error) -> String {
    match error.as_db_error() {
        Some(said) if said.code().code().starts_with("22") => said.code().code().to_owned(),
        Some(said) => format!("{} ({})", said.message(), said.code().code()),
        None => error.to_string(),
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(Arc::new(error))
    }
}
impl From<postgres::Error> for StoreError {
    fn from(error: postgres::Error) -> Self {
        Self::Postgres(Arc::new(error))
    }
}
impl From<r2d2::Error> for StoreError {
    fn from(error: r2d2::Error) -> Self {
        Self::NoConnection(Arc::new(error))
    }
}
impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Corrupt(format!("json: {error}"))
    }
}
