//! How many parts leave in a month: each is billed, and the administrator says how many may be. A part is counted before
//! it leaves, so that two messages at once cannot both be the last.

use beffroi_core::calendar::civil_day;
use beffroi_notify::{
    About,
    mail::{self, MailError},
    messages::{self, Sender, Voice},
};
use beffroi_people::{
    Town, account,
    permission::{ManageTown, holders_everywhere},
};
use beffroi_store::{Result, Tx};

/// The month in which the town is now: `2026-06`.
pub(crate) fn current(tx: &mut Tx<'_>) -> Result<String> {
    let zone = Town::load(tx)?.zone();
    Ok(civil_day(tx.now(), zone).format("%Y-%m").to_string())
}

/// How many parts left this month.
pub fn used(tx: &mut Tx<'_>) -> Result<u32> {
    let month = current(tx)?;
    let found = tx.query_opt("SELECT parts FROM sms_month WHERE month = $1", &[&month], |row| row.get(0))?;
    Ok(found.unwrap_or_default())
}

/// Counts parts that are about to leave; `false` where that is more than may. The administrators are then told, once.
pub(crate) fn take(tx: &mut Tx<'_>, month: &str, parts: u32, cap: u32) -> Result<bool> {
    tx.execute(
        "INSERT INTO sms_month (month, parts, told) VALUES ($1, 0, FALSE) ON CONFLICT (month) DO NOTHING",
        &[&month],
    )?;
    let taken = tx.execute(
        "UPDATE sms_month SET parts = parts + $1 WHERE month = $2 AND parts + $1 <= $3",
        &[&parts, &month, &cap],
    )?;
    if taken > 0 {
        return Ok(true);
    }
    let first =
        tx.execute("UPDATE sms_month SET told = TRUE WHERE month = $1 AND told = FALSE", &[&month])?;
    if first > 0 {
        tell(tx, cap)?;
    }
    Ok(false)
}

/// Gives parts back that did not leave after all.
pub(crate) fn give_back(tx: &mut Tx<'_>, month: &str, parts: u32) -> Result<()> {
    let sql = "UPDATE sms_month SET parts = parts - $1 WHERE month = $2 AND parts >= $1";
    tx.execute(sql, &[&parts, &month]).map(drop)
}

/// Tells the administrators that no text message leaves any more this month.
fn tell(tx: &mut Tx<'_>, cap: u32) -> Result<()> {
    let town = Town::load(tx)?;
    let contact =
        [town.phone.as_str(), &town.email].into_iter().find(|it| !it.is_empty()).unwrap_or_default();
    let voice = Voice {
        greeting: &town.voice.mail_greeting,
        closing: &town.voice.mail_closing,
        signature: &town.voice.mail_signature,
    };
    let message = messages::sms_cap_reached(Sender { commune: &town.name, contact, voice }, cap);
    for reader in holders_everywhere::<ManageTown>(tx)? {
        let Some(account) = account::find(tx, reader)? else { continue };
        let new = mail::NewMail {
            to: &account.email,
            subject: &message.subject,
            text: &message.text,
            html: None,
            secret: false,
            about: About { kind: "account", id: reader.uuid() },
        };
        match mail::queue(tx, &new) {
            Ok(_) | Err(MailError::Address) => {}
            Err(MailError::Store(error)) => return Err(error),
        }
    }
    Ok(())
}
