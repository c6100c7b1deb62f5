//! Secrets that are handed out once (session, link, API token) and kept only as a hash.

use beffroi_store::Tx;
use sha2::{Digest, Sha256};

/// The letters and digits of a secret that is typed: none that is taken for another (Crockford's base 32).
const TYPED: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A secret of 256 random bits, as 64 hexadecimal digits, or of 120 that are typed on a phone. Shown once, never stored, never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new one.
    pub(crate) fn new(tx: &Tx<'_>) -> Self {
        Self(hex::encode(tx.random::<32>()))
    }

    /// A new one to be typed: 24 letters and digits.
    pub(crate) fn to_type(tx: &Tx<'_>) -> Self {
        let digits = tx.random::<24>().map(|byte| TYPED.get(usize::from(byte % 32)).copied().unwrap_or(b'0'));
        Self(digits.into_iter().map(char::from).collect())
    }

    /// The text to hand out.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored instead. A fast hash is enough: nobody guesses 256 bits.
    pub(crate) fn hash(&self) -> [u8; 32] {
        hash(&self.0)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The stored form of a secret that somebody presents.
pub(crate) fn hash(presented: &str) -> [u8; 32] {
    Sha256::digest(presented).into()
}

/// What somebody typed of a secret that is typed: spaces and dashes, capitals, and letters that look like digits do not
/// matter.
pub(crate) fn as_typed(presented: &str) -> String {
    let letters = presented.chars().filter(|letter| !letter.is_whitespace() && *letter != '-');
    letters
        .map(|letter| match letter.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        })
        .collect()
}
