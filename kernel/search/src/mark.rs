//! The words that were found, marked in a text; and the place of a long text where they stand.

use crate::{find::Reading, tokens};

/// How much of a text an excerpt shows, in characters.
const EXCERPT: usize = 160;
/// How much of it stands before the first word that was found.
const BEFORE: usize = 50;

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The words.
    pub text: String,
    /// Whether they were sought.
    pub found: bool,
}

/// A text in pieces: those that were sought, and the others.
pub fn marked(text: &str, reading: &Reading) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for (part, is_word) in parts(text) {
        let found = is_word && sought(part, reading);
        match pieces.last_mut() {
            Some(last) if last.found == found => last.text.push_str(part),
            _ => pieces.push(Piece { text: part.to_owned(), found }),
        }
    }
    pieces
}

/// The place of a text where the first word that was sought stands; `None` where none does.
pub fn excerpt(text: &str, reading: &Reading) -> Option<Vec<Piece>> {
    let mut at = 0;
    let first = parts(text).into_iter().find_map(|(part, is_word)| {
        let here = at;
        at += part.chars().count();
        (is_word && sought(part, reading)).then_some(here)
    })?;
    let letters: Vec<char> = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    let wanted = first.saturating_sub(BEFORE);
    // It begins with a whole word.
    let begin = match letters.get(wanted..first) {
        Some(lead) if wanted > 0 => {
            wanted + lead.iter().position(|c| *c == ' ').map_or(lead.len(), |at| at + 1)
        }
        _ => 0,
    };
    let end = (begin + EXCERPT).min(letters.len());
    let mut shown: String = letters.get(begin..end).unwrap_or_default().iter().collect();
    if end < letters.len() {
        if let Some(last) = shown.rfind(' ').filter(|last| *last > 0) {
            shown.truncate(last);
        }
        shown.push('…');
    }
    if begin > 0 {
        shown.insert(0, '…');
    }
    Some(marked(&shown, reading))
}

fn sought(word: &str, reading: &Reading) -> bool {
    let folded = tokens::fold_word(word);
    reading.is_sought(&folded)
}

/// A text cut into words and what stands between them.
fn parts(text: &str) -> Vec<(&str, bool)> {
    let mut parts = Vec::new();
    let mut begin = 0;
    let mut inside: Option<bool> = None;
    for (at, letter) in text.char_indices() {
        let is_word = letter.is_alphanumeric();
        if inside.is_some_and(|inside| inside != is_word) {
            parts.push((text.get(begin..at).unwrap_or_default(), !is_word));
            begin = at;
        }
        inside = Some(is_word);
    }
    if let Some(is_word) = inside {
        parts.push((text.get(begin..).unwrap_or_default(), is_word));
    }
    parts
}
