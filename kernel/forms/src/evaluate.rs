//! Answers against the form: what is asked, what is needed, what is right. One pass, in the order of the form:
//! the cost grows as the answers do.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, LazyLock},
};

use beffroi_core::{Channel, Day, Lang, text::fold};
use cel::{Context, Env};
use serde_json::{Map, Value};

use crate::{
    Answers, CompiledForm, Fault, Field, Kind, Period, Reason, Source,
    compile::{AMBIENT, CheckPlan, FieldPlan, Need, fetched_name},
    functions, read, rows_at_least,
};

/// Lists that are kept outside the form.
pub trait References {
    /// The code that a typed code or name means, if it means one.
    fn find(&self, source: Source, typed: &str) -> Option<String>;
    /// The name of a code.
    fn name(&self, source: Source, code: &str, lang: Lang) -> Option<String>;
}

/// No lists at all, for forms that use none.
#[derive(Clone, Copy, Debug)]
pub struct NoReferences;

impl References for NoReferences {
    fn find(&self, _: Source, _: &str) -> Option<String> {
        None
    }
    fn name(&self, _: Source, _: &str, _: Lang) -> Option<String> {
        None
    }
}

/// A file that was received and belongs to these answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileInfo {
    /// Its name where it comes from.
    pub name: String,
    /// Its size.
    pub bytes: u64,
}

/// What the answers are judged by beside the form.
#[derive(Clone, Copy)]
pub struct Environment<'e> {
    /// The day, where the commune is.
    pub today: Day,
    /// The door through which the answers come.
    pub channel: Channel,
    /// The lists.
    pub references: &'e dyn References,
    /// The files received, by document.
    pub files: &'e HashMap<String, FileInfo>,
}

/// What became of one question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FieldState {
    /// Whether it is asked.
    pub shown: bool,
    /// Whether an answer is needed.
    pub required: bool,
}

/// A limit that these answers count for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitUse {
    /// Which of the procedure's limits.
    pub rank: usize,
    /// Its name in counts.
    pub id: String,
    /// Who asks: the answer that tells.
    pub who: String,
    /// Over what time.
    pub per: Period,
    /// The day that tells which period is counted.
    pub on: Day,
    /// How many at most, this one included.
    pub at_most: i64,
}

/// What the answers amount to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// The right answers to the questions that are asked, normalised.
    pub answers: Map<String, Value>,
    /// Everything that is wrong, in the order of the form.
    pub faults: Vec<Fault>,
    /// What became of each question, by path.
    pub states: BTreeMap<String, FieldState>,
    /// Whether each page is shown.
    pub pages: Vec<bool>,
    /// The limits to be counted.
    pub limits: Vec<LimitUse>,
    /// The files that are asked for and not given, and that somebody online would have had to give: at another
    /// door they may come later. By path, in the order of the form.
    pub expected_files: Vec<String>,
}

impl Outcome {
    /// What became of a question.
    pub fn state(&self, path: &str) -> FieldState {
        self.states.get(path).copied().unwrap_or_default()
    }

    /// What is wrong at a path or at a part of it.
    pub fn fault(&self, path: &str) -> Option<&Fault> {
        self.faults.iter().find(|fault| fault.path == path)
    }
}

/// The language itself, made once: it takes longer to make than most forms to judge.
static LANGUAGE: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

struct Pass<'p> {
    environment: &'p Environment<'p>,
    outcome: Outcome,
}

/// What every condition knows.
pub(crate) fn context(environment: &Environment<'_>) -> Context<'static, 'static> {
    let mut context = Context::with_env(Arc::clone(&LANGUAGE));
    // The names are ours and free: they cannot clash with CEL's own.
    let declared = functions::declare(&mut context);
    debug_assert!(declared.is_ok(), "a function bears a name of the language");
    context.add_variable_from_value("today", environment.today.to_string());
    context.add_variable_from_value("channel", environment.channel.as_str());
    let alone = matches!(environment.channel, Channel::Online | Channel::Api);
    context.add_variable_from_value("self_service", alone);
    context
}

impl CompiledForm {
    /// Judges answers: gives the normalised ones and all faults at once.
    pub fn evaluate(&self, typed: &Answers, environment: &Environment<'_>) -> Outcome {
        self.judge(typed, environment, Vec::new())
    }

    /// [`CompiledForm::evaluate`], where more is known beforehand.
    pub(crate) fn judge(
        &self,
        typed: &Answers,
        environment: &Environment<'_>,
        known: Vec<(String, cel::Value)>,
    ) -> Outcome {
        let mut context = context(environment);
        for (name, value) in known {
            context.add_variable_from_value(name, value);
        }
        let mut pass = Pass { environment, outcome: Outcome::default() };
        for (page, plan) in self.procedure.form.pages.iter().zip(&self.pages) {
            let shown = plan.show.as_ref().is_none_or(|show| show.holds(&context));
            pass.outcome.pages.push(shown);
            for (field, plan) in page.fields.iter().zip(&plan.fields) {
                let value = pass.field(field, plan, typed, &context, "", shown);
                context.add_variable_from_value(field.id.as_str(), known_as(field, value.as_ref()));
                if self.fetched.contains(&field.id) {
                    let as_fetched = value.is_some() && typed.is_as_fetched(&field.id);
                    context.add_variable_from_value(fetched_name(&field.id), as_fetched);
                }
                if let Some(value) = value {
                    pass.outcome.answers.insert(field.id.clone(), value);
                }
            }
        }
        for check in &self.checks {
            let known = std::mem::take(&mut pass.outcome.answers);
            pass.check(self, check, &context, &known);
            pass.outcome.answers = known;
        }
        self.limits(&context, environment.today, &mut pass.outcome);
        pass.outcome
    }

    fn limits(&self, context: &Context<'_, '_>, today: Day, outcome: &mut Outcome) {
        for (rank, (limit, plan)) in self.procedure.limits.iter().zip(&self.limits).enumerate() {
            if !plan.when.as_ref().is_none_or(|when| when.holds(context)) {
                continue;
            }
            let text = |name: &str| outcome.answers.get(name).and_then(Value::as_str);
            let day = match limit.day.as_str() {
                "" => Some(today),
                name => text(name).and_then(|day| day.parse::<Day>().ok()),
            };
            let who = outcome.answers.get(&limit.who).and_then(counted_as);
            if let (Some(who), Some(on), Some(cel::Value::Int(at_most))) =
                (who, day, plan.at_most.value(context))
            {
                // Those that were published without a name are told apart by their rank.
                let id = if limit.id.is_empty() { rank.to_string() } else { limit.id.clone() };
                outcome.limits.push(LimitUse { rank, id, who, per: limit.per, on, at_most });
            }
        }
    }
}

/// Who asks, as they are counted: a text as it is; a person by name and birth date, however the name was typed.
fn counted_as(answer: &Value) -> Option<String> {
    if let Some(text) = answer.as_str() {
        return Some(text.to_owned());
    }
    let part = |name: &str| answer.get(name).and_then(Value::as_str);
    let given = part("given_names")?;
    // Some write one of their first names, some all of them.
    let first = given.split([' ', ',']).find(|name| !name.is_empty())?;
    Some(format!("{} {} {}", fold(part("family_name")?), fold(first), part("birth_date")?))
}

impl Pass<'_> {
    /// One question: whether it is asked, its answer, its faults.
    fn field(
        &mut self,
        field: &Field,
        plan: &FieldPlan,
        typed: &Answers,
        context: &Context<'_, '_>,
        prefix: &str,
        page_shown: bool,
    ) -> Option<Value> {
        let path = format!("{prefix}{}", field.id);
        let shown = page_shown && plan.show.as_ref().is_none_or(|show| show.holds(context));
        let required = shown
            && field.kind.is_question()
            && plan.compute.is_none()
            && match &plan.required {
                Need::Always => true,
                Need::Never => false,
                Need::When(condition) => condition.holds(context),
            };
        self.outcome.states.insert(path.clone(), FieldState { shown, required });
        if !shown || !field.kind.is_question() {
            return None;
        }
        if let Some(compute) = &plan.compute {
            let value = compute.value(context).and_then(|value| from_cel(&value))?;
            return self.checked(field, plan, context, prefix, &value).then_some(value);
        }
        if let Kind::Group { fields, min_rows, max_rows, .. } = &field.kind {
            let bounds = (rows_at_least(required, *min_rows), *max_rows);
            let before = self.outcome.faults.len();
            let rows = self.group(fields, plan, typed.rows(&field.id), context, &path, bounds)?;
            // What is wrong in a row is told first: the rows together are judged once each is right.
            let whole = self.outcome.faults.len() == before;
            let right = !whole || self.checked(field, plan, context, prefix, &rows);
            return right.then_some(rows);
        }
        match read::answer(field, typed, self.environment) {
            Ok(Some(answer)) => {
                let right = self.checked(field, plan, context, prefix, &answer);
                right.then_some(answer)
            }
            Ok(None) if required => {
                let reason = missing(&field.kind);
                let path = first_control(&field.kind, path);
                self.outcome.faults.push(Fault { path, reason });
                None
            }
            Ok(None) => {
                if matches!(field.kind, Kind::File { .. }) && self.required_online(&plan.required, context) {
                    self.outcome.expected_files.push(path);
                }
                None
            }
            Err(wrong) => {
                for (part, reason) in wrong {
                    let path = match part {
                        "" => first_control(&field.kind, path.clone()),
                        part => format!("{path}-{part}"),
                    };
                    self.outcome.faults.push(Fault { path, reason });
                }
                None
            }
        }
    }

    /// Whether what is not needed at this door would be online.
    fn required_online(&self, required: &Need, context: &Context<'_, '_>) -> bool {
        match required {
            Need::When(condition) if self.environment.channel != Channel::Online => {
                let mut online = context.new_inner_scope();
                online.add_variable_from_value("self_service", true);
                online.add_variable_from_value("channel", Channel::Online.as_str());
                condition.holds(&online)
            }
            _ => false,
        }
    }

    fn group(
        &mut self,
        fields: &[Field],
        plan: &FieldPlan,
        rows: &[Answers],
        context: &Context<'_, '_>,
        path: &str,
        (min, max): (u32, u32),
    ) -> Option<Value> {
        let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        if count < min {
            self.outcome.faults.push(Fault { path: path.to_owned(), reason: Reason::TooFewRows { min } });
        } else if count > max {
            self.outcome.faults.push(Fault { path: path.to_owned(), reason: Reason::TooManyRows { max } });
            return None;
        }
        let mut answers = Vec::with_capacity(rows.len());
        for (number, typed) in rows.iter().enumerate() {
            let prefix = format!("{path}.{number}.");
            let mut inner = context.new_inner_scope();
            let mut row = Map::new();
            for (field, plan) in fields.iter().zip(&plan.rows) {
                let value = self.field(field, plan, typed, &inner, &prefix, true);
                inner.add_variable_from_value(field.id.as_str(), to_cel(value.as_ref()));
                if let Some(value) = value {
                    row.insert(field.id.clone(), value);
                }
            }
            answers.push(Value::Object(row));
        }
        (!answers.is_empty()).then_some(Value::Array(answers))
    }

    /// The field's own checks, with its answer known to them.
    fn checked(
        &mut self,
        field: &Field,
        plan: &FieldPlan,
        context: &Context<'_, '_>,
        prefix: &str,
        answer: &Value,
    ) -> bool {
        if plan.checks.is_empty() {
            return true;
        }
        let mut inner = context.new_inner_scope();
        inner.add_variable_from_value(field.id.as_str(), known_as(field, Some(answer)));
        let before = self.outcome.faults.len();
        for check in &plan.checks {
            let unanswered = |name: &str| {
                if name == field.id {
                    return has_gaps(field, answer);
                }
                matches!(inner.get_variable(name).as_deref().map(is_null), None | Some(true))
            };
            if check.when.judges(&inner, unanswered) == Some(false) {
                let path = first_control(&field.kind, format!("{prefix}{}", field.id));
                self.outcome.faults.push(Fault { path, reason: Reason::Said(check.message.clone()) });
                break;
            }
        }
        self.outcome.faults.len() == before
    }

    /// A check upon the whole. It is not judged while its field is wrong already, or is not asked.
    fn check(
        &mut self,
        form: &CompiledForm,
        check: &CheckPlan,
        context: &Context<'_, '_>,
        answers: &Map<String, Value>,
    ) {
        let wrong = self.outcome.faults.iter().any(|fault| fault.is_at(&check.field));
        if wrong || !self.outcome.state(&check.field).shown {
            return;
        }
        let unanswered = |name: &str| {
            AMBIENT.iter().all(|(ambient, _)| *ambient != name)
                && match (form.fields().find(|(_, field)| field.id == name), answers.get(name)) {
                    (Some((_, field)), Some(answer)) => has_gaps(field, answer),
                    _ => true,
                }
        };
        if check.when.judges(context, unanswered) == Some(false) {
            let path = match form.field(&check.field) {
                Some(field) => first_control(&field.kind, check.field.clone()),
                None => check.field.clone(),
            };
            self.outcome.faults.push(Fault { path, reason: Reason::Said(check.message.clone()) });
        }
    }
}

fn is_null(value: &dyn cel::common::value::Val) -> bool {
    *value.get_type() == cel::common::types::NULL_TYPE
}

/// Whether a question of a row was left unanswered: what looks at the rows may then not be computable.
fn has_gaps(field: &Field, answer: &Value) -> bool {
    let (Kind::Group { fields, .. }, Value::Array(rows)) = (&field.kind, answer) else { return false };
    let questions = || fields.iter().filter(|field| field.kind.is_question());
    rows.iter().any(|row| questions().any(|field| row.get(&field.id).is_none()))
}

const fn missing(kind: &Kind) -> Reason {
    match kind {
        Kind::YesNo | Kind::OneOf { .. } | Kind::ManyOf { .. } => Reason::NotChosen,
        Kind::File { .. } => Reason::NoFile,
        Kind::Sworn => Reason::NotSworn,
        Kind::Identity { .. } => Reason::FamilyName,
        Kind::Point => Reason::Point,
        Kind::Email => Reason::NoEmail,
        Kind::Phone => Reason::NoPhone,
        Kind::Address { .. } => Reason::NoAddress,
        Kind::Date { .. } => Reason::NoDate,
        _ => Reason::Missing,
    }
}

/// Where a fault of the whole answer is told: at the control that a person meets first.
fn first_control(kind: &Kind, path: String) -> String {
    match kind {
        Kind::Identity { .. } => format!("{path}-family_name"),
        _ => path,
    }
}

/// An answer as conditions know it. In a row, what is unanswered is null, and not unknown.
pub(crate) fn known_as(field: &Field, value: Option<&Value>) -> cel::Value {
    let (Kind::Group { fields, .. }, Some(Value::Array(rows))) = (&field.kind, value) else {
        return to_cel(value);
    };
    let row = |row: &Value| {
        let member = |field: &Field| (Arc::new(field.id.clone()).into(), to_cel(row.get(&field.id)));
        let map: HashMap<cel::objects::Key, cel::Value> = fields.iter().map(member).collect();
        cel::Value::Map(cel::objects::Map { map: Arc::new(map) })
    };
    cel::Value::List(Arc::new(rows.iter().map(row).collect()))
}

fn to_cel(value: Option<&Value>) -> cel::Value {
    match value {
        None | Some(Value::Null) => cel::Value::Null,
        Some(Value::Bool(truth)) => cel::Value::Bool(*truth),
        Some(Value::Number(number)) => match number.as_i64() {
            Some(whole) => cel::Value::Int(whole),
            None => cel::Value::Float(number.as_f64().unwrap_or_default()),
        },
        Some(Value::String(text)) => cel::Value::String(Arc::new(text.clone())),
        Some(Value::Array(items)) => {
            cel::Value::List(Arc::new(items.iter().map(|item| to_cel(Some(item))).collect()))
        }
        Some(Value::Object(members)) => {
            let map: HashMap<cel::objects::Key, cel::Value> = members
                .iter()
                .map(|(name, value)| (cel::objects::Key::String(Arc::new(name.clone())), to_cel(Some(value))))
                .collect();
            cel::Value::Map(cel::objects::Map { map: Arc::new(map) })
        }
    }
}

fn from_cel(value: &cel::Value) -> Option<Value> {
    match value {
        cel::Value::Bool(truth) => Some(Value::from(*truth)),
        cel::Value::Int(whole) => Some(Value::from(*whole)),
        cel::Value::Float(number) => serde_json::Number::from_f64(*number).map(Value::Number),
        cel::Value::String(text) => Some(Value::from(text.as_str())),
        cel::Value::List(items) => items.iter().map(from_cel).collect::<Option<Vec<_>>>().map(Value::Array),
        cel::Value::Map(members) => members
            .map
            .iter()
            .filter(|(_, value)| !matches!(value, cel::Value::Null))
            .map(|(name, value)| Some((name.to_string(), from_cel(value)?)))
            .collect::<Option<Map<_, _>>>()
            .map(Value::Object),
        _ => None,
    }
}
