//! One commune, open: its readers, its one writer, where its journal stands.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
};

use beffroi_core::{Clock, Instant};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use crate::{
    By, Engine, Migration, Result, Seq, StoreError, Tx,
    engine::{Connection, postgres, sqlite},
    ids::Ids,
    migrations,
    platform::Randomness,
    seal::Keys,
    shared::Shared,
    tx::Effects,
    waker::Waker,
    writer::Writer,
};

/// Requests that read one commune at the same moment, at most; the others wait their turn. More would not be
/// quicker, and opening a connection costs more than what most requests read.
const READERS: usize = 6;

/// A commune's short name: 1 to 40 lower-case letters, digits and hyphens, a letter first. It names
/// its folder and its schema.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CommuneSlug(String);

impl CommuneSlug {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for CommuneSlug {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<CommuneSlug> for String {
    fn from(slug: CommuneSlug) -> Self {
        slug.0
    }
}

impl TryFrom<String> for CommuneSlug {
    type Error = StoreError;
    fn try_from(text: String) -> Result<Self> {
        let fits = (1..=40).contains(&text.len())
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if fits {
            Ok(Self(text))
        } else {
            Err(StoreError::Invalid(format!(
                "a commune's short name is 1 to 40 lower-case letters, digits or hyphens: {text:?}"
            )))
        }
    }
}

impl std::str::FromStr for CommuneSlug {
    type Err = StoreError;
    fn from_str(text: &str) -> Result<Self> {
        Self::try_from(text.to_owned())
    }
}

/// What a transaction may know of its commune.
#[derive(Debug)]
pub(crate) struct CommuneInfo {
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
}

/// Where the tables are.
pub(crate) enum Address {
    Sqlite { file: PathBuf },
    Postgres { pool: Arc<postgres::Pool>, schema: String },
}

/// What a transaction is for. One that reads sees one snapshot.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    Read,
    Write,
}

/// What readers, writer and background share.
pub(crate) struct Core {
    pub(crate) info: CommuneInfo,
    pub(crate) address: Address,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) randomness: Arc<Randomness>,
    pub(crate) ids: Ids,
    pub(crate) keys: Arc<Keys>,
    pub(crate) waker: Arc<Waker>,
    /// Whether the registry already says that this commune has work waiting.
    pub(crate) awake: AtomicBool,
    commits: Arc<AtomicU64>,
}

impl Core {
    /// A connection in a transaction: the one that was kept, or one of its own.
    pub(crate) fn begin(&self, kept: Option<Connection>, purpose: Purpose) -> Result<Connection> {
        match &self.address {
            Address::Sqlite { file } => {
                let mut connection = match (kept, purpose) {
                    (Some(connection), _) => connection,
                    (None, Purpose::Write) => Connection::Sqlite(sqlite::Connection::open_writer(file)?),
                    (None, Purpose::Read) => Connection::Sqlite(sqlite::Connection::open_reader(file)?),
                };
                connection.begin(match purpose {
                    Purpose::Write => "BEGIN IMMEDIATE",
                    Purpose::Read => "BEGIN",
                })?;
                Ok(connection)
            }
            Address::Postgres { pool, schema } => {
                let mode = match purpose {
                    Purpose::Write => "",
                    Purpose::Read => " ISOLATION LEVEL REPEATABLE READ READ ONLY",
                };
                let sql = format!("BEGIN{mode}; SET LOCAL search_path TO \"{schema}\"");
                Ok(Connection::Postgres(Box::new(pool.begin(&sql)?)))
            }
        }
    }

    /// Before the first commit that leaves work behind, the registry is told, so that a crash right
    /// after the commit does not leave the work unseen until the slow sweep.
    pub(crate) fn before_commit(&self, effects: Effects) -> Result<()> {
        let leaves_work = effects.journaled || effects.job_due.is_some();
        if leaves_work && !self.awake.swap(true, Ordering::AcqRel) {
            let told = self.waker.wake(&self.info.slug, self.clock.now());
            if told.is_err() {
                self.awake.store(false, Ordering::Release);
            }
            return told;
        }
        Ok(())
    }

    pub(crate) fn committed(&self, effects: Effects) {
        self.commits.fetch_add(1, Ordering::Relaxed);
        if effects.journaled || effects.job_due.is_some() {
            self.waker.signal(&self.info.slug);
        }
    }
}

impl Tx<'_> {
    /// The name of this transaction's commune, for people.
    pub fn commune_name(&self) -> &str {
        &self.commune.name
    }
}

/// A commune that is open.
pub struct Commune {
    pub(crate) core: Arc<Core>,
    writer: Arc<Writer>,
    readers: Mutex<Vec<Connection>>,
    reading: Arc<Semaphore>,
    /// One reader that never waits in the pool: public pages ask it where the journal stands.
    watcher: Mutex<Option<Connection>>,
    /// Where the journal of PostgreSQL stands, as it was last asked.
    position: Shared<Seq>,
    pub(crate) last_used_millis: AtomicI64,
}

impl Commune {
    /// Opens (and brings up to date) a commune's database. Blocks.
    pub(crate) fn open(
        info: CommuneInfo,
        address: Address,
        wanted: &[Migration],
        clock: Arc<dyn Clock>,
        (randomness, keys): (Arc<Randomness>, Arc<Keys>),
        waker: Arc<Waker>,
        commits: Arc<AtomicU64>,
    ) -> Result<Self> {
        std::fs::create_dir_all(&info.folder)
            .map_err(StoreError::io(format!("make {}", info.folder.display())))?;
        let (ids, awake) = (Ids::default(), AtomicBool::new(false));
        let core = Core { info, address, clock, randomness, ids, keys, waker, awake, commits };
        let mut connection = core.begin(None, Purpose::Write)?;
        let made = match &core.address {
            Address::Sqlite { .. } => Ok(()),
            Address::Postgres { schema, .. } => {
                connection.batch(&format!("CREATE SCHEMA IF NOT EXISTS \"{schema}\""))
            }
        };
        let now = core.clock.now().timestamp_millis();
        let migrated = made
            .and_then(|()| migrations::run(&mut connection, wanted, now))
            .and_then(|()| ensure_head(&mut connection));
        if let Err(error) = migrated {
            let _ = connection.end("ROLLBACK");
            return Err(error);
        }
        connection.end("COMMIT")?;
        Ok(Self {
            core: Arc::new(core),
            writer: Arc::default(),
            readers: Mutex::default(),
            reading: Arc::new(Semaphore::new(READERS)),
            watcher: Mutex::default(),
            position: Shared::default(),
            last_used_millis: AtomicI64::new(0),
        })
    }

    /// Its short name.
    pub fn slug(&self) -> &str {
        &self.core.info.slug
    }

    /// Its name, for people.
    pub fn name(&self) -> &str {
        &self.core.info.name
    }

    /// Its folder, where its documents are (and its file, with SQLite).
    pub fn folder(&self) -> &Path {
        &self.core.info.folder
    }

    /// Which engine keeps it.
    pub fn engine(&self) -> Engine {
        match self.core.address {
            Address::Sqlite { .. } => Engine::Sqlite,
            Address::Postgres { .. } => Engine::Postgres,
        }
    }

    /// The present instant, by the platform's clock.
    pub fn now(&self) -> Instant {
        self.core.clock.now()
    }

    /// Runs a command and answers once it is durable. Any error undoes all that the command did.
    pub async fn write<T, E>(
        self: &Arc<Self>,
        by: By,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (unattended, answer) = self.writer.submit(by, work);
        if unattended {
            self.attend_on(&tokio::runtime::Handle::current());
        }
        answer.await.unwrap_or_else(|_| Err(E::from(StoreError::Panicked)))
    }

    /// [`Commune::write`], for the command line and the background. Never call it on an async thread.
    pub fn write_blocking<T, E>(
        &self,
        by: By,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (unattended, answer) = self.writer.submit(by, work);
        if unattended {
            match tokio::runtime::Handle::try_current() {
                // While people keep sending, the queue is never empty: whoever has work of its own does not attend.
                Ok(runtime) => self.attend_on(&runtime),
                Err(_) => self.writer.attend(&self.core),
            }
        }
        answer.blocking_recv().unwrap_or_else(|_| Err(E::from(StoreError::Panicked)))
    }

    fn attend_on(&self, runtime: &tokio::runtime::Handle) {
        let (writer, core) = (Arc::clone(&self.writer), Arc::clone(&self.core));
        runtime.spawn_blocking(move || writer.attend(&core));
    }

    /// Reads a few rows by their keys. With SQLite that takes less than handing it to another thread would, so it is
    /// done on the spot; PostgreSQL is asked like for any read.
    pub async fn glance<T, E>(
        self: &Arc<Self>,
        by: By,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match self.engine() {
            Engine::Sqlite => self.read_blocking(by, work),
            Engine::Postgres => self.read(by, work).await,
        }
    }

    /// Reads from one snapshot, without waiting for writers.
    pub async fn read<T, E>(
        self: &Arc<Self>,
        by: By,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let commune = Arc::clone(self);
        // Never closed, so a turn always comes. It belongs to the read itself: who hangs up meanwhile gives back
        // nothing that is still in use.
        let turn = Arc::clone(&self.reading).acquire_owned().await;
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            commune.read_blocking(by, work)
        })
        .await
        .unwrap_or_else(|_| Err(E::from(StoreError::Panicked)))
    }

    /// [`Commune::read`], on the calling thread.
    pub fn read_blocking<T, E>(&self, by: By, work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let lent = self.readers.lock().pop();
        let mut connection = self.core.begin(lent, Purpose::Read)?;
        let outcome = {
            let mut tx = Tx {
                connection: &mut connection,
                commune: &self.core.info,
                by,
                now: self.core.clock.now(),
                randomness: &self.core.randomness,
                ids: &self.core.ids,
                keys: &self.core.keys,
                head: None,
                effects: Effects::default(),
            };
            work(&mut tx)
        };
        let ended = connection.end("ROLLBACK");
        if ended.is_ok() && matches!(connection, Connection::Sqlite(_)) {
            let mut readers = self.readers.lock();
            if readers.len() < READERS {
                readers.push(connection);
            }
        }
        outcome
    }

    /// Where the journal stands. With SQLite this costs microseconds; PostgreSQL is asked by one statement, once for all
    /// who wait for its answer.
    pub async fn journal_position(self: &Arc<Self>) -> Result<Seq> {
        let missing = || StoreError::Corrupt("the journal has no head".to_owned());
        let Address::Sqlite { file } = &self.core.address else {
            let ask = async {
                let (turn, core) = (Arc::clone(&self.reading).acquire_owned().await, Arc::clone(&self.core));
                let asked = tokio::task::spawn_blocking(move || {
                    let _turn = turn;
                    let Address::Postgres { pool, schema } = &core.address else { return Ok(Vec::new()) };
                    pool.ask(&format!("SELECT seq FROM \"{schema}\".journal_head WHERE id = 1"))
                });
                let rows = asked.await.unwrap_or(Err(StoreError::Panicked))?;
                rows.into_iter().next().ok_or_else(missing)?.get(0).map(Seq)
            };
            return self.position.ask(ask).await;
        };
        let mut watcher = self.watcher.lock();
        let connection = match &mut *watcher {
            Some(connection) => connection,
            empty => empty.insert(Connection::Sqlite(sqlite::Connection::open_reader(file)?)),
        };
        let mut seq = None;
        connection.query("SELECT seq FROM journal_head WHERE id = 1", &[], &mut |mut row| {
            seq = Some(Seq(row.get(0)?));
            Ok(())
        })?;
        seq.ok_or_else(missing)
    }
}

/// Removes a commune's schema and folder, for good. What is gone already may be.
pub(crate) fn erase(info: &CommuneInfo, address: &Address) -> Result<()> {
    if let Address::Postgres { pool, schema } = address {
        Connection::Postgres(Box::new(pool.connection()?))
            .batch(&format!("DROP SCHEMA IF EXISTS \"{schema}\" CASCADE"))?;
    }
    match std::fs::remove_dir_all(&info.folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StoreError::io(format!("remove {}", info.folder.display()))(error))
        }
        _ => Ok(()),
    }
}

/// A new database has an empty journal, sealed with zeros.
fn ensure_head(connection: &mut Connection) -> Result<()> {
    connection.execute(
        "INSERT INTO journal_head (id, seq, hash) VALUES (1, 0, $1) ON CONFLICT (id) DO NOTHING",
        &[crate::Value::Blob(vec![0; 32])],
    )?;
    Ok(())
}
