//! A double click or a retried request does a thing once: the first answer is kept and given again. The answer may
//! tell a secret, such as a tracking code, so it is kept sealed: only who shows the key again can open it.

use beffroi_core::Instant;
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::{Result, StoreError, Tx};

/// Bytes of a nonce (draft-irtf-cfrg-xchacha, section 2).
const NONCE: usize = 24;

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

/// Does `work` unless `key` was used before within `scope`; `request` is what the key stands for. Whoever can guess
/// the key can open the answer: it is drawn at random.
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
    let seal = Seal::of(scope, key);
    let kept = seal.close(tx, &serde_json::to_vec(&answer).map_err(StoreError::from)?)?;
    tx.execute(
        "INSERT INTO idempotency (scope, key, fingerprint, answer, at) VALUES ($1, $2, $3, $4, $5)",
        &[&scope, &seal.name, &fingerprint, &serde_json::Value::String(kept), &tx.now()],
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
    let seal = Seal::of(scope, key);
    let kept = tx.query_opt(
        "SELECT fingerprint, answer FROM idempotency WHERE scope = $1 AND key = $2",
        &[&scope, &seal.name],
        |row| Ok((row.get::<Vec<u8>>(0)?, row.get::<serde_json::Value>(1)?)),
    )?;
    let Some((before, answer)) = kept else { return Ok(None) };
    if before != fingerprint {
        return Ok(Some(Once::Reused));
    }
    Ok(Some(Once::Again(serde_json::from_slice(&seal.open(&answer)?)?)))
}

/// Forgets the keys used before `instant`.
pub fn forget_before(tx: &mut Tx<'_>, instant: Instant) -> Result<u64> {
    tx.execute("DELETE FROM idempotency WHERE at < $1", &[&instant])
}

/// What a key is called in the table, and what seals its answer. Neither tells the key, nor the other.
struct Seal {
    name: String,
    cipher: XChaCha20Poly1305,
}

impl Seal {
    fn of(scope: &str, key: &str) -> Self {
        let derived = |purpose: &str| -> [u8; 32] {
            let mut hash = Sha256::new();
            // Lengths keep apart what could be cut in two places.
            for part in [purpose, scope, key] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part);
            }
            hash.finalize().into()
        };
        Self { name: hex::encode(derived("name")), cipher: XChaCha20Poly1305::new(&derived("seal").into()) }
    }

    fn close(&self, tx: &Tx<'_>, answer: &[u8]) -> Result<String> {
        let nonce = tx.random::<NONCE>();
        let payload = Payload { msg: answer, aad: self.name.as_bytes() };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| StoreError::Invalid("an answer too long to be kept".to_owned()))?;
        Ok(hex::encode([nonce.as_slice(), &sealed].concat()))
    }

    fn open(&self, kept: &serde_json::Value) -> Result<Vec<u8>> {
        let broken = || StoreError::Corrupt("an answer does not open to its own key".to_owned());
        let kept = kept.as_str().and_then(|kept| hex::decode(kept).ok()).ok_or_else(broken)?;
        let (nonce, sealed) = kept.split_first_chunk::<NONCE>().ok_or_else(broken)?;
        let payload = Payload { msg: sealed, aad: self.name.as_bytes() };
        self.cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| broken())
    }
}
