//! Reading what FranceConnect+ encrypts for the town: a compact JWE (RFC 7516) whose key is agreed by ECDH-ES on P-256
//! (RFC 7518, 4.6) and whose content is under AES-256-GCM. No other algorithm is read.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use p256::{PublicKey, SecretKey, ecdh::diffie_hellman};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use serde::Deserialize;
use sha2::{Digest, Sha256};

const CONTENT: &str = "A256GCM";

/// Why it cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JweError {
    #[error("it is no compact JWE")]
    Shape,
    #[error("only ECDH-ES with A256GCM is read")]
    Algorithm,
    #[error("its key is not on P-256")]
    Key,
    #[error("it was not encrypted for this key")]
    NotOurs,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    enc: String,
    epk: Option<Epk>,
    #[serde(default)]
    apu: String,
    #[serde(default)]
    apv: String,
    zip: Option<String>,
    crit: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Epk {
    kty: String,
    crv: String,
    x: String,
    y: String,
}

/// Whether this is a JWE in its compact form, rather than a signed token.
pub(crate) fn is_jwe(text: &str) -> bool {
    text.split('.').count() == 5
}

/// What was encrypted.
pub(crate) fn open(text: &str, key: &SecretKey) -> Result<String, JweError> {
    let parts: Vec<&str> = text.trim().split('.').collect();
    let [header_text, wrapped, iv, content, tag] = parts[..] else { return Err(JweError::Shape) };
    let header: Header = serde_json::from_slice(&decode(header_text)?).map_err(|_| JweError::Shape)?;
    let plain = header.zip.is_none() && header.crit.is_none() && wrapped.is_empty();
    if header.alg != "ECDH-ES" || header.enc != CONTENT || !plain {
        return Err(JweError::Algorithm);
    }
    let epk = header.epk.ok_or(JweError::Shape)?;
    let shared = diffie_hellman(key.to_nonzero_scalar(), public(&epk)?.as_affine());
    let (apu, apv) = (decode(&header.apu)?, decode(&header.apv)?);
    let content_key = derive(shared.raw_secret_bytes().as_slice(), CONTENT, &apu, &apv, 256);
    let cipher = UnboundKey::new(&AES_256_GCM, &content_key).map_err(|_| JweError::Key)?;
    let nonce = Nonce::try_assume_unique_for_key(&decode(iv)?).map_err(|_| JweError::Shape)?;
    let mut sealed = decode(content)?;
    sealed.extend(decode(tag)?);
    let opened = LessSafeKey::new(cipher)
        .open_in_place(nonce, Aad::from(header_text.as_bytes()), &mut sealed)
        .map_err(|_| JweError::NotOurs)?;
    String::from_utf8(opened.to_vec()).map_err(|_| JweError::Shape)
}

fn public(epk: &Epk) -> Result<PublicKey, JweError> {
    if epk.kty != "EC" || epk.crv != "P-256" {
        return Err(JweError::Key);
    }
    let (x, y) = (decode(&epk.x)?, decode(&epk.y)?);
    if x.len() != 32 || y.len() != 32 {
        return Err(JweError::Key);
    }
    // A point that is not on the curve is refused: it would tell bits of our key.
    let point: Vec<u8> = std::iter::once(4).chain(x).chain(y).collect();
    PublicKey::from_sec1_bytes(&point).map_err(|_| JweError::Key)
}

/// The key derivation of RFC 7518, 4.6.2, for keys of at most 256 bits: one round of the Concat KDF.
fn derive(shared: &[u8], algorithm: &str, apu: &[u8], apv: &[u8], bits: u32) -> Vec<u8> {
    let length = |part: &[u8]| u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes();
    let mut hash = Sha256::new();
    hash.update(1_u32.to_be_bytes());
    hash.update(shared);
    for part in [algorithm.as_bytes(), apu, apv] {
        hash.update(length(part));
        hash.update(part);
    }
    hash.update(bits.to_be_bytes());
    hash.finalize().iter().copied().take(usize::try_from(bits / 8).unwrap_or(32)).collect()
}

fn decode(text: &str) -> Result<Vec<u8>, JweError> {
    BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| JweError::Shape)
}

#[cfg(test)]
mod tests {
    use p256::elliptic_curve::sec1::ToSec1Point;
    use serde_json::json;

    use super::*;

    fn encode(bytes: impl AsRef<[u8]>) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    fn scalar(text: &str) -> SecretKey {
        SecretKey::from_slice(&decode(text).unwrap()).unwrap()
    }

    #[test]
    fn the_key_is_that_of_the_standard() {
        // RFC 7518, appendix C.
        let alice = scalar("0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo");
        let bob = Epk {
            kty: "EC".to_owned(),
            crv: "P-256".to_owned(),
            x: "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ".to_owned(),
            y: "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck".to_owned(),
        };
        let shared = diffie_hellman(alice.to_nonzero_scalar(), public(&bob).unwrap().as_affine());
        let key = derive(shared.raw_secret_bytes().as_slice(), "A128GCM", b"Alice", b"Bob", 128);
        assert_eq!(encode(key), "VqqN6vgjbSBcIijNcacQGg");
    }

    fn seal(alg: &str, point: &PublicKey, plain: &str) -> String {
        let mine = scalar("0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo");
        let own = mine.public_key().to_sec1_point(false);
        let bytes = own.as_bytes();
        let header = json!({ "alg": alg, "enc": "A256GCM", "epk":
            { "kty": "EC", "crv": "P-256", "x": encode(&bytes[1..33]), "y": encode(&bytes[33..]) } });
        let header = encode(header.to_string());
        let shared = diffie_hellman(mine.to_nonzero_scalar(), point.as_affine());
        let key = derive(shared.raw_secret_bytes().as_slice(), "A256GCM", b"", b"", 256);
        let cipher = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).unwrap());
        let mut sealed = plain.as_bytes().to_vec();
        let nonce = Nonce::assume_unique_for_key([7; 12]);
        cipher.seal_in_place_append_tag(nonce, Aad::from(header.as_bytes()), &mut sealed).unwrap();
        let (content, tag) = sealed.split_at(sealed.len() - 16);
        format!("{header}..{}.{}.{}", encode([7; 12]), encode(content), encode(tag))
    }

    #[test]
    fn what_was_encrypted_for_the_town_is_read_by_the_town_alone() {
        let town = scalar("VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw");
        let other = scalar("0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo");
        let sealed = seal("ECDH-ES", &town.public_key(), "a.b.c");
        assert!(is_jwe(&sealed));
        assert_eq!(open(&sealed, &town).as_deref(), Ok("a.b.c"));
        assert_eq!(open(&sealed, &other), Err(JweError::NotOurs));
        assert_eq!(open(&seal("RSA1_5", &town.public_key(), "a.b.c"), &town), Err(JweError::Algorithm));
    }

    #[test]
    fn nothing_that_was_changed_or_made_up_is_read() {
        let town = scalar("VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw");
        let sealed = seal("ECDH-ES", &town.public_key(), "a.b.c");
        for (at, _) in sealed.char_indices() {
            let mut changed: Vec<char> = sealed.chars().collect();
            changed[at] = if changed[at] == 'A' { 'B' } else { 'A' };
            let changed: String = changed.into_iter().collect();
            assert!(changed == sealed || open(&changed, &town).is_err(), "{at}");
        }
        for hostile in ["", "....", "a.b.c.d.e", "a.b.c", &".".repeat(10_000)] {
            assert!(open(hostile, &town).is_err(), "{hostile:.10}");
        }
        // (1, 1) is on no curve of ours.
        let one = encode([&[0; 31][..], &[1]].concat());
        let off = Epk { kty: "EC".to_owned(), crv: "P-256".to_owned(), x: one.clone(), y: one };
        assert_eq!(public(&off).err(), Some(JweError::Key));
    }
}
