//! What is wrong with a form: told in the summary at the head of its page, and beside the field.

use crate::Page;

/// A field, and the key of what is wrong with it.
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
    /// The one thing that may be wrong with a form, for its summary; nothing where the message is empty.
    pub fn alone(field: &str, message: &str) -> Vec<Self> {
        let problem = || Self { field: field.to_owned(), message: message.to_owned() };
        (!message.is_empty()).then(problem).into_iter().collect()
    }

    /// What was refused, each told beside its field.
    pub fn each(refused: &[(String, String)]) -> Vec<Self> {
        refused
            .iter()
            .map(|(field, message)| Self { field: field.clone(), message: message.clone() })
            .collect()
    }

    /// What was refused, all of it told beside one field.
    pub fn all(refused: &[(String, String)], field: &str) -> Vec<Self> {
        refused
            .iter()
            .map(|(_, message)| Self { field: field.to_owned(), message: message.clone() })
            .collect()
    }

    /// What these keys say, each beside its field.
    pub fn keyed(page: &Page, wrong: &[(&str, &str)]) -> Vec<Self> {
        wrong
            .iter()
            .map(|(field, key)| Self { field: (*field).to_owned(), message: page.t(key).to_owned() })
            .collect()
    }

    /// What stands beside a field: every problem that it has, `""` where it has none.
    pub fn beside(problems: &[Self], field: &str) -> String {
        let own = problems.iter().filter(|problem| problem.field == field);
        own.map(|problem| problem.message.as_str()).collect::<Vec<_>>().join(" ")
    }
}
