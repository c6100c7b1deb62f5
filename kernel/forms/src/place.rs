//! Where in a procedure's file a finding is: the line of what it names, or of the nearest part around it.

use toml::de::{DeTable, DeValue};

/// The line, from 1, at which the file tells `at` (`form.page[objet].field[duree].show`). What is missing
/// is placed at the part that lacks it; `None` where nothing of it is there.
pub fn line_of(text: &str, at: &str) -> Option<usize> {
    let table = DeTable::parse(text).ok()?;
    let mut found = None;
    let whole = DeValue::Table(table.into_inner());
    let mut here = &whole;
    for step in steps(at) {
        let next = match (here, step) {
            (DeValue::Table(table), Step::Member(name)) => table
                .iter()
                .find(|(key, _)| key.get_ref() == name)
                .map(|(key, value)| (key.span().start, value)),
            (DeValue::Array(items), Step::Item(which)) => items
                .iter()
                .enumerate()
                .find(|(rank, item)| {
                    item.get_ref()
                        .get("id")
                        .map_or_else(|| which.parse() == Ok(*rank), |id| id.get_ref().as_str() == Some(which))
                })
                .map(|(_, item)| (item.span().start, item)),
            _ => None,
        };
        let Some((start, value)) = next else { break };
        found = Some(start);
        here = value.get_ref();
    }
    found.and_then(|start| line_at(text, start))
}

/// The line, from 1, of a byte of the text.
pub(crate) fn line_at(text: &str, byte: usize) -> Option<usize> {
    text.get(..byte).map(|before| before.matches('\n').count() + 1)
}

#[derive(Clone, Copy)]
enum Step<'a> {
    /// A member of a table.
    Member(&'a str),
    /// An item of a list, by its id or its rank.
    Item(&'a str),
}

fn steps(at: &str) -> impl Iterator<Item = Step<'_>> {
    at.split('.').flat_map(|part| {
        let (name, item) = match part.split_once('[') {
            Some((name, item)) => (name, Some(Step::Item(item.trim_end_matches(']')))),
            None => (part, None),
        };
        std::iter::once(Step::Member(name)).chain(item)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
slug = \"essai\"
title = { fr = \"Essai\" }

[regime]
silence = \"grants\"
term = \"2m\"

[[legal_basis]]
text = \"Code\"

[[legal_basis]]
text = \"\"

[[form.page]]
id = \"objet\"

[[form.page.field]]
id = \"duree\"

[[form.page.field]]
id = \"lieu\"
show = \"vrai\"
";

    #[test]
    fn a_finding_is_placed_at_its_line_or_at_what_lacks_it() {
        for (at, line) in [
            ("slug", 1),
            ("title.en", 2),
            ("regime.term", 6),
            ("regime.basis", 4),
            ("legal_basis[1].text", 12),
            ("form.page[objet]", 14),
            ("form.page[objet].field[duree].label", 17),
            ("form.page[objet].field[lieu].show", 22),
        ] {
            assert_eq!(line_of(FILE, at), Some(line), "{at}");
        }
        assert_eq!(line_of(FILE, "retention"), None, "nothing of it is there");
        assert_eq!(line_of("= no TOML", "slug"), None);
    }
}
