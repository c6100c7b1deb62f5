//! A double click or a retried request does a thing once: the first answer is kept and given again.

use beffroi_core::Instant;
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::{Result, StoreError, Tx};

/// What came of asking to do a thing once.
#[derive(Debug, PartialEq, Eq)]
pub enum Once<T> {
    /// Done now.
    Done(T),
    /// Done before, by the same request: this was the answer.
    Again(T),
    /// The key was used before for another request.
    Reused,
}

/// Does `work` unless `key` was used before within `scope`; `request` is what the key stands for.
pub fn once<T, E>(
    tx: &mut Tx<'_>,
    scope: &str,
    key: &str,
    request: &[u8],
    work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
) -> Result<Once<T>, E>
where
    T: Serialize + DeserializeOwned,
    E: From<StoreError>,
{
    if let Some(kept) = before(tx, scope, key, request)? {
        return Ok(kept);
    }
    let fingerprint: [u8; 32] = Sha256::digest(request).into();
    let answer = work(tx)?;
    let kept = serde_json::to_value(&answer).map_err(StoreError::from)?;
    tx.execute(
        "INSERT INTO idempotency (scope, key, fingerprint, answer, at) VALUES ($1, $2, $3, $4, $5)",
        &[&scope, &key, &fingerprint, &kept, &tx.now()],
    )?;
    Ok(Once::Done(answer))
}

/// What came of `key` within `scope`, if it was used before: never [`Once::Done`].
pub fn before<T: DeserializeOwned>(
    tx: &mut Tx<'_>,
    scope: &str,
    key: &str,
    request: &[u8],
) -> Result<Option<Once<T>>> {
    let fingerprint: [u8; 32] = Sha256::digest(request).into();
    let kept = tx.query_opt(
        "SELECT fingerprint, answer FROM idempotency WHERE scope = $1 AND key = $2",
        &[&scope, &key],
        |row| Ok((row.get::<Vec<u8>>(0)?, row.get::<serde_json::Value>(1)?)),
    )?;
    let Some((before, answer)) = kept else { return Ok(None) };
    if before != fingerprint {
        return Ok(Some(Once::Reused));
    }
    Ok(Some(Once::Again(serde_json::from_value(answer).map_err(StoreError::from)?)))
}

/// Forgets the keys used before `instant`.
pub fn forget_before(tx: &mut Tx<'_>, instant: Instant) -> Result<u64> {
    tx.execute("DELETE FROM idempotency WHERE at < $1", &[&instant])
}
