//! How the name of a street or a place is compared, once folded: small words left out, abbreviations written out.

pub(crate) use beffroi_core::text::fold;

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
    fn small_words_do_not_decide() {
        assert_eq!(words("rue de l eglise"), ["rue", "eglise"]);
        assert_eq!(words("les"), ["les"]);
    }
}
