//! A condition as a form: a line for each thing that is asked of an answer.

use askama::Template;
use beffroi_forms::{
    ConditionLine, LINES_AT_MOST, Lines, Nature, Operand, Operator, Procedure, Spot, Subject,
};
use beffroi_web::{FormPost, Page};

use super::{
    condition::back,
    fill::{Filled, in_cents, in_euros},
    parts::Gap,
    words,
};
use crate::{control::Choosable, problem::Problem};

/// How a condition is put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// By clicking.
    #[default]
    Lines,
    /// As CEL.
    Text,
}

/// One line as it was typed.
#[derive(Clone, Debug, Default)]
pub struct TypedLine {
    pub subject: String,
    pub operator: String,
    pub values: Vec<String>,
    /// Another answer in the place of a value.
    pub other: String,
}

/// A condition as it was typed.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    pub mode: Mode,
    pub any: bool,
    pub lines: Vec<TypedLine>,
    pub source: String,
    pub message: String,
    pub beside: String,
    pub problems: Vec<Problem>,
}

impl Typed {
    /// Lines that are kept, as the form shows them; an empty one where there are none.
    pub fn of_lines(lines: Option<&Lines>, subjects: &[Subject]) -> Self {
        let mut typed = Self { any: lines.is_some_and(|lines| !lines.all), ..Self::default() };
        for line in lines.into_iter().flat_map(|lines| &lines.lines) {
            let nature =
                subjects.iter().find(|subject| subject.name == line.subject).map(|subject| subject.nature);
            let mut row = TypedLine {
                subject: line.subject.clone(),
                operator: line.operator.word().to_owned(),
                ..TypedLine::default()
            };
            for operand in &line.operands {
                match operand {
                    Operand::Name(name) => row.other.clone_from(name),
                    Operand::Value(value) => row.values.push(match nature {
                        Some(Nature::Cents) => value.parse().map_or_else(|_| value.clone(), in_euros),
                        Some(Nature::Decimal) => value.replace('.', ","),
                        _ => value.clone(),
                    }),
                }
            }
            typed.lines.push(row);
        }
        if typed.lines.is_empty() {
            typed.lines.push(TypedLine::default());
        }
        typed
    }

    /// What a form sent.
    pub fn of_form(form: &FormPost) -> Self {
        let count = Filled::of(form).rows("line").min(LINES_AT_MOST);
        let text = |row: usize, part: &str| form.text(&format!("line-{row}-{part}")).to_owned();
        let lines = (0..count)
            .map(|row| TypedLine {
                subject: text(row, "subject"),
                operator: text(row, "operator"),
                values: form
                    .all(&format!("line-{row}-value"))
                    .map(|value| value.trim().to_owned())
                    .filter(|value| !value.is_empty())
                    .collect(),
                other: text(row, "other"),
            })
            .collect();
        Self {
            mode: if form.text("mode") == "texte" { Mode::Text } else { Mode::Lines },
            any: form.text("all") == "any",
            lines,
            source: form.text("source").to_owned(),
            message: form.text("message").to_owned(),
            beside: form.text("beside").to_owned(),
            problems: Vec::new(),
        }
    }

    /// Does what a button asks of the lines; false where none was pressed.
    pub fn arrange(&mut self, form: &FormPost) -> bool {
        if form.get("add").is_some() {
            if self.lines.len() < LINES_AT_MOST {
                self.lines.push(TypedLine::default());
            }
            return true;
        }
        if let Some(row) = form.get("remove").and_then(|row| row.parse::<usize>().ok()) {
            if row < self.lines.len() {
                self.lines.remove(row);
            }
            if self.lines.is_empty() {
                self.lines.push(TypedLine::default());
            }
            return true;
        }
        form.get("refresh").is_some()
    }

    /// Marks a control.
    pub fn wrong(&mut self, field: &str, message: impl Into<String>) {
        self.problems.push(Problem { field: field.to_owned(), message: message.into() });
    }

    /// The row in which the line of a rank stands: rows without a question are passed over.
    pub fn row_of(&self, rank: usize) -> usize {
        let rows = self.lines.iter().enumerate().filter(|(_, line)| !line.subject.is_empty());
        rows.map(|(row, _)| row).nth(rank).unwrap_or(0)
    }

    /// Whether a condition here says something when it fails.
    #[expect(clippy::unused_self, reason = "asked of what was typed, at this spot")]
    pub const fn speaks(&self, spot: &Spot) -> bool {
        matches!(spot, Spot::Check { .. } | Spot::FormCheck(_))
    }

    /// The lines as the engine knows them; marks what cannot be read.
    pub fn lines(&mut self, subjects: &[Subject], page: &Page) -> Option<Lines> {
        let mut lines = Vec::new();
        let mut wrong = Vec::new();
        for (row, line) in self.lines.iter().enumerate().filter(|(_, line)| !line.subject.is_empty()) {
            let Some(subject) = subjects.iter().find(|subject| subject.name == line.subject) else {
                wrong.push((format!("line-{row}-subject"), "office-builder-wrong-subject"));
                continue;
            };
            let operator = Operator::from_word(&line.operator)
                .filter(|operator| subject.nature.operators().contains(operator));
            let Some(operator) = operator else {
                wrong.push((format!("line-{row}-operator"), "office-builder-wrong-operator"));
                continue;
            };
            let operands = if operator.compares() && !line.other.is_empty() {
                vec![Operand::Name(line.other.clone())]
            } else if operator.takes_value() {
                line.values
                    .iter()
                    .map(|value| Operand::Value(written(subject.nature, operator, value)))
                    .collect()
            } else {
                Vec::new()
            };
            if operator.takes_value() && operands.is_empty() {
                wrong.push((format!("line-{row}-value"), "office-builder-wrong-value"));
                continue;
            }
            lines.push(ConditionLine { subject: line.subject.clone(), operator, operands });
        }
        let right = wrong.is_empty();
        for (field, key) in wrong {
            self.wrong(&field, page.t(key));
        }
        right.then_some(Lines { all: !self.any || lines.len() < 2, lines })
    }
}

/// A value as CEL compares it: amounts in cents, points for commas.
fn written(nature: Nature, operator: Operator, value: &str) -> String {
    let plain = value.replace([' ', '\u{a0}', '\u{202f}', '€'], "").replace(',', ".");
    match nature {
        Nature::Cents if operator.compares() => {
            in_cents(&plain).map_or_else(|| value.to_owned(), |cents| cents.to_string())
        }
        Nature::Whole | Nature::Decimal => plain,
        Nature::Day | Nature::Several | Nature::Choices
            if !operator.compares() && operator != Operator::Holds && operator != Operator::HoldsNot =>
        {
            plain
        }
        _ => value.to_owned(),
    }
}

/// How the value of a line is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueShape {
    None,
    Text,
    Number,
    Euros,
    Day,
    Time,
    Years,
    Days,
    One,
    Several,
}

/// A line as the page shows it.
pub struct Row {
    pub rank: usize,
    pub number: usize,
    pub subjects: Vec<Choosable>,
    pub subject_error: String,
    pub operators: Vec<Choosable>,
    pub operator_error: String,
    pub shape: ValueShape,
    pub value: String,
    pub value_error: String,
    pub values: Vec<Choosable>,
    pub others: Vec<Choosable>,
    /// What its controls depend on: they come anew when it changes.
    pub key: String,
}

#[derive(Template)]
#[template(path = "builder/condition.html")]
#[expect(clippy::struct_excessive_bools, reason = "a page is shown in many ways, which go together freely")]
pub struct ConditionView {
    pub page: Page,
    pub back: String,
    pub procedure: String,
    pub title: String,
    pub text: String,
    pub action: String,
    pub rows: Vec<Row>,
    pub any: bool,
    pub is_text: bool,
    pub may_add: bool,
    pub source: String,
    pub source_error: String,
    pub speaks: bool,
    pub message: String,
    pub message_error: String,
    pub besides: Vec<Choosable>,
    pub beside_error: String,
    pub names: Vec<(String, String)>,
    pub problems: Vec<Problem>,
    pub flaws: Vec<Gap>,
    pub seen: String,
    pub overtaken: String,
    pub clear: String,
    pub other_mode: String,
    /// The condition as CEL, where the lines can be written.
    pub cel: String,
}

impl ConditionView {
    /// The page of one condition.
    pub fn new(
        page: Page,
        base: &str,
        procedure: &Procedure,
        spot: &Spot,
        (subjects, typed): (&[Subject], &Typed),
        seen: String,
    ) -> Self {
        let kind = match spot {
            Spot::PageShow(_) => "page",
            Spot::Show(_) => "show",
            Spot::Required(_) => "required",
            Spot::Check { .. } => "check",
            Spot::FormCheck(_) => "form-check",
            Spot::LimitWhen(_) => "limit",
            Spot::StepWhen(_) => "step",
            Spot::ActionWhen { .. } => "action",
            Spot::LimitMost(_) | Spot::Compute(_) => "value",
        };
        let place = words::within(&words::place(&page, procedure, &procedure.place_of(spot)));
        let action = format!("{base}/condition?lieu={}", spot.word());
        let besides = if matches!(spot, Spot::FormCheck(_)) {
            procedure
                .form
                .pages
                .iter()
                .flat_map(|page| &page.fields)
                .filter(|field| field.kind.is_question())
                .map(|field| Choosable {
                    value: field.id.clone(),
                    label: field.label.fr.clone(),
                    hint: String::new(),
                    chosen: field.id == typed.beside,
                })
                .collect()
        } else {
            Vec::new()
        };
        let rows = typed.lines.iter().enumerate().map(|(rank, line)| row(&page, subjects, typed, rank, line));
        let rows = rows.collect();
        let exists = procedure.expression(spot).is_some();
        let clear = if exists {
            page.t(&format!("office-builder-condition-clear-{kind}")).to_owned()
        } else {
            String::new()
        };
        let mut preview = typed.clone();
        let cel = preview
            .lines(subjects, &page)
            .filter(|lines| !lines.lines.is_empty())
            .and_then(|lines| lines.to_cel(subjects).ok())
            .unwrap_or_default();
        Self {
            back: back(base, spot),
            procedure: procedure.title.fr.clone(),
            title: page.tr(&format!("office-builder-condition-{kind}"), &[("place", place.into())]),
            text: page.t(&format!("office-builder-condition-{kind}-text")).to_owned(),
            any: typed.any,
            is_text: typed.mode == Mode::Text,
            may_add: typed.lines.len() < LINES_AT_MOST,
            source: typed.source.clone(),
            source_error: Problem::beside(&typed.problems, "source"),
            speaks: typed.speaks(spot),
            message: typed.message.clone(),
            message_error: Problem::beside(&typed.problems, "message"),
            beside_error: Problem::beside(&typed.problems, "beside"),
            names: subjects
                .iter()
                .map(|subject| (subject.name.clone(), words::subject(&page, subject)))
                .collect(),
            problems: typed.problems.clone(),
            flaws: Vec::new(),
            overtaken: String::new(),
            other_mode: if typed.mode == Mode::Text {
                action.clone()
            } else {
                format!("{action}&mode=texte")
            },
            action,
            besides,
            rows,
            clear,
            cel,
            seen,
            page,
        }
    }
}

fn row(page: &Page, subjects: &[Subject], typed: &Typed, rank: usize, line: &TypedLine) -> Row {
    let about = subjects.iter().find(|subject| subject.name == line.subject);
    let operators = about.map_or(&[][..], |subject| subject.nature.operators());
    let operator = Operator::from_word(&line.operator)
        .filter(|operator| operators.contains(operator))
        .or_else(|| operators.first().copied());
    let shape = match (about.map(|about| about.nature), operator) {
        (Some(nature), Some(operator)) if operator.takes_value() => shape(nature, operator),
        _ => ValueShape::None,
    };
    let others = match (about, operator) {
        (Some(about), Some(operator)) if operator.compares() => others(page, subjects, about, &line.other),
        _ => Vec::new(),
    };
    let values = about.map_or_else(Vec::new, |about| {
        about
            .choices
            .iter()
            .map(|choice| Choosable {
                value: choice.value.clone(),
                label: choice.label.fr.clone(),
                hint: String::new(),
                chosen: line.values.contains(&choice.value),
            })
            .collect()
    });
    Row {
        rank,
        number: rank + 1,
        subjects: subjects
            .iter()
            .map(|subject| Choosable {
                value: subject.name.clone(),
                label: words::subject(page, subject),
                hint: String::new(),
                chosen: subject.name == line.subject,
            })
            .collect(),
        subject_error: Problem::beside(&typed.problems, &format!("line-{rank}-subject")),
        operators: operators
            .iter()
            .map(|known| Choosable {
                value: known.word().to_owned(),
                label: page.t(&format!("office-builder-operator-{}", known.word())).to_owned(),
                hint: String::new(),
                chosen: Some(*known) == operator,
            })
            .collect(),
        operator_error: Problem::beside(&typed.problems, &format!("line-{rank}-operator")),
        value: line.values.first().cloned().unwrap_or_default(),
        value_error: Problem::beside(&typed.problems, &format!("line-{rank}-value")),
        key: format!("{}-{}", line.subject, operator.map_or("", Operator::word)),
        shape,
        values,
        others,
    }
}

fn shape(nature: Nature, operator: Operator) -> ValueShape {
    match (nature, operator) {
        (_, Operator::YearsAtLeast | Operator::YearsBelow) => ValueShape::Years,
        (_, Operator::DaysAtLeast | Operator::DaysAtMost) => ValueShape::Days,
        (_, Operator::CountAtLeast | Operator::CountAtMost) => ValueShape::Number,
        (_, Operator::Among | Operator::NotAmong) => ValueShape::Several,
        (Nature::Choice | Nature::Choices, _) => ValueShape::One,
        (Nature::Whole | Nature::Decimal, _) => ValueShape::Number,
        (Nature::Cents, _) => ValueShape::Euros,
        (Nature::Day, _) => ValueShape::Day,
        (Nature::Time, _) => ValueShape::Time,
        _ => ValueShape::Text,
    }
}

/// The other answers with which this one may be compared.
fn others(page: &Page, subjects: &[Subject], about: &Subject, chosen: &str) -> Vec<Choosable> {
    if !matches!(about.nature, Nature::Day | Nature::Time | Nature::Whole | Nature::Decimal | Nature::Cents) {
        return Vec::new();
    }
    let choosable = |value: &str, label: String| Choosable {
        value: value.to_owned(),
        label,
        hint: String::new(),
        chosen: value == chosen,
    };
    let today =
        (about.nature == Nature::Day).then(|| choosable("today", page.t("office-builder-today").to_owned()));
    let same = subjects.iter().filter(|other| other.nature == about.nature && other.name != about.name);
    today.into_iter().chain(same.map(|other| choosable(&other.name, words::subject(page, other)))).collect()
}
