//! What forms and summaries are made of, as every service's templates take it.

use crate::Page;

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
pub struct Fact {
    /// What it is.
    pub label: String,
    /// What is said.
    pub value: String,
    /// Where to change or to read more of it; `""` for nowhere.
    pub href: String,
}

impl Fact {
    /// Those that say something, their labels by their keys.
    pub fn all<'k>(page: &Page, facts: impl IntoIterator<Item = (&'k str, String)>) -> Vec<Self> {
        let fact =
            |(key, value): (&str, String)| Self { label: page.t(key).to_owned(), value, href: String::new() };
        facts.into_iter().filter(|(_, value)| !value.is_empty()).map(fact).collect()
    }
}
