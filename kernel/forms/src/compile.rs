//! A procedure made ready: every condition compiled, every name known. What is wrong is told here, before
//! anybody answers.

use std::{
    collections::HashSet,
    sync::{Arc, OnceLock},
};

use crate::{
    CaseStep, Check, Field, Flaw, Form, Kind, Page, Period, Procedure, Requirement, Text,
    check::is_slug,
    expression::{Expression, Place},
    fetch_flaw::FetchFlaw,
    flaw::Sort,
    procedure::LONGEST_PERIOD,
    step_check,
    step_flaw::StepFlaw,
    types::{Scope, Type},
};

/// What is wrong with a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where: `form.page[objet].field[duree].show`.
    pub at: String,
    /// What is wrong, in English.
    pub message: String,
    /// The same, as a thing with a code.
    pub flaw: Flaw,
}

impl Problem {
    /// What is wrong at this place.
    pub fn new(at: &str, flaw: impl Into<Flaw>) -> Self {
        let flaw = flaw.into();
        Self { at: at.to_owned(), message: flaw.to_string(), flaw }
    }
}

/// A procedure whose form can be answered.
#[derive(Debug)]
pub struct CompiledForm {
    pub(crate) procedure: Procedure,
    pub(crate) pages: Vec<PagePlan>,
    pub(crate) checks: Vec<CheckPlan>,
    pub(crate) limits: Vec<LimitPlan>,
    pub(crate) steps: Vec<StepPlan>,
    /// The fields that the State fills.
    pub(crate) fetched: HashSet<String>,
    /// The same in plain words, made when it is first asked for.
    plain: OnceLock<Option<Arc<Self>>>,
}

#[derive(Debug)]
pub(crate) struct StepPlan {
    pub(crate) when: Option<Expression>,
    /// What agents fill in, as a form of its own.
    pub(crate) form: Option<Box<CompiledForm>>,
    pub(crate) actions: Vec<Option<Expression>>,
}

#[derive(Debug)]
pub(crate) struct PagePlan {
    pub(crate) show: Option<Expression>,
    pub(crate) fields: Vec<FieldPlan>,
}

#[derive(Debug)]
pub(crate) struct FieldPlan {
    pub(crate) show: Option<Expression>,
    pub(crate) required: Need,
    pub(crate) compute: Option<Expression>,
    pub(crate) checks: Vec<CheckPlan>,
    pub(crate) rows: Vec<FieldPlan>,
}

#[derive(Debug)]
pub(crate) enum Need {
    Always,
    Never,
    When(Expression),
}

#[derive(Debug)]
pub(crate) struct LimitPlan {
    pub(crate) when: Option<Expression>,
    pub(crate) at_most: Expression,
}

#[derive(Debug)]
pub(crate) struct CheckPlan {
    pub(crate) when: Expression,
    pub(crate) message: Text,
    pub(crate) field: String,
}

/// What is always known: the day, the door through which the answers come, and whether a person (or a program
/// for them) comes through it without an agent who looks at papers and knows the town's ways.
pub(crate) const AMBIENT: [(&str, Type); 3] =
    [("today", Type::Text), ("channel", Type::Text), ("self_service", Type::Bool)];

/// Names that a part of a control or the language would take: no question has them.
pub const RESERVED: [&str; 14] = [
    "today",
    "channel",
    "self_service",
    "shown",
    "true",
    "false",
    "null",
    "in",
    "as",
    "size",
    "has",
    "int",
    "string",
    "double",
];

struct Compiler {
    problems: Vec<Problem>,
    names: HashSet<String>,
    scope: Scope,
    /// The fields that the State fills.
    fetched: HashSet<String>,
}

impl CompiledForm {
    /// Compiles a procedure's form.
    ///
    /// # Errors
    /// Everything that is wrong with names, conditions and limits, each with its place.
    pub fn compile(procedure: Procedure) -> Result<Self, Vec<Problem>> {
        let mut compiler = Compiler {
            problems: Vec::new(),
            names: HashSet::new(),
            scope: Scope::new(),
            fetched: HashSet::new(),
        };
        compiler.fetches(&procedure);
        compiler.scope.extend(AMBIENT.map(|(name, kind)| (name.to_owned(), kind)));
        let mut pages = Vec::new();
        let mut page_ids = HashSet::new();
        for page in &procedure.form.pages {
            let at = format!("form.page[{}]", page.id);
            if !is_slug(&page.id) || !page_ids.insert(page.id.as_str()) {
                compiler.problem(&at, Flaw::PageName);
            }
            pages.push(compiler.page(page, &at));
        }
        let checks = procedure.form.checks.iter().enumerate().filter_map(|(rank, check)| {
            let at = format!("form.check[{rank}]");
            let field = check.field.clone().unwrap_or_default();
            if !compiler.scope.contains_key(&field) {
                compiler.problem(&at, Flaw::CheckPlace);
            }
            compiler.check(check, field, Place::Form, &at)
        });
        let checks = checks.collect();
        let limits = procedure.limits.iter().enumerate().filter_map(|(rank, limit)| {
            let at = format!("limit[{rank}]");
            let mut asked = procedure.form.pages.iter().flat_map(|page| &page.fields);
            let person = asked
                .any(|field| field.id == limit.who && matches!(field.kind, Kind::Identity { birth: true }));
            if !person && compiler.scope.get(&limit.who) != Some(&Type::Text) {
                compiler.problem(&at, Flaw::LimitName(limit.who.clone()));
            }
            let timeless = limit.per == Period::Ever && limit.day.is_empty();
            if !timeless && compiler.scope.get(&limit.day) != Some(&Type::Text) {
                compiler.problem(&at, Flaw::LimitName(limit.day.clone()));
            }
            if matches!(limit.per, Period::Days(days) if !(1..=LONGEST_PERIOD).contains(&days)) {
                compiler.problem(&at, Flaw::LimitDays);
            }
            let when = compiler.condition(limit.when.as_deref(), Place::Form, &format!("{at}.when"));
            let at_most =
                compiler.expression(&limit.at_most, &Type::Int, Place::Form, &format!("{at}.at_most"))?;
            Some(LimitPlan { when, at_most })
        });
        let limits = limits.collect();
        let steps = compiler.steps(&procedure);
        if compiler.problems.is_empty() {
            Ok(Self {
                procedure,
                pages,
                checks,
                limits,
                steps,
                fetched: compiler.fetched,
                plain: OnceLock::new(),
            })
        } else {
            Err(compiler.problems)
        }
    }

    /// The same form in plain words, for a reader who wants them; itself where nobody wrote any.
    pub fn plain(self: &Arc<Self>) -> Arc<Self> {
        let plain = self.plain.get_or_init(|| {
            let plain = self.procedure.has_plain_words().then(|| self.procedure.in_plain_words())?;
            Self::compile(plain).ok().map(Arc::new)
        });
        plain.clone().unwrap_or_else(|| Arc::clone(self))
    }

    /// Whether some of its texts are written in plain words, too.
    pub fn has_plain(self: &Arc<Self>) -> bool {
        !Arc::ptr_eq(self, &self.plain())
    }

    /// The procedure that was compiled.
    pub const fn procedure(&self) -> &Procedure {
        &self.procedure
    }

    /// Every field with the rank of its page, those of groups left out.
    pub fn fields(&self) -> impl Iterator<Item = (usize, &Field)> {
        let pages = self.procedure.form.pages.iter().enumerate();
        pages.flat_map(|(rank, page)| page.fields.iter().map(move |field| (rank, field)))
    }

    /// The field at a path: `nom`, or `enfants.0.nom`.
    pub fn field(&self, path: &str) -> Option<&Field> {
        let mut parts = path.split('.');
        let name = parts.next()?;
        let (_, field) = self.fields().find(|(_, field)| field.id == name)?;
        match (parts.next(), parts.next(), &field.kind) {
            (None, _, _) => Some(field),
            (Some(_), Some(inner), Kind::Group { fields, .. }) => {
                fields.iter().find(|field| field.id == inner)
            }
            _ => None,
        }
    }
}

/// Whether a field may bear this id: small letters, digits and `_`, and no word of the language.
pub fn is_field_name(id: &str) -> bool {
    id.starts_with(|letter: char| letter.is_ascii_lowercase())
        && id.bytes().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'_')
        && id.len() <= 40
        && !RESERVED.contains(&id)
}

impl Compiler {
    fn problem(&mut self, at: &str, flaw: impl Into<Flaw>) {
        self.problems.push(Problem::new(at, flaw));
    }

    /// The steps: each sees every answer, and what was filled in in those before it.
    fn steps(&mut self, procedure: &Procedure) -> Vec<StepPlan> {
        if procedure.steps.is_empty() {
            return Vec::new();
        }
        let head =
            Procedure { form: Form::default(), steps: Vec::new(), limits: Vec::new(), ..procedure.clone() };
        let steps = procedure.steps.iter().enumerate();
        steps.map(|(rank, step)| self.step(&head, step, &step_check::place(rank, step))).collect()
    }

    fn step(&mut self, head: &Procedure, step: &CaseStep, at: &str) -> StepPlan {
        let when = self.condition(step.when.as_deref(), Place::Form, &format!("{at}.when"));
        let (outer, names) = (self.scope.clone(), self.names.clone());
        let fields: Vec<FieldPlan> =
            step.fields.iter().map(|field| self.field(field, Place::Form, at)).collect();
        let known = step.fields.iter().filter_map(|field| {
            Some((
                field.id.clone(),
                self.scope.get(&field.id).filter(|_| !outer.contains_key(&field.id))?.clone(),
            ))
        });
        let parts = known.collect();
        (self.scope, self.names) = (outer, names);
        if !step.fields.is_empty() {
            let name = step.variable();
            let free = is_field_name(&name) && !self.scope.contains_key(&name);
            if !free {
                self.problem(&format!("{at}.id"), StepFlaw::Variable);
            }
            self.scope.insert(name, Type::Parts(parts));
        }
        let actions = step
            .actions
            .iter()
            .map(|action| {
                let at = format!("{at}.action[{}]", action.id);
                for name in braced(&action.text).chain(braced(&action.title)) {
                    if !self.is_known(name) {
                        self.problem(&format!("{at}.text"), StepFlaw::UnknownMark(name.to_owned()));
                    }
                }
                for name in &action.share {
                    if !self.is_known(name) {
                        self.problem(&format!("{at}.share"), StepFlaw::UnknownShare(name.clone()));
                    }
                }
                self.condition(action.when.as_deref(), Place::Form, &format!("{at}.when"))
            })
            .collect();
        let form = (!step.fields.is_empty()).then(|| {
            let page = Page {
                id: step.id.clone(),
                title: step.label.clone(),
                intro: Text::default(),
                show: None,
                fields: step.fields.clone(),
            };
            let procedure =
                Procedure { form: Form { pages: vec![page], checks: Vec::new() }, ..head.clone() };
            let pages = vec![PagePlan { show: None, fields }];
            Box::new(CompiledForm {
                procedure,
                pages,
                checks: Vec::new(),
                limits: Vec::new(),
                steps: Vec::new(),
                fetched: HashSet::new(),
                plain: OnceLock::new(),
            })
        });
        StepPlan { when, form, actions }
    }

    /// Whether a text may name this: a question, or `step.field`.
    fn is_known(&self, name: &str) -> bool {
        match name.split_once('.') {
            None => self.scope.contains_key(name) && AMBIENT.iter().all(|(ambient, _)| *ambient != name),
            Some((step, field)) => match self.scope.get(&step.replace('-', "_")) {
                Some(Type::Parts(parts)) => parts.iter().any(|(part, _)| part == field),
                _ => false,
            },
        }
    }

    /// What the State is asked for: each field is filled by one source at most, and its `fetched_…` is a name.
    fn fetches(&mut self, procedure: &Procedure) {
        let mut before: Vec<&Field> = Vec::new();
        for page in &procedure.form.pages {
            for field in &page.fields {
                let at = format!("form.page[{}].field[{}].fetch", page.id, field.id);
                if let Some(fetch) = &field.fetch {
                    for fault in fetch.faults(&field.id, &page.fields, &before) {
                        self.problem(&at, fault);
                    }
                    for (filled, _) in fetch.filled(&field.id) {
                        self.names.insert(fetched_name(filled));
                        if !self.fetched.insert(filled.to_owned()) {
                            self.problem(&at, FetchFlaw::FilledTwice(filled.to_owned()));
                        }
                    }
                }
            }
            before.extend(&page.fields);
        }
        for (rank, step) in procedure.steps.iter().enumerate() {
            for field in step.fields.iter().filter(|field| field.fetch.is_some()) {
                let at = format!("{}.field[{}].fetch", step_check::place(rank, step), field.id);
                self.problem(&at, FetchFlaw::InStep);
            }
        }
    }

    fn page(&mut self, page: &Page, at: &str) -> PagePlan {
        let show = self.condition(page.show.as_deref(), Place::Form, &format!("{at}.show"));
        let fields = page.fields.iter().map(|field| self.field(field, Place::Form, at)).collect();
        PagePlan { show, fields }
    }

    fn field(&mut self, field: &Field, place: Place, at: &str) -> FieldPlan {
        let at = format!("{at}.field[{}]", field.id);
        self.name(field, &at);
        // A condition may look at what comes before: one pass over the answers then settles everything.
        let show = self.condition(field.show.as_deref(), place, &format!("{at}.show"));
        let required = match &field.required {
            Requirement::Fixed(true) => Need::Always,
            Requirement::Fixed(false) => Need::Never,
            Requirement::When(source) => self
                .expression(source, &Type::Bool, place, &format!("{at}.required"))
                .map_or(Need::Never, Need::When),
        };
        if place == Place::Row && field.fetch.is_some() {
            self.problem(&at, FetchFlaw::InGroup);
        }
        let mut rows = Vec::new();
        let mut kind = kind_of(&field.kind);
        if let Kind::Group { fields, min_rows, max_rows, .. } = &field.kind {
            if place == Place::Row {
                self.problem(&at, Flaw::GroupInGroup);
            }
            if min_rows > max_rows || *max_rows == 0 || *max_rows > 1_000 {
                self.problem(&at, Flaw::RowsOrder);
            }
            // What its rows know is forgotten after them; what stood there under the same name comes back.
            let outer: Vec<(String, Option<Type>)> =
                fields.iter().map(|field| (field.id.clone(), self.scope.get(&field.id).cloned())).collect();
            rows = fields.iter().map(|field| self.field(field, Place::Row, &at)).collect();
            let parts = fields
                .iter()
                .filter_map(|field| Some((field.id.clone(), self.scope.get(&field.id)?.clone())))
                .collect();
            kind = Some(Type::List(Box::new(Type::Parts(parts))));
            for (name, kind) in outer {
                match kind {
                    Some(kind) => self.scope.insert(name, kind),
                    None => self.scope.remove(&name),
                };
            }
        }
        let compute = field.compute.as_deref().and_then(|source| {
            let at = format!("{at}.compute");
            let compiled = Expression::compile(source, &self.scope, place);
            compiled.map_err(|flaw| self.problem(&at, flaw)).ok()
        });
        if let Some(computed) = compute.as_ref().filter(|computed| kind.as_ref() != Some(computed.kind())) {
            self.problem(&at, Flaw::ComputedKind(Sort::of(computed.kind())));
        }
        if let Some(kind) = kind {
            self.scope.insert(field.id.clone(), kind);
        }
        if place == Place::Form && self.fetched.contains(&field.id) {
            self.scope.insert(fetched_name(&field.id), Type::Bool);
        }
        let checks = field
            .checks
            .iter()
            .enumerate()
            .filter_map(|(rank, check)| {
                if check.field.is_some() {
                    self.problem(&at, Flaw::OwnCheckField);
                }
                self.check(check, field.id.clone(), place, &format!("{at}.check[{rank}]"))
            })
            .collect();
        FieldPlan { show, required, compute, checks, rows }
    }

    fn name(&mut self, field: &Field, at: &str) {
        let id = field.id.as_str();
        if !is_field_name(id) {
            self.problem(at, Flaw::FieldName);
        } else if !self.names.insert(id.to_owned()) {
            self.problem(at, Flaw::FieldNameTaken);
        }
    }

    fn check(&mut self, check: &Check, field: String, place: Place, at: &str) -> Option<CheckPlan> {
        if check.message.is_empty() {
            self.problem(at, Flaw::CheckSilent);
        }
        let when = self.expression(&check.when, &Type::Bool, place, at)?;
        Some(CheckPlan { when, message: check.message.clone(), field })
    }

    fn condition(&mut self, source: Option<&str>, place: Place, at: &str) -> Option<Expression> {
        self.expression(source?, &Type::Bool, place, at)
    }

    fn expression(&mut self, source: &str, kind: &Type, place: Place, at: &str) -> Option<Expression> {
        match Expression::compile(source, &self.scope, place) {
            Ok(expression) if expression.kind() == kind => return Some(expression),
            Ok(expression) => {
                self.problem(at, Flaw::Gives { gives: Sort::of(expression.kind()), wanted: Sort::of(kind) });
            }
            Err(flaw) => self.problem(at, flaw),
        }
        None
    }
}

/// What stands in braces in a text, and looks like a name.
fn braced(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).filter(|name| {
        let letters =
            |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || b"_.-".contains(&letter);
        !name.is_empty() && name.bytes().all(letters)
    })
}

/// The name under which conditions know whether an answer is still what was fetched.
pub(crate) fn fetched_name(field: &str) -> String {
    format!("fetched_{field}")
}

/// What an answer of this kind is to a condition; `None` where there is none.
fn kind_of(kind: &Kind) -> Option<Type> {
    let parts = |names: &[(&str, Type)]| {
        Type::Parts(names.iter().map(|(name, kind)| ((*name).to_owned(), kind.clone())).collect())
    };
    Some(match kind {
        Kind::Text { .. }
        | Kind::LongText { .. }
        | Kind::Email
        | Kind::Phone
        | Kind::Date { .. }
        | Kind::Time
        | Kind::OneOf { .. }
        | Kind::List { .. }
        | Kind::Siret
        | Kind::Rna
        | Kind::Iban => Type::Text,
        Kind::Number { decimals: 0, .. } | Kind::Money { .. } => Type::Int,
        Kind::Number { .. } => Type::Double,
        Kind::YesNo | Kind::Sworn => Type::Bool,
        Kind::ManyOf { .. } => Type::List(Box::new(Type::Text)),
        Kind::Address { .. } => parts(&[("line", Type::Text), ("key", Type::Text)]),
        Kind::Identity { birth: false } => {
            parts(&[("family_name", Type::Text), ("usual_name", Type::Text), ("given_names", Type::Text)])
        }
        Kind::Identity { birth: true } => parts(&[
            ("family_name", Type::Text),
            ("usual_name", Type::Text),
            ("given_names", Type::Text),
            ("birth_date", Type::Text),
            ("birth_place", Type::Text),
        ]),
        Kind::File { .. } => Type::List(Box::new(parts(&[
            ("document", Type::Text),
            ("name", Type::Text),
            ("bytes", Type::Int),
        ]))),
        Kind::Point => parts(&[("lat", Type::Double), ("lon", Type::Double)]),
        Kind::Group { .. } => Type::List(Box::new(Type::Unknown)),
        Kind::Heading | Kind::Note => return None,
    })
}
