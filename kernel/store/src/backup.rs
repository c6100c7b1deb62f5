//! Backup and restore of one commune while it runs, in a form that either engine can take back:
//! a tar of `tables/*.jsonl` (one JSON array a row), `documents/…` and, last, `manifest.json` with
//! the checksum of every part.
//!
//! The tables come from one snapshot. Documents are files that never change, named by their content,
//! so copying them after the snapshot can only find more than the tables speak of.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufRead, BufReader, Read, Seek, Write},
    path::{Component, Path},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    By, Commune, Engine, Platform, Result, StoreError, Tx, Value,
    engine::Connection,
    journal::{self, Verification},
    marks,
};

/// Rows fetched at once from PostgreSQL.
const FETCHED: usize = 1_000;
/// The form of the archive; a restore refuses another.
const FORMAT: u32 = 1;
/// Made anew by migrations, so left out of the archive but compared.
const MIGRATION_TABLE: &str = "migration";

/// What an archive holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The archive's form.
    pub format: u32,
    /// The commune's short name.
    pub commune: String,
    /// The commune's name, for people.
    pub name: String,
    /// The host names that led to it. Archives of before they were kept name none.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// When the snapshot was taken.
    pub at: beffroi_core::Instant,
    /// Which migrations had run: `service/number`.
    pub migrations: Vec<String>,
    /// The tables, with their rows counted and their text's SHA-256 in hexadecimal.
    pub tables: BTreeMap<String, Part>,
    /// The documents, by path below the folder `documents`, with bytes and SHA-256.
    pub documents: BTreeMap<String, Part>,
}

/// One part of an archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Rows of a table, or bytes of a document.
    pub size: u64,
    /// SHA-256, in hexadecimal.
    pub sha256: String,
}

/// The folders of documents that an archive has. What still arrives belongs to no request yet.
const ARCHIVED: [&str; 2] = ["kept", "quarantine"];

/// Writes a commune's archive to `out`, while the commune works on. Blocks.
pub fn back_up(platform: &Platform, slug: &str, out: impl Write) -> Result<Manifest> {
    let commune = platform.commune(slug)?;
    let hosts = platform.hosts(slug)?;
    let mut archive = tar::Builder::new(out);
    let mut manifest = commune.read_blocking(By::SYSTEM, |tx| {
        let mut manifest = Manifest {
            format: FORMAT,
            commune: commune.slug().to_owned(),
            name: commune.name().to_owned(),
            hosts,
            at: tx.now(),
            migrations: migrations(tx)?,
            tables: BTreeMap::new(),
            documents: BTreeMap::new(),
        };
        for table in tables(tx)? {
            let mut file = tempfile::tempfile().map_err(StoreError::io("make a temporary file"))?;
            let part = dump(tx, &table, &mut file)?;
            file.rewind().map_err(StoreError::io("read a temporary file"))?;
            append(&mut archive, &format!("tables/{}.jsonl", table.name), &mut file)?;
            manifest.tables.insert(table.name, part);
        }
        Ok::<_, StoreError>(manifest)
    })?;
    let folder = commune.folder().join("documents");
    let mut files = Vec::new();
    for part in ARCHIVED {
        list_files(&folder, &folder.join(part), &mut files)?;
    }
    for path in files {
        let mut file = match File::open(folder.join(&path)) {
            // Erased since it was listed, for nobody names it any more.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            opened => opened.map_err(StoreError::io(format!("open {path}")))?,
        };
        let part = checksum(&mut file)?;
        file.rewind().map_err(StoreError::io(format!("read {path}")))?;
        append(&mut archive, &format!("documents/{path}"), &mut file)?;
        manifest.documents.insert(path, part);
    }
    let text = serde_json::to_vec_pretty(&manifest)?;
    let mut header = tar::Header::new_gnu();
    header.set_size(text.len() as u64);
    header.set_mode(0o600);
    archive
        .append_data(&mut header, "manifest.json", text.as_slice())
        .and_then(|()| archive.into_inner().and_then(|mut out| out.flush()))
        .map_err(StoreError::io("finish the archive"))?;
    Ok(manifest)
}

/// Reads what an archive says of itself, without unpacking it: its parts are passed over.
pub fn manifest(archive: impl Read + Seek) -> Result<Manifest> {
    let mut archive = tar::Archive::new(archive);
    for entry in archive.entries_with_seek().map_err(StoreError::io("read the archive"))? {
        // What cannot be read is not shown: whatever the file is, it is not a backup.
        let entry = entry.map_err(|_| no_manifest())?;
        if entry.path().is_ok_and(|path| path == Path::new("manifest.json")) {
            return Ok(serde_json::from_reader(entry)?);
        }
    }
    Err(no_manifest())
}

fn no_manifest() -> StoreError {
    StoreError::Invalid("the archive has no manifest: it was cut off, or is not a backup".to_owned())
}

/// Fills a new, empty commune from an archive, then reads everything back and compares before it says
/// yes. On any error the commune must be thrown away. Blocks.
pub fn restore(commune: &Commune, archive: impl Read) -> Result<Manifest> {
    let folder = tempfile::tempdir_in(commune.folder()).map_err(StoreError::io("make a temporary folder"))?;
    unpack(archive, folder.path())?;
    let text = std::fs::read(folder.path().join("manifest.json")).map_err(|_| no_manifest())?;
    let manifest: Manifest = serde_json::from_slice(&text)?;
    if manifest.format != FORMAT {
        return Err(StoreError::Invalid(format!("archive of the unknown form {}", manifest.format)));
    }
    check_parts(&manifest, folder.path())?;
    let (wanted, source) = (manifest.clone(), folder.path().to_owned());
    commune.write_blocking(By::SYSTEM, move |tx| fill(tx, &wanted, &source))?;
    let documents = commune.folder().join("documents");
    if !manifest.documents.is_empty() {
        std::fs::rename(folder.path().join("documents"), &documents)
            .map_err(StoreError::io("put the documents in place"))?;
    }
    compare(commune, &manifest)?;
    Ok(manifest)
}

fn fill(tx: &mut Tx<'_>, manifest: &Manifest, source: &Path) -> Result<()> {
    let here = migrations(tx)?;
    if here != manifest.migrations {
        return Err(StoreError::Invalid(
            "the backup was made by another version of the program; restore it with that version, then upgrade"
                .to_owned(),
        ));
    }
    if journal::position(tx)? != journal::Seq(0) {
        return Err(StoreError::AlreadyExists(format!("commune {} is not empty", manifest.commune)));
    }
    let tables = tables(tx)?;
    // Rows that the migrations themselves put there, children first.
    for table in tables.iter().rev() {
        tx.execute(&format!("DELETE FROM {}", quoted(&table.name)), &[])?;
    }
    for table in &tables {
        let file = File::open(source.join("tables").join(format!("{}.jsonl", table.name)))
            .map_err(StoreError::io(format!("open the table {}", table.name)))?;
        let names: Vec<_> = table.columns.iter().map(|column| quoted(column)).collect();
        let sql = format!(
            "INSERT INTO {} ({}) VALUES ({})",
            quoted(&table.name),
            names.join(", "),
            marks(1, names.len())
        );
        for line in BufReader::new(file).lines() {
            let line = line.map_err(StoreError::io(format!("read the table {}", table.name)))?;
            let cells: Vec<Cell> = serde_json::from_str(&line)?;
            let values: Vec<Value> = cells.into_iter().map(Value::try_from).collect::<Result<_>>()?;
            let params: Vec<&dyn crate::ToValue> =
                values.iter().map(|it| it as &dyn crate::ToValue).collect();
            tx.execute(&sql, &params)?;
        }
    }
    // The writer stores the head that it holds; it must hold the restored one.
    tx.reload_head()
}

fn compare(commune: &Commune, manifest: &Manifest) -> Result<()> {
    let verification = commune.read_blocking(By::SYSTEM, |tx| {
        for table in tables(tx)? {
            let part = dump(tx, &table, &mut std::io::sink())?;
            if manifest.tables.get(&table.name) != Some(&part) {
                return Err(StoreError::Corrupt(format!(
                    "the table {} was not restored as it was",
                    table.name
                )));
            }
        }
        journal::verify(tx)
    })?;
    let Verification { broken, .. } = verification;
    if let Some((seq, reason)) = broken {
        return Err(StoreError::Corrupt(format!("the journal breaks at {}: {reason}", seq.0)));
    }
    check_documents(manifest, &commune.folder().join("documents"))
}

struct Table {
    name: String,
    columns: Vec<String>,
}

/// The tables in the order in which they were made, so that parents come before children.
fn tables(tx: &mut Tx<'_>) -> Result<Vec<Table>> {
    let (tables, columns) = match tx.engine() {
        Engine::Sqlite => (
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid",
            "SELECT name FROM pragma_table_info($1) ORDER BY cid",
        ),
        Engine::Postgres => (
            "SELECT CAST(relname AS TEXT) FROM pg_catalog.pg_class WHERE relkind = 'r' AND relnamespace = \
             CAST(CAST(current_schema() AS TEXT) AS regnamespace) ORDER BY oid",
            "SELECT CAST(column_name AS TEXT) FROM information_schema.columns WHERE table_schema = \
             current_schema() AND CAST(table_name AS TEXT) = $1 ORDER BY ordinal_position",
        ),
    };
    let names = tx.query(tables, &[], |row| row.get::<String>(0))?;
    names
        .into_iter()
        .filter(|name| name != MIGRATION_TABLE)
        .map(|name| Ok(Table { columns: tx.query(columns, &[&name], |row| row.get(0))?, name }))
        .collect()
}

fn migrations(tx: &mut Tx<'_>) -> Result<Vec<String>> {
    tx.query("SELECT service, number FROM migration ORDER BY service, number", &[], |row| {
        Ok(format!("{}/{}", row.get::<String>(0)?, row.get::<u32>(1)?))
    })
}

/// Writes a table's rows, ordered by their own text so that both engines write them alike.
fn dump(tx: &mut Tx<'_>, table: &Table, out: &mut dyn Write) -> Result<Part> {
    let columns: Vec<_> = table.columns.iter().map(|name| quoted(name)).collect();
    let order: Vec<_> = (1..=columns.len()).map(|rank| format!("{rank} NULLS FIRST")).collect();
    let sql =
        format!("SELECT {} FROM {} ORDER BY {}", columns.join(", "), quoted(&table.name), order.join(", "));
    let mut part = Part { size: 0, sha256: String::new() };
    let mut hasher = Sha256::new();
    stream(tx, &quoted(&format!("rows of {}", table.name)), &sql, &mut |values| {
        let cells: Vec<Cell> = values.into_iter().map(Cell::from).collect();
        let mut line = serde_json::to_vec(&cells)?;
        line.push(b'\n');
        hasher.update(&line);
        part.size += 1;
        out.write_all(&line).map_err(StoreError::io(format!("write the table {}", table.name)))
    })?;
    part.sha256 = hex::encode(hasher.finalize());
    Ok(part)
}

/// Gives every row of a statement, without ever holding more than a page of them. The cursor needs a
/// name of its own, for the connection remembers each `FETCH` with its columns.
fn stream(
    tx: &mut Tx<'_>,
    cursor: &str,
    sql: &str,
    each: &mut dyn FnMut(Vec<Value>) -> Result<()>,
) -> Result<()> {
    if let Connection::Sqlite(sqlite) = &mut *tx.connection {
        return sqlite.query(sql, &[], &mut |row| each(row.into_values()));
    }
    tx.connection.batch(&format!("DECLARE {cursor} NO SCROLL CURSOR FOR {sql}"))?;
    loop {
        let mut fetched = 0;
        tx.connection.query(&format!("FETCH {FETCHED} FROM {cursor}"), &[], &mut |row| {
            fetched += 1;
            each(row.into_values())
        })?;
        if fetched < FETCHED {
            return tx.connection.batch(&format!("CLOSE {cursor}"));
        }
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// One cell of the archive. A truth value is 0 or 1, as SQLite keeps it; bytes are hexadecimal.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Cell {
    Null(()),
    Int(i64),
    Text(String),
    Bytes { hex: String },
}

impl From<Value> for Cell {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null(()),
            Value::Bool(truth) => Self::Int(i64::from(truth)),
            Value::Int(n) => Self::Int(n),
            Value::Text(text) => Self::Text(text),
            Value::Blob(bytes) => Self::Bytes { hex: hex::encode(bytes) },
        }
    }
}

impl TryFrom<Cell> for Value {
    type Error = StoreError;
    fn try_from(cell: Cell) -> Result<Self> {
        Ok(match cell {
            Cell::Null(()) => Self::Null,
            Cell::Int(n) => Self::Int(n),
            Cell::Text(text) => Self::Text(text),
            Cell::Bytes { hex } => Self::Blob(
                hex::decode(hex).map_err(|_| StoreError::Corrupt("bytes are not hexadecimal".to_owned()))?,
            ),
        })
    }
}

fn append(archive: &mut tar::Builder<impl Write>, name: &str, file: &mut File) -> Result<()> {
    let size = file.metadata().map_err(StoreError::io(format!("measure {name}")))?.len();
    let mut header = tar::Header::new_gnu();
    header.set_size(size);
    header.set_mode(0o600);
    archive.append_data(&mut header, name, file).map_err(StoreError::io(format!("archive {name}")))
}

/// Unpacks only what a backup has, and never outside `folder`.
fn unpack(archive: impl Read, folder: &Path) -> Result<()> {
    let mut archive = tar::Archive::new(archive);
    let entries = archive.entries().map_err(StoreError::io("read the archive"))?;
    for entry in entries {
        let mut entry = entry.map_err(StoreError::io("read the archive"))?;
        let path = entry.path().map_err(StoreError::io("read the archive"))?.into_owned();
        let known =
            path == Path::new("manifest.json") || path.starts_with("tables") || path.starts_with("documents");
        let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
        if !known || !plain || !entry.header().entry_type().is_file() {
            return Err(StoreError::Invalid(format!("the archive holds a foreign part: {}", path.display())));
        }
        let target = folder.join(&path);
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent).map_err(StoreError::io("make a folder"))?;
        }
        let mut file = File::create(&target).map_err(StoreError::io("unpack the archive"))?;
        std::io::copy(&mut entry, &mut file)
            .and_then(|_| file.sync_all())
            .map_err(StoreError::io(format!("unpack {}", path.display())))?;
    }
    Ok(())
}

fn check_parts(manifest: &Manifest, folder: &Path) -> Result<()> {
    for (name, part) in &manifest.tables {
        let path = folder.join("tables").join(format!("{name}.jsonl"));
        let mut file = File::open(&path).map_err(StoreError::io(format!("open the table {name}")))?;
        if checksum(&mut file)?.sha256 != part.sha256 {
            return Err(StoreError::Corrupt(format!("the archive's table {name} is damaged")));
        }
    }
    check_documents(manifest, &folder.join("documents"))
}

fn check_documents(manifest: &Manifest, folder: &Path) -> Result<()> {
    for (path, part) in &manifest.documents {
        let mut file = File::open(folder.join(path)).map_err(StoreError::io(format!("open {path}")))?;
        if checksum(&mut file)? != *part {
            return Err(StoreError::Corrupt(format!("the document {path} is damaged")));
        }
    }
    Ok(())
}

fn checksum(file: &mut File) -> Result<Part> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut size = 0;
    loop {
        let read = file.read(&mut buffer).map_err(StoreError::io("read a file"))?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        hasher.update(bytes);
        size += read as u64;
    }
    Ok(Part { size, sha256: hex::encode(hasher.finalize()) })
}

fn list_files(root: &Path, folder: &Path, files: &mut Vec<String>) -> Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(StoreError::io("list the documents")(error)),
    };
    for entry in entries {
        let path = entry.map_err(StoreError::io("list the documents"))?.path();
        if path.is_dir() {
            list_files(root, &path, files)?;
        } else if let Some(name) = path.strip_prefix(root).ok().and_then(Path::to_str)
            // So is named what is still being written.
            && !name.contains('#')
        {
            files.push(name.to_owned());
        }
    }
    files.sort();
    Ok(())
}
