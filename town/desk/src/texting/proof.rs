//! That a number is its owner's: a code goes there, and whoever writes it back has the telephone in hand. Without it, a
//! slip of one digit would tell a stranger of somebody's requests.

use beffroi_core::{
    Id, Instant, Lang,
    calendar::{civil_day, start_of_day},
};
use beffroi_notify::{
    About,
    messages::phone_code,
    messenger::{self, NewShortMessage},
};
use beffroi_people::{Account, Town};
use beffroi_sms as sms;
use beffroi_store::{Result, Tx};
use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use super::wish;

/// How long a code serves.
pub(super) const MINUTES: i64 = 15;
/// Wrong codes after which it serves no more: one chance in 200 000.
const TRIES_AT_MOST: i64 = 5;
/// Codes for one account on one day, and for one number, whoever asks.
const CODES_A_DAY: i64 = 5;
const DIGITS: usize = 6;
/// How long a number waits that was never proven, so that the codes of a day are counted.
const KEPT_FOR: TimeDelta = TimeDelta::days(1);

/// A number whose code was sent.
pub(super) struct Waiting {
    pub(super) phone: String,
    tries: i64,
    codes: i64,
    sent_at: Instant,
}

impl Waiting {
    fn serves(&self, now: Instant) -> bool {
        self.tries < TRIES_AT_MOST && now < self.sent_at + TimeDelta::minutes(MINUTES)
    }
}

fn load(tx: &mut Tx<'_>, account: Id<Account>) -> Result<Option<Waiting>> {
    tx.query_opt(
        "SELECT phone, tries, codes, sent_at FROM desk_sms_proof WHERE account = $1",
        &[&account],
        |row| {
            Ok(Waiting { phone: row.get(0)?, tries: row.get(1)?, codes: row.get(2)?, sent_at: row.get(3)? })
        },
    )
}

/// The number whose code still serves.
pub(super) fn waiting(tx: &mut Tx<'_>, account: Id<Account>) -> Result<Option<Waiting>> {
    let now = tx.now();
    Ok(load(tx, account)?.filter(|waiting| waiting.serves(now)))
}

/// Sends a code to a number; `false` where this account asked for too many today.
pub(super) fn ask(tx: &mut Tx<'_>, account: Id<Account>, phone: &str, lang: Lang) -> Result<bool> {
    let town = Town::load(tx)?;
    let (now, zone) = (tx.now(), town.zone());
    let today = civil_day(now, zone);
    let before = load(tx, account)?.filter(|before| civil_day(before.sent_at, zone) == today);
    let codes = before.map_or(0, |before| before.codes);
    let since = start_of_day(today, zone);
    let to_number: i64 = tx.query_one(
        "SELECT CAST(COALESCE(SUM(codes), 0) AS BIGINT) FROM desk_sms_proof WHERE phone = $1 AND sent_at >= $2",
        &[&phone, &since],
        |row| row.get(0),
    )?;
    if codes.max(to_number) >= CODES_A_DAY {
        return Ok(false);
    }
    let code = draw(tx);
    tx.execute(
        "INSERT INTO desk_sms_proof (account, phone, code_hash, tries, codes, sent_at) VALUES ($1, $2, $3, 0, $4, $5) \
         ON CONFLICT (account) DO UPDATE SET phone = excluded.phone, code_hash = excluded.code_hash, tries = 0, \
         codes = excluded.codes, sent_at = excluded.sent_at",
        &[&account, &phone, &hash(&code), &(codes + 1), &now],
    )?;
    let about = About { kind: "account", id: account.uuid() };
    let text = phone_code(lang, &town.name, &code);
    messenger::queue(tx, &NewShortMessage { way: sms::WAY, to: phone, text: &text, about, once: None })?;
    Ok(true)
}

/// What came of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Came {
    /// The number is proven, and kept.
    Proven,
    /// Another code was sent.
    Wrong,
    /// No code serves any more: too late, or tried too often.
    Over,
}

/// Takes the code that somebody wrote. A wrong one is counted: commit whatever comes of it.
pub(super) fn answer(tx: &mut Tx<'_>, account: Id<Account>, typed: &str) -> Result<Came> {
    let Some(waiting) = waiting(tx, account)? else { return Ok(Came::Over) };
    let typed: String = typed.chars().filter(char::is_ascii_digit).collect();
    if typed.len() != DIGITS {
        // A slip of the finger is no guess.
        return Ok(Came::Wrong);
    }
    let right: bool = tx
        .query_opt(
            "SELECT 1 FROM desk_sms_proof WHERE account = $1 AND code_hash = $2",
            &[&account, &hash(&typed)],
            |row| row.get::<i64>(0),
        )?
        .is_some();
    if !right {
        tx.execute("UPDATE desk_sms_proof SET tries = tries + 1 WHERE account = $1", &[&account])?;
        return Ok(if waiting.tries + 1 < TRIES_AT_MOST { Came::Wrong } else { Came::Over });
    }
    wish::keep(tx, account, &waiting.phone)?;
    // The row stays with its count of the day, and with nothing that could be proven again.
    tx.execute("UPDATE desk_sms_proof SET tries = $2 WHERE account = $1", &[&account, &TRIES_AT_MOST])?;
    Ok(Came::Proven)
}

/// Forgets it with its account.
pub(super) fn forget(tx: &mut Tx<'_>, account: Id<Account>) -> Result<()> {
    tx.execute("DELETE FROM desk_sms_proof WHERE account = $1", &[&account]).map(drop)
}

/// Forgets the numbers that nobody proved. Run it daily.
pub(crate) fn sweep(tx: &mut Tx<'_>) -> Result<u64> {
    let before = tx.now() - KEPT_FOR;
    tx.execute("DELETE FROM desk_sms_proof WHERE sent_at < $1", &[&before])
}

/// Six digits, each as likely as the others.
fn draw(tx: &Tx<'_>) -> String {
    let number = u64::from_be_bytes(tx.random()) % 1_000_000;
    format!("{number:06}")
}

fn hash(code: &str) -> Vec<u8> {
    Sha256::digest(code.as_bytes()).to_vec()
}
