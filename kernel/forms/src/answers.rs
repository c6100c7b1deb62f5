//! Answers as they were typed. Whatever the door, they take this one shape, so that one validation serves
//! all, and so that a wrong answer can be shown again as it was written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Field, Form, Kind, fetch::Fetched};

/// Rows that are read at most, whatever a form allows: what is beyond is not looked at.
const ROWS_AT_MOST: usize = 1_000;

/// Answers as typed: the texts of each control, and the rows of each repeated group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Answers {
    #[serde(default)]
    values: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    groups: BTreeMap<String, Vec<Answers>>,
    /// What the State filled in, by field. Nobody sends it: it is kept with what was typed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    fetched: BTreeMap<String, Fetched>,
}

/// A JSON body that has not the form's shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeFault {
    /// Where: a JSON pointer into the answers.
    pub pointer: String,
    /// What is wrong, in English, for the programmer who wrote the call.
    pub message: String,
}

impl Answers {
    /// Reads what a page sends: controls named `field`, `field-part`, `group.0.field`.
    ///
    /// Rows are put in the order of their numbers, without gaps.
    pub fn from_pairs<'p>(pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> Self {
        let mut answers = Self::default();
        let mut rows: BTreeMap<&str, BTreeMap<u32, Self>> = BTreeMap::new();
        for (name, value) in pairs {
            match row_of(name) {
                Some((group, number, field)) => {
                    let rows = rows.entry(group).or_default();
                    if rows.len() < ROWS_AT_MOST || rows.contains_key(&number) {
                        rows.entry(number).or_default().push(field, value);
                    }
                }
                None => answers.push(name, value),
            }
        }
        for (group, rows) in rows {
            answers.groups.insert(group.to_owned(), rows.into_values().collect());
        }
        answers
    }

    /// Every control with its text, as [`Answers::from_pairs`] reads them.
    pub fn to_pairs(&self) -> Vec<(String, String)> {
        let own = self.values.iter().flat_map(|(name, values)| {
            values.iter().map(|value| (name.clone(), value.clone())).collect::<Vec<_>>()
        });
        let rows = self.groups.iter().flat_map(|(group, rows)| {
            rows.iter().enumerate().flat_map(move |(number, row)| {
                row.to_pairs()
                    .into_iter()
                    .map(move |(name, value)| (format!("{group}.{number}.{name}"), value))
            })
        });
        own.chain(rows).collect()
    }

    /// Reads the answers of an API call: a JSON object by field, in the shapes of the form's JSON Schema.
    ///
    /// # Errors
    /// Each member that the form does not know, or whose shape is not that of its field.
    pub fn from_json(form: &Form, value: &Value) -> Result<Self, Vec<ShapeFault>> {
        let mut answers = Self::default();
        let mut faults = Vec::new();
        let fields: Vec<&Field> = form.pages.iter().flat_map(|page| &page.fields).collect();
        object(&mut answers, &fields, value, "", &mut faults);
        if faults.is_empty() { Ok(answers) } else { Err(faults) }
    }

    /// The first text of a control.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.first().map(String::as_str)
    }

    /// Every text of a control.
    pub fn all(&self, name: &str) -> &[String] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }

    /// The rows of a group.
    pub fn rows(&self, group: &str) -> &[Answers] {
        self.groups.get(group).map_or(&[], Vec::as_slice)
    }

    /// The answers among which a path stands, and its last part: those of a row for `group.0.field`.
    pub fn at<'a, 'p>(&'a self, path: &'p str) -> Option<(&'a Self, &'p str)> {
        match row_of(path) {
            Some((group, number, field)) => {
                let row = self.rows(group).get(usize::try_from(number).ok()?)?;
                Some((row, field))
            }
            None => Some((self, path)),
        }
    }

    /// Writes a control's text, in the place of what was there.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.values.insert(name.to_owned(), vec![value.into()]);
    }

    /// Puts what the State tells into a field's controls, in the place of what was there.
    pub fn fill(&mut self, field: &Field, fetched: Fetched) {
        for name in controls(field) {
            self.values.remove(&name);
        }
        for (name, text) in &fetched.texts {
            self.set(name, text.as_str());
        }
        self.fetched.insert(field.id.clone(), fetched);
    }

    /// What the State filled in, by field, whatever became of it since.
    pub const fn fetched(&self) -> &BTreeMap<String, Fetched> {
        &self.fetched
    }

    /// Whether a field still says what the State said.
    pub fn is_as_fetched(&self, field: &str) -> bool {
        self.fetched.get(field).is_some_and(|fetched| {
            fetched.texts.iter().all(|(name, text)| self.get(name).is_some_and(|typed| typed.trim() == text))
        })
    }

    /// Adds a text to a control, or to one in a row.
    pub fn add(&mut self, path: &str, value: &str) {
        match row_of(path) {
            Some((group, number, field)) => {
                if let Some(row) = usize::try_from(number)
                    .ok()
                    .and_then(|number| self.groups.get_mut(group)?.get_mut(number))
                {
                    row.push(field, value);
                }
            }
            None => self.push(path, value),
        }
    }

    /// Takes a text away from a control.
    pub fn remove(&mut self, path: &str, value: &str) {
        let (values, field) = match row_of(path) {
            Some((group, number, field)) => {
                let row = usize::try_from(number)
                    .ok()
                    .and_then(|number| self.groups.get_mut(group)?.get_mut(number));
                (row.map(|row| &mut row.values), field)
            }
            None => (Some(&mut self.values), path),
        };
        if let Some(found) = values.and_then(|values| values.get_mut(field)) {
            found.retain(|kept| kept != value);
        }
    }

    /// Forgets all that was typed in a control, or in one of a row.
    pub fn clear(&mut self, path: &str) {
        let kept: Vec<String> = self.at(path).map(|(at, name)| at.all(name).to_vec()).unwrap_or_default();
        for value in kept {
            self.remove(path, &value);
        }
    }

    /// Adds an empty row to a group.
    pub fn add_row(&mut self, group: &str) {
        let rows = self.groups.entry(group.to_owned()).or_default();
        if rows.len() < ROWS_AT_MOST {
            rows.push(Self::default());
        }
    }

    /// Takes a row out of a group.
    pub fn remove_row(&mut self, group: &str, number: usize) {
        if let Some(rows) = self.groups.get_mut(group).filter(|rows| number < rows.len()) {
            rows.remove(number);
        }
    }

    /// Puts what a page sent in the place of what was known of the fields that it showed. What it did not
    /// show stays: a question that a condition hides keeps the answer it had.
    ///
    /// Files stay too: they are added and taken away one by one.
    pub fn replace_shown(&mut self, fields: &[Field], shown: &[&str], sent: &Self) {
        for field in fields.iter().filter(|field| shown.contains(&field.id.as_str())) {
            match &field.kind {
                Kind::File { .. } => {}
                Kind::Group { fields, .. } => {
                    let before = self.groups.remove(&field.id).unwrap_or_default();
                    let mut rows: Vec<Self> = sent.rows(&field.id).to_vec();
                    for (row, before) in rows.iter_mut().zip(before) {
                        for file in fields.iter().filter(|field| matches!(field.kind, Kind::File { .. })) {
                            if let Some(kept) = before.values.get(&file.id) {
                                row.values.insert(file.id.clone(), kept.clone());
                            }
                        }
                    }
                    if !rows.is_empty() {
                        self.groups.insert(field.id.clone(), rows);
                    }
                }
                _ => {
                    for name in controls(field) {
                        match sent.values.get(&name) {
                            Some(values) => self.values.insert(name, values.clone()),
                            None => self.values.remove(&name),
                        };
                    }
                }
            }
        }
    }

    fn push(&mut self, name: &str, value: &str) {
        self.values.entry(name.to_owned()).or_default().push(value.to_owned());
    }
}

/// The names of a field's controls.
fn controls(field: &Field) -> impl Iterator<Item = String> + '_ {
    let parts = field.kind.parts().iter().map(move |part| format!("{}-{part}", field.id));
    std::iter::once(field.id.clone()).chain(parts)
}

/// `group.0.field` as its three parts.
fn row_of(name: &str) -> Option<(&str, u32, &str)> {
    let (group, rest) = name.split_once('.')?;
    let (number, field) = rest.split_once('.')?;
    Some((group, number.parse().ok()?, field))
}

fn object(answers: &mut Answers, fields: &[&Field], value: &Value, at: &str, faults: &mut Vec<ShapeFault>) {
    let Some(members) = value.as_object() else {
        return faults.push(fault(at, "an object is expected"));
    };
    for (name, value) in members {
        let pointer = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
        match fields.iter().find(|field| field.id == *name && field.kind.is_question()) {
            // What is computed is given back and never taken.
            Some(field) if !value.is_null() && field.compute.is_none() => {
                member(answers, field, value, &pointer, faults);
            }
            Some(_) => {}
            None => faults.push(fault(&pointer, "the form has no such field")),
        }
    }
}

fn member(answers: &mut Answers, field: &Field, value: &Value, at: &str, faults: &mut Vec<ShapeFault>) {
    let id = &field.id;
    match &field.kind {
        Kind::Group { fields, max_rows, .. } => {
            let Some(items) = value.as_array() else { return faults.push(fault(at, "a list is expected")) };
            let limit = usize::try_from(*max_rows).unwrap_or(ROWS_AT_MOST).saturating_add(1);
            let fields: Vec<&Field> = fields.iter().collect();
            let rows = items.iter().take(limit).enumerate().map(|(number, item)| {
                let mut row = Answers::default();
                object(&mut row, &fields, item, &format!("{at}/{number}"), faults);
                row
            });
            let rows = rows.collect();
            answers.groups.insert(id.clone(), rows);
        }
        Kind::ManyOf { .. } | Kind::File { .. } => {
            let Some(items) = value.as_array() else { return faults.push(fault(at, "a list is expected")) };
            let file = matches!(field.kind, Kind::File { .. });
            for (number, item) in items.iter().enumerate() {
                match item.as_str().or_else(|| item.get("document").filter(|_| file)?.as_str()) {
                    Some(text) => answers.push(id, text),
                    None => faults.push(fault(&format!("{at}/{number}"), "a text is expected")),
                }
            }
        }
        Kind::Identity { .. } | Kind::Point => {
            let Some(members) = value.as_object() else {
                return faults.push(fault(at, "an object is expected"));
            };
            for (name, value) in members {
                let part = if name == "birth_date" { "birth" } else { name };
                let known = part == "birth" || field.kind.parts().contains(&part);
                match plain(value).filter(|_| known) {
                    Some(text) => answers.push(&format!("{id}-{part}"), &text),
                    None if known => {
                        faults.push(fault(&format!("{at}/{name}"), "a text or a number is expected"));
                    }
                    None => faults.push(fault(&format!("{at}/{name}"), "there is no such member")),
                }
            }
        }
        Kind::Address { .. } if value.is_object() => {
            for part in ["line", "key"] {
                if let Some(text) = value.get(part).and_then(Value::as_str) {
                    let name = if part == "line" { id.clone() } else { format!("{id}-key") };
                    answers.push(&name, text);
                }
            }
        }
        Kind::Money { .. } => match value.as_i64() {
            Some(cents) => {
                let sign = if cents < 0 { "-" } else { "" };
                let (euros, cents) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
                answers.push(id, &format!("{sign}{euros}.{cents:02}"));
            }
            None => faults.push(fault(at, "a whole number of cents is expected")),
        },
        _ => match plain(value) {
            Some(text) => answers.push(id, &text),
            None => faults.push(fault(at, "a text, a number or a truth value is expected")),
        },
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        // Written out, where JSON has an exponent: nobody types `1e-6`.
        Value::Number(number) if number.is_f64() => number.as_f64().map(|number| number.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

fn fault(pointer: &str, message: &str) -> ShapeFault {
    ShapeFault { pointer: pointer.to_owned(), message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rows_keep_their_order_without_gaps() {
        let answers = Answers::from_pairs([
            ("enfants.7.nom", "B"),
            ("enfants.2.nom", "A"),
            ("nom", "C"),
            ("jour", "1"),
            ("jour", "2"),
        ]);
        let names: Vec<_> = answers.rows("enfants").iter().map(|row| row.get("nom")).collect();
        assert_eq!(names, [Some("A"), Some("B")]);
        assert_eq!(answers.all("jour"), ["1", "2"]);
        assert_eq!(answers.at("enfants.1.nom").map(|(row, field)| row.get(field)), Some(Some("B")));
    }

    #[test]
    fn a_hostile_number_of_rows_is_not_kept() {
        let names: Vec<String> = (0..5_000).map(|number| format!("g.{number}.a")).collect();
        let answers = Answers::from_pairs(names.iter().map(|name| (name.as_str(), "1")));
        assert_eq!(answers.rows("g").len(), ROWS_AT_MOST);
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_again(pairs in prop::collection::vec(("[a-z]{1,3}(\\.[0-3]\\.[a-z]{1,2})?", ".{0,5}"), 0..20)) {
            let answers = Answers::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
            let again = answers.to_pairs();
            let again = Answers::from_pairs(again.iter().map(|(name, value)| (name.as_str(), value.as_str())));
            prop_assert_eq!(&again, &answers);
            let kept: Answers = serde_json::from_str(&serde_json::to_string(&answers).unwrap()).unwrap();
            prop_assert_eq!(kept, answers);
        }
    }
}
