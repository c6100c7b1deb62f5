//! Paper letters: they wait for the day's batch, and are printed and posted by an agent.

use beffroi_core::{Id, Instant};
use beffroi_store::{Entry, Result, Row, Tx};
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
    "id, recipient, lines, content, about_kind, about_id, queued_at, printed_at FROM letter";

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
    })
}

/// Puts a letter into the next batch. The caller's own journal entry tells of it.
pub fn queue(tx: &mut Tx<'_>, new: &NewLetter<'_>) -> Result<Id<Letter>> {
    let id: Id<Letter> = tx.new_id();
    tx.execute(
        "INSERT INTO letter (id, recipient, lines, content, about_kind, about_id, queued_at, printed_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)",
        &[
            &id,
            &new.recipient,
            &serde_json::to_value(new.lines)?,
            &serde_json::to_value(new.content)?,
            &new.about.kind,
            &new.about.id,
            &tx.now(),
        ],
    )?;
    Ok(id)
}

/// The letters that wait to be printed, oldest first, after `after` where it is given.
pub fn waiting(tx: &mut Tx<'_>, after: Option<Id<Letter>>, limit: u32) -> Result<Vec<Letter>> {
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    tx.query(
        &format!("SELECT {COLUMNS} WHERE printed_at IS NULL AND id > $1 ORDER BY id LIMIT $2"),
        &[&after, &limit],
        read,
    )
}

/// The letter of that id.
pub fn find(tx: &mut Tx<'_>, id: Id<Letter>) -> Result<Option<Letter>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE id = $1"), &[&id], read)
}

/// Says that letters were printed, and tells it in the history of what each is about. One that was
/// printed before, or is unknown, is passed over; the answer counts the others.
pub fn mark_printed(tx: &mut Tx<'_>, ids: &[Id<Letter>]) -> Result<u32> {
    let mut printed = 0;
    for id in ids {
        let about = tx.query_opt(
            "UPDATE letter SET printed_at = $1 WHERE id = $2 AND printed_at IS NULL RETURNING about_kind, about_id",
            &[&tx.now(), id],
            |row| Ok((row.get::<String>(0)?, row.get::<Uuid>(1)?)),
        )?;
        if let Some((kind, subject_id)) = about {
            tx.journal(&Entry {
                kind: "letter.printed",
                subject_kind: &kind,
                subject_id,
                payload: serde_json::json!({ "letter": id }),
            })?;
            printed += 1;
        }
    }
    Ok(printed)
}
