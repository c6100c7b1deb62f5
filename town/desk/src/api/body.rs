//! The JSON body of a call, or where it is wrong: a JSON pointer, and the line and column.

use beffroi_core::Day;
use beffroi_web::{FieldError, Page, Result, WebError};
use chrono::Days;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

/// U+0000 as JSON writes it.
const NUL: &[u8] = br"\u0000";

/// The body, or where it is not JSON of the right shape.
pub(super) fn body<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    // JSON has one way to write that character; only the rare body that may have it is looked at closely.
    if bytes.windows(NUL.len()).any(|letters| letters == NUL)
        && let Ok(value) = serde_json::from_slice(bytes)
        && let Some(pointer) = with_nul(&value, "#".to_owned())
    {
        return Err(wrong(&pointer, "character", "a text holds the character U+0000"));
    }
    // Reading again where it is wrong tells the place; most bodies are right, and need not be followed on the way.
    serde_json::from_slice(bytes).map_err(|error| {
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        match serde_path_to_error::deserialize::<_, T>(&mut reader) {
            Err(placed) => wrong(&pointer(placed.path()), "json", &placed.inner().to_string()),
            Ok(_) => wrong("#", "json", &error.to_string()),
        }
    })
}

/// Where a text or a name holds U+0000, which no text of a person does and no database takes.
fn with_nul(value: &Value, at: String) -> Option<String> {
    match value {
        Value::String(text) => text.contains('\0').then_some(at),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(rank, item)| with_nul(item, format!("{at}/{rank}")))
        }
        Value::Object(fields) => fields.iter().find_map(|(name, item)| {
            if name.contains('\0') {
                return Some(at.clone());
            }
            with_nul(item, format!("{at}/{}", escaped(name)))
        }),
        _ => None,
    }
}

/// One thing wrong in a body.
pub(super) fn wrong(pointer: &str, code: &str, detail: &str) -> WebError {
    WebError::unprocessable(vec![FieldError {
        pointer: pointer.to_owned(),
        code: code.to_owned(),
        detail: detail.to_owned(),
    }])
}

/// What a form of the pages would say of its fields, told of those of a body: each field with the key of what is wrong
/// with it. `names` says what the body calls the fields of the form, `within` where in the body they are.
pub(super) fn told(
    page: &Page,
    within: &str,
    wrong: &[(&'static str, &'static str)],
    names: &[(&str, &str)],
) -> WebError {
    let fault = |(field, key): &(&'static str, &'static str)| {
        let name = names.iter().find(|(of_form, _)| of_form == field).map_or(*field, |(_, name)| *name);
        FieldError {
            pointer: format!("{within}/{name}"),
            code: "value".to_owned(),
            detail: page.t(key).to_owned(),
        }
    };
    WebError::unprocessable(wrong.iter().map(fault).collect())
}

/// A text without the blanks around it, which must have something left and not be too long.
pub(super) fn text(pointer: &str, given: &str, at_most: usize) -> Result<String> {
    let given = given.trim();
    if given.is_empty() || given.chars().count() > at_most {
        return Err(wrong(pointer, "text", &format!("a text of 1 to {at_most} characters is expected")));
    }
    Ok(given.to_owned())
}

/// A day after today; so many days from it where none is given.
pub(super) fn later(pointer: &str, given: Option<Day>, today: Day, usual: Days) -> Result<Day> {
    match given {
        Some(day) if day <= today => Err(wrong(pointer, "value", "a day after today is expected")),
        Some(day) => Ok(day),
        None => Ok(today.checked_add_days(usual).unwrap_or(today)),
    }
}

/// The path as the pointers of the other faults are written (RFC 6901, as a fragment).
fn pointer(path: &Path) -> String {
    path.iter().fold("#".to_owned(), |pointer, segment| match segment {
        Segment::Seq { index } => format!("{pointer}/{index}"),
        Segment::Map { key } => format!("{pointer}/{}", escaped(key)),
        Segment::Enum { .. } | Segment::Unknown => pointer,
    })
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::Value;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Sent {
        answers: Value,
        #[serde(default)]
        pieces: Vec<u32>,
    }

    fn told(body: &str) -> Value {
        let error = super::body::<Sent>(body.as_bytes()).unwrap_err();
        serde_json::to_value(error.fields()).unwrap()
    }

    #[test]
    fn a_text_about_that_character_is_a_text() {
        let sent = super::body::<Sent>(br#"{"answers": "write \\u0000"}"#).unwrap();
        assert_eq!(sent.answers, "write \\u0000");
    }

    #[test]
    fn a_wrong_body_is_told_by_pointer_line_and_column() {
        for (body, pointer, detail) in [
            ("{\"answers\": {},\n \"pieces\": [1, \"a\"]}", "#/pieces/1", "line 2 column 18"),
            ("{\"answers\": {}, \"upload~/\": 1}", "#/upload~0~1", "unknown field"),
            ("{\"answers\": {\n\"a\": }}", "#/answers/a", "line 2 column"),
            ("{}", "#", "missing field `answers`"),
            ("[]", "#", "invalid length 0"),
            ("{\"answers\": {}} x", "#", "trailing characters"),
            (r#"{"answers": {"a": ["\u0000"]}}"#, "#/answers/a/0", "U+0000"),
            (r#"{"answers": {"a\u0000": 1}}"#, "#/answers", "U+0000"),
        ] {
            let told = told(body);
            assert_eq!(told[0]["pointer"], pointer, "{body}: {told}");
            assert!(told[0]["detail"].as_str().unwrap().contains(detail), "{body}: {told}");
        }
    }
}
