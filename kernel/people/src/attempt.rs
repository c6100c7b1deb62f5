//! What somebody has begun in a browser and not concluded yet: a journey to an identity provider, an identity that
//! waits to be linked, a passkey's challenge. Kept for minutes, sealed, found by a secret that only that browser holds.

use beffroi_store::{Result, Tx};
use chrono::TimeDelta;
use serde::{Serialize, de::DeserializeOwned};

use crate::secret::{self, Secret};

/// How long somebody may take at an identity provider: long enough to look for a telephone.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(30);

/// A fresh secret, for the browser's cookie.
pub fn secret(tx: &Tx<'_>) -> Secret {
    Secret::new(tx)
}

/// Keeps something under a secret. What has expired goes, so that the table never holds more than half an hour.
pub fn keep<T: Serialize>(tx: &mut Tx<'_>, what: &str, secret: &str, details: &T) -> Result<()> {
    forget_expired(tx)?;
    let sealed = tx.seal(&context(what), &serde_json::to_vec(details)?)?;
    tx.execute(
        "INSERT INTO sign_on_attempt (secret_hash, what, details, expires_at) VALUES ($1, $2, $3, $4)",
        &[&secret::hash(secret), &what, &sealed, &(tx.now() + LIFETIME)],
    )?;
    Ok(())
}

/// What is kept under a secret, if it has not expired.
pub fn look<T: DeserializeOwned>(tx: &mut Tx<'_>, what: &str, secret: &str) -> Result<Option<T>> {
    let sealed = tx.query_opt(
        "SELECT details FROM sign_on_attempt WHERE secret_hash = $1 AND what = $2 AND expires_at > $3",
        &[&secret::hash(secret), &what, &tx.now()],
        |row| row.get::<Vec<u8>>(0),
    )?;
    match sealed {
        Some(sealed) => Ok(Some(serde_json::from_slice(&tx.unseal(&context(what), &sealed)?)?)),
        None => Ok(None),
    }
}

/// The same, used up: whoever comes second finds nothing.
pub fn take<T: DeserializeOwned>(tx: &mut Tx<'_>, what: &str, secret: &str) -> Result<Option<T>> {
    let found = look(tx, what, secret)?;
    if found.is_some() {
        tx.execute("DELETE FROM sign_on_attempt WHERE secret_hash = $1", &[&secret::hash(secret)])?;
    }
    Ok(found)
}

pub(crate) fn forget_expired(tx: &mut Tx<'_>) -> Result<u64> {
    tx.execute("DELETE FROM sign_on_attempt WHERE expires_at <= $1", &[&tx.now()])
}

fn context(what: &str) -> String {
    format!("sign-on-attempt.{what}")
}
