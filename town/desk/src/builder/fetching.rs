//! What the State is asked for beside a question: which source, what it is told, and which questions take what it knows.

use std::collections::BTreeMap;

use beffroi_forms::{Fetch, FetchSource, Field, Kinds};

use super::{
    fill::{Control, Desk, Filled, Shape},
    question::Around,
};

/// What the form shows of it.
pub fn fill(field: &Field, filled: &mut Filled) {
    let Some(fetch) = &field.fetch else { return filled.set("fetch", "") };
    filled.set("fetch", fetch.source.as_str());
    for told in fetch.source.told() {
        filled.set(&with(told.name), fetch.with.get(told.name).cloned().unwrap_or_default());
    }
    let takers = fetch.filled(&field.id);
    for fact in fetch.source.facts() {
        filled.set(&fills(fact.name), taker(&takers, fact.name));
    }
}

fn with(name: &str) -> String {
    format!("fetch_with_{name}")
}

fn fills(name: &str) -> String {
    format!("fetch_fills_{name}")
}

/// The question that takes a fact.
fn taker<'t>(takers: &[(&'t str, &str)], fact: &str) -> &'t str {
    takers.iter().find(|(_, taken)| *taken == fact).map_or("", |(field, _)| *field)
}

/// Whether a question of this kind may have the button beside it.
pub fn suits(kind: &str, filled: &Filled) -> bool {
    let kinds = ["text", "long-text", "number", "yes-no", "siret", "rna", "address"];
    kinds.contains(&kind) || !filled.text("fetch").is_empty()
}

/// Its controls: the source, then what that one is told and what it knows.
pub fn controls(desk: &Desk<'_>, around: &Around<'_>) -> Vec<Control> {
    let page = desk.page;
    let sources = FetchSource::ALL.map(|source| {
        let word = source.as_str();
        let short = word.rsplit('/').next().unwrap_or(word);
        (word.to_owned(), page.t(&format!("office-builder-question-fetch-{short}")).to_owned())
    });
    let none = (String::new(), page.t("office-builder-question-fetch-none").to_owned());
    let sources = std::iter::once(none).chain(sources);
    let mut controls = vec![desk.control("fetch", Shape::Select(desk.labelled("fetch", sources))).optional()];
    let Some(source) = FetchSource::from_word(desk.filled.text("fetch")) else { return controls };
    let choice = |id: &str, fields: &mut dyn Iterator<Item = &&Field>, kinds: Kinds| {
        let none = (String::new(), page.t("office-builder-question-fetch-nothing").to_owned());
        let mut values = vec![none];
        values.extend(
            fields
                .filter(|field| kinds.suits(&field.kind) || field.id == desk.filled.text(id))
                .map(|field| (field.id.clone(), field.label.fr.clone())),
        );
        desk.control(id, Shape::Select(desk.labelled(id, values)))
    };
    for told in source.told() {
        let mut known = around.before.iter().chain(&around.page);
        let control = choice(&with(told.name), &mut known, told.kinds);
        controls.push(if told.needed { control } else { control.optional() });
    }
    for fact in source.facts() {
        controls.push(choice(&fills(fact.name), &mut around.page.iter(), fact.kinds).optional());
    }
    controls
}

/// Writes it into the question. What another source was told is no use to this one.
pub fn read(filled: &Filled, field: &mut Field) {
    let Some(source) = FetchSource::from_word(filled.text("fetch")) else {
        field.fetch = None;
        return;
    };
    let Some(fetch) = field.fetch.as_mut().filter(|fetch| fetch.source == source) else {
        field.fetch = Some(Fetch { source, with: BTreeMap::new(), fills: BTreeMap::new() });
        return;
    };
    for told in source.told() {
        match filled.text(&with(told.name)) {
            "" => drop(fetch.with.remove(told.name)),
            name => drop(fetch.with.insert(told.name.to_owned(), name.to_owned())),
        }
    }
    let takers: Vec<(String, String)> = fetch
        .filled(&field.id)
        .into_iter()
        .map(|(field, fact)| (field.to_owned(), fact.to_owned()))
        .collect();
    let mut next: BTreeMap<String, String> = takers.iter().cloned().collect();
    let shown: Vec<(&str, &str)> =
        takers.iter().map(|(field, fact)| (field.as_str(), fact.as_str())).collect();
    for fact in source.facts() {
        let chosen = filled.text(&fills(fact.name));
        // A fact that goes into several questions does so until another choice is made.
        if chosen != taker(&shown, fact.name) {
            next.retain(|_, taken| taken != fact.name);
            if !chosen.is_empty() {
                next.insert(chosen.to_owned(), fact.name.to_owned());
            }
        }
    }
    if next.iter().ne(takers.iter().map(|(field, fact)| (field, fact)).collect::<BTreeMap<_, _>>()) {
        fetch.fills = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearer() -> Field {
        let text = r#"
            id = "quotient"
            kind = "number"
            label = "Quotient familial"
            [fetch]
            source = "api-particulier/quotient-familial"
            with = { identity = "parent", sex = "sexe" }
        "#;
        beffroi_forms::Form::part_from_toml(text).unwrap()
    }

    #[test]
    fn what_was_not_changed_stays_as_it_was_written() {
        let field = bearer();
        let mut filled = Filled::default();
        fill(&field, &mut filled);
        assert_eq!(filled.text("fetch_fills_quotient"), "quotient", "the first fact goes into the bearer");
        let mut again = field.clone();
        read(&filled, &mut again);
        assert_eq!(again, field);
    }

    #[test]
    fn a_fact_goes_where_it_is_sent_and_another_source_begins_anew() {
        let mut field = bearer();
        let mut filled = Filled::default();
        for (name, value) in [
            ("fetch", "api-particulier/quotient-familial"),
            ("fetch_with_identity", "parent"),
            ("fetch_fills_quotient", "quotient"),
            ("fetch_fills_children", "enfants"),
        ] {
            filled.set(name, value);
        }
        read(&filled, &mut field);
        let fetch = field.fetch.clone().unwrap();
        assert_eq!(fetch.with.get("sex"), None);
        let facts: Vec<_> = fetch.filled("quotient");
        assert_eq!(facts, [("enfants", "children"), ("quotient", "quotient")]);
        let mut other = Filled::default();
        other.set("fetch", "api-entreprise/association");
        read(&other, &mut field);
        assert!(field.fetch.unwrap().with.is_empty());
    }
}
