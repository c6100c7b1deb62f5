//! Finds the texts that are missing and those that nobody uses. For the tests of every crate that has texts.

use std::{collections::BTreeSet, path::Path};

use beffroi_core::Lang;
use fluent_bundle::FluentResource;

use crate::l10n::{self, Locale, keys_of};

/// Beginnings of the words of the journal, and of the events that other programs are told of. The page of another crate
/// asks for them by their names, and French is enough there; `app` proves that each has its words, and there are no others.
const JOURNALED: [&str; 3] = ["office-event-", "office-subject-", "office-hook-event-"];

/// Checks the crate whose manifest is in this folder: its texts, its `src` and its `templates`. One line
/// in a crate's tests: `l10n_check::of_crate(env!("CARGO_MANIFEST_DIR"), LOCALES, &["desk-agent-"]).unwrap();`
///
/// `french_only`: beginnings of the keys that need no English, the agents' side.
///
/// Errors: everything that is wrong, one line each.
pub fn of_crate(manifest_folder: &str, own: &[Locale], french_only: &[&str]) -> Result<(), Vec<String>> {
    let root = Path::new(manifest_folder);
    let (src, templates) = (root.join("src"), root.join("templates"));
    let folders = [src.as_path(), templates.as_path()];
    let sources = if templates.is_dir() { folders.as_slice() } else { &folders[..1] };
    let check = TextCheck { own, house: l10n::LOCALES, french_only, sources };
    let faults = check.faults().map_err(|error| vec![error.to_string()])?;
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// What is to be compared.
#[derive(Clone, Copy, Debug)]
pub struct TextCheck<'a> {
    /// The crate's texts.
    pub own: &'a [Locale],
    /// Texts of the house that the crate may use without defining them.
    pub house: &'a [Locale],
    /// Beginnings of the keys that need no English: the agents' side.
    pub french_only: &'a [&'a str],
    /// Folders of sources and templates.
    pub sources: &'a [&'a Path],
}

impl TextCheck<'_> {
    /// Everything that is wrong, one line each; empty when all is well.
    ///
    /// A key counts as used where it stands as `"key"` in a source, or where `"begin-{…}"` builds it; and
    /// `permission-noun-verb` where the crate declares the permission `"noun.verb"`, which pages of other
    /// crates name.
    ///
    /// Errors: a folder cannot be read.
    pub fn faults(&self) -> std::io::Result<Vec<String>> {
        let mut text = String::new();
        for folder in self.sources {
            gather(folder, &mut text)?;
        }
        let (mut french, english) = (keys(self.own, Lang::Fr), keys(self.own, Lang::En));
        french.retain(|key| !JOURNALED.iter().any(|begin| key.starts_with(begin)));
        let known: BTreeSet<String> = french.union(&keys(self.house, Lang::Fr)).cloned().collect();
        let mut faults = Vec::new();
        for key in english.difference(&french) {
            faults.push(format!("{key}: missing in French"));
        }
        for key in french.difference(&english) {
            if !self.french_only.iter().any(|begin| key.starts_with(begin)) {
                faults.push(format!("{key}: missing in English"));
            }
        }
        let built = beginnings(&text);
        for key in &french {
            let named = text.contains(&format!("\"{key}\""));
            let permission = key.strip_prefix("permission-").map(|name| name.replacen('-', ".", 1));
            let declared = permission.is_some_and(|name| text.contains(&format!("\"{name}\"")));
            if !named && !declared && !built.iter().any(|begin| key.starts_with(begin)) {
                faults.push(format!("{key}: not used"));
            }
        }
        for key in asked(&text).difference(&known) {
            faults.push(format!("{key}: used and not defined"));
        }
        faults.extend(self.own.iter().filter(|locale| locale.lang == Lang::Fr).flat_map(broken));
        Ok(faults)
    }
}

/// The lines of a French text that may be broken before a sign that never begins a line, or after one that never
/// ends it; and those that write an article of a code otherwise than all others.
fn broken(locale: &Locale) -> impl Iterator<Item = String> + use<> {
    let signs = [" :", " ;", " ?", " !", " »", "« "];
    let lines = locale.ftl.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(move |line| {
        if signs.iter().any(|sign| line.contains(sign)) {
            return Some(format!("{line}: needs a non-breaking space"));
        }
        has_spaced_article(line).then(|| format!("{line}: an article of a code is written « L241-2 »"))
    })
}

/// Whether an article of a code is written « L. 241-2 »: on all screens it is « L241-2 », in one piece, as Légifrance
/// titles it.
fn has_spaced_article(line: &str) -> bool {
    let blanks = [' ', '\u{a0}', '\u{202f}'];
    let numbered =
        |rest: &str| rest.trim_start_matches(blanks).starts_with(|letter: char| letter.is_ascii_digit());
    ["L.", "R.", "D.", "A."].iter().any(|letter| line.split(letter).skip(1).any(numbered))
}

fn keys(locales: &[Locale], lang: Lang) -> BTreeSet<String> {
    locales
        .iter()
        .filter(|locale| locale.lang == lang)
        .filter_map(|locale| FluentResource::try_new(locale.ftl.to_owned()).ok())
        .flat_map(|resource| keys_of(&resource))
        .collect()
}

fn gather(folder: &Path, into: &mut String) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            gather(&path, into)?;
        } else if path.extension().is_some_and(|kind| kind == "rs" || kind == "html") {
            into.push_str(&said(&std::fs::read_to_string(&path)?));
            into.push('\n');
        }
    }
    Ok(())
}

/// A source without its comments and its tests: a key that only they name is not used.
fn said(source: &str) -> String {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let code = code.lines().filter(|line| !line.trim_start().starts_with("//")).fold(
        String::with_capacity(code.len()),
        |mut kept, line| {
            kept.push_str(line);
            kept.push('\n');
            kept
        },
    );
    let mut parts = code.split("{#");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str(part.split_once("#}").map_or("", |(_, after)| after));
    }
    kept
}

/// The keys that sources ask for by `.t("…")` and `.tr("…"`.
fn asked(text: &str) -> BTreeSet<String> {
    [".t(\"", ".tr(\""]
        .into_iter()
        .flat_map(|call| text.split(call).skip(1))
        .filter_map(|rest| rest.split('"').next())
        .filter(|key| {
            !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        })
        .map(str::to_owned)
        .collect()
}

/// The beginnings of keys that sources complete: `"error-{status}-title"` gives `error-`.
fn beginnings(text: &str) -> BTreeSet<String> {
    text.split('"')
        .filter_map(|literal| literal.split_once('{'))
        .map(|(begin, _)| begin)
        .filter(|begin| {
            begin.ends_with('-')
                && begin.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        })
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_of_a_code_is_written_in_one_piece() {
        for wrong in ["article L. 241-2", "article L.\u{a0}241-2", "articles R.112-5 et L241-2"] {
            assert!(has_spaced_article(wrong), "{wrong}");
        }
        for right in ["article L241-2 du code", "code de l’urbanisme, R112-5", "Le CPAM. Deux mois."] {
            assert!(!has_spaced_article(right), "{right}");
        }
    }

    #[test]
    fn the_house_has_all_its_texts_and_no_more() {
        of_crate(env!("CARGO_MANIFEST_DIR"), l10n::LOCALES, &["openings-"]).unwrap();
    }

    #[test]
    fn keys_are_found_where_they_are_asked_for_and_where_they_are_built() {
        let text =
            r#"page.t("hello"); l10n.get(lang, &format!("error-{status}-title")); page.tr("n-cases", &[])"#;
        assert_eq!(asked(text), BTreeSet::from(["hello".to_owned(), "n-cases".to_owned()]));
        assert_eq!(beginnings(text), BTreeSet::from(["error-".to_owned()]));
    }

    #[test]
    fn each_fault_is_named() {
        let folder = std::env::temp_dir().join(format!("beffroi-texts-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("src")).unwrap();
        let source = "fn title() { page.t(\"here\"); page.t(\"nowhere\"); page.t(\"back\"); }\n\
                      // page.t(\"in-a-comment\")\n#[cfg(test)] mod tests { page.t(\"left\") }";
        std::fs::write(folder.join("src/lib.rs"), source).unwrap();
        let own = [
            Locale { lang: Lang::Fr, ftl: "here = Ici\u{a0}: là\nleft = Reste\nown-agents = Où ?\n" },
            Locale { lang: Lang::En, ftl: "here = Here\nodd = Odd\n" },
        ];
        let faults = of_crate(folder.to_str().unwrap(), &own, &["own-"]).unwrap_err();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(
            faults,
            [
                "odd: missing in French",
                "left: missing in English",
                "left: not used",
                "own-agents: not used",
                "nowhere: used and not defined",
                "own-agents = Où ?: needs a non-breaking space",
            ],
            "`back` is the house's"
        );
        assert_eq!(said("{# t(\"a\") #}b{# c #}d"), "b d\n".replace(' ', ""));
    }
}
