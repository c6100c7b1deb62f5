//! From Publik's conditions to CEL. A condition means here what it meant there, unanswered questions included: what
//! Publik takes for false without an answer is false.

use crate::{
    expression::{Expr, Language, Op, parse},
    names::{Names, Type},
    values::{Computed, Fixed, Value, day, sign, value},
};

/// What a condition comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Always, or never.
    Always(bool),
    /// When this is true, in CEL.
    When(String),
}

impl Said {
    /// The contrary.
    pub fn not(self) -> Self {
        match self {
            Self::Always(truth) => Self::Always(!truth),
            Self::When(code) => Self::When(format!("!({code})")),
        }
    }

    fn both(self, other: Self) -> Self {
        match (self, other) {
            (Self::Always(false), _) | (_, Self::Always(false)) => Self::Always(false),
            (Self::Always(true), other) | (other, Self::Always(true)) => other,
            (Self::When(a), Self::When(b)) => Self::When(format!("({a}) && ({b})")),
        }
    }

    fn either(self, other: Self) -> Self {
        match (self, other) {
            (Self::Always(true), _) | (_, Self::Always(true)) => Self::Always(true),
            (Self::Always(false), other) | (other, Self::Always(false)) => other,
            (Self::When(a), Self::When(b)) => Self::When(format!("({a}) || ({b})")),
        }
    }
}

/// A condition in CEL.
///
/// # Errors
/// Why it cannot be said.
pub fn condition(source: &str, language: Language, names: &Names<'_>) -> Result<Said, String> {
    said(&parse(source, language)?, names)
}

/// A text as CEL writes it.
pub fn quoted(text: &str) -> String {
    let mut written = String::with_capacity(text.len() + 2);
    written.push('\'');
    for letter in text.chars() {
        match letter {
            '\\' => written.push_str("\\\\"),
            '\'' => written.push_str("\\'"),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            letter if letter.is_control() => {}
            letter => written.push(letter),
        }
    }
    written.push('\'');
    written
}

/// What a part of a condition comes to.
///
/// # Errors
/// Why it cannot be said.
pub fn said(part: &Expr, names: &Names<'_>) -> Result<Said, String> {
    match part {
        Expr::Not(inner) => Ok(said(inner, names)?.not()),
        Expr::Both(left, right) => both_sides(left, right, names, Said::both, &Said::Always(false)),
        Expr::Either(left, right) => both_sides(left, right, names, Said::either, &Said::Always(true)),
        Expr::Compared(op, left, right) => compared(*op, value(left, names)?, value(right, names)?),
        Expr::Within(item, whole) => within(value(item, names)?, value(whole, names)?),
        _ => Ok(match value(part, names)? {
            Value::Fixed(fixed) => Said::Always(fixed.is_true()),
            Value::Computed(found) => found.is_there(),
            Value::Said(said) => said,
        }),
    }
}

/// Where one side settles it alone, the other may say what nobody here understands.
fn both_sides(
    left: &Expr,
    right: &Expr,
    names: &Names<'_>,
    join: fn(Said, Said) -> Said,
    settles: &Said,
) -> Result<Said, String> {
    match (said(left, names), said(right, names)) {
        (Ok(left), Ok(right)) => Ok(join(left, right)),
        (Ok(one), Err(_)) | (Err(_), Ok(one)) if one == *settles => Ok(one),
        (Err(reason), _) | (_, Err(reason)) => Err(reason),
    }
}

impl Computed {
    /// A condition upon it that can be computed once what it needs is answered.
    pub fn guarded(&self, code: &str) -> Said {
        guarded(&self.needs, code)
    }

    /// Whether it is answered, and says something.
    pub fn is_there(&self) -> Said {
        let code = &self.code;
        let needs: Vec<String> = self.needs.iter().filter(|need| *need != code).cloned().collect();
        let there = match self.kind {
            Type::Truth => return guarded(&needs, &format!("{code} == true")),
            Type::Whole if self.needs.is_empty() => format!("{code} != 0"),
            Type::Whole => format!("{code} != null && {code} != 0"),
            Type::Decimal => format!("{code} != null && {code} != 0.0"),
            Type::Texts | Type::Rows | Type::Files => format!("{code} != null && size({code}) > 0"),
            Type::Text | Type::Day | Type::Time | Type::Opaque => format!("{code} != null"),
        };
        guarded(&needs, &there)
    }

    /// Whether its text is such: by its choices where they are known, else by `code`.
    ///
    /// # Errors
    /// Its text was changed by a filter, and it is typed freely.
    pub fn such_that(&self, such: impl Fn(&str) -> bool, code: &str) -> Result<Said, String> {
        if self.choices.is_empty() {
            if self.changed {
                return Err("a filter changes a text that is typed freely".to_owned());
            }
            return Ok(self.guarded(code));
        }
        let chosen: Vec<&str> = self
            .choices
            .iter()
            .filter(|(_, text)| such(text))
            .map(|(original, _)| original.as_str())
            .collect();
        let others: Vec<String> = self.needs.iter().filter(|need| **need != self.code).cloned().collect();
        Ok(match chosen.as_slice() {
            [] => Said::Always(false),
            [one] => guarded(&others, &format!("{} == {}", self.code, quoted(one))),
            several => {
                let list: Vec<String> = several.iter().map(|one| quoted(one)).collect();
                self.guarded(&format!("{} in [{}]", self.code, list.join(", ")))
            }
        })
    }
}

/// A condition that is false until what it needs is answered.
fn guarded(needs: &[String], code: &str) -> Said {
    let mut guards: Vec<String> = Vec::new();
    for need in needs {
        let guard = format!("{need} != null");
        if !guards.contains(&guard) {
            guards.push(guard);
        }
    }
    guards.push(code.to_owned());
    Said::When(guards.join(" && "))
}

/// Publik's words for the doors.
fn door(word: &str) -> Option<&'static str> {
    Some(match word {
        "web" | "" => "online",
        "counter" => "counter",
        "phone" => "phone",
        "mail" => "paper",
        "email" => "email",
        _ => return None,
    })
}

fn compared(op: Op, left: Value, right: Value) -> Result<Said, String> {
    match (left, right) {
        (Value::Fixed(left), Value::Fixed(right)) => Ok(Said::Always(fixed(op, &left, &right))),
        (Value::Computed(found), Value::Fixed(fixed)) => with_fixed(op, &found, &fixed),
        (Value::Fixed(fixed), Value::Computed(found)) => with_fixed(turned(op), &found, &fixed),
        (Value::Computed(left), Value::Computed(right)) => with_each_other(op, &left, &right),
        (Value::Said(said), Value::Fixed(fixed)) | (Value::Fixed(fixed), Value::Said(said)) => {
            let truth = fixed.truth().ok_or("a truth is compared with something else")?;
            match op {
                Op::Equal => Ok(if truth { said } else { said.not() }),
                Op::NotEqual => Ok(if truth { said.not() } else { said }),
                _ => Err("a truth has no order".to_owned()),
            }
        }
        (Value::Said(_), _) | (_, Value::Said(_)) => Err("a truth is compared with an answer".to_owned()),
    }
}

const fn turned(op: Op) -> Op {
    match op {
        Op::Less => Op::Greater,
        Op::AtMost => Op::AtLeast,
        Op::Greater => Op::Less,
        Op::AtLeast => Op::AtMost,
        Op::Equal | Op::NotEqual => op,
    }
}

fn fixed(op: Op, left: &Fixed, right: &Fixed) -> bool {
    let number = |fixed: &Fixed| match fixed {
        #[expect(clippy::cast_precision_loss, reason = "numbers of conditions are small")]
        Fixed::Whole(whole) => Some(*whole as f64),
        Fixed::Decimal(decimal) => Some(*decimal),
        _ => None,
    };
    let order = match (number(left), number(right)) {
        (Some(left), Some(right)) => left.partial_cmp(&right),
        _ => match (left, right) {
            (Fixed::Text(left), Fixed::Text(right)) => Some(left.cmp(right)),
            _ if left == right => Some(std::cmp::Ordering::Equal),
            _ => None,
        },
    };
    match op {
        Op::Equal => order == Some(std::cmp::Ordering::Equal),
        Op::NotEqual => order != Some(std::cmp::Ordering::Equal),
        Op::Less => order.is_some_and(std::cmp::Ordering::is_lt),
        Op::AtMost => order.is_some_and(std::cmp::Ordering::is_le),
        Op::Greater => order.is_some_and(std::cmp::Ordering::is_gt),
        Op::AtLeast => order.is_some_and(std::cmp::Ordering::is_ge),
    }
}

fn with_fixed(op: Op, found: &Computed, fixed: &Fixed) -> Result<Said, String> {
    let equality = matches!(op, Op::Equal | Op::NotEqual);
    let turn = |said: Said| if op == Op::NotEqual { said.not() } else { said };
    let code = &found.code;
    let others: Vec<String> = found.needs.iter().filter(|need| *need != code).cloned().collect();
    match (found.kind, fixed) {
        (_, Fixed::Nothing) if equality => Ok(turn(found.is_there().not())),
        (Type::Truth, fixed) if equality => {
            let truth = fixed.truth().ok_or("a yes-or-no answer is compared with something else")?;
            let yes = guarded(&others, &format!("{code} == true"));
            Ok(turn(if truth { yes } else { yes.not() }))
        }
        (Type::Whole, fixed) => {
            let text = fixed.text().unwrap_or_default();
            if let Ok(whole) = text.trim().parse::<i64>() {
                return Ok(ordered(op, found, &format!("{code} {} {whole}", sign(op))));
            }
            let decimal = decimal(&text)?;
            Ok(ordered(op, found, &format!("double({code}) {} {decimal}", sign(op))))
        }
        (Type::Decimal, fixed) => {
            let decimal = decimal(&fixed.text().unwrap_or_default())?;
            Ok(ordered(op, found, &format!("{code} {} {decimal}", sign(op))))
        }
        (Type::Text, fixed) if found.channel && equality => {
            let word = fixed.text().unwrap_or_default();
            let door = door(&word).ok_or_else(|| format!("there is no door called `{word}`"))?;
            Ok(turn(Said::When(format!("channel == {}", quoted(door)))))
        }
        (Type::Text, fixed) if equality => {
            let text = fixed.text().ok_or("a text is compared with a list")?;
            if text.is_empty() {
                return Ok(turn(found.is_there().not()));
            }
            if found.choices.iter().any(|(original, now)| *original == text && *now == text) && !found.changed
            {
                return Ok(turn(guarded(&others, &format!("{code} == {}", quoted(&text)))));
            }
            if !found.changed {
                // A choice that the form does not offer is said all the same: nobody can choose it.
                return Ok(turn(guarded(&others, &format!("{code} == {}", quoted(&text)))));
            }
            Ok(turn(found.such_that(|now| now == text, "")?))
        }
        (Type::Day, fixed) => {
            let text = fixed.text().unwrap_or_default();
            if text.is_empty() && equality {
                return Ok(turn(found.is_there().not()));
            }
            let day = day(&text).ok_or_else(|| format!("`{text}` is no day"))?;
            Ok(ordered(op, found, &format!("{code} {} {}", sign(op), quoted(&day))))
        }
        (Type::Time, fixed) => {
            let text = fixed.text().unwrap_or_default();
            Ok(ordered(op, found, &format!("{code} {} {}", sign(op), quoted(&text))))
        }
        (Type::Texts, fixed) if equality => {
            let text = fixed.text().unwrap_or_default();
            if text.is_empty() {
                return Ok(turn(found.is_there().not()));
            }
            let list: Vec<String> = text.split(", ").map(quoted).collect();
            Ok(turn(Said::When(format!("{code} == [{}]", list.join(", ")))))
        }
        (Type::Rows | Type::Files | Type::Opaque, Fixed::Text(text)) if text.is_empty() && equality => {
            Ok(turn(found.is_there().not()))
        }
        _ => Err("an answer is compared with something of another kind".to_owned()),
    }
}

/// A comparison, false until its parts are answered; but what is unanswered differs from everything.
fn ordered(op: Op, found: &Computed, code: &str) -> Said {
    match op {
        Op::NotEqual => found.guarded(&code.replacen("!=", "==", 1)).not(),
        _ => found.guarded(code),
    }
}

fn decimal(text: &str) -> Result<String, String> {
    let number: f64 = text.trim().replace(',', ".").parse().map_err(|_| format!("`{text}` is no number"))?;
    if number.is_finite() { Ok(format!("{number:?}")) } else { Err(format!("`{text}` is no number")) }
}

fn with_each_other(op: Op, left: &Computed, right: &Computed) -> Result<Said, String> {
    if left.changed || right.changed {
        return Err("two answers are compared after a filter changed one of them".to_owned());
    }
    let cast = |found: &Computed, other: &Computed| match (found.kind, other.kind) {
        (Type::Whole, Type::Decimal) => format!("double({})", found.code),
        _ => found.code.clone(),
    };
    let numbers = |found: &Computed| matches!(found.kind, Type::Whole | Type::Decimal);
    if left.kind != right.kind && !(numbers(left) && numbers(right)) {
        return Err("two answers of different kinds are compared".to_owned());
    }
    let ordered_kind = matches!(left.kind, Type::Text | Type::Day | Type::Time | Type::Whole | Type::Decimal);
    let equality = matches!(op, Op::Equal | Op::NotEqual);
    if !equality && !ordered_kind {
        return Err("two answers are compared that have no order".to_owned());
    }
    let code = format!("{} {} {}", cast(left, right), sign(op), cast(right, left));
    if equality && left.needs.iter().chain(&right.needs).all(|need| *need == left.code || *need == right.code)
    {
        return Ok(Said::When(code));
    }
    let needs: Vec<String> = left.needs.iter().chain(&right.needs).cloned().collect();
    Ok(match op {
        Op::NotEqual => guarded(&needs, &code.replacen("!=", "==", 1)).not(),
        _ => guarded(&needs, &code),
    })
}

fn within(item: Value, whole: Value) -> Result<Said, String> {
    match (item, whole) {
        (Value::Fixed(item), Value::Fixed(Fixed::List(items))) => {
            Ok(Said::Always(item.text().is_some_and(|item| items.contains(&item))))
        }
        (Value::Fixed(item), Value::Fixed(whole)) => {
            Ok(Said::Always(item.text().zip(whole.text()).is_some_and(|(item, whole)| whole.contains(&item))))
        }
        (Value::Fixed(item), Value::Computed(found)) => {
            let text = item.text().ok_or("what is looked for is no text")?;
            match found.kind {
                Type::Texts => Ok(found.guarded(&format!("{} in {}", quoted(&text), found.code))),
                Type::Text => found.such_that(
                    |now| now.contains(&text),
                    &format!("{}.contains({})", found.code, quoted(&text)),
                ),
                _ => Err("something is looked for in an answer that holds no texts".to_owned()),
            }
        }
        (Value::Computed(found), Value::Fixed(Fixed::List(items))) if found.kind == Type::Text => {
            if found.changed {
                return found.such_that(|now| items.iter().any(|item| item == now), "");
            }
            let list: Vec<String> = items.iter().map(|item| quoted(item)).collect();
            Ok(found.guarded(&format!("{} in [{}]", found.code, list.join(", "))))
        }
        (Value::Computed(found), Value::Fixed(whole)) if found.kind == Type::Text => {
            let whole = whole.text().unwrap_or_default();
            if found.choices.is_empty() {
                return Ok(found.guarded(&format!("{}.contains({})", quoted(&whole), found.code)));
            }
            found.such_that(|now| whole.contains(now), "")
        }
        (Value::Computed(item), Value::Computed(whole))
            if item.kind == Type::Text && !item.changed && !whole.changed =>
        {
            let needs: Vec<String> = item.needs.iter().chain(&whole.needs).cloned().collect();
            match whole.kind {
                Type::Texts => Ok(guarded(&needs, &format!("{} in {}", item.code, whole.code))),
                Type::Text => Ok(guarded(&needs, &format!("{}.contains({})", whole.code, item.code))),
                _ => Err("something is looked for in an answer that holds no texts".to_owned()),
            }
        }
        _ => Err("something is looked for in what holds no texts".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::names::Known;

    fn known(id: &str, kind: Type, choices: &[&str]) -> (String, Known) {
        let choices = choices.iter().map(|choice| (*choice).to_owned()).collect();
        (id.to_owned(), Known { id: id.to_owned(), kind, choices, rows: BTreeMap::new() })
    }

    fn in_cel(source: &str, language: Language) -> Result<String, String> {
        let mut fields = BTreeMap::from([
            known("nom", Type::Text, &[]),
            known("statut", Type::Text, &["Un particulier", "Une association", "Autre"]),
            known("jours", Type::Texts, &["Lundi", "Mardi"]),
            known("oui", Type::Truth, &[]),
            known("debut", Type::Day, &[]),
            known("fin", Type::Day, &[]),
            known("age", Type::Whole, &[]),
            known("plan", Type::Files, &[]),
        ]);
        let mut group = known("enfants", Type::Rows, &[]).1;
        group.rows = BTreeMap::from([known("prenom", Type::Text, &[])]);
        fields.insert("enfants".to_owned(), group);
        let options =
            BTreeMap::from([("delai".to_owned(), "15".to_owned()), ("lien".to_owned(), String::new())]);
        let names = Names { fields: &fields, row: None, options: &options };
        condition(source, language, &names).map(|said| match said {
            Said::Always(truth) => truth.to_string(),
            Said::When(code) => code,
        })
    }

    #[test]
    fn conditions_mean_what_they_meant() {
        for (source, cel) in [
            ("form_var_statut == \"Autre\"", "statut == 'Autre'"),
            ("form_var_statut_raw != 'Autre'", "!(statut == 'Autre')"),
            ("form_var_statut", "statut != null"),
            ("not form_var_statut", "!(statut != null)"),
            ("'asso' in form_var_statut|lower", "statut == 'Une association'"),
            (
                "'un' in form_var_statut|lower",
                "statut != null && statut in ['Un particulier', 'Une association']",
            ),
            ("'Lundi' in form_var_jours", "jours != null && 'Lundi' in jours"),
            ("form_var_oui == \"True\"", "oui == true"),
            ("form_var_oui", "oui == true"),
            ("form_var_debut <= form_var_fin", "debut != null && fin != null && debut <= fin"),
            (
                "form_var_debut|date < today|add_days:form_option_delai",
                "debut != null && debut < add_days(today, 15)",
            ),
            (
                "form_var_age > 17 and form_var_age < 26",
                "(age != null && age > 17) && (age != null && age < 26)",
            ),
            ("form_var_debut|age_in_years >= 18", "debut != null && years_between(debut, today) >= 18"),
            ("form_var_jours|length > 1", "(jours == null ? 0 : size(jours)) > 1"),
            ("form_option_lien", "false"),
            ("form_option_delai", "true"),
            ("false", "false"),
            ("form_var_nom and form_option_lien", "false"),
            ("form_user_email and form_option_lien", "false"),
            ("form_var_plan", "plan != null && size(plan) > 0"),
            ("form_submission_channel == 'mail'", "channel == 'paper'"),
            ("form_submission_backoffice", "!self_service"),
            ("form_var_nom == None", "!(nom != null)"),
            ("form_var_debut > '2026-01-31'", "debut != null && debut > '2026-01-31'"),
            (
                "form_var_enfants_0_prenom == 'Léo'",
                "enfants != null && size(enfants) > 0 && enfants[0].prenom != null && enfants[0].prenom == 'Léo'",
            ),
        ] {
            assert_eq!(in_cel(source, Language::Django).as_deref(), Ok(cel), "{source}");
        }
        for (source, cel) in [
            (
                "form_var_statut in ('Autre', 'Une association') or form_var_oui",
                "(statut != null && statut in ['Autre', 'Une association']) || (oui == true)",
            ),
            ("len(form_var_jours) >= 2", "(jours == null ? 0 : size(jours)) >= 2"),
            ("form_var_nom.startswith('D\\'')", "nom != null && nom.startsWith('D\\'')"),
            ("(form_var_age + 1) > 18", "age != null && (age + 1) > 18"),
        ] {
            assert_eq!(in_cel(source, Language::Python).as_deref(), Ok(cel), "{source}");
        }
    }

    #[test]
    fn what_has_no_counterpart_says_why() {
        for (source, said) in [
            ("form_var_nom|lower == 'a'", "typed freely"),
            ("now|time > form_var_debut|time", "not the time of day"),
            ("form_user_email == 'a'", "the account"),
            ("form_var_rien", "no field is called `rien`"),
            ("cards_voies_x", "comes from elsewhere"),
            ("today|date|add_working_days:5 < form_var_debut", "`add_working_days`"),
            ("form_var_nom > form_var_age", "different kinds"),
        ] {
            let reason = in_cel(source, Language::Django).unwrap_err();
            assert!(reason.contains(said), "{source}: {reason}");
        }
    }
}
