//! Which mail or letter tells what. A decision counts as sent when the mail server has taken its mail, or when its
//! letter is printed: not before.

use std::collections::HashSet;

use beffroi_cases::{CaseError, case::Case, decision, reversal};
use beffroi_core::Id;
use beffroi_documents::Document;
use beffroi_notify::{About, letter};
use beffroi_store::{JournalEntry, Result, StoreError, Tx, background::Subscriber, jobs};
use serde_json::json;
use uuid::Uuid;

use super::{jobs::TELL_SIGNED, purpose};

/// What a message tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tells {
    /// That the request has arrived.
    Acknowledgement,
    /// That it was decided.
    Decision,
    /// That silence has decided it.
    Silence,
    /// That its decision was taken back.
    Reversal,
}

impl Tells {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Acknowledgement => "acknowledgement",
            Self::Decision => "decision",
            Self::Silence => "silence",
            Self::Reversal => "reversal",
        }
    }
}

/// Writes down what a queued mail or letter tells.
pub(super) fn record(tx: &mut Tx<'_>, case: Id<Case>, message: Uuid, tells: Tells) -> Result<()> {
    tx.execute(
        "INSERT INTO desk_notice (message, case_id, tells) VALUES ($1, $2, $3)",
        &[&message, &case, &tells.as_str()],
    )
    .map(drop)
}

/// Whether a message that tells this was queued.
pub(super) fn is_recorded(tx: &mut Tx<'_>, case: Id<Case>, tells: Tells) -> Result<bool> {
    let found = tx.query_opt(
        "SELECT message FROM desk_notice WHERE case_id = $1 AND tells = $2 LIMIT 1",
        &[&case, &tells.as_str()],
        |row| row.get::<Uuid>(0),
    )?;
    Ok(found.is_some())
}

/// How many messages that tell this were queued.
pub(super) fn count(tx: &mut Tx<'_>, case: Id<Case>, tells: Tells) -> Result<i64> {
    tx.query_one(
        "SELECT COUNT(*) FROM desk_notice WHERE case_id = $1 AND tells = $2",
        &[&case, &tells.as_str()],
        |row| row.get(0),
    )
}

/// The messages that told a decision, or that it was taken back, tell of the past from now on: the next ones are told anew.
pub fn set_aside(tx: &mut Tx<'_>, case: Id<Case>) -> Result<()> {
    tx.execute(
        "UPDATE desk_notice SET tells = 'past' WHERE case_id = $1 AND tells IN ('decision', 'silence', 'reversal')",
        &[&case],
    )
    .map(drop)
}

/// The papers of what is past, a decision or the act that took it back, whose letter still waits: nobody has signed and
/// sent them yet.
pub fn unposted(tx: &mut Tx<'_>, case: Id<Case>, documents: &[Document]) -> Result<HashSet<Uuid>> {
    let is_past = |paper: &&Document| [purpose::PAST, purpose::PAST_ACT].contains(&paper.purpose.as_str());
    let past: Vec<Uuid> = documents.iter().filter(is_past).map(|paper| paper.id.uuid()).collect();
    if past.is_empty() {
        return Ok(HashSet::new());
    }
    let waiting = letter::waiting_papers(tx, About { kind: "case", id: case.uuid() })?;
    Ok(past.into_iter().filter(|paper| waiting.contains(paper)).collect())
}

/// Forgets what the messages of a case told.
pub fn forget(tx: &mut Tx<'_>, case: Id<Case>) -> Result<u64> {
    tx.execute("DELETE FROM desk_notice WHERE case_id = $1", &[&case])
}

/// Writes a decision, or the act that takes it back, down as sent once word of it has left.
pub struct Notices {
    /// Whether this is a demonstration, where a mail that is kept is one that arrives.
    pub demo: bool,
}

impl Subscriber for Notices {
    fn name(&self) -> &'static str {
        "desk.notices"
    }

    fn kinds(&self) -> &'static [&'static str] {
        if self.demo {
            &["mail.sent", "letter.printed", "letter.put_back", "mail.kept"]
        } else {
            &["mail.sent", "letter.printed", "letter.put_back"]
        }
    }

    fn handle(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<()> {
        let message =
            entry.payload.as_ref().and_then(|payload| payload.get("mail").or(payload.get("letter")));
        let Some(message) = message.and_then(|id| id.as_str()?.parse::<Uuid>().ok()) else { return Ok(()) };
        let told = tx.query_opt(
            "SELECT case_id, tells FROM desk_notice WHERE message = $1 AND tells IN ('decision', 'reversal')",
            &[&message],
            |row| Ok((row.get::<Id<Case>>(0)?, row.get::<String>(1)?)),
        )?;
        let Some((case, word)) = told else { return Ok(()) };
        let reverses = word == Tells::Reversal.as_str();
        if entry.kind != "letter.put_back" {
            if entry.kind == "letter.printed" {
                let order = json!({ "case": case, "reversal": reverses });
                jobs::enqueue(tx, TELL_SIGNED, &order, tx.now(), None)?;
            }
            let told = if reverses { reversal::sent(tx, case) } else { decision::sent(tx, case) };
            return told.map_err(stored);
        }
        // Whoever was also told by mail has been told.
        let tells = if reverses { Tells::Reversal } else { Tells::Decision };
        if count(tx, case, tells)? != 1 {
            return Ok(());
        }
        let undone = if reverses { reversal::put_back(tx, case) } else { decision::put_back(tx, case) };
        undone.map_err(stored)
    }
}

fn stored(error: CaseError) -> StoreError {
    match error {
        CaseError::Store(error) => error,
        other => StoreError::Corrupt(other.to_string()),
    }
}
