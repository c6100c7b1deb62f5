//! What a space forgets in time: its owner is told first where something was begun or kept, and looks at requests are
//! told for twelve months. Bounded pieces, a transaction each.

use std::sync::Arc;

use beffroi_core::{Day, Id, calendar::civil_day};
use beffroi_documents::kept;
use beffroi_notify::{About, keeping, mail, messages::Message};
use beffroi_people::{Account, Town, account};
use beffroi_store::{By, Commune, Result, ToValue, Tx, journal, marks};
use chrono::{Days, Months, TimeDelta};
use serde_json::json;
use uuid::Uuid;

use super::{looked::twelve_months_ago, store};
use crate::{Parts, draft, papers::Stationery};

/// A draft that goes within these days is told to its owner, once.
const DRAFT_TOLD: Days = Days::new(14);
/// Months without use after which a kept document is forgotten.
pub(super) const UNUSED_MONTHS: u32 = 24;
/// Days between word of that and the end.
const DOCUMENT_TOLD_DAYS: i64 = 30;
/// Things told or forgotten in one piece.
const A_PIECE: u32 = 200;
/// Entries of the journal that one piece goes through.
const ENTRIES: i64 = 20_000;
/// Pieces in one round; the next one takes the rest.
const PIECES: u32 = 50;

/// Reminds those who have begun a request, and tells those whose documents nobody uses. Blocks.
///
/// # Errors
/// Those of the store.
pub(crate) fn hourly(commune: &Commune, parts: &Arc<Parts>) -> Result<u64> {
    let (drafts, unused) = commune.read_blocking(By::SYSTEM, |tx| {
        let today = civil_day(tx.now(), Town::load(tx)?.zone());
        let since = unused_since(tx);
        Ok::<_, beffroi_store::StoreError>((
            draft::ending(tx, told_until(today), 1)?.len(),
            kept::unused(tx, since, 1)?.len(),
        ))
    })?;
    if drafts + unused == 0 {
        return Ok(0);
    }
    let origin = (parts.origin)(commune.slug());
    let parts = Arc::clone(parts);
    commune.write_blocking(By::SYSTEM, move |tx| Ok(remind(tx, &parts, &origin)? + warn(tx, &origin)?))
}

fn told_until(today: Day) -> Day {
    today.checked_add_days(DRAFT_TOLD).unwrap_or(today)
}

fn unused_since(tx: &Tx<'_>) -> beffroi_core::Instant {
    let told = tx.now() + TimeDelta::days(DOCUMENT_TOLD_DAYS);
    told.checked_sub_months(Months::new(UNUSED_MONTHS)).unwrap_or(beffroi_core::Instant::UNIX_EPOCH)
}

/// Queues a mail; an address that is none is passed over.
fn send(tx: &mut Tx<'_>, to: &str, message: &Message, about: About<'_>) {
    let new = mail::NewMail {
        to,
        subject: &message.subject,
        text: &message.text,
        html: None,
        secret: false,
        about,
    };
    if let Err(error) = mail::queue(tx, &new) {
        tracing::warn!(%error, "word of what ends could not be queued");
    }
}

fn remind(tx: &mut Tx<'_>, parts: &Parts, origin: &str) -> Result<u64> {
    let town = Town::load(tx)?;
    let today = civil_day(tx.now(), town.zone());
    let found = draft::ending(tx, told_until(today), A_PIECE)?;
    for ending in &found {
        draft::reminded(tx, ending.id)?;
        // Where there is no address, the code that was noted is all there is.
        let Some(to) = &ending.to else { continue };
        let form = parts.shelf.version(tx, &ending.procedure, ending.version)?;
        let title = form.map(|form| form.procedure().title.text(ending.lang).to_owned()).unwrap_or_default();
        let page = if ending.owned { super::HOME } else { "/suivi" };
        let link = format!("{origin}{page}");
        let contact = [town.phone.as_str(), &town.email].into_iter().find(|it| !it.is_empty());
        let sender = Stationery::sender(&town, contact.unwrap_or(&link));
        let message =
            keeping::draft_ends(sender, ending.lang, &title, ending.kept_until, &link, !ending.owned);
        send(tx, to, &message, About { kind: "draft", id: ending.id.uuid() });
    }
    Ok(found.len() as u64)
}

fn warn(tx: &mut Tx<'_>, origin: &str) -> Result<u64> {
    let since = unused_since(tx);
    let town = Town::load(tx)?;
    let mut owners: Vec<Uuid> =
        kept::unused(tx, since, A_PIECE)?.into_iter().map(|(account, _)| account).collect();
    owners.sort_unstable();
    owners.dedup();
    for owner in &owners {
        kept::warned(tx, *owner, since)?;
        let Some(account) = account::find(tx, Id::<Account>::from_uuid(*owner))? else { continue };
        let link = format!("{origin}/mon-compte/documents");
        let contact = [town.phone.as_str(), &town.email].into_iter().find(|it| !it.is_empty());
        let sender = Stationery::sender(&town, contact.unwrap_or(&link));
        let message =
            keeping::documents_unused(sender, account.language, UNUSED_MONTHS, DOCUMENT_TOLD_DAYS, &link);
        send(tx, &account.email, &message, About { kind: "account", id: *owner });
    }
    Ok(owners.len() as u64)
}

/// Forgets the documents that nobody used, and what was written of looks twelve months ago. Blocks; run it daily.
///
/// # Errors
/// Those of the store; what was forgotten until then stays forgotten.
pub(crate) fn daily(commune: &Commune) -> Result<u64> {
    let mut gone = 0;
    for _ in 0..PIECES {
        let piece = commune.write_blocking(By::SYSTEM, |tx| {
            let now = tx.now();
            let since = now.checked_sub_months(Months::new(UNUSED_MONTHS)).unwrap_or(now);
            kept::forget_unused(tx, since, now - TimeDelta::days(DOCUMENT_TOLD_DAYS), A_PIECE)
        })?;
        gone += piece;
        if piece < u64::from(A_PIECE) {
            break;
        }
    }
    gone += commune.write_blocking(By::SYSTEM, super::across::forget_over)?;
    for _ in 0..PIECES {
        let (erased, more) = commune.write_blocking(By::SYSTEM, prune)?;
        gone += erased;
        if !more {
            break;
        }
    }
    Ok(gone)
}

/// Erases what was written of looks more than twelve months ago, in the next entries of the journal; tells how many,
/// and whether there may be more.
fn prune(tx: &mut Tx<'_>) -> Result<(u64, bool)> {
    const NAME: &str = "looks";
    let from = store::swept_to(tx, NAME)?;
    let end = journal::rank_at(tx, twelve_months_ago(tx.now()))?.0;
    let until = end.min(from + ENTRIES);
    if until <= from {
        return Ok((0, false));
    }
    let mut params: Vec<&dyn ToValue> = vec![&from, &until];
    params.extend(store::LOOKS.iter().map(|kind| kind as &dyn ToValue));
    let sql = format!(
        "UPDATE journal SET payload = NULL WHERE seq >= $1 AND seq < $2 AND payload IS NOT NULL AND kind IN ({})",
        marks(3, store::LOOKS.len())
    );
    let erased = tx.execute(&sql, &params)?;
    store::set_swept(tx, NAME, until)?;
    if erased > 0 {
        crate::proof(tx, "looks.erased", json!({ "count": erased }))?;
    }
    Ok((erased, until < end))
}

#[cfg(test)]
mod tests {
    use beffroi_core::{Lang, calendar::long_date};

    use super::*;

    #[test]
    fn the_day_of_a_reminder_is_two_weeks_ahead() {
        let today = Day::from_ymd_opt(2026, 6, 3).unwrap_or_default();
        assert_eq!(long_date(told_until(today), Lang::Fr), "17 juin 2026");
    }
}
