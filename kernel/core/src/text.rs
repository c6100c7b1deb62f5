//! How names are compared and put in order, without accents, case or punctuation; and how a telephone number is read.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Lower-case letters and digits, words separated by one space: `Rue de l'Église` is `rue de l eglise`.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut between = false;
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        let letters = match c {
            'œ' => "oe",
            'æ' => "ae",
            'ß' => "ss",
            'ø' => "o",
            'ł' => "l",
            _ if c.is_alphanumeric() => "",
            _ => {
                between = true;
                continue;
            }
        };
        if between && !folded.is_empty() {
            folded.push(' ');
        }
        between = false;
        if letters.is_empty() {
            folded.push(c);
        } else {
            folded.push_str(letters);
        }
    }
    folded
}

/// A telephone number as it is read: a French one by twos, between spaces at which no line breaks; any other as it is.
pub fn phone(text: &str) -> String {
    let digits: Vec<char> = text.chars().filter(|c| !c.is_whitespace() && *c != '.').collect();
    let french =
        digits.len() == 10 && digits.first() == Some(&'0') && digits.iter().all(char::is_ascii_digit);
    if !french {
        return text.to_owned();
    }
    digits.chunks(2).map(|pair| pair.iter().collect::<String>()).collect::<Vec<_>>().join("\u{a0}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_telephone_number_is_read_by_twos_and_stays_on_its_line() {
        for typed in ["0465710020", "04 65 71 00 20", "04.65.71.00.20", "04\u{a0}65\u{a0}71\u{a0}00\u{a0}20"]
        {
            assert_eq!(phone(typed), "04\u{a0}65\u{a0}71\u{a0}00\u{a0}20");
        }
        for other in ["", "3949", "+352 2478 1", "Accueil 04 65 71 00 20"] {
            assert_eq!(phone(other), other);
        }
    }

    #[test]
    fn accents_case_and_punctuation_do_not_count() {
        assert_eq!(fold("  Rue de l’Église-Neuve "), "rue de l eglise neuve");
        assert_eq!(fold("L'Haÿ-les-Roses"), fold("l hay les roses"));
        assert_eq!(fold("Sacré-Cœur"), "sacre coeur");
        assert_eq!(fold("RUE DU 8 MAI 1945"), "rue du 8 mai 1945");
    }
}
