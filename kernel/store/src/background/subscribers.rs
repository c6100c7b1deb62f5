//! Those who follow the journal: who of them is behind, and how one of them catches up.

use std::{collections::HashMap, sync::Arc};

use crate::{By, Commune, JournalEntry, Result, Seq, StoreError, Tx, journal};

/// Journal entries handled in one transaction.
const ENTRIES_AT_ONCE: u32 = 100;
/// How far a subscriber may lie behind while nothing that happened is of its kinds: looking again is cheaper than
/// a commit after each command.
const PASSED_OVER_AT_ONCE: i64 = 500;

/// Follows the journal: sees every entry of its kinds, in order, at least once.
pub trait Subscriber: Send + Sync {
    /// The name under which its progress is kept. Never changes.
    fn name(&self) -> &'static str;
    /// The kinds of entries that it follows.
    fn kinds(&self) -> &[&'static str];
    /// Does what the entry asks for, in the transaction that also moves the cursor. No input or output. The entry was read
    /// a moment before: its payload may be erased since, so that whoever tells somebody of it looks again first.
    fn handle(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<()>;
    /// Does what entries that follow one another ask for; one after the other, where many cost as much as each.
    fn handle_all(&self, tx: &mut Tx<'_>, entries: &[JournalEntry]) -> Result<()> {
        entries.iter().try_for_each(|entry| self.handle(tx, entry))
    }
}

/// Those who have something to see, in their order. Two short reads for all of them, however many they are.
pub(super) fn behind<'w>(
    tx: &mut Tx<'_>,
    subscribers: &'w [Arc<dyn Subscriber>],
) -> Result<Vec<&'w Arc<dyn Subscriber>>> {
    let head = journal::position(tx)?;
    let cursors: HashMap<String, i64> = tx
        .query("SELECT name, seq FROM subscriber", &[], |row| Ok((row.get(0)?, row.get(1)?)))?
        .into_iter()
        .collect();
    let cursor = |subscriber: &dyn Subscriber| cursors.get(subscriber.name()).copied().unwrap_or(0);
    let far = head.0 - PASSED_OVER_AT_ONCE;
    let near =
        subscribers.iter().map(|subscriber| cursor(subscriber.as_ref())).filter(|seq| *seq > far).min();
    // Of those who are near: what happened since the last of them looked. Who is far behind is followed in any case.
    let recent = match near {
        Some(oldest) if oldest < head.0 => {
            tx.query("SELECT kind, MAX(seq) FROM journal WHERE seq > $1 GROUP BY kind", &[&oldest], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?
        }
        _ => Vec::new(),
    };
    let recent: HashMap<String, i64> = recent.into_iter().collect();
    let is_behind = |subscriber: &dyn Subscriber| {
        let seen = cursor(subscriber);
        seen <= far
            || subscriber.kinds().iter().any(|kind| recent.get(*kind).is_some_and(|latest| *latest > seen))
    };
    Ok(subscribers.iter().filter(|subscriber| is_behind(subscriber.as_ref())).collect())
}

/// Lets one subscriber handle a page of entries; `false` when there are none left.
pub(super) fn follow(commune: &Arc<Commune>, subscriber: &Arc<dyn Subscriber>) -> Result<bool> {
    let (name, kinds) = (subscriber.name(), subscriber.kinds());
    // Read away from the writer, whom visitors wait for; most of the time there is nothing to write.
    let (after, head, entries) = commune.read_blocking(By::SYSTEM, |tx| {
        let (after, head) = (cursor(tx, name)?, journal::position(tx)?);
        let entries =
            if after < head { journal::of_kinds(tx, kinds, after, ENTRIES_AT_ONCE)? } else { Vec::new() };
        Ok::<_, StoreError>((after, head, entries))
    })?;
    if entries.is_empty() && head.0 - after.0 < PASSED_OVER_AT_ONCE {
        return Ok(false);
    }
    let full = entries.len() >= usize::try_from(ENTRIES_AT_ONCE).unwrap_or(usize::MAX);
    let seen_now = entries.last().filter(|_| full).map_or(head, |last| last.seq);
    let subscriber = Arc::clone(subscriber);
    commune.write_blocking(By::SYSTEM, move |tx| {
        // Where another node handled them meanwhile, they are read again.
        if cursor(tx, name)? != after {
            return Ok(true);
        }
        subscriber.handle_all(tx, &entries)?;
        seen(tx, name, seen_now)?;
        Ok(full)
    })
}

/// Says that a subscriber has seen all that happened until now: for whoever has just made its work anew from the tables.
pub fn caught_up(tx: &mut Tx<'_>, name: &str) -> Result<()> {
    let head = journal::position(tx)?;
    seen(tx, name, head)
}

fn seen(tx: &mut Tx<'_>, name: &str, seq: Seq) -> Result<()> {
    tx.execute(
        "INSERT INTO subscriber (name, seq) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq",
        &[&name, &seq.0],
    )
    .map(drop)
}

fn cursor(tx: &mut Tx<'_>, name: &str) -> Result<Seq> {
    let seq = tx.query_opt("SELECT seq FROM subscriber WHERE name = $1", &[&name], |row| row.get(0))?;
    Ok(Seq(seq.unwrap_or(0)))
}
