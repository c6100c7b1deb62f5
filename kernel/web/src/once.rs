//! `Idempotency-Key`: a call that is repeated after a lost answer does its thing once, and is answered as the
//! first time.

use axum::http::HeaderMap;
use beffroi_store::{StoreError, Tx, idempotency, idempotency::Once};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Result, Visitor, WebError};

/// Letters of a key, at most.
const KEY_AT_MOST: usize = 200;

/// The key of a call, where it has one, with what it stands for: the same caller, address and body.
#[derive(Clone)]
pub struct Key {
    word: Option<String>,
    scope: String,
    request: Vec<u8>,
}

impl Key {
    /// The key that these headers bear. `what` names the route, `path` the thing that it is asked of.
    ///
    /// Keys of one caller say nothing of another's: an agent's are their own.
    pub fn of(headers: &HeaderMap, visitor: &Visitor, what: &str, path: &str, body: &[u8]) -> Result<Self> {
        let key = headers.get("idempotency-key").map(|key| key.to_str().unwrap_or_default().to_owned());
        if key.as_ref().is_some_and(|key| key.is_empty() || key.len() > KEY_AT_MOST) {
            return Err(WebError::bad_request().say("Idempotency-Key: 1 to 200 ASCII letters"));
        }
        let scope = match &visitor.signed_in {
            Some(who) => format!("api.{what}.{}", who.account),
            None => format!("api.{what}"),
        };
        let request = if key.is_some() { [path.as_bytes(), b"\n", body].concat() } else { Vec::new() };
        Ok(Self { word: key, scope, request })
    }

    /// The key itself, where there is one: for what is done in several parts, each once.
    pub fn word(&self) -> Option<&str> {
        self.word.as_deref()
    }

    /// The answer that was given to this call before, if it was made before. What it used up is gone by then:
    /// ask this first.
    pub fn answered<T: DeserializeOwned>(&self, tx: &mut Tx<'_>) -> Result<Option<T>> {
        let Some(key) = &self.word else { return Ok(None) };
        match idempotency::before(tx, &self.scope, key, &self.request)? {
            Some(Once::Done(answer) | Once::Again(answer)) => Ok(Some(answer)),
            Some(Once::Reused) => Err(WebError::conflict()),
            None => Ok(None),
        }
    }

    /// Does `work`, unless it was done before under this key.
    pub fn once<T, E>(
        &self,
        tx: &mut Tx<'_>,
        work: impl FnOnce(&mut Tx<'_>) -> std::result::Result<T, E>,
    ) -> Result<T>
    where
        T: Serialize + DeserializeOwned,
        E: From<StoreError>,
        WebError: From<E>,
    {
        let Some(key) = &self.word else { return Ok(work(tx)?) };
        match idempotency::once(tx, &self.scope, key, &self.request, work)? {
            Once::Done(answer) | Once::Again(answer) => Ok(answer),
            Once::Reused => Err(WebError::conflict()),
        }
    }

    /// The same where a refusal is more than an error of the web; `None` where the key was used for another call.
    pub fn attempt<T, E>(
        &self,
        tx: &mut Tx<'_>,
        work: impl FnOnce(&mut Tx<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<Option<T>, E>
    where
        T: Serialize + DeserializeOwned,
        E: From<StoreError>,
    {
        let Some(key) = &self.word else { return work(tx).map(Some) };
        Ok(match idempotency::once(tx, &self.scope, key, &self.request, work)? {
            Once::Done(answer) | Once::Again(answer) => Some(answer),
            Once::Reused => None,
        })
    }
}
