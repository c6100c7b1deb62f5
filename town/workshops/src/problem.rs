//! What is wrong with a form: told in the summary at the head of its page, and beside the field.

use beffroi_web::Page;

/// A field of a form and the key of what is wrong with it.
pub type Wrong = (&'static str, &'static str);

/// A fault as a page tells it.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The control that bears it.
    pub field: String,
    /// What is wrong, and what to do.
    pub message: String,
}

impl Problem {
    /// All faults, in the reader's words.
    pub fn all(page: &Page, wrong: &[Wrong]) -> Vec<Self> {
        let told =
            |(field, key): &Wrong| Self { field: (*field).to_owned(), message: page.t(key).to_owned() };
        wrong.iter().map(told).collect()
    }

    /// What stands beside a field; `""` where nothing is wrong with it.
    pub fn beside(problems: &[Self], field: &str) -> String {
        let own = problems.iter().filter(|problem| problem.field == field);
        own.map(|problem| problem.message.as_str()).collect::<Vec<_>>().join(" ")
    }
}

/// Something that is chosen from a list.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// What helps to choose; `""` for none.
    pub hint: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

impl Choice {
    /// Without a hint.
    pub fn new(value: &str, label: &str, chosen: bool) -> Self {
        Self { value: value.to_owned(), label: label.to_owned(), hint: String::new(), chosen }
    }
}

/// A row of a summary.
#[derive(Clone, Debug)]
pub struct Row {
    /// What it is.
    pub label: String,
    /// What is said.
    pub value: String,
    /// Where to change it; `""` for nowhere.
    pub href: String,
}

impl Row {
    /// Rows of what is said; what is empty is left out.
    pub fn all<const N: usize>(page: &Page, facts: [(&str, String); N]) -> Vec<Self> {
        let row =
            |(key, value): (&str, String)| Self { label: page.t(key).to_owned(), value, href: String::new() };
        facts.into_iter().filter(|(_, value)| !value.is_empty()).map(row).collect()
    }
}
