//! What the compiler has to say of a template, line by line, on its way from the worker to whoever wrote it.

use crate::job::TypesetError;

/// Complaints that are told at once.
const AT_MOST: usize = 8;
/// Letters of one complaint.
const LETTERS_AT_MOST: usize = 400;

/// What is wrong with a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The line of its source, from 1, where it is known.
    pub line: Option<usize>,
    /// What the compiler says, in its own words.
    pub words: String,
}

impl Complaint {
    /// As one text: a line each, with its number before it.
    pub(crate) fn joined(complaints: impl Iterator<Item = Self>) -> String {
        let told = complaints.take(AT_MOST).map(|Self { line, words }| {
            let words: String = words.replace('\n', " ").chars().take(LETTERS_AT_MOST).collect();
            format!("{}: {words}", line.unwrap_or_default())
        });
        told.collect::<Vec<_>>().join("\n")
    }

    /// What a refusal says of the template; nothing where it was not refused for what is written in it.
    pub fn of(error: &TypesetError) -> Vec<Self> {
        let TypesetError::Layout(told) = error else { return Vec::new() };
        let read = |text: &str| match text.split_once(": ") {
            Some((line, words)) if line.bytes().all(|letter| letter.is_ascii_digit()) => {
                Self { line: line.parse().ok().filter(|line| *line > 0), words: words.to_owned() }
            }
            _ => Self { line: None, words: text.to_owned() },
        };
        told.lines().map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_come_through_with_their_lines() {
        let told = [
            Complaint { line: Some(12), words: "unknown variable: x".to_owned() },
            Complaint { line: None, words: "PDF/UA-1: two\nlines".to_owned() },
        ];
        let error = TypesetError::Layout(Complaint::joined(told.clone().into_iter()));
        let read = Complaint::of(&error);
        assert_eq!(read[0], told[0]);
        assert_eq!(read[1], Complaint { line: None, words: "PDF/UA-1: two lines".to_owned() });
        assert!(Complaint::of(&TypesetError::Deadline).is_empty());
    }
}
