//! What PayFiP takes of references, subjects and addresses. Pure.
//!
//! A reference (`refdet`) has 6 to 30 letters and digits without accents, a subject (`objet`) up to 100 and spaces, an
//! address (`mel`) 6 to 80 characters: the guide of the DGFiP, version 19, as eopayment's `payfip_ws.py` reads it.

use email_address::{EmailAddress, Options};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Letters of a subject, at most.
const SUBJECT_AT_MOST: usize = 100;
/// Characters of a payer's address.
const MAIL: std::ops::RangeInclusive<usize> = 6..=80;
/// Without those that are taken for one another on paper.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// The reference of an attempt, which nobody has used: the order's number as digits, the rank of the attempt, and four
/// letters by chance, because a commune that is restored from a backup counts again from where it was.
///
/// `2026-000042` becomes `202600004201XKQ7`.
pub fn reference(number: &str, rank: u32, chance: [u8; 4]) -> String {
    let digits = number.chars().filter(char::is_ascii_alphanumeric).take(20);
    let rank = format!("{:02}", rank % 100);
    let letters = chance
        .map(|byte| char::from(ALPHABET.get(usize::from(byte) % ALPHABET.len()).copied().unwrap_or(b'X')));
    digits.chain(rank.chars()).chain(letters).collect()
}

/// A subject as PayFiP takes it: letters and digits without accents, words separated by one space.
pub fn subject(text: &str) -> String {
    let mut plain = String::new();
    let mut between = false;
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)) {
        let letters = match c {
            'œ' => "oe",
            'Œ' => "OE",
            'æ' => "ae",
            'Æ' => "AE",
            'ß' => "ss",
            _ if c.is_ascii_alphanumeric() => "",
            _ => {
                between = true;
                continue;
            }
        };
        if between && !plain.is_empty() {
            plain.push(' ');
        }
        between = false;
        if letters.is_empty() {
            plain.push(c);
        } else {
            plain.push_str(letters);
        }
    }
    plain.truncate(SUBJECT_AT_MOST);
    plain.trim_end().to_owned()
}

/// Whether PayFiP takes an address. What it takes beyond this is not known to us.
pub fn is_mail(text: &str) -> bool {
    let options = Options::default().with_required_tld().without_display_text().without_domain_literal();
    text.is_ascii() && MAIL.contains(&text.len()) && EmailAddress::parse_with_options(text, options).is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_subject_has_neither_accents_nor_signs() {
        for (text, plain) in [
            ("Salle des fêtes — 12 déc. 2026", "Salle des fetes 12 dec 2026"),
            ("  L’Œuvre\u{a0}: n°\u{202f}4 ", "L OEuvre n 4"),
            ("Atelier «\u{a0}poterie\u{a0}»", "Atelier poterie"),
            ("Ψ", ""),
        ] {
            assert_eq!(subject(text), plain);
        }
    }

    #[test]
    fn addresses_that_payfip_refuses_are_known_before() {
        assert!(is_mail("awa.diop@lunel.example"));
        for wrong in
            ["", "a@b.c", "john.doeexample.com", "awa@lunel", "é@lunel.example", "A <awa@lunel.example>"]
        {
            assert!(!is_mail(wrong), "{wrong}");
        }
        assert!(!is_mail(&format!("{}@lunel.example", "a".repeat(70))));
    }

    proptest! {
        #[test]
        fn whatever_is_asked_payfip_takes_the_words(text in ".{0,300}", rank in any::<u32>(), chance in any::<[u8; 4]>()) {
            let plain = subject(&text);
            prop_assert!(plain.len() <= 100);
            prop_assert!(plain.bytes().all(|it| it.is_ascii_alphanumeric() || it == b' '));
            prop_assert!(!plain.contains("  ") && plain.trim() == plain);
            let reference = reference("2026-000042", rank, chance);
            prop_assert!((6..=30).contains(&reference.len()));
            prop_assert!(reference.bytes().all(|it| it.is_ascii_alphanumeric()));
        }
    }
}
