//! Answers as a person reads them: on the summary, on the agent's screen, in the acknowledgement.

use std::{collections::BTreeMap, fmt::Write};

use beffroi_core::{Cents, Day, Lang, calendar::long_date};
use serde_json::{Map, Value};

use crate::{Choice, CompiledForm, Field, FieldState, Kind, Known, References};

/// The answers of one page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The page's short name.
    pub page: String,
    /// Its title.
    pub title: String,
    /// Its answers.
    pub lines: Vec<Line>,
}

/// One question and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The field.
    pub path: String,
    /// The question.
    pub label: String,
    /// The answer; `""` where there is none.
    pub value: String,
    /// The files among the answer: document and name.
    pub files: Vec<(String, String)>,
}

struct Reader<'r> {
    lang: Lang,
    references: &'r dyn References,
}

impl CompiledForm {
    /// The answers, page by page. Given what was asked (`states`), questions without an answer are told too.
    pub fn sections(
        &self,
        answers: &Map<String, Value>,
        states: Option<&BTreeMap<String, FieldState>>,
        lang: Lang,
        references: &dyn References,
    ) -> Vec<Section> {
        let reader = Reader { lang, references };
        let asked =
            |path: &str| states.is_some_and(|states| states.get(path).is_some_and(|state| state.shown));
        let sections = self.procedure.form.pages.iter().map(|page| {
            let mut lines = Vec::new();
            for field in page.fields.iter().filter(|field| field.kind.is_question()) {
                match (answers.get(&field.id), &field.kind) {
                    (Some(Value::Array(rows)), Kind::Group { fields, .. }) => {
                        for (number, row) in rows.iter().enumerate() {
                            let label = format!("{} {}", row_name(field, lang), number + 1);
                            for inner in fields {
                                if let Some(answer) = row.get(&inner.id) {
                                    let path = format!("{}.{number}.{}", field.id, inner.id);
                                    let label = format!("{label}\u{a0}– {}", inner.label.text(lang));
                                    lines.push(reader.line(inner, path, label, Some(answer)));
                                }
                            }
                        }
                    }
                    (answer, _) if answer.is_some() || asked(&field.id) => {
                        lines.push(reader.line(
                            field,
                            field.id.clone(),
                            field.label.text(lang).to_owned(),
                            answer,
                        ));
                    }
                    _ => {}
                }
            }
            Section { page: page.id.clone(), title: page.title.text(lang).to_owned(), lines }
        });
        sections.filter(|section| !section.lines.is_empty()).collect()
    }

    /// The documents that answers name, those in rows too.
    pub fn documents<'a>(&self, answers: &'a Map<String, Value>) -> Vec<&'a str> {
        self.procedure.form.pages.iter().flat_map(|page| documents(&page.fields, answers)).collect()
    }

    /// One answer in words; `""` where there is none.
    pub fn value(
        &self,
        id: &str,
        answers: &Map<String, Value>,
        lang: Lang,
        references: &dyn References,
    ) -> String {
        let field = self.fields().map(|(_, field)| field).find(|field| field.id == id);
        match (field, answers.get(id)) {
            (Some(field), Some(answer)) => Reader { lang, references }.words(&field.kind, answer),
            _ => String::new(),
        }
    }

    /// A text in which `{field}` stands for an answer. A name that is no field's stays as it is.
    pub fn fill(&self, text: &str, answers: &Map<String, Value>, references: &dyn References) -> String {
        let steps = Map::new();
        self.fill_with(text, Known { answers, steps: &steps }, references)
    }
}

impl Field {
    /// An answer to this question in words.
    pub fn words(&self, answer: &Value, lang: Lang, references: &dyn References) -> String {
        Reader { lang, references }.words(&self.kind, answer)
    }
}

/// The files of an answer: document and name.
fn files<'a>(kind: &Kind, answer: &'a Value) -> impl Iterator<Item = (&'a str, &'a str)> {
    let files = answer.as_array().filter(|_| matches!(kind, Kind::File { .. }));
    files
        .into_iter()
        .flatten()
        .filter_map(|file| Some((file.get("document")?.as_str()?, file.get("name")?.as_str()?)))
}

fn documents<'a>(fields: &[Field], answers: &'a Map<String, Value>) -> Vec<&'a str> {
    let mut found = Vec::new();
    for field in fields {
        let Some(answer) = answers.get(&field.id) else { continue };
        match &field.kind {
            Kind::Group { fields, .. } => {
                let rows = answer.as_array().into_iter().flatten().filter_map(Value::as_object);
                found.extend(rows.flat_map(|row| documents(fields, row)));
            }
            kind => found.extend(files(kind, answer).map(|(document, _)| document)),
        }
    }
    found
}

/// What a row of a group is called.
pub(crate) fn row_name(field: &Field, lang: Lang) -> &str {
    match &field.kind {
        Kind::Group { row, .. } if !row.is_empty() => row.text(lang),
        _ => field.label.text(lang),
    }
}

impl Reader<'_> {
    fn line(&self, field: &Field, path: String, label: String, answer: Option<&Value>) -> Line {
        let files = answer.into_iter().flat_map(|answer| files(&field.kind, answer));
        let files = files.map(|(document, name)| (document.to_owned(), name.to_owned())).collect();
        let value = answer.map(|answer| self.words(&field.kind, answer)).unwrap_or_default();
        Line { path, label, value, files }
    }

    fn words(&self, kind: &Kind, answer: &Value) -> String {
        let text = || answer.as_str().unwrap_or_default().to_owned();
        let part = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default();
        match kind {
            Kind::Date { .. } => self.day(answer.as_str().unwrap_or_default()),
            Kind::YesNo | Kind::Sworn => match (answer.as_bool().unwrap_or_default(), self.lang) {
                (true, Lang::Fr) => "Oui".to_owned(),
                (false, Lang::Fr) => "Non".to_owned(),
                (true, Lang::En) => "Yes".to_owned(),
                (false, Lang::En) => "No".to_owned(),
            },
            Kind::Number { unit, .. } => {
                let number = answer.to_string();
                let number = number.strip_suffix(".0").unwrap_or(&number).to_owned();
                let number = if self.lang == Lang::Fr { number.replace('.', ",") } else { number };
                if unit.is_empty() { number } else { format!("{number}\u{a0}{}", unit.text(self.lang)) }
            }
            Kind::Money { .. } => Cents(answer.as_i64().unwrap_or_default()).read_in(self.lang),
            Kind::Phone => spaced_phone(answer.as_str().unwrap_or_default()),
            Kind::Time => time(&text(), self.lang),
            Kind::OneOf { choices } => self.choice(choices, answer.as_str().unwrap_or_default()),
            Kind::ManyOf { choices, .. } => {
                let chosen = answer.as_array().into_iter().flatten().filter_map(Value::as_str);
                chosen.map(|value| self.choice(choices, value)).collect::<Vec<_>>().join(", ")
            }
            Kind::List { choices, from } => {
                let code = answer.as_str().unwrap_or_default();
                match from {
                    Some(source) => self.references.name(*source, code, self.lang).unwrap_or_else(text),
                    None => self.choice(choices, code),
                }
            }
            Kind::Address { .. } => part("line").to_owned(),
            Kind::Identity { .. } => self.identity(answer),
            Kind::File { .. } => {
                let files = answer.as_array().into_iter().flatten();
                files.filter_map(|file| file.get("name")?.as_str()).collect::<Vec<_>>().join(", ")
            }
            Kind::Point => {
                let of = |name: &str| answer.get(name).and_then(Value::as_f64).unwrap_or_default();
                format!("{:.5}, {:.5}", of("lat"), of("lon"))
            }
            Kind::Iban => grouped(answer.as_str().unwrap_or_default()),
            _ => text(),
        }
    }

    /// « Marie, Anne DURAND, née le … à … » is said without a gender: the answer tells none.
    fn identity(&self, answer: &Value) -> String {
        let part = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default();
        let mut words = format!("{} {}", part("given_names"), part("family_name"));
        if !part("usual_name").is_empty() {
            let usual = if self.lang == Lang::Fr { "nom d’usage" } else { "used name" };
            let _ = write!(words, " ({usual} {})", part("usual_name"));
        }
        if !part("birth_date").is_empty() {
            let (born, at) = if self.lang == Lang::Fr { ("né(e) le", "à") } else { ("born on", "in") };
            let _ = write!(words, ", {born} {} {at} {}", self.day(part("birth_date")), part("birth_place"));
        }
        words
    }

    fn day(&self, text: &str) -> String {
        text.parse::<Day>().map_or_else(|_| text.to_owned(), |day| long_date(day, self.lang))
    }

    fn choice(&self, choices: &[Choice], value: &str) -> String {
        let choice = choices.iter().find(|choice| choice.value == value);
        choice.map_or(value, |choice| choice.label.text(self.lang)).to_owned()
    }
}

/// `+33612345678` or `0612345678` as it is read aloud: `06 12 34 56 78`.
pub fn spaced_phone(number: &str) -> String {
    let rest = number.strip_prefix("+33").or_else(|| number.strip_prefix('0'));
    let is_national = |rest: &&str| rest.len() == 9 && rest.bytes().all(|digit| digit.is_ascii_digit());
    let Some(rest) = rest.filter(is_national) else { return number.to_owned() };
    let mut spaced = String::from("0");
    for (rank, digit) in rest.chars().enumerate() {
        if rank % 2 == 1 {
            spaced.push('\u{a0}');
        }
        spaced.push(digit);
    }
    spaced
}

/// A time of day as its reader writes it: `14:00` is `14 h`, `9 h 30`, `minuit`; `14:00`, `midnight`.
fn time(text: &str, lang: Lang) -> String {
    let shown = text.strip_prefix('0').filter(|rest| !rest.starts_with(':')).unwrap_or(text);
    match (lang, shown) {
        (Lang::Fr, "0:00" | "00:00") => "minuit".to_owned(),
        (Lang::En, "0:00" | "00:00") => "midnight".to_owned(),
        (Lang::Fr, _) => match shown.strip_suffix(":00") {
            Some(hour) => format!("{hour}\u{a0}h"),
            None => shown.replace(':', "\u{a0}h\u{a0}"),
        },
        (Lang::En, _) => text.to_owned(),
    }
}

fn grouped(text: &str) -> String {
    let plain: Vec<char> = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    plain.chunks(4).map(|chunk| chunk.iter().collect::<String>()).collect::<Vec<_>>().join("\u{a0}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_its_reader_writes_it() {
        let told = ["09:30", "14:00", "00:00", "00:30"].map(|text| time(text, Lang::Fr));
        assert_eq!(told, ["9\u{a0}h\u{a0}30", "14\u{a0}h", "minuit", "0\u{a0}h\u{a0}30"]);
        assert_eq!(["09:30", "00:00"].map(|text| time(text, Lang::En)), ["09:30", "midnight"]);
    }

    #[test]
    fn numbers_are_grouped_as_they_are_read() {
        assert_eq!(spaced_phone("+33612345678"), "06\u{a0}12\u{a0}34\u{a0}56\u{a0}78");
        assert_eq!(spaced_phone("0467000000"), "04\u{a0}67\u{a0}00\u{a0}00\u{a0}00");
        assert_eq!(spaced_phone("+442079460958"), "+442079460958");
        assert_eq!(
            grouped("FR7630006000011234567890189"),
            "FR76\u{a0}3000\u{a0}6000\u{a0}0112\u{a0}3456\u{a0}7890\u{a0}189"
        );
    }
}
