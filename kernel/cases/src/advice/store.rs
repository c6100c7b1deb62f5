//! The rows of opinions and of the links that lead to them.

use beffroi_core::{Day, Id, Instant};
use beffroi_store::{Result, Row, Tx, words};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Access, case::Case, step::handled};

/// Opinions that one case may have.
pub(super) const AT_MOST: u32 = 50;
/// Opinions that a list shows.
const LISTED_AT_MOST: u32 = 100;

words! {
    /// Where an opinion stands.
    State {
        /// It was asked, and has not come.
        Awaited = "awaited",
        /// It has come.
        Given = "given",
        /// It is not wanted any more.
        Cancelled = "cancelled",
        /// The case ended before it came.
        Moot = "moot",
    }
}

words! {
    /// What an opinion says.
    View {
        /// Nothing stands against it.
        Favourable = "favourable",
        /// It may be, on conditions.
        WithReserves = "with-reserves",
        /// It should not be.
        Unfavourable = "unfavourable",
    }
}

/// What whoever is asked sees of a case. Nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shared {
    /// Questions of the form, or `step.field`.
    #[serde(default)]
    pub fields: Vec<String>,
    /// Documents.
    #[serde(default)]
    pub documents: Vec<Uuid>,
}

/// An opinion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opinion {
    /// Which one.
    pub id: Id<Self>,
    /// The case that it is about.
    pub case: Id<Case>,
    /// The step in which it was asked.
    pub step: Option<String>,
    /// The department that is asked; `None` where it is somebody outside.
    pub department: Option<String>,
    /// The expert outside; `""` for a department.
    pub expert: String,
    /// Their address.
    pub email: String,
    /// What is asked.
    pub question: String,
    /// What they see.
    pub shared: Shared,
    /// Where it stands.
    pub state: State,
    /// The agent who asked; `None` where the procedure did by itself.
    pub asked_by: Option<Uuid>,
    /// When.
    pub asked_on: Day,
    /// The last day to answer.
    pub due_on: Day,
    /// When they were reminded.
    pub reminded_on: Option<Day>,
    /// When the link was first opened.
    pub opened_at: Option<Instant>,
    /// What it says.
    pub view: Option<View>,
    /// The words.
    pub words: String,
    /// The agent who gave it, for a department.
    pub answered_by: Option<Uuid>,
    /// When.
    pub answered_at: Option<Instant>,
}

impl Opinion {
    /// Whether it is awaited after its last day.
    pub fn is_late(&self, today: Day) -> bool {
        self.state == State::Awaited && self.due_on < today
    }
}

const COLUMNS: &str = "o.id, o.case_id, o.step, o.department, o.expert, o.email, o.question, o.shared, o.state, \
     o.asked_by, o.asked_on, o.due_on, o.reminded_on, o.opened_at, o.view, o.words, o.answered_by, o.answered_at \
     FROM advice o";

fn read(row: &mut Row) -> Result<Opinion> {
    Ok(Opinion {
        id: row.get(0)?,
        case: row.get(1)?,
        step: row.get(2)?,
        department: row.get(3)?,
        expert: row.get(4)?,
        email: row.get(5)?,
        question: row.get(6)?,
        shared: serde_json::from_value(row.get(7)?)?,
        state: row.get(8)?,
        asked_by: row.get(9)?,
        asked_on: row.get(10)?,
        due_on: row.get(11)?,
        reminded_on: row.get(12)?,
        opened_at: row.get(13)?,
        view: row.get(14)?,
        words: row.get(15)?,
        answered_by: row.get(16)?,
        answered_at: row.get(17)?,
    })
}

pub(super) fn insert(tx: &mut Tx<'_>, new: &Opinion) -> Result<()> {
    tx.execute(
        "INSERT INTO advice (id, case_id, step, department, expert, email, question, shared, state, asked_by, \
         asked_on, due_on, words) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, '')",
        &[
            &new.id,
            &new.case,
            &new.step,
            &new.department,
            &new.expert,
            &new.email,
            &new.question,
            &serde_json::to_value(&new.shared)?,
            &new.state,
            &new.asked_by,
            &new.asked_on,
            &new.due_on,
        ],
    )
    .map(drop)
}

pub(super) fn insert_link(
    tx: &mut Tx<'_>,
    opinion: Id<Opinion>,
    hash: &[u8; 32],
    expires_at: Instant,
) -> Result<()> {
    tx.execute("DELETE FROM advice_link WHERE expires_at < $1", &[&tx.now()])?;
    tx.execute(
        "INSERT INTO advice_link (secret_hash, opinion, expires_at) VALUES ($1, $2, $3)",
        &[hash, &opinion, &expires_at],
    )
    .map(drop)
}

pub(super) fn by_link(tx: &mut Tx<'_>, hash: &[u8; 32]) -> Result<Option<Opinion>> {
    tx.query_opt(
        &format!(
            "SELECT {COLUMNS} JOIN advice_link l ON l.opinion = o.id \
             WHERE l.secret_hash = $1 AND l.expires_at > $2"
        ),
        &[hash, &tx.now()],
        read,
    )
}

/// The opinion of that id, whoever asks.
///
/// # Errors
/// Those of the store.
pub fn find(tx: &mut Tx<'_>, id: Id<Opinion>) -> Result<Option<Opinion>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE o.id = $1"), &[&id], read)
}

/// The opinions of a case, oldest first.
///
/// # Errors
/// Those of the store.
pub fn of_case(tx: &mut Tx<'_>, case: Id<Case>) -> Result<Vec<Opinion>> {
    tx.query(
        &format!("SELECT {COLUMNS} WHERE o.case_id = $1 ORDER BY o.id LIMIT $2"),
        &[&case, &AT_MOST],
        read,
    )
}

pub(super) fn count_of(tx: &mut Tx<'_>, case: Id<Case>) -> Result<i64> {
    tx.query_one("SELECT COUNT(*) FROM advice WHERE case_id = $1", &[&case], |row| row.get(0))
}

/// Writes an answer down; `false` where the opinion is not awaited any more.
pub(super) fn answer(
    tx: &mut Tx<'_>,
    id: Id<Opinion>,
    view: View,
    words: &str,
    by: Option<Uuid>,
) -> Result<bool> {
    let answered = tx.execute(
        "UPDATE advice SET state = 'given', view = $1, words = $2, answered_by = $3, answered_at = $4 \
         WHERE id = $5 AND state = 'awaited'",
        &[&view, &words, &by, &tx.now(), &id],
    )?;
    Ok(answered == 1)
}

/// Takes a question back; `false` where it is not awaited any more.
pub(super) fn cancel(tx: &mut Tx<'_>, id: Id<Opinion>) -> Result<bool> {
    let cancelled =
        tx.execute("UPDATE advice SET state = 'cancelled' WHERE id = $1 AND state = 'awaited'", &[&id])?;
    tx.execute("DELETE FROM advice_link WHERE opinion = $1", &[&id])?;
    Ok(cancelled == 1)
}

/// Closes what is still awaited in a case that has ended; tells which. Their links lead nowhere from then on.
pub(super) fn settle(tx: &mut Tx<'_>, case: Id<Case>) -> Result<Vec<Id<Opinion>>> {
    let settled = tx.query(
        "UPDATE advice SET state = 'moot' WHERE case_id = $1 AND state = 'awaited' RETURNING id",
        &[&case],
        |row| row.get(0),
    )?;
    if !settled.is_empty() {
        tx.execute(
            "DELETE FROM advice_link WHERE opinion IN (SELECT id FROM advice WHERE case_id = $1 AND state = 'moot')",
            &[&case],
        )?;
    }
    Ok(settled)
}

pub(super) fn set_opened(tx: &mut Tx<'_>, id: Id<Opinion>) -> Result<bool> {
    let first = tx
        .execute("UPDATE advice SET opened_at = $1 WHERE id = $2 AND opened_at IS NULL", &[&tx.now(), &id])?;
    Ok(first == 1)
}

/// Notes that whoever is asked was reminded; `false` where they were on that day already.
pub(super) fn set_reminded(tx: &mut Tx<'_>, id: Id<Opinion>, on: Day) -> Result<bool> {
    let first = tx.execute(
        "UPDATE advice SET reminded_on = $1 \
         WHERE id = $2 AND state = 'awaited' AND (reminded_on IS NULL OR reminded_on < $1)",
        &[&on, &id],
    )?;
    Ok(first == 1)
}

/// The opinions that departments owe, those that press first.
///
/// # Errors
/// Those of the store.
pub fn awaited_of(tx: &mut Tx<'_>, access: &Access, departments: &[String]) -> Result<Vec<Opinion>> {
    let Some((values, marks)) = handled(access, departments, vec![&LISTED_AT_MOST]) else {
        return Ok(Vec::new());
    };
    let sql = format!(
        "SELECT {COLUMNS} JOIN cases c ON c.id = o.case_id WHERE o.state = 'awaited' AND c.is_open = TRUE \
         AND o.department IN ({marks}) ORDER BY o.due_on, o.id LIMIT $1"
    );
    tx.query(&sql, &values, read)
}

/// The opinions of open cases that are due by `until`, and whose asker was not reminded yet.
///
/// # Errors
/// Those of the store.
pub fn to_remind(tx: &mut Tx<'_>, until: Day, limit: u32) -> Result<Vec<Opinion>> {
    tx.query(
        &format!(
            "SELECT {COLUMNS} JOIN cases c ON c.id = o.case_id WHERE o.state = 'awaited' AND c.is_open = TRUE \
             AND o.reminded_on IS NULL AND o.due_on <= $1 AND o.asked_on < o.due_on ORDER BY o.due_on, o.id LIMIT $2"
        ),
        &[&until, &limit],
        read,
    )
}
