//! The JSON Schema (draft 2020-12) of a form's answers: what the API takes and gives back.

use beffroi_core::Lang;
use serde_json::{Map, Value, json};

use crate::{Choice, CompiledForm, Field, Kind, Requirement, rows_at_least};

impl CompiledForm {
    /// The schema of the answers, its texts in the reader's language. What CEL says of several answers
    /// together is beyond a schema: it stands in `x-show`, `x-required` and `x-checks`.
    pub fn json_schema(&self, lang: Lang) -> Value {
        let fields: Vec<&Field> = self.fields().map(|(_, field)| field).collect();
        let conditional: Vec<&str> = self
            .procedure
            .form
            .pages
            .iter()
            .filter(|page| page.show.is_some())
            .flat_map(|page| page.fields.iter().map(|field| field.id.as_str()))
            .collect();
        let mut schema = object(&fields, &conditional, lang);
        schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        schema.insert("title".to_owned(), json!(self.procedure.title.text(lang)));
        schema.insert("x-version".to_owned(), json!(self.procedure.version));
        Value::Object(schema)
    }
}

fn object(fields: &[&Field], conditional: &[&str], lang: Lang) -> Map<String, Value> {
    let known = || fields.iter().filter(|field| field.kind.is_question());
    let properties: Map<String, Value> =
        known().map(|field| (field.id.clone(), Value::Object(property(field, lang)))).collect();
    let required: Vec<&str> = known()
        .filter(|field| field.compute.is_none())
        .filter(|field| field.required == Requirement::Fixed(true) && field.show.is_none())
        .map(|field| field.id.as_str())
        .filter(|id| !conditional.contains(id))
        .collect();
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("properties".to_owned(), Value::Object(properties));
    schema.insert("required".to_owned(), json!(required));
    schema.insert("additionalProperties".to_owned(), json!(false));
    schema
}

fn property(field: &Field, lang: Lang) -> Map<String, Value> {
    let shape = match &field.compute {
        Some(_) => computed(&field.kind),
        None => shape(field, lang),
    };
    let mut property = match shape {
        Value::Object(shape) => shape,
        _ => Map::new(),
    };
    property.insert("title".to_owned(), json!(field.label.text(lang)));
    if !field.hint.is_empty() {
        property.insert("description".to_owned(), json!(field.hint.text(lang)));
    }
    if let Some(show) = &field.show {
        property.insert("x-show".to_owned(), json!(show));
    }
    if let Requirement::When(condition) = &field.required {
        property.insert("x-required".to_owned(), json!(condition));
    }
    if !field.checks.is_empty() {
        let checks: Vec<Value> = field
            .checks
            .iter()
            .map(|check| json!({ "when": check.when, "message": check.message.text(lang) }))
            .collect();
        property.insert("x-checks".to_owned(), json!(checks));
    }
    property
}

fn values(choices: &[Choice]) -> Vec<&str> {
    choices.iter().map(|choice| choice.value.as_str()).collect()
}

fn labelled(choices: &[Choice], lang: Lang) -> Vec<Value> {
    choices.iter().map(|choice| json!({ "const": choice.value, "title": choice.label.text(lang) })).collect()
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            Value::Object(members.into_iter().filter(|(_, value)| !value.is_null()).collect())
        }
        other => other,
    }
}

/// What is given back and not taken: it follows from the other answers.
fn computed(kind: &Kind) -> Value {
    let kind = match kind {
        Kind::Number { decimals: 0, .. } | Kind::Money { .. } => "integer",
        Kind::Number { .. } => "number",
        Kind::YesNo | Kind::Sworn => "boolean",
        Kind::ManyOf { .. } | Kind::File { .. } | Kind::Group { .. } => "array",
        Kind::Address { .. } | Kind::Identity { .. } | Kind::Point => "object",
        _ => "string",
    };
    json!({ "type": kind, "readOnly": true })
}

fn shape(field: &Field, lang: Lang) -> Value {
    let text = |max: usize| json!({ "type": "string", "minLength": 1, "maxLength": max });
    match &field.kind {
        Kind::Text { max_chars } | Kind::LongText { max_chars } => {
            json!({ "type": "string", "minLength": 1, "maxLength": max_chars })
        }
        Kind::Email => json!({ "type": "string", "format": "email" }),
        Kind::Phone => json!({ "type": "string", "description": "E.164: +33612345678" }),
        Kind::Number { decimals, min, max, .. } => without_nulls(json!({
            "type": if *decimals == 0 { "integer" } else { "number" }, "minimum": min, "maximum": max,
        })),
        Kind::Money { min, max } => {
            without_nulls(json!({ "type": "integer", "minimum": min, "maximum": max, "x-unit": "EUR cents" }))
        }
        Kind::Date { .. } => json!({ "type": "string", "format": "date" }),
        Kind::Time => json!({ "type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$" }),
        Kind::YesNo => json!({ "type": "boolean" }),
        Kind::Sworn => json!({ "const": true }),
        Kind::OneOf { choices } => json!({ "oneOf": labelled(choices, lang) }),
        Kind::ManyOf { choices, max } => without_nulls(json!({
            "type": "array", "items": { "enum": values(choices) }, "uniqueItems": true, "maxItems": max,
        })),
        Kind::List { choices, from: None } => json!({ "enum": values(choices) }),
        Kind::List { from: Some(source), .. } => json!({ "type": "string", "x-list": source }),
        Kind::Address { .. } => json!({
            "type": "object",
            "properties": { "line": text(300), "key": { "type": "string" } },
            "required": ["line"], "additionalProperties": false,
        }),
        Kind::Identity { birth } => {
            let mut properties = json!({
                "family_name": text(100),
                "usual_name": { "type": "string", "maxLength": 100 },
                "given_names": text(100),
            });
            let mut required = vec!["family_name", "given_names"];
            if let (true, Some(members)) = (*birth, properties.as_object_mut()) {
                members.insert("birth_date".to_owned(), json!({ "type": "string", "format": "date" }));
                members.insert("birth_place".to_owned(), text(100));
                required.extend(["birth_date", "birth_place"]);
            }
            json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
        }
        Kind::Siret => json!({ "type": "string", "pattern": "^[0-9]{14}$" }),
        Kind::Rna => json!({ "type": "string", "pattern": "^W[0-9A-Z]{3}[0-9]{6}$" }),
        Kind::Iban => json!({ "type": "string", "pattern": "^[A-Z]{2}[0-9]{2}[0-9A-Z ]{11,36}$" }),
        Kind::File { max_files } => json!({
            "type": "array", "items": { "anyOf": [{ "type": "string", "format": "uuid" }, received()] },
            "minItems": 1, "maxItems": max_files, "description": "Documents received beforehand",
        }),
        Kind::Point => json!({
            "type": "object",
            "properties": {
                "lat": { "type": "number", "minimum": -90, "maximum": 90 },
                "lon": { "type": "number", "minimum": -180, "maximum": 180 },
            },
            "required": ["lat", "lon"], "additionalProperties": false,
        }),
        Kind::Group { fields, min_rows, max_rows, .. } => json!({
            "type": "array", "maxItems": max_rows,
            "minItems": rows_at_least(field.required == Requirement::Fixed(true), *min_rows),
            "items": object(&fields.iter().collect::<Vec<_>>(), &[], lang),
        }),
        Kind::Heading | Kind::Note => Value::Null,
    }
}

/// A file as it is given back; it may be sent again as it is.
fn received() -> Value {
    json!({
        "type": "object",
        "properties": {
            "document": { "type": "string", "format": "uuid" },
            "name": { "type": "string" },
            "bytes": { "type": "integer" },
        },
        "required": ["document"], "additionalProperties": false,
    })
}
