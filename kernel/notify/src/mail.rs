//! Mail: queued in the command's own transaction, sent by a job once that is durable, and kept with the
//! instant of its sending, which proves the notification.

use std::sync::Arc;

use beffroi_core::{Id, Instant};
use beffroi_store::{
    By, Commune, Entry, Result, Row, StoreError, Tx,
    background::JobHandler,
    jobs::{self, Job, JobError},
    words,
};
use lettre::Address;
use uuid::Uuid;

use crate::{About, Transport, TransportError};

/// The job that sends one mail.
const SEND: &str = "mail.send";
/// Characters of a subject (RFC 5322 bounds the line; a telephone shows far less).
const SUBJECT_AT_MOST: usize = 200;

/// A mail to be sent.
#[derive(Clone, Debug)]
pub struct NewMail<'a> {
    /// The address, alone.
    pub to: &'a str,
    /// One line.
    pub subject: &'a str,
    /// Plain text, a paragraph a line.
    pub text: &'a str,
    /// The same as a page, where there is one.
    pub html: Option<&'a str>,
    /// Whether the text gives access to something (a link, a code): it is then forgotten once sent or given up.
    pub secret: bool,
    /// What it is about.
    pub about: About<'a>,
}

/// Why a mail was not queued.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The address is none.
    #[error("not an e-mail address")]
    Address,
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

words! {
    /// Where a mail stands.
    State {
        /// It waits for the mail server.
        Queued = "queued",
        /// The mail server took it.
        Sent = "sent",
        /// It was kept, and sent to nobody: the commune is a demonstration.
        Kept = "kept",
        /// It was given up.
        Failed = "failed",
    }
}

/// A mail as it was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Which one; its Message-ID is made of it.
    pub id: Id<Mail>,
    /// To whom.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its text; empty once a secret one was sent or given up.
    pub text: String,
    /// Its page, where there is one.
    pub html: Option<String>,
    /// Whether its text is forgotten once sent or given up.
    pub secret: bool,
    /// The kind of thing that it is about.
    pub about_kind: String,
    /// Which one.
    pub about_id: Uuid,
    /// Where it stands.
    pub state: State,
    /// How often sending was tried.
    pub attempts: u32,
    /// Why the last attempt failed, for the administrator.
    pub error: Option<String>,
    /// When it was queued.
    pub queued_at: Instant,
    /// When it was sent, kept or given up.
    pub settled_at: Option<Instant>,
}

const COLUMNS: &str = "id, recipient, subject, body, html, secret, about_kind, about_id, state, attempts, \
     error, queued_at, settled_at FROM mail";

fn read(row: &mut Row) -> Result<Mail> {
    Ok(Mail {
        id: row.get(0)?,
        to: row.get(1)?,
        subject: row.get(2)?,
        text: row.get(3)?,
        html: row.get(4)?,
        secret: row.get(5)?,
        about_kind: row.get(6)?,
        about_id: row.get(7)?,
        state: row.get(8)?,
        attempts: row.get(9)?,
        error: row.get(10)?,
        queued_at: row.get(11)?,
        settled_at: row.get(12)?,
    })
}

/// Queues a mail; it is sent once the transaction is durable.
///
/// Errors: the address is none, or the database refuses.
pub fn queue(tx: &mut Tx<'_>, new: &NewMail<'_>) -> Result<Id<Mail>, MailError> {
    let to: Address = new.to.trim().parse().map_err(|_| MailError::Address)?;
    let id: Id<Mail> = tx.new_id();
    tx.execute(
        "INSERT INTO mail (id, recipient, subject, body, html, secret, about_kind, about_id, state, attempts, \
         error, queued_at, settled_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', 0, NULL, $9, NULL)",
        &[
            &id,
            &to.to_string(),
            &one_line(new.subject),
            &new.text,
            &new.html,
            &new.secret,
            &new.about.kind,
            &new.about.id,
            &tx.now(),
        ],
    )?;
    jobs::enqueue(tx, SEND, &serde_json::json!({ "mail": id }), tx.now(), None)?;
    Ok(id)
}

/// A subject is one line: whatever a person typed, it cannot add a header.
fn one_line(subject: &str) -> String {
    let words: Vec<_> = subject
        .split(|c: char| c.is_whitespace() && c != '\u{a0}' && c != '\u{202f}' || c.is_control())
        .filter(|it| !it.is_empty())
        .collect();
    words.join(" ").chars().take(SUBJECT_AT_MOST).collect()
}

/// The mail of that id.
pub fn find(tx: &mut Tx<'_>, id: Id<Mail>) -> Result<Option<Mail>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE id = $1"), &[&id], read)
}

/// The latest mail, newest first, before `before` where it is given.
pub fn recent(tx: &mut Tx<'_>, before: Option<Id<Mail>>, limit: u32) -> Result<Vec<Mail>> {
    let before = before.map_or_else(|| "~".to_owned(), |id| id.to_string());
    tx.query(&format!("SELECT {COLUMNS} WHERE id < $1 ORDER BY id DESC LIMIT $2"), &[&before, &limit], read)
}

/// The mail about one thing, oldest first: the proof of what was notified, and when.
pub fn of_subject(tx: &mut Tx<'_>, about: About<'_>, limit: u32) -> Result<Vec<Mail>> {
    tx.query(
        &format!("SELECT {COLUMNS} WHERE about_kind = $1 AND about_id = $2 ORDER BY id LIMIT $3"),
        &[&about.kind, &about.id, &limit],
        read,
    )
}

/// The mail about one thing that was given up, newest first: its reader must be told otherwise.
pub fn undelivered(tx: &mut Tx<'_>, about: About<'_>, limit: u32) -> Result<Vec<Mail>> {
    tx.query(
        &format!(
            "SELECT {COLUMNS} WHERE about_kind = $1 AND about_id = $2 AND state = 'failed' \
             ORDER BY id DESC LIMIT $3"
        ),
        &[&about.kind, &about.id, &limit],
        read,
    )
}

/// Forgets the mail about one thing, with its addresses, its words and the jobs that gave it up. The caller's own
/// journal entry tells of it.
pub fn forget_about(tx: &mut Tx<'_>, about: About<'_>) -> Result<()> {
    let gone = tx.query(
        "DELETE FROM mail WHERE about_kind = $1 AND about_id = $2 RETURNING id",
        &[&about.kind, &about.id],
        |row| row.get::<Uuid>(0),
    )?;
    gone.into_iter().try_for_each(|mail| jobs::forget_failed_of(tx, mail).map(drop))
}

/// Does the job `mail.send`.
pub struct SendHandler {
    transport: Transport,
}

impl SendHandler {
    /// By that transport.
    pub const fn new(transport: Transport) -> Self {
        Self { transport }
    }
}

impl JobHandler for SendHandler {
    fn kind(&self) -> &'static str {
        SEND
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> Result<(), JobError> {
        let id = mail_of(job).ok_or_else(|| JobError::Fail("the job does not say which mail".to_owned()))?;
        let mail = commune.read_blocking(By::SYSTEM, |tx| find(tx, id))?;
        let Some(mail) = mail.filter(|it| it.state == State::Queued) else { return Ok(()) };
        let outcome = self.transport.send(&mail);
        let attempt = outcome.clone();
        commune.write_blocking::<_, StoreError>(By::SYSTEM, move |tx| {
            let error = attempt.as_ref().err().map(|error| error.cause().text.as_str());
            tx.execute(
                "UPDATE mail SET error = $1, attempts = attempts + 1 WHERE id = $2 AND state = 'queued'",
                &[&error, &id],
            )?;
            attempt.map_or(Ok(()), |state| settle(tx, &mail, state))
        })?;
        outcome.map(drop).map_err(|error| match error {
            TransportError::Away(cause) => JobError::Away(cause.reason),
            TransportError::Later(cause) => JobError::Retry(cause.reason),
            TransportError::Refused(cause) => JobError::Fail(cause.reason),
        })
    }

    /// A mail whose text is forgotten cannot be sent again.
    fn revived(&self, tx: &mut Tx<'_>, job: &Job) -> Result<bool> {
        let Some(id) = mail_of(job) else { return Ok(false) };
        let waits = tx.execute(
            "UPDATE mail SET state = 'queued', settled_at = NULL WHERE id = $1 AND state = 'failed' AND secret = FALSE",
            &[&id],
        )?;
        Ok(waits > 0)
    }

    fn given_up(&self, tx: &mut Tx<'_>, job: &Job) -> Result<()> {
        let mail = mail_of(job).map_or(Ok(None), |id| find(tx, id))?;
        mail.map_or(Ok(()), |mail| settle(tx, &mail, State::Failed))
    }
}

fn mail_of(job: &Job) -> Option<Id<Mail>> {
    job.payload.get("mail")?.as_str()?.parse().ok()
}

/// Writes down what became of a mail in the end, and tells it in the history of what the mail is about.
fn settle(tx: &mut Tx<'_>, mail: &Mail, state: State) -> Result<()> {
    let kind = match state {
        State::Queued => return Ok(()),
        State::Sent => "mail.sent",
        State::Kept => "mail.kept",
        State::Failed => "mail.failed",
    };
    // A demonstration's mail is there to be read.
    let forgotten = mail.secret && state != State::Kept;
    let text = if forgotten { "" } else { &mail.text };
    let html = mail.html.as_deref().filter(|_| !forgotten);
    let settled = tx.execute(
        "UPDATE mail SET state = $1, settled_at = $2, body = $3, html = $4 WHERE id = $5 AND state = 'queued'",
        &[&state.as_str(), &tx.now(), &text, &html, &mail.id],
    )?;
    // Another attempt, which outlived its lease, may have settled it.
    if settled == 0 {
        return Ok(());
    }
    tx.journal(&Entry {
        kind,
        subject_kind: &mail.about_kind,
        subject_id: mail.about_id,
        payload: serde_json::json!({ "mail": mail.id }),
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_line() {
        assert_eq!(one_line("Votre demande\r\nBcc: a@b.fr"), "Votre demande Bcc: a@b.fr");
        assert_eq!(one_line("Une question\u{a0}?"), "Une question\u{a0}?");
        assert_eq!(one_line(&"é".repeat(900)).chars().count(), SUBJECT_AT_MOST);
    }
}
