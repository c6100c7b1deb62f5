//! The words that the database and the interfaces keep.

pub(crate) use beffroi_store::words;

/// A sector as it was stored.
pub(crate) fn sector(word: &str) -> beffroi_store::Result<beffroi_core::Sector> {
    beffroi_core::Sector::from_word(word)
        .ok_or_else(|| beffroi_store::StoreError::Corrupt(format!("no sector is called {word}")))
}
