//! What is derived from a secret that one browser holds (state, nonce, PKCE verifier), so that none of them is kept;
//! and the public half of the town's key.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use p256::{SecretKey, elliptic_curve::sec1::ToSec1Point};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{IdentityError, Journey};

/// The journey of the browser that holds this secret.
pub fn journey_of(secret: &str) -> Journey {
    let derived =
        |what: &str| BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(format!("beffroi.{what}:{secret}")));
    Journey { state: derived("state"), nonce: derived("nonce"), verifier: derived("pkce") }
}

/// The town's private key, from what is kept of it.
pub(crate) fn private(key: &[u8]) -> Result<SecretKey, IdentityError> {
    SecretKey::from_slice(key)
        .map_err(|_| IdentityError::Refused("the town’s own key cannot be read".to_owned()))
}

/// The public half of the town's key, as a provider that encrypts for it fetches it (RFC 7517).
///
/// # Errors
/// What is kept of the key is none.
pub fn jwks(key: &[u8]) -> Result<Value, IdentityError> {
    let point = private(key)?.public_key().to_sec1_point(false);
    let part = |range: std::ops::Range<usize>| {
        point.as_bytes().get(range).map(|bytes| BASE64_URL_SAFE_NO_PAD.encode(bytes)).unwrap_or_default()
    };
    let (x, y) = (part(1..33), part(33..65));
    // RFC 7638: the key's name is the hash of its members, in this order and without a space.
    let thumb = Sha256::digest(format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#));
    let kid = BASE64_URL_SAFE_NO_PAD.encode(thumb);
    Ok(json!({ "keys": [
        { "kty": "EC", "crv": "P-256", "x": x, "y": y, "use": "enc", "alg": "ECDH-ES", "kid": kid }
    ] }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_browser_has_a_journey_of_its_own() {
        let (one, other) = (journey_of("one"), journey_of("other"));
        assert_eq!(one, journey_of("one"));
        assert_ne!(one, other);
        let all = [&one.state, &one.nonce, &one.verifier, &other.state, &other.nonce, &other.verifier];
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), 6);
        // FranceConnect wants 22 characters at least, RFC 7636 between 43 and 128.
        assert!(all.iter().all(|it| it.len() == 43));
    }

    #[test]
    fn only_the_public_half_is_published() {
        let key = [7_u8; 32];
        let published = jwks(&key).unwrap().to_string();
        assert!(published.contains("\"use\":\"enc\""));
        assert!(!published.contains("\"d\""));
        assert!(!published.contains(&BASE64_URL_SAFE_NO_PAD.encode(key)));
        assert!(jwks(&[0; 32]).is_err());
        assert!(jwks(b"short").is_err());
    }
}
