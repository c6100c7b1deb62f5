//! What the owner of an account takes along, and how they leave: a copy of everything, made by a job and there for some
//! days; the end of the account, which a mailed link undoes for a while, and after which nothing of it is left.

use beffroi_core::{Id, Instant};
use beffroi_store::{Entry, Result, Row, Tx, jobs, journal};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    Account, AccountKind, AccountState, SignedIn, account,
    secret::{self, Secret},
    session,
};

/// How long the mailed link undoes the end of an account.
pub const GRACE: TimeDelta = TimeDelta::days(30);
/// How long a copy of everything is there.
pub const EXPORT_KEPT: TimeDelta = TimeDelta::days(7);
/// The job that makes a copy of everything; its payload is an [`ExportToMake`].
pub const MAKE_EXPORT: &str = "account.export";
/// The job that mails the link which undoes the end of an account; its payload is a [`FarewellToSend`].
pub const SEND_FAREWELL: &str = "account.farewell";

/// What the job [`MAKE_EXPORT`] is given.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExportToMake {
    /// Which copy.
    pub export: Id<Export>,
    /// Whose.
    pub account: Id<Account>,
}

/// What the job [`SEND_FAREWELL`] is given.
#[derive(Clone, Serialize, Deserialize)]
pub struct FarewellToSend {
    /// Whose account ends.
    pub account: Id<Account>,
    /// The secret part of the link.
    pub secret: String,
    /// When it is erased.
    pub erased_after: Instant,
}

/// A copy of everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// Which one.
    pub id: Id<Self>,
    /// When it was asked for.
    pub asked_at: Instant,
    /// When it was made; `None` while it is not.
    pub ready_at: Option<Instant>,
    /// Its size in bytes.
    pub bytes: i64,
    /// Until when it is there.
    pub expires_at: Instant,
}

/// Whether somebody signed in lately enough, in a browser and entirely.
pub fn signed_in_lately(tx: &mut Tx<'_>, who: &SignedIn) -> Result<bool> {
    Ok(!who.second_factor.is_lacking() && session::opened_lately(tx, who)?)
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum LeaveError {
    /// Who asks did not sign in lately.
    #[error("sign in again")]
    SignInAgain,
    /// Agents' accounts are closed by an administrator.
    #[error("an agent's account is closed by an administrator")]
    Agent,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] beffroi_store::StoreError),
}

fn read(row: &mut Row) -> Result<Export> {
    Ok(Export {
        id: row.get(0)?,
        asked_at: row.get(1)?,
        ready_at: row.get(2)?,
        bytes: row.get(3)?,
        expires_at: row.get(4)?,
    })
}

const COLUMNS: &str = "id, asked_at, ready_at, bytes, expires_at FROM account_export";

/// The copies of an account that are there or under way, the latest first.
pub fn exports(tx: &mut Tx<'_>, account: Id<Account>) -> Result<Vec<Export>> {
    let sql = format!("SELECT {COLUMNS} WHERE account = $1 AND expires_at > $2 ORDER BY id DESC LIMIT 20");
    tx.query(&sql, &[&account, &tx.now()], read)
}

/// One copy of an account, if it is made and still there.
pub fn export(tx: &mut Tx<'_>, account: Id<Account>, id: Id<Export>) -> Result<Option<Export>> {
    let sql = format!(
        "SELECT {COLUMNS} WHERE id = $1 AND account = $2 AND expires_at > $3 AND ready_at IS NOT NULL"
    );
    tx.query_opt(&sql, &[&id, &account, &tx.now()], read)
}

/// The owner asks for a copy of everything (GDPR, art. 15 and 20). While one is under way, it is the one.
pub fn ask_export(tx: &mut Tx<'_>, who: &SignedIn) -> Result<(), LeaveError> {
    if !signed_in_lately(tx, who)? {
        return Err(LeaveError::SignInAgain);
    }
    let account = who.account;
    if exports(tx, account)?.iter().any(|export| export.ready_at.is_none()) {
        return Ok(());
    }
    let id = tx.new_id();
    tx.execute(
        "INSERT INTO account_export (id, account, asked_at, bytes, expires_at) VALUES ($1, $2, $3, 0, $4)",
        &[&id, &account, &tx.now(), &(tx.now() + EXPORT_KEPT)],
    )?;
    let order = serde_json::to_value(ExportToMake { export: id, account })
        .map_err(beffroi_store::StoreError::from)?;
    jobs::enqueue(tx, MAKE_EXPORT, &order, tx.now(), None)?;
    account::journal(tx, "account.export_asked", account, json!({}))?;
    Ok(())
}

/// A copy is made: it is there from now on for [`EXPORT_KEPT`].
pub fn export_made(tx: &mut Tx<'_>, order: &ExportToMake, bytes: i64) -> Result<()> {
    tx.execute(
        "UPDATE account_export SET ready_at = $1, bytes = $2, expires_at = $3 WHERE id = $4",
        &[&tx.now(), &bytes, &(tx.now() + EXPORT_KEPT), &order.export],
    )?;
    account::journal(tx, "account.export_made", order.account, json!({ "bytes": bytes }))
}

/// The owner takes a copy away.
pub fn export_taken(tx: &mut Tx<'_>, account: Id<Account>) -> Result<()> {
    account::journal(tx, "account.export_taken", account, json!({}))
}

/// Whether the time of any copy is over.
pub fn has_expired_exports(tx: &mut Tx<'_>) -> Result<bool> {
    let one = tx.query_opt(
        "SELECT 1 FROM account_export WHERE expires_at <= $1 ORDER BY expires_at, id LIMIT 1",
        &[&tx.now()],
        |_| Ok(()),
    )?;
    Ok(one.is_some())
}

/// Forgets the copies whose time is over, and tells which: their files go next.
pub fn forget_exports(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<Id<Export>>> {
    tx.query(
        "DELETE FROM account_export WHERE id IN \
         (SELECT id FROM account_export WHERE expires_at <= $1 ORDER BY expires_at, id LIMIT $2) RETURNING id",
        &[&tx.now(), &limit],
        |row| row.get(0),
    )
}

/// The owner ends the account: it opens to nobody from now on, every session closes, and the link that undoes it is
/// mailed. Tells when it is erased, and the secret of the link where there is no address to mail it to.
pub fn close(tx: &mut Tx<'_>, who: &SignedIn) -> Result<(Instant, Option<Secret>), LeaveError> {
    if who.kind == AccountKind::Agent {
        return Err(LeaveError::Agent);
    }
    if !signed_in_lately(tx, who)? {
        return Err(LeaveError::SignInAgain);
    }
    let account = who.account;
    let secret = Secret::new(tx);
    let erased_after = tx.now() + GRACE;
    tx.execute(
        "INSERT INTO account_closing (account, secret_hash, asked_at, erased_after) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (account) DO UPDATE SET secret_hash = excluded.secret_hash, asked_at = excluded.asked_at, \
         erased_after = excluded.erased_after",
        &[&account, &secret.hash(), &tx.now(), &erased_after],
    )?;
    tx.execute("UPDATE account SET state = $1 WHERE id = $2", &[&AccountState::Leaving, &account])?;
    tx.execute("DELETE FROM account_link WHERE account = $1", &[&account])?;
    account::journal(tx, "account.closing", account, json!({}))?;
    session::close_all(tx, account, None)?;
    if who.email.is_empty() {
        return Ok((erased_after, Some(secret)));
    }
    let farewell = FarewellToSend { account, secret: secret.reveal().to_owned(), erased_after };
    let order = serde_json::to_value(farewell).map_err(beffroi_store::StoreError::from)?;
    jobs::enqueue(tx, SEND_FAREWELL, &order, tx.now(), None)?;
    Ok((erased_after, None))
}

/// Whose account a mailed link gives back.
pub fn of_link(tx: &mut Tx<'_>, presented: &str) -> Result<Option<Id<Account>>> {
    tx.query_opt(
        "SELECT account FROM account_closing WHERE secret_hash = $1",
        &[&secret::hash(presented)],
        |row| row.get(0),
    )
}

/// What came of a link that gives an account back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reopened {
    /// The account is as it was.
    Open,
    /// It is not erased, and stays locked: somebody locked it meanwhile, for another reason than that its owner left.
    Locked,
    /// The link is none, or came too late.
    Nothing,
}

/// The owner changed their mind: the account is as it was.
pub fn reopen(tx: &mut Tx<'_>, presented: &str) -> Result<Reopened> {
    let Some(account) = of_link(tx, presented)? else { return Ok(Reopened::Nothing) };
    tx.execute("DELETE FROM account_closing WHERE account = $1", &[&account])?;
    tx.execute(
        "UPDATE account SET state = $1 WHERE id = $2 AND state = $3",
        &[&AccountState::Active, &account, &AccountState::Leaving],
    )?;
    account::journal(tx, "account.reopened", account, json!({}))?;
    let open = account::find(tx, account)?.is_some_and(|it| it.state == AccountState::Active);
    Ok(if open { Reopened::Open } else { Reopened::Locked })
}

/// The accounts whose grace is over, the longest first.
pub fn due(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<Id<Account>>> {
    tx.query(
        "SELECT account FROM account_closing WHERE erased_after <= $1 ORDER BY erased_after, account LIMIT $2",
        &[&tx.now(), &limit],
        |row| row.get(0),
    )
}

/// Erases what this crate knows of an account whose grace is over. The row stays, empty, so that what it did keeps its
/// author in the journal, which nothing leads to any more. Tells the copies whose files go next; `None` where the
/// account is not due.
pub fn erase(tx: &mut Tx<'_>, account: Id<Account>) -> Result<Option<Vec<Id<Export>>>> {
    let due = tx.execute(
        "DELETE FROM account_closing WHERE account = $1 AND erased_after <= $2",
        &[&account, &tx.now()],
    )?;
    if due == 0 {
        return Ok(None);
    }
    let copies =
        tx.query("DELETE FROM account_export WHERE account = $1 RETURNING id", &[&account], |row| {
            row.get(0)
        })?;
    for sql in [
        "DELETE FROM household_member WHERE account = $1",
        "DELETE FROM session WHERE account = $1",
        "DELETE FROM account_link WHERE account = $1",
        "DELETE FROM recovery_code WHERE account = $1",
        "DELETE FROM identity WHERE account = $1",
        "DELETE FROM passkey WHERE account = $1",
        "DELETE FROM api_token WHERE account = $1",
        "DELETE FROM account_feed WHERE account = $1",
        "DELETE FROM role_grant WHERE account = $1",
        "UPDATE person SET account = NULL WHERE account = $1",
    ] {
        tx.execute(sql, &[&account])?;
    }
    crate::mandate::end_all(tx, account)?;
    // An address that mail cannot reach, and that nobody else will ever ask for.
    let nowhere = format!("{}@erased.invalid", account.uuid());
    tx.execute(
        "UPDATE account SET email = $1, display_name = '', sort_name = '', state = $2, email_verified_at = NULL, \
         password_hash = NULL, password_strength = 0, totp_secret = NULL, totp_pending = NULL, \
         totp_last_step = 0 WHERE id = $3",
        &[&nowhere, &AccountState::Closed, &account],
    )?;
    journal::erase_payloads(tx, "account", account.uuid())?;
    tx.journal(&Entry {
        kind: "account.erased",
        subject_kind: "account",
        subject_id: account.uuid(),
        payload: json!({}),
    })?;
    Ok(Some(copies))
}
