//! A text of a procedure, in French and, where somebody wrote it, in English.

use beffroi_core::Lang;
use serde::{Deserialize, Serialize};

/// A text in French, which binds, and perhaps in English and in plain French. In a file: `"…"`, or
/// `{ fr = "…", en = "…", plain = "…" }` without what is not written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(from = "Written", into = "Written")]
pub struct Text {
    /// The French text.
    pub fr: String,
    /// The English one.
    pub en: Option<String>,
    /// The French one again, easy to read and understand (FALC: short sentences, everyday words).
    pub plain: Option<String>,
}

impl Text {
    /// The text for a reader; French where there is no other.
    pub fn text(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => self.en.as_deref().unwrap_or(&self.fr),
            Lang::Fr => &self.fr,
        }
    }

    /// The same, read as plainly as it was written: what has no plain words keeps its own.
    #[must_use]
    pub fn in_plain_words(&self) -> Self {
        Self { fr: self.plain.clone().unwrap_or_else(|| self.fr.clone()), en: self.en.clone(), plain: None }
    }

    /// Whether nothing is written.
    pub fn is_empty(&self) -> bool {
        self.fr.trim().is_empty()
    }
}

impl From<&str> for Text {
    fn from(fr: &str) -> Self {
        Self { fr: fr.to_owned(), en: None, plain: None }
    }
}

#[derive(Deserialize, Serialize)]
#[serde(untagged, expecting = "a text, or { fr = \"…\", en = \"…\" }")]
enum Written {
    French(String),
    Several(Several),
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Several {
    fr: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    en: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    plain: Option<String>,
}

impl From<Written> for Text {
    fn from(written: Written) -> Self {
        match written {
            Written::French(fr) => Self { fr, en: None, plain: None },
            Written::Several(Several { fr, en, plain }) => Self { fr, en, plain },
        }
    }
}

impl From<Text> for Written {
    fn from(text: Text) -> Self {
        match text {
            Text { fr, en: None, plain: None } => Self::French(fr),
            Text { fr, en, plain } => Self::Several(Several { fr, en, plain }),
        }
    }
}
