//! The words of screens, in Fluent. A text without variables is resolved once, at start: most of a
//! page's texts then cost one look-up.

use std::collections::HashMap;

use beffroi_core::Lang;
use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use unic_langid::langid;

pub use fluent_bundle::FluentValue;

/// One file of texts.
#[derive(Clone, Copy, Debug)]
pub struct Locale {
    /// Its language.
    pub lang: Lang,
    /// Its text, in Fluent's format.
    pub ftl: &'static str,
}

/// The texts of the layout, of the components and of the pages that every town has.
pub const LOCALES: &[Locale] = &[
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/web.ftl") },
    Locale { lang: Lang::En, ftl: include_str!("../locales/en/web.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/pages.ftl") },
    Locale { lang: Lang::En, ftl: include_str!("../locales/en/pages.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/openings.ftl") },
];

/// A file of texts that cannot be used; said at start.
#[derive(Clone, Debug, thiserror::Error)]
#[error("texts in {lang}: {reason}")]
pub struct L10nError {
    lang: &'static str,
    reason: String,
}

struct Texts {
    fixed: HashMap<Box<str>, Box<str>>,
    bundle: FluentBundle<FluentResource>,
}

/// All the texts, in both languages.
pub struct L10n {
    fr: Texts,
    en: Texts,
}

impl L10n {
    /// Takes in the texts of the house and of its services.
    ///
    /// Errors: a file that Fluent cannot read, or a key that two files define.
    pub fn new(locales: &[Locale]) -> Result<Self, L10nError> {
        Ok(Self { fr: Texts::read(Lang::Fr, locales)?, en: Texts::read(Lang::En, locales)? })
    }

    /// A text without variables. One that English lacks is given in French; one that nobody has, as
    /// its key (a test finds those).
    pub fn get<'a>(&'a self, lang: Lang, key: &'a str) -> &'a str {
        self.texts(lang).fixed.get(key).or_else(|| self.fr.fixed.get(key)).map_or(key, AsRef::as_ref)
    }

    /// A text with variables.
    pub fn format(&self, lang: Lang, key: &str, variables: &[(&str, FluentValue<'_>)]) -> String {
        let mut arguments = FluentArgs::with_capacity(variables.len());
        for (name, value) in variables {
            arguments.set(*name, value.clone());
        }
        [self.texts(lang), &self.fr]
            .into_iter()
            .find_map(|texts| {
                let pattern = texts.bundle.get_message(key)?.value()?;
                let mut faults = Vec::new();
                let text = texts.bundle.format_pattern(pattern, Some(&arguments), &mut faults).into_owned();
                if !faults.is_empty() {
                    tracing::error!(key, ?faults, "a text lacks a variable");
                }
                Some(text)
            })
            .unwrap_or_else(|| key.to_owned())
    }

    const fn texts(&self, lang: Lang) -> &Texts {
        match lang {
            Lang::Fr => &self.fr,
            Lang::En => &self.en,
        }
    }
}

impl Texts {
    fn read(lang: Lang, locales: &[Locale]) -> Result<Self, L10nError> {
        let fault = |reason: String| L10nError { lang: lang.tag(), reason };
        let tag = match lang {
            Lang::Fr => langid!("fr"),
            Lang::En => langid!("en"),
        };
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // Isolation marks around variables would end up in copied text and in attributes.
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(match lang {
            Lang::Fr => french_number,
            Lang::En => english_number,
        }));
        let mut keys = Vec::new();
        for locale in locales.iter().filter(|locale| locale.lang == lang) {
            let resource = FluentResource::try_new(locale.ftl.to_owned())
                .map_err(|(_, faults)| fault(format!("{faults:?}")))?;
            keys.extend(keys_of(&resource));
            bundle.add_resource(resource).map_err(|faults| fault(format!("{faults:?}")))?;
        }
        let mut fixed = HashMap::with_capacity(keys.len());
        for key in keys {
            let Some(pattern) = bundle.get_message(&key).and_then(|message| message.value()) else {
                continue;
            };
            let mut faults = Vec::new();
            let text = bundle.format_pattern(pattern, None, &mut faults);
            // A text that needs a variable says so by failing without it.
            if faults.is_empty() {
                fixed.insert(key.clone().into_boxed_str(), text.into_owned().into_boxed_str());
            }
        }
        Ok(Self { fixed, bundle })
    }
}

fn french_number<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    grouped(value, "\u{202f}")
}

fn english_number<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    grouped(value, ",")
}

/// A whole number of five figures or more, with its thousands apart; anything else as it is.
fn grouped(value: &FluentValue<'_>, between: &str) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    let digits = number.as_string();
    let whole = digits.len() >= 5 && digits.bytes().all(|c| c.is_ascii_digit());
    whole.then(|| {
        let mut text = String::with_capacity(digits.len() + 4);
        for (rank, digit) in digits.chars().enumerate() {
            if rank > 0 && (digits.len() - rank).is_multiple_of(3) {
                text.push_str(between);
            }
            text.push(digit);
        }
        text
    })
}

/// The keys that a file defines.
pub(crate) fn keys_of(resource: &FluentResource) -> Vec<String> {
    let mut keys = Vec::new();
    for line in resource.source().lines() {
        // Messages begin at the margin; their continuations, attributes and comments do not.
        let name: String =
            line.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_').collect();
        let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
        if begins && line.get(name.len()..).is_some_and(|rest| rest.trim_start().starts_with('=')) {
            keys.push(name);
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    const FR: Locale = Locale {
        lang: Lang::Fr,
        ftl: "hello = Bonjour\ncases = { $n ->\n    [one] { $n } dossier\n   *[other] { $n } dossiers\n}\nonly = Seul\n",
    };
    const EN: Locale = Locale { lang: Lang::En, ftl: "hello = Hello\ncases = { $n } cases\n" };

    #[test]
    fn french_counts_zero_and_one_as_singular() {
        let l10n = L10n::new(&[FR, EN]).unwrap();
        assert_eq!(l10n.format(Lang::Fr, "cases", &[("n", 0.into())]), "0 dossier");
        assert_eq!(l10n.format(Lang::Fr, "cases", &[("n", 2.into())]), "2 dossiers");
        assert_eq!(l10n.format(Lang::En, "cases", &[("n", 1.into())]), "1 cases");
    }

    #[test]
    fn great_numbers_have_their_thousands_apart() {
        let l10n = L10n::new(&[FR, EN]).unwrap();
        assert_eq!(l10n.format(Lang::Fr, "cases", &[("n", 10_000.into())]), "10\u{202f}000 dossiers");
        assert_eq!(l10n.format(Lang::En, "cases", &[("n", 1_234_567.into())]), "1,234,567 cases");
        assert_eq!(l10n.format(Lang::Fr, "cases", &[("n", 2_026.into())]), "2026 dossiers");
    }

    #[test]
    fn what_english_lacks_is_said_in_french() {
        let l10n = L10n::new(&[FR, EN]).unwrap();
        assert_eq!(l10n.get(Lang::En, "hello"), "Hello");
        assert_eq!(l10n.get(Lang::En, "only"), "Seul");
        assert_eq!(l10n.get(Lang::Fr, "nowhere"), "nowhere");
    }

    #[test]
    fn two_files_may_not_define_one_key() {
        assert!(L10n::new(&[FR, FR]).is_err());
    }
}
