//! Where the name of a field stands in a procedure: in conditions, computations, limits, steps and the texts of the decision.
//! Whoever renames or removes a field is told, and a new name is written everywhere.

use crate::{CaseStep, Decision, Kind, Procedure, Spot, compile::fetched_name};

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

/// The expression with some names written anew; `None` where none of them is there. A name after a dot comes with the
/// name before it.
fn rewritten(source: &str, anew: impl Fn(&Token<'_>, Option<&str>) -> Option<String>) -> Option<String> {
    let mut written = String::with_capacity(source.len());
    let (mut owner, mut changed) = (None, false);
    for token in tokens(source) {
        let text = match token {
            Token::Name(text) | Token::Part(text) | Token::Other(text) => text,
        };
        let name = anew(&token, owner);
        changed |= name.is_some();
        written.push_str(name.as_deref().unwrap_or(text));
        owner = match token {
            Token::Name(name) => Some(name),
            Token::Other(text) if text == "." || text.trim().is_empty() => owner,
            _ => None,
        };
    }
    changed.then_some(written)
}

/// A field as expressions and texts name it.
struct Named {
    id: String,
    /// The step in which it is filled in, with its name in conditions.
    step: Option<(String, String)>,
    /// Whether it stands in a repeated group, which conditions upon the group know as a part of its rows.
    in_rows: bool,
}

impl Named {
    fn new(procedure: &Procedure, name: &str) -> Self {
        let place = procedure.place(name);
        let step = name.split_once('.').map(|(step, _)| {
            let variable = procedure.step(step).map(CaseStep::variable).unwrap_or_default();
            (step.to_owned(), variable)
        });
        Self {
            id: place.map_or(name, |place| &place.field.id).to_owned(),
            step,
            in_rows: place.is_some_and(|place| place.group.is_some()),
        }
    }

    /// An expression at a spot with the field under another name; `None` where it does not speak of it.
    fn renamed(&self, spot: &Spot, source: &str, to: &str) -> Option<String> {
        let id = self.id.as_str();
        let at_home = match &self.step {
            None => true,
            // Its own step knows it by itself, the actions and the steps after it as a part of the step.
            Some((step, _)) => spot.field().is_some() && spot.step() == Some(step),
        };
        let fetched = fetched_name(id);
        rewritten(source, |token, owner| match token {
            Token::Name(found) if at_home && *found == id => Some(to.to_owned()),
            Token::Name(found) if at_home && self.step.is_none() && *found == fetched => {
                Some(fetched_name(to))
            }
            Token::Part(found) if at_home && self.in_rows && *found == id => Some(to.to_owned()),
            Token::Part(found) if *found == id => {
                let (_, variable) = self.step.as_ref()?;
                (owner == Some(variable.as_str())).then(|| to.to_owned())
            }
            _ => None,
        })
    }

    /// The names under which texts and `share` know it: alone, or with its step’s, in two spellings.
    fn spellings(&self, id: &str) -> Vec<String> {
        match &self.step {
            None => vec![id.to_owned()],
            Some((step, variable)) => vec![format!("{step}.{id}"), format!("{variable}.{id}")],
        }
    }
}

impl Procedure {
    /// Where a field's name stands, its own place left out: `form.page[objet].show`, `limit[0].who`, `decision`,
    /// `step[avis].action[police]`. A field of a step is named with it: `avis.favorable`.
    pub fn mentions(&self, name: &str) -> Vec<String> {
        let named = Named::new(self, name);
        let mut found: Vec<String> = self
            .expressions()
            .into_iter()
            // A check of its own goes with the field.
            .filter(|(spot, source)| {
                spot.field() != Some(name) && named.renamed(spot, source, name).is_some()
            })
            .map(|(spot, _)| self.place_of(&spot))
            .collect();
        if named.step.is_none() {
            self.mentions_in_form(name, &mut found);
        }
        let spellings = named.spellings(&named.id);
        let quoted = |text: &str| spellings.iter().any(|it| text.contains(&format!("{{{it}}}")));
        for step in &self.steps {
            for action in &step.actions {
                let shared = action.share.iter().any(|shared| spellings.contains(shared));
                if shared || quoted(&action.text) || quoted(&action.title) {
                    found.push(format!("step[{}].action[{}]", step.id, action.id));
                }
            }
        }
        if self.clone().decision_texts().iter().any(|text| quoted(text)) {
            found.push("decision".to_owned());
        }
        if self.fee.as_ref().is_some_and(|fee| fee.is_read_from(&spellings)) {
            found.push("fee".to_owned());
        }
        found
    }

    fn mentions_in_form(&self, name: &str, found: &mut Vec<String>) {
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
        if self.booking.as_ref().is_some_and(|booking| booking.mentions(name)) {
            found.push("booking".to_owned());
        }
        if self.loan.as_ref().is_some_and(|loan| loan.mentions(name)) {
            found.push("loan".to_owned());
        }
        for place in self.form.places().filter(|place| place.field.id != name) {
            if place.field.fetch.as_ref().is_some_and(|fetch| fetch.mentions(name)) {
                found.push(format!("{}.fetch", place.at()));
            }
        }
    }

    /// Gives a field another name, here and wherever it is spoken of. A field of a step is named with it
    /// (`avis.favorable`), its new name is not.
    pub fn rename_field(&mut self, from: &str, to: &str) {
        let named = Named::new(self, from);
        let spoken: Vec<(Spot, String)> = self
            .expressions()
            .into_iter()
            .filter_map(|(spot, source)| {
                let source = named.renamed(&spot, source, to)?;
                Some((spot, source))
            })
            .collect();
        for (spot, source) in spoken {
            self.set_expression(&spot, Some(source));
        }
        if named.step.is_none() {
            self.rename_in_form(from, to);
        }
        let spellings: Vec<(String, String)> =
            named.spellings(&named.id).into_iter().zip(named.spellings(to)).collect();
        for (old, new) in &spellings {
            if let Some(fee) = &mut self.fee {
                fee.rename(old, new);
            }
            for text in self.written_texts() {
                *text = text.replace(&format!("{{{old}}}"), &format!("{{{new}}}"));
            }
            for shared in
                self.steps.iter_mut().flat_map(|step| &mut step.actions).flat_map(|it| &mut it.share)
            {
                if shared == old {
                    new.clone_into(shared);
                }
            }
        }
        if let Some(field) = self.field_mut(from) {
            to.clone_into(&mut field.id);
        }
    }

    fn rename_in_form(&mut self, from: &str, to: &str) {
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
        if let Some(booking) = &mut self.booking {
            booking.rename(from, to);
        }
        if let Some(loan) = &mut self.loan {
            loan.rename(from, to);
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
    }

    /// Gives a step another name, here and wherever it is spoken of: in what follows what, in what moves a case, in
    /// conditions, in texts and in what experts are shown.
    pub fn rename_step(&mut self, from: &str, to: &str) {
        let Some(step) = self.step_mut(from) else { return };
        let old = step.variable();
        to.clone_into(&mut step.id);
        let new = step.variable();
        let spoken: Vec<(Spot, String)> = self
            .expressions()
            .into_iter()
            .filter_map(|(spot, source)| {
                let anew = |token: &Token<'_>, _: Option<&str>| match token {
                    Token::Name(found) if *found == old => Some(new.clone()),
                    _ => None,
                };
                Some((spot, rewritten(source, anew)?))
            })
            .collect();
        for (spot, source) in spoken {
            self.set_expression(&spot, Some(source));
        }
        for step in &mut self.steps {
            for next in step.next.iter_mut().filter(|next| *next == from) {
                to.clone_into(next);
            }
            for action in &mut step.actions {
                if action.to == from {
                    to.clone_into(&mut action.to);
                }
                for shared in &mut action.share {
                    if let Some((owner, field)) = shared.split_once('.')
                        && (owner == from || owner == old)
                    {
                        *shared = format!("{to}.{field}");
                    }
                }
            }
        }
        if let Some(fee) = &mut self.fee {
            fee.rename_step([from, old.as_str()], to);
        }
        let begun = format!("{{{to}.");
        for text in self.written_texts() {
            *text = text.replace(&format!("{{{from}."), &begun).replace(&format!("{{{old}."), &begun);
        }
    }

    /// Where a step is named by others: in what they lead to, by themselves or by an action.
    pub fn mentions_of_step(&self, id: &str) -> Vec<String> {
        let mut found = Vec::new();
        for step in &self.steps {
            if step.next.iter().any(|next| next == id) {
                found.push(format!("step[{}].next", step.id));
            }
            let moves = step.actions.iter().filter(|action| action.to == id);
            found.extend(moves.map(|action| format!("step[{}].action[{}]", step.id, action.id)));
        }
        found
    }

    /// The texts of the decision, in which `{field}` stands for an answer.
    pub fn decision_texts(&mut self) -> Vec<&mut String> {
        of_decision(&mut self.decision).collect()
    }

    /// Those, and the texts of what is done in steps.
    fn written_texts(&mut self) -> impl Iterator<Item = &mut String> {
        let actions = self.steps.iter_mut().flat_map(|step| &mut step.actions);
        of_decision(&mut self.decision)
            .chain(actions.flat_map(|action| [&mut action.title, &mut action.text]))
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

fn of_decision(decision: &mut Decision) -> impl Iterator<Item = &mut String> {
    let articles = decision.articles.iter_mut().flat_map(|article| [&mut article.title, &mut article.text]);
    std::iter::once(&mut decision.title)
        .chain(&mut decision.visas)
        .chain(articles)
        .chain(&mut decision.granted)
        .chain(&mut decision.refused)
        .chain(std::iter::once(&mut decision.closing))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CompiledForm;

    #[test]
    fn a_name_is_found_by_itself_and_not_in_a_text() {
        let spot = Spot::FormCheck(0);
        let named = |in_rows| Named { id: "duree".to_owned(), step: None, in_rows };
        let mentions = |source: &str, in_rows| named(in_rows).renamed(&spot, source, "jours");
        assert!(mentions("duree > 3", false).is_some());
        for other in ["'duree' == objet", "durees > 3", "objet.duree == 1", "\"a\\\"duree\" == b", "1duree"] {
            assert_eq!(mentions(other, false), None, "{other}");
        }
        assert!(mentions("enfants.all(e, e.duree > 1)", true).is_some());
        let renamed = mentions("duree > 3 && 'duree' in l && !fetched_duree", false);
        assert_eq!(renamed.as_deref(), Some("jours > 3 && 'duree' in l && !fetched_jours"));
        assert_eq!(rewritten("é'", |_, _| None), None, "what is broken is left alone");
    }

    const STEPS: &str = r#"
        slug = "essai"
        version = 1
        title = "Essai"
        summary = "Essai"
        sector = "general"
        who = "Tous"
        delay = "Un jour"
        cost = "Rien"
        outcome = "Une réponse"
        [decision]
        granted = ["Le lieu {lieu}, constaté {visite-technique.constat}."]
        [[step]]
        id = "visite-technique"
        label = "Visite"
        when = "lieu != ''"
        next = ["avis", "decision"]
        [[step.field]]
        id = "constat"
        kind = "text"
        label = "Constat"
        [[step.field]]
        id = "suite"
        kind = "text"
        label = "Suite"
        show = "constat == lieu"
        [[step.action]]
        id = "ecrire"
        label = "Écrire"
        kind = "message"
        text = "À {lieu} : {visite_technique.constat}"
        when = "visite_technique.constat != lieu"
        [[step]]
        id = "avis"
        label = "Avis"
        when = "visite_technique.constat == 'lieu'"
        [[step.action]]
        id = "expert"
        label = "Expert"
        kind = "opinion"
        body = "Préfecture"
        within_days = 3
        text = "Qu’en pensez-vous ?"
        share = ["lieu", "visite-technique.constat"]
        [[step.action]]
        id = "retour"
        label = "Retour"
        kind = "move"
        to = "visite-technique"
        [[form.page]]
        id = "demande"
        title = "Demande"
        [[form.page.field]]
        id = "lieu"
        kind = "text"
        label = "Lieu"
    "#;

    #[test]
    fn a_question_is_renamed_in_steps_too() {
        let mut procedure = Procedure::from_toml(STEPS).unwrap();
        assert_eq!(CompiledForm::compile(procedure.clone()).err(), None);
        assert_eq!(
            procedure.mentions("lieu"),
            [
                "step[visite-technique].when",
                "step[visite-technique].field[suite].show",
                "step[visite-technique].action[ecrire].when",
                "step[visite-technique].action[ecrire]",
                "step[avis].action[expert]",
                "decision"
            ]
        );
        procedure.rename_field("lieu", "place");
        assert_eq!(CompiledForm::compile(procedure.clone()).err(), None);
        assert_eq!(procedure.steps[1].when.as_deref(), Some("visite_technique.constat == 'lieu'"));
        assert!(procedure.mentions("lieu").is_empty());
    }

    #[test]
    fn what_agents_fill_in_is_renamed_with_its_step_and_by_itself() {
        let mut procedure = Procedure::from_toml(STEPS).unwrap();
        assert_eq!(procedure.mentions("visite-technique.constat").len(), 6);
        procedure.rename_field("visite-technique.constat", "avis_donne");
        assert_eq!(CompiledForm::compile(procedure.clone()).err(), None);
        assert_eq!(procedure.steps[0].fields[1].show.as_deref(), Some("avis_donne == lieu"));
        assert!(procedure.mentions("visite-technique.constat").is_empty());
        procedure.rename_step("visite-technique", "terrain");
        assert_eq!(CompiledForm::compile(procedure.clone()).err(), None);
        assert!(!procedure.to_toml().unwrap().contains("technique"), "{}", procedure.to_toml().unwrap());
        assert_eq!(procedure.steps[1].actions[0].share, ["lieu", "terrain.avis_donne"]);
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
