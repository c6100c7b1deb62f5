//! What the parts of a condition give: texts, numbers, days, each as CEL, with what must be answered before it can be
//! computed.

use crate::{
    expression::{Expr, Op},
    names::{Known, Meaning, Names, Type},
    translate::{Said, quoted},
};

/// Something that does not change.
#[derive(Clone, Debug, PartialEq)]
pub enum Fixed {
    Text(String),
    Whole(i64),
    Decimal(f64),
    Truth(bool),
    Nothing,
    List(Vec<String>),
}

impl Fixed {
    /// Whether Python takes it for true.
    pub fn is_true(&self) -> bool {
        match self {
            Self::Text(text) => !text.is_empty(),
            Self::Whole(whole) => *whole != 0,
            Self::Decimal(decimal) => *decimal != 0.0,
            Self::Truth(truth) => *truth,
            Self::Nothing => false,
            Self::List(items) => !items.is_empty(),
        }
    }

    /// It as a text.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Whole(whole) => Some(whole.to_string()),
            Self::Decimal(decimal) => Some(decimal.to_string()),
            Self::Truth(truth) => Some(if *truth { "True" } else { "False" }.to_owned()),
            Self::Nothing | Self::List(_) => None,
        }
    }

    /// It as a truth, where its words say one.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Self::Truth(truth) => Some(*truth),
            Self::Whole(whole) => Some(*whole != 0),
            Self::Nothing => Some(false),
            Self::Text(text) => match text.to_lowercase().as_str() {
                "true" | "yes" | "oui" | "1" | "on" => Some(true),
                "false" | "no" | "non" | "0" | "" => Some(false),
                _ => None,
            },
            Self::Decimal(_) | Self::List(_) => None,
        }
    }
}

/// What a part of a condition gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Something that does not change.
    Fixed(Fixed),
    /// Something that depends on the answers.
    Computed(Computed),
    /// Whether something is so.
    Said(Said),
}

/// Something that depends on the answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Computed {
    /// How it is computed, in CEL.
    pub code: String,
    /// What it is.
    pub kind: Type,
    /// What must be answered before.
    pub needs: Vec<String>,
    /// What may be chosen, and what filters make of it; empty where that is not known.
    pub choices: Vec<(String, String)>,
    /// Whether filters changed it in a way that only its choices can tell.
    pub changed: bool,
    /// The channel, whose words differ.
    pub channel: bool,
}

impl Computed {
    fn new(code: String, kind: Type, needs: Vec<String>) -> Self {
        Self { code, kind, needs, choices: Vec::new(), changed: false, channel: false }
    }

    fn of(known: &Known) -> Self {
        let mut found = Self::new(known.id.clone(), known.kind, vec![known.id.clone()]);
        found.choices = known.choices.iter().map(|choice| (choice.clone(), choice.clone())).collect();
        found
    }
}

/// What a part of a condition gives.
///
/// # Errors
/// Why it cannot be said in CEL.
pub fn value(part: &Expr, names: &Names<'_>) -> Result<Value, String> {
    Ok(match part {
        Expr::Text(text) => Value::Fixed(Fixed::Text(text.clone())),
        Expr::Whole(whole) => Value::Fixed(Fixed::Whole(*whole)),
        Expr::Decimal(decimal) => Value::Fixed(Fixed::Decimal(*decimal)),
        Expr::Truth(truth) => Value::Fixed(Fixed::Truth(*truth)),
        Expr::Nothing => Value::Fixed(Fixed::Nothing),
        Expr::List(items) => {
            let texts: Option<Vec<String>> = items
                .iter()
                .map(|item| match value(item, names) {
                    Ok(Value::Fixed(fixed)) => fixed.text(),
                    _ => None,
                })
                .collect();
            Value::Fixed(Fixed::List(texts.ok_or("a list holds something else than fixed texts")?))
        }
        Expr::Name(name) => meant(&names.find(name)?)?,
        // The moment is not known here, but its day is.
        Expr::Filtered(of, filter, arguments)
            if filter == "date" && arguments.is_empty() && **of == Expr::Name("now".to_owned()) =>
        {
            meant(&Meaning::Today)?
        }
        Expr::Filtered(of, filter, arguments) => {
            let arguments: Result<Vec<Value>, String> =
                arguments.iter().map(|argument| value(argument, names)).collect();
            filtered(value(of, names)?, filter, &arguments?)?
        }
        Expr::Computed(sign, left, right) => computed(*sign, value(left, names)?, value(right, names)?)?,
        Expr::Not(_) | Expr::Both(..) | Expr::Either(..) | Expr::Compared(..) | Expr::Within(..) => {
            Value::Said(crate::translate::said(part, names)?)
        }
    })
}

fn meant(meaning: &Meaning<'_>) -> Result<Value, String> {
    Ok(match meaning {
        Meaning::Option(text) => Value::Fixed(Fixed::Text((*text).to_owned())),
        Meaning::Field(known) => Value::Computed(Computed::of(known)),
        Meaning::OfRow(group, number, known) => {
            let code = format!("{}[{number}].{}", group.id, known.id);
            let needs = vec![format!("{0} != null && size({0}) > {number} && {code}", group.id)];
            let mut found = Computed::new(code, known.kind, needs);
            found.choices = known.choices.iter().map(|choice| (choice.clone(), choice.clone())).collect();
            Value::Computed(found)
        }
        Meaning::Today => Value::Computed(Computed::new("today".to_owned(), Type::Day, Vec::new())),
        Meaning::Now => return Err("conditions know the day, and not the time of day".to_owned()),
        Meaning::Channel => {
            let mut found = Computed::new("channel".to_owned(), Type::Text, Vec::new());
            found.channel = true;
            Value::Computed(found)
        }
        Meaning::ByAgent => Value::Said(Said::When("!self_service".to_owned())),
    })
}

fn fixed_text(value: &Value) -> Option<String> {
    match value {
        Value::Fixed(fixed) => fixed.text(),
        _ => None,
    }
}

/// A whole number, as it is written or as an option says it.
fn whole(value: &Value) -> Option<(String, Vec<String>)> {
    match value {
        Value::Fixed(fixed) => Some((fixed.text()?.trim().parse::<i64>().ok()?.to_string(), Vec::new())),
        Value::Computed(found) if found.kind == Type::Whole => {
            Some((found.code.clone(), found.needs.clone()))
        }
        _ => None,
    }
}

/// A day, as days are written here.
pub fn day(text: &str) -> Option<String> {
    let text = text.trim();
    let parts: Vec<&str> = text.split(['-', '/']).collect();
    let [a, b, c] = parts.as_slice() else { return None };
    let (year, month, day) = if a.len() == 4 { (a, b, c) } else { (c, b, a) };
    let written = format!("{year:0>4}-{month:0>2}-{day:0>2}");
    written.parse::<beffroi_core::Day>().ok().map(|_| written)
}

#[expect(clippy::too_many_lines, reason = "one line or two for each filter of Publik")]
fn filtered(of: Value, filter: &str, arguments: &[Value]) -> Result<Value, String> {
    let argument = arguments.first();
    let unknown = || Err(format!("the filter `{filter}` has no counterpart"));
    let spelled: Option<fn(&str) -> String> = match filter {
        "lower" => Some(str::to_lowercase),
        "upper" => Some(str::to_uppercase),
        "strip" | "trim" => Some(|text| text.trim().to_owned()),
        "slugify" => Some(|text| crate::fields::slug(text, '-', 200)),
        _ => None,
    };
    let mut found = match of {
        Value::Fixed(fixed) => {
            let text = fixed.text().unwrap_or_default();
            return Ok(match (filter, spelled) {
                (_, Some(spelled)) => Value::Fixed(Fixed::Text(spelled(&text))),
                ("date" | "parse_date", _) if arguments.is_empty() => {
                    let day = day(&text).ok_or_else(|| format!("`{text}` is no day"))?;
                    Value::Computed(Computed::new(quoted(&day), Type::Day, Vec::new()))
                }
                ("time", _) if arguments.is_empty() => {
                    Value::Computed(Computed::new(quoted(&text), Type::Time, Vec::new()))
                }
                ("int" | "integer" | "float" | "decimal", _) => Value::Fixed(
                    text.trim()
                        .parse()
                        .map(Fixed::Whole)
                        .or_else(|_| text.trim().replace(',', ".").parse().map(Fixed::Decimal))
                        .map_err(|_| format!("`{text}` is no number"))?,
                ),
                ("length" | "len" | "count", _) => {
                    Value::Fixed(Fixed::Whole(i64::try_from(text.chars().count()).unwrap_or(i64::MAX)))
                }
                ("default" | "default_if_none", _) if !fixed.is_true() => {
                    argument.cloned().unwrap_or(Value::Fixed(Fixed::Nothing))
                }
                ("safe" | "str" | "striptags" | "force_escape" | "default" | "default_if_none", _) => {
                    Value::Fixed(fixed)
                }
                _ => return unknown(),
            });
        }
        Value::Said(said) if filter == "bool" => return Ok(Value::Said(said)),
        Value::Said(_) => return unknown(),
        Value::Computed(found) => found,
    };
    if let Some(spelled) = spelled.filter(|_| found.kind == Type::Text) {
        if found.choices.is_empty() {
            return Err(format!("the filter `{filter}` has no counterpart for a text that is typed freely"));
        }
        for (_, text) in &mut found.choices {
            *text = spelled(text);
        }
        found.changed = true;
        return Ok(Value::Computed(found));
    }
    let with = |mut found: Computed, code: String, kind: Type, needs: Vec<String>| {
        found.needs.extend(needs);
        Ok(Value::Computed(Computed::new(code, kind, found.needs)))
    };
    let code = found.code.clone();
    let bare = arguments.is_empty();
    let iso = argument.and_then(fixed_text).as_deref() == Some("Y-m-d");
    let same = match (filter, found.kind) {
        ("safe" | "str" | "striptags" | "force_escape", _)
        | ("bool", Type::Truth)
        | ("int" | "integer", Type::Whole)
        | ("float" | "decimal", Type::Whole | Type::Decimal) => true,
        ("date" | "parse_date", Type::Day) => bare || iso,
        ("time", Type::Time) => bare,
        _ => false,
    };
    if same {
        return Ok(Value::Computed(found));
    }
    match (filter, found.kind) {
        ("date" | "parse_date", Type::Text) => Err("a text that is typed freely is no day".to_owned()),
        ("add_days", Type::Day) => {
            let (days, needs) =
                argument.and_then(whole).ok_or("how many days are added is no whole number")?;
            with(found, format!("add_days({code}, {days})"), Type::Day, needs)
        }
        ("add_months", Type::Day) => {
            let (months, needs) =
                argument.and_then(whole).ok_or("how many months are added is no whole number")?;
            with(found, format!("add_months({code}, {months})"), Type::Day, needs)
        }
        ("age_in_years", Type::Day) => {
            with(found, format!("years_between({code}, today)"), Type::Whole, Vec::new())
        }
        ("age_in_days", Type::Day) => {
            with(found, format!("days_between({code}, today)"), Type::Whole, Vec::new())
        }
        ("is_past" | "is_date_in_the_past", Type::Day) => {
            Ok(Value::Said(found.guarded(&format!("{code} < today"))))
        }
        ("is_future", Type::Day) => Ok(Value::Said(found.guarded(&format!("{code} > today")))),
        ("is_today", Type::Day) => Ok(Value::Said(Said::When(format!("{code} == today")))),
        ("is_weekend", Type::Day) => Ok(Value::Said(found.guarded(&format!("weekday({code}) > 5")))),
        ("is_empty", _) => Ok(Value::Said(found.is_there().not())),
        ("length" | "len" | "count", Type::Texts | Type::Rows | Type::Files | Type::Text)
            if plain(&found) =>
        {
            Ok(Value::Computed(Computed::new(
                format!("({code} == null ? 0 : size({code}))"),
                Type::Whole,
                Vec::new(),
            )))
        }
        ("int" | "integer" | "float" | "decimal", Type::Text) => {
            with(found, format!("double({code})"), Type::Decimal, Vec::new())
        }
        ("startswith" | "endswith", Type::Text) => {
            let begin =
                argument.and_then(fixed_text).ok_or("what a text begins or ends with is not fixed")?;
            let starts = filter == "startswith";
            Ok(Value::Said(found.such_that(
                |text| if starts { text.starts_with(&begin) } else { text.ends_with(&begin) },
                &format!("{code}.{}({})", if starts { "startsWith" } else { "endsWith" }, quoted(&begin)),
            )?))
        }
        ("add" | "subtract" | "multiply", Type::Whole | Type::Decimal) => {
            let sign = match filter {
                "add" => '+',
                "subtract" => '-',
                _ => '*',
            };
            computed(sign, Value::Computed(found), argument.cloned().unwrap_or(Value::Fixed(Fixed::Whole(0))))
        }
        ("default" | "default_if_none", Type::Whole | Type::Text) if plain(&found) => {
            let other = match (found.kind, argument) {
                (Type::Whole, Some(value)) => whole(value).map(|(code, _)| code),
                (_, Some(value)) => fixed_text(value).map(|text| quoted(&text)),
                _ => None,
            };
            let other = other.ok_or("what stands for a missing answer is not fixed")?;
            Ok(Value::Computed(Computed::new(
                format!("({code} == null ? {other} : {code})"),
                found.kind,
                Vec::new(),
            )))
        }
        _ => unknown(),
    }
}

/// Whether it is an answer as it stands.
fn plain(found: &Computed) -> bool {
    !found.changed && found.needs.as_slice() == [found.code.clone()]
}

fn computed(sign: char, left: Value, right: Value) -> Result<Value, String> {
    let number = |value: Value| match value {
        Value::Fixed(fixed) => {
            let text = fixed.text().unwrap_or_default();
            let text = text.trim();
            match (text.parse::<i64>(), text.parse::<f64>()) {
                (Ok(whole), _) => Ok((whole.to_string(), Type::Whole, Vec::new())),
                (_, Ok(decimal)) if decimal.is_finite() => {
                    Ok((format!("{decimal:?}"), Type::Decimal, Vec::new()))
                }
                _ => Err("a computation is made with something else than numbers".to_owned()),
            }
        }
        Value::Computed(found) if matches!(found.kind, Type::Whole | Type::Decimal) => {
            Ok((found.code, found.kind, found.needs))
        }
        _ => Err("a computation is made with something else than numbers".to_owned()),
    };
    let ((left, a, mut needs), (right, b, more)) = (number(left)?, number(right)?);
    needs.extend(more);
    let decimal = a == Type::Decimal || b == Type::Decimal || sign == '/';
    let cast = |code: String, kind: Type| {
        if decimal && kind == Type::Whole { format!("double({code})") } else { code }
    };
    let code = format!("({} {sign} {})", cast(left, a), cast(right, b));
    Ok(Value::Computed(Computed::new(code, if decimal { Type::Decimal } else { Type::Whole }, needs)))
}

/// The letters of a comparison.
pub const fn sign(op: Op) -> &'static str {
    match op {
        Op::Equal => "==",
        Op::NotEqual => "!=",
        Op::Less => "<",
        Op::AtMost => "<=",
        Op::Greater => ">",
        Op::AtLeast => ">=",
    }
}
