//! A form of Publik as a procedure. The law that Publik does not know (what silence means, who answers, how long cases
//! are kept) is left to fill in, and told as a remark: nothing becomes fit for publication by luck.

mod nested;

use std::collections::{BTreeMap, HashSet};

use beffroi_forms::{Check, CompiledForm, Field, Kind, Page, Procedure, RESERVED, Requirement, Text};

use serde_json::json;

use crate::{
    expression::Language,
    fields::{kind, required, slug},
    names::{Known, Names, Type},
    settle::take_out,
    text::plain,
    translate::{Said, condition, quoted},
    xml::{BlockFile, FormFile, RawField, WorkflowFile},
};

/// How many there were, and how many were taken over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// How many the file holds.
    pub found: usize,
    /// How many of them the procedure holds.
    pub kept: usize,
}

/// What somebody must look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Where, in the procedure's file: `form.page[objet].field[duree].show`.
    pub path: String,
    /// What.
    pub text: String,
}

/// A form that was taken over.
#[derive(Clone, Debug)]
pub struct Converted {
    /// The procedure, still to be completed.
    pub procedure: Procedure,
    /// The fields that ask something.
    pub fields: Count,
    /// The conditions.
    pub conditions: Count,
    /// What somebody must look at, in the order of the file.
    pub remarks: Vec<Remark>,
}

/// A condition of the new form, to be taken out again where our engine refuses it.
struct Placed {
    /// Where the engine tells of it.
    at: String,
    /// What it was.
    source: String,
}

pub(crate) struct Converter<'c> {
    blocks: &'c [BlockFile],
    pub(crate) options: &'c BTreeMap<String, String>,
    known: BTreeMap<String, Known>,
    taken: HashSet<String>,
    fields: Count,
    conditions: Count,
    placed: Vec<Placed>,
    remarks: Vec<Remark>,
    checks: Vec<(Check, String)>,
}

/// A condition upon leaving a page, to be placed once its fields are known.
struct Post {
    source: String,
    language: Language,
    message: String,
}

/// What the pages of a request call the button that keeps it.
const BUTTON: &str = "save";

/// Takes a form over, with the blocks and the workflow that came with it; `None` where nothing can be made of it.
pub fn convert(form: &FormFile, blocks: &[BlockFile], workflow: Option<&WorkflowFile>) -> Option<Converted> {
    let mut converter = Converter {
        blocks,
        options: &form.options,
        known: BTreeMap::new(),
        taken: RESERVED.into_iter().chain([BUTTON]).map(str::to_owned).collect(),
        fields: Count::default(),
        conditions: Count::default(),
        placed: Vec::new(),
        remarks: Vec::new(),
        checks: Vec::new(),
    };
    let mut procedure = converter.head(form)?;
    procedure.form.pages = converter.pages(form);
    procedure.form.checks = converter.checks.iter().map(|(check, _)| check.clone()).collect();
    converter.settle(&mut procedure);
    if let Some(workflow) = workflow {
        let steps = converter.steps(workflow);
        procedure.steps =
            steps.into_iter().filter_map(|(id, label)| made(json!({ "id": id, "label": label }))).collect();
    } else if !form.workflow.is_empty() {
        converter.remark(
            "step",
            format!("the workflow `{}` is in another file: give it too, for the steps", form.workflow),
        );
    }
    for finding in procedure.check() {
        converter.remark(&finding.at, format!("to be completed: {}", finding.message));
    }
    let Converter { fields, conditions, remarks, .. } = converter;
    Some(Converted { procedure, fields, conditions, remarks })
}

impl Converter<'_> {
    pub(crate) fn remark(&mut self, path: &str, text: impl Into<String>) {
        self.remarks.push(Remark { path: path.to_owned(), text: text.into() });
    }

    /// A text in plain words; what could not be filled in is told.
    pub(crate) fn words(&mut self, source: &str, path: &str) -> Text {
        let read = plain(source, self.options);
        if let Some(first) = read.templates.first() {
            let more = match read.templates.len() {
                1 => String::new(),
                all => format!(", and {} more", all - 1),
            };
            self.remark(path, format!("the text has a part that is filled in elsewhere: `{first}`{more}"));
        }
        Text::from(read.text.as_str())
    }

    fn pages(&mut self, form: &FormFile) -> Vec<Page> {
        let mut pages: Vec<Page> = Vec::new();
        let mut posts: Vec<Post> = Vec::new();
        let mut ids = HashSet::new();
        for raw in &form.fields {
            if raw.kind == "page" {
                self.leave(&pages, &mut posts);
                let page = self.page(raw, pages.len() + 1, &mut ids);
                pages.extend(page);
                posts.extend(raw.post_conditions.iter().map(|(condition, message)| Post {
                    source: condition.source.clone(),
                    language: condition.language,
                    message: message.clone(),
                }));
                continue;
            }
            if pages.is_empty() {
                let title =
                    Text::from(if form.name.is_empty() { "Votre demande" } else { form.name.as_str() });
                ids.insert("demande".to_owned());
                pages.extend(blank_page("demande", &title));
            }
            let at = pages.last().map(|page| format!("form.page[{}]", page.id)).unwrap_or_default();
            if let Some(field) = self.field(raw, &at, None)
                && let Some(page) = pages.last_mut()
            {
                page.fields.push(field);
            }
        }
        self.leave(&pages, &mut posts);
        let (full, empty): (Vec<Page>, Vec<Page>) =
            pages.into_iter().partition(|page| !page.fields.is_empty());
        for page in empty {
            self.remark("form", format!("the page « {} » asks nothing, and is left out", page.title.fr));
        }
        full
    }

    fn page(&mut self, raw: &RawField, rank: usize, ids: &mut HashSet<String>) -> Option<Page> {
        let mut id = slug(&plain(&raw.label, self.options).text, '-', 40);
        let mut another = rank;
        while id.is_empty() || !ids.insert(id.clone()) {
            id = format!("page-{another}");
            another += 1;
        }
        let at = format!("form.page[{id}]");
        let mut title = self.words(&raw.label, &format!("{at}.title"));
        if title.is_empty() {
            title = Text::from(format!("Page {rank}").as_str());
        }
        let show = self.show(raw, &at, None);
        Some(Page { show, ..blank_page(&id, &title)? })
    }

    /// The conditions upon leaving a page, once its fields are known.
    fn leave(&mut self, pages: &[Page], posts: &mut Vec<Post>) {
        for post in std::mem::take(posts) {
            self.conditions.found += 1;
            let path =
                pages.last().map_or_else(|| "form".to_owned(), |page| format!("form.page[{}]", page.id));
            let names = Names { fields: &self.known, row: None, options: self.options };
            let said = condition(&post.source, post.language, &names);
            let last =
                pages.last().and_then(|page| page.fields.iter().rev().find(|field| field.kind.is_question()));
            let message = plain(&post.message, self.options).text;
            match (said, last) {
                (Ok(Said::Always(true)), _) => self.conditions.kept += 1,
                (Ok(Said::When(when)), Some(last)) => {
                    self.conditions.kept += 1;
                    let when = self.waiting(&when);
                    let message =
                        if message.is_empty() { "Vérifiez les réponses de cette page." } else { &message };
                    // Told beside the first field of the page that it looks at.
                    let looked_at = pages
                        .last()
                        .and_then(|page| page.fields.iter().find(|field| mentions(&when, &field.id)));
                    let field = looked_at.unwrap_or(last).id.clone();
                    let check = Check { when, message: Text::from(message), field: Some(field) };
                    self.checks.push((check, post.source));
                }
                (Ok(Said::Always(false)), _) => self
                    .remark(&path, format!("this page could never be left: `{}` ({message})", post.source)),
                (Ok(Said::When(_)), None) => {
                    self.remark(
                        &path,
                        format!("`{}` has no field beside which to stand ({message})", post.source),
                    );
                }
                (Err(reason), _) => self.remark(
                    &path,
                    format!(
                        "the condition upon leaving the page is not taken over: `{}`: {reason} ({message})",
                        post.source
                    ),
                ),
            }
        }
    }

    /// A condition that waits for the answers that it needs, instead of being untrue without them: what is missing is
    /// told beside its own question.
    fn waiting(&self, code: &str) -> String {
        let spaced = format!(" {code}").replace('(', "( ");
        let needed = |known: &&Known| spaced.contains(&format!(" {} != null && ", known.id));
        let waits: Vec<String> =
            self.known.values().filter(needed).map(|known| format!("{} == null || ", known.id)).collect();
        if waits.is_empty() { code.to_owned() } else { format!("{}({code})", waits.concat()) }
    }

    /// The condition under which something is asked.
    fn show(&mut self, raw: &RawField, at: &str, row: Option<&BTreeMap<String, Known>>) -> Option<String> {
        let Some(written) = &raw.condition else { return None };
        self.conditions.found += 1;
        let names = Names { fields: &self.known, row, options: self.options };
        match condition(&written.source, written.language, &names) {
            Ok(Said::Always(true)) => {
                self.conditions.kept += 1;
                None
            }
            Ok(Said::Always(false)) => {
                self.conditions.kept += 1;
                self.remark(
                    &format!("{at}.show"),
                    format!(
                        "`{}` is never true with the options of this file: it is never shown",
                        written.source
                    ),
                );
                Some("false".to_owned())
            }
            Ok(Said::When(code)) => {
                self.conditions.kept += 1;
                self.placed.push(Placed { at: format!("{at}.show"), source: written.source.clone() });
                Some(code)
            }
            Err(reason) => {
                self.remark(
                    &format!("{at}.show"),
                    format!(
                        "the condition is not taken over, it is always shown: `{}`: {reason}",
                        written.source
                    ),
                );
                None
            }
        }
    }

    fn id(&mut self, raw: &RawField) -> String {
        let mut id = slug(&raw.varname, '_', 36);
        if id.is_empty() {
            id = slug(&plain(&raw.label, self.options).text, '_', 36);
        }
        if !id.starts_with(|letter: char| letter.is_ascii_lowercase()) {
            id = format!("champ_{id}").trim_end_matches('_').chars().take(36).collect();
        }
        let mut unique = id.clone();
        let mut rank = 1;
        while !self.taken.insert(unique.clone()) {
            rank += 1;
            unique = format!("{id}_{rank}");
        }
        unique
    }

    /// A field; `None` for what says and asks nothing. `row`: the fields of the same row, where it stands in a group.
    fn field(
        &mut self,
        raw: &RawField,
        at: &str,
        row: Option<&mut BTreeMap<String, Known>>,
    ) -> Option<Field> {
        let id = self.id(raw);
        let at = format!("{at}.field[{id}]");
        if raw.asks() {
            self.fields.found += 1;
        }
        let mut row = row;
        let show = self.show(raw, &at, row.as_deref());
        let label = self.words(&raw.label, &format!("{at}.label"));
        let hint = self.words(raw.setting("hint"), &format!("{at}.hint"));
        let mut field = Field { hint, show, ..blank_field(&id, &label)? };
        match raw.kind.as_str() {
            "title" | "subtitle" => field.kind = Kind::Heading,
            "comment" => field.kind = Kind::Note,
            "computed" => return self.computed(raw, field, &at, row),
            kind if kind.starts_with("block:") || kind == "block" => {
                return Some(self.block(raw, field, &at, row.is_some()));
            }
            "table" | "table-rows" | "tablerows" => return Some(self.table(raw, field, &at, row.is_some())),
            "" | "page" => {
                self.remark(&at, "a field without a kind is left out");
                return None;
            }
            _ => {
                let found = kind(raw, &id);
                for text in found.remarks {
                    self.remark(&at, text);
                }
                let known = Known {
                    id: id.clone(),
                    kind: found.known,
                    choices: found.choices,
                    rows: BTreeMap::new(),
                };
                self.learn(raw, known, row.as_deref_mut());
                field.kind = found.kind;
                field.checks = found.checks;
                field.required = Requirement::Fixed(required(raw));
                // A box that may be left empty is a question with two answers.
                self.prefill(raw, &mut field, &at, row.is_some());
                self.fields.kept += 1;
            }
        }
        if !field.kind.is_question() && field.label.is_empty() {
            self.remark(&at, "a text without words is left out");
            return None;
        }
        if field.label.is_empty() {
            field.label = Text::from(if raw.varname.is_empty() { "Question" } else { raw.varname.as_str() });
            self.remark(&format!("{at}.label"), "the question has no words");
        }
        Some(field)
    }

    /// Makes a field known to the conditions after it.
    fn learn(&mut self, raw: &RawField, known: Known, row: Option<&mut BTreeMap<String, Known>>) {
        if raw.varname.is_empty() {
            return;
        }
        match row {
            Some(row) => row.insert(raw.varname.clone(), known),
            None => self.known.insert(raw.varname.clone(), known),
        };
    }

    fn prefill(&mut self, raw: &RawField, field: &mut Field, at: &str, in_row: bool) {
        let Some((kind, value)) = &raw.prefill else { return };
        let at = format!("{at}.prefill");
        let ours = match (kind.as_str(), value.trim_start_matches('_')) {
            ("user", "email") => Some("email"),
            ("user", "last_name") => Some("family_name"),
            ("user", "first_name") => Some("given_name"),
            ("user", "name" | "full_name") => Some("name"),
            ("user", "phone" | "mobile") => Some("phone"),
            _ => None,
        };
        match ours {
            Some(word) if !in_row => field.prefill = Some(word.to_owned()),
            Some(_) => self.remark(&at, "in a repeated group nothing is filled in from the account"),
            None => {
                let what = match kind.as_str() {
                    "user" => format!("the account does not know `{value}`: it is typed"),
                    "geolocation" => {
                        format!("where the person is ({value}) does not fill it in: it is typed")
                    }
                    "string" => format!("it was filled in beforehand with `{value}`"),
                    other => format!("what filled it in ({other}) is not taken over: `{value}`"),
                };
                self.remark(&at, what);
            }
        }
    }

    /// What is computed, where its template is one expression.
    fn computed(
        &mut self,
        raw: &RawField,
        mut field: Field,
        at: &str,
        row: Option<&mut BTreeMap<String, Known>>,
    ) -> Option<Field> {
        let template = raw.setting("value_template").trim();
        let names = Names { fields: &self.known, row: row.as_deref(), options: self.options };
        match computed(template, &names) {
            Ok((code, kind, known)) => {
                field.kind = kind;
                field.compute = Some(code);
                field.required = Requirement::Fixed(false);
                if field.label.is_empty() {
                    field.label = Text::from(raw.varname.as_str());
                }
                self.placed.push(Placed { at: format!("{at}.compute"), source: template.to_owned() });
                let known =
                    Known { id: field.id.clone(), kind: known, choices: Vec::new(), rows: BTreeMap::new() };
                self.learn(raw, known, row);
                Some(field)
            }
            Err(reason) => {
                self.remark(at, format!("what is computed is not taken over: `{template}`: {reason}"));
                None
            }
        }
    }

    /// Takes out again what our engine refuses, and tells it.
    fn settle(&mut self, procedure: &mut Procedure) {
        // Each round takes something out, so that this comes to an end.
        for _ in 0..100 {
            let Err(problems) = CompiledForm::compile(procedure.clone()) else { return };
            let mut out = 0;
            for problem in &problems {
                out += usize::from(take_out(&mut procedure.form, &problem.at));
                let placed =
                    self.placed.iter().find(|placed| placed.at == problem.at).map(|it| it.source.clone());
                let check = problem
                    .at
                    .strip_prefix("form.check[")
                    .and_then(|rank| rank.trim_end_matches(']').parse::<usize>().ok())
                    .and_then(|rank| Some(self.checks.get(rank)?.1.clone()));
                if let Some(source) = placed.or(check) {
                    if !problem.at.ends_with(".compute") {
                        self.conditions.kept = self.conditions.kept.saturating_sub(1);
                    }
                    self.remark(&problem.at, format!("not taken over: `{source}`: {}", problem.message));
                } else if !problem.at.starts_with("form.page[") || problem.at.contains("].check[") {
                    self.remark(&problem.at, format!("left out: {}", problem.message));
                }
            }
            procedure.form.checks.retain(|check| !check.when.is_empty());
            self.checks.retain(|(check, _)| procedure.form.checks.iter().any(|kept| kept == check));
            if out == 0 {
                return;
            }
        }
    }
}

/// A part of a procedure, as a file says it.
pub(crate) fn made<T: serde::de::DeserializeOwned>(part: serde_json::Value) -> Option<T> {
    serde_json::from_value(part).ok()
}

fn blank_page(id: &str, title: &Text) -> Option<Page> {
    made(json!({ "id": id, "title": title }))
}

/// A field with nothing but its words; what it asks follows.
fn blank_field(id: &str, label: &Text) -> Option<Field> {
    made(json!({ "id": id, "kind": "note", "label": label }))
}

/// Whether an expression names a field.
fn mentions(code: &str, id: &str) -> bool {
    code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == id)
}

/// What a template computes, where it is one expression: its CEL, the kind of its field, its type.
fn computed(template: &str, names: &Names<'_>) -> Result<(String, Kind, Type), String> {
    use crate::values::{Fixed, Value, value};
    let text = || Kind::Text { max_chars: 2_000 };
    let whole = Kind::Number { decimals: 0, min: None, max: None, unit: Text::default() };
    let decimal = Kind::Number { decimals: 2, min: None, max: None, unit: Text::default() };
    let inner = template.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
    let Some(inner) = inner.filter(|inner| !inner.contains("{{") && !inner.contains("{%")) else {
        if template.contains("{{") || template.contains("{%") || template.is_empty() {
            return Err("a template of several parts has no counterpart".to_owned());
        }
        return Ok((quoted(template), text(), Type::Text));
    };
    Ok(match value(&crate::expression::parse(inner, Language::Django)?, names)? {
        Value::Fixed(Fixed::Whole(number)) => (number.to_string(), whole, Type::Whole),
        Value::Fixed(fixed) => (quoted(&fixed.text().unwrap_or_default()), text(), Type::Text),
        Value::Said(Said::When(code)) => (code, Kind::YesNo, Type::Truth),
        Value::Said(Said::Always(truth)) => (truth.to_string(), Kind::YesNo, Type::Truth),
        Value::Computed(found) if found.changed => return Err("a filter changes a text".to_owned()),
        Value::Computed(found) => match found.kind {
            Type::Whole => (found.code, whole, Type::Whole),
            Type::Decimal => (found.code, decimal, Type::Decimal),
            Type::Text => (found.code, text(), Type::Text),
            Type::Day => (found.code, Kind::Date { birth: false }, Type::Day),
            Type::Truth => (found.code, Kind::YesNo, Type::Truth),
            _ => return Err("it is no single text, number or day".to_owned()),
        },
    })
}
