//! The platform's registry, a small database of its own: which communes there are, where each is kept, and which host
//! names lead to them.

use std::{path::PathBuf, sync::Arc};

use parking_lot::Mutex;

use crate::{
    CommuneSlug, Database, Engine, PlatformConfig, Result, StoreError, Value,
    engine::{Connection, postgres, sqlite},
    migrations,
};

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// Leads host names to a commune; one that leads to another is refused.
pub(crate) fn lead(connection: &mut Connection, slug: &CommuneSlug, hosts: &[String]) -> Result<()> {
    for host in hosts {
        let host = host.to_ascii_lowercase();
        let inserted = connection.execute(
            "INSERT INTO host (name, commune) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
            &[text(&host), text(slug.as_str())],
        )?;
        if inserted == 0 {
            let commune = slug_of_host(connection, &host)?.unwrap_or_default();
            if commune != slug.as_str() {
                return Err(StoreError::HostTaken { host, commune });
            }
        }
    }
    Ok(())
}

pub(crate) fn slug_of_host(connection: &mut Connection, host: &str) -> Result<Option<String>> {
    let mut slug = None;
    connection.query("SELECT commune FROM host WHERE name = $1", &[text(host)], &mut |mut row| {
        slug = Some(row.get(0)?);
        Ok(())
    })?;
    Ok(slug)
}

/// Where new communes are kept.
pub(crate) enum Place {
    Sqlite,
    Postgres(Arc<postgres::Pool>),
}

/// The platform's own small database.
pub(crate) struct Registry {
    pub(crate) place: Place,
    /// Where it is itself; asked by one at a time.
    own: Mutex<Own>,
}

/// How the registry's own database is reached.
enum Own {
    /// Its file, and the connection to it once there is one.
    Sqlite(PathBuf, Option<Connection>),
    /// A pool of one connection. It is not one of the communes': each of these may wait for the registry while it
    /// holds a connection.
    Postgres(postgres::Pool),
}

impl Own {
    fn begin(&mut self, sql: &str) -> Result<Connection> {
        match self {
            Self::Sqlite(file, kept) => {
                let mut connection = match kept.take() {
                    Some(connection) => connection,
                    None => Connection::Sqlite(sqlite::Connection::open_writer(file)?),
                };
                connection.begin(sql)?;
                Ok(connection)
            }
            Self::Postgres(pool) => {
                let begun = pool.begin("BEGIN; SET LOCAL search_path TO beffroi")?;
                Ok(Connection::Postgres(Box::new(begun)))
            }
        }
    }
}

impl Registry {
    /// Opens it, and brings it up to date.
    pub(crate) fn open(config: &PlatformConfig) -> Result<Self> {
        let (place, own) = match &config.database {
            Database::Sqlite => {
                let file = config.folder.join("platform.db");
                (Place::Sqlite, Own::Sqlite(file, None))
            }
            Database::Postgres(url) => {
                let communes = Arc::new(postgres::Pool::new(url, postgres::CONNECTIONS)?);
                (Place::Postgres(communes), Own::Postgres(postgres::Pool::new(url, 1)?))
            }
        };
        let registry = Self { place, own: Mutex::new(own) };
        let now = config.clock.now().timestamp_millis();
        registry.write(|connection| {
            if connection.engine() == Engine::Postgres {
                connection.batch("CREATE SCHEMA IF NOT EXISTS beffroi")?;
            }
            migrations::run(connection, migrations::REGISTRY, now)
        })?;
        Ok(registry)
    }

    /// Reads one snapshot of it.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&mut Connection) -> Result<T>) -> Result<T> {
        self.transaction("BEGIN", work)
    }

    /// Changes it, durably or not at all.
    pub(crate) fn write<T>(&self, work: impl FnOnce(&mut Connection) -> Result<T>) -> Result<T> {
        self.transaction("BEGIN IMMEDIATE", work)
    }

    fn transaction<T>(&self, begin: &str, work: impl FnOnce(&mut Connection) -> Result<T>) -> Result<T> {
        let mut own = self.own.lock();
        let mut connection = own.begin(begin)?;
        let outcome = work(&mut connection);
        connection.end(if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
        if let (Own::Sqlite(_, kept), Connection::Sqlite(_)) = (&mut *own, &connection) {
            *kept = Some(connection);
        }
        outcome
    }

    /// A commune’s name, and where it is kept: an engine’s name or an address.
    pub(crate) fn commune(&self, slug: &str) -> Result<Option<(String, String)>> {
        self.read(|connection| {
            let mut found = None;
            connection.query(
                "SELECT name, database FROM commune WHERE slug = $1",
                &[text(slug)],
                &mut |mut row| {
                    found = Some((row.get(0)?, row.get(1)?));
                    Ok(())
                },
            )?;
            Ok(found)
        })
    }
}
