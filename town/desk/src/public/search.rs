//! Finding a procedure by the words that people use: accents, capitals and endings do not matter.

use std::sync::Arc;

use beffroi_core::{Lang, text::fold};
use beffroi_forms::CompiledForm;

/// Words that say nothing of what is looked for.
const EMPTY: [&str; 24] = [
    "de", "du", "des", "le", "la", "les", "un", "une", "d", "l", "pour", "et", "en", "mon", "ma", "mes",
    "je", "au", "a", "the", "of", "my", "for", "to",
];
/// Letters that two words share at least to be of one family.
const ROOT: usize = 5;
/// Letters that may end the typed word otherwise: plurals, feminines, a verb for its noun.
const TYPED_ENDING: usize = 2;
/// Letters that may end the known word otherwise.
const KNOWN_ENDING: usize = 4;

/// The procedures that a search finds, the best first.
pub(super) fn search(offered: &[Arc<CompiledForm>], typed: &str, lang: Lang) -> Vec<Arc<CompiledForm>> {
    let wanted: Vec<String> =
        words(typed).into_iter().filter(|word| !EMPTY.contains(&word.as_str())).take(12).collect();
    if wanted.is_empty() {
        return offered.to_vec();
    }
    let found = |known: fn(&str, &str) -> bool| {
        let scored = offered.iter().map(|form| (score(form, &wanted, lang, known), form));
        scored.filter(|(score, _)| *score > 0).collect::<Vec<_>>()
    };
    let mut found = match found(alike) {
        // Nobody spells like this: perhaps it is a slip.
        none if none.is_empty() => found(nearly),
        found => found,
    };
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    found.into_iter().map(|(_, form)| Arc::clone(form)).collect()
}

/// Each word counts where it weighs most: in the title, the keywords, or the rest. Every word must be found.
fn score(form: &CompiledForm, wanted: &[String], lang: Lang, known: fn(&str, &str) -> bool) -> u32 {
    let procedure = form.procedure();
    let title = words(&format!("{} {}", procedure.title.fr, procedure.title.text(lang)));
    let keywords = words(&format!("{} {}", procedure.keywords.join(" "), procedure.life_events.join(" ")));
    let rest = words(&format!("{} {}", procedure.summary.text(lang), procedure.outcome.text(lang)));
    let mut total = 0;
    for word in wanted {
        let weight = [(&title, 8), (&keywords, 4), (&rest, 1)]
            .into_iter()
            .find(|(text, _)| text.iter().any(|it| known(it, word)))
            .map_or(0, |(_, weight)| weight);
        if weight == 0 {
            return 0;
        }
        total += weight;
    }
    total
}

/// The same word but for its ending, or the beginning of one being typed.
fn alike(known: &str, typed: &str) -> bool {
    let shared = known.chars().zip(typed.chars()).take_while(|(a, b)| a == b).count();
    let (long, short) = (known.chars().count(), typed.chars().count());
    shared == short || (shared >= ROOT && long - shared <= KNOWN_ENDING && short - shared <= TYPED_ENDING)
}

/// The same word, or one that is a slip of the fingers away.
fn nearly(known: &str, typed: &str) -> bool {
    let slips = match typed.chars().count() {
        0..=4 => 0,
        5..=8 => 1,
        _ => 2,
    };
    alike(known, typed) || strsim::osa_distance(known, typed) <= slips
}

fn words(text: &str) -> Vec<String> {
    fold(text).split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::{alike, nearly};

    #[test]
    fn endings_and_beginnings_do_not_matter() {
        assert!(alike("terrasse", "terrasses"));
        assert!(alike("demenagement", "demenager"));
        assert!(alike("naissance", "nais"));
        assert!(alike("terrasse", "terrasses") && alike("fetes", "fete"));
        assert!(!alike("naissance", "mariage"));
        assert!(!alike("commune", "communication"));
        assert!(!alike("bar", "barriere"));
    }

    #[test]
    fn a_slip_is_forgiven_where_the_word_is_long_enough() {
        assert!(!alike("naissance", "naissence") && nearly("naissance", "naissence"));
        assert!(nearly("passeport", "paseport") && nearly("creche", "crehce"));
        assert!(!nearly("pacs", "parc") && !nearly("mariage", "naissance"));
    }
}
