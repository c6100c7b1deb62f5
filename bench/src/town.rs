//! The program under measure, from outside: its folder, its database, its process.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

/// The short name of every commune that is measured.
pub const SLUG: &str = "lunel";

/// Where a commune is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// In a file.
    Sqlite,
    /// In a schema of a server.
    Postgres,
}

impl Engine {
    /// Its name, for the table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// The program, and where it may put what it keeps.
pub struct Program {
    /// The executable.
    pub path: PathBuf,
    /// The folder of all towns.
    pub folder: PathBuf,
    /// The server on which databases may be made.
    pub postgres: Option<String>,
}

/// A folder of data, and a database with PostgreSQL. Both are gone when it is dropped.
pub struct Town<'p> {
    program: &'p Program,
    folder: TempDir,
    database: Option<Database>,
}

struct Database {
    server: String,
    name: String,
    url: String,
}

impl Program {
    /// Room for a town, with nothing in it; `None` where that engine is not at hand.
    pub fn town(&self, engine: Engine) -> Result<Option<Town<'_>>> {
        let database = match (engine, &self.postgres) {
            (Engine::Sqlite, _) => None,
            (Engine::Postgres, None) => return Ok(None),
            (Engine::Postgres, Some(server)) => Some(Database::create(server)?),
        };
        Ok(Some(Town { program: self, folder: tempfile::tempdir_in(&self.folder)?, database }))
    }
}

impl Database {
    fn create(server: &str) -> Result<Self> {
        let name = format!("bench_{}_{}", std::process::id(), nanos());
        let (address, _) = server.rsplit_once('/').context("the address of PostgreSQL names no database")?;
        let url = format!("{address}/{name}");
        let mut client = postgres::Client::connect(server, postgres::NoTls)?;
        client.batch_execute(&format!("CREATE DATABASE {name}"))?;
        Ok(Self { server: server.to_owned(), name, url })
    }
}

fn nanos() -> u32 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map(|since| since.subsec_nanos())
        .unwrap_or_default()
}

impl Town<'_> {
    /// The folder of everything that is kept.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The address of its database; `None` on SQLite.
    pub fn database_url(&self) -> Option<&str> {
        self.database.as_ref().map(|database| database.url.as_str())
    }

    /// A connection to the commune's own tables, beside the program.
    pub fn tables(&self) -> Result<Tables> {
        match &self.database {
            None => {
                let file = self.folder().join("communes").join(SLUG).join("commune.db");
                Ok(Tables::Sqlite(rusqlite::Connection::open(file)?))
            }
            Some(database) => {
                let mut client = postgres::Client::connect(&database.url, postgres::NoTls)?;
                client.batch_execute(&format!("SET search_path TO \"commune_{SLUG}\""))?;
                Ok(Tables::Postgres(Box::new(client)))
            }
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program.path);
        command.env_clear().env("PATH", "/usr/bin:/bin").env("BEFFROI_DATA", self.folder());
        if let Some(database) = &self.database {
            command.env("BEFFROI_DATABASE_URL", &database.url);
        }
        command.args(arguments).stderr(Stdio::null());
        command
    }

    /// Runs a command of the program to its end, and gives what it printed.
    pub fn run(&self, arguments: &[&str]) -> Result<String> {
        let output = self.command(arguments).stderr(Stdio::piped()).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{arguments:?}: {said}");
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Creates the commune, with a procedure of the catalogue that anybody may ask for.
    pub fn settle(&self) -> Result<()> {
        self.run(&["commune", "create", SLUG, "--name", "Lunel", "--host", "localhost"])?;
        self.run(&["department", "create", "etat-civil", "--name", "État civil", "--commune", SLUG])?;
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../catalogue/procedures/acte-de-naissance.toml");
        self.run(&["procedure", "import", file, "--commune", SLUG])?;
        Ok(())
    }

    /// Serves what is there.
    pub fn serve(&self) -> Result<Server> {
        self.start(&["serve", "--listen", "127.0.0.1:0"])
    }

    /// Serves the demonstration commune, made first if there is none.
    pub fn serve_demonstration(&self) -> Result<Server> {
        self.start(&["demo", "--listen", "127.0.0.1:0", "--cases", "60"])
    }

    fn start(&self, arguments: &[&str]) -> Result<Server> {
        // Each client comes from an address of its own, as behind a proxy.
        let mut command = self.command(arguments);
        command.args(["--set", "trusted_proxies=127.0.0.1"]);
        let (child, address) = listening(command)?;
        Ok(Server { child, address })
    }
}

impl Drop for Town<'_> {
    fn drop(&mut self) {
        let Some(Database { server, name, .. }) = &self.database else { return };
        let Ok(mut client) = postgres::Client::connect(server, postgres::NoTls) else { return };
        let _ = client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
    }
}

/// A commune's tables, in whichever engine.
pub enum Tables {
    /// Its file.
    Sqlite(rusqlite::Connection),
    /// Its schema.
    Postgres(Box<postgres::Client>),
}

impl Tables {
    /// Runs statements that answer nothing.
    pub fn run(&mut self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(connection) => connection.execute_batch(sql)?,
            Self::Postgres(client) => client.batch_execute(sql)?,
        }
        Ok(())
    }

    /// Tells the engine how much it holds, where it comes to know that by itself in a town: PostgreSQL counts in the
    /// background, SQLite plans without counts.
    pub fn counted(&mut self) -> Result<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(_) => self.run("ANALYZE"),
        }
    }
}

/// Starts a program that prints the address it listens on as its first line.
pub fn listening(mut command: Command) -> Result<(Child, SocketAddr)> {
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().context("no output")?).read_line(&mut line)?;
    let address = line.trim().strip_prefix("http://").and_then(|address| address.parse().ok());
    Ok((child, address.with_context(|| format!("it said {line:?} instead of its address"))?))
}

/// The program, serving; killed when dropped.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// The resident memory of the program and of the processes that it started, in bytes. What they share is
    /// counted once (PSS, `proc(5)`).
    pub fn resident_bytes(&self) -> Result<u64> {
        let mut kib = 0;
        let mut family = vec![self.child.id()];
        while let Some(process) = family.pop() {
            let shares = fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
            let share = shares.lines().find_map(|line| line.strip_prefix("Pss:"));
            let share = share.and_then(|share| share.trim().split(' ').next()?.parse::<u64>().ok());
            kib += share.context("no Pss in smaps_rollup")?;
            for thread in fs::read_dir(format!("/proc/{process}/task"))? {
                let children = fs::read_to_string(thread?.path().join("children"))?;
                family.extend(children.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
            }
        }
        Ok(kib << 10)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
