//! The two languages of the house. French is authoritative; English is a courtesy to the reader.

use serde::{Deserialize, Serialize};

/// A language that screens, letters and explanations are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// French, complete everywhere; what binds.
    #[default]
    Fr,
    /// English, complete on the public side.
    En,
}

impl Lang {
    /// The BCP 47 tag, as in the `lang` attribute of a page.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    /// The language that a tag names, whatever its region: `fr-FR` is French.
    pub fn from_tag(tag: &str) -> Option<Self> {
        match tag.split('-').next()?.to_ascii_lowercase().as_str() {
            "fr" => Some(Self::Fr),
            "en" => Some(Self::En),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Lang;

    #[test]
    fn a_region_does_not_change_the_language() {
        assert_eq!(Lang::from_tag("fr-FR"), Some(Lang::Fr));
        assert_eq!(Lang::from_tag("EN"), Some(Lang::En));
        assert_eq!(Lang::from_tag("frp"), None);
        assert_eq!(Lang::from_tag(""), None);
    }
}
