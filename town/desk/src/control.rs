//! Questions as controls on a page: the form's definition, what was typed, and what is wrong with it, in the
//! reader's language. The same on the public pages and at the counter.

use std::collections::{BTreeMap, HashMap};

use beffroi_core::Lang;
use beffroi_documents::StoredFile;
use beffroi_forms::{
    Answers, Choice, CompiledForm, Fault, Field, FieldState, FileInfo, Kind, Outcome, rows_at_least,
};

use crate::problem::Problem;

/// A choice as the components show it.
#[derive(Clone, Debug)]
pub struct Choosable {
    pub value: String,
    pub label: String,
    pub hint: String,
    pub chosen: bool,
}

/// A file already received.
#[derive(Clone, Debug)]
pub struct Kept {
    pub document: String,
    pub name: String,
    pub size: String,
}

/// One row of a repeated group.
#[derive(Clone, Debug)]
pub struct Row {
    pub title: String,
    pub remove: String,
    pub controls: Vec<Control>,
}

/// One question on a page. `kind` is the word of the form's file; the template chooses by it.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a control is shown in many ways, which go together freely"
)]
pub struct Control {
    pub kind: &'static str,
    pub id: String,
    pub label: String,
    pub hint: String,
    pub error: String,
    pub required: bool,
    pub value: String,
    pub choices: Vec<Choosable>,
    pub parts: BTreeMap<&'static str, String>,
    pub errors: BTreeMap<&'static str, String>,
    pub kept: Vec<Kept>,
    pub source: &'static str,
    pub limit: String,
    pub suffix: String,
    pub birth: bool,
    pub rows: Vec<Row>,
    pub may_add: bool,
    /// Whether whoever writes the form is looking at this question.
    pub marked: bool,
    /// Whether a row of a repeated group may go: fewer would not do otherwise.
    pub may_remove: bool,
    /// What a row of a repeated group is called.
    pub row_name: String,
    pub max_files: u32,
    pub of_reader: bool,
    /// Those of the reader's household with whom an identity may be filled in: id and name.
    pub people: Vec<(String, String)>,
    /// Documents of the reader's space that may be attached.
    pub own_documents: Vec<Choosable>,
    /// An identity provider answers: shown, and not typed.
    pub vouched: bool,
    /// The words of the button that asks the State; `""` where there is none.
    pub fetch: String,
    /// What it does, and by which law.
    pub fetch_about: String,
    /// The words of the link that stands in its place for whoever is not identified.
    pub fetch_sign_in: String,
    /// Where that link leads.
    pub fetch_at: String,
    /// That the State gave this answer, and when.
    pub fetched: String,
}

impl Kept {
    /// A file that has just been received, before it is a document.
    pub fn of(file: &StoredFile, lang: Lang) -> Self {
        Self { document: String::new(), name: file.name().to_owned(), size: size(file.bytes(), lang) }
    }
}

impl Control {
    /// The key of what stands before those with whom an identity can be filled in: a person who is helped by a mandate
    /// is nobody of the household.
    pub(crate) fn fill_with(&self) -> &'static str {
        let helped = self.people.iter().any(|(word, _)| word == crate::mandates::AIDED);
        if helped { "desk-fill-with-helped" } else { "desk-fill-with" }
    }

    /// Puts problems beside the controls that bear them, those in rows too.
    pub fn bear(controls: &mut [Self], problems: &[Problem]) {
        for control in controls {
            let message = Problem::beside(problems, &control.id);
            if !message.is_empty() {
                control.error = message;
            }
            for row in &mut control.rows {
                Self::bear(&mut row.controls, problems);
            }
        }
    }

    /// A part of what was typed: `""` where there is none.
    pub fn part(&self, name: &str) -> &str {
        self.parts.get(name).map_or("", String::as_str)
    }

    /// What the row of a repeated group is called that can be added next.
    pub fn next_row(&self) -> String {
        format!("{} {}", self.row_name, self.rows.len() + 1)
    }

    /// The name of a part's control.
    pub fn name(&self, part: &str) -> String {
        format!("{}-{part}", self.id)
    }

    /// The control that takes the chosen address's key.
    pub fn key(&self) -> String {
        self.name("key")
    }

    /// Whether the statement is sworn.
    pub fn is_sworn(&self) -> bool {
        self.value == "true" || self.value == "on"
    }

    /// Whether several files may be given.
    pub const fn several(&self) -> bool {
        self.max_files > 1
    }

    /// What a browser may fill in: only where the form asks about the reader.
    pub fn autocomplete<'w>(&self, word: &'w str) -> &'w str {
        if self.of_reader { word } else { "" }
    }

    /// The day of birth as it is read, where all of it is there.
    pub fn birth_date(&self) -> String {
        let parts = ["birth-day", "birth-month", "birth-year"].map(|name| self.part(name));
        if parts.iter().any(|part| part.is_empty()) { String::new() } else { parts.join("/") }
    }

    /// What is wrong with a part.
    pub fn fault(&self, name: &str) -> &str {
        self.errors.get(name).map_or("", String::as_str)
    }
}

/// What is needed to show questions.
#[derive(Clone, Copy)]
pub struct View<'v> {
    pub form: &'v CompiledForm,
    pub typed: &'v Answers,
    pub outcome: &'v Outcome,
    pub files: &'v HashMap<String, FileInfo>,
    pub lang: Lang,
    /// Whether faults are told; not before somebody has answered.
    pub tell: bool,
}

impl View<'_> {
    /// The questions of one page that are asked.
    pub fn page(&self, rank: usize) -> Vec<Control> {
        let Some(page) = self.form.procedure().form.pages.get(rank) else { return Vec::new() };
        self.controls(&page.fields, self.typed, "")
    }

    /// What is wrong on one page, in the order of its questions.
    pub fn problems(&self, rank: usize) -> Vec<Problem> {
        let page = self.form.procedure().form.pages.get(rank);
        let ids: Vec<&str> =
            page.into_iter().flat_map(|page| &page.fields).map(|field| field.id.as_str()).collect();
        self.outcome
            .faults
            .iter()
            .filter(|fault| ids.contains(&root(&fault.path)))
            .map(|fault| self.problem(fault))
            .collect()
    }

    /// Everything that is wrong.
    pub fn all_problems(&self) -> Vec<Problem> {
        self.outcome.faults.iter().map(|fault| self.problem(fault)).collect()
    }

    fn problem(&self, fault: &Fault) -> Problem {
        let field = self.form.field(root_path(&fault.path));
        let reason = fault.reason.text(self.lang);
        let message = match field {
            // A statement is a sentence of its own, too long to be told twice.
            Some(field) if !matches!(field.kind, Kind::Sworn) => {
                let label = field.label.text(self.lang).trim_end_matches(['?', '.', ':', ' ', '\u{a0}']);
                let colon = if self.lang == Lang::Fr { "\u{a0}:" } else { ":" };
                format!("{label}{colon} {reason}")
            }
            _ => reason,
        };
        Problem { field: control_id(&fault.path), message }
    }

    fn controls(&self, fields: &[Field], typed: &Answers, prefix: &str) -> Vec<Control> {
        fields
            .iter()
            .filter_map(|field| {
                let path = format!("{prefix}{}", field.id);
                let state = self.outcome.state(&path);
                match field.compute {
                    None => state.shown.then(|| self.control(field, typed, &path, state)),
                    Some(_) => self.computed(field, path),
                }
            })
            .collect()
    }

    /// What is computed is not asked; where it is wrong, that is told where it would stand.
    fn computed(&self, field: &Field, path: String) -> Option<Control> {
        let error = Some(self.error(&path)).filter(|error| !error.is_empty())?;
        let label = field.label.text(self.lang).to_owned();
        Some(Control { kind: "computed", label, error, id: path, ..Control::default() })
    }

    fn error(&self, path: &str) -> String {
        if !self.tell {
            return String::new();
        }
        self.outcome.fault(path).map(|fault| fault.reason.text(self.lang)).unwrap_or_default()
    }

    fn control(&self, field: &Field, typed: &Answers, path: &str, state: FieldState) -> Control {
        let lang = self.lang;
        let value = typed.get(&field.id).unwrap_or_default().to_owned();
        let mut parts = BTreeMap::new();
        let mut errors = BTreeMap::new();
        for part in field.kind.parts() {
            parts.insert(*part, typed.get(&format!("{}-{part}", field.id)).unwrap_or_default().to_owned());
            let error = self.error(&format!("{path}-{part}"));
            if !error.is_empty() {
                errors.insert(*part, error);
            }
        }
        let chosen = typed.all(&field.id);
        let mut control = Control {
            kind: field.kind.word(),
            label: field.label.text(lang).to_owned(),
            hint: field.hint.text(lang).to_owned(),
            error: self.error(path),
            required: state.required,
            of_reader: field.prefill.is_some(),
            parts,
            errors,
            value,
            id: path.to_owned(),
            ..Control::default()
        };
        match &field.kind {
            Kind::OneOf { choices } | Kind::ManyOf { choices, .. } => {
                control.choices = options(choices, chosen, lang);
            }
            Kind::YesNo => control.choices = yes_no(chosen, lang),
            Kind::List { choices, from } => match from {
                Some(beffroi_forms::Source::Communes) => control.source = "/listes/communes",
                Some(beffroi_forms::Source::Countries) => control.source = "/listes/pays",
                None => control.choices = options(choices, chosen, lang),
            },
            Kind::LongText { max_chars } => control.limit = max_chars.to_string(),
            Kind::Number { unit, .. } => unit.text(lang).clone_into(&mut control.suffix),
            Kind::Money { .. } => "€".clone_into(&mut control.suffix),
            Kind::Date { birth } => {
                control.birth = *birth;
                // A date may have come as one text, from the account or the API.
                spread(&mut control.parts, typed.get(&field.id));
            }
            Kind::Identity { birth } => control.birth = *birth,
            Kind::File { max_files } => {
                control.max_files = *max_files;
                control.kept = chosen
                    .iter()
                    .filter_map(|id| {
                        let file = self.files.get(id)?;
                        Some(Kept {
                            document: id.clone(),
                            name: file.name.clone(),
                            size: size(file.bytes, lang),
                        })
                    })
                    .collect();
            }
            Kind::Group { fields, row, max_rows, min_rows, .. } => {
                let rows = typed.rows(&field.id);
                let empty = Answers::default();
                let least = rows_at_least(state.required, *min_rows);
                let shown = if rows.is_empty() && least > 0 { std::slice::from_ref(&empty) } else { rows };
                let name = if row.is_empty() { field.label.text(lang) } else { row.text(lang) };
                let count = u32::try_from(shown.len()).unwrap_or(u32::MAX);
                (control.may_add, control.may_remove) = (count < *max_rows, count > least);
                name.clone_into(&mut control.row_name);
                control.rows = shown
                    .iter()
                    .enumerate()
                    .map(|(number, typed)| {
                        let prefix = format!("{path}.{number}.");
                        let controls = if rows.is_empty() {
                            self.fresh_row(fields, typed, &prefix)
                        } else {
                            self.controls(fields, typed, &prefix)
                        };
                        let title = format!("{name} {}", number + 1);
                        Row { title, remove: format!("{path}.{number}"), controls }
                    })
                    .collect();
            }
            _ => {}
        }
        control
    }

    /// A row that nobody has begun: the engine has not seen it, so only what is always asked is shown.
    fn fresh_row(&self, fields: &[Field], typed: &Answers, prefix: &str) -> Vec<Control> {
        let always = fields.iter().filter(|field| field.show.is_none() && field.compute.is_none());
        always
            .map(|field| {
                let required = field.required == beffroi_forms::Requirement::Fixed(true);
                self.control(
                    field,
                    typed,
                    &format!("{prefix}{}", field.id),
                    FieldState { shown: true, required },
                )
            })
            .collect()
    }
}

/// The field to which a path leads: `nom` for `nom-family_name`, the whole for `enfants.0.nom`.
fn root_path(path: &str) -> &str {
    path.split('-').next().unwrap_or(path)
}

fn root(path: &str) -> &str {
    path.split(['.', '-']).next().unwrap_or(path)
}

/// The control that bears a fault: of a birth date in parts, the day.
fn control_id(path: &str) -> String {
    path.strip_suffix("birth-day").map_or_else(|| path.to_owned(), |start| format!("{start}birth"))
}

fn options(choices: &[Choice], chosen: &[String], lang: Lang) -> Vec<Choosable> {
    let option = |choice: &Choice| Choosable {
        value: choice.value.clone(),
        label: choice.label.text(lang).to_owned(),
        hint: choice.hint.text(lang).to_owned(),
        chosen: chosen.contains(&choice.value),
    };
    choices.iter().map(option).collect()
}

fn yes_no(chosen: &[String], lang: Lang) -> Vec<Choosable> {
    let words = match lang {
        Lang::Fr => [("true", "Oui"), ("false", "Non")],
        Lang::En => [("true", "Yes"), ("false", "No")],
    };
    let option = |(value, label): (&str, &str)| Choosable {
        value: value.to_owned(),
        label: label.to_owned(),
        hint: String::new(),
        chosen: chosen.iter().any(|typed| typed == value),
    };
    words.into_iter().map(option).collect()
}

fn spread(parts: &mut BTreeMap<&'static str, String>, text: Option<&str>) {
    let mut figures = text.unwrap_or_default().split('-');
    if let (Some(year), Some(month), Some(day)) = (figures.next(), figures.next(), figures.next()) {
        for (part, text) in [("day", day), ("month", month), ("year", year)] {
            parts.insert(part, text.to_owned());
        }
    }
}

/// A size as a reader knows it.
pub fn size(bytes: u64, lang: Lang) -> String {
    let (kilo, mega) = match lang {
        Lang::Fr => ("ko", "Mo"),
        Lang::En => ("KB", "MB"),
    };
    if bytes < 1_000_000 {
        return format!("{}\u{a0}{kilo}", bytes.div_ceil(1_000));
    }
    let tenths = bytes.div_ceil(100_000);
    let comma = if lang == Lang::Fr { ',' } else { '.' };
    format!("{}{comma}{}\u{a0}{mega}", tenths / 10, tenths % 10)
}
