//! How a text becomes tokens: lower case, no accents, French stems; references, mail addresses, telephone and SIRET
//! numbers whole and in parts. The query is read by the same rules as what it looks for.

use std::collections::BTreeMap;

use beffroi_core::text::fold;
use rust_stemmers::{Algorithm, Stemmer};

/// Longer tokens are cut: nobody types so much.
const LONGEST_TOKEN: usize = 64;
/// A text says no more tokens than this; what follows is not found.
const MOST_TOKENS: usize = 20_000;
/// A number that is written in groups has so many digits: telephone (9 to 13), SIREN (9), SIRET (14).
const GROUPED_DIGITS: std::ops::RangeInclusive<usize> = 9..=14;

/// Words that stand everywhere and tell nothing.
const STOP_WORDS: [&str; 58] = [
    "a", "ai", "au", "aux", "avec", "c", "ce", "ces", "cette", "d", "dans", "de", "des", "du", "elle", "en",
    "est", "et", "eux", "il", "ils", "j", "je", "l", "la", "le", "les", "leur", "lui", "m", "ma", "me",
    "mes", "mon", "n", "ne", "nous", "on", "ou", "par", "pas", "pour", "qu", "que", "qui", "s", "sa", "se",
    "ses", "son", "sur", "t", "ta", "te", "un", "une", "vous", "y",
];

/// A token of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A word: folded, and as it was written, in lower case.
    Word { folded: String, shown: String },
    /// A number, a reference, a mail address: found whole, by its parts and by its beginning.
    Identifier(String),
}

impl Token {
    pub(crate) const fn is_word(&self) -> bool {
        matches!(self, Self::Word { .. })
    }

    /// What a token is sought by.
    pub(crate) fn stem(&self) -> String {
        match self {
            Self::Word { folded, .. } => stem(folded),
            Self::Identifier(whole) => whole.clone(),
        }
    }
}

/// A word without case and accents, as it is compared.
pub fn fold_word(word: &str) -> String {
    cut(&fold(word))
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST_TOKEN).collect()
}

/// The stem of a folded word: singular and plural, masculine and feminine, noun and verb mostly meet.
pub fn stem(folded: &str) -> String {
    if folded.chars().any(|c| !c.is_ascii_lowercase()) {
        return folded.to_owned();
    }
    let singular = singular(folded);
    let stemmed = Stemmer::create(Algorithm::French).stem(&singular).into_owned();
    let bare = stemmed.trim_end_matches('e');
    if bare.len() >= 3 { bare.to_owned() } else { stemmed }
}

/// Without the marks of the plural, which the stemmer leaves to some words; `-al` and `-aux` are one.
fn singular(word: &str) -> String {
    let bare = word.trim_end_matches(['s', 'x']);
    if bare.len() < 3 {
        // A short word keeps the mark that may be its own (cas, bus), once.
        return word.chars().take(bare.len() + 1).collect();
    }
    match bare.strip_suffix("au") {
        Some(root) if !root.is_empty() && !root.ends_with('e') => format!("{root}al"),
        _ => bare.to_owned(),
    }
}

/// The tokens of a text to be found: all of them, whole and in parts.
pub(crate) fn of_text(text: &str) -> Vec<Token> {
    read(text, true)
}

/// The tokens of a query: each must be found, so that of a number only the whole counts.
pub(crate) fn of_query(text: &str) -> Vec<Token> {
    read(text, false)
}

fn read(text: &str, parts: bool) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut chunks = text.split_whitespace().map(trimmed).filter(|chunk| !chunk.is_empty()).peekable();
    while let Some(chunk) = chunks.next() {
        if tokens.len() >= MOST_TOKENS {
            break;
        }
        // 04 65 71 12 34, 123 456 789 00012: one number, written in groups.
        let mut group = vec![chunk];
        if is_number(chunk) {
            while let Some(next) = chunks.next_if(|next| {
                let so_far: usize = group.iter().map(|part| digits(part)).sum();
                is_number(next) && so_far + digits(next) <= *GROUPED_DIGITS.end()
            }) {
                group.push(next);
            }
            let all: usize = group.iter().map(|part| digits(part)).sum();
            if GROUPED_DIGITS.contains(&all) {
                number(&group.concat(), parts, &mut tokens);
                continue;
            }
        }
        for chunk in group {
            one(chunk, parts, &mut tokens);
        }
    }
    tokens
}

fn trimmed(chunk: &str) -> &str {
    chunk.trim_matches(|c: char| !c.is_alphanumeric() && c != '+')
}

fn digits(chunk: &str) -> usize {
    chunk.chars().filter(char::is_ascii_digit).count()
}

fn is_number(chunk: &str) -> bool {
    digits(chunk) > 0 && chunk.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '.' | '-'))
}

/// A telephone, SIREN or SIRET number: the digits alone, a French telephone in its national form.
fn number(chunk: &str, parts: bool, tokens: &mut Vec<Token>) {
    let digits: String = chunk.chars().filter(char::is_ascii_digit).collect();
    let national = ["0033", "33"]
        .iter()
        .find(|code| chunk.starts_with('+') && digits.starts_with(**code) || digits.starts_with("0033"))
        .and_then(|code| digits.strip_prefix(code))
        .filter(|rest| rest.len() == 9)
        .map(|rest| format!("0{rest}"));
    let whole = national.unwrap_or(digits);
    if parts && whole.len() == 14 {
        tokens.push(Token::Identifier(whole.chars().take(9).collect()));
    }
    tokens.push(Token::Identifier(whole));
}

fn one(chunk: &str, parts: bool, tokens: &mut Vec<Token>) {
    let pieces: Vec<&str> =
        chunk.split(|c: char| !c.is_alphanumeric()).filter(|piece| !piece.is_empty()).collect();
    let mail = chunk.split_once('@').is_some_and(|(user, host)| !user.is_empty() && !host.is_empty());
    if mail {
        let whole: String =
            chunk.chars().flat_map(char::to_lowercase).filter(|c| !c.is_whitespace()).collect();
        tokens.push(Token::Identifier(cut(&whole)));
    } else if pieces.len() > 1 && chunk.chars().any(|c| c.is_ascii_digit()) && !chunk.contains(['\'', '’'])
    {
        tokens.push(Token::Identifier(cut(&fold(&pieces.concat()).replace(' ', ""))));
    } else {
        for piece in pieces {
            word(piece, tokens);
        }
        return;
    }
    if parts {
        for piece in pieces.into_iter().filter(|piece| piece.chars().count() > 1) {
            word(piece, tokens);
        }
    }
}

fn word(piece: &str, tokens: &mut Vec<Token>) {
    let folded = fold(piece);
    let lone = !folded.contains(' ');
    for folded in folded.split(' ').filter(|folded| !folded.is_empty()) {
        let folded = cut(folded);
        if STOP_WORDS.contains(&folded.as_str()) {
            continue;
        }
        if folded.chars().any(|c| c.is_ascii_digit()) {
            tokens.push(Token::Identifier(folded));
        } else {
            let shown = if lone { cut(&piece.to_lowercase()) } else { folded.clone() };
            tokens.push(Token::Word { folded, shown });
        }
    }
}

/// The words of a document, each with the form that is shown to people.
pub(crate) fn words_of<'t>(tokens: impl Iterator<Item = &'t Token>) -> BTreeMap<String, String> {
    tokens
        .filter_map(|token| match token {
            Token::Word { folded, shown } => Some((folded.clone(), shown.clone())),
            Token::Identifier(_) => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sought(text: &str) -> Vec<String> {
        of_query(text).iter().map(Token::stem).collect()
    }

    fn found(text: &str) -> Vec<String> {
        of_text(text).iter().map(Token::stem).collect()
    }

    #[test]
    fn plurals_accents_and_case_meet() {
        for (one, other) in [
            ("déménagement", "DEMENAGEMENTS"),
            ("travaux", "travaux"),
            ("journal", "journaux"),
            ("bureau", "bureaux"),
            ("noyau", "noyaux"),
            ("œuvre", "oeuvres"),
            ("décidée", "decidees"),
            ("Émilie", "emilie"),
            ("stationnement", "stationnements"),
            ("cours", "cour"),
            ("ças", "cass"),
        ] {
            assert_eq!(sought(one), sought(other), "{one} / {other}");
        }
    }

    #[test]
    fn small_words_are_left_out_and_apostrophes_part() {
        assert_eq!(sought("la rue de l’Église"), sought("rue eglise"));
        assert_eq!(sought("de la"), Vec::<String>::new());
    }

    #[test]
    fn numbers_and_addresses_are_whole_and_in_parts() {
        assert_eq!(sought("04 65 71 12 34"), ["0465711234"]);
        assert_eq!(sought("+33 4 65 71 12 34"), ["0465711234"]);
        assert_eq!(sought("+33465711234"), ["0465711234"]);
        assert_eq!(sought("04.65.71.12.34"), ["0465711234"]);
        assert_eq!(sought("123 456 789 00012"), ["12345678900012"]);
        assert_eq!(found("12345678900012"), ["123456789", "12345678900012"]);
        assert_eq!(sought("2026-7QK4MRT"), ["20267qk4mrt"]);
        assert_eq!(found("2026-7QK4MRT"), ["20267qk4mrt", "2026", "7qk4mrt"]);
        assert_eq!(sought("Marius.Teissier@Example.org"), ["marius.teissier@example.org"]);
        assert!(found("marius.teissier@example.org").contains(&stem("teissier")));
        assert_eq!(sought("12 rue Haute"), ["12", &stem("rue"), &stem("haute")]);
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_read(text in any::<String>()) {
            of_text(&text);
            of_query(&text);
        }

        #[test]
        fn folding_twice_changes_nothing(text in any::<String>()) {
            let once = fold_word(&text);
            prop_assert_eq!(fold_word(&once), once);
        }

        #[test]
        fn an_s_more_is_the_same_word(word in "[a-zéèêàçôû]{3,14}") {
            let folded = fold_word(&word);
            prop_assert_eq!(stem(&format!("{folded}s")), stem(&folded));
        }

        #[test]
        fn what_is_sought_by_its_own_text_is_found(text in "[a-zA-Zéèà0-9@.+ '’-]{0,60}") {
            let found = found(&text);
            for token in sought(&text) {
                prop_assert!(found.contains(&token), "{token} not in {found:?}");
            }
        }
    }
}
