//! Fetching mails in the background: every few minutes, each mailbox by itself. A mail is marked on the server only
//! once it is kept durably; what is interrupted is found again, and nothing is kept twice.

use std::sync::Arc;

use beffroi_core::{Id, Targets, calendar::civil_day};
use beffroi_documents::{self as documents, Document, Gate, Limits, NewDocument, StoredFile, UploadError};
use beffroi_people::Town;
use beffroi_store::{
    By, Commune, StoreError, Tx,
    background::JobHandler,
    jobs::{self, Job, JobError},
};
use bytes::Bytes;
use chrono::TimeDelta;
use futures_util::stream;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    Mailbox, Nature, NewItem, Source,
    imap::{self, Content, ImapError},
    item, mailbox, message,
};

/// The job that reads one mailbox.
pub const FETCH: &str = "mailroom.fetch";
/// How long a mailbox is left alone between two rounds.
const PAUSE: TimeDelta = TimeDelta::minutes(5);

#[derive(Deserialize, Serialize)]
struct Order {
    mailbox: Id<Mailbox>,
    /// Whether no next round follows this one: another one is asked for already.
    once: bool,
}

/// Asks for the reading of a mailbox now; the next rounds follow by themselves.
pub fn ask_for(tx: &mut Tx<'_>, mailbox: &Mailbox) -> beffroi_store::Result<()> {
    let late = tx.now() - PAUSE - PAUSE;
    let once = mailbox.fetched_at.is_some_and(|at| at >= late);
    ask_at(tx, &Order { mailbox: mailbox.id, once }, tx.now())
}

fn ask_at(tx: &mut Tx<'_>, order: &Order, at: beffroi_core::Instant) -> beffroi_store::Result<()> {
    // The job under way still holds its own key: the next one is of another minute.
    let key = format!("{FETCH}/{}/{}/{}", order.mailbox, order.once, at.timestamp() / 60);
    jobs::enqueue(tx, FETCH, &serde_json::to_value(order)?, at, Some(&key))
}

/// Asks for the reading of every active mailbox that nobody has read for two rounds: run it hourly. Tells how many.
pub fn ask_for_all(tx: &mut Tx<'_>) -> beffroi_store::Result<u64> {
    let late = tx.now() - PAUSE - PAUSE;
    let due: Vec<Mailbox> = mailbox::list(tx)?
        .into_iter()
        .filter(|it| it.details.is_active && it.fetched_at.is_none_or(|at| at < late))
        .collect();
    for mailbox in &due {
        ask_for(tx, mailbox)?;
    }
    Ok(u64::try_from(due.len()).unwrap_or_default())
}

/// Reads mailboxes.
pub struct FetchHandler {
    /// Whether attachments wait for the virus scanner.
    pub gate: Gate,
    /// Where mail servers may be.
    pub targets: Targets,
}

impl JobHandler for FetchHandler {
    fn kind(&self) -> &'static str {
        FETCH
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> Result<(), JobError> {
        let order: Order =
            serde_json::from_value(job.payload.clone()).map_err(|error| JobError::Fail(error.to_string()))?;
        let found = commune.read_blocking(By::SYSTEM, |tx| {
            let Some(mailbox) = mailbox::find(tx, order.mailbox)?.filter(|it| it.details.is_active) else {
                return Ok(None);
            };
            let password = mailbox::password(tx, order.mailbox)?;
            Ok::<_, StoreError>(Some((mailbox, password)))
        })?;
        let Some((mailbox, password)) = found else { return Ok(()) };
        let id = mailbox.id;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| JobError::Retry(error.to_string()))?;
        let read = runtime.block_on(read_all(commune, &mailbox, &password, self));
        let again = !order.once;
        let (more, trouble) = match read {
            Ok(more) => (more, None),
            Err(Trouble::Imap(error)) => (false, Some(error)),
            Err(Trouble::Store(error)) => return Err(error.into()),
        };
        // A server that is away is no failure of the job: the next round tries again, and the administrator sees why.
        commune.write_blocking(By::SYSTEM, move |tx| {
            if let Some(trouble) = &trouble {
                mailbox::troubled(tx, id, trouble)?;
            }
            if again {
                let next = if more { tx.now() + TimeDelta::minutes(1) } else { tx.now() + PAUSE };
                ask_at(tx, &Order { mailbox: id, once: false }, next)?;
            }
            Ok::<_, StoreError>(())
        })?;
        Ok(())
    }
}

enum Trouble {
    Imap(ImapError),
    Store(StoreError),
}

impl From<ImapError> for Trouble {
    fn from(error: ImapError) -> Self {
        Self::Imap(error)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Reads one round of a mailbox; whether there is more.
async fn read_all(
    commune: &Arc<Commune>,
    mailbox: &Mailbox,
    password: &str,
    FetchHandler { gate, targets }: &FetchHandler,
) -> Result<bool, Trouble> {
    let mut open = imap::open(&mailbox.details, password, *targets).await?;
    let validity = i64::from(open.validity);
    // Other numbers than before: from the beginning; what is known is known by its bytes.
    let last = if mailbox.uid_validity == Some(validity) { mailbox.last_uid } else { 0 };
    let found = open.after(u32::try_from(last).unwrap_or_default()).await?;
    let more = found.len() == imap::AT_ONCE;
    let mut kept = Vec::with_capacity(found.len());
    let mut trouble = None;
    for mail in &found {
        let uid = i64::from(*mail);
        let content = match open.content(*mail).await {
            Ok(content) => content,
            Err(error) => {
                let stuck = mailbox.clone();
                commune.write(By::SYSTEM, move |tx| mailbox::stuck(tx, &stuck, validity, uid)).await?;
                trouble = Some(error);
                break;
            }
        };
        keep(commune, mailbox, &content, *gate).await?;
        kept.push(*mail);
        let id = mailbox.id;
        commune.write(By::SYSTEM, move |tx| mailbox::fetched(tx, id, validity, uid)).await?;
    }
    if found.is_empty() {
        let id = mailbox.id;
        commune.write(By::SYSTEM, move |tx| mailbox::fetched(tx, id, validity, last)).await?;
    }
    let marked = open.done(&kept, &mailbox.details.done_folder).await;
    open.close().await;
    // What stood in the way first is what is told.
    if trouble.is_none() {
        marked?;
    }
    match trouble {
        Some(error) => Err(error.into()),
        None => Ok(more),
    }
}

/// Keeps one mail with its attachments, once.
async fn keep(
    commune: &Arc<Commune>,
    mailbox: &Mailbox,
    content: &Content,
    gate: Gate,
) -> Result<(), Trouble> {
    let raw = content.raw.as_slice();
    let sha256 = hex::encode(Sha256::digest(raw));
    let (id, hash) = (mailbox.id, sha256.clone());
    if commune.read(By::SYSTEM, move |tx| item::is_known(tx, id, &hash)).await? {
        return Ok(());
    }
    let mut read = message::read(raw);
    if content.too_large {
        read.nature = Nature::TooLarge;
    }
    let mut files: Vec<StoredFile> = Vec::new();
    let mut refused: Vec<String> = Vec::new();
    for (name, content) in std::mem::take(&mut read.attachments) {
        let content = stream::iter([Ok::<_, std::io::Error>(Bytes::from(content))]);
        match documents::receive(commune, content, &name, &Limits::default()).await {
            Ok(file) => files.push(file),
            Err(UploadError::Store(error)) => return Err(error.into()),
            Err(error) => refused.push(format!("{name}\u{a0}: {}", error.message(beffroi_core::Lang::Fr))),
        }
    }
    if !refused.is_empty() {
        let list = refused.join("\n");
        read.body = format!("{}\n\n[Fichiers non repris\u{a0}:\n{list}]", read.body);
    }
    if read.left_out > 0 {
        read.body = format!("{}\n\n[Fichiers en trop, non repris\u{a0}: {}]", read.body, read.left_out);
    }
    let (details, mailbox, arrived_at) = (mailbox.details.clone(), mailbox.id, content.arrived_at);
    commune
        .write(By { channel: beffroi_core::Channel::Email, ..By::SYSTEM }, move |tx| {
            // The town has received it once it is in its mailbox, however late it is fetched (CRPA L114-3).
            let at = arrived_at.map_or_else(|| tx.now(), |at| at.min(tx.now()));
            let arrived_on = civil_day(at, Town::load(tx)?.zone());
            let new = NewItem {
                source: Source::Email,
                department: details.department,
                mailbox: Some(mailbox),
                sender_name: read.sender_name,
                sender_email: read.sender_email,
                subject: read.subject,
                body: read.body,
                nature: read.nature,
                arrived_on,
                entered_by: None,
            };
            if item::is_known(tx, mailbox, &sha256)? {
                return Ok(());
            }
            let id = item::keep(tx, &new)?;
            item::first_seen(tx, mailbox, &sha256, id)?;
            for file in &files {
                let new =
                    NewDocument { file, owner_kind: "mail_item", owner_id: id.uuid(), purpose: "attachment" };
                Document::create(tx, gate, &new)?;
            }
            Ok::<_, StoreError>(())
        })
        .await?;
    Ok(())
}
