//! A document: a content with a name and an owner. It is read only through [`Cleared`], which exists
//! only for what the virus gate let through.

use std::{collections::HashMap, sync::Arc};

use beffroi_core::{Id, Instant};
use beffroi_store::{By, Commune, Entry, Result, Row, StoreError, ToValue, Tx, jobs, marks, words};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use object_store::ObjectStoreExt;
use uuid::Uuid;

use crate::{
    MediaType, StoredFile,
    blobs::{Blobs, kept, refused},
    upload::SEALED_CONTENT,
};

/// The job that has a content checked.
pub(crate) const SCAN: &str = "document.scan";

/// The particulars of that job.
pub(crate) fn order(sha256: &str) -> serde_json::Value {
    serde_json::json!({ "sha256": sha256 })
}

/// One check of a content serves all its documents.
pub(crate) fn scan_key(sha256: &str) -> String {
    format!("{SCAN}/{sha256}")
}

words! {
    /// Where a document stands with the virus gate.
    State {
        /// Kept, not yet checked: nobody can read it.
        Received = "received",
        /// Readable.
        Clean = "clean",
        /// A virus was found: moved aside, nobody can read it.
        Infected = "infected",
    }
}

/// Whether files from outside wait for a virus check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// No scanner is configured: files are readable at once. The administrator chose so.
    Open,
    /// Nothing is readable before a clean answer.
    Guarded,
}

/// A document of the commune.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Which one.
    pub id: Id<Document>,
    /// The hash of its content, in hexadecimal.
    pub sha256: String,
    /// Its name, to show.
    pub name: String,
    /// Its kind, by its content.
    pub media_type: MediaType,
    /// Its size in bytes.
    pub bytes: i64,
    /// The kind of thing that it belongs to: `case`.
    pub owner_kind: String,
    /// Which one.
    pub owner_id: Uuid,
    /// What it is there for: the key of a form's field, `acknowledgement`.
    pub purpose: String,
    /// Where it stands with the virus gate.
    pub state: State,
    /// When it was received.
    pub created: Instant,
    /// Whether it lies sealed on the disk.
    pub sealed: bool,
}

/// What a command makes a document of.
#[derive(Clone, Debug)]
pub struct NewDocument<'a> {
    /// The file on the disk.
    pub file: &'a StoredFile,
    /// The kind of thing that it belongs to: `case`.
    pub owner_kind: &'a str,
    /// Which one.
    pub owner_id: Uuid,
    /// What it is there for.
    pub purpose: &'a str,
}

const COLUMNS: &str = "d.id, d.sha256, d.name, c.media_type, c.bytes, d.owner_kind, d.owner_id, d.purpose, \
     c.state, d.created, c.sealed FROM document d JOIN content c ON c.sha256 = d.sha256";

fn read(row: &mut Row) -> Result<Document> {
    let mime: String = row.get(3)?;
    Ok(Document {
        id: row.get(0)?,
        sha256: row.get(1)?,
        name: row.get(2)?,
        media_type: MediaType::from_mime(&mime)
            .ok_or_else(|| StoreError::Corrupt(format!("no document is of type {mime}")))?,
        bytes: row.get(4)?,
        owner_kind: row.get(5)?,
        owner_id: row.get(6)?,
        purpose: row.get(7)?,
        state: row.get(8)?,
        created: row.get(9)?,
        sealed: row.get(10)?,
    })
}

impl Document {
    /// Makes a document of a file on the disk. The caller's own journal entry tells of it.
    ///
    /// A content that was cleared before is not checked again; one that was condemned stays so.
    pub fn create(tx: &mut Tx<'_>, gate: Gate, new: &NewDocument<'_>) -> Result<Self> {
        let file = new.file;
        let state = if file.generated || gate == Gate::Open { State::Clean } else { State::Received };
        let bytes = i64::try_from(file.bytes)
            .map_err(|_| StoreError::Invalid("a file is too large to be counted".to_owned()))?;
        tx.execute(
            "INSERT INTO content (sha256, media_type, bytes, state, finding, sealed) \
             VALUES ($1, $2, $3, $4, NULL, $5) ON CONFLICT (sha256) DO NOTHING",
            &[&file.sha256, &file.media_type.mime(), &bytes, &state.as_str(), &file.sealed],
        )?;
        let id: Id<Self> = tx.new_id();
        tx.execute(
            "INSERT INTO document (id, sha256, name, owner_kind, owner_id, purpose, created) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            &[&id, &file.sha256, &file.name, &new.owner_kind, &new.owner_id, &new.purpose, &tx.now()],
        )?;
        let document = find(tx, id)?
            .ok_or_else(|| StoreError::Corrupt("a document that was just made is not there".to_owned()))?;
        if document.state != State::Clean {
            // Also for a condemned content, which came back to the disk with this upload: the check that is under way
            // may have moved it already, and is not enough.
            let key = (document.state == State::Received).then(|| scan_key(&file.sha256));
            jobs::enqueue(tx, SCAN, &order(&file.sha256), tx.now(), key.as_deref())?;
        }
        if document.state == State::Infected {
            document.tell(tx, "document.infected", None)?;
        }
        Ok(document)
    }

    /// Journals what the gate said, on what the document belongs to.
    fn tell(&self, tx: &mut Tx<'_>, kind: &str, finding: Option<&str>) -> Result<()> {
        tx.journal(&Entry {
            kind,
            subject_kind: &self.owner_kind,
            subject_id: self.owner_id,
            payload: serde_json::json!({ "document": self.id, "purpose": self.purpose, "finding": finding }),
        })?;
        Ok(())
    }
}

/// One more document with the content of this one, for another owner: it shares the content's check.
pub(crate) fn copy(
    tx: &mut Tx<'_>,
    of: &Document,
    (owner_kind, owner_id): (&str, Uuid),
    purpose: &str,
) -> Result<Id<Document>> {
    let id: Id<Document> = tx.new_id();
    tx.execute(
        "INSERT INTO document (id, sha256, name, owner_kind, owner_id, purpose, created) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[&id, &of.sha256, &of.name, &owner_kind, &owner_id, &purpose, &tx.now()],
    )?;
    Ok(id)
}

/// Gives all that one owner has to another: a draft's files to the case that it becomes.
pub fn hand_over(tx: &mut Tx<'_>, from: (&str, Uuid), to: (&str, Uuid)) -> Result<u64> {
    tx.execute(
        "UPDATE document SET owner_kind = $1, owner_id = $2 WHERE owner_kind = $3 AND owner_id = $4",
        &[&to.0, &to.1, &from.0, &from.1],
    )
}

/// Gives some of what one owner has to another, for this purpose: what waited to be sent goes to what it was sent with.
pub fn hand_over_some(
    tx: &mut Tx<'_>,
    from: (&str, Uuid),
    to: (&str, Uuid),
    purpose: &str,
    ids: &[Id<Document>],
) -> Result<u64> {
    if ids.is_empty() {
        return Ok(0);
    }
    let mut params: Vec<&dyn ToValue> = vec![&to.0, &to.1, &purpose, &from.0, &from.1];
    params.extend(ids.iter().map(|id| id as &dyn ToValue));
    let sql = format!(
        "UPDATE document SET owner_kind = $1, owner_id = $2, purpose = $3 \
         WHERE owner_kind = $4 AND owner_id = $5 AND id IN ({})",
        marks(6, ids.len())
    );
    tx.execute(&sql, &params)
}

/// Says of documents of one purpose that they are for another one from now on; tells of how many.
///
/// # Errors
/// Those of the store.
pub fn repurpose(tx: &mut Tx<'_>, owner: (&str, Uuid), from: &str, to: &str) -> Result<u64> {
    tx.execute(
        "UPDATE document SET purpose = $1 WHERE owner_kind = $2 AND owner_id = $3 AND purpose = $4",
        &[&to, &owner.0, &owner.1, &from],
    )
}

/// Forgets all that these owners have.
pub fn forget_of(tx: &mut Tx<'_>, owner_kind: &str, owners: &[Uuid]) -> Result<u64> {
    if owners.is_empty() {
        return Ok(0);
    }
    let mut params: Vec<&dyn ToValue> = vec![&owner_kind];
    params.extend(owners.iter().map(|owner| owner as &dyn ToValue));
    let sql =
        format!("DELETE FROM document WHERE owner_kind = $1 AND owner_id IN ({})", marks(2, owners.len()));
    tx.execute(&sql, &params)
}

/// Forgets what an owner has beside these.
pub fn keep_only(tx: &mut Tx<'_>, owner: (&str, Uuid), kept: &[Id<Document>]) -> Result<u64> {
    if kept.is_empty() {
        return forget_of(tx, owner.0, &[owner.1]);
    }
    let mut params: Vec<&dyn ToValue> = vec![&owner.0, &owner.1];
    params.extend(kept.iter().map(|id| id as &dyn ToValue));
    let others = marks(3, kept.len());
    let sql =
        format!("DELETE FROM document WHERE owner_kind = $1 AND owner_id = $2 AND id NOT IN ({others})");
    tx.execute(&sql, &params)
}

/// Forgets what owners of this kind were given before an instant: what was sent and never used.
pub fn forget_before(tx: &mut Tx<'_>, owner_kind: &str, instant: Instant) -> Result<u64> {
    tx.execute("DELETE FROM document WHERE owner_kind = $1 AND created < $2", &[&owner_kind, &instant])
}

/// The document of that id.
pub fn find(tx: &mut Tx<'_>, id: Id<Document>) -> Result<Option<Document>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE d.id = $1"), &[&id], read)
}

/// The documents of those ids, in the order of the ids, wherever they stand with the virus gate.
pub fn some(tx: &mut Tx<'_>, ids: &[Id<Document>]) -> Result<Vec<Document>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let values: Vec<&dyn ToValue> = ids.iter().map(|id| id as &dyn ToValue).collect();
    let sql = format!("SELECT {COLUMNS} WHERE d.id IN ({})", marks(1, ids.len()));
    let mut found = tx.query(&sql, &values, read)?;
    sort_as(&mut found, ids);
    Ok(found)
}

/// Puts documents in the order of these ids.
fn sort_as(found: &mut [Document], ids: &[Id<Document>]) {
    let ranks: HashMap<Uuid, usize> = ids.iter().enumerate().map(|(rank, id)| (id.uuid(), rank)).collect();
    found.sort_by_key(|document| ranks.get(&document.id.uuid()).copied());
}

/// What belongs to one thing, oldest first.
pub fn of_owner(tx: &mut Tx<'_>, owner_kind: &str, owner_id: Uuid, limit: u32) -> Result<Vec<Document>> {
    tx.query(
        &format!("SELECT {COLUMNS} WHERE d.owner_kind = $1 AND d.owner_id = $2 ORDER BY d.id LIMIT $3"),
        &[&owner_kind, &owner_id, &limit],
        read,
    )
}

/// The last that one thing was given for this purpose, however many came since for others.
pub fn last_of(tx: &mut Tx<'_>, owner_kind: &str, owner_id: Uuid, purpose: &str) -> Result<Option<Document>> {
    tx.query_opt(
        &format!(
            "SELECT {COLUMNS} WHERE d.owner_kind = $1 AND d.owner_id = $2 AND d.purpose = $3 \
             ORDER BY d.id DESC LIMIT 1"
        ),
        &[&owner_kind, &owner_id, &purpose],
        read,
    )
}

/// The names of what belongs to these things, by owner.
pub fn names_of(tx: &mut Tx<'_>, owner_kind: &str, owners: &[Uuid]) -> Result<HashMap<Uuid, Vec<String>>> {
    let mut found: HashMap<Uuid, Vec<String>> = HashMap::new();
    if owners.is_empty() {
        return Ok(found);
    }
    let mut params: Vec<&dyn ToValue> = vec![&owner_kind];
    params.extend(owners.iter().map(|owner| owner as &dyn ToValue));
    let sql = format!(
        "SELECT owner_id, name FROM document WHERE owner_kind = $1 AND owner_id IN ({}) ORDER BY owner_id, id",
        marks(2, owners.len())
    );
    tx.query(&sql, &params, |row| {
        found.entry(row.get(0)?).or_default().push(row.get(1)?);
        Ok(())
    })?;
    Ok(found)
}

/// How many documents belong to one thing.
pub fn count_of(tx: &mut Tx<'_>, owner_kind: &str, owner_id: Uuid) -> Result<i64> {
    tx.query_one(
        "SELECT COUNT(*) FROM document WHERE owner_kind = $1 AND owner_id = $2",
        &[&owner_kind, &owner_id],
        |row| row.get(0),
    )
}

/// The content's state and the finding, for the scanner.
pub(crate) fn state_of(tx: &mut Tx<'_>, sha256: &str) -> Result<Option<State>> {
    tx.query_opt("SELECT state FROM content WHERE sha256 = $1", &[&sha256], |row| row.get(0))
}

/// The contents after one that wait for their check, in the order of their hashes.
pub(crate) fn unchecked(tx: &mut Tx<'_>, after: &str) -> Result<Vec<String>> {
    tx.query(
        "SELECT sha256 FROM content WHERE state = 'received' AND sha256 > $1 ORDER BY sha256 LIMIT 200",
        &[&after],
        |row| row.get(0),
    )
}

/// Writes a verdict down, and tells it of each document with that content.
pub(crate) fn settle(tx: &mut Tx<'_>, sha256: &str, state: State, finding: Option<&str>) -> Result<()> {
    const PAGE: u32 = 500;
    let changed = tx.execute(
        "UPDATE content SET state = $1, finding = $2 WHERE sha256 = $3 AND state = 'received'",
        &[&state.as_str(), &finding, &sha256],
    )?;
    if changed == 0 {
        return Ok(());
    }
    let kind = if state == State::Infected { "document.infected" } else { "document.cleared" };
    let mut after = String::new();
    loop {
        let sql = format!("SELECT {COLUMNS} WHERE d.sha256 = $1 AND d.id > $2 ORDER BY d.id LIMIT $3");
        let page = tx.query(&sql, &[&sha256, &after, &PAGE], read)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.id.to_string();
        for document in page {
            document.tell(tx, kind, finding)?;
        }
    }
}

/// A document that may be read. Nothing else opens a content.
#[derive(Clone, Debug)]
pub struct Cleared {
    document: Document,
}

/// The document of that id, if the virus gate let it through.
pub fn cleared(tx: &mut Tx<'_>, id: Id<Document>) -> Result<Option<Cleared>> {
    Ok(find(tx, id)?.filter(|it| it.state == State::Clean).map(|document| Cleared { document }))
}

/// The documents of those ids that the virus gate let through, in the order of the ids.
pub fn cleared_of(tx: &mut Tx<'_>, ids: &[Id<Document>]) -> Result<Vec<Cleared>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let values: Vec<&dyn ToValue> = ids.iter().map(|id| id as &dyn ToValue).collect();
    let sql = format!("SELECT {COLUMNS} WHERE d.id IN ({}) AND c.state = 'clean'", marks(1, ids.len()));
    let mut found = tx.query(&sql, &values, read)?;
    sort_as(&mut found, ids);
    Ok(found.into_iter().map(|document| Cleared { document }).collect())
}

impl Cleared {
    /// What is known of it.
    pub const fn document(&self) -> &Document {
        &self.document
    }

    /// Its content, to be read on a blocking thread.
    ///
    /// Errors: the file is not on the disk, or the disk refuses.
    pub fn open(&self, commune: &Commune) -> Result<std::fs::File> {
        let file = Blobs::of(commune)?.file(&self.document.sha256)?;
        std::fs::File::open(file).map_err(StoreError::io("read a document"))
    }

    /// Its content, in a stream.
    ///
    /// Errors: the file is not on the disk, the disk refuses, or what is sealed cannot be opened.
    pub async fn content(
        &self,
        commune: &Arc<Commune>,
    ) -> Result<impl Stream<Item = std::io::Result<Bytes>> + Send + 'static + use<>> {
        let blobs = Blobs::of(commune)?;
        let found =
            blobs.files.get(&kept(&self.document.sha256)).await.map_err(refused("read a document"))?;
        if !self.document.sealed {
            return Ok(found.into_stream().map(|chunk| chunk.map_err(std::io::Error::other)).left_stream());
        }
        // What the town made and sealed is a few pages, and opens only as a whole.
        let closed = found.bytes().await.map_err(refused("read a document"))?;
        let open = commune.read(By::SYSTEM, move |tx| tx.unseal(SEALED_CONTENT, &closed)).await?;
        Ok(stream::once(async move { Ok(Bytes::from(open)) }).right_stream())
    }
}
