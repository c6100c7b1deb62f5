//! Which mail or letter tells what. A decision counts as sent when the mail server has taken its mail, or when its
//! letter is printed: not before.

use beffroi_cases::{CaseError, case::Case, decision};
use beffroi_core::Id;
use beffroi_store::{JournalEntry, Result, StoreError, Tx, background::Subscriber, jobs};
use serde_json::json;
use uuid::Uuid;

use super::jobs::TELL_SIGNED;

/// What a message tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tells {
    /// That the request has arrived.
    Acknowledgement,
    /// That it was decided.
    Decision,
    /// That silence has decided it.
    Silence,
}

impl Tells {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Acknowledgement => "acknowledgement",
            Self::Decision => "decision",
            Self::Silence => "silence",
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

/// Forgets what the messages of a case told.
pub fn forget(tx: &mut Tx<'_>, case: Id<Case>) -> Result<u64> {
    tx.execute("DELETE FROM desk_notice WHERE case_id = $1", &[&case])
}

/// Writes a decision down as sent once word of it has left.
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
        let case = tx.query_opt(
            "SELECT case_id FROM desk_notice WHERE message = $1 AND tells = $2",
            &[&message, &Tells::Decision.as_str()],
            |row| row.get::<Id<Case>>(0),
        )?;
        let Some(case) = case else { return Ok(()) };
        if entry.kind != "letter.put_back" {
            if entry.kind == "letter.printed" {
                jobs::enqueue(tx, TELL_SIGNED, &json!({ "case": case }), tx.now(), None)?;
            }
            return decision::sent(tx, case).map_err(stored);
        }
        // Whoever was also told by mail has been told.
        let told = count(tx, case, Tells::Decision)?;
        if told == 1 { decision::put_back(tx, case).map_err(stored) } else { Ok(()) }
    }
}

fn stored(error: CaseError) -> StoreError {
    match error {
        CaseError::Store(error) => error,
        other => StoreError::Corrupt(other.to_string()),
    }
}
