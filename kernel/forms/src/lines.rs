//! Conditions as lines that can be clicked together: a question, what is asked of its answer, a value; all of them or
//! any of them. What CEL says beyond that stays text: [`Lines::of`] answers `None`, and nothing is lost.

use cel::{
    IdedExpr, Program,
    common::ast::{Expr, LiteralValue, operators},
};

use crate::{
    Choice, Text,
    expression::{DEPTH_AT_MOST, LETTERS_AT_MOST, bracket_depth},
};

/// Lines of one condition, at most: more cannot be read at a glance.
pub const LINES_AT_MOST: usize = 12;

/// What an answer is to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// Yes or no.
    Truth,
    /// One of some.
    Choice,
    /// Several of some.
    Choices,
    /// A whole number.
    Whole,
    /// A number with decimals.
    Decimal,
    /// An amount, compared in cents.
    Cents,
    /// A day.
    Day,
    /// A time.
    Time,
    /// A text.
    Words,
    /// Rows or files, of which the number counts.
    Several,
    /// What can only be there or not.
    Other,
}

/// What is asked of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Operator {
    Yes,
    No,
    Is,
    IsNot,
    Among,
    NotAmong,
    Holds,
    HoldsNot,
    Below,
    AtMost,
    Above,
    AtLeast,
    /// At least so many years ago.
    YearsAtLeast,
    /// Less than so many years ago.
    YearsBelow,
    /// At least so many days from today.
    DaysAtLeast,
    /// At most so many days from today.
    DaysAtMost,
    CountAtLeast,
    CountAtMost,
    Contains,
    Begins,
    Answered,
    Unanswered,
}

const WORDS: [(Operator, &str); 22] = [
    (Operator::Yes, "yes"),
    (Operator::No, "no"),
    (Operator::Is, "is"),
    (Operator::IsNot, "is-not"),
    (Operator::Among, "among"),
    (Operator::NotAmong, "not-among"),
    (Operator::Holds, "holds"),
    (Operator::HoldsNot, "holds-not"),
    (Operator::Below, "below"),
    (Operator::AtMost, "at-most"),
    (Operator::Above, "above"),
    (Operator::AtLeast, "at-least"),
    (Operator::YearsAtLeast, "years-at-least"),
    (Operator::YearsBelow, "years-below"),
    (Operator::DaysAtLeast, "days-at-least"),
    (Operator::DaysAtMost, "days-at-most"),
    (Operator::CountAtLeast, "count-at-least"),
    (Operator::CountAtMost, "count-at-most"),
    (Operator::Contains, "contains"),
    (Operator::Begins, "begins"),
    (Operator::Answered, "answered"),
    (Operator::Unanswered, "unanswered"),
];

impl Operator {
    /// Its word in addresses and forms.
    pub fn word(self) -> &'static str {
        WORDS.iter().find(|(operator, _)| *operator == self).map_or("", |(_, word)| word)
    }

    /// The operator of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        WORDS.iter().find(|(_, known)| *known == word).map(|(operator, _)| *operator)
    }

    /// Whether a value goes with it.
    pub const fn takes_value(self) -> bool {
        !matches!(self, Self::Yes | Self::No | Self::Answered | Self::Unanswered)
    }

    /// Whether several values do.
    pub const fn takes_several(self) -> bool {
        matches!(self, Self::Among | Self::NotAmong)
    }

    /// Whether another answer may stand in the place of a value.
    pub const fn compares(self) -> bool {
        matches!(self, Self::Is | Self::IsNot | Self::Below | Self::AtMost | Self::Above | Self::AtLeast)
    }
}

impl Nature {
    /// What may be asked of such an answer, the likeliest first.
    pub const fn operators(self) -> &'static [Operator] {
        use Operator::{
            Above, Among, Answered, AtLeast, AtMost, Begins, Below, Contains, CountAtLeast, CountAtMost,
            DaysAtLeast, DaysAtMost, Holds, HoldsNot, Is, IsNot, No, NotAmong, Unanswered, YearsAtLeast,
            YearsBelow, Yes,
        };
        match self {
            Self::Truth => &[Yes, No, Answered, Unanswered],
            Self::Choice => &[Is, IsNot, Among, NotAmong, Answered, Unanswered],
            Self::Choices => &[Holds, HoldsNot, CountAtLeast, CountAtMost, Answered, Unanswered],
            Self::Whole | Self::Decimal | Self::Cents => {
                &[Is, IsNot, AtLeast, Above, AtMost, Below, Answered, Unanswered]
            }
            Self::Day => &[
                Is,
                AtLeast,
                Above,
                AtMost,
                Below,
                DaysAtLeast,
                DaysAtMost,
                YearsAtLeast,
                YearsBelow,
                Answered,
                Unanswered,
            ],
            Self::Time => &[Is, AtLeast, Above, AtMost, Below, Answered, Unanswered],
            Self::Words => &[Is, IsNot, Contains, Begins, Answered, Unanswered],
            Self::Several => &[CountAtLeast, CountAtMost, Answered, Unanswered],
            Self::Other => &[Answered, Unanswered],
        }
    }
}

/// What a line may speak of.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// Its name in CEL: `duree`, `personne.birth_date`, `self_service`.
    pub name: String,
    /// What its answer is.
    pub nature: Nature,
    /// The question; nothing for what is always known.
    pub label: Text,
    /// What may be chosen.
    pub choices: Vec<Choice>,
}

/// With what an answer is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A value, as written: `3`, `2026-05-15`, `terrasse`. Amounts in cents.
    Value(String),
    /// Another answer, or `today`.
    Name(String),
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Of what it speaks.
    pub subject: String,
    /// What is asked of it.
    pub operator: Operator,
    /// With what: nothing, one, or several for [`Operator::takes_several`].
    pub operands: Vec<Operand>,
}

/// A condition in lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    /// Whether all must hold; else one suffices.
    pub all: bool,
    /// The lines.
    pub lines: Vec<Line>,
}

impl Lines {
    /// The lines of a condition, where it is made of such.
    pub fn of(source: &str, subjects: &[Subject]) -> Option<Self> {
        if source.len() > LETTERS_AT_MOST || bracket_depth(source) > DEPTH_AT_MOST {
            return None;
        }
        let program = Program::compile(source).ok()?;
        let expression = program.expression();
        let mut parts = Vec::new();
        let joint = match &expression.expr {
            Expr::Call(call) if call.func_name == operators::LOGICAL_OR => operators::LOGICAL_OR,
            _ => operators::LOGICAL_AND,
        };
        flatten(expression, joint, &mut parts);
        if parts.len() > LINES_AT_MOST {
            return None;
        }
        let lines = parts.into_iter().map(|part| line(part, subjects)).collect::<Option<Vec<_>>>()?;
        Some(Self { all: joint == operators::LOGICAL_AND, lines })
    }

    /// The same as CEL. What speaks of nothing that is known, or has no right value, is refused: the rank of the line.
    ///
    /// # Errors
    /// The rank of the first line that cannot be written.
    pub fn to_cel(&self, subjects: &[Subject]) -> Result<String, usize> {
        let joint = if self.all { " && " } else { " || " };
        let written: Result<Vec<String>, usize> =
            self.lines.iter().enumerate().map(|(rank, line)| line.to_cel(subjects).ok_or(rank)).collect();
        Ok(written?.join(joint))
    }
}

fn flatten<'e>(expression: &'e IdedExpr, joint: &str, parts: &mut Vec<&'e IdedExpr>) {
    match &expression.expr {
        Expr::Call(call) if call.func_name == joint && call.target.is_none() => {
            for part in &call.args {
                flatten(part, joint, parts);
            }
        }
        _ => parts.push(expression),
    }
}

/// `duree`, or `personne.birth_date`.
fn name(expression: &IdedExpr) -> Option<String> {
    match &expression.expr {
        Expr::Ident(name) => Some(name.clone()),
        Expr::Select(select) if !select.test => match &select.operand.expr {
            Expr::Ident(name) => Some(format!("{name}.{}", select.field)),
            _ => None,
        },
        _ => None,
    }
}

/// A value as it is written in a line.
fn value(expression: &IdedExpr) -> Option<String> {
    match &expression.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner().to_owned()),
        Expr::Literal(LiteralValue::Int(number)) => Some(number.inner().to_string()),
        Expr::Literal(LiteralValue::Double(number)) => Some(number.inner().to_string()),
        Expr::Call(call) if call.func_name == operators::NEGATE => match call.args.as_slice() {
            [only] => value(only).filter(|value| !value.starts_with('-')).map(|value| format!("-{value}")),
            _ => None,
        },
        _ => None,
    }
}

fn operand(expression: &IdedExpr) -> Option<Operand> {
    value(expression).map(Operand::Value).or_else(|| name(expression).map(Operand::Name))
}

/// One part of a condition as a line, if it can be one.
fn line(expression: &IdedExpr, subjects: &[Subject]) -> Option<Line> {
    let found = bare(expression)?;
    let subject = subjects.iter().find(|subject| subject.name == found.subject)?;
    if !subject.nature.operators().contains(&found.operator) {
        return None;
    }
    // What it would be written as again means the same; else it is no line.
    let again = Program::compile(&found.to_cel(subjects)?).ok()?;
    (bare(again.expression())? == found).then_some(found)
}

fn bare(expression: &IdedExpr) -> Option<Line> {
    let plain = |subject, operator| Line { subject, operator, operands: Vec::new() };
    if let Some(subject) = name(expression) {
        return Some(plain(subject, Operator::Yes));
    }
    let Expr::Call(call) = &expression.expr else { return None };
    if let (Some(target), [what]) = (call.target.as_deref(), call.args.as_slice()) {
        let operator = match call.func_name.as_str() {
            "contains" => Operator::Contains,
            "startsWith" => Operator::Begins,
            _ => return None,
        };
        return Some(Line { subject: name(target)?, operator, operands: vec![Operand::Value(value(what)?)] });
    }
    match (call.func_name.as_str(), call.args.as_slice()) {
        (operators::LOGICAL_NOT, [inner]) => {
            let inner = bare(inner)?;
            let operator = match inner.operator {
                Operator::Yes => Operator::No,
                Operator::Among => Operator::NotAmong,
                Operator::Holds => Operator::HoldsNot,
                _ => return None,
            };
            Some(Line { operator, ..inner })
        }
        (operators::IN, [item, list]) => match &list.expr {
            Expr::List(list) => {
                let values = list.elements.iter().map(|item| value(item).map(Operand::Value));
                Some(Line {
                    subject: name(item)?,
                    operator: Operator::Among,
                    operands: values.collect::<Option<_>>()?,
                })
            }
            _ => Some(Line {
                subject: name(list)?,
                operator: Operator::Holds,
                operands: vec![Operand::Value(value(item)?)],
            }),
        },
        (compared, [left, right]) => comparison(compared, left, right),
        _ => None,
    }
}

fn comparison(compared: &str, left: &IdedExpr, right: &IdedExpr) -> Option<Line> {
    let plain = |subject, operator| Line { subject, operator, operands: Vec::new() };
    let operator = match compared {
        operators::EQUALS => Operator::Is,
        operators::NOT_EQUALS => Operator::IsNot,
        operators::LESS => Operator::Below,
        operators::LESS_EQUALS => Operator::AtMost,
        operators::GREATER => Operator::Above,
        operators::GREATER_EQUALS => Operator::AtLeast,
        _ => return None,
    };
    match (&right.expr, operator) {
        (Expr::Literal(LiteralValue::Null), Operator::Is) => {
            return Some(plain(name(left)?, Operator::Unanswered));
        }
        (Expr::Literal(LiteralValue::Null), Operator::IsNot) => {
            return Some(plain(name(left)?, Operator::Answered));
        }
        (Expr::Literal(LiteralValue::Boolean(truth)), Operator::Is) => {
            let operator = if *truth.inner() { Operator::Yes } else { Operator::No };
            return Some(plain(name(left)?, operator));
        }
        _ => {}
    }
    if let Some(subject) = name(left) {
        return Some(Line { subject, operator, operands: vec![operand(right)?] });
    }
    let Expr::Call(call) = &left.expr else { return None };
    if call.target.is_some() {
        return None;
    }
    let today = |argument: &IdedExpr| matches!(&argument.expr, Expr::Ident(name) if name == "today");
    let (subject, operator) = match (call.func_name.as_str(), call.args.as_slice(), operator) {
        ("size", [of], Operator::AtLeast) => (name(of)?, Operator::CountAtLeast),
        ("size", [of], Operator::AtMost) => (name(of)?, Operator::CountAtMost),
        ("years_between", [from, to], Operator::AtLeast) if today(to) => {
            (name(from)?, Operator::YearsAtLeast)
        }
        ("years_between", [from, to], Operator::Below) if today(to) => (name(from)?, Operator::YearsBelow),
        ("days_between", [from, to], Operator::AtLeast) if today(from) => (name(to)?, Operator::DaysAtLeast),
        ("days_between", [from, to], Operator::AtMost) if today(from) => (name(to)?, Operator::DaysAtMost),
        _ => return None,
    };
    Some(Line { subject, operator, operands: vec![Operand::Value(value(right)?)] })
}

/// A text as CEL writes it.
fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n").replace('\r', "\\r"))
}

impl Line {
    fn to_cel(&self, subjects: &[Subject]) -> Option<String> {
        let subject = subjects.iter().find(|subject| subject.name == self.subject)?;
        let x = &subject.name;
        let literal = |text: &str| -> Option<String> {
            match subject.nature {
                Nature::Whole | Nature::Cents => text.parse::<i64>().ok().map(|number| number.to_string()),
                Nature::Decimal => {
                    let number = text.parse::<f64>().ok().filter(|number| number.is_finite())?;
                    Some(if number.fract() == 0.0 { format!("{number:.1}") } else { number.to_string() })
                }
                Nature::Day => text.parse::<beffroi_core::Day>().ok().map(|day| quote(&day.to_string())),
                Nature::Time => {
                    let right = chrono::NaiveTime::parse_from_str(text, "%H:%M").is_ok() && text.len() == 5;
                    right.then(|| quote(text))
                }
                _ => Some(quote(text)),
            }
        };
        let counted = |operand: &Operand| match operand {
            Operand::Value(text) => text.parse::<i64>().ok().map(|count| count.to_string()),
            Operand::Name(_) => None,
        };
        let written = |operand: &Operand| match operand {
            Operand::Value(text) => literal(text),
            Operand::Name(name) if name == "today" && subject.nature == Nature::Day => Some(name.clone()),
            Operand::Name(name) => {
                let other = subjects.iter().find(|other| other.name == *name)?;
                (other.nature == subject.nature).then(|| name.clone())
            }
        };
        let sign = |sign: &str| Some(format!("{x} {sign} {}", written(self.operands.first()?)?));
        let first = self.operands.first();
        match self.operator {
            Operator::Yes => Some(format!("{x} == true")),
            Operator::No => Some(format!("{x} == false")),
            Operator::Is => sign("=="),
            Operator::IsNot => sign("!="),
            Operator::Below => sign("<"),
            Operator::AtMost => sign("<="),
            Operator::Above => sign(">"),
            Operator::AtLeast => sign(">="),
            Operator::Among | Operator::NotAmong => {
                let values: Option<Vec<String>> = self.operands.iter().map(written).collect();
                let values = values.filter(|values| !values.is_empty())?.join(", ");
                Some(match self.operator {
                    Operator::Among => format!("{x} in [{values}]"),
                    _ => format!("!({x} in [{values}])"),
                })
            }
            Operator::Holds => Some(format!("{} in {x}", written(first?)?)),
            Operator::HoldsNot => Some(format!("!({} in {x})", written(first?)?)),
            Operator::YearsAtLeast => Some(format!("years_between({x}, today) >= {}", counted(first?)?)),
            Operator::YearsBelow => Some(format!("years_between({x}, today) < {}", counted(first?)?)),
            Operator::DaysAtLeast => Some(format!("days_between(today, {x}) >= {}", counted(first?)?)),
            Operator::DaysAtMost => Some(format!("days_between(today, {x}) <= {}", counted(first?)?)),
            Operator::CountAtLeast => Some(format!("size({x}) >= {}", counted(first?)?)),
            Operator::CountAtMost => Some(format!("size({x}) <= {}", counted(first?)?)),
            Operator::Contains => Some(format!("{x}.contains({})", literal_text(first?)?)),
            Operator::Begins => Some(format!("{x}.startsWith({})", literal_text(first?)?)),
            Operator::Answered => Some(format!("{x} != null")),
            Operator::Unanswered => Some(format!("{x} == null")),
        }
    }
}

fn literal_text(operand: &Operand) -> Option<String> {
    match operand {
        Operand::Value(text) => Some(quote(text)),
        Operand::Name(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn subjects() -> Vec<Subject> {
        let of = |name: &str, nature| Subject {
            name: name.to_owned(),
            nature,
            label: Text::from(name),
            choices: Vec::new(),
        };
        vec![
            of("majeur", Nature::Truth),
            of("objet", Nature::Choice),
            of("jours", Nature::Choices),
            of("copies", Nature::Whole),
            of("surface", Nature::Decimal),
            of("loyer", Nature::Cents),
            of("debut", Nature::Day),
            of("fin", Nature::Day),
            of("heure", Nature::Time),
            of("nom", Nature::Words),
            of("enfants", Nature::Several),
            of("personne.birth_date", Nature::Day),
        ]
    }

    #[test]
    fn what_people_write_is_shown_as_lines_and_written_again() {
        for (source, again) in [
            ("objet == 'terrasse'", "objet == 'terrasse'"),
            ("majeur && copies > 2", "majeur == true && copies > 2"),
            ("!majeur || objet in ['a', 'b']", "majeur == false || objet in ['a', 'b']"),
            ("'lundi' in jours && !('mardi' in jours)", "'lundi' in jours && !('mardi' in jours)"),
            ("fin >= debut && debut >= today", "fin >= debut && debut >= today"),
            ("days_between(today, debut) >= 15", "days_between(today, debut) >= 15"),
            (
                "years_between(personne.birth_date, today) < 18",
                "years_between(personne.birth_date, today) < 18",
            ),
            ("surface >= 12.0 && surface != 3.5", "surface >= 12.0 && surface != 3.5"),
            ("size(enfants) >= 2", "size(enfants) >= 2"),
            ("nom.startsWith('W') && nom != null", "nom.startsWith('W') && nom != null"),
            ("nom == 'l\\'été'", "nom == 'l\\'été'"),
            ("copies == -1", "copies == -1"),
        ] {
            let lines = Lines::of(source, &subjects()).unwrap_or_else(|| panic!("{source}"));
            assert_eq!(lines.to_cel(&subjects()).as_deref(), Ok(again), "{source}");
            assert_eq!(Lines::of(again, &subjects()), Some(lines), "{source}");
        }
    }

    #[test]
    fn what_lines_cannot_say_stays_text() {
        for source in [
            "(majeur || copies > 2) && objet == 'a'",
            "copies > size(enfants)",
            "enfants.all(e, e.age < 3)",
            "majeur ? copies > 1 : copies > 2",
            "inconnu == 1",
            "copies == 'trois'",
            "debut > nom",
            "copies >",
            "copies + 1 > 2",
        ] {
            assert_eq!(Lines::of(source, &subjects()), None, "{source}");
        }
        let many = vec!["copies > 1"; LINES_AT_MOST + 1].join(" && ");
        assert_eq!(Lines::of(&many, &subjects()), None);
        assert_eq!(Lines::of(&"(".repeat(100_000), &subjects()), None);
    }

    #[test]
    fn a_line_without_a_right_value_is_refused_by_its_rank() {
        let line = |value: &str| Line {
            subject: "copies".to_owned(),
            operator: Operator::AtLeast,
            operands: vec![Operand::Value(value.to_owned())],
        };
        let lines = Lines { all: true, lines: vec![line("2"), line("deux")] };
        assert_eq!(lines.to_cel(&subjects()), Err(1));
    }

    proptest! {
        #[test]
        fn clicked_lines_come_back_as_they_were(
            all in any::<bool>(),
            picks in proptest::collection::vec((0..12_usize, 0..11_usize, "[^\0]{1,12}", 0..60_i64), 1..5),
        ) {
            let subjects = subjects();
            let lines: Vec<Line> = picks.into_iter().map(|(subject, operator, text, number)| {
                let subject = &subjects[subject];
                let choices = subject.nature.operators();
                let operator = choices[operator % choices.len()];
                let value = match subject.nature {
                    _ if matches!(operator, Operator::CountAtLeast | Operator::CountAtMost | Operator::DaysAtLeast
                        | Operator::DaysAtMost | Operator::YearsAtLeast | Operator::YearsBelow) => number.to_string(),
                    Nature::Whole | Nature::Cents => number.to_string(),
                    Nature::Decimal => format!("{number}.5"),
                    Nature::Day => format!("2026-05-{:02}", number % 28 + 1),
                    Nature::Time => format!("{:02}:{number:02}", number % 24),
                    _ => text,
                };
                let operands = if operator.takes_value() { vec![Operand::Value(value)] } else { Vec::new() };
                Line { subject: subject.name.clone(), operator, operands }
            }).collect();
            let lines = Lines { all: all || lines.len() == 1, lines };
            let source = lines.to_cel(&subjects).unwrap();
            prop_assert_eq!(Lines::of(&source, &subjects), Some(lines), "{}", source);
        }
    }
}
