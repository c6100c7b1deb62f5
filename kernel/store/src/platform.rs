//! The platform: all the communes of one process, and which of them are open.
//! Starting costs the same with one commune or five thousand: each is opened when first asked for.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use beffroi_core::{Clock, Instant};
use chrono::TimeDelta;
use parking_lot::Mutex;
use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::{
    Commune, CommuneSlug, Migration, Result, StoreError, Value,
    commune::{self, Address, CommuneInfo},
    engine::postgres,
    migrations,
    registry::{Place, Registry, lead, slug_of_host, text},
    seal::Keys,
    waker::Waker,
};

/// How long a host name's commune is remembered before the registry is asked again.
const HOST_REMEMBERED: TimeDelta = TimeDelta::seconds(30);
/// Host names remembered at most.
const HOSTS_REMEMBERED: usize = 20_000;
/// After how long without use a commune is closed.
const CLOSED_AFTER: TimeDelta = TimeDelta::minutes(10);

/// Where communes are kept by default.
#[derive(Clone, Debug)]
pub enum Database {
    /// One SQLite file each, in its folder.
    Sqlite,
    /// One schema each of the PostgreSQL database at this address.
    Postgres(String),
}

/// Where secrets, salts and ids come from.
pub enum Randomness {
    /// The operating system's generator.
    System,
    /// A seeded generator, so that tests and demonstration data are the same each time.
    Seeded(Box<Mutex<StdRng>>),
}

impl Randomness {
    /// A generator that gives the same bytes for the same seed.
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded(Box::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    pub(crate) fn fill(&self, bytes: &mut [u8]) {
        match self {
            Self::System => rand::rng().fill_bytes(bytes),
            Self::Seeded(generator) => generator.lock().fill_bytes(bytes),
        }
    }
}

/// How a platform is opened.
pub struct PlatformConfig {
    /// The folder of everything: the registry and one folder a commune.
    pub folder: PathBuf,
    /// Where communes are kept.
    pub database: Database,
    /// Communes open at once, at most (those in use are never closed).
    pub open_at_most: usize,
    /// What every commune's database is brought up to, services in order.
    pub migrations: Vec<Migration>,
    /// The clock of every transaction.
    pub clock: Arc<dyn Clock>,
    /// The randomness of every transaction.
    pub randomness: Randomness,
}

/// A commune to create.
#[derive(Clone, Debug)]
pub struct NewCommune {
    /// Its short name.
    pub slug: CommuneSlug,
    /// Its name, for people.
    pub name: String,
    /// The host names that lead to it.
    pub hosts: Vec<String>,
}

/// Open communes by short name. Each has a lock of its own, so that opening one holds up no other.
type OpenCommunes = HashMap<String, Arc<Mutex<Option<Arc<Commune>>>>>;

/// All the communes of one process.
pub struct Platform {
    folder: PathBuf,
    registry: Arc<Registry>,
    migrations: Vec<Migration>,
    clock: Arc<dyn Clock>,
    randomness: Arc<Randomness>,
    keys: Arc<Keys>,
    waker: Arc<Waker>,
    commits: Arc<AtomicU64>,
    open_at_most: usize,
    hosts: Mutex<HashMap<String, (String, Instant)>>,
    open: Mutex<OpenCommunes>,
}

impl Platform {
    /// Opens the registry, and no commune.
    pub fn open(config: PlatformConfig) -> Result<Arc<Self>> {
        std::fs::create_dir_all(&config.folder)
            .map_err(StoreError::io(format!("make {}", config.folder.display())))?;
        let registry = Arc::new(Registry::open(&config)?);
        let keys = Keys::in_folder(&config.folder);
        let mut migrations = migrations::STORE.to_vec();
        migrations.extend(config.migrations);
        Ok(Arc::new(Self {
            folder: config.folder,
            waker: Arc::new(Waker::new(Arc::clone(&registry))),
            registry,
            commits: Arc::default(),
            migrations,
            clock: config.clock,
            randomness: Arc::new(config.randomness),
            keys: Arc::new(keys),
            open_at_most: config.open_at_most.max(1),
            hosts: Mutex::default(),
            open: Mutex::default(),
        }))
    }

    /// The platform's clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    pub(crate) fn waker(&self) -> &Arc<Waker> {
        &self.waker
    }

    /// Registers a commune and opens its empty database.
    ///
    /// Errors: there is a commune of that name, or a host name leads to another one.
    pub fn create(&self, new: &NewCommune) -> Result<Arc<Commune>> {
        let now = self.clock.now().timestamp_millis();
        let database = match self.registry.place {
            Place::Sqlite => "sqlite",
            Place::Postgres(_) => "postgres",
        };
        self.registry.write(|connection| {
            let inserted = connection.execute(
                "INSERT INTO commune (slug, name, database, created_at) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (slug) DO NOTHING",
                &[text(new.slug.as_str()), text(&new.name), text(database), Value::Int(now)],
            )?;
            if inserted == 0 {
                return Err(StoreError::AlreadyExists(new.slug.to_string()));
            }
            lead(connection, &new.slug, &new.hosts)
        })?;
        self.commune(new.slug.as_str())
    }

    /// Throws a commune away: one whose restore failed, or a demonstration. Its database, its folder and its
    /// names are gone. It is not opened for that, so that one which no longer can be is thrown away too;
    /// cut off in the middle, it can be done again.
    ///
    /// Errors: there is no such commune, or it cannot be removed.
    pub fn discard(&self, slug: &CommuneSlug) -> Result<()> {
        let (info, address) = self.place_of(slug.as_str())?;
        self.open.lock().remove(slug.as_str());
        self.hosts.lock().retain(|_, (known, _)| known != slug.as_str());
        commune::erase(&info, &address)?;
        self.registry.write(|connection| {
            for table in ["host", "wakeup"] {
                let sql = format!("DELETE FROM {table} WHERE commune = $1");
                connection.execute(&sql, &[text(slug.as_str())])?;
            }
            connection.execute("DELETE FROM commune WHERE slug = $1", &[text(slug.as_str())])?;
            Ok(())
        })
    }

    /// Leads more host names to a commune: all of them, or none.
    ///
    /// Errors: there is no such commune, or a host name leads to another one.
    pub fn add_hosts(&self, slug: &CommuneSlug, hosts: &[String]) -> Result<()> {
        if !self.exists(slug)? {
            return Err(StoreError::NoSuchCommune(slug.to_string()));
        }
        self.registry.write(|connection| lead(connection, slug, hosts))
    }

    /// The short name of the commune that a host name leads to.
    pub fn leads_to(&self, host: &str) -> Result<Option<String>> {
        self.registry.read(|connection| slug_of_host(connection, &host.to_ascii_lowercase()))
    }

    /// The host names that lead to a commune, in order.
    pub fn hosts(&self, slug: &str) -> Result<Vec<String>> {
        self.registry.read(|connection| {
            let mut hosts = Vec::new();
            connection.query(
                "SELECT name FROM host WHERE commune = $1 ORDER BY name",
                &[text(slug)],
                &mut |mut row| {
                    hosts.push(row.get(0)?);
                    Ok(())
                },
            )?;
            Ok(hosts)
        })
    }

    /// Whether there is a commune of that short name.
    pub fn exists(&self, slug: &CommuneSlug) -> Result<bool> {
        Ok(self.registry.commune(slug.as_str())?.is_some())
    }

    /// The short names after `after`, in order: a page of the registry.
    pub fn slugs(&self, after: &str, limit: u32) -> Result<Vec<String>> {
        self.registry.read(|connection| {
            let mut slugs = Vec::new();
            connection.query(
                "SELECT slug FROM commune WHERE slug > $1 ORDER BY slug LIMIT $2",
                &[text(after), Value::Int(i64::from(limit))],
                &mut |mut row| {
                    slugs.push(row.get(0)?);
                    Ok(())
                },
            )?;
            Ok(slugs)
        })
    }

    /// The commune that a host name leads to. Blocks only the first time, and every half-minute.
    pub fn commune_for_host(&self, host: &str) -> Result<Option<Arc<Commune>>> {
        let now = self.clock.now();
        let known =
            self.hosts.lock().get(host).filter(|(_, until)| *until > now).map(|(slug, _)| slug.clone());
        let slug = match known {
            Some(slug) => slug,
            None => match self.registry.read(|connection| slug_of_host(connection, host))? {
                Some(slug) => {
                    let mut hosts = self.hosts.lock();
                    if hosts.len() >= HOSTS_REMEMBERED {
                        hosts.clear();
                    }
                    hosts.insert(host.to_owned(), (slug.clone(), now + HOST_REMEMBERED));
                    slug
                }
                None => return Ok(None),
            },
        };
        self.commune(&slug).map(Some)
    }

    /// A commune by its short name, opened if it is not. Blocks while it opens.
    pub fn commune(&self, slug: &str) -> Result<Arc<Commune>> {
        let commune = self.commune_in_passing(slug)?;
        commune.last_used_millis.store(self.clock.now().timestamp_millis(), Ordering::Relaxed);
        Ok(commune)
    }

    /// [`Platform::commune`], for work that goes through all communes: it does not count as use, so that a
    /// commune opened for it alone is soon closed again.
    pub fn commune_in_passing(&self, slug: &str) -> Result<Arc<Commune>> {
        let slot = {
            let mut open = self.open.lock();
            if open.len() >= self.open_at_most && !open.contains_key(slug) {
                close_least_used(&mut open);
            }
            Arc::clone(open.entry(slug.to_owned()).or_default())
        };
        let mut held = slot.lock();
        let commune = match &*held {
            Some(commune) => Arc::clone(commune),
            None => match self.open_commune(slug) {
                Ok(commune) => Arc::clone(held.insert(Arc::new(commune))),
                Err(error) => {
                    self.open.lock().remove(slug);
                    return Err(error);
                }
            },
        };
        Ok(commune)
    }

    fn open_commune(&self, slug: &str) -> Result<Commune> {
        let (info, address) = self.place_of(slug)?;
        Commune::open(
            info,
            address,
            &self.migrations,
            Arc::clone(&self.clock),
            (Arc::clone(&self.randomness), Arc::clone(&self.keys)),
            Arc::clone(&self.waker),
            Arc::clone(&self.commits),
        )
    }

    /// Where a commune's database and folder are, or would be.
    fn place_of(&self, slug: &str) -> Result<(CommuneInfo, Address)> {
        let (name, database) =
            self.registry.commune(slug)?.ok_or_else(|| StoreError::NoSuchCommune(slug.to_owned()))?;
        let folder = self.folder.join("communes").join(slug);
        let schema = format!("commune_{slug}");
        let address = match (database.as_str(), &self.registry.place) {
            ("sqlite", _) => Address::Sqlite { file: folder.join("commune.db") },
            ("postgres", Place::Postgres(pool)) => Address::Postgres { pool: Arc::clone(pool), schema },
            ("postgres", Place::Sqlite) => {
                return Err(StoreError::Invalid(format!(
                    "commune {slug} is kept in PostgreSQL: give its address with --database-url"
                )));
            }
            (url, _) => {
                Address::Postgres { pool: Arc::new(postgres::Pool::new(url, postgres::CONNECTIONS)?), schema }
            }
        };
        Ok((CommuneInfo { slug: slug.to_owned(), name, folder }, address))
    }

    /// Closes the communes that nobody has used for ten minutes. Blocks while they close.
    pub fn close_idle(&self) {
        let since = (self.clock.now() - CLOSED_AFTER).timestamp_millis();
        let mut closed = Vec::new();
        self.open.lock().retain(|_, slot| {
            // Whoever is about to lock it got it from this map: alone, it stays alone.
            if Arc::strong_count(slot) > 1 {
                return true;
            }
            let mut held = slot.lock();
            let in_use = held.as_ref().is_some_and(|commune| {
                Arc::strong_count(commune) > 1 || commune.last_used_millis.load(Ordering::Relaxed) >= since
            });
            if !in_use {
                closed.extend(held.take());
            }
            in_use
        });
        // Closing a database may write: nobody waits for that who looks for another commune.
        drop(closed);
    }

    /// How many groups of commands were made durable since the platform was opened, in all communes.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// How many communes are open now.
    pub fn open_count(&self) -> usize {
        self.open.lock().len()
    }
}

fn close_least_used(open: &mut OpenCommunes) {
    let oldest = open
        .iter()
        .filter_map(|(slug, slot)| {
            let held = slot.try_lock()?;
            let commune = held.as_ref()?;
            (Arc::strong_count(commune) == 1)
                .then(|| (commune.last_used_millis.load(Ordering::Relaxed), slug.clone()))
        })
        .min();
    if let Some((_, slug)) = oldest {
        open.remove(&slug);
    }
}
