//! The wiring: which crates bring tables, and how the platform is opened.

use std::{path::PathBuf, sync::Arc};

use beffroi_core::SystemClock;
use beffroi_store::{Database, Migration, Platform, PlatformConfig, Randomness};
use clap::Args;

/// Communes open at once, at most: each costs a few file descriptors.
const OPEN_AT_MOST: usize = 256;

/// Where the communes are.
#[derive(Args, Clone, Debug)]
pub struct HouseOptions {
    /// The folder of everything that is kept.
    #[arg(long, env = "BEFFROI_DATA", default_value = "var/data", value_name = "DIR", global = true)]
    data: PathBuf,
    /// The PostgreSQL database to keep communes in, instead of one SQLite file each:
    /// `postgres://user:password@host/database`.
    #[arg(long, env = "BEFFROI_DATABASE_URL", value_name = "URL", global = true, hide_env_values = true)]
    database_url: Option<String>,
}

/// Every migration of the house, services in the order in which they were registered.
fn migrations() -> Vec<Migration> {
    [
        beffroi_people::MIGRATIONS,
        beffroi_places::MIGRATIONS,
        beffroi_documents::MIGRATIONS,
        beffroi_notify::MIGRATIONS,
        beffroi_cases::MIGRATIONS,
    ]
    .concat()
}

/// Opens the platform. No commune is opened before it is asked for.
pub fn open(options: HouseOptions) -> beffroi_store::Result<Arc<Platform>> {
    Platform::open(PlatformConfig {
        folder: options.data,
        database: options.database_url.map_or(Database::Sqlite, Database::Postgres),
        open_at_most: OPEN_AT_MOST,
        migrations: migrations(),
        clock: Arc::new(SystemClock),
        randomness: Randomness::System,
    })
}

#[cfg(test)]
mod tests {
    use beffroi_store::testing::on_both_engines;

    #[test]
    fn a_commune_has_the_tables_of_the_whole_house() {
        on_both_engines(&super::migrations(), |fixture| assert_eq!(fixture.commune.slug(), "lunel")).unwrap();
    }
}
