//! What the town handles itself may be read by everybody: each procedure of the catalogue is also written in plain
//! French (FALC), as the European guidelines for it ask: short sentences, everyday words, one idea at a time.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use beffroi_forms::{CompiledForm, Procedure, Text};

/// As many words as somebody who reads with difficulty holds in mind; names in a list make the longest ones.
const SENTENCE: usize = 18;

/// A text of so few words may stand as it is.
const SHORT: usize = 6;

/// What everyday speech does without.
const HARD: [&str; 11] = [
    "afin de",
    "conformément",
    "dispose",
    "formalité",
    "le cas échéant",
    "nonobstant",
    "préalable",
    "requis",
    "susmentionné",
    "susvisé",
    "veuillez",
];

/// The procedures that the town handles itself; the others send people elsewhere.
fn handled() -> Vec<Procedure> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalogue/procedures");
    let mut found: Vec<Procedure> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .map(|text| Procedure::from_toml(&text).unwrap())
        .filter(|procedure| procedure.elsewhere.is_none())
        .collect();
    found.sort_by(|one, other| one.slug.cmp(&other.slug));
    found
}

/// What a resident reads of a procedure, and where it stands: not the town's steps, nor what it writes afterwards.
fn read_by_residents(procedure: &Procedure) -> Vec<(String, Text)> {
    let mut copy = procedure.clone();
    let texts = copy.texts().into_iter();
    texts
        .filter(|(at, _)| !at.starts_with("step[") && !at.starts_with("acknowledgement"))
        .map(|(at, text)| (format!("{}: {at}", procedure.slug), text.clone()))
        .collect()
}

fn words(text: &str) -> usize {
    text.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count()
}

/// The sentences of a text: what ends before a blank and a capital or a figure, so that addresses of sites stay whole.
fn sentences(text: &str) -> Vec<String> {
    let mut sentences = vec![String::new()];
    for word in text.split_whitespace() {
        let ended = sentences.last().is_some_and(|last| last.ends_with(['.', '?', '!']));
        let begins = word.starts_with(|letter: char| letter.is_uppercase() || letter.is_numeric());
        if ended && begins {
            sentences.push(String::new());
        }
        if let Some(last) = sentences.last_mut() {
            last.push(' ');
            last.push_str(word);
        }
    }
    sentences
}

#[test]
fn each_procedure_of_the_town_has_plain_words_for_its_sheet_and_its_questions() {
    let handled = handled();
    assert!(handled.len() >= 19, "{}", handled.len());
    for procedure in &handled {
        let sheet = [
            &procedure.title,
            &procedure.summary,
            &procedure.who,
            &procedure.delay,
            &procedure.cost,
            &procedure.outcome,
        ];
        for text in sheet.into_iter().chain(&procedure.prepare) {
            assert!(text.plain.is_some(), "{}: {}", procedure.slug, text.fr);
        }
        for place in procedure.form.places() {
            let (slug, field) = (&procedure.slug, place.field);
            assert!(field.label.plain.is_some(), "{slug}: {}: {}", field.id, field.label.fr);
        }
        for (at, text) in read_by_residents(procedure) {
            assert!(text.plain.is_some() || words(&text.fr) <= SHORT, "{at}: {}", text.fr);
        }
    }
}

#[test]
fn plain_words_are_short_and_plain() {
    for (at, text) in handled().iter().flat_map(read_by_residents) {
        let Some(plain) = &text.plain else { continue };
        for sentence in sentences(plain) {
            assert!(words(&sentence) <= SENTENCE, "{at}: {sentence}");
        }
        assert!(!plain.contains([';', '…']), "{at}: {plain}");
        let lower = plain.to_lowercase();
        let hard: Vec<&str> = HARD.into_iter().filter(|word| lower.contains(*word)).collect();
        assert!(hard.is_empty(), "{at}: {hard:?}");
        let breaks = [" ?", " :", " !", " €", "« ", " »"].iter().any(|mark| plain.contains(*mark));
        assert!(!breaks, "{at}: a line must not break before a mark: {plain}");
    }
}

#[test]
fn a_form_in_plain_words_asks_the_same() {
    for procedure in handled() {
        let plain = procedure.in_plain_words();
        assert_eq!(plain.check(), [], "{}", plain.slug);
        let marks = |text: &str| text.matches(['{', '}']).count();
        for (at, text) in read_by_residents(&procedure) {
            let plain = text.plain.as_deref().unwrap_or(&text.fr);
            assert_eq!(marks(plain), marks(&text.fr), "{at}");
        }
        let slug = procedure.slug.clone();
        let form = std::sync::Arc::new(CompiledForm::compile(procedure).unwrap());
        assert!(form.has_plain(), "{slug}");
    }
}
