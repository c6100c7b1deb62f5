//! The mailboxes that the town reads: where, under which name, for which department. A password is sealed at rest and
//! never shown again.

use beffroi_core::{Id, Instant};
use beffroi_people::{Permit, permission::ManageTown};
use beffroi_store::{Entry, Result, Row, StoreError, Tx, words};
use serde_json::json;

use crate::imap::{ImapError, TroubleKind};

/// Rounds in which a mail is tried before it is left on the server: half an hour.
const TRIES_AT_MOST: u32 = 6;

words! {
    /// How the connection is kept secret. There is no third way: a password is never sent in the clear.
    Security {
        /// TLS from the first byte (port 993).
        Tls = "tls",
        /// STARTTLS (port 143); nothing is said before.
        StartTls = "starttls",
    }
}

/// What the administrator says of a mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailboxDetails {
    /// What agents call it.
    pub name: String,
    /// The department that sorts its mails.
    pub department: String,
    /// The server.
    pub host: String,
    /// Its port.
    pub port: u32,
    /// How the connection is kept secret.
    pub security: Security,
    /// The name to sign in with.
    pub user_name: String,
    /// The folder that is read.
    pub folder: String,
    /// The folder to which mails are moved once they are kept; `""`: they stay, marked as read.
    pub done_folder: String,
    /// Whether it is read.
    pub is_active: bool,
}

/// A mailbox, without its password.
#[derive(Clone, Debug)]
pub struct Mailbox {
    /// Which one.
    pub id: Id<Mailbox>,
    /// What the administrator says of it.
    pub details: MailboxDetails,
    /// The validity of the server's numbers (RFC 3501, 2.3.1.1).
    pub uid_validity: Option<i64>,
    /// The last number that was fetched.
    pub last_uid: i64,
    /// When it was last read.
    pub fetched_at: Option<Instant>,
    /// Why it could not be read the last time, for whoever knows the protocol.
    pub trouble: Option<String>,
    /// Of what kind that is.
    pub trouble_kind: Option<TroubleKind>,
    /// Since when it cannot be read.
    pub troubled_since: Option<Instant>,
    /// The number of the mail that could not be downloaded the last time, and how often that was tried.
    pub(crate) stuck: Option<(i64, u32)>,
    /// Mails that could not be downloaded and were left on the server.
    pub left_behind: u32,
}

impl MailboxDetails {
    /// Whether another mailbox is reached by the same door: then its password may be kept. Whoever could have it sent
    /// elsewhere could read it.
    pub fn has_door_of(&self, other: &Self) -> bool {
        let door = |it: &Self| (it.host.clone(), it.port, it.security, it.user_name.clone());
        door(self) == door(other)
    }
}

const COLUMNS: &str = "id, name, department, host, port, security, user_name, folder, done_folder, is_active, \
     uid_validity, last_uid, fetched_at, trouble, stuck_uid, stuck_tries, left_behind, trouble_kind, \
     troubled_since FROM mailbox";

fn read(row: &mut Row) -> Result<Mailbox> {
    let (stuck, tries): (Option<i64>, u32) = (row.get(14)?, row.get(15)?);
    Ok(Mailbox {
        id: row.get(0)?,
        details: MailboxDetails {
            name: row.get(1)?,
            department: row.get(2)?,
            host: row.get(3)?,
            port: row.get(4)?,
            security: row.get(5)?,
            user_name: row.get(6)?,
            folder: row.get(7)?,
            done_folder: row.get(8)?,
            is_active: row.get(9)?,
        },
        uid_validity: row.get(10)?,
        last_uid: row.get(11)?,
        fetched_at: row.get(12)?,
        trouble: row.get(13)?,
        stuck: stuck.map(|uid| (uid, tries)),
        left_behind: row.get(16)?,
        trouble_kind: row.get(17)?,
        troubled_since: row.get(18)?,
    })
}

/// Every mailbox, by name.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Mailbox>> {
    tx.query(&format!("SELECT {COLUMNS} ORDER BY name, id LIMIT 100"), &[], read)
}

/// The mailbox of that id.
pub fn find(tx: &mut Tx<'_>, id: Id<Mailbox>) -> Result<Option<Mailbox>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE id = $1"), &[&id], read)
}

fn context(id: Id<Mailbox>) -> String {
    format!("mailbox.password:{id}")
}

/// The password, for whoever is about to sign in.
pub fn password(tx: &mut Tx<'_>, id: Id<Mailbox>) -> Result<String> {
    let sealed: Vec<u8> =
        tx.query_one("SELECT password FROM mailbox WHERE id = $1", &[&id], |row| row.get(0))?;
    let plain = tx.unseal(&context(id), &sealed)?;
    String::from_utf8(plain).map_err(|_| StoreError::Corrupt("a mailbox has no password".to_owned()))
}

/// Adds a mailbox.
pub fn add(
    tx: &mut Tx<'_>,
    _: &Permit<ManageTown>,
    new: &MailboxDetails,
    password: &str,
) -> Result<Id<Mailbox>> {
    let id: Id<Mailbox> = tx.new_id();
    let sealed = tx.seal(&context(id), password.as_bytes())?;
    tx.execute(
        "INSERT INTO mailbox (id, name, department, host, port, security, user_name, password, folder, \
         done_folder, is_active, uid_validity, last_uid, fetched_at, trouble) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, NULL, 0, NULL, NULL)",
        &[
            &id,
            &new.name,
            &new.department,
            &new.host,
            &new.port,
            &new.security,
            &new.user_name,
            &sealed,
            &new.folder,
            &new.done_folder,
            &new.is_active,
        ],
    )?;
    journal(tx, "mailbox.added", id)?;
    Ok(id)
}

/// Changes a mailbox; the password stays where none is given, if the mailbox is reached by the same door. Another server, name or folder is read from its
/// beginning: what is known already is not kept twice.
pub fn change(
    tx: &mut Tx<'_>,
    _: &Permit<ManageTown>,
    id: Id<Mailbox>,
    new: &MailboxDetails,
    password: Option<&str>,
) -> Result<bool> {
    let Some(before) = find(tx, id)? else { return Ok(false) };
    if password.is_none() && !new.has_door_of(&before.details) {
        return Err(StoreError::Invalid("another server or name needs its password".to_owned()));
    }
    tx.execute(
        "UPDATE mailbox SET name = $1, department = $2, host = $3, port = $4, security = $5, user_name = $6, \
         folder = $7, done_folder = $8, is_active = $9, trouble = NULL, trouble_kind = NULL, troubled_since = NULL WHERE id = $10",
        &[
            &new.name,
            &new.department,
            &new.host,
            &new.port,
            &new.security,
            &new.user_name,
            &new.folder,
            &new.done_folder,
            &new.is_active,
            &id,
        ],
    )?;
    if let Some(password) = password {
        let sealed = tx.seal(&context(id), password.as_bytes())?;
        tx.execute("UPDATE mailbox SET password = $1 WHERE id = $2", &[&sealed, &id])?;
    }
    let place = |it: &MailboxDetails| (it.host.clone(), it.user_name.clone(), it.folder.clone());
    if place(&before.details) != place(new) {
        tx.execute(
            "UPDATE mailbox SET uid_validity = NULL, last_uid = 0, stuck_uid = NULL, stuck_tries = 0, \
             left_behind = 0 WHERE id = $1",
            &[&id],
        )?;
    }
    journal(tx, "mailbox.changed", id)?;
    Ok(true)
}

/// Forgets a mailbox. The mails that were fetched from it stay.
pub fn remove(tx: &mut Tx<'_>, _: &Permit<ManageTown>, id: Id<Mailbox>) -> Result<()> {
    tx.execute("DELETE FROM mailbox WHERE id = $1", &[&id])?;
    tx.execute("DELETE FROM mail_seen WHERE mailbox = $1", &[&id])?;
    journal(tx, "mailbox.removed", id)
}

/// Writes down how far a mailbox was read.
pub(crate) fn fetched(tx: &mut Tx<'_>, id: Id<Mailbox>, validity: i64, last_uid: i64) -> Result<()> {
    tx.execute(
        "UPDATE mailbox SET uid_validity = $1, last_uid = $2, fetched_at = $3, trouble = NULL, \
         trouble_kind = NULL, troubled_since = NULL, stuck_uid = NULL, stuck_tries = 0 WHERE id = $4",
        &[&validity, &last_uid, &tx.now(), &id],
    )
    .map(drop)
}

/// Writes down that a mail could not be downloaded; tried as often as is worth it, it is left on the server, unread, and
/// those behind it come next.
pub(crate) fn stuck(tx: &mut Tx<'_>, mailbox: &Mailbox, validity: i64, uid: i64) -> Result<()> {
    let tries = mailbox.stuck.filter(|(stuck, _)| *stuck == uid).map_or(1, |(_, tries)| tries + 1);
    if tries < TRIES_AT_MOST {
        let sql = "UPDATE mailbox SET stuck_uid = $1, stuck_tries = $2 WHERE id = $3";
        return tx.execute(sql, &[&uid, &tries, &mailbox.id]).map(drop);
    }
    fetched(tx, mailbox.id, validity, uid)?;
    tx.execute("UPDATE mailbox SET left_behind = left_behind + 1 WHERE id = $1", &[&mailbox.id])?;
    journal(tx, "mailbox.mail_left", mailbox.id)
}

/// Writes down why a mailbox could not be read.
pub(crate) fn troubled(tx: &mut Tx<'_>, id: Id<Mailbox>, error: &ImapError) -> Result<()> {
    let why: String = error.to_string().chars().take(300).collect();
    tx.execute(
        "UPDATE mailbox SET trouble = $1, trouble_kind = $2, troubled_since = COALESCE(troubled_since, $3), \
         fetched_at = $3 WHERE id = $4",
        &[&why, &error.kind().as_str(), &tx.now(), &id],
    )
    .map(drop)
}

fn journal(tx: &mut Tx<'_>, kind: &str, id: Id<Mailbox>) -> Result<()> {
    tx.journal(&Entry { kind, subject_kind: "mailbox", subject_id: id.uuid(), payload: json!({}) })?;
    Ok(())
}
