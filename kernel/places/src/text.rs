//! How a name is compared: without accents, case or punctuation, abbreviations written out.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Words that people leave out or confuse, so they never decide.
const SMALL_WORDS: [&str; 11] = ["d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "aux"];

/// What people and files write for short.
const ABBREVIATIONS: [(&str, &str); 29] = [
    ("all", "allee"),
    ("av", "avenue"),
    ("ave", "avenue"),
    ("bd", "boulevard"),
    ("bld", "boulevard"),
    ("boul", "boulevard"),
    ("bvd", "boulevard"),
    ("carr", "carrefour"),
    ("che", "chemin"),
    ("chem", "chemin"),
    ("crs", "cours"),
    ("dr", "docteur"),
    ("esp", "esplanade"),
    ("fbg", "faubourg"),
    ("fg", "faubourg"),
    ("gal", "general"),
    ("imp", "impasse"),
    ("lot", "lotissement"),
    ("mal", "marechal"),
    ("pass", "passage"),
    ("pl", "place"),
    ("pr", "professeur"),
    ("prom", "promenade"),
    ("res", "residence"),
    ("rte", "route"),
    ("sq", "square"),
    ("st", "saint"),
    ("ste", "sainte"),
    ("za", "zone"),
];

/// Lower-case letters and digits, words separated by one space: `Rue de l'Église` is `rue de l eglise`.
pub(crate) fn fold(text: &str) -> String {
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

/// The word that an abbreviation stands for.
pub(crate) fn written_out(word: &str) -> Option<&'static str> {
    ABBREVIATIONS.iter().find(|(short, _)| *short == word).map(|(_, long)| *long)
}

/// The words of a folded text that decide, in order. A text of small words only keeps them all.
pub(crate) fn words(folded: &str) -> Vec<&str> {
    let deciding: Vec<_> =
        folded.split(' ').filter(|word| !word.is_empty() && !SMALL_WORDS.contains(word)).collect();
    if deciding.is_empty() { folded.split(' ').filter(|word| !word.is_empty()).collect() } else { deciding }
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

    #[test]
    fn small_words_do_not_decide() {
        assert_eq!(words("rue de l eglise"), ["rue", "eglise"]);
        assert_eq!(words("les"), ["les"]);
    }
}
