//! Short messages (SMS): queued in the command's own transaction, sent by a job once that is durable. A provider is a
//! [`Messenger`]. Number and words are forgotten as soon as a message has left or is given up; that it did is told in
//! the history of what it is about.
//!
//! A provider cannot be told that a message is the same as one before. So a message is marked before it is handed over,
//! and one whose fate is not known (the program was stopped, the answer did not come) is given up: once too few is
//! better than twice, and what matters goes by letter or mail too.

use std::sync::Arc;

use beffroi_core::{Id, Instant};
use beffroi_store::{
    By, Commune, Entry, Result, Row, StoreError, Tx,
    background::JobHandler,
    jobs::{self, Job, JobError},
    words,
};
use uuid::Uuid;

use crate::About;

/// The job that sends one short message.
const SEND: &str = "message.send";
/// The word for a message whose sending was cut short.
const INTERRUPTED: &str = "interrupted";

/// A short message to be sent.
#[derive(Clone, Debug)]
pub struct NewShortMessage<'a> {
    /// By which way: `sms`.
    pub way: &'a str,
    /// To whom, as the provider names people: a number.
    pub to: &'a str,
    /// The text.
    pub text: &'a str,
    /// What it is about.
    pub about: About<'a>,
    /// A key, where the same thing is told once however often it is asked.
    pub once: Option<&'a str>,
}

words! {
    /// Where a short message stands.
    ShortState {
        /// It waits for its provider.
        Queued = "queued",
        /// It is being handed over.
        Sending = "sending",
        /// The provider took it.
        Sent = "sent",
        /// It was handed to nobody: the commune is a demonstration.
        Kept = "kept",
        /// It was given up.
        Failed = "failed",
    }
}

/// A short message as it was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShortMessage {
    /// Which one.
    pub id: Id<ShortMessage>,
    /// By which way: `sms`.
    pub way: String,
    /// To whom; `""` once it is settled.
    pub to: String,
    /// The text; likewise.
    pub text: String,
    /// The kind of thing that it is about.
    pub about_kind: String,
    /// Which one.
    pub about_id: Uuid,
    /// Where it stands.
    pub state: ShortState,
    /// Why it was given up, in a word of its provider.
    pub error: Option<String>,
    /// When it was queued.
    pub queued_at: Instant,
    /// When it was sent, kept or given up.
    pub settled_at: Option<Instant>,
}

/// What a provider did with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handed {
    /// It took it.
    Sent,
    /// Nothing leaves: the commune is a demonstration.
    Kept,
}

/// Why a provider did not take a message. Each holds a word, and nothing of the message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessengerError {
    /// It cannot be reached now, and has taken nothing.
    #[error("the provider is away: {0}")]
    Away(String),
    /// It will never take it, or may have taken it.
    #[error("the provider did not take it: {0}")]
    Refused(String),
}

/// A provider of short messages.
pub trait Messenger: Send + Sync {
    /// The way that it serves: `sms`.
    fn way(&self) -> &'static str;
    /// Sends a message of a commune. Blocks.
    ///
    /// # Errors
    /// Why it was not taken.
    fn send(&self, commune: &Arc<Commune>, message: &ShortMessage) -> Result<Handed, MessengerError>;
}

const COLUMNS: &str =
    "id, way, recipient, words, about_kind, about_id, state, error, queued_at, settled_at FROM short_message";

fn read(row: &mut Row) -> Result<ShortMessage> {
    Ok(ShortMessage {
        id: row.get(0)?,
        way: row.get(1)?,
        to: row.get(2)?,
        text: row.get(3)?,
        about_kind: row.get(4)?,
        about_id: row.get(5)?,
        state: row.get(6)?,
        error: row.get(7)?,
        queued_at: row.get(8)?,
        settled_at: row.get(9)?,
    })
}

/// Queues a short message; it is sent once the transaction is durable. `None`: the same was queued before.
pub fn queue(tx: &mut Tx<'_>, new: &NewShortMessage<'_>) -> Result<Option<Id<ShortMessage>>> {
    let id: Id<ShortMessage> = tx.new_id();
    let queued = tx.execute(
        "INSERT INTO short_message (id, way, recipient, words, about_kind, about_id, once, state, error, \
         queued_at, settled_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 'queued', NULL, $8, NULL) \
         ON CONFLICT (once) DO NOTHING",
        &[&id, &new.way, &new.to, &new.text, &new.about.kind, &new.about.id, &new.once, &tx.now()],
    )?;
    if queued == 0 {
        return Ok(None);
    }
    jobs::enqueue(tx, SEND, &serde_json::json!({ "message": id }), tx.now(), None)?;
    Ok(Some(id))
}

/// The message of that id.
pub fn find(tx: &mut Tx<'_>, id: Id<ShortMessage>) -> Result<Option<ShortMessage>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE id = $1"), &[&id], read)
}

/// The messages about one thing, oldest first.
pub fn of_subject(tx: &mut Tx<'_>, about: About<'_>, limit: u32) -> Result<Vec<ShortMessage>> {
    tx.query(
        &format!("SELECT {COLUMNS} WHERE about_kind = $1 AND about_id = $2 ORDER BY id LIMIT $3"),
        &[&about.kind, &about.id, &limit],
        read,
    )
}

/// Forgets the messages about one thing. The caller's own journal entry tells of it.
pub fn forget_about(tx: &mut Tx<'_>, about: About<'_>) -> Result<()> {
    let gone = tx.query(
        "DELETE FROM short_message WHERE about_kind = $1 AND about_id = $2 RETURNING id",
        &[&about.kind, &about.id],
        |row| row.get::<Uuid>(0),
    )?;
    gone.into_iter().try_for_each(|message| jobs::forget_failed_of(tx, message).map(drop))
}

/// Does the job `message.send` with the providers that there are.
pub struct SendHandler {
    messengers: Vec<Arc<dyn Messenger>>,
}

impl SendHandler {
    /// With those providers.
    pub const fn new(messengers: Vec<Arc<dyn Messenger>>) -> Self {
        Self { messengers }
    }
}

impl JobHandler for SendHandler {
    fn kind(&self) -> &'static str {
        SEND
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> Result<(), JobError> {
        let id =
            message_of(job).ok_or_else(|| JobError::Fail("the job does not say which message".to_owned()))?;
        // It is marked before it is handed over: whoever finds the mark knows that it may have left.
        let found = commune.write_blocking::<_, StoreError>(By::SYSTEM, move |tx| {
            let Some(message) = find(tx, id)? else { return Ok(None) };
            match message.state {
                ShortState::Queued => {
                    tx.execute("UPDATE short_message SET state = 'sending' WHERE id = $1", &[&id])?;
                    Ok(Some(message))
                }
                ShortState::Sending => {
                    settle(tx, &message, ShortState::Failed, Some(INTERRUPTED))?;
                    Ok(None)
                }
                ShortState::Sent | ShortState::Kept | ShortState::Failed => Ok(None),
            }
        })?;
        let Some(message) = found else { return Ok(()) };
        let messenger = self.messengers.iter().find(|it| it.way() == message.way);
        let handed = messenger.map_or_else(
            || Err(MessengerError::Refused("no provider".to_owned())),
            |messenger| messenger.send(commune, &message),
        );
        let outcome = handed.clone();
        commune.write_blocking::<_, StoreError>(By::SYSTEM, move |tx| match &outcome {
            Ok(Handed::Sent) => settle(tx, &message, ShortState::Sent, None),
            Ok(Handed::Kept) => settle(tx, &message, ShortState::Kept, None),
            Err(MessengerError::Refused(why)) => settle(tx, &message, ShortState::Failed, Some(why)),
            Err(MessengerError::Away(why)) => tx
                .execute(
                    "UPDATE short_message SET state = 'queued', error = $1 WHERE id = $2 AND state = 'sending'",
                    &[why, &message.id],
                )
                .map(drop),
        })?;
        handed.map(drop).map_err(|error| match error {
            MessengerError::Away(why) => JobError::Away(why),
            MessengerError::Refused(why) => JobError::Fail(why),
        })
    }

    /// What was given up is forgotten, and cannot be sent again.
    fn revived(&self, _: &mut Tx<'_>, _: &Job) -> Result<bool> {
        Ok(false)
    }

    fn given_up(&self, tx: &mut Tx<'_>, job: &Job) -> Result<()> {
        let message = message_of(job).map_or(Ok(None), |id| find(tx, id))?;
        match message.filter(|it| matches!(it.state, ShortState::Queued | ShortState::Sending)) {
            Some(message) => {
                let why = message.error.clone();
                settle(tx, &message, ShortState::Failed, why.as_deref())
            }
            None => Ok(()),
        }
    }
}

fn message_of(job: &Job) -> Option<Id<ShortMessage>> {
    job.payload.get("message")?.as_str()?.parse().ok()
}

/// Writes down what became of a message in the end, forgets its number and its words, and tells it in the history of
/// what it is about.
fn settle(tx: &mut Tx<'_>, message: &ShortMessage, state: ShortState, why: Option<&str>) -> Result<()> {
    let settled = tx.execute(
        "UPDATE short_message SET state = $1, settled_at = $2, error = $3, recipient = '', words = '' \
         WHERE id = $4 AND state IN ('queued', 'sending')",
        &[&state.as_str(), &tx.now(), &why, &message.id],
    )?;
    // Another attempt, which outlived its lease, may have settled it.
    if settled == 0 {
        return Ok(());
    }
    // `sms.sent`, `sms.kept`, `sms.failed`.
    let kind = format!("{}.{}", message.way, state.as_str());
    tx.journal(&Entry {
        kind: &kind,
        subject_kind: &message.about_kind,
        subject_id: message.about_id,
        payload: serde_json::json!({ "message": message.id }),
    })?;
    Ok(())
}
