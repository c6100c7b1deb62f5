//! The exports that were ordered.

use beffroi_cases::listing::Listed;
use beffroi_core::{Id, Instant};
use beffroi_people::Account;
use beffroi_sheets::Kind;
use beffroi_store::{Result, Row, StoreError, Tx, words};
use serde::{Deserialize, Serialize};
use serde_json::json;

words! {
    /// Where an export stands.
    State {
        /// It is being written.
        Waiting = "waiting",
        /// It can be downloaded.
        Ready = "ready",
        /// It could not be written.
        Failed = "failed",
    }
}

/// A list of cases that an agent takes out of the house.
#[derive(Clone, Debug)]
pub struct Export {
    /// Which one.
    pub id: Id<Export>,
    /// Who ordered it.
    pub account: Id<Account>,
    /// Which cases are in it.
    pub listed: Listed,
    /// The kind of file.
    pub kind: Kind,
    /// Where it stands.
    pub state: State,
    /// How many cases are in it.
    pub cases: i64,
    /// How large the file is.
    pub bytes: i64,
    /// When it was ordered.
    pub asked_at: Instant,
    /// When the file is removed.
    pub expires_at: Instant,
    /// The files beside it: a repeated group each, where the file itself has one sheet alone.
    pub parts: Vec<Part>,
}

/// A repeated group as a file of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The short name of the group.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// How large the file is.
    pub bytes: i64,
}

const COLUMNS: &str = "id, account, procedure, departments, received_from, received_until, kind, state, cases, bytes, \
     asked_at, expires_at, parts";

fn read(row: &mut Row) -> Result<Export> {
    let (procedure, kind): (String, String) = (row.get(2)?, row.get(6)?);
    Ok(Export {
        id: row.get(0)?,
        account: row.get(1)?,
        listed: Listed {
            procedure: Some(procedure).filter(|slug| !slug.is_empty()),
            departments: serde_json::from_value(row.get(3)?)?,
            from: row.get(4)?,
            until: row.get(5)?,
        },
        kind: Kind::from_extension(&kind)
            .ok_or_else(|| StoreError::Corrupt(format!("no export is {kind}")))?,
        state: row.get(7)?,
        cases: row.get(8)?,
        bytes: row.get(9)?,
        asked_at: row.get(10)?,
        expires_at: row.get(11)?,
        parts: serde_json::from_value(row.get(12)?)?,
    })
}

pub fn insert(tx: &mut Tx<'_>, export: &Export) -> Result<()> {
    let procedure = export.listed.procedure.clone().unwrap_or_default();
    tx.execute(
        &format!(
            "INSERT INTO desk_export ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
        ),
        &[
            &export.id,
            &export.account,
            &procedure,
            &json!(export.listed.departments),
            &export.listed.from,
            &export.listed.until,
            &export.kind.extension(),
            &export.state,
            &export.cases,
            &export.bytes,
            &export.asked_at,
            &export.expires_at,
            &json!(export.parts),
        ],
    )
    .map(drop)
}

pub fn find(tx: &mut Tx<'_>, id: Id<Export>) -> Result<Option<Export>> {
    tx.query_opt(&format!("SELECT {COLUMNS} FROM desk_export WHERE id = $1"), &[&id], read)
}

pub fn of_account(tx: &mut Tx<'_>, account: Id<Account>, limit: usize) -> Result<Vec<Export>> {
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    tx.query(
        &format!("SELECT {COLUMNS} FROM desk_export WHERE account = $1 ORDER BY id DESC LIMIT $2"),
        &[&account, &limit],
        read,
    )
}

/// An export that waited is ready: how many cases are in it, how large its file is, and which files lie beside it.
pub fn ready(tx: &mut Tx<'_>, id: Id<Export>, cases: i64, bytes: i64, parts: &[Part]) -> Result<()> {
    tx.execute(
        "UPDATE desk_export SET state = $1, cases = $2, bytes = $3, parts = $4 WHERE id = $5 AND state = 'waiting'",
        &[&State::Ready, &cases, &bytes, &json!(parts), &id],
    )
    .map(drop)
}

/// An export that waited could not be written.
pub fn failed(tx: &mut Tx<'_>, id: Id<Export>) -> Result<()> {
    tx.execute(
        "UPDATE desk_export SET state = $1 WHERE id = $2 AND state = 'waiting'",
        &[&State::Failed, &id],
    )
    .map(drop)
}

pub fn any_expired(tx: &mut Tx<'_>) -> Result<bool> {
    let now = tx.now();
    let sql = "SELECT id FROM desk_export WHERE expires_at <= $1 ORDER BY expires_at LIMIT 1";
    Ok(tx.query_opt(sql, &[&now], |row| row.get::<Id<Export>>(0))?.is_some())
}

pub fn forget_expired(tx: &mut Tx<'_>) -> Result<Vec<Export>> {
    let now = tx.now();
    tx.query(&format!("DELETE FROM desk_export WHERE expires_at <= $1 RETURNING {COLUMNS}"), &[&now], read)
}
