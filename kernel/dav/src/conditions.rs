//! Under which conditions something is written (RFC 9110, 13.1), and how much is told of it (RFC 8144).

use http::{HeaderMap, header};

/// States of a thing that a program knows.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Tags {
    /// Any state: that there is such a thing.
    Any,
    These(Vec<String>),
}

/// What must be so before anything is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    matches: Option<Tags>,
    differs: Option<Tags>,
}

impl Conditions {
    /// Those of a request.
    pub fn of(headers: &HeaderMap) -> Self {
        Self { matches: tags(headers, &header::IF_MATCH), differs: tags(headers, &header::IF_NONE_MATCH) }
    }

    /// Whether they hold for a thing in that state (its tag with its quotes); `None` where there is no such thing.
    pub fn hold(&self, state: Option<&str>) -> bool {
        let matches = match (&self.matches, state) {
            (None, _) | (Some(Tags::Any), Some(_)) => true,
            (Some(_), None) => false,
            (Some(Tags::These(known)), Some(state)) => known.iter().any(|tag| tag == state),
        };
        matches && !self.is_known(state)
    }

    /// Whether whoever asks has the thing in that state already.
    pub fn is_known(&self, state: Option<&str>) -> bool {
        match (&self.differs, state) {
            (None, _) | (_, None) => false,
            (Some(Tags::Any), Some(_)) => true,
            (Some(Tags::These(known)), Some(state)) => {
                known.iter().any(|tag| tag.strip_prefix("W/").unwrap_or(tag) == state)
            }
        }
    }
}

fn tags(headers: &HeaderMap, name: &header::HeaderName) -> Option<Tags> {
    let mut known = Vec::new();
    for value in headers.get_all(name) {
        // What cannot be read is a tag that nothing has.
        let value = value.to_str().unwrap_or_default();
        if value.trim() == "*" {
            return Some(Tags::Any);
        }
        known.extend(value.split(',').map(|tag| tag.trim().to_owned()));
    }
    headers.contains_key(name).then_some(Tags::These(known))
}

/// Whether a program wishes to be spared what is not there (`Prefer: return=minimal`, or `Brief: t`).
pub fn minimal(headers: &HeaderMap) -> bool {
    let says = |name: &str, word: &str| {
        let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|part| part.trim().eq_ignore_ascii_case(word))
    };
    says("prefer", "return=minimal") || says("brief", "t")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&'static str, &'static str)]) -> Conditions {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        Conditions::of(&headers)
    }

    #[test]
    fn what_changed_since_is_not_overwritten() {
        let conditions = of(&[("if-match", "\"a\", \"b\"")]);
        assert!(conditions.hold(Some("\"b\"")));
        assert!(!conditions.hold(Some("\"c\"")));
        assert!(!conditions.hold(None));
        assert!(!of(&[("if-match", "W/\"a\"")]).hold(Some("\"a\"")), "a weak tag proves nothing");
        assert!(!of(&[("if-match", "é")]).hold(Some("\"a\"")));
        assert!(of(&[("if-match", "*")]).hold(Some("\"a\"")));
    }

    #[test]
    fn what_is_new_overwrites_nothing() {
        let new = of(&[("if-none-match", "*")]);
        assert!(new.hold(None));
        assert!(!new.hold(Some("\"a\"")));
        assert!(of(&[("if-none-match", "W/\"a\"")]).is_known(Some("\"a\"")));
        assert!(of(&[]).hold(None) && of(&[]).hold(Some("\"a\"")));
    }
}
