//! Secrets that are handed out once (session, link, API token) and kept only as a hash.

use beffroi_store::Tx;
use sha2::{Digest, Sha256};

/// A secret of 256 random bits, as 64 hexadecimal digits. Shown once, never stored, never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new one.
    pub(crate) fn new(tx: &Tx<'_>) -> Self {
        Self(hex::encode(tx.random::<32>()))
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
