//! Where the name of a field stands in a procedure: in conditions, computations, limits and the texts of the decision.
//! Whoever renames or removes a field is told, and a new name is written everywhere.

use crate::{Kind, Procedure, Spot};

/// One piece of an expression.
enum Token<'s> {
    /// A name by itself.
    Name(&'s str),
    /// A name after a dot: a part of an answer, or a method.
    Part(&'s str),
    /// Anything else: blanks, signs, numbers, quoted texts.
    Other(&'s str),
}

/// Takes an expression apart. It need not be right.
fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = source;
    let mut after_dot = false;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' => quoted(rest, first),
            'a'..='z' | 'A'..='Z' | '_' => rest
                .find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
                .unwrap_or(rest.len()),
            // What begins with a digit is a number, and `1e5` bears no name.
            '0'..='9' => rest
                .find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '.')
                .unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (token, tail) = rest.split_at(length);
        tokens.push(match first {
            'a'..='z' | 'A'..='Z' | '_' if after_dot => Token::Part(token),
            'a'..='z' | 'A'..='Z' | '_' => Token::Name(token),
            _ => Token::Other(token),
        });
        if !first.is_whitespace() {
            after_dot = first == '.';
        }
        rest = tail;
    }
    tokens
}

/// The bytes of a quoted text, its quotes included.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            letter if letter == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn mentions(source: &str, name: &str, parts: bool) -> bool {
    tokens(source).iter().any(|token| match token {
        Token::Name(found) => *found == name,
        Token::Part(found) => parts && *found == name,
        Token::Other(_) => false,
    })
}

fn renamed(source: &str, from: &str, to: &str, parts: bool) -> String {
    tokens(source)
        .iter()
        .map(|token| match token {
            Token::Name(found) if *found == from => to,
            Token::Part(found) if parts && *found == from => to,
            Token::Name(text) | Token::Part(text) | Token::Other(text) => text,
        })
        .collect()
}

impl Procedure {
    /// Where a field's name stands, its own place left out: `form.page[objet].show`, `limit[0].who`, `decision`.
    pub fn mentions(&self, name: &str) -> Vec<String> {
        let parts = self.is_of_group(name);
        let mut found: Vec<String> = self
            .expressions()
            .into_iter()
            // A check of its own goes with the field.
            .filter(|(spot, source)| spot.field() != Some(name) && mentions(source, name, parts))
            .map(|(spot, _)| self.place_of(&spot))
            .collect();
        for (rank, check) in self.form.checks.iter().enumerate() {
            if check.field.as_deref() == Some(name) {
                found.push(format!("form.check[{rank}].field"));
            }
        }
        for (rank, limit) in self.limits.iter().enumerate() {
            if limit.who == name || limit.day == name {
                found.push(format!("limit[{rank}]"));
            }
        }
        if self.retention.as_ref().is_some_and(|retention| retention.after.as_deref() == Some(name)) {
            found.push("retention".to_owned());
        }
        for place in self.form.places().filter(|place| place.field.id != name) {
            if place.field.fetch.as_ref().is_some_and(|fetch| fetch.mentions(name)) {
                found.push(format!("form.page[{}].field[{}].fetch", place.page.id, place.field.id));
            }
        }
        let braced = format!("{{{name}}}");
        if self.clone().decision_texts().iter().any(|text| text.contains(&braced)) {
            found.push("decision".to_owned());
        }
        found
    }

    /// Gives a field another name, here and wherever it is spoken of.
    pub fn rename_field(&mut self, from: &str, to: &str) {
        let parts = self.is_of_group(from);
        let spoken: Vec<(Spot, String)> = self
            .expressions()
            .into_iter()
            .filter(|(_, source)| mentions(source, from, parts))
            .map(|(spot, source)| (spot, renamed(source, from, to, parts)))
            .collect();
        for (spot, source) in spoken {
            self.set_expression(&spot, Some(source));
        }
        for check in &mut self.form.checks {
            if check.field.as_deref() == Some(from) {
                check.field = Some(to.to_owned());
            }
        }
        for limit in &mut self.limits {
            for name in [&mut limit.who, &mut limit.day] {
                if name == from {
                    to.clone_into(name);
                }
            }
        }
        if let Some(after) = self.retention.as_mut().and_then(|retention| retention.after.as_mut())
            && after == from
        {
            to.clone_into(after);
        }
        let bearers: Vec<String> = self
            .form
            .places()
            .filter(|place| place.field.fetch.is_some())
            .map(|place| place.field.id.clone())
            .collect();
        for bearer in bearers {
            if let Some(fetch) = self.form.field_mut(&bearer).and_then(|field| field.fetch.as_mut()) {
                fetch.rename(from, to);
            }
        }
        let (old, new) = (format!("{{{from}}}"), format!("{{{to}}}"));
        for text in self.decision_texts() {
            *text = text.replace(&old, &new);
        }
        if let Some(field) = self.form.field_mut(from) {
            to.clone_into(&mut field.id);
        }
    }

    /// Whether it is a field of a repeated group, which conditions upon the group know as a part of its rows.
    fn is_of_group(&self, name: &str) -> bool {
        self.form.places().any(|place| place.group.is_some() && place.field.id == name)
    }

    /// The texts in which `{field}` stands for an answer.
    pub fn decision_texts(&mut self) -> Vec<&mut String> {
        let decision = &mut self.decision;
        let articles =
            decision.articles.iter_mut().flat_map(|article| [&mut article.title, &mut article.text]);
        std::iter::once(&mut decision.title)
            .chain(&mut decision.visas)
            .chain(articles)
            .chain(&mut decision.granted)
            .chain(&mut decision.refused)
            .collect()
    }

    /// The fields whose answers the decision may quote, in the order of the form.
    pub fn quotable(&self) -> Vec<&crate::Field> {
        let quotable = |field: &&crate::Field| {
            field.kind.is_question()
                && !matches!(field.kind, Kind::File { .. } | Kind::Group { .. } | Kind::Sworn | Kind::Point)
        };
        self.form.pages.iter().flat_map(|page| &page.fields).filter(quotable).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_by_itself_and_not_in_a_text() {
        assert!(mentions("duree > 3", "duree", false));
        for other in ["'duree' == objet", "durees > 3", "objet.duree == 1", "\"a\\\"duree\" == b", "1duree"] {
            assert!(!mentions(other, "duree", false), "{other}");
        }
        assert!(mentions("enfants.all(e, e.duree > 1)", "duree", true));
        assert_eq!(
            renamed("duree > 3 && 'duree' in l", "duree", "jours", false),
            "jours > 3 && 'duree' in l"
        );
        assert_eq!(renamed("é'", "a", "b", false), "é'", "what is broken is left alone");
    }

    #[test]
    fn a_renamed_question_is_renamed_wherever_it_is_spoken_of() {
        let file = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../catalogue/procedures/debit-de-boissons-temporaire.toml"
        );
        let mut procedure = Procedure::from_toml(&std::fs::read_to_string(file).unwrap()).unwrap();
        assert_eq!(procedure.check(), []);
        for name in ["rna", "debut", "cadre"] {
            assert!(!procedure.mentions(name).is_empty(), "{name}");
            let new = format!("{name}_x");
            procedure.rename_field(name, &new);
            assert_eq!(procedure.check(), [], "{name}");
            assert!(procedure.mentions(name).is_empty(), "{name}");
        }
        procedure.form.remove_field("debut_x");
        assert!(!procedure.check().is_empty(), "what is spoken of is missed");
    }
}
