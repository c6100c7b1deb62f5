//! The second factor: a code that changes every 30 seconds (TOTP, RFC 6238), and recovery codes on
//! paper for the day the telephone is lost. A code serves once.

use beffroi_core::{Id, Instant};
use beffroi_store::{Result, StoreError, Tx};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use totp_rs::Totp;

use crate::{
    Account, Permit, SignedIn, account,
    permission::ManageAccounts,
    secret,
    session::{self, SecondFactor, Through},
    throttle::{self, Key},
};

/// How many recovery codes are handed out: each serves once.
const RECOVERY_CODES: usize = 10;

/// What the owner puts into an authenticator.
#[derive(Clone)]
pub struct Enrolment {
    /// The secret, in base 32, to type.
    pub secret: String,
    /// The same as an `otpauth:` address, to scan or tap.
    pub address: String,
}

/// What came of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Code {
    /// It was right.
    Right,
    /// It was wrong, or had served before.
    Wrong,
    /// Too many were wrong: not before this instant.
    Wait(Instant),
}

/// What came of asking for a new secret.
#[derive(Clone)]
pub enum Begun {
    /// It is drawn.
    Drawn(Enrolment),
    /// The present code was wrong, or had served before.
    Wrong,
    /// Too many codes were wrong: not before this instant.
    Wait(Instant),
}

/// Why there is nothing to do here.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SecondFactorError {
    /// A session that still waits for a code may not set a second factor; only that one needs a code.
    #[error("this session cannot do that")]
    NotNow,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Draws a new secret. It takes the place of the former only once [`confirm`]ed. Where there is a former, its code or a
/// recovery code is asked for first (`present`): a browser left open is no way to take the account over.
pub fn begin(
    tx: &mut Tx<'_>,
    who: &SignedIn,
    present: &str,
    issuer: &str,
) -> Result<Begun, SecondFactorError> {
    may_set(who)?;
    if account::find(tx, who.account)?.is_some_and(|account| account.has_second_factor) {
        match examine(tx, who.account, present)? {
            Code::Right => {}
            Code::Wrong => return Ok(Begun::Wrong),
            Code::Wait(until) => return Ok(Begun::Wait(until)),
        }
    }
    let bytes: [u8; 20] = tx.random();
    tx.execute("UPDATE account SET totp_pending = $1 WHERE id = $2", &[&bytes, &who.account])?;
    let secret = totp_rs::Secret::from(bytes.to_vec()).to_base32();
    let label = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let address = format!(
        "otpauth://totp/{issuer}:{email}?secret={secret}&issuer={issuer}",
        issuer = label(issuer),
        email = label(&who.email),
    );
    Ok(Begun::Drawn(Enrolment { secret, address }))
}

/// The owner shows that the authenticator works. From now on a code is asked for at each sign-in; the
/// recovery codes are shown this once. Other sessions close.
pub fn confirm(
    tx: &mut Tx<'_>,
    who: &SignedIn,
    code: &str,
) -> Result<(Code, Vec<String>), SecondFactorError> {
    let session = may_set(who)?;
    let key = Key::second_factor(&who.account.to_string());
    if let Some(until) = throttle::waits_until(tx, &key)? {
        return Ok((Code::Wait(until), Vec::new()));
    }
    let pending = tx.query_opt("SELECT totp_pending FROM account WHERE id = $1", &[&who.account], |row| {
        row.get::<Option<Vec<u8>>>(0)
    })?;
    let Some(pending) = pending.flatten() else { return Err(SecondFactorError::NotNow) };
    let Some(step) = matching_step(&pending, code, tx.now()) else {
        throttle::failed(tx, &key)?;
        return Ok((Code::Wrong, Vec::new()));
    };
    tx.execute(
        "UPDATE account SET totp_secret = totp_pending, totp_pending = NULL, totp_last_step = $1 WHERE id = $2",
        &[&step, &who.account],
    )?;
    tx.execute("DELETE FROM recovery_code WHERE account = $1", &[&who.account])?;
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let code = totp_rs::Secret::from(tx.random::<10>().to_vec()).to_base32();
        tx.execute(
            "INSERT INTO recovery_code (account, code_hash) VALUES ($1, $2)",
            &[&who.account, &secret::hash(&code)],
        )?;
        codes.push(code);
    }
    session::second_factor_done(tx, session)?;
    session::close_all(tx, who.account, Some(session))?;
    throttle::clear(tx, &key)?;
    account::journal(tx, "account.second_factor_set", who.account, serde_json::json!({}))?;
    Ok((Code::Right, codes))
}

/// Gives the code (of the authenticator, or a recovery code) that a pending session waits for.
pub fn give(tx: &mut Tx<'_>, who: &SignedIn, code: &str) -> Result<Code, SecondFactorError> {
    let (SecondFactor::Pending, Through::Session(session)) = (who.second_factor, &who.through) else {
        return Err(SecondFactorError::NotNow);
    };
    let code = examine(tx, who.account, code)?;
    if code == Code::Right {
        session::second_factor_done(tx, *session)?;
        account::journal(tx, "account.second_factor_given", who.account, serde_json::json!({}))?;
    }
    Ok(code)
}

/// Takes the second factor away: telephone and recovery codes are lost, and an administrator has made
/// sure of the person. Every session closes.
pub fn remove(tx: &mut Tx<'_>, _: &Permit<ManageAccounts>, account: Id<Account>) -> Result<()> {
    tx.execute(
        "UPDATE account SET totp_secret = NULL, totp_pending = NULL, totp_last_step = 0 WHERE id = $1",
        &[&account],
    )?;
    tx.execute("DELETE FROM recovery_code WHERE account = $1", &[&account])?;
    session::close_all(tx, account, None)?;
    account::journal(tx, "account.second_factor_removed", account, serde_json::json!({}))
}

/// Uses a code of the authenticator, or a recovery code, up; or counts the failure.
fn examine(tx: &mut Tx<'_>, account: Id<Account>, code: &str) -> Result<Code> {
    let key = Key::second_factor(&account.to_string());
    if let Some(until) = throttle::waits_until(tx, &key)? {
        return Ok(Code::Wait(until));
    }
    if !uses_up_code(tx, account, code)? && !uses_up_recovery_code(tx, account, code)? {
        throttle::failed(tx, &key)?;
        account::journal(tx, "account.second_factor_failed", account, serde_json::json!({}))?;
        return Ok(Code::Wrong);
    }
    throttle::clear(tx, &key)?;
    Ok(Code::Right)
}

fn may_set(who: &SignedIn) -> Result<Id<session::Session>, SecondFactorError> {
    match (&who.through, who.second_factor) {
        (Through::Session(session), SecondFactor::NotSet | SecondFactor::Due | SecondFactor::Done) => {
            Ok(*session)
        }
        (Through::Session(_), SecondFactor::Pending) | (Through::Token { .. }, _) => {
            Err(SecondFactorError::NotNow)
        }
    }
}

/// RFC 6238 §5.2: a code is taken once, so only a step later than the last taken will do.
fn uses_up_code(tx: &mut Tx<'_>, account: Id<Account>, code: &str) -> Result<bool> {
    let kept = tx.query_opt("SELECT totp_secret FROM account WHERE id = $1", &[&account], |row| {
        row.get::<Option<Vec<u8>>>(0)
    })?;
    let step = kept.flatten().and_then(|secret| matching_step(&secret, code, tx.now()));
    let Some(step) = step else { return Ok(false) };
    let taken = tx.execute(
        "UPDATE account SET totp_last_step = $1 WHERE id = $2 AND totp_last_step < $1",
        &[&step, &account],
    )?;
    Ok(taken > 0)
}

fn uses_up_recovery_code(tx: &mut Tx<'_>, account: Id<Account>, code: &str) -> Result<bool> {
    let written: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    let used = tx.execute(
        "DELETE FROM recovery_code WHERE account = $1 AND code_hash = $2",
        &[&account, &secret::hash(&written.to_uppercase())],
    )?;
    Ok(used > 0)
}

/// The step whose code this is: the present one, or one beside it, since clocks drift.
fn matching_step(secret: &[u8], code: &str, now: Instant) -> Option<i64> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let step = totp(secret)?.check(&digits, u64::try_from(now.timestamp()).ok()?)?;
    i64::try_from(step).ok()
}

fn totp(secret: &[u8]) -> Option<Totp> {
    // The defaults are what every authenticator understands: SHA-1, 6 digits, 30 seconds, one step of drift.
    totp_rs::Builder::new().with_secret(secret.to_vec()).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> Instant {
        Instant::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn the_codes_are_those_of_rfc_6238() {
        // Appendix B, SHA-1, last six digits.
        assert_eq!(matching_step(SECRET, "287082", at(59)), Some(1));
        assert_eq!(matching_step(SECRET, "081 804", at(1_111_111_109)), Some(37_037_036));
        assert_eq!(matching_step(SECRET, "287083", at(59)), None);
    }

    #[test]
    fn a_clock_may_be_half_a_minute_off_but_not_more() {
        assert_eq!(matching_step(SECRET, "287082", at(29)), Some(1));
        assert_eq!(matching_step(SECRET, "287082", at(89)), Some(1));
        assert_eq!(matching_step(SECRET, "287082", at(90)), None);
    }
}
