//! What arrived: a scanned letter or an e-mail. It waits in a department's tray until an agent says what becomes of
//! it: a new case, a part of one, another department's, or nothing.

use beffroi_core::{Day, Id, Instant};
use beffroi_store::{Entry, Result, Row, ToValue, Tx, journal, marks, words};
use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;

use crate::{Mailbox, message};

/// How long an item is kept after it was settled; what a case needs of it is in the case.
pub const KEPT_FOR: TimeDelta = TimeDelta::days(183);
/// How long a mail is known again that was fetched.
const KNOWN_FOR: TimeDelta = TimeDelta::days(3 * 365);
const SWEPT_AT_ONCE: u32 = 500;
/// Items are counted to this, and then said to be more.
pub const COUNTED_AT_MOST: u32 = 100;

words! {
    /// How it came.
    Source {
        /// A letter, scanned.
        Scan = "scan",
        /// An e-mail.
        Email = "email",
    }
}

words! {
    /// What a mail says of itself.
    Nature {
        /// Somebody wrote it.
        Ordinary = "ordinary",
        /// A program wrote it: an absence, a list.
        Automatic = "automatic",
        /// The mail system says that something did not arrive.
        Bounce = "bounce",
        /// It is too large: only its head was read.
        TooLarge = "too_large",
    }
}

words! {
    /// What became of it.
    State {
        /// Nothing yet.
        Waiting = "waiting",
        /// A new case.
        Became = "became",
        /// It was joined to a case.
        Joined = "joined",
        /// Nothing is to be done.
        Dropped = "dropped",
    }
}

/// Something that arrived.
#[derive(Clone, Debug)]
pub struct NewItem {
    /// How.
    pub source: Source,
    /// The department that sorts it.
    pub department: String,
    /// The mailbox that it was in.
    pub mailbox: Option<Id<Mailbox>>,
    /// The sender's name; `""` where it is not known.
    pub sender_name: String,
    /// The sender's address; likewise.
    pub sender_email: String,
    /// What it is about.
    pub subject: String,
    /// Its text.
    pub body: String,
    /// What a mail says of itself.
    pub nature: Nature,
    /// The day on which the town received it.
    pub arrived_on: Day,
    /// The agent who scanned it.
    pub entered_by: Option<Uuid>,
}

/// An item as it is kept.
#[derive(Clone, Debug)]
pub struct Item {
    /// Which one.
    pub id: Id<Item>,
    /// What arrived.
    pub details: NewItem,
    /// The reference of a case that stands in it; `""` where none does.
    pub reference: String,
    /// When it was kept.
    pub kept_at: Instant,
    /// What became of it.
    pub state: State,
    /// The case that it became, or was joined to.
    pub case: Option<Uuid>,
    /// Why nothing is to be done.
    pub reason: String,
    /// Who settled it.
    pub settled_by: Option<Uuid>,
    /// When.
    pub settled_at: Option<Instant>,
}

const COLUMNS: &str = "id, source, department, mailbox, sender_name, sender_email, subject, body, nature, \
     reference, arrived_on, kept_at, entered_by, state, case_id, reason, settled_by, settled_at FROM mail_item";

fn read(row: &mut Row) -> Result<Item> {
    Ok(Item {
        id: row.get(0)?,
        details: NewItem {
            source: row.get(1)?,
            department: row.get(2)?,
            mailbox: row.get(3)?,
            sender_name: row.get(4)?,
            sender_email: row.get(5)?,
            subject: row.get(6)?,
            body: row.get(7)?,
            nature: row.get(8)?,
            arrived_on: row.get(10)?,
            entered_by: row.get(12)?,
        },
        reference: row.get(9)?,
        kept_at: row.get(11)?,
        state: row.get(13)?,
        case: row.get(14)?,
        reason: row.get(15)?,
        settled_by: row.get(16)?,
        settled_at: row.get(17)?,
    })
}

/// Keeps what arrived. The first reference that stands in its subject or its text is noted.
pub fn keep(tx: &mut Tx<'_>, new: &NewItem) -> Result<Id<Item>> {
    let id: Id<Item> = tx.new_id();
    let mut found = message::references(&new.subject);
    found.extend(message::references(&new.body));
    let reference = found.into_iter().next().unwrap_or_default();
    tx.execute(
        "INSERT INTO mail_item (id, source, department, mailbox, sender_name, sender_email, subject, body, nature, \
         reference, arrived_on, kept_at, entered_by, state, case_id, reason, settled_by, settled_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'waiting', NULL, '', NULL, NULL)",
        &[
            &id,
            &new.source,
            &new.department,
            &new.mailbox,
            &new.sender_name,
            &new.sender_email,
            &new.subject,
            &new.body,
            &new.nature,
            &reference,
            &new.arrived_on,
            &tx.now(),
            &new.entered_by,
        ],
    )?;
    enter(tx, id, "mail_item.received", json!({ "source": new.source, "department": new.department }))?;
    Ok(id)
}

/// Notes that a mail was fetched; `false` where it was before.
pub(crate) fn first_seen(
    tx: &mut Tx<'_>,
    mailbox: Id<Mailbox>,
    sha256: &str,
    item: Id<Item>,
) -> Result<bool> {
    let new = tx.execute(
        "INSERT INTO mail_seen (mailbox, sha256, item, seen_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (mailbox, sha256) DO NOTHING",
        &[&mailbox, &sha256, &item, &tx.now()],
    )?;
    Ok(new == 1)
}

/// Whether a mail was fetched before.
pub(crate) fn is_known(tx: &mut Tx<'_>, mailbox: Id<Mailbox>, sha256: &str) -> Result<bool> {
    let found: Option<Uuid> = tx.query_opt(
        "SELECT item FROM mail_seen WHERE mailbox = $1 AND sha256 = $2",
        &[&mailbox, &sha256],
        |row| row.get(0),
    )?;
    Ok(found.is_some())
}

/// The item of that id, if it lies in one of these departments' trays.
pub fn find(tx: &mut Tx<'_>, trays: &[String], id: Id<Item>) -> Result<Option<Item>> {
    let found = tx.query_opt(&format!("SELECT {COLUMNS} WHERE id = $1"), &[&id], read)?;
    Ok(found.filter(|item| trays.contains(&item.details.department)))
}

/// What waits in these trays, the oldest first, after one.
pub fn waiting(tx: &mut Tx<'_>, trays: &[String], after: Option<Id<Item>>, limit: u32) -> Result<Vec<Item>> {
    if trays.is_empty() {
        return Ok(Vec::new());
    }
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    let mut params: Vec<&dyn ToValue> = vec![&after, &limit];
    params.extend(trays.iter().map(|tray| tray as &dyn ToValue));
    let sql = format!(
        "SELECT {COLUMNS} WHERE state = 'waiting' AND id > $1 AND department IN ({}) ORDER BY id LIMIT $2",
        marks(3, trays.len())
    );
    tx.query(&sql, &params, read)
}

/// How many items wait in these trays, counted no further than [`COUNTED_AT_MOST`].
pub fn count_waiting(tx: &mut Tx<'_>, trays: &[String]) -> Result<i64> {
    if trays.is_empty() {
        return Ok(0);
    }
    let mut params: Vec<&dyn ToValue> = vec![&COUNTED_AT_MOST];
    params.extend(trays.iter().map(|tray| tray as &dyn ToValue));
    let sql = format!(
        "SELECT COUNT(*) FROM (SELECT id FROM mail_item WHERE state = 'waiting' AND department IN ({}) LIMIT $1) \
         AS waiting",
        marks(2, trays.len())
    );
    tx.query_one(&sql, &params, |row| row.get(0))
}

/// What was settled lately in these trays, the latest first.
pub fn settled(tx: &mut Tx<'_>, trays: &[String], limit: u32) -> Result<Vec<Item>> {
    if trays.is_empty() {
        return Ok(Vec::new());
    }
    let mut params: Vec<&dyn ToValue> = vec![&limit];
    params.extend(trays.iter().map(|tray| tray as &dyn ToValue));
    let sql = format!(
        "SELECT {COLUMNS} WHERE state <> 'waiting' AND department IN ({}) ORDER BY settled_at DESC, id DESC LIMIT $1",
        marks(2, trays.len())
    );
    tx.query(&sql, &params, read)
}

/// Says what became of an item that waits; `false` where somebody else was faster. The caller has asked for the
/// permission.
pub fn settle(
    tx: &mut Tx<'_>,
    id: Id<Item>,
    state: State,
    case: Option<Uuid>,
    reason: &str,
    by: Uuid,
) -> Result<bool> {
    let done = tx.execute(
        "UPDATE mail_item SET state = $1, case_id = $2, reason = $3, settled_by = $4, settled_at = $5 \
         WHERE id = $6 AND state = 'waiting'",
        &[&state, &case, &reason, &by, &tx.now(), &id],
    )?;
    if done == 1 {
        enter(tx, id, "mail_item.settled", json!({ "as": state, "case": case }))?;
    }
    Ok(done == 1)
}

/// Leaves nothing of what a settled item said: it belongs to a case that is sealed, and would lie open beside it. Its
/// files are the caller's to forget.
pub fn blank(tx: &mut Tx<'_>, id: Id<Item>) -> Result<()> {
    tx.execute(
        "UPDATE mail_item SET sender_name = '', sender_email = '', subject = '', body = '', reference = '' \
         WHERE id = $1 AND state <> 'waiting'",
        &[&id],
    )
    .map(drop)
}

/// Erases what became a case or was joined to it, with the case, and tells which items; their files are the caller's
/// to forget.
pub fn forget_case(tx: &mut Tx<'_>, case: Uuid) -> Result<Vec<Uuid>> {
    let gone: Vec<Uuid> =
        tx.query("DELETE FROM mail_item WHERE case_id = $1 RETURNING id", &[&case], |row| row.get(0))?;
    for id in &gone {
        journal::erase_payloads(tx, "mail_item", *id)?;
    }
    Ok(gone)
}

/// Hands an item that waits to another department; `false` where somebody else was faster.
pub fn route(tx: &mut Tx<'_>, id: Id<Item>, department: &str) -> Result<bool> {
    let done = tx.execute(
        "UPDATE mail_item SET department = $1 WHERE id = $2 AND state = 'waiting'",
        &[&department, &id],
    )?;
    if done == 1 {
        enter(tx, id, "mail_item.routed", json!({ "to": department }))?;
    }
    Ok(done == 1)
}

/// Erases items that were settled long ago, and tells which. Run it daily.
pub fn sweep(tx: &mut Tx<'_>) -> Result<Vec<Uuid>> {
    let before = tx.now() - KEPT_FOR;
    let gone: Vec<Uuid> = tx.query(
        "DELETE FROM mail_item WHERE id IN (SELECT id FROM mail_item WHERE state <> 'waiting' AND settled_at < $1 \
         ORDER BY settled_at, id LIMIT $2) RETURNING id",
        &[&before, &SWEPT_AT_ONCE],
        |row| row.get(0),
    )?;
    for id in &gone {
        journal::erase_payloads(tx, "mail_item", *id)?;
    }
    tx.execute("DELETE FROM mail_seen WHERE seen_at < $1", &[&(tx.now() - KNOWN_FOR)])?;
    Ok(gone)
}

fn enter(tx: &mut Tx<'_>, id: Id<Item>, kind: &str, payload: serde_json::Value) -> Result<()> {
    tx.journal(&Entry { kind, subject_kind: "mail_item", subject_id: id.uuid(), payload })?;
    Ok(())
}
