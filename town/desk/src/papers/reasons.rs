//! The reasons of a decision as an agent types them, put into the sentences of its paper: after « Considérant que » in an
//! order, as sentences of their own in a letter.

/// How a reason may begin that is typed as a whole sentence of an order.
const CONSIDERING: [&str; 3] = ["considérant ", "considerant ", "attendu "];
const BEGINNINGS: [&str; 3] = ["que ", "qu’", "qu'"];

/// A reason a paragraph, each to stand after « Considérant ». Names keep their capital: `names` are those of the case.
pub(super) fn considered(reasons: &str, names: &[&str]) -> Vec<String> {
    lines(reasons)
        .map(|line| {
            let bare = without_start(line, &CONSIDERING);
            let said = without_start(bare, &BEGINNINGS);
            let elided = said.len() < bare.len() && without_start(bare, &["que "]).len() == bare.len();
            let said = if is_name(said, names) { said.to_owned() } else { lower_first(said) };
            if elided || begins_with_vowel(&said) { format!("qu’{said}") } else { format!("que {said}") }
        })
        .collect()
}

/// The same as sentences, a paragraph each.
pub fn told(reasons: &str) -> String {
    let sentences: Vec<String> = reasons
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| {
            let line = line.trim_end_matches([';', ',', ' ', '\u{a0}', '\u{202f}']);
            let ended = line.ends_with(['.', '!', '?', '…', ':']);
            let item = line.starts_with(['-', '–', '•']);
            let bare = without_start(without_start(line, &CONSIDERING), &BEGINNINGS);
            let said = if item { line.to_owned() } else { upper_first(bare) };
            if ended || item { said } else { format!("{said}.") }
        })
        .collect();
    sentences.join("\n")
}

fn lines(reasons: &str) -> impl Iterator<Item = &str> {
    reasons
        .lines()
        .map(|line| line.trim().trim_end_matches(['.', ';', ',', '…', ' ', '\u{a0}', '\u{202f}']))
        .filter(|line| !line.is_empty())
}

/// The text without the first of these words that it begins with, whatever its capital.
fn without_start<'t>(text: &'t str, starts: &[&str]) -> &'t str {
    let begins = |start: &&&str| text.get(..start.len()).is_some_and(|it| it.to_lowercase() == **start);
    let rest = starts.iter().find(begins).and_then(|start| text.get(start.len()..));
    rest.map_or(text, str::trim_start)
}

/// Whether a text begins with a name: an acronym, an initial, a title, or a name of the case.
fn is_name(text: &str, names: &[&str]) -> bool {
    let end = text.find(|it: char| !it.is_alphanumeric() && it != '-').unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let mut letters = word.chars();
    let first_is_upper = letters.next().is_some_and(char::is_uppercase);
    let second_is_upper = letters.next().is_some_and(|it| it.is_uppercase() || it.is_ascii_digit());
    let is_initial = word.chars().count() == 1 && rest.starts_with('.');
    let titled = ["Mme", "Mlle", "MM", "Me"].contains(&word);
    let known = || names.iter().flat_map(|name| name.split_whitespace()).any(|name| name == word);
    first_is_upper && (second_is_upper || is_initial || titled || known())
}

fn begins_with_vowel(text: &str) -> bool {
    let first = text.chars().next().and_then(|it| it.to_lowercase().next());
    first.is_some_and(|it| "aeiouàâäéèêëîïôöùûü".contains(it))
}

/// The text with a small first letter.
pub(super) fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

pub(super) fn upper_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{considered, told};

    #[test]
    fn reasons_follow_considering() {
        let text = "Le passage des piétons reste libre.\n\nConsidérant que la rue est large ;";
        assert_eq!(considered(text, &[]), ["que le passage des piétons reste libre", "que la rue est large"]);
    }

    #[test]
    fn what_is_typed_in_many_ways_makes_one_sentence() {
        let said = [
            ("trop étroit", "que trop étroit"),
            ("L’emplacement est trop étroit", "que l’emplacement est trop étroit"),
            ("que L’emplacement est pris…", "que l’emplacement est pris"),
            ("QU’il pleut", "qu’il pleut"),
            ("Il n’y a pas de place", "qu’il n’y a pas de place"),
            ("considérant qu’aucun plan n’est joint.", "qu’aucun plan n’est joint"),
            ("SDIS consulté", "que SDIS consulté"),
            ("M. Peyron n’a pas répondu", "que M. Peyron n’a pas répondu"),
            ("Thaïs Abric n’a pas répondu", "que Thaïs Abric n’a pas répondu"),
            ("Lunel est en fête ;", "que Lunel est en fête"),
        ];
        for (typed, expected) in said {
            assert_eq!(considered(typed, &["Thaïs Abric", "Lunel"]), [expected], "{typed}");
        }
    }

    #[test]
    fn a_letter_tells_sentences() {
        assert_eq!(told("trop étroit\n\nLa rue est barrée."), "Trop étroit.\nLa rue est barrée.");
        assert_eq!(told("Il manque :\n- le plan\n- la photo"), "Il manque :\n- le plan\n- la photo");
        assert_eq!(told("considérant qu’aucun plan n’est joint ;"), "Aucun plan n’est joint.");
        assert_eq!(told(""), "");
    }
}
