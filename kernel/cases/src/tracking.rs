//! References and tracking codes: the first names a case aloud, the second opens it.

use beffroi_core::Id;
use beffroi_store::{Result, Tx};
use sha2::{Digest, Sha256};

use crate::{
    CaseError,
    case::{self, Case},
};

/// Letters and digits that nobody mistakes for one another, on paper or on the phone.
const ALPHABET: &[u8; 30] = b"23456789ABCDEFGHJKLMNPQRSTVWXZ";
const REFERENCE_LETTERS: usize = 7;
const CODE_LETTERS: usize = 12;

/// The secret that opens a case without an account: 12 letters of 30, about 59 bits. Only its hash is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct TrackingCode(String);

impl TrackingCode {
    /// A new code.
    pub fn draw(tx: &Tx<'_>) -> Self {
        Self(letters::<CODE_LETTERS>(tx))
    }

    /// Reads a code as people type it: lower case, with blanks or hyphens anywhere.
    pub fn parse(text: &str) -> Option<Self> {
        let code: String = text
            .chars()
            .filter(|letter| !letter.is_whitespace() && *letter != '-')
            .take(CODE_LETTERS + 1)
            .map(|letter| letter.to_ascii_uppercase())
            .collect();
        let fits = code.len() == CODE_LETTERS && code.bytes().all(|letter| ALPHABET.contains(&letter));
        fits.then_some(Self(code))
    }

    /// What is kept of it.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

/// In three groups of four, as it is printed.
impl std::fmt::Display for TrackingCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut letters = self.0.chars();
        for group in 0..3 {
            if group > 0 {
                f.write_str("-")?;
            }
            for letter in letters.by_ref().take(4) {
                write!(f, "{letter}")?;
            }
        }
        Ok(())
    }
}

/// A secret is not written in a log by accident.
impl std::fmt::Debug for TrackingCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TrackingCode(…)")
    }
}

/// A new reference: the year, and letters that tell nothing of how many cases there are.
pub(crate) fn new_reference(tx: &Tx<'_>, year: i32) -> String {
    format!("{year}-{}", letters::<REFERENCE_LETTERS>(tx))
}

/// A reference that nobody was ever told.
pub(crate) fn anonymous_reference(tx: &Tx<'_>) -> String {
    format!("ANONYME-{}", letters::<CODE_LETTERS>(tx))
}

/// What opens a case to its requester: its code, or whatever else proves that it is theirs.
pub trait Key {
    /// The case that it opens; `None` where it opens nothing, or nothing any more.
    fn case(&self, tx: &mut Tx<'_>) -> Result<Option<Case>>;
}

impl Key for TrackingCode {
    fn case(&self, tx: &mut Tx<'_>) -> Result<Option<Case>> {
        case::by_tracking_hash(tx, &self.hash())
    }
}

/// The case that a key opens.
pub fn open(tx: &mut Tx<'_>, key: &impl Key) -> Result<Option<Case>> {
    key.case(tx)
}

/// Gives a case a new code, because the old one was lost: the old one opens nothing any more.
pub fn renew(tx: &mut Tx<'_>, id: Id<Case>) -> Result<TrackingCode, CaseError> {
    let code = TrackingCode::draw(tx);
    let changed = tx.execute("UPDATE cases SET tracking_hash = $1 WHERE id = $2", &[&code.hash(), &id])?;
    if changed == 0 {
        return Err(CaseError::NotFound);
    }
    case::enter(tx, id, "case.code_renewed", serde_json::json!({}))?;
    Ok(code)
}

/// The case of a reference, for whoever has proved otherwise that it is theirs.
pub fn by_reference(tx: &mut Tx<'_>, reference: &str) -> Result<Option<Case>> {
    case::by_reference(tx, reference)
}

/// Bytes past the last whole multiple of the alphabet are thrown again, so that each letter is as likely.
fn letters<const N: usize>(tx: &Tx<'_>) -> String {
    const FAIR: u8 = 240;
    let mut text = String::with_capacity(N);
    while text.len() < N {
        let fresh = tx.random::<16>();
        let fair = fresh.into_iter().filter(|byte| *byte < FAIR);
        let drawn = fair.filter_map(|byte| ALPHABET.get(usize::from(byte) % ALPHABET.len()));
        text.extend(drawn.take(N - text.len()).map(|letter| char::from(*letter)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = TrackingCode::parse(" abcd-2345 wxzv ").unwrap();
        assert_eq!(code.to_string(), "ABCD-2345-WXZV");
        assert_eq!(TrackingCode::parse("ABCD-2345-WXZ"), None, "too short");
        assert_eq!(TrackingCode::parse("ABCD-2345-WXZVV"), None, "too long");
        assert_eq!(TrackingCode::parse("OBCD-2345-WXZV"), None, "no letter O");
        assert_eq!(format!("{code:?}"), "TrackingCode(…)");
    }
}
