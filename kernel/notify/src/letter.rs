//! Paper letters: they wait in the tray of a department for the day's batch, and are printed and posted by
//! one of its agents.

use std::collections::HashSet;

use beffroi_core::{Id, Instant};
use beffroi_store::{Entry, Result, Row, ToValue, Tx, marks};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::About;

/// What is printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    /// A document of the commune, by its id.
    Document {
        /// Which one.
        id: Uuid,
    },
    /// A template and what fills it.
    Template {
        /// The template's name.
        name: String,
        /// What fills it.
        data: serde_json::Value,
    },
}

/// A letter for the next batch.
#[derive(Clone, Debug)]
pub struct NewLetter<'a> {
    /// The slug of the department that prints it: nobody else reads it.
    pub tray: &'a str,
    /// The name on the envelope.
    pub recipient: &'a str,
    /// The address under the name, line by line, the postcode and town last.
    pub lines: &'a [String],
    /// What is printed.
    pub content: &'a Content,
    /// What it is about.
    pub about: About<'a>,
}

/// A letter as it was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Which one.
    pub id: Id<Letter>,
    /// The slug of the department that prints it.
    pub tray: String,
    /// The name on the envelope.
    pub recipient: String,
    /// The address under the name.
    pub lines: Vec<String>,
    /// What is printed.
    pub content: Content,
    /// The kind of thing that it is about.
    pub about_kind: String,
    /// Which one.
    pub about_id: Uuid,
    /// When it was queued.
    pub queued_at: Instant,
    /// When it was printed.
    pub printed_at: Option<Instant>,
}

const COLUMNS: &str =
    "id, recipient, lines, content, about_kind, about_id, queued_at, printed_at, tray FROM letter";

fn read(row: &mut Row) -> Result<Letter> {
    Ok(Letter {
        id: row.get(0)?,
        recipient: row.get(1)?,
        lines: serde_json::from_value(row.get(2)?)?,
        content: serde_json::from_value(row.get(3)?)?,
        about_kind: row.get(4)?,
        about_id: row.get(5)?,
        queued_at: row.get(6)?,
        printed_at: row.get(7)?,
        tray: row.get(8)?,
    })
}

/// Puts a letter into the next batch. The caller's own journal entry tells of it.
pub fn queue(tx: &mut Tx<'_>, new: &NewLetter<'_>) -> Result<Id<Letter>> {
    let id: Id<Letter> = tx.new_id();
    tx.execute(
        "INSERT INTO letter (id, recipient, lines, content, about_kind, about_id, queued_at, printed_at, tray) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, $8)",
        &[
            &id,
            &new.recipient,
            &serde_json::to_value(new.lines)?,
            &serde_json::to_value(new.content)?,
            &new.about.kind,
            &new.about.id,
            &tx.now(),
            &new.tray,
        ],
    )?;
    Ok(id)
}

/// How many letters wait in these trays.
pub fn count_waiting(tx: &mut Tx<'_>, trays: &[String]) -> Result<u64> {
    if trays.is_empty() {
        return Ok(0);
    }
    let sql = format!(
        "SELECT COUNT(*) FROM letter WHERE printed_at IS NULL AND tray IN ({})",
        marks(1, trays.len())
    );
    let count = tx.query_one(&sql, &of(trays), |row| row.get::<i64>(0))?;
    Ok(count.unsigned_abs())
}

/// The letters that wait in these trays, oldest first.
pub fn waiting(tx: &mut Tx<'_>, trays: &[String], limit: u32) -> Result<Vec<Letter>> {
    listed(tx, trays, "printed_at IS NULL AND", "id", limit, None)
}

/// The same, those that come after this one: the next page of a list.
pub fn waiting_after(
    tx: &mut Tx<'_>,
    trays: &[String],
    after: Id<Letter>,
    limit: u32,
) -> Result<Vec<Letter>> {
    listed(tx, trays, "printed_at IS NULL AND id > $2 AND", "id", limit, Some(&after))
}

/// The letters of these trays that were printed since an instant, latest first: paper gets jammed and lost.
pub fn printed_since(tx: &mut Tx<'_>, trays: &[String], since: Instant, limit: u32) -> Result<Vec<Letter>> {
    listed(tx, trays, "printed_at >= $2 AND", "printed_at DESC, id DESC", limit, Some(&since))
}

/// The first letter about one thing, if there is one.
pub fn first_about(tx: &mut Tx<'_>, about: About<'_>) -> Result<Option<Id<Letter>>> {
    tx.query_opt(
        "SELECT id FROM letter WHERE about_kind = $1 AND about_id = $2 ORDER BY id LIMIT 1",
        &[&about.kind, &about.id],
        |row| row.get(0),
    )
}

/// The letters about one thing that are looked through.
const ABOUT_AT_MOST: u32 = 500;

/// The documents that letters about one thing bring, as long as these wait to be printed.
pub fn waiting_papers(tx: &mut Tx<'_>, about: About<'_>) -> Result<HashSet<Uuid>> {
    let contents: Vec<serde_json::Value> = tx.query(
        "SELECT content FROM letter WHERE about_kind = $1 AND about_id = $2 AND printed_at IS NULL LIMIT $3",
        &[&about.kind, &about.id, &ABOUT_AT_MOST],
        |row| row.get(0),
    )?;
    let mut papers = HashSet::new();
    for content in contents {
        if let Content::Document { id } = serde_json::from_value(content)? {
            papers.insert(id);
        }
    }
    Ok(papers)
}

/// Forgets the letters about one thing. The caller's own journal entry tells of it.
pub fn forget_about(tx: &mut Tx<'_>, about: About<'_>) -> Result<u64> {
    tx.execute("DELETE FROM letter WHERE about_kind = $1 AND about_id = $2", &[&about.kind, &about.id])
}

fn listed(
    tx: &mut Tx<'_>,
    trays: &[String],
    which: &str,
    order: &str,
    limit: u32,
    bound: Option<&dyn ToValue>,
) -> Result<Vec<Letter>> {
    if trays.is_empty() {
        return Ok(Vec::new());
    }
    let mut values: Vec<&dyn ToValue> = vec![&limit];
    values.extend(bound);
    let marks = marks(values.len() + 1, trays.len());
    values.extend(of(trays));
    let sql = format!("SELECT {COLUMNS} WHERE {which} tray IN ({marks}) ORDER BY {order} LIMIT $1");
    tx.query(&sql, &values, read)
}

fn of(trays: &[String]) -> Vec<&dyn ToValue> {
    trays.iter().map(|tray| tray as &dyn ToValue).collect()
}

/// The letters of those ids, oldest first; those that are unknown, or lie in other trays, are left out.
pub fn some(tx: &mut Tx<'_>, trays: &[String], ids: &[Id<Letter>]) -> Result<Vec<Letter>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let values: Vec<&dyn ToValue> = ids.iter().map(|id| id as &dyn ToValue).collect();
    let sql = format!("SELECT {COLUMNS} WHERE id IN ({}) ORDER BY id", marks(1, ids.len()));
    let found = tx.query(&sql, &values, read)?;
    Ok(found.into_iter().filter(|letter| trays.contains(&letter.tray)).collect())
}

/// Says that letters of these trays were printed, and tells it in the history of what each is about. One that
/// was printed before, is unknown, or lies in another tray, is passed over; the answer counts the others.
pub fn mark_printed(tx: &mut Tx<'_>, trays: &[String], ids: &[Id<Letter>]) -> Result<usize> {
    let ids: Vec<Id<Letter>> = some(tx, trays, ids)?.into_iter().map(|letter| letter.id).collect();
    if ids.is_empty() {
        return Ok(0);
    }
    let now = tx.now();
    let mut values: Vec<&dyn ToValue> = vec![&now];
    values.extend(ids.iter().map(|id| id as &dyn ToValue));
    let sql = format!(
        "UPDATE letter SET printed_at = $1 WHERE printed_at IS NULL AND id IN ({}) \
         RETURNING id, about_kind, about_id",
        marks(2, ids.len())
    );
    let printed = tx.query(&sql, &values, |row| {
        Ok((row.get::<Id<Letter>>(0)?, row.get::<String>(1)?, row.get::<Uuid>(2)?))
    })?;
    for (letter, kind, subject_id) in &printed {
        tx.journal(&Entry {
            kind: "letter.printed",
            subject_kind: kind,
            subject_id: *subject_id,
            payload: serde_json::json!({ "letter": letter }),
        })?;
    }
    Ok(printed.len())
}

/// Puts a letter of these trays that was said to be printed since an instant back among those that wait: it was
/// ticked by mistake, or its paper was lost. `false` where there is none.
pub fn put_back(tx: &mut Tx<'_>, trays: &[String], id: Id<Letter>, since: Instant) -> Result<bool> {
    let Some(letter) = some(tx, trays, &[id])?.pop().filter(|it| it.printed_at.is_some_and(|at| at >= since))
    else {
        return Ok(false);
    };
    tx.execute("UPDATE letter SET printed_at = NULL WHERE id = $1", &[&id])?;
    tx.journal(&Entry {
        kind: "letter.put_back",
        subject_kind: &letter.about_kind,
        subject_id: letter.about_id,
        payload: serde_json::json!({ "letter": id }),
    })?;
    Ok(true)
}
