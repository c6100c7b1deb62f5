//! What the town and the requester write to each other, and what agents note for themselves.

use std::collections::HashMap;

use beffroi_core::{Id, Instant};
use beffroi_store::{Row, ToValue, Tx, marks, words};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Access, CaseError, Right,
    case::{self, Case},
    error::checked_text,
    tracking::{self, Key},
};

words! {
    /// Who reads a piece of the exchange.
    Kind {
        /// From the town to the requester.
        ToRequester = "to_requester",
        /// From the requester to the town.
        FromRequester = "from_requester",
        /// Between agents. The requester does not see it here; a right of access may still reach it.
        Note = "note",
    }
}

/// One message, or one note.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Which one.
    pub id: Id<Exchange>,
    /// Who reads it.
    pub kind: Kind,
    /// The agent who wrote it; `None` for the requester.
    pub author: Option<Uuid>,
    /// The words.
    pub words: String,
    /// When it was written.
    pub at: Instant,
    /// When the other side first read it.
    pub read_at: Option<Instant>,
}

/// An agent writes to the requester; or the procedure does by itself, where there is no agent. Tells which message it is.
pub fn write(
    tx: &mut Tx<'_>,
    access: &Access,
    id: Id<Case>,
    agent: impl Into<Option<Uuid>>,
    words: &str,
) -> Result<Id<Exchange>, CaseError> {
    let (case, _) = case::load_for(tx, access, Right::Handle, id)?;
    let message = insert(tx, &case, Kind::ToRequester, agent.into(), words)?;
    case::enter(tx, id, "case.message_sent", json!({ "message": message }))?;
    Ok(message)
}

/// Has the town write to the requester: for a service that has rights of its own, and knows neither how the requester is
/// reached nor in which language. The desk, which follows the journal, writes `french` or `english`, joins these documents
/// of the case, and has the requester told. Nothing is written where the case is sealed: what it says is not kept in the
/// journal.
pub fn have_written(
    tx: &mut Tx<'_>,
    id: Id<Case>,
    agent: Option<Uuid>,
    (french, english): (&str, &str),
    documents: &[Uuid],
) -> Result<(), CaseError> {
    let case = case::find(tx, id)?.ok_or(CaseError::NotFound)?;
    if case.sealed {
        return Ok(());
    }
    let (fr, en) = (checked_text(french)?, checked_text(english)?);
    let payload = json!({ "agent": agent, "fr": fr, "en": en, "documents": documents });
    case::enter(tx, id, "case.word_ordered", payload)
}

/// An agent notes something for colleagues.
pub fn note(
    tx: &mut Tx<'_>,
    access: &Access,
    id: Id<Case>,
    agent: impl Into<Option<Uuid>>,
    words: &str,
) -> Result<(), CaseError> {
    let (case, _) = case::load_for(tx, access, Right::Handle, id)?;
    let note = insert(tx, &case, Kind::Note, agent.into(), words)?;
    case::enter(tx, id, "case.noted", json!({ "note": note }))
}

/// Whether these words can be a message, before anything is done with them.
///
/// # Errors
/// [`CaseError::Text`] where they are none, or too long.
pub fn checked(words: &str) -> Result<&str, CaseError> {
    checked_text(words)
}

/// The requester, who holds the key, writes to the town.
pub fn reply(tx: &mut Tx<'_>, key: &impl Key, words: &str) -> Result<(), CaseError> {
    let case = tracking::open(tx, key)?.ok_or(CaseError::NotFound)?;
    let message = insert(tx, &case, Kind::FromRequester, None, words)?;
    case::enter(tx, case.id, "case.message_received", json!({ "message": message }))
}

/// An agent writes down what the requester wrote by another door: a letter, an e-mail.
pub fn record(tx: &mut Tx<'_>, access: &Access, id: Id<Case>, words: &str) -> Result<(), CaseError> {
    let (case, _) = case::load_for(tx, access, Right::Handle, id)?;
    let message = insert(tx, &case, Kind::FromRequester, None, words)?;
    case::enter(tx, id, "case.message_received", json!({ "message": message, "by_agent": true }))
}

/// What the requester wrote in the mail that became the case: part of the command that receives it.
pub fn record_at_receipt(tx: &mut Tx<'_>, id: Id<Case>, words: &str) -> Result<(), CaseError> {
    let case = case::find(tx, id)?.ok_or(CaseError::NotFound)?;
    let message = insert(tx, &case, Kind::FromRequester, None, words)?;
    case::enter(tx, id, "case.message_received", json!({ "message": message, "at_receipt": true }))
}

/// The requester, who holds the key, has the messages of the town before their eyes. The first time of each is
/// kept: it proves that they were told.
pub fn read_by_requester(tx: &mut Tx<'_>, key: &impl Key) -> Result<(), CaseError> {
    let case = tracking::open(tx, key)?.ok_or(CaseError::NotFound)?;
    let first = tx.execute(
        "UPDATE exchange SET read_at = $1 WHERE case_id = $2 AND kind = 'to_requester' AND read_at IS NULL",
        &[&tx.now(), &case.id],
    )?;
    if first > 0 {
        case::enter(tx, case.id, "case.message_read", json!({ "messages": first }))?;
    }
    Ok(())
}

/// The latest messages, oldest first: what the requester sees.
pub fn messages(tx: &mut Tx<'_>, id: Id<Case>, limit: u32) -> Result<Vec<Exchange>, CaseError> {
    latest(tx, id, limit, "AND kind <> 'note'")
}

/// The latest messages and notes, oldest first: what agents see.
pub fn everything(
    tx: &mut Tx<'_>,
    access: &Access,
    id: Id<Case>,
    limit: u32,
) -> Result<Vec<Exchange>, CaseError> {
    case::load_for(tx, access, Right::Read, id)?;
    latest(tx, id, limit, "")
}

/// Ids sort by the instant at which they were given.
fn latest(tx: &mut Tx<'_>, id: Id<Case>, limit: u32, which: &str) -> Result<Vec<Exchange>, CaseError> {
    let sql = format!(
        "SELECT id, kind, author, words, at, read_at, sealed FROM exchange WHERE case_id = $1 {which} \
         ORDER BY id DESC LIMIT $2"
    );
    let mut found = tx.query(&sql, &[&id, &limit], read)?;
    found.reverse();
    found.into_iter().map(|kept| open(tx, kept)).collect()
}

/// Opens the words of a case that is sealed.
fn open(tx: &Tx<'_>, (exchange, sealed): (Exchange, bool)) -> Result<Exchange, CaseError> {
    if !sealed {
        return Ok(exchange);
    }
    let words = tx.unseal_text(&context(exchange.id), &exchange.words)?;
    Ok(Exchange { words, ..exchange })
}

fn context(id: Id<Exchange>) -> String {
    format!("exchange.words:{id}")
}

/// The words of the messages and notes of these cases that are not sealed, for the search; the program's own reading.
pub fn words_of(tx: &mut Tx<'_>, cases: &[Uuid]) -> beffroi_store::Result<HashMap<Uuid, Vec<String>>> {
    let mut found: HashMap<Uuid, Vec<String>> = HashMap::new();
    if cases.is_empty() {
        return Ok(found);
    }
    let sql = format!(
        "SELECT case_id, words FROM exchange WHERE case_id IN ({}) AND NOT sealed ORDER BY case_id, id",
        marks(1, cases.len())
    );
    let params: Vec<&dyn ToValue> = cases.iter().map(|id| id as &dyn ToValue).collect();
    tx.query(&sql, &params, |row| {
        let (case, words): (Uuid, String) = (row.get(0)?, row.get(1)?);
        found.entry(case).or_default().push(words);
        Ok(())
    })?;
    Ok(found)
}

fn insert(
    tx: &mut Tx<'_>,
    case: &Case,
    kind: Kind,
    author: Option<Uuid>,
    words: &str,
) -> Result<Id<Exchange>, CaseError> {
    let id = tx.new_id();
    let words = checked_text(words)?;
    let kept = if case.sealed { tx.seal_text(&context(id), words)? } else { words.to_owned() };
    tx.execute(
        "INSERT INTO exchange (id, case_id, kind, author, words, at, read_at, sealed) \
         VALUES ($1, $2, $3, $4, $5, $6, NULL, $7)",
        &[&id, &case.id, &kind.as_str(), &author, &kept, &tx.now(), &case.sealed],
    )?;
    Ok(id)
}

fn read(row: &mut Row) -> beffroi_store::Result<(Exchange, bool)> {
    let exchange = Exchange {
        id: row.get(0)?,
        kind: row.get(1)?,
        author: row.get(2)?,
        words: row.get(3)?,
        at: row.get(4)?,
        read_at: row.get(5)?,
    };
    Ok((exchange, row.get(6)?))
}
