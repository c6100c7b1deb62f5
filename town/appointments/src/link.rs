//! Secret links and tokens: told once, kept as a hash.

use beffroi_store::Tx;
use sha2::{Digest, Sha256};

/// A new secret of 96 bits, as its owner sees it in an address: nobody guesses it.
pub fn new(tx: &Tx<'_>) -> String {
    hex::encode(tx.random::<12>())
}

/// Whether a text could be a secret: so many hexadecimal digits.
pub fn is_one(text: &str) -> bool {
    text.len() == 24 && text.bytes().all(|letter| letter.is_ascii_hexdigit())
}

/// What is kept in its place. A fast hash is enough for what nobody guesses.
pub fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret).into()
}
