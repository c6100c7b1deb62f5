//! What is wrong with a form: told in the summary at the head of its page, and beside the field.

use beffroi_web::Page;

use crate::appointment::Wrong;

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

    /// That fewer persons come together.
    pub fn persons(page: &Page, most: usize) -> Self {
        let message = page.tr("appointments-wrong-persons", &[("n", most.into())]);
        Self { field: "personnes".to_owned(), message }
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
