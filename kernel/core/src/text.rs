//! How names are compared and put in order: without accents, case or punctuation.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_and_punctuation_do_not_count() {
        assert_eq!(fold("  Rue de l’Église-Neuve "), "rue de l eglise neuve");
        assert_eq!(fold("L'Haÿ-les-Roses"), fold("l hay les roses"));
        assert_eq!(fold("Sacré-Cœur"), "sacre coeur");
        assert_eq!(fold("RUE DU 8 MAI 1945"), "rue du 8 mai 1945");
    }
}
