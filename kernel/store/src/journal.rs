//! The journal of a commune: what was done, by whom, for whom, when, through which door. It is the
//! audit trail, the outbox and the history; each entry seals all those before it.
//!
//! The chain covers the metadata and a salted hash of the payload, so that a payload can be erased
//! when the law says so and the chain still verifies. Secrets never enter it.

use beffroi_core::{Channel, Instant};
use chrono::TimeDelta;
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{Result, Row, StoreError, ToValue, Tx, Value, engine::Connection, marks};

/// An entry's rank in its commune's journal, from 1, without gaps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Seq(pub i64);

/// What a command appends.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// What happened, as `noun.participle`: `case.received`.
    pub kind: &'a str,
    /// The kind of thing that it happened to: `case`.
    pub subject_kind: &'a str,
    /// Which one.
    pub subject_id: Uuid,
    /// The particulars. No secret, and no more personal data than the history needs.
    pub payload: serde_json::Value,
}

/// An entry as it was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// Its rank.
    pub seq: Seq,
    /// When.
    pub at: Instant,
    /// Who acted: `visitor`, `account`, `token` or `system`.
    pub actor_kind: String,
    /// The account or token.
    pub actor_id: Option<Uuid>,
    /// For whom, if not for oneself.
    pub on_behalf: Option<Uuid>,
    /// Through which door.
    pub channel: Channel,
    /// What happened.
    pub kind: String,
    /// The kind of thing that it happened to.
    pub subject_kind: String,
    /// Which one.
    pub subject_id: Uuid,
    /// The particulars; `None` once erased.
    pub payload: Option<serde_json::Value>,
}

/// Where the journal stands: the last rank, its instant and its seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) seq: i64,
    pub(crate) at: Instant,
    pub(crate) hash: [u8; 32],
}

/// How far a clock may step back before the journal follows it: an entry that was written while it was a year ahead
/// must not date all those after it.
const STEPS_BACK_AT_MOST: TimeDelta = TimeDelta::days(1);

const COLUMNS: &str =
    "seq, at, actor_kind, actor_id, on_behalf, channel, kind, subject_kind, subject_id, payload";

/// Locks the head for this transaction, so that the writers of one commune come one after another.
pub(crate) fn lock_head(connection: &mut Connection) -> Result<Head> {
    let sql = match connection {
        Connection::Sqlite(_) => "SELECT seq, at, hash FROM journal_head WHERE id = 1",
        Connection::Postgres(_) => "SELECT seq, at, hash FROM journal_head WHERE id = 1 FOR UPDATE",
    };
    let mut head = None;
    connection.query(sql, &[], &mut |mut row| {
        head = Some(Head { seq: row.get(0)?, at: row.get(1)?, hash: seal(row.get(2)?)? });
        Ok(())
    })?;
    head.ok_or_else(|| StoreError::Corrupt("the journal has no head".to_owned()))
}

pub(crate) fn store_head(connection: &mut Connection, head: &Head) -> Result<()> {
    let at = Value::Int(head.at.timestamp_millis());
    let params = [Value::Int(head.seq), at, Value::Blob(head.hash.to_vec())];
    connection.execute("UPDATE journal_head SET seq = $1, at = $2, hash = $3 WHERE id = 1", &params)?;
    Ok(())
}

pub(crate) fn append(tx: &mut Tx<'_>, entry: &Entry<'_>) -> Result<Seq> {
    let salt: [u8; 16] = tx.random();
    let payload = entry.payload.to_string();
    let payload_hash = hash_payload(&salt, &payload);
    let (now, by) = (tx.now, tx.by);
    let Some(head) = tx.head.as_deref_mut() else { return Err(StoreError::ReadOnly) };
    let seq = head.seq + 1;
    // Instants follow ranks, so that the days of the journal are found by halves.
    let at = if head.at - now <= STEPS_BACK_AT_MOST { now.max(head.at) } else { now };
    let hash = Link {
        previous: &head.hash,
        seq,
        at: at.timestamp_millis(),
        words: [by.actor.kind(), by.channel.as_str(), entry.kind, entry.subject_kind],
        ids: [by.actor.uuid(), by.on_behalf, Some(entry.subject_id)],
        payload_hash: &payload_hash,
    }
    .seal();
    *head = Head { seq, at, hash };
    tx.effects.journaled = true;
    tx.execute(
        "INSERT INTO journal (seq, at, actor_kind, actor_id, on_behalf, channel, kind, subject_kind, \
         subject_id, payload, salt, payload_hash, hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        &[
            &seq,
            &at,
            &by.actor.kind(),
            &by.actor.uuid(),
            &by.on_behalf,
            &by.channel.as_str(),
            &entry.kind,
            &entry.subject_kind,
            &entry.subject_id,
            &payload,
            &salt,
            &payload_hash,
            &hash,
        ],
    )?;
    Ok(Seq(seq))
}

/// The entries of these kinds after `after`, oldest first.
pub fn of_kinds(tx: &mut Tx<'_>, kinds: &[&str], after: Seq, limit: u32) -> Result<Vec<JournalEntry>> {
    let mut values: Vec<&dyn ToValue> = vec![&after.0, &limit];
    values.extend(kinds.iter().map(|kind| kind as &dyn ToValue));
    let sql = format!(
        "SELECT {COLUMNS} FROM journal WHERE seq > $1 AND kind IN ({}) ORDER BY seq LIMIT $2",
        marks(3, kinds.len())
    );
    tx.query(&sql, &values, read)
}

/// What happened to things of these kinds after `after`, oldest first: of a span that its caller bounds.
pub fn of_subject_kinds(
    tx: &mut Tx<'_>,
    subject_kinds: &[&str],
    after: Seq,
    limit: u32,
) -> Result<Vec<JournalEntry>> {
    let mut values: Vec<&dyn ToValue> = vec![&after.0, &limit];
    values.extend(subject_kinds.iter().map(|kind| kind as &dyn ToValue));
    let sql = format!(
        "SELECT {COLUMNS} FROM journal WHERE seq > $1 AND subject_kind IN ({}) ORDER BY seq LIMIT $2",
        marks(3, subject_kinds.len())
    );
    tx.query(&sql, &values, read)
}

/// The last time that something happened to a thing of these kinds; `after`, if nothing did since.
pub fn last_of_subject_kinds(tx: &mut Tx<'_>, subject_kinds: &[&str], after: Seq) -> Result<Seq> {
    let mut values: Vec<&dyn ToValue> = vec![&after.0];
    values.extend(subject_kinds.iter().map(|kind| kind as &dyn ToValue));
    let sql = format!(
        "SELECT seq FROM journal WHERE seq > $1 AND subject_kind IN ({}) ORDER BY seq DESC LIMIT 1",
        marks(2, subject_kinds.len())
    );
    Ok(tx.query_opt(&sql, &values, |row| row.get(0).map(Seq))?.unwrap_or(after))
}

/// What of the journal somebody wants to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Only of one thing, by its kind and id.
    pub subject: Option<(String, Uuid)>,
    /// Only what happened in this way: `case.decided`.
    pub kind: Option<String>,
    /// Only from this instant on.
    pub from: Option<Instant>,
    /// Only before this instant.
    pub until: Option<Instant>,
}

/// A page of the journal, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalPage {
    /// The entries.
    pub entries: Vec<JournalEntry>,
    /// Where the next page begins, if there may be more: it is before this rank.
    pub next: Option<Seq>,
}

/// Entries that one page looks through, at most, for those of a kind: they are not indexed by it, which would
/// cost every writer. A page may therefore show few and still have a next one.
const LOOKED_THROUGH: i64 = 50_000;

/// The entries before `before` (all, if `None`), newest first: a page of the audit trail.
pub fn page(tx: &mut Tx<'_>, wanted: &Wanted, before: Option<Seq>, limit: u32) -> Result<JournalPage> {
    let head = position(tx)?.0;
    // Days are ranks too: see `append`.
    let first = wanted.from.map_or(Ok(1), |from| halves(tx, from, head))?;
    let end = wanted.until.map_or(Ok(head + 1), |until| halves(tx, until, head))?;
    let end = before.map_or(end, |before| before.0.min(end));
    let lowest = match (&wanted.kind, &wanted.subject) {
        (Some(_), None) => first.max(end - LOOKED_THROUGH),
        _ => first,
    };
    let fetched = i64::from(limit) + 1;
    let mut values: Vec<&dyn ToValue> = vec![&lowest, &end, &fetched];
    let mut conditions = String::new();
    if let Some((kind, id)) = &wanted.subject {
        conditions.push_str(" AND subject_kind = $4 AND subject_id = $5");
        values.extend([kind as &dyn ToValue, id]);
    }
    if let Some(kind) = &wanted.kind {
        values.push(kind);
        conditions = format!("{conditions} AND kind = ${}", values.len());
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM journal WHERE seq >= $1 AND seq < $2{conditions} ORDER BY seq DESC LIMIT $3"
    );
    let mut entries = tx.query(&sql, &values, read)?;
    let full = entries.len() > limit as usize;
    entries.truncate(limit as usize);
    let next = match entries.last() {
        Some(last) if full => Some(last.seq),
        _ if lowest > first => Some(Seq(lowest)),
        _ => None,
    };
    Ok(JournalPage { entries, next })
}

/// The first entry that was made at an instant or after; the one that will come next, if there is none.
pub fn first_since(tx: &mut Tx<'_>, instant: Instant) -> Result<Seq> {
    let head = position(tx)?.0;
    halves(tx, instant, head).map(Seq)
}

/// The first rank whose entry was made at `instant` or after; the one after the last, if there is none.
pub fn rank_at(tx: &mut Tx<'_>, instant: Instant) -> Result<Seq> {
    let head = position(tx)?.0;
    halves(tx, instant, head).map(Seq)
}

/// The entries of these kinds from one rank on and before another, newest first, at most `limit`: of a span that its
/// caller bounds.
pub fn of_kinds_between(
    tx: &mut Tx<'_>,
    kinds: &[&str],
    (from, before): (Seq, Seq),
    limit: u32,
) -> Result<Vec<JournalEntry>> {
    if kinds.is_empty() {
        return Ok(Vec::new());
    }
    let mut values: Vec<&dyn ToValue> = vec![&from.0, &before.0, &limit];
    values.extend(kinds.iter().map(|kind| kind as &dyn ToValue));
    let sql = format!(
        "SELECT {COLUMNS} FROM journal WHERE seq >= $1 AND seq < $2 AND kind IN ({}) ORDER BY seq DESC LIMIT $3",
        marks(4, kinds.len())
    );
    tx.query(&sql, &values, read)
}

/// Found by halves over the primary key, in one statement.
fn halves(tx: &mut Tx<'_>, instant: Instant, head: i64) -> Result<i64> {
    tx.query_one(
        "WITH RECURSIVE halves(low, high) AS ( \
           SELECT CAST(1 AS BIGINT), CAST($1 AS BIGINT) \
           UNION ALL \
           SELECT CASE WHEN j.at < $2 THEN j.seq + 1 ELSE h.low END, CASE WHEN j.at < $2 THEN h.high ELSE j.seq END \
           FROM halves h JOIN journal j ON j.seq = (h.low + h.high) / 2 WHERE h.low < h.high \
         ) SELECT low FROM halves WHERE low = high",
        &[&(head + 1), &instant],
        |row| row.get(0),
    )
}

/// The latest entries of one thing's history, oldest first.
pub fn of_subject(
    tx: &mut Tx<'_>,
    subject_kind: &str,
    subject_id: Uuid,
    limit: u32,
) -> Result<Vec<JournalEntry>> {
    let mut latest = tx.query(
        &format!(
            "SELECT {COLUMNS} FROM journal WHERE subject_kind = $1 AND subject_id = $2 \
             ORDER BY seq DESC LIMIT $3"
        ),
        &[&subject_kind, &subject_id, &limit],
        read,
    )?;
    latest.reverse();
    Ok(latest)
}

/// The history of several things of one kind together, oldest first: the last `limit` entries.
pub fn of_subjects(
    tx: &mut Tx<'_>,
    subject_kind: &str,
    subject_ids: &[Uuid],
    limit: u32,
) -> Result<Vec<JournalEntry>> {
    if subject_ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM journal WHERE subject_kind = $1 AND subject_id IN ({}) ORDER BY seq DESC LIMIT $2",
        marks(3, subject_ids.len())
    );
    let mut params: Vec<&dyn ToValue> = vec![&subject_kind, &limit];
    params.extend(subject_ids.iter().map(|id| id as &dyn ToValue));
    let mut latest = tx.query(&sql, &params, read)?;
    latest.reverse();
    Ok(latest)
}

/// The entries of this kind in one thing's history, oldest first.
pub fn of_kind(
    tx: &mut Tx<'_>,
    subject_kind: &str,
    subject_id: Uuid,
    kind: &str,
    limit: u32,
) -> Result<Vec<JournalEntry>> {
    tx.query(
        &format!(
            "SELECT {COLUMNS} FROM journal WHERE subject_kind = $1 AND subject_id = $2 AND kind = $3 \
             ORDER BY seq LIMIT $4"
        ),
        &[&subject_kind, &subject_id, &kind, &limit],
        read,
    )
}

/// The first entry of this kind in one thing's history.
pub fn first_of(
    tx: &mut Tx<'_>,
    subject_kind: &str,
    subject_id: Uuid,
    kind: &str,
) -> Result<Option<JournalEntry>> {
    Ok(of_kind(tx, subject_kind, subject_id, kind, 1)?.pop())
}

/// The last entry of one thing's history; rank 0 where it has none.
pub fn last_of(tx: &mut Tx<'_>, subject_kind: &str, subject_id: Uuid) -> Result<Seq> {
    tx.query_one(
        "SELECT COALESCE(MAX(seq), 0) FROM journal WHERE subject_kind = $1 AND subject_id = $2",
        &[&subject_kind, &subject_id],
        |row| Ok(Seq(row.get(0)?)),
    )
}

/// The things that the entries after a rank are about: those of the first `limit` entries.
pub fn subjects_after(tx: &mut Tx<'_>, after: Seq, limit: u32) -> Result<Vec<Uuid>> {
    tx.query(
        "SELECT subject_id FROM journal WHERE seq > $1 ORDER BY seq LIMIT $2",
        &[&after.0, &limit],
        |row| row.get(0),
    )
}

/// To which of these things somebody did this after an instant.
pub fn done_since(
    tx: &mut Tx<'_>,
    (subject_kind, subjects): (&str, &[Uuid]),
    kind: &str,
    actor: Uuid,
    since: Instant,
) -> Result<Vec<Uuid>> {
    if subjects.is_empty() {
        return Ok(Vec::new());
    }
    let mut params: Vec<&dyn ToValue> = vec![&subject_kind, &kind, &actor, &since];
    params.extend(subjects.iter().map(|subject| subject as &dyn ToValue));
    let sql = format!(
        "SELECT DISTINCT subject_id FROM journal WHERE subject_kind = $1 AND kind = $2 AND actor_id = $3 \
         AND at > $4 AND subject_id IN ({})",
        marks(5, subjects.len())
    );
    tx.query(&sql, &params, |row| row.get(0))
}

/// Where the journal stands, as this transaction sees it.
pub fn position(tx: &mut Tx<'_>) -> Result<Seq> {
    tx.query_one("SELECT seq FROM journal_head WHERE id = 1", &[], |row| Ok(Seq(row.get(0)?)))
}

/// Erases the payloads of a thing's entries (end of retention, right to erasure). The chain still verifies.
pub fn erase_payloads(tx: &mut Tx<'_>, subject_kind: &str, subject_id: Uuid) -> Result<u64> {
    tx.execute(
        "UPDATE journal SET payload = NULL WHERE subject_kind = $1 AND subject_id = $2",
        &[&subject_kind, &subject_id],
    )
}

/// What [`verify`] found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// How many entries were read.
    pub entries: i64,
    /// How many of them have an erased payload.
    pub erased: i64,
    /// The first entry whose seal does not hold, and why.
    pub broken: Option<(Seq, String)>,
}

/// Reads the whole chain, a page at a time, and recomputes every seal.
pub fn verify(tx: &mut Tx<'_>) -> Result<Verification> {
    const PAGE: u32 = 1_000;
    let mut found = Verification { entries: 0, erased: 0, broken: None };
    let mut previous = [0; 32];
    let mut seq = 0;
    loop {
        let sql = format!(
            "SELECT {COLUMNS}, salt, payload_hash, hash FROM journal WHERE seq > $1 ORDER BY seq LIMIT $2"
        );
        let page = tx.query(&sql, &[&seq, &PAGE], |row| {
            let text: Option<String> = row.get(9)?;
            let entry = read_metadata(row)?;
            Ok((entry, text, row.get::<Vec<u8>>(10)?, row.get::<Vec<u8>>(11)?, row.get::<Vec<u8>>(12)?))
        })?;
        if page.is_empty() {
            break;
        }
        for (entry, payload, salt, payload_hash, hash) in page {
            let expected = seq + 1;
            let fault = if entry.seq.0 != expected {
                Some(format!("entry {expected} is missing"))
            } else if payload.as_ref().is_some_and(|text| hash_payload(&salt, text)[..] != payload_hash[..]) {
                Some("the payload was changed".to_owned())
            } else {
                let seal = Link {
                    previous: &previous,
                    seq: expected,
                    at: entry.at.timestamp_millis(),
                    words: [&entry.actor_kind, entry.channel.as_str(), &entry.kind, &entry.subject_kind],
                    ids: [entry.actor_id, entry.on_behalf, Some(entry.subject_id)],
                    payload_hash: &payload_hash,
                }
                .seal();
                previous = seal;
                (seal[..] != hash[..]).then(|| "the entry was changed".to_owned())
            };
            if let Some(reason) = fault {
                found.broken = Some((Seq(expected), reason));
                return Ok(found);
            }
            seq = expected;
            found.entries += 1;
            found.erased += i64::from(payload.is_none());
        }
    }
    let head = tx.query_one("SELECT seq, hash FROM journal_head WHERE id = 1", &[], |row| {
        Ok((row.get::<i64>(0)?, row.get::<Vec<u8>>(1)?))
    })?;
    if head != (seq, previous.to_vec()) {
        found.broken = Some((Seq(seq + 1), "the journal's end was cut off".to_owned()));
    }
    Ok(found)
}

/// What one seal covers.
struct Link<'a> {
    previous: &'a [u8; 32],
    seq: i64,
    at: i64,
    words: [&'a str; 4],
    ids: [Option<Uuid>; 3],
    payload_hash: &'a [u8],
}

impl Link<'_> {
    /// Every part is preceded by its length, so that no two links read alike.
    fn seal(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(self.previous);
        hasher.update(self.seq.to_be_bytes());
        hasher.update(self.at.to_be_bytes());
        for word in self.words {
            hasher.update((word.len() as u64).to_be_bytes());
            hasher.update(word.as_bytes());
        }
        for id in self.ids {
            hasher.update([u8::from(id.is_some())]);
            hasher.update(id.unwrap_or_default().as_bytes());
        }
        hasher.update(self.payload_hash);
        hasher.finalize().into()
    }
}

fn hash_payload(salt: &[u8], payload: &str) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(salt);
    hasher.update(payload.as_bytes());
    hasher.finalize().into()
}

fn seal(bytes: Vec<u8>) -> Result<[u8; 32]> {
    bytes.try_into().map_err(|_| StoreError::Corrupt("a seal is not 32 bytes long".to_owned()))
}

fn read(row: &mut Row) -> Result<JournalEntry> {
    let payload = row.get(9)?;
    Ok(JournalEntry { payload, ..read_metadata(row)? })
}

fn read_metadata(row: &mut Row) -> Result<JournalEntry> {
    let channel: String = row.get(5)?;
    Ok(JournalEntry {
        seq: Seq(row.get(0)?),
        at: row.get(1)?,
        actor_kind: row.get(2)?,
        actor_id: row.get(3)?,
        on_behalf: row.get(4)?,
        channel: Channel::from_word(&channel)
            .ok_or_else(|| StoreError::Corrupt(format!("no channel is called {channel}")))?,
        kind: row.get(6)?,
        subject_kind: row.get(7)?,
        subject_id: row.get(8)?,
        payload: None,
    })
}
