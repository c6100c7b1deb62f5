//! A text of a procedure, in French and, where somebody wrote it, in English.

use beffroi_core::Lang;
use serde::{Deserialize, Serialize};

/// A text in French, which binds, and perhaps in English. In a file: `"…"` or `{ fr = "…", en = "…" }`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(from = "Written", into = "Written")]
pub struct Text {
    /// The French text.
    pub fr: String,
    /// The English one.
    pub en: Option<String>,
}

impl Text {
    /// The text for a reader; French where there is no other.
    pub fn text(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => self.en.as_deref().unwrap_or(&self.fr),
            Lang::Fr => &self.fr,
        }
    }

    /// Whether nothing is written.
    pub fn is_empty(&self) -> bool {
        self.fr.trim().is_empty()
    }
}

impl From<&str> for Text {
    fn from(fr: &str) -> Self {
        Self { fr: fr.to_owned(), en: None }
    }
}

#[derive(Deserialize, Serialize)]
#[serde(untagged, expecting = "a text, or { fr = \"…\", en = \"…\" }")]
enum Written {
    French(String),
    Both(Both),
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Both {
    fr: String,
    en: String,
}

impl From<Written> for Text {
    fn from(written: Written) -> Self {
        match written {
            Written::French(fr) => Self { fr, en: None },
            Written::Both(Both { fr, en }) => Self { fr, en: Some(en) },
        }
    }
}

impl From<Text> for Written {
    fn from(text: Text) -> Self {
        match text.en {
            Some(en) => Self::Both(Both { fr: text.fr, en }),
            None => Self::French(text.fr),
        }
    }
}
