//! What is wrong with a form: told in the summary at the head of its page, and beside the field; and what its choices
//! and summaries are made of.

use beffroi_web::Page;

/// A field, and the key of what is wrong with it.
pub(crate) type Wrong = (&'static str, &'static str);

/// A fault as a page tells it.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    /// The control that bears it.
    pub(crate) field: String,
    /// What is wrong, and what to do.
    pub(crate) message: String,
}

impl Problem {
    /// All faults, in the reader's words.
    pub(crate) fn all(page: &Page, wrong: &[Wrong]) -> Vec<Self> {
        let told =
            |(field, key): &Wrong| Self { field: (*field).to_owned(), message: page.t(key).to_owned() };
        wrong.iter().map(told).collect()
    }

    /// What stands beside a field; `""` where nothing is wrong with it.
    pub(crate) fn beside(problems: &[Self], field: &str) -> String {
        let own = problems.iter().filter(|problem| problem.field == field);
        own.map(|problem| problem.message.as_str()).collect::<Vec<_>>().join(" ")
    }
}

/// Something that is chosen from a list.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    /// What is sent.
    pub(crate) value: String,
    /// What is read.
    pub(crate) label: String,
    /// What helps to choose; `""` for none.
    pub(crate) hint: String,
    /// Whether it is chosen.
    pub(crate) chosen: bool,
}

impl Choice {
    /// Without a hint.
    pub(crate) fn new(value: &str, label: &str, chosen: bool) -> Self {
        Self { value: value.to_owned(), label: label.to_owned(), hint: String::new(), chosen }
    }
}

/// A row of a summary.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) label: String,
    pub(crate) value: String,
    pub(crate) href: String,
}

impl Row {
    /// Those that say something.
    pub(crate) fn all(page: &Page, rows: Vec<(&str, String)>) -> Vec<Self> {
        rows.into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(key, value)| Self { label: page.t(key).to_owned(), value, href: String::new() })
            .collect()
    }
}
