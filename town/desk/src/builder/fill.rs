//! What the builder's forms show: what was typed, what is wrong with it, and what there is to choose from. A form is a
//! list of controls, so that one template shows them all.

use beffroi_web::{FormPost, Page};
use sha2::{Digest, Sha256};

use crate::{control::Choosable, problem::Problem};

/// Rows of one list that are read, at most.
const ROWS_AT_MOST: usize = 200;

/// A form as it is shown.
#[derive(Clone, Debug, Default)]
pub struct Filled {
    values: Vec<(String, String)>,
    /// Everything that is wrong.
    pub problems: Vec<Problem>,
}

impl Filled {
    /// What was typed.
    pub fn of(form: &FormPost) -> Self {
        Self { values: form.pairs().to_vec(), problems: Vec::new() }
    }

    /// Fills a control in.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.values.push((name.to_owned(), value.into()));
    }

    /// Fills a control in with a number, if there is one.
    pub fn set_number(&mut self, name: &str, value: Option<impl ToString>) {
        self.set(name, value.map(|value| value.to_string()).unwrap_or_default());
    }

    /// What a control holds.
    pub fn value(&self, name: &str) -> &str {
        self.values.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }

    /// What a control holds, without the blanks around it.
    pub fn text(&self, name: &str) -> &str {
        self.value(name).trim()
    }

    /// Everything that a control holds.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.values.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Whether a box is ticked.
    pub fn holds(&self, name: &str, value: &str) -> bool {
        self.values.iter().any(|(found, held)| found == name && held == value)
    }

    /// What is wrong with a control, or nothing.
    pub fn error(&self, name: &str) -> String {
        Problem::beside(&self.problems, name)
    }

    /// Says what is wrong in words, where it was marked by the key of its text.
    pub fn tell(&mut self, page: &Page) {
        for problem in &mut self.problems {
            if problem.message.starts_with("office-") {
                problem.message = page.t(&problem.message).to_owned();
            }
        }
    }

    /// Adds something to be mended: the key of its text, or the text.
    pub fn wrong(&mut self, field: &str, message: impl Into<String>) {
        self.problems.push(Problem { field: field.to_owned(), message: message.into() });
    }

    /// Whether all is well.
    pub const fn is_right(&self) -> bool {
        self.problems.is_empty()
    }

    /// A whole number, where one was written.
    ///
    /// Marks the control where what was written is none.
    pub fn number<T: std::str::FromStr>(&mut self, name: &str) -> Option<T> {
        let text = self.text(name).replace([' ', '\u{a0}', '\u{202f}'], "").replace(',', ".");
        if text.is_empty() {
            return None;
        }
        let number = text.parse().ok();
        if number.is_none() {
            self.wrong(name, "office-builder-wrong-number");
        }
        number
    }

    /// An amount in euros, in cents.
    pub fn cents(&mut self, name: &str) -> Option<i64> {
        let text = self.text(name).replace([' ', '\u{a0}', '\u{202f}', '€'], "").replace(',', ".");
        if text.is_empty() {
            return None;
        }
        let cents = in_cents(&text);
        if cents.is_none() {
            self.wrong(name, "office-builder-wrong-amount");
        }
        cents
    }

    /// A day, where one was written.
    pub fn day(&mut self, name: &str) -> Option<beffroi_core::Day> {
        let text = self.text(name).to_owned();
        if text.is_empty() {
            return None;
        }
        let day = text.parse().ok();
        if day.is_none() {
            self.wrong(name, "office-builder-wrong-day");
        }
        day
    }

    /// The lines of a text area that are not empty.
    pub fn lines(&self, name: &str) -> Vec<String> {
        self.value(name).lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    /// The paragraphs of a text area, which empty lines part.
    pub fn paragraphs(&self, name: &str) -> Vec<String> {
        let text = self.value(name).replace('\r', "");
        let parts = text.split("\n\n").map(str::trim).filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    }

    /// How many rows of a list are there: `legal-0-text`, `legal-1-text`, …
    pub fn rows(&self, list: &str) -> usize {
        let begin = format!("{list}-");
        let ranks = self
            .values
            .iter()
            .filter_map(|(name, _)| name.strip_prefix(&begin)?.split('-').next()?.parse::<usize>().ok());
        ranks.max().map_or(0, |last| (last + 1).min(ROWS_AT_MOST))
    }

    /// What a row of a list says.
    pub fn cell(&self, list: &str, row: usize, column: &str) -> &str {
        self.text(&format!("{list}-{row}-{column}"))
    }

    /// Does what a button asks of a list: one more row, one row less, one row up. False where no button was pressed.
    pub fn arrange(&mut self, lists: &[(&str, &[&str])]) -> bool {
        for (list, columns) in lists {
            if self.holds("add", list) {
                let rank = self.rows(list);
                for column in *columns {
                    self.set(&format!("{list}-{rank}-{column}"), "");
                }
                return true;
            }
            let pressed = |button: &str| {
                self.value(button).strip_prefix(*list)?.strip_prefix('-')?.parse::<usize>().ok()
            };
            if let Some(row) = pressed("remove") {
                let last = self.rows(list);
                for next in row..last {
                    for column in *columns {
                        let following = self.value(&format!("{list}-{}-{column}", next + 1)).to_owned();
                        self.replace(&format!("{list}-{next}-{column}"), following);
                    }
                }
                let begin = format!("{list}-{}-", last.saturating_sub(1));
                self.values.retain(|(name, _)| !name.starts_with(&begin));
                return true;
            }
            if let Some(row) = pressed("up").filter(|row| *row > 0) {
                for column in *columns {
                    let (one, other) =
                        (format!("{list}-{}-{column}", row - 1), format!("{list}-{row}-{column}"));
                    let (first, second) = (self.value(&one).to_owned(), self.value(&other).to_owned());
                    self.replace(&one, second);
                    self.replace(&other, first);
                }
                return true;
            }
        }
        false
    }

    fn replace(&mut self, name: &str, value: String) {
        match self.values.iter_mut().find(|(found, _)| found == name) {
            Some((_, held)) => *held = value,
            None => self.values.push((name.to_owned(), value)),
        }
    }

    /// What these values are, in short: two agents who saw the same wrote over nothing.
    pub fn fingerprint(&self) -> String {
        let mut digest = Sha256::new();
        for (name, value) in &self.values {
            digest.update(name.as_bytes());
            digest.update([0]);
            digest.update(value.as_bytes());
            digest.update([0]);
        }
        hex::encode(digest.finalize()).chars().take(32).collect()
    }
}

/// `12.5` in cents, without a detour through numbers that cannot hold it.
pub fn in_cents(text: &str) -> Option<i64> {
    let (euros, cents) = text.split_once('.').unwrap_or((text, ""));
    if cents.len() > 2 || !cents.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let fraction: i64 = format!("{cents:0<2}").parse().ok()?;
    let whole: i64 = euros.parse().ok()?;
    whole.checked_mul(100)?.checked_add(if euros.starts_with('-') { -fraction } else { fraction })
}

/// Cents as a form shows them: `12,50`.
pub fn in_euros(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{},{:02}", cents.unsigned_abs() / 100, cents.unsigned_abs() % 100)
}

/// How a control is filled in.
#[derive(Clone, Debug)]
pub enum Shape {
    /// One line, of this kind (`text`, `date`, `number`) and width (`""` for the whole).
    Line(&'static str, &'static str),
    /// Several lines.
    Area(u8),
    /// One of many.
    Select(Vec<Choosable>),
    /// One of a few.
    Radios(Vec<Choosable>),
    /// Several of a few.
    Boxes(Vec<Choosable>),
    /// One box.
    Tick(bool),
    /// A list of rows.
    Rows(Rows),
    /// A title between controls.
    Title,
}

/// A list that is filled in row by row.
#[derive(Clone, Debug)]
pub struct Rows {
    /// What adding one more is called.
    pub add: String,
    /// What a row is called.
    pub name: String,
    /// Each row's cells.
    pub cells: Vec<Vec<Cell>>,
}

/// One cell of a row.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The control.
    pub id: String,
    /// What is asked.
    pub label: String,
    /// What is there.
    pub value: String,
    /// What is wrong with it.
    pub error: String,
    /// Whether it has several lines.
    pub area: bool,
    /// What there is to choose from; nothing where it is written.
    pub choices: Vec<Choosable>,
}

/// One control of a form.
#[derive(Clone, Debug)]
pub struct Control {
    /// Its id.
    pub id: String,
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
    pub shape: Shape,
}

/// Makes controls of a form, worded by `office-builder-<part>-<id>`, with `…-hint` where there is one.
pub struct Desk<'p> {
    /// The frame.
    pub page: &'p Page,
    /// What is there.
    pub filled: &'p Filled,
    /// The beginning of its words.
    pub part: &'static str,
}

impl Desk<'_> {
    fn words(&self, id: &str) -> String {
        format!("office-builder-{}-{id}", self.part)
    }

    /// A text, where there is one under this key.
    fn told(&self, key: &str) -> String {
        let text = self.page.t(key);
        if text == key { String::new() } else { text.to_owned() }
    }

    /// A control.
    pub fn control(&self, id: &str, shape: Shape) -> Control {
        let key = self.words(id);
        Control {
            id: id.to_owned(),
            label: self.page.t(&key).to_owned(),
            hint: self.told(&format!("{key}-hint")),
            value: self.filled.value(id).to_owned(),
            error: self.filled.error(id),
            required: true,
            shape,
        }
    }

    /// One line of text.
    pub fn line(&self, id: &str) -> Control {
        self.control(id, Shape::Line("text", ""))
    }

    /// A short line.
    pub fn short(&self, id: &str, width: &'static str) -> Control {
        self.control(id, Shape::Line("text", width))
    }

    /// Several lines.
    pub fn area(&self, id: &str, rows: u8) -> Control {
        self.control(id, Shape::Area(rows))
    }

    /// A day.
    pub fn day(&self, id: &str) -> Control {
        self.control(id, Shape::Line("date", "10"))
    }

    /// One box.
    pub fn tick(&self, id: &str) -> Control {
        self.control(id, Shape::Tick(!self.filled.value(id).is_empty()))
    }

    /// A title between controls.
    pub fn title(&self, id: &str) -> Control {
        self.control(id, Shape::Title)
    }

    /// Choices worded by `office-builder-<part>-<id>-<value>`.
    pub fn choices(&self, id: &str, values: &[&str]) -> Vec<Choosable> {
        let key = self.words(id);
        let choice = |value: &&str| Choosable {
            value: (*value).to_owned(),
            label: self.page.t(&format!("{key}-{value}")).to_owned(),
            hint: self.told(&format!("{key}-{value}-hint")),
            chosen: self.filled.holds(id, value),
        };
        values.iter().map(choice).collect()
    }

    /// Choices that bear their own labels.
    pub fn labelled(&self, id: &str, values: impl IntoIterator<Item = (String, String)>) -> Vec<Choosable> {
        let choice = |(value, label): (String, String)| Choosable {
            chosen: self.filled.holds(id, &value),
            value,
            label,
            hint: String::new(),
        };
        values.into_iter().map(choice).collect()
    }

    /// A list of rows; `columns` are the ends of their controls' names, with whether they have several lines.
    pub fn list(&self, id: &str, columns: &[(&str, bool)]) -> Control {
        let rows = self.filled.rows(id).max(1);
        let cell = |row: usize, column: &str, area: bool| {
            let name = format!("{id}-{row}-{column}");
            Cell {
                label: self.page.t(&self.words(&format!("{id}-{column}"))).to_owned(),
                value: self.filled.value(&name).to_owned(),
                error: self.filled.error(&name),
                area,
                choices: Vec::new(),
                id: name,
            }
        };
        let rows = (0..rows)
            .map(|row| columns.iter().map(|(column, area)| cell(row, column, *area)).collect())
            .collect();
        self.rows(id, rows)
    }

    /// A list of rows in each of which one thing is chosen; `choices` are those of a control.
    pub fn list_of_choices(
        &self,
        id: &str,
        column: &str,
        choices: impl Fn(&str) -> Vec<Choosable>,
    ) -> Control {
        let cell = |row: usize| {
            let name = format!("{id}-{row}-{column}");
            Cell {
                label: self.page.t(&self.words(&format!("{id}-{column}"))).to_owned(),
                value: self.filled.value(&name).to_owned(),
                error: self.filled.error(&name),
                area: false,
                choices: choices(&name),
                id: name,
            }
        };
        let rows = (0..self.filled.rows(id).max(1)).map(|row| vec![cell(row)]).collect();
        self.rows(id, rows)
    }

    fn rows(&self, id: &str, cells: Vec<Vec<Cell>>) -> Control {
        let list = Rows {
            add: self.page.t(&self.words(&format!("{id}-add"))).to_owned(),
            name: self.page.t(&self.words(&format!("{id}-row"))).to_owned(),
            cells,
        };
        self.control(id, Shape::Rows(list))
    }
}

impl Control {
    /// The same, to be left empty at will.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.required = false;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(pairs: &[(&str, &str)]) -> Filled {
        let mut filled = Filled::default();
        for (name, value) in pairs {
            filled.set(name, *value);
        }
        filled
    }

    #[test]
    fn amounts_are_read_to_the_cent() {
        for (text, cents) in
            [("12.5", Some(1250)), ("0.07", Some(7)), ("-3", Some(-300)), ("1.234", None), ("a", None)]
        {
            assert_eq!(in_cents(text), cents, "{text}");
        }
        assert_eq!(in_euros(1250), "12,50");
    }

    #[test]
    fn rows_come_and_go_and_keep_what_was_typed() {
        let columns: &[(&str, &[&str])] = &[("basis", &["text", "url"])];
        let three = [
            ("basis-0-text", "a"),
            ("basis-0-url", ""),
            ("basis-1-text", "b"),
            ("basis-1-url", "u"),
            ("basis-2-text", "c"),
            ("basis-2-url", ""),
        ];
        let texts = |filled: &Filled| {
            (0..filled.rows("basis"))
                .map(|row| filled.cell("basis", row, "text").to_owned())
                .collect::<Vec<_>>()
        };
        let mut removed = filled(&three);
        removed.set("remove", "basis-0");
        assert!(removed.arrange(columns));
        assert_eq!(texts(&removed), ["b", "c"]);
        let mut up = filled(&three);
        up.set("up", "basis-1");
        assert!(up.arrange(columns));
        assert_eq!((texts(&up), up.cell("basis", 0, "url")), (vec!["b".into(), "a".into(), "c".into()], "u"));
        let mut more = filled(&three);
        more.set("add", "basis");
        assert!(more.arrange(columns));
        assert_eq!(more.rows("basis"), 4);
        assert!(!filled(&three).arrange(columns));
    }
}
