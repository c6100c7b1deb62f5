//! Whoever wishes to be called, or whom no text message reaches, is called by an agent: what is left to be told.

use beffroi_core::{Channel, Id, Instant};
use beffroi_store::{Result, Tx};

use super::{Told, Word};
use crate::{registration::Mark, session::Mark as SessionMark};

/// Calls of one list, at most.
const LISTED: u32 = 200;

/// Somebody to be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Which.
    pub id: Id<Self>,
    /// Whom.
    pub registration: Id<Mark>,
    /// About which session.
    pub session: Id<SessionMark>,
    /// What they are to be told.
    pub word: Word,
    /// Since when.
    pub made_at: Instant,
}

/// Writes down that somebody is to be called. What they heard from an agent when they registered is not told again, nor
/// what they did themselves.
pub(super) fn note(tx: &mut Tx<'_>, it: &Told, word: Word) -> Result<()> {
    let heard = !matches!(it.registration.channel, Channel::Online | Channel::Api);
    match word {
        Word::GivenUp | Word::Seated => return Ok(()),
        Word::Registered | Word::Again if heard => return Ok(()),
        _ => {}
    }
    let Some((_, session)) = it.seats.first() else { return Ok(()) };
    tx.execute(
        "INSERT INTO workshops_call (id, registration, session, word, made_at, done_at) \
         VALUES ($1, $2, $3, $4, $5, NULL) ON CONFLICT DO NOTHING",
        &[&tx.new_id::<Call>(), &it.registration.id, &session.id, &word, &tx.now()],
    )
    .map(drop)
}

/// Who is to be called, longest waiting first.
pub fn waiting(tx: &mut Tx<'_>) -> Result<Vec<Call>> {
    tx.query(
        "SELECT c.id, c.registration, c.session, c.word, c.made_at FROM workshops_call c \
         JOIN workshops_session t ON t.id = c.session \
         WHERE c.done_at IS NULL AND t.ends_at > $1 ORDER BY c.made_at, c.id LIMIT $2",
        &[&tx.now(), &LISTED],
        |row| {
            Ok(Call {
                id: row.get(0)?,
                registration: row.get(1)?,
                session: row.get(2)?,
                word: row.get(3)?,
                made_at: row.get(4)?,
            })
        },
    )
}

/// Somebody was called.
pub fn done(tx: &mut Tx<'_>, id: Id<Call>) -> Result<()> {
    let sql = "UPDATE workshops_call SET done_at = $2 WHERE id = $1 AND done_at IS NULL";
    tx.execute(sql, &[&id, &tx.now()]).map(drop)
}
