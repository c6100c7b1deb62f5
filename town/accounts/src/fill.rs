//! What forms show: what was typed, what is wrong with it, and what there is to choose from.

use beffroi_web::{FormPost, Page};

/// One thing to be mended, and the control that it is about.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The control's id.
    pub field: &'static str,
    /// What to say.
    pub message: String,
}

/// A form as it is shown.
#[derive(Clone, Debug, Default)]
pub struct Filled {
    values: Vec<(String, String)>,
    /// Everything that is wrong.
    pub problems: Vec<Problem>,
}

impl Filled {
    /// What was typed. Passwords are among it; no template gives their controls a value.
    pub fn of(form: &FormPost) -> Self {
        let values = form.pairs().iter().map(|(name, value)| (name.clone(), value.trim().to_owned()));
        Self { values: values.collect(), problems: Vec::new() }
    }

    /// What is kept.
    pub fn with<const N: usize>(values: [(&str, &str); N]) -> Self {
        let mut filled = Self::default();
        for (name, value) in values {
            filled.set(name, value);
        }
        filled
    }

    /// Fills a control in.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.values.push((name.to_owned(), value.into()));
    }

    /// What a control holds.
    pub fn value(&self, name: &str) -> &str {
        self.values.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }

    /// Whether a box is ticked.
    pub fn holds(&self, name: &str, value: &str) -> bool {
        self.values.iter().any(|(found, held)| found == name && held == value)
    }

    /// What is wrong with a control, or nothing.
    pub fn error(&self, name: &str) -> &str {
        self.problems.iter().find(|it| it.field == name).map_or("", |it| &it.message)
    }

    /// Adds something to be mended.
    pub fn wrong(&mut self, field: &'static str, message: impl Into<String>) {
        self.problems.push(Problem { field, message: message.into() });
    }

    /// Asks for a control that was left empty.
    pub fn require(&mut self, page: &Page, field: &'static str, message: &str) {
        if self.value(field).is_empty() {
            self.wrong(field, page.t(message));
        }
    }

    /// Whether all is well.
    pub const fn is_right(&self) -> bool {
        self.problems.is_empty()
    }
}

/// One thing to choose.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// Said beside it.
    pub hint: &'static str,
    /// Whether it is chosen.
    pub chosen: bool,
}

impl Choice {
    /// One thing to choose in the control `field`.
    pub fn new(filled: &Filled, field: &str, value: impl Into<String>, label: impl Into<String>) -> Self {
        let value = value.into();
        Self { chosen: filled.holds(field, &value), value, label: label.into(), hint: "" }
    }
}

/// How a line of a long form is filled in.
#[derive(Clone, Debug)]
pub enum Control {
    /// One line of text, of this kind (`text`, `email`, `tel`).
    Line(&'static str),
    /// Several lines.
    Lines,
    /// One of these.
    OneOf(Vec<Choice>),
}

/// One line of a long form.
#[derive(Clone, Debug)]
pub struct Line {
    /// The control's id.
    pub id: &'static str,
    /// What is asked.
    pub label: String,
    /// How to answer.
    pub hint: String,
    /// What is there.
    pub value: String,
    /// What is wrong with it.
    pub error: String,
    /// Whether it must be filled in.
    pub required: bool,
    /// How it is filled in.
    pub control: Control,
}

impl Line {
    /// An optional line, worded by `key` and, where there is one, `key-hint`.
    pub fn new(page: &Page, filled: &Filled, key: &str, id: &'static str, control: Control) -> Self {
        let hint_key = format!("{key}-hint");
        let hint = page.t(&hint_key);
        Self {
            id,
            label: page.t(key).to_owned(),
            hint: if hint == hint_key { String::new() } else { hint.to_owned() },
            value: filled.value(id).to_owned(),
            error: filled.error(id).to_owned(),
            required: false,
            control,
        }
    }

    /// The same, to be filled in.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }
}
