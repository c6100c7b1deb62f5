//! The JSON body of a call, or where it is wrong: a JSON pointer, and the line and column.

use beffroi_web::{FieldError, Result, WebError};
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};

/// The body, or where it is not JSON of the right shape.
pub(super) fn body<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut reader);
    let read = read.map_err(|error| wrong(&pointer(error.path()), "json", &error.inner().to_string()))?;
    reader.end().map_err(|error| wrong("#", "json", &error.to_string()))?;
    Ok(read)
}

/// One thing wrong in a body.
pub(super) fn wrong(pointer: &str, code: &str, detail: &str) -> WebError {
    WebError::unprocessable(vec![FieldError {
        pointer: pointer.to_owned(),
        code: code.to_owned(),
        detail: detail.to_owned(),
    }])
}

/// The path as the pointers of the other faults are written (RFC 6901, as a fragment).
fn pointer(path: &Path) -> String {
    path.iter().fold("#".to_owned(), |pointer, segment| match segment {
        Segment::Seq { index } => format!("{pointer}/{index}"),
        Segment::Map { key } => format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")),
        Segment::Enum { .. } | Segment::Unknown => pointer,
    })
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
    fn a_wrong_body_is_told_by_pointer_line_and_column() {
        for (body, pointer, detail) in [
            ("{\"answers\": {},\n \"pieces\": [1, \"a\"]}", "#/pieces/1", "line 2 column 18"),
            ("{\"answers\": {}, \"upload~/\": 1}", "#/upload~0~1", "unknown field"),
            ("{\"answers\": {\n\"a\": }}", "#/answers/a", "line 2 column"),
            ("{}", "#", "missing field `answers`"),
            ("[]", "#", "invalid length 0"),
            ("{\"answers\": {}} x", "#", "trailing characters"),
        ] {
            let told = told(body);
            assert_eq!(told[0]["pointer"], pointer, "{body}: {told}");
            assert!(told[0]["detail"].as_str().unwrap().contains(detail), "{body}: {told}");
        }
    }
}
